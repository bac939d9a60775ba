"""The figure of the chapter `relu`: the hinges of a network with one input, to be moved along a curve."""

import math

import numpy as np
import traitlets

from dlarch.play import Play

GRID = np.linspace(0, 1, 101)
CURVES = {
    "Sine": np.sin(2 * math.pi * GRID),
    "Square root": np.sqrt(GRID),
    "Corner": np.abs(GRID - 0.37),
    "Two bumps": np.sin(2 * math.pi * GRID) * np.sin(4 * math.pi * GRID),
}


class Hinges(Play):
    """b + c0·relu(v) + c1·relu(v - k1) + ... + c4·relu(v - k4) beside a curve, for v from 0 to 1.

    The reader sets the knots; b and the weights are those with the smallest squared error on 101 places.

    Attributes:
        k1: place of the first hinge, 0 to 1; k2, k3 and k4 likewise, in any order.
        target: name of the curve, a key of `targets`.
        targets: name -> 101 heights, between -1.2 and 1.2.
    """

    k1 = traitlets.Float(0.1, min=0, max=1).tag(sync=True)
    k2 = traitlets.Float(0.4, min=0, max=1).tag(sync=True)
    k3 = traitlets.Float(0.5, min=0, max=1).tag(sync=True)
    k4 = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    target = traitlets.Unicode("Sine").tag(sync=True)
    targets = traitlets.Dict({name: heights.tolist() for name, heights in CURVES.items()}).tag(sync=True)

    @traitlets.validate("target")
    def _known(self, proposal: dict) -> str:
        if proposal["value"] not in self.targets:
            raise traitlets.TraitError(f"target must be one of {sorted(self.targets)}, got {proposal['value']!r}")
        return proposal["value"]

    @property
    def knots(self) -> list[float]:
        """The four knots."""
        return [self.k1, self.k2, self.k3, self.k4]

    def fitted(self) -> np.ndarray:
        """The network's height at the 101 places, with the best weights for its knots."""
        hinges = [np.maximum(GRID - knot, 0) for knot in (0, *self.knots)]
        columns = np.stack([np.ones_like(GRID), *hinges], axis=1)
        weights, *_ = np.linalg.lstsq(columns, np.array(self.targets[self.target]), rcond=None)
        return columns @ weights
