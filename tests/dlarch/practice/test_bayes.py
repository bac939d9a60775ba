"""Uncertainty against what is exact: the posterior of a linear model, torch.distributions and scikit-learn."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.linear_model import BayesianRidge
from torch import nn

from dlarch.practice import bayes
from dlarch.practice.bayes import (
    BayesianLinear,
    DeepEnsemble,
    MCDropout,
    draw,
    entropy,
    exact_posterior,
    expected_calibration_error,
    gaussian_kl,
    laplace_last_layer,
    predictive,
    reliability,
    temperature_scale,
)

SEEDS = st.integers(0, 10_000)


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def problem() -> tuple[torch.Tensor, torch.Tensor]:
    x = drawn(0, 12, 3)
    return x, x @ torch.tensor([1.0, -0.5, 2.0]).double() + 0.3 * drawn(1, 12)


@given(SEEDS)
def test_kl_and_its_gradients_equal_those_of_torch_distributions(seed: int):
    values = [drawn(seed + k, 4) for k in range(4)]
    ours = [v.clone().requires_grad_() for v in values]
    theirs = [v.clone().requires_grad_() for v in values]
    a = gaussian_kl(ours[0], ours[1].exp(), ours[2], ours[3].exp())
    normal = torch.distributions.Normal
    b = torch.distributions.kl_divergence(normal(theirs[0], theirs[1].exp()), normal(theirs[2], theirs[3].exp())).sum()
    torch.testing.assert_close(a, b)
    for x, y in zip(torch.autograd.grad(a, ours), torch.autograd.grad(b, theirs), strict=True):
        torch.testing.assert_close(x, y)


@given(SEEDS)
def test_kl_is_never_negative_and_zero_between_equals(seed: int):
    mean, std, other = drawn(seed, 5), drawn(seed + 1, 5).exp(), drawn(seed + 2, 5)
    assert gaussian_kl(mean, std, other, std) >= -1e-12
    assert abs(gaussian_kl(mean, std, mean, std)) < 1e-12


def test_exact_posterior_equals_bayesian_ridge_at_its_noise_and_prior():
    x, y = problem()
    ridge = BayesianRidge(fit_intercept=False).fit(x.numpy(), y.numpy())
    posterior = exact_posterior(x, y, noise_std=float(ridge.alpha_**-0.5), prior_std=float(ridge.lambda_**-0.5))
    torch.testing.assert_close(posterior.mean, torch.from_numpy(ridge.coef_), rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(posterior.covariance, torch.from_numpy(ridge.sigma_), rtol=1e-6, atol=1e-8)
    mean, variance = posterior.predict(x)
    theirs, std = ridge.predict(x.numpy(), return_std=True)
    torch.testing.assert_close(mean, torch.from_numpy(theirs))
    torch.testing.assert_close(variance + 1 / ridge.alpha_, torch.from_numpy(std) ** 2)


@given(SEEDS)
def test_a_further_observation_never_widens_the_exact_band(seed: int):
    x, y, new = drawn(seed, 6, 3), drawn(seed + 1, 6), drawn(seed + 2, 10, 3)
    before = exact_posterior(x[:5], y[:5], noise_std=0.4, prior_std=1.5).predict(new)[1]
    after = exact_posterior(x, y, noise_std=0.4, prior_std=1.5).predict(new)[1]
    assert (after <= before + 1e-10).all()


def test_bayes_by_backprop_finds_the_best_independent_gaussian():
    x, y = problem()
    exact = exact_posterior(x, y, noise_std=0.5, prior_std=1.0)
    torch.manual_seed(0)
    layer = BayesianLinear(3, 1, bias=False).double()
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1200)
    for _ in range(1200):
        loss = (layer(x).squeeze(1) - y).square().sum() / (2 * 0.5**2) + layer.kl()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    best = exact.covariance.inverse().diagonal().rsqrt()
    torch.testing.assert_close(layer.mean.detach()[0], exact.mean, rtol=0, atol=0.03)
    torch.testing.assert_close(layer.std.detach()[0], best, rtol=0.1, atol=0.0)
    assert (best <= exact.covariance.diagonal().sqrt() + 1e-12).all()


def test_laplace_of_a_linear_model_is_the_exact_posterior():
    x, y = problem()
    with_one = F.pad(x, (0, 1), value=1.0)
    exact = exact_posterior(with_one, y, noise_std=0.5, prior_std=2.0)
    layer = nn.Linear(3, 1).double()
    layer.weight.data, layer.bias.data = exact.mean[None, :3], exact.mean[3:]
    laplace = laplace_last_layer(layer, x, prior_std=2.0, noise_std=0.5)
    torch.testing.assert_close(laplace.covariance, exact.covariance)
    mean, covariance = laplace.predict(x)
    torch.testing.assert_close(mean[:, 0], exact.predict(with_one)[0])
    torch.testing.assert_close(covariance[:, 0, 0], exact.predict(with_one)[1])
    alone = laplace_last_layer(nn.Linear(3, 1, bias=False).double(), x, prior_std=2.0, noise_std=0.5)
    torch.testing.assert_close(alone.covariance, exact_posterior(x, y, noise_std=0.5, prior_std=2.0).covariance)


def test_laplace_for_classes_has_the_hessian_of_the_loss():
    x, y = drawn(3, 7, 2), torch.tensor([0, 1, 2, 0, 1, 2, 0])
    torch.manual_seed(0)
    layer = nn.Linear(2, 3).double()
    weight = torch.cat([layer.weight, layer.bias[:, None]], dim=1).detach().flatten()

    def loss(w: torch.Tensor) -> torch.Tensor:
        logits = F.pad(x, (0, 1), value=1.0) @ w.reshape(3, 3).mT
        return F.cross_entropy(logits, y, reduction="sum") + w.square().sum() / (2 * 1.5**2)

    hessian = torch.autograd.functional.hessian(loss, weight)
    torch.testing.assert_close(laplace_last_layer(layer, x, prior_std=1.5).covariance, hessian.inverse())


def test_draws_of_the_last_layer_have_its_mean_and_covariance():
    x = drawn(4, 5, 2)
    torch.manual_seed(0)
    laplace = laplace_last_layer(nn.Linear(2, 3).double(), x, prior_std=1.0)
    outputs = laplace.sample(x, 20_000, generator=torch.Generator().manual_seed(0))
    mean, covariance = laplace.predict(x)
    torch.testing.assert_close(outputs.mean(dim=0), mean, rtol=0, atol=0.05)
    torch.testing.assert_close(outputs[:, 2].mT.cov(), covariance[2], rtol=0, atol=0.08)


def test_a_bayesian_layer_draws_what_its_parameters_say():
    torch.manual_seed(0)
    layer = BayesianLinear(2, 1, initial_std=0.5)
    x = torch.tensor([[2.0, -1.0]])
    outputs = draw(layer, x, 20_000).flatten()
    assert layer.mean[0, 2] == 0
    torch.testing.assert_close(layer.std, torch.full((1, 3), 0.5))
    assert abs(outputs.mean() - (x * layer.mean[:, :2]).sum()) < 0.03
    assert abs(outputs.var() - 0.25 * (4 + 1 + 1)) < 0.05


def test_gradients_reach_means_and_spreads_and_eight_samples_are_learned():
    torch.manual_seed(0)
    model = nn.Sequential(BayesianLinear(2, 16, initial_std=0.01), nn.Tanh(), BayesianLinear(16, 2, initial_std=0.01))
    x, y = torch.randn(8, 2), torch.arange(8) % 2
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(200):
        loss = F.cross_entropy(model(x), y) + 1e-4 * bayes.kl(model) / 8
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert all(p.grad is not None and (p.grad != 0).any() for p in model.parameters())
    assert (model(x).argmax(dim=1) == y).all()


def test_the_parameters_of_a_layer_double():
    count = sum(p.numel() for p in BayesianLinear(64, 10).parameters())
    assert count == 2 * sum(p.numel() for p in nn.Linear(64, 10).parameters())


@given(st.booleans(), SEEDS)
def test_mc_dropout_varies_while_batch_norm_stays(training: bool, seed: int):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 32), nn.BatchNorm1d(32), nn.Dropout(0.5), nn.Linear(32, 2)).train(training)
    mc = MCDropout(model, samples=4).eval()
    before = {name: value.clone() for name, value in mc.state_dict().items()}
    outputs = mc(torch.randn(5, 3))
    assert outputs.shape == (4, 5, 2)
    assert not torch.equal(outputs[0], outputs[1])
    assert model.training == training
    assert model[2].training == training
    for name, value in mc.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_mean_and_variance_of_dropout_before_a_line_have_a_closed_form():
    torch.manual_seed(0)
    line, x, p = nn.Linear(4, 1), torch.randn(1, 4), 0.25
    outputs = MCDropout(nn.Sequential(nn.Dropout(p), line), samples=20_000)(x).flatten()
    assert abs(outputs.mean() - line(x)) < 0.02
    assert abs(outputs.var() - p / (1 - p) * ((line.weight * x) ** 2).sum()) < 0.02


def test_an_ensemble_answers_as_each_member_does():
    members = [nn.Linear(3, 2) for _ in range(3)]
    x = torch.randn(4, 3)
    outputs = DeepEnsemble(members)(x)
    for member, output in zip(members, outputs, strict=True):
        torch.testing.assert_close(output, member(x))


@given(SEEDS)
def test_an_ensemble_has_no_higher_loss_than_its_members_on_average(seed: int):
    logits, y = drawn(seed, 4, 6, 3) * 3, torch.arange(6) % 3
    together = F.nll_loss(predictive(logits).log(), y)
    alone = F.cross_entropy(logits.flatten(0, 1), y.repeat(4))
    assert together <= alone + 1e-12


@given(SEEDS)
def test_entropy_lies_between_none_and_log_k_and_mixing_raises_it(seed: int):
    logits = drawn(seed, 5, 4, 7) * 4
    mixed = entropy(predictive(logits))
    assert (mixed >= 0).all()
    assert (mixed <= math.log(7) + 1e-12).all()
    assert (mixed >= entropy(logits.softmax(dim=2)).mean(dim=0) - 1e-12).all()


@given(SEEDS, st.integers(1, 20))
def test_reliability_equals_calibration_curve(seed: int, bins: int):
    p = (drawn(seed, 40, 3) * 2).softmax(dim=1)
    y = torch.randint(3, (40,), generator=torch.Generator().manual_seed(seed))
    confidence, accuracy, count = reliability(p, y, bins=bins)
    chosen, top = p.argmax(dim=1), p.amax(dim=1)
    right, said = calibration_curve((chosen == y).numpy(), top.numpy(), n_bins=bins)
    np.testing.assert_allclose(accuracy[count > 0], right)
    np.testing.assert_allclose(confidence[count > 0], said)


@given(SEEDS, st.integers(1, 20), st.integers(1, 30))
def test_calibration_error_lies_between_0_and_1_and_is_the_gap_of_one_bin(seed: int, bins: int, samples: int):
    p = (drawn(seed, samples, 4) * 3).softmax(dim=1)
    y = torch.randint(4, (samples,), generator=torch.Generator().manual_seed(seed))
    error = expected_calibration_error(p, y, bins=bins)
    assert 0 <= error <= 1
    gap = (p.amax(dim=1).mean() - (p.argmax(dim=1) == y).double().mean()).abs()
    torch.testing.assert_close(expected_calibration_error(p, y, bins=1), gap)
    assert error >= gap - 1e-12


@given(SEEDS, st.floats(0.1, 8.0))
def test_temperature_keeps_the_choice_and_undoes_a_scale(seed: int, scale: float):
    z = drawn(seed, 60, 4)
    y = torch.distributions.Categorical(logits=z).sample()
    y[0] = (z[0].argmax() + 1) % 4
    one, scaled = temperature_scale(z, y), temperature_scale(scale * z, y)
    assert ((z / one).argmax(dim=1) == z.argmax(dim=1)).all()
    if 0.02 < one < 50 and 0.02 < scaled < 50:
        assert scaled == pytest.approx(scale * one, rel=1e-6)


def test_temperature_makes_the_held_out_loss_least():
    z, y = drawn(5, 100, 3) * 4, torch.arange(100) % 3
    best = temperature_scale(z, y)
    loss = F.cross_entropy(z / best, y)
    assert all(F.cross_entropy(z / t, y) > loss for t in (0.9 * best, 1.1 * best))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: gaussian_kl(torch.zeros(2), torch.zeros(2)), "positive"),
        (lambda: exact_posterior(torch.ones(2, 1), torch.ones(2), noise_std=0.0, prior_std=1.0), "positive"),
        (lambda: BayesianLinear(2, 1, prior_std=0.0), "positive"),
        (lambda: draw(nn.Linear(2, 1), torch.ones(1, 2), 0), "at least 1"),
        (lambda: MCDropout(nn.Linear(2, 1)), "no dropout"),
        (lambda: MCDropout(nn.Dropout(), samples=0), "at least 1"),
        (lambda: DeepEnsemble([]), "at least one member"),
        (lambda: laplace_last_layer(nn.Linear(2, 1), torch.ones(1, 2), prior_std=-1.0), "positive"),
        (lambda: reliability(torch.ones(1, 1), torch.zeros(1, dtype=torch.int64), bins=0), "at least 1"),
        (lambda: reliability(torch.ones(1, 2), torch.zeros(1, dtype=torch.int64)), "sum to 1"),
        (lambda: temperature_scale(torch.ones(0, 2), torch.zeros(0, dtype=torch.int64)), "at least one"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says: str):
    with pytest.raises(ValueError, match=says):
        call()
