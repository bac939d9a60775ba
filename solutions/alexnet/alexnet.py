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

# %% [markdown] role="title" chapter="vision/alexnet" minutes=100
# # AlexNet: the 2012 jump
#
# **22 points, about 100 minutes.** This exercise belongs to the chapter *AlexNet: the 2012 jump*.
#
# You follow an image through AlexNet by arithmetic and find the input size that its paper must have meant. You work out
# what a convolution in groups saves, and write the normalisation across channels, the rule that cut the learning rate,
# and the average of an ensemble. You measure error as the ImageNet competition did, and rebuild the first layers as
# ZFNet has them. In the end you predict what seven networks do together, and try it.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your answer and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $G$ groups, $H$ and $W$ height
# and width in pixels, $N$ classes, $M$ models of an ensemble.

# %% role="given" name="setup"
import math

import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data
from dlarch.check import check
from dlarch.training import fit

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Follow the image (3 points)
#
# Windows of $k$ pixels in steps of $s$ over a side of $n$ pixels, with $p$ pixels of padding at each end, fit
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# times. Libraries round down: what is left over at the end is not read. Pooling layers follow the same rule.
#
# **First part, 2 points.** `trace` follows the side of an image through a list of layers.
#
# **Contract.** `layers` is a list of tuples `(kernel, stride, padding)`. Return the list of the sides behind each layer,
# as whole numbers.
#
# **Example.** AlexNet's first layers are a convolution `(11, 4, 0)`, a pooling `(3, 2, 0)`, a convolution `(5, 1, 2)` and
# a pooling `(3, 2, 0)`. From 227 pixels they leave `[55, 27, 27, 13]`.
#
# **Second part, 1 point.** `fitting_side` goes the other way: from the number of windows to the side of the image on
# which they fit *exactly*, with nothing left over.
#
# **Example.** `fitting_side(6, 3, 2, 0)` is 13: on 13 pixels, six windows of 3 in steps of 2 reach exactly to the end. On
# 14 pixels there are six as well, but one pixel is never read. Ask it for the input on which AlexNet's first layer has 55
# windows, and compare with the 224 that the paper prints.
#
# Both are arithmetic: the layers of PyTorch are turned off for this answer.
#
# <details><summary>Hint: where to look</summary>
#
# The second layer gets what the first one leaves. For the second part, set the fraction equal to a whole number and
# solve for $n$.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `for kernel, stride, padding in layers:` with a line in it that replaces `side`.
#
# </details>


# %% role="answer" name="sides"
def trace(side: int, layers: list[tuple[int, int, int]]) -> list[int]:
    """The side of an image behind each layer.

    Args:
        side: of the input, in pixels.
        layers: kernel, stride and padding of each layer, in order.
    """
    ### BEGIN SOLUTION
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) // stride + 1
        sides.append(side)
    return sides
    ### END SOLUTION


def fitting_side(windows: int, kernel: int, stride: int, padding: int) -> int:
    """The side of the input on which so many windows fit with no pixel left over.

    Args:
        windows: along one side, at least 1.
        kernel: side of a window.
        stride: step of the windows.
        padding: pixels added at each end.
    """
    ### BEGIN SOLUTION
    return (windows - 1) * stride + kernel - 2 * padding
    ### END SOLUTION


# %% role="check" name="trace" answer="sides" points=2 refuse="torchvision Conv2d conv2d unfold output_size max_pool2d MaxPool2d"
def front_of_alexnet():
    """227 pixels through the first four layers of AlexNet"""
    yield "sides", trace(227, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0)])


def what_does_not_fit():
    """224 pixels through the same layers, where windows do not fit evenly"""
    yield "sides", trace(224, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0)])


def front_of_zfnet():
    """224 pixels through the first four layers of ZFNet, which pads its poolings"""
    yield "sides", trace(224, [(7, 2, 1), (3, 2, 1), (5, 2, 0), (3, 2, 1)])


def hidden_no_layers():
    """an empty list of layers, and a single one"""
    yield "none", trace(32, [])
    yield "one", trace(9, [(1, 3, 0)])


def hidden_many():
    """other images through other layers, and the list of layers afterwards"""
    layers = [(3, 1, 1), (2, 2, 0), (5, 3, 2), (4, 2, 1)]
    yield "sides", [trace(side, layers) for side in (40, 41, 43, 64)]
    yield "layers", layers


# %% role="check" name="fitting_side" answer="sides" points=1 refuse="torchvision Conv2d conv2d unfold output_size"
def last_pooling():
    """six windows of 3 in steps of 2"""
    yield "side", fitting_side(6, 3, 2, 0)


def first_layer():
    """55 windows of 11 in steps of 4"""
    yield "side", fitting_side(55, 11, 4, 0)


def with_padding():
    """13 windows of 5 in steps of 2, with a padding of 1"""
    yield "side", fitting_side(13, 5, 2, 1)


def hidden_others():
    """other windows, one of them alone"""
    yield "one window", fitting_side(1, 7, 4, 1)
    yield "same padding", fitting_side(9, 5, 1, 2)
    yield "many", [fitting_side(n, k, s, p) for n in (2, 10) for k in (2, 6) for s in (1, 3) for p in (0, 1)]


# %% [markdown]
# ## 2 · What two groups save (4 points)
#
# AlexNet was trained on two graphics cards with 3 GB of memory each. Three of its convolutions are split into $G = 2$
# groups: the first half of the output channels sees the first half of the input channels only, the second half the
# second.
#
# **First part, 2 points.** `conv_cost` counts, for any number of groups, the parameters of a convolution (weights and
# biases) and its multiply-accumulates for one image (the products of a weight and a pixel; biases do not multiply).
#
# **Contract.** $C$ and $K$ are multiples of $G$; the kernels are square; `out_side` is the side of the square output.
# Return two whole numbers. Count by arithmetic: `nn.Conv2d` and the library's counters are turned off for this answer.
#
# **Example.** AlexNet's second convolution goes from 96 to 256 channels with kernels of 5 by 5 in two groups and leaves
# 27 by 27 pixels: `conv_cost(96, 256, 5, 27, 2)` is `(307456, 223948800)`.
#
# **Second part, 2 points.** A convolution in groups is an ordinary one in which most weights are zero. `ungroup` writes
# them out.
#
# **Contract.** `weight` has shape $(K, C / G, R, S)$, as `nn.Conv2d(..., groups=G).weight`. Return a new tensor of shape
# $(K, C, R, S)$ and of the same type, with which an ordinary convolution computes the same.
#
# **Example.** For `weight` = `[[1], [2]]` (without the two axes of the kernel) and two groups, it is
# `[[1, 0], [0, 2]]`.
#
# <details><summary>Hint: where to look</summary>
#
# How many input channels does one kernel of a group see? And how many kernels are there in all? For the second part:
# which rows and which columns belong to group 0?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# First part: `weights = out_channels * (in_channels // groups) * kernel**2`. Second part:
# `full = torch.zeros(...)` of the right shape, then a loop over the groups that fills one block each.
#
# </details>


# %% role="answer" name="conv_cost"
def conv_cost(in_channels: int, out_channels: int, kernel: int, out_side: int, groups: int = 1) -> tuple[int, int]:
    """Parameters and multiply-accumulates of a convolution with biases.

    Args:
        in_channels: C, a multiple of groups.
        out_channels: K, a multiple of groups.
        kernel: side of the square kernels.
        out_side: side of the square output, in pixels.
        groups: G.
    """
    ### BEGIN SOLUTION
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, weights * out_side**2
    ### END SOLUTION


# %% role="check" name="conv_parameters" answer="conv_cost" points=1 refuse="count_parameters Conv2d torchvision"
def second_convolution_parameters():
    """the parameters of AlexNet's second convolution, with two groups and with one"""
    yield "two groups", conv_cost(96, 256, 5, 27, 2)[0]
    yield "one group", conv_cost(96, 256, 5, 27)[0]


def hidden_parameters():
    """the parameters of other convolutions"""
    yield "parameters", [conv_cost(12, 30, k, 7, g)[0] for k in (1, 3, 4) for g in (1, 2, 3, 6)]
    yield "a group for each channel", conv_cost(8, 8, 3, 5, 8)[0]


# %% role="check" name="conv_macs" answer="conv_cost" points=1 refuse="count_macs FlopCounterMode Conv2d torchvision"
def second_convolution_products():
    """the multiply-accumulates of AlexNet's second convolution, with two groups and with one"""
    yield "two groups", conv_cost(96, 256, 5, 27, 2)[1]
    yield "one group", conv_cost(96, 256, 5, 27)[1]


def hidden_products():
    """the multiply-accumulates of other convolutions"""
    yield "products", [conv_cost(12, 30, k, 7, g)[1] for k in (1, 3, 4) for g in (1, 2, 3, 6)]
    yield "a single pixel", conv_cost(8, 8, 3, 1, 8)[1]


# %% role="answer" name="ungroup"
def ungroup(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """The weight of the ordinary convolution that computes what a convolution in groups computes.

    Args:
        weight: (K, C / G, R, S).
        groups: G.

    Returns:
        (K, C, R, S), zero where the groups do not see each other.
    """
    ### BEGIN SOLUTION
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, g * columns : (g + 1) * columns] = weight[mine]
    return full
    ### END SOLUTION


# %% role="check" name="ungroup" points=2 refuse="torchvision"
def _weight(*shape):
    return torch.linspace(1, 9, math.prod(shape), dtype=torch.float64).reshape(shape)


def two_by_two():
    """the weight [[1], [2]] in two groups"""
    yield "weight", ungroup(torch.tensor([[1.0], [2.0]]).reshape(2, 1, 1, 1), 2)


def two_groups():
    """6 kernels over 2 channels of 2 by 3 pixels, in two groups"""
    full = ungroup(_weight(6, 2, 2, 3), 2)
    yield "weight", full
    yield "of the same type", full.dtype == torch.float64


def hidden_three_groups():
    """3 groups of two kernels over 4 channels"""
    yield "weight", ungroup(_weight(6, 4, 1, 2), 3)


def hidden_one_group():
    """one group, where nothing changes but the memory"""
    weight = _weight(3, 2, 2, 2)
    full = ungroup(weight, 1)
    yield "weight", full
    full.zero_()
    yield "given", weight


def hidden_same_convolution():
    """the convolution itself, in single precision, and a group for each channel"""
    x = torch.linspace(-1, 1, 2 * 4 * 5 * 5).sin().reshape(2, 4, 5, 5)
    yield "output", F.conv2d(x, ungroup(_weight(8, 1, 3, 3).float(), 4))
    yield "output in half the width", F.conv2d(x, ungroup(_weight(2, 2, 3, 3).float(), 2))


# %% [markdown]
# ## 3 · Neighbours across channels (3 points)
#
# Behind the ReLU of its first two convolutions AlexNet divides each value $a_c$ by what its neighbours hold *at the same
# pixel, in the channels next to it*:
#
# $$b_c = \frac{a_c}{\bigl(k + \alpha \sum_j a_j^2\bigr)^\beta},$$
#
# where $j$ runs over the $n$ channels around $c$, from $c - \tfrac{n-1}{2}$ to $c + \tfrac{n-1}{2}$, $c$ included. Where
# there is no such channel, there is no term. The paper chose $k = 2$, $n = 5$, $\alpha = 10^{-4}$ and $\beta = 0.75$.
# Take the formula as it stands: the function that PyTorch has for it reads its $\alpha$ in another way, and is turned off
# for this answer.
#
# **Contract.** `x` has shape $(B, C, H, W)$, $n$ is odd. Return a new tensor of the same shape and type.
#
# **Example.** One pixel with three channels 1, 2, 3, and $n = 3$, $k = 1$, $\alpha = 1$, $\beta = 1$: the sums of squares
# are 5, 14 and 13, so the result is $1/6$, $2/15$, $3/14$.
#
# <details><summary>Hint: where to look</summary>
#
# Which axis holds the channels? What can you put beyond the first and the last of them, so that every window has $n$
# entries and no sum changes?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `squares = F.pad(x.square(), (0, 0, 0, 0, half, half))` pads the channels; then add `n` slices of it.
#
# </details>


# %% role="answer" name="response_norm"
def response_norm(x: torch.Tensor, n: int, alpha: float, beta: float, k: float) -> torch.Tensor:
    """Each value over (k + alpha * sum of squares of n neighbouring channels) ** beta.

    Args:
        x: (B, C, H, W).
        n: channels in a window, odd.
        alpha: factor of the sum.
        beta: exponent.
        k: keeps the divisor away from zero.
    """
    ### BEGIN SOLUTION
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta
    ### END SOLUTION


# %% role="check" name="response_norm" points=3 refuse="local_response_norm LocalResponseNorm CrossMapLRN2d lrn torchvision"
def _values(*shape):
    return 3 * torch.linspace(0, 30, math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def one_pixel():
    """three channels 1, 2, 3 at one pixel, n = 3 and all constants 1"""
    yield "output", response_norm(torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1), 3, 1.0, 1.0, 1.0)


def several_pixels():
    """2 images of 6 channels and 2 by 3 pixels, n = 3"""
    y = response_norm(_values(2, 6, 2, 3), 3, 0.5, 0.75, 2.0)
    yield "output", y
    yield "of the same type", y.dtype == torch.float64


def five_neighbours():
    """1 image of 7 channels, n = 5, with another beta and k"""
    yield "output", response_norm(_values(1, 7, 2, 2), 5, 0.2, 0.5, 1.5)


def hidden_constants_of_the_paper():
    """the constants of the paper on values of up to 300, in single precision"""
    yield "output", response_norm((100 * _values(2, 9, 3, 2)).float(), 5, 1e-4, 0.75, 2.0)


def hidden_fewer_channels_than_the_window():
    """2 channels in a window of 5, and a window of 1"""
    yield "wide window", response_norm(_values(1, 2, 3, 3), 5, 1.0, 1.0, 1.0)
    yield "window of one", response_norm(_values(1, 3, 2, 2), 1, 1.0, 0.5, 1.0)


def hidden_input_untouched():
    """the input after the call, and the gradient that arrives at it"""
    x = _values(1, 5, 2, 2).requires_grad_()
    response_norm(x, 3, 1.0, 0.75, 2.0).sum().backward()
    yield "input", x
    yield "gradient", x.grad


# %% [markdown]
# ## 4 · When to cut the rate (3 points)
#
# AlexNet's authors divided the learning rate by ten whenever the validation error stopped falling, three times in all.
# They watched it by eye. Make it a rule:
#
# - Keep the *lowest* error so far. An epoch improves if its error is strictly below it.
# - Count the epochs in a row without an improvement. Up to `patience` of them are let pass; the next one cuts.
# - To cut is to multiply the rate by `factor`; the count starts again from zero, the lowest error stays. After `cuts`
#   cuts the rate stays as it is.
#
# **Contract.** `errors` holds the error after each epoch so far. Return a list with one entry more: the rate of the first
# epoch, then after each error the rate of the epoch that follows it. PyTorch's `ReduceLROnPlateau` is turned off here.
#
# **Example.** With `errors = [0.5, 0.4, 0.4, 0.45, 0.3]`, a rate of 1.0, a factor of 0.1, a patience of 1 and 3 cuts, the
# rates are `[1.0, 1.0, 1.0, 1.0, 0.1, 0.1]`: the errors 0.4 and 0.45 are two in a row that do not improve on 0.4.
#
# <details><summary>Hint: where to look</summary>
#
# Three things are carried along: the rate, the lowest error and a count. Which of them does a cut change?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `rates, lowest, waited = [rate], math.inf, 0`.
#
# </details>


# %% role="answer" name="plateau_rates"
def plateau_rates(errors: list[float], rate: float, factor: float, patience: int, cuts: int) -> list[float]:
    """Learning rates, cut whenever the error has not fallen for more than `patience` epochs.

    Args:
        errors: after each epoch so far.
        rate: of the first epoch.
        factor: of each cut, below 1.
        patience: epochs in a row without improvement that are let pass.
        cuts: how often to cut at most.
    """
    ### BEGIN SOLUTION
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates
    ### END SOLUTION


# %% role="check" name="plateau_rates" points=3 refuse="ReduceLROnPlateau lr_scheduler plateau_schedule"
def example_of_the_text():
    """the example of the text"""
    yield "rates", plateau_rates([0.5, 0.4, 0.4, 0.45, 0.3], 1.0, 0.1, 1, 3)


def two_cuts():
    """errors that fall again after a cut, but not below the lowest"""
    errors = [0.5, 0.5, 0.35, 0.4, 0.55, 0.4, 0.5, 0.45, 0.5, 0.6, 0.35, 0.45]
    yield "rates", plateau_rates(errors, 1.0, 0.5, 2, 3)


def impatient():
    """a patience of 0 and two cuts at most, with errors that are equal"""
    yield "rates", plateau_rates([0.5, 0.5, 0.4, 0.4, 0.4, 0.3, 0.3], 0.1, 0.5, 0, 2)


def hidden_no_errors():
    """no error yet, and no cut allowed"""
    yield "first", plateau_rates([], 0.01, 0.1, 3, 3)
    yield "no cuts", plateau_rates([0.5] * 6, 0.01, 0.1, 1, 0)


def hidden_long():
    """forty epochs under several settings, and the errors afterwards"""
    errors = [round(0.4 + 0.3 / (1 + n) + 0.05 * math.sin(7 * n), 3) for n in range(40)]
    yield "rates", [plateau_rates(errors, 0.1, f, p, c) for f in (0.1, 0.5) for p in (0, 2, 5) for c in (1, 3)]
    yield "errors", errors


# %% [markdown]
# ## 5 · Seven networks, one answer (3 points)
#
# **First part, 2 points.** The entry that won the competition of 2012 was seven networks. They were asked together: the
# *probabilities* that they give each class are averaged.
#
# **Contract.** `logits` holds the scores of $M$ models, shape $(M, B, N)$. Return the mean of their probabilities, shape
# $(B, N)$ and of the same type.
#
# **Example.** Two models, one image, two classes, with logits $(0, \log 3)$ and $(0, 0)$. The models say
# $(0.25, 0.75)$ and $(0.5, 0.5)$; together they say $(0.375, 0.625)$.
#
# **Second part, 1 point.** The competition counted an answer as right if the true class is among the *five* best
# guesses.
#
# **Contract.** `top_error(scores, y, k)` gets scores of shape $(B, N)$ and the true classes of shape $(B)$. Return, as a
# Python number from 0 to 1, the share of images whose true class is *not* among the $k$ largest scores. No two scores of
# an image are equal.
#
# **Example.** Scores $(0.1, 0.7, 0.2)$ and $(0.5, 0.2, 0.3)$ with true classes 2 and 1: the error is 1.0 for $k = 1$, 0.5
# for $k = 2$ and 0.0 for $k = 3$.
#
# <details><summary>Hint: where to look</summary>
#
# What comes first, the softmax or the mean? Over which axis does each run? For the error, how many classes score higher
# than the true one?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `logits.softmax(dim=-1)` turns scores into probabilities; `scores.topk(k, dim=1).indices` are the $k$ best guesses.
#
# </details>


# %% role="answer" name="together"
def together(logits: torch.Tensor) -> torch.Tensor:
    """The mean of the probabilities that several models give.

    Args:
        logits: (M, B, N), the scores of M models.

    Returns:
        (B, N).
    """
    ### BEGIN SOLUTION
    return logits.softmax(dim=-1).mean(dim=0)
    ### END SOLUTION


# %% role="check" name="together" points=2 refuse="ensemble torchvision"
def _logits(*shape):
    return 2.5 * torch.linspace(0, 50, math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def example_of_two_models():
    """two models, one image, two classes"""
    yield "probabilities", together(torch.tensor([[[0.0, math.log(3)]], [[0.0, 0.0]]]))


def three_models():
    """3 models, 4 images, 5 classes"""
    probabilities = together(_logits(3, 4, 5))
    yield "probabilities", probabilities
    yield "of the same type", probabilities.dtype == torch.float64


def one_is_sure():
    """two models lean a little to class 0, the third is sure of class 1"""
    yield "probabilities", together(torch.tensor([[[0.2, 0.0, -1.0]], [[0.3, 0.0, -1.0]], [[0.0, 5.0, -1.0]]]))


def hidden_one_model():
    """a single model, large scores, single precision"""
    yield "probabilities", together(100 * _logits(1, 2, 3).float())


def hidden_seven_models():
    """7 models, 1 image, 10 classes, and the logits afterwards"""
    logits = _logits(7, 1, 10)
    yield "probabilities", together(logits)
    yield "logits", logits


# %% role="answer" name="top_error"
def top_error(scores: torch.Tensor, y: torch.Tensor, k: int) -> float:
    """Share of images whose true class is not among the k best guesses.

    Args:
        scores: (B, N).
        y: (B), the true classes.
        k: guesses, 1 to N.
    """
    ### BEGIN SOLUTION
    best = scores.topk(k, dim=1).indices
    return 1 - (best == y[:, None]).any(dim=1).double().mean().item()
    ### END SOLUTION


# %% role="check" name="top_error" points=1 refuse="torchvision sklearn evaluate"
def _scores(batch, classes):
    order = torch.arange(batch * classes, dtype=torch.float64).reshape(batch, classes)
    return (order * 1.7).sin(), (torch.arange(batch) * 5) % classes


def example_of_the_errors():
    """two images, three classes, one to three guesses"""
    scores, y = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]), torch.tensor([2, 1])
    yield "errors", [top_error(scores, y, k) for k in (1, 2, 3)]


def eight_images():
    """eight images, ten classes, one guess and five"""
    yield "errors", [top_error(*_scores(8, 10), k) for k in (1, 5)]


def hidden_any_number():
    """other numbers of images, classes and guesses"""
    yield "errors", [top_error(*_scores(b, n), k) for b in (1, 7, 30) for n in (6, 12) for k in (1, 2, 5, 6)]
    yield "a Python number", isinstance(top_error(*_scores(3, 4), 2), float)


# %% [markdown]
# ## 6 · ZFNet's change (3 points)
#
# Zeiler and Fergus looked at what AlexNet's first layers had learned and found patterns that a step of 4 pixels cannot
# follow. The next cell holds AlexNet's first two layers as a module, and `normalise`, the normalisation of task 3 as a
# function. Write the same for ZFNet:
#
# | | AlexNet | ZFNet |
# |---|---|---|
# | first convolution | 11×11, stride 4, no padding | 7×7, stride 2, padding 1 |
# | then | ReLU, normalise, pool | ReLU, pool, normalise |
# | second convolution | 5×5, stride 1, padding 2 | 5×5, stride 2, no padding |
# | then | ReLU, normalise, pool | ReLU, pool, normalise |
# | each pool | maximum over 3×3, stride 2, no padding | maximum over 3×3, stride 2, padding 1 |
#
# No convolution is split into groups.
#
# **Contract.** `ZFNetFront(first, second)` is an `nn.Module` with two convolutions, from 3 to `first` and from there to
# `second` channels, with biases. It goes from $(B, 3, H, W)$ to $(B, \text{second}, H_2, W_2)$.
#
# **Example.** `ZFNetFront(96, 256)` holds 628,864 parameters and makes $256 \times 13 \times 13$ of an image of 224 by 224
# pixels, as AlexNet does of one of 227 by 227.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the numbers of the table change, and which change places? Nothing but kernel, stride, padding and the order
# does.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)` in `__init__`.
#
# </details>


# %% role="given" name="alexnet_front"
normalise = nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)  # torch divides alpha by 5


class AlexNetFront(nn.Module):
    """AlexNet up to its second pooling."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 11, stride=4)
        self.conv2 = nn.Conv2d(first, second, 5, padding=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = F.max_pool2d(normalise(F.relu(self.conv1(x))), 3, stride=2)
        return F.max_pool2d(normalise(F.relu(self.conv2(h))), 3, stride=2)


# %% role="answer" name="ZFNetFront"
class ZFNetFront(nn.Module):
    """ZFNet up to its second pooling and the normalisation behind it.

    Args:
        first: channels of the first convolution.
        second: channels of the second.
    """

    def __init__(self, first: int, second: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, 3, H, W) to (B, second, H2, W2)."""
        ### BEGIN SOLUTION
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))
        ### END SOLUTION


# %% role="check" name="ZFNetFront" points=2 refuse="torchvision timm"
def _images(*shape):
    return 90 * torch.linspace(0, 200, math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def small_image():
    """1 image of 36 by 36 pixels, 6 and 4 channels"""
    yield "output", fill(ZFNetFront(6, 4)).double()(_images(1, 3, 36, 36))


def larger_image():
    """2 images of 45 by 61 pixels, 3 and 5 channels"""
    yield "output", fill(ZFNetFront(3, 5)).double()(_images(2, 3, 45, 61))


def hidden_gradient():
    """the gradient that arrives at the image"""
    x = _images(1, 3, 31, 31).requires_grad_()
    y = fill(ZFNetFront(4, 7)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


def hidden_full_size():
    """the shape for an image of 224 by 224 pixels, in single precision"""
    yield "shape", list(ZFNetFront(4, 5)(torch.zeros(1, 3, 224, 224)).shape)


def hidden_input_untouched():
    """the image as it is after the call"""
    x = _images(1, 3, 31, 31)
    fill(ZFNetFront(2, 2)).double()(x)
    yield "image", x


# %% role="check" name="ZFNetFront_size" answer="ZFNetFront" points=1 refuse="torchvision timm"
def full_width():
    """how many parameters ZFNetFront(96, 256) holds"""
    yield "parameters", sum(p.numel() for p in ZFNetFront(96, 256).parameters())


def hidden_other_widths():
    """how many parameters narrow ones hold"""
    yield "parameters", [sum(p.numel() for p in ZFNetFront(a, b).parameters()) for a, b in ((1, 6), (8, 1), (4, 4))]


# %% [markdown]
# ## 7 · What seven know together (3 points, read by a person)
#
# The cell after the next one trains seven small networks on the digits of the course. They differ in their seed alone:
# in the weights that they start from and in the order of the images. It prints the error on the test images
#
# - of each network alone,
# - of all seven, by the mean of their probabilities and by a vote in which each names one class,
# - of seven *copies* of the first network, by the mean of their probabilities,
#
# and the share of test images on which at least one of the seven is right, and on which all seven are wrong.
#
# **First predict, then run.** Write down how the errors of the seven together and of the seven copies will lie to that of
# one network. Then run the cell and explain:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Why can the seven be better than each of them? What has to differ between them for it, and what do the copies show?
# 3. What bounds the gain: which errors can no vote of these seven repair? And AlexNet's single network had 18.2 % of errors,
#    the seven 15.3 %. Why would it be wrong to say that the *architecture* got better by that difference?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and a difference is explained. A wrong prediction costs nothing.
# - **The reason**: networks that err on different images outvote each other's errors; what they have in common stays. The
#    copies err on the same images, so nothing changes.
# - **The bound and the comparison**: where all seven are wrong, a vote for the truth cannot come out (a mean of
#    probabilities could in principle bring it, if they are wrong in different ways). The comparison names that seven
#    networks cost seven times as much, or that they were tested on other images or trained on more.

# %% [markdown] role="written" name="seven" points=3
# *Prediction.* I expected the mean of seven to have an error somewhat below that of the best single one, the vote to be
# a little worse than the mean, and the copies to be exactly as good as the first network. *Result.* The mean is well below
# the mean error of the single networks, and below most or all of them; the vote is close to it. The copies give the
# first network's error to the last digit, as they must: the mean of seven equal numbers is that number.
#
# *Reason.* The seven fit the same images from different starts, so they agree where the data force them to and differ
# where they do not. Where one errs alone, the six others give its class little and the true one much, and the mean comes
# out right. What must differ is *which* images they get wrong. Copies get the same ones wrong.
#
# *Bound.* If all seven prefer a wrong class, a vote is wrong for certain. A mean of probabilities can still be right, if they
# prefer different wrong classes and all give the true one a good second place; that is rare. As for
# AlexNet: 18.2 % belongs to one network on the validation images, 15.3 % to seven networks on the test images, two of which
# were first trained on a larger set. The plan of the network is the same in both; what changed is seven times
# the work, and more data. A fair comparison of architectures takes the same number of networks, images and crops.


# %% role="given" name="seven_run"
from dlarch.vision.alexnet import SmallAlexNet

digits = data.digits()
probabilities = []
for seed in range(7):
    torch.manual_seed(seed)
    model = SmallAlexNet(8, 10, in_channels=1, kernel=3)
    fit(model, (digits.x_train, digits.y_train), epochs=6, batch_size=100, lr=0.01, seed=seed, device="cpu")
    with torch.no_grad():
        probabilities.append(model(digits.x_test).softmax(dim=1))
all_seven = torch.stack(probabilities)  # 7, images, classes
guesses = all_seven.argmax(dim=-1)


def error_of(p: torch.Tensor) -> str:
    """Share of the test images that are named wrongly."""
    return f"{(p.argmax(dim=-1) != digits.y_test).float().mean().item():.1%}"


print("each alone:     ", *(error_of(p) for p in all_seven))
print("mean of seven:  ", error_of(all_seven.mean(dim=0)))
print("vote of seven:  ", error_of(F.one_hot(guesses, 10).sum(dim=0)))
print("seven copies:   ", error_of(all_seven[:1].expand(7, -1, -1).mean(dim=0)))
right = guesses == digits.y_test
print(f"one is right:    {right.any(dim=0).float().mean().item():.1%}")
print(f"all are wrong:   {(~right).all(dim=0).float().mean().item():.1%}")

# %% [markdown]
# ## Optional: the real thing (no points)
#
# AlexNet as published, its form without groups, and ZFNet, in full size. Predict which of them handles most images in a
# second, and whether the one with the most multiply-accumulates is the slowest. Then run the cell. On a GPU it takes a
# batch of 128 images, on a CPU a single one.

# %% role="given" name="race"
from dlarch.measure import count_macs, throughput
from dlarch.vision.alexnet import AlexNet, ZFNet

batch = 128 if device.type == "cuda" else 1
for name, build, side in (
    ("AlexNet, two groups", AlexNet, 227),
    ("AlexNet, one group", lambda: AlexNet(grouped=False), 227),
    ("ZFNet", ZFNet, 224),
):
    with torch.device("meta"):
        model = build()
        cost = count_macs(model, torch.empty(1, 3, side, side)) / 1e6
    model = model.to_empty(device=device).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.01)  # the numbers do not matter for the time
    speed = throughput(model, torch.rand(batch, 3, side, side, device=device), seconds=0.5)
    print(f"{name:20} {cost:7,.0f} million multiply-adds, {speed:8,.0f} images/s")
