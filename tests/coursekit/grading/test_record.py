"""The gradebook and the folder of graded notebooks."""

import json

import nbformat
import pytest

from coursekit.grading.record import NotRecorded, Records
from coursekit.grading.unit import Result, Written
from dlarch.check import Verdict


def result(bundle, points=None, why="Because.", notebook=True):
    points = points or {}
    checks = tuple(Verdict(t.name, points.get(t.name, t.points), t.points, "right", "m") for t in bundle.tasks)
    cells = json.loads(json.dumps(bundle.notebook)) if notebook else None
    return Result("sample", "graded", checks, (Written("why", 1.0, why),), (), "bubblewrap", 1.0, "k", cells)


def grades(records):
    notebook = records.gradebook.find_submission_notebook("sample", "sample", "ada")
    return {grade.name: grade for grade in notebook.grades}


@pytest.fixture
def records(tmp_path, gradebook):
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "gradebook.db").write_bytes(gradebook)
    with Records(tmp_path / "build") as records:
        yield records


def test_every_graded_cell_gets_an_explicit_score(records, bundle):
    records.add("ada", result(bundle, {"softmax": 0.0}), bundle, 1_000_000_000.0)
    found = grades(records)
    assert {name: grade.auto_score for name, grade in found.items()} == {
        **{f"check-{task.name}": 0.0 if task.name == "softmax" else task.points for task in bundle.tasks},
        "written-why": 0.0,
    }
    assert {name for name, grade in found.items() if grade.needs_manual_grade} == {"written-why"}
    submission = records.gradebook.find_submission("sample", "ada")
    assert (submission.score, submission.max_score) == (6.0, 9.0)
    assert submission.timestamp.isoformat() == "2001-09-09T01:46:40"


def test_a_gradebook_of_its_own_is_made_where_there_is_none(tmp_path, bundle):
    with Records(tmp_path / "elsewhere") as records:
        records.add("ada", result(bundle), bundle, 0.0)
        submission = records.gradebook.find_submission("sample", "ada")
        assert (submission.score, submission.max_score) == (8.0, 9.0)


def test_doing_it_again_changes_nothing(records, bundle, tmp_path):
    records.add("ada", result(bundle), bundle, 0.0)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in records.autograded.rglob("*.*")}
    records.add("ada", result(bundle), bundle, 0.0)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in records.autograded.rglob("*.*")} == before
    assert len(records.gradebook.students) == 1
    assert [(student, found.points) for student, found in records.results()] == [("ada", 8.0)]


def test_what_was_given_by_hand_is_kept_and_asked_for_again_only_if_the_answer_changed(records, bundle):
    records.add("ada", result(bundle), bundle, 0.0)
    assert records.by_hand("ada", result(bundle)) == {"why": None}
    grade = grades(records)["written-why"]
    grade.manual_score, grade.needs_manual_grade = 0.5, False
    records.gradebook.db.commit()

    records.add("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0)
    assert records.by_hand("ada", result(bundle)) == {"why": 0.5}

    records.add("ada", result(bundle, why="Something else."), bundle, 0.0)
    grade = grades(records)["written-why"]
    assert (grade.manual_score, grade.needs_manual_grade) == (0.5, True)
    assert records.by_hand("ada", result(bundle)) == {"why": None}
    records.add("ada", result(bundle, why="Something else."), bundle, 0.0)
    assert grades(records)["written-why"].needs_manual_grade


def test_a_check_overruled_by_hand_is_looked_at_again_only_if_its_score_changed(records, bundle):
    records.add("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0)
    grades(records)["check-softmax"].manual_score = 1.0
    records.add("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0)
    assert not grades(records)["check-softmax"].needs_manual_grade
    records.add("ada", result(bundle), bundle, 0.0)
    grade = grades(records)["check-softmax"]
    assert (grade.score, grade.needs_manual_grade) == (1.0, True)


@pytest.mark.parametrize("blank", ["", "  ", "YOUR ANSWER HERE"])
def test_nobody_is_asked_to_grade_a_blank_answer(records, bundle, blank):
    records.add("ada", result(bundle, why=blank), bundle, 0.0)
    assert not grades(records)["written-why"].needs_manual_grade
    assert records.by_hand("ada", result(bundle)) == {"why": 0.0}


def test_graded_notebooks_are_valid_and_hold_no_script(records, bundle):
    found = result(bundle)
    found.notebook["cells"][1]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg onload='x'/>"}}
    ]
    found.notebook["cells"][-1]["source"] = "1 < 2 and <script>alert(1)</script>"
    found.notebook["cells"].append({"cell_type": "markdown", "id": "added-1", "metadata": {}, "source": "<b>x</b>"})
    records.add("ada", found, bundle, 0.0)
    unreadable = Result("sample", "unreadable", found.checks, found.written, ("<b>x</b>",), "not run", 0.0, "k")
    records.add("bob", unreadable, bundle, 0.0)
    for student in ("ada", "bob"):
        notebook = nbformat.read(records.autograded / student / "sample" / "sample.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert "svg" not in json.dumps(notebook)
        assert "<b>" not in json.dumps(notebook)
        assert "<script" not in json.dumps(notebook)
    ada = nbformat.read(records.autograded / "ada" / "sample" / "sample.ipynb", as_version=4)
    assert ada.cells[-2].source == "1 < 2 and &lt;script>alert(1)&lt;/script>"
    assert "image/svg+xml" in found.notebook["cells"][1]["outputs"][0]["data"]


def test_a_check_that_the_gradebook_does_not_know_is_named(records, bundle):
    records.add("ada", result(bundle), bundle, 0.0)
    other = Result.from_json({**result(bundle).to_json(), "checks": [Verdict("new", 1.0, 1.0, "right", "m").to_json()]})
    with pytest.raises(NotRecorded, match="course release sample"):
        records.add("ada", other, bundle, 0.0)


def test_a_check_added_to_the_gradebook_later_gets_its_score(records, bundle):
    records.add("ada", result(bundle), bundle, 0.0)
    records.gradebook.add_grade_cell("check-new", "sample", "sample", max_score=1.0, cell_type="code")
    other = Result.from_json({**result(bundle).to_json(), "checks": [Verdict("new", 1.0, 1.0, "right", "m").to_json()]})
    records.add("ada", other, bundle, 0.0)
    assert grades(records)["check-new"].auto_score == 1.0
