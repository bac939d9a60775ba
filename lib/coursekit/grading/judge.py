"""From evidence to points, outside the sandbox, where no code of the student ever runs.

Nothing but raw arrays is taken from the sandbox, and what is missing earns nothing.
"""

import ast
import symtable
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from coursekit.grading.rebuild import Rebuilt
from coursekit.release import Bundle
from dlarch.check import Evidence, Task, Verdict, judge

STOPPED = "stopped"
ANY = "*"  # of `import *`, and in the place of names that a statement binds without writing them
BINDERS = {"globals", "locals", "vars", "exec", "eval", "setattr", "run_cell", "user_ns", "__dict__"}
_ONE_AT_A_TIME = Lock()  # judging takes milliseconds, and Python's filters of warnings belong to no thread


def verdicts(
    bundle: Bundle, rebuilt: Rebuilt, evidence: Mapping[str, bytes], missing: Mapping[str, str], scratch: Path
) -> tuple[Verdict, ...]:
    """The verdict on each task of the bundle, in order.

    Args:
        bundle: holds the keys.
        rebuilt: holds the text of the answers.
        evidence: by task, as it came out of the sandbox.
        missing: by task, the sentence on why there is no evidence.
        scratch: a folder for one temporary file, which no student can reach.
    """
    with _ONE_AT_A_TIME:
        return tuple(_verdict(t, rebuilt, evidence.get(t.name), missing.get(t.name), scratch) for t in bundle.tasks)


def _verdict(task: Task, rebuilt: Rebuilt, data: bytes | None, why: str | None, scratch: Path) -> Verdict:
    if data is None:
        return _stopped(task, why or "No result came from this check.")
    path = scratch / "evidence.npz"
    path.write_bytes(data)
    try:
        evidence = Evidence.load(path)
    except ValueError:
        return _stopped(task, "What this check gave could not be read, so nothing speaks for the answer.")
    answer = rebuilt.source("answer", task.answer)
    verdict = judge(task, evidence, answer)
    helpers = reached(answer, task.defines, rebuilt.extras)
    if verdict.state != "refused" and helpers:
        through_helpers = judge(task, evidence, helpers)
        if through_helpers.state == "refused":
            return replace(through_helpers, message=f"In a cell that you added: {through_helpers.message}")
    return verdict


def _stopped(task: Task, message: str) -> Verdict:
    return Verdict(task.name, 0.0, task.points, STOPPED, message)


def reached(answer: str, defines: tuple[str, ...], extras: list[str]) -> str:
    """The statements of the student's own cells that the answer depends on, by name and over any number of steps.

    A statement counts if it binds a global name (or sets an attribute) that the answer reads, or binds a name which
    the answer should define, or if its text does not show which names it binds. What a student only tries out for
    comparison is not reached.
    """
    wanted = {ANY, *defines} | _reads(answer)
    left = [(text, _binds(node)) for cell in extras for text, node in _statements(cell)]
    found: list[str] = []
    while new := [text for text, binds in left if binds & wanted]:
        found += new
        left = [(text, binds) for text, binds in left if not binds & wanted]
        wanted = wanted.union(*map(_reads, new))
    return "\n".join(found)


def _statements(cell: str) -> list[tuple[str, ast.stmt]]:
    """The top-level statements of a cell with their text; none of a cell that is no Python."""
    # Lines of IPython's own (%, !) would make all of the cell unreadable here.
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in cell.splitlines()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    firsts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) for node in body]
    return [("\n".join(lines[first - 1 : node.end_lineno]), node) for first, node in zip(firsts, body, strict=True)]


def _binds(statement: ast.stmt) -> set[str]:
    """Global names that a top-level statement binds and attributes that it sets, outside of any function's body."""
    mentioned = {getattr(node, "id", None) or getattr(node, "attr", None) for node in ast.walk(statement)}
    found = {ANY} if mentioned & BINDERS else set()
    nodes: list[ast.AST] = [statement]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        else:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.id if isinstance(node, ast.Name) else node.attr)
            if not isinstance(node, ast.Lambda):
                nodes.extend(ast.iter_child_nodes(node))
    return found


def _reads(text: str) -> set[str]:
    """Global names and attributes that a piece of code reads; local names of its functions do not count."""
    found: set[str] = set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            scopes = [symtable.symtable(text, "answer", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    while scopes:
        scope = scopes.pop()
        symbols = [symbol for symbol in scope.get_symbols() if symbol.is_referenced()]
        found |= {s.get_name() for s in symbols if s.is_global() or scope.get_type() == "module"}
        scopes.extend(scope.get_children())
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
