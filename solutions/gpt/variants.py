"""Right answers to the exercise `gpt`, written differently. Each must keep its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("next_token_loss", "log-softmax-and-gather")
def next_token_loss(logits, tokens):
    log_p = logits.log_softmax(dim=-1)[:, :-1]
    return -log_p.gather(-1, tokens[:, 1:, None]).mean()


@variant("next_token_loss", "classes-on-axis-one")
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits.transpose(1, 2)[..., :-1], tokens[:, 1:])


@variant("next_token_loss", "targets-rolled-and-the-last-ignored")
def next_token_loss(logits, tokens):
    targets = torch.cat([tokens[:, 1:], torch.full_like(tokens[:, :1], -100)], dim=1)
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


@variant("perplexity", "sum-over-count")
def perplexity(log_probs):
    total = sum(t.sum().item() for t in log_probs)
    return math.exp(-total / sum(len(t) for t in log_probs))


@variant("perplexity", "geometric-mean-of-the-inverses")
def perplexity(log_probs):
    return torch.cat(log_probs).neg().mean().exp().item()


@variant("bits_per_character", "log2-text-by-text")
def bits_per_character(log_probs, texts):
    bits = -sum((t / math.log(2)).sum().item() for t in log_probs)
    return bits / len("".join(texts))


@variant("parallel_block", "attention-written-out")
def parallel_block(x, parts, heads):
    b, t, m = x.shape
    h = parts["norm"](x)
    q, k, v = parts["qkv"](h).view(b, t, 3, heads, m // heads).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-2, -1) / math.sqrt(m // heads)
    scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
    found = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, m)
    return parts["down"](F.gelu(parts["up"](h), approximate="tanh")) + parts["out"](found) + x


@variant("parallel_block", "a-boolean-mask")
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = parts["qkv"](h).split(x.shape[-1], dim=-1)
    q, k, v = (torch.stack(y.chunk(heads, dim=-1), dim=1) for y in (q, k, v))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
    found = torch.cat(F.scaled_dot_product_attention(q, k, v, attn_mask=mask).unbind(1), dim=-1)
    y = x + parts["out"](found)
    return y + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@variant("with_temperature", "argmax-by-scatter")
def with_temperature(logits, temperature):
    if temperature < 1e-8:
        best = logits.argmax(-1, keepdim=True)
        return torch.zeros_like(logits).scatter(-1, best, 1.0)
    shifted = logits - logits.amax(-1, keepdim=True)
    powers = (shifted / temperature).exp()
    return powers / powers.sum(-1, keepdim=True)


@variant("with_temperature", "probabilities-to-a-power")
def with_temperature(logits, temperature):
    if temperature == 0:
        return (logits == logits.max(dim=-1, keepdim=True).values).to(logits.dtype)
    return F.softmax(logits.log_softmax(-1) * (1 / temperature), dim=-1)


@variant("top_k", "a-threshold")
def top_k(logits, k):
    smallest = logits.sort(descending=True).values[..., min(k, logits.size(-1)) - 1, None]
    return torch.where(logits >= smallest, logits, torch.tensor(-torch.inf, dtype=logits.dtype)).softmax(-1)


@variant("top_k", "filter-after-the-softmax-and-renormalise")
def top_k(logits, k):
    p = logits.softmax(-1)
    best = p.topk(min(k, p.shape[-1]))
    kept = torch.zeros_like(p).scatter(-1, best.indices, best.values)
    return kept / kept.sum(-1, keepdim=True)


@variant("top_p", "renormalised-probabilities-and-a-shifted-mask")
def top_p(logits, p):
    probabilities, order = logits.softmax(-1).sort(-1, descending=True)
    remove = probabilities.cumsum(-1) >= p
    remove = torch.cat([torch.zeros_like(remove[..., :1]), remove[..., :-1]], dim=-1)
    kept = probabilities.masked_fill(remove, 0.0)
    kept = kept / kept.sum(-1, keepdim=True)
    return kept.gather(-1, order.argsort(-1))


@variant("top_p", "every-token-asks-who-is-ahead")
def top_p(logits, p):
    probabilities = logits.softmax(-1)
    ahead = probabilities[..., None, :] > probabilities[..., :, None]
    before = (ahead * probabilities[..., None, :]).sum(-1)
    return logits.masked_fill(before >= p, -math.inf).softmax(-1)


@variant("step", "einsum-and-squeezed")
def step(token, cache, weights):
    empty = weights["q"].new_zeros(len(token), 0, weights["q"].shape[0])
    keys, values = cache if cache is not None else (empty, empty)
    x = weights["tokens"][token] + weights["places"][keys.shape[1]]
    keys = torch.cat([keys, (x @ weights["k"]).unsqueeze(1)], dim=1)
    values = torch.cat([values, (x @ weights["v"]).unsqueeze(1)], dim=1)
    scores = torch.einsum("bm,bkm->bk", x @ weights["q"], keys) / x.shape[-1] ** 0.5
    found = torch.einsum("bk,bkm->bm", scores.softmax(-1), values)
    return (x + found @ weights["o"]) @ weights["tokens"].T, (keys, values)


@variant("step", "fused-attention")
def step(token, cache, weights):
    place = cache[0].size(1) if cache else 0
    x = F.embedding(token[:, None], weights["tokens"]) + weights["places"][place : place + 1]
    q, k, v = (x @ weights[name] for name in "qkv")
    if cache:
        k, v = torch.cat((cache[0], k), 1), torch.cat((cache[1], v), 1)
    y = x + F.scaled_dot_product_attention(q, k, v) @ weights["o"]
    return F.linear(y, weights["tokens"]).squeeze(1), (k, v)


@variant("class_logits", "gathered")
def class_logits(states, lengths, weight, bias):
    index = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[-1])
    return F.linear(states.gather(1, index).squeeze(1), weight, bias)


@variant("class_logits", "a-loop-over-the-texts")
def class_logits(states, lengths, weight, bias):
    return torch.stack([weight @ states[b, n - 1] + bias for b, n in enumerate(lengths.tolist())])


@variant("fine_tuning_loss", "a-mask-of-weights")
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    counts = (torch.arange(1, tokens.shape[1])[None] < lengths[:, None]).to(logits.dtype)
    log_p = logits.log_softmax(-1)[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    language = -(log_p * counts).sum() / counts.sum()
    return F.cross_entropy(class_logits, labels) + share * language


@variant("fine_tuning_loss", "real-tokens-picked-out")
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    rows = [(logits[b, : n - 1], tokens[b, 1:n]) for b, n in enumerate(lengths.tolist())]
    language = F.cross_entropy(torch.cat([r[0] for r in rows]), torch.cat([r[1] for r in rows]))
    picked = class_logits.log_softmax(1)[torch.arange(len(labels)), labels]
    return share * language - picked.mean()
