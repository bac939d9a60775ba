"""The figure of the chapter `transformer`: the weights of one head, layer by layer, over one example."""

import math

import traitlets

from dlarch.play import Play

KINDS = ("encoder", "decoder", "cross")


class Heads(Play):
    """The weights of every head of a small transformer while it writes one sequence.

    Attributes:
        read: the symbols of the source.
        shown: the symbols that the decoder is shown, the start sign first.
        weights: for each of "encoder", "decoder" and "cross": layers, heads, queries, keys.
        kind: which attention is shown.
        layer: from 1.
        head: from 1.
        row: place of the query that is told in words, from 1.
    """

    read = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    kind = traitlets.Enum(KINDS, "cross").tag(sync=True)
    layer = traitlets.Int(1, min=1).tag(sync=True)
    head = traitlets.Int(1, min=1).tag(sync=True)
    row = traitlets.Int(1, min=1).tag(sync=True)

    def __init__(self, read: list[str], shown: list[str], weights: dict[str, list], **traits: object) -> None:
        """Take the example with its weights.

        Raises:
            ValueError: if a kind is missing, or its weights do not fit the symbols or do not sum to one.
        """
        if set(weights) != set(KINDS):
            raise ValueError(f"weights must be given for {', '.join(KINDS)}, got {', '.join(weights) or 'none'}")
        sizes = {"encoder": (read, read), "decoder": (shown, shown), "cross": (shown, read)}
        for kind, (queries, keys) in sizes.items():
            for table in (head for layer in weights[kind] for head in layer):
                if len(table) != len(queries) or any(len(row) != len(keys) for row in table):
                    raise ValueError(f"{kind} needs {len(queries)} rows of {len(keys)} weights in every head")
                if any(not math.isclose(sum(row), 1, abs_tol=0.01) for row in table):
                    raise ValueError(f"every row of {kind} must sum to one")
        super().__init__(read=read, shown=shown, weights=weights, **traits)
