"""What a class agreed on: when work is due, what lateness costs, which attempt counts, and who is in the class.

It stands in two small files, which are read once and checked whole:

- `class.yml` (in the folder of submissions, or elsewhere by option), in which every entry may be left out::

    policy: latest             # or best, or before-due
    timezone: Europe/Berlin    # of the times below; UTC if left out
    timestamps: true           # when it was handed in stands in timestamp.txt, as nbgrader's exchange writes it;
                               # else the time at which the notebook was saved counts
    due:
      linear: 2026-12-04 23:59
      lenet: 2026-12-11        # the end of that day
    extensions:
      ada:
        linear: 2026-12-06 23:59
    late:
      percent_per_day: 10      # of the points earned, for each day begun
      grace_minutes: 15        # so much later still counts as in time
      at_most_percent: 50

- a roster (CSV) with a column `student`, and any others; `first_name`, `last_name` and `email` go into the gradebook.
"""

import csv
import difflib
import io
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from coursekit import CourseError
from coursekit.grading.intake import STUDENT_ID

LATEST, BEST, BEFORE_DUE = "latest", "best", "before-due"
POLICIES = (LATEST, BEST, BEFORE_DUE)
DAY = 86_400
KEYS = ("policy", "timezone", "timestamps", "due", "extensions", "late")
LATE_KEYS = ("percent_per_day", "grace_minutes", "at_most_percent")


class RulesError(CourseError):
    """The file of a class or its roster does not hold together; the text says where and what to do."""


@dataclass(frozen=True)
class Late:
    """By how much a submission was late.

    Args:
        seconds: after the due time.
        share: of the points earned that it costs, from 0 to 1.
    """

    seconds: float
    share: float

    @property
    def words(self) -> str:
        """In the two largest units, such as "1 day 7 hours"."""
        left, parts = int(self.seconds), []
        for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
            count, left = divmod(left, size)
            if count:
                parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
        return " ".join(parts[:2]) or "less than a minute"


@dataclass(frozen=True)
class Rules:
    """The rules of a class; without any, the latest attempt counts and nothing is ever late.

    Args:
        policy: one of `POLICIES`.
        due: by exercise, in seconds since 1970.
        extensions: by student, then by exercise: a due time of their own.
        percent_per_day: of the points earned, taken off for each day begun after the due time.
        grace_minutes: so much later still counts as in time.
        at_most_percent: more is never taken off.
        timestamps: whether the time of handing in stands in `timestamp.txt` beside the notebook.
    """

    policy: str = LATEST
    due: Mapping[str, float] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    percent_per_day: float = 0.0
    grace_minutes: float = 0.0
    at_most_percent: float = 100.0
    timestamps: bool = False

    def due_for(self, student: str, exercise: str) -> float | None:
        """When this is due for this student, in seconds since 1970; None if never."""
        return self.extensions.get(student, {}).get(exercise, self.due.get(exercise))

    def due_before(self, now: float) -> set[str]:
        """The exercises that were due before a time, in seconds since 1970."""
        return {exercise for exercise, due in self.due.items() if due < now}

    def late(self, student: str, exercise: str, handed_in: float) -> Late | None:
        """How late a submission was; None if it was in time.

        Args:
            student: the id.
            exercise: its name.
            handed_in: in seconds since 1970.
        """
        due = self.due_for(student, exercise)
        if due is None or handed_in <= due + 60 * self.grace_minutes:
            return None
        seconds = handed_in - due
        percent = min(self.percent_per_day * math.ceil(seconds / DAY), self.at_most_percent)
        return Late(seconds, percent / 100)


def read_rules(path: Path, exercises: Collection[str], students: Collection[str] | None = None) -> Rules:
    """The rules in a class file.

    Args:
        path: of the file.
        exercises: names of those that exist.
        students: ids of those on the roster; None if anybody may have an extension.

    Raises:
        RulesError: if it is missing, no YAML, or an entry is not as it should be.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Texts)
    except OSError as error:
        raise RulesError(f"{path} can't be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise RulesError(f"{path}{where} is no YAML ({getattr(error, 'problem', None) or error}).") from None
    reader = _Reader(path, exercises)
    top = reader.table("the file", data or {}, KEYS)
    policy = top.get("policy", LATEST)
    if policy not in POLICIES:
        raise reader.error("policy", f"is {policy!r}", f"write one of {', '.join(POLICIES)}.")
    timestamps = top.get("timestamps", "false")
    if timestamps not in ("true", "false"):
        raise reader.error("timestamps", f"is {timestamps!r}", "write true or false.")
    zone = reader.zone(top.get("timezone", "UTC"))
    extensions = reader.table("extensions", top.get("extensions", {}), students)
    late = reader.table("late", top.get("late", {}), LATE_KEYS)
    return Rules(
        policy,
        reader.times("due", top.get("due", {}), zone),
        {student: reader.times(f"extensions: {student}", times, zone) for student, times in extensions.items()},
        reader.number("late: percent_per_day", late.get("percent_per_day", "0"), 100.0),
        reader.number("late: grace_minutes", late.get("grace_minutes", "0"), math.inf),
        reader.number("late: at_most_percent", late.get("at_most_percent", "100"), 100.0),
        timestamps == "true",
    )


class _Texts(yaml.BaseLoader):
    """Reads every value as a text, so that a time is what was typed, and no key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if key.value in keys[:number]:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands twice", problem_mark=key.start_mark)
        return super().construct_mapping(node, deep=True)


@dataclass(frozen=True)
class _Reader:
    """Reads entries of a class file, each with its sentence where it is wrong."""

    path: Path
    exercises: Collection[str]

    def error(self, entry: str, what: str, remedy: str) -> RulesError:
        return RulesError(f"{self.path}: {entry} {what}; {remedy}")

    def table(self, entry: str, value: object, keys: Collection[str] | None = None) -> dict[str, Any]:
        if value == "":
            return {}
        if not isinstance(value, dict):
            raise self.error(entry, "holds no entries", "write one a line, as NAME: VALUE, indented under it.")
        for key in value:
            if keys is not None and key not in keys:
                raise self.error(entry, f"has an entry {key!r}, which does not exist", _meant(key, keys))
        return value

    def times(self, entry: str, value: object, zone: tzinfo) -> dict[str, float]:
        table = self.table(entry, value, self.exercises)
        return {name: self.time(f"{entry}: {name}", text, zone) for name, text in table.items()}

    def time(self, entry: str, text: object, zone: tzinfo) -> float:
        try:
            when = datetime.fromisoformat(str(text))
        except ValueError:
            raise self.error(entry, f"is {text!r}, which is no time", "write it as 2026-12-04 23:59.") from None
        if ":" not in str(text):
            when = datetime.combine(when, time(23, 59, 59))
        return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()

    def number(self, entry: str, text: object, most: float) -> float:
        try:
            number = float(str(text))
        except ValueError:
            number = math.nan
        if not 0.0 <= number <= most:
            limits = "at least 0" if math.isinf(most) else f"from 0 to {most:g}"
            raise self.error(entry, f"is {text!r}", f"write a number {limits}.")
        return number

    def zone(self, name: str) -> tzinfo:
        try:
            return UTC if name == "UTC" else ZoneInfo(name)
        except (ValueError, OSError, KeyError, TypeError):
            raise self.error("timezone", f"is {name!r}", "write one such as Europe/Berlin or UTC.") from None


def _meant(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(known))}."


def read_roster(path: Path) -> dict[str, dict[str, str]]:
    """The students of a class: their ids in the file's order, each with its other columns.

    Args:
        path: of a CSV file in UTF-8, whose columns are parted by commas, semicolons or tabs.

    Raises:
        RulesError: if it can't be read, has no column `student`, or an id is missing, unusable or there twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RulesError(f"{path} can't be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise RulesError(f"{path} is not in UTF-8 (byte {error.start:,}); save it as CSV in UTF-8.") from None
    head = text.partition("\n")[0]
    lines = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        rows = [(lines.line_num, row) for row in lines]
    except csv.Error:
        where = f"{path}, line {lines.line_num + 1}"
        raise RulesError(f"{where}: a quotation mark is not closed, or more stands behind the closing one.") from None
    if "student" not in (lines.fieldnames or ()):
        raise RulesError(f"{path} has no column 'student'; its first line names the columns, such as: student,email")
    students: dict[str, dict[str, str]] = {}
    for number, row in rows:
        student = (row.pop("student") or "").strip()
        where = f"{path}, line {number}"
        if not STUDENT_ID.fullmatch(student):
            raise RulesError(f"{where}: {student!r} can't be the name of a student's folder; use letters and digits.")
        if student in students:
            raise RulesError(f"{where}: the student {student!r} is listed twice; take one line out.")
        students[student] = {name: (value or "").strip() for name, value in row.items() if name is not None}
    return students
