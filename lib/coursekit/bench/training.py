"""Training: what each option of ``dlarch.training.fit`` gains, what ``fit`` itself costs, and what a loader would.

The data are random, of the sizes of CIFAR-10 and of a text in characters: speed is measured here, not learning. All
sides of a comparison take turns. They start from the same weights, and each goes on from where it stands.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from coursekit.bench import Others, alternate, ratio
from coursekit.bench.models import most_allocated
from coursekit.doctor import COMPILERS
from dlarch.measure import count_parameters
from dlarch.sequences.gpt import GPT, GPTConfig, NextToken
from dlarch.training import fit
from dlarch.vision.mobilenet import MobileNetV1
from dlarch.vision.resnet import CifarResNet

THREADS = 2
ROUNDS = 9
OPTIONS = ("autocast", "channels_last", "compile")
NO_COMPILER = f"not measured: torch.compile needs a C++ compiler ({', '.join(COMPILERS)}), and there is none here"
LAYERS = ((32, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1))  # of MobileNet v1, for images of 32 by 32 pixels
Data = tuple[Tensor, Tensor]
Call = Callable[[], Any]


class Task(NamedTuple):
    """A network and random data for it."""

    model: Callable[[], nn.Module]
    data: Data
    batch: int


def images(count: int) -> Data:
    return torch.randn(count, 3, 32, 32), torch.randint(10, (count,))


def text(count: int, length: int) -> Data:
    tokens = torch.randint(65, (count, length + 1))
    return tokens[:, :-1], tokens[:, 1:]


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.ReLU(), nn.Linear(64, 10))


def gpt(layers: int, size: int, context: int) -> nn.Module:
    return NextToken(GPT(GPTConfig(vocabulary=65, context=context, layers=layers, heads=size // 32, model_size=size)))


def tasks(device: str) -> dict[str, Task]:
    """The networks: small ones for a processor, larger ones for a GPU; and one so small that the rest shows."""
    torch.manual_seed(0)
    mobile = partial(MobileNetV1, 0.5, classes=10, layers=LAYERS)
    if device == "cpu":
        return {
            "residual network": Task(lambda: CifarResNet(8), images(128), 32),
            "MobileNet": Task(mobile, images(128), 32),
            "GPT": Task(lambda: gpt(2, 128, 64), text(96, 64), 12),
            "perceptron": Task(perceptron, images(4096), 64),
        }
    return {
        "residual network": Task(lambda: CifarResNet(20), images(20480), 512),
        "MobileNet": Task(mobile, images(20480), 512),
        "GPT": Task(lambda: gpt(6, 384, 256), text(1280, 256), 64),
        "perceptron": Task(perceptron, images(51200), 512),
    }


def sgd(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)


def trainer(task: Task, device: str, **options: Any) -> Call:
    """A call that trains a network of its own for one more epoch, in float32 unless the options say otherwise."""
    torch.manual_seed(0)
    model = task.model().to(device)
    settings = {"autocast": False, "batch_size": task.batch, "optimizer": sgd(model)} | options
    data = tuple(part.to(device) for part in task.data)
    return lambda: fit(model, data, epochs=1, device=device, **settings)


def waited(device: str, call: Call) -> Call:
    """The call, and the end of all that it started on a GPU."""
    return call if device == "cpu" else lambda: (call(), torch.cuda.synchronize())


def timed(call: Call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def against(plain: str, arms: dict[str, Call], units: int = 1) -> dict[str, Any]:
    """Median seconds a unit of each arm, and how many times faster than the plain one it is, with its spread."""
    seconds = alternate(arms, ROUNDS)
    return {
        "seconds": {name: statistics.median(each) / units for name, each in seconds.items()},
        "ratio": {name: ratio(seconds[plain], each)._asdict() for name, each in seconds.items() if name != plain},
    }


def options(task: Task, device: str, *, compiler: bool = True) -> dict[str, Any]:
    """Each option alone and all together, against ``fit`` in float32 with none of them."""
    each = {name: {name: True} for name in OPTIONS if compiler or name != "compile"}
    each["all"] = dict.fromkeys(each, True)
    arms = {"float32": trainer(task, device)} | {name: trainer(task, device, **on) for name, on in each.items()}
    first = {name: timed(arm) for name, arm in arms.items()}
    batches = -(-len(task.data[0]) // task.batch)
    found = {"parameters": count_parameters(task.model()), "batch": task.batch, "batches": batches}
    found |= against("float32", arms, batches)
    if compiler:
        found["seconds_of_compiling"] = {
            name: first[name] - batches * found["seconds"][name] for name in ("compile", "all")
        }
    return found


def optimizers(model: nn.Module, device: str) -> dict[str, Any]:
    """A step of AdamW and of SGD with momentum: a loop over the weights, torch's foreach, and one fused kernel."""
    kinds = {"AdamW": torch.optim.AdamW, "SGD": partial(torch.optim.SGD, momentum=0.9, lr=1e-3)}
    ways = {"loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
    model.to(device)
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)

    def steps(optimizer: torch.optim.Optimizer) -> None:
        for _ in range(20):
            optimizer.step()

    return {
        name: against(
            "loop",
            {way: waited(device, partial(steps, make(model.parameters(), **how))) for way, how in ways.items()},
            units=20,
        )
        for name, make in kinds.items()
    }


def bare(model: nn.Module, data: Data | Iterable[Data], batch: int, device: str) -> Call:
    """One epoch of the four steps with nothing beside them."""
    optimizer = sgd(model.to(device))

    def epoch() -> None:
        batches = data
        if isinstance(data, tuple):
            index = torch.randperm(len(data[0]), device=data[0].device)
            batches = ((data[0][piece], data[1][piece]) for piece in index.split(batch))
        model.train()
        for x, y in batches:
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return waited(device, epoch)


def feeding(task: Task, device: str) -> dict[str, Any]:
    """An epoch of ``fit`` on tensors beside the four steps alone and beside loaders that feed them the same tensors."""
    on_device = tuple(part.to(device) for part in task.data)
    pinned = device != "cpu"
    loader = partial(DataLoader, TensorDataset(*task.data), batch_size=task.batch, shuffle=True, pin_memory=pinned)
    return {"batches": len(task.data[0]) // task.batch} | against(
        "fit",
        {
            "fit": trainer(task, device),
            "four steps": bare(task.model(), on_device, task.batch, device),
            "DataLoader": bare(task.model(), loader(), task.batch, device),
            "DataLoader, 2 workers": bare(
                task.model(), loader(num_workers=2, persistent_workers=True), task.batch, device
            ),
        },
    )


def checkpoints(task: Task, device: str, folder: Path) -> dict[str, Any]:
    """Seconds that a checkpoint after each epoch adds."""
    file = folder / "run.pt"
    keeping = trainer(task, device, checkpoint=file)

    def anew() -> None:
        file.unlink(missing_ok=True)
        keeping()

    found = against("without", {"without": trainer(task, device), "checkpoint": anew})
    added = found["seconds"]["checkpoint"] - found["seconds"]["without"]
    return found | {"bytes": file.stat().st_size, "seconds_a_checkpoint": added}


def peak(device: str, call: Call) -> int:
    """Most bytes that a call holds at once, beyond those held before it."""
    if device == "cpu":
        return most_allocated(call)
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    call()
    return torch.cuda.max_memory_allocated() - before


def accumulation(task: Task, device: str, parts: int = 4) -> dict[str, Any]:
    """One batch an update, and the same samples in several small batches: seconds and memory."""
    arms = {
        "one batch": trainer(task, device),
        f"{parts} batches": trainer(task._replace(batch=task.batch // parts), device, accumulate=parts),
    }
    found = against("one batch", arms)
    return {"batch": task.batch} | found | {"peak_bytes": {name: peak(device, arm) for name, arm in arms.items()}}


def _on(device: str, found: dict[str, Task], folder: Path) -> dict[str, Any]:
    compiler = any(map(shutil.which, COMPILERS))
    start = time.perf_counter()
    with Others() as others:
        results: dict[str, Any] = {"options": {}, "compile": "measured" if compiler else NO_COMPILER}
        for name, task in found.items():
            results["options"][name] = options(task, device, compiler=compiler)
            print(f"{device}: {name}, {time.perf_counter() - start:.0f} s", flush=True)
        residual, language = found["residual network"], found["GPT"]
        results |= {
            "optimizer": optimizers(language.model(), device),
            "feed": {name: feeding(found[name], device) for name in ("perceptron", "residual network")},
            "checkpoint": checkpoints(language, device, folder),
            "accumulate": accumulation(residual, device),
        }
    return results | {"others": others.share, "seconds_in_all": time.perf_counter() - start}


def run(found: Callable[[str], dict[str, Task]] = tasks, *, device: str = "cpu") -> dict[str, Any]:
    """All comparisons on one device."""
    before, cache = torch.get_num_threads(), os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # so that nothing is compiled already
        try:
            results = {device: _on(device, found(device), Path(folder))}
        finally:
            torch.set_num_threads(before)
            if cache is None:
                del os.environ["TORCHINDUCTOR_CACHE_DIR"]
            else:
                os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
    gpu = {"gpu": torch.cuda.get_device_name()} if device == "cuda" else {}
    return (
        {"threads": THREADS, "rounds": ROUNDS, "cpu": torch.backends.cpu.get_cpu_capability()} | gpu | {"on": results}
    )


def _ratios(found: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {r['median']:.2f} ({r['low']:.2f} to {r['high']:.2f})" for name, r in found["ratio"].items()
    )


def say(results: dict[str, Any]) -> None:
    """Ratios are above 1 where something is faster than what it is compared with."""
    for device, found in results["on"].items():
        for name, each in found["options"].items():
            print(f"{device}, {name}, times as fast as float32: {_ratios(each)}")
        if found["compile"] != "measured":
            print(f"{device}, compile {found['compile']}")
        for name, each in found["optimizer"].items():
            print(f"{device}, step of {name}, times as fast as a loop: {_ratios(each)}")
        for name, each in found["feed"].items():
            print(f"{device}, {name}, times as fast as fit: {_ratios(each)}")
        checkpoint, small = found["checkpoint"], found["accumulate"]
        print(f"{device}, a checkpoint takes {1e3 * checkpoint['seconds_a_checkpoint']:.0f} ms")
        whole, parts = small["peak_bytes"].values()
        print(f"{device}, accumulating, times as fast as one batch: {_ratios(small)}; memory {parts / whole:.2f}")
