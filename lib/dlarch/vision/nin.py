"""Network in network of Lin, Chen and Yan 2014, https://arxiv.org/abs/1312.4400 (sec. 3, fig. 1 and 2).

The paper's figures give no widths. ``CIFAR10`` has those of the authors' file NIN/cifar-10_def in their fork of
cuda-convnet, ``IMAGENET`` those of the model that they gave to the collection of the program Caffe, ``textbook`` those
of Dive into Deep Learning, https://d2l.ai.

B batch, C/K channels in/out, R side of a kernel, H W height and width in pixels (H2 W2 after pooling), N classes,
P patches or places, V values of a patch.

Differs from the paper:
    The weights start at the scale of He et al. 2015, where the authors' files have fixed spreads of 0.01 and 0.05.
    The pooling between two blocks is max pooling of 3x3 with stride 2 throughout.
    ``batch_norm=True`` is later than the paper. It keeps the biases that batch norm makes useless.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dlarch.foundations.mlp import MLP
from dlarch.vision.vgg import scaled_init


class MLPConv(nn.Sequential):
    """A convolution and 1x1 ones behind it, each with a ReLU.

    Together they are an MLP that slides over the image.

    Args:
        in_channels: C.
        widths: channels of the first convolution and of every 1x1 behind it;
            the last is K.
        kernel: R, of the first convolution.
        stride: of the first convolution.
        padding: of the first convolution.
        last_relu: whether a ReLU follows the last 1x1 too.
        batch_norm: whether one stands before each ReLU.

    Raises:
        ValueError: if there are no widths, or one is less than 1.
    """

    def __init__(
        self,
        in_channels: int,
        widths: Sequence[int],
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        last_relu: bool = True,
        batch_norm: bool = False,
    ) -> None:
        if not widths or min(widths) < 1:
            got = list(widths)
            raise ValueError(f"need one or more widths above 0, got {got}")
        super().__init__(nn.Conv2d(in_channels, widths[0], kernel, stride, padding))
        for c, k in pairwise(widths):
            self.bend(c, batch_norm)
            self.append(nn.Conv2d(c, k, 1))
        if last_relu:
            self.bend(widths[-1], batch_norm)

    def bend(self, channels: int, batch_norm: bool) -> None:
        """Add what stands behind a convolution."""
        if batch_norm:
            self.append(nn.BatchNorm2d(channels))
        # Overwrites what stands before it, which nobody needs any more.
        self.append(nn.ReLU(inplace=True))


def patches(
    x: Float[Tensor, "B C H W"],
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
) -> Float[Tensor, "B P V"]:
    """What a convolution reads for each of its places, a row for each place: V = C * R * R values."""
    return F.unfold(x, kernel, stride=stride, padding=padding).mT


def as_mlp(block: MLPConv) -> MLP:
    """The network that a block slides over the image, as one for rows of numbers; a copy of its weights.

    The block without its last ReLU gives at each place what this MLP gives for the patch at that place.

    Raises:
        ValueError: if the block has batch norm.
    """
    if any(isinstance(layer, nn.BatchNorm2d) for layer in block):
        raise ValueError("a block with batch norm is no MLP on each patch: pass one of fold(model)")
    convolutions = [layer for layer in block if isinstance(layer, nn.Conv2d)]
    sizes = [convolutions[0].weight[0].numel(), *(c.out_channels for c in convolutions)]
    mlp = MLP(sizes).to(convolutions[0].weight)
    with torch.no_grad():
        for linear, convolution in zip(mlp.layers, convolutions, strict=True):
            linear.weight.copy_(convolution.weight.flatten(1))
            linear.bias.copy_(convolution.bias)
    return mlp


def global_average_pool(maps: Float[Tensor, "B K H W"]) -> Float[Tensor, "B K"]:
    """The mean of each channel over all its places."""
    return maps.mean(dim=(2, 3))


class Block(NamedTuple):
    """One line of a table of sizes: an mlpconv layer, and the dropout behind the pooling that follows it."""

    widths: tuple[int, ...]
    kernel: int
    stride: int = 1
    padding: int = 0
    dropout: float = 0.0


class NiN(nn.Module):
    """Mlpconv layers with poolings between them; the last makes a map for each class, whose mean is the score.

    Args:
        blocks: the mlpconv layers. The last gets one more 1x1, from its widths
            to the N maps.
        classes: N.
        in_channels: C of the images.
        ceil_mode: whether a pooling keeps a last window that hangs over the edge;
            Caffe and cuda-convnet do, PyTorch does not.
        last_relu: whether the class maps go through a ReLU, as in the authors'
            files.
        batch_norm: whether one stands before each ReLU.

    Raises:
        ValueError: if there is no block or no class.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        classes: int,
        *,
        in_channels: int = 3,
        ceil_mode: bool = False,
        last_relu: bool = True,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if not blocks or classes < 1:
            got = f"{len(blocks)} and {classes}"
            raise ValueError(f"needs a block and a class or more, got {got}")
        self.blocks = tuple(blocks)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = in_channels
        for number, block in enumerate(blocks, start=1):
            last = number == len(blocks)
            layers[f"mlpconv{number}"] = MLPConv(
                channels,
                (*block.widths, classes) if last else block.widths,
                block.kernel,
                stride=block.stride,
                padding=block.padding,
                last_relu=last_relu or not last,
                batch_norm=batch_norm,
            )
            channels = block.widths[-1]
            if not last:
                pool = nn.MaxPool2d(3, 2, ceil_mode=ceil_mode)
                layers[f"pool{number}"] = pool
                if block.dropout:
                    layers[f"dropout{number}"] = nn.Dropout(block.dropout)
        self.maps = nn.Sequential(layers)
        scaled_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return global_average_pool(self.maps(x))  # of B N H2 W2

    def grid(self) -> tuple[float, int]:
        """Where the places of the class maps lie along a side of the image, in pixels.

        Returns:
            The middle of the field of place 0, where 0.5 is the middle of the
            first pixel, and the step from one place to the next.
        """
        middle, step = 0.5, 1
        for block in self.blocks:
            middle += step * ((block.kernel - 1) / 2 - block.padding)
            step *= block.stride
            if block is not self.blocks[-1]:  # the pooling of 3x3 with stride 2
                middle, step = middle + step, 2 * step
        return middle, step


@torch.no_grad()
def fold(model: NiN) -> NiN:
    """The same function as a network with batch norm has in evaluation, without the batch norms.

    Each norm multiplies a channel and adds to it, and so can the convolution before it.
    """
    classes = [m for m in model.modules() if isinstance(m, nn.Conv2d)][-1].out_channels
    pools = [m for m in model.maps if isinstance(m, nn.MaxPool2d)]
    plain = NiN(
        model.blocks,
        classes,
        in_channels=model.maps[0][0].in_channels,
        ceil_mode=any(pool.ceil_mode for pool in pools),
        last_relu=isinstance(model.maps[-1][-1], nn.ReLU),
    ).to(model.maps[0][0].weight)
    targets = iter(m for m in plain.modules() if isinstance(m, nn.Conv2d))
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            target = next(targets)
            target.weight.copy_(layer.weight)
            target.bias.copy_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            factor = layer.weight / (layer.running_var + layer.eps).sqrt()
            target.weight.mul_(factor[:, None, None, None])
            target.bias.sub_(layer.running_mean).mul_(factor).add_(layer.bias)
    return plain.eval()


CIFAR10 = (
    Block((192, 160, 96), 5, padding=2, dropout=0.5),
    Block((192, 192, 192), 5, padding=2, dropout=0.5),
    Block((192, 192), 3, padding=1),
)
IMAGENET = (
    Block((96, 96, 96), 11, stride=4),
    Block((256, 256, 256), 5, padding=2),
    Block((384, 384, 384), 3, padding=1, dropout=0.5),
    Block((1024, 1024), 3, padding=1),
)


def nin_cifar10(classes: int = 10) -> NiN:
    """The network for images of 32 by 32 whose file the authors published."""
    return NiN(CIFAR10, classes, ceil_mode=True)


def nin_imagenet(classes: int = 1000, *, ceil_mode: bool = False) -> NiN:
    """The network for images of 224 by 224 from the collection of Caffe, which rounds sizes up (ceil_mode)."""
    return NiN(IMAGENET, classes, ceil_mode=ceil_mode)


def nin_textbook(classes: int = 10, *, in_channels: int = 1) -> NiN:
    """The network of Dive into Deep Learning: as for ImageNet, but its last block is as wide as there are classes."""
    last = Block((classes, classes), 3, padding=1)
    return NiN((*IMAGENET[:3], last), classes, in_channels=in_channels)


class DenseHead(nn.Module):
    """A dense layer that reads every number of the class maps, in place of the mean: what the paper compares with.

    Args:
        body: a network whose ``maps`` make the class maps.
        classes: N.
        places: P, how many places a map has: H2 times W2.
        dropout: share of the maps' values that training leaves out.
    """

    def __init__(self, body: NiN, classes: int, places: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.body = body
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(classes * places, classes)
        scaled_init(self.linear)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.linear(self.dropout(self.body.maps(x).flatten(1)))


def averaging_weights(classes: int, places: int) -> Float[Tensor, "N NP"]:
    """The weights with which a dense layer on the class maps would be global average pooling.

    Score n takes 1 / P from each place of map n and nothing from the other maps.
    """
    return torch.eye(classes).repeat_interleave(places, dim=1) / places


def class_activation_maps(
    features: Float[Tensor, "B C H W"],
    weight: Float[Tensor, "N C"],
) -> Float[Tensor, "B N H W"]:
    """Class maps of a network that averages, then has one linear layer.

    Both are linear and may change places, so the mean of map n, plus the bias
    of class n, is its score (Zhou et al. 2016).

    Args:
        features: the last maps before the average.
        weight: of the linear layer.
    """
    return torch.einsum("bchw,nc->bnhw", features, weight)


def peak(maps: Float[Tensor, "*B H W"], grid: tuple[float, int]) -> Float[Tensor, "*B 2"]:
    """Where a map is largest: row and column in pixels, 0.5 for the middle of the first pixel.

    Args:
        maps: any number of maps.
        grid: middle of place 0 and step, from ``NiN.grid``.
    """
    middle, step = grid
    place = maps.flatten(-2).argmax(dim=-1)
    width = maps.shape[-1]
    return middle + step * torch.stack([place // width, place % width], dim=-1)
