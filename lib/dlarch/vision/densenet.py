"""Densely connected networks of Huang et al. 2017, https://arxiv.org/abs/1608.06993 (fig. 1 and 2, table 1).

The option that computes again instead of keeping is that of Pleiss et al. 2017, https://arxiv.org/abs/1707.06990.

B batch, C/K channels in/out, G growth rate (the paper's k), H W height and width in pixels, L layers of a block,
M channels between the two convolutions of a layer, N classes.

Differs from the paper:
    Nothing in the networks. Many programs put the pooling of a transition elsewhere or leave out its ReLU; here it is
    norm, ReLU, 1x1 convolution, pooling, as in the authors' code.
"""

from collections.abc import Sequence
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

# Depth -> growth rate and layers of the four blocks (table 1; 161 stands among the networks that the authors released).
LAYOUTS = {
    121: (32, (6, 12, 24, 16)),
    169: (32, (6, 12, 32, 32)),
    201: (32, (6, 12, 48, 32)),
    161: (48, (6, 12, 36, 24)),
    264: (32, (6, 12, 64, 48)),  # its layers are 265; the paper's name stays
}


class StatisticsKept:
    """Within it, a batch norm leaves its running statistics as they are.

    Args:
        norm: it normalises as ever, by the batch in training.
    """

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        self.norm = norm

    def __enter__(self) -> None:
        self.momentum, self.norm.momentum = self.norm.momentum, 0.0
        self.batches = self.norm.num_batches_tracked.clone()

    def __exit__(self, *error: object) -> None:
        self.norm.momentum = self.momentum
        self.norm.num_batches_tracked.copy_(self.batches)


class DenseLayer(nn.Module):
    """G new maps from all maps before: norm, ReLU, convolution, once or twice.

    Args:
        in_channels: C, channels of all sources together.
        growth_rate: G, channels that the layer makes.
        bottleneck: M / G, the channels of a 1x1 convolution before the 3x3, as a
            multiple of G; 0 leaves it out.
        dropout: share of the new maps' values set to zero in training.
        recompute: whether the joined sources and their norm are computed again in
            the backward pass instead of being kept.

    Raises:
        ValueError: if the layer would make no maps, or bottleneck is negative.
    """

    def __init__(
        self,
        in_channels: int,
        growth_rate: int,
        *,
        bottleneck: int = 4,
        dropout: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        if growth_rate < 1 or bottleneck < 0:
            got = f"{growth_rate} and {bottleneck}"
            raise ValueError(f"needs new maps and a bottleneck from 0 on, got {got}")
        self.norm1 = nn.BatchNorm2d(in_channels)
        hidden = bottleneck * growth_rate
        if bottleneck:
            self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(hidden)
            self.conv2 = nn.Conv2d(hidden, growth_rate, 3, padding=1, bias=False)
        else:
            self.conv1 = nn.Conv2d(in_channels, growth_rate, 3, padding=1, bias=False)
        self.bottleneck, self.dropout = bottleneck, dropout
        self.recompute = recompute

    def read(
        self,
        *sources: Float[Tensor, "B _ H W"],
    ) -> Float[Tensor, "B M H W"]:
        """The wide part: join the sources, normalise, bend, convolve."""
        h = self.norm1(torch.cat(sources, dim=1))  # B C H W
        # In place: nobody else needs what the norm wrote.
        return self.conv1(F.relu(h, inplace=True))

    def forward(
        self,
        sources: Sequence[Float[Tensor, "B _ H W"]],
    ) -> Float[Tensor, "B G H W"]:
        if self.recompute and torch.is_grad_enabled():
            # The second time, the batch must not enter the statistics again.
            h = checkpoint(
                self.read,
                *sources,
                use_reentrant=False,
                context_fn=lambda: (nullcontext(), StatisticsKept(self.norm1)),
            )
        else:
            h = self.read(*sources)
        if self.bottleneck:
            h = self.conv2(F.relu(self.norm2(h), inplace=True))
        return F.dropout(h, self.dropout, self.training)


class DenseBlock(nn.Module):
    """Layers that each see the block's input and the maps of all layers before.

    Args:
        in_channels: C, channels of the input.
        growth_rate: G, channels that each layer adds.
        layers: L, at least 1.
        bottleneck: as for ``DenseLayer``.
        dropout: as for ``DenseLayer``.
        recompute: as for ``DenseLayer``.

    Raises:
        ValueError: if there is no layer.
    """

    def __init__(
        self,
        in_channels: int,
        growth_rate: int,
        layers: int,
        *,
        bottleneck: int = 4,
        dropout: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        if layers < 1:
            raise ValueError(f"layers must be at least 1, got {layers}")
        self.in_channels, self.growth_rate = in_channels, growth_rate
        self.out_channels = in_channels + layers * growth_rate
        options = {"bottleneck": bottleneck, "dropout": dropout, "recompute": recompute}
        widths = [in_channels + place * growth_rate for place in range(layers)]
        self.layers = nn.ModuleList(DenseLayer(c, growth_rate, **options) for c in widths)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H W"]:
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps, dim=1)


class Transition(nn.Sequential):
    """Between two blocks: norm, ReLU, a 1x1 convolution, the mean of 2 by 2 pixels.

    Args:
        in_channels: C.
        compression: share of the channels that goes on (the paper's theta), above 0,
            at most 1; the number is rounded down.

    Raises:
        ValueError: if compression is out of range or leaves no channel.
    """

    def __init__(self, in_channels: int, *, compression: float = 0.5) -> None:
        if not 0 < compression <= 1 or int(in_channels * compression) < 1:
            got = f"{compression} of {in_channels} channels"
            raise ValueError(f"compression must keep a channel, got {got}")
        self.out_channels = int(in_channels * compression)
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(in_channels, self.out_channels, 1, bias=False),
            nn.AvgPool2d(2),
        )


class DenseStages(nn.Sequential):
    """Dense blocks, transitions between them, then the norm and ReLU still missing.

    Args:
        in_channels: C.
        growth_rate: G.
        layers: of each block.
        bottleneck: as for ``DenseLayer``.
        compression: of each ``Transition``.
        dropout: as for ``DenseLayer``.
        recompute: as for ``DenseLayer``.
    """

    def __init__(
        self,
        in_channels: int,
        growth_rate: int,
        layers: Sequence[int],
        *,
        bottleneck: int = 4,
        compression: float = 0.5,
        dropout: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        options = {"bottleneck": bottleneck, "dropout": dropout, "recompute": recompute}
        channels = in_channels
        for number, count in enumerate(layers, 1):
            block = DenseBlock(channels, growth_rate, count, **options)
            self.add_module(f"block{number}", block)
            channels = block.out_channels
            if number < len(layers):
                transition = Transition(channels, compression=compression)
                self.add_module(f"transition{number}", transition)
                channels = transition.out_channels
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.out_channels = channels


class DenseNet(nn.Module):
    """The networks for ImageNet: a stem, four dense blocks, one linear layer.

    Args:
        depth: 121, 169, 201, 161 or 264.
        classes: N.
        in_channels: C of the images.
        recompute: as for ``DenseLayer``: less memory in training, same results.

    Raises:
        ValueError: if there is no such depth.
    """

    def __init__(self, depth: int, *, classes: int = 1000, in_channels: int = 3, recompute: bool = False) -> None:
        super().__init__()
        if depth not in LAYOUTS:
            raise ValueError(f"depth must be one of {', '.join(map(str, LAYOUTS))}, got {depth}")
        growth_rate, layers = LAYOUTS[depth]
        width = 2 * growth_rate
        self.conv = nn.Conv2d(in_channels, width, 7, stride=2, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = DenseStages(width, growth_rate, layers, recompute=recompute)
        self.head = nn.Linear(self.stages.out_channels, classes)
        dense_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        x = self.pool(F.relu(self.norm(self.conv(x)), inplace=True))
        return self.head(self.stages(x).mean(dim=(2, 3)))


class CifarDenseNet(nn.Module):
    """The networks for small images: a 3x3 convolution, three blocks, a linear layer.

    Args:
        depth: convolutions on the longest path and the linear layer: 3n + 4, or
            6n + 4 with bottlenecks, for n layers in each block.
        growth_rate: G.
        bottleneck: as for ``DenseLayer``; 4 is the paper's B.
        compression: of each transition; below 1 it is the paper's C.
        classes: N.
        in_channels: C of the images.
        dropout: the paper takes 0.2 where images are not augmented.
        recompute: as for ``DenseLayer``.

    Raises:
        ValueError: if no number of layers gives this depth.
    """

    def __init__(
        self,
        depth: int,
        growth_rate: int,
        *,
        bottleneck: int = 4,
        compression: float = 0.5,
        classes: int = 10,
        in_channels: int = 3,
        dropout: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        convolutions = 2 if bottleneck else 1
        layers, rest = divmod(depth - 4, 3 * convolutions)
        if rest or layers < 1:
            raise ValueError(f"depth must be {3 * convolutions}n + 4 with n at least 1, got {depth}")
        # The first convolution makes 16 channels, with both letters 2G (sec. 4.2).
        width = 2 * growth_rate if bottleneck and compression < 1 else 16
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.stages = DenseStages(
            width,
            growth_rate,
            [layers] * 3,
            bottleneck=bottleneck,
            compression=compression,
            dropout=dropout,
            recompute=recompute,
        )
        self.head = nn.Linear(self.stages.out_channels, classes)
        dense_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.stages(self.conv(x)).mean(dim=(2, 3)))


def dense_init(model: nn.Module) -> None:
    """Convolutions start from variance 2 / inputs of an output (He et al. 2015); the linear layer's biases are 0."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)


@torch.no_grad()
def source_weights(block: DenseBlock) -> Float[Tensor, "L L"]:
    """How strongly each layer weighs each of its sources: the mean size of the weights between them.

    A weight is multiplied by the scale of the norm before it, for that is what a
    normalised map meets. What a layer cannot see is NaN.

    Args:
        block: the block; trained, or the picture shows the random start.

    Returns:
        A row for each layer, a column for the block's input and each layer but the last.
    """
    count = len(block.layers)
    result = torch.full((count, count), torch.nan)
    for row, layer in enumerate(block.layers):
        sizes = layer.conv1.weight.abs().mean(dim=(0, 2, 3)) * layer.norm1.weight.abs()
        parts = sizes.split([block.in_channels, *[block.growth_rate] * row])
        result[row, : row + 1] = torch.stack([part.mean() for part in parts])
    return result


def densenet121(*, classes: int = 1000, recompute: bool = False) -> DenseNet:
    return DenseNet(121, classes=classes, recompute=recompute)


def densenet169(*, classes: int = 1000, recompute: bool = False) -> DenseNet:
    return DenseNet(169, classes=classes, recompute=recompute)


def densenet201(*, classes: int = 1000, recompute: bool = False) -> DenseNet:
    return DenseNet(201, classes=classes, recompute=recompute)


def densenet161(*, classes: int = 1000, recompute: bool = False) -> DenseNet:
    return DenseNet(161, classes=classes, recompute=recompute)


def basic_densenet(depth: int, growth_rate: int, *, classes: int = 10, in_channels: int = 3) -> CifarDenseNet:
    """The first form of the paper: no bottlenecks, no compression."""
    return CifarDenseNet(depth, growth_rate, bottleneck=0, compression=1.0, classes=classes, in_channels=in_channels)
