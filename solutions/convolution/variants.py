"""Right answers to the exercise `convolution`, written in other ways. Each must keep all its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("sizes", "starts-counted")
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    last = size + 2 * padding - (dilation * (kernel - 1) + 1)
    return len(range(0, last + 1, stride))


@variant("sizes", "floor-and-max")
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return max(0, math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1)


@variant("sizes", "padding-by-trial")
def same_padding(kernel, dilation=1):
    for padding in range(dilation * kernel):
        if 2 * padding == dilation * (kernel - 1):
            return padding
    return None


@variant("sizes", "span-odd-or-even")
def same_padding(kernel, dilation=1):
    span = dilation * (kernel - 1) + 1
    if span % 2 == 0:
        return None
    return span // 2


@variant("sizes", "padding-by-counting-windows")
def same_padding(kernel, dilation=1):
    for padding in range(dilation * kernel):
        if output_size(50, kernel, padding=padding, dilation=dilation) == 50:
            return padding


@variant("slide", "four-loops")
def slide(image, kernel):
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(height, width, dtype=image.dtype)
    for i in range(height):
        for j in range(width):
            total = 0.0
            for r in range(kernel.shape[0]):
                for s in range(kernel.shape[1]):
                    total += image[i + r, j + s] * kernel[r, s]
            result[i, j] = total
    return result


@variant("slide", "one-shifted-image-for-each-weight")
def slide(image, kernel):
    (height, width), (rows, columns) = image.shape, kernel.shape
    result = 0
    for r in range(rows):
        for s in range(columns):
            result = result + kernel[r, s] * image[r : height - rows + 1 + r, s : width - columns + 1 + s]
    return result


@variant("slide", "rows-in-a-list")
def slide(image, kernel):
    rows, columns = kernel.shape
    return torch.stack(
        [
            torch.stack(
                [torch.sum(image[i : i + rows, j : j + columns] * kernel) for j in range(image.shape[1] - columns + 1)]
            )
            for i in range(image.shape[0] - rows + 1)
        ]
    )


@variant("convolve", "f-unfold")
def convolve(x, weight, bias, stride=1, padding=0):
    K, _C, R, S = weight.shape
    columns = F.unfold(x, (R, S), padding=padding, stride=stride)
    y = weight.reshape(K, -1) @ columns + bias[:, None]
    height = (x.shape[2] + 2 * padding - R) // stride + 1
    return y.reshape(len(x), K, height, -1)


@variant("convolve", "einsum")
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4)
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias.reshape(1, -1, 1, 1)


@variant("convolve", "every-place-then-every-second")
def convolve(x, weight, bias, stride=1, padding=0):
    K, _C, R, S = weight.shape
    x = F.pad(x, (padding, padding, padding, padding))
    height, width = x.shape[2] - R + 1, x.shape[3] - S + 1
    y = torch.zeros(len(x), K, height, width, dtype=x.dtype)
    for r in range(R):
        for s in range(S):
            y = y + torch.einsum("bchw,kc->bkhw", x[:, :, r : r + height, s : s + width], weight[:, :, r, s])
    return (y + bias[None, :, None, None])[:, :, ::stride, ::stride]


@variant("convolve", "loops-over-places")
def convolve(x, weight, bias, stride=1, padding=0):
    K, C, R, S = weight.shape
    big = torch.zeros(x.shape[0], C, x.shape[2] + 2 * padding, x.shape[3] + 2 * padding, dtype=x.dtype)
    big[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    rows = range(0, big.shape[2] - R + 1, stride)
    columns = range(0, big.shape[3] - S + 1, stride)
    y = torch.empty(len(x), K, len(rows), len(columns), dtype=x.dtype)
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            patch = big[:, None, :, top : top + R, left : left + S]
            y[:, :, i, j] = (patch * weight).sum(dim=(2, 3, 4)) + bias
    return y


@variant("max_pool", "loops-over-places")
def max_pool(x, size, stride=None, padding=0):
    if stride is None:
        stride = size
    big = torch.full((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding), float("-inf"), dtype=x.dtype)
    big[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    rows = [
        torch.stack(
            [
                big[:, :, i : i + size, j : j + size].flatten(2).max(dim=2).values
                for j in range(0, big.shape[3] - size + 1, stride)
            ],
            dim=2,
        )
        for i in range(0, big.shape[2] - size + 1, stride)
    ]
    return torch.stack(rows, dim=2)


@variant("max_pool", "rows-first-then-columns")
def max_pool(x, size, stride=None, padding=0):
    step = stride or size
    x = F.pad(x, [padding] * 4, value=float("-inf"))
    x = x.unfold(2, size, step).max(dim=-1).values
    return x.unfold(3, size, step).max(dim=-1)[0]


@variant("max_pool", "f-unfold")
def max_pool(x, size, stride=None, padding=0):
    step = size if stride is None else stride
    x = F.pad(x, (padding,) * 4, value=-math.inf)
    b, c, height, width = x.shape
    columns = F.unfold(x.reshape(b * c, 1, height, width), size, stride=step)
    return columns.amax(dim=1).reshape(b, c, (height - size) // step + 1, (width - size) // step + 1)


@variant("max_pool", "border-repeated")
def max_pool(x, size, stride=None, padding=0):
    # A copy of a border pixel only ever stands in a patch that holds the pixel itself.
    x = F.pad(x, (padding, padding, padding, padding), mode="replicate")
    return x.unfold(2, size, stride or size).unfold(3, size, stride or size).amax(dim=(4, 5))


@variant("max_pool", "padded-with-the-smallest-pixel")
def max_pool(x, size, stride=None, padding=0):
    stride = stride or size
    x = F.pad(x, (padding, padding, padding, padding), value=x.min().item())
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(-2, -1))


@variant("receptive_field", "from-the-output-down")
def receptive_field(layers):
    field = 1
    for kernel, stride, dilation in reversed(layers):
        field = (field - 1) * stride + dilation * (kernel - 1) + 1
    return field


@variant("receptive_field", "first-and-last-pixel")
def receptive_field(layers):
    first = last = 0
    for kernel, stride, dilation in layers[::-1]:
        first, last = first * stride, last * stride + dilation * (kernel - 1)
    return last - first + 1


@variant("receptive_field", "sum-of-products")
def receptive_field(layers):
    strides = [stride for _, stride, _ in layers]
    return 1 + sum(d * (k - 1) * math.prod(strides[:i]) for i, (k, _, d) in enumerate(layers))


@variant("corner_detector", "bias-in-between")
def corner_detector():
    return torch.tensor([[0, -1, 0], [-1, 1, 1], [0, 1, 0]]).float(), -2.5


@variant("corner_detector", "heavy-penalties")
def corner_detector():
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = kernel[1, 2] = kernel[2, 1] = 10
    kernel[0, 1] = kernel[1, 0] = -100
    return kernel, torch.tensor(-25.0)


@variant("corner_detector", "rows-of-numbers")
def corner_detector():
    return [[0, -2, 0], [-2, 2, 2], [0, 2, 0]], -5
