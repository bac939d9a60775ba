"""Every mendable error of the command ends in one sentence on stderr and a non-zero exit."""

import errno
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import zipfile

import nbformat
import pytest

from coursekit import ROOT, book, cli, exercise, selfcheck
from coursekit.grading import batch, formgrader, pages, sandbox
from coursekit.grading.changes import Change
from coursekit.grading.limits import WITH_GPU, Limits
from coursekit.grading.report import Entry
from coursekit.grading.unit import Result, Written


@pytest.fixture
def course(monkeypatch, capsys):
    """Run `course ...` in this process; returns the exit status, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["course", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        code = stopped.value.code
        if isinstance(code, str):  # what sys.exit prints before it ends Python with status 1
            return 1, printed.out, printed.err + code
        return code, printed.out, printed.err

    return run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "missing.ipynb"], "There is no file missing.ipynb"),
        (["release", "telepathy"], "There is no exercise called 'telepathy'"),
        (["grade", "missing"], "missing is no folder"),
        (["grade", ".", "--only", "telepathy"], "There is no exercise called 'telepathy'"),
        (["collect", "telepathy", "class.zip"], "There is no exercise called 'telepathy'"),
        (["collect", "linear", "missing.zip"], "missing.zip does not exist"),
        (["build", "foundations/telepathy"], "expected the page book/foundations/telepathy.md"),
        (["build", "relu"], "name it like foundations/relu"),
    ],
)
def test_what_is_not_there_is_named(course, arguments, sentence):
    code, _, error = course(*arguments)
    assert code == 1
    assert sentence in error
    assert "Traceback" not in error


@pytest.mark.parametrize(("content", "sentence"), [("{", "no valid JSON"), ("", "is empty"), ("[1]", "notebook")])
def test_a_file_that_is_no_notebook_is_refused_with_the_reason(course, tmp_path, content, sentence):
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    code, _, error = course("check", path)
    assert code == 1
    assert sentence in error


def test_a_notebook_without_checks_and_one_without_its_keys_are_told_apart(course, tmp_path, monkeypatch):
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(notebook))
    assert "no check cells" in course("check", path)[2]
    shutil.copy(ROOT / "exercises" / "linear" / "linear.ipynb", path)
    monkeypatch.chdir(tmp_path)
    assert "no checks.json beside x.ipynb" in course("check", "x.ipynb")[2]


def test_collecting_says_what_was_taken_and_who_was_left_out(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        file.writestr("Ada Example_7_assignsubmission_file/mine.ipynb", "{}")
        file.writestr("Kim Sample_8_assignsubmission_file/mine.py", "")
    into = tmp_path / "submitted"
    code, text, _ = course("collect", "linear", tmp_path / "class.zip", "--into", into)
    assert code == 0
    assert "1 new, 0 changed, 0 as before" in text
    assert "Left out: Kim Sample_8 (no notebook, but mine.py)." in text
    assert (into / "Ada-Example" / "linear" / "linear.ipynb").is_file()


def test_grading_without_bubblewrap_ends_with_the_line_that_installs_it(course, tmp_path, monkeypatch):
    folder = tmp_path / "someone" / "linear"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / "linear" / "linear.ipynb", folder)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    code, _, error = course("grade", tmp_path)
    assert code == 1
    assert "apt-get install bubblewrap" in error


def test_a_mistake_in_the_rules_or_the_roster_of_a_class_is_named_before_anything_is_graded(course, tmp_path):
    (tmp_path / "class.yml").write_text("due:\n  lineer: 2026-12-04\n")
    (tmp_path / "roster.csv").write_text("name\nada\n")
    code, _, error = course("grade", tmp_path)
    assert (code, "did you mean 'linear'?" in error) == (1, True)
    code, _, error = course("grade", tmp_path, "--roster", tmp_path / "roster.csv")
    assert (code, "has no column 'student'" in error) == (1, True)


def test_lower_points_without_a_terminal_and_without_yes_end_in_an_error(course, tmp_path, monkeypatch):
    change = Change("ada", "sample", (), 4.0, 3.0, "the exercise changed")

    def grade(folder, *, agree, **_):
        done = batch.Batch(tmp_path, tmp_path)
        done.held = [] if change in agree([change]) else [change]
        return done

    monkeypatch.setattr(batch, "grade", grade)
    monkeypatch.setattr(cli.sys, "stdin", io.StringIO())
    code, output, error = course("grade", tmp_path, "--trust-submissions")
    assert code == 1
    assert "ada, sample: 4 → 3. Why: the exercise changed." in output
    assert "Not written: 1 of the changes above. --yes writes them." in error
    assert course("grade", tmp_path, "--trust-submissions", "--yes")[0] == 0


@pytest.mark.parametrize("scheduler", [None, "tcp://127.0.0.1:1"])
def test_submissions_that_see_a_gpu_get_the_addresses_that_cuda_reserves(course, tmp_path, monkeypatch, scheduler):
    given = []

    def grade(folder, *, pool, **_):
        given.append(pool.limits.reserved)
        return batch.Batch(tmp_path, tmp_path)

    monkeypatch.setattr(batch, "grade", grade)
    where = ["--scheduler", scheduler] if scheduler else []
    for asked in ([], ["--gpu"]):
        assert course("grade", tmp_path, "--trust-submissions", *where, *asked)[0] == 0
    assert given == [Limits().reserved, WITH_GPU.reserved]
    assert WITH_GPU.reserved > Limits().reserved


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "make it writable"), (errno.EISDIR, "name a file")],
)
def test_a_disk_that_takes_nothing_more_is_named(course, monkeypatch, number, remedy):
    def full(**_):
        raise OSError(number, "No room", "build/page")

    monkeypatch.setattr(book, "build", full)
    code, _, error = course("build")
    assert code == 1
    assert "build/page" in error
    assert remedy in error


def test_an_archive_of_a_platform_is_not_graded_before_it_is_sorted(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        file.writestr("Ada Example_7_assignsubmission_file/linear.ipynb", "{}")
    code, _, error = course("grade", tmp_path / "class.zip", "--trust-submissions")
    assert code == 1
    assert "class.zip holds no STUDENT/EXERCISE/EXERCISE.ipynb" in error
    assert "course collect EXERCISE ARCHIVE" in error


def test_rules_that_lie_in_an_archive_stop_the_run(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "CLASS.ZIP", "w") as file:
        file.writestr("class/ada/linear/linear.ipynb", "{}")
        file.writestr("class/class.yml", "policy: best")
    code, _, error = course("grade", tmp_path / "CLASS.ZIP", "--trust-submissions")
    assert (code, "name it by --class FILE" in error) == (1, True)


@pytest.mark.parametrize("command", ["serve", "formgrader"])
def test_a_port_that_there_is_not_is_refused(course, command):
    code, _, error = course(command, "--port", 99999)
    assert code == 2
    assert "65535" in error


def test_a_polite_kill_ends_formgrader_as_ctrl_c_does(course, monkeypatch):
    then = []
    monkeypatch.setattr(formgrader, "serve", lambda *_, **__: then.append(signal.getsignal(signal.SIGTERM)))
    before = signal.getsignal(signal.SIGTERM)
    assert course("formgrader")[0] == 0
    assert then == [signal.default_int_handler]
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_lab_opens_for_root_too():
    said = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ("--allow-root" in said) == (os.getuid() == 0)


def test_a_port_in_use_is_named(course, monkeypatch, tmp_path):
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").touch()
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, error = course("serve", "--port", taken.getsockname()[1])
    assert code == 1
    assert "--port" in error


def test_serving_a_book_that_is_not_built_says_what_to_run(course, monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    code, _, error = course("serve")
    assert code == 1
    assert "course build" in error


def test_a_notebook_is_checked_as_it_stands_and_left_as_it_is(tmp_path):
    source = exercise.load("linear")
    answers = {**source.answers, "softmax": "def softmax(scores):\n    return scores"}
    del answers["collapse"]
    path = tmp_path / "linear.ipynb"
    path.write_text(json.dumps(source.with_answers(answers)))
    shutil.copy(ROOT / "exercises" / "linear" / "checks.json", tmp_path)
    before = path.read_bytes()
    checks = list(selfcheck.run(path))
    wrong = {"softmax", "softmax_large", "collapse_weight", "collapse_bias"}
    assert {check.name: check.passed for check in checks} == {c.name: c.name not in wrong for c in source.checks}
    assert {check.name: check.points for check in checks} == {c.name: c.points for c in source.checks}
    assert path.read_bytes() == before


def handed_in(tmp_path, answer):
    """The notebook of the first exercise with one answer, beside its checks."""
    path = tmp_path / "linear.ipynb"
    path.write_text(json.dumps(exercise.load("linear").with_answers({"softmax": answer})))
    shutil.copy(ROOT / "exercises" / "linear" / "checks.json", tmp_path)
    return path


def test_a_check_without_an_end_is_stopped(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(selfcheck, "CELL_SECONDS", 3)
    cells = ["def check(name):\n    while name == 'slow':\n        pass", 'check("slow")']
    path = tmp_path / "endless.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    (tmp_path / "checks.json").write_text('{"tasks": {"slow": {"points": 2}}}')
    (slow,) = selfcheck.run(path)
    assert slow.text.startswith("✗ stopped after 3 seconds")
    assert slow.points == 2
    assert capfd.readouterr().err == ""


def test_a_notebook_that_ends_python_is_refused_in_a_sentence(course, tmp_path):
    code, _, error = course("check", handed_in(tmp_path, "import os\nos._exit(1)"))
    assert code == 1
    assert "linear.ipynb ended Python itself" in error


@pytest.mark.parametrize("damaged", ["{}", '{"tasks": []}', '{"tasks": {"softmax": 3}}'])
def test_damaged_checks_are_refused_in_a_sentence(course, tmp_path, damaged):
    path = handed_in(tmp_path, "")
    (tmp_path / "checks.json").write_text(damaged)
    code, _, error = course("check", path)
    assert code == 1
    assert "checks.json beside" in error


def test_a_check_tells_points(course, tmp_path):
    code, told, _ = course("check", handed_in(tmp_path, exercise.load("linear").answers["softmax"]))
    assert code == 1
    assert re.search(r"2 of \d+ checks hold, for \d of \d+ points", told)


def test_a_class_may_come_as_a_zip_file(course, tmp_path, monkeypatch):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("someone/linear/linear.ipynb", "{}")
    met = []

    def grade(folder, **_):
        met.extend(path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb"))
        return batch.Batch(tmp_path / "grades.csv", tmp_path / "index.html")

    monkeypatch.setattr(batch, "grade", grade)
    assert course("grade", archive)[0] == 0
    assert met == ["someone/linear/linear.ipynb"]
    archive.write_bytes(b"no zip")
    code, _, error = course("grade", archive)
    assert code == 1
    assert "class.zip is no readable zip file" in error


@pytest.mark.parametrize(
    ("format", "begins"),
    [
        ("csv", "\ufeffstudent,exercise"),
        ("canvas", "Student,ID"),
        ("moodle", "Username"),
        ("json", "{"),
        ("junit", "<?xml"),
    ],
)
def test_grades_are_exported_in_the_format_that_was_asked_for(course, tmp_path, monkeypatch, format, begins):
    result = Result("linear", "graded", (), (Written("why", 1.0, "x"),), (), "bubblewrap", 1.0, "k")
    found = pages.Class([Entry("ada", result, {"why": None})], {"linear": "Linear models"})
    monkeypatch.setattr(batch, "graded", lambda **_: found)
    code, told, _ = course("export", tmp_path / "grades", "--format", format)
    assert code == 0
    assert "To grade by hand: 1" in told
    assert (tmp_path / "grades").read_text().startswith(begins)


def test_an_export_tells_what_is_wrong_with_the_roster_in_a_sentence(course, tmp_path, monkeypatch):
    result = Result("linear", "graded", (), (), (), "bubblewrap", 1.0, "k")
    found = pages.Class([Entry("ada", result, {})], {"linear": "Linear models"})
    monkeypatch.setattr(batch, "graded", lambda **_: found)
    roster = tmp_path / "roster.csv"
    roster.write_text("student,ID\nbob,1\n")
    code, _, error = course("export", tmp_path / "grades", "--format", "canvas", "--roster", roster)
    assert code == 1
    assert "ada is not in the roster" in error
    assert not (tmp_path / "grades").exists()
