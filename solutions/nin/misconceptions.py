"""Wrong answers to the exercise `nin`, each with the line of thought behind it. Each must lose its points."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "pixelwise",
    "reshaped-rows",
    says="You reshape the maps to rows of C numbers. In memory, C neighbours of such a row are pixels of "
    "one channel, not the channels of one pixel. Move the axis first.",
)
def pixelwise(x, weight, bias):
    b, c, h, w = x.shape
    return (x.reshape(-1, c) @ weight.T + bias).reshape(b, -1, h, w)


@misconception(
    "pixelwise",
    "reshaped-back",
    says="You move the channels to the end, which is right, but then reshape to B, K, H, W instead of "
    "moving the axis back. That scatters the numbers over the wrong pixels.",
)
def pixelwise(x, weight, bias):
    b, _, h, w = x.shape
    return (x.movedim(1, -1) @ weight.T + bias).reshape(b, -1, h, w)


@misconception(
    "pixelwise",
    "channels-last",
    says="Your maps come out with the channels at the end. Move that axis back to the second place.",
)
def pixelwise(x, weight, bias):
    return x.movedim(1, -1) @ weight.T + bias


@misconception(
    "pixelwise",
    "no-bias",
    says="The bias is missing: it is added once to each number of its map.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T).movedim(-1, 1)


@misconception(
    "pixelwise",
    "transposed",
    says="You multiply by the matrix the wrong way round: row k of the weight makes map k. Behind columns "
    "on the left, the matrix has to be turned over (weight.T).",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight + bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "relu",
    says="You put a ReLU behind. The contract asks for the linear part alone, negative values included.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T + bias).movedim(-1, 1).relu()


@misconception(
    "pixelwise",
    "mean-over-pixels",
    says="You average the pixels before the product. Each pixel has its own result; a 1x1 convolution "
    "mixes channels, never pixels.",
)
def pixelwise(x, weight, bias):
    means = x.mean(dim=(2, 3)) @ weight.T + bias
    return means[:, :, None, None].expand(-1, -1, *x.shape[2:])


@misconception(
    "pixelwise",
    "averaged-away",
    says="Your result has no pixels left. A 1x1 convolution keeps height and width; the average over all "
    "pixels belongs to the head.",
)
def pixelwise(x, weight, bias):
    return x.mean(dim=(2, 3)) @ weight.T + bias


@misconception(
    "pixelwise",
    "turned-maps",
    says="Your maps come out with height and width exchanged. Each pixel stays where it was.",
)
def pixelwise(x, weight, bias):
    return (x.transpose(1, 3) @ weight.T + bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "mixed-columns",
    says="You multiply along the width of the maps, which mixes pixels of a row. The product runs over the channels.",
)
def pixelwise(x, weight, bias):
    return (x.transpose(1, 3) @ weight.T + bias).transpose(1, 3) if x.shape[1] != x.shape[3] else x @ weight.T + bias


@misconception(
    "pixelwise",
    "one-number-a-channel",
    says="You scale each channel by itself and do not mix: map k has to take a share of every channel.",
)
def pixelwise(x, weight, bias):
    scale = weight.sum(dim=0) if len(weight) != x.shape[1] else weight.diagonal()
    return (
        x * scale[:, None, None] + bias.mean()
        if len(weight) != x.shape[1]
        else x * scale[:, None, None] + bias[:, None, None]
    )


@misconception(
    "pixelwise",
    "bias-of-the-input",
    says="You add the bias to the maps before the product. It has one entry for each map that comes out, "
    "and is added behind.",
)
def pixelwise(x, weight, bias):
    columns = x.movedim(1, -1)
    added = columns + bias.mean() if len(bias) != x.shape[1] else columns + bias
    return (added @ weight.T).movedim(-1, 1)


@misconception(
    "pixelwise",
    "bias-for-each-channel",
    says="You add the bias once for each channel that comes in. It is added once for each number that comes out.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T + x.shape[1] * bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "divided-by-channels",
    says="You take the mean over the channels. The product is a sum, without a division.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T / x.shape[1] + bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "first-image-only",
    says="You compute one image and use it for the whole batch. Each image has its own pixels.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1)[:1] @ weight.T + bias).movedim(-1, 1).expand(len(x), -1, -1, -1)


@misconception(
    "pixelwise",
    "softmaxed",
    says="You turn the channels of a pixel into shares that sum to one. A 1x1 convolution is linear.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T + bias).softmax(dim=-1).movedim(-1, 1)


@misconception(
    "pixelwise",
    "single-precision",
    says="You turn everything into float32. Keep the number type that comes in.",
)
def pixelwise(x, weight, bias):
    return (x.float().movedim(1, -1) @ weight.float().T + bias.float()).movedim(-1, 1)


@misconception(
    "pixelwise",
    "bias-along-the-width",
    says="You add the bias along the last axis, which is the width. Behind the channels it has to stand "
    "as bias[:, None, None].",
)
def pixelwise(x, weight, bias):
    return torch.einsum("bchw,kc->bkhw", x, weight) + bias


@misconception(
    "pixelwise",
    "moved-forward-again",
    says="You move the axes forward a second time and not back. Behind the product the channels stand "
    "last: movedim(-1, 1) brings them to the second place.",
)
def pixelwise(x, weight, bias):
    return (x.permute(0, 2, 3, 1) @ weight.T + bias).permute(0, 2, 3, 1)


@misconception(
    "pixelwise",
    "bias-subtracted",
    says="You subtract the bias. It is added to each number of its map.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T - bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "bias-twice",
    says="You add the bias twice. Each number of a map gets it once.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T + 2 * bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "bias-multiplied",
    says="You multiply by the bias. It is added to each number of its map.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T * bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "last-channel-left-out",
    says="You leave out the last channel. Every channel that comes in takes part.",
)
def pixelwise(x, weight, bias):
    return (x[:, :-1].movedim(1, -1) @ weight[:, :-1].T + bias).movedim(-1, 1)


@misconception(
    "pixelwise",
    "batch-into-the-pixels",
    says="You reshape the batch to C rows. With more than one image, a row then holds pieces of several "
    "channels and images. Flatten the pixels of each image by itself: x.flatten(2).",
)
def pixelwise(x, weight, bias):
    b, c, h, w = x.shape
    return (weight @ x.reshape(c, -1) + bias[:, None]).reshape(b, -1, h, w)


@misconception(
    "pixelwise",
    "axes-of-one-dropped",
    says="You drop axes of length one. The result keeps its four axes, with a single image or a single "
    "row of pixels too.",
)
def pixelwise(x, weight, bias):
    return (x.movedim(1, -1) @ weight.T + bias).movedim(-1, 1).squeeze()


@misconception(
    "pixelwise",
    "product-over-the-height",
    says="You multiply the matrix with the maps as they are, so the product runs over the height. It has "
    "to run over the channels: move their axis to the end, or flatten the pixels first.",
)
def pixelwise(x, weight, bias):
    return weight @ x + bias[:, None]


@misconception(
    "mlpconv",
    "no-padding",
    says="Your first convolution has no padding, so the maps shrink. With an odd kernel, a padding of "
    "kernel // 2 keeps their size.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "padding-of-one",
    says="You pad by one pixel whatever the kernel. That keeps the size for a kernel of 3 alone; in "
    "general it takes kernel // 2.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=1), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "padding-of-the-kernel",
    says="You pad by the whole kernel, and the maps grow. Half of it, rounded down, keeps the size.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "padded-ones",
    says="Your 1x1 convolutions are padded as well, so each puts a border around its maps. A kernel of one "
    "pixel needs no padding.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1, padding=kernel // 2), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "large-kernel-everywhere",
    says="All your convolutions have the large kernel. Only the first has it; behind it stand kernels of 1 by 1.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, kernel, padding=kernel // 2), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "threes-for-ones",
    says="Your convolutions behind the first have kernels of 3 by 3. They are to see one pixel each: 1 by 1.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "ones-everywhere",
    says="Your first convolution has a kernel of 1 by 1 as well, so nothing in the layer looks beyond one pixel.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], 1), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "no-relu-between",
    says="There is a ReLU at the end of your layer only. Without one between them the convolutions are "
    "together a single one: the network in the layer is gone.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2)]
    layers += [nn.Conv2d(c, k, 1) for c, k in pairwise(widths)]
    return nn.Sequential(*layers) if scores else nn.Sequential(*layers, nn.ReLU())


@misconception(
    "mlpconv",
    "one-relu-always-last",
    says="There is a single ReLU in your layer, at the end, and it stays there for scores too. One belongs "
    "behind each convolution, and none behind the last if scores is True.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2)]
    layers += [nn.Conv2d(c, k, 1) for c, k in pairwise(widths)]
    return nn.Sequential(*layers, nn.ReLU())


@misconception(
    "mlpconv",
    "no-relu-at-all",
    says="There is no ReLU in your layer. Without one it is a single linear map of each patch.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2)]
    return nn.Sequential(*layers, *[nn.Conv2d(c, k, 1) for c, k in pairwise(widths)])


@misconception(
    "mlpconv",
    "relu-behind-the-first-only",
    says="You put a ReLU behind the first convolution only. One follows each 1x1 as well.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    layers += [nn.Conv2d(c, k, 1) for c, k in pairwise(widths)]
    return nn.Sequential(*(layers[:-1] if scores and len(widths) == 1 else layers))


@misconception(
    "mlpconv",
    "no-relu-behind-the-first",
    says="Your large convolution has no ReLU, so it and the first 1x1 are together one linear map. A ReLU "
    "follows every convolution.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2)]
    if len(widths) == 1 and not scores:
        layers.append(nn.ReLU())
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores and len(widths) > 1 else layers))


@misconception(
    "mlpconv",
    "scores-cut",
    says="Your layer of scores ends in a ReLU. With scores=True the last maps may be negative.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers))


@misconception(
    "mlpconv",
    "never-a-last-relu",
    says="Your layer never has a ReLU behind its last convolution. Only with scores=True it is left out.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1]))


@misconception(
    "mlpconv",
    "scores-turned-round",
    says="You have scores the wrong way round: the last ReLU is left out when scores is True, not when it is False.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers if scores else layers[:-1]))


@misconception(
    "mlpconv",
    "relu-in-front",
    says="Your ReLUs stand in front of the convolutions. They belong behind, so that the layer's maps have "
    "no negative values.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.ReLU(), nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2)]
    for c, k in pairwise(widths):
        layers += [nn.ReLU(), nn.Conv2d(c, k, 1)]
    return nn.Sequential(*layers)


@misconception(
    "mlpconv",
    "channels-not-carried-on",
    says="Your 1x1 convolutions expect the channels of the image. What comes into them is what the "
    "convolution before made.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for k in widths[1:]:
        layers += [nn.Conv2d(in_channels, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "widths-doubled",
    says="Your first convolution makes widths[0] channels, and then you put a 1x1 for widths[0] once more. "
    "The first width belongs to the large kernel.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise([widths[0], *widths]):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "last-width-left-out",
    says="You stop before the last width. The list holds one entry for each convolution, the last included.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths[:-1]):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "no-bias",
    says="Your convolutions have no bias. Here each has one for every channel that it makes.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2, bias=False), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1, bias=False), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "ones-without-bias",
    says="Your 1x1 convolutions have no bias. They have one as well as the first.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1, bias=False), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "batch-norm",
    says="You put batch norms in. They came later than network in network and are not asked for here.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.BatchNorm2d(k), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "pooled",
    says="You end the layer with a pooling. It stands between two layers and does not belong into one.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*([*(layers[:-1] if scores else layers), nn.MaxPool2d(2)]))


@misconception(
    "mlpconv",
    "averaged",
    says="You end the layer with the average over all pixels. That is the head's business; the layer gives maps.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*([*(layers[:-1] if scores else layers), nn.AdaptiveAvgPool2d(1)]))


@misconception(
    "mlpconv",
    "softmax-on-scores",
    says="You put a softmax behind the scores. Scores are given to the loss as they are, and here they are still maps.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*([*layers[:-1], nn.Softmax(dim=1)] if scores else layers))


@misconception(
    "mlpconv",
    "ones-first",
    says="You put the 1x1 convolutions in front of the large kernel. That is the order of a reduction, "
    "GoogLeNet's idea; in an mlpconv layer they stand behind.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    *ones, last = widths
    layers, channels = [], in_channels
    for width in ones:
        layers += [nn.Conv2d(channels, width, 1), nn.ReLU()]
        channels = width
    layers += [nn.Conv2d(channels, last, kernel, padding=kernel // 2), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "strided",
    says="Your first convolution has a stride of 2, which halves the maps. The layer keeps their size.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, stride=2, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "dropped",
    says="You put a dropout into the layer, and in training it gives something else each time. Dropout "
    "stands between the layers.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Dropout(0.5), nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "scores-without-any-relu",
    says="With scores=True you leave out all ReLUs. Only the last one goes; the others are what makes it "
    "more than a single convolution.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*([layer for layer in layers if not isinstance(layer, nn.ReLU)] if scores else layers))


@misconception(
    "mlpconv",
    "gelu",
    says="You use GELU. A ReLU is asked for, which cuts at zero and leaves the rest as it is.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.GELU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.GELU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "leaky-relu",
    says="You use a leaky ReLU, which lets a part of the negative values through. A plain ReLU is asked for.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.LeakyReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.LeakyReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "sigmoid",
    says="You use sigmoids. A ReLU is asked for behind each convolution.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.Sigmoid()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.Sigmoid()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "tanh",
    says="You use tanh. A ReLU is asked for behind each convolution.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.Tanh()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.Tanh()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "padding-too-wide",
    says="You pad by kernel - 1, and the maps grow. The kernel reaches half as far to each side: kernel // 2.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel - 1), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "scores-lose-the-last-convolution",
    says="With scores=True you cut off the last convolution together with its ReLU. Only the ReLU goes.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-2] if scores else layers))


@misconception(
    "mlpconv",
    "one-more-1x1",
    says="You add a further 1x1 at the end. The list of widths holds one entry for each convolution; "
    "there is none beyond it.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    layers += [nn.Conv2d(widths[-1], widths[-1], 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "always-three",
    says="Your layer always has three convolutions. It has as many as the list has widths.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    first, second, third = widths
    layers = [nn.Conv2d(in_channels, first, kernel, padding=kernel // 2), nn.ReLU(), nn.Conv2d(first, second, 1)]
    layers += [nn.ReLU(), nn.Conv2d(second, third, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "widths-turned-round",
    says="You go through the widths from the back. The first entry belongs to the large kernel.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[-1], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths[::-1]):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "a-list",
    says="You return a list of layers. Put them into an nn.Sequential(*layers), so that they can be called.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return layers


@misconception(
    "mlpconv",
    "edge-repeated",
    says="You pad with copies of the edge. The usual padding with zeros is meant.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2, padding_mode="replicate"), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "mlpconv",
    "sigmoid-on-scores",
    says="You put a sigmoid behind the scores. With scores=True nothing stands behind the last convolution.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, widths[0], kernel, padding=kernel // 2), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*([*layers[:-1], nn.Sigmoid()] if scores else layers))


@misconception(
    "mlpconv",
    "channels-apart",
    says="Your large kernel looks at each channel by itself and a 1x1 mixes them. That is a depthwise "
    "separable convolution, which came later; here the large kernel reads all channels.",
)
def mlpconv(in_channels, widths, kernel, scores=False):
    layers = [nn.Conv2d(in_channels, in_channels, kernel, padding=kernel // 2, groups=in_channels)]
    layers += [nn.Conv2d(in_channels, widths[0], 1), nn.ReLU()]
    for c, k in pairwise(widths):
        layers += [nn.Conv2d(c, k, 1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if scores else layers))


@misconception(
    "merge",
    "first-bias-lost",
    says="You lost the bias of the first convolution. On an empty image it is what goes into the 1x1, so "
    "it comes out as weight @ bias.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, offset


@misconception(
    "merge",
    "second-bias-lost",
    says="You lost the bias of the 1x1, which is added at the very end.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ bias


@misconception(
    "merge",
    "no-bias-left",
    says="Your bias is zero. On an empty image the first bias goes through the matrix, and the second is added to it.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, torch.zeros_like(offset)


@misconception(
    "merge",
    "biases-added",
    says="You add the two biases as they are. The first one goes through the matrix of the 1x1 before the "
    "second is added.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, (bias.sum() + offset if len(bias) != len(offset) else bias + offset)


@misconception(
    "merge",
    "offset-through-the-matrix",
    says="You send both biases through the matrix. The bias of the 1x1 is added behind it.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, (weight @ (bias + offset.mean()) if len(bias) != len(offset) else weight @ (bias + offset))


@misconception(
    "merge",
    "transposed",
    says="You use the matrix the wrong way round: weight[k, m] says how much of map m goes into map k.",
)
def merge(kernel, bias, weight, offset):
    if weight.shape[0] != weight.shape[1]:
        raise ValueError("the shapes do not fit")
    return torch.einsum("mk,mcij->kcij", weight, kernel), weight.T @ bias + offset


@misconception(
    "merge",
    "kernels-summed",
    says="You add up the kernels and forget the weights of the 1x1. Map k takes weight[k, m] of kernel m.",
)
def merge(kernel, bias, weight, offset):
    merged = kernel.sum(dim=0, keepdim=True).expand(len(weight), -1, -1, -1)
    return merged, weight @ bias + offset


@misconception(
    "merge",
    "mean-of-the-products",
    says="You take the mean over the maps between. What the 1x1 does is a sum.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel) / weight.shape[1]
    return merged, weight @ bias / weight.shape[1] + offset


@misconception(
    "merge",
    "kernel-turned",
    says="Your kernel is turned by 180 degrees. A 1x1 does not touch the order of the pixels.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel).flip(2, 3)
    return merged, weight @ bias + offset


@misconception(
    "merge",
    "kernel-mirrored",
    says="Height and width of your kernel are exchanged. The two sides keep their order.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcji", weight, kernel)
    return merged, weight @ bias + offset


@misconception(
    "merge",
    "bias-of-the-kernel-sum",
    says="You multiply the bias by the sum of the kernel. The bias is added after the kernel, so the "
    "kernel does not touch it.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ (bias * kernel.sum(dim=(1, 2, 3))) + offset


@misconception(
    "merge",
    "relu-kept",
    says="You cut the merged kernel at zero. With a ReLU between there would be no single convolution; the "
    "task is to leave it out.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged.relu(), weight @ bias + offset


@misconception(
    "merge",
    "bias-cut",
    says="You cut the first bias at zero, as a ReLU would. Here nothing stands between the two.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ bias.relu() + offset


@misconception(
    "merge",
    "biases-multiplied",
    says="You multiply the sum of the weights by the bias. Each first bias has its own weight: the product "
    "is weight @ bias.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight.sum(dim=1) * bias.mean() + offset


@misconception(
    "merge",
    "kernel-alone",
    says="You return the kernel alone. Two things are asked for: the kernel and the bias.",
)
def merge(kernel, bias, weight, offset):
    return torch.einsum("km,mcij->kcij", weight, kernel)


@misconception(
    "merge",
    "bias-first",
    says="Your bias comes first. The kernel is to come first, then the bias.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return weight @ bias + offset, merged


@misconception(
    "merge",
    "first-bias-subtracted",
    says="You subtract what the first bias brings. It is added to the bias of the 1x1.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, offset - weight @ bias


@misconception(
    "merge",
    "offset-subtracted",
    says="You subtract the bias of the 1x1. It is added at the end.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ bias - offset


@misconception(
    "merge",
    "offset-multiplied",
    says="You multiply the two biases. The second one is added to what the first has become.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight @ bias * offset


@misconception(
    "merge",
    "weights-without-sign",
    says="You take the weights of the 1x1 without their sign. A negative one subtracts a kernel.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight.abs(), kernel)
    return merged, weight @ bias + offset


@misconception(
    "merge",
    "offset-in-the-kernel",
    says="You add the bias of the 1x1 to the kernel. There it would be multiplied by the pixels; a bias "
    "stands by itself.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged + offset[:, None, None, None], weight @ bias + offset


@misconception(
    "merge",
    "reshaped-kernels",
    says="You reshape the kernels to rows of M numbers. Such a row holds neighbours in one kernel, not "
    "the same place in M kernels. Flatten each kernel instead: kernel.flatten(1).",
)
def merge(kernel, bias, weight, offset):
    merged = (kernel.reshape(-1, len(kernel)) @ weight.T).reshape(len(weight), *kernel.shape[1:])
    return merged, weight @ bias + offset


@misconception(
    "merge",
    "bias-as-a-column",
    says="Your bias is a column. A convolution has a flat one, of shape (K).",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, (weight @ bias + offset)[:, None]


@misconception(
    "merge",
    "biases-summed",
    says="You multiply the sum of the weights by the sum of the biases. Each first bias has its own "
    "weight: the product is weight @ bias.",
)
def merge(kernel, bias, weight, offset):
    merged = torch.einsum("km,mcij->kcij", weight, kernel)
    return merged, weight.sum(dim=1) * bias.sum() + offset


@misconception(
    "count",
    "large-kernel-everywhere",
    says="You give every convolution the large kernel. Behind the first, the kernels have one pixel.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for width in widths:
            total += (kernel**2 * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "ones-everywhere",
    says="You give every convolution a kernel of one pixel. The first of each layer has kernel times kernel.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for _, widths in blocks:
        for width in widths:
            total += (channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "side-for-area",
    says="A kernel of side R has R times R places, and you count R.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel if place == 0 else 1
            total += (area * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "no-biases",
    says="You left out the biases: one for each channel that a convolution makes.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += area * channels * width
            channels = width
    return total


@misconception(
    "count",
    "one-bias-a-layer",
    says="You count one bias for each convolution. It has one for each channel that it makes.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += area * channels * width + 1
            channels = width
    return total


@misconception(
    "count",
    "bias-for-each-input",
    says="You count a bias for each channel that comes in. There is one for each channel that goes out.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area * width + 1) * channels
            channels = width
    return total


@misconception(
    "count",
    "bias-for-each-pair",
    says="You count a bias for each pair of channels. An output sums over its inputs and adds one bias.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area + 1) * channels * width
            channels = width
    return total


@misconception(
    "count",
    "ones-without-bias",
    says="Your 1x1 convolutions have no biases. They have them too.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area * channels + (place == 0)) * width
            channels = width
    return total


@misconception(
    "count",
    "large-without-bias",
    says="The large kernels have biases too, one for each channel that they make.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area * channels + (place > 0)) * width
            channels = width
    return total


@misconception(
    "count",
    "channels-of-the-image",
    says="Every layer of yours reads the channels of the image. Behind the first, what comes in is the "
    "last width of the layer before.",
)
def count(blocks, in_channels):
    total = 0
    for kernel, widths in blocks:
        channels = in_channels
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "first-width-carried",
    says="You carry the first width of a layer into the next one. It is the last width that comes out.",
)
def count(blocks, in_channels):
    total, coming = 0, in_channels
    for kernel, widths in blocks:
        channels = coming
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) * channels + 1) * width
            channels = width
        coming = widths[0]
    return total


@misconception(
    "count",
    "channels-not-carried-inside",
    says="Within a layer, your convolutions all read what came into the layer. Each 1x1 reads what the one "
    "before made.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) * channels + 1) * width
        channels = widths[-1]
    return total


@misconception(
    "count",
    "first-only",
    says="You count the first convolution of each layer only. Each 1x1 has weights as well.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        total += (kernel**2 * channels + 1) * widths[0]
        channels = widths[-1]
    return total


@misconception(
    "count",
    "in-channels-left-out",
    says="You forget that a kernel reaches through all channels that come in: an output has R times R times C weights.",
)
def count(blocks, in_channels):
    total = 0
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) + 1) * width
    return total


@misconception(
    "count",
    "large-kernel-once",
    says="You count the large kernel in the first layer only. Every layer begins with one.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for number, (kernel, widths) in enumerate(blocks):
        for place, width in enumerate(widths):
            total += ((kernel**2 if number == place == 0 else 1) * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "bias-in-each-place",
    says="You count the bias at each place of the kernel. An output has R times R times C weights and a "
    "single bias; look where the bracket closes.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += area * (channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "last-convolution-only",
    says="You keep the last convolution's number only. Add them up.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total = (area * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "stopped-after-the-first-layer",
    says="You return after the first layer. The return belongs behind both loops.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) * channels + 1) * width
            channels = width
        return total


@misconception(
    "count",
    "biases-of-the-last-only",
    says="You count the biases of each layer's last convolution only. Every convolution has them.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            total += (kernel**2 if place == 0 else 1) * channels * width
            channels = width
        total += widths[-1]
    return total


@misconception(
    "count",
    "side-doubled",
    says="You double the side of the kernel. A kernel of side R has R times R places.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = 2 * kernel if place == 0 else 1
            total += (area * channels + 1) * width
            channels = width
    return total


@misconception(
    "count",
    "widths-summed",
    says="You add up the widths of a layer first, as if the large kernel made them all. Behind it stand "
    "kernels of one pixel, which read the width before.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        total += (kernel**2 * channels + 1) * sum(widths)
        channels = widths[-1]
    return total


@misconception(
    "count",
    "channels-never-moved-on",
    says="Every convolution of yours reads the channels of the image. What comes in is what the one before made.",
)
def count(blocks, in_channels):
    total = 0
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            total += ((kernel**2 if place == 0 else 1) * in_channels + 1) * width
    return total


@misconception(
    "count",
    "channels-added-up",
    says="You add up the channels from convolution to convolution. Only what the one before made comes in.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, widths in blocks:
        for place, width in enumerate(widths):
            area = kernel**2 if place == 0 else 1
            total += (area * channels + 1) * width
            channels += width
    return total


@misconception(
    "count",
    "always-three",
    says="You expect three convolutions in each layer. There are as many as the list has widths.",
)
def count(blocks, in_channels):
    total, channels = 0, in_channels
    for kernel, (first, second, third) in blocks:
        total += (kernel**2 * channels + 1) * first + (first + 1) * second + (second + 1) * third
        channels = third
    return total


@misconception(
    "heads",
    "sum",
    says="You sum the maps. The head takes their mean, so that a score does not grow with the size of the image.",
)
def average_head(features, weight, bias):
    return features.sum(dim=(2, 3)) @ weight.T + bias


@misconception(
    "heads",
    "largest",
    says="You take the largest value of each channel. The head of network in network takes the mean.",
)
def average_head(features, weight, bias):
    return features.amax(dim=(2, 3)) @ weight.T + bias


@misconception(
    "heads",
    "largest-of-the-maps",
    says="You take the largest value of each class map. The score is its mean.",
)
def average_head(features, weight, bias):
    return torch.einsum("bchw,nc->bnhw", features, weight).amax(dim=(2, 3)) + bias


@misconception(
    "heads",
    "no-bias",
    says="The bias is missing: it has one entry for each class.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(2, 3)) @ weight.T


@misconception(
    "heads",
    "bias-for-each-place",
    says="You add the bias once for each place. In a mean it counts once.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(2, 3)) @ weight.T + bias * features[0, 0].numel()


@misconception(
    "heads",
    "bias-divided",
    says="You divide the bias by the number of places. It stands at every place, so its mean is the bias itself.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(2, 3)) @ weight.T + bias / features[0, 0].numel()


@misconception(
    "heads",
    "mean-over-height",
    says="You take the mean over the height alone. It runs over all places, height and width.",
)
def average_head(features, weight, bias):
    return features.mean(dim=2)[..., 0] @ weight.T + bias


@misconception(
    "heads",
    "mean-over-width",
    says="You take the mean over the width alone. It runs over all places, height and width.",
)
def average_head(features, weight, bias):
    return features.mean(dim=3)[..., 0] @ weight.T + bias


@misconception(
    "heads",
    "mean-over-the-batch",
    says="You average over the images of the batch too. Each image has its own scores.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(0, 2, 3)) @ weight.T + bias).expand(len(features), -1)


@misconception(
    "heads",
    "mean-over-the-channels",
    says="You average over the channels as well. Each channel has a mean of its own, which the matrix then weighs.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(1, 2, 3))[:, None] * weight.sum(dim=1) + bias


@misconception(
    "heads",
    "first-place",
    says="You read the first place of the maps. The score is the mean over all of them.",
)
def average_head(features, weight, bias):
    return features[:, :, 0, 0] @ weight.T + bias


@misconception(
    "heads",
    "middle-place",
    says="You read the middle of the maps. The score is the mean over all places.",
)
def average_head(features, weight, bias):
    return features[:, :, features.shape[2] // 2, features.shape[3] // 2] @ weight.T + bias


@misconception(
    "heads",
    "softmax",
    says="You return probabilities. Scores are asked for; the loss does the softmax.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).softmax(dim=1)


@misconception(
    "heads",
    "relu",
    says="You cut the scores at zero. They may be negative.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).relu()


@misconception(
    "heads",
    "relu-on-the-maps",
    says="You cut the class maps at zero before the mean. The authors' files do, this head does not.",
)
def average_head(features, weight, bias):
    return (torch.einsum("bchw,nc->bnhw", features, weight) + bias[:, None, None]).relu().mean(dim=(2, 3))


@misconception(
    "heads",
    "relu-on-the-features",
    says="You cut the features at zero. They are to be taken as they are.",
)
def average_head(features, weight, bias):
    return features.relu().mean(dim=(2, 3)) @ weight.T + bias


@misconception(
    "heads",
    "transposed",
    says="You multiply by the matrix the wrong way round: row n of the weight belongs to class n.",
)
def average_head(features, weight, bias):
    if weight.shape[0] != weight.shape[1]:
        raise ValueError("the shapes do not fit")
    return features.mean(dim=(2, 3)) @ weight + bias


@misconception(
    "heads",
    "maps-not-averaged",
    says="You return the class maps. The scores are their means, one number for each image and class.",
)
def average_head(features, weight, bias):
    return torch.einsum("bchw,nc->bnhw", features, weight) + bias[:, None, None]


@misconception(
    "heads",
    "kept-axes",
    says="Your scores still have two axes of length one. Two axes are asked for: images and classes.",
)
def average_head(features, weight, bias):
    return (torch.einsum("bchw,nc->bnhw", features, weight) + bias[:, None, None]).mean(dim=(2, 3), keepdim=True)


@misconception(
    "heads",
    "median",
    says="You take the median of each map. The mean is asked for: every place counts.",
)
def average_head(features, weight, bias):
    return features.flatten(2).median(dim=2).values @ weight.T + bias


@misconception(
    "heads",
    "pooled-by-two",
    says="You pool windows of 2 by 2 and not the whole map. Global means that one number is left of each map.",
)
def average_head(features, weight, bias):
    return F.avg_pool2d(features, 2, ceil_mode=True)[:, :, 0, 0] @ weight.T + bias


@misconception(
    "heads",
    "mean-without-zeros",
    says="You divide by the number of places that are not zero. Every place counts, the empty ones too.",
)
def average_head(features, weight, bias):
    return features.sum(dim=(2, 3)) / (features != 0).sum(dim=(2, 3)).clamp(min=1) @ weight.T + bias


@misconception(
    "heads",
    "costs-mean-has-weights",
    says="Your first head has a weight for each place. The mean has none; only the 1x1 in front of it has, "
    "whatever the side.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (inputs + 1) * classes, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-mean-is-free",
    says="You count nothing for the first head. The mean is free, but the 1x1 that makes the class maps is not.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return 0, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-bias-at-each-place",
    says="You count a bias at each place of the class maps. A convolution has one for each map.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return channels * classes + classes * side * side, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-no-biases",
    says="You left out the biases: one for each output of each layer.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    return channels * classes, inputs * classes, inputs * hidden + hidden * hidden + hidden * classes


@misconception(
    "heads",
    "costs-no-bias-in-the-first",
    says="The 1x1 convolution has a bias for each class.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return channels * classes, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-side-once",
    says="You multiply by the side once. Maps of side s have s times s places.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-no-places",
    says="Your dense layers read one number of each channel. They read all numbers of the maps.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-two-layers",
    says="AlexNet's head has three dense layers: two with `hidden` outputs, and one of `classes`. You count two.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    return (channels + 1) * classes, (inputs + 1) * classes, (inputs + 1) * hidden + (hidden + 1) * classes


@misconception(
    "heads",
    "costs-hidden-reads-maps",
    says="Your second hidden layer reads the maps again. It reads the `hidden` numbers of the first.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = 2 * (inputs + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-last-not-counted",
    says="You forgot the last dense layer of the third head, from `hidden` numbers to the classes.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    return (channels + 1) * classes, (inputs + 1) * classes, (inputs + 1) * hidden + (hidden + 1) * hidden


@misconception(
    "heads",
    "costs-bias-for-each-input",
    says="You count a bias for each input. A layer has one for each output.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = inputs * (hidden + 1) + hidden * (hidden + 1) + hidden * (classes + 1)
    return channels * (classes + 1), inputs * (classes + 1), three


@misconception(
    "heads",
    "costs-order",
    says="Your three numbers come in another order: first the 1x1 with the mean, then one dense layer, then three.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return three, (inputs + 1) * classes, (channels + 1) * classes


@misconception(
    "heads",
    "mean-over-channels-and-height",
    says="You take the mean over channels and height. The axes of the places are the last two: dim=(2, 3).",
)
def average_head(features, weight, bias):
    return features.mean(dim=(1, 2)) @ weight.T + bias


@misconception(
    "heads",
    "summed-over-the-width",
    says="You take the mean over the height and the sum over the width. Both belong into the mean.",
)
def average_head(features, weight, bias):
    return features.mean(dim=2).sum(dim=2) @ weight.T + bias


@misconception(
    "heads",
    "divided-by-the-width",
    says="You divide the sum by the width. It is to be divided by the number of places, height times width.",
)
def average_head(features, weight, bias):
    return features.sum(dim=(2, 3)) / features.shape[3] @ weight.T + bias


@misconception(
    "heads",
    "mean-over-all",
    says="You average over everything, batch and channels included. Each image has a mean for each channel.",
)
def average_head(features, weight, bias):
    return (features.mean() * weight.sum(dim=1) + bias).expand(len(features), -1)


@misconception(
    "heads",
    "bias-subtracted",
    says="You subtract the bias of a class. It is added to its score.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(2, 3)) @ weight.T - bias


@misconception(
    "heads",
    "mean-over-the-classes",
    says="You average over the classes. The mean runs over the places of each class map.",
)
def average_head(features, weight, bias):
    maps = torch.einsum("bchw,nc->bnhw", features, weight) + bias[:, None, None]
    return maps.mean(dim=1).flatten(1)


@misconception(
    "heads",
    "divided-by-channels",
    says="You divide by the number of channels as well. The matrix product over the channels is a sum.",
)
def average_head(features, weight, bias):
    return features.mean(dim=(2, 3)) @ weight.T / features.shape[1] + bias


@misconception(
    "heads",
    "first-image-only",
    says="You use the first image for the whole batch. Each image has its own scores.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3))[:1] @ weight.T + bias).expand(len(features), -1)


@misconception(
    "heads",
    "the-class-itself",
    says="You return the class with the highest score. The scores of all classes are asked for.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).argmax(dim=1)


@misconception(
    "heads",
    "log-softmax",
    says="You return logarithms of probabilities. The scores are asked for as they are.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).log_softmax(dim=1)


@misconception(
    "heads",
    "sigmoid",
    says="You put a sigmoid on the scores. They are asked for as they are.",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).sigmoid()


@misconception(
    "heads",
    "axes-of-one-dropped",
    says="You drop axes of length one. A single image still has scores of shape (1, N).",
)
def average_head(features, weight, bias):
    return (features.mean(dim=(2, 3)) @ weight.T + bias).squeeze()


@misconception(
    "heads",
    "costs-dense-on-the-class-maps",
    says="Your second head reads the class maps. Here it reads the last maps themselves, with all their channels.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (classes * side * side + 1) * classes, three


@misconception(
    "heads",
    "costs-dense-behind-the-1x1",
    says="You count the 1x1 into the second head too. That head is the dense layer alone and reads the last maps.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (channels + 1) * classes + (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-three-behind-the-1x1",
    says="You count the 1x1 into the third head too. That head is three dense layers and reads the last maps.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three + (channels + 1) * classes


@misconception(
    "heads",
    "costs-1x1-at-each-place",
    says="You count the 1x1 once for each place. It has the same weights everywhere, so they count once.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes * side * side, (inputs + 1) * classes, three


@misconception(
    "heads",
    "costs-all-in-one",
    says="You return one number. Three are asked for, one for each head.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes + (inputs + 1) * classes + three


@misconception(
    "heads",
    "costs-one-bias-a-layer",
    says="You count a single bias for each layer. It has one for each output.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    return channels * classes + 1, inputs * classes + 1, inputs * hidden + hidden * hidden + hidden * classes + 3


@misconception(
    "heads",
    "costs-dense-without-bias",
    says="The single dense layer has a bias for each class too.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, inputs * classes, three


@misconception(
    "heads",
    "costs-three-without-biases",
    says="The three dense layers have biases too: one for each output.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    return (channels + 1) * classes, (inputs + 1) * classes, inputs * hidden + hidden * hidden + hidden * classes


@misconception(
    "heads",
    "costs-three-hidden-layers",
    says="You count three layers of `hidden` outputs and the classes behind. The head has three dense layers in all.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * side * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three + (hidden + 1) * hidden


@misconception(
    "heads",
    "costs-side-doubled",
    says="You double the side. Maps of side s have s times s places.",
)
def head_costs(channels, side, classes, hidden):
    inputs = channels * 2 * side
    three = (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return (channels + 1) * classes, (inputs + 1) * classes, three


@misconception(
    "maps",
    "averaged-first",
    says="You average the features before the product, so your maps are the same at all places. The "
    "weights are to be applied at each place.",
)
def class_maps(features, weight):
    scores = features.mean(dim=(2, 3)) @ weight.T
    return scores[:, :, None, None].expand(-1, -1, *features.shape[2:])


@misconception(
    "maps",
    "relu",
    says="You cut the maps at zero. A place may speak against a class, and then the mean would no longer be the score.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps.relu()


@misconception(
    "maps",
    "scaled",
    says="You scale each map to lie between 0 and 1. That is for showing; with it, the mean is no longer the score.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    low, high = maps.amin(dim=(2, 3), keepdim=True), maps.amax(dim=(2, 3), keepdim=True)
    return (maps - low) / (high - low).clamp(min=1e-9)


@misconception(
    "maps",
    "softmax-over-classes",
    says="You turn each place into shares over the classes. The maps are scores, and their mean is the "
    "score of the class.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps.softmax(dim=1)


@misconception(
    "maps",
    "softmax-over-places",
    says="You turn each map into shares over its places, so all maps have the same mean. The maps are scores.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps.flatten(2).softmax(dim=2).view_as(maps)


@misconception(
    "maps",
    "divided-by-channels",
    says="You take the mean over the channels. The score is a weighted sum of them, so the map is too.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps / features.shape[1]


@misconception(
    "maps",
    "divided-by-places",
    says="You divide by the number of places. The mean does that afterwards; the map itself holds the weighted sum.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps / features[0, 0].numel()


@misconception(
    "maps",
    "times-places",
    says="You multiply by the number of places. The mean of your maps is then too large by that factor.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps * features[0, 0].numel()


@misconception(
    "maps",
    "weights-without-sign",
    says="You take the weights without their sign. A channel with a negative weight speaks against the class.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnhw", features, weight.abs())


@misconception(
    "maps",
    "positive-weights-only",
    says="You leave out the channels with negative weights. They speak against the class and belong into the sum.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnhw", features, weight.clamp(min=0))


@misconception(
    "maps",
    "transposed",
    says="You use the weights the wrong way round: row n belongs to class n, its entries to the channels.",
)
def class_maps(features, weight):
    if weight.shape[0] != weight.shape[1]:
        raise ValueError("the shapes do not fit")
    return torch.einsum("bchw,cn->bnhw", features, weight)


@misconception(
    "maps",
    "maps-turned",
    says="Height and width of your maps are exchanged.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnwh", features, weight)


@misconception(
    "maps",
    "classes-last",
    says="Your classes stand on the last axis. They belong on the second, where the channels were.",
)
def class_maps(features, weight):
    return features.movedim(1, -1) @ weight.T


@misconception(
    "maps",
    "strongest-channel",
    says="You show the channel with the largest weight. All channels count, each with its own weight.",
)
def class_maps(features, weight):
    return features[:, weight.argmax(dim=1)] * weight.amax(dim=1)[:, None, None]


@misconception(
    "maps",
    "mean-of-the-channels",
    says="You give every class the sum of all channels. Each class weighs them in its own way.",
)
def class_maps(features, weight):
    return features.sum(dim=1, keepdim=True) * weight.sum(dim=1)[:, None, None] / weight.shape[1]


@misconception(
    "maps",
    "one-map",
    says="You return one map for each image, for the class with the highest score. One for each class is asked for.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    best = maps.mean(dim=(2, 3)).argmax(dim=1)
    return maps[torch.arange(len(maps)), best]


@misconception(
    "maps",
    "mean-taken-off",
    says="You take the mean off each map. Then its mean is zero and not the score.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps - maps.mean(dim=(2, 3), keepdim=True)


@misconception(
    "maps",
    "batch-summed",
    says="You sum over the images of the batch. Each image has its own maps.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->nhw", features, weight).expand(len(features), -1, -1, -1)


@misconception(
    "maps",
    "locate-column-first",
    says="You return the column first. Rows come first, as in the axes of the maps.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place % width, place // width], dim=1)


@misconception(
    "maps",
    "locate-divided-by-height",
    says="You divide the flat number by the height. A row of the map holds as many places as the map is wide.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    height = maps.shape[2]
    return first + step * torch.stack([place // height, place % height], dim=1)


@misconception(
    "maps",
    "locate-smallest",
    says="You take the smallest place of the map. It is largest where most speaks for the class.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmin(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-largest-size",
    says="You take the place with the largest value without its sign. A strongly negative place speaks "
    "against the class.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.abs().flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-in-places",
    says="You return places of the map and not pixels of the image: first + step times the place is missing.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return torch.stack([place // width, place % width], dim=1).float()


@misconception(
    "maps",
    "locate-no-first",
    says="You multiply by the step and forget where the first place lies.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return step * torch.stack([place // width, place % width], dim=1).float()


@misconception(
    "maps",
    "locate-no-step",
    says="You add where the first place lies and forget the step between two places.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-first-times-step",
    says="You multiply the first place by the step as well. It is given in pixels already.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return step * (first + torch.stack([place // width, place % width], dim=1))


@misconception(
    "maps",
    "locate-from-one",
    says="You count the places from one. The first one has number 0 and lies at `first`.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * (1 + torch.stack([place // width, place % width], dim=1))


@misconception(
    "maps",
    "locate-middle-of-the-step",
    says="You add half a step. Where a place lies is told by `first` already.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * (0.5 + torch.stack([place // width, place % width], dim=1))


@misconception(
    "maps",
    "locate-any-class",
    says="You look for the largest value over the maps of all classes. The map of the class that is given "
    "counts alone.",
)
def locate(maps, classes, first, step):
    own = maps.amax(dim=1)
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-best-class",
    says="You look at the class with the highest mean. The class is given.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), maps.mean(dim=(2, 3)).argmax(dim=1)]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-class-of-the-first-image",
    says="You look at the class of the first image in all images. Each has its own.",
)
def locate(maps, classes, first, step):
    own = maps[:, classes[0]]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-mean-of-the-maps",
    says="You add the maps of all classes up. The map of the class that is given counts alone.",
)
def locate(maps, classes, first, step):
    own = maps.sum(dim=1)
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-row-and-column-apart",
    says="You look for the row with the largest sum and the column with the largest sum. They need not "
    "cross in the largest place.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    return first + step * torch.stack([own.sum(dim=2).argmax(dim=1), own.sum(dim=1).argmax(dim=1)], dim=1)


@misconception(
    "maps",
    "locate-last-of-equals",
    says="Of several equally large places you take the last. Take the first in reading order.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    flat = own.flatten(1)
    place = flat.shape[1] - 1 - flat.flip(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-centre-of-mass",
    says="You take the centre of mass of the map. Asked for is the place of its largest value.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    w = own.clamp(min=0) + 1e-9
    w = w / w.sum(dim=(1, 2), keepdim=True)
    rows = (w.sum(dim=2) * torch.arange(maps.shape[2])).sum(dim=1)
    columns = (w.sum(dim=1) * torch.arange(maps.shape[3])).sum(dim=1)
    return first + step * torch.stack([rows, columns], dim=1)


@misconception(
    "maps",
    "locate-value",
    says="You return the largest values themselves. Asked for is where they are.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    value = own.flatten(1).amax(dim=1)
    return torch.stack([value, value], dim=1)


@misconception(
    "maps",
    "locate-flat-number",
    says="You return the number of the place in the flattened map twice. Divide it by the width: the "
    "quotient is the row, the rest the column.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    return first + step * torch.stack([place, place], dim=1)


@misconception(
    "maps",
    "reshaped-back",
    says="You multiply with the classes last, which is right, but then reshape to B, N, H, W. Move the "
    "axis of the classes back to the second place instead.",
)
def class_maps(features, weight):
    b, _, h, w = features.shape
    return (features.movedim(1, -1) @ weight.T).reshape(b, -1, h, w)


@misconception(
    "maps",
    "reshaped-rows",
    says="You reshape the features to rows of C numbers. In memory, C neighbours of such a row are "
    "places of one channel. Move the axis first.",
)
def class_maps(features, weight):
    b, c, h, w = features.shape
    return (features.reshape(-1, c) @ weight.T).reshape(b, -1, h, w)


@misconception(
    "maps",
    "moved-forward-again",
    says="You move the axes forward a second time and not back. Behind the product the classes stand "
    "last: movedim(-1, 1) brings them to the second place.",
)
def class_maps(features, weight):
    return (features.permute(0, 2, 3, 1) @ weight.T).permute(0, 2, 3, 1)


@misconception(
    "maps",
    "classes-first",
    says="Your classes stand on the first axis, before the images. They belong on the second.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->nbhw", features, weight)


@misconception(
    "maps",
    "softmax-over-the-weights",
    says="You turn the weights of a class into shares. They are taken as they are, or the mean of the "
    "map is not the score.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnhw", features, weight.softmax(dim=1))


@misconception(
    "maps",
    "weights-of-length-one",
    says="You scale the weights of each class to length one. They are taken as they are, or the mean of "
    "the map is not the score.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnhw", features, F.normalize(weight))


@misconception(
    "maps",
    "relu-on-the-features",
    says="You cut the features at zero. They are to be taken as they are.",
)
def class_maps(features, weight):
    return torch.einsum("bchw,nc->bnhw", features.relu(), weight)


@misconception(
    "maps",
    "channels-not-summed",
    says="You weigh the channels and do not add them up. A map for each class is the sum over its weighted channels.",
)
def class_maps(features, weight):
    return features[:, None] * weight[None, :, :, None, None]


@misconception(
    "maps",
    "largest-weighted-channel",
    says="You keep the largest of the weighted channels at each place. The map is their sum.",
)
def class_maps(features, weight):
    return (features[:, None] * weight[None, :, :, None, None]).amax(dim=2)


@misconception(
    "maps",
    "sigmoid",
    says="You put a sigmoid on the maps. They are weighted sums, and their mean is the score.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps.sigmoid()


@misconception(
    "maps",
    "first-image-only",
    says="You use the first image for the whole batch. Each image has its own maps.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps[:1].expand(len(features), -1, -1, -1)


@misconception(
    "maps",
    "largest-made-one",
    says="You divide each map by its largest value. That is for showing; with it, the mean is no longer the score.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return maps / maps.amax(dim=(2, 3), keepdim=True)


@misconception(
    "maps",
    "enlarged",
    says="You enlarge the maps. A map has as many places as the features.",
)
def class_maps(features, weight):
    maps = torch.einsum("bchw,nc->bnhw", features, weight)
    return F.interpolate(maps, scale_factor=2)


@misconception(
    "maps",
    "locate-all-pairs",
    says="maps[:, classes] takes the classes of all images from every image. One class for each image "
    "needs a number for both axes: maps[torch.arange(len(maps)), classes].",
)
def locate(maps, classes, first, step):
    own = maps[:, classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-stacked-the-other-way",
    says="Your result has a row for rows and one for columns. A row for each image is asked for, shape "
    "(B, 2): stack along dim=1.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width])


@misconception(
    "maps",
    "locate-over-the-whole-batch",
    says="You look for the largest place of the whole batch. Each image has its own: argmax along the "
    "places, with dim=1 on flattened maps.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.argmax().expand(len(maps))
    height, width = maps.shape[2:]
    return first + step * torch.stack([place // width % height, place % width], dim=1)


@misconception(
    "maps",
    "locate-whole-pixels",
    says="You round down to whole pixels. `first` need not be a whole number, and places keep its fraction.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return (first + step * torch.stack([place // width, place % width], dim=1)).long()


@misconception(
    "maps",
    "locate-row-by-the-height",
    says="You divide by the height to find the row. A row holds as many places as the map is wide, for "
    "both row and column.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    height, width = maps.shape[2:]
    return first + step * torch.stack([place // height, place % width], dim=1)


@misconception(
    "maps",
    "locate-column-by-the-height",
    says="You take the rest by the height to find the column. A row holds as many places as the map is "
    "wide, for both row and column.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    height, width = maps.shape[2:]
    return first + step * torch.stack([place // width, place % height], dim=1)


@misconception(
    "maps",
    "locate-row-with-a-fraction",
    says="Your rows have fractions: divide without a rest (//), so that all places of a row get the same number.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place / width, place % width], dim=1)


@misconception(
    "maps",
    "locate-first-class",
    says="You always look at the map of class 0. The class of each image is given.",
)
def locate(maps, classes, first, step):
    place = maps[:, 0].flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return first + step * torch.stack([place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-shares-of-the-side",
    says="You return shares of the map's height and width. Pixels of the image are asked for.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    height, width = maps.shape[2:]
    return torch.stack([place // width / height, place % width / width], dim=1)


@misconception(
    "maps",
    "locate-rows-from-below",
    says="You count the rows from below. Row 0 is the one at the top.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    height, width = maps.shape[2:]
    return first + step * torch.stack([height - 1 - place // width, place % width], dim=1)


@misconception(
    "maps",
    "locate-first-subtracted",
    says="You subtract `first`. It says where place 0 lies and is added.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return step * torch.stack([place // width, place % width], dim=1) - first


@misconception(
    "maps",
    "locate-turned-round",
    says="You go from pixels to places: minus `first`, divided by the step. The way back is asked for, "
    "from places to pixels.",
)
def locate(maps, classes, first, step):
    own = maps[torch.arange(len(maps)), classes]
    place = own.flatten(1).argmax(dim=1)
    width = maps.shape[3]
    return (torch.stack([place // width, place % width], dim=1) - first) / step
