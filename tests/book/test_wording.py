"""No page of the course shares a run of eight words with the lecture notes that it grew out of.

The notes are not ours to print, so ``notes_runs.txt`` holds ten hexadecimal digits of a digest for each of their runs.
"""

import hashlib
import re
from pathlib import Path

import pytest

from coursekit import ROOT

WORDS = 8
RUNS = frozenset(Path(__file__).with_name("notes_runs.txt").read_text(encoding="utf-8").split())
TEXTS = sorted(
    path
    for folder, kinds in (("book", (".md", ".yml")), ("solutions", (".py",)), ("lib", (".py",)))
    for path in (ROOT / folder).rglob("*")
    if path.suffix in kinds
)


def runs(text: str) -> dict[str, str]:
    """Each run of eight words of a text, by its digest."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    found = (" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1))
    return {hashlib.sha256(run.encode()).hexdigest()[:10]: run for run in found}


def test_a_run_is_found_whatever_its_marks_and_case():
    known = set(runs("one two three four five six seven eight"))
    assert known & set(runs("Zero, one *two* Three\nfour five: six seven EIGHT nine."))
    assert not known & set(runs("one two three four five six seven nine"))


def test_the_notes_have_thousands_of_runs():
    assert len(RUNS) > 3000


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_run_of_eight_words_is_shared_with_the_notes(path: Path):
    found = runs(path.read_text(encoding="utf-8"))
    assert [found[digest] for digest in RUNS & set(found)] == []
