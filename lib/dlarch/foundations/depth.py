"""Depth against width in networks of linear layers and ReLUs: how often they can bend, and how they start.

The folded line is Telgarsky's, 2016, https://arxiv.org/abs/1602.04485. The starts are those of Glorot and
Bengio, 2010, https://proceedings.mlr.press/v9/glorot10a.html (eq. 12 and 16), also called Xavier, and of He et al.,
2015, https://arxiv.org/abs/1502.01852 (eq. 10).

B batch, N inputs, K outputs, S networks side by side.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from dlarch.foundations.mlp import MLP

Recipe = Callable[[Tensor], Tensor]


@torch.no_grad()
def tent_network(depth: int) -> MLP:
    """The tent, applied `depth` times by layers of two ReLUs.

    It is 2x up to x = 1/2 and 2 - 2x from there to 1. On [0, 1] each application
    folds the line once more, so the network has 2 to the power of `depth` pieces.

    Args:
        depth: hidden layers, at least 1.

    Raises:
        ValueError: if depth is less than 1.
    """
    check_depth(depth)
    model = MLP([1] + [2] * depth + [1])
    for layer in model.layers:
        # What comes in is x, or two hinges that 2 and -4 make a tent of.
        row = [1.0] if layer.in_features == 1 else [2.0, -4.0]
        layer.weight.copy_(torch.tensor(row).expand_as(layer.weight))
        layer.bias.copy_(torch.tensor([0.0, -0.5])[: layer.out_features])
    return model


def count_linear_regions(model: MLP, low: float = 0.0, high: float = 1.0) -> int:
    """How many straight pieces the graph of a network with one input has between `low` and `high`.

    Args:
        model: one input, any number of outputs, ReLU between its layers.
        low: left end of the interval.
        high: right end, more than `low`.

    Raises:
        ValueError: if the model or the interval does not qualify.
    """
    return len(kinks(model, low, high)) + 1


def kinks(model: MLP, low: float = 0.0, high: float = 1.0) -> list[Fraction]:
    """Where the graph of a network with one input bends, in order.

    Layer by layer, the interval is split wherever a unit crosses zero. In the
    end, those splits count at which the slope of an output changes. No kink is
    missed and none is made by rounding.

    Args:
        model: one input, any number of outputs, ReLU between its layers.
        low: left end of the interval.
        high: right end, more than `low`.

    Raises:
        ValueError: if the model or the interval does not qualify.
    """
    check_pieces(model, low, high)
    ends = [Fraction(low), Fraction(high)]
    # On each piece a unit computes (slope x + height) / scale. The scale is
    # positive and moves no kink; it is there to keep the others whole numbers.
    slope, height, scale = whole([[1]]), whole([[0]]), 1
    for layer in model.layers[:-1]:
        slope, height, scale = through(layer, slope, height, scale)
        ends, parts = split(ends, slope, height)
        slope, height = slope.repeat(parts, axis=0), height.repeat(parts, axis=0)
        middles = [(left + right) / 2 for left, right in pairwise(ends)]
        on = positive(slope, height, middles)
        slope, height = slope * on, height * on
    slope, _, _ = through(model.layers[-1], slope, height, scale)
    bends = (slope[1:] != slope[:-1]).any(axis=1)
    return [end for end, bent in zip(ends[1:-1], bends, strict=True) if bent]


def through(layer: nn.Linear, slope: np.ndarray, height: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Slope, height and scale of the units of a layer, from those of the layer below, in whole numbers."""
    numbers = [Fraction(number) for part in (layer.bias, layer.weight) for number in part.flatten().tolist()]
    # A float is a whole number divided by a power of two: the largest of these powers clears all fractions.
    unit = max(number.denominator for number in numbers)
    cleared = whole([int(number * unit) for number in numbers])
    bias, weight = cleared[: layer.out_features], cleared[layer.out_features :].reshape(layer.weight.shape)
    return slope @ weight.T, height @ weight.T + bias * scale, scale * unit


def split(ends: list[Fraction], slope: np.ndarray, height: np.ndarray) -> tuple[list[Fraction], list[int]]:
    """The ends of the pieces once each is cut where a unit is zero, and how many parts each has become."""
    finer, parts = ends[:1], []
    for (left, right), slopes, heights in zip(pairwise(ends), slope, height, strict=True):
        zeros = {Fraction(-h, s) for s, h in zip(slopes, heights, strict=True) if s}
        inside = sorted(zero for zero in zeros if left < zero < right)
        finer += [*inside, right]
        parts.append(len(inside) + 1)
    return finer, parts


def positive(slope: np.ndarray, height: np.ndarray, places: list[Fraction]) -> np.ndarray:
    """Whether each unit is above zero, at one place for each piece."""
    above, below = (whole([getattr(x, part) for x in places])[:, None] for part in ("numerator", "denominator"))
    return slope * above + height * below > 0


def whole(numbers: list) -> np.ndarray:
    """An array of Python's whole numbers, which have no largest one."""
    return np.array(numbers, dtype=object)


def mlp_parameters(width: int, depth: int, *, inputs: int = 64, outputs: int = 10) -> int:
    """Weights and biases of an MLP with `depth` hidden layers of equal width.

    Args:
        width: units in each hidden layer.
        depth: hidden layers, at least 1.
        inputs: N.
        outputs: K.
    """
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * outputs


def budgeted_mlp(
    n_params: int,
    depth: int,
    *,
    inputs: int = 64,
    outputs: int = 10,
    activation: type[nn.Module] = nn.ReLU,
) -> MLP:
    """The widest MLP with `depth` hidden layers of equal width that does not exceed a budget.

    Args:
        n_params: the budget, weights and biases together.
        depth: hidden layers, at least 1.
        inputs: N.
        outputs: K.
        activation: class of the module between the layers.

    Raises:
        ValueError: if depth is less than 1, or the budget does not pay for width 1.
    """
    check_depth(depth)
    least = mlp_parameters(1, depth, inputs=inputs, outputs=outputs)
    if n_params < least:
        raise ValueError(f"{depth} hidden layers of width 1 hold {least} parameters, more than the budget, {n_params}")
    # Of a w² + b w + outputs <= n_params the largest whole w, without rounding.
    a, b = depth - 1, inputs + depth + outputs
    spare = n_params - outputs
    width = (math.isqrt(b * b + 4 * a * spare) - b) // (2 * a) if a else spare // b
    return MLP([inputs] + [width] * depth + [outputs], activation=activation)


@torch.no_grad()
def he_normal_(weight: Float[Tensor, "K N"]) -> Float[Tensor, "K N"]:
    """Fill a weight with normal numbers of variance 2 / N, in place.

    A sum of N such products has twice the mean square of the inputs.
    A ReLU then sets about half of it to zero, and the size is as before.
    """
    inputs = weight.shape[1]
    return weight.normal_(0.0, math.sqrt(2 / inputs))


@torch.no_grad()
def xavier_normal_(weight: Float[Tensor, "K N"]) -> Float[Tensor, "K N"]:
    """Fill a weight with normal numbers of variance 2 / (N + K), in place.

    1 / N would keep the signals on their way forward, 1 / K the gradients on
    their way back; this lies between, for activations close to the identity.
    """
    outputs, inputs = weight.shape
    return weight.normal_(0.0, math.sqrt(2 / (inputs + outputs)))


@torch.no_grad()
def he_uniform_(weight: Float[Tensor, "K N"]) -> Float[Tensor, "K N"]:
    """The same variance as `he_normal_` from numbers between two bounds: it is a third of the bound's square."""
    bound = math.sqrt(6 / weight.shape[1])
    return weight.uniform_(-bound, bound)


@torch.no_grad()
def xavier_uniform_(weight: Float[Tensor, "K N"]) -> Float[Tensor, "K N"]:
    """The same variance as `xavier_normal_` from numbers between two bounds."""
    bound = math.sqrt(6 / sum(weight.shape))
    return weight.uniform_(-bound, bound)


@torch.no_grad()
def initialise(model: nn.Module, recipe: Recipe) -> nn.Module:
    """Start every linear layer of a model with a recipe for its weight, and with biases of zero.

    Args:
        model: is changed in place.
        recipe: fills a weight ``K N`` in place, such as `he_normal_`.

    Returns:
        The same model.
    """
    for layer in linear_layers(model):
        recipe(layer.weight)
        if layer.bias is not None:
            layer.bias.zero_()
    return model


def gradient_norms(
    model: nn.Module,
    x: Float[Tensor, "B *N"],
    y: Int[Tensor, " B"],
) -> list[float]:
    """Length of the gradient of the mean cross-entropy for the weight of each linear layer, first layer first.

    Args:
        model: gives scores; the gradients that it holds stay as they are.
        x: inputs.
        y: classes.

    Raises:
        ValueError: if the model has no linear layer.
    """
    weights = [layer.weight for layer in linear_layers(model)]
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), weights)
    return [gradient.norm().item() for gradient in gradients]


def signal_sizes(model: nn.Module, x: Float[Tensor, "B *N"]) -> list[float]:
    """Root of the mean square of the numbers that leave each linear layer, first layer first.

    Args:
        model: is run once, without gradients.
        x: inputs.

    Raises:
        ValueError: if the model has no linear layer.
    """
    sizes: list[float] = []

    def note(layer: nn.Module, args: tuple[Tensor], output: Tensor) -> None:
        sizes.append(output.square().mean().sqrt().item())

    hooks = [layer.register_forward_hook(note) for layer in linear_layers(model)]
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    return sizes


class SideBySide(nn.Module):
    """MLPs of one depth computed together, so that training five seeds takes little longer than one.

    No number passes from one network to another. The targets are one
    column for each network, which `torch.nn.functional.cross_entropy` takes as they are.
    Narrower networks are filled up with units whose weights are zero. Such a unit gives
    zero and its gradients are zero, so it stays as it is.

    Args:
        models: S networks of equal depth with equal activations; their parameters are copied.

    Raises:
        ValueError: if there is no model, they differ in inputs, outputs or depth, or their widths differ and the
            activation makes another number of zero.
    """

    def __init__(self, models: Sequence[MLP]) -> None:
        super().__init__()
        self.sizes = [
            [model.layers[0].in_features, *(layer.out_features for layer in model.layers)] for model in models
        ]
        check_alike(models, self.sizes)
        layers = list(zip(*(model.layers for model in models), strict=True))
        self.weights = nn.ParameterList(filled_up([part.weight.mT for part in row]) for row in layers)
        self.biases = nn.ParameterList(filled_up([part.bias[None] for part in row]) for row in layers)
        self.activation = models[0].activation

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B K S"]:
        h = x.flatten(1).expand(len(self.weights[0]), -1, -1)  # S B N
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(bias, self.activation(h) if place else h, weight)
        return h.permute(1, 2, 0)

    @torch.no_grad()
    def accuracies(self, x: Float[Tensor, "B *N"], y: Int[Tensor, " B"]) -> list[float]:
        """Share of right answers of each network."""
        return (self(x).argmax(dim=1) == y[:, None]).float().mean(dim=0).tolist()

    @torch.no_grad()
    def separate(self) -> list[MLP]:
        """Each network by itself again, with a copy of its parameters."""
        models = []
        for place, sizes in enumerate(self.sizes):
            model = MLP(sizes, activation=type(self.activation)).to(self.weights[0])
            for layer, weight, bias in zip(model.layers, self.weights, self.biases, strict=True):
                layer.weight.copy_(weight[place, : layer.in_features, : layer.out_features].mT)
                layer.bias.copy_(bias[place, 0, : layer.out_features])
            models.append(model)
        return models

    def columns(self, y: Shaped[Tensor, " B"]) -> Shaped[Tensor, "B S"]:
        """The same targets for every network."""
        return y[:, None].expand(-1, len(self.weights[0]))


@torch.no_grad()
def filled_up(parts: Sequence[Tensor]) -> Tensor:
    """Tensors stacked along a new first axis, the smaller ones filled up with zeros to the sizes of the largest."""
    sizes = [max(sizes) for sizes in zip(*(part.shape for part in parts), strict=True)]
    together = parts[0].new_zeros(len(parts), *sizes)
    for place, part in zip(together, parts, strict=True):
        place[tuple(map(slice, part.shape))] = part
    return together


def check_alike(models: Sequence[MLP], sizes: Sequence[Sequence[int]]) -> None:
    """Refuse networks that cannot be computed side by side."""
    if len({(len(widths), widths[0], widths[-1]) for widths in sizes}) != 1:
        raise ValueError(f"needs one or more networks of equal depth, inputs and outputs, got sizes {list(sizes)}")
    if any(widths != sizes[0] for widths in sizes) and models[0].activation(torch.zeros(1)).any():
        name = type(models[0].activation).__name__
        raise ValueError(f"networks of different widths are filled up with zeros, of which {name} makes other numbers")


def linear_layers(model: nn.Module) -> list[nn.Linear]:
    """The linear layers of a model, in the order of their names; refuses a model without any."""
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise ValueError(f"{type(model).__name__} has no linear layer")
    return layers


def check_depth(depth: int) -> None:
    """Refuse a network without hidden layers."""
    if depth < 1:
        raise ValueError(f"depth counts hidden layers and must be at least 1, got {depth}")


def check_pieces(model: MLP, low: float, high: float) -> None:
    """Refuse a network whose graph is no chain of straight lines over one input, and an interval without length."""
    if model.layers[0].in_features != 1:
        raise ValueError(f"pieces are counted over one input, this network has {model.layers[0].in_features}")
    if not isinstance(model.activation, nn.ReLU):
        raise ValueError(f"pieces are straight with ReLU only, got {type(model.activation).__name__}")
    if not all(parameter.isfinite().all() for parameter in model.parameters()):
        raise ValueError("some parameter is infinite or not a number: train it again at a smaller rate")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"the interval must run from low to a larger high, got {low} to {high}")
