"""Keep every version that a student handed in, and say which of them counts.

A version is kept as `STUDENT/EXERCISE/TIME-HASH.ipynb`, so what is there depends on what was handed in and when, not on
the order in which it was seen. One that equals the version before it is no new one.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from coursekit.grading import intake
from coursekit.grading.intake import Found
from coursekit.grading.rules import BEFORE_DUE, BEST, LATEST, Late, Rules
from coursekit.grading.unit import Result


@dataclass(frozen=True)
class Attempt(Found):
    """A version that was handed in.

    Args:
        handed_in: in seconds since 1970.
        digest: hash of the file; empty where there is none to read.
        late: by how much it was late.
    """

    handed_in: float = 0.0
    digest: str = ""
    late: Late | None = None

    def points(self, result: Result) -> float:
        """What the checks give, less what lateness costs."""
        return result.points * (1.0 - self.late.share if self.late else 1.0)


@dataclass
class Attempts:
    """The versions of a class, and the choice among them.

    Args:
        folder: where they are kept.
        rules: of the class.

    Attributes:
        older: students and exercises whose version in the folder is older than one that was there before.
    """

    folder: Path
    rules: Rules
    older: list[tuple[str, str]] = field(default_factory=list)
    _open: dict[tuple[str, str], list[Attempt]] = field(default_factory=dict)
    _came: dict[tuple[str, str], list[tuple[Attempt, Result, bool]]] = field(default_factory=dict)

    def to_grade(self, found: Iterable[Found]) -> Iterator[Attempt]:
        """Keep what was found, and give the versions that could count: one, or under `best` all of them."""
        for item in found:
            attempts = self._candidates(item)
            self._open[item.student, item.exercise] = list(attempts)
            yield from attempts

    def counts(self, attempt: Attempt, result: Result, cached: bool) -> tuple[Attempt, Result, bool] | None:
        """The version that counts with its result, once all that could count have theirs.

        Args:
            attempt: of `to_grade`.
            result: of it.
            cached: whether it was graded before; of several, all must have been.
        """
        pair = attempt.student, attempt.exercise
        self._came.setdefault(pair, []).append((attempt, result, cached))
        if len(self._came[pair]) < len(self._open[pair]):
            return None
        del self._open[pair]
        came = self._came.pop(pair)
        best, result, _ = max(came, key=lambda one: (one[0].points(one[1]), -one[0].handed_in))
        return best, result, all(cached for _, _, cached in came)

    def drop(self, attempt: Attempt) -> None:
        """One version could not be graded, so nothing is decided for now."""
        self._open.setdefault((attempt.student, attempt.exercise), []).append(attempt)

    def of(self, student: str, exercise: str) -> list[Attempt]:
        """All versions of one student, in the order in which they were handed in."""
        attempts: list[Attempt] = []
        for path in sorted(self.folder.joinpath(student, exercise).glob("*-*.ipynb")):
            stamp, _, digest = path.stem.rpartition("-")
            if attempts and attempts[-1].digest == digest:
                continue
            handed_in = datetime.strptime(stamp, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC).timestamp()
            late = self.rules.late(student, exercise, handed_in)
            attempts.append(Attempt(student, exercise, path, None, handed_in, digest, late))
        return attempts

    def _candidates(self, item: Found) -> list[Attempt]:
        handed_in = self._handed_in(item)
        try:
            data = None if item.problem is not None else intake.read_file(item.path)
        except intake.Refused:
            data = None
        attempts = [] if data is not None or self.rules.policy == LATEST else self.of(item.student, item.exercise)
        if data is None and not attempts:  # there is nothing to keep, and grading says why
            late = self.rules.late(item.student, item.exercise, handed_in)
            return [Attempt(item.student, item.exercise, item.path, item.problem, handed_in, "", late)]
        if data is not None:
            digest = self._keep(item, data, handed_in)
            # Of two versions of one time, the one that lies in the folder is the later one.
            attempts = sorted(
                self.of(item.student, item.exercise), key=lambda attempt: (attempt.handed_in, attempt.digest == digest)
            )
            if attempts[-1].digest != digest:
                self.older.append((item.student, item.exercise))
        if self.rules.policy == BEST:
            return attempts
        if self.rules.policy == BEFORE_DUE:
            attempts = [attempt for attempt in attempts if attempt.late is None] or attempts
        return attempts[-1:]

    def _keep(self, item: Found, data: bytes, handed_in: float) -> str:
        digest = hashlib.sha256(data).hexdigest()[:16]
        stamp = datetime.fromtimestamp(handed_in, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        folder = self.folder / item.student / item.exercise
        path = folder / f"{stamp}-{digest}.ipynb"
        if path.exists():
            return digest
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{os.getpid()}"
        partial.unlink(missing_ok=True)
        equal = next(folder.glob(f"*-{digest}.ipynb"), None)
        if equal is None:
            partial.write_bytes(data)
        else:  # the same again takes no room
            os.link(equal, partial)
        os.replace(partial, path)
        return digest

    def _handed_in(self, item: Found) -> float:
        """When the notebook was written, or its folder where there is none."""
        if self.rules.timestamps:
            with contextlib.suppress(intake.Refused, ValueError):
                text = intake.read_file(item.path.with_name("timestamp.txt"), limit=100).decode()
                return _utc(text).timestamp()
        path = item.path if os.path.lexists(item.path) else item.path.parent
        return path.lstat().st_mtime


def _utc(text: str) -> datetime:
    """A time as nbgrader's exchange writes it: 2026-12-04 22:59:00.123456 UTC."""
    when = datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
    return when if when.tzinfo else when.replace(tzinfo=UTC)
