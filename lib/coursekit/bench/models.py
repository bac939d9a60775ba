"""Each architecture beside its peer: seconds of a forward pass and of a training step's two passes, turn by turn, and
the most memory that these two passes hold. Both sides must agree before anything is measured.
"""

import copy
import ctypes
import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

os.environ.setdefault("KINETO_LOG_LEVEL", "6")  # the profiler, which counts memory, else writes lines of its own

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from coursekit.bench import Others, alternate, peers, ratio
from coursekit.bench.peers import ROWS, Inputs, Row
from dlarch.measure import count_parameters

THREADS = 2
SECONDS = {"forward": 2.0, "forward_backward": 5.0}  # about as long the comparisons of a row run
ROUNDS = (5, 25)  # fewest and most
A_TURN = 0.04  # seconds that a turn takes at least: quick calls are repeated
GPU_BATCHES = 16  # times the batch on a processor
GPU_SHARE = 0.25  # of SECONDS: there two steps of a network differ little, and no other program runs
CONTROLS = ("ResNet-18", "MobileNet v2", "DenseNet-121", "BERT", "GPT")
COMPILED = ("ResNet-18", "MobileNet v2", "BERT", "GPT")  # each takes a minute; a loop over time steps takes many
SLOWER = 0.9  # a ratio below it must have a reason
MORE_MEMORY = 1.01  # and so must a share above this one


class Setting(NamedTuple):
    """How a model is run."""

    name: str
    device: str = "cpu"
    autocast: bool = False
    channels_last: bool = False
    compile: bool = False


CPU = Setting("float32 on the processor")
GPU = (
    Setting("bfloat16, channels last", "cuda", autocast=True, channels_last=True),
    Setting("bfloat16, channels last, compiled", "cuda", autocast=True, channels_last=True, compile=True),
)


class Side:
    """One of the two models of a row in a setting, with what it is called with."""

    def __init__(self, row: Row, model: nn.Module, run: Callable[..., Any], inputs: Inputs, setting: Setting) -> None:
        self.row, self.model, self.run, self.inputs, self.setting = row, model, run, inputs, setting
        self.called = torch.compile(model) if setting.compile else model

    def _result(self) -> Any:
        with torch.autocast(self.setting.device, torch.bfloat16, enabled=self.setting.autocast):
            return self.run(self.called, *self.inputs)

    def _wait(self) -> None:
        if self.setting.device == "cuda":
            torch.cuda.synchronize()

    def forward(self) -> None:
        """One pass without gradients, in evaluation."""
        self.model.eval()
        with torch.no_grad():
            self._result()
        self._wait()

    def train(self) -> None:
        """Forward and backward in training mode, with a loss in single precision.

        The gradients go at the end, so that both sides begin in the same memory: what one of them holds changes how
        fast the other gets its own, and a copy of a network then differs from it by up to 4 %.
        """
        self.model.train()
        # Nothing but the graph holds the result, as within a larger network.
        self.row.loss([each.float() for each in peers.outputs(self._result())], *self.inputs).backward()
        self._wait()
        peers.forget(self.model, self.inputs)

    def peak_bytes(self) -> int:
        """The most that one training step holds at once, gradients included, weights and inputs not."""
        self.train()
        if self.setting.device == "cuda":
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            self.train()
            return torch.cuda.max_memory_allocated() - before
        return most_allocated(self.train)


def most_allocated(function: Callable[[], Any]) -> int:
    """Bytes that a call holds at once at most, beyond those held before; what it only asks for in kernels counts too.

    torch's allocator tells the profiler of every block that it gives and gets back. So the number is exact, and the
    same in every run. A library that has memory of its own, as oneDNN for what it rearranges, is not in it.
    """
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        function()
    blocks = [event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for block in sorted(blocks, key=lambda event: event.start_ns()):
        held += block.nbytes()
        most = max(most, held)
    return most


def compare(ours: Callable[[], Any], theirs: Callable[[], Any], seconds: float) -> dict[str, Any]:
    """Median seconds of both, and the ratio with its spread: above 1 where ours is the faster one.

    A round goes there and back: theirs, ours, ours, theirs. So each side runs as often behind itself as behind the
    other, and a machine that grows slower or faster meanwhile does it to both.

    Args:
        ours: one call.
        theirs: one call.
        seconds: about as long all rounds take, as far as ``ROUNDS`` allows.
    """
    arms = {"ours": ours, "theirs": theirs}
    once = max(_seconds(call) for call in arms.values())
    repeats = max(1, math.ceil(A_TURN / once))
    fewest, most = ROUNDS
    rounds = min(most, max(fewest, round(seconds / (4 * repeats * once))))
    turns = alternate({name: partial(_repeat, call, repeats) for name, call in arms.items()}, 2 * rounds)
    both = {
        name: [there + back for there, back in zip(each[::2], each[1::2], strict=True)] for name, each in turns.items()
    }
    return {
        "seconds": {name: statistics.median(each) / (2 * repeats) for name, each in both.items()},
        "ratio": ratio(both["theirs"], both["ours"])._asdict(),
        "rounds": rounds,
    }


def _seconds(call: Callable[[], Any]) -> float:
    call()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _repeat(call: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        call()


def on(setting: Setting, tensor: torch.Tensor) -> torch.Tensor:
    """A tensor as a setting has it, still a leaf whose gradient is wanted if it was one."""
    moved = tensor.detach().to(setting.device)
    if setting.channels_last and moved.ndim == 4:
        moved = moved.to(memory_format=torch.channels_last)
    return moved.requires_grad_(tensor.requires_grad)


def sides(row: Row, setting: Setting) -> tuple[Side, Side]:
    """Ours and theirs, which have been found to agree."""
    if setting.compile:
        torch._dynamo.reset()  # it compiles eight networks of a class, and leaves those after them as they are
    ours, theirs = row.twins()
    if not any(parameter.ndim == 4 for parameter in ours.parameters()):
        # The layout is for images and kernels; the fused attention cannot use queries that have it.
        setting = setting._replace(channels_last=False)
    inputs = row.inputs(row.batch)
    row.check(ours, theirs, inputs)
    if setting.device != "cpu":
        inputs = row.inputs(GPU_BATCHES * row.batch)
    inputs = tuple(on(setting, tensor) for tensor in inputs)
    layout = torch.channels_last if setting.channels_last else torch.preserve_format
    ours, theirs = (model.to(setting.device).to(memory_format=layout) for model in (ours, theirs))
    return (
        Side(row, ours, row.our_call, inputs, setting),
        Side(row, theirs, row.their_call, inputs, setting),
    )


def measure(row: Row, setting: Setting = CPU) -> dict[str, Any]:
    """All that is reported of a row in one setting."""
    ours, theirs = sides(row, setting)
    share = GPU_SHARE if setting.device == "cuda" else 1
    with Others() as others:
        forward = compare(ours.forward, theirs.forward, share * SECONDS["forward"])
        train = compare(ours.train, theirs.train, share * SECONDS["forward_backward"])
    memory = {"ours": ours.peak_bytes(), "theirs": theirs.peak_bytes()}
    slower = min(forward["ratio"]["median"], train["ratio"]["median"]) < SLOWER
    return {
        "name": row.name,
        "peer": row.peer,
        "package": row.package,
        "setting": setting.name,
        "parameters": count_parameters(ours.model),
        "input": [list(tensor.shape) for tensor in ours.inputs],
        "forward": forward,
        "forward_backward": train,
        "peak_bytes": memory | {"share": memory["ours"] / memory["theirs"]},
        "others": others.share,
        "reason": row.reason if slower or memory["ours"] > MORE_MEMORY * memory["theirs"] else "",
    }


def control(row: Row, setting: Setting = CPU) -> dict[str, Any]:
    """The peer beside a copy of itself: how far from 1 a ratio may lie that says nothing."""
    _, theirs = sides(row, setting)
    twin = Side(row, copy.deepcopy(theirs.model), row.their_call, theirs.inputs, setting)
    return {"name": row.name, "forward_backward": compare(twin.train, theirs.train, SECONDS["forward_backward"])}


def summary(rows: Iterable[dict[str, Any]]) -> dict[str, float]:
    """The medians over all architectures."""
    rows = list(rows)
    return {
        "forward": statistics.median(row["forward"]["ratio"]["median"] for row in rows),
        "forward_backward": statistics.median(row["forward_backward"]["ratio"]["median"] for row in rows),
        "peak_share": statistics.median(row["peak_bytes"]["share"] for row in rows),
    }


def keep_memory() -> None:
    """Let this process keep what it frees, where the C library can be told so (glibc).

    Else the system takes large blocks back and hands out new pages, full of zeros. When it does depends on what lies
    beside them, so that one of two equal networks may pay for it in each step, and the other one never.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell:
        most_mapped, trim_threshold = -4, -1
        tell(most_mapped, 0)
        tell(trim_threshold, -1)


def run(rows: Sequence[Row] = ROWS, *, device: str = "cpu") -> dict[str, Any]:
    """Measure all rows in the settings of a device; compiled, some of them."""
    chosen = GPU if device == "cuda" else (CPU,)
    keep_memory()
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        pairs = [(row, each) for each in chosen for row in rows if row.name in COMPILED or not each.compile]
        measured = [_told(measure(row, setting)) for row, setting in pairs]
        controls = [control(row, chosen[0]) for row in rows if row.name in CONTROLS]
    finally:
        torch.set_num_threads(before)
    names = dict.fromkeys(row["setting"] for row in measured)
    medians = {name: summary(row for row in measured if row["setting"] == name) for name in names}
    gpu = {"gpu": torch.cuda.get_device_name()} if device == "cuda" else {}
    return {
        "threads": THREADS,
        **gpu,
        "medians": medians,
        "rows": measured,
        "controls": controls,
        "without_peer": peers.WITHOUT_PEER,
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    print(_line(row), flush=True)
    return row


def _line(row: dict[str, Any]) -> str:
    forward, train = row["forward"]["ratio"], row["forward_backward"]["ratio"]
    each = [f"{r['median']:5.2f} ({r['low']:.2f} to {r['high']:.2f})" for r in (forward, train)]
    share = f"{row['peak_bytes']['share']:5.2f}"
    return f"{row['name']:32} {'  '.join(each)}  memory {share}  others {row['others']:3.0%}  {row['peer']}"


def say(results: dict[str, Any]) -> None:
    """The medians, and what is slower or larger than its peer; the rows have been printed as they came."""
    print("Speed is the peer's time over ours (forward; forward and backward), memory is ours over the peer's.")
    for name, medians in results["medians"].items():
        print(
            f"{name}: medians {medians['forward']:.2f} forward, {medians['forward_backward']:.2f} forward and "
            f"backward, memory {medians['peak_share']:.2f}"
        )
    for row in results["controls"]:
        print(f"A copy of the peer instead of ours: {row['name']} {row['forward_backward']['ratio']['median']:.3f}")
    for row in results["rows"]:
        slow = min(row[part]["ratio"]["median"] for part in ("forward", "forward_backward")) < SLOWER
        if slow or row["peak_bytes"]["share"] > MORE_MEMORY:
            print(f"{row['name']} ({row['setting']}): {row['reason'] or 'NO REASON IS GIVEN'}")
