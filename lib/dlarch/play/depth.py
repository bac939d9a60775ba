"""The figure of the chapter `depth`: spend a budget of parameters on layers or on units, and see where borders run."""

import math
from collections.abc import Mapping

import torch
import traitlets
from torch import Tensor

from dlarch.foundations.depth import SideBySide, mlp_parameters
from dlarch.play import Play

BUDGET = 250  # parameters
DEPTHS = (1, 2, 3, 4, 5)
WIDTHS = (4, 6, 7, 9, 13, 25, 49)
CELLS = 48  # along one side of the picture
EDGE = 1.15  # the picture shows the plane from -EDGE to EDGE in both directions


def spirals(n: int, *, seed: int, turns: float = 2.0, noise: float = 0.02) -> tuple[Tensor, Tensor]:
    """Points on two arms that wind around each other from the middle outwards.

    Args:
        n: points, half of them on each arm.
        seed: of their places.
        turns: how often an arm goes round.
        noise: standard deviation of the distance from the arm, in each direction; an arm is 1 long from the middle.

    Returns:
        x float32 ``n 2`` and y int64 ``n``, the arm.
    """
    draws = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 2
    radius = torch.rand(n, generator=draws).sqrt()
    angle = 2 * math.pi * turns * radius + math.pi * y
    x = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    return x + noise * torch.randn(n, 2, generator=draws), y


def affordable(depth: int, width: int) -> bool:
    """Whether a network for two inputs and two classes stays within the budget."""
    return mlp_parameters(width, depth, inputs=2, outputs=2) <= BUDGET


def ground(networks: SideBySide) -> list[str]:
    """The class that each network gives to each cell of the picture, as hexadecimal digits of four cells.

    Cells are read row by row from the top left; a bit is 1 for class 1.
    """
    middles = EDGE * ((torch.arange(CELLS) + 0.5) * 2 / CELLS - 1)
    x2, x1 = torch.meshgrid(middles.flip(0), middles, indexing="ij")
    with torch.no_grad():
        classes = networks(torch.stack([x1.flatten(), x2.flatten()], dim=1)).argmax(dim=1)  # cells S
    bits = ["".join(map(str, column)) for column in classes.T.tolist()]
    return [f"{int(column, 2):0{CELLS * CELLS // 4}x}" for column in bits]


class Budget(Play):
    """Borders that trained networks draw between two spirals, for each depth and width that a budget pays for.

    Attributes:
        depth: hidden layers.
        place: the place of the width in `widths`, from 0.
        start: which of the networks of that shape is shown, from 0.
        budget: parameters, weights and biases together.
        depths: of the networks.
        widths: of the hidden layers, growing.
        edge: the picture shows the plane from minus this to this.
        cells: along one side of the picture.
        points: those trained on, [x1, x2, class].
        ground: "depth,width" -> for each start, the class of each cell, as `ground` gives it.
        known: "depth,width" -> for each start, the share of points trained on that are right.
        unseen: the same on points not trained on.
    """

    depth = traitlets.Int(1, min=DEPTHS[0], max=DEPTHS[-1]).tag(sync=True)
    place = traitlets.Int(0, min=0, max=len(WIDTHS) - 1).tag(sync=True)
    start = traitlets.Int(0, min=0).tag(sync=True)
    budget = traitlets.Int(BUDGET).tag(sync=True)
    depths = traitlets.List(traitlets.Int(), list(DEPTHS)).tag(sync=True)
    widths = traitlets.List(traitlets.Int(), list(WIDTHS)).tag(sync=True)
    edge = traitlets.Float(EDGE).tag(sync=True)
    cells = traitlets.Int(CELLS).tag(sync=True)
    points = traitlets.List().tag(sync=True)
    ground = traitlets.Dict().tag(sync=True)
    known = traitlets.Dict().tag(sync=True)
    unseen = traitlets.Dict().tag(sync=True)

    @classmethod
    def of(
        cls,
        trained: Mapping[tuple[int, int], SideBySide],
        known: tuple[Tensor, Tensor],
        unseen: tuple[Tensor, Tensor],
    ) -> "Budget":
        """The figure for networks by depth and width, trained on points x of classes y and tested on others.

        Raises:
            ValueError: if a network that the budget pays for is missing, or there is one that it does not pay for.
        """
        wanted = {(depth, width) for depth in DEPTHS for width in WIDTHS if affordable(depth, width)}
        if set(trained) != wanted:
            differ = sorted(set(trained) ^ wanted)
            raise ValueError(
                f"expected a network for each depth and width within {BUDGET} parameters, not so: {differ}"
            )
        shapes = {f"{depth},{width}": networks for (depth, width), networks in trained.items()}

        def shares(points: tuple[Tensor, Tensor]) -> dict[str, list[float]]:
            return {shape: [round(share, 4) for share in nets.accuracies(*points)] for shape, nets in shapes.items()}

        return cls(
            points=[
                [round(a, 3), round(b, 3), label] for (a, b), label in zip(*map(Tensor.tolist, known), strict=True)
            ],
            ground={shape: ground(nets) for shape, nets in shapes.items()},
            known=shares(known),
            unseen=shares(unseen),
        )
