"""Residual networks of He et al. 2016, https://arxiv.org/abs/1512.03385 (fig. 2 and 5, tables 1 and 6).

The authors' later order and the wide networks for small images are in ``preact_resnet``.

B batch, C/K channels in/out, H W height and width in pixels (H2 W2 after a stride), N classes.

Differs from the paper:
    ``Bottleneck`` strides in its 3x3 convolution (v1.5). The paper strides in the 1x1 before it (v1), which is cheaper
    because it reads one pixel of every four and drops the rest. ``stride_on_1x1=True`` gives the paper's network.
"""

import copy
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class Shortcut(Enum):
    """How the input of a block reaches its sum (sec. 3.3 of the paper names A, B and C)."""

    NONE = "not at all: the plain network that the paper compares with"
    A = "identity, padded with zero channels where the shape changes: no parameters"
    B = "identity, and a 1x1 projection where the shape changes"
    C = "a 1x1 projection in every block"


class NoShortcut(nn.Module):
    """The shortcut of a plain network: zero, whatever comes in."""

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, ""]:
        return x.new_zeros(())


class PadShortcut(nn.Module):
    """Option A: every stride-th pixel, with zero channels behind the old ones.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output, at least C.
        stride: factor by which H and W shrink, at least 1.

    Raises:
        ValueError: if out_channels is less than in_channels, for padding cannot take channels away.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        if out_channels < in_channels:
            raise ValueError(
                f"option A only adds channels, so it cannot go from {in_channels} to {out_channels}: use Shortcut.B"
            )
        self.stride = stride
        self.extra_channels = out_channels - in_channels

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.extra_channels))  # pairs from the last axis back: W, H, C


def make_shortcut(
    option: Shortcut,
    in_channels: int,
    out_channels: int,
    stride: int,
    *,
    norm: bool = True,
) -> nn.Module:
    """The shortcut that an option prescribes between two shapes.

    Args:
        option: one of the four kinds.
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        stride: factor by which H and W shrink.
        norm: whether a projection ends in batch norm (not with pre-activation).

    Raises:
        ValueError: if stride is less than 1, or option A had to drop channels.
    """
    if stride < 1:
        raise ValueError(f"stride must be at least 1, got {stride}")
    if option is Shortcut.NONE:
        return NoShortcut()
    if option is not Shortcut.C and stride == 1 and in_channels == out_channels:
        return nn.Identity()
    if option is Shortcut.A:
        return PadShortcut(in_channels, out_channels, stride=stride)
    projection = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
    if not norm:
        return projection
    return nn.Sequential(projection, nn.BatchNorm2d(out_channels))


class BasicBlock(nn.Module):
    """relu(f(x) + shortcut(x)), where f is two 3x3 convolutions.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        stride: factor by which H and W shrink, at least 1.
        shortcut: how x reaches the sum.

    Raises:
        ValueError: if stride is less than 1.
    """

    expansion = 1  # output channels for each channel of the 3x3 convolutions
    convolutions = 2
    last = "norm2"  # what the branch ends with: zero it and f(x) = 0

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = Shortcut.B,
    ) -> None:
        super().__init__()
        self.keeps_shape = stride == 1 and in_channels == out_channels
        self.shortcut = make_shortcut(shortcut, in_channels, out_channels, stride)
        # Batch norm subtracts the mean, so a bias before it would have no effect.
        conv3x3 = partial(nn.Conv2d, kernel_size=3, padding=1, bias=False)
        self.conv1 = conv3x3(in_channels, out_channels, stride=stride)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = conv3x3(out_channels, out_channels)
        self.norm2 = nn.BatchNorm2d(out_channels)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        # In place: nobody else needs what a norm or the sum wrote.
        h = F.relu(self.norm1(self.conv1(x)), inplace=True)  # B K H2 W2
        h = self.norm2(self.conv2(h))
        return F.relu(h + self.shortcut(x), inplace=True)


def quarter(out_channels: int) -> int:
    """The squeezed channels of a bottleneck."""
    if out_channels < 4 or out_channels % 4:
        raise ValueError(f"a bottleneck squeezes its channels to a quarter: give a multiple of 4, got {out_channels}")
    return out_channels // 4


class Bottleneck(nn.Module):
    """relu(f(x) + shortcut(x)), where f squeezes, convolves and restores.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output, a multiple of 4.
        stride: factor by which H and W shrink, at least 1.
        shortcut: how x reaches the sum.
        width: the 3x3 convolution has width * K / 4 channels.
        stride_on_1x1: whether the first 1x1 strides (v1, the paper) or the 3x3
            (v1.5, which reads every pixel).

    Raises:
        ValueError: if stride is less than 1, or out_channels is no multiple of 4.
    """

    expansion = 4
    convolutions = 3
    last = "norm3"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = Shortcut.B,
        width: int = 1,
        stride_on_1x1: bool = False,
    ) -> None:
        super().__init__()
        hidden = width * quarter(out_channels)
        stride1, stride2 = (stride, 1) if stride_on_1x1 else (1, stride)
        self.keeps_shape = stride == 1 and in_channels == out_channels
        self.shortcut = make_shortcut(shortcut, in_channels, out_channels, stride)
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, stride=stride1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, stride2, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        h = F.relu(self.norm1(self.conv1(x)), inplace=True)
        h = F.relu(self.norm2(self.conv2(h)), inplace=True)
        h = self.norm3(self.conv3(h))
        return F.relu(h + self.shortcut(x), inplace=True)


def make_stage(
    block: Callable[..., nn.Module], in_channels: int, out_channels: int, blocks: int, stride: int
) -> nn.Sequential:
    """Blocks in a row; the first one changes the shape."""
    rest = (block(out_channels, out_channels) for _ in range(blocks - 1))
    return nn.Sequential(block(in_channels, out_channels, stride=stride), *rest)


def he_init(model: nn.Module) -> None:
    """Draw each convolution from a normal distribution of variance 2 / fan-out, which keeps the gradient's size."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def residual_blocks(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Names and blocks of a model in order; a block is what knows whether it keeps the shape of its input."""
    return [(name, module) for name, module in model.named_modules() if hasattr(module, "keeps_shape")]


def zero_init_residual(model: nn.Module) -> None:
    """Make f(x) = 0 in every block, so that training starts from a network that passes its input on.

    A block with an identity shortcut then returns relu(x), or exactly x with pre-activation.
    Source: Goyal et al. 2017, https://arxiv.org/abs/1706.02677, sec. 5.1.
    """
    for _, block in residual_blocks(model):
        for parameter in block.get_submodule(block.last).parameters():
            nn.init.zeros_(parameter)


def removable_blocks(model: nn.Module) -> list[str]:
    """Names of the blocks whose output has the shape of their input, in order: the network runs without them."""
    return [name for name, block in residual_blocks(model) if block.keeps_shape]


def without_blocks(model: nn.Module, names: Iterable[str]) -> nn.Module:
    """A copy of the model in which the named blocks hand their input on unchanged.

    Args:
        model: a residual or plain network.
        names: any of ``removable_blocks(model)``.

    Raises:
        ValueError: if a name is no block, or one that changes the shape.
    """
    allowed = removable_blocks(model)
    model = copy.deepcopy(model)
    for name in names:
        if name not in allowed:
            raise ValueError(f"{name!r} cannot be removed; the blocks that keep their shape are {', '.join(allowed)}")
        model.set_submodule(name, nn.Identity())
    return model


LAYOUTS = {  # depth: block, blocks in each of the four stages (table 1 of the paper)
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


class ResNet(nn.Module):
    """The network for ImageNet: a strided 7x7 convolution, a max pool, four stages, one linear layer.

    Args:
        depth: 18, 34, 50, 101 or 152: the layers with weights on the longest path.
        width: factor on the 3x3 convolutions' channels; a basic block widens its output too, a bottleneck does not.
        shortcut: how x reaches the sum of each block.
        stride_on_1x1: True strides in the bottleneck's first 1x1, as the paper does (v1).
        in_channels: C, channels of the image.
        classes: N, number of classes.

    Raises:
        ValueError: if the depth is not in the paper's table, or if basic blocks are told to stride on a 1x1.
    """

    def __init__(
        self,
        depth: int,
        *,
        width: int = 1,
        shortcut: Shortcut = Shortcut.B,
        stride_on_1x1: bool = False,
        in_channels: int = 3,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        if depth not in LAYOUTS:
            raise ValueError(f"depth must be one of {', '.join(map(str, LAYOUTS))}, got {depth}")
        kind, (n1, n2, n3, n4) = LAYOUTS[depth]
        if kind is Bottleneck:
            block = partial(Bottleneck, shortcut=shortcut, width=width, stride_on_1x1=stride_on_1x1)
            k = 64 * Bottleneck.expansion
        elif stride_on_1x1:
            raise ValueError(f"ResNet-{depth} is made of basic blocks, which have no 1x1 convolution to stride on")
        else:
            block = partial(BasicBlock, shortcut=shortcut)
            k = 64 * width
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage1 = make_stage(block, 64, k, n1, stride=1)
        self.stage2 = make_stage(block, k, 2 * k, n2, stride=2)
        self.stage3 = make_stage(block, 2 * k, 4 * k, n3, stride=2)
        self.stage4 = make_stage(block, 4 * k, 8 * k, n4, stride=2)
        self.head = nn.Linear(8 * k, classes)
        he_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        h = F.relu(self.norm1(self.conv1(x)), inplace=True)  # B 64 H/2 W/2
        h = self.stage1(self.pool(h))  # B K H/4 W/4
        h = self.stage4(self.stage3(self.stage2(h)))  # B 8K H/32 W/32
        return self.head(h.mean(dim=(2, 3)))


def cifar_sizes(depth: int, block: type[nn.Module], width: int | float) -> tuple[int, int, int]:
    """Blocks in each of the three stages, channels of the stem, channels of the first stage.

    Raises:
        ValueError: if no whole number of blocks gives the depth, or if the width leaves a stage without channels.
    """
    per_block = 3 * block.convolutions
    n, rest = divmod(depth - 2, per_block)
    if n < 1 or rest:
        raise ValueError(
            f"with {block.__name__}, depth must be {per_block}n + 2 ({per_block + 2}, {2 * per_block + 2}, ...), "
            f"got {depth}"
        )
    k = int(16 * width)
    if k < 1:
        raise ValueError(f"width must be at least 1/16, so that each stage has a channel, got {width}")
    return n, min(16, k), k * block.expansion


class CifarResNet(nn.Module):
    """The network for small images: a 3x3 convolution, three stages of 16, 32 and 64 channels, one linear layer.

    Args:
        depth: layers with weights on the longest path: 6n + 2 for basic blocks, 9n + 2 for bottlenecks.
        block: BasicBlock or Bottleneck.
        shortcut: how x reaches the sum of each block; Shortcut.NONE gives the plain network.
        width: factor on the channels of the stages. Below 1 it narrows the first convolution too.
        in_channels: C, channels of the image.
        classes: N, number of classes.

    Raises:
        ValueError: if no whole number of blocks gives the depth, or if the width leaves a stage without channels.
    """

    def __init__(
        self,
        depth: int,
        *,
        block: type[nn.Module] = BasicBlock,
        shortcut: Shortcut = Shortcut.A,
        width: int | float = 1,
        in_channels: int = 3,
        classes: int = 10,
    ) -> None:
        super().__init__()
        n, stem, k = cifar_sizes(depth, block, width)
        make = partial(block, shortcut=shortcut)
        self.conv1 = nn.Conv2d(in_channels, stem, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(stem)
        self.stage1 = make_stage(make, stem, k, n, stride=1)
        self.stage2 = make_stage(make, k, 2 * k, n, stride=2)
        self.stage3 = make_stage(make, 2 * k, 4 * k, n, stride=2)
        self.head = nn.Linear(4 * k, classes)
        he_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        h = F.relu(self.norm1(self.conv1(x)), inplace=True)
        h = self.stage3(self.stage2(self.stage1(h)))  # B 4K H/4 W/4
        return self.head(h.mean(dim=(2, 3)))


def resnet18(*, classes: int = 1000) -> ResNet:
    return ResNet(18, classes=classes)


def resnet34(*, classes: int = 1000) -> ResNet:
    return ResNet(34, classes=classes)


def resnet50(*, classes: int = 1000) -> ResNet:
    return ResNet(50, classes=classes)


def resnet101(*, classes: int = 1000) -> ResNet:
    return ResNet(101, classes=classes)


def resnet152(*, classes: int = 1000) -> ResNet:
    return ResNet(152, classes=classes)


def wide_resnet50_2(*, classes: int = 1000) -> ResNet:
    return ResNet(50, width=2, classes=classes)
