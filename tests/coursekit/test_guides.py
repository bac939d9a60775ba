"""What the front page and the guides say of the course itself."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from coursekit import ROOT, cli
from coursekit.grading.limits import Limits
from coursekit.sphinx_ext import guides

BOOK = ROOT / "book"
GUIDES = [ROOT / "README.md", *sorted((BOOK / "for").glob("*.md"))]
CHAPTERS = [name for names in guides.parts(BOOK).values() for name in names]


def small(root: Path, page: str, exercise: str | None = None) -> Path:
    """A book of one chapter, `deep/one`."""
    (root / "book" / "deep").mkdir(parents=True)
    (root / "book" / "deep" / "one.md").write_text(page, encoding="utf-8")
    if exercise is not None:
        (root / "exercises" / "one").mkdir(parents=True)
        (root / "exercises" / "one" / "one.ipynb").write_text(exercise, encoding="utf-8")
    return root / "book"


def test_minutes_are_those_that_chapters_and_exercises_state(tmp_path: Path):
    book = small(tmp_path, "Reading\ntakes about 25 minutes.", '{"metadata": {"dlarch": {"minutes": 80}}}')
    assert guides.minutes(book, ["deep/one"]) == (25, 80)
    assert guides.minutes(book, ["deep/one", "deep/one"]) == (50, 160)


def test_a_chapter_without_an_exercise_has_only_reading(tmp_path: Path):
    assert guides.minutes(small(tmp_path, "Reading takes about 25 minutes."), ["deep/one"]) == (25, 0)


def test_a_chapter_that_states_no_time_is_named(tmp_path: Path):
    with pytest.raises(guides.NotStated, match=r"one\.md lacks the sentence"):
        guides.minutes(small(tmp_path, "Reading takes a while."), ["deep/one"])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_states_the_minutes_that_its_exercise_states(chapter: str):
    reading, exercise = guides.minutes(BOOK, [chapter])
    text = " ".join((BOOK / f"{chapter}.md").read_text(encoding="utf-8").split())
    assert 10 <= reading <= 60
    assert re.findall(r"exercise at the end about (\d+)", text) == ([str(exercise)] if exercise else [])


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (135, "2 h 15 min"), (2170, "36 h 10 min")]
)
def test_a_duration_is_written_in_hours_and_minutes(minutes: int, text: str):
    assert guides.duration(minutes).replace("\N{NO-BREAK SPACE}", " ") == text


def test_limits_are_printed_from_the_code_with_their_units():
    assert guides.limit("cell") == f"{Limits().cell:g}\N{NO-BREAK SPACE}s"
    assert guides.limit("memory") == f"{Limits().memory >> 20:,}\N{NO-BREAK SPACE}MB"
    assert guides.limit("processes") == str(Limits().processes)
    assert guides.limit("MAX_CELLS") == "1,000"
    with pytest.raises(guides.NotStated, match="no limit 'patience'"):
        guides.limit("patience")


def test_the_guide_for_instructors_prints_every_limit():
    text = (BOOK / "for" / "instructors.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(Limits) if f"{{limit}}`{field.name}`" not in text] == []


def test_the_guides_name_only_commands_and_options_that_there_are():
    commands = typer.main.get_command(cli.app).commands
    options = {name: {"--help", *(o for p in command.params for o in p.opts)} for name, command in commands.items()}
    text = "\n".join(path.read_text(encoding="utf-8") for path in GUIDES)
    lines = re.findall(r"(?:^ *|`)(?:\.venv/bin/)?course ([a-z]\w*)([^`\n#]*)", text, re.MULTILINE)
    assert len(lines) > 20
    assert [name for name, _ in lines if name not in commands] == []
    wrong = [(name, rest) for name, rest in lines if not set(re.findall(r"--[a-z-]+", rest)) <= options[name]]
    assert wrong == []
