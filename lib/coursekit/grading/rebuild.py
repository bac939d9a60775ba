"""Take the instructor's notebook and graft the student's answers into it.

Nothing is repaired: locked cells, checks, points and tags come from the bundle whatever was done to them, and only the
text of answers comes from the student. Code cells that the student added stay where they stood, since an answer may
call a helper that is written there. What a student wrote into a locked cell is kept to be read, and never run.
"""

import copy
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from coursekit.grading.intake import Cell, Refused
from coursekit.release import Bundle

NOT_HANDED_IN = "# This answer was not in the notebook that was handed in."
ROLES = ("given", "answer", "check", "written")


@dataclass
class Part:
    """One cell of the rebuilt notebook.

    Args:
        role: given, answer, check, written, text (ours) or extra (the student's).
        name: of the task or cell, without its role.
        cell: in notebook form; outputs are filled in after the run.
    """

    role: str
    name: str
    cell: dict[str, Any]

    @property
    def label(self) -> str:
        """How a sentence names this cell."""
        if self.role == "extra":
            first = next((line.strip() for line in self.cell["source"].splitlines() if line.strip()), "")
            return f"your own cell that begins with “{first[:40]}”"
        return f"the {self.role} cell “{self.name}”"


@dataclass
class Rebuilt:
    """The notebook to run, the student's part of it, and what was found on the way."""

    parts: list[Part]
    notes: list[str]
    tampered: bool

    def source(self, role: str, name: str) -> str:
        """The text of one cell."""
        return next(part.cell["source"] for part in self.parts if (part.role, part.name) == (role, name))

    @property
    def extras(self) -> list[str]:
        """The code that the student added, in order."""
        return [part.cell["source"] for part in self.parts if part.role == "extra" and part.cell["cell_type"] == "code"]

    def notebook(self, bundle: Bundle) -> dict[str, Any]:
        """The whole as a notebook."""
        whole = {key: value for key, value in bundle.notebook.items() if key != "cells"}
        return {**whole, "cells": [part.cell for part in self.parts]}


def rebuild(submitted: Iterable[Cell], bundle: Bundle) -> Rebuilt:
    """The bundle's notebook with these answers.

    Args:
        submitted: the cells of the submission, in order.
        bundle: of the exercise.

    Raises:
        Refused: if it is the notebook of another exercise.
    """
    skeleton = [_part(cell) for cell in copy.deepcopy(bundle.notebook["cells"])]
    places = {_id(part): part for part in skeleton}
    submitted = list(submitted)
    graded = {
        cell.grade_id for cell in submitted if (cell.grade_id or "").startswith(("answer-", "check-", "written-"))
    }
    if len(graded - places.keys()) > len(graded & places.keys()):
        raise Refused(f"This is the notebook of another exercise. Hand in {bundle.name}.ipynb.")
    first, added, copies = _sort(submitted, places)

    other_release = any(cell.untouched and not _is_of(cell, places.get(cell.grade_id)) for cell in submitted)
    notes, altered, missing, kept, before = [], [], 0, [], None
    if other_release:
        notes.append("The notebook is of another release of this exercise; it was graded by the checks of this one.")
    for grade_id, part in places.items():
        cell = first.get(grade_id)
        if part.role == "written":
            notes += _graft_words(part, cell, grade_id if cell else before, added)
        elif part.role == "answer":
            notes += _graft(part, cell)
        elif part.role in ("given", "check"):
            missing += cell is None and not other_release
            if cell is not None and not cell.untouched and not _is_of(cell, part):
                altered.append(part.label)
                kept += [(grade_id, _to_read(cell, part))] if cell.source.strip() else []
        before = grade_id
    if altered:
        notes.append(
            f"Locked cells altered: {', '.join(altered)}. The originals were used; what stood there did not run."
        )
    if missing:
        notes.append(f"Locked cells missing: {missing}. The originals were used.")
    if copies:
        notes.append(f"Locked cells doubled: {copies}. The copies were left out.")

    parts = _with_extras(skeleton, [*added, *kept])
    return Rebuilt(parts, notes, tampered=bool(altered or missing or copies))


def collecting_code(bundle: Bundle, task_name: str, path: str) -> str:
    """What runs in place of a check: the probes of its task, whose raw arrays go to a file. It holds no key."""
    task = next(task for task in bundle.tasks if task.name == task_name)
    probes = json.dumps([probe.to_json() for probe in task.blind().probes])
    return (
        "def _collect_evidence():\n"
        "    import json\n"
        "    from dlarch.check import Probe, collect\n"
        f"    probes = [Probe.from_json(data) for data in json.loads({probes!r})]\n"
        f"    collect(probes, _collect_evidence.__globals__).save({path!r})\n"
        "_collect_evidence()\n"
        "del _collect_evidence"
    )


def _part(cell: dict[str, Any]) -> Part:
    role, _, name = cell["metadata"]["nbgrader"]["grade_id"].partition("-")
    return Part(role if role in ROLES else "text", name, cell)


def _id(part: Part) -> str:
    return str(part.cell["metadata"]["nbgrader"]["grade_id"])


def _sort(
    submitted: Sequence[Cell], places: dict[str, Part]
) -> tuple[dict[str, Cell], list[tuple[str | None, Cell]], int]:
    """The first cell of each known id; the student's own cells, each with the id it stands after; copies left out."""
    first: dict[str, Cell] = {}
    added: list[tuple[str | None, Cell]] = []
    copies = 0
    after = None
    # Where cells were copied into another notebook their ids are gone, and the text of ours says which they are.
    claimed = {cell.grade_id for cell in submitted}
    unclaimed = [part for grade_id, part in places.items() if grade_id not in claimed]
    for cell in submitted:
        part = places.get(cell.grade_id or "") or next((lost for lost in unclaimed if _is_of(cell, lost)), None)
        if part in unclaimed:
            unclaimed.remove(part)
        if part is not None and _id(part) not in first:
            first[_id(part)] = cell
            after = _id(part)
        elif part is None or part.role == "answer":
            ours = cell.untouched if part is None else _text(cell.source) == _text(part.cell["source"])
            if cell.source.strip() and not ours:
                added.append((after, cell))
        else:
            copies += part.role in ("given", "check")
    return first, added, copies


def _is_of(cell: Cell, part: Part | None) -> bool:
    """Whether a locked cell is the one of this release."""
    if part is None:
        return False
    return (cell.kind, _text(cell.source)) == (part.cell["cell_type"], _text(part.cell["source"]))


def _graft(part: Part, cell: Cell | None) -> list[str]:
    if cell is not None and cell.kind == "code":
        part.cell["source"] = cell.source
        return []
    part.cell["source"] = NOT_HANDED_IN
    if cell is None:
        return [f"The cell of the answer “{part.name}” was not in the notebook."]
    return [f"The answer “{part.name}” stood in a {cell.kind} cell, so it is no code and counts as not written."]


def _graft_words(part: Part, cell: Cell | None, place: str | None, added: list[tuple[str | None, Cell]]) -> list[str]:
    """Where the cell of an answer in words was left as it was, take the student's own text right below that place."""
    if cell is not None and _text(cell.source) not in ("", _text(part.cell["source"])):
        part.cell["source"] = cell.source
        return []
    below = [entry for entry in added if entry[0] == place and entry[1].kind == "markdown"]
    if below:
        added[:] = [entry for entry in added if entry not in below]
        part.cell["source"] = "\n\n".join(own.source for _, own in below)
        return [f"The written answer “{part.name}” stood in a cell of your own and was taken from there."]
    part.cell["source"] = cell.source if cell is not None else ""
    return [] if cell is not None else [f"The written answer “{part.name}” was not in the notebook."]


def _to_read(cell: Cell, part: Part) -> Cell:
    """What a student wrote into a locked cell, as text."""
    return Cell("markdown", f"*What stood in {part.label}, which is locked:*\n\n{textwrap.indent(cell.source, '    ')}")


def _with_extras(skeleton: list[Part], added: list[tuple[str | None, Cell]]) -> list[Part]:
    by_place: dict[str | None, list[Part]] = {}
    for number, (after, cell) in enumerate(added, start=1):
        by_place.setdefault(after, []).append(Part("extra", str(number), _extra_cell(number, cell)))
    parts = by_place.get(None, [])
    for part in skeleton:
        parts = [*parts, part, *by_place.get(_id(part), [])]
    return parts


def _extra_cell(number: int, cell: Cell) -> dict[str, Any]:
    common = {"id": f"added-{number}", "metadata": {}}
    if cell.kind == "code":
        return {"cell_type": "code", "source": cell.source, "execution_count": None, "outputs": [], **common}
    return {"cell_type": "markdown", "source": cell.source, **common}


def _text(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
