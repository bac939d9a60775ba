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

# %% [markdown] role="title" chapter="foundations/backprop" minutes=90
# # Backpropagation: the chain rule, organised
#
# **21 points, about 90 minutes.** This exercise belongs to the chapter *Backpropagation: the chain rule, organised*.
#
# You write the parts of backpropagation: the rules of five operations, the order in which a graph is walked, the walk
# itself, and at the end a whole step of training without an optimiser and without automatic differentiation. Then you
# look at a place where the chain rule gives a wrong answer.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, a single row.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Words and letters are those of the chapter. The *gradient* of a tensor $v$ is the derivative of the loss $L$ with
# respect to each of its numbers; it has the shape of $v$ and is written $\bar v$. A *rule* of an operation takes the
# gradient of its result, in code always `g`, and gives the gradients of its operands. PyTorch's own automatic
# differentiation is turned off for your answers.

# %% role="given" name="setup"
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch.check import check

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Three rules (4 points)
#
# A rule multiplies what arrives by the local derivative. *What arrives* is `g`, the gradient of the result; without it
# a rule would only work at the very end of a network.
#
# - **Multiply**, one point. $u = a \cdot b$, number by number, for two tensors of the same shape. Return the gradients of
#   $a$ and of $b$.
# - **ReLU**, one point. $u = \max(0, x)$, number by number. Return the gradient of $x$. Where $x$ is exactly zero the ReLU
#   has no derivative; take 0, as PyTorch does.
# - **Matrix product**, two points. $Y = XW$ with $X$ of shape $(B, N)$ and $W$ of shape $(N, K)$. Return the gradients
#   of $X$ and of $W$. Each entry is a sum: $X_{bn}$ touches all of row $b$ of $Y$.
#
# Leave the arguments as they are.
#
# **Example.** With `g = [1, 10]`, `a = [2, 3]` and `b = [5, 7]`, the gradients are `[5, 70]` and `[2, 30]`. With
# `g = [1, 10, 100]` and `x = [-2, 0, 3]`, the ReLU gives `[0, 0, 100]`. With $X = (1 \;\; 2)$,
# $W = \begin{pmatrix} 3 \\ 4 \end{pmatrix}$ and $\bar Y = (10)$, the gradients are $\bar X = (30 \;\; 40)$ and
# $\bar W = \begin{pmatrix} 10 \\ 20 \end{pmatrix}$.
#
# <details><summary>Hint: where to look</summary>
#
# By how much does the result move when one number of the operand moves a little, and all others stay? For the matrix
# product, write down the shapes of $\bar Y$, $X$ and $W$: there is one way to multiply two of them that gives the shape
# you need.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `return g * b, ...` is half of the first rule. `x.T` is a transpose.
#
# </details>


# %% role="answer" name="multiply_backward"
def multiply_backward(g: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of the operands of u = a * b.

    Args:
        g: gradient of u.
        a: one operand, shaped like g.
        b: the other, shaped like g.

    Returns:
        The gradient of a and the gradient of b.
    """
    ### BEGIN SOLUTION
    return g * b, g * a
    ### END SOLUTION


# %% role="check" name="multiply_backward" points=1 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def two_numbers():
    """the example of the text"""
    g, a, b = torch.tensor([1.0, 10.0]), torch.tensor([2.0, 3.0]), torch.tensor([5.0, 7.0])
    for name, gradient in zip("ab", multiply_backward(g, a, b), strict=True):
        yield f"gradient of {name}", gradient


def hidden_matrices():
    """matrices of 3 by 4 in double precision, with numbers of both signs"""
    g, a, b = (torch.linspace(-2, shift, 12).double().reshape(3, 4).sin() for shift in (3, 5, 7))
    for name, gradient in zip("ab", multiply_backward(g, a, b), strict=True):
        yield f"gradient of {name}", gradient


def hidden_operands_untouched():
    """the three arguments as they are after the call"""
    g, a, b = torch.tensor([1.0, -2.0]), torch.tensor([2.0, 3.0]), torch.tensor([5.0, 7.0])
    multiply_backward(g, a, b)
    yield "arguments", torch.stack([g, a, b])


# %% role="answer" name="relu_backward"
def relu_backward(g: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Gradient of the operand of u = relu(x).

    Args:
        g: gradient of u.
        x: what the ReLU was applied to, shaped like g.

    Returns:
        The gradient of x.
    """
    ### BEGIN SOLUTION
    return g * (x > 0)
    ### END SOLUTION


# %% role="check" name="relu_backward" points=1 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def three_numbers():
    """the example of the text"""
    yield "gradient", relu_backward(torch.tensor([1.0, 10.0, 100.0]), torch.tensor([-2.0, 0.0, 3.0]))


def gradients_of_both_signs():
    """gradients below zero that arrive at inputs of both signs"""
    yield "gradient", relu_backward(torch.tensor([-1.0, -2.0, 3.0, 4.0]), torch.tensor([0.5, -0.5, -2.5, 2.5]))


def hidden_batch():
    """five rows of four, in double precision"""
    g, x = (torch.linspace(-3, end, 20).double().reshape(5, 4).sin() for end in (9, 11))
    yield "gradient", relu_backward(g, x)


def hidden_arguments_untouched():
    """the arguments as they are after the call"""
    g, x = torch.tensor([1.0, -2.0, 3.0]), torch.tensor([2.0, -3.0, 0.0])
    relu_backward(g, x)
    yield "arguments", torch.stack([g, x])


# %% role="answer" name="matmul_backward"
def matmul_backward(g: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of the operands of y = x @ w.

    Args:
        g: gradient of y, shape (B, K).
        x: the left operand, shape (B, N).
        w: the right operand, shape (N, K).

    Returns:
        The gradient of x, shape (B, N), and the gradient of w, shape (N, K).
    """
    ### BEGIN SOLUTION
    return g @ w.T, x.T @ g
    ### END SOLUTION


# %% role="check" name="matmul_backward" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def one_output():
    """the example of the text"""
    gx, gw = matmul_backward(torch.tensor([[10.0]]), torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0], [4.0]]))
    yield "gradient of x", gx
    yield "gradient of w", gw


def square():
    """square matrices, where a wrong transpose fits too"""
    g = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    x, w = torch.tensor([[1.0, -1.0], [0.0, 2.0]]), torch.tensor([[2.0, 1.0], [-3.0, 4.0]])
    gx, gw = matmul_backward(g, x, w)
    yield "gradient of x", gx
    yield "gradient of w", gw


def hidden_rectangles():
    """5 rows, 3 inputs, 4 outputs, in double precision"""
    g, x, w = (torch.linspace(-2, 9, m * n).double().reshape(m, n).cos() for m, n in ((5, 4), (5, 3), (3, 4)))
    gx, gw = matmul_backward(g, x, w)
    yield "gradient of x", gx
    yield "gradient of w", gw


def hidden_one_row():
    """one row, 6 inputs, 2 outputs"""
    g, x, w = (torch.linspace(-1, 4, m * n).reshape(m, n).cos() for m, n in ((1, 2), (1, 6), (6, 2)))
    gx, gw = matmul_backward(g, x, w)
    yield "gradient of x", gx
    yield "gradient of w", gw


# %% [markdown]
# ## 2 · A bias is used many times (3 points)
#
# When PyTorch adds tensors of different shapes it repeats the smaller one: a bias of shape $(10,)$ beside a batch of
# shape $(32, 10)$ is added to each of the 32 rows. Axes are matched from the right; an axis of size 1 is repeated along
# the other tensor's axis, and so is an axis that is missing on the left. For the chain rule, repeating is a *fan-out*.
# Each number of the bias was used 32 times, and what comes back has to be added up.
#
# Write the rule of $u = a + b$ for any two shapes that fit. One point is for a bias under a batch, two are for the rest:
# axes of size 1, operands that are both repeated, and single numbers of shape `()`.
#
# **Contract.** `g` has the shape of $u$. The gradients have exactly the shapes `a_shape` and `b_shape`.
#
# **Example.** `a_shape = (2, 3)`, `b_shape = (3,)` and `g = [[1, 2, 3], [10, 20, 30]]`. The gradient of $a$ is `g`, the
# one of $b$ is `[11, 22, 33]`. With `b_shape = (2, 1)` it would be `[[6], [60]]`.
#
# <details><summary>Hint: where to look</summary>
#
# Two kinds of axes have to be summed: those that `g` has and the operand lacks, and those where the operand has size 1.
# Which of the two disappear from the shape, and which stay with size 1?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# Write a function for one operand inside yours, and call it twice. `while g.ndim > len(shape): g = g.sum(dim=0)`
# removes what is missing on the left.
#
# </details>


# %% role="answer" name="add_backward"
def add_backward(
    g: torch.Tensor, a_shape: tuple[int, ...], b_shape: tuple[int, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of the operands of u = a + b, where shapes may differ.

    Args:
        g: gradient of u.
        a_shape: shape of a.
        b_shape: shape of b.

    Returns:
        The gradient of a, of shape a_shape, and the gradient of b, of shape b_shape.
    """

    ### BEGIN SOLUTION
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=0)
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=axis, keepdim=True)
        return gradient

    return share(g, a_shape), share(g, b_shape)
    ### END SOLUTION


# %% role="check" name="add_backward_bias" answer="add_backward" points=1 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def bias():
    """the example of the text: a bias of 3 under a batch of 2"""
    ga, gb = add_backward(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), (2, 3), (3,))
    yield "gradient of a", ga
    yield "gradient of b", gb


def square_batch():
    """a bias of 3 under a batch of 3"""
    ga, gb = add_backward(torch.arange(9.0).reshape(3, 3) ** 2, (3, 3), (3,))
    yield "gradient of a", ga
    yield "gradient of b", gb


def hidden_other_side():
    """a bias on the left of the sum, 5 rows, in double precision"""
    ga, gb = add_backward(torch.linspace(-2, 5, 20).double().reshape(5, 4).sin(), (4,), (5, 4))
    yield "gradient of a", ga
    yield "gradient of b", gb


def hidden_same_shapes():
    """two operands of the same shape"""
    ga, gb = add_backward(torch.tensor([[1.0, -2.0], [3.0, 4.0]]), (2, 2), (2, 2))
    yield "gradient of a", ga
    yield "gradient of b", gb


# %% role="check" name="add_backward_any" answer="add_backward" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def column():
    """a column of shape (2, 1) beside a batch of shape (2, 3)"""
    ga, gb = add_backward(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), (2, 3), (2, 1))
    yield "gradient of a", ga
    yield "gradient of b", gb


def column_and_row():
    """a column of shape (2, 1) beside a row of shape (1, 3): both are repeated"""
    ga, gb = add_backward(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), (2, 1), (1, 3))
    yield "gradient of a", ga
    yield "gradient of b", gb


def column_under_a_stack():
    """a column of shape (2, 1) beside a stack of shape (2, 2, 3)"""
    ga, gb = add_backward(torch.arange(12.0).reshape(2, 2, 3) ** 2, (2, 2, 3), (2, 1))
    yield "gradient of a", ga
    yield "gradient of b", gb


def hidden_single_number():
    """a single number, of shape (), beside a matrix"""
    ga, gb = add_backward(torch.tensor([[1.0, 2.0], [4.0, 8.0]]), (), (2, 2))
    yield "gradient of a", ga
    yield "gradient of b", gb


def hidden_images():
    """one number for each channel, shape (3, 1, 1), beside images of shape (2, 3, 4, 5), in double precision"""
    g = torch.linspace(-2, 30, 120).double().reshape(2, 3, 4, 5).sin()
    ga, gb = add_backward(g, (2, 3, 4, 5), (3, 1, 1))
    yield "gradient of a", ga
    yield "gradient of b", gb


def hidden_outer():
    """shapes (4, 1, 3) and (2, 1), which make (4, 2, 3)"""
    ga, gb = add_backward(torch.linspace(-1, 20, 24).reshape(4, 2, 3).sin(), (4, 1, 3), (2, 1))
    yield "gradient of a", ga
    yield "gradient of b", gb


# %% [markdown]
# ## 3 · Two operations, one rule (2 points)
#
# Softmax and cross-entropy come as a pair, and frameworks give the pair one rule: the single rules would divide by
# probabilities, which may be as good as zero, while the rule of the pair divides by nothing.
#
# The loss is the mean over the rows: $L = -\frac{1}{B} \sum_b \log p_{b, y_b}$, where $p_b$ is the softmax of row $b$ of
# the scores and $y_b$ its true class. For one row the derivative of $-\log p_y$ with respect to the scores is $p$, less
# one at the true class. What is left to you are the mean, and what arrives from above: $L$ need not be the end of the
# computation, so `g` is the gradient of $L$, a single number.
#
# **Contract.** `scores` has shape $(B, K)$, `targets` holds $B$ class numbers, `g` has shape `()`. The result has the
# shape of `scores`. Scores may be as large as 1,000. You may use PyTorch's softmax.
#
# **Example.** Take `g = 4`, `scores = [[0, 0], [0, 1.0986]]` and `targets = [0, 1]`. The probabilities are `[[0.5, 0.5],
# [0.25, 0.75]]`, and the result is `[[-1, 1], [0.5, -0.5]]`.
#
# <details><summary>Hint: where to look</summary>
#
# Compute the example by hand for `g = 1` first. Which number do all entries have to be multiplied by for `g = 4`?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `p = F.softmax(scores, dim=1)`, and `F.one_hot(targets, scores.shape[1])` has a one at each true class.
#
# </details>


# %% role="answer" name="cross_entropy_backward"
def cross_entropy_backward(g: torch.Tensor, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Gradient of the scores, for the mean cross-entropy of their softmax.

    Args:
        g: gradient of the loss, a single number of shape ().
        scores: shape (B, K).
        targets: the true classes, shape (B,), whole numbers from 0 to K - 1.

    Returns:
        The gradient of the scores, shape (B, K).
    """
    ### BEGIN SOLUTION
    return g * (F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])) / len(scores)
    ### END SOLUTION


# %% role="check" name="cross_entropy_backward" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def two_rows():
    """the example of the text"""
    scores = torch.tensor([[0.0, 0.0], [0.0, math.log(3.0)]])
    yield "gradient", cross_entropy_backward(torch.tensor(4.0), scores, torch.tensor([0, 1]))


def end_of_the_computation():
    """three rows, four classes, g = 1"""
    scores = torch.linspace(-2, 2, 12).reshape(3, 4).sin()
    yield "gradient", cross_entropy_backward(torch.tensor(1.0), scores, torch.tensor([3, 0, 3]))


def hidden_large_scores():
    """scores of a thousand, of both signs"""
    scores = torch.tensor([[1000.0, 998.0, -1000.0], [-1000.0, 0.0, 1.0]])
    yield "gradient", cross_entropy_backward(torch.tensor(3.0), scores, torch.tensor([2, 1]))


def hidden_one_row():
    """one row of five classes, in double precision, g below zero"""
    scores = torch.linspace(-3, 3, 5).double()[None]
    yield "gradient", cross_entropy_backward(torch.tensor(-0.5).double(), scores, torch.tensor([4]))


def hidden_square():
    """four rows of four classes, all of one class"""
    scores = torch.linspace(0, 9, 16).reshape(4, 4).cos()
    yield "gradient", cross_entropy_backward(torch.tensor(2.0), scores, torch.tensor([1, 1, 1, 1]))


# %% [markdown]
# ## 4 · In which order? (2 points)
#
# Backwards, a node may pass its gradient on only when it is complete: when every node that was computed from it has sent its
# share. A *topological order* makes sure of that. In it, each node stands behind all its parents; read from the end, each
# node comes before them.
#
# A graph is given as a dictionary from the name of each node to the list of its parents. An input has an empty list, and a
# node that uses an operand twice names it twice. Write `topological_order(parents, last)`: a list of the names of
# all nodes that are needed to compute `last`, and of `last` itself, each once, each behind all its parents. Nodes that
# `last` does not need stay out. Where several orders are possible, any will do.
#
# One point is for a right order. The other is for long chains: a recurrent network easily makes a path of 20,000 nodes, and
# Python ends a recursion after a few thousand calls. There no node may be visited again and again, either.
#
# **Example.** With `parents = {"L": ["u", "b"], "a": [], "u": ["a", "b"], "b": [], "v": ["u"]}` and `last = "L"`, the
# orders `["a", "b", "u", "L"]` and `["b", "a", "u", "L"]` are right. `v` is not needed.
#
# <details><summary>Hint: where to look</summary>
#
# Go from `last` to its parents, to their parents, and so on. A node may be written down only after all its parents: so you
# come past it twice, once on the way up, once when its parents are done.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `stack = [(last, False)]`. The second entry says whether the parents of the node are done. What has to be put on the stack
# when it is `False`?
#
# </details>


# %% role="answer" name="topological_order"
def topological_order(parents: dict[str, list[str]], last: str) -> list[str]:
    """The nodes that `last` needs, each behind all its parents.

    Args:
        parents: name of each node -> names of its parents.
        last: name of the node that is to be computed.

    Returns:
        Names, each once; `last` comes last.
    """
    ### BEGIN SOLUTION
    order, seen, stack = [], set(), [(last, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order
    ### END SOLUTION


# %% role="check" name="topological_order" points=1
def _faults(parents, last):
    order = list(topological_order({node: list(names) for node, names in parents.items()}, last))
    needed, open_nodes = {last}, [last]
    while open_nodes:
        for parent in parents[open_nodes.pop()]:
            if parent not in needed:
                needed.add(parent)
                open_nodes.append(parent)
    place = {node: number for number, node in reversed(list(enumerate(order)))}
    early = [node for node in order for p in parents[node] if place.get(p, len(order)) > place[node]]
    yield "nodes in the list", len(order)
    yield "needed nodes that are missing", len(needed - set(order))
    yield "nodes that are not needed", len(set(order) - needed)
    yield "nodes named again", len(order) - len(set(order))
    yield "nodes that stand before a parent", len(set(early))


def a_chain():
    """a chain of four nodes, where only one order is right"""
    order = list(topological_order({"d": ["c"], "b": ["a"], "c": ["b"], "a": []}, "d"))
    yield "places of a, b, c and d", torch.tensor([order.index(node) for node in "abcd"])


def example():
    """the example of the text"""
    yield from _faults({"L": ["u", "b"], "a": [], "u": ["a", "b"], "b": [], "v": ["u"]}, "L")


def short_and_long_way():
    """a node that the last one uses directly and also through two others"""
    yield from _faults({"L": ["x", "v"], "v": ["u", "w"], "u": ["x"], "x": [], "w": []}, "L")


def hidden_used_twice():
    """a node that uses its parent twice, and one that is used by three"""
    yield from _faults({"a": [], "s": ["a", "a"], "t": ["s", "a"], "L": ["t", "s", "a"]}, "L")


def hidden_an_input():
    """a graph of which only an input is asked for"""
    yield from _faults({"a": [], "u": ["a"]}, "a")


def hidden_random():
    """ten graphs of twelve nodes, the last node in the middle of each"""
    generator = torch.Generator().manual_seed(3)
    for trial in range(10):
        names = [f"n{number}" for number in torch.randperm(12, generator=generator).tolist()]
        parents = {}
        for number, name in enumerate(names):
            some = torch.randint(0, max(number, 1), (min(number, 3),), generator=generator).tolist()
            parents[name] = [names[parent] for parent in some]
        mixed = {names[place]: parents[names[place]] for place in torch.randperm(12, generator=generator).tolist()}
        for what, count in _faults(mixed, names[8]):
            yield f"graph {trial}: {what}", count


# %% role="check" name="topological_order_deep" answer="topological_order" points=1
def a_long_chain():
    """a chain of 20,000 nodes"""
    parents = {number: [number - 1] if number else [] for number in range(20_000)}
    order = list(topological_order(parents, 19_999))
    yield "nodes in the list", len(order)
    yield "first node", order[0]
    yield "last node", order[-1]


def _counted(parents):
    class Counted(dict):
        lookups = 0

        def __getitem__(self, node):
            self.lookups += 1
            if self.lookups > 10_000:
                raise RuntimeError(f"10,000 lookups of parents among {len(self)} nodes: remember which are done")
            return super().__getitem__(node)

    return Counted(parents)


def many_paths():
    """eighteen doublings in a row, with 262,144 paths from the end to the start"""
    parents = _counted({number: [number - 1, number - 1] if number else [] for number in range(19)})
    yield "order", torch.tensor(list(topological_order(parents, 18)))


def hidden_two_chains():
    """two chains of 6,000 nodes that meet at both ends"""
    parents = {number: [number - 2] if number > 2 else [0] if number else [] for number in range(12_001)}
    parents[12_001] = [12_000, 11_999]
    order = list(topological_order(parents, 12_001))
    place = {node: number for number, node in enumerate(order)}
    yield "nodes in the list", len(order)
    yield "nodes before a parent", sum(place[p] > place[node] for node in order for p in parents[node])


# %% [markdown]
# ## 5 · The walk (3 points)
#
# The next cell gives you nodes. A `Node` knows its parents and has a rule for each: a function from the node's own gradient
# to that parent's share. `plus` and `times` make such nodes; look at them before you go on.
#
# Write `backpropagate(nodes)`. `nodes` is a list in topological order, and its last node is the loss, a single number. Set
# `node.gradient` of every node in the list to the derivative of the loss with respect to it.
#
# - A node that is used several times gets the sum of the shares. It may also stand twice among one node's parents.
# - A node that the loss does not depend on gets zeros.
# - Gradients that an earlier call left behind do not count.
# - A rule may hand the same tensor to two parents, as those of `plus` do. So do not change in place what a rule gave you.
#
# Two points are for the gradients, one is for the last two lines of this list.
#
# **Example.** $a = 3$, $b = 4$ and $L = a \cdot b + a$: the gradient of $a$ is $4 + 1 = 5$, the one of $b$ is 3, and those of
# $a \cdot b$ and $L$ are 1.
#
# <details><summary>Hint: where to look</summary>
#
# What is the gradient of the last node with respect to itself? From which end of the list do you start, and what is
# certain about a node's gradient by the time you reach it?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `for node in nodes: node.gradient = torch.zeros_like(node.value)` forgets whatever was there before.
#
# </details>


# %% role="given" name="nodes"
class Node:
    """A value, the nodes it was computed from, and for each of them the rule from this node's gradient to its share."""

    def __init__(self, value, parents=(), rules=()):
        self.value, self.parents, self.rules = value, list(parents), list(rules)
        self.gradient = None


def plus(a, b):
    return Node(a.value + b.value, [a, b], [lambda g: g, lambda g: g])


def times(a, b):
    return Node(a.value * b.value, [a, b], [lambda g: g * b.value, lambda g: g * a.value])


def total(a):
    return Node(a.value.sum(), [a], [lambda g: g * torch.ones_like(a.value)])


# %% role="answer" name="backpropagate"
def backpropagate(nodes: list) -> None:
    """Set the gradient of every node: the derivative of the last node with respect to it.

    Args:
        nodes: in topological order; the last one holds a single number.
    """
    ### BEGIN SOLUTION
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for place, parent in enumerate(node.parents):
            parent.gradient = parent.gradient + node.rules[place](node.gradient)
    ### END SOLUTION


# %% role="check" name="backpropagate" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def _number(value):
    return Node(torch.tensor(value))


def chain():
    """L = (a · b) · c: every node is used once"""
    a, b, c = _number(2.0), _number(3.0), _number(5.0)
    u = times(a, b)
    loss = times(u, c)
    backpropagate([a, b, c, u, loss])
    yield "gradients of a, b, c, a·b and L", torch.stack([n.gradient for n in (a, b, c, u, loss)])


def fan_out():
    """the example of the text: L = a · b + a"""
    a, b = _number(3.0), _number(4.0)
    u = times(a, b)
    loss = plus(u, a)
    backpropagate([a, b, u, loss])
    yield "gradients of a, b, a·b and L", torch.stack([n.gradient for n in (a, b, u, loss)])


def square_of_a_node():
    """u = a + b and L = u · u: a node that stands twice among the parents of one"""
    a, b = _number(3.0), _number(-1.0)
    u = plus(a, b)
    loss = times(u, u)
    backpropagate([b, a, u, loss])
    yield "gradients of a, b and u", torch.stack([n.gradient for n in (a, b, u)])


def vectors():
    """L = sum of a · b + a, where a and b hold three numbers"""
    a, b = Node(torch.tensor([1.0, 2.0, 3.0])), Node(torch.tensor([4.0, -5.0, 6.0]))
    u = times(a, b)
    v = plus(u, a)
    loss = total(v)
    backpropagate([a, b, u, v, loss])
    for name, node in (("a", a), ("b", b), ("a·b", u)):
        yield f"gradient of {name}", node.gradient


def hidden_three_uses():
    """a node in the middle that is used three times, behind a fan-out"""
    a, b = _number(2.0), _number(-3.0)
    u = times(a, b)
    v, w = plus(u, a), times(u, b)
    t = times(v, w)
    loss = plus(t, u)
    backpropagate([a, b, u, v, w, t, loss])
    yield "gradients of a, b, u, v, w and t", torch.stack([n.gradient for n in (a, b, u, v, w, t)])


def hidden_tensors():
    """tensors of 2 by 3 in double precision, summed at the end"""
    a, b = (Node(torch.linspace(-2, end, 6).double().reshape(2, 3).sin()) for end in (2, 5))
    u = times(a, b)
    v = plus(u, a)
    w = times(v, u)
    loss = total(w)
    backpropagate([a, b, u, v, w, loss])
    for name, node in zip("abuvwL", (a, b, u, v, w, loss), strict=True):
        yield f"gradient of {name}", node.gradient


def hidden_not_needed():
    """a node that the loss does not depend on"""
    a, b = Node(torch.tensor([1.0, 2.0])), Node(torch.tensor([5.0, -5.0]))
    u = times(a, b)
    loss = total(a)
    backpropagate([a, b, u, loss])
    for name, node in (("a", a), ("b", b), ("u", u)):
        yield f"gradient of {name}", node.gradient


# %% role="check" name="backpropagate_again" answer="backpropagate" points=1 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad"
def called_twice():
    """L = a · b + a · a, called a second time on the same nodes"""
    a, b = Node(torch.tensor(3.0)), Node(torch.tensor(4.0))
    u, v = times(a, b), times(a, a)
    loss = plus(u, v)
    for _ in range(2):
        backpropagate([a, b, u, v, loss])
    yield "gradients of a, b, a·b, a·a and L", torch.stack([n.gradient for n in (a, b, u, v, loss)])


def shared_tensor():
    """u = a + b and L = u + a, where one tensor is handed to several parents"""
    a, b = Node(torch.tensor(3.0)), Node(torch.tensor(4.0))
    u = plus(a, b)
    loss = plus(u, a)
    backpropagate([a, b, u, loss])
    yield "gradients of a, b, u and L", torch.stack([n.gradient for n in (a, b, u, loss)])


def hidden_leftovers():
    """gradients of another loss on the same nodes, which must not be mixed in"""
    a, b = Node(torch.tensor([1.0, 2.0])), Node(torch.tensor([3.0, -4.0]))
    u = times(a, b)
    first, second = total(u), total(b)
    backpropagate([a, b, u, first])
    backpropagate([a, b, u, second])
    for name, node in (("a", a), ("b", b), ("u", u)):
        yield f"gradient of {name}", node.gradient


def hidden_shared_tensors():
    """the same with tensors: v = a + b, w = v + v, L = sum of (w + b)"""
    a, b = Node(torch.tensor([1.0, 2.0])), Node(torch.tensor([3.0, -4.0]))
    v = plus(a, b)
    w = plus(v, v)
    t = plus(w, b)
    loss = total(t)
    backpropagate([a, b, v, w, t, loss])
    for name, node in zip("abvwt", (a, b, v, w, t), strict=True):
        yield f"gradient of {name}", node.gradient


# %% [markdown]
# ## 6 · A whole step of training (4 points)
#
# Now all of it, without a graph, for the network of the chapter:
#
# $$h = \mathrm{relu}(x W_1 + b_1), \qquad z = h W_2 + b_2, \qquad L = \text{mean cross-entropy of } z.$$
#
# The slope of the ReLU at 0 is 0, as before.
#
# Write `training_step(weights, gradients, x, targets, rate)`, which does one step of gradient descent and returns the loss
# *before* the step. `weights` and `gradients` are dictionaries with the keys `"W1"`, `"b1"`, `"W2"`, `"b2"`. When it is
# called, `gradients` holds what the step before left there. When it returns,
#
# - `gradients[...]` are the gradients of this batch, at the weights *before* the step,
# - `weights[...]` are the weights after the step: each moved by `rate` times its gradient, downhill.
#
# You may change the tensors in place or put new ones into the dictionaries. Two points are for the gradients, two for
# the loss and the new weights.
#
# **Contract.** `W1` has shape $(N, H)$, `b1` $(H,)$, `W2` $(H, K)$, `b2` $(K,)$, `x` $(B, N)$, `targets` $(B,)$.
#
# **Example.** All sizes are 1 but $K = 2$: $x = 1$, $W_1 = 2$, $b_1 = 0$, $W_2 = (0 \;\; 0)$, $b_2 = (0, 0)$, the true
# class is 0, and `rate` is 1. Then $h = 2$, both probabilities are $\frac12$, and the loss is $\log 2 = 0.6931$. The
# gradient of $z$ is $(-\frac12 \;\; \frac12)$, that of $W_2$ is $(-1 \;\; 1)$, that of $W_1$ is 0. Afterwards $W_2$ is $(1 \;\; {-1})$.
#
# <details><summary>Hint: where to look</summary>
#
# Write down the forward pass line by line, with a name for each result: `a = x @ W1 + b1`, `h`, `z`. The backward pass has one
# line for each of them, in reverse order. Which weights does the gradient of `h` need, the old ones or the new ones?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# After the forward pass: `gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)`.
#
# </details>


# %% role="answer" name="training_step"
def training_step(
    weights: dict[str, torch.Tensor],
    gradients: dict[str, torch.Tensor],
    x: torch.Tensor,
    targets: torch.Tensor,
    rate: float,
) -> torch.Tensor:
    """One step of gradient descent on the mean cross-entropy of a two-layer network.

    Args:
        weights: "W1" (N, H), "b1" (H,), "W2" (H, K), "b2" (K,); moved downhill.
        gradients: of the same shapes, with what the last step left; replaced by those of this batch.
        x: inputs, shape (B, N).
        targets: true classes, shape (B,).
        rate: the learning rate.

    Returns:
        The loss before the step, a single number.
    """
    ### BEGIN SOLUTION
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss
    ### END SOLUTION


# %% role="check" name="training_step_gradients" answer="training_step" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad optim SGD"
def _network(n, hidden, k, dtype=torch.float32, left=0.0):
    shapes = {"W1": (n, hidden), "b1": (hidden,), "W2": (hidden, k), "b2": (k,)}
    weights = {
        name: torch.linspace(-3 - place, 7 + place, math.prod(shape)).to(dtype).sin().reshape(shape)
        for place, (name, shape) in enumerate(shapes.items())
    }
    return weights, {name: torch.full(shape, left, dtype=dtype) for name, shape in shapes.items()}


def example_gradients():
    """the gradients of the example of the text"""
    weights = {"W1": torch.tensor([[2.0]]), "b1": torch.zeros(1), "W2": torch.zeros(1, 2), "b2": torch.zeros(2)}
    gradients = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    training_step(weights, gradients, torch.tensor([[1.0]]), torch.tensor([0]), 1.0)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


def batch_of_five():
    """the gradients of a network 3 to 4 to 2 on five rows"""
    weights, gradients = _network(3, 4, 2)
    training_step(weights, gradients, torch.linspace(-2, 2, 15).reshape(5, 3), torch.tensor([0, 1, 1, 0, 1]), 0.1)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


def leftovers():
    """the same network, where the last step left gradients of 10"""
    weights, gradients = _network(3, 4, 2, left=10.0)
    training_step(weights, gradients, torch.linspace(-2, 2, 15).reshape(5, 3), torch.tensor([0, 1, 1, 0, 1]), 0.1)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


def hidden_square_sizes():
    """the gradients of a network 3 to 3 to 3 on three rows, in double precision, at a large rate"""
    weights, gradients = _network(3, 3, 3, torch.float64)
    x = torch.linspace(-1, 3, 9).double().reshape(3, 3).cos()
    training_step(weights, gradients, x, torch.tensor([2, 0, 2]), 2.0)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


def hidden_exactly_at_the_bend():
    """the gradients where a row of zeros meets biases of zero, so that the ReLU stands at its bend"""
    weights, gradients = _network(2, 3, 2)
    weights["b1"] = torch.zeros(3)
    training_step(weights, gradients, torch.tensor([[0.0, 0.0], [1.0, -2.0]]), torch.tensor([1, 0]), 0.1)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


def hidden_one_row_gradients():
    """the gradients of a network 4 to 6 to 3 on a single row"""
    weights, gradients = _network(4, 6, 3, left=-1.0)
    training_step(weights, gradients, torch.tensor([[0.5, -1.5, 2.0, 1.0]]), torch.tensor([1]), 0.5)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"gradient of {name}", gradients[name]


# %% role="check" name="training_step_update" answer="training_step" points=2 refuse="autograd backward requires_grad requires_grad_ func vjp jvp jacobian jacrev jacfwd vmap enable_grad optim SGD"
def _network(n, hidden, k, dtype=torch.float32, left=0.0):
    shapes = {"W1": (n, hidden), "b1": (hidden,), "W2": (hidden, k), "b2": (k,)}
    weights = {
        name: torch.linspace(-3 - place, 7 + place, math.prod(shape)).to(dtype).sin().reshape(shape)
        for place, (name, shape) in enumerate(shapes.items())
    }
    return weights, {name: torch.full(shape, left, dtype=dtype) for name, shape in shapes.items()}


def example_step():
    """the loss and the new weights of the example of the text"""
    weights = {"W1": torch.tensor([[2.0]]), "b1": torch.zeros(1), "W2": torch.zeros(1, 2), "b2": torch.zeros(2)}
    gradients = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    yield "loss", training_step(weights, gradients, torch.tensor([[1.0]]), torch.tensor([0]), 1.0)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"new {name}", weights[name]


def three_steps():
    """the losses of three steps of a network 3 to 4 to 2, and the weights after them"""
    weights, gradients = _network(3, 4, 2)
    x, targets = torch.linspace(-2, 2, 15).reshape(5, 3), torch.tensor([0, 1, 1, 0, 1])
    for step in (1, 2, 3):
        yield f"loss of step {step}", training_step(weights, gradients, x, targets, 0.5)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"{name} after three steps", weights[name]


def hidden_other_batches():
    """two steps on batches of different sizes, in double precision, in a network 2 to 5 to 3"""
    weights, gradients = _network(2, 5, 3, torch.float64)
    for rows in (1, 7):
        x = torch.linspace(-3, rows, 2 * rows).double().reshape(rows, 2).cos()
        yield f"loss of {rows} rows", training_step(weights, gradients, x, torch.arange(rows) % 3, 0.3)
    for name in ("W1", "b1", "W2", "b2"):
        yield f"{name} after two steps", weights[name]


def hidden_data_untouched():
    """the inputs and the classes as they are after the call"""
    weights, gradients = _network(3, 4, 2)
    x, targets = torch.linspace(-2, 2, 15).reshape(5, 3), torch.tensor([0, 1, 1, 0, 1])
    training_step(weights, gradients, x, targets, 0.5)
    yield "inputs", x
    yield "classes", targets


# %% [markdown]
# ## 7 · A derivative that is not there (3 points, read by a person)
#
# The chain rule multiplies the derivatives of the steps. Here are three ways to write a function of one number, step by
# step, as a network would:
#
# - $f(x) = \mathrm{relu}(x) - \mathrm{relu}(-x)$,
# - $g(x) = \sqrt{x^2}$,
# - $h(x) = \mathrm{relu}(x) + \mathrm{relu}(-x)$.
#
# **First predict, then run.** Before you run the cell after the next one, write down for each of the three: which function of $x$
# is it, in the plainest words? What is its derivative at $x = 0$, if it has one? And what will backpropagation say there, given
# that PyTorch takes 0 for the slope of the ReLU at 0, and $1 / (2 \sqrt u)$ for that of the root? Then run it and explain:
#
# 1. What did you predict, what came out, and where the two differ, why? Go through the steps at $x = 0$ for $f$ and for $g$.
# 2. Backpropagation is the chain rule, and the chain rule is a theorem. How can it be wrong for $f$ at 0?
# 3. The last line that is printed trains with $g$ in the loss, on three numbers of which one is exactly zero. What happened
#    to the weights, and why does the answer to $f$ at 0 hardly ever do such damage?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for $f$ and $g$ at 0, and the results are explained by the local derivatives
#   that were multiplied and added. A wrong prediction costs nothing.
# - **The condition of the theorem** is named: every step must have a derivative at the place where it is used.
# - **Damage**: says how one bad number reaches every weight, and why a finite wrong value at a single point is met rarely
#   and does little.

# %% [markdown] role="written" name="kinks" points=3
# *Prediction.* $f$ is $x$ and has derivative 1 at 0. $g$ and $h$ are $|x|$ and have none there. I expected backpropagation to say 1
# for $f$ and 0 for $g$ and $h$. *Result.* At $-1$ and $1$ everything is as it should be. At 0 it says 0 for $f$, nan for $g$, and 0
# for $h$: the same function gets another answer when it is written in another way. For $f$ at 0 two paths are added: $1 \cdot 0$ through the first ReLU and $(-1) \cdot (-1) \cdot 0$ through the
# second. Both ReLUs stand at their kink and report 0, so the sum is 0, although the function has slope 1. For $g$ at 0 the root
# reports $1 / (2 \cdot 0) = \infty$ and the square reports $2 \cdot 0 = 0$; infinity times zero is not a number.
#
# *The theorem* speaks about steps that have a derivative where they are used. The ReLU has none at 0. A number was put in
# there by convention, and with a convention in place of a derivative the theorem promises nothing. That $f$ as a whole is smooth
# does not help, since the rule only ever sees the steps.
#
# *Damage.* The gradient of a shared weight is the sum over the three numbers, and a sum with one nan is nan. So after one step every
# weight is nan, and every later loss too. The wrong answer for $f$ is a finite number, and it is given only where the input of a ReLU is
# exactly zero. With continuous inputs that hardly happens, and if it does, one term of one step is a little off.

# %% role="given" name="kinks_run"
functions = {
    "f": lambda x: F.relu(x) - F.relu(-x),
    "g": lambda x: (x**2).sqrt(),
    "h": lambda x: F.relu(x) + F.relu(-x),
}
for name, function in functions.items():
    slopes = []
    for place in (-1.0, 0.0, 1.0):
        x = torch.tensor(place, requires_grad=True)
        function(x).backward()
        slopes.append(x.grad.item())
    print(f"{name}: backpropagation says {slopes[0]:g} at -1, {slopes[1]:g} at 0, {slopes[2]:g} at 1")

inputs, weights = torch.tensor([[1.0, 2.0], [0.0, 0.0], [-1.0, 1.0]]), torch.tensor([0.5, -0.3], requires_grad=True)
functions["g"](inputs @ weights).sum().backward()
print(f"training with g: the gradient of the two weights is {weights.grad.tolist()}")

# %% [markdown]
# ## Optional: twice the time? (no points)
#
# A matrix product in the forward pass needs two in the backward pass. The next cell measures both on the fastest device
# that it finds, with larger matrices on a GPU. Predict the ratio for 1, 2 and 8 layers, then run it, then change the width.
# Where does the clock disagree with the count, and what else does a backward pass do?

# %% role="given" name="twice"
width, rows = (4096, 4096) if device.type == "cuda" else (256, 128)


def wait() -> float:
    """The time when all that was started on the device has ended."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


for depth in (1, 2, 8):
    layers = [part for _ in range(depth) for part in (nn.Linear(width, width), nn.ReLU())][:-1]
    model, batch = nn.Sequential(*layers).to(device), torch.randn(rows, width, device=device)
    ratios = []
    for _ in range(6):
        begin = wait()
        result = model(batch).sum()
        middle = wait()
        result.backward()
        ratios.append((wait() - middle) / (middle - begin))
    counted = (2 * depth - 1) / depth
    print(
        f"{device.type}, {depth} layers: counted {counted:.2f}, measured {sorted(ratios[1:])[2]:.2f} (median of five)"
    )
