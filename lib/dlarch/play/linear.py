"""The figure of the chapter `linear`: a decision boundary to move, over points that a line can and cannot part."""

import traitlets

from dlarch.play import Play

# x1, x2, class
XOR = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
SEPARABLE = [
    [-0.30, 0.20, 0], [0.05, 0.55, 0], [0.10, -0.25, 0], [0.35, 0.15, 0], [-0.15, 0.90, 0], [0.60, -0.30, 0],
    [0.35, 1.15, 1], [0.70, 0.75, 1], [1.00, 0.35, 1], [1.10, 1.00, 1], [1.30, 0.05, 1], [0.75, 1.30, 1],
]  # fmt: skip


class Boundary(Play):
    """The line w1·x1 + w2·x2 + b = 0 over a set of points of two classes; the positive side is class 1.

    Attributes:
        w1: weight of the first input, -8 to 8.
        w2: weight of the second input, -8 to 8.
        b: bias, -8 to 8.
        data: name of the set that is shown, a key of `sets`.
        sets: name -> list of points [x1, x2, class], with x1 and x2 between -0.5 and 1.5.
    """

    w1 = traitlets.Float(4.0, min=-8, max=8).tag(sync=True)
    w2 = traitlets.Float(2.0, min=-8, max=8).tag(sync=True)
    b = traitlets.Float(-3.0, min=-8, max=8).tag(sync=True)
    data = traitlets.Unicode("XOR").tag(sync=True)
    sets = traitlets.Dict({"XOR": XOR, "A separable set": SEPARABLE}).tag(sync=True)

    @traitlets.validate("data")
    def _known(self, proposal: dict) -> str:
        if proposal["value"] not in self.sets:
            raise traitlets.TraitError(f"data must be one of {sorted(self.sets)}, got {proposal['value']!r}")
        return proposal["value"]
