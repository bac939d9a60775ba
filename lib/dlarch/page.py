"""Sentences and tables that a cell of the book makes from its own numbers.

Pages that use it set ``mystnb: {render_markdown_format: myst}``, so that the text may hold formulas, terms and links.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

from IPython.display import Markdown, display
from torch import Tensor, nn

from dlarch import measure
from dlarch.plots import set_signs

VERBATIM = re.compile(r"(`[^`]*`|\$[^$]*\$)")  # code and formulas


def say(text: str) -> None:
    """Show Markdown as text of the page, with a true minus before numbers and a no-break space before percent signs."""
    pieces = VERBATIM.split(text)
    pieces[::2] = map(set_signs, pieces[::2])
    display(Markdown("".join(pieces)))


def spread(values: Iterable[Any], form: str = ".1f") -> str:
    """Mean of several runs with the lowest and the highest, each written as ``form`` says: "96.1 (95.8 to 96.4)".

    Args:
        values: numbers, a tensor of one axis, or tensors of one number.
        form: format of each, as in an f-string.

    Raises:
        ValueError: if there are no values.
    """
    values = [float(value) for value in values]
    if not values:
        raise ValueError("spread needs at least one value, got none")
    text = f"{mean(values):{form}} ({min(values):{form}} to {max(values):{form}})"
    return text.replace("-", "\N{MINUS SIGN}")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Show a table; the first column holds names and stands left, the others hold numbers and stand right.

    Args:
        columns: the heads.
        rows: one entry for each column; what is not text is written with thousands separated.

    Raises:
        ValueError: if a row has another number of entries than there are columns.
    """
    lines = [columns, ["---", *["--:"] * (len(columns) - 1)]]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row needs {len(columns)} entries, one for each of {list(columns)}, got {list(row)}")
        lines.append([entry if isinstance(entry, str) else f"{entry:,}" for entry in row])
    say("\n".join(f"| {' | '.join(line)} |" for line in lines))


def cost(models: Mapping[str, tuple[nn.Module, *tuple[Any, ...]]]) -> None:
    """Show what models cost, in the columns that are the same in every chapter.

    Args:
        models: name of the model to the model and the inputs of one call, with a batch of one.
    """
    columns = ["model", "input", "parameters", "multiply-accumulates", "kept for the backward pass"]
    rows = []
    for name, (model, *inputs) in models.items():
        # A view keeps all that lies behind it; what the model keeps is the input alone.
        inputs = [given.clone() if isinstance(given, Tensor) else given for given in inputs]
        rows.append(
            [
                name,
                "×".join(str(size) for size in inputs[0].shape[1:]),
                f"{measure.count_parameters(model):,}",
                _amount(measure.count_macs(model, *inputs)),
                _memory(measure.activation_bytes(model, *inputs)),
            ]
        )
    table(columns, rows)


def _amount(count: int) -> str:
    return f"{count:,}" if count < 100_000_000 else f"{count / 1e9:.2f} G"


def _memory(count: int) -> str:
    return f"{count:,} bytes" if count < 1_000_000 else f"{count / 1e6:.1f} MB"
