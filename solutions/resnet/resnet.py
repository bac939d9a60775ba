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

# %% [markdown] role="title" chapter="vision/resnet" minutes=95
# # ResNet: learn the difference
#
# **21 points, about 95 minutes.** This exercise belongs to the chapter *ResNet: learn the difference*.
#
# You build residual blocks with your own hands: the plain one, one that changes the shape, a squeezed one with its
# bill, and one in the later order. You put a trained block to sleep without killing it, and you decide how deep a
# network may be when its width is given and its size is not to exceed a budget.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your answer and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, a single image, evaluation mode.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# You may name the parts of your classes as you like and create them in any order. The checks fill the parameters by a
# rule that looks at their shapes alone. A block leaves the tensor that it is given unchanged.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $H$ and $W$ height and
# width in pixels. Every convolution here comes before a batch norm or feeds a sum, and has no bias.

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
# ## 1 · The block (3 points)
#
# A residual block computes
#
# $$y = \mathrm{relu}\bigl(x + f(x)\bigr),$$
#
# where the *branch* $f$ is a 3×3 convolution, a batch norm, a ReLU, another 3×3 convolution and another batch norm. The
# *shortcut*, the lone $x$, passes by untouched.
#
# Here the branch may be wider or narrower than the path it belongs to: its first convolution goes from $C$ channels
# to `hidden` channels, its second one goes back to $C$. Both keep height and width.
#
# **Contract.** `ResidualBlock(channels, hidden)` is an `nn.Module`. Its input and its output have shape
# $(B, C, H, W)$ with $C$ = `channels`.
#
# **Example.** `ResidualBlock(4, 6)` holds 452 parameters: $4 \cdot 6 \cdot 9 = 216$ in the first convolution, as many
# in the second, $2 \cdot 6$ in the first batch norm and $2 \cdot 4$ in the second.
#
# <details><summary>Hint: where to look</summary>
#
# Count the ReLUs: there are two. Between which two steps does each one stand? And do you still hold the old `x` when
# you need it for the sum?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)` in `__init__`.
#
# </details>


# %% role="answer" name="ResidualBlock"
class ResidualBlock(nn.Module):
    """relu(x + f(x)), where f is two 3x3 convolutions with a batch norm behind each.

    Args:
        channels: C, of the input and of the output.
        hidden: channels between the two convolutions.
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to the same shape."""
        ### BEGIN SOLUTION
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))
        ### END SOLUTION


# %% role="check" name="ResidualBlock" points=2 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def equal_widths():
    """2 images of 4 channels, values of both signs, hidden = 4"""
    yield "output", fill(ResidualBlock(4, 4)).double()(_images(2, 4, 5, 5))


def another_hidden_width():
    """2 images of 4 channels, hidden = 6"""
    yield "output", fill(ResidualBlock(4, 6)).double()(_images(2, 4, 5, 5))


def input_untouched():
    """the input as it is after the call"""
    x = _images(2, 4, 5, 5)
    fill(ResidualBlock(4, 4)).double()(x)
    yield "input", x


def hidden_gradient():
    """the gradient that arrives at the input, images of 4 by 6 pixels"""
    x = _images(3, 2, 4, 6).requires_grad_()
    y = fill(ResidualBlock(2, 5)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


def hidden_one_image_in_evaluation_mode():
    """one image in single precision, in evaluation mode, after one step in training mode"""
    block = fill(ResidualBlock(3, 2))
    block(_images(4, 3, 4, 4).float())
    yield "output", block.eval()(_images(1, 3, 4, 4).float())


# %% role="check" name="ResidualBlock_size" answer="ResidualBlock" points=1 refuse="torchvision timm preact_resnet"
def four_and_six():
    """how many parameters ResidualBlock(4, 6) holds"""
    yield "parameters", sum(p.numel() for p in ResidualBlock(4, 6).parameters())


def hidden_other_sizes():
    """how many parameters other blocks hold"""
    yield "narrow", sum(p.numel() for p in ResidualBlock(16, 1).parameters())
    yield "wide", sum(p.numel() for p in ResidualBlock(1, 16).parameters())


# %% [markdown]
# ## 2 · When the shapes differ (3 points)
#
# A sum needs equal shapes. Where a stage begins, $f$ has fewer pixels and more channels than $x$, so $x$ has to be
# carried into the new shape. The paper does it with a 1×1 convolution that strides, and batch norm behind it. With a
# stride of 2 that convolution looks at one pixel of every four and never sees the other three.
#
# Build the repair that became common later: *first* average each square of stride × stride pixels, *then* apply the
# 1×1 convolution without a stride, then batch norm.
#
# - The branch: 3×3 convolution with the stride, from $C$ to $K$ channels; batch norm; ReLU; 3×3 convolution from $K$
#   to $K$; batch norm.
# - The shortcut: average (left out if the stride is 1), 1×1 convolution, batch norm. If the stride is 1 *and* $C = K$,
#   the shortcut is $x$ itself, with no parameters.
# - After the sum: ReLU.
#
# **Contract.** `DownBlock(in_channels, out_channels, stride)` goes from $(B, C, H, W)$ to
# $(B, K, H / \text{stride}, W / \text{stride})$; $H$ and $W$ are multiples of the stride.
#
# **Example.** The image `[[0, 4], [8, 12]]` in one channel, stride 2: the shortcut's 1×1 convolution sees the single
# value 6, the mean. A strided one would see 0.
#
# <details><summary>Hint: where to look</summary>
#
# In which of the branch's two convolutions can the stride stand so that the second one works on the small image? When
# exactly do input and output have the same shape?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `F.avg_pool2d(x, stride)` averages; as a module it is `nn.AvgPool2d(stride)`.
#
# </details>


# %% role="answer" name="DownBlock"
class DownBlock(nn.Module):
    """relu(f(x) + shortcut(x)) with a shortcut that averages before it projects.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        stride: factor by which H and W shrink.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, K, H / stride, W / stride)."""
        ### BEGIN SOLUTION
        return F.relu(self.branch(x) + self.shortcut(x))
        ### END SOLUTION


# %% role="check" name="DownBlock" points=2 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def halved():
    """2 images, 4 to 6 channels, stride 2"""
    yield "output", fill(DownBlock(4, 6, 2)).double()(_images(2, 4, 6, 6))


def more_channels():
    """2 images, 3 to 5 channels, stride 1"""
    yield "output", fill(DownBlock(3, 5, 1)).double()(_images(2, 3, 4, 4))


def hidden_same_shape():
    """2 images, 4 to 4 channels, stride 1"""
    yield "output", fill(DownBlock(4, 4, 1)).double()(_images(2, 4, 4, 4))


def hidden_same_channels():
    """2 images, 4 to 4 channels, stride 2"""
    yield "output", fill(DownBlock(4, 4, 2)).double()(_images(2, 4, 4, 8))


def hidden_gradient():
    """the gradient that arrives at the input, stride 3"""
    x = _images(2, 2, 6, 9).requires_grad_()
    y = fill(DownBlock(2, 3, 3)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


def hidden_one_image_in_evaluation_mode():
    """one image in single precision, in evaluation mode, after one step in training mode"""
    block = fill(DownBlock(3, 4, 2))
    block(_images(4, 3, 4, 4).float())
    yield "output", block.eval()(_images(1, 3, 4, 4).float())


# %% role="check" name="DownBlock_size" answer="DownBlock" points=1 refuse="torchvision timm preact_resnet"
def projecting():
    """how many parameters DownBlock(4, 6, 2) holds"""
    yield "parameters", sum(p.numel() for p in DownBlock(4, 6, 2).parameters())


def keeping():
    """how many parameters DownBlock(4, 4, 1) holds"""
    yield "parameters", sum(p.numel() for p in DownBlock(4, 4, 1).parameters())


def hidden_either():
    """how many parameters a block holds where only the stride, or only the channels, change"""
    yield "only the stride", sum(p.numel() for p in DownBlock(4, 4, 2).parameters())
    yield "only the channels", sum(p.numel() for p in DownBlock(8, 4, 1).parameters())


# %% [markdown]
# ## 3 · Squeeze, work, restore (2 points)
#
# A 3×3 convolution between 256 channels costs 589,824 weights. A *bottleneck* does the 3×3 work on few channels: a 1×1
# convolution squeezes, the 3×3 works, a 1×1 restores.
#
# In this task the 3×3 convolution may also be split into *groups*: with `groups=2` the first half of its output
# channels sees only the first half of its input channels, and so on (PyTorch's convolution has an argument for it).
#
# - The branch: 1×1 convolution from $C$ to `hidden`; batch norm; ReLU; 3×3 convolution from `hidden` to `hidden` with
#   the groups; batch norm; ReLU; 1×1 convolution from `hidden` to $K$ = `hidden` × `expansion`; batch norm.
# - The shortcut: $x$ itself if $C = K$, else a 1×1 convolution from $C$ to $K$ with batch norm.
# - After the sum: ReLU.
#
# **Contract.** `GroupedBottleneck(in_channels, hidden, expansion=4, groups=1)` goes from $(B, C, H, W)$ to
# $(B, K, H, W)$; `hidden` is a multiple of `groups`.
#
# **Example.** `GroupedBottleneck(64, 64)` turns 64 channels into 256, so it projects. A following
# `GroupedBottleneck(256, 64)` keeps 256 and does not.
#
# <details><summary>Hint: where to look</summary>
#
# Three convolutions, three batch norms, three ReLUs. The last ReLU does not belong to the branch.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `out_channels = hidden * expansion`.
#
# </details>


# %% role="answer" name="GroupedBottleneck"
class GroupedBottleneck(nn.Module):
    """relu(f(x) + shortcut(x)), where f squeezes, convolves in groups, and restores.

    Args:
        in_channels: C, channels of the input.
        hidden: channels of the 3x3 convolution, a multiple of groups.
        expansion: channels of the output for each hidden channel.
        groups: parts into which the 3x3 convolution is split.
    """

    def __init__(self, in_channels: int, hidden: int, expansion: int = 4, groups: int = 1) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, hidden * expansion, H, W)."""
        ### BEGIN SOLUTION
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))
        ### END SOLUTION


# %% role="check" name="GroupedBottleneck" points=2 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def first_of_a_stage():
    """2 images, 4 channels, hidden 2, expansion 4"""
    yield "output", fill(GroupedBottleneck(4, 2)).double()(_images(2, 4, 4, 4))


def next_of_a_stage():
    """2 images, 8 channels, hidden 2, expansion 4, two groups"""
    yield "output", fill(GroupedBottleneck(8, 2, groups=2)).double()(_images(2, 8, 4, 4))


def hidden_other_expansion():
    """2 images, 6 channels, hidden 4, expansion 2, two groups: parameters and output"""
    block = fill(GroupedBottleneck(6, 4, expansion=2, groups=2)).double()
    yield "parameters", sum(p.numel() for p in block.parameters())
    yield "output", block(_images(2, 6, 3, 5))


def hidden_narrowing():
    """2 images, more channels in than out"""
    yield "output", fill(GroupedBottleneck(12, 4, expansion=1, groups=4)).double()(_images(2, 12, 3, 3))


def hidden_gradient():
    """the gradient that arrives at the input"""
    x = _images(2, 4, 4, 5).requires_grad_()
    y = fill(GroupedBottleneck(4, 4, expansion=1)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


def hidden_one_image_in_evaluation_mode():
    """one image in single precision, in evaluation mode, after one step in training mode"""
    block = fill(GroupedBottleneck(3, 2, expansion=3))
    block(_images(4, 3, 4, 4).float())
    yield "output", block.eval()(_images(1, 3, 4, 4).float())
    yield "parameters", sum(p.numel() for p in block.parameters())


# %% [markdown]
# ## 4 · What the bottleneck costs (2 points)
#
# Work out the bill of such a block without building it. Take a block whose input already has `channels` channels, so
# that its shortcut is the identity, on images of side × side pixels.
#
# - *Parameters*: all weights of the three convolutions and of the three batch norms (two numbers a channel each).
# - *Multiply-adds* (the chapter's multiply-accumulates): those of the convolutions for one image. Batch norm, ReLU and
#   the sum are left out, as in most papers.
#
# **Contract.** `bottleneck_cost(channels, hidden, side, groups=1)` returns two whole numbers: parameters, multiply-adds.
#
# **Example.** `bottleneck_cost(256, 64, 56)` returns `(70400, 218365952)`. A basic block of two 3×3 convolutions
# between 256 channels would take 1,180,672 parameters and 3,699,376,128 multiply-adds.
#
# <details><summary>Hint: where to look</summary>
#
# Each weight of a convolution is used once for every pixel of its output.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `squeeze = channels * hidden` is the first convolution; the last one has as many.
#
# </details>


# %% role="answer" name="bottleneck_cost"
def bottleneck_cost(channels: int, hidden: int, side: int, groups: int = 1) -> tuple[int, int]:
    """Parameters and multiply-adds of a bottleneck with an identity shortcut.

    Args:
        channels: of the input and of the output.
        hidden: channels of the 3x3 convolution, a multiple of groups.
        side: height and width of the image in pixels.
        groups: parts into which the 3x3 convolution is split.

    Returns:
        Parameters, and multiply-adds for one image.
    """
    ### BEGIN SOLUTION
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return weights + norms, weights * side * side
    ### END SOLUTION


# %% role="check" name="bottleneck_parameters" answer="bottleneck_cost" points=1 refuse="torchvision timm preact_resnet"
def the_papers_block():
    """parameters of the block of the example: 256 channels squeezed to 64"""
    yield "parameters", bottleneck_cost(256, 64, 56)[0]


def grouped():
    """parameters with 32 groups: 256 channels squeezed to 128"""
    yield "parameters", bottleneck_cost(256, 128, 56, groups=32)[0]


def hidden_sizes():
    """parameters of other sizes, groups among them"""
    yield "parameters", [bottleneck_cost(*sizes)[0] for sizes in ((7, 3, 5), (8, 6, 2, 3), (1, 2, 9, 2), (512, 64, 28))]


# %% role="check" name="bottleneck_multiply_adds" answer="bottleneck_cost" points=1 refuse="count_macs FlopCounterMode torchvision timm preact_resnet"
def the_papers_block():
    """multiply-adds of the block of the example, at 56 by 56 pixels"""
    yield "multiply-adds", bottleneck_cost(256, 64, 56)[1]


def grouped():
    """multiply-adds with 32 groups, at 14 by 14 pixels"""
    yield "multiply-adds", bottleneck_cost(256, 128, 14, groups=32)[1]


def hidden_sizes():
    """multiply-adds of other sizes, groups among them"""
    yield "multiply-adds", [bottleneck_cost(*sizes)[1] for sizes in ((7, 3, 5), (8, 6, 2, 3), (1, 2, 1, 2))]


# %% [markdown]
# ## 5 · Put a block to sleep (2 points)
#
# A residual block can do nothing at all: if its branch gives zero, the input passes. Networks are often *started* in
# that state. It must be sleep and not death, though: the first training step has to be able to wake the block.
#
# The next cell gives you a block. Write `silence(block)`, which changes a block *that has already been trained* so that
# its branch gives exactly zero for every input, in training and in evaluation mode. Change only parameters of the last
# layer of the branch, its second batch norm; everything before it stays as it is.
#
# **Contract.** `silence(block)` changes the block in place and returns nothing. Afterwards `block(x)` equals
# `F.relu(x)` in every entry.
#
# **Example.** For a batch norm with weight 2 and bias 0.5 a normalised value of $-0.3$ becomes $2 \cdot (-0.3) + 0.5 =
# -0.1$. Which values of weight and bias turn *every* value into 0?
#
# <details><summary>Hint: where to look</summary>
#
# Fresh batch norms start with weight 1 and bias 0. This one has been trained, and both have moved.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `last = block.branch[-1]`. Parameters are changed inside `with torch.no_grad():`, or by the functions of `nn.init`.
#
# </details>


# %% role="given" name="sleeper"
class Sleeper(nn.Module):
    """A residual block: relu(x + branch(x))."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.branch(x))


# %% role="answer" name="silence"
def silence(block: Sleeper) -> None:
    """Make the branch of a trained block give zero, so that a training step can still wake it.

    Args:
        block: changed in place, in its last batch norm only.
    """
    ### BEGIN SOLUTION
    last = block.branch[-1]
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    ### END SOLUTION


# %% role="check" name="silence" points=2 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def _trained(channels):
    block = fill(Sleeper(channels)).double()
    for scale in (1.0, 3.0):
        block(scale * _images(3, channels, 4, 4) + 0.5)
    return block


def asleep():
    """the output of a trained block after silence(block), in evaluation mode, for values of both signs"""
    block = _trained(4)
    silence(block)
    yield "output", block.eval()(_images(2, 4, 5, 5))


def untouched():
    """the parameters before the last batch norm, after silence(block)"""
    block = _trained(2)
    silence(block)
    yield "parameters", torch.cat([p.flatten() for p in block.branch[:-1].parameters()])


def hidden_training_mode():
    """the output in training mode, one image"""
    block = _trained(3)
    silence(block)
    yield "output", block(_images(1, 3, 4, 4) - 0.2)


def hidden_able_to_wake():
    """the gradients of the last batch norm, from which it would wake"""
    block = _trained(3)
    silence(block)
    y = block(_images(2, 3, 4, 4))
    (y * _images(*y.shape).cos()).sum().backward()
    yield "of the weight", block.branch[-1].weight.grad
    yield "of the bias", block.branch[-1].bias.grad


# %% [markdown]
# ## 6 · The later order (3 points)
#
# **First part, 2 points.** In the block of task 1 a ReLU stands on the path itself, after the sum. The authors' second
# paper moves it: batch norm and ReLU come *before* each convolution, and after the sum comes nothing:
#
# $$y = x + f(x), \qquad f: \text{norm, ReLU, convolution, norm, ReLU, convolution}.$$
#
# Then the input of a network reaches its end through nothing but sums.
#
# **Contract.** `PreActivation(channels, hidden)` goes from $(B, C, H, W)$ to the same shape; its first 3×3 convolution
# goes from $C$ to `hidden` channels, its second one back to $C$.
#
# **Example.** `PreActivation(4, 6)` holds 452 parameters, as the block of task 1, but its *first* batch norm has 4
# channels and its second one has 6.
#
# <details><summary>Hint: where to look</summary>
#
# Each batch norm now stands before a convolution. How many channels does it see? Which tensor is added at the end: the
# input, or the input after norm and ReLU?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.norm1 = nn.BatchNorm2d(channels)` in `__init__`.
#
# </details>


# %% role="answer" name="PreActivation"
class PreActivation(nn.Module):
    """x + f(x), where f is norm, ReLU, 3x3 convolution, twice.

    Args:
        channels: C, of the input and of the output.
        hidden: channels between the two convolutions.
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to the same shape."""
        ### BEGIN SOLUTION
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))
        ### END SOLUTION


# %% role="check" name="PreActivation" points=2 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def equal_widths():
    """2 images of 4 channels, values of both signs, hidden = 4"""
    yield "output", fill(PreActivation(4, 4)).double()(_images(2, 4, 5, 5))


def another_hidden_width():
    """2 images of 4 channels, hidden = 6: parameters and output"""
    block = fill(PreActivation(4, 6)).double()
    yield "parameters", sum(p.numel() for p in block.parameters())
    yield "output", block(_images(2, 4, 5, 5))


def hidden_gradient():
    """the gradient that arrives at the input, images of 4 by 6 pixels"""
    x = _images(3, 2, 4, 6).requires_grad_()
    y = fill(PreActivation(2, 5)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


def hidden_one_image_in_evaluation_mode():
    """one image in single precision, in evaluation mode, after one step in training mode"""
    block = fill(PreActivation(3, 2))
    block(_images(4, 3, 4, 4).float())
    yield "output", block.eval()(_images(1, 3, 4, 4).float())


def hidden_input_untouched():
    """the input as it is after the call"""
    x = _images(2, 4, 5, 5)
    fill(PreActivation(4, 4)).double()(x)
    yield "input", x


# %% [markdown]
# **Second part, 1 point.** A block in this order can sleep too, and here is the catch. `silence_later(block)` gets a
# trained block of the class below and makes its branch give exactly zero for every input, in training and in evaluation
# mode. It changes the parameters of *one* layer and leaves all others as they are. And it must be sleep and not death: the
# first training step has to be able to change that layer, so a gradient has to arrive at it.
#
# **Contract.** `silence_later(block)` changes the block in place and returns nothing. Afterwards `block(x)` equals `x` in
# every entry.
#
# **Example.** After `silence_later(block)` and a backward pass, the gradient of the layer that you have changed is not zero.
#
# <details><summary>Hint: where to look</summary>
#
# Two layers of this branch can bring it to zero by themselves. Behind one of them stands a ReLU, and PyTorch takes the
# slope of a ReLU at 0 to be 0. What arrives at a layer before it?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `last = block.branch[-1]`. Which parameters does it have?
#
# </details>


# %% role="given" name="later_sleeper"
class LaterSleeper(nn.Module):
    """A residual block in the later order: x + branch(x)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


# %% role="answer" name="silence_later"
def silence_later(block: LaterSleeper) -> None:
    """Make the branch of a trained block give zero, so that a training step can still wake it.

    Args:
        block: changed in place, in one layer of its branch.
    """
    ### BEGIN SOLUTION
    nn.init.zeros_(block.branch[-1].weight)
    ### END SOLUTION


# %% role="check" name="silence_later" points=1 refuse="torchvision timm preact_resnet"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def _trained(channels):
    block = fill(LaterSleeper(channels)).double()
    for scale in (1.0, 3.0):
        block(scale * _images(3, channels, 4, 4) + 0.5)
    return block


def asleep():
    """the output of a trained block after silence_later(block), in evaluation mode"""
    block = _trained(4)
    silence_later(block)
    yield "output", block.eval()(_images(2, 4, 5, 5))


def untouched():
    """the parameters before the last layer, after silence_later(block)"""
    block = _trained(2)
    silence_later(block)
    yield "parameters", torch.cat([p.flatten() for p in block.branch[:-1].parameters()])


def hidden_training_mode():
    """the output in training mode, one image"""
    block = _trained(3)
    silence_later(block)
    yield "output", block(_images(1, 3, 4, 4) - 0.2)


def hidden_able_to_wake():
    """the gradient of the last layer, from which it would wake"""
    block = _trained(3)
    silence_later(block)
    y = block(_images(2, 3, 4, 4))
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", block.branch[-1].weight.grad


# %% [markdown]
# ## 7 · Wide against deep (3 points)
#
# A wide residual network for images of 32 by 32 pixels is named by its *depth* and its *width*: WRN-28-10 has depth 28
# and width 10. It is built so, with $n = (\text{depth} - 4) / 6$ blocks in a stage and $k$ for the width:
#
# | part | from → to channels | made of |
# |---|---|---|
# | stem | 3 → 16 | one 3×3 convolution |
# | stage 1 | 16 → $16k$ | $n$ blocks |
# | stage 2 | $16k$ → $32k$ | $n$ blocks, the first with stride 2 |
# | stage 3 | $32k$ → $64k$ | $n$ blocks, the first with stride 2 |
# | end | $64k$ → 10 | batch norm, ReLU, average over the pixels, one linear layer with bias |
#
# A block is the one of task 6 with two 3×3 convolutions: batch norm of the channels that come in, convolution to the
# channels of the stage, batch norm, convolution. Only the first block of a stage changes the channels. Where the shape
# changes, a 1×1 convolution without batch norm is the shortcut. No convolution has a bias; a batch norm has two
# parameters a channel.
#
# **First part, 2 points.** `wide_parameters(depth, width)` counts the parameters.
#
# **Example.** `wide_parameters(16, 8)` is 10,961,370.
#
# <details><summary>Hint: where to look</summary>
#
# Write the count of one block as a function of its channels in and out, then add up. At width 1, does the first block of
# stage 1 change the shape?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `blocks = (depth - 4) // 6`.
#
# </details>


# %% role="answer" name="wide_parameters"
def wide_parameters(depth: int, width: int) -> int:
    """Parameters of the wide residual network WRN-depth-width with 10 classes.

    Args:
        depth: 6n + 4.
        width: k, at least 1.
    """
    ### BEGIN SOLUTION
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10
    ### END SOLUTION


# %% role="check" name="wide_parameters" points=2 refuse="torchvision timm preact_resnet"
def from_the_text():
    """WRN-16-8"""
    yield "parameters", wide_parameters(16, 8)


def deeper():
    """WRN-40-4"""
    yield "parameters", wide_parameters(40, 4)


def hidden_smallest():
    """one block in a stage, width 2"""
    yield "parameters", wide_parameters(10, 2)


def hidden_width_one():
    """width 1, where stage 1 has as many channels as the stem"""
    yield "parameters", [wide_parameters(10, 1), wide_parameters(22, 1)]


def hidden_large():
    """WRN-28-10"""
    yield "parameters", wide_parameters(28, 10)


# %% [markdown]
# **Second part, 1 point.** You are given a width and a budget. Which is the deepest network that you can afford?
#
# Your function gets the counting as an argument, `count(depth, width)`, so that it does not depend on the first part.
# Depths are 10, 16, 22 and so on, one block in a stage more each time; the count grows with the depth.
#
# **Contract.** `deepest(count, budget, width)` returns the largest such depth with `count(depth, width) <= budget`, and
# 0 if even depth 10 costs more.
#
# **Example.** With the true count, a width of 10 and a budget of 36,479,194, the answer is 28: WRN-28-10 fits to the
# last parameter. With one parameter less it is 22.
#
# <details><summary>Hint: where to look</summary>
#
# Try depths in order and stop when one does not fit. What do you return if the first one does not?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `depth = 10`.
#
# </details>


# %% role="answer" name="deepest"
def deepest(count, budget: int, width: int) -> int:
    """The largest affordable depth of a wide residual network.

    Args:
        count: a function from depth and width to a number of parameters, growing with the depth.
        budget: parameters that may be spent, all of them included.
        width: k of every network that is considered.

    Returns:
        10, 16, 22, ..., or 0 if none is affordable.
    """
    ### BEGIN SOLUTION
    depth = 10
    while count(depth, width) <= budget:
        depth += 6
    return depth - 6 if depth > 10 else 0
    ### END SOLUTION


# %% role="check" name="deepest" points=1 refuse="torchvision timm preact_resnet"
def _count(depth, width):
    """Any growing count will do; this one has the right order of growth."""
    if depth < 4:
        raise ValueError(f"there is no wide residual network of depth {depth}")
    return 1000 * width + (depth - 4) // 6 * (48_000 * width * width + 200 * width)


def to_the_last_parameter():
    """a budget that one network meets exactly, and one parameter less"""
    exact = _count(28, 3)
    yield "exact", deepest(_count, exact, 3)
    yield "one less", deepest(_count, exact - 1, 3)


def hidden_nothing_fits():
    """a budget below the smallest network, and one that it meets exactly"""
    yield "too small", deepest(_count, _count(10, 2) - 1, 2)
    yield "smallest", deepest(_count, _count(10, 2), 2)


def hidden_many():
    """a list of budgets and widths"""
    yield "depths", [deepest(_count, budget, width) for budget in (10**5, 10**6, 10**7) for width in (1, 2, 5)]


# %% [markdown]
# ## 8 · Why doing nothing is easy (3 points, read by a person)
#
# The cell after the next one sends inputs through a stack of ten silent blocks, of three kinds:
#
# - **after the sum**: $\mathrm{relu}(x + f(x))$, the block of task 1,
# - **pre-activation**: $x + f(x)$, the block of task 6,
# - **plain**: $\mathrm{relu}(f(x))$, the same layers without a shortcut,
#
# each with a branch that gives zero. It prints the largest distance between output and input, once for inputs of
# both signs and once for inputs that are nowhere negative.
#
# **First predict, then run.** Write down which of the six distances are zero. Then run the cell and explain:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. Prove, for every input: for which $x$ is a silent block of each kind the identity? And why do ten in a row
#    change nothing about the answer for the first two kinds?
# 3. A plain network can learn the identity too, in principle. What would its weights have to do for that, and towards
#    what does weight decay pull a block with a shortcut, and one without?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and a difference is explained. A wrong prediction costs nothing.
# - **The proof holds for all inputs**: it names the condition on $x$ for each kind and says why a second block meets
#   it. Numbers from the cell are no proof.
# - **The comparison** says that zero weights give the identity with a shortcut and zero without, and what the plain
#   layers would have to compute instead.

# %% [markdown] role="written" name="identity" points=3
# *Prediction.* I expected zero for both rows of the two kinds with a shortcut, and something large for the plain one.
# *Result.* The pre-activation stack gives 0 twice. The stack with a ReLU after the sum gives 0 for inputs that are
# nowhere negative, and for the others the size of the most negative entry, which I had overlooked. The plain stack
# gives the largest entry of the input, in size, both times: its output is zero.
#
# *Proof.* With $f(x) = 0$ a pre-activation block returns $x + 0 = x$ for every $x$, and so do ten. A block with a ReLU
# after the sum returns $\mathrm{relu}(x)$, which is $x$ exactly where $x \ge 0$; so it is the identity for inputs
# without a negative entry, and for no others. What it returns is never negative, so from the second block on the
# condition holds: ten blocks return $\mathrm{relu}(x)$, as one does. A plain block returns $\mathrm{relu}(0) = 0$: the
# identity for $x = 0$ alone.
#
# *Comparison.* For the identity, the plain layers must pass every value on exactly: a kernel with a single one in its
# middle for each channel, and norms that undo their own scaling. No usual start lies near there. Weight decay pulls
# all weights to zero. With a shortcut that means: towards the identity. Without one it means: towards a
# block that forgets its input.


# %% role="given" name="silent_stacks"
class Silent(nn.Module):
    """A branch that gives zero: its last step multiplies by zero."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        nn.init.zeros_(self.layers[1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


KINDS = {
    "after the sum": lambda x, f: F.relu(x + f(x)),
    "pre-activation": lambda x, f: x + f(x),
    "plain": lambda x, f: F.relu(f(x)),
}
torch.manual_seed(0)
branches = [Silent(8) for _ in range(10)]
both_signs = torch.randn(4, 8, 6, 6)
for kind, block in KINDS.items():
    for name, x in (("both signs", both_signs), ("nowhere negative", both_signs.abs())):
        y = x
        for branch in branches:
            y = block(y, branch)
        print(f"{kind:15} {name:17} largest distance {(y - x).abs().max().item():.3f}")

# %% [markdown]
# ## Optional: the same budget, wide or deep, on a faster machine (no points)
#
# Two networks of about ten million parameters: one is 1,001 layers deep, one has 16 and is wide. Predict which of them
# handles more images in a second and by what factor, then run the cell. On a CPU it takes two smaller ones.

# %% role="given" name="race"
from dlarch.measure import count_macs, count_parameters, throughput
from dlarch.vision.preact_resnet import preact_resnet, wide_resnet

if device.type == "cuda":
    racers = {"deep": preact_resnet(1001), "wide": wide_resnet(16, 8)}
else:
    racers = {"deep": preact_resnet(164), "wide": wide_resnet(16, 3)}
images = torch.randn(128 if device.type == "cuda" else 8, 3, 32, 32, device=device)
for name, model in racers.items():
    model = model.to(device).eval()
    speed = throughput(model, images, seconds=0.5)
    cost = count_macs(model, images[:1]) / 1e6
    print(f"{name}: {count_parameters(model):,} parameters, {cost:,.0f} million multiply-adds, {speed:,.0f} images/s")
