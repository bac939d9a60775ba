"""Deep and shallow, with and without shortcuts, longer than the page `resnet` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/resnet.py

It goes on where it was stopped: what `resnet.json` holds is not run again. About 12 minutes on one core.
A rate of 0.00625 was tried for the first five networks with the first seed. It was the best for none and was left out.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dlarch import data, measure
from dlarch.landscape import loss_along, random_direction
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.preact_resnet import PreActResNet
from dlarch.vision.resnet import CifarResNet, Shortcut, removable_blocks, without_blocks, zero_init_residual

EPOCHS, SEEDS, RATES = 16, (0, 1, 2, 3, 4), (0.4, 0.1, 0.025)
RECORD = Path(__file__).with_suffix(".json")


def residual(depth: int, width: float = 0.5) -> nn.Module:
    return CifarResNet(depth, width=width, in_channels=1)


def plain(depth: int) -> nn.Module:
    return CifarResNet(depth, shortcut=Shortcut.NONE, width=0.5, in_channels=1)


def started_as_identity(depth: int) -> nn.Module:
    model = residual(depth)
    zero_init_residual(model)
    return model


ARMS = {
    "residual, 20 layers": lambda: residual(20),
    "plain, 20 layers": lambda: plain(20),
    "residual, 56 layers": lambda: residual(56),
    "plain, 56 layers": lambda: plain(56),
    "zero start, 56 layers": lambda: started_as_identity(56),
    "pre-activation, 56 layers": lambda: PreActResNet(56, shortcut=Shortcut.A, width=0.5, in_channels=1),
    "wide, 20 layers": lambda: residual(20, width=0.9),
}
MAIN = list(ARMS)[:4]  # tried at all rates, the others at the first two; looked at again: without blocks, along lines
LINES, STEPS = (0, 1, 2), [round(step, 3) for step in np.linspace(-1, 1, 21)]
SETS = 5  # of blocks, drawn for each number of them


def train(arm: str, rate: float, seed: int, digits: data.Splits) -> tuple[nn.Module, list[float]]:
    """A trained network, and the share of training images it named rightly during each epoch."""
    torch.manual_seed(seed)
    model = ARMS[arm]()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    history = fit(
        model,
        (digits.x_train, digits.y_train),
        epochs=EPOCHS,
        batch_size=100,
        optimizer=optimizer,
        schedule=one_cycle,
        seed=seed,
        device="cpu",
    )
    return model, [round(share, 4) for share in history.accuracy]


def number(value: float) -> float | None:
    """Five decimals; None for what is no number any more."""
    return round(value, 5) if math.isfinite(value) else None


def run(arm: str, rate: float, seed: int, digits: data.Splits) -> dict:
    """Train one network and measure it on the images it knows and on those it does not."""
    model, during = train(arm, rate, seed, digits)
    loss, known = evaluate(model, (digits.x_train, digits.y_train), device="cpu")
    _, new = evaluate(model, (digits.x_test, digits.y_test), device="cpu")
    result = {"arm": arm, "rate": rate, "seed": seed, "loss": number(loss)}
    return result | {"known": round(known, 4), "new": round(new, 4), "during": during}


def rates_of(arm: str) -> tuple[float, ...]:
    return RATES if arm in MAIN else RATES[:2]


def best_rate(runs: list[dict], arm: str) -> float:
    """The rate whose networks end with the lowest loss on the training images, in the mean of the seeds."""

    def mean_loss(rate: float) -> float:
        losses = [r["loss"] for r in runs if (r["arm"], r["rate"]) == (arm, rate)]
        return math.inf if None in losses else sum(losses) / len(losses)

    return min(rates_of(arm), key=mean_loss)


def look_closer(arm: str, rate: float, seed: int, digits: data.Splits) -> dict:
    """What a trained network does without one block, without sets of blocks, and along lines through its weights."""
    model, _ = train(arm, rate, seed, digits)
    names, random = removable_blocks(model), np.random.default_rng(seed)

    def right_without(out: list[str]) -> float:
        return round(evaluate(without_blocks(model, out), (digits.x_test, digits.y_test), device="cpu")[1], 4)

    drawn = {k: [random.choice(names, size=k, replace=False).tolist() for _ in range(SETS)] for k in (2, 4, 6)}
    lines = [random_direction(model, seed=line) for line in LINES]
    return {
        "arm": arm,
        "rate": rate,
        "seed": seed,
        "blocks": names,
        "without_one": [right_without([name]) for name in names],
        "sets": {str(k): sets for k, sets in drawn.items()},
        "without_several": {str(k): [right_without(out) for out in sets] for k, sets in drawn.items()},
        "along": [[number(v) for v in loss_along(model, d, STEPS, digits.x_train, digits.y_train)] for d in lines],
    }


def size(arm: str) -> dict:
    model = ARMS[arm]()
    macs = measure.count_macs(model, torch.zeros(1, 1, 8, 8))
    return {"parameters": measure.count_parameters(model), "macs": macs}


def write(record: dict) -> None:
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    torch.set_num_threads(1)
    digits = data.digits()
    old = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"runs": [], "closer": []}
    record = {
        "what": "scikit-learn's digits, 898 to train on and 899 to test on; half the width of the paper's CIFAR "
        "networks",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/resnet.py",
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "rates": RATES,
        "steps": STEPS,
        "optimizer": "SGD, momentum 0.9, batches of 100, the rate climbs for a quarter of the time and falls along a "
        "cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "sizes": {arm: size(arm) for arm in ARMS},
        "runs": old["runs"],
        "closer": old["closer"],
    }
    done = {(r["arm"], r["rate"], r["seed"]) for r in record["runs"]}
    for seed in SEEDS:
        for arm in ARMS:
            for rate in rates_of(arm):
                if (arm, rate, seed) not in done:
                    record["runs"].append(run(arm, rate, seed, digits))
                    print(record["runs"][-1], flush=True)
                    write(record)
    done = {(r["arm"], r["seed"]) for r in record["closer"]}
    for arm in MAIN:
        for seed in SEEDS if "20" in arm else SEEDS[:3]:
            if (arm, seed) not in done:
                record["closer"].append(look_closer(arm, best_rate(record["runs"], arm), seed, digits))
                print(arm, seed, record["closer"][-1]["without_one"], flush=True)
                write(record)


if __name__ == "__main__":
    main()
