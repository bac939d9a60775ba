"""Xception of Chollet 2017, https://arxiv.org/abs/1610.02357 (fig. 2 to 5), and the row of modules that leads to it.

B batch, C/K channels in/out, H W height and width in pixels (H2 W2 after a stride), N classes, R S height and width of
a kernel, M multiplier: spatial filters for each input channel.

Differs from the paper:
    Pooling pads both sides alike, as in timm. TensorFlow's, which the paper used, pads an even side at its end only;
    at 299 pixels that shifts the windows of the second pooling by one. Batch norm has PyTorch's constants.
    The paper trains with dropout 0.5 before the last layer: ``dropout`` here, 0 by default as in the released networks.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class SeparableConv2d(nn.Module):
    """Space, then channels: each channel is filtered by itself, then a 1x1 mixes them.

    Args:
        in_channels: C.
        out_channels: K.
        kernel: side of the spatial filters, odd: so padding can keep the size.
        between: layer between the two steps; nothing in the paper's network.
        pointwise_first: channels, then space, the order in which the paper draws
            an "extreme" Inception module.

    Raises:
        ValueError: if the kernel is even.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int = 3,
        between: Callable[[], nn.Module] = nn.Identity,
        pointwise_first: bool = False,
    ) -> None:
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"the kernel must be odd, got {kernel}")
        filtered = out_channels if pointwise_first else in_channels
        # No biases: a batch norm follows and would take them away.
        options = {"padding": kernel // 2, "groups": filtered, "bias": False}
        self.depthwise = nn.Conv2d(filtered, filtered, kernel, **options)
        self.between = between()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.pointwise_first = pointwise_first

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H W"]:
        if self.pointwise_first:
            return self.depthwise(self.between(self.pointwise(x)))
        return self.pointwise(self.between(self.depthwise(x)))


def inception_spectrum(
    n_towers: int,
    in_channels: int,
    out_channels: int,
    *,
    kernel: int = 3,
) -> nn.Sequential:
    """A 1x1 convolution, its channels dealt out to towers with filters (fig. 3).

    With one tower the second step is a full convolution, with as many towers as
    channels it is depthwise. Inception modules lie between.

    Args:
        n_towers: a divisor of K.
        in_channels: C.
        out_channels: K.
        kernel: side of the spatial filters, odd.

    Raises:
        ValueError: if the towers cannot share the channels equally, or the
            kernel is even.
    """
    if n_towers < 1 or out_channels % n_towers:
        message = f"{n_towers} towers cannot share {out_channels} channels"
        raise ValueError(message)
    if kernel % 2 == 0:
        raise ValueError(f"the kernel must be odd, got {kernel}")
    mix = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    options = {"padding": kernel // 2, "groups": n_towers, "bias": False}
    towers = nn.Conv2d(out_channels, out_channels, kernel, **options)
    return nn.Sequential(mix, towers)


class XceptionBlock(nn.Module):
    """f(x) + shortcut(x): f is a row of ReLU, separable convolution and batch norm, with a pooling at its end.

    Nothing follows the sum: the ReLU stands at the start of the next f. Where the shape
    changes, the shortcut is a strided 1x1 convolution with batch norm.

    Args:
        in_channels: C.
        out_channels: K.
        separables: how many separable convolutions, at least 1.
        stride: 2 pools by 3x3 at the end of f; 1 does not.
        relu_first: whether f starts with a ReLU; behind another it has no effect.
        grow_last: go from C to K channels in the last separable convolution, not in
            the first.
        residual: add the shortcut; without it the block is f alone.
        conv: makes the convolutions from two numbers of channels.

    Raises:
        ValueError: if there is no convolution, or the stride is neither 1 nor 2.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        separables: int = 2,
        stride: int = 1,
        relu_first: bool = True,
        grow_last: bool = False,
        residual: bool = True,
        conv: Callable[[int, int], nn.Module] = SeparableConv2d,
    ) -> None:
        super().__init__()
        if separables < 1 or stride not in (1, 2):
            got = f"{separables} and {stride}"
            message = f"needs a convolution and a stride of 1 or 2, got {got}"
            raise ValueError(message)
        inside = in_channels if grow_last else out_channels
        widths = [in_channels, *[inside] * (separables - 1), out_channels]
        layers: list[nn.Module] = []
        for c, k in pairwise(widths):
            # In place, but for the first: the shortcut still has to read x.
            relu = nn.ReLU(inplace=bool(layers))
            layers += [relu, conv(c, k), nn.BatchNorm2d(k)]
        if stride == 2:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
        self.branch = nn.Sequential(*layers[0 if relu_first else 1 :])
        self.residual = residual
        self.shortcut: nn.Module = nn.Identity()
        if residual and (stride == 2 or in_channels != out_channels):
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        h = self.branch(x)
        return h + self.shortcut(x) if self.residual else h


def unit(conv: nn.Module, channels: int) -> nn.Sequential:
    """A convolution with batch norm and ReLU behind it: what stands before the blocks and after them."""
    return nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU(inplace=True))


class Xception(nn.Module):
    """Two plain convolutions, twelve blocks with shortcuts, two more separable convolutions, one dense layer (fig. 5).

    Args:
        classes: N.
        in_channels: C of the images.
        dropout: share of features that are dropped before the dense layer.
    """

    def __init__(self, *, classes: int = 1000, in_channels: int = 3, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv1 = unit(nn.Conv2d(in_channels, 32, 3, stride=2, bias=False), 32)
        self.conv2 = unit(nn.Conv2d(32, 64, 3, bias=False), 64)
        self.entry1 = XceptionBlock(64, 128, stride=2, relu_first=False)
        self.entry2 = XceptionBlock(128, 256, stride=2)
        self.entry3 = XceptionBlock(256, 728, stride=2)
        self.middle = nn.Sequential(*[XceptionBlock(728, 728, separables=3) for _ in range(8)])
        self.exit = XceptionBlock(728, 1024, stride=2, grow_last=True)
        self.conv3 = unit(SeparableConv2d(1024, 1536), 1536)
        self.conv4 = unit(SeparableConv2d(1536, 2048), 2048)
        self.head = nn.Linear(2048, classes)
        self.dropout = dropout

    def maps(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B 2048 H2 W2"]:
        """What the 36 convolutions make of an image."""
        x = self.entry1(self.conv2(self.conv1(x)))
        x = self.middle(self.entry3(self.entry2(x)))
        return self.conv4(self.conv3(self.exit(x)))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        features = self.maps(x).mean(dim=(2, 3))
        return self.head(F.dropout(features, self.dropout, self.training))


class SmallXception(nn.Module):
    """The same parts for small images: a plain convolution, an entry block, middle blocks, one more convolution.

    Args:
        classes: N.
        width: channels of the plain convolution; the blocks have twice as many, the last convolution four times.
        middle: blocks with three convolutions each.
        in_channels: C of the images.
        residual: whether the blocks have shortcuts.
        conv: makes all convolutions but the first from two numbers of channels.
    """

    def __init__(
        self,
        classes: int,
        width: int = 16,
        *,
        middle: int = 2,
        in_channels: int = 3,
        residual: bool = True,
        conv: Callable[[int, int], nn.Module] = SeparableConv2d,
    ) -> None:
        super().__init__()
        kind = {"residual": residual, "conv": conv}
        self.stem = unit(nn.Conv2d(in_channels, width, 3, padding=1, bias=False), width)
        self.entry = XceptionBlock(width, 2 * width, stride=2, relu_first=False, **kind)
        blocks = [XceptionBlock(2 * width, 2 * width, separables=3, **kind) for _ in range(middle)]
        self.middle = nn.Sequential(*blocks)
        # A sum may end below zero, so a ReLU stands before the last convolution too.
        self.last = nn.Sequential(nn.ReLU(), unit(conv(2 * width, 4 * width), 4 * width))
        self.head = nn.Linear(4 * width, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        x = self.last(self.middle(self.entry(self.stem(x))))
        return self.head(x.mean(dim=(2, 3)))


def full_kernel(
    depthwise: Float[Tensor, "C M R S"],
    pointwise: Float[Tensor, "K C M"],
) -> Float[Tensor, "K C R S"]:
    """The kernel of the one convolution that equals a depthwise and a pointwise one.

    Args:
        depthwise: M spatial filters for each input channel.
        pointwise: how much of each filtered channel each output takes.
    """
    return torch.einsum("cmrs,kcm->kcrs", depthwise, pointwise)


def nearest_separable(
    kernel: Float[Tensor, "K C R S"], multiplier: int = 1
) -> tuple[Float[Tensor, "C M R S"], Float[Tensor, "K C M"]]:
    """The separable convolution nearest to a full one, by the sum of squares.

    The weights from one input channel to all outputs are a matrix, outputs by
    places. A separable convolution can hold such a matrix up to rank M, and the
    nearest of rank M keeps the M largest singular values.

    Args:
        kernel: of a full convolution.
        multiplier: M, from 1 to the smaller of K and R S, where nothing is lost.

    Raises:
        ValueError: if the multiplier is out of that range.
    """
    most = min(kernel.shape[0], kernel[0, 0].numel())
    if not 1 <= multiplier <= most:
        raise ValueError(f"the multiplier must be 1 to {most}, got {multiplier}")
    slices = kernel.transpose(0, 1).flatten(2)  # C matrices, K by R S
    u, s, v = torch.linalg.svd(slices, full_matrices=False)
    depthwise = v[:, :multiplier].unflatten(2, kernel.shape[2:])
    pointwise = u[:, :, :multiplier] * s[:, None, :multiplier]
    return depthwise, pointwise.transpose(0, 1)
