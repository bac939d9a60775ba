"""Right answers to the exercise `densenet`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from coursekit.exercise import variant


@variant("NewMaps", "sequential")
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.steps = nn.Sequential(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(in_channels, squeeze, kernel_size=1, bias=False),
            nn.BatchNorm2d(squeeze),
            nn.ReLU(inplace=True),
            nn.Conv2d(squeeze, growth_rate, kernel_size=3, padding="same", bias=False),
        )

    def forward(self, sources):
        return self.steps(torch.cat(sources, 1))


@variant("NewMaps", "source-by-source")
class NewMaps(nn.Module):
    # A 1x1 convolution of joined maps is the sum of one over each source.
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.grow = nn.Conv2d(squeeze, growth_rate, (3, 3), 1, 1, bias=False)
        self.squeeze = nn.Conv2d(in_channels, squeeze, (1, 1), bias=False)
        self.before_grow, self.before_squeeze = nn.BatchNorm2d(squeeze), nn.BatchNorm2d(in_channels)

    def forward(self, sources):
        sizes = [source.shape[1] for source in sources]
        bent = self.before_squeeze(torch.cat(list(sources), dim=1)).clamp(min=0)
        kernels = self.squeeze.weight.split(sizes, dim=1)
        h = sum(F.conv2d(part, kernel) for part, kernel in zip(bent.split(sizes, dim=1), kernels, strict=True))
        return self.grow(torch.relu(self.before_grow(h)))


@variant("Block", "joined-as-it-goes")
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.skip = 0 if with_input else in_channels
        self.layers = nn.ModuleList()
        for _ in range(layers):
            self.layers.append(make(in_channels, growth_rate))
            in_channels += growth_rate

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer([x])], dim=1)
        return x[:, self.skip :]


@variant("Block", "named-layers")
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.first = 0 if with_input else 1
        for place, width in enumerate(range(in_channels, in_channels + layers * growth_rate, growth_rate)):
            self.add_module(f"layer{place}", make(width, growth_rate))

    def forward(self, x):
        maps = (x,)
        for layer in self.children():
            maps += (layer(list(maps)),)
        return torch.cat(maps[self.first :], 1)


@variant("transition", "averaged-first")
def transition(in_channels, theta):
    # An average and a 1x1 convolution without bias may change places: fewer pixels are left to convolve.
    out_channels = math.floor(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(in_channels, out_channels, (1, 1), bias=False),
    )


@variant("transition", "a-module-of-its-own")
def transition(in_channels, theta):
    class Transition(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(in_channels, int(in_channels * theta), 1, bias=False)
            self.norm = nn.BatchNorm2d(in_channels)

        def forward(self, x):
            return F.avg_pool2d(self.conv(self.norm(x).relu()), 2)

    return Transition()


@variant("counting", "recursive")
def plan(initial, growth_rate, layers, theta):
    grown = initial + layers[0] * growth_rate
    if len(layers) == 1:
        return [grown]
    passed = math.floor(grown * theta)
    return [grown, passed, *plan(passed, growth_rate, layers[1:], theta)]


@variant("counting", "last-entry-dropped")
def plan(initial, growth_rate, layers, theta):
    result = [initial]
    for count in layers:
        result.append(result[-1] + growth_rate * count)
        result.append(int(result[-1] * theta))
    return result[1:-1]


@variant("counting", "pair-by-pair")
def connections(layers):
    total = 0
    for count in layers:
        for layer in range(count):
            total += layer + 1
    return total


@variant("counting", "choose-two")
def connections(layers):
    return sum(math.comb(count + 1, 2) for count in layers)


@variant("summing", "row-of-identities")
def summing(channels, factors):
    scale = torch.tensor([1.0, *factors]).repeat_interleave(channels)
    return (torch.eye(channels).repeat(1, len(factors) + 1) * scale).view(channels, -1, 1, 1)


@variant("summing", "entry-by-entry")
def summing(channels, factors):
    kernel = torch.zeros(channels, channels * (1 + len(factors)), 1, 1)
    for place, factor in enumerate([1, *factors]):
        for c in range(channels):
            kernel[c, place * channels + c] = factor
    return kernel


@variant("summing", "kronecker")
def summing(channels, factors):
    return torch.kron(torch.tensor([[1.0, *factors]]), torch.eye(channels)).unsqueeze(-1).unsqueeze(-1)


@variant("lean", "context-for-the-second-pass")
def lean(layer, sources):
    from contextlib import nullcontext

    class Again:
        def __enter__(self):
            self.kept = layer.norm.momentum, int(layer.norm.num_batches_tracked)
            layer.norm.momentum = 0

        def __exit__(self, *error):
            layer.norm.momentum = self.kept[0]
            layer.norm.num_batches_tracked.fill_(self.kept[1])

    h = checkpoint(layer.wide, *sources, use_reentrant=False, context_fn=lambda: (nullcontext(), Again()))
    return layer.narrow(h)


@variant("lean", "statistics-written-back")
def lean(layer, sources):
    first = True

    def wide(*maps):
        nonlocal first
        norm, again, first = layer.norm, not first, False
        spare = norm.running_mean, norm.running_var, norm.num_batches_tracked
        if again:  # let the second pass move copies
            norm.running_mean, norm.running_var, norm.num_batches_tracked = (old.clone() for old in spare)
        try:
            return layer.wide(*maps)
        finally:
            norm.running_mean, norm.running_var, norm.num_batches_tracked = spare

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@variant("usage", "sizes-first")
def usage(weight, initial, growth_rate):
    channels = weight.pow(2).mean(dim=(0, 2, 3))
    first, rest = channels[:initial].mean(), channels[initial:].reshape(-1, growth_rate).mean(dim=1)
    return torch.cat([first[None], rest]).sqrt()


@variant("usage", "one-source-after-the-other")
def usage(weight, initial, growth_rate):
    result, start, stop = [], 0, initial
    while start < weight.shape[1]:
        part = weight[:, start:stop]
        result.append(torch.linalg.vector_norm(part) / math.sqrt(part.numel()))
        start, stop = stop, stop + growth_rate
    return torch.stack(result)


@variant("lean", "statistics-copied-back")
def lean(layer, sources):
    passes = []

    def wide(*maps):
        buffers = list(layer.norm.buffers())
        before = [buffer.clone() for buffer in buffers]
        passes.append(len(passes))
        try:
            return layer.wide(*maps)
        finally:
            if passes[-1] > 0:
                for buffer, old in zip(buffers, before, strict=True):
                    buffer.copy_(old)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@variant("usage", "by-lists")
def usage(weight, initial, growth_rate):
    pieces = [initial, *[growth_rate] * ((weight.shape[1] - initial) // growth_rate)]
    return torch.stack([(part**2).mean() ** 0.5 for part in torch.split(weight, pieces, 1)])


@variant("counting", "transition-before-each-later-block")
def plan(initial, growth_rate, layers, theta):
    numbers = []
    for place, length in enumerate(layers):
        if place:
            initial = int(initial * theta)
            numbers.append(initial)
        initial += growth_rate * length
        numbers.append(initial)
    return numbers
