"""How fast the parts of this course are, each beside what one would use instead, in one run: ``make bench``.

A second on one machine says little about another, and on a shared one little about the next minute. So two sides of a
comparison run turn by turn, and what is reported is their ratio, with its spread over the rounds.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from coursekit import ROOT

OUT = ROOT / "build" / "bench"
RECORDED = ROOT / "book" / "recorded"


class Ratio(NamedTuple):
    """The peer's number over ours, pair by pair: above 1 where ours needs less."""

    median: float
    low: float
    high: float


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> Ratio:
    """The ratios of the rounds: their median, and the lower and the upper quarter's border."""
    each = [a / b for a, b in zip(theirs, ours, strict=True)]
    low, median, high = statistics.quantiles(each, n=4, method="inclusive") if len(each) > 1 else each * 3
    return Ratio(median, low, high)


def alternate(arms: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each arm in each round, after one round that does not count.

    Every second round goes backwards, so that no arm always runs after the same one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(rounds + 1):
        for name in list(arms)[:: -1 if number % 2 else 1]:
            start = time.perf_counter()
            arms[name]()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


class Others:
    """The share of all processors that other programs used: ``with Others() as others: ...``, then ``others.share``."""

    def __enter__(self) -> "Others":
        self._start = time.monotonic(), _busy(), _own()
        return self

    def __exit__(self, *_: object) -> None:
        wall, busy, own = (
            now - then for now, then in zip((time.monotonic(), _busy(), _own()), self._start, strict=True)
        )
        self.share = max(0.0, busy - own) / wall / os.cpu_count()


def _busy() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def _own() -> float:
    """Processor time of this process and of its children that have ended."""
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def conditions() -> dict[str, Any]:
    """What the numbers hold for: processor, cores, versions, day."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "hardware": f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}",
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("torch", "numpy")},
    }


def write(name: str, results: Mapping[str, Any], *, device: str = "cpu", record: bool) -> Path:
    """Results with their conditions as JSON, in ``build/bench``, or where the book reads them; those of a GPU apart."""
    file, command = f"{name}.json", f"make bench PARTS={name}"
    if device != "cpu":
        file, command = f"{name}_{device}.json", f"python -m coursekit.bench {name} --device {device}"
    path = RECORDED / f"bench_{file}" if record else OUT / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"command": command} | conditions() | dict(results), indent=1) + "\n")
    return path
