"""A driver that is ended at any moment loses nothing, and the next one goes on from there."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import threading
import time
import warnings
from dataclasses import replace

import pytest

from coursekit.grading import batch, unit
from coursekit.grading.pool import GradingStopped, Threads
from coursekit.grading.record import NotRecorded, Recorded, Records
from coursekit.grading.sandbox import Sandbox
from dlarch.check import Verdict

ENDS = (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGKILL, signal.SIGINT)
MOST = 4  # submissions that a run may grade before it is ended
STUDENTS = MOST * len(ENDS) + 2
ROWS = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
ORDER BY 1, 2
"""


@pytest.fixture
def folder(tmp_path, maker, source):
    for number in range(STUDENTS):
        path = tmp_path / "submitted" / f"student-{number:02}" / "sample" / "sample.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(maker.notebook({**source.answers, "why": str(number)})))
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return tmp_path / "submitted"


class Calls:
    """A stand-in for grading that takes a moment, and counts its calls in a file that forks share.

    Attributes:
        enough: calls after so many wait until the run is ended, however late that comes.
        ended: whether it was.
    """

    def __init__(self, file):
        self.file, self.enough, self.ended = file, float("inf"), threading.Event()

    def __len__(self):
        return self.file.stat().st_size if self.file.exists() else 0

    def grade_one(self, data, bundle, *, sandbox, limits):
        with open(self.file, "a") as file:
            file.write(".")
        if len(self) > self.enough:
            self.ended.wait()
        time.sleep(0.03)
        checks = tuple(Verdict(task.name, task.points, task.points, "right", "m") for task in bundle.tasks)
        key = unit.key_of(data, bundle, sandbox.name, limits)
        written = (unit.Written("why", 1.0, "w"),)
        return unit.Result("sample", "graded", checks, written, (), sandbox.name, 0.0, key, dict(bundle.notebook))

    def interrupt(self, *_):
        self.ended.set()
        raise KeyboardInterrupt


@pytest.fixture
def calls(monkeypatch, tmp_path):
    calls = Calls(tmp_path / "calls")
    monkeypatch.setattr(unit, "grade_one", calls.grade_one)
    return calls


@pytest.fixture
def place(tmp_path, gradebook):
    """Makes a folder for results with a gradebook in it."""

    def make(name):
        (tmp_path / name).mkdir()
        (tmp_path / name / "gradebook.db").write_bytes(gradebook)
        return tmp_path / name

    return make


def run(folder, course, into):
    return batch.grade(folder, root=course, into=into, pool=Threads(Sandbox.find(trust=True)))


def rows(into):
    with contextlib.closing(sqlite3.connect(into / "gradebook.db")) as connection:
        return connection.execute(ROWS).fetchall()


def run_and_end(end, calls, more, seconds, *arguments):
    """Grade in a fork of this process and send it a signal a while after it began so many submissions more."""
    enough = len(calls) + more
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads; this one ends without them
        child = os.fork()
    if child == 0:
        try:
            calls.enough = enough
            signal.signal(signal.SIGINT, calls.interrupt)
            run(*arguments)
        finally:
            os._exit(0)
    while len(calls) < enough and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(child, end)
    os.waitpid(child, 0)


def test_whenever_the_driver_is_ended_nothing_is_lost_nor_graded_twice(folder, course, calls, place):
    whole = run(folder, course, place("whole"))
    calls.file.unlink()
    chance = random.Random(20)
    ended = place("ended")
    for end in ENDS:
        run_and_end(end, calls, chance.randint(1, MOST), chance.uniform(0.0, 0.06), folder, course, ended)
        found = rows(ended)
        assert all(score is not None for _, _, score, _, _ in found), "a submission is half in the gradebook"
        assert len(found) < len(rows(whole.grades.parent)), "the run went on though it was ended"
    again = run(folder, course, ended)
    assert again.grades.read_bytes() == whole.grades.read_bytes()
    assert rows(ended) == rows(whole.grades.parent)
    # What the driver had in hand when it ended, four submissions at most, is graded again, and nothing else.
    assert STUDENTS <= len(calls) <= STUDENTS + 4 * len(ENDS)
    before = len(calls)
    assert run(folder, course, ended).cached == STUDENTS
    assert len(calls) == before


def test_an_error_in_the_midst_of_a_submission_leaves_nothing_of_it_in_the_gradebook(bundle, place):
    checks = (Verdict("not-in-the-gradebook", 1.0, 1.0, "right", "m"),)
    result = unit.Result("sample", "graded", checks, (), (), "bubblewrap", 1.0, "k", None)
    with Records(place("half")) as records:
        with pytest.raises(NotRecorded):
            records.put(Recorded.now("ada", result, bundle, 0.0), bundle)
        assert [student.id for student in records.gradebook.students] == []


def test_of_two_drivers_in_one_folder_the_second_is_told_to_wait(folder, course, calls, place):
    into = place("shared")
    with (
        Records(into),
        pytest.raises(GradingStopped, match=r"Another grading run is writing to .*shared: wait until it has ended"),
    ):
        run(folder, course, into)
    assert len(run(folder, course, into).results) == STUDENTS


def test_ctrl_c_ends_the_kernels_that_nobody_waits_for_any_more(bundle, sandbox, limits, maker):
    endless = maker.added(maker.notebook(maker.answers), "while True: pass")
    futures = []

    def stop_in_the_midst_of_it():
        with Threads(sandbox, replace(limits, cell=100.0)) as pool:
            futures.append(pool.submit(json.dumps(endless).encode(), bundle))
            time.sleep(2.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_in_the_midst_of_it()
    assert futures[0].done()
