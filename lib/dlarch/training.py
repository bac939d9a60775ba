"""One training loop for every chapter, short enough to read before it is trusted.

``fit`` trains a model on tensors or on batches and returns its history. What it adds to the four steps of any training
loop (predict, compare, differentiate, update) is a line or two each: shuffling from a seed, augmentation, a schedule,
clipping, bfloat16, channels last, compilation, accumulation, checkpoints that a run goes on from in the same bits, and
several processes when ``torchrun`` starts it. Inside an epoch nothing waits for a GPU.
"""

import atexit
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import dlarch
from dlarch.checkpoint import resume, save

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
    accumulate: int = 1,
    augment: Callable[..., Any] | None = None,
    seed: int = 0,
    device: torch.device | str | None = None,
    autocast: bool | None = None,
    channels_last: bool = False,
    compile: bool = False,
    checkpoint: str | Path | None = None,
    minutes: int | float | None = None,
    progress: bool = False,
) -> History:
    """Train ``model`` in place, leave it in ``eval()`` mode on ``device``, and return the history.

    Args:
        model: takes a batch of inputs, returns what ``loss_fn`` compares with the targets.
        data: a pair of tensors, drawn in a new order every epoch, or any iterable of (inputs, targets) batches that can
            be gone through once an epoch. A tuple of tensors in place of the inputs of a batch becomes the arguments of
            the model: ``((source, previous), target)`` for ``model(source, previous)``. Tensors are moved to the device
            once, if they fill no more than a quarter of what is free there.
        epochs: passes over the data.
        loss_fn: (output, targets) to a mean loss.
        validation: data of the same kind, never trained on.
        batch_size: samples a batch, where the data are tensors; the last batch of an epoch may be smaller.
        lr: learning rate of the fused AdamW that is made when no optimizer is given.
        optimizer: an optimizer over the model's parameters. torch's own step fastest when made with ``fused=True``:
            ``torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)``.
        schedule: from the part of training done, 0 to 1, to a factor on the learning rate (``cosine``, ``one_cycle``).
        clip: largest norm of all gradients together.
        accumulate: batches an update. Their gradient is that of one batch of all their samples, in the memory of a
            small one; batch norm still sees small ones. The last update of an epoch takes the batches that are left.
        augment: from the inputs of a training batch, on the device, to those that the model gets.
        seed: of the order of the samples; weights, dropout and augmentation follow ``torch.manual_seed``.
        device: where to train; by default the fastest at hand.
        autocast: compute in bfloat16 where that is safe, in training and validation; weights stay in float32. None
            does so on CUDA alone.
        channels_last: keep images, and weights of four axes, with the channels of a pixel side by side in memory.
        compile: train through ``torch.compile``, which takes its time at the first batch and on a CPU needs a C++
            compiler. The weights keep their names, so a checkpoint goes on with or without.
        checkpoint: file written after every epoch. If it exists, training goes on from it, and on the CPU ends in the
            same bits as a run without a break. That holds for random numbers from torch's global generators. A
            data set with a generator of its own starts that anew: let it draw from the global one.
        minutes: leave off after the epoch in which so many minutes since the call are over; the history is then
            shorter than ``epochs``. The same call goes on from the ``checkpoint``, which this needs.
        progress: print a line an epoch.

    Raises:
        ValueError: if an option or the data cannot be used, or the checkpoint is of another model or optimizer.
    """
    started = time.monotonic()
    _check(batch_size, accumulate, minutes, checkpoint)
    device = torch.device(device or dlarch.device())
    rank, processes = _processes(device)
    model.to(device)
    if channels_last:
        model.to(memory_format=torch.channels_last)
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=lr, fused=device.type in ("cpu", "cuda"))
    rates = [group["lr"] for group in optimizer.param_groups]
    order = torch.Generator().manual_seed(seed)
    history = History(**resume(checkpoint, model, optimizer, order, device))
    _match_layout(optimizer)
    trained = nn.parallel.DistributedDataParallel(model) if processes > 1 else model
    if compile:
        # All models of a class share this limit. It begins at 8, and the ninth model would not be compiled any more.
        torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, 256)
        # Tensors come in batches of two sizes, the last being smaller: each gets kernels of its own, which are faster.
        trained = torch.compile(trained, dynamic=False if _is_pair(data) else None)
    enabled = device.type == "cuda" if autocast is None else autocast
    bfloat16 = torch.autocast(device.type, torch.bfloat16, enabled=enabled)
    data, validation = _placed(data, device), _placed(validation, device)

    for epoch in range(len(history.loss), epochs):
        model.train()
        seen = _Mean()
        batches, steps = _batches(data, batch_size, device, order, rank, processes)
        updates = math.ceil(steps / accumulate)
        for update, group in enumerate(_groups(batches, accumulate)):
            _set_rates(optimizer, rates, schedule((epoch + update / updates) / epochs) if schedule else 1.0)
            optimizer.zero_grad()
            samples = sum(len(y) for _, y in group)
            for place, (x, y) in enumerate(group, start=1):
                x = _prepared(x, augment, channels_last)
                # Several processes exchange their gradients once an update.
                with trained.no_sync() if processes > 1 and place < len(group) else nullcontext(), bfloat16:
                    output = trained(*x)
                    loss = loss_fn(output, y)
                (loss if len(group) == 1 else loss * (len(y) / samples)).backward()
                seen.add(loss, output, y)
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
        history.add("", *seen.over_all(processes, device))
        if validation is not None:
            with bfloat16:
                history.add("validation_", *evaluate(model, validation, loss_fn=loss_fn, device=device))
        if rank == 0:
            save(checkpoint, model, optimizer, order, asdict(history), device)
            if progress:
                print(f"epoch {epoch + 1} of {epochs}: {history.last()}", flush=True)
        if minutes is not None and _over(started, minutes, processes, device):
            break
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
        for x, y in _batches(data, batch_size, device)[0]:
            output = model(*x)
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
        # A sum of many bfloat16 numbers would lose the last ones.
        self.loss += loss.detach().to(torch.promote_types(loss.dtype, torch.float32)) * len(y)
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


def _check(batch_size: int, accumulate: int, minutes: int | float | None, checkpoint: str | Path | None) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size counts the samples of a batch and must be at least 1, got {batch_size}")
    if accumulate < 1:
        raise ValueError(f"accumulate counts the batches of an update and must be at least 1, got {accumulate}")
    if minutes is None:
        return
    if minutes < 0:
        raise ValueError(f"minutes must be at least 0, which trains one epoch, got {minutes}")
    if checkpoint is None:
        raise ValueError(
            f"minutes={minutes} leaves off before the end and needs a file to go on from: give checkpoint='run.pt' too"
        )


def _as_tuple(inputs: Any) -> tuple[Any, ...]:
    """The arguments of the model: one input, or a tuple of them."""
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _to(part: Any, device: torch.device) -> Any:
    """On the device; from pinned memory the copy to CUDA runs beside what the program does next."""
    if device.type == "cuda" and isinstance(part, Tensor) and part.device.type == "cpu":
        return part.pin_memory().to(device, non_blocking=True)
    return part.to(device)


def _prepared(inputs: tuple[Any, ...], augment: Callable[..., Any] | None, channels_last: bool) -> tuple[Any, ...]:
    if augment:
        inputs = _as_tuple(augment(*inputs))
    if channels_last:
        inputs = tuple(x.to(memory_format=torch.channels_last) if x.ndim == 4 else x for x in inputs)
    return inputs


def _set_rates(optimizer: Any, rates: list[float], factor: float) -> None:
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate * factor


def _match_layout(optimizer: Any) -> None:
    """Give the optimizer's averages the memory order of their weights, which fused steps rely on."""
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape and value.stride() != parameter.stride():
                state[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def _is_pair(data: Any) -> bool:
    return isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(part, Tensor) for part in data)


def _placed(data: Any, device: torch.device) -> Any:
    """A pair of tensors on the device, where there is room for it; all else as it came."""
    if not _is_pair(data):
        return data
    if device.type == "cuda":
        needed = sum(part.nbytes for part in data if part.device.type != "cuda")
        if needed > torch.cuda.mem_get_info(device)[0] / 4:
            return data
    return tuple(part.to(device) for part in data)


def _batches(
    data: tuple[Tensor, Tensor] | Batches,
    size: int,
    device: torch.device,
    order: torch.Generator | None = None,
    rank: int = 0,
    processes: int = 1,
) -> tuple[Iterator[tuple[tuple[Any, ...], Tensor]], int]:
    """One epoch of batches on the device and their number; with several processes, this one's share of them."""
    if _is_pair(data):
        x, y = data
        if len(x) != len(y):
            raise ValueError(f"there must be as many targets as inputs: got {len(x)} inputs and {len(y)} targets")
        index = torch.randperm(len(x), generator=order) if order else torch.arange(len(x))
        mine = index[: len(x) // processes * processes][rank::processes].to(x.device)
        # Picking by a permutation: for data in memory a DataLoader does the same, much slower.
        pieces = mine.split(size) if len(mine) else ()
        batches: Any = ((x.index_select(0, piece), y.index_select(0, piece)) for piece in pieces)
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
    return _sent(batches, device), steps


def _sent(batches: Batches, device: torch.device) -> Iterator[tuple[tuple[Any, ...], Tensor]]:
    """Batches on the device; to CUDA the next one is sent before this one is worked on."""
    waiting: list[Any] = []
    for x, y in batches:
        waiting.append((tuple(_to(part, device) for part in _as_tuple(x)), _to(y, device)))
        if device.type != "cuda" or len(waiting) == 2:
            yield waiting.pop(0)
    yield from waiting


def _groups(batches: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(islice(batches, size)):
        yield group


def _processes(device: torch.device) -> tuple[int, int]:
    """This process's number and how many there are: 0 of 1 unless torchrun started several."""
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1 and not torch.distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(torch.distributed.destroy_process_group)
    return int(os.environ.get("RANK", "0")), processes


def _over(started: float, minutes: int | float, processes: int, device: torch.device) -> bool:
    """Whether the time is up; the clock of the first process counts for all."""
    over = torch.tensor(int(time.monotonic() - started >= 60 * minutes), device=device)
    if processes > 1:
        torch.distributed.broadcast(over, 0)
    return bool(over)
