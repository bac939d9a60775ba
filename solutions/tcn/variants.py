"""Right answers to the exercise `tcn`, written in other ways. Each must keep all its points."""

from collections import deque

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.exercise import variant


@variant("causal_conv", "both-ends-and-chop")
def causal_conv(x, weight, bias, dilation):
    reach = (weight.size(2) - 1) * dilation
    y = F.conv1d(x, weight, bias, padding=reach, dilation=dilation)
    return y[:, :, : x.size(2)]


@variant("causal_conv", "tap-by-tap")
def causal_conv(x, weight, bias, dilation):
    k, steps = weight.shape[-1], x.shape[-1]
    y = bias[None, :, None].expand(len(x), -1, steps)
    for tap in range(k):
        back = (k - 1 - tap) * dilation
        if back < steps:
            shifted = F.pad(x[:, :, : steps - back], (back, 0))
            y = y + torch.einsum("bct,oc->bot", shifted, weight[:, :, tap])
    return y


@variant("causal_conv", "windows")
def causal_conv(x, weight, bias, dilation):
    k = weight.shape[-1]
    zeros = x.new_zeros(*x.shape[:2], (k - 1) * dilation)
    windows = torch.cat([zeros, x], dim=2).unfold(2, (k - 1) * dilation + 1, 1)[..., ::dilation]
    return torch.einsum("bctk,ock->bot", windows, weight) + bias[:, None]


@variant("causal_conv", "gathered-steps")
def causal_conv(x, weight, bias, dilation):
    t = torch.arange(x.shape[-1])
    total = bias.view(1, -1, 1)
    for lag in range(weight.shape[-1]):
        source = t - lag * dilation
        taken = x[:, :, source.clamp(min=0)] * (source >= 0).to(x.dtype)
        total = total + weight[:, :, -1 - lag] @ taken
    return total


@variant("causal_conv", "two-dimensional")
def causal_conv(x, weight, bias, dilation):
    padded = F.pad(x.unsqueeze(2), ((weight.shape[2] - 1) * dilation, 0, 0, 0))
    return F.conv2d(padded, weight.unsqueeze(2), bias, dilation=(1, dilation)).squeeze(2)


@variant("plan", "field-layer-by-layer")
def field_of(kernel_size, dilations):
    field = 1
    for dilation in dilations:
        for _ in range(2):
            field += (kernel_size - 1) * dilation
    return field


@variant("plan", "field-farthest-lag")
def field_of(kernel_size, dilations):
    return len(range(-2 * sum(d * (kernel_size - 1) for d in dilations), 1))


@variant("plan", "schedule-count-down")
def schedule(wanted, kernel_size, cap):
    result, dilation, missing = [], 1, wanted - 1
    while missing > 0 or not result:
        result.append(dilation)
        missing -= 2 * (kernel_size - 1) * dilation
        dilation = dilation * 2 if dilation * 2 <= cap else 1
    return result


@variant("plan", "schedule-by-cycles")
def schedule(wanted, kernel_size, cap):
    length = cap.bit_length()
    need = -(-(wanted - 1) // (2 * (kernel_size - 1)))
    plan = []
    while not plan or sum(plan) < need:
        plan.append(2 ** (len(plan) % length))
    return plan


@variant("plan", "schedule-recursive")
def schedule(wanted, kernel_size, cap):
    def more(plan):
        if 2 * (kernel_size - 1) * sum(plan) + 1 >= wanted:
            return plan
        return more((*plan, 1 if plan[-1] * 2 > cap else plan[-1] * 2))

    return list(more((1,)))


@variant("plan", "schedule-accumulated")
def schedule(wanted, kernel_size, cap):
    from itertools import accumulate

    cycle = [2**i for i in range(cap.bit_length())]
    repeated = cycle * (wanted // (2 * (kernel_size - 1) * sum(cycle)) + 1)
    fields = [1 + 2 * (kernel_size - 1) * total for total in accumulate(repeated)]
    return repeated[: 1 + sum(field < wanted for field in fields)]


@variant("block", "chopped")
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        reach = (kernel_size - 1) * dilation
        self.first = nn.Conv1d(in_channels, out_channels, kernel_size, padding=reach, dilation=dilation)
        self.second = nn.Conv1d(out_channels, out_channels, kernel_size, padding=reach, dilation=dilation)
        self.match = nn.Conv1d(in_channels, out_channels, 1) if in_channels != out_channels else None

    def forward(self, x):
        steps = x.size(-1)
        h = torch.relu(self.first(x)[..., :steps])
        h = torch.relu(self.second(h)[..., :steps])
        residual = x if self.match is None else self.match(x)
        return torch.relu(residual + h)


@variant("block", "a-sequential")
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        pad = nn.ConstantPad1d(((kernel_size - 1) * dilation, 0), 0.0)
        layers = []
        for channels in (in_channels, out_channels):
            layers += [pad, nn.Conv1d(channels, out_channels, kernel_size, dilation=dilation), nn.ReLU()]
        self.f = nn.Sequential(*layers)
        self.shortcut = nn.Sequential()
        if in_channels != out_channels:
            self.shortcut.append(nn.Conv1d(in_channels, out_channels, 1))

    def forward(self, x):
        return (self.f(x) + self.shortcut(x)).clamp(min=0)


@variant("block", "a-list-of-convolutions")
class Block(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, dilation):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv1d(c, out_channels, kernel_size, dilation=dilation) for c in (in_channels, out_channels)
        )
        if in_channels != out_channels:
            self.skip = nn.Conv1d(in_channels, out_channels, kernel_size=1)

    def forward(self, x):
        h = x
        for conv in self.convs:
            zeros = h.new_zeros(h.shape[0], h.shape[1], (conv.kernel_size[0] - 1) * conv.dilation[0])
            h = F.relu(conv(torch.cat((zeros, h), dim=2)))
        return F.relu(h + (self.skip(x) if hasattr(self, "skip") else x))


@variant("proof", "gradient-by-gradient")
def reach(model, x):
    x = x.detach().clone().requires_grad_()
    y = model(x)
    rows = []
    for t in range(y.shape[2]):
        row = torch.zeros(x.shape[2], dtype=torch.bool)
        for k in range(y.shape[1]):
            (gradient,) = torch.autograd.grad(y[:, k, t].sum(), x, retain_graph=True)
            row |= (gradient != 0).flatten(0, 1).any(dim=0)
        rows.append(row)
    return torch.stack(rows)


@variant("proof", "jacrev")
def reach(model, x):
    jacobian = torch.func.jacrev(model)(x.detach())
    t, s = jacobian.shape[2], jacobian.shape[5]
    return jacobian.permute(2, 5, 0, 1, 3, 4).reshape(t, s, -1).ne(0).any(dim=-1)


@variant("proof", "sequence-by-sequence")
def reach(model, x):
    found = 0
    for one in x.detach().split(1):
        jacobian = torch.autograd.functional.jacobian(lambda z: model(z)[0], one)
        found = found + (jacobian[:, :, 0] != 0).sum(dim=(0, 2))
    return found > 0


@variant("proof", "numpy-at-the-end")
def reach(model, x):
    jacobian = torch.autograd.functional.jacobian(model, x.clone().detach()).numpy()
    return np.abs(jacobian).max(axis=(0, 1, 3, 4)) != 0


@variant("proof", "diagonals")
def lookahead(reached):
    ahead = [d for d in range(1, reached.shape[1]) if reached.diagonal(d).any()]
    return max(ahead, default=0)


@variant("proof", "loops")
def lookahead(reached):
    most = 0
    for t, row in enumerate(reached.tolist()):
        for s, hit in enumerate(row):
            if hit:
                most = max(most, s - t)
    return most


@variant("proof", "a-table-of-distances")
def lookahead(reached):
    rows, columns = reached.shape
    distance = torch.arange(columns)[None, :] - torch.arange(rows)[:, None]
    return int((distance * reached).clamp(min=0).max())


@variant("stream", "a-deque-of-zeros")
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.past = None

    def step(self, x):
        if self.past is None:
            keep = (self.weight.shape[-1] - 1) * self.dilation + 1
            self.past = deque([torch.zeros_like(x) for _ in range(keep)], maxlen=keep)
        self.past.append(x.clone())
        taps = torch.stack(list(self.past)[:: self.dilation], dim=-1)
        return torch.einsum("bck,ock->bo", taps, self.weight) + self.bias


@variant("stream", "a-circle")
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.size = (weight.shape[-1] - 1) * dilation + 1
        self.memory, self.now = None, 0

    def step(self, x):
        if self.memory is None:
            self.memory = x.new_zeros(self.size, *x.shape)
        self.now = (self.now + 1) % self.size
        self.memory[self.now] = x
        y = self.bias.clone()
        for lag in range(self.weight.shape[-1]):
            kept = self.memory[(self.now - lag * self.dilation) % self.size]
            y = y + kept @ self.weight[:, :, -1 - lag].mT
        return y


@variant("stream", "a-sliding-window")
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.reach = (weight.shape[-1] - 1) * dilation
        self.window = None

    def step(self, x):
        x = x[:, :, None]
        if self.window is None:
            self.window = torch.zeros_like(x).repeat(1, 1, self.reach + 1)
        self.window = torch.cat([self.window[:, :, 1:], x], dim=2)
        return F.conv1d(self.window, self.weight, self.bias, dilation=self.dilation)[:, :, 0]


@variant("stream", "only-the-past")
class Streamer:
    def __init__(self, weight, bias, dilation):
        self.weight, self.bias = weight, bias
        self.lags = [tap * dilation for tap in range(weight.shape[-1] - 1, 0, -1)]
        self.past = deque(maxlen=max(self.lags, default=0))

    def step(self, x):
        y = F.linear(x, self.weight[:, :, -1], self.bias)
        for tap, lag in enumerate(self.lags):
            if lag <= len(self.past):
                y = y + F.linear(self.past[-lag], self.weight[:, :, tap])
        self.past.append(x.detach().clone())
        return y
