"""How the course writes: no run of words from the lecture notes that it grew out of, and one way to write percents.

The notes are not ours to print, so ``notes_runs.txt`` holds ten hexadecimal digits of a digest for each of their runs.
"""

import hashlib
import html as entities
import re
from pathlib import Path

import pytest
from browsing import listed_pages

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


def tight_percents(page: str) -> list[str]:
    """Where a percent sign touches its number in texts of a page and in descriptions of its figures, code left out."""
    page = re.sub(r"<(script|style|pre|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    read = re.findall(r"(?<=>)[^<]+|(?<=aria-label=\")[^\"]+|(?<=alt=\")[^\"]+|(?<=title=\")[^\"]+", page)
    return [found for text in read for found in re.findall(r".{0,30}\d%", entities.unescape(text))]


def test_a_percent_sign_that_touches_its_number_is_found_in_texts_and_descriptions():
    page = '<style>a {width: 1%}</style><svg aria-label="one, 62%"><text>62 %</text></svg><p>up &amp; to 5%</p>'
    assert tight_percents(page) == ["one, 62%", "up & to 5%"]


@pytest.mark.parametrize("name", listed_pages())
def test_percent_signs_stand_apart_from_their_numbers(html: Path, name: str):
    assert tight_percents((html / f"{name}.html").read_text(encoding="utf-8")) == []
