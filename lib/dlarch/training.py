"""One training loop for every chapter, short enough to read before it is trusted.

``fit`` trains a model on tensors or on batches and returns its history. What it adds to the four steps of any training
loop (predict, compare, differentiate, update) is a line or two each: shuffling from a seed, a schedule, clipping,
bfloat16 on a GPU, checkpoints, and several processes when ``torchrun`` starts it.
"""

import atexit
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import dlarch

Batches = Iterable[tuple[Any, Tensor]]


@dataclass
class History:
    """What ``fit`` saw, one number an epoch in each list.

    ``loss`` and ``accuracy`` are means over the epoch's batches, taken while the weights moved; ``validation_loss`` and
    ``validation_accuracy`` are measured at the end of the epoch. A list stays empty where there is nothing to measure:
    accuracies where the targets are no classes, both validation lists without validation data.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)

    def add(self, prefix: str, loss: float, accuracy: float | None) -> None:
        """Append the numbers of one epoch to the lists whose names begin with ``prefix``."""
        getattr(self, f"{prefix}loss").append(loss)
        if accuracy is not None:
            getattr(self, f"{prefix}accuracy").append(accuracy)

    def last(self) -> str:
        """The newest epoch in words."""
        return ", ".join(
            f"{name.replace('_', ' ')} {values[-1]:.4f}" for name, values in asdict(self).items() if values
        )


def fit(
    model: nn.Module,
    data: tuple[Tensor, Tensor] | Batches,
    *,
    epochs: int,
    loss_fn: Callable[[Any, Tensor], Tensor] = F.cross_entropy,
    validation: tuple[Tensor, Tensor] | Batches | None = None,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: Any = None,
    schedule: Callable[[float], float] | None = None,
    clip: float | None = None,
    seed: int = 0,
    device: torch.device | str | None = None,
    autocast: bool = True,
    checkpoint: str | Path | None = None,
    progress: bool = False,
) -> History:
    """Train ``model`` in place, leave it in ``eval()`` mode on ``device``, and return the history.

    Args:
        model: takes a batch of inputs, returns what ``loss_fn`` compares with the targets.
        data: a pair of tensors, drawn in a new order every epoch, or any iterable of (inputs, targets) batches that can
            be gone through once an epoch. A tuple of tensors in place of the inputs of a batch becomes the arguments of
            the model: ``((source, previous), target)`` for ``model(source, previous)``.
        epochs: passes over the data.
        loss_fn: (output, targets) to a mean loss.
        validation: data of the same kind, never trained on.
        batch_size: samples a batch, where the data are tensors; the last batch of an epoch may be smaller.
        lr: learning rate of the AdamW that is made when no optimizer is given.
        optimizer: an optimizer over the model's parameters.
        schedule: from the part of training done, 0 to 1, to a factor on the learning rate (``cosine``, ``one_cycle``).
        clip: largest norm of all gradients together.
        seed: of the order of the samples; weights and dropout follow ``torch.manual_seed``.
        device: where to train; by default the fastest at hand.
        autocast: use bfloat16 on CUDA where it is safe. Other devices keep float32.
        checkpoint: file written after every epoch. If it exists, training goes on from it, and on the CPU ends in the
            same bits as a run without a break.
        progress: print a line an epoch.
    """
    device = torch.device(device or dlarch.device())
    rank, processes = _processes(device)
    model.to(device)
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=lr, fused=device.type in ("cpu", "cuda"))
    rates = [group["lr"] for group in optimizer.param_groups]
    order = torch.Generator().manual_seed(seed)
    history = _resume(checkpoint, model, optimizer, order)
    trained = nn.parallel.DistributedDataParallel(model) if processes > 1 else model
    bfloat16 = torch.autocast(device.type, torch.bfloat16, enabled=autocast and device.type == "cuda")

    for epoch in range(len(history.loss), epochs):
        model.train()
        seen = _Mean()
        batches, steps = _batches(data, batch_size, order, rank, processes)
        for step, (x, y) in enumerate(batches):
            x, y = _to(x, device), y.to(device)
            _set_rates(optimizer, rates, schedule((epoch + step / steps) / epochs) if schedule else 1.0)
            with bfloat16:
                output = trained(*x)
                loss = loss_fn(output, y)
            optimizer.zero_grad()
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            seen.add(loss, output, y)
        history.add("", *seen.over_all(processes, device))
        if validation is not None:
            history.add("validation_", *evaluate(model, validation, loss_fn=loss_fn, device=device))
        if rank == 0:
            _save(checkpoint, model, optimizer, order, history)
            if progress:
                print(f"epoch {epoch + 1} of {epochs}: {history.last()}", flush=True)
    _set_rates(optimizer, rates, 1.0)
    model.eval()
    return history


def evaluate(
    model: nn.Module,
    data: tuple[Tensor, Tensor] | Batches,
    *,
    loss_fn: Callable[[Any, Tensor], Tensor] = F.cross_entropy,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
) -> tuple[float, float | None]:
    """Mean loss and accuracy of a model over data, in ``eval()`` mode, which it is left in.

    Returns:
        Loss and accuracy; the accuracy is None where the targets are no classes.
    """
    device = torch.device(device or dlarch.device())
    model.to(device).eval()
    seen = _Mean()
    with torch.no_grad():
        for x, y in _batches(data, batch_size)[0]:
            output, y = model(*_to(x, device)), y.to(device)
            seen.add(loss_fn(output, y), output, y)
    return seen.over_all(1, device)


def cosine(done: float) -> float:
    """Half a cosine: from 1 at the start to 0 at the end."""
    return 0.5 * (1 + math.cos(math.pi * done))


def one_cycle(done: float, *, warmup: float = 0.25) -> float:
    """A straight climb from 0 to 1 during the first part, then half a cosine back to 0.

    Args:
        done: the part of training done, 0 to 1.
        warmup: the part spent climbing, between 0 and 1.
    """
    return done / warmup if done < warmup else cosine((done - warmup) / (1 - warmup))


class _Mean:
    """Loss and accuracy over batches, each sample counted once; nothing waits for the GPU before the end."""

    def __init__(self) -> None:
        self.loss: Any = 0
        self.samples = 0
        self.right: Any = 0
        self.answers: Any = 0

    def add(self, loss: Tensor, output: Any, y: Tensor) -> None:
        self.loss += loss.detach() * len(y)
        self.samples += len(y)
        # Class numbers as targets, and the classes' scores along axis 1 of the output.
        if isinstance(output, Tensor) and not y.is_floating_point() and output.ndim == y.ndim + 1:
            self.right += (output.argmax(dim=1) == y).sum()
            self.answers += (y >= 0).sum()  # cross_entropy ignores negative targets, which mark padding

    def over_all(self, processes: int, device: torch.device) -> tuple[float, float | None]:
        sums = torch.tensor([float(n) for n in (self.loss, self.samples, self.right, self.answers)], device=device)
        if processes > 1:
            torch.distributed.all_reduce(sums)
        loss, samples, right, answers = sums.tolist()
        return loss / samples, right / answers if answers else None


def _to(inputs: Any, device: torch.device) -> tuple[Any, ...]:
    """The arguments of the model: one input, or a tuple of them."""
    return tuple(part.to(device) for part in (inputs if isinstance(inputs, tuple) else (inputs,)))


def _set_rates(optimizer: Any, rates: list[float], factor: float) -> None:
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate * factor


def _batches(
    data: tuple[Tensor, Tensor] | Batches,
    size: int,
    order: torch.Generator | None = None,
    rank: int = 0,
    processes: int = 1,
) -> tuple[Batches, int]:
    """One epoch of batches and their number; with several processes, this one's share of them."""
    if isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(part, Tensor) for part in data):
        x, y = data
        if len(x) != len(y):
            raise ValueError(f"inputs and targets must be as many: got {len(x)} inputs and {len(y)} targets")
        index = torch.randperm(len(x), generator=order) if order else torch.arange(len(x))
        mine = index[: len(x) // processes * processes][rank::processes]
        # Indexing by a permutation: for data in memory a DataLoader does the same, much slower.
        pieces = mine.split(size) if len(mine) else ()
        batches: Any = ((x[piece], y[piece]) for piece in pieces)
        steps = len(pieces)
    else:
        batches = data if hasattr(data, "__len__") else list(data)
        steps = len(batches) // processes
        batches = islice(batches, rank, steps * processes, processes)
    if steps == 0:
        raise ValueError(
            "there is no batch in this epoch: data must be a pair of tensors or something that can be gone through "
            "once an epoch, such as a list of batches; a generator is empty after its first pass"
        )
    return batches, steps


def _processes(device: torch.device) -> tuple[int, int]:
    """This process's number and how many there are: 0 of 1 unless torchrun started several."""
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1 and not torch.distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(torch.distributed.destroy_process_group)
    return int(os.environ.get("RANK", "0")), processes


def _save(path: str | Path | None, model: nn.Module, optimizer: Any, order: torch.Generator, history: History) -> None:
    if path is None:
        return
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "order": order.get_state(),
        "random": torch.get_rng_state(),
        "history": asdict(history),
    }
    unfinished = Path(f"{path}.unfinished")
    torch.save(state, unfinished)
    unfinished.replace(path)  # so that a run killed here leaves the old checkpoint or the new one, never half of one


def _resume(path: str | Path | None, model: nn.Module, optimizer: Any, order: torch.Generator) -> History:
    if path is None or not Path(path).exists():
        return History()
    state = torch.load(path, weights_only=True, map_location="cpu")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    order.set_state(state["order"])
    torch.set_rng_state(state["random"])
    return History(**state["history"])
