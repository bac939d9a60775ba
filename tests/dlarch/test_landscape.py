"""Slices of the loss: how long the directions are, and that the model stays as it was."""

import copy

import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch.landscape import loss_along, random_direction


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 9, 3)
    ).eval()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_each_filter_of_a_direction_is_as_long_as_the_models(seed):
    model = network()
    direction = random_direction(model, seed=seed)
    for name, weight in model.named_parameters():
        lengths = direction[name].flatten(1).norm(dim=1) if weight.ndim > 1 else direction[name]
        assert_close(lengths, weight.detach().flatten(1).norm(dim=1) if weight.ndim > 1 else torch.zeros_like(weight))


def test_a_seed_gives_the_same_direction_again_and_another_seed_another_one():
    model = network()
    first, again, other = (random_direction(model, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first["0.weight"], again["0.weight"])
    assert not torch.allclose(first["0.weight"], other["0.weight"])


def test_the_loss_is_that_of_the_moved_weights_with_batch_norms_that_measure_anew():
    model, x, y = network(), torch.randn(8, 2, 3, 3), torch.arange(8) % 3
    direction = random_direction(model, seed=0)
    moved = copy.deepcopy(model).train()
    with torch.no_grad():
        for name, weight in moved.named_parameters():
            weight += 0.5 * direction[name]
    here, there = loss_along(model, direction, [0.0, 0.5], x, y)
    assert_close(here, F.cross_entropy(copy.deepcopy(model).train()(x), y).item())
    assert_close(there, F.cross_entropy(moved(x), y).item())


def test_the_model_its_mode_and_its_stored_statistics_stay_as_they_were():
    model = network()
    before = copy.deepcopy(model.state_dict())
    loss_along(model, random_direction(model, seed=0), [-1.0, 1.0], torch.randn(4, 2, 3, 3), torch.arange(4) % 3)
    assert not model.training
    assert_close(model.state_dict(), before)


def test_where_a_norm_follows_longer_filters_give_the_same_loss():
    model, x, y = network(), torch.randn(8, 2, 3, 3), torch.arange(8) % 3
    longer = copy.deepcopy(model)
    with torch.no_grad():
        longer[0].weight *= 7
    short, long = (loss_along(m, random_direction(m, seed=3), [-1.0, 0.3], x, y) for m in (model, longer))
    assert_close(short, long, rtol=1e-4, atol=1e-4)


def test_another_loss_is_used_if_it_is_given():
    model, x, y = network(), torch.randn(4, 2, 3, 3), torch.randn(4, 3)
    direction = random_direction(model, seed=0)
    [loss] = loss_along(model, direction, [0.0], x, y, loss_fn=F.mse_loss)
    assert_close(loss, F.mse_loss(copy.deepcopy(model).train()(x), y).item())
