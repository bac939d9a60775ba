"""Right answers of the sample exercise, written differently."""

import torch
from torch import nn

from coursekit.exercise import variant


@variant("softmax", "log-sum-exp")
def softmax(logits):
    return (logits - torch.logsumexp(logits, dim=-1, keepdim=True)).exp()


@variant("affine", "einsum")
class Affine(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(outputs))
        self.w = nn.Parameter(torch.zeros(outputs, inputs))

    def forward(self, x):
        return torch.einsum("ni,oi->no", x, self.w) + self.b


@variant("affine", "counted-in-floats")
def count(inputs, outputs):
    return float(outputs * inputs + outputs)


@variant("initialise", "in-place")
def initialise(outputs, inputs):
    return torch.empty(outputs, inputs).normal_(0.0, inputs**-0.5)


@variant("threshold", "as-a-float")
def threshold():
    return 3.0
