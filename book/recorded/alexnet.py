"""Experiments of the page `alexnet` that are too slow for it. Run all of them, or some by name, from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/alexnet.py
OMP_NUM_THREADS=1 .venv/bin/python book/recorded/alexnet.py pooling
"""

import json
import platform
import sys
from itertools import product
from pathlib import Path

import torch
from torch import nn

from dlarch import data
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.alexnet import SmallAlexNet, plateau_schedule, scaled_init

COMMAND = "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/alexnet.py"


def standardised(splits: data.Splits) -> data.Splits:
    """The pixels less their mean, in units of their spread, both taken from the training part."""
    mean, spread = splits.x_train.mean(), splits.x_train.std()
    return splits._replace(x_train=(splits.x_train - mean) / spread, x_test=(splits.x_test - mean) / spread)


def activation_run(splits: data.Splits, activation: type[nn.Module], gain: float, lr: float, seed: int) -> list[float]:
    """Training error after each of ten epochs on the digits, by gradient descent with momentum."""
    torch.manual_seed(seed)
    model = scaled_init(SmallAlexNet(8, 10, in_channels=1, kernel=3, activation=activation), gain)
    history = fit(
        model,
        (splits.x_train, splits.y_train),
        epochs=10,
        batch_size=50,
        optimizer=torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9),
        seed=seed,
        device="cpu",
    )
    return [round(1 - accuracy, 4) for accuracy in history.accuracy]


def activations() -> dict:
    """ReLU and tanh at six learning rates."""
    splits, runs = standardised(data.digits()), []
    for name, activation, gain in (("ReLU", nn.ReLU, 2.0), ("tanh", nn.Tanh, 1.0)):
        for lr in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3):
            errors = [activation_run(splits, activation, gain, lr, seed) for seed in range(5)]
            runs.append({"activation": name, "lr": lr, "training_error": errors})
            print(runs[-1], flush=True)
    what = "SmallAlexNet on the digits (half split), 10 epochs, batches of 50, momentum 0.9; training error by epoch"
    return {"what": what, "seeds": list(range(5)), "runs": runs}


def filter_run(splits: data.Splits, seed: int, *, lr: float, **parts: int) -> float:
    """Test error of a network on shapes after 15 epochs."""
    torch.manual_seed(seed)
    model = SmallAlexNet(32, 4, **parts)
    fit(
        model,
        (splits.x_train, splits.y_train),
        epochs=15,
        batch_size=50,
        optimizer=torch.optim.Adam(model.parameters(), lr=lr),
        schedule=one_cycle,
        seed=seed,
        device="cpu",
    )
    return round(1 - evaluate(model, (splits.x_test, splits.y_test), device="cpu")[1], 4)


SHAPES = (
    "SmallAlexNet on 2,000 shapes of 32 by 32 pixels, 15 epochs, batches of 50, Adam, one cycle; error on 500 others"
)


def filters() -> dict:
    """Side and stride of the first filters."""
    splits, runs = standardised(data.shapes(2000)), []
    for stride, kernel in product((1, 2, 4), (3, 5, 7, 11)):
        errors = [filter_run(splits, seed, kernel=kernel, stride=stride, lr=0.005) for seed in range(3)]
        runs.append({"kernel": kernel, "stride": stride, "lr": 0.005, "test_error": errors})
        print(runs[-1], flush=True)
    return {"what": SHAPES, "seeds": list(range(3)), "runs": runs}


def rates() -> dict:
    """The learning rate of two first layers."""
    splits, runs = standardised(data.shapes(2000)), []
    for (kernel, stride), lr in product(((11, 4), (7, 2)), (0.0005, 0.001, 0.002, 0.005, 0.01)):
        errors = [filter_run(splits, seed, kernel=kernel, stride=stride, lr=lr) for seed in range(3)]
        runs.append({"kernel": kernel, "stride": stride, "lr": lr, "test_error": errors})
        print(runs[-1], flush=True)
    return {"what": SHAPES, "seeds": list(range(3)), "runs": runs}


def pooling() -> dict:
    """Patches of 3 in steps of 2 against patches of 2."""
    splits, runs = standardised(data.shapes(2000)), []
    for pool in (3, 2):
        errors = [filter_run(splits, seed, kernel=7, stride=2, pool=pool, lr=0.005) for seed in range(10)]
        runs.append({"pool": pool, "kernel": 7, "stride": 2, "lr": 0.005, "test_error": errors})
        print(runs[-1], flush=True)
    return {"what": SHAPES, "seeds": list(range(10)), "runs": runs}


def plateau_run(splits: data.Splits, seed: int, cuts: int, epochs: int) -> list[float]:
    """Test error on the digits after each epoch; the rate follows it."""
    torch.manual_seed(seed)
    model = scaled_init(SmallAlexNet(8, 10, in_channels=1, kernel=3), 2.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    errors: list[float] = []
    for epoch in range(epochs):
        optimizer.param_groups[0]["lr"] = plateau_schedule(errors, lr=0.03, patience=2, cuts=cuts)[-1]
        seen = fit(
            model,
            (splits.x_train, splits.y_train),
            validation=(splits.x_test, splits.y_test),
            epochs=1,
            batch_size=50,
            optimizer=optimizer,
            seed=100 * seed + epoch,
            device="cpu",
        )
        errors.append(round(1 - seen.validation_accuracy[0], 4))
    return errors


def plateau() -> dict:
    """Three cuts of the rate when the error stalls, and none."""
    splits, runs = standardised(data.digits()), []
    for cuts in (3, 0):
        errors = [plateau_run(splits, seed, cuts, epochs=24) for seed in range(3)]
        runs.append({"cuts": cuts, "test_error": errors})
        print(runs[-1], flush=True)
    what = (
        "SmallAlexNet on the digits (half split), 24 epochs, batches of 50, momentum 0.9, rate 0.03, divided by ten "
        "after the third epoch in a row without a lower test error; test error by epoch"
    )
    return {"what": what, "seeds": list(range(3)), "runs": runs}


EXPERIMENTS = (activations, filters, rates, pooling, plateau)


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    path = Path(__file__).with_suffix(".json")
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    record |= {
        "command": COMMAND,
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    for experiment in EXPERIMENTS:
        if not names or experiment.__name__ in names:
            record[experiment.__name__] = experiment()
            path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
