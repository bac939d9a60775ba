"""Wrong answers to the exercise `gpt`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

# --- the loss


@misconception(
    "next_token_loss",
    "not-shifted",
    says="You compare the logits at each place with the token at the same place, which the model has already read. The "
    "logits at place t foretell the token at t + 1: drop the last logits and the first token.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten())


@misconception(
    "next_token_loss",
    "shifted-the-wrong-way",
    says="You shift the wrong way: your logits at place t are compared with the token at t − 1. Drop the last logits and "
    "the first token, not the other way round.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, 1:].flatten(0, 1), tokens[:, :-1].flatten())


@misconception(
    "next_token_loss",
    "shifted-by-two",
    says="Your targets stand two places after the logits. The next token is one place ahead.",
)
def next_token_loss(logits, tokens):
    targets = tokens.roll(-2, dims=1)[:, :-1]
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())


@misconception(
    "next_token_loss",
    "rolled-round",
    says="You roll the tokens, so the last logits are compared with the first token of the sequence. Nothing follows the "
    "last place: leave it out.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1), tokens.roll(-1, dims=1).flatten())


@misconception(
    "next_token_loss",
    "logits-alone-shortened",
    says="You drop the last logits and keep the first tokens: places are still compared with themselves. The tokens must "
    "start at place 1.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, :-1].flatten())


@misconception(
    "next_token_loss",
    "the-sum",
    says="You return the sum of the losses, which grows with the length and the batch. The contract asks for the mean.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten(), reduction="sum")


@misconception(
    "next_token_loss",
    "sum-over-places-mean-over-sequences",
    says="You add up the places of a sequence and take the mean over sequences only. The mean runs over both.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none").sum(dim=1).mean()


@misconception(
    "next_token_loss",
    "divided-by-all-places",
    says="You divide by T. Only T − 1 places have a next token, so that is the number to divide by.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten(), reduction="sum") / tokens.numel()


@misconception(
    "next_token_loss",
    "softmax-before-the-cross-entropy",
    says="You take the softmax first and give probabilities to the cross-entropy. It expects logits and takes the "
    "softmax itself, so yours is taken twice.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits.softmax(dim=-1)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


@misconception(
    "next_token_loss",
    "in-bits",
    says="Your loss is in bits. The contract asks for nats: the natural logarithm, without a division by log 2.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()) / math.log(2)


@misconception(
    "next_token_loss",
    "axes-reshaped",
    says="You bring the vocabulary to the second axis by reshape, which mixes the numbers of different places. Swap the "
    "axes with .mT, or flatten batch and places.",
)
def next_token_loss(logits, tokens):
    b, t, v = logits[:, :-1].shape
    return F.cross_entropy(logits[:, :-1].reshape(b, v, t), tokens[:, 1:])


@misconception(
    "next_token_loss",
    "the-last-place-only",
    says="You use the last token only. A causal model foretells every next token at once, and each of them teaches.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, -2], tokens[:, -1])


@misconception(
    "next_token_loss",
    "first-prediction-dropped",
    says="You leave out the prediction of token 1 from token 0. It counts like the others.",
)
def next_token_loss(logits, tokens):
    if tokens.shape[1] == 2:
        return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    return F.cross_entropy(logits[:, 1:-1].flatten(0, 1), tokens[:, 2:].flatten())


@misconception(
    "next_token_loss",
    "minus-forgotten",
    says="Your loss is the mean log-probability itself, which is negative. The loss is minus that.",
)
def next_token_loss(logits, tokens):
    return -F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


@misconception(
    "next_token_loss",
    "probabilities-not-their-logarithms",
    says="You take the mean of the probabilities. The loss is the mean of minus their logarithms.",
)
def next_token_loss(logits, tokens):
    p = logits.softmax(dim=-1)[:, :-1].gather(-1, tokens[:, 1:, None])
    return -p.mean()


@misconception(
    "next_token_loss",
    "vocabulary-on-the-last-axis",
    says="You give the cross-entropy the vocabulary on the last axis. It looks for the classes on axis 1: swap the last "
    "two axes with .mT, or flatten batch and places.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1], tokens[:, 1:])


@misconception(
    "next_token_loss",
    "nll-of-logits",
    says="F.nll_loss expects logarithms of probabilities and takes no softmax. Yours gets bare logits: use "
    "F.cross_entropy, or log_softmax first.",
)
def next_token_loss(logits, tokens):
    return F.nll_loss(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


@misconception(
    "next_token_loss",
    "softmax-over-the-places",
    says="Your softmax runs over the places of a sequence. It runs over the vocabulary, the last axis.",
)
def next_token_loss(logits, tokens):
    p = logits.softmax(dim=1)[:, :-1].gather(-1, tokens[:, 1:, None])
    return -p.log().mean()


@misconception(
    "next_token_loss",
    "a-float",
    says="The value is right, but it is a plain number: .item() or detach cuts it off from the model, and no gradient can "
    "go back. Return the tensor.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).item()


@misconception(
    "next_token_loss",
    "detached",
    says="The value is right, but your tensor is cut off from the logits, by detach, no_grad or a new torch.tensor, so no "
    "gradient can go back. Return what the cross-entropy gives.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).detach()


@misconception(
    "next_token_loss",
    "flattened-before-the-shift",
    says="You make one long row of all sequences and shift that. So the last place of each sequence is asked "
    "for the first token of the next one. Shift inside each sequence first, then flatten.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1)[:-1], tokens.flatten()[1:])


@misconception(
    "next_token_loss",
    "logarithm-of-the-mean-probability",
    says="You take the mean of the probabilities, then one logarithm. The loss is the other way round: a "
    "logarithm at each place, then their mean.",
)
def next_token_loss(logits, tokens):
    p = logits[:, :-1].softmax(-1).gather(-1, tokens[:, 1:, None])
    return -p.mean().log()


@misconception(
    "next_token_loss",
    "logarithm-to-base-ten",
    says="Your logarithm has base 10. The loss is wanted in nats, to base e, which is what cross_entropy gives.",
)
def next_token_loss(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()) / math.log(10)


# --- perplexity


@misconception(
    "perplexity",
    "stacked",
    says="You stack the texts, which needs them all equally long. They differ: put their tokens in one row with torch.cat.",
)
def perplexity(log_probs):
    return math.exp(-torch.stack(log_probs).mean())


@misconception(
    "perplexity",
    "logarithm-twice",
    says="You take the logarithm again. The list holds logarithms already, and those are negative, so theirs is not a "
    "number.",
)
def perplexity(log_probs):
    return math.exp(-torch.cat(log_probs).log().mean())


@misconception(
    "perplexity",
    "e-to-the-sum",
    says="You take e to the sum of the losses, one over the probability of all texts together. The perplexity takes e to "
    "the mean, so that it does not grow with the length.",
)
def perplexity(log_probs):
    return math.exp(-torch.cat(log_probs).sum())


@misconception(
    "perplexity",
    "mean-of-the-means",
    says="You take the mean of each text first, and then the mean of these. A short text then counts as much as a long "
    "one; the mean runs over all tokens together.",
)
def perplexity(log_probs):
    return math.exp(-sum(t.mean().item() for t in log_probs) / len(log_probs))


@misconception(
    "perplexity",
    "mean-of-perplexities",
    says="You compute the perplexity of each text and take their mean. The mean is to be taken of the losses, over all "
    "tokens, before e is raised to it.",
)
def perplexity(log_probs):
    return sum(math.exp(-t.mean()) for t in log_probs) / len(log_probs)


@misconception(
    "perplexity",
    "mean-over-texts-of-sums",
    says="You divide the sum of all losses by the number of texts. Divide by the number of tokens.",
)
def perplexity(log_probs):
    return math.exp(-torch.cat(log_probs).sum() / len(log_probs))


@misconception(
    "perplexity",
    "mean-of-the-inverse-probabilities",
    says="You take the mean of one over each probability. Take the mean of the logarithms first, then e to it: the "
    "geometric mean, not the arithmetic one.",
)
def perplexity(log_probs):
    return (-torch.cat(log_probs)).exp().mean().item()


@misconception(
    "perplexity",
    "inverse-of-the-mean-probability",
    says="You take one over the mean of the probabilities. The perplexity averages their logarithms.",
)
def perplexity(log_probs):
    return 1 / torch.cat(log_probs).exp().mean().item()


@misconception(
    "perplexity",
    "two-to-the-nats",
    says="You raise 2 to a loss in nats. The logarithms are natural, so it is e that undoes them.",
)
def perplexity(log_probs):
    return 2 ** (-torch.cat(log_probs).mean().item())


@misconception(
    "perplexity",
    "sign-forgotten",
    says="Your result is below 1: e to the mean log-probability. The loss is minus that, and a perplexity is at least 1.",
)
def perplexity(log_probs):
    return math.exp(torch.cat(log_probs).mean())


@misconception(
    "perplexity",
    "the-loss-itself",
    says="You return the mean loss. The perplexity is e to it.",
)
def perplexity(log_probs):
    return -torch.cat(log_probs).mean().item()


@misconception(
    "perplexity",
    "the-first-text-only",
    says="You use the first text only. All tokens of all texts count.",
)
def perplexity(log_probs):
    return math.exp(-log_probs[0].mean())


@misconception(
    "perplexity",
    "divided-by-the-longest-text",
    says="You divide the loss of all texts by the length of the longest one. Divide by the number of all "
    "tokens of all texts together.",
)
def perplexity(log_probs):
    return math.exp(-sum(float(lp.sum()) for lp in log_probs) / max(len(lp) for lp in log_probs))


@misconception(
    "perplexity",
    "root-of-the-product",
    says="You multiply the probabilities and take a root. That is the same on paper, but the product of a long text is too "
    "small for a float and becomes 0. Add up logarithms instead, as they come.",
)
def perplexity(log_probs):
    probabilities = torch.cat(log_probs).exp()
    return float(probabilities.prod() ** (-1 / len(probabilities)))


# --- bits


@misconception(
    "bits_per_character",
    "bits-per-token",
    says="You divide by the number of tokens. Tokens differ between models; the characters of the text do not: divide by "
    "their number.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).mean().item() / math.log(2)


@misconception(
    "bits_per_character",
    "nats",
    says="Your result is in nats. A bit is log 2 = 0.693 nats, so divide by that.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).sum().item() / sum(map(len, texts))


@misconception(
    "bits_per_character",
    "times-the-logarithm-of-two",
    says="You multiply by log 2. A nat is more than a bit (1.44 bits), so the number grows: divide.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).sum().item() * math.log(2) / sum(map(len, texts))


@misconception(
    "bits_per_character",
    "number-of-texts",
    says="You divide by the number of texts. len(texts) counts the strings, not their characters.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).sum().item() / math.log(2) / len(texts)


@misconception(
    "bits_per_character",
    "mean-over-texts",
    says="You compute bits per character of each text and take the mean, so a short text counts as much as a long one. "
    "Add up all bits and all characters first.",
)
def bits_per_character(log_probs, texts):
    each = [-t.sum().item() / math.log(2) / len(s) for t, s in zip(log_probs, texts, strict=True)]
    return sum(each) / len(each)


@misconception(
    "bits_per_character",
    "mean-loss-over-characters",
    says="You divide the mean loss of a token by the number of characters, so tokens are divided out twice. Take the sum "
    "over the tokens.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).mean().item() / math.log(2) / sum(map(len, texts))


@misconception(
    "bits_per_character",
    "sign-forgotten",
    says="Your number of bits is negative: logarithms of probabilities are at most zero, and what they cost is minus that.",
)
def bits_per_character(log_probs, texts):
    return torch.cat(log_probs).sum().item() / math.log(2) / sum(map(len, texts))


@misconception(
    "bits_per_character",
    "tokens-counted-by-spaces",
    says="You count words, by splitting at the spaces. Every character counts, spaces too.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).sum().item() / math.log(2) / sum(len(t.split()) for t in texts)


@misconception(
    "bits_per_character",
    "spaces-left-out",
    says="You leave the spaces out of the count. They are characters that the model must foretell as well.",
)
def bits_per_character(log_probs, texts):
    return -torch.cat(log_probs).sum().item() / math.log(2) / sum(len(t.replace(" ", "")) for t in texts)


@misconception(
    "bits_per_character",
    "bytes-counted",
    says="You count the bytes of the encoded text. A character beyond ASCII, like ü, takes two bytes or more "
    "and is still one character: len(text).",
)
def bits_per_character(log_probs, texts):
    return -float(torch.cat(log_probs).sum()) / math.log(2) / sum(len(t.encode()) for t in texts)


@misconception(
    "bits_per_character",
    "different-characters-counted",
    says="You divide by the number of different characters. A character that stands twice in a text must be "
    "paid for twice: count all of them.",
)
def bits_per_character(log_probs, texts):
    return -float(torch.cat(log_probs).sum()) / math.log(2) / len(set("".join(texts)))


@misconception(
    "bits_per_character",
    "characters-of-the-first-text",
    says="You add up the costs of all texts and divide by the characters of the first one alone. Count the "
    "characters of all texts.",
)
def bits_per_character(log_probs, texts):
    return -float(torch.cat(log_probs).sum()) / math.log(2) / len(texts[0])


# --- the block


@misconception(
    "parallel_block",
    "one-after-the-other",
    says="Your network reads what attention has written, as in GPT-2, through the norm once more. Here both read the "
    "same normed input, and neither sees the other's result.",
)
def parallel_block(x, parts, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](parts["norm"](x)).chunk(3, dim=-1))
    x = x + parts["out"](F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
    return x + parts["down"](F.gelu(parts["up"](parts["norm"](x)), approximate="tanh"))


@misconception(
    "parallel_block",
    "network-without-the-norm",
    says="Your network reads x as it came. Both parts read the normed input.",
)
def parallel_block(x, parts, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](parts["norm"](x)).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](x), approximate="tanh"))


@misconception(
    "parallel_block",
    "attention-without-the-norm",
    says="Your attention reads x as it came. Both parts read the normed input.",
)
def parallel_block(x, parts, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](x).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](parts["norm"](x)), approximate="tanh"))


@misconception(
    "parallel_block",
    "no-norm-at-all",
    says="You never call the norm. Both parts read norm(x).",
)
def parallel_block(x, parts, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](x).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](x), approximate="tanh"))


@misconception(
    "parallel_block",
    "normed-input-added",
    says="You add both results to the normed input. The shortcut carries x itself, untouched: the norm stands on the "
    "branches only.",
)
def parallel_block(x, parts, heads):
    x = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](x).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](x), approximate="tanh"))


@misconception(
    "parallel_block",
    "norm-behind-the-sum",
    says="You norm the sum at the end, as GPT-1 does. Here the norm stands in front of the two parts, and nothing after "
    "them.",
)
def parallel_block(x, parts, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](x).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return parts["norm"](x + parts["out"](found) + parts["down"](F.gelu(parts["up"](x), approximate="tanh")))


@misconception(
    "parallel_block",
    "no-shortcut",
    says="You do not add x. Without the shortcut a block cannot pass on what it does not change.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "two-shortcuts",
    says="You add x twice, once with each part. It is added once to the sum of both.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return (x + parts["out"](found)) + (x + parts["down"](F.gelu(parts["up"](h), approximate="tanh")))


@misconception(
    "parallel_block",
    "no-mask",
    says="Your attention has no causal mask, so each token sees those that come after it, the very ones it is to "
    "foretell.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "mask-turned-round",
    says="Your mask lets each token see itself and those after it, not those before it. For "
    "F.scaled_dot_product_attention, True means may look: the lower triangle.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu()
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "mask-of-the-other-kind",
    says="Your mask is True where a token may not look, as nn.MultiheadAttention wants it. For "
    "F.scaled_dot_product_attention, True means may look: turn it round, ~mask.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "mask-of-numbers",
    says="Your mask holds the numbers 0 and 1, and F.scaled_dot_product_attention adds a mask of numbers to the scores: "
    "nothing is hidden. Make it boolean, or minus infinity where a token may not look.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=x.dtype).tril()
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "one-token-ahead",
    says="Your mask lets each token see the next one, which is the very one to be foretold. The diagonal is the last that "
    "may be seen: tril(), or hide triu(1).",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril(1)
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "itself-hidden",
    says="Your mask hides each token from itself. It may see itself: it has been read, and only what follows is unknown.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril(-1)
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2).nan_to_num()
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "one-head",
    says="You attend with one head, whatever the argument says. Cut queries, keys and values into heads first.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = parts["qkv"](h).chunk(3, dim=-1)
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "heads-by-reshape",
    says="You make heads by a reshape alone, which cuts across time: a head then holds pieces of different tokens. Cut "
    "the last axis, then move the heads in front of time.",
)
def parallel_block(x, parts, heads):
    b, t, m = x.shape
    h = parts["norm"](x)
    q, k, v = (y.reshape(b, heads, t, m // heads) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).reshape(b, t, m)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "heads-cut-by-reshape",
    says="You make heads by a reshape alone, which cuts across time: a head then holds pieces of different tokens. Cut "
    "the last axis, then move the heads in front of time.",
)
def parallel_block(x, parts, heads):
    b, t, m = x.shape
    h = parts["norm"](x)
    q, k, v = (y.reshape(b, heads, t, m // heads) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "heads-joined-without-transposing",
    says="You join the heads without moving time back in front of them, so numbers of different tokens are mixed.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).reshape(x.shape)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "heads-behind-time",
    says="You leave the heads behind time, so the heads of one token attend to each other, and no token sees another.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "thirds-in-another-order",
    says="You take the thirds of qkv in another order. First come the queries, then the keys, then the values.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    k, q, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "heads-cut-before-the-thirds",
    says="You cut the 3M numbers into heads first and each head into thirds. The layout is all queries, all keys, all "
    "values: cut the thirds first, then each into heads.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = parts["qkv"](h).unflatten(-1, (heads, -1)).transpose(1, 2).chunk(3, dim=-1)
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "not-mixed",
    says="You add the joined heads as they are. The linear layer `out` mixes them first.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + found + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "exact-gelu",
    says="You use the exact GELU. GPT uses the formula with tanh, which differs in the fourth digit: "
    'approximate="tanh".',
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h)))


@misconception(
    "parallel_block",
    "relu",
    says="You use a ReLU, as the first transformer did. GPT has a GELU between its two layers.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.relu(parts["up"](h)))


@misconception(
    "parallel_block",
    "no-activation",
    says="Nothing stands between your two linear layers, so they could be one matrix. The GELU is missing.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](parts["up"](h))


@misconception(
    "parallel_block",
    "scaled-by-the-model-size",
    says="You divide the scores by the square root of M. Each head works on D = M / H numbers, and their number counts.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=x.shape[-1] ** -0.5)
    found = found.transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "scores-not-scaled",
    says="Your scores are the bare dot products. Divide them by the square root of D.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    found = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1.0).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "mask-after-the-softmax",
    says="You set hidden weights to zero after the softmax. They have taken their share by then, and the rows no longer "
    "sum to one. Mask the scores, with minus infinity.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in parts["qkv"](h).chunk(3, dim=-1))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1).tril()
    found = (weights @ v).transpose(1, 2).flatten(2)
    return x + parts["out"](found) + parts["down"](F.gelu(parts["up"](h), approximate="tanh"))


@misconception(
    "parallel_block",
    "network-reads-attention-alone",
    says="Your network reads what attention has found. Both halves must read the same normed input.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in parts["qkv"](h).chunk(3, -1))
    a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    a = parts["out"](a.transpose(1, 2).flatten(2))
    return x + a + parts["down"](F.gelu(parts["up"](a), approximate="tanh"))


@misconception(
    "parallel_block",
    "gelu-behind-the-second-layer",
    says="Your GELU stands behind the second linear layer. It belongs between up and down; without it there "
    "the two are one linear layer.",
)
def parallel_block(x, parts, heads):
    h = parts["norm"](x)
    q, k, v = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in parts["qkv"](h).chunk(3, -1))
    a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    a = parts["out"](a.transpose(1, 2).flatten(2))
    return x + a + F.gelu(parts["down"](parts["up"](h)), approximate="tanh")


# --- temperature


@misconception(
    "with_temperature",
    "multiplied",
    says="You multiply the logits by the temperature, so a low one flattens. Divide: a low temperature sharpens.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return (logits * temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "divided-by-zero",
    says="At temperature 0 you divide by zero, and the result is not a number. It is the limit that is asked for: all "
    "probability on the largest logit.",
)
def with_temperature(logits, temperature):
    return (logits / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "probabilities-divided",
    says="You divide the probabilities. The softmax must come last: divide the logits, then take it.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return logits.softmax(dim=-1) / temperature


@misconception(
    "with_temperature",
    "probabilities-divided-and-a-second-softmax",
    says="You take the softmax, divide and take the softmax again. The probabilities are no logits: divide the logits, "
    "and take one softmax.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return (logits.softmax(dim=-1) / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "renormalised-after-dividing-the-probabilities",
    says="You divide the probabilities and renormalise, which gives back what was there: the temperature has no effect. "
    "Divide the logits.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    p = logits.softmax(dim=-1) / temperature
    return p / p.sum(dim=-1, keepdim=True)


@misconception(
    "with_temperature",
    "zero-means-off",
    says="At temperature 0 you return the plain softmax, as if zero meant no temperature at all. It is the coldest one: "
    "all probability on the largest logit. No effect has temperature 1.",
)
def with_temperature(logits, temperature):
    return (logits / (temperature or 1.0)).softmax(dim=-1)


@misconception(
    "with_temperature",
    "an-index-at-zero",
    says="At temperature 0 you return the number of the best token. Probabilities are asked for: 1 at its place, 0 "
    "elsewhere.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return logits.argmax(dim=-1)
    return (logits / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "another-dtype-at-zero",
    says="At temperature 0 your result has another dtype than the logits: one_hot gives whole numbers, and "
    "torch.multinomial refuses to draw from those. Bring it to the dtype of the logits, .to(logits.dtype).",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1])
    return (logits / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "float32-at-zero",
    says="At temperature 0 your result is float32, whatever the logits are. Bring it to their dtype, .to(logits.dtype).",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return (logits / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "divided-in-place",
    says="logits /= temperature divides the tensor of the one who calls you, so the next call starts from other logits. "
    "Write logits / temperature, which makes a new one.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    logits /= temperature
    return logits.softmax(dim=-1)


@misconception(
    "with_temperature",
    "exponential-of-large-numbers",
    says="You compute the exponentials yourself, and for large logits they overflow: infinity by infinity is not a "
    "number. Subtract the largest logit first, or use the ready-made softmax.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    powers = (logits / temperature).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@misconception(
    "with_temperature",
    "softmax-over-the-rows",
    says="Your softmax runs over the first axis, so rows take probability from each other. It runs over the vocabulary, "
    "which is the last axis.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return (logits / temperature).softmax(dim=0)


@misconception(
    "with_temperature",
    "one-best-of-all-rows",
    says="At temperature 0 you look for the largest logit of all rows together, so most rows get nothing. Each row has "
    "its own: compare along the last axis.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return (logits == logits.max()).to(logits.dtype)
    return (logits / temperature).softmax(dim=-1)


@misconception(
    "with_temperature",
    "log-probabilities",
    says="You return logarithms of probabilities, which do not sum to 1: softmax, not log_softmax.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    return (logits / temperature).log_softmax(-1)


@misconception(
    "with_temperature",
    "argmax-over-all-rows",
    says="Your argmax counts through all rows at once and gives one number. Each row has a largest logit of "
    "its own: argmax along the last axis.",
)
def with_temperature(logits, temperature):
    if temperature == 0:
        out = torch.zeros_like(logits)
        out[..., logits.argmax()] = 1
        return out
    return (logits / temperature).softmax(-1)


# --- top-k


@misconception(
    "top_k",
    "not-renormalised",
    says="You set the other probabilities to zero after the softmax and leave it at that: what is left does not sum to 1. "
    "Divide by its sum, or filter the logits before the softmax.",
)
def top_k(logits, k):
    p = logits.softmax(dim=-1)
    best = p.topk(min(k, p.shape[-1]), dim=-1)
    return torch.zeros_like(p).scatter(-1, best.indices, best.values)


@misconception(
    "top_k",
    "zero-for-a-logit",
    says="You give the dropped tokens a logit of 0. A logit of 0 is a probability like any other, and where logits are "
    "negative it is the best. Use minus infinity.",
)
def top_k(logits, k):
    best = logits.topk(min(k, logits.shape[-1]), dim=-1)
    return torch.zeros_like(logits).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_k",
    "zero-probability-and-a-second-softmax",
    says="You filter the probabilities and take the softmax of them: the dropped ones come back, as e to the 0 is 1, and "
    "the others lose their proportions. Filter the logits, or divide by the sum.",
)
def top_k(logits, k):
    p = logits.softmax(dim=-1)
    best = p.topk(min(k, p.shape[-1]), dim=-1)
    return torch.zeros_like(p).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_k",
    "softmax-of-probabilities",
    says="You take the softmax twice: of the logits, and then of the probabilities that are left, which lose their "
    "proportions. Filter the logits, or divide by the sum.",
)
def top_k(logits, k):
    p = logits.softmax(dim=-1)
    smallest = p.topk(min(k, p.shape[-1]), dim=-1).values[..., -1:]
    return p.masked_fill(p < smallest, -math.inf).softmax(dim=-1)


@misconception(
    "top_k",
    "logits-overwritten",
    says="The probabilities are right, but you write minus infinity into the tensor that you were given, and whoever called "
    "you has lost the logits. Use masked_fill, or work on logits.clone().",
)
def top_k(logits, k):
    smallest = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    logits[logits < smallest] = -math.inf
    return logits.softmax(dim=-1)


@misconception(
    "top_k",
    "one-too-few",
    says="You keep one token too few: your comparison drops the k-th token itself. It stays.",
)
def top_k(logits, k):
    smallest = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits <= smallest, -math.inf).softmax(dim=-1)


@misconception(
    "top_k",
    "one-too-many",
    says="You keep one token too many: the k-th of a sorted list has the index k − 1.",
)
def top_k(logits, k):
    count = min(k + 1, logits.shape[-1])
    best = logits.topk(count, dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_k",
    "the-smallest",
    says="You keep the k least probable tokens. Sort in falling order, or take the largest.",
)
def top_k(logits, k):
    worst = logits.topk(min(k, logits.shape[-1]), dim=-1, largest=False)
    return torch.full_like(logits, -math.inf).scatter(-1, worst.indices, worst.values).softmax(dim=-1)


@misconception(
    "top_k",
    "all-alike",
    says="You give the k tokens the same probability. They keep the proportions they had.",
)
def top_k(logits, k):
    best = logits.topk(min(k, logits.shape[-1]), dim=-1)
    kept = torch.zeros_like(logits).scatter(-1, best.indices, 1.0)
    return kept / kept.sum(dim=-1, keepdim=True)


@misconception(
    "top_k",
    "sorted-result",
    says="Your probabilities stand in falling order, not at the places of their tokens. Put them back by the indices.",
)
def top_k(logits, k):
    ordered = logits.sort(dim=-1, descending=True).values
    ordered[..., k:] = -math.inf
    return ordered.softmax(dim=-1)


@misconception(
    "top_k",
    "k-numbers-only",
    says="You return only the k probabilities. The result has a place for every token of the vocabulary, with zero for "
    "the dropped ones.",
)
def top_k(logits, k):
    return logits.topk(min(k, logits.shape[-1]), dim=-1).values.softmax(dim=-1)


@misconception(
    "top_k",
    "the-first-k-places",
    says="You keep the first k tokens of the vocabulary, whatever their logits. Those with the largest logits stay.",
)
def top_k(logits, k):
    places = torch.arange(logits.shape[-1])
    return logits.masked_fill(places >= k, -math.inf).softmax(dim=-1)


@misconception(
    "top_k",
    "one-threshold-for-all-rows",
    says="You look for the k best of all rows together. Each row keeps its own k: compare along the last axis.",
)
def top_k(logits, k):
    smallest = logits.flatten().topk(min(k, logits.shape[-1])).values[-1]
    kept = logits.masked_fill(logits < smallest, -1e9)
    return kept.softmax(dim=-1)


@misconception(
    "top_k",
    "k-beyond-the-vocabulary",
    says="For a k larger than the vocabulary your function fails. All tokens stay then: ask topk for at most V.",
)
def top_k(logits, k):
    best = logits.topk(k, dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_k",
    "logits-returned",
    says="You return filtered logits. Probabilities are asked for: the softmax is missing.",
)
def top_k(logits, k):
    best = logits.topk(min(k, logits.shape[-1]), dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values)


@misconception(
    "top_k",
    "the-last-row-decides",
    says="v[-1] is the last row where logits have several, not the k-th value. Keep the axis and take the last of each row: "
    "values[..., -1:].",
)
def top_k(logits, k):
    values = logits.topk(min(k, logits.shape[-1])).values
    return torch.where(logits >= values[-1], logits, torch.tensor(-math.inf, dtype=logits.dtype)).softmax(dim=-1)


@misconception(
    "top_k",
    "indices-of-places-used-for-rows",
    says="out[indices] picks rows where logits have several. To write at places of the last axis use "
    "scatter(-1, indices, values).",
)
def top_k(logits, k):
    best = logits.topk(min(k, logits.shape[-1]))
    out = torch.zeros_like(logits)
    out[best.indices] = best.values.softmax(dim=-1)
    return out


@misconception(
    "top_k",
    "shared-among-all-rows",
    says="You divide by the sum over all rows. Each row holds probabilities of its own and must sum to 1: sum "
    "along the last axis and keep it.",
)
def top_k(logits, k):
    p = logits.softmax(-1)
    cut = p.sort(-1).values[..., -min(k, p.shape[-1])][..., None]
    p = torch.where(p >= cut, p, 0)
    return p / p.sum()


# --- top-p


@misconception(
    "top_p",
    "one-row-only",
    says="Your function works for a single row: with several, order[:n] picks rows, and one n is counted for all of them. "
    "Mask along the last axis and put the tokens back by scatter.",
)
def top_p(logits, p):
    ordered, order = logits.softmax(dim=-1).sort(descending=True)
    n = (ordered.cumsum(dim=-1) < p).sum() + 1
    out = torch.zeros_like(logits)
    out[order[:n]] = ordered[:n]
    return out / out.sum()


@misconception(
    "top_p",
    "first-token-dropped",
    says="You drop every token at which the sum, itself included, passes p. If the first one alone passes it, nothing is "
    "left. Look at the sum before each token, so the first always stays.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    kept = sorted_logits.masked_fill(sorted_logits.softmax(dim=-1).cumsum(dim=-1) > p, -math.inf)
    return torch.zeros_like(logits).scatter(-1, order, kept.softmax(dim=-1))


@misconception(
    "top_p",
    "less-than-p",
    says="You keep tokens only while their sum stays at most p, the first one excepted. As few as reach p are asked for: "
    "the token that reaches it belongs to them.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    drop = sorted_logits.softmax(dim=-1).cumsum(dim=-1) > p
    drop[..., 0] = False
    return torch.zeros_like(logits).scatter(-1, order, sorted_logits.masked_fill(drop, -math.inf).softmax(dim=-1))


@misconception(
    "top_p",
    "one-too-many",
    says="You keep one token more than is needed: once the tokens so far have reached p, no other is added.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    before = p_sorted.cumsum(dim=-1) - p_sorted
    drop = F.pad((before >= p)[..., :-1], (1, 0), value=False)
    return torch.zeros_like(logits).scatter(-1, order, sorted_logits.masked_fill(drop, -math.inf).softmax(dim=-1))


@misconception(
    "top_p",
    "not-renormalised",
    says="You set the dropped probabilities to zero and leave it at that: the rest sums to less than 1. Divide by its sum, "
    "or filter the logits before the softmax.",
)
def top_p(logits, p):
    p_sorted, order = logits.softmax(dim=-1).sort(dim=-1, descending=True)
    kept = p_sorted.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, 0.0)
    return torch.zeros_like(logits).scatter(-1, order, kept)


@misconception(
    "top_p",
    "not-put-back",
    says="Your probabilities stand in falling order. Each belongs to the place of its token: undo the sorting by the "
    "indices.",
)
def top_p(logits, p):
    sorted_logits = logits.sort(dim=-1, descending=True).values
    p_sorted = sorted_logits.softmax(dim=-1)
    return sorted_logits.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, -math.inf).softmax(dim=-1)


@misconception(
    "top_p",
    "put-back-by-gathering",
    says="You put the tokens back by gather with the order of the sort, which sorts a second time. Scatter by it, or "
    "gather by its inverse, order.argsort().",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    kept = sorted_logits.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, -math.inf)
    return kept.softmax(dim=-1).gather(-1, order)


@misconception(
    "top_p",
    "rising-order",
    says="You sort in rising order, so the least probable tokens are collected first. The most probable come first.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1)
    p_sorted = sorted_logits.softmax(dim=-1)
    kept = sorted_logits.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, -math.inf)
    return torch.zeros_like(logits).scatter(-1, order, kept.softmax(dim=-1))


@misconception(
    "top_p",
    "not-sorted",
    says="You add up the probabilities in the order of the vocabulary. Sort them first: the most probable tokens are the "
    "fewest that reach p.",
)
def top_p(logits, p):
    probabilities = logits.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities
    return logits.masked_fill(before >= p, -math.inf).softmax(dim=-1)


@misconception(
    "top_p",
    "a-threshold-for-each-token",
    says="You keep the tokens whose own probability is at least p. It is their sum that must reach p.",
)
def top_p(logits, p):
    probabilities = logits.softmax(dim=-1)
    return logits.masked_fill(probabilities < p, -math.inf).softmax(dim=-1)


@misconception(
    "top_p",
    "the-rest-kept",
    says="You keep the tail and drop the head: your mask marks what stays, not what goes.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    drop = p_sorted.cumsum(dim=-1) - p_sorted < p
    kept = sorted_logits.masked_fill(drop, -1e9)
    return torch.zeros_like(logits).scatter(-1, order, kept.softmax(dim=-1))


@misconception(
    "top_p",
    "sum-of-logits",
    says="You add up the logits. They are no probabilities: take the softmax before the sum.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    drop = sorted_logits.cumsum(dim=-1) - sorted_logits >= p
    drop[..., 0] = False
    return torch.zeros_like(logits).scatter(-1, order, sorted_logits.masked_fill(drop, -math.inf).softmax(dim=-1))


@misconception(
    "top_p",
    "summed-down-the-rows",
    says="Your cumsum runs down the first axis, from row to row. It must run along the vocabulary, the last axis: "
    "cumsum(-1).",
)
def top_p(logits, p):
    p_sorted, order = logits.softmax(dim=-1).sort(dim=-1, descending=True)
    kept = p_sorted * (p_sorted.cumsum(0) - p_sorted < p)
    return torch.zeros_like(logits).scatter(-1, order, kept / kept.sum(dim=-1, keepdim=True))


@misconception(
    "top_p",
    "logits-overwritten",
    says="The probabilities are right, but you write minus infinity into the tensor that you were given, and whoever called "
    "you has lost the logits. Use masked_fill, or work on logits.clone().",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    drop = p_sorted.cumsum(dim=-1) - p_sorted >= p
    logits[drop.scatter(-1, order, drop)] = -math.inf
    return logits.softmax(dim=-1)


@misconception(
    "top_p",
    "zero-for-a-logit",
    says="You give the dropped tokens a logit of 0, which is a probability like any other. Use minus infinity.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    kept = sorted_logits.masked_fill(p_sorted.cumsum(dim=-1) - p_sorted >= p, 0.0)
    return torch.zeros_like(logits).scatter(-1, order, kept.softmax(dim=-1))


@misconception(
    "top_p",
    "all-alike",
    says="You give the kept tokens the same probability. They keep the proportions they had.",
)
def top_p(logits, p):
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    p_sorted = sorted_logits.softmax(dim=-1)
    keep = (p_sorted.cumsum(dim=-1) - p_sorted < p).to(logits.dtype)
    return torch.zeros_like(logits).scatter(-1, order, keep / keep.sum(dim=-1, keepdim=True))


@misconception(
    "top_p",
    "p-taken-as-a-share-of-the-vocabulary",
    says="You keep a share p of the vocabulary. p is a probability to reach: how many tokens that takes depends on how "
    "they are spread.",
)
def top_p(logits, p):
    count = max(1, math.ceil(p * logits.shape[-1]))
    best = logits.topk(count, dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_p",
    "one-count-for-all-rows",
    says="You count on the first row how many tokens are needed, and keep as many in every row. A flat row needs more "
    "than a steep one.",
)
def top_p(logits, p):
    ordered = logits.reshape(-1, logits.shape[-1])[0].softmax(dim=-1).sort(descending=True).values
    count = int((ordered.cumsum(0) - ordered < p).sum())
    best = logits.topk(count, dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values).softmax(dim=-1)


@misconception(
    "top_p",
    "a-share-of-the-largest",
    says="You keep each token that has at least the share p of the largest probability. That is another "
    "filter, min-p. Here the sum counts: as few of the most probable tokens as together reach p.",
)
def top_p(logits, p):
    q = logits.softmax(-1)
    q = torch.where(q >= p * q.amax(-1, keepdim=True), q, 0)
    return q / q.sum(-1, keepdim=True)


@misconception(
    "top_p",
    "above-one-minus-p",
    says="You keep tokens whose own probability is at least 1 − p. What decides is the sum of the tokens "
    "before it, in falling order: a token goes if they have reached p already.",
)
def top_p(logits, p):
    q = logits.softmax(-1)
    q = torch.where(q >= 1 - p, q, 0)
    return q / q.sum(-1, keepdim=True)


# --- the cache


@misconception(
    "step",
    "every-token-at-place-0",
    says="Every token of yours stands at place 0. With P tokens in the cache the new one stands at place P.",
)
def step(token, cache, weights):
    x = (weights["tokens"][token] + weights["places"][0])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "one-place-too-far",
    says="Your first token stands at place 1. Places start at 0: with P tokens in the cache the new one stands at P.",
)
def step(token, cache, weights):
    place = 1 if cache is None else cache[0].shape[1] + 1
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "one-place-behind",
    says="The second token of yours stands at place 0 like the first. With P tokens in the cache the new one stands at "
    "P, not at P − 1, which is the place of the last old one.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1] - 1
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "place-from-the-batch",
    says="You take the place from the size of the batch. The number of tokens in the cache is its second axis.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[0]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "no-places",
    says="You add no vector for the place, so the model cannot tell old tokens from new ones.",
)
def step(token, cache, weights):
    x = weights["tokens"][token][:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "cache-ignored",
    says="Your token sees itself only: what is in the cache is not used, and the cache does not grow.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    k, v = x @ weights["k"], x @ weights["v"]
    y = x + v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "cache-never-grows",
    says="You return the cache without the new token from the second call on, so the next tokens can't see it. Return "
    "the longer keys and values.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v) if cache is None else cache


@misconception(
    "step",
    "sees-the-past-but-not-itself",
    says="Your token looks at the old ones and not at itself. Put its key and value in first, then attend.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    old_k, old_v = (k, v) if cache is None else cache
    y = x + (q @ old_k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ old_v @ weights["o"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "new-token-in-front",
    says="You put the new keys and values in front of the old ones. The logits do not show it here, but the contract says "
    "oldest first, and whoever cuts or masks the cache relies on it.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([k, cache[0]], dim=1), torch.cat([v, cache[1]], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "values-then-keys",
    says="You return values first and keys second. The cache is the pair of keys and values, in this order.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[1], k], dim=1), torch.cat([cache[0], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (v, k)


@misconception(
    "step",
    "values-not-kept",
    says="You keep the keys of old tokens but use the new value for all of them. Values are kept like keys.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k = torch.cat([cache[0], k], dim=1)
        v = v.expand(-1, k.shape[1], -1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "inputs-kept",
    says="Your cache holds the embedded tokens, and keys and values are computed again from all of them at each step. The "
    "logits are right, but that is the work a cache is to save: keep keys and values.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    every = x if cache is None else torch.cat([cache[0], x], dim=1)
    q, k, v = x @ weights["q"], every @ weights["k"], every @ weights["v"]
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (every, every)


@misconception(
    "step",
    "tokens-kept",
    says="Your cache holds the tokens, and all of them are read again at each step, which is the work a cache is to save. "
    "Keep keys and values, and embed the new token alone.",
)
def step(token, cache, weights):
    every = token[:, None] if cache is None else torch.cat([cache[0], token[:, None]], dim=1)
    return read_all(every, weights)[:, -1], (every, every)


@misconception(
    "step",
    "joined-along-the-numbers",
    says="You join old and new keys along the last axis, so vectors get longer in place of more. Tokens are the second "
    "axis.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=-1), torch.cat([cache[1], v], dim=-1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "causal-mask-of-the-first-row",
    says="You mask the scores with the first row of a causal mask, so the new token sees the oldest one alone. It is the "
    "last token and may see everything in the cache: with is_causal=True PyTorch lines up the first query with the first "
    "key. No mask is needed.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + F.scaled_dot_product_attention(q, k, v, is_causal=True) @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "no-scale",
    says="You do not divide the scores by the square root of their size, as read_all does.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "scaled-by-the-number-of-tokens",
    says="You divide the scores by the square root of the number of tokens. It is the size of a key that counts.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(k.shape[1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "no-shortcut",
    says="You do not add x to what attention found, as read_all does.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "out-forgotten",
    says="You add what attention found without the matrix o, which read_all applies to it first.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "an-axis-too-many",
    says="Your logits have an axis of length 1 for the place. One token was read, so their shape is (B, V).",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return y @ weights["tokens"].mT, (k, v)


@misconception(
    "step",
    "probabilities-returned",
    says="You return probabilities. The contract asks for logits, as read_all gives them.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0].softmax(dim=-1), (k, v)


@misconception(
    "step",
    "a-list-that-is-shared",
    says="You append to the cache that you were given, so a second continuation from it finds the first one's token in "
    "it. Return a new pair, and leave the old one as it was.",
)
def step(token, cache, weights):
    cache = cache if cache is not None else [weights["q"].new_zeros(len(token), 0, weights["q"].shape[0])] * 2
    cache = cache if isinstance(cache, list) else list(cache)
    x = (weights["tokens"][token] + weights["places"][cache[0].shape[1]])[:, None]
    cache[0] = torch.cat([cache[0], x @ weights["k"]], dim=1)
    cache[1] = torch.cat([cache[1], x @ weights["v"]], dim=1)
    scores = x @ weights["q"] @ cache[0].mT / math.sqrt(x.shape[-1])
    y = x + scores.softmax(dim=-1) @ cache[1] @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], cache


@misconception(
    "step",
    "state-kept-outside",
    says="You keep keys and values in a place of your own and go on from there, whatever cache comes in. A second "
    "continuation then goes on from the first one. Use the cache that you are given.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([step.keys, k], dim=1), torch.cat([step.values, v], dim=1)
    step.keys, step.values = k, v
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "no-axis-for-the-tokens",
    says="Your keys have shape (B, M): there is no axis for the tokens, so new keys are joined along the batch. Give the one "
    "new token an axis of its own, x[:, None], and join along axis 1.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = weights["tokens"][token] + weights["places"][place]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k]), torch.cat([cache[1], v])
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return y @ weights["tokens"].mT, (k, v)


@misconception(
    "step",
    "joined-along-the-batch",
    says="You join old and new keys along the batch. The tokens are axis 1, so the number of sequences stays and the "
    "number of keys grows.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k]), torch.cat([cache[1], v])
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "place-from-the-length-of-the-pair",
    says="len(cache) is 2 after any number of tokens, because the cache is a pair. The number of tokens in it "
    "is cache[0].shape[1].",
)
def step(token, cache, weights):
    place = 0 if cache is None else len(cache)
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], 1), torch.cat([cache[1], v], 1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "place-from-the-model-size",
    says="Your place is the last axis of the keys, which is M. The tokens stand on the axis before it: "
    "cache[0].shape[1].",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[-1]
    x = (weights["tokens"][token] + weights["places"][min(place, len(weights["places"]) - 1)])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], 1), torch.cat([cache[1], v], 1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "softmax-over-the-one-query",
    says="Your softmax runs over the axis of the queries, where there is one, so every weight becomes 1. It "
    "must run over the keys, the last axis.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], 1), torch.cat([cache[1], v], 1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "shortcut-without-the-place",
    says="What you add attention to is the vector of the token alone. In read_all it is the sum of token and "
    "place that goes on.",
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    e = weights["tokens"][token][:, None]
    x = e + weights["places"][place]
    q, k, v = x @ weights["q"], x @ weights["k"], x @ weights["v"]
    if cache is not None:
        k, v = torch.cat([cache[0], k], 1), torch.cat([cache[1], v], 1)
    y = e + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(-1) @ v @ weights["o"]
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


@misconception(
    "step",
    "matrices-turned-round",
    says="You transpose the matrices, as nn.Linear does with its weight. These are applied from the right as "
    'they are: x @ weights["q"].',
)
def step(token, cache, weights):
    place = 0 if cache is None else cache[0].shape[1]
    x = (weights["tokens"][token] + weights["places"][place])[:, None]
    q, k, v = x @ weights["q"].mT, x @ weights["k"].mT, x @ weights["v"].mT
    if cache is not None:
        k, v = torch.cat([cache[0], k], 1), torch.cat([cache[1], v], 1)
    y = x + (q @ k.mT / math.sqrt(x.shape[-1])).softmax(-1) @ v @ weights["o"].mT
    return (y @ weights["tokens"].mT)[:, 0], (k, v)


# --- fine-tuning


@misconception(
    "class_logits",
    "lengths-used-for-rows",
    says="states[lengths - 1] picks texts, not places. Give both: states[torch.arange(B), lengths - 1] takes from each text "
    "its own place.",
)
def class_logits(states, lengths, weight, bias):
    return states[lengths - 1] @ weight.mT + bias


@misconception(
    "class_logits",
    "the-last-place",
    says="You read the last place of each row, which is padding where the text is shorter. Read the last real token: "
    "place lengths − 1.",
)
def class_logits(states, lengths, weight, bias):
    return states[:, -1] @ weight.mT + bias


@misconception(
    "class_logits",
    "one-too-far",
    says="You read the place with the number lengths, one behind the last real token. Places start at 0.",
)
def class_logits(states, lengths, weight, bias):
    places = lengths.clamp(max=states.shape[1] - 1)
    return states[torch.arange(len(states)), places] @ weight.mT + bias


@misconception(
    "class_logits",
    "the-first-place",
    says="You read the first token, as BERT does. In a causal model the first token has seen nothing but itself; the "
    "last one has seen the whole text.",
)
def class_logits(states, lengths, weight, bias):
    return states[:, 0] @ weight.mT + bias


@misconception(
    "class_logits",
    "mean-over-all-places",
    says="You take the mean over all places, padding too. GPT-1 reads one state, the one behind the last real token.",
)
def class_logits(states, lengths, weight, bias):
    return states.mean(dim=1) @ weight.mT + bias


@misconception(
    "class_logits",
    "mean-over-the-real-tokens",
    says="You take the mean over the real tokens. That works too in practice, but asked for is the state behind the last "
    "one, which has seen all others.",
)
def class_logits(states, lengths, weight, bias):
    real = (torch.arange(states.shape[1]) < lengths[:, None]).to(states.dtype)
    return (states * real[..., None]).sum(dim=1) / lengths[:, None].to(states.dtype) @ weight.mT + bias


@misconception(
    "class_logits",
    "largest-over-the-places",
    says="You take the largest number over all places. GPT-1 reads one state, the one behind the last real token.",
)
def class_logits(states, lengths, weight, bias):
    return states.amax(dim=1) @ weight.mT + bias


@misconception(
    "class_logits",
    "the-longest-text-decides",
    says="You read the same place in every text, the last of the longest one. Each text has its own length.",
)
def class_logits(states, lengths, weight, bias):
    return states[:, int(lengths.max()) - 1] @ weight.mT + bias


@misconception(
    "class_logits",
    "the-first-text-decides",
    says="You use the length of the first text for all. Each text has its own: index rows and places together.",
)
def class_logits(states, lengths, weight, bias):
    return states[:, int(lengths[0]) - 1] @ weight.mT + bias


@misconception(
    "class_logits",
    "every-row-at-every-length",
    says="You index with states[:, lengths - 1], which reads every text at the last place of every other: an axis too "
    "many. Give the rows as well: states[torch.arange(B), lengths - 1].",
)
def class_logits(states, lengths, weight, bias):
    return states[:, lengths - 1] @ weight.mT + bias


@misconception(
    "class_logits",
    "no-bias",
    says="You leave out the bias. The logits are the matrix times the state, plus the bias.",
)
def class_logits(states, lengths, weight, bias):
    return states[torch.arange(len(states)), lengths - 1] @ weight.mT


@misconception(
    "class_logits",
    "probabilities",
    says="You return probabilities. The contract asks for logits: the loss takes the softmax itself.",
)
def class_logits(states, lengths, weight, bias):
    return (states[torch.arange(len(states)), lengths - 1] @ weight.mT + bias).softmax(dim=-1)


@misconception(
    "class_logits",
    "detached",
    says="The values are right, but no gradient arrives at the states: they were cut off by detach or no_grad. In "
    "fine-tuning the whole model learns.",
)
def class_logits(states, lengths, weight, bias):
    return states.detach()[torch.arange(len(states)), lengths - 1] @ weight.mT + bias


@misconception(
    "class_logits",
    "a-layer-of-its-own",
    says="The values are right, but you put copies of weight and bias into a new nn.Linear, so the gradient ends at the "
    "copies and the given ones never learn. F.linear takes them as they are.",
)
def class_logits(states, lengths, weight, bias):
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data, layer.bias.data = weight, bias
    return layer(states[torch.arange(len(states)), lengths - 1])


@misconception(
    "class_logits",
    "weight-not-turned",
    says="weight has shape (C, M), as in nn.Linear, so it must be turned before a state can be multiplied by it: weight.mT, "
    "or F.linear.",
)
def class_logits(states, lengths, weight, bias):
    return states[torch.arange(len(states)), lengths - 1] @ weight + bias


@misconception(
    "class_logits",
    "negative-index",
    says="You index with minus the length. Counted from the end, that is the last place only for texts of one token; the "
    "last real token stands at lengths − 1 from the start.",
)
def class_logits(states, lengths, weight, bias):
    return states[torch.arange(len(states)), -lengths] @ weight.mT + bias


@misconception(
    "class_logits",
    "sum-over-the-real-tokens",
    says="You add up the states of all real tokens. The layer reads one of them, the state behind the last real token.",
)
def class_logits(states, lengths, weight, bias):
    keep = torch.arange(states.shape[1]) < lengths[:, None]
    return F.linear((states * keep[..., None]).sum(1), weight, bias)


@misconception(
    "class_logits",
    "one-too-early",
    says="You read the state of the last token but one. Of n real tokens the last has the index n − 1.",
)
def class_logits(states, lengths, weight, bias):
    return F.linear(states[torch.arange(len(states)), (lengths - 2).clamp(min=0)], weight, bias)


@misconception(
    "class_logits",
    "bias-taken-away",
    says="You subtract the bias. nn.Linear adds it.",
)
def class_logits(states, lengths, weight, bias):
    return states[torch.arange(len(states)), lengths - 1] @ weight.T - bias


@misconception(
    "fine_tuning_loss",
    "padding-counted",
    says="Your second loss counts the padding, so the model learns to foretell filler. Set the targets on the padding "
    "to −100, which the cross-entropy ignores.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "padding-in-the-mean",
    says="You set the losses of the padding to zero, but they still count in the number you divide by. Divide by how many "
    "tokens count.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    each = F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none")
    counts = torch.arange(1, tokens.shape[1]) < lengths[:, None]
    return F.cross_entropy(class_logits, labels) + share * (each * counts).mean()


@misconception(
    "fine_tuning_loss",
    "one-padding-token-too-many",
    says="You count the prediction from the last real token, whose target is the first padding. A token counts if its own "
    "place is below the length.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1] - 1) >= lengths[:, None]
    targets = tokens[:, 1:].masked_fill(padding, -100)
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "last-real-token-left-out",
    says="You leave out the last real token of each text. It was foretold by the one before it, so it counts.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    left_out = torch.arange(tokens.shape[1]) >= lengths[:, None] - 1
    targets = tokens.masked_fill(left_out, -100)[:, 1:]
    return F.cross_entropy(class_logits, labels) + share * F.cross_entropy(logits[:, :-1].mT, targets)


@misconception(
    "fine_tuning_loss",
    "mean-of-the-texts",
    says="You take the mean loss of each text and then the mean of these, so a token of a short text counts more. The mean "
    "runs over all tokens that count, in all texts together.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    each = F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none")
    counts = torch.arange(1, tokens.shape[1]) < lengths[:, None]
    language = ((each * counts).sum(dim=1) / counts.sum(dim=1)).mean()
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "the-sum-over-tokens",
    says="Your second loss is the sum over the tokens that count. The contract asks for their mean.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    each = F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none")
    counts = torch.arange(1, tokens.shape[1]) < lengths[:, None]
    return F.cross_entropy(class_logits, labels) + share * (each * counts).sum()


@misconception(
    "fine_tuning_loss",
    "not-shifted",
    says="Your second loss compares each place with itself. The logits at place t foretell the token at t + 1.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    language = F.cross_entropy(logits.flatten(0, 1), tokens.masked_fill(padding, -100).flatten())
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "flattened-before-the-shift",
    says="You put the real tokens of all texts in one row and shift that. So the last token of each text is asked for the "
    "first one of the next text. Shift inside each text first.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    real = torch.arange(tokens.shape[1]) < lengths[:, None]
    language = F.cross_entropy(logits[real][:-1], tokens[real][1:])
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "tokens-overwritten",
    says="The loss is right, but you write −100 into the tokens that you were given, and the model can't read them a second "
    "time. Use masked_fill, or work on tokens.clone().",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    tokens[torch.arange(tokens.shape[1]) >= lengths[:, None]] = -100
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    return F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "share-on-the-classes",
    says="You multiply the loss of the classes by the share. The classes are the task: their loss counts whole, and the "
    "loss of the text is weighted.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return share * F.cross_entropy(class_logits, labels) + language


@misconception(
    "fine_tuning_loss",
    "a-mixture-of-both",
    says="You mix the two losses as (1 − share) and share. The loss of the classes counts whole; a share of the other is "
    "added.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return (1 - share) * F.cross_entropy(class_logits, labels) + share * language


@misconception(
    "fine_tuning_loss",
    "share-forgotten",
    says="You add both losses whole. The loss of the next tokens counts by the share: multiply it.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    return F.cross_entropy(class_logits, labels) + F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())


@misconception(
    "fine_tuning_loss",
    "classes-only",
    says="Your loss has the classes only. GPT-1 went on foretelling the text: the share of the second loss is missing.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    return F.cross_entropy(class_logits, labels) + 0.0 * logits.sum()


@misconception(
    "fine_tuning_loss",
    "language-only",
    says="Your loss has the next tokens only. The cross-entropy of the classes is missing, which is the task.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    return share * F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten()) + 0.0 * class_logits.sum()


@misconception(
    "fine_tuning_loss",
    "token-zero-taken-for-padding",
    says="You take every token 0 for padding. A 0 inside a text is a token like any other, and padding may be another "
    "number: the lengths say where it starts.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    targets = tokens.masked_fill(tokens == 0, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(class_logits, labels) + share * language.nan_to_num()


@misconception(
    "fine_tuning_loss",
    "probabilities-into-the-cross-entropy",
    says="You take the softmax of the class logits before the cross-entropy, which takes it itself.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(class_logits.softmax(dim=-1), labels) + share * language


@misconception(
    "fine_tuning_loss",
    "sum-over-the-labels",
    says="You add up the losses of the labels over the batch. It is their mean that is asked for.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    padding = torch.arange(tokens.shape[1]) >= lengths[:, None]
    targets = tokens.masked_fill(padding, -100)[:, 1:]
    language = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(class_logits, labels, reduction="sum") + share * language


@misconception(
    "fine_tuning_loss",
    "padding-turned-into-token-zero",
    says="You write 0 on the padding, and 0 is a token too, so the model is asked to foretell it. Write −100, "
    "which cross_entropy ignores.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    pad = torch.arange(tokens.shape[1]) >= lengths[:, None]
    t = tokens.masked_fill(pad, 0)
    return F.cross_entropy(class_logits, labels) + share * F.cross_entropy(
        logits[:, :-1].flatten(0, 1), t[:, 1:].flatten()
    )


@misconception(
    "fine_tuning_loss",
    "divided-by-all-real-tokens",
    says="You divide by the number of real tokens. The first token of each text was foretold by nobody: there "
    "is one fewer for each text.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    pad = torch.arange(tokens.shape[1]) >= lengths[:, None]
    t = tokens.masked_fill(pad, -100)
    return (
        F.cross_entropy(class_logits, labels)
        + share * F.cross_entropy(logits[:, :-1].flatten(0, 1), t[:, 1:].flatten(), reduction="sum") / lengths.sum()
    )


@misconception(
    "fine_tuning_loss",
    "divided-by-the-number-of-texts",
    says="You divide the loss of all tokens by the number of texts. It is a mean over tokens: divide by how "
    "many count.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    pad = torch.arange(tokens.shape[1]) >= lengths[:, None]
    t = tokens.masked_fill(pad, -100)
    return F.cross_entropy(class_logits, labels) + share * F.cross_entropy(
        logits[:, :-1].flatten(0, 1), t[:, 1:].flatten(), reduction="sum"
    ) / len(tokens)


@misconception(
    "fine_tuning_loss",
    "in-bits",
    says="Your loss is in bits. Both parts are wanted in nats: leave out the division by log 2.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    pad = torch.arange(tokens.shape[1]) >= lengths[:, None]
    t = tokens.masked_fill(pad, -100)
    return (
        F.cross_entropy(class_logits, labels)
        + share * F.cross_entropy(logits[:, :-1].flatten(0, 1), t[:, 1:].flatten())
    ) / math.log(2)


@misconception(
    "fine_tuning_loss",
    "logits-of-the-padding-set-to-zero",
    says="You set the logits on the padding to zero, which makes all tokens equally probable there and still "
    "counts them. Leave these places out of the mean.",
)
def fine_tuning_loss(class_logits, labels, logits, tokens, lengths, share):
    keep = torch.arange(tokens.shape[1]) < lengths[:, None]
    logits = logits * keep[..., None]
    return F.cross_entropy(class_logits, labels) + share * F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:])
