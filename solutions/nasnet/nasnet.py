# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] role="title" chapter="vision/nasnet" minutes=90
# # NASNet: searching for the cell
#
# **22 points, about 90 minutes.** This exercise belongs to the chapter *NASNet: searching for the cell*.
#
# You count a space of cells and build a cell from its actions. You write the two halves of a controller, drawing actions and
# learning from rewards, with the baseline that calms it. Then you do what decides whether any of this was worth the trouble:
# you compare a search with chance, over many seeds, and work out what chance gives without drawing at all.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other numbers, a single seed.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $G$ genotypes, $A$ actions of one, $B$ images in a batch, $C$ channels, $H$ and $W$ height
# and width in pixels.
#
# A *block* of a cell is five actions, in the paper's order: the number of a first input, the number of a second input, the
# number of an operation for the first, the number of an operation for the second, and how the two results are joined. The
# inputs of the cell come first, numbered from 0, then the blocks in their order. A block may read the inputs of the cell and
# the blocks before it.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check
from dlarch.vision.search import best_so_far, evolve, random_search, reinforce
from dlarch.vision.search_space import SearchSpace

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · How many cells? (2 points)
#
# How many different lists of actions are there? Two lists that spell the same cell count as two.
#
# **Contract.** `count(blocks, inputs, operations, joins)` returns an integer, the number of genotypes of one cell.
#
# **Example.** `count(1, 2, 3, 1)` is 36: two options for either input, three for either operation. `count(2, 1, 2, 2)` is 256:
# the first block has $1 \cdot 1 \cdot 2 \cdot 2 \cdot 2 = 8$ possibilities, the second $2 \cdot 2 \cdot 2 \cdot 2 \cdot 2 = 32$.
#
# <details><summary>Hint: where to look</summary>
#
# What may the second block read that the first may not?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `total = 1`, then a loop over the blocks that multiplies `total` by the options of five actions.
#
# </details>


# %% role="answer" name="count"
def count(blocks: int, inputs: int, operations: int, joins: int) -> int:
    """Genotypes of one cell.

    Args:
        blocks: of the cell.
        inputs: of the cell.
        operations: to choose from.
        joins: ways to join two results.

    Returns:
        How many different lists of actions there are.
    """
    ### BEGIN SOLUTION
    total = 1
    for block in range(blocks):
        total *= (inputs + block) ** 2 * operations**2 * joins
    return total
    ### END SOLUTION


# %% role="check" name="count" points=2 refuse="search search_space SearchSpace timm"
def worked_count():
    """the two examples of the text"""
    yield "genotypes", np.array([count(1, 2, 3, 1), count(2, 1, 2, 2)])


def three_blocks():
    """three blocks, one input, three operations, two joins"""
    yield "genotypes", np.array([count(3, 1, 3, 2)])


def hidden_the_papers_cell():
    """logarithms of the spaces of five blocks, two inputs and thirteen operations"""
    yield "two joins", np.array([math.log(count(5, 2, 13, 2))])
    yield "one join", np.array([math.log(count(5, 2, 13, 1))])


def hidden_small():
    """spaces with a single option here and there"""
    yield "one of everything", np.array([count(1, 1, 1, 1), count(2, 1, 1, 1), count(1, 3, 1, 4)])
    yield "four blocks", np.array([count(4, 2, 1, 1)])


# %% [markdown]
# ## 2 · Build a cell from its genotype (4 points)
#
# Compute what a cell makes of its inputs. Join 0 adds the two results of a block, join 1 takes the larger of the two, number
# by number. What leaves the cell are the blocks that no other block reads, joined along the channels in the order of their
# numbers. An input of the cell never leaves it, whether a block reads it or not.
#
# **Contract.** `cell(inputs, genotype, operations)` returns one tensor. `inputs` is a list of maps $(B, C, H, W)$ of equal
# shape. `genotype` is a flat tuple, five numbers a block. `operations` is a list of functions from a tensor to one of
# the same shape. Three points are for what the blocks compute and what leaves, one is for gradients that arrive.
#
# **Example.** With one input $x$ and the operations *identity* and *negative* ($-x$), the genotype
# `(0, 0, 0, 0, 0, 0, 1, 1, 0, 1)` has two blocks. The first is $x + x$. The second is the larger of $-x$ (operation 1 on input
# 0) and the first block. Only the second leaves: for $x = 3$ it is 6, for $x = -3$ it is 3.
#
# <details><summary>Hint: where to look</summary>
#
# Keep one list of states that begins with the inputs and grows by a block at a time. Then an action is an index into it.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `states, read = list(inputs), set()`, then a loop over `range(0, len(genotype), 5)`.
#
# </details>


# %% role="answer" name="cell"
def cell(inputs: list, genotype: tuple, operations: list) -> torch.Tensor:
    """What leaves a cell.

    Args:
        inputs: maps (B, C, H, W) of equal shape.
        genotype: five actions for each block: first input, second input, first operation, second operation, join.
        operations: functions from maps to maps of the same shape.

    Returns:
        The blocks that no block reads, joined along the channels.
    """
    ### BEGIN SOLUTION
    states, read = list(inputs), set()
    for start in range(0, len(genotype), 5):
        i, j, f, g, join = genotype[start : start + 5]
        first, second = operations[f](states[i]), operations[g](states[j])
        states.append(first + second if join == 0 else torch.maximum(first, second))
        read.update((i, j))
    return torch.cat([states[s] for s in range(len(inputs), len(states)) if s not in read], dim=1)
    ### END SOLUTION


# %% role="check" name="cell" points=3 refuse="search search_space SearchSpace Cell Child timm"
def _operations():
    return [lambda x: x, lambda x: -0.5 * x, lambda x: x.roll(1, dims=3), lambda x: x * x]


def _maps(number, *shape):
    n = math.prod(shape)
    return [torch.linspace(k, 7.0 + 3 * k, n).reshape(shape).sin() for k in range(number)]


def worked_cell():
    """the example of the text, for 3 and -3"""
    x = torch.tensor([3.0, -3.0]).reshape(2, 1, 1, 1)
    yield "maps", cell([x], (0, 0, 0, 0, 0, 0, 1, 1, 0, 1), [lambda x: x, lambda x: -x])


def one_block():
    """two inputs, one block that adds the square of input 1 to the shifted input 0"""
    yield "maps", cell(_maps(2, 1, 2, 2, 3), (0, 1, 2, 3, 0), _operations())


def two_leave():
    """two blocks that read the input alone, so that both leave"""
    yield "maps", cell(_maps(1, 2, 2, 2, 3), (0, 0, 1, 2, 0, 0, 0, 0, 3, 1), _operations())


def a_chain():
    """three blocks, each reads the one before"""
    genotype = (0, 1, 0, 2, 0, 2, 0, 3, 1, 1, 3, 3, 0, 1, 0)
    yield "maps", cell(_maps(2, 2, 1, 2, 3), genotype, _operations())


def hidden_a_skipped_block():
    """four blocks; the first and the last leave"""
    genotype = (0, 1, 0, 3, 1, 0, 0, 2, 1, 0, 3, 1, 0, 0, 1, 4, 3, 1, 2, 0)
    yield "maps", cell(_maps(2, 2, 2, 3, 2), genotype, _operations())


def hidden_three_inputs():
    """three inputs, of which one is never read, in double precision"""
    inputs = [x.double() for x in _maps(3, 1, 1, 2, 4)]
    yield "maps", cell(inputs, (0, 2, 1, 2, 1, 2, 2, 3, 0, 0), _operations())


def hidden_inputs_untouched():
    """the list of inputs and the maps in it, after the call"""
    inputs = _maps(2, 1, 1, 2, 2)
    cell(inputs, (0, 1, 0, 0, 0, 2, 0, 0, 1, 0), _operations())
    yield "length", np.array([len(inputs)])
    yield "inputs", torch.cat(inputs)


# %% role="check" name="cell_gradient" answer="cell" points=1 refuse="search search_space SearchSpace Cell Child timm"
def _learned(genotype, double=False):
    dtype = torch.float64 if double else torch.float32
    weights = torch.tensor([0.5, -1.5], dtype=dtype).requires_grad_()
    x = torch.linspace(-2, 3, 12, dtype=dtype).reshape(1, 2, 2, 3).requires_grad_()
    operations = [lambda h: h * weights[0], lambda h: (h * weights[1]).tanh()]
    y = cell([x], genotype, operations)
    (y * torch.linspace(1, 2, y.numel(), dtype=dtype).reshape(y.shape)).sum().backward()
    return torch.cat([weights.grad, x.grad.flatten()])


def gradient_of_a_chain():
    """gradients of the operations' weights and of the input, two blocks"""
    yield "gradient", _learned((0, 0, 0, 1, 0, 1, 0, 1, 0, 0))


def hidden_gradient_of_larger():
    """the same where blocks take the larger result, in double precision"""
    yield "gradient", _learned((0, 0, 0, 1, 1, 0, 1, 1, 0, 1), double=True)


# %% [markdown]
# ## 3 · Draw from the controller (4 points)
#
# A controller writes a genotype action by action. For each action it gives one number for each option, the *logits*; a softmax
# makes probabilities of them. One option is drawn, and it is told to the controller before the next action.
#
# So that your draws can be checked, chance comes from outside: a number $u$ from 0 to 1 for each action. Lay the
# probabilities end to end from 0 to 1, in the order of the options, and take the option in whose stretch $u$ falls: the first whose
# running sum is larger than $u$. Rounding may leave the last running sum a little below 1; if no sum is larger, take the last
# option.
#
# **Contract.** `write(controller, uniforms)` returns a list of actions (integers) and a tensor without axes, the
# logarithm of the probability of the whole list. `controller(place, previous)` returns the logits, a tensor of one axis,
# for action number `place`, counted from 0. `previous` is the list of actions so far; pass it a list that it may
# keep. Two points are for the actions, two are for the probability and its gradient.
#
# **Example.** A controller that always returns the logarithms of 0.2, 0.5, 0.3 makes of `[0.1, 0.6, 0.95]` the actions
# `[0, 1, 2]`. Their probability is $0.2 \cdot 0.5 \cdot 0.3 = 0.03$, its logarithm is $-3.5066$.
#
# <details><summary>Hint: where to look</summary>
#
# `torch.cumsum` makes running sums. Which probability belongs to the option that was drawn? And what becomes of a product
# under a logarithm?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `actions, total = [], 0`, then a loop over `enumerate(uniforms)` that asks for the logits.
#
# </details>


# %% role="answer" name="write"
def write(controller, uniforms: list) -> tuple[list, torch.Tensor]:
    """Draw a genotype.

    Args:
        controller: from the number of the action and the list of actions before it to logits, one for each option.
        uniforms: a number from 0 to 1 for each action.

    Returns:
        The actions, and the logarithm of their probability, through which gradients reach the logits.
    """
    ### BEGIN SOLUTION
    actions, total = [], 0
    for place, u in enumerate(uniforms):
        logs = controller(place, list(actions)).log_softmax(dim=0)
        running = logs.exp().cumsum(dim=0)
        action = min(int((running <= u).sum()), len(logs) - 1)
        actions.append(action)
        total = total + logs[action]
    return actions, total
    ### END SOLUTION


# %% role="check" name="write_actions" answer="write" points=2 refuse="search search_space Controller timm"
def _wheel(place, previous):
    n = 2 + place % 3
    return torch.linspace(0, 2.0 + place, n).cos() * 2 + 0.8 * sum((k + 1) * a for k, a in enumerate(previous))


def _memory(place, previous):
    n = 3 + place % 2
    shift = sum((k + 1) * a for k, a in enumerate(previous)) + place
    return 1.5 * (torch.arange(n) * 1.7 + shift).sin()


def worked_actions():
    """the example of the text"""
    actions, _ = write(lambda place, previous: torch.tensor([0.2, 0.5, 0.3]).log(), [0.1, 0.6, 0.95])
    yield "actions", np.array(actions)


def memory_actions():
    """a controller whose logits depend on all actions before"""
    yield "actions", np.array(write(_memory, [0.05, 0.9, 0.5, 0.35, 0.7, 0.15, 0.99])[0])


def large_logits_actions():
    """logits that are no probabilities: 3, -1, 4, and 0.5 of chance"""
    yield "actions", np.array(write(lambda place, previous: torch.tensor([3.0, -1.0, 4.0]), [0.5, 0.2, 0.27])[0])


def hidden_edges():
    """chance of exactly 0, exactly between two options, and nearly 1"""
    yield "edges", np.array(write(lambda place, previous: torch.zeros(4), [0.0, 0.25, 0.5, 0.75, 0.9999999])[0])


def hidden_rounding():
    """nine options whose running sum ends a little below 1, and chance above it"""
    logits = (torch.arange(9) * 1.7 + 36).sin()
    yield "actions", np.array(write(lambda place, previous: logits, [0.99999997, 0.2])[0])


def hidden_a_long_one():
    """twenty actions, and a controller that keeps the lists it is given"""
    kept = []

    def controller(place, previous):
        kept.append(previous)
        return _memory(place, previous)

    yield "actions", np.array(write(controller, [(0.37 * k + 0.11) % 1 for k in range(20)])[0])
    yield "lengths", np.array([len(previous) for previous in kept])


# %% role="check" name="write_probability" answer="write" points=2 refuse="search search_space Controller timm"
def _table():
    return torch.linspace(-1, 2, 12, dtype=torch.float64).mul(2.5).sin().reshape(3, 4).requires_grad_()


def worked_probability():
    """the example of the text"""
    yield "log", write(lambda place, previous: torch.tensor([0.2, 0.5, 0.3]).log(), [0.1, 0.6, 0.95])[1]


def gradient_of_the_probability():
    """the logarithm and its gradient with respect to the logits of three actions"""
    table = _table()
    _, total = write(lambda place, previous: table[(place + sum(previous)) % 3], [0.3, 0.8, 0.55])
    total.backward()
    yield "log", total.detach()
    yield "gradient", table.grad


def hidden_memory_probability():
    """the logarithm where the logits depend on the actions before"""

    def controller(place, previous):
        return (torch.arange(3, dtype=torch.float64) + sum(previous) + place).cos() * 2

    yield "log", write(controller, [0.9, 0.1, 0.5, 0.7])[1]


def hidden_single_and_extreme():
    """a single action, an action with one option, and logits of 200 and -200"""
    yield "single", write(lambda place, previous: torch.tensor([1.0, 2.0]), [0.1])[1]
    yield "one option", write(lambda place, previous: torch.tensor([5.0]), [0.5, 0.5])[1]
    yield "extreme", write(lambda place, previous: torch.tensor([200.0, -200.0, 190.0]), [0.4, 0.6])[1]


# %% [markdown]
# ## 4 · Learn from rewards (5 points)
#
# The controller shall earn more on average. REINFORCE moves it along
#
# $$\frac{1}{G}\sum_{g=1}^{G} (R_g - b)\, \nabla \log p(g),$$
#
# where $R_g$ is the reward of genotype $g$, $p(g)$ its probability, and $b$ the *baseline*. Take the plainest controller there
# is: a table of logits with one row for each of $A$ actions and one column for each option. The actions do not depend on each
# other.
#
# - `reinforce_gradient(logits, actions, rewards, baseline)` returns the sum above with respect to the logits: a step *along*
#   it makes the expected reward larger. (3 points)
# - `baselines(rewards, decay)` returns the baseline for each of a row of rewards that come in one after the other. The
#   first is the first reward itself, so that the first step changes nothing. From then on it is a moving mean of the *earlier*
#   rewards: the next baseline is `decay` times the present one plus `1 - decay` times the present reward. (2 points)
#
# **Example.** One action with two options, logits 0 and 0, one genotype with action 1, reward 0.9, baseline 0.5: the
# gradient is $(-0.2, 0.2)$. And `baselines(torch.tensor([0.8, 0.4, 0.6]), 0.5)` is $(0.8, 0.8, 0.6)$.
#
# <details><summary>Hint: where to look</summary>
#
# How does the log-softmax of the chosen option change when a logit changes? You may also let autograd answer; then mind that
# the logits you are given may not be tracking gradients, and whether you move up or down.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `chosen = F.one_hot(actions, logits.shape[1])` has the shape $(G, A, \text{options})$. And: `result, baseline = [], rewards[0]`.
#
# </details>


# %% role="answer" name="learn"
def reinforce_gradient(
    logits: torch.Tensor, actions: torch.Tensor, rewards: torch.Tensor, baseline: float
) -> torch.Tensor:
    """The direction in which REINFORCE moves the logits.

    Args:
        logits: (A, options), of independent actions.
        actions: (G, A), integers: what was drawn.
        rewards: (G,), what each genotype earned.
        baseline: subtracted from each reward.

    Returns:
        (A, options), along which the expected reward grows.
    """
    ### BEGIN SOLUTION
    chosen = F.one_hot(actions, logits.shape[1])
    weight = (rewards - baseline)[:, None, None]
    return (weight * (chosen - logits.softmax(dim=1))).mean(dim=0)
    ### END SOLUTION


def baselines(rewards: torch.Tensor, decay: float) -> torch.Tensor:
    """The baseline that each reward meets.

    Args:
        rewards: (T,), in the order in which they come in.
        decay: weight of the present baseline in the next one.

    Returns:
        (T,), the baselines.
    """
    ### BEGIN SOLUTION
    result, baseline = [], rewards[0]
    for reward in rewards:
        result.append(baseline)
        baseline = decay * baseline + (1 - decay) * reward
    return torch.stack(result)
    ### END SOLUTION


# %% role="check" name="reinforce_gradient" answer="learn" points=3 refuse="search search_space reinforce reinforce_loss Controller baselines timm"
def worked_gradient():
    """the example of the text"""
    logits, actions = torch.zeros(1, 2), torch.tensor([[1]])
    yield "gradient", reinforce_gradient(logits, actions, torch.tensor([0.9]), 0.5)


def several_genotypes():
    """three genotypes of two actions with four options, rewards on both sides of the baseline"""
    logits = torch.linspace(-1, 2, 8).mul(1.7).sin().reshape(2, 4)
    actions = torch.tensor([[0, 3], [2, 3], [2, 1]])
    yield "gradient", reinforce_gradient(logits, actions, torch.tensor([0.95, 0.2, 0.7]), 0.6)


def hidden_no_baseline():
    """five genotypes, baseline 0, in double precision"""
    logits = torch.linspace(0, 3, 9).double().cos().reshape(3, 3)
    actions = torch.tensor([[0, 1, 2], [2, 2, 2], [1, 0, 0], [1, 1, 1], [0, 0, 1]])
    rewards = torch.tensor([0.1, 1.0, -0.5, 0.3, 0.8]).double()
    yield "gradient", reinforce_gradient(logits, actions, rewards, 0.0)


def hidden_exact_mean():
    """the mean over all genotypes, weighted by their probabilities, with a baseline: the gradient of the expected reward"""
    logits = torch.tensor([[0.4, -0.3], [1.0, 0.2]], dtype=torch.float64)
    rewards, total = torch.tensor([0.2, 0.9, 0.5, 0.4], dtype=torch.float64), 0
    for k, (a, b) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        p = logits[0].softmax(0)[a] * logits[1].softmax(0)[b]
        total = total + p * reinforce_gradient(logits, torch.tensor([[a, b]]), rewards[k : k + 1], 0.45)
    yield "gradient", total


def hidden_tracked_logits():
    """logits that track gradients, one genotype"""
    logits = torch.tensor([[0.5, -1.0, 2.0]]).requires_grad_()
    yield "gradient", reinforce_gradient(logits, torch.tensor([[0]]), torch.tensor([-0.4]), 0.1).detach()


# %% role="check" name="baselines" answer="learn" points=2 refuse="search search_space reinforce reinforce_loss Controller reinforce_gradient timm"
def worked_baselines():
    """the example of the text"""
    yield "baselines", baselines(torch.tensor([0.8, 0.4, 0.6]), 0.5)


def slow_baseline():
    """six rewards, decay 0.9"""
    yield "baselines", baselines(torch.tensor([0.3, 0.9, 0.5, 0.7, 0.1, 0.8]), 0.9)


def hidden_one_reward():
    """a single reward, in double precision"""
    yield "baselines", baselines(torch.tensor([0.7], dtype=torch.float64), 0.95)


def hidden_limits():
    """decay 0, the reward before, and decay 1, the first reward for ever"""
    rewards = torch.tensor([0.5, 0.2, 0.9, -0.4])
    yield "none", baselines(rewards, 0.0)
    yield "all", baselines(rewards, 1.0)


# %% [markdown]
# ## 5 · A fair comparison (4 points)
#
# A search is scored by what it would hand over: the best cell that it has *tried so far*. In a space whose best cell is known, the
# *regret* after $t$ trials is the reward of that cell minus the best so far. A search is chance, so one run says little. Run it with
# many seeds, and report the mean with the lowest and the highest.
#
# - `compare(runs, best)`: `runs` holds rewards, one row for each seed and one column for each trial, in order. Return a tensor of
#   three rows: mean, lowest and highest regret over the seeds after each trial. (2 points)
# - `chance(table, draws)`: what chance gives can be worked out. Draw cells from a table of rewards, evenly and *with* putting back.
#   Return a tensor with the expected best reward after 1, 2, ... `draws` draws. (2 points)
#
# **Example.** `compare(torch.tensor([[0.5, 0.7, 0.6], [0.9, 0.1, 0.2]]), 1.0)` has the mean $(0.3, 0.2, 0.2)$, the lowest $(0.1, 0.1,
# 0.1)$ and the highest $(0.5, 0.3, 0.3)$. And `chance(torch.tensor([0.0, 1.0]), 3)` is $(0.5, 0.75, 0.875)$: only if all three draws
# miss is the best 0.
#
# <details><summary>Hint: where to look</summary>
#
# For `compare`: `torch.cummax`, and mind along which axis, and whether the mean comes before or behind it. For `chance`: sort the
# table. All $n$ draws are among the $k$ lowest of $N$ with probability $(k / N)^n$. So with which probability is the best draw
# exactly the $k$-th?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `regret = best - runs.cummax(dim=1).values`. And: `values, size = table.sort().values, len(table)`.
#
# </details>


# %% role="answer" name="score"
def compare(runs: torch.Tensor, best: float) -> torch.Tensor:
    """Regret over trials, with its spread over seeds.

    Args:
        runs: (seeds, trials), rewards in the order in which they came.
        best: reward of the best cell of the space.

    Returns:
        (3, trials): mean, lowest and highest regret.
    """
    ### BEGIN SOLUTION
    regret = best - runs.cummax(dim=1).values
    return torch.stack([regret.mean(dim=0), regret.amin(dim=0), regret.amax(dim=0)])
    ### END SOLUTION


def chance(table: torch.Tensor, draws: int) -> torch.Tensor:
    """Expected best of even draws with putting back.

    Args:
        table: (N,), the rewards of all cells, in any order.
        draws: how many, at least 1.

    Returns:
        (draws,), the expectation after 1, 2, ... draws.
    """
    ### BEGIN SOLUTION
    values, size = table.sort().values, len(table)
    below = torch.arange(size + 1, dtype=table.dtype) / size
    results = [(values * (below[1:] ** n - below[:-1] ** n)).sum() for n in range(1, draws + 1)]
    return torch.stack(results)
    ### END SOLUTION


# %% role="check" name="compare" answer="score" points=2 refuse="search search_space best_so_far random_search evolve reinforce chance timm"
def worked_compare():
    """the example of the text"""
    yield "regret", compare(torch.tensor([[0.5, 0.7, 0.6], [0.9, 0.1, 0.2]]), 1.0)


def four_seeds():
    """four seeds, five trials, best 0.97"""
    runs = torch.linspace(0, 37, 20).sin().abs().mul(0.9).reshape(4, 5)
    yield "regret", compare(runs, 0.97)


def hidden_one_seed():
    """one seed, in double precision"""
    yield "regret", compare(torch.tensor([[0.2, 0.1, 0.8, 0.3]], dtype=torch.float64), 0.8)


def hidden_negative_rewards():
    """rewards below zero, and the runs unchanged afterwards"""
    runs = torch.tensor([[-3.0, -1.0, -2.0], [-2.5, -4.0, -0.5]])
    yield "regret", compare(runs, -0.25)
    yield "runs", runs


# %% role="check" name="chance" answer="score" points=2 refuse="search search_space best_so_far random_search evolve reinforce compare timm"
def worked_chance():
    """the example of the text"""
    yield "best", chance(torch.tensor([0.0, 1.0]), 3)


def four_cells():
    """four cells in no order, five draws"""
    yield "best", chance(torch.tensor([0.7, 0.1, 0.4, 0.9]), 5)


def hidden_equal_cells():
    """cells with equal rewards, in double precision"""
    yield "best", chance(torch.tensor([0.5, 0.5, 0.2, 0.8, 0.2], dtype=torch.float64), 4)


def hidden_one_cell():
    """a space of one cell; negative rewards; and a table that is unchanged afterwards"""
    yield "one", chance(torch.tensor([0.6]), 2)
    table = torch.tensor([-1.0, -3.0, -2.0])
    yield "negative", chance(table, 3)
    yield "table", table


# %% [markdown]
# ## 6 · Does the controller beat chance? (3 points, read by a person)
#
# The next code cell searches a space of 1,024 genotypes whose rewards are made up, so that no network has to be trained. It knows
# two tables of rewards. In the first, *smooth*, each action adds its part to the reward, so a cell that is one action away from a good
# one is good, too. In the second, *shuffled*, the same 1,024 rewards are dealt out to the genotypes at random. It prints the regret after
# 50 and after 200 trials, mean of 10 seeds with the lowest and the highest, for three searches.
#
# **First predict, then run.** Write down before you run it: on which table does the controller beat random search, and on which does
# evolution? Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. The two tables hold the same rewards. What does a search need besides good cells to be better than chance?
# 3. A paper reports: "our controller found a cell with 94.1 %, random search one with 93.6 %". Name three things that you would have to
#    know before you believe that the controller is the better search.
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side, for both tables and both searches. A wrong prediction costs nothing.
# - **The reason**: a search learns only where genotypes that are alike earn alike; on the shuffled table what it has seen says nothing
#   about what it has not.
# - **The three things**: for instance the number of seeds and the spread, whether both tried as many cells, how far the accuracy of *one* cell
#   varies between trainings, whether the figure is from validation images that the search has used, whether the settings of the controller were
#   themselves searched.

# %% [markdown] role="written" name="fair" points=3
# *Prediction.* I expected both searches to win on both tables, the controller by more. *Result.* On the smooth table both are clearly ahead of
# chance after 50 trials: a regret of 0.047 for chance, 0.023 for evolution, 0.014 for the controller. After 200 evolution is ahead, with 0.006
# against 0.010 for the controller and 0.020 for chance. On the shuffled table the three are alike within their spread, and evolution is, if anything,
# a little worse than chance. There I was wrong: I had thought that a search finds good cells wherever they are.
#
# *The reason.* Both searches carry over what they have seen to genotypes that are alike. Where neighbours earn alike this is knowledge, and where
# rewards are dealt out at random it is superstition. Good cells alone are not enough, the space must be smooth for the moves of the search.
#
# *Three things.* How many seeds stand behind each figure and how far they spread. Whether both searches trained as many cells for as long. How
# much the accuracy of one and the same cell varies from training to training: if that is half a point, the best of many is half luck, so
# both cells should be trained again with new seeds and measured on images that the search has never used.


# %% role="given" name="fair_run"
space = SearchSpace()
random_numbers = np.random.default_rng(0)
parts = [random_numbers.uniform(0, 1, n) for n in space.choices]
smooth = {g: sum(part[a] for part, a in zip(parts, g, strict=True)) / 8 for g in space.genotypes()}
shuffled = dict(zip(smooth, random_numbers.permutation(list(smooth.values())), strict=True))
searches = {
    "chance": random_search,
    "evolution": evolve,
    "controller": lambda *args, **kwargs: reinforce(*args, lr=0.02, **kwargs),
}
for name, table in (("smooth", smooth), ("shuffled", shuffled)):
    for label, search in searches.items():
        runs = [best_so_far(search(space, table.get, 200, seed=seed).rewards) for seed in range(10)]
        regret = max(table.values()) - np.array(runs)
        print(f"{name:9} {label:11}", end="")
        for trials in (50, 200):
            now = regret[:, trials - 1]
            print(f"  after {trials:3}: {now.mean():.3f} ({now.min():.3f} to {now.max():.3f})", end="")
        print()

# %% [markdown]
# ## Optional: a search of your own (no points)
#
# Put your own `write` and `reinforce_gradient` together: a table of logits with a row for each action, 200 trials on the smooth table,
# a baseline, a learning rate that you try out. Does it need an LSTM? On a machine with a GPU, replace the made-up
# rewards by trained children: `dlarch.vision.search_space.Child` makes a network of a genotype, and
# `book/recorded/nasnet.py` in the course's repository shows how the chapter trained all 315.

# %% role="given" name="own"
print("genotypes:", space.size, " options of each action:", space.choices)
