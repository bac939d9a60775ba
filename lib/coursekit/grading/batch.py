"""Grade a folder of submissions: two at a time, one writer, and nothing that a submission does stops the rest."""

import errno
import json
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from coursekit import ROOT, CourseError, exercise, release
from coursekit.grading import intake, report, unit
from coursekit.grading.intake import Found
from coursekit.grading.record import NotRecorded, Records, write
from coursekit.grading.report import Entry
from coursekit.grading.run import NotGraded
from coursekit.grading.sandbox import Limits, Sandbox
from coursekit.grading.unit import Result
from coursekit.release import Bundle

FULL = (errno.ENOSPC, errno.EDQUOT)


class GradingStopped(CourseError):
    """The batch can't go on; the text says why and what to do."""


@dataclass
class Batch:
    """What came of a batch.

    Args:
        results: by student and exercise, without their notebooks.
        failed: sentences on submissions that have no result through a fault of the machine or of ours.
        cached: how many were graded before and taken over.
        grades, overview: the two files to look at first.
    """

    grades: Path
    overview: Path
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    cached: int = 0


def grade(
    folder: Path,
    *,
    root: Path = ROOT,
    into: Path | None = None,
    only: str | None = None,
    roster: Collection[str] | None = None,
    sandbox: Sandbox | None = None,
    limits: Limits | None = None,
    workers: int = 2,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda line: None,
    about: str = "",
) -> Batch:
    """Grade every submission in a folder, write gradebook, feedback and grades, and say where they are.

    Args:
        folder: laid out as FOLDER/STUDENT/EXERCISE/EXERCISE.ipynb.
        root: of the course.
        into: where all results go; None means the course's own `build/`.
        only: one exercise.
        roster: ids of the students of the class; None takes every folder as a student.
        sandbox: from `Sandbox.find()`, which is asked if this is None.
        limits: for each submission.
        workers: how many run at a time.
        fresh: grade again what was graded before.
        progress: is given a line for each submission.
        about: a sentence that stands on top of the overview.

    Raises:
        Refused: if there is no such folder.
        SandboxUnavailable: if there is no sandbox on this machine.
        GradingStopped: if nothing is there to grade, an exercise was not released, or results can't be written.
    """
    found = list(intake.find(Path(folder), exercise.names(root), exercise=only, roster=roster))
    if not found:
        raise GradingStopped(f"There is nothing to grade: {folder} holds no STUDENT/EXERCISE/EXERCISE.ipynb.")
    try:
        bundles = {name: release.load_bundle(name, root) for name in sorted({item.exercise for item in found})}
    except exercise.SourceError as error:
        raise GradingStopped(str(error)) from None
    into = into or root / "build"
    grader = _Grader(into / "results", sandbox or Sandbox.find(), limits or Limits(), fresh)
    batch = Batch(into / "grades.csv", into / "feedback" / "index.html")
    with _writing(into), Records(into) as records:
        for count, (item, outcome) in enumerate(_graded(grader, found, bundles, workers), start=1):
            where = f"{count}/{len(found)} {item.student}, {item.exercise}"
            if isinstance(outcome, str):
                batch.failed.append(f"{item.student}, {item.exercise}: {outcome}")
                progress(f"{where}: not graded. {outcome}")
                continue
            result, cached = outcome
            records.add(item.student, result, bundles[item.exercise], _handed_in(item))
            batch.cached += cached
            batch.results[item.student, item.exercise] = _without_notebook(result)
            state = "" if result.state == unit.GRADED else f" ({result.state})"
            progress(f"{where}: {result.points:g} of {result.max_points:g}{state}{', as before' if cached else ''}")
        _report(records, root, into, about)
    return batch


def feedback(root: Path = ROOT, into: Path | None = None, about: str = "") -> Batch:
    """Write all pages and the table of grades again, for example after answers were graded by hand.

    Raises:
        GradingStopped: if nothing was graded yet, or results can't be written.
    """
    into = into or root / "build"
    with _writing(into), Records(into) as records:
        entries = _report(records, root, into, about)
    if not entries:
        raise GradingStopped("Nothing was graded yet; grade a folder of submissions with: course grade FOLDER")
    results = {(entry.student, entry.result.exercise): entry.result for entry in entries}
    return Batch(into / "grades.csv", into / "feedback" / "index.html", results)


@dataclass
class _Grader:
    """Grades one submission, or takes the result from the folder where equal ones are kept."""

    results: Path
    sandbox: Sandbox
    limits: Limits
    fresh: bool

    def __call__(self, item: Found, bundle: Bundle) -> tuple[Result, bool]:
        if item.problem is not None:
            return unit.unreadable(item.problem, bundle, "missing"), False
        try:
            data = intake.read_file(item.path)
        except intake.Refused as refusal:
            return unit.unreadable(str(refusal), bundle, "refused"), False
        kept = self.results / f"{unit.key_of(data, bundle, self.sandbox, self.limits)}.json"
        if kept.exists() and not self.fresh:
            try:
                return Result.from_json(json.loads(kept.read_text(encoding="utf-8"))), True
            except (ValueError, KeyError, TypeError):
                kept.unlink()
        result = self._grade(data, bundle)
        write(kept, json.dumps(result.to_json()))
        return result, False

    def _grade(self, data: bytes, bundle: Bundle) -> Result:
        try:
            return unit.grade_one(data, bundle, sandbox=self.sandbox, limits=self.limits)
        except NotGraded:  # a machine that was too busy to start a kernel gets a second chance
            return unit.grade_one(data, bundle, sandbox=self.sandbox, limits=self.limits)


def _graded(
    grader: _Grader, found: list[Found], bundles: dict[str, Bundle], workers: int
) -> Iterator[tuple[Found, tuple[Result, bool] | str]]:
    """Results as they come, or the sentence on why there is none."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="grade")
    jobs: dict[Future[tuple[Result, bool]], Found] = {
        pool.submit(grader, item, bundles[item.exercise]): item for item in found
    }
    try:
        for job in as_completed(jobs):
            try:
                yield jobs[job], job.result()
            except NotGraded as error:
                yield jobs[job], str(error)
            except Exception as error:
                if isinstance(error, OSError) and error.errno in FULL:
                    raise
                yield jobs[job], f"{type(error).__name__}: {error}"
    finally:
        pool.shutdown(cancel_futures=True)


def _handed_in(item: Found) -> float:
    """When the notebook was written, or its folder where there is none."""
    path = item.path if os.path.lexists(item.path) else item.path.parent
    return path.lstat().st_mtime


def _without_notebook(result: Result) -> Result:
    return Result.from_json({**result.to_json(), "notebook": None})


def _report(records: Records, root: Path, into: Path, about: str) -> list[Entry]:
    bundles: dict[str, Bundle] = {}
    entries = []
    folder = into / "feedback"
    for student, result in records.results():
        try:
            if result.exercise not in bundles:
                bundles[result.exercise] = release.load_bundle(result.exercise, root)
        except exercise.SourceError:  # an exercise that is no longer there
            continue
        bundle = bundles[result.exercise]
        entry = Entry(student, result, records.by_hand(student, result))
        write(folder / student / f"{result.exercise}.html", report.feedback(entry, bundle))
        entries.append(Entry(student, _without_notebook(result), entry.by_hand))
    if entries:
        titles = {name: report.title_of(bundle) for name, bundle in bundles.items()}
        write(folder / "index.html", report.overview(entries, titles, about))
        write(into / "grades.csv", report.grades_csv(entries))
    return entries


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what goes wrong in writing into one sentence."""
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError
    from tornado.log import app_log

    app_log.disabled = True  # nbgrader's own traceback would bury the sentence
    try:
        yield
    except NotRecorded as error:
        raise GradingStopped(str(error)) from None
    except (SQLAlchemyError, InvalidEntry) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise GradingStopped(
            f"The gradebook in {folder} can't be written ({reason}): mend that, then grade again. "
            "What was graded before is kept."
        ) from None
    except OSError as error:
        remedy = "free some space" if error.errno in FULL else "make that place writable"
        raise GradingStopped(
            f"Results can't be written to {error.filename or folder} ({error.strerror}): {remedy}, then grade again. "
            "What was graded before is kept."
        ) from None
    finally:
        app_log.disabled = False
