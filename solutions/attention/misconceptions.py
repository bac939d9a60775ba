"""Wrong answers to the exercise `attention`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

# --- scores and weights


@misconception(
    "attend",
    "softmax-over-the-queries",
    says="Your weights sum to one over the queries (dim=-2), so the queries compete for each key. It is the keys that "
    "compete for each query: take the softmax over the last axis, so that every row sums to one.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-2)
    return weights @ v, weights


@misconception(
    "attend",
    "softmax-over-the-batch",
    says="Your softmax runs over the first axis, so what one sequence looks at depends on the others in its batch. It "
    "runs over the keys, which are the last axis of the scores.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=0)
    return weights @ v, weights


@misconception(
    "attend",
    "softmax-over-everything",
    says="All your weights together sum to one, over every query and every sequence. Each query has one of its own to "
    "give away: divide by the sum over its keys, which are the last axis, and keep that axis to divide by.",
)
def attend(q, k, v):
    powers = (q @ k.mT / math.sqrt(q.shape[-1])).exp()
    weights = powers / powers.sum()
    return weights @ v, weights


@misconception(
    "attend",
    "all-axes-turned-round",
    says="k.T turns round all axes, so it works for a single matrix only: with sequences in front, their axis comes last. "
    "Only the last two axes are to change places.",
)
def attend(q, k, v):
    weights = (q @ k.permute(*reversed(range(k.ndim))) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "no-scale",
    says="Your scores are the bare dot products. They are not divided by the square root of D, so they grow with the "
    "size of the vectors, and the softmax gives nearly all the weight to one key.",
)
def attend(q, k, v):
    weights = (q @ k.mT).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "divided-by-the-size",
    says="You divide by D. The spread of a dot product grows with the square root of D, so divide by that; dividing by "
    "D makes the weights ever more alike as D grows.",
)
def attend(q, k, v):
    weights = (q @ k.mT / q.shape[-1]).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "scaled-by-the-number-of-keys",
    says="You divide by the square root of the number of keys. The sum in a dot product runs over the D entries of a "
    "query, so it is their number that counts: the last axis, not the one before it.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(k.shape[-2])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "scaled-after-the-softmax",
    says="You divide by the square root of D after the softmax. Then the rows no longer sum to one, and the softmax has "
    "already seen the large scores. Divide the scores, before the softmax.",
)
def attend(q, k, v):
    weights = (q @ k.mT).softmax(dim=-1) / math.sqrt(q.shape[-1])
    return weights @ v, weights


@misconception(
    "attend",
    "no-softmax",
    says="Your weights are the scores themselves: some are negative, and their rows do not sum to one, so the output is "
    "no mean of the values. The softmax over the keys is missing.",
)
def attend(q, k, v):
    weights = q @ k.mT / math.sqrt(q.shape[-1])
    return weights @ v, weights


@misconception(
    "attend",
    "keys-for-values",
    says="Your output is a mixture of the keys. Keys only decide who is looked at; what is brought back are the values.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ k, weights


@misconception(
    "attend",
    "the-pair-turned-round",
    says="You return the weights first and the output second. The contract asks for the output first.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights, weights @ v


# --- why the root


@misconception(
    "divisor",
    "the-variance",
    says="That is the variance of the dot product. Divided by it, the standard deviation is not 1 but one over what it "
    "was: the divisor is the square root of the variance.",
)
def divisor(size, q_std, k_std):
    return size * q_std**2 * k_std**2


@misconception(
    "divisor",
    "standard-deviations-add",
    says="You let the standard deviations of the D products add up. For independent terms it is the variances that add, "
    "so the spread grows with the square root of D.",
)
def divisor(size, q_std, k_std):
    return size * q_std * k_std


@misconception(
    "divisor",
    "the-spread-of-the-entries-forgotten",
    says="The square root of D is right for entries with standard deviation 1. Here they have another spread, which "
    "passes on to the products.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size)


@misconception(
    "divisor",
    "root-of-the-whole-product",
    says="You take the square root of the standard deviations too. They are no variances: only D stands under the root.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size * q_std * k_std)


@misconception(
    "entropy",
    "zero-times-log-of-zero",
    says="A weight of zero gives NaN: its logarithm is minus infinity, and zero times infinity is not a number. Such a "
    "key counts 0. Replace the zero by 1 inside the logarithm.",
)
def entropy(weights):
    return -(weights * weights.log()).sum(dim=-1)


@misconception(
    "entropy",
    "bits",
    says="Your entropy is in bits, by the logarithm to base 2. The contract asks for nats, by the natural logarithm.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log2()).sum(dim=-1)


@misconception(
    "entropy",
    "mean-over-the-keys",
    says="You take the mean over the keys, but the entropy is a sum: the weights already say how much each key counts.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).mean(dim=-1)


@misconception(
    "entropy",
    "one-number-for-all-rows",
    says="You add up over all rows and get one number. Each row has an entropy of its own: sum over the keys, the last "
    "axis.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum()


@misconception(
    "entropy",
    "minus-forgotten",
    says="Your entropy is negative. The logarithm of a weight is at most zero, and the entropy is minus the sum.",
)
def entropy(weights):
    return (weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1)


@misconception(
    "entropy",
    "logarithms-not-weighted",
    says="You add up the logarithms without their weights. Each logarithm counts as much as its weight.",
)
def entropy(weights):
    return -torch.where(weights > 0, weights, 1.0).log().sum(dim=-1)


# --- masks


@misconception(
    "masks",
    "causal-turned-round",
    says="Your mask marks what may not be seen, or shows each position the future. Here True means may look: row t is "
    "True in the columns 0 to t.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).triu()


@misconception(
    "masks",
    "causal-inverted",
    says="Your mask is True where looking is forbidden. Some functions of PyTorch mean it that way; here, and in "
    "scaled_dot_product_attention, True means may look.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).triu(1)


@misconception(
    "masks",
    "not-even-itself",
    says="In your mask a position may not look at itself, and the first one may look at nothing at all. The diagonal "
    "belongs to the past: it is True.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril(-1)


@misconception(
    "masks",
    "causal-as-numbers",
    says="Your mask holds ones and zeros as numbers. Turned round by ~, or added to the scores, they would mean "
    "something else: make it boolean.",
)
def causal(length):
    return torch.ones(length, length).tril()


@misconception(
    "masks",
    "padding-turned-round",
    says="Your mask is True on the padding. That is what key_padding_mask of nn.MultiheadAttention wants; here True "
    "means may look, so the real keys are True.",
)
def padding(lengths, size):
    return (torch.arange(size) >= lengths[:, None])[:, None]


@misconception(
    "masks",
    "one-key-too-many",
    says="Each of your sequences may look at one key of padding: the keys 0 to length - 1 are real, key number length "
    "is the first of the padding.",
)
def padding(lengths, size):
    return (torch.arange(size) <= lengths[:, None])[:, None]


@misconception(
    "masks",
    "padding-hides-queries",
    says="Your mask has its long axis where the queries are: it stops padded queries from looking, but everyone may "
    "still look at padded keys. Keys are the last axis.",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None])[:, :, None]


@misconception(
    "masks",
    "no-axis-for-the-queries",
    says="Your mask has shape (B, K). Against scores of shape (B, Q, K) its batch axis would line up with the queries. "
    "It needs an axis of length 1 for the queries in between.",
)
def padding(lengths, size):
    return torch.arange(size) < lengths[:, None]


@misconception(
    "masked_softmax",
    "mask-after-the-softmax",
    says="You mask after the softmax. The hidden keys have then already taken their share, and the rest no longer sums "
    "to one; it still depends on what was hidden. Mask the scores, before the softmax.",
)
def masked_softmax(scores, mask):
    return scores.softmax(dim=-1) * mask


@misconception(
    "masked_softmax",
    "mask-turned-round",
    says="Your weights lie on the keys that were to be hidden. Here True means may look: fill where the mask is False.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(mask, torch.finfo(scores.dtype).min).softmax(dim=-1).masked_fill(mask, 0.0)


@misconception(
    "masked_softmax",
    "hidden-scores-set-to-zero",
    says="You set hidden scores to 0, but a score of 0 is an ordinary score: its key gets a weight of exp(0) = 1 before "
    "the division. To get no weight at all, a score must be as low as can be.",
)
def masked_softmax(scores, mask):
    return (scores * mask).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "mask-added-as-numbers",
    says="You add the mask to the scores as ones and zeros. That lifts allowed keys by 1 and hides nothing.",
)
def masked_softmax(scores, mask):
    return (scores + mask.to(scores.dtype)).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "nan-where-nothing-is-left",
    says="A row in which every score is minus infinity has no softmax: zero divided by zero, so NaN, which a training "
    "then spreads to all weights. Such a row must come out as zeros.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "even-where-nothing-is-left",
    says="Where a query may look at nothing, your weights are all alike: every score is equally low, and the softmax "
    "shares the weight among keys that were all to be hidden. Such a row must come out as zeros.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "too-small-a-penalty",
    says="You lower hidden scores by a fixed amount that real scores can exceed. Then a hidden key with a large score "
    "still wins. Fill with the lowest number there is, do not subtract.",
)
def masked_softmax(scores, mask):
    return (scores - 100.0 * ~mask).softmax(dim=-1).masked_fill(~mask, 0.0)


# --- heads


@misconception(
    "heads",
    "reshaped-without-transposing",
    says="The shape is right and the numbers are not: reshape cuts the row of numbers anew, so one of your heads holds "
    "whole positions where it should hold a piece of every position. Cut the last axis, then swap heads and time.",
)
def split_heads(x, heads):
    b, t, m = x.shape
    return x.reshape(b, heads, t, m // heads)


@misconception(
    "heads",
    "heads-interleaved",
    says="Your heads take turns: head 0 holds every H-th number of a position. It should hold the first D numbers in a "
    "row, so the axis of heads comes before the axis of D when you cut.",
)
def split_heads(x, heads):
    return x.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2)


@misconception(
    "heads",
    "heads-behind-time",
    says="You cut the positions into heads but left the heads behind time: shape (B, T, H, D). Attention then runs "
    "between the heads of one position. Swap the two axes.",
)
def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1))


@misconception(
    "heads",
    "joined-without-transposing",
    says="You join without moving time back in front of the heads, so one position of your output is made of pieces of "
    "several positions. Swap heads and time first, then flatten.",
)
def join_heads(x):
    b, h, t, d = x.shape
    return x.reshape(b, t, h * d)


@misconception(
    "multi_head",
    "scaled-by-the-whole-size",
    says="You divide by the square root of M, the size of a position. The dot product of a head has D = M / H terms, so "
    "divide by the square root of D.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(x.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "one-head-for-all",
    says="You run a single attention over all M numbers and leave the heads out. Cut queries, keys and values into heads "
    "first, so that each head has weights of its own.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = x @ w_q, memory @ w_k, memory @ w_v
    return (q @ k.mT / math.sqrt(q.shape[-1] // heads)).softmax(dim=-1) @ v @ w_o


@misconception(
    "multi_head",
    "mixed-by-nothing",
    says="You leave out the last matrix, w_o. Without it what the heads found stands side by side and is never mixed.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2)


@misconception(
    "multi_head",
    "heads-joined-without-transposing",
    says="Your heads are right until you join them: reshape mixes positions, because the heads still stand in front of "
    "time. Swap the two axes first, then flatten.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).reshape(x.shape) @ w_o


@misconception(
    "multi_head",
    "split-without-transposing",
    says="You reshape to heads without swapping heads and time, so each head holds whole positions where it should hold "
    "a piece of every position. Cut the last axis, then swap.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    b, m = len(x), x.shape[-1]
    q, k, v = (y.reshape(b, heads, -1, m // heads) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "matrices-from-the-left",
    says="You multiply by the transposed matrices, as nn.Linear stores them. Here they are applied from the right as "
    "they are: x @ w.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q.T, memory @ w_k.T, memory @ w_v.T))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o.T


@misconception(
    "multi_head",
    "keys-from-the-queries",
    says="Your keys and values come from x, so the sequence looks at itself. They come from memory: queries ask one "
    "sequence, keys and values are of the other.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (x @ w for w in (w_q, w_k, w_v))
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (q, k, v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


# --- order


@misconception(
    "order_gap",
    "unchanged-instead-of-shuffled",
    says="You compare with the output in its old order. That asks whether shuffling changes nothing at all; the question "
    "is whether the output is shuffled along with the input.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)).abs().max().item()


@misconception(
    "order_gap",
    "shuffled-twice",
    says="You shuffle the output for the shuffled input once more. To compare, shuffle only the output for x, or undo "
    "the shuffle on the other side with its inverse.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order])[:, order] - layer(x)).abs().max().item()


@misconception(
    "order_gap",
    "mean-instead-of-largest",
    says="You take the mean of the differences. One position that is wrong can hide in it; the contract asks for the "
    "largest.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).abs().mean().item()


@misconception(
    "order_gap",
    "sum-instead-of-largest",
    says="You add the differences up. The contract asks for the largest of them.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).abs().sum().item()


@misconception(
    "order_gap",
    "sign-kept",
    says="You take the largest difference with its sign, so a large negative one counts for nothing. Take the absolute "
    "value first.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).max().item()
