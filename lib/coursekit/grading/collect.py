"""Sort the archive that Moodle or Canvas makes of one assignment into the folders that `course grade` reads.

Both write whose file it is into its name, as their source code has it:

- Moodle: `Ada Example_1234567_assignsubmission_file/relu.ipynb`, or without folders
  `Ada Example_1234567_assignsubmission_file_relu.ipynb`. The number is another one in each assignment, so the student
  is found by the name.
- Canvas: `exampleada_LATE_4711_998877_relu.ipynb`. The first number is the student's, in all assignments.
"""

import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coursekit.grading.intake import MAX_BYTES, STUDENT_ID, Refused, opened

MOODLE = re.compile(r"(?:.*/)?(?P<who>[^/]+_\d+)_assignsubmission_(?:file|onlinetext)(?:_?/(?:.*/)?|_)(?P<file>[^/]+)")
CANVAS = re.compile(r"(?:.*/)?[^/_]+_(?:LATE_)?(?P<who>\d+)_\d+_(?P<file>[^/]+)")


@dataclass
class Collected:
    """What became of an archive.

    Args:
        new, changed, same: students whose notebook was not there, was another one, or is as it was.
        left_out: people of whom nothing was taken, each with the reason.
        chosen: people who handed in several notebooks, each with the one that was taken.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


def collect(
    archive: Path, exercise: str, into: Path, roster: Mapping[str, Mapping[str, str]] | None = None
) -> Collected:
    """Write each student's notebook to `INTO/STUDENT/EXERCISE/EXERCISE.ipynb`, whatever its name was.

    Args:
        archive: the zip file of one assignment.
        exercise: which it is.
        into: the folder of submissions.
        roster: of `read_roster`. Moodle's names are looked up as `first_name` and `last_name`, Canvas's numbers as
            `ID`. Without it, the student is called what the archive says.

    Raises:
        Refused: if the archive can't be read, or none of its files is named as Moodle or Canvas name them.
    """
    collected = Collected()
    with opened(archive) as (file, entries):
        people = _by_person(archive, entries)
        called = {who: _students(who, roster) for who in people}
        for who, files in people.items():
            same = [other for other in people if called[other] == called[who]]
            notebook, doubt = _chosen(files, exercise)
            if not called[who]:
                collected.left_out.append(f"{who} (nobody on the roster)")
            elif len(called[who]) > 1 or len(same) > 1:
                collected.left_out.append(f"{who} (more than one person has this name)")
            elif notebook is None:
                collected.left_out.append(f"{who} ({doubt})")
            else:
                [student] = called[who]
                with file.open(notebook) as source:
                    _put(into / student / exercise / f"{exercise}.ipynb", source.read(MAX_BYTES + 1), collected)
                if doubt:
                    collected.chosen.append(f"{who} ({doubt})")
    return collected


def _by_person(archive: Path, entries: list[zipfile.ZipInfo]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """The files of each person: by Moodle's name and number, or Canvas's number, then by their own name."""
    people: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in entries:
        found = MOODLE.fullmatch(entry.filename) or CANVAS.fullmatch(entry.filename)
        if found and not found["file"].startswith("._"):  # macOS packs such a file beside each real one
            people.setdefault(found["who"], {})[found["file"]] = entry
    if not people:
        raise Refused(
            f"{archive.name} holds no file that is named as Moodle or Canvas name them. An archive of "
            "STUDENT/EXERCISE/EXERCISE.ipynb needs no collecting: give it to course grade as it is."
        )
    return people


def _students(who: str, roster: Mapping[str, Mapping[str, str]] | None) -> list[str]:
    """The students of the class who may be this person."""
    name, _, number = who.rpartition("_")
    if roster is None:
        folder = re.sub(r"[^\w.@+-]+", "-", unicodedata.normalize("NFC", name or number))[:64].strip(".@+-")
        return [folder] if STUDENT_ID.fullmatch(folder) else []
    if not name:
        return [student for student, row in roster.items() if number in (student, row.get("ID"))]
    wanted = _words(name)
    return [s for s, row in roster.items() if _words(f"{row.get('first_name')} {row.get('last_name')}") == wanted]


def _words(name: str) -> list[str]:
    """The words of a name, in whatever order; without signs, since Moodle takes some out of the names of files."""
    plain = re.sub(r"[^\w\s]", "", unicodedata.normalize("NFC", name)).replace("_", " ")
    return sorted(plain.casefold().split())


def _chosen(files: Mapping[str, zipfile.ZipInfo], exercise: str) -> tuple[zipfile.ZipInfo | None, str]:
    """The notebook to take, and what there is to say."""
    notebooks = [name for name in files if name.lower().endswith(".ipynb")]
    if not notebooks:
        return None, f"no notebook, but {', '.join(sorted(files)[:3])}"
    if len(notebooks) == 1:
        return files[notebooks[0]], ""
    names = ", ".join(sorted(notebooks)[:3])
    if f"{exercise}.ipynb" in notebooks:
        return files[f"{exercise}.ipynb"], f"{exercise}.ipynb of {names}"
    return None, f"several notebooks: {names}"


def _put(path: Path, data: bytes, collected: Collected) -> None:
    """Write a notebook, unless it is there already."""
    student = path.parts[-3]
    if path.exists() and path.read_bytes() == data:
        collected.same.append(student)
        return
    (collected.changed if path.exists() else collected.new).append(student)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
