"""Trains small GPTs on characters; the page on GPT reads what it finds from gpt.json.

``reference``: GPTs and LSTMs of as many parameters on the Python reference, three seeds each, then fine-tuning.
``few``: 4,000 characters of documentation, learned from random weights and after one pass over the Python reference.
``shakespeare``: GPTs on tiny-shakespeare, a row for each seed, in nanoGPT's published setting for a CPU or, by
``--setting gpu``, in the larger one. It reads the text through ``dlarch.data`` (set DLARCH_DATA to a folder that holds
tinyshakespeare.txt). Every 250 steps, as nanoGPT does, it measures the loss on the held-out tenth. nanoGPT takes the
mean of 200 random batches (20 in the setting for a CPU), this script the whole tenth, cut into windows side by side.
Each run has a checkpoint in build/recorded: killed, or out of minutes, it goes on when the same command is given again.
A seed whose row the file holds is not run again.

    OMP_NUM_THREADS=1 .venv/bin/python book/recorded/gpt.py reference
    OMP_NUM_THREADS=1 .venv/bin/python book/recorded/gpt.py few
    OMP_NUM_THREADS=1 .venv/bin/python book/recorded/gpt.py shakespeare --seed 0 1 2
    .venv/bin/python book/recorded/gpt.py shakespeare --setting gpu --seed 0 1 2 --compile --minutes 9

Several processes share each batch if torchrun starts the script, on GPUs or without:

    OMP_NUM_THREADS=1 .venv/bin/torchrun --standalone --nproc-per-node=2 book/recorded/gpt.py shakespeare
"""

import argparse
import ast
import copy
import importlib.util
import inspect
import json
import math
import os
import re
import statistics
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

import dlarch
from coursekit import recorded
from dlarch import data
from dlarch.checkpoint import epochs_done
from dlarch.measure import count_parameters
from dlarch.sequences.gpt import GPT, Classifier, GPTConfig, NextToken, generate
from dlarch.sequences.text import Characters, windows
from dlarch.training import cosine, evaluate, fit, one_cycle

RECORD = Path(__file__).with_suffix(".json")
PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))
CPU = {"device": "cpu"}

# --- training -----------------------------------------------------------------------------------------------------


class RandomWindows:
    """Batches of windows that start anywhere in a text, others in each epoch.

    The processes of torchrun get equal shares of each batch. Without a seed, the starts come from torch's global
    generator, whose state a checkpoint of ``fit`` holds.
    """

    def __init__(self, numbers: Tensor, length: int, *, batch: int, steps: int, seed: int | None = None) -> None:
        if batch % PROCESSES:
            raise ValueError(f"{PROCESSES} processes cannot share a batch of {batch} evenly")
        self.numbers, self.length = numbers, length
        self.share, self.shares = batch // PROCESSES, steps * PROCESSES
        self.generator = torch.default_generator if seed is None else torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return self.shares

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        last = len(self.numbers) - self.length
        starts = torch.randint(last, (self.shares * self.share, 1), generator=self.generator)
        for places in (starts + torch.arange(self.length)).split(self.share):
            yield self.numbers[places], self.numbers[places + 1]


def optimizer_for(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """AdamW that pulls matrices towards zero, and neither biases nor norms."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.99), fused=True)


def climb_and_fall(done: float, *, steps: int) -> float:
    """A factor on the rate that climbs for 100 steps, then falls along half a cosine to a tenth."""
    warmup = min(0.25, 100 / steps)
    return done / warmup if done < warmup else 0.1 + 0.9 * cosine((done - warmup) / (1 - warmup))


def train(model: nn.Module, batches: RandomWindows, test: tuple, *, lr: float, parts: int, device: str = "cpu"):
    """Trains a model in ``parts`` epochs; yields its losses on the batches and on the test after each."""
    optimizer = optimizer_for(model, lr)
    rate = partial(climb_and_fall, steps=parts * len(batches) // PROCESSES)
    for part in range(parts):
        history = fit(
            model, batches, epochs=1, optimizer=optimizer, clip=1.0, device=device,
            schedule=lambda done, part=part: rate((part + done) / parts),
        )  # fmt: skip
        yield history.loss[0], evaluate(model, test, batch_size=256, device=device)[0]


class LSTM(nn.Module):
    """Two layers of torch's LSTM from and to characters, as the book's page on recurrent networks describes them."""

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.lstm = nn.LSTM(hidden_size, hidden_size, num_layers=2, batch_first=True)
        self.out = nn.Linear(hidden_size, vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.out(self.lstm(self.embedding(tokens))[0]).mT


# --- the Python reference -----------------------------------------------------------------------------------------

SEEDS, PARTS, CONTEXT, BATCH, STEPS = (0, 1, 2), 10, 64, 12, 4000
RATES = {"GPT": (3e-3, 6e-3, 1.2e-2), "LSTM": (4e-3, 8e-3, 1.6e-2)}
PROMPTS = ("If the ", "the class o", "for i in ran", "a list of ", "Changed in version 3", "return self.")


def write(
    model: GPT, text: Characters, prompt: str, length: int, *, copies: int = 1, seed: int = 0, **how
) -> list[str]:
    """What a model writes after a prompt, ``copies`` times."""
    start = text.encode(prompt).expand(copies, -1)
    written = generate(model.eval(), start, length, generator=torch.Generator().manual_seed(seed), **how)
    return [text.decode(row) for row in written]


def by_temperature(model: GPT, text: Characters, known: set[str]) -> list[dict]:
    """Share of known words, and of different ones, in what the model writes at several settings."""
    settings = [{"temperature": t} for t in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)]
    settings += [
        {"temperature": 1.0, "top_k": 5},
        {"temperature": 1.0, "top_p": 0.9},
        {"temperature": 1.5, "top_p": 0.9},
    ]
    rows = []
    for setting in settings:
        texts = write(model, text, " ", CONTEXT - 1, copies=128, **setting)
        # A word that the end cuts off is no word; nor is one of two letters.
        words = [word for written in texts for word in re.findall(r"[A-Za-z]{3,}(?=[^A-Za-z])", written)]
        share = sum(word in known for word in words) / len(words)
        rows.append(
            setting
            | {"words": len(words), "known": round(share, 4), "different": round(len(set(words)) / len(words), 4)}
        )
    return rows


def language_models(train_text: str, test_text: str) -> tuple[dict, GPT, Characters]:
    text = Characters(train_text + test_text)
    numbers, test = text.encode(train_text), windows(text.encode(test_text), CONTEXT)
    config = GPTConfig(vocabulary=len(text), context=CONTEXT, layers=2, heads=4, model_size=64)
    # The widest LSTM with at most as many parameters.
    size = count_parameters(GPT(config))
    width = max(w for w in range(16, 257) if count_parameters(LSTM(len(text), w)) <= size)
    make = {"GPT": lambda: NextToken(GPT(config)), "LSTM": lambda: LSTM(len(text), width)}
    known = set(re.findall(r"[A-Za-z]{3,}", train_text))
    found: dict = {"models": {}, "samples": {}}
    kept = None

    def run(kind: str, seed: int, lr: float, steps: int, *, watch: bool = False) -> tuple[list, float, nn.Module]:
        torch.manual_seed(seed)
        model, start = make[kind](), time.process_time()
        parts = PARTS if steps == STEPS else 1
        batches = RandomWindows(numbers, CONTEXT, batch=BATCH, steps=steps // parts, seed=seed)
        bits = [evaluate(model, test, batch_size=256, **CPU)[0] / math.log(2)]
        if watch:
            found["samples"][0] = write(model.model, text, "The ", 160)[0]
        for part, (_, loss) in enumerate(train(model, batches, test, lr=lr, parts=parts), 1):
            bits.append(loss / math.log(2))
            if watch and part in (1, PARTS):
                found["samples"][part * steps // parts] = write(model.model, text, "The ", 160)[0]
        return [round(b, 4) for b in bits], time.process_time() - start, model

    for kind, rates in RATES.items():
        tried = {lr: run(kind, 100, lr, STEPS // 4)[0][-1] for lr in rates}
        best = min(tried, key=tried.get)
        runs = [run(kind, seed, best, STEPS, watch=kind == "GPT" and seed == 0) for seed in SEEDS]
        if kind == "GPT":
            kept = runs[0][2].model
        found["models"][kind] = {
            "parameters": count_parameters(runs[0][2]),
            "bits_by_rate_at_a_quarter_of_the_steps": tried,
            "lr": best,
            "bits": [bits for bits, _, _ in runs],
            "seconds": [round(seconds) for _, seconds, _ in runs],
        }
        print(kind, found["models"][kind], flush=True)
    found["by_temperature"] = by_temperature(kept, text, known)
    with torch.no_grad():
        logits = [kept(text.encode(prompt)[None])[0, -1].tolist() for prompt in PROMPTS]
    found["next"] = {
        "alphabet": text.alphabet,
        "prompts": list(PROMPTS),
        "logits": [[round(x, 2) for x in row] for row in logits],
    }
    return found, kept, text


# --- fine-tuning --------------------------------------------------------------------------------------------------

MODULES = ("inspect", "statistics", "threading", "unittest.mock")
LABELS, TUNING_STEPS, TUNING_RATES = (4, 16, 64), 100, (3e-4, 1e-3, 3e-3, 1e-2)


def passages(module: str, text: Characters) -> list[str]:
    """The docstrings of a module in pieces of 64 characters, without the lines of examples."""
    source = Path(importlib.util.find_spec(module).origin).read_text(encoding="utf-8")
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docs = dict.fromkeys(ast.get_docstring(node) or "" for node in sorted(nodes, key=lambda n: getattr(n, "lineno", 0)))
    lines = [line for doc in docs for line in doc.splitlines() if line.strip() and ">>>" not in line]
    prose = " ".join(" ".join(dict.fromkeys(lines)).split())
    # The name of the module would give the answer away.
    prose = re.sub(module.split(".")[-1], "", prose, flags=re.IGNORECASE)
    prose = "".join(c if c in text.alphabet else " " for c in prose)
    return [prose[i : i + CONTEXT] for i in range(0, len(prose) - CONTEXT, CONTEXT)]


def fine_tuning(pretrained: GPT, text: Characters) -> dict:
    """Which module does a passage document? From pre-trained weights, from random ones, and by counts of characters."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pieces = [passages(module, text) for module in MODULES]
    # In the order of the source: the first 64 to learn from, then 40 to choose the rate by, then 80 to test.
    if min(map(len, pieces)) < 184:
        raise ValueError(f"every module needs 184 passages, got {[*map(len, pieces)]}")

    def part(start: int, stop: int) -> tuple[list[str], Tensor]:
        texts = [piece for module in pieces for piece in module[start:stop]]
        return texts, torch.arange(len(MODULES)).repeat_interleave(stop - start)

    def encoded(texts: list[str]) -> tuple[Tensor, Tensor]:
        return torch.stack([text.encode(t) for t in texts]), torch.full((len(texts),), CONTEXT)

    def run(labels: int, seed: int, lr: float, on: tuple[list[str], Tensor], *, from_pretrained: bool) -> float:
        torch.manual_seed(seed)
        gpt = copy.deepcopy(pretrained) if from_pretrained else GPT(pretrained.config)
        model = Classifier(gpt, len(MODULES))
        chosen = chosen_passages(labels, seed)
        (x, lengths), y = encoded(chosen[0]), chosen[1]
        orders = torch.Generator().manual_seed(seed)
        picks = [torch.randperm(len(y), generator=orders)[:16] for _ in range(TUNING_STEPS)]
        batches = [((x[i], lengths[i]), y[i]) for i in picks]
        fit(model, batches, epochs=1, lr=lr, schedule=one_cycle, clip=1.0, **CPU)
        with torch.no_grad():
            return (model.eval()(*encoded(on[0])).argmax(1) == on[1]).float().mean().item()

    def chosen_passages(labels: int, seed: int) -> tuple[list[str], Tensor]:
        generator = torch.Generator().manual_seed(1000 + seed)
        texts, y = part(0, 64)
        picks = torch.cat([64 * c + torch.randperm(64, generator=generator)[:labels] for c in range(len(MODULES))])
        return [texts[i] for i in picks], y[picks]

    validation, test = part(64, 104), part(104, 184)
    found: dict = {"modules": list(MODULES), "labels_a_class": list(LABELS), "accuracy": {}, "rates": {}}
    for arm, from_pretrained in (("pre-trained", True), ("from scratch", False)):
        tried = {lr: run(16, 100, lr, validation, from_pretrained=from_pretrained) for lr in TUNING_RATES}
        best = max(tried, key=tried.get)
        found["rates"][arm] = {"tried": {lr: round(a, 4) for lr, a in tried.items()}, "lr": best}
        found["accuracy"][arm] = [
            [round(run(n, seed, best, test, from_pretrained=from_pretrained), 4) for seed in SEEDS] for n in LABELS
        ]
        print(arm, found["rates"][arm], found["accuracy"][arm], flush=True)
    counts = []
    for n in LABELS:
        counts.append([])
        for seed in SEEDS:
            texts, y = chosen_passages(n, seed)
            model = make_pipeline(
                CountVectorizer(analyzer="char", ngram_range=(1, 4)), LogisticRegression(max_iter=1000)
            )
            counts[-1].append(round(model.fit(texts, y).score(test[0], test[1]), 4))
    found["accuracy"]["counts of 1 to 4 characters"] = counts
    print(counts, flush=True)
    return found


# --- few characters -----------------------------------------------------------------------------------------------

FEW_RATES, TRIAL_SEED = (1e-3, 3e-3), 100


def few_characters() -> dict:
    """Bits a character on other text of the same documentation, and on the text that chose the rate, by start."""
    train_text, test_text = data.python_reference_text("train"), data.python_reference_text("test")
    text = Characters(train_text + test_text)
    docs = "\n\n".join(inspect.getdoc(getattr(statistics, name)) for name in statistics.__all__)
    docs = "".join(c if c in text.alphabet else " " for c in docs)
    few, choosing, testing = (
        windows(text.encode(part), CONTEXT) for part in (docs[:4000], docs[4000:7000], docs[7000:])
    )
    config = GPTConfig(vocabulary=len(text), context=CONTEXT, layers=2, heads=4, model_size=64)
    how = {"schedule": one_cycle, "clip": 1.0, **CPU}

    def bits(model: GPT, held_out: tuple[Tensor, Tensor]) -> float:
        return round(evaluate(NextToken(model), held_out, **CPU)[0] / math.log(2), 4)

    def learn(start: GPT | None, lr: float, seed: int) -> GPT:
        torch.manual_seed(seed)
        model = copy.deepcopy(start) if start else GPT(config)
        fit(NextToken(model), few, epochs=10, batch_size=16, lr=lr, seed=seed, **how)
        return model

    torch.manual_seed(0)
    pretrained = GPT(config)
    fit(NextToken(pretrained), windows(text.encode(train_text), CONTEXT), epochs=1, batch_size=32, lr=6e-3, **how)
    found: dict = {"nothing more": bits(pretrained, testing)}
    for name, start in (("from scratch", None), ("pre-trained", pretrained)):
        tried = {lr: bits(learn(start, lr, TRIAL_SEED), choosing) for lr in FEW_RATES}
        best = min(tried, key=tried.get)
        found[name] = {"tried": tried, "lr": best, "bits": [bits(learn(start, best, seed), testing) for seed in SEEDS]}
        print(name, found[name], flush=True)
    return found


# --- tiny-shakespeare ---------------------------------------------------------------------------------------------

SETTINGS = {
    "cpu": {"layers": 4, "heads": 4, "model_size": 128, "context": 64, "dropout": 0.0, "batch": 12, "steps": 2000},
    "gpu": {"layers": 6, "heads": 6, "model_size": 384, "context": 256, "dropout": 0.2, "batch": 64, "steps": 5000},
    "trial": {"layers": 1, "heads": 2, "model_size": 16, "context": 16, "dropout": 0.0, "batch": 12, "steps": 6},
}


def shakespeare(setting: str, seed: int, out: Path, *, minutes: float | None = None, compile: bool = False) -> bool:
    """One GPT: rate 1e-3, no biases, the last tenth of the text held out. Adds its row to a file.

    Args:
        setting: "cpu" or "gpu" of nanoGPT, or "trial", which takes seconds and shows that everything runs.
        seed: of the first weights, of the windows and of dropout.
        out: the JSON file.
        minutes: leave off after the 250 steps in which so many are over.
        compile: run the model through ``torch.compile``.

    Returns:
        Whether the file holds the row; if not, the same call goes on.
    """
    wanted = {"setting": setting, "seed": seed}
    if recorded.find(recorded.read(out).get("shakespeare", []), wanted):
        return True
    sizes = dict(SETTINGS[setting])
    batch, steps, context = sizes.pop("batch"), sizes.pop("steps"), sizes["context"]
    train_text, test_text = data.tiny_shakespeare("train"), data.tiny_shakespeare("test")
    characters = Characters(train_text + test_text)
    device = dlarch.device()
    torch.manual_seed(seed)
    model = NextToken(GPT(GPTConfig(vocabulary=len(characters), bias=False, **sizes)))
    parts = steps // 250 or steps  # a short run tells the loss of every step
    checkpoint = recorded.checkpoint(out, "gpt", setting, "seed", seed)
    done, start = epochs_done(checkpoint), recorded.clock(device)
    history = fit(
        model, RandomWindows(characters.encode(train_text), context, batch=batch, steps=steps // parts), epochs=parts,
        validation=windows(characters.encode(test_text), context), optimizer=optimizer_for(model, 1e-3), clip=1.0,
        schedule=partial(climb_and_fall, steps=steps), device=device, compile=compile, checkpoint=checkpoint,
        minutes=minutes, progress=True,
    )  # fmt: skip
    if len(history.loss) < parts:
        return False
    if not leader():
        return True
    trained = (parts - done) * (steps // parts)  # since this command began
    seconds = round(1000 * (recorded.clock(device) - start) / trained, 2) if trained else None
    torch.manual_seed(0)
    written = characters.decode(generate(model.model, characters.encode("\n")[None].to(device), 300)[0])
    losses = [round(loss, 4) for loss in history.validation_loss]
    row = SETTINGS[setting] | {
        "parameters": count_parameters(model), "characters": [len(train_text), len(test_text)], "processes": PROCESSES,
        "compiled": compile, "best_loss": min(losses), "loss": losses,
        "training_loss": [round(loss, 4) for loss in history.loss], "sample": written, "milliseconds_a_step": seconds,
    }  # fmt: skip
    recorded.add(out, "shakespeare", wanted | row | recorded.conditions(device), key=("setting", "seed"))
    checkpoint.unlink()
    return True


def leader() -> bool:
    """Whether this process writes: the only one, or the first of torchrun's."""
    return os.environ.get("RANK", "0") == "0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("reference", "few", "shakespeare"))
    parser.add_argument("--setting", choices=tuple(SETTINGS), default="cpu", help="of the runs on tiny-shakespeare")
    parser.add_argument("--seed", type=int, nargs="+", default=[0], help="of the runs on tiny-shakespeare")
    parser.add_argument("--minutes", type=float, help="leave off a run on tiny-shakespeare when so many are over")
    parser.add_argument("--compile", action="store_true", help="run a model on tiny-shakespeare through torch.compile")
    parser.add_argument("--out", type=Path, default=RECORD, help="file that the results are added to")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.part == "reference":
        splits = data.python_reference_text("train"), data.python_reference_text("test")
        found, model, text = language_models(*splits)
        found |= {"seeds": SEEDS, "context": CONTEXT, "batch": BATCH, "steps": STEPS, "characters": [*map(len, splits)]}
        results = {"reference": found, "fine_tuning": fine_tuning(model, text) | {"steps": TUNING_STEPS}}
        record = recorded.read(given.out) | results | {
            "what": "small GPTs on characters",
            "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/gpt.py reference (and: few, shakespeare)",
            **recorded.conditions("cpu"),
        }  # fmt: skip
        given.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return
    if given.part == "few":
        record = recorded.read(given.out) | {"few": few_characters()}
        given.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return
    start = time.monotonic()
    for seed in given.seed:
        left = None if given.minutes is None else max(0.0, given.minutes - (time.monotonic() - start) / 60)
        if not shakespeare(given.setting, seed, given.out, minutes=left, compile=given.compile):
            print("the minutes are over; the same command goes on", flush=True)
            return


if __name__ == "__main__":
    main()
