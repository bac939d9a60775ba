"""How long it takes until something can be done: imports of the library, and the command line, in fresh processes.

Processor seconds are those of the process and of all that it started; others on the machine disturb them less than
seconds of a clock. What counts for the library is what it adds to the import of torch.
"""

import resource
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from coursekit.bench import Others, alternate

CHAPTERS = """
import importlib, pkgutil, dlarch.data, dlarch.measure, dlarch.training
for part in ("foundations", "vision", "sequences", "practice"):
    package = importlib.import_module("dlarch." + part)
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""
COURSE = str(Path(sys.executable).with_name("course"))
COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "torch": [sys.executable, "-c", "import torch"],
    "dlarch": [sys.executable, "-c", "import torch, dlarch"],
    "all chapters": [sys.executable, "-c", CHAPTERS],
    "dlarch.plots": [sys.executable, "-c", "import torch, dlarch.plots"],
    "course --help": [COURSE, "--help"],
    "course grade --help": [COURSE, "grade", "--help"],
}
ROUNDS = 7


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Every command in turn, round by round: medians, and what each needs more than `import torch`, pair by pair."""
    cpu: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with Others() as others:
        wall = alternate({name: partial(_start, name, cpu) for name in COMMANDS}, rounds)
    cpu = {name: seconds[1:] for name, seconds in cpu.items()}  # the first round does not count
    return {
        "rounds": rounds,
        "commands": {
            name: {
                "seconds": statistics.median(wall[name]),
                "cpu_seconds": statistics.median(cpu[name]),
                "more_than_torch": _more(wall[name], wall["torch"]),
                "cpu_more_than_torch": _more(cpu[name], cpu["torch"]),
            }
            for name in COMMANDS
        },
        "other_programs": others.share,
    }


def _start(name: str, cpu: dict[str, list[float]]) -> None:
    before = _children()
    subprocess.run(COMMANDS[name], stdout=subprocess.DEVNULL, check=True)
    cpu[name].append(_children() - before)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _more(ours: list[float], torchs: list[float]) -> float:
    return statistics.median(a - b for a, b in zip(ours, torchs, strict=True))


def say(results: dict[str, Any]) -> None:
    """Print what came out."""
    print(f"{'':>20}  seconds  of processors  more than import torch (of processors)")
    for name, used in results["commands"].items():
        print(
            f"{name:>20} {used['seconds']:8.2f} {used['cpu_seconds']:14.2f} "
            f"{used['more_than_torch']:+23.2f} ({used['cpu_more_than_torch']:+.2f})"
        )
