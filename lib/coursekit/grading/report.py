"""What students and instructors read: one page a submission, one page for the class, one table of grades.

Every text is escaped by the template. Of outputs only text and pictures are shown, pictures as images, in which no
script runs. Of hidden checks a student sees what was tried and what their code gave, never an input or a key.
"""

import base64
import csv
import io
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from coursekit.grading.unit import Result
from coursekit.release import Bundle
from dlarch.check import Verdict

LONGEST_OUTPUT = 20_000
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
STATES = {
    "graded": "graded",
    "tampered": "graded; locked cells were restored",
    "timed out": "stopped: it ran too long",
    "crashed": "Python ended early",
    "out of memory": "ended: it used too much memory",
    "unreadable": "could not be read",
}


@dataclass(frozen=True)
class Entry:
    """One submission in the class: whose, its result, and what was given by hand (None: not yet)."""

    student: str
    result: Result
    by_hand: Mapping[str, float | None]

    @property
    def points(self) -> float:
        return self.result.points + sum(points or 0.0 for points in self.by_hand.values())

    @property
    def max_points(self) -> float:
        return self.result.max_points + sum(written.max_points for written in self.result.written)

    @property
    def waiting(self) -> bool:
        """Whether an answer still has to be graded by hand."""
        return None in self.by_hand.values()


def feedback(entry: Entry, bundle: Bundle) -> str:
    """The page for one student and exercise, self-contained HTML."""
    result = entry.result
    all_cells = result.notebook["cells"] if result.notebook else []
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in all_cells}
    answers = {task.name: task.answer for task in bundle.tasks}
    shown: set[str] = set()
    checks = []
    for verdict in result.checks:
        answer = answers.get(verdict.task, verdict.task)
        cell = None if answer in shown else cells.get(f"answer-{answer}")
        shown.add(answer)
        checks.append({"verdict": verdict, "word": word(verdict), "answer": answer, "cell": cell and _cell(cell)})
    own = [_cell(cell) for cell in all_cells if cell["id"].startswith("added-")]
    return _template("feedback").render(
        entry=entry, result=result, checks=checks, own=own, title=title_of(bundle), state=STATES[result.state]
    )


def overview(entries: Sequence[Entry], titles: Mapping[str, str], about: str = "") -> str:
    """The page for the class: students by exercises, with links to their pages."""
    students: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        students.setdefault(entry.student, {})[entry.result.exercise] = entry
    exercises = sorted({entry.result.exercise for entry in entries})
    summaries = [_summary(name, titles, [e for e in entries if e.result.exercise == name]) for name in exercises]
    return _template("overview").render(
        students=dict(sorted(students.items())), exercises=exercises, summaries=summaries, states=STATES, about=about
    )


def grades_csv(entries: Iterable[Entry]) -> str:
    """One row a submission: totals, then a column for every check and written answer of every exercise.

    A cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    entries = list(entries)
    columns = dict.fromkeys(
        f"{entry.result.exercise}: {name}"
        for entry in sorted(entries, key=lambda entry: entry.result.exercise)
        for name in (*(v.task for v in entry.result.checks), *(w.name for w in entry.result.written))
    )
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["student", "exercise", "total", "max", "state", "to grade by hand", *map(plain_cell, columns)])
    for entry in entries:
        result = entry.result
        points: dict[str, float | None] = {f"{result.exercise}: {v.task}": v.points for v in result.checks}
        points |= {f"{result.exercise}: {name}": score for name, score in entry.by_hand.items()}
        row = [entry.student, result.exercise, f"{entry.points:g}", f"{entry.max_points:g}", result.state]
        row.append("yes" if entry.waiting else "")
        row += ["" if points.get(column) is None else f"{points[column]:g}" for column in columns]
        writer.writerow([plain_cell(cell) for cell in row])
    return file.getvalue()


def plain_cell(text: str) -> str:
    """The text of a table cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def word(verdict: Verdict) -> str:
    """The outcome of a check in words."""
    words = {"right": "right", "wrong": "not right", "unwritten": "not written", "refused": "not allowed"}
    return words.get(verdict.state, "no result")


def _summary(name: str, titles: Mapping[str, str], entries: list[Entry]) -> dict[str, Any]:
    named: dict[str, int] = {}
    for entry in entries:
        for message in {verdict.message for verdict in entry.result.checks if verdict.misconception}:
            named[message] = named.get(message, 0) + 1
    return {
        "name": name,
        "title": titles.get(name, name),
        "count": len(entries),
        "median": statistics.median(entry.points for entry in entries),
        "max": entries[0].max_points,
        "waiting": sum(entry.waiting for entry in entries),
        "misconceptions": sorted(named.items(), key=lambda pair: (-pair[1], pair[0])),
    }


def title_of(bundle: Bundle) -> str:
    """The heading of an exercise."""
    first = bundle.notebook["cells"][0]["source"].splitlines()[0]
    return first.lstrip("# ").strip() or bundle.name


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    source = printable(cell["source"])
    if cell["cell_type"] == "code":  # pygments escapes what it marks up
        source = Markup(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))
    return {"code": source, "outputs": [shown for output in cell.get("outputs", []) if (shown := _output(output))]}


def _output(output: Mapping[str, Any]) -> dict[str, str] | None:
    if output["output_type"] == "stream":
        return {"text": printable(output["text"])[:LONGEST_OUTPUT], "kind": output["name"]}
    if output["output_type"] == "error":
        return {"text": printable(f"{output['ename']}: {output['evalue']}")[:LONGEST_OUTPUT], "kind": "error"}
    data = output["data"]
    for mime in ("image/png", "image/jpeg"):
        if re.fullmatch(r"[A-Za-z0-9+/=\s]+", data.get(mime, "")):
            return {"image": f"data:{mime};base64,{''.join(data[mime].split())}"}
    if "image/svg+xml" in data:
        svg = printable(data["image/svg+xml"]).encode()
        return {"image": f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"}
    return {"text": printable(data.get("text/plain", ""))[:LONGEST_OUTPUT], "kind": "result"}


def printable(text: str) -> str:
    """Text as a terminal would leave it: without colour codes, overwritten lines and control characters."""
    lines = (line.rstrip("\r").rsplit("\r", 1)[-1] for line in ANSI.sub("", text).split("\n"))
    return UNPRINTABLE.sub("", "\n".join(lines))


def _template(name: str) -> jinja2.Template:
    loader = jinja2.PackageLoader("coursekit.grading", "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["points"] = lambda value: f"{value:g}"
    return environment.get_template(f"{name}.html")
