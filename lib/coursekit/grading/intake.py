"""From bytes that anybody may have sent to the few things grading needs, or one sentence that says why not.

Only the order, the kind, the text and the `grade_id` of cells are taken from a submission. Outputs, points, locks and
every other claim in it are left behind, so nothing further down has to distrust them.
"""

import contextlib
import hashlib
import json
import os
import re
import stat
import time
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from coursekit import CourseError

MEGABYTE = 1_000_000
MAX_BYTES = 50 * MEGABYTE
MAX_SOURCE = 2 * MEGABYTE
MAX_CELLS = 1_000
MAX_ZIP_ENTRIES = 20_000
MAX_ZIP_BYTES = 2_000 * MEGABYTE
MAX_ZIP_RATIO = 200
STUDENT_ID = re.compile(r"\w(?:[\w.@+-]{0,62}\w)?")
CELL_TYPES = ("code", "markdown", "raw")


class Refused(CourseError):
    """The submission can't be read; the text is a sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """A cell as handed in: its kind, its text, the id it claims to have, and whether it is a locked cell left alone.

    The last is a claim too, since anybody can compute nbgrader's checksum. It decides on words, never on points.
    """

    kind: str
    source: str
    grade_id: str | None = None
    untouched: bool = False


@dataclass(frozen=True)
class Found:
    """A notebook in a folder of submissions; `problem` says why there is none to read."""

    student: str
    exercise: str
    path: Path
    problem: str | None = None


def read(data: bytes) -> tuple[Cell, ...]:
    """The cells of a submitted notebook.

    Raises:
        Refused: if the bytes are no Jupyter notebook of format 4 within the limits.
    """
    if not data.strip():
        raise Refused("The file is empty. Save the notebook in Jupyter and hand it in again.")
    if len(data) > MAX_BYTES:
        raise _too_large("The file", len(data), MAX_BYTES)
    notebook = _parse(data)
    version = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if type(version) is not int:
        raise Refused("The file is JSON but no Jupyter notebook: the entry 'nbformat' is missing.")
    if version != 4:
        raise Refused(
            f"The notebook is in format {version}, and format 4 is read. Open it in a current Jupyter, save it there "
            "and hand it in again."
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Refused("The notebook has no list of cells. Open it in Jupyter, save it and hand it in again.")
    if len(cells) > MAX_CELLS:
        raise Refused(f"The notebook has {len(cells):,} cells, and at most {MAX_CELLS:,} are read.")
    read_cells = tuple(_cell(number, cell) for number, cell in enumerate(cells, start=1))
    length = sum(len(cell.source) for cell in read_cells)
    if length > MAX_SOURCE:
        raise Refused(f"The cells hold {length:,} characters, and at most {MAX_SOURCE:,} are read.")
    return read_cells


def _too_large(name: str, size: int, limit: int) -> Refused:
    return Refused(
        f"{name} has {size / MEGABYTE:,.0f} MB, and at most {limit // MEGABYTE} MB are read. "
        "Clear the outputs of the notebook, save it and hand it in again."
    )


def _parse(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused(f"The file is not text in UTF-8 (byte {error.start:,}), so it is no Jupyter notebook.") from None
    except RecursionError:
        raise Refused("The file nests its entries too deep to be a Jupyter notebook.") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"The file is no valid JSON (line {error.lineno:,}: {error.msg}), so it is no Jupyter notebook. "
            "Was it cut short or edited by hand?"
        ) from None
    except ValueError:  # an integer of thousands of digits
        raise Refused("The file holds a number too long to be part of a Jupyter notebook.") from None


def _cell(number: int, cell: object) -> Cell:
    if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_TYPES:
        raise Refused(f"Cell {number} is none of code, markdown and raw. Open the notebook in Jupyter and save it.")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Refused(f"The source of cell {number} is no text. Open the notebook in Jupyter and save it.")
    # A lone surrogate is valid JSON and can be written nowhere.
    source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    metadata = cell.get("metadata")
    claims = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    claims = claims if isinstance(claims, dict) else {}
    grade_id = claims.get("grade_id")
    grade_id = grade_id if isinstance(grade_id, str) else None
    return Cell(cell["cell_type"], source, grade_id, _untouched(cell["cell_type"], source, claims))


def _untouched(kind: str, source: str, claims: Mapping[str, object]) -> bool:
    """Whether a locked cell has the text for which nbgrader made its checksum when it was released."""
    graded, points = claims.get("grade"), claims.get("points")
    if claims.get("solution") or not (graded or claims.get("locked")):
        return False
    parts = [source.replace("\r\n", "\n"), kind, bool(graded), False, True, claims.get("grade_id")]
    if graded:
        parts.append(float(points) if isinstance(points, int | float) and abs(points) < 1e9 else points)
    digest = hashlib.md5("".join(map(str, parts)).encode(errors="replace"), usedforsecurity=False).hexdigest()
    return digest == claims.get("checksum")


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file; links, devices, pipes and folders are refused without being opened for reading.

    At most one byte over `limit` is read, which is enough for `read` to see that the file is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Refused(f"{path.name} is missing.") from None
    except OSError as error:
        raise Refused(f"{path.name} can't be opened as a file of its own ({error.strerror}).") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Refused(f"{path.name} is no regular file.")
    with open(descriptor, "rb") as file:
        if status.st_size > limit:
            raise _too_large(path.name, status.st_size, limit)
        return file.read(limit + 1)


def find(
    folder: Path, exercises: Collection[str], *, exercise: str | None = None, roster: Collection[str] | None = None
) -> Iterator[Found]:
    """Every submission in a folder laid out as nbgrader does it: `FOLDER/STUDENT/EXERCISE/EXERCISE.ipynb`.

    Args:
        folder: the folder of submissions.
        exercises: names of the exercises that exist; other folders are passed over.
        exercise: only this one, if given.
        roster: the ids of the students of the class; without it every folder with a plain name is a student.

    Raises:
        Refused: if there is no such folder.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder. Submissions are expected as {folder}/STUDENT/EXERCISE/EXERCISE.ipynb.")
    wanted = set(exercises) if exercise is None else {exercise}
    for student in _folders(folder):
        if not STUDENT_ID.fullmatch(student) or (roster is not None and student not in roster):
            continue
        for name in _folders(folder / student):
            if name in wanted:
                yield _found(folder / student / name, student, name)


def strangers(folder: Path, roster: Collection[str] | None = None) -> list[str]:
    """Folders that `find` passes over: of nobody on the roster, or with a name that is no student's id."""
    names = [name for name in _folders(folder) if not name.startswith(".")]
    return [name for name in names if not STUDENT_ID.fullmatch(name) or (roster is not None and name not in roster)]


def strays(folder: Path, exercises: Collection[str]) -> list[str]:
    """What lies in folders of students and is no exercise: `STUDENT/NAME` of other folders, and loose notebooks."""
    return sorted(
        f"{student}/{entry.name}"
        for student in _folders(folder)
        if STUDENT_ID.fullmatch(student)
        for entry in os.scandir(folder / student)
        if not entry.name.startswith(".")
        and entry.name not in exercises
        and (entry.name.endswith(".ipynb") or entry.is_dir(follow_symlinks=False))
    )


def _folders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def _found(folder: Path, student: str, exercise: str) -> Found:
    path = folder / f"{exercise}.ipynb"
    if os.path.lexists(path):
        return Found(student, exercise, path)
    others = sorted(entry for entry in os.listdir(folder) if not entry.startswith("."))[:3]
    seen = f"; found {', '.join(others)}" if others else ""
    return Found(student, exercise, path, f"No notebook named {path.name} was handed in{seen}.")


def unpack(archive: Path, into: Path) -> list[Path]:
    """Take the notebooks `STUDENT/EXERCISE/EXERCISE.ipynb` out of a zip file, and nothing else.

    Raises:
        Refused: if the archive is damaged, encrypted, too large, names a path outside `into` or a notebook twice.
    """
    with opened(archive) as (file, entries):
        paths = [path for entry in entries if (path := _extract(file, entry, into)) is not None]
    if twice := [str(path.relative_to(into)) for path, count in Counter(paths).items() if count > 1]:
        raise Refused(
            f"{archive.name} holds {', '.join(twice[:3])} more than once: keep one of each, and pack it again."
        )
    return paths


@contextlib.contextmanager
def opened(archive: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """A zip file and the files in it.

    Raises:
        Refused: if it is damaged, encrypted, too large or names a path outside the folder that it is unpacked to.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            for entry in file.infolist():
                entry.filename = entry.filename.replace("\\", "/")  # as some programs of Windows write it
            entries = [entry for entry in file.infolist() if not entry.is_dir()]
            _check_entries(archive.name, entries)
            yield file, entries
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Refused(f"{archive.name} is no readable zip file ({error}).") from None
    except RuntimeError:
        raise Refused(f"{archive.name} is encrypted; pack it again without a password.") from None
    except FileNotFoundError:
        raise Refused(f"{archive} does not exist.") from None


def _check_entries(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ZIP_ENTRIES:
        raise Refused(f"{name} holds {len(entries):,} files, and at most {MAX_ZIP_ENTRIES:,} are read.")
    if sum(entry.file_size for entry in entries) > MAX_ZIP_BYTES:
        raise Refused(f"{name} unpacks to more than {MAX_ZIP_BYTES // MEGABYTE:,} MB.")
    for entry in entries:
        if entry.file_size > MEGABYTE and entry.file_size > MAX_ZIP_RATIO * max(entry.compress_size, 1):
            raise Refused(f"{name} holds a file that unpacks to more than {MAX_ZIP_RATIO} times its size.")
        if ".." in PurePosixPath(entry.filename).parts or re.match(r"/|[A-Za-z]:", entry.filename):
            raise Refused(f"{name} holds a file whose path leaves the archive.")


def _extract(file: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> Path | None:
    parts = PurePosixPath(entry.filename).parts[-3:]
    mode = entry.external_attr >> 16
    if len(parts) != 3 or parts[2] != f"{parts[1]}.ipynb" or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
        return None
    if not all(STUDENT_ID.fullmatch(part) for part in parts[:2]):
        return None
    with file.open(entry) as source:
        data = source.read(MAX_BYTES + 1)
    path = into.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with contextlib.suppress(ValueError, OverflowError):  # a date that no calendar has
        saved = time.mktime((*entry.date_time, 0, 0, -1))
        os.utime(path, (saved, saved))
    return path
