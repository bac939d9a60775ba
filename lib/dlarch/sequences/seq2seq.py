"""Sequence to sequence: one recurrent network reads, a second one writes from the last state of the first (Sutskever,
Vinyals and Le 2014, https://arxiv.org/abs/1409.3215, sec. 2; with gated units, Cho et al. 2014,
https://arxiv.org/abs/1406.1078, sec. 2.2).

B batch, S T length of source and target, V vocabulary, D size of the embedding and of the state, W width of a beam.

Padding stands behind a sequence. ``lengths`` counts what is real; without it everything is.

Differs from the papers:
- one layer of GRUs on each side, where Sutskever et al. stack four of LSTMs;
- the state of the reader only starts the writer, where Cho et al. show it to the writer at each step again.

``greedy`` and ``beam_search`` write with any model that has the two methods of ``Writer``.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

IGNORE = -100  # the target of padding, which counts in no loss

State = tuple[Tensor, ...]


@runtime_checkable
class Writer(Protocol):
    """What the search needs of a model. The first axis of each part of a state is B, so that rows can be picked."""

    def start(self, source: Int[Tensor, "B S"], lengths: Int[Tensor, " B"] | None = None) -> State:
        """The state before the first symbol is written."""

    def step(self, tokens: Int[Tensor, " B"], state: State) -> tuple[Float[Tensor, "B V"], State]:
        """Logits of the symbol that follows ``tokens``, the newest ones, and the state with them in it."""


class Encoder(nn.Module):
    """Reads a sequence with a GRU and keeps the state after each symbol.

    A GRU that reads forwards knows nothing of what stands behind. So padding
    can't change the states before it, and only the last one must be picked.

    Args:
        vocabulary: V, number of symbols.
        hidden_size: D.
    """

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(
        self,
        source: Int[Tensor, "B S"],
        lengths: Int[Tensor, " B"] | None = None,
    ) -> tuple[Float[Tensor, "B S D"], Float[Tensor, "B D"]]:
        """The state after each symbol, and the one after the last real symbol.

        Args:
            source: symbols to read, padded behind with any symbol.
            lengths: number of real symbols in each row, 1 to S.

        Raises:
            ValueError: if a length is less than 1 or more than S.
        """
        states, last = self.rnn(self.embedding(source))
        if lengths is None:
            return states, last[0]
        if ((lengths < 1) | (lengths > source.shape[1])).any():
            got = f"got {lengths.tolist()}"
            raise ValueError(f"lengths must lie in 1 to {source.shape[1]}, {got}")
        rows = torch.arange(len(source), device=source.device)
        return states, states[rows, lengths - 1]


class Decoder(nn.Module):
    """Writes a sequence with a GRU that starts from one state.

    Another decoder fits into ``Seq2Seq`` if it has ``start`` and ``forward``
    and keeps what it needs of the source in its state.

    Args:
        vocabulary: V, number of symbols.
        hidden_size: D.
    """

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, vocabulary)

    def start(
        self,
        states: Float[Tensor, "B S D"],
        last: Float[Tensor, "B D"],
        lengths: Int[Tensor, " B"],
    ) -> State:
        """The last state of the reader; the rest is left unused."""
        return (last,)

    def forward(
        self,
        previous: Int[Tensor, "B T"],
        state: State,
    ) -> tuple[Float[Tensor, "B T V"], State]:
        """Logits of the symbol after each of ``previous``, and the last state."""
        h, last = self.rnn(self.embedding(previous), state[0][None])
        return self.out(h), (last[0],)


class Seq2Seq(nn.Module):
    """An encoder and a decoder; called with the true target, it is taught.

    Args:
        encoder: from (source, lengths) to all its states and the last one.
        decoder: with ``start(states, last, lengths)`` and
            ``forward(previous, state)``, as ``Decoder`` has them.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def start(
        self,
        source: Int[Tensor, "B S"],
        lengths: Int[Tensor, " B"] | None = None,
    ) -> State:
        """Reads the source; the state before the first symbol is written."""
        states, last = self.encoder(source, lengths)
        if lengths is None:
            lengths = source.new_full((len(source),), source.shape[1])
        return self.decoder.start(states, last, lengths)

    def step(
        self,
        tokens: Int[Tensor, " B"],
        state: State,
    ) -> tuple[Float[Tensor, "B V"], State]:
        """Logits of the symbol after ``tokens``, and the next state."""
        logits, state = self.decoder(tokens[:, None], state)
        return logits[:, 0], state

    def forward(
        self,
        source: Int[Tensor, "B S"],
        previous: Int[Tensor, "B T"],
        lengths: Int[Tensor, " B"] | None = None,
    ) -> Float[Tensor, "B T V"]:
        """Teacher forcing: logits of each symbol, given the true ones before.

        Args:
            source: symbols to read.
            previous: the start sign, then the target without its last symbol.
            lengths: number of real symbols in each row of the source.
        """
        return self.decoder(previous, self.start(source, lengths))[0]


def pad(sequences: Sequence[Int[Tensor, " _"]], value: int = 0) -> tuple[Int[Tensor, "B S"], Int[Tensor, " B"]]:
    """Puts sequences of several lengths into one tensor, one a row.

    Args:
        sequences: at least one.
        value: written behind the shorter ones.

    Returns:
        The rows, and how many symbols of each are real.
    """
    rows = nn.utils.rnn.pad_sequence(list(sequences), batch_first=True, padding_value=value)
    return rows, torch.tensor([len(sequence) for sequence in sequences])


def teach(
    sequences: Sequence[Int[Tensor, " _"]], *, start: int, end: int
) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B T"]]:
    """What the writer is shown, and what it shall write: the second is the first, one step later.

    Args:
        sequences: targets without any sign.
        start: the sign shown before the first symbol; never a target.
        end: the sign to write behind the last symbol; also shown where there
            is only padding.

    Returns:
        previous, and targets with ``IGNORE`` behind the end sign.
    """
    previous = [nn.functional.pad(sequence, (1, 0), value=start) for sequence in sequences]
    target = [nn.functional.pad(sequence, (0, 1), value=end) for sequence in sequences]
    return pad(previous, end)[0], pad(target, IGNORE)[0]


def masked_loss(
    logits: Float[Tensor, "B V T"],
    target: Int[Tensor, "B T"],
) -> Float[Tensor, ""]:
    """The mean cross-entropy in nats over the targets that are not padding.

    Equals ``cross_entropy`` of ``torch.nn.functional``, which leaves -100 out
    by itself; here one can read what that means.

    Args:
        logits: scores of the symbols along the middle axis.
        target: true symbols, ``IGNORE`` for padding.

    Raises:
        ValueError: if every target is padding.
    """
    real = target != IGNORE
    if not real.any():
        raise ValueError(f"all {target.numel()} targets are padding")
    log_p = logits.log_softmax(dim=1)
    picked = log_p.gather(1, target.where(real, 0)[:, None])[:, 0]  # B T
    return -(picked * real).sum() / real.sum()


def own_symbols(
    model: Writer,
    source: Int[Tensor, "B S"],
    previous: Int[Tensor, "B T"],
    lengths: Int[Tensor, " B"] | None = None,
    *,
    truth: float = 0.0,
) -> Float[Tensor, "B T V"]:
    """Logits of a writer that is shown its own symbols: free running, with gradients.

    With ``truth`` between 0 and 1 a coin decides at each step, as in scheduled
    sampling (Bengio et al. 2015, https://arxiv.org/abs/1506.03099), where the
    chance of the truth falls in the course of training. The choice of a
    symbol passes no gradient back.

    Args:
        model: the writer.
        source: symbols to read.
        previous: the start sign and the true symbols, as in teacher forcing.
        lengths: number of real symbols in each row of the source.
        truth: chance that a true symbol is shown in place of the own one.
    """
    state, shown, logits = model.start(source, lengths), previous[:, 0], []
    for t in range(previous.shape[1]):
        if t > 0:
            own = logits[-1].argmax(dim=-1)
            told = torch.rand(len(own), device=own.device) < truth
            shown = torch.where(told, previous[:, t], own)
        row, state = model.step(shown, state)
        logits.append(row)
    return torch.stack(logits, dim=1)


@torch.no_grad()
def greedy(
    model: Writer,
    source: Int[Tensor, "B S"],
    length: int,
    *,
    start: int,
    end: int | None = None,
    lengths: Int[Tensor, " B"] | None = None,
) -> Int[Tensor, "B T"]:
    """Writes the likeliest symbol, then the likeliest after that, and so on.

    Args:
        model: the writer.
        source: symbols to read.
        length: T, the most symbols to write, the end sign included.
        start: the sign that stands before the first symbol.
        end: the sign after which nothing follows; rows that have ended repeat
            it until all have. Without it, each row gets ``length`` symbols.
        lengths: number of real symbols in each row of the source.

    Raises:
        ValueError: if length is less than 1.
    """
    if length < 1:
        raise ValueError(f"length must be at least 1, got {length}")
    state = model.start(source, lengths)
    token = source.new_full((len(source),), start)
    ended = torch.zeros_like(token, dtype=torch.bool)
    written = []
    while len(written) < length and not ended.all():
        logits, state = model.step(token, state)
        token = logits.argmax(dim=-1)
        if end is not None:
            token = token.masked_fill(ended, end)
            ended = token == end
        written.append(token)
    return torch.stack(written, dim=1)


class Beam(NamedTuple):
    """What a beam search found, best first.

    Attributes:
        tokens: "B W T", the end sign repeated behind the first one.
        log_p: "B W", log-probability in nats of the symbols and the end sign;
            minus infinity where fewer than W sequences exist.
        scores: "B W", log_p divided by a power of the number of symbols.
    """

    tokens: Tensor
    log_p: Tensor
    scores: Tensor


@torch.no_grad()
def beam_search(
    model: Writer,
    source: Int[Tensor, "B S"],
    width: int,
    length: int,
    *,
    start: int,
    end: int,
    lengths: Int[Tensor, " B"] | None = None,
    alpha: float = 0.0,
) -> Beam:
    """Keeps the ``width`` best beginnings at each step, not only the best one.

    A sequence that has ended stays in the beam as it is and competes. Every
    symbol more lowers a log-probability, so that bare sums prefer what is
    short; alpha makes up for it.

    Args:
        model: the writer.
        source: symbols to read.
        width: W, at least 1; with 1, the search is greedy.
        length: T, the most symbols to write, the end sign included.
        start: the sign that stands before the first symbol.
        end: the sign after which nothing follows.
        lengths: number of real symbols in each row of the source.
        alpha: the score is log_p / n^alpha for n symbols, the end sign counted:
            0 compares sums, 1 compares means.

    Raises:
        ValueError: if width or length is less than 1.
    """
    if min(width, length) < 1:
        raise ValueError(f"width and length must be at least 1, got {width} and {length}")
    batch = len(source)
    first = torch.arange(batch, device=source.device)[:, None] * width  # row of the first of each beam
    state = tuple(part.repeat_interleave(width, dim=0) for part in model.start(source, lengths))
    token = source.new_full((batch * width,), start)
    tokens = source.new_empty(batch, width, 0)
    log_p = torch.full((batch, width), -torch.inf, device=source.device)
    log_p[:, 0] = 0.0  # all beginnings are still the same one: keep it once
    n = torch.zeros(batch, width, device=source.device)
    ended = torch.zeros(batch, width, dtype=torch.bool, device=source.device)
    while tokens.shape[2] < length and not ended.all():
        logits, state = model.step(token, state)
        step = logits.log_softmax(dim=-1).unflatten(0, (batch, width))  # B W V
        vocabulary = step.shape[2]
        only_end = torch.full_like(step[0, 0], -torch.inf)
        only_end[end] = 0.0
        step = torch.where(ended[..., None], only_end, step)
        n = n + ~ended
        total = log_p[..., None] + step  # B W V
        scores = (total / n[..., None] ** alpha).flatten(1)
        best = scores.topk(width).indices  # B W, into W V
        parent, symbol = best // vocabulary, best % vocabulary
        log_p = total.flatten(1).gather(1, best)
        n, ended = n.gather(1, parent), ended.gather(1, parent) | (symbol == end)
        kept = tokens.gather(1, parent[..., None].expand(-1, -1, tokens.shape[2]))
        tokens = torch.cat([kept, symbol[..., None]], dim=2)
        state = tuple(part[(first + parent).flatten()] for part in state)
        token = symbol.flatten()
    return Beam(tokens, log_p, log_p / n**alpha)
