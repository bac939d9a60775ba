"""ReLU against torch, and the laws of the bend: what it keeps, what it silences, how a silent unit wakes."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch.foundations.mlp import MLP
from dlarch.foundations.relu import dead_units, relu, relu_grad, revive

sizes = st.integers(min_value=1, max_value=9)
seeds = st.integers(min_value=0, max_value=2**16)
dtypes = st.sampled_from([torch.float32, torch.float64])


def draw(*shape: int, seed: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def with_dead_units(units: int, dead: list[int], *, seed: int = 0) -> tuple[MLP, torch.Tensor]:
    """A network from 3 to `units` to 2, rows for it, and biases so low that the units of the list never fire."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MLP([3, units, 2]).double()
    with torch.no_grad():
        model.layers[0].bias.fill_(0.3)
        model.layers[0].bias[dead] = -50.0
    return model, draw(40, 3, seed=seed)


# Parity with torch.


@given(rows=sizes, columns=sizes, seed=seeds, dtype=dtypes)
def test_relu_equals_torch_in_value_and_gradient(rows, columns, seed, dtype):
    x = draw(rows, columns, seed=seed, dtype=dtype)
    x[0, 0] = 0.0
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    weights = draw(rows, columns, seed=seed + 1, dtype=dtype)
    (relu(ours) * weights).sum().backward()
    (F.relu(theirs) * weights).sum().backward()
    assert_close(relu(ours), F.relu(theirs), rtol=0, atol=0)
    assert_close(ours.grad, theirs.grad, rtol=0, atol=0)


@given(rows=sizes, columns=sizes, seed=seeds, dtype=dtypes)
def test_the_derivative_equals_what_autograd_finds_also_at_zero(rows, columns, seed, dtype):
    x = draw(rows, columns, seed=seed, dtype=dtype).requires_grad_()
    with torch.no_grad():
        x[-1, -1] = 0.0
    F.relu(x).sum().backward()
    assert_close(relu_grad(x.detach()), x.grad, rtol=0, atol=0)


def test_infinities_and_nan_pass_as_they_do_in_torch():
    x = torch.tensor([torch.inf, -torch.inf, torch.nan, 0.0, -0.0])
    assert_close(relu(x), F.relu(x), equal_nan=True)


# Laws.


@given(seed=seeds, factor=st.floats(0, 1e3))
def test_a_factor_that_is_not_negative_can_be_taken_out(seed, factor):
    x = draw(20, seed=seed)
    assert_close(relu(factor * x), factor * relu(x))


@given(seed=seeds)
def test_two_relus_make_any_number_and_its_size(seed):
    x = draw(20, seed=seed)
    assert_close(relu(x) - relu(-x), x, rtol=0, atol=0)
    assert_close(relu(x) + relu(-x), x.abs(), rtol=0, atol=0)


@given(seed=seeds)
def test_relu_is_its_input_times_its_derivative(seed):
    x = draw(20, seed=seed)
    assert_close(relu(x), x * relu_grad(x), rtol=0, atol=0)


def test_relu_is_not_linear():
    x = torch.tensor([1.0])
    assert relu(x) + relu(-x) != relu(x - x)


# Dead units.


def test_a_unit_is_dead_only_if_it_is_zero_in_every_row_before_relu_or_after():
    z = torch.tensor([[-1.0, 0.0, -2.0, 1.0], [-3.0, 0.0, 0.5, 2.0]])
    assert dead_units(z).tolist() == [True, True, False, False]
    assert dead_units(relu(z)).tolist() == [True, True, False, False]


@given(units=st.integers(2, 8), seed=seeds)
def test_no_gradient_reaches_a_dead_unit_in_either_layer(units, seed):
    model, x = with_dead_units(units, [0], seed=seed)
    model(x).square().sum().backward()
    lower, upper = model.layers
    assert dead_units(lower(x))[0]
    assert (lower.weight.grad[0] == 0).all()
    assert lower.bias.grad[0] == 0
    assert (upper.weight.grad[:, 0] == 0).all()


@given(units=st.integers(2, 8), seed=seeds)
def test_reviving_leaves_no_unit_dead_and_no_output_changed(units, seed):
    model, x = with_dead_units(units, [0, units - 1], seed=seed)
    before = model(x)
    revived = revive(*model.layers, x)
    assert revived[0]
    assert revived[units - 1]
    assert_close(model(x), before, rtol=1e-12, atol=1e-12)
    z = model.layers[0](x)
    assert not dead_units(z).any()
    assert_close(z.mean(dim=0)[revived], z.new_zeros(int(revived.sum())), rtol=0, atol=1e-12)
    assert (model.layers[1].weight[:, revived] == 0).all()


def test_a_revived_unit_learns_again_after_its_outgoing_weights_have_moved():
    model, x = with_dead_units(4, [2])
    revive(*model.layers, x)
    lower, upper = model.layers
    model(x).square().sum().backward()
    assert (upper.weight.grad[:, 2] != 0).any()
    with torch.no_grad():
        upper.weight -= 0.01 * upper.weight.grad
    model.zero_grad()
    model(x).square().sum().backward()
    assert (lower.weight.grad[2] != 0).any()


def test_reviving_leaves_living_units_alone():
    model, x = with_dead_units(5, [1])
    before = [p.detach().clone() for p in model.parameters()]
    alive = ~revive(*model.layers, x)
    lower_weight, lower_bias, upper_weight, upper_bias = before
    assert alive.sum() == 4
    assert_close(model.layers[0].weight, nn.Parameter(lower_weight), rtol=0, atol=0)
    assert_close(model.layers[0].bias[alive], lower_bias[alive], rtol=0, atol=0)
    assert_close(model.layers[1].weight[:, alive], upper_weight[:, alive], rtol=0, atol=0)
    assert_close(model.layers[1].bias, nn.Parameter(upper_bias), rtol=0, atol=0)


# Wrong input.


def test_an_empty_batch_tells_nothing_about_dead_units():
    with pytest.raises(ValueError, match="at least one row"):
        dead_units(torch.zeros(0, 3))


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="lower has 4 outputs, but upper has 5 inputs"):
        revive(nn.Linear(3, 4), nn.Linear(5, 2), torch.randn(6, 3))


def test_a_layer_without_bias_cannot_be_revived():
    with pytest.raises(ValueError, match="no bias to move"):
        revive(nn.Linear(3, 4, bias=False), nn.Linear(4, 2), torch.randn(6, 3))


def test_a_dead_unit_that_is_the_same_for_all_rows_is_refused():
    model, x = with_dead_units(4, [1, 3])
    with torch.no_grad():
        model.layers[0].weight[1] = 0
    with pytest.raises(ValueError, match=r"units \[1\] are the same for all 40 rows"):
        revive(*model.layers, x)
