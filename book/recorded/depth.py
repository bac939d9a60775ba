"""Train networks of 2, 8 and 32 hidden layers on few digits, so that the page `depth` can draw their losses.

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/depth.py
"""

import json
import platform
from pathlib import Path

import torch

from dlarch import data
from dlarch.foundations.depth import SideBySide, he_normal_, initialise
from dlarch.foundations.mlp import MLP
from dlarch.training import fit

SEEDS, WIDTH, DEPTHS, EPOCHS = range(5), 64, (2, 8, 32), {100: 80, 1000: 15}  # epochs by samples
RATE, BATCH = 0.001, 50


def train(samples: int, depth: int) -> dict:
    """Five networks trained on the first images of a draw: their mean losses by epoch, and what each names rightly."""
    drawn, models = data.digits("shuffled"), []
    for seed in SEEDS:
        torch.manual_seed(seed)
        models.append(initialise(MLP([64] + [WIDTH] * depth + [10]), he_normal_))
    nets = SideBySide(models)
    known, unseen = (drawn.x_train[:samples], drawn.y_train[:samples]), (drawn.x_test, drawn.y_test)
    history = fit(
        nets, (known[0], nets.columns(known[1])), validation=(unseen[0], nets.columns(unseen[1])),
        optimizer=torch.optim.Adam(nets.parameters(), lr=RATE, fused=True), epochs=EPOCHS[samples], batch_size=BATCH,
        device="cpu",
    )  # fmt: skip
    curves = {name: [round(value, 5) for value in values] for name, values in vars(history).items()}
    shares = {"known": nets.accuracies(*known), "unseen": nets.accuracies(*unseen)}
    return {"samples": samples, "depth": depth} | curves | {n: [round(v, 4) for v in vs] for n, vs in shares.items()}


def main() -> None:
    torch.set_num_threads(1)
    record = {
        "what": f"scikit-learn's digits, drawn at random; layers of {WIDTH} units with He's start",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/depth.py",
        "seeds": [SEEDS[0], SEEDS[-1]],
        "optimizer": f"Adam, rate {RATE}, batches of {BATCH}",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": [train(samples, depth) for samples in EPOCHS for depth in DEPTHS],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
