"""One 7x7 filter a stage against three of 3x3, longer than the page `vgg` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/vgg.py
"""

import json
import platform
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.vgg import SmallVGG

WIDTHS, EPOCHS, PICTURES, SEEDS, RATES = (12, 24), 15, 2000, (0, 1, 2, 3, 4), (0.0025, 0.01, 0.04, 0.16)
LONGER = {"arm": "one 7×7", "rate": 0.01, "epochs": 40, "seeds": (0, 1, 2)}  # at the best rate of this arm


def without_relu_between(model: SmallVGG) -> SmallVGG:
    """Leave one ReLU in each stage, the last: what stands before it is then one 7x7 filter, written as a product."""
    for stage in model.stages:
        *between, _ = [place for place, layer in enumerate(stage) if isinstance(layer, nn.ReLU)]
        for place in between:
            stage[place] = nn.Identity()
    return model


def merged(kernels: list[torch.Tensor]) -> torch.Tensor:
    """The kernel of the one convolution that equals several in a row with nothing between them."""
    result, *rest = kernels
    for kernel in rest:
        turned, room = kernel.flip(2, 3), kernel.shape[2] - 1
        result = F.conv2d(result.transpose(0, 1), turned, padding=room).transpose(0, 1)
    return result


@torch.no_grad()
def started_as_a_product() -> SmallVGG:
    """One 7x7 a stage that starts where three of 3x3 without ReLU start, and is free to leave."""
    large = SmallVGG(4, WIDTHS, convolutions=1, kernel=7, batch_norm=True)
    small = SmallVGG(4, WIDTHS, convolutions=3, batch_norm=True)
    for one, three in zip(large.stages, small.stages, strict=True):
        one[0].weight.copy_(merged([layer.weight for layer in three if isinstance(layer, nn.Conv2d)]))
    return large


ARMS = {
    "one 7×7": lambda: SmallVGG(4, WIDTHS, convolutions=1, kernel=7, batch_norm=True),
    "one 7×7, started as a product": started_as_a_product,
    "three 3×3, no ReLU between": lambda: without_relu_between(SmallVGG(4, WIDTHS, convolutions=3, batch_norm=True)),
    "three 3×3": lambda: SmallVGG(4, WIDTHS, convolutions=3, batch_norm=True),
}


def run(arm: str, rate: float, seed: int, *, epochs: int) -> tuple[float, float]:
    """Train one network; the share of pictures it names rightly, of those it knows and of new ones."""
    pictures = data.shapes(PICTURES, size=16, noise=0.05)
    known, new = (pictures.x_train - 0.5, pictures.y_train), (pictures.x_test - 0.5, pictures.y_test)
    torch.manual_seed(seed)
    model = ARMS[arm]()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    fit(model, known, epochs=epochs, batch_size=50, optimizer=optimizer, schedule=one_cycle, seed=seed, device="cpu")
    return evaluate(model, known, device="cpu")[1], evaluate(model, new, device="cpu")[1]


def runs_of(arm: str, rate: float, seeds: Sequence[int], epochs: int) -> dict:
    """What networks that differ in their seed reach."""
    known, new = zip(*(run(arm, rate, seed, epochs=epochs) for seed in seeds), strict=True)
    result = {"arm": arm, "rate": rate, "known": [round(k, 4) for k in known], "new": [round(n, 4) for n in new]}
    result["parameters"] = measure.count_parameters(ARMS[arm]())
    result["macs"] = measure.count_macs(ARMS[arm](), torch.zeros(1, 3, 16, 16))
    print(result, flush=True)
    return result


def main() -> None:
    torch.set_num_threads(1)
    runs = [runs_of(arm, rate, SEEDS, EPOCHS) for arm in ARMS for rate in RATES]
    longer = LONGER | runs_of(LONGER["arm"], LONGER["rate"], LONGER["seeds"], LONGER["epochs"])
    record = {
        "what": "four shapes in pictures of 16 by 16 pixels; two stages of 12 and 24 channels with batch norm",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/vgg.py",
        "pictures": PICTURES,
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "optimizer": "Adam, batches of 50, the rate climbs for a quarter of the time and falls along a cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": runs,
        "longer": longer,
    }
    Path(__file__).with_suffix(".json").write_text(
        json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
