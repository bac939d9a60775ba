"""Wrong answers to the exercise `relu`, each with the line of thought behind it. Each must lose its points."""

import torch

from coursekit.exercise import misconception


@misconception(
    "relu",
    "size-of-the-number",
    says="Your function turns negative numbers into positive ones: that is the absolute value. ReLU replaces a negative "
    "number by zero.",
)
def relu(x):
    return x.abs()


@misconception(
    "relu",
    "step-instead-of-bend",
    says="Your function returns zeros and ones: that is the slope of ReLU, or whether it is on. ReLU keeps a positive number "
    "as it is.",
)
def relu(x):
    return (x > 0).to(x.dtype)


@misconception(
    "relu",
    "negative-side-kept",
    says="Your function keeps the negative numbers and drops the positive ones: the comparison points the wrong way. "
    "ReLU is the larger of x and zero, not the smaller.",
)
def relu(x):
    return x.clamp(max=0)


@misconception(
    "relu",
    "capped-at-one",
    says="Your function stops at one. ReLU has no ceiling: a positive number goes through, however large.",
)
def relu(x):
    return x.clamp(0, 1)


@misconception(
    "relu",
    "negatives-thrown-out",
    says="Your result has fewer numbers than the input: you select the positive ones. ReLU keeps the shape and puts zero "
    "where a number was negative.",
)
def relu(x):
    return x[x > 0]


@misconception(
    "relu",
    "largest-of-the-tensor",
    says="Your result is a single number: x.max() is the largest of the whole tensor. ReLU compares each entry with zero.",
)
def relu(x):
    return x.max().clamp(min=0)


@misconception(
    "relu",
    "leaky",
    says="A little of the negative side leaks through: that is another activation, the leaky ReLU. Here the negative side is "
    "exactly zero.",
)
def relu(x):
    return torch.where(x > 0, x, 0.01 * x)


@misconception(
    "relu",
    "input-overwritten",
    says="Your numbers are right, but the call changes the tensor it was given: a method that ends in an underscore, or an "
    "assignment to x[...], works in place. Return a new tensor.",
)
def relu(x):
    return x.clamp_(min=0)


@misconception(
    "relu_backward",
    "slope-of-the-output",
    says="Your gradient passes everywhere. You compared the output of the ReLU with zero, and an output is never below zero. "
    "What decides is the input, and it has to be above zero.",
)
def relu_backward(x, upstream):
    output = x.clamp(min=0)
    return upstream * (output >= 0)


@misconception(
    "relu_backward",
    "zero-lets-through",
    says="At x = 0 your gradient passes. There is no derivative at zero, and the contract, like PyTorch, takes zero there: "
    "x > 0, not x >= 0.",
)
def relu_backward(x, upstream):
    return upstream * (x >= 0)


@misconception(
    "relu_backward",
    "relu-of-the-gradient",
    says="You cut off the negative part of the gradient. The bend acts on x; a gradient from above may have any sign and "
    "passes wherever x was positive.",
)
def relu_backward(x, upstream):
    return upstream.clamp(min=0)


@misconception(
    "relu_backward",
    "relu-of-what-passes",
    says="Where x is positive you still cut off negative gradients. Whether it passes depends on x alone; what passes keeps "
    "its sign.",
)
def relu_backward(x, upstream):
    return (upstream * (x > 0)).clamp(min=0)


@misconception(
    "relu_backward",
    "upstream-forgotten",
    says="You return the slope alone, zeros and ones. The chain rule multiplies it by the gradient that comes from above.",
)
def relu_backward(x, upstream):
    return (x > 0).to(x.dtype)


@misconception(
    "relu_backward",
    "times-the-output",
    says="You multiply the gradient by the output of the ReLU. The chain rule asks for its slope, which is one or zero, not "
    "for its value.",
)
def relu_backward(x, upstream):
    return upstream * x.clamp(min=0)


@misconception(
    "relu_backward",
    "sign-instead-of-slope",
    says="Where x is negative your gradient passes with its sign turned round: that is the slope of the absolute value. "
    "ReLU has slope zero there.",
)
def relu_backward(x, upstream):
    return upstream * x.sign()


@misconception(
    "relu_backward",
    "roles-exchanged",
    says="You let x pass where the gradient from above is positive. It is the other way round: the gradient passes where "
    "x was positive.",
)
def relu_backward(x, upstream):
    return x * (upstream > 0)


@misconception(
    "relu_backward",
    "upstream-overwritten",
    says="Your numbers are right, but the call changes the gradient it was given, which other parts of a network may still need. "
    "Return a new tensor.",
)
def relu_backward(x, upstream):
    upstream[x <= 0] = 0
    return upstream


@misconception(
    "relu_backward",
    "gate-turned-round",
    says="Your gradient passes where x is negative and stops where it is positive. The slope of the bend is 1 for "
    "positive x and 0 elsewhere.",
)
def relu_backward(x, upstream):
    return upstream * (x < 0)


@misconception(
    "scores",
    "relu-after-the-last-layer",
    says="There is a ReLU after the last layer. Your scores are never negative, so the network cannot speak against a class, and where "
    "a score was cut no gradient comes back. The last layer ends with its sum.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    return (hidden @ W2.T + b2).clamp(min=0)


@misconception(
    "scores",
    "softmax-before-the-loss",
    says="Your rows sum to one: you applied the softmax. F.cross_entropy applies it itself, so it would act twice. Return the "
    "scores as they are.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    return (hidden @ W2.T + b2).softmax(dim=1)


@misconception(
    "scores",
    "logarithm-of-the-softmax",
    says="You return logarithms of probabilities. The loss takes the scores and does this step itself; for it the result would be "
    "the same, but what is asked for are the scores.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    return (hidden @ W2.T + b2).log_softmax(dim=1)


@misconception(
    "scores",
    "no-bend",
    says="There is no ReLU between the layers, so the two collapse into a single linear layer.",
)
def scores(x, W1, b1, W2, b2):
    return (x @ W1.T + b1) @ W2.T + b2


@misconception(
    "scores",
    "hidden-bias-forgotten",
    says="The hidden layer has lost its bias b1. Then every unit bends at the origin, whatever it was meant to look for.",
)
def scores(x, W1, b1, W2, b2):
    return (x @ W1.T).clamp(min=0) @ W2.T + b2


@misconception(
    "scores",
    "hidden-bias-after-the-bend",
    says="You add b1 after the ReLU. The bias belongs inside, before the bend: it decides where the unit turns on.",
)
def scores(x, W1, b1, W2, b2):
    return ((x @ W1.T).clamp(min=0) + b1) @ W2.T + b2


@misconception(
    "scores",
    "last-bias-forgotten",
    says="The last layer has lost its bias b2. Each layer has weights and biases.",
)
def scores(x, W1, b1, W2, b2):
    return (x @ W1.T + b1).clamp(min=0) @ W2.T


@misconception(
    "scores",
    "bend-on-the-input",
    says="Your ReLU acts on the input, before the first layer, and no bend is left between the two layers. It belongs after "
    "the first sum.",
)
def scores(x, W1, b1, W2, b2):
    return (x.clamp(min=0) @ W1.T + b1) @ W2.T + b2


@misconception(
    "scores",
    "bend-after-the-last-layer-only",
    says="Your only ReLU stands after the last layer. Before it, two linear layers collapse into one; the bend belongs between "
    "them.",
)
def scores(x, W1, b1, W2, b2):
    return ((x @ W1.T + b1) @ W2.T + b2).clamp(min=0)


@misconception(
    "scores",
    "weights-not-transposed",
    says="You multiply by W1 where W1.T is needed. The rows of W1 belong to the units, so x @ W1.T has one number for each "
    "unit; x @ W1 fits only if there are as many units as inputs, and is wrong then too.",
)
def scores(x, W1, b1, W2, b2):
    return (x @ W1 + b1).clamp(min=0) @ W2.T + b2


@misconception(
    "two_layer_cost",
    "biases-forgotten",
    says="Your parameters are the weights alone. Each hidden unit and each output also has a bias.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products, products


@misconception(
    "two_layer_cost",
    "hidden-bias-not-counted",
    says="You count the biases of the outputs and not those of the hidden units. A unit's bias says where it bends, so each unit "
    "has one.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + outputs, products


@misconception(
    "two_layer_cost",
    "output-bias-not-counted",
    says="You count the biases of the hidden units and not those of the outputs. The second layer has biases too.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + hidden, products


@misconception(
    "two_layer_cost",
    "one-bias-a-layer",
    says="You count one bias for a whole layer. Every unit and every output has one of its own.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + 2, products


@misconception(
    "two_layer_cost",
    "layers-multiplied",
    says="You multiplied the sizes of all three stages. The two layers stand one behind the other: their weights are added.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden * outputs
    return products + hidden + outputs, products


@misconception(
    "two_layer_cost",
    "first-layer-only",
    says="You count the first layer alone. The second one holds a weight for each pair of a hidden unit and an output, and its "
    "own biases.",
)
def two_layer_cost(inputs, hidden, outputs):
    return (inputs + 1) * hidden, inputs * hidden


@misconception(
    "two_layer_cost",
    "bias-counted-as-a-product",
    says="Your multiply-accumulates include the biases. A bias is added and multiplies nothing, so it is a parameter but no "
    "product.",
)
def two_layer_cost(inputs, hidden, outputs):
    parameters = (inputs + 1) * hidden + (hidden + 1) * outputs
    return parameters, parameters


@misconception(
    "two_layer_cost",
    "products-and-sums-apart",
    says="Your second number is twice too large: you count a product and the addition behind it as two. A multiply-accumulate is "
    "both together.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + hidden + outputs, 2 * products


@misconception(
    "two_layer_cost",
    "bend-counted-as-a-product",
    says="You count one product for the ReLU of each hidden unit. It compares with zero and multiplies nothing.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + hidden + outputs, products + hidden


@misconception(
    "xor_weights",
    "heights-instead-of-changes",
    says="Your outputs for 0, 1, 2 and 3 ones are 0, 1, 2, 4. You gave the units the heights 1, 0, 1 of the zigzag as weights. A weight is by "
    "how much the slope changes at its bend.",
)
def xor_weights():
    return torch.ones(3, 3), torch.tensor([0.0, -1.0, -2.0]), torch.tensor([[1.0, 0.0, 1.0]]), torch.zeros(1)


@misconception(
    "xor_weights",
    "slopes-instead-of-changes",
    says="Your outputs for 0, 1, 2 and 3 ones are 0, 1, 1, 2. The slopes of the zigzag are 1, -1, 1, and you gave them as weights; but "
    "behind its bend a unit keeps rising. To turn slope 1 into slope -1 it takes a change of -2.",
)
def xor_weights():
    return torch.ones(3, 3), torch.tensor([0.0, -1.0, -2.0]), torch.tensor([[1.0, -1.0, 1.0]]), torch.zeros(1)


@misconception(
    "xor_weights",
    "two-inputs-only",
    says="For three ones your output is -1. Your network is the XOR of two inputs: behind 2 the line goes on falling. A third unit "
    "has to turn it up again.",
)
def xor_weights():
    return torch.ones(2, 3), torch.tensor([0.0, -1.0]), torch.tensor([[1.0, -2.0]]), torch.zeros(1)


@misconception(
    "xor_weights",
    "biases-forgotten",
    says="Your output counts the ones: 0, 1, 2, 3. None of your units bends between the corners; without biases all bend at zero. The "
    "biases put the bends at 1 and 2, where the line has to turn.",
)
def xor_weights():
    return torch.ones(3, 3), torch.zeros(3), torch.tensor([[1.0, -2.0, 2.0]]), torch.zeros(1)


@misconception(
    "xor_weights",
    "biases-with-the-wrong-sign",
    says="Your biases are 0, 1, 2, so all your units bend at zero or to the left of it, and none between the corners. A unit that starts "
    "at n = 1 is relu(n - 1): its bias is minus the place.",
)
def xor_weights():
    return torch.ones(3, 3), torch.tensor([0.0, 1.0, 2.0]), torch.tensor([[1.0, -2.0, 2.0]]), torch.zeros(1)


@misconception(
    "xor_weights",
    "odd-and-even-exchanged",
    says="Your output is 1 where an even number of inputs is 1. It should be 1 where the number is odd.",
)
def xor_weights():
    return torch.ones(3, 3), torch.tensor([0.0, -1.0, -2.0]), torch.tensor([[-1.0, 2.0, -2.0]]), torch.ones(1)


@misconception(
    "xor_weights",
    "exactly-one",
    says="Your output for three ones is 0: you wrote 'exactly one of the inputs'. The XOR of three inputs is 1 for every odd number of ones, "
    "so for three as well.",
)
def xor_weights():
    return torch.ones(3, 3), torch.tensor([0.0, -1.0, -2.0]), torch.tensor([[1.0, -2.0, 1.0]]), torch.zeros(1)


@misconception(
    "hinge_weights",
    "slopes-instead-of-changes",
    says="The first piece is right and the rest is not: your weights are the slopes themselves. Behind a knot all earlier hinges keep rising, "
    "so each weight is the change of the slope there.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    return torch.ones_like(slopes)[:, None], -x[:-1], slopes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "heights-as-weights",
    says="Your weights are the heights of the points. A weight on a hinge is a slope, or rather a change of slope: rise divided by "
    "run, minus the slope before.",
)
def hinge_weights(x, y):
    return torch.ones_like(y[1:])[:, None], -x[:-1], y[None, 1:], y[:1]


@misconception(
    "hinge_weights",
    "rise-without-run",
    says="You take differences of heights as slopes. A slope is the rise divided by the run; the knots are not one apart.",
)
def hinge_weights(x, y):
    rises = y.diff()
    changes = torch.cat([rises[:1], rises.diff()])
    return torch.ones_like(rises)[:, None], -x[:-1], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "run-over-rise",
    says="Your slopes are upside down: run divided by rise. A slope is the rise, y.diff(), divided by the run, x.diff().",
)
def hinge_weights(x, y):
    slopes = x.diff() / y.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "biases-with-the-wrong-sign",
    says="Your hinges bend at minus the knots: relu(v - x_i) has the bias -x_i, not x_i.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], x[:-1], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "hinges-one-knot-late",
    says="Your hinges stand one knot too far to the right. The slope of the piece from x_i to x_(i+1) has to begin at x_i, so the hinges stand at "
    "all knots but the last.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[1:], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "start-height-forgotten",
    says="Your line has the right shape at the wrong height: it starts at zero. The bias b2 of the output is the height of the first "
    "point.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], torch.zeros_like(y[:1])


@misconception(
    "hinge_weights",
    "first-slope-forgotten",
    says="Your line starts flat. The first weight is the first slope: to the left of the first knot the slope is zero, so the change there is "
    "the whole slope.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([torch.zeros_like(slopes[:1]), slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "changes-the-wrong-way-round",
    says="Your changes of slope have the wrong sign: you took the slope before minus the slope behind the knot.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], -slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[:1]


@misconception(
    "hinge_weights",
    "points-overwritten",
    says="Your network is right, but the call changes the points it was given: slicing and `-=` work on the same memory. Make a copy "
    "with clone() first.",
)
def hinge_weights(x, y):
    knots = x[:-1]
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], knots.mul_(-1).clone(), changes[None, :], y[:1]


@misconception(
    "find_dead",
    "off-once",
    says="You call a unit dead if it is off for some row. That is what a ReLU is for; dead is a unit that is off for every row: all, "
    "not any.",
)
def find_dead(z):
    return (z <= 0).any(dim=0)


@misconception(
    "find_dead",
    "zero-counts-as-on",
    says="A unit that reaches exactly zero is zero after the bend as well, and there its slope is taken as zero. It is dead too: "
    "z <= 0, not z < 0.",
)
def find_dead(z):
    return (z < 0).all(dim=0)


@misconception(
    "find_dead",
    "rows-instead-of-units",
    says="You get one truth value for each row. Asked is one for each unit: go through the rows, dim=0.",
)
def find_dead(z):
    return (z <= 0).all(dim=1)


@misconception(
    "find_dead",
    "judged-by-the-mean",
    says="You judge a unit by its mean. A unit that is on for a single row and far below zero for the others has a negative mean and is "
    "alive: that row gives it a gradient.",
)
def find_dead(z):
    return z.mean(dim=0) <= 0


@misconception(
    "find_dead",
    "living-units-marked",
    says="You mark the units that live. Asked are the dead ones: turn the answer round.",
)
def find_dead(z):
    return (z > 0).any(dim=0)


@misconception(
    "find_dead",
    "exactly-zero-before-the-bend",
    says="You look for units that are exactly zero, but z is the layer before the bend. Everything at or below zero becomes zero "
    "behind it.",
)
def find_dead(z):
    return (z == 0).all(dim=0)


@misconception(
    "find_dead",
    "off-for-most-rows",
    says="You call a unit dead if it is off for most rows. A unit that fires rarely is alive: each row that turns it on gives it a "
    "gradient.",
)
def find_dead(z):
    return (z <= 0).to(z.dtype).mean(dim=0) > 0.5


@misconception(
    "revive",
    "living-units-moved-too",
    says="You move the bias of all units. Those that live do their work already; moving them changes what the network says.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return b1 - z.mean(dim=0), W2 * alive


@misconception(
    "revive",
    "outgoing-weights-kept",
    says="You wake the units and keep their outgoing weights. Now they speak at once, with weights that nothing has trained, and the outputs "
    "change. Set the weights from dead units to zero.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 - z.mean(dim=0)), W2.clone()


@misconception(
    "revive",
    "rows-of-w2-cleared",
    says="You set rows of W2 to zero. A row belongs to an output; what a hidden unit sends out is a column, W2[:, unit].",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    new = W2.clone()
    for unit in (~alive).nonzero().flatten().tolist():
        if unit < len(new):
            new[unit] = 0
    return torch.where(alive, b1, b1 - z.mean(dim=0)), new


@misconception(
    "revive",
    "bias-set-to-zero",
    says="You set the bias of dead units to zero. Then the mean of z is that of the weighted inputs, which can lie anywhere; the unit may still "
    "be dead. Subtract the mean of z from the bias.",
)
def revive(x, W1, b1, W2):
    alive = (x @ W1.T + b1 > 0).any(dim=0)
    return torch.where(alive, b1, torch.zeros_like(b1)), W2 * alive


@misconception(
    "revive",
    "bias-moved-the-wrong-way",
    says="You move the bias the wrong way: the units are deader than before. Their z has a negative mean, and subtracting it raises "
    "them.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 + z.mean(dim=0)), W2 * alive


@misconception(
    "revive",
    "bias-replaced-by-the-mean",
    says="Your new bias is minus the mean of z, without the old bias. The old bias is part of z: subtract the mean from the old bias.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, -z.mean(dim=0)), W2 * alive


@misconception(
    "revive",
    "mean-over-everything",
    says="You subtract one mean for all units together. Each unit has its own: the mean over the rows, dim=0.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 - z.mean()), W2 * alive


@misconception(
    "revive",
    "lifted-until-the-best-row-is-at-zero",
    says="You lift each unit until its highest row is at zero. There it is still off, so it is still dead. Its mean over the rows has to be zero.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 - z.amax(dim=0)), W2 * alive


@misconception(
    "revive",
    "living-units-cleared",
    says="You have exchanged the dead and the living: yours moves and silences the units that work and leaves the dead ones dead.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1 - z.mean(dim=0), b1), W2 * ~alive


@misconception(
    "revive",
    "arguments-overwritten",
    says="Your numbers are right, but the call changes the tensors it was given: b1[...] = and W2[...] = write into them. Work on copies, "
    "b1.clone() and W2.clone().",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    dead = (z <= 0).all(dim=0)
    b1[dead] -= z.mean(dim=0)[dead]
    W2[:, dead] = 0
    return b1, W2


@misconception(
    "relu",
    "softened",
    says="Your bend is smooth: that is the softplus. ReLU is exactly zero for negative numbers and has a corner at zero.",
)
def relu(x):
    return (1 + x.exp()).log()


@misconception(
    "relu",
    "one-truth-for-the-whole-tensor",
    says="max(x, 0) and `if x > 0` ask one question about the whole tensor, and a tensor of several numbers has no single "
    "answer. Compare entry by entry: x > 0 is a tensor of truth values.",
)
def relu(x):
    return max(x, 0)


@misconception(
    "relu",
    "zero-taken-for-an-axis",
    says="torch.max(x, 0) reads the 0 as an axis: it returns the largest entries along it and where they stand. ReLU "
    "compares each entry with the number zero.",
)
def relu(x):
    return torch.max(x, 0)


@misconception(
    "scores",
    "sigmoid-as-the-bend",
    says="Your hidden layer goes through a sigmoid. The bend asked for is ReLU: keep what is positive, replace the rest by zero.",
)
def scores(x, W1, b1, W2, b2):
    return torch.sigmoid(x @ W1.T + b1) @ W2.T + b2


@misconception(
    "scores",
    "hidden-bias-subtracted",
    says="You subtract the hidden biases. They are added, before the bend.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T - b1).clamp(min=0)
    return hidden @ W2.T + b2


@misconception(
    "scores",
    "last-bias-subtracted",
    says="You subtract the biases of the last layer. They are added.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    return hidden @ W2.T - b2


@misconception(
    "scores",
    "second-layer-left-out",
    says="You return the hidden units. The second layer, W2 and b2, makes the scores of them.",
)
def scores(x, W1, b1, W2, b2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    return hidden


@misconception(
    "scores",
    "both-biases-forgotten",
    says="Both biases are missing: each of the two layers adds its own, b1 before the bend and b2 at the end.",
)
def scores(x, W1, b1, W2, b2):
    return F.relu(x @ W1.T) @ W2.T


@misconception(
    "two_layer_cost",
    "inputs-given-biases",
    says="You count a bias for each input as well. Inputs are given and hold nothing; each hidden unit and each output has a bias.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return products + inputs + hidden + outputs, products


@misconception(
    "two_layer_cost",
    "products-of-the-first-layer-only",
    says="You count the first layer alone. The second one holds a weight for each pair of a hidden unit and an output, "
    "and its own biases.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden
    return (products + hidden + outputs, products)


@misconception(
    "two_layer_cost",
    "products-of-the-second-layer-only",
    says="You count the products of the second layer alone. The first one has as many as inputs times hidden units, "
    "and each of them has a weight as well.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = hidden * outputs
    return (products + hidden + outputs, products)


@misconception(
    "two_layer_cost",
    "biases-alone",
    says="Your parameters are the biases alone. Each product has a weight, which is a parameter too.",
)
def two_layer_cost(inputs, hidden, outputs):
    products = inputs * hidden + hidden * outputs
    return (hidden + outputs, products)


@misconception(
    "two_layer_cost",
    "one-number-returned",
    says="You return one number. Two are asked for, as a pair: the parameters, then the multiply-accumulates.",
)
def two_layer_cost(inputs, hidden, outputs):
    return (inputs + 1) * hidden + (hidden + 1) * outputs


@misconception(
    "hinge_weights",
    "slopes-in-the-first-layer",
    says="You put the slopes into W1. There a weight also moves the bend, since relu(w v - x_i) bends at x_i / w. With W1 all ones the "
    "bends stay at the knots, and W2 holds the changes of slope.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    return slopes[:, None], -x[:-1], torch.ones_like(slopes)[None, :], y[:1]


@misconception(
    "hinge_weights",
    "changes-added",
    says="You add the slope before to each slope. What a hinge contributes is the change there: the slope behind it "
    "less the slope before.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = slopes.clone()
    changes[1:] += slopes[:-1]
    return (torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[:1])


@misconception(
    "hinge_weights",
    "outgoing-weights-without-their-row",
    says="Your W2 has shape (P - 1,). It is the matrix of a layer with one output, so it has one row: (1, P - 1).",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes, y[:1]


@misconception(
    "hinge_weights",
    "start-height-without-its-axis",
    says="Your b2 has shape (). It is the bias of a layer with one output, so it has one entry: y[:1] keeps the axis that "
    "y[0] drops.",
)
def hinge_weights(x, y):
    slopes = y.diff() / x.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return torch.ones_like(slopes)[:, None], -x[:-1], changes[None, :], y[0]


@misconception(
    "find_dead",
    "first-row-only",
    says="You look at the first row alone. A unit that is off there may be on in a later row: go through all of them.",
)
def find_dead(z):
    return z[0] <= 0


@misconception(
    "find_dead",
    "one-answer-for-all",
    says="You give one answer for the whole batch. Each unit is dead or alive by itself: look down its column, dim=0.",
)
def find_dead(z):
    return (z <= 0).all()


@misconception(
    "find_dead",
    "each-row-by-itself",
    says="You say for each row where a unit is off. A unit is dead if it is off in all rows: one answer for each "
    "column.",
)
def find_dead(z):
    return z <= 0


@misconception(
    "revive",
    "dead-if-off-once",
    says="You treat a unit as dead if it is off for some row. Dead is a unit that is off for every row: all, not any.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    dead = (z <= 0).any(dim=0)
    return torch.where(dead, b1 - z.mean(dim=0), b1), W2 * ~dead


@misconception(
    "revive",
    "mean-behind-the-bend",
    says="Your biases have not moved: either you took the mean behind the bend, where a dead unit is zero for every row, or "
    "you looked for dead units without adding b1. Take z = x @ W1.T + b1, before the bend, for both.",
)
def revive(x, W1, b1, W2):
    hidden = (x @ W1.T + b1).clamp(min=0)
    dead = (hidden == 0).all(dim=0)
    return torch.where(dead, b1 - hidden.mean(dim=0), b1), W2 * ~dead


@misconception(
    "revive",
    "all-outgoing-weights-cleared",
    says="You set all of W2 to zero. Only the columns of the dead units become zero; those of living units carry what the network has "
    "learned.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return torch.where(alive, b1, b1 - z.mean(dim=0)), torch.zeros_like(W2)


@misconception(
    "revive",
    "rows-instead-of-units",
    says="You ask of each row whether a unit is on in it. Ask of each unit whether it is on in any row: any(dim=0).",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=1)
    return (torch.where(alive, b1, b1 - z.mean(dim=0)), W2 * alive)


@misconception(
    "revive",
    "sum-for-mean",
    says="You take away the sum over the rows. With the mean taken away, the values before the bend lie around zero.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return (torch.where(alive, b1, b1 - z.sum(dim=0)), W2 * alive)


@misconception(
    "revive",
    "mean-of-each-row",
    says="You take the mean of each row over the units. Each unit has a mean of its own, over the rows: dim=0.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z > 0).any(dim=0)
    return (torch.where(alive, b1, b1 - z.mean(dim=1)), W2 * alive)


@misconception(
    "revive",
    "zero-counts-as-on",
    says="You take a unit for alive whose largest value before the bend is exactly 0. The bend makes 0 of it and lets "
    "no gradient through, so it is dead.",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    alive = (z >= 0).any(dim=0)
    return (torch.where(alive, b1, b1 - z.mean(dim=0)), W2 * alive)


@misconception(
    "revive",
    "rows-of-w2-masked",
    says="You set rows of W2 to zero. A row belongs to an output; the outgoing weights of a hidden unit are a column of "
    "W2: W2[:, dead].",
)
def revive(x, W1, b1, W2):
    z = x @ W1.T + b1
    dead = (z <= 0).all(dim=0)
    new = W2.clone()
    new[dead] = 0
    return torch.where(dead, b1 - z.mean(dim=0), b1), new
