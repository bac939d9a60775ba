"""Right answers to the exercise `relu`, written in other ways. Each must keep all its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("relu", "larger-of-two")
def relu(x):
    return torch.maximum(x, torch.zeros_like(x))


@variant("relu", "mask")
def relu(x):
    return x * (x > 0)


@variant("relu", "half-of-number-and-size")
def relu(x):
    return (x + x.abs()) / 2


@variant("relu_backward", "where")
def relu_backward(x, upstream):
    return torch.where(x > 0, upstream, torch.zeros_like(upstream))


@variant("relu_backward", "copy-and-clear")
def relu_backward(x, upstream):
    gradient = upstream.clone()
    gradient[x <= 0] = 0
    return gradient


@variant("relu_backward", "sign-of-the-output")
def relu_backward(x, upstream):
    # The output is positive exactly where the input is, so it may be asked instead.
    output = x.clamp(min=0)
    return upstream * output.sign()


@variant("scores", "functional")
def scores(x, W1, b1, W2, b2):
    return F.linear(F.relu(F.linear(x, W1, b1)), W2, b2)


@variant("scores", "row-by-row")
def scores(x, W1, b1, W2, b2):
    rows = []
    for row in x:
        hidden = torch.maximum(W1 @ row + b1, torch.zeros_like(b1))
        rows.append(W2 @ hidden + b2)
    return torch.stack(rows)


@variant("two_layer_cost", "built-and-counted")
def two_layer_cost(inputs, hidden, outputs):
    layers = [nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)]
    return sum(p.numel() for layer in layers for p in layer.parameters()), sum(layer.weight.numel() for layer in layers)


@variant("two_layer_cost", "unit-by-unit")
def two_layer_cost(inputs, hidden, outputs):
    return hidden * (inputs + 1 + outputs) + outputs, hidden * (inputs + outputs)


@variant("xor_weights", "from-the-right")
def xor_weights():
    # Hinges that open to the left: the zigzag read from three ones down to none.
    W1 = -torch.ones(3, 3)
    b1 = torch.tensor([3.0, 2.0, 1.0])
    return W1, b1, torch.tensor([[-1.0, 2.0, -2.0]]), torch.ones(1)


@variant("xor_weights", "shifted-and-scaled")
def xor_weights():
    # All units scaled, and the first one bent half a step to the left.
    W1 = torch.full((3, 3), 2.0, dtype=torch.float64)
    b1 = torch.tensor([1.0, -2.0, -4.0], dtype=torch.float64)
    return W1, b1, torch.tensor([[0.5, -1.0, 1.0]], dtype=torch.float64), torch.tensor([-0.5], dtype=torch.float64)


@variant("xor_weights", "sizes-of-differences")
def xor_weights():
    # |n - 1| needs two hinges, and one more turns the line at two.
    W1 = torch.stack([-torch.ones(3), torch.ones(3), torch.ones(3)])
    b1 = torch.tensor([1.0, -1.0, -2.0])
    return W1, b1, torch.tensor([[-1.0, -1.0, 2.0]]), torch.tensor([1.0])


@variant("hinge_weights", "running-slope")
def hinge_weights(x, y):
    knots, changes, before = [], [], 0.0
    for i in range(len(x) - 1):
        slope = (y[i + 1] - y[i]) / (x[i + 1] - x[i])
        knots.append(-x[i])
        changes.append(slope - before)
        before = slope
    return torch.ones(len(knots), 1, dtype=y.dtype), torch.stack(knots), torch.stack(changes)[None], y[:1].clone()


@variant("hinge_weights", "triangular-system")
def hinge_weights(x, y):
    # Solve for the weights: at each knot the hinges have to add up to the height above the start.
    hinges = (x[1:, None] - x[None, :-1]).clamp(min=0)
    weights = torch.linalg.solve_triangular(hinges, (y[1:] - y[0])[:, None], upper=False)
    return torch.ones_like(weights), -x[:-1], weights.T, y[:1]


@variant("hinge_weights", "last-hinge-first")
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = slopes.diff(prepend=torch.zeros_like(slopes[:1]))
    return torch.ones_like(slopes)[:, None], -x[:-1].flip(0), changes.flip(0)[None], y[0][None]


@variant("find_dead", "highest-row")
def find_dead(z):
    return z.amax(dim=0) <= 0


@variant("find_dead", "after-the-bend")
def find_dead(z):
    return z.clamp(min=0).sum(dim=0) == 0


@variant("find_dead", "unit-by-unit")
def find_dead(z):
    return torch.tensor([not any(value > 0 for value in unit) for unit in z.T.tolist()])


@variant("revive", "copies-by-index")
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    dead = (z <= 0).all(dim=0)
    new_bias, new_weight = b1.clone(), W2.clone()
    new_bias[dead] = b1[dead] - z[:, dead].mean(dim=0)
    new_weight[:, dead] = 0
    return new_bias, new_weight


@variant("revive", "mean-row")
def revive(x, W1, b1, W2):
    # z has mean zero when the bias is minus what the mean row gives.
    dead = ((x @ W1.T + b1).clamp(min=0) == 0).all(0)
    centred = -(W1 @ x.mean(dim=0))
    return torch.where(dead, centred, b1), W2.masked_fill(dead, 0)


@variant("hinge_weights", "one-at-the-end-of-each-piece")
def hinge_weights(x, y):
    # Each unit is scaled to reach one at the end of its piece; its weight makes up for it.
    slopes, steps = y.diff() / x.diff(), x.diff()
    changes = slopes.diff(prepend=torch.zeros_like(slopes[:1]))
    return (1 / steps)[:, None], -x[:-1] / steps, (changes * steps)[None], y[:1]
