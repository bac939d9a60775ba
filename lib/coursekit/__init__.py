"""How the course is taught: build the book, release exercises, grade and report."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the repository, which is installed in place
