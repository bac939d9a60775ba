"""Recurrent networks: the plain cell (Elman 1990, https://doi.org/10.1207/s15516709cog1402_1), the LSTM (Hochreiter and
Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735, with the forget gate of Gers et al. 2000,
https://doi.org/10.1162/089976600300015015) and the GRU (Cho et al. 2014, https://arxiv.org/abs/1406.1078, sec. 2.3).

B batch, T time steps, I H sizes of an input and of a state, G rows of a matrix (H times 1, 4 or 3), V vocabulary.

A state is a tuple of ``B H`` tensors. Its first is the output h; that of an LSTM also has the cell c.

Differs from the papers:
- two bias vectors, one beside each matrix, as in ``torch.nn``; their sum alone matters except in the new content of a
  GRU; ``hidden_bias=False`` leaves one;
- the reset gate of the GRU acts after the product with the hidden matrix, as in ``torch.nn``, not before it;
- the LSTM has no peepholes, and its squashing functions are the plain sigmoid and tanh.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

State = tuple[Float[Tensor, "B H"], ...]


class Cell(nn.Module):
    """What the cells share: a matrix for the input, one for the state, and a state of zeros to start from.

    Args:
        input_size: I.
        hidden_size: H.
        hidden_bias: give the matrix of the state a bias of its own.

    Raises:
        ValueError: if a size is less than 1.
    """

    blocks = 1  # rows of H in each matrix
    parts = 1  # tensors in a state

    def __init__(self, input_size: int, hidden_size: int, *, hidden_bias: bool = True) -> None:
        super().__init__()
        if min(input_size, hidden_size) < 1:
            raise ValueError(f"sizes must be at least 1, got {input_size} and {hidden_size}")
        self.hidden_size = hidden_size
        self.input = nn.Linear(input_size, self.blocks * hidden_size)
        self.hidden = nn.Linear(hidden_size, self.blocks * hidden_size, bias=hidden_bias)

    def start(self, x: Float[Tensor, "B I"]) -> State:
        """The state before the first step: zeros, one row for each row of x."""
        return (x.new_zeros(len(x), self.hidden_size),) * self.parts

    def step(self, wx: Float[Tensor, "B G"], state: State) -> State:
        """The next state, from what the input's matrix made of x and the state before."""
        raise NotImplementedError

    def forward(self, x: Float[Tensor, "B I"], state: State) -> State:
        """The next state."""
        return self.step(self.input(x), state)


class RNNCell(Cell):
    """h becomes tanh(W x + U h + b): one layer, which also sees its last output."""

    def step(self, wx: Float[Tensor, "B G"], state: State) -> State:
        (h,) = state
        return (torch.tanh(wx + self.hidden(h)),)


class Gates(NamedTuple):
    """What an LSTM computes in one step before it changes its state; all lie in (0, 1), the content in (-1, 1)."""

    input: Float[Tensor, "B H"]
    forget: Float[Tensor, "B H"]
    content: Float[Tensor, "B H"]
    output: Float[Tensor, "B H"]


class LSTMCell(Cell):
    """c becomes forget * c + input * content, and h becomes output * tanh(c).

    The cell c goes from step to step through a sum. Where the forget gate is
    1, its gradient passes unchanged.
    """

    blocks = 4
    parts = 2

    def gates(self, wx: Float[Tensor, "B G"], state: State) -> Gates:
        """The three gates and the content that is offered to the cell."""
        i, f, g, o = (wx + self.hidden(state[0])).chunk(4, dim=1)
        return Gates(i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid())

    def step(self, wx: Float[Tensor, "B G"], state: State) -> State:
        gates = self.gates(wx, state)
        c = gates.forget * state[1] + gates.input * gates.content
        return gates.output * torch.tanh(c), c


class GRUCell(Cell):
    """h becomes a mean of itself and new content, weighted by the update gate z."""

    blocks = 3

    def step(self, wx: Float[Tensor, "B G"], state: State) -> State:
        (h,) = state
        x_r, x_z, x_n = wx.chunk(3, dim=1)
        h_r, h_z, h_n = self.hidden(h).chunk(3, dim=1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        # z h + (1 - z) n; under autocast the layers gave bfloat16, and lerp mixes no types.
        return (torch.lerp(n.to(h.dtype), h, z.to(h.dtype)),)


def unroll(
    cell: Cell,
    x: Float[Tensor, "B T I"],
    state: State | None = None,
) -> tuple[Float[Tensor, "B T H"], State]:
    """Applies one cell, with the same weights, at every step of a sequence.

    Args:
        cell: any of the three.
        x: the sequence.
        state: before the first step; zeros by default.

    Returns:
        The outputs of all steps, and the state after the last.

    Raises:
        ValueError: if the sequence has no step.
    """
    if x.shape[1] < 1:
        raise ValueError(f"there must be a step, got shape {tuple(x.shape)}")
    state = cell.start(x[:, 0]) if state is None else state
    outputs = []
    # W x waits for no state, so one product makes it for all steps.
    for wx in cell.input(x).unbind(dim=1):
        state = cell.step(wx, state)
        outputs.append(state[0])
    return torch.stack(outputs, dim=1), state


class RNN(nn.Module):
    """Layers of cells, each fed with the output sequence of the layer below; in one direction, or in both.

    In both directions a layer has a second cell, which reads from the end. Its outputs are turned round again and stand
    beside those of the first, so that both halves of output t have seen x_t.

    Args:
        cell: class of the cells.
        input_size: I.
        hidden_size: H, of each direction.
        layers: at least 1.
        bidirectional: read from both ends.
        hidden_bias: as in ``Cell``.

    Raises:
        ValueError: if layers is less than 1.
    """

    def __init__(
        self,
        cell: type[Cell],
        input_size: int,
        hidden_size: int,
        *,
        layers: int = 1,
        bidirectional: bool = False,
        hidden_bias: bool = True,
    ) -> None:
        super().__init__()
        if layers < 1:
            raise ValueError(f"layers must be at least 1, got {layers}")
        self.directions = 2 if bidirectional else 1
        sizes = [input_size] + [self.directions * hidden_size] * (layers - 1)
        # Layer by layer, in each the cell that reads forwards first.
        self.cells = nn.ModuleList(
            cell(size, hidden_size, hidden_bias=hidden_bias) for size in sizes for _ in range(self.directions)
        )

    def forward(
        self,
        x: Float[Tensor, "B T I"],
        states: Sequence[State] | None = None,
    ) -> tuple[Float[Tensor, "B T DH"], list[State]]:
        """Read sequences.

        Args:
            x: the sequences.
            states: before the first step, one for each cell; zeros by default.

        Returns:
            The outputs of the top layer, DH being H or, in both directions,
            2 H; and the last state of each cell.

        Raises:
            ValueError: if there are not as many states as cells.
        """
        starts = [None] * len(self.cells) if states is None else states
        if len(starts) != len(self.cells):
            raise ValueError(f"{len(self.cells)} cells, but {len(starts)} states")
        last: list[State] = []
        while len(last) < len(self.cells):
            outputs = []
            for direction in range(self.directions):
                cell, start = self.cells[len(last)], starts[len(last)]
                h, state = unroll(cell, x.flip(1) if direction else x, start)
                outputs.append(h.flip(1) if direction else h)
                last.append(state)
            x = torch.cat(outputs, dim=2)
        return x, last


class CharacterModel(nn.Module):
    """Foretells the next character: a vector for each character, a recurrent network, and a score for each next one.

    Args:
        vocabulary: V, number of characters.
        recurrent: takes (x, state) and returns (outputs, state): ``RNN``, or one of ``torch.nn`` with
            ``batch_first=True``. Its state is passed on as it is.
        input_size: I of the recurrent network.
        hidden_size: H of the recurrent network.
    """

    def __init__(self, vocabulary: int, recurrent: nn.Module, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, input_size)
        self.recurrent = recurrent
        self.head = nn.Linear(hidden_size, vocabulary)

    def forward(self, x: Int[Tensor, "B T"], state: Any = None) -> tuple[Float[Tensor, "B V T"], Any]:
        """Scores of the next character at every step, as the cross-entropy wants them, and the last state."""
        h, state = self.recurrent(self.embedding(x), state)
        return self.head(h).mT, state


@torch.no_grad()
def sample(
    model: CharacterModel,
    prompt: Int[Tensor, " T"],
    length: int,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Int[Tensor, " length"]:
    """Writes on after a prompt, drawing one character after the other. Each step costs the same: the state is the past.

    Args:
        model: left in the mode it is in.
        prompt: at least one character.
        length: characters to draw, at least 1.
        temperature: above 0; the scores are divided by it.
        generator: of the draws.

    Raises:
        ValueError: if length is less than 1 or temperature is not above 0.
    """
    if length < 1 or temperature <= 0:
        raise ValueError(f"length must be at least 1 and temperature above 0, got {length} and {temperature}")
    drawn: list[Tensor] = []
    scores, state = model(prompt[None])
    while True:
        p = (scores[0, :, -1] / temperature).softmax(dim=0)
        drawn.append(torch.multinomial(p, 1, generator=generator))
        if len(drawn) == length:
            return torch.cat(drawn)
        scores, state = model(drawn[-1][None], state)


def detach(state: Any) -> Any:
    """The same state with no memory of how it came about: tensors, also in lists and tuples, or None."""
    if isinstance(state, list | tuple):
        return type(state)(detach(part) for part in state)
    return state if state is None else state.detach()


def truncated_losses(
    model: Callable[[Tensor, Any], tuple[Tensor, Any]],
    x: Tensor,
    y: Tensor,
    length: int,
    *,
    loss_fn: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
    state: Any = None,
) -> Iterator[Tensor]:
    """Truncated back-propagation through time (Williams and Peng 1990): the loss of one segment after the other.

    The state goes on from segment to segment, the gradient does not. Take the ``backward()`` of each loss before asking
    for the next; whether the weights move after each segment is the caller's choice.

    Args:
        model: (x, state) to (output, state).
        x: inputs, time along axis 1.
        y: targets, time along axis 1.
        length: steps of a segment, at least 1; the last may be shorter.
        loss_fn: (output, targets) to a mean loss.
        state: before the first step.

    Raises:
        ValueError: if length is less than 1 or x and y differ in steps.
    """
    if length < 1 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"segments need at least 1 step, as many in x as in y: got {length}, {x.shape[1]}, {y.shape[1]}"
        )
    for x_part, y_part in zip(x.split(length, dim=1), y.split(length, dim=1), strict=True):
        output, state = model(x_part, state)
        yield loss_fn(output, y_part)
        state = detach(state)


def clip_gradients(parameters: Iterable[nn.Parameter], limit: float) -> Tensor:
    """Scales all gradients by one factor if their norm, taken over all together, is above a limit (Pascanu et al. 2013,
    https://arxiv.org/abs/1211.5063, sec. 3.2). One factor for all keeps the direction of the step.

    Args:
        parameters: those without a gradient are passed over.
        limit: largest norm, above 0.

    Returns:
        The norm before.

    Raises:
        ValueError: if limit is not above 0.
    """
    if limit <= 0:
        raise ValueError(f"limit must be above 0, got {limit}")
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.stack([g.norm() for g in gradients]).norm() if gradients else torch.tensor(0.0)
    factor = (limit / (norm + 1e-6)).clamp(max=1.0)  # torch adds the same millionth
    for g in gradients:
        g.mul_(factor)
    return norm


def gradient_through_time(
    cell: Cell, x: Float[Tensor, "B T I"], direction: Float[Tensor, "B H"]
) -> Float[Tensor, "B T"]:
    """How much of a gradient at the last output arrives at each state before it.

    Args:
        cell: any of the three.
        x: sequences.
        direction: the gradient at the last output.

    Returns:
        The norm of the gradient at the state after step t, all its parts together.
    """
    state, states = cell.start(x[:, 0]), []
    for x_t in x.unbind(dim=1):
        # Copies: the h of an LSTM is made from its c, and the next step takes both as given.
        state = tuple(part.clone().requires_grad_() for part in cell(x_t, state))
        states.append(state)
    flat = [part for state in states for part in state]
    grads = torch.autograd.grad((state[0] * direction).sum(), flat, allow_unused=True, materialize_grads=True)
    by_step = torch.stack(grads).unflatten(0, (len(states), cell.parts))
    return by_step.pow(2).sum(dim=(1, 3)).sqrt().mT
