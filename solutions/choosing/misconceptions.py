"""Wrong answers to the exercise `choosing`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
from torch import nn

from coursekit.exercise import misconception
from dlarch import data
from dlarch.training import fit, one_cycle


@misconception(
    "front",
    "beaten-by-all",
    says="You ask whether a network is beaten by *all* others. One that beats it is enough to take it off the front.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.all(dim=1)


@misconception(
    "front",
    "the-beaten",
    says="You return the networks that are beaten. The front are the others.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return beaten.any(dim=1)


@misconception(
    "front",
    "the-winners",
    says="You mark networks that beat some other one. On the front are those which nobody beats, "
    "whether they beat anybody or not.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return beaten.any(dim=0)


@misconception(
    "front",
    "strict-in-everything",
    says="You let a network be beaten only by one that is better in *everything*. It is enough to be "
    "no worse in all, and better in one.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    return ~(other < mine).all(dim=2).any(dim=1)


@misconception(
    "front",
    "equal-beats",
    says="You let equal networks beat each other, or themselves. To beat means to be better in at least one thing.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    return ~(other <= mine).all(dim=2).any(dim=1)


@misconception(
    "front",
    "better-in-one",
    says="You let a network be beaten by one that is better in *some* thing. It must also be no worse "
    "in all the others.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    return ~(other < mine).any(dim=2).any(dim=1)


@misconception(
    "front",
    "only-the-costs",
    says="You compare costs and leave the error out. A dear network may be on the front because it is "
    "wrong less often.",
)
def front(costs, error):
    mine, other = costs[:, None], costs[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.any(dim=1)


@misconception(
    "front",
    "sum-of-costs",
    says="You add the costs up before comparing. A parameter and an operation have no common unit, so "
    "a network is beaten only if it loses on each of them.",
)
def front(costs, error):
    table = torch.stack([costs.sum(dim=1), error], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.any(dim=1)


@misconception(
    "front",
    "first-cost-only",
    says="You look at the first cost alone. A network that is dear in it may be the cheapest in another.",
)
def front(costs, error):
    table = torch.stack([costs[:, 0], error], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.any(dim=1)


@misconception(
    "front",
    "lowest-only",
    says="You mark only the network with the lowest error. The front also holds all that are cheaper "
    "and beaten by nobody.",
)
def front(costs, error):
    return error == error.min()


@misconception(
    "front",
    "best-of-each",
    says="You mark the best of each column. A network that is second in everything may be beaten by nobody.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    return (table == table.amin(dim=0)).any(dim=1)


@misconception(
    "front",
    "more-is-better",
    says="You treat more as better somewhere: of errors as of costs, less is better.",
)
def front(costs, error):
    table = torch.cat([costs, -error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.any(dim=1)


@misconception(
    "front",
    "indices",
    says="You return indices. The contract asks for a boolean for each network.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return (~beaten.any(dim=1)).nonzero().flatten()


@misconception(
    "front",
    "as-numbers",
    says="You return zeros and ones. The contract asks for a boolean tensor, so compare or negate at the end.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return 1.0 - beaten.any(dim=1).float()


@misconception(
    "front",
    "duplicates-dropped",
    says="You keep one of several networks that agree in everything. They do not beat each other, so all stay.",
)
def front(costs, error):
    table = torch.cat([costs, error[:, None]], dim=1)
    keep = []
    for i, row in enumerate(table):
        better = [(o <= row).all() and ((o < row).any() or j < i) for j, o in enumerate(table) if j != i]
        keep.append(not any(better))
    return torch.tensor(keep)


@misconception(
    "front",
    "sorted-by-one-cost",
    says="You sort by the first cost and keep each network that is better than all cheaper ones. With two "
    "kinds of cost, a network that is dear in the first may be the cheapest in the second: compare in all "
    "of them.",
)
def front(costs, error):
    best = float("inf")
    out = torch.zeros(len(error), dtype=torch.bool)
    for i in torch.argsort(costs[:, 0]):
        if error[i] < best:
            out[i] = True
            best = error[i]
    return out


@misconception(
    "front",
    "beats-nobody",
    says="You marked the networks that beat nobody. The front is those that nobody beats: look along the other "
    "axis of your table of pairs.",
)
def front(costs, error):
    t = torch.cat([costs, error[:, None]], dim=1)
    return ~((t[:, None] <= t[None]).all(-1) & (t[:, None] < t[None]).any(-1)).any(1)


@misconception(
    "front",
    "better-in-the-error-only",
    says="You let a network be beaten only by one with a lower error. One that is as often wrong and costs "
    "less beats it too.",
)
def front(costs, error):
    out = []
    for i in range(len(error)):
        out.append(not any((costs[j] <= costs[i]).all() and error[j] < error[i] for j in range(len(error))))
    return torch.tensor(out)


@misconception(
    "front",
    "earlier-ones-only",
    says="You compare each network only with those before it in the list. One that comes later may beat it as well.",
)
def front(costs, error):
    t = torch.cat([costs, error[:, None]], dim=1)
    out = []
    for i in range(len(t)):
        out.append(not any(bool((t[j] <= t[i]).all() and (t[j] < t[i]).any()) for j in range(i)))
    return torch.tensor(out)


@misconception(
    "front",
    "error-without-its-axis",
    says="costs has two axes and error has one, so the two cannot be joined as they are. error[:, None] makes "
    "a column of it.",
)
def front(costs, error):
    t = torch.cat([costs, error], dim=1)
    return ~((t[:, None] <= t[None]).all(-1) & (t[:, None] < t[None]).any(-1)).any(0)


@misconception(
    "front",
    "errors-of-the-front",
    says="You return the errors of the networks on the front. Asked for is one boolean a network, for all of "
    "them in their order.",
)
def front(costs, error):
    t = torch.cat([costs, error[:, None]], dim=1)
    keep = ~((t[:, None] <= t[None]).all(-1) & (t[:, None] < t[None]).any(-1)).any(0)
    return error[keep]


@misconception(
    "front",
    "best-of-each-in-place",
    says="You mark the network that is best in the error and the one that is best in each cost. The front also "
    "holds those between, which are best in nothing and beaten by nobody.",
)
def front(costs, error):
    out = torch.zeros(len(error), dtype=torch.bool)
    out[error.argmin()] = True
    for d in range(costs.shape[1]):
        out[costs[:, d].argmin()] = True
    return out


@misconception(
    "front",
    "equal-beat-each-other",
    says="Two networks that agree in everything throw each other out. To beat another, something has to be "
    "better, not only no worse.",
)
def front(costs, error):
    t = torch.cat([costs, error[:, None]], dim=1)
    n = len(t)
    out = torch.ones(n, dtype=torch.bool)
    for i in range(n):
        for j in range(n):
            if i != j and (t[j] <= t[i]).all():
                out[i] = False
    return out


@misconception(
    "front",
    "a-column",
    says="Your answer has shape (N, 1). Asked for is shape (N): one boolean a network, without a second axis.",
)
def front(costs, error):
    t = torch.cat([costs, error[:, None]], dim=1)
    keep = ~((t[:, None] <= t[None]).all(-1) & (t[:, None] < t[None]).any(-1)).any(0)
    return keep[:, None]


@misconception(
    "pick",
    "position-among-those",
    says="You return the place among the networks that fit. Turn it into an index into *all* networks.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    return int(error[fits].argmin())


@misconception(
    "pick",
    "any-budget",
    says="You accept a network that keeps *one* of the budgets. It must keep all of them.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).any(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "first-budget-only",
    says="You compare the first cost alone with its budget. There is a budget for each cost.",
)
def pick(costs, error, budget):
    fits = costs[:, 0] <= budget[0]
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "last-budget-only",
    says="You compare the last cost alone with its budget. There is a budget for each cost.",
)
def pick(costs, error, budget):
    fits = costs[:, -1] <= budget[-1]
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "strictly-below",
    says="You turn a network down that takes exactly what there is. A cost that equals the budget is within it.",
)
def pick(costs, error, budget):
    fits = (costs < budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "budget-ignored",
    says="You take the lowest error of all. What is over the budget cannot be had.",
)
def pick(costs, error, budget):
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error))]
    return min(candidates)[2]


@misconception(
    "pick",
    "summed-budget",
    says="You compare the sum of the costs with the sum of the budgets. What one cost leaves over "
    "cannot pay for another.",
)
def pick(costs, error, budget):
    fits = costs.sum(dim=1) <= budget.sum()
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "largest-that-fits",
    says="You take the dearest network that fits, as if more cost meant less error. Look at the errors.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(-costs[i, 0].item(), error[i].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "cheapest-that-fits",
    says="You take the cheapest network that fits. The budget is there to be spent: take the lowest error within it.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(costs[i, 0].item(), error[i].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "highest-error",
    says="You take the highest of the errors. Less is better.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(-error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "tie-by-order",
    says="Of networks with the same error you take the first. The first *cost* decides, and only then the order.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    return int(error.masked_fill(~fits, torch.inf).argmin())


@misconception(
    "pick",
    "tie-by-dearest",
    says="Of networks with the same error you take the dearest. Take the cheapest.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), -costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "tie-by-last-cost",
    says="Of networks with the same error you take the one with the lowest *last* cost. The first cost decides.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, -1].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "tie-the-last",
    says="Of networks that agree in error and first cost you take the last. Take the first.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), -i) for i in range(len(error)) if fits[i]]
    return -min(candidates)[2] if candidates else -1


@misconception(
    "pick",
    "nothing-is-zero",
    says="When nothing fits you return 0, which is the index of the first network. Return -1.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else 0


@misconception(
    "pick",
    "nothing-raises",
    says="When nothing fits your function ends in an error. Ask first whether anything fits, and return -1 if not.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2]


@misconception(
    "pick",
    "returns-the-error",
    says="You return the lowest error itself. Return the index of its network.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    return error[fits].min().item() if fits.any() else -1


@misconception(
    "pick",
    "dearest-inside-wins-by-ratio",
    says="You divide the error by the cost. Within the budget, cost counts only to break a tie.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item() * costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[1] if candidates else -1


@misconception(
    "pick",
    "masked-and-no-more",
    says="You hide what does not fit and take the smallest error. Two things are missing: among equal errors "
    "the lowest first cost decides, and if nothing fits all is hidden, and argmin returns 0 where -1 is "
    "asked for.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    masked = torch.where(fits, error, torch.inf)
    return int(masked.argmin())


@misconception(
    "pick",
    "tie-outside-the-budget",
    says="Among networks with the best error you also take those that are not within the budget. Look for the "
    "tie among those that fit.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    best = error[fits].min()
    cand = [i for i in range(len(error)) if error[i] == best]
    return min(cand, key=lambda i: costs[i, 0].item())


@misconception(
    "pick",
    "zero-for-what-does-not-fit",
    says="You multiply the errors by the mask. What does not fit then has error 0, the lowest of all, and is "
    "taken. Give it infinity, or leave it out.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    return int((error * fits).argmin())


@misconception(
    "pick",
    "tie-by-the-sum",
    says="Among equal errors you take the lowest sum of all costs. The contract says the lowest first cost; "
    "other costs may be in other units.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    idx = torch.nonzero(fits).flatten().tolist()
    return min(idx, key=lambda i: (float(error[i]), float(costs[i].sum())))


@misconception(
    "pick",
    "tie-by-further-costs",
    says="Among networks with equal error and equal first cost you look at the further costs. The contract "
    "says the first in order then.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return -1
    idx = torch.nonzero(fits).flatten().tolist()
    return min(idx, key=lambda i: (float(error[i]), tuple(costs[i].tolist())))


@misconception(
    "pick",
    "none-for-nothing",
    says="You return None if nothing fits. The contract asks for the number -1.",
)
def pick(costs, error, budget):
    fits = (costs <= budget).all(dim=1)
    if not fits.any():
        return None
    idx = torch.nonzero(fits).flatten().tolist()
    return min(idx, key=lambda i: (float(error[i]), float(costs[i, 0])))


@misconception(
    "pick",
    "tie-the-later",
    says="With <= a later network with the same error replaces an earlier one. Among equal errors the lowest "
    "first cost decides, and only then the order.",
)
def pick(costs, error, budget):
    best, where = math.inf, -1
    for i in range(len(error)):
        if (costs[i] <= budget).all() and error[i] <= best:
            best, where = error[i], i
    return where


@misconception(
    "pick",
    "best-starts-at-one",
    says="Your search begins with a best error of 1, so errors in percent are never lower. Begin with math.inf.",
)
def pick(costs, error, budget):
    best, where = 1.0, -1
    for i in range(len(error)):
        if (costs[i] <= budget).all() and error[i] < best:
            best, where = error[i], i
    return where


@misconception(
    "pick",
    "zero-taken-for-nothing",
    says="`index or -1` turns the index 0 into -1, because 0 counts as false in Python. Ask whether the index is None.",
)
def pick(costs, error, budget):
    idx = torch.nonzero((costs <= budget).all(dim=1)).flatten().tolist()
    got = min(idx, key=lambda i: (float(error[i]), float(costs[i, 0])), default=None)
    return got or -1


@misconception(
    "names",
    "layers-without-ends",
    says="You count the convolutions of the blocks alone. The first convolution and the linear layer have weights too.",
)
def layers(blocks, convolutions):
    return sum(blocks) * convolutions


@misconception(
    "names",
    "layers-without-linear",
    says="One layer is missing: the linear one at the end has weights too. With it and the first "
    "convolution there are two beside the blocks.",
)
def layers(blocks, convolutions):
    return sum(blocks) * convolutions + 1


@misconception(
    "names",
    "layers-with-pooling",
    says="You count a pooling too. It has no weights.",
)
def layers(blocks, convolutions):
    return sum(blocks) * convolutions + 3


@misconception(
    "names",
    "layers-blocks-only",
    says="You count blocks. Each holds several convolutions, and each of these counts.",
)
def layers(blocks, convolutions):
    return sum(blocks) + 2


@misconception(
    "names",
    "layers-with-projections",
    says="You count a projection for each stage. It stands on the shortcut, beside the longest path.",
)
def layers(blocks, convolutions):
    return sum(blocks) * convolutions + len(blocks) + 2


@misconception(
    "names",
    "layers-stages-for-blocks",
    says="You count stages in place of blocks. A stage has as many blocks as its entry says.",
)
def layers(blocks, convolutions):
    return len(blocks) * convolutions + 2


@misconception(
    "names",
    "layers-with-norms",
    says="You count batch norms as layers. The number in the name counts convolutions and the linear layer.",
)
def layers(blocks, convolutions):
    return 2 * sum(blocks) * convolutions + 3


@misconception(
    "names",
    "layers-two-per-block",
    says="You take two convolutions for every block. How many there are is given.",
)
def layers(blocks, convolutions):
    return 2 * sum(blocks) + 2


@misconception(
    "names",
    "layers-multiplied-up",
    says="You multiply the entries. Blocks stand behind each other, so their numbers add up.",
)
def layers(blocks, convolutions):
    return math.prod(blocks) * convolutions + 2


@misconception(
    "names",
    "blocks-without-ends",
    says="You divide the whole depth. Take the first convolution and the linear layer off first.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth, stages * convolutions)
    if blocks < 1 or rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-one-end",
    says="You take one layer off the depth. There are two: the first convolution and the linear layer.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 1, stages * convolutions)
    if blocks < 1 or rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-rounded",
    says="You round down when the division leaves a rest. Such a network does not exist: raise a ValueError.",
)
def blocks_for(depth, stages, convolutions):
    blocks = (depth - 2) // (stages * convolutions)
    if blocks < 1:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-of-all-stages",
    says="You return the blocks of all stages together. The contract asks for those of one.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages * convolutions)
    if blocks < 1 or rest:
        raise ValueError
    return blocks * stages


@misconception(
    "names",
    "blocks-convolutions-forgotten",
    says="You forget that a block has several convolutions.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages)
    if blocks < 1 or rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-as-float",
    says="You return a float, 3.0 in place of 3, or let a broken number of blocks through. Blocks are "
    "counted in whole numbers: use //, and raise a ValueError if a rest is left.",
)
def blocks_for(depth, stages, convolutions):
    return (depth - 2) / (stages * convolutions)


@misconception(
    "names",
    "blocks-none-allowed",
    says="You let a network without a block, or with less than none, pass. At least one block in each "
    "stage is asked for.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages * convolutions)
    if rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-zero-allowed",
    says="You let a network of no block at all pass: depth 2. At least one block in each stage is asked for.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages * convolutions)
    if blocks < 0 or rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-none-for-error",
    says="You return None where the depth does not exist. The contract asks for a ValueError.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages * convolutions)
    return blocks if blocks >= 1 and not rest else None


@misconception(
    "names",
    "blocks-asserted",
    says="You use `assert`, which raises an AssertionError, and nothing at all under `python -O`. The "
    "contract asks for a ValueError.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, stages * convolutions)
    assert blocks >= 1
    assert rest == 0
    return blocks


@misconception(
    "names",
    "blocks-multiple-of-six",
    says="You ask whether the depth divides by six and two remain, which holds for three stages of two "
    "convolutions alone.",
)
def blocks_for(depth, stages, convolutions):
    blocks, rest = divmod(depth - 2, 6)
    if blocks < 1 or rest:
        raise ValueError
    return blocks


@misconception(
    "names",
    "blocks-another-error",
    says="You raise an error of another kind. The contract asks for a ValueError, so that whoever calls the "
    "function can catch that one and no other.",
)
def blocks_for(depth, stages, convolutions):
    n, rest = divmod(depth - 2, stages * convolutions)
    if rest or n < 1:
        raise Exception("no")
    return n


@misconception(
    "names",
    "blocks-printed",
    says="You print that something is wrong and return a number all the same. Whoever calls the function goes "
    "on with it. Raise the ValueError.",
)
def blocks_for(depth, stages, convolutions):
    n, rest = divmod(depth - 2, stages * convolutions)
    if rest or n < 1:
        print("ValueError")
    return n


@misconception(
    "names",
    "layers-stages-multiplied",
    says="You multiply the stages with each other. They stand one behind the other, so their layers add up.",
)
def layers(blocks, convolutions):
    total = 1
    for b in blocks:
        total *= b * convolutions
    return total + 2


@misconception(
    "names",
    "blocks-as-a-list",
    says="You return a list with the blocks of each stage. All stages have equally many: one number is asked for.",
)
def blocks_for(depth, stages, convolutions):
    n, rest = divmod(depth - 2, stages * convolutions)
    if rest or n < 1:
        raise ValueError("x")
    return [n] * stages


@misconception(
    "names",
    "layers-ends-as-blocks",
    says="You count the first and the last layer as blocks, with the convolutions of a block each. They are "
    "one layer each.",
)
def layers(blocks, convolutions):
    return (sum(blocks) + 2) * convolutions


@misconception(
    "largest_batch",
    "no-gradients",
    says="You leave the gradients out: one number for each weight, in each step.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (1 + states)
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "no-states",
    says="You leave out what the optimizer keeps: `states` numbers for each weight.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * 2
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "weights-alone",
    says="You take only the weights off. Gradients and the optimizer's numbers stand beside them.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "states-alone",
    says="You take gradients and the optimizer's numbers off, and forget the weights themselves, or "
    "the other way round for one of them.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * states
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "one-byte-a-number",
    says="You count numbers and not bytes. A 32-bit float takes four.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - parameters * (2 + states)
    return max(0, free // kept)


@misconception(
    "largest_batch",
    "images-one-byte",
    says="You turn the weights into bytes, and not what the images leave behind.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, free // kept)


@misconception(
    "largest_batch",
    "weights-one-byte",
    says="You turn what the images leave into bytes, and not the weights.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - parameters * (2 + states)
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "eight-bytes",
    says="You count eight bytes a number, which is double precision. 32 bits are four bytes.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 8 * parameters * (2 + states)
    return max(0, free // (8 * kept))


@misconception(
    "largest_batch",
    "bits-for-bytes",
    says="You count 32 bits a number; the memory is given in bytes, of eight bits each.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 32 * parameters * (2 + states)
    return max(0, free // (32 * kept))


@misconception(
    "largest_batch",
    "two-bytes",
    says="You count two bytes a number, which is half precision. 32 bits are four bytes.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 2 * parameters * (2 + states)
    return max(0, free // (2 * kept))


@misconception(
    "largest_batch",
    "below-zero",
    says="Your batch comes out below zero when the network alone does not fit. Then no image fits either: 0.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return free // (4 * kept)


@misconception(
    "largest_batch",
    "rounded-up",
    says="You round up. The last image of such a batch does not fit whole.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, -(-free // (4 * kept)))


@misconception(
    "largest_batch",
    "rounded",
    says="You round to the nearest batch. The last image of it may not fit whole: round down.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, round(free / (4 * kept)))


@misconception(
    "largest_batch",
    "not-whole",
    says="Your batch is no whole number. Round down with //.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, free / (4 * kept))


@misconception(
    "largest_batch",
    "at-least-one",
    says="You return at least 1. If the network alone fills the memory, no image fits, and the answer is 0.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(1, free // (4 * kept))


@misconception(
    "largest_batch",
    "weights-for-each-image",
    says="You count the weights once for each image. There is one set of weights, whatever the batch.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, memory // (4 * (parameters * (2 + states) + kept)))


@misconception(
    "largest_batch",
    "kept-twice",
    says="You count what an image leaves behind twice. Its gradients take the place of what they were made from.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, free // (8 * kept))


@misconception(
    "largest_batch",
    "parameters-not-taken-off",
    says="You divide the whole memory by what one image takes. The network and its optimizer have to be there as well.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, memory // (4 * kept))


@misconception(
    "largest_batch",
    "room-left-for-one",
    says="You leave one image out although it fits exactly.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * (2 + states)
    return max(0, (free - 1) // (4 * kept))


@misconception(
    "largest_batch",
    "always-adam",
    says="You count two states whatever the optimizer. The argument says how many there are.",
)
def largest_batch(parameters, kept, memory, states):
    free = memory - 4 * parameters * 4
    return max(0, free // (4 * kept))


@misconception(
    "largest_batch",
    "whole-only-by-luck",
    says="Your result is not rounded down, and it can be less than zero. A batch is a whole number of images, "
    "and 0 if not even one fits.",
)
def largest_batch(parameters, kept, memory, states):
    return (memory - 4 * parameters * (2 + states)) / (4 * kept)


@misconception(
    "largest_batch",
    "sign-dropped",
    says="You drop the sign of what is left over. If the network alone does not fit, less than nothing is "
    "left, and the answer is 0.",
)
def largest_batch(parameters, kept, memory, states):
    return abs(memory - 4 * parameters * (2 + states)) // (4 * kept)


@misconception(
    "largest_batch",
    "divided-then-multiplied",
    says="a // 4 * kept divides by 4 and then multiplies by kept. What an image takes is 4 * kept bytes: put "
    "it in brackets.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, (memory - 4 * parameters * (2 + states)) // 4 * kept)


@misconception(
    "largest_batch",
    "part-divided",
    says="Your division reaches only the last term: it binds more closely than the minus. Put what is left "
    "over into brackets before you divide it.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, memory - 4 * parameters * (2 + states) // (4 * kept))


@misconception(
    "largest_batch",
    "states-without-parameters",
    says="You count what the optimizer keeps as a few numbers in all. It keeps that many for each parameter.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, (memory - 4 * parameters * 2 - 4 * states) // (4 * kept))


@misconception(
    "largest_batch",
    "states-multiplied",
    says="You multiply by the number of states. Weights and gradients are there with any optimizer, and states "
    "come on top: 2 + states numbers for each parameter.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, (memory - 4 * parameters * 2 * states) // (4 * kept))


@misconception(
    "largest_batch",
    "memory-divided-twice",
    says="You count the memory in numbers of four bytes, and the images in bytes. Use one unit for both.",
)
def largest_batch(parameters, kept, memory, states):
    return max(0, (memory // 4 - parameters * (2 + states)) // (4 * kept))


@misconception(
    "largest_batch",
    "power-of-two",
    says="You round down to a power of two. That is a habit, not a limit: asked for is the largest batch that fits.",
)
def largest_batch(parameters, kept, memory, states):
    n = max(0, (memory - 4 * parameters * (2 + states)) // (4 * kept))
    return 2 ** int(math.log2(n)) if n else 0


@misconception(
    "largest_batch",
    "one-too-many",
    says="Your loop stops when the memory is already exceeded, so it counts one image too many.",
)
def largest_batch(parameters, kept, memory, states):
    n = 0
    used = 4 * parameters * (2 + states)
    while used <= memory:
        used += 4 * kept
        n += 1
    return n


@misconception(
    "choose",
    "chosen-on-test",
    says="You choose by the test errors. They are then low because you chose them, and nobody will see "
    "that error again. Choose by the validation errors.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(test.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "chosen-on-both",
    says="You choose by validation and test errors together. The test part may not take part in the choice.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int((validation.mean(dim=1) + test.mean(dim=1)).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "validation-reported",
    says="You report the validation error of the network that you chose for it. Report its test error.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = validation[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "best-seed-network",
    says="You take the network with the luckiest seed. Choose by the mean over all seeds.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.amin(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "worst-seed-network",
    says="You choose by each network's worst seed. The contract asks for the mean over seeds.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.amax(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "median-network",
    says="You choose by the median over seeds. The contract asks for the mean.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.median(dim=1).values.argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "highest-error-chosen",
    says="You take the highest mean error. Less is better.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmax())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "mean-over-networks",
    says="You take the mean over networks and choose a seed. The seeds are the second axis: mean over dim=1.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=0).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "best-seed-reported",
    says="You choose well, and then report the best of the seeds. Report their mean.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.min().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-skipped",
    says="You leave failed runs out of the mean. A network that fails every third time then looks "
    "better than it is: a failure counts as an error of 1.",
)
def choose(validation, test):
    best = int(validation.nanmean(dim=1).argmin())
    runs = test[best][~test[best].isnan()]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-as-zero",
    says="You count a failed run as an error of 0, which is the best there is. It counts as 1.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(0.0), test.nan_to_num(0.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-forgotten",
    says="You forget the failed runs: a mean with NaN in it is NaN, and argmin takes NaN for the "
    "lowest. Count them as an error of 1 first.",
)
def choose(validation, test):
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-in-choice-only",
    says="You count failed runs in the choice, and forget them in the report. They count as an error "
    "of 1 in both tables.",
)
def choose(validation, test):
    best = int(validation.nan_to_num(1.0).mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-in-report-skipped",
    says="You count failed runs in the choice, and leave them out of the report. They count as an "
    "error of 1 in both tables.",
)
def choose(validation, test):
    best = int(validation.nan_to_num(1.0).mean(dim=1).argmin())
    runs = test[best][~test[best].isnan()]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-at-half",
    says="You count a failed run as an error of one half. It counts as wrong on everything: 1.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(0.5), test.nan_to_num(0.5)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "failures-in-percent",
    says="You count a failed run as an error of 100. Errors are shares here, from 0 to 1.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(100.0), test.nan_to_num(100.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "deviation-for-error",
    says="You report the standard deviation over seeds. The standard error of the mean is that divided "
    "by the root of the number of seeds.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item()


@misconception(
    "choose",
    "biased-deviation",
    says="You divide by S under the root of the standard deviation, as NumPy does if it is not told "
    "otherwise. With few seeds that is too small: divide by S - 1.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std(correction=0).item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "divided-by-seeds",
    says="You divide the standard deviation by S. Divide by its root.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / len(runs)


@misconception(
    "choose",
    "variance-for-deviation",
    says="You take the variance where the standard deviation is meant, its root.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.var().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "root-of-s-minus-one",
    says="You divide by the root of S - 1. The S - 1 stands inside the standard deviation already; "
    "divide by the root of S.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs) - 1)


@misconception(
    "choose",
    "error-of-validation",
    says="Your standard error is that of the validation runs. It belongs to the test error that you report.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), validation[best].std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "error-over-networks",
    says="You divide by the root of the number of networks. The mean is over seeds, so their number counts.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(test))


@misconception(
    "choose",
    "accuracy-reported",
    says="You report the share of right answers. The contract asks for the error.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, 1 - runs.mean().item(), runs.std().item() / math.sqrt(len(runs))


@misconception(
    "choose",
    "mean-over-everything",
    says="You report the mean over the test errors of all networks. Report the one that you chose.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    i = int(validation.mean(dim=1).argmin())
    return i, test.mean().item(), (test.std() / test.shape[1] ** 0.5).item()


@misconception(
    "choose",
    "one-for-each-network",
    says="You return a mean and a standard error for each network. Asked for are those of the one that you chose.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    i = int(validation.mean(dim=1).argmin())
    return i, test.mean(1), test.std(1) / test.shape[1] ** 0.5


@misconception(
    "choose",
    "place-in-the-flat-table",
    says="argmin without an axis counts through the whole table, row by row: what you get is the place of a "
    "run, not of a network. Take the mean over seeds first.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    i = int(validation.argmin())
    t = test[i]
    return i, t.mean().item(), (t.std() / len(t) ** 0.5).item()


@misconception(
    "choose",
    "the-seed-best-in-validation",
    says="You report one run, the one with the lowest validation error. It was chosen for being lucky; report "
    "the mean over all seeds of the network.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    i = int(validation.mean(dim=1).argmin())
    s = int(validation[i].argmin())
    t = test[i]
    return i, t[s].item(), (t.std() / len(t) ** 0.5).item()


@misconception(
    "choose",
    "mean-and-error-swapped",
    says="You return the standard error before the mean. The order is index, mean, standard error.",
)
def choose(validation, test):
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    i = int(validation.mean(dim=1).argmin())
    t = test[i]
    return i, (t.std() / len(t) ** 0.5).item(), t.mean().item()


@misconception(
    "design",
    "a-line",
    says="Your network is a single linear layer. It keeps the budget easily, and cannot bend: it stays "
    "far below the bar. There is room for 30 times as many parameters.",
)
def design():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


@misconception(
    "design",
    "one-hidden-layer",
    says="Your network is dense. It does not know that a stroke one pixel further left is the same "
    "stroke. Convolutions do, and need fewer parameters for it.",
)
def design():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 10))


@misconception(
    "design",
    "no-activation",
    says="There is no activation between your convolutions, so together they are one linear map.",
)
def design():
    first, second = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 24, 3, stride=2, padding=1)
    return nn.Sequential(first, second, nn.Flatten(), nn.Linear(24 * 16, 10))


@misconception(
    "design",
    "softmax-at-the-end",
    says="Your network ends in a softmax, and the loss applies another one. That flattens the "
    "gradient, and four epochs are not enough. Return the scores.",
)
def design():
    layers, channels = [], 1
    for width, stride in ((16, 1), (24, 2), (32, 2)):
        layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * channels, 10), nn.Softmax(dim=1))


@misconception(
    "design",
    "too-wide",
    says="Your network has the right layers and too many channels for the budget of parameters. The "
    "parameters of a convolution grow with the square of the width.",
)
def design():
    layers, channels = [], 1
    for width, stride in ((32, 1), (48, 2), (64, 2)):
        layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * channels, 10))


@misconception(
    "design",
    "full-size-all-along",
    says="Your network keeps the full size of the image through all layers. That costs few parameters "
    "and too many operations: let a stride or a pooling shrink the maps.",
)
def design():
    layers, channels = [], 1
    for width in (16, 24, 32):
        layers += [nn.Conv2d(channels, width, 3, 1, 1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


@misconception(
    "design",
    "resnet-18",
    says="You took ResNet-18, which was made for photographs of 224 pixels and 1,000 classes. It has "
    "600 times the parameters of the budget.",
)
def design():
    from dlarch.vision.resnet import resnet18

    class Gray(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = resnet18(classes=10)

        def forward(self, x):
            return self.network(x.expand(-1, 3, -1, -1))

    return Gray()


@misconception(
    "design",
    "resnet-20-full",
    says="You took ResNet-20 in its full width, with 13 times the parameters of the budget. Its "
    "argument `width` makes it narrower.",
)
def design():
    from dlarch.vision.resnet import CifarResNet

    return CifarResNet(20, in_channels=1)


@misconception(
    "design",
    "three-channels",
    says="Your network expects images of three channels. The digits have one: see the argument `in_channels`.",
)
def design():
    from dlarch.vision.resnet import CifarResNet

    return CifarResNet(8, width=0.5)


@misconception(
    "design",
    "a-class",
    says="You return the class and not a network. Call it, so that an object is made.",
)
def design():
    class Entry(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Flatten(), nn.Linear(64, 10))

    return Entry


@misconception(
    "design",
    "not-flattened",
    says="Your network lacks the flattening before the linear layer, so the scores come out with "
    "further axes, or not at all.",
)
def design():
    layers, channels = [], 1
    for width, stride in ((16, 1), (24, 2), (32, 2)):
        layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Linear(4 * channels, 10))


@misconception(
    "design",
    "averaged-too-early",
    says="You average the maps of the first convolution right away. Where something is in the image is "
    "then gone before the network could use it.",
)
def design():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


@misconception(
    "design",
    "one-class-missing",
    says="Your network has nine outputs or eleven. There are ten digits, the zero included.",
)
def design():
    layers, channels = [], 1
    for width, stride in ((16, 1), (24, 2), (32, 2)):
        layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * channels, 9))


@misconception(
    "design",
    "trained-inside",
    says="Your design() trains the network before it returns it. Everybody gets the same training, so design() has to return an "
    "untrained one. To see what yours comes to, call board(design).",
)
def design():
    layers, channels = [], 1
    for width, pool in ((16, 2), (32, 2), (32, 1)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(pool)]
        channels = width
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * channels, 10))
    digits = data.digits()
    known = digits.x_train[:700], digits.y_train[:700]
    fit(model, known, epochs=2, batch_size=32, lr=1e-2, schedule=one_cycle, seed=0, device="cpu")
    return model
