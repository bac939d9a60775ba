"""What the page `rnn` can't afford: the adding problem by length, embedded Reber strings, tagging with and without the
future, and a character model from three seeds. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/rnn.py
"""

import json
import math
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlarch.data import adding_problem, python_reference_text, reber
from dlarch.measure import count_parameters
from dlarch.sequences.rnn import CharacterModel, clip_gradients, sample, truncated_losses
from dlarch.sequences.text import Characters, NGram
from dlarch.training import evaluate, fit, one_cycle

SEEDS, CHOICE = (0, 1, 2), 100  # rates are chosen by a run from a seed of its own
CELLS = {"RNN": nn.RNN, "LSTM": nn.LSTM}
SYMBOLS = "BEPSTVX"
TRAIN, TEST = python_reference_text("train"), python_reference_text("test")
CHARACTERS = Characters(TRAIN + TEST)


class Reader(nn.Module):
    """A recurrent network with a linear layer on its outputs: at every step, or at the last alone."""

    def __init__(self, recurrent: nn.RNNBase, outputs: int, *, last: bool = False, symbols: int = 0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, recurrent.input_size) if symbols else nn.Identity()
        self.recurrent, self.last = recurrent, last
        self.head = nn.Linear(recurrent.hidden_size * (2 if recurrent.bidirectional else 1), outputs)

    def forward(self, x: Tensor) -> Tensor:
        h = self.recurrent(self.embedding(x))[0]
        return self.head(h[:, -1])[:, 0] if self.last else self.head(h).mT


def best_rate(train: Callable[[int, float], Any], error: Callable[[Any], float], rates: tuple[float, ...]) -> float:
    return min(rates, key=lambda rate: error(train(CHOICE, rate)))


def adding(length: int, cell: str) -> dict:
    """Mean squared error on new sequences of one length."""

    def train(seed: int, lr: float) -> float:
        splits = adding_problem(16_000, length=length, seed=seed)
        torch.manual_seed(seed)
        model = Reader(CELLS[cell](2, 32, batch_first=True), 1, last=True)
        settings = {"batch_size": 32, "schedule": one_cycle, "clip": 1.0, "loss_fn": F.mse_loss, "device": "cpu"}
        fit(model, splits[:2], epochs=3, lr=lr, **settings)
        return evaluate(model, splits[2:], loss_fn=F.mse_loss, device="cpu")[0]

    rate = best_rate(train, float, (3e-3, 1e-2, 3e-2))
    return {"length": length, "cell": cell, "lr": rate, "error": [round(train(seed, rate), 5) for seed in SEEDS]}


def reber_batches(strings: list[str], size: int = 32) -> list[tuple[Tensor, Tensor]]:
    """Strings of about one length side by side, one-hot, and the symbol after each; batches in a fixed random order."""
    strings = sorted(strings, key=len)
    batches = []
    for start in range(0, len(strings), size):
        part = strings[start : start + size]
        ids = [torch.tensor([SYMBOLS.index(s) for s in string]) for string in part]
        x = nn.utils.rnn.pad_sequence([F.one_hot(i[:-1], 7).float() for i in ids], batch_first=True)
        y = nn.utils.rnn.pad_sequence([i[1:] for i in ids], batch_first=True, padding_value=-100)
        batches.append((x, y))
    return [batches[i] for i in torch.randperm(len(batches), generator=torch.Generator().manual_seed(0)).tolist()]


@torch.no_grad()
def closing(model: Reader, strings: list[str]) -> list[float]:
    """Of each string: is the closing T or P, which repeats the opening one, held for likelier than the other?"""
    right = []
    for string in strings:
        x = F.one_hot(torch.tensor([SYMBOLS.index(s) for s in string[:-2]]), 7).float()[None]
        scores = model(x)[0, :, -1]
        other = "P" if string[-2] == "T" else "T"
        right.append(float(scores[SYMBOLS.index(string[-2])] > scores[SYMBOLS.index(other)]))
    return right


def grammar(cell: str, width: int) -> dict:
    splits = reber(2000, seed=0)
    batches, test = reber_batches(splits.x_train), reber_batches(splits.x_test)

    def train(seed: int, lr: float) -> Reader:
        torch.manual_seed(seed)
        model = Reader(CELLS[cell](7, width, batch_first=True), 7)
        fit(model, batches, epochs=20, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
        return model

    rate = best_rate(train, lambda model: evaluate(model, test, device="cpu")[0], (1e-2, 3e-2, 1e-1))
    models = [train(seed, rate) for seed in SEEDS]
    rights = [closing(model, splits.x_test) for model in models]
    long = [i for i, string in enumerate(splits.x_test) if len(string) >= 16]
    return {
        "cell": cell,
        "width": width,
        "lr": rate,
        "parameters": count_parameters(models[0]),
        "strings": len(splits.x_test),
        "long_strings": len(long),
        "closing": [round(sum(r) / len(r), 4) for r in rights],
        "closing_long": [round(sum(r[i] for i in long) / len(long), 4) for r in rights],
    }


def without_spaces(text: str, length: int = 64) -> tuple[Tensor, Tensor]:
    """Windows of text without its spaces, and for each character whether a space followed."""
    text = " ".join(text.split()) + " "
    letters = [i for i, character in enumerate(text) if character != " "]
    x = CHARACTERS.encode("".join(text[i] for i in letters))
    y = torch.tensor([text[i + 1] == " " for i in letters]).long()
    end = len(x) // length * length
    return x[:end].view(-1, length), y[:end].view(-1, length)


def tagging(name: str, width: int, *, both: bool = False, delay: int = 0) -> dict:
    """Find where the spaces were. With a delay, a network in one direction answers so many characters later."""

    def delayed(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        # The first answers come before anything is asked; the last characters, whose answers come too late, are not
        # asked for in any arm, so that all are compared on the same ones.
        y = y.clone()
        y[:, y.shape[1] - 4 :] = -100
        return x, F.pad(y, (delay, 0), value=-100)[:, : y.shape[1]]

    data, held_out = delayed(*without_spaces(TRAIN)), delayed(*without_spaces(TEST))

    def train(seed: int, lr: float) -> Reader:
        torch.manual_seed(seed)
        recurrent = nn.LSTM(16, width, batch_first=True, bidirectional=both)
        model = Reader(recurrent, 2, symbols=len(CHARACTERS))
        fit(model, data, epochs=2, batch_size=32, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
        return model

    def right(model: Reader) -> float:
        return evaluate(model, held_out, device="cpu")[1]

    rate = best_rate(train, lambda model: -right(model), (1e-2, 3e-2, 6e-2))
    models = [train(seed, rate) for seed in SEEDS]
    asked = held_out[1][held_out[1] >= 0]
    return {
        "name": name,
        "both": both,
        "delay": delay,
        "lr": rate,
        "parameters": count_parameters(models[0]),
        "asked": len(asked),
        "no_space": round(1 - asked.float().mean().item(), 4),
        "right": [round(right(model), 4) for model in models],
    }


def characters() -> dict:
    """An LSTM that foretells the next character, and what it and an n-gram model gain by seeing more of the text."""
    streams, length, steps, width, lr = 32, 64, 2000, 128, 6e-3
    numbers, held_out = CHARACTERS.encode(TRAIN), CHARACTERS.encode(TEST)
    per_stream = (len(numbers) - 1) // streams
    x, y = (numbers[s : s + streams * per_stream].view(streams, per_stream) for s in (0, 1))
    models, curves = [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = CharacterModel(len(CHARACTERS), nn.LSTM(32, width, batch_first=True), 32, width)
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr, fused=True)
        done, curve = 0, []
        while done < steps:
            for loss in truncated_losses(model, x, y, length):
                for group in optimizer.param_groups:
                    group["lr"] = lr * one_cycle(done / steps, warmup=0.1)
                optimizer.zero_grad()
                loss.backward()
                clip_gradients(model.parameters(), 1.0)
                optimizer.step()
                done += 1
                if done in (50, 100, 200, 500, 1000, 1500, 2000):
                    curve.append([done, round(held_out_bits(model, held_out), 4)])
                if done == steps:
                    break
        models.append(model)
        curves.append(curve)
    contexts, targets = (1, 2, 4, 8, 16, 32, 64, 128), range(128, len(TEST), 8)
    prompt, texts = CHARACTERS.encode("The "), {}
    for temperature in (0.5, 1.0):
        drawn = sample(models[0], prompt, 240, temperature=temperature, generator=torch.Generator().manual_seed(0))
        texts[str(temperature)] = "The " + CHARACTERS.decode(drawn)
    return {
        "settings": {"streams": streams, "segment": length, "steps": steps, "width": width, "lr": lr, "clip": 1.0},
        "parameters": count_parameters(models[0]),
        "epochs": round(steps * length / per_stream, 1),
        "curve": curves,
        "held_out": [curve[-1][1] for curve in curves],
        "samples": texts,
        "targets": len(targets),
        "by_context": {k: [round(bits_after(m, held_out, k, targets), 4) for m in models] for k in contexts},
        "ngram_by_context": {k: round(ngram_after(k, targets), 4) for k in (1, 2, 3, 4, 5, 6, 8)},
    }


@torch.no_grad()
def held_out_bits(model: CharacterModel, numbers: Tensor, streams: int = 8) -> float:
    """Bits per character of a text read in a few long streams, the state carried along."""
    per_stream = (len(numbers) - 1) // streams
    x, y = (numbers[s : s + streams * per_stream].view(streams, per_stream) for s in (0, 1))
    parts = [loss.item() for loss in truncated_losses(model, x, y, 1000)]
    sizes = [part.shape[1] for part in x.split(1000, dim=1)]
    return sum(p * s for p, s in zip(parts, sizes, strict=True)) / per_stream / math.log(2)


@torch.no_grad()
def bits_after(model: CharacterModel, numbers: Tensor, context: int, targets: range) -> float:
    """Bits for chosen characters, each foretold from a state of zeros and the characters just before it."""
    at = torch.tensor(targets)
    scores = [model(numbers[part[:, None] + torch.arange(-context, 0)])[0][:, :, -1] for part in at.split(1000)]
    return F.cross_entropy(torch.cat(scores), numbers[at]).item() / math.log(2)


def ngram_after(order: int, targets: range) -> float:
    model = NGram(TRAIN, order, alphabet=CHARACTERS.alphabet)
    return -sum(math.log2(model.probability(TEST[i], TEST[i - order : i])) for i in targets) / len(targets)


def main() -> None:
    torch.set_num_threads(1)
    began = time.process_time()
    record = {
        "what": "recurrent networks: adding problem, embedded Reber grammar, tagging, characters",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/rnn.py",
        "seeds": SEEDS,
        "rates": "of three rates, the one with the smallest error on held-out data in one run from seed 100",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    record["reber"] = [grammar("RNN", 26), grammar("LSTM", 11)]
    print(record["reber"], time.process_time() - began, flush=True)
    record["tagging"] = [
        tagging("one direction", 64),
        tagging("one direction, answers 1 later", 64, delay=1),
        tagging("one direction, answers 4 later", 64, delay=4),
        tagging("both directions", 41, both=True),
    ]
    print(record["tagging"], time.process_time() - began, flush=True)
    record["characters"] = characters()
    print(record["characters"], time.process_time() - began, flush=True)
    record["adding"] = [adding(length, cell) for length in (10, 20, 40, 60) for cell in CELLS]
    print(record["adding"], time.process_time() - began, flush=True)
    record["seconds"] = round(time.process_time() - began)
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
