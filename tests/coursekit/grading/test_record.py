"""The gradebook and the folder of graded notebooks."""

import json
from dataclasses import replace

import nbformat
import pytest

from coursekit.grading import unit
from coursekit.grading.record import NotRecorded, Recorded, Records
from coursekit.grading.rules import Late, Rules
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
    records.put(Recorded.now("ada", result(bundle, {"softmax": 0.0}), bundle, 1_000_000_000.0), bundle)
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
        records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
        submission = records.gradebook.find_submission("sample", "ada")
        assert (submission.score, submission.max_score) == (8.0, 9.0)


def test_doing_it_again_changes_nothing(records, bundle, tmp_path):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in records.autograded.rglob("*.*")}
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in records.autograded.rglob("*.*")} == before
    assert len(records.gradebook.students) == 1
    assert [(found.student, found.result.points) for found in records.recorded()] == [("ada", 8.0)]


def test_what_was_given_by_hand_is_kept_and_asked_for_again_only_if_the_answer_changed(records, bundle):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    assert records.hand("ada", result(bundle)).points == {"why": None}
    grade = grades(records)["written-why"]
    grade.manual_score, grade.needs_manual_grade = 0.5, False
    records.gradebook.db.commit()

    records.put(Recorded.now("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0), bundle)
    assert records.hand("ada", result(bundle)).points == {"why": 0.5}

    records.put(Recorded.now("ada", result(bundle, why="Something else."), bundle, 0.0), bundle)
    grade = grades(records)["written-why"]
    assert (grade.manual_score, grade.needs_manual_grade) == (0.5, True)
    assert records.hand("ada", result(bundle)).again == ("why",)
    records.put(Recorded.now("ada", result(bundle, why="Something else."), bundle, 0.0), bundle)
    assert grades(records)["written-why"].needs_manual_grade


def test_a_check_overruled_by_hand_is_looked_at_again_only_if_its_score_changed(records, bundle):
    records.put(Recorded.now("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0), bundle)
    grades(records)["check-softmax"].manual_score = 1.0
    records.put(Recorded.now("ada", result(bundle, {"softmax": 0.0}), bundle, 0.0), bundle)
    assert not grades(records)["check-softmax"].needs_manual_grade
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    grade = grades(records)["check-softmax"]
    assert (grade.score, grade.needs_manual_grade) == (1.0, True)


@pytest.mark.parametrize("blank", ["", "  ", "YOUR ANSWER HERE"])
def test_nobody_is_asked_to_grade_a_blank_answer(records, bundle, blank):
    records.put(Recorded.now("ada", result(bundle, why=blank), bundle, 0.0), bundle)
    assert not grades(records)["written-why"].needs_manual_grade
    assert records.hand("ada", result(bundle)).points == {"why": 0.0}


def test_graded_notebooks_are_valid_and_hold_no_script(records, bundle):
    found = result(bundle)
    found.notebook["cells"][1]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg onload='x'/>"}}
    ]
    found.notebook["cells"][-1]["source"] = "1 < 2 and <script>alert(1)</script>"
    found.notebook["cells"].append({"cell_type": "markdown", "id": "added-1", "metadata": {}, "source": "<b>x</b>"})
    records.put(Recorded.now("ada", found, bundle, 0.0), bundle)
    unreadable = Result("sample", "unreadable", found.checks, found.written, ("<b>x</b>",), "not run", 0.0, "k")
    records.put(Recorded.now("bob", unreadable, bundle, 0.0), bundle)
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
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    other = Result.from_json({**result(bundle).to_json(), "checks": [Verdict("new", 1.0, 1.0, "right", "m").to_json()]})
    with pytest.raises(NotRecorded, match="course release sample"):
        records.put(Recorded.now("ada", other, bundle, 0.0), bundle)


def test_a_check_added_to_the_gradebook_later_gets_its_score(records, bundle):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    records.gradebook.add_grade_cell("check-new", "sample", "sample", max_score=1.0, cell_type="code")
    other = Result.from_json({**result(bundle).to_json(), "checks": [Verdict("new", 1.0, 1.0, "right", "m").to_json()]})
    records.put(Recorded.now("ada", other, bundle, 0.0), bundle)
    assert grades(records)["check-new"].auto_score == 1.0


def test_points_given_for_an_earlier_answer_stand_until_somebody_has_looked_again(records, bundle):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    grade = grades(records)["written-why"]
    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.5, 0.25, False
    grades(records)["check-softmax"].manual_score = 1.0
    notebook = records.gradebook.find_submission_notebook("sample", "sample", "ada")
    next(comment for comment in notebook.comments if comment.name == "written-why").manual_comment = "And the ratio?"
    records.gradebook.db.commit()

    given = records.hand("ada", result(bundle))
    assert (given.points, given.again, given.overruled) == ({"why": 0.5}, (), {"softmax": 1.0})
    assert (given.extra, given.comments) == (0.25, {"why": "And the ratio?"})
    assert given.earned(result(bundle)) == 8.0 - 2.0 + 1.0 + 0.5 + 0.25

    other = result(bundle, {"softmax": 0.0}, why="Something else.")
    records.put(Recorded.now("ada", other, bundle, 0.0), bundle)
    again = records.hand("ada", other)
    assert (again.points, again.again, again.overruled) == ({"why": 0.5}, ("why", "softmax"), {"softmax": 1.0})
    assert again.comments == given.comments
    assert records.history("ada", "sample")[-1]["by_hand"]["points"] == {"why": 0.5}


def test_what_stood_in_the_record_before_stays_in_its_history(records, bundle):
    for points in (2.0, 2.0, 0.0, 1.0):
        records.put(
            Recorded.now("ada", replace(result(bundle, {"softmax": points}), key=str(points)), bundle, 0.0), bundle
        )
    history = records.history("ada", "sample")
    assert [(line["key"], line["checks"][0]["points"]) for line in history] == [("2.0", 2.0), ("0.0", 0.0)]
    assert records.find("ada", "sample").result.checks[0].points == 1.0


def test_a_changed_exercise_keeps_what_was_given_for_what_did_not_change(records, bundle):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    for name, points in (("written-why", 0.5), ("check-count", 0.5)):
        grade = grades(records)[name]
        grade.manual_score, grade.needs_manual_grade = points, False
    records.gradebook.db.commit()

    notebook = json.loads(json.dumps(bundle.notebook))
    for cell in notebook["cells"]:
        if cell["metadata"]["nbgrader"]["grade_id"] == "check-count":
            cell["metadata"]["nbgrader"]["grade_id"] = "check-number"
        if cell["metadata"]["nbgrader"]["grade_id"] == "check-softmax":
            cell["metadata"]["nbgrader"]["points"] = 5
    tasks = tuple(
        replace(task, name="number")
        if task.name == "count"
        else replace(task, points=5.0)
        if task.name == "softmax"
        else task
        for task in bundle.tasks
    )
    mended = replace(bundle, notebook=notebook, tasks=tasks, hash="mended")
    records.put(Recorded.now("ada", result(mended), mended, 0.0), mended)
    found = grades(records)
    assert "check-count" not in found
    assert (found["check-number"].auto_score, found["check-softmax"].max_score) == (1.0, 5.0)
    assert records.hand("ada", result(mended)).points == {"why": 0.5}
    assert records.history("ada", "sample")[-1]["by_hand"]["overruled"] == {"count": 0.5}
    assert records.gradebook.find_submission("sample", "ada").max_score == 12.0


def test_a_grade_above_what_the_answer_is_now_worth_is_looked_at_again(records, bundle):
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    grade = grades(records)["written-why"]
    grade.manual_score, grade.needs_manual_grade = 1.0, False
    records.gradebook.db.commit()
    less = replace(result(bundle), written=(Written("why", 0.5, "Because."),))
    records.put(Recorded.now("ada", less, bundle, 0.0), bundle)
    assert records.hand("ada", less).again == ("why",)


def test_the_gradebook_knows_names_due_times_and_what_lateness_cost(records, bundle):
    roster = {"ada": {"first_name": "A", "last_name": "B", "email": ""}, "bob": {}}
    records.open_class(Rules(due={"sample": 1_000_000_000.0}), roster)
    records.put(Recorded.now("ada", result(bundle), bundle, 1_000_100_000.0, late=Late(100_000.0, 0.25)), bundle)
    student = records.gradebook.find_student("ada")
    assert (student.first_name, student.last_name, student.email) == ("A", "B", None)
    assert records.gradebook.find_assignment("sample").duedate.isoformat() == "2001-09-09T01:46:40"
    assert records.gradebook.find_submission("sample", "ada").late_submission_penalty == 2.0
    found = records.find("ada", "sample")
    records.take_off("ada", "sample", 1.0)
    assert records.gradebook.find_submission("sample", "ada").late_submission_penalty == 1.0
    assert (found.late, found.exercise) == (Late(100_000.0, 0.25), bundle.hash)


def test_who_handed_in_nothing_is_missing_until_something_comes_or_more_time_is_given(records, bundle):
    assert records.set_missing("ada", unit.missing(bundle))
    found = records.find("ada", "sample")
    assert (found.result.state, found.result.points, found.result.max_points) == ("missing", 0.0, 8.0)
    assert records.hand("ada", found.result).points == {"why": 0.0}
    assert not records.set_missing("ada", unit.missing(bundle), False)
    assert records.find("ada", "sample") is None
    records.set_missing("ada", unit.missing(bundle))
    records.put(Recorded.now("ada", result(bundle), bundle, 0.0), bundle)
    assert not records.set_missing("ada", unit.missing(bundle))
    assert records.find("ada", "sample").result.state == "graded"
