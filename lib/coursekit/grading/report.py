"""What a student reads: a page for each submission, and one that leads to all of their own.

Every text is escaped by the template or comes from `prose`. Of outputs only text and pictures are shown, pictures as
images, in which no script runs. Of hidden checks a student sees what was tried and what their code gave, and no key. An
input can get there in one way: printed by code of the student that noted down what it was called with.
"""

import base64
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2

from coursekit.grading import prose
from coursekit.grading.unit import MISSING, Result
from coursekit.release import Bundle
from dlarch.check import Verdict

LATE = "late"

# What a state means, and what the student can do about it.
STATES = {
    "graded": ("graded", ""),
    "tampered": (
        "graded; locked cells were restored",
        "Write only into the answer cells and into cells that you add. What else is in the notebook is put back before "
        "it is graded, so an answer that you wrote there did not count; tell whoever grades if that happened.",
    ),
    "timed out": (
        "stopped: it ran too long",
        "Look for a loop that never ends, or for more work than the task asks for. Restart the kernel and run all "
        "cells: each should end within seconds. Answers in cells that did end were graded.",
    ),
    "crashed": (
        "Python ended early",
        "Restart the kernel and run all cells: where the kernel dies is the cell to mend. Calls such as exit() end "
        "Python too. What ran before was graded.",
    ),
    "out of memory": (
        "ended: it used too much memory",
        "Look for a list or an array that grows without end, or for an array with one axis too many. What ran before "
        "was graded.",
    ),
    "unreadable": (
        "could not be read",
        "Nothing could be graded. Open the notebook in Jupyter, run all cells, save it, and look at the file that you "
        "hand in: it ends in .ipynb and opens again.",
    ),
    MISSING: (
        "not handed in",
        "No notebook came from you, so there are no points. If you did hand one in, say so now.",
    ),
    LATE: ("handed in late", ""),
}


@dataclass(frozen=True)
class Entry:
    """One submission in the class.

    Args:
        student: whose it is.
        result: of the checks.
        by_hand: points given by hand for each answer in words; None where none were given yet.
        comments: written by hand, by the name of the answer or the check.
        again: answers and checks that changed since points were given by hand; these stand until somebody has looked.
        overruled: by check, points given by hand in place of the grader's.
        extra: points of extra credit.
        late: by how much it came late, in words such as "2 days"; empty if it was in time.
        share: of the points earned that this costs, from 0 to 1.
    """

    student: str
    result: Result
    by_hand: Mapping[str, float | None]
    comments: Mapping[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    overruled: Mapping[str, float] = field(default_factory=dict)
    extra: float = 0.0
    late: str = ""
    share: float = 0.0

    def of(self, verdict: Verdict) -> float:
        """The points of a check, as they count."""
        return self.overruled.get(verdict.task, verdict.points)

    @property
    def earned(self) -> float:
        """Points before anything is taken off."""
        checks = sum(self.of(verdict) for verdict in self.result.checks)
        return checks + self.extra + sum(points or 0.0 for points in self.by_hand.values())

    @property
    def penalty(self) -> float:
        """Points that are taken off because it came late."""
        return self.share * self.earned

    @property
    def points(self) -> float:
        return self.earned - self.penalty

    @property
    def max_points(self) -> float:
        return self.result.max_points + sum(written.max_points for written in self.result.written)

    @property
    def waiting(self) -> bool:
        """Whether somebody still has to look at an answer."""
        return None in self.by_hand.values() or bool(self.again)

    @property
    def state(self) -> str:
        """That of the result, or `late` where nothing else is to be said of it."""
        return LATE if self.late and self.result.state == "graded" else self.result.state


def feedback(entry: Entry, bundle: Bundle) -> str:
    """The page for one student and exercise, self-contained HTML without any script."""
    result = entry.result
    notebook = result.notebook["cells"] if result.notebook else []
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook}
    answers = {task.name: task.answer for task in bundle.tasks}
    checks = [{"verdict": v, "word": word(v), "answer": answers.get(v.task, v.task)} for v in result.checks]
    right = [check for check in checks if check["verdict"].state == "right"]
    wrong = [check for check in checks if check["verdict"].state != "right"]
    shown = set()
    for check in (*wrong, *right):  # an answer stands once, with the first check that did not hold
        cell = cells.get(f"answer-{check['answer']}")
        check["cell"] = _cell(cell) if cell and check["answer"] not in shown else None
        check["elsewhere"] = cell is not None and check["cell"] is None
        shown.add(check["answer"])
    return template("feedback").render(
        entry=entry,
        result=result,
        right=right,
        wrong=wrong,
        written=[(written, prose.markdown(written.text)) for written in result.written],
        own=[_cell(cell) for cell in notebook if cell["id"].startswith("added-")],
        title=title_of(bundle),
        state=state_of(entry),
        advice=STATES.get(result.state, ("", ""))[1],
    )


def contents(student: str, entries: Sequence[Entry], titles: Mapping[str, str]) -> str:
    """The page that leads to all pages of one student.

    Args:
        student: whose.
        entries: theirs.
        titles: of the exercises, by name.
    """
    ordered = sorted(entries, key=lambda entry: entry.result.exercise)
    return template("contents").render(student=student, entries=ordered, titles=titles, state_of=state_of)


def state_of(entry: Entry) -> str:
    """The state of a submission in words."""
    return STATES.get(entry.state, (entry.state, ""))[0]


def word(verdict: Verdict) -> str:
    """The outcome of a check in words."""
    words = {"right": "right", "wrong": "not right", "unwritten": "not written", "refused": "not allowed"}
    if verdict.state == "wrong" and verdict.points:
        return "partly right"
    return words.get(verdict.state, "no result")


def title_of(bundle: Bundle) -> str:
    """The heading of an exercise."""
    first = bundle.notebook["cells"][0]["source"].splitlines()[0]
    return first.lstrip("# ").strip() or bundle.name


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    text = prose.code(cell["source"]) if cell["cell_type"] == "code" else prose.markdown(cell["source"])
    outputs = [shown for output in cell.get("outputs", []) if (shown := _output(output))]
    return {"kind": cell["cell_type"], "text": text, "outputs": outputs}


def _output(output: Mapping[str, Any]) -> dict[str, str]:
    if output["output_type"] == "stream":
        return _text(output["text"], "Output")
    if output["output_type"] == "error":
        told = "\n".join(output.get("traceback", ())) or f"{output['ename']}: {output['evalue']}"
        return _text(told, "Error")
    data = output["data"]
    for mime in ("image/png", "image/jpeg"):
        if re.fullmatch(r"[A-Za-z0-9+/=\s]+", data.get(mime, "")):
            return {"image": f"data:{mime};base64,{''.join(data[mime].split())}"}
    if "image/svg+xml" in data:
        svg = prose.printable(data["image/svg+xml"]).encode()
        return {"image": f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"}
    return _text(data.get("text/plain", ""), "Output")


def _text(text: str, label: str) -> dict[str, str]:
    return {"text": prose.shortened(prose.printable(text)), "label": label}


@functools.cache
def template(name: str) -> jinja2.Template:
    """A page of `templates/`, in which every text is escaped."""
    loader = jinja2.PackageLoader("coursekit.grading", "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"points": points, "markdown": prose.markdown}
    return environment.get_template(f"{name}.html")


def points(value: float) -> str:
    """A number of points as people write it: at most two decimals, and none that are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
