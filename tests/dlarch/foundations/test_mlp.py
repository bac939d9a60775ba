"""The multilayer perceptron: shapes, counts, and what its layers compute."""

import pytest
import torch
from torch import nn

from dlarch import measure
from dlarch.foundations.mlp import MLP


def test_it_computes_what_the_layers_of_torch_compute_in_a_row():
    model = MLP([6, 5, 4, 3], activation=nn.Tanh).double()
    row = nn.Sequential(*[part for layer in model.layers for part in (layer, nn.Tanh())][:-1])
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(model(x), row(x.flatten(1)))


def test_it_holds_a_matrix_and_a_bias_a_layer():
    assert measure.count_parameters(MLP([64, 30, 10])) == (64 + 1) * 30 + (30 + 1) * 10


def test_two_sizes_make_a_linear_layer():
    model, x = MLP([4, 2]), torch.randn(3, 4)
    torch.testing.assert_close(model(x), model.layers[0](x))


@pytest.mark.parametrize("sizes", [[], [3], [3, 0, 2]])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match="two or more widths"):
        MLP(sizes)
