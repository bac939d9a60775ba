"""The rows of a recorded run: one training each, added to the JSON file that a page reads when it is complete.

Runs may end at the same time, in several processes, and any of them may be killed: a file holds whole rows only.
"""

import fcntl
import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from coursekit import ROOT

BOOK, BUILD = ROOT / "book" / "recorded", ROOT / "build" / "recorded"
Row = dict[str, Any]


def checkpoint(path: Path, *words: Any) -> Path:
    """The file in which a run keeps its place, named by words: beside the file of records, never in the book."""
    return _folder(path) / f"{'-'.join(map(str, words)).replace(' ', '-')}.pt"


def read(path: Path) -> dict[str, Any]:
    """What a file of records holds; nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def find(rows: Sequence[Row], wanted: Mapping[str, Any]) -> Row | None:
    """The row that has these values, if there is one."""
    return next((row for row in rows if all(row.get(name) == value for name, value in wanted.items())), None)


def add(path: Path, part: str, row: Row, *, key: Sequence[str], about: Mapping[str, str] | None = None) -> None:
    """Add a row to the list ``part`` of a file, sorted by its key; a row with the same key is replaced.

    Args:
        path: the JSON file.
        part: name of the list in it.
        row: what one run found.
        key: names of the values that tell rows apart, in the order by which they are sorted.
        about: what the file says once, for all rows.
    """
    with _alone(path):
        record = read(path) | dict(about or {})
        others = [old for old in record.get(part, []) if any(old[name] != row[name] for name in key)]
        record[part] = sorted([*others, row], key=lambda each: [each[name] for name in key])
        new = path.with_name(f"{path.name}.unfinished")
        new.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        new.replace(path)


def conditions(device: torch.device | str) -> dict[str, Any]:
    """What a run's seconds and last digits hold for: the machine and the versions."""
    if torch.device(device).type == "cuda":
        hardware = torch.cuda.get_device_name(device)
    else:
        threads = torch.get_num_threads()
        hardware = f"{threads} thread{'s' * (threads > 1)} of {platform.machine()}, no GPU"
    return {"hardware": hardware, "versions": {"python": platform.python_version(), "torch": version("torch")}}


def clock(device: torch.device | str) -> float:
    """Seconds: on the wall beside a GPU, of the processor without one, so that other programs do not count."""
    return time.perf_counter() if torch.device(device).type == "cuda" else time.process_time()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process writes the file."""
    with (_folder(path) / f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder(path: Path) -> Path:
    """Where the working files of a file of records stand."""
    folder = BUILD if path.resolve().parent == BOOK else path.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder
