# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] role="title" chapter="sequences/transformer" minutes=90
# # Transformer: attention is enough
#
# **22 points, about 90 minutes.** This exercise belongs to the chapter *Transformer: attention is enough*.
#
# You write what stands around attention in a transformer: vectors for places, the embedding that serves three times,
# the shift and the mask that make parallel training honest, both orders of norms, the two kinds of layer, and the loop
# that writes. At the end you take the mask away and explain why a perfect score in training is worth nothing.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a single row, gradients, edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $S$ places of the source, $T$ of the target, $M$ numbers
# for each place, $N$ numbers inside the feed-forward network, $V$ symbols. A mask is boolean, and `True` means
# *may look*.
#
# The ready-made transformers and masks of PyTorch and of this course are turned off in every answer.

# %% role="given" name="setup"
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · A vector for each place (3 points)
#
# Attention does not know the order of its input, so the transformer adds a vector to each place $t = 0, 1, 2, \dots$
# Its $M$ entries come in $M / 2$ pairs, a sine and a cosine of one angle; from pair to pair the wave gets longer:
#
# $$p_{t,\,2i} = \sin\frac{t}{10000^{2i/M}}, \qquad p_{t,\,2i+1} = \cos\frac{t}{10000^{2i/M}}, \qquad
# i = 0, \dots, \tfrac M2 - 1 .$$
#
# **Contract.** `positions(length, size, start=0)` returns the vectors of the places `start` to `start + length - 1`,
# shape $(T, M)$ with $T$ = `length` and $M$ = `size`, which is even. The start is needed when a sequence is written
# step by step.
#
# **Example.** `positions(2, 4)` is `[[0, 1, 0, 1], [0.8415, 0.5403, 0.0100, 1.0000]]`: with $M = 4$ the two angles of
# place 1 are $1$ and $1 / 10000^{2/4} = 0.01$.
#
# Two points for places from 0, one for other starts.
#
# <details><summary>Hint: where to look</summary>
#
# All angles at once are a table: places down, pairs across. Sines go to the even columns and cosines to the odd ones.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `torch.arange(0, size, 2)` holds the numbers $2i$ of the formula.
#
# </details>


# %% role="answer" name="positions"
def positions(length: int, size: int, start: int = 0) -> torch.Tensor:
    """Sines and cosines that tell places apart.

    Args:
        length: T, number of places.
        size: M, even.
        start: the first place.

    Returns:
        Shape (T, M), float32.
    """
    ### BEGIN SOLUTION
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
    ### END SOLUTION


# %% role="check" name="positions" points=2 atol=2e-5 refuse="Transformer"
def worked_example():
    """two places of four numbers"""
    vectors = positions(2, 4)
    yield "vectors", vectors
    yield "float32", float(vectors.dtype == torch.float32)


def more_pairs():
    """five places of eight numbers"""
    yield "vectors", positions(5, 8)


def hidden_long():
    """places up to 60, with six numbers"""
    yield "vectors", positions(60, 6)


def hidden_smallest():
    """a single place, and a single pair"""
    yield "one place", positions(1, 6)
    yield "one pair", positions(4, 2)


# %% role="check" name="later_start" answer="positions" points=1 atol=2e-5 refuse="Transformer"
def from_the_third():
    """two places of six numbers, from place 3 on"""
    yield "vectors", positions(2, 6, start=3)


def hidden_one_by_one():
    """a single place far from the start, as in writing"""
    yield "place 17", positions(1, 6, start=17)
    yield "place 18", positions(1, 6, 18)


# %% [markdown]
# ## 2 · One matrix, used three times (2 points)
#
# The embedding is a matrix $E$ of $V$ rows, a vector of $M$ numbers for each symbol. The transformer uses it for the
# source, for the target, and turned round as the last map: the logit of a symbol is the dot product of its row with
# what the decoder gives out. So that logits start with spread 1, the rows start with entries of spread $1 / \sqrt M$.
# As *inputs* they would then be drowned by the vectors for places, whose entries lie between $-1$ and $1$. So the rows,
# and only the rows, are multiplied by $\sqrt M$ on the way in.
#
# **Contract.** `embed(tokens, table, places)`: `tokens` has shape $(B, T)$, `table` is $E$, shape $(V, M)$, `places`
# has shape $(T, M)$. Return $\sqrt M$ times the row of each symbol, plus the vector of its place: shape $(B, T, M)$.
# `logits(h, table)`: `h` has shape $(B, T, M)$; return shape $(B, T, V)$, with nothing scaled.
#
# **Example.** With `table = [[1, 0, 0, 0], [0, 2, 0, 0]]` and `places = [[0, 1, 0, 1]]`, `embed([[1]], ...)` is
# `[[[0, 5, 0, 1]]]`, and `logits([[[0, 3, 0, 0]]], table)` is `[[[0, 6]]]`.
#
# <details><summary>Hint: where to look</summary>
#
# A matrix can be indexed by a whole tensor of row numbers at once. For the logits, look at the two shapes: which axis
# of the matrix must meet the last axis of `h`?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `table[tokens]` has shape $(B, T, M)$.
#
# </details>


# %% role="answer" name="tied"
def embed(tokens: torch.Tensor, table: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Vectors for symbols at their places.

    Args:
        tokens: shape (B, T), whole numbers from 0 to V - 1.
        table: shape (V, M).
        places: shape (T, M).

    Returns:
        Shape (B, T, M).
    """
    ### BEGIN SOLUTION
    return math.sqrt(table.shape[1]) * table[tokens] + places
    ### END SOLUTION


def logits(h: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """The dot product of each place with the row of each symbol.

    Args:
        h: shape (B, T, M).
        table: shape (V, M).

    Returns:
        Shape (B, T, V).
    """
    ### BEGIN SOLUTION
    return h @ table.mT
    ### END SOLUTION


# %% role="check" name="embed" answer="tied" points=1 refuse="Transformer"
def worked_embedding():
    """one symbol of four numbers"""
    table = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    yield "vectors", embed(torch.tensor([[1]]), table, torch.tensor([[0.0, 1.0, 0.0, 1.0]]))


def two_strings():
    """two strings of three symbols"""
    table = torch.linspace(-2, 3, 5 * 6).reshape(5, 6).sin()
    places = torch.linspace(0, 4, 3 * 6).reshape(3, 6).cos()
    yield "vectors", embed(torch.tensor([[0, 4, 2], [3, 3, 1]]), table, places)
    yield "the table afterwards", table


def hidden_double_embedding():
    """four strings of two symbols, more symbols than numbers, in double precision"""
    table = torch.linspace(-2, 3, 9 * 3).double().reshape(9, 3).cos()
    places = torch.linspace(0, 4, 2 * 3).double().reshape(2, 3).sin()
    yield "vectors", embed(torch.tensor([[8, 0], [1, 7], [2, 2], [5, 3]]), table, places)


def hidden_embed_gradient():
    """the gradient that arrives at the table, with a symbol that stands twice"""
    table = torch.linspace(-2, 3, 4 * 2).reshape(4, 2).sin().requires_grad_()
    vectors = embed(torch.tensor([[3, 0, 3]]), table, torch.zeros(3, 2))
    yield "gradient", torch.autograd.grad((vectors * torch.linspace(0, 5, 6).reshape(1, 3, 2)).sum(), table)[0]


# %% role="check" name="logits" answer="tied" points=1 refuse="Transformer"
def worked_logits():
    """one place, two symbols"""
    table = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    yield "logits", logits(torch.tensor([[[0.0, 3.0, 0.0, 0.0]]]), table)


def hidden_square_logits():
    """as many symbols as numbers, two strings"""
    table = torch.linspace(-2, 3, 16).reshape(4, 4).sin()
    yield "logits", logits(torch.linspace(0, 5, 2 * 3 * 4).reshape(2, 3, 4).cos(), table)


def hidden_double_logits():
    """more symbols than numbers, in double precision"""
    table = torch.linspace(-2, 3, 7 * 3).double().reshape(7, 3).sin()
    yield "logits", logits(torch.linspace(0, 5, 2 * 2 * 3).double().reshape(2, 2, 3).cos(), table)


def hidden_logits_gradients():
    """the gradients that arrive at the decoder's output and at the table"""
    h = torch.linspace(0, 5, 2 * 3).reshape(1, 2, 3).cos().requires_grad_()
    table = torch.linspace(-2, 3, 4 * 3).reshape(4, 3).sin().requires_grad_()
    loss = (logits(h, table) * torch.linspace(-1, 2, 8).reshape(1, 2, 4)).sum()
    yield from zip(("output", "table"), torch.autograd.grad(loss, (h, table)), strict=True)


# %% [markdown]
# ## 3 · Honest parallel training (3 points)
#
# In training the whole target is known, so all places are computed at once. Two things keep that honest: place $t$ is
# shown the symbols *before* the one it must predict, and it may not look to the right.
#
# **a)** `shift(target, start)`: `target` has shape $(B, T)$. Return what the decoder is shown, of the same shape: the
# start sign at place 0, then the target without its last symbol. **Example.** `shift([[5, 6, 7]], 9)` is
# `[[9, 5, 6]]`.
#
# **b)** `target_mask(lengths, size)`: shape $(B, T, T)$ with $T$ = `size`, boolean; rows are queries, columns are
# keys. In sequence $b$, place $t$ may look at the places $0$ to $t$, itself included, but at no padding: only the
# first `lengths[b]` places are real. Rows of padding follow the same rule. **Example.**
# `target_mask(torch.tensor([2]), 3)` is `[[[True, False, False], [True, True, False], [True, True, False]]]`.
#
# One point for a), two for b).
#
# <details><summary>Hint: where to look</summary>
#
# b) Two conditions, and both must hold. Each can be written as a comparison of place numbers.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# b) With `t = torch.arange(size)`, `t <= t[:, None]` says where a key is not later than the query.
#
# </details>


# %% role="answer" name="honest"
def shift(target: torch.Tensor, start: int) -> torch.Tensor:
    """What the decoder is shown while it learns to write the target.

    Args:
        target: shape (B, T), whole numbers.
        start: the sign that stands before the first symbol.

    Returns:
        Shape (B, T), whole numbers.
    """
    ### BEGIN SOLUTION
    return torch.cat([torch.full_like(target[:, :1], start), target[:, :-1]], dim=1)
    ### END SOLUTION


def target_mask(lengths: torch.Tensor, size: int) -> torch.Tensor:
    """True where a place of the target (row) may look at a place of the target (column).

    Args:
        lengths: shape (B,), number of real places in each sequence.
        size: T, number of places with padding.

    Returns:
        Shape (B, T, T), boolean.
    """
    ### BEGIN SOLUTION
    t = torch.arange(size)
    return (t <= t[:, None]) & (t < lengths[:, None, None])
    ### END SOLUTION


# %% role="check" name="shift" answer="honest" points=1 refuse="teach Transformer"
def worked_shift():
    """one target of three symbols"""
    yield "shown", shift(torch.tensor([[5, 6, 7]]), 9)


def two_targets():
    """two targets of four symbols"""
    target = torch.tensor([[1, 2, 3, 4], [8, 7, 6, 5]])
    shown = shift(target, 0)
    yield "shown", shown
    yield "whole numbers", float(not shown.is_floating_point())
    yield "the target afterwards", target


def hidden_one_symbol():
    """targets of a single symbol"""
    yield "shown", shift(torch.tensor([[3], [4], [5]]), 1)


# %% role="check" name="target_mask" answer="honest" points=2 refuse="causal_mask padding_mask generate_square_subsequent_mask Transformer"
def worked_mask():
    """one sequence with two real places of three"""
    yield "mask", target_mask(torch.tensor([2]), 3)


def three_sequences():
    """three sequences with 4, 1 and 3 real places of 4"""
    yield "mask", target_mask(torch.tensor([4, 1, 3]), 4)


def hidden_edges():
    """as many sequences as places, a single place, and a sequence without any"""
    yield "as many", target_mask(torch.tensor([3, 1, 2]), 3)
    yield "one place", target_mask(torch.tensor([1, 1]), 1)
    yield "nothing real", target_mask(torch.tensor([0, 2]), 2)


# %% [markdown]
# ## 4 · A network at each place, and a way around it (3 points)
#
# **a)** The *feed-forward network* is two linear maps with a ReLU between them, applied to each place alone:
# `feed_forward(x, w1, b1, w2, b2)` is $\max(0,\, x W_1 + b_1)\, W_2 + b_2$, with `w1` of shape $(M, N)$ and `w2` of
# shape $(N, M)$.
#
# **b)** Around each *sub-layer* leads a shortcut, and a norm stands at one of two places. As published, it stands
# behind the sum; many later models have it in front of the sub-layer, where the shortcut stays free of it:
#
# $$\text{behind: } \operatorname{norm}(x + f(x)) \qquad\qquad \text{in front: } x + f(\operatorname{norm}(x)).$$
#
# **Contract.** `around(x, sublayer, norm, norm_first)`: `sublayer` and `norm` are functions of one tensor;
# `norm_first` says whether the norm stands in front. Call `sublayer` once: with dropout, two calls differ.
#
# **Example.** With `x = [[[1, 3]]]`, `sublayer(x) = 2 * x` and `norm(x) = x - x.mean(-1, keepdim=True)`, the sum is
# `[3, 9]`; norm behind gives `[[[-3, 3]]]`. The norm of `x` is `[-1, 1]`; norm in front gives `[[[-1, 5]]]`.
#
# One point for a), two for b).
#
# <details><summary>Hint: where to look</summary>
#
# b) Read each formula from the inside out. In one of them $x$ appears without a norm around it.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# a) `F.relu(x @ w1 + b1)` has $N$ numbers for each place. b) `if norm_first:`
#
# </details>


# %% role="answer" name="feed_forward"
def feed_forward(
    x: torch.Tensor, w1: torch.Tensor, b1: torch.Tensor, w2: torch.Tensor, b2: torch.Tensor
) -> torch.Tensor:
    """Two linear maps with a ReLU in between.

    Args:
        x: shape (B, T, M).
        w1: shape (M, N), applied from the right.
        b1: shape (N,).
        w2: shape (N, M), applied from the right.
        b2: shape (M,).

    Returns:
        Shape (B, T, M).
    """
    ### BEGIN SOLUTION
    return F.relu(x @ w1 + b1) @ w2 + b2
    ### END SOLUTION


# %% role="check" name="feed_forward" points=1 refuse="Transformer"
def _weights(m, n, dtype=torch.float32):
    def wave(*shape, start):
        return torch.linspace(start, start + 7, math.prod(shape), dtype=dtype).reshape(shape).sin()

    return wave(m, n, start=0.0), wave(n, start=1.0), wave(n, m, start=2.0), wave(m, start=3.0)


def two_places():
    """two places of three numbers, five inside"""
    yield "output", feed_forward(torch.tensor([[[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]]]), *_weights(3, 5))


def hidden_square_network():
    """as many numbers inside as outside, in double precision"""
    x = torch.linspace(-3, 4, 2 * 3 * 4).double().reshape(2, 3, 4).cos()
    yield "output", feed_forward(x, *_weights(4, 4, torch.float64))


# %% role="answer" name="around"
def around(x: torch.Tensor, sublayer, norm, norm_first: bool) -> torch.Tensor:
    """A sub-layer with a way around it and a norm.

    Args:
        x: shape (B, T, M).
        sublayer: a function of a tensor of this shape.
        norm: a function of a tensor of this shape.
        norm_first: whether the norm stands in front of the sub-layer; else behind the sum.

    Returns:
        Shape (B, T, M).
    """
    ### BEGIN SOLUTION
    if norm_first:
        return x + sublayer(norm(x))
    return norm(x + sublayer(x))
    ### END SOLUTION


# %% role="check" name="around" points=2 refuse="Transformer"
def worked_behind():
    """the worked example, norm behind"""
    yield "output", around(torch.tensor([[[1.0, 3.0]]]), lambda x: 2 * x, lambda x: x - x.mean(-1, keepdim=True), False)


def worked_in_front():
    """the worked example, norm in front"""
    yield "output", around(torch.tensor([[[1.0, 3.0]]]), lambda x: 2 * x, lambda x: x - x.mean(-1, keepdim=True), True)


def curved():
    """a sub-layer and a norm that are no straight lines, norm behind, then in front"""
    x = torch.linspace(-2, 3, 12).reshape(2, 2, 3)
    for norm_first in (False, True):
        output = around(x, lambda x: (2 * x + 1).sin(), lambda x: F.layer_norm(x, x.shape[-1:]) + 0.5, norm_first)
        yield f"norm_first={norm_first}", output


def _noted(name, calls):
    def same(x):
        calls.append(name)
        return x * 1

    return same


def number_of_calls():
    """how often sub-layer and norm are called, norm behind, then in front"""
    for norm_first in (False, True):
        calls = []
        around(torch.ones(1, 2, 3), _noted("sub-layer", calls), _noted("norm", calls), norm_first)
        counts = [calls.count("sub-layer"), calls.count("norm")]
        yield f"sub-layer and norm, norm_first={norm_first}", torch.tensor(counts)


def hidden_double():
    """other functions and a single place, in double precision, norm behind, then in front"""
    x = torch.tensor([[[0.3, -2.0, 5.0, 1.0]]]).double()
    for norm_first in (False, True):
        yield f"norm_first={norm_first}", around(x, lambda x: x.cos() - 2, lambda x: 3 * x.tanh(), norm_first)


# %% [markdown]
# ## 5 · The two layers (5 points)
#
# Now the parts are joined. They are handed to you as functions, so that only the wiring is yours:
# `attention(queries, keys, values, mask)` returns a tensor of the shape of the queries (a mask may be `None`),
# `network(x)` is the feed-forward network, `norms` is a list of norms, one for each sub-layer, in order.
#
# **a)** `encoder_layer(x, attention, network, norms, mask, norm_first)`: self-attention, then the network.
#
# **b)** `decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first)`: three
# sub-layers. Self-attention over what was written, with `mask`. Then *cross-attention*: the decoder asks, and the
# output of the encoder, `memory`, offers keys and values, with `memory_mask`. Then the network.
#
# Around every sub-layer leads a shortcut, and its norm stands behind the sum, or in front of the sub-layer if
# `norm_first`. The memory comes finished out of the encoder: no norm of this layer touches it. Write both functions
# out in full: they may not call your other answers, but they may repeat them.
#
# **Example.** Let attention return its values, `network(x) = x` and each norm halve its input. Then for `x = 8` the
# encoder layer gives, norms behind: $8 \to (8 + 8)/2 = 8 \to (8 + 8)/2 = 8$; norms in front:
# $8 \to 8 + 4 = 12 \to 12 + 6 = 18$.
#
# a) is worth two points, b) three: two with norms behind, one with norms in front.
#
# <details><summary>Hint: where to look</summary>
#
# Draw the layer first: which tensor goes into each of the three arguments of an attention, and which one leads around
# it? With norms in front, what an attention reads of $x$ is the same normed tensor in all its places.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `h = norms[0](x) if norm_first else x` is what the first sub-layer reads.
#
# </details>


# %% role="answer" name="encoder_layer"
def encoder_layer(x: torch.Tensor, attention, network, norms, mask, norm_first: bool) -> torch.Tensor:
    """Self-attention and a network, each with a way around it and a norm.

    Args:
        x: shape (B, S, M).
        attention: (queries, keys, values, mask) to a tensor of the shape of the queries.
        network: x to a tensor of the same shape.
        norms: two functions, the first for attention, the second for the network.
        mask: handed to attention.
        norm_first: whether norms stand in front of the sub-layers; else behind the sums.

    Returns:
        Shape (B, S, M).
    """
    ### BEGIN SOLUTION
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))
    ### END SOLUTION


# %% role="check" name="encoder_layer" points=2 refuse="Transformer TransformerEncoderLayer"
def _parts(factor):
    """An attention with different maps for queries, keys and values, a network, and two norms that differ."""

    def attention(queries, keys, values, mask):
        scores = factor * (queries + 0.3) @ keys.mT
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        return scores.softmax(dim=-1) @ (values * 1.5 + 0.2).sin()

    norms = [lambda x: F.layer_norm(x, x.shape[-1:]) + 0.1, lambda x: 2 * F.layer_norm(x, x.shape[-1:]) - 0.2]
    return attention, lambda x: (x * 0.7 - 0.4).relu() * 1.2, norms


def halves_behind():
    """the worked example, norms behind"""
    parts = (lambda queries, keys, values, mask: values), (lambda x: x), [lambda x: x / 2] * 2
    yield "output", encoder_layer(torch.full((1, 1, 2), 8.0), *parts, None, False)


def halves_in_front():
    """the worked example, norms in front"""
    parts = (lambda queries, keys, values, mask: values), (lambda x: x), [lambda x: x / 2] * 2
    yield "output", encoder_layer(torch.full((1, 1, 2), 8.0), *parts, None, True)


def two_sequences():
    """two sequences of three places with a mask, norms behind, then in front"""
    x = torch.linspace(-2, 3, 2 * 3 * 4).reshape(2, 3, 4).sin()
    mask = torch.tensor([[[True, True, False]], [[True, True, True]]])
    for norm_first in (False, True):
        yield f"norm_first={norm_first}", encoder_layer(x, *_parts(1.0), mask, norm_first)


def hidden_encoder_double():
    """four places without a mask, in double precision, norms behind, then in front"""
    x = torch.linspace(-4, 3, 4 * 6).double().reshape(1, 4, 6).cos()
    for norm_first in (False, True):
        yield f"norm_first={norm_first}", encoder_layer(x, *_parts(0.5), None, norm_first)


# %% role="answer" name="decoder_layer"
def decoder_layer(
    x: torch.Tensor,
    memory: torch.Tensor,
    attention,
    cross_attention,
    network,
    norms,
    mask,
    memory_mask,
    norm_first: bool,
) -> torch.Tensor:
    """Self-attention, cross-attention and a network, each with a way around it and a norm.

    Args:
        x: shape (B, T, M).
        memory: the output of the encoder, shape (B, S, M).
        attention: (queries, keys, values, mask) to a tensor of the shape of the queries; over what was written.
        cross_attention: the same, over what was read.
        network: x to a tensor of the same shape.
        norms: three functions, one for each sub-layer in order.
        mask: handed to attention.
        memory_mask: handed to cross_attention.
        norm_first: whether norms stand in front of the sub-layers; else behind the sums.

    Returns:
        Shape (B, T, M).
    """
    ### BEGIN SOLUTION
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))
    ### END SOLUTION


# %% role="check" name="decoder_behind" answer="decoder_layer" points=2 refuse="Transformer TransformerDecoderLayer"
def _two_attentions():
    """Two attentions that differ, each with different maps for queries, keys and values, a network, three norms."""

    def looking(factor, turn):
        def attention(queries, keys, values, mask):
            scores = factor * (queries + turn) @ keys.mT
            if mask is not None:
                scores = scores.masked_fill(~mask, -1e9)
            return scores.softmax(dim=-1) @ (values * 1.5 + turn).sin()

        return attention

    def norm(factor, shift):
        return lambda x: factor * F.layer_norm(x, x.shape[-1:]) + shift

    parts = looking(1.0, 0.3), looking(-0.6, 0.8), lambda x: (x * 0.7 - 0.4).relu() * 1.2
    return *parts, [norm(1.0, 0.1), norm(1.6, -0.2), norm(0.8, 0.4)]


def _inputs(batch, target, source, size, dtype=torch.float32):
    x = torch.linspace(-2, 3, batch * target * size, dtype=dtype).reshape(batch, target, size).sin()
    return x, torch.linspace(0, 9, batch * source * size, dtype=dtype).reshape(batch, source, size).cos()


def one_source():
    """three places, a memory of four, both masks, norms behind"""
    masks = torch.ones(3, 3, dtype=torch.bool).tril(), torch.tensor([[[True, True, True, False]]])
    yield "output", decoder_layer(*_inputs(1, 3, 4, 4), *_two_attentions(), *masks, False)


def as_long_as_the_source():
    """two sequences, source and target equally long, both masks, norms behind"""
    masks = torch.ones(3, 3, dtype=torch.bool).tril(), torch.tensor([[[True, True, False]], [[True, False, False]]])
    yield "output", decoder_layer(*_inputs(2, 3, 3, 4), *_two_attentions(), *masks, False)


def hidden_decoder_double():
    """five places, a memory of two, no masks, in double precision, norms behind"""
    yield "output", decoder_layer(*_inputs(2, 5, 2, 6, torch.float64), *_two_attentions(), None, None, False)


# %% role="check" name="decoder_in_front" answer="decoder_layer" points=1 refuse="Transformer TransformerDecoderLayer"
def _two_attentions():
    """Two attentions that differ, each with different maps for queries, keys and values, a network, three norms."""

    def looking(factor, turn):
        def attention(queries, keys, values, mask):
            scores = factor * (queries + turn) @ keys.mT
            if mask is not None:
                scores = scores.masked_fill(~mask, -1e9)
            return scores.softmax(dim=-1) @ (values * 1.5 + turn).sin()

        return attention

    def norm(factor, shift):
        return lambda x: factor * F.layer_norm(x, x.shape[-1:]) + shift

    parts = looking(1.0, 0.3), looking(-0.6, 0.8), lambda x: (x * 0.7 - 0.4).relu() * 1.2
    return *parts, [norm(1.0, 0.1), norm(1.6, -0.2), norm(0.8, 0.4)]


def _inputs(batch, target, source, size, dtype=torch.float32):
    x = torch.linspace(-2, 3, batch * target * size, dtype=dtype).reshape(batch, target, size).sin()
    return x, torch.linspace(0, 9, batch * source * size, dtype=dtype).reshape(batch, source, size).cos()


def one_source_in_front():
    """three places, a memory of four, both masks, norms in front"""
    masks = torch.ones(3, 3, dtype=torch.bool).tril(), torch.tensor([[[True, True, True, False]]])
    yield "output", decoder_layer(*_inputs(1, 3, 4, 4), *_two_attentions(), *masks, True)


def as_long_as_the_source_in_front():
    """two sequences, source and target equally long, both masks, norms in front"""
    masks = torch.ones(3, 3, dtype=torch.bool).tril(), torch.tensor([[[True, True, False]], [[True, False, False]]])
    yield "output", decoder_layer(*_inputs(2, 3, 3, 4), *_two_attentions(), *masks, True)


def hidden_no_masks_in_front():
    """five places, a memory of two, no masks, in double precision, norms in front"""
    yield "output", decoder_layer(*_inputs(2, 5, 2, 6, torch.float64), *_two_attentions(), None, None, True)


# %% [markdown]
# ## 6 · Writing (3 points)
#
# Training is parallel, writing is not: each symbol must be chosen before the next can be computed. `model(source,
# previous)` returns logits of shape $(B, t, V)$ for `previous` of shape $(B, t)$: at each place, of the symbol that
# follows there.
#
# **Contract.** `write(model, source, length, start, end)` starts every row with the sign `start`, takes the likeliest
# next symbol, appends it to what the model is shown, and goes on until `length` symbols are written. Return them,
# shape $(B, T)$ with $T$ = `length`, without the start sign. A row that has written the sign `end` is finished: all its
# later symbols are `end`. Other rows go on.
#
# **Example.** A model for which symbol $n$ is always followed by $n + 1$ writes, from `start=0` with `end=3` and
# `length=5`: `[[1, 2, 3, 3, 3]]`.
#
# Two points for writing, one for finished rows.
#
# <details><summary>Hint: where to look</summary>
#
# The model gives logits for every place, also for the old ones. Which place speaks about the symbol that is not there
# yet? For the end: which rows are finished can be read off the newest symbol.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `shown = torch.full((len(source), 1), start)`, then a loop of `length` rounds.
#
# </details>


# %% role="answer" name="write"
def write(model, source: torch.Tensor, length: int, start: int, end: int) -> torch.Tensor:
    """Write the likeliest next symbol, again and again.

    Args:
        model: (source, previous) to logits, shape (B, t, V) for previous of shape (B, t).
        source: shape (B, S), handed to the model.
        length: T, how many symbols to write.
        start: sign shown before the first symbol.
        end: sign after which a row is finished.

    Returns:
        Shape (B, T), whole numbers, without the start sign.
    """
    ### BEGIN SOLUTION
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]
    ### END SOLUTION


# %% role="check" name="write" points=2 refuse="greedy beam_search own_symbols Transformer"
def _model(source, previous):
    """Logits of nine symbols that depend on the source and on all that was written, in its order."""
    past = ((previous + 1.0) * (torch.arange(previous.shape[1]) + 1.0)).cumsum(dim=1)[..., None]
    symbol = torch.arange(9.0)
    return (0.9 * past * (symbol + 1) ** 2 + 1.7 * source.sum(dim=1)[:, None, None] * (symbol + 2)).sin()


def two_rows():
    """two rows of six symbols, no end in sight"""
    yield "written", write(_model, torch.tensor([[1, 5, 2], [4, 0, 3]]), 6, 8, -1)


def one_symbol():
    """a single symbol for each of three rows"""
    yield "written", write(_model, torch.tensor([[3, 1], [2, 2], [0, 7]]), 1, 8, -1)


def hidden_many_rows():
    """nine rows, as many as there are symbols, of four symbols, from another start sign"""
    yield "written", write(_model, torch.arange(18).reshape(9, 2), 4, 0, -1)


def hidden_one_row():
    """a single row of ten symbols"""
    yield "written", write(_model, torch.tensor([[6, 1, 1, 4]]), 10, 8, -1)


# %% role="check" name="finished_rows" answer="write" points=1 refuse="greedy beam_search own_symbols Transformer"
def _model(source, previous):
    """Logits of nine symbols that depend on the source and on all that was written, in its order."""
    past = ((previous + 1.0) * (torch.arange(previous.shape[1]) + 1.0)).cumsum(dim=1)[..., None]
    symbol = torch.arange(9.0)
    return (0.9 * past * (symbol + 1) ** 2 + 1.7 * source.sum(dim=1)[:, None, None] * (symbol + 2)).sin()


def _next(source, previous):
    """Symbol n is followed by n + 1, after 8 by 0; the source is added to the first symbol of a row."""
    following = (previous + 1 + (previous == 0) * source[:, :1]) % 9
    return F.one_hot(following, 9).float()


def worked_rows():
    """the worked example, and a row that ends two symbols earlier"""
    yield "written", write(_next, torch.tensor([[0], [2]]), 5, 0, 3)


def rows_of_another_model():
    """four rows of a model that looks at all it was shown, of eight symbols"""
    yield "written", write(_model, torch.tensor([[1, 5], [4, 0], [3, 4], [2, 6]]), 8, 8, 2)


def hidden_end_at_once():
    """a row that ends with its first symbol, one that ends with its last, one that never ends"""
    yield "written", write(_next, torch.tensor([[4], [1], [6]]), 4, 0, 5)


# %% [markdown]
# ## 7 · Too good to be true (3 points, read by a person)
#
# The cell after the next one trains the same small transformer three times to copy strings of six digits. In the first
# training all is as it should be. In the second the decoder has *no mask*. In the third it has its mask, but the
# target is *not shifted*: place $t$ is shown the very symbol that it must predict. For each it prints the share of
# digits that are right when the true digits are shown, as in training, and when the model writes alone.
#
# **First predict, then run.** Before you run it, write down what you expect of the six numbers. Then run it, and
# explain what you see:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Where exactly does the answer lie in the input, in the second and in the third training? Name the place.
# 3. Why can no validation loss that is computed with the true digits shown find either mistake, and which measurement
#    does?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all three trainings. A wrong prediction costs nothing.
# - **The leak is located**: in the second training at the next place, reached by self-attention; in the third at the
#   place itself, on the shortcut even without attention.
# - **The measurement**: says that held-out data leak in the same way, and that only writing alone takes the answer
#   away from the input.

# %% [markdown] role="written" name="leak" points=3
# *Prediction.* I expected the first to be good in both columns, the second and third to be perfect while shown the
# digits and useless alone. *Result.* The first and the third came out so. The second is far worse alone than shown, but
# clearly better than guessing, which I did not expect: its last place has no right neighbour, so for that place it had
# to learn to read the source, and a model that writes alone always stands at a last place.
#
# *Where the answer lies.* The decoder is shown the start sign and then the target without its last symbol, so the
# symbol that place $t$ must predict stands in the input at place $t + 1$. Without a mask self-attention can fetch it
# from there; only the last place has no right neighbour. In the third training nothing is shifted, so the symbol stands
# at place $t$ itself. No attention is needed: the shortcut carries it to the output, and the last map learns to
# read it off.
#
# *Which measurement.* A validation loss with the true digits shown feeds the same input to new strings, so the answer
# lies in it as well, and the loss is low for the wrong reason. When the model writes alone, the place that predicts is
# always the newest one. To its right there is nothing yet, and at the place itself stands the symbol before. The share
# of digits right in that mode finds both mistakes at once; so does a test that asks whether the output at place $t$
# has a gradient at the input of the places it must not see.

# %% role="given" name="leak_run"
START, DIGITS = 10, 6


class Small(nn.Module):
    """A transformer of one layer on each side, with learned vectors for places."""

    def __init__(self, masked):
        super().__init__()
        self.masked = masked
        self.symbols, self.places = nn.Embedding(11, 32), nn.Embedding(DIGITS, 32)
        self.layers = nn.Transformer(32, 4, 1, 1, 64, dropout=0.0, batch_first=True)
        self.out = nn.Linear(32, 10)

    def forward(self, source, shown):
        def vectors(tokens):
            return self.symbols(tokens) + self.places.weight[: tokens.shape[1]]

        t = shown.shape[1]
        hidden = torch.ones(t, t, dtype=torch.bool).triu(1) if self.masked else None  # True = may not, in torch
        return self.out(self.layers(vectors(source), vectors(shown), tgt_mask=hidden))


def shown_to(target, shifted):
    return F.pad(target[:, :-1], (1, 0), value=START) if shifted else target


def alone(model, source):
    written = torch.full((len(source), 1), START)
    for _ in range(DIGITS):
        written = torch.cat([written, model(source, written[:, -DIGITS:])[:, -1:].argmax(dim=-1)], dim=1)
    return written[:, 1:]


print("                        share of digits right")
print("training                true digits shown   alone")
for label, masked, shifted in (("as it should be", True, True), ("no mask", False, True), ("not shifted", True, False)):
    torch.manual_seed(0)
    model = Small(masked)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(200):
        digits = torch.randint(0, 10, (64, DIGITS))
        loss = F.cross_entropy(model(digits, shown_to(digits, shifted)).mT, digits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    digits = torch.randint(0, 10, (500, DIGITS))
    with torch.no_grad():
        right = [
            (answer == digits).float().mean().item()
            for answer in (model(digits, shown_to(digits, shifted)).argmax(dim=-1), alone(model, digits))
        ]
    print(f"{label:22s} {right[0]:19.2f} {right[1]:7.2f}")

# %% [markdown]
# ## Optional: what parallel training buys (no points)
#
# The next cell measures one step of training, forward and backward, for a GRU and for a layer of self-attention with its
# network, on sequences that get longer while their total number of symbols stays the same. It uses the fastest device
# that it finds. The GRU must take its steps one after the other. Predict which column grows, then run it; on a GPU, go
# on to longer sequences.

# %% role="given" name="race"
lengths = (32, 128, 512, 2048) if device.type == "cuda" else (16, 64, 256)
symbols, size = (65536, 256) if device.type == "cuda" else (2048, 64)
racers = {
    "GRU": nn.GRU(size, size, batch_first=True).to(device),
    "attention": nn.TransformerEncoderLayer(size, 4, 4 * size, dropout=0.0, batch_first=True).to(device),
}


def seconds(layer, x) -> float:
    """Shortest time of three steps, each waited for to its end."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        output = layer(x)
        (output[0] if isinstance(output, tuple) else output).sum().backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return min(times)


for length in lengths:
    x = torch.randn(symbols // length, length, size, device=device)
    print(
        f"length {length:5d}:",
        "  ".join(f"{name} {1000 * seconds(layer, x):8.2f} ms" for name, layer in racers.items()),
    )
