"""Right answers to the exercise `seq2seq`, written differently. Each must keep its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("summary", "gather-and-cut-rows")
def summary(states, lengths):
    index = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
    last = states.gather(1, index).squeeze(1)
    return last, torch.stack([row[:n].mean(dim=0) for row, n in zip(states, lengths.tolist(), strict=True)])


@variant("summary", "one-row-at-a-time")
def summary(states, lengths):
    last, mean = [], []
    for row, n in zip(states, lengths, strict=True):
        last.append(row[n - 1])
        mean.append(sum(row[t] for t in range(int(n))) / n)
    return torch.stack(last), torch.stack(mean)


@variant("summary", "masks-and-einsum")
def summary(states, lengths):
    places = torch.arange(1, states.size(1) + 1)
    at_end = F.one_hot(lengths - 1, states.size(1)).to(states.dtype)
    real = (places <= lengths.unsqueeze(1)).to(states.dtype)
    weights = real / real.sum(1, keepdim=True)
    return torch.einsum("bs,bsd->bd", at_end, states), torch.einsum("bs,bsd->bd", weights, states)


@variant("step", "hstack-and-names")
def step(tokens, h, context, embedding, cell, out):
    x = torch.hstack((embedding(tokens), context))
    state = cell(x, h)
    logits = out(state)
    return logits, state


@variant("step", "the-gates-by-hand")
def step(tokens, h, context, embedding, cell, out):
    x = torch.cat((embedding.weight[tokens], context), 1)
    xr, xz, xn = (x @ cell.weight_ih.T + cell.bias_ih).chunk(3, dim=1)
    hr, hz, hn = (h @ cell.weight_hh.T + cell.bias_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    new = (1 - z) * torch.tanh(xn + r * hn) + z * h
    return new @ out.weight.T + out.bias, new


@variant("lesson", "row-by-row-in-lists")
def lesson(target, lengths, start, end):
    width, shown, wanted = target.shape[1] + 1, [], []
    for row, n in zip(target.tolist(), lengths.tolist(), strict=True):
        shown.append([start, *row[:n], *[end] * (width - n - 1)])
        wanted.append([*row[:n], end, *[-100] * (width - n - 1)])
    return torch.tensor(shown), torch.tensor(wanted)


@variant("lesson", "filled-then-overwritten")
def lesson(target, lengths, start, end):
    b, t = target.shape
    shown = torch.full((b, t + 1), end)
    wanted = torch.full((b, t + 1), -100)
    shown[:, 0] = start
    for i in range(b):
        n = int(lengths[i])
        shown[i, 1 : n + 1] = target[i, :n]
        wanted[i, :n] = target[i, :n]
        wanted[i, n] = end
    return shown, wanted


@variant("lesson", "where-on-columns")
def lesson(target, lengths, start, end):
    column = torch.arange(target.shape[1] + 1)[None]
    after = column - lengths[:, None]
    room = torch.zeros(len(target), 1, dtype=target.dtype)
    wanted = torch.cat([target, room], 1)
    wanted = torch.where(after < 0, wanted, torch.where(after == 0, end, -100))
    shown = torch.where(after > 0, end, torch.cat([room + start, target], 1))
    return shown, wanted


@variant("losses", "logsumexp-and-a-boolean-index")
def losses(logits, target):
    real = target >= 0
    index = target.clamp(min=0)
    loss = logits.logsumexp(-1) - torch.gather(logits, 2, index.unsqueeze(-1)).squeeze(-1)
    return loss[real].mean(), torch.where(real, loss, torch.zeros_like(loss)).sum(-1)


@variant("losses", "one-hot")
def losses(logits, target):
    chosen = F.one_hot(target.clamp(min=0), logits.shape[-1]) * (target != -100)[..., None]
    loss = -(F.log_softmax(logits, -1) * chosen).sum(-1)
    return loss.sum() / chosen.sum(), loss.sum(-1)


@variant("losses", "loops")
def losses(logits, target):
    totals, count = [], 0
    for row, wanted in zip(logits.log_softmax(-1), target.tolist(), strict=True):
        picked = [-row[t, symbol] for t, symbol in enumerate(wanted) if symbol != -100]
        count += len(picked)
        totals.append(torch.stack(picked).sum() if picked else row.new_zeros(()))
    totals = torch.stack(totals)
    return totals.sum() / count, totals


@variant("greedy", "filled-from-the-start")
def greedy(step, state, length, start, end):
    rows = len(state)
    written = torch.full((rows, length), end)
    alive = torch.ones(rows, dtype=torch.bool)
    total = torch.zeros(rows, dtype=state.dtype)
    newest = torch.full((rows,), start)
    for t in range(length):
        logits, state = step(newest, state)
        newest = logits.argmax(-1)
        gained = logits.gather(1, newest[:, None]).squeeze(1) - logits.logsumexp(-1)
        total[alive] += gained[alive]
        written[alive, t] = newest[alive]
        alive &= newest != end
    return written, total


@variant("greedy", "writes-on-and-cuts-afterwards")
def greedy(step, state, length, start, end):
    token, tokens, gains = torch.full((state.shape[0],), start), [], []
    for _ in range(length):
        logits, state = step(token, state)
        log_p = F.log_softmax(logits, dim=1)
        token = log_p.argmax(dim=1)
        tokens.append(token)
        gains.append(log_p.amax(dim=1))
    tokens, gains = torch.stack(tokens, 1), torch.stack(gains, 1)
    ends = (tokens == end).long()
    over = ends.cumsum(1) - ends > 0
    return tokens.masked_fill(over, end), gains.masked_fill(over, 0).sum(1)


@variant("beam_step", "in-lists")
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    candidates = []
    for i in range(len(log_p)):
        if ended[i]:
            candidates.append((log_p[i] / n[i] ** alpha, i, end, log_p[i]))
            continue
        for symbol in range(next_log_p.shape[1]):
            total = log_p[i] + next_log_p[i, symbol]
            candidates.append((total / (n[i] + 1) ** alpha, i, symbol, total))
    candidates.sort(key=lambda c: float(c[0]), reverse=True)
    _, beginnings, symbols, totals = zip(*candidates[: len(log_p)], strict=True)
    return torch.tensor(beginnings), torch.tensor(symbols), torch.stack(totals)


@variant("beam_step", "sorted-and-unravelled")
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    step = next_log_p.clone()
    step[ended] = -math.inf
    step[ended, end] = 0.0
    total = log_p.unsqueeze(1) + step
    n = torch.where(ended, n, n + 1).unsqueeze(1)
    order = (total / n.pow(alpha)).reshape(-1).argsort(descending=True)[: log_p.numel()]
    parent = torch.div(order, step.size(1), rounding_mode="floor")
    symbol = order - parent * step.size(1)
    return parent, symbol, total[parent, symbol]
