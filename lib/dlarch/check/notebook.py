"""What a notebook calls: ``check`` beside the student, ``score`` in a hidden cell of plain nbgrader."""

import base64
import html
import json
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlarch.check.run import collect, source_of
from dlarch.check.tasks import Task
from dlarch.check.verdict import Line, Verdict, judge

STATES = {"right": "holds", "wrong": "not yet", "unwritten": "not written yet", "refused": "not allowed"}


@dataclass(frozen=True)
class Report:
    """What ``check`` shows: a card in JupyterLab, plain text elsewhere."""

    title: str
    state: str
    message: str
    lines: tuple[Line, ...] = ()
    note: str = ""

    @property
    def heading(self) -> str:
        word = STATES.get(self.state)
        return f"{self.title}: {word}" if word else self.title

    def __repr__(self) -> str:
        rows = [f"{'✓' if self.state == 'right' else '✗'} {self.heading}", f"  {self.message}"]
        rows += [f"  {'✓' if line.passed else '✗'} {_sentence(line)}" for line in self.lines]
        return "\n".join(rows + ([f"  {self.note}"] if self.note else []))

    def _repr_html_(self) -> str:
        right = self.state == "right"
        colour = "var(--jp-success-color1, #2e7d32)" if right else "var(--jp-warn-color1, #b26a00)"
        items = "".join(
            f'<li style="margin:0.15em 0"><span aria-hidden="true">{"✓" if line.passed else "✗"}</span> '
            f"{html.escape(_sentence(line))}</li>"
            for line in self.lines
        )
        listing = f'<ul style="list-style:none;margin:0.4em 0 0;padding:0">{items}</ul>' if items else ""
        note = f'<p style="margin:0.4em 0 0;opacity:0.8">{html.escape(self.note)}</p>' if self.note else ""
        return (
            f'<section role="status" aria-label="{html.escape(self.heading, quote=True)}" '
            f'style="border-left:4px solid {colour};padding:0.4em 0.8em;margin:0.2em 0;color:inherit;'
            f'max-width:46em;line-height:1.45"><strong>{"✓" if right else "✗"} {html.escape(self.heading)}</strong>'
            f'<p style="margin:0.3em 0 0">{html.escape(self.message)}</p>{listing}{note}</section>'
        )


def _sentence(line: Line) -> str:
    return f"{line.description}: {'holds' if line.passed else line.detail}"


class NotHeld(AssertionError):
    """A check does not hold; nbgrader's *Validate* takes anything but an error for success."""


def check(name: str, namespace: dict[str, Any] | None = None) -> Report:
    """Run the visible probes of a task on the answer in this notebook and say what they show.

    Args:
        name: of the task, as written in the exercise.
        namespace: where the answer lives; the notebook from which this is called if not given.

    Returns:
        A report; if the check cannot be made, it says why.

    Raises:
        NotHeld: if the check does not hold, and only where nbgrader validates the notebook.
    """
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    found = _check(name, namespace)
    if found.state != "right" and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise NotHeld(repr(found))
    return found


def _check(name: str, namespace: dict[str, Any]) -> Report:
    path = Path("checks.json")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        tasks = data["tasks"]
        if name not in tasks:
            known = ", ".join(tasks)
            return Report(f"check({name!r})", "unknown", f"There is no check of that name here. There are: {known}.")
        task = Task.from_json(tasks[name])
    except FileNotFoundError:
        return Report(
            f"check({name!r})",
            "unknown",
            "The file checks.json was not found beside this notebook. Download it again from the exercise's page "
            f"and put it into {Path.cwd()}.",
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        message = "The file checks.json beside this notebook is damaged. Download it again from the exercise's page."
        return Report(f"check({name!r})", "unknown", message)
    verdict = judge(task, collect(task.probes, namespace), source_of(task.defines, namespace))
    return report(verdict, task)


def report(verdict: Verdict, task: Task) -> Report:
    """The report of a verdict on the visible probes of a task."""
    lines = verdict.lines if verdict.state in ("right", "wrong") else ()
    left = task.hidden - sum(probe.hidden for probe in task.probes)
    note, message = "", verdict.message
    if verdict.state == "right" and left:
        message = "Right so far."
        note = f"{left} more {'check runs' if left == 1 else 'checks run'} when it is graded."
    if verdict.state == "wrong" and verdict.misconception is None and lines:
        message = "Not yet: these lines tell what was tried and where your results part from the expected ones."
    return Report(verdict.task, verdict.state, message, lines, note)


def pack(task: Task) -> str:
    """A task as one line of text, for a hidden test cell."""
    return base64.b64encode(zlib.compress(json.dumps(task.to_json()).encode(), 9)).decode()


def score(payload: str, namespace: dict[str, Any]) -> float:
    """Run all probes of a packed task and print the message: the hidden test cell of plain nbgrader.

    nbgrader reads the cell's value. Anything on stderr would count as failed, anything but a float between 0 and the
    points would count as full marks or stop the batch, so this ends in such a float whatever happens.
    """
    try:
        task = Task.from_json(json.loads(zlib.decompress(base64.b64decode(payload))))
        verdict = judge(task, collect(task.probes, namespace), source_of(task.defines, namespace))
        print(verdict.message)
        return float(min(max(verdict.points, 0.0), task.points))
    except Exception as error:
        print(f"The check could not be made ({type(error).__name__}), so it earns no points.")
        return 0.0
