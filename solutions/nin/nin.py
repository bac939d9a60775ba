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

# %% [markdown] role="title" chapter="vision/nin" minutes=80
# # Network in network: an MLP in place of a filter
#
# **20 points, about 80 minutes.** This exercise belongs to the chapter *Network in network: an MLP in place of a filter*.
#
# You write a convolution of 1 by 1 as the matrix product that it is, build the layer that slides a small network over an
# image, and find out what is left of it when the ReLUs are forgotten. You count its parameters, replace dense layers by a
# mean, and ask a network where it saw what it names. At the end you predict what the mean does on a larger image.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, a single image.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $R$ the side of a kernel, $H$ and $W$
# height and width of maps, $N$ classes.

# %% role="given" name="setup"
import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data, measure
from dlarch.check import check
from dlarch.training import fit, one_cycle

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · A convolution of 1 by 1 is a matrix (2 points)
#
# A kernel of 1 by 1 sees one pixel: a column of $C$ numbers. It makes $K$ numbers of them, by the same matrix at every pixel. Write it
# as a matrix product. Convolutions of torch are refused in this task.
#
# **Contract.** `pixelwise(x, weight, bias)` takes maps `x` of shape $(B, C, H, W)$, a matrix `weight` of shape $(K, C)$ and
# `bias` of shape $(K)$. It returns maps of shape $(B, K, H, W)$ in the same number type. There is no ReLU in it.
#
# **Example.** One image of 1 by 2 pixels with two channels: the first channel is $(1, 2)$, the second $(10, 20)$. With the
# weights $\begin{pmatrix} 1 & 0 \\ 1 & 1 \\ 0 & -1 \end{pmatrix}$ and the bias $(0, 0, 5)$ the three maps are $(1, 2)$, $(11, 22)$ and $(-5, -15)$.
#
# <details><summary>Hint: where to look</summary>
#
# `@` multiplies along the last axis of what stands left of it. Which axis of `x` holds the column of a pixel, and where has it to
# be before and after? Moving an axis is not the same as reshaping.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `columns = x.movedim(1, -1)`, of shape $(B, H, W, C)$.
#
# </details>


# %% role="answer" name="pixelwise"
def pixelwise(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """A convolution with kernels of 1 by 1.

    Args:
        x: maps, shape (B, C, H, W).
        weight: shape (K, C).
        bias: shape (K,).

    Returns:
        Maps, shape (B, K, H, W).
    """
    ### BEGIN SOLUTION
    columns = x.movedim(1, -1)
    return (columns @ weight.T + bias).movedim(-1, 1)
    ### END SOLUTION


# %% role="check" name="pixelwise" points=2 refuse="conv2d Conv2d conv1d Conv1d conv3d Conv3d convolution unfold Unfold LazyConv2d LazyConv1d"
def worked_pixels():
    """the example of the text"""
    x = torch.tensor([[[[1.0, 2.0]], [[10.0, 20.0]]]])
    yield "maps", pixelwise(x, torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, -1.0]]), torch.tensor([0.0, 0.0, 5.0]))


def two_images():
    """two images of 3 by 4 pixels, from 2 channels to 3"""
    x = torch.linspace(0, 20, 48).reshape(2, 2, 3, 4).sin()
    yield "maps", pixelwise(x, torch.linspace(-1, 2, 6).reshape(3, 2), torch.tensor([1.0, -2.0, 0.5]))


def as_many_out_as_in():
    """three channels in and out on a square of 3 by 3, where a wrong axis would not show by its size"""
    x = torch.linspace(0, 30, 54).reshape(2, 3, 3, 3).cos()
    yield "maps", pixelwise(x, torch.linspace(-2, 2, 9).reshape(3, 3).exp(), torch.tensor([3.0, 0.0, -1.0]))


def hidden_double():
    """one image in double precision, from 5 channels to 2"""
    x = torch.linspace(0, 40, 60).double().reshape(1, 5, 4, 3).sin()
    yield "maps", pixelwise(x, torch.linspace(-1, 1, 10).double().reshape(2, 5), torch.tensor([0.5, 2.0]).double())
    close = torch.tensor([16777217.0, 16777216.0], dtype=torch.float64).reshape(1, 2, 1, 1)
    yield "close", pixelwise(close, torch.tensor([[1.0, -1.0]]).double(), torch.zeros(1).double())


def hidden_single_pixel():
    """images of one pixel, and a single channel in and out"""
    yield "pixel", pixelwise(torch.tensor([[[[2.0]], [[3.0]]]]), torch.tensor([[1.0, -2.0]]), torch.tensor([1.0]))
    yield "channel", pixelwise(torch.ones(1, 1, 2, 3), torch.tensor([[-3.0]]), torch.tensor([0.5]))


# %% [markdown]
# ## 2 · The layer (3 points)
#
# Build an mlpconv layer that keeps the size of its maps: a convolution of `kernel` by `kernel`, then convolutions of 1 by 1, *one ReLU
# behind each*. All have biases. The kernel is odd, and the padding such that height and width stay.
#
# In a network's last layer the maps are scores. With `scores=True` the last convolution has *no* ReLU behind it. (In the
# authors' files it has one; here it shall not.)
#
# **Contract.** `mlpconv(in_channels, widths, kernel, scores)` returns an `nn.Sequential` (or another module) from $(B, C, H, W)$ to
# $(B, K, H, W)$. `widths` lists the channels that each convolution makes; its first entry belongs to the large kernel, and
# its last is $K$. Nothing else belongs into it, no batch norm, no pooling.
#
# **Example.** `mlpconv(3, [8, 6, 4], 5)` holds convolutions from 3 to 8 channels with 5 by 5, from 8 to 6 and from 6 to 4 with 1 by 1,
# and three ReLUs: $(25 \cdot 3 + 1) \cdot 8 + 9 \cdot 6 + 7 \cdot 4 = 690$ parameters.
#
# <details><summary>Hint: where to look</summary>
#
# Only the first convolution has another kernel, and only it needs padding. How many pixels must stand around the image so that
# a kernel of 5 fits around its corner? And one of 1?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]`
#
# </details>


# %% role="answer" name="mlpconv"
def mlpconv(in_channels: int, widths: list[int], kernel: int, scores: bool = False) -> nn.Module:
    """A convolution and 1x1 convolutions behind it, each with a ReLU.

    Args:
        in_channels: C.
        widths: channels that each convolution makes, at least one entry.
        kernel: side of the first kernel, odd.
        scores: whether the last convolution has no ReLU.

    Returns:
        A module from (B, C, H, W) to (B, K, H, W).
    """
    ### BEGIN SOLUTION
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))
    ### END SOLUTION


# %% role="check" name="mlpconv" points=3 refuse="torchvision timm MLPConv NiN"
def _made(channels, widths, kernel, **settings):
    model = mlpconv(channels, widths, kernel, **settings)
    if isinstance(model, nn.Module):  # layers that find their sizes at the first image get them now
        model.eval()(torch.zeros(1, channels, 9, 9))
        model.train()
    return model


def _slid(channels, widths, kernel, height, width, **settings):
    model = fill(_made(channels, widths, kernel, **settings)).eval()
    x = torch.linspace(0, 40, 2 * channels * height * width).reshape(2, channels, height, width).sin()
    return model(3 * x)


def _count(module):
    return sum(p.numel() for p in module.parameters())


def worked_layer():
    """the layer of the example on images of 7 by 9, and its parameters"""
    yield "maps", _slid(3, [8, 6, 4], 5, 7, 9)
    yield "parameters", _count(_made(3, [8, 6, 4], 5))


def layer_of_scores():
    """mlpconv(2, [5, 5, 3], 3, scores=True), whose maps have values of both signs"""
    yield "maps", _slid(2, [5, 5, 3], 3, 6, 4, scores=True)


def ones_in_a_row():
    """a kernel of 1 in front too, on images of 3 by 3"""
    yield "maps", _slid(4, [4, 4], 1, 3, 3)


def hidden_other_layers():
    """other kernels and widths, and a single convolution with and without its ReLU"""
    yield "four", _slid(1, [3, 6, 2, 5], 7, 8, 5)
    yield "single", _slid(2, [4], 3, 5, 5)
    yield "single scores", _slid(2, [4], 3, 5, 5, scores=True)


def hidden_one_by_one_mixes_no_pixels():
    """which pixels an output depends on"""
    model = _made(1, [2, 2, 2], 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.1)
    x = torch.ones(1, 1, 9, 9, requires_grad=True)
    model(x)[0, 0, 4, 4].backward()
    yield "seen", x.grad[0, 0]


def hidden_number_of_layers():
    """parameters of three layers"""
    yield (
        "parameters",
        np.array([_count(_made(c, w, r)) for c, w, r in ((3, [192, 160, 96], 5), (7, [2], 3), (2, [3, 4], 1))]),
    )


# %% [markdown]
# ## 3 · Forget the ReLUs (2 points)
#
# Someone leaves out the ReLU between a convolution of $R$ by $R$ and the 1 by 1 behind it. The two are then *one* convolution
# of $R$ by $R$. Which?
#
# **Contract.** `merge(kernel, bias, weight, offset)` takes the kernel $(M, C, R, R)$ and the bias $(M)$ of the first
# convolution, and the matrix $(K, M)$ and the bias `offset` $(K)$ of the 1 by 1. It returns the kernel $(K, C, R, R)$ and the
# bias $(K)$ of the one convolution that gives the same for every image.
#
# **Example.** With $R = 1$ and $C = 1$: the first convolution makes $x + 1$ and $2x - 1$ of a pixel $x$, and the 1 by 1 takes three times the
# first plus the second plus 10. That is $5x + 12$: the kernel is $5$, the bias $12$.
#
# <details><summary>Hint: where to look</summary>
#
# At one place and for one number that the first kernel reads, what stands there is a product of two matrices. And what leaves the
# two layers where the image is zero?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `merged = torch.einsum("km,mcij->kcij", weight, kernel)`
#
# </details>


# %% role="answer" name="merge"
def merge(
    kernel: torch.Tensor, bias: torch.Tensor, weight: torch.Tensor, offset: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The one convolution that a convolution and a 1x1 behind it amount to, with nothing between.

    Args:
        kernel: of the first, shape (M, C, R, R).
        bias: of the first, shape (M,).
        weight: of the 1x1, shape (K, M).
        offset: the bias of the 1x1, shape (K,).

    Returns:
        Kernel, shape (K, C, R, R), and bias, shape (K,).
    """
    ### BEGIN SOLUTION
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ bias + offset
    ### END SOLUTION


# %% role="check" name="merge" points=2 refuse="torchvision timm lstsq pinv"
def _merged(m, c, r, k):
    kernel = torch.linspace(0, 30, m * c * r * r).reshape(m, c, r, r).sin()
    weight = torch.linspace(1, 20, k * m).reshape(k, m).cos()
    return merge(kernel, torch.linspace(-1, 2, m), weight, torch.linspace(3, 1, k))


def worked_merge():
    """the example of the text"""
    kernel = torch.tensor([1.0, 2.0]).reshape(2, 1, 1, 1)
    merged = merge(kernel, torch.tensor([1.0, -1.0]), torch.tensor([[3.0, 1.0]]), torch.tensor([10.0]))
    yield "kernel", merged[0]
    yield "bias", merged[1]


def three_by_three():
    """from 2 channels over 4 to 3 with kernels of 3 by 3"""
    merged = _merged(4, 2, 3, 3)
    yield "kernel", merged[0]
    yield "bias", merged[1]


def square_matrix():
    """from 3 channels over 3 to 3, where a transposed matrix would not show by its size"""
    merged = _merged(3, 3, 2, 3)
    yield "kernel", merged[0]
    yield "bias", merged[1]


def hidden_what_it_does():
    """the merged convolution on an image, from 5 channels over 2 to 6"""
    merged = _merged(2, 5, 3, 6)
    yield "maps", F.conv2d(torch.linspace(0, 40, 5 * 6 * 4).reshape(1, 5, 6, 4).cos(), merged[0], merged[1])


def hidden_double_merge():
    """in double precision, over a single channel"""
    merged = merge(
        torch.tensor([[[[2.0]], [[-1.0]]]]).double(),
        torch.tensor([0.5]).double(),
        torch.tensor([[4.0], [-2.0]]).double(),
        torch.tensor([1.0, 0.0]).double(),
    )
    yield "kernel", merged[0]
    yield "bias", merged[1]


# %% [markdown]
# ## 4 · Count the parameters (2 points)
#
# Three networks are called NiN, with 7.6, 2.0 and 0.97 million parameters. Count them from their table.
#
# **Contract.** `count(blocks, in_channels)` returns the number of parameters of mlpconv layers in a row, with all biases. `blocks` is a
# list of pairs: the side of the kernel of the first convolution, and the widths of all its convolutions. Poolings, dropout and
# the mean at the end have no parameters.
#
# **Example.** `count([(5, [8, 4]), (3, [6])], 3)` is $(25 \cdot 3 + 1) \cdot 8 + 9 \cdot 4 + (9 \cdot 4 + 1) \cdot 6 = 866$.
#
# <details><summary>Hint: where to look</summary>
#
# In each layer only the first convolution has the large kernel. What comes into the next layer?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `total, channels = 0, in_channels`, then a loop over the blocks and in it one over the widths, which keeps `channels` up to date.
#
# </details>


# %% role="answer" name="count"
def count(blocks: list[tuple[int, list[int]]], in_channels: int) -> int:
    """Parameters of mlpconv layers in a row.

    Args:
        blocks: for each layer the side of its first kernel, and the channels that its convolutions make.
        in_channels: C of the images.

    Returns:
        Weights and biases together.
    """
    ### BEGIN SOLUTION
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area * channels + 1) * width
            channels = width
    return total
    ### END SOLUTION


# %% role="check" name="count" points=2 refuse="torchvision timm MLPConv NiN nin_imagenet nin_cifar10 nin_textbook count_parameters mlpconv"
def worked_count():
    """the example of the text"""
    yield "parameters", np.array(count([(5, [8, 4]), (3, [6])], 3))


def one_layer():
    """a single layer of three convolutions, and one with a kernel of 1"""
    yield "parameters", np.array([count([(3, [7, 5, 2])], 4), count([(1, [6, 3])], 2)])


def hidden_published():
    """NiN for ImageNet, for CIFAR-10, and the textbook's"""
    three = [(11, [96] * 3), (5, [256] * 3), (3, [384] * 3)]
    cifar = [(5, [192, 160, 96]), (5, [192] * 3), (3, [192, 192, 10])]
    yield (
        "parameters",
        np.array([count([*three, (3, [1024, 1024, 1000])], 3), count(cifar, 3), count([*three, (3, [10] * 3)], 1)]),
    )


def hidden_nothing():
    """no layer, and four layers of one convolution"""
    yield "parameters", np.array([count([], 3), count([(2, [3])] * 4, 5)])


# %% [markdown]
# ## 5 · A head without parameters of its own (4 points)
#
# The last maps have to become one score for each class. Network in network makes a map for each class with a 1 by 1 convolution and
# takes the mean of each map. Write two functions.
#
# `average_head(features, weight, bias)` takes the last maps $(B, C, H, W)$ and the matrix $(N, C)$ and bias $(N)$ of that 1 by 1. It
# returns the scores, shape $(B, N)$: no softmax, no ReLU. (2 points)
#
# `head_costs(channels, side, classes, hidden)` counts the parameters of three heads on maps of `channels` by `side` by `side`, biases
# included, and returns three integers (2 points):
#
# - the 1 by 1 convolution and the mean, as above;
# - one dense layer that reads all numbers of the maps;
# - AlexNet's way: a dense layer that reads all numbers and has `hidden` outputs, another one of `hidden` outputs, and one of `classes`.
#
# **Example.** One image of 1 by 2 pixels, channels $(1, 3)$ and $(0, 4)$. With the weights $\begin{pmatrix} 1 & 1 \\ 2 & 0 \end{pmatrix}$ and the bias
# $(0, 1)$ the class maps are $(1, 7)$ and $(3, 7)$, the scores $4$ and $5$. `head_costs(4, 3, 2, 5)` is `(10, 74, 227)`.
#
# <details><summary>Hint: where to look</summary>
#
# The mean runs over two axes. It has no parameters, so the first head costs what its 1 by 1 costs, whatever the side. Both mean
# and 1 by 1 are linear: does it matter which comes first?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `means = features.mean(dim=(2, 3))`. And for the second: `inputs = channels * side * side`.
#
# </details>


# %% role="answer" name="heads"
def average_head(features: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Scores as the means of class maps.

    Args:
        features: maps, shape (B, C, H, W).
        weight: of a 1x1 convolution, shape (N, C).
        bias: of it, shape (N,).

    Returns:
        Scores, shape (B, N).
    """
    ### BEGIN SOLUTION
    means = features.mean(dim=(2, 3))
    return means @ weight.T + bias
    ### END SOLUTION


def head_costs(channels: int, side: int, classes: int, hidden: int) -> tuple[int, int, int]:
    """Parameters of three heads, biases included.

    Args:
        channels: of the last maps.
        side: height and width of the last maps.
        classes: N.
        hidden: outputs of the first and of the second dense layer of the third head.

    Returns:
        Of the 1x1 convolution with a mean, of one dense layer, of three dense layers.
    """
    ### BEGIN SOLUTION
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three
    ### END SOLUTION


# %% role="check" name="average_head" answer="heads" points=2 refuse="torchvision timm NiN global_average_pool head_costs"
def worked_head():
    """the example of the text"""
    features = torch.tensor([[[[1.0, 3.0]], [[0.0, 4.0]]]])
    yield "scores", average_head(features, torch.tensor([[1.0, 1.0], [2.0, 0.0]]), torch.tensor([0.0, 1.0]))


def batch_of_three():
    """three images with 4 channels of 2 by 5, three classes"""
    features = torch.linspace(0, 50, 120).reshape(3, 4, 2, 5).sin() + torch.arange(3.0).reshape(3, 1, 1, 1)
    yield "scores", average_head(features, torch.linspace(-2, 2, 12).reshape(3, 4), torch.tensor([0.5, -3.0, 1.0]))


def all_the_same_size():
    """three images with 3 channels of 3 by 3, three classes, where a wrong axis would not show by its size"""
    features = torch.linspace(0, 60, 81).reshape(3, 3, 3, 3).cos() * torch.arange(1.0, 4.0).reshape(3, 1, 1, 1)
    yield "scores", average_head(features, torch.linspace(0, 5, 9).reshape(3, 3).sin(), torch.tensor([-4.0, 0.0, 2.0]))


def hidden_single_image():
    """one image in double precision, and maps of a single pixel"""
    features = torch.linspace(0, 20, 30).double().reshape(1, 5, 3, 2).cos()
    yield "double", average_head(features, torch.linspace(-1, 3, 10).double().reshape(2, 5), torch.ones(2).double())
    yield "pixel", average_head(torch.tensor([[[[2.0]], [[-1.0]]]]), torch.tensor([[1.0, 3.0]]), torch.tensor([0.5]))


def hidden_gradient():
    """how the gradient of one score is spread over the maps"""
    features = torch.linspace(0, 9, 24).reshape(1, 2, 3, 4).requires_grad_()
    average_head(features, torch.tensor([[1.0, -2.0], [3.0, 0.5]]), torch.zeros(2))[0, 1].backward()
    yield "gradient", features.grad


# %% role="check" name="head_costs" answer="heads" points=2 refuse="torchvision timm NiN count_parameters average_head"
def worked_costs():
    """the example of the text"""
    yield "parameters", np.array(head_costs(4, 3, 2, 5))


def other_costs():
    """7 channels of 2 by 2, three classes, 6 hidden"""
    yield "parameters", np.array(head_costs(7, 2, 3, 6))


def hidden_real_heads():
    """on the last maps of VGG-16 for 1,000 classes, and of a network for CIFAR-10"""
    yield "parameters", np.array([head_costs(512, 7, 1000, 4096), head_costs(192, 8, 10, 100)])


def hidden_side_one():
    """maps of a single pixel, where the first two heads cost the same"""
    yield "parameters", np.array(head_costs(5, 1, 4, 3))


# %% [markdown]
# ## 6 · Where did it see that? (4 points)
#
# Many networks average their last maps first and then have one linear layer: GoogLeNet, ResNet. They too have a map for each class, a
# *class activation map*. Nobody computed it yet, that is all. Write two functions.
#
# `class_maps(features, weight)` takes the maps before the mean, $(B, C, H, W)$, and the weights of the linear layer, $(N, C)$. It
# returns a map for each image and class, $(B, N, H, W)$, so that its mean, plus the bias of the class, is the score. The bias
# is left out: it stands at no place. (2 points)
#
# `locate(maps, classes, first, step)` says where the map of one class is largest. `maps` are class maps $(B, N, H, W)$, `classes` holds
# one class for each image, shape $(B)$. Place $(i, j)$ of a map lies at row `first + step * i` and column `first + step * j` of
# the image, in pixels. It returns rows and columns, shape $(B, 2)$. If several places are equally large, take the first in
# reading order. (2 points)
#
# **Example.** A map of 2 by 3 places, $\begin{pmatrix} 0 & 1 & 5 \\ 2 & 3 & 4 \end{pmatrix}$, with `first=1.5` and `step=4` peaks at row 1.5, column 9.5.
#
# <details><summary>Hint: where to look</summary>
#
# Each class has its own weighted sum of the channels, place by place. For the second: `argmax` on the flattened map gives one number $p$.
# How many places has a *row* of the map?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `return torch.einsum(...)` with letters for $B$, $C$, $H$, $W$ and $N$. And for the second: `own = maps[torch.arange(len(maps)), classes]`.
#
# </details>


# %% role="answer" name="maps"
def class_maps(features: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A map for each class, of a network that averages first and has one linear layer behind.

    Args:
        features: maps before the mean, shape (B, C, H, W).
        weight: of the linear layer, shape (N, C).

    Returns:
        Shape (B, N, H, W).
    """
    ### BEGIN SOLUTION
    return torch.einsum("bchw,nc->bnhw", features, weight)
    ### END SOLUTION


def locate(maps: torch.Tensor, classes: torch.Tensor, first: float, step: float) -> torch.Tensor:
    """Where the map of a class is largest, in pixels of the image.

    Args:
        maps: class maps, shape (B, N, H, W).
        classes: a class for each image, shape (B,).
        first: row and column of place (0, 0), in pixels.
        step: pixels from one place to the next.

    Returns:
        Rows and columns, shape (B, 2).
    """
    ### BEGIN SOLUTION
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)
    ### END SOLUTION


# %% role="check" name="class_maps" answer="maps" points=2 refuse="torchvision timm NiN class_activation_maps locate"
def _features(b, c, h, w):
    return torch.linspace(0, 45, b * c * h * w).reshape(b, c, h, w).sin()


def worked_maps():
    """two channels of 1 by 3 pixels, two classes"""
    features = torch.tensor([[[[1.0, 2.0, 3.0]], [[0.0, 1.0, 0.0]]]])
    yield "maps", class_maps(features, torch.tensor([[1.0, 10.0], [-2.0, 0.0]]))


def two_images_three_classes():
    """two images with 4 channels of 2 by 3, three classes, weights of both signs"""
    yield "maps", class_maps(_features(2, 4, 2, 3), torch.linspace(-2, 3, 12).reshape(3, 4))


def as_many_classes_as_channels():
    """three channels of 3 by 3 and three classes, where a wrong axis would not show by its size"""
    yield "maps", class_maps(_features(2, 3, 3, 3), torch.linspace(-1, 4, 9).reshape(3, 3))


def hidden_double_maps():
    """one image in double precision with 5 channels of 4 by 2, a single class"""
    yield "maps", class_maps(_features(1, 5, 4, 2).double(), torch.linspace(-1, 1, 5).double().reshape(1, 5))


def hidden_one_place():
    """maps of a single place, six classes"""
    yield "maps", class_maps(_features(3, 2, 1, 1), torch.linspace(-3, 2, 12).reshape(6, 2))


# %% role="check" name="locate" answer="maps" points=2 refuse="torchvision timm NiN peak class_maps"
def worked_place():
    """the example of the text"""
    yield "place", locate(torch.tensor([[[[0.0, 1.0, 5.0], [2.0, 3.0, 4.0]]]]), torch.tensor([0]), 1.5, 4)


def classes_of_a_batch():
    """three images with maps of 4 by 3 for two classes, of which the other one is larger"""
    maps = torch.linspace(0, 40, 72).reshape(3, 2, 4, 3).sin() + torch.tensor([0.0, 3.0]).reshape(1, 2, 1, 1)
    yield "places", locate(maps, torch.tensor([0, 1, 0]), 2.0, 3)


def below_zero():
    """a map whose values are all negative, and one whose largest deviation from zero is negative"""
    maps = torch.tensor([[[[-3.0, -1.0, -2.0], [-4.0, -5.0, -6.0]]], [[[1.0, 0.0, 0.0], [0.0, 2.0, -9.0]]]])
    yield "places", locate(maps, torch.tensor([0, 0]), 0.5, 1)


def square_maps():
    """two square maps whose peak is not on the diagonal"""
    maps = torch.zeros(2, 3, 4, 4)
    maps[0, 2, 1, 3] = maps[1, 0, 2, 0] = 1.0
    yield "places", locate(maps, torch.tensor([2, 0]), 4.0, 8)


def lone_peak_of_another_class():
    """three classes: the one that is asked for, one that is high everywhere, one with a single higher place"""
    maps = torch.zeros(1, 3, 3, 4)
    maps[0, 0, 1, 0], maps[0, 2, 2, 1] = 1.0, 9.0
    maps[0, 1] = 5.0 + torch.linspace(0, 8, 12).reshape(3, 4).sin()
    yield "place", locate(maps, torch.tensor([0]), 2.5, 4)


def hidden_row_and_column_apart():
    """a map whose largest row and largest column do not cross in its largest place"""
    maps = torch.tensor([[[[0.0, 0.0, 9.0, 0.0], [5.0, 6.0, 0.0, 6.0], [0.0, 6.0, 0.0, 0.0]]]])
    yield "place", locate(maps, torch.tensor([0]), 3.5, 2)


def hidden_equal_places():
    """a map with two places of the same largest value, and a constant one"""
    maps = torch.tensor([[[[0.0, 2.0], [2.0, 1.0], [2.0, 0.0]]], [[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]]])
    yield "places", locate(maps, torch.tensor([0, 0]), 1.0, 2)


def hidden_wide_map():
    """one image with maps of 2 by 7 for four classes"""
    yield "place", locate(torch.linspace(0, 70, 56).reshape(1, 4, 2, 7).cos(), torch.tensor([3]), 5.5, 16)


# %% [markdown]
# ## 7 · The mean on a larger image (3 points, read by a person)
#
# A network that ends in a mean takes images of any size. Is that for free? The next code cell trains a small network in network on
# handwritten digits of 8 by 8 pixels. Then it puts each new digit into the middle of an empty image of 8, 12, 16, 24 and 32 pixels a side
# and asks for its class in two ways: by the *mean* of each class map, as the network was trained, and by its *largest* value.
#
# **First predict, then run.** Before you run it, write down how you expect both accuracies to change from 8 to 32 pixels, and why.
# Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. The cell prints the mean of the class maps over the places *without* a digit, for each class. What has it to do with the result?
# 3. Name a way to use such a network on larger images that would cost less accuracy, and say what it would need.
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for both ways. A wrong prediction costs nothing.
# - **The reason**: the digit covers a smaller and smaller share of the places, so the mean tends to what the maps show on the empty
#   ground, which differs from class to class; the largest value fails where the ground is higher than the digit.
# - **A way out**: for example training on images of that size, cutting windows of the size of training, the largest value or the mean of the
#   largest ones, taking the ground's map away; with what it needs or loses.

# %% [markdown] role="written" name="larger" points=3
# *Prediction.* I expected no change for the mean, because the ground is empty, and a small loss for the largest value. *Result.* Both fall
# to guessing, the mean at once and the largest value two steps later. I had thought that empty ground means empty maps.
#
# *The reason.* At 32 pixels the digit covers a sixteenth of the places. All others are empty ground, and there the maps are not zero:
# biases and batch norm give each class a value of its own there, and nothing in training said which, because the digits fill their
# images. The mean tends to that value, so the class whose ground is the highest wins for every image. Here it is the 1, and its ground is
# higher than what most digits reach on their own map, so it wins by the largest value too.
#
# *A way out.* Move a window of 8 by 8 over the image and take the surest answer: needs as many runs as windows, and a rule for windows
# without a digit. Or train with digits at all places on images of 32 pixels. Or subtract from each map what it shows for an empty
# image before the mean is taken, which needs to know the ground.


# %% role="given" name="larger_run"
def small_network():
    layers, channels = [], 1
    for widths, side in (([16, 16], 3), ([32, 32, 10], 3)):
        for place, width in enumerate(widths):
            kernel = side if place == 0 else 1
            layers.append(nn.Conv2d(channels, width, kernel, padding=kernel // 2))
            channels = width
            if width != 10:
                layers += [nn.BatchNorm2d(width), nn.ReLU()]
        if channels == 16:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class Averaged(nn.Module):
    def __init__(self):
        super().__init__()
        self.maps = small_network()

    def forward(self, x):
        return self.maps(x).mean(dim=(2, 3))


torch.manual_seed(0)
digits, network = data.digits(), Averaged()
optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
fit(network, (digits.x_train, digits.y_train), epochs=15, optimizer=optimizer, schedule=one_cycle, device="cpu")
for side in (8, 12, 16, 24, 32):
    room = (side - 8) // 2
    with torch.no_grad():
        last = network.maps(F.pad(digits.x_test, (room,) * 4))
    by_mean = (last.mean(dim=(2, 3)).argmax(dim=1) == digits.y_test).float().mean().item()
    by_largest = (last.amax(dim=(2, 3)).argmax(dim=1) == digits.y_test).float().mean().item()
    print(f"{side:2} pixels: right by the mean {by_mean:.0%}, by the largest value {by_largest:.0%}")
with torch.no_grad():
    empty = network.maps(torch.zeros(1, 1, 32, 32))[0, :, 4:-4, 4:-4].mean(dim=(1, 2))
print("class maps on empty ground:", " ".join(f"{value:.2f}" for value in empty.tolist()))

# %% [markdown]
# ## Optional: the same product, three times (no points)
#
# A 1 by 1 convolution, a linear layer on moved axes and `einsum` compute the same numbers. Do they take the same time? Predict which is the
# fastest on your machine, then run it. On a GPU the cell uses larger maps.

# %% role="given" name="speed"
side, channels = (112, 256) if device.type == "cuda" else (28, 64)
maps = torch.rand(4, channels, side, side, device=device)
convolution = nn.Conv2d(channels, channels, 1).to(device)
linear = nn.Linear(channels, channels).to(device)


class Moved(nn.Module):
    def forward(self, x):
        return linear(x.movedim(1, -1)).movedim(-1, 1)


class Summed(nn.Module):
    def forward(self, x):
        return torch.einsum("bchw,kc->bkhw", x, linear.weight)


for name, module in {"Conv2d of 1 by 1": convolution, "Linear on moved axes": Moved(), "einsum": Summed()}.items():
    print(f"{name:21} {measure.throughput(module, maps, seconds=0.3):8.0f} images/s")
