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

# %% [markdown] role="title" chapter="foundations/regularization" minutes=75
# # Regularisation: keeping a network honest
#
# **16 points, about 75 minutes.** This exercise belongs to the chapter *Regularisation: keeping a network honest*.
#
# You write the three classic remedies by hand: the gradient of the L2 penalty, dropout and batch norm. You fold a batch
# norm into the layer before it. Then you read the curves of four trainings and say what is wrong with each, and in the
# end you predict what a remedy will do and try it.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your function and says what it found.
# - A few more trials are made when your notebook is graded: other sizes, other number types, edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $B$ examples in a batch, $N$ inputs of a layer, $C$ channels, $H$ and $W$ height and
# width of an image in pixels, $K$ outputs of a layer.

# %% role="given" name="setup"
import time

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data, plots
from dlarch.check import check
from dlarch.training import fit

torch.manual_seed(0)
device = dlarch.device()

# %% [markdown]
# ## 1 · The pull of the penalty (2 points)
#
# With an L2 penalty, training lowers $L + \lambda \sum w^2$ instead of the loss $L$ alone. The sum runs over all
# *weights*. Biases, and the scales and shifts of norms, are left out. In the parameters of a network you can tell them by
# their number of axes: a weight has two or more (a matrix has two, the kernel of a convolution four), the others have one.
#
# You get the parameters and, for each, the gradient of $L$. Return the gradients of the penalised loss. One point is for
# the weights; the other is for leaving alone what should be left alone, the lists and tensors that you were given
# included.
#
# **Contract.** `parameters` and `gradients` are lists of tensors, one gradient for each parameter and of its shape.
# `strength` is $\lambda$. Return a list of tensors of the same shapes in the same order.
#
# **Example.** The parameters are a weight `[[1.0, -2.0]]` and a bias `[3.0]`, their gradients `[[0.5, 0.5]]` and `[0.1]`,
# and $\lambda = 0.1$. The result is `[[0.7, 0.1]]` and `[0.1]`.
#
# <details><summary>Hint: where to look</summary>
#
# What is the derivative of $\lambda w^2$ with respect to $w$? The derivative of a sum is the sum of the derivatives.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `for parameter, gradient in zip(parameters, gradients):` walks over both lists; `parameter.ndim` is the number of axes.
#
# </details>


# %% role="answer" name="penalised"
def penalised(parameters: list[torch.Tensor], gradients: list[torch.Tensor], strength: float) -> list[torch.Tensor]:
    """Gradients of the loss plus strength times the sum of the squared weights.

    Args:
        parameters: weights (two axes or more), biases and scales (one axis), in any order.
        gradients: of the loss alone, one for each parameter.
        strength: lambda, at least 0.

    Returns:
        New tensors, one for each parameter.
    """
    ### BEGIN SOLUTION
    return [
        gradient + 2 * strength * parameter if parameter.ndim > 1 else gradient.clone()
        for parameter, gradient in zip(parameters, gradients, strict=True)
    ]
    ### END SOLUTION


# %% role="check" name="penalised_weights" answer="penalised" points=1 refuse="backward grad autograd weight_decay"
def example_of_the_text():
    """the gradient of the weight in the example"""
    weight, bias = torch.tensor([[1.0, -2.0]]), torch.tensor([3.0])
    yield "weight", penalised([weight, bias], [torch.tensor([[0.5, 0.5]]), torch.tensor([0.1])], 0.1)[0]


def two_layers():
    """the gradients of two matrices, with a strength of 0.25"""
    parameters = [
        torch.linspace(-2, 3, 12).reshape(4, 3),
        torch.ones(4),
        torch.linspace(1, -1, 8).reshape(2, 4),
        torch.ones(2),
    ]
    gradients = [torch.linspace(0, 1, p.numel()).reshape(p.shape).cos() for p in parameters]
    result = penalised(parameters, gradients, 0.25)
    yield "first weight", result[0]
    yield "second weight", result[2]


def hidden_kernel():
    """the kernel of a convolution, with four axes, in double precision"""
    kernel = torch.linspace(-1, 1, 2 * 3 * 3 * 3).double().reshape(2, 3, 3, 3)
    yield "kernel", penalised([torch.ones(2).double(), kernel], [torch.zeros(2).double(), kernel.sin()], 0.5)[1]


def hidden_no_strength():
    """a strength of zero"""
    weight = torch.linspace(-3, 3, 6).reshape(2, 3)
    yield "weight", penalised([weight], [weight.cos()], 0.0)[0]


# %% role="check" name="penalised_rest" answer="penalised" points=1 refuse="backward grad autograd weight_decay"
def biases():
    """what becomes of biases and of the scale of a norm"""
    parameters = [torch.linspace(-2, 3, 12).reshape(4, 3), torch.tensor([5.0, -4.0, 3.0, 2.0]), torch.full((4,), 1.5)]
    gradients = [torch.zeros(4, 3), torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([-1.0, 0.0, 1.0, 2.0])]
    result = penalised(parameters, gradients, 0.25)
    yield "number of gradients", len(result)
    yield "bias", result[1]
    yield "scale", result[2]


def hidden_inputs_untouched():
    """whether what was handed in is still as it was after the call"""
    parameters = [torch.tensor([[1.0, -2.0]]), torch.tensor([3.0])]
    gradients = [torch.tensor([[0.5, 0.5]]), torch.tensor([0.1])]
    penalised(parameters, gradients, 0.5)
    yield "parameters", torch.cat([p.flatten() for p in parameters])
    yield "gradients", torch.cat([g.flatten() for g in gradients])


# %% [markdown]
# ## 2 · Dropout (3 points)
#
# In training, dropout sets each number to zero with probability $p$ and divides what stays by $1 - p$. That way the mean
# over many draws of the mask is the number itself. In use it does nothing.
#
# So that everybody gets the same mask, the random numbers are handed to you: `noise` has the shape of `x`, its entries are
# drawn evenly from 0 up to 1, and a number is dropped where its noise is *less than* $p$. One point is for training, one
# for use, one for the ends: $p = 0$ drops nothing, and $p = 1$ drops everything and must give zeros, not `nan`.
#
# **Contract.** `x` and `noise` have the same shape, any; so has the result. `x` stays as it is. PyTorch's own dropout and
# random numbers are turned off for this answer.
#
# **Example.** With `x = [4.0, 6.0, 8.0]`, `noise = [0.1, 0.5, 0.9]` and `p = 0.25`, training gives
# `[0.0, 8.0, 10.6667]`, and use gives `[4.0, 6.0, 8.0]`.
#
# <details><summary>Hint: where to look</summary>
#
# A comparison gives a mask of true and false, and a mask times a number is the number or zero. Which division fails at
# $p = 1$, and what should stand there instead?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `keep = noise >= p` is true where a number stays.
#
# </details>


# %% role="answer" name="dropout"
def dropout(x: torch.Tensor, p: float, noise: torch.Tensor, training: bool) -> torch.Tensor:
    """Dropout with the mask that the noise gives.

    Args:
        x: any shape.
        p: probability of zero, from 0 to 1.
        noise: shape of x, evenly drawn from 0 up to 1.
        training: False in use.

    Returns:
        Shape and dtype of x.
    """
    ### BEGIN SOLUTION
    if not training:
        return x
    if p == 1:
        return torch.zeros_like(x)
    return x * (noise >= p) / (1 - p)
    ### END SOLUTION


# %% role="check" name="dropout_training" answer="dropout" points=1 refuse="rand rand_like bernoulli bernoulli_ dropout Dropout Dropout1d Dropout2d Dropout3d dropout1d dropout2d dropout3d AlphaDropout alpha_dropout FeatureAlphaDropout feature_dropout feature_alpha_dropout native_dropout"
def example_of_training():
    """the example of the text, in training"""
    yield "result", dropout(torch.tensor([4.0, 6.0, 8.0]), 0.25, torch.tensor([0.1, 0.5, 0.9]), True)


def a_batch():
    """three rows of five numbers of both signs, p = 0.4"""
    x, noise = torch.linspace(-3, 3.5, 15).reshape(3, 5), torch.linspace(0.02, 9, 15).reshape(3, 5) % 1
    yield "result", dropout(x, 0.4, noise, True)


def hidden_images():
    """a batch of images in double precision, p = 0.7"""
    x, noise = torch.linspace(1, 2, 48).double().reshape(2, 3, 2, 4), torch.linspace(0.1, 31, 48).double() % 1
    yield "result", dropout(x, 0.7, noise.reshape(2, 3, 2, 4), True)


def hidden_mean_kept():
    """the mean of 10,000 ones after dropout with p = 0.8"""
    noise = (torch.arange(10_000) + 0.5) / 10_000
    yield "mean", dropout(torch.ones(10_000), 0.8, noise, True).mean()


# %% role="check" name="dropout_use" answer="dropout" points=1 refuse="rand rand_like bernoulli bernoulli_ dropout Dropout Dropout1d Dropout2d Dropout3d dropout1d dropout2d dropout3d AlphaDropout alpha_dropout FeatureAlphaDropout feature_dropout feature_alpha_dropout native_dropout"
def example_of_use():
    """the example of the text, in use"""
    yield "result", dropout(torch.tensor([4.0, 6.0, 8.0]), 0.25, torch.tensor([0.1, 0.5, 0.9]), False)


def hidden_use():
    """a batch in use with p = 0.6 and with p = 1"""
    x, noise = torch.linspace(-3, 3.5, 15).double().reshape(3, 5), torch.linspace(0, 0.99, 15).double().reshape(3, 5)
    yield "p = 0.6", dropout(x, 0.6, noise, False)
    yield "p = 1", dropout(x, 1.0, noise, False)


# %% role="check" name="dropout_ends" answer="dropout" points=1 refuse="rand rand_like bernoulli bernoulli_ dropout Dropout Dropout1d Dropout2d Dropout3d dropout1d dropout2d dropout3d AlphaDropout alpha_dropout FeatureAlphaDropout feature_dropout feature_alpha_dropout native_dropout"
def none_dropped():
    """p = 0 in training, where one of the noise numbers is 0 too"""
    yield "result", dropout(torch.tensor([4.0, 6.0, 8.0]), 0.0, torch.tensor([0.0, 0.5, 0.9]), True)


def all_dropped():
    """p = 1 in training"""
    yield "result", dropout(torch.tensor([4.0, -6.0, 8.0]), 1.0, torch.tensor([0.0, 0.5, 0.999]), True)


def equal_to_p():
    """noise that is exactly p: not less, so the number stays"""
    yield "result", dropout(torch.tensor([[4.0, 6.0], [8.0, 2.0]]), 0.5, torch.tensor([[0.5, 0.25], [0.75, 0.5]]), True)


def hidden_all_dropped_in_double():
    """whether p = 1 in training gives zeros in double precision for x in double precision"""
    x = torch.linspace(-2, 3, 6).double().reshape(2, 3)
    result = dropout(x, 1.0, torch.linspace(0, 0.9, 6).double().reshape(2, 3), True)
    yield "result", result
    yield "double precision, 1 is yes", int(result.dtype == torch.float64)


def hidden_input_untouched():
    """whether x is still as it was after a call in training"""
    x = torch.tensor([4.0, 6.0, 8.0])
    dropout(x, 0.5, torch.tensor([0.1, 0.5, 0.9]), True)
    yield "x", x


# %% [markdown]
# ## 3 · Batch norm, in training and in use (4 points)
#
# For images, batch norm takes one mean $\mu$ and one variance $\sigma^2$ for each channel, over all images of the batch
# and all their pixels, and computes
#
# $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta.$$
#
# In training, $\mu$ and $\sigma^2$ come from the batch, and $\sigma^2$ is the *biased* variance: the sum of the squared
# distances from the mean, divided by their number $n = BHW$. On the side, running estimates take one step towards the
# batch:
#
# $$\text{running} \leftarrow (1 - m) \cdot \text{running} + m \cdot \text{batch},$$
#
# where $m$ is called the *momentum*. Here the variance of the batch enters *unbiased*, divided by $n - 1$: the batch is a
# sample of the images to come. In use, the running estimates stand for $\mu$ and $\sigma^2$, and nothing is updated.
#
# Two points are for the output in training, one for the running estimates, one for use.
#
# **Contract.** `x` has shape $(B, C, H, W)$; `gamma`, `beta`, `running_mean` and `running_var` have shape $(C,)$. Return
# three new tensors: the output, shape $(B, C, H, W)$, and the two running estimates after the call, shape $(C,)$. Leave
# the inputs as they are. PyTorch's own norms are turned off for this answer.
#
# **Example.** Two images with one channel and one pixel each: `x` holds 1 and 3. With $\gamma = 1$, $\beta = 0$,
# $\varepsilon = 0$, $m = 0.1$ and running estimates 0 and 1, training gives the output $-1$ and $1$ and the running
# estimates 0.2 and $0.9 \cdot 1 + 0.1 \cdot 2 = 1.1$. Use gives the output 1 and 3 and leaves the estimates at 0 and 1.
#
# <details><summary>Hint: where to look</summary>
#
# Which three axes of $(B, C, H, W)$ disappear when only one number for each channel is to be left? And which shape must
# these numbers have, so that they stand beside the right axis of `x` again?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `x.mean(dim=(0, 2, 3))` has shape $(C,)$, and `mean[:, None, None]` has shape $(C, 1, 1)$, which fits $(B, C, H, W)$.
# `x.var(dim=(0, 2, 3), correction=0)` is the biased variance, `correction=1` the unbiased one.
#
# </details>


# %% role="answer" name="batch_norm"
def batch_norm(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Batch norm for images.

    Args:
        x: shape (B, C, H, W).
        gamma: scale, shape (C,).
        beta: shift, shape (C,).
        running_mean: estimate so far, shape (C,).
        running_var: estimate so far, shape (C,).
        training: False in use.
        momentum: share of the batch in the new estimates.
        eps: added to the variance.

    Returns:
        The output, shape (B, C, H, W), and the new running mean and running variance, shape (C,).
    """
    ### BEGIN SOLUTION
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
        count = x.numel() / x.shape[1]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * count / (count - 1)
    scale = gamma / (var + eps).sqrt()
    y = (x - mean[:, None, None]) * scale[:, None, None] + beta[:, None, None]
    return y, running_mean.clone(), running_var.clone()
    ### END SOLUTION


# %% role="check" name="norm_training" answer="batch_norm" points=2 refuse="batch_norm BatchNorm1d BatchNorm2d BatchNorm3d native_batch_norm instance_norm InstanceNorm2d layer_norm LayerNorm group_norm GroupNorm SyncBatchNorm LazyBatchNorm2d"
def example_in_training():
    """the output for two images of one pixel, as in the example"""
    one, zero = torch.ones(1), torch.zeros(1)
    yield "output", batch_norm(torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1), one, zero, zero, one, True, 0.1, 0.0)[0]


def four_images():
    """the output for four images with three channels, three pixels high and three wide"""
    x = torch.linspace(-8, 12, 108).reshape(4, 3, 3, 3).sin() * 3 + 1
    gamma, beta = torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0.0, -1.0, 7.0])
    yield "output", batch_norm(x, gamma, beta, torch.tensor([0.5, 1.0, -1.0]), torch.tensor([4.0, 1.0, 9.0]), True)[0]


def hidden_one_image():
    """the output for a single image in double precision, higher than wide"""
    x = torch.linspace(0, 9, 40).double().reshape(1, 2, 5, 4).cos()
    gamma, beta = torch.tensor([3.0, -1.0]).double(), torch.tensor([7.0, 0.5]).double()
    yield "output", batch_norm(x, gamma, beta, torch.zeros(2).double(), torch.ones(2).double(), True)[0]


def hidden_large_eps():
    """the output with an eps that is as large as the variance"""
    x = torch.linspace(-1, 1, 48).reshape(3, 4, 2, 2)
    gamma, beta = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 0.0, -1.0, 2.0])
    yield "output", batch_norm(x, gamma, beta, torch.zeros(4), torch.ones(4), True, 0.1, 0.5)[0]


# %% role="check" name="norm_running" answer="batch_norm" points=1 refuse="batch_norm BatchNorm1d BatchNorm2d BatchNorm3d native_batch_norm instance_norm InstanceNorm2d layer_norm LayerNorm group_norm GroupNorm SyncBatchNorm LazyBatchNorm2d"
def example_of_the_estimates():
    """the running estimates after the two images of the example"""
    one, zero = torch.ones(1), torch.zeros(1)
    result = batch_norm(torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1), one, zero, zero, one, True, 0.1, 0.0)
    yield "running mean", result[1]
    yield "running variance", result[2]


def three_batches():
    """the running estimates after three batches in a row, momentum 0.3"""
    mean, var = torch.tensor([1.0, -1.0]), torch.tensor([2.0, 0.5])
    for step in range(3):
        x = torch.linspace(-4, 5 + step, 24).reshape(3, 2, 2, 2).sin() * 4 + step
        _, mean, var = batch_norm(x, torch.tensor([2.0, 3.0]), torch.tensor([5.0, -5.0]), mean, var, True, 0.3)
    yield "running mean", mean
    yield "running variance", var


def hidden_single_pixels():
    """the running estimates after five images of one pixel, in double precision, with a large eps"""
    x = torch.tensor([[1.0, 4.0], [2.0, -4.0], [4.0, 0.0], [8.0, 2.0], [16.0, 1.0]]).double().reshape(5, 2, 1, 1)
    ones = torch.ones(2).double()
    result = batch_norm(x, ones, 0 * ones, 0 * ones, ones, True, 0.5, 2.0)
    yield "running mean", result[1]
    yield "running variance", result[2]


def hidden_estimates_untouched():
    """whether the estimates handed in, and x, are still as they were after a call in training"""
    x, mean, var = torch.linspace(0, 3, 8).reshape(2, 1, 2, 2), torch.zeros(1), torch.ones(1)
    batch_norm(x, torch.ones(1), torch.zeros(1), mean, var, True)
    yield "running mean", mean
    yield "running variance", var
    yield "x", x


# %% role="check" name="norm_use" answer="batch_norm" points=1 refuse="batch_norm BatchNorm1d BatchNorm2d BatchNorm3d native_batch_norm instance_norm InstanceNorm2d layer_norm LayerNorm group_norm GroupNorm SyncBatchNorm LazyBatchNorm2d"
def four_images_in_use():
    """output and estimates for four images in use"""
    x = torch.linspace(-8, 12, 108).reshape(4, 3, 3, 3).sin() * 3 + 1
    gamma, beta = torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0.0, -1.0, 7.0])
    result = batch_norm(x, gamma, beta, torch.tensor([0.5, 1.0, -1.0]), torch.tensor([4.0, 1.0, 9.0]), False)
    yield "output", result[0]
    yield "running mean", result[1]
    yield "running variance", result[2]


def hidden_one_pixel_in_use():
    """a single image of one pixel in use, with a large eps"""
    x, ones = torch.tensor([2.0, -1.0]).double().reshape(1, 2, 1, 1), torch.ones(2).double()
    result = batch_norm(x, 3 * ones, 7 * ones, 0.5 * ones, 2 * ones, False, 0.1, 2.0)
    yield "output", result[0]
    yield "running variance", result[2]


# %% [markdown]
# ## 4 · Fold it away (2 points)
#
# In use, batch norm is a fixed scale and shift for each channel. If a linear layer $z = Wx + b$ stands before it, both
# together are one linear layer $W'x + b'$, and the norm costs nothing any more. Find $W'$ and $b'$, one point each.
#
# **Contract.** `weight` has shape $(K, N)$; `bias`, `gamma`, `beta`, `mean` (the running mean) and `var` (the running
# variance) have shape $(K,)$. Return the pair of the new weight, shape $(K, N)$, and the new bias, shape $(K,)$. Leave
# the inputs as they are. PyTorch's own functions that fuse layers are turned off for this answer.
#
# **Example.** One output, two inputs: $W = (1 \;\; 2)$, $b = 3$, $\gamma = 4$, $\beta = 5$, mean 1, variance 4,
# $\varepsilon = 0$. The norm turns $z$ into $4 \cdot (z - 1) / 2 + 5 = 2z + 3$, so $W' = (2 \;\; 4)$ and $b' = 9$.
#
# <details><summary>Hint: where to look</summary>
#
# Put $z = Wx + b$ into the formula of batch norm, and sort the terms into those with $x$ and those without.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# `scale = gamma / (var + eps).sqrt()` has shape $(K,)$, and `scale[:, None]` stands beside the rows of the weight.
#
# </details>


# %% role="answer" name="fold"
def fold(
    weight: torch.Tensor,
    bias: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The linear layer that does what a linear layer and the batch norm after it do in use.

    Args:
        weight: shape (K, N).
        bias: shape (K,).
        gamma: scale of the norm, shape (K,).
        beta: shift of the norm, shape (K,).
        mean: running mean, shape (K,).
        var: running variance, shape (K,).
        eps: added to the variance.

    Returns:
        The new weight, shape (K, N), and the new bias, shape (K,).
    """
    ### BEGIN SOLUTION
    scale = gamma / (var + eps).sqrt()
    return scale[:, None] * weight, scale * (bias - mean) + beta
    ### END SOLUTION


# %% role="check" name="fold_weight" answer="fold" points=1 refuse="fuse_linear_bn_eval fuse_linear_bn_weights fuse_conv_bn_eval fuse_conv_bn_weights fuse_modules"
def example_weight():
    """the weight of the example"""
    one = torch.ones(1)
    yield "weight", fold(torch.tensor([[1.0, 2.0]]), 3 * one, 4 * one, 5 * one, one, 4 * one, 0.0)[0]


def square_weight():
    """the weight for three inputs and three outputs"""
    weight, bias = torch.linspace(-1, 2, 9).reshape(3, 3), torch.tensor([1.0, -2.0, 0.5])
    gamma, beta = torch.tensor([1.0, 2.0, -0.5]), torch.tensor([0.0, 3.0, -1.0])
    yield "weight", fold(weight, bias, gamma, beta, torch.tensor([0.5, -1.0, 2.0]), torch.tensor([4.0, 0.25, 9.0]))[0]


def hidden_large_eps_weight():
    """the weight with an eps that is as large as the variance, in double precision"""
    weight, bias = torch.linspace(1, 3, 10).double().reshape(2, 5), torch.tensor([1.0, -1.0]).double()
    gamma, beta = torch.tensor([2.0, 3.0]).double(), torch.tensor([0.5, -0.5]).double()
    var = torch.tensor([0.1, 0.4]).double()
    yield "weight", fold(weight, bias, gamma, beta, 0.1 * gamma, var, 0.2)[0]


def hidden_inputs_untouched():
    """whether weight and bias are still as they were after the call"""
    weight, bias, ones = torch.eye(2), torch.tensor([1.0, 2.0]), torch.ones(2)
    fold(weight, bias, 3 * ones, ones, ones, 4 * ones)
    yield "weight", weight
    yield "bias", bias


# %% role="check" name="fold_bias" answer="fold" points=1 refuse="fuse_linear_bn_eval fuse_linear_bn_weights fuse_conv_bn_eval fuse_conv_bn_weights fuse_modules"
def example_bias():
    """the bias of the example"""
    one = torch.ones(1)
    yield "bias", fold(torch.tensor([[1.0, 2.0]]), 3 * one, 4 * one, 5 * one, one, 4 * one, 0.0)[1]


def square_bias():
    """the bias for three inputs and three outputs"""
    weight, bias = torch.linspace(-1, 2, 9).reshape(3, 3), torch.tensor([1.0, -2.0, 0.5])
    gamma, beta = torch.tensor([1.0, 2.0, -0.5]), torch.tensor([0.0, 3.0, -1.0])
    yield "bias", fold(weight, bias, gamma, beta, torch.tensor([0.5, -1.0, 2.0]), torch.tensor([4.0, 0.25, 9.0]))[1]


def hidden_large_eps_bias():
    """the bias with an eps that is as large as the variance, in double precision"""
    weight, bias = torch.linspace(1, 3, 10).double().reshape(2, 5), torch.tensor([1.0, -1.0]).double()
    gamma, beta = torch.tensor([2.0, 3.0]).double(), torch.tensor([0.5, -0.5]).double()
    var = torch.tensor([0.1, 0.4]).double()
    yield "bias", fold(weight, bias, gamma, beta, 0.1 * gamma, var, 0.2)[1]


# %% [markdown]
# ## 5 · Read the curves (2 points)
#
# Four trainings on the digits of the chapter, all with two hidden layers. The next cell draws what was recorded: the
# loss on known images while training, and the loss on unseen images after each epoch.
#
# One of the four is *fine*. One is *overfitting*. One is *underfitting*: it cannot, or may not, fit even what it knows. In
# one the learning *rate* is too high. Which is which? Panels A and B are worth a point together, and so are C and D. The
# checks below see only whether the words are among the four; whether they are right you learn when your notebook is graded.
#
# **Contract.** Set the name `diagnosis` to a dictionary with one word for each panel, such as
# `diagnosis = {"A": "fine", "B": "fine", "C": "fine", "D": "fine"}` (this is not the answer). The words are `"fine"`,
# `"overfitting"`, `"underfitting"` and `"rate"`.
#
# <details><summary>Hint: where to look</summary>
#
# Look at the known images first: does that loss get low, and does it get there smoothly? Only then look at the distance
# to the unseen ones, and at the direction of their curve.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# Start with the training whose loss on known images jumps up and down.
#
# </details>

# %% role="given" name="curves"
recorded = {  # (known, unseen), every second epoch
    "A": (
        [2.23, 2.43, 2.06, 2.24, 2.16, 1.94, 1.73, 1.81, 1.58, 1.48, 1.48, 1.42, 1.51, 1.20, 1.02, 1.50, 1.33, 1.20, 0.93, 1.60],
        [2.20, 2.67, 1.82, 2.26, 1.93, 2.09, 1.89, 1.76, 1.73, 1.19, 1.37, 1.28, 1.44, 1.55, 1.25, 1.28, 1.30, 1.32, 1.09, 1.57],
    ),
    "B": (
        [2.28, 1.93, 1.41, 1.10, 0.96, 0.88, 0.81, 0.73, 0.67, 0.62, 0.57, 0.52, 0.49, 0.46, 0.44, 0.38, 0.36, 0.31, 0.27, 0.25],
        [2.22, 1.84, 1.30, 1.01, 0.96, 0.99, 1.08, 1.13, 1.15, 1.19, 1.25, 1.27, 1.36, 1.38, 1.50, 1.49, 1.58, 1.64, 1.71, 1.77],
    ),
    "C": (
        [2.23, 1.42, 0.50, 0.26, 0.18, 0.14, 0.11, 0.08, 0.07, 0.06, 0.05, 0.04, 0.04, 0.03, 0.03, 0.03, 0.02, 0.02, 0.02, 0.02],
        [2.13, 1.15, 0.51, 0.40, 0.36, 0.29, 0.27, 0.25, 0.25, 0.24, 0.23, 0.23, 0.23, 0.23, 0.22, 0.23, 0.21, 0.21, 0.22, 0.23],
    ),
    "D": (
        [2.29, 2.24, 2.18, 2.10, 1.93, 1.67, 1.37, 1.12, 0.97, 0.88, 0.82, 0.79, 0.77, 0.75, 0.74, 0.73, 0.72, 0.71, 0.71, 0.70],
        [2.28, 2.23, 2.17, 2.07, 1.89, 1.62, 1.36, 1.15, 0.99, 0.94, 0.90, 0.87, 0.86, 0.84, 0.84, 0.83, 0.82, 0.82, 0.81, 0.80],
    ),
}  # fmt: skip
plots.use_style()
fig, axes = plt.subplots(2, 2, figsize=(6.4, 4.6), sharex=True, sharey=True)
for ax, (panel, (known, unseen)) in zip(axes.flat, recorded.items(), strict=True):
    ax.plot(range(1, 41, 2), known, label="known")
    ax.plot(range(1, 41, 2), unseen, label="unseen")
    ax.set(title=panel, ylim=(0, 2.8))
axes[0, 0].legend()
fig.supxlabel("epoch")
fig.supylabel("loss, nats")
plots.show(fig, alt="Four panels, A to D, each with the loss on known and on unseen images over 40 epochs.")

# %% role="answer" name="diagnosis"
# One of "fine", "overfitting", "underfitting", "rate" for each panel.
### BEGIN SOLUTION
diagnosis = {"A": "rate", "B": "overfitting", "C": "fine", "D": "underfitting"}
### END SOLUTION


# %% role="check" name="panels_ab" answer="diagnosis" points=1
def two_words():
    """whether panels A and B have one of the four words each"""
    words = ["fine", "overfitting", "underfitting", "rate"]
    yield "panels with one of the words", sum(diagnosis.get(panel) in words for panel in "AB")


def hidden_ab():
    """panels A and B"""
    words = ["fine", "overfitting", "underfitting", "rate"]
    yield "A and B", [words.index(diagnosis["A"]), words.index(diagnosis["B"])]


# %% role="check" name="panels_cd" answer="diagnosis" points=1
def two_words():
    """whether panels C and D have one of the four words each"""
    words = ["fine", "overfitting", "underfitting", "rate"]
    yield "panels with one of the words", sum(diagnosis.get(panel) in words for panel in "CD")


def hidden_cd():
    """panels C and D"""
    words = ["fine", "overfitting", "underfitting", "rate"]
    yield "C and D", [words.index(diagnosis["C"]), words.index(diagnosis["D"])]


# %% [markdown]
# ## 6 · Choose the remedy (3 points, read by a person)
#
# Panel B was a network with two hidden layers of 128, trained on 200 images of which 40 carry a wrong label. The cell after
# the next one trains it again, and then with one change at a time: *dropout* of one half, a ten times lower learning
# *rate*, and four times as many *images* with the same share of wrong labels.
#
# **First predict, then run.** For each change, write down before you run it whether the last loss on known images goes up
# or down, and whether that on unseen images does. Then run it and explain what you see:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Somebody says: "A lower learning rate is a remedy against overfitting, the numbers show it." Are they right? Say what
#    you would measure to find out.
# 3. Would dropout have helped in panel D? Why, or why not?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side for all three changes, and the rise of the loss on known images under
#   dropout is explained. A wrong prediction costs nothing.
# - **The claim about the rate** is tested by an argument about how far the training has got, and a measurement is named
#   that would tell the two explanations apart, such as training longer or stopping the first network early.
# - **Panel D** is answered from what underfitting means, not by "dropout is always good" or "dropout is always bad".

# %% [markdown] role="written" name="remedy" points=3
# *Prediction.* Dropout: known up, unseen down. Lower rate: known up, unseen down a little. More images: known about the
# same, unseen down.
# *Result.* As predicted; numbers from my machine. Plain: known 0.24, unseen 1.82. Dropout: 0.79 and 1.06. Lower rate: 1.10
# and 1.19. More images: 0.26 and 0.88. The loss on known images under dropout is high for two reasons. The network can no
# longer learn the wrong labels by heart, and the number is taken in training mode, with half of the units missing, while
# the one on unseen images is taken in use.
#
# *The rate.* With a tenth of the rate the network has gone only a part of the way in 40 epochs: its loss on known images
# is where the plain one was after some 7 epochs, and its loss on unseen ones is no lower than the plain network's was
# then, about 1.0. So it looks like stopping early, not like another kind of training. To find out I would train it for
# ten times as many epochs, and see whether the unseen loss turns up again, or compare both networks at the same loss on
# known images.
# Stopping the plain network at its lowest unseen loss is the fair rival.
#
# *Panel D.* No. Its loss on known images stays high, close to that on unseen ones, so there is nothing to gain by making
# the fit harder; its weight decay already does that too strongly. Dropout would raise both. It needs less of a remedy: a
# smaller penalty, a larger network or a longer training.

# %% role="given" name="remedy_run"
digits = data.digits()


def final_losses(images: int = 200, p: float = 0.0, rate: float = 0.003) -> tuple[float, float]:
    """Last loss on known and on unseen images; one known label in five is wrong."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Dropout(p), nn.Linear(128, 128), nn.ReLU(), nn.Dropout(p),
        nn.Linear(128, 10),
    )  # fmt: skip
    labels, wrong = digits.y_train[:images].clone(), images // 5
    labels[:wrong] = (labels[:wrong] + torch.randint(1, 10, (wrong,))) % 10
    history = fit(
        model, (digits.x_train[:images], labels), validation=(digits.x_test, digits.y_test), epochs=40, batch_size=50,
        optimizer=torch.optim.Adam(model.parameters(), lr=rate), device="cpu",
    )  # fmt: skip
    return history.loss[-1], history.validation_loss[-1]


for change, settings in {
    "as in panel B": {}, "dropout of one half": {"p": 0.5}, "a tenth of the rate": {"rate": 0.0003},
    "four times the images": {"images": 800},
}.items():  # fmt: skip
    known, unseen = final_losses(**settings)
    print(f"{change:22s} known {known:.2f}  unseen {unseen:.2f}")

# %% [markdown]
# ## Optional: what folding saves (no points)
#
# The next cell runs a stack of convolutions with batch norm after each, in use, and then the same stack with every norm
# folded in by PyTorch's own function. It uses the fastest device that it finds, with larger images on a GPU. Predict the
# ratio of the times, then run it. Multiply-accumulates are the same in both: what is saved?

# %% role="given" name="folded"
channels, side = (128, 112) if device.type == "cuda" else (16, 32)
stack = nn.Sequential()
for _ in range(6):
    stack.extend([nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()])
stack = stack.to(device).eval()
short = nn.Sequential()
for conv, norm in zip(stack[0::3], stack[1::3], strict=True):
    short.extend([torch.nn.utils.fuse_conv_bn_eval(conv, norm), nn.ReLU()])
batch = torch.randn(16, channels, side, side, device=device)


@torch.no_grad()
def seconds(model: nn.Module) -> float:
    """Shortest time of five runs, each waited for to its end."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        model(batch)
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times)


with torch.no_grad():
    print(f"largest difference {(stack(batch) - short(batch)).abs().max():.1e}")
print(f"{device.type}: with the norms in place it takes {seconds(stack) / seconds(short):.2f} times as long")
