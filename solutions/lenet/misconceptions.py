"""Wrong answers to the exercise `lenet`, each with the line of thought behind it. Each must lose its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "sizes",
    "padding-forgotten",
    says="You leave out the padding. It adds zeros on each side of the image, and the kernel has so much more room.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, _ = numbers
            height, width = height - kernel + 1, width - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "padding-counted-once",
    says="You count the padding once. It stands on each side, left and right, above and below, so a "
    "side grows by twice as much.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + padding - kernel + 1, width + padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "padding-counted-four-times",
    says="You add the padding four times to each side. A row gets it at its two ends; the other two "
    "belong to the columns.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 4 * padding - kernel + 1, width + 4 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "no-first-place",
    says="Your maps of a convolution are one place too small. A kernel of 5 on 32 pixels can move 27 "
    "steps, and with the place where it starts these are 28.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel, width + 2 * padding - kernel
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "one-step-too-many",
    says="Your maps of a convolution are one place too large. The last kernel must lie on the image as a whole.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 2, width + 2 * padding - kernel + 2
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "convolution-keeps-the-size",
    says="You let a convolution keep the size whatever its padding is. That holds only if the padding "
    "is half of the kernel, rounded down.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps = numbers[0]
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "half-a-kernel-lost",
    says="You take half a kernel off a side. It is half a kernel at each end: a kernel of 5 takes two "
    "places at the left and two at the right.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel // 2, width + 2 * padding - kernel // 2
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "patches-rounded-up",
    says="You round up where a last row or column does not fill a patch. Here it is left out.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = -(-height // window), -(-width // window)
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "patches-that-overlap",
    says="Your patches move by one pixel. They do not overlap here, so a window of 2 halves a side.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height - window + 1, width - window + 1
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "window-always-two",
    says="You halve the sides at every pooling. A window of 3 leaves a third of each side.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            height, width = height // 2, width // 2
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "pooling-merges-maps",
    says="Your pooling takes maps away. It works on each map by itself and leaves their number as it was.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
            maps = maps // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "pooling-keeps-the-size",
    says="Your pooling and subsampling leave the size as it was. Each patch becomes a single number.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            pass
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "window-for-the-area",
    says="You divide each side by the number of pixels in a patch. A patch of 2 by 2 has four, and "
    "shrinks each side by two.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window**2, width // window**2
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "subsampling-keeps-the-size",
    says="Only your pooling shrinks the maps. Subsampling makes the same patches; it differs in what it learns.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        elif kind == "pool":
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "maps-multiplied",
    says="You multiply the maps that come in with those of the layer. Each map of a convolution reads "
    "all that come in, and they are added up.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            more, kernel, padding = numbers
            maps = maps * more
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "maps-of-the-image",
    says="Your number of maps stays that of the image. A convolution makes as many as it says.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            _, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "image-left-out",
    says="Your list begins behind the first layer. The shape of the image comes first.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result[1:]


@misconception(
    "sizes",
    "maps-last",
    says="You put the maps last. A shape here is maps, height, width, as in PyTorch.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return [(height, width, maps) for maps, height, width in result]


@misconception(
    "sizes",
    "width-before-height",
    says="You put the width before the height. Height, the number of rows, comes first.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return [(maps, width, height) for maps, height, width in result]


@misconception(
    "sizes",
    "square-images-only",
    says="You use the height for both sides. An image need not be square.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    width = height
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, height + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "broken-places",
    says="Your division leaves broken numbers of places. A patch that is not full is left out: divide with //.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height / window, width / window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "rounded-to-the-nearest",
    says="You round to the nearest number of patches. A patch that is not full is left out, however much of "
    "it there is.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = round(height / window), round(width / window)
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "last-layer-left-out",
    says="Your list ends before the last layer. It holds the image and what leaves every layer, one shape "
    "more than there are layers.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result[:-1]


@misconception(
    "sizes",
    "only-the-last-shape",
    says="You return the last shape alone. Wanted is a list of all, from the image on.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result[-1]


@misconception(
    "sizes",
    "every-layer-on-the-image",
    says="Each of your layers works on the image. A layer works on what leaves the one before it.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        maps, height, width = image
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "batch-axis-added",
    says="Your shapes begin with a batch of 1. A shape here is maps, height, width.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = height // window, width // window
        result.append((maps, height, width))
    return [(1, *shape) for shape in result]


@misconception(
    "sizes",
    "steps-of-two",
    says="Your patches move by 2 whatever the window is. They do not overlap and leave no gap: a window of 3"
    " moves by 3.",
)
def shapes(layers, image):
    result, (maps, height, width) = [tuple(image)], image
    for kind, *numbers in layers:
        if kind == "conv":
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            (window,) = numbers
            height, width = (height - window) // 2 + 1, (width - window) // 2 + 1
        result.append((maps, height, width))
    return result


@misconception(
    "sizes",
    "no-biases",
    says="You count no biases. Each map of a convolution and each output of a dense layer has one.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append(maps * numbers[1] ** 2 * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append(inputs * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "no-biases-in-convolutions",
    says="Your convolutions have no biases: one for each map that they make is missing.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append(maps * numbers[1] ** 2 * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "no-biases-in-dense-layers",
    says="Your dense layers have no biases: one for each output is missing.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append(inputs * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "bias-for-each-pair",
    says="You count a bias for each pair of an input and an output map. What the kernels of one output "
    "map find is added up, and the sum gets one bias.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append(maps * (numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "one-bias-a-layer",
    says="You count a single bias for each convolution. Every map that it makes has its own.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append(maps * numbers[1] ** 2 * numbers[0] + 1)
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "one-kernel-for-all-inputs",
    says="You count one kernel for each output map. It has one for every map that it reads.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "side-for-area",
    says="You count the side of a kernel and not its area: a kernel of 5 by 5 has 25 weights.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "weights-at-every-place",
    says="You count the weights of a convolution once for each place. The same kernel is used at all "
    "of them; this sharing is the point of a convolution.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            before = maps
            maps, kernel, padding = numbers
            weights = (before * kernel**2 + 1) * maps
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
            result.append(weights * height * width)
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "maps-counted-after",
    says="You use the layer's own number of maps for what it reads. It reads the maps of the layer before.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((numbers[0] * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "image-maps-all-along",
    says="All your convolutions read the maps of the image. Each reads what the layer before it made.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((image[0] * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "subsampling-learns-nothing",
    says="Your subsampling has no parameters. That is today's pooling; this one learns a coefficient "
    "and a bias for each map.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "pooling-learns",
    says='Your pooling has parameters. Only "sub" learns something; a mean or a maximum has nothing to set.',
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "coefficient-without-bias",
    says="Your subsampling has one number for each map. It has two: a coefficient and a bias.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "one-pair-for-the-layer",
    says="Your subsampling has two numbers in all. Each map has its own two.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "weight-for-each-pixel-of-a-patch",
    says="Your subsampling has a weight for each pixel of a patch. It adds the pixels up first and "
    "multiplies the sum by one number.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append((numbers[0] ** 2 + 1) * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "subsampling-as-a-convolution",
    says="Your subsampling lets each map read all others. Each map is treated by itself.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append((numbers[0] ** 2 * maps + 1) * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "dense-reads-maps-not-places",
    says="Your first dense layer reads one number for each map. It reads every place of every map.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "dense-reads-places-not-maps",
    says="Your first dense layer reads the places of one map. It reads those of all maps.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "dense-does-not-chain",
    says="All your dense layers read the maps. From the second on, they read the outputs of the one before.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
    return result


@misconception(
    "sizes",
    "dense-reads-the-image",
    says="Your first dense layer reads the image. It reads what is left of it behind the last layer.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = image[0] * image[1] * image[2]
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "padding-left-out-of-the-count",
    says="You leave out the padding when you work out the last maps, so the first dense layer gets the "
    "wrong number of inputs.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, _ = numbers
            height, width = height - kernel + 1, width - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "pooling-left-out-of-the-count",
    says="You forget that pooling and subsampling shrink the maps, so the first dense layer gets too many inputs.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "one-total",
    says="You return one sum. Wanted is a list: a number for each layer, zeros included, and for each dense layer.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return [sum(result)]


@misconception(
    "sizes",
    "zeros-left-out",
    says="Your list leaves out the layers that learn nothing. A pooling stands in it with a 0.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return [count for count in result if count]


@misconception(
    "sizes",
    "bias-for-each-input-map",
    says="You count a bias for each map that a convolution reads. It has one for each map that it makes.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append(maps * numbers[1] ** 2 * numbers[0] + maps)
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "bias-for-each-input",
    says="You count a bias for each input of a dense layer. It has one for each output.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append(inputs * outputs + inputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "one-bias-a-dense-layer",
    says="You count a single bias for each dense layer. Each of its outputs has its own.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append(inputs * outputs + 1)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "four-weights-and-a-bias",
    says="You give each map of a subsampling four weights. The four pixels share one coefficient; with the "
    "bias these are two numbers a map.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(5 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "pair-at-every-place",
    says="You count coefficient and bias of a subsampling once for each place. A map uses the same two at "
    "all of its places.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps * height * width if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result


@misconception(
    "sizes",
    "total-at-the-end",
    says="You add the sum as a last number. Wanted are the layers alone.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return [*result, sum(result)]


@misconception(
    "sizes",
    "dense-layers-alone",
    says="Your list holds the dense layers alone. The layers before them come first.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result[len(layers) :]


@misconception(
    "sizes",
    "dense-layers-left-out",
    says="Your list leaves out the dense layers. They stand behind the others, one number each.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs
    return result[: len(layers)]


@misconception(
    "sizes",
    "bias-as-an-input",
    says="The next dense layer of yours reads one number more than the last has outputs. A bias belongs to "
    "its layer and is no output.",
)
def parameters(layers, image, dense):
    result, (maps, height, width) = [], image
    for kind, *numbers in layers:
        if kind == "conv":
            result.append((maps * numbers[1] ** 2 + 1) * numbers[0])
            maps, kernel, padding = numbers
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
        else:
            result.append(2 * maps if kind == "sub" else 0)
            (window,) = numbers
            height, width = height // window, width // window
    inputs = maps * height * width
    for outputs in dense:
        result.append((inputs + 1) * outputs)
        inputs = outputs + 1
    return result


@misconception(
    "table",
    "no-circle",
    says="Your runs stop at the last map. The maps stand in a circle, so there is also a run that "
    "starts at the last map and goes on with map 0.",
)
def runs(maps, length):
    return [tuple(range(start, start + length)) for start in range(maps - length + 1)]


@misconception(
    "table",
    "beyond-the-last",
    says="Your runs count on past the last map. Behind the last one comes map 0: take the remainder.",
)
def runs(maps, length):
    return [tuple(range(start, start + length)) for start in range(maps)]


@misconception(
    "table",
    "not-sorted",
    says="Your runs stand in the order in which they go round. Put the numbers of each into rising order.",
)
def runs(maps, length):
    return [tuple((start + step) % maps for step in range(length)) for start in range(maps)]


@misconception(
    "table",
    "counted-from-one",
    says="You number the maps from 1. Here, as in Python, the first is 0.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % maps + 1 for step in range(length))) for start in range(maps)]


@misconception(
    "table",
    "every-choice",
    says="You list every choice of so many maps. Only runs are wanted: maps that stand next to each other.",
)
def runs(maps, length):
    from itertools import combinations

    return list(combinations(range(maps), length))


@misconception(
    "table",
    "one-map-too-long",
    says="Each of your runs has one map more than asked for. With a length of 3 it takes the starting "
    "map and two more.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % maps for step in range(length + 1))) for start in range(maps)]


@misconception(
    "table",
    "one-map-too-short",
    says="Each of your runs lacks a map. With a length of 3 it takes the starting map and two more.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % maps for step in range(length - 1))) for start in range(maps)]


@misconception(
    "table",
    "list-sorted-too",
    says="You sort the list of runs as well. They are wanted in the order of the map at which they "
    "start; the run from the last map stands last.",
)
def runs(maps, length):
    return sorted([tuple(sorted((start + step) % maps for step in range(length))) for start in range(maps)])


@misconception(
    "table",
    "neighbours-on-both-sides",
    says="Your runs have the starting map in their middle. A run starts at its map and goes on to higher numbers.",
)
def runs(maps, length):
    return [tuple(sorted((start + step - length // 2) % maps for step in range(length))) for start in range(maps)]


@misconception(
    "table",
    "cut-at-the-last",
    says="Your last runs are too short: you cut them at the last map. The maps stand in a circle, so a run "
    "goes on with map 0.",
)
def runs(maps, length):
    return [tuple(range(start, min(start + length, maps))) for start in range(maps)]


@misconception(
    "table",
    "backwards",
    says="Your runs go down from their map. A run starts at its map and goes on to higher numbers.",
)
def runs(maps, length):
    return [tuple(sorted((start - step) % maps for step in range(length))) for start in range(maps)]


@misconception(
    "table",
    "circle-too-small",
    says="The circle of yours has one map too few. The remainder is taken by the number of maps, not by the "
    "last number.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % (maps - 1) for step in range(length))) for start in range(maps)]


@misconception(
    "table",
    "one-run-too-many",
    says="You list one run too many: the last is the first once more. One starts at each map, so there are "
    "as many as maps.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % maps for step in range(length))) for start in range(maps + 1)]


@misconception(
    "table",
    "side-by-side",
    says="Your runs stand side by side. One starts at every map, so neighbours overlap.",
)
def runs(maps, length):
    return [tuple(sorted((start + step) % maps for step in range(length))) for start in range(0, maps, length)]


@misconception(
    "table",
    "rows-are-inputs",
    says="Your mask is turned round. Its rows are the output maps, one for each row of the table, and "
    "its columns the input maps.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, list(row)] = 1.0
    return result.T


@misconception(
    "table",
    "ones-where-nothing-is-read",
    says="Your mask has ones where there is no connection. A one says that map k reads map c.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, list(row)] = 1.0
    return 1 - result


@misconception(
    "table",
    "everything-is-read",
    says="Your mask is full of ones: every map reads every map. That is the modern C3 and not the table.",
)
def mask(table, channels):
    return torch.ones(len(table), channels)


@misconception(
    "table",
    "first-maps-read",
    says="Map k of yours reads as many maps as its row has entries, but always the first ones. The entries say which.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, : len(row)] = 1.0
    return result


@misconception(
    "table",
    "as-wide-as-the-table",
    says="Your mask has only as many columns as the highest entry needs. A map that nobody reads has a "
    "column too, of zeros.",
)
def mask(table, channels):
    result = torch.zeros(len(table), 1 + max(max(row) for row in table))
    for k, row in enumerate(table):
        result[k, list(row)] = 1.0
    return result


@misconception(
    "table",
    "entries-counted-from-one",
    says="You take the entries as counted from 1, so all your ones stand one column too far left. "
    "Entry 0 means the first map.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, [c - 1 for c in row]] = 1.0
    return result


@misconception(
    "table",
    "shared-out",
    says="Your ones are shared out among the maps that are read, so that a row sums to 1. A mask only "
    "says whether, not how much.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, list(row)] = 1.0 / len(row)
    return result


@misconception(
    "table",
    "one-map-each",
    says="Your mask has one connection in each row. A map reads all maps that its row names.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, row[0]] = 1.0
    return result


@misconception(
    "table",
    "from-first-to-last",
    says="You fill everything from the first entry of a row to the last. Only the maps that are named "
    "are read; a row may leave some out in between.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, row[0] : row[-1] + 1] = 1.0
    return result


@misconception(
    "table",
    "counts-for-ones",
    says="You write how many maps a row reads in place of 1. A mask only says whether, not how many.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        result[k, list(row)] = float(len(row))
    return result


@misconception(
    "table",
    "entries-copied",
    says="You copy the entries of the table into the mask. An entry says *where* a 1 stands: entry 2 of row "
    "0 is a 1 at row 0, column 2.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for k, row in enumerate(table):
        for place, c in enumerate(row):
            result[k, place] = c
    return result


@misconception(
    "table",
    "square",
    says="Your mask is a square. It has a row for each output map and a column for each input map.",
)
def mask(table, channels):
    result = torch.zeros(channels, channels)
    for k, row in enumerate(table):
        result[k, list(row)] = 1.0
    return result


@misconception(
    "table",
    "rows-thrown-together",
    says="All rows of your mask are alike: you set ones in every row. Row k gets those of row k of the table.",
)
def mask(table, channels):
    result = torch.zeros(len(table), channels)
    for row in table:
        result[:, list(row)] = 1.0
    return result


@misconception(
    "table",
    "full-c3",
    says="The table has no effect on your layer: every map reads every map, as in the modern C3.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight, bias)


@misconception(
    "table",
    "table-turned-round",
    says="Your layer uses the connections that the table does *not* have.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight * (1 - allowed[:, :, None, None]), bias)


@misconception(
    "table",
    "no-bias-added",
    says="The bias is missing from your result. Each output map has one.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight * allowed[:, :, None, None])


@misconception(
    "table",
    "bias-for-each-entry",
    says="You add the bias once for each map that is read. It is added once, to the sum.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight * allowed[:, :, None, None], bias * allowed.sum(dim=1))


@misconception(
    "table",
    "mean-over-entries",
    says="You divide by the number of maps that are read. The results of the kernels are added up, "
    "however many there are.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    share = allowed / allowed.sum(dim=1, keepdim=True)
    return F.conv2d(x, weight * share[:, :, None, None], bias)


@misconception(
    "table",
    "weights-overwritten",
    says="You set weights of the caller to zero. They must stay as they are: work on a product or a copy.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    weight.data.mul_(allowed[:, :, None, None])
    return F.conv2d(x, weight, bias)


@misconception(
    "table",
    "first-maps-of-the-row",
    says="A map of yours reads as many maps as its row has entries, but always the first ones. The entries say which.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, : len(row)] = 1
    return F.conv2d(x, weight * allowed[:, :, None, None], bias)


@misconception(
    "table",
    "kernels-in-the-wrong-order",
    says="You take the right maps, but for each the kernels from the front of the weight. The kernel "
    "for map c stands at place c.",
)
def table_conv(x, weight, bias, table):
    maps = []
    for k, row in enumerate(table):
        maps.append(F.conv2d(x[:, list(row)], weight[k : k + 1, : len(row)], bias[k : k + 1]))
    return torch.cat(maps, dim=1)


@misconception(
    "table",
    "size-kept",
    says="Your maps are as large as those that come in. This layer has no padding.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight * allowed[:, :, None, None], bias, padding=weight.shape[2] // 2)


@misconception(
    "table",
    "whole-input-masked",
    says="You set input maps to zero for all output maps at once. Each output map has its own row of the table.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    read = allowed.amin(dim=0)
    return F.conv2d(x * read[:, None, None], weight, bias)


@misconception(
    "table",
    "gradient-through-the-mask",
    says="Your result is right, but weights outside the table still get a gradient. It must not reach "
    "them: a product with zeros keeps it away.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    outside = 1 - allowed[:, :, None, None]
    return F.conv2d(x, weight - (weight * outside).detach(), bias)


@misconception(
    "table",
    "no-gradient-at-all",
    says="No gradient reaches your weights. Do not detach them, and do not build a new tensor from their numbers.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, weight.detach() * allowed[:, :, None, None], bias) + 0 * weight.sum()


@misconception(
    "table",
    "kernel-turned",
    says="You turn the kernel round before you use it. Networks lay it on the image as it stands.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.conv2d(x, (weight * allowed[:, :, None, None]).flip(2, 3), bias)


@misconception(
    "table",
    "set-to-zero-in-place",
    says="You set weights of the caller to zero in place, and PyTorch refuses to do that to weights that are"
    " trained. Work on a product or a clone.",
)
def table_conv(x, weight, bias, table):
    for k, row in enumerate(table):
        for c in range(weight.shape[1]):
            if c not in row:
                weight[k, c] = 0
    return F.conv2d(x, weight, bias)


@misconception(
    "table",
    "cut-from-the-graph",
    says="Your maps know nothing of the weights they came from, so no gradient can flow back. Make the "
    "masked weights outside of torch.no_grad(), by a product.",
)
def table_conv(x, weight, bias, table):
    with torch.no_grad():
        weight = weight.clone()
        for k, row in enumerate(table):
            for c in range(weight.shape[1]):
                if c not in row:
                    weight[k, c] = 0
    return F.conv2d(x, weight, bias)


@misconception(
    "table",
    "new-parameters",
    says="You copy the weights into new parameters, and the gradient stays there. Hand the tensors that you "
    "are given to F.conv2d.",
)
def table_conv(x, weight, bias, table):
    layer = nn.Conv2d(x.shape[1], len(table), weight.shape[2]).to(weight)
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    layer.weight, layer.bias = nn.Parameter(weight * allowed[:, :, None, None]), nn.Parameter(bias)
    return layer(x)


@misconception(
    "table",
    "last-map-alone",
    says="You return the last map alone. Collect the maps of all rows and join them along axis 1.",
)
def table_conv(x, weight, bias, table):
    for k, row in enumerate(table):
        maps = F.conv2d(x[:, list(row)], weight[k : k + 1, list(row)], bias[k : k + 1])
    return maps


@misconception(
    "table",
    "stacked-not-joined",
    says="Your result has an axis too many: you stack maps that have an axis for channels already. Join them"
    " along axis 1 with torch.cat.",
)
def table_conv(x, weight, bias, table):
    maps = [F.conv2d(x[:, list(row)], weight[k : k + 1, list(row)], bias[k : k + 1]) for k, row in enumerate(table)]
    return torch.stack(maps, dim=1)


@misconception(
    "table",
    "function-added",
    says="Your layer cuts off what is below zero. It is the convolution alone; no function follows it here.",
)
def table_conv(x, weight, bias, table):
    allowed = weight.new_zeros(weight.shape[:2])
    for k, row in enumerate(table):
        allowed[k, list(row)] = 1
    return F.relu(F.conv2d(x, weight * allowed[:, :, None, None], bias))


@misconception(
    "table",
    "as-if-full",
    says="You count a kernel for every pair of maps. Only the pairs in the table have one.",
)
def table_parameters(table, kernel):
    return len(table) * (1 + max(max(row) for row in table)) * kernel**2 + len(table)


@misconception(
    "table",
    "no-bias-counted",
    says="The biases are missing: one for each map that the layer makes.",
)
def table_parameters(table, kernel):
    return sum(len(row) for row in table) * kernel**2


@misconception(
    "table",
    "bias-for-each-connection",
    says="You count a bias for each connection. It is one for each map that the layer makes.",
)
def table_parameters(table, kernel):
    return sum(len(row) for row in table) * (kernel**2 + 1)


@misconception(
    "table",
    "side-of-the-kernel",
    says="You count the side of a kernel where its area is wanted: a kernel of 5 by 5 has 25 weights.",
)
def table_parameters(table, kernel):
    return sum(len(row) for row in table) * kernel + len(table)


@misconception(
    "table",
    "one-kernel-a-map",
    says="You count one kernel for each output map. It has one for each map that it reads.",
)
def table_parameters(table, kernel):
    return len(table) * (kernel**2 + 1)


@misconception(
    "table",
    "equal-rows-once",
    says="You count rows that are equal only once. Two maps that read the same still have kernels of their own.",
)
def table_parameters(table, kernel):
    table = set(table)
    return sum(len(row) for row in table) * kernel**2 + len(table)


@misconception(
    "table",
    "one-bias-in-all",
    says="You count a single bias for the layer. Each map that it makes has its own.",
)
def table_parameters(table, kernel):
    return sum(len(row) for row in table) * kernel**2 + 1


@misconception(
    "table",
    "kernel-for-each-input-map",
    says="You count one kernel for each input map. Every *pair* in the table has a kernel of its own.",
)
def table_parameters(table, kernel):
    return len({c for row in table for c in row}) * kernel**2 + len(table)


@misconception(
    "table",
    "entries-added-up",
    says="You add up the entries of the table. They are numbers of maps; what counts is how many there are.",
)
def table_parameters(table, kernel):
    return sum(sum(row) for row in table) * kernel**2 + len(table)


@misconception(
    "table",
    "bias-for-each-input-map",
    says="You count a bias for each map that is read. It is one for each map that the layer makes.",
)
def table_parameters(table, kernel):
    return sum(len(row) for row in table) * kernel**2 + 1 + max(max(row) for row in table)


@misconception(
    "subsampling",
    "mean-of-the-patch",
    says="You take the mean of each patch. Here the four pixels are added up, and the coefficient scales the sum.",
)
def subsample(x, coefficient, bias):
    total = F.avg_pool2d(x, 2)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "largest-of-the-patch",
    says="You take the largest pixel of each patch. That is max pooling; this layer adds all four up.",
)
def subsample(x, coefficient, bias):
    total = F.max_pool2d(x, 2)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "one-pixel-of-the-patch",
    says="You keep one pixel of each patch and drop three. All four are added up.",
)
def subsample(x, coefficient, bias):
    total = x[:, :, ::2, ::2]
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "patches-overlap",
    says="Your patches overlap: they move by one pixel. They move by two, so that each pixel belongs to one patch.",
)
def subsample(x, coefficient, bias):
    total = 4 * F.avg_pool2d(x, 2, stride=1)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "not-squashed",
    says="The squashing function is missing. It follows the bias.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return coefficient[:, None, None] * total + bias[:, None, None]


@misconception(
    "subsampling",
    "plain-tanh",
    says="You use tanh as it is. LeNet-5's function is stretched by 1.7159, and its argument is scaled by two thirds.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return torch.tanh(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "squashed-before-the-sum",
    says="You squash the pixels and then add them up. The function comes last, behind coefficient and bias.",
)
def subsample(x, coefficient, bias):
    total = squash(x).unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return coefficient[:, None, None] * total + bias[:, None, None]


@misconception(
    "subsampling",
    "squashed-sum",
    says="You squash the sum before coefficient and bias take their turn. The function comes last.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return coefficient[:, None, None] * squash(total) + bias[:, None, None]


@misconception(
    "subsampling",
    "bias-multiplied",
    says="Your coefficient multiplies the bias too. It multiplies the sum of the pixels; the bias is "
    "added to the product.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient[:, None, None] * (total + bias[:, None, None]))


@misconception(
    "subsampling",
    "bias-for-each-pixel",
    says="You add the bias to each of the four pixels' products. It is added once for each patch.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient[:, None, None] * total + 4 * bias[:, None, None])


@misconception(
    "subsampling",
    "no-bias-there",
    says="The bias has no effect on your result. It is added behind the coefficient.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient[:, None, None] * total)


@misconception(
    "subsampling",
    "one-coefficient-for-all",
    says="You use the first map's coefficient and bias for all maps. Each map has its own two.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient[0] * total + bias[0])


@misconception(
    "subsampling",
    "coefficient-added",
    says="You add the coefficient and multiply by the bias. It is the other way round.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(bias[:, None, None] * total + coefficient[:, None, None])


@misconception(
    "subsampling",
    "rows-alone",
    says="You shrink the height and not the width. A patch has two rows and two columns.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(2, (-1, 2)).sum(dim=3)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "squashed-twice",
    says="You squash twice. The function comes once, behind coefficient and bias.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(squash(coefficient[:, None, None] * total + bias[:, None, None]))


@misconception(
    "subsampling",
    "sigmoid",
    says="You use the logistic sigmoid. The function of LeNet-5 is `squash`, which is given.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return torch.sigmoid(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "relu",
    says="You use ReLU. That came later; the function of LeNet-5 is `squash`, which is given.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return F.relu(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "coefficient-along-the-width",
    says="Your coefficient and bias run along the width. They belong to the maps, axis 1: index them with "
    "[:, None, None].",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient * total + bias)


@misconception(
    "subsampling",
    "far-pixels-added",
    says="You add up pixels that lie half a map apart. The axis of 2 must come *behind* the one that counts "
    "the patches: H into (H / 2, 2).",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (2, -1)).unflatten(2, (2, -1)).sum(dim=(2, 4))
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "four-in-a-row",
    says="You add up four pixels that follow each other in memory. A patch has two in one row and two in the"
    " row below.",
)
def subsample(x, coefficient, bias):
    total = x.reshape(*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2, 4).sum(dim=4)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "bias-subtracted",
    says="You subtract the bias. It is added to the product of coefficient and sum.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    return squash(coefficient[:, None, None] * total - bias[:, None, None])


@misconception(
    "subsampling",
    "maps-added-up",
    says="You add up all maps. A subsampling treats each map by itself.",
)
def subsample(x, coefficient, bias):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5)).sum(dim=1, keepdim=True)
    return squash(coefficient[:, None, None] * total + bias[:, None, None])


@misconception(
    "subsampling",
    "no-slope",
    says="The slope of the squashing function is missing. The chain rule multiplies what comes from above by it.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    delta = upstream
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "slope-of-plain-tanh",
    says="You use the slope of a plain tanh at this place. The stretch of 1.7159 and the two thirds both multiply it.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "inner-factor-forgotten",
    says="The factor 2/3 is missing from your slope. The chain rule brings it out of the argument of tanh.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "outer-factor-forgotten",
    says="The factor 1.7159 is missing from your slope. It multiplies the function, so it multiplies its slope.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "one-minus-output-squared",
    says="You use 1 - y². That is the slope of a plain tanh in terms of its output. Here the output is "
    "stretched: the rule holds for y / 1.7159.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - squash(a) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "slope-at-the-sum",
    says="You take the slope at the sum of the patch. The function sees coefficient times sum plus bias.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * total / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "function-instead-of-slope",
    says="You multiply by the value of the function and not by its slope.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * squash(a)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "pixels-without-coefficient",
    says="The coefficient is missing from the gradient of x. A pixel acts through it.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = delta.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "quarter-for-each-pixel",
    says="You give each pixel a quarter. That would be right for a mean; in a sum each pixel counts fully.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3) / 4
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "gradient-of-patches",
    says="Your gradient of x has the shape of the output. It needs one number for each pixel: every "
    "pixel of a patch gets what arrives at the patch.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = coefficient[:, None, None] * delta
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "tiled-not-spread",
    says="You lay copies of the whole map side by side. The four pixels of one patch are neighbours: "
    "each number has to be repeated where it stands.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat(1, 1, 2, 2)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "one-pixel-gets-it-all",
    says="Only the first pixel of each patch gets a gradient. All four were added up, so each gets it.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = torch.zeros_like(x)
    spread[:, :, ::2, ::2] = coefficient[:, None, None] * delta
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "largest-pixel-gets-it",
    says="You send the gradient to the largest pixel of a patch. That is the rule of max pooling; in a "
    "sum all four get it.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    up = F.max_pool2d(x, 2).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    spread = spread * (x == up)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "mean-over-the-batch",
    says="You take the mean over images and places. A coefficient and a bias are used at all of them, "
    "and the gradients of all uses are added up.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).mean(dim=(0, 2, 3)), delta.mean(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "images-not-added-up",
    says="Your gradients of coefficient and bias are kept apart for each image. They have one number "
    "for each map: add up over the images as well.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(2, 3)), delta.sum(dim=(2, 3))


@misconception(
    "subsampling",
    "coefficient-without-sum",
    says="Your coefficient gets what the bias gets. What it multiplies is the sum of the patch, and "
    "that belongs into its gradient.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, delta.sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "mean-in-the-coefficient",
    says="You use the mean of the patch for the gradient of the coefficient. The coefficient multiplies the sum.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total / 4).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "bias-four-times",
    says="Your bias gets four times as much as it should. It is added once for each patch and not to every pixel.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), 4 * delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "coefficient-in-all",
    says="Your gradients of the coefficient and the bias hold the coefficient itself. It belongs into "
    "the gradient of x alone.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2) * coefficient[:, None, None]
    spread = delta.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "upstream-forgotten",
    says="You leave out the upstream gradient. What the layer does to the loss is what comes from "
    "above, times its own slope.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (delta * total).sum(dim=(0, 2, 3)), delta.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "returned-in-another-order",
    says="You return bias and coefficient in the wrong order. Wanted are x, coefficient, bias.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    a = coefficient[:, None, None] * total + bias[:, None, None]
    delta = upstream * 1.7159 * 2 / 3 * (1 - torch.tanh(2 * a / 3) ** 2)
    spread = (coefficient[:, None, None] * delta).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, delta.sum(dim=(0, 2, 3)), (delta * total).sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "one-plus-the-square",
    says="Your slope grows where the function levels off. The derivative of tanh is 1 *minus* its square.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 + bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "square-forgotten",
    says="The square is missing from your slope: the derivative of tanh is 1 minus tanh *squared*.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "inner-factor-turned-over",
    says="You multiply by 3/2 where the chain rule brings 2/3, the factor in the argument of tanh.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 3 / 2 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "blurred-not-spread",
    says="You spread the gradient by interpolation, which mixes neighbouring patches. Each pixel gets "
    "exactly what arrives at its own patch.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = F.interpolate(arrives * coefficient[:, None, None], scale_factor=2, mode="bilinear")
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "first-image-only",
    says="Your gradients of coefficient and bias come from the first image alone. All images of the batch "
    "use them: add up over axis 0 too.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total)[0].sum(dim=(1, 2)), arrives[0].sum(dim=(1, 2))


@misconception(
    "subsampling",
    "axes-kept",
    says="Your gradients of coefficient and bias keep axes of length 1. They have the shape of what they "
    "belong to, one number a map.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3), keepdim=True), arrives.sum(dim=(0, 2, 3), keepdim=True)


@misconception(
    "subsampling",
    "maps-added-up-too",
    says="You add up over the maps as well, so coefficient and bias get one number. Each map has its own two.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(), arrives.sum()


@misconception(
    "subsampling",
    "mean-over-images",
    says="You take the mean over the images. A coefficient and a bias are used by all of them, and the "
    "gradients of all uses are added up.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(2, 3)).mean(dim=0), arrives.sum(dim=(2, 3)).mean(dim=0)


@misconception(
    "subsampling",
    "slope-missing-for-pixels",
    says="The slope of the function is missing from the gradient of x alone. What arrives at a pixel has "
    "passed the function too.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (upstream * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "slope-missing-for-coefficient",
    says="The slope of the function is missing from the gradient of the coefficient alone.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (upstream * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "slope-missing-for-bias",
    says="The slope of the function is missing from the gradient of the bias alone. Its factor in the sum is"
    " 1, but the function still follows.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), upstream.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "pixels-times-themselves",
    says="The gradient of x holds x itself. A sum passes to each pixel the coefficient times what arrives, "
    "whatever the pixel is.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3) * x
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "subsampling",
    "argument-for-the-sum",
    says="You multiply the coefficient's gradient by the whole argument of the function. The coefficient's "
    "factor is the sum of the patch alone.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return (
        spread,
        (arrives * (coefficient[:, None, None] * total + bias[:, None, None])).sum(dim=(0, 2, 3)),
        arrives.sum(dim=(0, 2, 3)),
    )


@misconception(
    "subsampling",
    "downhill",
    says="Your signs are turned. A gradient points to where the loss grows; the minus belongs to the optimizer.",
)
def subsample_gradients(x, coefficient, bias, upstream):
    total = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).sum(dim=(3, 5))
    bent = torch.tanh(2 / 3 * (coefficient[:, None, None] * total + bias[:, None, None]))
    arrives = -upstream * 1.7159 * 2 / 3 * (1 - bent**2)
    spread = (arrives * coefficient[:, None, None]).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return spread, (arrives * total).sum(dim=(0, 2, 3)), arrives.sum(dim=(0, 2, 3))


@misconception(
    "modern",
    "padding-forgotten",
    says="Your first convolution has no padding. LeNet was made for 32 by 32; on 28 by 28 the first "
    "convolution is padded, so that it keeps the size.",
)
def modern(side, kernel, maps, dense, classes):
    small = ((side - kernel + 1) // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "padding-in-both",
    says="You pad both convolutions. Only the first keeps the size.",
)
def modern(side, kernel, maps, dense, classes):
    small = side // 2 // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "padding-of-a-whole-kernel",
    says="You pad by the whole side of the kernel. Half of it, rounded down, keeps the size.",
)
def modern(side, kernel, maps, dense, classes):
    small = ((side + kernel + 1) // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "batch-laid-out-too",
    says="You lay out the batch together with the maps. The first axis must survive: flatten from axis 1 on.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(0)]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "not-flattened",
    says="You hand the maps to the dense layer without laying them out in a row for each image.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2)]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "tanh-kept",
    says="Your network still bends with tanh. Today ReLU stands there.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.Tanh(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "sigmoid",
    says="Your network bends with the logistic sigmoid. Today ReLU stands there.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.Sigmoid(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.Sigmoid(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.Sigmoid()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "mean-pooling-kept",
    says="You pool by the mean, which is closer to 1998. Asked for is the largest value of each patch.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.AvgPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "softmax-at-the-end",
    says="Your network ends in a softmax. The loss contains it already, and two of them flatten the "
    "gradient: return the scores.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes), nn.Softmax(dim=1))


@misconception(
    "modern",
    "log-softmax-at-the-end",
    says="Your network ends in the logarithm of a softmax. That fits another loss; here the scores "
    "themselves are wanted.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes), nn.LogSoftmax(dim=1))


@misconception(
    "modern",
    "relu-at-the-end",
    says="A ReLU follows your last layer and cuts off all negative scores. The last layer is linear.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes), nn.ReLU())


@misconception(
    "modern",
    "no-relu-between-dense-layers",
    says="There is no ReLU between your dense layers, so together they are one linear layer.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs)]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "no-relu-behind-convolutions",
    says="There is no ReLU behind your convolutions. One follows each of them.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "relu-behind-first-only",
    says="Only your first convolution has a ReLU. One follows the second too.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "no-second-pooling",
    says="Your second pooling is missing. The maps are halved behind each convolution.",
)
def modern(side, kernel, maps, dense, classes):
    small = side // 2 - kernel + 1
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "pooling-that-overlaps",
    says="Your pooling takes patches of 3 in steps of 2, as AlexNet's does. Here they have 2 by 2 "
    "pixels and do not overlap.",
)
def modern(side, kernel, maps, dense, classes):
    small = ((side + 1) // 2 - kernel + 2) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "no-biases",
    says="Your layers have no biases. All of them have one, the convolutions too.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2, bias=False), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel, bias=False), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs, bias=False), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes, bias=False))


@misconception(
    "modern",
    "no-bias-in-convolutions",
    says="Your convolutions have no biases. They are left out where a batch norm follows; here none does.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2, bias=False), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel, bias=False), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "global-mean",
    says="You average each map down to one number before the dense layers. Later networks do so; LeNet "
    "reads every place.",
)
def modern(side, kernel, maps, dense, classes):
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    inputs = maps[1]
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "batch-norm-added",
    says="You added batch norm. It came seventeen years later and is not asked for here.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.BatchNorm2d(maps[0]), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.BatchNorm2d(maps[1]), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "one-dense-layer-only",
    says="Your network goes from the maps straight to the scores. The dense layers of the list stand between them.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(maps[1] * small**2, classes))


@misconception(
    "modern",
    "dense-all-read-the-maps",
    says="Your dense layers do not fit together: each expects the maps. From the second on they read "
    "the outputs of the one before.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "sizes-of-lenet-only",
    says="You built LeNet's own sizes, whatever the arguments say. Other sides, kernels and widths are asked for too.",
)
def modern(side, kernel, maps, dense, classes):
    layers = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes))


@misconception(
    "modern",
    "always-ten-classes",
    says="Your network always gives ten scores. The number of classes is an argument.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


@misconception(
    "modern",
    "no-last-layer",
    says="The last layer is missing: your network ends in the last dense layer of the list and its ReLU. A "
    "linear layer gives the scores.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers)


@misconception(
    "modern",
    "leaky",
    says="Your dense layers bend with a leaky ReLU. Asked for is ReLU, which is zero below zero.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "gelu",
    says="Your network bends with GELU. That is younger than the LeNet asked for: ReLU stands there.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.GELU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.GELU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.GELU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "maps-exchanged",
    says="You exchange the numbers of maps. The first convolution makes the first of them.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[1], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[1], maps[0], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[0] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "convolution-of-stride-two",
    says="Your first convolution moves by two in place of a pooling. Asked for is stride 1 and the largest "
    "value of each patch.",
)
def modern(side, kernel, maps, dense, classes):
    small = (side // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, stride=2, padding=kernel // 2), nn.ReLU()]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "size-of-unshrunk-maps",
    says="Your first dense layer expects a quarter of the side of the image. The second convolution has no "
    "padding and takes kernel - 1 places off before the second pooling.",
)
def modern(side, kernel, maps, dense, classes):
    small = side // 4
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "layers-in-a-plain-list",
    says="Your dense layers stand in a plain list, where PyTorch does not find them: no optimizer would "
    "train them. Use nn.ModuleList or nn.Sequential.",
)
def modern(side, kernel, maps, dense, classes):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, maps[0], kernel, padding=kernel // 2)
            self.conv2 = nn.Conv2d(maps[0], maps[1], kernel)
            sizes = [maps[1] * ((side // 2 - kernel + 1) // 2) ** 2, *dense, classes]
            self.dense = [nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]

        def forward(self, x):
            h = F.max_pool2d(F.relu(self.conv1(x)), 2)
            h = F.max_pool2d(F.relu(self.conv2(h)), 2).flatten(1)
            for layer in self.dense[:-1]:
                h = F.relu(layer(h))
            return self.dense[-1](h)

    return Net()


@misconception(
    "modern",
    "hidden-layers-in-a-plain-list",
    says="Your dense layers stand in a plain list, where PyTorch does not find them: no optimizer would "
    "train them. Use nn.ModuleList or nn.Sequential.",
)
def modern(side, kernel, maps, dense, classes):
    from itertools import pairwise

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, maps[0], kernel, padding=kernel // 2)
            self.conv2 = nn.Conv2d(maps[0], maps[1], kernel)
            sizes = [maps[1] * ((side // 2 - kernel + 1) // 2) ** 2, *dense]
            self.hidden = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes)]
            self.last = nn.Linear(sizes[-1], classes)

        def forward(self, x):
            h = F.max_pool2d(F.relu(self.conv1(x)), 2)
            h = F.max_pool2d(F.relu(self.conv2(h)), 2).flatten(1)
            for layer in self.hidden:
                h = F.relu(layer(h))
            return self.last(h)

    return Network()


@misconception(
    "modern",
    "padding-always-two",
    says="You pad by two whatever the kernel is. That keeps the size for kernels of 5; half of the kernel, "
    "rounded down, always does.",
)
def modern(side, kernel, maps, dense, classes):
    small = ((side + 5 - kernel) // 2 - kernel + 1) // 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    inputs = maps[1] * small**2
    for outputs in dense:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


@misconception(
    "modern",
    "always-two-dense-layers",
    says="You take exactly two numbers from the list of dense layers. It may hold one, or none: go through it in a loop.",
)
def modern(side, kernel, maps, dense, classes):
    inputs = maps[1] * ((side // 2 - kernel + 1) // 2) ** 2
    layers = [nn.Conv2d(1, maps[0], kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(maps[0], maps[1], kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    layers += [nn.Linear(inputs, dense[0]), nn.ReLU(), nn.Linear(dense[0], dense[1]), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(dense[1], classes))


@misconception(
    "mistakes",
    "turned-round",
    says="Your matrix is turned round. A row belongs to a true class, a column to an answer.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[answer, label] += 1
    return matrix


@misconception(
    "mistakes",
    "shares-for-counts",
    says="You divide by the size of each class. Wanted are counts; the shares are the next function's business.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[label, answer] += 1
    return matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1)


@misconception(
    "mistakes",
    "only-mistakes",
    says="Right answers are missing from your matrix. They stand on the diagonal.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        if label != answer:
            matrix[label, answer] += 1
    return matrix


@misconception(
    "mistakes",
    "only-right-answers",
    says="You count right answers alone. A mistake counts too, in the row of the true class and the "
    "column of the answer.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        if label == answer:
            matrix[label, answer] += 1
    return matrix


@misconception(
    "mistakes",
    "counted-once",
    says="Pairs that occur several times count once in your matrix. A plain assignment through an "
    "index does not add up.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    matrix[labels, answers] += 1
    return matrix


@misconception(
    "mistakes",
    "classes-that-occur",
    says="Your matrix is only as large as the classes that occur. It has a row and a column for each of the N classes.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(
        int(max(labels.max(), answers.max())) + 1, int(max(labels.max(), answers.max())) + 1, dtype=torch.long
    )
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[label, answer] += 1
    return matrix


@misconception(
    "mistakes",
    "both-directions",
    says="You count each mistake in both directions, so the matrix does not say any more which class "
    "was taken for which.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[label, answer] += 1
        if label != answer:
            matrix[answer, label] += 1
    return matrix


@misconception(
    "mistakes",
    "share-of-all",
    says="You divide by the number of all examples. Wanted are counts.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[label, answer] += 1
    return matrix / max(1, len(labels))


@misconception(
    "mistakes",
    "last-class-not-counted",
    says="The last class is missing from your matrix. N classes are numbered from 0 to N - 1 and need N rows.",
)
def confusion(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for label, answer in zip(labels.tolist(), answers.tolist(), strict=True):
        matrix[label, answer] += 1
    return matrix[:-1, :-1]


@misconception(
    "mistakes",
    "precision",
    says="You divide by the sums of the columns. That tells how far an *answer* can be trusted, which "
    "is called precision. Recall asks for the share of a true class: its row.",
)
def recall(matrix):
    return matrix.diagonal() / matrix.sum(dim=0).clamp(min=1)


@misconception(
    "mistakes",
    "share-of-everything",
    says="You divide by the number of all examples. Each class has its own number, the sum of its row.",
)
def recall(matrix):
    return matrix.diagonal() / matrix.sum()


@misconception(
    "mistakes",
    "one-accuracy",
    says="You return one number for all classes together. Wanted is one for each.",
)
def recall(matrix):
    return (matrix.diagonal().sum() / matrix.sum()).expand(len(matrix))


@misconception(
    "mistakes",
    "nothing-by-nothing",
    says="A class without examples gives 0 / 0 in your function. Its recall shall be 0.",
)
def recall(matrix):
    return matrix.diagonal() / matrix.sum(dim=1)


@misconception(
    "mistakes",
    "one-more-in-the-divisor",
    says="You add 1 to the size of each class to avoid a division by zero. That changes all other classes too.",
)
def recall(matrix):
    return matrix.diagonal() / matrix.sum(dim=1) + 1


@misconception(
    "mistakes",
    "error-for-recall",
    says="You give the share of wrong answers. Recall is the share of right ones.",
)
def recall(matrix):
    return 1 - matrix.diagonal() / matrix.sum(dim=1).clamp(min=1)


@misconception(
    "mistakes",
    "per-cent",
    says="Your result is in per cent. Wanted is a share between 0 and 1.",
)
def recall(matrix):
    return 100 * matrix.diagonal() / matrix.sum(dim=1).clamp(min=1)


@misconception(
    "mistakes",
    "by-wrong-answers",
    says="You divide the right answers by the wrong ones. Divide by all examples of the class.",
)
def recall(matrix):
    return matrix.diagonal() / (matrix.sum(dim=1) - matrix.diagonal()).clamp(min=1)


@misconception(
    "mistakes",
    "counts-for-shares",
    says="You return how many were right. Divide by how many there are in the class.",
)
def recall(matrix):
    return matrix.diagonal() * 1.0


@misconception(
    "mistakes",
    "rounded-down",
    says="Your division leaves whole numbers, so everything but a perfect class is 0. Use / and not //.",
)
def recall(matrix):
    return matrix.diagonal() // matrix.sum(dim=1).clamp(min=1)


@misconception(
    "mistakes",
    "classes-left-out",
    says="You leave out classes without examples, so your result is shorter than the matrix. Their recall is 0.",
)
def recall(matrix):
    sizes = matrix.sum(dim=1)
    return (matrix.diagonal() / sizes)[sizes > 0]


@misconception(
    "mistakes",
    "either-kind-of-mistake",
    says="You divide by row and column together, so answers that belong to other classes count against this "
    "one. Recall asks for the row alone.",
)
def recall(matrix):
    return matrix.diagonal() / (matrix.sum(dim=0) + matrix.sum(dim=1) - matrix.diagonal()).clamp(min=1)


@misconception(
    "mistakes",
    "f1",
    says="You give the F1 score, which mixes recall with precision. Recall asks for the row alone.",
)
def recall(matrix):
    return 2 * matrix.diagonal() / (matrix.sum(dim=0) + matrix.sum(dim=1)).clamp(min=1)


@misconception(
    "mistakes",
    "perfect-without-examples",
    says="A class without examples gets 1 from you. Its recall shall be 0.",
)
def recall(matrix):
    return torch.nan_to_num(matrix.diagonal() / matrix.sum(dim=1), nan=1.0)


@misconception(
    "mistakes",
    "one-direction",
    says="You look at one direction only. A pair may be mixed up a little both ways and still lead: "
    "add the two entries.",
)
def most_confused(matrix):
    wrong = matrix.clone()
    wrong.fill_diagonal_(-1)
    place = int(wrong.argmax())
    return tuple(sorted(divmod(place, len(matrix))))


@misconception(
    "mistakes",
    "row-and-column-of-the-largest",
    says="You return row and column of the largest single entry. The two directions of a pair count "
    "together, and the smaller class comes first.",
)
def most_confused(matrix):
    wrong = matrix.clone()
    wrong.fill_diagonal_(-1)
    place = int(wrong.argmax())
    return divmod(place, len(matrix))


@misconception(
    "mistakes",
    "above-the-diagonal",
    says="You look above the diagonal only. What lies below it are mistakes in the other direction, "
    "and they count too.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(pairs, key=lambda pair: int(matrix[pair]))


@misconception(
    "mistakes",
    "below-the-diagonal-only",
    says="You look below the diagonal only. What lies above it are mistakes in the other direction, "
    "and they count too.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(pairs, key=lambda pair: int(matrix[pair[::-1]]))


@misconception(
    "mistakes",
    "right-answers-win",
    says="You take the largest entry, and that is one of right answers. The diagonal holds no mistakes.",
)
def most_confused(matrix):
    place = int((matrix + matrix.T).argmax())
    return tuple(sorted(divmod(place, len(matrix))))


@misconception(
    "mistakes",
    "larger-first",
    says="You return the larger class first. The smaller one comes first.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    best = max(pairs, key=lambda pair: int(matrix[pair] + matrix[pair[::-1]]))
    return best[::-1]


@misconception(
    "mistakes",
    "least-confused",
    says="You return the pair that is mixed up least.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return min(pairs, key=lambda pair: int(matrix[pair] + matrix[pair[::-1]]))


@misconception(
    "mistakes",
    "last-of-several",
    says="Of several pairs with equally many mistakes you take the last. The first in order was asked for.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(reversed(pairs), key=lambda pair: int(matrix[pair] + matrix[pair[::-1]]))


@misconception(
    "mistakes",
    "two-worst-classes",
    says="You return the two classes with most mistakes. They need not be mixed up with each other.",
)
def most_confused(matrix):
    wrong = matrix.sum(dim=1) - matrix.diagonal()
    return tuple(sorted(wrong.argsort(descending=True, stable=True)[:2].tolist()))


@misconception(
    "mistakes",
    "smaller-direction",
    says="You judge a pair by the smaller of its two entries. Both count together.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(pairs, key=lambda pair: int(min(matrix[pair], matrix[pair[::-1]])))


@misconception(
    "mistakes",
    "counted-from-one",
    says="You number the classes from 1. They are numbered from 0.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    a, b = max(pairs, key=lambda pair: int(matrix[pair] + matrix[pair[::-1]]))
    return a + 1, b + 1


@misconception(
    "mistakes",
    "shares-of-the-rows",
    says="You divide by the size of each class before you compare. Asked for is the pair with most "
    "mistakes, in counts.",
)
def most_confused(matrix):
    matrix = 1000 * matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1)
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(pairs, key=lambda pair: int(matrix[pair] + matrix[pair[::-1]]))


@misconception(
    "mistakes",
    "lowest-recall",
    says="You return the two classes with the lowest recall. They need not be mixed up with each other.",
)
def most_confused(matrix):
    first, second = (matrix.diagonal() / matrix.sum(dim=1).clamp(min=1)).argsort(stable=True)[:2].tolist()
    return min(first, second), max(first, second)


@misconception(
    "mistakes",
    "difference-of-directions",
    says="You look for the pair whose two directions differ most. Both directions count together: add them.",
)
def most_confused(matrix):
    classes = len(matrix)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    return max(pairs, key=lambda pair: abs(int(matrix[pair] - matrix[pair[::-1]])))


@misconception(
    "mistakes",
    "class-with-itself",
    says="Where there are no mistakes, you return a class paired with itself. All pairs then have equally "
    "many, none, and the first is 0 and 1.",
)
def most_confused(matrix):
    place = int((matrix + matrix.T).triu(1).argmax())
    return place // len(matrix), place % len(matrix)
