"""The figure of the chapter `inception`: what each branch of a module costs and how many channels it gives."""

import traitlets

from dlarch.play import Play
from dlarch.vision.inception import MODULES, Widths

LECTURE = Widths(128, 64, 192, 64, 96, 64)  # the example of CS231n's lecture 9, 2017
SIDES = {"3": 28, "4": 14, "5": 7}  # pixels along one side of the maps in GoogLeNet's stages
INPUTS = dict(zip(MODULES, (192, 256, 480, 512, 512, 512, 528, 832, 832), strict=True))


class Branches(Play):
    """An Inception module whose widths the reader sets.

    Attributes:
        side: height and width of the map, in pixels.
        channels: C, channels of the input.
        one, reduce3, three, reduce5, five, pool: channels of the six convolutions, as in `Widths`.
        naive: whether the reductions are left out.
        module: the example shown, or "own".
        examples: name -> side, channels and the six widths.
    """

    side = traitlets.Int(28, min=1).tag(sync=True)
    channels = traitlets.Int(256, min=1).tag(sync=True)
    one = traitlets.Int(LECTURE.one, min=1).tag(sync=True)
    reduce3 = traitlets.Int(LECTURE.reduce3, min=1).tag(sync=True)
    three = traitlets.Int(LECTURE.three, min=1).tag(sync=True)
    reduce5 = traitlets.Int(LECTURE.reduce5, min=1).tag(sync=True)
    five = traitlets.Int(LECTURE.five, min=1).tag(sync=True)
    pool = traitlets.Int(LECTURE.pool, min=1).tag(sync=True)
    naive = traitlets.Bool(False).tag(sync=True)
    module = traitlets.Unicode("the lecture's").tag(sync=True)
    examples = traitlets.Dict(
        {"the lecture's": [28, 256, *LECTURE]}
        | {name: [SIDES[name[0]], INPUTS[name], *widths] for name, widths in MODULES.items()}
    ).tag(sync=True)
