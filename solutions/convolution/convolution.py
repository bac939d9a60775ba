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

# %% [markdown] role="title" chapter="vision/convolution" minutes=90
# # Convolution: the same weights everywhere
#
# **18 points, about 90 minutes.** This exercise belongs to the chapter *Convolution: the same weights everywhere*.
#
# You write a convolution twice: by loops on one channel, and as one matrix product on many. Around it you write what
# one needs to know before building a network of them: how large the result is, what padding keeps the size, what
# pooling does at the border, how far a stack of layers sees. Then you make a detector by hand, and you predict what
# a move of the image does to three networks.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, images that are not square, a single channel.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $H$ and $W$ height and
# width of an image, $R$ and $S$ height and width of a kernel, all in pixels. As everywhere in this field, the kernel is
# laid on the image as it stands, without turning it round.

# %% role="given" name="setup"
import math
import time

import numpy as np
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
# ## 1 · How large is the result? (3 points)
#
# Think of one side of the image, a row of `size` pixels. `padding` zeros are put at *each* end. A window of `kernel`
# places starts at the first of them and moves on by `stride` pixels at a time, as long as it fits whole. With
# `dilation=2` the window reads every second pixel, with 3 every third, so it covers more pixels than it has places.
# Write two functions.
#
# `output_size(size, kernel, stride, padding, dilation)` counts the places of the window (1 point). If it fits nowhere,
# the answer is `0` (1 point).
#
# `same_padding(kernel, dilation)` gives the padding that makes the output exactly as large as the input when the stride
# is 1. If no padding that is equal at both ends does it, the answer is `None` (1 point).
#
# Both are arithmetic with whole numbers. The layers and the `unfold` of PyTorch are turned off for this answer.
#
# **Example.** `output_size(5, 3)` is `3`. `output_size(7, 3, stride=2, padding=1)` is `4`: nine pixels, and windows
# start at 0, 2, 4 and 6. `output_size(5, 3, dilation=2)` is `1`: three places, every second pixel, cover five.
# `same_padding(3)` is `1`, and `same_padding(4)` is `None`: padding of 1 loses a pixel, padding of 2 wins one.
#
# <details><summary>Hint: where to look</summary>
#
# Draw the row with its padding on paper. How many pixels lie from the first to the last that one window reads? How far
# can its start move before the end falls off? How many steps of `stride` are in that way?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `span = dilation * (kernel - 1) + 1` is the number of pixels from the first to the last of a window.
#
# </details>


# %% role="answer" name="sizes"
def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Places of a window along one side.

    Args:
        size: pixels of the input along this side.
        kernel: places of the window, at least 1.
        stride: step from one window to the next, at least 1.
        padding: pixels added at each end.
        dilation: distance of neighbouring places of the window, at least 1.

    Returns:
        How many windows fit; 0 if none does.
    """
    ### BEGIN SOLUTION
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    return room // stride + 1 if room >= 0 else 0
    ### END SOLUTION


def same_padding(kernel: int, dilation: int = 1) -> int | None:
    """Padding at each end that keeps the size, with stride 1.

    Args:
        kernel: places of the window, at least 1.
        dilation: distance of neighbouring places of the window, at least 1.

    Returns:
        The padding, or None where no equal padding at both ends keeps the size.
    """
    ### BEGIN SOLUTION
    needed = dilation * (kernel - 1)
    return needed // 2 if needed % 2 == 0 else None
    ### END SOLUTION


# %% role="check" name="output_size" answer="sizes" points=1 refuse="unfold Conv1d Conv2d conv1d conv2d max_pool1d max_pool2d MaxPool1d MaxPool2d Unfold same_padding"
def plain_sizes():
    """windows without padding: of 3 on 5 pixels, of 5 on 12, of 1 on 4, of 6 on 6"""
    yield "sizes", np.array([output_size(5, 3), output_size(12, 5), output_size(4, 1), output_size(6, 6)])


def strided_sizes():
    """stride and padding: (7, 3, stride 2, padding 1), (8, 3, stride 2), (10, 4, stride 3, padding 2), (6, 3, padding 2)"""
    sizes = [output_size(7, 3, 2, 1), output_size(8, 3, 2), output_size(10, 4, 3, 2), output_size(6, 3, padding=2)]
    yield "sizes", np.array(sizes)


def dilated_sizes():
    """dilation: (5, 3, dilation 2), (12, 3, stride 2, dilation 3), (14, 4, dilation 2)"""
    sizes = [output_size(5, 3, dilation=2), output_size(12, 3, stride=2, dilation=3), output_size(14, 4, dilation=2)]
    yield "sizes", np.array(sizes)


def hidden_the_first_layer_of_a_large_network():
    """7 on 224 with stride 2 and padding 3, 11 on 227 with stride 4, and the same on 224"""
    yield "sizes", np.array([output_size(224, 7, 2, 3), output_size(227, 11, 4), output_size(224, 11, 4)])


def hidden_all_at_once():
    """many settings of all five numbers, all of them possible"""
    sizes = [
        output_size(size, kernel, stride, padding, dilation)
        for size in (9, 12, 20)
        for kernel in (1, 2, 3)
        for stride in (1, 2, 5)
        for padding in (0, 1, 3)
        for dilation in (1, 2, 4)
    ]
    yield "sizes", np.array(sizes)


# %% role="check" name="no_room" answer="sizes" points=1 refuse="unfold Conv1d Conv2d conv1d conv2d max_pool1d max_pool2d MaxPool1d MaxPool2d Unfold same_padding"
def windows_that_do_not_fit():
    """windows that fit nowhere: of 4 on 3 pixels, of 5 on 2, of 3 with dilation 3 on 5 pixels"""
    yield "sizes", np.array([output_size(3, 4), output_size(2, 5), output_size(5, 3, dilation=3)])


def windows_that_barely_fit():
    """windows that barely fit: of 4 on 4 pixels, the same with padding 1, of 2 with dilation 4 on 7 pixels"""
    yield "sizes", np.array([output_size(4, 4), output_size(4, 4, padding=1), output_size(7, 2, dilation=4)])


def hidden_small_images():
    """many settings on images of one to five pixels, most of them impossible"""
    sizes = [
        output_size(size, kernel, stride, padding, dilation)
        for size in (1, 2, 5)
        for kernel in (1, 3, 5)
        for stride in (1, 2, 3)
        for padding in (0, 1)
        for dilation in (1, 2, 4)
    ]
    yield "sizes", np.array(sizes)


# %% role="check" name="same_padding" answer="sizes" points=1 refuse="unfold Conv1d Conv2d conv1d conv2d output_size"
def _told(padding):
    return -1 if padding is None else padding


def odd_kernels():
    """kernels of 3, 5 and 7 (None is shown here as -1)"""
    yield "padding", np.array([_told(same_padding(kernel)) for kernel in (3, 5, 7)])


def even_kernels():
    """kernels of 2 and 4, where no equal padding does it (shown here as -1)"""
    yield "padding", np.array([_told(same_padding(kernel)) for kernel in (2, 4)])


def dilated_kernel():
    """a kernel of 3 with dilation 2 (None is shown here as -1)"""
    yield "padding", _told(same_padding(3, 2))


def hidden_one_place():
    """a kernel of a single place, with and without dilation (None is shown here as -1)"""
    yield "padding", np.array([_told(same_padding(1)), _told(same_padding(1, 3))])


def hidden_many():
    """kernels of 1 to 8 with dilations of 1 to 5 (None is shown here as -1)"""
    yield "padding", np.array([_told(same_padding(k, d)) for k in range(1, 9) for d in range(1, 6)])


# %% [markdown]
# ## 2 · One channel, by loops (2 points)
#
# Lay the kernel on the top left corner of the image. Multiply each of its numbers by the pixel below it and add the
# products up: that is the first number of the result. Move the kernel by one pixel, and again. No padding, stride 1:
#
# $$y_{ij} = \sum_{r} \sum_{s} x_{i + r,\, j + s}\, w_{rs}.$$
#
# **Contract.** `image` has shape $(H, W)$, `kernel` has shape $(R, S)$, the result has shape $(H - R + 1, W - S + 1)$.
# Neither is square in general.
#
# **Example.** With the image $\begin{pmatrix} 1 & 2 & 0 & 1 \\ 0 & 1 & 3 & 2 \\ 2 & 0 & 1 & 0 \end{pmatrix}$ and the kernel
# $\begin{pmatrix} 1 & 0 & 2 \\ -1 & 2 & 0 \end{pmatrix}$ the first number is
# $1 \cdot 1 + 0 \cdot 2 + 2 \cdot 0 - 1 \cdot 0 + 2 \cdot 1 + 0 \cdot 3 = 3$, and the result is
# $\begin{pmatrix} 3 & 9 \\ 4 & 7 \end{pmatrix}$.
#
# Write it with loops and sums. The convolutions that PyTorch, NumPy and SciPy bring are turned off for this answer.
#
# <details><summary>Hint: where to look</summary>
#
# Which rows of the image lie below the kernel when its top row lies on row $i$? Which is the last $i$ for which they all
# exist?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `patch = image[i : i + rows, j : j + columns]`, with `rows, columns = kernel.shape`, is what lies below the kernel.
#
# </details>


# %% role="answer" name="slide"
def slide(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """The kernel's weighted sum at every place where it lies wholly on the image.

    Args:
        image: shape (H, W).
        kernel: shape (R, S), not larger than the image.

    Returns:
        Shape (H - R + 1, W - S + 1).
    """
    ### BEGIN SOLUTION
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result
    ### END SOLUTION


# %% role="check" name="slide" points=2 refuse="conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d Conv1d Conv2d Conv3d ConvTranspose2d LazyConv2d conv_tbc convolve convolve2d correlate correlate2d fftconvolve"
def worked_slide():
    """the example of the text"""
    image = torch.tensor([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [2.0, 0.0, 1.0, 0.0]])
    yield "result", slide(image, torch.tensor([[1.0, 0.0, 2.0], [-1.0, 2.0, 0.0]]))


def three_by_three_slide():
    """a kernel of 3 by 3 on an image of 5 by 6"""
    image = torch.linspace(-2, 5, 30).reshape(5, 6).cos()
    yield "result", slide(image, torch.tensor([[1.0, 2.0, -1.0], [0.0, 3.0, 1.0], [-2.0, 0.0, 0.5]]))


def hidden_narrow_slide():
    """a kernel of 2 by 3 on an image of 4 by 7, in double precision"""
    image = torch.linspace(0, 9, 28).double().reshape(4, 7).sin()
    yield "result", slide(image, torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.0, -1.0]]).double())


def hidden_tall_slide():
    """a kernel of 3 by 1 on a tall image"""
    image = torch.linspace(0, 5, 16).reshape(8, 2).cos()
    yield "result", slide(image, torch.tensor([[1.0], [0.0], [-2.0]]))


def hidden_whole_image_slide():
    """a kernel as large as the image, and one of a single number"""
    image = torch.linspace(-1, 2, 12).reshape(3, 4)
    yield "whole image", slide(image, torch.linspace(1, 2, 12).reshape(3, 4))
    yield "single number", slide(image, torch.tensor([[-2.0]]))


# %% [markdown]
# ## 3 · Many channels, one matrix product (4 points)
#
# A colour image has three channels, and later layers have hundreds. A kernel then has a slice for each channel, and its
# results for all channels are *added up* to one number. A layer has $K$ such kernels, and each makes one channel of the
# result:
#
# $$y_{kij} = b_k + \sum_{c} \sum_{r} \sum_{s} x_{c,\, i + r,\, j + s}\, w_{kcrs}.$$
#
# Loops are too slow for this. Take all patches out of the image at once, lay each out as one long row of $C R S$
# numbers, and all sums together are one product with a matrix of $K$ columns.
#
# **Contract.** `x` has shape $(B, C, H, W)$, `weight` has shape $(K, C, R, S)$, `bias` has shape $(K,)$. `padding` rows
# and columns of zeros stand on *all four* sides; the window moves by `stride` both down and right. The result has shape
# $(B, K, H_2, W_2)$ with sizes as in task 1. Two points are for the sums, one for the bias, one for stride and padding.
#
# **Example.** One image with channels $\begin{pmatrix} 1 & 2 & 0 \\ 3 & 4 & 1 \end{pmatrix}$ and
# $\begin{pmatrix} 0 & 1 & 2 \\ 1 & 0 & 3 \end{pmatrix}$, one kernel with slices
# $\begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix}$ and $\begin{pmatrix} 0 & 2 \\ 1 & 3 \end{pmatrix}$, and bias $0.5$: at the
# first place the channels give $6$ and $3$, at the second $0$ and $13$, so the result is
# $\begin{pmatrix} 9.5 & 13.5 \end{pmatrix}$, in shape $(1, 1, 1, 2)$.
#
# The convolutions that libraries bring are turned off for this answer. `unfold` and `pad` are not.
#
# <details><summary>Hint: where to look</summary>
#
# `x.unfold(2, R, stride)` cuts the rows into windows and puts a new axis of length $R$ at the end; the same again for
# axis 3. Which of the six axes then belong to one patch? `permute` brings them to the end, in the order of the weight.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x = F.pad(x, (padding, padding, padding, padding))`: left, right, top, bottom. Then
# `patches = x.unfold(2, R, stride).unfold(3, S, stride)` has shape $(B, C, H_2, W_2, R, S)$.
#
# </details>


# %% role="answer" name="convolve"
def convolve(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, stride: int = 1, padding: int = 0
) -> torch.Tensor:
    """A convolution layer.

    Args:
        x: images, shape (B, C, H, W).
        weight: kernels, shape (K, C, R, S).
        bias: shape (K,).
        stride: step of the window.
        padding: rows and columns of zeros on each side.

    Returns:
        Shape (B, K, H2, W2).
    """
    ### BEGIN SOLUTION
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)  # B C H2 W2 R S
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)  # B H2 W2 CRS
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)
    ### END SOLUTION


# %% role="check" name="convolve" points=2 refuse="conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d Conv1d Conv2d Conv3d ConvTranspose2d LazyConv2d conv_tbc convolve2d correlate correlate2d fftconvolve"
def worked_sums():
    """the example of the text, with a bias of zero"""
    x = torch.tensor([[[[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]], [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0]]]])
    weight = torch.tensor([[[[1.0, 0.0], [-1.0, 2.0]], [[0.0, 2.0], [1.0, 3.0]]]])
    yield "result", convolve(x, weight, torch.zeros(1))


def several_channels():
    """two images of 5 by 6 with three channels, four kernels of 3 by 3, no bias"""
    x = torch.linspace(0, 40, 2 * 3 * 5 * 6).reshape(2, 3, 5, 6).sin()
    weight = torch.linspace(0, 30, 4 * 3 * 9).reshape(4, 3, 3, 3).cos()
    yield "result", convolve(x, weight, torch.zeros(4))


def hidden_other_channels():
    """one image of 7 by 4 with five channels, two kernels of 2 by 3, in double precision"""
    x = torch.linspace(0, 50, 5 * 7 * 4).double().reshape(1, 5, 7, 4).sin()
    weight = torch.linspace(0, 20, 2 * 5 * 6).double().reshape(2, 5, 2, 3).cos()
    yield "result", convolve(x, weight, torch.zeros(2).double())


def hidden_single_channel():
    """one channel in, one out, and kernels of a single pixel"""
    x = torch.linspace(0, 9, 16).reshape(1, 1, 4, 4).sin()
    yield "one channel", convolve(x, torch.linspace(-1, 1, 9).reshape(1, 1, 3, 3), torch.zeros(1))
    pixels = torch.linspace(0, 30, 48).reshape(1, 3, 4, 4).sin()
    yield "single pixel", convolve(pixels, torch.linspace(-1, 1, 6).reshape(2, 3, 1, 1), torch.zeros(2))


# %% role="check" name="convolve_bias" answer="convolve" points=1 refuse="conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d Conv1d Conv2d Conv3d ConvTranspose2d LazyConv2d conv_tbc convolve2d correlate correlate2d fftconvolve"
def worked_bias():
    """the example of the text, with its bias of 0.5"""
    x = torch.tensor([[[[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]], [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0]]]])
    weight = torch.tensor([[[[1.0, 0.0], [-1.0, 2.0]], [[0.0, 2.0], [1.0, 3.0]]]])
    yield "result", convolve(x, weight, torch.tensor([0.5]))


def three_biases():
    """three kernels of 2 by 2 with the biases 1, -2 and 0.5, on images of 4 by 5"""
    x = torch.linspace(0, 20, 2 * 2 * 20).reshape(2, 2, 4, 5).sin()
    weight = torch.linspace(0, 9, 3 * 2 * 4).reshape(3, 2, 2, 2).cos()
    yield "result", convolve(x, weight, torch.tensor([1.0, -2.0, 0.5]))


def hidden_biases_alone():
    """two kernels of zeros: nothing is left but the biases"""
    yield "result", convolve(torch.ones(1, 3, 5, 4), torch.zeros(2, 3, 3, 3), torch.tensor([3.0, -1.0]))


# %% role="check" name="convolve_stride" answer="convolve" points=1 refuse="conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d Conv1d Conv2d Conv3d ConvTranspose2d LazyConv2d conv_tbc convolve2d correlate correlate2d fftconvolve"
def _layer(side, kernel):
    x = torch.linspace(0, 40, 2 * side * (side + 1)).reshape(1, 2, side, side + 1).sin()
    weight = torch.linspace(0, 15, 3 * 2 * kernel * kernel).reshape(3, 2, kernel, kernel).cos()
    return x, weight, torch.zeros(3)


def with_padding():
    """kernels of 3 by 3 with padding 1"""
    yield "result", convolve(*_layer(5, 3), padding=1)


def with_stride():
    """kernels of 3 by 3 with stride 2"""
    yield "result", convolve(*_layer(7, 3), stride=2)


def hidden_with_both():
    """kernels of 3 by 3 with stride 2 and padding 1, where the last step does not fit"""
    yield "result", convolve(*_layer(6, 3), stride=2, padding=1)


def hidden_wide_stride():
    """kernels of 2 by 2 with stride 3 and padding 2: some pixels are never read"""
    yield "result", convolve(*_layer(7, 2), stride=3, padding=2)


# %% [markdown]
# ## 4 · Max pooling (2 points)
#
# Pooling makes a map smaller: of each patch of `size` by `size` pixels it keeps one number, here the largest. Each
# channel is pooled by itself, and nothing is learned.
#
# **Contract.** `x` has shape $(B, C, H, W)$; the result has shape $(B, C, H_2, W_2)$. The window moves by `stride`,
# which is `size` when it is `None`. `padding` rows and columns stand on each side (at most half of `size`), and they must
# never win: the largest value of a patch is always that of a real pixel. As in task 1, only windows that fit whole count.
# One point is for the windows, one for the padding.
#
# **Example.** With `size=2` the image
# $\begin{pmatrix} 1 & 3 & 2 & 0 & 9 \\ 4 & 2 & 1 & 1 & 0 \\ 0 & -1 & -5 & -2 & 0 \\ -3 & -1 & -4 & -6 & 7 \end{pmatrix}$ becomes
# $\begin{pmatrix} 4 & 2 \\ 0 & -2 \end{pmatrix}$: no window of 2 fits on the last column alone.
#
# The pooling functions that PyTorch brings are turned off for this answer.
#
# <details><summary>Hint: where to look</summary>
#
# Which number is smaller than every pixel, however negative the pixels are? What does `F.pad` put in when you do not
# say anything?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)`; then `unfold` along axes 2 and 3.
#
# </details>


# %% role="answer" name="max_pool"
def max_pool(x: torch.Tensor, size: int, stride: int | None = None, padding: int = 0) -> torch.Tensor:
    """The largest value of each patch.

    Args:
        x: shape (B, C, H, W).
        size: side of a patch.
        stride: step of the window; None means size.
        padding: rows and columns on each side that never win.

    Returns:
        Shape (B, C, H2, W2).
    """
    ### BEGIN SOLUTION
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))
    ### END SOLUTION


# %% role="check" name="max_pool" points=1 refuse="max_pool1d max_pool2d max_pool3d MaxPool1d MaxPool2d MaxPool3d adaptive_max_pool2d adaptive_max_pool1d AdaptiveMaxPool2d AdaptiveMaxPool1d fractional_max_pool2d FractionalMaxPool2d max_pool2d_with_indices lp_pool2d maximum_filter block_reduce torchvision timm"
def worked_pool():
    """the example of the text"""
    upper = [[1.0, 3.0, 2.0, 0.0, 9.0], [4.0, 2.0, 1.0, 1.0, 0.0]]
    lower = [[0.0, -1.0, -5.0, -2.0, 0.0], [-3.0, -1.0, -4.0, -6.0, 7.0]]
    yield "result", max_pool(torch.tensor([[upper + lower]]), 2)


def channels_pooled():
    """two images of 5 by 7 with three channels, patches of 2"""
    yield "result", max_pool(torch.linspace(0, 99, 2 * 3 * 35).reshape(2, 3, 5, 7).sin(), 2)


def overlapping_patches():
    """patches of 3 with stride 2, on 7 by 6 pixels"""
    yield "result", max_pool(torch.linspace(0, 60, 42).reshape(1, 1, 7, 6).cos(), 3, 2)


def hidden_gaps():
    """patches of 2 with stride 3, in double precision"""
    yield "result", max_pool(torch.linspace(0, 70, 2 * 64).double().reshape(1, 2, 8, 8).cos(), 2, 3)


def hidden_dense_patches():
    """patches of 3 with stride 1, and patches of one pixel"""
    x = torch.linspace(0, 50, 2 * 25).reshape(1, 2, 5, 5).sin() - 2
    yield "stride 1", max_pool(x, 3, 1)
    yield "one pixel", max_pool(x, 1)


# %% role="check" name="max_pool_padding" answer="max_pool" points=1 refuse="max_pool1d max_pool2d max_pool3d MaxPool1d MaxPool2d MaxPool3d adaptive_max_pool2d adaptive_max_pool1d AdaptiveMaxPool2d AdaptiveMaxPool1d fractional_max_pool2d FractionalMaxPool2d max_pool2d_with_indices lp_pool2d maximum_filter block_reduce torchvision timm"
def padded_negative():
    """padding 1 round an image of negative numbers, patches of 3 with stride 2"""
    yield "result", max_pool(torch.linspace(0, 20, 42).reshape(1, 1, 6, 7).sin() - 3, 3, 2, 1)


def hidden_padded_mixed():
    """padding 1 round numbers of both signs, patches of 2, two channels"""
    yield "result", max_pool(torch.linspace(0, 40, 2 * 24).reshape(1, 2, 4, 6).sin(), 2, None, 1)


def hidden_far_below_zero():
    """padding 1 round numbers near minus ten million, patches of 3 with stride 3"""
    yield "result", max_pool(torch.linspace(0, 30, 16).double().reshape(1, 1, 4, 4).cos() - 1e7, 3, 3, 1)


# %% [markdown]
# ## 5 · How far does it see? (2 points)
#
# One number of a deep layer depends on a patch of the image, its *receptive field*. A window of 3 on a window of 3 sees
# 5 pixels, not 9: neighbouring windows overlap. After a stride of 2, neighbours lie two pixels apart in the image, so
# the next window of 3 reaches twice as far to each side.
#
# **Contract.** `layers` is a list of triples `(kernel, stride, dilation)`, the first to meet the image comes first.
# Convolutions and poolings count alike. Return the side of the receptive field of one output, in pixels. An empty list
# sees 1 pixel.
#
# **Example.** `receptive_field([(3, 1, 1), (3, 1, 1)])` is `5`. `receptive_field([(3, 2, 1), (3, 1, 1)])` is `7`: three
# windows of 3 that start at 0, 2 and 4 reach from pixel 0 to pixel 6. `receptive_field([(3, 1, 2)])` is `5`.
#
# <details><summary>Hint: where to look</summary>
#
# Two outputs that are neighbours: how many pixels of the image lie between their windows? Keep that number beside the
# field, and see what each layer does to both.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `field, step = 1, 1`, then for each layer: first the field grows, then the step does.
#
# </details>


# %% role="answer" name="receptive_field"
def receptive_field(layers: list[tuple[int, int, int]]) -> int:
    """Side of the patch of input that one output depends on.

    Args:
        layers: triples (kernel, stride, dilation), from the image upwards.

    Returns:
        The side in pixels.
    """
    ### BEGIN SOLUTION
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field
    ### END SOLUTION


# %% role="check" name="receptive_field" points=2 refuse="receptive_field torchvision timm grad backward autograd"
def three_windows():
    """one, two and three windows of 3"""
    yield "fields", np.array([receptive_field([(3, 1, 1)] * n) for n in (1, 2, 3)])


def other_kernels():
    """a window of 5 and one of 2"""
    yield "field", receptive_field([(5, 1, 1), (2, 1, 1)])


def strided_windows():
    """stride in the first layer, stride in the second, stride in both of two windows of 3"""
    both = [[(3, 2, 1), (3, 1, 1)], [(3, 1, 1), (3, 2, 1)], [(3, 2, 1), (3, 2, 1)]]
    yield "fields", np.array([receptive_field(layers) for layers in both])


def dilated_windows():
    """a window of 3 with dilation 2, and dilations 1, 2 and 4 in a row"""
    yield "fields", np.array([receptive_field([(3, 1, 2)]), receptive_field([(3, 1, d) for d in (1, 2, 4)])])


def hidden_nothing():
    """no layer, and a layer that looks at one place"""
    yield "fields", np.array([receptive_field([]), receptive_field([(1, 1, 1)]), receptive_field([(1, 2, 1)])])


def hidden_four_strides():
    """windows and poolings in turn, with several strides"""
    yield "field", receptive_field([(7, 2, 1), (3, 2, 1), (3, 1, 1), (3, 1, 1), (3, 3, 1), (2, 2, 1), (3, 1, 1)])


def hidden_strides_and_dilations():
    """strides and dilations together"""
    yield "field", receptive_field([(3, 1, 2), (2, 2, 1), (3, 1, 4), (4, 3, 2), (3, 1, 3)])


# %% [markdown]
# ## 6 · A detector by hand (2 points)
#
# Before anyone trained kernels, people designed them. The images of this task hold only 0 (dark) and 1 (bright). Find a
# kernel of 3 by 3 and a bias such that the sum of task 2, plus the bias, is *positive exactly at top left corners* and
# zero or negative everywhere else. A ReLU behind it then leaves nothing but the corners.
#
# A pixel is a top left corner if it is bright, its neighbours on the right and below are bright, and its neighbours on
# the left and above are dark. The four diagonal neighbours may be anything.
#
# **Contract.** `corner_detector()` returns the kernel, shape $(3, 3)$, and the bias, a number. The middle of the kernel
# lies on the pixel in question. Pictures get one ring of dark pixels as padding.
#
# **Example.** For a detector of bright pixels whose right neighbour is dark, this will do:
# the kernel $\begin{pmatrix} 0 & 0 & 0 \\ 0 & 1 & -1 \\ 0 & 0 & 0 \end{pmatrix}$ and the bias $0$. The sum is
# $1$ there and $0$ or $-1$ elsewhere.
#
# <details><summary>Hint: where to look</summary>
#
# Five conditions have to hold at once. Let each give one point when it is met, or take one point when it is not. How
# many points does a true corner get, and how many at most does any other pixel? Put the bias between the two.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# Pixels that must be bright get the weight 1, pixels that must be dark get -1, all others 0.
#
# </details>


# %% role="answer" name="corner_detector"
def corner_detector() -> tuple[torch.Tensor, float]:
    """Kernel and bias whose sum is positive at top left corners and nowhere else.

    Returns:
        The kernel, shape (3, 3), and the bias.
    """
    ### BEGIN SOLUTION
    kernel = torch.tensor([[0.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    return kernel, -2.0
    ### END SOLUTION


# %% role="check" name="corner_detector" points=2
def _fires(image):
    kernel, bias = corner_detector()
    kernel = torch.as_tensor(kernel, dtype=torch.float64).reshape(1, 1, 3, 3)
    return F.conv2d(torch.as_tensor(image, dtype=torch.float64)[:, None], kernel, padding=1)[:, 0] + float(bias) > 0


def on_a_square():
    """a bright square of 3 by 3 in a dark image of 5 by 5"""
    image = torch.zeros(1, 5, 5)
    image[:, 1:4, 1:4] = 1
    yield "where it fires", _fires(image)


def on_thin_things():
    """a single bright pixel, a row, a column and a cross"""
    images = torch.zeros(4, 5, 5)
    images[0, 2, 2] = 1
    images[1, 2, 1:4] = images[3, 2, 1:4] = 1
    images[2, 1:4, 2] = images[3, 1:4, 2] = 1
    yield "where it fires", _fires(images)


def on_all_neighbourhoods():
    """the middle pixel in each of the 512 images of 3 by 3"""
    images = torch.tensor([[number >> place & 1 for place in range(9)] for number in range(512)]).reshape(-1, 3, 3)
    yield "fires in the middle", _fires(images)[:, 1, 1]


def hidden_busy_image():
    """an image of 12 by 12 with many corners of all four kinds"""
    rows, columns = torch.meshgrid(torch.arange(12), torch.arange(12), indexing="ij")
    yield "where it fires", _fires(((rows * rows + 3 * columns) % 5 < 3)[None].float())


def hidden_at_the_border():
    """a bright image, whose corner lies on the padding"""
    yield "where it fires", _fires(torch.ones(1, 4, 6))


# %% [markdown]
# ## 7 · What does a move change? (3 points, read by a person)
#
# The next code cell trains three networks on handwritten digits, each put in the middle of an empty image of 16 by 16.
# Then it tests them on digits that nobody moved, and on the same digits moved to the right by one and by two pixels.
# The margin is wide, so a move cuts nothing off.
#
# - *Line*: one linear layer on all pixels.
# - *Places kept*: convolution, ReLU, pooling by 2, twice; then a linear layer on everything that is left.
# - *Largest kept*: the same convolutions and poolings; then of each channel only its largest value goes to the linear
#   layer.
#
# **First predict, then run.** Before you run it, write down for each of the three whether a move by one pixel and a
# move by two pixels will cost it few or many right answers. Then run it and explain what you see:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. A convolution has the same weights at every place. Why does *Places kept* still lose so many?
# 3. *Largest kept* does not treat one and two pixels alike. Where does that come from?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, with the numbers. A wrong prediction costs nothing.
# - **Following is not ignoring**: says that the maps of a convolution move with the image (equivariance), and that the
#   linear layer behind them has other weights for every place, so its scores change.
# - **The step of the pooling**: explains the difference between one and two pixels by the stride of 2 of the poolings,
#   and says why the second pooling does not turn two into four here (the largest of largest values).

# %% [markdown] role="written" name="moves" points=3
# *Prediction.* I expected the line to lose most of its answers, and both convolutional networks to lose few, because
# their weights are the same everywhere. *Result.* All three name about nine in ten of the centred digits. One pixel takes
# the line down to about a third and two pixels near guessing. *Places kept* falls to about one half and then to less than
# a third: the prediction was wrong. *Largest kept* loses about a sixth of its answers after one pixel, and after two
# pixels it is as good as without a move.
#
# *Following is not ignoring.* When the image moves, the maps of a convolution move too: the same numbers stand at other
# places. That is equivariance. The linear layer at the end has a weight for each channel *at each place*, and it has
# only seen digits in the middle. To it, a moved map is a new input, just as a moved image is to the line. Pooling softens
# this a little, because a move that stays within one patch changes nothing.
#
# *The step of the pooling.* The pooling looks at patches that start at every second pixel. If the image moves by two, the
# patches hold what they held before, one patch further on, so the map is the old one, moved, and its largest value is the
# same. If it moves by one, the patches are cut differently and other values survive. The second pooling also has a step
# of two, which would be four pixels of the image. But the largest value over all places does not depend on how the places
# are grouped: the largest of the largest is the largest. So only the first pooling matters, because a convolution
# follows it. What remains after two pixels comes from the border, where zeros are padded.


# %% role="given" name="moves_run"
class LargestKept(nn.Module):
    """The largest value of each channel."""

    def forward(self, x):
        return x.amax(dim=(2, 3))


def convolutions():
    conv1, conv2 = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
    return nn.Sequential(conv1, nn.ReLU(), nn.MaxPool2d(2), conv2, nn.ReLU(), nn.MaxPool2d(2))


def right(model, pixels):
    """Share of right answers on the test images, moved to the right."""
    with torch.no_grad():
        return (model(centred_test.roll(pixels, dims=3)).argmax(dim=1) == digits.y_test).float().mean().item()


digits = data.digits()
centred_train, centred_test = F.pad(digits.x_train, (4, 4, 4, 4)), F.pad(digits.x_test, (4, 4, 4, 4))
torch.manual_seed(0)
networks = {
    "line": nn.Sequential(nn.Flatten(), nn.Linear(256, 10)),
    "places kept": nn.Sequential(convolutions(), nn.Flatten(), nn.Linear(16 * 4 * 4, 10)),
    "largest kept": nn.Sequential(convolutions(), LargestKept(), nn.Linear(16, 10)),
}
for name, network in networks.items():
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    fit(network, (centred_train, digits.y_train), epochs=15, batch_size=100, optimizer=optimizer, device="cpu")
    print(f"{name:12s}", ", ".join(f"moved by {pixels}: {right(network, pixels):.3f}" for pixels in (0, 1, 2)))

# %% [markdown]
# ## Optional: what the patches cost (no points)
#
# Task 3 copies every pixel into as many patches as there are windows over it, nine times for a kernel of 3. The next cell
# compares that product with the convolution of PyTorch, which need not make the copies. It uses the fastest device that
# it finds, with larger sizes on a GPU. Predict the ratio and the size of the patches first, then run it, then change the
# kernel.

# %% role="given" name="patches"
images, channels, side, kernel = (64, 128, 56, 3) if device.type == "cuda" else (4, 16, 28, 3)
maps = torch.randn(images, channels, side, side, device=device)
kernels = torch.randn(channels, channels, kernel, kernel, device=device)


def by_patches():
    patches = F.unfold(maps, kernel, padding=kernel // 2)  # B CRS H2·W2
    return (kernels.flatten(1) @ patches).reshape(maps.shape)


def by_library():
    return F.conv2d(maps, kernels, padding=kernel // 2)


def seconds(compute) -> float:
    """Shortest time of five runs, each waited for to its end."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        compute()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times)


megabytes = maps.numel() * maps.element_size() / 1e6
print(f"{device.type}: {megabytes:.1f} MB of images become {megabytes * kernel**2:.1f} MB of patches")
print(f"the product over patches takes {seconds(by_patches) / seconds(by_library):.1f} times as long as conv2d")
