"""Right answers to the exercise `attention`, written differently. Each must keep its points."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("attend", "einsum")
def attend(q, k, v):
    scores = torch.einsum("...qd,...kd->...qk", q, k) * q.size(-1) ** -0.5
    weights = F.softmax(scores, -1)
    return torch.einsum("...qk,...ke->...qe", weights, v), weights


@variant("attend", "query-scaled-first-softmax-by-hand")
def attend(q, k, v):
    scores = (q / q.shape[-1] ** 0.5).matmul(k.transpose(-2, -1))
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    weights = e / e.sum(-1, keepdim=True)
    return weights.matmul(v), weights


@variant("attend", "one-query-at-a-time")
def attend(q, k, v):
    rows = []
    for i in range(q.shape[-2]):
        scores = (k * q[..., i : i + 1, :]).sum(dim=-1) / math.sqrt(k.shape[-1])
        rows.append(scores.softmax(dim=-1))
    weights = torch.stack(rows, dim=-2)
    return weights @ v, weights


@variant("attend", "each-side-by-the-fourth-root")
def attend(q, k, v):
    root = q.shape[-1] ** 0.25
    weights = torch.softmax(torch.matmul(q / root, (k / root).swapaxes(-1, -2)), dim=-1)
    return (weights[..., None] * v[..., None, :, :]).sum(dim=-2), weights


@variant("attend", "through-the-logarithm")
def attend(q, k, v):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    weights = (scores - scores.logsumexp(dim=-1, keepdim=True)).exp()
    return weights @ v, weights


@variant("divisor", "root-of-the-variance")
def divisor(size, q_std, k_std):
    return (size * q_std**2 * k_std**2) ** 0.5


@variant("divisor", "with-numpy")
def divisor(size, q_std, k_std):
    return float(np.sqrt(size)) * (q_std * k_std)


@variant("divisor", "variances-added-up")
def divisor(size, q_std, k_std):
    return math.sqrt(sum((q_std * k_std) ** 2 for _ in range(size)))


@variant("entropy", "nan-to-num")
def entropy(weights):
    return -(weights * weights.log()).nan_to_num(0.0).sum(-1)


@variant("entropy", "clamped")
def entropy(weights):
    return -(weights * weights.clamp(min=1e-30).log()).sum(-1)


@variant("entropy", "ones-in-both-places")
def entropy(weights):
    safe = weights.masked_fill(weights == 0, 1.0)
    return (safe * -safe.log()).sum(-1)


@variant("entropy", "a-little-added")
def entropy(weights):
    return -torch.einsum("...k,...k->...", weights, (weights + 1e-12).log())


@variant("masks", "compared-positions")
def causal(length):
    t = torch.arange(length)
    return t[:, None] >= t


@variant("masks", "filled-row-by-row")
def padding(lengths, size):
    mask = torch.zeros(len(lengths), 1, size, dtype=torch.bool)
    for b, length in enumerate(lengths.tolist()):
        mask[b, :, :length] = True
    return mask


@variant("masks", "not-the-strict-upper-triangle")
def causal(length):
    return ~torch.ones(length, length).triu(diagonal=1).bool()


@variant("masks", "a-list-of-rows")
def causal(length):
    return torch.tensor([[key <= query for key in range(length)] for query in range(length)])


@variant("masks", "counted-up-by-ones")
def padding(lengths, size):
    place = torch.ones(len(lengths), size, dtype=torch.long).cumsum(dim=1)
    return (place <= lengths.unsqueeze(1)).unsqueeze(1)


@variant("masks", "stacked-rows")
def padding(lengths, size):
    return torch.stack([torch.arange(size)[None] < length for length in lengths])


@variant("masked_softmax", "where-and-nan-to-num-before-the-softmax")
def masked_softmax(scores, mask):
    mask = mask.expand(scores.shape)
    some = mask.any(dim=-1, keepdim=True)
    filled = torch.where(mask | ~some, scores, torch.tensor(-math.inf, dtype=scores.dtype))
    return torch.where(some, F.softmax(filled, dim=-1), 0.0)


@variant("masked_softmax", "exponentials-of-the-allowed-keys")
def masked_softmax(scores, mask):
    low = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    e = (low - low.amax(-1, keepdim=True)).exp() * mask
    return e / e.sum(-1, keepdim=True).clamp(min=1e-30)


@variant("masked_softmax", "minus-a-billion")
def masked_softmax(scores, mask):
    return torch.where(mask, scores, -1e9).softmax(dim=-1) * mask


@variant("masked_softmax", "minus-infinity-then-nan-to-num")
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, float("-inf")).softmax(dim=-1).nan_to_num(0.0)


@variant("heads", "view-and-permute")
def split_heads(x, heads):
    b, t, m = x.shape
    return x.reshape(b, t, heads, m // heads).permute(0, 2, 1, 3)


@variant("heads", "chunks-stacked")
def split_heads(x, heads):
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


@variant("heads", "concatenated")
def join_heads(x):
    return torch.cat(list(x.unbind(dim=1)), dim=-1)


@variant("heads", "sliced-and-concatenated")
def split_heads(x, heads):
    size = x.shape[-1] // heads
    return torch.cat([x[:, None, :, h * size : (h + 1) * size] for h in range(heads)], dim=1)


@variant("heads", "contiguous-view")
def join_heads(x):
    b, h, t, d = x.shape
    return x.transpose(1, 2).contiguous().view(b, t, h * d)


@variant("multi_head", "a-loop-over-the-heads")
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    size = x.shape[-1] // heads
    found = []
    for h in range(heads):
        piece = slice(h * size, (h + 1) * size)
        q, k, v = x @ w_q[:, piece], memory @ w_k[:, piece], memory @ w_v[:, piece]
        found.append(F.softmax(q @ k.transpose(1, 2) / size**0.5, dim=-1) @ v)
    return torch.cat(found, dim=-1) @ w_o


@variant("multi_head", "einsum")
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    b, t, m = x.shape
    q = (x @ w_q).view(b, t, heads, m // heads)
    k = (memory @ w_k).view(b, -1, heads, m // heads)
    v = (memory @ w_v).view(b, -1, heads, m // heads)
    weights = torch.einsum("bqhd,bkhd->bhqk", q, k).div((m / heads) ** 0.5).softmax(-1)
    return torch.einsum("bhqk,bkhd->bqhd", weights, v).reshape(b, t, m) @ w_o


@variant("multi_head", "batch-and-heads-in-one-axis")
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    def cut(y):
        b, t, m = y.shape
        return y.reshape(b, t, heads, m // heads).swapaxes(1, 2).reshape(b * heads, t, m // heads)

    q, k, v = cut(x @ w_q), cut(memory @ w_k), cut(memory @ w_v)
    found = torch.bmm(torch.bmm(q * q.shape[-1] ** -0.5, k.transpose(1, 2)).softmax(dim=2), v)
    return found.reshape(len(x), heads, x.shape[1], -1).swapaxes(1, 2).reshape(x.shape) @ w_o


@variant("multi_head", "each-head-through-its-rows-of-the-last-matrix")
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    output = torch.zeros_like(x)
    pieces = [w.chunk(heads, dim=1) for w in (w_q, w_k, w_v)] + [w_o.chunk(heads, dim=0)]
    for a, b, c, rows in zip(*pieces, strict=True):
        scores = (x @ a) @ (memory @ b).mT / math.sqrt(a.shape[1])
        output = output + scores.softmax(-1) @ (memory @ c) @ rows
    return output


@variant("order_gap", "shuffle-undone")
def order_gap(layer, x, order):
    back = torch.argsort(order)
    return float((layer(x[:, order])[:, back] - layer(x)).abs().amax())


@variant("order_gap", "largest-norm")
def order_gap(layer, x, order):
    difference = layer(x.index_select(1, order)) - layer(x).index_select(1, order)
    return difference.flatten().norm(p=math.inf).item()


@variant("order_gap", "place-by-place")
def order_gap(layer, x, order):
    shuffled, plain = layer(x[:, order]), layer(x)
    return max((shuffled[:, new] - plain[:, old]).abs().max().item() for new, old in enumerate(order.tolist()))
