"""Wrong answers to the exercise `convolution`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception


@misconception(
    "sizes",
    "rounded-up",
    says="Your size counts a last window that hangs over the edge: you round the division up. A window that does not fit "
    "whole is left out, so the division rounds down.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return math.ceil(room / stride) + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "rounded-to-the-nearest",
    says="You round the division to the nearest whole number. A window that does not fit whole is left out, however "
    "little it lacks, so the division rounds down: //.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return round(room / stride) + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "not-a-whole-number",
    says="Your sizes are not whole numbers: / keeps the fraction. Only whole windows count; // rounds down.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room / stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "padding-counted-once",
    says="You count the padding once. It stands at both ends of the row, so it makes the row longer by twice its number.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + padding - dilation * (kernel - 1) - 1
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "padding-ignored",
    says="The padding does not change your sizes. It makes the row longer before the window starts to move.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size - dilation * (kernel - 1) - 1
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "dilation-ignored",
    says="The dilation does not change your sizes. A window with gaps between its places covers more pixels: from the "
    "first to the last they are dilation * (kernel - 1) + 1.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - kernel
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "dilation-times-kernel",
    says="You take dilation * kernel for the length of the window. Between kernel places there are kernel - 1 gaps: three "
    "places with dilation 2 cover five pixels, not six.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * kernel
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "dilation-as-number-of-gaps",
    says="You put as many empty pixels between two places as the dilation says. Dilation is the distance of neighbouring "
    "places: with 1 they touch, with 2 one pixel lies between them.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - (kernel + (kernel - 1) * (dilation if dilation > 1 else 0))
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "last-window-over-the-edge",
    says="Your last window ends one pixel behind the row. A window that starts at pixel i and covers span pixels ends at "
    "i + span - 1, and the last pixel of the row has the number size + 2 * padding - 1.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    count = start = 0
    while start + dilation * (kernel - 1) <= size + 2 * padding:
        count, start = count + 1, start + stride
    return count


@misconception(
    "sizes",
    "first-window-forgotten",
    says="Your sizes are one too small: you count the steps. Before the first step there is a window already.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room // stride if room >= 0 else 0


@misconception(
    "sizes",
    "one-added-before-the-division",
    says="You add the one before you divide by the stride. The first window stands there for free; only the room that is "
    "left for moving is divided: room // stride + 1.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return (room + 1) // stride if room >= 0 else 0


@misconception(
    "sizes",
    "kernel-not-taken-away",
    says="You divide the whole row by the stride, as if a window could start at its last pixel. It has to end within the "
    "row: take the length of the window away first.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return math.ceil((size + 2 * padding) / stride) if room >= 0 else 0


@misconception(
    "sizes",
    "negative-sizes",
    says="Where the window fits nowhere the formula gives a size below zero. No window is a count of 0.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@misconception(
    "sizes",
    "stride-ignored",
    says="The stride does not change your sizes. With a stride of 2 the window stands on every second place only.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "one-window-always",
    says="Where no window fits you answer 1: you cut the room off at 0 and still add the first window. If that one does not "
    "fit, there is none, and the answer is 0.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return max(0, size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@misconception(
    "sizes",
    "no-room-without-padding",
    says="You answer 0 where the window is longer than the image alone. The padding belongs to the row as well: a window of 3 "
    "fits on one pixel with padding 1.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room // stride + 1 if dilation * (kernel - 1) + 1 <= size else 0


@misconception(
    "sizes",
    "stride-in-the-kernel",
    says="You let the stride spread the places of the window. That is what dilation does. The stride is the step from one "
    "window to the next.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    room = size + 2 * padding - dilation * stride * (kernel - 1) - 1
    return room + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "half-of-an-even-kernel",
    says="You pad even kernels by half their size. Then the output is one pixel larger than the input: with a kernel of 4 "
    "and padding 2, ten pixels become eleven. No equal padding keeps the size; the answer is None.",
)
def same_padding(kernel, dilation=1):
    return dilation * (kernel - 1) // 2 if kernel % 2 else dilation * kernel // 2


@misconception(
    "sizes",
    "rounded-down-for-an-even-kernel",
    says="For even kernels you round an odd number down. Then the output is one pixel smaller than the input. No equal "
    "padding keeps the size; the answer is None.",
)
def same_padding(kernel, dilation=1):
    return dilation * (kernel - 1) // 2


@misconception(
    "sizes",
    "same-padding-without-dilation",
    says="Your padding does not ask for the dilation. A kernel of 3 with dilation 2 covers five pixels and needs two pixels "
    "of padding at each end.",
)
def same_padding(kernel, dilation=1):
    return (kernel - 1) // 2 if kernel % 2 else None


@misconception(
    "sizes",
    "half-the-kernel-always",
    says="Your padding is half the kernel, rounded down, whatever it is. That keeps the size for odd kernels without "
    "dilation only. Start from what is lost: dilation * (kernel - 1) pixels in all.",
)
def same_padding(kernel, dilation=1):
    return kernel // 2


@misconception(
    "sizes",
    "padding-in-all",
    says="You give the padding of both ends together. Each end gets half of it.",
)
def same_padding(kernel, dilation=1):
    needed = dilation * (kernel - 1)
    return needed if needed % 2 == 0 else None


@misconception(
    "sizes",
    "every-even-kernel-refused",
    says="You answer None for every even kernel. What has to be even is the padding in all, dilation * (kernel - 1): a kernel "
    "of 4 with dilation 2 needs six pixels, three at each end.",
)
def same_padding(kernel, dilation=1):
    return dilation * (kernel - 1) // 2 if kernel % 2 else None


@misconception(
    "sizes",
    "exact-fit-refused",
    says="You return 0 where the window fits exactly. It has one place then: only a window that is larger than the "
    "padded image has none.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    return room // stride + 1 if room > 0 else 0


@misconception(
    "sizes",
    "padding-taken-away",
    says="You subtract the padding. It is put around the image, so there is more room and not less.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    room = size - 2 * padding - span
    return room // stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "stride-multiplied",
    says="You multiply by the stride. A longer step leaves fewer places: divide, rounding down.",
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    return room * stride + 1 if room >= 0 else 0


@misconception(
    "sizes",
    "same-padding-for-even-losses-refused",
    says="Your test is turned round: you return None where the loss is even. An even loss is the one that splits into "
    "equal halves.",
)
def same_padding(kernel, dilation=1):
    needed = dilation * (kernel - 1)
    return needed // 2 if needed % 2 else None


@misconception(
    "sizes",
    "whole-kernel-lost",
    says="You count a whole kernel, times the dilation, as what the image loses. A kernel of size k takes k - 1 places "
    "away, each as long as the dilation.",
)
def same_padding(kernel, dilation=1):
    needed = dilation * kernel
    return needed // 2 if needed % 2 == 0 else None


@misconception(
    "slide",
    "kernel-turned-round",
    says="You turn the kernel round, by 180 degrees, before you lay it on the image. That is the convolution of mathematics. "
    "The layers of deep learning, and the formula of this task, leave the kernel as it stands.",
)
def slide(image, kernel):
    kernel = kernel.flip(0, 1)
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "kernel-transposed",
    says="You swap the rows and the columns of the kernel. Its number in row r and column s belongs to the pixel r rows "
    "down and s columns to the right.",
)
def slide(image, kernel):
    kernel = kernel.T
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "mean-instead-of-sum",
    says="Your numbers are too small by the number of places in the kernel: you take the mean of the products where "
    "their sum is wanted.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).mean()
    return result


@misconception(
    "slide",
    "matrix-product",
    says="You take the matrix product of patch and kernel (@) and add that up. Here each number of the kernel meets the "
    "one pixel below it: multiply place by place, with *.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] @ kernel).sum()
    return result


@misconception(
    "slide",
    "last-place-forgotten",
    says="Your result lacks its last row and its last column. A kernel of R rows fits H - R + 1 times: with R = H it "
    "still fits once.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows, image.shape[1] - columns)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "last-place-left-at-zero",
    says="The last row and the last column of your result are zeros: the loops stop one place too early. range(n) ends at "
    "n - 1 by itself.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(image.shape[0] - rows):
        for j in range(image.shape[1] - columns):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "padded-to-the-same-size",
    says="Your result is as large as the image: you pad it with zeros. This task has no padding; the kernel must lie wholly "
    "on the image.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    padded = F.pad(image, (columns // 2, columns - 1 - columns // 2, rows // 2, rows - 1 - rows // 2))
    result = image.new_zeros(image.shape)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (padded[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "square-kernel-taken-for-granted",
    says="You take the kernel for square, with as many columns as rows. Take both numbers from its shape: "
    "rows, columns = kernel.shape.",
)
def slide(image, kernel):
    side = kernel.shape[0]
    result = image.new_zeros(image.shape[0] - side + 1, image.shape[1] - side + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + side, j : j + side] * kernel).sum()
    return result


@misconception(
    "slide",
    "moved-by-whole-kernels",
    says="Your kernel moves by its own size, so the patches do not overlap. It moves by one pixel at a time.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] // rows, image.shape[1] // columns)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            patch = image[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
            result[i, j] = (patch * kernel).sum()
    return result


@misconception(
    "slide",
    "sum-carried-over",
    says="Your sum is not set back to zero: each place also holds what came before it. Start every place from zero.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    total = 0
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            total = total + (image[i : i + rows, j : j + columns] * kernel).sum()
            result[i, j] = total
    return result


@misconception(
    "slide",
    "rows-and-columns-of-the-image-swapped",
    says="You go right where you should go down: row i and column j of the result are read at row j and column i of the "
    "image, so your result is that of the transposed image.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[1] - columns + 1, image.shape[0] - rows + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[j : j + rows, i : i + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "last-row-forgotten",
    says="Your result is one row short. A window of r rows has H - r + 1 places down the image: the first one counts "
    "too.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "last-column-forgotten",
    says="Your result is one column short. A window of c columns has W - c + 1 places across the image: the first one "
    "counts too.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "kernel-not-used",
    says="You add up the pixels of each window as they are. Each is multiplied by the number of the kernel above it "
    "first.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = image[i : i + rows, j : j + columns].sum()
    return result


@misconception(
    "slide",
    "sum-forgotten",
    says="You put a whole window of products into one place of the result. Add them up first.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = image[i : i + rows, j : j + columns] * kernel
    return result


@misconception(
    "slide",
    "window-that-does-not-move-its-end",
    says="The end of your window stays where it is while its beginning moves. A slice ends at a place, not after a "
    "length: i:i + rows.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i:rows, j:columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "axes-of-the-result-swapped",
    says="Rows and columns are mixed up. Rows come first: the result has one for each place down the image, and i runs "
    "over them (result.shape[0]); j runs over the columns.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[1] - columns + 1, image.shape[0] - rows + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "slide",
    "loops-swapped",
    says="Rows and columns are mixed up. Rows come first: the result has one for each place down the image, and i runs "
    "over them (result.shape[0]); j runs over the columns.",
)
def slide(image, kernel):
    rows, columns = kernel.shape
    result = image.new_zeros(image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    for i in range(result.shape[1]):
        for j in range(result.shape[0]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


@misconception(
    "convolve",
    "channels-averaged",
    says="Your sums are too small by the number of input channels: you average over the channels. Their results are added "
    "up.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    y = torch.einsum("bchwrs,kcrs->bkhw", patches, weight) / x.shape[1]
    return y + bias[:, None, None]


@misconception(
    "convolve",
    "first-channel-only",
    says="Only the first channel of the image reaches your result. Every kernel has a slice for each channel, and the "
    "results of all slices are added up.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    y = torch.einsum("bhwrs,krs->bkhw", patches[:, 0], weight[:, 0])
    return y + bias[:, None, None]


@misconception(
    "convolve",
    "channels-mixed-by-the-first-slice",
    says="You add the channels of the image up first and use one slice of the kernel for all of them. Each channel has a "
    "slice of its own.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding)).sum(dim=1)
    patches = x.unfold(1, weight.shape[2], stride).unfold(2, weight.shape[3], stride)
    y = torch.einsum("bhwrs,krs->bkhw", patches, weight[:, 0])
    return y + bias[:, None, None]


@misconception(
    "convolve",
    "bias-forgotten",
    says="The bias is missing. Every output channel adds one number of its own at all its places.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight)


@misconception(
    "convolve",
    "bias-at-every-place-of-the-kernel",
    says="You add the bias inside the sum, once for every number of the kernel. It is added once for every number of the "
    "result, after the sum.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    y = torch.einsum("bchwrs,kcrs->bkhw", patches, weight)
    return y + (bias * weight[0].numel())[:, None, None]


@misconception(
    "convolve",
    "bias-for-every-channel-of-the-input",
    says="You add the bias once for every input channel. It is added once for every number of the result, after the sum "
    "over the channels.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    y = torch.einsum("bchwrs,kcrs->bkhw", patches, weight)
    return y + (bias * weight.shape[1])[:, None, None]


@misconception(
    "convolve",
    "bias-along-the-height",
    says="Your bias is added along the height of the result. Give it two more axes, bias[:, None, None]: one is not enough, "
    "for two axes follow the channels.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None]


@misconception(
    "convolve",
    "bias-along-the-width",
    says="Your bias is added along the width of the result: y + bias lines it up with the last axis. Give it two more axes, "
    "bias[:, None, None], or add it while the channels are the last axis.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias


@misconception(
    "convolve",
    "kernels-turned-round",
    says="You turn the kernels round before you lay them on the image. That is the convolution of mathematics; the layers "
    "of deep learning leave the kernel as it stands.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    y = torch.einsum("bchwrs,kcrs->bkhw", patches, weight.flip(2, 3))
    return y + bias[:, None, None]


@misconception(
    "convolve",
    "kernels-transposed",
    says="You swap the rows and the columns of the kernels. Each unfold puts its new axis at the end: cut the rows first "
    "(axis 2), then the columns (axis 3), so that a patch ends in R, S as the kernels do.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    R, S = weight.shape[2:]
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(3, S, stride).unfold(2, R, stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "patches-in-another-order-than-the-weights",
    says="Your patches are laid out in another order than the kernels: pixels first and channels last, or as the axes happen "
    "to stand. A row has to hold channel, row, column in the order of weight.flatten(1): bring the axes into the order "
    "B, H2, W2, C, R, S before you flatten the last three.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    rows = patches.permute(0, 2, 3, 4, 5, 1).flatten(3)
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "patches-reshaped-without-permuting",
    says="You reshape the patches into rows without bringing the axes into order first. reshape only cuts the numbers as "
    "they lie, so numbers of different patches end up in one row: permute to B, H2, W2, C, R, S first.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    b, _, h, w, _, _ = patches.shape
    rows = patches.reshape(b, h, w, -1)
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "result-reshaped-without-permuting",
    says="Your numbers are right, but at the wrong places: after the product the channels are the last axis, and reshape "
    "does not move an axis. permute(0, 3, 1, 2) does.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    y = rows @ weight.flatten(1).T + bias
    return y.reshape(len(x), len(weight), y.shape[1], y.shape[2])


@misconception(
    "convolve",
    "channels-left-last",
    says="Your channels are the last axis of the result. They belong behind the batch: permute(0, 3, 1, 2).",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return rows @ weight.flatten(1).T + bias


@misconception(
    "convolve",
    "padding-left-and-right-only",
    says="You pad the columns and not the rows. F.pad counts from the last axis: two numbers for left and right, two more "
    "for top and bottom.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "padding-above-and-below-only",
    says="You pad the rows and not the columns. F.pad takes four numbers here: left, right, top, bottom.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (0, 0, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "padding-twice",
    says="You pad twice as much as you should. padding rows and columns stand at each end; the factor of two belongs to the "
    "count of both ends together.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (2 * padding, 2 * padding, 2 * padding, 2 * padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "padding-at-one-end",
    says="You pad at one end of each side. The padding stands on all four sides of the image.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (0, padding, 0, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "padding-ignored",
    says="Your result does not change with the padding. Put the zeros round the image before the patches are taken.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "border-pixels-repeated",
    says="You pad with copies of the border pixels. The padding of this task is zeros.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding), mode="replicate")
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "stride-down-only",
    says="Your window moves by the stride when it goes down, and by one pixel when it goes right. The stride holds for "
    "both directions.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], 1)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "stride-right-only",
    says="Your window moves by the stride when it goes right, and by one pixel when it goes down. The stride holds for "
    "both directions.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], stride)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "stride-ignored",
    says="Your result does not change with the stride. With a stride of 2 the window stands on every second place.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "stride-on-the-image",
    says="You drop pixels of the image first (x[..., ::stride, ::stride]) and then take windows of what is left. The window "
    "reads neighbours of the full image; the stride is the step from one window to the next.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))[..., ::stride, ::stride]
    patches = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "stride-inside-the-window",
    says="You let the stride spread the pixels that one window reads. That is dilation. The stride is the step from one "
    "window to the next.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    rows, columns = stride * (weight.shape[2] - 1) + 1, stride * (weight.shape[3] - 1) + 1
    patches = x.unfold(2, rows, 1).unfold(3, columns, 1)[..., ::stride, ::stride]
    return torch.einsum("bchwrs,kcrs->bkhw", patches, weight) + bias[:, None, None]


@misconception(
    "convolve",
    "bias-subtracted",
    says="You subtract the bias. It is added to each sum.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (rows @ weight.flatten(1).T - bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "weights-not-transposed",
    says="Your matrix of weights has a row for each output channel, and a product sums over columns and rows of one "
    "length: transpose it, rows @ weights.T.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (rows @ weight.flatten(1) + bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "square-kernel-taken-for-granted",
    says="You take the height of the kernel for both of its sides. Its width is weight.shape[3], and it may be another "
    "one.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[2], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)


@misconception(
    "convolve",
    "sides-of-the-kernel-swapped",
    says="You cut patches with the sides of the kernel swapped: weight.shape[2] is its height, along axis 2 of the "
    "image, weight.shape[3] its width, along axis 3.",
)
def convolve(x, weight, bias, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, weight.shape[3], stride).unfold(3, weight.shape[2], stride)
    rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (rows @ weight.flatten(1).T + bias).permute(0, 3, 1, 2)


@misconception(
    "max_pool",
    "padded-with-zeros",
    says="Your padding wins: where all pixels of a patch at the border are negative, you return the zero of the padding. Pad "
    "with minus infinity, which is smaller than every pixel.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding))
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "padded-with-a-small-number",
    says="Your padding is a number that you took for small enough. Pixels may be smaller still. Minus infinity, -math.inf, "
    "is smaller than every pixel.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-1e6)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "padding-ignored",
    says="Your result does not change with the padding. It moves the first window outwards, so the patches are cut "
    "differently and there are more of them.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "padded-by-reflection",
    says="You pad with a mirror image of the border. It brings pixels into a patch that do not belong to it, and they may "
    "win. Minus infinity, -math.inf, never does.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), mode="reflect")
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "padding-at-one-end",
    says="You pad at one end of each side. The padding stands on all four sides of the image.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (0, padding, 0, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "rest-at-the-end-kept",
    says="You also pool what is left at the end of a side, where no whole window fits. As in a convolution, only whole windows "
    "count.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    missing = [max(0, -(-(n - size) // stride) * stride + size - n) for n in x.shape[2:]]
    x = F.pad(x, (0, missing[1], 0, missing[0]), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "stride-one-by-default",
    says="Without a stride your window moves by one pixel, as in a convolution. Here None means the size of the window, so "
    "that patches do not overlap.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = 1 if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "stride-ignored",
    says="A stride that is given has no effect: you move by the size of the window. The size takes its place where "
    "stride is None, and nowhere else.",
)
def max_pool(x, size, stride=None, padding=0):
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, size).unfold(3, size, size).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "mean-instead-of-maximum",
    says="You take the mean of each patch. That is average pooling; this task keeps the largest value.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding))
    return x.unfold(2, size, stride).unfold(3, size, stride).mean(dim=(4, 5))


@misconception(
    "max_pool",
    "channels-pooled-too",
    says="You take the largest value over the channels as well, so one channel is left. Each channel is pooled by itself.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(1, 4, 5))[:, None]


@misconception(
    "max_pool",
    "largest-distance-from-zero",
    says="You keep the value that lies farthest from zero, so a large negative one wins. The largest value is wanted, "
    "sign and all.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding))
    patches = x.unfold(2, size, stride).unfold(3, size, stride).flatten(4)
    return patches.gather(4, patches.abs().argmax(dim=4, keepdim=True)).squeeze(4)


@misconception(
    "max_pool",
    "values-with-their-places",
    says="You return a pair: max with a dim gives the values and their places. Take the first of them, .values, or use amax.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).max(dim=4)


@misconception(
    "max_pool",
    "place-instead-of-value",
    says="You return where the largest value stands (argmax), not the value itself.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).argmax(dim=4)


@misconception(
    "max_pool",
    "along-one-axis-only",
    says="You take the largest value along the rows of a patch and leave its columns: the result has one axis too many, or "
    "only one side has shrunk. A patch has two axes, and the maximum is over both.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=4)


@misconception(
    "max_pool",
    "minimum-instead-of-maximum",
    says="You take the smallest value of each window. Max pooling keeps the largest.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amin(dim=(4, 5))


@misconception(
    "max_pool",
    "largest-of-all",
    says="You return one number, the largest of all. Each window has a largest value of its own: reduce the two axes "
    "that hold the window.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax()


@misconception(
    "max_pool",
    "default-turned-round",
    says="A stride that is given has no effect: you move by the size of the window. The size takes its place where "
    "stride is None, and nowhere else.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is not None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "max_pool",
    "padded-with-plus-infinity",
    says="You pad with plus infinity, which is larger than every pixel and wins at the border. What may never win is "
    "minus infinity.",
)
def max_pool(x, size, stride=None, padding=0):
    stride = size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=math.inf)
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(dim=(4, 5))


@misconception(
    "receptive_field",
    "multiplied",
    says="You multiply the kernels: two windows of 3 give 9. Neighbouring windows overlap, so each further window of 3 adds "
    "only two pixels: 3, 5, 7.",
)
def receptive_field(layers):
    return math.prod(dilation * (kernel - 1) + 1 for kernel, stride, dilation in layers)


@misconception(
    "receptive_field",
    "kernels-added",
    says="You add the kernels whole: two windows of 3 give 6. The pixel that all windows share counts once, so each layer adds "
    "kernel - 1.",
)
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in layers:
        field += (dilation * (kernel - 1) + 1) * step
        step *= stride
    return max(field, 1)


@misconception(
    "receptive_field",
    "strides-ignored",
    says="The strides do not change your field. After a stride of 2, neighbours lie two pixels apart in the image, and the "
    "next window reaches twice as far.",
)
def receptive_field(layers):
    return 1 + sum(dilation * (kernel - 1) for kernel, stride, dilation in layers)


@misconception(
    "receptive_field",
    "own-stride-counted",
    says="You count the stride of a layer for the layer itself. It spreads the windows of the layers behind it; its own window "
    "is as wide as it ever was. Let the field grow first, then the step.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        step *= stride
        field += dilation * (kernel - 1) * step
    return field


@misconception(
    "receptive_field",
    "own-stride-alone",
    says="You multiply each layer by its own stride. A stride leaves its own window as wide as it was, and spreads the windows of "
    "all layers behind it: multiply by the strides before.",
)
def receptive_field(layers):
    return 1 + sum(dilation * (kernel - 1) * stride for kernel, stride, dilation in layers)


@misconception(
    "receptive_field",
    "stride-added-to-the-field",
    says="You let the stride of a layer add pixels to the field by itself. One window is as wide with stride 2 as with 1; the "
    "stride only moves the windows of the layers behind it further apart.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step + stride - 1
        step *= stride
    return field


@misconception(
    "receptive_field",
    "only-the-stride-before",
    says="You use the stride of the layer before and forget the earlier ones. Strides multiply along the stack: after two of "
    "them, neighbours lie four pixels apart.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step = stride
    return field


@misconception(
    "receptive_field",
    "strides-added",
    says="You add the strides up. They multiply: after strides of 2 and 3, neighbours lie six pixels apart.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step += stride - 1
    return field


@misconception(
    "receptive_field",
    "dilation-ignored",
    says="The dilation does not change your field. A window of 3 with dilation 2 reaches over five pixels.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, _dilation in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


@misconception(
    "receptive_field",
    "dilation-times-kernel",
    says="You take dilation * kernel for the length of a window. Between kernel places there are kernel - 1 gaps, so it is "
    "dilation * (kernel - 1) + 1.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += (dilation * kernel - 1) * step
        step *= stride
    return field


@misconception(
    "receptive_field",
    "dilation-kept-for-later-layers",
    says="You treat dilation like a stride and let it spread all later layers. It spreads the places of its own window only; "
    "neighbouring outputs still lie one step apart.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride * dilation
    return field


@misconception(
    "receptive_field",
    "area-instead-of-side",
    says="You return how many pixels the field holds. Its side is asked for: 5 for two windows of 3, not 25.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field * field


@misconception(
    "receptive_field",
    "starts-from-zero",
    says="Your fields are one too small. Before any layer a value sees one pixel: itself.",
)
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@misconception(
    "receptive_field",
    "layers-in-the-wrong-order",
    says="You get the field of the stack turned round: the rule you use fits the other direction through the list. Only strides "
    "between the image and a layer spread its window.",
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in reversed(layers):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@misconception(
    "receptive_field",
    "whole-kernel-added",
    says="You add a whole kernel, times dilation and steps, to the 1 you start from. The pixel in which a kernel "
    "begins is in the field already: it adds kernel - 1 pixels.",
)
def receptive_field(layers):
    field, step = (1, 1)
    for kernel, stride, dilation in layers:
        field += dilation * kernel * step
        step *= stride
    return field


@misconception(
    "corner_detector",
    "bias-forgotten",
    says="Your detector fires wherever some of the conditions are met. The bias sets how many must be met: a true corner "
    "gets 3, every other pixel at most 2.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]), 0.0


@misconception(
    "corner_detector",
    "bias-too-low",
    says="Your detector never fires. A true corner gets 3 points, and your bias takes all of them away: it has to lie between "
    "-3 and -2, and -3 itself leaves zero, which is not positive.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]), -3.0


@misconception(
    "corner_detector",
    "bias-one-too-high",
    says="Your detector also fires where one of the five conditions fails. Such a pixel gets 2 points, so the bias must take "
    "at least 2 away.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]), -1.0


@misconception(
    "corner_detector",
    "bias-with-the-wrong-sign",
    says="Your bias adds to the sum, so the detector fires nearly everywhere. To demand more points it has to be negative.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]), 2.0


@misconception(
    "corner_detector",
    "dark-pixels-not-asked",
    says="Your detector also fires inside bright areas: nothing asks whether the pixels above and on the left are dark. Give "
    "them a negative weight.",
)
def corner_detector():
    return torch.tensor([[0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]), -2.0


@misconception(
    "corner_detector",
    "kernel-turned-round",
    says="Your detector finds bottom right corners. The kernel is laid on the image as it stands: what must be bright on the "
    "right has its weight on the right.",
)
def corner_detector():
    return torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, -1.0], [0.0, -1.0, 0.0]]), -2.0


@misconception(
    "corner_detector",
    "mirrored",
    says="Your detector finds corners of another kind: left and right, or above and below, are swapped. At a top left corner "
    "the dark neighbours lie on the left and above.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [1.0, 1.0, -1.0], [0.0, 1.0, 0.0]]), -2.0


@misconception(
    "corner_detector",
    "diagonals-must-be-dark",
    says="Your detector misses corners that have a bright diagonal neighbour. The diagonal neighbours may be anything, so "
    "their weights are 0.",
)
def corner_detector():
    return torch.tensor([[-1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]]), -2.0


@misconception(
    "corner_detector",
    "picture-of-a-corner",
    says="Your kernel is a picture of the corner of a filled square, so it also asks for a bright pixel at the lower right and "
    "dark ones at the other diagonals. The diagonal neighbours may be anything: their weights are 0.",
)
def corner_detector():
    return torch.tensor([[-1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]]), -3.0


@misconception(
    "corner_detector",
    "pixel-itself-not-asked",
    says="Your detector also fires on dark pixels: the pixel itself has no weight. It has to be bright, as its neighbours on "
    "the right and below.",
)
def corner_detector():
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), -1.0


@misconception(
    "corner_detector",
    "weights-sum-to-zero",
    says="Your weights sum to zero, as those of an edge filter do, and no bias asks for all conditions. A heavy middle then "
    "outweighs a condition that fails.",
)
def corner_detector():
    return torch.tensor([[0.0, -2.0, 0.0], [-2.0, 2.0, 1.0], [0.0, 1.0, 0.0]]), 0.0
