"""NASNet-A, the network of Zoph et al. 2018 whose cells were found by a search, https://arxiv.org/abs/1707.07012
(fig. 2 and 4, appendix A.4). The search itself is in ``search``.

B batch, C/K channels in/out, P channels of the cell before, H W height and width in pixels, N classes.

Differs from the paper:
    Dropped paths, the auxiliary classifier and the dropout before the last layer, which only training uses, are left
    out, as in timm's ``nasnetalarge``.
    Where an average pooling strides, the zeros of its padding count, as in timm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Norm = partial(nn.BatchNorm2d, eps=1e-3)


def pad_same(
    x: Float[Tensor, "B C H W"], kernel: int, stride: int, *, value: float = 0.0
) -> Float[Tensor, "B C H2 W2"]:
    """Room for a window so that a side of n becomes ceil(n / stride); what is odd goes right and below."""
    room = []
    for side in (x.shape[3], x.shape[2]):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        room += [total // 2, total - total // 2]
    return F.pad(x, room, value=value)


class Separable(nn.Module):
    """Twice: ReLU, a filter for each channel, a mix of the channels, batch norm. Only the first time strides."""

    def __init__(self, in_channels: int, channels: int, stride: int, *, kernel: int) -> None:
        super().__init__()
        self.kernel, self.strides = kernel, (stride, 1)
        self.steps = nn.ModuleList(
            nn.Sequential(
                # Without a stride the padding is the same on all sides, and the convolution does it without a copy.
                nn.Conv2d(c, c, kernel, stride=s, padding=kernel // 2 if s == 1 else 0, groups=c, bias=False),
                nn.Conv2d(c, channels, 1, bias=False),
                Norm(channels),
            )
            for c, s in zip((in_channels, channels), self.strides, strict=True)
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        for step, stride in zip(self.steps, self.strides, strict=True):
            x = F.relu(x)
            x = step(x if stride == 1 else pad_same(x, self.kernel, stride))
        return x


class MaxPool(nn.Module):
    """The largest of 3 by 3; padding never wins."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        return F.max_pool2d(pad_same(x, 3, self.stride, value=-torch.inf), 3, self.stride)


class AveragePool(nn.Module):
    """The mean of 3 by 3. With stride 1 the padding does not count, with stride 2 it does, as in timm."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        if self.stride == 1:
            return F.avg_pool2d(x, 3, 1, padding=1, count_include_pad=False)
        return F.avg_pool2d(pad_same(x, 3, self.stride), 3, self.stride)


class Identity(nn.Identity):
    """No change; it cannot stride."""


SEP3, SEP5, SEP7 = (partial(Separable, kernel=kernel) for kernel in (3, 5, 7))
Wire = tuple[int, Callable[[int, int, int], nn.Module]]  # a state, and what makes a layer of C, K and a stride
CURRENT, PREVIOUS, FIRST, SECOND, THIRD, FOURTH, FIFTH = range(7)  # states: the two inputs, then the blocks


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """A cell as the search writes it: two wires for each block, and the states that leave it."""

    blocks: tuple[tuple[Wire, Wire], ...]
    leaves: tuple[int, ...]


NORMAL = Wiring(
    blocks=(
        ((CURRENT, SEP5), (PREVIOUS, SEP3)),
        ((PREVIOUS, SEP5), (PREVIOUS, SEP3)),
        ((CURRENT, AveragePool), (PREVIOUS, Identity)),
        ((PREVIOUS, AveragePool), (PREVIOUS, AveragePool)),
        ((CURRENT, SEP3), (CURRENT, Identity)),
    ),
    # The blocks read the previous cell's output, and it leaves all the same.
    leaves=(PREVIOUS, FIRST, SECOND, THIRD, FOURTH, FIFTH),
)
REDUCTION = Wiring(
    blocks=(
        ((CURRENT, SEP5), (PREVIOUS, SEP7)),
        ((CURRENT, MaxPool), (PREVIOUS, SEP7)),
        ((CURRENT, AveragePool), (PREVIOUS, SEP5)),
        ((FIRST, AveragePool), (SECOND, Identity)),
        ((FIRST, SEP3), (CURRENT, MaxPool)),
    ),
    leaves=(SECOND, THIRD, FOURTH, FIFTH),
)


class Squeeze(nn.Sequential):
    """ReLU and a 1x1 convolution to the channels of a cell."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(nn.ReLU(), nn.Conv2d(in_channels, channels, 1, bias=False), Norm(channels))


class Halve(nn.Module):
    """Half the side: every second pixel, and those that lie right and below of them, half of the channels each."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.even, self.odd = (nn.Conv2d(in_channels, channels // 2, 1, stride=2, bias=False) for _ in range(2))
        self.norm = Norm(2 * (channels // 2))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        x = F.relu(x)
        moved = F.pad(x, (-1, 1, -1, 1))  # a negative padding cuts
        return self.norm(torch.cat([self.even(x), self.odd(moved)], dim=1))


class NASNetCell(nn.Module):
    """Builds a cell from its wiring. It reads the outputs of the two cells before it.

    Args:
        wiring: ``NORMAL`` or ``REDUCTION``, or another.
        previous: makes the previous input fit: a module from P to K channels.
        in_channels: C of the current input.
        channels: K, of each block.
        raw_channels: of what ``previous`` puts out, if not K.
        stride: of what reads an input of the cell; 2 in a reduction cell.

    Attributes:
        out_channels: of all states that leave.
    """

    def __init__(
        self,
        wiring: Wiring,
        previous: nn.Module,
        in_channels: int,
        channels: int,
        *,
        raw_channels: int | None = None,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.wiring, self.out_channels = wiring, channels * len(wiring.leaves)
        self.current, self.previous = Squeeze(in_channels, channels), previous
        self.layers = nn.ModuleList()
        for state, build in (wire for block in wiring.blocks for wire in block):
            c = (raw_channels or channels) if state == PREVIOUS else channels
            self.layers.append(build(c, channels, stride if state in (CURRENT, PREVIOUS) else 1))

    def forward(
        self,
        x: Float[Tensor, "B C H W"],
        before: Float[Tensor, "B P H1 W1"],
    ) -> Float[Tensor, "B L H2 W2"]:
        states, layers = [self.current(x), self.previous(before)], iter(self.layers)
        for (i, _), (j, _) in self.wiring.blocks:
            states.append(next(layers)(states[i]) + next(layers)(states[j]))
        return torch.cat([states[i] for i in self.wiring.leaves], dim=1)


class NASNetA(nn.Module):
    """A stem with two reduction cells, then three stages of normal cells with a reduction cell between them.

    Args:
        cells: in each stage, at least 1: the 6 of 6@4032.
        filters: channels of the last maps, a multiple of 96: the 4032 of 6@4032.
        classes: N.
        in_channels: C of the images.
        stem_channels: of the first convolution.
        skip_reduction: whether the first cell behind a reduction cell reads, as the previous one, what the reduction
            cell read so. Google's code does it in the large network and not in the mobile one.

    Raises:
        ValueError: if there is no cell, or ``filters`` can't be split.
    """

    def __init__(
        self,
        cells: int,
        filters: int,
        *,
        classes: int = 1000,
        in_channels: int = 3,
        stem_channels: int = 96,
        skip_reduction: bool = True,
    ) -> None:
        super().__init__()
        if cells < 1 or filters < 96 or filters % 96:
            raise ValueError(f"needs a cell and filters that 96 divides, got {cells} and {filters}")
        channels, self.skip_reduction = filters // 24, skip_reduction  # a normal cell of the last stage puts out 6 * 4
        self.stem = nn.Sequential(nn.Conv2d(in_channels, stem_channels, 3, stride=2, bias=False), Norm(stem_channels))
        # The very first cell has nothing before it but its own input, which stays as it is.
        first = NASNetCell(REDUCTION, nn.Identity(), stem_channels, channels // 4, raw_channels=stem_channels, stride=2)
        second = NASNetCell(REDUCTION, Halve(stem_channels, channels // 2), first.out_channels, channels // 2, stride=2)
        self.stem_cells = nn.ModuleList([first, second])
        self.cells = nn.ModuleList()
        current, previous, halve = second.out_channels, first.out_channels, True
        for stage in range(3):
            if stage:
                channels *= 2
                cell = NASNetCell(REDUCTION, Squeeze(previous, channels), current, channels, stride=2)
                self.cells.append(cell)
                current, previous, halve = cell.out_channels, previous if skip_reduction else current, True
            for _ in range(cells):
                fit = Halve(previous, channels) if halve else Squeeze(previous, channels)
                cell = NASNetCell(NORMAL, fit, current, channels)
                self.cells.append(cell)
                current, previous, halve = cell.out_channels, current, False
        self.head = nn.Linear(filters, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        before = x = self.stem(x)
        for cell in self.stem_cells:
            before, x = x, cell(x, before)
        for cell in self.cells:
            keep = self.skip_reduction and cell.wiring is REDUCTION
            before, x = (before if keep else x), cell(x, before)
        return self.head(F.relu(x).mean(dim=(2, 3)))


def nasnet_a_large() -> NASNetA:
    """NASNet-A (6@4032), for images of 331 by 331."""
    return NASNetA(6, 4032)


def nasnet_a_mobile() -> NASNetA:
    """NASNet-A (4@1056), for images of 224 by 224."""
    return NASNetA(4, 1056, stem_channels=32, skip_reduction=False)
