"""Convolution: one small set of weights, used at every place of an image.

The layer in the form that networks learn is LeCun et al. 1989, https://doi.org/10.1162/neco.1989.1.4.541; local weights
that repeat over the image are Fukushima's, 1980, https://doi.org/10.1007/BF00344251. The arithmetic of its sizes stands
in Dumoulin and Visin 2016, https://arxiv.org/abs/1603.07285.

B batch, C/K channels in/out, G groups, H W height and width in pixels (H2 W2 of the output), R S height and width of
the kernel, N classes. Sizes, strides and paddings are in pixels.

Differs from mathematics: the kernel is not turned round, so strictly this is cross-correlation, as in every library
for deep learning. Turned by ``weight.flip(2, 3)`` it is convolution.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import einsum, rearrange
from jaxtyping import Float
from torch import Tensor, nn

# Sizes.


def span(kernel: int, dilation: int = 1) -> int:
    """Pixels from the first to the last that a window reads, both included: the effective kernel.

    Args:
        kernel: places along one side of the kernel, at least 1.
        dilation: distance of neighbouring places, at least 1.

    Raises:
        ValueError: if an argument is less than 1.
    """
    if kernel < 1 or dilation < 1:
        raise ValueError(f"kernel and dilation must be at least 1, got {kernel} and {dilation}")
    return dilation * (kernel - 1) + 1


def output_size(
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> int:
    """Places at which a window fits along one side of the input.

    The first window starts at the edge of the padding. Each further one takes
    ``stride`` pixels more, so a last step that does not fit whole is left out:
    the division rounds down.

    Args:
        size: side of the input.
        kernel: side of the kernel.
        stride: step from one window to the next, at least 1.
        padding: pixels added at each end, at least 0.
        dilation: distance of neighbouring places of the kernel.

    Raises:
        ValueError: if the window is longer than the padded input, or an argument
            is too small.
    """
    if stride < 1 or padding < 0:
        got = f"{stride} and {padding}"
        raise ValueError(f"stride must be 1 or more, padding 0 or more, got {got}")
    padded, reach = size + 2 * padding, span(kernel, dilation)
    if reach > padded:
        raise ValueError(
            f"the window spans {reach} pixels "
            f"(kernel {kernel}, dilation {dilation}), "
            f"but the input has only {padded} ({size} and twice the padding of "
            f"{padding}): take a smaller kernel or dilation, or more padding"
        )
    return (padded - reach) // stride + 1


def same_padding(kernel: int, *, stride: int = 1, dilation: int = 1) -> int:
    """Padding at each end that makes the output as large as the input: half the span, rounded down.

    Args:
        kernel: side of the kernel.
        stride: must be 1; a larger step shrinks the output, whatever the padding.
        dilation: distance of neighbouring places of the kernel.

    Raises:
        ValueError: if no padding that is equal at both ends can do it.
    """
    reach = span(kernel, dilation)
    if stride != 1:
        raise ValueError(f"with stride {stride} the output cannot be as large as the input: 'same' needs stride 1")
    if reach % 2 == 0:
        raise ValueError(
            f"the window spans {reach} pixels, an even number, so it needs {reach - 1} pixels of padding in all, and "
            "that is no multiple of two: take an odd kernel, or pad one end more than the other"
        )
    return reach // 2


class Window(NamedTuple):
    """What a layer reads for one of its outputs, along one side: of a convolution or of pooling."""

    kernel: int
    stride: int = 1
    dilation: int = 1


def receptive_field(layers: Iterable[Window]) -> int:
    """Side of the patch of input that one output depends on, in pixels.

    A layer adds its span less one, counted in steps of its own input. How many
    pixels such a step is, the strides before it say: they multiply, spans add.

    Args:
        layers: in the order in which the input meets them. Layers that look at
            one place alone, such as ReLU, may be left out.

    Returns:
        1 for an empty stack.

    Raises:
        ValueError: if a kernel or a dilation is less than 1.
    """
    field, step = 1, 1
    for layer in layers:
        field += (span(layer.kernel, layer.dilation) - 1) * step
        step *= layer.stride
    return field


# The operation.


def windows(
    x: Float[Tensor, "B C H W"],
    kernel: tuple[int, int],
    *,
    stride: int = 1,
    dilation: int = 1,
) -> Float[Tensor, "B C H2 W2 R S"]:
    """Every patch that a kernel meets on its way over the image.

    The result is a view of the image: no pixel is copied.

    Args:
        x: images, padded already.
        kernel: R and S.
        stride: step from one patch to the next.
        dilation: distance of neighbouring pixels of a patch.

    Raises:
        ValueError: if a patch does not fit into the image, or an argument is too
            small.
    """
    for axis, side in zip((2, 3), kernel, strict=True):
        # Called for its error, which says what does not fit.
        output_size(x.shape[axis], side, stride=stride, dilation=dilation)
        x = x.unfold(axis, span(side, dilation), stride)
    return x[..., ::dilation, ::dilation]


def conv2d(
    x: Float[Tensor, "B C H W"],
    weight: Float[Tensor, "K C_G R S"],
    bias: Float[Tensor, " K"] | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Float[Tensor, "B K H2 W2"]:
    """Weighted sum over each patch and all channels, the same weights everywhere.

    Args:
        x: images.
        weight: for each output channel a kernel over the C / G channels of
            its group.
        bias: one number for each output channel.
        stride: step from one patch to the next.
        padding: rows and columns of zeros on each of the four sides.
        dilation: distance of neighbouring pixels of a patch.
        groups: G; channels are divided into so many parts, and each part of the
            outputs sees one part of the inputs.

    Raises:
        ValueError: if the channels do not fit the weight or the groups, or the
            kernel is larger than the padded image.
    """
    check_channels(x.shape[1], weight.shape[0], weight.shape[1], groups)
    sides, kernel = tuple(x.shape[2:]), tuple(weight.shape[2:])
    check_sides(sides, kernel, stride=stride, padding=padding, dilation=dilation)
    x = F.pad(x, (padding, padding, padding, padding))
    patches = windows(x, kernel, stride=stride, dilation=dilation)
    patches = rearrange(patches, "b (g c) h w r s -> b g h w (c r s)", g=groups)
    kernels = rearrange(weight, "(g k) c r s -> g k (c r s)", g=groups)
    y = einsum(patches, kernels, "b g h w n, g k n -> b g k h w").flatten(1, 2)
    return y if bias is None else y + bias[:, None, None]


def check_sides(sides: tuple[int, int], kernel: tuple[int, int], **settings: int) -> None:
    """Refuse what does not fit while the image is not padded yet, so that the message names its own sizes."""
    for side, extent in zip(sides, kernel, strict=True):
        output_size(side, extent, **settings)


def check_channels(channels: int, outputs: int, channels_of_a_kernel: int, groups: int) -> None:
    """Refuse channels that cannot be shared out among the groups, or that the kernels were not made for."""
    if groups < 1 or channels % groups or outputs % groups:
        raise ValueError(
            f"groups must divide the channels on both sides, got {groups} groups for {channels} channels in "
            f"and {outputs} out"
        )
    if channels_of_a_kernel * groups != channels:
        raise ValueError(
            f"the image has {channels} channels, but {groups} group(s) of kernels over {channels_of_a_kernel} "
            f"channels need {channels_of_a_kernel * groups}"
        )


def max_pool2d(
    x: Float[Tensor, "B C H W"],
    kernel: int,
    *,
    stride: int | None = None,
    padding: int = 0,
) -> Float[Tensor, "B C H2 W2"]:
    """The largest value of each patch, channel by channel.

    Args:
        x: images.
        kernel: side of a patch.
        stride: step from one patch to the next; by default the kernel, so that
            patches do not overlap.
        padding: rows and columns on each side, at most half the kernel. They
            hold minus infinity, so they never win.

    Raises:
        ValueError: if the padding is too much, or a patch does not fit.
    """
    patches = pooling_windows(x, kernel, stride, padding, fill=-torch.inf)
    return patches.flatten(-2).max(dim=-1).values


def avg_pool2d(
    x: Float[Tensor, "B C H W"], kernel: int, *, stride: int | None = None, padding: int = 0
) -> Float[Tensor, "B C H2 W2"]:
    """The mean of each patch, channel by channel: a convolution whose weights are all 1 / kernel².

    Args:
        x: images.
        kernel: side of a patch.
        stride: step from one patch to the next; by default the kernel.
        padding: rows and columns of zeros on each side, at most half the kernel; they count in the mean.

    Raises:
        ValueError: if the padding is more than half the kernel, or a patch does not fit.
    """
    return pooling_windows(x, kernel, stride, padding, fill=0.0).mean(dim=(-2, -1))


def pooling_windows(
    x: Float[Tensor, "B C H W"], kernel: int, stride: int | None, padding: int, *, fill: float
) -> Float[Tensor, "B C H2 W2 R S"]:
    """The patches of a pooling layer, over an image padded with ``fill``."""
    if padding > kernel // 2:
        raise ValueError(
            f"padding must be at most half the kernel, {kernel // 2} for a kernel of {kernel}, got {padding}: "
            "else a patch could lie wholly in the padding"
        )
    stride = kernel if stride is None else stride
    check_sides(tuple(x.shape[2:]), (kernel, kernel), stride=stride, padding=padding)
    padded = F.pad(x, (padding, padding, padding, padding), value=fill)
    return windows(padded, (kernel, kernel), stride=stride)


def conv_matrix(
    weight: Float[Tensor, "K C R S"], height: int, width: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Float[Tensor, "outputs inputs"]:
    """The matrix of the linear layer that computes what a convolution computes.

    Its columns are the outputs for images that hold a single one and zeros.

    Args:
        weight: the kernels.
        height: H of the images.
        width: W of the images.
        stride: of the convolution.
        padding: of the convolution.
        dilation: of the convolution.

    Returns:
        K·H2·W2 rows and C·H·W columns. Each row holds one kernel, moved to its place, and zeros.
    """
    channels = weight.shape[1]
    ones = torch.eye(channels * height * width, dtype=weight.dtype, device=weight.device)
    ones = ones.reshape(-1, channels, height, width)
    return conv2d(ones, weight, stride=stride, padding=padding, dilation=dilation).flatten(1).T


# A small network.


class ConvNet(nn.Module):
    """Two rounds of convolution, ReLU and max pooling, then one linear layer over all that is left.

    ``nn.Conv2d`` and ``nn.MaxPool2d`` compute what the functions above compute, faster.

    Args:
        side: H and W of the images.
        classes: N.
        in_channels: C.
        width: K, channels after the first convolution; the second doubles them.
        stride: of both poolings, whose patches are 2 by 2. With 1 no place is skipped.
        everywhere: keep of each channel only its largest value before the linear layer,
            which then no longer knows where something was found.

    Raises:
        ValueError: if a pooling does not fit into what is left of the image.
    """

    def __init__(
        self,
        side: int,
        classes: int,
        *,
        in_channels: int = 1,
        width: int = 8,
        stride: int = 2,
        everywhere: bool = False,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=same_padding(3))
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=same_padding(3))
        self.pool = nn.MaxPool2d(2, stride=stride)
        self.everywhere = everywhere
        for _ in range(2):
            side = output_size(side, 2, stride=stride)
        self.head = nn.Linear(2 * width * (1 if everywhere else side * side), classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        """Scores; the softmax is left to the loss."""
        h = self.pool(F.relu(self.conv1(x)))  # B K H/2 W/2, with stride 2
        h = self.pool(F.relu(self.conv2(h)))  # B 2K H/4 W/4
        if self.everywhere:
            h = F.max_pool2d(h, h.shape[2:])  # B 2K 1 1
        return self.head(h.flatten(1))
