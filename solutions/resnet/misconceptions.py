"""Wrong answers to the exercise `resnet`, each with the line of thought behind it. Each must lose its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "ResidualBlock",
    "relu-before-the-sum",
    says="Your block takes the ReLU of the branch before it adds the shortcut. Then the branch can only add and never "
    "take away, and the path grows from block to block. The last ReLU belongs after the sum.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return x + F.relu(self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "no-relu-after-the-sum",
    says="Your output still has negative values: the ReLU after the sum is missing. The later order of task 6 has none "
    "there; this block does.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return x + self.norm2(self.conv2(h))


@misconception(
    "ResidualBlock",
    "concatenated",
    says="Your output has twice as many channels as the input: you put x and f(x) side by side (concatenation, as "
    "DenseNet does) where a residual block adds them.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(torch.cat([x, self.norm2(self.conv2(h))], dim=1))


@misconception(
    "ResidualBlock",
    "shortcut-from-the-activated-input",
    says="You add relu(x) where x itself belongs: the shortcut starts behind an activation, so what was negative in the "
    "input is lost before the sum.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(F.relu(x) + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "input-overwritten",
    says="What you add is no longer the input: x was overwritten on its way through the branch (x = relu(...)), so the "
    "shortcut starts behind the first convolution. Give the branch a name of its own, such as h.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(x)))


@misconception(
    "ResidualBlock",
    "sum-forgotten",
    says="Your block returns relu(f(x)): a plain pair of convolutions. The input is not added anywhere.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "biases-before-the-norms",
    says="Your convolutions have biases. The batch norm behind each one subtracts the mean and the bias with it, so they "
    "are parameters without effect: pass bias=False.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "padding-forgotten",
    says="Your convolutions have no padding, so each one takes a row and a column off every edge. On small images the sum "
    "goes through all the same, by broadcasting. Pass padding=1.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "input-changed-in-place",
    says="Your block changes its input in place (x += ...). Whoever passed it may still need it, and so may the backward "
    "pass. Write x + ..., which makes a new tensor.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        x += self.norm2(self.conv2(h))
        return F.relu(x)


@misconception(
    "DownBlock",
    "strided-projection",
    says="Your shortcut strides in its 1x1 convolution, as the original paper does, and so never sees most of the "
    "pixels. This task wants them averaged first.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "no-norm-on-the-projection",
    says="There is no batch norm behind your projection. The two terms of the sum then have different sizes: the branch "
    "is normalised and the shortcut is not.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False))

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "stride-on-the-second-convolution",
    says="Your stride stands on the second 3x3 convolution of the branch, so the first one works on the large image, "
    "which costs more and gives other values. It belongs on the first.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "projection-everywhere",
    says="You project even where the shapes agree. A block with stride 1 and as many channels out as in needs no "
    "parameters on its shortcut: there x itself is added.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(stride),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "channels-alone-decide",
    says="Your block projects only where the channels change. With stride 2 and equal channels, input and output differ "
    "in size all the same, and the shortcut has to follow.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "relu-on-the-shortcut",
    says="Your shortcut ends in a ReLU of its own. The two paths are added first; one ReLU follows the sum.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
                nn.ReLU(),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "expansion-forgotten",
    says="Your block ends with `hidden` channels. The last 1x1 convolution has to restore: it gives hidden times "
    "expansion channels, and the shortcut has to match them.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, hidden, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(hidden)
        self.shortcut = nn.Identity()
        if in_channels != hidden:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "relu-before-the-sum",
    says="Your branch ends in a ReLU, so it can only add to the path and never take away. The third ReLU belongs after "
    "the sum.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h))) + self.shortcut(x)


@misconception(
    "GroupedBottleneck",
    "groups-ignored",
    says="Your 3x3 convolution is not split: every output channel still sees every input channel. Pass groups on to it.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "no-norm-on-the-projection",
    says="There is no batch norm behind the 1x1 convolution of your shortcut, so the two terms of the sum have different "
    "sizes.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "expansion-fixed",
    says="Your output always has four times `hidden` channels. Four is the default only: use the argument expansion.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = 4 * hidden
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "bottleneck_cost",
    "norms-forgotten",
    says="Your parameters are the weights of the convolutions alone. Each of the three batch norms adds two numbers a "
    "channel.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights, weights * side * side


@misconception(
    "bottleneck_cost",
    "groups-ignored",
    says="Your count leaves the groups out: with g groups each output channel of the 3x3 convolution sees only hidden / "
    "g input channels.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "groups-counted-twice",
    says="You divide by the groups twice. Each group has hidden / g inputs and hidden / g outputs, but there are g "
    "groups, so one of the divisions cancels.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * (hidden // groups) ** 2
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "last-expansion-forgotten",
    says="Your last 1x1 convolution goes from hidden to hidden channels. It has to restore all the channels of the path, "
    "so it weighs as much as the first.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + 9 * hidden * hidden // groups + hidden * hidden
    return weights + 6 * hidden, weights * side * side


@misconception(
    "bottleneck_cost",
    "multiplications-and-additions",
    says="Your second number is twice too large: you count multiplications and additions apart. One multiply-add is one "
    "of each.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 4 * hidden + 2 * channels, 2 * weights * side * side


@misconception(
    "bottleneck_cost",
    "one-side-only",
    says="You multiply by the side once. The output has side times side pixels, and every weight is used at each.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 4 * hidden + 2 * channels, weights * side


@misconception(
    "silence",
    "bias-stays",
    says="You set the weight of the last batch norm to zero and left its bias. The branch of a trained block then gives "
    "that bias everywhere: a constant, but not zero.",
)
def silence(block):
    nn.init.zeros_(block.branch[-1].weight)


@misconception(
    "silence",
    "weight-stays",
    says="You set the bias of the last batch norm to zero and left its weight, so the branch still passes on everything "
    "that is normalised.",
)
def silence(block):
    nn.init.zeros_(block.branch[-1].bias)


@misconception(
    "silence",
    "everything-zeroed",
    says="You zeroed every parameter of the branch. It gives zero, but it is dead: with zero weights everywhere no "
    "gradient arrives at the last batch norm's weight, and what the convolutions had learned is gone. Touch the last "
    "layer only.",
)
def silence(block):
    with torch.no_grad():
        for parameter in block.branch.parameters():
            parameter.zero_()


@misconception(
    "silence",
    "last-convolution-zeroed",
    says="You zeroed the last convolution. The batch norm behind it still subtracts the mean it has stored and adds its "
    "bias, so the branch gives something else than zero.",
)
def silence(block):
    nn.init.zeros_(block.branch[3].weight)


@misconception(
    "silence",
    "wrong-norm",
    says="You zeroed the first batch norm of the branch. Behind it come another convolution and another batch norm, whose "
    "bias and stored mean still reach the sum.",
)
def silence(block):
    nn.init.zeros_(block.branch[1].weight)
    nn.init.zeros_(block.branch[1].bias)


@misconception(
    "silence",
    "layer-frozen",
    says="You switched off the gradients of the last batch norm (requires_grad). It gives zero, but no training step can "
    "ever change it: set its numbers inside torch.no_grad() and leave requires_grad as it is.",
)
def silence(block):
    for parameter in block.branch[-1].parameters():
        parameter.requires_grad_(False)
        parameter.zero_()


@misconception(
    "PreActivation",
    "relu-after-the-sum",
    says="Your block ends in a ReLU. In the later order nothing stands after the sum: a ReLU there would cut off every "
    "negative value on the path again.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return F.relu(x + self.conv2(F.relu(self.norm2(h))))


@misconception(
    "PreActivation",
    "shortcut-from-the-activated-input",
    says="You add the input after norm and ReLU. What is added has to be x itself; otherwise the path from block to "
    "block is normalised and cut at every step, which is what this order avoids.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        a = F.relu(self.norm1(x))
        h = self.conv1(a)
        return a + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "norm-after-the-convolution",
    says="Your order is convolution, norm, ReLU: that of the first paper. Here norm and ReLU come before each "
    "convolution, and the first norm has the channels of the input.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return x + self.norm2(self.conv2(h))


@misconception(
    "PreActivation",
    "relu-before-norm",
    says="Your ReLU comes before the batch norm. The norm then sees only values that are not negative and brings "
    "negative ones back; the order is norm first, ReLU second.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(self.norm1(F.relu(x)))
        return x + self.conv2(self.norm2(F.relu(h)))


@misconception(
    "PreActivation",
    "first-activation-forgotten",
    says="Your first convolution works on the normalised input without a ReLU. Both convolutions have norm and ReLU "
    "before them.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(self.norm1(x))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "wide_parameters",
    "projections-forgotten",
    says="Your count is short by the 1x1 shortcuts. Where a stage begins, the shape changes, and the shortcut is a "
    "convolution with weights of its own.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "norms-forgotten",
    says="Your count holds convolutions and the linear layer only. Each batch norm adds two parameters a channel: two "
    "norms in a block, one at the end.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 9 * c * w + 9 * w * w + (n - 1) * 18 * w * w + (c * w if c != w else 0)
        c = w
    return total + 10 * c + 10


@misconception(
    "wide_parameters",
    "stem-widened",
    says="You widen the first convolution too. It keeps its 16 channels at every width; only the three stages are "
    "widened.",
)
def wide_parameters(depth, width):
    n, c = (depth - 4) // 6, 16 * width
    total = 27 * c
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (n - 1) * (4 * w + 18 * w * w) + (c * w if c != w else 0)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "norms-behind-the-convolutions",
    says="You are off by the first batch norm of each stage. It stands before the convolution, so it has the channels "
    "that come in and not those of the stage.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 9 * c * w + 9 * w * w + 4 * w + (n - 1) * (4 * w + 18 * w * w) + (c * w if c != w else 0)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "cost-grows-with-the-width",
    says="Your blocks cost `width` times those of width 1. A convolution of k times as many channels on both sides has "
    "k times k times as many weights.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16, 32, 64):
        block = 2 * c + 9 * c * w + 2 * w + 9 * w * w + (n - 1) * (4 * w + 18 * w * w) + (c * w if c != w else 0)
        total += width * block
        c = w
    return total + width * (2 * c + 10 * c) + 10


@misconception(
    "wide_parameters",
    "first-block-always-projects",
    says="You count a 1x1 shortcut for the first block of every stage. At width 1, stage 1 has the 16 channels of the stem "
    "and no stride: the shape stays, and the shortcut is the identity.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + c * w + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "deepest",
    "budget-itself-excluded",
    says="A network that costs exactly the budget is affordable: compare with <=, not with <.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) < budget:
        depth += 6
    return depth - 6 if depth > 10 else 0


@misconception(
    "deepest",
    "first-that-does-not-fit",
    says="You return the first depth that does not fit. The one before it is the deepest that does.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) <= budget:
        depth += 6
    return depth


@misconception(
    "deepest",
    "smallest-taken-for-granted",
    says="You return a depth even where no network fits. If depth 10 costs more than the budget, the answer is 0.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth + 6, width) <= budget:
        depth += 6
    return depth


@misconception(
    "deepest",
    "every-depth-tried",
    says="You go up one layer at a time. Such networks exist only at depths 10, 16, 22 and so on: a block more in each "
    "of three stages, two convolutions each.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) <= budget:
        depth += 1
    return depth - 1 if depth > 10 else 0


@misconception(
    "deepest",
    "one-step-below-the-smallest",
    says="Where no network fits, you step back from depth 10 and return 4. No such network exists: the answer is 0.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) <= budget:
        depth += 6
    return depth - 6
