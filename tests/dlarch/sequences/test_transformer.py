"""The transformer against ``torch.nn.Transformer``, the published counts, and the laws it keeps."""

import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from coursekit.bench.peers import Stacks
from coursekit.bench.weights import carry_over
from dlarch.measure import count_parameters
from dlarch.sequences.attention import causal_mask, padding_mask
from dlarch.sequences.seq2seq import beam_search, greedy
from dlarch.sequences.transformer import (
    TRANSFORMER_BASE,
    TRANSFORMER_BIG,
    DecoderLayer,
    EncoderLayer,
    FeedForward,
    Residual,
    Transformer,
    TransformerConfig,
    attention_weights,
    positional_encoding,
)

seeds = st.integers(0, 2**31)
laws = settings(max_examples=15, deadline=None)
# torch says so of every encoder with norms in front, built as its documentation says.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
orders = pytest.mark.parametrize("norm_first", [False, True])
SMALL = TransformerConfig(model_size=8, heads=2, hidden_size=12, layers=2, dropout=0.0)


def small(seed=0, vocabulary=7, **changes):
    torch.manual_seed(seed)
    return Transformer(vocabulary, dataclasses.replace(SMALL, **changes)).double()


def symbols(*shape, vocabulary=7):
    return torch.randint(0, vocabulary, shape)


def gradients(output, inputs):
    """Gradients of a sum whose terms all weigh differently, so that no two errors cancel."""
    weights = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    return torch.autograd.grad((output * weights).sum(), inputs)


# --- parity -----------------------------------------------------------------------------------------------------------


def twins(norm_first):
    """Our encoder and decoder and ``nn.Transformer``, in double precision, with the same weights.

    torch puts a norm behind either stack in both orders. The paper has none with norms behind, so it is taken away.
    """
    torch.manual_seed(0)
    config = dataclasses.replace(SMALL, norm_first=norm_first)
    ours = Stacks(config).double()
    theirs = nn.Transformer(8, 2, 2, 2, 12, dropout=0.0, batch_first=True, norm_first=norm_first, dtype=torch.float64)
    if not norm_first:
        theirs.encoder.norm = theirs.decoder.norm = None
    with torch.no_grad():
        for parameter in theirs.parameters():  # norms and biases too
            parameter.add_(0.3 * torch.randn_like(parameter))
    carry_over(weights.transformer, theirs, ours)
    return ours, theirs


@orders
@pytest.mark.parametrize("padded", [False, True])
def test_the_stacks_equal_torch_in_output_and_every_gradient(norm_first, padded):
    ours, theirs = twins(norm_first)
    source, target = (torch.randn(3, n, 8, dtype=torch.float64, requires_grad=True) for n in (6, 5))
    memory_mask, hidden = None, {}
    if padded:
        memory_mask = padding_mask(torch.tensor([6, 2, 4]), 6)
        hidden = dict.fromkeys(("src_key_padding_mask", "memory_key_padding_mask"), ~memory_mask[:, 0])
    mask = causal_mask(5)
    memory = ours.encoder(source, mask=memory_mask)
    output = ours.decoder(target, memory, mask=mask, memory_mask=memory_mask)
    expected = theirs(source, target, tgt_mask=~mask, **hidden)
    assert_close(output, expected)
    mine, peer = ([source, target, *model.parameters()] for model in (ours, theirs))
    mine, peer = (dict(zip(w, gradients(y, w), strict=True)) for w, y in ((mine, output), (peer, expected)))
    assert_close(mine[source], peer[source])
    assert_close(mine[target], peer[target])
    named = dict(ours.named_parameters())
    wanted = weights.transformer({name: peer[p] for name, p in theirs.named_parameters()}, named)
    for name, parameter in named.items():
        assert_close(mine[parameter], wanted[name], msg=lambda text, name=name: f"{name}: {text}")


def test_with_norms_behind_torch_adds_a_norm_to_each_stack_that_the_paper_lacks():
    ours, theirs = twins(norm_first=False)
    source, target = (torch.randn(2, n, 8, dtype=torch.float64) for n in (6, 5))
    theirs.encoder.norm, theirs.decoder.norm = (nn.LayerNorm(8, dtype=torch.float64) for _ in range(2))
    memory = theirs.encoder.norm(ours.encoder(source))
    assert_close(theirs.decoder.norm(ours.decoder(target, memory)), theirs(source, target))


@orders
def test_a_padded_target_equals_torch_on_its_real_places(norm_first):
    ours, theirs = twins(norm_first)
    target, memory = (torch.randn(2, n, 8, dtype=torch.float64) for n in (5, 4))
    mask = causal_mask(5) & padding_mask(torch.tensor([3, 5]), 5)
    padding = ~padding_mask(torch.tensor([3, 5]), 5)[:, 0]
    expected = theirs.decoder(target, memory, tgt_mask=~causal_mask(5), tgt_key_padding_mask=padding)
    assert_close(ours.decoder(target, memory, mask=mask), expected)


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "layers", "tied"),
    [(TRANSFORMER_BASE, 44_138_496, 63_082_496), (TRANSFORMER_BIG, 176_357_376, 214_245_376)],
)
def test_parameters_with_and_without_the_tied_embedding_of_37000_symbols(config, layers, tied):
    with torch.device("meta"):
        model = Transformer(37_000, config)
    assert count_parameters(model.encoder) + count_parameters(model.decoder) == layers
    assert count_parameters(model) == tied == layers + 37_000 * config.model_size


def test_torch_counts_two_norms_more_than_the_paper_and_the_same_with_norms_in_front():
    with torch.device("meta"):
        theirs = count_parameters(nn.Transformer(batch_first=True))
        pre_norm = Transformer(1, dataclasses.replace(TRANSFORMER_BASE, norm_first=True))
    assert theirs == 44_140_544 == 44_138_496 + 2 * (512 + 512)
    assert count_parameters(pre_norm) - 512 == theirs  # 512: the embedding of the one symbol


def test_parameters_of_the_parts_of_the_base_model():
    with torch.device("meta"):
        assert count_parameters(FeedForward(512, 2048)) == 2_099_712
        assert count_parameters(EncoderLayer(512, 8, 2048)) == 3_152_384
        assert count_parameters(DecoderLayer(512, 8, 2048)) == 4_204_032


# --- positions --------------------------------------------------------------------------------------------------------


def test_each_entry_of_the_positional_encoding_follows_the_formula_of_the_paper():
    encoding = positional_encoding(50, 6)
    for place in (0, 1, 7, 49):
        for i in range(3):
            angle = place / 10000 ** (2 * i / 6)
            assert encoding[place, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert encoding[place, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


@laws
@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 60), st.integers(1, 16))
def test_the_dot_product_of_two_places_depends_on_their_distance_alone(one, other, distance, half):
    def place(t):
        return positional_encoding(1, 2 * half, start=t)[0].double()

    assert_close(place(one) @ place(one + distance), place(other) @ place(other + distance), atol=1e-5, rtol=0)
    assert_close(place(one).norm(), torch.tensor(half, dtype=torch.float64).sqrt(), atol=1e-5, rtol=0)


@laws
@given(st.integers(0, 300), st.integers(1, 40))
def test_one_matrix_moves_every_place_by_the_same_distance(start, distance):
    frequency = 10000 ** (-torch.arange(0, 8, 2, dtype=torch.float64) / 8)
    sine, cosine = (distance * frequency).sin(), (distance * frequency).cos()
    turn = torch.block_diag(*(torch.tensor([[c, s], [-s, c]]) for s, c in zip(sine, cosine, strict=True)))
    here, there = (positional_encoding(5, 8, start=start + d).double() for d in (0, distance))
    assert_close(here @ turn.mT, there, atol=1e-5, rtol=0)


@laws
@given(st.integers(0, 30), st.integers(1, 10))
def test_a_later_start_is_a_piece_of_the_whole(start, length):
    assert torch.equal(positional_encoding(length, 4, start=start), positional_encoding(start + length, 4)[start:])


# --- laws -------------------------------------------------------------------------------------------------------------


@laws
@given(seeds, st.booleans(), st.integers(2, 6))
def test_each_logit_depends_on_exactly_the_earlier_targets_and_the_whole_source(seed, norm_first, length):
    model = small(seed, norm_first=norm_first)
    memory, target = (torch.randn(1, n, 8, dtype=torch.float64, requires_grad=True) for n in (3, length))
    output = model.decoder(target, memory, mask=causal_mask(length))[0]
    weights = torch.linspace(1, 2, 8, dtype=torch.float64)  # an even sum over a norm's output would be constant
    for t in range(length):
        of_target, of_memory = torch.autograd.grad(output[t] @ weights, (target, memory), retain_graph=True)
        assert torch.equal(of_target[0].abs().sum(-1) > 0, torch.arange(length) <= t)
        assert (of_memory[0].abs().sum(-1) > 0).all()


@laws
@given(seeds, st.booleans(), st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 3))
def test_padding_of_the_source_never_changes_a_result(seed, norm_first, lengths, more):
    model = small(seed, norm_first=norm_first)
    source, previous = symbols(len(lengths), max(lengths) + more), symbols(len(lengths), 4)
    logits = model(source, previous, torch.tensor(lengths))
    for b, length in enumerate(lengths):
        assert_close(logits[b : b + 1], model(source[b : b + 1, :length], previous[b : b + 1]))


@laws
@given(seeds, st.integers(1, 6), st.integers(0, 3))
def test_symbols_behind_the_end_of_the_target_change_nothing_before_it(seed, length, more):
    model = small(seed)
    source, previous = symbols(2, 4), symbols(2, length + more)
    assert_close(model(source, previous)[:, :length], model(source, previous[:, :length]))


@laws
@given(seeds, st.booleans(), st.integers(1, 7))
def test_without_positions_the_encoder_follows_a_permutation_of_its_input(seed, norm_first, length):
    model = small(seed, norm_first=norm_first, positions=False)
    source, order = symbols(2, length), torch.randperm(length)
    assert_close(model.encode(source[:, order])[0], model.encode(source)[0][:, order])
    assert_close(model(source[:, order], source), model(source, source))  # so the writer cannot know the order


def test_with_positions_the_encoder_does_not_follow_a_permutation():
    model, source = small(), torch.arange(6)[None]
    order = torch.tensor([5, 4, 3, 2, 1, 0])
    assert (model.encode(source[:, order])[0] - model.encode(source)[0][:, order]).abs().max() > 0.1


@laws
@given(seeds, st.booleans(), st.booleans(), st.integers(1, 6))
def test_step_by_step_equals_all_at_once(seed, norm_first, positions, length):
    model = small(seed, norm_first=norm_first, positions=positions)
    source, previous, lengths = symbols(3, 5), symbols(3, length), torch.tensor([5, 2, 4])
    state, logits = model.start(source, lengths), []
    for t in range(length):
        one, state = model.step(previous[:, t], state)
        logits.append(one)
    assert_close(torch.stack(logits, dim=1), model(source, previous, lengths))


@laws
@given(seeds, st.booleans())
def test_the_search_of_seq2seq_writes_with_it_and_a_beam_of_all_sequences_finds_the_best(seed, norm_first):
    model = small(seed, vocabulary=4, norm_first=norm_first)
    source, lengths = symbols(2, 3, vocabulary=4), torch.tensor([3, 1])
    written = greedy(model, source, 3, start=0, lengths=lengths)
    previous = F.pad(written[:, :-1], (1, 0), value=0)
    assert torch.equal(model(source, previous, lengths).argmax(dim=-1), written)

    beam = beam_search(model, source, 64, 3, start=0, end=3, lengths=lengths)
    every = torch.cartesian_prod(*[torch.arange(4)] * 3)
    for b in range(2):
        one = source[b : b + 1, : lengths[b]].expand(64, -1)
        log_p = model(one, F.pad(every[:, :-1], (1, 0), value=0)).log_softmax(-1)
        counted = ((every == 3).cumsum(1) - (every == 3).long()) == 0  # up to the end sign and with it
        best = (log_p.gather(2, every[..., None])[..., 0] * counted).sum(1).max()
        assert_close(beam.log_p[b, 0].double(), best, rtol=1e-5, atol=1e-5)


@orders
def test_one_decoder_layer_extended_by_pieces_equals_one_pass(norm_first):
    torch.manual_seed(0)
    layer = DecoderLayer(8, 2, 12, norm_first=norm_first).double()
    x, memory = (torch.randn(2, n, 8, dtype=torch.float64) for n in (5, 3))
    first, past = layer.extend(x[:, :3], x[:, :0], memory, mask=causal_mask(3))
    second, past = layer.extend(x[:, 3:], past, memory, mask=causal_mask(5)[3:])
    assert past.shape == (2, 5, 8)
    assert_close(torch.cat([first, second], dim=1), layer(x, memory, mask=causal_mask(5)))


@laws
@given(seeds, st.integers(2, 5))
def test_the_feed_forward_network_sees_each_place_alone(seed, length):
    torch.manual_seed(seed)
    layer, x = FeedForward(4, 6).double(), torch.randn(2, length, 4, dtype=torch.float64)
    assert_close(layer(x), torch.stack([layer(x[:, t : t + 1])[:, 0] for t in range(length)], dim=1))


@orders
def test_the_way_around_is_straight_only_with_norms_in_front(norm_first):
    torch.manual_seed(0)
    around, x = Residual(6, norm_first=norm_first), 3 + 2 * torch.randn(2, 3, 6)
    nothing = torch.zeros_like(x)
    assert torch.equal(around.add(x, nothing), x) is norm_first
    assert torch.equal(around.read(x), x) is not norm_first


# --- start and training -----------------------------------------------------------------------------------------------


@orders
def test_logits_and_states_start_with_a_spread_of_about_one(norm_first):
    torch.manual_seed(0)
    config = TransformerConfig(model_size=128, heads=4, hidden_size=512, dropout=0.0, norm_first=norm_first)
    model, source = Transformer(100, config), symbols(8, 12, vocabulary=100)
    assert 0.9 < (model.embed(source) - positional_encoding(12, 128)).std().item() < 1.1
    assert 0.95 < model.encode(source)[0].std().item() < 1.05
    logits = model(source, symbols(8, 10, vocabulary=100))
    assert 0.8 < logits.std().item() < 1.2


@orders
def test_a_gradient_reaches_every_parameter(norm_first):
    model = small(norm_first=norm_first)
    logits = model(symbols(4, 5), symbols(4, 6))
    F.cross_entropy(logits.flatten(0, 1), symbols(4, 6).flatten()).backward()
    # The key's bias adds the same to all scores of a query, so the softmax takes it away and its gradient is 0.
    silent = [n for n, p in model.named_parameters() if p.grad.abs().sum() < 1e-12]
    assert all(name.endswith("key.bias") for name in silent)


@orders
def test_it_learns_eight_sequences_by_heart_and_writes_them_alone(norm_first):
    torch.manual_seed(0)
    config = TransformerConfig(model_size=16, heads=2, hidden_size=32, layers=1, dropout=0.0, norm_first=norm_first)
    model, source = Transformer(6, config), symbols(8, 5, vocabulary=5)
    previous = F.pad(source[:, :-1], (1, 0), value=5)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        loss = F.cross_entropy(model(source, previous).mT, source)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()
    token, state, written = torch.full((8,), 5), model.start(source), []
    for _ in range(5):
        logits, state = model.step(token, state)
        token = logits.argmax(dim=-1)
        written.append(token)
    assert torch.equal(torch.stack(written, dim=1), source)


def test_dropout_is_off_in_evaluation_and_on_in_training():
    model, source = small(dropout=0.5), symbols(2, 4)
    assert not torch.equal(model(source, source), model(source, source))
    model.eval()
    assert torch.equal(model(source, source), model(source, source))


# --- looking at it ----------------------------------------------------------------------------------------------------


def test_the_weights_of_every_attention_are_named_and_obey_the_masks():
    model, source, previous = small(), symbols(2, 5), symbols(2, 4)
    found = attention_weights(model, source, previous, torch.tensor([5, 3]))
    assert list(found) == [
        *(f"encoder.layers.{i}.attention" for i in range(2)),
        *(f"decoder.layers.{i}.{part}attention" for i in range(2) for part in ("", "cross_")),
    ]
    for name, shares in found.items():
        assert_close(shares.sum(-1), torch.ones_like(shares[..., 0]))
        if name.startswith("encoder"):
            assert shares.shape == (2, 2, 5, 5)
        elif "cross" in name:
            assert shares.shape == (2, 2, 4, 5)
        else:
            assert (shares[..., ~causal_mask(4)] == 0).all()
        if name.startswith("encoder") or "cross" in name:
            assert (shares[1, ..., 3:] == 0).all()
    assert not any(module._forward_pre_hooks for module in model.modules())


# --- edges ------------------------------------------------------------------------------------------------------------


def test_an_empty_source_gives_finite_logits():
    model = small()
    logits = model(symbols(2, 3), symbols(2, 4), torch.tensor([0, 3]))
    assert logits.isfinite().all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TransformerConfig(layers=0), "got 2048 and 0"),
        (lambda: TransformerConfig(hidden_size=0), "got 0 and 6"),
        (lambda: TransformerConfig(dropout=1.0), r"\[0, 1\), got 1\.0"),
        (lambda: TransformerConfig(dropout=-0.1), r"\[0, 1\), got -0\.1"),
        (lambda: positional_encoding(3, 5), "even and positive, got 5"),
        (lambda: positional_encoding(3, 0), "even and positive, got 0"),
        (lambda: positional_encoding(-1, 4), "got -1 and 0"),
        (lambda: positional_encoding(3, 4, start=-2), "got 3 and -2"),
        (lambda: EncoderLayer(10, 3, 4), "model_size=10 and heads=3"),
        (lambda: small()(symbols(1, 3), symbols(1, 2), torch.tensor([4])), r"size=3, got \[4\]"),
    ],
)
def test_impossible_values_are_refused_with_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
