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

# %% [markdown] role="title" chapter="foundations/relu" minutes=75
# # ReLU: one bend
#
# **18 points, about 75 minutes.** This exercise belongs to the chapter *ReLU: one bend*.
#
# You write the bend and its derivative, run a network of two layers and count what it costs. You set weights by hand, for a
# problem that no line solves and for a curve through given points. You find units that have died and wake them up. At the
# end you predict what a network says where it has seen no data.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, a single row.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ rows in a batch, $N$ inputs, $U$ hidden units, $K$ outputs. $W_1$ has shape $(U, N)$
# and $b_1$ shape $(U,)$; $W_2$ has shape $(K, U)$ and $b_2$ shape $(K,)$.

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
# ## 1 · The bend and its slope (2 points)
#
# Write ReLU, and then the step that training needs. In training a gradient comes down from the layer above: one number for
# each output of the ReLU, the derivative of the loss with respect to that output. The chain rule turns it into the derivative
# with respect to the *input* of the ReLU: multiply by the slope of ReLU, taken at that input. The slope is 1 above zero and 0
# below. At zero there is none; take 0 there, as PyTorch does.
#
# **Contract.** `relu(x)` takes a tensor of any shape and returns one of the same shape and dtype. `relu_backward(x, upstream)`
# takes the input `x` that the ReLU had and the gradient that comes from above, both of one shape, and returns a tensor of that
# shape. Leave the inputs as they are.
#
# **Example.** `relu([-1.5, 0.0, 2.0])` is `[0.0, 0.0, 2.0]`. With the same `x` and `upstream = [10.0, 20.0, -30.0]`,
# `relu_backward` gives `[0.0, 0.0, -30.0]`. The gradient itself may well be negative.
#
# PyTorch's own ReLU and automatic differentiation are turned off for these answers.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the two arguments decides whether the gradient passes, and which one passes?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x > 0` is a tensor of truth values with the shape of `x`; multiplied by numbers, it acts as ones and zeros.
#
# </details>


# %% role="answer" name="relu"
def relu(x: torch.Tensor) -> torch.Tensor:
    """max(x, 0), entry by entry.

    Args:
        x: any shape.

    Returns:
        Same shape, same dtype.
    """
    ### BEGIN SOLUTION
    return x.clamp(min=0)
    ### END SOLUTION


# %% role="check" name="relu" points=1 refuse="relu relu_ ReLU ReLU6 relu6 leaky_relu LeakyReLU threshold Threshold rrelu prelu PReLU hardtanh"
def a_row():
    """numbers of both signs, and zero"""
    yield "result", relu(torch.tensor([-2.5, -0.1, 0.0, 0.1, 3.0]))


def input_untouched():
    """whether the input is still as it was after the call"""
    x = torch.tensor([[-1.0, 2.0], [0.5, -3.0]])
    relu(x)
    yield "input", x


def hidden_other_shapes():
    """three axes in double precision, and a batch of one row"""
    yield "three axes", relu(torch.linspace(-2, 2, 24).double().reshape(2, 3, 4).sin())
    yield "one row", relu(torch.tensor([[-7.0, 5.0]]))


# %% role="answer" name="relu_backward"
def relu_backward(x: torch.Tensor, upstream: torch.Tensor) -> torch.Tensor:
    """The gradient for the input of a ReLU.

    Args:
        x: the input that the ReLU had.
        upstream: derivative of the loss with respect to each output of the ReLU, same shape.

    Returns:
        Derivative of the loss with respect to each entry of x, same shape.
    """
    ### BEGIN SOLUTION
    return upstream * (x > 0)
    ### END SOLUTION


# %% role="check" name="relu_backward" points=1 refuse="relu relu_ ReLU backward grad autograd func vjp jacobian jacrev vmap"
def signs_of_both():
    """every mixture of signs, and zero, in x and in the gradient from above"""
    x = torch.tensor([-2.0, -2.0, 0.0, 0.0, 3.0, 3.0])
    yield "gradient", relu_backward(x, torch.tensor([5.0, -5.0, 7.0, -7.0, 4.0, -4.0]))


def arguments_untouched():
    """whether x and the gradient from above are still as they were after the call"""
    x, upstream = torch.tensor([-1.0, 2.0, 0.0]), torch.tensor([3.0, -4.0, 5.0])
    relu_backward(x, upstream)
    yield "x", x
    yield "upstream", upstream


def hidden_two_axes():
    """a batch of rows in double precision"""
    x = torch.linspace(-3, 5, 21).double().reshape(3, 7).cos()
    yield "gradient", relu_backward(x, torch.linspace(2, -1, 21).double().reshape(3, 7))


# %% [markdown]
# ## 2 · Two layers and their cost (4 points)
#
# A network of two layers is a linear layer, a bend and a second linear layer. The scores that leave it go into
# `F.cross_entropy`, which takes scores of any sign and applies the softmax itself.
#
# Write the forward pass, and say beforehand what it costs: how many *parameters* the network holds, and how many
# *multiply-accumulates* (a product added to a sum) it takes for one row. Biases are parameters, but adding them multiplies nothing;
# the ReLU has no parameters and multiplies nothing either.
#
# **Contract.** `scores(x, W1, b1, W2, b2)` takes `x` of shape $(B, N)$ and returns shape $(B, K)$.
# `two_layer_cost(inputs, hidden, outputs)` returns two whole numbers: parameters, multiply-accumulates for one row.
#
# **Example.** One row `[2, 1]` with $W_1 = \begin{pmatrix} 1 & 1 \\ -1 & 0 \end{pmatrix}$, $b_1 = (-1, 1)$,
# $W_2 = (-3 \;\; 4)$ and $b_2 = (1)$: the first layer gives $(2, -1)$, the hidden layer is $(2, 0)$, the score is $-5$.
# `two_layer_cost(2, 2, 1)` is `(9, 6)`.
#
# <details><summary>Hint: where to look</summary>
#
# The hidden layer holds weights, biases and the bend, in this order. What of it is repeated in the second layer, and what is not?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x @ W1.T + b1` is the first layer before its bend, shape $(B, U)$. Each of its numbers took $N$ products.
#
# </details>


# %% role="answer" name="scores"
def scores(x: torch.Tensor, W1: torch.Tensor, b1: torch.Tensor, W2: torch.Tensor, b2: torch.Tensor) -> torch.Tensor:
    """The scores of a network of two layers.

    Args:
        x: shape (B, N).
        W1: shape (U, N).
        b1: shape (U,).
        W2: shape (K, U).
        b2: shape (K,).

    Returns:
        Shape (B, K), ready for F.cross_entropy.
    """
    ### BEGIN SOLUTION
    hidden = (x @ W1.T + b1).clamp(min=0)
    return hidden @ W2.T + b2
    ### END SOLUTION


# %% role="check" name="scores" points=2
def _network(sizes, dtype=torch.float32):
    n, u, k = sizes
    W1 = torch.linspace(-2, 3, u * n, dtype=dtype).reshape(u, n).sin()
    W2 = torch.linspace(1, 7, k * u, dtype=dtype).reshape(k, u).cos()
    b1 = torch.linspace(-0.8, 0.6, u, dtype=dtype)
    return W1, b1, W2, torch.linspace(0.4, -0.9, k, dtype=dtype)


def the_example():
    """the row of the text"""
    W1, b1 = torch.tensor([[1.0, 1.0], [-1.0, 0.0]]), torch.tensor([-1.0, 1.0])
    yield "score", scores(torch.tensor([[2.0, 1.0]]), W1, b1, torch.tensor([[-3.0, 4.0]]), torch.tensor([1.0]))


def four_rows():
    """four rows, three inputs, five hidden units, two classes"""
    x = torch.linspace(-2, 2, 12).reshape(4, 3).sin() * 2
    yield "scores", scores(x, *_network((3, 5, 2)))


def hidden_one_row():
    """a batch of one row in double precision, as many units as inputs"""
    x = torch.linspace(-1, 2, 4, dtype=torch.float64)[None]
    yield "scores", scores(x, *_network((4, 4, 3), torch.float64))


def hidden_digits():
    """the sizes of the digits: 64 inputs, 30 units, 10 classes"""
    yield "scores", scores(torch.linspace(0, 30, 320).reshape(5, 64).cos(), *_network((64, 30, 10)))


# %% role="answer" name="two_layer_cost"
def two_layer_cost(inputs: int, hidden: int, outputs: int) -> tuple[int, int]:
    """What a network of two layers holds and computes.

    Args:
        inputs: N.
        hidden: U.
        outputs: K.

    Returns:
        The number of parameters, and the multiply-accumulates for one row.
    """
    ### BEGIN SOLUTION
    products = inputs * hidden + hidden * outputs
    return products + hidden + outputs, products
    ### END SOLUTION


# %% role="check" name="two_layer_parameters" answer="two_layer_cost" points=1 refuse="count_parameters"
def digits_parameters():
    """the parameters with 64 inputs, 30 hidden units and 10 classes"""
    yield "parameters", two_layer_cost(64, 30, 10)[0]


def hidden_parameters():
    """the parameters of other sizes, ones included"""
    yield "wide", two_layer_cost(7, 200, 3)[0]
    yield "ones", two_layer_cost(1, 5, 1)[0]


# %% role="check" name="two_layer_products" answer="two_layer_cost" points=1 refuse="count_macs"
def digits_products():
    """the multiply-accumulates with 64 inputs, 30 hidden units and 10 classes"""
    yield "multiply-accumulates", two_layer_cost(64, 30, 10)[1]


def hidden_products():
    """the multiply-accumulates of other sizes, ones included"""
    yield "wide", two_layer_cost(7, 200, 3)[1]
    yield "ones", two_layer_cost(1, 5, 1)[1]


# %% [markdown]
# ## 3 · XOR of three inputs, by hand (2 points)
#
# The XOR of three inputs is 1 when an odd number of them is 1: for one of them or for all three. Set the weights of a network with
# three inputs, **at most three hidden units** and one output by hand, so that the output *is* the XOR: 1 or 0 for each of the
# eight corners $(0,0,0)$ to $(1,1,1)$.
#
# No corner matters for itself here, only how many inputs are 1. Call this number $n$. The output has to be 0, 1, 0, 1 for
# $n = 0, 1, 2, 3$: a zigzag, and a zigzag is a sum of hinges.
#
# **Contract.** Return `W1, b1, W2, b2` of shapes $(U, 3)$, $(U,)$, $(1, U)$, $(1,)$ with $U \le 3$, in single or double precision.
# The check runs $W_2 \operatorname{relu}(W_1 x + b_1) + b_2$. Different weights can be right.
#
# **Example.** For *and* of three inputs, which is 1 only for $(1,1,1)$, one unit is enough: `W1 = [[1, 1, 1]]`, `b1 = [-2]`,
# `W2 = [[1]]`, `b2 = [0]`, since $\operatorname{relu}(n - 2)$ is 0, 0, 0, 1.
#
# <details><summary>Hint: where to look</summary>
#
# Draw the zigzag over $n$. What is its slope between 0 and 1, between 1 and 2, between 2 and 3, and by how much does the slope
# change at each corner?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `W1 = torch.ones(3, 3)` makes every unit see $n$; the biases put the bends where you want them.
#
# </details>


# %% role="answer" name="xor_weights"
def xor_weights() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weights of a network that computes the XOR of three inputs.

    Returns:
        W1 of shape (U, 3), b1 of shape (U,), W2 of shape (1, U), b2 of shape (1,), U at most 3.
    """
    ### BEGIN SOLUTION
    W1 = torch.ones(3, 3)
    b1 = torch.tensor([0.0, -1.0, -2.0])
    W2 = torch.tensor([[1.0, -2.0, 2.0]])
    return W1, b1, W2, torch.zeros(1)
    ### END SOLUTION


# %% role="check" name="xor_weights" points=2 atol=1e-4
def _corners():
    return torch.tensor([[float(a), float(b), float(c)] for a in (0, 1) for b in (0, 1) for c in (0, 1)])


def _run(x):
    W1, b1, W2, b2 = (torch.as_tensor(w, dtype=torch.float64) for w in xor_weights())
    return (x.double() @ W1.T + b1).clamp(min=0) @ W2.T + b2


def number_of_units():
    """whether there are at most three hidden units, and whether the shapes fit"""
    W1, b1, W2, b2 = map(torch.as_tensor, xor_weights())
    yield "three inputs, at most three units", W1.shape[1] == 3 and W1.shape[0] <= 3
    yield "shapes fit", b1.shape == W1.shape[:1] and W2.shape == (1, W1.shape[0]) and b2.shape == (1,)


def the_corners():
    """the eight corners, from (0, 0, 0) to (1, 1, 1)"""
    yield "outputs", _run(_corners())[:, 0]


def hidden_order():
    """corners in another order, some of them twice"""
    yield "outputs", _run(_corners()[[7, 3, 3, 5, 0, 6, 1]])


# %% [markdown]
# ## 4 · Through given points, without training (3 points)
#
# Points $(x_0, y_0), \dots, (x_{P-1}, y_{P-1})$ are given, from left to right. Write down the network with one input that joins
# each to the next by a straight line. It takes $P - 1$ hidden units. Each is a hinge $\operatorname{relu}(v - x_i)$, flat up to
# $x_i$, and its weight is the *change* of the slope at $x_i$. Left of $x_0$ the network is flat.
#
# **Contract.** `x` and `y` have shape $(P,)$ with $P \ge 2$, and `x` increases, though not in equal steps. Return
# `W1, b1, W2, b2` of shapes $(P - 1, 1)$, $(P - 1,)$, $(1, P - 1)$, $(1,)$, in the dtype of `y`. The check looks at what the network
# computes from $x_0$ to $x_{P-1}$, at the points and between them; the order of the units is yours.
#
# **Example.** Through $(0, 1)$, $(1, 3)$ and $(3, 2)$ the slopes are $2$ and $-0.5$. The network is
# $1 + 2 \operatorname{relu}(v) - 2.5 \operatorname{relu}(v - 1)$: `W1 = [[1], [1]]`, `b1 = [0, -1]`, `W2 = [[2, -2.5]]`,
# `b2 = [1]`.
#
# One point is for knots that are one apart, two are for knots in any steps.
#
# <details><summary>Hint: where to look</summary>
#
# Behind the second knot both hinges rise. The first still adds its slope there. What must the second add, so that together they
# have the slope you want?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `slopes = y.diff() / x.diff()` holds the $P - 1$ slopes; `diff` takes differences of neighbours.
#
# </details>


# %% role="answer" name="hinge_weights"
def hinge_weights(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The straight lines from point to point as a network of two layers.

    Args:
        x: knots, shape (P,), increasing, P at least 2.
        y: heights, shape (P,).

    Returns:
        W1 (P - 1, 1), b1 (P - 1,), W2 (1, P - 1), b2 (1,).
    """
    ### BEGIN SOLUTION
    slopes = y.diff() / x.diff()
    changes = slopes.clone()
    changes[1:] -= slopes[:-1]
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[:1]
    ### END SOLUTION


# %% role="check" name="hinge_start" answer="hinge_weights" points=1 atol=1e-5
def _heights(x, y, v):
    W1, b1, W2, b2 = hinge_weights(x, y)
    return ((v[:, None] @ W1.T + b1).clamp(min=0) @ W2.T + b2)[:, 0]


def even_steps():
    """four points, one apart: the heights at the points and halfway between them"""
    x, y = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([2.0, 3.5, -1.0, 0.5])
    yield "at the points", _heights(x, y, x)
    yield "between them", _heights(x, y, x[:-1] + 0.5)


def hidden_two_points():
    """two points, so one hinge, in double precision"""
    x, y = torch.tensor([2.0, 3.0]).double(), torch.tensor([4.0, -1.0]).double()
    yield "heights", _heights(x, y, torch.tensor([2.0, 2.5, 3.0]).double())
    yield "hinges", len(hinge_weights(x, y)[0])


# %% role="check" name="hinge_line" answer="hinge_weights" points=2 atol=1e-4
def _heights(x, y, v):
    W1, b1, W2, b2 = hinge_weights(x, y)
    return ((v[:, None] @ W1.T + b1).clamp(min=0) @ W2.T + b2)[:, 0]


def the_shapes():
    """the shapes of the four results for six points"""
    x = torch.linspace(0, 5, 6)
    for name, weights in zip(("W1", "b1", "W2", "b2"), hinge_weights(x, x.cos()), strict=True):
        yield name, torch.zeros(weights.shape)


def uneven_steps():
    """five points in unequal steps: the heights at the points and halfway between them"""
    x, y = torch.tensor([-1.0, 0.5, 1.0, 3.0, 3.5]), torch.tensor([1.0, -2.0, 0.5, 0.0, 2.0])
    middles = (x[:-1] + x[1:]) / 2
    yield "at the points", _heights(x, y, x)
    yield "between them", _heights(x, y, middles)


def points_untouched():
    """whether the points are still as they were after the call"""
    x, y = torch.tensor([0.0, 1.0, 3.0]), torch.tensor([1.0, 3.0, 2.0])
    hinge_weights(x, y)
    yield "x", x
    yield "y", y


def hidden_curve():
    """a sine through 17 points in unequal steps, in double precision"""
    x = torch.linspace(0, 2, 17, dtype=torch.float64) ** 2
    yield "heights", _heights(x, x.sin(), torch.linspace(0, 4, 50, dtype=torch.float64))


# %% [markdown]
# ## 5 · Dead units, found and revived (4 points)
#
# A hidden unit that is zero for *every* row gets no gradient from any of them. Its weights never move again: it is dead. A unit that is
# zero for some rows only is alive and well.
#
# First find the dead units. They can be told from the hidden layer before its bend, $z = W_1 x + b_1$. Then wake them up without
# changing what the network says about the rows:
#
# - move the bias of each dead unit so that its $z$ has **mean zero over the rows**; some rows then turn it on, others off;
# - set its outgoing weights to zero, so that the outputs stay as they are until training finds a use for it.
#
# **Contract.** `find_dead(z)` takes shape $(B, U)$ and returns $U$ truth values. `revive(x, W1, b1, W2)` takes rows `x` of shape
# $(B, N)$ and returns a new `b1` and a new `W2`; living units keep theirs. Leave the arguments as they are. No two rows are alike for any
# dead unit.
#
# **Example.** `find_dead([[-1, 0, 2], [-3, 0, -4]])` is `[True, True, False]`: the third fires for the first row. With
# `x = [[1], [3]]`, `W1 = [[1], [1]]`, `b1 = [-5, 0]` and `W2 = [[7, 8]]` the first unit has $z = -4, -2$ and is dead. `revive` returns
# `b1 = [-2, 0]` and `W2 = [[0, 8]]`; the first unit now has $z = -1, 1$.
#
# <details><summary>Hint: where to look</summary>
#
# Which axis of $z$ holds the rows? By how much does the mean of $z$ change when the bias changes by one?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `z = x @ W1.T + b1` has shape $(B, U)$, and `z.mean(dim=0)` is one mean for each unit.
#
# </details>


# %% role="answer" name="find_dead"
def find_dead(z: torch.Tensor) -> torch.Tensor:
    """Which hidden units are zero after the bend for every row.

    Args:
        z: the hidden layer before its bend, shape (B, U).

    Returns:
        Truth values, shape (U,).
    """
    ### BEGIN SOLUTION
    return (z <= 0).all(dim=0)
    ### END SOLUTION


# %% role="check" name="find_dead" points=1
def six_units():
    """six units over three rows: never on, never above zero, on once, always on, on twice, on once and strongly"""
    z = torch.tensor(
        [[-1.0, 0.0, -5.0, 1.0, 2.0, 5.0], [-2.0, -1.0, -6.0, 2.0, -9.0, -1.0], [-0.5, 0.0, 0.1, 3.0, 1.0, -1.0]]
    )
    yield "dead", find_dead(z)


def hidden_one_row():
    """a batch of a single row, in double precision"""
    yield "dead", find_dead(torch.tensor([[-1.0, 2.0, 0.0]]).double())


def hidden_many_rows():
    """forty rows and six units, as many of them dead as alive"""
    z = torch.linspace(0, 60, 240).reshape(40, 6).sin() + torch.tensor([-2.0, -1.5, -1.2, -0.9, 0.0, 2.0])
    yield "dead", find_dead(z)


# %% role="answer" name="revive"
def revive(x: torch.Tensor, W1: torch.Tensor, b1: torch.Tensor, W2: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Wake dead units; the outputs for x stay as they are.

    Args:
        x: rows, shape (B, N).
        W1: shape (U, N).
        b1: shape (U,).
        W2: shape (K, U).

    Returns:
        The new b1, shape (U,), and the new W2, shape (K, U).
    """
    ### BEGIN SOLUTION
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 - z.mean(dim=0)), W2 * alive
    ### END SOLUTION


# %% role="check" name="revive_bias" answer="revive" points=2 atol=1e-5
def _dead_and_alive(dtype=torch.float32):
    x = torch.linspace(-1, 2, 12, dtype=dtype).reshape(6, 2).cos()
    W1 = torch.tensor([[1.0, 0.5], [-1.0, 2.0], [0.3, 0.3], [2.0, -1.0]], dtype=dtype)
    b1 = torch.tensor([-9.0, 0.2, -4.0, 0.1], dtype=dtype)
    return x, W1, b1, torch.arange(1, 13, dtype=dtype).reshape(3, 4)


def bias_of_the_example():
    """the bias for the example of the text"""
    x, W1 = torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [1.0]])
    yield "new b1", revive(x, W1, torch.tensor([-5.0, 0.0]), torch.tensor([[7.0, 8.0]]))[0]


def two_of_four():
    """four units over six rows, two of them dead: the bias"""
    yield "new b1", revive(*_dead_and_alive())[0]


def arguments_untouched():
    """whether b1 and W2 are still as they were after the call"""
    x, W1, b1, W2 = _dead_and_alive()
    revive(x, W1, b1, W2)
    yield "b1", b1
    yield "W2", W2


def hidden_double():
    """the same in double precision, and with no unit dead"""
    x, W1, b1, W2 = _dead_and_alive(torch.float64)
    yield "two dead", revive(x, W1, b1, W2)[0]
    yield "none dead", revive(x, W1, b1.abs(), W2)[0]


def hidden_all_dead():
    """the bias with all units dead, one of them zero in its highest row"""
    x = torch.tensor([[0.0], [1.0], [5.0]])
    W1, b1 = torch.tensor([[1.0], [-1.0], [2.0]]), torch.tensor([-5.0, -3.0, -40.0])
    yield "new b1", revive(x, W1, b1, torch.ones(2, 3))[0]


# %% role="check" name="revive_weights" answer="revive" points=1 atol=1e-5
def outgoing_of_the_example():
    """the outgoing weights for the example of the text"""
    x, W1 = torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [1.0]])
    yield "new W2", revive(x, W1, torch.tensor([-5.0, 0.0]), torch.tensor([[7.0, 8.0]]))[1]


def three_outputs():
    """four units, three outputs, the second and the third unit dead: the outgoing weights"""
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    W1 = torch.tensor([[1.0, 1.0], [1.0, 2.0], [-1.0, 0.0], [0.0, 1.0]])
    b1 = torch.tensor([0.0, -8.0, -1.0, -0.5])
    yield "new W2", revive(x, W1, b1, torch.arange(1, 13).float().reshape(3, 4))[1]


def hidden_square():
    """as many outputs as units, in double precision: the outgoing weights"""
    x = torch.tensor([[1.0], [2.0], [4.0]]).double()
    W1, b1 = torch.tensor([[1.0], [-1.0], [0.5]]).double(), torch.tensor([-1.0, -1.0, -9.0]).double()
    yield "new W2", revive(x, W1, b1, torch.arange(1, 10).double().reshape(3, 3))[1]


# %% [markdown]
# ## 6 · Where there are no data (3 points, read by a person)
#
# The next cell but one trains three networks, of 16, 64 and 256 hidden units, on the sine $\sin(\pi v)$, with 200 points between
# $v = -2$ and $v = 2$: two full waves. Then it asks each network at $v = 3$, $6$, $12$ and $24$, where it has seen nothing.
#
# **First predict, then run.** Before you run it, write down what you expect at these four places: values between −1 and 1, as a
# sine has? Zero? Something that grows? And whether 256 units do better there than 16. Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Show that *every* network with one input and one hidden layer of ReLU is a straight line to the right of some place, whatever
#    its weights. What does that say about its error for the sine on the whole line?
# 3. The universal approximation theorem says that wide enough networks come as close to a continuous function as you like. Which of its conditions
#    fails here? Would more units help, or more training?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and the result is explained by what the network is made of. A wrong prediction
#   costs nothing.
# - **The argument holds for all weights.** It uses that a network has finitely many hinges, and says what each unit does behind
#   the last. "It was not trained there" is true and is no such argument.
# - **Theorem**: names the condition that fails, and says why neither width nor training mends it.

# %% [markdown] role="written" name="outside" points=3
# *Prediction.* I expected values that stay near zero, since the networks saw heights between −1 and 1, and a better result from
# 256 units. *Result.* Inside, the wider networks follow the sine closely. Outside, each goes off along a straight line: from 6 to 12 to 24
# the value doubles or more each time, and soon it is far outside −1 to 1. The widest does no better; it has another slope. The slope
# is that which the network happens to have behind its last hinge, and no training point asks for anything there.
#
# *Straight for all weights.* Unit $u$ computes $\operatorname{relu}(w_u v + b_u)$. If $w_u$ is not zero it bends at $v = -b_u / w_u$ only.
# There are $U$ such places at most, so there is a last one. To the right of it every unit is either off, and adds zero, or
# on, and adds $c_u (w_u v + b_u)$; a unit with $w_u = 0$ adds a constant. A sum of lines is a line. A line of slope zero misses the sine by at least 1
# again and again, and any other line leaves every bound. So on the whole line the error is never below 1, whatever the weights.
#
# *Theorem.* It speaks of a compact set: closed and bounded, such as from −2 to 2. The whole line is not bounded. More units make the fit
# better inside, and can move the last hinge further out, but behind it there is always a line. More training changes the loss at the
# 200 points, all of them inside.

# %% role="given" name="outside_run"
inside = torch.linspace(-2, 2, 200)[:, None]
outside = torch.tensor([[3.0], [6.0], [12.0], [24.0]])
for units in (16, 64, 256):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(1, units), nn.ReLU(), nn.Linear(units, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(1000):
        optimizer.zero_grad()
        loss = F.mse_loss(network(inside), torch.sin(math.pi * inside))
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        answers = network(outside)[:, 0].tolist()
    told = ", ".join(f"{y:.2f} at {v:.0f}" for v, y in zip(outside[:, 0].tolist(), answers, strict=True))
    print(f"{units} units: loss {loss.item():.4f} inside; outside it says {told}")

# %% [markdown]
# ## Optional: a thousand networks at once (no points)
#
# Two hidden units can solve XOR, and training often fails to find out. The next cell trains many networks of each width side
# by side: their matrices are stacked, so one product serves them all. It uses the fastest device that it finds, with more networks
# on a GPU. Predict how the share of solved runs grows with the width, then run it, then change `lr`.

# %% role="given" name="many"
runs, widths = (20_000, (2, 3, 4, 8, 16, 32)) if device.type == "cuda" else (200, (2, 4, 8))
corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], device=device)
targets = torch.tensor([0.0, 1.0, 1.0, 0.0], device=device).expand(runs, 4)
lr = 0.02
for units in widths:
    torch.manual_seed(0)
    sizes = [(runs, 2, units), (runs, 1, units), (runs, units, 1), (runs, 1, 1)]
    reach = [1 / math.sqrt(2), 1 / math.sqrt(2), 1 / math.sqrt(units), 1 / math.sqrt(units)]  # as nn.Linear starts
    W1, b1, W2, b2 = numbers = [
        ((2 * torch.rand(size, device=device) - 1) * r).requires_grad_() for size, r in zip(sizes, reach, strict=True)
    ]
    optimizer = torch.optim.Adam(numbers, lr=lr)
    start = time.perf_counter()
    for _ in range(500):
        s = ((corners @ W1 + b1).clamp(min=0) @ W2 + b2)[..., 0]  # one row a network, four scores each
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(s, targets, reduction="sum").backward()
        optimizer.step()
    solved = ((s > 0) == (targets > 0.5)).all(dim=1).float().mean().item()
    seconds = time.perf_counter() - start
    print(f"{units:2d} units: {solved:.1%} of {runs:,} runs solve XOR ({device.type}, {seconds:.1f} s)")
