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

# %% [markdown] role="title" chapter="vision/inception" minutes=100
# # Inception: many filters at once
#
# **20 points, about 100 minutes.** This exercise belongs to the chapter *Inception: many filters at once*.
#
# You build the naive module and the reduced one, and write the bill that made the second one famous. You train a
# network with a second head in its middle. Then you cut a filter into a row and a column, find the one kernel that such a
# pair amounts to, and shrink a map without squeezing it.
#
# How it works:
#
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your answer and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, a single image, images that are not square.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# You may name the parts of your classes as you like and create them in any order. The checks fill the parameters by a
# rule that looks at their shapes alone.
#
# Letters are those of the chapter: $B$ images in a batch, $C$ and $K$ channels in and out, $H$ and $W$ height and
# width in pixels, $N$ classes. Every convolution here has a bias, as in the first GoogLeNet, and there is no batch norm.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Side by side (3 points)
#
# The naive module sends its input through four branches and lays their outputs one behind the other along the channels,
# in this order:
#
# 1. a 1×1 convolution to `one` channels,
# 2. a 3×3 convolution to `three` channels,
# 3. a 5×5 convolution to `five` channels,
# 4. max pooling with windows of 3×3.
#
# Behind each convolution stands a ReLU. Height and width stay as they are in every branch.
#
# **Contract.** `NaiveInception(in_channels, one, three, five)` is an `nn.Module` that goes from $(B, C, H, W)$ to
# $(B, K, H, W)$ with $K$ = `one + three + five + in_channels`.
#
# **Example.** `NaiveInception(256, 128, 192, 96)` makes 672 channels of 256. `NaiveInception(2, 1, 1, 1)` holds 73
# parameters: $2 + 18 + 50$ weights and three biases.
#
# <details><summary>Hint: where to look</summary>
#
# Which padding keeps the size for a kernel of 1, of 3, of 5? What is the stride of a pooling if you don't say? Which axis
# of $(B, C, H, W)$ are the channels?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.conv1 = nn.Conv2d(in_channels, one, 1)` in `__init__`; `torch.cat([...], dim=...)` at the end of `forward`.
#
# </details>


# %% role="answer" name="NaiveInception"
class NaiveInception(nn.Module):
    """1x1, 3x3, 5x5 and max pooling on the same input, one behind the other along the channels.

    Args:
        in_channels: C, channels of the input.
        one: channels of the 1x1 convolution.
        three: channels of the 3x3 convolution.
        five: channels of the 5x5 convolution.
    """

    def __init__(self, in_channels: int, one: int, three: int, five: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, one + three + five + C, H, W)."""
        ### BEGIN SOLUTION
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)
        ### END SOLUTION


# %% role="check" name="NaiveInception" points=3 refuse="torchvision timm inception_v3"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def two_images():
    """2 images of 3 channels, 5 by 5 pixels, values of both signs; widths 2, 4, 5"""
    yield "output", fill(NaiveInception(3, 2, 4, 5)).double()(_images(2, 3, 5, 5))


def equal_widths():
    """2 images of 2 channels; every branch gives 2"""
    yield "output", fill(NaiveInception(2, 2, 2, 2)).double()(_images(2, 2, 4, 4))


def all_negative():
    """an image of 4 by 4 pixels with negative values only"""
    y = fill(NaiveInception(2, 1, 1, 1)).double()(-_images(1, 2, 4, 4).abs() - 0.5)
    yield "output", y


def how_many_parameters():
    """parameters of NaiveInception(2, 1, 1, 1)"""
    yield "parameters", sum(p.numel() for p in NaiveInception(2, 1, 1, 1).parameters())


def hidden_not_square():
    """one image of 4 by 7 pixels in single precision"""
    yield "output", fill(NaiveInception(3, 1, 2, 4))(_images(1, 3, 4, 7).float())


def hidden_gradient():
    """the gradient that arrives at the input"""
    x = _images(2, 2, 5, 4).requires_grad_()
    y = fill(NaiveInception(2, 3, 1, 2)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


# %% [markdown]
# ## 2 · Reduce first (3 points)
#
# Now the module that GoogLeNet is made of. Before the 3×3 and before the 5×5 stands a 1×1 convolution that reduces the
# channels; behind the pooling stands a 1×1 convolution that projects them. Behind *each* of the six convolutions stands a
# ReLU. The order of the output is that of task 1: 1×1, 3×3, 5×5, pooling.
#
# **Contract.** `Inception(in_channels, one, reduce3, three, reduce5, five, project)` goes from $(B, C, H, W)$ to
# $(B, K, H, W)$ with $K$ = `one + three + five + project`.
#
# **Example.** `Inception(192, 64, 96, 128, 16, 32, 32)` is module 3a: 256 channels out, 163,696 parameters.
#
# <details><summary>Hint: where to look</summary>
#
# Write the channels along each branch in a row, such as $C \to$ `reduce3` $\to$ `three`. In which branch comes the 1×1
# last? How many ReLUs are there?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.branch3 = nn.Sequential(nn.Conv2d(in_channels, reduce3, 1), nn.ReLU(), ...)`
#
# </details>


# %% role="answer" name="Inception"
class Inception(nn.Module):
    """The reduced module: 1x1; 1x1 and 3x3; 1x1 and 5x5; max pooling and 1x1.

    Args:
        in_channels: C, channels of the input.
        one: channels of the 1x1 branch.
        reduce3: channels between the 1x1 and the 3x3.
        three: channels of the 3x3.
        reduce5: channels between the 1x1 and the 5x5.
        five: channels of the 5x5.
        project: channels of the 1x1 behind the pooling.
    """

    def __init__(
        self, in_channels: int, one: int, reduce3: int, three: int, reduce5: int, five: int, project: int
    ) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, one + three + five + project, H, W)."""
        ### BEGIN SOLUTION
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))
        ### END SOLUTION


# %% role="check" name="Inception" points=2 refuse="torchvision timm inception_v3"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def two_images():
    """2 images of 7 channels, widths 2, 3, 4, 1, 5, 6"""
    yield "output", fill(Inception(7, 2, 3, 4, 1, 5, 6)).double()(_images(2, 7, 5, 5))


def wide_reductions():
    """reductions that are wider than the filters behind them"""
    yield "output", fill(Inception(3, 1, 6, 2, 5, 1, 4)).double()(_images(1, 3, 4, 4))


def hidden_not_square():
    """one image of 3 by 6 pixels in single precision"""
    yield "output", fill(Inception(4, 3, 2, 5, 1, 2, 6))(_images(1, 4, 3, 6).float())


def hidden_gradient():
    """the gradient that arrives at the input"""
    x = _images(2, 3, 5, 4).requires_grad_()
    y = fill(Inception(3, 2, 4, 1, 5, 6, 7)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


# %% role="check" name="Inception_size" answer="Inception" points=1 refuse="torchvision timm inception_v3"
def module_3a():
    """parameters of module 3a"""
    yield "parameters", sum(p.numel() for p in Inception(192, 64, 96, 128, 16, 32, 32).parameters())


def hidden_other_modules():
    """parameters of modules 4d and 5b"""
    yield "4d", sum(p.numel() for p in Inception(512, 112, 144, 288, 32, 64, 64).parameters())
    yield "5b", sum(p.numel() for p in Inception(832, 384, 192, 384, 48, 128, 128).parameters())


# %% [markdown]
# ## 3 · The bill (3 points)
#
# Count multiply-accumulates, of the convolutions alone: no biases, no ReLU, no pooling. Both functions take the side of
# the square map in pixels and the widths as in tasks 1 and 2.
#
# `naive_macs(side, in_channels, one, three, five)` (1 point)
#
# `reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project)` (2 points)
#
# **Example.** For the lecture's module, `naive_macs(28, 256, 128, 192, 96)` is 854,196,224. For module 3a,
# `reduced_macs(28, 192, 64, 96, 128, 16, 32, 32)` is 128,049,152.
#
# <details><summary>Hint: where to look</summary>
#
# A $k \times k$ convolution from $C$ to $K$ channels multiplies $k^2 C$ times for each number of its output, and the
# output has $K$ numbers at each pixel. What are $C$ and $K$ for each of the six convolutions?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `pixels = side * side`
#
# </details>


# %% role="answer" name="bill"
def naive_macs(side: int, in_channels: int, one: int, three: int, five: int) -> int:
    """Multiply-accumulates of a naive module on a map of side by side pixels."""
    ### BEGIN SOLUTION
    return side * side * in_channels * (one + 9 * three + 25 * five)
    ### END SOLUTION


def reduced_macs(
    side: int, in_channels: int, one: int, reduce3: int, three: int, reduce5: int, five: int, project: int
) -> int:
    """Multiply-accumulates of a reduced module on a map of side by side pixels."""
    ### BEGIN SOLUTION
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)
    ### END SOLUTION


# %% role="check" name="naive_macs" answer="bill" points=1 refuse="torchvision timm inception_v3 count_macs FlopCounterMode"
def the_lectures():
    """the lecture's module"""
    yield "naive", naive_macs(28, 256, 128, 192, 96)


def smallest():
    """one channel everywhere, one pixel"""
    yield "naive", naive_macs(1, 1, 1, 1, 1)


def hidden_others():
    """other sides and widths"""
    yield "naive", [naive_macs(7, 832, 384, 384, 128), naive_macs(3, 2, 5, 7, 11)]


# %% role="check" name="reduced_macs" answer="bill" points=2 refuse="torchvision timm inception_v3 count_macs FlopCounterMode"
def module_3a():
    """module 3a"""
    yield "reduced", reduced_macs(28, 192, 64, 96, 128, 16, 32, 32)


def one_pixel():
    """one pixel, all widths different"""
    yield "reduced", reduced_macs(1, 2, 3, 5, 7, 11, 13, 17)


def hidden_the_lectures():
    """the lecture's module with its reductions to 64 channels"""
    yield "reduced", reduced_macs(28, 256, 128, 64, 192, 64, 96, 64)


def hidden_others():
    """modules 4e and 5b"""
    yield "4e", reduced_macs(14, 528, 256, 160, 320, 32, 128, 128)
    yield "5b", reduced_macs(7, 832, 384, 192, 384, 48, 128, 128)


# %% [markdown]
# ## 4 · A second head (3 points)
#
# A network is given in parts: `lower` and `upper` are its two halves, `head` makes scores of what leaves the upper one,
# and `aux` makes scores of what leaves the lower one.
#
# **First part, 2 points.** `TwoHeads(lower, upper, head, aux)` is an `nn.Module`. In training mode it returns a pair of
# scores, the main ones first. In evaluation mode it returns the main scores alone, and `aux` is not even called.
#
# **Second part, 1 point.** `total_loss(output, targets, weight)` takes what the network returned, the pair or the main scores
# alone, and gives the cross-entropy of the main scores plus `weight` times that of the auxiliary ones, if there are
# any.
#
# **Example.** With scores of zero in both heads, two classes and a weight of 0.3, the loss is $1.3 \log 2 = 0.9011$.
#
# <details><summary>Hint: where to look</summary>
#
# How does a module know in which mode it is? `model.train()` and `model.eval()` set an attribute. And how do you tell a pair
# from a tensor?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `middle = self.lower(x)`
#
# </details>


# %% role="answer" name="TwoHeads"
class TwoHeads(nn.Module):
    """A network with an auxiliary head in its middle, which speaks in training only.

    Args:
        lower: from the input to the middle.
        upper: from the middle to the end.
        head: from the end to the main scores.
        aux: from the middle to the auxiliary scores.
    """

    def __init__(self, lower: nn.Module, upper: nn.Module, head: nn.Module, aux: nn.Module) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.lower, self.upper, self.head, self.aux = lower, upper, head, aux
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """In training (main scores, auxiliary scores), else the main scores."""
        ### BEGIN SOLUTION
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return scores, self.aux(middle)
        return scores
        ### END SOLUTION


# %% role="check" name="TwoHeads" points=2 refuse="torchvision timm inception_v3"
def _network(sizes=(3, 5, 4, 2)):
    first, middle, end, classes = sizes
    parts = nn.Linear(first, middle), nn.Linear(middle, end), nn.Linear(end, classes), nn.Linear(middle, classes)
    return fill(TwoHeads(*parts)).double(), parts


def _inputs(*shape):
    return torch.linspace(0, 9, math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def in_training():
    """the pair of scores in training mode"""
    network, _ = _network()
    main, aux = network.train()(_inputs(4, 3))
    yield "main", main
    yield "auxiliary", aux


def in_evaluation():
    """the scores in evaluation mode, and whether they are a tensor"""
    network, _ = _network()
    output = network.eval()(_inputs(4, 3))
    yield "is a tensor", isinstance(output, torch.Tensor)
    yield "scores", output


def in_training_without_gradients():
    """how many scores come in training mode where no gradients are recorded"""
    network, _ = _network()
    with torch.no_grad():
        output = network.train()(_inputs(4, 3))
    yield "heads that speak", 1 if isinstance(output, torch.Tensor) else len(output)


def calls():
    """how often lower, upper, head and aux ran, in one call in training and one in evaluation"""
    network, parts = _network()
    calls = []
    for place, part in enumerate(parts):
        part.register_forward_hook(lambda *_, place=place: calls.append(place))
    network.train()(_inputs(4, 3))
    network.eval()(_inputs(4, 3))
    yield "calls", [calls.count(place) for place in range(4)]


def hidden_gradients():
    """the gradient that each head alone sends to the lower part"""
    for place, name in enumerate(("main", "auxiliary")):
        network, parts = _network((3, 4, 5, 6))
        network.train()(_inputs(2, 3))[place].square().sum().backward()
        yield name, parts[0].weight.grad


def hidden_one_image_and_back():
    """evaluation, training again, one input, a middle of three axes"""
    network, _ = _network((4, 3, 2, 5))
    network.eval()
    yield "auxiliary", network.train()(_inputs(1, 2, 4))[1]


def hidden_parameters():
    """how many parameters the network reports"""
    yield "parameters", sum(p.numel() for p in _network()[0].parameters())


# %% role="answer" name="total_loss"
def total_loss(
    output: torch.Tensor | tuple[torch.Tensor, torch.Tensor], targets: torch.Tensor, weight: float
) -> torch.Tensor:
    """Cross-entropy of the main scores plus weight times that of the auxiliary ones.

    Args:
        output: (main, auxiliary) scores of shape (B, N), or the main scores alone.
        targets: the true classes, (B,).
        weight: of the auxiliary head.
    """
    ### BEGIN SOLUTION
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets)
    ### END SOLUTION


# %% role="check" name="total_loss" points=1 refuse="torchvision timm inception_v3 auxiliary_loss"
def _scores(seed, *shape):
    return torch.linspace(seed, seed + 9, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 3


def a_pair():
    """a pair of scores for 5 images and 3 classes, weight 0.3"""
    yield "loss", total_loss((_scores(0, 5, 3), _scores(2, 5, 3)), torch.arange(5) % 3, 0.3)


def main_alone():
    """scores of the main head alone"""
    yield "loss", total_loss(_scores(1, 4, 3), torch.arange(4) % 3, 0.3)


def hidden_other_weights():
    """weights of 0 and 0.7"""
    pair = _scores(0, 4, 2), _scores(5, 4, 2)
    yield "losses", torch.stack([total_loss(pair, torch.tensor([1, 0, 0, 1]), weight) for weight in (0.0, 0.7)])


def hidden_two_images_alone():
    """main scores of exactly two images"""
    yield "loss", total_loss(_scores(3, 2, 4), torch.tensor([3, 0]), 0.5)


def hidden_gradient():
    """the gradients that arrive at both heads"""
    main, aux = _scores(0, 3, 4).requires_grad_(), _scores(4, 3, 4).requires_grad_()
    total_loss((main, aux), torch.tensor([2, 0, 3]), 0.3).backward()
    yield "main", main.grad
    yield "auxiliary", aux.grad


# %% [markdown]
# ## 5 · A row, then a column (3 points)
#
# A 1×n convolution from $C$ to $M$ channels followed by an n×1 convolution from $M$ to $K$ channels can stand in for an
# n×n convolution from $C$ to $K$. If nothing lies between the two, no ReLU and no bias, they *are* one convolution.
#
# **First part, 2 points.** `one_kernel(row, column)` gives its kernel. `row` are the weights of the first one, of shape
# $(M, C, 1, n)$; `column` those of the second one, of shape $(K, M, n, 1)$. The result has shape $(K, C, n, n)$.
#
# **Second part, 1 point.** `break_even(channels, n)` gives the largest number $M$ of channels between row and column for which
# the pair costs *no more* than the n×n convolution, both from `channels` to `channels`, on a map that keeps its size.
#
# **Example.** With one channel everywhere, the row `[1, 2]` and the column `[3, 4]` (from top to bottom) make
# `[[3, 6], [4, 8]]`. `break_even(64, 7)` is 224.
#
# <details><summary>Hint: where to look</summary>
#
# How does input channel $c$ reach output channel $k$? By every channel $m$ between them, and the ways add up. At kernel
# row $i$ and column $j$, each way multiplies one weight of the column with one of the row.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `torch.einsum("kmi,mcj->...", column[..., 0], row[:, :, 0])`: which letters stay?
#
# </details>


# %% role="answer" name="one_kernel"
def one_kernel(row: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
    """The kernel of the convolution that a 1xn and an nx1 convolution make together.

    Args:
        row: weights of the first, (M, C, 1, n).
        column: weights of the second, (K, M, n, 1).

    Returns:
        A kernel of shape (K, C, n, n).
    """
    ### BEGIN SOLUTION
    return torch.einsum("kmi,mcj->kcij", column[..., 0], row[:, :, 0])
    ### END SOLUTION


# %% role="check" name="one_kernel" points=2 refuse="torchvision timm inception_v3"
def _weights(*shape):
    return torch.linspace(0, 30, math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def single_channels():
    """one channel everywhere, the row [1, 2] and the column [3, 4]"""
    row, column = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[3.0], [4.0]]]])
    yield "kernel", one_kernel(row, column)


def channels_between():
    """one channel in and out, 4 between, n = 3"""
    yield "kernel", one_kernel(_weights(4, 1, 1, 3), _weights(1, 4, 3, 1))


def many_channels():
    """2 channels in, 3 between, 4 out, n = 5"""
    yield "kernel", one_kernel(_weights(3, 2, 1, 5), _weights(4, 3, 5, 1))


def hidden_as_many_of_each():
    """3 channels in, between and out, n = 3"""
    yield "kernel", one_kernel(_weights(3, 3, 1, 3), _weights(3, 3, 3, 1).cos())


def hidden_gradient():
    """the gradients that arrive at row and column"""
    row, column = _weights(2, 3, 1, 4).requires_grad_(), _weights(5, 2, 4, 1).requires_grad_()
    kernel = one_kernel(row, column)
    (kernel * _weights(*kernel.shape).cos()).sum().backward()
    yield "of the row", row.grad
    yield "of the column", column.grad


def hidden_the_same_map():
    """what a convolution with your kernel makes of an image"""
    kernel = one_kernel(_weights(2, 3, 1, 3), _weights(4, 2, 3, 1))
    yield "map", F.conv2d(_weights(1, 3, 5, 6), kernel, padding=1)


# %% role="answer" name="break_even"
def break_even(channels: int, n: int) -> int:
    """The most channels between a 1xn and an nx1 convolution that cost no more than one nxn.

    Args:
        channels: of the input and of the output.
        n: side of the kernel, at least 1.
    """
    ### BEGIN SOLUTION
    return channels * n // 2
    ### END SOLUTION


# %% role="check" name="break_even" points=1 refuse="torchvision timm inception_v3"
def from_the_text():
    """64 channels, n = 7"""
    yield "channels", break_even(64, 7)


def several():
    """16 channels, n = 3 and 5"""
    yield "channels", [break_even(16, 3), break_even(16, 5)]


def hidden_odd():
    """cases in which the two costs are never equal"""
    yield "channels", [break_even(3, 3), break_even(1, 5), break_even(5, 7), break_even(1, 1)]


# %% [markdown]
# ## 6 · Smaller without a squeeze (3 points)
#
# To halve a map and widen it, Inception-v3 works in three branches on the same input:
#
# 1. a 3×3 convolution with stride 2 to `wide` channels,
# 2. a 1×1 convolution to `narrow` channels, a 3×3 convolution to `double` channels that keeps the size, a 3×3
#    convolution with stride 2 that keeps the channels,
# 3. max pooling with windows of 3×3 and stride 2.
#
# What has stride 2 has no padding. Behind each convolution stands a ReLU. The outputs are laid one behind the other along the
# channels in this order.
#
# **Contract.** `Reduction(in_channels, wide, narrow, double)` goes from $(B, C, H, W)$ to
# $(B, \text{wide} + \text{double} + C, \lfloor (H - 1) / 2 \rfloor, \lfloor (W - 1) / 2 \rfloor)$, with $H$ and $W$ at least 3.
#
# **Example.** `Reduction(288, 384, 64, 96)` makes $17 \times 17 \times 768$ of $35 \times 35 \times 288$ and holds 1,152,768
# parameters.
#
# <details><summary>Hint: where to look</summary>
#
# Three of the operations have stride 2 and none of them has padding: otherwise their maps would not fit together. Which
# convolution does have padding?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)` in `__init__`.
#
# </details>


# %% role="answer" name="Reduction"
class Reduction(nn.Module):
    """Halves a map and adds channels, by convolutions and a pooling side by side.

    Args:
        in_channels: C, channels of the input.
        wide: channels of the 3x3 with stride 2 that stands alone.
        narrow: channels of the 1x1.
        double: channels of the two 3x3 behind it.
    """

    def __init__(self, in_channels: int, wide: int, narrow: int, double: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, C, H, W) to (B, wide + double + C, (H - 1) // 2, (W - 1) // 2)."""
        ### BEGIN SOLUTION
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)
        ### END SOLUTION


# %% role="check" name="Reduction" points=3 refuse="torchvision timm inception_v3 ReductionB"
def _images(*shape):
    return torch.linspace(0, 40, math.prod(shape), dtype=torch.float64).sin().reshape(shape) * 1.5


def odd_side():
    """2 images of 3 channels, 7 by 7 pixels"""
    yield "output", fill(Reduction(3, 4, 2, 5)).double()(_images(2, 3, 7, 7))


def even_side():
    """1 image of 2 channels, 8 by 6 pixels"""
    yield "output", fill(Reduction(2, 3, 4, 1)).double()(_images(1, 2, 8, 6))


def how_many_parameters():
    """parameters of Reduction(288, 384, 64, 96)"""
    yield "parameters", sum(p.numel() for p in Reduction(288, 384, 64, 96).parameters())


def hidden_smallest():
    """an image of 3 by 3 pixels with negative values only, single precision"""
    yield "output", fill(Reduction(2, 2, 3, 4))(-_images(1, 2, 3, 3).float().abs())


def hidden_gradient():
    """the gradient that arrives at the input"""
    x = _images(2, 2, 7, 5).requires_grad_()
    y = fill(Reduction(2, 3, 1, 4)).double()(x)
    (y * _images(*y.shape).cos()).sum().backward()
    yield "gradient", x.grad


# %% [markdown]
# ## 7 · Does a second head bring the gradient home? (2 points, read by a person)
#
# The cell after the next one builds the small GoogLeNet of the chapter twice, with weights as torch draws them by
# default and with weights that keep the signal's size. It prints the size of the gradient in the first convolution, once by
# the main head alone and once by all heads together, for three seeds.
#
# **First predict, then run.** By which factor do the heads enlarge that gradient, for each of the two starts? Write the two factors
# down. Then run the cell and explain in a few sentences:
#
# 1. What did you predict, what came out, and if they differ, why?
# 2. In the last module, 5b, the two numbers would be equal for every start. Why?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, and a difference is explained. A wrong prediction costs nothing. The
#   explanation names what the start does to signals on their way through the layers.
# - **Module 5b**: the answer says that no auxiliary head lies behind it, so that only the main loss depends on its
#   weights.

# %% [markdown] role="written" name="heads" points=2
# *Prediction.* I expected a factor of about 2 both times, as two more heads are added with a weight of 0.3 each.
# *Result.* Near 1 for the weights that keep the signal's size, once clearly below it; from tens to hundreds for torch's own.
# Torch's weights make each layer's output smaller than its input, and the gradient shrinks in the same way on its way
# back. From the end to the first convolution it passes about twice as many layers as from the first auxiliary head, and
# each of them costs a factor. So what the heads add is far larger than what arrives from the end. Where the layers keep
# the size, all three arrive with similar size, and since they do not point the same way their sum may even be smaller.
#
# *Module 5b.* The auxiliary heads hang behind 4a and 4d. Their losses do not depend on anything that comes later, so their
# gradients with respect to the weights of 5b are zero, and the sum is what the main head sends.


# %% role="given" name="gradient_at_the_stem"
from dlarch.vision.inception import GoogLeNet, Variant, auxiliary_loss

digits = data.digits()
enlarged = F.interpolate(digits.x_train[:50], scale_factor=4, mode="bilinear")
for start in ("torch's own", "size kept"):
    for seed in range(3):
        torch.manual_seed(seed)
        network = GoogLeNet(Variant(adaptive_heads=True), width=1 / 8, in_channels=1, classes=10)
        if start == "torch's own":
            for module in network.modules():
                if isinstance(module, nn.Conv2d):
                    module.reset_parameters()
        scores = network(enlarged)
        sizes = []
        for weight in (0.0, 0.3):
            loss = auxiliary_loss(scores, digits.y_train[:50], weight=weight)
            (gradient,) = torch.autograd.grad(loss, network.conv1[0].weight, retain_graph=True)
            sizes.append(gradient.norm().item())
        print(
            f"{start:12} seed {seed}: main head {sizes[0]:.1e}, all heads {sizes[1]:.1e}, factor {sizes[1] / sizes[0]:.1f}"
        )

# %% [markdown]
# ## Optional: does the bill say how long it takes? (no points)
#
# The naive module of the lecture costs about three times as many multiply-accumulates as the reduced one. Predict how much
# faster the reduced one is, on your device. Then run the cell, if you can on a GPU.

# %% role="given" name="race"
from dlarch.measure import count_macs, throughput
from dlarch.vision.inception import InceptionModule, Widths

images = torch.randn(64 if device.type == "cuda" else 2, 256, 28, 28, device=device)
for naive in (True, False):
    racer = InceptionModule(256, Widths(128, 64, 192, 64, 96, 64), naive=naive).to(device).eval()
    cost, speed = count_macs(racer, images[:1]) / 1e6, throughput(racer, images, seconds=0.3)
    print(f"{'naive' if naive else 'reduced'}: {cost:.0f} million multiply-accumulates, {speed:,.0f} maps a second")
