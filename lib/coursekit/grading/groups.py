"""Control groups: limits that the kernel holds over all processes of one submission together.

Version 1 has a tree of groups for each controller, version 2 one tree for all. Which of them may be used is found out
by a trial. A group is divided only where it is ours to divide: as the root of all that this process sees, by its mark
of delegation (`systemd-run --user --scope -p Delegate=yes course grade ...`), or because its folder belongs to this
ordinary user. Where there is none, `limits.Watch` holds the same limits by counting.
"""

import contextlib
import functools
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

VERSION_1 = {"memory": "memory", "pids": "pids", "cpuacct": "cpu"}  # the kernel's name of a controller to ours
CONTROLLERS = "cgroup.controllers"  # a file that only groups of version 2 have


@functools.cache
def available() -> dict[str, Path]:
    """Of memory, pids and cpu those that groups can be made for, each with the folder to make them in."""
    found: dict[str, Path] = {}
    with contextlib.suppress(OSError, ValueError):
        for names, folder in _own(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text()):
            found |= {name: folder for name in names if name not in found and _trial(name, folder)}
    return found


def statement(found: Mapping[str, Path]) -> str:
    """Which limits on all processes together the kernel holds, and which are held by counting."""
    words = {"memory": "memory", "pids": "processes", "cpu": "processor time"}
    held = [words[name] for name in words if name in found]
    counted = [words[name] for name in words if name not in found]
    parts = [f"{', '.join(held)} by control groups"] if held else []
    return "; ".join(parts + ([f"{', '.join(counted)} by counting"] if counted else []))


class Group:
    """A control group for one submission; without controllers it does nothing.

    Args:
        memory: bytes.
        processes: and threads.
        parents: as `available()` gives them.
    """

    def __init__(self, memory: int, processes: int, parents: Mapping[str, Path]) -> None:
        name = f"course-{os.getpid()}-{secrets.token_hex(4)}"
        self._folders = {controller: parent / name for controller, parent in parents.items()}
        for folder in set(self._folders.values()):
            folder.mkdir()
        if folder := self._folders.get("memory"):
            if _is_version_2(folder.parent):
                _write(folder / "memory.max", memory)
                with contextlib.suppress(OSError):  # a kernel without swap has no such file
                    _write(folder / "memory.swap.max", 0)
                _write(folder / "memory.oom.group", 1)
            else:
                _write(folder / "memory.limit_in_bytes", memory)
        if folder := self._folders.get("pids"):
            _write(folder / "pids.max", processes)

    def add(self, pid: int) -> None:
        """Take in a process with all its threads; what it starts from now on is inside too."""
        for folder in set(self._folders.values()):
            with contextlib.suppress(OSError):  # it has ended
                _write(folder / "cgroup.procs", pid)

    @property
    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process for want of memory."""
        return self._event("memory", "memory.events", "oom_kill") or self._event(
            "memory", "memory.oom_control", "oom_kill"
        )

    @property
    def out_of_processes(self) -> bool:
        """Whether a new process or thread was refused."""
        return self._event("pids", "pids.events", "max")

    @property
    def cpu_seconds(self) -> float | None:
        """Processor time of all that ran inside, ended processes included; None where it isn't counted."""
        if (folder := self._folders.get("cpu")) is None:
            return None
        if _is_version_2(folder.parent):
            return _number(folder / "cpu.stat", "usage_usec") / 1e6
        return int((folder / "cpuacct.usage").read_text()) / 1e9

    def close(self) -> None:
        """End what is still inside and remove the group."""
        for folder in set(self._folders.values()):
            for _ in range(100):
                for pid in _inside(folder):
                    with contextlib.suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.01)

    def _event(self, controller: str, file: str, word: str) -> bool:
        folder = self._folders.get(controller)
        return folder is not None and _number(folder / file, word) > 0


def _own(mounts: str, groups: str) -> Iterator[tuple[list[str], Path]]:
    """Controllers, each with the folder of the group that this process is in, where that is ours to divide.

    Args:
        mounts: text of /proc/self/mountinfo.
        groups: text of /proc/self/cgroup.
    """
    paths = {tuple(line.split(":")[1].split(",")): line.split(":", 2)[2] for line in groups.splitlines()}
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        root, place = left.split()[3:5]
        if kind == "cgroup2":
            path = paths.get(("",), "/")
        elif kind == "cgroup":
            path = next((path for names, path in paths.items() if set(names) <= set(options.split(","))), "/")
        else:
            continue
        folder = Path(place, os.path.relpath(path, root))
        if path == root or _delegated(folder):
            if kind == "cgroup2":  # which counts processor time without a controller
                yield [*(set((folder / CONTROLLERS).read_text().split()) & {"memory", "pids"}), "cpu"], folder
            else:
                yield [VERSION_1[name] for name in options.split(",") if name in VERSION_1], folder


def _delegated(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        if folder.stat().st_uid == os.geteuid() != 0:
            return True
        return os.getxattr(folder, "user.delegate") == b"1"
    return False


def _trial(name: str, parent: Path) -> bool:
    """Whether a group with this controller can be made, after groups left by processes that are gone are removed."""
    for stale in parent.glob("course-*-*"):
        with contextlib.suppress(OSError, ValueError):
            if not psutil.pid_exists(int(stale.name.split("-")[1])):
                stale.rmdir()
    try:
        if (
            _is_version_2(parent)
            and name != "cpu"
            and name not in (parent / "cgroup.subtree_control").read_text().split()
        ):
            _enable(name, parent)
        group = Group(1 << 30, 100, {name: parent})
    except OSError:
        return False
    group.close()
    return True


def _enable(name: str, parent: Path) -> None:
    """Hand a controller of version 2 down; a group whose groups have controllers may hold no process itself."""
    control = parent / "cgroup.subtree_control"
    if name in control.read_text().split():
        return
    try:
        _write(control, f"+{name}")
    except OSError:
        leaf = parent / f"course-{os.getpid()}-grader"
        leaf.mkdir(exist_ok=True)
        _write(leaf / "cgroup.procs", os.getpid())
        _write(control, f"+{name}")


def _is_version_2(folder: Path) -> bool:
    return (folder / CONTROLLERS).exists()


def _inside(folder: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]
    return []


def _number(file: Path, word: str) -> int:
    """The number behind a word in a file of lines `word number`; 0 where there is none."""
    with contextlib.suppress(OSError):
        return next((int(n) for key, n in (line.split() for line in file.read_text().splitlines()) if key == word), 0)
    return 0


def _write(file: Path, value: object) -> None:
    file.write_text(f"{value}\n")
