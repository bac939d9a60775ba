"""Running cells within limits, in real sealed kernels."""

import psutil
import pytest

from coursekit.grading import run
from coursekit.grading.limits import Limits
from coursekit.grading.run import NotGraded, Outputs, Step
from coursekit.grading.sandbox import Room, Sandbox


def execute(sandbox, limits, *codes, refused=()):
    with sandbox.room({"checks.json": b"{}"}) as room:
        steps = [
            Step(
                code.replace("EVIDENCE", str(room.evidence)), f"cell {i}", task=f"t{i}" if "EVIDENCE" in code else None
            )
            for i, code in enumerate(codes)
        ]
        return run.execute(steps, room, sandbox, limits, refused), steps


def text(step, name="stdout"):
    return "".join(o["text"] for o in step.outputs if o["output_type"] == "stream" and o["name"] == name)


def test_cells_run_in_order_and_an_error_costs_only_its_cell(sandbox, limits):
    ran, steps = execute(
        sandbox,
        limits,
        "import sys, torch\nx = 1\nprint('out')\nprint('err', file=sys.stderr)\nx",
        "undefined",
        "print(x + 1, input('?'))",
        "print(x + 2)\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "open('EVIDENCE/t4.npz', 'w').write('arrays')",
    )
    assert [step.outcome for step in steps] == ["ok", "error", "error", "ok", "ok"]
    assert (text(steps[0]), text(steps[0], "stderr")) == ("out\n", "err\n")
    assert steps[0].outputs[-1]["data"] == {"text/plain": "1"}
    assert steps[1].outputs[0]["ename"] == "NameError"
    assert text(steps[3]) == "3\n"
    assert steps[3].outputs[-1]["data"]["image/png"].startswith("iVBOR")
    assert ran.state == "graded"
    assert ran.evidence == {"t4": b"arrays"}
    assert ran.notes == []


def test_a_cell_that_runs_too_long_is_interrupted_and_the_rest_goes_on(sandbox, limits):
    ran, steps = execute(sandbox, limits, "while True: pass", "print('still here')")
    assert [step.outcome for step in steps] == ["timed out", "ok"]
    assert text(steps[1]) == "still here\n"
    assert ran.state == "timed out"
    assert ran.notes == ["Stopped: cell 0 ran longer than 5 seconds."]


def test_a_kernel_that_heeds_no_interrupt_is_ended_and_its_evidence_kept(sandbox, limits):
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    ran, steps = execute(sandbox, limits, "open('EVIDENCE/t0.npz', 'w').write('kept')", stubborn, "print('here')")
    assert [step.outcome for step in steps] == ["ok", "timed out", "ok"]
    assert text(steps[2]) == "here\n"
    assert ran.evidence == {"t0": b"kept"}
    assert ran.state == "timed out"
    assert ran.notes[-1] == "It did not heed the interrupt, so Python was ended and started again."


def test_the_whole_notebook_has_a_limit_too(sandbox):
    limits = Limits(cell=30.0, notebook=3.0)
    ran, steps = execute(sandbox, limits, "import time\ntime.sleep(1)", "time.sleep(60)", "1")
    assert [step.outcome for step in steps] == ["ok", "timed out", "not run"]
    assert ran.state == "timed out"
    assert ran.seconds < 20


def test_what_comes_after_the_end_of_a_kernel_finds_all_that_stood_before_it(sandbox, limits):
    ran, steps = execute(
        sandbox,
        limits,
        "x = [1]\nprint('once')",
        "x.append(2)\nopen('EVIDENCE/t1.npz', 'w').write('kept')",
        "x.append(3)\n1 / 0",
        "import os\nos._exit(0)",
        "import os\nos.kill(os.getpid(), 9)",
        "print(x)\nopen('EVIDENCE/t5.npz', 'w').write('later')",
    )
    assert [step.outcome for step in steps] == ["ok", "ok", "error", "died", "died", "ok"]
    assert text(steps[0]) == "once\n"
    assert text(steps[5]) == "[1, 3]\n", "of checks nothing is run again"
    assert (ran.state, ran.evidence) == ("crashed", {"t1": b"kept", "t5": b"later"})
    assert ran.notes == [f"Python itself ended while cell {i} ran." for i in (3, 4)]


def test_a_cell_that_ends_python_only_when_run_again_ends_the_notebook(sandbox, limits, monkeypatch):
    monkeypatch.setattr(Room, "clear", lambda room: (room.evidence / "again").touch())
    moody = f"import glob, os\nif glob.glob('{sandbox._rooms}/*/evidence/again'): os._exit(0)"
    ran, steps = execute(sandbox, limits, moody, "os._exit(0)", "1")
    assert [step.outcome for step in steps] == ["ok", "died", "not run"]
    assert ran.state == "crashed"
    assert ran.notes[-1] == "Python ended where it had not before, so the cells after that did not run."


def test_running_again_counts_towards_the_time_of_the_notebook(sandbox):
    limits = Limits(cell=30.0, notebook=6.0)
    slow = "import time\ntime.sleep(2)"
    ran, steps = execute(sandbox, limits, slow, *["import os\nos._exit(0)"] * 4, "1")
    assert steps[-1].outcome == "not run"
    assert ran.state == "crashed"
    assert ran.notes[-1] == "All cells together ran longer than 6 seconds."


def test_floods_of_output_are_cut_and_do_not_grow_this_process(sandbox):
    before = psutil.Process().memory_info().rss
    _, steps = execute(
        sandbox,
        Limits(cell=60.0, output=10_000),
        "for _ in range(500): print('x' * 100_000)",
        "print('y' * 50_000_000)",
    )
    assert [step.outcome for step in steps] == ["ok", "ok"]
    assert all(len(text(step)) <= 10_000 for step in steps)
    assert "cut" in text(steps[0], "stderr")
    assert psutil.Process().memory_info().rss - before < 300e6


def test_outputs_are_limited_in_number_and_over_all_cells(sandbox):
    _, steps = execute(
        sandbox,
        Limits(output=100_000, outputs=250_000),
        "import sys\nfor _ in range(1000):\n    print('o', flush=True)\n    print('e', file=sys.stderr, flush=True)",
        "from IPython.display import display\nfor _ in range(1000):\n    display({'text/plain': ''}, raw=True)",
        "print('x' * 90_000)",
        "print('y' * 90_000)",
    )
    assert all(len(step.outputs) <= 202 for step in steps)
    assert len(text(steps[2])) + len(text(steps[3])) < 51_000
    assert [text(step, "stderr").count("too long") for step in steps] == [1, 1, 1, 1]


def test_a_kernel_that_does_not_start_is_nobodys_fault(sandbox, limits, monkeypatch):
    monkeypatch.setattr(run, "WARM_UP", "import a_module_that_is_not_there")
    with pytest.raises(NotGraded, match="did not start"):
        execute(sandbox, limits, "1")


def test_trusted_submissions_run_without_a_seal_and_under_the_same_limits(limits):
    trusted = Sandbox.find(trust=True)
    code = "import os\nprint(os.path.exists('checks.json'), 'PYTEST_CURRENT_TEST' in os.environ)"
    ran, steps = execute(
        trusted,
        limits,
        code,
        "import dlarch.vision.resnet",
        "import time\ntime.sleep(60)",
        refused=["dlarch.vision.resnet"],
    )
    assert text(steps[0]) == "True False\n"
    assert "closed while answers are graded" in steps[1].outputs[0]["evalue"]
    assert ran.state == "timed out"


@pytest.mark.parametrize(
    "message",
    [
        ("stream", {}),
        ("stream", {"name": ["stdout"], "text": {"a": 1}}),
        ("display_data", {"data": None}),
        ("display_data", {"data": {"text/plain": 5, "application/x": "y"}}),
        ("error", {"traceback": 7, "ename": None, "evalue": []}),
        ("clear_output", {"wait": True}),
        ("comm_open", {"target_name": "x"}),
    ],
)
def test_messages_of_any_form_become_plain_outputs(message):
    kept = []
    Outputs(kept, 1000).add(*message)
    for output in kept:
        assert output["output_type"] in ("stream", "error")
        assert isinstance(output.get("text", ""), str)
