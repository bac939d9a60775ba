"""Right answers to the exercise `bert`, written differently. Each must keep its points."""

from itertools import pairwise

import torch
import torch.nn.functional as F

from coursekit.exercise import variant

CLS, SEP, MASK, IGNORED = 1, 2, 3, -100


@variant("hide", "cloned-and-indexed")
def hide(tokens, draw, fate, other, share):
    inputs, targets = tokens.clone(), torch.full_like(tokens, IGNORED)
    chosen = (draw < share) & ~torch.isin(tokens, torch.arange(4))
    targets[chosen] = tokens[chosen]
    hidden, replaced = chosen & (fate < 0.8), chosen & (fate >= 0.8) & (fate < 0.9)
    inputs[hidden] = MASK
    inputs[replaced] = other[replaced]
    return inputs, targets


@variant("hide", "one-position-at-a-time")
def hide(tokens, draw, fate, other, share):
    inputs, targets = [], []
    for t, d, f, o in zip(tokens.flatten(), draw.flatten(), fate.flatten(), other.flatten(), strict=True):
        if d >= share or t <= MASK:
            inputs.append(int(t))
            targets.append(IGNORED)
            continue
        targets.append(int(t))
        if f < 0.8:
            inputs.append(MASK)
        elif f < 0.9:
            inputs.append(int(o))
        else:
            inputs.append(int(t))
    shape = tokens.shape
    return torch.tensor(inputs, dtype=torch.int64).reshape(shape), torch.tensor(targets, dtype=torch.int64).reshape(
        shape
    )


@variant("hide", "from-the-last-fate-to-the-first")
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share).logical_and(tokens >= 4)
    fated = torch.where(fate < 0.8, torch.full_like(tokens, MASK), torch.where(fate < 0.9, other, tokens))
    return torch.where(chosen, fated, tokens), tokens.masked_fill(~chosen, IGNORED)


@variant("hide", "sums-of-products")
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    hidden, replaced = chosen & (fate < 0.8), chosen & (fate >= 0.8) & (fate < 0.9)
    inputs = tokens * ~(hidden | replaced) + MASK * hidden + other * replaced
    return inputs, tokens * chosen + IGNORED * ~chosen


@variant("masked_loss", "nan-set-to-zero")
def masked_loss(logits, targets):
    scores, wanted = logits[targets != IGNORED], targets[targets != IGNORED]
    loss = -scores.log_softmax(-1).gather(1, wanted[:, None]).mean().nan_to_num()
    return loss, (scores.argmax(-1) == wanted).float().mean().nan_to_num()


@variant("masked_loss", "all-positions-then-weighed")
def masked_loss(logits, targets):
    chosen = (targets >= 0).to(logits.dtype)
    fetched = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    count = chosen.sum().clamp(min=1)
    right = (logits.argmax(-1) == targets).to(logits.dtype) * chosen
    return -(fetched * chosen).sum() / count, right.sum() / count


@variant("masked_loss", "logsumexp")
def masked_loss(logits, targets):
    flat, wanted = logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)
    flat, wanted = flat[wanted != IGNORED], wanted[wanted != IGNORED]
    if len(wanted) == 0:
        return logits.sum() * 0.0, torch.tensor(0.0)
    loss = flat.logsumexp(-1) - flat[torch.arange(len(wanted)), wanted]
    return loss.mean(), flat.max(-1).indices.eq(wanted).double().mean()


@variant("masked_loss", "one-hot")
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    hot = F.one_hot(targets.where(chosen, 0), logits.shape[-1]) * chosen[..., None]
    count = hot.sum().clamp(min=1)
    right = (hot * F.one_hot(logits.argmax(-1), logits.shape[-1])).sum()
    return -(hot * F.log_softmax(logits, dim=-1)).sum() / count, right / count


@variant("pair", "kept-lengths-computed-first")
def pair(a, b, size):
    m, n = len(a), len(b)
    while m + n + 3 > size:
        if m > n:
            m -= 1
        else:
            n -= 1
    tokens, segments = torch.zeros(size, dtype=torch.int64), torch.zeros(size, dtype=torch.int64)
    tokens[0], tokens[m + 1], tokens[m + n + 2] = CLS, SEP, SEP
    tokens[1 : m + 1] = torch.tensor(a[:m])
    tokens[m + 2 : m + n + 2] = torch.tensor(b[:n])
    segments[m + 2 : m + n + 3] = 1
    return tokens, segments, m + n + 3


@variant("pair", "slices-and-padding-by-F-pad")
def pair(a, b, size):
    while len(a) + len(b) + 3 > size:
        a, b = (a[:-1], b) if len(a) > len(b) else (a, b[:-1])
    first, second = [CLS, *a, SEP], [*b, SEP]
    length = len(first + second)
    tokens = F.pad(torch.tensor(first + second), (0, size - length))
    segments = F.pad(torch.tensor([0] * len(first) + [1] * len(second)), (0, size - length))
    return tokens, segments, length


@variant("cls_logits", "selected-and-multiplied-by-hand")
def cls_logits(h, pooler, out):
    pooled = (h.select(1, 0) @ pooler.weight.mT + pooler.bias).tanh()
    return F.linear(pooled, out.weight, out.bias)


@variant("cls_logits", "whole-sequence-then-the-first")
def cls_logits(h, pooler, out):
    return out(pooler(h).tanh())[:, 0, :]


@variant("mean_vector", "where")
def mean_vector(h, lengths):
    real = (torch.arange(h.size(1))[None] < lengths[:, None])[..., None]
    return torch.where(real, h, torch.zeros((), dtype=h.dtype)).sum(1) / real.sum(1).to(h.dtype)


@variant("mean_vector", "one-sequence-at-a-time")
def mean_vector(h, lengths):
    return torch.stack([row[:length].mean(dim=0) for row, length in zip(h, lengths.tolist(), strict=True)])


@variant("mean_vector", "mean-of-what-is-no-nan")
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[..., None], float("nan")).nanmean(dim=1)


@variant("bpe", "counter-and-sorted")
def best_pair(words):
    from collections import Counter

    counts = Counter()
    for word, times in words.items():
        for i in range(len(word) - 1):
            counts[word[i], word[i + 1]] += times
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0]


@variant("bpe", "largest-then-first")
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for left, right in pairwise(word):
            counts.setdefault((left, right), 0)
            counts[left, right] += times
    most = max(counts.values())
    return min(pair for pair in counts if counts[pair] == most)


@variant("bpe", "grown-from-the-left")
def join(word, pair):
    out = []
    merged = False
    for token in word:
        if out and not merged and (out[-1], token) == pair:
            out[-1] = out[-1] + token
            merged = True
        else:
            out.append(token)
            merged = False
    return tuple(out)


@variant("bpe", "recursive")
def join(word, pair):
    if len(word) < 2:
        return tuple(word)
    if (word[0], word[1]) == pair:
        return (word[0] + word[1], *join(word[2:], pair))
    return (word[0], *join(word[1:], pair))
