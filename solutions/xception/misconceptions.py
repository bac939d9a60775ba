"""Wrong answers to the exercise `xception`, each with the line of thought behind it. Each must lose its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import misconception


@misconception(
    "towers",
    "a-tower-for-each-channel",
    says="You always make as many towers as channels, so each kernel reads one channel. How many channels a "
    "kernel reads stands in `kernels.shape[1]`.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed, kernels[:, :1], padding=kernels.shape[-1] // 2, groups=len(kernels))


@misconception(
    "towers",
    "width-taken-for-count",
    says="You take K/T, the channels of a tower, for the number of towers. `kernels.shape[1]` is how many "
    "channels a kernel reads; the towers are K divided by it.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=kernels.shape[1])


@misconception(
    "towers",
    "no-division",
    says="Your towers do not divide the channels: each reads all of them, with its kernels repeated. A tower "
    "reads its own K/T channels and no other.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels.repeat(1, count, 1, 1), padding=kernels.shape[-1] // 2)


@misconception(
    "towers",
    "every-tower-reads-the-first-channels",
    says="All your towers read the first K/T channels. The first tower reads those, the second the next K/T, "
    "and so on.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed[:, : kernels.shape[1]], kernels, padding=kernels.shape[-1] // 2)


@misconception(
    "towers",
    "dealt-like-cards",
    says="You deal the channels out one by one, like cards: tower t gets every T-th channel. Here each tower "
    "gets K/T channels that stand side by side.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count, width = len(kernels) // kernels.shape[1], kernels.shape[1]
    parts = [
        F.conv2d(mixed[:, t::count], kernels[t * width : (t + 1) * width], padding=kernels.shape[-1] // 2)
        for t in range(count)
    ]
    return torch.cat(parts, dim=1)


@misconception(
    "towers",
    "results-interleaved",
    says="Your towers are right, but their results are shuffled: the first channel of each tower, then the "
    "second of each. All channels of a tower stand together, tower after tower.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    result = F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)
    return result.unflatten(1, (count, -1)).transpose(1, 2).flatten(1, 2)


@misconception(
    "towers",
    "towers-summed",
    says="You add up the results of the towers. They stand one behind the other, so that K channels leave.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    result = F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)
    return result.unflatten(1, (count, -1)).sum(dim=1)


@misconception(
    "towers",
    "towers-reversed",
    says="Your towers come out in reverse order: the last one first.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    result = F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)
    return result.unflatten(1, (count, -1)).flip(1).flatten(1, 2)


@misconception(
    "towers",
    "one-set-of-kernels",
    says="All your towers use the kernels of the first. Each has kernels of its own, K/T of them.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count, width = len(kernels) // kernels.shape[1], kernels.shape[1]
    return F.conv2d(mixed, kernels[:width].repeat(count, 1, 1, 1), padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "mixing-divided-too",
    says="You divide the 1×1 convolution among the towers as well, so no channel that comes in can reach "
    "another tower. Only the spatial step is divided.",
)
def towers(x, mix, kernels):
    count = len(kernels) // kernels.shape[1]
    mask = torch.block_diag(*[torch.ones(len(mix) // count, max(1, mix.shape[1] // count))] * count)
    full = torch.zeros_like(mix)
    full[:, : mask.shape[1]] = mask[:, : mix.shape[1]]
    mixed = F.conv2d(x, (mix * full)[:, :, None, None])
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "no-padding",
    says="Your spatial step has no padding, so the maps shrink. With padding S // 2 they keep their size.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed, kernels, groups=len(kernels) // kernels.shape[1])


@misconception(
    "towers",
    "padding-of-one",
    says="Your padding is 1 whatever the kernel. That keeps the size for kernels of 3 by 3 only; in general it"
    " is S // 2.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed, kernels, padding=1, groups=len(kernels) // kernels.shape[1])


@misconception(
    "towers",
    "edge-repeated",
    says="You pad with the values at the edge. The convolutions of this chapter pad with zeros.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    rim = kernels.shape[-1] // 2
    mixed = F.pad(mixed, (rim, rim, rim, rim), mode="replicate")
    return F.conv2d(mixed, kernels, groups=len(kernels) // kernels.shape[1])


@misconception(
    "towers",
    "relu-between",
    says="A ReLU stands between your two steps. Inception has one there; this module has none.",
)
def towers(x, mix, kernels):
    mixed = F.relu(F.conv2d(x, mix[:, :, None, None]))
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=len(kernels) // kernels.shape[1])


@misconception(
    "towers",
    "relu-behind",
    says="A ReLU stands behind your module. It ends with the convolution.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.relu(F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=len(kernels) // kernels.shape[1]))


@misconception(
    "towers",
    "kernels-turned",
    says="You turn the kernels by half a turn, as mathematicians do. In this field a kernel is laid on the "
    "image as it is.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels.flip(2, 3), padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "mix-transposed",
    says="You use `mix` the wrong way round. Row k holds what output k takes of each input.",
)
def towers(x, mix, kernels):
    mixed = torch.einsum("ck,bchw->bkhw", mix.reshape(mix.shape[1], mix.shape[0]), x)
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=len(kernels) // kernels.shape[1])


@misconception(
    "towers",
    "space-before-channels",
    says="You filter before you mix. Inception's order is the 1×1 convolution first, then the towers.",
)
def towers(x, mix, kernels):
    count = len(kernels) // kernels.shape[1]
    if x.shape[1] == len(kernels):
        filtered = F.conv2d(x, kernels, padding=kernels.shape[-1] // 2, groups=count)
        return F.conv2d(filtered, mix[:, :, None, None])
    return F.conv2d(F.conv2d(x, kernels[: x.shape[1]], padding=kernels.shape[-1] // 2), mix[:, :, None, None])


@misconception(
    "towers",
    "space-before-channels-as-it-stands",
    says="You filter before you mix. Inception's order is the 1×1 convolution first, then the towers.",
)
def towers(x, mix, kernels):
    count = len(kernels) // kernels.shape[1]
    filtered = F.conv2d(x, kernels, padding=kernels.shape[-1] // 2, groups=count)
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "cost",
    "not-divided",
    says="Your towers cost as much as one full convolution. Each kernel reads K/T channels, not K: that is "
    "what towers save.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * out_channels * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "divided-twice",
    says="You count a single tower: (K/T) kernels that read K/T channels each. There are T towers, so the sum "
    "is T times that.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = (out_channels // count) ** 2 * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "multiplied",
    says="In your count more towers cost more. T towers read K/T channels each: the cost of the spatial step "
    "falls by T.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * out_channels * kernel**2 * count
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "always-depthwise",
    says="You count one filter for each channel, whatever the number of towers. A kernel of a tower reads K/T "
    "channels.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "both-steps-divided",
    says="You divide the 1×1 convolution among the towers as well. It mixes all channels, and costs C times K "
    "however many towers follow.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels // count
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "only-the-side",
    says="A kernel has S times S places. You multiply by S once.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "input-channels-in-the-towers",
    says="Your towers read channels of the input. They stand behind the 1×1 convolution and read its K channels.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (in_channels // count) * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "with-biases",
    says="You count biases, one for each channel. The module has none.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels + out_channels
    spatial = out_channels * (out_channels // count) * kernel**2 + out_channels
    return mixing, spatial, (in_channels * out_channels + spatial - out_channels) * side**2


@misconception(
    "cost",
    "mixing-with-kernel",
    says="You give the mixing step a kernel of S by S. It is a 1×1 convolution, with one weight for each pair "
    "of channels.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels * kernel**2
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, (mixing + spatial) * side**2


@misconception(
    "cost",
    "places-once",
    says="You multiply by the side once. The maps have side times side places, and each weight is used at all of them.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, (mixing + spatial) * side


@misconception(
    "cost",
    "no-padding",
    says="You count the places that a kernel without padding reaches. The padding keeps the size: side times "
    "side places.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, mixing * side**2 + spatial * max(side - kernel + 1, 0) ** 2


@misconception(
    "cost",
    "counted-twice",
    says="You count a multiplication and its addition as two. Here they are one multiply-accumulate.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, 2 * (mixing + spatial) * side**2


@misconception(
    "cost",
    "towers-alone",
    says="Your third number leaves the 1×1 convolution out. It has to be done as well, and with many towers it"
    " is the larger part.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, spatial * side**2


@misconception(
    "cost",
    "weights-for-work",
    says="Your third number is the number of weights. Each weight is used at every place of the maps.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return mixing, spatial, mixing + spatial


@misconception(
    "separable",
    "relu-between",
    says="A ReLU stands between your two steps. In MobileNet there is one (behind a batch norm); Xception's "
    "separable convolution has nothing there, and the paper reports that it learns better so.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(F.relu(filtered), mix[:, :, None, None])


@misconception(
    "separable",
    "relu-behind",
    says="A ReLU stands behind your convolution. This function is linear: in the network a batch norm follows,"
    " and the ReLU belongs to the next part.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.relu(F.conv2d(filtered, mix[:, :, None, None]))


@misconception(
    "separable",
    "channels-before-space",
    says="You mix the channels first and filter what comes out. That is the order of Inception's picture; here"
    " each channel of the *input* has a filter, and the 1×1 convolution is last.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    mixed = F.conv2d(x, mix[:, :, None, None])
    filters = spatial.repeat(len(mix), 1, 1)[: len(mix), None]
    return F.conv2d(mixed, filters, stride=stride, padding=reach, dilation=dilation, groups=len(filters))


@misconception(
    "separable",
    "channels-before-space-as-it-stands",
    says="You mix the channels first and filter what comes out. That is the order of Inception's picture; here each "
    "channel of the *input* has a filter, and the 1×1 convolution is last.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    mixed = F.conv2d(x, mix[:, :, None, None])
    return F.conv2d(mixed, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))


@misconception(
    "separable",
    "filtered-channels-summed",
    says="Your filters are one kernel over all channels, which sums them up before they are mixed. In a "
    "depthwise convolution each channel stays apart: `groups` is their number.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[None], stride=stride, padding=reach, dilation=dilation)
    return F.conv2d(filtered.expand(-1, len(spatial), -1, -1), mix[:, :, None, None])


@misconception(
    "separable",
    "one-filter-for-all",
    says="You filter all channels with the filter of the first. Each has its own.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filters = spatial[:1].expand(len(spatial), -1, -1)[:, None]
    filtered = F.conv2d(x, filters, stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "every-channel-through-every-filter",
    says="Each channel goes through the filters of all others too. Channel c meets filter c alone.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filters = spatial.sum(dim=0, keepdim=True).expand(len(spatial), -1, -1)[:, None]
    filtered = F.conv2d(x, filters, stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "filters-turned",
    says="You turn the filters by half a turn. In this field a filter is laid on the image as it is.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(
        x, spatial.flip(1, 2)[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial)
    )
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "filters-transposed",
    says="Your filters lie on their side: rows and columns are exchanged.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial.mT[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "mix-transposed",
    says="You use `mix` the wrong way round. Row k holds what output k takes of each filtered channel.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return torch.einsum("ck,bchw->bkhw", mix.reshape(mix.shape[1], mix.shape[0]), filtered)


@misconception(
    "separable",
    "no-mixing",
    says="You filter the channels and leave it there. The second step is missing: a 1×1 convolution with `mix`.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return filtered


@misconception(
    "separable",
    "no-padding",
    says="Your spatial step has no padding, so the maps shrink even at stride 1.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    filtered = F.conv2d(x, spatial[:, None], stride=stride, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "padding-of-one",
    says="Your padding is 1. That keeps the size for filters of 3 by 3 without dilation only.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=1, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "padding-without-dilation",
    says="Your padding does not know of the dilation. A dilated filter reaches D times as far, so it takes D "
    "times the padding.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = spatial.shape[-1] // 2
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "no-stride",
    says="You take no notice of the stride, so the maps keep their size.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "stride-in-both-steps",
    says="You apply the stride in both steps, so the maps shrink by its square. Only the spatial step has it.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None], stride=stride)


@misconception(
    "separable",
    "mean-for-a-stride",
    says="You average over windows where the stride is to skip. A stride takes every second place as it is.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], padding=reach, dilation=dilation, groups=len(spatial))
    filtered = F.avg_pool2d(filtered, stride, ceil_mode=True)
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "no-dilation",
    says="You take no notice of the dilation: the places of your filter lie side by side.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = spatial.shape[-1] // 2
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "dilation-taken-for-stride",
    says="You use the dilation as a stride. Dilation moves the places of the filter apart; the filter still "
    "visits every pixel.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = spatial.shape[-1] // 2
    filtered = F.conv2d(x, spatial[:, None], stride=stride * dilation, padding=reach, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "shortcut-added",
    says="You add the input to the result. A shortcut belongs to the block, not to the convolution.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    result = F.conv2d(filtered, mix[:, :, None, None])
    return result + x if result.shape == x.shape else result


@misconception(
    "EntryBlock",
    "no-shortcut",
    says="Your block is the branch alone. The shortcut, a strided 1×1 convolution of x with a batch norm, is "
    "to be added.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h


@misconception(
    "EntryBlock",
    "skip-without-1x1",
    says="Your shortcut has no weights: it skips pixels and fills up with zero channels. Xception's is a 1×1 "
    "convolution with stride 2 and a batch norm, which can bring the channels to K.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        skip = x[:, : h.shape[1], ::2, ::2]
        return h + F.pad(skip, (0, 0, 0, 0, 0, h.shape[1] - skip.shape[1]))


@misconception(
    "EntryBlock",
    "skip-not-strided",
    says="The convolution of your shortcut has no stride, and a pooling shrinks it afterwards. It is the 1×1 "
    "convolution itself that skips every second pixel.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + F.max_pool2d(self.norm(self.project(x)), 3, stride=2, padding=1)


@misconception(
    "EntryBlock",
    "sum-pooled",
    says="You pool the sum. The pooling is the last step of the branch; the shortcut halves the size by its stride.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        return F.max_pool2d(h + self.norm(self.project(x)), 3, stride=2, padding=1)


@misconception(
    "EntryBlock",
    "skip-without-norm",
    says="The convolution of your shortcut has no batch norm behind it.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.project(x)


@misconception(
    "EntryBlock",
    "skip-with-3x3",
    says="The convolution of your shortcut is 3 by 3. It is 1 by 1: a shortcut only changes the shape.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "relu-in-place",
    says="Your first ReLU works in place: it overwrites x before the shortcut has read it, and the caller's "
    "tensor with it. F.relu(x) makes a new tensor.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu_(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "skip-reads-behind-the-relu",
    says="Your shortcut reads what the ReLU has left. It reads x as it came, negative values included.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        x = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(x)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "relu-behind-the-sum",
    says="A ReLU stands behind your sum, as in ResNet. Here nothing follows the sum; the ReLU stands at the "
    "start of the next block.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return F.relu(h + self.norm(self.project(x)))


@misconception(
    "EntryBlock",
    "relu-behind-each-norm",
    says="Your ReLUs stand behind the batch norms, so one follows the last. Here a ReLU stands in front of "
    "each separable convolution.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(self.norm1(self.pointwise1(self.depthwise1(x))))
        h = F.relu(self.norm2(self.pointwise2(self.depthwise2(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "no-first-relu",
    says="With relu_first=True your branch does not start with a ReLU. One stands in front of the first "
    "separable convolution; only relu_first=False leaves it out.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "always-a-first-relu",
    says="Your branch starts with a ReLU even with relu_first=False.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x)
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "flag-for-both-relus",
    says="With relu_first=False you leave out both ReLUs. Only the very first goes.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = F.relu(h) if self.relu_first else h
        h = self.norm2(self.pointwise2(self.depthwise2(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "no-relu-between",
    says="The ReLU in front of the second separable convolution is missing.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "relu-between-depthwise-and-pointwise",
    says="A ReLU stands between the depthwise and the 1×1 convolution. In Xception nothing stands there: a "
    "negative value that a filter found would be lost before it is mixed.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(F.relu(self.depthwise1(h))))
        h = self.norm2(self.pointwise2(F.relu(self.depthwise2(F.relu(h)))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "norm-between-as-in-mobilenet",
    says="You put a batch norm and a ReLU behind each depthwise convolution. That is MobileNet's block; "
    "Xception goes straight on to the 1×1 convolution.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.between1, self.between2 = nn.BatchNorm2d(in_channels), nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(F.relu(self.between1(self.depthwise1(h)))))
        h = self.norm2(self.pointwise2(F.relu(self.between2(self.depthwise2(F.relu(h))))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "no-norms-in-the-branch",
    says="There is no batch norm in your branch. One follows each separable convolution.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.pointwise1(self.depthwise1(h))
        h = self.pointwise2(self.depthwise2(F.relu(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "one-norm-for-both",
    says="You use one batch norm in both places. Each separable convolution has its own.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm1(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "full-convolutions",
    says="Your convolutions are full ones, where all channels meet at every place. Each is to be depthwise, then 1×1.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.conv1(h))
        h = self.norm2(self.conv2(F.relu(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "depthwise-without-groups",
    says="Your spatial convolutions have no groups: they mix the channels already. With groups equal to the "
    "channels each is filtered by itself.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pointwise-first",
    says="In your separable convolutions the 1×1 comes first. Here the order is space, then channels.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.depthwise1(self.pointwise1(h)))
        h = self.norm2(self.depthwise2(self.pointwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "channels-grow-last",
    says="Your block goes from C to K in its second separable convolution. That is the block of the exit; in "
    "the entry the first one does it.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, in_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.depthwise2 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise2 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "a-single-separable-convolution",
    says="Your branch has one separable convolution. The block of the entry has two.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "with-biases",
    says="Your convolutions have biases. A batch norm follows, which takes the mean away, so this network "
    "leaves them out.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "strided-convolution-for-the-pooling",
    says="You replaced the pooling by a stride in the second depthwise convolution. The branch shrinks by a "
    "max pooling of 3 by 3 at its end.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, stride=2, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pooling-of-two",
    says="Your pooling has windows of 2 by 2. Here they are 3 by 3 with padding 1, and overlap.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 2)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "mean-pooling",
    says="Your branch ends in a mean pooling. It takes the maximum of each window.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.avg_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pooling-first",
    says="Your pooling stands at the start of the branch. It is its last step: both separable convolutions "
    "work at full size.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "concatenated",
    says="You put branch and shortcut one behind the other. They are added.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return torch.cat([h, self.norm(self.project(x))], dim=1)


@misconception(
    "one_kernel",
    "orders-swapped",
    says="You have the two orders the wrong way round. If space comes first, the filter belongs to the channel"
    " that comes in.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    return weights * (spatial[:, None] if spatial_first else spatial[None])


@misconception(
    "one_kernel",
    "always-spatial-first",
    says="You treat both orders as if space came first. If it comes last, the filter belongs to the channel "
    "that goes out.",
)
def one_kernel(spatial, mix, spatial_first):
    return mix[:, :, None, None] * spatial


@misconception(
    "one_kernel",
    "always-spatial-last",
    says="You treat both orders as if space came last. If it comes first, the filter belongs to the channel "
    "that comes in.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    if spatial_first and len(spatial) != len(mix):
        return weights * spatial[None]
    return weights * spatial[:, None]


@misconception(
    "one_kernel",
    "mix-transposed",
    says="You use `mix` the wrong way round. Row k holds what output k takes of each input.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix.reshape(mix.shape[1], mix.shape[0]).T[:, :, None, None]
    return weights * (spatial[None] if spatial_first else spatial[:, None])


@misconception(
    "one_kernel",
    "input-axis-first",
    says="Your kernel has the shape (C, K, S, S). The channels that go out are the first axis, as in nn.Conv2d.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    return (weights * (spatial[None] if spatial_first else spatial[:, None])).transpose(0, 1)


@misconception(
    "one_kernel",
    "added",
    says="You add the weight to the filter. Two steps in a row multiply their weights.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    return weights + (spatial[None] if spatial_first else spatial[:, None])


@misconception(
    "one_kernel",
    "inputs-summed",
    says="You sum over the channels that come in. The kernel keeps them apart: one filter for each pair of "
    "input and output.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    return (weights * (spatial[None] if spatial_first else spatial[:, None])).sum(dim=1, keepdim=True)


@misconception(
    "one_kernel",
    "turned",
    says="You turn the filters by half a turn. The kernel that does what the two steps do has them as they are.",
)
def one_kernel(spatial, mix, spatial_first):
    weights = mix[:, :, None, None]
    turned = spatial.flip(1, 2)
    return weights * (turned[None] if spatial_first else turned[:, None])


@misconception(
    "one_kernel",
    "mix-in-the-middle-only",
    says="You multiply only the middle of each filter by `mix`. A 1×1 convolution weighs the whole filtered "
    "channel, so every place of the filter is multiplied.",
)
def one_kernel(spatial, mix, spatial_first):
    kernel = (spatial[None] if spatial_first else spatial[:, None]).expand(*mix.shape, -1, -1).clone()
    middle = spatial.shape[-1] // 2
    kernel[:, :, middle, middle] *= mix
    return kernel


@misconception(
    "nearest",
    "singular-value-forgotten",
    says="You leave the singular value out, so all your outer products have size 1. Multiply one of the two "
    "factors by it.",
)
def nearest(kernel):
    u, _, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return vh[:, 0].reshape(kernel.shape[1:]), u[:, :, 0].T


@misconception(
    "nearest",
    "singular-value-twice",
    says="You multiply both factors by the singular value. It belongs in once (or its root in both).",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return (s[:, :1] * vh[:, 0]).reshape(kernel.shape[1:]), (u[:, :, 0] * s[:, :1]).T


@misconception(
    "nearest",
    "root-on-one-side",
    says="You multiply one factor by the root of the singular value and the other by nothing. The root belongs"
    " in both, or the whole value in one.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return vh[:, 0].reshape(kernel.shape[1:]), (u[:, :, 0] * s[:, :1].sqrt()).T


@misconception(
    "nearest",
    "smallest-singular-value",
    says="You take the last singular value, the smallest. They are sorted from large to small: the first "
    "product is the nearest.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return vh[:, -1].reshape(kernel.shape[1:]), (u[:, :, -1] * s[:, -1:]).T


@misconception(
    "nearest",
    "second-singular-value",
    says="You take the second singular value. Counting starts at 0, and the first is the largest.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    i = min(1, s.shape[1] - 1)
    return vh[:, i].reshape(kernel.shape[1:]), (u[:, :, i] * s[:, i : i + 1]).T


@misconception(
    "nearest",
    "column-of-vh",
    says="You take a column of the third result. It is V transposed, so its vectors are the rows.",
)
def nearest(kernel):
    u, s, _ = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    full = torch.linalg.svd(kernel.transpose(0, 1).flatten(2))[2]
    return full[:, :, 0].reshape(kernel.shape[1:]), (u[:, :, 0] * s[:, :1]).T


@misconception(
    "nearest",
    "row-of-u",
    says="You take a row of U. Its singular vectors are the columns.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2))
    return vh[:, 0].reshape(kernel.shape[1:]), (u[:, 0] * s[:, :1]).T


@misconception(
    "nearest",
    "slices-by-output",
    says="You cut the kernel into slices by output: inputs by places. That is the separable convolution with "
    "the 1×1 first. With space first, an input channel has one filter for all outputs, so the slices go "
    "by input.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.flatten(2), full_matrices=False)
    return vh[:, 0].reshape(len(kernel), *kernel.shape[2:]), u[:, :, 0] * s[:, :1]


@misconception(
    "nearest",
    "one-filter-for-all-inputs",
    says="You decompose the whole kernel at once, so all input channels share one filter. Each input channel "
    "has its own matrix and its own filter.",
)
def nearest(kernel):
    outputs, inputs = kernel.shape[:2]
    u, s, vh = torch.linalg.svd(kernel.flatten(2).flatten(0, 1), full_matrices=False)
    spatial = vh[0].reshape(kernel.shape[2:]).expand(inputs, -1, -1)
    return spatial, (u[:, 0] * s[0]).reshape(outputs, inputs)


@misconception(
    "nearest",
    "mean-filter",
    says="You take the mean of an input's kernels as its filter. Kernels of both signs cancel in a mean; the "
    "nearest filter is the first singular vector.",
)
def nearest(kernel):
    spatial = kernel.mean(dim=0)
    mix = torch.einsum("kcrs,crs->kc", kernel, spatial) / spatial.square().sum(dim=(1, 2)).clamp(min=1e-12)
    return spatial, mix


@misconception(
    "nearest",
    "means-over-both-axes",
    says="You take means over outputs for the filter and over places for the mixing. That fits a kernel that "
    "is separable already up to its size, and no other.",
)
def nearest(kernel):
    return kernel.mean(dim=0), kernel.mean(dim=(2, 3))


@misconception(
    "nearest",
    "largest-kernel",
    says="You keep the largest of an input's kernels as its filter and weigh it for the other outputs. Close, "
    "but the first singular vector is closer to all of them together.",
)
def nearest(kernel):
    sizes = kernel.square().sum(dim=(2, 3))
    spatial = torch.stack([kernel[sizes[:, c].argmax(), c] for c in range(kernel.shape[1])])
    mix = torch.einsum("kcrs,crs->kc", kernel, spatial) / spatial.square().sum(dim=(1, 2))
    return spatial, mix


@misconception(
    "nearest",
    "signs-lost",
    says="You take absolute values. The signs of filter and mixing are shared between them, but they are there.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return vh[:, 0].abs().reshape(kernel.shape[1:]), (u[:, :, 0] * s[:, :1]).abs().T


@misconception(
    "nearest",
    "mix-by-input",
    says="Your `mix` has the shape (C, K). It is used as the weights of a 1×1 convolution, so outputs are its rows.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    return vh[:, 0].reshape(kernel.shape[1:]), u[:, :, 0] * s[:, :1]


@misconception(
    "nearest",
    "values-not-squared",
    says="You add up singular values. The energy of a matrix is the sum of their squares.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    values = values.sum(dim=0)
    return values.cumsum(dim=0) / values.sum()


@misconception(
    "nearest",
    "not-added-up",
    says="You give the share of each product by itself. The nearest sum of m products keeps the first m together.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    energy = values.square().sum(dim=0)
    return energy / energy.sum()


@misconception(
    "nearest",
    "what-is-lost",
    says="You give the share that is lost. The share that is kept is what remains of 1.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    energy = values.square().sum(dim=0)
    return 1 - energy.cumsum(dim=0) / energy.sum()


@misconception(
    "nearest",
    "mean-of-shares",
    says="You average the shares of the input channels. Large channels hold more of the energy: add up the "
    "energy first, then divide.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    energy = values.square()
    return (energy.cumsum(dim=1) / energy.sum(dim=1, keepdim=True)).mean(dim=0)


@misconception(
    "nearest",
    "smallest-first",
    says="You begin with the smallest singular values. The nearest sums keep the largest.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    energy = values.square().sum(dim=0).flip(0)
    return energy.cumsum(dim=0) / energy.sum()


@misconception(
    "nearest",
    "energy-not-share",
    says="You give energies. Divide by the energy of the whole kernel, so that the last number is 1.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    return values.square().sum(dim=0).cumsum(dim=0)


@misconception(
    "nearest",
    "root-of-the-share",
    says="You take the root: the share of the norm, not of the energy.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    energy = values.square().sum(dim=0)
    return (energy.cumsum(dim=0) / energy.sum()).sqrt()


@misconception(
    "nearest",
    "whole-kernel-at-once",
    says="You decompose the whole kernel as one matrix. A separable convolution has a filter for each input "
    "channel, so there is a matrix for each.",
)
def kept(kernel):
    values = torch.linalg.svdvals(kernel.flatten(2).flatten(0, 1)).square()
    size = min(kernel.shape[0], kernel[0, 0].numel())
    values = F.pad(values, (0, max(0, size - len(values))))[:size]
    return values.cumsum(dim=0) / values.sum()


@misconception(
    "nearest",
    "energy-by-output",
    says="You cut the kernel into slices by output. With space first there is a filter for each input channel,"
    " so the slices go by input.",
)
def kept(kernel):
    energy = torch.linalg.svdvals(kernel.flatten(2)).square().sum(dim=0)
    return energy.cumsum(dim=0) / energy.sum()


@misconception(
    "towers",
    "input-channels-for-mixed",
    says="You divide the C channels that come in by the width of a tower. The towers share the K channels of "
    "the first step, so there are K divided by `kernels.shape[1]`.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = x.shape[1] // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "padding-plus-one",
    says="Your maps grow: you pad by one pixel too many. S // 2 on each side keeps the size.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2 + 1, groups=count)


@misconception(
    "towers",
    "padding-of-both-sides",
    says="Your maps grow: S - 1 is the padding of both sides together. Each side takes half of it, S // 2.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] - 1, groups=count)


@misconception(
    "towers",
    "groups-by-side",
    says="You divide by the side of the kernels. How many channels a kernel reads stands in `kernels.shape[1]`.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[2]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "only-mixed",
    says="You return what the 1×1 convolution made. The towers are still to filter it.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    return mixed


@misconception(
    "towers",
    "no-mix",
    says="Your towers read the channels that come in. They read what the 1×1 convolution with `mix` makes of them.",
)
def towers(x, mix, kernels):
    mixed = x
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count)


@misconception(
    "towers",
    "stack",
    says="You stack the towers along an axis of their own. Their channels stand one behind the other in axis "
    "1: torch.cat does that.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    w = kernels.shape[1]
    return torch.stack(
        [
            F.conv2d(mixed[:, i : i + w], kernels[i : i + w], padding=kernels.shape[-1] // 2)
            for i in range(0, len(kernels), w)
        ],
        1,
    )


@misconception(
    "towers",
    "cat-batch",
    says="You put the towers one behind the other along the batch. It is the channels, axis 1, that they share.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    w = kernels.shape[1]
    return torch.cat(
        [
            F.conv2d(mixed[:, i : i + w], kernels[i : i + w], padding=kernels.shape[-1] // 2)
            for i in range(0, len(kernels), w)
        ]
    )


@misconception(
    "towers",
    "relu-both",
    says="You put a ReLU behind each of your two steps, as Inception does. This module has none.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.relu(F.conv2d(F.relu(mixed), kernels, padding=kernels.shape[-1] // 2, groups=count))


@misconception(
    "towers",
    "residual",
    says="You add the mixed channels to what the towers make. There is no shortcut in this module.",
)
def towers(x, mix, kernels):
    mixed = F.conv2d(x, mix[:, :, None, None])
    count = len(kernels) // kernels.shape[1]
    return F.conv2d(mixed, kernels, padding=kernels.shape[-1] // 2, groups=count) + mixed


@misconception(
    "cost",
    "spatial-once",
    says="In your third number only the 1×1 is done at every place. Each weight of the towers is used at "
    "every place as well.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, spatial, mixing * side**2 + spatial)


@misconception(
    "cost",
    "mixing-once",
    says="In your third number only the towers are done at every place. The 1×1 is used at every place as well.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, spatial, mixing + spatial * side**2)


@misconception(
    "cost",
    "one-filter-a-tower",
    says="You count one kernel for each tower. A tower makes K/T channels and has a kernel for each, so "
    "there are K kernels in all.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels // count * kernel**2
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "count-filters",
    says="You count one filter of S by S for each tower. A tower has K/T kernels, and each reads K/T channels.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = count * kernel**2
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "swapped",
    says="Your first two numbers have changed places: the weights of the 1×1 come first, then those of the towers.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (spatial, mixing, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "total-second",
    says="Your second number holds both steps. It is to be the towers alone.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, mixing + spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "in-squared",
    says="Your 1×1 goes from C channels to C. It makes K channels: C times K weights.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * in_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "out-squared",
    says="Your 1×1 goes from K channels to K. It reads the C channels that come in: C times K weights.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = out_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "work-x-channels",
    says="Your third number counts the outputs twice. The weights hold them already: work is weights times places.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel**2
    return (mixing, spatial, (mixing + spatial) * side**2 * out_channels)


@misconception(
    "cost",
    "towers-read-the-input",
    says="You count the towers as if they read the C channels that come in. They stand behind the 1×1 and "
    "read its K channels, K/T each.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = in_channels * out_channels * kernel**2 // count
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "cost",
    "kernel-times-two",
    says="You double the side of the kernel where it is to be squared: a kernel has S times S places.",
)
def cost(in_channels, out_channels, count, kernel, side):
    mixing = in_channels * out_channels
    spatial = out_channels * (out_channels // count) * kernel * 2
    return (mixing, spatial, (mixing + spatial) * side**2)


@misconception(
    "separable",
    "padding-is-the-dilation",
    says="Your padding is the dilation. That keeps the size for filters of 3 by 3; in general it takes the "
    "dilation times S // 2.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "stride-before",
    says="You drop pixels before you filter. A stride skips places of the filter, but at those that remain "
    "the filter reads all its neighbours.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(
        x[:, :, ::stride, ::stride], spatial[:, None], padding=reach, dilation=dilation, groups=len(spatial)
    )
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "swapped-args",
    says="Stride and dilation have changed places in your spatial step.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=dilation, padding=reach, dilation=stride, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "mix-padded",
    says="Your 1×1 convolution is padded too, so the maps grow. Filters of one pixel need no padding.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None], padding=reach)


@misconception(
    "separable",
    "edge",
    says="You pad with the values at the edge. The convolutions of this chapter pad with zeros.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    x = F.pad(x, (reach,) * 4, mode="replicate")
    filtered = F.conv2d(x, spatial[:, None], stride=stride, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "relu-both",
    says="You put a ReLU behind each of your two steps. This function has none: both steps are linear.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.relu(F.conv2d(F.relu(filtered), mix[:, :, None, None]))


@misconception(
    "separable",
    "padding-of-both-sides",
    says="Your maps grow: you pad each side by what both sides need together. Each takes dilation times S // 2.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] - 1)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "maxpool-stride",
    says="You pool where the stride is to skip. A stride takes every second place as it is, and no maximum.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.max_pool2d(
        F.conv2d(x, spatial[:, None], padding=reach, dilation=dilation, groups=len(spatial)), stride
    )
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "stride-offset",
    says="Your stride keeps the wrong places: it starts at the second. The first place is kept.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], padding=reach, dilation=dilation, groups=len(spatial))[
        :, :, stride - 1 :: stride, stride - 1 :: stride
    ]
    return F.conv2d(filtered, mix[:, :, None, None])


@misconception(
    "separable",
    "floor",
    says="You round the size down. At a stride, a side that does not divide evenly is rounded up.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    h, w = (x.shape[2] // stride, x.shape[3] // stride)
    return F.conv2d(filtered, mix[:, :, None, None])[:, :, :h, :w]


@misconception(
    "separable",
    "averaged",
    says="You divide by the number of channels. The mixing is a weighted sum, no mean.",
)
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[-1] // 2)
    filtered = F.conv2d(x, spatial[:, None], stride=stride, padding=reach, dilation=dilation, groups=len(spatial))
    return F.conv2d(filtered, mix[:, :, None, None]) / len(spatial)


@misconception(
    "EntryBlock",
    "bias-shortcut",
    says="The convolution of your shortcut has a bias. A batch norm follows, so no convolution of the block has one.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "bias-pointwise",
    says="Your 1×1 convolutions have biases. A batch norm follows, so no convolution of the block has one.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "bias-depthwise",
    says="Your depthwise convolutions have biases. No convolution of the block has one: the batch norm "
    "behind the 1×1 would take it away.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "norm-between-no-relu",
    says="A batch norm stands between your depthwise and your 1×1 convolution. A separable convolution is "
    "both, and the norm follows the pair.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.b1 = nn.BatchNorm2d(in_channels)
        self.b2 = nn.BatchNorm2d(out_channels)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.b1(self.depthwise1(h))))
        h = self.norm2(self.pointwise2(self.b2(self.depthwise2(F.relu(h)))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "norm-first",
    says="Your batch norms stand in front of the ReLUs, as in a ResNet with pre-activation. Here they stand "
    "behind the convolutions.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = self.norm1(x)
        h = F.relu(h) if self.relu_first else h
        h = self.pointwise1(self.depthwise1(h))
        h = self.pointwise2(self.depthwise2(F.relu(self.norm2(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "no-norm2",
    says="The batch norm behind your second separable convolution is missing.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.pointwise2(self.depthwise2(F.relu(h)))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pooling-without-padding",
    says="Your pooling has no padding, so branch and shortcut do not fit together. With padding 1 the sides "
    "are halved and rounded up.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pool-before-norm2",
    says="You pool before the second batch norm. The pooling is the very last step of the branch.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.pointwise2(self.depthwise2(F.relu(h)))
        h = self.norm2(F.max_pool2d(h, 3, stride=2, padding=1))
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "relu6",
    says="You use ReLU6, which cuts off above 6. That is MobileNet's; Xception has plain ReLUs.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu6(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu6(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "leaky",
    says="You use a leaky ReLU, which lets negative values through a little. The block has plain ReLUs.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.leaky_relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.leaky_relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "gelu",
    says="You use a GELU. The block has plain ReLUs.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.gelu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.gelu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "skip-pooled",
    says="Your shortcut pools before its 1×1 convolution. It is the convolution that shrinks the maps, by "
    "its stride of 2.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(F.max_pool2d(x, 3, stride=2, padding=1)))


@misconception(
    "EntryBlock",
    "skip-averaged",
    says="Your shortcut averages 2 by 2 pixels before its 1×1 convolution. It is the convolution that "
    "shrinks the maps, by its stride of 2.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(F.avg_pool2d(x, 2, ceil_mode=True)))


@misconception(
    "EntryBlock",
    "multiplier",
    says="Your depthwise convolution changes the number of channels. It has one filter for each channel; the "
    "1×1 goes from C to K.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "three",
    says="Your branch has three separable convolutions. That is the block of the middle; the block of the "
    "entry has two.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.depthwise3 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise3 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = self.norm3(self.pointwise3(self.depthwise3(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "keras-eps",
    says="Your batch norms have an eps of 0.001, as in Keras. Leave it at PyTorch's own value.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels, eps=0.001)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels, eps=0.001)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "stride-first-dw",
    says="Your first depthwise convolution has a stride of 2, and the pooling is missing. Both separable "
    "convolutions work at full size; the max pooling at the end halves it.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, stride=2, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "train-always",
    says="Your batch norms use the mean of the batch in evaluation too. Leave it to train() and eval() to switch them.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        self.train()
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "norm-on-sum",
    says="You normalise the sum. The batch norm belongs to the shortcut: it stands behind its 1×1 "
    "convolution, before the sum.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return self.norm(h + self.project(x))


@misconception(
    "EntryBlock",
    "subtract",
    says="You subtract the shortcut. A block computes f(x) + g(x).",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h - self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "depthwise-without-padding",
    says="Your depthwise convolutions have no padding, so the maps lose their edges. Padding 1 keeps the size.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "skip-relu",
    says="A ReLU stands behind your shortcut. The shortcut is a 1×1 convolution and a batch norm, and nothing else.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1)
        return h + F.relu(self.norm(self.project(x)))


@misconception(
    "EntryBlock",
    "dropout",
    says="There is dropout in your branch. The block has none.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(F.dropout(h, 0.5, self.training), 3, stride=2, padding=1)
        return h + self.norm(self.project(x))


@misconception(
    "EntryBlock",
    "pooling-rounds-up-twice",
    says="Your pooling rounds its size up on top of the padding, so branch and shortcut do not fit together. "
    "Leave ceil_mode at False.",
)
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.relu_first = relu_first
        self.depthwise1 = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        self.pointwise1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.depthwise2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False)
        self.pointwise2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.project = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        h = F.relu(x) if self.relu_first else x
        h = self.norm1(self.pointwise1(self.depthwise1(h)))
        h = self.norm2(self.pointwise2(self.depthwise2(F.relu(h))))
        h = F.max_pool2d(h, 3, stride=2, padding=1, ceil_mode=True)
        return h + self.norm(self.project(x))


@misconception(
    "one_kernel",
    "no-mix",
    says="You leave `mix` out: every output gets the bare filters. Each filter is multiplied by the weight "
    "on its path.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return spatial[None].expand(*mix.shape, -1, -1)
    return spatial[:, None].expand(*mix.shape, -1, -1)


@misconception(
    "one_kernel",
    "rs-swapped",
    says="Your filters lie on their side: rows and columns are exchanged.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return mix[:, :, None, None] * spatial.mT[None]
    return mix[:, :, None, None] * spatial.mT[:, None]


@misconception(
    "one_kernel",
    "flattened",
    says="You return the places of a filter as one axis. The kernel has four axes: (K, C, S, S).",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return (mix[:, :, None, None] * spatial[None]).flatten(2)
    return (mix[:, :, None, None] * spatial[:, None]).flatten(2)


@misconception(
    "one_kernel",
    "outer-all",
    says="You mix the filters of all channels. From input c to output k there is one path, with one filter "
    "and one weight on it.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return torch.einsum("crs,kd->kdrs", spatial, mix)
    return torch.einsum("lrs,kc->kcrs", spatial, mix)


@misconception(
    "one_kernel",
    "einsum-sum",
    says="You sum over the inputs. The kernel keeps them apart: one filter for each pair of input and output.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return torch.einsum("crs,kc->krs", spatial, mix)
    return torch.einsum("krs,kc->crs", spatial, mix)


@misconception(
    "one_kernel",
    "last-transposed",
    says="With space last, your kernel has inputs and outputs exchanged. The channels that go out are its "
    "first axis in both orders.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return mix[:, :, None, None] * spatial[None]
    return (mix[:, :, None, None] * spatial[:, None]).transpose(0, 1)


@misconception(
    "one_kernel",
    "diag",
    says="You join each input to the output of the same number alone. `mix` joins every input to every output.",
)
def one_kernel(spatial, mix, spatial_first):
    if spatial_first:
        return torch.diag(torch.ones(len(spatial)))[:, :, None, None] * spatial[None]
    return torch.diag(torch.ones(len(spatial)))[:, :, None, None] * spatial[:, None]


@misconception(
    "nearest",
    "reshape-for-transpose",
    says="You reshape (K, C, …) to (C, K, …). That deals the weights out anew; `transpose` exchanges the two axes.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.reshape(kernel.shape[1], kernel.shape[0], -1), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s[:, :1]
    return (spatial, mix.T)


@misconception(
    "nearest",
    "s-broadcast",
    says="You multiply by `s[:, 0]`, which is laid along the outputs. It belongs to the input channels: "
    "`s[:, :1]`, or transpose first.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s[:, 0]
    return (spatial, mix.T)


@misconception(
    "nearest",
    "swapped-return",
    says="You return `mix` first. The filters come first, then the weights of the 1×1.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s[:, :1]
    return (mix.T, spatial)


@misconception(
    "nearest",
    "flat-filters",
    says="Your filters are rows of S times S numbers. Give them the shape (C, S, S).",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0]
    mix = u[:, :, 0] * s[:, :1]
    return (spatial, mix.T)


@misconception(
    "nearest",
    "all-rank",
    says="You add up all singular vectors. The nearest outer product is made of the first one alone.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh.sum(1).reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s[:, :1]
    return (spatial, mix.T)


@misconception(
    "nearest",
    "largest-s-only",
    says="You use the largest singular value of all channels. Each input channel has its own.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s.max()
    return (spatial, mix.T)


@misconception(
    "nearest",
    "s-sum",
    says="You multiply by the sum of the singular values. The nearest outer product has the first one alone.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s.sum(1, keepdim=True)
    return (spatial, mix.T)


@misconception(
    "nearest",
    "s-norm",
    says="You multiply by the size of the whole matrix. The nearest outer product is smaller: it has the "
    "first singular value.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = u[:, :, 0] * s.norm(dim=1, keepdim=True)
    return (spatial, mix.T)


@misconception(
    "nearest",
    "sign-wrong",
    says="Your kernel has the opposite sign. Filter and weights may both change theirs, but not one of them alone.",
)
def nearest(kernel):
    u, s, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = -u[:, :, 0] * s[:, :1]
    return (spatial, mix.T)


@misconception(
    "nearest",
    "centre",
    says="You take the middle weights of the kernel for `mix`. That looks at one place of S times S; the "
    "first left singular vector looks at all.",
)
def nearest(kernel):
    _, _, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    m = spatial.shape[-1] // 2
    mix = kernel[:, :, m, m].T
    return (spatial, mix.T)


@misconception(
    "nearest",
    "mean-mix",
    says="Your filter is the singular vector, but `mix` is the mean of each kernel. It is the left singular "
    "vector times the singular value.",
)
def nearest(kernel):
    _, _, vh = torch.linalg.svd(kernel.transpose(0, 1).flatten(2), full_matrices=False)
    spatial = vh[:, 0].reshape(kernel.shape[1:])
    mix = kernel.mean(dim=(2, 3)).T
    return (spatial, mix.T)


@misconception(
    "nearest",
    "kept-first-only",
    says="You give the share of one product alone. All are asked for: one product, two, three, up to min(K, S²).",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    return (e.cumsum(0) / e.sum())[:1]


@misconception(
    "nearest",
    "kept-with-zero",
    says="Your list starts with the share of no product at all. It starts with one.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    return torch.cat([torch.zeros(1).to(e), e.cumsum(0) / e.sum()])


@misconception(
    "nearest",
    "kept-matrix",
    says="You give a row for each input channel. Add up the energy of all channels, then give the shares of "
    "the whole kernel.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square()
    return e.cumsum(1) / e.sum(1, keepdim=True)


@misconception(
    "nearest",
    "kept-first-channel",
    says="You look at the first input channel alone. The share is that of the whole kernel.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v[0].square()
    return e.cumsum(0) / e.sum()


@misconception(
    "nearest",
    "kept-cumsum-then-square",
    says="You add up singular values and square the sum. Energies are added: square each singular value first.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.sum(0).cumsum(0).square()
    return e / e[-1]


@misconception(
    "nearest",
    "kept-percent",
    says="You give per cent. A share of the whole is 1.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    return 100 * e.cumsum(0) / e.sum()


@misconception(
    "nearest",
    "kept-over-largest",
    says="You divide by the energy of the first products. A share is of the whole energy, so that the last "
    "number is 1.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    return e.cumsum(0) / e[0]


@misconception(
    "nearest",
    "kept-always-nine",
    says="You always give nine numbers. A matrix of K rows and S² columns has min(K, S²) singular values.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    e = F.pad(e, (0, max(0, 9 - len(e))))
    return e.cumsum(0) / e.sum()


@misconception(
    "nearest",
    "kept-reversed",
    says="Your shares run backwards. The first is that of a single product, the last is 1.",
)
def kept(kernel):
    v = torch.linalg.svdvals(kernel.transpose(0, 1).flatten(2))
    e = v.square().sum(0)
    return (e.cumsum(0) / e.sum()).flip(0)
