"""Wrong answers to the exercise `densenet`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from coursekit.exercise import misconception


@misconception(
    "NewMaps",
    "convolution-first",
    says="Your layer convolves first and normalises afterwards, as the first residual networks do. A dense layer "
    "starts with norm and ReLU: the same map is read by many layers, and so each gives it a scale of its own.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(growth_rate)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = F.relu(self.norm1(self.conv1(h)))
        return F.relu(self.norm2(self.conv2(h)))


@misconception(
    "NewMaps",
    "sources-returned",
    says="Your layer returns its sources together with the new maps. Keeping everything is the block's task; the "
    "layer returns its G new maps alone, or each source would be in the list twice.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        new = self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(h))))))
        return torch.cat([h, new], dim=1)


@misconception(
    "NewMaps",
    "list-extended",
    says="Your layer appends its new maps to the list that it was given. The list belongs to the block, which "
    "appends to it too; then every map would be in it twice. Return the new maps and leave the list as it is.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        sources.append(self.conv2(F.relu(self.norm2(h))))
        return sources[-1]


@misconception(
    "NewMaps",
    "first-relu-missing",
    says="Between your first norm and the 1 by 1 convolution there is no ReLU, so this half of the layer is linear. "
    "The order is norm, ReLU, convolution, twice.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(self.norm1(h))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "second-relu-missing",
    says="Between your second norm and the 3 by 3 convolution there is no ReLU. Without it, the norm and the two "
    "convolutions around it make one linear map.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(self.norm2(h))


@misconception(
    "NewMaps",
    "relu-before-the-norm",
    says="Your ReLU stands before the norm. It then cuts off what was negative before the norm has moved the values "
    "to a mean of its own choice. The order is norm, ReLU, convolution.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(self.norm1(F.relu(h)))
        return self.conv2(self.norm2(F.relu(h)))


@misconception(
    "NewMaps",
    "relu-at-the-end",
    says="Your new maps go through a ReLU before they are returned. The ReLU belongs to the layers that read them, "
    "behind a norm of their own. What is cut off here is lost to all of them.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return F.relu(self.conv2(F.relu(self.norm2(h))))


@misconception(
    "NewMaps",
    "biases",
    says="Your convolutions have biases. Contract and paper have none: behind the first a norm subtracts it, and "
    "behind the second the norms of the layers that read the maps do. Pass bias=False.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "padding-forgotten",
    says="Your 3 by 3 convolution has no padding, so the new maps are two pixels smaller each way. They could not be "
    "joined with the sources any more. Pass padding=1.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "padding-on-the-1x1",
    says="Your 1 by 1 convolution has padding=1, which puts a frame of zeros round the image; the 3 by 3 then makes "
    "maps two pixels too large, or reads the frame. A 1 by 1 kernel needs no padding.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "squeeze-as-a-multiple",
    says="You took squeeze as a multiple of the growth rate, as the library does. Here it is M itself, the number of "
    "channels between the two convolutions.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        hidden = squeeze * growth_rate
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(hidden)
        self.conv2 = nn.Conv2d(hidden, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "squeeze-ignored",
    says="Between your two convolutions there are growth_rate channels. There should be squeeze of them; the paper "
    "takes four times as many as the growth rate, so that the narrow place is not too narrow.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(growth_rate)
        self.conv2 = nn.Conv2d(growth_rate, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "no-bottleneck",
    says="Your layer goes from the sources to the new maps by a single 3 by 3 convolution. That is the paper's first "
    "form. This task has the 1 by 1 convolution to squeeze channels in front of it.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        return self.conv1(F.relu(self.norm1(h)))


@misconception(
    "NewMaps",
    "kernels-swapped",
    says="Your 3 by 3 convolution comes first and the 1 by 1 second. Then the dear kernel reads all sources, which "
    "the 1 by 1 is there to spare it. Squeeze first.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "two-1x1",
    says="Both of your convolutions are 1 by 1, so no pixel ever sees its neighbours. The second one is 3 by 3 with "
    "padding 1.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "second-norm-missing",
    says="There is no norm between your two convolutions. Each convolution of a dense layer has a norm and a ReLU of "
    "its own before it.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(h))


@misconception(
    "NewMaps",
    "first-norm-missing",
    says="There is no norm before your first convolution. The sources come from different layers and have different "
    "sizes; the norm is what makes them comparable.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        h = self.conv1(F.relu(h))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "newest-first",
    says="You join the sources with the newest in front. Any fixed order could be learned, but weights that were "
    "trained in one order make no sense in another. The contract, like the paper, has the oldest first.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources[::-1], dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "gradient-cut",
    says="No gradient reaches the sources: you detach them (or take their data) before joining. Then early layers "
    "learn nothing from later ones, and the short paths that make the network easy to train are gone.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat([source.detach() for source in sources], dim=1)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "residual",
    says="You add some of the maps that the layer reads to those that it makes, as a residual block does. A dense "
    "layer adds nothing up; the block puts its maps beside the others.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources, dim=1)
        new = self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(h))))))
        return new + h[:, : new.shape[1]]


@misconception(
    "NewMaps",
    "sources-overwritten",
    says="Your layer applies a ReLU to the sources in place, so it changes tensors that other layers still have to "
    "read. Join first; what torch.cat makes is a copy that is yours.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        sources = [
            F.relu(source.data, inplace=True) if not source.requires_grad else F.relu(source) for source in sources
        ]
        h = self.conv1(F.relu(self.norm1(torch.cat(sources, dim=1))))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "Block",
    "added",
    says="Your block adds what each layer makes to its input, as a residual network does, and the channels stay as "
    "many as they were. A dense block puts the new maps beside the old ones with torch.cat, so that nothing is "
    "mixed.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels, in_channels) for _ in range(layers))
        self.with_input = with_input

    def forward(self, x):
        h = x
        for layer in self.layers:
            h = h + layer([h])
        return h if self.with_input else h - x


@misconception(
    "Block",
    "only-the-last-passed-on",
    says="Each of your layers reads only what the layer before it made, and the block returns only the last maps: "
    "that is a plain chain. A dense layer reads the input and all maps made so far.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        widths = [in_channels, *[growth_rate] * (layers - 1)]
        self.layers = nn.ModuleList(make(width, growth_rate) for width in widths)
        self.with_input = with_input

    def forward(self, x):
        h = x
        for layer in self.layers:
            h = layer([h])
        return torch.cat([x, h], dim=1) if self.with_input else h


@misconception(
    "Block",
    "chain-that-keeps",
    says="You return all maps, but each of your layers reads only the newest. The connections are the point: every "
    "layer reads the input and all maps before it.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        widths = [in_channels, *[growth_rate] * (layers - 1)]
        self.layers = nn.ModuleList(make(width, growth_rate) for width in widths)
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps[-1:]))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "input-and-newest-only",
    says="Each of your layers reads the block's input and the newest maps, and none in between. With L layers a "
    "dense block has L (L + 1) / 2 connections; yours has 2 L - 1.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        widths = [in_channels, *[in_channels + growth_rate] * (layers - 1)]
        self.layers = nn.ModuleList(make(width, growth_rate) for width in widths)
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer([x] if len(maps) == 1 else [x, maps[-1]]))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "input-read-once",
    says="From the second layer on, your layers read the maps of the layers before them but no longer the block's "
    "input. The input is a source like any other and stays one to the end.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        widths = [in_channels, *[i * growth_rate for i in range(1, layers)]]
        self.layers = nn.ModuleList(make(width, growth_rate) for width in widths)
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps[1:] or maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "growth-counted-on-the-input",
    says="You multiply the input's channels with the number of the layer. Each layer adds growth_rate channels, "
    "however many the input has: layer i, counted from 0, reads in_channels + i * growth_rate.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels * (i + 1), growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "one-growth-too-many",
    says="You count from 1: your first layer expects the input and one growth rate more than there is. Layer i, "
    "counted from 0, reads in_channels + i * growth_rate channels.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + (i + 1) * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "growth-forgotten",
    says="All your layers are made for in_channels channels. From the second on a layer reads more: in_channels + i "
    "* growth_rate.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels, growth_rate) for _ in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "growth-that-grows",
    says="Your layers make more maps from layer to layer. The growth rate is the same for all of them: each adds "
    "growth_rate channels.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        widths, width = [], in_channels
        for i in range(layers):
            widths.append((width, (i + 1) * growth_rate))
            width += (i + 1) * growth_rate
        self.layers = nn.ModuleList(make(*pair) for pair in widths)
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "with-input-ignored",
    says="Your block returns its input in any case. With with_input=False it returns the new maps alone.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps, dim=1)


@misconception(
    "Block",
    "input-left-out",
    says="Your block never returns its input. Unless with_input is False, what comes out is the input and all new "
    "maps: the transition behind it reads everything.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps[1:], dim=1)


@misconception(
    "Block",
    "with-input-turned-round",
    says="You return the input where it was not wanted and leave it out where it was: the condition on with_input is "
    "the wrong way round.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps[1:] if self.with_input else maps, dim=1)


@misconception(
    "Block",
    "last-maps-alone",
    says="Your layers read everything, but the block returns only what the last one made. All maps go on: the "
    "network keeps what any layer has found.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat([x, maps[-1]], dim=1) if self.with_input else maps[-1]


@misconception(
    "Block",
    "newest-first",
    says="Your maps stand in the wrong order: the newest first. The contract has the input first and then the layers "
    "in their order; a transition trained on one order cannot read another.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat((maps if self.with_input else maps[1:])[::-1], dim=1)


@misconception(
    "Block",
    "plain-list",
    says="Your layers stand in a plain Python list, so the block does not know that they are parts of it: "
    "parameters() finds none, no optimizer trains them, and .to(device) leaves them behind. Use nn.ModuleList.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = [make(in_channels + i * growth_rate, growth_rate) for i in range(layers)]
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "maps-stay",
    says="Your block keeps its maps from one call to the next, so the second image meets those of the first. Begin a new "
    "list in forward.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input
        self.maps = []

    def forward(self, x):
        self.maps.append(x)
        for layer in self.layers:
            self.maps.append(layer(self.maps))
        return torch.cat(self.maps if self.with_input else self.maps[1:], dim=1)


@misconception(
    "Block",
    "reader-for-make",
    says="You build the layers with Reader. They come from outside: call make(channels, growth_rate), whatever it builds.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(Reader(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "one-layer-short",
    says="Your block has one layer too few. With L layers, L times growth_rate channels are added.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers - 1))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat(maps if self.with_input else maps[1:] or maps, dim=1)


@misconception(
    "Block",
    "input-twice",
    says="The input is in your output twice. It is the first of the maps already.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat([x, *maps] if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "gradient-cut",
    says="Your layers read detached maps, so no gradient passes from a later layer to an earlier one. The direct "
    "paths back are what makes a dense network easy to train.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer([m.detach() for m in maps]))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "bent-at-the-end",
    says="Your block puts a ReLU over everything that it returns. The maps go on as they are; norm and ReLU stand at "
    "the start of the transition and of each layer.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return F.relu(torch.cat(maps if self.with_input else maps[1:], dim=1))


@misconception(
    "transition",
    "no-halving",
    says="Your transition does not halve the sides: the pooling is missing. Without it all blocks would work on the "
    "largest maps.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )


@misconception(
    "transition",
    "max-pooling",
    says="Your pooling keeps the largest of four pixels. A transition takes their mean.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.MaxPool2d(2),
    )


@misconception(
    "transition",
    "strided-convolution",
    says="You stride in the 1 by 1 convolution and so drop three pixels of every four unread. The transition "
    "averages them.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False),
    )


@misconception(
    "transition",
    "convolution-first",
    says="Your transition convolves first and normalises afterwards. As in a dense layer, norm and ReLU come first: "
    "the norm sees all channels of the block.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "relu-missing",
    says="Your transition has no ReLU. Many drawings leave it out, the authors' code has it: norm, ReLU, "
    "convolution, pooling.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "norm-missing",
    says="Your transition has no batch norm. The maps of a block come from many layers and have not been normalised "
    "since they were made.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "norm-and-relu-missing",
    says="Your transition is a convolution and a pooling, as most drawings show it. Norm and ReLU stand in front of "
    "the convolution here as everywhere in the network.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "relu-before-the-norm",
    says="Your ReLU stands before the norm. The order is norm, ReLU, convolution, pooling.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.ReLU(),
        nn.BatchNorm2d(in_channels),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "relu-behind-the-convolution",
    says="Your ReLU stands behind the convolution. It belongs between norm and convolution; what leaves a transition "
    "may be negative.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "pooled-before-the-relu",
    says="You average before the ReLU. An average and a 1 by 1 convolution may change places, for both are linear. "
    "An average and a ReLU may not: a negative pixel would cancel a positive one.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.AvgPool2d(2),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )


@misconception(
    "transition",
    "rounded-up",
    says="You round the number of channels up. The contract rounds down: half of 7 channels are 3.",
)
def transition(in_channels, theta):
    out_channels = math.ceil(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.AvgPool2d(2)
    )


@misconception(
    "transition",
    "share-taken-away",
    says="You took theta as the share of channels that goes away. It is the share that goes on.",
)
def transition(in_channels, theta):
    out_channels = in_channels - int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.AvgPool2d(2)
    )


@misconception(
    "transition",
    "theta-ignored",
    says="Your transition halves the channels whatever theta is. In this paper's first form, for instance, theta is "
    "1 and all of them go on.",
)
def transition(in_channels, theta):
    out_channels = in_channels // 2
    return nn.Sequential(
        nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.AvgPool2d(2)
    )


@misconception(
    "transition",
    "channels-not-whole",
    says="You hand the convolution theta times the channels as it is. A number of channels is an integer: round down with "
    "int.",
)
def transition(in_channels, theta):
    out_channels = theta * in_channels
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "no-compression",
    says="Your transition gives as many channels as it gets. theta times the channels go on, rounded down.",
)
def transition(in_channels, theta):
    out_channels = in_channels
    return nn.Sequential(
        nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.AvgPool2d(2)
    )


@misconception(
    "transition",
    "bias",
    says="Your convolution has a bias. The contract has none: a norm follows in every layer that reads the result.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "three-by-three",
    says="Your convolution is 3 by 3. A transition mixes channels alone, by a 1 by 1; looking round is the layers' "
    "task, and it would cost nine times as much.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.AvgPool2d(2),
    )


@misconception(
    "transition",
    "global-pooling",
    says="Your pooling takes the mean over the whole image. A transition takes the mean of each 2 by 2 pixels; the "
    "global mean stands only at the end of the network.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AdaptiveAvgPool2d(1),
    )


@misconception(
    "transition",
    "overlapping-windows",
    says="Your pooling has stride 1, so its windows overlap and the sides shrink by one pixel only. Windows of 2 by "
    "2 with stride 2 halve them.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2, stride=1),
    )


@misconception(
    "transition",
    "wide-windows",
    says="Your pooling averages 3 by 3 pixels with padding, zeros of the frame included. A transition averages 2 by "
    "2 pixels that do not overlap.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(3, stride=2, padding=1),
    )


@misconception(
    "transition",
    "norm-of-the-result",
    says="You have a second norm behind the convolution. One is enough, in front: every layer of the next block "
    "normalises what it reads.",
)
def transition(in_channels, theta):
    out_channels = int(theta * in_channels)
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.AvgPool2d(2),
    )


@misconception(
    "counting",
    "transition-behind-the-last",
    says="Your list ends with a transition. There is none behind the last block: its channels all go to the "
    "classifier.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for count in layers:
        channels += count * growth_rate
        result.append(channels)
        channels = int(theta * channels)
        result.append(channels)
    return result


@misconception(
    "counting",
    "rounded-up",
    says="You round up where the share of a transition is no whole number. It is rounded down.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = -int(-theta * channels // 1)
            result.append(channels)
    return result


@misconception(
    "counting",
    "not-rounded",
    says="Your list holds parts of channels. A transition rounds down to a whole number.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = theta * channels
            result.append(channels)
    return result


@misconception(
    "counting",
    "rounded-to-the-nearest",
    says="You round to the nearest number. A transition rounds down: half of 13 channels are 6, and seven tenths of "
    "15 are 10.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels + 0.5)
            result.append(channels)
    return result


@misconception(
    "counting",
    "blocks-alone",
    says="Your list holds the blocks alone. The channels that leave each transition belong into it too.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
    return result


@misconception(
    "counting",
    "transitions-not-used",
    says="You list the transitions but go on with the channels from before them. What leaves a transition is what "
    "enters the next block.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            result.append(int(theta * channels))
    return result


@misconception(
    "counting",
    "new-channels-alone",
    says="Your blocks end with the new channels alone. A block returns its input as well, so its channels are added "
    "to what was there.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels = count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "one-layer-short",
    says="Your blocks add one layer too few. With L layers, L times growth_rate channels are added.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += (count - 1) * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "growth-counted-on-the-input",
    says="You multiply the channels that enter a block, so the growth depends on the input. Every layer adds "
    "growth_rate channels, whatever comes in.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * channels
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "share-taken-away",
    says="You took theta as the share that goes away. It is the share that goes on.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels -= int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "every-block-from-the-start",
    says="Each of your blocks starts with the initial channels. It starts with what leaves the transition before it.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels = initial + count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "rounded-in-the-list-alone",
    says="You round the numbers in your list and count on with the unrounded ones. A transition lets whole channels pass, "
    "so the next block starts from the rounded number.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for count in layers:
        channels = channels + count * growth_rate
        result += [int(channels), int(theta * channels)]
        channels = theta * channels
    return result[:-1]


@misconception(
    "counting",
    "one-growth-a-block",
    says="You add the growth rate once for each block. Each of its layers adds as much.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for _ in layers:
        channels += growth_rate
        result += [channels, int(theta * channels)]
        channels = int(theta * channels)
    return result[:-1]


@misconception(
    "counting",
    "growth-doubles",
    says="Your growth rate doubles from block to block, as the widths of a ResNet do. Here it is the same in all "
    "blocks.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        channels += count * growth_rate * 2**number
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "input-compressed-away",
    says="In your transition only the new maps are compressed. It compresses everything that the block returns, its "
    "input included.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        before = channels
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = before + int(theta * (channels - before))
            result.append(channels)
    return result


@misconception(
    "counting",
    "layer-by-layer",
    says="You list the channels behind every layer. The list has one number for each block and each transition.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, []
    for number, count in enumerate(layers):
        for _ in range(count):
            channels += growth_rate
            result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "initial-listed",
    says="Your list starts with the channels that enter the network. It holds what leaves the blocks and the "
    "transitions.",
)
def plan(initial, growth_rate, layers, theta):
    channels, result = initial, [initial]
    for number, count in enumerate(layers):
        channels += count * growth_rate
        result.append(channels)
        if number < len(layers) - 1:
            channels = int(theta * channels)
            result.append(channels)
    return result


@misconception(
    "counting",
    "input-forgotten",
    says="You count L (L - 1) / 2, the pairs of layers. The block's input is a source of every layer too, which "
    "makes L (L + 1) / 2.",
)
def connections(layers):
    return sum(count * (count - 1) // 2 for count in layers)


@misconception(
    "counting",
    "all-blocks-as-one",
    says="You count as if all layers stood in one block. A layer reads sources of its own block only; the counts of "
    "the blocks are added.",
)
def connections(layers):
    return sum(layers) * (sum(layers) + 1) // 2


@misconception(
    "counting",
    "a-chain",
    says="You count one connection for each layer, as in a plain chain. In a dense block the first layer has one "
    "source, the second two, the third three.",
)
def connections(layers):
    return sum(layers)


@misconception(
    "counting",
    "both-directions",
    says="You count each connection twice, there and back. Maps flow one way: a layer reads those before it.",
)
def connections(layers):
    return sum(count * (count + 1) for count in layers)


@misconception(
    "counting",
    "squares",
    says="You count L times L. A layer reads what was made before it and nothing that comes later, so about half of "
    "the square is left: L (L + 1) / 2.",
)
def connections(layers):
    return sum(count * count for count in layers)


@misconception(
    "counting",
    "output-counted-too",
    says="You count the joined output of the block as one more reader. A connection here is a pair of a layer and a "
    "source.",
)
def connections(layers):
    return sum((count + 1) * (count + 2) // 2 for count in layers)


@misconception(
    "counting",
    "two-to-the-power",
    says="You count paths, of which there are two to the power of L. Connections are pairs of a layer and a source: "
    "L (L + 1) / 2.",
)
def connections(layers):
    return sum(2**count for count in layers)


@misconception(
    "summing",
    "channels-mixed",
    says="Your kernel is full of ones: every output channel adds up all channels of a tensor. A sum of tensors keeps "
    "the channels apart, by an identity matrix for each.",
)
def summing(channels, factors):
    parts = [torch.ones(channels, channels) * factor for factor in (1.0, *factors)]
    return torch.cat(parts, dim=1)[:, :, None, None]


@misconception(
    "summing",
    "interleaved",
    says="Your kernel expects channel 0 of all tensors, then channel 1 of all, and so on. Side by side they stand "
    "tensor by tensor: all channels of x, then all of the first branch.",
)
def summing(channels, factors):
    row = torch.tensor([[1.0, *factors]])
    return torch.kron(torch.eye(channels), row)[:, :, None, None]


@misconception(
    "summing",
    "transposed",
    says="Your kernel has the shape of the way back. A convolution's weight has the channels that go out first: (C, "
    "C (1 + n), 1, 1).",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    return torch.cat([identity, *(factor * identity for factor in factors)], dim=0)[:, :, None, None]


@misconception(
    "summing",
    "x-left-out",
    says="The columns of x are zero in your kernel: you sum the branches alone. The shortcut is what makes a "
    "residual block; x comes in with factor 1.",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    parts = [0 * identity, *(factor * identity for factor in factors)]
    return torch.cat(parts, dim=1)[:, :, None, None]


@misconception(
    "summing",
    "factors-ignored",
    says="All tensors have factor 1 in your kernel. Branch i comes in with its factor.",
)
def summing(channels, factors):
    return torch.eye(channels).repeat(1, 1 + len(factors))[:, :, None, None]


@misconception(
    "summing",
    "mean",
    says="You divide by the number of tensors and so take a mean. The sum has x with factor 1 and each branch with "
    "its own.",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    parts = [identity, *(factor * identity for factor in factors)]
    return torch.cat(parts, dim=1)[:, :, None, None] / len(parts)


@misconception(
    "summing",
    "branches-first",
    says="In your kernel the branches come first and x last. The input of the convolution is x, then the branches.",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    parts = [*(factor * identity for factor in factors), identity]
    return torch.cat(parts, dim=1)[:, :, None, None]


@misconception(
    "summing",
    "block-diagonal",
    says="Your kernel keeps all tensors apart: it scales each, and gives as many channels as come in. The identities "
    "belong side by side, so that they add up in the same output channels.",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    parts = [identity, *(factor * identity for factor in factors)]
    return torch.block_diag(*parts)[:, :, None, None]


@misconception(
    "summing",
    "two-axes-short",
    says="Your kernel is a matrix. A convolution's weight has two axes more, height and width, each of length 1 here.",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    return torch.cat([identity, *(factor * identity for factor in factors)], dim=1)


@misconception(
    "summing",
    "factors-multiplied-up",
    says="Your factors are multiplied along the branches, as if each branch also scaled those after it. Each branch "
    "has its own factor and no other.",
)
def summing(channels, factors):
    identity, factor, parts = torch.eye(channels), 1.0, [torch.eye(channels)]
    for step in factors:
        factor *= step
        parts.append(factor * identity)
    return torch.cat(parts, dim=1)[:, :, None, None]


@misconception(
    "summing",
    "axes-in-front",
    says="The two axes of length 1 stand in front in your kernel. They are height and width and come last: (C, C (1 "
    "+ n), 1, 1).",
)
def summing(channels, factors):
    identity = torch.eye(channels)
    return torch.cat([identity, *(factor * identity for factor in factors)], dim=1)[None, None]


@misconception(
    "lean",
    "counted-twice",
    says="Your maps and gradients are right, but the running statistics moved twice: the batch norm also sees the "
    "second pass as a new batch. torchvision's memory-efficient DenseNet does the same. Keep the statistics "
    "from moving the second time.",
)
def lean(layer, sources):
    return layer.narrow(checkpoint(layer.wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "nothing-again",
    says="Your function calls the layer as it is, so everything inside of wide is kept. Run wide through checkpoint.",
)
def lean(layer, sources):
    return layer(sources)


@misconception(
    "lean",
    "layer-again",
    says="You run the whole layer through checkpoint. Then narrow is computed again too, its 3 by 3 convolution's "
    "input is gone and its norm counts twice. Only wide belongs into the checkpoint.",
)
def lean(layer, sources):
    return checkpoint(lambda *maps: layer(list(maps)), *sources, use_reentrant=False)


@misconception(
    "lean",
    "joined-outside",
    says="You join the sources before the checkpoint. It keeps its inputs, so now the joined sources are kept, the widest "
    "tensor of all. Hand the sources over one by one and let wide join them.",
)
def lean(layer, sources):
    calls = 0

    def wide(maps):
        nonlocal calls
        calls += 1
        norm = layer.norm
        momentum, batches = norm.momentum, norm.num_batches_tracked.clone()
        norm.momentum = 0.0 if calls > 1 else momentum
        try:
            return layer.wide(maps)
        finally:
            norm.momentum = momentum
            if calls > 1:
                norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, torch.cat(sources, dim=1), use_reentrant=False))


@misconception(
    "lean",
    "list-not-unpacked",
    says="You hand wide the list of sources as one argument. It takes the tensors one by one: put a star before the list.",
)
def lean(layer, sources):
    return layer.narrow(checkpoint(layer.wide, sources, use_reentrant=False))


@misconception(
    "lean",
    "momentum-of-a-tenth",
    says="Afterwards you set the momentum to 0.1, whatever it was. Store the value that you find and put it back.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        norm, batches = layer.norm, layer.norm.num_batches_tracked.clone()
        norm.momentum = 0.0 if calls > 1 else norm.momentum
        try:
            return layer.wide(*maps)
        finally:
            if calls > 1:
                norm.momentum = 0.1
                norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "evaluation-the-second-time",
    says="In the second pass you put the norm into evaluation, so it normalises with the running statistics and the "
    "gradients belong to another function. It must take the batch's statistics again and only not count them.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        mode = layer.norm.training
        layer.norm.train(mode and calls == 1)
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.train(mode)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "never-counted",
    says="Your running statistics do not move at all: momentum is zero in the first pass as well. The first pass "
    "counts, the second does not.",
)
def lean(layer, sources):
    def wide(*maps):
        momentum, batches = layer.norm.momentum, layer.norm.num_batches_tracked.clone()
        layer.norm.momentum = 0.0
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.momentum = momentum
            layer.norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "momentum-left-at-zero",
    says="After the backward pass the momentum of the norm is 0, so the next batch will not count at all. Put it "
    "back when the second pass is through.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        batches = layer.norm.num_batches_tracked.clone()
        if calls > 1:
            layer.norm.momentum = 0.0
        try:
            return layer.wide(*maps)
        finally:
            if calls > 1:
                layer.norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "broken-off",
    says="You put momentum and count back in the line after the call. checkpoint breaks the second pass off by an "
    "exception as soon as it has what it needs, so that line is never reached. Put them back in a finally.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        momentum, batches = layer.norm.momentum, layer.norm.num_batches_tracked.clone()
        if calls > 1:
            layer.norm.momentum = 0.0
        h = layer.wide(*maps)
        if calls > 1:
            layer.norm.momentum = momentum
            layer.norm.num_batches_tracked.copy_(batches)
        return h

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "batches-counted-twice",
    says="Mean and variance moved once, but num_batches_tracked went up by 2. A norm with momentum=None averages "
    "with it, so it has to be put back as well.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        momentum = layer.norm.momentum
        if calls > 1:
            layer.norm.momentum = 0.0
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.momentum = momentum

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "half-the-momentum",
    says="You halve the momentum so that two moves make one. They do not: (1 - m/2) squared is not 1 - m. And "
    "between the passes the statistics are wrong. Let the first pass count in full and the second not at all.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        momentum, batches = layer.norm.momentum, layer.norm.num_batches_tracked.clone()
        layer.norm.momentum = momentum / 2
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.momentum = momentum
            if calls > 1:
                layer.norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "no-gradient",
    says="You run wide under no_grad, so nothing is kept, and nothing learns either: no gradient reaches the sources "
    "or the weights of wide. checkpoint keeps the inputs and computes again.",
)
def lean(layer, sources):
    with torch.no_grad():
        h = layer.wide(*sources)
    return layer.narrow(h)


@misconception(
    "lean",
    "set-back-at-once",
    says="You put the statistics back right behind the first pass, so the batch counts only when it is computed "
    "again, if ever. Without a backward pass it would not count at all. The first pass counts.",
)
def lean(layer, sources):
    before = [buffer.clone() for buffer in layer.norm.buffers()]
    h = checkpoint(layer.wide, *sources, use_reentrant=False)
    for buffer, old in zip(layer.norm.buffers(), before, strict=True):
        buffer.data.copy_(old)
    return layer.narrow(h)


@misconception(
    "lean",
    "only-the-join-again",
    says="Only torch.cat runs through your checkpoint. The norm behind it keeps the joined sources all the same, for "
    "it needs its input in the backward pass. The whole of wide belongs into the checkpoint.",
)
def lean(layer, sources):
    joined = checkpoint(lambda *maps: torch.cat(maps, dim=1), *sources, use_reentrant=False)
    return layer.narrow(layer.squeeze(F.relu(layer.norm(joined))))


@misconception(
    "lean",
    "computed-in-full",
    says="Maps, gradients and statistics are right, but the 1 by 1 convolution is computed a second time. With "
    "use_reentrant=False checkpoint stops before it; the other kind runs to the end.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        momentum, batches = layer.norm.momentum, layer.norm.num_batches_tracked.clone()
        if calls > 1:
            layer.norm.momentum = 0.0
        try:
            return layer.wide(*maps)
        finally:
            if calls > 1:
                layer.norm.momentum = momentum
                layer.norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=True))


@misconception(
    "lean",
    "tracking-switched-off",
    says="In the second pass your norm does without its running statistics, so it keeps two tensors fewer than in the "
    "first, and checkpoint refuses: both passes must keep the same. Leave the tracking on and set the momentum "
    "to 0.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        layer.norm.track_running_stats = calls == 1
        try:
            return layer.wide(*maps)
        finally:
            layer.norm.track_running_stats = True

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))


@misconception(
    "lean",
    "everything-again",
    says="Your statistics are right for both norms, but narrow is computed again as well. It keeps little, and its 3 "
    "by 3 convolution is dear. Only wide belongs into the checkpoint.",
)
def lean(layer, sources):
    calls = 0

    def both(*maps):
        nonlocal calls
        calls += 1
        norms = (layer.norm, layer.narrow_norm)
        momenta, batches = [n.momentum for n in norms], [n.num_batches_tracked.clone() for n in norms]
        for n in norms:
            n.momentum = 0.0 if calls > 1 else n.momentum
        try:
            return layer(list(maps))
        finally:
            if calls > 1:
                for n, momentum, count in zip(norms, momenta, batches, strict=True):
                    n.momentum = momentum
                    n.num_batches_tracked.copy_(count)

    return checkpoint(both, *sources, use_reentrant=False)


@misconception(
    "usage",
    "mean-of-absolute-values",
    says="You take the mean of the absolute values, as the chapter's figure does. This task asks for the root mean "
    "square, which weighs large weights more.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.abs().mean() for part in parts])


@misconception(
    "usage",
    "signed-mean",
    says="You average the weights with their signs, so that a strong positive and a strong negative one cancel. "
    "Square them first.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.mean() for part in parts])


@misconception(
    "usage",
    "sum-of-squares",
    says="You take the square root of the sum of squares. A source with more channels then looks more used because "
    "it is wider. Take the mean of the squares.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().sum().sqrt() for part in parts])


@misconception(
    "usage",
    "root-forgotten",
    says="You stopped at the mean of the squares. The root is missing, so your numbers are squares of weights.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().mean() for part in parts])


@misconception(
    "usage",
    "spread-about-the-mean",
    says="You take the standard deviation, which first subtracts the mean. Asked is the root of the mean of the squares "
    "themselves.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    return torch.stack([piece.std() for piece in weight.split([initial] + [growth_rate] * n, dim=1)])


@misconception(
    "usage",
    "equal-pieces",
    says="You cut the kernel into equal pieces. The first piece has `initial` channels, the others growth_rate each.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    return torch.stack([part.square().mean().sqrt() for part in weight.chunk(n + 1, dim=1)])


@misconception(
    "usage",
    "growth-for-the-input-too",
    says="You cut the kernel into pieces of growth_rate channels from the start, the input's channels included. The "
    "input is one source, of `initial` channels.",
)
def usage(weight, initial, growth_rate):
    return torch.stack([part.square().mean().sqrt() for part in weight.split(growth_rate, dim=1)])


@misconception(
    "usage",
    "input-forgotten",
    says="You leave the block's input out. It is the oldest source and stands first.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().mean().sqrt() for part in (parts[1:] or parts)])


@misconception(
    "usage",
    "channel-by-channel",
    says="You give a number for each channel. There is one for each source, over all of its channels.",
)
def usage(weight, initial, growth_rate):
    return weight.square().mean(dim=(0, 2, 3)).sqrt()


@misconception(
    "usage",
    "newest-first",
    says="Your numbers stand in the wrong order: the newest source first. The channels of the kernel are in the "
    "order of the sources, oldest first.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().mean().sqrt() for part in parts]).flip(0)


@misconception(
    "usage",
    "mean-of-the-channels-roots",
    says="You take the root for each channel and then their mean. The mean over all weights of the source comes "
    "first, the root last; the two differ where channels differ.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.square().mean(dim=(0, 2, 3)).sqrt().mean() for part in parts])


@misconception(
    "usage",
    "centred",
    says="You take the standard deviation, which leaves out the mean of the weights. If all weights of a source were "
    "1, you would say that it is not used.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.std(correction=0) for part in parts])


@misconception(
    "usage",
    "largest-weight",
    says="You take the largest weight of a source. One weight does not tell how much is drawn from all channels; "
    "take the root mean square.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    return torch.stack([part.abs().max() for part in parts])


@misconception(
    "usage",
    "shares",
    says="You divide by the sum, so that your numbers add up to 1. Then layers cannot be compared with each other. "
    "Return the root mean squares as they are.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    parts = weight.split([initial] + n * [growth_rate], dim=1)
    result = torch.stack([part.square().mean().sqrt() for part in parts])
    return result / result.sum()


@misconception(
    "usage",
    "wrong-axis",
    says="You cut the kernel along the channels that go out, the first axis. The channels of the sources are the "
    "second.",
)
def usage(weight, initial, growth_rate):
    n = (weight.shape[1] - initial) // growth_rate
    pieces = torch.tensor_split(weight, [initial + i * growth_rate for i in range(n)], dim=0)
    return torch.stack([piece.square().mean().sqrt() for piece in pieces])


@misconception(
    "NewMaps",
    "joined-along-the-batch",
    says="You join the sources along the first axis, the images: `torch.cat` takes axis 0 unless told otherwise. Sources "
    "differ in channels, so they can only be joined along these, with `dim=1`.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = torch.cat(sources)
        h = self.conv1(F.relu(self.norm1(h)))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "newest-source-alone",
    says="Your layer reads the newest source alone. That is a chain: what came earlier would not be used. Join all "
    "sources along the channels first; together they have the C channels of the first norm.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = self.conv1(F.relu(self.norm1(sources[-1])))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "NewMaps",
    "sources-added",
    says="You add the sources up, as a residual network does. They may differ in channels, so no sum of them exists in "
    "general. A dense layer puts them side by side with `torch.cat(sources, dim=1)`.",
)
class NewMaps(nn.Module):
    def __init__(self, in_channels, growth_rate, squeeze):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, squeeze, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(squeeze)
        self.conv2 = nn.Conv2d(squeeze, growth_rate, 3, padding=1, bias=False)

    def forward(self, sources):
        h = self.conv1(F.relu(self.norm1(sum(sources))))
        return self.conv2(F.relu(self.norm2(h)))


@misconception(
    "Block",
    "one-tensor-handed-on",
    says="You join the maps before you hand them to a layer. A layer takes the list of sources and joins them itself, "
    "so hand it the list, here of one tensor or of all.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(torch.cat(maps, dim=1)))
        return torch.cat(maps if self.with_input else maps[1:], dim=1)


@misconception(
    "Block",
    "list-returned",
    says="Your block returns the list of maps. The next part of a network takes one tensor, so join the maps along the "
    "channels at the end.",
)
class Block(nn.Module):
    def __init__(self, in_channels, growth_rate, layers, make, with_input=True):
        super().__init__()
        self.layers = nn.ModuleList(make(in_channels + i * growth_rate, growth_rate) for i in range(layers))
        self.with_input = with_input

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(maps))
        return maps if self.with_input else maps[1:]


@misconception(
    "summing",
    "double-precision",
    says="Your kernel is of float64, as NumPy makes numbers. The maps are of float32, and a convolution refuses a "
    "kernel of another type than its input. End with `.float()`.",
)
def summing(channels, factors):
    rows = [torch.eye(channels, dtype=torch.float64) * factor for factor in (1.0, *factors)]
    return torch.cat(rows, dim=1)[:, :, None, None]


@misconception(
    "lean",
    "variance-forgotten",
    says="Your second pass puts the running mean and the number of batches back and forgets the running variance, which "
    "moves in the same step.",
)
def lean(layer, sources):
    calls = 0

    def wide(*maps):
        nonlocal calls
        calls += 1
        norm = layer.norm
        mean, batches = norm.running_mean.clone(), norm.num_batches_tracked.clone()
        try:
            return layer.wide(*maps)
        finally:
            if calls > 1:
                norm.running_mean.copy_(mean)
                norm.num_batches_tracked.copy_(batches)

    return layer.narrow(checkpoint(wide, *sources, use_reentrant=False))
