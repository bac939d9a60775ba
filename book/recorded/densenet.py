"""Dense and residual networks of several widths, and the connections of trained dense blocks.

Both take longer than the page `densenet` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/densenet.py
"""

import json
import platform
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.densenet import CifarDenseNet, DenseBlock, basic_densenet, source_weights
from dlarch.vision.resnet import CifarResNet

EPOCHS, SEEDS, RATES, KNOWN, CUT_IMAGES = 10, (0, 1, 2, 3, 4), (0.025, 0.1, 0.4), 700, 300
# Trainings of the networks whose connections are looked at. With the first, that of all other networks, the weights
# stay near their random start. With the second, rate times decay, summed over all steps, is about 1, as in the paper.
DECAYS = {"weak": {"epochs": EPOCHS, "decay": 1e-4}, "strong": {"epochs": 30, "decay": 0.05}}
FAMILIES = {
    "DenseNet-BC": [lambda k=k: CifarDenseNet(22, k, in_channels=1) for k in (2, 4, 8)],
    "ResNet": [lambda w=w: CifarResNet(20, width=w, in_channels=1) for w in (0.125, 0.25, 0.5, 1)],
}
# The best of the three rates lay at the edge for these networks, so the next one was tried as well.
BEYOND = [("DenseNet-BC", 0, 1.6), ("ResNet", 0, 1.6), ("ResNet", 3, 0.00625)]

digits = data.digits()
SPLITS = {
    "known": (digits.x_train[:KNOWN], digits.y_train[:KNOWN]),
    "held out": (digits.x_train[KNOWN:], digits.y_train[KNOWN:]),
    "test": (digits.x_test, digits.y_test),
}


def train(build, rate: float, seed: int, *, epochs: int = EPOCHS, decay: float = 1e-4) -> nn.Module:
    torch.manual_seed(seed)
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=decay)
    options = {"epochs": epochs, "batch_size": 50, "schedule": one_cycle, "seed": seed, "device": "cpu"}
    fit(model, SPLITS["known"], optimizer=optimizer, **options)
    return model


def errors(models: list[nn.Module]) -> dict[str, list[float]]:
    """Error in percent of each model on each part of the digits."""
    found = {}
    for name, part in SPLITS.items():
        found[name] = [round(100 * (1 - evaluate(model, part, device="cpu")[1]), 2) for model in models]
    return found


def one_kind(family: str, size: int, rate: float) -> dict:
    """Costs and errors of one network at one rate, over all seeds."""
    torch.set_num_threads(1)
    build, image = FAMILIES[family][size], torch.zeros(1, 1, 8, 8)
    costs = {
        "parameters": measure.count_parameters(build()),
        "macs": measure.count_macs(build(), image),
        "kept": measure.activation_bytes(build(), image),
    }
    run = {"family": family, "size": size, "rate": rate, **costs}
    run |= errors([train(build, rate, seed) for seed in SEEDS])
    print(run, flush=True)
    return run


@torch.no_grad()
def rise_when_cut(model: nn.Module, block: DenseBlock) -> torch.Tensor:
    """How much the loss on new images rises when a layer no longer reads a source; NaN where it never did."""
    count, images = len(block.layers), tuple(part[:CUT_IMAGES] for part in SPLITS["test"])
    whole, result = evaluate(model, images, device="cpu")[0], torch.full((count, count), torch.nan)
    for row, layer in enumerate(block.layers):
        weight = layer.conv1.weight
        parts = weight.split([block.in_channels, *[block.growth_rate] * row], dim=1)
        for column, part in enumerate(parts):
            before = part.clone()
            part.zero_()
            result[row, column] = evaluate(model, images, device="cpu")[0] - whole
            part.copy_(before)
    return result


def connections(seed: int) -> dict:
    """Size of the weights of every connection before and after training, and what cutting those of block 2 costs."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    found = {"seed": seed, "start": rounded([source_weights(block) for block in blocks(build_long())])}
    for name, options in DECAYS.items():
        model = train(build_long, 0.1, seed, **options)
        found[name] = {
            "test": errors([model])["test"][0],
            "trained": rounded([source_weights(block) for block in blocks(model)]),
            "cut": rounded([rise_when_cut(model, blocks(model)[1])]),
        }
    print(f"connections, seed {seed}", flush=True)
    return found


def rounded(tables: list[torch.Tensor]) -> list[list[list[float | None]]]:
    """Numbers of five decimals; None for NaN."""
    return [[[None if v != v else round(v, 5) for v in row] for row in table.tolist()] for table in tables]


def build_long() -> nn.Module:
    """Eight layers in each block and no bottleneck, so that a kernel reads its sources directly."""
    return basic_densenet(28, 8, in_channels=1)


def blocks(model: nn.Module) -> list[DenseBlock]:
    return [part for part in model.stages if isinstance(part, DenseBlock)]


def main() -> None:
    torch.set_num_threads(1)
    kinds = [
        (family, size, rate) for family, builds in FAMILIES.items() for size in range(len(builds)) for rate in RATES
    ]
    kinds += BEYOND
    with ProcessPoolExecutor(2) as pool:
        found, runs = pool.map(connections, SEEDS), pool.map(one_kind, *zip(*kinds, strict=True))
    record = {
        "what": "handwritten digits of 8 by 8 pixels: 700 to train on, 198 to choose the rate by, 899 to test on",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/densenet.py",
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "optimizer": "SGD with momentum 0.9, weight decay 0.0001, batches of 50; the rate climbs for a quarter of the "
        "time and falls along a cosine; under strong, 30 epochs and weight decay 0.05",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "connections": list(found),
        "runs": list(runs),
    }
    write(record)


def write(record: dict) -> None:
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    text = re.sub(r"\[[^\[\]{}]*\]", lambda row: re.sub(r"\s+", " ", row[0]), text)  # a list of numbers on one line
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
