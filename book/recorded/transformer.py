"""Copying digits with a transformer, with and without vectors for places, and deeper ones with norms behind and before.
The strings, the trial of rates and the measure are those of `attention.py` beside it. Run it from the repository, about
six minutes of one core:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/transformer.py
"""

import json
import platform
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch.measure import count_parameters
from dlarch.sequences.seq2seq import greedy
from dlarch.sequences.transformer import Transformer, TransformerConfig
from dlarch.training import cosine, evaluate, fit, one_cycle

SEEDS, RATES, LENGTHS = (0, 1, 2), (3e-3, 6e-3, 1.2e-2), tuple(range(4, 33, 4))
START, LONGEST, TRIAL_STEPS, TRIAL_SEED = 10, 20, 400, 100
SIZES = {"model_size": 40, "heads": 4, "hidden_size": 80, "layers": 2, "dropout": 0.0, "norm_first": True}
SETTINGS = (
    ("transformer", lambda: Transformer(START + 1, TransformerConfig(**SIZES)), (300, 1200)),
    ("no positions", lambda: Transformer(START + 1, TransformerConfig(**SIZES, positions=False)), (300,)),
)
DEEP = {"model_size": 32, "heads": 4, "hidden_size": 64, "layers": 4, "dropout": 0.0}
DEEP_RATES, DEEP_STEPS = (1e-3, 3e-3, 1e-2, 3e-2), 200
SCHEDULES = {"with warm-up": one_cycle, "without": cosine}


class Taught(nn.Module):
    """Shows the writer the true digits before the one it has to write."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: Tensor) -> Tensor:
        return self.model(source, F.pad(source[:, :-1], (1, 0), value=START)).mT


def strings(n: int, length: int, generator: torch.Generator) -> Tensor:
    return torch.randint(0, START, (n, length), generator=generator)


def batches(steps: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Batches of 32 strings, the strings of a batch equally long."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randint(2, LONGEST + 1, (steps,), generator=generator).tolist()
    return [(source, source) for source in (strings(32, size, generator) for size in sizes)]


def train(
    make: Callable[[], nn.Module], seed: int, lr: float, steps: int, schedule: Callable[[float], float] = one_cycle
) -> nn.Module:
    torch.manual_seed(seed)
    model = make()
    fit(Taught(model), batches(steps, seed), epochs=1, lr=lr, schedule=schedule, clip=1.0, device="cpu")
    return model


def measure(model: nn.Module, first: int) -> tuple[list[float], list[float]]:
    """Share of the digits right and of whole strings right, by length, written alone on 200 new strings each."""
    right, exact = [], []
    for length in LENGTHS:
        source = strings(200, length, torch.Generator().manual_seed(first + length))
        same = greedy(model, source, length, start=START) == source
        right.append(round(same.float().mean().item(), 4))
        exact.append(round(same.all(dim=1).float().mean().item(), 4))
    return right, exact


def copying(name: str, make: Callable[[], nn.Module], budgets: tuple[int, ...]) -> list[dict]:
    """The best of three rates in a short trial on other strings, then three seeds at that rate for each budget."""
    within = sum(length <= LONGEST for length in LENGTHS)
    trials = {}
    for lr in RATES:
        right, _ = measure(train(make, TRIAL_SEED, lr, TRIAL_STEPS), 5000)
        trials[lr] = round(sum(right[:within]) / within, 4)
    lr, runs = max(trials, key=trials.get), []
    for steps in budgets:
        results = [measure(train(make, seed, lr, steps), 1000) for seed in SEEDS]
        shares = {"share_right": [r for r, _ in results], "exact": [e for _, e in results]}
        runs.append({"model": name, "parameters": count_parameters(make()), "steps": steps, "lr": lr, "trials": trials})
        runs[-1] |= shares
        print(runs[-1], flush=True)
    return runs


def norms(norm_first: bool, schedule: str, lr: float) -> dict:
    """Loss on new strings, in nats a digit, of a deeper model."""
    config = TransformerConfig(**DEEP, norm_first=norm_first)
    test, losses = batches(40, 1000), []
    for seed in SEEDS:
        model = train(lambda: Transformer(START + 1, config), seed, lr, DEEP_STEPS, SCHEDULES[schedule])
        losses.append(round(evaluate(Taught(model), test, device="cpu")[0], 4))
    run = {"norm_first": norm_first, "schedule": schedule, "lr": lr, "loss": losses}
    print(run, flush=True)
    return run


def main() -> None:
    torch.set_num_threads(1)
    record = {
        "what": "copying 2 to 20 random digits with transformers",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/transformer.py",
        "seeds": SEEDS,
        "lengths": LENGTHS,
        "trial": f"rates {RATES}, seed {TRIAL_SEED}, {TRIAL_STEPS} batches, other strings",
        "test": "200 new strings a length, written greedily",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "sizes": SIZES,
        "runs": [run for setting in SETTINGS for run in copying(*setting)],
        "deep_sizes": DEEP,
        "deep_steps": DEEP_STEPS,
        "deep_test": "40 new batches of 32 strings of 2 to 20 digits, the true digits shown",
        "norms": [
            norms(norm_first, schedule, lr)
            for norm_first in (False, True)
            for schedule in SCHEDULES
            for lr in DEEP_RATES
        ],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
