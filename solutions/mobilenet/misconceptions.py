"""Wrong answers to the exercise `mobilenet`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "depthwise",
    "sums-over-channels",
    says="You sum over the channels, as a full convolution does. Filter c makes channel c of the output from channel c of the image alone.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result.sum(dim=1, keepdim=True).expand_as(result)


@misconception(
    "depthwise",
    "mean-over-channels",
    says="You average over the channels. A depthwise convolution keeps them apart: as many come out as went in, and none has seen another.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result.mean(dim=1, keepdim=True).expand_as(result)


@misconception(
    "depthwise",
    "first-filter-for-all",
    says="All your channels are filtered by the first kernel. There is one kernel for each channel: weight[c] belongs to channel c.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[0, i, j] * seen
    return result


@misconception(
    "depthwise",
    "channels-reversed",
    says="Your filters meet the channels in the reverse order. Filter 0 belongs to channel 0.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight.flip(0)[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "kernel-turned-round",
    says="You turn the kernel round, which is what mathematics calls convolution. Networks lay it on the image as it is.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, rows - 1 - i, columns - 1 - j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "kernel-transposed",
    says="Rows and columns of your kernel are exchanged. weight[c, i, j] multiplies the pixel i rows down and j columns to the right.",
)
def depthwise(x, weight, stride=1, padding=0):
    weight = weight.mT
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "no-padding",
    says="Your image is not padded, so the outputs at the edges are missing. Add rows and columns of zeros first.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "slice-ends-early",
    says="Your slices end too early at strides above 1: of n places that are `stride` apart, the last lies (n - 1) * stride behind the first.",
)
def depthwise(x, weight, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    rows, columns = weight.shape[1:]
    height, width = (x.shape[2] - rows) // stride + 1, (x.shape[3] - columns) // stride + 1
    out = 0
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + height : stride, j : j + width : stride]
            out = out + weight[:, i, j, None, None] * seen
    return out


@misconception(
    "depthwise",
    "padding-on-two-sides",
    says="You pad one side of each axis only. The zeros stand on all four sides, so the sides grow by twice the padding.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, 0, padding, 0))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "padding-of-rows-alone",
    says="You pad columns or rows, not both. F.pad takes the last axis first: left, right, top, bottom.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise", "padding-repeats-the-edge", says="You pad with copies of the edge. The contract asks for zeros."
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding), mode="replicate")
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception("depthwise", "stride-forgotten", says="Your kernel moves by one pixel, whatever the stride.")
def depthwise(x, weight, stride=1, padding=0):
    stride = 1
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise", "stride-on-rows-alone", says="You step over rows but not over columns. The stride holds along both."
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = x.shape[3] - columns + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + width]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "stride-dilates",
    says="You leave pixels out within the kernel. That is dilation. With a stride the kernel stays as it is, and its next place lies further on.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = x.shape[2] - stride * (rows - 1)
    width = x.shape[3] - stride * (columns - 1)
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "one-place-too-few",
    says="Your output is one row and one column short: the number of steps is one less than the number of places. Add 1.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride
    width = (x.shape[3] - columns) // stride
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "output-as-large-as-the-image",
    says="Your output is as large as the image whatever the padding, with zeros where no kernel fits. Only places where the kernel fits whole make an output.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    padded = F.pad(x, (padding, padding, padding, padding))
    result = torch.zeros_like(x)
    for i in range(0, padded.shape[2] - rows + 1, stride):
        for j in range(0, padded.shape[3] - columns + 1, stride):
            patch = padded[:, :, i : i + rows, j : j + columns]
            result[:, :, i // stride, j // stride] = (patch * weight).sum(dim=(2, 3))
    return result


@misconception(
    "depthwise",
    "product-without-sum",
    says="You keep the last place of the kernel alone. The products over all places of the kernel are added up.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "mean-over-the-kernel",
    says="You divide by the number of places of the kernel. A convolution sums; the weights themselves set the scale.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result / (rows * columns)


@misconception(
    "depthwise",
    "full-convolution",
    says="Each of your outputs sees all channels: this is a full convolution whose filters are copies. Channel c of the output may see channel c alone.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen.sum(dim=1, keepdim=True)
    return result


@misconception(
    "depthwise",
    "float32-result",
    says="Your result is float32 even where the images are double. Make it with the dtype of the image, for example by x.new_zeros.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result.float() + weight[:, i, j, None, None] * seen
    return result.float()


@misconception(
    "depthwise",
    "detached",
    says="No gradient reaches your kernels. Work with the tensors themselves, not with their .data, .item() or a copy by torch.tensor.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight.detach()[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise", "one-image", says="You use the first image of the batch for all. Every image is filtered by itself."
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen[:1]
    return result


@misconception(
    "separable",
    "groups-one",
    says="Your first convolution has groups=1, so each of its filters sees all channels: a full convolution. With as many groups as channels each filter sees one.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "groups-multiplier",
    says="Your groups are as many as the filters for each channel. They must be as many as the channels that come in, so that no filter sees two of them.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=multiplier, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "pointwise-first",
    says="You mix channels first and filter them afterwards. In this block the depthwise convolution comes first.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * out_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 1, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 3, stride=stride, padding=1, groups=out_channels, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "multiplier-forgotten",
    says="Each of your channels gets one filter, whatever the multiplier. The depthwise convolution makes multiplier times as many maps as come in.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "no-norm-between",
    says="There is no batch norm between your two convolutions. One follows each of them.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "no-activation-between",
    says="Between your two convolutions there is a norm but no activation, as in Xception. MobileNet v1 bends there as well: norm, then ReLU6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "no-norm-and-activation-between",
    says="Your two convolutions follow each other with nothing in between. A batch norm and a ReLU6 belong there.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "no-activation-at-the-end",
    says="Your block ends with its norm. That is the linear bottleneck of MobileNet v2; this block ends in a ReLU6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
    )


@misconception(
    "separable",
    "no-norm-at-the-end",
    says="The second batch norm is missing: one belongs behind the pointwise convolution as well.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "relu",
    says="Your activations have no ceiling. ReLU6 cuts off at 6; the paper's text has a plain ReLU, and this task asks for ReLU6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


@misconception(
    "separable",
    "activation-before-the-norm",
    says="Your activations stand before the norms. The order is convolution, norm, ReLU6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.ReLU6(),
        nn.BatchNorm2d(inside),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.ReLU6(),
        nn.BatchNorm2d(out_channels),
    )


@misconception(
    "separable",
    "stride-in-the-pointwise",
    says="Your pointwise convolution strides. It would leave out three quarters of what the depthwise one has computed; the stride belongs there.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, stride=stride, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "stride-twice",
    says="Both of your convolutions stride, so the maps shrink twice. The stride belongs to the depthwise one.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, stride=stride, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable", "stride-forgotten", says="Your block does not stride. Pass the stride to the depthwise convolution."
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "no-padding",
    says="Your depthwise convolution has no padding, so maps lose a row and a column at each edge. Pass padding=1.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "padded-pointwise",
    says="Your pointwise convolution is padded, which adds a frame to the maps. A kernel of one pixel needs no padding.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "biases",
    says="Your convolutions have biases. The norm behind each subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "second-convolution-3-by-3",
    says="Your second convolution has a kernel of 3 by 3. The mixture of channels looks at one place: its kernel is 1 by 1.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "second-convolution-grouped",
    says="Your second convolution has groups too, so no output has seen all channels. The pointwise convolution mixes all of them.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, groups=math.gcd(inside, out_channels), bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable", "skip", says="Your block adds its input. The blocks of MobileNet v1 have no skip; v2 brought it back."
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels

    class Skipping(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Sequential(
                nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
                nn.BatchNorm2d(inside),
                nn.ReLU6(),
                nn.Conv2d(inside, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
                nn.ReLU6(),
            )

        def forward(self, x):
            y = self.branch(x)
            return y + x[:, :1, ::stride, ::stride]

    return Skipping()


@misconception(
    "separable", "five-by-five", says="Your depthwise kernels are 5 by 5. This block filters with 3 by 3 and padding 1."
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 5, stride=stride, padding=2, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "bill",
    "stride-forgotten",
    says="You count as many places as come in. With a stride fewer go out: the side divided by the stride, rounded up.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = side**2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill",
    "rounds-down",
    says="You round the output's side down. With padding by half the kernel it is rounded up: 13 pixels at stride 2 make 7.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = (side // stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill", "side-not-squared", says="You count the places of one row. A square map has side times side of them."
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride)
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception("bill", "kernel-not-squared", says="Your kernel has R places. A square kernel has R times R.")
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel * in_channels * out_channels
    return full, places * in_channels * (kernel + out_channels)


@misconception(
    "bill",
    "flops",
    says="You count multiplications and additions apart, which doubles everything. A multiply-accumulate is both together.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return 2 * full, 2 * places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill",
    "parameters",
    says="You count weights. Each weight is used at every place of the output, so multiply by the places.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = 1
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill",
    "depthwise-like-full",
    says="Your depthwise part costs as much as a full convolution. Each of its outputs sees one channel: R² products, not R² times C.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 * in_channels + out_channels)


@misconception(
    "bill",
    "depthwise-alone",
    says="You count the depthwise part and leave out the pointwise one, which does most of the work.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * kernel**2


@misconception(
    "bill",
    "pointwise-alone",
    says="You count the pointwise part, which is the full cost divided by R², and leave out the depthwise one.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * out_channels


@misconception(
    "bill",
    "parts-multiplied",
    says="You multiply the two parts, which gives the full convolution again. They run one after the other, so their costs are added.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 * out_channels)


@misconception(
    "bill",
    "depthwise-on-outputs",
    says="Your depthwise part filters the channels that go out. It filters those that come in; the pointwise part makes the K channels afterwards.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, places * out_channels * (kernel**2 + in_channels)


@misconception(
    "bill",
    "stride-in-the-pointwise",
    says="You let the pointwise convolution stride, so the depthwise one works on all places. It is the depthwise one that strides.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, in_channels * (side**2 * kernel**2 + places * out_channels)


@misconception(
    "bill",
    "stride-after-the-full",
    says="Your full convolution computes all places. It strides as well: what is left out is never computed.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = side**2 * kernel**2 * in_channels * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill",
    "separable-first",
    says="The order is turned round: the full convolution comes first, the separable one second.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return places * in_channels * (kernel**2 + out_channels), full


@misconception(
    "bill",
    "ratio-rounded",
    says="You multiply the full cost by the ratio and round. Count each part itself; then the numbers are exact, also where 1/9 is not.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return full, int(round(full * (1 / kernel**2 + 1 / out_channels), -1))


@misconception(
    "bill",
    "full-without-in-channels",
    says="Your full convolution forgets that each output sums over all channels that come in.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * out_channels
    return full, places * in_channels * (kernel**2 + out_channels)


@misconception(
    "bill",
    "numbers-not-bytes",
    says="You divide by numbers moved. A float32 takes 4 bytes, so four times as many bytes are moved.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (places * (in_channels + outputs) + weights)

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception("bill", "eight-bytes", says="You take 8 bytes for a number. A float32 has 32 bits, which are 4 bytes.")
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (8 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "weights-forgotten",
    says="You leave the weights out. They have to be fetched as well, and on small maps they are most of what is moved.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs)))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill", "output-forgotten", says="You count what is read and not what is written. The output is moved too."
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * in_channels + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception("bill", "input-forgotten", says="You count the output and not the input. Both are moved, each once.")
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * outputs + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "weights-at-every-place",
    says="You move the weights again at every place. The task counts each number once: a good program keeps them at hand.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs + weights)))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "input-for-every-product",
    says="You fetch an input number for each product. The task counts each number once; that a number is used many times is what makes the intensity high.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * outputs * (products + 1) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "intensity-flops",
    says="Your intensities are twice too high: you count multiplications and additions apart, or you take 2 bytes for a number. A multiply-accumulate is both together, and a float32 takes 4 bytes.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return 2 * places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "inverse",
    says="You give bytes for each multiply-accumulate. The intensity is the other way round: much work for few bytes is high.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return 1 / full, 1 / apart, 1 / intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "depthwise-sees-all-channels",
    says="Your depthwise convolution does as many products for an output as a full one. It sees one channel: R² products.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2 * in_channels, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "depthwise-makes-k-channels",
    says="Your depthwise convolution makes K channels. It has as many out as in; K belongs to the pointwise one.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, out_channels, kernel**2 * out_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "depthwise-moves-k-channels",
    says="You let the depthwise convolution put out as many channels as the full one. It puts out as many as came in.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side
    maps = places * (in_channels + out_channels)

    def rate(macs, weights):
        return macs / (4 * (maps + weights))

    full, mixing = kernel**2 * in_channels * out_channels, in_channels * out_channels
    depthwise = kernel**2 * in_channels
    return rate(places * full, full), rate(places * depthwise, depthwise), rate(places * mixing, mixing)


@misconception(
    "bill",
    "depthwise-weights-of-a-full-one",
    says="Your depthwise convolution moves the weights of a full one. It has R² for each channel, and no more.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels * out_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill", "intensity-kernel-not-squared", says="Your kernels have R places. A square kernel has R times R."
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel * in_channels, out_channels, kernel * in_channels * out_channels)
    apart = intensity(kernel, in_channels, kernel * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill", "one-row", says="You take side for the number of places. A square map has side times side of them."
)
def intensities(in_channels, out_channels, kernel, side):
    places = side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(in_channels, out_channels, in_channels * out_channels)


@misconception(
    "bill",
    "pointwise-and-depthwise-exchanged",
    says="The last two are exchanged: full, then depthwise, then pointwise.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, intensity(in_channels, out_channels, in_channels * out_channels), apart


@misconception(
    "bill", "pointwise-with-kernel", says="Your pointwise convolution has a kernel of R by R. Its kernel is one pixel."
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return full, apart, intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)


@misconception(
    "bill",
    "separable-together",
    says="Your third number is that of both parts together. It is asked for the pointwise convolution alone.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    macs = places * in_channels * (kernel**2 + out_channels)
    moved = 4 * (places * (3 * in_channels + out_channels) + in_channels * (kernel**2 + out_channels))
    return full, apart, macs / moved


@misconception(
    "inverted",
    "relu6-on-the-narrow",
    says="You put a ReLU6 behind the last norm. The narrow maps stay linear: there are few channels, and what a ReLU cuts off there is lost.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU6(),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "relu6-after-the-sum",
    says="You put a ReLU6 behind the sum, as ResNet has a ReLU there. In this block nothing follows it.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return F.relu6(x + h) if self.skips else h


@misconception(
    "inverted",
    "skip-at-every-stride",
    says="You skip whenever the channels agree, also where the stride is 2. Then the maps differ in size, or agree by chance on a single pixel.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "skip-by-shape",
    says="You skip wherever the two maps have the same shape. At stride 2 there is no skip, also on maps of a single pixel, which stay as large as they are.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if x.shape == h.shape else h


@misconception(
    "inverted",
    "no-skip",
    says="Your block never adds its input. With stride 1 and as many channels out as in, it does.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return h


@misconception(
    "inverted",
    "skip-by-projection",
    says="Where shapes differ, you add the input through a convolution of 1 by 1, as ResNet does. Here there is no skip in that case.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return self.shortcut(x) + self.branch(x)


@misconception(
    "inverted",
    "skip-by-bare-projection",
    says="Where shapes differ, you add the input through a convolution of 1 by 1, as ResNet does. Here there is no skip in that case.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)

    def forward(self, x):
        return self.shortcut(x) + self.branch(x)


@misconception(
    "inverted",
    "skip-around-the-wide",
    says="You add the wide maps around the depthwise convolution. The skip joins the narrow ends: the input of the block and its output.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.widen = nn.Sequential(nn.Conv2d(in_channels, inside, 1, bias=False), nn.BatchNorm2d(inside), nn.ReLU6())
        self.filter = nn.Sequential(
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
        )
        self.narrow = nn.Sequential(nn.Conv2d(inside, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))
        self.stride = stride

    def forward(self, x):
        wide = self.widen(x)
        h = self.filter(wide)
        return self.narrow(wide + h if self.stride == 1 else h)


@misconception(
    "inverted",
    "depthwise-full",
    says="Your middle convolution has groups=1: it sees all channels and costs E times as much. With as many groups as channels it is depthwise.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "groups-of-the-input",
    says="Your middle convolution has as many groups as the block has channels at its input, so a filter sees several of the wide channels. Take one group for each wide channel.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=in_channels, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "bottleneck-of-resnet",
    says="Your block narrows first and widens again, as ResNet's bottleneck does. This one is its inverse: wide inside, narrow at both ends.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = max(1, in_channels // expansion)
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "expansion-of-the-output",
    says="You widen to expansion times the channels that go out. It is expansion times those that come in.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * out_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception("inverted", "expansion-added", says="You add the expansion to the channels. It is a factor.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion + in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-activation-in-the-wide",
    says="Your wide maps have no activations either. Only the narrow ones stay linear; without a ReLU6 the whole branch would be a linear map.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-activation-after-the-first",
    says="There is no ReLU6 behind your first convolution. Both wide maps have one.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-activation-after-the-depthwise",
    says="There is no ReLU6 behind your depthwise convolution. Both wide maps have one.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception("inverted", "relu", says="Your activations have no ceiling. This block has ReLU6, which cuts off at 6.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-last-norm",
    says="Your last convolution has no batch norm behind it. Linear means without an activation; the norm stays.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "norms-missing-in-the-wide",
    says="Your wide maps have no batch norm. One follows each of the three convolutions.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "stride-in-the-first",
    says="Your first convolution strides. It would throw three quarters of the pixels away before any filter has seen them; the depthwise one strides.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, stride=stride, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "stride-in-the-last",
    says="Your last convolution strides, so the depthwise one has computed places that nobody reads. The depthwise one strides.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted", "stride-forgotten", says="Your block does not stride. Pass the stride to the depthwise convolution."
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-expansion-at-one",
    says="With expansion 1 you leave the first convolution out, as the published network does. Here it stays, also at expansion 1.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        layers = []
        if expansion > 1:
            layers += [nn.Conv2d(in_channels, inside, 1, bias=False), nn.BatchNorm2d(inside), nn.ReLU6()]
        layers += [
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        ]
        self.branch = nn.Sequential(*layers)
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "kernel-always-three",
    says="Your depthwise kernel is 3 by 3, whatever is asked for. Pass the kernel, and half of it, rounded down, as padding.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, 3, stride=stride, padding=1, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "padding-always-one",
    says="Your padding is 1 for every kernel, so a kernel of 5 loses the edges. Pad by half the kernel, rounded down.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=1, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "biases",
    says="Your convolutions have biases. The norm behind each subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "skip-in-place",
    says="You add into the input itself, so whoever reads it afterwards finds the sum. Write x + h, which makes a new tensor.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x.add_(h) if self.skips else h


@misconception("inverted", "skip-halved", says="You take the mean of input and branch. The block adds them.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return (x + h) / 2 if self.skips else h


@misconception(
    "inverted",
    "skip-detached",
    says="No gradient flows through your skip. Add the input itself, without detach; the way round is there for the gradient.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x.detach() + h if self.skips else h


@misconception(
    "width", "rounds-down", says="You take the multiple below. The nearest may lie above: 79 becomes 80, not 72."
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "rounds-up",
    says="You never go below the wanted number. The nearest multiple may lie below it, down to nine tenths of it: 17 becomes 16.",
)
def rounded(channels, divisor):
    nearest = max(divisor, math.ceil(channels / divisor) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "halves-to-even",
    says="Python's round takes halves to the even neighbour, so 84 becomes 80. Here halves go up, to 88.",
)
def rounded(channels, divisor):
    nearest = max(divisor, round(channels / divisor) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception("width", "halves-down", says="You take halves down. Halfway between two multiples it is the upper one.")
def rounded(channels, divisor):
    nearest = max(divisor, math.ceil(channels / divisor - 0.5) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception("width", "no-minimum", says="You may return 0. The result is at least the divisor.")
def rounded(channels, divisor):
    nearest = int(channels / divisor + 0.5) * divisor
    return nearest + divisor if 0 < nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "no-nine-tenths",
    says="You leave the third rule out: if the nearest multiple is less than nine tenths of what was wanted, the next one is taken.",
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest


@misconception(
    "width",
    "nine-tenths-of-the-result",
    says="You compare the wrong way round: it is the result that must reach nine tenths of the wanted number.",
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if channels < 0.9 * nearest else nearest


@misconception("width", "minimum-eight", says="Your minimum is 8 whatever the divisor. It is the divisor itself.")
def rounded(channels, divisor):
    nearest = max(8, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception("width", "divisor-eight", says="You round to multiples of 8 whatever the divisor.")
def rounded(channels, divisor):
    divisor = 8
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width", "how-many-multiples", says="You return how many times the divisor fits. Multiply by the divisor again."
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return (nearest + divisor if nearest < 0.9 * channels else nearest) // divisor


@misconception(
    "width",
    "channels-cut-first",
    says="You cut the wanted number to an integer before you compare, so 19.9 counts as 19. Keep the fraction.",
)
def rounded(channels, divisor):
    channels = int(channels)
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width", "width-on-the-image", says="You make the image narrower too. It has three channels at every width."
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, max(1, int(3 * width)), side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "only-outputs-narrower",
    says="Only the channels that go out of your layers are narrower. Those that come in are the ones that the layer before has made.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = full
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "channels-not-carried-on",
    says="Every layer of yours gets the three channels of the image. Behind the first, the channels that come in are those of the layer before.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "first-layer-separable",
    says="Your first layer is depthwise separable. It is a full convolution: the image has only three channels, and all of them count.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for full, stride in layers:
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "all-layers-full",
    says="All your layers are full convolutions. Behind the first they are depthwise separable, which costs 9 + K for each channel that comes in, not 9 times K.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for full, stride in layers:
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "pointwise-alone",
    says="Your separable layers count their pointwise part alone. The depthwise part adds 9 for each channel and place.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "depthwise-alone",
    says="Your separable layers count their depthwise part alone. The pointwise part is the larger one.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width", "stride-forgotten", says="Your maps keep their size. Divide the side by each stride on the way."
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, _) in enumerate(layers):
            wanted = max(8, int(width * full))
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "stride-after-the-layer",
    says="You let a layer work on the maps that come in. It computes only the places that go out, so divide by the stride first.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
            places = math.ceil(places / stride)
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "rounds-sides-down",
    says="You round sides down. With padding they are rounded up: 17 pixels at stride 2 make 9.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = places // stride
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "widest-no-minimum",
    says="A layer of yours may have fewer than eight channels. The rule here is max(8, int(width * channels)).",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(1, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "rounds-channels",
    says="You round channels to the nearest integer, or to multiples of 8. In this function they are cut: int(width * channels), at least 8.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, 8 * round(width * full / 8))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "smallest", says="You return the smallest width that fits. The largest is wanted.")
def widest(layers, side, budget, widths):
    best = math.inf
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = min(best, width)
    return best if best < math.inf else 0.0


@misconception(
    "width",
    "last-that-fits",
    says="You return the last width of the list that fits. The list is in no order: keep the largest.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = width
    return best


@misconception(
    "width",
    "first-that-fits",
    says="You return the first width of the list that fits. The list is in no order: look at all of them.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            return width
    return best


@misconception(
    "width",
    "below-the-budget",
    says="You ask for less than the budget. At most the budget is allowed, so what is exactly as large fits.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs < budget:
            best = max(best, width)
    return best


@misconception(
    "width", "nothing-fits", says="If no width fits, you return the smallest one all the same. The answer is then 0."
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best or min(widths)


@misconception(
    "width",
    "flops",
    says="You count multiplications and additions apart, so every network looks twice as dear. The budget is in multiply-accumulates.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if 2 * macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "parameters",
    says="You count weights. The budget is in multiply-accumulates, so each weight counts once for each place.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "width-scales-work",
    says="You scale the work of the whole network by the width. Narrower layers have fewer channels in and out, so most of the work falls with its square, and not exactly so.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = full
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if width * macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "width-squared",
    says="You scale the work of the whole network by the square of the width. That is near, but the depthwise parts and the first layer fall with the width itself. Count.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = full
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if width**2 * macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "side-not-squared", says="You count the places of one row. A map has side times side of them.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "depthwise", "stride-on-columns-alone", says="You step over columns but not over rows. The stride holds along both."
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = x.shape[2] - rows + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + height, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "padding-doubled",
    says="You pad by twice as much as asked: each of the four sides gets padding rows or columns, so an axis grows by twice the padding and not by four times.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (2 * padding,) * 4)
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "rows-flipped",
    says="You turn the kernel upside down. Networks lay it on the image as it is: its first row meets the upper row of pixels.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, rows - 1 - i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "columns-flipped",
    says="You turn the kernel from left to right. Networks lay it on the image as it is: its first column meets the left column of pixels.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, columns - 1 - j, None, None] * seen
    return result


@misconception("depthwise", "padding-of-ones", says="You pad with ones. The contract asks for zeros.")
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding), value=1.0)
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise", "padding-reflect", says="You pad with a mirror image of the edge. The contract asks for zeros."
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding), mode="reflect")
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "padding-circular",
    says="You pad with pixels from the other side of the image. The contract asks for zeros.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding), mode="circular")
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "width-by-rows",
    says="You compute the output's width from the kernel's height. A kernel need not be square: rows belong to the height, columns to the width.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - rows) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "square-kernel",
    says="You take the kernel for a square one. It has R rows and S columns, and the two may differ.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows = columns = weight.shape[1]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "square-image",
    says="You make the output as wide as it is high. Height and width follow each from its own side of the image and of the kernel.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = height
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "image-thinned-first",
    says="You leave pixels out of the image and filter what is left. With a stride the kernel still sees neighbouring pixels; it is its places that lie further apart.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))[:, :, ::stride, ::stride]
    stride = 1
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "thinned-before-padding",
    says="You leave pixels out of the image, then pad and filter what is left. With a stride the kernel still sees neighbouring pixels; it is its places that lie further apart.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x[:, :, ::stride, ::stride], (padding, padding, padding, padding))
    stride = 1
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception("depthwise", "max", says="You keep the largest of the products. A convolution adds them up.")
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_full((x.shape[0], x.shape[1], height, width), -float("inf"))
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = torch.maximum(result, weight[:, i, j, None, None] * seen)
    return result


@misconception(
    "depthwise",
    "relu",
    says="Your result has no negative values. A convolution is linear; the activation is a layer of its own.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result.relu()


@misconception(
    "depthwise",
    "same-always",
    says="You pad by half the kernel whatever is asked. The padding is an argument; with 0 the output is smaller than the image.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    padding = rows // 2
    x = F.pad(x, (padding,) * 4)
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "ceil",
    says="You round the number of steps up, so the last place hangs over the edge. The kernel is laid wherever it fits whole: round down.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    full = F.pad(x, (0, stride, 0, stride))
    height = -(-(x.shape[2] - rows) // stride) + 1
    width = -(-(x.shape[3] - columns) // stride) + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows):
        for j in range(columns):
            seen = full[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "centre-forgotten",
    says="You leave out the first row of the kernel. range(rows) starts at 0, and so do the rows.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(1, rows):
        for j in range(columns):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "depthwise",
    "last-row-forgotten",
    says="You leave out the last row and column of the kernel. range(rows) ends before rows by itself.",
)
def depthwise(x, weight, stride=1, padding=0):
    rows, columns = weight.shape[1:]
    x = F.pad(x, (padding, padding, padding, padding))
    height = (x.shape[2] - rows) // stride + 1
    width = (x.shape[3] - columns) // stride + 1
    result = x.new_zeros(x.shape[0], x.shape[1], height, width)
    for i in range(rows - 1):
        for j in range(columns - 1):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            result = result + weight[:, i, j, None, None] * seen
    return result


@misconception(
    "separable",
    "first-bias-only",
    says="Your depthwise convolution has a bias. The norm behind it subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "second-bias-only",
    says="Your pointwise convolution has a bias. The norm behind it subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "relu-only-first",
    says="Your first activation has no ceiling: it is a ReLU. Both activations of this block are ReLU6, which cuts off at 6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "relu-only-last",
    says="Your second activation has no ceiling: it is a ReLU. Both activations of this block are ReLU6, which cuts off at 6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


@misconception(
    "separable",
    "no-affine",
    says="Your first batch norm has no scale and no shift. Each norm has both, learned: 2 parameters for each channel.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside, affine=False),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "instance-norm",
    says="You normalise each map of each image by itself. That is instance norm; batch norm takes its mean and variance over all images of the batch.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.InstanceNorm2d(inside, affine=True),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.InstanceNorm2d(out_channels, affine=True),
        nn.ReLU6(),
    )


@misconception(
    "separable", "hardswish", says="Your activation is a hard swish, which MobileNet v3 has. This block has ReLU6."
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.Hardswish(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.Hardswish(),
    )


@misconception(
    "separable",
    "multiplier-on-outputs",
    says="You multiply the channels that go out. The multiplier widens the maps between the two convolutions alone.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = in_channels
    out_channels = out_channels * multiplier
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "activation-only-before-norm2",
    says="Your last activation stands before the last norm. The order is convolution, norm, ReLU6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.ReLU6(),
        nn.BatchNorm2d(out_channels),
    )


@misconception(
    "separable",
    "no-activations",
    says="Your block has norms but no activations: it is linear in evaluation. A ReLU6 follows each of the norms.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
    )


@misconception("separable", "no-norms", says="Your block has no batch norms. One follows each of the convolutions.")
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.ReLU6(),
    )


@misconception("separable", "stride-two", says="Your block always strides by 2. The stride is an argument.")
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=2, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception(
    "separable",
    "groups-inside",
    says="You divide into as many groups as maps go out. PyTorch divides the channels that come in as well, and they are fewer: take as many groups as come in.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=inside, bias=False),
        nn.BatchNorm2d(inside),
        nn.ReLU6(),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(),
    )


@misconception("separable", "hardtanh1", says="Your activations cut off at 1. ReLU6 cuts off at 6.")
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.Hardtanh(0, 1),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.Hardtanh(0, 1),
    )


@misconception(
    "separable", "leaky", says="Your activations let a little of the negative values through. ReLU6 sets them to zero."
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.LeakyReLU(0.1),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(0.1),
    )


@misconception(
    "separable",
    "clamp-both",
    says="Your activations keep negative values down to -6. ReLU6 cuts off below 0 and above 6.",
)
def separable(in_channels, out_channels, multiplier, stride):
    inside = multiplier * in_channels
    return nn.Sequential(
        nn.Conv2d(in_channels, inside, 3, stride=stride, padding=1, groups=in_channels, bias=False),
        nn.BatchNorm2d(inside),
        nn.Hardtanh(-6, 6),
        nn.Conv2d(inside, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.Hardtanh(-6, 6),
    )


@misconception(
    "bill",
    "no-padding",
    says="You count only places where the kernel lies whole in the image. The task pads, so that the output has the side divided by the stride, rounded up.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = ((side - kernel) // stride + 1) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + out_channels))


@misconception(
    "bill",
    "stride-not-squared",
    says="You divide the places by the stride once. A stride makes both sides shorter, so it counts squared.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side * side / stride)
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + out_channels))


@misconception(
    "bill",
    "squared-inside",
    says="You round the number of places up. Round each side up and square afterwards: a map has whole rows and columns.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side**2 / stride**2)
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + out_channels))


@misconception(
    "bill",
    "bias",
    says="You count an addition for biases. The convolutions here have none, and the task leaves biases out.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (
        full + places * out_channels,
        places * in_channels * (kernel**2 + out_channels) + places * (in_channels + out_channels),
    )


@misconception(
    "bill",
    "depthwise-without-channels",
    says="Your depthwise part filters a single channel. There is a filter for each of the channels that come in.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * (kernel**2 + in_channels * out_channels))


@misconception(
    "bill",
    "strides-twice",
    says="Both steps stride in your count. It is the depthwise one that strides; the pointwise one works on what it left.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (
        full,
        places * in_channels * kernel**2
        + math.ceil(math.ceil(side / stride) / stride) ** 2 * in_channels * out_channels,
    )


@misconception(
    "bill",
    "costs-pointwise-with-kernel",
    says="Your pointwise part has a kernel of R by R. Its kernel is one pixel, so each output is a sum of C products.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + kernel**2 * out_channels))


@misconception(
    "bill",
    "stride-forgotten-in-separable",
    says="Your separable convolution does not stride. Its depthwise part does, so both parts make as few places as the full convolution.",
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, side**2 * in_channels * (kernel**2 + out_channels))


@misconception("bill", "pointwise-C-squared", says="Your pointwise part makes as many channels as come in. It makes K.")
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + in_channels))


@misconception("bill", "with-norms", says="You count the norms too. The task counts convolutions alone.")
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, places * in_channels * (kernel**2 + out_channels) + 2 * places * (in_channels + out_channels))


@misconception(
    "bill", "reduction", says="Your second number is a ratio. The multiply-accumulates themselves are asked for."
)
def costs(in_channels, out_channels, kernel, side, stride):
    places = math.ceil(side / stride) ** 2
    full = places * kernel**2 * in_channels * out_channels
    return (full, full / (places * in_channels * (kernel**2 + out_channels)))


@misconception("bill", "bits", says="You divide by bits. A float32 takes 32 of them, which are 4 bytes.")
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (32 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "only-maps-in-bytes",
    says="You count the maps in bytes and the weights in numbers. Each weight takes 4 bytes too.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * places * (in_channels + outputs) + weights)

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "only-weights",
    says="You count the weights alone. The maps that come in and go out are moved too, and mostly they are far more.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * weights)

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "rounded3",
    says="You round to three digits. The text rounds so that you can read it; return the numbers as they are.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return tuple(round(v, 3) for v in (full, apart, intensity(in_channels, out_channels, in_channels * out_channels)))


@misconception("bill", "whole-division", says="You divide by //, which cuts the fraction off. Use /.")
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products // (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "precedence",
    says="You multiply by the values moved: a / b * c divides by b and then multiplies by c. Put the whole divisor into brackets.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / 4 * (places * (in_channels + outputs) + weights)

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception("bill", "mib", says="You count kilobytes. The task asks for multiply-accumulates for each byte.")
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights) / 1024)

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "no-padding-i",
    says="You count only places where the kernel lies whole in the image. The task keeps the size: side times side places go out.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = (side - kernel + 1) ** 2

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "depthwise-reads-once",
    says="Your depthwise convolution reads and does not write, or writes and does not read. As many maps go out as come in, and both are moved.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = places * in_channels * kernel**2 / (4 * (places * in_channels + kernel**2 * in_channels))
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "depthwise-one-filter",
    says="Your depthwise convolution has one filter for all channels. It has one for each channel, so R² times C weights.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2)
    return (full, apart, intensity(in_channels, out_channels, in_channels * out_channels))


@misconception(
    "bill",
    "pointwise-no-weights",
    says="Your pointwise convolution has too few weights. Each of its K outputs has a weight for each of the C inputs.",
)
def intensities(in_channels, out_channels, kernel, side):
    places = side * side

    def intensity(products, outputs, weights):
        return places * outputs * products / (4 * (places * (in_channels + outputs) + weights))

    full = intensity(kernel**2 * in_channels, out_channels, kernel**2 * in_channels * out_channels)
    apart = intensity(kernel**2, in_channels, kernel**2 * in_channels)
    return (full, apart, intensity(in_channels, out_channels, out_channels))


@misconception(
    "inverted",
    "first-bias",
    says="Your first convolution has a bias. The norm behind it subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "last-bias",
    says="Your last convolution has a bias. The norm behind it subtracts the mean, so a bias has no effect; leave it out with bias=False.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted", "padding-kernel", says="You pad by the whole kernel, so the maps grow. Pad by half of it: kernel // 2."
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "no-padding",
    says="Your depthwise convolution has no padding, so the maps shrink. Pad by half the kernel: kernel // 2.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "skip-stride-only",
    says="You skip at stride 1 even if the channels differ, and then the sum fails. Both must agree: the stride is 1 and as many channels go out as came in.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "norm-before-conv",
    says="Your first norm and activation stand before the first convolution, as in ResNets with pre-activation. Here the convolution comes first.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.BatchNorm2d(in_channels),
            nn.ReLU6(),
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted",
    "activation-before-norm",
    says="Your activations stand before the norms. The order is convolution, norm, ReLU6.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.ReLU6(),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.ReLU6(),
            nn.BatchNorm2d(inside),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception("inverted", "skip-subtracted", says="You subtract the input. The skip adds it.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return h - x if self.skips else h


@misconception(
    "inverted",
    "no-branch",
    says="Your block hands its input on and leaves the branch out. The skip adds the input to what the branch makes.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x if self.skips else h


@misconception(
    "inverted",
    "skip-concatenated",
    says="You put the input beside the result, as DenseNet does. Here it is added, so as many channels go out as came in.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return torch.cat([x, h], 1) if self.skips else h


@misconception(
    "inverted",
    "depthwise-missing",
    says="Your block has no depthwise convolution, so no filter sees more than one place. It stands between the two pointwise ones.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "inverted", "hardswish", says="Your activation is a hard swish, which MobileNet v3 has. This block has ReLU6."
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.Hardswish(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.Hardswish(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception("inverted", "hidden-6", says="You always widen by 6. The expansion is an argument.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = 6 * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception("inverted", "skip-normed", says="Your skip runs through a norm. The input is added as it is.")
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return self.branch[-1](x) + h if self.skips else h


@misconception(
    "inverted",
    "avgpool-skip",
    says="At stride 2 you add an averaged input. In all cases but stride 1 with equal channels there is no skip.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else F.avg_pool2d(x, 2, ceil_mode=True) + h if x.shape[1] == h.shape[1] else h


@misconception(
    "inverted",
    "skip-if-expansion",
    says="Your block does not skip if the expansion is 1. Only stride and channels decide whether the input is added.",
)
class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride, expansion):
        super().__init__()
        inside = expansion * in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inside, 1, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, inside, kernel, stride=stride, padding=kernel // 2, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU6(),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skips = stride == 1 and in_channels == out_channels and (expansion > 1)

    def forward(self, x):
        h = self.branch(x)
        return x + h if self.skips else h


@misconception(
    "width",
    "plain-int",
    says="You cut the number to a whole one and leave it there. A multiple of the divisor is wanted.",
)
def rounded(channels, divisor):
    nearest = int(channels)
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "nine-tenths-at-most",
    says="You take the next multiple also if the result is exactly nine tenths of the channels. The rule says: if it is less.",
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + divisor if nearest <= 0.9 * channels else nearest


@misconception(
    "width", "add-one", says="If the result is too small you add 1. The next multiple is a whole divisor above."
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return nearest + 1 if nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "down-when-far-above",
    says="You take the multiple below if the result is far above the channels. The rule has no such step: only too few channels are mended.",
)
def rounded(channels, divisor):
    nearest = max(divisor, int(channels / divisor + 0.5) * divisor)
    return max(divisor, nearest - divisor) if nearest > 1.1 * channels else nearest


@misconception(
    "width", "power-of-two", says="You round to powers of two. Multiples of the divisor are wanted: 24 is one of 8."
)
def rounded(channels, divisor):
    nearest = max(divisor, 2 ** round(math.log2(channels)))
    return nearest + divisor if nearest < 0.9 * channels else nearest


@misconception(
    "width",
    "all-pointwise-full",
    says="Your depthwise part costs as much as a full convolution, and the pointwise part comes on top. A depthwise output is a sum of 9 products.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 * wanted + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "dw-kernel-3", says="Your depthwise kernels have 3 places. A kernel of 3 by 3 has 9.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 3 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "dw-on-outputs",
    says="Your depthwise part filters the channels that go out. It filters those that come in; the pointwise part changes their number.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            macs += places**2 * (channels * 9 * wanted if number == 0 else 9 * wanted + channels * wanted)
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "pw-at-old-side",
    says="Your pointwise part works on the places that come in. The depthwise part comes first and strides, so fewer places are left.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            old = places
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += (
                places**2 * channels * products
                if number == 0
                else places**2 * channels * 9 + old**2 * channels * wanted
            )
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "dw-at-old-side",
    says="Your depthwise part computes all places. It is the part that strides: what is left out is never computed.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            old = places
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += (
                places**2 * channels * products
                if number == 0
                else old**2 * channels * 9 + places**2 * channels * wanted
            )
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "returns-macs", says="You return the multiply-accumulates. The width is wanted.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, macs)
    return best


@misconception(
    "width",
    "closest",
    says="You return the width that comes closest to the budget, also from above. It must not be exceeded; if no width fits, the answer is 0.",
)
def widest(layers, side, budget, widths):
    best, gap = 0.0, math.inf
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if abs(macs - budget) < gap:
            best, gap = width, abs(macs - budget)
    return best


@misconception(
    "width",
    "smallest-above",
    says="You return the smallest width that needs the budget or more. The largest that needs at most the budget is wanted.",
)
def widest(layers, side, budget, widths):
    best = math.inf
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs >= budget:
            best = min(best, width)
    return best if best < math.inf else 0.0


@misconception("width", "last-layer-only", says="You keep the work of the last layer alone. Add up all layers.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs = places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "multiple-of-8",
    says="You round channels down to multiples of 8. Here they follow the simpler rule: max(8, int(alpha * channels)).",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full) // 8 * 8)
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "rule-v2",
    says="You round channels by the rule of MobileNet v2. Here they follow the simpler rule of v1: max(8, int(alpha * channels)).",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full + 4) // 8 * 8)
            wanted += 8 if wanted < 0.9 * width * full else 0
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "ceil-channels", says="You round channels up. int cuts off, so it rounds down.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, math.ceil(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "first-not-narrowed",
    says="Your first layer keeps its full width. All layers are multiplied, the first too; only the image keeps its three channels.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = full if number == 0 else max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width", "last-not-narrowed", says="Your last layer keeps its full width. All layers are multiplied, the last too."
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = full if number == len(layers) - 1 else max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "one-channel-image", says="Your image has one channel. It has three.")
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 1, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width",
    "padding-none",
    says="You take the side of an unpadded convolution. Here sides are divided by the stride and rounded up.",
)
def widest(layers, side, budget, widths):
    best = 0.0
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = (places - 3) // stride + 1
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception(
    "width", "macs-not-reset", says="You add up the work of all widths tried so far. Start from 0 for each width."
)
def widest(layers, side, budget, widths):
    best = 0.0
    macs = 0
    for width in widths:
        channels, places = 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = max(best, width)
    return best


@misconception("width", "minimum-width-when-none", says="If no width fits, you return None. The answer is then 0.")
def widest(layers, side, budget, widths):
    best = None
    for width in widths:
        macs, channels, places = 0, 3, side
        for number, (full, stride) in enumerate(layers):
            wanted = max(8, int(width * full))
            places = math.ceil(places / stride)
            products = 9 * wanted if number == 0 else 9 + wanted
            macs += places**2 * channels * products
            channels = wanted
        if macs <= budget:
            best = width if best is None else max(best, width)
    return best
