"""Grade a folder of submissions: a pool that grades, one writer, and nothing that a submission does stops the rest."""

import errno
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from coursekit import ROOT, exercise, release
from coursekit.grading import changes, intake, pages, unit
from coursekit.grading.attempts import Attempt, Attempts
from coursekit.grading.changes import Change
from coursekit.grading.intake import Found
from coursekit.grading.pool import GradingStopped, Pool, Threads
from coursekit.grading.record import NotRecorded, Recorded, Records, write
from coursekit.grading.rules import Rules
from coursekit.grading.run import NotGraded
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.unit import Result
from coursekit.release import Bundle

FULL = (errno.ENOSPC, errno.EDQUOT)
NOTHING_GRADED = "Nothing was graded yet; grade a folder of submissions with: course grade FOLDER"


@dataclass(frozen=True)
class Step:
    """One submission is done; as text, the line that says so.

    Args:
        done, total: submissions of this batch.
        item: the submission.
        result: without its notebook, or the sentence on why there is none.
        cached: whether it was graded before.
    """

    done: int
    total: int
    item: Found
    result: Result | str
    cached: bool

    def __str__(self) -> str:
        where = f"{self.done}/{self.total} {self.item.student}, {self.item.exercise}"
        if isinstance(self.result, str):
            return f"{where}: not graded. {self.result}"
        state = "" if self.result.state == unit.GRADED else f" ({self.result.state})"
        before = ", as before" if self.cached else ""
        return f"{where}: {self.result.points:g} of {self.result.max_points:g}{state}{before}"


@dataclass
class Batch:
    """What came of a batch.

    Args:
        results: by student and exercise, without their notebooks.
        failed: sentences on submissions that have no result through a fault of the machine or of ours.
        cached: how many were graded before and taken over.
        held: changes of what is recorded that were not agreed to, and so not written.
        strangers: folders of nobody in the class.
        strays: what lies in folders of students and is no exercise.
        missing: students and the exercises that they did not hand in.
        older: students and exercises of which an older version lies in the folder than was there before.
        grades, overview: the two files to look at first.
    """

    grades: Path
    overview: Path
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    cached: int = 0
    held: list[Change] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    older: list[tuple[str, str]] = field(default_factory=list)

    def notices(self) -> list[str]:
        """Sentences on what somebody may want to look into."""
        named = [name for name in self.strangers if intake.STUDENT_ID.fullmatch(name)]
        others = [name for name in self.strangers if name not in named]
        sentences = {
            "These folders belong to nobody on the roster and were passed over": named,
            "Passed over, since the name of a student's folder has only letters, digits and _.@+-": others,
            "These are of no exercise and were passed over": self.strays,
            "Missing, with no points": [", ".join(pair) for pair in self.missing],
            "The version in the folder is older than one that was there before, which counts": [
                ", ".join(pair) for pair in self.older
            ],
        }
        return [f"{sentence}: {'; '.join(names)}." for sentence, names in sentences.items() if names]


def grade(
    folder: Path,
    *,
    root: Path = ROOT,
    into: Path | None = None,
    only: str | None = None,
    roster: Mapping[str, Mapping[str, str]] | None = None,
    rules: Rules | None = None,
    agree: Callable[[list[Change]], Collection[Change]] = lambda changes: changes,
    pool: Pool | None = None,
    db_url: str | None = None,
    fresh: bool = False,
    progress: Callable[[Step], None] = lambda step: None,
    about: str = "",
) -> Batch:
    """Grade every submission in a folder, write gradebook, feedback and grades, and say where they are.

    It may be ended at any moment: what was graded is written at once, and the next run goes on from there.

    Args:
        folder: laid out as FOLDER/STUDENT/EXERCISE/EXERCISE.ipynb.
        root: of the course.
        into: where all results go; None means the course's own `build/`.
        only: one exercise.
        roster: of `read_roster`; None takes every folder as a student.
        rules: of `read_rules`; None takes the latest version and never takes anything off.
        agree: is given all changes of points that are recorded, and returns those to write.
        pool: where submissions run; None means two at a time, in the sandbox of this machine.
        db_url: of the gradebook; None means `gradebook.db` where all results go.
        fresh: grade again what was graded before.
        progress: is told of each submission.
        about: a sentence that stands on top of the overview.

    Raises:
        Refused: if there is no such folder.
        SandboxUnavailable: if there is no sandbox on this machine.
        GradingStopped: if nothing is there to grade, an exercise was not released, or results can't be written.
    """
    found = list(intake.find(Path(folder), exercise.names(root), exercise=only, roster=roster))
    if not found:
        raise GradingStopped(f"There is nothing to grade: {folder} holds no STUDENT/EXERCISE/EXERCISE.ipynb.")
    rules = rules or Rules()
    names = {item.exercise for item in found} | (rules.due_before(time.time()) & {only or name for name in rules.due})
    try:
        bundles = {name: release.load_bundle(name, root) for name in sorted(names)}
    except exercise.SourceError as error:
        raise GradingStopped(str(error)) from None
    into = into or root / "build"
    pool = pool or Threads(Sandbox.find())
    batch = Batch(into / "grades.csv", into / "class" / "index.html")
    attempts = Attempts(into / "attempts", rules)
    batch.strangers, batch.older = intake.strangers(Path(folder), roster), attempts.older
    batch.strays = intake.strays(Path(folder), exercise.names(root))
    desk = _Desk(bundles, pool, into / "results", fresh)
    changed: list[tuple[Change, Recorded]] = []
    with _recording(Records(into, db_url)) as records, pool:
        records.open_class(rules, roster or {})
        for item, result, cached in _graded(desk, attempts.to_grade(found)):
            if isinstance(result, str):
                batch.failed.append(f"{item.student}, {item.exercise}: {result}")
                attempts.drop(item)
            elif counts := attempts.counts(item, result, cached):
                item, result, cached = counts
                new = Recorded.now(item.student, result, bundles[item.exercise], item.handed_in, item.digest, item.late)
                change = changes.of(new, records)
                if change is None:
                    records.put(new, bundles[item.exercise])
                result = _without_notebook(result)
                if change is not None:
                    changed.append((change, replace(new, result=result)))
                batch.results[item.student, item.exercise] = result
                batch.cached += cached
            else:
                continue
            progress(Step(len(batch.results) + len(batch.failed), len(found), item, result, cached))
        agreed = agree([change for change, _ in changed]) if changed else ()
        for change, new in changed:
            if change in agreed:
                records.put(replace(new, result=desk.whole(new.result)), bundles[change.exercise])
            else:
                batch.held.append(change)
        batch.missing = _missing(records, found, bundles, rules, roster or {})
        pages.write_all(records, root, into, about)
    return batch


def _missing(
    records: Records, found: list[Found], bundles: Mapping[str, Bundle], rules: Rules, roster: Collection[str]
) -> list[tuple[str, str]]:
    """Record who of the roster handed in nothing and should have by now; without a due time, once others did."""
    there = {(item.student, item.exercise) for item in found}
    missing = []
    for student in roster:
        for name, bundle in bundles.items():
            overdue = (rules.due_for(student, name) or 0.0) < time.time()
            if (student, name) not in there and records.set_missing(student, unit.missing(bundle), overdue):
                missing.append((student, name))
    return missing


def _graded(desk: "_Desk", attempts: Iterable[Attempt]) -> Iterator[tuple[Attempt, Result | str, bool]]:
    """Each submission with its result, or the sentence on why there is none, and whether it was graded before."""
    for item, came in desk.pool.results(attempts, desk.begin):
        if isinstance(came, _Known):
            yield item, came.result, came.cached
            continue
        if isinstance(came, Result):
            desk.keep(came)
        yield item, _why(came) if isinstance(came, Exception) else came, False


def _why(error: Exception) -> str:
    """The sentence on a submission that has no result; a full disk would fail every one, so it is raised."""
    if isinstance(error, OSError) and error.errno in FULL:
        raise error
    return str(error) if isinstance(error, NotGraded) else f"{type(error).__name__}: {error}"


def graded(root: Path = ROOT, into: Path | None = None, db_url: str | None = None) -> pages.Class:
    """All that was graded, as it stands in the record; no page is written.

    Raises:
        GradingStopped: if nothing was graded yet, or the record can't be opened.
    """
    with _recording(Records(into or root / "build", db_url)) as records:
        found = pages.read(records, root)
    if not found.entries:
        raise GradingStopped(NOTHING_GRADED)
    return found


def feedback(root: Path = ROOT, into: Path | None = None, db_url: str | None = None, about: str = "") -> Batch:
    """Write all pages and the table of grades again, for example after answers were graded by hand.

    Raises:
        GradingStopped: if nothing was graded yet, or results can't be written.
    """
    into = into or root / "build"
    with _recording(Records(into, db_url)) as records:
        entries = pages.write_all(records, root, into, about).entries
    if not entries:
        raise GradingStopped(NOTHING_GRADED)
    results = {(entry.student, entry.result.exercise): entry.result for entry in entries}
    return Batch(into / "grades.csv", into / "class" / "index.html", results)


@dataclass(frozen=True)
class _Known:
    """What came of a submission without running it."""

    result: Result
    cached: bool = False


@dataclass
class _Desk:
    """Takes a submission from its folder and hands it to the pool, unless there is nothing to run."""

    bundles: dict[str, Bundle]
    pool: Pool
    kept: Path
    fresh: bool

    def begin(self, item: Found) -> Future[Result] | _Known:
        bundle = self.bundles[item.exercise]
        if item.problem is not None:
            return _Known(unit.unreadable(item.problem, bundle, "missing"))
        try:
            data = intake.read_file(item.path)
        except intake.Refused as refusal:
            return _Known(unit.unreadable(str(refusal), bundle, "refused"))
        kept = self._path(unit.key_of(data, bundle, self.pool.seal, self.pool.limits))
        if kept.exists() and not self.fresh:
            try:
                return _Known(Result.from_json(json.loads(kept.read_text(encoding="utf-8"))), cached=True)
            except (ValueError, KeyError, TypeError):
                kept.unlink()
        return self.pool.submit(data, bundle)

    def keep(self, result: Result) -> None:
        """Write a result where the next run finds it."""
        write(self._path(result.key), json.dumps(result.to_json()))

    def whole(self, result: Result) -> Result:
        """A result with its notebook, which is kept on disk."""
        path = self._path(result.key)
        return Result.from_json(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else result

    def _path(self, key: str) -> Path:
        return self.kept / f"{key}.json"


def _without_notebook(result: Result) -> Result:
    return Result.from_json({**result.to_json(), "notebook": None})


@contextmanager
def _recording(records: Records) -> Iterator[Records]:
    """Open the records, and turn what goes wrong in writing into one sentence."""
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError
    from tornado.log import app_log

    app_log.disabled = True  # nbgrader's own traceback would bury the sentence
    try:
        with records:
            yield records
    except NotRecorded as error:
        raise GradingStopped(str(error)) from None
    except (SQLAlchemyError, InvalidEntry) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise GradingStopped(
            f"The gradebook {records.where} can't be written ({reason}): mend that, then grade again. "
            "What was graded before is kept."
        ) from None
    except OSError as error:
        remedy = "free some space" if error.errno in FULL else "make that place writable"
        raise GradingStopped(
            f"Results can't be written to {error.filename or records.build} ({error.strerror}): {remedy}, then grade "
            "again. What was graded before is kept."
        ) from None
    finally:
        app_log.disabled = False
