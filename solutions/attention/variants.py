"""Right answers to the exercise `attention`, written differently. Each must keep its points."""

import math

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


@variant("divisor", "root-of-the-variance")
def divisor(size, q_std, k_std):
    return (size * q_std**2 * k_std**2) ** 0.5


@variant("entropy", "nan-to-num")
def entropy(weights):
    return -(weights * weights.log()).nan_to_num(0.0).sum(-1)


@variant("entropy", "clamped")
def entropy(weights):
    return -(weights * weights.clamp(min=1e-30).log()).sum(-1)


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


@variant("order_gap", "shuffle-undone")
def order_gap(layer, x, order):
    back = torch.argsort(order)
    return float((layer(x[:, order])[:, back] - layer(x)).abs().amax())


@variant("order_gap", "largest-norm")
def order_gap(layer, x, order):
    difference = layer(x.index_select(1, order)) - layer(x).index_select(1, order)
    return difference.flatten().norm(p=math.inf).item()
