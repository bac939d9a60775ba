"""Networks that answer with a distribution, and measures of whether it can be trusted.

Four ways: Bayes by Backprop (Blundell et al. 2015, https://arxiv.org/abs/1505.05424, sec. 3), dropout at prediction
(Gal and Ghahramani 2016, https://arxiv.org/abs/1506.02142), deep ensembles (Lakshminarayanan et al. 2017,
https://arxiv.org/abs/1612.01474) and the Laplace approximation (MacKay 1992) of the last layer. The one case that can
be solved exactly, a linear model with Gaussian noise, judges them. Calibration and temperature follow Guo et al. 2017,
https://arxiv.org/abs/1706.04599.

N samples, D features, K outputs or classes, S draws or members, M bins.

Differs from the papers:
- The prior of Bayes by Backprop is one Gaussian, not a mixture of two, so that its divergence has a closed form.
- Ensemble members see the same data, without adversarial examples, and predict no variance of their own.
"""

import copy
from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn


def gaussian_kl(
    mean: Float[Tensor, "*shape"],
    std: Float[Tensor, "*shape"],
    prior_mean: Float[Tensor, "*shape"] | float = 0.0,
    prior_std: Float[Tensor, "*shape"] | float = 1.0,
) -> Float[Tensor, ""]:
    """KL(N(mean, std²) || N(prior_mean, prior_std²)), in nats, summed over independent numbers.

    Raises:
        ValueError: if a standard deviation is not positive.
    """
    prior_mean, prior_std = torch.as_tensor(prior_mean).to(mean), torch.as_tensor(prior_std).to(mean)
    if not ((std > 0).all() and (prior_std > 0).all()):
        raise ValueError(f"standard deviations must be positive, got at least {std.min():g} and {prior_std.min():g}")
    ratio, gap = std / prior_std, (mean - prior_mean) / prior_std
    return (0.5 * (ratio**2 + gap**2 - 1) - ratio.log()).sum()


class Gaussian(NamedTuple):
    """Weights that are not known exactly.

    Attributes:
        mean: best guess.
        covariance: of the weights.
    """

    mean: Float[Tensor, "D"]
    covariance: Float[Tensor, "D D"]

    def predict(self, features: Float[Tensor, "N D"]) -> tuple[Float[Tensor, "N"], Float[Tensor, "N"]]:
        """Mean and variance of the function's value, without the noise of an observation."""
        return features @ self.mean, ((features @ self.covariance) * features).sum(dim=1)


def exact_posterior(
    features: Float[Tensor, "N D"], y: Float[Tensor, "N"], *, noise_std: float, prior_std: float
) -> Gaussian:
    """Weights of a linear model after N observations with Gaussian noise, from a prior N(0, prior_std²).

    Raises:
        ValueError: if a standard deviation is not positive.
    """
    if noise_std <= 0 or prior_std <= 0:
        raise ValueError(f"noise_std and prior_std must be positive, got {noise_std} and {prior_std}")
    precision = features.mT @ features / noise_std**2 + torch.eye(features.shape[1]).to(features) / prior_std**2
    covariance = torch.linalg.inv(precision)
    return Gaussian(covariance @ (features.mT @ y) / noise_std**2, covariance)


class BayesianLinear(nn.Module):
    """A linear layer whose weights and biases are independent Gaussians; every call draws them anew.

    Args:
        in_features: D, numbers in.
        out_features: K, numbers out.
        bias: whether to add a bias.
        prior_std: standard deviation of every weight before the data.
        initial_std: standard deviation of every weight when training starts.

    Raises:
        ValueError: if a standard deviation is not positive.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        bias: bool = True,
        prior_std: float = 1.0,
        initial_std: float = 0.05,
    ) -> None:
        super().__init__()
        if prior_std <= 0 or initial_std <= 0:
            raise ValueError(f"prior_std and initial_std must be positive, got {prior_std} and {initial_std}")
        self.prior_std = prior_std
        self.mean = nn.Parameter(torch.randn(out_features, in_features + bias) / in_features**0.5)
        if bias:
            nn.init.zeros_(self.mean[:, -1:].detach())
        # std = softplus(rho) stays positive whatever a step does to rho.
        rho = torch.tensor(initial_std).expm1().log()
        self.rho = nn.Parameter(rho.expand(out_features, in_features + bias).clone())
        self.bias = bias

    @property
    def std(self) -> Float[Tensor, "K D1"]:
        """Standard deviation of every weight; the last column is the bias's, if there is one."""
        return F.softplus(self.rho)

    def forward(self, x: Float[Tensor, "*N D"]) -> Float[Tensor, "*N K"]:
        # No parameter changes the noise, so gradients reach mean and std.
        drawn = self.mean + self.std * torch.randn_like(self.mean)
        if self.bias:
            return F.linear(x, drawn[:, :-1], drawn[:, -1])
        return F.linear(x, drawn)

    def kl(self) -> Float[Tensor, ""]:
        """Divergence from the prior, in nats."""
        return gaussian_kl(self.mean, self.std, 0.0, self.prior_std)


def kl(model: nn.Module) -> Float[Tensor, ""]:
    """Divergence of all ``BayesianLinear`` layers of a model from their priors, in nats.

    The loss of Bayes by Backprop is the mean negative log-likelihood plus this, divided by the training samples.
    """
    return torch.stack([layer.kl() for layer in model.modules() if isinstance(layer, BayesianLinear)]).sum()


@torch.no_grad()
def draw(model: nn.Module, x: Tensor, samples: int) -> Float[Tensor, "S N K"]:
    """Outputs of several calls of a model that draws its weights.

    Raises:
        ValueError: if samples is less than 1.
    """
    if samples < 1:
        raise ValueError(f"samples must be at least 1, got {samples}")
    return torch.stack([model(x) for _ in range(samples)])


class MCDropout(nn.Module):
    """A trained network whose dropout stays on. All else, batch norm above all, is as in ``eval()``.

    Args:
        model: it is copied, so its own mode does not change.
        samples: S, calls for a prediction.

    Raises:
        ValueError: if the model has no dropout, or samples is less than 1.
    """

    def __init__(self, model: nn.Module, *, samples: int = 30) -> None:
        super().__init__()
        if not any(isinstance(part, nn.modules.dropout._DropoutNd) for part in model.modules()):
            raise ValueError("the model has no dropout, so all predictions would be the same: put nn.Dropout into it")
        if samples < 1:
            raise ValueError(f"samples must be at least 1, got {samples}")
        self.model, self.samples = copy.deepcopy(model), samples
        self.train(False)

    def train(self, mode: bool = True) -> "MCDropout":
        """Set the mode. Dropout is on in both."""
        super().train(mode)
        for part in self.model.modules():
            if isinstance(part, nn.modules.dropout._DropoutNd):
                part.train(True)
        return self

    def forward(self, x: Float[Tensor, "N *rest"]) -> Float[Tensor, "S N K"]:
        return torch.stack([self.model(x) for _ in range(self.samples)])


class DeepEnsemble(nn.Module):
    """Networks of one shape, trained from different weights; together they answer S times.

    Args:
        members: trained networks.

    Raises:
        ValueError: if there are none.
    """

    def __init__(self, members: Iterable[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        if len(self.members) == 0:
            raise ValueError("an ensemble needs at least one member, got none")

    def forward(self, x: Float[Tensor, "N *rest"]) -> Float[Tensor, "S N K"]:
        return torch.stack([member(x) for member in self.members])


class LastLayer(NamedTuple):
    """A linear layer with a Gaussian around its trained weights.

    Attributes:
        weight: trained weights, the bias, if there is one, as the last column.
        covariance: of the weights, row after row.
    """

    weight: Float[Tensor, "K D1"]
    covariance: Float[Tensor, "P P"]

    def predict(self, features: Float[Tensor, "N D"]) -> tuple[Float[Tensor, "N K"], Float[Tensor, "N K K"]]:
        """Mean and covariance of the outputs, which are linear in the weights."""
        h = _with_ones(features, self.weight.shape[1])
        blocks = self.covariance.unflatten(0, self.weight.shape).unflatten(2, self.weight.shape)
        return h @ self.weight.mT, torch.einsum("nd,kdle,ne->nkl", h, blocks, h)

    def sample(
        self, features: Float[Tensor, "N D"], samples: int, *, generator: torch.Generator | None = None
    ) -> Float[Tensor, "S N K"]:
        """Outputs under several draws of the weights."""
        root = torch.linalg.cholesky(self.covariance)
        chance = torch.randn(samples, len(root), generator=generator, dtype=root.dtype, device=root.device)
        weights = self.weight + (chance @ root.mT).unflatten(1, self.weight.shape)
        return _with_ones(features, self.weight.shape[1]) @ weights.mT


def laplace_last_layer(
    layer: nn.Linear, features: Float[Tensor, "N D"], *, prior_std: float, noise_std: float | None = None
) -> LastLayer:
    """A Gaussian with the curvature that the loss has at the trained weights of the last layer.

    Args:
        layer: trained last layer.
        features: what the training samples are just before it.
        prior_std: standard deviation of its weights before the data. Training must have penalised sum(w²) / (2
            prior_std²), else the trained weights are not where this Gaussian belongs.
        noise_std: of an observation, for regression; None means classes, under cross-entropy.

    Raises:
        ValueError: if a standard deviation is not positive.
    """
    if prior_std <= 0 or (noise_std is not None and noise_std <= 0):
        raise ValueError(f"prior_std and noise_std must be positive, got {prior_std} and {noise_std}")
    weight = layer.weight.detach()
    if layer.bias is not None:
        weight = torch.cat([weight, layer.bias.detach()[:, None]], dim=1)
    h = _with_ones(features.detach(), weight.shape[1])
    if noise_std is None:
        p = (h @ weight.mT).softmax(dim=1)
        curvature = p.diag_embed() - p[:, :, None] * p[:, None, :]  # N K K
    else:
        curvature = torch.eye(len(weight)).to(h).expand(len(h), -1, -1) / noise_std**2
    precision = torch.einsum("nkl,nd,ne->kdle", curvature, h, h).flatten(2).flatten(0, 1)
    precision = precision + torch.eye(len(precision)).to(h) / prior_std**2
    return LastLayer(weight, torch.linalg.cholesky(precision).cholesky_inverse())


def _with_ones(features: Float[Tensor, "N D"], columns: int) -> Float[Tensor, "N D1"]:
    return F.pad(features, (0, columns - features.shape[1]), value=1.0)  # a bias is the weight of a 1


def predictive(logits: Float[Tensor, "S N K"]) -> Float[Tensor, "N K"]:
    """Mean probabilities of the draws; mean logits would hide their disagreement."""
    return logits.softmax(dim=2).mean(dim=0)


def entropy(probabilities: Float[Tensor, "*N K"]) -> Float[Tensor, "*N"]:
    """Of every row, in nats: 0 if one class has all, log K if all have the same."""
    return torch.special.entr(probabilities).sum(dim=-1)


class Reliability(NamedTuple):
    """What a classifier says about itself beside what is so, bin by bin; empty bins hold zeros."""

    confidence: Float[Tensor, "M"]
    accuracy: Float[Tensor, "M"]
    count: Int[Tensor, "M"]


def reliability(probabilities: Float[Tensor, "N K"], targets: Int[Tensor, "N"], *, bins: int = 15) -> Reliability:
    """Sort the samples by the probability of the chosen class into bins of equal width.

    Raises:
        ValueError: if bins is less than 1, there are no samples, or a row is no distribution.
    """
    if bins < 1 or len(probabilities) == 0:
        raise ValueError(f"bins and samples must be at least 1, got {bins} and {len(probabilities)}")
    if (probabilities < 0).any() or (probabilities.sum(dim=1) - 1).abs().max() > 1e-3:
        raise ValueError("every row must hold probabilities that sum to 1; logits need a softmax first")
    confidence, chosen = probabilities.max(dim=1)
    edges = torch.linspace(0, 1, bins + 1).to(confidence)[1:-1]
    place = torch.bucketize(confidence.contiguous(), edges)  # an edge belongs to the bin below it
    count = torch.bincount(place, minlength=bins)
    right = torch.bincount(place, weights=(chosen == targets).to(confidence), minlength=bins)
    total = torch.bincount(place, weights=confidence, minlength=bins)
    size = count.clamp(min=1)
    return Reliability((total / size).to(confidence), (right / size).to(confidence), count)


def expected_calibration_error(
    probabilities: Float[Tensor, "N K"], targets: Int[Tensor, "N"], *, bins: int = 15
) -> Float[Tensor, ""]:
    """Mean distance of confidence and accuracy over the bins, each weighted by its samples (Guo et al., eq. 3)."""
    confidence, accuracy, count = reliability(probabilities, targets, bins=bins)
    return ((confidence - accuracy).abs() * count).sum() / count.sum()


def temperature_scale(logits: Float[Tensor, "N K"], targets: Int[Tensor, "N"]) -> float:
    """The temperature by which to divide logits so that held-out samples are likeliest, between 0.01 and 100.

    Args:
        logits: of samples on which the network was not trained.
        targets: their classes.

    Raises:
        ValueError: if there are no samples.
    """
    if len(logits) == 0:
        raise ValueError("temperature_scale needs at least one sample, got none")
    z = logits.detach().double()
    mine = z.gather(1, targets[:, None]).squeeze(1)
    low, high = 0.01, 100.0  # of 1 / temperature, in which the loss is convex: its slope changes sign once
    for _ in range(60):
        middle = (low * high) ** 0.5
        slope = (((middle * z).softmax(dim=1) * z).sum(dim=1) - mine).mean()
        low, high = (low, middle) if slope > 0 else (middle, high)
    return 1 / (low * high) ** 0.5
