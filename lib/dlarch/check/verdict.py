"""From evidence to points and a message. No code of the student runs here."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlarch.check.compare import difference, matches, tolerance
from dlarch.check.evidence import Arrays, Evidence, Failure, clean
from dlarch.check.refuse import covert, refused
from dlarch.check.run import PRELUDE
from dlarch.check.tasks import Probe, Task


@dataclass(frozen=True)
class Line:
    """What one probe showed.

    Attributes:
        probe: its name.
        description: what was tried.
        hidden: whether the student may not see the probe itself.
        passed: whether it holds.
        detail: what was expected and what came; empty if it holds. Of a hidden probe it names no number of the key.
    """

    probe: str
    description: str
    hidden: bool
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement on one task.

    Attributes:
        task: its name.
        points: earned.
        max_points: of the task.
        state: right, wrong, unwritten or refused; with weights, a wrong answer may earn a part of the points.
        message: for the student.
        misconception: slug of the known error that the answer shows, if any.
        lines: one a probe.
    """

    task: str
    points: float
    max_points: float
    state: str
    message: str
    misconception: str | None = None
    lines: tuple[Line, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "points": self.points,
            "max_points": self.max_points,
            "state": self.state,
            "message": self.message,
            "misconception": self.misconception,
            "lines": [vars(line) for line in self.lines],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        return cls(**{**data, "lines": tuple(Line(**line) for line in data["lines"])})


def judge(task: Task, evidence: Evidence, source: str) -> Verdict:
    """Compare what came with what was expected. Pure: it runs no code of the student.

    Args:
        task: with keys and signatures, or with a verdict function.
        evidence: of this task's probes. A probe that is missing there counts as failed.
        source: text of the answer cell (and of cells the student added), searched for refused names.
    """
    uses = refused(source, task.refuse, task.modules)
    if uses:
        return Verdict(task.name, 0.0, task.points, "refused", _refusal(task, uses))
    verdict = _verdict_function(task)
    lines = tuple(_line(task, probe, evidence.results.get(probe.name), verdict) for probe in task.probes)
    failing = [probe for probe, line in zip(task.probes, lines, strict=True) if not line.passed]
    if not task.probes:
        return Verdict(task.name, 0.0, task.points, "wrong", "This check has no probe that can be run here.")
    if not failing:
        return Verdict(task.name, task.points, task.points, "right", "This is right.", None, lines)
    if all(_unwritten(task, evidence.results.get(probe.name)) for probe in task.probes):
        return Verdict(task.name, 0.0, task.points, "unwritten", _not_written(task, evidence), None, lines)
    slug = _misconception(task, failing, evidence)
    first = next(line for line in lines if not line.passed)
    message = task.misconceptions[slug] if slug else f"For {first.description}: {first.detail}"
    message += "" if message.endswith((".", "?")) else "."
    points = 0.0 if slug else task.points * _share(task, lines)
    if points:
        message += f" What holds earns {points:g} of {task.points:g} points."
    return Verdict(task.name, points, task.points, "wrong", message, slug, lines)


def _share(task: Task, lines: tuple[Line, ...]) -> float:
    """The part of the points, from 0 to 1, that probes which hold earn where others do not."""
    held = sum(task.weights.get(line.probe, 0.0) for line in lines if line.passed)
    return held / sum(task.weights.values()) if task.weights else 0.0


def _line(task: Task, probe: Probe, result: Arrays | Failure | None, verdict: Callable[..., Any] | None) -> Line:
    detail = _detail(task, probe, result, verdict)
    return Line(probe.name, probe.description, probe.hidden, not detail, detail)


def _detail(task: Task, probe: Probe, result: Arrays | Failure | None, verdict: Callable[..., Any] | None) -> str:
    if result is None:
        return "no result came"
    if isinstance(result, Failure):
        if result.blank:
            return "not written yet"
        return result.message if result.type == "NotNumbers" else str(result)
    if verdict is not None:
        return _said(verdict, probe, result)
    for name, expected in probe.key.items():
        if name not in result:
            return f"{name} is missing"
        received = result[name]
        rtol, atol = tolerance(task, expected, received)
        phrase = difference(expected, received, rtol=rtol, atol=atol, reveal=not probe.hidden)
        if phrase:
            return f"{name}: {phrase}"
    extra = sorted(set(result) - set(probe.key))
    if extra:
        return f"{extra[0]} was not expected"
    return "" if probe.key else "there is no key to compare with"


def _said(verdict: Callable[..., Any], probe: Probe, result: Arrays) -> str:
    """What a verdict function says. What is no number would pass each of its comparisons, so it never comes to one."""
    for name, array in result.items():
        if not np.isfinite(array).all():
            return f"{name} holds nan or infinite values"
    try:
        with np.errstate(invalid="raise"), warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)  # of the mean of nothing, for one
            return clean(verdict(probe.name, dict(result)) or "")
    except Exception as error:
        return f"the result has another form than was expected ({type(error).__name__}: {clean(error)})"


def _verdict_function(task: Task) -> Callable[..., Any] | None:
    if task.verdict is None:
        return None
    space = dict(PRELUDE)
    exec(compile(task.verdict, f"<verdict {task.name}>", "exec"), space)
    return space["verdict"]


def _missing_name(task: Task, result: Arrays | Failure | None) -> str | None:
    """The name of the answer which a probe did not find, if that is why it failed."""
    if not isinstance(result, Failure) or result.type != "NameError" or result.line is not None:
        return None
    found = re.search(r"name '(\w+)' is not defined", result.message)
    return found[1] if found and found[1] in task.defines else None


def _unwritten(task: Task, result: Arrays | Failure | None) -> bool:
    return isinstance(result, Failure) and (result.blank or _missing_name(task, result) is not None)


def _not_written(task: Task, evidence: Evidence) -> str:
    missing = {_missing_name(task, result) for result in evidence.results.values()} - {None}
    if missing:
        name = sorted(str(name) for name in missing)[0]
        return f"There is no {name} yet. Write it in its cell, run that cell, then run this one again."
    return "Not written yet: the line that raises NotImplementedError still stands there. Put your answer in its place."


def _misconception(task: Task, failing: list[Probe], evidence: Evidence) -> str | None:
    """The known error that agrees with every failing probe; of several, the one that fails least elsewhere."""
    fitting = []
    for slug in task.misconceptions:
        agrees = all(
            slug in probe.signatures
            and probe.name in evidence.results
            and matches(probe.signatures[slug], evidence.results[probe.name], task)
            for probe in failing
        )
        if agrees:
            elsewhere = sum(slug in probe.signatures for probe in task.probes) - len(failing)
            fitting.append((elsewhere, slug))
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _refusal(task: Task, uses: list[tuple[str, int]]) -> str:
    name, line = uses[0]
    if covert(name):
        return (
            f"Line {line} uses {name}, so the text does not show what the answer is made of. "
            "Write out what you use, and put what you wrote yourself into the notebook; then it can earn its points."
        )
    if name in task.modules:
        return (
            f"Line {line} uses {name}, which holds a finished answer to this task. "
            "Write it yourself from what the notebook gives you, then it earns its points."
        )
    return (
        f"Line {line} uses {name}, which does the work that this answer is meant to do. "
        "Write that step yourself, from simpler operations, then it earns its points."
    )
