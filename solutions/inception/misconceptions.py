"""Wrong answers to the exercise `inception`, each with the line of thought behind it. Each must lose its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "NaiveInception",
    "joined-along-the-batch",
    says="Your branches are joined along axis 0, the batch: the outputs of one image become several images. With "
    "equal widths nothing complains. The channels are axis 1.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=0)


@misconception(
    "NaiveInception",
    "joined-along-the-height",
    says="Your branches are stacked on top of each other along the height. Only their channels differ, so they "
    "belong one behind the other along axis 1.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=2)


@misconception(
    "NaiveInception",
    "joined-along-the-width",
    says="Your branches stand beside each other along the last axis, the width. With the channels last (as in "
    "other libraries) that would be right; here the channels are axis 1.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=-1)


@misconception(
    "NaiveInception",
    "pooling-with-stride",
    says="Your pooling shrinks the map: without a stride, max_pool2d moves by the size of its window. Pass "
    "stride=1, so that its output fits the other branches.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "pooling-with-stride-2",
    says="Your pooling has a stride of 2 and halves the map, as poolings between stages do. Inside a module it "
    "keeps the size: stride=1.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=2, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "pooling-stretched-back",
    says="You pool with a stride and enlarge the map again, which repeats values and loses where they were. A "
    "stride of 1 with padding keeps the size by itself.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.interpolate(F.max_pool2d(x, 3, stride=2, padding=1), size=x.shape[2:])], dim=1)


@misconception(
    "NaiveInception",
    "average-pooling",
    says="Your pooling branch averages. This module takes the largest value of each window; the average came with "
    "Inception-v3.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.avg_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "relu-forgotten",
    says="Your convolutions pass on negative values: behind each of the three stands a ReLU.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [self.conv1(x), self.conv3(x), self.conv5(x)]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "relu-on-the-pooling-too",
    says="Your ReLU is applied to everything at the end, so the pooling branch loses its negative values. It "
    "stands behind the convolutions only.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return F.relu(torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1))


@misconception(
    "NaiveInception",
    "pool-fed-by-relu",
    says="Your input passes a ReLU before the branches. It may be negative here, and the branches should see it as "
    "it comes.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        x = F.relu(x)
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "padding-of-1-everywhere",
    says="You pad the 5x5 by 1 like the 3x3, so its map comes out smaller by two pixels. A kernel of n keeps the "
    "size with a padding of (n - 1) / 2.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=1)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "padding-forgotten",
    says="Your 3x3 and 5x5 have no padding: their maps are smaller than that of the 1x1, and cannot be joined with it.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3)
        self.conv5 = nn.Conv2d(in_channels, five, 5)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "branches-in-a-row",
    says="You send the output of each convolution into the next. The four branches stand side by side: each sees "
    "the input x itself.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(one, three, 3, padding=1)
        self.conv5 = nn.Conv2d(three, five, 5, padding=2)

    def forward(self, x):
        a = F.relu(self.conv1(x))
        b = F.relu(self.conv3(a))
        c = F.relu(self.conv5(b))
        return torch.cat([a, b, c, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "branches-in-a-plain-list",
    says="Your branches stand in a plain list, where PyTorch does not find them: no parameter moves to another type or device "
    "with the module, and none would be trained. Use nn.ModuleList.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        sides = ((one, 1), (three, 3), (five, 5))
        self.filters = [nn.Conv2d(in_channels, width, side, padding=side // 2) for width, side in sides]

    def forward(self, x):
        branches = [F.relu(conv(x)) for conv in self.filters]
        return torch.cat([*branches, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "pooling-forgotten",
    says="Your output lacks the channels of the pooling branch: the naive module passes all channels of its input "
    "on, pooled.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat(filtered, dim=1)


@misconception(
    "NaiveInception",
    "pooling-first",
    says="Your output starts with the pooled channels. The order is 1x1, 3x3, 5x5, pooling: the next layer's "
    "weights rely on it.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([F.max_pool2d(x, 3, stride=1, padding=1), *filtered], dim=1)


@misconception(
    "NaiveInception",
    "no-bias",
    says="Your convolutions have no bias. There is no batch norm here that would replace it: in this exercise each "
    "convolution has one.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1, bias=False)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1, bias=False)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2, bias=False)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(x, 3, stride=1, padding=1)], dim=1)


@misconception(
    "NaiveInception",
    "added-instead-of-joined",
    says="You add the branches. Then they need equal channels, and the next layer can no longer tell the filter "
    "sizes apart. Lay them one behind the other with torch.cat.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return sum(filtered) + F.max_pool2d(x, 3, stride=1, padding=1)


@misconception(
    "NaiveInception",
    "pooling-padded-with-zeros",
    says="You pad the map with zeros before pooling, and where all neighbours are negative the zeros win. The "
    "padding of max_pool2d itself never wins: pass padding=1.",
)
class NaiveInception(nn.Module):
    def __init__(self, in_channels, one, three, five):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, three, 3, padding=1)
        self.conv5 = nn.Conv2d(in_channels, five, 5, padding=2)

    def forward(self, x):
        filtered = [F.relu(self.conv1(x)), F.relu(self.conv3(x)), F.relu(self.conv5(x))]
        return torch.cat([*filtered, F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, stride=1)], dim=1)


@misconception(
    "Inception",
    "branches-in-a-plain-list",
    says="Your branches stand in a plain list, where PyTorch does not find them: no parameter moves to another type or device "
    "with the module, and none would be trained. Use nn.ModuleList.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()

        def filters(*convs):
            return nn.Sequential(*[layer for conv in convs for layer in (conv, nn.ReLU())])

        self.branches = [
            filters(nn.Conv2d(in_channels, one, 1)),
            filters(nn.Conv2d(in_channels, reduce3, 1), nn.Conv2d(reduce3, three, 3, padding=1)),
            filters(nn.Conv2d(in_channels, reduce5, 1), nn.Conv2d(reduce5, five, 5, padding=2)),
            nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), filters(nn.Conv2d(in_channels, project, 1))),
        ]

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


@misconception(
    "Inception",
    "reduced-after-the-filter",
    says="Your 1x1 comes behind the large filter. Then the expensive convolution still sees all the channels of "
    "the input, and nothing is saved. The reduction comes before.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.conv3 = nn.Conv2d(in_channels, reduce3, 3, padding=1)
        self.after3 = nn.Conv2d(reduce3, three, 1)
        self.conv5 = nn.Conv2d(in_channels, reduce5, 5, padding=2)
        self.after5 = nn.Conv2d(reduce5, five, 1)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.after3(F.relu(self.conv3(x))),
            self.after5(F.relu(self.conv5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "projected-before-the-pooling",
    says="Your projection comes before the pooling. It costs the same there, but it mixes the pixels' values "
    "before the largest are taken, and the result is another one. It stands behind the pooling.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            F.max_pool2d(self.after_pool(x), 3, stride=1, padding=1),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "no-relu-after-the-reductions",
    says="Between your reductions and the filters behind them stands no ReLU. Then the two are one linear map of "
    "low rank; the paper puts a ReLU behind every convolution.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(self.before3(x)),
            self.conv5(self.before5(x)),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "no-relu-at-the-end",
    says="Your output still has negative values: the last convolution of each branch has its ReLU too.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return torch.cat(branches, dim=1)


@misconception(
    "Inception",
    "no-relu-after-the-projection",
    says="There is no ReLU behind the projection of your pooling branch. It is a convolution like the others.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return torch.cat([*map(F.relu, branches[:3]), branches[3]], dim=1)


@misconception(
    "Inception",
    "widths-of-filter-and-reduction-swapped",
    says="You swapped the widths: reduce3 and reduce5 are the channels between the 1x1 and the filter, three and "
    "five those that come out.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, three, 1)
        self.conv3 = nn.Conv2d(three, reduce3, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, five, 1)
        self.conv5 = nn.Conv2d(five, reduce5, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "reductions-exchanged",
    says="You put the reduction of the 5x5 before the 3x3 and that of the 3x3 before the 5x5: the arguments come "
    "in the order reduce3, three, reduce5, five.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv3 = nn.Conv2d(reduce5, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv5 = nn.Conv2d(reduce3, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "three-by-three-in-the-5x5-branch",
    says="Your third branch filters with 3x3. A well-known library does so by mistake; the module of the paper has "
    "a 5x5 there.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 3, padding=1)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "pooling-with-stride",
    says="Your pooling moves by its own size, since it was given no stride, and its map is smaller than the "
    "others. Pass stride=1.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "pooling-left-out",
    says="Your last branch projects the input without pooling it: then it is a second 1x1 branch and sees no "
    "neighbours.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(x),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "average-pooling",
    says="Your pooling averages. That is Inception-v3's choice; here the largest value of each window passes.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.avg_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "joined-along-the-batch",
    says="Your branches are joined along the batch, axis 0, where the images lie. Channels are axis 1.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=0))


@misconception(
    "Inception",
    "projection-forgotten",
    says="Your pooling branch passes on all channels of the input. That is what made the naive module deeper and "
    "deeper; here a 1x1 behind the pooling brings them to project channels.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            F.max_pool2d(x, 3, stride=1, padding=1),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "one-reduction-for-both",
    says="Your 3x3 and your 5x5 share one reduction. Each branch has a 1x1 of its own, with its own width.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.conv5 = nn.Conv2d(reduce3, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before3(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "pooling-padded-with-zeros",
    says="You pad the map with zeros before pooling, and where all neighbours are negative the zeros win. The "
    "padding of max_pool2d itself never wins: pass padding=1.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, stride=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "pooling-branch-first",
    says="Your output starts with the projected channels of the pooling branch. The order is 1x1, 3x3, 5x5, "
    "pooling: the next layer relies on it.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "no-relu-before-the-3x3",
    says="Between the reduction and the 3x3 stands no ReLU in your second branch. There are six convolutions and "
    "six ReLUs.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(self.before3(x)),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "no-relu-before-the-5x5",
    says="Between the reduction and the 5x5 stands no ReLU in your third branch. There are six convolutions and six "
    "ReLUs.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(self.before5(x)),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "relu-before-the-pooling",
    says="Your pooling branch cuts off negative values before it pools. The ReLU stands behind its projection only.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2)
        self.after_pool = nn.Conv2d(in_channels, project, 1)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(F.relu(x), 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "Inception",
    "no-bias",
    says="Your convolutions have no bias. There is no batch norm here that would replace it: in this exercise each "
    "convolution has one.",
)
class Inception(nn.Module):
    def __init__(self, in_channels, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1, bias=False)
        self.before3 = nn.Conv2d(in_channels, reduce3, 1, bias=False)
        self.conv3 = nn.Conv2d(reduce3, three, 3, padding=1, bias=False)
        self.before5 = nn.Conv2d(in_channels, reduce5, 1, bias=False)
        self.conv5 = nn.Conv2d(reduce5, five, 5, padding=2, bias=False)
        self.after_pool = nn.Conv2d(in_channels, project, 1, bias=False)

    def forward(self, x):
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.before3(x))),
            self.conv5(F.relu(self.before5(x))),
            self.after_pool(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, dim=1))


@misconception(
    "bill",
    "naive-pooling-counted",
    says="You count the pooling as if it multiplied: nine comparisons for each output are no multiply-accumulates, "
    "and the naive pooling branch has no convolution.",
)
def naive_macs(side, in_channels, one, three, five):
    return side * side * in_channels * (one + 9 * three + 25 * five + 9)


@misconception(
    "bill",
    "naive-kernel-side-not-squared",
    says="You count a 3x3 as 3 products and a 5x5 as 5. A kernel has as many weights as its area: 9 and 25.",
)
def naive_macs(side, in_channels, one, three, five):
    return side * side * in_channels * (one + 3 * three + 5 * five)


@misconception(
    "bill",
    "naive-parameters",
    says="You count weights, not operations: each weight is used once at every pixel, so multiply by the pixels of "
    "the map.",
)
def naive_macs(side, in_channels, one, three, five):
    return in_channels * (one + 9 * three + 25 * five)


@misconception(
    "bill",
    "naive-twice",
    says="You count the multiplication and the addition separately. A multiply-accumulate is both together, "
    "counted once.",
)
def naive_macs(side, in_channels, one, three, five):
    return 2 * side * side * in_channels * (one + 9 * three + 25 * five)


@misconception(
    "bill",
    "naive-side-once",
    says="You multiply by the side of the map once. A map has side times side pixels, and each output is computed "
    "at all of them.",
)
def naive_macs(side, in_channels, one, three, five):
    return side * in_channels * (one + 9 * three + 25 * five)


@misconception(
    "bill",
    "naive-biases",
    says="You count the biases too. They are additions without a multiplication; the task counts the convolutions' "
    "products alone.",
)
def naive_macs(side, in_channels, one, three, five):
    return (
        side * side * (in_channels + 1) * one
        + side * side * (9 * in_channels + 1) * three
        + side * side * (25 * in_channels + 1) * five
    )


@misconception(
    "bill",
    "three-by-three-twice",
    says="Your sum holds the term of the 3x3 twice. It is the slip that leads from 271 million to the 358 million "
    "of the lecture's slide.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * side * (ones + 2 * 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "filters-see-all-channels",
    says="Your 3x3 and 5x5 still see all the channels of the input. Behind a reduction they see reduce3 and "
    "reduce5 channels only: that is the saving.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * side * (ones + 9 * in_channels * three + 25 * in_channels * five)


@misconception(
    "bill",
    "reductions-free",
    says="You count the reductions as free. They are convolutions too: in_channels products for each of their outputs.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + project)
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "projection-forgotten",
    says="Your bill lacks the projection behind the pooling. The pooling multiplies nothing, but the 1x1 behind it "
    "does.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5)
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "first-branch-forgotten",
    says="Your bill lacks the first branch, the 1x1 that stands alone: in_channels times one products at each pixel.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (reduce3 + reduce5 + project)
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "projection-sees-the-pooled-window",
    says="You give the projection nine weights for each channel, as if it looked at a window. The pooling has "
    "looked already; the 1x1 behind it takes one value of each channel.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + 9 * project)
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "kernel-side-not-squared",
    says="You count a 3x3 as 3 products and a 5x5 as 5. A kernel has as many weights as its area: 9 and 25.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * side * (ones + 3 * reduce3 * three + 5 * reduce5 * five)


@misconception(
    "bill",
    "parameters",
    says="You count weights. Each of them is used at every pixel of the map, so the bill is side times side times "
    "larger.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return ones + 9 * reduce3 * three + 25 * reduce5 * five


@misconception(
    "bill",
    "twice",
    says="You count the multiplication and the addition separately. A multiply-accumulate is both together, counted "
    "once.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return 2 * side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "side-once",
    says="You multiply by the side of the map once. A map has side times side pixels, and each output is computed "
    "at all of them.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * (ones + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "pooling-counted",
    says="You count the pooling as if it multiplied: nine comparisons for each output are no multiply-accumulates.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    return side * side * (ones + 9 * in_channels + 9 * reduce3 * three + 25 * reduce5 * five)


@misconception(
    "bill",
    "biases",
    says="You count the biases too. They are additions without a multiplication; the task counts the products of "
    "the convolutions alone.",
)
def reduced_macs(side, in_channels, one, reduce3, three, reduce5, five, project):
    ones = in_channels * (one + reduce3 + reduce5 + project)
    biases = one + reduce3 + three + reduce5 + five + project
    return side * side * (ones + 9 * reduce3 * three + 25 * reduce5 * five + biases)


@misconception(
    "TwoHeads",
    "aux-in-evaluation",
    says="Your network computes the auxiliary head in evaluation too. It is a tool of training; afterwards it "
    "costs time and its scores confuse whoever expects one tensor. Ask for self.training in forward; in "
    "__init__ it is always True.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        return (scores, self.aux(middle))


@misconception(
    "TwoHeads",
    "computed-and-thrown-away",
    says="Your auxiliary head runs in evaluation and its scores are thrown away. It must not even be called there.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        side = self.aux(middle)
        return (scores, side) if self.training else scores


@misconception(
    "TwoHeads",
    "modes-exchanged",
    says="Your modes are exchanged: the pair comes in evaluation and the main scores alone in training.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if not self.training:
            return (scores, self.aux(middle))
        return scores


@misconception(
    "TwoHeads",
    "auxiliary-first",
    says="Your pair holds the auxiliary scores first. The main ones come first, so that the loss weighs the right "
    "head.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return (self.aux(middle), scores)
        return scores


@misconception(
    "TwoHeads",
    "aux-behind-the-end",
    says="Your auxiliary head is fed by the upper half. It belongs to the middle: what leaves the lower half.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        middle = self.upper(middle)
        scores = self.head(middle)
        if self.training:
            return (scores, self.aux(middle))
        return scores


@misconception(
    "TwoHeads",
    "aux-cut-off",
    says="You detach the middle before the auxiliary head, so its gradient never reaches the lower half. That "
    "gradient is what the head is for.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return (scores, self.aux(middle.detach()))
        return scores


@misconception(
    "TwoHeads",
    "main-cut-off",
    says="You detach the middle before the upper half: then the main head no longer trains the lower one.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle.detach()))
        if self.training:
            return (scores, self.aux(middle))
        return scores


@misconception(
    "TwoHeads",
    "lower-runs-twice",
    says="Your lower half runs twice, once for each head. It is the most expensive part; keep what leaves it and "
    "use it twice.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return (scores, self.aux(self.lower(x)))
        return scores


@misconception(
    "TwoHeads",
    "none-in-evaluation",
    says="In evaluation your network returns a pair with None in it. Whoever uses it then needs the scores alone, "
    "as a tensor.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return (scores, self.aux(middle))
        return (scores, None)


@misconception(
    "TwoHeads",
    "scores-averaged",
    says="In evaluation you average the scores of both heads. That is an ensemble; here the auxiliary head is "
    "dropped after training.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if self.training:
            return (scores, self.aux(middle))
        return (scores + self.aux(middle)) / 2


@misconception(
    "TwoHeads",
    "parts-not-registered",
    says="You keep the parts in a list, which PyTorch does not look into: the network reports no parameters, and "
    "neither .to() nor an optimizer finds them. Assign them as attributes, or use nn.ModuleList.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.parts = [lower, upper, head, aux]

    def forward(self, x):
        lower, upper, head, aux = self.parts
        middle = lower(x)
        scores = head(upper(middle))
        return (scores, aux(middle)) if self.training else scores


@misconception(
    "TwoHeads",
    "mode-from-the-gradient",
    says="You ask whether gradients are recorded, not in which mode the network is. An evaluation may record "
    "gradients, and no_grad does not mean eval.",
)
class TwoHeads(nn.Module):
    def __init__(self, lower, upper, head, aux):
        super().__init__()
        self.lower, self.upper, self.head, self.aux = (lower, upper, head, aux)

    def forward(self, x):
        middle = self.lower(x)
        scores = self.head(self.upper(middle))
        if torch.is_grad_enabled():
            return (scores, self.aux(middle))
        return scores


@misconception(
    "total_loss",
    "weight-of-1",
    says="You add the auxiliary loss at its full size. It counts times the weight, so that the main head decides.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return F.cross_entropy(main, targets) + F.cross_entropy(aux, targets)


@misconception(
    "total_loss",
    "weight-on-the-main-loss",
    says="Your weight stands at the main loss. The main loss counts in full, the auxiliary one times the weight.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return weight * F.cross_entropy(main, targets) + F.cross_entropy(aux, targets)


@misconception(
    "total_loss",
    "mean-of-the-two",
    says="You mix the losses as (1 - weight) and weight. Here the main loss counts in full and the other comes on top.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return (1 - weight) * F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets)


@misconception(
    "total_loss",
    "scores-mixed-before-the-loss",
    says="You add the scores first and take one loss of the sum. Each head has a loss of its own, and the losses "
    "are added: the heads are judged separately.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return F.cross_entropy(main + weight * aux, targets)


@misconception(
    "total_loss",
    "auxiliary-loss-forgotten",
    says="You take the loss of the main head alone. Then the auxiliary head never learns and sends no gradient.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    return F.cross_entropy(output[0], targets)


@misconception(
    "total_loss",
    "always-a-pair",
    says="You unpack the output whatever it is. In evaluation it is a tensor; one with two images unpacks into two "
    "rows without complaint.",
)
def total_loss(output, targets, weight):
    main, aux = output
    return F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets)


@misconception(
    "total_loss",
    "asked-by-length",
    says="You tell a pair from a tensor by its length. A tensor of two images has length two as well: ask for its "
    "type.",
)
def total_loss(output, targets, weight):
    if len(output) != 2:
        return F.cross_entropy(output, targets)
    main, aux = output
    return F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets)


@misconception(
    "total_loss",
    "probabilities-into-cross-entropy",
    says="You pass probabilities to F.cross_entropy, which applies the softmax itself. It wants the scores.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output.softmax(dim=1), targets)
    main, aux = output
    return F.cross_entropy(main.softmax(dim=1), targets) + weight * F.cross_entropy(aux.softmax(dim=1), targets)


@misconception(
    "total_loss",
    "sum-over-the-images",
    says="You sum over the images. The cross-entropy of a batch is the mean, so that the size of the batch does "
    "not change the size of the step.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets, reduction="sum")
    main, aux = output
    return F.cross_entropy(main, targets, reduction="sum") + weight * F.cross_entropy(aux, targets, reduction="sum")


@misconception(
    "total_loss",
    "auxiliary-loss-cut-off",
    says="You detach the auxiliary loss: the number is right, and no gradient comes of it.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets).detach()


@misconception(
    "total_loss",
    "divided-by-the-weights",
    says="You divide by the sum of the weights. The auxiliary loss comes on top: the main loss counts in full, as "
    "it would without the other head.",
)
def total_loss(output, targets, weight):
    if isinstance(output, torch.Tensor):
        return F.cross_entropy(output, targets)
    main, aux = output
    return (F.cross_entropy(main, targets) + weight * F.cross_entropy(aux, targets)) / (1 + weight)


@misconception(
    "one_kernel",
    "transposed",
    says="Your kernel is transposed: the column runs down the rows of the kernel, the row along its columns.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mcj->kcji", column[..., 0], row[:, :, 0])


@misconception(
    "one_kernel",
    "channels-exchanged",
    says="Your input and output channels are exchanged. A kernel's first axis is the output, K, its second the "
    "input, C.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mcj->ckij", column[..., 0], row[:, :, 0])


@misconception(
    "one_kernel",
    "averaged-over-what-lies-between",
    says="You average over the channels between. All ways from an input to an output channel add up.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mcj->kcij", column[..., 0], row[:, :, 0]) / row.shape[0]


@misconception(
    "one_kernel",
    "first-channel-only",
    says="You use the first of the channels between only. Each of them adds a product of its own; that is how the "
    "rank grows.",
)
def one_kernel(row, column):
    return torch.einsum("ki,cj->kcij", column[:, 0, :, 0], row[0, :, 0])


@misconception(
    "one_kernel",
    "added-weights",
    says="You add the weights of row and column. A value that passes both layers is multiplied twice, so the "
    "weights multiply.",
)
def one_kernel(row, column):
    return (column[:, :, None] + row[None]).sum(dim=1)


@misconception(
    "one_kernel",
    "flipped",
    says="You turned the kernel round, as for a mathematical convolution. Layers of this field lay the kernel on "
    "the image as it stands, both the pair and the single one.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mcj->kcij", column[..., 0], row[:, :, 0]).flip(2, 3)


@misconception(
    "one_kernel",
    "n-by-n-copies",
    says="You multiply row and column entry by entry, which needs them side by side and gives n numbers. Every "
    "entry of the column meets every entry of the row: n times n.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mci->kci", column[..., 0], row[:, :, 0])[..., None] * torch.ones(
        row.shape[-1], dtype=row.dtype
    )


@misconception(
    "one_kernel",
    "between-kept-diagonal",
    says="You let channel m meet output m only. The second convolution mixes: each output gets all channels between.",
)
def one_kernel(row, column):
    m = min(len(row), len(column))
    return torch.einsum("mi,mcj->mcij", column[range(m), range(m), :, 0], row[:m, :, 0])


@misconception(
    "one_kernel",
    "cut-from-the-graph",
    says="Your kernel is right, but made from row.data or detached weights: no gradient reaches row and column, so "
    "they could not be trained through it.",
)
def one_kernel(row, column):
    return torch.einsum("kmi,mcj->kcij", column.detach()[..., 0], row.detach()[:, :, 0])


@misconception(
    "one_kernel",
    "matrix-product-of-the-weights",
    says="You multiply the tensors as they come, column @ row. That pairs the leading axes, output channel with "
    "channel between, and adds nothing up. Each channel between meets itself, and the products are summed over them.",
)
def one_kernel(row, column):
    return column @ row


@misconception(
    "break_even",
    "one-factor-only",
    says="You count one of the two factors. The row costs n products for each channel in, and the column as many "
    "again.",
)
def break_even(channels, n):
    return channels * n


@misconception(
    "break_even",
    "rounded",
    says="You round half a channel up, and the next whole one costs more than the square filter.",
)
def break_even(channels, n):
    return round(channels * n / 2 + 0.001)


@misconception(
    "break_even",
    "fewer-not-at-most",
    says="You ask for strictly less. The task allows equal cost, so where the two meet exactly, that number still "
    "counts.",
)
def break_even(channels, n):
    return (channels * n - 1) // 2


@misconception(
    "break_even",
    "equal-channels",
    says="You answer with the number of channels itself, as the network happens to choose it. The question is how "
    "many one could afford.",
)
def break_even(channels, n):
    return channels


@misconception(
    "break_even",
    "squared",
    says="You compare n squared with n: the square costs n times as much as one factor, for the same channels. The "
    "pair holds two factors, and M enters in each once.",
)
def break_even(channels, n):
    return channels * n * n // 2


@misconception(
    "break_even",
    "half-a-channel",
    says="Your number can end in a half. There is no half channel: the largest whole number that costs no more is wanted, so round "
    "down.",
)
def break_even(channels, n):
    return channels * n / 2


@misconception(
    "break_even",
    "sum-not-product",
    says="You compare the number of weights of single filters, n squared against 2n, and forget that both costs "
    "grow with the channels they connect.",
)
def break_even(channels, n):
    return n * n // 2


@misconception(
    "Reduction",
    "branches-in-a-plain-list",
    says="Your branches stand in a plain list, where PyTorch does not find them: no parameter moves to another type or device "
    "with the module, and none would be trained. Use nn.ModuleList.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        reduce, widen = nn.Conv2d(in_channels, narrow, 1), nn.Conv2d(narrow, double, 3, padding=1)
        direct, last = nn.Conv2d(in_channels, wide, 3, stride=2), nn.Conv2d(double, double, 3, stride=2)
        self.branches = [
            nn.Sequential(direct, nn.ReLU()),
            nn.Sequential(reduce, nn.ReLU(), widen, nn.ReLU(), last, nn.ReLU()),
            nn.MaxPool2d(3, stride=2),
        ]

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


@misconception(
    "Reduction",
    "pooled-first",
    says="You pool the input and let the convolutions work on the small map. That is the bottleneck this block "
    "avoids: all three branches see the input at full size.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, padding=1)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, padding=1)

    def forward(self, x):
        x = F.max_pool2d(x, 3, stride=2)
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, x], dim=1)


@misconception(
    "Reduction",
    "pooled-last",
    says="You filter at full size and pool at the end. It gives the right shape and costs about four times as "
    "much; the strides belong into the branches.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, padding=1)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return F.max_pool2d(torch.cat([F.relu(self.direct(x)), h, x], dim=1), 3, stride=2)


@misconception(
    "Reduction",
    "padded-everywhere",
    says="You pad what has stride 2. With an even side the map then comes out larger, and at the border zeros are "
    "mixed in; here only the middle 3x3 is padded.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2, padding=1)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2, padding=1)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2, padding=1)], dim=1)


@misconception(
    "Reduction",
    "middle-not-padded",
    says="Your middle 3x3 has no padding, so its map is two pixels smaller and the branch ends a pixel short of "
    "the others. It keeps the size: padding=1.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "window-of-2",
    says="Your pooling takes windows of 2x2. Those of 3x3 with stride 2 overlap, and fit the strided convolutions "
    "on odd sides.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 2, stride=2)], dim=1)


@misconception(
    "Reduction",
    "pooling-without-its-stride",
    says="Your pooling moves by its own size of 3. Its map must fit those of the convolutions with stride 2.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3)], dim=1)


@misconception(
    "Reduction",
    "average-pooling",
    says="Your pooling averages; this block takes the largest value. It is the other modules of Inception-v3 that "
    "average.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.avg_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "stride-in-the-middle",
    says="Your stride stands in the first 3x3 of the long branch. Then the second one works on the small map only; "
    "the last convolution strides.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, stride=2)
        self.third = nn.Conv2d(double, double, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "stride-in-the-1x1",
    says="Your stride stands in the 1x1, which then reads one pixel of every four and never sees the others. The "
    "last convolution of the branch strides.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1, stride=2)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        y = F.relu(self.direct(x))
        return torch.cat([y, h[..., : y.shape[2], : y.shape[3]], F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "relu-on-the-pooled",
    says="Your ReLU covers the pooled channels too. The pooling passes its values on as they are, negative ones "
    "included.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return F.relu(torch.cat([self.direct(x), h, F.max_pool2d(x, 3, stride=2)], dim=1))


@misconception(
    "Reduction",
    "relu-left-out-between",
    says="In your long branch the convolutions follow each other without a ReLU between, so the three together are "
    "one linear map.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(self.second(self.first(x))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "direct-without-relu",
    says="Your convolution that stands alone has no ReLU behind it. Behind each of the four convolutions of this "
    "block stands one.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([self.direct(x), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "order-of-the-branches",
    says="Your branches come in another order. It is the lone convolution, the long branch, the pooling.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([h, F.relu(self.direct(x)), F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "joined-along-the-batch",
    says="Your branches are joined along the batch. Channels are axis 1.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=0)


@misconception(
    "Reduction",
    "narrow-and-double-swapped",
    says="You swapped narrow and double: the 1x1 makes narrow channels, the two 3x3 behind it double.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, double, 1)
        self.second = nn.Conv2d(double, narrow, 3, padding=1)
        self.third = nn.Conv2d(narrow, narrow, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "long-branch-without-its-last-relu",
    says="The last convolution of your long branch has no ReLU behind it. Behind each of the four convolutions of "
    "this block stands one.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = self.third(F.relu(self.second(F.relu(self.first(x)))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)


@misconception(
    "Reduction",
    "window-rounded-up",
    says="Your pooling rounds its size up (ceil_mode), as GoogLeNet does between its stages. On an even side its "
    "map is then larger than those of the convolutions.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2)
        self.first = nn.Conv2d(in_channels, narrow, 1)
        self.second = nn.Conv2d(narrow, double, 3, padding=1)
        self.third = nn.Conv2d(double, double, 3, stride=2)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2, ceil_mode=True)], dim=1)


@misconception(
    "Reduction",
    "no-bias",
    says="Your convolutions have no bias. There is no batch norm here that would replace it: in this exercise each "
    "convolution has one.",
)
class Reduction(nn.Module):
    def __init__(self, in_channels, wide, narrow, double):
        super().__init__()
        self.direct = nn.Conv2d(in_channels, wide, 3, stride=2, bias=False)
        self.first = nn.Conv2d(in_channels, narrow, 1, bias=False)
        self.second = nn.Conv2d(narrow, double, 3, padding=1, bias=False)
        self.third = nn.Conv2d(double, double, 3, stride=2, bias=False)

    def forward(self, x):
        h = F.relu(self.third(F.relu(self.second(F.relu(self.first(x))))))
        return torch.cat([F.relu(self.direct(x)), h, F.max_pool2d(x, 3, stride=2)], dim=1)
