"""The figure of the chapter `nasnet`: step through three searches of one space, cell by cell."""

import traitlets

from dlarch.play import Play


class Search(Play):
    """What a search tried, one cell after the other, beside the best that the space holds.

    Attributes:
        tried: name of a search to what it tried, a list of (cell, reward). A cell is eight digits: of either block
            the first input, the second input, the first operation, the second operation.
        operations: their names, in the order of their numbers.
        best: reward of the best cell of the space.
        search: which search is shown.
        step: which trial, from 1.
    """

    tried = traitlets.Dict().tag(sync=True)
    operations = traitlets.List(traitlets.Unicode()).tag(sync=True)
    best = traitlets.Float(1.0).tag(sync=True)
    search = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(1, min=1).tag(sync=True)
