"""The figure of the chapter `tcn`: which input steps one output step reaches, tap by tap."""

import traitlets

from dlarch.play import Play


class Taps(Play):
    """The taps of a stack of convolutions in time, followed from one output step down to the input.

    Attributes:
        kernel: taps of each convolution.
        dilations: of the blocks, first to last, as text: "1, 2, 4, 8".
        convolutions: in a block, all with the block's dilation.
        step: which output step, from 1.
        causal: whether the zeros stand before the sequence only; else half of them stand behind it.
    """

    kernel = traitlets.Int(2, min=1).tag(sync=True)
    dilations = traitlets.Unicode("1, 2, 4, 8").tag(sync=True)
    convolutions = traitlets.Int(2, min=1).tag(sync=True)
    step = traitlets.Int(32, min=1, max=32).tag(sync=True)
    causal = traitlets.Bool(True).tag(sync=True)
