"""Folds and pieces counted against networks made by hand, budgets against built models, starts against torch."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch.foundations.depth import (
    SideBySide,
    budgeted_mlp,
    count_linear_regions,
    gradient_norms,
    he_normal_,
    he_uniform_,
    initialise,
    kinks,
    mlp_parameters,
    signal_sizes,
    tent_network,
    xavier_normal_,
    xavier_uniform_,
)
from dlarch.foundations.mlp import MLP
from dlarch.measure import count_parameters
from dlarch.play.depth import BUDGET, CELLS, DEPTHS, WIDTHS, Budget, affordable, ground, spirals

seeds = st.integers(min_value=0, max_value=2**16)
RECIPES = {
    he_normal_: lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    he_uniform_: lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"),
    xavier_normal_: nn.init.xavier_normal_,
    xavier_uniform_: nn.init.xavier_uniform_,
}


def drawn(sizes: list[int], seed: int, **kwargs) -> MLP:
    """A network with normal weights and biases, in double precision, from a seed of its own."""
    model, draws = MLP(sizes, **kwargs).double(), torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        nn.init.normal_(parameter, generator=draws)
    return model


def by_hand(*layers: tuple[list[list[float]], list[float]]) -> MLP:
    """A network from pairs of weight and bias."""
    model = MLP([len(layers[0][0][0]), *(len(bias) for _, bias in layers)])
    with torch.no_grad():
        for layer, (weight, bias) in zip(model.layers, layers, strict=True):
            layer.weight.copy_(torch.tensor(weight))
            layer.bias.copy_(torch.tensor(bias))
    return model


# The folded line.


@pytest.mark.parametrize("depth", [1, 2, 3, 7, 10])
def test_the_tent_network_applies_the_tent_as_often_as_it_has_layers(depth):
    x = torch.linspace(0, 1, 2**depth * 4 + 1, dtype=torch.float64)[:, None]
    wanted = x
    for _ in range(depth):
        wanted = torch.where(wanted <= 0.5, 2 * wanted, 2 - 2 * wanted)
    assert_close(tent_network(depth).double()(x), wanted, rtol=0, atol=0)


def test_ten_layers_of_two_relus_have_1024_pieces_and_61_parameters():
    model = tent_network(10)
    assert count_linear_regions(model) == 1024
    assert [layer.out_features for layer in model.layers] == [2] * 10 + [1]
    assert count_parameters(model) == 61


@pytest.mark.parametrize("depth", range(1, 9))
def test_each_layer_doubles_the_pieces_and_they_are_equally_long(depth):
    assert kinks(tent_network(depth)) == [Fraction(i, 2**depth) for i in range(1, 2**depth)]


def test_outside_of_the_interval_the_tent_network_is_zero():
    x = torch.tensor([[-3.0], [0.0], [1.0], [2.5]])
    assert_close(tent_network(2)(x), torch.zeros(4, 1))


# Pieces.


def test_a_network_without_hidden_layer_has_one_piece():
    assert count_linear_regions(drawn([1, 3], seed=0)) == 1


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        (by_hand(([[1.0]], [0.0]), ([[1.0]], [0.0])), [0]),  # one hinge
        (by_hand(([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])), [0]),  # the absolute value
        (by_hand(([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])), []),  # relu(x) - relu(-x) is x
        (by_hand(([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])), []),  # two hinges that cancel
        (by_hand(([[3.0]], [-1.0]), ([[1.0]], [0.0])), [Fraction(1, 3)]),  # no float lies at this kink
        (by_hand(([[1.0], [1.0]], [0.5, -0.25]), ([[1.0, 1.0]], [0.0])), [Fraction(-1, 2), Fraction(1, 4)]),
        # an upper unit that crosses zero twice, once on each slope of a lower one
        (by_hand(([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-0.5]), ([[1.0]], [0.0])),
         [Fraction(-1, 2), Fraction(1, 2)]),
        (by_hand(([[0.0]], [2.0]), ([[1.0]], [0.0])), []),  # a unit that never changes
        (by_hand(([[1.0]], [1.0]), ([[1.0]], [0.0])), []),  # a kink at the end of the interval
    ],
)  # fmt: skip
def test_kinks_of_networks_made_by_hand(model, wanted):
    assert kinks(model, -1.0, 1.0) == wanted
    assert count_linear_regions(model, -1.0, 1.0) == len(wanted) + 1


def test_two_outputs_bend_where_either_does():
    model = by_hand(([[1.0], [1.0]], [0.0, -0.5]), ([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]))
    assert kinks(model, -1.0, 1.0) == [0, Fraction(1, 2)]


def test_pieces_as_short_as_a_step_of_rounding_are_counted():
    gap = 2.0**-24
    model = by_hand(([[1.0], [1.0]], [-0.5, -0.5 - gap]), ([[1.0, 1.0]], [0.0]))
    assert count_linear_regions(model) == 3


@given(widths=st.lists(st.integers(1, 5), min_size=1, max_size=4), seed=seeds)
def test_the_pieces_agree_with_dense_sampling(widths, seed):
    model = drawn([1, *widths, 1], seed)
    ends = [-2.0, *(float(x) for x in kinks(model, -2.0, 2.0)), 2.0]
    x = torch.linspace(-2, 2, 4001, dtype=torch.float64)
    with torch.no_grad():
        y = model(x[:, None])[:, 0].numpy()
        corners = model(torch.tensor(ends, dtype=torch.float64)[:, None])[:, 0].numpy()
    # Straight lines between the kinks are the whole graph, so no kink is missing ...
    assert np.abs(np.interp(x, ends, corners) - y).max() <= 1e-9 * (1 + np.abs(y).max())
    # ... and at each of them the slope changes, so none is too many.
    middles = torch.tensor(ends[1:], dtype=torch.float64) / 2 + torch.tensor(ends[:-1], dtype=torch.float64) / 2
    middles.requires_grad_()
    (slopes,) = torch.autograd.grad(model(middles[:, None]).sum(), middles)
    wide = np.diff(ends) > 1e-9  # in a shorter piece, rounding may put the middle on the wrong side
    assert (slopes.diff().abs().numpy()[wide[1:] & wide[:-1]] > 1e-10).all()


@given(widths=st.lists(st.integers(1, 6), min_size=1, max_size=4), seed=seeds)
def test_a_layer_of_n_units_multiplies_the_pieces_by_n_plus_one_at_most(widths, seed):
    assert count_linear_regions(drawn([1, *widths, 2], seed), -8.0, 8.0) <= math.prod(n + 1 for n in widths)


@given(units=st.integers(1, 30), seed=seeds)
def test_one_hidden_layer_of_n_units_has_n_plus_one_pieces_on_the_whole_line(units, seed):
    model = drawn([1, units, 1], seed)
    assert count_linear_regions(model, -1e9, 1e9) == units + 1


@given(widths=st.lists(st.integers(1, 4), min_size=1, max_size=3), seed=seeds, middle=st.floats(-1, 1))
def test_pieces_left_and_right_of_a_point_add_up(widths, seed, middle):
    model = drawn([1, *widths, 1], seed)
    whole = kinks(model, -2.0, 2.0)
    parts = kinks(model, -2.0, middle) + kinks(model, middle, 2.0)
    assert parts == [x for x in whole if x != middle]


@pytest.mark.parametrize(
    ("model", "low", "high", "message"),
    [
        (MLP([2, 3, 1]), 0.0, 1.0, "this network has 2"),
        (MLP([1, 3, 1], activation=nn.Tanh), 0.0, 1.0, "got Tanh"),
        (MLP([1, 3, 1]), 1.0, 1.0, "got 1.0 to 1.0"),
        (MLP([1, 3, 1]), 0.0, math.inf, "got 0.0 to inf"),
        (by_hand(([[math.nan]], [0.0]), ([[1.0]], [0.0])), 0.0, 1.0, "not a number"),
    ],
)
def test_what_has_no_pieces_to_count_is_refused(model, low, high, message):
    with pytest.raises(ValueError, match=message):
        count_linear_regions(model, low, high)


# Budgets.


@given(width=st.integers(1, 40), depth=st.integers(1, 6), inputs=st.integers(1, 20), outputs=st.integers(1, 12))
def test_the_count_by_formula_is_that_of_the_built_network(width, depth, inputs, outputs):
    model = MLP([inputs] + [width] * depth + [outputs])
    assert mlp_parameters(width, depth, inputs=inputs, outputs=outputs) == count_parameters(model)


@given(budget=st.integers(200, 20_000), depth=st.integers(1, 8), inputs=st.integers(1, 64), outputs=st.integers(1, 10))
@example(budget=650, depth=1, inputs=64, outputs=10)
def test_the_budget_is_kept_and_one_more_unit_a_layer_would_break_it(budget, depth, inputs, outputs):
    model = budgeted_mlp(budget, depth, inputs=inputs, outputs=outputs)
    widths = {layer.out_features for layer in model.layers[:-1]}
    assert len(model.layers) == depth + 1
    assert len(widths) == 1
    assert count_parameters(model) <= budget
    assert mlp_parameters(widths.pop() + 1, depth, inputs=inputs, outputs=outputs) > budget


def test_a_budget_that_fits_exactly_is_used_up():
    exact = mlp_parameters(17, 3)
    assert count_parameters(budgeted_mlp(exact, 3)) == exact
    assert budgeted_mlp(exact - 1, 3).layers[0].out_features == 16


def test_the_activation_is_passed_on():
    assert isinstance(budgeted_mlp(1000, 2, activation=nn.Sigmoid).activation, nn.Sigmoid)


@pytest.mark.parametrize("build", [tent_network, lambda depth: budgeted_mlp(1000, depth)])
def test_a_depth_below_one_is_refused(build):
    with pytest.raises(ValueError, match="at least 1, got 0"):
        build(0)


def test_a_budget_below_width_one_is_refused():
    with pytest.raises(ValueError, match="2 hidden layers of width 1 hold 87 parameters, more than the budget, 86"):
        budgeted_mlp(86, 2)
    assert budgeted_mlp(87, 2).layers[0].out_features == 1


# Starts.


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.__name__)
@given(outputs=st.integers(1, 40), inputs=st.integers(1, 40), seed=seeds)
def test_a_recipe_draws_the_numbers_that_torch_draws_from_the_same_seed(recipe, outputs, inputs, seed):
    drawn = []
    for fill in (recipe, RECIPES[recipe]):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            drawn.append(fill(torch.empty(outputs, inputs, dtype=torch.float64)))
    assert_close(*drawn, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("recipe", "variance"),
    [(he_normal_, 2 / 300), (he_uniform_, 2 / 300), (xavier_normal_, 0.004), (xavier_uniform_, 0.004)],
)
def test_the_numbers_have_mean_zero_and_the_variance_of_the_formula(recipe, variance):
    torch.manual_seed(0)
    weight = recipe(torch.empty(200, 300))
    assert abs(weight.mean().item()) < 5 * math.sqrt(variance / weight.numel())
    assert weight.var().item() == pytest.approx(variance, rel=0.03)
    if recipe in (he_uniform_, xavier_uniform_):
        assert weight.abs().max().item() <= math.sqrt(3 * variance)


def test_a_model_is_initialised_in_all_layers_with_biases_of_zero():
    model = initialise(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3, bias=False)), nn.init.ones_)
    assert_close(model[0].weight, torch.ones(5, 4))
    assert_close(model[2].weight, torch.ones(3, 5))
    assert_close(model[0].bias, torch.zeros(5))


def sizes_after(recipe, activation, depth=30, width=400) -> list[float]:
    torch.manual_seed(0)
    model = initialise(MLP([width] * (depth + 1), activation=activation), recipe)
    return signal_sizes(model, torch.randn(20, width))


def test_after_thirty_relu_layers_he_keeps_the_spread_and_xavier_has_halved_its_square_each_time():
    he, xavier = sizes_after(he_normal_, nn.ReLU), sizes_after(xavier_normal_, nn.ReLU)
    assert 0.5 < he[-1] / he[0] < 2
    assert 0.5 < xavier[-1] / xavier[0] * 2 ** (29 / 2) < 2


def test_after_thirty_linear_layers_xavier_keeps_the_spread_and_he_has_doubled_its_square_each_time():
    he, xavier = sizes_after(he_normal_, nn.Identity), sizes_after(xavier_normal_, nn.Identity)
    assert 0.5 < xavier[-1] / xavier[0] < 2
    assert 0.5 < he[-1] / he[0] / 2 ** (29 / 2) < 2


# Measurements.


def test_the_gradient_norms_are_those_that_backward_leaves():
    model, x, y = drawn([6, 5, 4, 3], seed=1), torch.randn(7, 2, 3).double(), torch.arange(7) % 3
    norms = gradient_norms(model, x, y)
    assert all(parameter.grad is None for parameter in model.parameters())
    F.cross_entropy(model(x), y).backward()
    assert norms == pytest.approx([layer.weight.grad.norm().item() for layer in model.layers])


def test_the_signal_sizes_are_those_of_the_layers_by_hand():
    model, x = drawn([3, 4, 2], seed=2), torch.randn(5, 3).double()
    first = model.layers[0](x)
    wanted = [h.square().mean().sqrt().item() for h in (first, model.layers[1](first.relu()))]
    assert signal_sizes(model, x) == pytest.approx(wanted)
    assert not any(layer._forward_hooks for layer in model.layers)


@pytest.mark.parametrize("measured", [lambda m, x: gradient_norms(m, x, torch.zeros(2).long()), signal_sizes])
def test_a_model_without_linear_layer_is_refused(measured):
    with pytest.raises(ValueError, match="ReLU has no linear layer"):
        measured(nn.ReLU(), torch.zeros(2, 3))


# Side by side.


@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    networks=st.integers(1, 4),
    activation=st.sampled_from([nn.ReLU, nn.Sigmoid]),
)
def test_networks_side_by_side_compute_and_learn_what_each_does_alone(sizes, networks, activation):
    models = [drawn(sizes, seed, activation=activation) for seed in range(networks)]
    together = SideBySide(models)
    x, y = torch.randn(7, sizes[0], dtype=torch.float64), torch.arange(7) % sizes[-1]
    scores = together(x)
    assert_close(scores, torch.stack([model(x) for model in models], dim=2))

    (F.cross_entropy(scores, together.columns(y)) * networks).backward()
    for place, model in enumerate(models):
        F.cross_entropy(model(x), y).backward()
        for layer, weight, bias in zip(model.layers, together.weights, together.biases, strict=True):
            assert_close(weight.grad[place], layer.weight.grad.mT)
            assert_close(bias.grad[place, 0], layer.bias.grad)


def test_accuracies_are_counted_for_each_network():
    models = [drawn([3, 4, 3], seed) for seed in range(3)]
    x, y = torch.randn(20, 3, dtype=torch.float64), torch.arange(20) % 3
    wanted = [(model(x).argmax(dim=1) == y).float().mean().item() for model in models]
    assert SideBySide(models).accuracies(x, y) == pytest.approx(wanted)


def test_networks_side_by_side_own_their_parameters():
    model = drawn([2, 3, 2], seed=0)
    together = SideBySide([model, model])
    with torch.no_grad():
        together.weights[0].zero_()
    assert (model.layers[0].weight != 0).all()


def test_networks_are_separated_as_they_were_joined():
    models = [drawn([3, 4, 5, 2], seed, activation=nn.Tanh) for seed in range(3)]
    for model, again in zip(models, SideBySide(models).separate(), strict=True):
        assert isinstance(again.activation, nn.Tanh)
        assert_close(dict(again.state_dict()), dict(model.state_dict()), rtol=0, atol=0)


def test_networks_of_several_widths_learn_what_each_learns_alone():
    models = [drawn([3, *widths, 2], seed) for seed, widths in enumerate(([4, 9], [7, 2], [1, 1]))]
    together = SideBySide(models)
    x, y = torch.randn(20, 3, dtype=torch.float64), torch.arange(20) % 2
    optimizer = torch.optim.Adam(together.parameters(), lr=0.05)
    for _ in range(10):
        optimizer.zero_grad()
        (F.cross_entropy(together(x), together.columns(y)) * len(models)).backward()
        optimizer.step()
    for place, (model, learned) in enumerate(zip(models, together.separate(), strict=True)):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(10):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        assert_close(dict(learned.state_dict()), dict(model.state_dict()))
        assert_close(together(x)[..., place], model(x))


@pytest.mark.parametrize("models", [[], [MLP([2, 3, 1]), MLP([2, 3, 3, 1])], [MLP([2, 3, 1]), MLP([2, 3, 2])]])
def test_networks_of_different_depth_or_outputs_are_refused(models):
    with pytest.raises(ValueError, match="equal depth"):
        SideBySide(models)


def test_sigmoids_of_different_widths_are_refused():
    with pytest.raises(ValueError, match="Sigmoid makes other numbers"):
        SideBySide([MLP([2, width, 1], activation=nn.Sigmoid) for width in (3, 4)])


# The interactive figure.


def trained(missing: int = 0) -> dict[tuple[int, int], SideBySide]:
    shapes = [(depth, width) for depth in DEPTHS for width in WIDTHS if affordable(depth, width)]
    nets = {shape: [2] + [shape[1]] * shape[0] + [2] for shape in shapes[missing:]}
    return {shape: SideBySide([MLP(sizes), MLP(sizes)]) for shape, sizes in nets.items()}


def test_the_figure_holds_the_ground_and_the_shares_of_each_network():
    nets, known, unseen = trained(), spirals(40, seed=0), spirals(60, seed=1)
    figure = Budget.of(nets, known, unseen)
    assert len(figure.points) == 40
    x1, x2, label = figure.points[7]
    assert (x1, x2) == pytest.approx(tuple(known[0][7].tolist()), abs=1e-3)
    assert label == known[1][7]
    for (depth, width), networks in nets.items():
        shape = f"{depth},{width}"
        assert figure.unseen[shape] == pytest.approx(networks.accuracies(*unseen), abs=1e-4)
        assert figure.known[shape] == pytest.approx(networks.accuracies(*known), abs=1e-4)
        assert [len(ground) for ground in figure.ground[shape]] == [CELLS * CELLS // 4] * 2


def test_the_ground_is_read_from_the_top_left_row_by_row():
    with torch.no_grad():
        model = MLP([2, 2])  # class 1 where x1 + 10 x2 > 0: above a flat line that falls to the right
        model.layers[0].weight.copy_(torch.tensor([[0.0, 0.0], [1.0, 10.0]]))
        model.layers[0].bias.zero_()
    (text,) = ground(SideBySide([model]))
    bits = np.array([int(bit) for bit in f"{int(text, 16):0{CELLS * CELLS}b}"]).reshape(CELLS, CELLS)
    assert bits[0].all()
    assert not bits[-1].any()
    assert bits[CELLS // 2, -1] == 1  # just below the middle, at the right
    assert bits[CELLS // 2, 0] == 0


def test_the_budget_pays_for_the_widest_network_of_each_depth():
    for depth in DEPTHS:
        widest = budgeted_mlp(BUDGET, depth, inputs=2, outputs=2).layers[0].out_features
        assert max(width for width in WIDTHS if affordable(depth, width)) == widest


def test_a_figure_without_one_of_its_networks_is_refused():
    with pytest.raises(ValueError, match=r"not so: \[\(1, 4\)\]"):
        Budget.of(trained(missing=1), spirals(4, seed=0), spirals(4, seed=1))


def test_the_spirals_have_two_arms_of_equal_size_that_mirror_each_other():
    x, y = spirals(2000, seed=0, noise=0.0)
    assert y.bincount().tolist() == [1000, 1000]
    radius, angle = x.norm(dim=1), torch.atan2(x[:, 1], x[:, 0])
    wanted = 4 * math.pi * radius + math.pi * y
    assert_close(torch.stack([angle.cos(), angle.sin()]), torch.stack([wanted.cos(), wanted.sin()]), rtol=0, atol=1e-3)
