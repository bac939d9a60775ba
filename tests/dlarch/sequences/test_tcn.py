"""The TCN against the same network put together from torch's own parts, and its two laws: no future, an exact field."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from coursekit.bench.peers import ChoppedTCN, chopped
from coursekit.bench.weights import carry_over
from dlarch import measure
from dlarch.sequences.tcn import TCN, CausalConv1d, Ring, Stream, TemporalBlock, receptive_field, sequential_mnist

kernels = st.integers(1, 4)
seeds = st.integers(0, 2**31)
dilation_lists = st.lists(st.integers(1, 5), min_size=1, max_size=3)
laws = settings(max_examples=25, deadline=None)


def gradients(output, inputs):
    """Gradients of a sum whose terms all weigh differently, so that no two errors cancel."""
    weights = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    return torch.autograd.grad((output * weights).sum(), inputs)


def support(model, length, channels, *, seed=0):
    """Which input steps (columns) the gradient of each output step (rows) reaches, with weights that cannot cancel."""
    torch.manual_seed(seed)
    model = model.double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(0.5, 1.5)
    x = torch.rand(1, channels, length, dtype=torch.float64) + 0.1
    jacobian = torch.autograd.functional.jacobian(lambda x: model(x)[0].sum(0), x)
    return jacobian[:, 0].abs().sum(1) > 0


# --- parity -----------------------------------------------------------------------------------------------------------


def assert_same(ours, theirs, x):
    """The same output and gradients with the peer's weights, once all of them have moved from where they start."""
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    carry_over(weights.tcn, theirs, ours)
    assert_close(ours(x), theirs(x))
    named = weights.tcn(dict(theirs.named_parameters()), [name for name, _ in ours.named_parameters()])
    assert_close(gradients(ours(x), [x, *ours.parameters()]), gradients(theirs(x), [x, *named.values()]))


@pytest.mark.parametrize(
    ("channels", "kernel_size", "dilations"),
    [([4, 4], 3, None), ([5, 5, 3], 2, None), ([6], 4, [3]), ([3, 7, 7], 3, [2, 1, 5]), ([4, 4], 1, None)],
)
def test_the_network_equals_torchs_own_parts_in_output_and_gradient(channels, kernel_size, dilations):
    torch.manual_seed(0)
    ours = TCN(4, 3, channels, kernel_size, dilations=dilations).double()
    theirs = ChoppedTCN(4, 3, channels, kernel_size, dilations or [2**i for i in range(len(channels))]).double()
    assert_same(ours, theirs, torch.randn(2, 4, 13, dtype=torch.float64, requires_grad=True))


@laws
@given(seeds, st.integers(1, 3), st.integers(1, 3), kernels, st.integers(1, 5), st.integers(1, 9))
def test_a_causal_convolution_equals_torchs_weight_norm_and_convolution(seed, c, k, kernel_size, dilation, length):
    torch.manual_seed(seed)
    ours = CausalConv1d(c, k, kernel_size, dilation=dilation).double()
    theirs = chopped(c, k, kernel_size, dilation).double()
    assert_same(ours, theirs, torch.randn(2, c, length, dtype=torch.float64, requires_grad=True))


def test_a_convolution_equals_the_sum_that_defines_it():
    torch.manual_seed(0)
    conv, x = CausalConv1d(2, 3, 3, dilation=2), torch.randn(1, 2, 8)
    w, y = conv.weight, conv(x)
    for t in range(8):
        taps = [w[:, :, 2 - i] @ x[0, :, t - 2 * i] for i in range(3) if t - 2 * i >= 0]
        assert_close(y[0, :, t], sum(taps) + conv.bias)


# --- counts -----------------------------------------------------------------------------------------------------------


def test_the_network_for_digits_read_pixel_by_pixel_has_the_published_codes_parameters_and_field():
    with torch.device("meta"):
        model = sequential_mnist()
        assert measure.count_parameters(model) == 66910
        assert measure.stages(model, torch.empty(2, 1, 784)) == {"blocks": (2, 25, 784), "out": (2, 10, 784)}
    assert model.receptive_field == 3061
    assert receptive_field(7, [2**i for i in range(8)]) == 3061


def test_the_convolutions_of_a_network_double_their_dilation_from_block_to_block():
    model = TCN(1, 1, [2] * 5, 3)
    assert [(b.conv1.dilation, b.conv2.dilation) for b in model.blocks] == [(d, d) for d in (1, 2, 4, 8, 16)]


# --- laws -------------------------------------------------------------------------------------------------------------


@laws
@given(seeds, kernels, dilation_lists)
def test_the_gradient_reaches_exactly_the_field_of_the_formula_and_never_the_future(seed, kernel_size, dilations):
    model = TCN(2, 1, [2] * len(dilations), kernel_size, dilations=dilations)
    field = receptive_field(kernel_size, dilations)
    assert model.receptive_field == field
    length = field + 2
    reached = support(model, length, 2, seed=seed)
    for t in range(length):
        steps = reached[t].nonzero().flatten()
        assert steps.max() == t
        assert t < field - 1 or steps.min() == t - field + 1


@laws
@given(kernels, st.integers(1, 4))
def test_doubling_dilations_leave_no_hole_in_the_field(kernel_size, blocks):
    if kernel_size == 1:
        return
    model = TCN(1, 1, [1] * blocks, kernel_size)
    reached = support(model, model.receptive_field, 1)
    assert reached[-1].all()


def test_a_large_dilation_alone_leaves_holes_in_the_field():
    reached = support(TCN(1, 1, [1], 2, dilations=[4]), 9, 1)
    assert reached[-1].nonzero().flatten().tolist() == [0, 4, 8]


def test_the_formula_agrees_with_the_measured_field():
    for kernel_size, dilations in ((2, [1, 2, 4]), (3, [1, 1, 1]), (4, [1, 3])):
        model = TCN(1, 1, [3] * len(dilations), kernel_size, dilations=dilations)
        assert measure.receptive_field(model, (1, 1, 4 * model.receptive_field)) == model.receptive_field


@laws
@given(seeds, st.integers(1, 3), kernels, st.integers(1, 3), st.integers(1, 20))
def test_a_stream_gives_the_numbers_of_the_batch_form(seed, batch, kernel_size, blocks, length):
    torch.manual_seed(seed)
    model = TCN(2, 3, [4, 5, 5][:blocks], kernel_size, dropout=0.5).double().eval()
    x = torch.randn(batch, 2, length, dtype=torch.float64)
    stream = Stream(model)
    assert_close(torch.stack([stream.step(x[:, :, t]) for t in range(length)], dim=-1), model(x).detach())


def test_the_memory_of_a_stream_does_not_grow():
    model = TCN(1, 1, [4] * 3, 3)
    stream = Stream(model)
    for t in range(100):
        stream.step(torch.randn(1, 1))
        if t == 0:
            memories = [ring.memory for rings in stream.rings for ring in rings]
    assert [len(memory) for memory in memories] == [3, 3, 5, 5, 9, 9]
    assert all(a is b.memory for a, b in zip(memories, [r for rings in stream.rings for r in rings], strict=True))


@laws
@given(seeds, st.integers(1, 6), st.integers(1, 15))
def test_a_ring_remembers_its_newest_steps_and_zeros_before_the_first(seed, size, pushed):
    torch.manual_seed(seed)
    steps = torch.randn(pushed, 2, 3)
    ring = Ring(size, steps[0])
    for step in steps:
        ring.push(step)
    expected = [steps[pushed - 1 - lag] if lag < pushed else torch.zeros(2, 3) for lag in range(size)]
    assert torch.equal(ring.read(range(size)), torch.stack(expected, dim=-1))


@laws
@given(seeds, st.integers(1, 5))
def test_shifting_the_input_shifts_the_output_where_no_padding_is_seen(seed, shift):
    torch.manual_seed(seed)
    model = TCN(2, 2, [3, 3], 2).double()
    x = torch.randn(1, 2, 20, dtype=torch.float64)
    field = model.receptive_field
    assert_close(model(x[:, :, shift:])[:, :, field:], model(x)[:, :, field + shift :])


def test_padding_on_both_sides_without_the_cut_reads_the_future():
    conv = nn.Sequential(nn.Conv1d(1, 1, 3, padding=2, dilation=2))
    reached = support(conv, 6, 1)
    assert reached[0].nonzero().flatten().tolist() == [0, 2]  # step 0 reads step 2


# --- weight norm, init, dropout ---------------------------------------------------------------------------------------


def test_the_length_of_the_weights_is_a_parameter_and_the_direction_has_none():
    conv = CausalConv1d(3, 5, 4)
    assert_close(conv.weight.norm(dim=(1, 2), keepdim=True), conv.length.detach())
    before = conv.weight.clone()
    with torch.no_grad():
        conv.direction.mul_(7)
    assert_close(conv.weight, before)


def test_the_gradient_of_a_direction_stands_at_right_angles_to_it():
    torch.manual_seed(0)
    conv, x = CausalConv1d(3, 5, 4).double(), torch.randn(2, 3, 9).double()
    (gradient,) = gradients(conv(x), [conv.direction])
    assert_close((gradient * conv.direction).sum(dim=(1, 2)), torch.zeros(5).double())


def test_a_new_network_keeps_the_spread_of_its_input_within_a_small_factor():
    torch.manual_seed(0)
    model = TCN(32, 1, [32] * 8, 3)
    x = torch.randn(4, 32, 300).relu()
    assert 1 < model.blocks(x).square().mean().sqrt() / x.square().mean().sqrt() < 3


def test_a_new_convolution_has_torchs_spread():
    torch.manual_seed(0)
    ours, theirs = CausalConv1d(64, 64, 7), nn.Conv1d(64, 64, 7)
    assert_close(ours.weight.std(), theirs.weight.std(), rtol=0.02, atol=0)
    x = torch.randn(2, 64, 500)
    assert ours(x)[:, :, 50:].std().item() == pytest.approx(3**-0.5, rel=0.05)


def test_dropout_drops_whole_channels_and_only_while_training():
    torch.manual_seed(0)
    block = TemporalBlock(8, 8, 2, dropout=0.5)
    x = torch.rand(1, 8, 50)
    with torch.no_grad():
        block.conv2.bias.fill_(1.0)
    dropped = block.dropout(torch.ones(4, 8, 50))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert ((dropped == 0).all(-1) | (dropped != 0).all(-1)).all()
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))


# --- edges and training -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CausalConv1d(1, 1, 0), "kernel_size=0 and dilation=1"),
        (lambda: CausalConv1d(1, 1, 3, dilation=0), "kernel_size=3 and dilation=0"),
        (lambda: TCN(1, 1, [], 3), r"channels=\[\] and dilations=\[\]"),
        (lambda: TCN(1, 1, [4, 4], 3, dilations=[1]), r"channels=\[4, 4\] and dilations=\[1\]"),
    ],
)
def test_impossible_values_are_refused_with_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_network_learns_eight_sequences_by_heart_and_every_parameter_gets_a_gradient():
    torch.manual_seed(0)
    model = TCN(3, 4, [12, 12], 3)
    x, y = torch.randn(8, 3, 6), torch.randint(0, 4, (8, 6))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(250):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
        optimizer.step()
    assert torch.equal(model(x).argmax(1), y)
