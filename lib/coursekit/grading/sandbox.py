"""Where submitted code runs: a kernel in bubblewrap that sees a read-only system, `dlarch`, and nothing of the course.

`Sandbox.find()` makes a trial run and raises `SandboxUnavailable` where the seal can't be had: grading fails closed.
"""

import contextlib
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

import dlarch
from coursekit import CourseError
from coursekit.grading.limits import Limits, prlimit

HOME = "/home/student"
LIB = "/course/lib"
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts", "/sys/devices/system/cpu")
PROVISIONER = "coursekit-sandbox"


class SandboxUnavailable(CourseError):
    """There is no sandbox on this machine; the text says what to do."""


@dataclass(frozen=True)
class Room:
    """The folders of one run, outside: `run` holds the kernel's sockets, `evidence` is what comes back."""

    run: Path
    evidence: Path
    work: Path


class Sandbox:
    """Starts kernels, sealed by bubblewrap or (trusted) not at all.

    Args:
        bwrap: path of bubblewrap; None runs submissions unsealed, as the user who grades.
    """

    def __init__(self, bwrap: str | None) -> None:
        self.bwrap = bwrap
        self._mirrors = Path(tempfile.mkdtemp(prefix="course-lib-"))
        weakref.finalize(self, shutil.rmtree, self._mirrors, ignore_errors=True)

    @classmethod
    def find(cls, *, trust: bool = False) -> "Sandbox":
        """The sandbox of this machine, after a trial run.

        Args:
            trust: run submissions without a seal. They can then read and write what you can.

        Raises:
            SandboxUnavailable: if bubblewrap is missing or may not make namespaces here.
        """
        if trust:
            return cls(None)
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise SandboxUnavailable(
                "Submissions run in a sandbox, and bubblewrap is not installed. Install it (Debian, Ubuntu: "
                "'apt-get install bubblewrap'; Fedora: 'dnf install bubblewrap'; Arch: 'pacman -S bubblewrap'), "
                "or grade people you trust with --trust-submissions."
            )
        sandbox = cls(bwrap)
        sandbox._try()
        return sandbox

    @functools.cached_property
    def name(self) -> str:
        """What stands in each result: the version of bubblewrap, or that there was no seal."""
        if self.bwrap is None:
            return "none (submissions were trusted)"
        return subprocess.run([self.bwrap, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def _try(self) -> None:
        with self.room({}) as room, socket.create_server(("127.0.0.1", 0)) as server:
            trial = (
                "import os, socket, sys\n"
                f"assert not os.path.exists({str(Path(__file__))!r}), 'the course is visible'\n"
                "s = socket.socket(); s.settimeout(1)\n"
                f"assert s.connect_ex(('127.0.0.1', {server.getsockname()[1]})), 'the network is reachable'\n"
                "import dlarch; print('sealed')\n"
            )
            command = self.command([sys.executable, "-c", trial], room, Limits(), refused=())
            ran = subprocess.run(command, capture_output=True, text=True, env={}, timeout=60)
        if ran.stdout.strip() != "sealed":
            reason = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SandboxUnavailable(
                f"bubblewrap can't seal submissions on this machine ({reason}). Containers need the right to make user "
                "namespaces; on Ubuntu 24.04 and later: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'. "
                "Or grade people you trust with --trust-submissions."
            )

    @contextlib.contextmanager
    def room(self, files: dict[str, bytes]) -> Iterator[Room]:
        """Fresh folders for one run, gone afterwards; `files` lie in the folder the notebook runs in."""
        # A socket's path may have 107 characters, so a long TMPDIR is passed over.
        parent = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
        folder = Path(tempfile.mkdtemp(prefix="course-", dir=parent))
        try:
            room = Room(folder / "run", folder / "evidence", folder / "work")
            for path in (room.run, room.evidence, room.work):
                path.mkdir()
            for name, data in files.items():
                (room.work / name).write_bytes(data)
            yield room
        finally:
            # Not shutil.rmtree: folders nested a thousand deep end it by recursion, and a submission can make them.
            subprocess.run(["rm", "-rf", "--", str(folder)], check=False, stderr=subprocess.DEVNULL)

    def mirror(self, refused: Iterable[str]) -> Path:
        """A folder that holds a copy of `dlarch` in which the refused modules raise ImportError with one sentence.

        A copy without compiled files, so that nothing of a refused module is left to load.
        """
        refused = sorted(set(refused))
        folder = self._mirrors / ("+".join(refused) or "whole")
        if not folder.exists():
            making = Path(tempfile.mkdtemp(dir=self._mirrors))
            ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(Path(dlarch.__file__).parent, making / "dlarch", ignore=ignore)
            for module in refused:
                _mask(making, module)
            with contextlib.suppress(OSError):  # another thread was faster
                making.rename(folder)
        return folder

    def environment(self, lib: str, home: str) -> dict[str, str]:
        """All environment variables of the kernel; nothing is inherited."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": home,
            "USER": "student",
            "LANG": "C.UTF-8",
            "PYTHONPATH": lib,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "HF_HUB_OFFLINE": "1",
        }

    def command(self, inner: list[str], room: Room, limits: Limits, refused: Iterable[str]) -> list[str]:
        """The line that runs `inner` under the seal and the limits."""
        lib = self.mirror(refused)
        limited = [*prlimit(limits), *inner]
        if self.bwrap is None:
            return limited
        line = [self.bwrap, "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
        line += [*_no_nested_namespaces(self.bwrap), "--die-with-parent", "--new-session", "--hostname", "course"]
        line += ["--clearenv"]
        for name, value in self.environment(LIB, HOME).items():
            line += ["--setenv", name, value]
        size = str(limits.disk)
        line += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--size", size, "--tmpfs", "/dev/shm"]
        # Empty folders first: the Python that is bound next may lie in one of them.
        line += ["--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", HOME]
        line += [*_system(), *_python(), "--ro-bind", str(lib), LIB, "--dir", f"{HOME}/work", *_font_cache()]
        for path in sorted(room.work.iterdir()):
            line += ["--ro-bind", str(path), f"{HOME}/work/{path.name}"]
        line += ["--bind", str(room.run), str(room.run), "--bind", str(room.evidence), str(room.evidence)]
        return [*line, "--remount-ro", "/", "--chdir", f"{HOME}/work", "--", *limited]

    def kernel_manager(self, room: Room, limits: Limits, refused: Iterable[str]) -> AsyncKernelManager:
        """A manager whose kernel starts under this sandbox and talks over sockets in `room.run`."""
        manager = AsyncKernelManager(
            kernel_name=PROVISIONER,
            kernel_spec_manager=_KernelSpecs(data_dir=str(room.run)),
            transport="ipc",
            ip=str(room.run / "s"),
            connection_file=str(room.run / "kernel.json"),
        )
        factory = KernelProvisionerFactory.instance()
        factory.provisioners[PROVISIONER] = EntryPoint(
            PROVISIONER, f"{__name__}:SandboxProvisioner", KernelProvisionerFactory.GROUP_NAME
        )
        manager.seal = (self, room, limits, tuple(refused))
        return manager


class SandboxProvisioner(LocalProvisioner):
    """Starts the kernel of a manager made by `Sandbox.kernel_manager`; all else is as for a local kernel."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        sandbox, room, limits, refused = self.parent.seal
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cmd"] = sandbox.command(kwargs["cmd"], room, limits, refused)
        home = str(room.work)
        kwargs["env"] = {} if sandbox.bwrap else sandbox.environment(str(sandbox.mirror(refused)), home)
        kwargs["cwd"] = str(room.work)
        with open(room.run.parent / "kernel.log", "wb") as log:
            kwargs["stdout"] = kwargs["stderr"] = os.dup(log.fileno())
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        try:
            return await super().launch_kernel(cmd, **kwargs)
        finally:
            os.close(kwargs["stdout"])


class _KernelSpecs(KernelSpecManager):
    """Knows one kernel, this Python's own; what is installed on the machine plays no part."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[
                *(sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            interrupt_mode="message",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )


def _mask(lib: Path, module: str) -> None:
    path = lib.joinpath(*module.split("."))
    if path.is_dir():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".py").write_text(
        f'raise ImportError("{module} holds the answer to this exercise, so it is closed while answers are graded.")\n'
    )


@functools.cache
def _no_nested_namespaces(bwrap: str) -> tuple[str, ...]:
    known = subprocess.run([bwrap, "--help"], capture_output=True, text=True, check=False).stdout
    return ("--disable-userns",) if "--disable-userns" in known else ()


def _system() -> list[str]:
    line = ["--ro-bind", "/usr", "/usr"]
    for path in SYSTEM:
        if os.path.islink(path):
            line += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            line += ["--ro-bind", path, path]
    for path in SYSTEM_FILES:
        line += ["--ro-bind-try", path, path]
    return line


def _python() -> list[str]:
    """This Python and its packages at their own places, and nothing beside them: no home, no course."""
    line: list[str] = []
    course = Path(__file__).parents[2]
    for place in (Path.home(), course.parent):
        if place.is_relative_to("/usr"):
            line += ["--tmpfs", str(place)]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        for part in ("bin", "lib", "lib64", "pyvenv.cfg"):
            path = Path(prefix, part)
            if prefix != "/usr" and path.exists() and not path.is_symlink():
                line += ["--ro-bind", str(path), str(path)]
            elif prefix != "/usr" and path.is_symlink():
                line += ["--symlink", os.readlink(path), str(path)]
    seen = [Path("/usr"), *(Path(prefix, "lib") for prefix in (sys.base_prefix, sys.prefix))]
    if any(course.is_relative_to(place) for place in seen):  # the course is installed, not edited in place
        line += ["--tmpfs", str(course / "coursekit"), "--tmpfs", str(course / "dlarch")]
    return line


@functools.cache
def _font_cache() -> tuple[str, ...]:
    """Matplotlib's list of fonts, which takes seconds to make, from the cache of the one who grades, if it is there."""
    import matplotlib

    found = sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
    target = f"{HOME}/.cache/matplotlib"
    return tuple(part for path in found for part in ("--ro-bind", str(path), f"{target}/{path.name}"))
