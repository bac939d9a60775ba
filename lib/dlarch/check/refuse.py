"""Finding what an answer may not use, in its text."""

import ast
import importlib.util
import re
import sys
import warnings

LOOKUPS = {"getattr": 1, "attrgetter": 0, "methodcaller": 0, "eval": 0, "exec": 0, "__import__": 0, "import_module": 0}
BUILT_IN = ("getattr", "eval", "exec", "vars", "__import__")


def refused(source: str, names: tuple[str, ...], modules: tuple[str, ...]) -> list[tuple[str, int]]:
    """Uses of names and modules that an answer may not use: (name, line), in order.

    A name counts as used when it is imported or taken as an attribute (``torch.softmax``, ``x.softmax``, also by
    ``getattr``, ``__dict__`` or ``eval`` with a constant). A function of that name which the source defines itself is
    the student's own. Of a dotted entry in ``names`` the last part counts. A module counts when it, or anything in it,
    is imported or reached.

    Where names are refused, it also counts to look something up so that the text does not show what: ``getattr(...)``
    and its like with a name that is put together, ``import *`` of a module that has the name, and ``import`` of a
    module that is not there when answers are graded. ``covert`` tells these entries apart.
    """
    if not names and not modules:
        return []
    source = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    wanted = {name.rsplit(".", 1)[-1] for name in names}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _refused_by_line(source, wanted, modules)
    finder = _Finder(wanted, modules, tree)
    try:
        finder.visit(tree)
    except RecursionError:
        return _refused_by_line(source, wanted, modules)
    return sorted(set(finder.uses), key=lambda use: (use[1], use[0]))


def covert(use: str) -> bool:
    """Whether an entry of ``refused`` is a way to look something up rather than a name or a module."""
    return use.endswith("(...)") or use.startswith("import ")


class _Finder(ast.NodeVisitor):
    def __init__(self, names: set[str], modules: tuple[str, ...], tree: ast.AST) -> None:
        self.names, self.modules = names, modules
        self.uses: list[tuple[str, int]] = []
        self.aliases: dict[str, str] = {}
        self.plain: set[ast.AST] = set()  # mentions of a way to look things up that hide nothing
        self.own_methods = {
            method.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            for method in node.body
            if isinstance(method, ast.FunctionDef)
        }

    def _module(self, path: str, line: int) -> None:
        for module in self.modules:
            if path == module or path.startswith(module + "."):
                self.uses.append((module, line))

    def _hides(self, way: str, line: int) -> None:
        if self.names:
            self.uses.append((way, line))

    def _absent(self, path: str, line: int) -> None:
        top = path.split(".")[0]
        if top and top not in sys.modules and importlib.util.find_spec(top) is None:
            self._hides(f"import {top}", line)

    def _offers(self, module: str) -> bool:
        """Whether a module has a refused name; what of torch and NumPy is here always is, and SciPy may not be."""
        top = module.split(".")[0]
        here = sys.modules.get(module) if top in ("torch", "numpy") else None
        return top == "scipy" or any(hasattr(here, name) for name in self.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._absent(alias.name, node.lineno)
            self._module(alias.name, node.lineno)
            path = alias.name if alias.asname else alias.name.split(".")[0]
            self.aliases[alias.asname or path] = path

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._absent(node.module or "", node.lineno)
        for alias in node.names:
            path = f"{node.module or ''}.{alias.name}"
            self._module(path, node.lineno)
            if alias.name == "*":
                self._module(node.module or "", node.lineno)
                if self._offers(node.module or ""):
                    self._hides("import *", node.lineno)
            self.aliases[alias.asname or alias.name] = path
            if alias.name in self.names:
                self.uses.append((alias.name, node.lineno))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        own = isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in self.own_methods
        if node.attr in self.names and isinstance(node.ctx, ast.Load) and not own and not self._assigned(node):
            self.uses.append((node.attr, node.lineno))
        path = self._path(node)
        if path:
            self._module(path, node.lineno)
        if node.attr == "__dict__" and node not in self.plain and not _is_self(node.value):
            self._hides("__dict__(...)", node.lineno)
        if path in [f"builtins.{name}" for name in BUILT_IN] and node not in self.plain:
            self._hides(f"{node.attr}(...)", node.lineno)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in BUILT_IN and isinstance(node.ctx, ast.Load) and node not in self.plain:
            self._hides(f"{node.id}(...)", node.lineno)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._module(node.value, node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        called = (self._path(node.func) or getattr(node.func, "attr", "")).rsplit(".", 1)[-1]
        for argument in node.args:
            text = argument.value if isinstance(argument, ast.Constant) else None
            if isinstance(text, str) and called in ("getattr", "attrgetter", "methodcaller") and text in self.names:
                self.uses.append((text, node.lineno))
            elif isinstance(text, str) and called in ("eval", "exec"):
                self.uses += [(name, node.lineno) for name, _ in _refused_by_line(text, self.names, self.modules)]
        if self._shows(node, called):
            self.plain.add(node.func)
        elif called in LOOKUPS or called in ("vars", "run_cell"):
            self._hides(f"{called}(...)", node.lineno)
            self.plain.add(node.func)
        self.generic_visit(node)

    def _shows(self, node: ast.Call, called: str) -> bool:
        """Whether a call hides nothing of what it looks up."""
        if called in ("eval", "exec") and self._path(node.func) not in (called, f"builtins.{called}"):
            return True  # model.eval()
        if called == "vars":
            return node in self.plain or not node.args or _is_self(node.args[0])
        if called not in LOOKUPS:
            return called != "run_cell"
        names = node.args[LOOKUPS[called] :][: None if called == "attrgetter" else 1]
        written = names and all(isinstance(name, ast.Constant) for name in names)
        return bool(written) or (called == "getattr" and bool(node.args) and _is_self(node.args[0]))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        holder = node.value.func if isinstance(node.value, ast.Call) else node.value
        by_name = (self._path(holder) or "").rsplit(".", 1)[-1] in ("__dict__", "vars")
        if isinstance(key, str) and key in self.names and by_name:
            self.uses.append((key, node.lineno))
        if isinstance(key, str):
            self.plain.add(node.value)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        fields = {
            target.attr
            for inner in ast.walk(node)
            if isinstance(inner, ast.Assign | ast.AnnAssign)
            for target in (inner.targets if isinstance(inner, ast.Assign) else [inner.target])
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        }
        outer, self.fields = getattr(self, "fields", set()), fields
        self.generic_visit(node)
        self.fields = outer

    def _assigned(self, node: ast.Attribute) -> bool:
        """``self.name`` where the class sets ``self.name`` itself: what counts is what it was set to."""
        return isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in getattr(self, "fields", ())

    def _path(self, node: ast.expr) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _refused_by_line(source: str, names: set[str], modules: tuple[str, ...]) -> list[tuple[str, int]]:
    """The same for text that Python cannot parse, by words."""
    uses = []
    for number, line in enumerate(source.splitlines(), 1):
        code = line.split("#", 1)[0]
        uses += [(name, number) for name in names if re.search(rf"(\.\s*|\bimport\b.*\b){re.escape(name)}\b", code)]
        uses += [(module, number) for module in modules if module in code]
    return sorted(uses, key=lambda use: (use[1], use[0]))
