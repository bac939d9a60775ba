"""What a student can run before handing in: the whole notebook from top to bottom, and what each check says."""

import json
import logging
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coursekit.grading.intake import Refused, read

CALL = re.compile(r"""check\(["']([\w-]+)["']\)""")
CELL_SECONDS = 120


@dataclass(frozen=True)
class Check:
    """What one check of the notebook said; ``passed`` tells whether it held, ``points`` what it is worth."""

    name: str
    passed: bool
    text: str
    points: float


def run(notebook: Path) -> Iterator[Check]:
    """Execute a notebook beside its checks.json and yield what each check said, in order.

    The notebook on disk is left as it is. It runs without a sandbox, for it is the caller's own.

    Raises:
        Refused: if the file is missing, is no notebook, has no checks, or ends Python itself when it is run.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    if not notebook.is_file():
        raise Refused(f"There is no file {notebook}: give a notebook, such as exercises/linear/linear.ipynb.")
    data = notebook.read_bytes()
    if not any(CALL.search(cell.source) for cell in read(data) if cell.kind == "code"):
        raise Refused(f"{notebook} has no check cells: is it one of the course's exercises?")
    try:
        tasks = json.loads((notebook.parent / "checks.json").read_text(encoding="utf-8"))["tasks"]
        points = {name: float(task.get("points", 0)) for name, task in tasks.items()}
    except FileNotFoundError:
        raise Refused(f"There is no checks.json beside {notebook}: it comes with the exercise, put it there.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(f"The checks.json beside {notebook} is damaged: take the one that came with it.") from None
    document = nbformat.reads(data.decode(), as_version=4)
    resources = {"metadata": {"path": str(notebook.parent)}}
    client = NotebookClient(
        document, timeout=CELL_SECONDS, interrupt_on_timeout=True, allow_errors=True, resources=resources
    )
    # What it would say of a cell that takes too long stands in that cell's report.
    client.log = logging.Logger("quiet", logging.CRITICAL)
    try:
        client.execute(stderr=subprocess.DEVNULL)  # the kernel's own log; what cells print there stays in the notebook
    except DeadKernelError:
        raise Refused(f"{notebook} ended Python itself: look for a cell that exits or takes all the memory.") from None
    for cell in document.cells:
        if cell.cell_type == "code" and (call := CALL.fullmatch(cell.source.strip())):
            text = _said(cell.outputs)
            yield Check(call[1], text.startswith("✓"), text, points.get(call[1], 0.0))


def _said(outputs: list) -> str:
    """The plain text of a check's report, or of the error that came in its place."""
    for output in outputs:
        if output.output_type == "execute_result":
            return output.data.get("text/plain", "")
        if output.output_type == "error" and output.ename == "KeyboardInterrupt":
            return f"✗ stopped after {CELL_SECONDS} seconds: an answer does not come to an end, or takes very long"
        if output.output_type == "error":
            return f"✗ stopped by {output.ename}: {output.evalue}"
    return "✗ the check said nothing: run the notebook from the top and look for the first error"
