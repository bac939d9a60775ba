"""Inception-v3 of Szegedy et al. 2016, https://arxiv.org/abs/1512.00567, and the factorised convolutions it is made of.

B batch, C/K channels in/out, M channels between two factors, H W height and width in pixels, n side of a kernel,
N classes.

Differs from the paper:
    The network is the one that its authors released and that libraries have, not the one of the paper's table 1. Its
    stem has a 1x1 convolution and a second pool, and its first modules keep a 5x5 that fig. 5 of the paper replaces.
"""

from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlarch.vision.inception import ConvUnit

unit = partial(ConvUnit, batch_norm=True)


def factorize(conv: nn.Conv2d, channels: int) -> nn.Sequential:
    """The pair of a 1xn and an nx1 convolution that comes closest to an nxn one.

    Write a kernel as a matrix, with a row for each output channel and kernel row and
    a column for each input channel and kernel column. That of a pair has rank M at
    most, and the closest one keeps the M largest singular values (the second scheme
    of Jaderberg et al. 2014, https://arxiv.org/abs/1405.3866, in closed form).

    Args:
        conv: a convolution without groups, dilation or padding that is not zeros.
        channels: M, between the two. From min(n C, n K) on the pair is exact.

    Returns:
        The pair, with the convolution's stride, padding and bias.

    Raises:
        ValueError: if channels is less than 1, or the convolution is of another
            kind.
    """
    if channels < 1:
        raise ValueError(f"at least one channel must lie between, got {channels}")
    kind = (conv.groups, conv.dilation, conv.padding_mode)
    if kind != (1, (1, 1), "zeros") or isinstance(conv.padding, str):
        raise ValueError(
            "only a convolution without groups or dilation, with zeros and numbers "
            f"as its padding, can be factorised, got {conv}"
        )
    k, c, height, width = conv.weight.shape
    matrix = conv.weight.detach().transpose(1, 2).reshape(k * height, c * width)
    left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
    kept = min(channels, len(sizes))  # more channels than that would hold zeros
    root = sizes[:kept].sqrt()
    places = {"dtype": conv.weight.dtype, "device": conv.weight.device}
    (down, along), (top, side) = conv.stride, conv.padding
    bias = conv.bias is not None
    row = nn.Conv2d(c, kept, (1, width), (1, along), (0, side), bias=False, **places)
    column = nn.Conv2d(kept, k, (height, 1), (down, 1), (top, 0), bias=bias, **places)
    with torch.no_grad():
        row.weight.copy_((root[:, None] * right[:kept]).reshape(row.weight.shape))
        tall = (left[:, :kept] * root).reshape(k, height, kept)
        column.weight.copy_(tall.transpose(1, 2).unsqueeze(3))
        if bias:
            column.bias.copy_(conv.bias)
    return nn.Sequential(row, column)


def chain(channels: int, *steps: tuple[int, int | tuple[int, int]]) -> nn.Sequential:
    """Units in a row, each given by its channels out and its kernel."""
    sizes = [channels, *(out for out, _ in steps)]
    pairs = zip(sizes, steps, strict=False)
    return nn.Sequential(*(unit(before, out, kernel) for before, (out, kernel) in pairs))


class Branches(nn.Module):
    """Modules side by side on the same input, their outputs one behind the other along the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


def pooled(channels: int, out_channels: int) -> nn.Sequential:
    """The pooling branch: here it averages."""
    return nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), unit(channels, out_channels, 1))


class InceptionA(Branches):
    """1x1, 5x5, two 3x3, pooling: for maps of 35 by 35 (fig. 5 of the paper, but the 5x5 is kept).

    Args:
        in_channels: C, channels of the input.
        pool_channels: of the pooling branch; the output has 224 more.
    """

    def __init__(self, in_channels: int, pool_channels: int) -> None:
        super().__init__(
            unit(in_channels, 64, 1),
            chain(in_channels, (48, 1), (64, 5)),
            chain(in_channels, (64, 1), (96, 3), (96, 3)),
            pooled(in_channels, pool_channels),
        )


class ReductionB(Branches):
    """Halves the map and adds channels at once, 35 to 17 pixels (fig. 10 of the paper).

    Args:
        in_channels: C, channels of the input; the output has 480 more.
    """

    def __init__(self, in_channels: int) -> None:
        double = chain(in_channels, (64, 1), (96, 3))
        super().__init__(
            unit(in_channels, 384, 3, stride=2, padded=False),
            double.append(unit(96, 96, 3, stride=2, padded=False)),
            nn.MaxPool2d(3, stride=2),
        )


class InceptionC(Branches):
    """1x1, one and two 7x7 cut into rows and columns, pooling (fig. 6 of the paper).

    For maps of 17 by 17.

    Args:
        in_channels: C, channels of the input; the output has 768.
        width: channels between the cut convolutions.
    """

    def __init__(self, in_channels: int, width: int) -> None:
        row, column = (1, 7), (7, 1)
        twice = (width, column), (width, row), (width, column)
        super().__init__(
            unit(in_channels, 192, 1),
            chain(in_channels, (width, 1), (width, row), (192, column)),
            chain(in_channels, (width, 1), *twice, (192, row)),
            pooled(in_channels, 192),
        )


class ReductionD(Branches):
    """Halves the map and adds channels at once, 17 to 8 pixels.

    Args:
        in_channels: C, channels of the input; the output has 512 more.
    """

    def __init__(self, in_channels: int) -> None:
        narrow = chain(in_channels, (192, 1))
        wide = chain(in_channels, (192, 1), (192, (1, 7)), (192, (7, 1)))
        super().__init__(
            narrow.append(unit(192, 320, 3, stride=2, padded=False)),
            wide.append(unit(192, 192, 3, stride=2, padded=False)),
            nn.MaxPool2d(3, stride=2),
        )


class InceptionE(Branches):
    """Rows and columns side by side, not in a row: for maps of 8 by 8 (fig. 7 of the paper).

    Args:
        in_channels: C, channels of the input; the output has 2,048.
    """

    def __init__(self, in_channels: int) -> None:
        def fan(channels: int) -> Branches:
            return Branches(unit(channels, 384, (1, 3)), unit(channels, 384, (3, 1)))

        super().__init__(
            unit(in_channels, 320, 1),
            nn.Sequential(unit(in_channels, 384, 1), fan(384)),
            nn.Sequential(unit(in_channels, 448, 1), unit(448, 384, 3), fan(384)),
            pooled(in_channels, 192),
        )


class ScoresV3(NamedTuple):
    """What Inception-v3 returns in training: scores of the main and of the auxiliary head."""

    main: Tensor
    aux: Tensor


class AuxiliaryHeadV3(nn.Module):
    """The one head that is left, with batch norm in it.

    Args:
        in_channels: C, channels of the map, which is 17 by 17 or larger.
        classes: N, number of classes.

    Raises:
        ValueError: on a call, if the map is smaller than its windows.
    """

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, stride=3)
        self.conv1 = unit(in_channels, 128, 1)
        self.conv2 = unit(128, 768, 5, padded=False)
        self.head = nn.Linear(768, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        if min(x.shape[2:]) < 17:
            raise ValueError(
                f"the auxiliary head needs a map of 17 by 17, got {x.shape[2]} by "
                f"{x.shape[3]}: use larger images (299 by 299) or aux=False"
            )
        h = self.conv2(self.conv1(self.pool(x)))  # B 768 1 1 for a map of 17 by 17
        return self.head(h.mean(dim=(2, 3)))


class InceptionV3(nn.Module):
    """Five convolutions, nine modules in three stages, two reductions between them, one linear layer.

    In training mode, with a head, it returns `ScoresV3`, else the scores alone.

    Args:
        aux: have the auxiliary head, at the end of the middle stage.
        in_channels: C, channels of the image, which has 299 by 299 pixels.
        classes: N, number of classes.
    """

    def __init__(self, *, aux: bool = True, in_channels: int = 3, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = unit(in_channels, 32, 3, stride=2, padded=False)
        self.conv2 = unit(32, 32, 3, padded=False)
        self.conv3 = unit(32, 64, 3)
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv4 = unit(64, 80, 1)
        self.conv5 = unit(80, 192, 3, padded=False)
        self.pool2 = nn.MaxPool2d(3, stride=2)
        self.stage_a = nn.Sequential(InceptionA(192, 32), InceptionA(256, 64), InceptionA(288, 64))
        self.reduction_b = ReductionB(288)
        self.stage_c = nn.Sequential(*(InceptionC(768, w) for w in (128, 160, 160, 192)))
        self.aux = AuxiliaryHeadV3(768, classes) if aux else None
        self.reduction_d = ReductionD(768)
        self.stage_e = nn.Sequential(InceptionE(1280), InceptionE(2048))
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(2048, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"] | ScoresV3:
        h = self.pool1(self.conv3(self.conv2(self.conv1(x))))  # B 64 73 73
        h = self.pool2(self.conv5(self.conv4(h)))  # B 192 35 35
        middle = self.stage_c(self.reduction_b(self.stage_a(h)))  # B 768 17 17
        h = self.stage_e(self.reduction_d(middle))  # B 2048 8 8
        scores = self.head(self.dropout(h.mean(dim=(2, 3))))
        if not self.training or self.aux is None:
            return scores
        return ScoresV3(scores, self.aux(middle))
