"""Digits, turned digits and pictures that are none, under several ways to answer: too slow for the page `bayes`.

Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/bayes.py
"""

import json
import platform
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch import data
from dlarch.practice import bayes
from dlarch.training import fit

SEEDS, MEMBERS, SAMPLES, HIDDEN, BATCH, EPOCHS, BINS = (0, 1, 2), 5, 30, 100, 32, 60, 10
RATES = (1e-3, 3e-3, 1e-2)
TURNS = (0, 15, 30, 45, 60, 75, 90)  # degrees
KEEP = 698  # of the 898 training digits; the other 200 choose rates, dropout, prior and temperature
PRIORS, DROPOUT, DECAY = (0.1, 0.3, 1.0), (0.1, 0.3, 0.5), 1e-3
SPLITS = data.digits()
TRAIN = SPLITS.x_train[:KEEP].flatten(1), SPLITS.y_train[:KEEP]
HELD_OUT = SPLITS.x_train[KEEP:].flatten(1), SPLITS.y_train[KEEP:]


def turned(degrees: float) -> Tensor:
    """The test digits, turned about their middle."""
    angle = torch.tensor(degrees).deg2rad()
    cos, sin = angle.cos(), angle.sin()
    rows = torch.stack([torch.stack([cos, -sin, 0 * cos]), torch.stack([sin, cos, 0 * cos])])
    x = SPLITS.x_test
    grid = F.affine_grid(rows.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False).flatten(1)


def unseen() -> dict[str, Tensor]:
    """Pictures that are no digits: pixels of test digits in another order, and noise."""
    random = torch.Generator().manual_seed(0)
    x = SPLITS.x_test.flatten(1)
    shuffled = torch.stack([image[torch.randperm(64, generator=random)] for image in x])
    return {"shuffled pixels": shuffled, "noise": torch.rand(x.shape, generator=random)}


def network(dropout: float = 0.0) -> nn.Sequential:
    layers = [nn.Linear(64, HIDDEN), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers, nn.Linear(HIDDEN, 10))


def train(model: nn.Module, rate: float, seed: int, prior_std: float | None = None) -> nn.Module:
    """Train on the kept digits. A prior adds the penalty of Bayes by Backprop, else weights decay."""

    def loss(output: Tensor, y: Tensor) -> Tensor:
        likely = F.cross_entropy(output, y)
        return likely + bayes.kl(model) / KEEP if prior_std else likely

    optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=0.0 if prior_std else DECAY)
    fit(model, TRAIN, epochs=EPOCHS, batch_size=BATCH, optimizer=optimizer, loss_fn=loss, seed=seed, device="cpu")
    return model.eval()


def plain(rate: float, seed: int, dropout: float = 0.0) -> nn.Module:
    torch.manual_seed(seed)
    return train(network(dropout), rate, seed)


def variational(rate: float, seed: int, prior_std: float) -> nn.Module:
    torch.manual_seed(seed)
    layers = [bayes.BayesianLinear(a, b, prior_std=prior_std) for a, b in ((64, HIDDEN), (HIDDEN, 10))]
    return train(nn.Sequential(layers[0], nn.ReLU(), layers[1]), rate, seed, prior_std)


def last_layer(model: nn.Module, x: Tensor, prior_std: float) -> Tensor:
    """Logits under draws of the last layer's weights."""
    with torch.no_grad():
        features = model[:-1](TRAIN[0])
        laplace = bayes.laplace_last_layer(model[-1], features, prior_std=prior_std)
        return laplace.sample(model[:-1](x), SAMPLES, generator=torch.Generator().manual_seed(0))


def held_out_loss(logits: Tensor) -> float:
    return F.nll_loss(bayes.predictive(logits).log(), HELD_OUT[1]).item()


def choose() -> dict:
    """Settings by the loss on the held-out digits, with one other seed."""
    seed, x = 100, HELD_OUT[0]
    rates = {r: held_out_loss(plain(r, seed)(x)[None]) for r in RATES}
    rate = min(rates, key=rates.get)
    chosen = plain(rate, seed)
    dropout = {
        (r, p): held_out_loss(bayes.MCDropout(plain(r, seed, p), samples=SAMPLES)(x)) for r in RATES for p in DROPOUT
    }
    priors = {(r, s): held_out_loss(bayes.draw(variational(r, seed, s), x, SAMPLES)) for r in RATES for s in PRIORS}
    laplace = {s: held_out_loss(last_layer(chosen, x, s)) for s in PRIORS}
    return {
        "plain": rate,
        "dropout": min(dropout, key=dropout.get),
        "variational": min(priors, key=priors.get),
        "laplace": min(laplace, key=laplace.get),
    }


def as_unsure(logits: Tensor, entropy: float) -> float:
    """The temperature between 0.1 and 100 under which these answers have a mean entropy, found by halving."""
    low, high = 0.1, 100.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        sharp = bayes.entropy((logits / middle).softmax(dim=1)).mean().item() < entropy
        low, high = (middle, high) if sharp else (low, middle)
    return (low * high) ** 0.5


def measures(answer, temperature: float = 1.0) -> dict:
    """What a way to answer says on every kind of picture.

    Args:
        answer: from pictures to logits, ``S N 10``.
        temperature: by which the logits are divided.
    """
    result, y = {"turned": {}, "unseen": {}}, SPLITS.y_test
    with torch.no_grad():
        for degrees in TURNS:
            p = bayes.predictive(answer(turned(degrees)) / temperature)
            result["turned"][degrees] = {
                "right": round((p.argmax(dim=1) == y).double().mean().item(), 4),
                "entropy": round(bayes.entropy(p).mean().item(), 4),
                "error": round(bayes.expected_calibration_error(p, y, bins=BINS).item(), 4),
                "loss": round(F.nll_loss(p.clamp(min=1e-12).log(), y).item(), 4),
            }
            if degrees in (0, 45):
                bins = bayes.reliability(p, y, bins=BINS)
                result[f"bins {degrees}"] = [[round(v, 4) for v in part.tolist()] for part in bins]
        for name, x in unseen().items():
            p = bayes.predictive(answer(x) / temperature)
            result["unseen"][name] = {
                "entropy": round(bayes.entropy(p).mean().item(), 4),
                "sure": round((p.amax(dim=1) > 0.9).double().mean().item(), 4),
            }
    return result


def run(settings: dict) -> dict:
    ways = {}
    for seed in SEEDS:
        torch.manual_seed(seed)
        members = [plain(settings["plain"], 10 * seed + k) for k in range(MEMBERS)]
        one, several = members[0], bayes.DeepEnsemble(members)
        rate, p = settings["dropout"]
        dropped = bayes.MCDropout(plain(rate, seed, p), samples=SAMPLES)
        rate, prior_std = settings["variational"]
        drawn = variational(rate, seed, prior_std)
        with torch.no_grad():
            temperature = bayes.temperature_scale(one(HELD_OUT[0]), HELD_OUT[1])
        answers = {
            "one network": (lambda x, m=one: m(x)[None], 1.0),
            "temperature": (lambda x, m=one: m(x)[None], temperature),
            "Bayes by Backprop": (lambda x, m=drawn: bayes.draw(m, x, SAMPLES), 1.0),
            "MC dropout": (dropped, 1.0),
            "ensemble": (several, 1.0),
            "last-layer Laplace": (lambda x, m=one: last_layer(m, x, settings["laplace"]), 1.0),
        }
        for name, (answer, t) in answers.items():
            ways.setdefault(name, []).append(
                measures(answer, t) | ({"temperature": t} if name == "temperature" else {})
            )
        # Is Bayes by Backprop less sure where it is wrong, or everywhere? One network, as unsure on upright digits.
        with torch.no_grad():
            t = as_unsure(one(turned(0)), ways["Bayes by Backprop"][-1]["turned"][0]["entropy"])
        ways.setdefault("as unsure", []).append(measures(answers["one network"][0], t) | {"temperature": t})
        print("seed", seed, {name: runs[-1]["turned"][0]["loss"] for name, runs in ways.items()}, flush=True)
    return ways


if __name__ == "__main__":
    settings = choose()
    print(settings, flush=True)
    record = {
        "settings": settings, "seeds": SEEDS, "members": MEMBERS, "samples": SAMPLES, "hidden": HIDDEN,
        "epochs": EPOCHS, "batch": BATCH, "bins": BINS, "turns": TURNS, "trained": KEEP, "held out": len(HELD_OUT[1]),
        "test": len(SPLITS.y_test), "rates": RATES, "priors": PRIORS, "dropout": DROPOUT,
        "torch": torch.__version__, "python": platform.python_version(), "ways": run(settings),
    }  # fmt: skip
    Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")
