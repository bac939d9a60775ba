"""The grades of a class as files for other programs: spreadsheets, Canvas, Moodle, and whatever reads JSON or JUnit."""

import csv
import io
import re
from collections.abc import Iterable

from coursekit import CourseError
from coursekit.grading import prose
from coursekit.grading.report import Entry, points

FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
ENDS_LIKE_AN_ID = re.compile(r"\((\d+)\)$")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("First name", "Last name", "Username", "ID number", "Email address")


class ExportRefused(CourseError):
    """The file can't be written as it should be; the text says why and what to do."""


def as_csv(entries: Iterable[Entry]) -> str:
    """A table for people: one row a submission, with a column for every check and answer of every exercise.

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
    head = ["student", "exercise", "total", "max", "state", "to grade by hand", "late by", "taken off"]
    writer.writerow([*head, *map(plain_cell, columns)])
    for entry in entries:
        result = entry.result
        earned: dict[str, float | None] = {f"{result.exercise}: {v.task}": entry.of(v) for v in result.checks}
        earned |= {f"{result.exercise}: {name}": score for name, score in entry.by_hand.items()}
        row = [entry.student, result.exercise, points(entry.points), points(entry.max_points), entry.state]
        row += ["yes" if entry.waiting else "", entry.late, points(entry.penalty) if entry.penalty else ""]
        row += ["" if earned.get(column) is None else points(earned[column]) for column in columns]
        writer.writerow([plain_cell(cell) for cell in row])
    return file.getvalue()


def plain_cell(text: str) -> str:
    """The text of a table cell that no spreadsheet runs as a formula."""
    text = prose.legible(text)
    return f"'{text}" if FORMULA.match(text) else text
