"""Right answers to the exercise `lenet`, written in other ways. Each must keep all its points."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("sizes", "an-image-sent-through")
def shapes(layers, image):
    x = torch.empty(1, *image, device="meta")
    result = [tuple(image)]
    for layer in layers:
        if layer[0] == "conv":
            _, maps, kernel, padding = layer
            x = F.conv2d(x, torch.empty(maps, x.shape[1], kernel, kernel, device="meta"), padding=padding)
        else:
            x = F.avg_pool2d(x, layer[1])
        result.append(tuple(x.shape[1:]))
    return result


@variant("sizes", "each-from-the-one-before")
def shapes(layers, image):
    def after(shape, layer):
        maps, *sides = shape
        if layer[0] != "conv":
            return (maps, *(side // layer[1] for side in sides))
        return (layer[1], *(side - layer[2] + 1 + 2 * layer[3] for side in sides))

    result = [image]
    for layer in layers:
        result.append(after(result[-1], layer))
    return result


@variant("sizes", "layers-built-and-counted")
def parameters(layers, image, dense):
    from itertools import pairwise

    counts, maps, (height, width) = [], image[0], image[1:]
    for name, first, *rest in layers:
        if name == "conv":
            built = nn.Conv2d(maps, first, rest[0], padding=rest[1], device="meta")
            counts.append(sum(p.numel() for p in built.parameters()))
            maps = first
            height, width = (side - rest[0] + 1 + 2 * rest[1] for side in (height, width))
        else:
            counts.append({"pool": 0, "sub": maps + maps}[name])
            height, width = height // first, width // first
    widths = [maps * height * width, *dense]
    return counts + [a * b + b for a, b in pairwise(widths)]


@variant("table", "rolled")
def runs(maps, length):
    row = list(range(maps))
    return [tuple(sorted((row[start:] + row[:start])[:length])) for start in range(maps)]


@variant("table", "by-membership")
def mask(table, channels):
    return torch.tensor([[float(c in row) for c in range(channels)] for row in table])


@variant("table", "one-hot-sums")
def mask(table, channels):
    return torch.stack([F.one_hot(torch.tensor(row), channels).sum(dim=0).float() for row in table])


@variant("table", "a-convolution-for-each-map")
def table_conv(x, weight, bias, table):
    maps = []
    for k, row in enumerate(table):
        chosen = list(row)
        maps.append(F.conv2d(x[:, chosen], weight[k, chosen][None], bias[k][None]))
    return torch.cat(maps, dim=1)


@variant("table", "patches-and-a-sum")
def table_conv(x, weight, bias, table):
    side = weight.shape[2]
    outside = torch.ones(weight.shape[:2], dtype=torch.bool)
    for k, row in enumerate(table):
        outside[k, list(row)] = False
    kernels = weight.masked_fill(outside[:, :, None, None], 0)
    patches = x.unfold(2, side, 1).unfold(3, side, 1)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, kernels) + bias[:, None, None]


@variant("table", "row-by-row")
def table_parameters(table, kernel):
    total = 0
    for row in table:
        total += len(row) * kernel * kernel + 1
    return total


@variant("subsampling", "four-times-the-mean")
def subsample(x, coefficient, bias):
    mean = F.avg_pool2d(x, kernel_size=2)
    return 1.7159 * torch.tanh((4 * coefficient.view(1, -1, 1, 1) * mean + bias.view(1, -1, 1, 1)) * 2 / 3)


@variant("subsampling", "four-slices")
def subsample(x, coefficient, bias):
    top, bottom = x[..., ::2, :], x[..., 1::2, :]
    rows = top + bottom
    total = rows[..., ::2] + rows[..., 1::2]
    return squash(torch.einsum("c,bchw->bchw", coefficient, total) + bias.reshape(-1, 1, 1))


@variant("subsampling", "grouped-convolution")
def subsample(x, coefficient, bias):
    weight = coefficient[:, None, None, None].repeat(1, 1, 2, 2)
    return squash(F.conv2d(x, weight, bias, stride=2, groups=len(coefficient)))


@variant("subsampling", "slope-from-the-output")
def subsample_gradients(x, coefficient, bias, upstream):
    total = 4 * F.avg_pool2d(x, 2)
    y = 1.7159 * torch.tanh(2 / 3 * (coefficient[None, :, None, None] * total + bias[None, :, None, None]))
    delta = upstream * (2 / 3 / 1.7159) * (1.7159 - y) * (1.7159 + y)
    to_pixels = torch.einsum("c,bchw->bchw", coefficient, delta)
    return (
        F.interpolate(to_pixels, scale_factor=2, mode="nearest"),
        torch.einsum("bchw,bchw->c", delta, total),
        torch.einsum("bchw->c", delta),
    )


@variant("modern", "a-module-of-its-own")
def modern(side, kernel, maps, dense, classes):
    from itertools import pairwise

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(1, maps[0], kernel, padding="same")
            self.second = nn.Conv2d(maps[0], maps[1], kernel)
            after = (side // 2 - (kernel - 1)) // 2
            widths = [maps[1] * after * after, *dense, classes]
            self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

        def forward(self, x):
            x = F.relu(F.max_pool2d(self.first(x), 2))
            x = F.relu(F.max_pool2d(self.second(x), 2)).flatten(start_dim=1)
            for layer in self.dense[:-1]:
                x = layer(x).clamp(min=0)
            return self.dense[-1](x)

    return Network()


@variant("modern", "size-found-by-a-trial")
def modern(side, kernel, maps, dense, classes):
    front = nn.Sequential(
        nn.Conv2d(1, maps[0], kernel, 1, kernel // 2), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2),
        nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2), nn.Flatten(),
    )  # fmt: skip
    with torch.no_grad():
        inputs = front(torch.zeros(1, 1, side, side)).shape[1]
    back = []
    for outputs in dense:
        back.extend((nn.Linear(inputs, outputs), nn.ReLU()))
        inputs = outputs
    return nn.Sequential(front, *back, nn.Linear(inputs, classes))


@variant("mistakes", "one-count-for-each-pair")
def confusion(labels, answers, classes):
    return torch.bincount(labels * classes + answers, minlength=classes**2).reshape(classes, classes)


@variant("mistakes", "product-of-one-hots")
def confusion(labels, answers, classes):
    one, other = F.one_hot(labels, classes), F.one_hot(answers, classes)
    return (one.T.float() @ other.float()).long()


@variant("mistakes", "class-by-class")
def recall(matrix):
    shares = []
    for label, row in enumerate(matrix.tolist()):
        shares.append(row[label] / sum(row) if sum(row) else 0.0)
    return torch.tensor(shares)


@variant("mistakes", "nan-to-zero")
def recall(matrix):
    return (torch.diag(matrix).double() / matrix.sum(1)).nan_to_num(0.0).float()


@variant("mistakes", "largest-of-the-upper-part")
def most_confused(matrix):
    both = (matrix + matrix.T).double()
    both[torch.ones_like(both).tril().bool()] = -1
    place = int(np.argmax(both.numpy()))
    return place // len(matrix), place % len(matrix)
