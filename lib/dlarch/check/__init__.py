"""Check an answer by probes: short programs that run beside it and yield raw arrays.

In a notebook, ``check("softmax")`` runs the visible probes of that task and explains what it found. The parts:

- ``Probe``, ``Task``: what is asked, as plain data (``to_json``/``from_json``). ``Task.blind()`` leaves out keys and
  signatures, so that it can stand in the same process as the answer.
- ``collect(probes, namespace) -> Evidence``: runs the probes. It reads no key and makes no judgement.
- ``judge(task, evidence, source) -> Verdict``: compares. No code of the student runs in it.
- ``score(payload, namespace)``: both in one, for a hidden test cell of plain nbgrader.

How values are compared. Shapes are compared exactly, values by tolerance: |received - expected| <= atol + rtol *
|expected|, with ``TOLERANCES`` by the dtype of the key unless the task sets its own. NaN equals NaN only where the key
has it. A number counts by its value: 7850.0 for 7850 and True for 1 are right, 7850.5 is not. An array of booleans
must be one, since a mask of numbers indexes where a mask of booleans selects. A Python float says nothing about the
precision it was computed in, so it is kept as float32 while that holds it exactly enough (below 2**24). Where the key
is float64 and the result float32, the tolerance of float32 applies.

A signature is what a known wrong answer gives: the name and message of its error, or the shape of each value with
four projections on fixed directions. From a projection nobody can read the right answer.
"""

from dlarch.check.compare import COUNTS, TOLERANCES, difference, matches, project, sign, tolerance
from dlarch.check.evidence import FORMAT, MAX_EVIDENCE_BYTES, MAX_PROBE_BYTES, Evidence, Failure, NotNumbers, plain
from dlarch.check.notebook import NotHeld, Report, check, pack, report, score
from dlarch.check.refuse import refused
from dlarch.check.run import PRELUDE, as_failure, collect, fill, quiet, source_of
from dlarch.check.tasks import Probe, Signature, Task, array_from_json, array_to_json
from dlarch.check.verdict import Line, Verdict, judge

__all__ = [
    "COUNTS",
    "FORMAT",
    "MAX_EVIDENCE_BYTES",
    "MAX_PROBE_BYTES",
    "PRELUDE",
    "TOLERANCES",
    "Evidence",
    "Failure",
    "Line",
    "NotHeld",
    "NotNumbers",
    "Probe",
    "Report",
    "Signature",
    "Task",
    "Verdict",
    "array_from_json",
    "array_to_json",
    "as_failure",
    "check",
    "collect",
    "difference",
    "fill",
    "judge",
    "matches",
    "pack",
    "plain",
    "project",
    "quiet",
    "refused",
    "report",
    "score",
    "sign",
    "source_of",
    "tolerance",
]
