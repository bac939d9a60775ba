"""The multilayer perceptron: linear layers with a bend between them (Rumelhart et al. 1986,
https://doi.org/10.1038/323533a0; with ReLU as in Nair and Hinton 2010).

B batch, N inputs, K outputs.
"""

from collections.abc import Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn


class MLP(nn.Module):
    """Linear layers with an activation after each but the last.

    Args:
        sizes: widths from the inputs to the outputs, at least two; what lies between is hidden.
        activation: class of the module between the layers.

    Raises:
        ValueError: if there are fewer than two sizes, or one is less than 1.
    """

    def __init__(self, sizes: Sequence[int], *, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes must be two or more widths of at least 1, got {list(sizes)}")
        self.layers = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes))
        self.activation = activation()

    def forward(self, x: Float[Tensor, "B *N"]) -> Float[Tensor, "B K"]:
        """Scores; each example of the batch is flattened first."""
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)
