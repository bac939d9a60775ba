"""What one submission may use, and the two things that hold it to that: the kernel's own limits and a watcher outside.

The operating system refuses what one process asks for beyond `rlimits`. What all processes of a submission hold
together is counted from outside by a `Watch`, which ends them.
"""

import contextlib
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from dlarch.check import MAX_EVIDENCE_BYTES

MEGABYTE = 1 << 20
TIMED_OUT, CRASHED, OUT_OF_MEMORY = "timed out", "crashed", "out of memory"


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times are seconds of wall clock, sizes are bytes.

    Args:
        start: until the kernel answers and has imported torch; never charged to the student.
        cell: for one cell, the collecting of evidence included.
        notebook: for all cells together.
        grace: between an interrupt and the end of the kernel.
        memory: resident memory of all its processes together.
        processes: its processes and threads.
        disk: each of its private folders (home, /tmp, shared memory), and what it leaves for the grader.
        evidence: one file of evidence.
        output: text and pictures kept of one cell.
    """

    start: float = 120.0
    cell: float = 60.0
    notebook: float = 300.0
    grace: float = 3.0
    memory: int = 4096 * MEGABYTE
    processes: int = 256
    open_files: int = 1024
    disk: int = 256 * MEGABYTE
    evidence: int = MAX_EVIDENCE_BYTES
    output: int = 2 * MEGABYTE


def rlimits(limits: Limits) -> dict[int, int]:
    """What each process sets for itself before the first line of a submission runs: resource constant to value."""
    return {
        # Torch reserves address space that it never touches, so this is a stop for one huge allocation; what is
        # resident is watched from outside.
        resource.RLIMIT_AS: limits.memory + 8192 * MEGABYTE,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }


def prlimit(limits: Limits) -> list[str]:
    """The same as the beginning of a command line."""
    words = ("as", "fsize", "nproc", "nofile", "core", "memlock")
    values = rlimits(limits)
    return ["prlimit", *(f"--{word}={values[getattr(resource, f'RLIMIT_{word.upper()}')]}" for word in words), "--"]


class Watch:
    """A thread that ends a kernel which holds too much memory, too many processes or too much disk."""

    def __init__(self, pid: int, folders: Sequence[Path], limits: Limits) -> None:
        self.pid, self.folders, self.limits = pid, folders, limits
        self.reason: tuple[str, str] | None = None
        self._done = Event()
        self._thread = Thread(target=self._watch, name="limits", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2) and self.reason is None:
            with contextlib.suppress(psutil.Error, OSError):
                self.reason = self._excess()
                if self.reason is not None:
                    # Its first process is bubblewrap's, and all others end with it.
                    psutil.Process(self.pid).kill()

    def _excess(self) -> tuple[str, str] | None:
        memory = threads = 0
        top = psutil.Process(self.pid)
        for process in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                threads += process.num_threads()
        if memory > self.limits.memory:
            return (
                OUT_OF_MEMORY,
                f"The notebook took more than {self.limits.memory >> 20:,} MB of memory, so it was ended.",
            )
        if threads > self.limits.processes:
            return CRASHED, f"The notebook started more than {self.limits.processes} processes, so it was ended."
        if sum(_size(folder, self.limits.disk) for folder in self.folders) > self.limits.disk:
            return CRASHED, f"The notebook wrote more than {self.limits.disk >> 20:,} MB to disk, so it was ended."
        return None


def _size(folder: Path, enough: int) -> int:
    """Bytes under a folder, each entry as a block at least; counting ends where there is more than enough."""
    total, folders = 0, [str(folder)]
    while folders and total <= enough:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                total += 4096 + entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return total
