"""The figure of the chapter `alexnet`: what the stride of a first layer leaves of what its filter sees."""

import math

import torch
import torch.nn.functional as F
import traitlets
from jaxtyping import Float
from torch import Tensor

from dlarch.play import Play

SIDE = 96  # pixels of a picture; every stride divides it
KERNELS = (3, 5, 7, 9, 11, 13, 15)
STRIDES = (1, 2, 3, 4, 6, 8)
FILTERS = ("blob", "edge", "stripes")
PERIOD = 5  # pixels from one stripe of the filter "stripes" to the next


class FirstLayer(Play):
    """A picture, one filter's answer at every pixel, and its answer in steps of the stride.

    Attributes:
        kernel: side of the filter, one of ``KERNELS``.
        stride: step of the filter, one of ``STRIDES``.
        filter: one of ``FILTERS``.
        picture: which of the pictures is looked at, from 0.
        names: what the pictures show.
        pixels: the pictures one after the other, a byte a pixel.
    """

    kernel = traitlets.Int(11).tag(sync=True)
    stride = traitlets.Int(4).tag(sync=True)
    filter = traitlets.Enum(FILTERS, "stripes").tag(sync=True)
    picture = traitlets.Int(0, min=0).tag(sync=True)
    names = traitlets.List(traitlets.Unicode(), minlen=1).tag(sync=True)
    pixels = traitlets.Bytes(b"").tag(sync=True)

    @classmethod
    def of(cls, pictures: dict[str, Tensor]) -> "FirstLayer":
        """The figure for pictures of ``SIDE`` by ``SIDE`` grey values from 0 to 1.

        Raises:
            ValueError: if a picture has another size.
        """
        for name, picture in pictures.items():
            if tuple(picture.shape) != (SIDE, SIDE):
                raise ValueError(f"a picture has {SIDE} by {SIDE} pixels, but {name!r} has {tuple(picture.shape)}")
        levels = torch.stack(list(pictures.values())).mul(255).round().clamp(0, 255).byte()
        return cls(names=list(pictures), pixels=levels.numpy().tobytes())


def rings() -> Float[Tensor, "96 96"]:
    """Rings that get finer to the outside, with all directions and all periods down to 2 pixels at the edge."""
    steps = torch.arange(SIDE, dtype=torch.float64) - SIDE / 2
    return 0.5 + 0.5 * torch.cos(math.pi / SIDE * (steps[:, None] ** 2 + steps**2))


def profiles(kernel: int, kind: str) -> tuple[Float[Tensor, " R"], Float[Tensor, " R"]]:
    """A filter as the product of a column and a row: a bell in both, and in the row what the filter looks for.

    Args:
        kernel: side of the filter.
        kind: "blob" (a bell), "edge" (one wave, dark to bright) or "stripes" (waves of 5 pixels).

    Returns:
        The column, which sums to one, and the row. All rows but the blob's sum to zero.
    """
    place = torch.arange(kernel, dtype=torch.float64) - kernel // 2
    bell = 1 + torch.cos(2 * math.pi * place / (kernel + 1))
    bell = bell / bell.sum()
    if kind == "blob":
        return bell, bell
    if kind == "edge":
        return bell, bell * torch.sin(2 * math.pi * place / (kernel + 1))
    wave = bell * torch.cos(2 * math.pi * place / PERIOD)
    return bell, wave - bell * wave.sum()


def respond(picture: Float[Tensor, "H W"], kernel: int, kind: str) -> Float[Tensor, "H W"]:
    """A filter's answer at every pixel; beyond an edge the picture goes on at the opposite one."""
    column, row = profiles(kernel, kind)
    padded = F.pad(picture.double()[None, None], [kernel // 2] * 4, mode="circular")
    return F.conv2d(padded, torch.outer(column, row)[None, None])[0, 0]


def kept(answer: Float[Tensor, "H W"], stride: int) -> float:
    """Share of an answer's variance that is coarse enough for a stride; the rest comes back as false coarse patterns.

    A grid with a step of s pixels can follow waves of more than 2s pixels (Nyquist, Shannon).

    Args:
        answer: at every pixel.
        stride: of the grid; it divides both sides.
    """
    power = torch.fft.fft2(answer - answer.mean()).abs().square()
    if stride == 1:
        return 1.0
    fine = [torch.fft.fftfreq(side, 1 / side).abs() >= side / stride / 2 for side in answer.shape]
    coarse = ~(fine[0][:, None] | fine[1])
    return (power[coarse].sum() / power.sum()).item()
