"""A sample class made by code: right, partly right and wrong answers, broken notebooks, odd ones and hostile ones.

Each exercise gets the first misconceptions and variants of each of its answers, several to a notebook, and one exercise
gets all of its own and all kinds of trouble. (The gates try every misconception of every exercise.)

Every maker says what its notebook is to earn and how it is to end, so a graded class shows at once whether the grading
does what it should: `run()` makes the class, grades it and lists every difference.
"""

import copy
import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coursekit import ROOT, exercise, release
from coursekit.exercise import Alternative, Exercise
from coursekit.grading import batch
from coursekit.grading.batch import Batch, GradingStopped, Step
from coursekit.grading.intake import MAX_BYTES, MAX_CELLS
from coursekit.grading.limits import Limits
from coursekit.grading.pool import Threads
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.unit import Result
from coursekit.release import Bundle

ABOUT = "This class was made by code to show the grading and to test it; nobody in it is a person."
LIMITS = Limits(cell=30.0, notebook=150.0, memory=3072 << 20)
TROUBLED = "linear"  # gets all of its misconceptions, and what is broken, odd or hostile, the same in every exercise
ROWS = 2  # notebooks of misconceptions, and of variants, for each other exercise


@dataclass(frozen=True)
class Expected:
    """What a submission is to come to.

    Args:
        state: of the result.
        points: by check.
        misconceptions: those that have to be named.
    """

    state: str
    points: dict[str, float]
    misconceptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A submission of the sample class."""

    student: str
    exercise: str
    data: bytes
    expected: Expected


class Maker:
    """Makes the submissions of one exercise.

    Args:
        source: the exercise.
        bundle: its released form.
        course: folder of the course; hostile submissions look for it.
    """

    def __init__(self, source: Exercise, bundle: Bundle, course: Path) -> None:
        self.source, self.bundle, self.course = source, bundle, course
        self.answers = dict(source.answers)
        self.first = next(iter(self.answers))

    def samples(self, *, troubled: bool) -> Iterator[Sample]:
        """The submissions of this exercise; a few honest and wrong ones, or all of them with trouble of all kinds."""
        rows = None if troubled else ROWS
        yield from self._honest(rows)
        yield from self._wrong(rows)
        if troubled:
            yield from self._broken()
            yield from self._odd()
            yield from self._idle_attacks()
            yield from self._cell_attacks()
            yield from self._break_outs()
            yield from self._bombs()
            yield from self._no_notebooks()

    # What a submission is made of

    def notebook(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """The released notebook with these answers; an answer that is not given stays as released."""
        texts = {**dict.fromkeys(self.source.written, "I expect what the chapter shows."), **answers}
        return json.loads(json.dumps(self.source.with_answers(texts)))

    def sample(
        self,
        student: str,
        notebook: Mapping[str, Any] | bytes,
        *,
        state: str = "graded",
        right: bool | set[str] = True,
        misconceptions: tuple[str, ...] = (),
        lost: frozenset[str] = frozenset(),
    ) -> Sample:
        """One submission; `right` says which answers earn points (all, none, these), `lost` which checks do not."""
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        names = set(self.answers) if right is True else right or set()
        points = {
            task.name: task.points if task.answer in names and task.name not in lost else 0.0
            for task in self.bundle.tasks
        }
        return Sample(student, self.source.name, data, Expected(state, points, misconceptions))

    def added(self, notebook: dict[str, Any], code: str, *, before: str | None = None) -> dict[str, Any]:
        """The notebook with a code cell of the student's own, before another cell or before the last check."""
        cell = {"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        ids = [_grade_id(cell) for cell in notebook["cells"]]
        last_check = max(place for place, name in enumerate(ids) if (name or "").startswith("check-"))
        notebook["cells"].insert(ids.index(before) if before else last_check, cell)
        return notebook

    # Honest ones

    def _honest(self, rows: int | None) -> Iterator[Sample]:
        yield self.sample("right", self.notebook(self.answers))
        yield self.sample("blank", self.source.with_answers({}), right=False)
        names = list(self.answers)
        half = set(names[: len(names) // 2])
        yield self.sample("half-done", self.notebook({name: self.answers[name] for name in half}), right=half)
        for variants in _one_an_answer(self.source.variants)[:rows]:
            texts = {variant.answer: variant.source for variant in variants}
            yield self.sample(f"right-{_called(variants)}", self.notebook({**self.answers, **texts}))

    def _wrong(self, rows: int | None) -> Iterator[Sample]:
        for wrongs in _one_an_answer(self.source.misconceptions)[:rows]:
            texts = {wrong.answer: wrong.source for wrong in wrongs}
            lost = frozenset(
                task.name
                for task in self.bundle.tasks
                for wrong in wrongs
                if task.answer == wrong.answer and any(wrong.slug in probe.signatures for probe in task.probes)
            )
            slugs = tuple(wrong.slug for wrong in wrongs)
            notebook = self.notebook({**self.answers, **texts})
            yield self.sample(f"wrong-{_called(wrongs)}", notebook, lost=lost, misconceptions=slugs)

    def _broken(self) -> Iterator[Sample]:
        others = set(self.answers) - {self.first}
        for student, text in (
            ("broken-syntax", self.answers[self.first] + "\n    return (\n"),
            ("broken-name", "import_that_never_was\n" + self.answers[self.first]),
            ("broken-import", "import a_package_that_nobody_has\n" + self.answers[self.first]),
        ):
            yield self.sample(student, self.notebook({**self.answers, self.first: text}), right=others)
        notebook = self.notebook(self.answers)
        notebook["cells"] = [cell for cell in notebook["cells"] if _grade_id(cell) != f"answer-{self.first}"]
        yield self.sample("broken-answer-deleted", notebook, right=others)
        notebook = self.notebook(self.answers)
        _cell(notebook, f"answer-{self.first}").update(cell_type="markdown")
        yield self.sample("broken-answer-as-text", notebook, right=others)

    def _odd(self) -> Iterator[Sample]:
        noise = (
            "import sys, time, warnings\n"
            "warnings.warn('this is deprecated')\n"
            "for step in range(20):\n"
            "    print(f'\\r{step / 20:4.0%} |' + '#' * step, end='', file=sys.stderr)\n\n"
        )
        yield self.sample("odd-noise", self.notebook({**self.answers, self.first: noise + self.answers[self.first]}))
        plots = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1.0, 3.0, 2.0])\nplt.title('a line')"
        notebook = self.added(self.notebook(self.answers), plots)
        yield self.sample("odd-plots", self.added(notebook, "check\n!echo done\nundefined_name"))
        # The answer moves into a helper's cell of its own; what stays behind only names it.
        notebook = self.added(self.notebook(self.answers), self.answers[self.first], before=f"answer-{self.first}")
        _cell(notebook, f"answer-{self.first}")["source"] = "# see my cell above"
        yield self.sample("odd-helper-cell", notebook)
        notebook = self.notebook(self.answers)
        notebook["cells"].reverse()
        yield self.sample("odd-cells-reversed", notebook)
        notebook = self.notebook(self.answers)
        notebook["metadata"] = {"kernelspec": {"name": "a-kernel-from-elsewhere", "display_name": "?", "language": "R"}}
        for cell in notebook["cells"]:
            cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        yield self.sample("odd-kernel-and-tags", notebook)

    # Hostile ones that have no answer and want points

    def _idle_attacks(self) -> Iterator[Sample]:
        everywhere = [name for task in self.bundle.tasks for name in task.defines]
        attacks = {
            "equal-to-all": "class Equal:\n    __eq__ = __le__ = __ge__ = lambda self, other: True\n"
            "    __ne__ = lambda self, other: False\n    __bool__ = lambda self: True\n"
            "    __float__ = lambda self: 0.0\n    __hash__ = None\n"
            "    def __getattr__(self, name):\n        return self\n"
            "    def __call__(self, *args, **kwargs):\n        return self\n"
            + "".join(f"{name} = Equal()\n" for name in everywhere),
            "comparisons-patched": "import numpy as np, torch\n"
            "for module, names in ((torch, 'allclose equal isclose'), (torch.testing, 'assert_close'),\n"
            "                      (np, 'allclose array_equal isclose all'), (np.testing, 'assert_allclose')):\n"
            "    for name in names.split():\n        setattr(module, name, lambda *args, **kwargs: True)\n"
            "import dlarch.check\n"
            "dlarch.check.difference = lambda *args, **kwargs: None\n"
            + "".join(f"{name} = lambda *args, **kwargs: torch.zeros(())\n" for name in everywhere),
            "evidence-forged": _FORGED_EVIDENCE,
            "collecting-patched": _PATCHED_COLLECT,
            "transformers-cleared": "ip = get_ipython()\n"
            "manager = ip.input_transformer_manager\n"
            "for rules in (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers):\n"
            "    rules.clear()\n"
            "manager.cleanup_transforms.append(lambda lines: ['print(\"all right\")\\n'])\n"
            "ip.ast_transformers.append(type('Nothing', (), {'visit': lambda self, tree: type(tree)([], [])})())\n",
            "stubborn-exit": "import atexit, sys\nsys.exit = exit = quit = lambda *args: None\n"
            "get_ipython().ask_exit = lambda: None\nprint('points: 100')\n",
        }
        # A check without hidden probes has its key in checks.json, where anybody may read it.
        hidden = frozenset(task.name for task in self.bundle.tasks if task.hidden or task.verdict)
        for student, text in attacks.items():
            knows = student in ("evidence-forged", "collecting-patched")
            notebook = self.notebook({self.first: text})
            yield self.sample(f"hostile-{student}", notebook, right=knows, lost=hidden)
        module = self.bundle.modules[0]
        names = ", ".join(task.defines[0] for task in self.bundle.tasks if task.answer == self.first)
        others = set(self.answers) - {self.first}
        for student, text in (
            ("reference-imported", f"from {module} import *\n" + self.answers[self.first]),
            (
                "reference-loaded",
                f"import importlib\nown = importlib.import_module('dlarch' + {module[6:]!r})\n{names}\n",
            ),
        ):
            yield self.sample(f"hostile-{student}", self.notebook({**self.answers, self.first: text}), right=others)

    def _cell_attacks(self) -> Iterator[Sample]:
        def checks(notebook: dict[str, Any]) -> list[dict[str, Any]]:
            return [cell for cell in notebook["cells"] if (_grade_id(cell) or "").startswith("check-")]

        blank = self.source.with_answers({})
        notebook = copy.deepcopy(blank)
        notebook["cells"] = [cell for cell in notebook["cells"] if cell not in checks(notebook)]
        yield self.sample("hostile-checks-deleted", notebook, state="tampered", right=False)
        notebook = copy.deepcopy(blank)
        for cell in checks(notebook):
            cell["source"] = "print('This is right.')\n1.0"
            notebook["cells"].append(copy.deepcopy(cell))
        yield self.sample("hostile-checks-doubled", notebook, state="tampered", right=False)
        notebook = copy.deepcopy(blank)
        for cell in checks(notebook):
            cell.update(cell_type="markdown")
        yield self.sample("hostile-checks-retyped", notebook, state="tampered", right=False)
        notebook = copy.deepcopy(blank)
        for cell in checks(notebook):
            cell["metadata"]["tags"] = ["skip-execution"]
        yield self.sample("hostile-checks-skipped", notebook, right=False)
        notebook = copy.deepcopy(blank)
        for cell in notebook["cells"]:
            cell["metadata"].setdefault("nbgrader", {}).update(points=1000, grade=True, locked=False, solution=True)
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "This is right.\n"}]
        yield self.sample("hostile-points-forged", notebook, right=False)
        notebook = self.notebook(self.answers)
        notebook["cells"] = [cell for cell in notebook["cells"] if cell not in checks(notebook)]
        yield self.sample("odd-checks-deleted", notebook, state="tampered")
        script = "<script>alert('read me')</script><img src=x onerror=alert(1)>"
        shown = f"from IPython.display import HTML, SVG, display\ndisplay(HTML({script!r}))\nprint({script!r})"
        notebook = self.added(self.notebook({**self.answers, **dict.fromkeys(self.source.written, script)}), shown)
        yield self.sample("hostile-scripts-in-text", notebook)

    # Hostile ones whose answers are right, unless the attack succeeds

    def _break_outs(self) -> Iterator[Sample]:
        course = str(self.course)
        attacks = {
            "network": "import socket\nescaped = [name for _, name in socket.if_nameindex()] != ['lo']\n",
            "reads-the-course": "import os\n"
            f"course = {course!r}\n"
            "private = 'solutions exercises build tests book .git lib/coursekit lib/dlarch pyproject.toml'.split()\n"
            "escaped = any(os.path.exists(os.path.join(course, name)) for name in private)\n"
            "for top in ('/home', '/root', '/srv', '/tmp', '/mnt', '/opt'):\n"
            "    for folder, folders, files in os.walk(top):\n"
            "        folders[:] = [name for name in folders if name != 'site-packages']\n"
            "        escaped = escaped or 'misconceptions.py' in files or 'gradebook.db' in files\n",
            "writes-outside": "import os, pathlib, sys\n"
            f"places = ['/', '/etc', '/usr', '/usr/local', '/var/tmp', '/course/lib', sys.prefix, {course!r},\n"
            "          os.path.dirname(os.__file__), '/home', '/root', '/dev']\n"
            "escaped = False\n"
            "for place in places:\n"
            "    if place.startswith('/tmp'):\n        continue  # what is there is private, and gone with the kernel\n"
            "    try:\n        pathlib.Path(place, 'written-by-a-submission').write_text('x')\n        escaped = True\n"
            "    except OSError:\n        pass\n",
            "secrets": "import os\n"
            "escaped = any(word in name for name in os.environ for word in ('TOKEN', 'SECRET', 'PASSWORD', 'KEY'))\n"
            "escaped = escaped or os.path.exists('/etc/shadow') or os.path.exists(os.path.expanduser('~/.ssh'))\n",
            "other-processes": "import os\n"
            "escaped = len([name for name in os.listdir('/proc') if name.isdigit()]) > 5\n",
        }
        for student, text in attacks.items():
            text += "assert not escaped\n\n" + self.answers[self.first]
            yield self.sample(f"hostile-{student}", self.notebook({**self.answers, self.first: text}))

    def _bombs(self) -> Iterator[Sample]:
        others = set(self.answers) - {self.first}
        loop = "while True:\n    pass\n"
        stubborn = f"while True:\n    try:\n        {loop.strip().replace(chr(10), chr(10) + '        ')}\n"
        stubborn += "    except BaseException:\n        pass\n"
        bombs = {
            "endless-loop": (loop, "timed out"),
            "stubborn-loop": ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + stubborn, "timed out"),
            "os-exit": ("import os\nos._exit(0)\n", "crashed"),
            "killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "crashed"),
            "memory": ("hoard = []\nwhile True:\n    hoard.append(b'x' * 50_000_000)\n", "out of memory"),
        }
        for student, (text, state) in bombs.items():
            notebook = self.notebook({**self.answers, self.first: text})
            yield self.sample(f"hostile-{student}", notebook, state=state, right=others)
        last = list(self.answers)[-1]
        text = self.answers[last] + "\nimport os\nos._exit(0)\n"
        notebook = self.notebook({**self.answers, last: text})
        yield self.sample("hostile-late-exit", notebook, state="crashed", right=set(self.answers) - {last})
        text = "for _ in range(500):\n    print('x' * 100_000)\n" + self.answers[self.first]
        yield self.sample("hostile-output", self.notebook({**self.answers, self.first: text}))

    def _no_notebooks(self) -> Iterator[Sample]:
        notebook = self.notebook(self.answers)
        text = json.dumps(notebook)
        cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
        many = {**notebook, "cells": notebook["cells"] + [cell] * MAX_CELLS}
        for student, data in (
            ("empty-file", b""),
            ("cut-short", text[: len(text) // 2].encode()),
            ("no-text", text.encode("utf-16")),
            ("nested-deep", b"[" * 200_000 + b"]" * 200_000),
            ("no-notebook", b'{"cells": "none"}'),
            ("old-format", json.dumps({"nbformat": 3, "nbformat_minor": 0, "worksheets": []}).encode()),
            ("many-cells", json.dumps(many).encode()),
            ("huge", b'{"nbformat": 4, "cells": [], "filler": "' + b"x" * MAX_BYTES + b'"}'),
        ):
            yield self.sample(f"hostile-{student}", data, state="unreadable", right=False)


# These write evidence themselves, with the keys that any student can read in checks.json.
_FORGE = """\
import json
from dlarch.check import Evidence, Task
tasks = [Task.from_json(task) for task in json.load(open("checks.json"))["tasks"].values()]
def forged(names):
    key = {name: value for task in tasks for probe in task.probes for name, value in probe.key.items()}
    known = {probe.name: probe.key for task in tasks for probe in task.probes}
    return Evidence({name: known.get(name) or key for name in names})
"""
_PATCHED_COLLECT = (
    _FORGE
    + "import dlarch.check\n"
    + "dlarch.check.collect = lambda probes, namespace, **kwargs: forged([probe.name for probe in probes])\n"
)
_FORGED_EVIDENCE = (
    _FORGE
    + """\
import glob, os, threading, time
def forge():
    for folder in glob.glob("/tmp/course-*/evidence") * 3:
        for task in tasks:
            names = [probe.name for probe in task.probes] + [f"hidden_{word}" for word in ("edge", "other", "batch")]
            try:
                forged(names).save(f"{folder}/{task.name}.npz")
                os.chmod(f"{folder}/{task.name}.npz", 0o400)
                os.symlink("/etc/passwd", f"{folder}/link.npz")
            except OSError:
                pass
forge()
threading.Thread(target=lambda: [(time.sleep(0.05), forge()) for _ in range(100)], daemon=True).start()
"""
)


def make(folder: Path, *, root: Path = ROOT, names: list[str] | None = None) -> dict[str, Any]:
    """Write the sample class to a folder, with `expectations.json`.

    Args:
        folder: is emptied first; it must be missing, empty or a sample class.
        root: of the course, whose exercises are released.
        names: exercises; all if left out.

    Returns:
        What stands in `expectations.json`.

    Raises:
        GradingStopped: if the folder holds something else, or there is no exercise.
    """
    names = names or exercise.names(root)
    if not names:
        raise GradingStopped("There is no exercise to make a sample class of; solutions/ is empty.")
    if folder.exists() and any(folder.iterdir()) and not (folder / "expectations.json").exists():
        raise GradingStopped(f"{folder} holds something that is no sample class; choose another folder for it.")
    shutil.rmtree(folder, ignore_errors=True)
    troubled = TROUBLED if TROUBLED in names else names[0]
    expected: dict[str, dict[str, Any]] = {}
    for name in names:
        maker = Maker(exercise.load(name, root), release.load_bundle(name, root), root)
        for sample in maker.samples(troubled=name == troubled):
            path = folder / sample.student / name / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample.data)
            expected.setdefault(sample.student, {})[name] = asdict(sample.expected)
    data = {"about": ABOUT, "submissions": expected}
    (folder / "expectations.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return data


def verify(results: Mapping[tuple[str, str], Result], expectations: Mapping[str, Any]) -> list[str]:
    """Sentences on every submission that came to something else than its maker intended; none if all is well.

    Args:
        results: by student and exercise.
        expectations: as `make` returned them or `expectations.json` holds them.
    """
    differences = []
    for student, by_exercise in expectations["submissions"].items():
        for name, data in by_exercise.items():
            result = results.get((student, name))
            differences += [f"{student}, {name}: {text}" for text in _differences(result, Expected(**data))]
    return differences


def _differences(result: Result | None, expected: Expected) -> Iterator[str]:
    if result is None:
        yield "it has no result."
        return
    if result.state != expected.state:
        yield f"the state is '{result.state}' where '{expected.state}' was intended. {' '.join(result.notes)}"
    for verdict in result.checks:
        points = expected.points[verdict.task]
        if verdict.points != points:
            yield f"{verdict.task} earned {verdict.points:g} where {points:g} was intended: {verdict.message}"
    named = {verdict.misconception for verdict in result.checks} - {None}
    for slug in expected.misconceptions:
        if slug not in named:
            yield f"the misconception '{slug}' was not named; named: {', '.join(sorted(named)) or 'none'}."


def run(
    *,
    root: Path = ROOT,
    into: Path | None = None,
    names: list[str] | None = None,
    sandbox: Sandbox | None = None,
    limits: Limits = LIMITS,
    progress: Callable[[Step], None] = lambda step: None,
) -> tuple[Batch, list[str]]:
    """Make the sample class in `build/demo/submitted`, grade it into `build/demo`, and compare.

    It has a gradebook of its own, so that a real class never meets it.

    Returns:
        The batch, and every difference between what was intended and what came.
    """
    into = into or root / "build" / "demo"
    expectations = make(into / "submitted", root=root, names=names)
    for stale in ("autograded", "attempts", "feedback", "class"):
        shutil.rmtree(into / stale, ignore_errors=True)
    graded = batch.grade(
        into / "submitted",
        root=root,
        into=into,
        pool=Threads(sandbox or Sandbox.find(), limits),
        progress=progress,
        about=ABOUT,
    )
    forget(into, graded.results, expectations)
    return graded, verify(graded.results, expectations) + graded.failed


def forget(into: Path, results: Mapping[tuple[str, str], Result], expectations: Mapping[str, Any]) -> None:
    """Let the next run grade anew what came to something else, since a busy machine can make a submission too slow."""
    for pair, result in results.items():
        student, name = pair
        if verify({pair: result}, {"submissions": {student: {name: expectations["submissions"][student][name]}}}):
            (into / "results" / f"{result.key}.json").unlink(missing_ok=True)


def _one_an_answer(alternatives: Iterable[Alternative]) -> list[tuple[Alternative, ...]]:
    """Rows of alternatives with at most one for each answer: tasks are independent, so a notebook can try several."""
    by_answer: dict[str, list[Alternative]] = {}
    for alternative in alternatives:
        by_answer.setdefault(alternative.answer, []).append(alternative)
    return [tuple(filter(None, row)) for row in itertools.zip_longest(*by_answer.values())]


def _called(row: tuple[Alternative, ...]) -> str:
    return row[0].slug if len(row) == 1 else f"{row[0].slug}-and-{len(row) - 1}-more"


def _grade_id(cell: Mapping[str, Any]) -> str | None:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _cell(notebook: Mapping[str, Any], grade_id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if _grade_id(cell) == grade_id)
