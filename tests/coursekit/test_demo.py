"""The sample class of the sample exercise, graded: every submission comes to what its maker intended."""

import csv
import io
import json
from dataclasses import replace

import pytest

from coursekit import demo
from coursekit.grading.batch import GradingStopped


@pytest.fixture(scope="module")
def ran(course, limits, tmp_path_factory):
    """The class, graded once; where, and the differences."""
    into = tmp_path_factory.mktemp("demo")
    graded, differences = demo.run(root=course, into=into, limits=replace(limits, memory=800 << 20))
    return into, graded, differences


def test_every_submission_comes_to_what_was_intended(ran):
    assert ran[2] == []


def test_the_class_holds_all_kinds(ran, source):
    students = {student for student, _ in ran[1].results}
    assert {"right", "blank", "half-done"} <= students
    kinds = {student.split("-")[0] for student in students}
    assert {"right", "wrong", "broken", "odd", "hostile"} <= kinds
    assert sum(student.startswith("hostile-") for student in students) >= 30
    named = {verdict.misconception for result in ran[1].results.values() for verdict in result.checks}
    assert named - {None} == {wrong.slug for wrong in source.misconceptions}
    states = {result.state for result in ran[1].results.values()}
    assert states == {"graded", "tampered", "timed out", "crashed", "out of memory", "unreadable"}


def test_it_says_that_it_was_made_by_code(ran):
    into, graded, _ = ran
    assert demo.ABOUT in graded.overview.read_text(encoding="utf-8")
    assert json.loads((into / "submitted" / "expectations.json").read_text())["about"] == demo.ABOUT


def test_every_submission_has_grades_feedback_and_a_graded_notebook(ran):
    into, graded, _ = ran
    rows = list(csv.DictReader(io.StringIO(graded.grades.read_text(encoding="utf-8"))))
    assert {row["student"] for row in rows} == {student for student, _ in graded.results}
    for student, name in graded.results:
        assert (into / "feedback" / student / f"{name}.html").is_file()
        assert (into / "autograded" / student / name / f"{name}.ipynb").is_file()


def test_no_page_holds_a_script(ran):
    pages = list((ran[0] / "feedback").rglob("*.html"))
    assert len(pages) > len(ran[1].results)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<img src=x" not in text


def test_a_class_is_made_the_same_way_twice(ran, course, tmp_path):
    demo.make(tmp_path / "again", root=course)
    first, second = ran[0] / "submitted", tmp_path / "again"
    names = sorted(path.relative_to(first) for path in first.rglob("*.*") if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob("*.*") if path.is_file())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_a_folder_with_something_else_in_it_is_left_alone(course, tmp_path):
    (tmp_path / "ada").mkdir()
    with pytest.raises(GradingStopped, match="no sample class"):
        demo.make(tmp_path, root=course)
    assert (tmp_path / "ada").is_dir()


def test_differences_are_told(ran):
    _, graded, _ = ran
    expectations = json.loads((ran[0] / "submitted" / "expectations.json").read_text())
    expected = expectations["submissions"]
    expected["right"]["sample"]["state"] = "crashed"
    expected["blank"]["sample"]["points"]["softmax"] = 2.0
    expected["half-done"]["sample"]["misconceptions"] = ["overflow"]
    expected["nobody"] = {"sample": expected["blank"]["sample"]}
    found = demo.verify(graded.results, expectations)
    assert [line.split(":")[0] for line in found] == [
        "blank, sample",
        "half-done, sample",
        "right, sample",
        "nobody, sample",
    ]


def test_the_next_run_grades_anew_what_came_to_something_else(ran, tmp_path):
    into, graded, _ = ran
    expectations = json.loads((into / "submitted" / "expectations.json").read_text())
    right, blank = (graded.results[student, "sample"] for student in ("right", "blank"))
    (tmp_path / "results").mkdir()
    paths = {result.key: tmp_path / "results" / f"{result.key}.json" for result in (right, blank)}
    for path in paths.values():
        path.write_text("{}")
    came = {("right", "sample"): replace(right, state="timed out"), ("blank", "sample"): blank}
    demo.forget(tmp_path, came, expectations)
    assert {key: path.exists() for key, path in paths.items()} == {right.key: False, blank.key: True}
