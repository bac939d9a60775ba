"""The figure of the chapter `lenet`: what each layer of a trained LeNet-5 makes of a digit."""

import torch
import traitlets
from jaxtyping import Float, Int
from torch import Tensor

from dlarch.play import Play
from dlarch.vision.lenet import GROUND, INK, SIDE, TABLE, LeNet5, squash

LAYERS = {  # name -> how many maps, and height and width of each as they are drawn
    "image": (1, SIDE, SIDE),
    "C1": (6, 28, 28),
    "S2": (6, 14, 14),
    "C3": (16, 10, 10),
    "S4": (16, 5, 5),
    "C5": (1, 10, 12),
    "F6": (1, 12, 7),
}
LARGEST = 1.7159  # of a unit


class Maps(Play):
    """A digit on its way through the network.

    Attributes:
        digit: which of the digits is looked at, from 0.
        layer: one of ``LAYERS``, or "distances".
        map: which map of the layer is outlined, from 0; of a layer with fewer maps the last.
        labels: the true class of each digit.
        sizes: ``LAYERS`` as rows of name, maps, height and width; a list, since a notebook's file sorts what is named.
        table: for each map of C3 the maps of S2 that it reads.
        levels: the layers of one digit after the other, a byte a unit.
        codes: the pictures that F6 is compared with, a byte a pixel, as light as a unit of that value.
        distances: of each digit's F6 from each code, squared.
    """

    digit = traitlets.Int(0, min=0).tag(sync=True)
    layer = traitlets.Enum((*LAYERS, "distances"), "C1").tag(sync=True)
    map = traitlets.Int(0, min=0).tag(sync=True)
    labels = traitlets.List(traitlets.Int(), minlen=1).tag(sync=True)
    sizes = traitlets.List([[name, *size] for name, size in LAYERS.items()]).tag(sync=True)
    table = traitlets.List([list(row) for row in TABLE]).tag(sync=True)
    levels = traitlets.Bytes(b"").tag(sync=True)
    codes = traitlets.Bytes(b"").tag(sync=True)
    distances = traitlets.List().tag(sync=True)

    @classmethod
    def of(cls, model: LeNet5, x: Float[Tensor, "B 1 32 32"], labels: Int[Tensor, " B"]) -> "Maps":
        """The figure for a network with RBF units and some images."""
        states = through(model, x)
        parts = [(states["image"] - GROUND) / (INK - GROUND)]
        parts += [(states[name] + LARGEST) / (2 * LARGEST) for name in list(LAYERS)[1:]]
        levels = torch.cat([part.flatten(1) for part in parts], dim=1).mul(255).round().clamp(0, 255).byte()
        with torch.no_grad():
            distances = -model.head(states["F6"].flatten(1))
        return cls(
            labels=labels.tolist(),
            levels=levels.numpy().tobytes(),
            codes=((model.head.codes + LARGEST) / (2 * LARGEST)).mul(255).round().byte().numpy().tobytes(),
            distances=[[round(distance, 1) for distance in row] for row in distances.tolist()],
        )


@torch.no_grad()
def through(model: LeNet5, x: Float[Tensor, "B 1 32 32"]) -> dict[str, Tensor]:
    """The state of each layer behind its squashing function, by the names of ``LAYERS``."""
    states = {"image": x}
    for name in ("C1", "S2", "C3", "S4", "C5"):
        states[name] = squash(getattr(model, name.lower())(states[list(states)[-1]]))
    states["F6"] = squash(model.f6(states["C5"].flatten(1)))
    return states
