"""Limits: what the kernel is told, what is counted, and control groups of both versions.

What bombs do under these limits stands in the table of attacks. Here only those run that need limits of their own.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from test_run import execute

from coursekit.grading import groups, limits
from coursekit.grading.groups import Group
from coursekit.grading.limits import Limits, Watch

BURN = "import os\nfor _ in range(2):\n    if os.fork() == 0:\n        while True:\n            pass\n"


def test_processor_time_has_a_limit_for_a_cell_and_one_for_all(sandbox):
    ran, steps = execute(sandbox, Limits(cell_cpu=1.5), "1", BURN + "while True:\n    pass", "2")
    assert [step.outcome for step in steps] == ["ok", "died", "ok"]
    assert ran.state == "timed out"
    assert ran.notes[0].startswith("One cell used more than 1.5 seconds of processor time")
    spin = "import time\nend = time.process_time() + 1.0\nwhile time.process_time() < end:\n    pass"
    ran, _ = execute(sandbox, Limits(cell_cpu=20.0, notebook_cpu=1.5), spin, spin, spin + "\ntime.sleep(1)")
    assert ran.notes[0].startswith("All cells together used more than 1.5 seconds of processor time")


def test_the_cold_kernel_is_given_each_limit_on_one_process():
    line = limits.prlimit(Limits(open_files=77))
    ask = "import resource; print(*(resource.getrlimit(n) for n in map(int, input().split())), sep='\\n')"
    keys = limits.rlimits(Limits(open_files=77))
    ran = subprocess.run(
        [*line, sys.executable, "-c", ask], input=" ".join(map(str, keys)), capture_output=True, text=True
    )
    assert ran.stdout.splitlines() == [f"({value}, {value})" for value in keys.values()]
    assert keys[resource.RLIMIT_NOFILE] == 77


def test_what_lies_in_a_folder_is_counted_up_to_the_limit(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"x" * 100_000)
    (tmp_path / "link").symlink_to("/usr")
    size, count = limits._contents(tmp_path, Limits())
    assert (count, size >= 100_000 + 4 * 4096) == (4, True)
    assert limits._contents(tmp_path, Limits(files=1))[1] == 2
    assert limits._contents(tmp_path / "none", Limits()) == (0, 0)


@pytest.mark.parametrize(
    ("code", "allowed", "words"),
    [
        ("hoard = bytearray(b'x' * 200_000_000)", Limits(memory=100 << 20), "MB of memory"),
        ("import os; [os.fork() for _ in range(4)]", Limits(processes=8), "processes and threads"),
        ("import os; os.fork()\nwhile True: pass", Limits(cell_cpu=0.5), "processor time"),
        ("open('big', 'wb').write(bytes(9_000_000))", Limits(disk=8 << 20), "MB to disk"),
        ("[open(f'{n}', 'w').close() for n in range(200)]", Limits(files=100), "100 files"),
    ],
)
def test_counting_alone_ends_what_takes_too_much(monkeypatch, tmp_path, code, allowed, words):
    monkeypatch.setattr(groups, "available", dict)
    process = subprocess.Popen([sys.executable, "-c", f"{code}\nimport time; time.sleep(60)"], cwd=tmp_path)
    with Watch(process.pid, (tmp_path,), allowed) as watch:
        assert process.wait(30) < 0
        assert words in watch.reason[1]
    assert not [
        p for p in psutil.Process().children(recursive=True) if p.status() != "zombie" and p.cwd() == str(tmp_path)
    ]


@pytest.fixture
def fake(tmp_path):
    """Folders that look like groups of version 1 and of version 2 (they hold no kernel, so nothing is enforced)."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (two / "cgroup.controllers").write_text("cpu memory pids\n")
    (two / "cgroup.subtree_control").write_text("")
    return one, two


def test_a_group_of_version_2_holds_memory_and_processes(fake):
    _, parent = fake
    group = Group(100, 20, dict.fromkeys(("memory", "pids", "cpu"), parent))
    (folder,) = parent.glob(f"course-{os.getpid()}-*")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "memory.max": "100\n",
        "memory.swap.max": "0\n",
        "memory.oom.group": "1\n",
        "pids.max": "20\n",
    }
    group.add(1234)
    assert (folder / "cgroup.procs").read_text() == "1234\n"
    assert (group.out_of_memory, group.out_of_processes, group.cpu_seconds) == (False, False, 0.0)
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    (folder / "pids.events").write_text("max 3\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    assert (group.out_of_memory, group.out_of_processes, group.cpu_seconds) == (True, True, 2.5)


def test_groups_of_version_1_hold_the_same_in_a_tree_for_each(fake):
    parent, _ = fake
    group = Group(100, 20, {"memory": parent, "cpu": parent})
    (folder,) = parent.glob("course-*")
    assert (folder / "memory.limit_in_bytes").read_text() == "100\n"
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    (folder / "cpuacct.usage").write_text("1500000000\n")
    assert (group.out_of_memory, group.out_of_processes, group.cpu_seconds) == (True, False, 1.5)


def test_controllers_of_version_2_are_handed_down(fake):
    _, parent = fake
    groups._enable("memory", parent)
    assert (parent / "cgroup.subtree_control").read_text() == "+memory\n"


def test_a_group_that_was_made_for_others_is_not_divided(fake, monkeypatch):
    one, two = fake
    line = "30 1 0:26 {} {} rw,relatime shared:9 - {} {} rw,{}\n"
    mounts = line.format("/", one, "cgroup", "cgroup", "pids") + line.format("/", two, "cgroup2", "cgroup2", "x")
    own = "4:pids:/\n0::/\n"
    nested = "4:pids:/slice/session\n0::/slice/session\n"
    found = [(sorted(names), folder) for names, folder in groups._own(mounts, own)]
    assert found == [(["pids"], one), (["cpu", "memory", "pids"], two)]
    monkeypatch.setattr(groups.os, "geteuid", lambda: 0)
    assert list(groups._own(mounts, nested)) == []
    (one / "slice" / "session").mkdir(parents=True)
    monkeypatch.setattr(groups.os, "getxattr", lambda path, name: b"1")
    assert [folder for _, folder in groups._own(mounts.splitlines()[0], nested)] == [one / "slice" / "session"]


def test_a_machine_without_control_groups_counts_everything(tmp_path):
    assert groups.statement({}) == "memory, processes, processor time by counting"
    assert groups.statement({"pids": tmp_path}) == "processes by control groups; memory, processor time by counting"
    assert groups._trial("pids", Path("/proc/nowhere")) is False
    group = Group(100, 20, {})
    group.add(1)
    group.close()
    assert (group.out_of_memory, group.out_of_processes, group.cpu_seconds) == (False, False, None)


@pytest.mark.skipif("pids" not in groups.available(), reason="no control group can be made here")
def test_a_real_group_refuses_the_process_that_is_too_many():
    code = (
        "import os, sys, time\nsys.stdin.read(1)\nfor _ in range(9):\n    if os.fork() == 0:\n        time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    own = f"course-{os.getpid()}-*"
    before = set(groups.available()["pids"].glob(own))
    with Watch(process.pid, (), Limits(processes=5)) as watch:
        process.communicate("x")
        assert "more than 5 processes and threads" in watch.reason[1]
    assert set(groups.available()["pids"].glob(own)) == before
