"""The controller's gradient against exact enumeration, and the rules of the three searches."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from dlarch.vision.search import (
    Controller,
    best_so_far,
    entropy,
    evolve,
    random_search,
    reinforce,
    reinforce_loss,
)
from dlarch.vision.search_space import SearchSpace

TINY = SearchSpace(blocks=1, inputs=2, operations=2)  # 16 genotypes, four actions with two options each
ALL = torch.tensor(list(TINY.genotypes()))
SEARCHES = (random_search, evolve, reinforce)


def controller_for(space: SearchSpace, seed: int = 0) -> Controller:
    """With weights large enough that some genotypes are likelier than others."""
    torch.manual_seed(seed)
    controller = Controller(space.choices, hidden_size=6).double()
    with torch.no_grad():
        for parameter in controller.parameters():
            parameter.normal_()
    return controller


# The controller


def test_the_probabilities_of_all_genotypes_sum_to_one():
    log_p = controller_for(SearchSpace()).log_probs(torch.tensor(list(SearchSpace().genotypes()))).sum(dim=1)
    assert_close(log_p.exp().sum(), torch.tensor(1.0, dtype=torch.float64))


def test_genotypes_are_drawn_as_often_as_their_probabilities_say():
    controller = controller_for(TINY, seed=3)
    drawn = controller.sample(20000, torch.Generator().manual_seed(0))
    counts = Counter(map(tuple, drawn.tolist()))
    share = torch.tensor([counts[tuple(g)] for g in ALL.tolist()]) / 20000
    p = controller.log_probs(ALL).sum(dim=1).exp()
    assert p.max() > 3 * p.min()
    assert (share - p).abs().max() < 0.015


def test_an_action_does_not_depend_on_those_behind_it():
    controller = controller_for(TINY)
    a, b = controller.log_probs(torch.tensor([[1, 0, 1, 0], [1, 0, 1, 1]]))
    assert_close(a[:3], b[:3])
    assert a[3] != b[3]


def test_the_same_option_of_two_actions_is_not_the_same_input():
    controller = Controller((2, 3, 4))
    tokens = [first + option for first, n in zip(controller.first, (2, 3, 4), strict=True) for option in range(n)]
    assert tokens == list(range(1, 10))


def test_a_new_controller_is_nearly_undecided():
    torch.manual_seed(0)
    space = SearchSpace()
    assert math.log(space.size) - 0.01 < entropy(Controller(space.choices), space) <= math.log(space.size) + 1e-5


# REINFORCE


def gradient(loss: torch.Tensor, controller: Controller) -> torch.Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(controller.parameters()))])


@pytest.mark.parametrize("baseline", [0.0, 0.7, -3.0])
def test_the_mean_gradient_over_all_genotypes_is_that_of_the_expected_reward(baseline: float):
    controller = controller_for(TINY)
    rewards = torch.rand(16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    p = controller.log_probs(ALL).sum(dim=1).exp()
    exact = gradient(-(p * rewards).sum(), controller)
    mean = torch.zeros_like(exact)
    for i, probability in enumerate(p.detach()):
        log_p = controller.log_probs(ALL[i : i + 1]).sum(dim=1)
        mean += probability * gradient(reinforce_loss(log_p, rewards[i : i + 1], baseline), controller)
    assert_close(mean, exact)
    assert exact.norm() > 1e-3


def test_a_baseline_near_the_mean_reward_makes_the_gradient_vary_less():
    controller = controller_for(TINY, seed=1)
    rewards = 0.9 + 0.05 * torch.rand(16, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    p = controller.log_probs(ALL).sum(dim=1).exp().detach()

    def variance(baseline: float) -> float:
        each = [
            gradient(
                reinforce_loss(controller.log_probs(ALL[i : i + 1]).sum(dim=1), rewards[i : i + 1], baseline),
                controller,
            )
            for i in range(16)
        ]
        gradients = torch.stack(each)
        mean = (p[:, None] * gradients).sum(dim=0)
        return (p * (gradients - mean).square().sum(dim=1)).sum().item()

    assert variance((p @ rewards).item()) < variance(0.0) / 100


def test_a_step_makes_a_well_paid_genotype_likelier_and_a_badly_paid_one_less_likely():
    for reward, sign in ((1.0, 1), (0.0, -1)):
        controller = controller_for(TINY)
        actions = ALL[5:6]
        before = controller.log_probs(actions).sum()
        loss = reinforce_loss(before[None], torch.tensor([reward]).double(), baseline=0.5)
        torch.optim.SGD(controller.parameters(), lr=1e-3).step(loss.backward())
        assert sign * (controller.log_probs(actions).sum() - before) > 0


# The searches


def agreement(genotype) -> float:
    """The share of actions that are the last option."""
    return sum(a == n - 1 for a, n in zip(genotype, SearchSpace().choices, strict=True)) / 8


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_asks_once_for_each_evaluation_and_repeats_itself_with_its_seed(search):
    asked = []
    trace = search(SearchSpace(), lambda g: asked.append(g) or agreement(g), 33, seed=4)
    assert asked == trace.genotypes
    assert trace.rewards == [agreement(g) for g in asked]
    assert len(asked) == 33
    assert search(SearchSpace(), agreement, 33, seed=4) == trace
    assert search(SearchSpace(), agreement, 33, seed=5).genotypes != asked


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_leaves_the_common_random_numbers_alone(search):
    torch.manual_seed(0)
    state = torch.get_rng_state()
    search(TINY, lambda g: 0.0, 25)
    assert (torch.get_rng_state() == state).all()


def test_evolution_lets_the_oldest_die_and_copies_the_best_of_the_rest():
    trace = evolve(SearchSpace(), agreement, 60, population=4, sample=4, seed=1)
    for number in range(4, 60):
        alive = trace.genotypes[number - 4 : number]
        best = [g for g in alive if agreement(g) == max(map(agreement, alive))]
        assert 1 in [sum(a != b for a, b in zip(trace.genotypes[number], g, strict=True)) for g in best]


def test_the_controller_learns_an_easy_reward_and_its_entropy_falls():
    trace = reinforce(SearchSpace(), agreement, 300, lr=0.03, batch=10, measured=True)
    assert sum(trace.rewards[-50:]) > sum(trace.rewards[:50]) + 10
    assert len(trace.entropies) == 30
    assert trace.entropies[-1] < trace.entropies[0] - 1


def test_the_first_batch_only_sets_the_baseline():
    trace = reinforce(TINY, lambda g: 0.5, 12, batch=4, measured=True)
    assert trace.entropies[0] == trace.entropies[1] == trace.entropies[2]  # reward equals the baseline from then on
    without = reinforce(TINY, lambda g: 0.5, 12, batch=4, decay=None, measured=True)
    assert without.entropies[1] != without.entropies[0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=30)
def test_best_so_far_never_falls(rewards: list[float]):
    best = best_so_far(rewards)
    assert best == sorted(best)
    assert best[-1] == max(rewards)
    assert all(b >= r for b, r in zip(best, rewards, strict=True))


# Errors


@pytest.mark.parametrize("sample", [0, 6])
def test_a_tournament_larger_than_the_population_is_refused(sample: int):
    with pytest.raises(ValueError, match=f"population of 5, got {sample}"):
        evolve(TINY, lambda g: 0.0, 10, population=5, sample=sample)


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least one genotype, got 0"):
        reinforce(TINY, lambda g: 0.0, 10, batch=0)
