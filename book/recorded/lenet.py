"""Experiments of the page `lenet` that are too slow for it. Run all, or one by name, from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/lenet.py
OMP_NUM_THREADS=1 .venv/bin/python book/recorded/lenet.py codes
"""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.lenet import (
    RBF,
    TABLE,
    LeNet,
    LeNet5,
    TableConv2d,
    competitive_loss,
    digit_codes,
    distance_loss,
    framed,
    full_table,
    squash,
)

COMMAND = "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/lenet.py"
SEEDS, RATES, EPOCHS, KNOWN = (0, 1, 2, 3, 4), (0.001, 0.003, 0.01, 0.03), 20, 718


class Between(nn.Module):
    """A network half way from 1998 to today: a softmax at the end, PyTorch's start, and what the arguments say.

    Args:
        bend: the function behind each layer.
        pool: makes the layer that halves the maps, from their number.
    """

    def __init__(self, bend: Callable[[Tensor], Tensor], pool: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.bend = bend
        self.conv1, self.pool1 = nn.Conv2d(1, 6, 5), pool(6)
        self.conv2, self.pool2 = TableConv2d(6, TABLE, 5), pool(16)
        self.dense1, self.dense2, self.head = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        torch_start(self.conv2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.pool1(self.bend(self.conv1(x)))
        h = self.pool2(self.bend(self.conv2(h)))
        return self.head(self.bend(self.dense2(self.bend(self.dense1(h.flatten(1))))))


@torch.no_grad()
def torch_start(layer: TableConv2d) -> None:
    """Numbers within one over the root of a unit's inputs: what PyTorch draws for a convolution."""
    for k, row in enumerate(TABLE):
        bound = (25 * len(row)) ** -0.5
        for entry, output in enumerate(layer.outputs):
            if output == k:
                layer.weight[entry].uniform_(-bound, bound)
        layer.bias[k].uniform_(-bound, bound)


class Mean(nn.Module):
    """The mean of each patch, with the squashing function behind it: LeNet-5's subsampling with nothing to learn."""

    def __init__(self, channels: int) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return squash(F.avg_pool2d(x, 2))


STEPS = {  # each takes one more step
    "as published": (LeNet5, competitive_loss),
    "softmax for RBF": (lambda: LeNet5(head=nn.Linear(84, 10)), F.cross_entropy),
    "mean, larger start": (lambda: Between(squash, Mean), F.cross_entropy),
    "max for mean": (lambda: Between(squash, lambda channels: nn.MaxPool2d(2)), F.cross_entropy),
    "ReLU for tanh": (lambda: Between(F.relu, lambda channels: nn.MaxPool2d(2)), F.cross_entropy),
    "no table: modern": (lambda: LeNet(side=32), F.cross_entropy),
}


def train(build: Callable[[], nn.Module], loss_fn: Callable, rate: float, seed: int) -> tuple[nn.Module, data.Splits]:
    """A network trained on the first digits of the half split, and the digits."""
    digits = data.digits()
    digits = digits._replace(x_train=framed(digits.x_train), x_test=framed(digits.x_test))
    torch.manual_seed(seed)
    model = build()
    fit(
        model,
        (digits.x_train[:KNOWN], digits.y_train[:KNOWN]),
        epochs=EPOCHS,
        batch_size=50,
        optimizer=torch.optim.Adam(model.parameters(), lr=rate),
        schedule=one_cycle,
        loss_fn=loss_fn,
        seed=seed,
        device="cpu",
    )
    return model, digits


def errors(model: nn.Module, digits: data.Splits) -> tuple[float, float, float]:
    """Shares of wrong answers: on known digits, on those that the rate is chosen by, on the test digits."""
    parts = (
        (digits.x_train[:KNOWN], digits.y_train[:KNOWN]),
        (digits.x_train[KNOWN:], digits.y_train[KNOWN:]),
        (digits.x_test, digits.y_test),
    )
    return tuple(round(1 - evaluate(model, part, device="cpu")[1], 4) for part in parts)


def steps() -> dict:
    """From the published network to the modern one, a step at a time."""
    runs = []
    for name, (build, loss_fn) in STEPS.items():
        for rate in RATES:
            known, chosen, test = zip(*(errors(*train(build, loss_fn, rate, seed)) for seed in SEEDS), strict=True)
            runs.append({"arm": name, "rate": rate, "known": known, "validation": chosen, "test": test})
            runs[-1]["parameters"] = measure.count_parameters(build())
            print(runs[-1], flush=True)
    return {"runs": runs}


def codes() -> dict:
    """Codes that are fixed or trained, with the distance alone or with competition."""
    runs = []
    for trainable in (False, True):
        for name, loss_fn in (("distance", distance_loss), ("competitive", competitive_loss)):
            for seed in SEEDS:
                model, digits = train(
                    lambda trainable=trainable: LeNet5(head=RBF(digit_codes(), trainable=trainable)),
                    loss_fn,
                    0.01,
                    seed,
                )
                known, _, test = errors(model, digits)
                with torch.no_grad():
                    loss = float(distance_loss(model(digits.x_train[:KNOWN]), digits.y_train[:KNOWN]))
                    apart = float(torch.pdist(model.head.codes).square().mean())
                runs.append({"trainable": trainable, "loss": name, "seed": seed, "known": known, "test": test})
                runs[-1] |= {"distance": round(loss, 4), "apart": round(apart, 3)}
                print(runs[-1], flush=True)
    return {"rate": 0.01, "runs": runs}


@torch.no_grad()
def alikeness(model: LeNet5, x: Tensor) -> float:
    """How alike two maps of C3 are: the mean size of their correlation, over all pairs, places and images."""
    states = squash(model.c3(squash(model.s2(squash(model.c1(x))))))
    correlation = torch.corrcoef(states.transpose(0, 1).flatten(1)).abs()
    return float(correlation[~torch.eye(len(correlation), dtype=torch.bool)].mean())


def tables() -> dict:
    """The table of the paper against one that lets every map read every map."""
    runs = []
    for name, table in (("the paper's table", TABLE), ("every map reads all", full_table(6, 16))):
        for seed in SEEDS:
            model, digits = train(lambda table=table: LeNet5(table=table), competitive_loss, 0.01, seed)
            torch.manual_seed(seed)
            start = alikeness(LeNet5(table=table), digits.x_test)
            runs.append({"table": name, "seed": seed, "test": errors(model, digits)[2], "start": round(start, 4)})
            runs[-1]["trained"] = round(alikeness(model, digits.x_test), 4)
            print(runs[-1], flush=True)
    return {"rate": 0.01, "runs": runs}


def answers() -> dict:
    """What five modern networks, trained for twelve epochs on all known digits, take each test digit for."""
    digits, runs = data.digits(), []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = LeNet(side=32)
        fit(
            model,
            (framed(digits.x_train), digits.y_train),
            epochs=12,
            batch_size=50,
            optimizer=torch.optim.Adam(model.parameters(), lr=0.01),
            schedule=one_cycle,
            seed=seed,
            device="cpu",
        )
        with torch.no_grad():
            said = model(framed(digits.x_test)).argmax(dim=1)
        runs.append({"seed": seed, "said": "".join(map(str, said.tolist()))})
    return {"rate": 0.01, "epochs": 12, "known": len(digits.y_train), "runs": runs}


EXPERIMENTS = (steps, codes, tables, answers)


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    path = Path(__file__).with_suffix(".json")
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    record |= {
        "what": "the digits of scikit-learn, half split, enlarged to 20 by 20 pixels in images of 32 by 32",
        "command": COMMAND,
        "seeds": SEEDS,
        "epochs": EPOCHS,
        "known": KNOWN,
        "optimizer": "Adam, batches of 50, the rate climbs for a quarter of the time and falls along a cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    for experiment in EXPERIMENTS:
        if not names or experiment.__name__ in names:
            record[experiment.__name__] = experiment()
            path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
