# %% [markdown] role="title" chapter="foundations/sample" minutes=10
# # A small exercise
#
# It takes about 10 minutes and gives 9 points.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from dlarch.check import check

torch.manual_seed(0)

# %% [markdown]
# ## Task 1: softmax


# %% role="answer" name="softmax"
def softmax(logits):
    """Probabilities of shape (N, K) from scores of shape (N, K)."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=1, keepdim=True).values
    e = shifted.exp()
    return e / e.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %% role="check" name="softmax" points=2 refuse="softmax log_softmax"
def _scores():
    return torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]])


def two_rows():
    """two rows of three scores"""
    yield "probabilities", softmax(_scores())


def one_row():
    """a single row"""
    yield "probabilities", softmax(_scores()[:1])


def hidden_large_scores():
    """scores around 1,000, where exp overflows"""
    yield "probabilities", softmax(_scores() + 1000.0)
    yield "far apart", softmax(torch.tensor([[0.0, 1000.0, 999.0]]))


# %% [markdown]
# ## Task 2: a layer


# %% role="answer" name="affine"
class Affine(nn.Module):
    """x @ W.T + b for x of shape (N, inputs)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        ### BEGIN SOLUTION
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return x @ self.weight.T + self.bias
        ### END SOLUTION


def count(inputs, outputs):
    """Number of parameters of Affine(inputs, outputs)."""
    ### BEGIN SOLUTION
    return outputs * (inputs + 1)
    ### END SOLUTION


# %% role="check" name="affine" points=3 refuse="nn.Linear F.linear"
def forward_and_gradient():
    """a layer from 4 inputs to 3 outputs, with its gradient"""
    layer = fill(Affine(4, 3))
    x = torch.arange(8.0).reshape(2, 4).requires_grad_()
    y = layer(x)
    yield "output", y
    yield "gradient", torch.autograd.grad(y.square().sum(), x)[0]


def hidden_batch_of_one():
    """one sample"""
    yield "output", fill(Affine(2, 5))(torch.tensor([[1.0, -2.0]]))


# %% role="check" name="count" answer="affine" points=1
def digits():
    """64 inputs, 10 outputs"""
    yield "parameters", count(64, 10)


def hidden_one_input():
    """one input, two outputs"""
    yield "parameters", count(1, 2)


# %% [markdown]
# ## Task 3: small random weights


# %% role="answer" name="initialise"
def initialise(outputs, inputs):
    """A weight of shape (outputs, inputs), normal, with standard deviation 1 / sqrt(inputs)."""
    ### BEGIN SOLUTION
    return torch.randn(outputs, inputs) / math.sqrt(inputs)
    ### END SOLUTION


# %% role="check" name="initialise" points=1
def wide():
    """a weight of shape (200, 400)"""
    yield "inputs", 400
    yield "weight", initialise(200, 400)


def hidden_narrow():
    """a weight of shape (400, 100)"""
    yield "inputs", 100
    yield "weight", initialise(400, 100)


def verdict(probe, arrays):
    inputs = int(arrays["inputs"])
    ratio = arrays["weight"].std() * math.sqrt(inputs)
    if arrays["weight"].shape[1] != inputs:
        return f"the weight has {arrays['weight'].shape[1]} columns where {inputs} were expected"
    if abs(ratio - 1.0) > 0.05:
        return f"the standard deviation is {ratio:.2f} times what was asked"
    return None


# %% [markdown]
# ## Task 4: a threshold
#
# Which whole number does the text name?

# %% role="answer" name="threshold"
### BEGIN SOLUTION
threshold = 3
### END SOLUTION


# %% role="check" name="threshold" points=1
def value():
    """the number"""
    yield "threshold", threshold


def hidden_doubled():
    """twice the number"""
    yield "doubled", 2 * threshold


# %% [markdown]
# ## Task 5: in words
#
# Why does softmax subtract the largest score? (1 point for the overflow.)

# %% [markdown] role="written" name="why" points=1
# Because exp of a large score overflows, and the ratio does not change.
