"""A small space of cells and the child networks that try them, after Zoph et al. 2018, https://arxiv.org/abs/1707.07012
(sec. 3, appendix A.4). What walks through the space is in ``search``.

B batch, C/K channels in/out, H W height and width in pixels, N classes.

A genotype is a cell in numbers. Each block of the cell takes four actions: a first input, a second input, an operation
for the first, an operation for the second; it adds the two results. Inputs 0, 1, ... are those of the cell, then come
the blocks in their order. What no block reads is joined and leaves the cell.

Differs from the paper:
    Results are always added, so there is no action that chooses how to join them.
    There is one kind of cell, between cells stands a max pooling, and a cell reads the cell before it alone.
    Four operations in place of thirteen, and a separable convolution is applied once and not twice.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations, product
from random import Random

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Genotype = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """All cells of some number of blocks.

    Attributes:
        blocks: of a cell, at least 1.
        inputs: of a cell, at least 1.
        operations: to choose from, at least 1.

    Raises:
        ValueError: if one of them is less than 1.
    """

    blocks: int = 2
    inputs: int = 1
    operations: int = 4

    def __post_init__(self) -> None:
        if min(self.blocks, self.inputs, self.operations) < 1:
            raise ValueError(f"blocks, inputs and operations must be at least 1, got {self}")

    @property
    def choices(self) -> tuple[int, ...]:
        """How many options each action has, A numbers: a block may read what stands before it."""
        sources = range(self.inputs, self.inputs + self.blocks)
        return tuple(n for s in sources for n in (s, s, self.operations, self.operations))

    @property
    def size(self) -> int:
        """How many genotypes there are."""
        return math.prod(self.choices)

    def genotypes(self) -> Iterator[Genotype]:
        """All of them, in lexical order."""
        return product(*map(range, self.choices))

    def wiring(self, genotype: Genotype) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """The two (input, operation) pairs of each block.

        Raises:
            ValueError: if this is no genotype of the space.
        """
        fits = len(genotype) == len(self.choices)
        if not fits or not all(0 <= a < n for a, n in zip(genotype, self.choices, strict=True)):
            raise ValueError(f"actions must lie below {self.choices}, got {genotype}")
        return [((i, f), (j, g)) for i, j, f, g in zip(*[iter(genotype)] * 4, strict=True)]

    def canonical(self, genotype: Genotype) -> Genotype:
        """The same cell in its first spelling.

        A sum does not care which part comes first, and neither does a cell about the
        order of blocks that don't read each other. Of all such spellings this is the
        one that comes first in lexical order.
        """
        wires = self.wiring(genotype)
        spellings = []
        for order in permutations(range(self.blocks)):
            new = {self.inputs + old: self.inputs + place for place, old in enumerate(order)}
            moved = [[(new.get(i, i), f) for i, f in wires[old]] for old in order]
            if all(i < self.inputs + place for place, block in enumerate(moved) for i, _ in block):
                pairs = [sorted(block) for block in moved]
                spellings.append(tuple(a for (i, f), (j, g) in pairs for a in (i, j, f, g)))
        return min(spellings)

    def loose(self, genotype: Genotype) -> list[int]:
        """Blocks that no block reads: what leaves the cell, numbered like inputs."""
        read = {i for block in self.wiring(genotype) for i, _ in block}
        return [i for i in range(self.inputs, self.inputs + self.blocks) if i not in read]

    def sample(self, random: Random) -> Genotype:
        """A genotype with every action drawn evenly."""
        return tuple(random.randrange(n) for n in self.choices)

    def mutate(self, genotype: Genotype, random: Random) -> Genotype:
        """A genotype with one action changed to another of its options."""
        place = random.choice([a for a, n in enumerate(self.choices) if n > 1])
        others = [option for option in range(self.choices[place]) if option != genotype[place]]
        return (*genotype[:place], random.choice(others), *genotype[place + 1 :])


class Separable(nn.Sequential):
    """ReLU, a filter for each channel, a mix of the channels, batch norm."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )


OPERATIONS: dict[str, Callable[[int], nn.Module]] = {  # name, and what makes it for C channels
    "identity": lambda channels: nn.Identity(),
    "max 3×3": lambda channels: nn.MaxPool2d(3, stride=1, padding=1),
    "sep 3×3": lambda channels: Separable(channels, 3),
    "sep 5×5": lambda channels: Separable(channels, 5),
}


class Cell(nn.Module):
    """A cell as its genotype says; it keeps H and W.

    Args:
        space: that the genotype belongs to, with one input and the four ``OPERATIONS``.
        genotype: which cell.
        in_channels: C of the input.
        channels: of each block.

    Attributes:
        out_channels: K, the channels of all loose blocks.
    """

    def __init__(self, space: SearchSpace, genotype: Genotype, in_channels: int, channels: int) -> None:
        super().__init__()
        self.wires, self.loose = space.wiring(genotype), space.loose(genotype)
        self.out_channels = channels * len(self.loose)
        # Whatever came before, the blocks work with the same number of channels.
        self.squeeze = nn.Sequential(
            nn.ReLU(), nn.Conv2d(in_channels, channels, 1, bias=False), nn.BatchNorm2d(channels)
        )
        builds = list(OPERATIONS.values())
        self.branches = nn.ModuleList(builds[f](channels) for block in self.wires for _, f in block)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H W"]:
        states, branches = [self.squeeze(x)], iter(self.branches)
        for (i, _), (j, _) in self.wires:
            states.append(next(branches)(states[i]) + next(branches)(states[j]))
        return torch.cat([states[i] for i in self.loose], dim=1)


class Child(nn.Module):
    """A small network of equal cells, to try a genotype: between two of them a max pooling halves H and W.

    Args:
        space: of cells with one input.
        genotype: of all its cells.
        classes: N.
        channels: of each block.
        in_channels: C of the images.
        cells: how many, at least 1.

    Raises:
        ValueError: if cells of the space have another number of inputs or operations, or there is no cell.
    """

    def __init__(
        self,
        space: SearchSpace,
        genotype: Genotype,
        classes: int,
        *,
        channels: int = 8,
        in_channels: int = 1,
        cells: int = 2,
    ) -> None:
        super().__init__()
        if cells < 1 or space.inputs != 1 or space.operations != len(OPERATIONS):
            got = f"{cells} cells of {space.inputs} inputs, {space.operations} operations"
            raise ValueError(f"needs cells of one input and {len(OPERATIONS)} operations, got {got}")
        self.stem = nn.Sequential(nn.Conv2d(in_channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.cells, width = nn.ModuleList(), channels
        for _ in range(cells):
            self.cells.append(Cell(space, genotype, width, channels))
            width = self.cells[-1].out_channels
        self.head = nn.Linear(width, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        x = self.cells[0](self.stem(x))
        for cell in self.cells[1:]:
            x = cell(F.max_pool2d(x, 2))
        return self.head(F.relu(x).mean(dim=(2, 3)))
