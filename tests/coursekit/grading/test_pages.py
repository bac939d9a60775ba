"""The folders that a graded class leaves, written from the record."""

import pytest

from coursekit.grading import pages, report
from coursekit.grading.record import Recorded, Records
from coursekit.grading.unit import Result, Written, missing
from dlarch.check import Verdict


def graded(bundle, why="Because.", points=None):
    checks = tuple(
        Verdict(task.name, task.points if points is None else points, task.points, "right", "m")
        for task in bundle.tasks
    )
    notebook = {**bundle.notebook, "cells": []}
    return Result("sample", "graded", checks, (Written("why", 1.0, why),), (), "bubblewrap", 1.0, "k", notebook)


@pytest.fixture
def records(tmp_path, gradebook, bundle):
    (tmp_path / "gradebook.db").write_bytes(gradebook)
    with Records(tmp_path) as records:
        records.put(Recorded.now("ada", graded(bundle), bundle, 0.0), bundle)
        records.put(Recorded.now("bob", graded(bundle, points=0.0), bundle, 0.0), bundle)
        records.set_missing("cyn", missing(bundle))
        yield records


def test_students_get_their_pages_and_the_class_is_apart_from_them(records, course, tmp_path):
    found = pages.write_all(records, course, tmp_path, "Made by code.")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    students = {f"feedback/{name}/{page}.html" for name in ("ada", "bob", "cyn") for page in ("sample", "index")}
    assert written == {*students, "class/index.html", "class/sample.html"}
    assert [(entry.student, entry.points, entry.state) for entry in found.entries] == [
        ("ada", 8.0, "graded"),
        ("bob", 0.0, "graded"),
        ("cyn", 0.0, "missing"),
    ]
    assert found.titles == {"sample": "A small exercise"}
    assert (tmp_path / "grades.csv").read_text().count("\n") == 4
    assert "bob" not in "".join(path.read_text() for path in (tmp_path / "feedback" / "ada").iterdir())


def test_a_page_is_made_again_only_where_something_changed(records, course, bundle, tmp_path, monkeypatch):
    made = []
    whole = report.feedback
    monkeypatch.setattr(report, "feedback", lambda entry, bundle: made.append(entry.student) or whole(entry, bundle))
    pages.write_all(records, course, tmp_path)
    before = (tmp_path / "class" / "sample.html").read_text()
    pages.write_all(records, course, tmp_path)
    assert made == ["ada", "bob", "cyn"]
    assert (tmp_path / "class" / "sample.html").read_text() == before

    notebook = records.gradebook.find_submission_notebook("sample", "sample", "ada")
    (grade,) = (grade for grade in notebook.grades if grade.name == "written-why")
    grade.manual_score, grade.needs_manual_grade = 0.5, False
    records.gradebook.db.commit()
    (tmp_path / "feedback" / "bob" / "sample.html").write_text("spoilt")
    pages.write_all(records, course, tmp_path)
    assert made == ["ada", "bob", "cyn", "ada", "bob"]
    assert "8.5" in (tmp_path / "class" / "index.html").read_text()
    assert (tmp_path / "class" / "sample.html").read_text() != before


def test_reading_writes_nothing(records, course, tmp_path):
    assert [entry.student for entry in pages.read(records, course).entries] == ["ada", "bob", "cyn"]
    assert not list(tmp_path.rglob("*.html"))
