"""The figure of the chapter `choosing`: the networks of this book under a budget, as a scatter and as a table."""

import traitlets

from dlarch.play import Play


class Zoo(Play):
    """Networks by cost and published error: which are within a budget, and which of them nobody beats.

    Attributes:
        networks: one mapping a network: name, family, year, layers, error (top-1 in percent, or None where no
            comparable one was published), and a number under each key of costs.
        costs: key of a cost to how it is called.
        cost: which cost the scatter and the budget are about.
        budget: how much of it may be spent, in percent of the way from the cheapest to the dearest on a log scale.
        family: only these networks, or "all".
        sort: the column that the table is sorted by.
    """

    networks = traitlets.List(traitlets.Dict()).tag(sync=True)
    costs = traitlets.Dict().tag(sync=True)
    cost = traitlets.Unicode().tag(sync=True)
    budget = traitlets.Int(60, min=0, max=100).tag(sync=True)
    family = traitlets.Unicode("all").tag(sync=True)
    sort = traitlets.Unicode("error").tag(sync=True)
