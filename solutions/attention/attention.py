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

# %% [markdown] role="title" chapter="sequences/attention" minutes=75
# # Attention: look back
#
# **17 points, about 75 minutes.** This exercise belongs to the chapter *Attention: look back*.
#
# You write attention from its parts: weights and output, the scale that keeps it trainable, the masks that say who
# may look at what, several heads side by side. Then you measure what attention does *not* know, the order of its
# input, and you say why in your own words.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a single row, gradients.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $Q$ queries, $K$ keys, each query and key a vector of
# $D$ numbers, each value a vector of $E$ numbers; $H$ heads and $M$ numbers for each position of a sequence of
# length $T$. A mask is boolean, and `True` means *may look*.
#
# The softmax of PyTorch is yours to use. Its finished attention functions and those of this course are turned off in
# every answer, and in task 2 so are its ready-made entropies and `xlogy`.

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
# ## 1 · Scores and weights (3 points)
#
# A query asks, keys offer, values answer. The *score* of a query $q$ and a key $k$ is their dot product divided by
# $\sqrt D$. The softmax turns the scores that *one query* gave to *all keys* into weights, and the output for that
# query is the mean of the values with these weights:
#
# $$w_{ij} = \frac{e^{s_{ij}}}{\sum_{j'} e^{s_{ij'}}}, \qquad s_{ij} = \frac{q_i \cdot k_j}{\sqrt D}, \qquad
# o_i = \sum_j w_{ij}\, v_j .$$
#
# **Contract.** `q` has shape $(\dots, Q, D)$, `k` $(\dots, K, D)$, `v` $(\dots, K, E)$; the dots stand for any
# leading axes, which are the same in all three. Return two tensors: the output, shape $(\dots, Q, E)$, and the
# weights, shape $(\dots, Q, K)$.
#
# **Example.** Take `q = [[2, 0, 0, 0]]` and `k = [[1.0986, 0, 0, 0], [0, 5, 0, 0]]`. The dot products are 2.1972 and
# 0, the scores 1.0986 and 0. As $e^{1.0986} = 3$ (to four digits), the weights are `[[0.75, 0.25]]`. With values
# `v = [[4, 0], [0, 8]]` the output is `[[3, 2]]`.
#
# Two points for the weights, one for the output.
#
# <details><summary>Hint: where to look</summary>
#
# All dot products at once are one matrix product. Which of the two factors has to be turned so that the inner sizes
# agree? And along which axis of the $(Q, K)$ scores lie the keys?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `k.mT` swaps the last two axes of `k`, however many axes stand before them.
#
# </details>


# %% role="answer" name="attend"
def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Scaled dot-product attention.

    Args:
        q: queries, shape (..., Q, D).
        k: keys, shape (..., K, D).
        v: values, shape (..., K, E).

    Returns:
        The output, shape (..., Q, E), and the weights, shape (..., Q, K).
    """
    ### BEGIN SOLUTION
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights
    ### END SOLUTION


# %% role="check" name="attend_weights" answer="attend" points=2 refuse="scaled_dot_product_attention MultiheadAttention multi_head_attention_forward flex_attention scaled_dot_product_scores MultiHeadAttention"
def worked_example_weights():
    """the weights of the worked example"""
    q, k = torch.tensor([[2.0, 0.0, 0.0, 0.0]]), torch.tensor([[1.0986, 0.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0]])
    yield "weights", attend(q, k, torch.tensor([[4.0, 0.0], [0.0, 8.0]]))[1]


def two_sequences_weights():
    """the weights of three queries and four keys, two sequences"""
    q = torch.linspace(-2, 2, 2 * 3 * 5).reshape(2, 3, 5).sin()
    k = torch.linspace(0, 9, 2 * 4 * 5).reshape(2, 4, 5).cos()
    yield "weights", attend(q, k, torch.ones(2, 4, 1))[1]


def hidden_one_sequence_weights():
    """the weights of one sequence with more queries than keys, in double precision"""
    q = torch.linspace(-3, 4, 7 * 9).double().reshape(1, 7, 9).sin()
    k = torch.linspace(0, 5, 2 * 9).double().reshape(1, 2, 9).cos()
    yield "weights", attend(q, k, torch.ones(1, 2, 3).double())[1]


def hidden_heads_weights():
    """the weights with two leading axes, and with a single key"""
    q = torch.linspace(-3, 4, 2 * 3 * 4 * 6).double().reshape(2, 3, 4, 6).sin()
    k = torch.linspace(0, 5, 2 * 3 * 5 * 6).double().reshape(2, 3, 5, 6).cos()
    yield "two leading axes", attend(q, k, torch.ones(2, 3, 5, 1).double())[1]
    yield "a single key", attend(q, k[..., :1, :], torch.ones(2, 3, 1, 1).double())[1]


def hidden_large_weights():
    """the weights for scores in the hundreds"""
    q, k = torch.tensor([[30.0, -20.0]]), torch.tensor([[30.0, 10.0], [29.0, 10.0], [-30.0, 5.0]])
    yield "weights", attend(q, k, torch.ones(3, 1))[1]


# %% role="check" name="attend_output" answer="attend" points=1 refuse="scaled_dot_product_attention MultiheadAttention multi_head_attention_forward flex_attention scaled_dot_product_scores MultiHeadAttention"
def worked_example_output():
    """the output of the worked example"""
    q, k = torch.tensor([[2.0, 0.0, 0.0, 0.0]]), torch.tensor([[1.0986, 0.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0]])
    yield "output", attend(q, k, torch.tensor([[4.0, 0.0], [0.0, 8.0]]))[0]


def two_sequences_output():
    """the output of three queries and four keys, two sequences"""
    q = torch.linspace(-2, 2, 2 * 3 * 5).reshape(2, 3, 5).sin()
    k = torch.linspace(0, 9, 2 * 4 * 5).reshape(2, 4, 5).cos()
    yield "output", attend(q, k, torch.linspace(-1, 4, 2 * 4 * 2).reshape(2, 4, 2))[0]


def hidden_batch_output():
    """the output for values of another size than the keys, in double precision"""
    q = torch.linspace(-3, 4, 2 * 3 * 6).double().reshape(2, 3, 6).sin()
    k = torch.linspace(0, 5, 2 * 5 * 6).double().reshape(2, 5, 6).cos()
    yield "output", attend(q, k, torch.linspace(-1, 3, 2 * 5 * 4).double().reshape(2, 5, 4))[0]


def hidden_gradient():
    """the gradients that arrive at queries, keys and values"""
    shapes = (1, 3, 4), (1, 5, 4), (1, 5, 2)
    q, k, v = (torch.linspace(-2, 3, math.prod(s)).reshape(s).sin().requires_grad_() for s in shapes)
    output = attend(q, k, v)[0]
    gradients = torch.autograd.grad((output * torch.linspace(-1, 2, 6).reshape(1, 3, 2)).sum(), (q, k, v))
    yield from zip(("queries", "keys", "values"), gradients, strict=True)


# %% [markdown]
# ## 2 · Why divide by $\sqrt D$? (2 points)
#
# If the entries of $q$ and $k$ are independent, with mean 0 and standard deviations $\sigma_q$ and $\sigma_k$, then
# each of the $D$ products in $q \cdot k$ has variance $\sigma_q^2 \sigma_k^2$, and the variances of the $D$ products
# add up. Two functions put this to work.
#
# **a)** `divisor(size, q_std, k_std)` returns the number by which the dot products must be divided so that they have
# standard deviation 1. **Example.** `divisor(64, 1.0, 1.0)` is `8.0`, which is why attention divides by $\sqrt D$
# when entries have standard deviation 1.
#
# **b)** `entropy(weights)` says how spread out a row of weights is: $-\sum_j w_j \log w_j$, in nats, with $0 \log 0$
# counted as 0. It is $\log K$ if all $K$ keys weigh the same, and 0 if one key takes all.
# `weights` has shape $(\dots, K)$, the result has shape $(\dots)$. **Example.**
# `entropy(torch.tensor([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]))` is `[0.6931, 0.0]`.
#
# After the two checks, a locked cell measures the entropy over $D$, with and without the division.
#
# <details><summary>Hint: where to look</summary>
#
# a) Variances add; what must you take of their sum to get a standard deviation? b) What does Python give for
# `0 * log(0)`, and what would be harmless to put in place of a weight of zero before the logarithm?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# b) `torch.where(weights > 0, weights, 1.0)` has no zero left, and the logarithm of 1 is 0.
#
# </details>


# %% role="answer" name="divisor"
def divisor(size: int, q_std: float, k_std: float) -> float:
    """What to divide dot products by so that their standard deviation is 1.

    Args:
        size: D, number of entries of a query and of a key.
        q_std: standard deviation of an entry of a query.
        k_std: standard deviation of an entry of a key.

    Returns:
        The divisor, above 0.
    """
    ### BEGIN SOLUTION
    return math.sqrt(size) * q_std * k_std
    ### END SOLUTION


# %% role="check" name="divisor" points=1
def unit_entries():
    """64 entries with standard deviation 1"""
    yield "divisor", divisor(64, 1.0, 1.0)


def other_spread():
    """12 entries, with standard deviations 3 and 0.5"""
    yield "divisor", divisor(12, 3.0, 0.5)


def hidden_other_sizes():
    """a single entry, and 512 of them"""
    yield "one entry", divisor(1, 2.0, 3.0)
    yield "512 entries", divisor(512, 0.1, 5.0)


# %% role="answer" name="entropy"
def entropy(weights: torch.Tensor) -> torch.Tensor:
    """The entropy of each row of weights, in nats.

    Args:
        weights: shape (..., K), at least 0, each row sums to 1.

    Returns:
        Shape (...), same dtype.
    """
    ### BEGIN SOLUTION
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1)
    ### END SOLUTION


# %% role="check" name="entropy" points=1 refuse="entropy Categorical entr xlogy"
def even_and_certain():
    """a row shared by two keys, a row with one key, and a row shared by three"""
    yield "entropy", entropy(torch.tensor([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3]]))


def uneven():
    """two rows of uneven weights"""
    yield "entropy", entropy(torch.tensor([[0.7, 0.2, 0.1], [0.05, 0.9, 0.05]]))


def hidden_more_axes():
    """weights with three axes, in double precision"""
    scores = torch.linspace(-9, 9, 2 * 3 * 5).double().reshape(2, 3, 5).sin()
    yield "entropy", entropy((3 * scores).softmax(dim=-1))


def hidden_one_row():
    """a single row without batch axis"""
    yield "entropy", entropy(torch.tensor([0.25, 0.25, 0.5, 0.0]))


# %% role="given" name="entropy_run"
print("size D   entropy of 32 weights without the division   with it   (largest possible: 3.466)")
for size in (1, 4, 16, 64, 256):
    generator = torch.Generator().manual_seed(size)
    dots = torch.randn(500, size, generator=generator) @ torch.randn(32, size, generator=generator).mT
    spread = [torch.distributions.Categorical(logits=s).entropy().mean() for s in (dots, dots / size**0.5)]
    print(f"{size:6d}   {spread[0]:43.3f}   {spread[1]:7.3f}")

# %% [markdown]
# ## 3 · Who may look at what (4 points)
#
# A *causal* mask lets position $t$ look at positions $0$ to $t$, itself included: no one sees the future. A *padding*
# mask hides the filler that makes all sequences of a batch equally long. Both are boolean, `True` means *may look*,
# queries are the rows and keys the columns.
#
# **a)** `causal(length)` has shape $(T, T)$. **Example.** `causal(2)` is `[[True, False], [True, True]]`.
#
# **b)** `padding(lengths, size)` has shape $(B, 1, K)$ with $K$ = `size`: in sequence $b$ the first `lengths[b]` keys
# may be looked at, by every query. **Example.** `padding(torch.tensor([1, 3]), 3)` is
# `[[[True, False, False]], [[True, True, True]]]`.
#
# **c)** `masked_softmax(scores, mask)` gives the weights: the softmax *over the allowed keys*, and exactly 0 for the
# others, however large their score. `scores` has shape $(\dots, Q, K)$; the mask broadcasts against it. A query that
# may look at nothing gets a row of zeros, not NaN, and it must not turn gradients into NaN either. **Example.**
# Scores `[[1.0986, 0, 7], [5, 5, 5]]` with mask `[[True, True, False], [False, False, False]]` give
# `[[0.75, 0.25, 0], [0, 0, 0]]`.
#
# One point each for a) and b); for c) one point for the rows with a key left, one for those without.
#
# <details><summary>Hint: where to look</summary>
#
# c) What must a score be, before the softmax, so that its weight comes out as zero? If a whole row is treated like
# that, what does the softmax return, and which single step afterwards repairs it?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# b) `torch.arange(size) < lengths[:, None]` has shape $(B, K)$.
# c) `scores.masked_fill(~mask, torch.finfo(scores.dtype).min)` is the lowest finite number wherever the mask says no.
#
# </details>


# %% role="answer" name="masks"
def causal(length: int) -> torch.Tensor:
    """True where a query (row) may look at a key (column): the past and itself.

    Args:
        length: T, at least 1.

    Returns:
        Shape (T, T), boolean.
    """
    ### BEGIN SOLUTION
    return torch.ones(length, length, dtype=torch.bool).tril()
    ### END SOLUTION


def padding(lengths: torch.Tensor, size: int) -> torch.Tensor:
    """True for the first lengths[b] keys of sequence b.

    Args:
        lengths: shape (B,), whole numbers from 0 to size.
        size: K, number of keys with padding.

    Returns:
        Shape (B, 1, K), boolean.
    """
    ### BEGIN SOLUTION
    return (torch.arange(size) < lengths[:, None])[:, None]
    ### END SOLUTION


# %% role="check" name="causal_mask" answer="masks" points=1 refuse="causal_mask"
def three_positions():
    """three positions"""
    yield "mask", causal(3)


def hidden_other_lengths():
    """a single position, and six of them"""
    yield "one position", causal(1)
    yield "six positions", causal(6)


# %% role="check" name="padding_mask" answer="masks" points=1 refuse="padding_mask"
def three_sequences():
    """three sequences with 2, 4 and 1 keys of 4"""
    yield "mask", padding(torch.tensor([2, 4, 1]), 4)


def hidden_empty_sequence():
    """a batch of one, and a sequence of which nothing but padding is left"""
    yield "batch of one", padding(torch.tensor([3]), 5)
    yield "nothing left", padding(torch.tensor([0, 2]), 2)


# %% role="answer" name="masked_softmax"
def masked_softmax(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The softmax over the keys that a query may look at.

    Args:
        scores: shape (..., Q, K).
        mask: boolean, True = may look; broadcasts against scores.

    Returns:
        Weights, shape (..., Q, K): 0 where the mask says no; rows sum to 1, or to 0 where nothing may be looked at.
    """
    ### BEGIN SOLUTION
    weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return weights.masked_fill(~mask, 0.0)
    ### END SOLUTION


# %% role="check" name="masked_softmax" points=1 refuse="scaled_dot_product_attention MultiheadAttention multi_head_attention_forward flex_attention masked_softmax"
def some_keys_hidden():
    """two queries that may not look at all keys; a hidden key has the largest score"""
    scores = torch.tensor([[1.0986, 0.0, 7.0], [2.0, -1.0, 0.5]])
    yield "weights", masked_softmax(scores, torch.tensor([[True, True, False], [False, True, True]]))


def causal_scores():
    """a causal mask over four positions, two sequences"""
    scores = torch.linspace(-3, 8, 2 * 4 * 4).reshape(2, 4, 4).sin() * 3
    yield "weights", masked_softmax(scores, torch.ones(4, 4, dtype=torch.bool).tril())


def far_apart():
    """allowed keys with scores far below the hidden one: by a hundred, and by thousands"""
    scores = torch.tensor([[-60.0, -61.0, 44.0], [-3000.0, 100.0, -3001.0]])
    yield "weights", masked_softmax(scores, torch.tensor([[True, True, False], [True, False, True]]))


def hidden_broadcast():
    """a mask that is one row for all queries, in double precision"""
    scores = torch.linspace(-3, 8, 2 * 3 * 5).double().reshape(2, 3, 5).sin()
    mask = torch.tensor([[[True, True, False, False, True]], [[False, True, False, False, False]]])
    yield "weights", masked_softmax(scores, mask)


def hidden_large_scores():
    """an allowed key whose score lies thousands below the hidden one"""
    scores = torch.tensor([[-4000.0, 5000.0, -4001.0]])
    yield "weights", masked_softmax(scores, torch.tensor([[True, False, True]]))


def hidden_everything_allowed():
    """a mask that hides nothing"""
    scores = torch.tensor([[0.5, -1.0, 2.0]])
    yield "weights", masked_softmax(scores, torch.ones(1, 3, dtype=torch.bool))


# %% role="check" name="nothing_left" answer="masked_softmax" points=1 refuse="scaled_dot_product_attention MultiheadAttention multi_head_attention_forward flex_attention masked_softmax"
def one_row_empty():
    """a query that may look at nothing, among three that may, and then alone"""
    scores = torch.tensor([[1.0, 2.0, 0.5], [3.0, 0.5, 1.0], [-60.0, -61.0, 44.0], [0.0, 1.0, 2.0]])
    mask = torch.tensor([[True, True, False], [False, False, False], [True, True, False], [True, True, True]])
    yield "weights", masked_softmax(scores, mask)
    yield "alone", masked_softmax(scores[1:2], mask[1:2])


def hidden_gradient():
    """the gradient of the weights at the scores, with a query that may look at nothing"""
    scores = torch.linspace(-2, 2, 9).reshape(3, 3).requires_grad_()
    mask = torch.tensor([[True, True, False], [False, False, False], [True, True, True]])
    weights = masked_softmax(scores, mask)
    yield "gradient", torch.autograd.grad((weights * torch.linspace(-1, 2, 9).reshape(3, 3)).sum(), scores)[0]


def hidden_all_empty():
    """a single query with everything hidden, in double precision"""
    yield "weights", masked_softmax(torch.ones(1, 1, 4).double(), torch.zeros(1, 1, 4, dtype=torch.bool))


# %% [markdown]
# ## 4 · Several heads (4 points)
#
# One set of weights can say one thing: *look there*. *Heads* are several attentions side by side. The $M$ numbers of
# each position are cut into $H$ pieces of $D = M / H$; head $h$ works on piece $h$ of every position.
#
# **a)** `split_heads(x, heads)`: shape $(B, T, M)$ to $(B, H, T, D)$. `join_heads(x)`: back again. Head 0 gets the
# first $D$ numbers of each position. **Example.** With `x = [[[1, 2, 3, 4], [5, 6, 7, 8]]]` and 2 heads, head 0 is
# `[[1, 2], [5, 6]]` and head 1 is `[[3, 4], [7, 8]]`.
#
# **b)** `multi_head(x, memory, w_q, w_k, w_v, w_o, heads)`: queries are `x @ w_q`, keys `memory @ w_k`, values
# `memory @ w_v`; each head attends on its own with scores divided by $\sqrt D$ ($D$ of *a head*); the joined heads are
# multiplied by `w_o`. All four matrices are $(M, M)$; there are no biases and no mask. Write it out in full: it may
# not call your other answers, but it may repeat them.
#
# One point each for splitting and joining, two for b).
#
# <details><summary>Hint: where to look</summary>
#
# `reshape` never moves a number in memory, it only cuts the same row of numbers differently. Cutting the *last* axis
# is safe. Bringing the heads in front of time needs another operation.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x.unflatten(-1, (heads, -1))` has shape $(B, T, H, D)$.
#
# </details>


# %% role="answer" name="heads"
def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Cut each position into heads.

    Args:
        x: shape (B, T, M).
        heads: H, which divides M.

    Returns:
        Shape (B, H, T, M / H).
    """
    ### BEGIN SOLUTION
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)
    ### END SOLUTION


def join_heads(x: torch.Tensor) -> torch.Tensor:
    """Put the heads of each position side by side again.

    Args:
        x: shape (B, H, T, D).

    Returns:
        Shape (B, T, H * D).
    """
    ### BEGIN SOLUTION
    return x.transpose(1, 2).flatten(2)
    ### END SOLUTION


# %% role="check" name="split_heads" answer="heads" points=1
def worked_split():
    """two positions of four numbers, two heads"""
    yield "heads", split_heads(torch.tensor([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]), 2)


def three_positions_split():
    """three positions of eight numbers, two heads"""
    yield "heads", split_heads(torch.arange(24.0).reshape(1, 3, 8), 2)


def hidden_other_split():
    """two sequences of five positions, three heads of two numbers, in double precision"""
    yield "heads", split_heads(torch.arange(60).double().reshape(2, 5, 6), 3)


def hidden_one_head():
    """a single head, and as many heads as numbers"""
    x = torch.arange(24.0).reshape(2, 3, 4)
    yield "one head", split_heads(x, 1)
    yield "four heads", split_heads(x, 4)


# %% role="check" name="join_heads" answer="heads" points=1
def worked_join():
    """two heads of three positions"""
    x = torch.tensor([[[[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]], [[3.0, 4.0], [7.0, 8.0], [11.0, 12.0]]]])
    yield "positions", join_heads(x)


def hidden_other_join():
    """three heads of five positions, two sequences, in double precision"""
    yield "positions", join_heads(torch.arange(60).double().reshape(2, 3, 5, 2))


def hidden_one_position():
    """a single sequence of a single position"""
    yield "positions", join_heads(torch.arange(6.0).reshape(1, 3, 1, 2))


# %% role="answer" name="multi_head"
def multi_head(
    x: torch.Tensor,
    memory: torch.Tensor,
    w_q: torch.Tensor,
    w_k: torch.Tensor,
    w_v: torch.Tensor,
    w_o: torch.Tensor,
    heads: int,
) -> torch.Tensor:
    """Multi-head attention from x to memory.

    Args:
        x: where the queries come from, shape (B, Q, M).
        memory: where the keys and values come from, shape (B, K, M).
        w_q: makes queries, shape (M, M), applied from the right like the next three.
        w_k: makes keys.
        w_v: makes values.
        w_o: mixes the joined heads.
        heads: H, which divides M.

    Returns:
        Shape (B, Q, M).
    """
    ### BEGIN SOLUTION
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o
    ### END SOLUTION


# %% role="check" name="multi_head" points=2 refuse="scaled_dot_product_attention MultiheadAttention multi_head_attention_forward flex_attention MultiHeadAttention"
def _matrices(size, dtype=torch.float32):
    steps = torch.arange(4 * size * size, dtype=torch.float64).reshape(4, size, size)
    return ((1.7 * steps + 0.3 * steps.sqrt()).sin() / math.sqrt(size)).to(dtype).unbind()


def self_attention_two_heads():
    """a sequence of three positions that looks at itself, two heads"""
    x = torch.linspace(-3, 5, 12).reshape(1, 3, 4).sin() * 2
    yield "output", multi_head(x, x, *_matrices(4), 2)


def two_queries_three_keys():
    """two queries that look at three keys of another sequence, two heads of three numbers"""
    x = torch.linspace(-3, 5, 12).reshape(1, 2, 6).sin() * 2
    memory = torch.linspace(0, 9, 18).reshape(1, 3, 6).cos() * 2
    yield "output", multi_head(x, memory, *_matrices(6), 2)


def hidden_cross_attention():
    """five queries that look at three keys, two sequences, three heads, in double precision"""
    x = torch.linspace(-3, 5, 2 * 5 * 6).double().reshape(2, 5, 6).sin() * 2
    memory = torch.linspace(0, 9, 2 * 3 * 6).double().reshape(2, 3, 6).cos() * 2
    yield "output", multi_head(x, memory, *_matrices(6, torch.float64), 3)


def hidden_extreme_heads():
    """one head, and as many heads as numbers"""
    x = torch.linspace(-3, 5, 2 * 4 * 4).reshape(2, 4, 4).sin() * 2
    yield "one head", multi_head(x, x, *_matrices(4), 1)
    yield "four heads", multi_head(x, x, *_matrices(4), 4)


def hidden_gradient():
    """the gradients that arrive at the input and at the four matrices"""
    x = (torch.linspace(-3, 5, 12).reshape(1, 3, 4).sin() * 2).requires_grad_()
    matrices = [w.clone().requires_grad_() for w in _matrices(4)]
    output = multi_head(x, x, *matrices, 2)
    gradients = torch.autograd.grad((output * torch.linspace(-1, 2, 12).reshape(1, 3, 4)).sum(), (x, *matrices))
    yield from zip(("input", "w_q", "w_k", "w_v", "w_o"), gradients, strict=True)


# %% [markdown]
# ## 5 · Does it know the order? (1 point)
#
# A layer turns a sequence into a sequence. Shuffle the positions of its input. If the layer does not know the order,
# its output is the old output, shuffled in the same way: it *follows* the permutation. If it does know the order,
# something else comes out. Write the test that tells the two apart.
#
# **Contract.** `layer` takes and returns a tensor of shape $(B, T, M)$; `x` is such a tensor; `order` holds the
# numbers 0 to $T - 1$ in some order and says which old position comes to each new place: the shuffled input is
# `x[:, order]`. Return the largest absolute difference between the output for the shuffled input and the shuffled
# output for `x`, as a Python float. It is 0 (up to rounding) if the layer follows the permutation.
#
# **Example.** For `layer = lambda x: x.cumsum(dim=1)`, `x = [[[1], [2], [4]]]` and `order = [2, 0, 1]`: the shuffled
# input is 4, 1, 2, and the layer makes 4, 5, 7 of it. The layer makes 1, 3, 7 of `x` itself, shuffled 7, 1, 3. The
# differences are 3, 4 and 4, so the result is `4.0`. For `layer = lambda x: 2 * x` the result is `0.0`.
#
# <details><summary>Hint: where to look</summary>
#
# Two roads from `x`: shuffle, then layer; layer, then shuffle. Compare where they end.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `shuffled_first = layer(x[:, order])`
#
# </details>


# %% role="answer" name="order_gap"
def order_gap(layer, x: torch.Tensor, order: torch.Tensor) -> float:
    """How far a layer is from following a permutation of the positions.

    Args:
        layer: takes shape (B, T, M), returns the same.
        x: shape (B, T, M).
        order: shape (T,), the old position that comes to each new place.

    Returns:
        The largest absolute difference, 0 if the layer follows the permutation.
    """
    ### BEGIN SOLUTION
    return (layer(x[:, order]) - layer(x)[:, order]).abs().max().item()
    ### END SOLUTION


# %% role="check" name="order_gap" points=1
def running_sum():
    """a running sum and a doubling, as in the example"""
    x, order = torch.tensor([[[1.0], [2.0], [4.0]]]), torch.tensor([2, 0, 1])
    yield "running sum", order_gap(lambda x: x.cumsum(dim=1), x, order)
    yield "doubling", order_gap(lambda x: 2 * x, x, order)


def both_signs():
    """a running sum over three sequences, with numbers of both signs"""
    x = torch.tensor([[1.0, 5.0, -2.5], [0.0, 1.0, 0.5], [2.0, 0.0, 2.0]])[..., None]
    yield "running sum", order_gap(lambda x: x.cumsum(dim=1), x, torch.tensor([2, 0, 1]))


def hidden_two_sequences():
    """two sequences of four positions, and a layer that adds a number to each place"""
    x = torch.linspace(-2, 3, 2 * 4 * 3).reshape(2, 4, 3).sin()
    order = torch.tensor([1, 2, 3, 0])
    yield "places", order_gap(lambda x: x + torch.tensor([0.0, 1.0, 4.0, 9.0])[:, None], x, order)
    yield "mean of all positions", order_gap(lambda x: x - x.mean(dim=1, keepdim=True), x, order)


def hidden_one_way():
    """a layer that takes its left neighbour away, in double precision"""
    x = torch.linspace(-2, 3, 5 * 2).double().reshape(1, 5, 2).sin()
    order = torch.tensor([3, 0, 4, 1, 2])
    yield "difference", order_gap(lambda x: x - x.roll(1, dims=1), x, order)


def hidden_same_order():
    """an order that leaves everything in its place, for one position and for three"""
    yield "one position", order_gap(lambda x: x.cumsum(dim=1), torch.ones(1, 1, 2), torch.tensor([0]))
    yield "three positions", order_gap(lambda x: x.cumsum(dim=1), torch.ones(2, 3, 2), torch.tensor([0, 1, 2]))


# %% [markdown]
# ## 6 · The dog and the man (3 points, read by a person)
#
# *Dog bites man* and *man bites dog* hold the same three words. A layer of self-attention takes them as three vectors,
# without being told which comes first. The cell after the next one sends both sentences through three such layers:
# self-attention, self-attention with a causal mask, and self-attention on words to which a vector for their place was
# added. For each word it prints how far the vector that comes out differs between the two sentences.
#
# **First predict, then run.** Before you run it, write down for each of the three layers whether the vectors of *dog*,
# *bites* and *man* will be the same in both sentences. Then run it, and explain what you see:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Why does self-attention without a mask and without places follow every permutation? Argue with the formula of
#    task 1, for all weights, not with the number that was printed.
# 3. Why does the causal mask change this, although no position was added to the words? What does a query know under
#    it that it did not know before?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all three layers, and a difference between them is explained. A
#   wrong prediction costs nothing.
# - **The argument holds for all weights.** It says that scores depend on pairs of vectors and not on their places,
#   and that a sum over keys has no order. "The printed number is small" is no such argument.
# - **The mask**: says that the mask is fixed to places and does not move with the words, so that the set of keys which
#   a word may look at depends on where it stands.

# %% [markdown] role="written" name="dog" points=3
# *Prediction.* I expected equal vectors from plain self-attention, equal ones from the causal layer since it has no
# places either, and different ones with places. *Result.* They are equal up to rounding in the plain layer only; my
# second guess was wrong. In the causal layer all three words change, *bites* too, although it stays in the middle: it
# sees *dog* in one sentence and *man* in the other.
#
# *Why plain attention follows.* The score of a query and a key is $q_i \cdot k_j / \sqrt D$. It is made of the two
# words' vectors and of nothing else, so if the words move, the score moves with the pair and keeps its value. The
# softmax divides by a sum over all keys, and the output is a sum over all keys; a sum does not depend on the order of
# its terms. So the output for *dog* is made of the same terms wherever the words stand, and shuffling the input
# shuffles the output. No property of the weights was used, so this holds for all of them, and for each head.
#
# *Why the mask changes it.* The mask is a table of places: row 0 sees one key, row 2 sees three. It stays where it is
# when the words move. In *dog bites man*, *dog* is first and sees itself alone; in *man bites dog* it is last and
# sees all three. So its sum runs over other words. Under a causal mask a query's set of keys tells it what came before
# it, which is knowledge about order, though not about the distance to any of them.

# %% role="given" name="dog_run"
torch.manual_seed(0)
words = dict(zip(("dog", "bites", "man"), torch.randn(3, 16), strict=True))
places = torch.randn(3, 16)
maps = torch.randn(3, 16, 16) / 4


def look(x, causal_too=False):
    """Self-attention of one head with fixed random maps to queries, keys and values."""
    q, k, v = (x @ m for m in maps)
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal_too)


def vectors(layer, sentence):
    """What comes out of the layer for each word of a sentence."""
    found = layer(torch.stack([words[word] for word in sentence])[None])[0]
    return dict(zip(sentence, found, strict=True))


layers = {
    "self-attention": look,
    "with a causal mask": lambda x: look(x, causal_too=True),
    "with places added": lambda x: look(x + places),
}
sentences = ["dog", "bites", "man"], ["man", "bites", "dog"]
print("largest change of a word's vector from one sentence to the other")
for label, layer in layers.items():
    one, other = (vectors(layer, sentence) for sentence in sentences)
    changes = (f"{w} {(one[w] - other[w]).abs().max().item():.6f}" for w in words)
    print(f"{label:20s}", "   ".join(changes))

# %% [markdown]
# ## Optional: how the cost grows (no points)
#
# Every query meets every key. The next cell measures how long the fused function of PyTorch takes as the sequence gets
# longer, and how much memory the weights of 4 heads would fill if they were stored, which that function avoids. It uses
# the fastest device that it finds, with longer sequences on a GPU. Predict by how much both grow from one line to the
# next, then run it, then go longer.

# %% role="given" name="cost"
lengths = (1024, 2048, 4096, 8192, 16384) if device.type == "cuda" else (128, 256, 512, 1024)


def seconds(compute) -> float:
    """Shortest time of three runs, each waited for to its end."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        compute()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times)


for length in lengths:
    x = torch.randn(1, 4, length, 32, device=device)
    milliseconds = 1000 * seconds(lambda x=x: F.scaled_dot_product_attention(x, x, x))
    megabytes = 4 * length * length * 4 / 1e6  # 4 heads, 4 bytes a number
    print(f"length {length:5d}: {milliseconds:8.2f} ms, the weights would fill {megabytes:7.1f} MB")
