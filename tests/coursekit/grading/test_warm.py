"""Kernels forked from one process: the same as cold ones, apart from each other, and gone with those who made them."""

import json
import subprocess
import sys
import time

import psutil
import pytest
from test_run import execute, text

from coursekit.grading import sandbox as module
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.warm import NoZygote, Zygote

SELF_PORTRAIT = """
import json, os, resource, sys, threading
import numpy, torch
import matplotlib.pyplot as plt
print(json.dumps({
    "path": sys.path, "environment": {name: os.environ.get(name) for name in NAMES},
    "folder": os.getcwd(), "files": sorted(os.listdir(".")),
    "limits": [resource.getrlimit(kind) for kind in range(10)], "threads": torch.get_num_threads(),
    "backend": plt.get_backend(), "main": sys.modules["__main__"].__dict__ is globals(),
    "dtype": str(torch.get_default_dtype()), "user": [os.getuid(), os.getgid()], "host": os.uname().nodename,
    "signals": [str(__import__("signal").getsignal(number)) for number in (2, 15, 17)], "grad": torch.is_grad_enabled(),
    "folders": [fd for fd in os.listdir("/proc/self/fd") if os.path.isdir(f"/proc/self/fd/{fd}")],
    "secret": [name for name in sys.modules if name.startswith("coursekit")],
    "answers": [name for name in sys.modules if name.startswith("dlarch.") and not name.startswith("dlarch.check")],
}))
"""


def test_a_warm_kernel_is_like_a_cold_one(sandbox, limits):
    code = SELF_PORTRAIT.replace("NAMES", repr(sorted(sandbox.environment("", ""))))
    assert sandbox.kernels == "warm"
    _, warm = execute(sandbox, limits, code)
    _, cold = execute(Sandbox(sandbox.bwrap, warm=False), limits, code)
    assert json.loads(text(warm[0])) == json.loads(text(cold[0]))


def test_forks_do_not_share_random_numbers_files_or_memory(sandbox, limits):
    common = """
import os, random, numpy, torch
places = ["/tmp/left", os.path.expanduser("~/left"), "/dev/shm/left"]
"""
    leave = """
torch.left = 1
for place in places:
    open(place, "w").write("x")
print(random.random(), numpy.random.rand(), torch.rand(()).item())
"""
    look = """
print(hasattr(torch, "left"), [place for place in places if os.path.exists(place)])
print(random.random(), numpy.random.rand(), torch.rand(()).item())
"""
    first = text(execute(sandbox, limits, common + leave)[1][0])
    second = text(execute(sandbox, limits, common + look)[1][0]).splitlines()
    assert second[0] == "False []"
    assert not set(first.split()) & set(second[1].split())


def test_a_fork_trains_and_draws(sandbox, limits):
    """What hangs in the fork of a process that has computed: parallel operations, optimisers, threads, workers."""
    code = """
import threading, torch
torch.set_num_threads(2)
model = torch.nn.Linear(256, 256)
step = torch.optim.Adam(model.parameters())
data = torch.utils.data.DataLoader(torch.randn(64, 256), batch_size=32, num_workers=1)
for batch in data:
    model(batch).square().mean().backward()
    step.step()
thread = threading.Thread(target=lambda: torch.randn(400, 400) @ torch.randn(400, 400))
thread.start(); thread.join()
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.show()
print("done")
"""
    _, (step,) = execute(sandbox, Limits(cell=30.0), code)
    assert "done" in text(step), step.outputs
    assert any("image/png" in output.get("data", {}) for output in step.outputs)


def test_a_warm_kernel_holds_little_memory_of_its_own(sandbox):
    code = "import torch, matplotlib.pyplot\nfor line in open('/proc/self/smaps_rollup'):\n    print(line.strip())"
    _, (step,) = execute(sandbox, Limits(), code)
    private = sum(int(line.split()[1]) for line in text(step).splitlines() if line.startswith("Private_"))
    assert 1_000 < private < 60_000


def test_what_a_killed_driver_leaves_behind_ends_with_it(tmp_path):
    program = f"""
import time
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.limits import Limits
sandbox = Sandbox.find()
with sandbox.room({{}}) as room, open({str(tmp_path / "log")!r}, "w") as log:
    request = {{**sandbox.seal(room, Limits(), ()), "code": "import time; time.sleep(300)"}}
    fork = sandbox.zygote().fork(request, log.fileno())
    print(fork.pid, sandbox.zygote()._process.pid, flush=True)
    time.sleep(300)
"""
    driver = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with driver:
        pids = [int(pid) for pid in driver.stdout.readline().split()]
        kernel, zygote = map(psutil.Process, pids)
        while len(kernel.children(recursive=True)) < 2:
            time.sleep(0.05)
        processes = [kernel, zygote, *kernel.children(recursive=True), *zygote.children(recursive=True)]
        driver.kill()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive


def test_a_zygote_that_was_ended_is_started_again(sandbox, limits):
    own = Sandbox(sandbox.bwrap)
    first = own.zygote()
    for process in psutil.Process(first._process.pid).children(recursive=True):
        process.kill()
    first._process.wait()
    with pytest.raises(NoZygote, match="has ended"):
        first.fork({}, 2)
    ran, (step,) = execute(own, limits, "print('here')")
    assert (ran.state, text(step)) == ("graded", "here\n")
    assert own.kernels == "warm"


def test_where_forks_can_not_be_sealed_kernels_are_cold_and_say_why(sandbox, limits, monkeypatch):
    monkeypatch.setattr(module, "PROGRAM", tmp_zygote := module.PROGRAM.with_name("no-such-file.py"))
    own = Sandbox(sandbox.bwrap)
    assert own.kernels.startswith("cold, because")
    assert tmp_zygote.name in own.kernels or "bwrap" in own.kernels
    ran, (step,) = execute(own, limits, "print('here')")
    assert (ran.state, text(step)) == ("graded", "here\n")


def test_a_fork_that_is_not_sealed_is_found_out(sandbox, monkeypatch):
    whole = Sandbox.seal

    def leaky(self, *args):
        request = whole(self, *args)
        request["seal"]["hidden"] = []
        return request

    monkeypatch.setattr(Sandbox, "seal", leaky)
    assert "the answers are visible" in Sandbox(sandbox.bwrap).kernels


def test_a_program_that_does_not_come_up_gives_its_last_words():
    with pytest.raises(NoZygote, match="no namespaces today"):
        Zygote([sys.executable, "-c", "import sys; sys.exit('no namespaces today')"], {})
