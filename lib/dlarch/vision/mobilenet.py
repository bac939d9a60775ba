"""MobileNet v1, of depthwise separable convolutions, and v2, of inverted residuals.

v1 is Howard et al. 2017, https://arxiv.org/abs/1704.04861 (table 1), v2 Sandler et al. 2018,
https://arxiv.org/abs/1801.04381 (table 2).

B batch, C/K channels in/out, E expanded channels inside a block, R side of a kernel, H W height and width in pixels
(H2 W2 = H W divided by the stride, rounded up), N classes.

Differs from the papers:
    The first paper draws plain ReLUs. The released programs have ReLU6, and so does timm's ``mobilenetv1_100``;
    ``activation=nn.ReLU6`` gives that.
    Its table prints stride 2 for the last depthwise convolution but maps of 7 by 7 before and behind: the stride is 1.
    Padding is equal on all sides. TensorFlow's programs pad a stride of 2 more on the right and below.
    The second paper's table ends in a 1x1 convolution to the classes; a linear layer on the means is the same.
"""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

V1_LAYERS = (  # channels and stride; the first is a full convolution
    (32, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1),
    (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1),
)  # fmt: skip
V2_STAGES = (  # expansion, channels, blocks, stride of the first block
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


def cost_ratio(kernel: int, out_channels: int) -> float:
    """Work of a depthwise separable convolution over that of a full one.

    It is 1 / K + 1 / R² (first paper, sec. 3.1). Neither the channels that come in
    nor the size of the map are in it. The same ratio holds for the weights.

    Args:
        kernel: R, at least 1.
        out_channels: K, at least 1.

    Raises:
        ValueError: if an argument is less than 1.
    """
    if kernel < 1 or out_channels < 1:
        got = f"{kernel} and {out_channels}"
        raise ValueError(f"kernel and channels must be at least 1, got {got}")
    return 1 / out_channels + 1 / kernel**2


class FullConvolution(nn.Sequential):
    """A convolution over space and channels at once, batch norm, activation.

    Args:
        in_channels: C.
        out_channels: K.
        kernel: R, odd.
        stride: factor by which H and W shrink.
        activation: class of the layer behind the norm.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int = 3,
        stride: int = 1,
        activation: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        size = {"stride": stride, "padding": kernel // 2}
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel, bias=False, **size),
            nn.BatchNorm2d(out_channels),
            # Overwrites what the norm wrote, which nobody needs any more.
            activation(inplace=True),
        )


class DepthwiseSeparable(nn.Module):
    """A filter for each channel, then a mixture of channels at each place.

    Both convolutions are followed by batch norm and an activation, so this is not
    only a cheaper full convolution: there is a bend in the middle.

    Args:
        in_channels: C; as many filters look at space, one each.
        out_channels: K.
        kernel: R, odd, so that padding can keep the size.
        stride: of the depthwise convolution.
        activation: class of the layers behind the norms.

    Raises:
        ValueError: if the kernel is even or the stride is less than 1.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int = 3,
        stride: int = 1,
        activation: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        if kernel % 2 == 0 or stride < 1:
            got = f"{kernel} and {stride}"
            raise ValueError(f"needs an odd kernel and a stride, got {got}")
        # As many groups as channels: no filter sees more than one of them.
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=in_channels,
            bias=False,
        )
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.act1 = activation(inplace=True)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.act2 = activation(inplace=True)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        h = self.act1(self.norm1(self.depthwise(x)))  # B C H2 W2
        return self.act2(self.norm2(self.pointwise(h)))


class MobileNetV1(nn.Module):
    """A full convolution, thirteen separable ones, means, a linear layer.

    Args:
        width: multiplier of all channels, rounded down, at least 8 of them.
        classes: N.
        in_channels: C of the images.
        block: what stands behind the first convolution; ``FullConvolution`` gives
            the network that the paper compares with.
        activation: class of every activation; ``nn.ReLU6`` as released.
        layers: channels and stride of each layer, before ``width`` applies.

    Raises:
        ValueError: if the width is not positive.
    """

    def __init__(
        self,
        width: float = 1.0,
        *,
        classes: int = 1000,
        in_channels: int = 3,
        block: Callable[..., nn.Module] = DepthwiseSeparable,
        activation: Callable[..., nn.Module] = nn.ReLU,
        layers: Sequence[tuple[int, int]] = V1_LAYERS,
    ) -> None:
        super().__init__()
        if width <= 0:
            raise ValueError(f"width must be above 0, got {width}")
        kinds = [FullConvolution, *[block] * (len(layers) - 1)]
        parts, channels = [], in_channels
        for kind, (full_width, stride) in zip(kinds, layers, strict=True):
            wanted = max(8, int(width * full_width))
            settings = {"stride": stride, "activation": activation}
            parts.append(kind(channels, wanted, **settings))
            channels = wanted
        self.stem, self.blocks = parts[0], nn.Sequential(*parts[1:])
        self.head = nn.Linear(channels, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.blocks(self.stem(x)).mean(dim=(2, 3)))


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow again; add the input if shapes allow.

    A residual block of ResNet-50 is wide at its ends and narrow inside. Here the
    ends are narrow, and the skip joins them.

    Args:
        in_channels: C.
        out_channels: K.
        stride: of the depthwise convolution, 1 or 2.
        expansion: E / C; with 1 there is nothing to widen, and no layer for it.
        linear: leave the narrow maps without an activation. False puts a ReLU6
            there, which the paper advises against (sec. 3.2).

    Raises:
        ValueError: if the stride is not 1 or 2, or the expansion less than 1.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        expansion: int = 6,
        linear: bool = True,
    ) -> None:
        super().__init__()
        if stride not in (1, 2) or expansion < 1:
            got = f"{stride} and {expansion}"
            raise ValueError(f"needs stride 1 or 2 and an expansion, got {got}")
        inside = in_channels * expansion
        layer = partial(FullConvolution, activation=nn.ReLU6)
        self.expand: nn.Module = nn.Identity()
        if expansion > 1:
            self.expand = layer(in_channels, inside, kernel=1)
        apart = {"stride": stride, "padding": 1, "groups": inside}
        self.depthwise = nn.Sequential(
            nn.Conv2d(inside, inside, 3, bias=False, **apart),
            nn.BatchNorm2d(inside),
            nn.ReLU6(inplace=True),
        )
        last = nn.Identity if linear else nn.ReLU6
        self.project = layer(inside, out_channels, kernel=1, activation=last)
        # No convolution on the way round: where shapes differ, there is no skip.
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        h = self.depthwise(self.expand(x))  # B E H2 W2
        h = self.project(h)
        return x + h if self.skips else h


def round_channels(channels: float, divisor: int = 8) -> int:
    """The multiple of ``divisor`` nearest to a width, but never below nine tenths of it.

    Halves go up. Hardware likes such widths. The rule is that of the released
    programs; the paper does not state it.

    Args:
        channels: wanted, above 0.
        divisor: at least 1, and also the smallest result.
    """
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


class MobileNetV2(nn.Module):
    """A full convolution, seventeen inverted residuals, one wide 1x1 convolution, the means, a linear layer.

    Args:
        width: multiplier of all channels, each rounded to a multiple of 8. The
            last maps stay 1,280 wide below 1, for they feed the classifier.
        classes: N.
        in_channels: C of the images.
        dropout: share of the means that training sets to zero.

    Raises:
        ValueError: if the width is not positive.
    """

    def __init__(
        self,
        width: float = 1.0,
        *,
        classes: int = 1000,
        in_channels: int = 3,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        if width <= 0:
            raise ValueError(f"width must be above 0, got {width}")
        channels = round_channels(32 * width)
        self.stem = FullConvolution(in_channels, channels, stride=2, activation=nn.ReLU6)
        stages = []
        for expansion, full_width, blocks, stride in V2_STAGES:
            wanted, stage = round_channels(full_width * width), []
            for number in range(blocks):
                step = stride if number == 0 else 1
                stage.append(InvertedResidual(channels, wanted, stride=step, expansion=expansion))
                channels = wanted
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        last = round_channels(1280 * max(1.0, width))
        self.last = FullConvolution(channels, last, kernel=1, activation=nn.ReLU6)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(last, classes))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.last(self.stages(self.stem(x))).mean(dim=(2, 3)))


class Work(NamedTuple):
    """What one layer does for one call: its kind, multiply-accumulates, parameters, and bytes that it must move.

    Each number of the input, the output and the parameters is moved once, the least that is possible.
    """

    kind: str
    macs: int
    parameters: int
    bytes: int


def work(model: nn.Module, x: Float[Tensor, "B C H W"]) -> list[Work]:
    """The work of every convolution, linear layer, norm and activation of a model, in the order in which they run.

    Divide ``macs`` by ``bytes`` for the arithmetic intensity: where it is low, a
    machine waits for its memory.

    Args:
        model: is left as it was; counted in evaluation.
        x: images; on the meta device this costs nothing.
    """
    lines: list[Work] = []

    def note(module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        parameters = sum(p.numel() for p in module.parameters())
        moved = args[0].numel() + output.numel() + parameters
        macs = 0
        if isinstance(module, nn.Conv2d | nn.Linear):
            macs = output.numel() * module.weight[0].numel()
        lines.append(Work(kind_of(module), macs, parameters, moved * x.element_size()))

    model = copy.deepcopy(model).eval()
    for leaf in model.modules():
        if kind_of(leaf):
            leaf.register_forward_hook(note)
    with torch.no_grad():
        model(x)
    return lines


def kind_of(layer: nn.Module) -> str:
    """Depthwise, pointwise or full convolution, dense layer, norm or activation; empty for anything else."""
    match layer:
        case nn.Conv2d(groups=groups) if groups > 1:
            return "depthwise"
        case nn.Conv2d():
            return "pointwise" if layer.kernel_size == (1, 1) else "full"
        case nn.Linear():
            return "dense"
        case nn.BatchNorm2d():
            return "norm"
        case nn.ReLU() | nn.ReLU6():
            return "activation"
    return ""


def through_relu(
    x: Float[Tensor, "points n"],
    embedding: Float[Tensor, "m n"],
) -> Float[Tensor, "points n"]:
    """Into m dimensions, through ReLU, and back by the pseudo-inverse.

    The second paper draws it (fig. 1) for a spiral in the plane.
    """
    return F.relu(x @ embedding.T) @ torch.linalg.pinv(embedding).T
