"""What an instructor reads: a page for the class, and one for each exercise with its questions and its students.

The page for the class holds a number for each student and exercise and no more, so that it stays light in a large
class; who held which misconception, states and times stand on the page of the exercise. One small script, named by its
hash in the policy of the page, sorts and filters tables; without it everything is there as well.
"""

import base64
import functools
import hashlib
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.grading.report import STATES, Entry, points, template
from coursekit.grading.unit import MISSING
from dlarch import plots
from dlarch.check import Verdict

MARKS = {  # one letter a state in the large table
    "timed out": "t",
    "crashed": "c",
    "out of memory": "m",
    "unreadable": "u",
    "missing": "n",
    "late": "l",
}
MOST_COMMON = 10  # misconceptions on the page for the class
BLUE = plots.COLORS[0]
WIDTH = 4.6  # inches of a figure: two stand side by side on a desktop, and one is readable on a phone


@dataclass
class Question:
    """A check or an answer in words, and how many students earned all of its points, some, and none."""

    name: str
    max_points: float
    full: int = 0
    partial: int = 0
    none: int = 0
    open: int = 0  # to be graded by hand

    def count(self, earned: float | None) -> None:
        if earned is None:
            self.open += 1
        elif earned >= self.max_points:
            self.full += 1
        elif earned > 0:
            self.partial += 1
        else:
            self.none += 1

    @property
    def shares(self) -> tuple[float, float, float]:
        """Of full, some and no points, among those who were graded."""
        graded = self.full + self.partial + self.none
        return tuple(count / graded if graded else 0.0 for count in (self.full, self.partial, self.none))


@dataclass
class Misconception:
    """A known error that students of the class show, with the questions where it was seen and who they are."""

    slug: str
    message: str
    tasks: dict[str, None] = field(default_factory=dict)
    students: dict[str, str] = field(default_factory=dict)  # to the first question where each of them showed it

    def add(self, student: str, verdict: Verdict) -> None:
        self.tasks.setdefault(verdict.task)
        self.students.setdefault(student, verdict.task)


class Exercise:
    """The submissions of one exercise.

    Args:
        name: of the exercise.
        title: its heading.
        entries: one a student, in their order.
    """

    def __init__(self, name: str, title: str, entries: Sequence[Entry]) -> None:
        self.name, self.title = name, title
        self.entries = entries
        self.handed_in = [entry for entry in self.entries if entry.result.state != MISSING]
        self.scores = sorted(entry.points for entry in self.handed_in) or [0.0]
        self.median = statistics.median(self.scores)
        self.max_points = max(entry.max_points for entry in self.entries)
        self.waiting = sum(entry.waiting for entry in self.entries)
        self.seconds = sorted(entry.result.seconds for entry in self.entries if entry.result.seconds)
        self.states = Counter(entry.state for entry in self.entries)

    @property
    def handed_in_count(self) -> int:
        return len(self.handed_in)

    @property
    def shares(self) -> list[float]:
        """Scores as shares of all points."""
        return [min(1.0, score / self.max_points) if self.max_points else 0.0 for score in self.scores]

    @property
    def trouble(self) -> int:
        """How many submissions ended otherwise than in a plain grade."""
        return sum(count for state, count in self.states.items() if state in MARKS)

    @functools.cached_property
    def questions(self) -> list[Question]:
        found: dict[str, Question] = {}
        for entry in self.handed_in:
            for verdict in entry.result.checks:
                found.setdefault(verdict.task, Question(verdict.task, verdict.max_points)).count(entry.of(verdict))
            for written in entry.result.written:
                name = f"{written.name} (in words)"
                found.setdefault(name, Question(name, written.max_points)).count(entry.by_hand.get(written.name))
        return list(found.values())

    @functools.cached_property
    def misconceptions(self) -> list[Misconception]:
        """Those that were seen, the most common first."""
        found: dict[str, Misconception] = {}
        for entry in self.entries:
            for verdict in entry.result.checks:
                if verdict.misconception:
                    slug = verdict.misconception
                    found.setdefault(slug, Misconception(slug, verdict.message)).add(entry.student, verdict)
        return sorted(found.values(), key=lambda one: (-len(one.students), one.slug))


@dataclass(frozen=True)
class Page:
    """A page to make: its file's name, a text that differs where the page would, and what makes it."""

    name: str
    made_from: str
    make: Callable[[], str]


def pages(entries: Sequence[Entry], titles: Mapping[str, str], about: str = "") -> Iterator[Page]:
    """The pages of a class: `index.html`, then one an exercise.

    Args:
        entries: one a submission.
        titles: of the exercises, by name.
        about: a sentence that stands on top of the first page.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.result.exercise, entry.student)):
        by_name.setdefault(entry.result.exercise, []).append(entry)
    exercises = [Exercise(name, titles.get(name, name), own) for name, own in by_name.items()]
    inputs = [repr((exercise.title, exercise.entries)) for exercise in exercises]
    yield Page("index.html", repr((about, inputs)), lambda: _class_page(exercises, about))
    for exercise, made_from in zip(exercises, inputs, strict=True):
        yield Page(f"{exercise.name}.html", made_from, functools.partial(_exercise_page, exercise))


def _class_page(exercises: Sequence[Exercise], about: str) -> str:
    students: dict[str, dict[str, Entry]] = {}
    for exercise in exercises:
        for entry in exercise.entries:
            students.setdefault(entry.student, {})[exercise.name] = entry
    common = [(some, number, one) for some in exercises for number, one in enumerate(some.misconceptions, start=1)]
    common.sort(key=lambda row: (-len(row[2].students), row[0].name, row[2].slug))
    plots.use_style()
    return template("class").render(
        exercises=exercises,
        students=dict(sorted(students.items())),
        common=common[:MOST_COMMON],
        scores=_picture_of_scores(exercises),
        times=_picture_of_times(exercises),
        about=about,
        states=STATES,
        marks={state: mark for state, mark in MARKS.items() if any(state in one.states for one in exercises)},
        script=script(),
        policy=policy(),
    )


def _exercise_page(exercise: Exercise) -> str:
    plots.use_style()
    return template("exercise").render(
        exercise=exercise,
        pictures=[_picture_of_questions(exercise), _picture_of_points(exercise), _picture_of_seconds(exercise)],
        states=STATES,
        script=script(),
        policy=policy(),
    )


@functools.cache
def script() -> Markup:
    """The script that sorts and filters tables."""
    return Markup((resources.files("coursekit.grading") / "templates" / "table.js").read_text(encoding="utf-8"))


def policy() -> str:
    """What the browser may run: the script with this hash and nothing else."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}"


def _picture_of_scores(exercises: Sequence[Exercise]) -> Markup:
    """A row of bars an exercise: how many students earned which share of the points."""
    figure, axes = _rows(exercises)
    lefts = [10 * number + 0.6 for number in range(10)]
    for row, exercise in enumerate(exercises):
        counts = Counter(min(9, int(share * 10)) for share in exercise.shares)
        heights = [-0.75 * counts[number] / max(counts.values()) for number in range(10)]
        axes.bar(lefts, heights, 8.8, row + 0.4, align="edge", color=BLUE, alpha=0.55)
        axes.plot([100 * statistics.median(exercise.shares)] * 2, [row + 0.4, row - 0.4], "-", color="black")
    axes.set(xlim=(0, 100), xlabel="share of the points, %", title="Points")
    medians = "; ".join(f"{one.name} {points(one.median)} of {points(one.max_points)}" for one in exercises)
    alt = f"How many students earned which share of the points, a row for each exercise. Medians: {medians}."
    return _shown(figure, alt, "Bars: students, from no points to all of them. Line: the median.")


def _picture_of_times(exercises: Sequence[Exercise]) -> Markup:
    """A row an exercise: how long the notebooks ran."""
    figure, axes = _rows(exercises)
    ran = [(row, one.name, one.seconds) for row, one in enumerate(exercises) if one.seconds]
    for row, _, seconds in ran:
        axes.plot([_quantile(seconds, 0.05), _quantile(seconds, 0.95)], [row, row], "-", color=BLUE, lw=4, alpha=0.55)
        axes.plot([_quantile(seconds, 0.5)], [row], "o", color=BLUE)
        axes.plot([seconds[-1]], [row], "x", color="black")
    axes.set(xlabel="seconds", title="Time that a notebook ran")
    axes.set_xlim(left=0)
    medians = "; ".join(f"{name} {_quantile(seconds, 0.5):.1f} s" for _, name, seconds in ran)
    alt = f"How long the notebooks ran, a row for each exercise. Medians: {medians or 'none ran'}."
    return _shown(figure, alt, "Dot: the median. Bar: nine in ten notebooks. Cross: the longest.")


def _picture_of_questions(exercise: Exercise) -> Markup:
    """A bar a question: full, some and no points."""
    questions = exercise.questions
    rows = range(len(questions))
    figure = Figure(figsize=(WIDTH, 1.2 + 0.3 * max(1, len(questions))))
    axes = figure.subplots()
    full = [100 * question.shares[0] for question in questions]
    some = [100 * question.shares[1] for question in questions]
    none = [100 * question.shares[2] for question in questions]
    edge = {"height": 0.7, "edgecolor": "black", "linewidth": 0.8}
    axes.barh(rows, full, color=BLUE, label="all points", **edge)
    axes.barh(rows, some, left=full, color=BLUE, alpha=0.35, label="some", **edge)
    axes.barh(rows, none, left=[a + b for a, b in zip(full, some, strict=True)], color="none", label="none", **edge)
    axes.set_yticks(rows, [_short(question.name) for question in questions])
    axes.set(xlim=(0, 100), ylim=(max(1, len(rows)) - 0.5, -0.5), xlabel="share of the students, %", title="Questions")
    figure.legend(loc="outside lower center", ncols=3)
    said = "; ".join(f"{question.name} {share:.0f} %" for question, share in zip(questions, full, strict=True))
    alt = f"How many students earned all points of a question, some of them and none. All points: {said or 'nobody'}."
    return _shown(figure, alt, "Of those whose answer was graded.")


def _picture_of_points(exercise: Exercise) -> Markup:
    bins = max(1, min(20, round(exercise.max_points)))
    figure, axes = _histogram(exercise.scores, bins, max(1.0, exercise.max_points))
    axes.axvline(exercise.median, color="black")
    axes.set(xlabel="points", ylabel="students", title="Points")
    lowest, middle, highest = map(points, (exercise.scores[0], exercise.median, exercise.scores[-1]))
    alt = f"How many students earned how many points: from {lowest} to {highest}, the median {middle}"
    return _shown(figure, f"{alt} of {points(exercise.max_points)}.", "Line: the median.")


def _picture_of_seconds(exercise: Exercise) -> Markup:
    seconds = exercise.seconds
    figure, axes = _histogram(seconds, 20, max([1.0, *seconds]))
    axes.set(xlabel="seconds", ylabel="students", title="Time that a notebook ran")
    alt = "No notebook ran."
    if seconds:
        lowest, middle, highest = (f"{_quantile(seconds, share):.1f}" for share in (0, 0.5, 1))
        alt = f"How long the notebooks ran: from {lowest} to {highest} seconds, the median {middle}."
    return _shown(figure, alt, "With the start of Python and all checks.")


def _histogram(values: Sequence[float], bins: int, top: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, 2.4))
    axes = figure.subplots()
    if values:  # without any there is no height to draw to
        axes.hist(values, bins, range=(0, top), color=BLUE, alpha=0.7, rwidth=0.9)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure, axes


def _rows(exercises: Sequence[Exercise]) -> tuple[Figure, Axes]:
    """A figure with a row for each exercise, the first on top."""
    figure = Figure(figsize=(WIDTH, 1.1 + 0.32 * len(exercises)))
    axes = figure.subplots()
    axes.set_yticks(range(len(exercises)), [_short(exercise.name) for exercise in exercises])
    axes.set_ylim(len(exercises) - 0.5, -0.6)
    return figure, axes


def _shown(figure: Figure, alt: str, caption: str) -> Markup:
    return Markup(plots.show(figure, alt=alt, caption=caption).html)


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]
