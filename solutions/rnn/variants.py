"""Right answers to the exercise `rnn`, written differently. Each must keep its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("unroll", "inputs-first-and-written-into-a-tensor")
def unroll(x, h, w, u, b):
    inputs = F.linear(x, w, b)
    rows = []
    for step in inputs.unbind(1):
        h = (step + F.linear(h, u)).tanh()
        rows.append(h.unsqueeze(1))
    return torch.cat(rows, 1)


@variant("unroll", "one-matrix-and-einsum")
def unroll(x, h, w, u, b):
    both, states = torch.cat([w, u], dim=1), []
    for t in range(x.size(1)):
        h = torch.tanh(torch.einsum("ij,bj->bi", both, torch.cat([x[:, t], h], dim=1)) + b)
        states.append(h)
    return torch.stack(states).transpose(0, 1)


@variant("unroll", "recursion")
def unroll(x, h, w, u, b):
    h = torch.tanh((w @ x[:, 0].T + u @ h.T).T + b)
    rest = [unroll(x[:, 1:], h, w, u, b)] if x.shape[1] > 1 else []
    return torch.cat([h[:, None], *rest], dim=1)


@variant("lstm_step", "slices")
def lstm_step(x, h, c, w, u, b):
    n = h.shape[1]
    z = F.linear(x, w) + F.linear(h, u) + b
    forget, write, show = torch.sigmoid(z[:, :n]), torch.sigmoid(z[:, n : 2 * n]), torch.sigmoid(z[:, 2 * n : 3 * n])
    new_c = forget * c + write * torch.tanh(z[:, 3 * n :])
    new_h = show * torch.tanh(new_c)
    return new_h, new_c


@variant("lstm_step", "gates-together")
def lstm_step(x, h, c, w, u, b):
    n = h.shape[1]
    z = torch.cat([x, h], 1) @ torch.cat([w, u], 1).T + b
    f, i, o = (1 / (1 + torch.exp(-z[:, : 3 * n]))).split(n, dim=1)
    c = torch.addcmul(f * c, i, z[:, 3 * n :].tanh())
    return (o * c.tanh(), c)


@variant("lstm_step", "four-products")
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ wk.T + h @ uk.T + bk for wk, uk, bk in zip(w.chunk(4), u.chunk(4), b.chunk(4), strict=False))
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


@variant("both_ways", "sequence-by-sequence")
def both_ways(forwards, backwards, x, lengths):
    rows = []
    for row, n in zip(x, lengths.tolist(), strict=False):
        real = row[None, :n]
        both = torch.cat([forwards(real), backwards(real.flip(1)).flip(1)], dim=2)[0]
        rows.append(F.pad(both, (0, 0, 0, x.shape[1] - n)))
    return torch.stack(rows)


@variant("both_ways", "gather")
def both_ways(forwards, backwards, x, lengths):
    t = torch.arange(x.shape[1]).expand(len(x), -1)
    n = lengths.unsqueeze(1)
    places = (n - 1 - t) % n
    places = torch.where(t < n, places, t).unsqueeze(2)
    second = backwards(torch.gather(x, 1, places.expand_as(x)))
    second = torch.gather(second, 1, places.expand_as(second))
    return torch.cat((forwards(x), second), -1).masked_fill((t >= n).unsqueeze(2), 0.0)


@variant("both_ways", "rolled-to-the-right")
def both_ways(forwards, backwards, x, lengths):
    turned = torch.stack([row.flip(0).roll(int(n) - len(row), 0) for row, n in zip(x, lengths, strict=False)])
    second = torch.stack(
        [row.flip(0).roll(int(n) - len(row), 0) for row, n in zip(backwards(turned), lengths, strict=False)]
    )
    out = torch.cat([forwards(x), second], dim=2)
    for row, n in enumerate(lengths):
        out = torch.where(
            (torch.arange(len(x)) == row)[:, None, None] & (torch.arange(x.shape[1]) >= n)[:, None], 0.0, out
        )
    return out


@variant("stack", "loops")
def matrices(blocks, input_size, hidden_size, layers, directions):
    cells, below = [], input_size
    for _ in range(layers):
        cells += [(blocks * hidden_size, below, hidden_size)] * directions
        below = hidden_size * directions
    return cells


@variant("stack", "added-up")
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    total, below = 0, input_size
    for _ in range(layers):
        for _ in range(directions):
            total += blocks * hidden_size * below + blocks * hidden_size**2 + biases * blocks * hidden_size
        below = directions * hidden_size
    return total


@variant("clip", "tensors")
def clip(gradients, limit):
    norm = torch.cat([g.reshape(-1) for g in gradients]).norm()
    return [g * torch.clamp(limit / (norm + 1e-6), max=1.0) for g in gradients]


@variant("clip", "norm-of-norms")
def clip(gradients, limit):
    norm = torch.stack([torch.linalg.vector_norm(g) for g in gradients]).norm()
    if norm <= limit:
        return [g.clone() for g in gradients]
    return [limit * g / norm for g in gradients]


@variant("clip", "smallest-of-one-and-the-ratio")
def clip(gradients, limit):
    total = sum(float((g * g).sum()) for g in gradients) ** 0.5
    return [g * min(1.0, limit / max(total, 1e-12)) for g in gradients]


@variant("truncated", "one-backward-for-the-sum")
def truncated(model, x, y, h, length):
    losses = []
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        losses.append(torch.sum((y[:, start : start + length] - output) ** 2))
        h = h.detach()
    sum(losses).backward()
    return h


@variant("truncated", "split-and-mse")
def truncated(model, x, y, h, length):
    for x_part, y_part in zip(x.split(length, 1), y.split(length, 1), strict=False):
        output, h = model(x_part, h.detach())
        F.mse_loss(output, y_part, reduction="sum").backward()
    return h.detach()


@variant("truncated", "while-with-a-fresh-copy")
def truncated(model, x, y, h, length):
    start = 0
    while start < x.shape[1]:
        stop = min(start + length, x.shape[1])
        output, h = model(x[:, start:stop], h)
        loss = (output - y[:, start:stop]).pow(2).sum()
        loss.backward()
        h, start = h.data.clone(), stop
    return h
