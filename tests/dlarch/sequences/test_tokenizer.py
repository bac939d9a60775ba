"""Byte-pair encoding against the ``tokenizers`` library, and its laws."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from dlarch.data import python_reference_text
from dlarch.sequences.tokenizer import BytePairEncoding, learn_merges, replace

SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
laws = settings(max_examples=40, deadline=None)


def peer(text, vocabulary, special=()):
    """The same training by the library: bytes as characters, GPT-2's pieces."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def merges_of(tokenizer):
    """The library's merges, its printable stand-ins turned back into bytes."""
    stand_in = {character: byte for byte, character in enumerate(byte_names())}
    return [
        tuple(bytes(stand_in[character] for character in part) for part in pair)
        for pair in json.loads(tokenizer.to_str())["model"]["merges"]
    ]


def byte_names():
    """How the library writes each byte: itself if it prints, else one of the characters from number 256 on."""
    printed = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printed else chr(next(others)) for byte in range(256)]


@pytest.fixture(scope="module")
def corpus():
    return python_reference_text()[:60_000]


@pytest.fixture(scope="module")
def trained(corpus):
    return BytePairEncoding.train(corpus, 900, special=SPECIAL)


# --- parity -----------------------------------------------------------------------------------------------------------


def test_the_merges_on_the_embedded_corpus_equal_those_of_the_tokenizers_library(trained, corpus):
    theirs = merges_of(peer(corpus, 900, SPECIAL))
    assert len(theirs) == 900 - 256 - 4
    assert trained.merges == theirs


def test_the_token_numbers_equal_those_of_the_tokenizers_library_on_text_not_trained_on(trained, corpus):
    theirs = peer(corpus, 900, SPECIAL)
    text = python_reference_text()[200_000:230_000] + "[CLS]a[MASK] b's ünïcødé 雪 \n\n\t x_1 [SEP]"
    ours = trained.encode(text)
    assert ours.tolist() == theirs.encode(text).ids
    assert len(ours) < len(text) / 2
    assert [theirs.token_to_id(name) for name in SPECIAL] == [trained.special[name] for name in SPECIAL] == [0, 1, 2, 3]


@laws
@given(st.text("ab c'_1.\n", max_size=60), st.integers(0, 20))
def test_merges_and_encodings_of_small_texts_equal_those_of_the_library(text, count):
    ours, theirs = BytePairEncoding.train(text, 256 + count), peer(text, 256 + count)
    assert ours.merges == merges_of(theirs)
    assert ours.encode(text).tolist() == theirs.encode(text).ids


# --- laws -------------------------------------------------------------------------------------------------------------


@laws
@given(st.text(max_size=80))
def test_decoding_an_encoding_gives_the_text_back(trained, text):
    assert trained.decode(trained.encode(text)) == text


@laws
@given(st.lists(st.sampled_from([*SPECIAL, "[MA", "SK]", "the", " expression", "\n", "é"])))
def test_special_tokens_come_back_too(trained, parts):
    text = "".join(parts)
    ids = trained.encode(text)
    assert trained.decode(ids) == text
    assert (ids == trained.special["[MASK]"]).sum() == text.count("[MASK]")


@laws
@given(st.text(max_size=60), st.integers(0, 30))
def test_more_merges_begin_with_the_fewer_and_never_lengthen_the_text(text, count):
    few, many = learn_merges(text, count), learn_merges(text, count + 5)
    assert many[: len(few)] == few
    assert len(BytePairEncoding(many).encode(text)) <= len(BytePairEncoding(few).encode(text))


def test_the_first_merge_is_the_most_frequent_pair():
    assert learn_merges("low low low newest", 2) == [(b"l", b"o"), (b"lo", b"w")]


def test_no_token_reaches_from_one_word_into_the_next():
    assert all(b" " not in token[1:] for token in BytePairEncoding.train("of the of the of the", 300).tokens)


def test_a_text_without_pairs_ends_the_training_early():
    assert len(BytePairEncoding.train("a b a b", 400)) == 256 + 2  # " b" and " a"
    assert len(BytePairEncoding.train("", 400)) == 256


def test_without_merges_every_byte_is_a_token():
    plain = BytePairEncoding([])
    ids = plain.encode("né")
    assert ids.dtype == torch.int64
    assert [plain.tokens[i] for i in ids] == [b"n", b"\xc3", b"\xa9"]
    assert plain.decode(ids[:2]) == "n�"
    assert plain.encode("").shape == (0,)


def test_replacing_goes_from_left_to_right():
    assert replace([1, 1, 1, 2, 1, 1], (1, 1), 9) == [9, 1, 2, 9]


# --- errors -----------------------------------------------------------------------------------------------------------


def test_a_vocabulary_without_room_for_bytes_and_special_tokens_is_refused():
    with pytest.raises(ValueError, match="vocabulary must be at least 258, 256 bytes and 2 special tokens, got 257"):
        BytePairEncoding.train("text", 257, special=("[PAD]", "[CLS]"))


def test_a_merge_of_tokens_that_do_not_exist_yet_is_refused():
    with pytest.raises(ValueError, match="joins two tokens made before it, got b'ab' and b'c' as number 1"):
        BytePairEncoding([(b"ab", b"c"), (b"a", b"b")])


@pytest.mark.parametrize("special", [("[PAD]", "[PAD]"), ("",)])
def test_special_tokens_need_different_names(special):
    with pytest.raises(ValueError, match="special tokens must have different names"):
        BytePairEncoding([], special=special)
