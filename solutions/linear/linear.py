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

# %% [markdown] role="title" chapter="foundations/linear" minutes=60
# # Linear models: what a line can do
#
# **14 points, about 60 minutes.** This exercise belongs to the chapter *Linear models: what a line can do*.
#
# You write the parts of a linear classifier by hand: how many numbers it holds, how its scores become probabilities,
# how wrong it is, how to make it less wrong. Then you fold a whole stack of linear layers into one, and you say in
# your own words what no line can do.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, a single row.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ rows in a batch, $N$ inputs, $K$ classes. A *score* is the number that the
# linear layer gives a class before the softmax; the field also calls it a *logit*.

# %% role="given" name="setup"
import math
import time
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · How many numbers does it hold? (1 point)
#
# A linear layer multiplies its inputs by a matrix and adds one number, the *bias*, to each output. Memory, training
# time and the risk of learning noise all grow with the count of these numbers, so you should be able to say it
# before you build anything.
#
# Layers are often stacked: the outputs of one are the inputs of the next. Write `parameter_count(sizes)` for such a
# stack. `sizes` lists the width at every stage, from the inputs to the last outputs.
#
# **Example.** `parameter_count([64, 10])` is `650`: one layer from 64 pixels to 10 classes.
# `parameter_count([64, 30, 10])` is `2260`: two layers, 64 to 30 and 30 to 10.
#
# <details><summary>Hint: where to look</summary>
#
# How many outputs does a layer have, and how many numbers does each output need for itself?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `for inputs, outputs in pairwise(sizes):` walks over the layers. `pairwise` comes from Python's `itertools`, and the
# first cell has imported it.
#
# </details>


# %% role="answer" name="parameter_count"
def parameter_count(sizes: list[int]) -> int:
    """Weights and biases in a stack of linear layers.

    Args:
        sizes: widths from the inputs to the last outputs, at least two of them.

    Returns:
        The number of parameters.
    """
    ### BEGIN SOLUTION
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
    ### END SOLUTION


# %% role="check" name="parameter_count" points=1 refuse="count_parameters"
def one_layer():
    """one layer, from 64 inputs to 10 outputs"""
    yield "count", parameter_count([64, 10])


def two_layers():
    """two layers, 64 to 30 to 10"""
    yield "count", parameter_count([64, 30, 10])


def hidden_one_output():
    """layers with a single input or a single output"""
    yield "single output", parameter_count([7, 1])
    yield "single input", parameter_count([1, 7])


def hidden_deep():
    """five layers of different widths"""
    yield "count", parameter_count([784, 300, 100, 50, 3, 10])


# %% [markdown]
# ## 2 · From scores to probabilities (2 points)
#
# The scores of a linear layer can be any numbers. The *softmax* turns a row of scores $z_1, \dots, z_K$ into positive
# numbers that sum to one:
#
# $$p_k = \frac{e^{z_k}}{e^{z_1} + \dots + e^{z_K}}.$$
#
# One point is for the formula. The other is for scores such as 1,000, where $e^{z}$ is larger than any number a
# float can hold, although the answer itself is harmless. Find a change to the scores that leaves every $p_k$ as it
# is and keeps the exponentials small.
#
# **Contract.** `scores` has shape $(B, K)$; so has the result. Each row is one example. Leave `scores` as it is.
#
# **Example.** The row `[0.0, 1.0986]` becomes `[0.25, 0.75]`, because $e^{1.0986} = 3$ (to four digits) and
# $1 / (1 + 3) = 0.25$. The row `[1000.0, 1001.0986]` becomes the same two numbers.
#
# Write it with `exp` and sums. PyTorch's own softmax functions and `logsumexp` are turned off for this answer.
#
# <details><summary>Hint: where to look</summary>
#
# What happens to the fraction when you add the same constant to all scores of a row? Which constant makes the largest
# exponential equal to one?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `scores.amax(dim=1, keepdim=True)` is the largest score of each row, with shape $(B, 1)$.
#
# </details>


# %% role="answer" name="softmax"
def softmax(scores: torch.Tensor) -> torch.Tensor:
    """Probabilities in proportion to exp(score), row by row.

    Args:
        scores: shape (B, K).

    Returns:
        Shape (B, K), same dtype; every row sums to one.
    """
    ### BEGIN SOLUTION
    exponentials = (scores - scores.amax(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %% role="check" name="softmax" points=1 refuse="softmax log_softmax logsumexp logaddexp Softmax LogSoftmax softmin Softmin Softmax2d gumbel_softmax cross_entropy CrossEntropyLoss"
def three_rows():
    """three rows of four small scores"""
    scores = torch.tensor([[1.0, 2.0, 3.0, 0.5], [0.0, 0.0, 0.0, 0.0], [-1.0, 1.0, -2.0, 2.0]])
    yield "probabilities", softmax(scores)


def hidden_one_row():
    """a batch of one row, in double precision"""
    yield "probabilities", softmax(torch.tensor([[0.5, -1.5, 2.0]], dtype=torch.float64))


def hidden_other_sizes():
    """a wide batch, and a single class"""
    yield "wide", softmax(torch.linspace(-4, 4, 70).reshape(5, 14))
    yield "single class", softmax(torch.tensor([[3.0], [-2.0]]))


# %% role="check" name="softmax_large" answer="softmax" points=1 refuse="softmax log_softmax logsumexp logaddexp Softmax LogSoftmax softmin Softmin Softmax2d gumbel_softmax cross_entropy CrossEntropyLoss"
def large_scores():
    """two rows of scores up to 1,002 and one row near -1,000"""
    scores = torch.tensor(
        [[1000.0, 1001.0, 900.0, 899.0], [1002.0, 1000.0, 901.0, 900.0], [-1000.0, -1002.0, -1001.0, -1003.0]]
    )
    yield "probabilities", softmax(scores)


def scores_untouched():
    """whether the scores are still as they were after the call"""
    scores = torch.tensor([[2.0, 1.0, 0.5], [0.0, 3.0, -1.0]])
    softmax(scores)
    yield "scores", scores


def hidden_far_apart():
    """scores that lie thousands apart, in both precisions"""
    scores = torch.tensor([[5000.0, 0.0, -5000.0], [0.0, 0.0, 0.0]])
    yield "single precision", softmax(scores)
    yield "double precision", softmax(scores.double() + 0.5)


# %% [markdown]
# ## 3 · How wrong is it? (2 points)
#
# The *cross-entropy* is the mean surprise: if the true class of row $i$ is $y_i$ and the model gave it probability
# $p_{i, y_i}$, the loss is
#
# $$L = -\frac{1}{B} \sum_{i=1}^{B} \log p_{i, y_i}.$$
#
# Take the *scores*, not the probabilities, as input. The true class may be so improbable that its probability rounds to
# zero, and the logarithm of zero is minus infinity; from the scores the loss can be written so that this never happens.
# That is worth the second point. A small number added inside the logarithm does not earn it: it caps the loss.
#
# **Contract.** `scores` has shape $(B, K)$, `targets` holds $B$ class numbers from 0 to $K - 1$, and the result is a
# tensor with one number, in nats (the natural logarithm). Leave `scores` as it is. Write it with `exp`, `log` and sums:
# PyTorch's own losses, `log_softmax` and `logsumexp` are turned off for this answer too.
#
# **Example.** Scores `[[0.0, 1.0986], [0.0, 0.0]]` with targets `[1, 0]` give probabilities 0.75 and 0.5 to the true
# classes. The loss is $-(\log 0.75 + \log 0.5) / 2 = (0.2877 + 0.6931) / 2 = 0.4904$.
#
# <details><summary>Hint: where to look</summary>
#
# Write $\log p_k$ with the fraction of task 2 put in, and let the logarithm undo the exponential above the line.
# Which logarithm is left, and can its inside ever be zero once the largest score is subtracted?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `scores[torch.arange(len(targets)), targets]` picks one score from each row: that of the true class.
#
# </details>


# %% role="answer" name="cross_entropy"
def cross_entropy(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean of -log(probability of the true class).

    Args:
        scores: shape (B, K).
        targets: shape (B,), whole numbers from 0 to K - 1.

    Returns:
        One number, shape (), in nats.
    """
    ### BEGIN SOLUTION
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log()
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()
    ### END SOLUTION


# %% role="check" name="cross_entropy" points=1 refuse="softmax log_softmax logsumexp logaddexp Softmax LogSoftmax cross_entropy CrossEntropyLoss nll_loss NLLLoss softmin"
def four_rows():
    """four rows, three classes"""
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [-1.0, 1.0, 0.5], [2.0, -2.0, 0.0]])
    yield "loss", cross_entropy(scores, torch.tensor([2, 0, 1, 1]))


def hidden_one_row():
    """a batch of one row, in double precision"""
    yield "loss", cross_entropy(torch.tensor([[0.5, -1.5, 2.0]], dtype=torch.float64), torch.tensor([1]))


def hidden_other_sizes():
    """seven rows, five classes"""
    scores = torch.linspace(-2, 3, 35).reshape(7, 5).sin()
    yield "loss", cross_entropy(scores, torch.tensor([0, 1, 2, 3, 4, 4, 0]))


# %% role="check" name="cross_entropy_large" answer="cross_entropy" points=1 refuse="softmax log_softmax logsumexp logaddexp Softmax LogSoftmax cross_entropy CrossEntropyLoss nll_loss NLLLoss softmin"
def improbable_class():
    """a true class that lies 300 below the largest score"""
    yield "loss", cross_entropy(torch.tensor([[300.0, 0.0, 1.0], [0.0, 1.0, 2.0]]), torch.tensor([1, 2]))


def likely_class():
    """a true class whose score of 300 is the largest"""
    yield "loss", cross_entropy(torch.tensor([[300.0, 299.0, 1.0], [0.0, 1.0, 2.0]]), torch.tensor([0, 2]))


def scores_untouched():
    """whether the scores are still as they were after the call"""
    scores = torch.tensor([[2.0, 1.0, 0.5], [0.0, 3.0, -1.0]])
    cross_entropy(scores, torch.tensor([0, 2]))
    yield "scores", scores


def hidden_thousands():
    """scores of several thousand, of both signs"""
    scores = torch.tensor([[4000.0, 4001.0, -4000.0], [-4000.0, -4001.0, -4002.0]])
    yield "single precision", cross_entropy(scores, torch.tensor([2, 1]))
    yield "double precision", cross_entropy(scores.double(), torch.tensor([0, 2]))


# %% [markdown]
# ## 4 · Which way is down? (3 points)
#
# To lower the loss, training moves the weights and biases against its gradient, the list of its derivatives. Here the
# chain rule gives something short. One row has the scores $z = Wx + b$ and, by the softmax, the probabilities $p$. The
# derivative of this row's loss with respect to its score $z_k$ is $p_k - 1$ for the true class and $p_k$ for every other
# class: what the model said, minus what was true. From there it is one step to the weights and the biases, and the loss
# is a mean over the rows.
#
# **Contract.** `x` has shape $(B, N)$, `probabilities` has shape $(B, K)$, `targets` holds $B$ class numbers. Return
# two tensors: the gradient for $W$, shape $(K, N)$, and the gradient for $b$, shape $(K,)$. Leave the inputs as they are.
#
# **Example.** Take `x = [[1, 2, 0], [3, -1, 2]]`, `probabilities = [[0.25, 0.75], [0.5, 0.5]]` and `targets = [1, 0]`.
# What was said minus what was true is `[[0.25, -0.25], [-0.5, 0.5]]`. The gradient for `b` is `[-0.125, 0.125]`; the
# one for `W` is `[[-0.625, 0.5, -0.5], [0.625, -0.5, 0.5]]`.
#
# No automatic differentiation here: the point is to see that you do not need it.
#
# <details><summary>Hint: where to look</summary>
#
# Score $z_k$ of a row is $\sum_n W_{kn} x_n + b_k$. By how much does it move when $W_{kn}$ moves a little? And when
# $b_k$ does?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `error = probabilities - F.one_hot(targets, probabilities.shape[1])` is what was said, minus what was true.
#
# </details>


# %% role="answer" name="gradients"
def gradients(x: torch.Tensor, probabilities: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of the mean cross-entropy with respect to the weights and the biases.

    Args:
        x: inputs, shape (B, N).
        probabilities: what the model said, shape (B, K).
        targets: what was true, shape (B,), whole numbers from 0 to K - 1.

    Returns:
        The gradient for W, shape (K, N), and the gradient for b, shape (K,).
    """
    ### BEGIN SOLUTION
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return error.T @ x, error.sum(dim=0)
    ### END SOLUTION


# %% role="check" name="gradient_weight" answer="gradients" points=2 refuse="backward grad autograd func vjp jacobian jacrev vmap cross_entropy CrossEntropyLoss nll_loss NLLLoss"
def two_rows_weight():
    """the gradient for W on the example of the text"""
    x, said = torch.tensor([[1.0, 2.0, 0.0], [3.0, -1.0, 2.0]]), torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    yield "gradient for W", gradients(x, said, torch.tensor([1, 0]))[0]


def five_rows_weight():
    """the gradient for W with five rows, three inputs and four classes"""
    x = torch.linspace(-1, 2, 15).reshape(5, 3)
    said = F.softmax(torch.linspace(0, 6, 20).reshape(5, 4).cos(), dim=1)
    yield "gradient for W", gradients(x, said, torch.tensor([3, 0, 0, 2, 1]))[0]


def inputs_untouched():
    """whether the probabilities are still as they were after the call"""
    x, said = torch.tensor([[1.0, 2.0, 0.0], [3.0, -1.0, 2.0]]), torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    gradients(x, said, torch.tensor([1, 0]))
    yield "probabilities", said


def hidden_one_row_weight():
    """the gradient for W of a single row, in double precision"""
    x, said = torch.tensor([[0.5, -2.0, 1.5]]).double(), torch.tensor([[0.1, 0.2, 0.3, 0.4]]).double()
    yield "gradient for W", gradients(x, said, torch.tensor([2]))[0]


def hidden_digits_weight():
    """the gradient for W at the size of the digits: 64 inputs, 10 classes"""
    x = torch.linspace(0, 40, 6 * 64).reshape(6, 64).sin()
    said = F.softmax(torch.linspace(0, 20, 60).reshape(6, 10).cos(), dim=1)
    yield "gradient for W", gradients(x, said, torch.tensor([9, 9, 0, 4, 5, 1]))[0]


# %% role="check" name="gradient_bias" answer="gradients" points=1 refuse="backward grad autograd func vjp jacobian jacrev vmap cross_entropy CrossEntropyLoss nll_loss NLLLoss"
def two_rows_bias():
    """the gradient for b on the example of the text"""
    x, said = torch.tensor([[1.0, 2.0, 0.0], [3.0, -1.0, 2.0]]), torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    yield "gradient for b", gradients(x, said, torch.tensor([1, 0]))[1]


def five_rows_bias():
    """the gradient for b with five rows, three inputs and four classes"""
    x = torch.linspace(-1, 2, 15).reshape(5, 3)
    said = F.softmax(torch.linspace(0, 6, 20).reshape(5, 4).cos(), dim=1)
    yield "gradient for b", gradients(x, said, torch.tensor([3, 0, 0, 2, 1]))[1]


def hidden_one_row_bias():
    """the gradient for b of a single row, in double precision"""
    x, said = torch.tensor([[0.5, -2.0, 1.5]]).double(), torch.tensor([[0.1, 0.2, 0.3, 0.4]]).double()
    yield "gradient for b", gradients(x, said, torch.tensor([2]))[1]


# %% [markdown]
# ## 5 · Many layers, one layer (3 points)
#
# Stack linear layers: the first computes $h = W_1 x + b_1$, the second $W_2 h + b_2$, and so on. However many there
# are, a single layer $Wx + b$ computes the same for every $x$. Write the function that finds it. Biases are where
# most first attempts go wrong: $b_1$ is added early, and everything after it acts on it too.
#
# **Contract.** `layers` is a list of pairs `(weight, bias)` in the order in which the input meets them. Layer $l$ has a
# weight of shape $(K_l, N_l)$ and a bias of shape $(K_l,)$, and its outputs are the next layer's inputs. Return one pair,
# `(weight, bias)`. Leave the layers as they are. One point is for the weight, two are for the bias.
#
# **Example.** With $W_1 = \begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}$, $b_1 = (1, 0)$, $W_2 = (1 \;\; 1)$ and
# $b_2 = (3)$, the result is $W = (1 \;\; 3)$ and $b = (4)$.
#
# <details><summary>Hint: where to look</summary>
#
# Put $h = W_1 x + b_1$ into $W_2 h + b_2$ and sort the terms into those with $x$ and those without. Two layers have
# become one, and that one meets the third.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `weight, bias = layers[0]` starts the single layer; go on with `for upper_weight, upper_bias in layers[1:]:`.
#
# </details>


# %% role="answer" name="collapse"
def collapse(layers: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """The one linear layer that computes what the stack computes.

    Args:
        layers: pairs (weight, bias) of shapes (K_l, N_l) and (K_l,), the first to act comes first; at least one.

    Returns:
        The pair (weight, bias), of shapes (K_last, N_first) and (K_last,).
    """
    ### BEGIN SOLUTION
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:]:
        weight, bias = upper_weight @ weight, upper_weight @ bias + upper_bias
    return weight, bias
    ### END SOLUTION


# %% role="check" name="collapse_weight" answer="collapse" points=1
def square_weights():
    """the weight of three square layers"""
    first = (torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([1.0, -1.0]))
    second = (torch.tensor([[0.0, 1.0], [3.0, 1.0]]), torch.tensor([2.0, 0.5]))
    third = (torch.tensor([[1.0, -1.0], [2.0, 0.0]]), torch.tensor([0.0, 4.0]))
    yield "weight", collapse([first, second, third])[0]


def hidden_narrow_weights():
    """the weight of layers of different widths, 5 to 2 to 4 to 3, in double precision"""
    sizes = [(2, 5), (4, 2), (3, 4)]
    layers = [(torch.linspace(-1, 1, k * n).double().reshape(k, n).sin(), torch.ones(k).double()) for k, n in sizes]
    yield "weight", collapse(layers)[0]


def hidden_lone_weight():
    """the weight of a stack of one layer"""
    yield "weight", collapse([(torch.tensor([[1.0, -2.0, 3.0]]), torch.tensor([5.0]))])[0]


# %% role="check" name="collapse_bias" answer="collapse" points=2
def square_biases():
    """the bias of three square layers"""
    first = (torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([1.0, -1.0]))
    second = (torch.tensor([[0.0, 1.0], [3.0, 1.0]]), torch.tensor([2.0, 0.5]))
    third = (torch.tensor([[1.0, -1.0], [2.0, 0.0]]), torch.tensor([0.0, 4.0]))
    yield "bias", collapse([first, second, third])[1]


def hidden_narrow_biases():
    """the bias of layers of different widths, 5 to 2 to 4 to 3, in double precision"""
    sizes = [(2, 5), (4, 2), (3, 4)]
    layers = [
        (torch.linspace(-1, 1, k * n).double().reshape(k, n).sin(), torch.arange(k).double() - 0.5) for k, n in sizes
    ]
    yield "bias", collapse(layers)[1]


def hidden_lone_bias():
    """the bias of a stack of one layer"""
    yield "bias", collapse([(torch.tensor([[1.0, -2.0, 3.0]]), torch.tensor([5.0]))])[1]


def hidden_layers_untouched():
    """whether the layers are still as they were after the call"""
    layers = [(torch.eye(2) * 2, torch.tensor([1.0, 2.0])), (torch.eye(2) * 3, torch.tensor([3.0, 4.0]))]
    collapse(layers)
    yield "biases", torch.stack([bias for _, bias in layers])
    yield "weights", torch.stack([weight for weight, _ in layers])


# %% [markdown]
# ## 6 · What no line can do (3 points, read by a person)
#
# XOR asks for class 1 when exactly one of two inputs is 1: $(0, 1)$ and $(1, 0)$ are class 1, $(0, 0)$ and $(1, 1)$
# are class 0. The chapter shows what training makes of these four points. The cell after the next one trains a linear
# layer on almost the same data, with one change: the point $(1, 1)$ stands there three times. That makes six rows.
#
# **First predict, then run.** Before you run it, write down which of the four points you expect it to get right, and for
# each point whether you expect class 1 to have a probability above or below one half. Then run it and explain what you
# see:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Show that *no* choice of weights $w_1, w_2$ and bias $b$ gets all four points right. Call the score of class 1 minus
#    the score of class 0 $s(x_1, x_2) = w_1 x_1 + w_2 x_2 + b$.
# 3. Would five linear layers in a row do better? Would a longer training?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and the result is explained by the loss that training lowers and by the
#   three copies. A wrong prediction costs nothing.
# - **The argument holds for all weights.** It uses the four conditions on $s$, or the picture of the two diagonals, and
#   ends in a contradiction. "The training did not converge" or "I tried many weights" is no such argument.
# - **Layers and time**: says why neither helps, and for the layers refers to what a stack of linear layers computes.

# %% [markdown] role="written" name="xor" points=3
# *Prediction.* I expected the three copies to win: $(1, 1)$, $(0, 1)$ and $(1, 0)$ right, and $(0, 0)$ given up.
# *Result.* Only $(1, 1)$ is right. The probability of class 1 falls from 0.61 at $(0, 0)$ over 0.39 at the two points in
# the middle to 0.20 at $(1, 1)$. Training lowers the mean loss; it does not count points. Nothing tells the two inputs
# apart, so the score depends on $x_1 + x_2$ alone and can only rise or only fall along it. The three copies at the far end
# make falling cheaper, and $(0, 0)$ pays for it. The middle ends below one half because four of six rows are class 0. A
# line with three points right exists, but the loss has a single lowest value, and it is not there.
#
# *No weights do it.* All four right means $s(0,0) < 0$, $s(1,1) < 0$, $s(0,1) > 0$ and $s(1,0) > 0$. Adding the first two
# gives $w_1 + w_2 + 2b < 0$. Adding the last two gives $w_1 + w_2 + 2b > 0$. The same number cannot be both, so no
# $w_1, w_2, b$ exists. As a picture: the two points of class 0 are the ends of one diagonal of a square, the two of class
# 1 the ends of the other, and both diagonals have the same middle. A side of a line that holds both ends of a segment
# holds its middle, so the middle would have to lie on both sides.
#
# *Layers and time.* Five linear layers compute a function of the form $Wx + b$, the same kind as one layer, so the
# argument covers them. It speaks about all weights, hence about every weight that any training can reach, however long
# it runs.

# %% role="given" name="xor_run"
points = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
labels = torch.tensor([0, 1, 1, 0, 0, 0])
torch.manual_seed(0)
line = nn.Linear(2, 2)
optimizer = torch.optim.SGD(line.parameters(), lr=0.5)
for _ in range(2000):
    optimizer.zero_grad()
    loss = F.cross_entropy(line(points), labels)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
for point, label, scores in zip(points[:4].int().tolist(), labels, line(points[:4]), strict=False):
    print(f"point {point}, true class {label}, probability of class 1: {scores.softmax(0)[1]:.4f}")

# %% [markdown]
# ## Optional: the same product on a faster machine (no points)
#
# A linear layer for a whole batch is one matrix product. The next cell computes it twice: as one product, and as a
# Python loop over the rows. It uses the fastest device that it finds, with larger sizes on a GPU. Predict the ratio,
# then run it, then change `rows`.

# %% role="given" name="product"
rows, inputs, outputs = (65_536, 1024, 1024) if device.type == "cuda" else (512, 64, 10)
batch, matrix = torch.randn(rows, inputs, device=device), torch.randn(outputs, inputs, device=device)


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


one_product = seconds(lambda: batch @ matrix.T)
row_by_row = seconds(lambda: torch.stack([matrix @ row for row in batch]))
print(f"{device.type}: the loop over {rows} rows takes {row_by_row / one_product:.0f} times as long as one product")
