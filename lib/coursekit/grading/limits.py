"""What one submission may use, and what it is told where it used more.

The kernel refuses what one process asks for beyond `rlimits`. What all processes of a submission hold together is
limited by a control group where one can be had (`groups`), and counted from outside by a `Watch`, which ends them.
"""

import contextlib
import math
import os
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from coursekit.grading import groups
from dlarch.check import MAX_EVIDENCE_BYTES

MEGABYTE = 1 << 20
INTERVAL = 0.2  # seconds between two counts
TIMED_OUT, CRASHED, OUT_OF_MEMORY = "timed out", "crashed", "out of memory"


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times are seconds of wall clock, sizes are bytes.

    Args:
        start: until the kernel answers and has imported torch; never charged to the student.
        starts: kernels in all, since a new one takes the place of one that a cell has ended.
        cell: for one cell, the collecting of evidence included.
        notebook: for all cells together.
        cell_cpu: processor time of all its processes in one cell.
        notebook_cpu: and in all cells together, by one kernel.
        grace: between an interrupt and the end of the kernel.
        memory: of all its processes together, what they share counted once.
        reserved: address space beyond it, which torch reserves and never touches.
        processes: its processes and threads.
        open_files: at a time, by one process.
        disk: each of its private folders (home, /tmp, shared memory), and what it leaves for the grader.
        files: in all of these folders together.
        evidence: one file of evidence.
        output: text and pictures kept of one cell.
        outputs: and of all cells together.
    """

    start: float = 120.0
    starts: int = 6
    cell: float = 60.0
    notebook: float = 300.0
    cell_cpu: float = 120.0
    notebook_cpu: float = 600.0
    grace: float = 3.0
    memory: int = 4096 * MEGABYTE
    reserved: int = 8192 * MEGABYTE
    processes: int = 256
    open_files: int = 1024
    disk: int = 256 * MEGABYTE
    files: int = 20_000
    evidence: int = MAX_EVIDENCE_BYTES
    output: int = 2 * MEGABYTE
    outputs: int = 16 * MEGABYTE


WITH_GPU = Limits(reserved=1 << 46)  # CUDA reserves addresses for all memory of the machine and its devices


def rlimits(limits: Limits) -> dict[int, int]:
    """What each process sets for itself before the first line of a submission runs: resource constant to value."""
    return {
        # Only should the one who watches be gone; what counts is counted over all processes.
        resource.RLIMIT_CPU: math.ceil(limits.start + limits.notebook_cpu),
        # A stop for one huge allocation; what is resident is watched from outside.
        resource.RLIMIT_AS: limits.memory + limits.reserved,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }


def prlimit(limits: Limits) -> list[str]:
    """The same as the beginning of a command line."""
    words = ("cpu", "as", "fsize", "nproc", "nofile", "core", "memlock")
    values = rlimits(limits)
    return ["prlimit", *(f"--{word}={values[getattr(resource, f'RLIMIT_{word.upper()}')]}" for word in words), "--"]


class Watch:
    """A thread that ends a kernel which holds or uses more than it may.

    Args:
        pid: of its first process.
        folders: outside the seal, where its files are counted.
        limits: what it may use.
    """

    def __init__(self, pid: int, folders: Sequence[Path], limits: Limits) -> None:
        self.pid, self.folders, self.limits = pid, folders, limits
        self._reason: tuple[str, str] | None = None
        self._group = groups.Group(limits.memory, limits.processes, groups.available())
        self._done = Event()
        self._thread = Thread(target=self._watch, name="limits", daemon=True)

    def __enter__(self) -> "Watch":
        for process in self._processes():
            self._group.add(process.pid)
        self._began = self._cell_began = self._cpu_seconds()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._group.close()

    def next_cell(self) -> None:
        """Count the processor time of a cell from here."""
        self._cell_began = self._cpu_seconds()

    @property
    def reason(self) -> tuple[str, str] | None:
        """State and sentence, if the kernel ended because of a limit."""
        return self._reason or self._refused()

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL) and self._reason is None:
            with contextlib.suppress(psutil.Error, OSError):
                self._reason = self._refused() or self._excess()
                if self._reason is not None:
                    for process in self._processes():
                        with contextlib.suppress(psutil.Error):
                            process.kill()

    def _refused(self) -> tuple[str, str] | None:
        """What the kernel has already stopped."""
        if self._group.out_of_memory:
            return self._memory()
        return self._too_many() if self._group.out_of_processes else None

    def _excess(self) -> tuple[str, str] | None:
        limits = self.limits
        processes = self._processes()
        # Forks share most of what is resident, and to count a shared page once takes a while.
        if _sum(processes, _resident) > limits.memory and _sum(processes, _own_part) > limits.memory:
            return self._memory()
        if _sum(processes, psutil.Process.num_threads) > limits.processes:
            return self._too_many()
        cpu = self._cpu_seconds()
        if cpu - self._cell_began > limits.cell_cpu:
            return self._busy(f"One cell used more than {limits.cell_cpu:g} seconds of processor time")
        if cpu - self._began > limits.notebook_cpu:
            return self._busy(f"All cells together used more than {limits.notebook_cpu:g} seconds of processor time")
        counts = [_contents(folder, limits) for folder in self.folders]
        if sum(size for size, _ in counts) > limits.disk:
            return self._files(f"wrote more than {limits.disk >> 20:,} MB to disk")
        if sum(files for _, files in counts) + self._private_files() > limits.files:
            return self._files(f"made more than {limits.files:,} files")
        return None

    def _processes(self) -> list[psutil.Process]:
        top = psutil.Process(self.pid)
        return [top, *top.children(recursive=True)]

    def _cpu_seconds(self) -> float:
        if (seconds := self._group.cpu_seconds) is None:
            with contextlib.suppress(psutil.Error):
                return _sum(self._processes(), _used)
        return seconds or 0.0

    def _private_files(self) -> int:
        """Files in the folders that only exist inside the seal."""
        own = os.readlink("/proc/self/ns/mnt")
        sealed = (p.pid for p in self._processes() if os.readlink(f"/proc/{p.pid}/ns/mnt") != own)
        if (pid := next(sealed, None)) is None:
            return 0
        lines = [line.split() for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()]
        writable = {line[4] for line in lines if "tmpfs" in line and line[5].split(",")[0] == "rw"}
        counts = [os.statvfs(f"/proc/{pid}/root{place}") for place in writable]
        return sum(count.f_files - count.f_ffree for count in counts)

    def _memory(self) -> tuple[str, str]:
        return OUT_OF_MEMORY, (
            f"The notebook took more than {self.limits.memory >> 20:,} MB of memory, so it was ended. "
            "Look for a list that keeps growing, or for a tensor larger than the task needs."
        )

    def _too_many(self) -> tuple[str, str]:
        return CRASHED, (
            f"The notebook started more than {self.limits.processes} processes and threads, so it was ended. "
            "No answer needs any: take out what starts them."
        )

    def _busy(self, what: str) -> tuple[str, str]:
        return TIMED_OUT, f"{what}, so Python was ended. Look for a loop that does more than the task needs."

    def _files(self, what: str) -> tuple[str, str]:
        return CRASHED, f"The notebook {what}, so it was ended. No answer needs a file: take out what writes them."


def _sum(processes: Sequence[psutil.Process], amount: Callable[[psutil.Process], float]) -> float:
    """Over those that have not ended meanwhile."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += amount(process)
    return total


def _resident(process: psutil.Process) -> float:
    return process.memory_info().rss


def _own_part(process: psutil.Process) -> float:
    return process.memory_full_info().pss


def _used(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:4])  # its own and that of children which have ended


def _contents(folder: Path, limits: Limits) -> tuple[int, int]:
    """Bytes and entries under a folder, each entry as a block at least; counting ends where there is too much."""
    size, count, folders = 0, 0, [str(folder)]
    while folders and size <= limits.disk and count <= limits.files:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                size += 4096 + entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return size, count
