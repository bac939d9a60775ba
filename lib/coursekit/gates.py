"""What an exercise must hold to before it is released. ``python -m coursekit.gates linear`` shows it to its author.

Each gate is a function of a ``Bench`` (an exercise with its namespace and tasks at hand) that returns complaints:
sentences, none if the gate holds. ``GATES`` lists them; the tests run each over every exercise.

Mutants are small mechanical changes of the reference answers, within the solution regions. One dies if any check of its
answer fails. A survivor must be listed in ``solutions/NAME/survivors.yml``:

    - answer: softmax
      mutation: "e = shifted.exp() -> e = shifted"      as printed, old line -> new line
      reason: "Why the two cannot be told apart, or why no probe tries."
      equivalent: true                                  false if a student could see the difference; true by default

Of the mutants that are not equivalent, 95 % must die. An entry that matches no survivor is stale and fails too.
"""

import contextlib
import json
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
import yaml

from coursekit import exercise as source
from coursekit import release
from coursekit.exercise import ROOT, Alternative, Exercise, SourceError
from coursekit.mutants import Mutant, make_mutants
from coursekit.percent import BEGIN, END
from dlarch import check as checking
from dlarch.check import Evidence, Task, Verdict

KILL_RATE = 0.95
MIN_MISCONCEPTIONS = 4
MIN_VARIANTS = 2
MAX_CHECKS_BYTES = 500_000
MAX_SECONDS = 20.0


@dataclass
class Bench:
    """An exercise laid out for its gates.

    Attributes:
        exercise: as its source describes it.
        tasks: with keys and signatures.
        space: names left by the notebook with its reference answers.
        given: names left by its given cells alone.
    """

    exercise: Exercise
    tasks: tuple[Task, ...]
    space: dict[str, Any]
    given: dict[str, Any]
    _mutants: "list[Mutant] | None" = field(default=None, repr=False)
    _evidence: dict[tuple[str, Alternative], Evidence] = field(default_factory=dict, repr=False)

    def tasks_of(self, answer: str) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.answer == answer)

    def verdicts(self, answer: Alternative) -> list[Verdict]:
        """What each check of an answer says to another text in its place."""
        return [
            checking.judge(task, self.evidence(task, answer), answer.source) for task in self.tasks_of(answer.answer)
        ]

    def evidence(self, task: Task, answer: Alternative) -> Evidence:
        """What the probes of a check give with another answer in place; collected once."""
        key = task.name, answer
        if key not in self._evidence:
            self._evidence[key] = release.evidence_of(task, answer, self.space)
        return self._evidence[key]

    @property
    def mutants(self) -> "list[Mutant]":
        """Every mutant with its fate; made once."""
        if self._mutants is None:
            self._mutants = list(_run_mutants(self))
        return self._mutants


def bench(name: str, root: Path | str = ROOT, *, seed: int = 0) -> Bench:
    """Load an exercise and run its cells.

    Raises:
        SourceError: if it does not hold together or a reference answer fails.
    """
    exercise = source.load(name, root)
    given = release.given_names(exercise)
    space = release.reference_names(exercise, given)
    return Bench(exercise, release.make_tasks(exercise, space, seed=seed), space, given)


def blank_names(bench: Bench, *, written: str | None = None) -> dict[str, Any]:
    """Names left by the notebook as released, but for one answer that may be written."""
    space = dict(bench.given)
    for cell in bench.exercise.cells:
        if cell.role == "answer":
            with contextlib.suppress(NotImplementedError):
                release.run_cell(cell.name, cell.answer if cell.name == written else cell.stub, space)
    return space


# The gates


def the_solution_earns_all_points(bench: Bench) -> list[str]:
    complaints = []
    for task in bench.tasks:
        verdict = _through_a_file(task, bench.space, bench.exercise.answers[task.answer])
        if verdict.points != task.points:
            complaints.append(f"check {task.name}: the reference answer earns {verdict.points:g}: {verdict.message}")
    return complaints


def the_untouched_release_earns_nothing(bench: Bench) -> list[str]:
    complaints = []
    blank = blank_names(bench)
    stubs = {cell.name: cell.stub for cell in bench.exercise.cells if cell.role == "answer"}
    for task in bench.tasks:
        verdict = _through_a_file(task, blank, stubs[task.answer])
        if verdict.points or verdict.state != "unwritten":
            complaints.append(
                f"check {task.name}: an untouched notebook earns {verdict.points:g} and is called {verdict.state}: "
                f"{verdict.message}"
            )
    return complaints


def each_task_stands_alone(bench: Bench) -> list[str]:
    complaints = []
    for answer in bench.exercise.answers:
        space = blank_names(bench, written=answer)
        for task in bench.tasks_of(answer):
            verdict = _judge(task, space, bench.exercise.answers[answer])
            if verdict.points != task.points:
                complaints.append(f"check {task.name}: with all other answers blank it fails: {verdict.message}")
    return complaints


def each_misconception_loses_and_is_named(bench: Bench) -> list[str]:
    complaints = []
    wrong = bench.exercise.misconceptions
    if len(wrong) < MIN_MISCONCEPTIONS:
        complaints.append(f"there are {len(wrong)} misconceptions, {MIN_MISCONCEPTIONS} are wanted")
    for answer in wrong:
        problem = _misconception_problem(bench, answer)
        if problem:
            complaints.append(f"{answer.answer}/{answer.slug}: {problem}")
    return complaints


def _misconception_problem(bench: Bench, wrong: Alternative) -> str:
    lost = [verdict for verdict in bench.verdicts(wrong) if verdict.state != "right"]
    if not lost:
        return "keeps all its points; add a probe where it differs from the reference"
    for verdict in lost:
        if verdict.state == "refused":
            return f"is refused before it is judged: {verdict.message}"
        task = next(task for task in bench.tasks if task.name == verdict.task)
        if task.misconceptions.get(verdict.misconception) != wrong.says:
            named = f"is taken for {verdict.misconception}" if verdict.misconception else "is not named"
            return f"loses its points in check {verdict.task} but {named}: {verdict.message}"
    if wrong.slug not in {verdict.misconception for verdict in lost}:
        return f"is the same as {lost[0].misconception} to every probe; remove one of them"
    return ""


def misconceptions_can_be_told_apart(bench: Bench) -> list[str]:
    """Two misconceptions that look the same on every visible probe get one message; say so, or give both the same."""
    complaints = []
    for task in bench.tasks:
        visible = [probe for probe in task.probes if not probe.hidden]
        evidence = {
            wrong.slug: bench.evidence(task, wrong)
            for wrong in bench.exercise.misconceptions
            if wrong.answer == task.answer
        }
        slugs = sorted(evidence)
        for i, one in enumerate(slugs):
            for other in slugs[i + 1 :]:
                pairs = [(probe.signatures.get(one), probe.signatures.get(other), probe) for probe in visible]
                if any((a is None) != (b is None) for a, b, _ in pairs) or all(a is None for a, _, _ in pairs):
                    continue
                if task.misconceptions[one] == task.misconceptions[other]:
                    continue
                same = all(
                    a is None or checking.matches(a, evidence[other].results[probe.name], task) for a, _, probe in pairs
                )
                if same:
                    complaints.append(f"check {task.name}: {one} and {other} look the same on every visible probe")
    return complaints


def each_variant_keeps_its_points(bench: Bench) -> list[str]:
    complaints = []
    if len(bench.exercise.variants) < MIN_VARIANTS:
        complaints.append(f"there are {len(bench.exercise.variants)} variants, {MIN_VARIANTS} are wanted")
    for variant in bench.exercise.variants:
        complaints += [
            f"{variant.answer}/{variant.slug}: loses check {verdict.task}: {verdict.message}"
            for verdict in bench.verdicts(variant)
            if verdict.state != "right"
        ]
    return complaints


def mutants_die(bench: Bench) -> list[str]:
    listed = survivors(bench.exercise)
    alive = {(mutant.answer, mutant.description) for mutant in bench.mutants if not mutant.killed}
    complaints = [
        f"survivors.yml: no mutant of {entry['answer']} survives as {entry['mutation']!r}; remove the entry"
        for key, entry in listed.items()
        if key not in alive
    ]
    complaints += [f"{answer}: survives and is not listed: {text}" for answer, text in sorted(alive - set(listed))]
    counted = [m for m in bench.mutants if not listed.get((m.answer, m.description), {}).get("equivalent", False)]
    rate = sum(mutant.killed for mutant in counted) / max(1, len(counted))
    if rate < KILL_RATE:
        complaints.append(f"{rate:.1%} of the mutants die, {KILL_RATE:.0%} are wanted; add probes")
    return complaints


def two_seeds_agree(bench: Bench) -> list[str]:
    """With keys made under another seed, every variant and misconception fares the same."""
    exercise = bench.exercise
    try:
        tasks = release.make_tasks(exercise, bench.space, seed=1)
    except SourceError as error:
        return [f"under another seed: {error}"]
    complaints = []
    for task in tasks:
        first = next(other for other in bench.tasks if other.name == task.name)
        for answer in (*exercise.variants, *exercise.misconceptions):
            if answer.answer == task.answer:
                other = release.evidence_of(task, answer, bench.space, seed=1)
                before = checking.judge(first, bench.evidence(first, answer), answer.source).state
                after = checking.judge(task, other, answer.source).state
                if before != after:
                    complaints.append(f"check {task.name}: {answer.slug} is {before} under seed 0, {after} under 1")
    return complaints


def each_check_holds_something_back(bench: Bench) -> list[str]:
    return [
        f"check {task.name}: all its keys travel with the notebook; add a hidden probe"
        for task in bench.tasks
        if not any(probe.hidden for probe in task.probes)
    ]


def the_title_tells_points_and_minutes(bench: Bench) -> list[str]:
    exercise = bench.exercise
    text = exercise.cells[0].source
    complaints = []
    for number, word in ((f"{exercise.points:g}", "point"), (str(exercise.minutes), "minute")):
        if not re.search(rf"\b{re.escape(number)} {word}s?\b", text):
            complaints.append(f"the title cell does not say `{number} {word}s`, which the cells add up to")
    return complaints


GATES: tuple[Callable[[Bench], list[str]], ...] = (
    the_solution_earns_all_points,
    the_untouched_release_earns_nothing,
    each_task_stands_alone,
    each_misconception_loses_and_is_named,
    misconceptions_can_be_told_apart,
    each_variant_keeps_its_points,
    mutants_die,
    two_seeds_agree,
    each_check_holds_something_back,
    the_title_tells_points_and_minutes,
)


# Gates on what was released


def the_release_is_up_to_date(name: str, root: Path, scratch: Path) -> list[str]:
    """Build again elsewhere, and compare with what is committed and with what `course release` made here."""
    shutil.copytree(root / "solutions" / name, scratch / "solutions" / name)
    again = release.build(name, scratch).bundle
    files = [scratch / "exercises" / name / file for file in (f"{name}.ipynb", "checks.json")]
    made = [file.read_bytes() for file in files]
    complaints = []
    for file, text in zip(files, made, strict=True):
        committed = root / "exercises" / name / file.name
        if not committed.exists():
            complaints.append(f"exercises/{name}/{file.name} is missing; run: course release {name}")
        elif not _agrees(committed, text):
            complaints.append(f"exercises/{name}/{file.name} is out of date; run: course release {name}")
    if not complaints and again.hash != release.load_bundle(name, root).hash:
        complaints.append(f"two builds differ, or build/bundles is out of date; run: course release {name}")
    if len(made[1]) > MAX_CHECKS_BYTES:
        complaints.append(f"checks.json has {len(made[1])} bytes; let visible probes yield less")
    extra = {path.name for path in (root / "exercises" / name).glob("*")} - {file.name for file in files}
    complaints += [f"exercises/{name}/{path} does not belong there" for path in sorted(extra)]
    return complaints


def _agrees(committed: Path, fresh: bytes) -> bool:
    text = committed.read_bytes()
    if text == fresh:
        return True
    return committed.name == "checks.json" and release.same_checks(text.decode(), fresh.decode())


def the_release_holds_no_answer(exercise: Exercise) -> list[str]:
    """No line of a solution, no model answer and no hidden probe stands in a released file."""
    released = "\n".join(cell["source"] for cell in exercise.released().cells)
    given = "\n".join(cell.source if cell.role in ("", "given", "title") else cell.stub for cell in exercise.cells
                      if cell.role not in ("check", "written"))  # fmt: skip
    folder = exercise.root / "exercises" / exercise.name
    checks = (folder / "checks.json").read_text(encoding="utf-8")
    complaints = []
    for cell in exercise.cells:
        if cell.role == "answer":
            rows = [row.strip() for row in _solution_rows(cell.source)]
            found = [row for row in rows if len(row) >= 12 and row in released and row not in given]
            complaints += [f"answer {cell.name}: the release shows {row!r}" for row in found]
        elif cell.role == "written" and cell.source in released:
            complaints.append(f"written {cell.name}: the release shows the model answer")
    for check in exercise.checks:
        complaints += [
            f"check {check.name}: {probe.name} is released"
            for probe in check.probes
            if probe.name.startswith("hidden") and (f"def {probe.name}" in checks or f"def {probe.name}" in released)
        ]
    return complaints


def _solution_rows(text: str) -> Iterator[str]:
    inside = False
    for row in text.split("\n"):
        if row.strip() in (BEGIN, END):
            inside = row.strip() == BEGIN
        elif inside:
            yield row


def the_notebook_runs(exercise: Exercise) -> tuple[list[str], float]:
    """Run the released notebook with the reference answers in a kernel.

    Returns:
        Complaints, and the seconds of processor time it took.
    """
    import nbclient

    notebook = exercise.with_answers(exercise.answers)
    with tempfile.TemporaryDirectory() as folder:
        checks = exercise.root / "exercises" / exercise.name / "checks.json"
        (Path(folder) / "checks.json").write_bytes(checks.read_bytes())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}, allow_errors=True
        )
        client.execute()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    complaints = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                complaints.append(f"{grade_id}: {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                complaints.append(f"{grade_id} writes to stderr: {output.text.strip()[:200]}")
            elif grade_id.startswith("check-") and "text/plain" in output.get("data", {}):
                text = output.data["text/plain"]
                if ": holds" not in text.splitlines()[0]:
                    complaints.append(f"{grade_id}: {text}")
    if seconds > MAX_SECONDS:
        complaints.append(f"it takes {seconds:.0f} s of processor time, {MAX_SECONDS:.0f} s are allowed")
    return complaints, seconds


def _judge(task: Task, space: dict[str, Any], text: str) -> Verdict:
    return checking.judge(task, checking.collect(task.blind().probes, space), text)


def _through_a_file(task: Task, space: dict[str, Any], text: str) -> Verdict:
    """Collect, save, load, judge: the way a submission goes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.npz"
        checking.collect(task.blind().probes, space).save(path)
        return checking.judge(task, Evidence.load(path), text)


# Mutants


def survivors(exercise: Exercise) -> dict[tuple[str, str], dict[str, Any]]:
    """The entries of survivors.yml by (answer, mutation).

    Raises:
        SourceError: if an entry is not of the form that the module's docstring shows.
    """
    path = exercise.root / "solutions" / exercise.name / "survivors.yml"
    if not path.exists():
        return {}
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    listed = {}
    for number, entry in enumerate(entries, 1):
        keys = {"answer", "mutation", "reason"}
        if not isinstance(entry, dict) or not keys <= set(entry) <= keys | {"equivalent"}:
            raise SourceError(f"{path}: entry {number} must have answer, mutation and reason, and may have equivalent.")
        if len(str(entry["reason"])) < 15:
            raise SourceError(f"{path}: entry {number} gives no reason worth the name.")
        listed[entry["answer"], entry["mutation"]] = {"equivalent": True, **entry}
    return listed


def _run_mutants(bench: Bench) -> Iterator[Mutant]:
    for cell in bench.exercise.cells:
        if cell.role != "answer":
            continue
        tasks = [replace(task, refuse=(), modules=(), misconceptions={}) for task in bench.tasks_of(cell.name)]
        began = time.process_time()
        for task in tasks:
            _judge(task, bench.space, "")
        limit = max(0.5, 20 * (time.process_time() - began))
        for mutant in make_mutants(cell.name, cell.source):
            yield _fate(mutant, tasks, bench, limit)


def _fate(mutant: Mutant, tasks: list[Task], bench: Bench, limit: float) -> Mutant:
    for task in tasks:
        for probe in task.probes:
            single = replace(task, probes=(probe,))
            with _processor_time(limit):
                evidence = release.evidence_of(single, Alternative(mutant.answer, "", mutant.source), bench.space)
            if checking.judge(single, evidence, "").state != "right":
                return replace(mutant, killed=True, by=f"{task.name}.{probe.name}")
    return mutant


class OutOfTime(Exception):
    """A mutant took far longer than the reference answer."""


@contextlib.contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the code within after so many seconds of processor time, and every second thereafter."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


# For the author


def show(name: str, root: Path | str = ROOT) -> int:
    """Print how an exercise stands; the number of gates that fail."""
    began = time.process_time()
    laid = bench(name, root)
    exercise = laid.exercise
    print(f"{exercise.title}: {exercise.points:g} points, {len(laid.tasks)} checks, {exercise.minutes} minutes\n")
    print("Misconceptions")
    for wrong in exercise.misconceptions:
        problem = _misconception_problem(laid, wrong)
        seen = [verdict.task for verdict in laid.verdicts(wrong) if verdict.state != "right"]
        visible = any(wrong.slug in p.signatures and not p.hidden for t in laid.tasks for p in t.probes)
        where = f"loses {', '.join(seen)} and is named" + ("" if visible else " (by hidden probes only)")
        print(f"  {'✗' if problem else '✓'} {wrong.answer}/{wrong.slug}: {problem or where}")
    print("Variants")
    for variant in exercise.variants:
        lost = [verdict for verdict in laid.verdicts(variant) if verdict.state != "right"]
        text = "; ".join(f"loses {verdict.task}: {verdict.message}" for verdict in lost) or "keeps its points"
        print(f"  {'✗' if lost else '✓'} {variant.answer}/{variant.slug}: {text}")
    _show_mutants(laid)
    print("Gates")
    failed = 0
    for gate in GATES:
        complaints = gate(laid)
        failed += bool(complaints)
        print(f"  {'✗' if complaints else '✓'} {gate.__name__.replace('_', ' ')}")
        for complaint in complaints:
            if ": survives and is not listed: " not in complaint:
                print(f"      {complaint}")
    print(f"\n{failed} of {len(GATES)} gates fail; {time.process_time() - began:.0f} s of processor time.")
    return failed


def _show_mutants(laid: Bench) -> None:
    listed = survivors(laid.exercise)
    print("Mutants")
    for answer in laid.exercise.answers:
        mine = [mutant for mutant in laid.mutants if mutant.answer == answer]
        alive = [mutant for mutant in mine if not mutant.killed]
        unlisted = [mutant for mutant in alive if (answer, mutant.description) not in listed]
        counts = f"{len(mine)}, {len(mine) - len(alive)} die, {len(alive) - len(unlisted)} listed"
        print(f"  {'✗' if unlisted else '✓'} {answer}: {counts}, {len(unlisted)} alive")
        for mutant in unlisted:
            print(f"      - answer: {answer}\n        mutation: {json.dumps(mutant.description, ensure_ascii=False)}")


def main(names: list[str]) -> int:
    """Show the named exercises, or all."""
    torch.set_num_threads(1)  # small tensors: more threads only wait for each other
    failed = 0
    for name in names or source.names():
        try:
            failed += show(name)
        except SourceError as error:
            print(error, file=sys.stderr)
            failed += 1
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
