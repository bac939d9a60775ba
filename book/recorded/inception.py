"""Two experiments that are too slow for the page `inception`. Run them from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/inception.py
"""

import json
import platform
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch import data, measure
from dlarch.training import fit, one_cycle
from dlarch.vision.inception import ConvUnit, GoogLeNet, InceptionModule, Variant, Widths, auxiliary_loss

SEEDS = (0, 1, 2, 3, 4)
WIDTHS = Widths(16, 16, 24, 8, 16, 8)


def train(model: nn.Module, seed: int, digits: data.Splits, epochs: int, lr: float, loss: Callable) -> list[float]:
    """The share of test images that a model gets right after each epoch."""
    history = fit(
        model,
        (digits.x_train, digits.y_train),
        epochs=epochs,
        loss_fn=loss,
        validation=(digits.x_test, digits.y_test),
        batch_size=100,
        lr=lr,
        schedule=one_cycle,
        seed=seed,
        device="cpu",
    )
    return [round(share, 4) for share in history.validation_accuracy]


# Several filter sizes or one.


def two_layers(make: Callable[[int], nn.Module], channels: Callable[[nn.Module], int]) -> nn.Sequential:
    """A 3x3 convolution to 32 channels, two layers of one kind, an average, one linear layer."""
    first = make(32)
    second = make(channels(first))
    end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels(second), 10))
    return nn.Sequential(ConvUnit(1, 32, 3, batch_norm=True), first, second, end)


def with_modules(*, naive: bool) -> nn.Sequential:
    return two_layers(
        lambda c: InceptionModule(c, WIDTHS, naive=naive, batch_norm=True), lambda layer: layer.out_channels
    )


def with_one_size(kernel: int, channels: int) -> nn.Sequential:
    return two_layers(lambda c: ConvUnit(c, channels, kernel, batch_norm=True), lambda _: channels)


def macs(model: nn.Module, x: Tensor) -> int:
    return measure.count_macs(model.eval(), x)


def sizes(digits: data.Splits) -> list[dict]:
    """Modules against filters of one size that cost at most as much as the reduced modules."""
    x = digits.x_test[:1]
    budget = macs(with_modules(naive=False), x)
    builds = {
        "modules, reduced": lambda: with_modules(naive=False),
        "modules, naive": lambda: with_modules(naive=True),
    }
    for kernel in (1, 3, 5):
        widest = max(k for k in range(1, 200) if macs(with_one_size(kernel, k), x) <= budget)
        builds[f"{kernel}×{kernel} alone"] = lambda kernel=kernel, widest=widest: with_one_size(kernel, widest)
    runs = []
    for name, build in builds.items():
        shares = []
        for seed in SEEDS:
            torch.manual_seed(seed)
            shares.append(train(build(), seed, digits, 10, 1e-2, F.cross_entropy)[-1])
        model = build()
        counts = {"parameters": measure.count_parameters(model), "macs": macs(model, x)}
        runs.append({"layers": name, **counts, "share_right": shares})
        print(runs[-1], flush=True)
    return runs


# Auxiliary heads.


def googlenet(start: str, *, aux: bool) -> GoogLeNet:
    """The network at an eighth of its width: with torch's own start, He's, or He's and batch norm."""
    variant = Variant(batch_norm=start == "batch norm", adaptive_heads=True)
    model = GoogLeNet(variant, aux=aux, width=1 / 8, in_channels=1, classes=10)
    if start == "torch":
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                module.reset_parameters()
    return model


def heads(digits: data.Splits) -> list[dict]:
    """Training with and without heads, on digits enlarged to 32 by 32 pixels."""
    larger = [F.interpolate(x, scale_factor=4, mode="bilinear") for x in (digits.x_train, digits.x_test)]
    digits = digits._replace(x_train=larger[0], x_test=larger[1])
    runs = []
    for start in ("torch", "He", "batch norm"):
        for aux in (True, False):
            shares = []
            for seed in SEEDS:
                torch.manual_seed(seed)
                shares.append(train(googlenet(start, aux=aux), seed, digits, 20, 3e-3, auxiliary_loss))
            runs.append({"start": start, "aux": aux, "share_right": shares})
            print(start, aux, [share[-1] for share in shares], flush=True)
    return runs


def main() -> None:
    torch.set_num_threads(1)
    digits = data.digits()
    record = {
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/inception.py",
        "seeds": SEEDS,
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "sizes": sizes(digits),
        "heads": heads(digits),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
