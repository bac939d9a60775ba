"""Copying digits through one state, taught in three ways and read in two directions; dates turned into ISO 8601; and
what beams of several widths find where a model is taught for a moment to spell numbers.

Too slow for the page ``seq2seq``. Run it from the repository, about seven minutes of one core:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/seq2seq.py
"""

import json
import platform
from pathlib import Path

import torch
from torch import nn

from dlarch import data
from dlarch.sequences.seq2seq import Decoder, Encoder, Seq2Seq, beam_search, greedy, own_symbols, pad, teach
from dlarch.sequences.text import Characters
from dlarch.spelling import DATE_FORMATS, NUMBER_WORDS
from dlarch.training import fit, one_cycle

SEEDS, RATES, LENGTHS = (0, 1, 2), (3e-3, 6e-3, 1.2e-2, 2.4e-2), tuple(range(4, 33, 4))
START, LONGEST, STEPS, TRIAL_STEPS, TRIAL_SEED = 10, 20, 1200, 400, 100
WIDTHS = (16, 32, 64, 128)
DATE_WIDTH, DATE_STEPS = 128, 1500
SPELLING_WIDTH, SPELLING_STEPS, SPELLING_RATE = 48, 100, 2.4e-2
BEAMS = ((1, 0.0), (5, 0.0), (20, 0.0), (20, 1.0))  # width, alpha


class Taught(nn.Module):
    """Brings a model into the form that ``fit`` wants: symbols along the middle axis.

    Args:
        model: reads and writes.
        truth: chance that the writer is shown the true symbol; 1 is teacher forcing.
        backwards: whether the source is read from its end.
    """

    def __init__(self, model: Seq2Seq, *, truth: float = 1.0, backwards: bool = False) -> None:
        super().__init__()
        self.model, self.truth, self.backwards = model, truth, backwards

    def read(self, source: torch.Tensor) -> torch.Tensor:
        return source.flip(1) if self.backwards else source

    def forward(self, source: torch.Tensor, previous: torch.Tensor, lengths: torch.Tensor | None = None):
        source = self.read(source)
        if self.truth == 1:
            return self.model(source, previous, lengths).mT
        return own_symbols(self.model, source, previous, lengths, truth=self.truth).mT


def strings(n: int, length: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, START, (n, length), generator=generator)


def train(width: int, seed: int, lr: float, steps: int, **taught) -> Taught:
    """A model that has seen ``steps`` batches of 32 strings, the strings of a batch equally long."""
    torch.manual_seed(seed)
    model = Taught(Seq2Seq(Encoder(START, width), Decoder(START + 1, width)), **taught)
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randint(2, LONGEST + 1, (steps,), generator=generator).tolist()
    sources = [strings(32, size, generator) for size in sizes]
    before = torch.full((32, 1), START)
    batches = [((s, torch.cat([before, s[:, :-1]], dim=1)), s) for s in sources]
    fit(model, batches, epochs=1, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
    return model


def measure(model: Taught, first: int) -> tuple[list[float], list[float]]:
    """Share of the digits right and of whole strings right, by length, written alone on 200 new strings each."""
    right, exact = [], []
    for length in LENGTHS:
        source = strings(200, length, torch.Generator().manual_seed(first + length))
        same = greedy(model.model, model.read(source), length, start=START) == source
        right.append(round(same.float().mean().item(), 4))
        exact.append(round(same.all(dim=1).float().mean().item(), 4))
    return right, exact


def copying(width: int, **taught) -> dict:
    """The best of four learning rates in a short trial on other strings, then three seeds at that rate."""
    within = [i for i, length in enumerate(LENGTHS) if length <= LONGEST]
    trials = {}
    for lr in RATES:
        right, _ = measure(train(width, TRIAL_SEED, lr, TRIAL_STEPS, **taught), 5000)
        trials[lr] = round(sum(right[i] for i in within) / len(within), 4)
    best = max(trials, key=trials.get)
    results = [measure(train(width, seed, best, STEPS, **taught), 1000) for seed in SEEDS]
    shares = {"share_right": [r for r, _ in results], "exact": [e for _, e in results]}
    return {"width": width, **taught, "trials": trials, "lr": best, **shares}


def date_batches(texts: list[str], answers: list[str], letters: Characters, signs: Characters, size: int) -> list:
    batches = []
    for i in range(0, len(texts), size):
        source, lengths = pad([letters.encode(text) for text in texts[i : i + size]])
        targets = [signs.encode(answer) for answer in answers[i : i + size]]
        previous, target = teach(targets, start=len(signs) + 1, end=len(signs))
        batches.append(((source, previous, lengths), target))
    return batches


def dates() -> dict:
    x_train, y_train, x_test, y_test = data.dates(64 * DATE_STEPS)
    x_test, y_test = x_test[:1000], y_test[:1000]
    letters, signs = Characters("".join(x_train)), Characters("0123456789-")
    start, end = len(signs) + 1, len(signs)
    batches = date_batches(x_train, y_train, letters, signs, 64)
    (source, _, lengths), _ = date_batches(x_test, y_test, letters, signs, 1000)[0]

    def trained(seed: int, lr: float, steps: int) -> Taught:
        torch.manual_seed(seed)
        model = Taught(Seq2Seq(Encoder(len(letters), DATE_WIDTH), Decoder(len(signs) + 2, DATE_WIDTH)))
        fit(model, batches[:steps], epochs=1, lr=lr, schedule=one_cycle, clip=1.0, device="cpu")
        return model

    def words(tokens: torch.Tensor) -> list[str]:
        return ["".join(signs.alphabet[t] if t < end else "?" for t in row if t != end) for row in tokens.tolist()]

    ways = DATE_FORMATS
    trials = {}
    for lr in RATES[:3]:
        model = trained(TRIAL_SEED, lr, TRIAL_STEPS)
        trials[lr] = round(-sum(fit_loss(model, batches[-5:])) / 5, 4)  # batches that this model has not seen
    best = max(trials, key=trials.get)
    runs, wrong = [], []
    for seed in SEEDS:
        model = trained(seed, best, DATE_STEPS)
        written = words(greedy(model.model, source, 12, start=start, end=end, lengths=lengths))
        beam = beam_search(model.model, source, 5, 12, start=start, end=end, lengths=lengths)
        searched = words(beam.tokens[:, 0])
        right = [w == y for w, y in zip(written, y_test, strict=True)]
        by_way: dict[str, list[int]] = {way: [0, 0] for way in ways}
        for text, answer, good in zip(x_test, y_test, right, strict=True):
            day = data.date.fromisoformat(answer)
            way = next(way for way, write in ways.items() if write(day) == text)
            by_way[way][0] += good
            by_way[way][1] += 1
        runs.append(
            {
                "exact": round(sum(right) / len(right), 4),
                "exact_beam_5": round(sum(w == y for w, y in zip(searched, y_test, strict=True)) / len(y_test), 4),
                "right_and_asked_by_format": by_way,
            }
        )
        wrong.append([t for t in zip(x_test, y_test, written, searched, strict=True) if t[1] != t[2]])
    return {"width": DATE_WIDTH, "steps": DATE_STEPS, "trials": trials, "lr": best, "runs": runs, "wrong": wrong}


def tagged(word: str, number: str) -> str:
    """The number behind the first letter of the language in which it is spelled."""
    return next(name[0] for name, spell in NUMBER_WORDS.items() if spell(int(number)) == word) + number


def spelling() -> dict:
    """Likelihood in nats, length and right answers of the sentences that beams find for 100 numbers, by seed."""
    words, numbers, words_test, numbers_test = data.numbers(64 * SPELLING_STEPS)
    words_test = words_test[:100]
    signs, alphabet = Characters("0123456789EFGS"), Characters("".join(words + words_test))
    stop, begin = len(alphabet), len(alphabet) + 1
    asked = [signs.encode(tagged(*pair)) for pair in zip(words, numbers, strict=True)]
    batches = []
    for i in range(0, len(words), 64):
        previous, target = teach([alphabet.encode(text) for text in words[i : i + 64]], start=begin, end=stop)
        source, real = pad(asked[i : i + 64])
        batches.append(((source, previous, real), target))
    source, real = pad([signs.encode(tagged(*pair)) for pair in zip(words_test, numbers_test, strict=False)])
    beams = [{"width": width, "alpha": alpha, "log_p": [], "length": [], "right": []} for width, alpha in BEAMS]
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = Seq2Seq(Encoder(len(signs), SPELLING_WIDTH), Decoder(len(alphabet) + 2, SPELLING_WIDTH))
        fit(Taught(model), batches, epochs=1, lr=SPELLING_RATE, schedule=one_cycle, clip=1.0, device="cpu")
        for beam in beams:
            found = beam_search(
                model, source, beam["width"], 60, start=begin, end=stop, lengths=real, alpha=beam["alpha"]
            )
            rows = [row[: row.index(stop)] if stop in row else row for row in found.tokens[:, 0].tolist()]
            texts = [alphabet.decode(row) for row in rows]
            beam["log_p"].append(round(found.log_p[:, 0].mean().item(), 2))
            beam["length"].append(sum(map(len, texts)) / len(texts))
            beam["right"].append(sum(text == word for text, word in zip(texts, words_test, strict=True)))
    return {"width": SPELLING_WIDTH, "steps": SPELLING_STEPS, "lr": SPELLING_RATE, "beams": beams}


def fit_loss(model: Taught, batches: list) -> list[float]:
    with torch.no_grad():
        return [nn.functional.cross_entropy(model(*inputs), target).item() for inputs, target in batches]


def main() -> None:
    torch.set_num_threads(1)
    record = {
        "what": "encoder-decoder of two GRUs: copying 2 to 20 random digits, dates to ISO 8601, numbers to words",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/seq2seq.py",
        "seeds": SEEDS,
        "lengths": LENGTHS,
        "steps": STEPS,
        "trial": f"seed {TRIAL_SEED}, {TRIAL_STEPS} batches; strings: rates {RATES}, other strings than in the test; "
        f"dates: rates {RATES[:3]}, judged by the loss on training batches not seen yet",
        "test": "200 new strings a length and 1,000 dates of days that were in no training example, written greedily",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    parts = {
        "curve": lambda: [copying(width) for width in WIDTHS],
        "taught": lambda: [copying(64, truth=truth) for truth in (0.5, 0.0)],
        "backwards": lambda: copying(64, backwards=True),
        "dates": dates,
        "spelling": spelling,
    }
    for name, part in parts.items():
        record[name] = part()
        print(name, record[name], flush=True)
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
