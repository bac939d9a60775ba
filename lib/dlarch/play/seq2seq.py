"""The figure of the chapter `seq2seq`: the tree of a beam search, which the page itself searches."""

import itertools

import torch
import traitlets
from torch import Tensor

from dlarch.play import Play
from dlarch.sequences.seq2seq import Writer


class Tree(Play):
    """Beginnings of a few symbols, which of them a beam keeps, and whether it finds the best of all.

    Attributes:
        sources: name of a source to the probabilities of the next symbol after each beginning, as ``continuations``
            returns them.
        symbols: one letter each; the last is the end sign.
        length: the most symbols to write, the end sign included.
        source: which source is shown.
        width: beginnings that are kept.
        alpha: power of the length by which log-probabilities are divided.
        step: how many steps are shown.
    """

    sources = traitlets.Dict().tag(sync=True)
    symbols = traitlets.Unicode().tag(sync=True)
    length = traitlets.Int(4, min=1).tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int(2, min=1, max=3).tag(sync=True)
    alpha = traitlets.Float(0.0).tag(sync=True)
    step = traitlets.Int(4, min=1).tag(sync=True)


@torch.no_grad()
def continuations(model: Writer, source: Tensor, symbols: str, length: int) -> dict[str, list[float]]:
    """The probabilities of the next symbol after every beginning that has not ended.

    Args:
        model: writes the symbols 0 to V - 1, of which the last is start and end sign.
        source: one sequence to read, shape (S,).
        symbols: a letter for each.
        length: the most symbols to write.
    """
    end, found = len(symbols) - 1, {}
    for n in range(length):
        for beginning in itertools.product(range(end), repeat=n):
            state = model.start(source[None])
            for token in (end, *beginning):
                logits, state = model.step(torch.tensor([token]), state)
            name = "".join(symbols[token] for token in beginning)
            found[name] = [round(p, 5) for p in logits[0].softmax(dim=-1).tolist()]
    return found
