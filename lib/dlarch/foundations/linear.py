"""Softmax regression: one matrix gives a score per class, softmax turns the scores into probabilities.

The name softmax is Bridle's, 1990, https://doi.org/10.1007/978-3-642-76153-9_28.

B batch, N inputs, K classes. Scores before the softmax are called logits. Losses are in nats.
"""

from collections.abc import Iterable
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def softmax(logits: Float[Tensor, "*B K"]) -> Float[Tensor, "*B K"]:
    """Probabilities in proportion to exp(logit), over the last axis.

    Args:
        logits: one score per class; minus infinity gives probability zero.

    Returns:
        Positive numbers that sum to one along K.
    """
    # A constant added to a whole row cancels in the quotient.
    # With the largest logit at zero, exp cannot overflow.
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    exponentials = shifted.exp()
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


def log_softmax(logits: Float[Tensor, "*B K"]) -> Float[Tensor, "*B K"]:
    """Logarithm of the softmax over the last axis, finite even where the probability itself rounds to zero.

    Args:
        logits: one score per class.

    Returns:
        Log-probabilities in nats, at most zero.
    """
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    return shifted - shifted.exp().sum(dim=-1, keepdim=True).log()


def cross_entropy(
    logits: Float[Tensor, "B K"],
    targets: Int[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Mean surprise, -log(probability of the true class), over the batch.

    Args:
        logits: one score per class.
        targets: the true class of each row, from 0 to K - 1.

    Returns:
        The loss in nats: 0 for certain and right, log(K) for a guess
        that favours no class.

    Raises:
        ValueError: if the batch is empty or a target is no class.
    """
    classes = logits.shape[1]
    if len(targets) == 0:
        raise ValueError("an empty batch has no mean: pass at least one row")
    if targets.min() < 0 or targets.max() >= classes:
        found = f"{targets.min()}..{targets.max()}"
        raise ValueError(f"targets must lie in 0..{classes - 1}, got {found}")
    return -log_softmax(logits).gather(1, targets[:, None].long()).mean()


class SoftmaxRegression(nn.Module):
    """The linear classifier: logits = x Wᵀ + b, with (N + 1) K parameters.

    Args:
        inputs: N, numbers per example, at least 1.
        classes: K, at least 2.

    Raises:
        ValueError: if a size is too small.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        if inputs < 1 or classes < 2:
            got = f"{inputs} and {classes}"
            raise ValueError(f"needs at least 1 input and 2 classes, got {got}")
        self.linear = nn.Linear(inputs, classes)
        # The loss is convex in the weights, so no start is a trap.
        # From zero, every class begins with probability 1 / K.
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B K"]:
        return self.linear(x.flatten(1))

    def probabilities(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B K"]:
        """Softmax of the logits: one distribution over the classes per row."""
        return softmax(self(x))


@torch.no_grad()
def collapse(layers: Iterable[nn.Module]) -> nn.Linear:
    """The single linear layer that computes what a stack of them computes.

    W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂), and so on up the stack.

    Args:
        layers: `nn.Linear` layers in the order in which the input meets them;
            an `nn.Sequential` will do.

    Returns:
        A new layer, from the first layer's inputs to the last layer's outputs.
        It has a bias if any layer has one.

    Raises:
        ValueError: if there is no layer, a layer is not linear, or neighbouring
            sizes differ.
    """
    stack = list(layers)
    check_chain(stack)
    weight, bias = stack[0].weight, bias_of(stack[0])
    for layer in stack[1:]:
        bias = layer.weight @ bias + bias_of(layer)
        weight = layer.weight @ weight

    outputs, inputs = weight.shape
    has_bias = any(layer.bias is not None for layer in stack)
    single = nn.Linear(inputs, outputs, bias=has_bias).to(weight)
    single.weight.copy_(weight)
    if has_bias:
        single.bias.copy_(bias)
    return single


def bias_of(layer: nn.Linear) -> Float[Tensor, " K"]:
    """The bias of a linear layer, or the zeros that stand for it when it has none."""
    return layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias


def check_chain(stack: list[nn.Module]) -> None:
    """Refuse a stack that is empty, holds another kind of layer, or does not fit together."""
    if not stack:
        raise ValueError("there is no layer to collapse: pass at least one nn.Linear")
    for position, layer in enumerate(stack):
        if not isinstance(layer, nn.Linear):
            raise ValueError(f"only nn.Linear layers collapse, got {type(layer).__name__} at position {position}")
    for position, (lower, upper) in enumerate(pairwise(stack)):
        if lower.out_features != upper.in_features:
            raise ValueError(
                f"layer {position} has {lower.out_features} outputs, "
                f"but layer {position + 1} has {upper.in_features} inputs"
            )
