"""What 1x1 convolutions, averaging and class maps bring, longer than the page `nin` can afford. From the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/nin.py
"""

import base64
import json
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dlarch import data, measure
from dlarch.play.nin import BLOCKS, scatter
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.nin import Block, DenseHead, MLPConv, NiN, fold, global_average_pool, peak

SEEDS = (0, 1, 2, 3)
PICTURES, EPOCHS, RATES = 1500, 12, (0.005, 0.02, 0.08)  # of the comparison of blocks
HEAD_RATES = (0.0025, 0.01, 0.04)
SIZES = {"digits": {50: 60, 200: 40}, "shapes": {125: 60}}  # training images -> epochs
CANVASES = 300


def linear_between(model: NiN) -> NiN:
    """Leave one ReLU in each block, the last."""
    for block in model.maps:
        if isinstance(block, MLPConv):
            *between, _ = [place for place, layer in enumerate(block) if isinstance(layer, nn.ReLU)]
            for place in between:
                block[place] = nn.Identity()
    return model


def shapes_network(blocks: tuple[Block, ...]) -> NiN:
    return NiN(blocks, 4, batch_norm=True)


ARMS: dict[str, Callable[[], NiN]] = {
    "no 1×1": lambda: shapes_network((Block((16,), 5, padding=2), Block((32,), 3, padding=1))),
    "no 1×1, wider": lambda: shapes_network((Block((20,), 5, padding=2), Block((33,), 3, padding=1))),
    "1×1, no ReLU between": lambda: linear_between(shapes_network(BLOCKS)),
    "1×1 with ReLU": lambda: shapes_network(BLOCKS),
}


def train(model: nn.Module, known: tuple[Tensor, Tensor], rate: float, epochs: int, seed: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    fit(
        model,
        known,
        epochs=epochs,
        batch_size=min(50, len(known[0])),
        optimizer=optimizer,
        schedule=one_cycle,
        seed=seed,
        device="cpu",
    )


def right(model: nn.Module, images: tuple[Tensor, Tensor]) -> float:
    return round(evaluate(model, images, device="cpu")[1], 4)


def compare_blocks() -> tuple[list[dict], dict[float, list[NiN]]]:
    """Accuracies of each arm at each rate, and the trained networks of the last arm."""
    pictures = data.shapes(PICTURES, size=16, noise=0.05)
    known, new = (pictures.x_train - 0.5, pictures.y_train), (pictures.x_test - 0.5, pictures.y_test)
    runs, networks = [], {}
    for arm, build in ARMS.items():
        for rate in RATES:
            models = []
            for seed in SEEDS:
                torch.manual_seed(seed)
                models.append(build())
                train(models[-1], known, rate, EPOCHS, seed)
            run = {"arm": arm, "rate": rate, "parameters": measure.count_parameters(models[0])}
            run["macs"] = measure.count_macs(models[0], torch.zeros(1, 3, 16, 16))
            run |= {"known": [right(m, known) for m in models], "new": [right(m, new) for m in models]}
            runs.append(run)
            print(run, flush=True)
            networks[rate] = models
    return runs, networks


def moved(images: Tensor) -> list[Tensor]:
    """The images moved by one pixel in each of four directions; what comes in at the edge is empty."""
    padded = nn.functional.pad(images, (1, 1, 1, 1))
    side = images.shape[-1]
    return [padded[..., i : i + side, j : j + side] for i, j in ((0, 1), (2, 1), (1, 0), (1, 2))]


def head(kind: str, body: NiN, classes: int, places: int) -> nn.Module:
    return {
        "mean": lambda: body,
        "dense": lambda: DenseHead(body, classes, places),
        "dense, dropout": lambda: DenseHead(body, classes, places, dropout=0.5),
    }[kind]()


def compare_heads() -> list[dict]:
    digits = data.digits()
    pictures = data.shapes(500, size=16, noise=0.05)
    sets = {
        "digits": (digits, 1, 10, 9, (Block((16, 16, 16), 3, padding=1), Block((32, 32), 3, padding=1))),
        "shapes": (
            data.Splits(pictures.x_train - 0.5, pictures.y_train, pictures.x_test - 0.5, pictures.y_test),
            3,
            4,
            49,
            BLOCKS,
        ),
    }
    runs = []
    for name, (splits, channels, classes, places, blocks) in sets.items():
        new = (splits.x_test, splits.y_test)
        for size, epochs in SIZES[name].items():
            for kind in ("mean", "dense", "dense, dropout"):
                for rate in HEAD_RATES:
                    run = {"data": name, "size": size, "head": kind, "rate": rate, "known": [], "new": [], "moved": []}
                    for seed in SEEDS:
                        order = torch.randperm(len(splits.x_train), generator=torch.Generator().manual_seed(seed))[
                            :size
                        ]
                        known = (splits.x_train[order], splits.y_train[order])
                        torch.manual_seed(seed)
                        model = head(kind, NiN(blocks, classes, in_channels=channels, batch_norm=True), classes, places)
                        train(model, known, rate, epochs, seed)
                        run["known"].append(right(model, known))
                        run["new"].append(right(model, new))
                        if name == "digits":
                            there = [right(model, (images, splits.y_test)) for images in moved(splits.x_test)]
                            run["moved"].append(round(float(np.mean(there)), 4))
                        run["parameters"] = measure.count_parameters(model)
                    runs.append(run)
                    print(run, flush=True)
    return runs


def untrained(seed: int) -> NiN:
    """A network as it starts, with the running statistics of a few pictures."""
    torch.manual_seed(seed)
    model = shapes_network(BLOCKS)
    with torch.no_grad():
        model.train()(data.shapes(500, size=16, noise=0.05).x_train - 0.5)
    return model.eval()


def oddest(picture: Tensor) -> Tensor:
    """The middle of the pixel whose colour is the farthest from the picture's median colour."""
    ground = picture.flatten(1).median(dim=1).values[:, None, None]
    place = (picture - ground).square().sum(dim=0).argmax()
    return torch.tensor([place // picture.shape[2] + 0.5, place % picture.shape[2] + 0.5])


@torch.no_grad()
def locate(model: NiN, pictures: Tensor, scenes: list) -> dict:
    """One shape a picture: how often its map peaks on it, and its class wins by the mean and by the largest value."""
    maps = model.maps(pictures - 0.5)
    classes = torch.tensor([data.SHAPES.index(scene[0].kind) for scene in scenes])
    places = peak(maps, model.grid())
    hits = [scene[0].holds(places[i, k]) for i, (scene, k) in enumerate(zip(scenes, classes, strict=True))]
    return {
        "hit": round(float(np.mean(hits)), 4),
        "mean wins": round((global_average_pool(maps).argmax(dim=1) == classes).float().mean().item(), 4),
        "largest wins": round((maps.amax(dim=(2, 3)).argmax(dim=1) == classes).float().mean().item(), 4),
    }


@torch.no_grad()
def locate_each(model: NiN, pictures: Tensor, scenes: list) -> list[list[float]]:
    """Four shapes a picture: row k says how often the map of class k peaks on each of the four."""
    places = peak(model.maps(pictures - 0.5), model.grid())
    hits = [[[shape.holds(places[i, k]) for shape in scene] for k in range(4)] for i, scene in enumerate(scenes)]
    return np.mean(hits, axis=0).round(4).tolist()


def guesses(pictures: Tensor, scenes: list) -> dict:
    """How often a place hits that needs no network."""
    side = pictures.shape[2]
    middle = torch.tensor([side / 2, side / 2])
    rows = torch.cartesian_prod(torch.arange(side) + 0.5, torch.arange(side) + 0.5)
    return {
        "middle": round(float(np.mean([scene[0].holds(middle) for scene in scenes])), 4),
        "any pixel": round(float(np.mean([[scene[0].holds(p) for p in rows] for scene in scenes[:50]])), 4),
        "oddest pixel": round(
            float(np.mean([s[0].holds(oddest(p)) for p, s in zip(pictures, scenes, strict=True)])), 4
        ),
    }


def find_shapes(networks: list[NiN]) -> dict:
    starts = [untrained(seed) for seed in SEEDS]
    found: dict = {"single": [], "canvases": CANVASES}
    for side in (16, 32, 48):
        pictures, scenes = scatter(CANVASES, side=side, every=False, seed=100 + side)
        entry = {"side": side, **guesses(pictures, scenes)}
        for name, models in (("trained", networks), ("untrained", starts)):
            entry[name] = [locate(model, pictures, scenes) for model in models]
        found["single"].append(entry)
        print(entry, flush=True)
    pictures, scenes = scatter(CANVASES, side=40, every=True, seed=140)
    for name, models in (("trained", networks), ("untrained", starts)):
        found[f"four, {name}"] = [locate_each(model, pictures, scenes) for model in models]
        print(found[f"four, {name}"], flush=True)
    return found


def main() -> None:
    torch.set_num_threads(1)
    blocks, networks = compare_blocks()
    best = max((run for run in blocks if run["arm"] == "1×1 with ReLU"), key=lambda run: np.mean(run["new"]))["rate"]
    numbers = nn.utils.parameters_to_vector(fold(networks[best][0]).parameters()).detach().numpy().astype("<f4")
    record = {
        "what": "shapes of 16 by 16 pixels and digits of 8 by 8; small networks in network with batch norm",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/nin.py",
        "seeds": SEEDS,
        "pictures": PICTURES,
        "epochs": EPOCHS,
        "sizes": SIZES,
        "optimizer": "Adam, batches of 50, the rate climbs for a quarter of the time and falls along a cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "blocks": blocks,
        "heads": compare_heads(),
        "found": find_shapes(networks[best]),
        "network": base64.b64encode(numbers.tobytes()).decode(),
    }
    Path(__file__).with_suffix(".json").write_text(
        json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
