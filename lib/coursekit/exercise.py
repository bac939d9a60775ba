"""Read an exercise from its source, ``solutions/NAME/NAME.py``, with its wrong answers and its variants.

The source is a notebook in percent form. Marks on a cell say what it is:

    # %% [markdown] role="title" chapter="foundations/linear" minutes=45       the first cell
    # %% [markdown]                                                            text, locked
    # %% role="given" name="setup"                                             locked code; the first is "setup"
    # %% role="answer" name="softmax"                                          what the student writes
    # %% role="check" name="softmax" points=2 refuse="softmax log_softmax"     probes; also answer= rtol= atol=
    # %% [markdown] role="written" name="xor" points=3                         a model answer, graded by hand

- An answer cell holds top-level functions, classes and assignments only. What the student writes stands between
  ``### BEGIN SOLUTION`` and ``### END SOLUTION``; there may be several such regions.
- A check cell holds probes (generator functions with a docstring), perhaps helpers whose names start with ``_``, and
  perhaps ``verdict(probe, arrays)``. ``probe`` is the probe's name, ``arrays`` a dict of NumPy arrays; it returns None
  for a right result, else a sentence. ``answer=`` names the answer cell if it is not the check's own name.
- ``refuse=`` lists names separated by spaces; of a dotted one the last part counts. The chapter's module is refused
  by itself.
- A check gives all its points or none, unless ``weights="two_rows:1 hidden_edge:2"`` names every probe with its share:
  then the probes that hold earn theirs, except where a misconception is named, which earns nothing.
- The grade_id of a cell is its role and name: ``answer-softmax``, ``check-softmax``, ``given-setup``, ``written-xor``.

``misconceptions.py`` and ``variants.py`` hold definitions under ``@misconception(answer, slug, says=...)`` and
``@variant(answer, label)``. Each replaces the top-level definition of its name in that answer cell; where the answer
is an assignment, the decorated function is called and its result assigned. The files are read, not run: imports in
them serve the editor only.

``load`` refuses what does not hold together with a ``SourceError``: a sentence that names file, line and cell.
"""

import ast
import copy
import hashlib
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from coursekit import ROOT
from coursekit.percent import BEGIN, END, NAME, Cell, SourceError, parse

PRELUDE_NAMES = ("torch", "nn", "F", "np", "math", "fill")

T = TypeVar("T")


def misconception(answer: str, slug: str, *, says: str) -> Callable[[T], T]:
    """Mark a wrong answer. ``says`` tells the student what this answer reveals; a sentence of 40 characters or more."""
    return lambda definition: definition


def variant(answer: str, label: str) -> Callable[[T], T]:
    """Mark a right answer that is written differently."""
    return lambda definition: definition


@dataclass(frozen=True)
class ProbeSource:
    """A probe as it stands in the source."""

    name: str
    source: str
    description: str


@dataclass(frozen=True)
class Check:
    """A check as it stands in the source; ``coursekit.release`` adds keys and signatures and makes a ``Task`` of it."""

    name: str
    answer: str
    points: float
    probes: tuple[ProbeSource, ...]
    refuse: tuple[str, ...] = ()
    rtol: float | None = None
    atol: float | None = None
    verdict: str | None = None
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Alternative:
    """Another text for an answer cell.

    Attributes:
        answer: name of the answer cell.
        slug: name of the misconception or label of the variant.
        source: the whole text of the answer cell with this definition in place.
        says: what the student is told; empty for a variant.
    """

    answer: str
    slug: str
    source: str
    says: str = ""


@dataclass(frozen=True)
class Exercise:
    """An exercise as its source describes it.

    Attributes:
        name: also of its folder, its notebook and its chapter.
        chapter: "foundations/linear".
        minutes: that it takes.
        title: first heading of the first cell.
        cells: in order.
        checks: in order.
        misconceptions: wrong answers.
        variants: right answers.
        root: of the project.
    """

    name: str
    chapter: str
    minutes: int
    title: str
    cells: tuple[Cell, ...]
    checks: tuple[Check, ...]
    misconceptions: tuple[Alternative, ...]
    variants: tuple[Alternative, ...]
    root: Path

    @property
    def answers(self) -> dict[str, str]:
        """Answer cell -> the reference answer's text."""
        return {cell.name: cell.answer for cell in self.cells if cell.role == "answer"}

    @property
    def written(self) -> dict[str, float]:
        """Written cell -> points, given by hand."""
        return {cell.name: float(cell.marks["points"]) for cell in self.cells if cell.role == "written"}

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks) + sum(self.written.values())

    @property
    def module(self) -> str:
        """The chapter's own module, which an answer may not use."""
        return "dlarch." + self.chapter.replace("/", ".")

    def defines(self, answer: str) -> tuple[str, ...]:
        """The names that an answer cell defines at its top level."""
        return tuple(_targets(ast.parse(self.answers[answer])))

    def with_answers(self, answers: dict[str, str]) -> dict[str, Any]:
        """The released notebook with these answers in their cells.

        Args:
            answers: name of an answer or written cell -> its text. Cells that are not named stay as released.

        Raises:
            SourceError: if the exercise was not released yet, or a name is unknown.
        """
        notebook = copy.deepcopy(self.released())
        cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
        for name, text in answers.items():
            cell = cells.get(f"answer-{name}") or cells.get(f"written-{name}")
            if cell is None:
                raise SourceError(f"{self.name} has no answer called {name!r}; it has {', '.join(self.answers)}.")
            cell["source"] = text
        return notebook

    def released(self) -> Any:
        """The released notebook, as committed in ``exercises/``."""
        import nbformat

        path = self.root / "exercises" / self.name / f"{self.name}.ipynb"
        if not path.exists():
            raise SourceError(f"{path} does not exist yet; run: course release {self.name}")
        return nbformat.read(path, as_version=4)


def names(root: Path = ROOT) -> list[str]:
    """The exercises that have a source, in alphabetical order."""
    folder = Path(root) / "solutions"
    return sorted(path.parent.name for path in folder.glob("*/*.py") if path.stem == path.parent.name)


def source(name: str, root: Path = ROOT) -> Path:
    """The file that an exercise is written in.

    Raises:
        SourceError: if there is none of that name.
    """
    path = Path(root) / "solutions" / name / f"{name}.py"
    if not path.exists():
        known = ", ".join(names(root)) or "none"
        raise SourceError(f"There is no exercise called {name!r} ({path} is missing). There are: {known}.")
    return path


def load(name: str, root: Path | str = ROOT) -> Exercise:
    """Read an exercise.

    Args:
        name: of its folder under ``solutions/``.
        root: of the project.

    Raises:
        SourceError: if there is none of that name or it does not hold together.
    """
    root = Path(root)
    path = source(name, root)
    where = f"solutions/{name}/{name}.py"
    cells = tuple(parse(path.read_text(encoding="utf-8"), where))
    title = _title(cells, where)
    checks = tuple(_check(cell, where) for cell in cells if cell.role == "check")
    _hold_together(cells, checks, where)
    answers = {cell.name: cell.answer for cell in cells if cell.role == "answer"}
    return Exercise(
        name=name,
        chapter=cells[0].marks["chapter"],
        minutes=int(cells[0].marks["minutes"]),
        title=title,
        cells=cells,
        checks=checks,
        misconceptions=tuple(_alternatives(path.parent, "misconception", answers)),
        variants=tuple(_alternatives(path.parent, "variant", answers)),
        root=root,
    )


def _title(cells: tuple[Cell, ...], where: str) -> str:
    if not cells or cells[0].role != "title" or {"chapter", "minutes"} - set(cells[0].marks):
        raise SourceError(
            f"{where}: the first cell must be the title, marked "
            '`# %% [markdown] role="title" chapter="foundations/linear" minutes=45`.'
        )
    heading = re.match(r"#+ (.+)", cells[0].source)
    if not heading:
        raise SourceError(f"{where}, line {cells[0].line}: the title cell must start with a heading, `# # ...`.")
    return heading[1].strip()


def cell_id(exercise: str, cell: Cell) -> str:
    """An id that depends on the exercise and the cell's name alone."""
    return hashlib.sha256(f"{exercise}:{cell.role}:{cell.name}".encode()).hexdigest()[:12]


# Checks


def _tree(cell: Cell, where: str) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1)
        raise SourceError(f"{where}, line {line}, {cell.role} {cell.name!r}: {error.msg}.") from None


def _segment(source: str, node: ast.stmt) -> str:
    """The lines of a top-level statement, decorators included."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(source.split("\n")[first - 1 : node.end_lineno])


def _check(cell: Cell, where: str) -> Check:
    place = f"{where}, line {cell.line}, check {cell.name!r}"
    functions, helpers, verdict = [], [], None
    for node in _tree(cell, where).body:
        if not isinstance(node, ast.FunctionDef):
            raise SourceError(f"{place}: a check holds functions only, but line {cell.line + node.lineno} is none.")
        if node.name.startswith("_"):
            helpers.append(_segment(cell.source, node))
        elif node.name == "verdict":
            if len(node.args.args) != 2:
                raise SourceError(f"{place}: verdict takes two arguments, (probe, arrays).")
            verdict = _segment(cell.source, node)
        else:
            functions.append(node)
    if not functions:
        raise SourceError(f"{place}: it holds no probe; write a generator function that yields (name, value).")
    probes = tuple(_probe(node, cell.source, helpers, place) for node in functions)
    if len({probe.name for probe in probes}) < len(probes):
        raise SourceError(f"{place}: two probes share a name.")
    if all(probe.name.startswith("hidden") for probe in probes):
        raise SourceError(f"{place}: every probe is hidden; give the student at least one that is not.")
    marks = cell.marks
    return Check(
        name=cell.name,
        answer=marks.get("answer", cell.name),
        points=float(marks["points"]),
        probes=probes,
        refuse=tuple(marks.get("refuse", "").split()),
        rtol=float(marks["rtol"]) if "rtol" in marks else None,
        atol=float(marks["atol"]) if "atol" in marks else None,
        verdict="\n\n\n".join([*helpers, verdict]) if verdict else None,
        weights=_weights(marks.get("weights", ""), [probe.name for probe in probes], place),
    )


def _weights(mark: str, probes: list[str], place: str) -> dict[str, float]:
    """The share of each probe, none if the mark is empty."""
    pairs = [part.partition(":") for part in mark.split()]
    try:
        weights = {name: float(weight) for name, _, weight in pairs}
    except ValueError:
        weights = {"": 0.0}
    if mark and (
        sorted(name for name, _, _ in pairs) != sorted(probes) or not all(0 < w < 1e6 for w in weights.values())
    ):
        example = " ".join(f"{name}:1" for name in probes)
        raise SourceError(f'{place}: weights name every probe once with a number above 0, as in weights="{example}".')
    return weights


def _probe(node: ast.FunctionDef, source: str, helpers: list[str], place: str) -> ProbeSource:
    if not any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node)):
        raise SourceError(f"{place}: the probe {node.name} yields nothing; write `yield name, value`.")
    if node.args.args or node.args.kwonlyargs or node.args.vararg or node.args.kwarg:
        raise SourceError(f"{place}: the probe {node.name} takes arguments; a probe takes none.")
    description = ast.get_docstring(node)
    if not description:
        raise SourceError(f"{place}: the probe {node.name} has no docstring; it tells the student what was tried.")
    description = " ".join(description.split()).rstrip(".")
    return ProbeSource(node.name, "\n\n\n".join([*helpers, _segment(source, node)]), description)


# Answers


def _targets(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _used(tree: ast.AST) -> set[str]:
    """Names that are read without being bound anywhere in the same text."""
    read, bound = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
    return read - bound


def _answer_names(cell: Cell, where: str) -> list[str]:
    place = f"{where}, line {cell.line}, answer {cell.name!r}"
    begins = [row.strip() for row in cell.source.split("\n") if row.strip() in (BEGIN, END)]
    if not begins:
        raise SourceError(f"{place}: the marks `{BEGIN}` and `{END}` are missing; without them the answer would show.")
    if begins != [BEGIN, END] * (len(begins) // 2):
        raise SourceError(f"{place}: `{BEGIN}` and `{END}` do not alternate.")
    allowed = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
    for node in _tree(cell, where).body:
        if not isinstance(node, allowed):
            raise SourceError(
                f"{place}: an answer holds functions, classes and assignments only, but line {cell.line + node.lineno} "
                "is none of them; imports and data belong into a given cell."
            )
    try:
        ast.parse(cell.stub)
    except SyntaxError as error:
        raise SourceError(f"{place}: what is left without the solution is no Python: {error.msg}.") from None
    return list(_targets(_tree(cell, where)))


def _hold_together(cells: tuple[Cell, ...], checks: tuple[Check, ...], where: str) -> None:
    """Refuse cells that are fine one by one and do not fit each other."""
    lines = _lines_of_marks(cells, where)
    code = [cell for cell in cells if cell.kind == "code"]
    _begins_with_setup(code, where)
    owner = _owners(code, where)
    for cell in code:
        _stands_alone(cell, owner, where)
    answers = {cell.name: cell for cell in code if cell.role == "answer"}
    for check in checks:
        _looks_at_one_answer(check, answers, owner, f"{where}, line {lines['check', check.name]}, check {check.name!r}")
    for name, cell in answers.items():
        if not any(check.answer == name for check in checks):
            raise SourceError(f"{where}, line {cell.line}, answer {name!r}: no check looks at it.")


def _lines_of_marks(cells: tuple[Cell, ...], where: str) -> dict[tuple[str, str], int]:
    """Where each role and name stands, which occur once."""
    seen: dict[tuple[str, str], int] = {}
    for cell in cells:
        if cell.role and (cell.role, cell.name) in seen:
            first = seen[cell.role, cell.name]
            place = f"{where}, line {cell.line}"
            raise SourceError(f"{place}: a second {cell.role} {cell.name!r}; the first is at line {first}.")
        seen[cell.role, cell.name] = cell.line
    return seen


def _begins_with_setup(code: list[Cell], where: str) -> None:
    if not code or (code[0].role, code[0].name) != ("given", "setup"):
        raise SourceError(f'{where}: the first code cell must be `# %% role="given" name="setup"`.')
    if "from dlarch.check import check" not in code[0].source:
        raise SourceError(f"{where}: the setup cell must hold `from dlarch.check import check`.")


def _owners(code: list[Cell], where: str) -> dict[str, str]:
    """For each name that an answer defines, the answer: no other one, and no given cell, defines it too."""
    given = {name for cell in code if cell.role == "given" for name in _targets(_tree(cell, where))}
    owner: dict[str, str] = {}
    for cell in (cell for cell in code if cell.role == "answer"):
        for name in _answer_names(cell, where):
            place = f"{where}, line {cell.line}, answer {cell.name!r}"
            if name in PRELUDE_NAMES:
                raise SourceError(f"{place}: it defines {name}, which every probe needs as it is; choose another name.")
            if name in given or name == "check":
                raise SourceError(f"{place}: it defines {name}, which a given cell defines too.")
            if owner.setdefault(name, cell.name) != cell.name:
                raise SourceError(f"{place}: it defines {name}, which the answer {owner[name]!r} defines too.")
    return owner


def _stands_alone(cell: Cell, owner: dict[str, str], where: str) -> None:
    """Refuse an answer that uses another one, and a given cell that uses any."""
    if cell.role not in ("answer", "given"):
        return
    itself = cell.name if cell.role == "answer" else None
    foreign = sorted(name for name in _used(_tree(cell, where)) if owner.get(name, itself) != itself)
    if not foreign:
        return
    uses = f"{where}, line {cell.line}, {cell.role} {cell.name!r}: it uses {foreign[0]}"
    if cell.role == "answer":
        raise SourceError(
            f"{uses} of the answer {owner[foreign[0]]!r}; tasks stand alone, so write that part out or give it in a "
            "locked cell."
        )
    raise SourceError(
        f"{uses}, which the student writes in {owner[foreign[0]]!r}; given cells must run while all answers are blank."
    )


def _looks_at_one_answer(check: Check, answers: dict[str, Cell], owner: dict[str, str], place: str) -> None:
    if check.answer not in answers:
        raise SourceError(f'{place}: there is no answer {check.answer!r}; add the cell or say which with answer="...".')
    for probe in check.probes:
        foreign = sorted(n for n in _used(ast.parse(probe.source)) if owner.get(n, check.answer) != check.answer)
        if foreign:
            raise SourceError(
                f"{place}: the probe {probe.name} uses {foreign[0]} of the answer {owner[foreign[0]]!r}; a probe may "
                "use its own answer and given names only."
            )


# Wrong answers and variants


def _alternatives(folder: Path, kind: str, answers: dict[str, str]) -> Iterator[Alternative]:
    path = folder / f"{kind}s.py"
    where = f"solutions/{folder.name}/{path.name}"
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SourceError(f"{where}, line {error.lineno}: {error.msg}.") from None
    seen: set[tuple[str, str]] = set()
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        mark = next((d for d in node.decorator_list if _is_call(d, kind)), None)
        place = f"{where}, line {node.lineno}, {node.name}"
        if mark is None:
            raise SourceError(f"{place}: it lacks @{kind}(...).")
        answer, slug, says = _arguments(mark, kind, place)
        if (answer, slug) in seen:
            raise SourceError(f"{place}: a second {kind} {slug!r} of {answer!r}.")
        seen.add((answer, slug))
        if answer not in answers:
            raise SourceError(f"{place}: there is no answer {answer!r}; there are {', '.join(answers)}.")
        yield Alternative(answer, slug, _graft(answers[answer], node, mark, text, place, answer), says)


def _is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _arguments(mark: ast.expr, kind: str, place: str) -> tuple[str, str, str]:
    assert isinstance(mark, ast.Call)
    try:
        values = [ast.literal_eval(arg) for arg in mark.args]
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in mark.keywords}
    except ValueError:
        raise SourceError(f"{place}: the arguments of @{kind} must be plain strings.") from None
    wanted = {"says"} if kind == "misconception" else set()
    strings = all(isinstance(value, str) for value in [*values, *keywords.values()])
    if len(values) != 2 or set(keywords) != wanted or not strings:
        form = '@misconception("answer", "slug", says="...")' if wanted else '@variant("answer", "label")'
        raise SourceError(f"{place}: write it as {form}.")
    says = " ".join(keywords.get("says", "").split())
    if wanted and (len(says) < 40 or says[-1] not in ".?"):
        raise SourceError(f"{place}: says= must be a full sentence of 40 characters or more, ending in a full stop.")
    if not NAME.fullmatch(values[1]):
        raise SourceError(f"{place}: {values[1]!r} is no slug; use letters, digits and -.")
    return values[0], values[1], says


def _graft(answer: str, node: ast.stmt, mark: ast.expr, text: str, place: str, cell: str) -> str:
    """The answer's text with one top-level definition replaced."""
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    rows = text.split("\n")
    decorators = [d for d in node.decorator_list if d is not mark]
    first = min([node.lineno, *(d.lineno for d in decorators)])
    kept = rows[first - 1 : node.end_lineno]
    if any(mark.lineno >= d.lineno for d in decorators):
        raise SourceError(f"{place}: put the mark above the other decorators.")
    new = textwrap.dedent("\n".join(kept))
    for old in ast.parse(answer).body:
        if node.name in _targets(ast.Module([old], [])):
            if isinstance(old, ast.Assign | ast.AnnAssign):
                new += f"\n\n\n{node.name} = {node.name}()"
            first = min([old.lineno, *(d.lineno for d in getattr(old, "decorator_list", []))])
            lines = answer.split("\n")
            return "\n".join([*lines[: first - 1], *new.split("\n"), *lines[old.end_lineno :]])
    raise SourceError(f"{place}: the answer {cell!r} defines no {node.name} that this could replace.")
