"""BERT: a transformer encoder that learns to fill blanks, then serves any task (Devlin et al. 2019,
https://arxiv.org/abs/1810.04805, sec. 3 and appendix A).

B batch, T positions, M model size, H heads, F size of the hidden feed-forward layer, V vocabulary, C classes.

A sequence is ``[CLS] a [SEP] b [SEP]`` or ``[CLS] a [SEP]``, then padding; its segments say 0 up to the first [SEP] and
1 after it. ``lengths`` counts the positions before the padding, which no position attends to.

Differs from the paper:
- each position is chosen for prediction on its own with the given chance; the paper chooses a fixed number of them;
- a random token in place of a chosen one is never a special token;
- dropout acts on the outputs of the sublayers and of the embedding, not on the attention weights;
- a pair that does not fit is cut at the end only; the released code cuts at either end, by chance;
- initial weights are normal without cut-off, as in later implementations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from dlarch.sequences.attention import MultiHeadAttention, padding_mask

IGNORED = -100  # target of a position that is not to be predicted; the default of F.cross_entropy


@dataclass(frozen=True, kw_only=True)
class BertConfig:
    """The sizes of a model.

    Args:
        vocabulary: V, number of tokens.
        model_size: M, numbers a position.
        layers: number of encoder layers.
        heads: H, divides model_size.
        hidden_size: F, between the two linear maps of a feed-forward part.
        positions: largest T.
        segments: kinds of segment.
        dropout: chance that a number is dropped in training, 0 to 1.
    """

    vocabulary: int
    model_size: int
    layers: int
    heads: int
    hidden_size: int
    positions: int = 512
    segments: int = 2
    dropout: float = 0.1


BERT_BASE_UNCASED = BertConfig(vocabulary=30522, model_size=768, layers=12, heads=12, hidden_size=3072)
BERT_BASE_CASED = replace(BERT_BASE_UNCASED, vocabulary=28996)
BERT_LARGE_UNCASED = BertConfig(vocabulary=30522, model_size=1024, layers=24, heads=16, hidden_size=4096)


def initialize(model: nn.Module, *, std: float = 0.02) -> None:
    """Draws all matrices from a normal distribution of mean 0, and sets biases to 0 and norms to the identity.

    Args:
        model: changed in place.
        std: standard deviation of the weights, also of the embeddings.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=std)
        if isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
        if isinstance(module, nn.Linear | nn.LayerNorm):
            nn.init.zeros_(module.bias)


class BertEmbedding(nn.Module):
    """The sum of three vectors, for the token, its position and its segment, normalised."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.token = nn.Embedding(config.vocabulary, config.model_size)
        self.position = nn.Embedding(config.positions, config.model_size)
        self.segment = nn.Embedding(config.segments, config.model_size)
        self.norm = nn.LayerNorm(config.model_size, eps=1e-12)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: Int[Tensor, "B T"], segments: Int[Tensor, "B T"]) -> Float[Tensor, "B T M"]:
        place = torch.arange(tokens.shape[1], device=tokens.device)
        h = self.token(tokens) + self.position(place) + self.segment(segments)
        return self.dropout(self.norm(h))


class BertLayer(nn.Module):
    """Self-attention, then a feed-forward part; each is added to its input and the sum normalised."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(config.model_size, config.heads)
        self.norm1 = nn.LayerNorm(config.model_size, eps=1e-12)
        self.up = nn.Linear(config.model_size, config.hidden_size)
        self.down = nn.Linear(config.hidden_size, config.model_size)
        self.norm2 = nn.LayerNorm(config.model_size, eps=1e-12)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        h: Float[Tensor, "B T M"],
        mask: Bool[Tensor, "B 1 T"] | None,
    ) -> Float[Tensor, "B T M"]:
        # The mask hides padding only: each position sees both sides.
        found = self.attention(h, h, h, mask=mask)
        h = self.norm1(h + self.dropout(found))
        found = self.down(F.gelu(self.up(h)))
        return self.norm2(h + self.dropout(found))


class Bert(nn.Module):
    """The encoder: one vector for each position, made from both sides.

    Args:
        config: the sizes.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = BertEmbedding(config)
        self.layers = nn.ModuleList(BertLayer(config) for _ in range(config.layers))
        self.pooler = nn.Linear(config.model_size, config.model_size)
        initialize(self)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
        lengths: Int[Tensor, " B"] | None = None,
    ) -> Float[Tensor, "B T M"]:
        """The vectors of the last layer.

        Args:
            tokens: token numbers, [CLS] first.
            segments: the segment of each position; 0 everywhere if not given.
            lengths: positions that are no padding, in each sequence; all of them if not given.

        Raises:
            ValueError: if there are more positions than the model has vectors for.
        """
        size = tokens.shape[1]
        if size > self.config.positions:
            raise ValueError(f"the model has {self.config.positions} positions, got a sequence of {size}")
        mask = None if lengths is None else padding_mask(lengths, size)
        h = self.embedding(tokens, torch.zeros_like(tokens) if segments is None else segments)
        for layer in self.layers:
            h = layer(h, mask)
        return h

    def pool(self, h: Float[Tensor, "B T M"]) -> Float[Tensor, "B M"]:
        """One vector for the whole sequence, from the last vector of [CLS]."""
        return torch.tanh(self.pooler(h[:, 0]))


class BertForPreTraining(nn.Module):
    """The encoder with its two heads for pre-training: fill blanks, and say whether b follows a.

    The last matrix of the first head is the token embedding itself, so a token is read and written by one vector.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = Bert(config)
        self.transform = nn.Linear(config.model_size, config.model_size)
        self.norm = nn.LayerNorm(config.model_size, eps=1e-12)
        self.follows = nn.Linear(config.model_size, 2)
        for part in (self.transform, self.follows):
            initialize(part)
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))

    def fill(self, h: Float[Tensor, "*N M"]) -> Float[Tensor, "*N V"]:
        """Logits of the token at each position, from the encoder's vectors there."""
        h = self.norm(F.gelu(self.transform(h)))
        return F.linear(h, self.bert.embedding.token.weight, self.bias)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
        lengths: Int[Tensor, " B"] | None = None,
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B 2"]]:
        """Logits of each token, and of "b follows a" (class 0) against "b is from elsewhere" (class 1)."""
        h = self.bert(tokens, segments, lengths)
        return self.fill(h), self.follows(self.bert.pool(h))


class BertForClassification(nn.Module):
    """An encoder with a linear classifier on the vector of the whole sequence; all of it is trained.

    Args:
        bert: the encoder, pre-trained or not. It is shared, not copied.
        classes: C.
    """

    def __init__(self, bert: Bert, classes: int) -> None:
        super().__init__()
        self.bert = bert
        self.dropout = nn.Dropout(bert.config.dropout)
        self.out = nn.Linear(bert.config.model_size, classes)
        initialize(self.out)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
        lengths: Int[Tensor, " B"] | None = None,
    ) -> Float[Tensor, "B C"]:
        h = self.bert(tokens, segments, lengths)
        return self.out(self.dropout(self.bert.pool(h)))


def mask_tokens(
    tokens: Int[Tensor, "*N"],
    *,
    vocabulary: int,
    mask: int,
    special: Sequence[int],
    share: float = 0.15,
    generator: torch.Generator | None = None,
) -> tuple[Int[Tensor, "*N"], Int[Tensor, "*N"]]:
    """Chooses positions to predict and hides most of them.

    Of the chosen positions 8 in 10 become [MASK], 1 in 10 a random token and 1 in 10 stay. After pre-training there is
    no [MASK] in any text, so the model must not come to believe that a token which is not [MASK] is the right one.

    Args:
        tokens: any shape; not changed.
        vocabulary: V, number of tokens.
        mask: number of [MASK].
        special: numbers of the special tokens, padding included; they are never chosen.
        share: chance that a position is chosen, 0 to 1.
        generator: source of the draws.

    Returns:
        The inputs, and the targets: the old token where a position was chosen, ``IGNORED`` elsewhere.

    Raises:
        ValueError: if share is not between 0 and 1, or every token is special.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    allowed = sorted(set(range(vocabulary)) - set(special))
    if not allowed:
        raise ValueError(f"all of {vocabulary} tokens are special, none is left")
    ordinary = torch.tensor(allowed, device=tokens.device)
    source = {"generator": generator, "device": tokens.device}
    draw, fate = torch.rand(2, *tokens.shape, **source)
    chosen = (draw < share) & torch.isin(tokens, ordinary)
    other = ordinary[torch.randint(len(ordinary), tokens.shape, **source)]
    hidden = chosen & (fate < 0.8)
    replaced = chosen & (fate >= 0.8) & (fate < 0.9)
    inputs = torch.where(hidden, mask, tokens)
    inputs = torch.where(replaced, other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


Sentence = Sequence[int]


def next_sentence_pairs(
    documents: Sequence[Sequence[Sentence]], *, generator: torch.Generator | None = None
) -> list[tuple[Sentence, Sentence, int]]:
    """Pairs each sentence with the one after it, or with one from another document.

    Args:
        documents: each a list of sentences, each a list of tokens. Documents of one sentence give no first half.
        generator: source of the draws.

    Returns:
        Triples (a, b, label): label 0 if b follows a, and 1 with a chance of a half, if b is from another document.

    Raises:
        ValueError: if there are fewer than two documents, or one is empty.
    """
    if len(documents) < 2 or not all(documents):
        raise ValueError(f"pairs need two documents or more, none empty, got {[len(d) for d in documents]} sentences")

    def draw(count: int) -> int:
        return int(torch.randint(count, (), generator=generator))

    pairs = []
    for i, document in enumerate(documents):
        for a, b in pairwise(document):
            label = draw(2)
            if label:
                j = draw(len(documents) - 1)
                other = documents[j if j < i else j + 1]
                b = other[draw(len(other))]
            pairs.append((a, b, label))
    return pairs


def pack(
    parts: Sequence[Sequence[Sentence]], size: int, *, cls: int, sep: int, pad: int
) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B T"], Int[Tensor, " B"]]:
    """Writes ``[CLS] a [SEP]`` or ``[CLS] a [SEP] b [SEP]``, padded to one size.

    What does not fit is cut from the end of the longer sentence, of equal ones from b.

    Args:
        parts: B sequences, each of one or two sentences.
        size: T.
        cls: number of [CLS].
        sep: number of [SEP].
        pad: number of the padding.

    Returns:
        Tokens, segments and lengths.

    Raises:
        ValueError: if a sequence has not one or two sentences, or size has no room for the special tokens.
    """
    tokens = torch.full((len(parts), size), pad)
    segments = torch.zeros_like(tokens)
    lengths = []
    for row, sentences in enumerate(parts):
        count, room = len(sentences), size - 1 - len(sentences)
        if count not in (1, 2) or room < 0:
            raise ValueError(f"a sequence of {size} positions takes one or two sentences, got {count}")
        a, b = list(sentences[0]), list(sentences[1]) if count == 2 else []
        while len(a) + len(b) > room:
            (a if len(a) > len(b) else b).pop()
        line = [cls, *a, sep, *([*b, sep] if count == 2 else [])]
        tokens[row, : len(line)] = torch.tensor(line)
        segments[row, len(a) + 2 : len(line)] = 1
        lengths.append(len(line))
    return tokens, segments, torch.tensor(lengths)
