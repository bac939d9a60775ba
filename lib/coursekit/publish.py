"""Make the folder that students get: the book, the exercises and the library, and nothing that answers an exercise."""

import re
import shutil
from pathlib import Path

from coursekit import ROOT, CourseError

FOLDERS = {"_build/html": "book", "exercises": "exercises", "lib/dlarch": "lib/dlarch"}
FILES = ("constraints.txt", "LICENSE")
MADE_IN_USE = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".buildinfo")
README = """# {title}

- Read: open `book/index.html` in a browser.
- Set up, do an exercise and hand it in: `book/for/students.html` says how.
"""


def publish(to: Path, *, root: Path = ROOT) -> None:
    """Copy what students get into a new folder.

    Raises:
        CourseError: if the folder holds something, or the book or an exercise was not made yet.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise CourseError(f"{to} is there already: name a folder that is new or empty.")
    for made, command in (("_build/html/index.html", "course build"), ("exercises", "course release")):
        if not (root / made).exists():
            raise CourseError(f"There is no {made} yet: run '{command}' first.")
    for source, target in FOLDERS.items():
        shutil.copytree(root / source, to / target, ignore=MADE_IN_USE)
    for name in FILES:
        shutil.copyfile(root / name, to / name)
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    # The command `course` is not among what students get.
    project = re.sub(r"\[project\.scripts\]\n.*?\n(?=\[)", "", project, flags=re.DOTALL)
    (to / "pyproject.toml").write_text(project, encoding="utf-8")
    title = re.search(r"^title: (.*)$", (root / "_config.yml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    (to / "README.md").write_text(README.format(title=title), encoding="utf-8")
