"""Wrong answers to the exercise `tcn`, each with the line of thought behind it. Each must lose its points."""

from collections import deque

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "causal_conv",
    "same-padding",
    says="You put half of the zeros before and half behind the sequence. The output is as long as the input, but each step reads the future. All zeros belong before the first step.",
)
def causal_conv(x, weight, bias, dilation):
    total = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (total // 2, total - total // 2)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "half-the-span-at-either-end",
    says="You let conv1d pad half of the span at either end, so each step reads the future, and where the span is odd your output is too short. All zeros belong before the first step.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(x, weight, bias, padding=(weight.shape[-1] - 1) * dilation // 2, dilation=dilation)


@misconception(
    "causal_conv",
    "wrong-end-chopped",
    says="Each of your steps reads itself and the future: your zeros stand behind the sequence, or you pad both ends and cut the first outputs off. What must go are the last, which read the zeros behind.",
)
def causal_conv(x, weight, bias, dilation):
    reach = (weight.shape[-1] - 1) * dilation
    y = F.conv1d(x, weight, bias, padding=reach, dilation=dilation)
    return y[:, :, reach:]


@misconception(
    "causal_conv",
    "nothing-chopped",
    says="Your output is longer than the input: zeros at both ends, and nothing cut off. Pad before the first step only, or drop the later outputs.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(x, weight, bias, padding=(weight.shape[-1] - 1) * dilation, dilation=dilation)


@misconception(
    "causal_conv",
    "nothing-left-with-one-tap",
    says="You cut the end off with [..., :-p]. With a kernel of one tap p is 0, and [..., :-0] leaves nothing. Keep the first x.shape[-1] outputs, or pad before the first step only.",
)
def causal_conv(x, weight, bias, dilation):
    p = (weight.shape[-1] - 1) * dilation
    return F.conv1d(x, weight, bias, padding=p, dilation=dilation)[:, :, :-p]


@misconception(
    "causal_conv",
    "middle-kept",
    says="You pad both ends fully and keep the middle of the output. That is padding of half the span on either side again, and it reads the future.",
)
def causal_conv(x, weight, bias, dilation):
    reach = (weight.shape[-1] - 1) * dilation
    y = F.conv1d(x, weight, bias, padding=reach, dilation=dilation)
    return y[:, :, reach // 2 : reach // 2 + x.shape[-1]]


@misconception(
    "causal_conv",
    "dilation-as-stride",
    says="You pass the dilation as the stride. A stride leaves outputs out; a dilation leaves inputs out between the taps and keeps every output.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, (weight.shape[-1] - 1, 0)), weight, bias, stride=dilation)


@misconception(
    "causal_conv",
    "dilation-ignored",
    says="Your taps stand next to each other, whatever the dilation. Tap by tap the convolution must go back by dilation steps.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, (weight.shape[-1] - 1, 0)), weight, bias)


@misconception(
    "causal_conv",
    "dilation-and-stride",
    says="You pass the dilation as the stride as well, so outputs are left out. Only the taps are spread; the window still moves by one step.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight, bias, dilation=dilation, stride=dilation)


@misconception(
    "causal_conv",
    "padding-without-dilation",
    says="You pad by k - 1 steps, but with dilation the first tap lies (k - 1) times dilation steps back. Your output is too short.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, (weight.shape[-1] - 1, 0)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "dilation-in-the-padding-alone",
    says="You pad for the dilation but do not pass it to conv1d, so your taps stand next to each other and the output is too long.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, ((weight.shape[-1] - 1) * dilation, 0)), weight, bias)


@misconception(
    "causal_conv",
    "taps-counted-along-the-channels-in",
    says="You take k from the wrong axis of the weight. It is (K, C, k): the number of taps is weight.shape[-1].",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, ((weight.shape[1] - 1) * dilation, 0)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "taps-counted-along-the-channels-out",
    says="You take k from the wrong axis of the weight. It is (K, C, k): the number of taps is weight.shape[-1].",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, ((len(weight) - 1) * dilation, 0)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "padding-by-k",
    says="You pad by k times dilation steps. Between k taps lie k - 1 distances, so your output is too long and shifted.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, (weight.shape[-1] * dilation, 0)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "padding-by-dilation",
    says="You pad by dilation steps, which is right for two taps only. With k taps the first lies k - 1 distances back.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(F.pad(x, (dilation, 0)), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "kernel-turned",
    says="Your kernel is turned round: the first weight meets the present. By the contract the last weight belongs to the present step, which is how conv1d takes it.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight.flip(-1), bias, dilation=dilation)


@misconception(
    "causal_conv",
    "bias-forgotten",
    says="The bias is missing. It is added to every step of its output channel.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight, dilation=dilation)


@misconception(
    "causal_conv",
    "bias-subtracted",
    says="You subtract the bias. It is added to every step of its output channel.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight, -bias, dilation=dilation)


@misconception(
    "causal_conv",
    "present-left-out",
    says="Your output lags a step behind: step t does not read step t itself. A causal convolution may read the present, the last weight belongs to it.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left + 1, 0))[:, :, :-1], weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "outputs-padded",
    says="You put the zeros before the output instead of before the input. The first steps then come out as zeros, although they have a present to read.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    if x.shape[-1] <= left:
        return torch.zeros(len(x), len(weight), x.shape[-1], dtype=x.dtype)
    return F.pad(F.conv1d(x, weight, bias, dilation=dilation), (left, 0))


@misconception(
    "causal_conv",
    "first-step-repeated",
    says="You repeat the first step before the sequence. By the contract steps before the first count as zeros.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0), mode="replicate"), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "wrapped-round",
    says="You wrap the sequence round, so its end stands before its beginning. That is the future by a back door; zeros belong there.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    before = torch.cat([x] * (left // x.shape[-1] + 1), dim=-1)
    before = before[:, :, before.shape[-1] - left :]
    return F.conv1d(torch.cat([before, x], dim=-1), weight, bias, dilation=dilation)


@misconception(
    "causal_conv",
    "taps-too-far",
    says="Your taps stand dilation + 1 steps apart. Dilation 1 means neighbours, so a dilation of d is a distance of d.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * (dilation + 1)
    return F.conv1d(F.pad(x, (left, 0)), weight, bias, dilation=dilation + 1)


@misconception(
    "causal_conv",
    "channels-averaged",
    says="You average over the input channels. A convolution adds them: every channel has weights of its own.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (left, 0)), weight / x.shape[1], bias, dilation=dilation)


@misconception(
    "causal_conv",
    "relu-added",
    says="You apply a ReLU to the result. The task asks for the convolution alone, which may be negative.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.relu(F.conv1d(F.pad(x, (left, 0)), weight, bias, dilation=dilation))


@misconception(
    "causal_conv",
    "weights-added",
    says="You add the weights of all taps and multiply the present step by their sum. Each tap has a step of its own to read.",
)
def causal_conv(x, weight, bias, dilation):
    return F.conv1d(x, weight.sum(dim=-1, keepdim=True), bias)


@misconception(
    "causal_conv",
    "detached",
    says="No gradient passes through your convolution: it is cut off from its input or its weights. Leave out detach, data and no_grad.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    y = F.conv1d(F.pad(x, (left, 0)), weight, bias, dilation=dilation)
    return y.detach().requires_grad_()


@misconception(
    "causal_conv",
    "time-reversed",
    says="You turn the sequence round, pad, and turn it back. Each output then reads the future instead of the past.",
)
def causal_conv(x, weight, bias, dilation):
    left = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x.flip(-1), (left, 0)), weight, bias, dilation=dilation).flip(-1)


@misconception(
    "plan",
    "field-one-convolution",
    says="You count one convolution a block. A block has two, and each widens the field.",
)
def field_of(kernel_size, dilations):
    return 1 + (kernel_size - 1) * sum(dilations)


@misconception(
    "plan",
    "field-multiplied",
    says="You multiply the fields of the layers. Each convolution adds (k - 1) times its dilation to the field.",
)
def field_of(kernel_size, dilations):
    field = 1
    for d in dilations:
        field *= (1 + (kernel_size - 1) * d) ** 2
    return field


@misconception(
    "plan",
    "field-k-steps",
    says="You add k times the dilation for each convolution. Between k taps lie k - 1 distances.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * kernel_size * sum(dilations)


@misconception(
    "plan",
    "field-without-itself",
    says="Your field is one step too small: the output step itself belongs to it.",
)
def field_of(kernel_size, dilations):
    return 2 * (kernel_size - 1) * sum(dilations)


@misconception(
    "plan",
    "field-doubling-assumed",
    says="You take the dilations to be 1, 2, 4, ... and count the blocks only. Add up the dilations that are given.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * (kernel_size - 1) * (2 ** len(dilations) - 1)


@misconception(
    "plan",
    "field-dilation-ignored",
    says="You count every convolution as if its taps were neighbours. With dilation d it adds d times as much.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * (kernel_size - 1) * len(dilations)


@misconception(
    "plan",
    "field-last-block",
    says="You count the last block only. The blocks before it widen the field as well, they add up.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * (kernel_size - 1) * dilations[-1]


@misconception(
    "plan",
    "field-largest-block",
    says="You count the block with the largest dilation only. All blocks add to the field.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * (kernel_size - 1) * max(dilations)


@misconception(
    "plan",
    "field-one-for-each",
    says="You add the 1 of the output step for each block. It is one and the same step, so it counts once.",
)
def field_of(kernel_size, dilations):
    return sum(1 + 2 * (kernel_size - 1) * d for d in dilations)


@misconception(
    "plan",
    "field-ones-for-each-convolution",
    says="You add up the fields of all convolutions. Each after the first adds only what it has beyond one step.",
)
def field_of(kernel_size, dilations):
    return sum(2 * (1 + (kernel_size - 1) * d) for d in dilations)


@misconception(
    "plan",
    "field-second-without-dilation",
    says="You count the second convolution of a block without its dilation. Both convolutions of a block have the block's dilation.",
)
def field_of(kernel_size, dilations):
    return 1 + (kernel_size - 1) * sum(d + 1 for d in dilations)


@misconception(
    "plan",
    "field-half",
    says="You count half of each span, as for a window that is centred. A causal window has all its taps on one side.",
)
def field_of(kernel_size, dilations):
    return 1 + 2 * ((kernel_size - 1) // 2) * sum(dilations)


@misconception(
    "plan",
    "field-windows-side-by-side",
    says="You add up whole windows of k times the dilation and start from nothing. A convolution adds k - 1 distances of d steps, and the output step itself counts once.",
)
def field_of(kernel_size, dilations):
    return 2 * kernel_size * sum(dilations)


@misconception(
    "plan",
    "field-product-of-dilations",
    says="You multiply the dilations. Each convolution adds to the field, so dilations are added up.",
)
def field_of(kernel_size, dilations):
    product = 1
    for d in dilations:
        product *= d
    return 1 + 2 * (kernel_size - 1) * product


@misconception(
    "plan",
    "field-squared-blocks",
    says="You let the second convolution of a block multiply the first one's span. It adds the same number of steps once more.",
)
def field_of(kernel_size, dilations):
    return 1 + sum(((kernel_size - 1) * d) ** 2 for d in dilations)


@misconception(
    "plan",
    "schedule-field-must-exceed",
    says="You go on until the field is larger than what is wanted, or you count the field one step too small. A field that is reached exactly is enough, and the output step belongs to it.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) <= wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-one-convolution",
    says="You count one convolution a block when you look whether the field is reached, so you take too many blocks. A block has two.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-k-steps",
    says="You count k steps for each convolution instead of k - 1, so you stop too early.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * kernel_size * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-cap-excluded",
    says="You never use the cap itself. A dilation may not be larger than cap, but it may be equal to it.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] < cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-stays-at-cap",
    says="At the cap your dilations stop growing and stay there. The block behind it begins again with 1.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(min(2 * dilations[-1], cap))
    return dilations


@misconception(
    "plan",
    "schedule-cap-ignored",
    says="Your dilations grow beyond the cap. Where doubling would lead beyond it, the next block begins again with 1.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1])
    return dilations


@misconception(
    "plan",
    "schedule-linear",
    says="Your dilations grow by one from block to block. They double.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(dilations[-1] + 1 if dilations[-1] + 1 <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-times-k",
    says="Your dilations grow by the factor k. That is another good schedule, but here they double.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(kernel_size * dilations[-1] if kernel_size * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-begins-with-two",
    says="Your first dilation is 2. The first block reads neighbours: it begins with 1.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [2]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-begins-again-with-two",
    says="Behind the cap you go on with 2. The next block begins again with 1.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else min(2, cap))
    return dilations


@misconception(
    "plan",
    "schedule-may-be-empty",
    says="For a wanted field of 1 you return no block. There is at least one.",
)
def schedule(wanted, kernel_size, cap):
    dilations = []
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        following = 2 * dilations[-1] if dilations else 1
        dilations.append(following if following <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-one-too-few",
    says="Your last block is missing: without it the field is too small.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations[:-1] or [1]


@misconception(
    "plan",
    "schedule-reversed",
    says="Your dilations stand in reverse. The first block has dilation 1, the doubling comes behind it.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations[::-1]


@misconception(
    "plan",
    "schedule-exponents",
    says="You return the exponents 0, 1, 2, ... The dilations are the powers of two.",
)
def schedule(wanted, kernel_size, cap):
    exponents = [0]
    while 1 + 2 * (kernel_size - 1) * sum(2**e for e in exponents) < wanted:
        exponents.append(exponents[-1] + 1 if 2 ** (exponents[-1] + 1) <= cap else 0)
    return exponents


@misconception(
    "plan",
    "schedule-last-block-only",
    says="You look at the newest block alone when you ask whether the field is reached. The blocks before it add to the field.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * dilations[-1] < wanted and len(dilations) < 40:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return dilations


@misconception(
    "plan",
    "schedule-whole-cycles",
    says="You add whole cycles 1, 2, ... up to the cap. Stop at the first block that reaches the field.",
)
def schedule(wanted, kernel_size, cap):
    cycle = [1]
    while 2 * cycle[-1] <= cap and 1 + 2 * (kernel_size - 1) * sum(cycle) < wanted:
        cycle.append(2 * cycle[-1])
    dilations = list(cycle)
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations += cycle
    return dilations


@misconception(
    "plan",
    "schedule-last-block-shrunk",
    says="You make the last dilation smaller, so that the field fits exactly. By the contract the dilations double, and a larger field does no harm.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        missing = -(-(wanted - 1 - 2 * (kernel_size - 1) * sum(dilations)) // (2 * (kernel_size - 1)))
        following = 2 * dilations[-1] if 2 * dilations[-1] <= cap else 1
        dilations.append(min(following, missing))
    return dilations


@misconception(
    "plan",
    "schedule-dilation-twice",
    says="You write each dilation twice, once for each convolution. The list has one entry a block, and a block has two convolutions of the same dilation.",
)
def schedule(wanted, kernel_size, cap):
    dilations = [1]
    while 1 + 2 * (kernel_size - 1) * sum(dilations) < wanted:
        dilations.append(2 * dilations[-1] if 2 * dilations[-1] <= cap else 1)
    return [d for d in dilations for _ in range(2)]


@misconception(
    "plan",
    "schedule-clamped-late",
    says="You choose the number of blocks as if the dilations doubled for ever, and cut them to the cap afterwards. The field is then too small, and behind the cap the dilations begin again with 1.",
)
def schedule(wanted, kernel_size, cap):
    blocks = 1
    while 1 + 2 * (kernel_size - 1) * (2**blocks - 1) < wanted:
        blocks += 1
    return [min(2**block, cap) for block in range(blocks)]


@misconception(
    "plan",
    "schedule-all-ones",
    says="All your dilations are 1. They double from block to block up to the cap, which is what lets few blocks see far.",
)
def schedule(wanted, kernel_size, cap):
    return [1] * max(1, -(-(wanted - 1) // (2 * (kernel_size - 1))))


@misconception(
    "block",
    "no-last-relu",
    says="The ReLU behind the sum is missing. Without it your block can return negative numbers.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return h + self.shortcut(x)


@misconception(
    "block",
    "sum-inside-relu",
    says="Your second convolution has no ReLU of its own: you add the shortcut first and apply one ReLU to the sum. In this block there is one behind the convolution and another behind the sum.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = self.conv2(F.pad(h, (self.left, 0)))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "no-relu-between",
    says="The ReLU between the two convolutions is missing. Without it they are together one linear map.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = self.conv1(F.pad(x, (self.left, 0)))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "shortcut-not-added",
    says="Your block returns f(x) alone. The input, or its convolution with one tap, is added before the last ReLU.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + 0 * self.shortcut(x))


@misconception(
    "block",
    "no-shortcut",
    says="Your block returns f(x) alone. The input, or its convolution with one tap, is added before the last ReLU.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return h


@misconception(
    "block",
    "shortcut-always-a-convolution",
    says="Your shortcut is a convolution even where the channels are as many. There it is the identity, without parameters.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        self.shortcut = nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "shortcut-without-bias",
    says="The convolution of your shortcut has no bias. By the contract it has one.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "shortcut-with-k-taps",
    says="The convolution of your shortcut has as many taps as the others. It only brings the channels to their number, so one tap is enough.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.skip(x))

        def skip(self, x):
            narrow = isinstance(self.shortcut, nn.Identity)
            return x if narrow else self.shortcut(F.pad(x, (self.left, 0)))


@misconception(
    "block",
    "shortcut-with-relu",
    says="You apply a ReLU to the shortcut. It must be able to carry negative numbers to the sum.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + F.relu(self.shortcut(x)))


@misconception(
    "block",
    "shortcut-from-the-middle",
    says="Your shortcut begins behind the first convolution. It begins at the input of the block.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        y = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(y + h + 0 * self.shortcut(x))


@misconception(
    "block",
    "shortcut-subtracted",
    says="You subtract the shortcut. It is added to what the convolutions make.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h - self.shortcut(x))


@misconception(
    "block",
    "shortcut-multiplied",
    says="You multiply by the shortcut. A residual block adds it.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h * self.shortcut(x))


@misconception(
    "block",
    "shortcut-concatenated",
    says="You join f(x) and the shortcut along the channels. They are added, so the channels stay as many.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(torch.cat([h, self.shortcut(x)], dim=1))


@misconception(
    "block",
    "shortcut-detached",
    says="No gradient flows back through your shortcut. It is what carries gradients past the convolutions, so leave out detach and no_grad.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x).detach())


@misconception(
    "block",
    "same-padding",
    says="Your convolutions pad both ends alike, so the block reads the future. All zeros belong before the first step.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        pad = (self.left // 2, self.left - self.left // 2)
        h = F.relu(self.conv1(F.pad(x, pad)))
        h = F.relu(self.conv2(F.pad(h, pad)))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "wrong-end-chopped",
    says="Your block reads the future: its zeros stand behind the sequence, or you pad both ends and drop the first outputs. The zeros belong before each convolution.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        both = (self.left, self.left)
        h = F.relu(self.conv1(F.pad(x, both)))[:, :, self.left :]
        h = F.relu(self.conv2(F.pad(h, both)))[:, :, self.left :]
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "padded-at-once",
    says="You pad once, for both convolutions together. Then the second reads what the first made of zeros, which is its bias and not zero. Pad before each convolution.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (2 * self.left, 0))))
        h = F.relu(self.conv2(h))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "dilation-in-the-first-only",
    says="Your second convolution has no dilation. Both convolutions of a block have the same.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.conv2.kernel_size[0] - 1, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "dilation-doubled-inside",
    says="Your second convolution has twice the dilation of the first. The dilation doubles from block to block, not inside one.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=2 * dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (2 * self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "dilation-ignored",
    says="Your convolutions have no dilation: their taps are neighbours.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = kernel_size - 1
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "dilation-as-stride",
    says="You pass the dilation as the stride, so outputs are left out and the shortcut no longer fits. A dilation spreads the taps and keeps every step.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = kernel_size - 1
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, stride=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, stride=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "one-convolution",
    says="Your block has one convolution. It has two, each with a ReLU behind it.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "one-convolution-twice",
    says="You apply the same convolution twice. The two have weights of their own.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = (
            self.conv1
            if in_channels == out_channels
            else nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        )
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "second-convolution-takes-the-input",
    says="Your second convolution takes the input's channels: it is built for them, or it is the first one again. It reads what the first one made, which has the output's.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "parallel-convolutions",
    says="Both your convolutions read the input, and you add what they make. The second reads what the first has made.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        g = F.relu(self.conv2(F.pad(x, (self.left, 0))))
        return F.relu(h + g + self.shortcut(x))


@misconception(
    "block",
    "convolutions-without-bias",
    says="Your two convolutions have no bias. With no norm behind them they need one.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation, bias=False)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation, bias=False)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "batch-norm-added",
    says="You add batch norm. This block has none, and statistics over the whole sequence would let the future in while training.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)
        self.norm = nn.BatchNorm1d(out_channels)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(self.norm(h) + self.shortcut(x))


@misconception(
    "block",
    "dropout-added",
    says="Your block has dropout, as the chapter's has. Here it has none: the same input gives the same output, also while it is trained.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        h = self.dropout(F.relu(self.conv1(F.pad(x, (self.left, 0)))))
        h = self.dropout(F.relu(self.conv2(F.pad(h, (self.left, 0)))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "weight-norm-added",
    says="Your convolutions have weight norm, as the chapter's have. Here they have none, and no parameters but weights and biases.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        norm = nn.utils.parametrizations.weight_norm
        self.conv1 = norm(nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation))
        self.conv2 = norm(nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation))
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "convolutions-in-a-list",
    says="You keep the convolutions in a Python list, where the module does not find their parameters, and no optimizer will. Make each an attribute, or use nn.ModuleList.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.convs = [
            nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation),
            nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation),
        ]
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = x
        for conv in self.convs:
            h = F.relu(conv(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "narrow-inside",
    says="Your first convolution keeps the input's channels, and the second brings them to the output's. Here the first does so.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, in_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.conv1(F.pad(x, (self.left, 0))))
        h = F.relu(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "block",
    "pre-activation",
    says="You apply the ReLU before each convolution and none behind the sum, as in a later kind of residual block. Here each ReLU stands behind.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = self.conv1(F.pad(F.relu(x), (self.left, 0)))
        h = self.conv2(F.pad(F.relu(h), (self.left, 0)))
        return h + self.shortcut(x)


@misconception(
    "block",
    "tanh-for-relu",
    says="You use tanh where the block has a ReLU.",
)
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv1 = nn.Conv1d(in_channels, out_channels, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(out_channels, out_channels, kernel_size, dilation=dilation)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x):
        h = torch.tanh(self.conv1(F.pad(x, (self.left, 0))))
        h = torch.tanh(self.conv2(F.pad(h, (self.left, 0))))
        return F.relu(h + self.shortcut(x))


@misconception(
    "proof",
    "reach-turned-round",
    says="Your rows and columns are swapped. Rows are output steps, columns input steps.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return (jacobian.abs().amax(dim=(0, 1, 3, 4)) > 0).T


@misconception(
    "proof",
    "reach-output-channels-added",
    says="You add the gradients of the output channels before you look. Two channels that are each other's negative cancel; ask each alone.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.sum(dim=1).abs().amax(dim=(0, 2, 3)) > 0


@misconception(
    "proof",
    "reach-input-channels-added",
    says="You add the gradients over the input channels before you look. Opposite signs cancel; a gradient at any channel counts.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.sum(dim=4).abs().amax(dim=(0, 1, 3)) > 0


@misconception(
    "proof",
    "reach-everything-added",
    says="You add the gradients of all channels and sequences before you look whether the sum is zero. Gradients of opposite sign cancel.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.sum(dim=(0, 1, 3, 4)) != 0


@misconception(
    "proof",
    "reach-first-output-channel",
    says="You look at the first output channel only. A step is reached if any channel depends on it.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian[:, 0].abs().amax(dim=(0, 2, 3)) > 0


@misconception(
    "proof",
    "reach-first-input-channel",
    says="You look at the first input channel only. A step is reached if any of its channels matters.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian[:, :, :, :, 0].abs().amax(dim=(0, 1, 3)) > 0


@misconception(
    "proof",
    "reach-first-sequence",
    says="You look at the first sequence only. A ReLU may be asleep in one sequence of the batch and awake in another.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian[0, :, :, 0].abs().amax(dim=(0, 2)) > 0


@misconception(
    "proof",
    "reach-positive-only",
    says="You count positive gradients only. A negative gradient is a dependence as well.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.amax(dim=(0, 1, 3, 4)) > 0


@misconception(
    "proof",
    "reach-with-a-threshold",
    says="You let small gradients count as none. A gradient of a thousand-millionth still shows a dependence; where there is none, the gradient is exactly zero.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.abs().amax(dim=(0, 1, 3, 4)) > 1e-6


@misconception(
    "proof",
    "reach-all-channels",
    says="You ask that all channels depend on a step. One is enough.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return (jacobian != 0).flatten(3, 4).all(dim=3).all(dim=1).any(dim=0)


@misconception(
    "proof",
    "reach-gradients-returned",
    says="You return gradients. Asked is where they are not zero: true or false.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.abs().amax(dim=(0, 1, 3, 4))


@misconception(
    "proof",
    "reach-where-zero",
    says="You mark the steps whose gradient is zero. Those are the ones that are not reached.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.detach())
    return jacobian.abs().amax(dim=(0, 1, 3, 4)) == 0


@misconception(
    "proof",
    "reach-taken-for-granted",
    says="You return a lower triangle without asking the model. That assumes what is to be proved.",
)
def reach(model, x):
    y = model(x.detach())
    return torch.ones(y.shape[-1], x.shape[-1]).tril().bool()


@misconception(
    "proof",
    "reach-last-step-only",
    says="You look at the last output step only. Every output step has a row of its own.",
)
def reach(model, x):
    x = x.detach().clone().requires_grad_()
    y = model(x)
    (gradient,) = torch.autograd.grad(y[:, :, -1].sum(), x)
    return (gradient != 0).any(dim=1).any(dim=0).expand(y.shape[-1], -1)


@misconception(
    "proof",
    "reach-accumulated",
    says="You never clear the gradient from one output step to the next, so each row holds all rows before it too.",
)
def reach(model, x):
    x = x.detach().clone().requires_grad_()
    y = model(x)
    total, rows = torch.zeros_like(x), []
    for t in range(y.shape[-1]):
        for k in range(y.shape[1]):
            total = total + torch.autograd.grad(y[:, k, t].sum(), x, retain_graph=True)[0].abs()
        rows.append((total != 0).any(dim=1).any(dim=0))
    return torch.stack(rows)


@misconception(
    "proof",
    "reach-backward-called",
    says="You call backward, which adds to the gradients of the model's parameters. The contract asks to leave them as they are: use torch.autograd.grad.",
)
def reach(model, x):
    copy = x.detach().clone().requires_grad_()
    y = model(copy)
    rows = []
    for t in range(y.shape[-1]):
        row = torch.zeros(x.shape[-1], dtype=torch.bool)
        for k in range(y.shape[1]):
            copy.grad = None
            y[:, k, t].sum().backward(retain_graph=True)
            row = row | (copy.grad != 0).any(dim=1).any(dim=0)
        rows.append(row)
    return torch.stack(rows)


@misconception(
    "proof",
    "reach-gradients-set-to-zero",
    says="You set the gradients of the model's parameters to zero. The contract asks to leave them as they are: use torch.autograd.grad, which touches none.",
)
def reach(model, x):
    copy = x.detach().clone().requires_grad_()
    y = model(copy)
    rows = []
    for t in range(y.shape[-1]):
        row = torch.zeros(x.shape[-1], dtype=torch.bool)
        for k in range(y.shape[1]):
            if isinstance(model, nn.Module):
                model.zero_grad()
            copy.grad = None
            y[:, k, t].sum().backward(retain_graph=True)
            row = row | (copy.grad != 0).any(dim=1).any(dim=0)
        rows.append(row)
    if isinstance(model, nn.Module):
        model.zero_grad()
    return torch.stack(rows)


@misconception(
    "proof",
    "reach-input-marked",
    says="You switch on gradients for the tensor that was handed to you and leave it so. Work on a copy.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.requires_grad_())
    return jacobian.abs().amax(dim=(0, 1, 3, 4)) > 0


@misconception(
    "proof",
    "reach-square-assumed",
    says="You build as many rows as the input has steps. The output may have fewer.",
)
def reach(model, x):
    x = x.detach().clone().requires_grad_()
    y = model(x)
    rows = []
    for t in range(x.shape[-1]):
        row = torch.zeros(x.shape[-1], dtype=torch.bool)
        for k in range(y.shape[1]):
            (gradient,) = torch.autograd.grad(y[:, k, t].sum(), x, retain_graph=True)
            row = row | (gradient != 0).any(dim=1).any(dim=0)
        rows.append(row)
    return torch.stack(rows)


@misconception(
    "proof",
    "reach-output-looked-at",
    says="You look where the output is not zero. A dependence shows in the gradient, not in the value.",
)
def reach(model, x):
    y = model(x.detach())
    return (y != 0).any(dim=1).any(dim=0)[:, None].expand(-1, x.shape[-1])


@misconception(
    "proof",
    "reach-outputs-summed",
    says="You differentiate the sum of all output steps, so all your rows are alike. Each output step needs a gradient of its own.",
)
def reach(model, x):
    x = x.detach().clone().requires_grad_()
    y = model(x)
    (gradient,) = torch.autograd.grad(y.abs().sum(), x)
    return (gradient != 0).any(dim=1).any(dim=0).expand(y.shape[-1], -1)


@misconception(
    "proof",
    "reach-zeros-tried",
    says="You take the gradient at zeros instead of at x. There a ReLU passes nothing.",
)
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, torch.zeros_like(x))
    return jacobian.abs().amax(dim=(0, 1, 3, 4)) > 0


@misconception(
    "proof",
    "lookahead-into-the-past",
    says="You measure how far an output looks back: t - s. Ahead is s - t.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return max([0, *(t - s).tolist()])


@misconception(
    "proof",
    "lookahead-into-the-past-of-something",
    says="You measure how far an output looks back: t - s. Ahead is s - t.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return max(0, int((t - s).max()))


@misconception(
    "proof",
    "lookahead-both-ways",
    says="You take the distance without its sign. Only inputs later than the output count.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return max([0, *(s - t).abs().tolist()])


@misconception(
    "proof",
    "lookahead-counted",
    says="You count the entries above the diagonal. Asked is how many steps the farthest of them lies ahead.",
)
def lookahead(reached):
    return int(reached.triu(1).sum())


@misconception(
    "proof",
    "lookahead-in-one-row",
    says="You count the entries above the diagonal in the row that has most. Entries need not stand side by side: take the farthest.",
)
def lookahead(reached):
    return int(reached.triu(1).sum(dim=1).max())


@misconception(
    "proof",
    "lookahead-yes-or-no",
    says="You say whether there is any look ahead. Asked is by how many steps.",
)
def lookahead(reached):
    return int(reached.triu(1).any())


@misconception(
    "proof",
    "lookahead-negative",
    says="You return a negative number where a model reads only the past, or fail where nothing is reached. Then the answer is 0.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return int((s - t).max()) if len(s) else -1


@misconception(
    "proof",
    "lookahead-negative-and-empty",
    says="You return a negative number where a model reads only the past, or fail where nothing is reached. Then the answer is 0.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return int((s - t).max())


@misconception(
    "proof",
    "lookahead-empty",
    says="Your function fails where nothing is reached at all. The answer is 0 there.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return max(0, int((s - t).max()))


@misconception(
    "proof",
    "lookahead-one-more",
    says="Your answer is one too large: you count the present step. Reading step t for output t is no look ahead.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    return max([0, *(s - t + 1).tolist()])


@misconception(
    "proof",
    "lookahead-first-row",
    says="You look at the first row only. A later output may look further ahead.",
)
def lookahead(reached):
    s = reached[:1].nonzero(as_tuple=True)[1]
    return max([0, *s.tolist()])


@misconception(
    "proof",
    "lookahead-nearest",
    says="You take the smallest look ahead. Asked is the largest.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    ahead = (s - t)[s > t].tolist()
    return min(ahead) if ahead else 0


@misconception(
    "proof",
    "lookahead-last-column",
    says="You return the last input step that is reached, wherever the output stands. Subtract the step of the output.",
)
def lookahead(reached):
    s = reached.nonzero(as_tuple=True)[1]
    return max([0, *s.tolist()])


@misconception(
    "proof",
    "lookahead-rows-counted",
    says="You count the output steps that look ahead. Asked is by how many steps.",
)
def lookahead(reached):
    return int(reached.triu(1).any(dim=1).sum())


@misconception(
    "proof",
    "lookahead-mean",
    says="You average over the rows. Asked is the largest.",
)
def lookahead(reached):
    t, s = reached.nonzero(as_tuple=True)
    ahead = (s - t).clamp(min=0).float()
    return float(ahead.mean()) if len(ahead) else 0


@misconception(
    "proof",
    "lookahead-square-assumed",
    says="Your loop takes the tensor to be square. An output may have fewer steps than its input.",
)
def lookahead(reached):
    n = len(reached)
    return max([s - t for t in range(n) for s in range(t, n) if reached[t, s]], default=0)


@misconception(
    "stream",
    "kernel-turned",
    says="Your first weight meets the newest step. By the contract the last one does.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, tap].T
        return y


@misconception(
    "stream",
    "dilation-ignored",
    says="You read the k newest steps, side by side. From tap to tap you must go back by dilation steps.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "memory-grows",
    says="Your memory grows with every step. Drop what no later step will read.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "tensor-not-copied",
    says="You keep the tensor you were given, not a copy. The caller writes the next step into it, and your past changes with it.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "past-shared",
    says="All your streams share one past: it belongs to the class, or is a default value that is made once. Make it in __init__.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        if not hasattr(Streamer, "past"):
            Streamer.past = []

    def step(self, x):
        self.past.append(x.clone())
        del self.past[: -self.keep]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "bias-forgotten",
    says="The bias is missing from your output. It is added once to each output step.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = 0 * self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "bias-for-each-tap",
    says="You add the bias once for each tap. It is added once to an output.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = 0
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T + self.bias
        return y


@misconception(
    "stream",
    "present-left-out",
    says="You compute the output before you keep the new step, so it does not read the present. The last weight belongs to it.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        y = self.bias.expand(len(x), -1)
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        self.past = [*self.past, x.clone()][-self.keep :]
        return y


@misconception(
    "stream",
    "one-step-too-many",
    says="You keep one step more than any output reads. The oldest that is needed came (k - 1) d steps ago, and with the newest that makes (k - 1) d + 1.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 2
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "one-step-too-few",
    says="You keep (k - 1) d steps, and the newest is one of them, so the first weight finds nothing. One more is needed.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = max(1, (weight.shape[-1] - 1) * dilation)
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "one-step-too-few-in-a-deque",
    says="You keep (k - 1) d steps, and the newest is one of them, so the first weight finds nothing. One more is needed.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.past = deque(maxlen=(weight.shape[-1] - 1) * dilation)

    def step(self, x):
        self.past.append(x.clone())
        y = self.bias.expand(len(x), -1)
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(self.past):
                y = y + self.past[-1 - lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "only-k-steps-kept",
    says="You keep the k newest steps. With dilation the first weight reads (k - 1) d steps back, and you have dropped that one.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = weight.shape[-1]
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "waits-until-full",
    says="You return the bias alone until your memory is full. From the first step on there is a present to read; what was before counts as zeros.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias.expand(len(x), -1)
        if len(self.past) < self.keep:
            return y
        for tap in range(self.weight.shape[-1]):
            y = y + self.past[-1 - tap * self.dilation] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "oldest-for-missing",
    says="Where a step is missing at the start you read the oldest that you have. Before the first step everything was zero.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if True:
                y = y + newest_first[min(lag, len(newest_first) - 1)] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "outputs-kept",
    says="You keep your outputs and read them as if they were inputs. That makes a recurrent network; a convolution reads inputs.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        y = self.bias + x @ self.weight[:, :, -1].T
        for tap in range(1, self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag <= len(self.past) and self.past[-lag].shape[1] == self.weight.shape[1]:
                y = y + self.past[-lag] @ self.weight[:, :, -1 - tap].T
        self.past = [*self.past, y.clone()][-self.keep + 1 :] if self.keep > 1 else []
        return y


@misconception(
    "stream",
    "dilation-as-stride",
    says="You compute a new output only at every d-th step and repeat it in between. A dilation spreads the taps; every step has an output of its own.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []
        self.count, self.y = 0, None

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        self.count += 1
        if self.y is not None and (self.count - 1) % self.dilation:
            return self.y
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        self.y = y
        return y


@misconception(
    "stream",
    "an-axis-too-many",
    says="You return an axis of time of length 1. One step in, one step out: (B, K).",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y[:, :, None]


@misconception(
    "stream",
    "oldest-first",
    says="You read your memory from the wrong end: the oldest step meets the last weight.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "first-weight-to-the-oldest-that-there-is",
    says="Your first weight meets the oldest step that you have. While fewer steps than it looks back have come, that is the wrong one: count back from the newest, or fill the memory with zeros at the start.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.past = deque(maxlen=(weight.shape[-1] - 1) * dilation + 1)

    def step(self, x):
        self.past.append(x.clone())
        taps = zip(list(self.past)[:: self.dilation], self.weight.unbind(2), strict=False)
        return self.bias + sum(past @ weight.T for past, weight in taps)


@misconception(
    "stream",
    "forgets-everything",
    says="You keep nothing of the past, so each output reads the present only.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [x.clone()]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return y


@misconception(
    "stream",
    "relu-added",
    says="You apply a ReLU. The task asks for the convolution alone.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        y = self.bias
        newest_first = self.past[::-1]
        for tap in range(self.weight.shape[-1]):
            lag = tap * self.dilation
            if lag < len(newest_first):
                y = y + newest_first[lag] @ self.weight[:, :, -1 - tap].T
        return F.relu(y)


@misconception(
    "stream",
    "past-averaged",
    says="You average what is kept. Each weight meets the step it belongs to.",
)
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.keep = (weight.shape[-1] - 1) * dilation + 1
        self.past = []

    def step(self, x):
        self.past = [*self.past, x.clone()][-self.keep :]
        mean = torch.stack(self.past).mean(dim=0)
        return self.bias + mean @ self.weight.sum(dim=-1).T
