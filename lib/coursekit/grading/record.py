"""Write results where nbgrader and people look for them: the gradebook and the folder of graded notebooks.

One writer at a time, one open database a batch, and one transaction a submission. What a grader gave by hand is kept,
and asked for again only where the answer under it has changed.
"""

import contextlib
import copy
import fcntl
import json
import os
import re
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coursekit import CourseError
from coursekit.grading import unit
from coursekit.grading.rules import Late, Rules
from coursekit.grading.unit import Result
from coursekit.release import Bundle

ORIGIN = ("handed_in", "submission", "exercise", "grader")


class NotRecorded(CourseError):
    """A result can't be written into the gradebook; the text says why and what to do."""


@dataclass(frozen=True)
class ByHand:
    """What people gave in formgrader for one submission.

    Args:
        points: by written answer; None where nobody gave any yet.
        again: answers and checks that changed since, whose points stand until somebody has looked again.
        overruled: by check, points that stand in place of the grader's.
        extra: extra credit.
        comments: by the name of the answer.
    """

    points: Mapping[str, float | None]
    again: tuple[str, ...] = ()
    overruled: Mapping[str, float] = field(default_factory=dict)
    extra: float = 0.0
    comments: Mapping[str, str] = field(default_factory=dict)

    def earned(self, result: Result) -> float:
        """All points of a submission, before anything is taken off."""
        checks = sum(self.overruled.get(verdict.task, verdict.points) for verdict in result.checks)
        return checks + self.extra + sum(points or 0.0 for points in self.points.values())


@dataclass(frozen=True)
class Recorded:
    """A result in the record, and where it came from.

    Args:
        student: the id.
        result: of the checks.
        handed_in: in seconds since 1970; 0 if nothing was.
        submission: hash of the file.
        exercise: hash of the exercise as it was then.
        grader: version of the code that decided.
        late: by how much it was late.
    """

    student: str
    result: Result
    handed_in: float = 0.0
    submission: str = ""
    exercise: str = ""
    grader: str = ""
    late: Late | None = None

    @classmethod
    def now(
        cls,
        student: str,
        result: Result,
        bundle: Bundle,
        handed_in: float,
        submission: str = "",
        late: Late | None = None,
    ) -> "Recorded":
        """What would be recorded now, of this version of the exercise and by this grader."""
        return cls(student, result, handed_in, submission, bundle.hash, unit.grader_version(), late)

    def to_json(self) -> dict[str, Any]:
        origin = {name: getattr(self, name) for name in ORIGIN}
        late = asdict(self.late) if self.late else None
        return {"student": self.student, **self.result.to_json(), "origin": {**origin, "late": late}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recorded":
        origin = dict(data.get("origin") or {})
        late = origin.pop("late", None)
        return cls(data["student"], Result.from_json(data), **origin, late=Late(**late) if late else None)

    def summary(self) -> dict[str, Any]:
        """What makes one record differ from another, without the notebook."""
        data = self.to_json()
        return {name: data[name] for name in ("student", "exercise", "state", "key", "checks", "written", "origin")}


class Records:
    """The gradebook and the folder `autograded`, as a context manager; nobody else writes them meanwhile.

    Args:
        build: where both lie; `build/` of the course for its own class.
        db_url: of the gradebook, as nbgrader takes it; None means `gradebook.db` in that place.
    """

    def __init__(self, build: Path, db_url: str | None = None) -> None:
        self.build = build
        self.autograded = build / "autograded"
        self._known: dict[str, str] = {}
        self.db_url = db_url or f"sqlite:///{(build / 'gradebook.db').resolve()}"

    def __enter__(self) -> "Records":
        """Open the gradebook.

        Raises:
            NotRecorded: if somebody else is writing, or the database can't be opened.
        """
        from nbgrader.api import Gradebook

        # To make a new gradebook it calls the command `alembic`, which lies beside this interpreter.
        scripts = sysconfig.get_path("scripts")
        if scripts not in os.environ.get("PATH", "").split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])
        with ExitStack() as opened:
            opened.enter_context(_only_writer(self.build))
            try:
                self.gradebook = Gradebook(self.db_url)
            except ModuleNotFoundError as error:
                raise NotRecorded(
                    f"This gradebook needs the Python package {error.name}; install it: "
                    "pip install --constraint constraints.txt 'psycopg[binary]'"
                ) from None
            opened.callback(self.gradebook.close)
            opened.enter_context(_only_writer_of(self.gradebook.engine))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def open_class(self, rules: Rules, roster: Mapping[str, Mapping[str, str]]) -> None:
        """Let the gradebook know when exercises are due, and the names of the students."""
        with self._at_once():
            for exercise, due in rules.due.items():
                self.gradebook.update_or_create_assignment(exercise, duedate=_naive(due))
            for student, row in roster.items():
                names = {name: row[name] for name in ("first_name", "last_name", "email") if row.get(name)}
                self.gradebook.update_or_create_student(student, **names)

    def put(self, new: Recorded, bundle: Bundle) -> None:
        """Write one result; doing it again changes nothing, and what stood there before goes into its history.

        Args:
            new: the result, and where it came from.
            bundle: of the exercise.

        Raises:
            NotRecorded: if the result has a check that the exercise does not have.
        """
        student, result, late = new.student, new.result, new.late
        folder = self._folder(student, result.exercise)
        before = self.find(student, result.exercise)
        if before is not None and before.summary() != new.summary():
            self._remember(before)
        texts = {written.name: written.text for written in before.result.written} if before else None
        with self._at_once():
            notebook = self._grades(student, result, bundle, new.handed_in)
            for written in result.written:
                blank = written.text.strip() == _released(bundle, f"written-{written.name}") or not written.text.strip()
                grade = self._grade(notebook, f"written-{written.name}")
                changed = texts is not None and texts.get(written.name) != written.text
                grade.auto_score = 0.0
                waiting = bool(grade.needs_manual_grade) or (grade.manual_score or 0.0) > written.max_points
                grade.needs_manual_grade = not blank if grade.manual_score is None else changed or waiting
            earned = self._by_hand(notebook, result).earned(result)
            notebook.late_submission_penalty = late.share * earned if late else None
        folder.mkdir(parents=True, exist_ok=True)
        shown = result.notebook or _empty(bundle, result.notes)
        write(folder / f"{result.exercise}.ipynb", _dump(_for_formgrader(shown)))
        write(folder / "result.json", _dump(new.to_json()))

    def set_missing(self, student: str, result: Result, missing: bool = True) -> bool:
        """Write that a student handed in nothing, or take that back, and say which; what they did hand in stands."""
        path = self._folder(student, result.exercise) / "result.json"
        before = self.find(student, result.exercise)
        if before is not None and before.result.state != unit.MISSING:
            return False
        if missing:
            write(path, _dump(Recorded(student, result).to_json()))
        else:
            path.unlink(missing_ok=True)
        return missing

    def hand(self, student: str, result: Result) -> ByHand:
        """What people gave in formgrader; without a row in the gradebook, nothing."""
        from nbgrader.api import MissingEntry

        try:
            notebook = self.gradebook.find_submission_notebook(result.exercise, result.exercise, student)
        except MissingEntry:
            nothing = 0.0 if result.state == unit.MISSING else None
            return ByHand({written.name: nothing for written in result.written})
        return self._by_hand(notebook, result)

    def take_off(self, student: str, exercise: str, points: float) -> None:
        """Write the penalty for lateness into the gradebook, for nbgrader's own exports."""
        from nbgrader.api import MissingEntry

        with contextlib.suppress(MissingEntry):
            notebook = self.gradebook.find_submission_notebook(exercise, exercise, student)
            if (notebook.late_submission_penalty or 0.0) != points:
                notebook.late_submission_penalty = points
                self.gradebook.db.commit()

    def find(self, student: str, exercise: str) -> Recorded | None:
        """What is recorded of one submission."""
        try:
            path = self._folder(student, exercise) / "result.json"
            return Recorded.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
            return None

    def recorded(self) -> Iterator[Recorded]:
        """All that is recorded, by student and exercise."""
        for path in sorted(self.autograded.glob("*/*/result.json")):
            yield Recorded.from_json(json.loads(path.read_text(encoding="utf-8")))

    def history(self, student: str, exercise: str) -> list[dict[str, Any]]:
        """What stood in the record before, oldest first, each with what people had given."""
        path = self._folder(student, exercise) / "history.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def _folder(self, student: str, exercise: str) -> Path:
        return self.autograded / student / exercise

    def _remember(self, recorded: Recorded) -> None:
        """Append to the history, once."""
        hand = self.hand(recorded.student, recorded.result)
        entry = {**recorded.summary(), "by_hand": asdict(hand)}
        path = self._folder(recorded.student, recorded.result.exercise) / "history.jsonl"
        earlier = self.history(recorded.student, recorded.result.exercise)
        if earlier[-1:] != [entry]:
            write(path, "".join(json.dumps(line, sort_keys=True) + "\n" for line in [*earlier, entry]))

    def _by_hand(self, notebook: Any, result: Result) -> ByHand:
        rows = {grade.name: grade for grade in notebook.grades}
        points: dict[str, float | None] = {}
        again = []
        for written in result.written:
            row = rows.get(f"written-{written.name}")
            given = row.manual_score if row is not None else None
            waiting = row is None or row.needs_manual_grade
            points[written.name] = None if waiting and given is None else given or 0.0
            again += [written.name] if waiting and given is not None else []
        overruled = {}
        for verdict in result.checks:
            row = rows.get(f"check-{verdict.task}")
            if row is not None and row.manual_score is not None:
                overruled[verdict.task] = row.manual_score
                again += [verdict.task] if row.needs_manual_grade else []
        comments = {c.name.partition("-")[2]: c.manual_comment for c in notebook.comments if c.manual_comment}
        extra = sum(row.extra_credit or 0.0 for row in rows.values())
        return ByHand(points, tuple(again), overruled, extra, comments)

    @property
    def where(self) -> str:
        """The URL of the gradebook without its password."""
        return re.sub(r"(?<=//)([^:@/]*):[^@/]*@", r"\1:***@", self.db_url)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction around all that nbgrader does inside, though it commits after each step."""
        session, engine = self.gradebook.db, self.gradebook.engine
        session.commit()
        session.remove()
        try:
            with engine.begin() as connection:
                # In this mode a commit of the session writes to the connection, which commits when all is done.
                session.configure(bind=connection, join_transaction_mode="rollback_only")
                yield
                session.commit()
        finally:
            session.remove()
            session.configure(bind=engine, join_transaction_mode="conditional_savepoint")

    def _grades(self, student: str, result: Result, bundle: Bundle, handed_in: float) -> Any:
        """Write the scores of the checks; the student's notebook in the gradebook."""
        name = bundle.name
        self._know(bundle)
        self.gradebook.update_or_create_student(student)
        with self.gradebook.db.no_autoflush:  # nbgrader makes the rows of a submission before it adds them
            self.gradebook.update_or_create_submission(name, student, timestamp=_naive(handed_in))
        notebook = self.gradebook.find_submission_notebook(name, name, student)
        for verdict in result.checks:
            grade = self._grade(notebook, f"check-{verdict.task}")
            changed = grade.auto_score is not None and grade.auto_score != verdict.points
            grade.auto_score = verdict.points
            grade.needs_manual_grade = grade.manual_score is not None and (changed or bool(grade.needs_manual_grade))
        return notebook

    def _know(self, bundle: Bundle) -> None:
        """Give the gradebook the graded cells and answers of an exercise as they are now, and take out what is gone."""
        from nbgrader.api import MissingEntry

        if self._known.get(bundle.name) == bundle.hash:
            return
        name = bundle.name
        try:
            notebook = self.gradebook.find_notebook(name, name)
        except MissingEntry:
            self.gradebook.update_or_create_assignment(name)
            notebook = self.gradebook.add_notebook(name, name)
        marks = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in bundle.notebook["cells"]}
        graded = {grade_id: cell for grade_id, cell in marks.items() if cell["metadata"]["nbgrader"]["grade"]}
        answers = [grade_id for grade_id, cell in marks.items() if cell["metadata"]["nbgrader"]["solution"]]
        gone = [cell for cell in notebook.grade_cells if cell.name not in graded]
        gone += [cell for cell in notebook.solution_cells if cell.name not in answers]
        for submission in notebook.submissions if gone else ():
            if before := self.find(submission.student.id, name):
                self._remember(before)
        for cell in gone:
            self._forget(cell)
        for grade_id, cell in graded.items():
            points = float(cell["metadata"]["nbgrader"]["points"])
            kind = cell["cell_type"]
            self.gradebook.update_or_create_grade_cell(grade_id, name, name, max_score=points, cell_type=kind)
        for grade_id in answers:
            self.gradebook.update_or_create_solution_cell(grade_id, name, name)
        self._known[name] = bundle.hash

    def _forget(self, cell: Any) -> None:
        """Take a cell that the exercise no longer has out of the gradebook, with its grades and comments."""
        database = self.gradebook.db
        for row in [*cell.grades, *cell.comments]:
            database.delete(row)
        database.delete(cell)
        database.flush()

    def _grade(self, notebook: Any, cell_name: str) -> Any:
        """The row of one graded cell, made anew where the exercise grew after the student's first submission."""
        from nbgrader.api import Grade

        for grade in notebook.grades:
            if grade.name == cell_name:
                return grade
        for cell in notebook.notebook.grade_cells:
            if cell.name == cell_name:
                with self.gradebook.db.no_autoflush:
                    grade = Grade(cell_id=cell.id, notebook=notebook)
                    self.gradebook.db.add(grade)
                self.gradebook.db.flush()
                return grade
        name = notebook.name
        raise NotRecorded(
            f"The gradebook knows another version of {name}, without {cell_name}; mend it with: course release {name}"
        )


@contextmanager
def _only_writer(build: Path) -> Iterator[None]:
    """Hold the folder; the lock ends with this process, however it ends."""
    build.mkdir(parents=True, exist_ok=True)
    with open(build / ".writing", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotRecorded(
                f"Another grading run is writing to {build}: wait until it has ended, then run this again."
            ) from None
        yield


@contextmanager
def _only_writer_of(engine: Any) -> Iterator[None]:
    """Hold a PostgreSQL gradebook, which other machines may write too; the server frees it when the connection ends."""
    from sqlalchemy import text

    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('course grade'))")):
            raise NotRecorded(
                "Another grading run is writing to this gradebook: wait until it has ended, then run this again."
            )
        yield


def write(path: Path, text: str) -> None:
    """Write a file at once, and only if it differs: a reader sees the old text or the new one."""
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _naive(seconds: float) -> datetime:
    """As the gradebook keeps times: in UTC, and not saying so."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _dump(data: Any) -> str:
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _released(bundle: Bundle, grade_id: str) -> str:
    cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in bundle.notebook["cells"]}
    return cells[grade_id]["source"].strip()


def _empty(bundle: Bundle, notes: tuple[str, ...]) -> dict[str, Any]:
    """What a grader sees of a submission that could not be read."""
    notebook = copy.deepcopy(bundle.notebook)
    reason = {"cell_type": "markdown", "id": "unreadable", "metadata": {}, "source": harmless(f"**{' '.join(notes)}**")}
    return {**notebook, "cells": [reason, *notebook["cells"]]}


def harmless(markdown: str) -> str:
    """Text in which no HTML tag is left."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", markdown)


def _for_formgrader(notebook: dict[str, Any]) -> dict[str, Any]:
    """Without SVG and tags of the student: nbgrader's formgrader would run their scripts, and it may change grades."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader")
        if cell["cell_type"] == "markdown" and (marks is None or marks["solution"]):
            cell["source"] = harmless(cell["source"])
        for output in cell.get("outputs", []):
            if output.get("data", {}).pop("image/svg+xml", None) is not None and not output["data"]:
                output["data"] = {"text/plain": "[a picture that is not shown here]"}
    return notebook
