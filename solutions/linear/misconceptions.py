"""Wrong answers to the exercise `linear`, each with the line of thought behind it. Each must lose its points."""

from itertools import pairwise

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception


@misconception(
    "parameter_count",
    "biases-forgotten",
    says="Your count is the number of weights alone. Every output also adds a number of its own, its bias.",
)
def parameter_count(sizes):
    return sum(n * k for n, k in pairwise(sizes))


@misconception(
    "parameter_count",
    "one-bias-a-layer",
    says="You count one bias for a whole layer. Each of its outputs has a bias of its own: ten outputs, ten biases.",
)
def parameter_count(sizes):
    return sum(n * k + 1 for n, k in pairwise(sizes))


@misconception(
    "parameter_count",
    "a-bias-for-each-input",
    says="You count a bias for each input. The bias is added to the scores, so there is one for each output.",
)
def parameter_count(sizes):
    return sum(n * (k + 1) for n, k in pairwise(sizes))


@misconception(
    "parameter_count",
    "first-and-last-width-only",
    says="Your count is that of one layer from the first width to the last. Each layer of the stack holds its own numbers, "
    "so add them up over all neighbouring widths.",
)
def parameter_count(sizes):
    return (sizes[0] + 1) * sizes[-1]


@misconception(
    "parameter_count",
    "weights-forgotten",
    says="Your count is that of the outputs, one bias each. Every output also has a weight for each of its inputs.",
)
def parameter_count(sizes):
    return sum((outputs for inputs, outputs in pairwise(sizes)))


@misconception(
    "parameter_count",
    "one-output-a-layer",
    says="You count the numbers of one output in each layer: its weights and its bias. A layer has as many of these as "
    "it has outputs.",
)
def parameter_count(sizes):
    return sum((inputs + 1 for inputs, outputs in pairwise(sizes)))


@misconception(
    "parameter_count",
    "first-layer-only",
    says="You count the first layer and stop. Is there a `return` inside your loop? Each further pair of widths is a "
    "layer of its own.",
)
def parameter_count(sizes):
    for inputs, outputs in pairwise(sizes):
        return (inputs + 1) * outputs


@misconception(
    "parameter_count",
    "last-layer-only",
    says="Your count is that of the last layer. The total is written over in each round (=) where each layer should be "
    "added to it (+=).",
)
def parameter_count(sizes):
    for inputs, outputs in pairwise(sizes):
        total = (inputs + 1) * outputs
    return total


@misconception(
    "softmax",
    "over-the-batch",
    says="Your columns sum to one, but your rows should: the softmax runs over the batch (dim=0) where it should run "
    "over the classes (dim=1). What one example gets must not depend on the others in its batch.",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=0, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=0, keepdim=True)


@misconception(
    "softmax",
    "largest-not-subtracted",
    says="exp(1000) is larger than any float and becomes infinity, and infinity divided by infinity is not a number; "
    "exp(-1000) becomes zero, and so does the sum below the line. Subtract the largest score of each row before exp: "
    "the fraction stays the same.",
)
def softmax(scores):
    exponentials = torch.exp(scores)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "largest-of-the-whole-batch",
    says="You subtract the largest score of the whole batch. A row whose scores lie far below it then has only zeros "
    "above and below the line. Subtract the largest score of each row.",
)
def softmax(scores):
    exponentials = (scores - scores.max()).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "scores-divided-by-their-sum",
    says="You divide by the sum without the exponential. Then a negative score gives a negative 'probability', and "
    "scores that sum to zero divide by zero. The exponential is what makes every part positive.",
)
def softmax(scores):
    return scores / scores.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "divided-by-the-whole-batch",
    says="Your whole batch sums to one, but each row should: a sum without dim runs over all rows. Sum over the classes "
    "of each row, dim=1, and keep that axis.",
)
def softmax(scores):
    exponentials = (scores - scores.max()).exp()
    return exponentials / exponentials.sum()


@misconception(
    "softmax",
    "largest-divided-out",
    says="You divide the scores by the largest one. That changes the gaps between them, and the probabilities with the "
    "gaps. Subtract it: a constant taken from all scores of a row cancels in the fraction.",
)
def softmax(scores):
    exponentials = (scores / scores.amax(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "axis-lost",
    says="Your maximum or your sum has lost an axis: it has shape (B,), one number a row, and does not line up with "
    "scores of shape (B, K). Pass keepdim=True, so that it keeps the shape (B, 1).",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=1)).exp()
    return exponentials / exponentials.sum(dim=1)


@misconception(
    "softmax",
    "exponential-forgotten",
    says="You divide the shifted scores themselves by their sum. The exponential between the two is missing; it makes "
    "every one of them positive.",
)
def softmax(scores):
    exponentials = scores - scores.amax(dim=1, keepdim=True)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "not-divided",
    says="Your rows do not sum to one: you return the exponentials. Divide each row by its sum.",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=1, keepdim=True)).exp()
    return exponentials


@misconception(
    "softmax",
    "shift-turned-round",
    says="You subtract the scores from the largest one. That turns their order round, and the largest score gets the "
    "smallest probability.",
)
def softmax(scores):
    exponentials = (scores.amax(dim=1, keepdim=True) - scores).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "smallest-subtracted",
    says="You subtract the smallest score of each row. Then the largest may still lie a thousand above zero, and its "
    "exponential is infinite. Subtract the largest: all exponents are then at most zero.",
)
def softmax(scores):
    exponentials = (scores - scores.amin(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "largest-added",
    says="exp(1000) is larger than any float and becomes infinity, and infinity divided by infinity is not a number; "
    "exp(-1000) becomes zero, and so does the sum below the line. Subtract the largest score of each row before "
    "exp: the fraction stays the same.",
)
def softmax(scores):
    exponentials = (scores + scores.amax(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "divided-by-the-mean",
    says="Your rows sum to the number of classes: you divide by the mean of the exponentials where their sum is meant.",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.mean(dim=1, keepdim=True)


@misconception(
    "softmax",
    "sum-over-the-batch",
    says="Your columns sum to one where your rows should: the sum runs over the batch (dim=0). The classes of a row "
    "lie along dim=1.",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=0, keepdim=True)


@misconception(
    "softmax",
    "largest-of-each-column",
    says="You subtract the largest score of each column. Only what is the same for a whole row cancels in the "
    "division: take the largest along dim=1.",
)
def softmax(scores):
    exponentials = (scores - scores.amax(dim=0, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "logarithms-returned",
    says="You return logarithms of probabilities. They are at most zero; here the probabilities themselves are asked "
    "for.",
)
def softmax(scores):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@misconception(
    "softmax",
    "mean-subtracted",
    says="You subtract the mean of each row. The largest score may still lie far above the mean, and its "
    "exponential is then infinite. Subtract the largest: all exponents are then at most zero.",
)
def softmax(scores):
    exponentials = (scores - scores.mean(dim=1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "scores-clamped",
    says="You cut large scores off at a limit. Scores of 1,000 and 1,001 then become equal, and so do their "
    "probabilities. Subtract the largest score of each row instead: that leaves the gaps as they are.",
)
def softmax(scores):
    exponentials = scores.clamp(max=80).exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "softmax",
    "scores-overwritten",
    says="Your numbers are right, but the call changes the scores it was given, so the next line that uses them "
    "would use wrong ones. Write scores = scores - ... in place of scores -= ..., or work on a copy: "
    "scores.clone().",
)
def softmax(scores):
    scores -= scores.amax(dim=1, keepdim=True)
    exponentials = scores.exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@misconception(
    "cross_entropy",
    "mean-taken-twice",
    says="Your loss is too small by the number of classes: you take a mean over all B times K entries, and K - 1 of K "
    "entries in a row are zeros. Sum over the classes, take the mean over the rows only.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -(F.one_hot(targets, scores.shape[1]) * log_p).mean()


@misconception(
    "cross_entropy",
    "divided-by-the-batch-twice",
    says="Your loss is too small by the number of rows: you take the mean and then divide by the batch size once more.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].mean() / len(targets)


@misconception(
    "cross_entropy",
    "sum-instead-of-mean",
    says="You add the rows up where their mean is wanted. Your loss grows with the batch, and so would every gradient "
    "step.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].sum()


@misconception(
    "cross_entropy",
    "minus-forgotten",
    says="Your loss is negative. The logarithm of a probability is at most zero; the surprise is minus that logarithm.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return log_p[torch.arange(len(targets)), targets].mean()


@misconception(
    "cross_entropy",
    "logarithm-of-a-rounded-probability",
    says="Your loss is infinite: the probability of the true class has rounded to zero before you took its logarithm. "
    "Work with the logarithm from the start: log p = score - log of the sum of exponentials.",
)
def cross_entropy(scores, targets):
    exponentials = (scores - scores.amax(1, keepdim=True)).exp()
    p = exponentials / exponentials.sum(1, keepdim=True)
    return -p[torch.arange(len(targets)), targets].log().mean()


@misconception(
    "cross_entropy",
    "softmax-applied-twice",
    says="The softmax is applied twice: your loss treats probabilities as if they were scores. Its values then lie in "
    "a narrow band, and a model can never be confident.",
)
def cross_entropy(scores, targets):
    for _ in range(2):
        exponentials = (scores - scores.amax(1, keepdim=True)).exp()
        scores = exponentials / exponentials.sum(1, keepdim=True)
    return -scores[torch.arange(len(targets)), targets].log().mean()


@misconception(
    "cross_entropy",
    "every-target-from-every-row",
    says="scores[:, targets] takes the classes of all rows from every row. Each row has one true class: pick it with the "
    "row's own number, scores[torch.arange(len(targets)), targets].",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -log_p[:, targets].mean()


@misconception(
    "cross_entropy",
    "small-number-in-the-logarithm",
    says="A small number inside the logarithm hides the infinity and puts a limit on the loss: a class that is 300 below "
    "the largest score costs no more than one that is 21 below. Write log p = score - log of the sum of exponentials.",
)
def cross_entropy(scores, targets):
    exponentials = (scores - scores.amax(1, keepdim=True)).exp()
    p = exponentials / exponentials.sum(1, keepdim=True)
    return -(p[torch.arange(len(targets)), targets] + 1e-9).log().mean()


@misconception(
    "cross_entropy",
    "largest-subtracted-in-one-place",
    says="You subtract the largest score in the sum of exponentials, but not from the score of the true class. It cancels "
    "only where it is subtracted from both.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True)
    return (shifted.exp().sum(1).log() - scores[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "mean-forgotten",
    says="You return one loss for each row. The loss is their mean, a single number.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log()
    return log_total - shifted[torch.arange(len(targets)), targets]


@misconception(
    "cross_entropy",
    "true-score-added",
    says="You add the score of the true class to the logarithm of the sum. A higher true score must lower the loss: it "
    "is subtracted.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log()
    return (log_total + shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "targets-not-used",
    says="Your loss is the logarithm of the sum of exponentials alone and does not look at the targets. The score of "
    "the true class is subtracted from it, row by row.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log()
    return log_total.mean()


@misconception(
    "cross_entropy",
    "normaliser-forgotten",
    says="Your loss is minus the score of the true class. The logarithm of the sum of all exponentials of its row "
    "belongs to it too.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    return (-shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "logarithm-forgotten",
    says="You subtract the true score from the sum of the exponentials. The surprise has the logarithm of that sum.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1)
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "exponential-forgotten",
    says="Your loss is not a number: you take the logarithm of something negative. Scores can be negative, only their "
    "exponentials are sure not to be; take the exponential of each score before the sum.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.sum(dim=1).log()
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "bits-for-nats",
    says="Your loss mixes two units: the logarithm of the sum is to the base 2, the scores are in nats. Use the "
    "natural logarithm.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log2()
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "sum-over-the-batch",
    says="Your sum of exponentials runs over the batch (dim=0). Each row has a sum of its own, over its classes: "
    "dim=1.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=0).log()
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "largest-not-subtracted",
    says="exp(300) is larger than a 32-bit float can hold and becomes infinity, and the logarithm does not bring "
    "it back. Subtract the largest score of each row from all its scores first: the loss stays the same.",
)
def cross_entropy(scores, targets):
    log_total = scores.exp().sum(dim=1).log()
    return (log_total - scores[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "largest-of-the-whole-batch",
    says="You subtract the largest score of the whole batch. In a row whose scores lie far below it all "
    "exponentials round to zero, and the logarithm of their sum is minus infinity. Subtract the largest score "
    "of each row.",
)
def cross_entropy(scores, targets):
    shifted = scores - scores.max()
    log_total = shifted.exp().sum(dim=1).log()
    return (log_total - shifted[torch.arange(len(targets)), targets]).mean()


@misconception(
    "cross_entropy",
    "probability-clamped",
    says="A lower limit for the probability hides the infinity and puts an upper limit on the loss: a class that "
    "is 300 below the largest score costs no more than one that is 28 below. Write log p = score - log of the "
    "sum of exponentials.",
)
def cross_entropy(scores, targets):
    exponentials = (scores - scores.amax(1, keepdim=True)).exp()
    p = exponentials / exponentials.sum(1, keepdim=True)
    return -p[torch.arange(len(targets)), targets].clamp(min=1e-12).log().mean()


@misconception(
    "cross_entropy",
    "mean-before-the-logarithm",
    says="You take the logarithm of the mean probability. The loss is the mean of the logarithms: take the "
    "logarithm of each row's probability first, then the mean.",
)
def cross_entropy(scores, targets):
    exponentials = (scores - scores.amax(1, keepdim=True)).exp()
    p = exponentials / exponentials.sum(1, keepdim=True)
    return -p[torch.arange(len(targets)), targets].mean().log()


@misconception(
    "cross_entropy",
    "scores-overwritten",
    says="Your number is right, but the call changes the scores it was given, so the next line that uses them "
    "would use wrong ones. Write scores = scores - ... in place of scores -= ..., or work on a copy: "
    "scores.clone().",
)
def cross_entropy(scores, targets):
    scores -= scores.amax(dim=1, keepdim=True)
    log_total = scores.exp().sum(dim=1).log()
    return (log_total - scores[torch.arange(len(targets)), targets]).mean()


@misconception(
    "gradients",
    "not-divided-by-the-batch",
    says="Your gradient is too large by the number of rows: it belongs to the summed loss. The loss is a mean, so its "
    "gradient carries the 1/B.",
)
def gradients(x, probabilities, targets):
    error = probabilities - F.one_hot(targets, probabilities.shape[1])
    return error.T @ x, error.sum(dim=0)


@misconception(
    "gradients",
    "sign-reversed",
    says="Every sign is turned round: you took what was true minus what was said. The gradient points where the loss "
    "grows; going down is the optimiser's job.",
)
def gradients(x, probabilities, targets):
    error = (F.one_hot(targets, probabilities.shape[1]) - probabilities) / len(x)
    return error.T @ x, error.sum(dim=0)


@misconception(
    "gradients",
    "truth-left-out",
    says="Your gradient does not look at the targets. Subtract one from the probability of each row's true class "
    "first.",
)
def gradients(x, probabilities, targets):
    return probabilities.T @ x / len(x), probabilities.mean(dim=0)


@misconception(
    "gradients",
    "transposed",
    says="Your gradient for W has shape (N, K). A gradient has the shape of what it belongs to, and W is (K, N).",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return x.T @ error, error.sum(dim=0)


@misconception(
    "gradients",
    "probabilities-overwritten",
    says="Your numbers are right, but the call changes the probabilities it was given, so the next line of a training "
    "loop would use wrong ones. Work on a copy: probabilities.clone().",
)
def gradients(x, probabilities, targets):
    probabilities[torch.arange(len(targets)), targets] -= 1
    return probabilities.T @ x / len(x), probabilities.mean(dim=0)


@misconception(
    "gradients",
    "multiplied-by-the-batch",
    says="Your gradient is too large: you multiply by the number of rows. The loss is their mean, so its gradient is "
    "divided by it.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) * len(x)
    return (error.T @ x, error.sum(dim=0))


@misconception(
    "gradients",
    "truth-added",
    says="You add the truth to what was said. The derivative of the loss is the difference: the probabilities, less "
    "one for the true class.",
)
def gradients(x, probabilities, targets):
    error = (probabilities + F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.T @ x, error.sum(dim=0))


@misconception(
    "gradients",
    "divided-by-all-entries",
    says="Your gradient is too small by the number of classes: you divide by B times K. The loss is a mean over the B "
    "rows.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / probabilities.numel()
    return (error.T @ x, error.sum(dim=0))


@misconception(
    "gradients",
    "bias-divided-twice",
    says="Your gradient for b is too small by the number of rows: what you average was already divided by it. Sum it "
    "over the rows.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.T @ x, error.mean(dim=0))


@misconception(
    "gradients",
    "bias-one-number",
    says="Your gradient for b is a single number. A gradient has the shape of what it belongs to, and b has one entry "
    "for each class: sum over the rows alone.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.T @ x, error.sum())


@misconception(
    "gradients",
    "bias-along-the-classes",
    says="You sum the gradient for b over the classes. What is left then has an entry for each row; b has one for each "
    "class, so sum over the rows, dim=0.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.T @ x, error.sum(dim=1))


@misconception(
    "gradients",
    "bias-not-summed",
    says="Your gradient for b still has a row for each input. All rows share one bias, so their gradients add up: sum "
    "over dim=0.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.T @ x, error)


@misconception(
    "gradients",
    "pair-turned-round",
    says="You return the gradient for b first. The order is W, then b.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return (error.sum(dim=0), error.T @ x)


@misconception(
    "gradients",
    "classes-not-counted",
    says="F.one_hot without the number of classes takes the largest target for the last class. Where the last classes "
    "are missing among the targets, its shape no longer fits: pass the number of columns of the probabilities.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets)) / len(x)
    return (error.T @ x, error.sum(dim=0))


@misconception(
    "gradients",
    "weight-divided-twice",
    says="Your gradient for W is too small by the number of rows: what you multiply was already divided by it. "
    "Divide once.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return error.T @ x / len(x), error.sum(dim=0)


@misconception(
    "gradients",
    "one-taken-from-every-row",
    says="probabilities[:, targets] means the classes of all rows in every row. Each row has one true class: "
    "subtract one with the row's own number, at [torch.arange(len(targets)), targets].",
)
def gradients(x, probabilities, targets):
    error = probabilities.clone()
    error[:, targets] -= 1
    return error.T @ x / len(x), error.mean(dim=0)


@misconception(
    "gradients",
    "product-of-the-means",
    says="Your gradient for W is the product of two means. It is the mean of the products: multiply each row's "
    "difference with the same row's inputs first, then take the mean over the rows.",
)
def gradients(x, probabilities, targets):
    error = probabilities - F.one_hot(targets, probabilities.shape[1])
    return torch.outer(error.mean(dim=0), x.mean(dim=0)), error.mean(dim=0)


@misconception(
    "gradients",
    "softmax-derived-twice",
    says="You multiply the difference by p (1 - p) as well. The derivative of the softmax is already in it: what "
    "was said minus what was true is the whole derivative with respect to the score.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    error = error * probabilities * (1 - probabilities)
    return error.T @ x, error.sum(dim=0)


@misconception(
    "gradients",
    "bias-not-returned",
    says="You return the gradient for W alone, so its first two rows are taken for the pair. Return both: the "
    "gradient for W, then the one for b.",
)
def gradients(x, probabilities, targets):
    error = (probabilities - F.one_hot(targets, probabilities.shape[1])) / len(x)
    return error.T @ x


@misconception(
    "collapse",
    "biases-dropped",
    says="Your bias is zero: the biases of the layers were dropped. The weight alone gives the right slope at the "
    "wrong height.",
)
def collapse(layers):
    weight = layers[0][0]
    for upper, _ in layers[1:]:
        weight = upper @ weight
    return weight, torch.zeros_like(layers[-1][1])


@misconception(
    "collapse",
    "biases-only-added-up",
    says="You add the biases up as they are. A bias that is added early also passes through every later layer, so it "
    "has to be multiplied by their weights.",
)
def collapse(layers):
    weight = layers[0][0]
    for upper, _ in layers[1:]:
        weight = upper @ weight
    return weight, sum(bias for _, bias in layers)


@misconception(
    "collapse",
    "last-bias-only",
    says="You keep the last layer's bias and lose the earlier ones. They pass through the later weights and then add "
    "up.",
)
def collapse(layers):
    weight = layers[0][0]
    for upper, _ in layers[1:]:
        weight = upper @ weight
    return weight, layers[-1][1]


@misconception(
    "collapse",
    "wrong-order",
    says="The weights are multiplied in the wrong order. The layer that acts first stands next to x, on the right: "
    "W2 W1 x, not W1 W2 x.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper, own_bias in layers[1:]:
        weight, bias = weight @ upper, weight @ own_bias + bias
    return weight, bias


@misconception(
    "collapse",
    "weight-replaced-too-early",
    says="Your bias is multiplied by the product of all weights so far, because the line before has already replaced the "
    "weight. A bias passes only through the layers after its own: multiply it by the upper layer's weight.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper, own_bias in layers[1:]:
        weight = upper @ weight
        bias = weight @ bias + own_bias
    return weight, bias


@misconception(
    "collapse",
    "first-bias-only",
    says="You carry the first bias through the later weights and never add the biases of the later layers. Each layer "
    "adds its own after its weight has acted.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper, _ in layers[1:]:
        weight, bias = upper @ weight, upper @ bias
    return weight, bias


@misconception(
    "collapse",
    "first-layer-left-out",
    says="Your product begins at the second layer. The first one acts on x before all others, so start with layers[0].",
)
def collapse(layers):
    weight, bias = layers[min(1, len(layers) - 1)]
    for upper_weight, upper_bias in layers[2:]:
        weight, bias = upper_weight @ weight, upper_weight @ bias + upper_bias
    return weight, bias


@misconception(
    "collapse",
    "last-layer-left-out",
    says="The last layer does not act in your product: either your slice ends one too early, or a `return` stands "
    "inside your loop and ends it after the first round.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:-1]:
        weight, bias = (upper_weight @ weight, upper_weight @ bias + upper_bias)
    return (weight, bias)


@misconception(
    "collapse",
    "first-layer-twice",
    says="The first layer acts twice: it is where you start, and your loop meets it again. Go on with layers[1:].",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers:
        weight, bias = (upper_weight @ weight, upper_weight @ bias + upper_bias)
    return (weight, bias)


@misconception(
    "collapse",
    "bias-subtracted",
    says="You subtract the biases of the upper layers. Each layer adds its own after its weights have acted on what "
    "came.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:]:
        weight, bias = (upper_weight @ weight, upper_weight @ bias - upper_bias)
    return (weight, bias)


@misconception(
    "collapse",
    "entry-by-entry",
    says="You multiply the weights entry by entry (*). One layer after another is the matrix product: @ in PyTorch.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:]:
        weight, bias = upper_weight * weight, upper_weight @ bias + upper_bias
    return weight, bias


@misconception(
    "collapse",
    "bias-not-returned",
    says="You return the weight alone, so its rows are taken for the pair. Return both: the weight, then the bias.",
)
def collapse(layers):
    weight = layers[0][0]
    for upper, _ in layers[1:]:
        weight = upper @ weight
    return weight


@misconception(
    "collapse",
    "layers-taken-out",
    says="Your function takes the layers out of the list that it was given, so the list is empty afterwards. Walk "
    "over it with for, or work on a copy: list(layers).",
)
def collapse(layers):
    weight, bias = layers.pop(0)
    while layers:
        upper_weight, upper_bias = layers.pop(0)
        weight, bias = upper_weight @ weight, upper_weight @ bias + upper_bias
    return weight, bias


@misconception(
    "collapse",
    "bias-overwritten",
    says="Your numbers are right, but += changes the bias of a layer that you were given, and with it the stack. "
    "Write bias = bias + ... with a new tensor.",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:]:
        weight = upper_weight @ weight
        upper_bias += upper_weight @ bias
        bias = upper_bias
    return weight, bias


@misconception(
    "collapse",
    "transposed",
    says="Your weight has shape (N, K). Row by row, x @ W1.T @ W2.T is right, but what stands behind x there is the "
    "transpose of the weight that is asked for: return it with shape (K, N).",
)
def collapse(layers):
    weight, bias = layers[0]
    for upper_weight, upper_bias in layers[1:]:
        weight, bias = upper_weight @ weight, upper_weight @ bias + upper_bias
    return weight.T, bias
