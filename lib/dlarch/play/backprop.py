"""The figure of the chapter `backprop`: step through a small graph, values forward, then gradients backward."""

from collections.abc import Callable

import torch
import traitlets

from dlarch.foundations.backprop import Value, topological_order
from dlarch.play import Play

INPUTS = ("x", "w", "b")

# Name -> the function, and the column in which each of its operations stands, in the order in which they run.
GRAPHS: dict[str, tuple[Callable[[Value, Value, Value], Value], list[float]]] = {
    "One neuron: relu(w·x + b)²": (lambda x, w, b: (w * x + b).relu() ** 2, [0.5, 1.25, 1.25, 1.25]),
    "A shortcut: (x + relu(w·x + b))²": (
        lambda x, w, b: (x + (w * x + b).relu()) ** 2,
        [1.0, 1.5, 1.5, 0.75, 0.75],
    ),
    "Two layers that share w and b": (lambda x, w, b: w * (w * x + b).relu() + b, [0.0, 0.0, 0.0, 1.0, 2.0]),
}


class Steps(Play):
    """A graph of single numbers, each step of its forward and its backward pass, and three inputs to set.

    Attributes:
        graph: name of the graph that is shown, a key of `graphs`.
        step: how far the passes have come. With n operations, step n ends the forward pass, step n + 1 puts 1 at the
            end of the graph, and step 2n + 1 ends the backward pass; more counts as that.
        x: first input, -2 to 2.
        w: second input, -2 to 2.
        b: third input, -2 to 2.
        graphs: name -> the nodes of the graph as `nodes` gives them.
    """

    graph = traitlets.Unicode(next(iter(GRAPHS))).tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    x = traitlets.Float(1.5, min=-2, max=2).tag(sync=True)
    w = traitlets.Float(0.8, min=-2, max=2).tag(sync=True)
    b = traitlets.Float(-0.5, min=-2, max=2).tag(sync=True)
    graphs = traitlets.Dict().tag(sync=True)

    @traitlets.default("graphs")
    def _of_the_engine(self) -> dict[str, list[dict]]:
        return {name: nodes(name) for name in GRAPHS}

    @traitlets.validate("graph")
    def _known(self, proposal: dict) -> str:
        if proposal["value"] not in GRAPHS:
            raise traitlets.TraitError(f"graph must be one of {sorted(GRAPHS)}, got {proposal['value']!r}")
        return proposal["value"]


def nodes(name: str) -> list[dict]:
    """The nodes of a graph, read off the engine's own: the three inputs, then the operations as they run.

    Returns:
        For each node its `name`, the places of its `parents` in the list, and where to draw it: `column`, `row`.
    """
    function, columns = GRAPHS[name]
    inputs = [Value(torch.tensor(0.0), name=letter) for letter in INPUTS]
    order = [node for node in topological_order(function(*inputs)) if node.edges]
    places = {node: place for place, node in enumerate([*inputs, *order])}
    drawn = [{"name": v.name, "parents": [], "column": column, "row": 0} for column, v in enumerate(inputs)]
    for node, column in zip(order, columns, strict=True):
        parents = [places[parent] for parent, _ in node.edges]
        row = 1 + max(drawn[parent]["row"] for parent in parents)
        drawn.append({"name": node.name, "parents": parents, "column": column, "row": row})
    return drawn
