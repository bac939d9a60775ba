"""The grades of a class as files for other programs: spreadsheets, Canvas, Moodle, and whatever reads JSON or JUnit.

What a student may have chosen, such as a name, never becomes a formula in a spreadsheet: it gets a leading apostrophe
where it would. What a gradebook finds a student by can't be changed, so there an id that would be a formula is refused.
Characters that a file may not hold, such as NUL, are replaced by the replacement character; JSON holds them all.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coursekit import CourseError
from coursekit.grading import prose
from coursekit.grading.report import Entry, points, word

Roster = Mapping[str, Mapping[str, str]]  # columns by name, by student

# What spreadsheets take for a formula, also after spaces and in full width, and also if it is quoted once already.
FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
CANVAS_ID = re.compile(r"\s\((\d+)\)$")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
CANVAS_FINDS_BY = ("ID", "SIS User ID", "SIS Login ID")
MOODLE = ("First name", "Last name", "Username", "ID number", "Email address")
MOODLE_FINDS_BY = ("Username", "ID number", "Email address")
PLAIN_NAMES = {"First name": "first_name", "Last name": "last_name", "Email address": "email"}
VERSION = 1  # of the JSON; a reader may rely on what `SCHEMA` names until it changes


class ExportRefused(CourseError):
    """The file would not be what it should be; the text says why and what to do."""


def text(format: str, entries: Sequence[Entry], titles: Mapping[str, str], roster: Roster | None = None) -> str:
    """The grades in one of the formats `csv`, `canvas`, `moodle`, `json` and `junit`.

    Raises:
        ExportRefused: as `as_canvas` and `as_moodle` do.
    """
    if format == "canvas":
        return as_canvas(entries, titles, roster)
    if format == "moodle":
        return as_moodle(entries, titles, roster)
    if format == "json":
        return as_json(entries, titles)
    if format == "junit":
        return as_junit(entries)
    return "\ufeff" + as_csv(entries)  # by this mark a spreadsheet knows UTF-8


def as_csv(entries: Iterable[Entry]) -> str:
    """A table for people: one row a submission, with a column for every check and answer of every exercise."""
    entries = list(entries)
    names = dict.fromkeys(
        f"{entry.result.exercise}: {name}"
        for entry in sorted(entries, key=lambda entry: entry.result.exercise)
        for name in (*(v.task for v in entry.result.checks), *(w.name for w in entry.result.written))
    )
    columns = {name: column for column, name in enumerate(names)}
    head = ["student", "exercise", "total", "max", "state", "to grade by hand", "late by", "taken off"]
    return _table([[*head, *map(plain_cell, columns)], *(_row(entry, columns) for entry in entries)])


def _row(entry: Entry, columns: Mapping[str, int]) -> list[str]:
    name = entry.result.exercise
    row = [entry.student, name, points(entry.points), points(entry.max_points), entry.state]
    row += ["yes" if entry.waiting else "", entry.late, points(entry.penalty) if entry.penalty else ""]
    scores = [""] * len(columns)
    for verdict in entry.result.checks:
        scores[columns[f"{name}: {verdict.task}"]] = points(entry.of(verdict))
    for written in entry.result.written:
        if (given := entry.by_hand.get(written.name)) is not None:
            scores[columns[f"{name}: {written.name}"]] = points(given)
    return [*map(plain_cell, row), *scores]


def as_canvas(entries: Iterable[Entry], titles: Mapping[str, str], roster: Roster | None = None) -> str:
    """What Canvas reads under Grades, Import: a row a student, an exercise a column, and the row of points possible.

    Canvas finds a student by ID, SIS User ID or SIS Login ID. The roster gives them in columns of these names; without
    it the student's name here is taken for the SIS Login ID. An assignment is found by its title, and exactly by a
    title with Canvas's number in parentheses, as Canvas itself exports it: where the roster has such a column, that is
    used. An empty cell means no grade.

    Args:
        entries: one a submission.
        titles: of the exercises, by name.
        roster: columns by name, by student.

    Raises:
        ExportRefused: if the roster lacks a student, or an id would be a formula.
    """
    exercises, students = _grid(entries)
    heads = [_canvas_title(name, titles, roster) for name in exercises]
    possible = [points(max(entry.max_points for entry in exercises[name].values())) for name in exercises]
    rows = [[*CANVAS, *map(plain_cell, heads)], ["Points Possible", "", "", "", "", *possible]]
    for student, own in students.items():
        known = _known(student, roster, CANVAS_FINDS_BY, "SIS Login ID")
        named = " ".join(filter(None, (known.get("first_name"), known.get("last_name"))))
        row = [_name(known.get("Student") or named or student), *(known.get(head, "") for head in CANVAS_FINDS_BY)]
        row.append(_name(known.get("Section", "")))
        rows.append([*row, *(points(own[name].points) if name in own else "" for name in exercises)])
    return _table(rows)


def as_moodle(entries: Iterable[Entry], titles: Mapping[str, str], roster: Roster | None = None) -> str:
    """What Moodle reads under Grades, Import, CSV file: a row a student, an exercise a column.

    There one says which column finds the student (username, ID number or email address) and which grade item each
    exercise goes to. The roster gives these columns; without it the student's name here is taken for the username.
    Moodle refuses a whole file for one student whom it does not know. A hyphen means no grade.

    Args:
        entries: one a submission.
        titles: of the exercises, by name.
        roster: columns by name, by student.

    Raises:
        ExportRefused: if the roster lacks a student, or an id would be a formula.
    """
    exercises, students = _grid(entries)
    known = {student: _known(student, roster, MOODLE_FINDS_BY, "Username") for student in students}
    heads = [head for head in MOODLE if any(row.get(head) for row in known.values())]
    rows = [[*heads, *(plain_cell(_title(name, titles)) for name in exercises)]]
    for student, own in students.items():
        row = [known[student].get(head, "") for head in heads]
        row = [cell if head in MOODLE_FINDS_BY else _name(cell) for head, cell in zip(heads, row, strict=True)]
        rows.append([*row, *(points(own[name].points) if name in own else "-" for name in exercises)])
    return _table(rows)


_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Grades of a class",
    **_object(
        format={"const": "course-grades"},
        version={"const": VERSION},
        exercises={"type": "object", "additionalProperties": _object(title=_TEXT)},
        submissions={
            "type": "array",
            "items": _object(
                student=_TEXT,
                exercise=_TEXT,
                state=_TEXT,  # of `unit.STATES`
                points=_NUMBER,  # that count
                max_points=_NUMBER,
                earned=_NUMBER,  # before lateness
                extra=_NUMBER,  # extra credit, part of what was earned
                late={"oneOf": [{"type": "null"}, _object(by=_TEXT, share=_NUMBER)]},
                waiting={"type": "boolean"},  # whether somebody has yet to look at some of it
                seconds=_NUMBER,
                notes={"type": "array", "items": _TEXT},
                checks={
                    "type": "array",
                    "items": _object(
                        name=_TEXT,
                        points=_NUMBER,
                        max_points=_NUMBER,
                        state=_TEXT,
                        misconception={"type": ["string", "null"]},
                        message=_TEXT,
                    ),
                },
                written={
                    "type": "array",
                    "items": _object(name=_TEXT, points={"type": ["number", "null"]}, max_points=_NUMBER),
                },
                comments={"type": "object", "additionalProperties": _TEXT},
            ),
        },
    ),
}


def as_json(entries: Iterable[Entry], titles: Mapping[str, str]) -> str:
    """All that is known of each submission but its texts, as `SCHEMA` describes it."""
    submissions = [_submission(entry) for entry in sorted(entries, key=_place)]
    exercises = {one["exercise"]: {"title": titles.get(one["exercise"], one["exercise"])} for one in submissions}
    data = {"format": "course-grades", "version": VERSION, "exercises": exercises, "submissions": submissions}
    return json.dumps(data, indent=1, sort_keys=True) + "\n"


def _submission(entry: Entry) -> dict[str, Any]:
    result = entry.result
    return {
        "student": entry.student,
        "exercise": result.exercise,
        "state": result.state,
        "points": entry.points,
        "max_points": entry.max_points,
        "earned": entry.earned,
        "extra": entry.extra,
        "late": {"by": entry.late, "share": entry.share} if entry.late else None,
        "waiting": entry.waiting,
        "seconds": result.seconds,
        "notes": list(result.notes),
        "checks": [
            {
                "name": verdict.task,
                "points": entry.of(verdict),
                "max_points": verdict.max_points,
                "state": verdict.state,
                "misconception": verdict.misconception,
                "message": verdict.message,
            }
            for verdict in result.checks
        ],
        "written": [
            {"name": one.name, "points": entry.by_hand.get(one.name), "max_points": one.max_points}
            for one in result.written
        ],
        "comments": dict(entry.comments),
    }


def as_junit(entries: Iterable[Entry]) -> str:
    """JUnit XML with a suite a submission, since time and state belong to one, and a test case a question.

    A question with all its points has passed, one with fewer is a failure, a check that gave no result an error, and
    an answer that waits for somebody is skipped.
    """
    root = ET.Element("testsuites", name="grades")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for entry in sorted(entries, key=_place):
        suite = _suite(entry)
        root.append(suite)
        for name in totals:
            totals[name] += int(suite.get(name))
    root.attrib |= {name: str(count) for name, count in totals.items()}
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(entry: Entry) -> ET.Element:
    result = entry.result
    name = prose.legible(f"{entry.student}.{result.exercise}")
    suite = ET.Element("testsuite", name=name, time=f"{result.seconds:.2f}")
    properties = ET.SubElement(suite, "properties")
    facts = {"state": entry.state, "points": points(entry.points), "max_points": points(entry.max_points)}
    facts |= {"late": entry.late} if entry.late else {}
    for fact, value in facts.items():
        ET.SubElement(properties, "property", name=fact, value=prose.legible(value))
    for verdict in result.checks:
        kind = "error" if verdict.state == "stopped" else "failure"
        _case(suite, name, verdict.task, entry.of(verdict), verdict.max_points, kind, verdict.message, word(verdict))
    for written in result.written:
        earned = entry.by_hand.get(written.name)
        kind, message = ("skipped", "to be graded by hand") if earned is None else ("failure", "graded by hand")
        _case(suite, name, written.name, earned or 0.0, written.max_points, kind, message, "")
    kinds = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
    for total, path in {**kinds, "skipped": "testcase/skipped"}.items():
        suite.set(total, str(len(suite.findall(path))))
    return suite


def _case(
    suite: ET.Element, place: str, name: str, earned: float, most: float, kind: str, message: str, state: str
) -> None:
    case = ET.SubElement(suite, "testcase", classname=place, name=prose.legible(name), time="0")
    if kind == "skipped" or earned < most:
        outcome = ET.SubElement(case, kind, message=prose.legible(message))
        if kind != "skipped":
            outcome.set("type", state or "by hand")
            outcome.text = f"{points(earned)} of {points(most)} points"


def plain_cell(text: str) -> str:
    """The text of a table cell that no spreadsheet runs as a formula."""
    text = prose.legible(text)
    return f"'{text}" if FORMULA.match(text) else text


def _table(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def _place(entry: Entry) -> tuple[str, str]:
    return entry.student, entry.result.exercise


def _grid(entries: Iterable[Entry]) -> tuple[dict[str, dict[str, Entry]], dict[str, dict[str, Entry]]]:
    """The entries by exercise and student, and by student and exercise."""
    exercises: dict[str, dict[str, Entry]] = {}
    students: dict[str, dict[str, Entry]] = {}
    for entry in sorted(entries, key=_place):
        exercises.setdefault(entry.result.exercise, {})[entry.student] = entry
        students.setdefault(entry.student, {})[entry.result.exercise] = entry
    return dict(sorted(exercises.items())), students


def _known(student: str, roster: Roster | None, finds_by: Sequence[str], otherwise: str) -> dict[str, str]:
    """What the roster says of a student, with something that the gradebook finds them by."""
    if roster is not None and student not in roster:
        raise ExportRefused(f"{student} is not in the roster; add a line for each student who was graded.")
    known = dict((roster or {}).get(student, {}))
    for head, plain in PLAIN_NAMES.items():
        known.setdefault(head, known.get(plain, ""))
    if not any(known.get(head) for head in finds_by):
        known[otherwise] = student
    for head in finds_by:
        key = known.get(head, "")
        if FORMULA.match(key) or key != prose.legible(key):
            raise ExportRefused(
                f"The {head} of {student} is {key!r}, which a spreadsheet would run as a formula or could not show; "
                "mend it in the roster."
            )
    return known


def _name(text: str) -> str:
    """A name on one line."""
    return plain_cell(" ".join(text.split()))


def _title(name: str, titles: Mapping[str, str]) -> str:
    """The title of an exercise, with its name where two have the same title."""
    title = titles.get(name, name)
    return title if list(titles.values()).count(title) < 2 else f"{title} [{name}]"


def _canvas_title(name: str, titles: Mapping[str, str], roster: Roster | None) -> str:
    """The title by which Canvas finds an assignment; a year in parentheses would be taken for Canvas's own number."""
    title = _title(name, titles)
    for head in next(iter((roster or {}).values()), {}):
        if CANVAS_ID.search(head) and CANVAS_ID.sub("", head) in (title, name):
            return head
    return CANVAS_ID.sub(r" [\1]", title)
