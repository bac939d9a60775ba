"""Text as numbers, and the baselines that a model of text must beat."""

import gzip
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from dlarch.data import python_reference_text
from dlarch.sequences.text import Characters, NGram, gzip_bits, ngram_bits, ngram_bits_by_order, unigram_bits, windows

texts = st.text("abcé ", min_size=1, max_size=40)
laws = settings(max_examples=50, deadline=None)


# --- characters and windows -------------------------------------------------------------------------------------------


@laws
@given(texts)
def test_what_is_encoded_comes_back(text):
    characters = Characters(text)
    numbers = characters.encode(text)
    assert numbers.dtype == torch.int64
    assert characters.decode(numbers) == characters.decode(numbers.tolist()) == text
    assert sorted(set(numbers.tolist())) == list(range(len(characters)))


def test_the_alphabet_is_sorted():
    characters = Characters("banana")
    assert (characters.alphabet, len(characters)) == ("abn", 3)
    assert characters.encode("nab").tolist() == [2, 0, 1]
    assert characters.encode("").tolist() == []
    assert characters.decode([]) == ""


def test_strange_characters_and_numbers_are_refused():
    with pytest.raises(ValueError, match="empty"):
        Characters("")
    characters = Characters("abc")
    with pytest.raises(ValueError, match=r"alphabet of 3 characters: \['x', 'y'\]"):
        characters.encode("ayx")
    for wrong in ([3], [-1, 0]):
        with pytest.raises(ValueError, match="0 to 2"):
            characters.decode(wrong)


def test_the_target_of_each_place_is_the_next_character():
    x, y = windows(torch.arange(10), 3)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert y.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@laws
@given(st.integers(2, 40), st.integers(1, 12))
def test_windows_ask_for_each_character_once_in_order(n, length):
    if length >= n:
        with pytest.raises(ValueError, match=f"got {length}"):
            windows(torch.arange(n), length)
        return
    x, y = windows(torch.arange(n), length)
    assert y.flatten().tolist() == list(range(1, y.numel() + 1))
    assert_close(x + 1, y)
    assert n - 1 - y.numel() < length


def test_a_window_of_no_length_is_refused():
    with pytest.raises(ValueError, match="got 0"):
        windows(torch.arange(5), 0)


# --- baselines --------------------------------------------------------------------------------------------------------


@laws
@given(texts, st.text("abcé ", max_size=6), st.integers(0, 4))
def test_the_probabilities_of_an_n_gram_model_sum_to_one(text, context, order):
    model = NGram(text, order, alphabet="abcé xyz")
    p = [model.probability(character, context) for character in model.alphabet]
    assert len(p) == 8
    assert min(p) > 0
    assert math.isclose(sum(p), 1)


def test_an_n_gram_model_mixes_as_worked_out_by_hand():
    # "abab": a twice and b twice of 4; after a comes b, twice; after b comes a, once.
    model = NGram("abab", 1, alphabet="abc")
    b = (2 + 2 / 3) / (4 + 2)
    assert math.isclose(model.probability("b", ""), b)
    assert math.isclose(model.probability("b", "ca"), (2 + 1 * b) / (2 + 1))
    assert math.isclose(model.probability("c", "a"), (0 + 1 * (2 / 3) / 6) / (2 + 1))
    assert math.isclose(model.probability("b", "c"), b)  # c was never seen, so the empty context answers


def test_the_bits_of_a_test_text_are_those_of_its_probabilities_after_the_training_text():
    train, test = "abracadabra", "bar"
    model = NGram(train, 2, alphabet=train + test)
    steps = [("b", "ra"), ("a", "ab"), ("r", "ba")]
    expected = -sum(math.log2(model.probability(c, h)) for c, h in steps) / 3
    assert math.isclose(ngram_bits(train, test, 2), expected)
    assert math.isclose(unigram_bits(train, test), ngram_bits(train, test, 0))
    assert ngram_bits_by_order(train, test, 9) == [ngram_bits(train, test, order) for order in range(10)]


def test_equally_frequent_characters_need_their_logarithm():
    assert math.isclose(unigram_bits("abcd" * 10, "dcba"), 2)


def test_a_known_sequence_costs_almost_nothing_with_context_and_a_bit_without():
    train, test = "ab" * 500, "ab" * 50
    assert math.isclose(unigram_bits(train, test), 1)
    assert ngram_bits(train, test, 1) < 0.01


def test_a_longer_context_than_the_text_is_no_error():
    assert ngram_bits("ab", "ab", 9) > 0


def test_gzip_counts_the_bytes_that_a_text_adds():
    train, test = "to be or not to be, " * 20, "that is the question, é"
    added = len(gzip.compress((train + test).encode(), 9, mtime=0)) - len(gzip.compress(train.encode(), 9, mtime=0))
    assert gzip_bits(train, test) == 8 * added / len(test)


def test_no_baseline_learns_the_test_text_by_heart_beforehand():
    random = "".join(chr(97 + n) for n in torch.randint(26, (3000,), generator=torch.Generator().manual_seed(0)))
    train, test = random[:2000], random[2000:]
    for bits in (unigram_bits(train, test), ngram_bits(train, test, 3), gzip_bits(train, test)):
        assert bits > math.log2(26) - 0.01


def test_on_the_embedded_text_context_beats_frequencies_up_to_a_few_characters():
    train, test = python_reference_text("train"), python_reference_text("test")
    unigram, *ngrams = (ngram_bits(train, test, order) for order in (0, 1, 2, 4))
    assert 4 < unigram < 5.5
    assert ngrams == sorted(ngrams, reverse=True)
    assert 1.5 < ngrams[-1] < 2.5
    assert 1.5 < gzip_bits(train, test) < 2.5


@pytest.mark.parametrize("function", [unigram_bits, gzip_bits, lambda a, b: ngram_bits(a, b, 2)])
def test_empty_texts_are_refused(function):
    for pair in (("", "a"), ("a", "")):
        with pytest.raises(ValueError, match="both texts"):
            function(*pair)


def test_what_the_n_gram_model_cannot_count_is_refused():
    with pytest.raises(ValueError, match="order must be at least 0, got -1"):
        NGram("ab", -1, alphabet="ab")
    with pytest.raises(ValueError, match="not in it: \\['b'\\]"):
        NGram("ab", 1, alphabet="a")
    with pytest.raises(ValueError, match="must have characters"):
        NGram("", 1, alphabet="a")
