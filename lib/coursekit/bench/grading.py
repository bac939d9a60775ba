"""Grading: nbgrader's own autograder and this grader on the same honest submissions, in one run.

Submissions are made by code: right ones, variants, half right ones and known misconceptions, each made unlike the
others by a comment. nbgrader runs as its command does, one submission after another, and once more with two of its
processes side by side, each with a course of its own. This grader runs two at a time in its sandbox.

Memory is the proportional share (PSS) of all processes of a run at its highest, sampled, as processor time is.
"""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any

import nbformat
import psutil

from coursekit import ROOT, exercise, release
from coursekit.exercise import Exercise
from coursekit.grading import batch
from coursekit.grading.pool import Threads
from coursekit.grading.sandbox import Sandbox

EXERCISES = ("linear", "nin", "attention", "rnn")
STUDENTS = 6  # of each exercise
Points = dict[tuple[str, str, str], float]


class Meter:
    """Samples the processes that come from this one: seconds of processor time and, if wanted, most bytes held."""

    def __init__(self, *, memory: bool = True) -> None:
        self._memory = memory
        self._cpu: dict[int, float] = {}
        self._most = 0
        self._done = Event()
        self._thread = Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "Meter":
        self._began = time.monotonic()
        self._before = sum(psutil.Process().cpu_times()[:2])
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._began
        self.cpu_seconds = sum(self._cpu.values()) - self._before
        self.megabytes = self._most / 1e6

    def _sample(self) -> None:
        driver = psutil.Process()
        while not self._done.wait(0.1):
            held = 0
            for process in (driver, *driver.children(recursive=True)):
                with contextlib.suppress(psutil.Error, OSError, ValueError):
                    self._cpu[process.pid] = sum(process.cpu_times()[:2])
                    held += _proportional(process.pid) if self._memory else 0
            self._most = max(self._most, held)


def _proportional(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) << 10


def submissions(source: Exercise, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Students and their notebooks, made by code."""
    answers = dict(source.answers)
    wrong = {m.answer: m.source for m in reversed(source.misconceptions)}
    kinds: list[tuple[str, dict[str, str]]] = [
        ("right", {}),
        ("half", {name: wrong[name] for name in list(answers)[1::2] if name in wrong}),
        *(("variant", {v.answer: v.source}) for v in source.variants[:3]),
        *(("wrong", {m.answer: m.source}) for m in source.misconceptions[:: max(1, len(source.misconceptions) // 5)]),
    ]
    for number, (kind, changed) in zip(range(count), itertools.cycle(kinds), strict=False):
        texts = {name: f"# submission {number}\n{text}" for name, text in {**answers, **changed}.items()}
        yield f"{kind}-{number}", source.with_answers(texts)


def make_course(root: Path, names: Sequence[str], count: int) -> None:
    """A course with these exercises and their submissions."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for name in names:
        shutil.copytree(ROOT / "solutions" / name, root / "solutions" / name)
        release.build(name, root)
        for student, notebook in submissions(exercise.load(name, root), count):
            path = root / "build" / "submitted" / student / name / f"{name}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(nbformat.from_dict(notebook), path)


def nbgrader(root: Path, names: Sequence[str]) -> list[subprocess.Popen[bytes]]:
    """nbgrader's command at work on each exercise of a course, one after the other, on one thread as ours."""
    line = " && ".join(f"{sys.executable} -m nbgrader autograde {name} --create" for name in names)
    one = os.environ | {"OMP_NUM_THREADS": "1"}
    return [subprocess.Popen(line, shell=True, cwd=root, env=one, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]


def nbgrader_points(root: Path, names: Sequence[str]) -> Points:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'build' / 'gradebook.db'}", "architectures") as gradebook:
        return {
            (submission.student.id, name, grade.name): grade.auto_score
            for name in names
            for submission in gradebook.assignment_submissions(name)
            for grade in gradebook.find_submission_notebook(name, name, submission.student.id).grades
            if grade.name.startswith("check-")
        }


def our_points(root: Path) -> Points:
    with Threads(Sandbox.find()) as pool:
        graded = batch.grade(root / "build" / "submitted", root=root, into=root / "ours", pool=pool)
    return {
        (student, name, f"check-{verdict.task}"): verdict.points
        for (student, name), result in graded.results.items()
        for verdict in result.checks
    }


def measure(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    with Meter() as meter:
        result = work()
    used = {"seconds": meter.seconds, "cpu_seconds": meter.cpu_seconds, "megabytes": meter.megabytes}
    return used, result


def _wait(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    ended = [process.wait() for process in processes]
    if any(ended):
        raise RuntimeError("nbgrader ended in an error; run it by hand to see which")


def run(names: Sequence[str] = EXERCISES, count: int = STUDENTS) -> dict[str, Any]:
    """Grade the same submissions in three ways; times are of the whole run, gradebook and feedback included.

    Raises:
        RuntimeError: if the graders differ in a score.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = _run(names, count, Path(folder))
    if results["differences"]:
        raise RuntimeError(f"scores differ: {results['differences']}")
    return results


def _run(names: Sequence[str], count: int, folder: Path) -> dict[str, Any]:
    print(f"Making {len(names)} x {count} submissions", flush=True)
    one, *two = roots = [folder / name for name in ("one", "left", "right")]
    parts = [names, names[::2], names[1::2]]
    for root, part in zip(roots, parts, strict=True):
        root.mkdir()
        make_course(root, part, count)
    results = {}
    print("Grading with this grader, two at a time, sealed", flush=True)
    results["ours"], ours = measure(lambda: our_points(one))
    print("Grading with nbgrader, one after another, not sealed", flush=True)
    results["nbgrader"], _ = measure(lambda: _wait(nbgrader(one, names)))
    print("Grading with two processes of nbgrader side by side, not sealed", flush=True)
    sides = list(zip(two, parts[1:], strict=True))
    results["nbgrader_twice"], _ = measure(lambda: _wait([p for root, part in sides for p in nbgrader(root, part)]))

    stock = nbgrader_points(one, names)
    total = len(names) * count
    for used in results.values():
        used["seconds_each"] = used["seconds"] / total
        used["cores"] = used["cpu_seconds"] / used["seconds"]
    return {
        "submissions": total,
        "exercises": list(names),
        "checks": len(stock),
        "differences": sorted(key for key in stock.keys() | ours.keys() if stock.get(key) != ours.get(key)),
        "runs": results,
    }


def say(report: dict[str, Any]) -> None:
    ours = report["runs"]["ours"]
    for name, used in report["runs"].items():
        print(
            f"{name:15s} {used['seconds_each']:6.2f} s a submission, {used['cores']:.2f} cores, "
            f"{used['megabytes']:5.0f} MB, {used['seconds'] / ours['seconds']:5.1f} times ours"
        )
    print(f"{report['submissions']} submissions, {report['checks']} checks, {len(report['differences'])} scores differ")
