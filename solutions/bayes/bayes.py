# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] role="title" chapter="practice/bayes" minutes=80
# # Networks that know what they don't know
#
# **18 points, about 80 minutes.** This exercise belongs to the chapter *Networks that know what they don't know*.
#
# You draw a weight so that gradients pass through the draw, and measure how far one Gaussian is from another. You make a
# network with dropout answer many times, and mix the answers. Then you check what such answers are worth: you measure
# calibration, and you mend it with a temperature.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other numbers, a single sample.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $N$ samples, $K$ classes, $S$ draws, $M$ bins.

# %% role="given" name="setup"
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data
from dlarch.check import check
from dlarch.training import fit

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · Draw a weight (3 points)
#
# Bayes by Backprop stores for every weight a mean and a number $\rho$, and its standard deviation is
# $\sigma = \log(1 + e^{\rho})$, the *softplus* of $\rho$. Draw weights so that gradients reach both. So that your draws can be
# checked, chance comes from outside: a standard normal number for each weight.
#
# **Contract.** `sample(mean, rho, noise)` returns the drawn weights. All four have one shape. Two points are for the weights, one is for
# the gradients. Values of $\rho$ may be as large as 200 and as low as $-30$.
#
# **Example.** With mean 1, $\rho = 0$ and noise 2 the standard deviation is $\log 2 = 0.6931$ and the weight is
# $1 + 2 \cdot 0.6931 = 2.3863$.
#
# <details><summary>Hint: where to look</summary>
#
# Which numbers may the gradient not pass through, and which must it? `F.softplus` does not overflow.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `std = F.softplus(rho)`
#
# </details>


# %% role="answer" name="sample"
def sample(mean: torch.Tensor, rho: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Weights drawn from independent Gaussians.

    Args:
        mean: of every weight.
        rho: from which softplus makes the standard deviation.
        noise: standard normal, one number a weight.

    Returns:
        The weights, through which gradients reach mean and rho.
    """
    ### BEGIN SOLUTION
    return mean + F.softplus(rho) * noise
    ### END SOLUTION


# %% role="check" name="sample" points=2 refuse="BayesianLinear"
def worked_sample():
    """the example of the text"""
    yield "weights", sample(torch.tensor([1.0]), torch.tensor([0.0]), torch.tensor([2.0]))


def a_matrix():
    """a matrix of weights with chance of both signs"""
    mean, rho = torch.linspace(-1, 2, 6).reshape(2, 3), torch.linspace(-3, 2, 6).reshape(2, 3)
    yield "weights", sample(mean, rho, torch.linspace(-2, 1.5, 6).reshape(2, 3))


def hidden_no_noise():
    """noise of zero, in double precision"""
    mean = torch.linspace(0, 1, 4).double()
    yield "weights", sample(mean, mean - 2, torch.zeros(4).double())


def hidden_large_rho():
    """rho of 200 and of -30"""
    weights = sample(torch.zeros(2), torch.tensor([200.0, -30.0]), torch.tensor([0.5, -1.0]))
    yield "weights", weights[:1]
    yield "small", 1e12 * weights[1:]


# %% role="check" name="sample_gradient" answer="sample" points=1 refuse="BayesianLinear"
def _gradient(leaf):
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def gradients_of_a_draw():
    """weights, and the gradients that reach the mean and rho"""
    mean, rho = torch.tensor([0.5, -1.0]).requires_grad_(), torch.tensor([0.2, -1.5]).requires_grad_()
    weights = sample(mean, rho, torch.tensor([0.7, -1.2]))
    (weights**2).sum().backward()
    yield "weights", weights
    yield "rho", _gradient(rho)
    yield "mean", _gradient(mean)


def hidden_double_gradients():
    """the same in double precision"""
    mean = torch.linspace(-1, 1, 5).double().requires_grad_()
    rho = torch.linspace(-4, 3, 5).double().requires_grad_()
    sample(mean, rho, torch.linspace(2, -1, 5).double()).exp().sum().backward()
    yield "rho", _gradient(rho)
    yield "mean", _gradient(mean)


# %% [markdown]
# ## 2 · How far from the prior? (3 points)
#
# The price that Bayes by Backprop puts on knowing is the KL divergence of the weights' Gaussian $q$ from the prior $p$. For one weight it is
#
# $$\mathrm{KL}(q \,\|\, p) = \log\frac{\sigma_p}{\sigma_q} + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{2\sigma_p^2} - \frac{1}{2}.$$
#
# Weights are independent, so theirs add up.
#
# **Contract.** `kl(mean, std, prior_mean, prior_std)` returns a tensor without axes, in nats. `mean` and `std` belong to $q$ and
# have one shape. `prior_mean` and `prior_std` are numbers. Write the formula out: PyTorch's finished divergence is turned off.
#
# **Example.** $\mathrm{KL}(\mathcal N(1, 2^2) \,\|\, \mathcal N(0, 1)) = -\log 2 + \frac{4 + 1}{2} - \frac12 = 1.3069$.
#
# <details><summary>Hint: where to look</summary>
#
# The prior is in the denominator. Which of the four arguments are standard deviations, and which are squared?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `ratio = std / prior_std`
#
# </details>


# %% role="answer" name="kl"
def kl(mean: torch.Tensor, std: torch.Tensor, prior_mean: float, prior_std: float) -> torch.Tensor:
    """Divergence of independent Gaussians from a prior.

    Args:
        mean: of every weight.
        std: standard deviation of every weight.
        prior_mean: of all weights before the data.
        prior_std: standard deviation of all weights before the data.

    Returns:
        KL(q || p), summed over the weights, in nats.
    """
    ### BEGIN SOLUTION
    spread = (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + spread - 0.5).sum()
    ### END SOLUTION


# %% role="check" name="kl" points=3 refuse="gaussian_kl kl_divergence BayesianLinear"
def worked_kl():
    """the example of the text"""
    yield "nats", kl(torch.tensor([1.0]), torch.tensor([2.0]), 0.0, 1.0)


def three_weights():
    """three weights, a prior with mean 0.5 and standard deviation 2"""
    yield "nats", kl(torch.tensor([0.1, -1.0, 2.0]), torch.tensor([0.3, 1.5, 2.5]), 0.5, 2.0)


def hidden_equal():
    """weights that are exactly as the prior says"""
    yield "nats", 1 + kl(torch.full((4,), -0.3), torch.full((4,), 0.7), -0.3, 0.7)


def hidden_matrix_and_gradients():
    """a matrix in double precision, and the gradients"""
    mean = torch.linspace(-1, 1, 6).double().reshape(2, 3).requires_grad_()
    std = torch.linspace(0.1, 2, 6).double().reshape(2, 3).requires_grad_()
    nats = kl(mean, std, 0.2, 0.6)
    nats.backward()
    yield "nats", nats.detach()
    yield "mean", mean.grad
    yield "std", std.grad


# %% [markdown]
# ## 3 · Answer many times (4 points)
#
# Make a network with dropout answer $S$ times and mix the answers. Dropout must be on, and everything else must behave as in use: batch
# norm keeps its running statistics. When you return, every part of the network is in the mode in which it was given.
#
# **Contract.** `mc_predict(model, x, samples)` returns two tensors: the mean over the draws of the *probabilities*, $(N, K)$, and the entropy
# of this mean for each sample in nats, $(N,)$. Call `model(x)` exactly `samples` times, with the whole of `x`. Dropout layers are instances of
# `nn.Dropout`. A probability may be 0, and $0 \log 0$ is 0. Three points are for the answers, one is for the modes.
#
# **Example.** If two draws give the logits $(100, 0)$ and $(0, 100)$, the mean probabilities are $(0.5, 0.5)$ and the
# entropy is $\log 2 = 0.6931$.
#
# <details><summary>Hint: where to look</summary>
#
# `model.modules()` goes through all parts, and each has `training`. `torch.special.entr` knows what to do with 0.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `modes = [(part, part.training) for part in model.modules()]`
#
# </details>


# %% role="answer" name="mc"
def mc_predict(model: nn.Module, x: torch.Tensor, samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mix the answers of a network whose dropout is on.

    Args:
        model: from x to logits (N, K).
        x: inputs, N along the first axis.
        samples: S, how often to ask.

    Returns:
        Mean probabilities (N, K), and their entropy in nats (N,).
    """
    ### BEGIN SOLUTION
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)
    ### END SOLUTION


# %% role="check" name="mc_answers" answer="mc" points=3 refuse="MCDropout predictive draw DeepEnsemble"
def _turns(logits):
    """A network that returns one list of logits after the other, shifted where dropout is off or batch norm in training."""

    calls = []  # outside of the network, so that a copy of it counts with it

    class Turns(nn.Module):
        def __init__(self):
            super().__init__()
            self.outer, self.inner, self.norm = nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)), nn.BatchNorm1d(1)

        def forward(self, x):
            z = logits[len(calls) % len(logits)].clone()
            calls.append(len(x))
            z[:, 0] = z[:, 0] + (0.0 if self.outer.training else 3.0) - (1.0 if self.norm.training else 0.0)
            z[:, 1] = z[:, 1] - (0.0 if self.inner[0].training else 1.5)
            return z[: len(x)]

        def count(self):
            return len(calls)

    return Turns()


def _logits(draws, samples, classes):
    return 3 * torch.linspace(0, 40, draws * samples * classes).sin().reshape(draws, samples, classes)


def worked_mix():
    """the example of the text"""
    model = _turns(torch.tensor([[[100.0, 0.0]], [[0.0, 100.0]]]))
    p, entropy = mc_predict(model, torch.zeros(1, 3), 2)
    yield "probabilities", p
    yield "entropy", entropy


def four_draws():
    """four draws for three samples of three classes, on a network in use"""
    p, entropy = mc_predict(_turns(_logits(4, 3, 3)).eval(), torch.zeros(3, 2), 4)
    yield "probabilities", p
    yield "entropy", entropy


def a_network_in_training():
    """three draws, on a network that was in training"""
    p, entropy = mc_predict(_turns(_logits(3, 2, 4)).train(), torch.zeros(2, 2), 3)
    yield "probabilities", p
    yield "entropy", entropy


def hidden_certain():
    """all draws agree, and some probabilities are exactly 0"""
    p, entropy = mc_predict(_turns(torch.tensor([[[500.0, 0.0, -500.0]]])), torch.zeros(1, 1), 3)
    yield "probabilities", p
    yield "entropy", 1 + entropy


def hidden_one_draw():
    """a single draw, in double precision, and the calls that were made"""
    model = _turns(_logits(5, 4, 3).double())
    p, entropy = mc_predict(model, torch.zeros(4, 2), 1)
    yield "probabilities", p
    yield "entropy", entropy
    yield "calls", np.array([model.count()])


def hidden_chance():
    """sixty draws of a network whose dropout turns its answer round: is the mean in doubt?"""
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(1, 2)).eval()
    model[1].weight.data, model[1].bias.data = torch.tensor([[50.0], [0.0]]), torch.tensor([0.0, 50.0])
    _, entropy = mc_predict(model, torch.ones(1, 1), 60)
    yield "in doubt", np.array([1 + (entropy.numel() == 1 and bool((entropy > 0.2).all()))])


# %% role="check" name="mc_modes" answer="mc" points=1 refuse="MCDropout predictive draw DeepEnsemble"
def _modes(model):
    return np.array([part.training for part in model.modules()])


def modes_come_back():
    """the modes of all parts after the call, on a network in use"""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2)).eval()
    mc_predict(model, torch.zeros(2, 2), 2)
    yield "modes", 1 + _modes(model)


def hidden_mixed_modes():
    """the modes where batch norm alone was in use, and its running mean"""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5)).train()
    model[1].eval()
    mc_predict(model, torch.ones(4, 2), 2)
    yield "modes", 1 + _modes(model)
    yield "running mean", 1 + model[1].running_mean


# %% [markdown]
# ## 4 · Measure calibration (3 points)
#
# Sort the samples by *confidence*, the probability of the chosen class, into $M$ bins of equal width from 0 to 1. In each bin take the distance
# between mean confidence and accuracy. The expected calibration error is the mean of these distances, each weighted by the share of the samples that
# the bin holds. An edge belongs to the bin below it; empty bins count nothing.
#
# **Contract.** `ece(probabilities, targets, bins)` returns a tensor without axes. `probabilities` is $(N, K)$, `targets` is $(N,)$.
#
# **Example.** Two classes and two bins, confidences 0.6, 0.8 and 0.9, of which the first two are right: all lie in the upper
# bin. Its mean confidence is 0.7667, its accuracy 0.6667, so the error is 0.1.
#
# <details><summary>Hint: where to look</summary>
#
# What is compared in a bin are two means, not sample by sample. `torch.bucketize` finds bins from the inner edges.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `confidence, chosen = probabilities.max(dim=1)`
#
# </details>


# %% role="answer" name="ece"
def ece(probabilities: torch.Tensor, targets: torch.Tensor, bins: int) -> torch.Tensor:
    """Expected calibration error.

    Args:
        probabilities: (N, K), rows that sum to 1.
        targets: (N,), the right classes.
        bins: M, how many of equal width.

    Returns:
        The weighted mean distance of confidence and accuracy.
    """
    ### BEGIN SOLUTION
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total
    ### END SOLUTION


# %% role="check" name="ece" points=3 refuse="expected_calibration_error reliability calibration_curve"
def _claims(n, classes, double=False):
    z = 3 * torch.linspace(0, 50, n * classes, dtype=torch.float64 if double else torch.float32).sin()
    return z.reshape(n, classes).softmax(dim=1), torch.arange(n) * 7 % classes


def worked_ece():
    """the example of the text"""
    p = torch.tensor([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1]])
    yield "error", ece(p, torch.tensor([0, 1, 1]), 2)


def four_classes():
    """thirty samples of four classes in five bins"""
    yield "error", ece(*_claims(30, 4), 5)


def both_signs():
    """one bin too sure, one not sure enough"""
    p = torch.tensor([[0.95, 0.05], [0.94, 0.06], [0.55, 0.45], [0.54, 0.46], [0.53, 0.47]])
    yield "error", ece(p, torch.tensor([0, 1, 0, 0, 0]), 10)


def hidden_edges():
    """confidences of exactly 1, 0.75 and 0.5 in four bins"""
    p = torch.tensor([[1.0, 0.0], [0.75, 0.25], [0.5, 0.5], [0.875, 0.125], [0.625, 0.375]])
    yield "error", ece(p, torch.tensor([1, 1, 0, 1, 0]), 4)


def hidden_many_classes():
    """four samples of ten classes, with confidences from 0.15 to 0.95, in five bins"""
    tops = torch.tensor([0.15, 0.3, 0.7, 0.95])
    p = ((1 - tops) / 9)[:, None].repeat(1, 10)
    p[:, 2] = tops
    yield "error", ece(p, torch.tensor([5, 2, 2, 0]), 5)


def hidden_one():
    """a single bin, and a single sample"""
    yield "one bin", ece(*_claims(12, 3), 1)
    yield "one sample", ece(torch.tensor([[0.2, 0.5, 0.3]]), torch.tensor([2]), 15)


def hidden_double():
    """a hundred samples in double precision"""
    yield "error", ece(*_claims(100, 3, double=True), 15)


# %% [markdown]
# ## 5 · Set the temperature (3 points)
#
# A network that is too sure is calmed if its logits are divided by a temperature $T > 1$. Which one? The one under which held-out samples are
# likeliest. Choose it from a list.
#
# **Contract.** `best_temperature(logits, targets, candidates)` returns the candidate, a Python float, with the lowest mean negative log-likelihood of the
# targets. If two are equal, the first wins. `logits` is $(N, K)$, `candidates` a list of positive floats.
#
# **Example.** Logits $(2, 0)$ for four samples, of which three have class 0: with $T = 2/\log 3 = 1.82$ the network says $\tfrac34$, which is
# right. Among 0.5, 1, 2 and 4 the best is 2.
#
# <details><summary>Hint: where to look</summary>
#
# The temperature never changes which class is largest. So which measure can it not improve?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `losses = [F.cross_entropy(logits / t, targets).item() for t in candidates]`
#
# </details>


# %% role="answer" name="temperature"
def best_temperature(logits: torch.Tensor, targets: torch.Tensor, candidates: list) -> float:
    """The temperature under which the targets are likeliest.

    Args:
        logits: (N, K), of samples that were held out.
        targets: (N,), their classes.
        candidates: temperatures to choose from.

    Returns:
        One of the candidates.
    """
    ### BEGIN SOLUTION
    losses = [F.cross_entropy(logits / t, targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]
    ### END SOLUTION


# %% role="check" name="temperature" points=3 refuse="temperature_scale"
def worked_temperature():
    """the example of the text"""
    logits = torch.tensor([[2.0, 0.0]] * 4)
    yield "temperature", np.array([best_temperature(logits, torch.tensor([0, 0, 0, 1]), [0.5, 1.0, 2.0, 4.0])])


def _many():
    return [3.0, *(round(0.05 * 1.2**k, 4) for k in range(34))]


def _scores(right, scale=8.0):
    """Forty samples of three classes, of which so many are right."""
    z = scale * torch.linspace(0, 60, 120).sin().reshape(40, 3)
    y = z.argmax(dim=1)
    y[right:] = (y[right:] + 1) % 3
    return z, y


def too_sure():
    """large logits, right on thirty of forty samples, and 35 candidates"""
    yield "temperature", np.array([best_temperature(*_scores(30), _many())])


def often_wrong():
    """right on sixteen and on ten of forty samples"""
    yield "sixteen", np.array([best_temperature(*_scores(16), _many())])
    yield "ten", np.array([best_temperature(*_scores(10), _many())])


def always_right():
    """small logits that are always right"""
    yield "temperature", np.array([best_temperature(*_scores(40, scale=0.5), _many())])


def hidden_not_sure_enough():
    """small logits that are nearly always right, candidates in no order"""
    z = 0.5 * torch.linspace(0, 60, 120).sin().reshape(40, 3)
    y = z.argmax(dim=1)
    y[7] = (y[7] + 2) % 3
    yield "temperature", np.array([best_temperature(z, y, [4.0, 0.3, 1.0, 0.05, 0.15, 2.0, 0.6])])


def hidden_large():
    """logits of 2,000, where a probability underflows"""
    z = torch.tensor([[2000.0, 0.0], [0.0, 2000.0], [2000.0, 0.0]])
    yield "temperature", np.array([best_temperature(z, torch.tensor([0, 1, 1]), [1.0, 10.0, 500.0, 3000.0, 9000.0])])


def hidden_tie():
    """two equal logits, under which every temperature is as good"""
    yield "temperature", np.array([best_temperature(torch.zeros(2, 2), torch.tensor([0, 1]), [3.0, 1.0, 2.0])])


# %% [markdown]
# ## 6 · What will it say of noise? (2 points, graded by hand)
#
# A network is trained on digits with dropout of 0.3. Then it is asked about test digits and about pictures of pure noise, once with dropout off and once with the mean of 30 answers
# with dropout on.
#
# Before you run the cell below, write down for all four cases whether the mean entropy will be near 0 or near $\log 10 = 2.30$. Then run it and compare. What does
# dropout change, and why is a high entropy on noise no proof that the network knows what a digit is?
#
# How it is marked, one point each:
#
# - **Prediction** for all four cases, with a reason. A wrong prediction costs nothing.
# - **Comparison**: names the four numbers; says that dropout raises the entropy, as the answers that are mixed differ, and that a high entropy on noise comes from where the
#   boundaries happen to lie, which the training asked nothing about.

# %% [markdown] role="written" name="noise" points=2
# *Prediction.* Digits: near 0 both times, for the network was trained until it was sure, and the mean of 30 sure and equal answers is sure. Noise: somewhere between, and higher
# with dropout on, as the mean of answers that disagree is flatter than each.
#
# *Result.* In my run the entropy on digits was 0.16 with dropout off and 0.24 with it on, on noise 0.62 and 0.93: it rises with dropout, and on noise by more. A mean of distributions never has a lower entropy than they have on average. The entropy on noise comes from
# where the boundaries happen to lie: nothing in training told the network what is no digit. Other strange pictures may lie deep inside a class and get a sure answer.

# %% role="given" name="noise_run"
digits = data.digits()
net = nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Dropout(0.3), nn.Linear(100, 10))
fit(net, (digits.x_train, digits.y_train), epochs=30, batch_size=32, lr=0.003, device="cpu")
for kind, pictures in {"digits": digits.x_test, "noise": torch.rand(900, 1, 8, 8)}.items():
    with torch.no_grad():
        off = net.eval()(pictures).softmax(dim=1)
        net[3].train()
        on = torch.stack([net(pictures).softmax(dim=1) for _ in range(30)]).mean(dim=0)
    print(f"{kind:7s}", *(f"{torch.special.entr(p).sum(dim=1).mean():.2f}" for p in (off, on)))
