"""Reading with padding against torch's packed sequences, the loss against torch's, the search against trying all."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch.sequences.seq2seq import (
    IGNORE,
    Decoder,
    Encoder,
    Seq2Seq,
    beam_search,
    greedy,
    masked_loss,
    own_symbols,
    pad,
    teach,
)

seeds = st.integers(0, 2**31)
length_lists = st.lists(st.integers(1, 6), min_size=1, max_size=4)
laws = settings(max_examples=20, deadline=None)
START, END = 4, 3


def gradients(output, inputs):
    """Gradients of a sum whose terms all weigh differently, so that no two errors cancel."""
    weights = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    return torch.autograd.grad((output * weights).sum(), inputs)


def small(seed=0, *, vocabulary=5, size=6, sharp=1.0):
    """A model whose distributions are as uneven as ``sharp`` is large."""
    torch.manual_seed(seed)
    model = Seq2Seq(Encoder(5, size), Decoder(vocabulary, size)).double()
    with torch.no_grad():
        model.decoder.out.weight.mul_(sharp)
    return model


def log_probability(model, source, written, *, start, end, lengths=None):
    """Of each row up to and with the end sign, by one teacher-forced pass; and how many symbols those are."""
    previous = F.pad(written[:, :-1], (1, 0), value=start)
    picked = model(source, previous, lengths).log_softmax(-1).gather(2, written[..., None])[..., 0]
    over = F.pad((written == end).cumsum(1)[:, :-1], (1, 0)) > 0
    return picked.masked_fill(over, 0).sum(1), (~over).sum(1)


# --- reading ----------------------------------------------------------------------------------------------------------


@laws
@given(seeds, length_lists)
def test_reading_with_padding_equals_torchs_packed_sequences_in_output_and_gradient(seed, lengths):
    torch.manual_seed(seed)
    encoder = Encoder(5, 4).double()
    twin = nn.GRU(4, 4, batch_first=True).double()
    twin.load_state_dict(encoder.rnn.state_dict())
    source, counts = pad([torch.randint(0, 5, (n,)) for n in lengths])
    states, last = encoder(source, counts)
    x = encoder.embedding(source)
    packed = nn.utils.rnn.pack_padded_sequence(x, counts, batch_first=True, enforce_sorted=False)
    out, h = twin(packed)
    out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
    real = (torch.arange(source.shape[1]) < counts[:, None])[..., None]
    assert_close(states * real, out)
    assert_close(last, h[0])
    mine = [encoder.embedding.weight, *encoder.rnn.parameters()]
    theirs = [encoder.embedding.weight, *twin.parameters()]
    assert_close(gradients(last, mine), gradients(h[0], theirs))


@laws
@given(seeds, length_lists, st.integers(0, 4), st.integers(0, 3))
def test_padding_of_any_content_and_length_changes_no_result(seed, lengths, filler, more):
    model = small(seed, sharp=8)
    rows = [torch.randint(0, 5, (n,)) for n in lengths]
    source, counts = pad(rows, filler)
    source = F.pad(source, (0, more), value=filler)
    previous = torch.randint(0, 5, (len(rows), 5))
    together = model(source, previous, counts)
    written = greedy(model, source, 6, start=START, lengths=counts)
    found = beam_search(model, source, 3, 5, start=START, end=END, lengths=counts, alpha=0.7)
    for i, row in enumerate(rows):
        assert_close(together[i], model(row[None], previous[i][None])[0])
        assert torch.equal(written[i], greedy(model, row[None], 6, start=START)[0])
        alone = beam_search(model, row[None], 3, 5, start=START, end=END, alpha=0.7)
        assert_close(found.scores[i], alone.scores[0])
        assert torch.equal(found.tokens[i, :, : alone.tokens.shape[2]], alone.tokens[0])
        assert (found.tokens[i, :, alone.tokens.shape[2] :] == END).all()


def test_the_last_state_of_the_padded_reading_is_another_one_if_the_lengths_are_forgotten():
    encoder = small().encoder
    source, counts = pad([torch.tensor([1, 2]), torch.tensor([1, 2, 3, 4])])
    assert not torch.allclose(encoder(source)[1][0], encoder(source, counts)[1][0])


def test_the_state_of_the_reader_is_all_that_the_writer_gets():
    model = small()
    source, previous = torch.randint(0, 5, (2, 6)), torch.randint(0, 5, (2, 3))
    states, last = model.encoder(source)
    counts = torch.tensor([6, 6])
    other = model.decoder.start(torch.randn_like(states), last, counts)
    assert torch.equal(model.decoder(previous, other)[0], model(source, previous))


# --- batches and loss -------------------------------------------------------------------------------------------------


@laws
@given(length_lists)
def test_what_the_teacher_shows_is_the_target_one_step_before(lengths):
    rows = [torch.randint(0, 3, (n,)) for n in lengths]
    previous, target = teach(rows, start=START, end=END)
    assert previous.shape == target.shape == (len(rows), max(lengths) + 1)
    for row, shown, wanted in zip(rows, previous.tolist(), target.tolist(), strict=True):
        n = len(row)
        assert shown[: n + 1] == [START, *row.tolist()]
        assert wanted[: n + 1] == [*row.tolist(), END]
        assert set(shown[n + 1 :]) <= {END}
        assert set(wanted[n + 1 :]) <= {IGNORE}


@laws
@given(seeds, length_lists)
def test_the_masked_loss_equals_torchs_and_the_mean_over_single_sequences(seed, lengths):
    torch.manual_seed(seed)
    target, counts = pad([torch.randint(0, 4, (n,)) for n in lengths], IGNORE)
    logits = torch.randn(len(lengths), 4, target.shape[1], dtype=torch.float64, requires_grad=True)
    loss = masked_loss(logits, target)
    assert_close(loss, F.cross_entropy(logits, target))
    assert_close(gradients(loss, [logits]), gradients(F.cross_entropy(logits, target), [logits]))
    single = sum(masked_loss(logits[[i], :, :n], target[[i], :n]) * n for i, n in enumerate(lengths))
    assert_close(loss, single / counts.sum())


def test_padding_gets_no_gradient_and_the_start_sign_is_no_target():
    previous, target = teach([torch.tensor([1]), torch.tensor([2, 0, 1])], start=START, end=END)
    logits = torch.randn(2, 5, 4, requires_grad=True)
    masked_loss(logits, target).backward()
    assert (logits.grad[0, :, 2:] == 0).all()
    assert (logits.grad[0, :, :2] != 0).all()
    assert START not in target
    assert (previous[:, 0] == START).all()


# --- writing ----------------------------------------------------------------------------------------------------------


@laws
@given(seeds)
def test_step_by_step_gives_the_numbers_of_one_call(seed):
    model = small(seed)
    source, previous = torch.randint(0, 5, (3, 4)), torch.randint(0, 5, (3, 5))
    state, logits = model.start(source), []
    for token in previous.T:
        row, state = model.step(token, state)
        logits.append(row)
    assert_close(torch.stack(logits, 1), model(source, previous))
    assert_close(own_symbols(model, source, previous, truth=1.0), model(source, previous))


@laws
@given(seeds)
def test_greedy_writing_is_what_the_writer_says_when_it_is_shown_its_own_symbols(seed):
    model = small(seed, sharp=8)
    source = torch.randint(0, 5, (3, 4))
    written = greedy(model, source, 6, start=START)
    previous = F.pad(written[:, :-1], (1, 0), value=START)
    assert torch.equal(model(source, previous).argmax(-1), written)
    assert torch.equal(own_symbols(model, source, previous).argmax(-1), written)


def test_free_running_sees_nothing_of_the_truth_but_the_start_sign_and_has_gradients():
    model = small(sharp=8)
    source = torch.randint(0, 5, (2, 4))
    previous = torch.full((2, 5), START)
    other = F.pad(torch.randint(0, 3, (2, 4)), (1, 0), value=START)
    assert torch.equal(own_symbols(model, source, previous), own_symbols(model, source, other))
    own_symbols(model, source, previous).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_half_of_the_truth_lies_between_none_and_all_of_it():
    torch.manual_seed(1)
    model, source = small(sharp=8), torch.randint(0, 5, (400, 4))
    state = model.start(source)
    first = model.step(source.new_full((400,), START), state)[0].argmax(-1)
    previous = torch.stack([torch.full((400,), START), (first + 1) % 5], dim=1)  # the truth is never the own symbol
    half = own_symbols(model, source, previous, truth=0.5)[:, 1]
    told, own = (own_symbols(model, source, previous, truth=truth)[:, 1] for truth in (1.0, 0.0))
    as_told, as_own = ((half == other).all(1) for other in (told, own))
    assert (as_told ^ as_own).all()
    assert 150 < as_told.sum() < 250


def test_nothing_but_end_signs_follows_an_end_sign_and_the_writing_stops_when_all_rows_have_ended():
    model = small(5, sharp=8)
    source = torch.randint(0, 5, (40, 3))
    written = greedy(model, source, 30, start=START, end=END)
    bare = greedy(model, source, 30, start=START)
    ended = (written == END).cumsum(1) > 0
    assert (written[ended] == END).all()
    assert torch.equal(written[~ended], bare[:, : written.shape[1]][~ended])
    with torch.no_grad():
        model.decoder.out.bias[END] = 1e3
    assert greedy(model, source, 30, start=START, end=END).tolist() == [[END]] * 40
    assert beam_search(model, source, 1, 30, start=START, end=END).tokens.shape == (40, 1, 1)


# --- beam search ------------------------------------------------------------------------------------------------------


def everything(vocabulary, length, end):
    """All sequences of at most ``length`` symbols, cut and filled behind the first end sign, each once."""
    rows = itertools.product(range(vocabulary), repeat=length)
    cut = {(row[: row.index(end)] if end in row else row) for row in rows}
    return torch.tensor([[*row, *[end] * (length - len(row))] for row in sorted(cut)])


@laws
@given(seeds, st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.integers(1, 4), st.sampled_from([1.0, 6.0]))
def test_a_beam_of_full_width_equals_trying_every_sequence(seed, alpha, length, sharp):
    vocabulary, end, start = 3, 2, 0
    model = small(seed, vocabulary=vocabulary, sharp=sharp)
    source, counts = torch.randint(0, 5, (2, 4)), torch.tensor([4, 2])
    rows = everything(vocabulary, length, end)
    found = beam_search(model, source, len(rows), length, start=start, end=end, lengths=counts, alpha=alpha)
    for i in range(2):
        many = source[[i]].expand(len(rows), -1), rows
        log_p, n = log_probability(model, *many, start=start, end=end, lengths=counts[[i]].expand(len(rows)))
        scores, order = (log_p / n**alpha).sort(descending=True)
        assert_close(found.scores[i], scores.detach())
        assert torch.equal(found.tokens[i, 0], rows[order[0]])
        assert {tuple(row) for row in found.tokens[i].tolist()} == {tuple(row) for row in rows.tolist()}
        if sharp == 1 and alpha == 0:  # all sequences together have probability one
            assert_close(found.log_p[i].exp().sum(), torch.tensor(1.0, dtype=torch.float64))


@laws
@given(seeds, st.floats(0, 2))
def test_a_beam_of_width_one_is_greedy(seed, alpha):
    model = small(seed, sharp=6)
    source = torch.randint(0, 5, (5, 3))
    found = beam_search(model, source, 1, 8, start=START, end=END, alpha=alpha)
    assert torch.equal(found.tokens[:, 0], greedy(model, source, 8, start=START, end=END))


@laws
@given(seeds, st.integers(2, 6), st.floats(0, 1.5))
def test_what_a_beam_reports_is_the_models_probability_best_first_and_no_sequence_twice(seed, width, alpha):
    model = small(seed, sharp=6)
    source = torch.randint(0, 5, (3, 3))
    found = beam_search(model, source, width, 7, start=START, end=END, alpha=alpha)
    for k in range(width):
        log_p, n = log_probability(model, source, found.tokens[:, k], start=START, end=END)
        assert_close(found.log_p[:, k], log_p.detach())
        assert_close(found.scores[:, k], (log_p / n**alpha).detach())
    assert (found.scores.diff(dim=1) <= 0).all()
    assert all(len({tuple(row) for row in rows}) == width for rows in found.tokens.tolist())


class Table:
    """A writer that looks its probabilities up: a garden path for the greedy, and a short way out for plain sums."""

    def __init__(self, **other):
        self.rows = {  # the newest symbol -> probabilities of 0, 1, 2, end and start
            "4": [0.5, 0.4, 0.0, 0.1, 0.0],
            "0": [0.3, 0.0, 0.4, 0.3, 0.0],
            "1": [0.0, 0.1, 0.9, 0.0, 0.0],
            "2": [0.0, 0.0, 0.1, 0.9, 0.0],
            "3": [0.0, 0.0, 0.0, 1.0, 0.0],
        } | other

    def start(self, source, lengths=None):
        return (source,)

    def step(self, tokens, state):
        return torch.tensor([self.rows[str(token)] for token in tokens.tolist()]).log(), state


def test_a_beam_finds_what_the_greedy_misses_with_any_model_that_has_the_two_methods():
    source = torch.zeros(1, 1, dtype=torch.long)
    assert greedy(Table(), source, 5, start=START, end=END).tolist() == [[0, 2, 3]]  # 0.5 · 0.4 · 0.9 = 0.18
    found = beam_search(Table(), source, 2, 5, start=START, end=END)
    assert found.tokens[0, 0].tolist() == [1, 2, 3]
    assert_close(found.log_p[0, 0].exp(), torch.tensor(0.4 * 0.9 * 0.9))


def test_the_power_of_the_length_decides_between_short_and_long():
    source = torch.zeros(1, 1, dtype=torch.long)
    changed = {"4": [0.0, 0.65, 0.0, 0.35, 0.0], "1": [0.0, 0.2, 0.8, 0.0, 0.0], "2": [0.0, 0.0, 0.4, 0.6, 0.0]}
    table = Table(**changed)
    best = {alpha: beam_search(table, source, 4, 4, start=START, end=END, alpha=alpha) for alpha in (0.0, 1.0)}
    assert best[0.0].tokens[0, 0].tolist() == [3, 3, 3, 3]  # 0.35 > 0.65 · 0.8 · 0.6
    assert best[1.0].tokens[0, 0].tolist()[:3] == [1, 2, 3]  # the cube root of 0.312 is more than 0.35


def test_where_fewer_sequences_exist_the_rest_of_the_beam_has_no_probability():
    source = torch.zeros(1, 1, dtype=torch.long)
    found = beam_search(Table(), source, 5, 1, start=START, end=END)
    assert found.tokens[0, :3].flatten().tolist() == [0, 1, 3]
    assert found.log_p[0, 3:].isneginf().all()
    assert not found.scores.isnan().any()


# --- counts, edges, training ------------------------------------------------------------------------------------------


def test_the_parameters_are_those_of_two_grus_two_tables_and_one_output():
    model = Seq2Seq(Encoder(10, 7), Decoder(11, 7))
    gru = 3 * (7 * 7 + 7 * 7 + 2 * 7)
    assert sum(p.numel() for p in model.parameters()) == 10 * 7 + gru + 11 * 7 + gru + 7 * 11 + 11


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: small()(torch.ones(2, 3).long(), torch.ones(2, 1).long(), torch.tensor([0, 3])),
            r"1 to 3, got \[0, 3\]",
        ),
        (
            lambda: small()(torch.ones(2, 3).long(), torch.ones(2, 1).long(), torch.tensor([1, 4])),
            r"1 to 3, got \[1, 4\]",
        ),
        (lambda: masked_loss(torch.zeros(2, 4, 3), torch.full((2, 3), IGNORE)), "all 6 targets are padding"),
        (lambda: beam_search(Table(), torch.ones(1, 1).long(), 0, 3, start=START, end=END), "at least 1, got 0 and 3"),
        (lambda: beam_search(Table(), torch.ones(1, 1).long(), 2, 0, start=START, end=END), "at least 1, got 2 and 0"),
        (lambda: greedy(Table(), torch.ones(1, 1).long(), 0, start=START), "at least 1, got 0"),
    ],
)
def test_impossible_values_are_refused_with_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_it_learns_eight_sequences_by_heart_writes_them_alone_and_every_parameter_gets_a_gradient():
    torch.manual_seed(0)
    model = Seq2Seq(Encoder(3, 16), Decoder(5, 16))
    rows = [torch.randint(0, 3, (n,)) for n in (1, 2, 3, 4, 5, 3, 4, 2)]
    source, lengths = pad(rows)
    previous, target = teach(rows, start=START, end=END)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        loss = masked_loss(model(source, previous, lengths).mT, target)
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
        optimizer.step()
    wanted = target.where(target != IGNORE, END)
    assert torch.equal(greedy(model, source, 9, start=START, end=END, lengths=lengths), wanted)
    found = beam_search(model, source, 3, 9, start=START, end=END, lengths=lengths).tokens[:, 0]
    assert torch.equal(found[:, : wanted.shape[1]], wanted)
