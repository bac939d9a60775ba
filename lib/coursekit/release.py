"""Turn an exercise's source into what is handed out and what is kept.

``build(name)`` writes

- ``build/source/NAME/NAME.ipynb``    the notebook with answers and hidden tests, ``checks.json`` beside it
- ``build/bundles/NAME.json``         for the grader: skeleton, probes with keys and signatures (``load_bundle``)
- ``exercises/NAME/NAME.ipynb``       the release, made from the source notebook by nbgrader itself
- ``exercises/NAME/checks.json``      the visible probes, their keys and signatures

``exercises/`` is touched only where something changed: keys that agree within a tenth of their tolerance count as
equal, so that another machine's last digit makes no difference.
"""

import hashlib
import json
import linecache
import logging
import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import dlarch
from coursekit import exercise as source
from coursekit.exercise import ROOT, Alternative, Cell, Check, Exercise, SourceError
from dlarch import check as checking
from dlarch.check import Evidence, Failure, Probe, Task

FORMAT = 1
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class ReleaseError(SourceError):
    """An exercise cannot be released; the message says why."""


@dataclass(frozen=True)
class Bundle:
    """All that the grader needs to know about an exercise.

    Attributes:
        name: of the exercise.
        chapter: "foundations/linear".
        minutes: that it takes.
        points: in all, written answers included.
        notebook: the skeleton, as a notebook dict: the released notebook, holding no answer, key or hidden probe.
            Cells are told apart by ``metadata.nbgrader.grade_id``: ``answer-NAME``, ``check-NAME``, ``given-NAME``,
            ``written-NAME``.
        tasks: in order, with hidden probes, keys and signatures. ``task.blind()`` is what may go into the sandbox.
        written: written cell -> points given by hand.
        modules: that no answer may use.
        hash: of all the above.
    """

    name: str
    chapter: str
    minutes: int
    points: float
    notebook: dict[str, Any]
    tasks: tuple[Task, ...]
    written: dict[str, float]
    modules: tuple[str, ...]
    hash: str

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "chapter": self.chapter,
            "minutes": self.minutes,
            "points": self.points,
            "notebook": self.notebook,
            "tasks": [task.to_json() for task in self.tasks],
            "written": self.written,
            "modules": list(self.modules),
            "hash": self.hash,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Bundle":
        return cls(
            name=data["name"],
            chapter=data["chapter"],
            minutes=data["minutes"],
            points=data["points"],
            notebook=data["notebook"],
            tasks=tuple(Task.from_json(task) for task in data["tasks"]),
            written=dict(data["written"]),
            modules=tuple(data["modules"]),
            hash=data["hash"],
        )


@dataclass(frozen=True)
class Built:
    """What ``build`` did.

    Attributes:
        name: of the exercise.
        bundle: as written.
        changed: paths under ``exercises/`` that differ from before.
    """

    name: str
    bundle: Bundle
    changed: tuple[Path, ...]


def load_bundle(name: str, root: Path | str = ROOT) -> Bundle:
    """Read ``build/bundles/NAME.json``.

    Raises:
        ReleaseError: if it is missing or was written by another version.
    """
    path = Path(root) / "build" / "bundles" / f"{name}.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(f"{path} does not exist; make it with: course release {name}") from None
    except ValueError:
        raise ReleaseError(f"{path} is damaged; make it again with: course release {name}") from None
    if data.get("format") != FORMAT:
        raise ReleaseError(f"{path} was written by another version; make it again with: course release {name}")
    return Bundle.from_json(data)


def build(name: str, root: Path | str = ROOT) -> Built:
    """Build and release one exercise. Doing it twice changes nothing.

    Args:
        name: of the exercise.
        root: of the project.

    Raises:
        SourceError: if the source does not hold together.
        ReleaseError: if a reference answer fails, or nbgrader refuses.
    """
    root = Path(root)
    exercise = source.load(name, root)
    tasks = make_tasks(exercise)
    checks = _dump({"format": FORMAT, "exercise": name, "tasks": {t.name: t.visible().to_json() for t in tasks}})

    folder = root / "build" / "source" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(_dump(source_notebook(exercise, tasks)), encoding="utf-8")
    (folder / "checks.json").write_text(checks, encoding="utf-8")

    notebook = _generate(name, root)
    changed = _publish(root / "exercises" / name, name, _dump(notebook), checks)
    bundle = _bundle(exercise, tasks, notebook)
    target = root / "build" / "bundles" / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, _dump(bundle.to_json()))
    _write(_stamp(name, root), _digest(name, root))
    return Built(name, bundle, changed)


def is_current(name: str, root: Path | str = ROOT) -> bool:
    """Whether `build` would change nothing: no file that it reads or writes differs from when it last ran."""
    root = Path(root)
    stamp = _stamp(name, root)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _digest(name, root)


def _stamp(name: str, root: Path) -> Path:
    return root / "build" / "bundles" / f"{name}.digest"


def _digest(name: str, root: Path) -> str:
    """A hash of the source, of the code that builds and checks, and of what was made of them."""
    read = [*(root / "solutions" / name).glob("*"), ROOT / "nbgrader_config.py"]
    read += [*Path(dlarch.__file__).parent.rglob("*.py"), *Path(__file__).parent.glob("*.py")]
    made = [*(root / "exercises" / name).glob("*"), *(root / "build" / "source" / name).glob("*")]
    made += [root / "build" / "bundles" / f"{name}.json"]
    digest = hashlib.sha256(torch.__version__.encode())
    digest.update(str((root / "build" / "gradebook.db").exists()).encode())
    for path in sorted(path for path in [*read, *made] if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _bundle(exercise: Exercise, tasks: tuple[Task, ...], notebook: dict[str, Any]) -> Bundle:
    cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    bundle = Bundle(
        name=exercise.name,
        chapter=exercise.chapter,
        minutes=exercise.minutes,
        points=exercise.points,
        notebook={**notebook, "cells": cells},
        tasks=tasks,
        written=exercise.written,
        modules=(exercise.module,),
        hash="",
    )
    digest = hashlib.sha256(_dump(bundle.to_json()).encode()).hexdigest()
    return replace(bundle, hash=digest[:16])


# Tasks: probes with keys and signatures


def given_names(exercise: Exercise) -> dict[str, Any]:
    """Run the given cells, quietly, and return the names they leave.

    Raises:
        ReleaseError: if one of them fails.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in exercise.cells:
        if cell.role == "given":
            try:
                with checking.quiet():
                    run_cell(cell.name, cell.source, space)
            except Exception as error:
                raise ReleaseError(
                    f"solutions/{exercise.name}/{exercise.name}.py, line {cell.line}, given {cell.name!r}: "
                    f"the cell fails: {checking.as_failure(error)}"
                ) from error
    return space


def reference_names(exercise: Exercise, given: dict[str, Any]) -> dict[str, Any]:
    """The given names with those of the reference answers.

    Raises:
        ReleaseError: if an answer cell fails.
    """
    space = dict(given)
    for name, text in exercise.answers.items():
        try:
            run_cell(name, text, space)
        except Exception as error:
            raise ReleaseError(
                f"solutions/{exercise.name}/{exercise.name}.py: the answer {name!r} fails: {checking.as_failure(error)}"
            ) from error
    return space


def run_cell(name: str, text: str, space: dict[str, Any]) -> None:
    """Execute a cell so that its text can be found again by tracebacks and ``inspect``."""
    filename = f"<cell {name} {hashlib.sha256(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), space)


def bare_task(exercise: Exercise, check: Check) -> Task:
    """A check as a task without keys and signatures."""
    return Task(
        name=check.name,
        answer=check.answer,
        points=check.points,
        probes=tuple(Probe(probe.name, probe.source, probe.description) for probe in check.probes),
        defines=exercise.defines(check.answer),
        refuse=check.refuse,
        modules=(exercise.module,),
        rtol=check.rtol,
        atol=check.atol,
        misconceptions={m.slug: m.says for m in exercise.misconceptions if m.answer == check.answer},
        verdict=check.verdict,
        weights=check.weights,
        hidden=sum(probe.name.startswith("hidden") for probe in check.probes),
    )


def make_tasks(exercise: Exercise, space: dict[str, Any] | None = None, *, seed: int = 0) -> tuple[Task, ...]:
    """The tasks of an exercise, with the reference answers' arrays as keys and the misconceptions' signatures.

    Args:
        exercise: as loaded.
        space: ``reference_names`` of it, if they are at hand.
        seed: for the probes.

    Raises:
        ReleaseError: if a cell or a probe fails on the reference answer.
    """
    if space is None:
        space = reference_names(exercise, given_names(exercise))
    return tuple(_make_task(exercise, check, space, seed) for check in exercise.checks)


def _make_task(exercise: Exercise, check: Check, space: dict[str, Any], seed: int) -> Task:
    task = bare_task(exercise, check)
    place = f"solutions/{exercise.name}/{exercise.name}.py, check {check.name!r}"
    evidence = checking.collect(task.probes, space, seed=seed)
    probes = []
    for probe in task.probes:
        result = evidence.results[probe.name]
        if isinstance(result, Failure):
            raise ReleaseError(f"{place}: the probe {probe.name} fails on the reference answer: {result}")
        if not result:
            raise ReleaseError(f"{place}: the probe {probe.name} yields nothing on the reference answer.")
        key = {} if check.verdict else {n: _rounded(array) for n, array in result.items()}
        probes.append(replace(probe, key=key))
    task = replace(task, probes=tuple(probes))
    own = checking.judge(task, evidence, exercise.answers[check.answer])
    if own.state != "right":
        raise ReleaseError(f"{place}: the reference answer does not pass it: {own.message}")
    signatures: dict[str, dict[str, checking.Signature]] = {probe.name: {} for probe in probes}
    for wrong in exercise.misconceptions:
        if wrong.answer == check.answer:
            result = evidence_of(task, wrong, space, seed=seed)
            lines = checking.judge(replace(task, refuse=(), modules=()), result, "").lines
            for line in lines:
                if not line.passed:
                    signatures[line.probe][wrong.slug] = checking.sign(result.results[line.probe])
    probes = [replace(probe, signatures=signatures[probe.name]) for probe in probes]
    return replace(task, probes=tuple(probes))


def evidence_of(task: Task, answer: Alternative, space: dict[str, Any], *, seed: int = 0) -> Evidence:
    """What the probes give with another answer in place of the reference answer.

    Args:
        task: whose probes to run.
        answer: the other text.
        space: names left by the notebook with its reference answers; it is copied.
        seed: for the probes.
    """
    space = dict(space)
    for name in task.defines:
        space.pop(name, None)
    try:
        run_cell(answer.answer, answer.source, space)
    except Exception as error:
        failure = checking.as_failure(error)
        return Evidence({probe.name: failure for probe in task.probes})
    return checking.collect(task.probes, space, seed=seed)


def _rounded(array: np.ndarray) -> np.ndarray:
    return checking.array_from_json(checking.array_to_json(array))


# Notebooks


def source_notebook(exercise: Exercise, tasks: tuple[Task, ...]) -> dict[str, Any]:
    """The instructor's notebook: answers in place, hidden tests in the check cells."""
    by_name = {task.name: task for task in tasks}
    cells = [_notebook_cell(exercise, cell, by_name) for cell in exercise.cells]
    return {
        "cells": cells,
        "metadata": {
            "dlarch": {"chapter": exercise.chapter, "minutes": exercise.minutes, "points": exercise.points},
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _notebook_cell(exercise: Exercise, cell: Cell, tasks: dict[str, Task]) -> dict[str, Any]:
    text = cell.source
    if cell.role == "check":
        text = (
            f'check("{cell.name}")\n'
            "### BEGIN HIDDEN TESTS\n"
            "from dlarch.check import score\n\n"
            f'score("{checking.pack(tasks[cell.name])}", globals())\n'
            "### END HIDDEN TESTS"
        )
    graded = cell.role in ("check", "written")
    answer = cell.role in ("answer", "written")
    marks: dict[str, Any] = {
        "grade": graded,
        "grade_id": cell.grade_id if cell.role else "text-" + source.cell_id(exercise.name, cell),
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
    }
    if graded:
        marks["points"] = _points(cell)
    out: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": source.cell_id(exercise.name, cell),
        "metadata": {"nbgrader": marks},
        "source": text,
    }
    if cell.kind == "code":
        out |= {"execution_count": None, "outputs": []}
    return out


def _points(cell: Cell) -> int | float:
    points = float(cell.marks["points"])
    return int(points) if points == int(points) else points


def nbgrader_api(root: Path, db_url: str | None = None) -> Any:
    """nbgrader's own API on this course, with its log kept quiet. Importing it costs seconds.

    It makes a new gradebook by calling the command ``alembic``, which lies beside this interpreter and need not be on
    the path, so that folder is put there.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    config = Config()
    path = ROOT / "nbgrader_config.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"get_config": lambda: config, "__file__": path})
    config.CourseDirectory.root = str(root.resolve())
    config.CourseDirectory.db_url = db_url or _database(root, "gradebook")
    (root / "build").mkdir(parents=True, exist_ok=True)
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    return api


def _database(root: Path, name: str) -> str:
    return f"sqlite:///{root.resolve() / 'build' / f'{name}.db'}"


def _generate(name: str, root: Path) -> dict[str, Any]:
    """Let nbgrader make the released notebook, and read it back.

    It adds and removes no cell of an exercise once submissions are recorded for it, so a mended exercise is made with a
    database of its own, and the gradebook takes the cells over from there.
    """
    graded = _is_graded(name, root)
    database = _database(root, "release" if graded else "gradebook")
    result = nbgrader_api(root, database).generate_assignment(name, force=True, create=True)
    if not result["success"]:
        tail = "\n".join((result.get("log") or result.get("error") or "").strip().splitlines()[-8:])
        raise ReleaseError(f"nbgrader could not release {name}:\n{tail}")
    if graded:
        _take_over(name, database, _database(root, "gradebook"))
    path = root / "build" / "release" / name / f"{name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def _is_graded(name: str, root: Path) -> bool:
    """Whether the course's own gradebook holds submissions of an exercise."""
    from nbgrader.api import Gradebook, MissingEntry

    if not (root / "build" / "gradebook.db").exists():
        return False
    with Gradebook(_database(root, "gradebook")) as gradebook:
        try:
            return bool(gradebook.find_assignment(name).submissions)
        except MissingEntry:
            return False


def _take_over(name: str, made: str, kept: str) -> None:
    """Bring the cells of an exercise up to date in a gradebook; grading takes out graded cells that are gone."""
    from nbgrader.api import Gradebook

    places = ("id", "name", "notebook", "assignment")
    with Gradebook(made) as new, Gradebook(kept) as old:
        fresh, stale = new.find_notebook(name, name), old.find_notebook(name, name)
        for kind in ("grade", "solution", "source"):
            update = getattr(old, f"update_or_create_{kind}_cell")
            for cell in getattr(fresh, f"{kind}_cells"):
                table = {key: value for key, value in cell.to_dict().items() if key not in places}
                update(cell.name, name, name, **table)
        names = {cell.name for cell in fresh.source_cells}
        for cell in stale.source_cells:
            if cell.name not in names:
                old.db.delete(cell)
        old.db.commit()


def _publish(folder: Path, name: str, notebook: str, checks: str) -> tuple[Path, ...]:
    """Write the two released files where they differ, and remove any other."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{name}.ipynb": notebook, folder / "checks.json": checks}
    changed = []
    for path in folder.iterdir():
        if path not in wanted:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            changed.append(path)
    for path, text in wanted.items():
        old = path.read_text(encoding="utf-8") if path.exists() else None
        if old == text or (old is not None and path.name == "checks.json" and same_checks(old, text)):
            continue
        _write(path, text)
        changed.append(path)
    return tuple(changed)


def same_checks(old: str, new: str) -> bool:
    try:
        return _same(json.loads(old), json.loads(new), "")
    except ValueError:
        return False


def _same(old: Any, new: Any, dtype: str) -> bool:
    """Whether two JSON values agree, floats within a tenth of the tolerance for their dtype."""
    if isinstance(old, float) and isinstance(new, float):
        rtol, atol = checking.TOLERANCES.get(dtype, checking.TOLERANCES["float32"])
        return abs(old - new) <= 0.1 * (atol + rtol * abs(new))
    if isinstance(old, dict) and isinstance(new, dict):
        dtype = str(new.get("dtype", dtype))
        return old.keys() == new.keys() and all(_same(old[key], new[key], dtype) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_same(a, b, dtype) for a, b in zip(old, new, strict=True))
    return type(old) is type(new) and old == new


def _dump(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file at once: a reader sees the old text or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
