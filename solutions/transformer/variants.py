"""Right answers to the exercise `transformer`, written differently. Each must keep its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("positions", "filled-column-by-column")
def positions(length, size, start=0):
    vectors = torch.zeros(length, size)
    place = torch.arange(start, start + length).float()
    for i in range(size // 2):
        angle = place / 10000 ** (2 * i / size)
        vectors[:, 2 * i] = torch.sin(angle)
        vectors[:, 2 * i + 1] = torch.cos(angle)
    return vectors


@variant("positions", "exponential-of-a-logarithm")
def positions(length, size, start=0):
    vectors = torch.empty(length, size)
    frequency = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    angle = torch.outer(torch.arange(start, start + length).float(), frequency)
    vectors[:, 0::2], vectors[:, 1::2] = angle.sin(), angle.cos()
    return vectors


@variant("positions", "sines-of-shifted-angles")
def positions(length, size, start=0):
    entry = torch.arange(size)
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** ((entry - entry % 2) / size) + (entry % 2) * math.pi / 2
    return angle.sin()


@variant("tied", "functional-embedding")
def embed(tokens, table, places):
    return F.embedding(tokens, table) * table.size(-1) ** 0.5 + places[None]


@variant("tied", "one-hot-product")
def embed(tokens, table, places):
    one_hot = F.one_hot(tokens, len(table)).to(table.dtype)
    return one_hot @ (table * math.sqrt(places.shape[-1])) + places


@variant("tied", "linear-map")
def logits(h, table):
    return F.linear(h, table)


@variant("tied", "einsum")
def logits(h, table):
    return torch.einsum("btm,vm->btv", h, table)


@variant("honest", "padded-on-the-left")
def shift(target, start):
    return F.pad(target, (1, -1), value=start)


@variant("honest", "rolled-and-overwritten")
def shift(target, start):
    shown = target.roll(1, dims=1)
    shown[:, 0] = start
    return shown


@variant("honest", "triangle-times-real")
def target_mask(lengths, size):
    triangle = torch.ones(size, size).tril().bool()
    real = torch.arange(size).unsqueeze(0) < lengths.unsqueeze(1)
    return triangle[None] & real[:, None]


@variant("honest", "row-by-row")
def target_mask(lengths, size):
    mask = torch.zeros(len(lengths), size, size, dtype=torch.bool)
    for b, length in enumerate(lengths.tolist()):
        for t in range(size):
            mask[b, t, : min(t + 1, length)] = True
    return mask


@variant("feed_forward", "clamped")
def feed_forward(x, w1, b1, w2, b2):
    hidden = torch.matmul(x, w1).add(b1).clamp(min=0)
    return torch.matmul(hidden, w2).add(b2)


@variant("feed_forward", "linear-of-turned-weights")
def feed_forward(x, w1, b1, w2, b2):
    return F.linear(torch.relu(F.linear(x, w1.T, b1)), w2.T, b2)


@variant("around", "one-line-each")
def around(x, sublayer, norm, norm_first):
    h = norm(x) if norm_first else x
    y = x + sublayer(h)
    return y if norm_first else norm(y)


@variant("encoder_layer", "a-loop-over-the-sub-layers")
def encoder_layer(x, attention, network, norms, mask, norm_first):
    for f, norm in zip((lambda h: attention(h, h, h, mask), network), norms, strict=True):
        x = x + f(norm(x)) if norm_first else norm(x + f(x))
    return x


@variant("encoder_layer", "an-inner-function")
def encoder_layer(x, attention, network, norms, mask, norm_first):
    def step(x, f, norm):
        if norm_first:
            return f(norm(x)) + x
        return norm(f(x) + x)

    x = step(x, lambda h: attention(h, h, h, mask), norms[0])
    return step(x, network, norms[1])


@variant("decoder_layer", "a-loop-over-the-sub-layers")
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    sublayers = [
        lambda h: attention(h, h, h, mask),
        lambda h: cross_attention(h, memory, memory, memory_mask),
        network,
    ]
    for f, norm in zip(sublayers, norms, strict=True):
        x = x + f(norm(x)) if norm_first else norm(x + f(x))
    return x


@variant("decoder_layer", "identity-norms")
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    def same(x):
        return x

    before, behind = (norms, [same] * 3) if norm_first else ([same] * 3, norms)
    h = before[0](x)
    x = behind[0](x + attention(h, h, h, mask))
    x = behind[1](x + cross_attention(before[1](x), memory, memory, memory_mask))
    return behind[2](x + network(before[2](x)))


@variant("write", "finished-rows-by-where")
def write(model, source, length, start, end):
    batch = source.shape[0]
    written = torch.empty(batch, 0, dtype=torch.long)
    first = torch.full((batch, 1), start)
    for _ in range(length):
        shown = torch.cat([first, written], dim=1)
        token = torch.argmax(model(source, shown)[:, -1, :], dim=1)
        finished = (written == end).any(dim=1)
        written = torch.cat([written, torch.where(finished, end, token).unsqueeze(1)], dim=1)
    return written


@variant("write", "cut-at-the-end")
def write(model, source, length, start, end):
    shown = torch.full((source.shape[0], length + 1), start)
    for t in range(length):
        shown[:, t + 1] = model(source, shown[:, : t + 1])[:, t].max(dim=-1).indices
    written = shown[:, 1:]
    after = (written == end).long().cumsum(dim=1) - (written == end).long() > 0
    return written.masked_fill(after, end)
