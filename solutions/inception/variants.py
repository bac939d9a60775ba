"""Right answers to the exercise `inception`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("NaiveInception", "sequential-branches")
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.branches = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(in_channels, one, 1), nn.ReLU()),
                nn.Sequential(nn.Conv2d(in_channels, three, 3, padding="same"), nn.ReLU()),
                nn.Sequential(nn.Conv2d(in_channels, five, 5, padding="same"), nn.ReLU()),
                nn.MaxPool2d(3, stride=1, padding=1),
            ]
        )

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=-3)


@variant("NaiveInception", "written-into-place")
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.five = nn.Conv2d(in_channels, five, 5, 1, 2)
        self.three = nn.Conv2d(in_channels, three, 3, 1, 1)
        self.one = nn.Conv2d(in_channels, one, 1)
        self.pool = nn.MaxPool2d(3, 1, 1)

    def forward(self, x):
        convolutions = torch.cat((self.one(x), self.three(x), self.five(x)), 1).clamp(min=0)
        return torch.cat((convolutions, self.pool(x)), 1)


@variant("Inception", "sequential-branches")
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()

        def unit(c, k, size):
            return nn.Sequential(nn.Conv2d(c, k, size, padding=size // 2), nn.ReLU())

        self.a = unit(in_channels, one, 1)
        self.b = nn.Sequential(unit(in_channels, reduce3, 1), unit(reduce3, three, 3))
        self.c = nn.Sequential(unit(in_channels, reduce5, 1), unit(reduce5, five, 5))
        self.d = nn.Sequential(nn.MaxPool2d(3, 1, 1), unit(in_channels, project, 1))

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.c(x), self.d(x)], 1)


@variant("bill", "one-convolution-at-a-time")
def naive_macs(side, in_channels, one, three, five):
    def conv(kernel, c, k):
        return kernel**2 * c * k * side**2

    return conv(1, in_channels, one) + conv(3, in_channels, three) + conv(5, in_channels, five)


@variant("bill", "a-list-of-convolutions")
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    convolutions = [
        (1, in_channels, one),
        (1, in_channels, reduce3),
        (3, reduce3, three),
        (1, in_channels, reduce5),
        (5, reduce5, five),
        (1, in_channels, project),
    ]
    return sum(side**2 * kernel**2 * c * k for kernel, c, k in convolutions)


@variant("TwoHeads", "early-return")
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower = lower
        self.main = nn.Sequential(upper, head)
        self.side = aux

    def forward(self, x):
        x = self.lower(x)
        if not self.training:
            return self.main(x)
        return [self.main(x), self.side(x)]


@variant("total_loss", "a-tuple-asked-for")
def total_loss(output, targets, weight):
    if not isinstance(output, (tuple, list)):
        output = (output,)
    losses = [F.nll_loss(F.log_softmax(scores, dim=1), targets) for scores in output]
    return sum((weight * loss for loss in losses[1:]), losses[0])


@variant("one_kernel", "sum-over-what-lies-between")
def one_kernel(row, column):
    return (column[:, :, None, :, :] * row[None, :, :, :, :]).sum(dim=1)


@variant("one_kernel", "matrix-product")
def one_kernel(row, column):
    m, c, _, n = row.shape
    k = column.shape[0]
    tall = column[..., 0].transpose(1, 2).reshape(k * n, m)
    return (tall @ row.reshape(m, c * n)).reshape(k, n, c, n).transpose(1, 2)


@variant("break_even", "a-search")
def break_even(channels, n):
    most = 0
    while 2 * n * channels * (most + 1) <= n * n * channels * channels:
        most += 1
    return most


@variant("Reduction", "sequential-branches")
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(in_channels, wide, 3, 2), nn.ReLU())
        self.two = nn.Sequential(
            nn.Conv2d(in_channels, narrow, 1),
            nn.ReLU(),
            nn.Conv2d(narrow, double, 3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(double, double, 3, stride=2),
            nn.ReLU(),
        )
        self.three = nn.MaxPool2d(3, stride=2)

    def forward(self, x):
        return torch.cat([branch(x) for branch in (self.one, self.two, self.three)], dim=1)


@variant("NaiveInception", "padded-with-minus-infinity")
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.convolutions = nn.ModuleDict(
            {str(n): nn.Conv2d(in_channels, k, n) for n, k in ((1, one), (3, three), (5, five))}
        )

    def forward(self, x):
        parts = [conv(F.pad(x, [int(n) // 2] * 4)).relu() for n, conv in self.convolutions.items()]
        parts.append(F.max_pool2d(F.pad(x, [1] * 4, value=-math.inf), 3, stride=1))
        return torch.hstack(parts)


@variant("one_kernel", "response-to-an-impulse")
def one_kernel(row, column):
    n, channels = row.shape[-1], row.shape[1]
    spots = torch.zeros(channels, channels, 2 * n - 1, 2 * n - 1, dtype=row.dtype)
    spots[range(channels), range(channels), n - 1, n - 1] = 1
    return F.conv2d(F.conv2d(spots, row), column).flip(2, 3).transpose(0, 1)


@variant("break_even", "rounded-down")
def break_even(channels, n):
    square, for_each_between = n**2 * channels**2, 2 * n * channels
    return math.floor(square / for_each_between)
