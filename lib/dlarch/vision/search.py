"""Three ways to search a space of cells: the controller of Zoph and Le 2017, https://arxiv.org/abs/1611.01578 (sec. 3),
the evolution of Real et al. 2019, https://arxiv.org/abs/1802.01548, and chance. They are compared by networks trained.

G genotypes in a batch, A actions of one, D hidden size.

Differs from the papers:
    One process trains one network after the other, and rewards come from whatever function is passed.
    The controller learns by REINFORCE, as in 2017; for NASNet it learned by proximal policy optimisation. It gets no
    reward for entropy.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlarch.vision.search_space import Genotype, SearchSpace

Reward = Callable[[Genotype], float]
Choose = Callable[[int, Tensor], Tensor]  # from an action's number and the probabilities of its options to options


class Trace(NamedTuple):
    """What a search tried, in its order, with the rewards; for a controller its entropy in nats before each batch."""

    genotypes: list[Genotype]
    rewards: list[float]
    entropies: list[float]


def best_so_far(rewards: Sequence[float]) -> list[float]:
    """The largest reward up to each evaluation: what a search would hand over if it stopped there."""
    return list(accumulate(rewards, max))


def random_search(space: SearchSpace, reward: Reward, evaluations: int, *, seed: int = 0) -> Trace:
    """Draw every action evenly, and remember nothing."""
    random = Random(seed)
    tried = [space.sample(random) for _ in range(evaluations)]
    return Trace(tried, [reward(genotype) for genotype in tried], [])


def evolve(
    space: SearchSpace, reward: Reward, evaluations: int, *, population: int = 20, sample: int = 5, seed: int = 0
) -> Trace:
    """Regularised evolution: the best of a few is copied with one change, and the oldest dies, however good it is.

    Args:
        space: to search.
        reward: of a genotype, asked once for each evaluation.
        evaluations: in all, the first ``population`` of them at random.
        population: genotypes alive.
        sample: how many of them compete to be copied.
        seed: of everything random.

    Raises:
        ValueError: if the sample is empty or larger than the population.
    """
    if not 1 <= sample <= population:
        raise ValueError(f"sample must lie between 1 and the population of {population}, got {sample}")
    random, trace = Random(seed), Trace([], [], [])
    # A new one at the end pushes out the oldest.
    alive: deque[tuple[Genotype, float]] = deque(maxlen=population)
    for number in range(evaluations):
        if number < population:
            genotype = space.sample(random)
        else:
            parent, _ = max(random.sample(list(alive), sample), key=lambda one: one[1])
            genotype = space.mutate(parent, random)
        alive.append((genotype, reward(genotype)))
        trace.genotypes.append(genotype)
        trace.rewards.append(alive[-1][1])
    return trace


class Controller(nn.Module):
    """An LSTM that writes a genotype action by action; each action is its next input.

    Args:
        choices: how many options each of the A actions has.
        hidden_size: D.
    """

    def __init__(self, choices: Sequence[int], *, hidden_size: int = 32) -> None:
        super().__init__()
        self.choices = tuple(choices)
        # An option of one action is another input than the same number at another action; input 0 is the start.
        self.first = [1 + sum(self.choices[:place]) for place in range(len(self.choices))]
        self.embed = nn.Embedding(1 + sum(self.choices), hidden_size)
        self.lstm = nn.LSTMCell(hidden_size, hidden_size)
        self.heads = nn.ModuleList(nn.Linear(hidden_size, options) for options in self.choices)
        near_even_init(self)

    def log_probs(self, actions: Int[Tensor, "G A"]) -> Float[Tensor, "G A"]:
        """Of each action, given those before it. Their sum is that of the genotype."""
        return self._write(len(actions), lambda place, _: actions[:, place])[1]

    def write(self, count: int, generator: torch.Generator) -> tuple[Int[Tensor, "G A"], Float[Tensor, "G A"]]:
        """Genotypes as the controller would write them, and the log-probabilities of their actions."""
        return self._write(count, lambda _, p: torch.multinomial(p, 1, generator=generator).squeeze(1))

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator) -> Int[Tensor, "G A"]:
        """Genotypes as the controller would write them."""
        return self.write(count, generator)[0]

    def _write(self, count: int, choose: Choose) -> tuple[Tensor, Tensor]:
        token, state = torch.zeros(count, dtype=torch.int64), None
        actions, log_probs = [], []
        for place, head in enumerate(self.heads):
            state = self.lstm(self.embed(token), state)
            logs = head(state[0]).log_softmax(dim=1)  # G, options of this action
            action = choose(place, logs.detach().exp())
            actions.append(action)
            log_probs.append(logs.gather(1, action[:, None]).squeeze(1))
            token = self.first[place] + action
        return torch.stack(actions, dim=1), torch.stack(log_probs, dim=1)


@torch.no_grad()
def near_even_init(model: nn.Module, *, limit: float = 0.1) -> None:
    """All parameters even between -limit and limit (appendix A.2): at the start no action is much preferred."""
    for parameter in model.parameters():
        parameter.uniform_(-limit, limit)


def reinforce_loss(
    log_probs: Float[Tensor, " G"],
    rewards: Float[Tensor, " G"],
    baseline: float = 0.0,
) -> Float[Tensor, ""]:
    """A loss whose gradient is, on average, that of minus the expected reward.

    Args:
        log_probs: of whole genotypes that the controller wrote.
        rewards: what they earned, less a baseline that must not depend on them.
        baseline: changes the spread of the gradient and not its mean.
    """
    return -((rewards - baseline) * log_probs).mean()


def entropy(controller: Controller, space: SearchSpace) -> float:
    """Of the distribution over genotypes, in nats, exactly: a small space can be listed."""
    with torch.no_grad():
        log_p = controller.log_probs(torch.tensor(list(space.genotypes()))).sum(dim=1)
    return -(log_p.exp() * log_p).sum().item()


def reinforce(
    space: SearchSpace,
    reward: Reward,
    evaluations: int,
    *,
    lr: float = 0.01,
    batch: int = 5,
    decay: float | None = 0.95,
    hidden_size: int = 32,
    measured: bool = False,
    seed: int = 0,
) -> Trace:
    """Let a controller write genotypes, and make those that earned more than usual more likely.

    Args:
        space: to search.
        reward: of a genotype, asked once for each evaluation.
        evaluations: in all.
        lr: learning rate of Adam.
        batch: genotypes written for each update.
        decay: of the baseline, a moving mean of earlier rewards; None for no baseline. With one, the first batch
            changes nothing but the baseline.
        hidden_size: D.
        measured: whether to note the entropy before each batch, which takes longer than the batch.
        seed: of the weights and of the actions.

    Raises:
        ValueError: if the batch is empty.
    """
    if batch < 1:
        raise ValueError(f"a batch needs at least one genotype, got {batch}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        controller = Controller(space.choices, hidden_size=hidden_size)
    optimizer = torch.optim.Adam(controller.parameters(), lr=lr, fused=True)
    generator, trace, baseline = torch.Generator().manual_seed(seed), Trace([], [], []), None
    while (left := evaluations - len(trace.rewards)) > 0:
        if measured:
            trace.entropies.append(entropy(controller, space))
        actions, log_probs = controller.write(min(batch, left), generator)
        written = [tuple(row) for row in actions.tolist()]
        earned = [reward(genotype) for genotype in written]
        trace.genotypes.extend(written)
        trace.rewards.extend(earned)
        if decay is None or baseline is not None:
            loss = reinforce_loss(log_probs.sum(dim=1), torch.tensor(earned), baseline or 0.0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if decay is not None:
            mean = sum(earned) / len(earned)
            baseline = mean if baseline is None else decay * baseline + (1 - decay) * mean
    return trace
