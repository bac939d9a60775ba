"""Wrong answers to the exercise `bayes`, each with the line of thought behind it. Each must lose its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "sample",
    "rho-is-the-std",
    says="You use rho as the standard deviation. Rho may be negative; softplus makes a standard deviation of it.",
)
def sample(mean, rho, noise):
    return mean + rho * noise


@misconception(
    "sample",
    "exp-of-rho",
    says="You take the exponential of rho. Here the standard deviation is softplus of rho, log(1 + exp(rho)).",
)
def sample(mean, rho, noise):
    return mean + rho.exp() * noise


@misconception(
    "sample",
    "half-log-variance",
    says="You read rho as the logarithm of the variance, as in many autoencoders. Here the standard deviation is softplus of rho.",
)
def sample(mean, rho, noise):
    return mean + (rho / 2).exp() * noise


@misconception(
    "sample",
    "softplus-is-the-variance",
    says="You read softplus of rho as the variance and take its root. It is the standard deviation already.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho).sqrt() * noise


@misconception(
    "sample",
    "std-squared",
    says="You multiply the noise by the variance. A standard normal number is stretched by the standard deviation.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho) ** 2 * noise


@misconception(
    "sample",
    "sigmoid-of-rho",
    says="You take the sigmoid of rho, which is the derivative of softplus and never passes 1.",
)
def sample(mean, rho, noise):
    return mean + torch.sigmoid(rho) * noise


@misconception(
    "sample",
    "relu-of-rho",
    says="You take the ReLU of rho. It is 0 for negative rho, so there the weight would be certain and learn no spread.",
)
def sample(mean, rho, noise):
    return mean + F.relu(rho) * noise


@misconception(
    "sample",
    "own-noise",
    says="You draw noise of your own. The chance comes in as an argument, so that the same call gives the same weights.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho) * torch.randn_like(noise)


@misconception(
    "sample",
    "noise-forgotten",
    says="You add the standard deviation without the noise. Then every draw is the same, one standard deviation above the mean.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho)


@misconception(
    "sample",
    "mean-only",
    says="You return the mean, which is no draw: rho has no effect on it.",
)
def sample(mean, rho, noise):
    return mean + 0 * rho * noise


@misconception(
    "sample",
    "mean-forgotten",
    says="The mean is missing: your weights are drawn around zero.",
)
def sample(mean, rho, noise):
    return F.softplus(rho) * noise


@misconception(
    "sample",
    "mean-scaled-too",
    says="You stretch the mean together with the noise. The standard deviation belongs to the noise alone.",
)
def sample(mean, rho, noise):
    return (mean + noise) * F.softplus(rho)


@misconception(
    "sample",
    "subtracted",
    says="You subtract the noise. That has the same distribution, but another draw for the same noise; add it here.",
)
def sample(mean, rho, noise):
    return mean - F.softplus(rho) * noise


@misconception(
    "sample",
    "softplus-overflows",
    says="Your softplus is written out, and its exponential overflows where rho is 200. F.softplus does not.",
)
def sample(mean, rho, noise):
    return mean + torch.log(1 + rho.exp()) * noise


@misconception(
    "sample",
    "softplus-clamped",
    says="You keep rho below a limit so that nothing overflows. Then weights with a large rho get too small a spread.",
)
def sample(mean, rho, noise):
    return mean + torch.log(1 + rho.clamp(max=20).exp()) * noise


@misconception(
    "sample",
    "a-draw-without-gradient",
    says="Your draw is cut off from its parameters, by detach, no_grad or Tensor.normal. The chance needs no gradient, mean and rho do.",
)
def sample(mean, rho, noise):
    return (mean + F.softplus(rho) * noise).detach().requires_grad_()


@misconception(
    "sample",
    "std-detached",
    says="Gradients reach your mean and stop before rho, so no weight would ever learn its spread.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho).detach() * noise


@misconception(
    "sample",
    "mean-detached",
    says="Gradients reach your rho and stop before the mean, so no weight would ever move.",
)
def sample(mean, rho, noise):
    return mean.detach() + F.softplus(rho) * noise


@misconception(
    "sample",
    "log1p-overflows",
    says="The exponential inside your log1p overflows where rho is 200. F.softplus does not.",
)
def sample(mean, rho, noise):
    return mean + torch.log1p(rho.exp()) * noise


@misconception(
    "sample",
    "small-spread-lost",
    says="For very low rho, 1 + exp(rho) is rounded to 1, and your standard deviation to 0. F.softplus and log1p keep it.",
)
def sample(mean, rho, noise):
    std = torch.where(rho > 20, rho, torch.log(1 + rho.clamp(max=20).exp()))
    return mean + std * noise


@misconception(
    "sample",
    "without-gradients",
    says="No gradient leaves your function: it draws under no_grad, or by way of numpy, item or Normal.sample.",
)
def sample(mean, rho, noise):
    with torch.no_grad():
        return mean + F.softplus(rho) * noise


@misconception(
    "sample",
    "changes-the-mean",
    says="You change mean itself, in place. It belongs to the layer, and a parameter may not be changed under its own gradient.",
)
def sample(mean, rho, noise):
    mean += F.softplus(rho) * noise
    return mean


@misconception(
    "sample",
    "one-spread-for-all",
    says="You use one standard deviation for all weights. Every weight has its own.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho).mean() * noise


@misconception(
    "sample",
    "log-of-base-two",
    says="Your softplus has the logarithm of base 2. It is the natural one.",
)
def sample(mean, rho, noise):
    return mean + F.softplus(rho) / math.log(2) * noise


@misconception(
    "sample",
    "a-pair",
    says="You return the standard deviation as well. The weights alone were asked for.",
)
def sample(mean, rho, noise):
    std = F.softplus(rho)
    return mean + std * noise, std


@misconception(
    "kl",
    "the-wrong-way",
    says="You measure the prior's divergence from the weights, KL(p || q). It is not symmetric; the weights come first here.",
)
def kl(mean, std, prior_mean, prior_std):
    ratio = prior_std / std
    return (-ratio.log() + (ratio**2 + ((mean - prior_mean) / std) ** 2) / 2 - 0.5).sum()


@misconception(
    "kl",
    "symmetric",
    says="You take the mean of both directions, which is another measure. Here the divergence goes from the weights to the prior.",
)
def kl(mean, std, prior_mean, prior_std):
    ratio = std / prior_std
    gap = (mean - prior_mean) ** 2
    return ((ratio**2 + ratio**-2 + gap / prior_std**2 + gap / std**2) / 4 - 0.5).sum()


@misconception(
    "kl",
    "std-for-variance",
    says="You put standard deviations where variances belong. In the fraction both are squared.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std + (mean - prior_mean) ** 2) / (2 * prior_std) - 0.5).sum()


@misconception(
    "kl",
    "std-not-squared",
    says="The standard deviation of the weights is not squared in your fraction.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "prior-std-not-squared",
    says="The standard deviation of the prior is not squared in your fraction.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std) - 0.5).sum()


@misconception(
    "kl",
    "mean-of-weights",
    says="You take the mean over the weights. They are independent, so their divergences add up.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).mean()


@misconception(
    "kl",
    "half-forgotten",
    says="The last one half is missing, so weights that are as the prior says are not at a distance of 0.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)).sum()


@misconception(
    "kl",
    "half-once",
    says="You subtract one half once. Every weight has its own.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)).sum() - 0.5


@misconception(
    "kl",
    "log-turned",
    says="Your logarithm has its fraction upside down: it falls when the weights' spread grows too narrow, so certainty would be free.",
)
def kl(mean, std, prior_mean, prior_std):
    return (std.log() - math.log(prior_std) + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "log-of-variances",
    says="You take the logarithm of a ratio of variances without halving it. The logarithm is of standard deviations.",
)
def kl(mean, std, prior_mean, prior_std):
    return (
        2 * math.log(prior_std) - 2 * std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5
    ).sum()


@misconception(
    "kl",
    "two-forgotten",
    says="The 2 under the fraction is missing in your divergence.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / prior_std**2 - 0.5).sum()


@misconception(
    "kl",
    "gap-not-squared",
    says="The distance of the means is not squared, so a mean below the prior's would be rewarded.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + mean - prior_mean) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "gap-absolute",
    says="You take the absolute distance of the means. The formula squares it.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean).abs()) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "standard-prior",
    says="You assume a prior with mean 0 and standard deviation 1. Both are given as arguments.",
)
def kl(mean, std, prior_mean, prior_std):
    return (-std.log() + (std**2 + mean**2) / 2 - 0.5).sum()


@misconception(
    "kl",
    "prior-mean-forgotten",
    says="The mean of the prior is missing: you measure the distance from 0.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log(prior_std) - std.log() + (std**2 + mean**2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "prior-std-in-the-log-forgotten",
    says="The prior's standard deviation is missing from your logarithm.",
)
def kl(mean, std, prior_mean, prior_std):
    return (-std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "in-bits",
    says="Your logarithm has the base 2. In nats it has the base e.",
)
def kl(mean, std, prior_mean, prior_std):
    return (math.log2(prior_std) - std.log2() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "std-is-rho",
    says="You put softplus on std. It is a standard deviation already.",
)
def kl(mean, std, prior_mean, prior_std):
    std = F.softplus(std)
    return (math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "penalty-alone",
    says="You return the squared distance of the means alone. That is weight decay: it says nothing about the spread.",
)
def kl(mean, std, prior_mean, prior_std):
    return ((mean - prior_mean) ** 2).sum() / (2 * prior_std**2) + 0 * std.sum()


@misconception(
    "kl",
    "negative",
    says="Your sign is turned: a divergence is never below 0.",
)
def kl(mean, std, prior_mean, prior_std):
    return -(math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5).sum()


@misconception(
    "kl",
    "not-summed",
    says="You return one number for each weight. The sum over the weights was asked for.",
)
def kl(mean, std, prior_mean, prior_std):
    return math.log(prior_std) - std.log() + (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2) - 0.5


@misconception(
    "kl",
    "half-times-prior-variance",
    says="Your division ends too soon: in a / 2 * b the b multiplies. Put 2 * prior_std**2 in parentheses.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean - prior_mean) ** 2) / 2 * prior_std**2
    return (math.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "kl",
    "only-the-gap-divided",
    says="You divide only the distance of the means. The variance of q is divided by twice the variance of the prior as well.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = std**2 + (mean - prior_mean) ** 2 / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "kl",
    "two-squared",
    says="You square the 2 along with the standard deviation of the prior. Only the standard deviation is squared.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std) ** 2
    return (math.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "kl",
    "square-of-the-sum",
    says="You square the sum of standard deviation and distance. Each is squared, then they are added.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std + mean - prior_mean) ** 2 / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "kl",
    "half-the-log",
    says="You halve the logarithm of the ratio too. That is right for a ratio of variances; of standard deviations it counts whole.",
)
def kl(mean, std, prior_mean, prior_std):
    ratio = std / prior_std
    return 0.5 * (ratio**2 + ((mean - prior_mean) / prior_std) ** 2 - 1 - ratio.log()).sum()


@misconception(
    "kl",
    "means-added",
    says="You add the means. What counts is how far they are apart.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean + prior_mean) ** 2) / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "kl",
    "a-bare-number",
    says="You return a Python number, through which no gradient can pass. Return the tensor.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + kept - 0.5).sum().item()


@misconception(
    "kl",
    "one-axis-left",
    says="Your result has an axis of length 1. Sum to a tensor without axes.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)
    return (math.log(prior_std) - std.log() + kept - 0.5).sum().reshape(1)


@misconception(
    "kl",
    "log-of-a-float",
    says="torch.log wants a tensor, and prior_std is a Python number. Use math.log for it.",
)
def kl(mean, std, prior_mean, prior_std):
    kept = (std**2 + (mean - prior_mean) ** 2) / (2 * prior_std**2)
    return (torch.log(prior_std) - std.log() + kept - 0.5).sum()


@misconception(
    "mc",
    "dropout-off",
    says="Dropout is off while you predict, as eval() leaves it. Then all answers are one answer, and the mean shows no doubt.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "everything-in-training",
    says="More than dropout is in training while you predict: you put it there, or left it so. Then batch norm uses the statistics of the batch and changes its running ones. Dropout alone shall be on.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.train()
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "dropout-alone-switched",
    says="More than dropout is in training while you predict: you put it there, or left it so. Then batch norm uses the statistics of the batch and changes its running ones. Dropout alone shall be on.",
)
def mc_predict(model, x, samples):
    dropout = [part for part in model.modules() if isinstance(part, nn.Dropout)]
    for part in dropout:
        part.train()
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part in dropout:
        part.eval()
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "everything-in-training-and-top-mode",
    says="More than dropout is in training while you predict: you put it there, or left it so. Then batch norm uses the statistics of the batch and changes its running ones. Dropout alone shall be on.",
)
def mc_predict(model, x, samples):
    before = model.training
    model.train()
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    model.train(before)
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "modes-as-given",
    says="You call the network in the mode in which it comes. Dropout must be on and batch norm in use, whatever the mode was.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "mean-of-logits",
    says="You average logits and take the softmax of the mean. Probabilities are averaged; draws that are sure of different things would lose their disagreement.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x) for _ in range(samples)]).mean(dim=0).softmax(dim=1)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "mean-of-entropies",
    says="You average the entropies of the draws. That leaves out how far the draws disagree; take the entropy of the mean.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
        p = draws.mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(draws).sum(dim=2).mean(dim=0)


@misconception(
    "mc",
    "one-draw",
    says="You use one draw only, so nothing is mixed.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = [model(x).softmax(dim=1) for _ in range(samples)][-1]
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "one-call-repeated",
    says="You call the network once and repeat its answer, or x. Every draw needs a call of its own, with x as it is.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1)] * samples).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "one-call-for-all-draws",
    says="You call the network once and repeat its answer, or x. Every draw needs a call of its own, with x as it is.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    for part, _ in modes:
        part.training = isinstance(part, nn.Dropout)
    with torch.no_grad():
        p = model(x.repeat(samples, *[1] * (x.dim() - 1))).softmax(dim=1).unflatten(0, (-1, len(x))).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "the-pair-turned-round",
    says="You return the entropies first. The contract asks for the mean probabilities first.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    for part, _ in modes:
        part.training = isinstance(part, nn.Dropout)
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return torch.special.entr(p).sum(dim=1), p


@misconception(
    "mc",
    "sum-of-draws",
    says="You add the probabilities up without dividing by the number of draws.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = sum(model(x).softmax(dim=1) for _ in range(samples))
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "one-draw-too-many",
    says="You call the network once more than was asked, and mix that answer in or throw it away.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        model(x)
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "votes",
    says="You count which class each draw chooses. That forgets how sure it was; average the probabilities.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x) for _ in range(samples)])
        p = F.one_hot(draws.argmax(dim=2), draws.shape[2]).to(draws).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "softmax-over-samples",
    says="Your softmax runs over the samples of the batch. It runs over the classes, the second axis.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=0) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "no-softmax",
    says="You average raw logits as if they were probabilities. They need a softmax first.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "entropy-negative",
    says="Your entropy has the wrong sign: p log p is never above 0.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, -torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "entropy-in-bits",
    says="Your entropy is in bits. In nats the logarithm has the base e.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1) / math.log(2)


@misconception(
    "mc",
    "entropy-mean-over-classes",
    says="You average over the classes. The entropy is the sum over them.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).mean(dim=1)


@misconception(
    "mc",
    "entropy-of-the-batch",
    says="You return one entropy for the whole batch. Every sample has its own.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum()


@misconception(
    "mc",
    "entropy-nan",
    says="A probability of exactly 0 gives NaN in your entropy, since 0 times the logarithm of 0 is computed as it stands.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, -(p * p.log()).sum(dim=1)


@misconception(
    "mc",
    "surprise-of-the-chosen",
    says="You return the negative logarithm of the largest probability. The entropy takes all classes into account.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, -p.amax(dim=1).log()


@misconception(
    "mc",
    "doubt-of-the-chosen",
    says="You return one minus the largest probability, which is another measure of doubt.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, 1 - p.amax(dim=1)


@misconception(
    "mc",
    "variance-for-entropy",
    says="You return the variance over the draws, summed over the classes. The entropy of the mean was asked for.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
        p = draws.mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, draws.var(dim=0, correction=0).sum(dim=1)


@misconception(
    "mc",
    "modes-left",
    says="You leave the network with dropout on. Whoever uses it next gets chance in every answer.",
)
def mc_predict(model, x, samples):
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "left-in-use",
    says="You put the whole network into eval() at the end. Parts that were in training must be so again.",
)
def mc_predict(model, x, samples):
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    model.eval()
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "left-in-training",
    says="You put the whole network into train() at the end. Parts that were in use must be so again.",
)
def mc_predict(model, x, samples):
    for part in model.modules():
        part.training = isinstance(part, nn.Dropout)
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    model.train()
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "top-mode-for-all",
    says="You give all parts the mode that the network as a whole had. One part may have been in another mode.",
)
def mc_predict(model, x, samples):
    before = model.training
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    model.train(before)
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "outer-parts-alone",
    says="You look for dropout among the children of the network alone. It may lie deeper; model.modules() goes all the way down.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.children():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "same-chance-each-time",
    says="You set the seed before each draw, so all draws are the same one.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    p = 0
    with torch.no_grad():
        for _ in range(samples):
            torch.manual_seed(0)
            p = p + model(x).softmax(dim=1) / samples
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "one-draw-too-few",
    says="You draw once less often than asked. The network answers samples times.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = [model(x).softmax(dim=1) for _ in range(samples - 1)]
        p = sum(draws) / max(len(draws), 1) if draws else torch.zeros(len(x), 1)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "first-call-counts-twice",
    says="You start your sum with a call of its own, so there is one answer more than you divide by.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = model(x).softmax(dim=1)
        for _ in range(samples):
            p = p + model(x).softmax(dim=1)
        p = p / samples
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "sample-by-sample",
    says="You call the network for each sample alone. Call it with the whole of x, once for each draw.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.cat(
            [torch.stack([model(one).softmax(dim=1) for _ in range(samples)]).mean(dim=0) for one in x.split(1)]
        )
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "draws-not-mixed",
    says="You return all draws. Their mean was asked for.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
    p = draws.mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return draws, torch.special.entr(p).sum(dim=1)


@misconception(
    "mc",
    "probabilities-alone",
    says="You return the probabilities alone. The entropy of each sample was asked for as well.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p


@misconception(
    "mc",
    "entropy-over-samples",
    says="Your entropy sums over the samples. It is the sum over the classes, the second axis.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        p = torch.stack([model(x).softmax(dim=1) for _ in range(samples)]).mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=0)


@misconception(
    "mc",
    "disagreement",
    says="You subtract the mean entropy of the draws. What is left measures their disagreement; the whole entropy of the mean was asked for.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
    p = draws.mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, torch.special.entr(p).sum(dim=1) - torch.special.entr(draws).sum(dim=2).mean(dim=0)


@misconception(
    "mc",
    "spread-for-entropy",
    says="Your second result is the standard deviation of the draws. The entropy of their mean was asked for.",
)
def mc_predict(model, x, samples):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
    p = draws.mean(dim=0)
    for part, mode in modes:
        part.training = mode
    return p, draws.std(dim=0, correction=0).sum(dim=1)


@misconception(
    "ece",
    "accuracy-only",
    says="You measure how often the network is wrong. A network that is wrong in one of four and says so is well calibrated.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = 1 - right[inside].mean()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "not-weighted",
    says="Your bins all count the same. A bin counts as much as the share of the samples in it.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap / bins
    return total


@misconception(
    "ece",
    "mean-of-full-bins",
    says="You average over the bins that hold samples. A bin counts as much as the share of the samples in it.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total, full = torch.zeros(()).to(confidence), 0
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total, full = total + gap, full + 1
    return total / full


@misconception(
    "ece",
    "signed",
    says="Your gaps keep their sign, so a bin that is too sure makes up for one that is not sure enough.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = confidence[inside].mean() - right[inside].mean()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "squared",
    says="You square the gaps. Their absolute value was asked for.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()) ** 2
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "sample-by-sample",
    says="You compare confidence and outcome for each sample. A single outcome is 0 or 1; calibration compares the means of a bin.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside] - right[inside]).abs().mean()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "worst-bin",
    says="You return the gap of the worst bin, which is the maximum calibration error. The expected one is a weighted mean.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = torch.maximum(total, gap)
    return total


@misconception(
    "ece",
    "sum-of-gaps",
    says="You add the gaps up without weights, so the result can be larger than 1.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap
    return total


@misconception(
    "ece",
    "edge-above",
    says="An edge belongs to the bin above it in your count. Here it belongs to the bin below, as with bucketize as it comes.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence), right=True)
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "sure-ones-lost",
    says="Samples with a confidence of exactly 1 fall in no bin of yours. They belong to the last.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = (confidence * bins).floor().long()
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "middle-of-bin",
    says="You compare accuracy with the middle of the bin. The mean confidence of its samples was asked for.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = ((m + 0.5) / bins - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "bins-from-chance",
    says="Your bins start at 1/K, the lowest confidence that is possible. Here they go from 0 to 1.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    low = 1 / probabilities.shape[1]
    place = torch.bucketize(confidence, torch.linspace(low, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "bins-of-equal-numbers",
    says="Your bins hold equally many samples each. They have equal width here.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    total = 0.0
    for part in confidence.argsort().chunk(bins):
        total = total + (confidence[part].mean() - right[part].mean()).abs() * len(part) / len(targets)
    return total


@misconception(
    "ece",
    "equal-counts",
    says="Your bins hold equally many samples each. They have equal width here.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = confidence.argsort().argsort() * bins // len(targets)
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "probability-of-the-target",
    says="You take the probability of the right class as the confidence. Confidence is what the network says of its own choice.",
)
def ece(probabilities, targets, bins):
    chosen = probabilities.argmax(dim=1)
    confidence = probabilities.gather(1, targets[:, None]).squeeze(1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "one-bin-too-few",
    says="You have one bin too few: that many edges, the ends included, make one bin less.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "one-bin-too-many",
    says="You have one bin too many: that many inner edges make one bin more.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 2)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any() or m < 0:
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "first-class-only",
    says="You look at the probability of class 0, as if there were one class to be right about. Take the class that the network chooses.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities[:, 0], torch.zeros_like(targets)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "empty-bins",
    says="An empty bin makes your result NaN. The mean of no numbers is no number; leave such a bin out.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside is not None:
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "softmax-again",
    says="You put a softmax over probabilities, which flattens them. They sum to 1 already.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.softmax(dim=1).max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "in-percent",
    says="Your error is in percent. It is asked for as a number from 0 to 1.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return 100 * total


@misconception(
    "ece",
    "all-in-one",
    says="You compare the mean confidence with the accuracy over all samples. Bins that are too sure and not sure enough then cancel.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    return (confidence.mean() - (chosen == targets).to(confidence).mean()).abs()


@misconception(
    "ece",
    "squared-distance-from-the-target",
    says="You measure the squared distance from the right answer, the Brier score. It mixes calibration with being right.",
)
def ece(probabilities, targets, bins):
    return ((probabilities - F.one_hot(targets, probabilities.shape[1])) ** 2).sum(dim=1).mean()


@misconception(
    "ece",
    "every-class",
    says="You measure every class of every sample. Confidence is the probability of the chosen class alone.",
)
def ece(probabilities, targets, bins):
    confidence = probabilities.flatten()
    right = F.one_hot(targets, probabilities.shape[1]).to(confidence).flatten()
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(confidence)
    return total


@misconception(
    "ece",
    "counts-for-shares",
    says="You weight a bin by the number of its samples. Divide by the number of all samples, so that the weights sum to 1.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum()
    return total


@misconception(
    "ece",
    "edges-for-bins",
    says="linspace(0, 1, bins) makes that many edges, and one bin less. For M bins there are M + 1 edges.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    edges = torch.linspace(0, 1, bins).to(confidence)
    total = torch.zeros(()).to(confidence)
    for m in range(bins - 1):
        inside = (confidence > edges[m]) & (confidence <= edges[m + 1])
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "numbers-from-one",
    says="With the outer edges in its list, bucketize numbers the bins from 1. Your loop starts at 0 and leaves out the last bin.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1).to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "root-of-the-mean-square",
    says="You take the root of the mean squared gap. The mean of their absolute values was asked for.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap**2 * inside.sum() / len(targets)
    return total.sqrt()


@misconception(
    "ece",
    "edges-in-two-bins",
    says="A sample on an edge counts in two of your bins. It belongs to the bin below alone.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    edges = torch.linspace(0, 1, bins + 1).to(confidence)
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = (confidence >= edges[m]) & (confidence <= edges[m + 1])
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "edges-in-no-bin",
    says="A sample on an edge falls in none of your bins, and a confidence of 1 is such an edge. It belongs to the bin below.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    edges = torch.linspace(0, 1, bins + 1).to(confidence)
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = (confidence > edges[m]) & (confidence < edges[m + 1])
        if inside.any():
            gap = (confidence[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "error-for-accuracy",
    says="You compare confidence with the share that is wrong. Compare it with the share that is right.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = (confidence[inside].mean() - (1 - right[inside]).mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "ece",
    "confidence-of-the-right-ones",
    says="You take the confidence of the right answers alone. The wrong ones have a confidence too.",
)
def ece(probabilities, targets, bins):
    confidence, chosen = probabilities.max(dim=1)
    right = (chosen == targets).to(confidence)
    place = torch.bucketize(confidence, torch.linspace(0, 1, bins + 1)[1:-1].to(confidence))
    total = torch.zeros(()).to(confidence)
    for m in range(bins):
        inside = place == m
        if inside.any():
            gap = ((confidence * right)[inside].mean() - right[inside].mean()).abs()
            total = total + gap * inside.sum() / len(targets)
    return total


@misconception(
    "temperature",
    "times-the-temperature",
    says="You multiply by the temperature. Logits are divided by it, so that a high temperature makes the network less sure.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits * t, targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "by-accuracy",
    says="You choose by accuracy, which no temperature changes: the largest logit stays the largest.",
)
def best_temperature(logits, targets, candidates):
    hits = [((logits / t).argmax(dim=1) == targets).sum().item() for t in candidates]
    return candidates[hits.index(max(hits))]


@misconception(
    "temperature",
    "highest-loss",
    says="You choose the highest loss. The temperature under which the targets are likeliest has the lowest.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t, targets).item() for t in candidates]
    return candidates[losses.index(max(losses))]


@misconception(
    "temperature",
    "place-not-temperature",
    says="You return the place in the list. The temperature that stands there was asked for.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t, targets).item() for t in candidates]
    return losses.index(min(losses))


@misconception(
    "temperature",
    "the-loss",
    says="You return the lowest loss. The temperature that reaches it was asked for.",
)
def best_temperature(logits, targets, candidates):
    return min(F.cross_entropy(logits / t, targets).item() for t in candidates)


@misconception(
    "temperature",
    "softmax-twice",
    says="You give probabilities to cross_entropy, which takes a softmax itself. Give it the divided logits.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy((logits / t).softmax(dim=1), targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "probabilities-divided",
    says="You divide probabilities by the temperature. It belongs to the logits, before the softmax.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits.softmax(dim=1) / t, targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "entropy-highest",
    says="Your choice is always the highest temperature, under which the network is least sure. Divide the logits before the softmax, and measure the targets.",
)
def best_temperature(logits, targets, candidates):
    doubt = [torch.special.entr((logits / t).softmax(dim=1)).sum().item() for t in candidates]
    return candidates[doubt.index(max(doubt))]


@misconception(
    "temperature",
    "own-choices",
    says="You measure how likely the network's own choices are, which is best at the lowest temperature. Measure the targets.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t, logits.argmax(dim=1)).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "no-temperature",
    says="You return 1, which changes nothing, or forget to divide.",
)
def best_temperature(logits, targets, candidates):
    return min(candidates, key=lambda t: abs(t - 1))


@misconception(
    "temperature",
    "mean-confidence",
    says="You match the mean confidence with the accuracy. That is one condition for calibration; the likelihood of the targets was asked for.",
)
def best_temperature(logits, targets, candidates):
    accuracy = (logits.argmax(dim=1) == targets).float().mean()
    gaps = [((logits / t).softmax(dim=1).amax(dim=1).mean() - accuracy).abs().item() for t in candidates]
    return candidates[gaps.index(min(gaps))]


@misconception(
    "temperature",
    "log-underflows",
    says="A probability underflows to 0 in your loss, and its logarithm is minus infinity. Take log_softmax of the logits in one step.",
)
def best_temperature(logits, targets, candidates):
    p = [(logits / t).softmax(dim=1).gather(1, targets[:, None]) for t in candidates]
    losses = [-v.log().mean().nan_to_num(neginf=0).item() for v in p]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "mean-probability",
    says="You choose by the mean probability of the targets, without a logarithm. A sure mistake then costs hardly more than an unsure one.",
)
def best_temperature(logits, targets, candidates):
    p = [(logits / t).softmax(dim=1).gather(1, targets[:, None]).mean().item() for t in candidates]
    return candidates[p.index(max(p))]


@misconception(
    "temperature",
    "squared-temperature",
    says="You divide by the square of the temperature.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t**2, targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "last-of-equals",
    says="Where two temperatures are equally good you return the last of them. The first was asked for.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t, targets).item() for t in candidates]
    return [t for t, loss in zip(candidates, losses, strict=True) if loss == min(losses)][-1]


@misconception(
    "temperature",
    "smallest-of-equals",
    says="Where two temperatures are equally good you return the smaller one. The first in the list was asked for.",
)
def best_temperature(logits, targets, candidates):
    return min((F.cross_entropy(logits / t, targets).item(), t) for t in candidates)[1]


@misconception(
    "temperature",
    "squared-error",
    says="You choose by the squared distance of probabilities and targets. It is a fair measure, but the likelihood was asked for.",
)
def best_temperature(logits, targets, candidates):
    losses = [
        ((logits / t).softmax(dim=1) - F.one_hot(targets, logits.shape[1])).square().sum().item() for t in candidates
    ]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "softmax-over-samples",
    says="Your softmax runs over the samples. It runs over the classes, the second axis.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.nll_loss((logits / t).log_softmax(dim=0), targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]


@misconception(
    "temperature",
    "root-of-the-temperature",
    says="You divide by the root of the temperature. Divide by the temperature itself.",
)
def best_temperature(logits, targets, candidates):
    losses = [F.cross_entropy(logits / t**0.5, targets).item() for t in candidates]
    return candidates[losses.index(min(losses))]
