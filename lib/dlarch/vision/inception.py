"""The Inception module and GoogLeNet of Szegedy et al. 2015, https://arxiv.org/abs/1409.4842 (fig. 2 and 3, table 1).

Also here: the same network as torchvision has it, ``TORCHVISION``. Its successor is in ``inception_v3``.

B batch, C/K channels in/out, H W height and width in pixels, N classes.

Differs from the paper:
    It gives no constants for its local response norm: here they are AlexNet's. It gives no start for the weights: here
    convolutions are drawn as He et al. do, https://arxiv.org/abs/1502.01852.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlarch.foundations.regularization import LocalResponseNorm


class ConvUnit(nn.Sequential):
    """A convolution and a ReLU, with batch norm between them if wanted.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        kernel: side of the kernel, or its height and width; odd.
        stride: factor by which H and W shrink.
        padded: whether zeros around the image keep H and W (at stride 1).
        batch_norm: put batch norm behind the convolution, whose bias then goes.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int | tuple[int, int],
        *,
        stride: int = 1,
        padded: bool = True,
        batch_norm: bool = False,
    ) -> None:
        height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        padding = (height // 2, width // 2) if padded else 0
        size = {"kernel_size": kernel, "stride": stride, "padding": padding}
        conv = nn.Conv2d(in_channels, out_channels, **size, bias=not batch_norm)
        norm = [nn.BatchNorm2d(out_channels, eps=1e-3)] if batch_norm else []
        # Overwrites what stands before it, which nobody needs any more.
        super().__init__(conv, *norm, nn.ReLU(inplace=True))


class Widths(NamedTuple):
    """Channels inside an Inception module, in the order of the paper's table 1."""

    one: int  # 1x1
    reduce3: int  # 1x1 before the 3x3
    three: int  # 3x3
    reduce5: int  # 1x1 before the 5x5
    five: int  # 5x5
    pool: int  # 1x1 after the pooling


class InceptionModule(nn.Module):
    """Four branches side by side on the same input: 1x1, 3x3, 5x5, pooling.

    All keep height and width, so their channels can be put one behind the other.

    Args:
        in_channels: C, channels of the input.
        widths: channels of each convolution.
        naive: leave out the three 1x1 reductions (fig. 2a of the paper), whose
            widths then do not count. The pooling branch passes on all of C.
        batch_norm: in every unit, in place of biases.
        large_kernel: side of the largest kernel; 5 in the paper.

    Raises:
        ValueError: if a width that counts is less than 1.
    """

    def __init__(
        self,
        in_channels: int,
        widths: Widths,
        *,
        naive: bool = False,
        batch_norm: bool = False,
        large_kernel: int = 5,
    ) -> None:
        super().__init__()
        if min((widths.one, widths.three, widths.five) if naive else widths) < 1:
            raise ValueError(f"each branch needs a channel or more, got {widths}")

        def branch(reduced: int, out: int, kernel: int) -> nn.Sequential:
            if naive:
                return nn.Sequential(unit(in_channels, out, kernel))
            reduction = unit(in_channels, reduced, 1)
            return nn.Sequential(reduction, unit(reduced, out, kernel))

        def unit(channels: int, out: int, kernel: int) -> ConvUnit:
            return ConvUnit(channels, out, kernel, batch_norm=batch_norm)

        self.branch1 = unit(in_channels, widths.one, 1)
        self.branch3 = branch(widths.reduce3, widths.three, 3)
        self.branch5 = branch(widths.reduce5, widths.five, large_kernel)
        self.branch_pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1))
        if not naive:  # behind the pooling, which is cheap whatever its depth
            self.branch_pool.append(unit(in_channels, widths.pool, 1))
        pooled = in_channels if naive else widths.pool
        self.out_channels = widths.one + widths.three + widths.five + pooled

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H W"]:
        branches = (self.branch1, self.branch3, self.branch5, self.branch_pool)
        return torch.cat([branch(x) for branch in branches], dim=1)


MODULES = {  # the nine modules of GoogLeNet
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What sources do differently about GoogLeNet.

    Attributes:
        batch_norm: batch norm in place of biases and of local response norm.
        large_kernel: side of the kernel in the branch that is called 5x5.
        last_pool: side of the window of the last max pool.
        adaptive_heads: auxiliary heads cut any map into 4 by 4 places; the paper's
            windows of 5 pixels, 3 apart, need a map of 14 by 14.
        dropout: share of features that are dropped before the last layer.
    """

    batch_norm: bool = False
    large_kernel: int = 5
    last_pool: int = 3
    adaptive_heads: bool = False
    dropout: float = 0.4


PUBLISHED = Variant()
TORCHVISION = Variant(batch_norm=True, large_kernel=3, last_pool=2, adaptive_heads=True, dropout=0.2)


class AuxiliaryHead(nn.Module):
    """A small classifier on a map in the middle of the network, for training only.

    Args:
        in_channels: C, channels of the map.
        classes: N, number of classes.
        conv_channels: of the 1x1 convolution.
        hidden: units of the hidden layer.
        batch_norm: in the convolution.
        adaptive: cut a map of any size into 4 by 4 places.

    Raises:
        ValueError: on a call, if the map has the wrong size for the paper's pooling.
    """

    def __init__(
        self,
        in_channels: int,
        classes: int,
        *,
        conv_channels: int = 128,
        hidden: int = 1024,
        batch_norm: bool = False,
        adaptive: bool = False,
    ) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(4) if adaptive else nn.AvgPool2d(5, stride=3)
        self.conv = ConvUnit(in_channels, conv_channels, 1, batch_norm=batch_norm)
        self.hidden = nn.Linear(16 * conv_channels, hidden)
        self.dropout = nn.Dropout(0.7)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        if isinstance(self.pool, nn.AvgPool2d) and any(not 14 <= s < 17 for s in x.shape[2:]):
            raise ValueError(
                "windows of 5 pixels, 3 apart, make 4 by 4 places of a map of 14 by 14, "
                f"got {x.shape[2]} by {x.shape[3]}: use images of 224 by 224, or adaptive heads"
            )
        h = self.conv(self.pool(x))  # B conv_channels 4 4
        h = F.relu(self.hidden(h.flatten(1)))
        return self.head(self.dropout(h))


class Scores(NamedTuple):
    """What a network with auxiliary heads returns in training: scores, main head first."""

    main: Tensor
    aux1: Tensor
    aux2: Tensor


def auxiliary_loss(
    scores: Scores | Float[Tensor, "B N"],
    targets: Int[Tensor, " B"],
    *,
    weight: float = 0.3,
) -> Float[Tensor, ""]:
    """Cross-entropy of the main head plus ``weight`` times that of each auxiliary head.

    Scores of one head, as they come in evaluation, give its cross-entropy alone.
    """
    if isinstance(scores, Tensor):
        return F.cross_entropy(scores, targets)
    main, *others = (F.cross_entropy(each, targets) for each in scores)
    return main + weight * sum(others)


class GoogLeNet(nn.Module):
    """22 layers deep: three convolutions, nine Inception modules, one linear layer.

    In training mode, with heads, it returns `Scores`, else the scores alone: the
    auxiliary heads are not even computed when they are not needed.

    Args:
        variant: `PUBLISHED`, `TORCHVISION` or another mixture.
        aux: have auxiliary heads, behind modules 4a and 4d.
        width: factor on the channels of every layer.
        in_channels: C, channels of the image.
        classes: N, number of classes.

    Raises:
        ValueError: if the width leaves a layer without channels.
    """

    def __init__(
        self,
        variant: Variant = PUBLISHED,
        *,
        aux: bool = True,
        width: int | float = 1,
        in_channels: int = 3,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        if width < 1 / 16:
            raise ValueError(f"width must be at least 1/16: module 3a has a layer of 16, got {width}")
        norm = variant.batch_norm

        def scaled(channels: int) -> int:
            return int(width * channels)

        def module(name: str, channels: int) -> InceptionModule:
            widths = Widths(*map(scaled, MODULES[name]))
            return InceptionModule(channels, widths, batch_norm=norm, large_kernel=variant.large_kernel)

        def head(channels: int) -> AuxiliaryHead:
            sizes = {"conv_channels": scaled(128), "hidden": scaled(1024)}
            kind = {"batch_norm": norm, "adaptive": variant.adaptive_heads}
            return AuxiliaryHead(channels, classes, **sizes, **kind)

        k = scaled(64)
        self.conv1 = ConvUnit(in_channels, k, 7, stride=2, batch_norm=norm)
        # ceil_mode: a window that sticks out at the end counts, so 112 becomes 56.
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = nn.Identity() if norm else LocalResponseNorm()
        self.conv2 = ConvUnit(k, k, 1, batch_norm=norm)
        self.conv3 = ConvUnit(k, 3 * k, 3, batch_norm=norm)
        self.norm2 = nn.Identity() if norm else LocalResponseNorm()
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.module3a = module("3a", 3 * k)
        self.module3b = module("3b", self.module3a.out_channels)
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.module4a = module("4a", self.module3b.out_channels)
        self.module4b = module("4b", self.module4a.out_channels)
        self.module4c = module("4c", self.module4b.out_channels)
        self.module4d = module("4d", self.module4c.out_channels)
        self.module4e = module("4e", self.module4d.out_channels)
        self.pool4 = nn.MaxPool2d(variant.last_pool, stride=2, ceil_mode=True)
        self.module5a = module("5a", self.module4e.out_channels)
        self.module5b = module("5b", self.module5a.out_channels)
        self.aux1 = head(self.module4a.out_channels) if aux else None
        self.aux2 = head(self.module4d.out_channels) if aux else None
        self.dropout = nn.Dropout(variant.dropout)
        self.head = nn.Linear(self.module5b.out_channels, classes)
        he_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"] | Scores:
        h = self.norm1(self.pool1(self.conv1(x)))  # B 64 H/4 W/4
        h = self.pool2(self.norm2(self.conv3(self.conv2(h))))  # B 192 H/8 W/8
        h = self.pool3(self.module3b(self.module3a(h)))  # B 480 H/16 W/16
        # Taken where they branch off, so that the backward pass meets them there.
        heads = self.training and self.aux1 is not None
        h = self.module4a(h)
        aux1 = self.aux1(h) if heads else None
        h = self.module4d(self.module4c(self.module4b(h)))
        aux2 = self.aux2(h) if heads else None
        h = self.pool4(self.module4e(h))  # B 832 H/32 W/32
        h = self.module5b(self.module5a(h))  # B 1024 H/32 W/32
        scores = self.head(self.dropout(h.mean(dim=(2, 3))))
        return Scores(scores, aux1, aux2) if heads else scores


def he_init(model: nn.Module) -> None:
    """Draw each convolution from a normal distribution of variance 2 / fan-in, which keeps the signal's size."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
