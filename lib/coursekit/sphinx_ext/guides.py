"""What the front page and the guides say of the course itself: how long it takes, and what a submission may use.

``{hours}`foundations/linear foundations/relu` `` prints how long these chapters take, the directive ``hours`` a table
of all by parts. Both read what each chapter states of itself ("Reading takes about 30 minutes") and what its exercise
states. ``{limit}`cell` `` prints a limit of the grader, of ``Limits`` or, in capitals, of ``intake``.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

LOGGER = logging.getLogger(__name__)
READING = re.compile(r"Reading\s+takes\s+about\s+(\d+)\s+minutes")


class NotStated(ValueError):
    """Something that a page should print can't be found; the text says what and where."""


def parts(book: Path) -> dict[str, list[str]]:
    """The numbered parts of the book with their chapters."""
    toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    return {
        part["caption"]: [row["file"] for row in part["chapters"]]
        for part in toc.get("parts", ())
        if part.get("numbered")
    }


def sources(book: Path, chapters: Iterable[str]) -> list[Path]:
    """The files that state how long chapters take."""
    notebooks = [book.parent / "exercises" / (stem := Path(name).name) / f"{stem}.ipynb" for name in chapters]
    return [*(book / f"{name}.md" for name in chapters), *(path for path in notebooks if path.is_file())]


def minutes(book: Path, chapters: Iterable[str]) -> tuple[int, int]:
    """Minutes to read the chapters, and minutes for their exercises.

    Raises:
        NotStated: if there is no such chapter, or it does not say how long reading takes.
    """
    reading = exercises = 0
    for path in sources(book, list(chapters)):
        if not path.is_file():
            raise NotStated(f"there is no chapter book/{path.relative_to(book)}")
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            exercises += json.loads(text)["metadata"]["dlarch"]["minutes"]
        elif stated := READING.search(text):
            reading += int(stated[1])
        else:
            raise NotStated(f"{path.name} lacks the sentence 'Reading takes about N minutes'")
    return reading, exercises


def duration(minutes: int) -> str:
    """Minutes in words: "2 h 15 min"."""
    hours, rest = divmod(minutes, 60)
    words = [*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])]
    return " ".join(words).replace(" ", "\N{NO-BREAK SPACE}")


def limit(name: str) -> str:
    """A limit of the grader with its unit.

    Raises:
        NotStated: if the grader has no limit of this name.
    """
    from coursekit.grading import intake
    from coursekit.grading.limits import MEGABYTE, Limits

    value = asdict(Limits()).get(name, getattr(intake, name, None))
    if not isinstance(value, int | float):
        raise NotStated(f"the grader has no limit '{name}'")
    if isinstance(value, float):
        return f"{value:g}\N{NO-BREAK SPACE}s"
    for size in (MEGABYTE, intake.MEGABYTE):
        if value >= size and value % size == 0:
            return f"{value // size:,}\N{NO-BREAK SPACE}MB"
    return f"{value:,}"


class HoursRole(SphinxRole):
    """How long some chapters take, in the middle of a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        book, chapters = Path(self.env.srcdir), self.text.split()
        try:
            reading, exercises = minutes(book, chapters)
        except NotStated as error:
            LOGGER.warning(str(error), location=self.get_location(), type="course", subtype="hours")
            return [nodes.literal(text=self.text)], []
        for path in sources(book, chapters):
            self.env.note_dependency(str(path))
        work = f" and {duration(exercises)} for the exercises" if exercises else ""
        return [nodes.Text(f"{duration(reading)} to read{work}")], []


class Hours(SphinxDirective):
    """A row for each part of the book, and one for all."""

    def run(self) -> list[nodes.Node]:
        book = Path(self.env.srcdir)
        by_part = parts(book)
        chapters = [name for names in by_part.values() for name in names]
        try:
            rows = [
                f"| {caption} | {len(names)} | {' | '.join(map(duration, minutes(book, names)))} |"
                for caption, names in {**by_part, "**All**": chapters}.items()
            ]
        except NotStated as error:
            LOGGER.warning(str(error), location=self.get_location(), type="course", subtype="hours")
            return []
        for path in (book / "_toc.yml", *sources(book, chapters)):
            self.env.note_dependency(str(path))
        table = nodes.container()
        lines = ["| Part | Chapters | To read | Exercises |", "|---|--:|--:|--:|", *rows]
        self.state.nested_parse(StringList(lines, source=self.env.docname), self.content_offset, table)
        return table.children


class LimitRole(SphinxRole):
    """One limit of the grader."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            text = limit(self.text)
        except NotStated as error:
            LOGGER.warning(str(error), location=self.get_location(), type="course", subtype="limit")
            return [nodes.literal(text=self.text)], []
        for name in ("limits", "intake"):
            self.env.note_dependency(str(Path(__file__).parents[1] / "grading" / f"{name}.py"))
        return [nodes.Text(text)], []


def setup(app: Sphinx) -> None:
    """Register both roles and the directive."""
    app.add_role("hours", HoursRole())
    app.add_role("limit", LimitRole())
    app.add_directive("hours", Hours)
