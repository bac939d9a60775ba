"""The figure of the chapter `resnet`: take blocks out of two trained networks and see which one survives."""

import torch
import torch.nn.functional as F
import traitlets
from torch import Tensor

from dlarch.play import Play
from dlarch.vision.resnet import CifarResNet, removable_blocks, residual_blocks

BLOCKS = 9  # of a network of depth 20
REMOVABLE = 7


class Surgery(Play):
    """The nine blocks of a residual and of a plain network of depth 20, and the accuracy without some of them.

    Attributes:
        out1, ..., out7: whether the first, ..., last of the blocks that can be taken out is out.
        names: names of all nine blocks, in order.
        removable: names of the seven blocks that can be taken out, in order.
        residual: accuracy of the residual network for each set of removed blocks, as ``accuracies`` gives it.
        plain: accuracy of the plain network likewise.
        chance: accuracy of guessing.
    """

    out1 = traitlets.Bool(False).tag(sync=True)
    out2 = traitlets.Bool(False).tag(sync=True)
    out3 = traitlets.Bool(False).tag(sync=True)
    out4 = traitlets.Bool(False).tag(sync=True)
    out5 = traitlets.Bool(False).tag(sync=True)
    out6 = traitlets.Bool(False).tag(sync=True)
    out7 = traitlets.Bool(False).tag(sync=True)
    names = traitlets.List(traitlets.Unicode(), minlen=BLOCKS, maxlen=BLOCKS).tag(sync=True)
    removable = traitlets.List(traitlets.Unicode(), minlen=REMOVABLE, maxlen=REMOVABLE).tag(sync=True)
    residual = traitlets.List(traitlets.Float(), minlen=2**REMOVABLE, maxlen=2**REMOVABLE).tag(sync=True)
    plain = traitlets.List(traitlets.Float(), minlen=2**REMOVABLE, maxlen=2**REMOVABLE).tag(sync=True)
    chance = traitlets.Float(0.1).tag(sync=True)

    @classmethod
    def of(cls, residual: CifarResNet, plain: CifarResNet, x: Tensor, y: Tensor) -> "Surgery":
        """The figure for two trained networks of depth 20, tested on images x with classes y.

        Raises:
            ValueError: if a network has more or fewer than nine blocks.
        """
        for model in (residual, plain):
            if len(residual_blocks(model)) != BLOCKS:
                raise ValueError(
                    f"expected networks of depth 20, with {BLOCKS} blocks, got {len(residual_blocks(model))}"
                )
        return cls(
            names=[name for name, _ in residual_blocks(residual)],
            removable=removable_blocks(residual),
            residual=accuracies(residual, x, y),
            plain=accuracies(plain, x, y),
            chance=1 / residual.head.out_features,
        )


def accuracies(model: CifarResNet, x: Tensor, y: Tensor) -> list[float]:
    """Accuracy for every set of removed blocks: in entry k those are out whose bit is set in k.

    Bit 0 stands for the first of ``removable_blocks(model)``. What two sets have in common up to some block is computed
    once.

    Args:
        model: a network with r blocks that can be removed; it is left in ``eval()`` mode.
        x: images ``B C H W``.
        y: their classes ``B``.

    Returns:
        2 to the power of r numbers, rounded to 4 places.
    """
    blocks, removable = residual_blocks(model), removable_blocks(model)
    result = [0.0] * 2 ** len(removable)

    def walk(h: Tensor, position: int, removed: int) -> None:
        if position == len(blocks):
            scores = model.head(h.mean(dim=(2, 3)))
            result[removed] = round((scores.argmax(dim=1) == y).float().mean().item(), 4)
            return
        name, block = blocks[position]
        walk(block(h), position + 1, removed)
        if name in removable:
            walk(h, position + 1, removed | 1 << removable.index(name))

    model.eval()
    with torch.no_grad():
        walk(F.relu(model.norm1(model.conv1(x))), 0, 0)
    return result
