"""Copying digits with attention and, for longer, without, beyond what the page `attention` can afford. The strings
and the measure are those of `seq2seq.py` beside it. Run it from the repository, about three minutes:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/attention.py
"""

import json
import platform
from pathlib import Path

import torch
from torch import nn

from dlarch.sequences.attention import AttentionDecoder
from dlarch.sequences.seq2seq import Decoder, Encoder, Seq2Seq, greedy
from dlarch.training import fit, one_cycle

SEEDS, RATES, LENGTHS = (0, 1, 2), (3e-3, 6e-3, 1.2e-2, 2.4e-2), tuple(range(4, 33, 4))
START, LONGEST, TRIAL_STEPS, TRIAL_SEED = 10, 20, 400, 100
SETTINGS = (
    {"attend": True, "width": 64, "steps": (300, 1200)},
    {"attend": False, "width": 70, "steps": (300, 1200, 4000)},  # of about as many parameters
)


class Teacher(nn.Module):
    """Brings the logits into the form that ``fit`` wants: symbols along the middle axis."""

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        return self.model(source, previous).mT


def strings(n: int, length: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, START, (n, length), generator=generator)


def train(seed: int, lr: float, steps: int, *, attend: bool, width: int) -> Seq2Seq:
    """A model that has seen ``steps`` batches of 32 strings, the strings of a batch equally long."""
    torch.manual_seed(seed)
    decoder = AttentionDecoder if attend else Decoder
    model = Seq2Seq(Encoder(START, width), decoder(START + 1, width))
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randint(2, LONGEST + 1, (steps,), generator=generator).tolist()
    sources = [strings(32, size, generator) for size in sizes]
    before = torch.full((32, 1), START)
    batches = [((s, torch.cat([before, s[:, :-1]], dim=1)), s) for s in sources]
    fit(Teacher(model), batches, epochs=1, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
    return model


def measure(model: Seq2Seq, first: int) -> tuple[list[float], list[float]]:
    """Share of the digits right and of whole strings right, by length, written alone on 200 new strings each."""
    right, exact = [], []
    for length in LENGTHS:
        source = strings(200, length, torch.Generator().manual_seed(first + length))
        same = greedy(model, source, length, start=START) == source
        right.append(round(same.float().mean().item(), 4))
        exact.append(round(same.all(dim=1).float().mean().item(), 4))
    return right, exact


def rate(**kind) -> tuple[dict[float, float], float]:
    """How the learning rates do in a short trial on other strings of the lengths of the training, and the best."""
    within = sum(length <= LONGEST for length in LENGTHS)
    trials = {}
    for lr in RATES:
        right, _ = measure(train(TRIAL_SEED, lr, TRIAL_STEPS, **kind), 5000)
        trials[lr] = round(sum(right[:within]) / within, 4)
    return trials, max(trials, key=trials.get)


def run(steps: int, lr: float, **kind) -> dict:
    """Three seeds at one rate."""
    results = [measure(train(seed, lr, steps, **kind), 1000) for seed in SEEDS]
    return {"lr": lr, "share_right": [r for r, _ in results], "exact": [e for _, e in results]}


def written(lr: float, **kind) -> list[dict[str, list[int]]]:
    """Two new strings and what a model makes of them that saw 300 batches."""
    model, found = train(0, lr, 300, **kind), []
    for length in (4, 16):
        source = strings(1, length, torch.Generator().manual_seed(7))
        found.append({"read": source[0].tolist(), "wrote": greedy(model, source, length, start=START)[0].tolist()})
    return found


def main() -> None:
    torch.set_num_threads(1)
    runs = []
    for setting in SETTINGS:
        kind = {name: value for name, value in setting.items() if name != "steps"}
        trials, lr = rate(**kind)
        for steps in setting["steps"]:
            runs.append({**kind, "steps": steps, "trials": trials, **run(steps, lr, **kind)})
            print(runs[-1], flush=True)
    record = {
        "what": "copying 2 to 20 random digits with two GRUs, with attention and, for longer, without",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/attention.py",
        "seeds": SEEDS,
        "lengths": LENGTHS,
        "trial": f"rates {RATES}, seed {TRIAL_SEED}, {TRIAL_STEPS} batches, other strings",
        "test": "200 new strings a length, written greedily",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": runs,
        "written": written(runs[-1]["lr"], attend=False, width=70),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
