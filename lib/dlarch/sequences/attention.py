"""Attention: additive (Bahdanau et al. 2015, https://arxiv.org/abs/1409.0473, sec. 3.1 and appendix A.1.2) and scaled
dot-product with several heads (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, sec. 3.2).

B batch, Q K number of queries and keys, D E size of a key and of a value, A size of the additive hidden layer,
H heads, M model size, S T length of the source and of the target, V vocabulary, "..." any leading axes.

A mask is boolean and True means "may attend". Masks are joined with &. A query that may attend to nothing gets zero
weights and a zero output: the mean of no values has no better answer, and NaN would spread through the whole batch.

Differs from the papers:
- the projections of ``MultiHeadAttention`` carry a bias, as in ``torch.nn``; ``bias=False`` is the paper;
- ``AttentionDecoder`` looks at a reader of one direction, and after its recurrent step, not before it (Luong et al.
  2015, https://arxiv.org/abs/1508.04025, sec. 3.1), so that one call decodes a whole target while training.
"""

import math

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from dlarch.sequences.seq2seq import State


def causal_mask(length: int, *, device: torch.device | None = None) -> Bool[Tensor, "T T"]:
    """Lets position t attend to positions 0 to t, itself included.

    Args:
        length: T, number of positions, at least 1.
        device: where the mask is made.

    Returns:
        A lower triangle of True; rows are queries, columns are keys.

    Raises:
        ValueError: if length is less than 1.
    """
    if length < 1:
        raise ValueError(f"length must be at least 1, got {length}")
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def padding_mask(lengths: Int[Tensor, " B"], size: int) -> Bool[Tensor, "B 1 K"]:
    """Lets every query attend to the first ``lengths[b]`` keys of its sequence and to none of the padding.

    Args:
        lengths: number of real keys in each sequence, 0 to K.
        size: K, number of keys with padding.

    Returns:
        The mask, with an axis of length 1 that broadcasts over the queries.

    Raises:
        ValueError: if a length is negative or more than size.
    """
    if ((lengths < 0) | (lengths > size)).any():
        raise ValueError(f"lengths must lie between 0 and size={size}, got {lengths.tolist()}")
    return (torch.arange(size, device=lengths.device) < lengths[:, None])[:, None]


def masked_softmax(
    scores: Float[Tensor, "... Q K"],
    mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
) -> Float[Tensor, "... Q K"]:
    """The softmax over the keys a query may attend to; the others weigh zero.

    Args:
        scores: how well each key answers each query, any range.
        mask: True where a query may attend to a key; broadcasts against scores.

    Returns:
        Weights, at least 0, which sum to 1 over the keys, or to 0 where the
        mask leaves no key.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    # Not -inf: a row of -inf has no softmax, and its NaN would come back in
    # the gradient.
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~mask, lowest).softmax(dim=-1)
    return weights.masked_fill(~mask, 0.0)  # only changes rows without a key


def scaled_dot_product_scores(
    q: Float[Tensor, "... Q D"],
    k: Float[Tensor, "... K D"],
) -> Float[Tensor, "... Q K"]:
    """The dot product of each query with each key, divided by √D.

    The terms of a dot product add their variances, so without the division
    its spread would grow as √D and the softmax would saturate.

    Args:
        q: queries.
        k: keys, of the same size D as the queries.

    Returns:
        Scores, of variance 1 if the entries of q and k are independent with
        mean 0 and variance 1.
    """
    # Scale the queries, not the scores: they are fewer numbers.
    return (q / math.sqrt(q.shape[-1])) @ k.mT


def scaled_dot_product_attention(
    q: Float[Tensor, "... Q D"],
    k: Float[Tensor, "... K D"],
    v: Float[Tensor, "... K E"],
    *,
    mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
) -> Float[Tensor, "... Q E"]:
    """The mean of the values, weighted by how well their keys answer a query.

    Written out to be read: all Q·K weights are held in memory. The function
    of the same name in ``torch.nn.functional`` gives the same numbers block
    by block without holding them.

    Args:
        q: queries.
        k: keys, of the same size D as the queries.
        v: values, one for each key.
        mask: True where a query may attend to a key; broadcasts against the
            weights.

    Returns:
        One mixture of values for each query; zeros for a query whose mask
        leaves no key.
    """
    return masked_softmax(scaled_dot_product_scores(q, k), mask) @ v


def additive_scores(
    q: Float[Tensor, "... Q A"],
    k: Float[Tensor, "... K A"],
    direction: Float[Tensor, " A"],
) -> Float[Tensor, "... Q K"]:
    """Scores each pair of a query and a key: direction · tanh(q + k).

    Args:
        q: queries, already projected to the hidden size A.
        k: keys, already projected to the hidden size A.
        direction: output weights of this network of one hidden layer.

    Returns:
        Scores between -sum|direction| and sum|direction|.
    """
    q = rearrange(q, "... q a -> ... q 1 a")
    k = rearrange(k, "... k a -> ... 1 k a")
    return torch.tanh(q + k) @ direction


def additive_attention(
    q: Float[Tensor, "... Q A"],
    k: Float[Tensor, "... K A"],
    v: Float[Tensor, "... K E"],
    direction: Float[Tensor, " A"],
    *,
    mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
) -> Float[Tensor, "... Q E"]:
    """The mean of the values, weighted for each query by additive scores of the keys.

    Args:
        q: queries, already projected to the hidden size A.
        k: keys, already projected to the hidden size A.
        v: values, one for each key.
        direction: output weights of the scoring network.
        mask: True where a query may attend to a key; broadcasts against the weights.

    Returns:
        One mixture of values for each query; zeros for a query whose mask leaves no key.
    """
    return masked_softmax(additive_scores(q, k, direction), mask) @ v


class AdditiveAttention(nn.Module):
    """Additive attention with its parameters: queries and keys of any two sizes meet in a hidden layer.

    Args:
        query_size: size of a query.
        key_size: size of a key.
        hidden_size: A, size of the hidden layer.
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, hidden_size, bias=False)
        self.key = nn.Linear(key_size, hidden_size, bias=False)
        self.direction = nn.Parameter(torch.empty(hidden_size).uniform_(-1, 1) / math.sqrt(hidden_size))

    def weights(
        self,
        query: Float[Tensor, "B Q D"],
        key: Float[Tensor, "B K D2"],
        *,
        mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
    ) -> Float[Tensor, "B Q K"]:
        """How much each query takes of each value, for looking at."""
        return masked_softmax(additive_scores(self.query(query), self.key(key), self.direction), mask)

    def forward(
        self,
        query: Float[Tensor, "B Q D"],
        key: Float[Tensor, "B K D2"],
        value: Float[Tensor, "B K E"],
        *,
        mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
    ) -> Float[Tensor, "B Q E"]:
        return additive_attention(self.query(query), self.key(key), value, self.direction, mask=mask)


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, then mixed by one matrix.

    Args:
        model_size: M, size of a position in and out.
        heads: H, number of attentions; each works on M / H numbers.
        bias: whether the four projections have a bias.

    Raises:
        ValueError: if heads is less than 1 or does not divide model_size.
    """

    def __init__(self, model_size: int, heads: int, *, bias: bool = True) -> None:
        super().__init__()
        if heads < 1 or model_size % heads:
            got = f"got {model_size=} and {heads=}"
            raise ValueError(f"heads must divide model_size, {got}")
        self.heads = heads
        self.query = nn.Linear(model_size, model_size, bias=bias)
        self.key = nn.Linear(model_size, model_size, bias=bias)
        self.value = nn.Linear(model_size, model_size, bias=bias)
        self.out = nn.Linear(model_size, model_size, bias=bias)

    def split(self, x: Float[Tensor, "B T M"]) -> Float[Tensor, "B H T D"]:
        """Cuts the last axis into heads, which move in front of time."""
        return rearrange(x, "b t (h d) -> b h t d", h=self.heads)

    def weights(
        self,
        query: Float[Tensor, "B Q M"],
        key: Float[Tensor, "B K M"],
        *,
        mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
    ) -> Float[Tensor, "B H Q K"]:
        """How much each query takes of each value in each head."""
        q, k = self.split(self.query(query)), self.split(self.key(key))
        scores = scaled_dot_product_scores(q, k)
        return masked_softmax(scores, _over_heads(mask))

    def forward(
        self,
        query: Float[Tensor, "B Q M"],
        key: Float[Tensor, "B K M"],
        value: Float[Tensor, "B K M"],
        *,
        mask: Bool[Tensor, "*#batch #Q #K"] | None = None,
    ) -> Float[Tensor, "B Q M"]:
        projected = self.query(query), self.key(key), self.value(value)
        q, k, v = map(self.split, projected)
        mask = _over_heads(mask)
        # Fused: equal numbers, but no B H Q K tensor is ever stored.
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(rearrange(heads, "b h q d -> b q (h d)"))


def _over_heads(mask: Tensor | None) -> Tensor | None:
    """Gives a mask an axis that broadcasts over the heads, and a batch axis if it has none."""
    if mask is None:
        return None
    if mask.dtype != torch.bool:  # the fused form would add such a mask to the scores
        raise ValueError(f"mask must be boolean, True where a query may attend, got {mask.dtype}")
    return mask[None, None] if mask.ndim == 2 else mask[:, None]


class AttentionDecoder(nn.Module):
    """Writes with a GRU that starts from one state and looks back, at each step, at all states of the reader.

    It takes the place of ``seq2seq.Decoder``: ``Seq2Seq(Encoder(V, D), AttentionDecoder(V, D))`` learns and writes as
    any other. Only its state is larger, since what was read stays in it.

    Args:
        vocabulary: V, number of symbols.
        hidden_size: D, of the embedding and of the states on both sides.
    """

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.attention = AdditiveAttention(hidden_size, hidden_size, hidden_size)
        self.out = nn.Linear(2 * hidden_size, vocabulary)

    def start(
        self,
        states: Float[Tensor, "B S D"],
        last: Float[Tensor, "B D"],
        lengths: Int[Tensor, " B"],
    ) -> State:
        """The last state of the reader, all its states, and how many of them are real."""
        return last, states, lengths

    def forward(
        self,
        previous: Int[Tensor, "B T"],
        state: State,
    ) -> tuple[Float[Tensor, "B T V"], State]:
        """Logits of the symbol after each of ``previous``, and the new state."""
        last, states, lengths = state
        h, last = self.rnn(self.embedding(previous), last[None])  # B T D
        mask = padding_mask(lengths, states.shape[1])
        found = self.attention(h, states, states, mask=mask)
        logits = self.out(torch.cat([h, found], dim=-1))
        return logits, (last[0], states, lengths)

    def alignment(self, previous: Int[Tensor, "B T"], state: State) -> Float[Tensor, "B T S"]:
        """How much each written symbol takes of each symbol read, for looking at."""
        last, states, lengths = state
        h, _ = self.rnn(self.embedding(previous), last[None])
        return self.attention.weights(h, states, mask=padding_mask(lengths, states.shape[1]))
