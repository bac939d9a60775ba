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

# %% [markdown] role="title" chapter="vision/mobilenet" minutes=90
# # MobileNet: space and channels, one after the other
#
# **21 points, about 90 minutes.** This exercise belongs to the chapter *MobileNet: space and channels, one after the
# other*.
#
# You write a depthwise convolution by hand and then build a separable block from layers. You count what such layers cost,
# in multiplications and in bytes. You build the inverted residual with its linear bottleneck, and you fit a whole network
# into a budget. At the end you predict which layers are slower than their count says, and measure it.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, odd sides, other number types.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $E$ channels inside a block, $R$
# the side of a kernel, $H$ and $W$ height and width in pixels. A multiply-accumulate is one multiplication together with
# its addition.

# %% role="given" name="setup"
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import measure
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · One filter for each channel (3 points)
#
# A depthwise convolution has as many filters as channels. Filter $c$ looks at channel $c$ of the image alone and makes channel
# $c$ of the output. Write it by hand, without a convolution of PyTorch.
#
# **Contract.** `depthwise(x, weight, stride, padding)` takes images of shape $(B, C, H, W)$ and filters of shape $(C, R, S)$: one
# kernel of $R$ by $S$ for each channel. `padding` rows and columns of zeros are added on all four sides. The kernel is laid
# on the image without turning it round, in steps of `stride`, wherever it fits whole. The result has shape
# $(B, C, H_2, W_2)$ and the dtype of the image.
#
# **Example.** An image of two channels and one row, $(1, 2, 3, 4)$ and $(10, 20, 30, 40)$, with the kernels $(1, 1)$ and
# $(1, -1)$ gives $(3, 5, 7)$ and $(-10, -10, -10)$. With stride 2 it gives $(3, 7)$ and $(-10, -10)$.
#
# <details><summary>Hint: where to look</summary>
#
# Go through the places of the *kernel*, not of the image. The weight at place $(i, j)$ multiplies a whole map: the image, moved by $i$
# rows and $j$ columns, every `stride`-th pixel of it.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x = F.pad(x, (padding, padding, padding, padding))`, then the output's height, `(x.shape[2] - R) // stride + 1`.
#
# </details>


# %% role="answer" name="depthwise"
def depthwise(x: torch.Tensor, weight: torch.Tensor, stride: int = 1, padding: int = 0) -> torch.Tensor:
    """Each channel filtered by its own kernel.

    Args:
        x: images, shape (B, C, H, W).
        weight: kernels, shape (C, R, S).
        stride: step from one place of the kernel to the next.
        padding: rows and columns of zeros on each of the four sides.

    Returns:
        Shape (B, C, H2, W2).
    """
    ### BEGIN SOLUTION
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result
    ### END SOLUTION


# %% role="check" name="depthwise" points=3 refuse="torchvision timm conv1d conv2d conv3d convolution conv_transpose2d Conv1d Conv2d Conv3d LazyConv2d"
def worked_depthwise():
    """the example of the text, with stride 1 and with stride 2"""
    x = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]], [[10.0, 20.0, 30.0, 40.0]]]])
    weight = torch.tensor([[[1.0, 1.0]], [[1.0, -1.0]]])
    yield "stride 1", depthwise(x, weight)
    yield "stride 2", depthwise(x, weight, 2)


def three_channels():
    """two images of three channels, 5 by 6 pixels, kernels of 3 by 3, padding 1"""
    x = torch.linspace(0, 40, 180).reshape(2, 3, 5, 6).sin()
    yield "maps", depthwise(x, torch.linspace(0, 20, 27).reshape(3, 3, 3).cos(), 1, 1)


def stride_and_padding():
    """stride 2 with padding 1 on 7 by 9 pixels"""
    x = torch.linspace(0, 50, 126).reshape(1, 2, 7, 9).cos()
    yield "maps", depthwise(x, torch.linspace(0, 9, 18).reshape(2, 3, 3).sin(), 2, 1)


def hidden_steps_that_do_not_fit():
    """sides at which the last step does not fit, stride 3, and padding of 2"""
    x = torch.linspace(0, 60, 2 * 2 * 8 * 10).reshape(2, 2, 8, 10).sin()
    yield "stride 3", depthwise(x, torch.linspace(0, 8, 18).reshape(2, 3, 3).cos(), 3, 0)
    yield "padding 2", depthwise(x, torch.linspace(0, 30, 50).reshape(2, 5, 5).cos(), 2, 2)


def hidden_oblong_kernels_in_double():
    """kernels of 2 by 3 and of 1 by 1, in double precision"""
    x = torch.linspace(0, 30, 60).double().reshape(1, 3, 4, 5).sin()
    maps = depthwise(x, torch.linspace(0, 9, 18).double().reshape(3, 2, 3).cos(), 1, 1)
    yield "2 by 3", maps
    yield "double", np.array([maps.dtype == torch.float64])
    yield "1 by 1", depthwise(x, torch.tensor([2.0, -1.0, 0.5]).double().reshape(3, 1, 1))


def hidden_gradient_and_input():
    """the gradient with respect to the kernels, and the image afterwards"""
    x = torch.linspace(0, 30, 72).reshape(2, 2, 3, 6).cos()
    weight = torch.linspace(0, 9, 18).reshape(2, 3, 3).sin().requires_grad_()
    depthwise(x, weight, 1, 1).square().sum().backward()
    yield "gradient", weight.grad
    yield "image", x


# %% [markdown]
# ## 2 · A separable block (3 points)
#
# Now with the layers of PyTorch, and a little more general than in the chapter: each channel gets `multiplier` filters in place of
# one, so that the depthwise convolution makes `multiplier` times as many maps as came in. The pointwise convolution mixes
# all of them.
#
# **Contract.** `separable(in_channels, out_channels, multiplier, stride)` returns a module: depthwise convolution of 3 by 3 with
# padding 1 and the stride, batch norm, ReLU6, pointwise convolution, batch norm, ReLU6. The convolutions have no bias.
#
# **Example.** `separable(4, 6, 2, 2)` turns maps of 4 by 10 by 8 into maps of 6 by 5 by 4. It holds 148 parameters:
# $9 \cdot 8 = 72$ and $8 \cdot 6 = 48$ in the convolutions, $2 \cdot 8$ and $2 \cdot 6$ in the norms.
#
# <details><summary>Hint: where to look</summary>
#
# `nn.Conv2d` has an argument `groups`: channels in and out are divided into so many parts, and each part of the outputs sees only its
# part of the inputs. How many parts are there if no filter may see two channels?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `inside = multiplier * in_channels`, the channels between the two convolutions.
#
# </details>


# %% role="answer" name="separable"
def separable(in_channels: int, out_channels: int, multiplier: int, stride: int) -> nn.Module:
    """Filters for each channel, then a mixture of channels at each place.

    Args:
        in_channels: C.
        out_channels: K.
        multiplier: filters for each channel of the input.
        stride: of the depthwise convolution.

    Returns:
        A module from (B, C, H, W) to (B, K, H2, W2).
    """
    ### BEGIN SOLUTION
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )
    ### END SOLUTION


# %% role="check" name="separable" points=3 refuse="torchvision timm DepthwiseSeparable SeparableConv2d FullConvolution"
def _block_maps(in_channels, out_channels, multiplier, stride, scale=1.0, training=True):
    block = fill(separable(in_channels, out_channels, multiplier, stride)).train(training)
    x = scale * torch.linspace(0, 40, 2 * in_channels * 6 * 8).reshape(2, in_channels, 6, 8).sin()
    return block(x)


def one_filter_each():
    """maps of a block from 4 channels to 6 with one filter for each channel, and its parameters"""
    yield "maps", _block_maps(4, 6, 1, 1)
    yield "parameters", sum(p.numel() for p in separable(4, 6, 1, 1).parameters())


def worked_block():
    """the example of the text: 4 to 6 channels, two filters for each channel, stride 2, in training and in evaluation"""
    yield "maps", _block_maps(4, 6, 2, 2)
    yield "evaluation", _block_maps(4, 6, 2, 2, training=False)
    yield "parameters", sum(p.numel() for p in separable(4, 6, 2, 2).parameters())


def large_values():
    """maps of a block in evaluation whose inputs are so large that the ceiling of 6 is reached"""
    yield "maps", _block_maps(3, 5, 1, 1, scale=40.0, training=False)


def large_weights():
    """maps of a block in evaluation whose weights are so large that the second activation reaches its ceiling"""
    block = fill(separable(3, 5, 1, 1)).eval()
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.mul_(4)
        yield "maps", block(torch.linspace(0, 40, 144).reshape(1, 3, 6, 8).sin())


def hidden_fewer_channels_out():
    """9 to 2 channels, and 1 to 4 channels with three filters"""
    yield "fewer", _block_maps(9, 2, 1, 2)
    yield "one in", _block_maps(1, 4, 3, 1)


def hidden_large_values_with_filters():
    """large inputs with three filters for each channel, stride 2, in evaluation and training"""
    yield "evaluation", _block_maps(2, 4, 3, 2, scale=60.0, training=False)
    yield "training", _block_maps(2, 4, 3, 2, scale=60.0)


def hidden_pixel():
    """one image of a single pixel, in evaluation"""
    block = fill(separable(3, 4, 1, 2)).eval()
    yield "maps", block(torch.tensor([1.0, -2.0, 30.0]).reshape(1, 3, 1, 1))


# %% [markdown]
# ## 3 · What it costs (4 points)
#
# Count multiply-accumulates first, then how many of them a layer does for each byte that it has to move. Nothing is
# built here: both functions are arithmetic. Biases, norms and activations are not counted.
#
# `costs(in_channels, out_channels, kernel, side, stride)` returns two integers for square maps of `side` pixels: the
# multiply-accumulates of a full convolution, and those of a depthwise separable one, which strides in its depthwise part.
# Padding is such that the output has $\lceil \text{side} / \text{stride} \rceil$ pixels a side. (2 points)
#
# `intensities(in_channels, out_channels, kernel, side)` returns three numbers for stride 1: multiply-accumulates *for each byte moved*,
# of the full convolution, of the depthwise one alone and of the pointwise one alone. A layer moves its whole input, its
# whole output and its weights, each once, as float32 of 4 bytes. (2 points)
#
# **Example.** `costs(4, 8, 3, 10, 1)` is `(28800, 6800)`. `intensities(8, 8, 3, 10)` is about `(6.618, 1.077, 0.962)`: the full
# convolution has $100 \cdot 9 \cdot 64$ multiply-accumulates and moves $4 \cdot (800 + 800 + 576)$ bytes.
#
# <details><summary>Hint: where to look</summary>
#
# For each layer ask: how many numbers does it put out, and how many products are in one of them? The depthwise
# convolution has as many channels out as in.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `places = math.ceil(side / stride) ** 2` in the first function, `places = side * side` in the second.
#
# </details>


# %% role="answer" name="bill"
def costs(in_channels: int, out_channels: int, kernel: int, side: int, stride: int) -> tuple[int, int]:
    """Multiply-accumulates of a full and of a depthwise separable convolution.

    Args:
        in_channels: C.
        out_channels: K.
        kernel: R.
        side: height and width of the maps that come in.
        stride: of the full convolution, and of the depthwise one.

    Returns:
        Of the full convolution, and of depthwise and pointwise together.
    """
    ### BEGIN SOLUTION
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)
    ### END SOLUTION


def intensities(in_channels: int, out_channels: int, kernel: int, side: int) -> tuple[float, float, float]:
    """Multiply-accumulates for each byte moved, at stride 1.

    Args:
        in_channels: C.
        out_channels: K, of the full and of the pointwise convolution.
        kernel: R, of the full and of the depthwise convolution.
        side: height and width of the maps.

    Returns:
        Of the full, the depthwise and the pointwise convolution.
    """
    ### BEGIN SOLUTION
    places = side * side

    def intensity(products: int, outputs: int, weights: int) -> float:
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)
    ### END SOLUTION


# %% role="check" name="costs" answer="bill" points=2 refuse="torchvision timm cost_ratio count_macs FlopCounterMode work intensities"
def worked_costs():
    """the example of the text"""
    yield "macs", np.array(costs(4, 8, 3, 10, 1))


def costs_with_stride():
    """6 to 5 channels, kernels of 5 by 5, 12 pixels, stride 2"""
    yield "macs", np.array(costs(6, 5, 5, 12, 2))


def hidden_costs_of_mobilenet():
    """the layer from 512 to 512 channels at 14 pixels, and the last one that strides"""
    yield "512", np.array(costs(512, 512, 3, 14, 1))
    yield "1024", np.array(costs(512, 1024, 3, 14, 2))


def hidden_odd_costs():
    """sides that the stride does not divide, a kernel of one pixel, one channel"""
    yield "odd", np.array(costs(3, 7, 3, 13, 2))
    yield "three", np.array(costs(2, 9, 7, 11, 3))
    yield "pixel", np.array(costs(4, 6, 1, 5, 1))
    yield "one", np.array(costs(1, 1, 3, 4, 1))


# %% role="check" name="intensities" answer="bill" points=2 refuse="torchvision timm cost_ratio count_macs FlopCounterMode work costs"
def worked_intensities():
    """the example of the text"""
    yield "intensities", np.array(intensities(8, 8, 3, 10))


def other_channels_out():
    """6 to 10 channels, kernels of 5 by 5, 7 pixels"""
    yield "intensities", np.array(intensities(6, 10, 5, 7))


def hidden_intensities_of_mobilenet():
    """512 to 512 channels at 14 pixels, 32 to 64 at 112"""
    yield "512", np.array(intensities(512, 512, 3, 14))
    yield "64", np.array(intensities(32, 64, 3, 112))


def hidden_single_pixel():
    """one pixel, where the weights are nearly all that is moved"""
    yield "intensities", np.array(intensities(20, 30, 3, 1))


# %% [markdown]
# ## 4 · Narrow, wide, narrow (4 points)
#
# Build the inverted residual of MobileNet v2, with a kernel of any odd size:
#
# 1. a pointwise convolution from $C$ to $E = $ `expansion` $\cdot\, C$ channels, batch norm, ReLU6. Here it is there also if the expansion is 1;
# 2. a depthwise convolution with the given kernel and stride, padded by half the kernel, batch norm, ReLU6;
# 3. a pointwise convolution from $E$ to $K$ channels and batch norm. *No activation*: this is the linear bottleneck.
#
# If the stride is 1 and $K = C$, the input is added to the result. In all other cases there is no skip, and no convolution on
# the way round either. The convolutions have no bias.
#
# **Contract.** `Inverted(in_channels, out_channels, kernel, stride, expansion)` is a module from $(B, C, H, W)$ to $(B, K, H_2, W_2)$. Two
# points are for blocks without a skip, two for the skip.
#
# **Example.** `Inverted(4, 6, 3, 2, 3)` holds 288 parameters: $48 + 24$, $108 + 24$ and $72 + 12$ in its three convolutions and the
# norms behind them. It turns maps of 4 by 8 by 8 into maps of 6 by 4 by 4, with negative values among them.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the three convolutions sees space? How many groups does it have? And which maps are the narrow ones, whose negative values
# shall survive?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `inside = expansion * in_channels`. In `forward`, the last line chooses between `x + h` and `h`.
#
# </details>


# %% role="answer" name="inverted"
class Inverted(nn.Module):
    """Widen, filter each channel, narrow again; add the input where shapes allow it.

    Args:
        in_channels: C.
        out_channels: K.
        kernel: of the depthwise convolution, odd.
        stride: of the depthwise convolution.
        expansion: E / C.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = self.branch(x)
        return x + h if self.skips else h
        ### END SOLUTION


# %% role="check" name="inverted" points=2 refuse="torchvision timm InvertedResidual DepthwiseSeparable FullConvolution"
def _inverted_maps(*sizes, scale=1.0, training=True, height=6, width=8):
    block = fill(Inverted(*sizes)).train(training)
    x = scale * torch.linspace(0, 40, 2 * sizes[0] * height * width).reshape(2, sizes[0], height, width).sin()
    return block(x)


def other_width():
    """4 to 6 channels at stride 1, in training, and the parameters"""
    yield "maps", _inverted_maps(4, 6, 3, 1, 3)
    yield "parameters", sum(p.numel() for p in Inverted(4, 6, 3, 1, 3).parameters())


def with_stride():
    """4 to 6 channels at stride 2, in training and in evaluation with large values"""
    yield "maps", _inverted_maps(4, 6, 3, 2, 3)
    yield "large", _inverted_maps(4, 6, 3, 2, 3, scale=40.0, training=False)


def hidden_larger_kernel():
    """a kernel of 5 by 5, and an expansion of 1"""
    yield "five", _inverted_maps(3, 5, 5, 2, 2)
    yield "no expansion", _inverted_maps(3, 5, 3, 1, 1)
    yield "its parameters", sum(p.numel() for p in Inverted(3, 5, 3, 1, 1).parameters())


def hidden_large_values_in_evaluation():
    """values so large that each ReLU6 reaches its ceiling, odd sides"""
    yield "maps", _inverted_maps(5, 3, 3, 2, 4, scale=90.0, training=False, height=5, width=7)


# %% role="check" name="inverted_skip" answer="inverted" points=2 refuse="torchvision timm InvertedResidual DepthwiseSeparable FullConvolution"
def _skipping_maps(*sizes, scale=1.0, training=True, height=6, width=8):
    block = fill(Inverted(*sizes)).train(training)
    x = scale * torch.linspace(0, 40, 2 * sizes[0] * height * width).reshape(2, sizes[0], height, width).sin()
    return block(x)


def same_shape():
    """5 to 5 channels at stride 1, in training, and the parameters"""
    yield "maps", _skipping_maps(5, 5, 3, 1, 2)
    yield "parameters", sum(p.numel() for p in Inverted(5, 5, 3, 1, 2).parameters())


def same_channels_but_stride():
    """5 to 5 channels at stride 2: the shapes differ, so there is no skip"""
    yield "maps", _skipping_maps(5, 5, 3, 2, 2)


def skip_in_evaluation():
    """5 to 5 channels at stride 1 in evaluation, with large values of both signs"""
    yield "maps", _skipping_maps(5, 5, 3, 1, 2, scale=30.0, training=False)


def skip_without_widening():
    """4 to 4 channels at stride 1 with an expansion of 1: the skip is there all the same"""
    yield "maps", _skipping_maps(4, 4, 3, 1, 1)


def hidden_zero_branch():
    """a block whose parameters are all zero must hand its input on, negative and large values too"""
    block = Inverted(4, 4, 3, 1, 6)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.zero_()
    yield "maps", block.eval()(torch.linspace(-9, 9, 64).reshape(1, 4, 4, 4))


def hidden_stride_on_one_pixel():
    """maps of one pixel, whose size stride 2 does not change: still no skip"""
    yield "maps", _skipping_maps(4, 4, 3, 2, 3, training=False, height=1, width=1)


def hidden_input_survives():
    """the input afterwards, in evaluation, and the gradient that reaches it"""
    block = fill(Inverted(3, 3, 5, 1, 2)).eval()
    x = torch.linspace(-4, 4, 75).reshape(1, 3, 5, 5).requires_grad_()
    y = block(x * 1.0)
    yield "gradient", torch.autograd.grad(y.square().sum(), x)[0]
    z = torch.linspace(-4, 4, 75).reshape(1, 3, 5, 5)
    with torch.no_grad():
        block(z)
    yield "input", z


# %% [markdown]
# ## 5 · As wide as the budget allows (4 points)
#
# A width multiplier makes all layers of a network narrower by one factor. Write two functions.
#
# `rounded(channels, divisor)` is MobileNet v2's rule for a number of channels (2 points):
#
# 1. Take the multiple of `divisor` that is nearest to `channels`. Halfway between two, take the upper one.
# 2. It is at least `divisor`.
# 3. If the result is less than nine tenths of `channels`, take the next multiple above it.
#
# `widest(layers, side, budget, widths)` chooses among the multipliers in `widths`: the *largest* for which the network needs at most
# `budget` multiply-accumulates, or 0 if none fits (2 points). `layers` lists channels and stride of each layer at width 1. The image has 3
# channels and `side` pixels a side. The first layer is a *full* convolution of 3 by 3, each other one is depthwise
# separable with a kernel of 3 by 3. Here channels follow the simpler rule of MobileNet v1: at width $\alpha$ a layer has
# `max(8, int(alpha * channels))` of them. The sides are divided by the stride and rounded up.
#
# **Example.** `rounded(30, 8)` is `32`, `rounded(20, 8)` is `24`, `rounded(11.4, 8)` is `16`.
# With `layers = [(16, 1), (32, 2)]` and 8 pixels, width 1 takes $27{,}648 + 10{,}496$ multiply-accumulates and width 0.5
# takes $13{,}824 + 3{,}200$. So `widest(layers, 8, 20000, [0.5, 1.0])` is `0.5`.
#
# <details><summary>Hint: where to look</summary>
#
# For the first: Python's `round` takes halves to the *even* neighbour. For the second: the channels that come into a layer are
# narrower too, but the image has three channels at every width.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `nearest = int(channels / divisor + 0.5) * divisor`. And for the second: `best = 0`, then a loop over the widths.
#
# </details>


# %% role="answer" name="width"
def rounded(channels: float, divisor: int) -> int:
    """A number of channels that hardware likes.

    Args:
        channels: wanted, above 0.
        divisor: at least 1.

    Returns:
        A multiple of the divisor.
    """
    ### BEGIN SOLUTION
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest
    ### END SOLUTION


def widest(layers: list[tuple[int, int]], side: int, budget: int, widths: list[float]) -> float:
    """The largest width multiplier within a budget.

    Args:
        layers: channels at width 1, and stride, of each layer; the first is a full convolution.
        side: height and width of the image, which has three channels.
        budget: multiply-accumulates that one image may take.
        widths: the multipliers to choose from, in any order.

    Returns:
        One of the widths, or 0.
    """
    ### BEGIN SOLUTION
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best
    ### END SOLUTION


# %% role="check" name="rounded" answer="width" points=2 refuse="torchvision timm round_channels _make_divisible make_divisible widest"
def worked_rounded():
    """the three examples of the text"""
    yield "channels", np.array([rounded(30, 8), rounded(20, 8), rounded(11.4, 8)])


def halves_and_small():
    """84 and 92, halfway between multiples of 8; 79 and 81, near one; 3 and 1, below the divisor"""
    yield "channels", np.array([rounded(c, 8) for c in (84, 92, 79, 81, 3, 1)])


def far_below():
    """8.5, 11, 17, 17.9 and 19.9: the nearest multiple of 8 may lie too far below"""
    yield "channels", np.array([rounded(c, 8) for c in (8.5, 11, 17, 17.9, 19.9)])


def hidden_widths_of_v2():
    """the stages of MobileNet v2 at widths 0.35, 0.5, 0.75 and 1.4"""
    stages = (32, 16, 24, 32, 64, 96, 160, 320)
    yield "channels", np.array([rounded(c * width, 8) for width in (0.35, 0.5, 0.75, 1.4) for c in stages])


def hidden_other_divisors():
    """divisors 1, 4, 5 and 32, and the edge of nine tenths"""
    yield (
        "channels",
        np.array([rounded(c, d) for c, d in ((7.4, 1), (9.9, 4), (42.5, 5), (70, 32), (47.9, 32), (80, 72))]),
    )


# %% role="check" name="widest" answer="width" points=2 refuse="torchvision timm count_macs FlopCounterMode MobileNetV1 work rounded"
def worked_widest():
    """the example of the text, with budgets of 20,000, of 40,000 and of 10,000"""
    yield "widths", np.array([widest([(16, 1), (32, 2)], 8, budget, [0.5, 1.0]) for budget in (20000, 40000, 10000)])


def four_layers():
    """four layers on 16 pixels, thirty-one widths in no order, budgets from 20,000 to 1,200,000"""
    layers = [(16, 1), (32, 2), (64, 1), (64, 2)]
    widths = [n / 20 for n in sorted(range(10, 41), key=lambda n: 7 * n % 31)]
    yield "widths", np.array([widest(layers, 16, budget, widths) for budget in range(20000, 1200000, 20000)])


def exactly_the_budget():
    """a budget that one width needs to the last multiply-accumulate, and one less"""
    yield "widths", np.array([widest([(16, 1), (32, 2)], 8, budget, [0.5, 1.0]) for budget in (38144, 38143)])


def hidden_many_widths():
    """fifty widths for MobileNet v1 at 224 pixels, four budgets"""
    layers = [(32, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    widths = [n / 25 for n in range(1, 51)]
    yield "widths", np.array([widest(layers, 224, budget, widths) for budget in (568 * 10**6, 3 * 10**8, 10**8, 10**7)])


def hidden_odd_sides_and_narrow():
    """17 pixels, strides of 2 and 3, widths at which the minimum of eight channels counts; every budget in steps"""
    layers = [(12, 2), (24, 2), (40, 1), (48, 3)]
    widths = [0.1, 0.3, 0.45, 0.7, 0.9, 1.1]
    yield "widths", np.array([widest(layers, 17, budget, widths) for budget in range(15000, 90000, 300)])


# %% [markdown]
# ## 6 · What does the clock say? (3 points, read by a person)
#
# The next code cell runs three layers of 128 channels on maps of 28 by 28 pixels, one after the other, many times: a full convolution of
# 3 by 3, a depthwise one of 3 by 3 and a pointwise one. For each it prints the multiply-accumulates, the bytes moved, the
# time, and how many multiply-accumulates the machine does in a second, as a share of what it does in the full
# convolution.
#
# **First predict, then run.** Before you run it, write down the ratio of multiply-accumulates between the full and the depthwise convolution,
# and your guess of the ratio of their times. Then run it twice and explain:
#
# 1. What did you predict, what came out, and by how much did the two runs differ?
# 2. Which layer does the most multiply-accumulates in a second and which the fewest? What have the bytes to do with it?
# 3. Someone reports: *"our network needs a ninth of the multiply-accumulates, so it is nine times as fast"*. What would you answer?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, with the spread between runs. A wrong prediction costs nothing.
# - **The reason**: a depthwise convolution does few multiply-accumulates for each byte, so it waits for memory (or for the
#   overhead of the call), while the full one uses each number that it has fetched many times.
# - **The answer** says that a count is no time, names what else counts (bytes, the machine, the program, batch size), and asks for a
#   measurement on the machine that is meant.

# %% [markdown] role="written" name="clock" points=3
# *Prediction.* The full convolution has $128 \cdot 9 = 1{,}152$ products for each output, the depthwise one has 9, so the counts
# differ by a factor of 128. I guessed that the times differ by 60. *Result.* The depthwise convolution was about 10 times as fast in
# the first run and about 12 times in the second, so the runs differ by a fifth, and both are far from 128.
#
# *The reason.* The full convolution does the most multiply-accumulates in a second, the depthwise one by far the fewest. Both read and write maps
# of the same size, so they move nearly the same number of bytes. The full one uses each number for 1,152 products or so,
# the depthwise one for 9. It is done with the arithmetic long before the next numbers have arrived.
#
# *The answer.* The count says how much arithmetic there is, not how long it takes. Time also depends on bytes moved, on how well
# the program uses this machine, on the batch. Please measure both networks on the machine that shall run them, several
# times, and show the spread.


# %% role="given" name="clock_run"
CHANNELS, SIDE = 128, 28
maps = torch.rand(1, CHANNELS, SIDE, SIDE)
candidates = {
    "full": nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False),
    "depthwise": nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, groups=CHANNELS, bias=False),
    "pointwise": nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False),
}
seconds = {name: [] for name in candidates}
with torch.no_grad():
    for repeat in range(60):
        for name, layer in candidates.items():
            start = time.perf_counter()
            layer(maps)
            if repeat >= 5:  # the first rounds warm up
                seconds[name].append(time.perf_counter() - start)
rates = {}
for name, layer in candidates.items():
    macs = measure.count_macs(layer, maps)
    moved = 4 * (2 * maps.numel() + layer.weight.numel())
    middle = float(np.median(seconds[name]))
    rates[name] = macs / middle
    print(
        f"{name:9} {macs / 1e6:7.2f} M multiply-accumulates, {moved / 1e6:.2f} MB, {1e3 * middle:6.3f} ms,"
        f" {rates[name] / rates['full']:5.0%} of the full convolution's rate"
    )

# %% [markdown]
# ## Optional: larger maps, and a GPU (no points)
#
# Does the picture change with the size? The next cell repeats the comparison for batches of 1 and more, on the fastest device at hand. Predict
# for which batch the depthwise convolution comes closest to its count, then run it.

# %% role="given" name="larger"
wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
for batch in (1, 8, 64) if device.type == "cuda" else (1, 4):
    maps = torch.rand(batch, CHANNELS, SIDE, SIDE, device=device)
    middles = {}
    for name, layer in candidates.items():
        layer = layer.to(device)
        times = []
        with torch.no_grad():
            for _ in range(25):
                wait()
                start = time.perf_counter()
                layer(maps)
                wait()
                times.append(time.perf_counter() - start)
        middles[name] = float(np.median(times[5:]))
    ratio = middles["full"] / middles["depthwise"]
    print(f"batch {batch:3}: the depthwise convolution is {ratio:.1f} times as fast; counted: {CHANNELS} times")
