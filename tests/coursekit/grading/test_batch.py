"""A folder of submissions; the grading of each is a stand-in here, so that what can go wrong around it can be tried."""

import csv
import errno
import io
import json
import os

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from coursekit.grading import batch, record, unit
from coursekit.grading.batch import GradingStopped
from coursekit.grading.intake import Refused
from coursekit.grading.pool import Threads
from coursekit.grading.run import NotGraded
from coursekit.grading.sandbox import Sandbox
from dlarch.check import Verdict


@pytest.fixture
def folder(tmp_path, maker, source, gradebook):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gradebook.db").write_bytes(gradebook)
    for student in ("ada", "bob", "eve"):
        path = tmp_path / "submitted" / student / "sample" / "sample.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(maker.notebook({**source.answers, "why": student})))
    return tmp_path / "submitted"


@pytest.fixture
def graded(monkeypatch):
    """Calls of the stand-in, which gives full marks; `fails` makes it raise for a submission that holds a word."""
    calls = []
    fails = {}

    def grade_one(data, bundle, *, sandbox, limits):
        calls.append(data)
        for word, errors in fails.items():
            if word.encode() in data and errors:
                raise errors.pop()
        checks = tuple(Verdict(task.name, task.points, task.points, "right", "m") for task in bundle.tasks)
        key = unit.key_of(data, bundle, sandbox.name, limits)
        written = (unit.Written("why", 1.0, "w"),)
        return unit.Result("sample", "graded", checks, written, (), sandbox.name, 0.0, key, dict(bundle.notebook))

    monkeypatch.setattr(unit, "grade_one", grade_one)
    calls_and_fails = type("Graded", (), {"calls": calls, "fails": fails})
    return calls_and_fails


def run(folder, course, **more):
    pool = Threads(Sandbox.find(trust=True))
    return batch.grade(folder, root=course, into=folder.parent / "out", pool=pool, **more)


def rows(found):
    return list(csv.DictReader(io.StringIO(found.grades.read_text(encoding="utf-8"))))


def test_everything_lies_where_it_is_said_to(folder, course, graded):
    lines = []
    found = run(folder, course, progress=lines.append, about="A test.")
    assert {key: result.points for key, result in found.results.items()} == {
        (student, "sample"): 8.0 for student in ("ada", "bob", "eve")
    }
    assert [row["student"] for row in rows(found)] == ["ada", "bob", "eve"]
    assert "A test." in found.overview.read_text(encoding="utf-8")
    out = folder.parent / "out"
    for student in ("ada", "bob", "eve"):
        assert (out / "feedback" / student / "sample.html").is_file()
        assert (out / "autograded" / student / "sample" / "sample.ipynb").is_file()
    assert (out / "gradebook.db").is_file()
    assert sorted(str(line).split(" ", 1)[0] for line in lines) == ["1/3", "2/3", "3/3"]


def test_the_second_time_nothing_is_run_and_nothing_changes(folder, course, graded):
    first = run(folder, course)
    text = first.grades.read_bytes(), first.overview.read_bytes()
    second = run(folder, course)
    assert len(graded.calls) == 3
    assert second.cached == 3
    assert (second.grades.read_bytes(), second.overview.read_bytes()) == text
    run(folder, course, fresh=True)
    assert len(graded.calls) == 6


def test_a_damaged_result_is_made_again(folder, course, graded):
    run(folder, course)
    for path in (folder.parent / "out" / "results").glob("*.json"):
        path.write_text("{")
    assert run(folder, course).cached == 0


def test_a_fault_of_ours_costs_one_submission_and_is_named(folder, course, graded):
    graded.fails["bob"] = [ZeroDivisionError("a bug")]
    graded.fails["eve"] = [NotGraded("The kernel did not start.")]  # once: it is tried again
    found = run(folder, course)
    assert set(found.results) == {("ada", "sample"), ("eve", "sample")}
    assert found.failed == ["bob, sample: ZeroDivisionError: a bug"]
    graded.fails["bob"] = [NotGraded("The kernel did not start.")] * 2
    assert run(folder, course, fresh=True).failed == ["bob, sample: The kernel did not start."]


def test_submissions_that_are_no_files_are_graded_as_unreadable(folder, course, graded):
    os.remove(folder / "ada" / "sample" / "sample.ipynb")
    (folder / "ada" / "sample" / "sample.ipynb").symlink_to(folder / "bob" / "sample" / "sample.ipynb")
    os.remove(folder / "eve" / "sample" / "sample.ipynb")
    found = run(folder, course)
    assert {key[0]: result.state for key, result in found.results.items()} == {
        "ada": "unreadable",
        "bob": "graded",
        "eve": "unreadable",
    }
    assert {row["student"]: row["total"] for row in rows(found)} == {"ada": "0", "bob": "8", "eve": "0"}


def test_a_full_disk_ends_in_one_sentence(folder, course, graded, monkeypatch):
    def full(path, text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    for module in (batch, record):
        with monkeypatch.context() as patch:
            patch.setattr(module, "write", full)
            with pytest.raises(GradingStopped, match=r"No space left on device.*free some space"):
                run(folder, course, fresh=True)


def test_a_gradebook_that_takes_nothing_more_ends_in_one_sentence(folder, course, graded, caplog):
    def close(connection, _):
        connection.execute("PRAGMA query_only = ON")  # writing fails as on a full disk, through the same errors

    event.listen(Engine, "connect", close)
    try:
        with pytest.raises(GradingStopped, match=r"gradebook .* can't be written .* grade again") as stopped:
            run(folder, course)
    finally:
        event.remove(Engine, "connect", close)
    assert "\n" not in str(stopped.value)
    assert not caplog.records
    assert len(run(folder, course).results) == 3


def test_an_output_folder_that_cannot_be_written_ends_in_one_sentence(folder, course, graded):
    with pytest.raises(GradingStopped, match=r"can't be written.*make that place writable"):
        batch.grade(
            folder,
            root=course,
            into=folder / "ada" / "sample" / "sample.ipynb",
            pool=Threads(Sandbox.find(trust=True)),
        )


def test_nothing_to_grade_and_nothing_released_are_said(folder, course, graded, tmp_path):
    with pytest.raises(Refused, match="is no folder"):
        run(tmp_path / "nowhere", course)
    (tmp_path / "empty").mkdir()
    with pytest.raises(GradingStopped, match="nothing to grade"):
        run(tmp_path / "empty", course)
    (folder / "ada" / "other").mkdir()
    with pytest.raises(GradingStopped, match="course release other"):
        run(folder, course, only="other")
    with pytest.raises(GradingStopped, match="Nothing was graded yet"):
        batch.feedback(course, into=tmp_path / "fresh")


def test_feedback_is_written_again_with_the_scores_given_by_hand(folder, course, graded):
    from coursekit.grading.record import Records

    found = run(folder, course)
    assert rows(found)[0]["sample: why"] == ""
    out = folder.parent / "out"
    with Records(out) as records:
        grade = records.gradebook.find_grade("written-why", "sample", "sample", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        records.gradebook.db.commit()
    again = batch.feedback(course, into=out)
    assert (rows(again)[0]["total"], rows(again)[0]["sample: why"], rows(again)[0]["to grade by hand"]) == (
        "9",
        "1",
        "",
    )
    assert len(graded.calls) == 3


def test_without_a_sandbox_nothing_is_graded(folder, course, graded, monkeypatch):
    from coursekit.grading import sandbox

    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(sandbox.SandboxUnavailable):
        batch.grade(folder, root=course, into=folder.parent / "out")
    assert graded.calls == []
