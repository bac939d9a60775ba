"""What the library and the command line import, and how long that takes beside torch."""

import subprocess
import sys

import pytest

from coursekit.bench import startup

HEAVY = {"torch", "numpy", "nbformat", "jsonschema", "sphinx", "jupyter_client", "nbclient", "nbgrader", "matplotlib"}


@pytest.mark.parametrize("words", ["--help", "grade --help", "build --help"])
def test_the_help_of_the_command_imports_nothing_heavy(words):
    program = f"""
import contextlib, io, sys
from coursekit.cli import main
sys.argv = ["course", *{words.split()!r}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "coursekit.cli" in modules
    assert not modules & HEAVY


def test_the_library_adds_little_to_torch_and_the_command_needs_less_than_torch():
    """In processor seconds, side by side, with room for a busy machine: the least of three counts."""
    cpu = {name: [] for name in ("torch", "all chapters", "course --help")}
    for _ in range(3):
        for name in cpu:
            startup._start(name, cpu)
    torch, chapters, course = (min(seconds) for seconds in cpu.values())
    assert chapters < 2 * torch
    assert course < torch


def test_each_command_is_measured_against_torch(monkeypatch):
    monkeypatch.setattr(
        startup,
        "COMMANDS",
        {
            "torch": [sys.executable, "-c", "pass"],
            "busy": [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"],
        },
    )
    results = startup.run(rounds=2)["commands"]
    assert results["torch"]["more_than_torch"] == 0
    assert results["busy"]["cpu_more_than_torch"] > 0.3
