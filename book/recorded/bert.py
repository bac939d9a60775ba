"""Pre-training a small BERT and fine-tuning it, longer than the page `bert` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/bert.py
"""

import json
import math
import platform
import re
import time
from collections import Counter, defaultdict
from copy import deepcopy
from functools import cache
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dlarch.data import python_reference_text
from dlarch.measure import count_parameters
from dlarch.sequences.bert import (
    IGNORED,
    Bert,
    BertConfig,
    BertForClassification,
    BertForPreTraining,
    mask_tokens,
    next_sentence_pairs,
    pack,
)
from dlarch.sequences.tokenizer import BytePairEncoding
from dlarch.training import one_cycle

SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
PAD, CLS, SEP, MASK = range(4)
CLASSES = ("debugger", "typesseq", "string-methods", "formatstrings", "types", "compound", "specialnames")
SIZE, SPAN, PASSAGE = 20, 8, 18  # positions of a row; tokens of a sentence in a pair and of a passage alone
CONFIG = BertConfig(vocabulary=800, model_size=64, layers=2, heads=4, hidden_size=256, positions=SIZE, dropout=0.0)
STEPS, BATCH, RATE, LOOK = 6000, 64, 3e-3, 250
LABELS, SEEDS, RATES, TUNING_STEPS = (4, 16, 64), (0, 1, 2), (3e-4, 1e-3, 3e-3), 100
Rows = tuple[Tensor, Tensor, Tensor]


def corpus() -> tuple[dict[str, str], dict[str, str]]:
    """Topic -> text to learn from, and topic -> text held out: the last third of each of the seven longest topics.

    A paragraph that stands in several places is kept once, and not at all if it is held out.
    """
    assert all(text in python_reference_text() for text in topics.values())
    held, seen, train = {}, set(), {}
    paragraphs = {name: [p for p in text.split("\n\n") if p.strip()] for name, text in topics.items()}
    for name in CLASSES:
        cut = len(paragraphs[name]) * 2 // 3
        paragraphs[name], rest = paragraphs[name][:cut], paragraphs[name][cut:]
        held[name] = "\n\n".join(rest)
        seen |= {p.strip() for p in rest}
    for name in (*CLASSES, *sorted(set(topics) - set(CLASSES))):
        new = [p for p in paragraphs[name] if p.strip() not in seen]
        seen |= {p.strip() for p in new}
        if new:
            train[name] = "\n\n".join(new)
    return train, held


def cut(tokens: list[int], size: int, start: int = 0) -> list[list[int]]:
    """Pieces of one size, from ``start`` on; what is left at the end is dropped unless there is nothing else."""
    return [tokens[i : i + size] for i in range(start, len(tokens) - size + 1, size)] or [tokens[:size]]


def pairs(texts: list[list[int]], start: int, generator: torch.Generator) -> tuple[Rows, Tensor]:
    """One pass over the texts: packed pairs and their labels."""
    found = next_sentence_pairs([cut(text, SPAN, start) for text in texts], generator=generator)
    return pack([(a, b) for a, b, _ in found], SIZE, cls=CLS, sep=SEP, pad=PAD), torch.tensor([n for *_, n in found])


def hide(tokens: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return mask_tokens(tokens, vocabulary=CONFIG.vocabulary, mask=MASK, special=range(4), generator=generator)


@torch.no_grad()
def measure(model: BertForPreTraining, rows: Rows, targets: Tensor, labels: Tensor) -> dict[str, float]:
    """Share right and loss in nats at the chosen positions, and share right of the pairs."""
    model.eval()
    words, follows = model(*rows)
    model.train()
    chosen = targets != IGNORED
    return {
        "accuracy": round((words.argmax(-1) == targets)[chosen].float().mean().item(), 4),
        "loss": round(F.cross_entropy(words[chosen], targets[chosen]).item(), 4),
        "pairs": round((follows.argmax(-1) == labels).float().mean().item(), 4),
    }


def pretrain(texts: list[list[int]], held: list[list[int]]) -> tuple[BertForPreTraining, dict[str, Any]]:
    """Train on masks and pairs together; the curve is measured on text that is never trained on."""
    generator = torch.Generator().manual_seed(1)
    rows, labels = pairs(held, 0, generator)
    inputs, targets = hide(rows[0], generator)
    test = ((inputs, *rows[1:]), targets, labels)
    some = torch.randperm(len(labels), generator=generator)[:1000]
    fewer = (tuple(part[some] for part in test[0]), targets[some], labels[some])

    torch.manual_seed(0)
    model = BertForPreTraining(CONFIG)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, fused=True)
    generator = torch.Generator().manual_seed(0)
    curve = [{"batches": 0} | measure(model, *fewer)]
    step, epochs, start = 0, 0, time.process_time()
    while step < STEPS:
        epochs += 1
        rows, labels = pairs(texts, int(torch.randint(SPAN, (), generator=generator)), generator)
        inputs, targets = hide(rows[0], generator)
        for index in torch.randperm(len(labels), generator=generator).split(BATCH)[: STEPS - step]:
            optimizer.param_groups[0]["lr"] = RATE * one_cycle(step / STEPS, warmup=0.1)
            h = model.bert(inputs[index], rows[1][index], rows[2][index])
            chosen = targets[index] != IGNORED
            loss = F.cross_entropy(model.fill(h[chosen]), targets[index][chosen])
            loss = loss + F.cross_entropy(model.follows(model.bert.pool(h)), labels[index])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % LOOK == 0:
                curve.append({"batches": step} | measure(model, *fewer))
                print(curve[-1], f"{time.process_time() - start:.0f} s", flush=True)
    told = {"curve": curve, "passes": epochs, "test": measure(model, *test), "asked": int((test[1] != IGNORED).sum())}
    return model.eval(), told | {"baselines": counted(texts, *test)}


def counted(texts: list[list[int]], rows: Rows, targets: Tensor, labels: Tensor) -> dict[str, float]:
    """What counting neighbours in the same texts gets right at the same positions, seeing the same inputs."""
    alone: Counter[int] = Counter()
    left, right, both, two = (defaultdict(Counter) for _ in range(4))
    for text in texts:
        alone.update(text)
        for a, x in pairwise(text):
            left[a][x] += 1
            right[x][a] += 1
        for a, x, b in zip(text, text[1:], text[2:], strict=False):
            both[a, b][x] += 1
        for a, b, x, c, d in zip(text, text[1:], text[2:], text[3:], text[4:], strict=False):
            two[a, b, c, d][x] += 1

    @cache
    def product(a: int, b: int) -> int:
        """The likeliest token if left and right neighbour spoke independently."""
        one, other = left.get(a, alone), right.get(b, alone)
        sums = sum(one.values()), sum(other.values())
        return max(
            one.keys() | other.keys(),
            key=lambda x: (one[x] / sums[0] + 1e-4) * (other[x] / sums[1] + 1e-4) / (alone[x] + 1),
        )

    def top(counts: Counter[int]) -> int:
        return counts.most_common(1)[0][0]

    commonest = top(alone)
    after, before = ({x: top(counts) for x, counts in side.items()} for side in (left, right))
    hits: Counter[str] = Counter()
    for row, wanted in zip(rows[0].tolist(), targets.tolist(), strict=True):
        # Where b follows a, [SEP] stands inside the text; a count looks past it.
        at = [i for i, x in enumerate(row) if x not in (PAD, CLS, SEP)]
        line, asked = [PAD, PAD, *(row[i] for i in at), PAD, PAD], [wanted[i] for i in at]
        for i, y in enumerate(asked, start=2):
            if y == IGNORED:
                continue
            a, b, c, d = line[i - 2], line[i - 1], line[i + 1], line[i + 2]
            guesses = {
                "the commonest token": commonest,
                "left neighbour": after.get(b, commonest),
                "right neighbour": before.get(c, commonest),
            }
            pair = top(both[b, c]) if (b, c) in both else product(b, c)
            guesses["both neighbours"] = pair
            guesses["two on either side"] = top(two[a, b, c, d]) if (a, b, c, d) in two else pair
            hits.update(name for name, guess in guesses.items() if guess == y)
            hits["asked"] += 1
    asked_in_all = hits.pop("asked")
    return {name: round(n / asked_in_all, 4) for name, n in hits.items()}


def passages(texts: dict[str, list[int]], count: int, seed: int) -> dict[str, Tensor]:
    """``count`` passages a topic, in random order, as rows of tokens."""
    generator = torch.Generator().manual_seed(seed)
    chosen = {}
    for name in CLASSES:
        pieces = cut(texts[name], PASSAGE)
        order = torch.randperm(len(pieces), generator=generator)[:count].tolist()
        chosen[name] = pack([(pieces[i],) for i in order], SIZE, cls=CLS, sep=SEP, pad=PAD)[0]
    return chosen


def labelled(chosen: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    return torch.cat(list(chosen.values())), torch.arange(len(chosen)).repeat_interleave(
        torch.tensor([len(rows) for rows in chosen.values()])
    )


def tune(bert: Bert, data: tuple[Tensor, Tensor], rate: float, seed: int) -> BertForClassification:
    """Train a classifier and the encoder under it; the encoder that is given stays as it is."""
    torch.manual_seed(seed)
    model = BertForClassification(deepcopy(bert), len(CLASSES))
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, fused=True)
    generator = torch.Generator().manual_seed(seed)
    order: list[int] = []
    for step in range(TUNING_STEPS):
        if len(order) < 28:
            order += torch.randperm(len(data[1]), generator=generator).tolist()
        index, order = order[:28], order[28:]
        optimizer.param_groups[0]["lr"] = rate * one_cycle(step / TUNING_STEPS, warmup=0.1)
        loss = F.cross_entropy(model(data[0][index]), data[1][index])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model.eval()


@torch.no_grad()
def right(model: BertForClassification, data: tuple[Tensor, Tensor]) -> float:
    return round((model(data[0]).argmax(-1) == data[1]).float().mean().item(), 4)


def naive_bayes(data: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> float:
    """Which tokens a passage holds, whatever their order: counts with 1 added."""
    count = torch.ones(len(CLASSES), CONFIG.vocabulary)
    for row, label in zip(*data, strict=True):
        count[label] += torch.bincount(row[1:-1], minlength=CONFIG.vocabulary)
    scores = (count / count.sum(1, keepdim=True)).log()[:, test[0][:, 1:-1]].sum(-1)
    return round((scores.argmax(0) == test[1]).float().mean().item(), 4)


def fine_tune(bert: Bert, texts: dict[str, list[int]], held: dict[str, list[int]]) -> list[dict[str, Any]]:
    """From pre-trained and from random weights, by number of labels; the rate is chosen without the test passages."""
    test = labelled(passages(held, 100, 0))
    runs = []
    for count in LABELS:
        for seed in SEEDS:
            drawn = passages(texts, count + 50, seed + 10)
            data = labelled({name: rows[:count] for name, rows in drawn.items()})
            validation = labelled({name: rows[count:] for name, rows in drawn.items()})
            runs.append({"labels": count, "seed": seed, "arm": "counting tokens", "right": naive_bayes(data, test)})
            for arm in ("pre-trained", "from scratch"):
                torch.manual_seed(seed)
                start = bert if arm == "pre-trained" else Bert(CONFIG)
                for rate in RATES:
                    model = tune(start, data, rate, seed)
                    told = {"rate": rate, "validation": right(model, validation), "right": right(model, test)}
                    runs.append({"labels": count, "seed": seed, "arm": arm} | told)
        print(runs[-1], flush=True)
    return runs


@torch.no_grad()
def blanks(model: BertForPreTraining, bpe: BytePairEncoding, held: dict[str, str]) -> list[dict[str, Any]]:
    """The first short sentence of words in each held-out part; each token hidden in turn, or left in place."""
    sentences = []
    for name in CLASSES:
        plain = re.findall(r"(?:^|[.] )([A-Z][a-z]+ [a-z ,]+[.])", " ".join(held[name].split()))
        fitting = [ids for ids in map(bpe.encode, plain) if 8 <= len(ids) <= PASSAGE]
        if not fitting:
            continue
        ids = fitting[0]
        row = pack([(ids.tolist(),)], SIZE, cls=CLS, sep=SEP, pad=PAD)
        answers = {}
        for way in ("hidden", "shown"):
            rows = row[0].repeat(len(ids), 1)
            if way == "hidden":
                rows[torch.arange(len(ids)), 1 + torch.arange(len(ids))] = MASK
            logits, _ = model(rows, row[1].expand_as(rows), row[2].expand(len(ids)))
            shares = logits[torch.arange(len(ids)), 1 + torch.arange(len(ids))].softmax(-1)
            best = shares.topk(5)
            answers[way] = [
                {
                    "best": [[bpe.decode(i[None]), round(p.item(), 4)] for p, i in zip(*pair, strict=True)],
                    "right": round(shares[k, ids[k]].item(), 4),
                    "rank": int((shares[k] > shares[k, ids[k]]).sum()) + 1,
                }
                for k, pair in enumerate(zip(*best, strict=True))
            ]
        sentences.append({"topic": name, "tokens": [bpe.decode(i[None]) for i in ids]} | answers)
    return sentences


def main() -> None:
    torch.set_num_threads(1)
    train, held = corpus()
    bpe = BytePairEncoding.train("\n\n".join(train.values()), CONFIG.vocabulary, special=SPECIAL)
    texts, tests = ({name: bpe.encode(text).tolist() for name, text in part.items()} for part in (train, held))
    model, told = pretrain(list(texts.values()), list(tests.values()))
    record = {
        "what": "masked tokens and next sentences on the Python reference, then the topic of a passage, one of seven",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/bert.py",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "tokens": {"train": sum(map(len, texts.values())), "held out": sum(map(len, tests.values()))},
        "parameters": {"encoder": count_parameters(model.bert), "with heads": count_parameters(model)},
        "setting": {"batches": STEPS, "rows": BATCH, "rate": RATE, "positions": SIZE, "seed": 0},
        "even": round(math.log(CONFIG.vocabulary), 4),
        "pretraining": told,
        "sentences": blanks(model, bpe, held),
        "tuning": {"batches": TUNING_STEPS, "seeds": SEEDS, "rates": RATES, "test": len(CLASSES) * 100, "runs": []},
    }
    file = Path(__file__).with_suffix(".json")
    file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    record["tuning"]["runs"] = fine_tune(model.bert, texts, tests)
    file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
