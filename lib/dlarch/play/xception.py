"""The figure of the chapter `xception`: a module between full and separable convolution, by its number of towers."""

import traitlets

from dlarch.play import Play


class Towers(Play):
    """Channels that a 1x1 convolution mixes and towers filter, drawn as a graph, with the weights of both steps.

    Attributes:
        channels: C and K, as many in as out: 4, 8 or 16.
        towers: a power of two; more than there are channels means one for each.
        kernel: side of the spatial filters: 1, 3, 5 or 7.
        output: the output channel whose inputs are marked, from 1; beyond the last it means the last.
    """

    channels = traitlets.Int(16, min=4, max=16).tag(sync=True)
    towers = traitlets.Int(4, min=1, max=16).tag(sync=True)
    kernel = traitlets.Int(3, min=1, max=7).tag(sync=True)
    output = traitlets.Int(6, min=1, max=16).tag(sync=True)
