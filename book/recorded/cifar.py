"""Trains networks on CIFAR-10, one run a row of cifar.json, which several pages read.

A run is a network, a seed and a setting:

``paper``  the network with its authors' recipe, on all pictures, for a GPU.
``equal``  small networks of every chapter with the same pictures, epochs and recipe, for a GPU. Each has the best of a
           few learning rates, chosen on a tenth of the training pictures that those runs do not see.
``cpu``    the same with fewer pictures and epochs, for one core.
``trial``  a network after two epochs of a hundred generated pictures: it shows that everything runs.

The pictures come from ``dlarch.data`` (set DLARCH_DATA to the folder with cifar10/*.parquet). From the repository:

    python book/recorded/cifar.py residual-20 plain-20 --setting paper --seed 0 1 2 --minutes 9
    OMP_NUM_THREADS=1 python book/recorded/cifar.py --setting cpu
    python book/recorded/cifar.py --setting paper --missing

Without names it takes every network of the setting. Each run has a checkpoint in build/recorded: killed, or out of
minutes, it goes on when the same command is given again. What cifar.json holds is not run again.
"""

import argparse
import functools
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import dlarch
from coursekit import recorded
from dlarch import data, measure
from dlarch.checkpoint import epochs_done
from dlarch.foundations.regularization import random_crop, random_flip
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.alexnet import SmallAlexNet
from dlarch.vision.densenet import CifarDenseNet
from dlarch.vision.inception import ConvUnit, InceptionModule, Widths
from dlarch.vision.lenet import LeNet
from dlarch.vision.mobilenet import FullConvolution, InvertedResidual, MobileNetV1
from dlarch.vision.nin import Block, NiN
from dlarch.vision.preact_resnet import preact_resnet, wide_resnet
from dlarch.vision.resnet import Bottleneck, CifarResNet, Shortcut
from dlarch.vision.vgg import SmallVGG

RECORD = Path(__file__).with_suffix(".json")
KEY = ("setting", "network", "seed")
RATE_KEY = ("setting", "network", "rate")
ABOUT = {
    "what": "networks on CIFAR-10; errors in percent of the test pictures after the last epoch; trained in bfloat16",
    "held out": "a tenth of the training pictures, by which rates are chosen, after training on the others with seed 0",
    "command": "python book/recorded/cifar.py NETWORK --setting SETTING --seed SEED",
}
# By the checksum of the test pictures. A row says which files it is from: only numbers from the same can be compared.
FILES = {0xE15948B5: "JPEG at quality 75"}

# --- recipes --------------------------------------------------------------------------------------------------------


def steps_down(done: float, *, at: tuple[float, ...] = (0.5, 0.75), factor: float = 0.1, slow: float = 0.0) -> float:
    """A rate that falls by a factor at some points; the part ``slow`` at the start has a tenth of it."""
    return 0.1 if done < slow else factor ** sum(done >= point for point in at)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained; pictures are shifted by up to 4 pixels and mirrored in every recipe.

    Attributes:
        epochs: passes over the pictures.
        pictures: the first so many are trained on.
        batch: pictures a step.
        optimizer: from parameters and a rate.
        rates: those to choose from; one alone needs no choice.
        schedule: factor on the rate, by the part of training done.
        pixel_mean: subtract the mean picture, as He et al. do, in place of the mean of each colour and its spread.
    """

    epochs: int
    pictures: int = 50_000
    batch: int = 128
    optimizer: Callable[..., torch.optim.Optimizer]
    rates: tuple[float, ...] = (0.1,)
    schedule: Callable[[float], float] = steps_down
    pixel_mean: bool = False


sgd = partial(torch.optim.SGD, momentum=0.9, weight_decay=1e-4, fused=True)
# 64,000 batches of 128, 391 an epoch; the rate falls after 32,000 and after 48,000 (He et al. 2016, sec. 4.2).
HE = Recipe(epochs=164, optimizer=sgd, pixel_mean=True)
# ResNet-110 starts at 0.01, until it errs on less than 80 % of what it is trained on: some 400 batches in the paper.
HE_SLOW = replace(HE, schedule=partial(steps_down, slow=400 / 64_000))
HE_LATER = replace(HE_SLOW, pixel_mean=False)  # He et al. 2016b, appendix
# Zagoruyko and Komodakis 2016, sec. 3. Where a shift leaves nothing, they mirror the picture and we have zeros.
WIDE = Recipe(
    epochs=200,
    optimizer=partial(sgd, weight_decay=5e-4, nesterov=True),
    schedule=partial(steps_down, at=(0.3, 0.6, 0.8), factor=0.2),
)
# Huang et al. 2017, sec. 4.2.
DENSE = Recipe(epochs=300, batch=64, optimizer=partial(sgd, nesterov=True))
EQUAL = Recipe(
    epochs=30, optimizer=partial(torch.optim.AdamW, fused=True), rates=(1e-3, 3e-3, 1e-2), schedule=one_cycle
)
CPU = replace(EQUAL, epochs=3, pictures=10_000, rates=(3e-3, 1e-2))
TRIAL = replace(EQUAL, epochs=2, pictures=100, batch=25, rates=(3e-3, 1e-2))

# --- networks -------------------------------------------------------------------------------------------------------


def small_nin() -> nn.Module:
    """Three mlpconv layers, a quarter as wide as the authors' network for these pictures, with kernels of 3 by 3.

    It has batch norm, for without it hardly anything was learned in three epochs: nine errors in ten, held out.
    """
    first, second, last = (48, 40, 24), (48, 48, 48), (48, 48)
    return NiN([Block(widths, 3, padding=1) for widths in (first, second, last)], 10, batch_norm=True)


def small_inception() -> nn.Module:
    """Four modules between a convolution and a linear layer."""
    narrow, wide = Widths(16, 16, 24, 4, 8, 16), Widths(32, 24, 48, 8, 16, 32)
    module = partial(InceptionModule, batch_norm=True)
    return nn.Sequential(
        ConvUnit(3, 24, 3, batch_norm=True), nn.MaxPool2d(2),
        module(24, narrow), module(64, narrow), nn.MaxPool2d(2),
        module(64, wide), module(128, wide),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def small_mobilenet_v1() -> nn.Module:
    """Seven separable layers."""
    layers = ((32, 1), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1))
    return MobileNetV1(classes=10, layers=layers)


def small_mobilenet_v2() -> nn.Module:
    """Six inverted residuals, three of which skip."""
    inverted = partial(InvertedResidual, expansion=4)
    return nn.Sequential(
        FullConvolution(3, 16, activation=nn.ReLU6),
        inverted(16, 16),
        inverted(16, 24, stride=2), inverted(24, 24),
        inverted(24, 40, stride=2), inverted(40, 40),
        inverted(40, 64, stride=2),
        FullConvolution(64, 256, kernel=1, activation=nn.ReLU6),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10),
    )  # fmt: skip


plain = partial(CifarResNet, shortcut=Shortcut.NONE)
PAPER: dict[str, tuple[Callable[[], nn.Module], Recipe]] = {
    f"{kind}-{depth}": (partial(build, depth), HE_SLOW if depth == 110 else HE)
    for depth in (20, 32, 44, 56, 110)
    for kind, build in (("plain", plain), ("residual", CifarResNet))
}
PAPER |= {
    "bottleneck-164": (partial(CifarResNet, 164, block=Bottleneck, shortcut=Shortcut.B), HE_LATER),
    "preact-164": (partial(preact_resnet, 164), HE_LATER),
    "wide-40-4": (partial(wide_resnet, 40, 4), WIDE),
    "wide-16-8": (partial(wide_resnet, 16, 8), WIDE),
    "wide-28-10": (partial(wide_resnet, 28, 10), WIDE),
    "densenet-bc-100-12": (partial(CifarDenseNet, 100, 12), DENSE),
}
SMALL: dict[str, Callable[[], nn.Module]] = {
    "LeNet": partial(LeNet, side=32, in_channels=3),
    "AlexNet": partial(SmallAlexNet, 32, 10),
    "VGG": partial(SmallVGG, 10, (16, 32, 64)),
    "NiN": small_nin,
    "Inception": small_inception,
    "ResNet": partial(CifarResNet, 8),
    "DenseNet-BC": partial(CifarDenseNet, 16, 8),
    "MobileNet v1": small_mobilenet_v1,
    "MobileNet v2": small_mobilenet_v2,
}
ALL = SMALL | {name: build for name, (build, _) in PAPER.items()}
SETTINGS: dict[str, dict[str, tuple[Callable[[], nn.Module], Recipe]]] = {
    "paper": PAPER,
    "equal": {name: (build, EQUAL) for name, build in SMALL.items()},
    "cpu": {name: (build, CPU) for name, build in SMALL.items()},
    "trial": {
        name: (build, TRIAL) for name, build in (SMALL | {name: build for name, (build, _) in PAPER.items()}).items()
    },
}

# --- one run --------------------------------------------------------------------------------------------------------

Pictures = tuple[Tensor, Tensor]


@functools.cache
def pictures(setting: str) -> tuple[Pictures, Pictures]:
    """Pictures to train on, in [0, 1], and others to test on; generated ones for a trial."""
    if setting == "trial":
        splits = data.shapes(100, size=32)
        return (splits.x_train, splits.y_train), (splits.x_test, splits.y_test)
    return data.cifar10("train"), data.cifar10("test")


@functools.cache
def files(setting: str) -> str:
    """Which copy of the pictures is at hand."""
    if setting == "trial":
        return "generated"
    checksum = zlib.crc32((pictures(setting)[1][0] * 255).round().to(torch.uint8).numpy().tobytes())
    return FILES.get(checksum, f"unknown, checksum {checksum:08x}")


def normalised(train: Pictures, test: Pictures, recipe: Recipe) -> tuple[Pictures, Pictures]:
    """Both without the mean of those to train on."""
    mean, spread = train[0].mean(dim=0), 1.0
    if not recipe.pixel_mean:
        mean, spread = mean.mean(dim=(1, 2), keepdim=True), train[0].std(dim=(0, 2, 3))[:, None, None]
    return ((train[0] - mean) / spread, train[1]), ((test[0] - mean) / spread, test[1])


def moved(x: Tensor) -> Tensor:
    """Pictures shifted by up to 4 pixels and mirrored, at random."""
    return random_flip(random_crop(x, 4))


class Broken(Exception):
    """The minutes are over before the run is."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What all runs of one command share.

    Attributes:
        out: the JSON file.
        device: where to train.
        until: when to leave off, on the clock ``time.monotonic``.
        compile: run networks through ``torch.compile``.
    """

    out: Path
    device: torch.device
    until: float | None = None
    compile: bool = False

    def minutes_left(self) -> float | None:
        return None if self.until is None else max(0.0, self.until - time.monotonic()) / 60


def train(
    name: str,
    setting: str,
    rate: float,
    seed: int,
    parts: tuple[Pictures, Pictures],
    checkpoint: Path,
    command: Command,
) -> dict[str, Any]:
    """One network, trained to the end of its recipe: errors in percent, and seconds.

    Raises:
        Broken: if the minutes are over first; the checkpoint is there to go on from.
    """
    build, recipe = SETTINGS[setting][name]
    known, new = normalised(*parts, recipe)
    torch.manual_seed(seed)
    model = build().to(command.device)
    done, start = epochs_done(checkpoint), recorded.clock(command.device)
    history = fit(
        model, known, epochs=recipe.epochs, batch_size=recipe.batch, seed=seed, device=command.device,
        optimizer=recipe.optimizer(model.parameters(), lr=rate), schedule=recipe.schedule, augment=moved,
        autocast=True, channels_last=True, compile=command.compile, checkpoint=checkpoint,
        minutes=command.minutes_left(), progress=True,
    )  # fmt: skip
    if len(history.loss) < recipe.epochs:
        raise Broken
    trained = len(history.loss) - done  # since this command began
    seconds = round((recorded.clock(command.device) - start) / trained, 2) if trained else None
    loss, accuracy = evaluate(model, new, device=command.device)
    return {
        "error": round(100 * (1 - accuracy), 2), "loss": round(loss, 4),
        "training_error": round(100 * (1 - history.accuracy[-1]), 2), "seconds_an_epoch": seconds,
    }  # fmt: skip


def best_rate(name: str, setting: str, command: Command) -> float:
    """The rate with the fewest errors on a tenth of the training pictures, after training on the others with seed 0."""
    recipe = SETTINGS[setting][name][1]
    if len(recipe.rates) == 1:
        return recipe.rates[0]
    x, y = (part[: recipe.pictures] for part in pictures(setting)[0])
    cut = len(x) * 9 // 10
    for rate in recipe.rates:
        wanted = {"setting": setting, "network": name, "rate": rate}
        if not recorded.find(recorded.read(command.out).get("rates", []), wanted):
            parts = (x[:cut], y[:cut]), (x[cut:], y[cut:])
            checkpoint = recorded.checkpoint(command.out, "cifar", setting, name, "rate", rate)
            found = train(name, setting, rate, 0, parts, checkpoint, command)
            recorded.add(command.out, "rates", wanted | {"held_out_error": found["error"]}, key=RATE_KEY, about=ABOUT)
            checkpoint.unlink()
    tried = [row for row in recorded.read(command.out)["rates"] if (row["setting"], row["network"]) == (setting, name)]
    return min(tried, key=lambda row: row["held_out_error"])["rate"]


def run(name: str, setting: str, seed: int, command: Command) -> None:
    """One row, unless the file holds it.

    Raises:
        Broken: if the minutes are over first.
    """
    wanted = {"setting": setting, "network": name, "seed": seed}
    if recorded.find(recorded.read(command.out).get("runs", []), wanted):
        return
    print(f"{name}, {setting}, seed {seed}", flush=True)
    build, recipe = SETTINGS[setting][name]
    rate = best_rate(name, setting, command)
    (x, y), test = pictures(setting)
    known = x[: recipe.pictures], y[: recipe.pictures]
    checkpoint = recorded.checkpoint(command.out, "cifar", setting, name, "seed", seed)
    found = train(name, setting, rate, seed, (known, test), checkpoint, command)
    model = build().eval()
    size = {
        "parameters": measure.count_parameters(model),
        "macs": measure.count_macs(model, torch.zeros(1, 3, 32, 32)),
    }
    conditions = recorded.conditions(command.device) | {"compiled": command.compile}
    budget = {"rate": rate, "epochs": recipe.epochs, "pictures": len(known[0]), "batch": recipe.batch}
    budget["files"] = files(setting)
    recorded.add(command.out, "runs", wanted | found | size | budget | conditions, key=KEY, about=ABOUT)
    checkpoint.unlink()
    print(f"{name}, {setting}, seed {seed}: {found}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="by default all of the setting")
    parser.add_argument("--setting", choices=tuple(SETTINGS), default="paper")
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    parser.add_argument("--minutes", type=float, help="leave off after the epoch in which so many are over")
    parser.add_argument("--compile", action="store_true", help="run the networks through torch.compile")
    parser.add_argument("--missing", action="store_true", help="print the commands of the runs that are not recorded")
    parser.add_argument("--out", type=Path, help="file that the rows are added to; checkpoints stand beside it")
    given = parser.parse_args()
    names = given.networks or list(SETTINGS[given.setting])
    for name in names:
        if name not in SETTINGS[given.setting]:
            parser.error(f"{name!r} is none of {', '.join(SETTINGS[given.setting])}, the networks of {given.setting}")
    out = given.out or (recorded.BUILD / "cifar-trial.json" if given.setting == "trial" else RECORD)
    until = None if given.minutes is None else time.monotonic() + 60 * given.minutes
    command = Command(out=out, device=dlarch.device(), until=until, compile=given.compile)
    for seed, name in ((seed, name) for seed in given.seed for name in names):
        if given.missing:
            wanted = {"setting": given.setting, "network": name, "seed": seed}
            if not recorded.find(recorded.read(out).get("runs", []), wanted):
                print(f'python book/recorded/cifar.py "{name}" --setting {given.setting} --seed {seed}')
            continue
        try:
            run(name, given.setting, seed, command)
        except Broken:
            print("the minutes are over; the same command goes on", flush=True)
            return


if __name__ == "__main__":
    main()
