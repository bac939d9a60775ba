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

# %% [markdown] role="title" chapter="sequences/bert" minutes=80
# # BERT: reading both ways
#
# **18 points, about 80 minutes.** This exercise belongs to the chapter *BERT: reading both ways*.
#
# You write what turns a transformer encoder into BERT: the hiding of tokens, the loss that looks at the hidden ones
# only, the layout of a pair of sentences, the classifier on the first position, and one step of the tokenizer. At the
# end you find out by a prediction and a run why not every chosen token is replaced by [MASK].
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a batch of one, edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $T$ positions, $M$ numbers for each position, $V$ tokens
# in the vocabulary, $C$ classes. The special tokens have the numbers `PAD = 0`, `CLS = 1`, `SEP = 2` and `MASK = 3`.
# The target $-100$ (`IGNORED`) says that nothing is to be predicted at a position.

# %% role="given" name="setup"
import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()
PAD, CLS, SEP, MASK = range(4)
IGNORED = -100

# %% [markdown]
# ## 1 · Hide (4 points)
#
# Some tokens are *chosen* for prediction. Most of the chosen ones are hidden, some are replaced, some stay. So that your
# result can be compared, chance is handed to you: for every position a number `draw`, a number `fate` and a token
# `other`.
#
# - A position is **chosen** if `draw < share` and its token is none of the special tokens 0 to 3.
# - A chosen position becomes **MASK** if `fate < 0.8`, becomes **`other`** if `0.8 <= fate < 0.9`, and **stays** if
#   `fate >= 0.9`.
# - The **target** is the old token where the position is chosen, whatever its fate, and `IGNORED` elsewhere.
#
# **Contract.** All four tensors have the same shape. Return the inputs and the targets, int64. The tensor `tokens` must
# not be changed.
#
# **Example.** With `share = 0.5`, tokens `[1, 7, 8, 9, 5, 2]`, draws `[.1, .1, .9, .2, .3, .1]`, fates
# `[.5, .5, .5, .85, .95, .5]` and others `[6, 6, 6, 6, 6, 6]`: positions 1, 3 and 4 are chosen (0 and 5 are
# special). The inputs are `[1, 3, 8, 6, 5, 2]`, the targets `[-100, 7, -100, 9, 5, -100]`.
#
# Two points for the targets, two for the inputs.
#
# <details><summary>Hint: where to look</summary>
#
# First a boolean tensor that says which positions are chosen; both results follow from it. Does the target of a chosen
# token that stays differ from that of one that is hidden?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `torch.where(condition, a, b)` takes from `a` where the condition holds. Join conditions with `&`, each in parentheses.
#
# </details>


# %% role="answer" name="hide"
def hide(
    tokens: torch.Tensor, draw: torch.Tensor, fate: torch.Tensor, other: torch.Tensor, share: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Chooses tokens to predict and hides most of them.

    Args:
        tokens: token numbers, any shape.
        draw: numbers from 0 to 1, same shape; below share a position may be chosen.
        fate: numbers from 0 to 1, same shape.
        other: tokens to put in, same shape.
        share: chance that a token is chosen.

    Returns:
        Inputs and targets, both of the shape of tokens.
    """
    ### BEGIN SOLUTION
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)
    ### END SOLUTION


# %% role="check" name="hide_targets" answer="hide" points=2 refuse="mask_tokens"
def _case(shape, seed, dtype=torch.float32):
    """Tokens of which about a third is special, draws, fates and others that differ from the tokens."""
    n = math.prod(shape)
    k = torch.arange(n)
    tokens = ((k * 7 + seed) % 12).reshape(shape)
    draw = ((k * 29 + 3 * seed) % 97 / 97).to(dtype).reshape(shape)
    fate = ((k * 53 + 5 * seed) % 89 / 89).to(dtype).reshape(shape)
    return tokens, draw, fate, (20 + (k * 11 + seed) % 30).reshape(shape)


def worked_targets():
    """the targets of the worked example"""
    draw, fate = torch.tensor([0.1, 0.1, 0.9, 0.2, 0.3, 0.1]), torch.tensor([0.5, 0.5, 0.5, 0.85, 0.95, 0.5])
    yield "targets", hide(torch.tensor([1, 7, 8, 9, 5, 2]), draw, fate, torch.full((6,), 6), 0.5)[1]


def batch_targets():
    """the targets of four sequences of 30 tokens, share 0.4"""
    yield "targets", hide(*_case((4, 30), 1), 0.4)[1]


def hidden_other_targets():
    """the targets of a batch of one in double precision, of no tokens, and of shares 0 and 1"""
    yield "batch of one", hide(*_case((1, 50), 2, torch.float64), 0.15)[1]
    yield "no tokens", hide(*_case((2, 0), 2), 0.15)[1]
    yield "share 0", hide(*_case((3, 11), 4), 0.0)[1]
    yield "share 1", hide(*_case((3, 11), 4), 1.0)[1]


def hidden_edge_targets():
    """the targets where a draw is equal to the share, and every special token beside the first ordinary one"""
    tokens, half = torch.arange(8), torch.full((8,), 0.5)
    yield "equal to the share", hide(tokens, half, half, tokens + 9, 0.5)[1]
    targets = hide(tokens, half, half, tokens + 9, 0.75)[1]
    yield "below the share", targets
    yield "int64", float(targets.dtype == torch.int64)


# %% role="check" name="hide_inputs" answer="hide" points=2 refuse="mask_tokens"
def _more(shape, seed, dtype=torch.float32):
    """Tokens of which about a third is special, draws, fates and others that differ from the tokens."""
    n = math.prod(shape)
    k = torch.arange(n)
    tokens = ((k * 7 + seed) % 12).reshape(shape)
    draw = ((k * 29 + 3 * seed) % 97 / 97).to(dtype).reshape(shape)
    fate = ((k * 53 + 5 * seed) % 89 / 89).to(dtype).reshape(shape)
    return tokens, draw, fate, (20 + (k * 11 + seed) % 30).reshape(shape)


def worked_inputs():
    """the inputs of the worked example"""
    draw, fate = torch.tensor([0.1, 0.1, 0.9, 0.2, 0.3, 0.1]), torch.tensor([0.5, 0.5, 0.5, 0.85, 0.95, 0.5])
    yield "inputs", hide(torch.tensor([1, 7, 8, 9, 5, 2]), draw, fate, torch.full((6,), 6), 0.5)[0]


def batch_inputs():
    """the inputs of four sequences of 30 tokens, shares 0.4 and 0.95"""
    yield "share 0.4", hide(*_more((4, 30), 1), 0.4)[0]
    yield "share 0.95", hide(*_more((4, 30), 1), 0.95)[0]


def hidden_other_inputs():
    """the inputs of a batch of one in double precision, and with share 1"""
    yield "batch of one", hide(*_more((1, 50), 2, torch.float64), 0.15)[0]
    yield "share 1", hide(*_more((3, 40), 4), 1.0)[0]


def hidden_edge_inputs():
    """the inputs where a fate lies on an edge, and the tokens afterwards"""
    tokens = torch.tensor([[4, 5, 6, 7, 2, 9]])
    fate = torch.tensor([[0.0, 0.75, 0.8, 0.9, 0.8, 1.0]], dtype=torch.float64)
    inputs = hide(tokens, torch.zeros(1, 6), fate, tokens + 10, 0.15)[0]
    yield "inputs", inputs
    yield "int64", float(inputs.dtype == torch.int64)
    yield "tokens", tokens


# %% [markdown]
# ## 2 · The loss of the chosen positions (3 points)
#
# The model gives $V$ scores (logits) at *every* position. The loss is the mean, over the **chosen** positions of the
# whole batch, of minus the logarithm of the probability that the softmax gives to the target:
#
# $$L = \frac{1}{|S|} \sum_{(b, t) \in S} -\log p_{b,t}(\text{target}_{b,t}), \qquad
# S = \{(b, t) : \text{target}_{b,t} \ne -100\} .$$
#
# **Contract.** `logits` has shape $(B, T, V)$, `targets` $(B, T)$ with `IGNORED` where nothing is to be predicted.
# Return the loss, a tensor without axes, and the share of the chosen positions whose largest logit is that of the target,
# a tensor without axes too. If nothing is chosen, both are 0, and the gradients are 0 as well. Logarithms of very small
# probabilities must come out finite.
#
# **Example.** Logits `[[[1.0986, 0], [5, 5]]]` and targets `[[0, -100]]`: as $e^{1.0986} = 3$ (to four digits), the
# target has probability 0.75; the loss is $-\log 0.75 = 0.2877$, the share right is 1.
#
# The ready-made losses are turned off here; `log_softmax` is yours to use.
#
# Two points for the loss, one for the share.
#
# <details><summary>Hint: where to look</summary>
#
# By which number must the sum be divided, and what if that number is zero? Which logarithm does `gather` fetch for the
# target $-100$?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `chosen = targets != IGNORED`, then `logits[chosen]` has shape (number of chosen positions, V).
#
# </details>


# %% role="answer" name="masked_loss"
def masked_loss(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy and share right at the chosen positions.

    Args:
        logits: shape (B, T, V).
        targets: shape (B, T), IGNORED where nothing is to be predicted.

    Returns:
        The mean loss in nats and the share right, each a tensor without axes.
    """
    ### BEGIN SOLUTION
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count
    ### END SOLUTION


# %% role="check" name="masked_loss" points=2 refuse="cross_entropy nll_loss CrossEntropyLoss NLLLoss"
def _logits(shape, dtype=torch.float32):
    n = math.prod(shape)
    return (3 * torch.linspace(-20, 31, n, dtype=torch.float64).sin()).reshape(shape).to(dtype)


def _targets(batch, time, size, step):
    k = torch.arange(batch * time)
    return torch.where(k % step == 1, (3 * k + 2) % size, IGNORED).reshape(batch, time)


def worked_loss():
    """the loss of the worked example"""
    yield "loss", masked_loss(torch.tensor([[[1.0986, 0.0], [5.0, 5.0]]]), torch.tensor([[0, IGNORED]]))[0]


def batch_loss():
    """the loss of two sequences with different numbers of chosen positions"""
    yield "loss", masked_loss(_logits((2, 7, 5)), _targets(2, 7, 5, 3))[0]


def hidden_other_losses():
    """the loss of a batch of one in double precision, and with all positions chosen"""
    yield "batch of one", masked_loss(_logits((1, 9, 11), torch.float64), _targets(1, 9, 11, 4))[0]
    yield "all chosen", masked_loss(_logits((3, 4, 6)), torch.arange(12).reshape(3, 4) % 6)[0]


def hidden_large_loss():
    """the loss for logits in the hundreds, and for the targets 0 and V - 1"""
    logits = torch.tensor([[[300.0, -300.0, 0.0], [-200.0, 100.0, 90.0], [1.0, 2.0, 3.0]]])
    yield "loss", masked_loss(logits, torch.tensor([[1, IGNORED, 2]]))[0]
    yield "first token", masked_loss(logits, torch.tensor([[0, 0, IGNORED]]))[0]


def hidden_loss_gradient():
    """the gradient of the loss by the logits, and with nothing chosen"""
    for label, targets in (("chosen", _targets(2, 5, 4, 2)), ("nothing chosen", torch.full((2, 5), IGNORED))):
        logits = _logits((2, 5, 4), torch.float64).requires_grad_()
        loss = masked_loss(logits, targets)[0]
        yield f"loss, {label}", loss
        yield f"gradient, {label}", torch.autograd.grad(loss, logits)[0]


# %% role="check" name="share_right" answer="masked_loss" points=1 refuse="cross_entropy nll_loss CrossEntropyLoss NLLLoss"
def _scores(shape, dtype=torch.float32):
    n = math.prod(shape)
    return (3 * torch.linspace(-20, 31, n, dtype=torch.float64).sin()).reshape(shape).to(dtype)


def worked_share():
    """the share right of the worked example"""
    yield "share", masked_loss(torch.tensor([[[1.0986, 0.0], [5.0, 5.0]]]), torch.tensor([[0, IGNORED]]))[1]


def batch_share():
    """the share right of two sequences with three chosen positions, two of them right"""
    logits = _scores((2, 7, 5))
    targets = torch.full((2, 7), IGNORED)
    targets[0, 1], targets[0, 4] = logits[0, 1].argmax(), logits[0, 4].argmin()
    targets[1, 6] = logits[1, 6].argmax()
    yield "share", masked_loss(logits, targets)[1]
    targets[0, 1] = logits[0, 1].topk(2).indices[1]
    yield "a second-best answer", masked_loss(logits, targets)[1]


def hidden_other_shares():
    """the share right of a batch of one in double precision, with all chosen, and with nothing chosen"""
    logits = _scores((1, 9, 11), torch.float64)
    targets = torch.where(torch.arange(9) % 4 == 0, logits.argmin(-1), logits.argmax(-1))
    yield "all chosen", masked_loss(logits, targets)[1]
    yield "every second", masked_loss(logits, torch.where(torch.arange(9) % 2 == 0, targets, IGNORED))[1]
    yield "nothing chosen", masked_loss(logits, torch.full((1, 9), IGNORED))[1]


# %% [markdown]
# ## 3 · A pair of sentences (3 points)
#
# The model reads one row of tokens. A pair is written as `[CLS] a [SEP] b [SEP]`, followed by padding up to a fixed size.
# A second row, the *segments*, tells the two sentences apart: 0 from CLS up to and with the first SEP, 1 from there
# up to and with the second SEP, 0 for the padding. If the pair does not fit, tokens are dropped from the **end** of the
# **longer** sentence, one at a time, from `b` if both are equally long, until it fits.
#
# **Contract.** `a` and `b` are lists of token numbers, `size` is at least 3. Return tokens and segments, both int64 of
# shape (`size`,), and the number of positions before the padding, an int. The lists `a` and `b` must stay as they are.
#
# **Example.** `pair([7, 8], [9], 8)` gives tokens `[1, 7, 8, 2, 9, 2, 0, 0]`, segments `[0, 0, 0, 0, 1, 1, 0, 0]` and
# length 6. `pair([7, 8, 9], [5], 6)` gives tokens `[1, 7, 8, 2, 5, 2]`: one token of the longer sentence is dropped.
#
# Two points for tokens and length, one for the segments.
#
# <details><summary>Hint: where to look</summary>
#
# How many positions are left for the tokens of `a` and `b` together? Copy the lists before you shorten them.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `a, b = list(a), list(b)`, and then a `while` loop that pops from the end of one of the two.
#
# </details>


# %% role="answer" name="pair"
def pair(a: list[int], b: list[int], size: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Writes a pair of sentences as one row.

    Args:
        a: tokens of the first sentence.
        b: tokens of the second sentence.
        size: number of positions, at least 3.

    Returns:
        Tokens and segments, shape (size,), and the number of positions before the padding.
    """
    ### BEGIN SOLUTION
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)
    ### END SOLUTION


# %% role="check" name="pair_tokens" answer="pair" points=2 refuse="pack next_sentence_pairs"
def worked_tokens():
    """tokens and length of the worked examples"""
    for name, a, b, size in (("first", [7, 8], [9], 8), ("second", [7, 8, 9], [5], 6)):
        tokens, _, length = pair(a, b, size)
        yield f"{name}: tokens", tokens
        yield f"{name}: length", length


def cut_sentences():
    """tokens and length of pairs that are too long: equally long, a longer first, a longer second"""
    cases = {
        "equal": ([4, 5, 6, 7], [10, 11, 12, 13], 8),
        "longer first": ([4, 5, 6, 7, 8, 9], [10, 11], 9),
        "longer second": ([4, 5], [10, 11, 12, 13, 14], 9),
    }
    for name, (a, b, size) in cases.items():
        tokens, _, length = pair(a, b, size)
        yield f"{name}: tokens", tokens
        yield f"{name}: length", length


def hidden_other_tokens():
    """tokens and length of pairs with a longer second sentence, a much longer one, an empty one, and no room at all"""
    cases = {
        "longer second": ([4, 5], [*range(10, 19)], 10),
        "much longer first": ([*range(10, 40)], [4, 5, 6], 12),
        "empty second": ([4, 5, 6], [], 7),
        "empty first": ([], [4, 5, 6], 5),
        "no room": ([4], [5, 6], 3),
        "room for one": ([4, 5], [6, 7], 4),
        "fits exactly": ([4, 5], [6, 7, 8], 8),
    }
    for name, (a, b, size) in cases.items():
        tokens, _, length = pair(a, b, size)
        yield f"{name}: tokens", tokens
        yield f"{name}: length", length


def hidden_lists():
    """the two lists afterwards, and the type of the tokens"""
    a, b = [4, 5, 6, 7], [8, 9, 10]
    tokens = pair(a, b, 6)[0]
    yield "a", a
    yield "b", b
    yield "int64", float(torch.as_tensor(tokens).dtype == torch.int64)


# %% role="check" name="pair_segments" answer="pair" points=1 refuse="pack next_sentence_pairs"
def worked_segments():
    """the segments of the worked examples"""
    yield "first", pair([7, 8], [9], 8)[1]
    yield "second", pair([7, 8, 9], [5], 6)[1]


def cut_segments():
    """the segments of a pair that is too long by three"""
    yield "longer first", pair([4, 5, 6, 7, 8, 9, 10, 11], [12, 13], 10)[1]
    yield "longer second", pair([4, 5, 6], [10, 11, 12, 13, 14, 15], 9)[1]


def hidden_other_segments():
    """the segments of a pair with an empty sentence, of one that is cut, and of one that fits exactly"""
    yield "empty second", pair([4, 5, 6], [], 7)[1]
    yield "empty first", pair([], [4, 5, 6], 9)[1]
    yield "cut", pair([*range(10, 30)], [*range(4, 13)], 14)[1]
    yield "fits exactly", pair([4, 5], [6, 7, 8], 8)[1]
    segments = pair([4, 2, 5], [6, 2], 12)[1]
    yield "token 2 in the text", segments
    yield "int64", float(torch.as_tensor(segments).dtype == torch.int64)


# %% [markdown]
# ## 4 · One answer for a whole sequence (3 points)
#
# The encoder gives a vector of $M$ numbers for each position. A classifier needs one for the sequence. You write two ways
# to get it.
#
# **a)** `cls_logits(h, pooler, out)`, BERT's way: take the vector of the *first* position, which always holds CLS, apply the
# linear map `pooler`, then `tanh`, then the linear map `out` to $C$ classes.
#
# **b)** `mean_vector(h, lengths)`, the other common way: the mean of the vectors of the first `lengths[b]` positions of
# sequence $b$, so of all that is no padding. What stands at the padding must not matter, not even infinity or NaN. Every
# length is at least 1.
#
# **Contract.** `h` has shape $(B, T, M)$, `lengths` $(B,)$. a) returns $(B, C)$, b) returns $(B, M)$.
#
# **Example.** b) `h = [[[1, 2], [3, 4], [100, 100]]]` with lengths `[2]` gives `[[2, 3]]`.
#
# One point for a), two for b).
#
# <details><summary>Hint: where to look</summary>
#
# a) Which axis of `h` counts positions? b) Multiplying by zero hides a number, but what is zero times infinity?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# b) `real = torch.arange(h.shape[1]) < lengths[:, None]` has shape $(B, T)$; `masked_fill` replaces, it does not multiply.
#
# </details>


# %% role="answer" name="cls_logits"
def cls_logits(h: torch.Tensor, pooler: nn.Linear, out: nn.Linear) -> torch.Tensor:
    """Scores of the classes from the vector of the first position.

    Args:
        h: the encoder's vectors, shape (B, T, M).
        pooler: linear map from M to M.
        out: linear map from M to C.

    Returns:
        Logits, shape (B, C).
    """
    ### BEGIN SOLUTION
    return out(torch.tanh(pooler(h[:, 0])))
    ### END SOLUTION


# %% role="check" name="cls_logits" points=1 refuse="BertForClassification Bert pool"
def _linear(size_in, size_out, dtype):
    layer = nn.Linear(size_in, size_out).to(dtype)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(-2, 3, size_in * size_out).reshape(size_out, size_in).sin())
        layer.bias.copy_(torch.linspace(-1, 1, size_out))
    return layer


def two_sequences():
    """two sequences of three positions, four numbers each, three classes"""
    h = 2 * torch.linspace(-2, 9, 24).reshape(2, 3, 4).sin()
    yield "logits", cls_logits(h, _linear(4, 4, h.dtype), _linear(4, 3, h.dtype))


def hidden_other_sequences():
    """a batch of one in double precision, a single position, and two classes for as many sequences as positions"""
    h = torch.linspace(-1, 2, 20).double().reshape(1, 4, 5).cos()
    yield "batch of one", cls_logits(h, _linear(5, 5, h.dtype), _linear(5, 2, h.dtype))
    h = torch.linspace(-1, 2, 18).reshape(3, 1, 6).cos()
    yield "one position", cls_logits(h, _linear(6, 6, h.dtype), _linear(6, 4, h.dtype))
    h = torch.linspace(-1, 2, 27).reshape(3, 3, 3).cos()
    yield "square", cls_logits(h, _linear(3, 3, h.dtype), _linear(3, 2, h.dtype))


# %% role="answer" name="mean_vector"
def mean_vector(h: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The mean of the vectors that are no padding.

    Args:
        h: the encoder's vectors, shape (B, T, M).
        lengths: positions before the padding, shape (B,), each at least 1.

    Returns:
        Shape (B, M), same dtype as h.
    """
    ### BEGIN SOLUTION
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths[:, None]
    ### END SOLUTION


# %% role="check" name="mean_vector" points=2
def worked_mean():
    """the worked example"""
    yield "mean", mean_vector(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [100.0, 100.0]]]), torch.tensor([2]))


def three_lengths():
    """three sequences of 2, 4 and 1 positions, one of whose vectors is zero"""
    h = torch.linspace(-3, 5, 24).reshape(3, 4, 2)
    h[1, 2], h[0, 3] = 0.0, 0.0
    yield "mean", mean_vector(h, torch.tensor([2, 4, 1]))


def hidden_other_means():
    """a batch of one in double precision, as many sequences as positions and numbers, and the vectors afterwards"""
    double = mean_vector(torch.linspace(-3, 5, 30).double().reshape(1, 5, 6).exp(), torch.tensor([3]))
    yield "batch of one", double
    yield "float64 stays float64", float(double.dtype == torch.float64)
    h = torch.linspace(-3, 5, 27).reshape(3, 3, 3).exp()
    mean = mean_vector(h, torch.tensor([2, 1, 3]))
    yield "square", mean
    yield "dtype of h", float(mean.dtype == h.dtype)
    yield "vectors", h


def hidden_bad_padding():
    """a sequence whose padding holds infinity and NaN, with the gradient"""
    h = torch.linspace(-3, 5, 24).reshape(2, 4, 3)
    h[0, 2:], h[1, 3] = math.inf, math.nan
    h.requires_grad_()
    mean = mean_vector(h, torch.tensor([2, 3]))
    yield "mean", mean
    yield "gradient", torch.autograd.grad((mean * torch.tensor([1.0, -2.0, 3.0])).sum(), h)[0]


# %% [markdown]
# ## 5 · A step of byte-pair encoding (2 points)
#
# The tokenizer starts from single characters. A step finds the pair of neighbours that is seen most often and joins it
# everywhere. Words are tuples of tokens, and a dict says how often each word stands in the text.
#
# **a)** `best_pair(words)` returns the pair with the largest count. A word that stands in the text 5 times counts 5 times,
# and a pair that stands in a word twice counts twice; in `("a", "a", "a")` the pair `("a", "a")` stands twice.
# Of pairs with the same count, take the one that comes first in the alphabet (Python's order of tuples).
#
# **b)** `join(word, pair)` returns the word, a tuple, in which each occurrence of the pair is one token, from left to right
# and without overlap.
#
# **Example.** With `words = {("l", "o", "w"): 5, ("l", "o", "t"): 2, ("w", "e"): 6}` the best pair is `("l", "o")`, seen
# 7 times. `join(("l", "o", "w"), ("l", "o"))` is `("lo", "w")`, and `join(("a", "a", "a"), ("a", "a"))` is
# `("aa", "a")`.
#
# <details><summary>Hint: where to look</summary>
#
# a) `pairwise(word)`, which is imported, gives the pairs of a word. b) After a match, how far do you move on?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# a) `min(counts, key=lambda pair: (-counts[pair], pair))` settles equal counts. b) A `while` loop with an index.
#
# </details>


# %% role="answer" name="bpe"
def best_pair(words: dict[tuple[str, ...], int]) -> tuple[str, str]:
    """The pair of neighbours that is seen most often.

    Args:
        words: each word as a tuple of tokens, and how often it stands in the text. One has two tokens or more.

    Returns:
        The pair; of equal ones the first in the alphabet.
    """
    ### BEGIN SOLUTION
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))
    ### END SOLUTION


def join(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """The word in which the pair has become one token.

    Args:
        word: tokens.
        pair: two tokens.

    Returns:
        The new word, a tuple.
    """
    ### BEGIN SOLUTION
    out, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] == pair else 1
        out.append("".join(word[i : i + step]))
        i += step
    return tuple(out)
    ### END SOLUTION


# %% role="check" name="best_pair" answer="bpe" points=1 refuse="learn_merges BytePairEncoding tokenizer tokenizers"
def _numbers(tokens):
    """Each token as the numbers of its characters, with -1 after it."""
    return [n for token in tokens for n in (*map(ord, token), -1)]


def worked_pair():
    """the best pair of the worked example, character by character"""
    yield "pair", _numbers(best_pair({("l", "o", "w"): 5, ("l", "o", "t"): 2, ("w", "e"): 6}))


def more_pairs():
    """many rare words against a frequent one, equal counts, tokens with others between, pairs that start at odd places"""
    yield "rare words", _numbers(best_pair({("b", "c", str(n)): 1 for n in range(5)} | {("x", "y"): 6}))
    yield "in two words", _numbers(best_pair({("c", "d"): 4, ("c", "d", "e"): 4, ("f", "g"): 6}))
    yield "equal counts", _numbers(best_pair({("m", "o"): 3, ("k", "l"): 3, ("p", "q"): 3, ("a", "z"): 1}))
    yield "apart", _numbers(best_pair({("p", "x", "q"): 2, ("p", "y", "q"): 2, ("x", "y"): 3}))
    yield "odd places", _numbers(best_pair({("u", "v", "w", "x"): 2, ("s", "v", "w"): 2, ("g", "h"): 3}))


def hidden_other_pairs():
    """equal counts, a pair that stands in a word twice, overlapping ones, longer tokens, and a word of one token"""
    cases = {
        "equal counts": {("z", "a"): 3, ("b", "c"): 3, ("b", "a"): 3},
        "twice in a word": {("a", "b", "c", "a", "b"): 2, ("x", "y"): 3},
        "overlapping": {("a", "a", "a"): 2, ("x", "y"): 3},
        "equal counts of longer tokens": {("ab", "a"): 2, ("a", "bz"): 2},
        "longer tokens": {("low", "er"): 2, ("lo", "wer"): 1, ("low", "est"): 1},
        "one token": {("e",): 9, ("a", "b"): 1},
        "across words": {("a", "b"): 1, ("b", "a"): 2, ("c", "a"): 1},
    }
    for name, words in cases.items():
        yield name, _numbers(best_pair(words))


# %% role="check" name="join" answer="bpe" points=1 refuse="learn_merges BytePairEncoding tokenizer tokenizers"
def _letters(tokens):
    """Each token as the numbers of its characters, with -1 after it."""
    return [n for token in tokens for n in (*map(ord, token), -1)]


def worked_words():
    """the words of the worked example, character by character"""
    yield "low", _letters(join(("l", "o", "w"), ("l", "o")))
    yield "aaa", _letters(join(("a", "a", "a"), ("a", "a")))
    yield "is a tuple", float(isinstance(join(("l", "o", "w"), ("l", "o")), tuple))


def hidden_other_words():
    """no occurrence, several, one at the end, longer tokens, a single token, the order of a pair, and the type"""
    cases = {
        "none": (("l", "o", "w"), ("o", "l")),
        "several": (("a", "b", "c", "a", "b", "a"), ("a", "b")),
        "at the end": (("n", "e", "w"), ("e", "w")),
        "four alike": (("a", "a", "a", "a"), ("a", "a")),
        "longer tokens": (("l", "ow", "er", "low", "er"), ("low", "er")),
        "a longer token that ends like the first": (("el", "o", "l", "o"), ("l", "o")),
        "letters that only look like the pair": (("lo", "w", "l", "o", "w"), ("l", "o")),
        "one token": (("a",), ("a", "a")),
    }
    for name, (word, pair) in cases.items():
        yield name, _letters(join(word, pair))
    yield "is a tuple", float(isinstance(join(("a", "b", "c"), ("a", "b")), tuple))


# %% [markdown]
# ## 6 · Why not hide them all? (3 points, read by a person)
#
# The next code cell makes up a language: a sequence starts at a random one of 16 tokens, and each next token is the one after
# it in a fixed circle, so that every token can be told from its neighbours. Two small encoders learn to predict chosen
# tokens. In one run every chosen token becomes MASK; in the other 80 % do, 10 % are replaced by a random token and 10 % stay. After
# training both are asked three things about sequences that they have not seen: which token is hidden behind a MASK; which token
# belongs where a *wrong* one stands; and which token stands at a place where nothing was changed.
#
# **First predict, then run.** Write down before you run it which of the two answers each question better. Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. What does the loss of the first run ask for at a place that does not show MASK? What may the model do there?
# 3. After pre-training the model reads ordinary text, in which there is no MASK at all. Why does that make your answer to 2 matter, and
#    what would a model lose that saw 100 % of its chosen tokens unchanged?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all three questions. A wrong prediction costs nothing.
# - **The reason**: the loss counts chosen positions only, and in the first run all of those show MASK, so nothing at all is asked of the
#   vectors elsewhere.
# - **The use**: says that fine-tuning reads the vectors of visible tokens, and that with all tokens left unchanged the right
#   answer could be copied, so that nothing about the neighbours would be learned.

# %% [markdown] role="written" name="why" points=3
# *Prediction.* I expected both to find the token behind a MASK, the second to do better at wrong tokens, and both to be perfect at
# places where nothing was changed, as the token stands there. *Result.* The first two came out as expected, the third did
# not: the run that hides everything is worse at unchanged places than the other one. I had thought of the
# answer as something the model simply sees; but the output layer has to be taught to say what is seen.
#
# *Reason.* The loss is a mean over the chosen positions. In the first run each of these shows MASK. At a place without MASK no answer is
# ever compared with anything, so the model may give any, and its vectors there are shaped only by what the MASK positions want
# to read from them. In the second run one chosen place in ten shows the right token and one in ten a wrong one, and the
# model cannot tell which of the two it looks at without reading the neighbours. So it has to make a vector for every place that combines
# what stands there with what the neighbours say.
#
# *Use.* A classifier that is trained afterwards reads text without MASK, so all it ever gets are vectors of the kind that the first run
# never asked for. With all chosen tokens left unchanged, copying the input would give no loss at all. The model would learn
# nothing from the neighbours.

# %% role="given" name="why_run"
torch.manual_seed(0)
TOKENS, LENGTH = 16, 12  # ordinary tokens are 4 to 19


def sequences(n, generator):
    """Rows that run round the circle from a random start."""
    start = torch.randint(TOKENS, (n, 1), generator=generator)
    return 4 + (start + torch.arange(LENGTH)) % TOKENS


class Encoder(nn.Module):
    """Two layers of the transformer encoder of PyTorch between an embedding and an output layer."""

    def __init__(self):
        super().__init__()
        self.token, self.place = nn.Embedding(TOKENS + 4, 32), nn.Embedding(LENGTH, 32)
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(32, TOKENS + 4)

    def forward(self, tokens):
        return self.out(self.layers(self.token(tokens) + self.place.weight))


def train(masked, replaced):
    """Pre-trains an encoder; of the chosen tokens these shares are hidden and replaced, the others stay."""
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(2)
    model = Encoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(500):
        tokens = sequences(32, generator)
        draw, fate = torch.rand(2, *tokens.shape, generator=generator)
        other = torch.randint(4, TOKENS + 4, tokens.shape, generator=generator)
        chosen = draw < 0.2
        inputs = torch.where(chosen & (fate < masked), MASK, tokens)
        inputs = torch.where(chosen & (fate >= masked) & (fate < masked + replaced), other, inputs)
        loss = F.cross_entropy(model(inputs)[chosen], tokens[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def asked(model):
    """Share right behind a MASK, at a wrong token and at an unchanged one; one place of each new sequence is asked."""
    generator = torch.Generator().manual_seed(3)
    tokens = sequences(1000, generator)
    row, place = torch.arange(1000), torch.randint(LENGTH, (1000,), generator=generator)
    hidden, wrong = tokens.clone(), tokens.clone()
    hidden[row, place] = MASK
    wrong[row, place] = 4 + (tokens[row, place] - 4 + torch.randint(1, TOKENS, (1000,), generator=generator)) % TOKENS
    with torch.no_grad():
        answers = [model(inputs)[row, place].argmax(-1) for inputs in (hidden, wrong, tokens)]
    return [(answer == tokens[row, place]).float().mean().item() for answer in answers]


print("share right             behind MASK   at a wrong token   at an unchanged token")
for label, shares in (("all become MASK", (1.0, 0.0)), ("80 / 10 / 10", (0.8, 0.1))):
    masked, wrong, unchanged = asked(train(*shares))
    print(f"{label:20s}   {masked:12.2f}   {wrong:16.2f}   {unchanged:21.2f}")

# %% [markdown]
# ## Optional: a larger encoder (no points)
#
# The next cell pre-trains the encoder of the library on sequences of the same language with a vocabulary of 60 and random
# gaps, on the fastest device that it finds, longer and wider on a GPU. Watch how long the loss stays where guessing by
# frequency would put it before it starts to fall. Then make the model wider or deeper and see whether that gets shorter.

# %% role="given" name="larger"
from dlarch.sequences.bert import BertConfig, BertForPreTraining, initialize, mask_tokens

gpu = device.type == "cuda"
config = BertConfig(
    vocabulary=64,
    model_size=256 if gpu else 32,
    layers=6 if gpu else 2,
    heads=4,
    hidden_size=1024 if gpu else 64,
    positions=32,
)
torch.manual_seed(0)
larger = BertForPreTraining(config)
initialize(larger, std=0.1)
larger.to(device)
optimizer = torch.optim.Adam(larger.parameters(), lr=5e-4 if gpu else 3e-3)
generator = torch.Generator().manual_seed(0)
steps = 2000 if gpu else 120
for step in range(1, steps + 1):
    gaps = torch.randint(1, 3, (64, 32), generator=generator).cumsum(1)
    rows = 4 + (torch.randint(60, (64, 1), generator=generator) + gaps) % 60
    inputs, targets = mask_tokens(rows, vocabulary=64, mask=MASK, special=range(4), generator=generator)
    words = larger(inputs.to(device))[0]
    loss = F.cross_entropy(words.mT, targets.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % (steps // 6) == 0:
        print(f"batch {step:5d}: loss {loss.item():.2f} nats; guessing evenly {math.log(60):.2f}")
