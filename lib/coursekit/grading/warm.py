"""Kernels that are ready at once: forks of a process in which all imports are done (`coursekit.grading.zygote`)."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from coursekit import CourseError

PROGRAM = Path(__file__).with_name("zygote.py")
STARTS_WITHIN = 120.0
FORKS_WITHIN = 30.0
ENDS_WITHIN = 5.0
INLINE = "module://matplotlib_inline.backend_inline"


class NoZygote(CourseError):
    """There can be no warm kernels; the text says why."""


class Zygote:
    """The parent of all warm kernels, started by a command that ends with the number of a socket.

    Args:
        command: runs `zygote.py`, sealed or not; the socket's number is put after it.
        environment: of the process.

    It ends with `close()`, with this object, or with this process, and all its kernels with it.

    Raises:
        NoZygote: if it does not come up.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with other:
            # Not in the terminal's process group: Ctrl-C is for the driver. It ends when its socket closes.
            self._process = subprocess.Popen(
                [*command, str(other.fileno())],
                env=dict(environment),
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self.close = weakref.finalize(self, _end, self._socket, self._process)
        self._socket.settimeout(STARTS_WITHIN)
        try:
            ready = self._socket.recv(64) == b"ready"
        except OSError:
            ready = False
        if not ready:
            self._process.kill()
            words = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self.close()
            raise NoZygote(words[-1] if words else "it gave no reason")
        self._socket.settimeout(FORKS_WITHIN)
        self.pid = self._process.pid

    def fork(self, request: Mapping[str, Any], log: int) -> "Forked":
        """A new kernel.

        Args:
            request: `folder`, `rlimits` and `seal` as `Sandbox.seal` gives them, but None as `seal` for trusted code;
                and either the `arguments` of a kernel or `code` to run in its place.
            log: a descriptor, for what the kernel's process writes.

        Raises:
            NoZygote: if the zygote has ended.
        """
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(request).encode()], [log])
                _, descriptors, _, _ = socket.recv_fds(self._socket, 64, 1)
            except OSError:
                descriptors = []
        if not descriptors:
            self.close()
            raise NoZygote("the process that warm kernels are forked from has ended")
        return Forked(descriptors[0])

    @property
    def ended(self) -> bool:
        """Whether it can't be asked any more."""
        return not self.close.alive or self._process.poll() is not None


def _end(connection: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    """All kernels end with the process that they were forked from, and that one when nobody is left to ask it."""
    connection.close()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stderr.close()


class Forked:
    """A process that is a child of another one, with as much of `subprocess.Popen` as a kernel's manager asks for."""

    stdin = stdout = stderr = None

    def __init__(self, handle: int) -> None:
        self._handle = handle
        lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
        self.pid = int(next(line.split()[1] for line in lines if line.startswith("Pid:")))

    def poll(self) -> int | None:
        """None while it lives; how it ended only its parent knows."""
        ended, _, _ = select.select([self._handle], [], [], 0)
        return 0 if ended else None

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, within that time if one is given."""
        ended, _, _ = select.select([self._handle], [], [], seconds)
        return bool(ended)

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        os.close(self._handle)


class Unsealed(LocalProvisioner):
    """Starts this Python's kernels as forks of one zygote, with the folder, environment and rights of a cold kernel.

    For trusted code only. Other kernels start cold, and all do where there is no zygote.
    """

    zygote: ClassVar[Future[Zygote] | None] = None

    @classmethod
    def begin(cls, *modules: str) -> Future[Zygote]:
        """Start a zygote in the background, with these modules imported too; until `end()` all kernels here use it.

        The result is a `NoZygote` where it does not come up. One that was begun before is used as it is.
        """
        if cls.zygote is not None:
            return cls.zygote
        cls.zygote = Future()
        threading.Thread(target=cls._start, args=modules, daemon=True).start()
        name = cls.__name__
        factory = KernelProvisionerFactory.instance()
        factory.provisioners[name] = EntryPoint(name, f"{__name__}:{name}", KernelProvisionerFactory.GROUP_NAME)
        factory.default_provisioner_name = name
        return cls.zygote

    @classmethod
    def end(cls) -> None:
        """End the zygote, if one was begun, and with it its kernels."""
        KernelProvisionerFactory.instance().default_provisioner_name = "local-provisioner"
        zygote, cls.zygote = cls.zygote, None
        if zygote is not None and not zygote.exception():
            zygote.result().close()

    @classmethod
    def _start(cls, *modules: str) -> None:
        zygote = cls.zygote
        command = [sys.executable, "-Xfrozen_modules=off", str(PROGRAM), *modules]
        try:
            if not hasattr(os, "pidfd_open"):
                raise NoZygote("warm ones are forks, which take Linux")
            zygote.set_result(Zygote(command, {"MPLBACKEND": INLINE} | os.environ))
        except Exception as error:
            zygote.set_exception(error)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        place = cmd.index("ipykernel_launcher") if "ipykernel_launcher" in cmd else None
        begun = self.zygote
        if place is None or cmd[0] != sys.executable or begun is None or begun.exception():
            return await super().launch_kernel(cmd, **kwargs)
        zygote = begun.result()
        # Without a parent it would tell the terminal how it is ended.
        arguments = [*cmd[place:], f"--IPKernelApp.parent_handle={zygote.pid}"]
        request = {"folder": kwargs["cwd"], "rlimits": {}, "seal": None, "arguments": arguments}
        try:
            self.process = zygote.fork(request, sys.__stderr__.fileno())
        except NoZygote:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info
