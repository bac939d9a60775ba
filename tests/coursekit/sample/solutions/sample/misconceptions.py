"""Wrong answers of the sample exercise."""

import torch
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "softmax",
    "over-the-batch",
    says="Your columns sum to one where your rows should: the softmax runs over the batch, not over the classes.",
)
def softmax(logits):
    e = (logits - logits.max(dim=0).values).exp()
    return e / e.sum(dim=0)


@misconception(
    "softmax",
    "overflow",
    says="Scores around 1,000 give nan: exp overflows, since the largest score of a row is not subtracted first.",
)
def softmax(logits):
    e = logits.exp()
    return e / e.sum(dim=1, keepdim=True)


@misconception(
    "affine",
    "no-bias",
    says="Your layer gives zero for an input of zeros: the bias is missing, so the layer is linear but not affine.",
)
class Affine(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))

    def forward(self, x):
        return x @ self.weight.T


@misconception(
    "affine",
    "biases-not-counted",
    says="Your count leaves out the biases: each output has one more parameter than there are inputs.",
)
def count(inputs, outputs):
    return outputs * inputs


@misconception(
    "initialise",
    "variance-for-deviation",
    says="Your weights are too small: 1 / inputs is the variance that is wanted, its square root is the deviation.",
)
def initialise(outputs, inputs):
    return torch.randn(outputs, inputs) / inputs


@misconception(
    "threshold", "off-by-one", says="You name the number after the one that is meant; the text counts from one."
)
def threshold():
    return 4
