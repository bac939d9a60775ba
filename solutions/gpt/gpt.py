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

# %% [markdown] role="title" chapter="sequences/gpt" minutes=90
# # GPT: predict the next
#
# **23 points, about 90 minutes.** This exercise belongs to the chapter *GPT: predict the next*.
#
# You write the parts that turn a stack of attention into a model that writes: the loss that shifts by one place, the
# perplexity, a block that computes its two parts side by side, the filters of sampling, a cache that remembers keys and
# values, and the head and loss of fine-tuning.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a batch of one, gradients.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $T$ tokens in each, $V$ tokens in the vocabulary, $M$
# numbers that stand for a token between blocks, $H$ heads of $D = M / H$ numbers, $P$ tokens in the cache.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Shift by one, and count well (4 points)
#
# A causal model gives, at place $t$, logits of the token at place $t + 1$. The text is its own teacher.
#
# **a)** `next_token_loss(logits, tokens)`: the mean of $-\log p(\text{token}_{t+1} \mid \text{token}_0 \dots
# \text{token}_t)$ in nats, over all sequences and all places that have a next token. `logits` has shape $(B, T, V)$ and
# was computed from `tokens`, shape $(B, T)$. Return one number, a tensor without axes. **Example.** With $V = 2$, tokens
# `[[0, 1, 1]]` and logits `[[[0, 0], [0, 1.0986], [5, 0]]]` the two predictions are "token 1, with probability 0.5" and
# "token 1, with probability 0.75" ($e^{1.0986} = 3$), so the loss is $(0.6931 + 0.2877) / 2 = 0.4904$. The last logits
# predict a token that nobody has.
#
# **b)** `perplexity(log_probs)`: $e$ to the mean loss *over all tokens of all texts*. `log_probs` is a list of tensors,
# one a text; each holds the natural logarithm of the probability that the model gave to each of its tokens, and texts
# differ in length. Return a Python float. **Example.** One text with probabilities ½ and ½ and another with
# ⅛: the mean loss is $(0.6931 + 0.6931 + 2.0794) / 3 = 1.1552$, the perplexity 3.1748.
#
# **c)** `bits_per_character(log_probs, texts)`: how many bits the model spends on a *character*. The same list, and the
# texts themselves as strings. Models with different tokens can be compared by it, by perplexity they can't. **Example.**
# If the texts above are `"ab"` and `"cdef"`, they cost $1 + 1 + 3 = 5$ bits for 6 characters: 0.8333.
#
# Two points for a), one each for b) and c).
#
# <details><summary>Hint: where to look</summary>
#
# a) Which place has logits that nothing can be compared with? Which token was foretold by nobody?
# b) A long text has more tokens, so it must count more. c) How many nats is one bit?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# a) `logits[:, :-1]` are the predictions that have an answer. b) `torch.cat(log_probs)` holds all tokens in a row.
#
# </details>


# %% role="answer" name="next_token_loss"
def next_token_loss(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """The mean loss of foretelling each next token, in nats.

    Args:
        logits: shape (B, T, V), computed from tokens.
        tokens: shape (B, T), int64, T at least 2.

    Returns:
        A tensor without axes.
    """
    ### BEGIN SOLUTION
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    ### END SOLUTION


# %% role="check" name="next_token_loss" points=2
def worked_loss():
    """the worked example"""
    logits = torch.tensor([[[0.0, 0.0], [0.0, 1.0986], [5.0, 0.0]]])
    yield "loss", next_token_loss(logits, torch.tensor([[0, 1, 1]]))


def two_sequences():
    """two sequences of six tokens out of four"""
    logits = 2 * torch.linspace(-3, 11, 2 * 6 * 4).reshape(2, 6, 4).sin()
    yield "loss", next_token_loss(logits, torch.tensor([[0, 3, 1, 1, 2, 0], [2, 0, 0, 3, 1, 3]]))


def hidden_last_logits():
    """logits that differ at the last place only, which foretells nothing"""
    logits = torch.linspace(-2, 9, 1 * 3 * 3).double().reshape(1, 3, 3).cos()
    tokens = torch.tensor([[1, 2, 0]])
    yield "loss", next_token_loss(logits, tokens)
    logits[:, -1] = torch.tensor([50.0, -50.0, 7.0])
    yield "loss after a change", next_token_loss(logits, tokens)


def hidden_two_tokens():
    """a batch of one with two tokens, and the gradient at the logits"""
    logits = torch.linspace(-1, 2, 8).reshape(1, 2, 4).requires_grad_()
    loss = next_token_loss(logits, torch.tensor([[3, 0]]))
    yield "loss", loss
    yield "gradient", torch.autograd.grad(loss, logits)[0]


def hidden_many():
    """three sequences of as many places as tokens"""
    logits = 3 * torch.linspace(-5, 21, 3 * 6 * 6).double().reshape(3, 6, 6).sin()
    yield "loss", next_token_loss(logits, (torch.arange(18).reshape(3, 6) ** 2) % 6)


# %% role="answer" name="perplexity"
def perplexity(log_probs: list[torch.Tensor]) -> float:
    """e to the mean loss over all tokens of all texts.

    Args:
        log_probs: for each text the natural logarithm of the probability of each token, shape (T,); T differs.

    Returns:
        At least 1.
    """
    ### BEGIN SOLUTION
    return math.exp(-torch.cat(log_probs).mean())
    ### END SOLUTION


# %% role="check" name="perplexity" points=1
def worked_perplexity():
    """the worked example"""
    yield "perplexity", perplexity([torch.tensor([0.5, 0.5]).log(), torch.tensor([0.125]).log()])


def an_even_choice():
    """a model that finds all of 10 tokens alike"""
    yield "perplexity", perplexity([torch.full((4,), 0.1).log(), torch.full((9,), 0.1).log()])


def two_texts_more():
    """texts of three tokens and of one"""
    yield "perplexity", perplexity([torch.tensor([0.9, 0.2, 0.4]).log(), torch.tensor([0.6]).log()])


def hidden_lengths():
    """texts of very different lengths, in double precision"""
    texts = [torch.linspace(0.05, 0.9, n).double().log() for n in (2, 3, 40)]
    yield "perplexity", perplexity(texts)


def hidden_one_text():
    """a single text of a single token"""
    yield "perplexity", perplexity([torch.tensor([0.2]).log()])


def hidden_long_text():
    """a text of a thousand tokens, more than their product can bear"""
    yield "perplexity", perplexity([torch.full((1000,), 0.25).log(), torch.tensor([0.5]).log()])


# %% role="answer" name="bits_per_character"
def bits_per_character(log_probs: list[torch.Tensor], texts: list[str]) -> float:
    """What the model spends on a character.

    Args:
        log_probs: for each text the natural logarithm of the probability of each token, shape (T,).
        texts: the texts; a token may stand for several characters.

    Returns:
        Bits for a character.
    """
    ### BEGIN SOLUTION
    nats = -torch.cat(log_probs).sum().item()
    return nats / math.log(2) / sum(map(len, texts))
    ### END SOLUTION


# %% role="check" name="bits_per_character" points=1
def worked_bits():
    """the worked example"""
    yield "bits", bits_per_character([torch.tensor([0.5, 0.5]).log(), torch.tensor([0.125]).log()], ["ab", "cdef"])


def a_token_a_character():
    """texts of which each token is one character"""
    yield (
        "bits",
        bits_per_character([torch.tensor([0.3, 0.6, 0.1, 0.8, 0.2]).log(), torch.tensor([0.5]).log()], ["a cat", "a"]),
    )


def hidden_words():
    """texts of long tokens, in double precision"""
    log_probs = [torch.linspace(0.01, 0.4, n).double().log() for n in (1, 4, 9)]
    yield (
        "bits",
        bits_per_character(
            log_probs, ["Once", "upon a time a café had", "a model that counted characters, not tokens"]
        ),
    )


# %% [markdown]
# ## 2 · A block, side by side (3 points)
#
# In a block of GPT-2 the network of two layers reads what attention has written. Some later models (GPT-J was one of
# the first) let both read the *same* normed input and add both results at once; on several GPUs this saves waiting:
#
# $$y = x + \operatorname{attention}(\operatorname{norm}(x)) + \operatorname{network}(\operatorname{norm}(x)) .$$
#
# **Contract.** `parallel_block(x, parts, heads)`: `x` has shape $(B, T, M)$ and `parts` is an `nn.ModuleDict` with
# `norm` (a LayerNorm), `qkv` (linear, $M$ to $3M$: first all queries, then all keys, then all values), `out` (linear,
# $M$ to $M$, mixes the joined heads), `up` (linear, $M$ to $4M$) and `down` (linear, $4M$ to $M$). Between the last two
# stands the GELU by the tanh formula, `F.gelu(..., approximate="tanh")`. Each head works on its own $D = M / H$ numbers;
# scores are divided by $\sqrt D$; the attention is causal. Return shape $(B, T, M)$.
#
# `F.scaled_dot_product_attention` is allowed here. Two points for the values, one for causality.
#
# <details><summary>Hint: where to look</summary>
#
# Norm once, use it twice. Heads must stand in front of time before attention, and behind it again afterwards.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `q, k, v = parts["qkv"](parts["norm"](x)).chunk(3, dim=-1)`, and of each
# `.unflatten(-1, (heads, -1)).transpose(1, 2)`.
#
# </details>


# %% role="answer" name="parallel_block"
def parallel_block(x: torch.Tensor, parts: nn.ModuleDict, heads: int) -> torch.Tensor:
    """Causal attention and a network of two layers, side by side on one norm.

    Args:
        x: shape (B, T, M).
        parts: norm, qkv, out, up, down.
        heads: H, which divides M.

    Returns:
        Shape (B, T, M).
    """
    ### BEGIN SOLUTION
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))
    ### END SOLUTION


# %% role="check" name="parallel_block" points=2
def _parts(size, dtype=torch.float32):
    layers = {
        "norm": nn.LayerNorm(size),
        "qkv": nn.Linear(size, 3 * size),
        "out": nn.Linear(size, size),
        "up": nn.Linear(size, 4 * size),
        "down": nn.Linear(4 * size, size),
    }
    parts = nn.ModuleDict(layers).to(dtype)
    with torch.no_grad():
        for number, parameter in enumerate(parts.parameters()):
            values = torch.linspace(-2 - number, 5 + 3 * number, parameter.numel(), dtype=dtype)
            parameter.copy_(
                (values * 1.7).sin().reshape(parameter.shape) * (0.8 if parameter.ndim > 1 else 0.5) + (number == 0)
            )
    return parts


def two_heads():
    """two sequences of four tokens, eight numbers, two heads"""
    x = 2 * torch.linspace(-3, 8, 2 * 4 * 8).reshape(2, 4, 8).sin()
    yield "output", parallel_block(x, _parts(8), 2)


def one_token():
    """a single token, which sees itself only"""
    yield "output", parallel_block(torch.linspace(-1, 2, 4).reshape(1, 1, 4), _parts(4), 1)


def hidden_three_heads():
    """three heads and five tokens, in double precision"""
    x = 2 * torch.linspace(-3, 14, 2 * 5 * 12).double().reshape(2, 5, 12).cos()
    yield "output", parallel_block(x, _parts(12, torch.float64), 3)


def hidden_gradient():
    """the gradient that arrives at the input"""
    x = torch.linspace(-3, 8, 1 * 3 * 4).double().reshape(1, 3, 4).sin().requires_grad_()
    y = parallel_block(x, _parts(4, torch.float64), 2)
    yield "gradient", torch.autograd.grad((y * torch.linspace(-1, 2, 12).double().reshape(1, 3, 4)).sum(), x)[0]


# %% role="check" name="causal" answer="parallel_block" points=1
def _parts(size):
    layers = {
        "norm": nn.LayerNorm(size),
        "qkv": nn.Linear(size, 3 * size),
        "out": nn.Linear(size, size),
        "up": nn.Linear(size, 4 * size),
        "down": nn.Linear(4 * size, size),
    }
    parts = nn.ModuleDict(layers).double()
    with torch.no_grad():
        for number, parameter in enumerate(parts.parameters()):
            values = torch.linspace(-2 - number, 5 + 3 * number, parameter.numel(), dtype=torch.float64)
            parameter.copy_((values * 1.7).sin().reshape(parameter.shape) + (number == 0))
    return parts


def _reached(length, size, heads):
    parts = _parts(size)
    x = torch.linspace(-3, 14, length * size).double().reshape(1, length, size).cos()
    jacobian = torch.autograd.functional.jacobian(lambda x: parallel_block(x, parts, heads)[0].square().sum(-1), x)
    return (jacobian[:, 0].abs().sum(-1) > 1e-12).double()


def which_tokens_matter():
    """which of four tokens (columns) each of four outputs (rows) depends on: 1 where it does"""
    yield "depends", _reached(4, 8, 2)


def the_first_token_alone():
    """by how much the output for the first token changes if three others follow it"""
    parts, x = _parts(8), torch.linspace(-3, 14, 4 * 8).double().reshape(1, 4, 8).cos()
    yield "change", parallel_block(x, parts, 2)[:, :1] - parallel_block(x[:, :1], parts, 2)


def hidden_more_tokens():
    """which of six tokens each output depends on, one head"""
    yield "depends", _reached(6, 4, 1)


# %% [markdown]
# ## 3 · Which token comes next? (5 points)
#
# The logits are given; what is drawn from is up to you. Each function returns *probabilities* that sum to 1 over the
# last axis, in the dtype of the logits, shape $(\dots, V)$, and leaves the logits that it was given as they are. The
# probes have no two equal logits in a row.
#
# **a)** `with_temperature(logits, temperature)`: the softmax of the logits divided by the temperature. At temperature 0
# all probability goes to the largest logit. **Example.** Logits `[0, 1.0986]` give `[0.25, 0.75]` at temperature 1,
# `[0.1, 0.9]` at 0.5 and `[0, 1]` at 0.
#
# **b)** `top_k(logits, k)`: only the $k$ most probable tokens, in the proportions they had; all if $k > V$. **Example.**
# For probabilities 0.5, 0.3 and 0.2 and $k = 2$: `[0.625, 0.375, 0]`.
#
# **c)** `top_p(logits, p)`: as few of the most probable tokens as together have *at least* the probability $p$, in the
# proportions they had. **Example.** For the same probabilities and $p = 0.6$: 0.5 is not enough, 0.5 + 0.3 is, so
# `[0.625, 0.375, 0]`. For $p = 0.4$ the first token is enough: `[1, 0, 0]`. It always stays.
#
# One point for a), two each for b) and c).
#
# <details><summary>Hint: where to look</summary>
#
# If a logit is minus infinity, what does the softmax make of it, and who gets the probability that it had?
# c) Sort; whether a token stays depends on how much stands *before* it. Then the answer must find its way back to the
# places of the vocabulary.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# b) `logits.topk(min(k, logits.shape[-1]))` has `values` and `indices`. c) With `p_sorted` in falling order,
# `p_sorted.cumsum(-1) - p_sorted` is what stands before each token.
#
# </details>


# %% role="answer" name="with_temperature"
def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Probabilities of the next token, sharpened below temperature 1 and flattened above.

    Args:
        logits: shape (..., V).
        temperature: at least 0.

    Returns:
        Shape (..., V).
    """
    ### BEGIN SOLUTION
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return (logits / temperature).softmax(dim=-1)
    ### END SOLUTION


# %% role="check" name="with_temperature" points=1
def three_temperatures():
    """the worked example at temperatures 1, 0.5 and 0"""
    logits = torch.tensor([0.0, 1.0986])
    for temperature in (1.0, 0.5, 0.0):
        p = with_temperature(logits, temperature)
        yield f"at {temperature}", p
        yield f"in the dtype of the logits at {temperature}", float(p.dtype == logits.dtype)


def hidden_rows():
    """two rows of five tokens, hot and cold, in double precision"""
    logits = 4 * torch.linspace(-3, 9, 10).double().reshape(2, 5).sin()
    for temperature in (3.0, 0.2, 0.0):
        p = with_temperature(logits, temperature)
        yield f"at {temperature}", p
        yield f"in the dtype of the logits at {temperature}", float(p.dtype == logits.dtype)


def hidden_large():
    """logits in the hundreds, at a low temperature"""
    yield "probabilities", with_temperature(torch.tensor([[500.0, 499.0, 0.0]]), 0.25)


# %% role="answer" name="top_k"
def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    """Probabilities of the k most probable tokens, zero for the others.

    Args:
        logits: shape (..., V).
        k: at least 1.

    Returns:
        Shape (..., V).
    """
    ### BEGIN SOLUTION
    best = logits.topk(min(k, logits.shape[-1]), dim=-1)
    lowest = torch.full_like(logits, -math.inf)
    return lowest.scatter(-1, best.indices, best.values).softmax(dim=-1)
    ### END SOLUTION


# %% role="check" name="top_k" points=2 refuse="keep_top_k next_token_probabilities TopKLogitsWarper"
def worked_top_k():
    """probabilities 0.5, 0.3 and 0.2, of which two are kept"""
    yield "probabilities", top_k(torch.tensor([0.5, 0.3, 0.2]).log(), 2)


def unsorted_top_k():
    """two rows of six tokens in no order, of which three are kept"""
    logits = 3 * torch.linspace(-4, 15, 12).reshape(2, 6).sin()
    yield "probabilities", top_k(logits, 3)
    yield "the logits afterwards", logits


def hidden_one_and_all():
    """k of one, and k larger than the vocabulary, in double precision"""
    logits = 2 * torch.linspace(-4, 11, 4).double().reshape(1, 4).sin()
    yield "one", top_k(logits, 1)
    yield "all", top_k(logits, 9)


def hidden_negative():
    """logits that are all far below zero"""
    yield "probabilities", top_k(torch.tensor([-90.0, -91.0, -88.5, -95.0]), 2)


def hidden_three_axes():
    """logits with three axes"""
    yield "probabilities", top_k(3 * torch.linspace(-4, 25, 2 * 3 * 5).reshape(2, 3, 5).cos(), 2)


# %% role="answer" name="top_p"
def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    """Probabilities of the fewest most probable tokens that reach p, zero for the others.

    Args:
        logits: shape (..., V).
        p: above 0 and below 1.

    Returns:
        Shape (..., V).
    """
    ### BEGIN SOLUTION
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    kept = sorted_logits.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, -math.inf)
    return torch.zeros_like(logits).scatter(-1, order, kept.softmax(dim=-1))
    ### END SOLUTION


# %% role="check" name="top_p" points=2 refuse="keep_top_p next_token_probabilities TopPLogitsWarper"
def worked_top_p():
    """probabilities 0.5, 0.3 and 0.2, for p of 0.6 and of 0.4"""
    logits = torch.tensor([0.5, 0.3, 0.2]).log()
    yield "p = 0.6", top_p(logits, 0.6)
    yield "p = 0.4", top_p(logits, 0.4)


def unsorted_top_p():
    """two rows of five tokens in no order: a flat one and a steep one, for p of 0.7"""
    flat, steep = torch.tensor([0.18, 0.22, 0.21, 0.2, 0.19]), torch.tensor([0.05, 0.02, 0.06, 0.8, 0.07])
    logits = torch.stack([flat, steep]).log()
    yield "probabilities", top_p(logits, 0.7)
    yield "the logits afterwards", logits


def hidden_small_p():
    """a p so small that the first token alone is more than enough, with a single token in the vocabulary too"""
    yield "three tokens", top_p(torch.tensor([[0.1, 0.6, 0.3]]).double().log(), 0.01)
    yield "one token", top_p(torch.tensor([[2.5]]), 0.5)


def hidden_large_p():
    """a p just below 1, logits shifted by a hundred, in double precision"""
    yield "probabilities", top_p(torch.tensor([0.4, 0.3, 0.2, 0.1]).double().log() + 100, 0.95)


def hidden_three_axes_p():
    """logits with three axes"""
    yield "probabilities", top_p(3 * torch.linspace(-4, 25, 2 * 3 * 5).reshape(2, 3, 5).cos(), 0.8)


# %% [markdown]
# ## 4 · A cache (4 points)
#
# When a model writes, each step repeats nearly all of the step before: keys and values of old tokens do not change. A
# *cache* keeps them. The locked cell below holds a whole model of one layer and one head, and how it reads a sequence
# at once. You write the step that reads **one** new token.
#
# **Contract.** `step(token, cache, weights)`. `token` has shape $(B,)$: the new token of each sequence. `cache` is
# `None` before the first token, afterwards the pair of keys and values that your last call returned, each of shape
# $(B, P, M)$ after $P$ tokens, oldest first. `weights` is the dict that the locked cell describes. Return a pair: the
# logits of the token after it, shape $(B, V)$, and the new cache, with $P + 1$ keys and values. The cache that was
# given must not change, so that two continuations can start from it and go on side by side. Step by step, the logits
# must equal those of `read_all`. **Example.** For the sequence `[[1, 0, 2]]`, three calls of `step` return the three rows of
# `read_all(...)[0]`, and after them the keys in the cache have shape $(1, 3, M)$.
#
# Each call embeds one token and no more: all that it knows of the others are their keys and values, so `read_all` is of
# no use in it. Two points for the logits, one for the cache, one for leaving the old cache alone.
#
# <details><summary>Hint: where to look</summary>
#
# The new token stands at a place of its own in the sequence. Which number has that place if the cache holds $P$ tokens?
# Does the one new query need a mask?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `place = 0 if cache is None else cache[0].shape[1]`
#
# </details>


# %% role="given" name="read_all"
def make_weights(vocabulary: int, context: int, size: int, *, dtype: torch.dtype = torch.float32) -> dict:
    """Weights by a rule: tokens (V, M), places (context, M), and q, k, v, o, each (M, M), applied from the right."""
    shapes = {"tokens": (vocabulary, size), "places": (context, size)} | dict.fromkeys("qkvo", (size, size))
    return {
        name: (torch.linspace(-3, 9 + number, math.prod(shape), dtype=dtype) * (2 + number)).sin().reshape(shape)
        for number, (name, shape) in enumerate(shapes.items())
    }


def read_all(tokens: torch.Tensor, weights: dict) -> torch.Tensor:
    """Logits after every token of (B, T) tokens, shape (B, T, V): one layer of causal attention with one head."""
    length = tokens.shape[1]
    x = weights["tokens"][tokens] + weights["places"][:length]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    scores = q @ k.mT / math.sqrt(x.shape[-1])
    scores = scores.masked_fill(~torch.ones(length, length, dtype=torch.bool).tril(), -math.inf)
    return (x + scores.softmax(dim=-1) @ v @ weights["o"]) @ weights["tokens"].mT


# %% role="answer" name="step"
def step(
    token: torch.Tensor, cache: tuple[torch.Tensor, torch.Tensor] | None, weights: dict
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Read one more token.

    Args:
        token: shape (B,), int64.
        cache: keys and values of the tokens before, each (B, P, M), or None if there are none.
        weights: as in read_all.

    Returns:
        Logits of the next token, (B, V), and the cache with this token in it.
    """
    ### BEGIN SOLUTION
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    scores = q @ k.mT / math.sqrt(x.shape[-1])
    y = x + scores.softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)
    ### END SOLUTION


# %% role="check" name="step_logits" answer="step" points=2
def worked_sequence():
    """the logits after each token of the sequence 1, 0, 2"""
    weights, cache = make_weights(4, 6, 6), None
    for token in (1, 0, 2):
        logits, cache = step(torch.tensor([token]), cache, weights)
        yield f"after {token}", logits


def made_up_cache():
    """the logits after one token behind three made-up keys and values"""
    keys, values = torch.linspace(-2, 7, 36).reshape(2, 1, 3, 6).sin()
    yield "logits", step(torch.tensor([1]), (keys, values), make_weights(4, 6, 6))[0]


def hidden_batch_logits():
    """the logits after each of five tokens of two sequences, in double precision"""
    weights, cache = make_weights(5, 7, 8, dtype=torch.float64), None
    for number, column in enumerate(torch.tensor([[0, 4, 4, 2, 1], [3, 3, 0, 1, 2]]).T):
        logits, cache = step(column, cache, weights)
        yield f"after {number + 1}", logits


def hidden_same_token():
    """the logits after one token three times over: only its place differs"""
    weights, cache = make_weights(3, 4, 4, dtype=torch.float64), None
    for number in range(3):
        logits, cache = step(torch.tensor([2]), cache, weights)
        yield f"time {number + 1}", logits


# %% role="check" name="step_cache" answer="step" points=1
def keys_and_values():
    """the cache after each token of the sequence 1, 0, 2"""
    weights, cache = make_weights(4, 6, 6), None
    for number, token in enumerate((1, 0, 2), 1):
        _, cache = step(torch.tensor([token]), cache, weights)
        yield f"keys after {number}", cache[0]
        yield f"values after {number}", cache[1]


def hidden_batch_cache():
    """the cache after four tokens of three sequences, in double precision"""
    weights, cache = make_weights(5, 7, 8, dtype=torch.float64), None
    for column in torch.tensor([[0, 4, 4, 2], [3, 3, 0, 1], [1, 0, 2, 4]]).T:
        _, cache = step(column, cache, weights)
    yield "keys", cache[0]
    yield "values", cache[1]


# %% role="check" name="two_continuations" answer="step" points=1
def one_cache_two_ways():
    """two continuations of one beginning, the second from the same cache as the first"""
    weights, cache = make_weights(4, 6, 6), None
    for token in (3, 1):
        _, cache = step(torch.tensor([token]), cache, weights)
    before = [part.clone() for part in cache]
    yield "with 0", step(torch.tensor([0]), cache, weights)[0]
    yield "with 2", step(torch.tensor([2]), cache, weights)[0]
    yield "tokens in the old cache", cache[0].shape[1]
    yield "old keys changed by", (cache[0] - before[0]).abs().max()
    yield "old values changed by", (cache[1] - before[1]).abs().max()


def hidden_new_start():
    """a second sequence, started after the first: nothing of the first may be left"""
    weights = make_weights(4, 6, 6, dtype=torch.float64)
    _, cache = step(torch.tensor([3]), None, weights)
    step(torch.tensor([1]), cache, weights)
    yield "after 2", step(torch.tensor([2]), None, weights)[0]


def hidden_in_turns():
    """two continuations of one beginning that go on in turns, each from its own cache"""
    weights = make_weights(4, 6, 6, dtype=torch.float64)
    _, cache = step(torch.tensor([3]), None, weights)
    _, one = step(torch.tensor([0]), cache, weights)
    _, other = step(torch.tensor([2]), cache, weights)
    yield "the first goes on", step(torch.tensor([1]), one, weights)[0]
    yield "the second goes on", step(torch.tensor([1]), other, weights)[0]


# %% [markdown]
# ## 5 · Fine-tune (4 points)
#
# GPT-1 was pre-trained on books and then *fine-tuned*: one linear layer more, which reads what stands behind the last
# token of a text, a few labelled examples, and all weights learn.
#
# **a)** `class_logits(states, lengths, weight, bias)`: `states` has shape $(B, T, M)$: what stands behind each token
# after the last block, padding on the right included. `lengths` has shape $(B,)$: how many tokens of each text are real.
# `weight` is $(C, M)$ and `bias` $(C,)$, as in `nn.Linear`. Return logits of the classes, shape $(B, C)$. **Example.**
# With `states = [[[1.], [2.], [9.]]]`, `lengths = [2]`, `weight = [[3.], [-1.]]`, `bias = [0.5, 0.]` the state is 2 and
# the logits are `[[6.5, -2]]`.
#
# **b)** `fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share)`: GPT-1 went on foretelling the text
# while it learned the labels. The loss is the cross-entropy of the classes plus `share` times the mean loss of the next
# tokens, as in task 1, but *without the padding*: token $t$ of a text counts if $1 \le t <$ its length. The mean is over
# all tokens that count, in all texts together. All in nats; `tokens` stay as they are. **Example.** One text with `tokens = [[0, 1, 1]]`,
# `lengths = [2]`, the logits of task 1, class logits `[[0, 0]]`, label `[0]` and `share = 0.5`: one token counts, with
# probability 0.5, so the loss is $0.6931 + 0.5 \cdot 0.6931 = 1.0397$. Every text of the probes has two real tokens or
# more.
#
# Two points each.
#
# <details><summary>Hint: where to look</summary>
#
# a) If 2 tokens are real, which index has the last of them? Each text has its own. b) `F.cross_entropy` ignores targets
# of $-100$.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# a) `states[torch.arange(len(states)), lengths - 1]` takes one state from each row.
# b) `torch.arange(tokens.shape[1]) >= lengths[:, None]` is True on the padding.
#
# </details>


# %% role="answer" name="class_logits"
def class_logits(states: torch.Tensor, lengths: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Logits of the classes from the state behind the last real token.

    Args:
        states: shape (B, T, M).
        lengths: shape (B,), from 1 to T.
        weight: shape (C, M).
        bias: shape (C,).

    Returns:
        Shape (B, C).
    """
    ### BEGIN SOLUTION
    last = states[torch.arange(len(states)), lengths - 1]
    return last @ weight.mT + bias
    ### END SOLUTION


# %% role="check" name="class_logits" points=2
def worked_class():
    """the worked example"""
    states = torch.tensor([[[1.0], [2.0], [9.0]]])
    yield "logits", class_logits(states, torch.tensor([2]), torch.tensor([[3.0], [-1.0]]), torch.tensor([0.5, 0.0]))


def three_texts():
    """three texts of 2, 1 and 3 tokens, padded to 4"""
    states = torch.linspace(-3, 14, 3 * 4 * 2).reshape(3, 4, 2).cos()
    weight = torch.linspace(-1, 3, 6).reshape(3, 2).cos()
    yield "logits", class_logits(states, torch.tensor([2, 1, 3]), weight, torch.tensor([0.1, -0.2, 0.3]))


def hidden_padding():
    """texts whose padding changes, in double precision"""
    states = torch.linspace(-3, 14, 2 * 5 * 3).double().reshape(2, 5, 3).sin()
    weight, bias = torch.linspace(-1, 3, 12).double().reshape(4, 3), torch.linspace(0, 1, 4).double()
    yield "logits", class_logits(states, torch.tensor([3, 4]), weight, bias)
    states[0, 3:], states[1, 4:] = 7.0, -7.0
    yield "logits after a change", class_logits(states, torch.tensor([3, 4]), weight, bias)


def hidden_class_gradient():
    """the gradients that arrive at the states of a batch of one, the weight and the bias"""
    states = torch.linspace(-3, 4, 6).reshape(1, 3, 2).requires_grad_()
    weight = torch.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    bias = torch.zeros(2, requires_grad=True)
    loss = (class_logits(states, torch.tensor([2]), weight, bias) * torch.tensor([1.0, -2.0])).sum()
    yield from zip(("states", "weight", "bias"), torch.autograd.grad(loss, (states, weight, bias)), strict=True)


# %% role="answer" name="fine_tuning_loss"
def fine_tuning_loss(
    class_logits: torch.Tensor,
    labels: torch.Tensor,
    logits: torch.Tensor,
    tokens: torch.Tensor,
    lengths: torch.Tensor,
    share: float,
) -> torch.Tensor:
    """The loss of the classes, plus a share of the loss of the next tokens.

    Args:
        class_logits: shape (B, C).
        labels: shape (B,).
        logits: shape (B, T, V), of the token after each place.
        tokens: shape (B, T), padding on the right.
        lengths: shape (B,), from 2 to T.
        share: weight of the second loss.

    Returns:
        A tensor without axes, in nats.
    """
    ### BEGIN SOLUTION
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(class_logits, labels) + share * language
    ### END SOLUTION


# %% role="check" name="fine_tuning_loss" points=2
def worked_both():
    """the worked example"""
    logits = torch.tensor([[[0.0, 0.0], [0.0, 1.0986], [5.0, 0.0]]])
    tokens, lengths = torch.tensor([[0, 1, 1]]), torch.tensor([2])
    yield "loss", fine_tuning_loss(torch.zeros(1, 2), torch.tensor([0]), logits, tokens, lengths, 0.5)


def two_texts():
    """two texts of 4 and 3 tokens in five places, three classes"""
    logits = 2 * torch.linspace(-3, 11, 2 * 5 * 4).reshape(2, 5, 4).sin()
    tokens = torch.tensor([[0, 3, 1, 1, 2], [2, 0, 3, 0, 0]])
    classes = torch.tensor([[0.2, -1.0, 0.7], [1.5, 0.0, -0.5]])
    yield "loss", fine_tuning_loss(classes, torch.tensor([2, 1]), logits, tokens, torch.tensor([4, 3]), 0.5)
    yield "the tokens afterwards", tokens


def hidden_share():
    """the two losses apart: shares of 0, 1 and 2, in double precision"""
    logits = 2 * torch.linspace(-3, 17, 3 * 4 * 3).double().reshape(3, 4, 3).cos()
    tokens, lengths = torch.tensor([[0, 1, 2, 1], [2, 2, 0, 0], [1, 0, 1, 0]]), torch.tensor([4, 2, 3])
    classes = torch.linspace(-2, 3, 6).double().reshape(3, 2).sin()
    for share in (0.0, 1.0, 2.0):
        yield f"share {share}", fine_tuning_loss(classes, torch.tensor([0, 1, 1]), logits, tokens, lengths, share)


def hidden_padding_loss():
    """padding that is a token like any other, and then another one"""
    logits = 2 * torch.linspace(-3, 17, 2 * 4 * 3).double().reshape(2, 4, 3).cos()
    classes, labels, lengths = torch.zeros(2, 2).double(), torch.tensor([0, 1]), torch.tensor([2, 3])
    for padding in (0, 2):
        tokens = torch.tensor([[1, 2, padding, padding], [0, 1, 1, padding]])
        yield f"padding {padding}", fine_tuning_loss(classes, labels, logits, tokens, lengths, 1.0)


def hidden_both_gradients():
    """the gradients at both kinds of logits"""
    logits = torch.linspace(-3, 8, 2 * 3 * 3).reshape(2, 3, 3).sin().requires_grad_()
    classes = torch.tensor([[0.2, -1.0], [1.5, 0.0]], requires_grad=True)
    tokens = torch.tensor([[0, 1, 2], [2, 1, 0]])
    loss = fine_tuning_loss(classes, torch.tensor([1, 0]), logits, tokens, torch.tensor([3, 2]), 0.5)
    yield from zip(("classes", "tokens"), torch.autograd.grad(loss, (classes, logits)), strict=True)


# %% [markdown]
# ## 6 · Round and round (3 points, read by a person)
#
# A model writes at temperature 0: it always takes the most probable token. The cell after the next one lets a table of
# counts, made from a nursery rhyme, write on in two ways: the most probable character each time, and characters drawn
# at temperature 1. The table looks at the last two characters and at nothing else.
#
# **First predict, then run.** Before you run it, write down: will the text written at temperature 0 get stuck in a
# loop, and if it does, can it ever leave it again? Then run it, and explain what you see:
#
# 1. What did you predict, what came out, and why? Ask how many different contexts of two characters there are.
# 2. Why does the most probable *next token* at each step not give the most probable *text*?
# 3. When would you choose temperature 0 all the same?
#
# How it is marked, one point each:
#
# - **The loop**: prediction and result stand side by side, and the reason is given: a context must come again, and from
#   there on everything comes again. A wrong prediction costs nothing.
# - **The text**: says that the probability of a text is a product, and that the largest factor now need not belong to
#   the largest product.
# - **The use**: names a case where the same answer each time is wanted, and says why.

# %% [markdown] role="written" name="loop" points=3
# *Prediction.* I expected a loop, and that the text would leave it after some rounds. *Result.* It runs in a circle and
# stays there; drawn at temperature 1 it does not, because another character is drawn at times. At temperature 0 the next
# character is a function of the context alone. There are at most as many contexts as pairs of characters, so after so
# many steps one of them must come again, and from there on everything comes again: it can't leave. A GPT has far more
# contexts than it will ever write, but a piece that was repeated becomes still more probable, so it tends to loop too.
#
# *The text.* The probability of a text is a product over its places. The most probable token now may lead to where every
# next token is improbable, so the largest first factor need not belong to the largest product. (Beam search looks for
# the larger product.)
#
# *The use.* Where one answer is right and is to be the same each time: a date, a class, a translation, code that is to
# be tested.

# %% role="given" name="loop_run"
_rhyme = "hickory dickory dock the mouse ran up the clock the clock struck one the mouse ran down hickory dickory dock "
_alphabet = sorted(set(_rhyme))
_counts = {}
for _i in range(len(_rhyme) - 2):
    _counts.setdefault(_rhyme[_i : _i + 2], []).append(_rhyme[_i + 2])
for _name, _draws in (("temperature 0", False), ("temperature 1", True)):
    _random, _written = np.random.default_rng(0), "hi"
    while len(_written) < 110:
        _next = _counts.get(_written[-2:], [" "])
        _written += str(_random.choice(_next)) if _draws else max(sorted(set(_next)), key=_next.count)
    print(f"{_name}: {_written}")

# %% [markdown]
# ## With a GPU
#
# The recorded run of the chapter trains on tiny-shakespeare in a minute or two of a CPU. On a GPU, launch the larger
# setting from the folder of the course: `python book/recorded/gpt.py shakespeare --setting gpu`, with several of them
# `torchrun --standalone --nproc-per-node=2 book/recorded/gpt.py shakespeare --setting gpu`. Does it overfit? Compare the
# loss on the batches with the loss on the text that was held out.
