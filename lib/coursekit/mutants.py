"""Mechanical mutants: every small change of an answer that a probe ought to notice.

Operators, comparisons, constants, axes, names of a kind, dropped statements and arguments, early returns. Only what
stands within the solution regions is changed.
"""

import ast
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from coursekit.percent import BEGIN, END


@dataclass(frozen=True)
class Mutant:
    """A reference answer with one mechanical change.

    Attributes:
        answer: whose.
        description: "old line -> new line"; the same for the same change on every machine.
        source: the whole text of the answer cell.
        killed: whether a check noticed.
        by: the probe that did.
    """

    answer: str
    description: str
    source: str
    killed: bool = False
    by: str = ""


def make_mutants(answer: str, text: str) -> list[Mutant]:
    """All mutants of one answer cell, given with the marks of its solution regions."""
    rows, allowed = [], set()
    inside = False
    for row in text.split("\n"):
        if row.strip() in (BEGIN, END):
            inside = row.strip() == BEGIN
            continue
        rows.append(row)
        if inside:
            allowed.add(len(rows))
    plain = "\n".join(rows)
    tree = ast.parse(plain)
    original = ast.dump(tree)
    found: dict[str, Mutant] = {}
    taken: set[str] = set()
    for node, new in _changes(tree, plain):
        if node.lineno not in allowed:
            continue
        mutated = _replace(plain, node, new)
        try:
            dump = ast.dump(ast.parse(mutated))
        except SyntaxError:
            continue
        if new.startswith("(") and new.endswith(")"):
            shorter = _replace(plain, node, new[1:-1])
            with contextlib.suppress(SyntaxError):
                mutated = shorter if ast.dump(ast.parse(shorter)) == dump else mutated
        if dump == original or dump in taken:
            continue
        taken.add(dump)
        description = _describe(plain, mutated)
        while description in {mutant.description for mutant in found.values()}:
            description += " (again)"
        found[mutated] = Mutant(answer, description, mutated)
    return list(found.values())


def _replace(text: str, node: ast.AST, new: str) -> str:
    rows = text.split("\n")
    first, last = rows[node.lineno - 1].encode(), rows[node.end_lineno - 1].encode()
    joined = first[: node.col_offset].decode() + new + last[node.end_col_offset :].decode()
    return "\n".join([*rows[: node.lineno - 1], *joined.split("\n"), *rows[node.end_lineno :]])


def _describe(old: str, new: str) -> str:
    a, b = old.split("\n"), new.split("\n")
    start = next(i for i in range(max(len(a), len(b))) if i >= len(a) or i >= len(b) or a[i] != b[i])
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    before = " ".join(row.strip() for row in a[start : len(a) - end])
    after = " ".join(row.strip() for row in b[start : len(b) - end])
    return f"{before} -> {after or '(nothing)'}"


BINARY = {
    ast.Add: ["-"],
    ast.Sub: ["+"],
    ast.Mult: ["/"],
    ast.Div: ["*"],
    ast.FloorDiv: ["/", "*"],
    ast.Mod: ["//"],
    ast.Pow: ["*"],
}
COMPARE = {
    ast.Lt: ["<=", ">"],
    ast.LtE: ["<", ">="],
    ast.Gt: [">=", "<"],
    ast.GtE: [">", "<="],
    ast.Eq: ["!="],
    ast.NotEq: ["=="],
    ast.Is: ["is not"],
    ast.IsNot: ["is"],
}
SWAPS = {
    "min": "max",
    "amin": "amax",
    "argmin": "argmax",
    "sum": "mean",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "std": "var",
    "floor": "ceil",
    "triu": "tril",
    "sin": "cos",
    "relu": "sigmoid",
    "log": "log2",
}
SWAPS |= {new: old for old, new in SWAPS.items()}
# Calls that change nothing a probe could see: the order of their arguments, or the call itself.
SYMMETRIC = {"transpose", "swapaxes", "swapdims", "maximum", "minimum", "max", "min", "add", "mul", "gcd", "equal"}
TRANSPARENT = {"item", "detach", "contiguous", "clone", "float", "double", "cpu", "numpy", "tolist", "to"}
LIBRARIES = {"torch", "nn", "F", "np", "math"}


def _changes(tree: ast.Module, text: str) -> Iterator[tuple[Any, str]]:
    """(node, text to put in its place), over the whole tree."""
    skip = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and _is_text(node.value)}
    skip |= {
        id(node.annotation) for node in ast.walk(tree) if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation
    }
    skip |= {id(node.returns) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    yield from _walk(tree, text, skip)
    for branch in (node for node in ast.walk(tree) if isinstance(node, ast.If)):
        yield branch.test, f"not ({ast.get_source_segment(text, branch.test)})"
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        yield from _early_returns(function)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _walk(node: ast.AST, text: str, skip: set[int]) -> Iterator[tuple[Any, str]]:
    if id(node) in skip:
        return
    yield from ((node, new) for new in _replacements(node, text))
    negative = (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    )
    if not negative:
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, text, skip)


def _replacements(node: ast.AST, text: str) -> Iterator[str]:
    def part(inner: ast.AST) -> str:
        return ast.get_source_segment(text, inner) or ast.unparse(inner)

    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _bracketed(left, part), _bracketed(right, part)
            for sign in BINARY.get(type(op), []):
                yield f"({a} {sign} {b})"
            if isinstance(op, ast.Sub | ast.Div | ast.MatMult | ast.FloorDiv):
                yield f"({b} {_sign(op)} {a})"
            if isinstance(op, ast.MatMult) and not b.endswith("T"):
                yield f"({a} @ {b}.mT)"
            if not isinstance(op, ast.MatMult):
                yield a
            if isinstance(op, ast.Add | ast.Mult):
                yield b
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if isinstance(value, int):
            yield from (str(new) for new in (-value - 1, -value + 1))
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            yield _bracketed(operand, part)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for sign in COMPARE.get(type(op), []):
                yield f"({part(left)} {sign} {part(right)})"
        case ast.BoolOp(op=op, values=values):
            yield "(" + (" or " if isinstance(op, ast.And) else " and ").join(_bracketed(v, part) for v in values) + ")"
        case ast.Constant(value=bool(value)):
            yield str(not value)
        case ast.Constant(value=int(value)):
            yield from (str(new) for new in (value + 1, value - 1))
        case ast.Constant(value=float(value)):
            yield repr(value * 2) if value else "1.0"
        case ast.Attribute(value=value, attr="T" | "mT" | "mH"):
            yield part(value)
        case ast.Attribute(value=value, attr=attr) if attr in SWAPS:
            yield f"{part(value)}.{SWAPS[attr]}"
        case ast.Call():
            yield from _calls(node, part)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield f"({part(orelse)} if {part(test)} else {part(body)})"
        case ast.AugAssign(target=target, op=op, value=value):
            yield from (f"{part(target)} {sign}= {part(value)}" for sign in BINARY.get(type(op), []))
            yield "pass"
        case ast.Expr(value=value) if not _is_text(value):
            yield "pass"
        case ast.Assign():
            yield "pass"


def _bracketed(node: ast.expr, part: Callable[[ast.AST], str]) -> str:
    """The text of an operand, in brackets if it could otherwise fall apart."""
    whole = ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript | ast.Tuple
    return part(node) if isinstance(node, whole) else f"({part(node)})"


def _sign(op: ast.operator) -> str:
    return {ast.Sub: "-", ast.Div: "/", ast.MatMult: "@", ast.FloorDiv: "//"}[type(op)]


def _calls(node: ast.Call, part: Callable[[ast.AST], str]) -> Iterator[str]:
    function = part(node.func)
    arguments = [part(argument) for argument in node.args]
    keywords = [f"{k.arg}={part(k.value)}" if k.arg else f"**{part(k.value)}" for k in node.keywords]
    for i in range(len(keywords)):
        yield f"{function}({', '.join(arguments + keywords[:i] + keywords[i + 1 :])})"
    name = function.rsplit(".", 1)[-1]
    if len(arguments) >= 2 and name not in SYMMETRIC:
        yield f"{function}({', '.join([arguments[1], arguments[0], *arguments[2:], *keywords])})"
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        library = isinstance(owner, ast.Name) and owner.id in LIBRARIES | {"self"}
        nested = isinstance(owner, ast.Attribute) and part(owner).split(".")[0] in LIBRARIES | {"self"}
        if name in TRANSPARENT or part(owner).startswith("super("):
            return
        if not library and not (nested and not arguments):
            yield part(owner)
        elif library and len(arguments) == 1 and not isinstance(node.args[0], ast.Constant):
            yield arguments[0]


def _early_returns(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    """Return a value computed on the way instead of the last one."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    for node in returns:
        names = [
            target.id
            for other in ast.walk(function)
            if isinstance(other, ast.Assign) and other.lineno < node.lineno
            for target in other.targets
            if isinstance(target, ast.Name)
        ]
        names += [argument.arg for argument in function.args.args if argument.arg != "self"]
        for name in dict.fromkeys(names):
            yield node.value, name
