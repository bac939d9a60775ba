"""The figure of the chapter `regularization`: the border of a small network under a penalty λ and dropout p."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
import traitlets
from torch import Tensor

from dlarch.play import Play

STRENGTHS = [0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2]  # λ
RATES = [0.0, 0.1, 0.3, 0.5, 0.7]  # p
HIDDEN = 32  # width of both hidden layers
SIDE = 41  # points along each side of a map, which shows -2 to 2 in both directions
KNOWN, WRONG, UNSEEN = 80, 12, 2000  # points
RADIUS = 1.3


class Points(NamedTuple):
    """Points of two classes, 0 and 1, on which networks are trained, and others on which they are tested."""

    known: Tensor  # KNOWN 2
    known_class: Tensor  # KNOWN, as given: some are wrong
    true_class: Tensor  # KNOWN, as it is
    unseen: Tensor  # UNSEEN 2
    unseen_class: Tensor  # UNSEEN


def disc(seed: int = 0) -> Points:
    """Points strewn evenly over a square; those within a circle are class 1. Some known classes are wrong."""
    generator = torch.Generator().manual_seed(seed)
    points = 3.8 * torch.rand(KNOWN + UNSEEN, 2, generator=generator) - 1.9
    label = (points.norm(dim=1) < RADIUS).float()
    wrong = torch.arange(KNOWN + UNSEEN) < WRONG
    given = torch.where(wrong, 1 - label, label)
    return Points(points[:KNOWN], given[:KNOWN], label[:KNOWN], points[KNOWN:], label[KNOWN:])


class Networks:
    """One network for every pair of λ and p, all trained side by side: 2 inputs, two hidden layers, one score.

    The weights of all of them start alike and lie in one tensor a layer, with the networks along its first axis.

    Args:
        strengths: λ of each network.
        rates: p of each network.
        seed: of the start and of the units that are dropped.
    """

    def __init__(self, strengths: Tensor, rates: Tensor, *, seed: int = 0) -> None:
        self.strengths, self.keep = strengths, 1 - rates[:, None, None]
        self.generator = torch.Generator().manual_seed(seed)
        self.weights, self.biases = [], []
        for inputs, outputs in ((2, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, 1)):
            start = torch.randn(1, inputs, outputs, generator=self.generator) * (2 / inputs) ** 0.5
            self.weights.append(start.repeat(len(rates), 1, 1).requires_grad_())
            self.biases.append(torch.zeros(len(rates), 1, outputs, requires_grad=True))

    def scores(self, x: Tensor, *, training: bool = False) -> Tensor:
        """Score of class 1 for each network and point."""
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = F.relu(x @ weight + bias)
            if training:
                x = x * torch.bernoulli(self.keep.expand_as(x), generator=self.generator) / self.keep
        return (x @ self.weights[-1] + self.biases[-1]).squeeze(-1)

    def train(self, x: Tensor, y: Tensor, *, steps: int) -> None:
        """Lower the loss, penalty included, by full-batch Adam."""
        optimizer = torch.optim.Adam([*self.weights, *self.biases], lr=0.01, fused=True)
        for _ in range(steps):
            scores = self.scores(x, training=True)
            loss = F.binary_cross_entropy_with_logits(scores, y.expand_as(scores), reduction="none").mean(dim=1)
            penalty = self.strengths * sum(weight.square().sum(dim=(1, 2)) for weight in self.weights)
            optimizer.zero_grad()
            (loss + penalty).sum().backward()  # no network sees another, so the sum trains each by itself
            optimizer.step()


class Borders(Play):
    """What the network with the chosen λ and p says everywhere in the plane, over the points it learned from.

    Attributes:
        strength: place of λ in `strengths`.
        rate: place of p in `rates`.
        truth: whether the circle that the network should find is drawn.
        strengths: the values of λ.
        rates: the values of p.
        points: rows [x1, x2, given class, true class] of what was learned.
        radius: of the circle.
        maps: probability of class 1 at 41 by 41 places for each λ and, within, each p, as bytes from 0 to 255;
            the lowest row of a map comes first.
        results: for each λ and p the known points right by their given class, the wrong ones among them that were
            learned by heart, and the share of unseen points right.
    """

    strength = traitlets.Int(0, min=0, max=len(STRENGTHS) - 1).tag(sync=True)
    rate = traitlets.Int(0, min=0, max=len(RATES) - 1).tag(sync=True)
    truth = traitlets.Bool(False).tag(sync=True)
    strengths = traitlets.List(traitlets.Float()).tag(sync=True)
    rates = traitlets.List(traitlets.Float()).tag(sync=True)
    points = traitlets.List().tag(sync=True)
    radius = traitlets.Float(RADIUS).tag(sync=True)
    maps = traitlets.Bytes().tag(sync=True)
    results = traitlets.List().tag(sync=True)

    @classmethod
    def trained(cls, *, steps: int = 800, seed: int = 0) -> "Borders":
        """The figure with all its networks trained, a few seconds on one core.

        Args:
            steps: of training.
            seed: of the points, the start and the units that are dropped.
        """
        points = disc(seed)
        pairs = torch.cartesian_prod(torch.tensor(STRENGTHS), torch.tensor(RATES))
        networks = Networks(pairs[:, 0], pairs[:, 1], seed=seed)
        networks.train(points.known, points.known_class, steps=steps)
        ticks = torch.linspace(-2, 2, SIDE)
        places = torch.cartesian_prod(ticks, ticks).flip(1)  # x1 runs fastest, from the lowest row up
        with torch.no_grad():
            maps = networks.scores(places).sigmoid()
            known = (networks.scores(points.known) > 0) == (points.known_class == 1)
            unseen = (networks.scores(points.unseen) > 0) == (points.unseen_class == 1)
        wrong = points.known_class != points.true_class
        counts = (known.sum(dim=1).tolist(), known[:, wrong].sum(dim=1).tolist())
        return cls(
            strengths=STRENGTHS,
            rates=RATES,
            points=[
                [round(x1, 3), round(x2, 3), int(given), int(true)]
                for (x1, x2), given, true in zip(*(part.tolist() for part in points[:3]), strict=True)
            ],
            maps=(maps * 255).round().byte().numpy().tobytes(),
            results=[list(row) for row in zip(*counts, unseen.float().mean(dim=1).tolist(), strict=True)],
        )
