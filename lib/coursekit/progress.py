"""How far a class is graded: a bar on a terminal, a line for each submission elsewhere, and in the end the figures."""

import time
from collections import Counter
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from coursekit.grading.batch import Step

BEFORE, FAILED = "as before", "not graded"


class Shown:
    """Shows each step it is called with, as a context manager.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.states: Counter[str] = Counter()
        self.began = time.monotonic()
        # The first column is as wide as its text, which a narrow terminal would cut: so the bar comes last.
        columns = (MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn(), BarColumn())
        self.bar = Progress(*columns, console=console, transient=True, speed_estimate_period=120.0)
        self.task = self.bar.add_task("")

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away, so that something can be asked."""
        if self.console.is_terminal:
            self.bar.stop()

    def __call__(self, step: Step) -> None:
        state = FAILED if isinstance(step.result, str) else BEFORE if step.cached else step.result.state
        self.states[state] += 1
        if not self.console.is_terminal or state not in (BEFORE, "graded"):
            self.console.print(str(step), markup=False)
        self.bar.update(self.task, completed=step.done, total=step.total, description=self._figures())

    @property
    def summary(self) -> str:
        """How many came to which state, how long it took, and how many were graded in a minute."""
        seconds = time.monotonic() - self.began
        return f"{self.states.total():,} submissions in {seconds / 60:.1f} minutes: {self._figures()}."

    def _figures(self) -> str:
        counts = ", ".join(f"{count:,} {state}" for state, count in self.states.most_common())
        new = self.states.total() - self.states[BEFORE]
        rate = 60 * new / max(time.monotonic() - self.began, 1.0)
        return f"{counts}; {rate:,.0f} a minute" if new else counts
