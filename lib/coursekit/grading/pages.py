"""Write everything that people read after grading: a page a submission, a page a student, the class, and the grades."""

import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coursekit import exercise, release
from coursekit.grading import exports, overview, prose, report
from coursekit.grading.record import ByHand, Recorded, Records, write
from coursekit.grading.report import Entry
from coursekit.release import Bundle
from dlarch import plots


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
    """Write `feedback/`, `class/` and `grades.csv`; a page that would be the same is not made again.

    Args:
        records: open.
        root: of the course.
        into: the folder where they go.
        about: a sentence that stands on top of the page for the class.
    """
    found = Class()
    for entry, bundle in _entries(records, root):
        if entry.share:
            records.take_off(entry.student, bundle.name, entry.penalty)
        whole = json.dumps([entry.result.to_json(), bundle.hash]) + repr(entry)
        make = functools.partial(report.feedback, entry, bundle)
        _write_page(into / "feedback" / entry.student / f"{bundle.name}.html", whole, make)
        found.add(entry, bundle)
    if found.entries:
        students: dict[str, list[Entry]] = {}
        for entry in found.entries:
            students.setdefault(entry.student, []).append(entry)
        for student, own in students.items():
            write(into / "feedback" / student / "index.html", report.contents(student, own, found.titles))
        for page in overview.pages(found.entries, found.titles, about):
            _write_page(into / "class" / page.name, page.made_from, page.make)
        write(into / "grades.csv", exports.as_csv(found.entries))
    return found


def _write_page(path: Path, made_from: str, make: Callable[[], str]) -> None:
    """Write a page, unless the one that stands there was made from the same by the same code."""
    key = hashlib.sha256((_version() + made_from).encode("utf-8", "surrogatepass")).hexdigest()
    mark = f"<!-- {key} -->\n"
    if not _ends_with(path, mark.encode()):
        write(path, make() + mark)


def _ends_with(path: Path, end: bytes) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-len(end), os.SEEK_END)
            return file.read() == end
    except OSError:  # there is no such file, or it is shorter than that
        return False


@functools.cache
def _version() -> str:
    """A hash of all that makes a page what it is."""
    templates = Path(__file__).with_name("templates")
    files = [Path(module.__file__) for module in (report, prose, overview, plots)]
    files += sorted(path for path in templates.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


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
        yield entry_of(recorded, records.hand(recorded.student, recorded.result)), bundles[name]


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
