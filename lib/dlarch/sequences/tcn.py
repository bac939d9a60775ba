"""The temporal convolutional network of Bai, Kolter and Koltun 2018, https://arxiv.org/abs/1803.01271 (sec. 3, fig. 1).

B batch, T length in time steps, C/K channels in/out, k taps of a kernel, d dilation in time steps, R steps that a
convolution looks back, (k - 1) d. Channels stand before time, as ``torch.nn.functional.conv1d`` wants them.

Differs from the paper:
- weights begin with the spread of ``nn.Conv1d`` and biases at zero. The authors' code asks for a spread of 0.01, but
  weight norm makes the weights anew from their two parts in each call, and the line has no effect. It has one on
  shortcuts, which have no weight norm there, as here;
- dropout is off unless asked for. It drops whole channels, as the paper writes; the authors' code drops single numbers;
- zeros stand before the sequence only. The authors' code pads both ends and cuts the later one off, which gives the
  same numbers.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


def receptive_field(kernel_size: int, dilations: Sequence[int]) -> int:
    """Time steps that one output of a stack of blocks can see, itself included: 1 + 2 (k - 1) (d1 + d2 + ...).

    Args:
        kernel_size: k, taps of each convolution.
        dilations: of the blocks, first to last; either convolution of a block has the block's dilation.
    """
    return 1 + 2 * (kernel_size - 1) * sum(dilations)


class Ring:
    """The newest steps of a sequence, in memory that is written in a circle.

    A new step takes the place of the oldest, so memory neither grows nor moves.
    What was before the first step counts as zeros, like padding.

    Args:
        size: steps to keep, at least 1.
        step: one step of the sequence, for its shape, type and device.
    """

    def __init__(self, size: int, step: Float[Tensor, "B C"]) -> None:
        self.memory = step.new_zeros(size, *step.shape)
        self.newest = 0

    def push(self, step: Float[Tensor, "B C"]) -> None:
        """Keep a step in place of the oldest."""
        self.newest = (self.newest + 1) % len(self.memory)
        self.memory[self.newest] = step

    def read(self, lags: Sequence[int]) -> Float[Tensor, "B C k"]:
        """The steps that came so long before the newest, in the order of lags."""
        places = [(self.newest - lag) % len(self.memory) for lag in lags]
        return torch.stack([self.memory[place] for place in places], dim=-1)


class CausalConv1d(nn.Module):
    """A convolution in time: step t of the output reads steps t, t - d, ..., t - (k - 1) d of the input, none later.

    Each output channel's weights are a direction and a length (weight norm, Salimans and Kingma 2016,
    https://arxiv.org/abs/1602.07868), so that a step of training can change one without the other.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        kernel_size: k, taps, at least 1.
        dilation: d, time steps from tap to tap, at least 1.

    Raises:
        ValueError: if kernel_size or dilation is less than 1.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, dilation: int = 1) -> None:
        super().__init__()
        if kernel_size < 1 or dilation < 1:
            raise ValueError(
                f"kernel_size and dilation must be at least 1, got kernel_size={kernel_size} and dilation={dilation}"
            )
        self.dilation = dilation
        self.reach = (kernel_size - 1) * dilation
        self.direction = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size))
        self.length = nn.Parameter(torch.empty(out_channels, 1, 1))
        self.bias = nn.Parameter(torch.empty(out_channels))
        init_uniform(self)

    @property
    def weight(self) -> Float[Tensor, "K C k"]:
        """The weights as they act; the last tap reads the present."""
        norm = self.direction.norm(dim=(1, 2), keepdim=True)
        return self.length * self.direction / norm

    def forward(self, x: Float[Tensor, "B C T"]) -> Float[Tensor, "B K T"]:
        x = F.pad(x, (self.reach, 0))  # zeros before the first step only
        return F.conv1d(x, self.weight, self.bias, dilation=self.dilation)

    def ring(self, step: Float[Tensor, "B C"]) -> Ring:
        """Empty memory for the steps that ``step`` reads."""
        return Ring(self.reach + 1, step)

    def step(self, x: Float[Tensor, "B C"], ring: Ring) -> Float[Tensor, "B K"]:
        """The next step of the output, from the next step of the input and the memory of those before it."""
        ring.push(x)
        taps = ring.read(range(self.reach, -1, -self.dilation))
        return torch.einsum("bck,ock->bo", taps, self.weight) + self.bias


def init_uniform(conv: CausalConv1d) -> None:
    """Weights of variance 1 / (3 C k), as ``nn.Conv1d`` draws them; biases are zero.

    A block's two convolutions then add little to its shortcut at first, so the spread hardly grows with depth.
    """
    bound = 1 / math.sqrt(conv.direction[0].numel())
    with torch.no_grad():
        conv.direction.uniform_(-bound, bound)
        conv.length.copy_(conv.direction.norm(dim=(1, 2), keepdim=True))
        conv.bias.zero_()


class TemporalBlock(nn.Module):
    """relu(f(x) + shortcut(x)), where f is twice a causal convolution, a ReLU and dropout.

    The shortcut is the identity where channels allow it, else a convolution with one tap.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        kernel_size: k, taps of both convolutions.
        dilation: d, of both convolutions, in time steps.
        dropout: share of channels set to zero while training, 0 to 1.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, *, dilation: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.conv1 = CausalConv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = CausalConv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        self.dropout = nn.Dropout1d(dropout)
        self.shortcut: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x: Float[Tensor, "B C T"]) -> Float[Tensor, "B K T"]:
        h = self.dropout(F.relu(self.conv1(x)))
        h = self.dropout(F.relu(self.conv2(h)))
        return F.relu(h + self.shortcut(x))

    def rings(self, step: Float[Tensor, "B C"]) -> list[Ring]:
        """Empty memory for both convolutions."""
        return [self.conv1.ring(step), self.conv2.ring(step.new_zeros(len(step), len(self.conv2.bias)))]

    def step(self, x: Float[Tensor, "B C"], rings: list[Ring]) -> Float[Tensor, "B K"]:
        """The next step of the output, without dropout."""
        h = F.relu(self.conv1.step(x, rings[0]))
        h = F.relu(self.conv2.step(h, rings[1]))
        return F.relu(h + self.shortcut(x[:, :, None])[:, :, 0])


class TCN(nn.Module):
    """Blocks whose dilation doubles from one to the next, then one linear map that all steps share.

    Args:
        in_channels: C, numbers at each step of the input.
        out_channels: K, numbers at each step of the output.
        channels: of the blocks, first to last.
        kernel_size: k, taps of each convolution.
        dilations: of the blocks, in time steps; by default 1, 2, 4, 8, ...
        dropout: share of channels set to zero while training, 0 to 1.

    Raises:
        ValueError: if there is no block, or another number of dilations than of blocks.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int],
        kernel_size: int,
        *,
        dilations: Sequence[int] | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        dilations = [2**i for i in range(len(channels))] if dilations is None else list(dilations)
        if not channels or len(dilations) != len(channels):
            raise ValueError(
                f"a TCN needs at least one block and a dilation for each, got channels={list(channels)} "
                f"and dilations={dilations}"
            )
        self.receptive_field = receptive_field(kernel_size, dilations)
        sizes = zip([in_channels, *channels], channels, dilations, strict=False)
        self.blocks = nn.Sequential(
            *[TemporalBlock(c, k, kernel_size, dilation=d, dropout=dropout) for c, k, d in sizes]
        )
        self.out = nn.Conv1d(channels[-1], out_channels, 1)

    def forward(self, x: Float[Tensor, "B C T"]) -> Float[Tensor, "B K T"]:
        return self.out(self.blocks(x))


class Stream:
    """Runs a TCN on a sequence that comes in step by step, with the numbers that the batch form gives.

    Memory is fixed: (k - 1) d + 1 steps for each convolution, whatever the length of the sequence.

    Args:
        model: the network; put it in ``eval()`` mode where it has dropout.
    """

    def __init__(self, model: TCN) -> None:
        self.model = model
        self.rings: list[list[Ring]] = []

    @torch.no_grad()
    def step(self, x: Float[Tensor, "B C"]) -> Float[Tensor, "B K"]:
        """The next step of the output."""
        for number, block in enumerate(self.model.blocks):
            if number == len(self.rings):  # the first step tells the size of the batch
                self.rings.append(block.rings(x))
            x = block.step(x, self.rings[number])
        return self.model.out(x[:, :, None])[:, :, 0]


def sequential_mnist() -> TCN:
    """The network of the paper's code for digits that are read pixel by pixel: 784 steps, 10 classes at each."""
    return TCN(1, 10, [25] * 8, 7)
