"""Pre-activation residual networks of He et al. 2016b, https://arxiv.org/abs/1603.05027 (fig. 1b, table 2).

Widened, they are the networks of Zagoruyko and Komodakis 2016, https://arxiv.org/abs/1605.07146 (table 1).

B batch, C/K channels in/out, H W height and width in pixels (H2 W2 after a stride), N classes.
"""

from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dlarch.vision.resnet import Shortcut, cifar_sizes, he_init, make_shortcut, make_stage, quarter


class PreActBlock(nn.Module):
    """f(x) + shortcut(x), where f is norm, ReLU, convolution, twice: nothing stands between one sum and the next.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output.
        stride: factor by which H and W shrink, at least 1.
        shortcut: how x reaches the sum.

    Raises:
        ValueError: if stride is less than 1.
    """

    expansion = 1
    convolutions = 2
    last = "conv2"  # no norm behind it: zero the convolution and f(x) = 0

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = Shortcut.B,
    ) -> None:
        super().__init__()
        self.keeps_shape = stride == 1 and in_channels == out_channels
        self.shortcut = make_shortcut(shortcut, in_channels, out_channels, stride, norm=False)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        # In place: nobody else needs what a norm wrote.
        a = F.relu(self.norm1(x), inplace=True)
        h = self.conv1(a)  # B K H2 W2
        h = self.conv2(F.relu(self.norm2(h), inplace=True))
        # Where the shape changes, no identity path is left to keep clean,
        # and both paths share the activation.
        return h + (x if isinstance(self.shortcut, nn.Identity) else self.shortcut(a))


class PreActBottleneck(nn.Module):
    """f(x) + shortcut(x), where f is norm, ReLU, convolution, three times: 1x1, 3x3, 1x1.

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output, a multiple of 4.
        stride: factor by which H and W shrink, at least 1.
        shortcut: how x reaches the sum.

    Raises:
        ValueError: if stride is less than 1, or out_channels is no multiple of 4.
    """

    expansion = 4
    convolutions = 3
    last = "conv3"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = Shortcut.B,
    ) -> None:
        super().__init__()
        hidden = quarter(out_channels)
        self.keeps_shape = stride == 1 and in_channels == out_channels
        self.shortcut = make_shortcut(shortcut, in_channels, out_channels, stride, norm=False)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, stride=stride, bias=False)  # where the authors' code strides
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(hidden)
        self.conv3 = nn.Conv2d(hidden, out_channels, 1, bias=False)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H2 W2"]:
        a = F.relu(self.norm1(x), inplace=True)
        h = self.conv1(a)
        h = self.conv2(F.relu(self.norm2(h), inplace=True))
        h = self.conv3(F.relu(self.norm3(h), inplace=True))
        return h + (x if isinstance(self.shortcut, nn.Identity) else self.shortcut(a))


class PreActResNet(nn.Module):
    """The network for small images in the later order: after the last sum come the norm and ReLU that it still lacks.

    Args:
        depth: layers with weights on the longest path: 6n + 2 for blocks of two convolutions, 9n + 2 for bottlenecks.
        block: PreActBlock or PreActBottleneck.
        shortcut: how x reaches the sum of each block.
        width: factor on the channels of the stages. Below 1 it narrows the first convolution too.
        in_channels: C, channels of the image.
        classes: N, number of classes.

    Raises:
        ValueError: if no whole number of blocks gives the depth, or if the width leaves a stage without channels.
    """

    def __init__(
        self,
        depth: int,
        *,
        block: type[nn.Module] = PreActBlock,
        shortcut: Shortcut = Shortcut.B,
        width: int | float = 1,
        in_channels: int = 3,
        classes: int = 10,
    ) -> None:
        super().__init__()
        n, stem, k = cifar_sizes(depth, block, width)
        make = partial(block, shortcut=shortcut)
        # A block opens with norm and ReLU, so nothing stands between this convolution and the first of them.
        self.conv1 = nn.Conv2d(in_channels, stem, 3, padding=1, bias=False)
        self.stage1 = make_stage(make, stem, k, n, stride=1)
        self.stage2 = make_stage(make, k, 2 * k, n, stride=2)
        self.stage3 = make_stage(make, 2 * k, 4 * k, n, stride=2)
        self.norm = nn.BatchNorm2d(4 * k)
        self.head = nn.Linear(4 * k, classes)
        he_init(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        h = self.stage3(self.stage2(self.stage1(self.conv1(x))))  # B 4K H/4 W/4
        return self.head(F.relu(self.norm(h), inplace=True).mean(dim=(2, 3)))


def preact_resnet(depth: int, *, classes: int = 10) -> PreActResNet:
    """ResNet-164 and ResNet-1001 for CIFAR: depth is 9n + 2."""
    return PreActResNet(depth, block=PreActBottleneck, classes=classes)


def wide_resnet(depth: int, width: int, *, classes: int = 10) -> PreActResNet:
    """WRN-depth-width for CIFAR; depth is 6n + 4, for its authors count convolutions, three projections among them."""
    return PreActResNet(depth - 2, width=width, classes=classes)
