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

# %% [markdown] role="title" chapter="vision/xception" minutes=90
# # Xception: channels and space, apart
#
# **20 points, about 90 minutes.** This exercise belongs to the chapter *Xception: channels and space, apart*.
#
# You walk from a full convolution to a separable one by dividing channels among towers, and count what each tower saves. You
# write a separable convolution and the block that Xception's entry is made of. Then you turn two steps into one kernel, in both
# orders, and find the separable convolution that lies nearest to a full one. At the end you predict when the order of the two
# steps matters.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other kernels, a single image or channel.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $H$ and $W$ height and width in
# pixels, $S$ (there $R$) the side of a kernel, an odd number, $T$ towers. *Padding keeps the size* means: zeros around the maps, so that at stride 1
# the output has the height and width of the input.

# %% role="given" name="setup"
import math

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
# ## 1 · Towers (3 points)
#
# A simplified Inception module has two steps. First a 1×1 convolution makes $K$ channels of the $C$ that come in. Then the $K$
# channels are divided among $T$ towers: the first $K/T$ go to the first tower, the next $K/T$ to the second, and so on. A tower filters its own channels with a full convolution of
# $S$ by $S$ and makes $K/T$ new ones. The results of the towers stand one behind the other.
#
# **Contract.** `towers(x, mix, kernels)` takes `x` of shape $(B, C, H, W)$, `mix` of shape $(K, C)$ and `kernels` of shape
# $(K, K/T, S, S)$. It returns $(B, K, H, W)$. Row $k$ of `mix` makes channel $k$ of the first step; `kernels[k]` makes channel
# $k$ of the result. How many towers there are follows from the shape of `kernels`. No biases, no activation, padding that keeps
# the size.
#
# **Example.** With `kernels` of shape $(6, 2, 3, 3)$ there are three towers. `kernels[3]` belongs to the second tower and reads
# channels 2 and 3 of the first step, counted from 0.
#
# <details><summary>Hint: where to look</summary>
#
# A kernel that reads two of six channels: into how many parts are the six divided? `F.conv2d` has an argument for that. Or write a loop over the
# towers, and put their results together.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `mixed = F.conv2d(x, mix[:, :, None, None])`.
#
# </details>


# %% role="answer" name="towers"
def towers(x: torch.Tensor, mix: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """A 1x1 convolution, then a convolution in each of several towers.

    Args:
        x: images, shape (B, C, H, W).
        mix: weights of the 1x1 convolution, shape (K, C).
        kernels: shape (K, K / T, S, S), S odd.

    Returns:
        Shape (B, K, H, W).
    """
    ### BEGIN SOLUTION
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)
    ### END SOLUTION


# %% role="check" name="towers" points=3 refuse="torchvision timm inception_spectrum"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def three_towers():
    """the example of the text: from 4 channels to 6 in three towers, images of 5 by 6"""
    yield "maps", towers(_wave(2, 4, 5, 6), _wave(6, 4), _wave(6, 2, 3, 3))


def one_tower():
    """a single tower from 3 channels to 3: a full convolution behind a 1x1"""
    yield "maps", towers(_wave(1, 3, 5, 5), _wave(3, 3), _wave(3, 3, 3, 3))


def a_tower_a_channel():
    """four towers of a single channel each"""
    yield "maps", towers(_wave(1, 2, 4, 5), _wave(4, 2), _wave(4, 1, 3, 3))


def larger_kernels():
    """two towers with kernels of 5 by 5, in double precision"""
    yield "maps", towers(_wave(1, 5, 7, 8).double(), _wave(8, 5).double(), _wave(8, 4, 5, 5).double())


def hidden_kernels_of_one_pixel():
    """four towers of two channels whose kernels have one pixel"""
    yield "maps", towers(_wave(3, 8, 2, 3), _wave(8, 8), _wave(8, 2, 1, 1))


def hidden_what_a_tower_reads():
    """one channel of the first step at a time: which outputs notice it"""
    for channel in range(6):
        mix = torch.zeros(6, 1)
        mix[channel] = 1
        yield f"channel {channel}", towers(torch.ones(1, 1, 3, 3), mix, _wave(6, 3, 3, 3))


# %% [markdown]
# ## 2 · What the towers cost (2 points)
#
# Count the module of task 1, for maps of `side` by `side` pixels.
#
# **Contract.** `cost(in_channels, out_channels, count, kernel, side)` returns three integers:
#
# 1. the weights of the 1×1 convolution,
# 2. the weights of all `count` towers together, kernels of `kernel` by `kernel`,
# 3. the multiply-accumulates of both steps together, for one image. (A multiplication and the addition after it count once, and
#    products with the zeros of the padding count as well.)
#
# There are no biases, and `count` divides `out_channels`.
#
# **Example.** `cost(4, 6, 3, 3, 10)` is `(24, 108, 13200)`: $4 \cdot 6$, then six kernels of $2 \cdot 9$ weights, and
# $132 \cdot 100$.
#
# <details><summary>Hint: where to look</summary>
#
# How many channels does one kernel of a tower read? How many kernels are there in all towers? And how often is each weight used in one image?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `mixing = in_channels * out_channels`.
#
# </details>


# %% role="answer" name="cost"
def cost(in_channels: int, out_channels: int, count: int, kernel: int, side: int) -> tuple[int, int, int]:
    """Weights and work of a 1x1 convolution with towers behind it.

    Args:
        in_channels: C.
        out_channels: K.
        count: T, a divisor of K.
        kernel: S.
        side: H and W of the maps.

    Returns:
        Weights of the 1x1, weights of the towers, multiply-accumulates of both.
    """
    ### BEGIN SOLUTION
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2
    ### END SOLUTION


# %% role="check" name="cost" points=2 refuse="torchvision timm inception_spectrum count_parameters count_macs FlopCounterMode"
def worked_cost():
    """the example of the text"""
    yield "numbers", np.array(cost(4, 6, 3, 3, 10))


def both_ends():
    """from 16 channels to 32 on maps of 8 by 8, with one tower and with 32"""
    yield "one tower", np.array(cost(16, 32, 1, 3, 8))
    yield "a tower a channel", np.array(cost(16, 32, 32, 3, 8))


def hidden_middle_of_xception():
    """728 channels on maps of 19 by 19: one tower, four towers, 728"""
    yield "numbers", np.array([cost(728, 728, count, 3, 19) for count in (1, 4, 728)])


def hidden_other_kernels():
    """kernels of 5 and of 1, more channels in than out, one pixel"""
    yield "five", np.array(cost(12, 8, 2, 5, 7))
    yield "one", np.array(cost(9, 4, 4, 1, 1))


# %% [markdown]
# ## 3 · A separable convolution (3 points)
#
# The order that Xception's code uses: first *space*, each channel filtered by itself, then *channels*, a 1×1 convolution over the results.
# Nothing stands between the two.
#
# **Contract.** `separable(x, spatial, mix, stride, dilation)` takes `x` of shape $(B, C, H, W)$, `spatial` of shape
# $(C, S, S)$, one filter for each channel, and `mix` of shape $(K, C)$. It returns $(B, K, H', W')$. Only the spatial step has a stride
# and a dilation. Its padding keeps the size at stride 1, whatever the dilation; $H' = \lceil H / \text{stride} \rceil$.
#
# **Example.** Two channels of 1 by 3 pixels, $(1, 2, 3)$ and $(4, 5, 6)$. The middle rows of the filters are $(1, 0, 0)$ and $(0, 0, 1)$,
# the rest is zero: they give $(0, 1, 2)$ and $(5, 6, 0)$. With `mix` $= (10 \;\; 1)$ the result is $(5, 16, 20)$.
#
# <details><summary>Hint: where to look</summary>
#
# Which argument of `F.conv2d` makes each channel see its own filter? And what shape must `spatial` have for it? With dilation $D$, a filter of side $S$
# spans $D(S - 1) + 1$ pixels.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `reach = dilation * (spatial.shape[-1] // 2)` is the padding.
#
# </details>


# %% role="answer" name="separable"
def separable(
    x: torch.Tensor, spatial: torch.Tensor, mix: torch.Tensor, stride: int = 1, dilation: int = 1
) -> torch.Tensor:
    """A depthwise convolution, then a 1x1 convolution.

    Args:
        x: images, shape (B, C, H, W).
        spatial: a filter for each channel, shape (C, S, S), S odd.
        mix: shape (K, C).
        stride: of the spatial step.
        dilation: of the spatial step.

    Returns:
        Shape (B, K, H', W').
    """
    ### BEGIN SOLUTION
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])
    ### END SOLUTION


# %% role="check" name="separable" points=3 refuse="torchvision timm SeparableConv2d DepthwiseSeparable full_kernel"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def worked_separable():
    """the example of the text"""
    spatial = torch.zeros(2, 3, 3)
    spatial[0, 1, 0] = spatial[1, 1, 2] = 1
    yield "row", separable(torch.tensor([[[[1.0, 2, 3]], [[4.0, 5, 6]]]]), spatial, torch.tensor([[10.0, 1]]))


def square_mix():
    """three channels in and out, images of 5 by 6, values of both signs"""
    yield "maps", separable(_wave(2, 3, 5, 6), _wave(3, 3, 3), _wave(3, 3, speed=1.3))


def with_a_stride():
    """stride 2 on 6 by 7 pixels, from 2 channels to 4"""
    yield "maps", separable(_wave(1, 2, 6, 7), _wave(2, 3, 3), _wave(4, 2), stride=2)


def with_a_dilation():
    """dilation 2 on 7 by 6 pixels"""
    yield "maps", separable(_wave(1, 2, 7, 6), _wave(2, 3, 3), _wave(3, 2), dilation=2)


def with_larger_filters():
    """filters of 5 by 5 on 6 by 6 pixels, without and with dilation 2"""
    for dilation in (1, 2):
        yield f"dilation {dilation}", separable(_wave(1, 2, 6, 6), _wave(2, 5, 5), _wave(2, 2), dilation=dilation)


def hidden_larger_filters():
    """filters of 5 by 5, stride 3 and dilation 2, in double precision"""
    yield (
        "maps",
        separable(_wave(1, 3, 11, 10).double(), _wave(3, 5, 5).double(), _wave(2, 3).double(), stride=3, dilation=2),
    )


def hidden_single_channels():
    """one channel in, one out, one pixel; filters of one pixel"""
    yield "pixel", separable(_wave(1, 1, 1, 1), _wave(1, 3, 3), _wave(1, 1))
    yield "small filters", separable(_wave(2, 4, 3, 3), _wave(4, 1, 1), _wave(2, 4), dilation=3)


# %% [markdown]
# ## 4 · The block of the entry (4 points)
#
# Xception's first blocks halve the size. A block computes $f(x) + g(x)$ and puts nothing behind the sum.
#
# The branch $f$: a ReLU, a separable convolution from $C$ channels to $K$, a batch norm; again a ReLU, a separable convolution
# from $K$ to $K$, a batch norm; and a max pooling with windows of 3 by 3, stride 2 and padding 1. With `relu_first=False` the very first ReLU
# is left out.
#
# The shortcut $g$: a 1×1 convolution from $C$ to $K$ with stride 2, and a batch norm. It reads $x$ as it came.
#
# A separable convolution is depthwise first, 3 by 3 with padding 1, then 1×1. No convolution has a bias.
#
# **Contract.** `EntryBlock(in_channels, out_channels, relu_first=True)` is an `nn.Module` from $(B, C, H, W)$ to $(B, K, \lceil H/2 \rceil,
# \lceil W/2 \rceil)$. It leaves its input as it was. Three points are for the block, one for the block without its first ReLU.
#
# **Example.** `EntryBlock(4, 6)` holds 210 parameters: $36 + 24$ and $54 + 36$ in the separable convolutions, $24$ in the shortcut's convolution,
# and three batch norms with 12 each.
#
# <details><summary>Hint: where to look</summary>
#
# What does the shortcut read if a ReLU with `inplace=True` has been there before it? Which parts of the block change the number of channels, and which the size?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)`.
#
# </details>


# %% role="answer" name="EntryBlock"
class EntryBlock(nn.Module):
    """f(x) + g(x): two separable convolutions and a pooling beside a strided 1x1 convolution.

    Args:
        in_channels: C.
        out_channels: K.
        relu_first: whether the branch starts with a ReLU.
    """

    def __init__(self, in_channels: int, out_channels: int, relu_first: bool = True) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, K, H', W'), half the size rounded up."""
        ### BEGIN SOLUTION
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))
        ### END SOLUTION


# %% role="check" name="EntryBlock" points=3 refuse="torchvision timm XceptionBlock SeparableConv2d DepthwiseSeparable"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def worked_block():
    """the block of the example in training, on two images of 8 by 6, its parameters, and the input afterwards"""
    block, x = fill(EntryBlock(4, 6)).train(), _wave(2, 4, 8, 6)
    yield "maps", block(x)
    yield "parameters", sum(p.numel() for p in block.parameters())
    yield "input", x


def equal_channels():
    """5 channels in and out, on three images of 6 by 6 with values up to 9, in training"""
    yield "maps", fill(EntryBlock(5, 5)).train()(9 * _wave(3, 5, 6, 6))


def in_evaluation():
    """from 3 channels to 4 in evaluation, with running statistics of their start"""
    yield "maps", fill(EntryBlock(3, 4)).eval()(_wave(1, 3, 8, 8))


def hidden_gradient():
    """the gradient at the input and the sizes of those at the parameters"""
    block, x = fill(EntryBlock(3, 5)).double().train(), _wave(2, 3, 6, 8).double().requires_grad_()
    block(x).sin().sum().backward()
    yield "input", x.grad
    yield "parameters", np.sort([p.grad.norm().item() for p in block.parameters()])


def hidden_odd_sides():
    """sides that two does not divide, and a single row"""
    yield "odd", fill(EntryBlock(2, 3)).train()(_wave(2, 2, 9, 7))
    yield "row", fill(EntryBlock(2, 3)).train()(_wave(4, 2, 1, 5))


def hidden_fewer_channels():
    """from 6 channels to 2"""
    yield "maps", fill(EntryBlock(6, 2)).train()(_wave(2, 6, 6, 4))


# %% role="check" name="EntryBlock_first" answer="EntryBlock" points=1 refuse="torchvision timm XceptionBlock SeparableConv2d DepthwiseSeparable"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def without_the_first_relu():
    """relu_first=False in training, and beside it relu_first=True"""
    for first in (False, True):
        x = _wave(2, 4, 6, 6)
        yield f"{first}", fill(EntryBlock(4, 6, relu_first=first)).train()(x)
        yield f"input after {first}", x


def hidden_without_it_in_evaluation():
    """the same in evaluation, and its input afterwards"""
    x = _wave(1, 2, 7, 8)
    yield "maps", fill(EntryBlock(2, 3, relu_first=False)).eval()(x)
    yield "input", x


# %% [markdown]
# ## 5 · One kernel for two steps (2 points)
#
# With nothing between them, a spatial and a mixing step are together one full convolution. What is its kernel?
#
# **Contract.** `one_kernel(spatial, mix, spatial_first)` returns the kernel, shape $(K, C, S, S)$, for `mix` of shape $(K, C)$.
#
# - With `spatial_first=True`, `spatial` has shape $(C, S, S)$: a filter for each channel that comes in.
# - With `spatial_first=False`, the 1×1 comes first and `spatial` has shape $(K, S, S)$: a filter for each channel that goes out.
#
# **Example.** Filters of one pixel, $a = (2, 3)$, and `mix` $= \begin{pmatrix} 1 & 10 \\ 4 & 5 \end{pmatrix}$. Spatial first, the kernel is
# $\begin{pmatrix} 2 & 30 \\ 8 & 15 \end{pmatrix}$; spatial last, $\begin{pmatrix} 2 & 20 \\ 12 & 15 \end{pmatrix}$.
#
# <details><summary>Hint: where to look</summary>
#
# From input channel $c$ to output channel $k$ there is one path. Which weight of `mix` lies on it, and which filter?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `if spatial_first:` and then a product of `mix[:, :, None, None]` with `spatial`, to which one axis is added.
#
# </details>


# %% role="answer" name="one_kernel"
def one_kernel(spatial: torch.Tensor, mix: torch.Tensor, spatial_first: bool) -> torch.Tensor:
    """The kernel of the convolution that equals a spatial and a mixing step.

    Args:
        spatial: shape (C, S, S) if it comes first, else (K, S, S).
        mix: shape (K, C).
        spatial_first: whether the spatial step comes first.

    Returns:
        Shape (K, C, S, S).
    """
    ### BEGIN SOLUTION
    if spatial_first:
        return mix[:, :, None, None] * spatial[None]
    return mix[:, :, None, None] * spatial[:, None]
    ### END SOLUTION


# %% role="check" name="one_kernel" points=2 refuse="torchvision timm full_kernel SeparableConv2d separable nearest"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def worked_kernels():
    """the example of the text, both orders"""
    spatial, mix = torch.tensor([2.0, 3.0]).reshape(2, 1, 1), torch.tensor([[1.0, 10.0], [4.0, 5.0]])
    yield "spatial first", one_kernel(spatial, mix, True)
    yield "spatial last", one_kernel(spatial, mix, False)


def from_two_to_three():
    """from 2 channels to 3, filters of 3 by 3, both orders"""
    yield "spatial first", one_kernel(_wave(2, 3, 3), _wave(3, 2), True)
    yield "spatial last", one_kernel(_wave(3, 3, 3), _wave(3, 2), False)


def hidden_in_action():
    """what the kernel makes of an image, from 3 channels to 3, both orders"""
    image = _wave(1, 3, 6, 5)
    for first in (True, False):
        yield str(first), F.conv2d(image, one_kernel(_wave(3, 3, 3, speed=1.7), _wave(3, 3), first), padding=1)


def hidden_wider_filters():
    """filters of 5 by 5 in double precision, from 4 channels to 1 and from 1 to 4"""
    yield "to one", one_kernel(_wave(4, 5, 5).double(), _wave(1, 4).double(), True)
    yield "from one", one_kernel(_wave(4, 5, 5).double(), _wave(4, 1).double(), False)


# %% [markdown]
# ## 6 · The nearest separable convolution (3 points)
#
# Most full kernels are no product of two steps. Which separable convolution comes nearest? Take the weights from *one* input channel $c$ to all
# outputs, as a matrix: a row for each of the $K$ outputs, a column for each of the $S^2$ places. A separable convolution (spatial first) can hold
# this matrix only if it is an outer product: a column of `mix` times a filter. The nearest outer product, by the sum of squared differences, is given
# by the largest *singular value*: if the matrix is $\sum_i \sigma_i\, u_i v_i^\top$ with $\sigma_1 \ge \sigma_2 \ge \dots$, it is
# $\sigma_1 u_1 v_1^\top$. Of $m$ such products in a sum, the nearest is the sum of the first $m$.
#
# **Contract.** `nearest(kernel)` takes a kernel of shape $(K, C, S, S)$ and returns `spatial`, shape $(C, S, S)$, and `mix`, shape $(K, C)$, of the
# separable convolution nearest to it. How the scale and the sign are shared between the two does not matter. (2 points)
#
# `kept(kernel)` returns which share of the kernel's energy (its sum of squares) is kept by the nearest sum of $m = 1, 2, \dots$ products for each
# input channel: a tensor of $\min(K, S^2)$ numbers, the last of which is 1. (1 point)
#
# **Example.** One input channel, two outputs, kernels of 3 by 3 that hold only zeros but for $3$ in a corner of the first and $4$ in the middle of
# the second. The singular values are $4$ and $3$. `nearest` keeps the second kernel whole and makes zero of the first; `kept` is $(0.64, 1)$.
#
# <details><summary>Hint: where to look</summary>
#
# `torch.linalg.svd` takes many matrices at once: the last two axes are rows and columns. It returns $U$, the singular values, and $V^\top$, so $v_1$ is a *row* of
# the third. How does the energy of a matrix follow from its singular values?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)`, in both functions.
#
# </details>


# %% role="answer" name="nearest"
def nearest(kernel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The separable convolution nearest to a full one.

    Args:
        kernel: shape (K, C, S, S).

    Returns:
        The filters, shape (C, S, S), and the weights of the 1x1 convolution behind them, shape (K, C).
    """
    ### BEGIN SOLUTION
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s[:, :1]
    return spatial, mix.T
    ### END SOLUTION


def kept(kernel: torch.Tensor) -> torch.Tensor:
    """Share of a kernel's energy in its nearest sums of 1, 2, ... outer products for each input channel.

    Args:
        kernel: shape (K, C, S, S).

    Returns:
        Shape (min(K, S * S),).
    """
    ### BEGIN SOLUTION
    energy = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2)).square().sum(dim=0)
    return energy.cumsum(dim=0) / energy.sum()
    ### END SOLUTION


# %% role="check" name="nearest" answer="nearest" points=2 refuse="torchvision timm nearest_separable full_kernel one_kernel kept"
def _wave(*shape, speed=1.0):
    return (torch.arange(math.prod(shape)) * 0.7 * speed + len(shape)).sin().reshape(shape)


def _rebuilt(kernel):
    spatial, mix = nearest(kernel)
    return torch.einsum("crs,kc->kcrs", spatial, mix)


def the_shapes():
    """the shapes of your answer for a kernel from 3 channels to 5"""
    spatial, mix = nearest(_wave(5, 3, 3, 3, speed=2.9))
    yield "spatial", np.array(spatial.shape)
    yield "mix", np.array(mix.shape)


def worked_nearest():
    """the example of the text, as the kernel that your two steps amount to"""
    kernel = torch.zeros(2, 1, 3, 3)
    kernel[0, 0, 0, 0], kernel[1, 0, 1, 1] = 3, 4
    yield "kernel", _rebuilt(kernel)


def from_three_to_five():
    """a full kernel from 3 channels to 5, as the kernel that your two steps amount to"""
    yield "kernel", _rebuilt(_wave(5, 3, 3, 3, speed=2.9))


def separable_already():
    """a kernel that is separable, from 2 channels to 4"""
    yield "kernel", _rebuilt(torch.einsum("crs,kc->kcrs", _wave(2, 3, 3, speed=1.9), _wave(4, 2)))


def hidden_many_outputs():
    """12 outputs and 2 inputs, and 1 output and 3 inputs, in double precision"""
    yield "many", _rebuilt(_wave(12, 2, 3, 3, speed=3.7).double())
    yield "one", _rebuilt(_wave(1, 3, 3, 3, speed=2.3).double())


def hidden_wide_filters():
    """filters of 5 by 5, from 4 channels to 4, one of them far larger than the others"""
    kernel = _wave(4, 4, 5, 5, speed=4.1)
    kernel[:, 2] *= 50
    yield "kernel", _rebuilt(kernel)


# %% role="check" name="kept" answer="nearest" points=1 refuse="torchvision timm nearest_separable full_kernel one_kernel nearest"
def _chirp(*shape, speed):
    places = torch.arange(math.prod(shape), dtype=torch.float64)
    return (places**2 * 0.013 * speed + len(shape)).sin().reshape(shape).float()


def worked_kept():
    """the example of the text"""
    kernel = torch.zeros(2, 1, 3, 3)
    kernel[0, 0, 0, 0], kernel[1, 0, 1, 1] = 3, 4
    yield "shares", kept(kernel)


def unequal_channels():
    """from 3 channels to 4, the second channel five times as large as the others"""
    kernel = _chirp(4, 3, 3, 3, speed=2.9)
    kernel[:, 1] *= 5
    yield "shares", kept(kernel)


def hidden_more_outputs_than_places():
    """12 outputs, 9 places; a single output; filters of 5 by 5 in double precision"""
    yield "twelve", kept(_chirp(12, 2, 3, 3, speed=3.7))
    yield "one", kept(_chirp(1, 3, 3, 3, speed=2.3))
    yield "five by five", kept(_chirp(6, 2, 5, 5, speed=4.1).double())


# %% [markdown]
# ## 7 · Does the order matter? (3 points, read by a person)
#
# Inception's idea was drawn with the 1×1 first, Xception's code filters first. The paper calls this difference unimportant, because the steps are
# stacked: space, channels, space, channels, … One may put the brackets either way.
#
# The next cell builds both stacks *from the same six layers*. Stack A does (space, channels) three times. Stack B takes the first spatial step and the last mixing step
# out of the brackets and does (channels, space) twice between them. It tries three places for the ReLU: none at all, one behind each pair, one behind each step. Between A and B
# it prints the largest difference, relative to the largest value of A.
#
# **First predict, then run.** Before you run it, write down in which of the three cases A and B are equal. Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Write both stacks as a row of letters (s for space, c for channels, r for ReLU) for the case in which they differ. Which ReLU has moved?
# 3. In Xception a ReLU stands behind each pair, none between the two steps. Is "the order is unimportant since they are stacked" an exact statement then? What would you have to measure to
#    know whether it matters in practice?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all three cases. A wrong prediction costs nothing.
# - **The letters**: both rows are right, and it is said that the ReLU stands behind a mixing step in one and behind a spatial step in the other.
# - **The judgement**: the statement is exact without ReLUs and with one behind each step, but not for Xception; to know more, train both with several seeds, each at its best
#   learning rate, and compare on new data.

# %% [markdown] role="written" name="order" points=3
# *Prediction.* Equal in all three cases, since it is the same six layers in the same order. *Result.* Equal without ReLU and with one behind each step (difference 0 but for rounding); with
# one behind each pair they differ by about as much as the values themselves. I had overlooked that the pairs end at different places in A and B, so the ReLUs stand at different places.
#
# *The letters.* A: s c r s c r s c r. B: s, then (c s r) (c s r), then c r: s c s r c s r c r. In A each ReLU follows a mixing step. In B the two inside follow a spatial step.
#
# *The judgement.* No. For Xception, with its ReLU behind each pair, the two orders are different families of functions. The argument would be exact with a ReLU behind each step, as in
# Inception. Whether it matters in practice only an experiment can say: both orders, the same data, several seeds, the best learning rate for each, accuracy on new images with its spread.


# %% role="given" name="order_run"
def both_stacks(behind_pair, behind_step):
    generator, channels = torch.Generator().manual_seed(0), 8
    image = torch.randn(1, channels, 10, 10, generator=generator)
    space = [torch.randn(channels, 1, 3, 3, generator=generator) for _ in range(3)]
    mixes = [torch.randn(channels, channels, 1, 1, generator=generator) for _ in range(3)]

    def spatial_step(values, kernel):
        values = F.conv2d(values, kernel, padding=1, groups=channels)
        return F.relu(values) if behind_step else values

    def mixing_step(values, kernel):
        values = F.conv2d(values, kernel)
        return F.relu(values) if behind_step else values

    def end_of_pair(values):
        return F.relu(values) if behind_pair else values

    stack_a = image
    for i in range(3):
        stack_a = end_of_pair(mixing_step(spatial_step(stack_a, space[i]), mixes[i]))
    stack_b = spatial_step(image, space[0])
    for i in range(2):
        stack_b = end_of_pair(spatial_step(mixing_step(stack_b, mixes[i]), space[i + 1]))
    stack_b = end_of_pair(mixing_step(stack_b, mixes[2]))
    return ((stack_a - stack_b).abs().max() / stack_a.abs().max()).item()


for name, behind_pair, behind_step in (
    ("no ReLU", False, False),
    ("a ReLU behind each pair", True, False),
    ("a ReLU behind each step", False, True),
):
    print(f"{name:24} relative difference {both_stacks(behind_pair, behind_step):.3f}")

# %% [markdown]
# ## Optional: the count and the clock (no points)
#
# Towers save arithmetic. Do they save time? The next cell counts the multiply-accumulates of the spatial step by number of towers, and
# measures how many images pass through it in a second. Predict the ratio between the first row and the last, for the count and for the clock. On a GPU the maps are larger.

# %% role="given" name="clock"
size = {"channels": 512, "side": 64, "batch": 16} if device.type == "cuda" else {"channels": 64, "side": 16, "batch": 2}
maps = torch.rand(size["batch"], size["channels"], size["side"], size["side"], device=device)
for count in (1, 4, 16, size["channels"]):
    step = nn.Conv2d(size["channels"], size["channels"], 3, padding=1, groups=count, bias=False).to(device)
    work = measure.count_macs(step, maps[:1]) / 1e6
    print(f"{count:4} towers: {work:8.2f} M multiply-adds, {measure.throughput(step, maps, seconds=0.2):8.0f} images/s")
