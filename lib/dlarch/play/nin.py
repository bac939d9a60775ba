"""The figure of the chapter `nin`: shapes on a canvas, and the map that a small network makes of it for each class.

H W sides of a canvas in pixels, N classes; ``SHAPES`` names the four of them.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import traitlets
from jaxtyping import Float
from torch import Tensor, nn

from dlarch.data import SHAPES, draw_shape
from dlarch.play import Play
from dlarch.vision.nin import Block, NiN

BLOCKS = (Block((16, 16, 16), 5, padding=2), Block((32, 32), 3, padding=1))  # of the small network
SIDE = 40  # pixels of the figure's canvas
RADIUS = 5.0  # of the circle around a shape
GROUND = (0.2, 0.25, 0.45)
INKS = ((0.9, 0.65, 0.15), (0.7, 0.85, 0.9))  # of the first shape and of the second
SECOND = (29.0, 11.0)  # row and column of the middle of the second shape


class Placed(NamedTuple):
    """A shape on a canvas: which, where its middle is, the circle around it in pixels, its turn, its colour."""

    kind: str
    row: float
    column: float
    radius: float
    angle: float
    ink: Sequence[float]

    def holds(self, place: Float[Tensor, "2"]) -> bool:
        """Whether a place lies within the circle around the shape."""
        return math.hypot(place[0] - self.row, place[1] - self.column) <= self.radius


def canvas(shapes: Sequence[Placed], side: int, ground: Sequence[float]) -> Float[Tensor, "3 H W"]:
    """A picture with these shapes on it, the last on top, in [0, 1]."""
    picture = np.broadcast_to(np.reshape(ground, (3, 1, 1)), (3, side, side))
    for kind, row, column, radius, angle, ink in shapes:
        cover = draw_shape(kind, side, (row, column), radius, angle)
        picture = picture + cover * (np.reshape(ink, (3, 1, 1)) - picture)
    return torch.from_numpy(picture.astype(np.float32))


def scatter(n: int, *, side: int, every: bool, seed: int) -> tuple[Float[Tensor, "B 3 H W"], list[list[Placed]]]:
    """Canvases with shapes as large as in ``data.shapes`` of 16 pixels, in random colours, with the same noise.

    Args:
        n: how many.
        side: of a canvas in pixels.
        every: put one of each class on a canvas, each in a quarter of its own, in place of one shape anywhere.
        seed: of everything random.

    Returns:
        The pictures, and what is on them: with ``every`` in the order of ``SHAPES``.
    """
    random = np.random.default_rng(seed)
    pictures, scenes = [], []
    for _ in range(n):
        ground = random.uniform(0, 1, 3)
        rooms = [(0.0, 0.0, float(side))]
        if every:
            rooms = [(row, column, side / 2) for row in (0, side / 2) for column in (0, side / 2)]
        kinds = random.permutation(4)[: len(rooms)]
        scene = {}
        for kind, (row, column, room) in zip(kinds, rooms, strict=True):
            radius = 16 * random.uniform(0.2, 0.35)
            down, right = random.uniform(radius, room - radius, 2)
            step = random.uniform(0.3, 0.7, 3)
            ink = np.where(ground > 0.5, np.maximum(ground - step, 0), np.minimum(ground + step, 1)).tolist()
            angle = random.uniform(0, 2 * math.pi)
            scene[kind] = Placed(SHAPES[kind], row + down, column + right, radius, angle, ink)
        scenes.append([scene[kind] for kind in sorted(scene)])
        picture = canvas(scenes[-1], side, ground.tolist())
        noise = torch.from_numpy(random.standard_normal(picture.shape).astype(np.float32))
        pictures.append((picture + 0.05 * noise).clamp(0, 1))
    return torch.stack(pictures), scenes


def small_network(numbers: Float[Tensor, " P"]) -> NiN:
    """The small network with these parameters, in the order in which it holds them."""
    model = NiN(BLOCKS, len(SHAPES)).eval()
    nn.utils.vector_to_parameters(numbers, model.parameters())
    return model


class ClassMaps(Play):
    """Two shapes on a canvas, one of which the reader moves, and the network's map for one class.

    Attributes:
        first: index into ``SHAPES``, of the shape that moves.
        row: of its middle, in pixels.
        column: of its middle, in pixels.
        turn: of it, in degrees.
        second: index of the shape that stays, or -1 for none.
        shown: index of the class whose map is shown.
        numbers: the network's parameters, float32, one after the other.
    """

    first = traitlets.Int(3, min=0, max=3).tag(sync=True)
    row = traitlets.Float(12.0, min=5.0, max=35.0).tag(sync=True)
    column = traitlets.Float(27.0, min=5.0, max=35.0).tag(sync=True)
    turn = traitlets.Float(20.0, min=0.0, max=90.0).tag(sync=True)
    second = traitlets.Int(0, min=-1, max=3).tag(sync=True)
    shown = traitlets.Int(3, min=0, max=3).tag(sync=True)
    numbers = traitlets.Bytes(b"").tag(sync=True)

    @classmethod
    def of(cls, model: NiN, **traits: object) -> "ClassMaps":
        """The figure for a network like ``small_network``.

        Raises:
            ValueError: if it has other blocks.
        """
        if model.blocks != BLOCKS:
            raise ValueError(f"the figure runs a network of {BLOCKS}, got {model.blocks}")
        numbers = nn.utils.parameters_to_vector(model.parameters()).detach()
        return cls(numbers=numbers.numpy().astype("<f4").tobytes(), **traits)

    def picture(self) -> Float[Tensor, "3 H W"]:
        """What stands on the canvas."""
        angle = math.radians(self.turn)
        shapes = [Placed(SHAPES[self.first], self.row, self.column, RADIUS, angle, INKS[0])]
        if self.second >= 0:
            shapes.insert(0, Placed(SHAPES[self.second], *SECOND, RADIUS, 0.0, INKS[1]))
        return canvas(shapes, SIDE, GROUND)
