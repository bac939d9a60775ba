"""The figure of the chapter `convolution`: a window that slides over an image, and the arithmetic of its sizes."""

import traitlets

from dlarch.play import Play


class Arithmetic(Play):
    """A square image with its padding, the window of a kernel on it, and the output that it makes.

    Settings that no window fits are allowed; the figure says why they are impossible.

    Attributes:
        size: side of the image in pixels, 1 to 12.
        kernel: places of the window along one side, 1 to 7.
        stride: step of the window, 1 to 4.
        padding: pixels added on each side, 0 to 3.
        dilation: distance of neighbouring places of the window, 1 to 3.
        place: which output is looked at, counted from the top left in reading order from 0. Beyond the last output it
            means the last.
    """

    size = traitlets.Int(7, min=1, max=12).tag(sync=True)
    kernel = traitlets.Int(3, min=1, max=7).tag(sync=True)
    stride = traitlets.Int(2, min=1, max=4).tag(sync=True)
    padding = traitlets.Int(1, min=0, max=3).tag(sync=True)
    dilation = traitlets.Int(1, min=1, max=3).tag(sync=True)
    place = traitlets.Int(0, min=0, max=323).tag(sync=True)
