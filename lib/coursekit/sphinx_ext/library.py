"""Let a page run again when the library code behind its cells changes, and only then.

jupyter-cache recognises a page by its code cells. So each page with cells gets one more cell, hidden, which holds a
digest of all that its cells rest on: the modules of ``dlarch`` that they import, directly or not, with the files that
belong to these modules; the files of the book that the cells name (recorded runs, the ledger); and the versions of the
packages underneath. A changed module changes the digest, the digest changes the cell, and the page is run again.
"""

import ast
import hashlib
import importlib.util
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PACKAGE = "dlarch"
UNDERNEATH = ("torch", "numpy", "matplotlib", "scikit-learn", "einops", "anywidget", "ipywidgets")


def package_root() -> Path:
    """The folder of the installed ``dlarch``."""
    return Path(importlib.util.find_spec(PACKAGE).submodule_search_locations[0])


@cache
def code_cells(text: str) -> tuple[str, ...]:
    """The sources of a page's code cells; none if the page is plain text."""
    if not is_myst_markdown_notebook(text):
        return ()
    return tuple(cell.source for cell in read_myst_markdown_notebook(text).cells if cell.cell_type == "code")


def _parse(source: str) -> ast.AST:
    """The syntax tree of a piece of code; what does not parse counts as empty here, and fails when it is run."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _imports(tree: ast.AST, module: str = "") -> set[str]:
    """Dotted names that a piece of code may import from the package; ``module`` resolves its relative imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = module.split(".")[: len(module.split(".")) - node.level]
                base = ".".join([*parent, base] if base else parent)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PACKAGE in node.value:
            names |= _imports(_parse(node.value))  # the rest of a line or a cell that starts with a magic
    return {name for name in names if name.split(".")[0] == PACKAGE}


def _locate(name: str, root: Path) -> list[Path]:
    """The files that importing ``name`` runs: the ``__init__`` of every package on the way, and the module."""
    files, place = [root / "__init__.py"], root
    for part in name.split(".")[1:]:
        place = place / part
        files += [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()]
    return files


def _companions(file: Path) -> set[Path]:
    """Files that are no Python and belong to a module: same stem, or, for a package, of no module's stem."""
    others = {path for path in file.parent.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc")}
    if file.name != "__init__.py":
        return {path for path in others if path.stem == file.stem}
    modules = {path.stem for path in file.parent.glob("*.py")}
    return {path for path in others if path.stem not in modules}


def closure(cells: Iterable[str], root: Path) -> set[Path]:
    """All files of the package that the cells rest on."""
    waiting = {file for cell in cells for name in _imported_in(cell) for file in _locate(name, root)}
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= {path for name in _imported_by(file, root, file.stat().st_mtime_ns) for path in _locate(name, root)}
        waiting -= found
    return found.union(*(_companions(file) for file in found))


@cache
def _imported_in(cell: str) -> frozenset[str]:
    """Names that a cell may import from the package."""
    return frozenset(_imports(_parse(TransformerManager().transform_cell(cell))))


@cache
def _imported_by(file: Path, root: Path, _written: int) -> frozenset[str]:
    """Names that a file of the package may import from it; remembered while the file is as it was."""
    # For relative imports a package's own name ends in __init__, so that one level up is the package itself.
    inside = file.relative_to(root.parent).with_suffix("")
    return frozenset(_imports(_parse(file.read_text(encoding="utf-8")), ".".join(inside.parts)))


def named_files(cells: Iterable[str], book: Path) -> set[Path]:
    """Recorded results and other data of the book whose names stand in the cells."""
    text = "\n".join(cells)
    candidates = {path for path in (book / "recorded").glob("**/*") if path.is_file()} | {book / "facts.yml"}
    return {path for path in candidates if path.is_file() and path.name in text}


@cache
def underneath() -> str:
    """The versions of Python and of the packages that the library stands on."""
    lines = [f"python {platform.python_version()}"]
    for name in UNDERNEATH:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is absent")
    return "\n".join(lines)


def digest(text: str, book: Path, root: Path) -> str:
    """What identifies the code behind a page, or an empty string for a page without cells."""
    cells = code_cells(text)
    if not cells:
        return ""
    total = hashlib.sha256(underneath().encode())
    for base, files in ((root.parent, closure(cells, root)), (book, named_files(cells, book))):
        for file in sorted(files):
            total.update(file.relative_to(base).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def append_cell(app: Sphinx, docname: str, source: list[str]) -> None:
    """Add the hidden cell to a page that is being read, and remember its digest."""
    source[0], value = with_digest(source[0], Path(app.srcdir))
    if value:
        digests(app.env)[docname] = value


def with_digest(text: str, book: Path) -> tuple[str, str]:
    """A page with its hidden cell at the end, and the digest in it; a page without cells as it is, and ``""``."""
    value = digest(text, book, package_root())
    if not value:
        return text, ""
    comment = f"# The code behind this page: {value}"
    return f"{text}\n\n```{{code-cell}} ipython3\n:tags: [remove-cell]\n\n{comment}\n```\n", value


def find_outdated(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Pages whose text is as it was but whose library is not."""
    root, known = package_root(), digests(env)
    unchanged = set(known) - added - changed - removed
    return [
        name
        for name in sorted(unchanged)
        if digest(Path(env.doc2path(name)).read_text(encoding="utf-8"), Path(app.srcdir), root) != known[name]
    ]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the digest of a page that goes or is read anew."""
    digests(env).pop(docname, None)


def digests(env: BuildEnvironment) -> dict[str, str]:
    """The digest of each page, kept with Sphinx's own memory of the last build."""
    if not hasattr(env, "course_digests"):
        env.course_digests = {}
    return env.course_digests


def setup(app: Sphinx) -> None:
    """Connect to reading."""
    app.connect("source-read", append_cell)
    app.connect("env-get-outdated", find_outdated)
    app.connect("env-purge-doc", forget)
