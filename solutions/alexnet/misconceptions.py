"""Wrong answers to the exercise `alexnet`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "sides",
    "trace-padding-once",
    says="You add the padding once. It stands at both ends of the side, so it counts twice: n + 2p.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + padding - kernel) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-one-missing",
    says="Your sides are one too small: the first window needs no step. Of r pixels of room there are r // s "
    "steps, and one window more than steps.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) // stride
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-rounded-up",
    says="You round up. The last window would then reach beyond the edge of the image; libraries round down "
    "and leave the last pixels unread. A pooling layer rounds up only if it is told to (ceil_mode).",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = math.ceil((side + 2 * padding - kernel) / stride) + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-not-rounded",
    says="Your sides are fractions, such as the 54.25 that an input of 224 pixels gives. There is no quarter "
    "of a window: round down to a whole number.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) / stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-rounded-to-nearest",
    says="You round to the nearest whole number. A window that fits by three quarters does not fit: round "
    "down, always.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = round((side + 2 * padding - kernel) / stride) + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-from-the-first-input",
    says="Every layer of yours starts from the image itself. A layer gets what the one before it leaves: "
    "replace the side as you go.",
)
def trace(side, layers):
    return [(side + 2 * padding - kernel) // stride + 1 for kernel, stride, padding in layers]


@misconception(
    "sides",
    "trace-last-only",
    says="You return one number, the side at the very end. Asked for is the list of the sides behind each layer.",
)
def trace(side, layers):
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) // stride + 1
    return side


@misconception(
    "sides",
    "trace-with-the-input",
    says="Your list starts with the input. It should hold the sides *behind* the layers, one entry for each layer.",
)
def trace(side, layers):
    sides = [side]
    for kernel, stride, padding in layers:
        sides.append((sides[-1] + 2 * padding - kernel) // stride + 1)
    return sides


@misconception(
    "sides",
    "trace-kernel-forgotten",
    says="You divide by the stride and leave the kernel out, as if a window could start on the very last pixel.",
)
def trace(side, layers):
    sides = []
    for _, stride, padding in layers:
        side = (side + 2 * padding - 1) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-kernel-as-stride",
    says="You divide by the kernel, as if windows never overlapped. The step from one window to the next is "
    "the stride: AlexNet's poolings are 3 wide and move by 2.",
)
def trace(side, layers):
    sides = []
    for kernel, _, padding in layers:
        side = (side + 2 * padding - kernel) // kernel + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "fitting-windows-times-stride",
    says="You count a step for every window. Between w windows there are w - 1 steps, and the last window adds "
    "its own k pixels. With 55 windows of 11 in steps of 4 that makes 227, not 231.",
)
def fitting_side(windows, kernel, stride, padding):
    return windows * stride + kernel - 2 * padding


@misconception(
    "sides",
    "fitting-kernel-forgotten",
    says="You count the steps and forget that the last window is k pixels wide itself.",
)
def fitting_side(windows, kernel, stride, padding):
    return windows * stride - 2 * padding


@misconception(
    "sides",
    "fitting-as-printed",
    says="You get AlexNet's 224 as the paper prints it, which is three less than what its 55 windows cover. "
    "The windows need (55 - 1) * 4 + 11 pixels.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride + kernel - 2 * padding - 3


@misconception(
    "sides",
    "fitting-padding-added",
    says="You add the padding. It is put around the image, so the image itself may be smaller by it: subtract it.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride + kernel + 2 * padding


@misconception(
    "sides",
    "fitting-padding-once",
    says="You subtract the padding once. It stands at both ends: subtract it twice.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride + kernel - padding


@misconception(
    "sides",
    "fitting-padding-ignored",
    says="Your answer does not depend on the padding. What is put around the image need not be in it: subtract 2p.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride + kernel


@misconception(
    "sides",
    "fitting-largest",
    says="Your side is the largest that gives so many windows: up to s - 1 pixels of it are read by none. "
    "Asked for is the one on which nothing is left over.",
)
def fitting_side(windows, kernel, stride, padding):
    return windows * stride + kernel - 1 - 2 * padding


@misconception(
    "sides",
    "fitting-kernels-side-by-side",
    says="You put the windows side by side without overlap (w times k). They overlap wherever the stride is "
    "smaller than the kernel.",
)
def fitting_side(windows, kernel, stride, padding):
    return windows * kernel - 2 * padding


@misconception(
    "sides",
    "trace-padding-ignored",
    says="You leave the padding out. A layer pads both ends of a side before its windows move over it: n + 2p.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, _padding in layers:
        side = (side - kernel) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-padding-subtracted",
    says="You subtract the padding. It is put around the image, so the windows have more room: n + 2p.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side - 2 * padding - kernel) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-stride-ignored",
    says="Your windows move by one pixel. The second number of a layer is its stride: divide the room by it.",
)
def trace(side, layers):
    sides = []
    for kernel, _stride, padding in layers:
        side = side + 2 * padding - kernel + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-stride-read-as-padding",
    says="You take a layer apart as kernel, padding, stride. A layer is kernel, stride, padding, in this order.",
)
def trace(side, layers):
    sides = []
    for kernel, padding, stride in layers:
        side = (side + 2 * padding - kernel) // max(1, stride) + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-kernel-read-as-stride",
    says="You take a layer apart as stride, kernel, padding. A layer is kernel, stride, padding, in this order.",
)
def trace(side, layers):
    sides = []
    for stride, kernel, padding in layers:
        side = (side + 2 * padding - kernel) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-one-added-before-the-division",
    says="You add the one before you divide. Divide the room by the stride first, then add one for the first window.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel + 1) // stride
        sides.append(side)
    return sides


@misconception(
    "sides",
    "trace-returned-from-within-the-loop",
    says="Your list ends after the first layer: the return stands inside the loop. Move it behind the loop.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) // stride + 1
        sides.append(side)
        return sides
    return sides


@misconception(
    "sides",
    "trace-noted-before-the-layer",
    says="You note the side before the layer and not behind it. So your list starts with the input and lacks the last side.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        sides.append(side)
        side = (side + 2 * padding - kernel) // stride + 1
    return sides


@misconception(
    "sides",
    "trace-height-and-width",
    says="You give height and width of each map. Images are square here, so one number a layer is asked for.",
)
def trace(side, layers):
    sides = []
    for kernel, stride, padding in layers:
        side = (side + 2 * padding - kernel) // stride + 1
        sides.append((side, side))
    return sides


@misconception(
    "sides",
    "trace-empties-the-list",
    says="Your function takes the layers out of the list that it was given, so the caller's list is empty afterwards. Go "
    "through it with a for loop.",
)
def trace(side, layers):
    sides = []
    while layers:
        kernel, stride, padding = layers.pop(0)
        side = (side + 2 * padding - kernel) // stride + 1
        sides.append(side)
    return sides


@misconception(
    "sides",
    "fitting-formula-forwards",
    says="You use the formula as it stands, which counts windows on a given side. Here the windows are given: solve it for n.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows + 2 * padding - kernel) // stride + 1


@misconception(
    "sides",
    "fitting-one-pixel-short",
    says="Your side is one pixel too short. The last window starts (w - 1) * s pixels in and covers k pixels, not k - 1.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride + kernel - 1 - 2 * padding


@misconception(
    "sides",
    "fitting-one-step-too-many",
    says="You count w + 1 steps. From the first of w windows to the last there are w - 1.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows + 1) * stride + kernel - 2 * padding


@misconception(
    "sides",
    "fitting-kernel-subtracted",
    says="A sign is turned: you subtract the kernel and add the padding. From (n + 2p - k) / s + 1 = w follows n = (w - 1) s + k - 2p.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * stride - kernel + 2 * padding


@misconception(
    "sides",
    "fitting-kernel-and-stride-swapped",
    says="You step by the kernel and add the stride. The windows move by s pixels, and the last one covers k.",
)
def fitting_side(windows, kernel, stride, padding):
    return (windows - 1) * kernel + stride - 2 * padding


@misconception(
    "conv_cost",
    "groups-ignored",
    says="Your parameters do not depend on the groups. A kernel of a group sees C / G channels only, so the "
    "weights are divided by G.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = in_channels * out_channels * kernel**2
    return weights + out_channels, weights // groups * out_side**2


@misconception(
    "conv_cost",
    "groups-ignored-in-the-products",
    says="Your multiply-accumulates do not depend on the groups. Each weight meets each output pixel once, and "
    "with G groups there are G times fewer weights.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = in_channels * out_channels * kernel**2
    return weights // groups + out_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "groups-divide-both-sides",
    says="You divide the channels on both sides by G and so count one group alone. There are G of them: "
    "together they save a factor of G, not its square.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = (out_channels // groups) * (in_channels // groups) * kernel**2
    return weights + out_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "groups-divide-the-biases",
    says="You divide the biases by G as well. There is one bias for each of the K output channels, however "
    "they are grouped.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels // groups, weights * out_side**2


@misconception(
    "conv_cost",
    "biases-forgotten",
    says="Your parameters are short by K: the biases, one for each output channel, are missing.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights, weights * out_side**2


@misconception(
    "conv_cost",
    "bias-per-input-channel",
    says="You count a bias for each *input* channel. A bias is added to an output, so there are K of them.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + in_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "kernel-not-squared",
    says="You count a kernel of k by k as k weights. It has a height and a width: k squared.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel
    return weights + out_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "groups-multiply",
    says="Groups cost more in your count: you multiply by G. They cut connections, so they save.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * in_channels * groups * kernel**2
    return weights + out_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "products-with-biases",
    says="You count the biases among the multiply-accumulates. A bias is added, not multiplied.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, (weights + out_channels) * out_side**2


@misconception(
    "conv_cost",
    "products-along-one-side",
    says="You count the outputs of one row. The output is a square of out_side by out_side places, and each "
    "meets all weights.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, weights * out_side


@misconception(
    "conv_cost",
    "products-doubled",
    says="You count the multiplication and the addition separately. A multiply-accumulate is one product with "
    "its addition and counts once.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, 2 * weights * out_side**2


@misconception(
    "conv_cost",
    "products-for-one-place",
    says="You count the products for a single place. The same kernels are used again at each of the out_side "
    "squared places; that is where convolutions spend their work.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, weights


@misconception(
    "conv_cost",
    "results-swapped",
    says="Your two numbers are right and in the wrong order: parameters come first, multiply-accumulates second.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights * out_side**2, weights + out_channels


@misconception(
    "conv_cost",
    "parameters-at-every-place",
    says="You count the parameters anew at every place. A kernel is stored once, however often it is used.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return (weights + out_channels) * out_side**2, weights * out_side**2


@misconception(
    "conv_cost",
    "one-group-alone",
    says="You count one group alone, with its weights and its biases. The layer has G of them.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = (out_channels // groups) * (in_channels // groups) * kernel**2
    return weights + out_channels // groups, groups * weights * out_side**2


@misconception(
    "conv_cost",
    "one-bias-in-all",
    says="You count a single bias for the layer. Each of the K output channels has its own.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + 1, weights * out_side**2


@misconception(
    "conv_cost",
    "one-bias-a-group",
    says="You count a bias for each group. Each of the K output channels has its own, in whichever group it is.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + groups, weights * out_side**2


@misconception(
    "conv_cost",
    "biases-times-groups",
    says="You multiply the biases by G. There is one for each of the K output channels, however they are grouped.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels * groups, weights * out_side**2


@misconception(
    "conv_cost",
    "one-output-channel",
    says="You count a single output channel. There are K of them, each with a kernel of its own.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = (in_channels // groups) * kernel**2
    return weights + out_channels, weights * out_side**2


@misconception(
    "conv_cost",
    "output-made-smaller-by-the-kernel",
    says="You take k - 1 off the side. The side that you are given is that of the *output*: padding and kernel are in it already.",
)
def conv_cost(in_channels, out_channels, kernel, out_side, groups=1):
    weights = out_channels * (in_channels // groups) * kernel**2
    return weights + out_channels, weights * (out_side - kernel + 1) ** 2


@misconception(
    "ungroup",
    "repeated-for-all-groups",
    says="You repeat the kernels for every group, so that each output sees all input channels. Where the "
    "groups do not see each other there must be zeros.",
)
def ungroup(weight, groups):
    return weight.repeat(1, groups, 1, 1)


@misconception(
    "ungroup",
    "all-in-the-first-columns",
    says="All your kernels see the first C / G channels. The kernels of group g belong over the channels of "
    "group g: its columns start at g * C / G.",
)
def ungroup(weight, groups):
    full = weight.new_zeros(weight.shape[0], weight.shape[1] * groups, *weight.shape[2:])
    full[:, : weight.shape[1]] = weight
    return full


@misconception(
    "ungroup",
    "interleaved-rows",
    says="You deal the output channels out to the groups in turn: 0, 1, 0, 1. Groups are blocks: the first K / "
    "G outputs belong to group 0.",
)
def ungroup(weight, groups):
    columns = weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for row in range(len(weight)):
        g = row % groups
        full[row, g * columns : (g + 1) * columns] = weight[row]
    return full


@misconception(
    "ungroup",
    "interleaved-columns",
    says="You deal the input channels out to the groups in turn: 0, 1, 0, 1. Groups are blocks: the first C / "
    "G channels belong to group 0.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        full[g * rows : (g + 1) * rows, g::groups] = weight[g * rows : (g + 1) * rows]
    return full


@misconception(
    "ungroup",
    "groups-in-reverse",
    says="Your blocks stand on the other diagonal: the first outputs see the *last* channels. Group g of the "
    "outputs sees group g of the inputs.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        h = groups - 1 - g
        full[g * rows : (g + 1) * rows, h * columns : (h + 1) * columns] = weight[g * rows : (g + 1) * rows]
    return full


@misconception(
    "ungroup",
    "first-kernels-in-every-block",
    says="Every block of yours holds the kernels of the first group. Each group has its own: rows g * K / G to "
    "(g + 1) * K / G of the weight.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        full[g * rows : (g + 1) * rows, g * columns : (g + 1) * columns] = weight[:rows]
    return full


@misconception(
    "ungroup",
    "kernels-multiplied",
    says="Your result has G times as many output channels. The weight already holds all K of them; only the "
    "second axis grows.",
)
def ungroup(weight, groups):
    k, columns = weight.shape[:2]
    full = weight.new_zeros(k * groups, columns * groups, *weight.shape[2:])
    for g in range(groups):
        full[g * k : (g + 1) * k, g * columns : (g + 1) * columns] = weight
    return full


@misconception(
    "ungroup",
    "returned-as-it-is",
    says="You return the weight in its own shape. An ordinary convolution has kernels over all C channels, so "
    "the second axis must hold G times as many entries.",
)
def ungroup(weight, groups):
    return weight.clone()


@misconception(
    "ungroup",
    "single-precision-always",
    says="Your result is a float32 whatever the weight is: torch.zeros makes float32 unless it is told. weight.new_zeros takes "
    "the type of the weight.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = torch.zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, g * columns : (g + 1) * columns] = weight[mine]
    return full


@misconception(
    "ungroup",
    "repeated-and-divided",
    says="You repeat the kernels for every group and divide by G, which averages the groups. Outside its own group a kernel "
    "has zeros.",
)
def ungroup(weight, groups):
    return weight.repeat(1, groups, 1, 1) / groups


@misconception(
    "ungroup",
    "first-group-only",
    says="You fill in the first group and leave the others at zero. Every group has a block: loop over all G of them.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    full[:rows, :columns] = weight[:rows]
    return full


@misconception(
    "ungroup",
    "ones-between-the-groups",
    says="Your result has ones where the groups do not see each other. A weight of one passes a channel on; zero shuts it out.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_ones(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, g * columns : (g + 1) * columns] = weight[mine]
    return full


@misconception(
    "ungroup",
    "block-as-wide-as-high",
    says="Your blocks are as wide as they are high, K / G. A block has K / G rows and C / G columns, the second axis of the weight.",
)
def ungroup(weight, groups):
    rows = weight.shape[0] // groups
    full = weight.new_zeros(weight.shape[0], weight.shape[1] * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, mine] = weight[mine]
    return full


@misconception(
    "ungroup",
    "block-as-high-as-wide",
    says="Your blocks are as high as they are wide, C / G. A block has C / G columns and K / G rows, as many as a group has kernels.",
)
def ungroup(weight, groups):
    kernels, columns = weight.shape[:2]
    full = weight.new_zeros(kernels, columns * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * columns, (g + 1) * columns)
        full[mine, mine] = weight[mine]
    return full


@misconception(
    "ungroup",
    "given-back-for-one-group",
    says="With one group you return the weight that you were given, not a new tensor. Whoever changes your result then changes "
    "the weight.",
)
def ungroup(weight, groups):
    if groups == 1:
        return weight
    rows, columns = weight.shape[0] // groups, weight.shape[1]
    full = weight.new_zeros(weight.shape[0], columns * groups, *weight.shape[2:])
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, g * columns : (g + 1) * columns] = weight[mine]
    return full


@misconception(
    "ungroup",
    "second-axis-divided-again",
    says="You divide the second axis of the weight by G once more. It is C / G already: in the result it must be G times as long.",
)
def ungroup(weight, groups):
    rows, columns = weight.shape[0] // groups, weight.shape[1] // groups
    full = torch.zeros_like(weight)
    for g in range(groups):
        mine = slice(g * rows, (g + 1) * rows)
        full[mine, g * columns : (g + 1) * columns] = weight[mine, :columns]
    return full


@misconception(
    "response_norm",
    "over-space",
    says="Your windows run over neighbouring *pixels* of one channel. Here they run over neighbouring channels "
    "at one pixel: axis 1 of the tensor.",
)
def response_norm(x, n, alpha, beta, k):
    squares = x.square().flatten(0, 1)[:, None]
    total = F.avg_pool2d(squares, n, stride=1, padding=n // 2) * n**2
    return x / (k + alpha * total.reshape(x.shape)) ** beta


@misconception(
    "response_norm",
    "over-rows",
    says="Your windows run along the last axis, the width of the image. The channels are axis 1.",
)
def response_norm(x, n, alpha, beta, k):
    half, width = n // 2, x.shape[3]
    squares = F.pad(x.square(), (half, half))
    total = sum(squares[..., i : i + width] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "alpha-divided-by-n",
    says="You divide alpha by n, as PyTorch's function does. In the formula of the paper alpha stands before "
    "the sum of the squares, not before their mean.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha / n * total) ** beta


@misconception(
    "response_norm",
    "mean-over-those-that-exist",
    says="You take the mean of the squares over the neighbours that exist. The formula has their sum.",
)
def response_norm(x, n, alpha, beta, k):
    half = n // 2
    out = []
    for c in range(x.shape[1]):
        near = x[:, max(0, c - half) : c + half + 1]
        out.append(x[:, c] / (k + alpha * near.square().mean(dim=1)) ** beta)
    return torch.stack(out, dim=1)


@misconception(
    "response_norm",
    "not-squared",
    says="You add the values themselves. The formula adds their squares, so that values of both signs count alike.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x, (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "absolute-values",
    says="You add absolute values. The formula adds squares: a large neighbour weighs more than two of half its size.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.abs(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "n-on-each-side",
    says="Your windows hold n channels on *each* side, 2n + 1 in all. n counts the whole window, c itself "
    "included: n // 2 on each side.",
)
def response_norm(x, n, alpha, beta, k):
    channels = x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, n, n))
    total = sum(squares[:, i : i + channels] for i in range(2 * n + 1))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "only-what-comes-before",
    says="Your windows end at channel c: they hold the n channels before it. They should reach as far to the "
    "one side as to the other.",
)
def response_norm(x, n, alpha, beta, k):
    channels = x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, n - 1, 0))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "itself-left-out",
    says="Your sums leave out channel c itself. In the formula j runs over c too.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * (total - x.square())) ** beta


@misconception(
    "response_norm",
    "wrapped-around",
    says="Your windows wrap around: the first channel has the last one for a neighbour. Beyond the first and "
    "the last channel there is nothing to add.",
)
def response_norm(x, n, alpha, beta, k):
    half = n // 2
    total = sum(x.square().roll(shift, dims=1) for shift in range(-half, half + 1))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "edges-repeated",
    says="You repeat the first and the last channel beyond the edge. Where there is no channel there is no "
    "term: pad with zeros.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = x.square()
    squares = torch.cat([squares[:, :1]] * half + [squares] + [squares[:, -1:]] * half, dim=1)
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "square-root",
    says="You take the square root, as most norms do. Here the exponent is beta, 0.75 in the paper.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total).sqrt()


@misconception(
    "response_norm",
    "exponent-on-the-sum-only",
    says="You raise the sum alone to the power beta. In the formula k stands inside the brackets.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total**beta)


@misconception(
    "response_norm",
    "k-outside-the-brackets",
    says="You raise the sum alone to the power beta. In the formula k stands inside the brackets.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + (alpha * total) ** beta)


@misconception(
    "response_norm",
    "k-forgotten",
    says="Your divisor has no k. Where all neighbours are zero you then divide by zero, and small values are blown up.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (alpha * total) ** beta


@misconception(
    "response_norm",
    "multiplied",
    says="You multiply by the bracket where the formula divides: large neighbours should damp a value, not raise it.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x * (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "over-all-channels",
    says="You add the squares of *all* channels at a pixel. Only the n channels around c count, which is what "
    "'local' means here.",
)
def response_norm(x, n, alpha, beta, k):
    total = x.square().sum(dim=1, keepdim=True)
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "already-divided-neighbours",
    says="You write into the tensor that you read. From the second channel on, the neighbours are divided already. Take all sums "
    "from the values as they came.",
)
def response_norm(x, n, alpha, beta, k):
    half, out = n // 2, x.clone()
    for c in range(x.shape[1]):
        near = out[:, max(0, c - half) : c + half + 1]
        out[:, c] = out[:, c] / (k + alpha * near.square().sum(dim=1)) ** beta
    return out


@misconception(
    "response_norm",
    "negative-start-of-a-slice",
    says="At the first channels your windows are empty: a slice that starts at -1 counts from the end. Start it at max(0, c - n // 2).",
)
def response_norm(x, n, alpha, beta, k):
    half, out = n // 2, torch.zeros_like(x)
    for c in range(x.shape[1]):
        near = x[:, c - half : c + half + 1]
        out[:, c] = x[:, c] / (k + alpha * near.square().sum(dim=1)) ** beta
    return out


@misconception(
    "response_norm",
    "last-neighbour-left-out",
    says="Your windows end one channel too early: the end of a slice is not part of it. Go to c + n // 2 + 1.",
)
def response_norm(x, n, alpha, beta, k):
    half, out = n // 2, torch.zeros_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - half) : c + half]
        out[:, c] = x[:, c] / (k + alpha * near.square().sum(dim=1)) ** beta
    return out


@misconception(
    "response_norm",
    "square-of-the-sum",
    says="You square the sum. The formula sums squares, so neighbours of opposite sign do not cancel.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    padded = F.pad(x, (0, 0, 0, 0, half, half))
    total = sum(padded[:, i : i + channels] for i in range(n)) ** 2
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "alpha-squared",
    says="Your alpha is squared along with the values. It stands before the sum of the squares, as it is.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad((alpha * x).square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + total) ** beta


@misconception(
    "response_norm",
    "beta-as-a-factor",
    says="You multiply the bracket by beta. Beta is an exponent.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (beta * (k + alpha * total))


@misconception(
    "response_norm",
    "alpha-before-the-bracket",
    says="Your alpha multiplies k as well. In the formula it stands before the sum alone.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (alpha * (k + total)) ** beta


@misconception(
    "response_norm",
    "constants-of-the-paper-always",
    says="Your result does not depend on what is passed: you use the paper's constants. Take n, alpha, beta and k as they come.",
)
def response_norm(x, n, alpha, beta, k):
    squares = F.pad(x.square(), (0, 0, 0, 0, 2, 2))
    total = sum(squares[:, i : i + x.shape[1]] for i in range(5))
    return x / (2 + 1e-4 * total) ** 0.75


@misconception(
    "response_norm",
    "over-the-batch",
    says="Your windows run over neighbouring *images* of the batch, axis 0. They should run over the channels, axis 1.",
)
def response_norm(x, n, alpha, beta, k):
    half = n // 2
    squares = F.pad(x.square(), (0, 0, 0, 0, 0, 0, half, half))
    total = sum(squares[i : i + len(x)] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "divisor-without-gradient",
    says="You detach the divisor, so the values are right and the gradient is not: in training it must flow through the "
    "neighbours too.",
)
def response_norm(x, n, alpha, beta, k):
    half, channels = n // 2, x.shape[1]
    squares = F.pad(x.detach().square(), (0, 0, 0, 0, half, half))
    total = sum(squares[:, i : i + channels] for i in range(n))
    return x / (k + alpha * total) ** beta


@misconception(
    "response_norm",
    "single-precision-result",
    says="Your result is a float32 whatever the input is: torch.zeros makes float32 unless it is told. torch.zeros_like(x) takes "
    "the type of x.",
)
def response_norm(x, n, alpha, beta, k):
    half, out = n // 2, torch.zeros(x.shape)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - half) : c + half + 1]
        out[:, c] = x[:, c] / (k + alpha * near.square().sum(dim=1)) ** beta
    return out


@misconception(
    "plateau_rates",
    "best-reset-by-a-cut",
    says="You forget the lowest error when you cut. Then the first error under the new rate counts as an "
    "improvement, however bad it is. A cut resets the count, not the record.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left, lowest = rate * factor, 0, left - 1, math.inf
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "best-reset-to-the-current",
    says="After a cut you take the current error for the lowest one. The record is over all epochs: a cut does "
    "not lower the bar.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left, lowest = rate * factor, 0, left - 1, error
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "compared-with-the-epoch-before",
    says="You compare each error with the one before it. A curve that goes up and comes halfway down again has "
    "not improved: compare with the lowest so far.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            waited = 0
        else:
            waited += 1
        lowest = error
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "count-not-reset-by-a-cut",
    says="You do not start the count again after a cut, so the next bad epoch cuts at once. The new rate "
    "deserves as much patience as the old one.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, left = rate * factor, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "count-not-reset-by-an-improvement",
    says="You count all epochs without improvement, also those before the last record. Only epochs *in a row* "
    "count: a new lowest error starts the count again.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest = error
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "one-epoch-too-early",
    says="You cut one epoch too early. `patience` bad epochs are let pass; the one after them cuts.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited >= max(patience, 1) and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "one-epoch-too-late",
    says="You cut one epoch too late. `patience` bad epochs are let pass, and the very next one cuts.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience + 1 and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "equal-counts-as-better",
    says="An error equal to the lowest counts as an improvement in your rule. On a plateau errors *are* equal; "
    "only a strictly lower one improves.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error <= lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "no-end-to-the-cuts",
    says="You go on cutting after the allowed number of cuts.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "rate-of-the-epoch-before",
    says="Your list has one entry per error: the rate of the first epoch, known before any error, is missing "
    "at its start.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "next-rate-missing",
    says="Your list has one entry per error and ends with the last epoch. The rate of the epoch that follows "
    "is missing, and it is the one a training asks for.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [], math.inf, 0, cuts
    for error in errors:
        rates.append(rate)
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
    return rates


@misconception(
    "plateau_rates",
    "always-from-the-first-rate",
    says="Every cut of yours multiplies the *first* rate, so the second and third cut change nothing. Each cut "
    "multiplies the rate as it is.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    first = rate
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = first * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "higher-is-better",
    says="You look for the *highest* value, as one does for accuracies. These are errors: lower is better.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], -math.inf, 0, cuts
    for error in errors:
        if error > lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate * factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "factor-divides",
    says="You divide by the factor, which raises the rate. To cut is to multiply by a factor below 1.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate / factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "factor-subtracts",
    says="You subtract the factor from the rate, which soon turns negative. A cut multiplies.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, left = [rate], math.inf, 0, cuts
    for error in errors:
        if error < lowest:
            lowest, waited = error, 0
        else:
            waited += 1
        if waited > patience and left > 0:
            rate, waited, left = rate - factor, 0, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "every-so-many-epochs",
    says="You cut every patience + 1 epochs, whatever the errors do. That is a step schedule; this one listens "
    "to the validation error.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, left = [rate], cuts
    for epoch in range(len(errors)):
        if (epoch + 1) % (patience + 1) == 0 and left > 0:
            rate, left = rate * factor, left - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "last-rate-alone",
    says="You return one rate, that of the next epoch. Asked for is the list of all rates, from the first epoch on.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    lowest, waited = math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
    return rate


@misconception(
    "plateau_rates",
    "one-cut-too-many",
    says="You allow a third cut where two are asked for. The number is an argument, not always the paper's three; and if you count "
    "`cuts` down, a cut is allowed while it is above zero.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts >= 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "one-cut-too-few",
    says="You allow one cut less than `cuts`: the last one never comes.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 1:
            rate, waited, cuts = rate * factor, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "first-error-counted-as-bad",
    says="Your record starts at the first error, and then the first epoch does not beat it. The first epoch always improves: "
    "start at infinity.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], errors[0] if errors else math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "fails-before-the-first-error",
    says="Your function needs a first error. Before training there is none, and the rate of the first epoch is known all the same.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate, rate], errors[0], 0
    for error in errors[1:]:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "noted-before-the-cut",
    says="You note the rate before you look whether to cut, so every cut arrives one epoch late. Look first, then append.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        rates.append(rate)
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
    return rates


@misconception(
    "plateau_rates",
    "count-starts-at-one",
    says="After a cut your count starts at one, so the next cut comes an epoch too early. It starts again from zero.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 1, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "always-a-tenth",
    says="You divide by ten whatever the factor is. The factor is an argument: multiply by it.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate / 10, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "rate-restored-by-an-improvement",
    says="A new lowest error brings back your first rate. A rate that was cut stays cut; an improvement resets the count alone.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited, first = [rate], math.inf, 0, rate
    for error in errors:
        if error < lowest:
            lowest, waited, rate = error, 0, first
        else:
            waited += 1
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * factor, 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "plateau_rates",
    "cut-by-the-factor",
    says="You take the factor's share away and keep the rest, rate * (1 - factor). To cut is to keep the factor's share.",
)
def plateau_rates(errors, rate, factor, patience, cuts):
    rates, lowest, waited = [rate], math.inf, 0
    for error in errors:
        lowest, waited = (error, 0) if error < lowest else (lowest, waited + 1)
        if waited > patience and cuts > 0:
            rate, waited, cuts = rate * (1 - factor), 0, cuts - 1
        rates.append(rate)
    return rates


@misconception(
    "together",
    "vote",
    says="You let each model name one class and average the votes. A model that is sure then counts no more "
    "than one that guesses. Average the probabilities.",
)
def together(logits):
    return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float().mean(dim=0)


@misconception(
    "together",
    "mean-of-the-logits",
    says="You average the logits and take the softmax afterwards. That is a geometric mean: a model that rules "
    "a class out can veto it, and the scale of a model's scores becomes its weight. Probabilities first, "
    "then the mean.",
)
def together(logits):
    return logits.mean(dim=0).softmax(dim=-1)


@misconception(
    "together",
    "logits-returned",
    says="You return the mean of the logits. They are scores of any size and sum to anything: turn them into "
    "probabilities first.",
)
def together(logits):
    return logits.mean(dim=0)


@misconception(
    "together",
    "softmax-over-the-models",
    says="Your softmax runs over the models. It belongs over the classes, the last axis, so that the "
    "probabilities of one image sum to one.",
)
def together(logits):
    return logits.softmax(dim=0).mean(dim=0)


@misconception(
    "together",
    "softmax-over-the-images",
    says="Your softmax runs over the images of the batch. Images have nothing to do with each other; the "
    "classes are the last axis.",
)
def together(logits):
    return logits.softmax(dim=1).mean(dim=0)


@misconception(
    "together",
    "mean-over-the-images",
    says="You average over the images of the batch and keep the models. The models are the first axis.",
)
def together(logits):
    return logits.softmax(dim=-1).mean(dim=1)


@misconception(
    "together",
    "added-not-averaged",
    says="You add the probabilities, so that they sum to M. The order of the classes is right; as "
    "probabilities they are too large by a factor of M.",
)
def together(logits):
    return logits.softmax(dim=-1).sum(dim=0)


@misconception(
    "together",
    "product",
    says="You multiply the probabilities (or add their logarithms). One model that is nearly certain of a "
    "wrong answer then outweighs all others.",
)
def together(logits):
    return logits.log_softmax(dim=-1).sum(dim=0).exp()


@misconception(
    "together",
    "the-surest",
    says="For each class you take the largest probability that any model gives. These do not sum to one, and a "
    "single overconfident model decides.",
)
def together(logits):
    return logits.softmax(dim=-1).amax(dim=0)


@misconception(
    "together",
    "softmax-twice",
    says="You take a softmax of the mean probabilities once more. They are probabilities already; a second "
    "softmax flattens them.",
)
def together(logits):
    return logits.softmax(dim=-1).mean(dim=0).softmax(dim=-1)


@misconception(
    "together",
    "sigmoid",
    says="You use the sigmoid, which looks at one class at a time. The classes exclude each other here, so "
    "their probabilities must sum to one: softmax.",
)
def together(logits):
    return logits.sigmoid().mean(dim=0)


@misconception(
    "together",
    "class-names",
    says="You return the winning class of each image. Asked for are the probabilities of all classes.",
)
def together(logits):
    return logits.softmax(dim=-1).mean(dim=0).argmax(dim=-1)


@misconception(
    "together",
    "mean-over-the-classes",
    says="You average over the classes, which gives 1 / N everywhere. The models are the first axis: average over that one.",
)
def together(logits):
    return logits.softmax(dim=-1).mean(dim=-1)


@misconception(
    "together",
    "all-over-the-images",
    says="Your softmax and your mean both run over the images. The axes are models, images, classes: softmax over the last, "
    "mean over the first.",
)
def together(logits):
    return logits.softmax(dim=1).mean(dim=1)


@misconception(
    "together",
    "median",
    says="You take the median of the probabilities. It ignores how sure the others are, and the medians do not sum to one.",
)
def together(logits):
    return logits.softmax(dim=-1).quantile(0.5, dim=0)


@misconception(
    "together",
    "logarithms-averaged",
    says="You average the logarithms of the probabilities and return them. Asked for is the mean of the probabilities themselves.",
)
def together(logits):
    return logits.log_softmax(dim=-1).mean(dim=0)


@misconception(
    "together",
    "softmax-of-the-sum",
    says="You add the logits and take the softmax of the sum. A sum of M models is M times as steep, and one sure model rules. "
    "Softmax first, then the mean.",
)
def together(logits):
    return logits.sum(dim=0).softmax(dim=-1)


@misconception(
    "together",
    "exponentials-added-first",
    says="You add the exponentials of all models and divide once. The model with the largest scores then rules. Each model's "
    "probabilities must sum to one before they are averaged.",
)
def together(logits):
    e = logits.exp().sum(dim=0)
    return e / e.sum(dim=-1, keepdim=True)


@misconception(
    "together",
    "exponentials-overflow",
    says="Your exponentials overflow where scores are large, and infinity divided by infinity is nan. torch.softmax takes the largest "
    "score away first.",
)
def together(logits):
    e = logits.exp()
    return (e / e.sum(dim=-1, keepdim=True)).mean(dim=0)


@misconception(
    "together",
    "divided-by-the-images",
    says="You divide the sum over the models by the number of *images*. Divide by the number of models, the length of the first axis.",
)
def together(logits):
    return logits.softmax(dim=-1).sum(dim=0) / logits.shape[1]


@misconception(
    "together",
    "first-model-alone",
    says="Your result is that of the first model. All M of them are asked: average over the first axis.",
)
def together(logits):
    return logits[0].softmax(dim=-1)


@misconception(
    "together",
    "scores-over-their-sum",
    says="You divide the scores by their sum. Scores may be negative and sum to zero; the softmax takes exponentials first.",
)
def together(logits):
    return (logits / logits.sum(dim=-1, keepdim=True)).mean(dim=0)


@misconception(
    "together",
    "single-precision-result",
    says="Your numbers are right, but they are float32 whatever the logits are. Leave out the conversion: the softmax keeps the "
    "type that comes.",
)
def together(logits):
    return logits.float().softmax(dim=-1).mean(dim=0)


@misconception(
    "together",
    "axis-of-length-one-kept",
    says="Your result still has an axis for the models, of length one. Leave keepdim out.",
)
def together(logits):
    return logits.softmax(dim=-1).mean(dim=0, keepdim=True)


@misconception(
    "top_error",
    "accuracy",
    says="You return the share of images that are right. The error is the rest: one minus it.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return (best == y[:, None]).any(dim=1).double().mean().item()


@misconception(
    "top_error",
    "first-guess-only",
    says="Your error does not depend on k: you look at the best guess alone.",
)
def top_error(scores, y, k):
    return (scores.argmax(dim=1) != y).double().mean().item()


@misconception(
    "top_error",
    "last-of-the-guesses",
    says="You compare with the k-th best guess only. The true class may be any of the k best.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return (best[:, -1] != y).double().mean().item()


@misconception(
    "top_error",
    "smallest-scores",
    says="You take the k *smallest* scores. The best guesses have the largest.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1, largest=False).indices
    return 1 - (best == y[:, None]).any(dim=1).double().mean().item()


@misconception(
    "top_error",
    "mean-over-guesses",
    says="You average over all k guesses, k - 1 of which must be wrong even for a right answer. Ask first "
    "whether *any* guess of an image is right.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return 1 - (best == y[:, None]).double().mean().item()


@misconception(
    "top_error",
    "count",
    says="You return the number of wrong images. Asked for is their share of all images.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return float((best != y[:, None]).all(dim=1).sum())


@misconception(
    "top_error",
    "percent",
    says="You return percent. Asked for is a share from 0 to 1.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return 100 * (best != y[:, None]).all(dim=1).double().mean().item()


@misconception(
    "top_error",
    "one-guess-too-few",
    says="You let k - 1 classes score above the true one be too many: a true class at rank k is among the k "
    "best guesses.",
)
def top_error(scores, y, k):
    true = scores.gather(1, y[:, None])
    return ((scores > true).sum(dim=1) >= k - 1).double().mean().item()


@misconception(
    "top_error",
    "one-guess-too-many",
    says="You accept a true class at rank k + 1. With k classes above it, it is not among the k best.",
)
def top_error(scores, y, k):
    true = scores.gather(1, y[:, None])
    return ((scores > true).sum(dim=1) > k).double().mean().item()


@misconception(
    "top_error",
    "classes-against-a-row",
    says="You compare the guesses, one row an image, with the true classes as a row. Make them a column, y[:, None], so that "
    "each image meets its own class.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return 1 - (best == y).any(dim=1).double().mean().item()


@misconception(
    "top_error",
    "all-guesses-right",
    says="An image counts as right in your function only if *all* k guesses are the true class, which cannot be for k above 1. "
    "One of them is enough: any.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return 1 - (best == y[:, None]).all(dim=1).double().mean().item()


@misconception(
    "top_error",
    "scores-compared-with-classes",
    says="You compare the best *scores* with class numbers. topk gives values and indices; the indices are the classes.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).values
    return 1 - (best == y[:, None]).any(dim=1).double().mean().item()


@misconception(
    "top_error",
    "guesses-of-all-images",
    says="You look for a class among the guesses of *all* images. Each image must be among its own.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return sum(int(label not in best) for label in y) / len(y)


@misconception(
    "top_error",
    "wrong-guesses-counted",
    says="You count wrong guesses, several for each image. Count images: one is wrong if none of its k guesses is the true class.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return (best != y[:, None]).double().sum().item() / len(y)


@misconception(
    "top_error",
    "five-guesses-always",
    says="You take five guesses whatever k is. How many are allowed is an argument.",
)
def top_error(scores, y, k):
    best = scores.topk(min(5, scores.shape[1]), dim=1).indices
    return 1 - (best == y[:, None]).any(dim=1).double().mean().item()


@misconception(
    "top_error",
    "divided-by-the-classes",
    says="You divide the wrong images by the number of classes. Divide by the number of images.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return (best != y[:, None]).all(dim=1).sum().item() / scores.shape[1]


@misconception(
    "top_error",
    "tensor-returned",
    says="You return a tensor. A Python number is asked for: add .item().",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return 1 - (best == y[:, None]).any(dim=1).double().mean()


@misconception(
    "top_error",
    "rounded",
    says="You round the error. Return it as it is; round where you print it.",
)
def top_error(scores, y, k):
    best = scores.topk(k, dim=1).indices
    return round(1 - (best == y[:, None]).any(dim=1).double().mean().item(), 2)


@misconception(
    "ZFNetFront",
    "first-stride-kept",
    says="Your first convolution still moves by 4 pixels. That step is what ZFNet's authors found too large: "
    "theirs moves by 2.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=4, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "first-kernel-kept",
    says="Your first filters are still 11 by 11. ZFNet's are 7 by 7.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 11, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-stride-kept",
    says="Your second convolution has AlexNet's stride of 1. ZFNet strides there too; without it the image "
    "would be twice too large behind it.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-padding-kept",
    says="Your second convolution still has AlexNet's padding of 2. ZFNet's has none.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2, padding=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-as-in-alexnet",
    says="Your second convolution is AlexNet's, with stride 1 and padding 2. ZFNet's has stride 2 and no padding.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, padding=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "first-without-padding",
    says="Your first convolution has no padding. ZFNet's has 1; on 224 pixels its absence gives 109 places, not 110.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "same-padding",
    says="You pad the first convolution by half its kernel, 3. ZFNet pads by 1.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=3)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "pools-without-padding",
    says="Your poolings have no padding. ZFNet's have 1, which makes 55 places of 110 and 13 of 26.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2))


@misconception(
    "ZFNetFront",
    "normalised-before-the-pool",
    says="You normalise before you pool, as AlexNet does. ZFNet pools first, so the normalisation has four "
    "times fewer values to work on.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = F.max_pool2d(normalise(F.relu(self.conv1(x))), 3, stride=2, padding=1)
        return F.max_pool2d(normalise(F.relu(self.conv2(h))), 3, stride=2, padding=1)


@misconception(
    "ZFNetFront",
    "not-normalised",
    says="Your front does not normalise. ZFNet does, behind each of the two poolings.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1)
        return F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1)


@misconception(
    "ZFNetFront",
    "second-not-normalised",
    says="You normalise once. The second pooling has a normalisation behind it too.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1)


@misconception(
    "ZFNetFront",
    "relu-forgotten",
    says="Your convolutions follow each other without a ReLU. A ReLU stands behind each of them.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(self.conv1(x), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(self.conv2(h), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-relu-forgotten",
    says="There is no ReLU behind your second convolution. Every convolution of both networks has one.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(self.conv2(h), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "tanh",
    says="You use tanh, as networks did before. AlexNet and ZFNet use ReLU.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(torch.tanh(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(torch.tanh(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "averaged",
    says="You pool by averages. Both networks take the maximum.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.avg_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.avg_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "pools-of-two",
    says="Your poolings take patches of 2 by 2, which do not overlap. ZFNet's are 3 by 3 in steps of 2, as AlexNet's.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 2, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 2, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "biases-left-out",
    says="Your convolutions have no biases. There is no batch norm in 2013 that would make them useless: leave "
    "them on.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1, bias=False)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2, bias=False)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "groups-kept",
    says="Your second convolution is split into two groups, as AlexNet's. ZFNet runs on one card and has no groups.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2, groups=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-padding-of-one",
    says="Your second convolution has a padding of 1. ZFNet's has none; only the first convolution and the poolings have 1.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2, padding=1)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "first-pool-without-padding",
    says="Your first pooling has no padding. Both of ZFNet's have 1.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-pool-without-padding",
    says="Your second pooling has no padding. Both of ZFNet's have 1.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2))


@misconception(
    "ZFNetFront",
    "alexnets-forward",
    says="Your convolutions are ZFNet's and your forward is AlexNet's: it normalises before it pools, and its poolings have no "
    "padding.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = F.max_pool2d(normalise(F.relu(self.conv1(x))), 3, stride=2)
        return F.max_pool2d(normalise(F.relu(self.conv2(h))), 3, stride=2)


@misconception(
    "ZFNetFront",
    "first-not-normalised",
    says="You normalise once, at the end. The first pooling has a normalisation behind it too.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1)
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "normalised-before-the-relu",
    says="Your ReLU stands behind the normalisation. It comes right behind the convolution, so that negative values are gone "
    "before their squares count.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = F.relu(normalise(F.max_pool2d(self.conv1(x), 3, stride=2, padding=1)))
        return F.relu(normalise(F.max_pool2d(self.conv2(h), 3, stride=2, padding=1)))


@misconception(
    "ZFNetFront",
    "first-relu-forgotten",
    says="There is no ReLU behind your first convolution. Every convolution of both networks has one.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(self.conv1(x), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "second-pool-forgotten",
    says="Behind your second convolution there is no pooling. The front ends with the second pooling and its normalisation.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.relu(self.conv2(h)))


@misconception(
    "ZFNetFront",
    "pools-move-by-three",
    says="Your poolings move by 3 pixels, which is what max_pool2d does unless it is told the stride. ZFNet's move by 2 and overlap.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, padding=1))


@misconception(
    "ZFNetFront",
    "torchs-constants",
    says="You normalise with PyTorch's own constants (k = 1, alpha = 0.0001 divided by 5). The cell above gives `normalise` with the "
    "paper's.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)
        self.norm = nn.LocalResponseNorm(5)

    def forward(self, x):
        h = self.norm(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return self.norm(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "widths-fixed",
    says="Your convolutions have 96 and 256 channels whatever is asked. Use the arguments `first` and `second`.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(96, 256, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))


@misconception(
    "ZFNetFront",
    "only-the-first-layer-changed",
    says="You changed the first convolution and left the rest as AlexNet has it. The second convolution, the poolings and the order "
    "of pooling and normalisation change too.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, padding=2)

    def forward(self, x):
        h = F.max_pool2d(normalise(F.relu(self.conv1(x))), 3, stride=2)
        return F.max_pool2d(normalise(F.relu(self.conv2(h))), 3, stride=2)


@misconception(
    "ZFNetFront",
    "no-super-init",
    says="Your __init__ does not call super().__init__(), so PyTorch cannot register the layers. Make it the first line.",
)
class ZFNetFront(nn.Module):
    def __init__(self, first, second):
        self.conv1 = nn.Conv2d(3, first, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(first, second, 5, stride=2)

    def forward(self, x):
        h = normalise(F.max_pool2d(F.relu(self.conv1(x)), 3, stride=2, padding=1))
        return normalise(F.max_pool2d(F.relu(self.conv2(h)), 3, stride=2, padding=1))
