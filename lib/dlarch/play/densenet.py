"""The figure of the chapter `densenet`: what the layers of a dense block read, make and cost."""

import traitlets

from dlarch.play import Play


class Growth(Play):
    """A dense block layer by layer: channels read and made, connections and parameters.

    Attributes:
        growth_rate: G, channels that each layer makes.
        layers: L, 1 to 32.
        channels: C, of the block's input.
        bottleneck: channels of the 1x1 convolutions as a multiple of G; 0 for none.
    """

    growth_rate = traitlets.Int(32, min=1, max=48).tag(sync=True)
    layers = traitlets.Int(6, min=1, max=32).tag(sync=True)
    channels = traitlets.Int(64, min=1).tag(sync=True)
    bottleneck = traitlets.Int(4, min=0, max=8).tag(sync=True)
