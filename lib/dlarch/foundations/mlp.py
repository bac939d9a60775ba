"""The multilayer perceptron: linear layers with a bend between them (Rumelhart et al. 1986,
https://doi.org/10.1038/323533a0; with ReLU as in Nair and Hinton 2010).

B batch, N inputs, K outputs; for the interpolant, P points.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MLP(nn.Module):
    """Linear layers with an activation after each but the last.

    Args:
        sizes: widths from the inputs to the outputs, at least two; what lies
            between is hidden.
        activation: class of the module between the layers.

    Raises:
        ValueError: if there are fewer than two sizes, or one is less than 1.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        if len(sizes) < 2 or min(sizes) < 1:
            got = list(sizes)
            raise ValueError(f"need two or more widths above 0, got {got}")
        self.layers = nn.ModuleList(nn.Linear(n, k) for n, k in pairwise(sizes))
        self.activation = activation()

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B K"]:
        """Scores; each example of the batch is flattened first."""
        x = x.flatten(1)
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)


@torch.no_grad()
def hinge_fit(x: Float[Tensor, " P"], y: Float[Tensor, " P"]) -> MLP:
    """The straight lines from point to point, written down as a network.

    Unit i is relu(v - x_i): zero up to the knot x_i, rising with v behind it.
    A weight on it changes the slope there and nowhere else, so the weights are
    the changes of slope, the first one from zero.

    Args:
        x: the knots, strictly increasing, at least 2 of them.
        y: the height at each knot.

    Returns:
        A network of sizes [1, P - 1, 1] through all points. It is flat before the
        first knot and goes on with the last slope behind the last.

    Raises:
        ValueError: if there are fewer than two knots or they do not increase.
    """
    if len(x) < 2:
        raise ValueError(f"a line needs two points, got {len(x)}")
    if not (x.diff() > 0).all():
        got = x.tolist()
        raise ValueError(f"knots must increase, got {got}: sort, drop doubles")
    slopes = y.diff() / x.diff()
    network = MLP([1, len(x) - 1, 1]).to(y)
    hidden, output = network.layers
    hidden.weight.fill_(1)
    hidden.bias.copy_(-x[:-1])
    output.weight.copy_(slopes.diff(prepend=slopes.new_zeros(1))[None])
    output.bias.copy_(y[:1])
    return network
