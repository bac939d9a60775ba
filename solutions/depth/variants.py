"""Right answers to the exercise `depth`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("widest", "quadratic-formula")
def widest(budget, depth, inputs, outputs):
    a, b, c = depth - 1, inputs + depth + outputs, outputs - budget
    if c > 0:
        return 0
    if a == 0:
        return -c // b
    return (math.isqrt(b * b - 4 * a * c) - b) // (2 * a)


@variant("widest", "built-and-counted")
def widest(budget, depth, inputs, outputs):
    def count(width):
        sizes = [inputs] + [width] * depth + [outputs]
        return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))

    low, high = 0, budget + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= budget else (low, middle)
    return low


@variant("most_pieces", "math-prod")
def most_pieces(widths):
    return math.prod(width + 1 for width in widths)


@variant("most_pieces", "kinks-added-piece-by-piece")
def most_pieces(widths):
    if not widths:
        return 1
    below = most_pieces(widths[:-1])
    return below + below * widths[-1]


@variant("tent_layers", "scaled-hinges")
def tent_layers(depth):
    layers = [(torch.tensor([[2.0], [4.0]]), torch.tensor([0.0, -2.0]))]
    for _ in range(depth - 1):
        layers.append((torch.tensor([[2.0, -2.0], [4.0, -4.0]]), torch.tensor([0.0, -2.0])))
    return [*layers, (torch.tensor([[1.0, -1.0]]), torch.tensor([0.0]))]


@variant("tent_layers", "distance-from-the-middle")
def tent_layers(depth):
    # The tent is 1 - |2x - 1|, and |a| = relu(a) + relu(-a).
    layers = [(torch.tensor([[2.0], [-2.0]]), torch.tensor([-1.0, 1.0]))]
    for _ in range(depth - 1):
        layers.append((torch.tensor([[-2.0, -2.0], [2.0, 2.0]]), torch.tensor([1.0, -1.0])))
    return [*layers, (-torch.ones(1, 2), torch.ones(1))]


@variant("tent_layers", "read-from-linear-layers")
def tent_layers(depth):
    layers = [nn.Linear(1, 2), *[nn.Linear(2, 2) for _ in range(depth - 1)], nn.Linear(2, 1)]
    for place, layer in enumerate(layers):
        layer.weight.data = torch.tensor([[2.0, -4.0]] if place else [[1.0]]).repeat(layer.out_features, 1)
        layer.bias.data = torch.tensor([0.0, -0.5])[: layer.out_features]
    return [(layer.weight, layer.bias) for layer in layers]


@variant("he_weight", "normal")
def he_weight(outputs, inputs):
    return torch.normal(0.0, (2 / inputs) ** 0.5, size=(outputs, inputs))


@variant("he_weight", "in-place")
def he_weight(outputs, inputs):
    weight = torch.empty(outputs, inputs)
    return weight.normal_(std=math.sqrt(2.0) / math.sqrt(inputs))


@variant("signal_path", "linear-layers")
def signal_path(weights, x):
    size = (x**2).mean()
    h, found = x.clone(), torch.zeros(len(weights), dtype=x.dtype)
    for i, weight in enumerate(weights):
        h = F.linear(h, weight).clamp(min=0)
        found[i] = (h * h).sum() / h.numel() / size
    return found


@variant("signal_path", "columns")
def signal_path(weights, x):
    h, squares = x.T, [x.pow(2).mean()]
    for weight in weights:
        h = torch.maximum(weight @ h, torch.zeros((), dtype=x.dtype))
        squares.append(h.pow(2).mean())
    return torch.stack(squares[1:]) / squares[0]


@variant("factor_per_layer", "logarithms")
def factor_per_layer(norms):
    return math.exp((math.log(norms[0]) - math.log(norms[-1])) / (len(norms) - 1))


@variant("factor_per_layer", "geometric-mean-of-steps")
def factor_per_layer(norms):
    product = 1.0
    for i in range(len(norms) - 1):
        product *= norms[i] / norms[i + 1]
    return product ** (1 / (len(norms) - 1))


@variant("trouble", "built-up")
def trouble():
    return dict(zip("ABC", (3, 4, 6), strict=True))
