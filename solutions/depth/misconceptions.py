"""Wrong answers to the exercise `depth`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception


@misconception(
    "widest",
    "biases-forgotten",
    says="Your network goes over the budget: you count the weights and leave out the biases. Every unit, in the hidden layers and in "
    "the last, has one.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while inputs * (w + 1) + (depth - 1) * (w + 1) ** 2 + (w + 1) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "last-biases-forgotten",
    says="You count the biases of the hidden layers but not those of the last layer. Its outputs have one each as well.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * (w + 1) + (depth - 1) * (w + 2) * (w + 1) + (w + 1) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "one-bias-a-layer",
    says="You count one bias for a whole layer. Each unit of a layer has a bias of its own.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while inputs * (w + 1) + 1 + (depth - 1) * ((w + 1) ** 2 + 1) + (w + 1) * outputs + 1 <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "rounded-up",
    says="Your network exceeds the budget by its last unit: the width is rounded up, or returned one step too late. The largest width that still "
    "fits is asked for.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * w + (depth - 1) * (w + 1) * w + (w + 1) * outputs < budget:
        w += 1
    return w


@misconception(
    "widest",
    "must-stay-below",
    says="You ask for fewer parameters than the budget. A network that uses the budget up to the last one still fits: "
    "at most, not less.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * (w + 1) + (depth - 1) * (w + 2) * (w + 1) + (w + 2) * outputs < budget:
        w += 1
    return w


@misconception(
    "widest",
    "one-hidden-matrix-too-many",
    says="You count a w-by-w weight for each hidden layer. The first hidden layer is fed by the inputs, so there is one less: "
    "none at depth 1.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * (w + 1) + depth * (w + 2) * (w + 1) + (w + 2) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "one-hidden-matrix-for-all",
    says="You count a single w-by-w weight however deep the network is. There is one between every two neighbouring hidden layers, "
    "depth - 1 in all.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * (w + 1) + (depth > 1) * (w + 2) * (w + 1) + (w + 2) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "output-layer-forgotten",
    says="Your count ends at the last hidden layer. The weights and biases of the output layer belong to the budget too.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while (inputs + 1) * (w + 1) + (depth - 1) * (w + 2) * (w + 1) <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "budget-split-evenly",
    says="You divide the budget by the number of layers and look at one layer at a time. The layers have different shapes, and only their sum is "
    "limited: count the whole network for a width, then compare.",
)
def widest(budget, depth, inputs, outputs):
    return budget // (depth + 1) // max(inputs + 1, outputs)


@misconception(
    "widest",
    "square-root-estimate",
    says="You take the square root of the budget divided by the layers. That is a rough estimate for deep networks; the weights from the inputs and to the "
    "outputs, and the biases, are not in it.",
)
def widest(budget, depth, inputs, outputs):
    return math.isqrt(budget // depth)


@misconception(
    "widest",
    "hidden-biases-forgotten",
    says="You count the biases of the last layer but not those of the hidden layers. Each hidden unit has one as well.",
)
def widest(budget, depth, inputs, outputs):
    w = 0
    while inputs * (w + 1) + (depth - 1) * (w + 1) ** 2 + (w + 2) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "never-zero",
    says="You start at width 1 without asking whether it fits. If even a network of width 1 exceeds the budget, the answer is 0.",
)
def widest(budget, depth, inputs, outputs):
    w = 1
    while (inputs + 1) * (w + 1) + (depth - 1) * (w + 2) * (w + 1) + (w + 2) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "one-step-too-late",
    says="Your network exceeds the budget by its last unit: the width is rounded up, or returned one step too late. The "
    "largest width that still fits is asked for.",
)
def widest(budget, depth, inputs, outputs):
    w = 1
    while (inputs + 1) * w + (depth - 1) * (w + 1) * w + (w + 1) * outputs <= budget:
        w += 1
    return w


@misconception(
    "widest",
    "quadratic-at-depth-one",
    says="You divide by depth - 1, which is zero at depth 1: there is no w-by-w weight then, and the count is no "
    "quadratic. Treat this depth apart, or count in a loop.",
)
def widest(budget, depth, inputs, outputs):
    a, b, c = depth - 1, inputs + depth + outputs, outputs - budget
    return max(0, int((-b + math.sqrt(max(0, b * b - 4 * a * c))) / (2 * a)))


@misconception(
    "widest",
    "depth-not-used",
    says="Your width is that of a single hidden layer, whatever the depth. Between every two neighbouring hidden layers "
    "there is a w-by-w weight as well, depth - 1 in all.",
)
def widest(budget, depth, inputs, outputs):
    return max(0, (budget - outputs) // (inputs + 1 + outputs))


@misconception(
    "widest",
    "below-zero",
    says="Your width is negative where the budget does not even pay for the last biases. If no network fits, the answer is "
    "0.",
)
def widest(budget, depth, inputs, outputs):
    if depth == 1:
        return (budget - outputs) // (inputs + 1 + outputs)
    w = 0
    while (inputs + 1) * (w + 1) + (depth - 1) * (w + 2) * (w + 1) + (w + 2) * outputs <= budget:
        w += 1
    return w


@misconception(
    "most_pieces",
    "pieces-added",
    says="You add the pieces of the layers up. A further layer can bend every piece that it is given, so the counts are "
    "multiplied: that is what depth buys.",
)
def most_pieces(widths):
    return sum(widths) + 1


@misconception(
    "most_pieces",
    "pieces-of-the-layers-added",
    says="You add up width + 1 over the layers. A further layer works on the pieces of the one below and can bend each of them: "
    "multiply.",
)
def most_pieces(widths):
    return sum(width + 1 for width in widths)


@misconception(
    "most_pieces",
    "kinks-multiplied",
    says="You multiply the numbers of kinks. Three kinks make four pieces: each layer multiplies by its width plus one.",
)
def most_pieces(widths):
    return math.prod(widths)


@misconception(
    "most_pieces",
    "one-added-at-the-end",
    says="You multiply the widths and add one at the end. The piece that a unit leaves unbent is there in every layer: multiply by "
    "width plus one each time.",
)
def most_pieces(widths):
    return math.prod(widths) + 1


@misconception(
    "most_pieces",
    "two-to-the-power-of-the-units",
    says="You count every pattern of units that are on or off. On a line most patterns cannot occur: n units bend it n times "
    "and leave n + 1 pieces, not 2 to the power of n.",
)
def most_pieces(widths):
    return 2 ** sum(widths)


@misconception(
    "most_pieces",
    "doubled-by-every-layer",
    says="You double the pieces with each layer, whatever its width. The tent does that with two units; in general, n units "
    "multiply by up to n + 1.",
)
def most_pieces(widths):
    return 2 ** len(widths)


@misconception(
    "most_pieces",
    "widest-layer-only",
    says="Only the widest layer counts in your answer. Every layer multiplies what the layers below it have made.",
)
def most_pieces(widths):
    return max(widths) + 1


@misconception(
    "tent_layers",
    "second-hinge-too-weak",
    says="After the middle your line is flat: the second hinge only takes back the slope of the first. To fall with slope -2 the slope "
    "has to change by -4.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -2.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1), bias)] * (depth - 1), (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "half-as-high",
    says="Your tent reaches 1/2 in the middle: it rises with slope 1. To reach 1 at x = 1/2 it has to rise with slope 2 and fall with slope -2.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[1.0, -2.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1), bias)] * (depth - 1), (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "bias-with-the-wrong-sign",
    says="Your second hinge starts at -1/2 instead of 1/2: relu(x - 1/2) has the bias -1/2.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, 0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1), bias)] * (depth - 1), (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "half-forgotten-above-the-first-layer",
    says="The first tent is right, but the later layers have no kink in the middle: each of them needs the bias -1/2 for its second hinge, as "
    "the first has.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, -0.5])
    upper = [(tent.repeat(2, 1), torch.zeros(2))] * (depth - 1)
    return [(torch.ones(2, 1), bias), *upper, (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "hinges-handed-on",
    says="Your upper layers hand the two hinges on one by one and never make the tent of them. Both units of the next layer need the whole "
    "tent, 2 and -4, as their input.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(torch.eye(2), bias)] * (depth - 1), (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "weight-transposed",
    says="The weights of your upper layers are transposed. A row belongs to a unit and holds the weights for its inputs: both "
    "rows are (2, -4).",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1).T, bias)] * (depth - 1), (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "one-fold-too-many",
    says="Your network folds once too often. `depth` counts the hidden layers; the last layer only adds the hinges up.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1), bias)] * depth, (tent, torch.zeros(1))]


@misconception(
    "tent_layers",
    "kinks-side-by-side",
    says="You put all kinks into one wide hidden layer. The heights are right, but it takes 2 to the power of depth units; with depth layers "
    "of two units each the same line is folded.",
)
def tent_layers(depth):
    parts = 2**depth
    change = torch.tensor([parts * 1.0] + [parts * 2.0 * (-1) ** i for i in range(1, parts)])
    return [(torch.ones(parts, 1), -torch.arange(parts) / parts), (change[None], torch.zeros(1))]


@misconception(
    "tent_layers",
    "output-bias-of-the-hidden-layers",
    says="Your output is shifted: the last layer has the biases of a hidden layer. It makes one number and adds nothing to it.",
)
def tent_layers(depth):
    tent, bias = torch.tensor([[2.0, -4.0]]), torch.tensor([0.0, -0.5])
    return [(torch.ones(2, 1), bias), *[(tent.repeat(2, 1), bias)] * (depth - 1), (tent, torch.tensor([-0.5]))]


@misconception(
    "he_weight",
    "fan-out-for-fan-in",
    says="You divide by the number of outputs. A unit adds up its inputs, so it is their number, the fan-in, that has to "
    "be balanced.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * math.sqrt(2 / outputs)


@misconception(
    "he_weight",
    "variance-used-as-deviation",
    says="You multiply by the variance 2/N. Multiplying numbers by s multiplies their variance by s squared, so the factor is the root of 2/N, the "
    "standard deviation.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * (2 / inputs)


@misconception(
    "he_weight",
    "factor-two-missing",
    says="Your variance is 1/N, half of He's. It keeps the signal without ReLUs; a ReLU halves the mean square, and the 2 makes up for it.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) / math.sqrt(inputs)


@misconception(
    "he_weight",
    "root-of-two-missing",
    says="You take the root of N but multiply by 2 instead of by the root of 2: your variance is 4/N.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * 2 / math.sqrt(inputs)


@misconception(
    "he_weight",
    "root-of-inputs-missing",
    says="You take the root of 2 but divide by N instead of by its root. The standard deviation is the root of the whole fraction 2/N.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * math.sqrt(2) / inputs


@misconception(
    "he_weight",
    "fraction-turned-round",
    says="Your numbers grow with the number of inputs: the fraction is upside down. The more inputs are added up, the smaller each weight has to be.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * math.sqrt(inputs / 2)


@misconception(
    "he_weight",
    "both-fans",
    says="You divide by inputs plus outputs. That is the choice of Glorot and Bengio (Xavier), between the way forward and the way back; He's "
    "counts the inputs alone.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs) * math.sqrt(2 / (inputs + outputs))


@misconception(
    "he_weight",
    "shape-turned-round",
    says="Your weight has shape (inputs, outputs). A weight has a row for each output: (outputs, inputs).",
)
def he_weight(outputs, inputs):
    return torch.randn(inputs, outputs) * math.sqrt(2 / inputs)


@misconception(
    "he_weight",
    "deviation-used-as-bound",
    says="You draw evenly between minus and plus the standard deviation. Such numbers have only a third of that variance, and the "
    "task asks for normal ones.",
)
def he_weight(outputs, inputs):
    return (torch.rand(outputs, inputs) * 2 - 1) * math.sqrt(2 / inputs)


@misconception(
    "he_weight",
    "even-instead-of-normal",
    says="Your variance is right, but the numbers are drawn evenly between two bounds. The task asks for normal ones, torch.randn.",
)
def he_weight(outputs, inputs):
    return (torch.rand(outputs, inputs) * 2 - 1) * math.sqrt(6 / inputs)


@misconception(
    "he_weight",
    "never-negative",
    says="Your numbers are all positive: torch.rand draws between 0 and 1. Without weights of both signs the mean is not 0 and the signals pile "
    "up from layer to layer.",
)
def he_weight(outputs, inputs):
    return torch.rand(outputs, inputs) * math.sqrt(2 / inputs)


@misconception(
    "he_weight",
    "not-scaled",
    says="Your numbers have variance 1 whatever the size of the layer. Scale them by the root of 2 / inputs.",
)
def he_weight(outputs, inputs):
    return torch.randn(outputs, inputs)


@misconception(
    "signal_path",
    "variance-instead-of-mean-square",
    says="You take the variance, which subtracts the mean. Numbers behind a ReLU have a mean above zero, and the next layer sees "
    "it too: take the mean of the squares.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.var(correction=0) / x.var(correction=0))
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "before-the-relu",
    says="You measure before the ReLU. The factor one half that He's 2 makes up for comes from the ReLU: measure behind it.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        z = h @ weight.T
        ratios.append(z.square().mean() / x.square().mean())
        h = F.relu(z)
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "relative-to-the-layer-before",
    says="You divide by the mean square of the layer before. The question is what is left of the input, so divide by that of x "
    "each time.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        after = F.relu(h @ weight.T)
        ratios.append(after.square().mean() / h.square().mean())
        h = after
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "relative-to-the-first-layer",
    says="You divide by what leaves the first layer, so that your list begins with 1. The first layer changes the signal too: divide "
    "by the mean square of x.",
)
def signal_path(weights, x):
    sizes, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        sizes.append(h.square().mean())
    return torch.stack(sizes) / sizes[0]


@misconception(
    "signal_path",
    "weight-not-transposed",
    says="You multiply by the weight as it is. Its rows belong to the outputs: with examples in the rows of h, a layer is h @ weight.T.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight)
        ratios.append(h.square().mean() / x.square().mean())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "mean-of-the-ratios",
    says="You form a ratio for each example and average the ratios. Average the squares over all examples first, above the line and below it, "
    "then divide once.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append((h.square().mean(dim=1) / x.square().mean(dim=1)).mean())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "root-taken",
    says="You take the root. A ratio of mean squares is asked for; a ReLU halves the mean square, not its root.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append((h.square().mean() / x.square().mean()).sqrt())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "not-divided",
    says="Your numbers are mean squares, not ratios: divide them by the mean square of x.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.square().mean())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "relu-forgotten",
    says="No ReLU acts in your layers, so nothing is set to zero and the factor one half does not appear.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = h @ weight.T
        ratios.append(h.square().mean() / x.square().mean())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "relu-left-out-after-the-last",
    says="The last layer of your stack has no ReLU. In a classifier that is right; here each layer is followed by one.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for place, weight in enumerate(weights):
        h = h @ weight.T
        h = F.relu(h) if place < len(weights) - 1 else h
        ratios.append(h.square().mean() / x.square().mean())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "every-layer-from-the-input",
    says="Each of your layers works on x itself. The output of a layer is the input of the next: keep it.",
)
def signal_path(weights, x):
    return torch.stack([F.relu(x[:, : w.shape[1]] @ w.T).square().mean() / x.square().mean() for w in weights])


@misconception(
    "signal_path",
    "mean-squared",
    says="You square the mean instead of averaging the squares. Positive and negative numbers then cancel in x.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.mean().square() / x.mean().square())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "variance-of-a-sample",
    says="You take the variance, which subtracts the mean. Numbers behind a ReLU have a mean above zero, and the next "
    "layer sees it too: take the mean of the squares.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.var() / x.var())
    return torch.stack(ratios)


@misconception(
    "signal_path",
    "sums-instead-of-means",
    says="You divide sums of squares. Layers of different widths hold different numbers of terms, so a wide one would look "
    "strong: take the mean above the line and below it.",
)
def signal_path(weights, x):
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.square().sum() / x.square().sum())
    return torch.stack(ratios)


@misconception(
    "factor_per_layer",
    "wrong-direction",
    says="Your factor is turned round: it follows the signal, from the input to the output. The gradient travels from the last layer to the "
    "first, so the first norm stands above the line.",
)
def factor_per_layer(norms):
    return (norms[-1] / norms[0]) ** (1 / (len(norms) - 1))


@misconception(
    "factor_per_layer",
    "whole-way-for-one-step",
    says="You give the change over the whole way. A step is one of len(norms) - 1 that multiply to it: take that root.",
)
def factor_per_layer(norms):
    return norms[0] / norms[-1]


@misconception(
    "factor_per_layer",
    "a-step-for-every-layer",
    says="You count as many steps as layers. Between three layers there are two steps.",
)
def factor_per_layer(norms):
    return (norms[0] / norms[-1]) ** (1 / len(norms))


@misconception(
    "factor_per_layer",
    "divided-instead-of-root",
    says="You divide the whole change by the number of steps. Factors multiply, so the factor of one step is a root, not a part.",
)
def factor_per_layer(norms):
    return norms[0] / norms[-1] / (len(norms) - 1)


@misconception(
    "factor_per_layer",
    "first-step-only",
    says="You compare the first layer with the second and ignore the others. Steps differ: take what all of them multiply to.",
)
def factor_per_layer(norms):
    return norms[0] / norms[1]


@misconception(
    "factor_per_layer",
    "mean-of-the-factors",
    says="You average the factors of the steps. Equal factors have the same product, not the same sum: with 0.1 and 10 nothing changes in the end, but "
    "their mean is 5.05.",
)
def factor_per_layer(norms):
    steps = [norms[i] / norms[i + 1] for i in range(len(norms) - 1)]
    return sum(steps) / len(steps)


@misconception(
    "factor_per_layer",
    "difference-instead-of-ratio",
    says="You take the mean difference between neighbours. The chain rule multiplies, so ask by what factor a norm changes.",
)
def factor_per_layer(norms):
    return (norms[0] - norms[-1]) / (len(norms) - 1)


@misconception(
    "trouble",
    "learning-rate-too-small-everywhere",
    says="You put it down to a small learning rate. The print shows three rates that differ a hundredfold. One rate multiplies the steps of all layers alike, "
    "and the trouble is that the layers differ, by factors of thousands or without limit.",
)
def trouble():
    return {"A": 1, "B": 1, "C": 1}


@misconception(
    "trouble",
    "learning-rate-too-large-everywhere",
    says="You put it down to a large learning rate. The norms were measured before the first step, so no rate can have "
    "caused them, and the small rates do not help either.",
)
def trouble():
    return {"A": 2, "B": 2, "C": 2}


@misconception(
    "trouble",
    "read-from-the-wrong-end",
    says="You read the norms along the signal, from the input to the output. The gradient goes the other way: it starts in the last "
    "layer of the list and arrives in the first.",
)
def trouble():
    return {"A": 4, "B": 3, "C": 6}


@misconception(
    "trouble",
    "zero-taken-for-small",
    says="For C you say that the gradient shrinks layer by layer. Look where it becomes small: between two neighbours it drops from about a tenth "
    "to exactly zero, and there it stays. A product of small factors falls a little with every step.",
)
def trouble():
    return {"A": 3, "B": 4, "C": 3}


@misconception(
    "trouble",
    "small-everywhere",
    says="You say that the gradients are equally small in all layers. Compare the first layer with the last: in none of the three "
    "networks are they alike.",
)
def trouble():
    return {"A": 5, "B": 5, "C": 5}


@misconception(
    "trouble",
    "dead-layers-everywhere",
    says="You say that a layer lets nothing through. Then the norms below it are exactly zero. A norm of 1e-08 is small, and it is "
    "not zero.",
)
def trouble():
    return {"A": 6, "B": 6, "C": 6}


@misconception(
    "trouble",
    "zero-read-from-the-wrong-end",
    says="For C you say that the gradient grows on its way to the input. It starts in the last layer of the list, where the norms are largest, and from one layer on "
    "nothing arrives.",
)
def trouble():
    return {"A": 3, "B": 4, "C": 4}
