"""Regularization: what keeps a network that fits its training data from doing worse on new data.

Dropout: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html. Batch norm: Ioffe and Szegedy 2015,
https://arxiv.org/abs/1502.03167 (algorithms 1 and 2). Layer norm: Ba et al. 2016, https://arxiv.org/abs/1607.06450.
Local response norm: Krizhevsky et al. 2012 (sec. 3.3), https://doi.org/10.1145/3065386. Label smoothing: Szegedy et al.
2016, https://arxiv.org/abs/1512.00567 (sec. 7). Mixup: Zhang et al. 2018, https://arxiv.org/abs/1710.09412.

B batch, N features, K classes, C channels, H W height and width in pixels.
"""

from collections.abc import Iterator
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlarch.foundations.linear import bias_of, log_softmax


def weights(model: nn.Module) -> Iterator[nn.Parameter]:
    """The parameters that multiply something of the input: matrices and kernels, not biases, not scales of norms."""
    return (parameter for parameter in model.parameters() if parameter.ndim > 1)


def l2_penalty(model: nn.Module, strength: float) -> Float[Tensor, ""]:
    """strength · Σ w² over the weights of a model, a term to add to the loss.

    Its gradient is 2 · strength · w: the `weight_decay` of torch's SGD is twice λ.

    Args:
        model: has at least one weight; its biases and norms are left alone.
        strength: λ, at least 0.

    Raises:
        ValueError: if the strength is negative or there is no weight.
    """
    if strength < 0:
        hint = "below 0 it would reward large weights"
        raise ValueError(f"strength must be at least 0, got {strength}: {hint}")
    squares = [weight.square().sum() for weight in weights(model)]
    if not squares:
        name = type(model).__name__
        raise ValueError(f"{name} has no weights: pass a model with linear layers")
    return strength * torch.stack(squares).sum()


class Dropout(nn.Module):
    """In training, sets each number to zero with probability p and multiplies the others by 1 / (1 - p).

    The factor keeps the mean of every number, so in `eval()` the layer does nothing.

    Args:
        p: probability of zero, from 0 to 1.

    Raises:
        ValueError: if p is no probability.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p is the probability of zero and must lie in 0..1, got {p}")
        self.p = p

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if not self.training:
            return x
        keep = 1 - self.p
        mask = torch.empty_like(x).bernoulli_(keep)
        if keep:  # with p = 1 nothing is left to scale, and 0 / 0 would be no number
            mask /= keep
        return x * mask


class BatchNorm(nn.Module):
    """Gives each channel mean zero and variance one over the batch, then the scale γ and the shift β it learns.

    In `eval()` the running estimates stand in for the mean and variance of the batch.

    Args:
        channels: C.
        eps: added to the variance, within the root.
        momentum: weight of the newest batch in the running estimates; None makes them plain means over all batches.

    Raises:
        ValueError: on a call with a wrong number of axes or channels or, in training, with one value a channel.
    """

    ranks: ClassVar[tuple[int, ...]]  # how many axes an input may have

    def __init__(self, channels: int, *, eps: float = 1e-5, momentum: float | None = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))  # γ
        self.bias = nn.Parameter(torch.zeros(channels))  # β
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Float[Tensor, "B C *pos"]) -> Float[Tensor, "B C *pos"]:
        self.check(x)
        x = x.to(self.weight.dtype)  # under autocast the layer before gives bfloat16, too coarse for statistics
        axes = [axis for axis in range(x.ndim) if axis != 1]
        mean = x.mean(axes) if self.training else self.running_mean
        centred = x - along_channels(mean, x)
        variance = self.running_var
        if self.training:
            variance = centred.square().mean(axes)
            count = x.numel() // x.shape[1]
            self.track(mean.detach(), variance.detach(), count)
        scale = along_channels(self.weight / (variance + self.eps).sqrt(), x)
        # β + γ (x - μ) / √(σ² + ε), in one pass over the numbers.
        return torch.addcmul(along_channels(self.bias, x), centred, scale)

    @torch.no_grad()
    def track(
        self,
        mean: Float[Tensor, " C"],
        variance: Float[Tensor, " C"],
        count: int,
    ) -> None:
        """Move the estimates towards a batch with `count` values a channel."""
        self.num_batches_tracked += 1
        step = self.momentum
        if step is None:
            step = 1 / self.num_batches_tracked.item()
        # On average the variance of a sample is too small by (count - 1) / count.
        self.running_mean.lerp_(mean, step)
        self.running_var.lerp_(variance * count / (count - 1), step)

    def check(self, x: Tensor) -> None:
        """Refuse an input of the wrong shape, and a batch that has no variance."""
        if x.ndim not in self.ranks or x.shape[1] != len(self.weight):
            axes = " or ".join(map(str, self.ranks))
            raise ValueError(f"needs {axes} axes and {len(self.weight)} channels in the second, got {tuple(x.shape)}")
        if self.training and x.numel() == x.shape[1]:
            raise ValueError(f"needs more than 1 value a channel in training, got {tuple(x.shape)}: use a larger batch")


class BatchNorm1d(BatchNorm):
    """Batch norm for vectors (B C) and sequences (B C T)."""

    ranks = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch norm for images: a channel's statistics run over the batch and all its pixels."""

    ranks = (4,)


def along_channels(values: Float[Tensor, " C"], x: Tensor) -> Tensor:
    """One number a channel, shaped so that it broadcasts along the second axis of x."""
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


@torch.no_grad()
def fold_batch_norm(linear: nn.Linear, norm: BatchNorm) -> nn.Linear:
    """One layer that does what a linear layer and the batch norm after it do in use.

    Args:
        linear: with C outputs.
        norm: with C channels.

    Returns:
        A new layer, with a bias.

    Raises:
        ValueError: if the sizes differ.
    """
    if linear.out_features != len(norm.weight):
        outputs, channels = linear.out_features, len(norm.weight)
        raise ValueError(f"layer of {outputs} outputs, norm of {channels} channels")
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = bias_of(linear)
    folded = nn.Linear(linear.in_features, linear.out_features).to(linear.weight)
    folded.weight.copy_(scale[:, None] * linear.weight)
    folded.bias.copy_(scale * (bias - norm.running_mean) + norm.bias)
    return folded


class LayerNorm(nn.Module):
    """Gives each example mean zero and variance one over its own features, then a scale and a shift a feature.

    It never looks at another example, so it is the same in training and in `eval()`, with any batch.

    Args:
        features: N, the size of the last axis.
        eps: added to the variance, within the root.

    Raises:
        ValueError: on a call whose last axis has another size.
    """

    def __init__(self, features: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, x: Float[Tensor, "*B N"]) -> Float[Tensor, "*B N"]:
        if x.shape[-1] != len(self.weight):
            raise ValueError(f"the last axis must hold {len(self.weight)} features, got {tuple(x.shape)}")
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.square().mean(-1, keepdim=True)
        return torch.addcmul(self.bias, centred * (variance + self.eps).rsqrt(), self.weight)


class LocalResponseNorm(nn.Module):
    """Divides each value by (k + α Σ a²)^β, where the sum runs over neighbouring channels at the same pixel.

    α is the paper's. torch divides it by the size of the window, so `nn.LocalResponseNorm` needs `alpha=size * α`.

    Args:
        size: n, channels in the window, its middle included; odd.
        alpha: α.
        beta: β.
        k: keeps the divisor away from zero.

    Raises:
        ValueError: if the window has no middle.
    """

    def __init__(self, size: int = 5, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0) -> None:
        super().__init__()
        if size < 1 or size % 2 == 0:
            raise ValueError(f"size must be odd, so that the window has a middle, got {size}")
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        half = self.size // 2
        squares = F.pad(x.square(), (0, 0, 0, 0, half, half))  # B C+2half H W: nothing lies beyond the first and last
        return x / (self.k + self.alpha * squares.unfold(1, self.size, 1).sum(-1)) ** self.beta


def label_smoothing_loss(
    logits: Float[Tensor, "B K"], targets: Int[Tensor, " B"], smoothing: float = 0.1
) -> Float[Tensor, ""]:
    """Cross-entropy against targets that give the true class 1 - smoothing and spread the rest over all K evenly.

    Args:
        logits: one score per class.
        targets: the true class of each row.
        smoothing: ε, from 0 to 1; the true class gets its share of it too.

    Returns:
        The mean over the batch, in nats. It is above zero however sure the model is.

    Raises:
        ValueError: if smoothing lies outside 0..1.
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must lie in 0..1, got {smoothing}")
    log_p = log_softmax(logits)
    surprise = -log_p.gather(1, targets[:, None].long()).squeeze(1)
    return ((1 - smoothing) * surprise - smoothing * log_p.mean(dim=1)).mean()


def mixup(
    x: Float[Tensor, "B *shape"], targets: Int[Tensor, " B"], classes: int, *, alpha: float = 0.2
) -> tuple[Float[Tensor, "B *shape"], Float[Tensor, "B K"]]:
    """Each example blended with another of its batch, and the targets in the same proportion.

    Args:
        x: examples.
        targets: their classes.
        classes: K.
        alpha: the proportion is drawn from Beta(alpha, alpha), once a batch; small values hardly blend.

    Returns:
        Blended examples, and a distribution over the classes for each: `F.cross_entropy` takes both.

    Raises:
        ValueError: if alpha is not positive.
    """
    if alpha <= 0:
        raise ValueError(f"alpha must be above 0, got {alpha}")
    exact = torch.tensor(alpha, dtype=torch.float64)  # in single precision a small alpha rounds both shares to zero
    share = torch.distributions.Beta(exact, exact).sample().item()
    partner = torch.randperm(len(x), device=x.device)
    truth = F.one_hot(targets.long(), classes).to(x.dtype)
    return torch.lerp(x[partner], x, share), torch.lerp(truth[partner], truth, share)


def random_crop(images: Float[Tensor, "B C H W"], padding: int) -> Float[Tensor, "B C H W"]:
    """Each image moved by up to `padding` pixels in both directions; what enters is zero.

    Args:
        images: a batch.
        padding: pixels added on each side before an image of the old size is cut out at random.

    Raises:
        ValueError: if padding is negative.
    """
    if padding < 0:
        raise ValueError(f"padding must be at least 0 pixels, got {padding}")
    batch, _, height, width = images.shape
    windows = F.pad(images, [padding] * 4).unfold(2, height, 1).unfold(3, width, 1)  # B C 2p+1 2p+1 H W, a view
    down, right = torch.randint(2 * padding + 1, (2, batch), device=images.device)
    return windows[torch.arange(batch, device=images.device), :, down, right]


def random_flip(images: Float[Tensor, "B C H W"], p: float = 0.5) -> Float[Tensor, "B C H W"]:
    """Each image mirrored left to right with probability p.

    Args:
        images: a batch.
        p: from 0 to 1.

    Raises:
        ValueError: if p is no probability.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p must lie in 0..1, got {p}")
    mirrored = torch.rand(len(images), 1, 1, 1, device=images.device) < p
    return torch.where(mirrored, images.flip(-1), images)
