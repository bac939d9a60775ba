"""Train every cell of a space of 315, so that the page `nasnet` can score a search. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/nasnet.py

A run that was stopped goes on from what stands in the record.
"""

import json
import platform
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

import torch

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.search import best_so_far, evolve, reinforce
from dlarch.vision.search_space import OPERATIONS, Child, SearchSpace

SPACE, EPOCHS, RATE, CHANNELS = SearchSpace(), 8, 0.04, 8
AGAIN = (1, 2, 3, 4)  # seeds for every tenth cell, for the 16 that were best with seed 0 and for a person's
PERSONS = "00331133"  # 5x5 separable convolutions throughout, one block behind the other
TRAIN, VALIDATION = 600, 598  # images, in file order; the other 599 are the test
FINAL = range(5, 15)  # seeds for the last comparison, of cells that were chosen with the seeds before
TUNING = range(100, 140)  # seeds for the settings of the searches
SEARCHES = range(40)  # seeds for the searches of the page
RECORD = Path(__file__).with_suffix(".json")


def train(cell: tuple[int, ...], seed: int) -> tuple[float, float, float]:
    """Train the child of a cell; the share of validation and test images it names rightly, and the seconds it took."""
    digits = data.digits()
    x, y = torch.cat([digits.x_train, digits.x_test]) - 0.5, torch.cat([digits.y_train, digits.y_test])
    parts = [TRAIN, VALIDATION, len(x) - TRAIN - VALIDATION]
    known, validation, test = zip(x.split(parts), y.split(parts), strict=True)
    start = time.process_time()
    torch.manual_seed(seed)
    child = Child(SPACE, cell, 10, channels=CHANNELS)
    optimizer = torch.optim.Adam(child.parameters(), lr=RATE)
    fit(child, known, epochs=EPOCHS, batch_size=50, optimizer=optimizer, schedule=one_cycle, seed=seed, device="cpu")
    seconds = time.process_time() - start
    return evaluate(child, validation, device="cpu")[1], evaluate(child, test, device="cpu")[1], seconds


def empty() -> dict:
    """A record with every cell and no result."""
    cells = sorted({SPACE.canonical(genotype) for genotype in SPACE.genotypes()})
    with torch.device("meta"):
        image = torch.empty(1, 1, 8, 8)
        children = [Child(SPACE, cell, 10, channels=CHANNELS) for cell in cells]
        costs = [(measure.count_parameters(child), measure.count_macs(child.eval(), image)) for child in children]
    return {
        "what": "scikit-learn's digits in file order; two cells of 8 channels with a max pooling between them",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/nasnet.py",
        "operations": list(OPERATIONS),
        "images": {"train": TRAIN, "validation": VALIDATION, "test": 1797 - TRAIN - VALIDATION},
        "epochs": EPOCHS,
        "seeds": [0, *AGAIN],
        "optimizer": f"Adam, rate {RATE} after a climb over a quarter of the time, then along a cosine; batches of 50",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": 0.0,
        "columns": ["cell", "parameters", "multiply-accumulates", "validation by seed", "test by seed"],
        "cells": [["".join(map(str, cell)), *cost, [], []] for cell, cost in zip(cells, costs, strict=True)],
    }


def write(record: dict) -> None:
    """A line for each cell, so that a change shows."""
    lines = ",\n".join("  " + json.dumps(line) for line in record["cells"])
    head = json.dumps({**record, "cells": None}, indent=1, ensure_ascii=False)
    unfinished = RECORD.with_suffix(".unfinished")
    unfinished.write_text(head.replace('"cells": null', f'"cells": [\n{lines}\n ]') + "\n", encoding="utf-8")
    unfinished.replace(RECORD)


def plan(record: dict) -> Iterator[tuple[list, int]]:
    """The trainings to make: each cell with seed 0, then some cells with the other seeds."""
    cells = record["cells"]
    yield from ((cell, 0) for cell in cells)
    best = sorted(cells, key=lambda cell: -cell[3][0])[:16]
    again = [cell for number, cell in enumerate(cells) if number % 10 == 0 or cell in best or cell[0] == PERSONS]
    yield from ((cell, seed) for cell in again for seed in AGAIN)


def finals(record: dict) -> dict[str, str]:
    """The cells of the last comparison by the reason they are in it; validation images alone decide."""
    cells = record["cells"]
    again = [cell for cell in cells if len(cell[3]) > 1]
    return {
        "best of the table": max(cells, key=lambda cell: cell[3][0])[0],
        "best when trained again": max(again, key=lambda cell: sum(cell[3][1:]))[0],
        "largest": max(cells, key=lambda cell: cell[1])[0],
        "a person's": PERSONS,
    }


def compare(record: dict) -> dict:
    """Validation and test of these cells with seeds that had no part in choosing them."""
    results = {}
    for reason, name in finals(record).items():
        runs = [train(tuple(map(int, name)), seed)[:2] for seed in FINAL]
        validation, test = ([round(share, 4) for share in shares] for shares in zip(*runs, strict=True))
        results[reason] = {"cell": name, "validation": validation, "test": test}
        print(reason, results[reason], flush=True)
    return {"seeds": [FINAL[0], FINAL[-1]], "results": results}


def table(record: dict) -> dict[tuple[int, ...], float]:
    """The reward of each genotype: what its cell got on validation images with seed 0."""
    rewards = {tuple(map(int, cell[0])): cell[3][0] for cell in record["cells"]}
    return {genotype: rewards[SPACE.canonical(genotype)] for genotype in SPACE.genotypes()}


def settle(record: dict) -> dict:
    """The controller's entropy in nats before every fourth batch, lowest, mean and highest, by learning rate."""
    reward, seeds, results = table(record).__getitem__, TUNING[:10], {}
    for lr in (0.001, 0.01, 0.03):
        runs = [reinforce(SPACE, reward, 200, lr=lr, measured=True, seed=seed).entropies[::4] for seed in seeds]
        results[str(lr)] = [[round(f(some), 3) for f in (min, mean, max)] for some in zip(*runs, strict=True)]
    return {"seeds": [seeds[0], seeds[-1]], "results": results}


def ends(record: dict) -> dict:
    """Where the controller ends at a rate of 0.01: how many runs get their highest reward from which cell, and how many
    write which cell most often among their last 25."""
    reward = table(record).__getitem__
    highest, usual = Counter(), Counter()
    for seed in TUNING:
        run = reinforce(SPACE, reward, 200, lr=0.01, seed=seed)
        written = ["".join(map(str, SPACE.canonical(genotype))) for genotype in run.genotypes]
        highest[written[run.rewards.index(max(run.rewards))]] += 1
        usual[Counter(written[-25:]).most_common(1)[0][0]] += 1
    return {"highest reward": dict(highest.most_common()), "most often": dict(usual.most_common())}


def tune(record: dict) -> list[dict]:
    """What evolution and the controller, with and without a baseline, reach at several settings.

    Of each the mean regret after some trials and the mean reward of the last 25, both with the standard error of the
    mean, and how many different cells a run tries.
    """
    rewards = table(record)
    reward = rewards.__getitem__
    arms = [("evolution", evolve, {"population": p, "sample": k}) for p, k in ((10, 3), (10, 5), (20, 5), (20, 10))]
    for name, decay in (("controller", 0.95), ("controller, no baseline", None)):
        arms += [(name, reinforce, {"lr": lr, "batch": 5, "decay": decay}) for lr in (0.001, 0.003, 0.01, 0.03, 0.1)]
    results = []
    for name, search, settings in arms:
        runs = [search(SPACE, reward, 200, seed=seed, **settings) for seed in TUNING]
        found = [best_so_far(run.rewards) for run in runs]
        regret = {str(n): [max(rewards.values()) - best[n - 1] for best in found] for n in (50, 100, 200)}
        means = {n: round(mean(some), 5) for n, some in regret.items()}
        errors = {n: round(stdev(some) / len(some) ** 0.5, 5) for n, some in regret.items()}
        late = [mean(run.rewards[-25:]) for run in runs]
        different = mean(len(set(map(SPACE.canonical, run.genotypes))) for run in runs)
        entry = {"regret": means, "error": errors, "last 25": round(mean(late), 5)}
        entry |= {"last 25, error": round(stdev(late) / len(late) ** 0.5, 5), "different cells": different}
        results.append({"search": name, **settings, **entry})
        print(results[-1], flush=True)
    return results


def control(record: dict) -> dict:
    """What the controller writes with the seeds of the page, at the rate of the lowest regret.

    A run is a line of numbers: the places of its genotypes in ``SPACE.genotypes()``.
    """
    arms = [arm for arm in record["tuning"]["results"] if arm["search"] == "controller"]
    lr = min(arms, key=lambda arm: sum(arm["regret"].values()))["lr"]
    reward, place = table(record).__getitem__, {genotype: i for i, genotype in enumerate(SPACE.genotypes())}
    runs = [reinforce(SPACE, reward, 200, lr=lr, seed=seed).genotypes for seed in SEARCHES]
    lines = [" ".join(str(place[genotype]) for genotype in run) for run in runs]
    return {"seeds": [SEARCHES[0], SEARCHES[-1]], "lr": lr, "runs": lines}


def main() -> None:
    torch.set_num_threads(1)
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else empty()
    for number, (cell, seed) in enumerate(plan(record)):
        name, _, _, validation, test = cell
        if len(validation) > seed:
            continue
        right, new, seconds = train(tuple(map(int, name)), seed)
        validation.append(round(right, 4))
        test.append(round(new, 4))
        record["seconds"] = round(record["seconds"] + seconds, 1)
        if number % 10 == 0:
            write(record)
            print(f"training {number}, cell {name}, seed {seed}: {right:.3f}, {record['seconds']:.0f} s", flush=True)
    record["finals"] = compare(record)
    record["entropy"] = settle(record)
    record["ends"] = ends(record)
    record["tuning"] = {"seeds": [TUNING[0], TUNING[-1]], "results": tune(record)}
    record["controller"] = control(record)
    write(record)


if __name__ == "__main__":
    main()
