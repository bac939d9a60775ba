"""The multilayer perceptron: shapes, counts, what its layers compute, and the one that needs no training."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch import measure
from dlarch.foundations.mlp import MLP, hinge_fit

steps = st.lists(st.floats(0.05, 2), min_size=1, max_size=12)


def test_it_computes_what_the_layers_of_torch_compute_in_a_row():
    model = MLP([6, 5, 4, 3], activation=nn.Tanh).double()
    row = nn.Sequential(*[part for layer in model.layers for part in (layer, nn.Tanh())][:-1])
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    assert_close(model(x), row(x.flatten(1)))


def test_it_holds_a_matrix_and_a_bias_a_layer():
    assert measure.count_parameters(MLP([64, 30, 10])) == (64 + 1) * 30 + (30 + 1) * 10


def test_two_sizes_make_a_linear_layer():
    model, x = MLP([4, 2]), torch.randn(3, 4)
    assert_close(model(x), model.layers[0](x))


@pytest.mark.parametrize("sizes", [[], [3], [3, 0, 2]])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match="two or more widths"):
        MLP(sizes)


def test_a_gradient_reaches_every_parameter():
    model = MLP([6, 5, 4, 3], activation=nn.Tanh)
    model(torch.randn(9, 6)).square().sum().backward()
    assert all((p.grad != 0).any() for p in model.parameters())


def test_it_overfits_eight_samples():
    torch.manual_seed(0)
    model, x, y = MLP([5, 20, 3]), torch.randn(8, 5), torch.arange(8) % 3
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss < 0.05


@given(steps=steps, heights=st.data())
def test_the_hinges_pass_through_every_point_and_straight_between_them(steps, heights):
    x = torch.tensor([0.0, *steps], dtype=torch.float64).cumsum(0) - 3
    y = torch.tensor(heights.draw(st.lists(st.floats(-10, 10), min_size=len(x), max_size=len(x)))).double()
    model = hinge_fit(x, y)
    between = torch.linspace(float(x[0]), float(x[-1]), 101, dtype=torch.float64)
    peer = torch.from_numpy(np.interp(between, x, y))
    assert_close(model(x[:, None])[:, 0], y, rtol=1e-9, atol=1e-9)
    assert_close(model(between[:, None])[:, 0], peer, rtol=1e-9, atol=1e-9)


def test_the_weights_are_changes_of_slope_and_the_biases_minus_the_knots():
    model = hinge_fit(torch.tensor([0.0, 1.0, 3.0]), torch.tensor([1.0, 3.0, 2.0]))
    hidden, output = model.layers
    assert_close(hidden.weight, nn.Parameter(torch.ones(2, 1)))
    assert_close(hidden.bias, nn.Parameter(torch.tensor([0.0, -1.0])))
    assert_close(output.weight, nn.Parameter(torch.tensor([[2.0, -2.5]])))
    assert_close(output.bias, nn.Parameter(torch.tensor([1.0])))


def test_outside_the_knots_it_is_flat_on_the_left_and_goes_on_on_the_right():
    model = hinge_fit(torch.tensor([0.0, 1.0, 3.0]), torch.tensor([1.0, 3.0, 2.0]))
    assert_close(model(torch.tensor([[-5.0], [5.0]])), torch.tensor([[1.0], [1.0]]))


@pytest.mark.parametrize("knots", [2, 3, 17])
def test_it_has_one_unit_less_than_points(knots):
    x = torch.linspace(0, 1, knots)
    assert measure.count_parameters(hinge_fit(x, x.square())) == 3 * (knots - 1) + 1


def test_the_hinges_can_be_trained_further():
    x = torch.linspace(0, 1, 5, dtype=torch.float64)
    model = hinge_fit(x, x.square())
    model(x[:, None]).square().sum().backward()
    assert all(p.grad is not None and p.dtype == torch.float64 for p in model.parameters())


@pytest.mark.parametrize("pieces", [4, 8, 16, 32])
def test_the_error_on_a_parabola_is_a_quarter_of_the_square_of_the_step(pieces):
    x = torch.linspace(0, 1, pieces + 1, dtype=torch.float64)
    fine = torch.linspace(0, 1, 16 * pieces + 1, dtype=torch.float64)
    error = (hinge_fit(x, x.square())(fine[:, None])[:, 0] - fine.square()).abs().max()
    assert_close(error.item(), 1 / (4 * pieces**2))


@pytest.mark.parametrize(
    ("x", "message"), [([1.0], "two points, got 1"), ([0.0, 1.0, 1.0], "must increase"), ([1.0, 0.0], "sort")]
)
def test_knots_that_make_no_line_are_refused(x, message):
    with pytest.raises(ValueError, match=message):
        hinge_fit(torch.tensor(x), torch.zeros(len(x)))
