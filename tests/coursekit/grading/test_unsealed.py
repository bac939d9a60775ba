"""Warm kernels of trusted code: like cold ones, apart from each other, and gone with those who made them."""

import json
import subprocess
import sys

import nbformat
import psutil
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.client import CellExecutionError, CellTimeoutError, DeadKernelError, NotebookClient

from coursekit.grading.warm import Forked, NoZygote, Unsealed

PORTRAIT = """
import json, os, resource, signal, sys
import matplotlib.pyplot as plt
import sklearn.datasets, torch
print(json.dumps({
    "path": sys.path, "environment": dict(os.environ),
    "folder": os.getcwd(), "main": sys.modules["__main__"].__dict__ is globals(), "backend": plt.get_backend(),
    "limits": [resource.getrlimit(kind) for kind in range(10)], "threads": torch.get_num_threads(),
    "user": [os.getuid(), os.getgid()], "signals": [str(signal.getsignal(number)) for number in (2, 15, 17)],
    "rc": {name: str(value) for name, value in plt.rcParams.items()},
}))
"""
RANDOM = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(()).item())"


@pytest.fixture(autouse=True, scope="module")
def zygote():
    """Kernels of this module are warm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND")  # as the book's build does
        yield Unsealed.begin("anywidget").result()
        Unsealed.end()


def run(*cells, folder=".", **options):
    """The outputs of cells that a kernel has run, and the process of the kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook, resources={"metadata": {"path": str(folder)}}, shutdown_kernel="immediate", **options
    )
    seen = []
    client.on_cell_execute = lambda **_: seen.append(client.km.provisioner.process)
    try:
        client.execute()
    finally:
        run.process = seen[0]
    return notebook


def text(notebook):
    return notebook.cells[-1].outputs[-1]["text"]


def test_a_warm_kernel_is_like_a_cold_one(tmp_path, monkeypatch):
    warm = json.loads(text(run(PORTRAIT, folder=tmp_path)))
    assert isinstance(run.process, Forked)
    with monkeypatch.context() as patch:
        patch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", "local-provisioner")
        cold = json.loads(text(run(PORTRAIT, folder=tmp_path)))
    assert isinstance(run.process, subprocess.Popen)
    for portrait in (warm, cold):
        for name in ("JPY_PARENT_PID", "PYTEST_CURRENT_TEST"):
            portrait["environment"].pop(name, None)
    assert warm == cold


def test_kernels_do_not_share_random_numbers():
    first, second = (text(run(RANDOM)).split() for _ in range(2))
    assert len(set(first + second)) == 6


def test_figures_and_widgets_come_out():
    widget = """
import anywidget, traitlets
class Dial(anywidget.AnyWidget):
    _esm = "export default {}"
    angle = traitlets.Int(7).tag(sync=True)
Dial()
"""
    notebook = run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", widget)
    assert "image/png" in notebook.cells[0].outputs[0]["data"]
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert any(model["state"].get("angle") == 7 for model in states.values())


def test_a_cell_that_takes_too_long_is_stopped_and_its_kernel_gone():
    with pytest.raises(CellTimeoutError, match="after 1 seconds"):
        run("import time\ntime.sleep(60)", timeout=1)
    assert run.process.wait(5)


def test_a_cell_can_be_interrupted():
    with pytest.raises(CellExecutionError, match="KeyboardInterrupt"):
        run("import time\ntime.sleep(60)", timeout=1, interrupt_on_timeout=True)


def test_a_kernel_that_ends_by_itself_is_reported():
    with pytest.raises(DeadKernelError, match="Kernel died"):
        run("import os\nos._exit(1)")


def test_where_the_zygote_ended_kernels_start_cold(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Unsealed, "zygote", None)
        failed = Unsealed.begin("no_module_of_this_name")
        assert isinstance(failed.exception(), NoZygote)
        assert "no_module_of_this_name" in str(failed.exception())
        assert text(run("print('here')")) == "here\n"
    assert isinstance(run.process, subprocess.Popen)


def test_nothing_is_left_of_a_driver_that_was_killed():
    program = """
import os, sys, time
from coursekit.grading.warm import Unsealed
request = {"folder": ".", "rlimits": {}, "seal": None, "code": "import time; time.sleep(300)"}
zygote = Unsealed.begin().result()
print(zygote.fork(request, 2).pid, zygote._process.pid, flush=True)
time.sleep(300)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as driver:
        processes = [psutil.Process(int(pid)) for pid in driver.stdout.readline().split()]
        driver.kill()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive
