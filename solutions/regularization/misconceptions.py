"""Wrong answers to the exercise `regularization`, each with the line of thought behind it. Each must lose its points."""

import torch

from coursekit.exercise import misconception


@misconception(
    "penalised",
    "biases-counted",
    says="You pull on the biases and scales too. They set no slope, and the penalty is over weights only: "
    "parameters with two or more axes.",
)
def penalised(parameters, gradients, strength):
    return [g + 2 * strength * p for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "factor-two-forgotten",
    says="Your pull is half as strong as it should be: the derivative of w squared is 2w.",
)
def penalised(parameters, gradients, strength):
    return [g + strength * p if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "penalty-instead-of-its-derivative",
    says="You add the penalty itself, strength times w squared, to the gradient. Then a negative weight is pushed "
    "further from zero. What belongs there is its derivative with respect to w.",
)
def penalised(parameters, gradients, strength):
    return [g + strength * p**2 if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "sign-reversed",
    says="You subtract the pull. A gradient points where the loss grows, and the penalty grows away from zero; the "
    "optimiser's minus does the rest.",
)
def penalised(parameters, gradients, strength):
    return [g - 2 * strength * p if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "absolute-values",
    says="You pull on every weight equally hard, by its sign alone. That is the derivative of the sum of absolute "
    "values, the L1 penalty. For squares the pull grows with the weight.",
)
def penalised(parameters, gradients, strength):
    return [g + strength * p.sign() if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "loss-forgotten",
    says="You return the gradient of the penalty alone. What the data say, the gradient of the loss, is added to it.",
)
def penalised(parameters, gradients, strength):
    return [2 * strength * p if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "mean-for-sum",
    says="You divide by the number of weights, as for a mean. The penalty is a sum over the weights, so a large "
    "matrix is not pulled more weakly than a small one.",
)
def penalised(parameters, gradients, strength):
    return [
        g + 2 * strength * p / p.numel() if p.ndim > 1 else g.clone()
        for p, g in zip(parameters, gradients, strict=True)
    ]


@misconception(
    "penalised",
    "matrices-only",
    says="You pull on matrices alone and leave out the kernels of convolutions, which have four axes. Weights have "
    "two axes or more.",
)
def penalised(parameters, gradients, strength):
    return [g + 2 * strength * p if p.ndim == 2 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "gradient-overwritten",
    says="Your numbers are right, but the call changes the gradients that it was given: += works in place. Make a "
    "new tensor with +.",
)
def penalised(parameters, gradients, strength):
    for p, g in zip(parameters, gradients, strict=True):
        if p.ndim > 1:
            g += 2 * strength * p
    return gradients


@misconception(
    "penalised",
    "gradient-scaled",
    says="You scale the gradient of the loss. The factor 1 - 2 times strength belongs to the weight, in the step "
    "that shrinks it; the gradient gets a term added.",
)
def penalised(parameters, gradients, strength):
    return [g * (1 - 2 * strength) if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "pull-of-the-length",
    says="Your pull has the same total length for every matrix: it belongs to the length of w, the root of the sum "
    "of squares. Without the root the pull is 2 times strength times w.",
)
def penalised(parameters, gradients, strength):
    return [
        g + strength * p / p.norm() if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)
    ]


@misconception(
    "penalised",
    "biases-set-to-zero",
    says="The gradients of biases and scales come back as zeros, so these would never learn. Leaving them out of "
    "the penalty means that their gradient stays as it was.",
)
def penalised(parameters, gradients, strength):
    return [
        g + 2 * strength * p if p.ndim > 1 else torch.zeros_like(g) for p, g in zip(parameters, gradients, strict=True)
    ]


@misconception(
    "penalised",
    "biases-left-out-of-the-list",
    says="Your list holds gradients for the weights only. Biases keep their gradient, so the list is as long as "
    "the one you were given.",
)
def penalised(parameters, gradients, strength):
    return [g + 2 * strength * p for p, g in zip(parameters, gradients, strict=True) if p.ndim > 1]


@misconception(
    "penalised",
    "first-weight-only",
    says="Only the first weight is pulled, and the later ones keep the gradient of the loss. The sum runs over the "
    "weights of all layers.",
)
def penalised(parameters, gradients, strength):
    return [gradients[0] + 2 * strength * parameters[0], *gradients[1:]] if parameters[0].ndim > 1 else list(gradients)


@misconception(
    "penalised",
    "value-of-the-penalty-added",
    says="You add the whole penalty, one number, to every entry. A gradient says how the penalty changes with "
    "that one weight: twice the strength times the weight.",
)
def penalised(parameters, gradients, strength):
    penalty = strength * sum(p.square().sum() for p in parameters if p.ndim > 1)
    return [g + penalty if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "sign-of-the-weight-lost",
    says="You pull by the size of the weight without its sign, so a negative weight is driven further from "
    "zero. The derivative of w squared is 2w, and it is negative where w is.",
)
def penalised(parameters, gradients, strength):
    return [g + 2 * strength * p.abs() if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "penalised",
    "a-step-instead-of-a-gradient",
    says="You return what the weight would be after a step. The task asks for the gradient alone, before the "
    "optimiser uses it.",
)
def penalised(parameters, gradients, strength):
    return [p * (1 - 2 * strength) - g if p.ndim > 1 else g.clone() for p, g in zip(parameters, gradients, strict=True)]


@misconception(
    "dropout",
    "not-rescaled",
    says="What stays is not divided by 1 - p. The mean of every number is then smaller in training than in use. "
    "The first papers made up for it by a factor in use; here, as in PyTorch, the division is done in "
    "training.",
)
def dropout(x, p, noise, training):
    return x * (noise >= p) if training else x.clone()


@misconception(
    "dropout",
    "multiplied-instead-of-divided",
    says="You multiply what stays by 1 - p. That makes the mean smaller twice: once by dropping, once by the "
    "factor. To make up for what is dropped, divide.",
)
def dropout(x, p, noise, training):
    return x * (noise >= p) * (1 - p) if training else x.clone()


@misconception(
    "dropout",
    "scaled-in-use",
    says="You multiply by 1 - p in use. The division in training already keeps the mean, so in use nothing is left "
    "to correct and the input comes back.",
)
def dropout(x, p, noise, training):
    if not training:
        return x * (1 - p)
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise >= p) / (1 - p)


@misconception(
    "dropout",
    "active-in-use",
    says="You drop in use. Then the same image gets another answer each time it is shown. Look at training first: "
    "when it is False, the layer gives back its input.",
)
def dropout(x, p, noise, training):
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise >= p) / (1 - p)


@misconception(
    "dropout",
    "nothing-dropped-in-training",
    says="Nothing is dropped in training: the result is the input. When training is True the mask acts, when it is "
    "False the input comes back.",
)
def dropout(x, p, noise, training):
    return x


@misconception(
    "dropout",
    "p-read-as-keep",
    says="You keep a number with probability p. Here, as in PyTorch, p is the probability of zero, so what stays "
    "has probability 1 - p.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    return x * (noise < p) / p if p > 0 else torch.zeros_like(x)


@misconception(
    "dropout",
    "divided-by-p",
    says="You divide what stays by p. Of the numbers a share of 1 - p stays, so dividing by 1 - p keeps the mean.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    return x * (noise >= p) / p if p > 0 else x.clone()


@misconception(
    "dropout",
    "mask-turned-round",
    says="You keep what should be dropped: a number is dropped where its noise is less than p, and stays elsewhere.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise < p) / (1 - p)


@misconception(
    "dropout",
    "equal-is-dropped",
    says="Where the noise equals p exactly, the number stays: it is dropped where the noise is less than p. With p "
    "= 0 your rule drops a number whose noise is 0.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise > p) / (1 - p)


@misconception(
    "dropout",
    "zero-divided-by-zero",
    says="With p = 1 you divide zero by zero, which gives nan, and nan spreads through every later layer. Nothing "
    "stays, so the result is zeros.",
)
def dropout(x, p, noise, training):
    return x * (noise >= p) / (1 - p) if training else x.clone()


@misconception(
    "dropout",
    "divided-by-the-share-that-stayed",
    says="You divide by the share that happened to stay in this mask. It differs from 1 - p from draw to draw, and "
    "makes each number depend on the fate of the others.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    keep = (noise >= p).to(x.dtype)
    return x * keep / keep.mean() if keep.any() else torch.zeros_like(x)


@misconception(
    "dropout",
    "whole-rows-dropped",
    says="You drop or keep whole rows by the noise of their first entry. Each number has a noise of its own.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise[..., :1] >= p) / (1 - p)


@misconception(
    "dropout",
    "noise-multiplied",
    says="You multiply by the noise itself. The noise only decides, by comparison with p, whether a number stays.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    return x * noise / (1 - p) if p < 1 else torch.zeros_like(x)


@misconception(
    "dropout",
    "dropped-values-removed",
    says="You take the dropped numbers out, so the result is shorter than x. They become zeros and keep their place.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    return x[noise >= p] / (1 - p)


@misconception(
    "dropout",
    "input-overwritten",
    says="Your numbers are right, but the call changes x. The shortcut or the backward pass may still need "
    "it. Work on a new tensor.",
)
def dropout(x, p, noise, training):
    if not training:
        return x
    x[noise < p] = 0
    return x / (1 - p) if p < 1 else x


@misconception(
    "dropout",
    "divided-in-use",
    says="You divide by 1 - p in use too. Nothing is dropped there, so there is nothing to make up for and the "
    "input comes back as it is.",
)
def dropout(x, p, noise, training):
    if p == 1:
        return torch.zeros_like(x) if training else x
    return x * (noise >= p) / (1 - p) if training else x / (1 - p)


@misconception(
    "dropout",
    "masked-in-use",
    says="You leave out the division in use, but still drop. In use the layer gives back its input, every "
    "number of it.",
)
def dropout(x, p, noise, training):
    keep = noise >= p
    if not training or p == 1:
        return x * keep
    return x * keep / (1 - p)


@misconception(
    "dropout",
    "number-type-lost",
    says="With p = 1 your zeros are in single precision whatever x is. zeros_like(x) has the shape and the "
    "number type of x.",
)
def dropout(x, p, noise, training):
    if not training:
        return x.clone()
    return x * (noise >= p) / (1 - p) if p < 1 else torch.zeros(x.shape)


@misconception(
    "dropout",
    "nothing-dropped-at-one",
    says="At p = 1 you return the input. Every number is dropped there, so the result is zeros.",
)
def dropout(x, p, noise, training):
    if not training or p == 1:
        return x
    return x * (noise >= p) / (1 - p)


@misconception(
    "batch_norm",
    "batch-statistics-in-use",
    says="You use the statistics of the batch in use as well. Then an image's output depends on the others shown "
    "with it, and a single pixel comes out as beta alone. In use the running estimates stand in.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
    if training:
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "running-statistics-in-training",
    says="You normalise by the running estimates in training. They are for use; in training each batch is "
    "normalised by its own mean and variance.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    mean, var = running_mean, running_var
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "biased-variance-kept",
    says="You keep the biased variance. The running variance is for images to come, of which the batch is a "
    "sample, so it takes the sum of squares divided by n - 1.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=0)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "unbiased-variance-in-the-output",
    says="You normalise by the unbiased variance. The batch in hand is normalised by its own variance, the sum of "
    "squares divided by n; the n - 1 belongs to the running estimate alone.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=1)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "number-of-images-for-n",
    says="Your unbiased variance takes the number of images for n. A channel has a value for every image and every "
    "pixel, so n is B times H times W.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * len(x) / max(len(x) - 1, 1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "eps-outside-the-root",
    says="You add eps to the root. It stands under it: the root of (variance + eps). With a small variance the two "
    "differ a lot.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None].sqrt() + eps)
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "eps-forgotten",
    says="You leave eps out. A channel that is constant over the batch then divides by zero.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / var[:, None, None].sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "root-forgotten",
    says="You divide by the variance. The deviation, its root, has the unit of x; only then is the result of "
    "variance one.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps)
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "momentum-turned-round",
    says="You have the momentum the wrong way round: the batch gets the share momentum, and what was there keeps 1 "
    "- momentum. Optimisers use the word the other way round.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "estimates-replaced",
    says="Your running estimates are those of the last batch. They take a step of the size momentum towards it and "
    "remember the batches before.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = mean
        running_var = x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "estimates-never-updated",
    says="Your running estimates come back as they went in. In training they take a step towards the batch, else "
    "use would normalise by 0 and 1 for ever.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "estimates-updated-in-use",
    says="You update the running estimates in use as well. A model would change whenever somebody uses it, and "
    "test images would leak into it.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
    running_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=(0, 2, 3))
    running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "deviation-kept",
    says="You keep the deviation, the root, where the variance is asked for. The root is taken when the estimate "
    "is used.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.std(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "estimates-of-the-output",
    says="Your running mean follows the output, after gamma and beta. It has to follow the input, because that is "
    "what it will normalise.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    y = y * gamma[:, None, None] + beta[:, None, None]
    if training:
        running_mean = (1 - momentum) * running_mean + momentum * y.mean(dim=(0, 2, 3))
    return y, running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "scale-and-shift-forgotten",
    says="Gamma and beta are left out. They let the network choose another scale and another mean for each channel.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y, running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "beta-scaled-too",
    says="You multiply beta by gamma as well: scale first, then shift.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return (y + beta[:, None, None]) * gamma[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "estimates-overwritten-in-place",
    says="Your numbers are right, but the call changes the running estimates that it was given. Return new "
    "tensors; += and mul_ work in place.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean *= 1 - momentum
        running_mean += momentum * mean
        running_var *= 1 - momentum
        running_var += momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "along-the-width",
    says="Your gamma and beta run along the width, because numbers of shape (C,) are matched with the last axis of "
    "x. Give them the shape (C, 1, 1) with [:, None, None].",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma + beta, running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "over-the-batch-alone",
    says="You take mean and variance over the batch alone, one for each pixel. All pixels of a channel share one "
    "mean and one variance: average over height and width too.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    if not training:
        y = (x - running_mean.view(shape)) / (running_var.view(shape) + eps).sqrt()
        return y * gamma.view(shape) + beta.view(shape), running_mean.clone(), running_var.clone()
    mean, var = x.mean(dim=(0,), keepdim=True), x.var(dim=(0,), correction=0, keepdim=True)
    new_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=(0, 2, 3))
    new_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    return (x - mean) / (var + eps).sqrt() * gamma.view(shape) + beta.view(shape), new_mean, new_var


@misconception(
    "batch_norm",
    "over-the-pixels-alone",
    says="You take mean and variance over the pixels of each image alone. That is instance norm. Batch norm "
    "averages over the images of the batch too.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    if not training:
        y = (x - running_mean.view(shape)) / (running_var.view(shape) + eps).sqrt()
        return y * gamma.view(shape) + beta.view(shape), running_mean.clone(), running_var.clone()
    mean, var = x.mean(dim=(2, 3), keepdim=True), x.var(dim=(2, 3), correction=0, keepdim=True)
    new_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=(0, 2, 3))
    new_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    return (x - mean) / (var + eps).sqrt() * gamma.view(shape) + beta.view(shape), new_mean, new_var


@misconception(
    "batch_norm",
    "over-channels-and-pixels",
    says="You take mean and variance over all numbers of one image, channels included. That is a layer norm. Batch "
    "norm keeps the channels apart and mixes the images.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    if not training:
        y = (x - running_mean.view(shape)) / (running_var.view(shape) + eps).sqrt()
        return y * gamma.view(shape) + beta.view(shape), running_mean.clone(), running_var.clone()
    mean, var = x.mean(dim=(1, 2, 3), keepdim=True), x.var(dim=(1, 2, 3), correction=0, keepdim=True)
    new_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=(0, 2, 3))
    new_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    return (x - mean) / (var + eps).sqrt() * gamma.view(shape) + beta.view(shape), new_mean, new_var


@misconception(
    "batch_norm",
    "over-everything",
    says="You take a single mean and variance over the whole batch, all channels together. Each channel has its own.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    if not training:
        y = (x - running_mean.view(shape)) / (running_var.view(shape) + eps).sqrt()
        return y * gamma.view(shape) + beta.view(shape), running_mean.clone(), running_var.clone()
    mean, var = x.mean(dim=(0, 1, 2, 3), keepdim=True), x.var(dim=(0, 1, 2, 3), correction=0, keepdim=True)
    new_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=(0, 2, 3))
    new_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    return (x - mean) / (var + eps).sqrt() * gamma.view(shape) + beta.view(shape), new_mean, new_var


@misconception(
    "batch_norm",
    "old-estimates-in-training",
    says="You normalise by the running estimates that came in. In training each batch is normalised by its own "
    "mean and variance; the estimates are only kept for use.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    old_mean, old_var = running_mean, running_var
    if training:
        mean = x.mean(dim=(0, 2, 3))
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - old_mean[:, None, None]) / (old_var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "correction-turned-round",
    says="Your running variance takes (n - 1) / n of the biased one, which makes it smaller still. To divide "
    "by n - 1 instead of n, multiply by n / (n - 1).",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        n = x.numel() / x.shape[1]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * (n - 1) / n
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "eps-kept",
    says="Eps got into your running variance. It is added only under the root, each time the norm is applied; "
    "the estimate is of the variance itself.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * (x.var(dim=(0, 2, 3), correction=1) + eps)
    y = (x - mean[:, None, None]) / (var[:, None, None] + eps).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "eps-written-in",
    says="You write 1e-5 into the formula. Use the argument eps: the caller may choose another one.",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    y = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
    return y * gamma[:, None, None] + beta[:, None, None], running_mean.clone(), running_var.clone()


@misconception(
    "batch_norm",
    "channels-beside-the-width",
    says="You put numbers of shape (C,) beside x as they are. Shapes are matched from the right, so they act on the last "
    "axis, the width of the image. The channels are the second axis: give them the shape (C, 1, 1).",
)
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(dim=(0, 2, 3), correction=1)
    return gamma * (x - mean) / (var + eps).sqrt() + beta, running_mean, running_var


@misconception(
    "fold",
    "bias-of-the-layer-forgotten",
    says="The bias of the linear layer is lost. It reaches the norm with the rest of z, so it is scaled and joins "
    "the new bias.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, beta - scale * mean


@misconception(
    "fold",
    "running-mean-forgotten",
    says="The running mean is lost. The norm subtracts it before it scales, so the new bias holds scale times "
    "(bias - mean).",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * bias + beta


@misconception(
    "fold",
    "beta-forgotten",
    says="Beta is lost. The norm adds it at the end, after the scale.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean)


@misconception(
    "fold",
    "bias-not-scaled",
    says="You leave the bias of the layer unscaled. It comes before the norm, so the scale acts on it as on "
    "everything in z.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, bias - scale * mean + beta


@misconception(
    "fold",
    "mean-not-scaled",
    says="You subtract the running mean after the scale. The norm subtracts first and scales then, so the mean is "
    "scaled too.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * bias - mean + beta


@misconception(
    "fold",
    "beta-scaled-too",
    says="You scale beta as well. Beta is added after the scale.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean + beta)


@misconception(
    "fold",
    "mean-added",
    says="You add the running mean, and the norm subtracts it.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias + mean) + beta


@misconception(
    "fold",
    "weight-left-as-it-was",
    says="You change the bias alone. The norm scales all of z, the part with x included, so every row of the "
    "weight is scaled too.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return weight.clone(), scale * (bias - mean) + beta


@misconception(
    "fold",
    "columns-scaled",
    says="You scale the columns of the weight: numbers of shape (K,) are matched with its last axis. An output is "
    "a row, so the scale needs the shape (K, 1).",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "eps-forgotten",
    says="You leave eps out. Where the variance is small, the folded layer differs a lot from the norm.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / var.sqrt()
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "eps-outside-the-root",
    says="You add eps to the root. It stands under it: the root of (variance + eps).",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var.sqrt() + eps)
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "root-forgotten",
    says="You divide by the variance. The norm divides by the deviation, its root.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps)
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "gamma-forgotten",
    says="Gamma is lost: the scale of the norm is gamma divided by the deviation.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = 1 / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "weight-overwritten",
    says="Your numbers are right, but the call changes the layer that it was given: *= works in place. Make new "
    "tensors.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    weight *= scale[:, None]
    return weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "eps-written-in",
    says="You write 1e-5 into the formula. Use the argument eps: the caller may choose another one.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + 1e-5).sqrt()
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "root-multiplied",
    says="You multiply by the deviation. The norm divides by it, so the scale is gamma divided by the root.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma * (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean) + beta


@misconception(
    "fold",
    "beta-subtracted",
    says="You subtract beta, and the norm adds it.",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean) - beta


@misconception(
    "fold",
    "columns-scaled-weight-first",
    says="You scale the columns of the weight: numbers of shape (K,) are matched with its last axis. An output is a row, "
    "so the scale needs the shape (K, 1).",
)
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / (var + eps).sqrt()
    return weight * scale, scale * (bias - mean) + beta


@misconception(
    "diagnosis",
    "names-exchanged",
    says="You have overfitting and underfitting the wrong way round. Overfitting is a low loss on what is known "
    "and a rising one on what is not; underfitting is a high loss on both.",
)
def diagnosis():
    return {"A": "rate", "B": "underfitting", "C": "fine", "D": "overfitting"}


@misconception(
    "diagnosis",
    "jumps-read-as-overfitting",
    says="You read the jumping curves as overfitting. In overfitting the loss on known images gets low and keeps "
    "falling; where it jumps and stays high, the steps are too long.",
)
def diagnosis():
    return {"A": "overfitting", "B": "rate", "C": "fine", "D": "underfitting"}


@misconception(
    "diagnosis",
    "jumps-read-as-underfitting",
    says="You read the jumping curves as underfitting, and the flat high ones as a rate that is too high. Both "
    "losses are high in both panels. A step that is too long makes them jump, a network that cannot fit "
    "leaves them flat.",
)
def diagnosis():
    return {"A": "underfitting", "B": "overfitting", "C": "fine", "D": "rate"}


@misconception(
    "diagnosis",
    "low-known-loss-is-fine",
    says="You call fine the panel whose known loss is low, although its unseen loss rises. The known loss is no "
    "aim in itself; ask what happens to the unseen one.",
)
def diagnosis():
    return {"A": "rate", "B": "fine", "C": "fine", "D": "underfitting"}


@misconception(
    "diagnosis",
    "small-gap-is-fine",
    says="You call fine the panel in which both curves stay close. Close is not enough: both are high there, far "
    "above the lowest panel. It cannot fit even what it knows.",
)
def diagnosis():
    return {"A": "rate", "B": "overfitting", "C": "underfitting", "D": "fine"}


@misconception(
    "diagnosis",
    "any-gap-is-overfitting",
    says="You call every gap between the curves overfitting. A gap is normal. It is overfitting when the unseen "
    "loss rises while the known one falls.",
)
def diagnosis():
    return {"A": "rate", "B": "overfitting", "C": "overfitting", "D": "underfitting"}
