"""Wrong answers to the exercise `nasnet`, each with the line of thought behind it. Each must lose its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "count",
    "blocks-read-inputs-only",
    says="Your blocks may read only the inputs of the cell. A block may also read every block before it, so the options grow by one from block to block.",
)
def count(blocks, inputs, operations, joins):
    return (inputs**2 * operations**2 * joins) ** blocks


@misconception(
    "count",
    "every-block-reads-all",
    says="Your blocks may read all blocks of the cell, also those behind them and themselves. A block reads the inputs and the blocks before it.",
)
def count(blocks, inputs, operations, joins):
    return ((inputs + blocks) ** 2 * operations**2 * joins) ** blocks


@misconception(
    "count",
    "block-reads-itself",
    says="Your first block has one input too many: it may read itself. The blocks before the first are none.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(1, blocks + 1):
        total *= (inputs + block) ** 2 * operations**2 * joins
    return total


@misconception(
    "count",
    "one-input-a-block",
    says="Your blocks choose one input. A block has a first and a second input, and each is chosen freely, so their options multiply.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= (inputs + block) * operations**2 * joins
    return total


@misconception(
    "count",
    "one-operation-a-block",
    says="Your blocks choose one operation. Either input has an operation of its own.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= (inputs + block) ** 2 * operations * joins
    return total


@misconception(
    "count",
    "blocks-added",
    says="You add the possibilities of the blocks. Each possibility of one block goes with each of the next, so they multiply.",
)
def count(blocks, inputs, operations, joins):
    return sum((inputs + block) ** 2 * operations**2 * joins for block in range(blocks))


@misconception(
    "count",
    "joins-once",
    says="The way to join is chosen once in your count. Every block chooses it anew.",
)
def count(blocks, inputs, operations, joins):
    total = joins
    for block in range(blocks):
        total *= (inputs + block) ** 2 * operations**2
    return total


@misconception(
    "count",
    "joins-forgotten",
    says="The way to join the two results is missing from your count. It is the fifth action of a block.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= (inputs + block) ** 2 * operations**2
    return total


@misconception(
    "count",
    "unordered-pairs",
    says="You count pairs without their order, so that two lists that spell the same cell are one. Here every list of actions counts.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        pairs = (inputs + block) * operations
        total *= pairs * (pairs + 1) // 2 * joins
    return total


@misconception(
    "count",
    "different-inputs",
    says="Your second input must differ from the first. A block may read the same state twice, with two operations or with one.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        states = inputs + block
        total *= states * max(states - 1, 1) * operations**2 * joins
    return total


@misconception(
    "count",
    "options-added",
    says="You add up the options of the five actions of a block. Every option of one action goes with every option of the next.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= 2 * (inputs + block) + 2 * operations + joins
    return total


@misconception(
    "count",
    "joins-squared",
    says="You let both inputs choose how they are joined. A block has one sum, or one maximum, so joins counts once a block.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= (inputs + block) ** 2 * operations**2 * joins**2
    return total


@misconception(
    "count",
    "two-states-each-block",
    says="Your options grow by two from block to block. A block makes one new state, whatever it reads.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        total *= (inputs + 2 * block) ** 2 * operations**2 * joins
    return total


@misconception(
    "count",
    "two-cells",
    says="You square the count, as for a normal and a reduction cell together. Asked is the number of genotypes of one cell.",
)
def count(blocks, inputs, operations, joins):
    t = 1
    for b in range(blocks):
        t *= (inputs + b) ** 2 * operations**2 * joins
    return t**2


@misconception(
    "count",
    "only-previous-block",
    says="Your blocks may read the inputs and the block right before them. They may read every earlier block, so the options grow with each block.",
)
def count(blocks, inputs, operations, joins):
    t = 1
    for b in range(blocks):
        t *= (inputs + (1 if b else 0)) ** 2 * operations**2 * joins
    return t


@misconception(
    "count",
    "unordered-inputs",
    says="You count the two inputs without their order. The first and the second input are two actions, and lists that spell the same cell count as two.",
)
def count(blocks, inputs, operations, joins):
    t = 1
    for b in range(blocks):
        n = inputs + b
        t *= n * (n + 1) // 2 * operations**2 * joins
    return t


@misconception(
    "count",
    "two-different-inputs",
    says="Your blocks must read two different inputs. Both actions choose freely among the same options, so a block may read one input twice.",
)
def count(blocks, inputs, operations, joins):
    total = 1
    for block in range(blocks):
        options = inputs + block
        total *= options * (options - 1) * operations**2 * joins
    return total


@misconception(
    "count",
    "different-operations",
    says="Your second operation must differ from the first. A block may use the same operation twice.",
)
def count(blocks, inputs, operations, joins):
    t = 1
    for b in range(blocks):
        t *= (inputs + b) ** 2 * operations * max(operations - 1, 1) * joins
    return t


@misconception(
    "count",
    "order-of-blocks",
    says="You divide by the orders of the blocks. Here every list of actions counts, also those that spell the same cell.",
)
def count(blocks, inputs, operations, joins):
    t = 1
    for b in range(blocks):
        t *= (inputs + b) ** 2 * operations**2 * joins
    return t // math.factorial(blocks)


@misconception(
    "count",
    "last-block-only",
    says="You count the possibilities of the last block alone. Each of them goes with each possibility of the blocks before it.",
)
def count(blocks, inputs, operations, joins):
    return (inputs + blocks - 1) ** 2 * operations**2 * joins


@misconception(
    "count",
    "logarithm",
    says="You return the logarithm of the count. Asked is the number itself; integers of Python may be as large as you like.",
)
def count(blocks, inputs, operations, joins):
    t = 0
    for b in range(blocks):
        t += math.log((inputs + b) ** 2 * operations**2 * joins)
    return t


@misconception(
    "cell",
    "pairs-order",
    says="You read the actions as input, operation, input, operation. The paper's order is both inputs first, then both operations.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, f, j, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "all-blocks-leave",
    says="All your blocks leave the cell. A block that another block reads has done its work inside and does not leave.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states))], dim=1)


@misconception(
    "cell",
    "only-the-last-leaves",
    says="Only your last block leaves. Every block that no block reads leaves, or its work would be lost.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return states[-1]


@misconception(
    "cell",
    "unread-inputs-leave",
    says="An input that no block reads leaves your cell. Here inputs never leave; only blocks do.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "inputs-leave-always",
    says="The inputs leave your cell together with the loose blocks. Here inputs never leave it.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([*inputs, *(states[s] for s in range(len(inputs), len(states)) if s not in read)], dim=1)


@misconception(
    "cell",
    "sum-of-leaving",
    says="You add the blocks that leave. They are joined along the channels, so that each keeps its own.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return sum(states[s] for s in range(len(inputs), len(states)) if s not in read)


@misconception(
    "cell",
    "joined-along-the-batch",
    says="You join the blocks along the batch, axis 0. Channels are axis 1: (B, C, H, W).",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=0)


@misconception(
    "cell",
    "joins-swapped",
    says="Your joins are swapped: 0 adds, 1 takes the larger of the two.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 1 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "always-added",
    says="Your blocks always add. With join 1 a block takes the larger of its two results, number by number.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, _ = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second)
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "joined-before-the-operations",
    says="You join the two inputs and then apply the operations. Each operation works on its own input, and the results are joined.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        joined = states[i] + states[j] if join == 0 else torch.maximum(states[i], states[j])
        states.append(operations[g](operations[f](joined)))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "operations-swapped",
    says="Your operations are swapped: the third action belongs to the first input, the fourth to the second.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[g](states[i]), operations[f](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "one-operation-for-both",
    says="You apply the first operation to both inputs. The second input has its own operation, the fourth action.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, _, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[f](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "states-not-kept",
    says="Your blocks read from the inputs of the cell alone: what a block makes is not added to the states that the next may read.",
)
def cell(inputs, genotype, operations):
    states, read, made = list(inputs), set(), []
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i % len(states)]), operations[g](states[j % len(states)])
        made.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([h for s, h in enumerate(made, len(inputs)) if s not in read], dim=1)


@misconception(
    "cell",
    "second-input-not-read",
    says="You note only the first input of a block as read, so a block that is read as a second input leaves all the same.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.add(i)
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "reverse-order",
    says="The blocks leave your cell in reverse. They are joined in the order of their numbers.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in reversed(range(len(inputs), len(states))) if s not in read], dim=1)


@misconception(
    "cell",
    "inputs-grow",
    says="You append the blocks to the list of inputs that was handed to you. It belongs to the caller: copy it first.",
)
def cell(inputs, genotype, operations):
    states, read, count = inputs, set(), len(inputs)
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(count, len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "detached",
    says="No gradient passes through your cell: its states are cut off from what made them. Leave out detach, data and no_grad.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append((first + second if join == 0 else torch.maximum(first, second)).detach().requires_grad_())
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "mean-in-place-of-sum",
    says="Your join 0 takes the mean of the two results. It adds them.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append((first + second) / 2 if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "larger-input-by-its-mean",
    says="Your join 1 keeps the one result whose sum is larger, whole. It takes the larger of the two for each number.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else (first if first.sum() > second.sum() else second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "relu-after-join",
    says="You put a ReLU behind the join. A block hands on what the join gives, negative numbers included.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append((first + second if join == 0 else torch.maximum(first, second)).relu())
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "in-place-sum",
    says="You add in place, with += or add_. Where an operation hands its input back, as the identity does, this changes the state itself, and every later block reads the changed one.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        if join == 0:
            a += b
            states.append(a)
        else:
            states.append(torch.maximum(a, b))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "gradients-cut",
    says="No gradient comes back through your cell, so nothing in it could be trained. Stay with tensors that track gradients: no NumPy, detach, no_grad, or new tensor made of old numbers.",
)
@torch.no_grad()
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "smaller",
    says="Join 1 takes the smaller of the two results in your cell. It takes the larger one, number by number.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.minimum(a, b))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "product",
    says="Join 1 multiplies the two results in your cell. It takes the larger one, number by number.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else a * b)
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "read-operations-not-inputs",
    says="You note the numbers of the operations as read. What is read are the states: the first two actions of a block.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.maximum(a, b))
        read.update((f, g))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "along-the-width",
    says="You join what leaves along the width. Maps are joined along the channels, axis 1.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.maximum(a, b))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=-1)


@misconception(
    "cell",
    "stacked-not-joined",
    says="You stack the blocks along a new axis. Joined along the channels, they keep four axes.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.maximum(a, b))
        read.update((i, j))
    return torch.stack([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "join-one-concatenates",
    says="Join 1 puts the two results behind each other in your cell. It takes the larger one number by number, so the shape stays.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.cat([a, b], dim=1))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "cell",
    "larger-by-size",
    says="You compare sizes without signs. Of -6 and 3 the larger is 3.",
)
def cell(inputs, genotype, operations):
    states, read = list(inputs), set()
    for s in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[s : s + 5]
        a, b = operations[f](states[i]), operations[g](states[j])
        states.append(a + b if join == 0 else torch.where(a.abs() > b.abs(), a, b))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)


@misconception(
    "write",
    "always-the-likeliest",
    says="You take the likeliest option each time. Then chance plays no part, and the controller never tries anything else: draw with the number u.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place in range(len(uniforms)):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = int(logs.argmax())
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "evenly-drawn",
    says="You draw all options evenly, whatever their probabilities. That is random search: lay the probabilities end to end, not stretches of equal length.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int(u * len(logs)), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "probability-above-u",
    says="You take the first option whose own probability is larger than u. It is the running sum that must be larger.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = next((k for k, p in enumerate(logs.exp()) if p > u), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "one-option-too-far",
    says="Your draws lie one option too far: you count the running sums up to and with the one that passes u.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()) + 1, len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "one-option-too-early",
    says="Your draws lie one option too early: the last running sum that u has passed belongs to the option before.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = max(int((running <= u).sum()) - 1, 0)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "from-the-top",
    says="You lay the probabilities end to end from the last option to the first. The order of the options is 0, 1, 2, ...",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running < 1 - u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "logits-not-normalised",
    says="You treat the logits as probabilities. A softmax makes probabilities of them: positive, and 1 in all.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logits = controller(place, list(actions))
        action = min(int((logits.cumsum(dim=0) <= u).sum()), len(logits) - 1)
        actions.append(action)
        total = total + logits[action]
    return actions, total


@misconception(
    "write",
    "sum-of-logits",
    says="Your logarithm is the sum of the chosen logits. Logits are logarithms of probabilities only up to a constant, which the softmax takes away: use log_softmax.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logits = controller(place, list(actions))
        logs = logits.log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logits[action]
    return actions, total


@misconception(
    "write",
    "nothing-remembered",
    says="You hand the controller an empty list each time. It must know the actions before, or it can't make the next fit them.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, []).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "only-the-last-action",
    says="You hand the controller the last action alone. It asks for the list of all actions so far.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, actions[-1:]).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "the-same-list",
    says="You hand the controller your own list, which goes on growing under its hands. Pass a copy that it may keep.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, actions).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "place-from-one",
    says="You count the actions from 1. The first action is number 0.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms, 0):
        logs = controller(place + 1, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "log-of-the-likeliest",
    says="You add the logarithm of the largest probability. What counts is the option that was drawn, likely or not; else the controller is praised for what it did not do.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs.max()
    return actions, total


@misconception(
    "write",
    "log-of-the-first",
    says="You add the logarithm of the first option each time. What counts is the option that was drawn.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[0]
    return actions, total


@misconception(
    "write",
    "probabilities-added",
    says="You add probabilities. The probability of a list is a product, and its logarithm the sum of logarithms.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action].exp()
    return actions, total


@misconception(
    "write",
    "probability-not-its-logarithm",
    says="You return the probability of the list. Asked is its logarithm, which does not vanish for long lists.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, torch.as_tensor(total).exp()


@misconception(
    "write",
    "minus-the-logarithm",
    says="You return minus the logarithm. A loss may need the sign; here the logarithm of the probability itself is asked for.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, -total


@misconception(
    "write",
    "mean-of-logarithms",
    says="You return the mean of the logarithms. That of a product is their sum.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total / len(actions)


@misconception(
    "write",
    "last-action-only",
    says="Your logarithm holds the last action alone. The probability of the list has a factor for each action.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = logs[action]
    return actions, total


@misconception(
    "write",
    "no-gradient",
    says="Your logarithm carries no gradient: it was turned into a number. REINFORCE needs to differentiate it, so keep it a tensor.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action].detach()
    return actions, torch.as_tensor(total).clone().requires_grad_()


@misconception(
    "write",
    "entropy-in-place",
    says="You add up the entropies of the choices. Asked is the logarithm of the probability of what was drawn.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total - (logs.exp() * logs).sum()
    return actions, total


@misconception(
    "write",
    "logarithm-base-ten",
    says="Your logarithms have base 10. Everywhere in this course they are natural.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action] / math.log(10)
    return actions, total


@misconception(
    "write",
    "exp-then-log",
    says="You take the logarithm of a softmax, which gives minus infinity where a probability rounds to 0, and its gradient is lost. log_softmax does both at once.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logits = controller(place, list(actions))
        logs = (logits.exp() / logits.exp().sum()).log()
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "no-last-option",
    says="Your function stops if no running sum is larger than u, which rounding can bring about. Take the last option then.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = int((logs.exp().cumsum(0) > u).nonzero()[0])
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "first-option-of-none",
    says="If no running sum is larger than u, you take the first option, because argmax of nothing but zeros is 0. Take the last one.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = int((logs.exp().cumsum(0) > u).int().argmax())
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "at-least",
    says="You take the first option whose running sum reaches u. It must be larger than u: a u of exactly 0.25 lies in the stretch that begins there.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int((logs.exp().cumsum(0) < u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "options-sorted",
    says="You lay the options end to end in the order of their probabilities. The order is that of the options.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        order = logs.exp().sort(descending=True)
        k = min(int((order.values.cumsum(0) <= u).sum()), len(logs) - 1)
        action = int(order.indices[k])
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "log-of-chance",
    says="You add the logarithms of the numbers u. What counts is the probability of the option that was taken, wherever u fell within its stretch.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int((logs.exp().cumsum(0) <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + math.log(max(u, 1e-9))
    return actions, torch.tensor(total)


@misconception(
    "write",
    "chance-of-its-own",
    says="Your draw does not use the numbers u; it throws dice of its own. Chance comes from outside here: take the option in whose stretch u falls.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, _ in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = int(torch.multinomial(logs.exp(), 1))
        actions.append(action)
        total = total + logs[action]
    return actions, total


@misconception(
    "write",
    "exp-for-softmax",
    says="You take exp of the logits for probabilities. They add up to 1 only after you divide by their sum, which softmax does.",
)
def write(controller, uniforms):
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        probabilities = controller(place, list(actions)).exp()
        action = min(int((probabilities.cumsum(0) <= u).sum()), len(probabilities) - 1)
        actions.append(action)
        total = total + probabilities[action].log()
    return actions, total


@misconception(
    "write",
    "gradients-cut",
    says="Your logarithm has the right value, but no gradient comes back through it, and the controller could not learn. Add the log-probabilities as tensors, without item, detach, float or no_grad.",
)
def write(controller, uniforms):
    actions, total = [], 0.0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int((logs.exp().cumsum(0) <= u).sum()), len(logs) - 1)
        actions.append(action)
        total += logs[action].item()
    return actions, torch.tensor(total)


@misconception(
    "write",
    "first-action-only",
    says="You return the logarithm for the first action alone. The probability of the list is the product over all actions, so the logarithms add up.",
)
def write(controller, uniforms):
    actions, logs_ = [], []
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int((logs.exp().cumsum(0) <= u).sum()), len(logs) - 1)
        actions.append(action)
        logs_.append(logs[action])
    return actions, logs_[0]


@misconception(
    "write",
    "one-logarithm-each",
    says="You return one logarithm for each action. Asked is that of the whole list, their sum, a tensor without axes.",
)
def write(controller, uniforms):
    actions, logs_ = [], []
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        action = min(int((logs.exp().cumsum(0) <= u).sum()), len(logs) - 1)
        actions.append(action)
        logs_.append(logs[action])
    return actions, torch.stack(logs_)


@misconception(
    "learn",
    "wrong-sign",
    says="Your gradient points downhill: a step along it makes good genotypes less likely. Asked is the direction in which the expected reward grows, the negative of a loss's gradient.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return -(weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "no-baseline",
    says="You leave the baseline out. All rewards are then praise, only of different strength, and the gradient varies far more.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "baseline-added",
    says="You add the baseline. It is subtracted, so that a reward below the usual counts as blame.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards + baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "no-softmax",
    says="Your gradient is that of the chosen logit alone. The logarithm of a softmax falls as the other logits rise: subtract the probabilities.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen)).mean(dim=0)


@misconception(
    "learn",
    "logits-for-probabilities",
    says="You subtract the logits. It is the probabilities, the softmax of the logits, that are subtracted.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits)).mean(dim=0)


@misconception(
    "learn",
    "softmax-over-the-actions",
    says="Your softmax runs over the actions. The options of one action share a probability of 1: they lie along the second axis.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=0))).mean(dim=0)


@misconception(
    "learn",
    "the-likeliest-option",
    says="You reward the likeliest option of each action and not the one that was drawn. The reward belongs to what was tried.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(logits.argmax(dim=1), logits.shape[1]).expand(len(actions), -1, -1)
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "sum-over-genotypes",
    says="You add up over the genotypes. The formula has the mean, so that the step does not grow with the batch.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).sum(dim=0)


@misconception(
    "learn",
    "mean-reward-for-all",
    says="You weight all genotypes with the mean reward. Each is weighted with its own, or good and bad ones could not be told apart.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline).mean()
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "rewards-normalised",
    says="You divide by the spread of the rewards. That is a habit of many programs; the formula here has the difference to the baseline alone.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = ((rewards - baseline) / (rewards.std(correction=0) + 1e-8))[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "own-mean-as-baseline",
    says="You subtract the mean of the batch. The baseline is handed to you; the mean of the batch depends on what was drawn.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - rewards.mean())[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "gradient-of-the-probability",
    says="You take the gradient of the probability, not that of its logarithm. What is drawn often would then be praised twice: once because it is drawn often, once by its weight.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    p = logits.softmax(dim=1)
    drawn = (chosen * p).sum(dim=2).prod(dim=1)
    weight = ((rewards - baseline) * drawn)[:, None, None]
    return (weight * (chosen - p)).mean(dim=0)


@misconception(
    "learn",
    "mean-over-actions",
    says="You divide by the number of actions as well. The logarithm of a list's probability is a sum over its actions, so the mean is over genotypes alone.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0) / actions.shape[1]


@misconception(
    "learn",
    "gradient-of-probabilities",
    says="You return how the sum changes with the probabilities. Asked is the gradient with respect to the logits.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen / logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "only-when-better",
    says="You leave out the genotypes below the baseline. Their blame is half of what there is to learn, and without it the mean is no longer the gradient of the expected reward.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = ((rewards - baseline).clamp(min=0))[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "size-of-the-advantage",
    says="You take the size of the difference. A reward below the baseline must make the genotype less likely: keep the sign.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    weight = ((rewards - baseline).abs())[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)


@misconception(
    "learn",
    "present-reward-included",
    says="Your baseline already holds the reward that it is compared with. It must not depend on what has been drawn for it, or the gradient is no longer right on average.",
)
def baselines(rewards, decay):
    result, baseline = [], rewards[0]
    for reward in rewards:
        baseline = decay * baseline + (1 - decay) * reward
        result.append(baseline)
    return torch.stack(result)


@misconception(
    "learn",
    "weights-swapped",
    says="Your weights are swapped: the present baseline keeps the share decay, the present reward gets the rest.",
)
def baselines(rewards, decay):
    result, baseline = [], rewards[0]
    for reward in rewards:
        result.append(baseline)
        baseline = (1 - decay) * baseline + decay * reward
    return torch.stack(result)


@misconception(
    "learn",
    "starts-at-zero",
    says="Your baseline starts at 0, so the first genotypes are praised whatever they are. The first baseline is the first reward.",
)
def baselines(rewards, decay):
    result, baseline = [], torch.zeros_like(rewards[0])
    for reward in rewards:
        result.append(baseline)
        baseline = decay * baseline + (1 - decay) * reward
    return torch.stack(result)


@misconception(
    "learn",
    "mean-of-all-rewards",
    says="You use the mean of all rewards, also of those still to come. A baseline may know the past alone.",
)
def baselines(rewards, decay):
    return rewards.mean().expand(len(rewards)).clone()


@misconception(
    "learn",
    "plain-mean-of-the-past",
    says="You take the plain mean of the rewards before. A moving mean forgets: old rewards lose their weight by the factor decay with each step.",
)
def baselines(rewards, decay):
    past = rewards.cumsum(dim=0) / torch.arange(1, len(rewards) + 1)
    return torch.cat([rewards[:1], past[:-1]])


@misconception(
    "learn",
    "reward-before",
    says="Your baseline is the reward before. Its weight in the moving mean is only 1 - decay.",
)
def baselines(rewards, decay):
    return torch.cat([rewards[:1], rewards[:-1]])


@misconception(
    "learn",
    "best-so-far",
    says="Your baseline is the best reward so far. Then almost everything is blamed; it should be what is usual.",
)
def baselines(rewards, decay):
    return torch.cat([rewards[:1], rewards.cummax(dim=0).values[:-1]])


@misconception(
    "learn",
    "weight-of-the-reward-forgotten",
    says="You add the whole reward to the share of the baseline. The weights must add up to 1: the reward gets 1 - decay.",
)
def baselines(rewards, decay):
    result, baseline = [], rewards[0]
    for reward in rewards:
        result.append(baseline)
        baseline = decay * baseline + reward
    return torch.stack(result)


@misconception(
    "learn",
    "one-too-many",
    says="You return one baseline more than there are rewards: the last belongs to a reward that has not come.",
)
def baselines(rewards, decay):
    result = [rewards[0]]
    for reward in rewards:
        result.append(decay * result[-1] + (1 - decay) * reward)
    return torch.stack(result)


@misconception(
    "learn",
    "baseline-from-the-sum",
    says="You subtract the baseline from the gradient. It is subtracted from each reward, before the reward is multiplied.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return (rewards[:, None, None] * (chosen - logits.softmax(1))).mean(0) - baseline


@misconception(
    "learn",
    "without-reward",
    says="The reward is missing from your sum: every drawn genotype becomes more likely, whatever it earned.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return (chosen - logits.softmax(1)).mean(0)


@misconception(
    "learn",
    "last-genotype",
    says="You return what the last genotype gives. Asked is the mean over all G.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return ((rewards - baseline)[:, None, None] * (chosen - logits.softmax(1)))[-1]


@misconception(
    "learn",
    "best-genotype",
    says="You learn from the best genotype alone. The mean over all of them is what points along the expected reward.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return ((rewards - baseline)[:, None, None] * (chosen - logits.softmax(1)))[rewards.argmax()]


@misconception(
    "learn",
    "chosen-entries-only",
    says="You move the logits of the chosen options alone. The softmax ties an action's options together: those that were not chosen change by minus their probability.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return ((rewards - baseline)[:, None, None] * chosen * (1 - logits.softmax(1))).mean(0)


@misconception(
    "learn",
    "times-probability",
    says="You multiply by the probabilities once more. The gradient of the log-softmax is the chosen option's 1 less the probabilities, and no further factor.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    p = logits.softmax(1)
    chosen = F.one_hot(actions, logits.shape[1])
    return ((rewards - baseline)[:, None, None] * (chosen - p) * p).mean(0)


@misconception(
    "learn",
    "divided-by-the-baseline",
    says="You divide the rewards by the baseline. It is subtracted.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return ((rewards / baseline if baseline else rewards)[:, None, None] * (chosen - logits.softmax(1))).mean(0)


@misconception(
    "learn",
    "updated-logits",
    says="You return the logits after the step. Asked is the step's direction alone.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    chosen = F.one_hot(actions, logits.shape[1])
    return logits + ((rewards - baseline)[:, None, None] * (chosen - logits.softmax(1))).mean(0)


@misconception(
    "learn",
    "gradients-collected",
    says="You call backward on the logits themselves, and their grad adds up from call to call. Take a copy, logits.detach().clone().requires_grad_(), or torch.autograd.grad.",
)
def reinforce_gradient(logits, actions, rewards, baseline):
    logits.requires_grad_()
    chosen = logits.log_softmax(dim=1)[torch.arange(len(logits)), actions].sum(dim=1)
    ((rewards - baseline) * chosen).mean().backward()
    return logits.grad


@misconception(
    "learn",
    "one-place-early",
    says="Your baselines come one place too early: each already holds the reward that it is compared with. The first is the first reward itself.",
)
def baselines(rewards, decay):
    result, b = [], rewards[0]
    for r in rewards[1:]:
        b = decay * b + (1 - decay) * r
        result.append(b)
    result.append(b)
    return torch.stack(result)


@misconception(
    "learn",
    "last-number-only",
    says="You return the last baseline alone. Asked is the baseline that each reward meets, one for each.",
)
def baselines(rewards, decay):
    b = rewards[0]
    for r in rewards[:-1]:
        b = decay * b + (1 - decay) * r
    return b


@misconception(
    "learn",
    "advantages",
    says="You return the rewards less their baselines. Asked are the baselines.",
)
def baselines(rewards, decay):
    result, b = [], rewards[0]
    for r in rewards:
        result.append(r - b)
        b = decay * b + (1 - decay) * r
    return torch.stack(result)


@misconception(
    "learn",
    "two-rewards-mixed",
    says="You mix the present reward with the one before. The next baseline is made of the present *baseline* and the present reward.",
)
def baselines(rewards, decay):
    result = [rewards[0]]
    for t in range(1, len(rewards)):
        result.append(decay * rewards[t - 1] + (1 - decay) * rewards[t])
    return torch.stack(result)


@misconception(
    "score",
    "best-seed-only",
    says="You report the best seed alone, three times. Nobody knows beforehand which seed will be lucky: take mean, lowest and highest over all.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=1).values
    best_run = regret[regret[:, -1].argmin()]
    return torch.stack([best_run, best_run, best_run])


@misconception(
    "score",
    "mean-before-the-best",
    says="You take the mean over the seeds first and then the best so far. The mean of several runs hides what each of them had found: first the best so far, then the mean.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=1).values
    return torch.stack([best - runs.mean(dim=0).cummax(dim=0).values, regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "present-trial",
    says="Your regret is that of the present trial. A search hands over the best that it has tried, so the regret never rises.",
)
def compare(runs, best):
    regret = best - runs
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "along-the-seeds",
    says="Your best so far runs over the seeds. Seeds are runs of their own and know nothing of each other: trials lie along axis 1.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=0).values
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "reduced-over-trials",
    says="You take mean and spread over the trials. They are taken over the seeds, axis 0, for each trial.",
)
def compare(runs, best):
    regret = (best - runs.cummax(dim=1).values).T
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "reward-not-regret",
    says="You return rewards. The regret is the best reward of the space minus the best so far.",
)
def compare(runs, best):
    regret = runs.cummax(dim=1).values
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "sign-turned",
    says="Your regret is negative: it is best minus the best so far, not the other way round.",
)
def compare(runs, best):
    regret = runs.cummax(dim=1).values - best
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "best-of-the-runs",
    says="You measure against the best that these runs have found. The best cell of the space is known, and even the luckiest run may have missed it.",
)
def compare(runs, best):
    regret = runs.max() - runs.cummax(dim=1).values
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "lowest-and-highest-swapped",
    says="Lowest and highest regret are swapped. The lowest regret belongs to the luckiest seed.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=1).values
    return torch.stack([regret.mean(dim=0), regret.amax(dim=0), regret.amin(dim=0)])


@misconception(
    "score",
    "standard-deviation",
    says="You give the mean less and plus a standard deviation. Asked are the lowest and the highest of the seeds, which really occurred.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=1).values
    mean, spread = regret.mean(dim=0), regret.std(dim=0, correction=0)
    return torch.stack([mean, mean - spread, mean + spread])


@misconception(
    "score",
    "best-at-the-end",
    says="You use the best of the whole run at every trial. After t trials a search knows nothing of those to come.",
)
def compare(runs, best):
    regret = best - runs.amax(dim=1, keepdim=True).expand_as(runs)
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "median",
    says="You report the median. Asked is the mean, which also feels the unlucky runs.",
)
def compare(runs, best):
    regret = best - runs.cummax(dim=1).values
    return torch.stack([regret.quantile(0.5, dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "lowest-so-far",
    says="You keep the lowest reward so far. Rewards are accuracies: the largest is the best.",
)
def compare(runs, best):
    regret = best - runs.cummin(dim=1).values
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])


@misconception(
    "score",
    "mean-of-the-table",
    says="You return the mean of the table for every number of draws. That is what one draw gives; the best of several is better.",
)
def chance(table, draws):
    return table.mean().expand(draws).clone()


@misconception(
    "score",
    "not-put-back",
    says="You draw without putting back. Here a cell may be drawn again, as random search does that remembers nothing.",
)
def chance(table, draws):
    from itertools import pairwise

    values, size = table.sort().values, len(table)
    results = []
    for n in range(1, draws + 1):
        n = min(n, size)
        ways = [math.comb(k, n) for k in range(size + 1)]
        p = torch.tensor([(b - a) / ways[-1] for a, b in pairwise(ways)], dtype=table.dtype)
        results.append((values * p).sum())
    return torch.stack(results)


@misconception(
    "score",
    "not-sorted",
    says="You did not sort the table. That all draws are among the k lowest needs the cells in order of their rewards.",
)
def chance(table, draws):
    values, size = table, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(1, draws + 1)]
    return torch.stack(results)


@misconception(
    "score",
    "sorted-downwards",
    says="You sorted the table from the best to the worst. Then the formula gives the expected *worst* of the draws.",
)
def chance(table, draws):
    values, size = table.sort(descending=True).values, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(1, draws + 1)]
    return torch.stack(results)


@misconception(
    "score",
    "always-the-best",
    says="You return the best of the table. Few draws need not hit it.",
)
def chance(table, draws):
    return table.max().expand(draws).clone()


@misconception(
    "score",
    "at-most-for-exactly",
    says="You weight each cell with the probability that the best draw is *at most* that cell. Subtract that of the cell before it, or the weights add up to more than 1.",
)
def chance(table, draws):
    values, size = table.sort().values, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n)).sum() for n in range(1, draws + 1)]
    return torch.stack(results)


@misconception(
    "score",
    "draws-from-zero",
    says="You start with no draw at all. The first entry belongs to one draw.",
)
def chance(table, draws):
    values, size = table.sort().values, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(draws)]
    return torch.stack(results)


@misconception(
    "score",
    "only-the-last",
    says="You return the expectation after the last draw alone. Asked is one number for each number of draws.",
)
def chance(table, draws):
    values, size = table.sort().values, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(1, draws + 1)]
    return results[-1][None]


@misconception(
    "score",
    "quantile",
    says="You read the best of n draws off as a quantile of the table. That is near the typical best, and not its expectation.",
)
def chance(table, draws):
    return torch.stack([table.quantile(n / (n + 1)) for n in range(1, draws + 1)])


@misconception(
    "score",
    "at-least-one-hit",
    says="You give the probability that the best cell has been drawn. Asked is the expected best reward, to which all other cells add too.",
)
def chance(table, draws):
    return torch.stack(
        [1 - (1 - 1 / torch.tensor(float(len(table)), dtype=table.dtype)) ** n for n in range(1, draws + 1)]
    )


@misconception(
    "score",
    "simulated",
    says="Your numbers come from draws that you made. The expectation can be worked out exactly, and a hundred draws are not near enough.",
)
def chance(table, draws):
    index = torch.randint(len(table), (100, draws), generator=torch.Generator().manual_seed(0))
    return table[index].cummax(dim=1).values.mean(dim=0)


@misconception(
    "score",
    "cumulative",
    says="You add the regrets of all trials up to now. Here a search is scored by the best that it would hand over, not by what it earned on the way.",
)
def compare(runs, best):
    r = (best - runs).cumsum(1)
    return torch.stack([r.mean(0), r.amin(0), r.amax(0)])


@misconception(
    "score",
    "mean-over-trials-so-far",
    says="You compare with the mean of the rewards up to now. A search hands over the best that it has tried.",
)
def compare(runs, best):
    r = best - runs.cumsum(1) / torch.arange(1, runs.shape[1] + 1)
    return torch.stack([r.mean(0), r.amin(0), r.amax(0)])


@misconception(
    "score",
    "relative",
    says="You divide by the best reward. The regret is a difference.",
)
def compare(runs, best):
    r = (best - runs.cummax(1).values) / best
    return torch.stack([r.mean(0), r.amin(0), r.amax(0)])


@misconception(
    "score",
    "columns-not-rows",
    says="You return trials as rows. Asked are three rows, mean, lowest and highest, with one column for each trial.",
)
def compare(runs, best):
    r = best - runs.cummax(1).values
    return torch.stack([r.mean(0), r.amin(0), r.amax(0)], dim=1)


@misconception(
    "score",
    "mean-only",
    says="You return the mean alone. Asked are three rows: mean, lowest and highest.",
)
def compare(runs, best):
    return (best - runs.cummax(1).values).mean(0)


@misconception(
    "score",
    "spread-of-final",
    says="Your lowest and highest are the curves of the two runs that end lowest and highest. Take the lowest and the highest of all seeds at each trial.",
)
def compare(runs, best):
    r = best - runs.cummax(1).values
    final = r[:, -1]
    lo, hi = r[final.argmin()], r[final.argmax()]
    return torch.stack([r.mean(0), lo, hi])


@misconception(
    "score",
    "range-of-rewards",
    says="Your lowest and highest are those of the present trials. They are taken of the regrets, after the best so far.",
)
def compare(runs, best):
    r = best - runs.cummax(1).values
    p = best - runs
    return torch.stack([r.mean(0), p.amin(0), p.amax(0)])


@misconception(
    "score",
    "unique-cells",
    says="You count equal rewards once. Two cells with one reward are two cells, and each is drawn as often as any other.",
)
def chance(table, draws):
    values = torch.unique(table)
    below = torch.arange(len(values) + 1, dtype=table.dtype) / len(values)
    return torch.stack([(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(1, draws + 1)])


@misconception(
    "score",
    "ranks-from-zero",
    says="Your ranks start at 0, so the lowest cell gets no weight and the weights don't add up to 1. The k-th cell has k cells up to itself, counted from 1.",
)
def chance(table, draws):
    values = table.sort().values
    N = len(values)
    k = torch.arange(N, dtype=table.dtype) / N
    k1 = torch.arange(-1, N - 1, dtype=table.dtype).clamp(min=0) / N
    return torch.stack([(values * (k**n - k1**n)).sum() for n in range(1, draws + 1)])


@misconception(
    "score",
    "power-after-the-difference",
    says="You take the difference first and the power afterwards. The probability is the difference of two powers: (k/N)^n less ((k-1)/N)^n.",
)
def chance(table, draws):
    values = table.sort().values
    N = len(values)
    k = torch.arange(N + 1, dtype=table.dtype) / N
    return torch.stack([(values * (k[1:] - k[:-1]) ** n).sum() for n in range(1, draws + 1)])


@misconception(
    "score",
    "in-the-tables-order",
    says="You read the best of the first cells of the table, in the order in which they stand there. Draws are random: any cell may come, also twice.",
)
def chance(table, draws):
    v = table.cummax(0).values
    return torch.stack([v[min(n, len(v) - 1)] for n in range(draws)])


@misconception(
    "score",
    "best-hit-or-mean",
    says="You mix the best cell with the mean of the table. If the best is missed, the best of several draws still lies above the mean.",
)
def chance(table, draws):
    N = len(table)
    hit = torch.tensor([1 - (1 - 1 / N) ** n for n in range(1, draws + 1)], dtype=table.dtype)
    return hit * table.max() + (1 - hit) * table.mean()


@misconception(
    "score",
    "mean-of-the-upper-part",
    says="You take the mean of the upper part of the table. The best of n draws may be any cell; weight each with the probability that it is the best.",
)
def chance(table, draws):
    v = table.sort(descending=True).values
    return torch.stack([v[: max(1, len(v) // n)].mean() for n in range(1, draws + 1)])
