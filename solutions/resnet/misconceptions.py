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
    "ResidualBlock",
    "norm-after-the-sum",
    says="Your second batch norm works on the sum. Then the shortcut is normalised with the branch, and no longer "
    "passes untouched: the norm closes the branch, the sum comes after it.",
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
        return F.relu(self.norm2(x + self.conv2(h)))


@misconception(
    "ResidualBlock",
    "second-norm-forgotten",
    says="Your branch has no batch norm of its own behind the second convolution. One belongs there, before "
    "the sum: without it the branch may have any size next to x. The norm behind the first convolution "
    "cannot serve twice.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.conv2(h))


@misconception(
    "ResidualBlock",
    "relu-inside-the-branch-forgotten",
    says="There is no ReLU between your two convolutions. With nothing but linear steps between them, the two amount "
    "to one convolution.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = self.norm1(self.conv1(x))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "relu-before-and-after-the-sum",
    says="Your block takes a ReLU of the branch and another one of the sum. With the first, the branch can never take "
    "anything away from x. Two ReLUs are enough: one inside the branch, one after the sum.",
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
        return F.relu(x + F.relu(self.norm2(self.conv2(h))))


@misconception(
    "ResidualBlock",
    "relu-before-the-norm",
    says="Inside the branch your ReLU comes before the batch norm. The norm then makes negative values again, and the "
    "next convolution sees them. The order is convolution, norm, ReLU.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = self.norm1(F.relu(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "hidden-width-unused",
    says="Your convolutions go from channels to channels, and `hidden` is not used. The first one goes to `hidden` "
    "channels, the second one comes back from there.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "later-order",
    says="You built the later order, norm and ReLU before each convolution. That is the block of task 6. Here each "
    "convolution comes first, and a ReLU follows the sum.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "ResidualBlock",
    "difference-taken-literally",
    says="You subtract: relu(x - f(x)). The branch *learns* the difference between what is wanted and x, so it is "
    "added to x.",
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
        return F.relu(x - self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "shortcut-multiplied",
    says="You multiply x with the branch. A branch that gives zero would then erase the input, where a sum would let "
    "it pass.",
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
        return F.relu(x * self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "shortcut-detached",
    says="Your output is right, but the gradient does not come back through the shortcut: x is detached before the "
    "sum. The short way back to the early layers is half of what a shortcut is for.",
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
        return F.relu(x.detach() + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "norms-without-parameters",
    says="Your block holds no weights and biases of batch norms. Either affine=False takes them away, or forward makes "
    "fresh norms at each call. Make the norms in __init__ and leave them affine: the last weight is what lets a branch "
    "fade to zero.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden, affine=False)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels, affine=False)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "branch-added-to-itself",
    says="Your block adds f(x) to itself: x was overwritten step by step, so at the sum both terms are the "
    "branch and the input is lost. Give the branch a name of its own, such as h.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        return F.relu(x + x)


@misconception(
    "ResidualBlock",
    "concatenated-the-other-way",
    says="Your output has twice as many channels as the input: you put f(x) and x side by side, as DenseNet "
    "does. A residual block adds them, entry by entry.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(torch.cat([out, x], dim=1))


@misconception(
    "ResidualBlock",
    "super-forgotten",
    says="Your __init__ does not begin with super().__init__(). Without it a module has no place to keep its "
    "layers. Leave that line of the cell as it stands.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + x)


@misconception(
    "ResidualBlock",
    "layers-made-in-forward",
    says="Your block has no parameters that training could find. Either you make the layers inside forward, "
    "which draws fresh weights at each call, or they stand in a plain Python list. Make them once, in "
    "__init__, as attributes of self, in nn.Sequential or in nn.ModuleList.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.channels, self.hidden = channels, hidden

    def forward(self, x):
        c, h = self.channels, self.hidden
        f = nn.Sequential(
            nn.Conv2d(c, h, 3, padding=1, bias=False),
            nn.BatchNorm2d(h),
            nn.ReLU(),
            nn.Conv2d(h, c, 3, padding=1, bias=False),
            nn.BatchNorm2d(c),
        )
        return F.relu(x + f(x))


@misconception(
    "ResidualBlock",
    "shortcut-projected",
    says="Your shortcut passes x through a 1x1 convolution. Input and output have one shape here, so x is "
    "added as it is, without weights.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.p = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + self.p(x))


@misconception(
    "ResidualBlock",
    "second-convolution-stays-wide",
    says="Your second convolution ends at hidden channels. It has to come back to channels, else its output "
    "and x cannot be added where the two numbers differ.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(hidden)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + x)


@misconception(
    "ResidualBlock",
    "relu-module-for-function",
    says="nn.ReLU is a module: nn.ReLU(x) makes one and computes nothing. Write F.relu(x), or make nn.ReLU() "
    "first and call it.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = nn.ReLU(self.bn1(self.conv1(x)))
        return nn.ReLU(self.bn2(self.conv2(out)) + x)


@misconception(
    "ResidualBlock",
    "norm-for-vectors",
    says="BatchNorm1d is for vectors and sequences. Images have two more axes and need nn.BatchNorm2d, which "
    "takes mean and spread of each channel over images and pixels.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm1d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm1d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + x)


@misconception(
    "ResidualBlock",
    "norm-of-each-image",
    says="You normalise each image by itself (instance norm). A batch norm takes mean and spread over all "
    "images of the batch, and keeps running ones for evaluation.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.bn1 = nn.InstanceNorm2d(hidden, affine=True)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.bn2 = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + x)


@misconception(
    "ResidualBlock",
    "bias-on-the-first-convolution",
    says="One of your convolutions has a bias. The batch norm behind it subtracts the mean and the bias with it, so "
    "the bias has no effect: pass bias=False there too.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "bias-on-the-second-convolution",
    says="One of your convolutions has a bias. The batch norm behind it subtracts the mean and the bias with it, so "
    "the bias has no effect: pass bias=False there too.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "padding-forgotten-once",
    says="One of your 3x3 convolutions has no padding, so it takes a row and a column off every edge, and the branch "
    "no longer has the size of x. Pass padding=1 to both.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "first-norm-forgotten",
    says="Your block lacks a batch norm of `hidden` channels between the first convolution and the ReLU. Each of the two "
    "convolutions has a norm of its own behind it; one norm cannot serve twice.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.conv1(x))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "branch-left-out",
    says="Your block returns relu(x). It computes the branch, but the sum does not hold it: add what the second norm "
    "gives to x.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        F.relu(self.norm1(self.conv1(x)))
        return F.relu(x)


@misconception(
    "ResidualBlock",
    "second-convolution-left-out",
    says="Your second norm works on what comes out of the ReLU: the second convolution is made but not used.",
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
        return F.relu(x + self.norm2(h))


@misconception(
    "ResidualBlock",
    "first-convolution-left-out",
    says="Your first norm works on x itself: the first convolution is made but not used.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(x))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "first-half-returned",
    says="Your block returns what its first convolution, norm and ReLU give. The second half of the branch and the sum "
    "with x are missing.",
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
        return h


@misconception(
    "ResidualBlock",
    "first-convolution-turned-round",
    says="Your first convolution goes from `hidden` to `channels`. nn.Conv2d takes the number that comes in first, "
    "then the one that goes out: channels, hidden.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "second-convolution-turned-round",
    says="Your second convolution goes from `channels` to `hidden`, as the first one does. It comes back: hidden in, "
    "channels out.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


@misconception(
    "ResidualBlock",
    "norm-sizes-swapped",
    says="A batch norm of yours has the wrong size. It has the channels of what it gets: `hidden` behind the first "
    "convolution, `channels` behind the second, so neither can take the other's place.",
)
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


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
    says="Your projection has no batch norm of its own behind it. The two terms of the sum then have different "
    "sizes: the branch is normalised and the shortcut is not. A norm of the branch cannot serve twice: it "
    "measures other values.",
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
    says="Your block projects only where the channels change. Where the stride alone changes the shape, the shortcut is "
    "the same: average, 1x1 convolution, batch norm.",
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
    "average-alone",
    says="Your block projects only where the channels change. Where the stride alone changes the shape, the shortcut is "
    "the same: average, 1x1 convolution, batch norm.",
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
        self.shortcut = nn.Sequential(nn.AvgPool2d(stride))
        if in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, bias=False))
            self.shortcut.append(nn.BatchNorm2d(out_channels))

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
    "DownBlock",
    "maximum-for-mean",
    says="Your shortcut takes the largest pixel of each square. The task asks for the mean, so that every pixel "
    "counts.",
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
                nn.MaxPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "relu-before-the-sum",
    says="Your branch ends in a ReLU before the sum, so it can only add to the shortcut. The ReLU belongs after the "
    "sum.",
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
            )

    def forward(self, x):
        return F.relu(self.branch(x)) + self.shortcut(x)


@misconception(
    "DownBlock",
    "no-relu-after-the-sum",
    says="Your output has negative values: the ReLU after the sum is missing.",
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
            )

    def forward(self, x):
        return self.branch(x) + self.shortcut(x)


@misconception(
    "DownBlock",
    "sum-forgotten",
    says="Your block returns relu(f(x)). The shortcut is built and never added.",
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
            )

    def forward(self, x):
        return F.relu(self.branch(x))


@misconception(
    "DownBlock",
    "overlapping-windows",
    says="Your average runs over windows of 3 by 3 that overlap and take in zeros from beyond the edge. Each square "
    "of stride times stride pixels is averaged once.",
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
                nn.AvgPool2d(3, stride, padding=1),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "projection-3x3",
    says="Your shortcut projects by a 3x3 convolution, which mixes neighbouring pixels and costs nine times as much. "
    "A 1x1 changes the channels and nothing else.",
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
                nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "bias-on-the-projection",
    says="Your 1x1 convolution has a bias. The batch norm behind it takes the mean away and the bias with it: pass "
    "bias=False.",
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
                nn.Conv2d(in_channels, out_channels, 1),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "norm-before-the-projection",
    says="On your shortcut the batch norm stands before the 1x1 convolution and has C channels. It belongs behind it, "
    "with K channels, so that both terms of the sum are normalised.",
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
                nn.BatchNorm2d(in_channels),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "branch-averages-too",
    says="Your branch averages the image first and convolves the small one. Only the shortcut averages; the first "
    "convolution of the branch strides and sees the full image.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.AvgPool2d(stride),
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
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
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "second-norm-forgotten",
    says="A batch norm of your branch is missing. Each of its two convolutions has one behind it: the first before the "
    "ReLU, the second before the sum. The norm of the shortcut does not stand in for either.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
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
    "relu-inside-the-branch-forgotten",
    says="There is no ReLU between the two convolutions of your branch, so together they do no more than one could.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
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
    "stride-fixed-at-two",
    says="Your block always halves the image. The stride is an argument: with stride 1 the size stays, with stride 3 "
    "it falls to a third.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "narrow-inside",
    says="Your first convolution keeps C channels and the second one goes to K. The first goes from C to K, the "
    "second from K to K.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
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
    "averaged-and-strided",
    says="Your shortcut shrinks the image twice: it averages, and then its 1x1 convolution strides as well. "
    "After the average that convolution has stride 1.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.short = (
            nn.Identity()
            if stride == 1 and in_channels == out_channels
            else nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        )

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(h)) + self.short(x))


@misconception(
    "DownBlock",
    "averaged-last",
    says="Your shortcut projects and normalises at full size and averages at the end. The norm then measures "
    "other values than the averaged ones, and the projection costs stride times stride as much. Average "
    "first.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.short = (
            nn.Identity()
            if stride == 1 and in_channels == out_channels
            else nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels), nn.AvgPool2d(stride)
            )
        )

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(h)) + self.short(x))


@misconception(
    "DownBlock",
    "average-fixed-at-two",
    says="Your average takes squares of 2 by 2 pixels whatever the stride is. With stride 3 the two terms of "
    "the sum differ in size: use squares of stride by stride.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if stride == 1 and in_channels == out_channels:
            self.short = nn.Identity()
        else:
            parts = [] if stride == 1 else [nn.AvgPool2d(2)]
            self.short = nn.Sequential(
                *parts, nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(h)) + self.short(x))


@misconception(
    "DownBlock",
    "stride-alone-decides",
    says="With stride 1 and other channels in and out, your block adds x as it is. The shapes differ there as well: it "
    "must project where the image shrinks and where the channels change, each by itself.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if stride == 1:
            self.short = nn.Identity()
        else:
            self.short = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(h)) + self.short(x))


@misconception(
    "DownBlock",
    "both-convolutions-stride",
    says="Both of your 3x3 convolutions have the stride, so the branch shrinks the image twice. Only the first "
    "one has it.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.short = (
            nn.Identity()
            if stride == 1 and in_channels == out_channels
            else nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )
        )

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(h)) + self.short(x))


@misconception(
    "DownBlock",
    "bias-on-the-first-convolution",
    says="A convolution of your branch has a bias. The batch norm behind it takes it away again, so it is a parameter "
    "without effect: pass bias=False to each convolution.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "bias-on-the-second-convolution",
    says="A convolution of your branch has a bias. The batch norm behind it takes it away again, so it is a parameter "
    "without effect: pass bias=False to each convolution.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "biases-in-the-branch",
    says="Both convolutions of your branch have a bias. The batch norm behind each one takes it away again, so they "
    "are parameters without effect: pass bias=False.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "first-padding-forgotten",
    says="The first convolution of your branch has no padding, so it takes a row and a column off every edge before "
    "the stride halves what is left. Pass padding=1.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "second-padding-forgotten",
    says="The second convolution of your branch has no padding, so it takes a row and a column off every edge of the "
    "small image. Where a single pixel is left, the sum goes through all the same, by broadcasting. Pass "
    "padding=1.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "stride-forgotten",
    says="Your branch keeps the size of the image: neither of its convolutions has the stride. The first one has it, "
    "so that the second works on the small image.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "projects-where-both-differ",
    says="With stride 1 and other channels in and out, your block adds x as it is. The shapes differ there as well: it "
    "must project where the image shrinks and where the channels change, each by itself.",
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
        if stride != 1 and in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "condition-turned-round",
    says="Your block adds x as it is where the shapes differ, so the sum cannot be formed. Where the image shrinks or "
    "the channels change, x must be carried into the new shape first; where neither happens, it is added as it "
    "is.",
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
        if stride == 1 and in_channels == out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "never-projecting",
    says="Your block adds x as it is where the shapes differ, so the sum cannot be formed. Where the image shrinks or "
    "the channels change, x must be carried into the new shape first; where neither happens, it is added as it "
    "is.",
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
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) + x)


@misconception(
    "DownBlock",
    "difference-taken-literally",
    says="You subtract the shortcut from the branch. The branch learns what has to be added to x, so the two are "
    "summed.",
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
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.branch(x) - self.shortcut(x))


@misconception(
    "DownBlock",
    "difference-the-other-way",
    says="You subtract the branch from the shortcut. The branch learns what has to be added to x, so the two are "
    "summed.",
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
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.shortcut(x) - self.branch(x))


@misconception(
    "DownBlock",
    "branch-left-out",
    says="Your block returns the ReLU of its shortcut alone: the branch is made but not added.",
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
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        return F.relu(self.shortcut(x))


@misconception(
    "DownBlock",
    "first-norm-forgotten",
    says="A batch norm of your branch is missing. Each of its two convolutions has one behind it: the first before the "
    "ReLU, the second before the sum. The norm of the shortcut does not stand in for either.",
)
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
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
            )

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


@misconception(
    "DownBlock",
    "average-forgotten",
    says="Your shortcut projects without averaging first, so it keeps the size of the image while the branch shrinks "
    "it. nn.AvgPool2d(stride) comes before the 1x1 convolution.",
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
                nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
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
    "GroupedBottleneck",
    "input-expanded",
    says="You take the channels that come in times the expansion for those that go out. The expansion multiplies "
    "`hidden`.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = in_channels * expansion
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
    "GroupedBottleneck",
    "groups-everywhere",
    says="You split all three convolutions into groups. Only the 3x3 is split; the two 1x1 convolutions are what "
    "mixes the groups again.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, groups=groups, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, groups=groups, bias=False)
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
    "third-norm-forgotten",
    says="There is no batch norm behind your last 1x1 convolution. Each of the three convolutions has one, the last "
    "before the sum.",
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
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.conv3(h) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "no-relu-after-the-sum",
    says="Your output has negative values: the third ReLU, after the sum, is missing.",
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
        return self.norm3(self.conv3(h)) + self.shortcut(x)


@misconception(
    "GroupedBottleneck",
    "first-relu-forgotten",
    says="There is no ReLU between your first 1x1 and the 3x3 convolution.",
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
        h = self.norm1(self.conv1(x))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "second-relu-forgotten",
    says="There is no ReLU between your 3x3 and the last 1x1 convolution.",
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
        h = self.norm2(self.conv2(h))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "always-projecting",
    says="You project even where the input already has hidden * expansion channels. There x itself is added, without "
    "parameters.",
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
        if True:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "biases-before-the-norms",
    says="Your convolutions have biases. The batch norm behind each one takes its mean away and the bias with it: "
    "pass bias=False.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "sum-forgotten",
    says="Your block returns the relu of its branch. The shortcut is built and never added.",
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
        return F.relu(self.norm3(self.conv3(h)))


@misconception(
    "GroupedBottleneck",
    "depthwise",
    says="Your 3x3 convolution has as many groups as channels (a depthwise convolution). The number of groups is the "
    "argument `groups`.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden, bias=False)
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
    "work-on-the-wide-side",
    says="Your 3x3 convolution comes first and works on all the channels that come in. The squeeze has to come before "
    "it: that is where the saving is.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 1, bias=False)
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
    "back-to-the-input",
    says="Your last convolution goes back to the channels of the input. It has to give hidden times expansion "
    "channels, and where these differ from the input's, the shortcut projects.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, in_channels, 1, bias=False),
            nn.BatchNorm2d(in_channels),
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + x)


@misconception(
    "GroupedBottleneck",
    "relu-before-and-after-the-sum",
    says="Your branch ends in a ReLU and one more follows the sum. There are three: behind the first norm, "
    "behind the second, and after the sum. Behind the third norm stands none, so that the branch can take "
    "away.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = hidden * expansion
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
        )
        self.short = (
            nn.Identity()
            if in_channels == out
            else nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.short(x))


@misconception(
    "GroupedBottleneck",
    "padding-on-the-squeeze",
    says="Your padding stands on the first 1x1 convolution. The sizes come out right, but the norm behind it "
    "then counts a frame of zeros. It is the 3x3 that needs padding=1.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = hidden * expansion
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, padding=1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, groups=groups, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.short = (
            nn.Identity()
            if in_channels == out
            else nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.short(x))


@misconception(
    "GroupedBottleneck",
    "hidden-taken-for-the-output",
    says="You divide hidden by expansion. hidden is the small number already: the 3x3 works on it, and the "
    "output has hidden times expansion channels.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = hidden
        hidden = hidden // expansion
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.short = (
            nn.Identity()
            if in_channels == out
            else nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.short(x))


@misconception(
    "GroupedBottleneck",
    "groups-taken-for-their-size",
    says="You split the 3x3 into hidden / groups groups. groups is how many groups there are, not how many "
    "channels each has: pass it as it is.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = hidden * expansion
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden // groups, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.short = (
            nn.Identity()
            if in_channels == out
            else nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.short(x))


@misconception(
    "GroupedBottleneck",
    "hidden-in-each-group",
    says="Your 3x3 has hidden channels in each group, hidden times groups in all. hidden counts them all "
    "together, and the groups share them.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = hidden * expansion
        h = hidden * groups
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, h, 1, bias=False),
            nn.BatchNorm2d(h),
            nn.ReLU(),
            nn.Conv2d(h, h, 3, padding=1, groups=groups, bias=False),
            nn.BatchNorm2d(h),
            nn.ReLU(),
            nn.Conv2d(h, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.short = (
            nn.Identity()
            if in_channels == out
            else nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.short(x))


@misconception(
    "GroupedBottleneck",
    "bias-on-the-squeeze",
    says="A convolution of your branch has a bias. The batch norm behind it takes it away again, so it is a parameter "
    "without effect: pass bias=False to each convolution.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1)
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
    "GroupedBottleneck",
    "bias-on-the-last",
    says="A convolution of your branch has a bias. The batch norm behind it takes it away again, so it is a parameter "
    "without effect: pass bias=False to each convolution.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1)
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
    "bias-on-the-projection",
    says="The 1x1 convolution of your shortcut has a bias. The batch norm behind it takes it away again: pass "
    "bias=False.",
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
            projection = nn.Conv2d(in_channels, out_channels, 1)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "padding-forgotten",
    says="Your 3x3 convolution has no padding, so it takes a row and a column off every edge, and the branch no longer "
    "has the size of the shortcut. Pass padding=1.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, groups=groups, bias=False)
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
    "first-norm-forgotten",
    says="There is no batch norm behind your first convolution, the one that squeezes. Each of the three has one of "
    "its own.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.conv1(x))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "second-norm-forgotten",
    says="There is no batch norm behind your 3x3 convolution. Each of the three has one of its own.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = hidden * expansion
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups, bias=False)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.conv2(h))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "middle-left-out",
    says="Your block squeezes and restores, but the 3x3 convolution between the two is not used. It does the work that "
    "the other two make cheap.",
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
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "difference-taken-literally",
    says="You subtract the shortcut from the branch. The branch learns what has to be added to x, so the two are "
    "summed.",
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
        return F.relu(self.norm3(self.conv3(h)) - self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "branch-left-out",
    says="Your block returns the ReLU of its shortcut alone: the branch is computed but not added.",
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
        return F.relu(self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "condition-turned-round",
    says="Your condition is turned round: the block projects where the channels stay, and adds x as it is where they "
    "differ.",
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
        if in_channels == out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "never-projecting",
    says="Your block adds x as it is. Where its channels are not hidden times expansion, a 1x1 convolution with a "
    "batch norm has to carry it there first.",
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
        return F.relu(self.norm3(self.conv3(h)) + x)


@misconception(
    "GroupedBottleneck",
    "projection-from-hidden",
    says="The 1x1 convolution of your shortcut expects `hidden` channels. It works on x, which has `in_channels`.",
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
            projection = nn.Conv2d(hidden, out_channels, 1, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "first-norm-unused",
    says="There is no batch norm behind your first convolution, the one that squeezes. Each of the three has one of "
    "its own.",
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
        h = F.relu(self.conv1(x))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "second-norm-unused",
    says="There is no batch norm behind your 3x3 convolution. Each of the three has one of its own.",
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
        h = F.relu(self.conv2(h))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "third-norm-unused",
    says="There is no batch norm behind your last 1x1 convolution. Each of the three convolutions has one, the last "
    "before the sum.",
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
        return F.relu(self.conv3(h) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "middle-convolution-unused",
    says="Your second norm works on what comes out of the first ReLU: the 3x3 convolution is made but not used.",
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
        h = F.relu(self.norm2(h))
        return F.relu(self.norm3(self.conv3(h)) + self.shortcut(x))


@misconception(
    "GroupedBottleneck",
    "expansion-taken-for-the-output",
    says="Your block ends with `expansion` channels. It is a factor: hidden times expansion come out.",
)
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out_channels = expansion
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
    "bottleneck_cost",
    "biases-counted",
    says="You count a bias for each output channel of the convolutions. They have none: a batch norm follows each.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 6 * hidden + 3 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "running-statistics-counted",
    says="You count four numbers a channel for the batch norms. Two of them, the running mean and variance, are "
    "measured and not learned, so they are no parameters.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 8 * hidden + 4 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "norms-multiplied-too",
    says="Your multiply-adds hold those of the batch norms. The task leaves them out and counts the convolutions "
    "alone.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    parameters = weights + 4 * hidden + 2 * channels
    return parameters, parameters * side * side


@misconception(
    "bottleneck_cost",
    "kernel-side-for-kernel",
    says="Your 3x3 convolution weighs three numbers for each pair of channels. Its kernel has 3 times 3 = 9.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 3 * hidden * hidden // groups
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "projection-counted",
    says="You count a 1x1 convolution on the shortcut. This block's input already has the right number of channels: "
    "its shortcut is the identity and costs nothing.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    weights += channels * channels
    return weights + 4 * hidden + 4 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "groups-multiplied",
    says="You multiply by the number of groups. Splitting makes a convolution cheaper: each output channel sees "
    "hidden / groups input channels.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden * groups
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "third-norm-narrow",
    says="Your three batch norms have hidden channels each. The third one stands behind the last 1x1 and has all the "
    "channels of the path.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 6 * hidden, weights * side * side


@misconception(
    "bottleneck_cost",
    "groups-everywhere",
    says="You divide all three convolutions by the groups. Only the 3x3 is split.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = (2 * channels * hidden + 9 * hidden * hidden) // groups
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "one-wide-side",
    says="You count one of the two 1x1 convolutions. One squeezes and the other one restores, and both weigh channels "
    "times hidden.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + 9 * hidden * hidden // groups
    return weights + 4 * hidden + 2 * channels, weights * side * side


@misconception(
    "bottleneck_cost",
    "pixels-forgotten",
    says="Your multiply-adds are the weights themselves, as if the image had a single pixel. Each weight is used once "
    "for every pixel of the output.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = 2 * channels * hidden + 9 * hidden * hidden // groups
    return weights + 4 * hidden + 2 * channels, weights


@misconception(
    "bottleneck_cost",
    "one-number-a-channel",
    says="You count one number a channel for the batch norms. Each has two, a weight and a bias.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    w = 2 * channels * hidden + 9 * hidden * hidden // groups
    return w + (2 * hidden + channels), w * side**2


@misconception(
    "bottleneck_cost",
    "swapped",
    says="You return the two numbers in the other order. Parameters come first, then the multiply-adds.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    w = 2 * channels * hidden + 9 * hidden * hidden // groups
    return w * side**2, w + 2 * (2 * hidden + channels)


@misconception(
    "bottleneck_cost",
    "ones-counted-for-one-pixel",
    says="You multiply only the 3x3 by the number of pixels. The 1x1 convolutions work at every pixel too.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    w = 2 * channels * hidden + 9 * hidden * hidden // groups
    return w + 2 * (2 * hidden + channels), 2 * channels * hidden + 9 * hidden * hidden // groups * side**2


@misconception(
    "bottleneck_cost",
    "border-lost",
    says="You let the 3x3 lose a border of one pixel. It is padded, so its output has side times side pixels "
    "like all the others.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    w = 2 * channels * hidden + 9 * hidden * hidden // groups
    return w + 2 * (2 * hidden + channels), 2 * channels * hidden * side**2 + 9 * hidden * hidden // groups * (
        side - 2
    ) ** 2


@misconception(
    "bottleneck_cost",
    "expansion-four",
    says="You take the output to have four times hidden channels. Here it has as many as the input, which is "
    "what channels says.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    w = channels * hidden + 4 * hidden * hidden + 9 * hidden * hidden // groups
    return w + 2 * (2 * hidden + 4 * hidden), w * side**2


@misconception(
    "bottleneck_cost",
    "middle-left-out",
    says="You count the two 1x1 convolutions and leave out the 3x3 between them: hidden times hidden/groups times 9 "
    "weights.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "first-norm-forgotten",
    says="You count two batch norms. There are three: two with `hidden` channels and one with `channels`.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * (hidden + channels)
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "last-norm-forgotten",
    says="You leave out the last batch norm. There are three: two with `hidden` channels and one with `channels`.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * (hidden + hidden)
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "last-norm-alone",
    says="You count the last batch norm alone. The two with `hidden` channels are missing.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * channels
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "brackets-left-out",
    says="You divide by 9 times the groups: without brackets, hidden * hidden // groups * 9 and hidden // (groups * 9) "
    "are different numbers. Each hidden channel sees hidden / groups others through 9 weights.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * hidden // (groups * 9) + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "one-channel-in-the-middle",
    says="Your 3x3 convolution has 9 weights for each hidden channel, as if each saw a single one. It sees hidden / "
    "groups channels.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * 9 + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return (weights + norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "weights-alone-of-the-norms",
    says="You return the weights of the norms in place of all parameters: the convolutions are missing.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return (norms, weights * side * side)


@misconception(
    "bottleneck_cost",
    "parameters-alone",
    says="You return one number. The contract asks for two: parameters, then multiply-adds.",
)
def bottleneck_cost(channels, hidden, side, groups=1):
    weights = channels * hidden + hidden * (hidden // groups) * 9 + hidden * channels
    norms = 2 * (hidden + hidden + channels)
    return weights + norms


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
    "silence",
    "name-rebound",
    says="Nothing has changed in the block: you gave a name of your own a new value (weight = zeros), which leaves "
    "the layer's tensor as it was. Write into it, by weight.zero_() or nn.init.zeros_(weight).",
)
def silence(block):
    last = block.branch[-1]
    for parameter in (last.weight, last.bias):
        parameter = torch.zeros_like(parameter)


@misconception(
    "silence",
    "statistics-zeroed",
    says="You zeroed the running mean and variance. They are what the norm has measured; in training it does not even "
    "use them. What it gives is set by weight and bias.",
)
def silence(block):
    block.branch[-1].running_mean.zero_()
    block.branch[-1].running_var.zero_()


@misconception(
    "silence",
    "freshly-started",
    says="You brought the last batch norm back to its start: weight 1, bias 0. Then it passes on every normalised "
    "value. Zero takes a weight of 0 as well.",
)
def silence(block):
    block.branch[-1].reset_parameters()


@misconception(
    "silence",
    "nearly-zero",
    says="Your branch gives something small and not zero. The block shall do exactly nothing: set weight and bias to "
    "0 itself.",
)
def silence(block):
    with torch.no_grad():
        block.branch[-1].weight.fill_(1e-3)
        block.branch[-1].bias.fill_(0)


@misconception(
    "silence",
    "scaled-down",
    says="You shrink weight and bias by a factor. That makes the branch quieter, but a zero has to be set.",
)
def silence(block):
    with torch.no_grad():
        block.branch[-1].weight.mul_(0.1)
        block.branch[-1].bias.mul_(0.1)


@misconception(
    "silence",
    "every-norm-zeroed",
    says="You zeroed both batch norms of the branch. The output is right, but the first norm had been trained, and "
    "its numbers are gone. Touch the last one only.",
)
def silence(block):
    for layer in (block.branch[1], block.branch[-1]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)


@misconception(
    "silence",
    "convolution-and-bias",
    says="You zeroed the last convolution and the bias of the norm. The output is right nearly everywhere, but "
    "the convolution had been trained, and in evaluation mode the norm takes a running mean from zero and "
    "gives what is left. Zero weight and bias of the norm, and nothing before it.",
)
def silence(block):
    nn.init.zeros_(block.branch[3].weight)
    nn.init.zeros_(block.branch[4].bias)


@misconception(
    "silence",
    "changed-under-autograd",
    says="PyTorch does not let you change a parameter in place while it records gradients. Do it inside with "
    "torch.no_grad():, or by nn.init.zeros_, which does that for you.",
)
def silence(block):
    last = block.branch[-1]
    last.weight.zero_()
    last.bias.zero_()


@misconception(
    "silence",
    "tensor-for-parameter",
    says="A plain tensor cannot take the place of a parameter. Write into the one that is there, for example "
    "by nn.init.zeros_(last.weight).",
)
def silence(block):
    last = block.branch[-1]
    last.weight = torch.zeros_like(last.weight)
    last.bias = torch.zeros_like(last.bias)


@misconception(
    "silence",
    "parameters-removed",
    says="You took weight and bias away. Without them a batch norm gives normalised values, not zeros, and has "
    "nothing left to train. Set both to zero.",
)
def silence(block):
    last = block.branch[-1]
    last.affine = False
    last.weight = None
    last.bias = None


@misconception(
    "silence",
    "branch-replaced",
    says="You put something else in the place of the branch, so its trained layers are lost. And an identity "
    "as branch gives x + x. Change two parameters of the last norm only.",
)
def silence(block):
    block.branch = nn.Identity()


@misconception(
    "silence",
    "mode-switched",
    says="You switched the block to evaluation mode. That is not yours to decide here: the block has to be "
    "silent in both modes and stay in the one it was in.",
)
def silence(block):
    block.eval()
    nn.init.zeros_(block.branch[-1].weight)
    nn.init.zeros_(block.branch[-1].bias)


@misconception(
    "silence",
    "fresh-norm",
    says="You put a fresh batch norm in the place of the last one. Its running statistics are lost, its dtype "
    "is the default one, and an optimizer that held the old parameters does not know the new ones. Write "
    "into the layer that is there.",
)
def silence(block):
    block.branch[-1] = nn.BatchNorm2d(block.branch[-1].num_features)
    nn.init.zeros_(block.branch[-1].weight)


@misconception(
    "silence",
    "fresh-parameters",
    says="You put new parameters of the default dtype in the place of the old ones. The block may compute in another "
    "dtype, and an optimizer that held the old ones does not know the new. Write zeros into those that are there.",
)
def silence(block):
    last = block.branch[-1]
    last.weight = nn.Parameter(torch.zeros(last.num_features))
    last.bias = nn.Parameter(torch.zeros(last.num_features))


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
    "PreActivation",
    "second-activation-forgotten",
    says="Your second convolution works on the normalised values without a ReLU. Both convolutions have norm and ReLU "
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
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(self.norm2(h))


@misconception(
    "PreActivation",
    "shortcut-from-the-normalised-input",
    says="You add the normalised input. What is added has to be x itself: a norm on the shortcut rescales the path at "
    "every block.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        a = self.norm1(x)
        h = self.conv1(F.relu(a))
        return a + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "sum-forgotten",
    says="Your block returns its branch alone. Nothing adds x to it.",
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
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "second-norm-forgotten",
    says="There is a ReLU before your second convolution and no batch norm before that. Each convolution has both in "
    "front of it.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(h))


@misconception(
    "PreActivation",
    "relu-of-the-branch",
    says="Your branch ends in a ReLU, so it can only add to the path. In the later order it ends in its second "
    "convolution.",
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
        return x + F.relu(self.conv2(F.relu(self.norm2(h))))


@misconception(
    "PreActivation",
    "biases",
    says="Your convolutions have biases. Every convolution of this exercise goes without: pass bias=False.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "hidden-width-unused",
    says="Your convolutions go from channels to channels, and `hidden` is not used. The first one goes to `hidden` "
    "channels, the second one comes back.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "concatenated",
    says="Your output has twice as many channels as the input: you put x and f(x) side by side. Add them.",
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
        return torch.cat([x, self.conv2(F.relu(self.norm2(h)))], dim=1)


@misconception(
    "PreActivation",
    "shortcut-detached",
    says="Your output is right, but no gradient comes back through the shortcut: x is detached before the sum.",
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
        return x.detach() + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "norm-after-the-sum",
    says="You normalise and cut the sum at the end of the block. The next block opens with norm and ReLU; nothing "
    "follows the sum here.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return F.relu(self.norm3(x + self.conv2(F.relu(self.norm2(h)))))


@misconception(
    "PreActivation",
    "norm-sizes-swapped",
    says="Your batch norms have each other's sizes. The first stands before the first convolution and sees "
    "channels, the second sees hidden.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "norm-and-relu-behind",
    says="Your branch has norm and ReLU behind each convolution. In the later order they stand before it.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        return x + F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


@misconception(
    "PreActivation",
    "norm-behind-the-branch",
    says="There is a third batch norm behind your second convolution. In the later order the branch ends in a "
    "convolution.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.norm3(self.conv2(F.relu(self.norm2(h))))


@misconception(
    "PreActivation",
    "input-changed-in-place",
    says="x += ... changes the tensor that your block was given. Others may still need it, and autograd "
    "refuses it for a leaf. Write return x + ... instead.",
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
        x += self.conv2(F.relu(self.norm2(h)))
        return x


@misconception(
    "PreActivation",
    "bias-on-the-first-convolution",
    says="Your first convolution has a bias. The batch norm behind it takes it away again: pass bias=False to both.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "bias-on-the-second-convolution",
    says="Your second convolution has a bias. Here no batch norm takes it away again: it would shift the path at every "
    "block. Pass bias=False.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "padding-forgotten-once",
    says="One of your 3x3 convolutions has no padding, so it takes a row and a column off every edge, and the branch "
    "no longer has the size of x. Pass padding=1 to both.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "padding-forgotten",
    says="Your 3x3 convolutions have no padding, so each one takes a row and a column off every edge, and the branch "
    "no longer has the size of x. Pass padding=1.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "first-norm-forgotten",
    says="Your branch begins with a ReLU of x itself. In the later order a batch norm comes before it.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(x))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "second-norm-left-out",
    says="There is no batch norm between your first convolution and the second ReLU. Each convolution has a norm and a "
    "ReLU before it.",
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
        return x + self.conv2(F.relu(h))


@misconception(
    "PreActivation",
    "difference-taken-literally",
    says="You subtract the branch from x. The branch learns what has to be added to x, so the two are summed.",
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
        return x - self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "branch-left-out",
    says="Your block returns x. It computes the branch, but does not add it.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        self.conv1(F.relu(self.norm1(x)))
        return x


@misconception(
    "PreActivation",
    "second-convolution-left-out",
    says="You add what comes out of the second ReLU: the second convolution is made but not used.",
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
        return x + F.relu(self.norm2(h))


@misconception(
    "PreActivation",
    "first-convolution-left-out",
    says="Your second norm works on what comes out of the first ReLU: the first convolution is made but not used.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = F.relu(self.norm1(x))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "first-convolution-turned-round",
    says="Your first convolution goes from `hidden` to `channels`. nn.Conv2d takes the number that comes in first, "
    "then the one that goes out: channels, hidden.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "second-convolution-turned-round",
    says="Your second convolution goes from `channels` to `hidden`, as the first one does. It comes back: hidden in, "
    "channels out.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "PreActivation",
    "first-norm-unused",
    says="Your branch begins with a ReLU of x itself. In the later order a batch norm comes before it.",
)
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1, bias=False)

    def forward(self, x):
        h = self.conv1(F.relu(x))
        return x + self.conv2(F.relu(self.norm2(h)))


@misconception(
    "silence_later",
    "norm-before-the-relu",
    says="You zeroed the second batch norm. The branch gives zero, but it is dead: the ReLU behind that norm has slope 0 "
    "at 0, so no gradient comes back to it, and the last convolution sees nothing but zeros. Zero the layer that ends "
    "the branch.",
)
def silence_later(block):
    nn.init.zeros_(block.branch[3].weight)
    nn.init.zeros_(block.branch[3].bias)


@misconception(
    "silence_later",
    "everything-zeroed",
    says="You zeroed every parameter of the branch. It gives zero and can never change again: each layer waits for a "
    "signal or a gradient that another one would have to let through. One layer is enough, the one that ends the branch.",
)
def silence_later(block):
    with torch.no_grad():
        for parameter in block.branch.parameters():
            parameter.zero_()


@misconception(
    "silence_later",
    "first-convolution-zeroed",
    says="You zeroed the first convolution. Behind it the second batch norm adds its bias, and the last convolution makes "
    "something else than zero of that.",
)
def silence_later(block):
    nn.init.zeros_(block.branch[2].weight)


@misconception(
    "silence_later",
    "weight-of-the-norm-only",
    says="You zeroed the weight of the second batch norm and left its bias, so the last convolution still gets something "
    "to work on. In this order the norm is not the end of the branch.",
)
def silence_later(block):
    nn.init.zeros_(block.branch[3].weight)


@misconception(
    "silence_later",
    "first-norm-zeroed",
    says="You zeroed the first batch norm. The second one behind the next convolution has a bias of its own, so the branch "
    "gives something else than zero.",
)
def silence_later(block):
    nn.init.zeros_(block.branch[0].weight)
    nn.init.zeros_(block.branch[0].bias)


@misconception(
    "silence_later",
    "nearly-zero",
    says="You made the last convolution small and not zero. The block shall do exactly nothing.",
)
def silence_later(block):
    with torch.no_grad():
        block.branch[-1].weight.mul_(1e-3)


@misconception(
    "silence_later",
    "layer-frozen",
    says="You switched off the gradient of the last convolution (requires_grad). It gives zero, but no training step can "
    "ever change it: set its numbers inside torch.no_grad() and leave requires_grad as it is.",
)
def silence_later(block):
    block.branch[-1].weight.requires_grad_(False).zero_()


@misconception(
    "silence_later",
    "bias-that-is-not-there",
    says="The last layer of this branch is a convolution without bias, so last.bias is None. Which parameters "
    "does it have, and is one of them enough?",
)
def silence_later(block):
    last = block.branch[-1]
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)


@misconception(
    "silence_later",
    "changed-under-autograd",
    says="PyTorch does not let you change a parameter in place while it records gradients. Do it inside with "
    "torch.no_grad():, or by nn.init.zeros_, which does that for you.",
)
def silence_later(block):
    block.branch[-1].weight.fill_(0)


@misconception(
    "silence_later",
    "norm-below-zero",
    says="You made the second norm give negative values, which the ReLU cuts off. The branch gives zero, but "
    "the slope of the ReLU is zero there, so no gradient comes back to the norm. Zero the layer that ends "
    "the branch.",
)
def silence_later(block):
    with torch.no_grad():
        block.branch[3].weight.zero_()
        block.branch[3].bias.fill_(-1.0)


@misconception(
    "wide_parameters",
    "projections-forgotten",
    says="You count no 1x1 shortcut where a stage changes the channels. The first block of such a stage has one, since "
    "its input has the channels of the stage before.",
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
    "wide_parameters",
    "last-norm-forgotten",
    says="You are short by the batch norm at the end of the network: it has two parameters for each of the last "
    "stage's channels.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 10 * c + 10


@misconception(
    "wide_parameters",
    "last-bias-forgotten",
    says="You are short by ten. The linear layer at the end has a bias for each of the 10 classes.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 12 * c


@misconception(
    "wide_parameters",
    "convolutions-with-biases",
    says="You count a bias for each output channel of the convolutions. No convolution of this network has one.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 448
    for w in (16 * width, 32 * width, 64 * width):
        total += (
            2 * c + 9 * c * w + 3 * w + 9 * w * w + w + (c * w + w if c != w else 0) + (n - 1) * (6 * w + 18 * w * w)
        )
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "norm-on-the-projection",
    says="You count a batch norm behind the 1x1 shortcuts. In this network they stand alone.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += (
            2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w + 2 * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        )
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "norm-behind-the-stem",
    says="You count a batch norm behind the first convolution. Here each block opens with its own norm, so the stem "
    "has none.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 464
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "one-convolution-a-block",
    says="Your n is twice what it should be. A block has two convolutions and there are three stages, so each n "
    "stands for six layers.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 3, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "running-statistics-counted",
    says="You count four numbers a channel for each batch norm. Two of them, the running mean and variance, are "
    "measured and not learned, so they are no parameters.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += 4 * c + 9 * c * w + 4 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (8 * w + 18 * w * w)
        c = w
    return total + 4 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "stages-of-one-width",
    says="Your three stages all have 16 k channels. They double from stage to stage: 16 k, 32 k, 64 k.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 16 * width, 16 * width):
        total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w)
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "every-block-projects",
    says="You count a 1x1 shortcut in every block. Only the first block of a stage changes the shape; the others add "
    "their input as it is.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += (
            2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0) + (n - 1) * (4 * w + 18 * w * w + w * w)
        )
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "every-block-changes-the-channels",
    says="Each of your blocks goes from the channels of the stage before to those of its own. Only the first block of "
    "a stage does; the others have the stage's channels on both sides.",
)
def wide_parameters(depth, width):
    n, c, total = (depth - 4) // 6, 16, 432
    for w in (16 * width, 32 * width, 64 * width):
        total += n * (2 * c + 9 * c * w + 2 * w + 9 * w * w + (c * w if c != w else 0))
        c = w
    return total + 2 * c + 10 * c + 10


@misconception(
    "wide_parameters",
    "one-block-too-many",
    says="You count one block too many in each stage. There are (depth - 4) / 6: four layers stand outside the "
    "blocks or on shortcuts.",
)
def wide_parameters(depth, width):
    n = depth // 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n + 1):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
            if c != k:
                total += c * k
            c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "second-norm-forgotten",
    says="You count one batch norm in a block. There are two, one before each convolution: the second has two "
    "parameters for each channel of the stage.",
)
def wide_parameters(depth, width):
    n = (depth - 4) // 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n):
            total += 2 * c + 9 * c * k + 9 * k * k
            if c != k:
                total += c * k
            c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "second-block-as-the-first",
    says="Every block of your stage begins at the channels of the stage before. Only the first one does: after "
    "it, the blocks go from the stage's channels to the same.",
)
def wide_parameters(depth, width):
    n = (depth - 4) // 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
        if c != k:
            total += c * k
        c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "stage-one-without-projection",
    says="You count no projection in stage 1. It keeps the size of the image, but it goes from 16 to 16k "
    "channels, so unless k is 1 its first block needs one.",
)
def wide_parameters(depth, width):
    n = (depth - 4) // 6
    total = 3 * 16 * 9
    c = 16
    for s, k in enumerate((16 * width, 32 * width, 64 * width)):
        for i in range(n):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
            if i == 0 and s > 0:
                total += c * k
            c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "pixels-not-averaged",
    says="Your linear layer reads all 8 by 8 pixels. The table averages over them first, so that 64k numbers arrive.",
)
def wide_parameters(depth, width):
    n = (depth - 4) // 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
            if c != k:
                total += c * k
            c = k
    return total + 2 * c + c * 64 * 10 + 10


@misconception(
    "wide_parameters",
    "projection-3x3",
    says="Your shortcuts are 3x3 convolutions. They are 1x1: one weight for each pair of channels.",
)
def wide_parameters(depth, width):
    n = (depth - 4) // 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
            if c != k:
                total += 9 * c * k
            c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "blocks-as-float",
    says="(depth - 4) / 6 is a float in Python, even where it is whole, and range wants a whole number. Write //.",
)
def wide_parameters(depth, width):
    n = (depth - 4) / 6
    total = 3 * 16 * 9
    c = 16
    for k in (16 * width, 32 * width, 64 * width):
        for _ in range(n):
            total += 2 * c + 9 * c * k + 2 * k + 9 * k * k
            if c != k:
                total += c * k
            c = k
    return total + 2 * c + c * 10 + 10


@misconception(
    "wide_parameters",
    "one-block-a-stage",
    says="You count the first block of each stage and no other. There are (depth - 4) / 6 in each: the others go from "
    "the stage's channels to the same.",
)
def wide_parameters(depth, width):
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "later-norms-forgotten",
    says="You count the batch norms of the first block of each stage and not those of the others: two with the stage's "
    "channels in each.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "one-norm-in-the-later-blocks",
    says="You count one batch norm in the blocks behind the first of a stage. There are two in each block, one before "
    "each convolution.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (2 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "one-convolution-in-the-later-blocks",
    says="You count one convolution in the blocks behind the first of a stage. There are two in each block.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 9 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "second-convolution-1x1",
    says="Your second convolution has one weight for each pair of channels. It is 3x3: nine for each pair.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "second-convolution-forgotten",
    says="You leave out the second convolution of the first block in each stage: nine weights for each pair of the "
    "stage's channels.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "stem-for-every-stage",
    says="Each of your stages begins at the 16 channels of the stem. A stage begins at the channels of the one before "
    "it.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
    return total + 2 * out + out * 10 + 10


@misconception(
    "wide_parameters",
    "channels-not-carried-on",
    says="You never set the channels to those of the stage that you have counted. So each stage, and the linear layer "
    "at the end, starts from the 16 channels of the stem.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "projects-where-the-channels-stay",
    says="You count no 1x1 shortcut where a stage changes the channels. The first block of such a stage has one, since "
    "its input has the channels of the stage before.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out == channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "classes-forgotten",
    says="You leave out the weights of the linear layer: ten classes, each with a weight for every one of the last "
    "channels.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + 10


@misconception(
    "wide_parameters",
    "head-forgotten",
    says="You count the stem and the blocks and leave out what follows them: the last batch norm and the linear layer "
    "with its biases.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total


@misconception(
    "wide_parameters",
    "stem-forgotten",
    says="You leave out the first convolution: 3 channels to 16, with 3 by 3 weights for each pair.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 0
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "stem-1x1",
    says="Your first convolution has one weight for each pair of channels. It is 3x3: nine for each pair.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels
    for stage in (1, 2, 4):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


@misconception(
    "wide_parameters",
    "stages-one-two-three",
    says="Your stages have 16k, 32k and 48k channels. They double: 16k, 32k, 64k.",
)
def wide_parameters(depth, width):
    blocks = (depth - 4) // 6
    channels = 16
    total = 3 * channels * 9
    for stage in (1, 2, 3):
        out = 16 * width * stage
        total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
        if out != channels:
            total += channels * out
        total += (blocks - 1) * (4 * out + 18 * out * out)
        channels = out
    return total + 2 * channels + channels * 10 + 10


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


@misconception(
    "deepest",
    "arguments-swapped",
    says="You call count(width, depth). The depth comes first: count(depth, width).",
)
def deepest(count, budget, width):
    depth = 10
    while count(width, depth) <= budget and depth < 10_000:
        depth += 6
    return depth - 6 if depth > 10 else 0


@misconception(
    "deepest",
    "blocks-returned",
    says="You return the number of blocks in a stage. The answer is a depth: six layers for each block, and four.",
)
def deepest(count, budget, width):
    blocks = 0
    while count(6 * (blocks + 1) + 4, width) <= budget:
        blocks += 1
    return blocks


@misconception(
    "deepest",
    "search-cut-off",
    says="Your search ends at depth 40. A larger budget affords deeper networks: go on until one does not fit.",
)
def deepest(count, budget, width):
    best = 0
    for depth in range(10, 41, 6):
        if count(depth, width) <= budget:
            best = depth
    return best


@misconception(
    "deepest",
    "started-too-deep",
    says="Your search starts at depth 16 and misses networks with a single block in a stage: depth 10 is the smallest.",
)
def deepest(count, budget, width):
    depth = 16
    while count(depth, width) <= budget:
        depth += 6
    return depth - 6 if depth > 16 else 0


@misconception(
    "deepest",
    "parameters-returned",
    says="You return what the deepest network costs. The answer is its depth.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) <= budget:
        depth += 6
    return count(depth - 6, width) if depth > 10 else 0


@misconception(
    "deepest",
    "count-of-its-own",
    says="You count by a formula of your own and never call `count`. The function is an argument so that any price "
    "may be asked about.",
)
def deepest(count, budget, width):
    def own(depth):
        n, c, total = (depth - 4) // 6, 16, 432
        for w in (16 * width, 32 * width, 64 * width):
            total += 2 * c + 9 * c * w + 2 * w + 9 * w * w + (n - 1) * (4 * w + 18 * w * w) + (c * w if c != w else 0)
            c = w
        return total + 2 * c + 10 * c + 10

    depth = 10
    while own(depth) <= budget:
        depth += 6
    return depth - 6 if depth > 10 else 0


@misconception(
    "deepest",
    "minus-one-for-none",
    says="You return -1 where no network fits. The contract asks for 0 there.",
)
def deepest(count, budget, width):
    depth = 10
    if count(depth, width) > budget:
        return -1
    while count(depth, width) <= budget:
        depth += 6
    return depth - 6


@misconception(
    "deepest",
    "none-for-none",
    says="You return None where no network fits. The contract asks for the number 0 there.",
)
def deepest(count, budget, width):
    best, depth = None, 10
    while count(depth, width) <= budget:
        best = depth
        depth += 6
    return best


@misconception(
    "deepest",
    "first-that-does-not-fit-or-none",
    says="You return the first depth that does not fit. The one before it is the deepest that does.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) <= budget:
        depth += 6
    return depth if depth > 10 else 0


@misconception(
    "deepest",
    "search-turned-round",
    says="Your search goes on while the network costs more than the budget. It goes on while the network still fits: "
    "count(depth, width) <= budget.",
)
def deepest(count, budget, width):
    depth = 10
    while count(depth, width) >= budget and depth < 10_000:
        depth += 6
    return depth - 6 if depth > 10 else 0
