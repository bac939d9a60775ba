"""The figure of the chapter `mobilenet`: what a full convolution costs beside a depthwise separable one."""

import traitlets

from dlarch.play import Play


class Bill(Play):
    """Work, parameters and bytes of one layer, full and in two steps. Stride 1, the size is kept, no biases.

    Attributes:
        kernel: R, side of the filter: 1, 3, 5, 7 or 9.
        inputs: C, channels that come in.
        outputs: K, channels that go out.
        side: H and W of the maps, in pixels.
    """

    kernel = traitlets.Int(3, min=1, max=9).tag(sync=True)
    inputs = traitlets.Int(256, min=1).tag(sync=True)
    outputs = traitlets.Int(256, min=1).tag(sync=True)
    side = traitlets.Int(28, min=1).tag(sync=True)
