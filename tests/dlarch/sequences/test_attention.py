"""Attention against ``torch.nn``, and the laws it keeps."""

import itertools
import math

import jaxtyping
import pytest
import torch
import torch.nn.functional as F
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from coursekit.bench.weights import carry_over
from dlarch.play.attention import Look
from dlarch.sequences.attention import (
    AdditiveAttention,
    AttentionDecoder,
    MultiHeadAttention,
    additive_attention,
    additive_scores,
    causal_mask,
    masked_softmax,
    padding_mask,
    scaled_dot_product_attention,
    scaled_dot_product_scores,
)
from dlarch.sequences.seq2seq import Encoder, Seq2Seq, beam_search, greedy

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**31)
laws = settings(max_examples=25, deadline=None)


def qkv(seed, batch, queries, keys, size, value_size, dtype=torch.float64):
    torch.manual_seed(seed)
    shapes = (batch, queries, size), (batch, keys, size), (batch, keys, value_size)
    return [torch.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


def gradients(output, inputs):
    """Gradients of a sum whose terms all weigh differently, so that no two errors cancel."""
    weights = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    return torch.autograd.grad((output * weights).sum(), inputs)


# --- parity -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("masked", [False, True])
def test_scaled_dot_product_attention_equals_torch_in_output_and_gradient(dtype, masked):
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, length, 8, dtype=dtype, requires_grad=True) for length in (5, 7, 7))
    mask = torch.rand(2, 1, 5, 7) > 0.5 if masked else None
    if masked:
        mask[0, :, 1] = False  # one query that may attend to nothing
    ours = scaled_dot_product_attention(q, k, v, mask=mask)
    theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    assert_close(ours, theirs)
    assert_close(gradients(ours, (q, k, v)), gradients(theirs, (q, k, v)))


def test_the_causal_mask_means_what_is_causal_means_to_torch():
    q, k, v = qkv(0, 2, 6, 6, 4, 4)
    ours = scaled_dot_product_attention(q, k, v, mask=causal_mask(6))
    assert_close(ours, F.scaled_dot_product_attention(q, k, v, is_causal=True))


def twin(model_size, heads, *, bias=True, dtype=torch.float64):
    """torch's multi-head attention, and ours with the same weights."""
    theirs = nn.MultiheadAttention(model_size, heads, bias=bias, batch_first=True).to(dtype)
    ours = MultiHeadAttention(model_size, heads, bias=bias).to(dtype)
    if bias:
        nn.init.normal_(theirs.in_proj_bias)
        nn.init.normal_(theirs.out_proj.bias)
    carry_over(weights.attention, theirs, ours)
    return ours, theirs


@pytest.mark.parametrize(("bias", "dtype"), [(True, torch.float64), (False, torch.float64), (False, torch.float32)])
@pytest.mark.parametrize(
    "case", ["self", "self, causal", "self, padded", "self, causal and padded", "cross", "cross, padded"]
)
def test_multi_head_attention_equals_torch_in_output_weights_and_gradient(case, bias, dtype):
    torch.manual_seed(0)
    ours, theirs = twin(12, 3, bias=bias, dtype=dtype)
    x = torch.randn(2, 5, 12, dtype=dtype, requires_grad=True)
    memory = x if case.startswith("self") else torch.randn(2, 7, 12, dtype=dtype, requires_grad=True)
    size = memory.shape[1]
    mask, torch_masks = None, {}
    if "causal" in case:
        mask = causal_mask(5)
        torch_masks["attn_mask"] = ~mask  # torch's module says True = may not
    if "padded" in case:
        keys = padding_mask(torch.tensor([3, size]), size)
        torch_masks["key_padding_mask"] = ~keys[:, 0]
        mask = keys if mask is None else mask & keys
    output = ours(x, memory, memory, mask=mask)
    expected, weights = theirs(x, memory, memory, average_attn_weights=False, **torch_masks)
    assert_close(output, expected)
    assert_close(ours.weights(x, memory, mask=mask), weights)
    inputs = [x] if memory is x else [x, memory]
    kinds = ["weight", "bias"] if bias else ["weight"]
    ours_grad = gradients(output, [*inputs, *(getattr(p, kind) for kind in kinds for p in ours.children())])
    theirs_grad = gradients(
        expected,
        [*inputs, *(p for k in kinds for p in (getattr(theirs, f"in_proj_{k}"), getattr(theirs.out_proj, k)))],
    )
    n = len(inputs)
    assert_close(ours_grad[:n], theirs_grad[:n])
    for i in range(len(kinds)):
        *ours_in, ours_out = ours_grad[n + 4 * i : n + 4 * (i + 1)]
        assert_close(torch.cat(ours_in), theirs_grad[n + 2 * i])
        assert_close(ours_out, theirs_grad[n + 2 * i + 1])


def test_a_separate_value_is_the_one_that_is_mixed():
    torch.manual_seed(0)
    ours, theirs = twin(8, 2)
    q, k, v = qkv(0, 2, 3, 4, 8, 8)
    assert_close(ours(q, k, v), theirs(q, k, v)[0])
    assert_close(gradients(ours(q, k, v), (q, k, v)), gradients(theirs(q, k, v)[0], (q, k, v)))


def test_the_fused_forward_equals_the_written_out_one():
    torch.manual_seed(0)
    ours = MultiHeadAttention(12, 3)
    x = torch.randn(2, 5, 12, requires_grad=True)
    q, k, v = ours.split(ours.query(x)), ours.split(ours.key(x)), ours.split(ours.value(x))
    heads = scaled_dot_product_attention(q, k, v, mask=causal_mask(5))
    written_out = ours.out(heads.transpose(1, 2).reshape(2, 5, 12))
    fused = ours(x, x, x, mask=causal_mask(5))
    assert_close(fused, written_out)
    parameters = [x, *ours.parameters()]
    # The key's bias shifts all scores of a query alike, so its true gradient is 0 and both ways return rounding noise.
    assert_close(gradients(fused, parameters), gradients(written_out, parameters), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mask", [None, causal_mask(64), padding_mask(torch.tensor([50, 64]), 64)])
def test_the_forward_pass_stores_no_weights(mask):
    torch.manual_seed(0)
    attention, x, stored = MultiHeadAttention(8, 2), torch.randn(2, 64, 8), []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: stored.append(t) or t, lambda t: t):
        attention(x, x, x, mask=mask)
    assert not [t.shape for t in stored if t.is_floating_point() and t.numel() >= 2 * 2 * 64 * 64]


def test_additive_scores_equal_a_two_layer_network_on_each_pair():
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 5, 4).double()
    q, k = torch.randn(2, 2, 3).double().requires_grad_(), torch.randn(2, 6, 5).double().requires_grad_()
    network = nn.Sequential(nn.Linear(8, 4, bias=False), nn.Tanh(), nn.Linear(4, 1, bias=False)).double()
    with torch.no_grad():
        network[0].weight.copy_(torch.cat([attention.query.weight, attention.key.weight], dim=1))
        network[2].weight.copy_(attention.direction[None])
    pairs = torch.cat([q[:, :, None].expand(2, 2, 6, 3), k[:, None].expand(2, 2, 6, 5)], dim=-1)
    weights = network(pairs).squeeze(-1).softmax(-1)
    output, expected = attention(q, k, k), weights @ k
    assert_close(attention.weights(q, k), weights)
    assert_close(output, expected)
    parts = [q, k, attention.query.weight, attention.key.weight, attention.direction]
    *inputs, first, last = gradients(expected, [q, k, network[0].weight, network[2].weight])
    assert_close(gradients(output, parts), (*inputs, first[:, :3], first[:, 3:], last[0]))


@pytest.mark.parametrize("masked", [False, True])
def test_additive_attention_equals_the_sums_of_the_paper_written_in_loops(masked):
    q, k, v = (x.detach() for x in qkv(0, 2, 3, 4, 5, 2))
    direction = torch.randn(5, dtype=torch.float64)
    mask = torch.rand(2, 3, 4) > 0.4 if masked else torch.ones(2, 3, 4, dtype=torch.bool)
    mask[0, 0] &= not masked  # with a mask, also a query that may attend to nothing
    expected = torch.zeros(2, 3, 2, dtype=torch.float64)
    for b, i in itertools.product(range(2), range(3)):
        powers = {
            j: math.exp(sum(direction[a] * math.tanh(q[b, i, a] + k[b, j, a]) for a in range(5)))
            for j in range(4)
            if mask[b, i, j]
        }
        for j, power in powers.items():
            expected[b, i] += power / sum(powers.values()) * v[b, j]
    assert_close(additive_attention(q, k, v, direction, mask=mask if masked else None), expected)


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_multi_head_attention_has_the_parameters_of_torch():
    for bias in (True, False):
        assert count(MultiHeadAttention(512, 8, bias=bias)) == count(nn.MultiheadAttention(512, 8, bias=bias))
    assert count(MultiHeadAttention(512, 8)) == count(MultiHeadAttention(512, 1)) == 1_050_624
    assert count(MultiHeadAttention(512, 8, bias=False)) == 4 * 512**2  # the four matrices of the paper


def test_the_counts_of_the_additive_form_are_those_of_its_three_matrices():
    assert count(AdditiveAttention(3, 5, 4)) == 4 * (3 + 5 + 1)
    gru, embedding = 6 * 64**2 + 6 * 64, 11 * 64
    assert count(AttentionDecoder(11, 64)) == embedding + gru + (2 * 64**2 + 64) + (128 * 11 + 11)


# --- laws -------------------------------------------------------------------------------------------------------------


@laws
@given(seeds, sizes, sizes, sizes, sizes)
def test_weights_sum_to_one_over_the_keys_a_query_may_attend_to(seed, batch, queries, keys, size):
    q, k, _ = qkv(seed, batch, queries, keys, size, 1)
    mask = torch.rand(batch, queries, keys) > 0.5
    weights = masked_softmax(10 * scaled_dot_product_scores(q, k), mask)
    assert_close(weights.sum(-1), mask.any(-1).double())
    assert (weights >= 0).all()
    assert (weights[~mask] == 0).all()


@laws
@given(seeds, sizes, sizes, sizes)
def test_permuting_the_pairs_of_keys_and_values_changes_nothing(seed, queries, keys, size):
    q, k, v = qkv(seed, 2, queries, keys, size, 3)
    order = torch.randperm(keys)
    direction = torch.randn(size, dtype=torch.float64)
    assert_close(scaled_dot_product_attention(q, k[:, order], v[:, order]), scaled_dot_product_attention(q, k, v))
    assert_close(additive_attention(q, k[:, order], v[:, order], direction), additive_attention(q, k, v, direction))


@laws
@given(seeds, sizes)
def test_self_attention_without_positions_follows_a_permutation_of_its_input(seed, length):
    torch.manual_seed(seed)
    attention = MultiHeadAttention(8, 2).double()
    x, order = torch.randn(2, length, 8, dtype=torch.float64), torch.randperm(length)
    shuffled = x[:, order]
    assert_close(attention(shuffled, shuffled, shuffled), attention(x, x, x)[:, order])
    mask = torch.rand(2, length, length) > 0.3
    moved = mask[:, order][:, :, order]  # a mask that moves along changes nothing about this
    assert_close(attention(shuffled, shuffled, shuffled, mask=moved), attention(x, x, x, mask=mask)[:, order])


@laws
@given(seeds, st.integers(2, 6))
def test_under_a_causal_mask_self_attention_knows_the_order(seed, length):
    torch.manual_seed(seed)
    attention, causal = MultiHeadAttention(8, 2).double(), causal_mask(length)
    x, order = torch.randn(1, length, 8, dtype=torch.float64), torch.arange(length).roll(1)
    shuffled = x[:, order]
    gap = attention(shuffled, shuffled, shuffled, mask=causal) - attention(x, x, x, mask=causal)[:, order]
    assert gap.abs().max() > 1e-6


@laws
@given(seeds, st.integers(2, 6))
def test_with_a_causal_mask_no_output_depends_on_a_later_input(seed, length):
    torch.manual_seed(seed)
    attention = MultiHeadAttention(8, 2)
    x = torch.randn(1, length, 8)
    jacobian = torch.autograd.functional.jacobian(lambda x: attention(x, x, x, mask=causal_mask(length))[0].sum(-1), x)
    reached = jacobian[:, 0].abs().sum(-1) > 0  # output position, input position
    assert torch.equal(reached, causal_mask(length))


@laws
@given(seeds, st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_padding_never_changes_a_result(seed, lengths):
    torch.manual_seed(seed)
    size = 5
    for attention in (MultiHeadAttention(8, 2).double(), AdditiveAttention(8, 8, 4).double()):
        q, memory = torch.randn(len(lengths), 3, 8).double(), torch.randn(len(lengths), size, 8).double()
        output = attention(q, memory, memory, mask=padding_mask(torch.tensor(lengths), size))
        for b, length in enumerate(lengths):
            if length:
                alone = memory[b : b + 1, :length]
                assert_close(output[b : b + 1], attention(q[b : b + 1], alone, alone))


@laws
@given(seeds, st.lists(st.integers(0, 5), min_size=1, max_size=4), st.floats(-1e6, 1e6))
def test_what_stands_in_the_padding_reaches_neither_result_nor_gradient(seed, lengths, filler):
    torch.manual_seed(seed)
    mask = padding_mask(torch.tensor(lengths), 5)
    for attention in (MultiHeadAttention(8, 2).double(), AdditiveAttention(8, 8, 4).double()):
        q, memory = torch.randn(len(lengths), 3, 8).double(), torch.randn(len(lengths), 5, 8).double()
        filled = torch.where(mask.mT, memory, filler).requires_grad_()
        output = attention(q, filled, filled, mask=mask)
        assert_close(output, attention(q, memory, memory, mask=mask))
        assert (gradients(output, [filled])[0][~mask[:, 0]] == 0).all()


@laws
@given(seeds, st.sampled_from([16, 64, 256]))
def test_the_variance_of_scaled_scores_does_not_grow_with_the_size(seed, size):
    torch.manual_seed(seed)
    q, k = torch.randn(200, size), torch.randn(200, size)
    assert 0.75 < scaled_dot_product_scores(q, k).var().item() < 1.3
    assert 0.75 * size < (q @ k.mT).var().item() < 1.3 * size


def test_additive_scores_stay_between_their_bounds():
    torch.manual_seed(0)
    direction = torch.randn(4)
    scores = additive_scores(100 * torch.randn(2, 3, 4), 100 * torch.randn(2, 5, 4), direction)
    assert scores.abs().max() <= direction.abs().sum() + 1e-5


# --- edges ------------------------------------------------------------------------------------------------------------


def test_a_query_that_may_attend_to_nothing_gets_zeros_and_finite_gradients():
    q, k, v = qkv(0, 1, 2, 3, 4, 4)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    output = scaled_dot_product_attention(q, k, v, mask=mask)
    assert (output[0, 1] == 0).all()
    assert (output[0, 0] != 0).all()
    for gradient in gradients(output, (q, k, v)):
        assert gradient.isfinite().all()


def test_modules_give_such_a_query_their_last_bias_and_every_parameter_a_finite_gradient():
    q, k, v = qkv(0, 1, 2, 3, 4, 4)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    ours, theirs = twin(4, 2)
    for attention, expected in ((ours, ours.out.bias), (AdditiveAttention(4, 4, 4).double(), torch.zeros(4).double())):
        output = attention(q, k, v, mask=mask)
        assert_close(output[0, 1], expected)
        assert_close(attention.weights(q, k, mask=mask)[..., 1, :].sum().item(), 0.0)
        for gradient in gradients(output, [q, k, v, *attention.parameters()]):
            assert gradient.isfinite().all()
    assert theirs(q, k, v, attn_mask=~mask)[0][0, 1].isnan().all()  # what such a row is in torch's own module


@laws
@given(seeds, sizes, sizes)
def test_rows_without_a_key_are_as_in_torch_and_take_no_part_in_any_gradient(seed, queries, keys):
    q, k, v = qkv(seed, 2, queries, keys, 4, 3)
    mask = torch.rand(2, queries, keys) > 0.7
    ours = scaled_dot_product_attention(q, k, v, mask=mask)
    theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    assert_close(ours, theirs)
    ours_grad, theirs_grad = gradients(ours, (q, k, v)), gradients(theirs, (q, k, v))
    assert_close(ours_grad, theirs_grad)
    assert (ours_grad[0][~mask.any(-1)] == 0).all()


def test_a_gradient_reaches_every_parameter_but_the_bias_of_the_keys():
    torch.manual_seed(0)
    attention, x = MultiHeadAttention(12, 3).double(), torch.randn(2, 5, 12).double()
    names, parameters = zip(*attention.named_parameters(), strict=True)
    for name, gradient in zip(names, gradients(attention(x, x, x), parameters), strict=True):
        # It adds the same number to all scores of a query, which changes no weight.
        assert (gradient.abs().max().item() < 1e-12) is (name == "key.bias"), name


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_such_a_query_is_as_harmless_in_half_precision(dtype):
    torch.manual_seed(0)
    attention, x = MultiHeadAttention(8, 2).to(dtype), torch.randn(1, 4, 8, dtype=dtype)
    mask = causal_mask(4).tril(-1)  # the first position may attend to nothing
    output = attention(x, x, x, mask=mask)
    assert_close(output[0, 0], attention.out.bias)
    assert all(gradient.isfinite().all() for gradient in gradients(output, attention.parameters()))


def test_no_nan_is_made_on_the_way_even_where_none_is_left_at_the_end():
    q, k, v = qkv(0, 1, 2, 3, 4, 4)
    with torch.autograd.set_detect_anomaly(True):
        scaled_dot_product_attention(q, k, v, mask=torch.zeros(2, 3, dtype=torch.bool)).sum().backward()


def test_huge_scores_stay_finite():
    scores = torch.tensor([[1e4, -1e4, 1e4]])
    assert_close(masked_softmax(scores), torch.tensor([[0.5, 0.0, 0.5]]))
    assert_close(masked_softmax(scores, torch.tensor([[False, True, True]])), torch.tensor([[0.0, 0.0, 1.0]]))
    assert_close(masked_softmax(scores, torch.tensor([[True, True, False]])), torch.tensor([[1.0, 0.0, 0.0]]))
    assert_close(masked_softmax(scores, torch.tensor([[False, True, False]])), torch.tensor([[0.0, 1.0, 0.0]]))


def test_one_query_and_one_key_return_the_value():
    q, k, v = qkv(0, 1, 1, 1, 4, 3)
    assert_close(scaled_dot_product_attention(q, k, v), v)


def test_masks_show_queries_in_rows_and_keys_in_columns():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert padding_mask(torch.tensor([2, 0, 3]), 3).tolist() == [[[True, True, False]], [[False] * 3], [[True] * 3]]
    assert (causal_mask(3) & padding_mask(torch.tensor([2]), 3))[0].sum().item() == 5


def test_a_mask_that_is_not_boolean_is_refused_even_where_types_are_not_checked():
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        x = torch.randn(1, 3, 4)
        with pytest.raises(ValueError, match=r"True where a query may attend, got torch\.float32"):
            MultiHeadAttention(4, 2)(x, x, x, mask=torch.ones(3, 3))
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiHeadAttention(10, 3), "model_size=10 and heads=3"),
        (lambda: MultiHeadAttention(10, 0), "model_size=10 and heads=0"),
        (lambda: causal_mask(0), "at least 1, got 0"),
        (lambda: padding_mask(torch.tensor([2, 5]), 4), r"size=4, got \[2, 5\]"),
        (lambda: padding_mask(torch.tensor([-1]), 4), r"size=4, got \[-1\]"),
    ],
)
def test_impossible_values_are_refused_with_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- the decoder ------------------------------------------------------------------------------------------------------


def writer(size=8):
    torch.manual_seed(0)
    return Seq2Seq(Encoder(4, size), AttentionDecoder(5, size)).double()


def copy_batch(n, length):
    source = torch.randint(0, 4, (n, length))
    return source, torch.cat([torch.full((n, 1), 4), source[:, :-1]], dim=1)


def test_the_decoder_learns_eight_sequences_by_heart_and_writes_them_alone():
    model = writer(16).float()
    source, previous = copy_batch(8, 4)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        loss = F.cross_entropy(model(source, previous).flatten(0, 1), source.flatten())
        optimiser.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
        optimiser.step()
    assert torch.equal(greedy(model, source, 4, start=4), source)


@laws
@given(seeds, st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(1, 4))
def test_writing_step_by_step_gives_the_logits_of_one_pass(seed, lengths, steps):
    model = writer()
    torch.manual_seed(seed)
    source, lengths = torch.randint(0, 4, (len(lengths), 5)), torch.tensor(lengths)
    previous = torch.randint(0, 5, (len(lengths), steps))
    state, logits = model.start(source, lengths), []
    for t in range(steps):
        row, state = model.step(previous[:, t], state)
        logits.append(row)
    assert_close(torch.stack(logits, dim=1), model(source, previous, lengths))


@laws
@given(seeds, st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_padding_of_the_source_never_changes_what_is_written(seed, lengths):
    model = writer()
    torch.manual_seed(seed)
    source, previous = torch.randint(0, 4, (len(lengths), 5)), torch.randint(0, 5, (len(lengths), 3))
    logits = model(source, previous, torch.tensor(lengths))
    for b, length in enumerate(lengths):
        assert_close(logits[b : b + 1], model(source[b : b + 1, :length], previous[b : b + 1]))


def test_each_step_looks_back_at_every_state_that_was_read():
    model = writer()
    source, previous = copy_batch(2, 5)
    last, states, lengths = model.start(source)
    states = states.detach().requires_grad_()
    for t in range(5):
        logits, _ = model.decoder(previous, (last.detach(), states, lengths))
        assert (gradients(logits[:, t], [states])[0].abs().sum(-1) > 0).all()


def test_a_beam_of_full_width_finds_the_best_of_all_sequences():
    model = writer()
    source, lengths = torch.tensor([[0, 3, 1], [2, 2, 0]]), torch.tensor([3, 2])
    beam = beam_search(model, source, 125, 3, start=4, end=3, lengths=lengths)
    every = torch.tensor(list(itertools.product(range(5), repeat=3)))
    for b in range(2):
        rows, size = source[b : b + 1].expand(125, -1), lengths[b : b + 1].expand(125)
        previous = torch.cat([torch.full((125, 1), 4), every[:, :-1]], dim=1)
        log_p = model(rows, previous, size).log_softmax(-1).gather(2, every[..., None])[..., 0]
        ended = (every == 3).cumsum(1) - (every == 3).long() > 0  # behind an end sign, nothing counts
        totals = log_p.masked_fill(ended, 0).sum(1)
        assert_close(beam.log_p[b, 0], totals.max(), check_dtype=False, rtol=1e-5, atol=1e-5)


def test_the_alignment_is_the_mixture_the_decoder_uses():
    model = writer()
    source, previous = copy_batch(2, 5)
    state = model.start(source, torch.tensor([5, 3]))
    weights = model.decoder.alignment(previous, state)
    assert_close(weights.sum(-1), torch.ones(2, 5).double())
    assert (weights[1, :, 3:] == 0).all()
    last, states, _ = state
    h = model.decoder.rnn(model.decoder.embedding(previous), last[None])[0]
    logits = model.decoder.out(torch.cat([h, weights @ states], dim=-1))
    assert_close(logits, model.decoder(previous, state)[0])


def test_weights_after_a_forward_pass_are_spread_and_not_saturated():
    torch.manual_seed(0)
    attention = AdditiveAttention(64, 64, 64)
    q, k = torch.randn(8, 10, 64), torch.randn(8, 10, 64)
    weights = attention.weights(q, k)
    entropy = -(weights * weights.log()).sum(-1).mean().item()
    assert 0.85 * math.log(10) < entropy <= math.log(10) + 1e-6


# --- the interactive figure -------------------------------------------------------------------------------------------


def test_the_figure_holds_the_sentence_and_the_vectors_it_was_given():
    figure = Look(["a", "b"], [[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [2.0, 0.0]], chosen=1, causal=True)
    assert (figure.words, figure.q[1], figure.k[1]) == (["a", "b"], [0.0, 1.0], [2.0, 0.0])
    assert (figure.chosen, figure.causal, figure.scaled, figure.real) == (1, True, True, 2)
    assert Look(["a", "b"], [[1.0], [0.0]], [[0.5], [2.0]], real=0).real == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((["a", "b"], [[1.0]], [[1.0]]), ValueError, "2 words, 1 queries, 1 keys"),
        (([], [], []), ValueError, "0 words"),
        ((["a"], [[1.0, 2.0]], [[1.0]]), ValueError, r"one size, got sizes \[1, 2\]"),
        ((["a"], [[1.0]], [[1.0]], {"chosen": 1}), traitlets.TraitError, "chosen must be at most 0, got 1"),
        ((["a"], [[1.0]], [[1.0]], {"real": 2}), traitlets.TraitError, "real must be at most 1, got 2"),
    ],
)
def test_the_figure_refuses_vectors_that_do_not_fit(arguments, error, message):
    words, q, k, *traits = arguments
    with pytest.raises(error, match=message):
        Look(words, q, k, **(traits[0] if traits else {}))
