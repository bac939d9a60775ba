"""What students get."""

import tomllib
from pathlib import Path

import pytest

from coursekit import ROOT, CourseError
from coursekit.publish import publish

MADE = {
    "_build/html/index.html": "the book",
    "exercises/one/one.ipynb": "{}",
    "exercises/one/.ipynb_checkpoints/one.ipynb": "an old one",
    "lib/dlarch/__init__.py": "",
    "lib/dlarch/__pycache__/check.pyc": "",
    "lib/coursekit/cli.py": "",
    "solutions/one/one.py": "the answer",
    "build/bundles/one.json": "the key",
    "submitted/someone/one/one.ipynb": "another's answer",
}
GIVEN = ["LICENSE", "README.md", "constraints.txt", "pyproject.toml"]
GIVEN += ["book/index.html", "exercises/one/one.ipynb", "lib/dlarch/__init__.py"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small course that is built, with the real files of its packaging."""
    root = tmp_path / "course"
    real = {name: (ROOT / name).read_text() for name in ("LICENSE", "constraints.txt", "pyproject.toml", "_config.yml")}
    for name, text in {**MADE, **real}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_students_get_book_exercises_and_library_and_nothing_else(root: Path, tmp_path: Path):
    publish(tmp_path / "students", root=root)
    given = [path.relative_to(tmp_path / "students") for path in (tmp_path / "students").rglob("*") if path.is_file()]
    assert sorted(map(str, given)) == sorted(GIVEN)


def test_the_library_can_be_installed_from_there_without_our_command(root: Path, tmp_path: Path):
    publish(tmp_path / "students", root=root)
    project = tomllib.loads((tmp_path / "students" / "pyproject.toml").read_text())
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "course" in whole["project"].pop("scripts")
    assert project == whole
    assert (tmp_path / "students" / project["project"]["readme"]).is_file()


def test_a_folder_in_use_is_left_alone(root: Path, tmp_path: Path):
    with pytest.raises(CourseError, match="is there already: name a folder"):
        publish(root, root=root)
    with pytest.raises(CourseError, match="is there already"):
        publish(root / "LICENSE", root=root)


def test_what_is_not_made_yet_is_named_with_its_command(root: Path, tmp_path: Path):
    (root / "_build" / "html" / "index.html").unlink()
    with pytest.raises(CourseError, match="run 'course build' first"):
        publish(tmp_path / "students", root=root)
    assert not (tmp_path / "students").exists()
