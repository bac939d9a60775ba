"""Recurrent networks against ``torch.nn``, and the laws they keep."""

import math
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from coursekit.bench.weights import carry_over
from dlarch.measure import count_parameters
from dlarch.sequences.rnn import (
    RNN,
    CharacterModel,
    GRUCell,
    LSTMCell,
    RNNCell,
    clip_gradients,
    detach,
    gradient_through_time,
    sample,
    truncated_losses,
    unroll,
)
from dlarch.training import fit

CELLS = {RNNCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}
each_cell = pytest.mark.parametrize("cell", [*CELLS])
sizes = st.integers(1, 5)
seeds = st.integers(0, 2**31)
laws = settings(max_examples=25, deadline=None)


def gradients(output, inputs):
    """Gradients of a sum whose terms all weigh differently, so that no two errors cancel."""
    weights = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    return torch.autograd.grad((output * weights).sum(), inputs)


def twin(cell, input_size, hidden_size, *, layers=1, bidirectional=False):
    """Our network in double precision, and torch's with the same weights."""
    torch.manual_seed(0)
    ours = RNN(cell, input_size, hidden_size, layers=layers, bidirectional=bidirectional).double()
    theirs = CELLS[cell](input_size, hidden_size, layers, bidirectional=bidirectional, batch_first=True).double()
    carry_over(weights.rnn, theirs, ours)
    return ours, theirs


# --- parity -----------------------------------------------------------------------------------------------------------


@each_cell
@pytest.mark.parametrize(("layers", "bidirectional"), [*product((1, 2, 3), (False, True))])
@pytest.mark.parametrize("given_start", [False, True])
def test_outputs_states_and_gradients_equal_torch(cell, layers, bidirectional, given_start):
    ours, theirs = twin(cell, 3, 4, layers=layers, bidirectional=bidirectional)
    x = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    count = len(ours.cells)
    start = [torch.randn(count, 2, 4, dtype=torch.float64, requires_grad=True) for _ in range(cell.parts)]
    if given_start:
        output, states = ours(x, [tuple(part[n] for part in start) for n in range(count)])
        expected, last = theirs(x, tuple(start) if cell is LSTMCell else start[0])
    else:
        output, states = ours(x)
        expected, last = theirs(x)
    assert_close(output, expected)
    stacked = tuple(torch.stack(part) for part in zip(*states, strict=True))
    assert_close(stacked, last if cell is LSTMCell else (last,))
    inputs = [x, *(start if given_start else [])]
    named = weights.rnn(dict(theirs.named_parameters()), [name for name, _ in ours.named_parameters()])
    ours_grad = gradients(output, [*inputs, *ours.parameters()])
    assert_close(ours_grad, gradients(expected, [*inputs, *named.values()]))


@each_cell
def test_one_step_equals_the_cell_of_torch(cell):
    torch.manual_seed(0)
    ours = cell(3, 4).double()
    peer = {RNNCell: nn.RNNCell, GRUCell: nn.GRUCell, LSTMCell: nn.LSTMCell}[cell](3, 4).double()
    names = ("weight_ih", "bias_ih"), ("weight_hh", "bias_hh")
    for part, (weight, bias) in zip((ours.input, ours.hidden), names, strict=True):
        peer.get_parameter(weight).data.copy_(part.weight)
        peer.get_parameter(bias).data.copy_(part.bias)
    x, state = torch.randn(2, 3).double(), tuple(torch.randn(2, 4).double() for _ in range(cell.parts))
    expected = peer(x, state if cell is LSTMCell else state[0])
    assert_close(ours(x, state), expected if cell is LSTMCell else (expected,))


def test_the_gates_of_an_lstm_make_its_step():
    torch.manual_seed(0)
    cell, x, (h, c) = LSTMCell(3, 4), torch.randn(2, 3), torch.randn(2, 2, 4)
    i, f, g, o = cell.gates(cell.input(x), (h, c))
    new_h, new_c = cell(x, (h, c))
    assert_close(new_c, f * c + i * g)
    assert_close(new_h, o * new_c.tanh())


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "two_biases", "one_bias"), [(RNNCell, 6272, 6208), (GRUCell, 18816, 18624), (LSTMCell, 25088, 24832)]
)
def test_parameters_are_as_published(cell, two_biases, one_bias):
    with torch.device("meta"):
        assert count_parameters(RNN(cell, 32, 64)) == two_biases == count_parameters(CELLS[cell](32, 64))
        assert count_parameters(RNN(cell, 32, 64, hidden_bias=False)) == one_bias
        assert count_parameters(RNN(cell, 32, 64, bidirectional=True)) == 2 * two_biases


def test_a_second_layer_of_a_bidirectional_network_reads_both_halves():
    with torch.device("meta"):
        deep = RNN(LSTMCell, 32, 64, layers=2, bidirectional=True)
        assert count_parameters(deep) == 149_504
        assert count_parameters(nn.LSTM(32, 64, 2, bidirectional=True)) == 149_504


@each_cell
def test_one_network_reads_sequences_of_any_length(cell):
    model = RNN(cell, 2, 3)
    assert model(torch.randn(1, 4, 2))[0].shape == (1, 4, 3)
    assert model(torch.randn(1, 9, 2))[0].shape == (1, 9, 3)


# --- laws -------------------------------------------------------------------------------------------------------------


def reach(model, x):
    """T by T: whether output t depends on input s, by the gradient."""
    x = x.requires_grad_()
    rows = [torch.autograd.grad(h.sum(), x, retain_graph=True)[0].abs().sum(dim=(0, 2)) for h in model(x)[0].unbind(1)]
    return torch.stack(rows) > 0


@laws
@given(st.sampled_from(list(CELLS)), sizes, sizes, st.integers(1, 7), st.integers(1, 2), st.booleans(), seeds)
def test_in_one_direction_an_output_depends_on_the_past_alone_in_both_on_the_future_too(
    cell, input_size, hidden_size, length, layers, bidirectional, seed
):
    torch.manual_seed(seed)
    model = RNN(cell, input_size, hidden_size, layers=layers, bidirectional=bidirectional).double()
    all_pairs = torch.ones(length, length, dtype=torch.bool)
    expected = all_pairs if bidirectional else all_pairs.tril()
    assert_close(reach(model, torch.randn(2, length, input_size, dtype=torch.float64)), expected)


@laws
@given(st.sampled_from(list(CELLS)), st.integers(2, 8), st.data(), seeds)
def test_a_state_carries_all_there_is_to_know_of_the_past(cell, length, data, seed):
    torch.manual_seed(seed)
    model, x = RNN(cell, 2, 3, layers=2).double(), torch.randn(2, length, 2, dtype=torch.float64)
    cut = data.draw(st.integers(1, length - 1))
    whole, last = model(x)
    first, state = model(x[:, :cut])
    second, state = model(x[:, cut:], state)
    assert_close(torch.cat([first, second], dim=1), whole)
    assert_close(state, last)


@laws
@given(st.sampled_from(list(CELLS)), st.integers(1, 6), seeds)
def test_a_bidirectional_network_reads_backwards_if_its_cells_change_places(cell, length, seed):
    torch.manual_seed(seed)
    model, x = RNN(cell, 2, 3, bidirectional=True).double(), torch.randn(2, length, 2, dtype=torch.float64)
    forwards, backwards = model(x)[0].chunk(2, dim=2)
    model.cells = nn.ModuleList(reversed(model.cells))
    assert_close(model(x.flip(1))[0].flip(1), torch.cat([backwards, forwards], dim=2))


@laws
@given(sizes, st.integers(1, 12), st.floats(0.1, 2.0), seeds)
def test_the_gradient_through_a_plain_cell_is_bounded_by_powers_of_the_largest_singular_value(
    size, length, largest, seed
):
    torch.manual_seed(seed)
    cell = RNNCell(2, size).double()
    with torch.no_grad():
        cell.hidden.weight.mul_(largest / torch.linalg.matrix_norm(cell.hidden.weight, 2))
    x, direction = torch.randn(3, length, 2).double(), F.normalize(torch.randn(3, size).double(), dim=1)
    norms = gradient_through_time(cell, x, direction)
    back = torch.arange(length - 1, -1, -1)
    assert (norms <= largest ** back.double() * (1 + 1e-9)).all()
    assert_close(norms[:, -1], torch.ones(3).double())


def test_the_gradient_through_a_linear_step_is_the_transposed_matrix():
    cell = RNNCell(1, 2).double()
    with torch.no_grad():
        for p in cell.parameters():
            p.zero_()
        cell.hidden.weight.copy_(torch.tensor([[0.0, 3.0], [0.5, 0.0]]))
    norms = gradient_through_time(cell, torch.zeros(1, 4, 1).double(), torch.tensor([[1.0, 0.0]]).double())
    assert_close(norms, torch.tensor([[4.5, 1.5, 3.0, 1.0]]).double())


def test_an_open_forget_gate_passes_the_gradient_of_the_cell_unchanged():
    cell = LSTMCell(2, 3).double()
    with torch.no_grad():
        for p in cell.parameters():
            p.zero_()
        cell.input.bias[3:6] = 60.0  # forget gates are 1 to the last bit
    x, direction = torch.randn(2, 40, 2).double(), torch.randn(2, 3).double()
    norms = gradient_through_time(cell, x, direction)
    # h = c / 2 at c = 0, and only c goes on.
    assert_close(norms[:, :-1], (direction.norm(dim=1, keepdim=True) / 2).expand(2, 39))


@each_cell
def test_the_gradient_through_time_is_that_of_all_parts_of_a_state(cell):
    torch.manual_seed(0)
    model, x, direction = cell(2, 3).double(), torch.randn(2, 5, 2).double(), torch.randn(2, 3).double()
    norms = gradient_through_time(model, x, direction)
    _, middle = unroll(model, x[:, :3])
    middle = tuple(part.detach().requires_grad_() for part in middle)
    last, _ = unroll(model, x[:, 3:], middle)
    expected = torch.autograd.grad((last[:, -1] * direction).sum(), middle)
    assert_close(norms[:, 2], torch.cat(expected, dim=1).norm(dim=1))


# --- training ---------------------------------------------------------------------------------------------------------


def character_model(cell=LSTMCell, layers=1):
    torch.manual_seed(0)
    return CharacterModel(5, RNN(cell, 4, 6, layers=layers), 4, 6).double()


@pytest.mark.parametrize("length", [1, 3, 4, 7, 20])
def test_truncation_keeps_the_state_and_cuts_the_gradient(length):
    model = character_model()
    x, y = torch.randint(5, (2, 2, 7))
    scores, _ = model(x)
    losses, pieces = [], []
    for loss in truncated_losses(model, x, y, length):
        losses.append(loss.item())
        loss.backward()
    for start in range(0, 7, length):
        part = slice(start, start + length)
        assert math.isclose(losses[len(pieces)], F.cross_entropy(scores[:, :, part], y[:, part]).item())
        _, state = model(x[:, :start]) if start else (None, None)
        again, _ = model(x[:, part], detach(state))
        pieces.append(F.cross_entropy(again, y[:, part]))
    expected = torch.autograd.grad(sum(pieces), list(model.parameters()))
    assert_close(tuple(p.grad for p in model.parameters()), expected)


def test_truncation_at_the_full_length_is_no_truncation_and_shorter_is_one():
    model = character_model(RNNCell)
    x, y = torch.randint(5, (2, 2, 6))
    whole = torch.autograd.grad(F.cross_entropy(model(x)[0], y), model.recurrent.cells[0].hidden.weight)[0]
    for length, equal in ((6, True), (3, False)):
        model.zero_grad()
        for loss in truncated_losses(model, x, y, length):
            (loss * min(length, 6) / 6).backward()
        assert torch.allclose(model.recurrent.cells[0].hidden.weight.grad, whole) == equal


def test_detach_reaches_every_tensor_and_keeps_the_form():
    t = torch.ones(2, requires_grad=True) * 2
    state = detach([(t, t), (t,), None])
    assert isinstance(state, list)
    assert [type(part) for part in state] == [tuple, tuple, type(None)]
    assert not any(part.requires_grad for part in (*state[0], *state[1]))
    assert t.requires_grad


@laws
@given(st.lists(sizes, min_size=1, max_size=4), st.floats(0.01, 10), st.floats(0, 5), seeds)
def test_clipping_equals_torch(shapes, limit, scale, seed):
    torch.manual_seed(seed)
    ours = [nn.Parameter(torch.zeros(n, 2).double()) for n in shapes]
    theirs = [nn.Parameter(torch.zeros(n, 2).double()) for n in shapes]
    for a, b in zip(ours, theirs, strict=True):
        a.grad = scale * torch.randn_like(a)
        b.grad = a.grad.clone()
    ours.append(nn.Parameter(torch.zeros(3)))  # one without a gradient
    assert_close(clip_gradients(ours, limit), nn.utils.clip_grad_norm_(theirs, limit))
    for a, b in zip(ours, theirs, strict=False):
        assert_close(a.grad, b.grad)


def test_clipping_keeps_the_direction_and_leaves_small_gradients_alone():
    p, q = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    p.grad, q.grad = torch.tensor([30.0]), torch.tensor([40.0])
    assert clip_gradients([p, q], 5.0) == 50
    assert_close((p.grad, q.grad), (torch.tensor([3.0]), torch.tensor([4.0])), rtol=1e-6, atol=0)
    before = p.grad.clone()
    clip_gradients([p, q], 6.0)
    assert torch.equal(p.grad, before)
    assert clip_gradients([nn.Parameter(torch.zeros(1))], 1.0) == 0


@each_cell
def test_a_gradient_reaches_every_parameter(cell):
    torch.manual_seed(0)
    model = CharacterModel(5, RNN(cell, 4, 3, layers=2, bidirectional=True), 4, 6)
    model(torch.arange(5).repeat(2, 2))[0].square().sum().backward()
    assert all((p.grad != 0).any() for p in model.parameters())


@each_cell
def test_eight_samples_are_learnt_by_heart(cell):
    torch.manual_seed(0)
    model, x, y = RNN(cell, 3, 16), torch.randn(8, 6, 3), torch.randint(4, (8,))
    net = nn.Sequential(Last(model), nn.Linear(16, 4))
    history = fit(net, (x, y), epochs=150, batch_size=8, lr=0.02, device="cpu")
    assert history.accuracy[-1] == 1


class Last(nn.Module):
    """The output at the last step."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)[0][:, -1]


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recurrent", [RNN(GRUCell, 4, 6, layers=2), nn.LSTM(4, 6, 2, batch_first=True)])
def test_writing_with_the_state_equals_reading_all_again(recurrent):
    torch.manual_seed(0)
    model, prompt = CharacterModel(5, recurrent, 4, 6), torch.tensor([1, 2, 3])
    drawn = sample(model, prompt, 8, temperature=0.7, generator=torch.Generator().manual_seed(3))
    generator, text = torch.Generator().manual_seed(3), prompt
    for _ in range(8):
        p = (model(text[None])[0][0, :, -1] / 0.7).softmax(dim=0)
        text = torch.cat([text, torch.multinomial(p, 1, generator=generator)])
    assert drawn.tolist() == text[3:].tolist()


def test_a_low_temperature_writes_the_likeliest_and_a_high_one_anything():
    model, prompt = character_model(), torch.tensor([0])
    likeliest = model(prompt[None])[0][0, :, -1].argmax()
    assert sample(model, prompt, 1, temperature=1e-3) == likeliest
    wild = sample(model, prompt, 200, temperature=1e3, generator=torch.Generator().manual_seed(0))
    assert wild.bincount(minlength=5).min() > 20


# --- errors -----------------------------------------------------------------------------------------------------------


def test_wrong_sizes_are_refused_with_what_came():
    with pytest.raises(ValueError, match="got 0 and 3"):
        LSTMCell(0, 3)
    with pytest.raises(ValueError, match="got 3 and 0"):
        GRUCell(3, 0)
    with pytest.raises(ValueError, match="layers must be at least 1, got 0"):
        RNN(RNNCell, 2, 3, layers=0)
    with pytest.raises(ValueError, match="there must be a step"):
        RNN(RNNCell, 2, 3)(torch.zeros(1, 0, 2))
    with pytest.raises(ValueError, match="2 cells, but 1 states"):
        RNN(RNNCell, 2, 3, layers=2)(torch.zeros(1, 2, 2), [(torch.zeros(1, 3),)])


def test_wrong_settings_are_refused_with_what_came():
    model, text = character_model(), torch.tensor([0])
    for length, temperature in ((0, 1.0), (1, 0.0)):
        with pytest.raises(ValueError, match=f"got {length} and {temperature}"):
            sample(model, text, length, temperature=temperature)
    for length, steps in ((0, 4), (2, 3)):
        with pytest.raises(ValueError, match=f"got {length}, 4, {steps}"):
            next(truncated_losses(model, torch.zeros(1, 4).long(), torch.zeros(1, steps).long(), length))
    with pytest.raises(ValueError, match="above 0, got 0"):
        clip_gradients([], 0.0)
