"""A TCN beside an LSTM on copy memory and on the adding problem, for the page `tcn`. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/tcn.py
"""

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch import data, measure
from dlarch.sequences.tcn import TCN
from dlarch.training import fit, one_cycle

SEEDS, TUNING, SEQUENCES, BATCH = (0, 1, 2), 100, 3200, 32
RATES = (0.002, 0.006, 0.02, 0.05)
SYMBOLS, LENGTH = 10, 60  # of copy memory; of the adding problem

Make = Callable[[int, int], nn.Module]


class Reader(nn.Module):
    """An LSTM with one linear map that all steps share, from (B, C, T) to (B, K, T) like a TCN."""

    def __init__(self, in_channels: int, out_channels: int, hidden_size: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(in_channels, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.lstm(x.mT)[0]).mT


class Last(nn.Module):
    """The one number that a model says at the last step."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)[:, 0, -1]


def copy(make: Make, gap: int, *, batches: int, lr: float, seed: int) -> tuple[float, float]:
    """Train on copy memory; the share of symbols repeated rightly in new sequences, and the loss there."""
    sets = data.copy_memory(SEQUENCES, symbols=SYMBOLS, gap=gap, seed=seed)
    known, new = (F.one_hot(x, 10).float().mT for x in (sets.x_train, sets.x_test))
    torch.manual_seed(seed)
    model = make(10, 9)
    train(model, known, sets.y_train, F.cross_entropy, batches, lr, seed)
    with torch.no_grad():
        scores, answers = model(new)[:, :, -SYMBOLS:], sets.y_test[:, -SYMBOLS:]
    right = scores.argmax(dim=1) == answers
    return right.float().mean().item(), F.cross_entropy(scores, answers).item()


def add(make: Make, length: int, *, batches: int, lr: float, seed: int) -> tuple[float, float]:
    """Train on the adding problem; the mean squared error on new sequences, which is the loss as well."""
    sets = data.adding_problem(SEQUENCES, length=length, seed=seed)
    torch.manual_seed(seed)
    model = Last(make(2, 1))
    train(model, sets.x_train.mT.contiguous(), sets.y_train, F.mse_loss, batches, lr, seed)
    with torch.no_grad():
        error = F.mse_loss(model(sets.x_test.mT), sets.y_test).item()
    return error, error


def train(model: nn.Module, x: Tensor, y: Tensor, loss: Callable, batches: int, lr: float, seed: int) -> None:
    settings = {"schedule": one_cycle, "clip": 1.0, "seed": seed, "device": "cpu"}
    fit(model, (x, y), epochs=batches * BATCH // SEQUENCES, batch_size=BATCH, lr=lr, loss_fn=loss, **settings)


def dilated(blocks: int, channels: int, kernel_size: int) -> Make:
    return lambda c, k: TCN(c, k, [channels] * blocks, kernel_size)


def neighbours(c: int, k: int) -> TCN:
    """The network of four blocks without dilation."""
    return TCN(c, k, [24] * 4, 3, dilations=[1] * 4)


def lstm(hidden_size: int) -> Make:
    return lambda c, k: Reader(c, k, hidden_size)


# Task, name, model, batches, at which gap or length the rate is chosen, where it is then measured.
ARMS = [
    (copy, "TCN, dilations 1 to 8", dilated(4, 24, 3), 500, 20, (5, 20, 40, 60)),
    (copy, "TCN, dilations 1 to 16", dilated(5, 24, 3), 500, 40, (40, 60)),
    (copy, "TCN, all dilations 1", neighbours, 500, 5, (5, 20)),
    (copy, "LSTM", lstm(52), 2000, 20, (5, 20, 40)),
    (add, "TCN, dilations 1 to 8", dilated(4, 12, 5), 1000, LENGTH, (LENGTH,)),
    (add, "LSTM", lstm(37), 2000, LENGTH, (LENGTH,)),
]


def arm(task: Callable, name: str, make: Make, batches: int, chosen_at: int, places: tuple[int, ...]) -> dict:
    """Choose the rate by the loss with a seed of its own, then train with the others at every place."""
    tried = {}
    for lr in RATES[1:] if name == "LSTM" else RATES[:3]:
        tried[lr] = task(make, chosen_at, batches=batches, lr=lr, seed=TUNING)[1]
        print(task.__name__, name, "rate", lr, f"{tried[lr]:.6f}", flush=True)
    best = min(tried, key=tried.get)
    results, seconds = {}, time.process_time()
    for place in places:
        results[place] = [round(task(make, place, batches=batches, lr=best, seed=seed)[0], 5) for seed in SEEDS]
        print(task.__name__, name, place, results[place], flush=True)
    model = make(*((10, 9) if task is copy else (2, 1)))
    return {
        "task": task.__name__,
        "name": name,
        "parameters": measure.count_parameters(model),
        "field": getattr(model, "receptive_field", None),
        "batches": batches,
        "rates tried, loss": {str(lr): round(loss, 6) for lr, loss in tried.items()},
        "rate": best,
        "results": results,
        "seconds a run": round((time.process_time() - seconds) / len(SEEDS) / len(places), 1),
    }


def main() -> None:
    torch.set_num_threads(1)
    start = time.process_time()
    arms = [arm(*settings) for settings in ARMS]
    record = {
        "what": f"copy memory ({SYMBOLS} symbols of 8; share right by gap) and the adding problem (squared error)",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/tcn.py",
        "seeds": SEEDS,
        "seed that chose the rates": TUNING,
        "training": f"{SEQUENCES} sequences, batches of {BATCH}, AdamW, one cycle, gradients clipped to norm 1",
        "test": f"{SEQUENCES // 4} new sequences",
        "hardware": f"one core of {platform.machine()}, no GPU, shared with other work",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": round(time.process_time() - start),
        "arms": arms,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
