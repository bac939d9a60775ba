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

# %% [markdown] role="title" chapter="practice/choosing" minutes=90
# # Choosing: a network under a budget
#
# **21 points, about 90 minutes.** This exercise belongs to the chapter *Choosing: which one, for what*.
#
# You find out which networks nobody beats at their price, pick the best one within a budget, and read what the number in a
# network's name counts. You work out how many images fit into memory while it is trained, and compare networks without fooling
# yourself. Then you enter a contest with a network of your own, and defend what you chose.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, ties, nothing that fits.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters: $N$ networks, $D$ kinds of cost, $S$ seeds, $B$ images in a batch.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data, measure
from dlarch.check import check
from dlarch.training import evaluate, fit, one_cycle

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Networks that nobody beats (3 points)
#
# One network *beats* another if it costs no more of anything, is wrong no more often, and is better in at least one of these.
# Networks that nobody beats form the *front*. Only among them is there something to choose.
#
# **Contract.** `front(costs, error)` takes costs of shape $(N, D)$, one row a network and one column a kind of cost, and
# errors of shape $(N)$. Less is better everywhere. It returns a boolean tensor of shape $(N)$, `True` on the front. Two
# networks that agree in everything do not beat each other.
#
# **Example.** Four networks with one cost, $1$, $2$, $3$ and $3$, and errors $30$, $40$, $20$ and $25$: the second is beaten by the first, the
# fourth by the third. The answer is $($True, False, True, False$)$.
#
# <details><summary>Hint: where to look</summary>
#
# Put the error beside the costs as one more column. Then compare each row with each row: `table[:, None]` and `table[None]`
# together have an axis for either.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `table = torch.cat([costs, error[:, None]], dim=1)`, of shape $(N, D + 1)$.
#
# </details>


# %% role="answer" name="front"
def front(costs: torch.Tensor, error: torch.Tensor) -> torch.Tensor:
    """Which networks nobody beats.

    Args:
        costs: shape (N, D).
        error: shape (N,).

    Returns:
        Boolean, shape (N,).
    """
    ### BEGIN SOLUTION
    table = torch.cat([costs, error[:, None]], dim=1)
    mine, other = table[:, None], table[None]
    beaten = (other <= mine).all(dim=2) & (other < mine).any(dim=2)
    return ~beaten.any(dim=1)
    ### END SOLUTION


# %% role="check" name="front" points=3
def worked_front():
    """the example of the text"""
    yield "front", front(torch.tensor([[1.0], [2.0], [3.0], [3.0]]), torch.tensor([30.0, 40.0, 20.0, 25.0]))


def two_costs():
    """five networks with two costs, where the dearest in one is the cheapest in the other"""
    costs = torch.tensor([[1.0, 9.0], [2.0, 3.0], [3.0, 2.0], [9.0, 1.0], [4.0, 4.0]])
    yield "front", front(costs, torch.tensor([20.0, 20.0, 21.0, 25.0, 20.5]))


def equal_networks():
    """two networks that agree in everything, and a third one that is as wrong but dearer"""
    yield "front", front(torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0]]), torch.tensor([10.0, 10.0, 10.0]))


def good_in_one_thing():
    """a network whose error is the highest and whose first cost is the lowest, and one that is in the middle of everything"""
    costs = torch.tensor([[1.0, 5.0], [4.0, 4.0], [6.0, 1.0], [5.0, 3.0]])
    yield "front", front(costs, torch.tensor([50.0, 30.0, 20.0, 30.0]))


def hidden_many():
    """thirty networks with three costs"""
    numbers = torch.linspace(0, 97, 120).reshape(30, 4).sin().mul(4).round()
    yield "front", front(numbers[:, :3], numbers[:, 3])


def hidden_single():
    """one network, and three that are all alike"""
    yield "one", front(torch.tensor([[3.0]]), torch.tensor([5.0]))
    yield "alike", front(torch.ones(3, 2), torch.ones(3))


# %% [markdown]
# ## 2 · The best within a budget (3 points)
#
# A phone has memory for 20 million parameters and time for 2 billion operations. Which network should run on it?
#
# **Contract.** `pick(costs, error, budget)` takes costs of shape $(N, D)$, errors of shape $(N)$ and a budget of shape $(D)$. It returns the
# index (an `int`) of the network with the *lowest error* among those that are within the budget in *every* cost; a cost that equals
# the budget is within it. If several have that error, take the one with the lowest first cost, and of those the first.
# If no network is within the budget, return $-1$.
#
# **Example.** Costs $(5, 1)$, $(9, 9)$, $(7, 2)$, errors $30$, $10$, $20$ and the budget $(8, 2)$: the second network has the
# lowest error and is too dear, so the answer is $2$, the index of the third.
#
# <details><summary>Hint: where to look</summary>
#
# Find the indices of all that fit before you look at errors. An index into the networks that fit is not an index into all networks.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `fits = (costs <= budget).all(dim=1)`
#
# </details>


# %% role="answer" name="pick"
def pick(costs: torch.Tensor, error: torch.Tensor, budget: torch.Tensor) -> int:
    """The network with the lowest error within a budget.

    Args:
        costs: shape (N, D).
        error: shape (N,).
        budget: shape (D,).

    Returns:
        Its index, or -1 if nothing fits.
    """
    ### BEGIN SOLUTION
    fits = (costs <= budget).all(dim=1)
    candidates = [(error[i].item(), costs[i, 0].item(), i) for i in range(len(error)) if fits[i]]
    return min(candidates)[2] if candidates else -1
    ### END SOLUTION


# %% role="check" name="pick" points=3
def worked_pick():
    """the example of the text"""
    costs = torch.tensor([[5.0, 1.0], [9.0, 9.0], [7.0, 2.0]])
    yield "index", pick(costs, torch.tensor([30.0, 10.0, 20.0]), torch.tensor([8.0, 2.0]))


def one_budget_is_kept():
    """networks of which three keep one of the two budgets only, and two keep both"""
    costs = torch.tensor([[1.0, 9.0], [9.0, 1.0], [3.0, 4.0], [4.0, 3.0], [2.0, 6.0]])
    yield "index", pick(costs, torch.tensor([10.0, 11.0, 22.0, 21.0, 12.0]), torch.tensor([5.0, 5.0]))


def same_error():
    """three networks with the same error within the budget, of different first costs"""
    costs = torch.tensor([[5.0, 1.0], [3.0, 4.0], [4.0, 1.0], [1.0, 1.0]])
    yield "index", pick(costs, torch.tensor([20.0, 20.0, 20.0, 30.0]), torch.tensor([9.0, 9.0]))


def fourteen_networks():
    """fourteen networks, of which six have the same error as another one within the budget"""
    first = [7, 7, 5, 5, 9, 9, 4, 9, 5, 6, 9, 2, 8, 9]
    second = [8, 4, 1, 8, 6, 5, 2, 5, 1, 4, 6, 4, 6, 3]
    error = torch.tensor([18.0, 25, 25, 20, 25, 20, 22, 25, 22, 22, 20, 22, 25, 20])
    yield "index", pick(torch.tensor([first, second]).float().T, error, torch.tensor([6.0, 6.0]))


def all_errors_differ():
    """three networks that all fit, with three different errors"""
    yield "index", pick(torch.tensor([[3.0], [5.0], [2.0]]), torch.tensor([20.0, 25.0, 30.0]), torch.tensor([9.0]))


def on_the_edge():
    """a network that takes exactly what there is"""
    costs = torch.tensor([[2.0, 2.0], [4.0, 3.0]])
    yield "index", pick(costs, torch.tensor([40.0, 10.0]), torch.tensor([4.0, 3.0]))


def nothing_fits():
    """a budget below every network"""
    yield "index", pick(torch.tensor([[2.0, 2.0], [4.0, 3.0]]), torch.tensor([40.0, 10.0]), torch.tensor([1.0, 9.0]))


def hidden_one_cost():
    """six networks with a single cost, the two best alike in everything"""
    costs = torch.tensor([[7.0], [3.0], [6.0], [6.0], [9.0], [2.0]])
    yield "index", pick(costs, torch.tensor([21.0, 24.0, 20.0, 20.0, 10.0, 30.0]), torch.tensor([7.0]))


def hidden_three_costs():
    """forty networks with three costs, and four budgets"""
    numbers = torch.linspace(0, 211, 160).reshape(40, 4).cos().mul(5).round() + 6
    budgets = torch.tensor([[11.0, 11.0, 11.0], [6.0, 7.0, 8.0], [4.0, 11.0, 3.0], [0.5, 9.0, 9.0]])
    yield "indices", np.array([pick(numbers[:, :3], numbers[:, 3], budget) for budget in budgets])


# %% [markdown]
# ## 3 · What the number counts (3 points)
#
# `resnet50` has fifty layers. Which ones? The number counts the layers *with weights* on the longest path from the image to the scores:
# the convolution at the start, those within the blocks, and the linear layer at the end. Pooling and batch norm do not count, and
# neither do projections on the shortcuts, which lie beside the path.
#
# **Contract.** `layers(blocks, convolutions)` takes the number of blocks in each stage and the number of convolutions in one block. It
# returns the number in the name. (1 point)
#
# `blocks_for(depth, stages, convolutions)` goes the other way: how many blocks has each stage of a network whose stages all have
# *equally* many? If no whole number of blocks, at least one, gives that depth, it raises a `ValueError`. (2 points)
#
# **Example.** Stages of 3, 4, 6 and 3 blocks of three convolutions: $16 \cdot 3 + 2 = 50$. And a network of depth 20 with three stages and two
# convolutions a block has 3 blocks in each: $3 \cdot 3 \cdot 2 + 2 = 20$. There is none of depth 21.
#
# <details><summary>Hint: where to look</summary>
#
# What remains of the depth when the first and the last layer are taken off must be a multiple of something.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# For the second: `blocks, rest = divmod(depth - 2, stages * convolutions)`.
#
# </details>


# %% role="answer" name="names"
def layers(blocks: list[int], convolutions: int) -> int:
    """The number in the name of a residual network.

    Args:
        blocks: in each stage.
        convolutions: in one block.

    Returns:
        Layers with weights on the longest path.
    """
    ### BEGIN SOLUTION
    return sum(blocks) * convolutions + 2
    ### END SOLUTION


def blocks_for(depth: int, stages: int, convolutions: int) -> int:
    """Blocks in each stage of a network whose stages are equally long.

    Args:
        depth: the number in the name.
        stages: how many there are.
        convolutions: in one block.

    Returns:
        Blocks in one stage, at least 1.

    Raises:
        ValueError: if no whole number of blocks gives the depth.
    """
    ### BEGIN SOLUTION
    blocks, rest = divmod(depth - 2, stages * convolutions)
    if blocks < 1 or rest:
        raise ValueError(f"{stages} stages of blocks of {convolutions} convolutions cannot have depth {depth}")
    return blocks
    ### END SOLUTION


# %% role="check" name="layers" answer="names" points=1 refuse="ResNet CifarResNet blocks_for"
def worked_depth():
    """the example of the text"""
    yield "depth", layers([3, 4, 6, 3], 3)


def family_of_five():
    """the five networks for ImageNet"""
    basic, deep = ([2, 2, 2, 2], [3, 4, 6, 3]), ([3, 4, 6, 3], [3, 4, 23, 3], [3, 8, 36, 3])
    yield "depths", np.array([*(layers(blocks, 2) for blocks in basic), *(layers(blocks, 3) for blocks in deep)])


def hidden_other_depths():
    """a single block, and five stages of different lengths"""
    yield "depths", np.array([layers([1], 2), layers([1, 2, 3, 4, 5], 4)])


# %% role="check" name="blocks_for" answer="names" points=2 refuse="ResNet CifarResNet cifar_sizes layers"
def _or_error(*arguments):
    try:
        return blocks_for(*arguments)
    except ValueError:
        return -99


def worked_blocks():
    """the example of the text"""
    yield "blocks", blocks_for(20, 3, 2)


def networks_for_small_images():
    """depths 8, 32, 56, 110 and 1202 with three stages of blocks of two"""
    yield "blocks", np.array([blocks_for(depth, 3, 2) for depth in (8, 32, 56, 110, 1202)])


def no_whole_number():
    """depths 21, 22 and 19 with three stages of blocks of two (−99 stands for a ValueError)"""
    yield "blocks", np.array([_or_error(depth, 3, 2) for depth in (21, 22, 19)])


def hidden_bottlenecks():
    """depths 164 and 1001 with three stages of blocks of three, 18 with four of two (−99 stands for a ValueError)"""
    yield "blocks", np.array([_or_error(164, 3, 3), _or_error(1001, 3, 3), _or_error(18, 4, 2)])


def no_block_at_all():
    """depths that leave no block: 2 and −4 (−99 stands for a ValueError)"""
    yield "blocks", np.array([_or_error(depth, 3, 2) for depth in (2, -4)])


def hidden_less_than_no_block():
    """depth 1 with three stages of blocks of two, and depth 0 with one of one (−99 stands for a ValueError)"""
    yield "blocks", np.array([_or_error(1, 3, 2), _or_error(0, 1, 1)])


# %% [markdown]
# ## 4 · How many images fit? (3 points)
#
# While a network is trained, memory holds its weights, a gradient for each weight, what the optimizer keeps for each weight, and what *each
# image* of the batch leaves behind for the backward pass. SGD with momentum keeps one number a weight, Adam two.
#
# **Contract.** `largest_batch(parameters, kept, memory, states)` takes the number of parameters, the number of values that one image leaves
# behind, the memory in *bytes*, and how many numbers the optimizer keeps for each weight. All numbers are 32-bit floats, four
# bytes each. It returns the largest batch that fits (an `int`), and $0$ if not even one image does.
#
# **Example.** 100 parameters, 50 values an image, 2,200 bytes, Adam. Weights, gradients and two states take $4 \cdot 4 \cdot 100 = 1600$ bytes.
# Each image takes 200 bytes, so 3 fit.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the four parts grow with the batch? Take the others off first. What may be left after that can be less than nothing.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `free = memory - 4 * parameters * (2 + states)`
#
# </details>


# %% role="answer" name="largest_batch"
def largest_batch(parameters: int, kept: int, memory: int, states: int) -> int:
    """The largest batch that a training step has memory for.

    Args:
        parameters: of the network.
        kept: values that one image leaves behind for the backward pass.
        memory: in bytes.
        states: numbers that the optimizer keeps for each parameter.

    Returns:
        Images, at least 0.
    """
    ### BEGIN SOLUTION
    free = memory - 4 * parameters * (2 + states)
    return max(0, free // (4 * kept))
    ### END SOLUTION


# %% role="check" name="largest_batch" points=3
def worked_batch():
    """the example of the text"""
    yield "batch", largest_batch(100, 50, 2200, 2)


def other_optimizers():
    """1,000 parameters, 300 values an image, 40,000 bytes, with no, one and two states"""
    yield "batches", np.array([largest_batch(1000, 300, 40_000, states) for states in (0, 1, 2)])


def exactly_full():
    """memory for exactly seven images, and for one byte less"""
    full = 4 * 10 * 3 + 7 * 4 * 25
    yield "batches", np.array([largest_batch(10, 25, full, 1), largest_batch(10, 25, full - 1, 1)])


def no_room():
    """memory that the network alone does not fit in, and memory for the network but for no image"""
    yield "batches", np.array([largest_batch(1000, 10, 9000, 2), largest_batch(1000, 1000, 17_000, 2)])


def hidden_real_network():
    """a network of 138 million parameters and 18 million values an image, on 8 and on 24 GB, with momentum and with Adam"""
    sizes = [(memory * 10**9, states) for memory in (8, 24) for states in (1, 2)]
    yield "batches", np.array([largest_batch(138_357_544, 18_300_000, memory, states) for memory, states in sizes])


# %% [markdown]
# ## 5 · Choose by one part, report by another (3 points)
#
# Six networks, three seeds each, and a table of errors on the validation images. You take the lowest. Its error *in that table* is then too good to
# be true, because it was chosen for being low. So choose by the validation errors and report the test error of what you chose, whatever it
# is.
#
# **Contract.** `choose(validation, test)` takes two tables of shape $(N, S)$: the errors of $N$ networks from $S \ge 2$ seeds, in $[0, 1]$. A run that
# failed stands as NaN in *both* tables, and counts as wrong on everything: an error of $1$. Choose the network with the lowest *mean*
# validation error over its seeds (the first, if several have it). Return a tuple: its index, the mean of its test errors, and the *standard error*
# of that mean, which is the standard deviation over seeds (with $S - 1$ below the line) divided by $\sqrt S$.
#
# **Example.** Validation errors $(0.1, 0.5)$ and $(0.2, 0.2)$, test errors $(0.1, 0.5)$ and $(0.3, 0.2)$. The first network has the luckiest seed, the second
# the lower mean. The answer is $(1, 0.25, 0.05)$.
#
# <details><summary>Hint: where to look</summary>
#
# `torch.nan_to_num` replaces NaN. What does `std` divide by if you do not tell it anything, in torch and in NumPy?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)`
#
# </details>


# %% role="answer" name="choose"
def choose(validation: torch.Tensor, test: torch.Tensor) -> tuple[int, float, float]:
    """Choose a network by validation errors and report its test error.

    Args:
        validation: shape (N, S), NaN where a run failed.
        test: shape (N, S), NaN in the same places.

    Returns:
        Index of the network, mean test error over its seeds, standard error of that mean.
    """
    ### BEGIN SOLUTION
    validation, test = validation.nan_to_num(1.0), test.nan_to_num(1.0)
    best = int(validation.mean(dim=1).argmin())
    runs = test[best]
    return best, runs.mean().item(), runs.std().item() / math.sqrt(len(runs))
    ### END SOLUTION


# %% role="check" name="choose" points=3
def worked_choice():
    """the example of the text"""
    index, mean, error = choose(torch.tensor([[0.1, 0.5], [0.2, 0.2]]), torch.tensor([[0.1, 0.5], [0.3, 0.2]]))
    yield "index", index
    yield "mean", mean
    yield "standard error", error


def test_says_otherwise():
    """four networks from three seeds, of which another one is best on the test images"""
    validation = torch.tensor([[0.20, 0.22, 0.21], [0.18, 0.19, 0.20], [0.30, 0.25, 0.35], [0.17, 0.30, 0.25]])
    test = torch.tensor([[0.21, 0.20, 0.19], [0.24, 0.28, 0.23], [0.29, 0.31, 0.30], [0.19, 0.20, 0.18]])
    index, mean, error = choose(validation, test)
    yield "index", index
    yield "mean", mean
    yield "standard error", error


def one_bad_seed():
    """three networks of which the one with the lowest mean has the worst single run"""
    validation = torch.tensor([[0.30, 0.30, 0.30], [0.05, 0.10, 0.45], [0.35, 0.31, 0.33]])
    index, mean, error = choose(validation, validation.flip(1) + torch.tensor([0.02, 0.01, 0.04]))
    yield "index", index
    yield "mean", mean
    yield "standard error", error


def failed_runs():
    """three networks of which the first failed once, and has the lowest errors otherwise"""
    validation = torch.tensor([[0.10, torch.nan, 0.10], [0.30, 0.20, 0.25], [0.40, 0.30, 0.20]])
    test = torch.tensor([[0.11, torch.nan, 0.12], [0.31, 0.22, 0.28], [0.41, 0.33, 0.21]])
    index, mean, error = choose(validation, test)
    yield "index", index
    yield "mean", mean
    yield "standard error", error


def hidden_failed_and_still_best():
    """two networks of which the better one failed once, and has to carry its failure"""
    validation = torch.tensor([[0.2, torch.nan, 0.1, 0.1], [0.5, 0.45, 0.4, 0.45]])
    test = torch.tensor([[0.3, torch.nan, 0.2, 0.1], [0.5, 0.3, 0.4, 0.2]])
    index, mean, error = choose(validation, test)
    yield "index", index
    yield "mean", mean
    yield "standard error", error


def hidden_many_networks():
    """twelve networks from five seeds in double precision"""
    validation = torch.linspace(0, 50, 60).double().reshape(12, 5).sin().mul(0.2).add(0.5)
    test = torch.linspace(3, 70, 60).double().reshape(12, 5).cos().mul(0.2).add(0.5)
    index, mean, error = choose(validation, test)
    yield "index", index
    yield "mean", mean
    yield "standard error", error


# %% [markdown]
# ## 6 · The contest (4 points)
#
# Design a network that reads digits of 8 by 8 pixels and costs little. You may build it from layers of torch, or take any architecture of
# the library `dlarch` in a size that fits. The budget:
#
# - at most **20,000 parameters**,
# - at most **250,000 multiply-accumulates** for one image, which also limits the time: everybody trains for the same four epochs.
#
# The cell below your answer holds the training that all entries get, and prints two lines of the board. For your own, write
# `board(design)` in a cell of yours. It trains on the first 700 images and tests on the next 198, of which an entry has to name more than 90 %. The last
# 899 images are the *hidden split*: they decide, after training on the first 898. Leave them alone; a network that was chosen on
# them would be chosen for being lucky there.
#
# **Contract.** `design()` returns a new, untrained `nn.Module` from images $(B, 1, 8, 8)$ to scores $(B, 10)$, without softmax. It keeps both budgets (1 point),
# and, trained as below, it names more than **94 %** of the hidden split, as a mean over two seeds (3 points). For comparison: one line and dense
# networks with one hidden layer stay below that.
#
# **Example.** `nn.Sequential(nn.Flatten(), nn.Linear(64, 10))` keeps both budgets with 650 parameters and 640 operations. It is not good enough.
#
# <details><summary>Hint: where to look</summary>
#
# Digits are images: which layers use that? Convolutions at full size cost many operations, those on smaller maps few. Four epochs are
# little, so a network that starts to learn at once has an advantage: which layer helps with that?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `layers, channels = [], 1`, and then a loop that adds a convolution, a batch norm and a ReLU for each width.
#
# </details>


# %% role="answer" name="design"
def design() -> nn.Module:
    """An entry for the contest.

    Returns:
        A new module from (B, 1, 8, 8) to (B, 10).
    """
    ### BEGIN SOLUTION
    layers, channels = [], 1
    for width, pool in ((16, 2), (32, 2), (32, 1)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(pool)]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * channels, 10))
    ### END SOLUTION


# %% role="given" name="board"
def train_entry(model, x, y, seed):
    """The training of all entries."""
    fit(model, (x, y), epochs=4, batch_size=32, lr=1e-2, schedule=one_cycle, seed=seed, device="cpu")
    return model.eval()


def board(build, name="my entry", seeds=(0, 1)):
    digits, shares = data.digits(), []
    for seed in seeds:
        torch.manual_seed(seed)
        model = train_entry(build(), digits.x_train[:700], digits.y_train[:700], seed)
        shares.append(evaluate(model, (digits.x_train[700:], digits.y_train[700:]), device="cpu")[1])
    operations = measure.count_macs(model, torch.zeros(1, 1, 8, 8))
    print(f"{name:20} {measure.count_parameters(model):7,} parameters {operations:9,} operations", end="  ")
    print("right on " + ", ".join(f"{share:.1%}" for share in shares))


board(lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), "a line")
board(lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 10)), "200 hidden units")


# %% role="check" name="budget" answer="design" points=1 refuse="x_test y_test"
def price():
    """what the network takes and gives, and what it costs"""
    torch.manual_seed(0)
    model = design().eval()
    scores = model(torch.rand(3, 1, 8, 8))
    yield "shape", np.array(scores.shape)
    yield "sum to one", bool(((scores.exp().sum() > 0) & (scores.sum(dim=-1) - 1).abs().lt(1e-4)).all())
    yield "parameters", measure.count_parameters(model)
    yield "operations", measure.count_macs(model, torch.zeros(1, 1, 8, 8))


def new_each_time():
    """whether two calls give two networks with weights of their own"""
    torch.manual_seed(0)
    one, two = design(), design()
    shared = {p.data_ptr() for p in one.parameters()} & {p.data_ptr() for p in two.parameters()}
    yield "separate", not shared
    yield "parameters", measure.count_parameters(one)


def hidden_other_batches():
    """a single image and seven images, in double precision"""
    torch.manual_seed(0)
    model = design().double().eval()
    yield "shapes", np.array([model(torch.rand(n, 1, 8, 8).double()).shape for n in (1, 7)])
    yield "parameters", measure.count_parameters(model)


def verdict(probe, arrays):
    if probe == "hidden_other_batches":
        fits = arrays["shapes"].tolist() == [[1, 10], [7, 10]]
        return None if fits else "a batch of one or of seven does not give ten scores for each image"
    if probe == "new_each_time":
        return (
            None
            if arrays["separate"]
            else "design() returns the same network twice; it has to build a new one each time"
        )
    if arrays["shape"].tolist() != [3, 10]:
        return f"three images must give scores of shape (3, 10), and gave {tuple(arrays['shape'].tolist())}"
    if arrays["sum to one"]:
        return "the scores of each image sum to one: leave the softmax to the loss"
    if arrays["parameters"] > 20_000:
        return f"{int(arrays['parameters']):,} parameters are more than the 20,000 of the budget"
    if arrays["operations"] > 250_000:
        return f"{int(arrays['operations']):,} multiply-accumulates are more than the 250,000 of the budget"
    return None


# %% role="check" name="contest" answer="design" points=3 refuse="x_test y_test"
def _price(model):
    model = model.eval()
    return np.array([measure.count_parameters(model), measure.count_macs(model, torch.zeros(1, 1, 8, 8))])


def held_out():
    """trained on 700 images and tested on the next 198: whether more than 90 % are named"""
    digits = data.digits()
    known, new = (digits.x_train[:700], digits.y_train[:700]), (digits.x_train[700:], digits.y_train[700:])
    yield "costs", _price(design())
    fresh = _untrained(*known)
    yield "untrained", fresh
    yield "enough", fresh and _share((0,), *known, *new) > 0.90


def hidden_split():
    """trained on the first half of the digits and tested on the second, two seeds: whether more than 94 % are named"""
    digits = data.digits()
    yield "costs", _price(design())
    fresh = _untrained(digits.x_test, digits.y_test)
    yield "untrained", fresh
    yield "enough", fresh and _share((0, 1), *digits) > 0.94


def _untrained(x, y):
    """Whether a network fresh from design() names less than half of the images; one in ten is guessing."""
    return evaluate(design().eval(), (x, y), device="cpu")[1] < 0.5


def _share(seeds, x, y, x_new, y_new):
    shares = []
    for seed in seeds:
        torch.manual_seed(seed)
        model = design()
        fit(model, (x, y), epochs=4, batch_size=32, lr=1e-2, schedule=one_cycle, seed=seed, device="cpu")
        shares.append(evaluate(model, (x_new, y_new), device="cpu")[1])
    return sum(shares) / len(shares)


def verdict(probe, arrays):
    parameters, operations = arrays["costs"].tolist()
    if parameters > 20_000 or operations > 250_000:
        return "this entry is over the budget, so it takes no part"
    if not arrays["untrained"]:
        return "this network names most images before the training that all entries get: return an untrained one"
    if not arrays["enough"]:
        part = "the images that were held out" if probe == "held_out" else "the hidden split"
        return f"this network is wrong on too many of {part} after four epochs"
    return None


# %% [markdown]
# ## 7 · Defend your choice (2 points, read by a person)
#
# A small company wants to count cars on photographs of a parking lot, on a computer without a GPU beside the camera: one photograph of 224 by 224 pixels
# a second, 100 MB for the network's file, 800 labelled photographs to learn from. Choose an architecture of the book and a way to train it.
#
# Write at most 200 words:
#
# 1. What do you choose, and which two candidates do you turn down, with *numbers* from the zoo table of the chapter for each?
# 2. What about the 800 photographs: train from the start, or not? Which experiment would you make first, and which result would change your mind?
#
# How it is marked, one point each:
#
# - **A choice by numbers**: the choice keeps the budgets that were given, in operations or images a second and in bytes (four for each
#   parameter), and each rejected candidate is turned down by a number or by lying behind the front, not by its age or fame.
# - **A plan that can fail**: little labelled data is taken into account (features of a network trained on other data, augmentation, a small network, a
#   simple baseline first), with one named experiment on held-out photographs and a result that would change the decision.

# %% [markdown] role="written" name="defence" points=2
# I choose MobileNet v2. One photograph costs 0.3 billion multiply-accumulates, which the table shows to be several images a second on one core,
# and 3.5 million parameters are 14 MB. VGG-16 is out: its file alone takes 553 MB. ResNet-50 takes 102 MB, two too many, and
# thirteen times the operations for about three points of error on another data set, which 800 photographs would hardly show.
#
# With 800 photographs I would not train from the start. I would take a network trained on ImageNet, keep its features, and fit one linear layer to the
# counts. First experiment: this against a linear layer on the mean colour of the parking places, on 200 photographs of other *days*. If the
# simple baseline is within the spread of five seeds, I would spend the time on the camera's angle and on labels, and not on a larger network. If
# the linear layer is far better than the baseline and errors remain on the photographs that it knows, I would train the last stage too.

# %% [markdown]
# ## Optional: the zoo on your machine (no points)
#
# How many images a second do networks manage on your machine, and does the order follow their operations? Predict first. On a GPU the cell uses
# batches of 32.

# %% role="given" name="speed"
from dlarch.vision.mobilenet import MobileNetV2
from dlarch.vision.resnet import resnet18

batch = torch.rand(32 if device.type == "cuda" else 1, 3, 224, 224, device=device)
for name, network in {"MobileNet v2": MobileNetV2(), "ResNet-18": resnet18()}.items():
    network = network.to(device).eval()
    operations = measure.count_macs(network, batch[:1])
    with torch.no_grad():
        print(f"{name:13} {operations / 1e9:5.2f} G  {measure.throughput(network, batch, seconds=0.5):8.1f} images/s")
