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

# %% [markdown] role="title" chapter="sequences/tcn" minutes=85
# # TCN: convolution in time
#
# **19 points, about 85 minutes.** This exercise belongs to the chapter *TCN: convolution in time*.
#
# You write a convolution that never reads the future, choose its dilations for a wanted field and build the block that a
# temporal convolutional network repeats. Then you write the tool that proves causality by gradients, and a convolution that
# takes one step at a time with memory that does not grow.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, double precision, a single sequence.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ sequences in a batch, $T$ time steps, $C$ and $K$ channels in and out, $k$ taps of a
# kernel, $d$ dilation. Sequences are $(B, C, T)$, channels before time.

# %% role="given" name="setup"
import math
import time
from collections import deque

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data, measure
from dlarch.check import check
from dlarch.sequences.tcn import TCN
from dlarch.training import fit, one_cycle

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · A convolution without a future (3 points)
#
# Write the causal convolution. Output step $t$ reads the input steps $t, t - d, t - 2d, \dots, t - (k - 1) d$ and nothing later.
# The *last* weight of a kernel belongs to the present step, the one before it to $t - d$, and so on. Steps before the first
# count as zeros. The output is as long as the input.
#
# **Contract.** `causal_conv(x, weight, bias, dilation)` returns $(B, K, T)$. `x` is $(B, C, T)$, `weight` is $(K, C, k)$, `bias` is
# $(K,)$, `dilation` an integer of at least 1. You may call `F.conv1d` and `F.pad`.
#
# **Example.** One channel, $x = (1, 2, 3, 4)$, weights $(10, 1)$, bias 0. With dilation 1 the output is $(1, 12, 23, 34)$: the present
# step once and the one before it ten times. With dilation 2 it is $(1, 2, 13, 24)$.
#
# <details><summary>Hint: where to look</summary>
#
# How far back does the first weight of a kernel read? As many zeros must stand before the sequence. And behind it?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `F.pad(x, (left, right))` puts zeros before and behind the last axis.
#
# </details>


# %% role="answer" name="causal_conv"
def causal_conv(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, dilation: int) -> torch.Tensor:
    """A convolution in time that reads no later step.

    Args:
        x: (B, C, T).
        weight: (K, C, k); the last of the k belongs to the present step.
        bias: (K,).
        dilation: time steps from tap to tap.

    Returns:
        (B, K, T).
    """
    ### BEGIN SOLUTION
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight, bias, dilation=dilation)
    ### END SOLUTION


# %% role="check" name="causal_conv" points=3 refuse="CausalConv1d"
def _wave(*shape, speed=1.3, start=0.4):
    n = math.prod(shape)
    return (torch.arange(n, dtype=torch.float32) * speed + start).sin().reshape(shape)


def worked_causal():
    """the two examples of the text"""
    x, weight = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), torch.tensor([[[10.0, 1.0]]])
    yield "dilation 1", causal_conv(x, weight, torch.zeros(1), 1)
    yield "dilation 2", causal_conv(x, weight, torch.zeros(1), 2)


def several_channels():
    """two sequences of three channels and nine steps, two channels out, three taps, dilation 2"""
    yield "output", causal_conv(_wave(2, 3, 9), _wave(2, 3, 3, speed=0.7), torch.tensor([0.5, -1.0]), 2)


def no_dilation():
    """four taps, dilation 1"""
    yield "output", causal_conv(_wave(1, 2, 6), _wave(3, 2, 4, speed=0.9), torch.tensor([0.1, 0.2, 0.3]), 1)


def hidden_short_sequence():
    """a sequence that is shorter than the convolution looks back"""
    yield "output", causal_conv(_wave(2, 1, 3), _wave(1, 1, 3, speed=0.8), torch.tensor([0.25]), 4)


def hidden_one_tap():
    """a kernel of one tap, in double precision"""
    weight, bias = _wave(2, 2, 1, speed=0.6).double(), torch.tensor([1.0, -0.5]).double()
    yield "output", causal_conv(_wave(1, 2, 5).double(), weight, bias, 3)


def hidden_wide_dilation():
    """two taps, dilation 5, in double precision"""
    weight, bias = _wave(2, 3, 2, speed=0.5).double(), torch.tensor([0.0, 2.0]).double()
    yield "output", causal_conv(_wave(2, 3, 12).double(), weight, bias, 5)


def hidden_gradient():
    """the gradient of the weights and of the input"""
    x, weight = _wave(1, 2, 5).requires_grad_(), _wave(2, 2, 3, speed=0.7).requires_grad_()
    bias = torch.zeros(2, requires_grad=True)
    y = causal_conv(x, weight, bias, 2)
    (y * torch.linspace(1, 2, y.numel()).reshape(y.shape)).sum().backward()
    yield "x", x.grad
    yield "weight", weight.grad
    yield "bias", bias.grad


# %% [markdown]
# ## 2 · Dilations for a wanted field (3 points)
#
# A block has *two* convolutions of $k$ taps with the same dilation. The field of a stack of blocks is the number of input steps that
# one output step can see, itself included.
#
# - `field_of(kernel_size, dilations)`: the field of blocks with these dilations. (1 point)
# - `schedule(wanted, kernel_size, cap)`: the dilations of as few blocks as reach a field of at least `wanted`. They double from block to block,
#   beginning with 1. A dilation may not be larger than `cap`; where doubling would lead beyond it, the next block begins again with 1.
#   There is at least one block. `kernel_size` is at least 2, `cap` at least 1. (2 points)
#
# **Example.** `field_of(3, [1, 2])` is 13: either convolution of the first block adds 2 steps, either of the second 4, and $1 + 2 \cdot 2 + 2 \cdot 4 = 13$.
# `schedule(40, 3, 4)` is `[1, 2, 4, 1, 2]`: the field of `[1, 2, 4]` is 29, of `[1, 2, 4, 1]` 33, and of all five 41.
#
# <details><summary>Hint: where to look</summary>
#
# One convolution adds $(k - 1) d$ steps. Do fields of layers add or multiply? For the schedule: begin with one block and go on while the field
# is too small.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `dilations = [1]`, then `while field_of(kernel_size, dilations) < wanted:`
#
# </details>


# %% role="answer" name="plan"
def field_of(kernel_size: int, dilations: list) -> int:
    """Input steps that one output step of a stack of blocks can see.

    Args:
        kernel_size: taps of each convolution.
        dilations: of the blocks, two convolutions each.
    """
    ### BEGIN SOLUTION
    return 1 + 2 * (kernel_size - 1) * sum(dilations)
    ### END SOLUTION


def schedule(wanted: int, kernel_size: int, cap: int) -> list:
    """Dilations of the fewest blocks that reach a field.

    Args:
        wanted: least field, in time steps.
        kernel_size: taps of each convolution, at least 2.
        cap: largest dilation allowed.

    Returns:
        1, 2, 4, ... and from 1 again where the next would be larger than cap.
    """
    ### BEGIN SOLUTION
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        following = 2 * dilations[-1]
        dilations.append(following if following <= cap else 1)
    return dilations
    ### END SOLUTION


# %% role="check" name="field_of" answer="plan" points=1 refuse="receptive_field TCN schedule"
def worked_field():
    """the example of the text"""
    yield "field", np.array([field_of(3, [1, 2])])


def four_fields():
    """fields of four stacks"""
    yield "field", np.array([field_of(2, [1, 2, 4]), field_of(5, [3]), field_of(7, [1, 2, 4, 8]), field_of(3, [6, 2])])


def hidden_fields():
    """one tap, dilations in no order, and the stack of the paper's code for digits"""
    yield "field", np.array([field_of(1, [1, 2]), field_of(4, [5, 1, 5]), field_of(7, [2**i for i in range(8)])])


# %% role="check" name="schedule" answer="plan" points=2 refuse="receptive_field TCN field_of"
def _plans(*settings):
    found = [schedule(*setting) for setting in settings]
    return np.array([len(found[0]), *(d for plan in found for d in (*plan, 0))])


def worked_schedule():
    """the example of the text"""
    yield "dilations", np.array(schedule(40, 3, 4))


def high_cap():
    """a wanted field of 200 with three taps, the cap out of reach"""
    yield "dilations", np.array(schedule(200, 3, 1000))


def exact_field():
    """a wanted field that three blocks reach exactly: 29 steps with three taps"""
    yield "dilations", np.array(schedule(29, 3, 64))


def odd_cap():
    """a wanted field of 60 with three taps, and a cap of 6, which is no power of two"""
    yield "dilations", np.array(schedule(60, 3, 6))


def hidden_edges():
    """one step more than three blocks reach; a cap of 1; a wanted field of 1; a single block that is enough"""
    yield "dilations", _plans((30, 3, 64), (20, 4, 1), (1, 2, 8), (3, 2, 8), (4, 2, 8))


def hidden_long():
    """a wanted field of 1,000 with two taps and a cap of 16, and of 784 with seven taps"""
    yield "dilations", _plans((1000, 2, 16), (784, 7, 512))


# %% [markdown]
# ## 3 · The block (4 points)
#
# Build the residual block: `relu(f(x) + shortcut(x))`, where $f$ is a causal convolution, a ReLU, a second causal convolution
# and a ReLU. Both convolutions have $k$ taps, dilation $d$ and a bias. To keep it short, the block has neither weight norm nor dropout. The shortcut is the
# identity where the channels are as many, else an `nn.Conv1d` with one tap, with a bias and nothing behind it.
#
# **Contract.** `Block(in_channels, out_channels, kernel_size, dilation)` is an `nn.Module` from $(B, C, T)$ to $(B, K, T)$. Make each
# convolution an `nn.Conv1d`, and register no other parameters. Three points are for outputs and parameters, one is for gradients.
#
# **Example.** `Block(3, 5, 2, 4)` has 110 parameters: $3 \cdot 5 \cdot 2 + 5$ and $5 \cdot 5 \cdot 2 + 5$ and $3 \cdot 5 + 5$. `Block(5, 5, 2, 4)` has 110 too, for
# other reasons.
#
# <details><summary>Hint: where to look</summary>
#
# Count the ReLUs: one behind each convolution of $f$, and one behind the sum. `nn.Conv1d` pads both ends alike if you ask it to pad, so let it not pad.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)`
#
# </details>


# %% role="answer" name="block"
class Block(nn.Module):
    """Two causal convolutions with a shortcut around them.

    Args:
        in_channels: C.
        out_channels: K.
        kernel_size: taps of both convolutions.
        dilation: of both convolutions.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))
        ### END SOLUTION


# %% role="check" name="block" points=3 refuse="TemporalBlock CausalConv1d TCN"
def _built(*sizes):
    """A block whose parameters depend on their sizes alone."""
    block = Block(*sizes)
    with torch.no_grad():
        for p in block.parameters():
            n = p.numel()
            p.copy_((torch.arange(n, dtype=torch.float32) * 1.7 + n).sin().reshape(p.shape) * 0.6)
    return block.eval()


def _rows(*shape):
    n = math.prod(shape)
    return (torch.arange(n, dtype=torch.float32) * 0.9 + 0.2).sin().reshape(shape) * 1.5


def _count(block):
    return sum(p.numel() for p in block.parameters())


def parameters_of_blocks():
    """the parameters of three blocks, the example among them"""
    yield "parameters", np.array([_count(Block(3, 5, 2, 4)), _count(Block(5, 5, 2, 4)), _count(Block(1, 4, 3, 1))])


def same_channels():
    """three channels in and out, two taps, dilation 2"""
    yield "output", _built(3, 3, 2, 2)(_rows(2, 3, 7))


def other_channels():
    """two channels in, four out, three taps, dilation 1"""
    yield "output", _built(2, 4, 3, 1)(_rows(1, 2, 6))


def twice_while_training():
    """whether a block gives the same output twice while it is trained (1), three channels in and out"""
    block = _built(3, 3, 2, 2).train()
    x = _rows(2, 3, 7)
    yield "the same", float(torch.equal(block(x), block(x)))


def hidden_zero_convolutions():
    """a block whose convolutions are set to zero, channels as many: relu of the input"""
    block = Block(2, 2, 3, 2)
    with torch.no_grad():
        for p in block.parameters():
            p.zero_()
    yield "output", block(_rows(1, 2, 5))


def hidden_short_and_wide():
    """a sequence shorter than the dilation, two channels in and one out"""
    yield "output", _built(2, 1, 2, 5)(_rows(3, 2, 3))


def hidden_more_taps():
    """four taps, dilation 3, in double precision"""
    yield "output", _built(3, 2, 4, 3).double()(_rows(1, 3, 14).double())


# %% role="check" name="block_gradient" answer="block" points=1 rtol=1e-4 atol=1e-5 refuse="TemporalBlock CausalConv1d TCN"
def _gradients(*sizes, length):
    block = Block(*sizes)
    with torch.no_grad():
        for p in block.parameters():
            n = p.numel()
            p.copy_((torch.arange(n, dtype=torch.float32) * 1.7 + n).sin().reshape(p.shape) * 0.6)
    x = (torch.arange(sizes[0] * length, dtype=torch.float32) * 0.9).sin().reshape(1, sizes[0], length).requires_grad_()
    y = block(x)
    (y * torch.linspace(1, 2, y.numel()).reshape(y.shape)).sum().backward()
    parts = sorted(block.parameters(), key=lambda p: (p.numel(), float(p.grad.sum()) if p.grad is not None else 0.0))
    sums = [float(p.grad.norm()) if p.grad is not None else 0.0 for p in parts]
    return x.grad, np.array(sums)


def gradient_same_channels():
    """the gradient of the input and the sizes of the parameters' gradients, two channels in and out"""
    x, sums = _gradients(2, 2, 3, 1, length=6)
    yield "x", x
    yield "parameters", sums


def hidden_gradient_other_channels():
    """the same with a shortcut of its own, dilation 2"""
    x, sums = _gradients(3, 2, 2, 2, length=7)
    yield "x", x
    yield "parameters", sums


# %% [markdown]
# ## 4 · Prove it (3 points)
#
# Whether a model is causal is no matter of trust. The gradient of output step $t$ with respect to input step $s$ is zero wherever the output
# does not depend on that input.
#
# - `reach(model, x)`: a boolean tensor $(T', T)$ for an output of $T'$ steps. Row $t$, column $s$ is true if *any* channel of output step $t$
#   has a gradient other than zero for *any* channel of input step $s$, in any sequence of the batch. `x` is $(B, C, T)$. The model maps it to $(B, K, T')$ and treats every
#   sequence of a batch alone. Leave `x` and the gradients of the model's parameters as they are. (2 points)
# - `lookahead(reached)`: of such a tensor, by how many steps an output looks ahead at most: the largest $s - t$ of all entries that are true.
#   It is 0 for a causal model; a model that reads only the past has no negative answer, it is 0 too, and so it is
#   where nothing is reached. (1 point)
#
# **Example.** For a convolution with three taps and one zero at either end, `reach` of four steps has the rows `1100`, `1110`, `0111`, `0011`, and `lookahead`
# of it is 1.
#
# <details><summary>Hint: where to look</summary>
#
# Gradients that are added can cancel: one channel pushes up, another down. Take a gradient for each output number alone.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `torch.autograd.functional.jacobian(model, x)` has the axes $(B, K, T', B, C, T)$.
#
# </details>


# %% role="answer" name="proof"
def reach(model, x: torch.Tensor) -> torch.Tensor:
    """Which input steps each output step depends on.

    Args:
        model: from (B, C, T) to (B, K, T').
        x: (B, C, T), where the gradient is taken.

    Returns:
        (T', T), boolean.
    """
    ### BEGIN SOLUTION
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.abs().amax(dim=(0, 1, 3, 4)) > 0
    ### END SOLUTION


def lookahead(reached: torch.Tensor) -> int:
    """By how many steps an output looks ahead at most.

    Args:
        reached: (T', T), boolean: rows are outputs, columns inputs.

    Returns:
        At least 0.
    """
    ### BEGIN SOLUTION
    t, s = reached.nonzero(as_tuple=True)
    return max([0, *(s - t).tolist()])
    ### END SOLUTION


# %% role="check" name="reach" answer="proof" points=2 refuse="receptive_field measure lookahead"
def _conv(taps, before, behind, dilation=1, stride=1, signs=(1.0,)):
    def model(x):
        weight = torch.stack([sign * torch.ones(x.shape[1], taps, dtype=x.dtype) for sign in signs])
        return F.conv1d(F.pad(x, (before, behind)), weight, dilation=dilation, stride=stride)

    return model


def _signal(*shape):
    n = math.prod(shape)
    return (torch.arange(n, dtype=torch.float32) * 2.1 + 0.3).sin().reshape(shape) + 0.1


def worked_reach():
    """the example of the text: three taps, a zero at either end, four steps"""
    yield "reached", reach(_conv(3, 1, 1), _signal(1, 1, 4))


def a_causal_model():
    """a causal convolution of two taps with dilation 2, two channels"""
    yield "reached", reach(_conv(2, 2, 0, dilation=2), _signal(1, 2, 6))


def negative_weights():
    """a causal convolution with negative weights, two sequences"""
    yield "reached", reach(_conv(3, 2, 0, signs=(-1.0,)), _signal(2, 1, 5))


def two_ways_back():
    """a model whose first output channel reads the second input one step back, and the other way two steps back"""

    def model(x):
        first, second = x[:, 0], x[:, 1]
        return torch.stack([0.5 * F.pad(second, (1, 0))[:, :-1], -F.pad(first, (2, 0))[:, :-2]], dim=1)

    yield "reached", reach(model, _signal(2, 2, 5))


def hidden_cancelling_channels():
    """a model with two output channels that are each other's negative"""
    yield "reached", reach(_conv(2, 1, 0, signs=(1.0, -1.0)), _signal(1, 1, 5))


def hidden_cancelling_inputs():
    """a model that takes the difference of its two input channels, each a step further back"""

    def model(x):
        back = F.pad(x, (1, 0))[:, :, :-1]
        return (x - back)[:, :1] - (x - back)[:, 1:]

    yield "reached", reach(model, _signal(1, 2, 4))


def hidden_fewer_steps():
    """a model that leaves every second step out"""
    yield "reached", reach(_conv(2, 1, 0, stride=2), _signal(1, 1, 7))


def hidden_small_gradients():
    """a model with weights of a thousand-millionth, in double precision"""
    tiny = _conv(2, 1, 0, signs=(1e-9,))
    yield "reached", reach(tiny, _signal(1, 1, 4).double())


def hidden_one_relu_asleep():
    """a model whose ReLU passes one sequence of the batch at some steps, the other at others"""
    x = torch.tensor([[[1.0, -1.0, 1.0, -1.0]], [[-1.0, 1.0, -1.0, -1.0]]])
    yield "reached", reach(lambda x: F.relu(x), x)


def hidden_left_as_found():
    """the input and the gradients of a model's parameters, after the call"""
    conv = nn.Conv1d(1, 1, 2)
    with torch.no_grad():
        conv.weight.fill_(0.5)
    conv.weight.grad = torch.full_like(conv.weight, 3.0)
    x = _signal(1, 1, 4)
    before = x.clone()
    reach(conv, x)
    yield "input", x.detach() - before
    yield "asks for gradients", np.array([int(x.requires_grad), int(x.grad is not None)])
    yield "gradient", torch.zeros(1, 1, 2) if conv.weight.grad is None else conv.weight.grad


# %% role="check" name="lookahead" answer="proof" points=1 refuse="receptive_field measure reach"
def worked_lookahead():
    """the example of the text"""
    reached = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]).bool()
    yield "steps", np.array([lookahead(reached)])


def causal_lookahead():
    """a lower triangle, and one that begins a step below the diagonal"""
    full = torch.ones(5, 5).bool()
    yield "steps", np.array([lookahead(full.tril()), lookahead(full.tril(-1))])


def a_far_look():
    """each step itself, and in the second row three entries more, two to four steps ahead"""
    reached = torch.eye(6).bool()
    reached[1, 3:6] = True
    yield "steps", np.array([lookahead(reached)])


def hidden_all_and_none():
    """everything reached, nothing reached, one step"""
    full = torch.ones(4, 4).bool()
    yield "steps", np.array([lookahead(full), lookahead(~full), lookahead(full[:1, :1])])


def hidden_not_square():
    """three outputs over six inputs"""
    reached = torch.zeros(3, 6).bool()
    reached[0, 0] = reached[1, 2] = reached[2, 4] = True
    yield "steps", np.array([lookahead(reached)])


# %% [markdown]
# ## 5 · One step at a time (3 points)
#
# A sensor sends one step after the other. A model that reads the whole past again for each would be slower with every step. Write a causal
# convolution that is given one step, gives one step back, and keeps what it needs of the past.
#
# **Contract.** `Streamer(weight, bias, dilation)` takes `weight` $(K, C, k)$ and `bias` $(K,)$, as in task 1. `step(x)` takes the next
# input step $(B, C)$ and returns the next output step $(B, K)$. Called $T$ times, it gives what the causal convolution gives for the whole sequence; before the first step
# everything was zero. The memory must not grow: keep at most the last $(k - 1) d + 1$ steps, in a list, a `deque` or a tensor that is an attribute of the object. The caller may use
# the tensor `x` again for the next step, so keep a copy, not the tensor itself.
#
# **Example.** With one channel, weights $(10, 1)$, bias 0 and dilation 2, the steps 1, 2, 3, 4 give 1, 2, 13, 24.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the kept steps meets which weight? The last weight belongs to the newest step. A `deque` with a `maxlen`, imported in the first cell, drops the oldest by itself.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `self.past = deque(maxlen=(weight.shape[-1] - 1) * dilation + 1)`
#
# </details>


# %% role="answer" name="stream"
class Streamer:
    """A causal convolution that is fed step by step.

    Args:
        weight: (K, C, k); the last of the k belongs to the newest step.
        bias: (K,).
        dilation: time steps from tap to tap.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, dilation: int) -> None:
        ### BEGIN SOLUTION
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []
        ### END SOLUTION

    def step(self, x: torch.Tensor) -> torch.Tensor:
        """The next output step (B, K) for the next input step (B, C)."""
        ### BEGIN SOLUTION
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y
        ### END SOLUTION


# %% role="check" name="stream" points=3 refuse="Stream Ring CausalConv1d TCN"
def _steps(*shape):
    n = math.prod(shape)
    return (torch.arange(n, dtype=torch.float32) * 1.1 + 0.7).sin().reshape(shape)


def _fed(x, weight, bias, dilation):
    streamer = Streamer(weight, bias, dilation)
    return torch.stack([streamer.step(x[:, :, t]) for t in range(x.shape[-1])], dim=-1)


def _held(value):
    """Numbers in all tensors and arrays that an object holds."""
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(map(_held, value.values()))
    if isinstance(value, str | range):
        return 0
    if hasattr(value, "__iter__"):
        return sum(map(_held, value))
    return sum(map(_held, vars(value).values())) if hasattr(value, "__dict__") else 0


def worked_stream():
    """the example of the text"""
    x, weight = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), torch.tensor([[[10.0, 1.0]]])
    yield "output", _fed(x, weight, torch.zeros(1), 2)


def a_long_stream():
    """two sequences of three channels, three taps, dilation 3, twenty steps"""
    yield "output", _fed(_steps(2, 3, 20), _steps(4, 3, 3), torch.tensor([0.5, -1.0, 0.0, 2.0]), 3)


def neighbours_stream():
    """one sequence of two channels, three taps, dilation 1, six steps"""
    yield "output", _fed(_steps(1, 2, 6), _steps(2, 2, 3), torch.tensor([0.5, -0.5]), 1)


def memory_of_a_stream():
    """numbers that are kept after 60 steps, beyond the weights and the five steps of two numbers that are needed"""
    streamer = Streamer(_steps(2, 2, 3), torch.zeros(2), 2)
    before = _held(streamer)
    for t in range(60):
        streamer.step(_steps(1, 2) + t)
    yield "more numbers", np.array([max(0, _held(streamer) - before - 10)])


def hidden_one_tap():
    """a kernel of one tap, in double precision"""
    weight, bias = _steps(2, 3, 1).double(), torch.tensor([1.0, 0.25]).double()
    yield "output", _fed(_steps(1, 3, 4).double(), weight, bias, 4)


def hidden_two_streams():
    """two streams that are fed in turns"""
    weight, bias = _steps(1, 1, 3), torch.zeros(1)
    first, second = Streamer(weight, bias, 1), Streamer(weight, bias, 1)
    x = _steps(1, 1, 6)
    rows = [(first.step(x[:, :, t]), second.step(-2 * x[:, :, t])) for t in range(6)]
    yield "output", torch.stack([torch.cat(row) for row in rows])


def hidden_reused_tensor():
    """a caller that writes each step into the same tensor"""
    streamer, x, given = Streamer(_steps(2, 2, 2), torch.zeros(2), 2), _steps(1, 2, 8), torch.zeros(1, 2)
    outputs = []
    for t in range(8):
        given.copy_(x[:, :, t])
        outputs.append(streamer.step(given).clone())
    yield "output", torch.stack(outputs)


def hidden_given_untouched():
    """the weights, the bias and a step, after the calls"""
    weight, bias, x = _steps(2, 2, 2), torch.tensor([1.0, -1.0]), _steps(3, 2)
    streamer = Streamer(weight, bias, 1)
    for _ in range(3):
        streamer.step(x)
    yield "weight", weight
    yield "bias", bias
    yield "step", x


# %% [markdown]
# ## 6 · How far can it remember? (3 points, read by a person)
#
# The next code cell trains the same small network on four versions of one task. Ten symbols stand at the start of a sequence; after a gap, the network must
# repeat them. So each answer lies $10 + \text{gap}$ steps behind the symbol it asks for. There are eight symbols; guessing is right in one of eight. The network has 3 blocks of 16 channels with
# 3 taps. Once its dilations are 1, 2, 4, once all are 1. The loss counts the ten answers only. The cell prints the share of symbols that are right on new sequences.
#
# **First predict, then run.** Write down before you run it: the field of both networks, and which of the four come out near 1 and which near 0.125. Then run it and
# explain:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. For a setting that ends near guessing: which one thing would you change so that it can be solved, and what would it cost? Name another that can not help, however
#    long you train.
# 3. An LSTM has no field that ends. Why does that not mean that it solves the task with the longest gap?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all four, with the fields 29 and 13. A wrong prediction costs nothing.
# - **The remedy**: one block more, or more taps, so that the field is larger than 10 + gap, with its price; more data, more channels or longer training can't help where the
#   input is out of reach.
# - **The reason**: being able to see is not being able to learn; what an LSTM keeps must pass through every step between, in a state of fixed size, and so must its gradient.

# %% [markdown] role="written" name="far" points=3
# *Prediction.* The field is 1 + 4 · 7 = 29 with dilations and 1 + 4 · 3 = 13 without. The answers lie 14 and 40 steps back, so I expected the dilated network to solve the gap of 4 and
# nothing else to be better than guessing. *Result.* As predicted: near 1 for the dilated network at a gap of 4, and about 0.125 for the three others. A network
# that cannot see the symbol can only guess.
#
# *The remedy.* For a gap of 30 a fourth block with dilation 8 makes the field 1 + 4 · 15 = 61, for about a third more parameters and time. Four taps do it as well: 1 + 6 · 7 = 43. More training or wider layers
# change nothing, the symbol is not among the inputs of the answer.
#
# *The reason.* An LSTM may carry a symbol as far as it likes, but it has to learn to. Ten symbols must fit into its state, stay there unharmed during the gap, and the error at the
# end must find its way back through all these steps. Nothing is out of reach, and yet training may not get there.


# %% role="given" name="far_run"
def share_right(gap, dilations):
    """Train twice over 1,600 sequences and test on new ones."""
    sets = data.copy_memory(1600, gap=gap, seed=0)
    known, new = (F.one_hot(x, 10).float().mT for x in (sets.x_train, sets.x_test))
    answers = sets.y_train.clone()
    answers[:, :-10] = -100  # cross-entropy leaves these steps out
    torch.manual_seed(0)
    model = TCN(10, 9, [16] * 3, 3, dilations=dilations)
    fit(model, (known, answers), epochs=2, batch_size=32, lr=0.02, schedule=one_cycle, device="cpu")
    with torch.no_grad():
        right = model(new).argmax(dim=1) == sets.y_test
    return right[:, -10:].float().mean().item()


for gap in (4, 30):
    for name, dilations in (("1, 2, 4", [1, 2, 4]), ("1, 1, 1", [1, 1, 1])):
        start = time.perf_counter()
        share = share_right(gap, dilations)
        print(f"gap {gap:2}  dilations {name}:  {share:.3f} right  ({time.perf_counter() - start:.1f} s)")

# %% [markdown]
# ## Optional: bigger (no points)
#
# Put your own `Block` into a network and read handwritten digits pixel by pixel, as a sequence of 64 steps. How small can the field become before the last step no
# longer knows the first row? With a GPU, take images of 784 pixels and the network of the paper's code, `dlarch.sequences.tcn.sequential_mnist()`.

# %% role="given" name="own"
digits = data.digits()
pixels = digits.x_train.flatten(2)
print(
    "digits as sequences:",
    tuple(pixels.shape),
    " a network of",
    f"{measure.count_parameters(TCN(1, 10, [16] * 4, 3)):,} parameters",
)
