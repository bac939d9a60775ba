"""Full against depthwise separable convolutions, and a ReLU6 on narrow maps: more than the page `mobilenet` can run.

Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/mobilenet.py
"""

import json
import platform
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.mobilenet import DepthwiseSeparable, FullConvolution, InvertedResidual, MobileNetV1

EPOCHS, PICTURES, SEEDS, START = 10, 1200, (0, 1, 2, 3, 4), 0.012
LAYERS = ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1))


def blocks(block: Callable[..., nn.Module], width: float) -> nn.Module:
    """Five layers of MobileNet v1 for small pictures."""
    return MobileNetV1(width, classes=4, block=block, layers=LAYERS)


def bottlenecks(linear: bool, narrow: int) -> nn.Module:
    """Four inverted residuals between a convolution and a classifier; two of them skip."""
    inverted = partial(InvertedResidual, linear=linear)
    return nn.Sequential(
        FullConvolution(3, narrow, activation=nn.ReLU6),
        inverted(narrow, narrow, stride=2),
        inverted(narrow, narrow),
        inverted(narrow, 2 * narrow, stride=2),
        inverted(2 * narrow, 2 * narrow),
        FullConvolution(2 * narrow, 32, kernel=1, activation=nn.ReLU6),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 4),
    )


ARMS: dict[str, Callable[[], nn.Module]] = {"full, 0.25": partial(blocks, FullConvolution, 0.25)}
ARMS |= {f"separable, {width:g}": partial(blocks, DepthwiseSeparable, width) for width in (0.25, 0.5, 1)}
ARMS |= {
    f"{'linear' if linear else 'ReLU6'}, {narrow}": partial(bottlenecks, linear, narrow)
    for narrow in (2, 4, 8)
    for linear in (True, False)
}


def run(arm: str, rate: float, seed: int) -> tuple[float, float]:
    """Train one network; the share of pictures it names rightly, of those it knows and of new ones."""
    drawn = data.shapes(4000, size=16, noise=0.05)
    known = (drawn.x_train[:PICTURES] - 0.5, drawn.y_train[:PICTURES])
    torch.manual_seed(seed)
    model = ARMS[arm]()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    fit(model, known, epochs=EPOCHS, batch_size=50, optimizer=optimizer, schedule=one_cycle, seed=seed, device="cpu")
    return evaluate(model, known, device="cpu")[1], evaluate(model, (drawn.x_test - 0.5, drawn.y_test), device="cpu")[1]


def row(arm: str, rate: float) -> dict[str, Any]:
    """All seeds of one kind of network at one learning rate."""
    known, new = zip(*(run(arm, rate, seed) for seed in SEEDS), strict=True)
    model, image = ARMS[arm]().eval(), torch.zeros(1, 3, 16, 16)
    return {
        "arm": arm,
        "rate": rate,
        "known": [round(k, 4) for k in known],
        "new": [round(n, 4) for n in new],
        "parameters": measure.count_parameters(model),
        "macs": measure.count_macs(model, image),
    }


def rates_of(arm: str) -> list[dict[str, Any]]:
    """Learning rates, each half or twice another, until no neighbour of the best one is better."""
    rows = [row(arm, START), row(arm, 2 * START)]
    while True:
        best = max(range(len(rows)), key=lambda i: mean(rows[i]["new"]))
        if best == 0:
            rows.insert(0, row(arm, rows[0]["rate"] / 2))
        elif best == len(rows) - 1:
            rows.append(row(arm, rows[-1]["rate"] * 2))
        else:
            return rows


def write(runs: list[dict[str, Any]]) -> None:
    """Keep the results with all that is needed to get them again."""
    record = {
        "what": "four shapes in pictures of 16 by 16 pixels: layers of MobileNet v1 full and separable; inverted "
        "residuals with and without a ReLU6 on their narrow maps",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/mobilenet.py",
        "pictures": PICTURES,
        "new pictures": 1000,
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "optimizer": "Adam, batches of 50, the rate climbs for a quarter of the time and falls along a cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": runs,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


def main() -> None:
    torch.set_num_threads(1)
    runs = []
    for arm in ARMS:
        runs += rates_of(arm)
        print(*runs[-3:], sep="\n", flush=True)
    write(runs)


if __name__ == "__main__":
    main()
