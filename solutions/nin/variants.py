"""Right answers to the exercise `nin`, written in other ways. Each must keep all its points."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("pixelwise", "a-linear-layer")
def pixelwise(x, weight, bias):
    return F.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)


@variant("pixelwise", "matrix-from-the-left")
def pixelwise(x, weight, bias):
    b, c, h, w = x.shape
    return (weight @ x.reshape(b, c, h * w) + bias[:, None]).reshape(b, -1, h, w)


@variant("pixelwise", "einsum")
def pixelwise(x, weight, bias):
    return torch.einsum("bchw,kc->bkhw", x, weight) + bias.view(1, -1, 1, 1)


@variant("pixelwise", "a-sum-of-scaled-channels")
def pixelwise(x, weight, bias):
    maps = [sum(weight[k, c] * x[:, c] for c in range(x.shape[1])) + bias[k] for k in range(len(weight))]
    return torch.stack(maps, dim=1)


@variant("mlpconv", "kernels-in-a-list")
def mlpconv(in_channels, widths, kernel, scores=False):
    model, sides = nn.Sequential(), [kernel] + [1] * (len(widths) - 1)
    for side, width in zip(sides, widths, strict=True):
        model.append(nn.Conv2d(in_channels, width, (side, side), padding="same"))
        model.append(nn.ReLU(inplace=True))
        in_channels = width
    if scores:
        model[-1] = nn.Identity()
    return model


@variant("mlpconv", "a-module-of-its-own")
def mlpconv(in_channels, widths, kernel, scores=False):
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.large = nn.Conv2d(in_channels, widths[0], kernel, 1, (kernel - 1) // 2)
            self.ones = nn.ModuleList(nn.Conv2d(widths[i], widths[i + 1], 1) for i in range(len(widths) - 1))

        def forward(self, x):
            x = self.large(x)
            for one in self.ones:
                x = one(F.relu(x))
            return x if scores else x.clamp(min=0)

    return Layer()


@variant("merge", "products-of-flat-kernels")
def merge(kernel, bias, weight, offset):
    merged = (weight @ kernel.flatten(1)).reshape(len(weight), *kernel.shape[1:])
    return merged, (weight * bias).sum(dim=1) + offset


@variant("merge", "asked-with-single-pixels")
def merge(kernel, bias, weight, offset):
    _, channels, side, _ = kernel.shape
    pixels = torch.eye(channels * side * side, dtype=kernel.dtype).reshape(-1, channels, side, side)
    answers = F.conv2d(pixels, kernel)[..., 0, 0] @ weight.T
    return answers.T.reshape(-1, channels, side, side), F.linear(bias, weight, offset)


@variant("count", "pairs-with-kernels")
def count(blocks, in_channels):
    layers = [(kernel if i == 0 else 1, width) for kernel, widths in blocks for i, width in enumerate(widths)]
    coming = [in_channels, *(width for _, width in layers)]
    return sum(side * side * c * width + width for (side, width), c in zip(layers, coming, strict=False))


@variant("count", "built-on-the-meta-device")
def count(blocks, in_channels):
    total = 0
    with torch.device("meta"):
        for kernel, widths in blocks:
            for i, width in enumerate(widths):
                layer = nn.Conv2d(in_channels, width, kernel if i == 0 else 1)
                total += layer.weight.numel() + layer.bias.numel()
                in_channels = width
    return total


@variant("heads", "maps-first")
def average_head(features, weight, bias):
    maps = F.conv2d(features, weight[:, :, None, None], bias)
    return F.adaptive_avg_pool2d(maps, 1).flatten(1)


@variant("heads", "mean-of-flat-maps")
def average_head(features, weight, bias):
    return F.linear(features.flatten(2).mean(2), weight, bias)


@variant("heads", "layers-in-pairs")
def head_costs(channels, side, classes, hidden):
    def dense(*sizes):
        return sum(n * k + k for n, k in pairwise(sizes))

    read = channels * side**2
    return dense(channels, classes), dense(read, classes), dense(read, hidden, hidden, classes)


@variant("maps", "a-convolution-by-hand")
def class_maps(features, weight):
    return (features.unsqueeze(1) * weight[None, :, :, None, None]).sum(dim=2)


@variant("maps", "the-linear-layer-as-a-1x1")
def class_maps(features, weight):
    return F.conv2d(features, weight[:, :, None, None])


@variant("maps", "a-matrix-product")
def class_maps(features, weight):
    return (weight @ features.flatten(2)).unflatten(2, features.shape[2:])


@variant("maps", "unravelled")
def locate(maps, classes, first, step):
    places = []
    for own, k in zip(maps, classes.tolist(), strict=True):
        row, column = torch.unravel_index(own[k].argmax(), own[k].shape)
        places.append([first + step * row.item(), first + step * column.item()])
    return torch.tensor(places)


@variant("maps", "compared-with-the-largest")
def locate(maps, classes, first, step):
    places = []
    for image in range(len(maps)):
        own = maps[image, classes[image]]
        row, column = (own == own.max()).nonzero()[0].tolist()
        places.append(torch.tensor([first + step * row, first + step * column]))
    return torch.stack(places)
