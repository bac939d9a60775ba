"""Right answers to the exercise `alexnet`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("sides", "recursive")
def trace(side, layers):
    if not layers:
        return []
    (kernel, stride, padding), *rest = layers
    after = int((side - kernel + 2 * padding) / stride) + 1
    return [after, *trace(after, rest)]


@variant("sides", "counting-windows")
def trace(side, layers):
    found = [side]
    for kernel, stride, padding in layers:
        found.append(len(range(0, found[-1] + 2 * padding - kernel + 1, stride)))
    return found[1:]


@variant("sides", "solved-for-the-last-pixel")
def fitting_side(windows, kernel, stride, padding):
    last_start = stride * (windows - 1)
    return last_start + kernel - padding - padding


@variant("sides", "floor-of-a-fraction")
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = math.floor((side + 2 * padding - kernel) / stride) + 1.0
        sides.append(side)
    return sides


@variant("sides", "searched")
def fitting_side(windows, kernel, stride, padding):
    side = kernel - 2 * padding
    while (side + 2 * padding - kernel) / stride + 1 != windows:
        side += 1
    return side


@variant("conv_cost", "group-by-group")
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    one = (in_channels // groups) * (out_channels // groups) * kernel * kernel
    return groups * one + out_channels, groups * one * out_side * out_side


@variant("conv_cost", "full-then-divided")
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = in_channels * out_channels * kernel**2 // groups
    return out_channels + weights, out_side**2 * weights


@variant("ungroup", "block-diagonal")
def ungroup(weight, groups):
    parts = weight.chunk(groups)
    rows = []
    for g, part in enumerate(parts):
        blocks = [torch.zeros_like(part)] * groups
        blocks[g] = part
        rows.append(torch.cat(blocks, dim=1))
    return torch.cat(rows)


@variant("ungroup", "masked-repeat")
def ungroup(weight, groups):
    k, c = weight.shape[:2]
    row = torch.arange(k)[:, None] // (k // groups)
    column = torch.arange(c * groups)[None, :] // c
    return weight.repeat(1, groups, 1, 1) * (row == column)[:, :, None, None]


@variant("ungroup", "identity-between-groups")
def ungroup(weight, groups):
    apart = weight.unflatten(0, (groups, -1))
    same = torch.eye(groups, dtype=weight.dtype)
    return torch.einsum("gh,gkcij->gkhcij", same, apart).flatten(2, 3).flatten(0, 1)


@variant("response_norm", "loop-over-channels")
def response_norm(x, n, alpha, beta, k):
    half = n // 2
    out = []
    for c in range(x.shape[1]):
        near = x[:, max(0, c - half) : c + half + 1]
        out.append(x[:, c] * (k + alpha * (near**2).sum(dim=1)) ** -beta)
    return torch.stack(out, dim=1)


@variant("response_norm", "average-pooling-over-channels")
def response_norm(x, n, alpha, beta, k):
    squares = x.pow(2).flatten(2).mT
    sums = n * F.avg_pool1d(squares, n, stride=1, padding=n // 2)
    return x / torch.pow(k + alpha * sums.mT.reshape(x.shape), beta)


@variant("response_norm", "band-matrix")
def response_norm(x, n, alpha, beta, k):
    place = torch.arange(x.shape[1])
    near = ((place[:, None] - place).abs() <= n // 2).to(x.dtype)
    return x * (k + alpha * torch.einsum("dc,bchw->bdhw", near, x * x)) ** -beta


@variant("response_norm", "running-sums")
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    sums = F.pad(x.square(), (0, 0, 0, 0, half + 1, half)).cumsum(dim=1)
    return x / (k + alpha * (sums[:, n:] - sums[:, :channels])).pow(beta)


@variant("plateau_rates", "looking-back")
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, start = [rate], 0
    for epoch in range(len(errors)):
        best = min(range(epoch + 1), key=lambda e: (errors[e], e))
        if cuts and epoch - max(best, start - 1) > patience:
            rate *= factor
            cuts -= 1
            start = epoch + 1
        rates.append(rate)
    return rates


@variant("plateau_rates", "exponent")
def plateau_rates(errors, rate, factor, patience, cuts):
    done, bad, best, result = 0, 0, float("inf"), [rate]
    for e in errors:
        bad = 0 if e < best else bad + 1
        best = min(e, best)
        if bad == patience + 1 and done < cuts:
            done, bad = done + 1, 0
        result.append(rate * factor**done)
    return result


@variant("together", "by-exponentials")
def together(logits):
    e = (logits - logits.amax(dim=2, keepdim=True)).exp()
    return (e / e.sum(dim=2, keepdim=True)).sum(dim=0) / len(logits)


@variant("together", "one-by-one")
def together(logits):
    total = torch.zeros_like(logits[0])
    for z in logits:
        total = total + F.softmax(z, dim=1)
    return total / logits.shape[0]


@variant("together", "in-logarithms")
def together(logits):
    return (logits.log_softmax(dim=-1).logsumexp(dim=0) - math.log(len(logits))).exp()


@variant("top_error", "by-rank")
def top_error(scores, y, k):
    true = scores[torch.arange(len(y)), y]
    above = (scores > true[:, None]).sum(dim=1)
    return (above >= k).double().mean().item()


@variant("top_error", "loop")
def top_error(scores, y, k):
    wrong = 0
    for row, label in zip(scores.tolist(), y.tolist(), strict=True):
        best = sorted(range(len(row)), key=lambda n: -row[n])[:k]
        wrong += label not in best
    return wrong / len(y)


@variant("top_error", "sorted-in-single-precision")
def top_error(scores, y, k):
    best = scores.argsort(dim=1, descending=True)[:, :k]
    return float((best != y.unsqueeze(1)).all(dim=1).float().mean())


@variant("ZFNetFront", "sequential")
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, first, 7, 2, 1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            normalise,
            nn.Conv2d(first, second, 5, 2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            normalise,
        )

    def forward(self, x):
        return self.layers(x)


@variant("ZFNetFront", "relu-after-pooling")
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.second = nn.Conv2d(first, second, kernel_size=(5, 5), stride=(2, 2))
        self.first = nn.Conv2d(3, first, kernel_size=(7, 7), stride=(2, 2), padding=(1, 1))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, x):
        for conv in (self.first, self.second):
            x = normalise(self.pool(conv(x)).clamp(min=0))
        return x


@variant("ZFNetFront", "built-on-alexnets")
class ZFNetFront(AlexNetFront):
    def __init__(self, first, second):
        super().__init__(first, second)
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))
