"""The figure of the chapter `vgg`: a stack of convolutions, what it sees and what it costs beside one large filter."""

import traitlets

from dlarch.play import Play


class Stack(Play):
    """Convolutions in a row, seen from the side, and the single filter whose field is as large.

    All layers have as many channels in as out, and biases. Padding keeps the size; the single filter strides by 2 if
    the stack pools.

    Attributes:
        kernel: side of each filter: 1, 3, 5 or 7.
        layers: convolutions in the stack, 1 to 5.
        pool: the layer behind which a max pooling of 2 by 2 stands; 0 for none. Beyond the last it means the last.
        channels: C.
        side: H and W of the maps that come in, even.
    """

    kernel = traitlets.Int(3, min=1, max=7).tag(sync=True)
    layers = traitlets.Int(3, min=1, max=5).tag(sync=True)
    pool = traitlets.Int(0, min=0, max=5).tag(sync=True)
    channels = traitlets.Int(64, min=1).tag(sync=True)
    side = traitlets.Int(56, min=2).tag(sync=True)
