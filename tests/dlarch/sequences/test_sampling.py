"""From logits to probabilities: what the filters keep, and what they may never do."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from dlarch.sequences.sampling import keep_top_k, keep_top_p, next_token_probabilities

seeds = st.integers(0, 2**31)
temperatures = st.floats(0.05, 20)
shares = st.floats(0.01, 1)
laws = settings(max_examples=30, deadline=None)


def logits(seed: int, vocabulary: int) -> torch.Tensor:
    """Logits of three rows in double precision, no two of a row alike."""
    torch.manual_seed(seed)
    return 3 * torch.randn(3, vocabulary, dtype=torch.float64)


@laws
@given(seeds, st.integers(1, 9), st.integers(1, 12), shares, temperatures)
def test_whatever_is_asked_for_at_least_one_token_stays_and_the_probabilities_sum_to_one(seed, size, k, p, temperature):
    kept = next_token_probabilities(logits(seed, size), temperature=temperature, top_k=k, top_p=p)
    assert_close(kept.sum(-1), torch.ones(3, dtype=torch.float64))
    assert ((kept > 0).sum(-1) >= 1).all()
    assert ((kept > 0).sum(-1) <= k).all()


@laws
@given(seeds, st.integers(1, 9), st.integers(1, 12), shares)
def test_what_is_kept_keeps_its_ratios_and_its_most_probable_token(seed, size, k, p):
    x = logits(seed, size)
    whole, kept = x.softmax(-1), next_token_probabilities(x, top_k=k, top_p=p)
    stays = kept > 0
    assert_close(kept, whole * stays / (whole * stays).sum(-1, keepdim=True))
    assert torch.equal(kept.argmax(-1), whole.argmax(-1))
    # No token that was dropped is more probable than one that stays.
    assert (torch.where(stays, whole, 2.0).amin(-1) >= torch.where(stays, -1.0, whole).amax(-1)).all()


@laws
@given(seeds, st.integers(2, 9), st.integers(1, 9))
def test_top_k_keeps_k_tokens_or_all_there_are(seed, size, k):
    assert (keep_top_k(logits(seed, size), k).isfinite().sum(-1) == min(k, size)).all()


@laws
@given(seeds, st.integers(1, 9), shares)
def test_top_p_keeps_enough_to_reach_p_and_not_one_token_more(seed, size, p):
    x = logits(seed, size)
    whole = x.softmax(-1)
    stays = keep_top_p(x, p).isfinite()
    assert ((whole * stays).sum(-1) >= p - 1e-12).all()
    least = torch.where(stays, whole, 2.0).amin(-1)
    assert ((whole * stays).sum(-1) - least < p).all()


@laws
@given(seeds, st.integers(1, 9), temperatures)
def test_the_temperature_raises_probabilities_to_a_power(seed, size, temperature):
    x = logits(seed, size)
    powers = (x.log_softmax(-1) / temperature).exp()
    assert_close(next_token_probabilities(x, temperature=temperature), powers / powers.sum(-1, keepdim=True))


@laws
@given(seeds, st.integers(1, 9))
def test_filters_that_keep_everything_change_nothing(seed, size):
    x = logits(seed, size)
    assert_close(next_token_probabilities(x, top_k=size, top_p=1.0), x.softmax(-1))


def test_the_filters_see_what_the_temperature_made():
    x = torch.tensor([0.6, 0.3, 0.1]).log()
    assert_close(next_token_probabilities(x, top_p=0.7), torch.tensor([2 / 3, 1 / 3, 0.0]))
    assert_close(next_token_probabilities(x, temperature=0.5, top_p=0.7), torch.tensor([1.0, 0.0, 0.0]))
    assert_close(next_token_probabilities(x, top_k=2, top_p=0.6), torch.tensor([1.0, 0.0, 0.0]))


def test_temperature_zero_takes_the_largest_and_is_the_limit_of_small_ones():
    x = torch.tensor([[1.0, 3.0, 2.0], [0.0, -1.0, -2.0]])
    coldest = next_token_probabilities(x, temperature=0.0)
    assert coldest.tolist() == [[0, 1, 0], [1, 0, 0]]
    assert_close(next_token_probabilities(x, temperature=1e-3), coldest)


def test_equal_logits_at_the_border_of_top_k_all_stay():
    assert keep_top_k(torch.tensor([1.0, 2.0, 1.0, 0.0]), 2).tolist() == [1, 2, 1, -math.inf]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"temperature": -0.1}, "temperature must be at least 0, got -0.1"),
        ({"top_k": 0}, "k must be at least 1, got 0"),
        ({"top_p": 0.0}, "at most 1, got 0.0"),
        ({"top_p": 1.1}, "at most 1, got 1.1"),
    ],
)
def test_impossible_values_are_refused_with_what_came(how, message):
    with pytest.raises(ValueError, match=message):
        next_token_probabilities(torch.zeros(2), **how)
