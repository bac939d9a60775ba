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

# %% [markdown] role="title" chapter="vision/densenet" minutes=90
# # DenseNet: keep everything
#
# **22 points, about 90 minutes.** This exercise belongs to the chapter *DenseNet: keep everything*.
#
# You write the layer that only adds, the block that keeps everything, and the transition that lets some of it go. You plan a
# network on paper, turn a sum into a concatenation, compute again what memory cannot hold, and read off trained weights
# who uses whose features. At the end you predict what doubling the depth costs.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, one source alone, a batch of one image.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ channels in, $G$ the growth rate, $H$ and $W$ height and width in
# pixels, $L$ layers of a block, $M$ channels between the two convolutions of a layer.
#
# *Sources* of a layer are the tensors it reads: the input of its block and what each layer before it made. They come as a
# list, oldest first, each of shape $(B, C_i, H, W)$ with channels of its own.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

import dlarch
from dlarch import measure
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · New maps (3 points)
#
# A dense layer joins its sources along the channels and makes $G$ new maps of them, by these steps: batch norm, ReLU, a
# 1 by 1 convolution to $M$ channels, batch norm, ReLU, a 3 by 3 convolution to $G$ channels. The convolutions have no bias. The sides stay.
#
# **Contract.** `NewMaps(in_channels, growth_rate, squeeze)` is a module. `in_channels` is $C$, the channels of all sources
# together; `squeeze` is $M$ itself, not a multiple of something. It takes the *list* of sources and returns the new maps alone,
# of shape $(B, G, H, W)$. The list and its tensors stay as they are.
#
# **Example.** `NewMaps(5, 2, 3)` reads two sources of 4 channels and 1 channel and returns 2 channels. It holds
# $2 \cdot 5 + 5 \cdot 3 + 2 \cdot 3 + 9 \cdot 3 \cdot 2 = 85$ parameters.
#
# <details><summary>Hint: where to look</summary>
#
# Write the six steps in a row. Which of the two norms sees $C$ channels, which sees $M$?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# In `forward`: `h = torch.cat(sources, dim=1)`.
#
# </details>


# %% role="answer" name="NewMaps"
class NewMaps(nn.Module):
    """From a list of sources to G new maps.

    Args:
        in_channels: C, channels of all sources together.
        growth_rate: G, channels to make.
        squeeze: M, channels between the two convolutions.
    """

    def __init__(self, in_channels: int, growth_rate: int, squeeze: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)
        ### END SOLUTION

    def forward(self, sources: list[torch.Tensor]) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))
        ### END SOLUTION


# %% role="check" name="NewMaps" points=3 refuse="torchvision timm DenseLayer DenseBlock CifarDenseNet DenseNet"
def _sources(*channels, batch=2, height=4, width=5):
    values = [torch.linspace(i, 30 + 7 * i, batch * c * height * width) for i, c in enumerate(channels)]
    return [v.reshape(batch, c, height, width).sin() for v, c in zip(values, channels, strict=True)]


def worked_maps():
    """two sources of 4 channels and 1 channel, in training, and the number of parameters"""
    layer = NewMaps(5, 2, 3)
    yield "parameters", sum(p.numel() for p in layer.parameters())
    yield "maps", fill(layer).train()(_sources(4, 1))


def the_list_afterwards():
    """how many tensors the list holds afterwards, and whether they are unchanged"""
    sources = _sources(2, 3)
    before = [s.clone() for s in sources]
    fill(NewMaps(5, 2, 4))(sources)
    yield "length", len(sources)
    yield "change", sum((s - b).abs().sum() for s, b in zip(sources, before, strict=False))


def in_evaluation():
    """three sources of 2, 2 and 2 channels, in evaluation"""
    yield "maps", fill(NewMaps(6, 2, 5)).eval()(_sources(2, 2, 2))


def gradients_of_the_sources():
    """the gradient that each of two sources gets"""
    sources = [s.requires_grad_() for s in _sources(3, 2)]
    fill(NewMaps(5, 3, 4)).train()(sources).square().sum().backward()
    for place, source in enumerate(sources):
        yield f"source {place}", source.grad


def hidden_one_source():
    """a single source, one image, seven new maps"""
    layer = NewMaps(3, 7, 2)
    yield "parameters", sum(p.numel() for p in layer.parameters())
    yield "maps", fill(layer).train()(_sources(3, batch=1, height=3, width=6))


def hidden_many_sources():
    """five sources, more channels between than in"""
    yield "maps", fill(NewMaps(9, 3, 12)).train()(_sources(1, 2, 3, 1, 2, height=2, width=2))


def hidden_statistics():
    """running means of the norms after one batch"""
    layer = fill(NewMaps(4, 2, 3)).train()
    layer([s + 3 for s in _sources(2, 2)])
    means = [b.sum() for name, b in layer.named_buffers() if name.endswith("running_mean")]
    yield "sum", torch.stack(means).sum()


# %% [markdown]
# ## 2 · A block that keeps everything (3 points)
#
# Put $L$ layers in a row so that each reads the block's input and all maps made before it. The layers themselves come
# from outside. For most uses the block returns everything, its input included. A few networks want the new maps alone.
#
# **Contract.** `Block(in_channels, growth_rate, layers, make, with_input=True)` is a module. `make(c, growth_rate)` returns a layer that reads
# $c$ channels; such a layer takes a list of sources, oldest first, and returns `growth_rate` new maps, like `Reader` in the cell below.
# Call `make` once for each layer. The block takes $x$ of shape $(B, C, H, W)$ and returns one tensor: $x$ and the maps of all layers,
# oldest first, along the channels. With `with_input=False` it returns the same without $x$.
#
# **Example.** `Block(3, 2, 4, Reader)` returns $3 + 4 \cdot 2 = 11$ channels, of which the first three are $x$. Its last layer reads 9.
#
# <details><summary>Hint: where to look</summary>
#
# How many channels have been collected when layer number $i$, counted from 0, is about to read?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# In `forward`: `maps = [x]`, then a loop over the layers that appends to `maps`. The layers belong into an `nn.ModuleList`.
#
# </details>


# %% role="given" name="reader"
class Reader(nn.Module):
    """A layer for trying a block: a 3 by 3 convolution over all sources, and a bend."""

    def __init__(self, in_channels: int, growth_rate: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, growth_rate, 3, padding=1)

    def forward(self, sources: list[torch.Tensor]) -> torch.Tensor:
        return torch.tanh(self.conv(torch.cat(sources, dim=1)))


# %% role="answer" name="Block"
class Block(nn.Module):
    """Layers that read everything before them.

    Args:
        in_channels: C, channels of the input.
        growth_rate: G, channels that each layer adds.
        layers: L.
        make: from channels to read and channels to make to a layer.
        with_input: whether the input is part of the output.
    """

    def __init__(self, in_channels: int, growth_rate: int, layers: int, make, with_input: bool = True) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)
        ### END SOLUTION


# %% role="check" name="Block" points=3 refuse="torchvision timm DenseLayer DenseBlock DenseStages CifarDenseNet DenseNet"
def _input(channels, batch=2, height=4, width=3):
    return torch.linspace(0, 25, batch * channels * height * width).reshape(batch, channels, height, width).cos()


def worked_block():
    """Block(3, 2, 4, Reader): what it returns, and the number of parameters"""
    block = Block(3, 2, 4, Reader)
    yield "parameters", sum(p.numel() for p in block.parameters())
    yield "maps", fill(block)(_input(3))


def new_maps_alone():
    """Block(4, 3, 2, Reader, with_input=False)"""
    yield "maps", fill(Block(4, 3, 2, Reader, with_input=False))(_input(4))


def what_each_layer_reads():
    """channels that make is asked for, layer by layer"""
    asked = []

    def make(channels, growth_rate):
        asked.append([channels, growth_rate])
        return Reader(channels, growth_rate)

    Block(5, 3, 3, make)
    yield "asked", np.array(asked)


def gradient_of_the_input():
    """the gradient of the input and of the first layer's kernel"""
    block = fill(Block(2, 2, 3, Reader))
    x = _input(2).requires_grad_()
    block(x).square().sum().backward()
    yield "input", x.grad
    first = min(block.parameters(), key=lambda p: p.numel() if p.dim() == 4 else 10**9)
    yield "kernel", torch.zeros(first.shape) if first.grad is None else first.grad


def hidden_one_layer():
    """one layer, one image, with the input and without"""
    yield "with", fill(Block(1, 4, 1, Reader))(_input(1, batch=1))
    yield "without", fill(Block(1, 4, 1, Reader, with_input=False))(_input(1, batch=1))


def hidden_long_block():
    """six layers of one map each"""
    block = Block(6, 1, 6, Reader)
    yield "parameters", sum(p.numel() for p in block.parameters())
    yield "maps", fill(block)(_input(6, height=2, width=5))


def hidden_second_call():
    """the second of two calls of one block, with another image"""
    block = fill(Block(2, 1, 2, Reader))
    block(_input(2, batch=1))
    yield "maps", block(_input(2, batch=1, height=3) - 1)


# %% [markdown]
# ## 3 · A transition that lets go (2 points)
#
# Between two blocks a transition takes channels and pixels away: batch norm, ReLU, a 1 by 1 convolution without bias, and the mean of
# each 2 by 2 pixels. Of $C$ channels, $\theta C$ go on, rounded down.
#
# **Contract.** `transition(in_channels, theta)` returns a module from $(B, C, H, W)$ to $(B, \lfloor \theta C \rfloor, \lfloor H/2 \rfloor, \lfloor W/2 \rfloor)$.
#
# **Example.** `transition(7, 0.5)` gives 3 channels. On images of 6 by 4 pixels it returns 3 by 2. It holds $2 \cdot 7 + 7 \cdot 3 = 35$ parameters.
#
# <details><summary>Hint: where to look</summary>
#
# The order is the same as in a dense layer: norm and ReLU stand before the convolution.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `out_channels = int(theta * in_channels)`, then an `nn.Sequential` of four modules.
#
# </details>


# %% role="answer" name="transition"
def transition(in_channels: int, theta: float) -> nn.Module:
    """What stands between two dense blocks.

    Args:
        in_channels: C.
        theta: share of the channels that goes on, above 0 and at most 1.

    Returns:
        The module.
    """
    ### BEGIN SOLUTION
    out_channels = int(theta * in_channels)
    convolution = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    return nn.Sequential(nn.BatchNorm2d(in_channels), nn.ReLU(), convolution, nn.AvgPool2d(2))
    ### END SOLUTION


# %% role="check" name="transition" points=2 refuse="torchvision timm Transition DenseStages CifarDenseNet DenseNet"
def _pictures(channels, height, width, batch=2):
    return torch.linspace(0, 33, batch * channels * height * width).reshape(batch, channels, height, width).sin()


def worked_transition():
    """transition(7, 0.5) on 6 by 4 pixels, in training, and the number of parameters"""
    module = transition(7, 0.5)
    yield "parameters", sum(p.numel() for p in module.parameters())
    yield "maps", fill(module).train()(_pictures(7, 6, 4))


def all_channels_kept():
    """transition(4, 1.0) on 4 by 4 pixels, in evaluation"""
    yield "maps", fill(transition(4, 1.0)).eval()(_pictures(4, 4, 4))


def few_channels_kept():
    """channels and sides that leave transition(10, 0.3)"""
    yield "shape", np.array(transition(10, 0.3).eval()(_pictures(10, 8, 4)).shape[1:])


def hidden_odd_sides():
    """sides that two does not divide, one image"""
    yield "maps", fill(transition(6, 0.5)).train()(_pictures(6, 5, 7, batch=1))


def hidden_other_share():
    """three quarters of nine channels"""
    module = transition(9, 0.75)
    yield "parameters", sum(p.numel() for p in module.parameters())
    yield "maps", fill(module).eval()(_pictures(9, 4, 6))


def hidden_gradients():
    """the gradient of the input, in training"""
    x = _pictures(4, 4, 4).requires_grad_()
    fill(transition(4, 0.5)).train()(x).square().sum().backward()
    yield "gradient", x.grad


# %% [markdown]
# ## 4 · Plan a network on paper (3 points)
#
# `plan(initial, growth_rate, layers, theta)` lists the channels that leave each block and each transition, in the order of the
# network. `layers` says how many layers each block has. A transition stands behind every block *but the last*, and rounds down. (2 points)
#
# `connections(layers)` counts the direct connections within all blocks: a pair of a layer and one of its sources is
# one connection, and the block's input is a source like any other. (1 point)
#
# **Example.** `plan(16, 4, [2, 3], 0.5)` is `[24, 12, 24]`: the first block ends with $16 + 2 \cdot 4$ channels, half of them go on, and the second block
# adds $3 \cdot 4$. `connections([2, 3])` is $3 + 6 = 9$.
#
# <details><summary>Hint: where to look</summary>
#
# Keep one number, the channels at hand. What does a block do to it, what does a transition? For the connections: the first layer of a block has one
# source, the second two.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `channels, result = initial, []`. And for the second: a sum over the blocks.
#
# </details>


# %% role="answer" name="counting"
def plan(initial: int, growth_rate: int, layers: list[int], theta: float) -> list[int]:
    """Channels that leave each block and each transition.

    Args:
        initial: channels that enter the first block.
        growth_rate: G.
        layers: of each block.
        theta: share of the channels that passes a transition.

    Returns:
        One number for each block and each transition, in order.
    """
    ### BEGIN SOLUTION
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result
    ### END SOLUTION


def connections(layers: list[int]) -> int:
    """Direct connections within all blocks.

    Args:
        layers: of each block.

    Returns:
        Their number.
    """
    ### BEGIN SOLUTION
    return sum(count * (count + 1) // 2 for count in layers)
    ### END SOLUTION


# %% role="check" name="plan" answer="counting" points=2 refuse="torchvision timm DenseStages CifarDenseNet DenseNet connections"
def worked_plan():
    """the example of the text"""
    yield "channels", np.array(plan(16, 4, [2, 3], 0.5))


def odd_plan():
    """plan(7, 3, [2, 2, 4], 0.7): shares that must be rounded"""
    yield "channels", np.array(plan(7, 3, [2, 2, 4], 0.7))


def hidden_densenet_121():
    """the four blocks of DenseNet-121"""
    yield "channels", np.array(plan(64, 32, [6, 12, 24, 16], 0.5))


def hidden_other_plans():
    """nothing let go; one block alone; three tenths kept"""
    yield "all", np.array(plan(16, 12, [12, 12, 12], 1.0))
    yield "alone", np.array(plan(5, 2, [3], 0.5))
    yield "few", np.array(plan(24, 12, [4, 4], 0.3))
    yield "rounded at once", np.array(plan(5, 2, [1, 1, 1], 0.8))


# %% role="check" name="connections" answer="counting" points=1 refuse="torchvision timm DenseStages CifarDenseNet DenseNet plan"
def worked_connections():
    """the example of the text"""
    yield "connections", connections([2, 3])


def one_block():
    """a block of five layers alone"""
    yield "connections", connections([5])


def hidden_connections():
    """the blocks of DenseNet-121, and blocks of one layer"""
    yield "121", connections([6, 12, 24, 16])
    yield "ones", connections([1, 1, 1])


# %% [markdown]
# ## 5 · A sum is a concatenation in disguise (2 points)
#
# A residual network computes $x + f_1 + f_2 + \dots$, a dense one keeps $x, f_1, f_2, \dots$ side by side. The second can do what the first does:
# a 1 by 1 convolution with *fixed* weights turns the tensors side by side into their sum. Write that kernel, with a factor for each branch:
#
# $$y = x + a_1 f_1 + \dots + a_n f_n.$$
#
# **Contract.** `summing(channels, factors)` returns the kernel, float32, of shape $(C, C(1 + n), 1, 1)$. The input of the convolution
# is $x, f_1, \dots, f_n$ along the channels, each with $C$ channels; `factors` holds $a_1$ to $a_n$, perhaps none.
#
# **Example.** `summing(2, [0.5])` is, without its two last axes,
#
# $$\begin{pmatrix} 1 & 0 & 0.5 & 0 \\ 0 & 1 & 0 & 0.5 \end{pmatrix}.$$
#
# <details><summary>Hint: where to look</summary>
#
# Output channel $c$ reads channel $c$ of $x$, channel $c$ of $f_1$, and so on. Each is one small identity matrix, scaled.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `identity = torch.eye(channels)`.
#
# </details>


# %% role="answer" name="summing"
def summing(channels: int, factors: list[float]) -> torch.Tensor:
    """The kernel that turns a concatenation into a sum.

    Args:
        channels: C of x and of each branch.
        factors: one for each branch.

    Returns:
        Weights of a 1 by 1 convolution, (C, C * (1 + n), 1, 1).
    """
    ### BEGIN SOLUTION
    identity = torch.eye(channels)
    parts = [identity, *(factor * identity for factor in factors)]
    return torch.cat(parts, dim=1)[:, :, None, None]
    ### END SOLUTION


# %% role="check" name="summing" points=2 refuse="torchvision timm DenseNet"
def worked_kernel():
    """the example of the text"""
    yield "kernel", summing(2, [0.5])


def three_branches():
    """the kernel of summing(3, [1, -2, 0.25])"""
    yield "kernel", summing(3, [1, -2, 0.25])


def put_to_use():
    """what the kernel makes of three tensors side by side"""
    parts = [torch.linspace(i, 9 + i, 24).reshape(2, 3, 2, 2).sin() for i in range(3)]
    yield "sum", F.conv2d(torch.cat(parts, dim=1), summing(3, [2.0, -1.0]))


def hidden_other_kernels():
    """one channel and five branches; no branch at all"""
    yield "five", summing(1, [1, 2, 3, 4, 5])
    yield "none", summing(4, [])


# %% [markdown]
# ## 6 · Compute again (4 points)
#
# What is as wide as *all* sources together is what makes training a dense network dear: the joined sources, and the norm of them. Both are
# cheap to make again. The cell below holds a layer in two halves: `wide` joins, normalises, bends, and squeezes; `narrow` does the rest.
# `layer(sources)` keeps everything. Write `lean`, which keeps nothing of the inside of `wide`.
#
# **Contract.** `lean(layer, sources)` returns the same maps as `layer(sources)`, in training and in evaluation. After a backward pass:
#
# - all gradients and the running statistics of both norms are the same as with `layer(sources)`. Here is a trap: what runs
#   twice may count twice. Afterwards the layer's settings are as before. (2 points)
# - from the inside of `wide` nothing was kept, the joined sources included, from that of `narrow` as much as before, and no convolution was computed a second time in the
#   backward pass. (2 points)
#
# Use `checkpoint`, imported above: `checkpoint(f, *inputs, use_reentrant=False)` returns `f(*inputs)`, keeps the inputs alone, and calls `f` again
# in the backward pass, where it stops as soon as it has what the backward pass needs.
#
# **Example.** With `layer = Halves(6, 2)` in training and two sources of 4 and 2 channels, one call of `lean` and a backward pass leave
# `layer.norm.num_batches_tracked` at 1, and the running means at a tenth of the batch's means.
#
# <details><summary>Hint: where to look</summary>
#
# In training, a batch norm moves its running mean by the share `momentum` of the way and adds 1 to `num_batches_tracked`. Which momentum
# moves nothing? And how does your function know that it runs for the second time?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# Define an inner function `again_or_first(*maps)` that counts its calls, and pass it to `checkpoint`. What it changes on the norm it puts back in
# a `finally:`, because `checkpoint` breaks the second call off by an exception.
#
# </details>


# %% role="given" name="halves"
class Halves(nn.Module):
    """A dense layer in two halves."""

    def __init__(self, in_channels: int, growth_rate: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.squeeze = nn.Conv2d(in_channels, 4 * growth_rate, 1, bias=False)
        self.narrow_norm = nn.BatchNorm2d(4 * growth_rate)
        self.grow = nn.Conv2d(4 * growth_rate, growth_rate, 3, padding=1, bias=False)

    def wide(self, *sources: torch.Tensor) -> torch.Tensor:
        return self.squeeze(F.relu(self.norm(torch.cat(sources, dim=1))))

    def narrow(self, h: torch.Tensor) -> torch.Tensor:
        return self.grow(F.relu(self.narrow_norm(h)))

    def forward(self, sources: list[torch.Tensor]) -> torch.Tensor:
        return self.narrow(self.wide(*sources))


# %% role="answer" name="lean"
def lean(layer: Halves, sources: list[torch.Tensor]) -> torch.Tensor:
    """The layer's new maps, with the inside of its wide half computed again in the backward pass.

    Args:
        layer: in two halves.
        sources: tensors (B, C_i, H, W).

    Returns:
        New maps (B, G, H, W).
    """
    ### BEGIN SOLUTION
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        momentum, batches = layer.norm.momentum, layer.norm.num_batches_tracked.clone()
        if calls == 1:
            return layer.wide(*maps)
        layer.norm.momentum = 0.0
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.momentum = momentum
            layer.norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))
    ### END SOLUTION


# %% role="check" name="lean" points=2 refuse="torchvision timm DenseLayer StatisticsKept"
def _halves(*channels, growth_rate=2, momentum=0.1):
    layer = fill(Halves(sum(channels), growth_rate)).train()
    layer.norm.momentum = momentum
    values = [torch.linspace(i, 20 + i, 2 * c * 12).reshape(2, c, 3, 4).sin() + i for i, c in enumerate(channels)]
    return layer, [v.requires_grad_() for v in values]


def maps_and_gradients():
    """two sources in training: the maps, and the gradients of sources and kernels"""
    layer, sources = _halves(4, 2)
    y = lean(layer, sources)
    yield "maps", y
    y.square().sum().backward()
    for place, source in enumerate(sources):
        yield f"source {place}", source.grad
    yield "squeeze", layer.squeeze.weight.grad
    yield "norm", layer.norm.weight.grad


def statistics():
    """running statistics and settings after one call and its backward pass"""
    layer, sources = _halves(4, 2)
    lean(layer, sources).sum().backward()
    yield "batches", np.array([int(layer.norm.num_batches_tracked), int(layer.narrow_norm.num_batches_tracked)])
    yield "mean", layer.norm.running_mean
    yield "variance", layer.norm.running_var
    yield "narrow mean", layer.narrow_norm.running_mean
    yield "settings", np.array([layer.norm.momentum, layer.norm.training, layer.norm.track_running_stats])


def before_the_backward_pass():
    """the running mean after the call, when nothing was computed again yet"""
    layer, sources = _halves(3, 3)
    lean(layer, sources)
    yield "batches", int(layer.norm.num_batches_tracked)
    yield "mean", layer.norm.running_mean


def hidden_two_steps():
    """two calls one after the other, another momentum"""
    layer, sources = _halves(2, 2, momentum=0.3)
    for _ in range(2):
        lean(layer, sources).square().sum().backward()
    yield "batches", int(layer.norm.num_batches_tracked)
    yield "mean", layer.norm.running_mean
    yield "source", sources[1].grad
    yield "momentum", layer.norm.momentum


def hidden_evaluation():
    """evaluation, where the running statistics are used and stay"""
    layer, sources = _halves(3, 2)
    layer.norm.running_mean.fill_(0.3)
    layer.eval()
    y = lean(layer, sources)
    y.sum().backward()
    yield "maps", y
    yield "source", sources[0].grad
    yield "mean", layer.norm.running_mean


def hidden_one_source():
    """a single source, and twice backward through the same call"""
    layer, sources = _halves(3)
    y = lean(layer, sources)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    yield "source", sources[0].grad
    yield "batches", int(layer.norm.num_batches_tracked)
    yield "mean", layer.norm.running_mean


# %% role="check" name="lean_costs" answer="lean" points=2 refuse="torchvision timm DenseLayer StatisticsKept"
def _costs(*channels, growth_rate, side):
    layer = fill(Halves(sum(channels), growth_rate)).train()
    sources = [torch.linspace(0, 9, 2 * c * side**2).reshape(2, c, side, side).requires_grad_() for c in channels]
    kept = measure.activation_bytes(_Call(layer), *sources)
    with FlopCounterMode(display=False) as counter:
        lean(layer, sources).sum().backward()
    # Each call of narrow counts once: when the bytes are measured it is put back, so one is left.
    return np.array([kept, counter.get_total_flops(), int(layer.narrow_norm.num_batches_tracked)])


def _Call(layer):
    class Call(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, *sources):
            return lean(self.layer, list(sources))

    return Call()


def _joined_left(*channels):
    import gc
    import weakref

    from torch.overrides import TorchFunctionMode

    layer = fill(Halves(sum(channels), 2)).train()
    sources = [torch.linspace(0, 9, 24 * c).reshape(2, c, 3, 4).requires_grad_() for c in channels]
    made, size = [], 24 * sum(channels)

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            out = function(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor) and out.numel() == size:
                made.append(weakref.ref(out))
            return out

    with Watch():
        y = lean(layer, sources)
    gc.collect()
    return sum(one() is not None for one in made) if y.requires_grad else -1


def kept_and_computed():
    """bytes kept, operations of convolutions in both passes, batches that narrow has seen; three sources"""
    yield "costs", _costs(8, 4, 4, growth_rate=2, side=6)


def joined_sources():
    """tensors as wide as all sources together that are still there after the call"""
    yield "joined", _joined_left(7, 4, 2)


def hidden_kept_and_computed():
    """the same for one wide source and for many narrow ones"""
    yield "wide", _costs(24, growth_rate=1, side=4)
    yield "many", _costs(2, 2, 2, 2, 2, growth_rate=3, side=5)


# %% [markdown]
# ## 7 · Who uses whose features (2 points)
#
# The first kernel of a dense layer has a slice for each channel that it reads. The size of the slices of one source tells how much the layer draws on it.
# Take the root mean square: of all weights between the layer and the source, the square root of the mean of their squares.
#
# **Contract.** `usage(weight, initial, growth_rate)` gets a kernel of shape $(K, C, R, S)$, where $C$ = `initial` $+\ n\,\cdot$ `growth_rate`: first the channels of
# the block's input, then those of $n$ layers. It returns $1 + n$ numbers, oldest source first. $n$ may be 0.
#
# **Example.** Let $K = R = S = 1$, let the weights be $(3, 4, 2, -2)$, with `initial` 2 and `growth_rate` 1. The three sources have
# $\sqrt{(9 + 16)/2} = 3.54$, 2 and 2.
#
# <details><summary>Hint: where to look</summary>
#
# Cut the kernel along the axis of the channels that come in. The first piece may be wider than the others.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `n = (weight.shape[1] - initial) // growth_rate`, then `weight.split([initial, ...], dim=1)`.
#
# </details>


# %% role="answer" name="usage"
def usage(weight: torch.Tensor, initial: int, growth_rate: int) -> torch.Tensor:
    """How much a layer draws on each of its sources.

    Args:
        weight: kernel (K, C, R, S) of the first convolution of the layer.
        initial: channels of the block's input.
        growth_rate: channels of each layer before.

    Returns:
        Root mean square of the weights for each source, oldest first, (1 + n).
    """
    ### BEGIN SOLUTION
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().mean().sqrt() for part in parts])
    ### END SOLUTION


# %% role="check" name="usage" points=2 refuse="torchvision timm source_weights DenseBlock"
def _kernel(*shape):
    return (
        torch.linspace(0.1, 17, int(np.prod(shape))).reshape(shape).sin() * torch.arange(1, shape[1] + 1)[:, None, None]
    )


def worked_usage():
    """the example of the text"""
    yield "usage", usage(torch.tensor([3.0, 4.0, 2.0, -2.0]).reshape(1, 4, 1, 1), 2, 1)


def wide_input():
    """a kernel of 4 by 11 channels and 3 by 3 pixels, 5 of them the input's, growth rate 2"""
    yield "usage", usage(_kernel(4, 11, 3, 3), 5, 2)


def hidden_first_layer():
    """the first layer of a block, which has one source"""
    yield "usage", usage(_kernel(3, 4, 1, 1), 4, 7)


def hidden_narrow_input():
    """an input narrower than the growth rate"""
    yield "usage", usage(_kernel(5, 10, 1, 1), 1, 3)
    yield "double", usage(_kernel(2, 6, 3, 3).double(), 2, 2)


# %% [markdown]
# ## 8 · Twice as deep (3 points, read by a person)
#
# The cell after the next one builds stacks of 8, 16 and 32 layers and prints three columns for each: the channels that come out, the
# parameters, and the bytes kept for the backward pass. There are three kinds:
#
# - **sum**: $x + f(x)$ with 64 channels all along, two 3 by 3 convolutions in each branch,
# - **dense**: a dense block with growth rate 8 on 16 channels, everything kept,
# - **dense, again**: the same with the wide halves computed again.
#
# **First predict, then run.** For each kind, by which factor do the channels, the parameters and the bytes grow from 16 layers to 32? Write nine numbers down, then run the
# cell and explain:
#
# 1. What did you predict, what came out, and where they differ, why?
# 2. Derive, for a dense block of $L$ layers with growth rate $G$ on $C$ channels, how the parameters of the 1 by 1 convolutions and the kept bytes depend on $L$. Which
#    power of $L$ wins in the end?
# 3. "Computing again makes the memory linear, so a DenseNet can be as deep as we like." What still grows with the square?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and a difference is explained. A wrong prediction costs nothing.
# - **The derivation** sums $C + (l - 1) G$ over the layers and names the square. Numbers from the cell are no derivation.
# - **The limit**: parameters and arithmetic grow with the square in either case; only the memory becomes linear.

# %% [markdown] role="written" name="deeper" points=3
# *Prediction.* Sum: channels 1, parameters 2, bytes 2. Dense: channels 2, parameters 4, bytes 4. Dense, again: channels 2, parameters 4,
# bytes 2.
# *Result.* Sum: 1, 2, 2, as predicted. Dense: channels 1.9 (16 + 128 to 16 + 256), parameters 2.9, bytes 3.2. Dense, again: bytes 2.0. I had taken the square
# to be all there is. The 3 by 3 convolutions and what `narrow` keeps grow in a line, and at this depth they are a good part of the total.
#
# *Derivation.* Layer $l$ reads $C + (l - 1) G$ channels. Summed over $l = 1 \dots L$ that is $LC + G L (L - 1) / 2$. The 1 by 1 convolution of a layer has $4G$ times as many
# weights as it reads channels, so in all $4G (LC + G L (L - 1) / 2)$, and what is kept of the joined sources and their norm is twice the sum, for each pixel of each image,
# times 4 bytes. In both the term $G L^2$ wins. The 3 by 3 convolutions have $36 G^2$ weights each, $36 G^2 L$ in all.
#
# *Limit.* The parameters of the 1 by 1 convolutions, and the multiply-accumulates with them, still grow with the square, and the norms have to be computed for all those channels, now
# twice. So the time grows with the square too. Only the memory has become linear.


# %% role="given" name="deeper_stacks"
class Sum(nn.Module):
    """x + f(x) with two convolutions of 3 by 3."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        steps = [(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1)) for _ in range(2)]
        self.branch = nn.Sequential(*(layer for step in steps for layer in step))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


class Dense(nn.Module):
    """A dense block of layers in two halves; with again=True the wide halves are computed again."""

    def __init__(self, in_channels: int, growth_rate: int, layers: int, again: bool) -> None:
        super().__init__()
        widths = [in_channels + i * growth_rate for i in range(layers)]
        self.layers = nn.ModuleList(Halves(width, growth_rate) for width in widths)
        self.again = again

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = [x]
        for layer in self.layers:
            # Memory alone matters here, so the statistics may count twice.
            h = checkpoint(layer.wide, *maps, use_reentrant=False) if self.again else layer.wide(*maps)
            maps.append(layer.narrow(h))
        return torch.cat(maps, dim=1)


print(f"{'':15} layers  channels  parameters  kilobytes kept")
for kind in ("sum", "dense", "dense, again"):
    for depth in (8, 16, 32):
        with torch.device("meta"):
            if kind == "sum":
                stack, x = nn.Sequential(*[Sum(64) for _ in range(depth)]), torch.empty(1, 64, 8, 8)
            else:
                stack, x = Dense(16, 8, depth, kind == "dense, again"), torch.empty(1, 16, 8, 8)
            out = stack(x).shape[1]
            kept = measure.activation_bytes(stack, x) / 1000
        print(f"{kind:15} {depth:6} {out:9} {measure.count_parameters(stack):11,} {kept:12,.0f}")

# %% [markdown]
# ## Optional: what computing again costs in time (no points)
#
# DenseNet-121 with everything kept and with the wide parts computed again: memory and time of one training step. Predict both ratios, then run the cell. On a CPU it takes a small network
# and counts the bytes kept.

# %% role="given" name="race"
import time

from dlarch.vision.densenet import CifarDenseNet, DenseNet

for recompute in (False, True):
    if device.type == "cuda":
        model, images = DenseNet(121, recompute=recompute), torch.randn(32, 3, 224, 224)
    else:
        model, images = CifarDenseNet(40, 12, recompute=recompute), torch.randn(4, 3, 16, 16)
    model, images = model.to(device), images.to(device)
    kept = measure.activation_bytes(model, images) / 1e6
    for _ in range(2):  # the first one warms up
        start = time.perf_counter()
        model(images).logsumexp(dim=1).sum().backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
    print(f"recompute={recompute}: {kept:,.0f} MB kept, {1000 * seconds:,.0f} ms for one step")
