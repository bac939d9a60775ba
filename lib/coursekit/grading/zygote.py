"""A process that has imported what every notebook needs, and of which each warm kernel is a fork.

It runs by itself; its arguments are modules to import beside those below, and the number of a socket whose other end is
`coursekit.grading.warm`. It holds nothing of the course, since every submission inherits what it holds. The rules by
which a fork of a process with torch in it is safe:

- it imports and never computes: one parallel operation here would leave threads that no fork has, and it would hang;
- it has one thread, which it looks at before it says that it is ready;
- it never touches CUDA, nor makes a ZeroMQ context: both belong to the kernel.

Under bubblewrap it sees the folders of all runs. Each kernel is put into namespaces of its own in which its own folders
alone are left, before any code of a submission is there. A kernel of trusted code, such as the book's, is a fork and no
more.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import traceback

# Every optimiser of torch asks for its compiler, dynamo. Matplotlib's inline backend is left to the kernel, since it
# looks for a shell when it is imported.
WARM = (
    *(
        "numpy",
        "torch",
        "torch._dynamo",
        "torch.utils.flop_counter",
        "torch.utils.checkpoint",
    ),
    *("matplotlib.pyplot", "sklearn.datasets", "einops", "jaxtyping"),
    *("IPython.core.completer", "IPython.extensions.storemagic", "ipykernel.kernelapp", "ipykernel.ipkernel"),
    *("ipykernel.zmqshell", "ipykernel.debugger", "debugpy.server.api"),
)
# Of the kernel's headers: namespaces, mounts, process control and capabilities.
NEW_NS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEV, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITY_VERSION_3 = 0x20080522
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    *modules, number = sys.argv[1:]
    for module in (*modules, *WARM):
        __import__(module)
    driver = socket.socket(fileno=int(number))
    if len(os.listdir("/proc/self/task")) != 1:
        sys.exit("an import has started a thread, so forks of this process would not be safe")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    gc.collect()
    gc.freeze()  # a collection in a fork would otherwise write to every page, and so copy it
    driver.sendall(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(driver, 1 << 16, 1)
        if not message:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            _begin(driver, json.loads(message), descriptors[0])
        os.close(descriptors[0])
        handle = os.pidfd_open(pid)
        socket.send_fds(driver, [b"forked"], [handle])
        os.close(handle)


def _begin(driver: socket.socket, request: dict, log: int) -> None:
    """The first process of a kernel: it ends with the zygote. A sealed kernel's others, in namespaces, end with it."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        driver.close()
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        if request["seal"] is None:  # trusted code
            _end_with_parent()
            _kernel(request)
            os._exit(0)
        os.setsid()
        _unshare()
        _seal(**request["seal"])
        _end_with_parent()
        _wait_for(_fork(_first, request))
    except BaseException:
        traceback.print_exc()
    os._exit(70)


def _first(request: dict) -> None:
    """The first process in the namespaces of a kernel: it buries those that lose their parent."""
    _mount("proc", "/proc", "proc", NO_SUID | NO_DEV)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    for part in ("sys", "sysrq-trigger", "irq", "bus", "fs"):
        if os.path.exists(f"/proc/{part}"):  # root's own files, and outside this may be root
            _mount(f"/proc/{part}", f"/proc/{part}", None, BIND)
            _mount(None, f"/proc/{part}", None, BIND | REMOUNT | READ_ONLY | NO_SUID | NO_DEV)
    _drop_capabilities()
    _wait_for(_fork(_kernel, request))


def _kernel(request: dict) -> None:
    os.setsid()
    for number, value in request["rlimits"].items():
        resource.setrlimit(int(number), (value, value))
    os.makedirs(request["folder"], exist_ok=True)
    os.chdir(request["folder"])
    del sys.path[0]  # where this file lies
    sys.path_importer_cache.clear()
    sys.modules["numpy"].random.seed()  # a fork leaves these two generators as they were
    sys.modules["torch"].seed()
    if "code" in request:
        exec(request["code"], {"__name__": "__main__"})
        return
    sys.argv = request["arguments"]
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=sys.argv[1:])


def _fork(then, request: dict) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _end_with_parent()
            then(request)
        except SystemExit as end:
            os._exit(end.code if isinstance(end.code, int) else 1)
        except BaseException:
            traceback.print_exc()
            os._exit(70)
        os._exit(0)
    return pid


def _wait_for(pid: int) -> None:
    while True:
        ended, status = os.wait()
        if ended == pid:
            os._exit(os.waitstatus_to_exitcode(status) & 255)


def _end_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _unshare() -> None:
    user, group = os.getuid(), os.getgid()
    _call(libc.unshare(NEW_USER | NEW_PID | NEW_NET | NEW_IPC | NEW_UTS | NEW_NS), "unshare")
    for name, line in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def _seal(hidden: list[str], private: list[str], size: int, writable: dict[str, str], readable: dict[str, str]) -> None:
    """Leave of the zygote's files what belongs to one kernel.

    Args:
        hidden: folders of which nothing is to be seen.
        private: folders to be empty, writable and of their own.
        size: of each of these, in bytes.
        writable, readable: places, and what lies there.
    """
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    sources = {place: os.open(path, os.O_PATH) for place, path in (writable | readable).items()}
    for folder in private:
        os.makedirs(folder, exist_ok=True)  # one may lie in another
        _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEV, f"size={size},mode=0755")
    for folder in hidden:
        os.makedirs(folder, exist_ok=True)
        _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEV, "size=4096,mode=0755")
    for place, source in sources.items():
        if os.path.isdir(f"/proc/self/fd/{source}"):
            os.makedirs(place, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            open(place, "w").close()
        _mount(f"/proc/self/fd/{source}", place, None, BIND | RECURSIVE)
        if place in readable:
            _mount(None, place, None, BIND | REMOUNT | READ_ONLY | NO_SUID | NO_DEV)
        os.close(source)
    for folder in hidden:
        _mount(None, folder, None, REMOUNT | READ_ONLY | NO_SUID | NO_DEV)


def _drop_capabilities() -> None:
    _call(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # out of the bounding set; those that do not exist are refused
    _call(libc.capset(struct.pack("Ii", CAPABILITY_VERSION_3, 0), bytes(24)), "capset")


def _mount(source: str | None, place: str, kind: str | None, flags: int, options: str = "") -> None:
    texts = [None if text is None else text.encode() for text in (source, place, kind)]
    _call(libc.mount(*texts, flags, options.encode()), f"mount {place}")


def _call(status: int, what: str) -> None:
    if status != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


if __name__ == "__main__":
    main()
