"""The figure of the chapter `rnn`: what the gates of an LSTM do while it reads a string."""

import traitlets
from torch import nn

from dlarch.play import Play


class GateValues(Play):
    """An LSTM of one layer that reads a string symbol by symbol and foretells the next one.

    Attributes:
        symbols: the alphabet, one character each.
        strings: what may be read, each of 3 symbols or more.
        weights: ``input`` and ``hidden``, the matrices with the blocks input, forget, content, output; ``bias``; and
            ``head`` with ``head_bias``, which make scores of the output.
        string: number of the string that is read.
        other: change the second symbol: T for P, P for T.
        unit: number of the cell that is shown.
        step: symbols read, at least 1.
    """

    symbols = traitlets.Unicode().tag(sync=True)
    strings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    string = traitlets.Int(0, min=0).tag(sync=True)
    other = traitlets.Bool(False).tag(sync=True)
    unit = traitlets.Int(0, min=0).tag(sync=True)
    step = traitlets.Int(1, min=1).tag(sync=True)

    @classmethod
    def of(cls, lstm: nn.LSTM, head: nn.Linear, symbols: str, strings: list[str], **traits: object) -> "GateValues":
        """The figure of a trained LSTM.

        Args:
            lstm: one layer in one direction, which takes one-hot symbols.
            head: from its outputs to a score for each symbol.
            symbols: the alphabet, in the order of the inputs.
            strings: what may be read.

        Raises:
            ValueError: if the LSTM has several layers or directions, or takes another number of inputs.
        """
        if lstm.num_layers > 1 or lstm.bidirectional or lstm.input_size != len(symbols):
            raise ValueError(
                f"the figure shows one layer in one direction with {len(symbols)} inputs, "
                f"got {lstm.num_layers} layers, bidirectional={lstm.bidirectional} and {lstm.input_size} inputs"
            )
        tensors = {
            "input": lstm.weight_ih_l0,
            "hidden": lstm.weight_hh_l0,
            "bias": lstm.bias_ih_l0 + lstm.bias_hh_l0,
            "head": head.weight,
            "head_bias": head.bias,
        }
        weights = {name: _rounded(tensor.detach().tolist()) for name, tensor in tensors.items()}
        return cls(symbols=symbols, strings=strings, weights=weights, **traits)


def _rounded(numbers: list) -> list:
    return [_rounded(x) if isinstance(x, list) else round(x, 4) for x in numbers]
