"""Say what a grading run would change in the record, and why, before it is written."""

from collections.abc import Callable
from dataclasses import dataclass

from coursekit.grading.record import ByHand, Recorded, Records
from coursekit.grading.unit import MISSING

ROUNDING = 1e-9  # of points, which are sums of fractions


@dataclass(frozen=True)
class Change:
    """The points of one submission would differ from what is recorded.

    Args:
        student: the id.
        exercise: its name.
        questions: of each check that differs: its name, the points before and after.
        before: all points, lateness taken off.
        after: the same, as they would be.
        why: in words.
    """

    student: str
    exercise: str
    questions: tuple[tuple[str, float, float], ...]
    before: float
    after: float
    why: str

    @property
    def lowered(self) -> bool:
        """Whether the student would have fewer points in all."""
        return self.after < self.before - ROUNDING

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {old:g} → {new:g}" for name, old, new in self.questions)
        detail = f" ({parts})" if parts else ""
        return f"{self.student}, {self.exercise}: {self.before:g} → {self.after:g}{detail}. Why: {self.why}."


def of(new: Recorded, records: Records) -> Change | None:
    """What a result would change in the record; None if nothing, or if there was none before."""
    old = records.find(new.student, new.result.exercise)
    if old is None or old.result.state == MISSING:
        return None
    return between(old, new, records.hand(old.student, old.result))


def between(old: Recorded, new: Recorded, hand: ByHand) -> Change | None:
    """What would change for one submission; None if nothing does.

    Args:
        old: what is recorded.
        new: what would be.
        hand: what people gave, which stands in both.
    """
    were = {verdict.task: verdict.points for verdict in old.result.checks}
    are = {verdict.task: verdict.points for verdict in new.result.checks}
    questions = tuple(
        (name, were.get(name, 0.0), are.get(name, 0.0))
        for name in dict.fromkeys([*are, *were])
        if were.get(name, 0.0) != are.get(name, 0.0)
    )
    before, after = _total(old, hand), _total(new, hand)
    if not questions and abs(before - after) <= ROUNDING:
        return None
    return Change(new.student, new.result.exercise, questions, before, after, _why(old, new))


def agree(
    changes: list[Change], *, yes: bool, ask: Callable[[str], bool] | None, say: Callable[[str], None]
) -> list[Change]:
    """Show changes, and return those to write.

    Args:
        changes: of points that are recorded.
        yes: write all of them.
        ask: puts a question to somebody; without it nobody is there, and no points are taken away.
        say: shows a line.
    """
    for change in changes:
        say(str(change))
    if yes:
        return changes
    if ask is None:
        return [change for change in changes if not change.lowered]
    lowered = sum(change.lowered for change in changes)
    return changes if ask(f"Write these {len(changes)} changes ({lowered} of them lower)?") else []


def _total(recorded: Recorded, hand: ByHand) -> float:
    earned = hand.earned(recorded.result)
    return max(0.0, earned * (1.0 - recorded.late.share) if recorded.late else earned)


def _why(old: Recorded, new: Recorded) -> str:
    shares = [recorded.late.share if recorded.late else 0.0 for recorded in (old, new)]
    another = old.submission not in ("", new.submission)  # what an earlier version of this program wrote says less
    reasons = {
        "another submission": another,
        "the exercise changed": old.exercise not in ("", new.exercise),
        "the grader changed": old.grader not in ("", new.grader),
        "the rules on lateness changed": not another and shares[0] != shares[1],
    }
    found = [reason for reason, holds in reasons.items() if holds]
    if not found and old.result.key != new.result.key:
        found = ["the sandbox or the limits changed"]
    return " and ".join(found) or "it was graded afresh"
