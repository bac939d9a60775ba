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
    says="Your weights are the scores themselves: some are negative, and their rows do not sum to one. The softmax "
    "over the keys is missing, or you return what stood before it.",
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


@misconception(
    "attend",
    "multiplied-by-the-root",
    says="You multiply by the square root of D. The dot products are already too large, by that factor: divide by it.",
)
def attend(q, k, v):
    weights = (q @ k.mT * math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "root-rounded",
    says="You round the square root of D to a whole number. Divide by the root itself: for D = 5 it is 2.236.",
)
def attend(q, k, v):
    weights = (q @ k.mT / int(math.sqrt(q.shape[-1]))).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "scaled-by-the-size-of-a-value",
    says="You divide by the root of the size of a value. Values are not in the dot product: it has as many terms as "
    "a query has numbers.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(v.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "exponentials-not-divided",
    says="Your weights are the exponentials of the scores. They still have to be divided by their sum over the "
    "keys, so that each row sums to one.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.exp()
    return weights @ v, weights


@misconception(
    "attend",
    "exponentials-overflow",
    says="Your softmax is right on paper and NaN for scores in the hundreds: their exponentials are too large for a "
    "float. Take the largest score of a row from all its scores first, or use the softmax of PyTorch.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    powers = scores.exp()
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return weights @ v, weights


@misconception(
    "attend",
    "scores-divided-by-their-sum",
    says="You divide the scores by their sum without taking exponentials. Scores may be negative or add up to zero; "
    "the softmax takes exp of each first.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores / scores.sum(dim=-1, keepdim=True)
    return weights @ v, weights


@misconception(
    "attend",
    "sigmoid-for-softmax",
    says="You squash each score by itself with a sigmoid. Then the keys do not compete, and the weights of a query "
    "do not sum to one.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.sigmoid()
    return weights @ v, weights


@misconception(
    "attend",
    "largest-takes-all",
    says="You give the whole weight to the best key. No gradient passes through such a choice; the softmax gives "
    "every key a share.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = F.one_hot(scores.argmax(dim=-1), k.shape[-2]).to(v.dtype)
    return weights @ v, weights


@misconception(
    "attend",
    "softmax-twice",
    says="You apply the softmax twice. The second one takes weights between 0 and 1 for scores, so its result is "
    "nearly even.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "sign-turned",
    says="Your best key gets the smallest weight: the sign of the scores is turned round. A large dot product means "
    "a good answer.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = (-scores).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "logarithms-of-the-weights",
    says="You return the logarithms of the weights, as log_softmax gives them. Weights are at least zero and sum to "
    "one.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.log_softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "cosine",
    says="You compare directions only: queries and keys are brought to length one. The score of this chapter is the "
    "dot product itself, in which lengths count.",
)
def attend(q, k, v):
    scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "distances",
    says="You score by how near a key lies to the query. The score of this chapter is their dot product, divided by "
    "the square root of D.",
)
def attend(q, k, v):
    weights = (-torch.cdist(q, k) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "weights-turned-round",
    says="Your weights have one row a key and one column a query. The contract has the queries in the rows, shape "
    "(..., Q, K).",
)
def attend(q, k, v):
    weights = (k @ q.mT / math.sqrt(q.shape[-1])).softmax(dim=-2)
    return weights.mT @ v, weights


@misconception(
    "attend",
    "output-only",
    says="You return one tensor. The contract asks for two, the output and then the weights.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return scores.softmax(dim=-1) @ v


@misconception(
    "attend",
    "keys-not-turned",
    says="Your product of queries and keys does not fit: both are row by row. Turn the keys so that the two axes of "
    "size D meet, with k.mT.",
)
def attend(q, k, v):
    weights = (q @ k / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "keys-reshaped",
    says="You bring the keys to shape (D, K) by reshape, which cuts the same row of numbers anew and tears the keys apart. "
    "Swap the last two axes: k.mT.",
)
def attend(q, k, v):
    turned = k.reshape(*k.shape[:-2], k.shape[-1], k.shape[-2])
    weights = (q @ turned / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "axes-counted-from-the-front",
    says="Your axes are counted from the front, transpose(1, 2) or dim=2, which fits three axes only. Leading axes "
    "may be none or several, so count from the end: -2 and -1.",
)
def attend(q, k, v):
    weights = (q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights


@misconception(
    "attend",
    "einsum-with-fixed-axes",
    says="Your einsum names one axis in front, so it takes neither a single matrix nor heads. Write three dots for any number "
    "of leading axes: ...qd,...kd->...qk.",
)
def attend(q, k, v):
    weights = (torch.einsum("bqd,bkd->bqk", q, k) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return torch.einsum("bqk,bke->bqe", weights, v), weights


@misconception(
    "attend",
    "softmax-over-axis-one",
    says="Your softmax runs over dim=1. In a single matrix that is the axis of the keys; with one axis in front it "
    "is that of the queries. Count from the end: dim=-1.",
)
def attend(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=1)
    return weights @ v, weights


@misconception(
    "attend",
    "values-by-columns",
    says="You multiply the values by the turned weights. Row i of the weights belongs to query i and runs over the "
    "keys, as the rows of the values do: weights @ v.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights.mT @ v, weights


@misconception(
    "attend",
    "not-added-up",
    says="You weigh each value for each query and leave them side by side. The output is their sum over the keys.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights[..., None] * v[..., None, :, :], weights


@misconception(
    "attend",
    "mean-of-the-weighted",
    says="You take the mean over the keys of values that are weighed already. The weights sum to one, so their sum "
    "is the mean; you divide by K once more.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v / v.shape[-2], weights


@misconception(
    "attend",
    "plain-mean-of-the-values",
    says="Your output is the plain mean of all values, the same for every query. Each value counts as much as its "
    "weight: multiply the weights by the values.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return torch.ones_like(weights) @ v / v.shape[-2], weights


@misconception(
    "attend",
    "queries-added",
    says="You add the query to the output. That is a residual connection, which the transformer puts around "
    "attention; it is no part of it.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v + q[..., : v.shape[-1]], weights


@misconception(
    "attend",
    "cut-off-from-the-gradient",
    says="Your weights are cut off from the gradient (detach, no_grad, or numbers taken out and put back). Then "
    "queries and keys never learn where to look.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1).detach()
    return weights @ v, weights


@misconception(
    "attend",
    "masked-anyway",
    says="You hide the keys that come after the query. This task has no mask: every query may look at every key.",
)
def attend(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    hidden = torch.ones_like(scores).tril() == 0
    weights = scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return weights @ v, weights


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


@misconception(
    "divisor",
    "the-factor",
    says="That is the number to multiply by. The contract asks for the divisor, one over it.",
)
def divisor(size, q_std, k_std):
    return 1 / (math.sqrt(size) * q_std * k_std)


@misconception(
    "divisor",
    "keys-forgotten",
    says="The spread of the keys is missing. Each product has a factor from the query and one from the key, and "
    "both spreads pass on to it.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size) * q_std


@misconception(
    "divisor",
    "queries-forgotten",
    says="The spread of the queries is missing. Each product has a factor from the query and one from the key, and "
    "both spreads pass on to it.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size) * k_std


@misconception(
    "divisor",
    "size-forgotten",
    says="That is the spread of a single product. A dot product adds up D of them, and their variances add.",
)
def divisor(size, q_std, k_std):
    return q_std * k_std


@misconception(
    "divisor",
    "spreads-divide",
    says="You divide by the spreads of the entries. Wider entries make wider dot products, so they must make the "
    "divisor larger.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size) / (q_std * k_std)


@misconception(
    "divisor",
    "spreads-added",
    says="You add the spreads of query and key. Their entries are multiplied, so for independent entries the "
    "variances multiply too.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size) * (q_std + k_std)


@misconception(
    "divisor",
    "variances-of-a-sum",
    says="You add the variances of query and key before the root, as if their entries were added. They are "
    "multiplied: so are the variances, if the entries are independent with mean 0.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size * (q_std**2 + k_std**2))


@misconception(
    "divisor",
    "root-of-the-size-only",
    says="You take the root of D and leave the variances of the entries as they are. The root is of the whole "
    "variance, and so turns them into standard deviations.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(size) * q_std**2 * k_std**2


@misconception(
    "divisor",
    "rounded",
    says="You round the divisor to a whole number. The spread is seldom one: return it as it is.",
)
def divisor(size, q_std, k_std):
    return float(round(math.sqrt(size) * q_std * k_std))


@misconception(
    "divisor",
    "half-the-exponent-again",
    says="You take the root twice. One root turns the variance of the dot product into its standard deviation.",
)
def divisor(size, q_std, k_std):
    return math.sqrt(math.sqrt(size) * q_std * k_std)


@misconception(
    "entropy",
    "base-ten",
    says="Your entropy is by the logarithm to base 10. The contract asks for nats, by the natural logarithm.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log10()).sum(dim=-1)


@misconception(
    "entropy",
    "perplexity",
    says="You return the exponential of the entropy, the number of keys that would be as uncertain. The contract "
    "asks for the entropy itself.",
)
def entropy(weights):
    return (-(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1)).exp()


@misconception(
    "entropy",
    "share-of-the-largest",
    says="You divide by the largest possible entropy, log K. That makes rows of different length comparable, but "
    "the contract asks for the entropy in nats.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1) / math.log(weights.shape[-1])


@misconception(
    "entropy",
    "distance-from-even",
    says="You return how far the row is from an even one, log K minus the entropy. Even weights must give log K, "
    "one key that takes all must give 0.",
)
def entropy(weights):
    return math.log(weights.shape[-1]) + (weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1)


@misconception(
    "entropy",
    "sum-over-the-rows",
    says="You add up down the columns (dim=0), over different queries. A row is one query: sum over its keys, the "
    "last axis.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=0)


@misconception(
    "entropy",
    "sum-over-axis-one",
    says="You add up over dim=1. That axis holds the keys only if there are two axes; there may be one or three. "
    "Count from the end: dim=-1.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=1)


@misconception(
    "entropy",
    "axis-kept",
    says="Your result still has an axis of length 1 where the keys were. The contract asks for shape (...): leave "
    "keepdim out.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1, keepdim=True)


@misconception(
    "entropy",
    "mean-over-the-rows",
    says="You take the mean over all rows and return one number. Each row has an entropy of its own.",
)
def entropy(weights):
    return -(weights * torch.where(weights > 0, weights, 1.0).log()).sum(dim=-1).mean()


@misconception(
    "entropy",
    "row-thrown-away",
    says="One weight of zero turns the whole sum into NaN, and you replace that by 0: the other keys of the row are "
    "lost. Replace the single term, before the sum.",
)
def entropy(weights):
    return -(weights * weights.log()).sum(dim=-1).nan_to_num(0.0)


@misconception(
    "entropy",
    "too-much-added",
    says="What you add to the weights inside the logarithm is so large that it shows in the result. Replace zeros "
    "only, or add far less than a weight.",
)
def entropy(weights):
    return -(weights * (weights + 0.01).log()).sum(dim=-1)


@misconception(
    "entropy",
    "weights-taken-for-scores",
    says="You put the weights through a softmax. They are weights already: each row sums to one.",
)
def entropy(weights):
    return -(weights.softmax(dim=-1) * weights.log_softmax(dim=-1)).sum(dim=-1)


@misconception(
    "entropy",
    "largest-only",
    says="You return minus the logarithm of the largest weight. The entropy adds up a term for every key.",
)
def entropy(weights):
    return -weights.amax(dim=-1).log()


@misconception(
    "entropy",
    "squares",
    says="You take one minus the sum of the squared weights. It is small and large where the entropy is, but it is "
    "another measure: weigh the logarithms.",
)
def entropy(weights):
    return 1 - (weights**2).sum(dim=-1)


@misconception(
    "entropy",
    "spread-of-the-weights",
    says="You return the standard deviation of the weights. It is 0 for even weights, where the entropy is largest.",
)
def entropy(weights):
    return weights.std(dim=-1)


@misconception(
    "entropy",
    "yes-and-no-of-each-key",
    says="You treat each key as a question of its own, looked at or not, and add their entropies. The keys of a row "
    "share one weight: only the terms w log w count.",
)
def entropy(weights):
    rest = 1 - weights
    no = rest * torch.where(rest > 0, rest, 1.0).log()
    return -(weights * torch.where(weights > 0, weights, 1.0).log() + no).sum(dim=-1)


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


@misconception(
    "masks",
    "causal-for-adding",
    says="Your mask holds 0 and minus infinity, to be added to scores. Here a mask is boolean, and True means may "
    "look.",
)
def causal(length):
    return torch.full((length, length), -math.inf).triu(1)


@misconception(
    "masks",
    "causal-with-a-batch-axis",
    says="Your mask has an axis in front. All sequences share one causal mask: its shape is (T, T), and it "
    "broadcasts by itself.",
)
def causal(length):
    return torch.ones(1, length, length, dtype=torch.bool).tril()


@misconception(
    "masks",
    "causal-hides-nothing",
    says="Your mask lets everyone look everywhere. Position t may look at 0 to t, so above the diagonal it is False.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool)


@misconception(
    "masks",
    "causal-only-itself",
    says="Your mask lets a position look at itself alone. It may also look at everything before it.",
)
def causal(length):
    return torch.eye(length, dtype=torch.bool)


@misconception(
    "masks",
    "causal-one-too-far",
    says="Your mask lets each position look at the one behind it, too. That is the symbol it has to predict: the "
    "last True of row t stands in column t.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril(1)


@misconception(
    "masks",
    "causal-from-the-other-corner",
    says="Your triangle starts in the wrong corner: the first position sees almost everything and each later one "
    "less. Row t is True in the columns 0 to t.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril().flip(0)


@misconception(
    "masks",
    "causal-only-the-neighbour",
    says="Your mask lets a position look at itself and its left neighbour. A causal mask reaches back to the first "
    "position.",
)
def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril().triu(-1)


@misconception(
    "masks",
    "causal-one-row",
    says="Your mask has one row a batch, not one a query. Every position needs a row of its own: the shape is (T, T).",
)
def causal(length):
    return torch.ones(1, length, dtype=torch.bool)


@misconception(
    "masks",
    "padding-as-numbers",
    says="Your mask holds ones and zeros as numbers. Turned round by ~, or added to scores, they would mean "
    "something else: make it boolean.",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None])[:, None].float()


@misconception(
    "masks",
    "padding-for-adding",
    says="Your mask holds 0 and minus infinity, to be added to scores. Here a mask is boolean, and True means may "
    "look.",
)
def padding(lengths, size):
    real = (torch.arange(size) < lengths[:, None])[:, None]
    return torch.zeros(real.shape).masked_fill(~real, -math.inf)


@misconception(
    "masks",
    "one-key-too-few",
    says="Your mask hides the last real key of each sequence. A sequence of 3 has the keys 0, 1 and 2.",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None] - 1)[:, None]


@misconception(
    "masks",
    "padding-on-the-left",
    says="Your mask has the real keys at the end of the row. In this exercise the padding comes after them.",
)
def padding(lengths, size):
    return (torch.arange(size) >= size - lengths[:, None])[:, None]


@misconception(
    "masks",
    "as-wide-as-the-longest",
    says="Your mask is as wide as the longest sequence of the batch. Scores have `size` keys, and all of them need an entry, "
    "even if no sequence fills them.",
)
def padding(lengths, size):
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None]


@misconception(
    "masks",
    "axis-in-front",
    says="The axis of length 1 is in front: your mask would give all sequences the same rows and each query another "
    "length. It belongs between batch and keys.",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None])[None]


@misconception(
    "masks",
    "axis-at-the-heads",
    says="Your mask has two axes of length 1, as for scores with heads. Here it has shape (B, 1, K).",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None])[:, None, None]


@misconception(
    "masks",
    "rows-spelled-out",
    says="Your mask repeats its row for each of K queries. There may be fewer or more queries than keys: one row, "
    "of shape (B, 1, K), broadcasts to any number.",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths[:, None])[:, None].expand(-1, size, -1)


@misconception(
    "masks",
    "padded-queries-too",
    says="Your mask also forbids padded queries to look, and it has a row for each of K queries. It is about keys: "
    "one row of shape (B, 1, K) for all queries.",
)
def padding(lengths, size):
    real = torch.arange(size) < lengths[:, None]
    return real[:, None] & real[:, :, None]


@misconception(
    "masks",
    "one-length-for-all",
    says="You give all sequences the mask of the longest one. Each has a length of its own: compare with lengths[:, "
    "None].",
)
def padding(lengths, size):
    return (torch.arange(size) < lengths.max()).expand(len(lengths), 1, size)


@misconception(
    "masks",
    "last-key-only",
    says="Your mask marks one key of each sequence. All keys before its length are real.",
)
def padding(lengths, size):
    return (torch.arange(size) == lengths[:, None] - 1)[:, None]


@misconception(
    "masks",
    "slice-from-minus-zero",
    says="You cut off the padding with a slice from the end. Where there is none, the slice starts at -0, which is "
    "the beginning, and hides the whole sequence.",
)
def padding(lengths, size):
    mask = torch.ones(len(lengths), 1, size, dtype=torch.bool)
    for b, length in enumerate(lengths.tolist()):
        mask[b, :, -(size - length) :] = False
    return mask


@misconception(
    "masks",
    "causal-in-the-padding",
    says="Your mask also hides later keys from earlier queries. Padding and causality are two masks, to be joined "
    "by & where both are wanted.",
)
def padding(lengths, size):
    real = (torch.arange(size) < lengths[:, None])[:, None]
    return real & torch.ones(size, size, dtype=torch.bool).tril()


@misconception(
    "masked_softmax",
    "mask-not-used",
    says="Your weights do not depend on the mask. A key that may not be looked at must weigh exactly zero.",
)
def masked_softmax(scores, mask):
    return scores.softmax(dim=-1)


@misconception(
    "masked_softmax",
    "softmax-over-the-queries",
    says="Your softmax runs over the queries (dim=-2). The allowed keys of one query share its weight: take it over "
    "the last axis.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-2).masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "zeros-before-and-after",
    says="You give hidden keys a score of 0, or a tiny positive one, and mask again afterwards. Such a score takes "
    "its share of the softmax, so what is left does not sum to one. Set hidden scores as low as can be.",
)
def masked_softmax(scores, mask):
    return (scores * mask).softmax(dim=-1) * mask


@misconception(
    "masked_softmax",
    "renormalised-by-zero",
    says="You mask after the softmax and divide by what is left. Where nothing is left, that is zero divided by "
    "zero. And where the hidden key has nearly all the weight, the rest is rounded away before you divide.",
)
def masked_softmax(scores, mask):
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True)


@misconception(
    "masked_softmax",
    "renormalised-too-late",
    says="You mask after the softmax and divide by what is left. Next to a hidden key with a much larger score the "
    "others are rounded to zero before you divide. Mask the scores.",
)
def masked_softmax(scores, mask):
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


@misconception(
    "masked_softmax",
    "exponentials-overflow",
    says="You take exponentials of the scores as they are. Large ones overflow, very low ones vanish, and infinity "
    "times zero is NaN. Lower the hidden scores first, then take the largest of the row from all.",
)
def masked_softmax(scores, mask):
    powers = scores.exp() * mask
    return powers / powers.sum(dim=-1, keepdim=True).clamp(min=1e-30)


@misconception(
    "masked_softmax",
    "not-low-enough",
    says="You fill hidden scores with a number that real scores can lie below. Then the hidden key takes the "
    "weight. Fill with the lowest number there is.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, -1000.0).softmax(dim=-1).masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "lowest-score-of-the-row",
    says="You fill hidden scores with the lowest score that occurs. That is still an ordinary score and takes a "
    "share. Fill with the lowest number there is.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, scores.min().item()).softmax(dim=-1).masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "zero-times-infinity",
    says="You multiply the mask by minus infinity. Zero times infinity is NaN, so allowed keys are lost too. Choose "
    "with masked_fill or torch.where, do not multiply.",
)
def masked_softmax(scores, mask):
    return (scores + ~mask * -math.inf).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "nan-in-the-gradient",
    says="You replace NaN by 0 at the end. The weights look right, but the gradient of the softmax over minus "
    "infinities is NaN all the same. Make no NaN on the way: fill with the lowest finite number.",
)
def masked_softmax(scores, mask):
    added = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -math.inf)
    return (scores + added).softmax(dim=-1).nan_to_num(0.0)


@misconception(
    "masked_softmax",
    "only-if-all-rows-are-empty",
    says="You return zeros only if the whole mask is empty. A single row without a key among others still becomes "
    "NaN: look at each row.",
)
def masked_softmax(scores, mask):
    if not mask.any():
        return torch.zeros_like(scores)
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "any-hidden-key-empties-the-row",
    says="You set a row to zero as soon as one of its keys is hidden. Only a row with no key left becomes zeros.",
)
def masked_softmax(scores, mask):
    weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return weights * mask.all(dim=-1, keepdim=True)


@misconception(
    "masked_softmax",
    "hidden-keys-cut-out",
    says="You cut the hidden keys out, so the result has lost its shape. The weights stand where the scores stood, "
    "with zeros for the hidden keys.",
)
def masked_softmax(scores, mask):
    return scores[mask.expand_as(scores)].softmax(dim=-1)


@misconception(
    "masked_softmax",
    "one-softmax-for-all-queries",
    says="scores[mask] is one long row with the allowed scores of all queries, so all of them share one softmax. Each query "
    "has a softmax of its own: keep the axes, and fill what is hidden.",
)
def masked_softmax(scores, mask):
    mask = mask.expand_as(scores)
    weights = torch.zeros_like(scores)
    weights[mask] = scores[mask].softmax(dim=0)
    return weights


@misconception(
    "masked_softmax",
    "scores-overwritten",
    says="You change the scores of the caller in place (masked_fill_). No gradient can be taken of what was written "
    "over. Use masked_fill, which makes a new tensor.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill_(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1).masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "filled-with-the-largest",
    says="You fill with the largest number. Then the hidden keys take everything. Fill with the lowest, "
    "torch.finfo(scores.dtype).min.",
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).max).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "empty-row-looks-at-the-first",
    says="A query with nothing to look at gives its whole weight to the first key, which is hidden from it. Such a "
    "row must come out as zeros.",
)
def masked_softmax(scores, mask):
    mask = mask.expand(scores.shape).clone()
    mask[..., 0] |= ~mask.any(dim=-1)
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


@misconception(
    "masked_softmax",
    "empty-row-looks-everywhere",
    says="Where nothing may be looked at, you ignore the mask, and the query looks everywhere. Such a row must come "
    "out as zeros.",
)
def masked_softmax(scores, mask):
    mask = mask | ~mask.any(dim=-1, keepdim=True)
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


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
    "heads",
    "turned-before-cutting",
    says="You swap time and numbers and then reshape, which cuts a row of numbers that runs along time. Cut the "
    "last axis first, then swap heads and time.",
)
def split_heads(x, heads):
    b, t, m = x.shape
    return x.mT.reshape(b, heads, t, m // heads)


@misconception(
    "heads",
    "numbers-before-time",
    says="Each of your heads has its numbers in rows and time in columns, shape (B, H, D, T). Time comes before D.",
)
def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).permute(0, 2, 3, 1)


@misconception(
    "heads",
    "heads-in-front-of-the-batch",
    says="Your heads stand in front of the batch, or are a list of tensors. The contract asks for one tensor with "
    "the batch first: (B, H, T, D).",
)
def split_heads(x, heads):
    return torch.stack(x.chunk(heads, dim=-1))


@misconception(
    "heads",
    "heads-taken-for-their-size",
    says="You cut pieces of `heads` numbers. There are that many heads, each of M / heads numbers; the two agree "
    "only where M is the square of heads.",
)
def split_heads(x, heads):
    return x.unflatten(-1, (-1, heads)).transpose(1, 2)


@misconception(
    "heads",
    "batch-and-heads-in-one",
    says="You put batch and heads into one axis. That also works for the products, but the contract keeps them "
    "apart: (B, H, T, D).",
)
def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2).flatten(0, 1)


@misconception(
    "heads",
    "every-head-whole",
    says="Each of your heads has all M numbers of a position. A head gets its own piece of D = M / H of them.",
)
def split_heads(x, heads):
    return x[:, None].expand(-1, heads, -1, -1)


@misconception(
    "heads",
    "time-cut-into-pieces",
    says="You cut time into pieces, so each head sees a few whole positions. A head sees all positions, and a piece "
    "of the numbers of each.",
)
def split_heads(x, heads):
    return x.unflatten(1, (heads, -1))


@misconception(
    "heads",
    "joined-interleaved",
    says="Your heads take turns in each position: first number of each head, then the second. The D numbers of head "
    "0 come first, then those of head 1.",
)
def join_heads(x):
    return x.permute(0, 2, 3, 1).flatten(2)


@misconception(
    "heads",
    "heads-added",
    says="You add the heads up. They are put side by side, so that a position has H * D numbers again.",
)
def join_heads(x):
    return x.sum(dim=1)


@misconception(
    "heads",
    "heads-averaged",
    says="You take the mean of the heads. They are put side by side, so that a position has H * D numbers again.",
)
def join_heads(x):
    return x.mean(dim=1)


@misconception(
    "heads",
    "joined-along-time",
    says="You put the heads one after the other along time, shape (B, H * T, D). They go side by side within each "
    "position.",
)
def join_heads(x):
    return x.flatten(1, 2)


@misconception(
    "heads",
    "not-flattened",
    says="Heads and time are swapped back, but heads and their numbers are still two axes. The last two become one "
    "of H * D numbers.",
)
def join_heads(x):
    return x.transpose(1, 2)


@misconception(
    "heads",
    "flattened-too-far",
    says="You flatten time as well: one row a sequence. Keep time, and flatten heads and numbers only: flatten(2).",
)
def join_heads(x):
    return x.transpose(1, 2).flatten(1)


@misconception(
    "heads",
    "view-after-transposing",
    says="view cannot go over numbers that a transpose has left out of order, and says so. Use reshape or flatten, "
    "or contiguous before it.",
)
def join_heads(x):
    b, h, t, d = x.shape
    return x.transpose(1, 2).view(b, t, h * d)


@misconception(
    "heads",
    "shape-misread",
    says="You read the shape as batch, time, heads. Here the heads stand in front of time: b, h, t, d = x.shape.",
)
def join_heads(x):
    b, t, h, d = x.shape
    return x.transpose(1, 2).reshape(b, t, h * d)


@misconception(
    "heads",
    "last-two-swapped",
    says="You swap time and the numbers of a head. What has to go back in front of the heads is time: swap axes 1 "
    "and 2.",
)
def join_heads(x):
    return x.transpose(2, 3).flatten(2)


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
    "reshaped-both-ways",
    says="You cut and join the heads by reshape alone, so each head holds whole positions where it should hold a piece of "
    "every position. Cut the last axis, then swap heads and time, and swap them again before you join.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    b, m = len(x), x.shape[-1]
    q, k, v = (y.reshape(b, heads, -1, m // heads) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).reshape(x.shape) @ w_o


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


@misconception(
    "multi_head",
    "no-scale",
    says="Your scores are the bare dot products. Divide them by the square root of D, the size of a head.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "divided-by-the-size",
    says="You divide by D, the size of a head. Divide by its square root.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / q.shape[-1]).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "scaled-by-the-number-of-heads",
    says="You divide by the root of the number of heads. A dot product has D = M / H terms, so divide by the root "
    "of D.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(heads)).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "scaled-after-the-softmax",
    says="You divide by the root of D after the softmax, so the weights no longer sum to one. Divide the scores, "
    "before it.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT).softmax(dim=-1) / math.sqrt(q.shape[-1])
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "softmax-over-the-queries",
    says="Your softmax runs over the queries (dim=-2). The keys compete for each query, in each head: take it over "
    "the last axis.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-2)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "softmax-over-the-heads",
    says="Your softmax runs over the heads (dim=1), so heads compete. Each head has weights of its own, which sum "
    "to one over the keys.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "no-softmax",
    says="You mix the values by the bare scores. The softmax over the keys is missing.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = q @ k.mT / math.sqrt(q.shape[-1])
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "asked-the-wrong-way-round",
    says="Memory asks and x is looked at in your function: the output has one row for each position of memory. "
    "Queries come from x, keys and values from memory.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (memory @ w_q, x @ w_k, x @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "memory-looks-at-itself",
    says="Your queries come from memory too, so the output does not depend on x. Queries are x @ w_q.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (memory @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "values-from-the-queries",
    says="Your values come from x. There is one value for each key, so both come from memory.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, x @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "keys-alone-from-the-queries",
    says="Your keys come from x and your values from memory. A key says what its value offers, so both come from "
    "memory.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, x @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "queries-and-keys-swapped",
    says="You make queries with w_k and keys with w_q. With different matrices, who is asked and who asks is not "
    "the same.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_k, memory @ w_q, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "keys-and-values-swapped",
    says="You make keys with w_v and values with w_k. Keys are memory @ w_k, values memory @ w_v.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_v, memory @ w_k))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "values-not-projected",
    says="Your values are memory itself. They have a matrix too: memory @ w_v.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "keys-not-projected",
    says="Your keys are memory itself. They have a matrix too: memory @ w_k.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "queries-not-projected",
    says="Your queries are x itself. They have a matrix too: x @ w_q.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "nothing-projected",
    says="You split x and memory themselves, so all heads ask and offer what stands there. Multiply by w_q, w_k and "
    "w_v first.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x, memory, memory))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "one-matrix-for-all",
    says="You use w_q for queries, keys and values. Each has a matrix of its own.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_q, memory @ w_q))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "keys-for-values",
    says="You mix the keys. They only decide who is looked at; what is brought back are the values.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ k).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "heads-interleaved",
    says="Your heads take every H-th number of a position. Head 0 works on the first D numbers in a row.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).permute(0, 2, 3, 1).flatten(2) @ w_o


@misconception(
    "multi_head",
    "joined-interleaved",
    says="Your heads are right until you join them: their numbers take turns in each position. The D numbers of "
    "head 0 come first, then those of head 1.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).permute(0, 2, 3, 1).flatten(2) @ w_o


@misconception(
    "multi_head",
    "heads-taken-for-their-size",
    says="You cut pieces of `heads` numbers. There are that many heads, each of M / heads numbers; the two agree "
    "only where M is the square of heads.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (-1, heads)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "heads-look-at-heads",
    says="You leave the heads behind time, so the heads of one position look at each other. Swap heads and time, so "
    "that positions look at positions.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).flatten(2) @ w_o


@misconception(
    "multi_head",
    "heads-see-a-piece-of-the-input",
    says="Your heads see a piece of x and of memory each. They all see whole positions: cut after the projections, "
    "not before.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    size = x.shape[-1] // heads
    found = []
    for h in range(heads):
        piece = slice(h * size, (h + 1) * size)
        q, k, v = (y[..., piece] @ w[piece, piece] for y, w in ((x, w_q), (memory, w_k), (memory, w_v)))
        found.append((q @ k.mT / math.sqrt(size)).softmax(dim=-1) @ v)
    return torch.cat(found, dim=-1) @ w_o


@misconception(
    "multi_head",
    "projections-from-the-left",
    says="You multiply by the transposed w_q, w_k and w_v, or take a head's rows of them for its columns. They are "
    "applied from the right as they are: x @ w, and a head has its own columns.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q.T, memory @ w_k.T, memory @ w_v.T))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "last-matrix-turned-round",
    says="You multiply by the transposed w_o. It is applied from the right as it is, like the other three.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o.T


@misconception(
    "multi_head",
    "mixed-before-joining",
    says="You give each head the same piece of w_o and add them up. The joined position has H * D numbers and meets "
    "the whole of w_o.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return ((weights @ v) @ w_o[: q.shape[-1]]).sum(dim=1)


@misconception(
    "multi_head",
    "first-head-for-all",
    says="You use the weights of the first head for all heads. Each head looks where its own queries and keys say.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights[:, :1] @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "weights-averaged-over-the-heads",
    says="You take the mean of the heads' weights before you use them, as nn.MultiheadAttention does for show. Each "
    "head mixes its values with its own weights.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights.mean(dim=1, keepdim=True) @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "input-added",
    says="You add x to the output. That is a residual connection around the attention; the contract asks for the "
    "attention alone.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o + x


@misconception(
    "multi_head",
    "masked-anyway",
    says="You hide later positions with a causal mask. This task has no mask: every position may look at every other.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    hidden = torch.ones_like(scores).tril() == 0
    weights = scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "view-after-transposing",
    says="view cannot go over numbers that a transpose has left out of order, and says so. Use reshape or flatten, "
    "or contiguous before it.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).view(x.shape) @ w_o


@misconception(
    "multi_head",
    "sizes-of-x-for-memory",
    says="You cut keys and values with the length of x. Memory may be of another length: read its own shape, or let "
    "unflatten do it.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    b, t, m = x.shape
    q, k, v = (y.reshape(b, t, heads, m // heads).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2) @ w_o


@misconception(
    "multi_head",
    "cut-off-from-the-gradient",
    says="Your weights are cut off from the gradient (detach, no_grad, or numbers taken out and put back). Then w_q "
    "and w_k never learn.",
)
def multi_head(x, memory, w_q, w_k, w_v, w_o, heads):
    q, k, v = (y.unflatten(-1, (heads, -1)).transpose(1, 2) for y in (x @ w_q, memory @ w_k, memory @ w_v))
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1).detach()
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


@misconception(
    "order_gap",
    "compared-with-the-input",
    says="You compare with the shuffled input. Both roads go through the layer: shuffle its input on one, its "
    "output on the other.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - x[:, order]).abs().max().item()


@misconception(
    "order_gap",
    "nothing-shuffled-before",
    says="You shuffle only what comes out. The first road shuffles the input of the layer: layer(x[:, order]).",
)
def order_gap(layer, x, order):
    return (layer(x) - layer(x)[:, order]).abs().max().item()


@misconception(
    "order_gap",
    "sequences-shuffled",
    says="You shuffle the first axis, the sequences of the batch. Positions are the second axis: x[:, order].",
)
def order_gap(layer, x, order):
    return (layer(x[order]) - layer(x)[order]).abs().max().item()


@misconception(
    "order_gap",
    "numbers-shuffled",
    says="You shuffle the last axis, the numbers within a position. Positions are the second axis: x[:, order].",
)
def order_gap(layer, x, order):
    return (layer(x[..., order]) - layer(x)[..., order]).abs().max().item()


@misconception(
    "order_gap",
    "yes-or-no",
    says="You return whether the two agree. The contract asks for a number: how far apart they are at the most.",
)
def order_gap(layer, x, order):
    return torch.allclose(layer(x[:, order]), layer(x)[:, order])


@misconception(
    "order_gap",
    "squared",
    says="You square the differences. The contract asks for the largest absolute difference.",
)
def order_gap(layer, x, order):
    return ((layer(x[:, order]) - layer(x)[:, order]) ** 2).max().item()


@misconception(
    "order_gap",
    "length-of-the-difference",
    says="You take the length of the whole difference, the root of the sum of its squares. The contract asks for "
    "its largest entry.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).norm().item()


@misconception(
    "order_gap",
    "smallest",
    says="You take the smallest difference. A single position that agrees by chance makes it 0; ask for the largest.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).abs().min().item()


@misconception(
    "order_gap",
    "added-over-a-position",
    says="You add the differences of a position before you take the largest. The contract asks for the largest "
    "single difference.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).abs().sum(dim=-1).max().item()


@misconception(
    "order_gap",
    "order-ignored",
    says="You turn the sequence round and do not use the order you were given. Shuffle with x[:, order].",
)
def order_gap(layer, x, order):
    return (layer(x.flip(1)) - layer(x).flip(1)).abs().max().item()


@misconception(
    "order_gap",
    "relative",
    says="You divide by the size of the output. The contract asks for the difference itself.",
)
def order_gap(layer, x, order):
    expected = layer(x)[:, order]
    return ((layer(x[:, order]) - expected).abs().max() / expected.abs().max()).item()


@misconception(
    "order_gap",
    "largest-of-each-apart",
    says="You compare the largest number of one output with the largest of the other. Subtract place by place, then "
    "take the largest difference.",
)
def order_gap(layer, x, order):
    return (layer(x[:, order]).abs().max() - layer(x)[:, order].abs().max()).abs().item()


@misconception(
    "order_gap",
    "one-place-moved",
    says="You move all positions by one place in place of the order you were given. Shuffle with x[:, order].",
)
def order_gap(layer, x, order):
    return (layer(x.roll(1, dims=1)) - layer(x).roll(1, dims=1)).abs().max().item()


@misconception(
    "order_gap",
    "max-of-python",
    says="The max of Python goes through the first axis alone, and compares whole tensors. The largest entry of a tensor, "
    "over all axes, is its own max(): (...).abs().max().",
)
def order_gap(layer, x, order):
    return max(abs(layer(x[:, order]) - layer(x)[:, order]))
