"""How the course is taught: build the book, release exercises, grade and report."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the repository, which is installed in place


class CourseError(Exception):
    """Something that whoever runs a command can mend; the text is a sentence that says what and how."""
