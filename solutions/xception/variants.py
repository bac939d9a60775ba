"""Right answers to the exercise `xception`, written in other ways. Each must keep all its points."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("towers", "a-loop-over-towers")
def towers(x, mix, kernels):
    mixed = torch.einsum("kc,bchw->bkhw", mix, x)
    width = kernels.shape[1]
    parts = [
        F.conv2d(mixed[:, i : i + width], kernels[i : i + width], padding="same") for i in range(0, len(kernels), width)
    ]
    return torch.cat(parts, dim=1)


@variant("towers", "as-one-full-kernel")
def towers(x, mix, kernels):
    width = kernels.shape[1]
    full = kernels.new_zeros(len(kernels), len(mix), *kernels.shape[2:])
    for k in range(len(kernels)):
        first = k // width * width
        full[k, first : first + width] = kernels[k]
    return F.conv2d(x, torch.einsum("kmrs,mc->kcrs", full, mix), padding=kernels.shape[2] // 2)


@variant("towers", "with-modules")
def towers(x, mix, kernels):
    first = nn.Conv2d(mix.shape[1], mix.shape[0], 1, bias=False)
    side = kernels.shape[3]
    second = nn.Conv2d(
        mix.shape[0], mix.shape[0], side, padding=side // 2, groups=mix.shape[0] // kernels.shape[1], bias=False
    )
    first.weight, second.weight = nn.Parameter(mix[:, :, None, None]), nn.Parameter(kernels)
    return second(first(x))


@variant("cost", "tower-by-tower")
def cost(in_channels, out_channels, count, kernel, side):
    width = out_channels // count
    spatial = sum(width * width * kernel * kernel for _ in range(count))
    return in_channels * out_channels, spatial, side * side * (in_channels * out_channels + spatial)


@variant("cost", "from-the-weights")
def cost(in_channels, out_channels, count, kernel, side):
    mix = torch.empty(out_channels, in_channels, device="meta")
    kernels = torch.empty(out_channels, out_channels // count, kernel, kernel, device="meta")
    return mix.numel(), kernels.numel(), (mix.numel() + kernels.numel()) * side * side


@variant("separable", "stride-behind-the-filter")
def separable(x, spatial, mix, stride=1, dilation=1):
    reach = dilation * (spatial.shape[1] // 2)
    filtered = F.conv2d(x, spatial.unsqueeze(1), padding=reach, dilation=dilation, groups=x.shape[1])
    return F.conv2d(filtered, mix[..., None, None], stride=stride)


@variant("separable", "channel-by-channel")
def separable(x, spatial, mix, stride=1, dilation=1):
    side = spatial.shape[-1]
    rim = dilation * (side - 1) // 2
    x = F.pad(x, (rim, rim, rim, rim))
    filtered = [
        F.conv2d(x[:, c : c + 1], spatial[c][None, None], stride=stride, dilation=dilation) for c in range(len(spatial))
    ]
    return torch.einsum("bchw,kc->bkhw", torch.cat(filtered, 1), mix)


@variant("separable", "as-one-full-kernel")
def separable(x, spatial, mix, stride=1, dilation=1):
    kernel = mix[:, :, None, None] * spatial
    return F.conv2d(x, kernel, stride=stride, padding=dilation * (kernel.shape[2] // 2), dilation=dilation)


@variant("EntryBlock", "sequential")
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()

        def step(c, k):
            return [
                nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False),
                nn.Conv2d(c, k, 1, bias=False),
                nn.BatchNorm2d(k),
            ]

        first = [nn.ReLU()] if relu_first else []
        self.f = nn.Sequential(
            *first,
            *step(in_channels, out_channels),
            nn.ReLU(inplace=True),
            *step(out_channels, out_channels),
            nn.MaxPool2d(3, 2, 1),
        )
        self.g = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False), nn.BatchNorm2d(out_channels)
        )

    def forward(self, x):
        return self.f(x) + self.g(x)


@variant("EntryBlock", "shortcut-first-and-every-second-pixel")
class EntryBlock(nn.Module):
    def __init__(self, in_channels, out_channels, relu_first=True):
        super().__init__()
        self.skip, self.skip_norm = nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
        self.spaces = nn.ModuleList(
            [nn.Conv2d(c, c, 3, padding="same", groups=c, bias=False) for c in (in_channels, out_channels)]
        )
        self.mixes = nn.ModuleList([nn.Conv2d(c, out_channels, 1, bias=False) for c in (in_channels, out_channels)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(out_channels) for _ in range(2)])
        self.acts = [relu_first, True]

    def forward(self, x):
        shortcut = self.skip_norm(self.skip(x[:, :, ::2, ::2]))
        for space, mix, norm, act in zip(self.spaces, self.mixes, self.norms, self.acts, strict=True):
            x = norm(mix(space(x.clamp(min=0) if act else x)))
        return shortcut + nn.functional.max_pool2d(x, 3, 2, 1)


@variant("one_kernel", "einsum")
def one_kernel(spatial, mix, spatial_first):
    return torch.einsum("crs,kc->kcrs" if spatial_first else "krs,kc->kcrs", spatial, mix)


@variant("one_kernel", "a-loop-over-pairs")
def one_kernel(spatial, mix, spatial_first):
    outputs, inputs = mix.shape
    rows = [
        torch.stack([mix[k, c] * spatial[c if spatial_first else k] for c in range(inputs)]) for k in range(outputs)
    ]
    return torch.stack(rows)


@variant("nearest", "channel-by-channel")
def nearest(kernel):
    filters, columns = [], []
    for c in range(kernel.shape[1]):
        u, s, vh = torch.linalg.svd(kernel[:, c].reshape(len(kernel), -1))
        columns.append(u[:, 0])
        filters.append((s[0] * vh[0]).reshape(kernel.shape[2:]))
    return torch.stack(filters), torch.stack(columns, dim=1)


@variant("nearest", "by-eigenvectors")
def nearest(kernel):
    slices = kernel.transpose(0, 1).flatten(2).double()
    _, vectors = torch.linalg.eigh(slices.mT @ slices)
    filters = vectors[:, :, -1]
    mix = (slices @ filters[:, :, None])[:, :, 0]
    return filters.reshape(kernel.shape[1:]).to(kernel.dtype), mix.T.to(kernel.dtype)


@variant("nearest", "by-what-is-missing")
def kept(kernel):
    values = torch.stack([torch.linalg.svdvals(kernel[:, c].flatten(1)) for c in range(kernel.shape[1])])
    total = kernel.square().sum()
    missing = [values[:, m:].square().sum() for m in range(1, values.shape[1] + 1)]
    return 1 - torch.stack(missing) / total
