"""LeNet-5, the reader of digits of LeCun et al. 1998, https://doi.org/10.1109/5.726791 (fig. 2, table I, sec. II).

B batch, C/K channels (the paper's maps) in/out, H W height and width in pixels, F features, N classes.

Differs from the paper:
    The RBF units give *minus* the squared distance, so that the largest score wins here as everywhere.
    The pictures of the ten digits that they compare with are drawn for this course, at the paper's size of 7 by 12.
    Any optimizer may train it. The paper's own gives each weight a rate from an estimate of the loss's curvature.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

SIDE, INK, GROUND = 32, 1.175, -0.1  # of the images: pixels along a side, values of a full stroke and of white paper

TABLE = (  # for each map of C3 the maps of S2 that it reads: table I of the paper
    *[(0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)],
    *[(0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)],
    *[(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)],
    (0, 1, 2, 3, 4, 5),
)

DIGITS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .####..  .####..  ....##.  ######.  ...###.  #######  .#####.  .#####.
.##.##.  ..###..  ##..##.  ##..##.  ...###.  ##.....  ..##...  .....##  ##...##  ##...##
##...##  .####..  .....##  .....##  ..#.##.  ##.....  .##....  ....##.  ##...##  ##...##
##...##  ...##..  .....##  .....##  .##.##.  ##.....  ##.....  ....##.  .##.##.  ##...##
##...##  ...##..  ....##.  ...###.  ##..##.  #####..  #####..  ...##..  ..###..  .######
##...##  ...##..  ...##..  ...###.  ##..##.  ....##.  ##..##.  ...##..  .##.##.  .....##
##...##  ...##..  ..##...  .....##  #######  .....##  ##...##  ..##...  ##...##  .....##
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  ....##.
.##.##.  ...##..  ##.....  ##..##.  ....##.  ##..##.  .##.##.  .##....  ##...##  ...##..
..###..  .######  #######  .####..  ....##.  .####..  ..###..  .##....  .#####.  .###...
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def squash(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """A tanh that is scaled to lead 1 to 1 and -1 to -1, where it bends most.

    A target of 1 or -1 then lies well inside its range, and a unit that reaches it still has a slope.
    """
    return 1.7159 * torch.tanh(2 / 3 * x)


class Subsample(nn.Module):
    """The sum of each patch of 2 by 2, times a number that is learned, plus another one.

    Args:
        channels: C. Each has a coefficient and a bias of its own.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        uniform_init(self.coefficient, 4)
        uniform_init(self.bias, 4)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W2"]:
        total = 4 * F.avg_pool2d(x, 2)
        return self.coefficient[:, None, None] * total + self.bias[:, None, None]


class TableConv2d(nn.Module):
    """A convolution in which a table says which input maps an output map reads.

    It has one kernel for each entry of the table and none for what the table leaves
    out, so its parameters are counted rightly. The arithmetic runs over all pairs,
    with zeros where there is no kernel.

    Args:
        in_channels: C.
        table: for each of the K output maps the input maps that it reads.
        kernel: side of the kernels.

    Raises:
        ValueError: if a map reads nothing, something twice, or an unknown map.
    """

    def __init__(
        self,
        in_channels: int,
        table: Sequence[Sequence[int]],
        kernel: int,
    ) -> None:
        super().__init__()
        last, known = in_channels - 1, set(range(in_channels))
        for row in table:
            if not row or len(set(row)) < len(row) or not set(row) <= known:
                got = f"each once, got {tuple(row)}"
                raise ValueError(f"needs some of maps 0 to {last}, {got}")
        self.outputs = [k for k, row in enumerate(table) for _ in row]
        self.sources = [c for row in table for c in row]
        self.sides = (len(table), in_channels, kernel, kernel)
        self.weight = nn.Parameter(torch.empty(len(self.sources), kernel, kernel))
        self.bias = nn.Parameter(torch.empty(len(table)))
        fan_in = torch.tensor([len(row) for row in table]) * kernel**2
        uniform_init(self.weight, fan_in[self.outputs][:, None, None])
        uniform_init(self.bias, fan_in)

    def kernels(self) -> Float[Tensor, "K C R R"]:
        """The kernels for all pairs of maps, zero for those not in the table."""
        kernels = self.weight.new_zeros(self.sides)
        kernels[self.outputs, self.sources] = self.weight
        return kernels

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        return F.conv2d(x, self.kernels(), self.bias)


def full_table(in_channels: int, out_channels: int) -> tuple[tuple[int, ...], ...]:
    """The table of an ordinary convolution: every map reads every map."""
    return (tuple(range(in_channels)),) * out_channels


def digit_codes() -> Float[Tensor, "10 84"]:
    """Pictures of the ten digits, 7 by 12 pixels laid out in a row: 1 for ink, -1 for paper."""
    rows = [line.split() for line in DIGITS.split("\n") if line]
    pictures = ["".join(parts) for parts in zip(*rows, strict=True)]
    return torch.tensor([[1.0 if pixel == "#" else -1.0 for pixel in picture] for picture in pictures])


class RBF(nn.Module):
    """For each class minus the squared distance of the features from the code of that class.

    Args:
        codes: what the features should be for each class.
        trainable: whether the codes move too. The paper keeps them fixed, with good reason.
    """

    def __init__(self, codes: Float[Tensor, "N F"], *, trainable: bool = False) -> None:
        super().__init__()
        if trainable:
            self.codes = nn.Parameter(codes.clone())
        else:
            self.register_buffer("codes", codes.clone())

    def forward(self, x: Float[Tensor, "B F"]) -> Float[Tensor, "B N"]:
        return -(x[:, None] - self.codes).square().sum(dim=2)


def distance_loss(scores: Float[Tensor, "B N"], labels: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    """The mean squared distance from the right code (eq. 8). No other class takes part in it."""
    return -scores.gather(1, labels[:, None]).mean()


def competitive_loss(
    scores: Float[Tensor, "B N"],
    labels: Int[Tensor, " B"],
    *,
    rubbish: float = 1.0,
) -> Float[Tensor, ""]:
    """Draws the features to the right code and away from the others (eq. 9).

    It is the cross-entropy of a softmax with one more class, for what is no digit.

    Args:
        scores: of ``RBF``, minus squared distances.
        labels: right classes.
        rubbish: the squared distance at which the extra class stands; codes much
            farther away are left alone.
    """
    extra = scores.new_full((len(scores), 1), -rubbish)
    return F.cross_entropy(torch.cat([scores, extra], dim=1), labels)


class LeNet5(nn.Module):
    """The network as published: 60,000 parameters to train, for images of 32 by 32 pixels.

    C is a convolution, S a subsampling, F a full connection; the squashing function follows each of them.

    Args:
        table: for each of the 16 maps of C3 the maps of S2 that it reads.
        head: turns the 84 features into scores. By default the RBF units of the ten digits, with nothing to learn.
    """

    def __init__(self, *, table: Sequence[Sequence[int]] = TABLE, head: nn.Module | None = None) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = Subsample(6)
        self.c3 = TableConv2d(6, table, 5)
        self.s4 = Subsample(len(table))
        # On 5 by 5 places a full connection; a convolution, because on a larger image it would be one.
        self.c5 = nn.Conv2d(len(table), 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.head = RBF(digit_codes()) if head is None else head
        for layer in (self.c1, self.c5, self.f6):
            uniform_init(layer.weight, layer.weight[0].numel())
            uniform_init(layer.bias, layer.weight[0].numel())

    def features(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B 84"]:
        """What F6 says, which training draws near to the code of the right digit.

        Raises:
            ValueError: if the images are not 1 by 32 by 32; those of 28 by 28 lack a
                margin of two pixels.
        """
        if tuple(x.shape[1:]) != (1, SIDE, SIDE):
            got = " by ".join(map(str, x.shape[1:]))
            raise ValueError(f"images must be 1 by {SIDE} by {SIDE}, got {got}")
        h = squash(self.c1(x))  # B 6 28 28
        h = squash(self.s2(h))  # B 6 14 14
        h = squash(self.c3(h))  # B 16 10 10
        h = squash(self.s4(h))  # B 16 5 5
        h = squash(self.c5(h))  # B 120 1 1
        return squash(self.f6(h.flatten(1)))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        return self.head(self.features(x))


class LeNet(nn.Module):
    """What the name means today: ReLU, max pooling, no table, a linear head.

    Args:
        classes: N.
        side: of the images, 32 or 28; those of 28 get two pixels of padding.
        in_channels: C, 1 for digits.

    Raises:
        ValueError: if the side is another one.
    """

    def __init__(self, classes: int = 10, *, side: int = 28, in_channels: int = 1) -> None:
        super().__init__()
        if side not in (28, 32):
            raise ValueError(f"side must be 28 or 32, got {side}")
        self.conv1 = nn.Conv2d(in_channels, 6, 5, padding=(32 - side) // 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.dense1 = nn.Linear(16 * 5 * 5, 120)
        self.dense2 = nn.Linear(120, 84)
        self.head = nn.Linear(84, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        """Scores; the softmax is left to the loss."""
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)  # B 6 14 14
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)  # B 16 5 5
        h = F.relu(self.dense1(h.flatten(1)))
        return self.head(F.relu(self.dense2(h)))


@torch.no_grad()
def uniform_init(parameter: Tensor, fan_in: int | Tensor) -> None:
    """Draw numbers between -2.4 and 2.4 over the inputs of a unit, the paper's start (appendix A).

    Args:
        parameter: weights or biases, overwritten.
        fan_in: how many numbers a unit reads; a tensor where that differs from unit to unit.
    """
    parameter.uniform_(-1, 1).mul_(2.4 / fan_in)


def framed(x: Float[Tensor, "B 1 H W"], *, box: int = 20) -> Float[Tensor, "B 1 32 32"]:
    """Small images in [0, 1] as LeNet-5 reads them: enlarged to a box, in the middle of white paper.

    The paper's digits fill at most 20 by 20 of 32 by 32 pixels, so that C1 and C3 see a stroke's end in the middle of
    their fields too. Enlarging adds no information.

    Args:
        x: images, 0 for paper and 1 for ink.
        box: height and width of the digit, an even number up to 32.

    Raises:
        ValueError: if the box is odd or too large.
    """
    if box % 2 or not 0 < box <= SIDE:
        raise ValueError(f"box must be an even number up to {SIDE}, got {box}")
    large = F.interpolate(x, size=(box, box), mode="bilinear", align_corners=False)
    return GROUND + (INK - GROUND) * F.pad(large, [(SIDE - box) // 2] * 4)
