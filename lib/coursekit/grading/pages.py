"""Write everything that people read after grading: a page a submission, a page a student, the class, and the grades."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coursekit import exercise, release
from coursekit.grading import exports, overview, report
from coursekit.grading.record import ByHand, Recorded, Records, write
from coursekit.grading.report import Entry
from coursekit.release import Bundle


@dataclass
class Class:
    """All that was graded, without notebooks, and the titles of the exercises by name."""

    entries: list[Entry] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry, bundle: Bundle) -> None:
        self.entries.append(dataclasses.replace(entry, result=dataclasses.replace(entry.result, notebook=None)))
        self.titles.setdefault(bundle.name, report.title_of(bundle))


def read(records: Records, root: Path) -> Class:
    """The class as it stands in the records.

    Args:
        records: open.
        root: of the course, whose exercises are released.
    """
    found = Class()
    for entry, bundle in _entries(records, root):
        found.add(entry, bundle)
    return found


def write_all(records: Records, root: Path, into: Path, about: str = "") -> Class:
    """Write `feedback/`, `class/` and `grades.csv`.

    Args:
        records: open.
        root: of the course.
        into: the folder where they go.
        about: a sentence that stands on top of the page for the class.
    """
    found = Class()
    for entry, bundle in _entries(records, root):
        write(into / "feedback" / entry.student / f"{bundle.name}.html", report.feedback(entry, bundle))
        found.add(entry, bundle)
    if found.entries:
        students: dict[str, list[Entry]] = {}
        for entry in found.entries:
            students.setdefault(entry.student, []).append(entry)
        for student, own in students.items():
            write(into / "feedback" / student / "index.html", report.contents(student, own, found.titles))
        for name, page in overview.pages(found.entries, found.titles, about):
            write(into / "class" / name, page)
        write(into / "grades.csv", exports.as_csv(found.entries))
    return found


def _entries(records: Records, root: Path) -> Iterator[tuple[Entry, Bundle]]:
    """One at a time, because each holds a whole notebook."""
    bundles: dict[str, Bundle] = {}
    for recorded in records.recorded():
        name = recorded.result.exercise
        try:
            if name not in bundles:
                bundles[name] = release.load_bundle(name, root)
        except exercise.SourceError:  # an exercise that is no longer there
            continue
        entry = entry_of(recorded, records.hand(recorded.student, recorded.result))
        records.take_off(recorded, entry.penalty)
        yield entry, bundles[name]


def entry_of(recorded: Recorded, hand: ByHand) -> Entry:
    """A submission with all that counts for it."""
    return Entry(
        recorded.student,
        recorded.result,
        hand.points,
        comments=hand.comments,
        again=hand.again,
        overruled=hand.overruled,
        extra=hand.extra,
        late=recorded.late.words if recorded.late else "",
        share=recorded.late.share if recorded.late else 0.0,
    )
