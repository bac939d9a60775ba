"""Copying digits through one state, longer and wider than the page `attention` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/attention.py
"""

import json
import platform
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from dlarch.sequences.attention import EncoderDecoder
from dlarch.training import fit, one_cycle

START, LONGEST, SEEDS, LENGTHS = 10, 20, (0, 1, 2), (4, 8, 12, 16, 20)
SETTINGS = [{"width": 72, "steps": 4000, "lr": 5e-3}, {"width": 256, "steps": 1500, "lr": 3e-3}]


class Teacher(nn.Module):
    """Shows the writer the true digits before the one it has to write."""

    def __init__(self, model: EncoderDecoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: torch.Tensor) -> torch.Tensor:
        return self.model(source, F.pad(source[:, :-1], (1, 0), value=START)).mT


def run(seed: int, *, width: int, steps: int, lr: float) -> dict[int, float]:
    """Train one model; the share of digits that it gets right when it writes alone, by length."""
    torch.manual_seed(seed)
    model = EncoderDecoder(START + 1, width, attend=False)
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randint(2, LONGEST + 1, (steps,), generator=generator).tolist()
    batches = [(s, s) for s in (torch.randint(0, 10, (32, n), generator=generator) for n in sizes)]
    fit(Teacher(model), batches, epochs=1, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
    shares = {}
    for length in LENGTHS:
        source = torch.randint(0, 10, (200, length), generator=torch.Generator().manual_seed(1000 + length))
        shares[length] = (model.greedy(source, length, start=START) == source).float().mean().item()
    return shares


def main() -> None:
    torch.set_num_threads(1)
    runs = []
    for setting in SETTINGS:
        shares = [run(seed, **setting) for seed in SEEDS]
        runs.append(setting | {"share_right": {length: [round(s[length], 4) for s in shares] for length in LENGTHS}})
        print(runs[-1], flush=True)
    record = {
        "what": "copying 2 to 20 random digits through the last state of a GRU, no attention",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/attention.py",
        "seeds": SEEDS,
        "test": "200 new strings a length, written greedily",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": runs,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
