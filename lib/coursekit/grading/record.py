"""Write results where nbgrader and people look for them: the gradebook and the folder of graded notebooks.

One writer at a time, one open database a batch, and one transaction a submission. What a grader gave by hand is kept,
and asked for again only where the answer under it has changed.
"""

import copy
import fcntl
import json
import os
import re
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coursekit import CourseError
from coursekit.grading.unit import Result
from coursekit.release import Bundle


class NotRecorded(CourseError):
    """A result can't be written into the gradebook; the text says why and what to do."""


class Records:
    """The gradebook and the folder `autograded`, as a context manager; nobody else writes them meanwhile.

    Args:
        build: where both lie; `build/` of the course for its own class.
        db_url: of the gradebook, as nbgrader takes it; None means `gradebook.db` in that place.
    """

    def __init__(self, build: Path, db_url: str | None = None) -> None:
        self.build = build
        self.autograded = build / "autograded"
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
                    f"This gradebook needs the Python package {error.name}. PostgreSQL: pip install '.[postgres]'"
                ) from None
            opened.callback(self.gradebook.close)
            opened.enter_context(_only_writer_of(self.gradebook.engine))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def add(self, student: str, result: Result, bundle: Bundle, handed_in: float) -> None:
        """Write one result; doing it again changes nothing.

        Args:
            student: the id.
            result: of `grade_one`.
            bundle: of the exercise.
            handed_in: time of the submission, in seconds since 1970.

        Raises:
            NotRecorded: if the gradebook knows another version of the exercise.
        """
        folder = self.autograded / student / result.exercise
        before = self._written_before(folder)
        with self._at_once():
            notebook = self._grades(student, result, bundle, handed_in)
            for written in result.written:
                blank = written.text.strip() == _released(bundle, f"written-{written.name}") or not written.text.strip()
                grade = self._grade(notebook, f"written-{written.name}")
                changed = before is not None and before.get(written.name) != written.text
                grade.auto_score = 0.0
                waiting = bool(grade.needs_manual_grade)
                grade.needs_manual_grade = not blank if grade.manual_score is None else changed or waiting
        folder.mkdir(parents=True, exist_ok=True)
        shown = result.notebook or _empty(bundle, result.notes)
        write(folder / f"{result.exercise}.ipynb", _dump(_for_formgrader(shown)))
        write(folder / "result.json", _dump({"student": student, **result.to_json()}))

    def by_hand(self, student: str, result: Result) -> dict[str, float | None]:
        """What a grader gave by hand, by the name of the written answer; None where nothing was given yet."""
        from nbgrader.api import MissingEntry

        scores: dict[str, float | None] = {}
        for written in result.written:
            try:
                grade = self.gradebook.find_grade(f"written-{written.name}", result.exercise, result.exercise, student)
            except MissingEntry:
                scores[written.name] = None
                continue
            waiting = grade.needs_manual_grade
            scores[written.name] = None if waiting else float(grade.manual_score or 0.0)
        return scores

    def results(self) -> Iterator[tuple[str, Result]]:
        """All results that were recorded, by student and exercise."""
        for path in sorted(self.autograded.glob("*/*/result.json")):
            data = json.loads(path.read_text(encoding="utf-8"))
            yield data["student"], Result.from_json(data)

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

    def _written_before(self, folder: Path) -> dict[str, str] | None:
        try:
            data = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return {written["name"]: written["text"] for written in data["written"]}

    def _grades(self, student: str, result: Result, bundle: Bundle, handed_in: float) -> Any:
        """Write the scores of the checks; the student's notebook in the gradebook."""
        name = bundle.name
        time = datetime.fromtimestamp(handed_in, UTC).replace(tzinfo=None)
        self._know(bundle)
        self.gradebook.update_or_create_student(student)
        with self.gradebook.db.no_autoflush:  # nbgrader makes the rows of a submission before it adds them
            self.gradebook.update_or_create_submission(name, student, timestamp=time)
        notebook = self.gradebook.find_submission_notebook(name, name, student)
        for verdict in result.checks:
            grade = self._grade(notebook, f"check-{verdict.task}")
            changed = grade.auto_score is not None and grade.auto_score != verdict.points
            grade.auto_score = verdict.points
            grade.needs_manual_grade = grade.manual_score is not None and (changed or bool(grade.needs_manual_grade))
        return notebook

    def _know(self, bundle: Bundle) -> None:
        """Make the rows of an exercise where the gradebook has none; usually they are there since its release."""
        from nbgrader.api import MissingEntry

        name = bundle.name
        try:
            self.gradebook.find_notebook(name, name)
        except MissingEntry:
            self.gradebook.update_or_create_assignment(name)
            self.gradebook.add_notebook(name, name)
            for cell in bundle.notebook["cells"]:
                marks = cell["metadata"]["nbgrader"]
                if marks["grade"]:
                    kind, points = cell["cell_type"], float(marks["points"])
                    self.gradebook.add_grade_cell(marks["grade_id"], name, name, max_score=points, cell_type=kind)
                if marks["solution"]:
                    self.gradebook.add_solution_cell(marks["grade_id"], name, name)

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
