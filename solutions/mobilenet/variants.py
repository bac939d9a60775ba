"""Right answers to the exercise `mobilenet`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("depthwise", "patches-of-the-image")
def depthwise(x, weight, stride=1, padding=0):
    padded = F.pad(x, (padding,) * 4)
    patches = padded.unfold(2, weight.shape[1], stride).unfold(3, weight.shape[2], stride)
    return torch.einsum("bchwij,cij->bchw", patches, weight)


@variant("depthwise", "pixel-by-pixel")
def depthwise(x, weight, stride=1, padding=0):
    channels, rows, columns = weight.shape
    batch, _, height, width = x.shape
    room = torch.zeros(batch, channels, height + 2 * padding, width + 2 * padding, dtype=x.dtype)
    room[:, :, padding : padding + height, padding : padding + width] = x
    lines = []
    for top in range(0, room.shape[2] - rows + 1, stride):
        places = range(0, room.shape[3] - columns + 1, stride)
        lines.append(
            torch.stack(
                [(room[:, :, top : top + rows, p : p + columns] * weight).sum(dim=(2, 3)) for p in places], dim=2
            )
        )
    return torch.stack(lines, dim=2)


@variant("depthwise", "unfolded-to-columns")
def depthwise(x, weight, stride=1, padding=0):
    columns = F.unfold(x, weight.shape[1:], stride=stride, padding=padding)
    columns = columns.unflatten(1, (x.shape[1], -1))
    maps = (columns * weight.flatten(1)[None, :, :, None]).sum(dim=2)
    height = (x.shape[2] + 2 * padding - weight.shape[1]) // stride + 1
    return maps.unflatten(2, (height, -1))


@variant("separable", "a-module-of-its-own")
def separable(in_channels, out_channels, multiplier, stride):
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            inside = in_channels * multiplier
            self.depthwise = nn.Conv2d(in_channels, inside, (3, 3), stride, 1, groups=in_channels, bias=False)
            self.norm1 = nn.BatchNorm2d(inside)
            self.pointwise = nn.Conv2d(inside, out_channels, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(out_channels)

        def forward(self, x):
            x = F.relu6(self.norm1(self.depthwise(x)))
            return self.norm2(self.pointwise(x)).clamp(0, 6)

    return Block()


@variant("separable", "in-place-and-a-list")
def separable(in_channels, out_channels, multiplier, stride):
    inside = in_channels * multiplier
    layers = [nn.Conv2d(in_channels, inside, 3, stride, padding=(1, 1), groups=in_channels, bias=False)]
    layers += [nn.BatchNorm2d(inside), nn.Hardtanh(0, 6, inplace=True)]
    layers += [nn.Conv2d(inside, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU6(inplace=True)]
    return nn.Sequential(*layers)


@variant("bill", "built-and-asked")
def costs(in_channels, out_channels, kernel, side, stride):
    x = torch.empty(1, in_channels, side, side, device="meta")
    full = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False, device="meta")
    places = full(x).shape[2] * full(x).shape[3]
    filters = in_channels * kernel * kernel * places
    mixture = in_channels * out_channels * places
    return full.weight.numel() * places, filters + mixture


@variant("bill", "by-the-ratio")
def costs(in_channels, out_channels, kernel, side, stride):
    places = ((side + stride - 1) // stride) ** 2
    full = in_channels * out_channels * kernel * kernel * places
    return full, full // out_channels + full // kernel**2


@variant("bill", "layer-by-layer")
def intensities(in_channels, out_channels, kernel, side):
    results = []
    for outputs, per_output, weights in (
        (out_channels, in_channels * kernel**2, in_channels * out_channels * kernel**2),
        (in_channels, kernel**2, in_channels * kernel**2),
        (out_channels, in_channels, in_channels * out_channels),
    ):
        values = side**2 * (in_channels + outputs) + weights
        results.append(side**2 * outputs * per_output / values / 4)
    return tuple(results)


@variant("inverted", "three-parts")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        wide = in_channels * expansion
        same = kernel // 2
        self.widen = nn.Sequential(nn.Conv2d(in_channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(True))
        self.filter = nn.Sequential(
            nn.Conv2d(wide, wide, kernel, stride, same, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(True)
        )
        self.narrow = nn.Conv2d(wide, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.shapes = (in_channels, stride) == (out_channels, 1)

    def forward(self, x):
        result = self.norm(self.narrow(self.filter(self.widen(x))))
        if self.shapes:
            result = result + x
        return result


@variant("inverted", "functions-in-forward")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        wide = in_channels * expansion
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(in_channels, wide, 1, bias=False),
                nn.Conv2d(wide, wide, kernel, stride=stride, padding=(kernel - 1) // 2, groups=wide, bias=False),
                nn.Conv2d(wide, out_channels, 1, bias=False),
            ]
        )
        self.norms = nn.ModuleList([nn.BatchNorm2d(wide), nn.BatchNorm2d(wide), nn.BatchNorm2d(out_channels)])
        self.skip = float(stride == 1 and in_channels == out_channels)

    def forward(self, x):
        h = x
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            h = norm(convolution(h))
            if number < 2:
                h = F.relu6(h)
        return h + self.skip * x if self.skip else h


@variant("width", "from-the-multiple-below")
def rounded(channels, divisor):
    below = math.floor(channels / divisor) * divisor
    above = below + divisor
    nearest = below if channels - below < above - channels else above
    if nearest < divisor:
        nearest = divisor
    return above if nearest < 0.9 * channels else nearest


@variant("width", "whole-division")
def rounded(channels, divisor):
    result = int(channels + divisor / 2) // divisor * divisor
    if result == 0:
        result = divisor
    while result < 0.9 * channels:
        result += divisor
    return result


@variant("width", "sorted-and-counted")
def widest(layers, side, budget, widths):
    def work(width):
        channels = [3] + [max(8, int(c * width)) for c, _ in layers]
        sides, total = [side], 0
        for _, stride in layers:
            sides.append((sides[-1] + stride - 1) // stride)
        for i in range(len(layers)):
            c, k, places = channels[i], channels[i + 1], sides[i + 1] ** 2
            total += places * (9 * c * k if i == 0 else 9 * c + c * k)
        return total

    for width in sorted(widths, reverse=True):
        if work(width) <= budget:
            return width
    return 0


@variant("width", "maximum-of-those-that-fit")
def widest(layers, side, budget, widths):
    fitting = []
    for width in widths:
        c, s, macs = 3, side, 0
        first = True
        for full, stride in layers:
            k, s = max(int(full * width), 8), -(-s // stride)
            macs += s * s * 9 * c * k if first else s * s * 9 * c + s * s * c * k
            c, first = k, False
        if macs <= budget:
            fitting.append(width)
    return max(fitting, default=0)


@variant("depthwise", "all-places-then-every-stride-th")
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height, width = x.shape[2] - rows + 1, x.shape[3] - columns + 1
    result = 0
    for i in range(rows):
        for j in range(columns):
            result = result + weight[:, i, j, None, None] * x[:, :, i : i + height, j : j + width]
    return result[:, :, ::stride, ::stride]
