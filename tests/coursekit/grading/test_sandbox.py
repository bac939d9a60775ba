"""What a sealed process can see and do, and that nothing runs without the seal."""

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

import dlarch
from coursekit.grading import sandbox as module
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable


@pytest.fixture(params=["cold", "warm"])
def inside(request, sandbox):
    """Runs code in a room of the sandbox, in a process of its own or in a fork; what it wrote comes back."""

    def run(code, *, refused=(), limits=None):
        limits = limits or Limits()
        with sandbox.room({"checks.json": b"{}"}) as room, open(room.run.parent / "log", "w+") as log:
            if request.param == "cold":
                command = sandbox.command([sys.executable, "-c", code], room, limits, refused)
                subprocess.run(command, env={}, stdout=log, stderr=log, timeout=60, check=False)
            else:
                fork = {**sandbox.seal(room, limits, refused), "code": f"{code}\nimport sys; sys.stdout.flush()"}
                assert sandbox.zygote().fork(fork, log.fileno()).wait(60)
            return Path(log.name).read_text()

    return run


def test_the_course_the_home_and_the_network_are_out_of_sight(inside, sandbox, course):
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    code = f"""
import os, socket
seen = [place for place in ({str(course)!r}, {str(Path(module.__file__))!r}, {str(Path(__file__))!r}, "/etc/passwd",
        "/etc/shadow", os.path.join({str(Path.home())!r}, ".bashrc")) if os.path.exists(place)]
print(seen, os.listdir("."), sorted(os.listdir(os.environ["HOME"])))
print([name for _, name in socket.if_nameindex()], socket.socket().connect_ex(("127.0.0.1", {port})) != 0)
print(sorted(name for name in os.environ if name not in {sorted(sandbox.environment("", ""))!r}))
"""
    with server:
        lines = inside(code).splitlines()
    assert lines[0].replace("'.cache', ", "") == "[] ['checks.json'] ['work']"
    assert lines[1] == "['lo'] True"
    by_imports = {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK", "PYDEVD_USE_FRAME_EVAL", "TORCHINDUCTOR_CACHE_DIR"}
    assert set(eval(lines[2])) <= {"PWD", "LC_CTYPE"} | by_imports


def test_only_private_places_can_be_written(inside):
    code = """
import os
for place in ("/", "/usr", "/etc", "/course/lib", "/course/lib/dlarch", "/dev", "/proc/sys/kernel", os.__file__[:-5]):
    try:
        open(place + "/x", "w")
        print("wrote", place)
    except OSError:
        pass
for place in (".", os.environ["HOME"], "/tmp", "/dev/shm"):
    open(place + "/x", "w").write("mine")
try:
    open("checks.json", "w")
    print("wrote checks.json")
except OSError:
    print("done")
"""
    assert inside(code) == "done\n"


def test_private_places_are_limited_in_size(inside):
    code = """
for place in (".", "/tmp", "/dev/shm"):
    try:
        with open(place + "/big", "wb") as file:
            for _ in range(20):
                file.write(bytes(1 << 20))
        print("wrote 20 MB to", place)
    except OSError as error:
        print(error.errno)
"""
    assert set(inside(code, limits=Limits(disk=8 << 20)).split()) <= {"27", "28"}


def test_there_is_no_privilege_to_regain(inside):
    code = (
        "print(open('/proc/self/status').read())\nimport os\ntry: os.unshare(0x10000000)\nexcept Exception: print('no')"
    )
    text = inside(code)
    assert "CapEff:\t0000000000000000" in text
    assert "NoNewPrivs:\t1" in text


def test_a_refused_module_says_so_and_leaves_nothing_to_load(inside):
    code = """
import dlarch, os
try:
    import dlarch.foundations.linear
except ImportError as error:
    print(error)
import dlarch.check
print(sorted(name for _, _, names in os.walk(os.path.dirname(dlarch.__file__)) for name in names if ".pyc" in name))
"""
    assert inside(code, refused=["dlarch.foundations.linear"]).splitlines() == [
        "dlarch.foundations.linear holds the answer to this exercise, so it is closed while answers are graded.",
        "[]",
    ]
    assert (Path(dlarch.__file__).parent / "foundations" / "linear.py").read_text().startswith('"""')


def test_a_refused_package_is_closed_whole(inside):
    code = "import dlarch.vision.resnet"
    assert "dlarch.vision holds the answer" in inside(code, refused=["dlarch.vision"])


def test_rooms_leave_nothing_behind_even_when_nested_deep(sandbox):
    with sandbox.room({}) as room:
        code = "import os\nos.chdir({!r})\nfor _ in range(2000):\n    os.mkdir('a')\n    os.chdir('a')"
        subprocess.run([sys.executable, "-c", code.format(str(room.evidence))], check=True)
    assert not room.run.parent.exists()


def test_what_a_killed_run_left_goes_with_the_next_one_and_nothing_else_does(monkeypatch):
    code = "import sys; from coursekit.grading.sandbox import Sandbox; s = Sandbox(None); print(s._rooms.parent)"
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        monkeypatch.setattr(tempfile, "tempdir", place)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [sys.executable, "-u", "-c", f"{code}; sys.stdin.read()"]
        lasting, killed = (subprocess.Popen(command, env={**os.environ, "TMPDIR": place}, **pipes) for _ in range(2))
        held, forgotten = (Path(run.stdout.readline().strip()) for run in (lasting, killed))
        elsewhere, unknown = Path(place, "course-elsewhere"), Path(place, "course-unknown")
        for folder in (elsewhere, unknown):
            folder.mkdir()
        (elsewhere / "held-on-another-host").touch()
        killed.kill()
        killed.communicate()
        with monkeypatch.context() as context:
            context.setattr(os, "geteuid", lambda: os.getuid() + 1)
            Sandbox(None)
        assert forgotten.exists()
        Sandbox(None)
        assert set(Path(place).iterdir()) == {held, elsewhere, unknown}
        lasting.communicate("")
        assert not held.exists()


def test_without_bubblewrap_nothing_is_graded_and_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        Sandbox.find()


@pytest.mark.parametrize("script", ["echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "exit 0"])
def test_a_bubblewrap_that_seals_nothing_is_found_out(monkeypatch, tmp_path, script):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(fake))
    with pytest.raises(SandboxUnavailable, match="can't seal"):
        Sandbox.find()


def test_a_bubblewrap_that_only_runs_the_command_is_found_out(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(fake))
    with pytest.raises(SandboxUnavailable, match="the course is visible"):
        Sandbox.find()


def test_trusted_runs_say_that_there_was_no_seal():
    trusted = Sandbox.find(trust=True)
    assert trusted.bwrap is None
    assert trusted.name == "none (submissions were trusted)"


def test_a_python_within_usr_does_not_lay_the_home_or_the_course_open(monkeypatch):
    monkeypatch.setattr(module.Path, "home", staticmethod(lambda: Path("/usr/home/ada")))
    line = module._python()
    assert line[line.index("/usr/home/ada") - 1] == "--tmpfs"


def test_an_installed_course_is_covered(monkeypatch):
    installed = Path(sys.prefix, "lib", "site-packages")
    monkeypatch.setattr(module, "__file__", str(installed / "coursekit" / "grading" / "sandbox.py"))
    line = module._python()
    for name in ("coursekit", "dlarch"):
        assert line[line.index(str(installed / name)) - 1] == "--tmpfs"


def test_a_python_that_lies_under_tmp_is_found_inside(tmp_path):
    venv.create(tmp_path / "venv", symlinks=True)
    found = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-c", f"from {module.__name__} import Sandbox; Sandbox.find()"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr


def test_a_python_that_lies_in_a_private_folder_is_found_in_forks_too(sandbox, monkeypatch):
    monkeypatch.setattr(module, "PRIVATE", (*module.PRIVATE, sys.prefix))
    own = Sandbox(sandbox.bwrap)
    assert own.kernels == "warm"
    with own.room({}) as room, open(room.run.parent / "log", "w+") as log:
        code = "import sklearn.cluster; print(open(sklearn.__file__).name, flush=True)"
        own.zygote().fork({**own.seal(room, Limits(), ()), "code": code}, log.fileno()).wait(60)
        log.seek(0)
        assert log.read().strip() == importlib.util.find_spec("sklearn").origin
