"""BERT against Hugging Face, the published counts, and its laws."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from coursekit.bench import weights
from coursekit.bench.peers import huggingface_bert_config
from dlarch.measure import count_parameters
from dlarch.sequences.bert import (
    BERT_BASE_CASED,
    BERT_BASE_UNCASED,
    BERT_LARGE_UNCASED,
    IGNORED,
    Bert,
    BertConfig,
    BertForClassification,
    BertForPreTraining,
    initialize,
    mask_tokens,
    next_sentence_pairs,
    pack,
)

SMALL = BertConfig(vocabulary=30, model_size=16, layers=2, heads=4, hidden_size=24, positions=12)
PAD, CLS, SEP, MASK = range(4)
laws = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**31)


def batch(seed, config=SMALL, size=9, count=3):
    """Tokens, segments and lengths; the first sequence fills the size."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(config.vocabulary, (count, size), generator=generator)
    lengths = torch.randint(1, size + 1, (count,), generator=generator)
    lengths[0] = size
    segments = (torch.arange(size) >= lengths[:, None] // 2).long()
    return tokens, segments, lengths


# --- parity -----------------------------------------------------------------------------------------------------------


def same_weights(ours, theirs, prefix=""):
    """Random weights, the same in both; returns our parameters beside the library's."""
    torch.manual_seed(1)
    named = dict(ours.named_parameters())
    pairs = {}
    for name, parameter in theirs.named_parameters():
        other = named[weights.bert_name(prefix + name).removeprefix(prefix)]
        with torch.no_grad():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
            other.copy_(parameter)
        pairs[name] = other, parameter
    assert len(pairs) == len(named)
    return pairs


def assert_same_gradients(ours, theirs, pairs):
    weights = torch.linspace(-1, 2, ours.numel(), dtype=ours.dtype).reshape(ours.shape)
    (ours * weights).sum().backward()
    (theirs * weights).sum().backward()
    for name, (mine, other) in pairs.items():
        assert_close(mine.grad, other.grad, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("config", [SMALL, replace(SMALL, layers=3, heads=2, positions=9, model_size=8)])
def test_the_encoder_equals_hugging_face_in_output_and_gradients_with_padding_and_segments(config):
    tokens, segments, lengths = batch(0, config)
    ours = Bert(config).double().eval()
    theirs = transformers.BertModel(huggingface_bert_config(config)).double().eval()
    pairs = same_weights(ours, theirs, "bert.")
    real = torch.arange(tokens.shape[1]) < lengths[:, None]
    h = ours(tokens, segments, lengths)
    expected = theirs(tokens, attention_mask=real.long(), token_type_ids=segments)
    assert_close(h[real], expected.last_hidden_state[real])
    assert_close(ours.pool(h), expected.pooler_output)
    both = [
        torch.cat([x[real].flatten(), y.flatten()])
        for x, y in ((h, ours.pool(h)), (expected.last_hidden_state, expected.pooler_output))
    ]
    assert_same_gradients(*both, pairs)


def test_the_heads_of_pre_training_equal_hugging_face_in_output_and_gradients():
    tokens, segments, lengths = batch(1)
    ours = BertForPreTraining(SMALL).double().eval()
    theirs = transformers.BertForPreTraining(huggingface_bert_config(SMALL)).double().eval()
    pairs = same_weights(ours, theirs)
    real = torch.arange(tokens.shape[1]) < lengths[:, None]
    words, follows = ours(tokens, segments, lengths)
    expected = theirs(tokens, attention_mask=real.long(), token_type_ids=segments)
    assert_close(words[real], expected.prediction_logits[real])
    assert_close(follows, expected.seq_relationship_logits)
    assert_same_gradients(
        torch.cat([words[real].flatten(), follows.flatten()]),
        torch.cat([expected.prediction_logits[real].flatten(), expected.seq_relationship_logits.flatten()]),
        pairs,
    )


def test_the_loss_of_pre_training_equals_that_of_hugging_face():
    tokens, segments, lengths = batch(2)
    ours = BertForPreTraining(SMALL).double().eval()
    theirs = transformers.BertForPreTraining(huggingface_bert_config(SMALL)).double().eval()
    same_weights(ours, theirs)
    targets = mask_tokens(tokens, vocabulary=30, mask=MASK, special=range(4), share=0.5)[1]
    real = torch.arange(tokens.shape[1]) < lengths[:, None]
    targets = targets.masked_fill(~real, IGNORED)
    label = torch.tensor([0, 1, 0])
    words, follows = ours(tokens, segments, lengths)
    loss = F.cross_entropy(words.mT, targets) + F.cross_entropy(follows, label)
    expected = theirs(
        tokens, attention_mask=real.long(), token_type_ids=segments, labels=targets, next_sentence_label=label
    )
    assert_close(loss, expected.loss)


def test_classification_equals_hugging_face_in_output_and_gradients():
    tokens, segments, lengths = batch(3)
    ours = BertForClassification(Bert(SMALL), 5).double().eval()
    config = huggingface_bert_config(SMALL)
    config.num_labels = 5
    theirs = transformers.BertForSequenceClassification(config).double().eval()
    pairs = same_weights(ours, theirs)
    real = (torch.arange(tokens.shape[1]) < lengths[:, None]).long()
    logits, expected = ours(tokens, segments, lengths), theirs(tokens, real, segments).logits
    assert_close(logits, expected)
    assert_same_gradients(logits, expected, pairs)


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "encoder", "with_heads"),
    [
        (BERT_BASE_UNCASED, 109_482_240, 110_106_428),
        (BERT_BASE_CASED, 108_310_272, 108_932_934),
        (BERT_LARGE_UNCASED, 335_141_888, 336_226_108),
    ],
)
def test_the_published_sizes_have_the_parameters_of_the_released_models(config, encoder, with_heads):
    with torch.device("meta"):
        model = BertForPreTraining(config)
    assert count_parameters(model.bert) == encoder
    assert count_parameters(model) == with_heads


# --- laws of the model ------------------------------------------------------------------------------------------------


@laws
@given(seeds, st.integers(0, 3), st.integers(1, 8))
def test_padding_of_any_length_and_content_never_changes_a_result(seed, more, length):
    torch.manual_seed(seed)
    model = BertForPreTraining(SMALL).double().eval()
    tokens, segments, _ = batch(seed)
    lengths = torch.full((3,), length)
    alone = model(tokens[:, :length], segments[:, :length])
    padding = torch.randint(30, (3, 9 + more - length))
    padded = model(
        torch.cat([tokens[:, :length], padding], 1), torch.cat([segments[:, :length], padding % 2], 1), lengths
    )
    assert_close(padded[0][:, :length], alone[0])
    assert_close(padded[1], alone[1])


@laws
@given(seeds, st.integers(0, 8), st.integers(0, 8))
def test_every_position_depends_on_every_other_before_it_and_after_it(seed, reads, changed):
    torch.manual_seed(seed)
    model = Bert(SMALL).double().eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    tokens, segments, _ = batch(seed)
    other = tokens.clone()
    other[:, changed] = (other[:, changed] + 1) % 30
    difference = (model(tokens, segments) - model(other, segments))[:, reads].abs().amax(dim=-1)
    assert (difference > 1e-9).all()


@laws
@given(seeds)
def test_a_sequence_does_not_depend_on_the_others_in_its_batch(seed):
    torch.manual_seed(seed)
    model = Bert(SMALL).double().eval()
    inputs = batch(seed)
    assert_close(model(*inputs)[1:2], model(*(part[1:2] for part in inputs)))


def test_segments_of_zero_and_full_lengths_are_what_is_taken_if_none_are_given():
    tokens = batch(0)[0]
    model = Bert(SMALL).eval()
    assert_close(model(tokens), model(tokens, torch.zeros_like(tokens), torch.full((3,), 9)))


def test_order_matters_through_the_positions_alone():
    model = Bert(SMALL).double().eval()
    tokens = batch(0)[0]
    turned = tokens.flip(1)
    assert (model(turned).flip(1) - model(tokens)).abs().max() > 1e-3
    torch.nn.init.zeros_(model.embedding.position.weight)
    assert_close(model(turned).flip(1), model(tokens))


def test_a_gradient_reaches_every_parameter():
    model = BertForPreTraining(SMALL)
    tokens, segments, lengths = batch(0, size=12)
    words, follows = model(tokens, segments, lengths)
    (words.logsumexp(-1).sum() + follows.logsumexp(-1).sum()).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []
    classifier = BertForClassification(Bert(SMALL), 3)
    classifier(tokens, segments, lengths).logsumexp(-1).sum().backward()
    assert [name for name, p in classifier.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_reading_and_writing_a_token_share_one_vector():
    model = BertForPreTraining(SMALL)
    shapes = [tuple(p.shape) for p in model.parameters()]
    assert shapes.count((30, 16)) == 1


def test_initial_vectors_keep_their_spread_through_all_layers():
    torch.manual_seed(0)
    model = Bert(replace(SMALL, model_size=64, heads=4, hidden_size=256, layers=8)).eval()
    h = model(batch(0)[0])
    assert 0.95 < h.std() < 1.05  # the last norm's doing
    assert 0.018 < model.layers[0].up.weight.std() < 0.022
    assert 0.018 < model.embedding.token.weight.std() < 0.022
    initialize(model, std=0.1)
    assert 0.09 < model.layers[0].up.weight.std() < 0.11
    assert not model.pooler.bias.any()
    assert (model.layers[3].norm2.weight == 1).all()


def test_it_learns_eight_samples_by_heart():
    torch.manual_seed(0)
    config = replace(SMALL, dropout=0.0)
    model = BertForPreTraining(config)
    initialize(model, std=0.1)
    tokens = torch.randint(4, 30, (8, 9))
    inputs, targets = mask_tokens(
        tokens, vocabulary=30, mask=MASK, special=range(4), share=0.4, generator=torch.Generator().manual_seed(0)
    )
    label = torch.arange(8) % 2
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(80):
        words, follows = model(inputs)
        loss = F.cross_entropy(words.mT, targets) + F.cross_entropy(follows, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    chosen = targets != IGNORED
    assert (model(inputs)[0].argmax(-1)[chosen] == targets[chosen]).all()
    assert (model(inputs)[1].argmax(-1) == label).all()


def test_a_classifier_learns_eight_samples_by_heart():
    torch.manual_seed(0)
    model = BertForClassification(Bert(replace(SMALL, dropout=0.0)), 4)
    initialize(model, std=0.1)
    tokens, label = torch.randint(4, 30, (8, 9)), torch.arange(8) % 4
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = F.cross_entropy(model(tokens), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (model(tokens).argmax(-1) == label).all()


def test_a_sequence_longer_than_the_positions_is_refused():
    with pytest.raises(ValueError, match="the model has 12 positions, got a sequence of 13"):
        Bert(SMALL)(torch.zeros(1, 13, dtype=torch.long))


# --- masks ------------------------------------------------------------------------------------------------------------


def test_the_masks_have_the_shares_that_the_paper_gives():
    tokens = torch.randint(4, 1000, (400, 500), generator=torch.Generator().manual_seed(0))
    inputs, targets = mask_tokens(
        tokens, vocabulary=1000, mask=MASK, special=range(4), generator=torch.Generator().manual_seed(1)
    )
    chosen = targets != IGNORED
    # 200,000 draws: five standard errors are 0.004 of all, and 0.012 of the 30,000 chosen.
    assert abs(chosen.float().mean() - 0.15) < 0.004
    fates = inputs[chosen]
    assert abs((fates == MASK).float().mean() - 0.8) < 0.012
    # One random token in 996 is the old one.
    assert abs((fates == tokens[chosen]).float().mean() - 0.1 - 0.1 / 996) < 0.009
    other = fates[(fates != MASK) & (fates != tokens[chosen])]
    assert other.min() >= 4
    assert abs(other.float().mean() - 501.5) < 5 * 287.5 / len(other) ** 0.5  # even over the ordinary tokens


@laws
@given(seeds, st.floats(0, 1), st.sets(st.integers(0, 19), max_size=19))
def test_special_tokens_are_never_chosen_changed_or_put_in(seed, share, special):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(20, (4, 30), generator=generator)
    before = tokens.clone()
    inputs, targets = mask_tokens(
        tokens, vocabulary=20, mask=20, special=sorted(special), share=share, generator=generator
    )
    fixed = torch.isin(tokens, torch.tensor(sorted(special), dtype=torch.long))
    assert (targets[fixed] == IGNORED).all()
    chosen = targets != IGNORED
    assert (inputs[~chosen] == tokens[~chosen]).all()
    assert (targets[chosen] == tokens[chosen]).all()
    assert set(inputs[chosen].tolist()).isdisjoint(special)
    assert (tokens == before).all()


def test_none_or_all_are_chosen_at_the_ends():
    tokens = torch.randint(4, 30, (3, 5))
    assert (mask_tokens(tokens, vocabulary=30, mask=MASK, special=range(4), share=0.0)[1] == IGNORED).all()
    assert (mask_tokens(tokens, vocabulary=30, mask=MASK, special=range(4), share=1.0)[1] == tokens).all()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="share must be between 0 and 1"):
        mask_tokens(torch.zeros(3, dtype=torch.long), vocabulary=9, mask=MASK, special=[], share=share)


def test_a_vocabulary_of_special_tokens_is_refused():
    with pytest.raises(ValueError, match="all of 4 tokens are special, none is left"):
        mask_tokens(torch.zeros(3, dtype=torch.long), vocabulary=4, mask=MASK, special=range(4))


# --- pairs ------------------------------------------------------------------------------------------------------------

documents = st.lists(st.lists(st.lists(st.integers(4, 9), min_size=1, max_size=3), min_size=1, max_size=4), min_size=2)


@laws
@given(documents, seeds)
def test_a_pair_is_two_neighbours_or_reaches_into_another_document(texts, seed):
    marked = [[[1000 * i + j, *s] for j, s in enumerate(text)] for i, text in enumerate(texts)]
    pairs = next_sentence_pairs(marked, generator=torch.Generator().manual_seed(seed))
    assert [a[0] for a, _, _ in pairs] == [s[0] for text in marked for s in text[:-1]]
    for a, b, label in pairs:
        if label == 0:
            assert b[0] == a[0] + 1
        else:
            assert b[0] // 1000 != a[0] // 1000
            assert b in marked[b[0] // 1000]


def test_half_of_the_pairs_are_neighbours_and_the_others_come_from_all_other_documents():
    marked = [[[i]] * 2001 for i in range(3)]
    pairs = next_sentence_pairs(marked, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([label for _, _, label in pairs]).float()
    assert abs(labels.mean() - 0.5) < 5 * 0.5 / 6000**0.5
    counts = torch.bincount(torch.tensor([b[0] for a, b, label in pairs if label and a == [0]]), minlength=3)
    assert counts[0] == 0
    assert abs(counts[1] / counts.sum() - 0.5) < 5 * 0.5 / 1000**0.5


@pytest.mark.parametrize("texts", [[], [[[1], [2]]], [[[1]], []]])
def test_pairs_need_two_documents_with_sentences(texts):
    with pytest.raises(ValueError, match="pairs need two documents or more, none empty"):
        next_sentence_pairs(texts)


def test_a_packed_pair_looks_like_that_of_the_paper():
    tokens, segments, lengths = pack([([7, 8], [9]), ([5],)], 8, cls=CLS, sep=SEP, pad=PAD)
    assert tokens.tolist() == [[CLS, 7, 8, SEP, 9, SEP, PAD, PAD], [CLS, 5, SEP, PAD, PAD, PAD, PAD, PAD]]
    assert segments.tolist() == [[0, 0, 0, 0, 1, 1, 0, 0], [0] * 8]
    assert lengths.tolist() == [6, 3]


@laws
@given(st.lists(st.integers(4, 9), max_size=9), st.lists(st.integers(4, 9), max_size=9), st.integers(3, 20))
def test_what_does_not_fit_is_cut_from_the_end_of_the_longer_sentence(a, b, size):
    tokens, segments, lengths = pack([(a, b)], size, cls=CLS, sep=SEP, pad=PAD)
    first, second = list(a), list(b)
    while len(first) + len(second) > size - 3:  # one token at a time
        (first if len(first) > len(second) else second).pop()
    line = [CLS, *first, SEP, *second, SEP]
    assert tokens[0].tolist() == line + [PAD] * (size - len(line))
    assert lengths[0] == len(line)
    assert segments[0].sum() == len(second) + 1


@laws
@given(st.lists(st.integers(4, 9), max_size=9), st.integers(2, 12))
def test_a_single_sentence_is_cut_to_its_room_and_has_one_segment(a, size):
    tokens, segments, lengths = pack([(a,)], size, cls=CLS, sep=SEP, pad=PAD)
    assert tokens[0, : lengths[0]].tolist() == [CLS, *a[: size - 2], SEP]
    assert not segments.any()


@pytest.mark.parametrize(("sentences", "size"), [(([1], [2], [3]), 9), ((), 9), (([1],), 1), (([1], [2]), 2)])
def test_other_numbers_of_sentences_and_too_little_room_are_refused(sentences, size):
    with pytest.raises(ValueError, match="positions takes one or two sentences, got"):
        pack([sentences], size, cls=CLS, sep=SEP, pad=PAD)
