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

# %% [markdown] role="title" chapter="sequences/rnn" minutes=90
# # Recurrent networks: the same weights at every step
#
# **18 points, about 90 minutes.** This exercise belongs to the chapter *Recurrent networks: the same weights at every
# step*.
#
# You unroll a plain recurrent network, write one step of an LSTM, read a padded batch from both ends, say how large the
# matrices of a stack are, clip gradients and cut a gradient in time. Then you predict what fifty steps do to a gradient.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a single row, gradients.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $T$ steps, each input a vector of $I$ numbers, each state a
# vector of $H$ numbers.
#
# PyTorch's finished recurrent networks and cells are turned off in every answer, and so is its clipping.

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
# ## 1 · Unroll a plain network (3 points)
#
# A plain recurrent network has one matrix for the input, $W$, one for the state, $U$, and a bias $b$. At every step it
# makes a new state from the input of that step and the state before it:
#
# $$h_t = \tanh(W x_t + U h_{t-1} + b).$$
#
# **Contract.** `x` has shape $(B, T, I)$, `h` is the state before the first step, shape $(B, H)$; `w` has shape $(H, I)$,
# `u` $(H, H)$, `b` $(H,)$. Return the states after each of the $T$ steps, shape $(B, T, H)$.
#
# **Example.** One sequence of two steps, all sizes 1: `x = [[[1], [0]]]`, `h = [[0]]`, `w = [[0.5]]`, `u = [[2]]`,
# `b = [0.1]`. The first state is $\tanh(0.5 + 0 + 0.1) = 0.5370$, the second $\tanh(0 + 2 \cdot 0.5370 + 0.1) = 0.8257$.
#
# One point for a single step, two for whole sequences.
#
# <details><summary>Hint: where to look</summary>
#
# In a batch the vectors are the rows of a matrix, so $W x_t$ for all of them at once is a product with $W$ turned round.
# What must the second step find in `h`?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `states = []`, then a loop over `range(x.shape[1])`; `torch.stack(states, dim=1)` puts the steps side by side.
#
# </details>


# %% role="answer" name="unroll"
def unroll(x: torch.Tensor, h: torch.Tensor, w: torch.Tensor, u: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The states of a plain recurrent network.

    Args:
        x: inputs, shape (B, T, I).
        h: state before the first step, shape (B, H).
        w: matrix of the input, shape (H, I).
        u: matrix of the state, shape (H, H).
        b: bias, shape (H,).

    Returns:
        The states after each step, shape (B, T, H).
    """
    ### BEGIN SOLUTION
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)
    ### END SOLUTION


# %% role="check" name="unroll_step" answer="unroll" points=1 refuse="nn.RNN nn.RNNCell rnn_tanh rnn_tanh_cell RNNBase"
def _numbers(batch, steps, inputs, size, dtype=torch.float32):
    shapes = (batch, steps, inputs), (batch, size), (size, inputs), (size, size), (size,)
    return [(torch.linspace(-2, 3, math.prod(s)).to(dtype) * (n + 2)).sin().reshape(s) for n, s in enumerate(shapes)]


def one_step():
    """one step of two sequences, three numbers in and four in the state"""
    yield "state", unroll(*_numbers(2, 1, 3, 4))


def one_step_and_another():
    """two steps of three sequences, two numbers in and three in the state"""
    yield "states", unroll(*_numbers(3, 2, 2, 3))


def hidden_one_step_of_one():
    """one step of a single sequence, in double precision"""
    yield "state", unroll(*_numbers(1, 1, 5, 2, torch.float64))


# %% role="check" name="unroll_sequence" answer="unroll" points=2 refuse="nn.RNN nn.RNNCell rnn_tanh rnn_tanh_cell RNNBase"
def _numbers(batch, steps, inputs, size, dtype=torch.float32):
    shapes = (batch, steps, inputs), (batch, size), (size, inputs), (size, size), (size,)
    return [(torch.linspace(-2, 3, math.prod(s)).to(dtype) * (n + 2)).sin().reshape(s) for n, s in enumerate(shapes)]


def worked_example():
    """the two steps of the worked example"""
    x, h, w, u, b = ([[[1.0], [0.0]]], [[0.0]], [[0.5]], [[2.0]], [0.1])
    yield "states", unroll(*(torch.tensor(part) for part in (x, h, w, u, b)))


def four_steps():
    """four steps of two sequences, three numbers in and five in the state"""
    yield "states", unroll(*_numbers(2, 4, 3, 5))


def hidden_other_sizes():
    """as many steps as sequences, and one sequence with a state of one number in double precision"""
    yield "three by three", unroll(*_numbers(3, 3, 2, 4))
    yield "one", unroll(*_numbers(1, 6, 2, 1, torch.float64))


def hidden_gradients():
    """the gradients that arrive at all five, from the last state alone"""
    parts = [part.requires_grad_() for part in _numbers(2, 5, 3, 4, torch.float64)]
    last = unroll(*parts)[:, -1]
    gradients = torch.autograd.grad((last * torch.linspace(-1, 2, 8).reshape(2, 4)).sum(), parts)
    yield from zip(("x", "h", "w", "u", "b"), gradients, strict=True)


# %% [markdown]
# ## 2 · One step of an LSTM (3 points)
#
# An LSTM has two vectors to remember with: the output $h$ and the cell $c$. Three gates, each between 0 and 1, decide
# what happens to the cell. All four blocks come out of one product, $z = W x + U h + b$, which has $4H$ entries. In this
# exercise they stand in the order **forget, input, output, content**, which is not the order of PyTorch:
#
# $$c \leftarrow \sigma(z_{\text{forget}})\, c + \sigma(z_{\text{input}}) \tanh(z_{\text{content}}), \qquad
# h \leftarrow \sigma(z_{\text{output}}) \tanh(c).$$
#
# Products are entry by entry, $\sigma$ is the sigmoid, and the $c$ in the second formula is the new one.
#
# **Contract.** `x` has shape $(B, I)$, `h` and `c` $(B, H)$, `w` $(4H, I)$, `u` $(4H, H)$, `b` $(4H,)$. Return the new
# `h` and the new `c`, in this order. Leave the tensors that you were given as they are.
#
# **Example.** All sizes 1, `x = [[1]]`, `h = [[0]]`, `c = [[2]]`, `w = [[0], [0], [0], [0]]`, `u` the same, and
# `b = [1.0986, 0, 0, 0.5493]`. The forget gate is 0.75 (as $e^{1.0986} = 3$), input and output gate are 0.5, the content
# is $\tanh(0.5493) = 0.5$. So $c = 0.75 \cdot 2 + 0.5 \cdot 0.5 = 1.75$ and $h = 0.5 \tanh(1.75) = 0.4707$.
#
# Two points for the cell, one for the output.
#
# <details><summary>Hint: where to look</summary>
#
# Which rows of `w` belong to the forget gate, if each block has $H$ of them? After the product those are the first $H$
# columns of $z$.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)`
#
# </details>


# %% role="answer" name="lstm_step"
def lstm_step(
    x: torch.Tensor, h: torch.Tensor, c: torch.Tensor, w: torch.Tensor, u: torch.Tensor, b: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """One step of an LSTM whose blocks stand in the order forget, input, output, content.

    Args:
        x: inputs, shape (B, I).
        h: outputs of the step before, shape (B, H).
        c: cells of the step before, shape (B, H).
        w: matrix of the input, shape (4H, I).
        u: matrix of the output, shape (4H, H).
        b: bias, shape (4H,).

    Returns:
        The new outputs and the new cells, each of shape (B, H).
    """
    ### BEGIN SOLUTION
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
    ### END SOLUTION


# %% role="check" name="lstm_cell" answer="lstm_step" points=2 refuse="nn.LSTM nn.LSTMCell lstm_cell RNNBase"
def _numbers(batch, inputs, size, dtype=torch.float32):
    shapes = (batch, inputs), (batch, size), (batch, size), (4 * size, inputs), (4 * size, size), (4 * size,)
    return [(torch.linspace(-2, 3, math.prod(s)).to(dtype) * (n + 2)).sin().reshape(s) for n, s in enumerate(shapes)]


def worked_example_cell():
    """the cell of the worked example"""
    zero = torch.zeros(4, 1)
    b = torch.tensor([1.0986, 0.0, 0.0, 0.5493])
    one, none, two = (torch.tensor([[number]]) for number in (1.0, 0.0, 2.0))
    yield "c", lstm_step(one, none, two, zero, zero, b)[1]


def two_sequences_cell():
    """the cells of two sequences, three numbers in and five in the state"""
    yield "c", lstm_step(*_numbers(2, 3, 5))[1]


def hidden_other_sizes_cell():
    """the cells for one sequence in double precision, and for four sequences with a state of four numbers"""
    yield "one sequence", lstm_step(*_numbers(1, 5, 2, torch.float64))[1]
    yield "four by four", lstm_step(*_numbers(4, 2, 4))[1]


def hidden_gradients_cell():
    """the gradients that arrive at all six from the cell"""
    parts = [part.requires_grad_() for part in _numbers(2, 3, 4, torch.float64)]
    c = lstm_step(*parts)[1]
    gradients = torch.autograd.grad((c * torch.linspace(-1, 2, 8).reshape(2, 4)).sum(), parts)
    yield from zip(("x", "h", "c", "w", "u", "b"), gradients, strict=True)


def hidden_untouched():
    """the old cells after the call: they must be as before"""
    parts = _numbers(2, 3, 4)
    lstm_step(*parts)
    yield "the old c", parts[2]


# %% role="check" name="lstm_output" answer="lstm_step" points=1 refuse="nn.LSTM nn.LSTMCell lstm_cell RNNBase"
def _numbers(batch, inputs, size, dtype=torch.float32):
    shapes = (batch, inputs), (batch, size), (batch, size), (4 * size, inputs), (4 * size, size), (4 * size,)
    return [(torch.linspace(-2, 3, math.prod(s)).to(dtype) * (n + 2)).sin().reshape(s) for n, s in enumerate(shapes)]


def worked_example_output():
    """the output of the worked example"""
    zero = torch.zeros(4, 1)
    b = torch.tensor([1.0986, 0.0, 0.0, 0.5493])
    one, none, two = (torch.tensor([[number]]) for number in (1.0, 0.0, 2.0))
    yield "h", lstm_step(one, none, two, zero, zero, b)[0]


def two_sequences_output():
    """the outputs of two sequences, three numbers in and five in the state"""
    yield "h", lstm_step(*_numbers(2, 3, 5))[0]


def hidden_other_sizes_output():
    """the outputs for one sequence in double precision, and for four sequences with a state of four numbers"""
    yield "one sequence", lstm_step(*_numbers(1, 5, 2, torch.float64))[0]
    yield "four by four", lstm_step(*_numbers(4, 2, 4))[0]


# %% [markdown]
# ## 3 · Read from both ends (3 points)
#
# A bidirectional network has a second reader that starts at the end. Its output for step $t$ must have seen the steps
# $t, t + 1, \dots$ and no others, so two things are turned round: what it is given, and what it returns.
#
# Sequences of a batch differ in length and are padded at their ends. The padding can hold anything, and it must change
# nothing. So the second reader starts at the last *real* step of each sequence.
#
# **Contract.** `forwards` and `backwards` are functions that read a tensor $(B, T, I)$ from its first step on and return
# $(B, T, H)$. `x` has shape $(B, T, I)$, and sequence $b$ has `lengths[b]` real steps, 1 to $T$. Return shape
# $(B, T, 2H)$: at every real step the output of `forwards`, then that of `backwards`, both for this step; zeros at the
# padding.
#
# **Example.** Let both readers be a running sum, `lambda x: x.cumsum(dim=1)`, and
# `x = [[[1], [2], [4]], [[5], [3], [99]]]` with `lengths = [3, 2]`. Forwards the first sequence gives 1, 3, 7; from its
# end 4, 6, 7, which for the steps in their order is 7, 6, 4. The second gives 5, 8 and 8, 3, and zeros where it has
# ended. The result is `[[[1, 7], [3, 6], [7, 4]], [[5, 8], [8, 3], [0, 0]]]`.
#
# Two points for sequences without padding, one for those with it.
#
# <details><summary>Hint: where to look</summary>
#
# Write down, for a sequence of length 3 in a tensor of 5 steps, which old step comes to each of the new places. Turning
# round twice gives the sequence itself, so the same list serves for the way back.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `steps = torch.arange(x.shape[1])`, and `lengths[:, None] - 1 - steps` has the old step of each new place, with negative
# numbers where the padding is; `x[torch.arange(len(x))[:, None], places]` picks a step for each place.
#
# </details>


# %% role="answer" name="both_ways"
def both_ways(forwards, backwards, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Reads padded sequences from both ends.

    Args:
        forwards: a reader, from (B, T, I) to (B, T, H).
        backwards: another one.
        x: padded sequences, shape (B, T, I).
        lengths: real steps of each sequence, shape (B,), 1 to T.

    Returns:
        Shape (B, T, 2H): forwards first; zeros at the padding.
    """
    ### BEGIN SOLUTION
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    from_the_end = backwards(x[rows, places])[rows, places]
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]
    ### END SOLUTION


# %% role="check" name="both_ways_full" answer="both_ways" points=2
def _leaky(rate):
    def read(x):
        h, states = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            h = rate * h + x[:, t] + torch.arange(1, x.shape[2] + 1) / 2
            states.append(h)
        return torch.stack(states, dim=1)

    return read


def two_sums():
    """two sequences of three steps, read by running sums"""
    x = torch.tensor([[[1.0], [2.0], [4.0]], [[5.0], [3.0], [9.0]]])
    yield "outputs", both_ways(lambda x: x.cumsum(dim=1), lambda x: x.cumsum(dim=1), x, torch.tensor([3, 3]))


def two_readers():
    """three sequences of four steps with two numbers each, read by two readers that forget at different rates"""
    x = torch.linspace(-2, 3, 24).mul(2).sin().reshape(3, 4, 2)
    yield "outputs", both_ways(_leaky(0.5), _leaky(0.9), x, torch.tensor([4, 4, 4]))


def hidden_single():
    """a single sequence in double precision, a single step, and as many sequences as steps"""
    x = torch.linspace(-2, 3, 15).double().sin().reshape(1, 5, 3)
    yield "single sequence", both_ways(_leaky(0.3), _leaky(0.7), x, torch.tensor([5]))
    yield "single step", both_ways(_leaky(0.3), _leaky(0.7), x[:, :1], torch.tensor([1]))
    x = torch.linspace(-2, 3, 18).cos().reshape(3, 3, 2)
    yield "three by three", both_ways(_leaky(0.3), _leaky(0.7), x, torch.tensor([3, 3, 3]))


def hidden_reach():
    """which inputs the two halves of the second output depend on, by the gradient"""
    x = torch.linspace(-2, 3, 8).sin().reshape(1, 4, 2).requires_grad_()
    first, second = both_ways(_leaky(0.5), _leaky(0.9), x, torch.tensor([4]))[0, 1].chunk(2)
    yield "first half", torch.autograd.grad(first.sum(), x, retain_graph=True)[0]
    yield "second half", torch.autograd.grad(second.sum(), x)[0]


# %% role="check" name="both_ways_padded" answer="both_ways" points=1
def _leaky(rate):
    def read(x):
        h, states = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            h = rate * h + x[:, t] + torch.arange(1, x.shape[2] + 1) / 2
            states.append(h)
        return torch.stack(states, dim=1)

    return read


def worked_example_padded():
    """the worked example, with one step of padding"""
    x = torch.tensor([[[1.0], [2.0], [4.0]], [[5.0], [3.0], [99.0]]])
    yield "outputs", both_ways(lambda x: x.cumsum(dim=1), lambda x: x.cumsum(dim=1), x, torch.tensor([3, 2]))


def padded_readers():
    """three sequences of 2, 5 and 1 real steps, read by two readers that forget at different rates"""
    x = torch.linspace(-2, 3, 30).mul(2).sin().reshape(3, 5, 2)
    yield "outputs", both_ways(_leaky(0.5), _leaky(0.9), x, torch.tensor([2, 5, 1]))


def hidden_padding_changes_nothing():
    """a sequence of three steps with two and with four steps of padding, in double precision"""
    x = torch.linspace(-2, 3, 21).double().sin().reshape(1, 7, 3)
    for size in (5, 7):
        yield f"{size} steps", both_ways(_leaky(0.3), _leaky(0.7), x[:, :size], torch.tensor([3]))


# %% [markdown]
# ## 4 · How large are the matrices of a stack? (2 points)
#
# In a stack, the outputs of one layer are the inputs of the next. Each layer has one cell for each direction; every cell
# has a matrix $W$ for its input and $U$ for its own state. A plain cell has one block of $H$ rows in each matrix, a GRU
# three, an LSTM four. A cell sees its own state alone, but its input has everything that the layer below put out, from
# both directions if there are two.
#
# **a)** `matrices(blocks, input_size, hidden_size, layers, directions)` returns a list with one entry for each cell,
# layer by layer, and in each layer direction by direction: `(rows, input_columns, state_columns)`. The matrix $W$ of the
# cell has shape (rows, input_columns), its $U$ (rows, state_columns).
#
# **Example.** `matrices(4, 32, 64, 1, 2)`, one bidirectional layer of an LSTM, is `[(256, 32, 64), (256, 32, 64)]`.
#
# **b)** `parameters(blocks, input_size, hidden_size, layers, directions, biases)` returns how many numbers such a stack
# learns, if every cell has `biases` bias vectors of as many entries as its matrices have rows: two in PyTorch, one in the
# papers. **Example.** `parameters(1, 32, 64, 1, 1, 2)` is `6272`.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the three numbers changes from the first layer to the second, and which never depends on the direction?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# a) `below = input_size if layer == 0 else directions * hidden_size`
#
# </details>


# %% role="answer" name="stack"
def matrices(
    blocks: int, input_size: int, hidden_size: int, layers: int, directions: int
) -> list[tuple[int, int, int]]:
    """Rows, columns of W and columns of U of every cell of a stack.

    Args:
        blocks: of rows in each matrix: 1 plain, 3 GRU, 4 LSTM.
        input_size: I.
        hidden_size: H, of each direction.
        layers: at least 1.
        directions: 1 or 2.

    Returns:
        One triple for each cell, layer by layer and in each layer direction by direction.
    """
    ### BEGIN SOLUTION
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, hidden_size) for below in sizes for _ in range(directions)]
    ### END SOLUTION


def parameters(blocks: int, input_size: int, hidden_size: int, layers: int, directions: int, biases: int) -> int:
    """How many numbers a stack learns.

    Args:
        blocks: of rows in each matrix: 1 plain, 3 GRU, 4 LSTM.
        input_size: I.
        hidden_size: H, of each direction.
        layers: at least 1.
        directions: 1 or 2.
        biases: bias vectors of each cell: 1 or 2.

    Returns:
        The number of parameters.
    """
    ### BEGIN SOLUTION
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size + biases)
    other = rows * (directions * hidden_size + hidden_size + biases)
    return directions * (first + (layers - 1) * other)
    ### END SOLUTION


# %% role="check" name="matrices" answer="stack" points=1
def one_layer():
    """an LSTM of one layer, in one direction and in both"""
    yield "one direction", torch.tensor(matrices(4, 32, 64, 1, 1))
    yield "both directions", torch.tensor(matrices(4, 32, 64, 1, 2))


def two_layers():
    """a GRU of two layers, in one direction and in both"""
    yield "one direction", torch.tensor(matrices(3, 5, 7, 2, 1))
    yield "both directions", torch.tensor(matrices(3, 5, 7, 2, 2))


def hidden_three_layers():
    """a plain network of three layers, in both directions"""
    yield "sizes", torch.tensor(matrices(1, 10, 6, 3, 2))


# %% role="check" name="parameters" answer="stack" points=1
def plain():
    """a plain network of one layer, with two biases and with one"""
    yield "two", parameters(1, 32, 64, 1, 1, 2)
    yield "one", parameters(1, 32, 64, 1, 1, 1)


def stacked():
    """an LSTM of two layers with two biases and a GRU of three with one, both in both directions"""
    yield "LSTM", parameters(4, 32, 64, 2, 2, 2)
    yield "GRU", parameters(3, 5, 7, 3, 2, 1)


def hidden_three():
    """a GRU of three layers in both directions and of four in one, one bias"""
    yield "both directions", parameters(3, 10, 6, 3, 2, 1)
    yield "one direction", parameters(3, 10, 6, 4, 1, 1)


# %% [markdown]
# ## 5 · Clip the gradient (2 points)
#
# Now and then the gradient through many steps is huge, and one step of that size undoes the training. Clipping scales it
# down. The gradient is *one* vector, even if it is kept in pieces, one for each parameter: its norm is the root of the
# sum of the squares of *all* entries of *all* pieces. If that norm is above the limit, every piece is multiplied by the
# same number, so that the norm becomes the limit and the direction stays. If not, nothing changes.
#
# **Contract.** `gradients` is a list of tensors of any shapes, `limit` a number above 0. Return a new list of tensors of
# the same shapes; the given ones stay as they are. Gradients that are all zero come back as zeros.
#
# **Example.** `clip([torch.tensor([30.0]), torch.tensor([[0.0, 40.0]])], 5.0)`: the norm is 50, so the result is
# `[3]` and `[[0, 4]]`. With the limit 60 it is what was given.
#
# <details><summary>Hint: where to look</summary>
#
# Two passes over the list: one to find a single number, one to multiply by it. When would that number be above 1?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `norm = torch.sqrt(sum((g**2).sum() for g in gradients))`
#
# </details>


# %% role="answer" name="clip"
def clip(gradients: list[torch.Tensor], limit: float) -> list[torch.Tensor]:
    """Scales gradients down to a limit on their common norm.

    Args:
        gradients: tensors of any shapes.
        limit: the largest norm, above 0.

    Returns:
        New tensors of the same shapes.
    """
    ### BEGIN SOLUTION
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    factor = limit / norm if norm > limit else 1.0
    return [g * factor for g in gradients]
    ### END SOLUTION


# %% role="check" name="clip" points=2 rtol=1e-5 atol=1e-6 refuse="clip_grad_norm_ clip_grad_norm clip_grads_with_norm_ get_total_norm clip_grad_value_"
def worked_example_clip():
    """the worked example, with the limits 5 and 60"""
    gradients = [torch.tensor([30.0]), torch.tensor([[0.0, 40.0]])]
    for limit in (5.0, 60.0):
        first, second = clip(gradients, limit)
        yield f"first, limit {limit:.0f}", first
        yield f"second, limit {limit:.0f}", second


def three_pieces():
    """three pieces, of which two alone are below the limit"""
    pieces = [torch.tensor([[1.0, -2.0], [0.5, 0.0]]), torch.tensor([3.0, 1.0]), torch.tensor([-1.5])]
    yield from zip(("first", "second", "third"), clip(pieces, 3.0), strict=True)


def hidden_small():
    """a limit below 1, many entries, in double precision"""
    pieces = [torch.linspace(-2, 3, 12).double().reshape(3, 4).sin(), torch.linspace(0, 9, 5).double().cos()]
    yield from zip(("first", "second"), clip(pieces, 0.25), strict=True)


def hidden_zeros():
    """gradients that are all zero, and a single one that is exactly at the limit"""
    yield from zip(("first", "second"), clip([torch.zeros(2), torch.zeros(1, 3)], 1.0), strict=True)
    yield "at the limit", clip([torch.tensor([3.0, 4.0])], 5.0)[0]


def hidden_given_ones():
    """the given gradients after the call: they must be as before"""
    pieces = [torch.tensor([30.0]), torch.tensor([[0.0, 40.0]])]
    clip(pieces, 5.0)
    yield from zip(("first", "second"), pieces, strict=True)


# %% [markdown]
# ## 6 · Cut the gradient in time (2 points)
#
# A text of a million characters is one sequence. Its gradient through all steps would need all states in memory. So one
# goes through it in segments: the *state* is carried from one segment to the next, the *gradient* is not.
#
# **Contract.** `model(x, h)` takes inputs $(B, S, I)$ and a state, and returns outputs and the state after the last step.
# Go through `x`, shape $(B, T, I)$, in segments of `length` steps, the last one shorter if $T$ is no multiple. The loss
# of a segment is the **sum** of the squared differences between its outputs and the same steps of `y`. Call `backward()`
# on the loss of every segment, so that the gradients of all segments add up in the parameters; set none to zero and take
# no step. Return the state after the last step, without history.
#
# **Example.** `model = Walk()` of the next cell computes $h_t = a\, h_{t-1} + x_t$ and puts out $h_t$, with $a = 0.5$.
# Take `x = [[[1], [1]]]`, `y` zeros, the state zero. The states are 1 and 1.5. In segments of 1 step, the second state
# counts as $0.5 \cdot 1 + 1$ with the 1 as a constant: the derivative of $1.5^2$ by $a$ is $2 \cdot 1.5 \cdot 1 = 3$,
# and `model.a.grad` is `3`. The first state does not depend on $a$, so here the cut has lost nothing; from the third step
# on it does.
#
# <details><summary>Hint: where to look</summary>
#
# What would `backward()` of the second segment meet if the state still remembered how the first segment made it?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `for start in range(0, x.shape[1], length):` and, at the end of the loop's body, `h = h.detach()`.
#
# </details>


# %% role="given" name="walk"
class Walk(nn.Module):
    """h becomes a h + x, and each h is put out; the state may have several numbers, all with the same a."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.5))

    def forward(self, x, h):
        outputs = []
        for t in range(x.shape[1]):
            h = self.a * h + x[:, t]
            outputs.append(h)
        return torch.stack(outputs, dim=1), h


# %% role="answer" name="truncated"
def truncated(model, x: torch.Tensor, y: torch.Tensor, h: torch.Tensor, length: int) -> torch.Tensor:
    """Back-propagation through time in segments.

    Args:
        model: from (inputs (B, S, I), state) to (outputs, state).
        x: inputs, shape (B, T, I).
        y: targets, same steps.
        h: state before the first step.
        length: steps of a segment, at least 1.

    Returns:
        The state after the last step, without history.
    """
    ### BEGIN SOLUTION
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h
    ### END SOLUTION


# %% role="check" name="truncated" points=2
def _run(batch, steps, size, length, dtype=torch.float32):
    model = Walk().to(dtype)
    x, y = (
        torch.linspace(-2, 3, batch * steps * size).to(dtype).mul(k).cos().reshape(batch, steps, size) for k in (3, 5)
    )
    h = truncated(model, x, y, torch.full((batch, size), 0.7, dtype=dtype), length)
    return model.a.grad, h


def worked_example_segments():
    """two steps in segments of one"""
    model = Walk()
    h = truncated(model, torch.ones(1, 2, 1), torch.zeros(1, 2, 1), torch.zeros(1, 1), 1)
    yield "gradient", model.a.grad
    yield "state", h


def six_steps():
    """six steps of two sequences in segments of three"""
    gradient, h = _run(2, 6, 3, 3)
    yield "gradient", gradient
    yield "state", h


def seven_steps():
    """seven steps in segments of three, so that the last has one step"""
    gradient, h = _run(2, 7, 2, 3)
    yield "gradient", gradient
    yield "state", h


def one_segment():
    """a segment that is longer than the sequence"""
    gradient, h = _run(1, 5, 2, 9)
    yield "gradient", gradient
    yield "state", h


def segments_seen():
    """how many steps the model is given at a time, for seven steps in segments of three"""
    sizes = []

    class Counting(Walk):
        def forward(self, x, h):
            sizes.append(x.shape[1])
            return super().forward(x, h)

    truncated(Counting(), torch.ones(1, 7, 1), torch.zeros(1, 7, 1), torch.ones(1, 1), 3)
    yield "steps", torch.tensor(sizes)


def gradient_from_before():
    """a gradient of 100 that was there before, and two segments of two steps"""
    model = Walk()
    model.a.grad = torch.tensor(100.0)
    truncated(model, torch.ones(1, 4, 1), torch.zeros(1, 4, 1), torch.ones(1, 1), 2)
    yield "gradient", model.a.grad


def hidden_other_sizes():
    """eight steps of three sequences in segments of two and of five, in double precision"""
    for length in (2, 5):
        gradient, h = _run(3, 8, 1, length, torch.float64)
        yield f"gradient, {length} steps", gradient
        yield f"state, {length} steps", h


def hidden_history():
    """whether the state that comes back has a history (1) or not (0)"""
    h = truncated(Walk(), torch.ones(1, 4, 1), torch.zeros(1, 4, 1), torch.ones(1, 1), 2)
    yield "history", float(h.requires_grad)


# %% [markdown]
# ## 7 · Fifty steps back (3 points, read by a person)
#
# The cell after the next one runs a plain network of 64 numbers for 50 steps and asks how much of a gradient of length 1
# at the last state arrives at the first. The matrix $U$ is a rotation times a number $s$, so all its singular values are
# $s$. It does so for $s$ = 0.8, 1.0 and 1.25, once with small inputs, so that the states stay near 0, and once with large
# inputs, so that many entries of the states are near −1 or 1.
#
# **First predict, then run.** Write down your guess for each of the six numbers: about 1, far below 1, or far above 1.
# Then run the cell, and explain what you see:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Why can the gradient never be larger than $s^{50}$, but well be smaller? Argue with the derivative of one step.
# 3. Why would an LSTM with a forget gate near 1 keep its gradient in the case that is worst here? Which term of its step
#    is responsible?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all six cases, and a difference is explained. A wrong prediction
#   costs nothing.
# - **The bound**: says that one step multiplies the gradient by the slope of tanh and by the transposed matrix, that the
#   slope is at most 1, and that it is far below 1 where a state is near −1 or 1.
# - **The LSTM**: says that the cell reaches the next step through a sum, in which it is multiplied by the forget gate
#   alone, by neither a matrix nor a slope of tanh.

# %% [markdown] role="written" name="fifty" points=3
# *Prediction.* Small inputs: far below 1, about 1, far above 1. Large inputs: the same. *Result.* With small inputs the
# number for 0.8 is near $0.8^{50}$, about one hundred-thousandth, and that for 1.0 a little below 1, as I thought. For
# 1.25 it is above 1, but 48 and not $1.25^{50} = 70{,}000$: the states do not stay small when the matrix stretches them,
# so tanh flattens. With large inputs all three are tiny, 1.25 too, which I had wrong.
#
# *The bound.* By the chain rule one step back multiplies the gradient by $U^\top$ times a diagonal matrix with the slopes
# $1 - h_t^2$. The matrix stretches no vector by more than its largest singular value $s$, the slopes are at most 1. After
# 50 steps that gives at most $s^{50}$. The slopes are 1 only where the state is 0; near −1 or 1 they are almost 0, and
# each step multiplies by them again. So $s < 1$ means that the gradient must vanish, while $s > 1$ only allows it to
# grow.
#
# *The LSTM.* Its cell goes on as forget gate times old cell, plus something. The derivative of that sum by the old cell
# is the forget gate, so with a gate near 1 the gradient passes from cell to cell nearly unchanged, however large the
# input is. The tanh stands beside this path, at the content and at the output, not on it.


# %% role="given" name="fifty_run"
def arrives(scale, size_of_input, steps=50, width=64):
    """Of a gradient of length 1 at the last state, the length that arrives at the first."""
    generator = torch.Generator().manual_seed(0)
    rotation = torch.linalg.qr(torch.randn(width, width, generator=generator)).Q
    first = (0.01 * torch.randn(width, generator=generator)).requires_grad_()
    h = first
    for _ in range(steps):
        h = torch.tanh(scale * rotation @ h + size_of_input * torch.randn(width, generator=generator))
    direction = F.normalize(torch.randn(width, generator=generator), dim=0)
    return torch.autograd.grad(h @ direction, first)[0].norm().item()


print("singular values   bound s^50   small inputs   large inputs")
for scale in (0.8, 1.0, 1.25):
    small, large = arrives(scale, 0.01), arrives(scale, 2.0)
    print(f"{scale:15.2f}   {scale**50:10.2e}   {small:12.2e}   {large:12.2e}")

# %% [markdown]
# ## Optional: one step after the other (no points)
#
# A recurrent network can't compute step 100 before step 99. The next cell measures how long PyTorch's LSTM takes for one
# sequence as it gets longer, and for many sequences at once. It uses the fastest device that it finds, with more
# sequences on a GPU. Predict first: does a batch of 16 take 16 times as long as one sequence?

# %% role="given" name="cost"
batches = (1, 16, 256, 1024) if device.type == "cuda" else (1, 4, 16)
lstm = nn.LSTM(64, 64, batch_first=True).to(device)


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


with torch.no_grad():
    for batch in batches:
        for steps in (64, 128, 256):
            x = torch.randn(batch, steps, 64, device=device)
            print(f"{batch:4d} sequences of {steps:3d} steps: {1000 * seconds(lambda x=x: lstm(x)):8.2f} ms")
