"""What is too slow for the page `choosing`: four networks on 64 to 4,096 pictures, and the time of an image in 22.

Four networks, from a line to 20 layers, are trained on pictures of shapes. `times` measures the networks of the zoo
alone, which takes a minute. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py
OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py times
"""

import json
import platform
import sys
import time
from pathlib import Path

import torch
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.alexnet import AlexNet, ZFNet
from dlarch.vision.densenet import densenet121, densenet161, densenet201
from dlarch.vision.inception import GoogLeNet
from dlarch.vision.inception_v3 import InceptionV3
from dlarch.vision.mobilenet import MobileNetV1, MobileNetV2
from dlarch.vision.nasnet import nasnet_a_large, nasnet_a_mobile
from dlarch.vision.nin import nin_imagenet
from dlarch.vision.resnet import CifarResNet, ResNet, wide_resnet50_2
from dlarch.vision.vgg import vgg11, vgg16
from dlarch.vision.xception import Xception

SIZE, CLASSES = 16, len(data.SHAPES)
PICTURES, SEEDS, RATES, STEPS, BATCH = (64, 512, 4096), (0, 1, 2), (3e-3, 1e-2), 384, 32


ZOO = {  # how it is built, side of its image
    "AlexNet": (AlexNet, 227),
    "ZFNet": (ZFNet, 224),
    "NiN": (nin_imagenet, 224),
    "VGG-11": (vgg11, 224),
    "VGG-16": (vgg16, 224),
    "GoogLeNet": (lambda: GoogLeNet(aux=False), 224),
    "Inception-v3": (lambda: InceptionV3(aux=False), 299),
    "ResNet-18": (lambda: ResNet(18), 224),
    "ResNet-34": (lambda: ResNet(34), 224),
    # With the stride where the networks have it that the published errors are of.
    "ResNet-50": (lambda: ResNet(50, stride_on_1x1=True), 224),
    "ResNet-101": (lambda: ResNet(101, stride_on_1x1=True), 224),
    "ResNet-152": (lambda: ResNet(152, stride_on_1x1=True), 224),
    "WRN-50-2": (wide_resnet50_2, 224),
    "DenseNet-121": (densenet121, 224),
    "DenseNet-201": (densenet201, 224),
    "DenseNet-161": (densenet161, 224),
    "MobileNet v1": (MobileNetV1, 224),
    "MobileNet v1, 0.5": (lambda: MobileNetV1(0.5), 224),
    "MobileNet v2": (MobileNetV2, 224),
    "Xception": (Xception, 299),
    "NASNet-A mobile": (nasnet_a_mobile, 224),
    "NASNet-A large": (nasnet_a_large, 331),
}


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


def macs(name: str) -> int:
    build, side = ZOO[name]
    with torch.device("meta"):
        return measure.count_macs(build().eval(), torch.empty(1, 3, side, side))


@torch.no_grad()
def milliseconds(name: str) -> float:
    """Of processor time for one image, with random weights: the least of five passes, after one to warm up."""
    build, side = ZOO[name]
    model, image, taken = build().eval(), torch.rand(1, 3, side, side), []
    for _ in range(6):
        start = time.process_time()
        model(image)
        taken.append(1000 * (time.process_time() - start))
    return round(min(taken[1:]), 3)


def trained() -> list[dict]:
    """Costs and errors of each network on each number of pictures."""
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
    return runs


def conditions() -> dict:
    return {
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


def main() -> None:
    torch.set_num_threads(1)
    path = Path(__file__).with_suffix(".json")
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if sys.argv[1:] != ["times"]:
        record |= {
            "what": f"four shapes on {SIZE} by {SIZE} pixels, {STEPS} batches of {BATCH}, AdamW, one cycle",
            "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py",
            "seeds": SEEDS,
            "rates": f"the best of {RATES} on 1,000 pictures drawn apart, for each network and number of pictures",
            "test": "1,000 new pictures",
            **conditions(),
            "runs": trained(),
        }
    record["times"] = {
        "what": "processor time of one image in ms, one thread: the least of five passes, after one to warm up",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/choosing.py times",
        **conditions(),
        "networks": {name: {"macs": macs(name), "milliseconds": milliseconds(name)} for name in ZOO},
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
