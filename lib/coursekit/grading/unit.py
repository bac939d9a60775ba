"""Grade one submission: bytes and a bundle in, a result out. Nothing else is read and nothing is written."""

import functools
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import dlarch.check
from coursekit.grading import intake, judge, rebuild, run
from coursekit.grading.limits import CRASHED, OUT_OF_MEMORY, TIMED_OUT, Limits
from coursekit.grading.run import GRADED, Step
from coursekit.grading.sandbox import Sandbox
from coursekit.release import Bundle
from dlarch.check import Verdict

UNREADABLE, TAMPERED, MISSING = "unreadable", "tampered", "missing"
STATES = (GRADED, TAMPERED, TIMED_OUT, CRASHED, OUT_OF_MEMORY, UNREADABLE, MISSING)


@dataclass(frozen=True)
class Written:
    """An answer in words, to be graded by hand."""

    name: str
    max_points: float
    text: str


@dataclass(frozen=True)
class Result:
    """All that is known of one graded submission.

    Args:
        exercise: its name.
        state: one of `STATES`. A tampered notebook had locked cells altered, removed or doubled; since it was rebuilt
            from the instructor's, its points are as good as any.
        checks: a verdict on every task, whatever happened.
        written: the answers graded by hand.
        notes: sentences on what happened, for the student.
        sandbox: what the code ran in.
        seconds: of wall clock.
        key: hash of submission, bundle, grader and limits; equal keys mean equal grading.
        notebook: as run, with outputs, in notebook form; None if it could not be read.
    """

    exercise: str
    state: str
    checks: tuple[Verdict, ...]
    written: tuple[Written, ...]
    notes: tuple[str, ...]
    sandbox: str
    seconds: float
    key: str
    notebook: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def points(self) -> float:
        """Points earned by checks; written answers come on top."""
        return sum(verdict.points for verdict in self.checks)

    @property
    def max_points(self) -> float:
        """Points that checks give at most."""
        return sum(verdict.max_points for verdict in self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in ("exercise", "state", "sandbox", "seconds", "key", "notebook")},
            "checks": [verdict.to_json() for verdict in self.checks],
            "written": [asdict(written) for written in self.written],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Result":
        return cls(
            **{name: data[name] for name in ("exercise", "state", "sandbox", "seconds", "key", "notebook")},
            checks=tuple(Verdict.from_json(verdict) for verdict in data["checks"]),
            written=tuple(Written(**written) for written in data["written"]),
            notes=tuple(data["notes"]),
        )


def grade_one(submission: bytes, bundle: Bundle, *, sandbox: Sandbox, limits: Limits | None = None) -> Result:
    """Grade one notebook.

    Args:
        submission: the file as handed in; any bytes.
        bundle: of the exercise.
        sandbox: from `Sandbox.find()`.
        limits: of time, memory and the like.

    Raises:
        NotGraded: if the kernel does not start; the submission is not to blame and has no result.
    """
    limits = limits or Limits()
    key = key_of(submission, bundle, sandbox.name, limits)
    try:
        rebuilt = rebuild.rebuild(intake.read(submission), bundle)
    except intake.Refused as refusal:
        return unreadable(str(refusal), bundle, key)

    began = time.monotonic()
    with sandbox.room({"checks.json": _checks(bundle)}) as room:
        steps = {part.cell["id"]: _step(part, bundle, room.evidence) for part in _to_run(rebuilt.parts)}
        ran = run.execute(list(steps.values()), room, sandbox, limits, bundle.modules)
        missing = {step.task: _why(step, limits) for step in steps.values() if step.task}
        checks = judge.verdicts(bundle, rebuilt, ran.evidence, missing, room.run.parent)
    checks = _explain(checks, bundle, rebuilt, steps)
    _show(rebuilt, steps, checks)
    state = TAMPERED if ran.state == GRADED and rebuilt.tampered else ran.state
    return Result(
        exercise=bundle.name,
        state=state,
        checks=checks,
        written=tuple(Written(n, points, rebuilt.source("written", n)) for n, points in bundle.written.items()),
        notes=(*ran.notes, *rebuilt.notes),
        sandbox=f"{sandbox.name}, {sandbox.kernels}",
        seconds=round(time.monotonic() - began, 2),
        key=key,
        notebook=rebuilt.notebook(bundle),
    )


def unreadable(reason: str, bundle: Bundle, key: str) -> Result:
    """The result of a submission that can't be run: no points, and the sentence that says why."""
    return _without_run(UNREADABLE, reason, bundle, key)


def missing(bundle: Bundle) -> Result:
    """The result of a student who is on the roster and handed in nothing."""
    return _without_run(MISSING, "Nothing was handed in.", bundle, MISSING)


def _without_run(state: str, reason: str, bundle: Bundle, key: str) -> Result:
    checks = tuple(Verdict(task.name, 0.0, task.points, judge.STOPPED, reason) for task in bundle.tasks)
    written = tuple(Written(name, points, "") for name, points in bundle.written.items())
    return Result(bundle.name, state, checks, written, (reason,), "not run", 0.0, key)


def key_of(submission: bytes, bundle: Bundle, seal: str, limits: Limits) -> str:
    """A hash of all that a result depends on; `seal` is the name of the sandbox."""
    parts = [hashlib.sha256(submission).hexdigest(), bundle.hash, grader_version(), seal, repr(limits)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@functools.cache
def grader_version() -> str:
    """A hash of the code that decides on points."""
    files = [Path(module.__file__) for module in (intake, rebuild, run, judge)]
    files += [Path(__file__).with_name(f"{name}.py") for name in ("unit", "sandbox", "limits", "groups")]
    files += sorted(Path(dlarch.check.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _checks(bundle: Bundle) -> bytes:
    """The file that lies beside the notebook: visible probes with their keys, as released."""
    tasks = {task.name: task.visible().to_json() for task in bundle.tasks}
    return json.dumps({"format": 1, "exercise": bundle.name, "tasks": tasks}).encode()


def _to_run(parts: Sequence[rebuild.Part]) -> list[rebuild.Part]:
    """The cells with code up to the last check; of what comes after it nothing could count any more."""
    last = max((number for number, part in enumerate(parts) if part.role == "check"), default=-1)
    return [part for part in parts[: last + 1] if part.cell["cell_type"] == "code" and part.cell["source"].strip()]


def _step(part: rebuild.Part, bundle: Bundle, evidence: Path) -> Step:
    if part.role != "check":
        return Step(part.cell["source"], part.label)
    code = rebuild.collecting_code(bundle, part.name, str(evidence / f"{part.name}.npz"))
    return Step(code, part.label, task=part.name)


def _why(step: Step, limits: Limits) -> str:
    return {
        "timed out": f"This check was stopped after {limits.cell:g} seconds; does your code end?",
        "died": "Python itself ended during this check, so there is no result.",
        "not run": "This check did not run, because the notebook was ended before it.",
    }.get(step.outcome, "No result came from this check.")


def _explain(
    checks: tuple[Verdict, ...], bundle: Bundle, rebuilt: rebuild.Rebuilt, steps: Mapping[str, Step]
) -> tuple[Verdict, ...]:
    """Where an answer counts as not written because its cell failed, say how it failed."""
    failed: dict[str, str] = {}
    for part in rebuilt.parts:
        if part.role != "answer" or part.cell["id"] not in steps:
            continue
        step = steps[part.cell["id"]]
        for output in step.outputs:
            if output["output_type"] == "error" and (output["ename"], output["evalue"]) != ("NotImplementedError", ""):
                failed[part.name] = " ".join(f"{output['ename']}: {output['evalue']}".split())[:300]
                if output["ename"] == "StdinNotImplementedError":
                    failed[part.name] = "It asks for something by input(), and nobody is there to answer."
        if step.outcome == "died":
            failed[part.name] = "Python itself ended while it ran."
    answers = {task.name: task.answer for task in bundle.tasks}
    return tuple(
        replace(verdict, message=f"The cell of your answer ended in an error, so nothing could be tried. {reason}")
        if verdict.state == "unwritten" and (reason := failed.get(answers[verdict.task]))
        else verdict
        for verdict in checks
    )


def _show(rebuilt: rebuild.Rebuilt, steps: Mapping[str, Step], checks: tuple[Verdict, ...]) -> None:
    """Put outputs into the notebook; under a check stands its verdict and nothing that came out of the sandbox."""
    verdicts = {verdict.task: verdict for verdict in checks}
    for number, part in enumerate((part for part in rebuilt.parts if part.cell["id"] in steps), start=1):
        part.cell["execution_count"] = number
        if part.role != "check":
            part.cell["outputs"] = [_safe(output) for output in steps[part.cell["id"]].outputs]
        else:
            verdict = verdicts[part.name]
            text = f"{verdict.points:g} of {verdict.max_points:g} points. {verdict.message}\n"
            part.cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


def _safe(output: dict[str, Any]) -> dict[str, Any]:
    """An output without HTML, which could act in the name of whoever looks at it."""
    data = output.get("data")
    if data is None:
        return output
    kept = {mime: text for mime, text in data.items() if mime == "text/plain" or mime.startswith("image/")}
    return {**output, "data": kept or {"text/plain": "[an output that is not shown here]"}}
