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

# %% [markdown] role="title" chapter="vision/vgg" minutes=90
# # VGG: small filters, all the way
#
# **20 points, about 90 minutes.** This exercise belongs to the chapter *VGG: small filters, all the way*.
#
# You build VGG's layers from a line of numbers and then keep the books of such a network: its parameters, the values that
# it leaves in memory, the bytes that a batch takes. You find out how far a stack sees and which single filter two layers
# amount to. At the end you put a linear probe on a network's features, and you predict what a larger image costs.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, odd sides, a single layer.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $H$ and $W$ height and width in
# pixels, $N$ classes, $F$ features.
#
# A *configuration* is a list such as `[64, 64, "M", 128, 128, "M"]`. A number stands for a convolution of 3 by 3 that makes
# so many channels, with padding 1, stride 1 and a bias. `"M"` stands for a max pooling of 2 by 2 with stride 2, which
# leaves out a last row or column that does not fit.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data, measure
from dlarch.check import check
from dlarch.training import fit

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Build from a configuration (3 points)
#
# Turn a configuration into layers. A ReLU follows *each* convolution. With `batch_norm=True` a batch norm stands between
# the two; the convolutions keep their biases, as they do in torchvision's VGG.
#
# **Contract.** `build(configuration, in_channels, batch_norm)` returns an `nn.Sequential` (or another module) that takes
# images of shape $(B, C, H, W)$ with $C$ = `in_channels`. Do not add anything behind the last entry. Two points are for
# the network without batch norm, one is for batch norm.
#
# **Example.** `build([4, "M", 6, 6, "M"], 3)` holds three convolutions: from 3 channels to 4, from 4 to 6, from 6 to 6. It
# turns images of 3 by 20 by 12 into maps of 6 by 5 by 3.
#
# <details><summary>Hint: where to look</summary>
#
# A convolution needs to know how many channels come in. That is the number of the last convolution before it, or
# `in_channels` for the first. What does a pooling do to that number?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `layers, channels = [], in_channels`, then a loop over the configuration that appends to `layers` and, behind a
# convolution, sets `channels`.
#
# </details>


# %% role="answer" name="build"
def build(configuration: list, in_channels: int, batch_norm: bool = False) -> nn.Module:
    """The layers of a configuration.

    Args:
        configuration: numbers for convolutions, "M" for poolings, in the order in which an image meets them.
        in_channels: C of the images.
        batch_norm: whether a batch norm stands between each convolution and its ReLU.

    Returns:
        A module from images (B, C, H, W) to the maps of the last entry.
    """
    ### BEGIN SOLUTION
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)
    ### END SOLUTION


# %% role="check" name="build" points=2 refuse="torchvision timm VGG Stage SmallVGG"
def _built(configuration, channels, height, width, **norm):
    model = build(configuration, channels, **norm)
    if isinstance(model, nn.Module):  # layers that find their sizes at the first image get them now
        model.eval()(torch.zeros(2, channels, height, width))
    return model


def _maps(configuration, channels, height, width):
    model = fill(_built(configuration, channels, height, width)).eval()
    x = torch.linspace(0, 40, 2 * channels * height * width).reshape(2, channels, height, width).sin()
    return model(x)


def worked_build():
    """the maps of [4, "M", 6, 6, "M"] for images of 3 by 20 by 12, and the number of parameters"""
    yield "maps", _maps([4, "M", 6, 6, "M"], 3, 20, 12)
    yield "parameters", sum(p.numel() for p in _built([4, "M", 6, 6, "M"], 3, 20, 12).parameters())


def convolutions_alone():
    """four convolutions without a pooling, on images of 5 by 7, and the number of parameters"""
    yield "maps", _maps([3, 5, 5, 5], 2, 5, 7)
    yield "parameters", sum(p.numel() for p in _built([3, 5, 5, 5], 2, 5, 7).parameters())


def two_poolings_in_a_row():
    """a convolution between two poolings, then one more pooling"""
    yield "maps", _maps(["M", 3, "M", "M"], 2, 16, 12)


def hidden_odd_sides():
    """sides that two does not divide"""
    yield "maps", _maps([3, "M", 4, "M"], 1, 9, 7)


def hidden_longer():
    """six convolutions in three stages"""
    yield "maps", _maps([2, 3, "M", 5, 4, "M", 4, 3, "M"], 3, 16, 8)


def hidden_pixel_and_sign():
    """images of a single pixel, and an entry whose maps are all negative before the ReLU"""
    yield "pixel", _maps([3], 2, 1, 1)
    model = _built([2], 1, 3, 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(-1)
    yield "negative", model(torch.ones(1, 1, 3, 3))


# %% role="check" name="build_batch_norm" answer="build" points=1 refuse="torchvision timm VGG Stage SmallVGG"
def _built(configuration, channels, height, width, **norm):
    model = build(configuration, channels, **norm)
    if isinstance(model, nn.Module):  # layers that find their sizes at the first image get them now
        model.eval()(torch.zeros(2, channels, height, width))
    return model


def _normed(configuration, channels, height, width):
    model = fill(_built(configuration, channels, height, width, batch_norm=True)).train()
    x = torch.linspace(0, 40, 2 * channels * height * width).reshape(2, channels, height, width).sin()
    return model(x)


def normed_maps():
    """the maps of [4, 5, "M", 6] with batch norm, in training"""
    yield "maps", _normed([4, 5, "M", 6], 3, 8, 6)


def normed_parameters():
    """the number of parameters of [4, "M", 6] with batch norm and without"""
    counts = [sum(p.numel() for p in _built([4, "M", 6], 3, 4, 4, batch_norm=b).parameters()) for b in (True, False)]
    yield "parameters", np.array(counts)


def hidden_normed_longer():
    """two stages of two convolutions, with batch norm, in training"""
    yield "maps", _normed([3, 4, "M", 5, 5, "M"], 2, 8, 8)


def hidden_normed_evaluation():
    """the same in evaluation, with running statistics of their start"""
    model = fill(_built([3, 4, "M"], 2, 4, 6, batch_norm=True)).eval()
    yield "maps", model(torch.linspace(0, 9, 48).reshape(1, 2, 4, 6).cos())


# %% [markdown]
# ## 2 · Where the parameters sit (2 points)
#
# Count without building. The convolutions of a configuration are followed by three dense layers with biases. The first
# reads *all* numbers of the last maps, the second is as wide, the third gives the scores.
#
# **Contract.** `count(configuration, in_channels, side, hidden, classes)` returns two integers: the parameters of all
# convolutions, and those of the three dense layers. `side` is the height and width of the image. The first two dense layers
# have `hidden` outputs, the last has `classes`.
#
# **Example.** `count([4, "M", 6, "M"], 3, 8, 5, 2)` is `(334, 167)`. The convolutions have $(9 \cdot 3 + 1) \cdot 4 = 112$ and
# $(9 \cdot 4 + 1) \cdot 6 = 222$. The maps are 6 by 2 by 2, so the dense layers have $25 \cdot 5 = 125$, $6 \cdot 5 = 30$ and
# $6 \cdot 2 = 12$.
#
# <details><summary>Hint: where to look</summary>
#
# Each output of a layer has one weight for each number that it reads, and one bias. How many numbers does an output
# of a convolution read? How large are the maps when the poolings are through with them?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `convolutions, channels = 0, in_channels`, then a loop that keeps `channels` and `side` up to date.
#
# </details>


# %% role="answer" name="count"
def count(configuration: list, in_channels: int, side: int, hidden: int, classes: int) -> tuple[int, int]:
    """Parameters of a network of 3 by 3 convolutions and three dense layers.

    Args:
        configuration: numbers for convolutions, "M" for poolings.
        in_channels: C of the images.
        side: height and width of the images in pixels.
        hidden: outputs of the first and of the second dense layer.
        classes: outputs of the third.

    Returns:
        Parameters of the convolutions, and of the dense layers.
    """
    ### BEGIN SOLUTION
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    ### END SOLUTION


# %% role="check" name="count" points=2 refuse="torchvision timm VGG Stage SmallVGG ledger count_parameters"
def worked_count():
    """the example of the text"""
    yield "parameters", np.array(count([4, "M", 6, "M"], 3, 8, 5, 2))


def one_channel_count():
    """[5, 7, "M"] on one channel, 10 pixels a side, 4 hidden, 3 classes"""
    yield "parameters", np.array(count([5, 7, "M"], 1, 10, 4, 3))


def hidden_vgg_16():
    """VGG-16 at 224 pixels"""
    sixteen = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
    yield "parameters", np.array(count(sixteen, 3, 224, 4096, 1000))


def hidden_odd_count():
    """a side of 13 with two poolings, and no pooling at all"""
    yield "odd", np.array(count([4, "M", 4, "M"], 2, 13, 3, 5))
    yield "none", np.array(count([6], 4, 3, 2, 7))


# %% [markdown]
# ## 3 · The books of memory (4 points)
#
# Parameters are only half of the bill. Training also keeps what the layers put out, until the backward pass has used it.
# Write two functions.
#
# `activations(configuration, in_channels, side)` lists how many values one image leaves behind: first the image itself,
# then each entry of the configuration. A ReLU overwrites its input and is not listed. (2 points)
#
# `bytes_needed(values, pools, batch)` turns such a list into bytes, for a batch of images. `values[i]` are the
# values of line `i` for one image, `pools[i]` says whether line `i` is a max pooling. A value is a float32. It returns two integers:
#
# - for *training*: all values of all lines, and for each value of a max pooling the place of its maximum besides, an int64;
# - for *inference*: nothing is kept, so what counts is the layer whose input and output are the largest together. The input of line
#   `i` is line `i - 1`. (2 points)
#
# **Example.** `activations([4, "M", 6], 3, 8)` is `[192, 256, 64, 96]`.
# `bytes_needed([192, 256, 64, 96], [False, False, True, False], 2)` is `(5888, 3584)`: $2 \cdot (4 \cdot 608 + 8 \cdot 64)$ and
# $2 \cdot 4 \cdot (192 + 256)$.
#
# <details><summary>Hint: where to look</summary>
#
# A map has channels times height times width values. Which of the three does a convolution change, which does a pooling? For
# inference, go through the pairs of neighbours.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `values, channels = [in_channels * side * side], in_channels`. And for the second: `training = 4 * sum(values)`, to which
# the places are still to be added.
#
# </details>


# %% role="answer" name="memory"
def activations(configuration: list, in_channels: int, side: int) -> list[int]:
    """Values that one image leaves behind, line by line.

    Args:
        configuration: numbers for convolutions, "M" for poolings.
        in_channels: C of the image.
        side: height and width of the image in pixels.

    Returns:
        The values of the image, then those of each entry.
    """
    ### BEGIN SOLUTION
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return values
    ### END SOLUTION


def bytes_needed(values: list[int], pools: list[bool], batch: int) -> tuple[int, int]:
    """Bytes of activations for a batch, in training and in inference.

    Args:
        values: of each line, for one image; the first line is the image.
        pools: whether the line is a max pooling.
        batch: how many images.

    Returns:
        Bytes kept for the backward pass, and bytes of the largest input and output of one layer.
    """
    ### BEGIN SOLUTION
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference
    ### END SOLUTION


# %% role="check" name="activations" answer="memory" points=2 refuse="torchvision timm VGG Stage SmallVGG ledger activation_bytes bytes_needed"
def worked_activations():
    """the example of the text"""
    yield "values", np.array(activations([4, "M", 6], 3, 8))


def two_in_a_stage():
    """[2, 5, "M", 3, "M"] on one channel of 12 by 12"""
    yield "values", np.array(activations([2, 5, "M", 3, "M"], 1, 12))


def hidden_vgg_11():
    """VGG-11 at 224 pixels"""
    eleven = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
    yield "values", np.array(activations(eleven, 3, 224))


def hidden_odd_activations():
    """a side of 11 with three poolings, and an empty configuration"""
    yield "odd", np.array(activations(["M", 4, "M", "M"], 2, 11))
    yield "empty", np.array(activations([], 3, 5))


# %% role="check" name="bytes_needed" answer="memory" points=2 refuse="torchvision timm VGG Stage SmallVGG ledger activation_bytes activations"
def worked_bytes():
    """the example of the text"""
    yield "bytes", np.array(bytes_needed([192, 256, 64, 96], [False, False, True, False], 2))


def peak_in_the_middle():
    """a list whose largest neighbours stand in the middle, one image"""
    yield "bytes", np.array(bytes_needed([10, 70, 60, 65, 20], [False, False, False, False, True], 1))


def hidden_big_batch():
    """250 images of VGG-16's first stage"""
    yield "bytes", np.array(bytes_needed([150528, 3211264, 3211264, 802816], [False, False, False, True], 250))


def hidden_short_lists():
    """an image and one layer; large lines at both ends; a largest line that stands beside small ones"""
    yield "two lines", np.array(bytes_needed([5, 3], [False, True], 3))
    yield "ends", np.array(bytes_needed([50, 10, 10, 60], [False, True, False, False], 1))
    yield "lone peak", np.array(bytes_needed([8, 1, 30, 2, 20, 20], [False, True, False, True, False, False], 1))


# %% [markdown]
# ## 4 · What a stack is worth (4 points)
#
# `field(configuration)` gives the side of the receptive field: how many pixels of a row one output of the last entry depends
# on. A convolution of 3 adds two steps, a pooling of 2 adds one, and behind a pooling a step is twice as long in pixels
# as before. (2 points)
#
# `merge(first, second)` gives the kernel of the *one* convolution that does what two in a row do, when there is nothing
# between them: no ReLU, no bias, no padding. `first` has shape $(M, C, R, R)$, `second` has shape $(K, M, S, S)$, the result
# has shape $(K, C, R + S - 1, R + S - 1)$ and the dtype of the two. In this field's convention, a kernel is laid on the image without
# turning it round. (2 points)
#
# **Example.** `field([64, 64, "M", 128])` is `10`. In one row of pixels, the kernel $(1, 2)$ followed by the kernel $(3, 5)$ is the
# kernel $(3, 11, 10)$: the first output of the second layer is $3(x_0 + 2x_1) + 5(x_1 + 2x_2)$.
#
# <details><summary>Hint: where to look</summary>
#
# For the field, keep two numbers, the field and the length of a step in pixels. For the kernels: the weight of `second` at
# $(i, j)$ lays a copy of `first`, times that weight, into the result. Where does the copy's corner lie? Then what is summed over?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `seen, step = 1, 1`. And for the second: `result = first.new_zeros(K, C, R + S - 1, R + S - 1)`, then two loops over the places of
# `second`.
#
# </details>


# %% role="answer" name="stack"
def field(configuration: list) -> int:
    """Side of the receptive field of one output of the last entry.

    Args:
        configuration: numbers for convolutions of 3 by 3, "M" for poolings of 2 by 2 with stride 2.

    Returns:
        The side in pixels; 1 for an empty configuration.
    """
    ### BEGIN SOLUTION
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += 2 * step
    return seen
    ### END SOLUTION


def merge(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The kernel of the convolution that equals two in a row.

    Args:
        first: kernels that the image meets first, shape (M, C, R, R).
        second: kernels behind them, shape (K, M, S, S).

    Returns:
        Shape (K, C, R + S - 1, R + S - 1).
    """
    ### BEGIN SOLUTION
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result
    ### END SOLUTION


# %% role="check" name="field" answer="stack" points=2 refuse="torchvision timm VGG Stage receptive_field Window grad backward autograd"
def without_pooling():
    """one, two and three convolutions"""
    yield "fields", np.array([field([8] * n) for n in (1, 2, 3)])


def worked_field():
    """the example of the text, and the same stack without its pooling"""
    yield "fields", np.array([field([64, 64, "M", 128]), field([64, 64, 128])])


def pooling_first():
    """a pooling before two convolutions, and a pooling behind them"""
    yield "fields", np.array([field(["M", 4, 4]), field([4, 4, "M"])])


def hidden_fields_of_vgg():
    """the stages of VGG-11 and VGG-19, to the last pooling"""
    eleven = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
    nineteen = [64] * 2 + ["M"] + [128] * 2 + ["M"] + [256] * 4 + ["M"] + [512] * 4 + ["M"] + [512] * 4 + ["M"]
    yield "fields", np.array([field(eleven), field(nineteen)])


def hidden_small_fields():
    """nothing, one pooling, three poolings in a row"""
    yield "fields", np.array([field([]), field(["M"]), field(["M", "M", "M"])])


# %% role="check" name="merge" answer="stack" points=2 refuse="torchvision timm lstsq pinv"
def worked_merge():
    """the example of the text, each kernel with a row of zeros below it"""
    first = torch.tensor([[[[1.0, 2.0], [0.0, 0.0]]]])
    second = torch.tensor([[[[3.0, 5.0], [0.0, 0.0]]]])
    yield "kernel", merge(first, second)


def uneven_kernels():
    """one channel, kernels of 3 by 3 that no turn leaves as they are"""
    yield (
        "kernel",
        merge(torch.arange(1.0, 10.0).reshape(1, 1, 3, 3), torch.tensor([[[[2.0, 0, 0], [0, 1, 0], [0, 3, -1]]]])),
    )


def several_channels():
    """from 2 channels over 3 to 4"""
    first = torch.linspace(0, 20, 54).reshape(3, 2, 3, 3).sin()
    second = torch.linspace(0, 30, 108).reshape(4, 3, 3, 3).cos()
    yield "kernel", merge(first, second)
    yield "of the same type", merge(first.double(), second.double()).dtype == torch.float64


def hidden_other_sides():
    """kernels of 3 by 3 and of 1 by 1 in double precision, and of 2 by 2 and 5 by 5"""
    first = torch.linspace(0, 20, 36).double().reshape(2, 2, 3, 3).sin()
    yield "one pixel behind", merge(first, torch.linspace(0, 3, 6).double().reshape(3, 2, 1, 1).cos())
    yield (
        "larger behind",
        merge(torch.linspace(0, 9, 12).reshape(3, 1, 2, 2).sin(), torch.linspace(0, 70, 75).reshape(1, 3, 5, 5).cos()),
    )


def hidden_in_action():
    """what the merged kernel makes of an image"""
    first = torch.linspace(0, 40, 90).reshape(5, 2, 3, 3).sin()
    second = torch.linspace(0, 50, 135).reshape(3, 5, 3, 3).cos()
    image = torch.linspace(0, 60, 2 * 7 * 8).reshape(1, 2, 7, 8).sin()
    yield "maps", F.conv2d(image, merge(first, second))


# %% [markdown]
# ## 5 · A linear probe (4 points)
#
# How much of a new task can one linear layer read out of features that were made for another? Write two functions.
#
# `extract(model, x)` gives what `model` makes of the images `x` *for use as fixed features*: computed in evaluation mode, without a
# graph behind it. The model must be left as it was: same mode, same parameters, same running statistics. (1 point)
#
# `probe(known, labels, new, classes, penalty)` fits one linear layer to the features `known`, shape $(n, F)$, with their
# `labels`, and returns its scores for the features `new`, shape $(m, F)$. The tables that it is given stay as they are. It is
# *ridge regression*, and it has an exact solution (3 points):
#
# 1. Standardise: take from each feature its mean over `known` and divide by its standard deviation over `known` (dividing the sum of
#    squares by $n$). Where the deviation is 0, leave out the division. Treat `new` with *the same* means and deviations.
# 2. Turn labels into rows of zeros with a single one (*one-hot*): a matrix $Y$ of $n$ rows and one column for each class. The bias is
#    its mean row, $b = \bar{Y}$.
# 3. With the standardised features $Z$, the weights are $W = (Z^\top Z + \lambda I)^{-1}\, Z^\top (Y - b)$, where $\lambda$ is the penalty. The
#    scores are $Z_\text{new} W + b$, shape $(m, \text{classes})$.
#
# **Example.** With `known` $= (0, 0, 4, 4)^\top$, labels $0, 0, 1, 1$, two classes and $\lambda = 4$: the standardised feature is $-1, -1, 1, 1$,
# $W = (-0.25, 0.25)$, $b = (0.5, 0.5)$. The new value $6$ is standardised to $2$ and scored $(0, 1)$.
#
# <details><summary>Hint: where to look</summary>
#
# `model.training` says in which mode a model is. A batch norm in training mode changes its running statistics each time it is run.
# For the probe, everything that you compute from `new` alone is one computation too many.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `was_training = model.training`. And for the second: `mean, std = known.mean(dim=0), known.std(dim=0, correction=0)`.
#
# </details>


# %% role="answer" name="features"
def extract(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What a model makes of images, as fixed features.

    Args:
        model: is left as it was.
        x: what the model takes.

    Returns:
        The model's output in evaluation mode, without a graph.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        result = model(x)
    model.train(was_training)
    return result
    ### END SOLUTION


def probe(known: torch.Tensor, labels: torch.Tensor, new: torch.Tensor, classes: int, penalty: float) -> torch.Tensor:
    """Scores of new features by a linear layer fitted to known ones.

    Args:
        known: features, shape (n, F).
        labels: their classes, shape (n,), from 0 to classes - 1.
        new: features, shape (m, F).
        classes: how many there are.
        penalty: lambda, above 0.

    Returns:
        Shape (m, classes).
    """
    ### BEGIN SOLUTION
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias
    ### END SOLUTION


# %% role="check" name="extract" answer="features" points=1 refuse="torchvision timm probe"
def _network():
    return fill(
        nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(12, 4))
    )


def from_training_mode():
    """features from a network with batch norm and dropout that is in training mode, and the mode afterwards"""
    model = _network().train()
    yield "features", extract(model, torch.linspace(0, 9, 48).reshape(3, 1, 4, 4).sin())
    yield "training", np.array([module.training for module in model.modules()])


def no_graph():
    """whether the features could send a gradient back, and whether the parameters still can be trained"""
    model = _network().eval()
    told = [extract(model, torch.ones(2, 1, 4, 4)).requires_grad, *(p.requires_grad for p in model.parameters())]
    yield "requires grad", np.array(told)


def hidden_left_as_it_was():
    """mode, parameters and running statistics of a network in evaluation mode and of one in training mode"""
    for name, mode in (("evaluation", False), ("training", True)):
        model = _network().train(mode)
        extract(model, torch.linspace(0, 9, 48).reshape(3, 1, 4, 4).cos())
        yield name, torch.cat([value.flatten().double() for value in model.state_dict().values()])
        yield f"{name} mode", np.array([model.training, torch.is_grad_enabled()])


# %% role="check" name="probe" answer="features" points=3 refuse="torchvision timm sklearn Ridge extract"
def worked_probe():
    """the example of the text, with three new values"""
    known = torch.tensor([[0.0], [0.0], [4.0], [4.0]])
    yield "scores", probe(known, torch.tensor([0, 0, 1, 1]), torch.tensor([[6.0], [2.0], [0.0]]), 2, 4.0)


def several_features():
    """twelve known rows of five features of very different sizes, three classes, and the known rows afterwards"""
    known = torch.linspace(0, 40, 60).reshape(12, 5).sin() * torch.tensor([1.0, 100.0, 0.01, 5.0, 1.0]) + 3
    new = torch.linspace(1, 30, 20).reshape(4, 5).cos() * torch.tensor([1.0, 100.0, 0.01, 5.0, 1.0]) + 2
    yield "scores", probe(known, torch.tensor([0, 1, 2, 2, 1, 0, 0, 0, 1, 2, 0, 0]), new, 3, 0.5)
    yield "known", known


def one_new_row():
    """a single new row, whose own mean and deviation would say nothing"""
    known = torch.linspace(0, 20, 24).reshape(8, 3).cos()
    yield "scores", probe(known, torch.tensor([0, 1, 0, 1, 1, 1, 0, 1]), torch.tensor([[0.5, -1.0, 2.0]]), 2, 1.0)


def hidden_more_features_than_rows():
    """six known rows of nine features, in double precision, with a class that has no example"""
    known = torch.linspace(0, 70, 54).double().reshape(6, 9).sin()
    new = torch.linspace(0, 20, 18).double().reshape(2, 9).cos()
    yield "scores", probe(known, torch.tensor([0, 3, 1, 1, 0, 3]), new, 4, 2.0)


def hidden_constant_feature():
    """a feature that is the same in all known rows and another in the new ones"""
    known = torch.linspace(0, 20, 18).reshape(6, 3).sin()
    known[:, 1] = 2
    yield (
        "scores",
        probe(known, torch.tensor([0, 1, 1, 0, 1, 1]), torch.tensor([[0.3, 9.0, -0.2], [0.1, 2.0, 0.4]]), 2, 1.0),
    )


# %% [markdown]
# ## 6 · What does a larger image cost? (3 points, read by a person)
#
# The next code cell counts, without computing a single number, what VGG-16 needs for an image of 224 by 224 pixels and for one of
# 448 by 448. It does so for two ways of joining the maps to the dense layers:
#
# - *averaged*: the last maps are averaged to 7 by 7 places, whatever their size, and the dense layers stay as they are;
# - *read whole*: the first dense layer reads all of the last maps and is as large as it has to be.
#
# It prints the parameters, the multiply-accumulates and the bytes that training keeps for one image.
#
# **First predict, then run.** Before you run it, write down for both ways by which factor each of the three numbers grows from 224 to
# 448. Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Why do the parameters of the convolutions not care about the size of the image, while their work and memory do?
# 3. Someone has a GPU with 16 GB and trains with 224 pixels and momentum (weights, gradients and momentum are three copies of the
#    parameters, 4 bytes each). About how many images fit in a batch? And with 448 pixels, averaged?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for both ways. A wrong prediction costs nothing.
# - **The reason**: the same kernel is used at every place, so places multiply work and memory, and no weight; a dense layer has a
#   weight for every place.
# - **The batch**: takes the three copies from the 16 GB first, divides by the bytes kept per image, and says that four times the
#   memory per image means about a quarter of the images.

# %% [markdown] role="written" name="larger" points=3
# *Prediction.* Averaged: parameters equal, work four times, memory four times. Read whole: parameters of the first dense layer four
# times, work and memory four times. *Result.* Averaged: the parameters are equal, the work grows by 3.98, the memory by 4.00. I had
# forgotten that the dense layers do not grow, but they are a small part. Read whole: parameters grow from 138 to 447
# million, a factor of 3.2 and not 4, because the convolutions and the other dense layers stay. Work and memory grow by four.
#
# *The reason.* A convolution has one kernel for each pair of channels and uses it at every place. Four times the places are four
# times the products and four times the outputs, with the same weights. A dense layer has a weight for each number that it reads.
#
# *The batch.* Three copies of 553 MB are 1.66 GB, so 14.3 GB are left. One image keeps 73.3 MB, so about 195 images fit. With 448 pixels
# it is 293 MB an image, so about 48, a quarter. In practice fewer, because the backward pass needs working memory too.


# %% role="given" name="larger_run"
SIXTEEN = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


def sixteen_layers(side, averaged):
    layers, channels = [], 3
    for entry in SIXTEEN:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, entry, 3, padding=1), nn.ReLU(inplace=True)]
            channels = entry
    places = 7 if averaged else side // 32
    layers += [nn.AdaptiveAvgPool2d(places), nn.Flatten(), nn.Linear(512 * places**2, 4096), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, 1000))


for way in ("averaged", "read whole"):
    for side in (224, 448):
        with torch.device("meta"):
            network, one_image = sixteen_layers(side, way == "averaged"), torch.empty(1, 3, side, side)
        needs = measure.count_parameters(network) / 1e6, measure.count_macs(network, one_image) / 1e9
        kept = measure.activation_bytes(network, one_image) / 1e6
        print(
            f"{way:10} {side} pixels: {needs[0]:.1f} M parameters, {needs[1]:.2f} G multiply-adds, {kept:.1f} MB kept"
        )

# %% [markdown]
# ## Optional: the bill and the machine (no points)
#
# Does a machine need what the books say? On a GPU the next cell runs VGG-16 forward on growing batches and reads the memory that
# PyTorch has handed out. Predict the slope (MB for each image) and what is there before the first image, then run it. On a CPU it runs a
# small network and measures the time instead.

# %% role="given" name="bill"
if device.type == "cuda":
    network = sixteen_layers(224, True).to(device)
    for batch in (1, 8, 32, 64):
        torch.cuda.reset_peak_memory_stats()
        scores = network(torch.rand(batch, 3, 224, 224, device=device))
        torch.cuda.synchronize()
        held, peak = torch.cuda.memory_allocated() / 1e6, torch.cuda.max_memory_allocated() / 1e6
        print(f"{batch:3} images: {held:8.1f} MB held for the backward pass, {peak:8.1f} MB at the peak")
        del scores
else:
    network = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(16, 16, 3, padding=1))
    for batch in (1, 4, 16):
        images = torch.rand(batch, 3, 64, 64)
        kept = measure.activation_bytes(network, images) / 1e6
        print(
            f"{batch:3} images: {kept:5.1f} MB kept, {measure.throughput(network, images, seconds=0.3):7.0f} images/s"
        )
