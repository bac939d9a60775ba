"""An instructor who uses nbgrader alone gives honest work the same points as our grader."""

import shutil

import nbformat
import pytest

from coursekit import ROOT, exercise, release
from coursekit.grading import unit
from coursekit.grading.sandbox import Sandbox

# nbgrader 0.9.6 makes SQLAlchemy 2.1 warn when it adds a submission, and gives no id to a cell that it puts back.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning"),
]


def half_right(source: exercise.Exercise) -> dict[str, str]:
    """The reference answers, but every second one replaced by its first misconception."""
    wrong = {m.answer: m.source for m in reversed(source.misconceptions)}
    return {name: wrong.get(name, text) if i % 2 else text for i, (name, text) in enumerate(source.answers.items())}


@pytest.fixture(scope="module")
def sandbox():
    """One for all, since the process that its kernels are forked from takes seconds to start."""
    return Sandbox.find()


@pytest.mark.parametrize("name", exercise.names())
def test_nbgraders_own_autograder_agrees_with_ours_on_every_check(name, tmp_path, sandbox):
    from nbgrader.api import Gradebook

    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    bundle = release.build(name, tmp_path).bundle
    source = exercise.load(name, tmp_path)
    path = tmp_path / "build" / "submitted" / "someone" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(source.with_answers(half_right(source)), path)

    api = release.nbgrader_api(tmp_path)
    result = api.autograde(name, "someone", force=True, create=True)
    assert result["success"], result.get("log")
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        grades = gradebook.find_submission_notebook(name, name, "someone").grades
        plain = {grade.name: grade.auto_score for grade in grades if grade.name.startswith("check-")}

    ours = unit.grade_one(path.read_bytes(), bundle, sandbox=sandbox)
    assert {f"check-{verdict.task}": verdict.points for verdict in ours.checks} == plain
    assert 0 < ours.points < ours.max_points
