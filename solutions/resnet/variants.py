"""Right answers to the exercise `resnet`, written in other ways. Each must keep all its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("ResidualBlock", "sequential")
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.f = nn.Sequential(
            nn.Conv2d(channels, hidden, kernel_size=3, padding="same", bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, kernel_size=3, padding="same", bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return (self.f(x) + x).clamp(min=0)


@variant("ResidualBlock", "parts-in-another-order")
class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.relu = nn.ReLU()
        self.back, self.bn_back = nn.Conv2d(hidden, channels, (3, 3), 1, 1, bias=False), nn.BatchNorm2d(channels)
        self.there, self.bn_there = nn.Conv2d(channels, hidden, (3, 3), 1, 1, bias=False), nn.BatchNorm2d(hidden)

    def forward(self, x):
        shortcut = x.clone()
        x = self.relu(self.bn_there(self.there(x)))
        x = self.bn_back(self.back(x))
        x += shortcut
        return self.relu(x)


@variant("DownBlock", "functional")
class DownBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.stride, self.project = stride, (in_channels, stride) != (out_channels, 1)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        if self.project:
            self.conv3 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.norm3 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        if self.project:
            x = self.norm3(self.conv3(F.avg_pool2d(x, self.stride)))
        return F.relu(h + x)


@variant("DownBlock", "projected-then-averaged")
class DownBlock(nn.Module):
    # A 1x1 convolution and an average are both linear and act on different axes, so they may change places.
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.f = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        same = stride == 1 and in_channels == out_channels
        self.s = nn.Sequential() if same else nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.AvgPool2d(stride), nn.BatchNorm2d(out_channels)
        )  # fmt: skip

    def forward(self, x):
        return torch.relu(self.f(x) + self.s(x))


@variant("GroupedBottleneck", "sequential")
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        out = expansion * hidden
        self.f = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, 1, 1, groups=groups, bias=False), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, out, 1, bias=False), nn.BatchNorm2d(out),
        )  # fmt: skip
        self.s = None
        if in_channels != out:
            self.s = nn.Sequential(nn.Conv2d(in_channels, out, 1, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return (self.f(x) + (x if self.s is None else self.s(x))).relu()


@variant("GroupedBottleneck", "list-of-layers")
class GroupedBottleneck(nn.Module):
    def __init__(self, in_channels, hidden, expansion=4, groups=1):
        super().__init__()
        sizes = [in_channels, hidden, hidden, hidden * expansion]
        self.convs = nn.ModuleList(
            nn.Conv2d(sizes[i], sizes[i + 1], (1, 3, 1)[i], padding=(0, 1, 0)[i], groups=(1, groups, 1)[i], bias=False)
            for i in range(3)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(size) for size in sizes[1:])
        self.match = nn.Sequential()
        if sizes[0] != sizes[3]:
            self.match.append(nn.Conv2d(sizes[0], sizes[3], 1, bias=False))
            self.match.append(nn.BatchNorm2d(sizes[3]))

    def forward(self, x):
        h = x
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            h = norm(conv(h))
            h = F.relu(h) if i < 2 else F.relu(h + self.match(x))
        return h


@variant("bottleneck_cost", "built-and-counted")
def bottleneck_cost(channels, hidden, side, groups=1):
    convs = nn.Sequential(
        nn.Conv2d(channels, hidden, 1, bias=False),
        nn.Conv2d(hidden, hidden, 3, groups=groups, bias=False),
        nn.Conv2d(hidden, channels, 1, bias=False),
    )
    weights = sum(w.numel() for w in convs.parameters())
    return weights + 4 * hidden + 2 * channels, weights * side**2


@variant("bottleneck_cost", "group-by-group")
def bottleneck_cost(channels, hidden, side, groups=1):
    part = hidden // groups
    middle = sum(3 * 3 * part * part for _ in range(groups))
    outer = channels * hidden
    return 2 * (outer + 2 * hidden + channels) + middle, side * side * (2 * outer + middle)


@variant("silence", "no-grad")
def silence(block):
    with torch.no_grad():
        block.branch[4].weight.mul_(0)
        block.branch[4].bias.fill_(0)


@variant("silence", "all-parameters-of-the-last-layer")
def silence(block):
    *_, last = block.branch.children()
    for parameter in last.parameters():
        parameter.data = torch.zeros_like(parameter)


@variant("PreActivation", "sequential")
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.f = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, hidden, 3, padding=1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, channels, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return self.f(x) + x


@variant("PreActivation", "one-step-at-a-time")
class PreActivation(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv2 = nn.Conv2d(hidden, channels, 3, 1, 1, bias=False)
        self.conv1 = nn.Conv2d(channels, hidden, 3, 1, 1, bias=False)
        self.norm_hidden, self.norm_in = nn.BatchNorm2d(hidden), nn.BatchNorm2d(channels)

    def forward(self, x):
        out = torch.maximum(self.norm_in(x), torch.zeros((), dtype=x.dtype))
        out = self.conv1(out)
        out = self.norm_hidden(out)
        out = self.conv2(out.relu())
        return torch.add(out, x)


@variant("silence_later", "no-grad")
def silence_later(block):
    with torch.no_grad():
        block.branch[5].weight.fill_(0)


@variant("silence_later", "last-convolution-found")
def silence_later(block):
    *_, last = (layer for layer in block.branch if isinstance(layer, nn.Conv2d))
    last.weight.data *= 0


@variant("wide_parameters", "built-and-counted")
def wide_parameters(depth, width):
    layers, c = [nn.Conv2d(3, 16, 3, bias=False)], 16
    for w in (16 * width, 32 * width, 64 * width):
        for _ in range((depth - 4) // 6):
            layers += [nn.BatchNorm2d(c), nn.Conv2d(c, w, 3, bias=False)]
            layers += [nn.BatchNorm2d(w), nn.Conv2d(w, w, 3, bias=False)]
            layers += [nn.Conv2d(c, w, 1, bias=False)] if c != w else []
            c = w
    layers += [nn.BatchNorm2d(c), nn.Linear(c, 10)]
    return sum(p.numel() for layer in layers for p in layer.parameters())


@variant("wide_parameters", "list-of-blocks")
def wide_parameters(depth, width):
    widths = [16] + [16 * width * 2**stage for stage in range(3) for _ in range((depth - 4) // 6)]
    pairs = [(widths[i], widths[i + 1]) for i in range(len(widths) - 1)]
    blocks = [2 * (a + b) + 9 * b * (a + b) + (a != b) * a * b for a, b in pairs]
    return 432 + sum(blocks) + 12 * widths[-1] + 10


@variant("deepest", "recursive")
def deepest(count, budget, width):
    def try_from(depth, best):
        return best if count(depth, width) > budget else try_from(depth + 6, depth)

    return try_from(10, 0)


@variant("deepest", "one-block-more-each-time")
def deepest(count, budget, width):
    best, blocks = 0, 1
    while True:
        depth = 6 * blocks + 4
        if count(depth, width) > budget:
            return best
        best, blocks = depth, blocks + 1
