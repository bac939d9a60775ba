"""The figure of the chapter `bayes`: observations to switch on and off, and the bands that four ways draw."""

import torch
import traitlets
from torch import Tensor

from dlarch.play import Play
from dlarch.practice.bayes import Gaussian, exact_posterior

CENTERS = [-3 + 0.5 * k for k in range(13)]
WIDTH, NOISE, PRIOR, DROPOUT = 0.6, 0.2, 1.0, 0.1
POINTS = [
    [-2.4, -0.72], [-2.0, -0.75], [-1.7, -1.2], [-1.2, -0.77], [-0.8, -0.8], [0.9, 0.95], [1.3, 0.8], [2.5, 0.45],
]  # fmt: skip
WAYS = ["last-layer Laplace", "Bayes by Backprop", "MC dropout", "ensemble"]


def bumps(x: Tensor) -> Tensor:
    """Thirteen features of a position: Gaussian bumps side by side, ``N 13``."""
    return (-0.5 * ((x[:, None] - torch.tensor(CENTERS).to(x)) / WIDTH) ** 2).exp()


def limit(way: str, features: Tensor, y: Tensor) -> Gaussian:
    """What a way comes to for weights on fixed features, once training has ended and infinitely many draws are made.

    Args:
        way: one of ``WAYS``.
        features: of the observations, ``N D``.
        y: the observations.

    Raises:
        ValueError: if the way is none of these.
    """
    exact = exact_posterior(features, y, noise_std=NOISE, prior_std=PRIOR)
    match way:
        case "last-layer Laplace":
            return exact
        case "Bayes by Backprop":
            return Gaussian(exact.mean, exact.covariance.inverse().diagonal().reciprocal().diag())
        case "MC dropout":
            # On average, dropout adds this penalty to the squared error of a linear model.
            odds = DROPOUT / (1 - DROPOUT)
            penalty = (odds * features.square().sum(dim=0) / NOISE**2).diag()
            mean = torch.linalg.solve(exact.covariance.inverse() + penalty, features.mT @ y / NOISE**2)
            return Gaussian(mean, (odds * mean**2).diag())
        case "ensemble":
            # From a draw of the prior, gradient descent ends in the nearest weights that fit: no noise is left.
            return exact_posterior(features, y, noise_std=0.01, prior_std=PRIOR)
    raise ValueError(f"way must be one of {WAYS}, got {way!r}")


class Bands(Play):
    """Mean and a band of two standard deviations, beside the exact band.

    Attributes:
        points: observations as [x, y].
        on: which of them are known.
        way: whose band is shown.
        point: which observation the button switches, from 1.
        place: where the band is read off.
        centers: of the bumps.
        width: of a bump.
        noise: standard deviation of an observation.
        prior: standard deviation of a weight before the data.
        dropout: share of the bumps that is dropped.
    """

    points = traitlets.List(POINTS).tag(sync=True)
    on = traitlets.List(traitlets.Bool(), [True] * len(POINTS)).tag(sync=True)
    way = traitlets.Enum(WAYS, "last-layer Laplace").tag(sync=True)
    point = traitlets.Int(1, min=1).tag(sync=True)
    place = traitlets.Float(0.0, min=-3.5, max=3.5).tag(sync=True)
    centers = traitlets.List(CENTERS).tag(sync=True)
    width = traitlets.Float(WIDTH).tag(sync=True)
    noise = traitlets.Float(NOISE).tag(sync=True)
    prior = traitlets.Float(PRIOR).tag(sync=True)
    dropout = traitlets.Float(DROPOUT).tag(sync=True)
