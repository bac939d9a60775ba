"""VGG, the networks of 3x3 filters of Simonyan and Zisserman 2015, https://arxiv.org/abs/1409.1556 (table 1, A B D E).

B batch, C/K channels in/out, H W height and width in pixels (H2 W2 after pooling), N classes, F features.

Differs from the paper:
    The last maps are averaged to 7x7 before the dense layers, as in torchvision. At the paper's 224 pixels they have
    that size already, and nothing changes; at any other size the network runs all the same.
    ``batch_norm=True`` is later than the paper. It keeps the biases that batch norm makes useless, as torchvision does.
    The weights start at the scale of He et al. 2015; ``published_init`` sets those of the paper.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlarch import measure

WIDTHS = (64, 128, 256, 512, 512)  # channels of the five stages
CONVOLUTIONS = {  # in each of them, by depth: the table of the paper
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class Stage(nn.Sequential):
    """Convolutions that keep the size, each with its ReLU; a pooling halves it.

    Args:
        in_channels: C.
        out_channels: K, after the first convolution and all others.
        convolutions: how many, at least 1.
        kernel: side of their kernels, odd so that padding can keep the size.
        batch_norm: whether one stands before each ReLU.

    Raises:
        ValueError: if there is no convolution, or the kernel is even.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        convolutions: int,
        *,
        kernel: int = 3,
        batch_norm: bool = False,
    ) -> None:
        if convolutions < 1 or kernel % 2 == 0:
            got = f"{convolutions} and {kernel}"
            raise ValueError(f"needs a convolution and an odd kernel, got {got}")
        layers: list[nn.Module] = []
        for c in (in_channels, *[out_channels] * (convolutions - 1)):
            layers.append(nn.Conv2d(c, out_channels, kernel, padding=kernel // 2))
            if batch_norm:
                layers.append(nn.BatchNorm2d(out_channels))
            # Overwrites what the convolution wrote, which nobody needs any more.
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers, nn.MaxPool2d(2))


class VGG(nn.Module):
    """Five stages, then three dense layers. The depth counts what has weights.

    Args:
        depth: 11, 13, 16 or 19: configurations A, B, D and E of the paper.
        classes: N.
        in_channels: C of the images.
        hidden_size: width of the first two dense layers.
        batch_norm: whether one stands before each ReLU of a stage.

    Raises:
        ValueError: if the paper has no such depth.
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int = 1000,
        in_channels: int = 3,
        hidden_size: int = 4096,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if depth not in CONVOLUTIONS:
            raise ValueError(f"depth must be 11, 13, 16 or 19, got {depth}")
        widths, counts = (in_channels, *WIDTHS), CONVOLUTIONS[depth]
        stages = [
            Stage(c, k, count, batch_norm=batch_norm)
            for c, k, count in zip(widths[:-1], widths[1:], counts, strict=True)
        ]
        self.stage1, self.stage2, self.stage3, self.stage4, self.stage5 = stages
        self.pool = nn.AdaptiveAvgPool2d(7)
        self.head = nn.Sequential(
            nn.Linear(512 * 7 * 7, hidden_size),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(hidden_size, hidden_size),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(hidden_size, classes),
        )
        scaled_init(self)

    def maps(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B 512 H2 W2"]:
        """What the five stages make of an image: H2 = H / 32, rounded down."""
        x = self.stage2(self.stage1(x))
        return self.stage5(self.stage4(self.stage3(x)))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.pool(self.maps(x)).flatten(1))


def vgg11(*, batch_norm: bool = False) -> VGG:
    """Configuration A: 8 convolutions and 3 dense layers."""
    return VGG(11, batch_norm=batch_norm)


def vgg13(*, batch_norm: bool = False) -> VGG:
    """Configuration B: two convolutions in every stage."""
    return VGG(13, batch_norm=batch_norm)


def vgg16(*, batch_norm: bool = False) -> VGG:
    """Configuration D, the one that most people mean by VGG."""
    return VGG(16, batch_norm=batch_norm)


def vgg19(*, batch_norm: bool = False) -> VGG:
    """Configuration E: four convolutions in each of the last three stages."""
    return VGG(19, batch_norm=batch_norm)


class SmallVGG(nn.Module):
    """The same stages for small images, and one linear layer over the mean of each channel.

    Args:
        classes: N.
        widths: channels of each stage.
        in_channels: C of the images.
        convolutions: in each stage.
        kernel: side of the kernels, odd.
        batch_norm: whether one stands before each ReLU.
    """

    def __init__(
        self,
        classes: int,
        widths: Sequence[int] = (16, 32),
        *,
        in_channels: int = 3,
        convolutions: int = 2,
        kernel: int = 3,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        pairs = zip((in_channels, *widths[:-1]), widths, strict=True)
        self.stages = nn.Sequential(
            *[Stage(c, k, convolutions, kernel=kernel, batch_norm=batch_norm) for c, k in pairs]
        )
        self.head = nn.Linear(widths[-1], classes)
        scaled_init(self)

    def features(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B F"]:
        """The mean of each channel of the last stage: what the head sees, and what another task may use."""
        return self.stages(x).mean(dim=(2, 3))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.features(x))


@torch.no_grad()
def scaled_init(model: nn.Module) -> None:
    """Weights whose variance is 2 / inputs of an output, so that ReLU layers keep the size of a signal; biases 0.

    He et al. 2015, https://arxiv.org/abs/1502.01852. The last dense layer is no exception here.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=math.sqrt(2 / layer.weight[0].numel()))
            nn.init.zeros_(layer.bias)


@torch.no_grad()
def published_init(model: nn.Module, *, std: float = 0.1) -> None:
    """Weights with the same spread at every layer, biases 0: the paper's start (sec. 3.1).

    Only the network of depth 11 was trained from it. The deeper ones took some layers from that one.

    Args:
        model: of convolutions and linear layers.
        std: the paper prints a *variance* of 0.01, a spread of 0.1. Many programs take 0.01, AlexNet's spread.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)


class Entry(NamedTuple):
    """One line of a ledger: a layer, the shape that leaves it without the batch, its values and its parameters."""

    name: str
    shape: tuple[int, ...]
    values: int
    parameters: int


def ledger(model: nn.Module, x: Float[Tensor, "B C H W"]) -> list[Entry]:
    """What one image leaves in memory, layer by layer; the image comes first.

    A layer is listed if it has parameters or another shape than what it gets. So a
    ReLU is not, for it may overwrite its input, and neither is dropout.

    Args:
        model: a chain of layers; of parallel branches the shapes could not be told.
        x: images; on the meta device this costs nothing.

    Returns:
        The lines in the order in which the layers run.
    """
    parts = dict(model.named_modules())
    shape = tuple(x.shape[1:])
    lines = [Entry("image", shape, math.prod(shape), 0)]
    for name, (_, *sides) in measure.stages(model, x, depth=9).items():
        parameters = measure.count_parameters(parts[name])
        if parameters or tuple(sides) != shape:
            shape = tuple(sides)
            lines.append(Entry(name, shape, math.prod(shape), parameters))
    return lines


def dense_to_convolutions(model: VGG) -> nn.Sequential:
    """The three dense layers as convolutions that share their weights, so that images may be larger (sec. 3.2).

    On maps of 7 by 7 the result is that of the dense layers. On larger ones it is
    a map of scores, one for each place where a window of 224 pixels would lie, in
    steps of 32; the paper takes its mean.

    Args:
        model: a trained network.

    Returns:
        From maps ``B 512 H W`` of at least 7 by 7 to scores ``B N H-6 W-6``.
    """
    layers: list[nn.Module] = []
    for dense, side in zip((model.head[0], model.head[3], model.head[6]), (7, 1, 1), strict=True):
        kernels = dense.weight.unflatten(1, (-1, side, side))
        convolution = nn.utils.skip_init(nn.Conv2d, kernels.shape[1], kernels.shape[0], side)
        convolution.weight, convolution.bias = nn.Parameter(kernels), dense.bias
        layers += [convolution, nn.ReLU()]
    return nn.Sequential(*layers[:-1])
