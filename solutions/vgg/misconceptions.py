"""Wrong answers to the exercise `vgg`, each with the line of thought behind it. Each must lose its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "build",
    "no-padding",
    says="Your convolutions have no padding, so each takes a row and a column off every edge. VGG's keep "
    "the size: pass padding=1.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "channels-not-carried-on",
    says="Every convolution of yours expects the channels of the image. Behind the first, the channels "
    "that come in are those that the convolution before made.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


@misconception(
    "build",
    "no-relu",
    says="There is no ReLU in your network. Without one, the convolutions between two poolings are "
    "together a single one.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "relu-only-before-pooling",
    says="You put a ReLU in front of each pooling only. One follows every convolution, also the one that "
    "another convolution follows.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "no-relu-at-the-end",
    says="The last convolution of your network has no ReLU. A classifier ends in scores of both signs; "
    "here the maps end with a ReLU like all others.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    if layers and isinstance(layers[-1], nn.ReLU):
        layers.pop()
    return nn.Sequential(*layers)


@misconception(
    "build",
    "relu-before-the-convolution",
    says="Your ReLU stands in front of the convolution. It belongs behind it, so that the maps that leave "
    "it have no negative values.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.ReLU(), nn.Conv2d(channels, entry, 3, padding=1)]
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "no-bias",
    says="Your convolutions have no bias. ResNet leaves it out because of its batch norm; VGG's "
    "convolutions have one for each output channel.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1, bias=False))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "no-bias-with-batch-norm",
    says="With batch norm you leave the biases out. That would be the better design; this task keeps them, "
    "as the published networks do.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1, bias=not batch_norm))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "five-by-five",
    says="Your kernels are 5 by 5. In a configuration every number means a convolution of 3 by 3.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 5, padding=2))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "overlapping-pooling",
    says="Your pooling has a window of 3 with stride 2, AlexNet's. VGG pools windows of 2 by 2 that do not overlap.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "pooling-without-stride",
    says="Your pooling moves by one pixel, so it does not halve the size. Its stride is 2.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2, stride=1))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "mean-pooling",
    says='You pool by the mean. "M" stands for max pooling, which keeps the largest value of a window.',
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.AvgPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "pooling-rounds-up",
    says="At odd sides your pooling adds a window that is only half full. A last row or column that does "
    "not fit is left out.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "strided-convolution",
    says="You replaced the pooling by a stride in the convolution before it. That skips places, where "
    "pooling looks at all of them and keeps the largest.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for place, entry in enumerate(configuration):
        if entry == "M":
            continue
        stride = 2 if configuration[place + 1 : place + 2] == ["M"] else 1
        layers.append(nn.Conv2d(channels, entry, 3, padding=1, stride=stride))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "pooling-before-the-relu-everywhere",
    says='Your network pools behind every convolution. A pooling stands only where the configuration has an "M".',
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-forgotten",
    says="The argument batch_norm has no effect on your network. With it, a batch norm stands between each "
    "convolution and its ReLU.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-behind-the-relu",
    says="Your batch norm stands behind the ReLU. Here it stands before it, so that what the ReLU cuts off "
    "is half of a centred map.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        layers.append(nn.ReLU())
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-always",
    says="Your network has batch norms although nobody asked for them: batch_norm is False unless it is passed.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "dropped-last-pooling",
    says="Your network leaves out the pooling at the end of the configuration. It belongs to the stage "
    "like every other.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    if layers and isinstance(layers[-1], nn.MaxPool2d):
        layers.pop()
    return nn.Sequential(*layers)


@misconception(
    "build",
    "one-layer-used-again",
    says="Equal convolutions share one layer in your network. Two entries with the same number are two "
    "layers with weights of their own.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels, made = [], in_channels, {}
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        if (channels, entry) not in made:
            made[channels, entry] = nn.Conv2d(channels, entry, 3, padding=1)
        layers.append(made[channels, entry])
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "list-of-layers",
    says="You return the layers in a list that cannot be called. Put them into an nn.Sequential, which "
    "passes an image from one to the next.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.ModuleList(layers)


@misconception(
    "build",
    "list-into-sequential",
    says="You pass a list to nn.Sequential. It takes the layers one by one: nn.Sequential(*layers).",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(layers)


@misconception(
    "build",
    "returned-from-within-the-loop",
    says="Your network ends after its first entry: the return stands inside the loop. Move it behind the loop.",
)
def build(configuration, in_channels, batch_norm=False):
    layers = []
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [
                nn.Conv2d(in_channels, entry, 3, padding=1),
                *([nn.BatchNorm2d(entry)] if batch_norm else []),
                nn.ReLU(),
            ]
        return nn.Sequential(*layers)
    return nn.Sequential()


@misconception(
    "build",
    "channels-changed-too-early",
    says="You move on to the new number of channels before you make the convolution, so it expects what it is to "
    "put out. Make the layer first.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        channels = entry
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


@misconception(
    "build",
    "in-and-out-swapped",
    says="The channels of your convolutions are swapped: nn.Conv2d takes those that come in first and those that go "
    "out second.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(entry, channels, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(channels))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "pooling-changes-the-channels",
    says="Behind a pooling your convolution expects another number of channels. A pooling works on each channel by "
    "itself and keeps their number.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            channels //= 2
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "padding-of-two",
    says="Your padding is too wide, so every convolution makes the maps larger. With a kernel of 3, a padding of 1 "
    "keeps the size.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=2))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-behind-the-pooling",
    says="You normalise once a stage, behind the pooling. A batch norm stands behind each convolution, before its "
    "ReLU.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            if batch_norm:
                layers.append(nn.BatchNorm2d(channels))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-before-the-convolution",
    says="Your batch norm stands in front of the convolution. It stands behind it and before the ReLU, and has as "
    "many channels as the convolution makes.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        if batch_norm:
            layers.append(nn.BatchNorm2d(channels))
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "batch-norm-without-scale-and-shift",
    says="Your batch norm has no scale and no shift to learn. Leave affine as it is.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry, affine=False))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "instance-norm",
    says="You normalise each image by itself. A batch norm takes mean and variance of a channel over all images of "
    "the batch.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.InstanceNorm2d(entry, affine=True))
        layers.append(nn.ReLU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "another-activation",
    says="Your activation is not the ReLU: negative values are let through in part. VGG cuts them off at zero.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.GELU())
        channels = entry
    return nn.Sequential(*layers)


@misconception(
    "build",
    "flattened-at-the-end",
    says="You flatten the maps at the end. Nothing is asked for behind the last entry: return maps with their "
    "height and width.",
)
def build(configuration, in_channels, batch_norm=False):
    layers, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, entry, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(entry))
        layers.append(nn.ReLU())
        channels = entry
    layers.append(nn.Flatten())
    return nn.Sequential(*layers)


@misconception(
    "build",
    "layers-in-a-plain-list",
    says="Your module keeps its layers in a plain Python list, where PyTorch does not find their parameters; no "
    "optimizer would train them. Use nn.ModuleList or nn.Sequential.",
)
def build(configuration, in_channels, batch_norm=False):
    class Layers(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers, channels = [], in_channels
            for entry in configuration:
                if entry == "M":
                    self.layers.append(nn.MaxPool2d(2))
                    continue
                self.layers.append(nn.Conv2d(channels, entry, 3, padding=1))
                if batch_norm:
                    self.layers.append(nn.BatchNorm2d(entry))
                self.layers.append(nn.ReLU())
                channels = entry
            for layer in self.layers:
                for number, parameter in enumerate(layer.parameters()):
                    nn.init.constant_(parameter, 0.1 * number + 0.05)

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    return Layers()


@misconception(
    "count",
    "no-biases",
    says="You count weights alone. Every output channel of a convolution and every output of a dense layer "
    "has a bias besides.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, inputs * hidden + hidden * hidden + hidden * classes


@misconception(
    "count",
    "no-biases-in-convolutions",
    says="The biases of your convolutions are missing: one for each output channel.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "no-biases-in-dense-layers",
    says="The biases of your dense layers are missing: one for each output.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, inputs * hidden + hidden * hidden + hidden * classes


@misconception(
    "count",
    "bias-for-each-kernel-slice",
    says="You count a bias for each pair of input and output channel. The slices of a kernel are added up, "
    "and the sum gets one bias.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += 10 * channels * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "pooling-counted",
    says="You count parameters for the poolings. A pooling keeps the largest of four values and has nothing to learn.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
            convolutions += (4 * channels + 1) * channels
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "kernel-of-three",
    says="You count three weights for a kernel of 3 by 3. It has nine for each input channel.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (3 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "input-channels-forgotten",
    says="Your kernels have nine weights, whatever the channels that come in. A kernel has a slice of nine "
    "for each of them.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += 10 * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "always-the-image-channels",
    says="Each of your convolutions reads the channels of the image. Behind the first, it reads what the "
    "one before made.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
    inputs = (
        [*[e for e in configuration if e != "M"], in_channels][
            -2 if len(configuration) > configuration.count("M") else 0
        ]
        * side
        * side
    )
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "weights-for-every-place",
    says="You multiply the weights of a convolution by the places at which they are used. That counts the "
    "work; the weights are the same everywhere.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry * side * side
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "poolings-do-not-shrink",
    says="Your first dense layer reads maps as large as the image. Each pooling before it halves height and width.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            continue
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "only-channels-into-the-dense-layer",
    says="Your first dense layer reads one number for each channel. It reads all places of the last maps; "
    "a mean over the places is an idea of a later network.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "one-side-only",
    says="Your first dense layer reads channels times side. The maps have height and width, so the side counts twice.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "one-hidden-layer",
    says="You count two dense layers. There are three: to hidden, from hidden to hidden, and to the classes.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "pooling-quarters-the-side",
    says="Your poolings divide the side by four. They halve height and width; it is the number of places "
    "that falls to a quarter.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 4
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "rounded-up",
    says="With an odd side your maps come out too large. A last row that does not fill a window of 2 is "
    "left out, so the side is rounded down.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side = -(-side // 2)
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "padding-forgotten",
    says="Your maps lose two rows and columns with each convolution. With padding 1 a convolution of 3 by "
    "3 keeps the size.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
            side -= 2
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "sum-of-both",
    says="You return one sum. The task asks for two numbers, convolutions and dense layers.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions + (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "results-swapped",
    says="Your two numbers are right and in the wrong order: convolutions first, dense layers second.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes, convolutions


@misconception(
    "count",
    "bias-for-each-input-channel",
    says="Your convolutions have a bias for each channel that comes in. A bias is added to an output, so there is "
    "one for each channel that goes out.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * entry + 1) * channels
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "scores-left-out",
    says="You leave out the last dense layer, the one that gives the scores. There are three.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden


@misconception(
    "count",
    "four-dense-layers",
    says="You count a dense layer too many: only one goes from hidden to hidden.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + 2 * (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "bias-for-each-input-of-a-dense-layer",
    says="Your dense layers have a bias for each input. A bias is added to an output: one for each of them.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, inputs * (hidden + 1) + hidden * (hidden + 1) + hidden * (classes + 1)


@misconception(
    "count",
    "as-many-channels-in-as-out",
    says="You take as many channels in as out for each convolution. What comes in are the channels of the "
    "convolution before it.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * entry + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "fraction-of-a-place",
    says="At odd sides you compute with fractions of a place. A pooling leaves whole rows: divide with //, at each "
    "pooling.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side /= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "rounded-at-the-end",
    says="You round once, at the end. Each pooling rounds its own side down: 13 becomes 6, and 6 becomes 3.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, in_channels
    for entry in configuration:
        if entry == "M":
            side /= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = int(channels * side * side)
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "count",
    "three-channels-always",
    says="Your first convolution reads three channels whatever the image has. The number is an argument: in_channels.",
)
def count(configuration, in_channels, side, hidden, classes):
    convolutions, channels = 0, 3
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            convolutions += (9 * channels + 1) * entry
            channels = entry
    inputs = channels * side * side
    return convolutions, (inputs + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes


@misconception(
    "memory",
    "parameters-for-values",
    says="You list the parameters of each layer. What stays in memory are the values that it puts out: "
    "channels times height times width.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
            values.append(0)
        else:
            values.append((9 * channels + 1) * entry)
            channels = entry
    return values


@misconception(
    "memory",
    "image-left-out",
    says="Your list begins with the first layer. The image is on the first line: the first convolution "
    "needs it for its gradient.",
)
def activations(configuration, in_channels, side):
    values, channels = [], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "poolings-left-out",
    says="Your list has no lines for the poolings. They make new values, a quarter of what they read, and "
    "the next layer needs them.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
            values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "relu-on-a-line-of-its-own",
    says="You list each convolution twice, for its ReLU. The ReLU overwrites what the convolution wrote "
    "and needs no room of its own.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
            values.append(channels * side * side)
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "input-instead-of-output",
    says="Each line of yours has the size of what the layer reads. Listed is what it puts out.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        values.append(channels * side * side)
        if entry == "M":
            side //= 2
        else:
            channels = entry
    return values


@misconception(
    "memory",
    "pooling-halves-the-places",
    says="A pooling halves the number of places in your list. It halves height *and* width, so a quarter is left.",
)
def activations(configuration, in_channels, side):
    places, channels = side * side, in_channels
    values = [channels * places]
    for entry in configuration:
        if entry == "M":
            places //= 2
        else:
            channels = entry
        values.append(channels * places)
    return values


@misconception(
    "memory",
    "pooling-takes-channels",
    says="A pooling leaves a single channel in your list. It works on each channel by itself and keeps their number.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
            channels = 1
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "pooling-does-not-shrink",
    says='The side stays the same in your list. Behind an "M" height and width are half as large.',
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            pass
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "places-without-channels",
    says="Your lines have height times width. Each channel is a map of its own, so multiply by the channels.",
)
def activations(configuration, in_channels, side):
    values = [in_channels * side * side]
    for entry in configuration:
        if entry == "M":
            side //= 2
        values.append(side * side)
    return values


@misconception(
    "memory",
    "one-side",
    says="You multiply the channels by the side once. A map has height and width.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side)
    return values


@misconception(
    "memory",
    "convolutions-shrink",
    says="Your convolutions take two pixels off the side. With padding 1 they keep it.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
            side -= 2
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "running-sum",
    says="Each line of yours holds all values so far. Give each layer's own values; summing up comes later.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return [sum(values[: i + 1]) for i in range(len(values))]


@misconception(
    "memory",
    "rounded-up-sides",
    says="At odd sides your maps come out too large: a row that does not fill a window of 2 is left out.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side = (side + 1) // 2
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "values-times-four",
    says="You give bytes. This list counts values; the next function turns them into bytes.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return [4 * value for value in values]


@misconception(
    "memory",
    "values-are-not-bytes",
    says="You count values as if each were one byte. A float32 takes four.",
)
def bytes_needed(values, pools, batch):
    training = sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "double-precision",
    says="You count 8 bytes for each value, those of a float64. Networks compute with float32, which takes 4.",
)
def bytes_needed(values, pools, batch):
    training = 8 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 8 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "places-of-maxima-forgotten",
    says="You leave out the places of the maxima. The backward pass sends each gradient to the value that "
    "won, so max pooling has to remember which it was.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values)
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "places-of-four-bytes",
    says="You count 8 bytes for each value of a pooling, be it 4 for the place of the maximum or the place "
    "in lieu of the value. It is 4 for the value and 8 for the place, an int64.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 4 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "a-place-for-every-value-read",
    says="You count a place for each value that a pooling reads. It remembers one place for each value "
    "that it puts out.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i - 1] for i in range(1, len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "batch-forgotten",
    says="Your result does not depend on the batch. Every image of a batch has activations of its own; "
    "only the weights are shared.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return training, inference


@misconception(
    "memory",
    "batch-forgotten-in-inference",
    says="Your inference counts one image only. A batch goes through a layer together, so all its images "
    "are held at once.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, inference


@misconception(
    "memory",
    "inference-keeps-everything",
    says="Without a backward pass nothing has to wait: when a layer is done, its input can go. You count "
    "all lines for inference too.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * sum(values)
    return batch * training, batch * inference


@misconception(
    "memory",
    "largest-line-alone",
    says="For inference you count the largest line alone. A layer needs its input while it writes its "
    "output, so two neighbours are held together.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values)
    return batch * training, batch * inference


@misconception(
    "memory",
    "two-largest-anywhere",
    says="You add the two largest lines, wherever they stand. Only the input and the output of *one* layer "
    "are held together.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * sum(sorted(values)[-2:])
    return batch * training, batch * inference


@misconception(
    "memory",
    "twice-the-largest",
    says="You count the largest line twice, as if its neighbour were as large. Take the pair whose sum is largest.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * 2 * max(values)
    return batch * training, batch * inference


@misconception(
    "memory",
    "first-pair",
    says="You take the image and the first layer. Which neighbours are largest depends on the network: go "
    "through all pairs.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * (values[0] + values[1])
    return batch * training, batch * inference


@misconception(
    "memory",
    "image-not-kept",
    says="You leave the image out of what training keeps. The first convolution needs it for the gradient "
    "of its weights.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values[1:]) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "backward-counted-twice",
    says="You double the values for the backward pass. Gradients of activations come and go one layer at a "
    "time; what is *kept* from the forward pass is one copy.",
)
def bytes_needed(values, pools, batch):
    training = 2 * 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "in-mebibytes",
    says="You divide by a power of 1,024. The task asks for bytes.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training / 2**20, batch * inference / 2**20


@misconception(
    "memory",
    "pooling-listed-as-it-reads",
    says="Your line for a pooling has the size of what it reads. Halve the side before you note the line, not after.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry != "M":
            channels = entry
        values.append(channels * side * side)
        if entry == "M":
            side //= 2
    return values


@misconception(
    "memory",
    "image-of-three-channels",
    says="Your image has three channels whatever is asked. The number is an argument: in_channels.",
)
def activations(configuration, in_channels, side):
    values, channels = [3 * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "pooling-doubles-the-channels",
    says="Your poolings double the channels. The convolution behind a pooling does that, where the configuration "
    "says so.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
            channels *= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return values


@misconception(
    "memory",
    "list-summed-up",
    says="You return one number, the sum. Asked for is the list, a line for the image and one for each entry.",
)
def activations(configuration, in_channels, side):
    values, channels = [in_channels * side * side], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append(channels * side * side)
    return sum(values)


@misconception(
    "memory",
    "shapes-for-values",
    says="You list shapes. Multiply channels, height and width: a line is a number of values.",
)
def activations(configuration, in_channels, side):
    values, channels = [(in_channels, side, side)], in_channels
    for entry in configuration:
        if entry == "M":
            side //= 2
        else:
            channels = entry
        values.append((channels, side, side))
    return values


@misconception(
    "memory",
    "places-divided-by-four",
    says="You divide the number of places by four. At odd sides that is too many: each side is rounded down by "
    "itself, so 11 by 11 becomes 5 by 5.",
)
def activations(configuration, in_channels, side):
    values, channels, places = [in_channels * side * side], in_channels, side * side
    for entry in configuration:
        if entry == "M":
            places //= 4
        else:
            channels = entry
        values.append(channels * places)
    return values


@misconception(
    "memory",
    "bytes-swapped",
    says="Your two numbers are right and in the wrong order: training first, inference second.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * inference, batch * training


@misconception(
    "memory",
    "places-of-maxima-in-inference",
    says="You count the places of the maxima for inference too. Without a backward pass nobody needs them.",
)
def bytes_needed(values, pools, batch):
    sizes = [value * (12 if pooled else 4) for value, pooled in zip(values, pools, strict=True)]
    return batch * sum(sizes), batch * max(sizes[i - 1] + sizes[i] for i in range(1, len(sizes)))


@misconception(
    "memory",
    "first-and-last-as-neighbours",
    says="You count the last line and the first as neighbours: values[i - 1] at i = 0 is the end of the list. Start "
    "at 1.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "three-neighbours",
    says="You add three neighbours. While a layer runs, its input and its output are held: two lines.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(sum(values[max(0, i - 1) : i + 2]) for i in range(len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "bits",
    says="You give bits. A float32 has 32 bits, which are 4 bytes.",
)
def bytes_needed(values, pools, batch):
    training = 32 * sum(values) + 64 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 32 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "one-place-a-pooling",
    says="You count one place for each pooling. It remembers a place for each value that it puts out.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(pools)
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "last-pair",
    says="You take the last layer for inference. Which neighbours are largest depends on the network: go through "
    "all pairs.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * (values[-2] + values[-1])
    return batch * training, batch * inference


@misconception(
    "memory",
    "places-of-one-image",
    says="You count the places of the maxima for one image only. Every image of the batch has its own.",
)
def bytes_needed(values, pools, batch):
    training = 4 * batch * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return training, batch * inference


@misconception(
    "memory",
    "all-pairs-summed",
    says="You add all pairs. They are not held at once: take the largest.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * sum(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "one-image-for-the-whole-batch",
    says="You count the first line once for the whole batch. It is the image, and a batch has many of them.",
)
def bytes_needed(values, pools, batch):
    training = 4 * values[0] / batch + 4 * sum(values[1:]) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max(values[i - 1] + values[i] for i in range(1, len(values)))
    return batch * training, batch * inference


@misconception(
    "memory",
    "image-left-out-of-inference",
    says="You leave the image out of the pairs. The first convolution reads it, so image and first layer are a pair "
    "too.",
)
def bytes_needed(values, pools, batch):
    training = 4 * sum(values) + 8 * sum(values[i] for i in range(len(values)) if pools[i])
    inference = 4 * max((values[i - 1] + values[i] for i in range(2, len(values))), default=values[-1])
    return batch * training, batch * inference


@misconception(
    "stack",
    "poolings-ignored",
    says="Your field ignores the poolings. A pooling of 2 reads one step more, and behind it every step is "
    "twice as long in pixels.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            continue
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "stride-of-the-pooling-ignored",
    says="You add the pooling's window but not its stride: behind a pooling neighbours lie twice as far "
    "apart, so each later window reaches twice as far.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "window-of-the-pooling-ignored",
    says="You double the step behind a pooling and forget that the pooling itself reads two places, one step more.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            step *= 2
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "pooling-doubles-the-field",
    says="Your field doubles at a pooling, or you go through the configuration from its end with steps "
    "that grow. From the image upwards a pooling adds one step, and the steps of what comes behind it "
    "are twice as long.",
)
def field(configuration):
    seen = 1
    for entry in configuration:
        if entry == "M":
            seen *= 2
        else:
            seen += 2
    return seen


@misconception(
    "stack",
    "step-doubled-too-early",
    says="Your pooling adds two steps to the field, perhaps because you double the step first. The two "
    "places that it reads lie one *old* step apart, so it adds one.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            step *= 2
            seen += step
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "windows-multiplied",
    says="You multiply the windows: 3, 9, 27. Neighbouring windows overlap, so a second window of 3 adds "
    "two pixels, and the field is 5.",
)
def field(configuration):
    seen = 1
    for entry in configuration:
        if entry == "M":
            seen *= 2
        else:
            seen *= 3
    return seen


@misconception(
    "stack",
    "three-for-each-convolution",
    says="You add three pixels for each convolution. One of its three places was counted already, so it "
    "adds two steps.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += 3 * step
    return seen


@misconception(
    "stack",
    "starts-at-zero",
    says="Your count starts at zero. One output without any layer sees one pixel: itself.",
)
def field(configuration):
    seen, step = 0, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "channels-as-pixels",
    says="The numbers of a configuration are channels. The kernel is 3 by 3 in all of them, however many "
    "channels it makes.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += (entry - 1) * step
    return seen


@misconception(
    "stack",
    "area-instead-of-side",
    says="You give the number of pixels in the field. Asked is its side.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += 2 * step
    return seen**2


@misconception(
    "stack",
    "kernels-multiplied",
    says="You multiply the two kernels entry by entry. Each weight of the second lays a whole copy of the "
    "first into the result, moved to its place.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    small = min(side, places)
    result[:, :, :small, :small] = torch.einsum(
        "kmrs,mcrs->kcrs", second[..., :small, :small], first[..., :small, :small]
    )
    return result


@misconception(
    "stack",
    "second-turned-round",
    says="Your second kernel is turned round: the copy that belongs to its first weight lies at the far "
    "end. In this field's convention nothing is turned.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, places - 1 - i, places - 1 - j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "first-turned-round",
    says="The copies of your first kernel are turned round. In this field's convention kernels lie as they stand.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first.flip(2, 3))
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "rows-and-columns-swapped",
    says="Your copies are laid with rows and columns swapped: the weight at (i, j) moves its copy by i "
    "rows and j columns.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, j : j + side, i : i + side] += copies
    return result


@misconception(
    "stack",
    "copies-overwrite",
    says="Where two copies overlap, yours overwrites the one before. The products of all of them are added up.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] = copies
    return result


@misconception(
    "stack",
    "whole-kernel-summed",
    says="You lay each copy with the sum of the second kernel's weights. Every place has a weight of its own.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second.sum(dim=(2, 3)), first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "channels-between-averaged",
    says="You average over the channels between the two layers. The second layer adds them up.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            copies = copies / first.shape[0]
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "channel-by-channel",
    says="You let only the first channel in between through. Every output adds up all of them.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :1, i, j], first[:1])
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "side-of-the-larger",
    says="Your result is as large as the larger kernel. Two windows in a row see R + S - 1 pixels a side: "
    "cut off at the edges, the merged kernel does less than the two.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    cut = (min(side, places) - 1) // 2
    larger = max(side, places)
    return result[:, :, cut : cut + larger, cut : cut + larger]


@misconception(
    "stack",
    "sum-of-the-sides",
    says="Your result has a side of R + S. The windows share a pixel, so it is R + S - 1.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places, side + places)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "kernels-added",
    says="You add the two kernels. Layers side by side are added; here one reads what the other puts out, "
    "so weights are multiplied and moved.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    result[:, :, :side, :side] += first.sum(dim=0)
    result[:, :, :places, :places] += second.sum(dim=1, keepdim=True)
    return result


@misconception(
    "stack",
    "axes-of-the-result",
    says="The first two axes of your result are swapped: output channels come first, input channels "
    "second, as in every weight.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result.transpose(0, 1)


@misconception(
    "stack",
    "order-of-the-layers",
    says="You take the second kernel for the one that meets the image first. With one channel nobody would "
    "notice; with several, the channels between do not fit.",
)
def merge(first, second):
    first, second = second, first
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "step-grows-by-two",
    says="Behind a pooling your step grows by two. It doubles: 1, 2, 4, 8.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step += 2
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "one-side-of-the-window",
    says="You add one step for a convolution. A window of 3 reaches one step to *each* side, so it adds two.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += step
    return seen


@misconception(
    "stack",
    "step-returned",
    says="You return the length of a step. Asked for is the field.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step *= 2
        else:
            seen += 2 * step
    return step


@misconception(
    "stack",
    "pooling-halves-the-field",
    says="Your field shrinks at a pooling. The maps shrink; what one output sees grows.",
)
def field(configuration):
    seen = 1
    for entry in configuration:
        seen = seen // 2 if entry == "M" else seen + 2
    return seen


@misconception(
    "stack",
    "step-halves",
    says="Your step is halved at a pooling. Neighbours behind it lie twice as far apart, so it doubles.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
            step /= 2
        else:
            seen += 2 * step
    return seen


@misconception(
    "stack",
    "every-layer-doubles-the-step",
    says="Your step doubles behind convolutions too. They have stride 1; only a pooling doubles it.",
)
def field(configuration):
    seen, step = 1, 1
    for entry in configuration:
        if entry == "M":
            seen += step
        else:
            seen += 2 * step
        step *= 2
    return seen


@misconception(
    "stack",
    "kernels-as-matrices",
    says="You multiply the kernels as matrices over their places. Each weight of the second lays a moved copy of "
    "the first into the result, and the copies are added.",
)
def merge(first, second):
    return torch.einsum("kmrs,mcst->kcrt", second, first)


@misconception(
    "stack",
    "without-a-margin",
    says="Your result is too small: without padding only the places count where the kernels overlap in full. The "
    "merged kernel sees R + S - 1 pixels.",
)
def merge(first, second):
    return F.conv2d(first.transpose(0, 1), second.flip(2, 3), padding=(second.shape[2] - 1) // 2).transpose(0, 1)


@misconception(
    "stack",
    "single-precision-result",
    says="Your result is a float32 whatever the kernels are: torch.zeros makes float32 unless it is told. "
    "first.new_zeros takes their type.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = torch.zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "first-transposed",
    says="Your copies of the first kernel have rows and columns swapped. They lie in the result as they stand.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(places):
        for j in range(places):
            copies = torch.einsum("km,mcrs->kcsr", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "stack",
    "loops-over-the-first",
    says="Your loops run over the places of the first kernel. Every place of the *second* lays a copy, and the two "
    "may differ in size.",
)
def merge(first, second):
    side, places = first.shape[2], second.shape[2]
    result = first.new_zeros(second.shape[0], first.shape[1], side + places - 1, side + places - 1)
    for i in range(side):
        for j in range(side):
            copies = torch.einsum("km,mcrs->kcrs", second[:, :, i, j], first)
            result[:, :, i : i + side, j : j + side] += copies
    return result


@misconception(
    "features",
    "mode-as-it-is",
    says="You run the model in the mode it is in. In training mode dropout throws features away and batch "
    "norm uses the statistics of these very images.",
)
def extract(model, x):
    was_training = model.training
    with torch.no_grad():
        result = model(x)
    model.train(was_training)
    return result


@misconception(
    "features",
    "mode-not-restored",
    says="The model stays in evaluation mode after your function. Whoever trains on would do so without "
    "dropout and would not know.",
)
def extract(model, x):
    model.eval()
    with torch.no_grad():
        result = model(x)
    return result


@misconception(
    "features",
    "always-back-to-training",
    says="You set the model to training mode afterwards, whatever it was before. Remember the mode and set that.",
)
def extract(model, x):
    model.eval()
    with torch.no_grad():
        result = model(x)
    model.train()
    return result


@misconception(
    "features",
    "graph-kept",
    says="A graph hangs on your features: a probe trained on them would send gradients into the model, and "
    "its activations stay in memory. Use torch.no_grad().",
)
def extract(model, x):
    was_training = model.training
    model.eval()
    result = model(x)
    model.train(was_training)
    return result


@misconception(
    "features",
    "parameters-frozen",
    says="You switch off requires_grad of the parameters and leave it off. The model can no longer be "
    "trained; torch.no_grad() does it for one computation.",
)
def extract(model, x):
    was_training = model.training
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    result = model(x)
    model.train(was_training)
    return result


@misconception(
    "features",
    "gradients-off-for-good",
    says="You switch gradients off with torch.set_grad_enabled(False) and never on again. Everything after "
    "your function is affected; with torch.no_grad() ends by itself.",
)
def extract(model, x):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    result = model(x)
    model.train(was_training)
    return result


@misconception(
    "features",
    "new-by-its-own-statistics",
    says="You standardise the new rows with their own mean and deviation. A probe must treat a new row in "
    "the same way whatever stands beside it: use those of the known rows.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - new.mean(dim=0)) / new.std(dim=0, correction=0).clamp(min=1e-12)
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "statistics-of-both",
    says="Your mean and deviation come from the known and the new rows together. The new rows are for "
    "testing; nothing may be fitted to them.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = torch.cat([known, new]).mean(dim=0), torch.cat([known, new]).std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "new-not-standardised",
    says="You fit the weights to standardised features and use them on raw ones. Take the same mean and "
    "divide by the same deviation for the new rows.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, new
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "not-standardised",
    says="You only take the mean away. Without dividing by the deviation the penalty hits features "
    "measured in small units hardest.",
)
def probe(known, labels, new, classes, penalty):
    mean = known.mean(dim=0)
    z, z_new = known - mean, new - mean
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "only-scaled",
    says="You divide by the deviation without taking the mean away. The exact solution with b as the mean "
    "row holds for features of mean zero.",
)
def probe(known, labels, new, classes, penalty):
    std = known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = known / std, new / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "rows-standardised",
    says="You standardise each row by its own mean and deviation. Each *feature*, a column, is "
    "standardised over the known rows.",
)
def probe(known, labels, new, classes, penalty):
    z, z_new = (
        (v - v.mean(1, keepdim=True)) / v.std(1, keepdim=True, correction=0).clamp(min=1e-12) for v in (known, new)
    )
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "one-number-for-all-features",
    says="You use one mean and one deviation for the whole table. Features have different units; each "
    "column gets its own.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean().expand(known.shape[1]), known.std(correction=0).expand(known.shape[1])
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "divided-by-n-minus-one",
    says="Your deviation divides by n - 1, the default of torch.std. The task divides by n: pass correction=0.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "constant-feature-divides-by-zero",
    says="A feature that never varies has a deviation of zero, and you divide by it: the scores become "
    "nan. Leave the division out there.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "no-penalty",
    says="The penalty has no effect in your solution. Without it the equations have no unique solution "
    "once there are more features than rows.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + 1e-6 * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "penalty-times-n",
    says="You multiply the penalty by the number of rows, or divide both products by it. That is another convention, with a mean "
    "in place of a sum of squares; this task adds lambda itself.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + len(z) * penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "penalty-squared",
    says="You square the penalty. It is added to the diagonal as it is.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty**2 * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "penalty-everywhere",
    says="You add the penalty to every entry of the matrix. It belongs on the diagonal alone: lambda times "
    "the identity.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "no-bias",
    says="The bias is missing from your scores: they have to be raised by the mean row of Y, which says "
    "how frequent each class is.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias))


@misconception(
    "features",
    "bias-of-one-over-classes",
    says="Your bias is the same for all classes. It is the mean row of Y, so frequent classes start higher.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = torch.full((classes,), 1 / classes, dtype=known.dtype)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "bias-penalised",
    says="You add a column of ones and penalise its weight like the others, which pulls the bias to zero. "
    "The penalty is for the weights of the features.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (F.pad((v - mean) / std, (0, 1), value=1.0) for v in (known, new))
    wanted = F.one_hot(labels, classes).to(known.dtype)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ wanted)


@misconception(
    "features",
    "labels-as-numbers",
    says="You fit one number, the label itself, as if class 2 were twice class 1. Classes have no order: "
    "give each its own column of zeros and ones.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = labels.to(known.dtype)[:, None]
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    guess = z_new @ torch.linalg.solve(ridge, z.T @ (wanted - wanted.mean())) + wanted.mean()
    return 1 - (guess - torch.arange(classes, dtype=known.dtype)).abs()


@misconception(
    "features",
    "plus-and-minus-one",
    says="Your targets are +1 and -1. The task uses one-hot rows, 1 for the class and 0 for the others, so "
    "the scores differ.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype) * 2 - 1
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "classes-found-in-the-labels",
    says="You make as many columns as there are classes among the known labels. A class without an example "
    "has a column too, with a low score.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels.unique(return_inverse=True)[1]).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "classes-instead-of-scores",
    says="You return the winning class. Asked are the scores, one for each class.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return (z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias).argmax(dim=1)


@misconception(
    "features",
    "softmax-on-top",
    says="You turn the scores into probabilities. Ridge regression has no softmax: the scores are Z W + b.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return (z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias).softmax(dim=1)


@misconception(
    "features",
    "features-averaged",
    says="You average the model's output. Return it as it is, a row for each image.",
)
def extract(model, x):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        result = model(x).mean()
    model.train(was_training)
    return result


@misconception(
    "features",
    "variance-for-deviation",
    says="You divide by the variance. Divide by its root, the standard deviation.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.var(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "deviation-made-larger",
    says="You add a small number to every deviation, which changes all scores a little. Leave the division out "
    "where the deviation is 0, and divide by the deviation itself elsewhere.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = std + 1e-3
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "mean-of-each-row",
    says="You take the mean of each row of Y off the targets, which is one over the number of classes. The bias is "
    "the mean *row*: the mean over the images, dim=0.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - wanted.mean(dim=1, keepdim=True))) + bias


@misconception(
    "features",
    "scores-of-the-known",
    says="Your scores are those of the known rows. Asked are those of the new ones.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z = (known - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "weights-returned",
    says="You return the weights. Multiply the new features by them and add the bias.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z = (known - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return torch.linalg.solve(ridge, z.T @ (wanted - bias))


@misconception(
    "features",
    "whole-numbers-averaged",
    says="one_hot gives whole numbers, and PyTorch takes no mean of those. Turn them into the type of the features "
    "first.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "single-precision-targets",
    says="Your targets are float32 whatever the features are, and a float64 matrix cannot be multiplied with them. "
    "Use .to(known.dtype).",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).float()
    bias = wanted.mean(dim=0)
    ridge = z.T @ z + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "rows-against-rows",
    says="You build Z times its transpose, a matrix of rows against rows. The formula has the features: Z.T @ Z.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z @ z.T + penalty * torch.eye(z.shape[0])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "sum-of-squares-over-n-on-one-side",
    says="You divide one of the two products by the number of rows and not the other. The formula divides neither.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    z, z_new = (known - mean) / std, (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = z.T @ z / len(z) + penalty * torch.eye(z.shape[1])
    return z_new @ torch.linalg.solve(ridge, z.T @ (wanted - bias)) + bias


@misconception(
    "features",
    "tables-overwritten",
    says="Your function standardises the tables that it was given in place. Whoever calls it again with them gets "
    "other numbers: compute new tables.",
)
def probe(known, labels, new, classes, penalty):
    mean, std = known.mean(dim=0), known.std(dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    known -= mean
    known /= std
    z_new = (new - mean) / std
    wanted = F.one_hot(labels, classes).to(known.dtype)
    bias = wanted.mean(dim=0)
    ridge = known.T @ known + penalty * torch.eye(known.shape[1])
    return z_new @ torch.linalg.solve(ridge, known.T @ (wanted - bias)) + bias
