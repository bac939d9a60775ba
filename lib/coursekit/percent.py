"""Read a notebook in percent form: text cut into cells by `# %%`, with marks that say what each cell is."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from coursekit import CourseError

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ROLES = {
    "title": {"chapter", "minutes"},
    "given": {"name"},
    "answer": {"name"},
    "check": {"name", "points", "answer", "refuse", "rtol", "atol", "weights"},
    "written": {"name", "points"},
}
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-]*")


class SourceError(CourseError):
    """The source of an exercise does not hold together; the message says where and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of the source.

    Attributes:
        kind: "code" or "markdown".
        role: one of ``ROLES``, or "" for plain text.
        name: unique within its role.
        source: its text; of an answer with the marks of the solution regions.
        line: where it starts in the file, from 1.
        marks: what else was said about it.
    """

    kind: str
    role: str
    name: str
    source: str
    line: int
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def grade_id(self) -> str:
        return "title" if self.role == "title" else f"{self.role}-{self.name}"

    @property
    def answer(self) -> str:
        """The text of an answer without the marks of the solution regions."""
        return "\n".join(row for row in self.source.split("\n") if row.strip() not in (BEGIN, END))

    @property
    def stub(self) -> str:
        """What the student gets: the text of an answer with every solution region replaced."""
        rows: list[str] = []
        inside = False
        for row in self.source.split("\n"):
            if row.strip() == BEGIN:
                inside = True
                indent = row[: len(row) - len(row.lstrip())]
                rows += [indent + stub for stub in STUB.split("\n")]
            elif row.strip() == END:
                inside = False
            elif not inside:
                rows.append(row)
        return "\n".join(rows)


def parse(text: str, where: str) -> Iterator[Cell]:
    """The cells of a percent source."""
    start, head, rows = 0, None, []
    last, since = "top", 0
    blocks: list[tuple[int, str | None, list[str]]] = []
    for number, row in enumerate(text.split("\n"), 1):
        if re.match(r"# ?%%(\s|$)", row):
            blocks.append((start, head, rows))
            start, head, rows = number, row, []
        else:
            rows.append(row)
    blocks.append((start, head, rows))
    for row in blocks[0][2]:
        if row.strip() and not row.startswith("#"):
            raise SourceError(f"{where}: there is code before the first cell: {row.strip()!r}. Start with `# %%`.")
    for line, head, rows in blocks[1:]:
        kind, marks = _head(head or "", f"{where}, line {line}")
        role = marks.pop("role", "")
        name = marks.pop("name", "title" if role == "title" else "")
        place = f"{where}, line {line}" + (f", {role} {name!r}" if role else "")
        _check_marks(kind, role, name, marks, place)
        source = "\n".join(rows).strip("\n").rstrip()
        if kind == "markdown":
            source = _uncomment(source, place)
        if role:
            last, since = f"{role}-{name}", 0
        else:
            since += 1
        yield Cell(kind, role, name or f"{last}+{since}", source, line, marks)


def _head(head: str, place: str) -> tuple[str, dict[str, str]]:
    rest = re.sub(r"^# ?%%", "", head).strip()
    kind = "code"
    if rest.startswith("[markdown]"):
        kind, rest = "markdown", rest.removeprefix("[markdown]").strip()
    marks: dict[str, str] = {}
    try:
        parts = shlex.split(rest)
    except ValueError:
        raise SourceError(f"{place}: a quote is left open in {head!r}.") from None
    for part in parts:
        key, sign, value = part.partition("=")
        if not sign:
            raise SourceError(f'{place}: {part!r} is no mark; marks look like role="answer" name="softmax".')
        if key in marks:
            raise SourceError(f"{place}: the mark {key} stands twice.")
        marks[key] = value
    return kind, marks


def _check_marks(kind: str, role: str, name: str, marks: dict[str, str], place: str) -> None:
    if not role:
        if marks or name:
            raise SourceError(f"{place}: marks without a role; add one of {', '.join(ROLES)}.")
        if kind == "code":
            raise SourceError(f'{place}: a code cell needs a role; for locked code write role="given" name="...".')
        return
    if role not in ROLES:
        raise SourceError(f"{place}: the role {role!r} is unknown; there are {', '.join(ROLES)}.")
    if not name:
        raise SourceError(f'{place}: the mark name="..." is missing.')
    if not NAME.fullmatch(name):
        raise SourceError(f"{place}: a name is made of letters, digits, _ and -, and starts with a letter.")
    unknown = sorted(set(marks) - ROLES[role])
    if unknown:
        raise SourceError(f"{place}: unknown mark {unknown[0]}; a {role} cell takes {', '.join(sorted(ROLES[role]))}.")
    if (role in ("title", "written")) != (kind == "markdown"):
        wanted = "[markdown]" if role in ("title", "written") else "code"
        raise SourceError(f"{place}: a {role} cell is a {wanted} cell.")
    for key in ("points", "minutes", "rtol", "atol"):
        if key in marks and not _is_number(marks[key]):
            raise SourceError(f"{place}: {key}={marks[key]!r} is not a number.")
    if role in ("check", "written") and float(marks.get("points", 0)) <= 0:
        raise SourceError(f"{place}: points are missing or not above zero; write points=2.")


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def _uncomment(source: str, place: str) -> str:
    rows = []
    for row in source.split("\n"):
        if row.strip() and not row.startswith("#"):
            raise SourceError(f"{place}: each line of a text cell starts with `# `, but one reads {row.strip()!r}.")
        rows.append(row[2:] if row.startswith("# ") else row[1:])
    return "\n".join(rows).strip("\n")
