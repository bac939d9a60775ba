"""Releasing an exercise, and what plain nbgrader makes of it."""

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from coursekit import exercise, gates, release
from coursekit.release import ReleaseError
from dlarch import check as checking

SAMPLE = Path(__file__).parent / "sample"

# nbgrader 0.9.6 makes SQLAlchemy 2.1 warn when it adds a submission, and gives no id to a cell that it puts back.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning"),
]


def copy(root: Path) -> Path:
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sample, released once for this module."""
    root = copy(tmp_path_factory.mktemp("course"))
    release.build("sample", root)
    return root


def read(root: Path, *parts: str) -> dict:
    return json.loads(root.joinpath(*parts).read_text(encoding="utf-8"))


# What is written


def test_the_release_is_what_the_source_says(built):
    notebook = read(built, "exercises", "sample", "sample.ipynb")
    sample = exercise.load("sample", built)
    assert len(notebook["cells"]) == len(sample.cells)
    for cell, old in zip(notebook["cells"], sample.cells, strict=True):
        marks = cell["metadata"]["nbgrader"]
        text = "".join(cell["source"])
        expected = {"answer": old.stub, "check": f'check("{old.name}")', "written": "YOUR ANSWER HERE"}
        assert text == expected.get(old.role, old.source)
        assert marks["schema_version"] == 3
        assert marks["solution"] == (old.role in ("answer", "written"))
        assert marks["grade"] == (old.role in ("check", "written"))
        assert cell["metadata"].get("editable", True) == (old.role in ("answer", "written"))
    assert notebook["metadata"]["dlarch"] == {"chapter": "foundations/sample", "minutes": 10, "points": 9}
    nbformat.validate(nbformat.from_dict(notebook))


def test_nothing_but_the_two_files_is_released(built):
    assert {path.name for path in (built / "exercises" / "sample").iterdir()} == {"sample.ipynb", "checks.json"}
    assert {path.name for path in (built / "build" / "source" / "sample").iterdir()} == {"sample.ipynb", "checks.json"}


def test_the_release_holds_no_answer_and_no_hidden_probe(built):
    assert gates.the_release_holds_no_answer(exercise.load("sample", built)) == []
    text = (built / "exercises" / "sample" / "checks.json").read_text()
    assert "hidden_" not in text
    assert "overflows" not in text  # a message that only a hidden probe can earn


def test_a_leak_is_noticed(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "exercises" / "sample" / "sample.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[2].source += "\nreturn e / e.sum(dim=1, keepdim=True)\ndef hidden_large_scores(): ..."
    nbformat.write(notebook, path)
    complaints = gates.the_release_holds_no_answer(exercise.load("sample", tmp_path))
    assert len(complaints) == 2


def test_a_release_that_no_longer_fits_its_source_is_noticed(built, tmp_path):
    assert gates.the_release_is_up_to_date("sample", built, tmp_path / "same") == []
    shutil.copytree(built, tmp_path / "other", dirs_exist_ok=True)
    path = tmp_path / "other" / "solutions" / "sample" / "sample.py"
    path.write_text(path.read_text().replace("# ## Task 1: softmax", "# ## Task 1: probabilities"))
    complaints = gates.the_release_is_up_to_date("sample", tmp_path / "other", tmp_path / "scratch")
    assert complaints == ["exercises/sample/sample.ipynb is out of date; run: course release sample"]


def test_two_builds_that_differ_are_noticed(built, tmp_path, monkeypatch):
    make = release.make_tasks
    monkeypatch.setattr(release, "make_tasks", lambda source: tuple(replace(t, rtol=0.5) for t in make(source)))
    monkeypatch.setattr(gates, "_agrees", lambda committed, fresh: True)
    complaints = gates.the_release_is_up_to_date("sample", built, tmp_path)
    assert complaints == ["two builds differ, or build/bundles is out of date; run: course release sample"]


def test_building_twice_changes_nothing(built):
    files = [p for p in built.rglob("*") if p.is_file() and p.suffix in (".ipynb", ".json")]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files if "exercises" in path.parts}
    hash_before = release.load_bundle("sample", built).hash
    result = release.build("sample", built)
    assert result.changed == ()
    assert result.bundle.hash == hash_before
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before} == before


def test_a_stray_file_in_the_release_folder_goes(built):
    stray = built / "exercises" / "sample" / "sample.py"
    stray.write_text("the answers")
    assert release.build("sample", built).changed == (stray,)
    assert not stray.exists()


def test_another_last_digit_leaves_the_committed_keys_alone():
    key = {"dtype": "float32", "shape": [2], "data": [0.1234567, 1000.0]}
    near = {"dtype": "float32", "shape": [2], "data": [0.1234568, 1000.001]}
    far = {"dtype": "float32", "shape": [2], "data": [0.1235, 1000.0]}
    other = {"dtype": "float64", "shape": [2], "data": [0.1234568, 1000.001]}
    assert release.same_checks(json.dumps(key), json.dumps(near))
    assert not release.same_checks(json.dumps(key), json.dumps(far))
    assert not release.same_checks(json.dumps({**key, "dtype": "float64"}), json.dumps(other))
    assert not release.same_checks("{", json.dumps(key))
    assert not release.same_checks(json.dumps([1]), json.dumps([1.0, 2.0]))


def test_the_bundle_comes_back_as_it_was(built):
    bundle = release.load_bundle("sample", built)
    assert bundle.points == 9
    assert [task.points for task in bundle.tasks] == [2, 3, 1, 1, 1]
    assert bundle.modules == ("dlarch.foundations.sample",)
    assert any(probe.hidden and probe.key for probe in bundle.tasks[0].probes)
    again = release.Bundle.from_json(json.loads(json.dumps(bundle.to_json())))
    assert again.to_json() == bundle.to_json()
    skeleton = json.dumps(bundle.notebook)
    assert "hidden_" not in skeleton
    assert "keepdim" not in skeleton


@pytest.mark.parametrize(("text", "words"), [(None, "does not exist"), ("{", "damaged"), ("{}", "another version")])
def test_a_bundle_that_cannot_be_read_says_how_to_make_it(tmp_path, text, words):
    path = tmp_path / "build" / "bundles" / "sample.json"
    path.parent.mkdir(parents=True)
    if text is not None:
        path.write_text(text)
    with pytest.raises(ReleaseError, match=f"{words}.*course release sample"):
        release.load_bundle("sample", tmp_path)


# What stops a release


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return outputs * (inputs + 1)", "return outputs / 0", "probe digits fails on the reference answer: ZeroDiv"),
        ("torch.manual_seed(0)\n", "torch.manual_seed(0)\nnope\n", "given 'setup': the cell fails: NameError"),
        ("threshold = 3\n", "threshold = nope\n", "the answer 'threshold' fails: NameError"),
        ('    yield "threshold", threshold', '    if False:\n        yield "threshold", threshold', "yields nothing"),
        ('    yield "threshold", threshold', '    yield "threshold", "three"', "is of type str"),
        ("    if abs(ratio - 1.0) > 0.05:", "    if True:", "the reference answer does not pass it"),
        ("e = shifted.exp()", "e = torch.softmax(shifted, 1)", "the reference answer does not pass it: Line 4 uses"),
    ],
)
def test_a_reference_answer_that_fails_stops_the_release(tmp_path, old, new, words):
    root = copy(tmp_path)
    path = root / "solutions" / "sample" / "sample.py"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(ReleaseError) as error:
        release.build("sample", root)
    assert words in str(error.value)
    assert str(error.value).startswith("solutions/sample/sample.py")
    assert not (root / "exercises").exists()


# Answers grafted in


def test_answers_are_grafted_into_the_released_notebook(built):
    sample = exercise.load("sample", built)
    notebook = sample.with_answers({"softmax": "def softmax(x): ...", "why": "Overflow."})
    texts = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells}
    assert texts["answer-softmax"] == "def softmax(x): ..."
    assert texts["written-why"] == "Overflow."
    assert "NotImplementedError" in texts["answer-affine"]
    with pytest.raises(exercise.SourceError, match="no answer called 'nope'"):
        sample.with_answers({"nope": ""})


def test_the_notebook_with_its_answers_runs_in_a_kernel_and_every_check_holds(built):
    complaints, seconds = gates.the_notebook_runs(exercise.load("sample", built))
    assert complaints == []
    assert seconds > 0


# Under plain nbgrader


def test_nbgraders_validate_names_each_check_that_does_not_hold(built, tmp_path):
    from nbgrader.validator import Validator

    notebook = nbformat.read(built / "exercises" / "sample" / "sample.ipynb", 4)
    texts = {**exercise.load("sample", built).answers, "softmax": "def softmax(x): return x", "why": "Because."}
    for cell in notebook.cells:
        role, _, name = cell.metadata.nbgrader.grade_id.partition("-")
        cell.source = texts[name] if role in ("answer", "written") else cell.source
    nbformat.write(notebook, tmp_path / "sample.ipynb")
    shutil.copy(built / "exercises" / "sample" / "checks.json", tmp_path)
    found = Validator().validate(str(tmp_path / "sample.ipynb"))
    assert [cell["source"] for cell in found["failed"]] == ['check("softmax")']
    assert "✗ softmax" in found["failed"][0]["error"]


NOISY = """
import logging
import warnings

def softmax(logits):
    import os, sys
    warnings.warn("careful")
    print("thinking", file=sys.stderr)
    logging.getLogger("mine").error("logged")
    os.write(2, b"from below\\n")
    e = (logits - logits.max(dim=1, keepdim=True).values).exp()
    return e / e.sum(dim=1, keepdim=True)
"""
FORGED = """
import numpy as np

class Everything(np.ndarray):
    def __eq__(self, other):
        return True

def softmax(logits):
    return np.zeros(tuple(logits.shape), dtype=np.float32).view(Everything)

check = lambda name: 2.0
"""


def submissions(root: Path) -> dict[str, dict[str, str]]:
    sample = exercise.load("sample", root)
    wrong = {m.slug: m for m in sample.misconceptions}
    return {
        "right": {**sample.answers, "softmax": NOISY, "why": "Because exp overflows."},
        "wrong": {**sample.answers, "softmax": wrong["overflow"].source, "affine": wrong["no-bias"].source},
        "blank": {},
        "forged": {"softmax": FORGED, "threshold": "threshold = __import__('sys').exit()"},
    }


@pytest.fixture(scope="module")
def graded(built):
    """Scores of four submissions by nbgrader's own autograder: student -> check -> points, and the outputs."""
    from nbgrader.api import Gradebook

    sample = exercise.load("sample", built)
    api = release.nbgrader_api(built)
    scores, texts, by_hand = {}, {}, {}
    for student, answers in submissions(built).items():
        notebook = sample.with_answers(answers)
        if student == "forged":  # deletes a check, and writes over another
            notebook.cells = [c for c in notebook.cells if c.metadata.nbgrader.grade_id != "check-count"]
            for cell in notebook.cells:
                if cell.metadata.nbgrader.grade_id == "check-affine":
                    cell.source = "3.0"
        folder = built / "build" / "submitted" / student / "sample"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "sample.ipynb")
        result = api.autograde("sample", student, force=True, create=True)
        assert result["success"], result.get("log")
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
            grades = gradebook.find_submission_notebook("sample", "sample", student).grades
            scores[student] = {g.name: g.auto_score for g in grades}
            by_hand[student] = [g.name for g in grades if g.needs_manual_grade]
        done = nbformat.read(built / "build" / "autograded" / student / "sample" / "sample.ipynb", 4)
        texts[student] = {
            c.metadata.nbgrader.grade_id: "".join(o.get("text", "") for o in c.outputs)
            for c in done.cells
            if "outputs" in c
        }
    return scores, texts, by_hand


def test_an_exercise_can_be_mended_after_a_class_was_graded(built, bundle, tmp_path):
    from nbgrader.api import Gradebook

    from coursekit.grading.record import Recorded, Records
    from coursekit.grading.unit import missing

    root = tmp_path / "course"
    shutil.copytree(built, root)
    with Records(root / "build") as records:
        records.put(Recorded.now("ada", missing(bundle), bundle, 0.0), bundle)
    source = root / "solutions" / "sample" / "sample.py"
    text = source.read_text(encoding="utf-8").replace("gives 9 points", "gives 11 points")
    text += (
        '\n\n# %% role="check" name="again" answer="threshold" points=2\n'
        'def value():\n    """it"""\n    yield "it", threshold\n'
    )
    source.write_text(text, encoding="utf-8")
    mended = release.build("sample", root).bundle
    with Gradebook(f"sqlite:///{root / 'build' / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_notebook("sample", "sample")
        assert {cell.name: cell.max_score for cell in notebook.grade_cells}["check-again"] == 2.0
        assert "check-again" in {cell.name for cell in notebook.source_cells}
        assert len(notebook.submissions) == 1
    with Records(root / "build") as records:
        records.put(Recorded.now("ada", missing(mended), mended, 0.0), mended)
        assert records.gradebook.find_submission("sample", "ada").max_score == 11.0


CHECKS = ("check-softmax", "check-affine", "check-count", "check-initialise", "check-threshold")


@pytest.mark.parametrize(
    ("student", "points"),
    [("right", (2, 3, 1, 1, 1)), ("wrong", (0, 0, 1, 1, 1)), ("blank", (0,) * 5), ("forged", (0,) * 5)],
)
def test_plain_nbgrader_gives_the_points_that_are_due(graded, student, points):
    scores, _, _ = graded
    assert tuple(scores[student][name] for name in CHECKS) == points


def test_plain_nbgrader_agrees_with_judge(graded, built):
    scores, _, _ = graded
    bundle = release.load_bundle("sample", built)
    sample = exercise.load("sample", built)
    given = release.given_names(sample)
    for student in ("right", "wrong"):
        answers = submissions(built)[student]
        space = dict(given)
        for name in sample.answers:
            release.run_cell(name, answers[name], space)
        for task in bundle.tasks:
            verdict = checking.judge(task, checking.collect(task.blind().probes, space), answers[task.answer])
            assert verdict.points == scores[student][f"check-{task.name}"], (student, task.name)


def test_plain_nbgrader_shows_the_message_of_the_misconception(graded):
    _, texts, _ = graded
    assert "exp overflows" in texts["wrong"]["check-softmax"]
    assert "the bias is missing" in texts["wrong"]["check-affine"]
    assert "Not written yet" in texts["blank"]["check-softmax"]


def test_a_written_answer_waits_for_a_person_and_an_empty_one_gets_nothing(graded):
    scores, _, by_hand = graded
    assert by_hand == {"right": ["written-why"], "wrong": [], "blank": [], "forged": []}
    assert scores["blank"]["written-why"] == 0


# Files


def test_hidden_tests_travel_as_one_unreadable_line(built):
    notebook = read(built, "build", "source", "sample", "sample.ipynb")
    cell = next(c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] == "check-softmax")
    lines = "".join(cell["source"]).split("\n")
    assert lines[0] == 'check("softmax")'
    assert lines[1] == "### BEGIN HIDDEN TESTS"
    assert lines[-1] == "### END HIDDEN TESTS"


def test_evidence_files_are_small(built, tmp_path):
    bundle = release.load_bundle("sample", built)
    sample = exercise.load("sample", built)
    space = release.reference_names(sample, release.given_names(sample))
    checking.collect(bundle.tasks[0].blind().probes, space).save(tmp_path / "e.npz")
    with zipfile.ZipFile(tmp_path / "e.npz") as archive:
        assert sum(member.file_size for member in archive.infolist()) < 5_000
    assert np.load(tmp_path / "e.npz", allow_pickle=False)["a0"].shape == (2, 3)
