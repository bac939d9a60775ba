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

# %% [markdown] role="title" chapter="sequences/seq2seq" minutes=80
# # Sequence to sequence: a sentence in one vector
#
# **23 points, about 80 minutes.** This exercise belongs to the chapter *Sequence to sequence: a sentence in one vector*.
#
# You write the parts around two recurrent networks that turn one sequence into another: reading a batch with padding,
# one step of the writer, the lesson that the teacher gives, a loss that leaves padding out, greedy writing and one step
# of a beam search. At the end you look at a writer that has to live with its own mistakes.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - Leave the tensors that a function is given as they are, and return new ones.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a batch of one, edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $S$ and $T$ the lengths of source and target with padding,
# $V$ symbols in the vocabulary, $D$ numbers in a state, $W$ beginnings in a beam. Padding always stands behind.
#
# The layers of PyTorch are yours to use, and its logarithm of the softmax. Its finished losses, its tools for packed
# sequences and the functions of this course are turned off in every answer.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from dlarch.check import check
from dlarch.training import fit, one_cycle

torch.manual_seed(0)
torch.set_num_threads(1)


def toy_step(tokens: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A writer of five symbols without weights: logits that depend on the newest symbols and on the state.

    Args:
        tokens: the newest symbol of each row, shape (B,).
        state: shape (B,); each step moves it on.

    Returns:
        Logits, shape (B, 5), and the next state, shape (B,).
    """
    symbols = torch.arange(5, dtype=state.dtype)
    logits = 3 * torch.sin(1.7 * symbols * (tokens[:, None] + 1) + state[:, None])
    return logits, state + 0.6


# %% [markdown]
# ## 1 · Read with padding (3 points)
#
# A recurrent network has read a batch of padded sequences, from the first symbol to the last. It has left a state after
# each symbol, and also after each piece of padding: the states there are worth nothing. Two summaries of a sequence are
# wanted: the state after its last *real* symbol, which starts the writer, and the mean over its real states.
#
# **Contract.** `states` has shape $(B, S, D)$; `lengths` has shape $(B,)$ and holds whole numbers from 1 to $S$. Return
# two tensors of shape $(B, D)$: the last real states, and the means of the real states.
#
# **Example.** `states = [[[1], [3], [9]], [[2], [4], [6]]]` and `lengths = [2, 3]` give the last states
# `[[3], [6]]` and the means `[[2], [4]]`. The 9 is padding.
#
# Two points for the last states, one for the means.
#
# <details><summary>Hint: where to look</summary>
#
# Each row needs another place of the second axis. Which place does a sequence of length 1 end in, if the first place is
# number 0? And by which number must the sum be divided for each row?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `torch.arange(states.shape[1]) < lengths[:, None]` has shape $(B, S)$ and is true where a symbol is real. Two tensors of
# shape $(B,)$ as indices pick one place from each row.
#
# </details>


# %% role="answer" name="summary"
def summary(states: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The last real state of each sequence, and the mean of its real states.

    Args:
        states: shape (B, S, D).
        lengths: number of real symbols, shape (B,), from 1 to S.

    Returns:
        The last real states and the means, each of shape (B, D).
    """
    ### BEGIN SOLUTION
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]
    ### END SOLUTION


# %% role="check" name="summary_last" answer="summary" points=2 refuse="pack_padded_sequence PackedSequence pack_sequence Encoder"
def worked_example_last():
    """the last states of the worked example"""
    states = torch.tensor([[[1.0], [3.0], [9.0]], [[2.0], [4.0], [6.0]]])
    yield "last", summary(states, torch.tensor([2, 3]))[0]


def three_lengths_last():
    """the last states of three sequences of 4, 1 and 3 symbols"""
    states = torch.linspace(-2, 5, 3 * 5 * 2).reshape(3, 5, 2).sin()
    yield "last", summary(states, torch.tensor([4, 1, 3]))[0]


def hidden_one_row_last():
    """the last state of a batch of one, in double precision"""
    states = torch.linspace(-1, 4, 5 * 3).double().reshape(1, 5, 3).cos()
    yield "three of five", summary(states.clone(), torch.tensor([3]))[0]
    yield "all five", summary(states, torch.tensor([5]))[0]


def hidden_square_last():
    """the last states where batch, length and size are the same number"""
    states = torch.linspace(-3, 3, 27).reshape(3, 3, 3).sin()
    yield "last", summary(states, torch.tensor([1, 3, 2]))[0]


# %% role="check" name="summary_mean" answer="summary" points=1 refuse="pack_padded_sequence PackedSequence pack_sequence Encoder"
def worked_example_mean():
    """the means of the worked example"""
    states = torch.tensor([[[1.0], [3.0], [9.0]], [[2.0], [4.0], [6.0]]])
    yield "mean", summary(states, torch.tensor([2, 3]))[1]


def three_lengths_mean():
    """the means of three sequences of 4, 1 and 3 symbols"""
    states = torch.linspace(-2, 5, 3 * 4 * 2).reshape(3, 4, 2).sin()
    yield "mean", summary(states, torch.tensor([4, 1, 3]))[1]


def hidden_no_full_row():
    """the means where no sequence fills its row, in double precision, with some zeros, and a batch of one"""
    states = torch.linspace(-1, 4, 2 * 5 * 3).double().reshape(2, 5, 3).cos()
    states[0, 1] = 0
    yield "two rows", summary(states.clone(), torch.tensor([3, 2]))[1]
    yield "one row", summary(states[:1], torch.tensor([1]))[1]


def hidden_states_left():
    """the given states after the call: they must be as before"""
    states = torch.linspace(-2, 5, 3 * 4 * 2).reshape(3, 4, 2).sin()
    summary(states, torch.tensor([4, 1, 3]))
    yield "states", states


# %% [markdown]
# ## 2 · One step of a writer (3 points)
#
# Cho and others (2014) show the summary of the source, the *context* $c$, to the writer at every step and not only at
# the first. Their writer, a little simplified: the newest symbol becomes a vector $e$ by the embedding table; $e$ with
# $c$ *behind* it is the input of a GRU cell, which makes the new state from the old one; the new state gives the logits
# of the next symbol.
#
# **Contract.** `tokens` has shape $(B,)$, `h` and `context` have shape $(B, D)$. `embedding` is an `nn.Embedding`,
# `cell` an `nn.GRUCell` (called as `cell(input, h)`), `out` an `nn.Linear`. Return the logits, shape $(B, V)$, and the
# new state, shape $(B, D)$.
#
# **Example.** With an embedding of 3 numbers and a context of 4, the cell takes 7 numbers: the first three are the
# symbol's.
#
# <details><summary>Hint: where to look</summary>
#
# Three calls, in the order of the paragraph above. Which of the two states does the output layer read?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x = torch.cat([embedding(tokens), context], dim=-1)`
#
# </details>


# %% role="answer" name="step"
def step(tokens, h, context, embedding, cell, out) -> tuple[torch.Tensor, torch.Tensor]:
    """One step of a writer that sees the context each time.

    Args:
        tokens: the newest symbols, shape (B,).
        h: the state, shape (B, D).
        context: the summary of the source, shape (B, D).
        embedding: from symbols to vectors.
        cell: a GRU cell; takes an embedding with a context behind it.
        out: from a state to logits.

    Returns:
        Logits of the next symbol, shape (B, V), and the new state, shape (B, D).
    """
    ### BEGIN SOLUTION
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h), h
    ### END SOLUTION


# %% role="check" name="step" points=3 refuse="Decoder Seq2Seq"
def _parts(vocabulary, size, embedded, dtype=torch.float32):
    parts = nn.Embedding(vocabulary, embedded), nn.GRUCell(embedded + size, size), nn.Linear(size, vocabulary)
    for part in parts:
        part.to(dtype)
        fill(part)
    return parts


def two_rows():
    """two rows, an embedding of three numbers and a state of four"""
    h, context = torch.linspace(-1, 2, 8).reshape(2, 4).sin(), torch.linspace(0, 5, 8).reshape(2, 4).cos()
    logits, state = step(torch.tensor([1, 4]), h, context, *_parts(5, 4, 3))
    yield "logits", logits
    yield "state", state


def same_sizes():
    """an embedding as large as the state"""
    h, context = torch.linspace(-2, 2, 9).reshape(3, 3).sin(), torch.linspace(1, 6, 9).reshape(3, 3).cos()
    logits, state = step(torch.tensor([0, 2, 3]), h, context, *_parts(6, 3, 3))
    yield "logits", logits
    yield "state", state


def hidden_one_row():
    """a batch of one, in double precision, and a vocabulary as large as the state"""
    h, context = torch.linspace(-2, 1, 4).double()[None].sin(), torch.linspace(1, 3, 4).double()[None].cos()
    logits, state = step(torch.tensor([2]), h, context, *_parts(4, 4, 4, torch.float64))
    yield "logits", logits
    yield "state", state


def hidden_two_steps():
    """two steps, the second with the state of the first"""
    parts = _parts(5, 2, 2)
    h, context = torch.zeros(2, 2), torch.tensor([[0.5, -1.0], [2.0, 0.3]])
    _, h = step(torch.tensor([1, 1]), h, context, *parts)
    logits, state = step(torch.tensor([0, 3]), h, context, *parts)
    yield "logits", logits
    yield "state", state


def hidden_gradient():
    """the gradient that arrives at the old state and at the context"""
    h, context = (torch.linspace(-1, k, 6).reshape(2, 3).sin().requires_grad_() for k in (2, 4))
    logits, _ = step(torch.tensor([1, 3]), h, context, *_parts(4, 3, 2))
    yield from zip(("state", "context"), torch.autograd.grad(logits[:, 0].sum(), (h, context)), strict=True)


# %% [markdown]
# ## 3 · What the teacher shows (3 points)
#
# While it is taught, the writer sees the true symbol before each one that it has to write. Before the first stands a
# *start* sign, which is never to be written. Behind the last comes an *end* sign, which is to be written so that the
# writer learns to stop. Behind that is padding, which nobody shall learn: its target is $-100$.
#
# **Contract.** `target` has shape $(B, T)$ and holds symbols, padded behind with whatever; `lengths` has shape $(B,)$,
# from 0 to $T$. Return two tensors of whole numbers, of shape $(B, T + 1)$:
#
# - `shown`: the start sign, then the symbols; behind them the end sign in every place that is left;
# - `wanted`: the symbols, then one end sign, then $-100$.
#
# **Example.** `target = [[5, 6, 7], [8, 0, 0]]`, `lengths = [3, 1]`, `start = 1`, `end = 2` give
# `shown = [[1, 5, 6, 7], [1, 8, 2, 2]]` and `wanted = [[5, 6, 7, 2], [8, 2, -100, -100]]`.
#
# One point for `shown`, two for `wanted`.
#
# <details><summary>Hint: where to look</summary>
#
# Both have one column more than `target`. Where does it go in each? And which places are real, which is the one right
# behind, and which lie further behind?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `place = torch.arange(target.shape[1] + 1)` numbers the columns; `place == lengths[:, None]` marks where each sequence
# is over.
#
# </details>


# %% role="answer" name="lesson"
def lesson(target: torch.Tensor, lengths: torch.Tensor, start: int, end: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the writer is shown, and what it shall write.

    Args:
        target: symbols, padded behind, shape (B, T).
        lengths: number of real symbols, shape (B,), from 0 to T.
        start: the sign before the first symbol.
        end: the sign behind the last symbol.

    Returns:
        shown and wanted, each of shape (B, T + 1).
    """
    ### BEGIN SOLUTION
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    return shown, wanted.masked_fill(place > lengths[:, None], -100)
    ### END SOLUTION


# %% role="check" name="lesson_shown" answer="lesson" points=1 refuse="teach"
def worked_example_shown():
    """what is shown in the worked example"""
    target = torch.tensor([[5, 6, 7], [8, 0, 0]])
    yield "shown", lesson(target, torch.tensor([3, 1]), 1, 2)[0]


def strange_padding_shown():
    """what is shown of three sequences whose padding looks like symbols"""
    target = torch.tensor([[4, 7, 9, 4], [5, 5, 6, 9], [8, 9, 9, 9]])
    yield "shown", lesson(target, torch.tensor([4, 2, 3]), 0, 3)[0]


def hidden_empty_shown():
    """what is shown of an empty sequence, and of a batch of one"""
    yield "empty", lesson(torch.tensor([[7, 7], [5, 7]]), torch.tensor([0, 2]), 3, 4)[0]
    yield "one row", lesson(torch.tensor([[6, 5, 9, 9, 9]]), torch.tensor([2]), 11, 10)[0]


def hidden_target_left():
    """the given target after the call: it must be as before"""
    target = torch.tensor([[5, 6, 7], [8, 0, 0]])
    lesson(target, torch.tensor([3, 1]), 1, 2)
    yield "target", target


# %% role="check" name="lesson_wanted" answer="lesson" points=2 refuse="teach"
def worked_example_wanted():
    """what is wanted in the worked example"""
    target = torch.tensor([[5, 6, 7], [8, 0, 0]])
    yield "wanted", lesson(target, torch.tensor([3, 1]), 1, 2)[1]


def strange_padding_wanted():
    """what is wanted of three sequences whose padding looks like symbols"""
    target = torch.tensor([[4, 7, 9, 4], [5, 5, 6, 9], [8, 9, 9, 9]])
    yield "wanted", lesson(target, torch.tensor([4, 2, 3]), 0, 3)[1]


def hidden_empty_wanted():
    """what is wanted of an empty sequence, and of a batch of one"""
    yield "empty", lesson(torch.tensor([[7, 7], [5, 7]]), torch.tensor([0, 2]), 3, 4)[1]
    yield "one row", lesson(torch.tensor([[6, 5, 9, 9, 9]]), torch.tensor([2]), 11, 10)[1]


# %% [markdown]
# ## 4 · A loss without padding (3 points)
#
# The loss of a symbol is minus the logarithm of the probability that the writer gave it, in nats. Padding, where the
# target is $-100$, has no loss. Two numbers are of use: the mean over *all real symbols of the batch*, which is trained
# on, and the total of each sequence, which is minus the log-probability of that sequence.
#
# **Contract.** `logits` has shape $(B, T, V)$, `target` $(B, T)$ and holds symbols or $-100$; at least one target is
# real. Return the mean, a tensor without axes, and the totals, shape $(B,)$.
#
# **Example.** With $V = 2$ and all logits 0, each symbol has probability 1/2 and loss 0.6931. For
# `target = [[1, 0, 1], [0, -100, -100]]` the mean is `0.6931` and the totals are `[2.0794, 0.6931]`.
#
# Two points for the mean, one for the totals.
#
# <details><summary>Hint: where to look</summary>
#
# $-100$ is no place in a table. What may stand in its stead while you pick, if what is picked there is set to zero
# afterwards?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `log_p = logits.log_softmax(dim=-1)`, then `log_p.gather(-1, index[..., None])[..., 0]` picks one number for each place.
#
# </details>


# %% role="answer" name="losses"
def losses(logits: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean loss over the real symbols, and the total loss of each sequence.

    Args:
        logits: shape (B, T, V).
        target: symbols, or -100 for padding, shape (B, T).

    Returns:
        The mean, shape (), and the totals, shape (B,), in nats.
    """
    ### BEGIN SOLUTION
    real = target != -100
    log_p = logits.log_softmax(dim=-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(log_p * real).sum(dim=1)
    return totals.sum() / real.sum(), totals
    ### END SOLUTION


# %% role="check" name="losses_mean" answer="losses" points=2 refuse="cross_entropy CrossEntropyLoss nll_loss NLLLoss masked_loss cross_entropy_loss"
def worked_example_mean_loss():
    """the mean loss of the worked example"""
    target = torch.tensor([[1, 0, 1], [0, -100, -100]])
    yield "mean", losses(torch.zeros(2, 3, 2), target)[0]


def uneven_lengths():
    """the mean loss of three sequences of 4, 1 and 2 symbols"""
    logits = 2 * torch.linspace(0, 9, 3 * 4 * 3).reshape(3, 4, 3).sin()
    target = torch.tensor([[2, 0, 1, 1], [0, -100, -100, -100], [1, 2, -100, -100]])
    yield "mean", losses(logits, target)[0]


def sure_and_wrong():
    """the mean loss of a writer that gave the true symbol almost no chance"""
    yield "mean", losses(torch.tensor([[[0.0, 200.0], [3.0, 0.0]]]), torch.tensor([[0, 0]]))[0]


def hidden_double():
    """the mean loss in double precision with large logits, and of a batch of one"""
    logits = 90 * torch.linspace(0, 7, 2 * 3 * 4).double().reshape(2, 3, 4).cos()
    target = torch.tensor([[3, 0, -100], [1, -100, -100]])
    yield "two rows", losses(logits, target.clone())[0]
    yield "one row", losses(logits[:1], target[:1])[0]


def hidden_gradient():
    """the gradient of the mean loss"""
    logits = torch.linspace(0, 9, 2 * 3 * 3).reshape(2, 3, 3).sin().requires_grad_()
    mean = losses(logits, torch.tensor([[2, 0, 1], [0, -100, -100]]))[0]
    yield "gradient", torch.autograd.grad(mean, logits)[0]


# %% role="check" name="losses_total" answer="losses" points=1 refuse="cross_entropy CrossEntropyLoss nll_loss NLLLoss masked_loss cross_entropy_loss"
def worked_example_totals():
    """the totals of the worked example"""
    target = torch.tensor([[1, 0, 1], [0, -100, -100]])
    yield "totals", losses(torch.zeros(2, 3, 2), target)[1]


def uneven_lengths_totals():
    """the totals of three sequences of 4, 1 and 2 symbols"""
    logits = 2 * torch.linspace(0, 9, 3 * 4 * 3).reshape(3, 4, 3).sin()
    target = torch.tensor([[2, 0, 1, 1], [0, -100, -100, -100], [1, 2, -100, -100]])
    yield "totals", losses(logits, target)[1]


def hidden_nothing_real():
    """the totals where one row is nothing but padding, in double precision"""
    logits = torch.linspace(0, 7, 2 * 3 * 4).double().reshape(2, 3, 4).cos()
    yield "totals", losses(logits, torch.tensor([[3, 0, 2], [-100, -100, -100]]))[1]


def hidden_target_left():
    """the given target after the call: it must be as before"""
    target = torch.tensor([[1, 0, 1], [0, -100, -100]])
    losses(torch.zeros(2, 3, 2), target)
    yield "target", target


# %% [markdown]
# ## 5 · Write greedily (4 points)
#
# Now the writer is alone: it takes the likeliest symbol, is shown it as the newest one, takes the likeliest again, and
# so on. A row that has written the end sign is finished: it holds the end sign in every place that follows.
#
# **Contract.** `step(tokens, state)` takes the newest symbols, shape $(B,)$, and returns logits, shape $(B, V)$, and the
# next state; `toy_step` in the first cell is such a writer. `state` is the state before the first symbol, and its first
# axis is $B$. Return the symbols, shape $(B, T)$ with $T$ = `length`, *without* the start sign, and for each row the
# log-probability of what it wrote, shape $(B,)$: the sum of the log-probabilities of its symbols, its first end sign
# included, nothing after it.
#
# **Example.** `greedy(toy_step, torch.tensor([0.0, 2.0]), 4, start=0, end=3)` gives the symbols
# `[[1, 4, 3, 3], [0, 3, 3, 3]]` and the log-probabilities `[-1.5862, -0.9632]`.
#
# Two points for the symbols, two for the log-probabilities.
#
# <details><summary>Hint: where to look</summary>
#
# Keep three things from step to step: the newest symbols, the state, and which rows have ended. When a row writes its
# end sign, does that symbol still count?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `tokens = torch.full((len(state),), start)`, and `ended = torch.zeros(len(state), dtype=torch.bool)`
#
# </details>


# %% role="answer" name="greedy"
def greedy(step, state: torch.Tensor, length: int, start: int, end: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Writes the likeliest symbol again and again.

    Args:
        step: from (tokens, state) to (logits, state).
        state: before the first symbol; first axis B.
        length: T, number of symbols to write.
        start: the sign shown before the first symbol.
        end: the sign after which a row is finished.

    Returns:
        Symbols, shape (B, T), and the log-probability of each row, shape (B,).
    """
    ### BEGIN SOLUTION
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total
    ### END SOLUTION


# %% role="check" name="greedy_symbols" answer="greedy" points=2 refuse="beam_search own_symbols Seq2Seq"
def worked_example_symbols():
    """the symbols of the worked example"""
    yield "symbols", greedy(toy_step, torch.tensor([0.0, 2.0]), 4, 0, 3)[0]


def five_rows_symbols():
    """the symbols of five rows that end at different times"""
    yield "symbols", greedy(toy_step, torch.tensor([0.0, 1.0, 2.5, 4.0, 5.5]), 7, 2, 1)[0]


def all_rows_end_symbols():
    """the symbols of three rows that have all ended before the last step"""
    yield "symbols", greedy(toy_step, torch.tensor([1.5, 2.5, 0.5]), 6, 0, 3)[0]


def hidden_one_row_symbols():
    """a single row, in double precision, and a single step"""
    yield "eight steps", greedy(toy_step, torch.tensor([3.0]).double(), 8, 4, 0)[0]
    yield "one step", greedy(toy_step, torch.tensor([1.0, 3.0]), 1, 1, 4)[0]


# %% role="check" name="greedy_log_p" answer="greedy" points=2 refuse="beam_search own_symbols Seq2Seq"
def worked_example_log_p():
    """the log-probabilities of the worked example"""
    yield "log-probabilities", greedy(toy_step, torch.tensor([0.0, 2.0]), 4, 0, 3)[1]


def five_rows_log_p():
    """the log-probabilities of five rows that end at different times"""
    yield "log-probabilities", greedy(toy_step, torch.tensor([0.0, 1.0, 2.5, 4.0, 5.5]), 7, 2, 1)[1]


def hidden_one_row_log_p():
    """a single row, in double precision, and a single step"""
    yield "eight steps", greedy(toy_step, torch.tensor([3.0]).double(), 8, 4, 0)[1]
    yield "one step", greedy(toy_step, torch.tensor([1.0, 3.0]), 1, 1, 4)[1]


# %% [markdown]
# ## 6 · One step of a beam search (4 points)
#
# A beam keeps the $W$ best beginnings of *one* sentence. At each step every beginning is continued by every symbol, and
# of all these the best $W$ stay. Longer sequences have lower log-probabilities, so they are compared by
#
# $$\text{score} = \frac{\log p}{n^{\alpha}},$$
#
# where $n$ counts the symbols of the *continued* sequence. A beginning that has ended takes part as it is, once: with its
# log-probability and its $n$ unchanged, and with the end sign as its symbol.
#
# **Contract.** `log_p`, `n` and `ended` have shape $(W,)$: log-probability so far, number of symbols, whether the end
# sign was written. `next_log_p` has shape $(W, V)$: log-probabilities of the next symbol. Return three tensors of shape
# $(W,)$, best first: from which beginning each survivor comes, which symbol it got, and its new *log-probability* (not
# the score). No two scores are equal in the trials.
#
# **Example.** `log_p = [-1.0, -1.2]`, `n = [1.0, 1.0]`, `ended = [False, True]`,
# `next_log_p = [[-0.5, -1.5, -2.0], [-0.1, -3.0, -3.5]]`, `end = 2`, `alpha = 0` give beginnings `[1, 0]`, symbols
# `[2, 0]` and log-probabilities `[-1.2, -1.5]`. With `alpha = 1` the scores are $-1.5/2$ and $-1.2/1$, and the order
# turns round.
#
# <details><summary>Hint: where to look</summary>
#
# How can the rows of `next_log_p` that belong to ended beginnings be changed so that only the end sign is possible there,
# and costs nothing? And if the $W \cdot V$ scores stand in one row, what do the quotient and the remainder of a place by
# $V$ say?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `stay = torch.full_like(next_log_p, -math.inf)`, then `stay[:, end] = 0`.
#
# </details>


# %% role="answer" name="beam_step"
def beam_step(
    log_p: torch.Tensor, n: torch.Tensor, ended: torch.Tensor, next_log_p: torch.Tensor, end: int, alpha: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Continues every beginning by every symbol, and keeps the best.

    Args:
        log_p: log-probability of each beginning, shape (W,).
        n: number of its symbols, shape (W,).
        ended: whether it holds the end sign, shape (W,).
        next_log_p: log-probabilities of the next symbol, shape (W, V).
        end: the end sign.
        alpha: power of the length.

    Returns:
        The beginning, the symbol and the log-probability of each survivor, best first, each of shape (W,).
    """
    ### BEGIN SOLUTION
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]
    ### END SOLUTION


# %% role="check" name="beam_step" points=4 refuse="beam_search Beam"
def _next(width, vocabulary, dtype=torch.float32):
    return (2 * torch.linspace(0, 11, width * vocabulary).to(dtype).reshape(width, vocabulary).sin()).log_softmax(-1)


def _say(result):
    yield from zip(("beginnings", "symbols", "log-probabilities"), result, strict=True)


def plain_sums():
    """three beginnings that go on, compared by their sums"""
    none = torch.zeros(3, dtype=torch.bool)
    yield from _say(beam_step(torch.tensor([-0.2, -0.5, -1.1]), torch.full((3,), 2.0), none, _next(3, 5), 4, 0.0))


def one_has_ended():
    """the worked example, by sums and by means"""
    given = torch.tensor([-1.0, -1.2]), torch.ones(2), torch.tensor([False, True])
    next_log_p = torch.tensor([[-0.5, -1.5, -2.0], [-0.1, -3.0, -3.5]])
    for alpha in (0.0, 1.0):
        for name, value in _say(beam_step(*given, next_log_p, 2, alpha)):
            yield f"{name}, alpha = {alpha:.0f}", value


def ended_early():
    """four beginnings of which three have ended, after one, two and three symbols, with alpha = 0.7"""
    given = torch.tensor([-1.4, -1.2, -3.0, -1.9]), torch.tensor([1.0, 2.0, 3.0, 5.0])
    ended = torch.tensor([True, True, True, False])
    yield from _say(beam_step(*given, ended, _next(4, 5), 1, 0.7))


def ended_late():
    """four beginnings of which three have ended, one of them by the last step, with alpha = 0.7"""
    given = torch.tensor([-2.0, -1.9, -1.7, -2.8]), torch.tensor([2.0, 5.0, 2.0, 5.0])
    ended = torch.tensor([True, True, True, False])
    yield from _say(beam_step(*given, ended, _next(4, 5), 1, 0.7))


def hidden_all_ended():
    """all beginnings have ended, and the order by scores is another one than that by sums"""
    given = torch.tensor([-1.0, -1.3, -1.4]).double(), torch.tensor([1.0, 2.0, 4.0]).double()
    yield from _say(beam_step(*given, torch.ones(3, dtype=torch.bool), _next(3, 4, torch.float64), 0, 0.5))


def hidden_width_one():
    """a beam of one, which goes on"""
    given = torch.tensor([-3.0]), torch.tensor([5.0]), torch.tensor([False])
    yield from _say(beam_step(*given, _next(1, 6), 2, 1.0))


def hidden_one_beginning_wins():
    """a beginning so good that all survivors come from it, and the first step, with beginnings that do not exist"""
    none = torch.zeros(3, dtype=torch.bool)
    log_p = torch.tensor([-9.0, -0.1, -8.0])
    for name, value in _say(beam_step(log_p, torch.tensor([3.0, 3.0, 3.0]), none, _next(3, 4), 3, 1.0)):
        yield f"{name}, one is far ahead", value
    log_p = torch.tensor([0.0, -math.inf, -math.inf])
    for name, value in _say(beam_step(log_p, torch.zeros(3), none, _next(3, 4), 3, 1.0)):
        yield f"{name}, first step", value


# %% [markdown]
# ## 7 · Taught and alone (3 points, read by a person)
#
# The cell after the next one trains a small writer to copy strings of 2 to 12 digits, with a teacher. Then it takes 400
# new strings of 12 digits and counts, place by place, how often the digit is right: once while the teacher still shows
# the true digit before it, and once while the writer is shown its own digits. It also says how many strings are right
# as a whole.
#
# **First predict, then run.** Write down: in which places will the share right be high, and where low? At which places
# will the two columns be equal, and where will they differ most? Then run it, and explain what you see:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Why are the two columns equal in the first place, and must they be, for every model?
# 3. A colleague reports the share that was measured with the teacher as the quality of a translating program. What is
#    wrong with that, and can the number that the program reaches alone be *higher* for a single string?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and a difference between them is explained. A wrong prediction costs
#   nothing.
# - **The first place**: says that both writers have then seen the same, the source and the start sign.
# - **The report**: says that the true symbols will not be there when the program is used, that an early mistake changes
#   what is read afterwards, and that for a single string everything is possible.

# %% [markdown] role="written" name="alone" points=3
# *Prediction.* I expected the first places to be right most often, since they are written before anything can go wrong, and
# both columns to fall from left to right, the one without the teacher faster. *Result.* Both start at the same share and
# fall. Alone, it falls all the way. With the teacher it rises again in the last places, which I had not expected: those
# digits were read last, so the state holds them best, and the teacher brings the writer to them in good order. Alone, it
# has lost its place by then. Whole strings are almost never right, since all twelve digits would have to be right at once.
#
# *The first place.* Before it, both have seen the source and the start sign, and nothing else. So the logits are the same
# numbers, for every model, whatever its weights. From the second place on the one sees the true first digit, and the other
# the digit that it wrote; where that was right, they are still the same.
#
# *The report.* When the program is used there is no true translation to show, or nobody would need the program. Its own
# symbols come back, and after a mistake it goes on from a beginning that it may never have met in training. So the share
# with the teacher describes a situation that does not occur. For a single string the writer alone can be ahead: a true
# symbol may bring it to a state in which it does worse than after its own. On average over many strings it does not pay.

# %% role="given" name="alone_run"
torch.manual_seed(0)


class Copier(nn.Module):
    """Reads digits with one GRU, writes them with another; 10 is the start sign."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, size)
        self.reader = nn.GRU(size, size, batch_first=True)
        self.writer = nn.GRU(size, size, batch_first=True)
        self.out = nn.Linear(size, 11)

    def forward(self, source: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        state = self.reader(self.embedding(source))[1]
        return self.out(self.writer(self.embedding(previous), state)[0]).mT  # B V T

    @torch.no_grad()
    def alone(self, source: torch.Tensor) -> torch.Tensor:
        """Writes as many digits as it read, shown its own."""
        state, token, written = self.reader(self.embedding(source))[1], torch.full_like(source[:, :1], 10), []
        for _ in range(source.shape[1]):
            h, state = self.writer(self.embedding(token), state)
            token = self.out(h).argmax(-1)
            written.append(token)
        return torch.cat(written, dim=1)


def before(source: torch.Tensor) -> torch.Tensor:
    """The start sign, then the digits without the last."""
    return F.pad(source[:, :-1], (1, 0), value=10)


sizes = torch.randint(2, 13, (500,)).tolist()
strings = [torch.randint(0, 10, (32, size)) for size in sizes]
copier = Copier(48)
fit(copier, [((s, before(s)), s) for s in strings], epochs=1, lr=1e-2, schedule=one_cycle, clip=1.0, device="cpu")
source = torch.randint(0, 10, (400, 12))
with torch.no_grad():
    with_teacher = copier(source, before(source)).argmax(dim=1) == source
on_its_own = copier.alone(source) == source
print("place   with the teacher   alone")
for place in range(12):
    print(
        f"{place + 1:5d}   {with_teacher[:, place].float().mean():16.2f}   {on_its_own[:, place].float().mean():5.2f}"
    )
whole = [right.all(dim=1).float().mean() for right in (with_teacher, on_its_own)]
print(f"whole   {whole[0]:16.2f}   {whole[1]:5.2f}")

# %% [markdown]
# ## Optional: bigger (no points)
#
# Make the state wider, train longer, or put `.cuda()` on model and data if you have a GPU. Which of the two moves the place
# where the share falls below one half further to the right for the same time of training? Predict first.
