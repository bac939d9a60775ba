"""Right answers to the exercise `nasnet`, written in other ways. Each must keep all its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("count", "one-product")
def count(blocks, inputs, operations, joins):
    return math.prod(s * s for s in range(inputs, inputs + blocks)) * (operations**2 * joins) ** blocks


@variant("count", "factorials")
def count(blocks, inputs, operations, joins):
    states = math.factorial(inputs + blocks - 1) // math.factorial(inputs - 1)
    return states**2 * operations ** (2 * blocks) * joins**blocks


@variant("count", "recursive")
def count(blocks, inputs, operations, joins):
    if blocks == 0:
        return 1
    options = [inputs, inputs, operations, operations, joins]
    return math.prod(options) * count(blocks - 1, inputs + 1, operations, joins)


@variant("cell", "blocks-first")
def cell(inputs, genotype, operations):
    blocks = [genotype[k : k + 5] for k in range(0, len(genotype), 5)]
    read = {source for block in blocks for source in block[:2]}
    states = [*inputs]
    for i, j, f, g, join in blocks:
        pair = torch.stack([operations[f](states[i]), operations[g](states[j])])
        states.append(pair.amax(dim=0) if join else pair.sum(dim=0))
    leaving = [h for number, h in enumerate(states) if number >= len(inputs) and number not in read]
    return torch.cat(leaving, 1)


@variant("cell", "a-dictionary-of-states")
def cell(inputs, genotype, operations):
    states = dict(enumerate(inputs))
    loose = []
    for first, second, f, g, join in np.reshape(genotype, (-1, 5)).tolist():
        a, b = operations[f](states[first]), operations[g](states[second])
        name = len(states)
        states[name] = torch.where(a > b, a, b) if join == 1 else b + a
        loose = [n for n in loose if n not in (first, second)] + [name]
    return torch.concat([states[n] for n in loose], dim=-3)


@variant("cell", "recursive")
def cell(inputs, genotype, operations):
    n = len(inputs)
    blocks = [genotype[k : k + 5] for k in range(0, len(genotype), 5)]

    def state(number):
        if number < n:
            return inputs[number]
        i, j, f, g, join = blocks[number - n]
        combine = torch.max if join else torch.add
        return combine(operations[f](state(i)), operations[g](state(j)))

    read = {i for block in blocks for i in block[:2]}
    return torch.cat([state(s) for s in range(n, n + len(blocks)) if s not in read], dim=1)


@variant("cell", "a-list-of-flags")
def cell(inputs, genotype, operations):
    n_in = len(inputs)
    outs = []
    used = [False] * (len(genotype) // 5)
    for b in range(len(genotype) // 5):
        a1, a2, o1, o2, j = genotype[5 * b : 5 * b + 5]
        vals = []
        for a, o in ((a1, o1), (a2, o2)):
            if a < n_in:
                src = inputs[a]
            else:
                src = outs[a - n_in]
                used[a - n_in] = True
            vals.append(operations[o](src))
        if j == 0:
            outs.append(vals[0] + vals[1])
        else:
            outs.append(torch.max(vals[0], vals[1]))
    return torch.cat([o for o, u in zip(outs, used, strict=True) if not u], dim=1)


@variant("write", "searchsorted")
def write(controller, uniforms):
    actions, logs = [], []
    for place, u in enumerate(uniforms):
        logits = controller(place, actions.copy())
        p = F.softmax(logits.detach(), dim=-1)
        action = torch.searchsorted(p.cumsum(-1), torch.tensor([u], dtype=p.dtype), right=True).item()
        action = min(action, len(p) - 1)
        logs.append(F.log_softmax(logits, dim=-1)[action])
        actions.append(action)
    return actions, torch.stack(logs).sum()


@variant("write", "running-by-hand")
def write(controller, uniforms):
    from bisect import bisect_right
    from itertools import accumulate

    actions = []
    total = torch.zeros(())
    for u in uniforms:
        logits = controller(len(actions), actions[:])
        probabilities = torch.softmax(logits, 0).tolist()
        running = list(accumulate(probabilities))
        action = min(bisect_right(running, u), len(running) - 1)
        total = total + logits[action] - torch.logsumexp(logits, 0)
        actions += [action]
    return actions, total


@variant("write", "cross-entropy")
def write(controller, uniforms):
    actions, losses = [], []
    for place, u in enumerate(uniforms):
        logits = controller(place, list(actions))
        running = logits.softmax(0).cumsum(0)
        larger = (running > u).nonzero()
        action = int(larger[0]) if len(larger) else len(running) - 1
        losses.append(F.cross_entropy(logits[None], torch.tensor([action])))
        actions.append(action)
    return actions, -sum(losses)


@variant("write", "a-distribution")
def write(controller, uniforms):
    actions = []
    logps = []
    for place, u in enumerate(uniforms):
        logits = controller(place, actions[:])
        dist = torch.distributions.Categorical(logits=logits)
        cum = torch.cumsum(dist.probs.detach(), 0)
        idx = torch.nonzero(cum > u).flatten()
        a = idx[0] if len(idx) else torch.tensor(len(logits) - 1)
        logps.append(dist.log_prob(a))
        actions.append(int(a))
    return actions, torch.stack(logps).sum()


@variant("write", "numpy-actions")
def write(controller, uniforms):
    actions = []
    logp = 0.0
    for place, u in enumerate(uniforms):
        logits = controller(place, list(actions))
        p = torch.softmax(logits, 0).detach().numpy()
        a = min(np.searchsorted(np.cumsum(p), u, side="right"), len(p) - 1)
        actions.append(a)
        logp = logp + logits.log_softmax(0)[a]
    return actions, logp


@variant("learn", "by-autograd")
def reinforce_gradient(logits, actions, rewards, baseline):
    table = logits.detach().clone().requires_grad_()
    logs = table.log_softmax(dim=1).expand(len(actions), -1, -1)
    log_p = logs.gather(2, actions[:, :, None]).squeeze(2).sum(dim=1)
    ((rewards - baseline) * log_p).mean().backward()
    return table.grad


@variant("learn", "genotype-by-genotype")
def reinforce_gradient(logits, actions, rewards, baseline):
    p = torch.softmax(logits, dim=-1)
    total = torch.zeros_like(p)
    for genotype, reward in zip(actions, rewards, strict=True):
        for a, option in enumerate(genotype):
            step = -p[a]
            step = step + F.one_hot(option, p.shape[1]).to(p)
            total[a] = total[a] + (reward - baseline) * step
    return total / len(rewards)


@variant("learn", "einsum")
def reinforce_gradient(logits, actions, rewards, baseline):
    one = F.one_hot(actions, logits.size(-1)).to(logits.dtype)
    advantage = rewards - baseline
    praise = torch.einsum("g,gao->ao", advantage.to(logits.dtype), one)
    return (praise - advantage.sum() * logits.softmax(-1)) / actions.size(0)


@variant("learn", "in-place-array")
def baselines(rewards, decay):
    result = rewards.clone()
    for t in range(1, len(rewards)):
        result[t] = decay * result[t - 1] + (1 - decay) * rewards[t - 1]
    return result


@variant("learn", "step-towards")
def baselines(rewards, decay):
    from itertools import accumulate

    values = rewards.tolist()
    steps = accumulate(values[:-1], lambda b, r: b + (1 - decay) * (r - b), initial=values[0])
    return torch.tensor(list(steps), dtype=rewards.dtype)


@variant("learn", "entry-by-entry")
def reinforce_gradient(logits, actions, rewards, baseline):
    probs = torch.softmax(logits.detach(), dim=1)
    G, A = actions.shape
    grad = torch.zeros_like(probs)
    for g in range(G):
        adv = rewards[g] - baseline
        for a in range(A):
            grad[a] -= adv * probs[a]
            grad[a, actions[g, a]] += adv
    return grad / G


@variant("score", "loops")
def compare(runs, best):
    from itertools import accumulate

    regrets = []
    for run in runs:
        so_far = list(accumulate(run.tolist(), max))
        regrets.append([best - reward for reward in so_far])
    regrets = torch.tensor(regrets, dtype=runs.dtype)
    lowest, highest = regrets.min(0).values, regrets.max(0).values
    return torch.stack((regrets.sum(0) / len(runs), lowest, highest))


@variant("score", "numpy")
def compare(runs, best):
    so_far = np.maximum.accumulate(runs.numpy(), axis=1)
    return torch.from_numpy(np.stack([f(best - so_far, axis=0) for f in (np.mean, np.min, np.max)]))


@variant("score", "prefix-maxima")
def compare(runs, best):
    so_far = torch.stack([runs[:, : t + 1].max(dim=1).values for t in range(runs.shape[1])], dim=1)
    return torch.stack([best - so_far.mean(0), best - so_far.amax(0), best - so_far.amin(0)])


@variant("score", "sum-of-steps")
def chance(table, draws):
    values, _ = torch.sort(table)
    n, size = torch.arange(1, draws + 1)[:, None], len(values)
    missed = (torch.arange(1, size, dtype=table.dtype) / size) ** n
    return values[0] + ((values[1:] - values[:-1]) * (1 - missed)).sum(dim=1)


@variant("score", "recursion-over-draws")
def chance(table, draws):
    best = table.clone()
    results = [table.mean()]
    p = torch.full_like(table, 1 / len(table))
    for _ in range(draws - 1):
        pairs = torch.maximum(best[:, None], table[None, :])
        order = [int((table == value).nonzero()[0]) for value in pairs.flatten()]
        new = torch.zeros_like(p)
        new.index_add_(0, torch.tensor(order), (p[:, None] / len(table)).expand_as(pairs).flatten())
        p = new
        results.append((p * table).sum())
    return torch.stack(results)


@variant("score", "numpy-powers")
def chance(table, draws):
    v = np.sort(table.numpy())
    N = len(v)
    k = np.arange(1, N + 1)
    return np.array([(v * ((k / N) ** n - ((k - 1) / N) ** n)).sum() for n in range(1, draws + 1)])
