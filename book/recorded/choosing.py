"""Four networks, from a line to 20 layers, on 64 to 4,096 pictures of shapes: too slow for the page `choosing`.

Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py
"""

import json
import platform
from pathlib import Path

import torch
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.resnet import CifarResNet

SIZE, CLASSES = 16, len(data.SHAPES)
PICTURES, SEEDS, RATES, STEPS, BATCH = (64, 512, 4096), (0, 1, 2), (3e-3, 1e-2), 384, 32


def line() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE * SIZE, CLASSES))


def two_convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(32, CLASSES),
    )  # fmt: skip


NETWORKS = {
    "a line": line,
    "2 convolutions": two_convolutions,
    "ResNet-8": lambda: CifarResNet(8, classes=CLASSES),
    "ResNet-20": lambda: CifarResNet(20, classes=CLASSES),
}


def error(model: nn.Module, pictures: tuple[torch.Tensor, torch.Tensor]) -> float:
    """Wrong answers in percent."""
    return round(100 * (1 - evaluate(model, pictures, device="cpu")[1]), 2)


def train(name: str, n: int, rate: float, seed: int) -> dict:
    """One network after 384 batches, however many pictures there are: its errors on three parts."""
    known = data.shapes(n, size=SIZE, seed=seed)
    held_out, new = (data.shapes(4000, size=SIZE, seed=s) for s in (1000, 1001))
    torch.manual_seed(seed)
    model = NETWORKS[name]()
    options = {"epochs": STEPS * BATCH // n, "batch_size": BATCH, "schedule": one_cycle, "seed": seed, "device": "cpu"}
    fit(model, (known.x_train, known.y_train), lr=rate, **options)
    return {
        "known": error(model, (known.x_train, known.y_train)),
        "held out": error(model, (held_out.x_test, held_out.y_test)),
        "new": error(model, (new.x_test, new.y_test)),
    }


def main() -> None:
    torch.set_num_threads(1)
    runs = []
    for name, build in NETWORKS.items():
        model = build()
        costs = {
            "parameters": measure.count_parameters(model),
            "macs": measure.count_macs(model, torch.zeros(1, 3, SIZE, SIZE)),
        }
        for n in PICTURES:
            tried = {rate: [train(name, n, rate, seed) for seed in SEEDS] for rate in RATES}
            rate = min(RATES, key=lambda rate: sum(run["held out"] for run in tried[rate]))
            errors = {part: [run[part] for run in tried[rate]] for part in ("known", "held out", "new")}
            runs.append({"network": name, **costs, "pictures": n, "rate": rate, **errors})
            print(runs[-1], flush=True)
    record = {
        "what": f"four shapes on {SIZE} by {SIZE} pixels, {STEPS} batches of {BATCH}, AdamW, one cycle",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py",
        "seeds": SEEDS,
        "rates": f"the best of {RATES} on 1,000 pictures drawn apart, for each network and number of pictures",
        "test": "1,000 new pictures",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": runs,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
