# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] role="title" chapter="foundations/depth" minutes=75
# # Depth: wider or deeper
#
# **18 points, about 75 minutes.** This exercise belongs to the chapter *Depth: wider or deeper*.
#
# You spend a budget of parameters, fold a line with two ReLUs a layer, start a deep network so that its signals survive,
# and find out from the gradients of three networks why they do not learn. At the end you choose a depth for a data set and
# defend the choice.
#
# How it works:
#
# - Run the first code cell once: it holds the imports.
# - Write your code where it says `YOUR CODE HERE`, and remove the line that raises `NotImplementedError`.
# - Run the cell, then the cell below it with `check(...)`. It tries your answer and says what it found.
# - A few more trials are made when your notebook is graded: other sizes and edges.
# - Each task stands alone. A task that you leave empty does not cost you the next one.
#
# Letters are those of the chapter: $N$ inputs and $K$ outputs of a layer, whose weight has shape $(K, N)$. *Depth* counts
# hidden layers, *width* the units in each of them.

# %% role="given" name="setup"
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dlarch
from dlarch import data
from dlarch.check import check
from dlarch.foundations.mlp import MLP

torch.manual_seed(0)
device = dlarch.device()
digits = data.digits()
images, labels = digits.x_train.flatten(1), digits.y_train
unseen_images, unseen_labels = digits.x_test.flatten(1), digits.y_test

# %% [markdown]
# ## 1 · The width that a budget pays for (3 points)
#
# To compare a deep network with a wide one, give both the same number of parameters. A network has `inputs` numbers in,
# `depth` hidden layers of equal width $w$, and `outputs` numbers out. Every unit, those of the last layer too, has one
# weight for each of its inputs and one bias.
#
# Write `widest(budget, depth, inputs, outputs)`: the largest $w$ for which the network holds *at most* `budget`
# parameters. If not even $w = 1$ fits, the answer is 0.
#
# **Example.** `widest(1000, 1, 64, 10)` is `13`: with 13 hidden units the network holds $65 \cdot 13 + 14 \cdot 10 = 985$
# parameters, with 14 it would hold 1,060. `widest(1000, 2, 64, 10)` is `11`.
#
# <details><summary>Hint: where to look</summary>
#
# How many weight matrices does a network with `depth` hidden layers have, and how many of them are $w$ by $w$? Write the
# count for depth 2 on paper first.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# A loop will do: start with `width = 0` and raise it while the count for `width + 1` still fits.
#
# </details>


# %% role="answer" name="widest"
def widest(budget: int, depth: int, inputs: int, outputs: int) -> int:
    """The largest width of `depth` equal hidden layers within a budget.

    Args:
        budget: weights and biases that the network may hold.
        depth: hidden layers, at least 1.
        inputs: numbers that go in.
        outputs: numbers that come out.

    Returns:
        The width, 0 if none fits.
    """
    ### BEGIN SOLUTION
    width = 0
    while True:
        w = width + 1
        if (inputs + 1) * w + (depth - 1) * (w + 1) * w + (w + 1) * outputs > budget:
            return width
        width = w
    ### END SOLUTION


# %% role="check" name="widest" points=2
def one_layer():
    """budget 1,000, one hidden layer, 64 inputs, 10 outputs"""
    yield "width", widest(1000, 1, 64, 10)


def two_layers():
    """budget 1,000, two hidden layers, 64 inputs, 10 outputs"""
    yield "width", widest(1000, 2, 64, 10)


def eight_layers():
    """budget 4,000, eight hidden layers, 64 inputs, 10 outputs"""
    yield "width", widest(4000, 8, 64, 10)


def one_input_one_output():
    """budgets 3,070 and 3,069, one hidden layer, 1 input, 1 output"""
    yield "width", widest(3070, 1, 1, 1)
    yield "one less", widest(3069, 1, 1, 1)


def hidden_other_sizes():
    """other budgets, depths, inputs and outputs"""
    yield "deep", widest(250, 5, 2, 2)
    yield "wide", widest(20_000, 1, 3, 50)
    yield "very deep", widest(50_000, 20, 16, 4)


# %% role="check" name="widest_edges" answer="widest" points=1
def used_up():
    """depth 1: budgets of 985, 980 and 1,000, 64 inputs, 10 outputs; budgets of 3,070 and 3,069, 1 input, 1 output"""
    yield "digits", widest(985, 1, 64, 10)
    yield "five too few", widest(980, 1, 64, 10)
    yield "some left", widest(1000, 1, 64, 10)
    yield "curve", widest(3070, 1, 1, 1)
    yield "curve, one less", widest(3069, 1, 1, 1)


def hidden_used_up_or_too_small():
    """budgets that fit exactly, lack one parameter, or pay for no network"""
    yield "next to nothing", widest(5, 1, 64, 10)
    yield "exact", widest(97, 3, 4, 2)
    yield "one less", widest(96, 3, 4, 2)
    yield "none", widest(84, 1, 64, 10)
    yield "least", widest(85, 1, 64, 10)


# %% [markdown]
# ## 2 · Fold a line (4 points)
#
# A hidden layer of $n$ ReLUs on one input bends the line in at most $n$ places, so it makes at most $n + 1$ straight
# pieces. A further layer sees those pieces. On each of them a unit is a straight line again and can bend once.
#
# **First**, 1 point: `most_pieces(widths)` gives the largest number of pieces that this argument allows for hidden
# layers of the given widths.
#
# **Example.** `most_pieces([3])` is `4`, and `most_pieces([3, 4])` is `20`.
#
# **Then**, 3 points: the *tent* rises from 0 to 1 on the first half of $[0, 1]$ and falls back to 0 on the second half.
# Applied `depth` times it has $2^{\text{depth}}$ pieces, the input of each tent being the output of the one before. Write
# `tent_layers(depth)`: the weights and biases of a network with one input, `depth` hidden layers of **two** ReLUs each, and one
# output, that computes this on $[0, 1]$.
#
# **Contract.** A list of `depth + 1` pairs `(weight, bias)`, the first to act comes first. A weight has shape $(K, N)$, a
# bias $(K,)$. There is a ReLU after every layer but the last.
#
# **Example.** `tent_layers(1)` gives 0, 0.5, 1, 0.5, 0 at 0, 0.25, 0.5, 0.75, 1. `tent_layers(2)` gives 0, 1, 0, 1, 0.
#
# <details><summary>Hint: where to look</summary>
#
# Draw one tent first. The first hinge starts at 0 and gives the slope 2. By how much must the slope change at
# $\tfrac12$? In a deeper network, the layer that follows has to build that tent from the two hinges *and* feed it to two
# hinges of its own.
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# With the hinges $h_1 = \mathrm{relu}(x)$ and $h_2 = \mathrm{relu}(x - \tfrac12)$ the tent is $2 h_1 - 4 h_2$. The first
# layer has the weight `[[1.0], [1.0]]` and the bias `[0.0, -0.5]`.
#
# </details>


# %% role="answer" name="most_pieces"
def most_pieces(widths: list[int]) -> int:
    """The largest number of straight pieces on one input, by counting what each layer can add to.

    Args:
        widths: of the hidden layers, from the input up; at least one.

    Returns:
        The bound.
    """
    ### BEGIN SOLUTION
    pieces = 1
    for width in widths:
        pieces *= width + 1
    return pieces
    ### END SOLUTION


# %% role="check" name="most_pieces" points=1
def one_hidden_layer():
    """a single hidden layer of 3 units"""
    yield "pieces", most_pieces([3])


def two_hidden_layers():
    """hidden layers of 3 and 4 units"""
    yield "pieces", most_pieces([3, 4])


def hidden_more_layers():
    """three and more hidden layers"""
    yield "three", most_pieces([2, 5, 3])
    yield "four", most_pieces([1, 1, 1, 1])
    yield "one", most_pieces([1023])


# %% role="answer" name="tent_layers"
def tent_layers(depth: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The tent, applied `depth` times, as layers of two ReLUs.

    Args:
        depth: hidden layers, at least 1.

    Returns:
        Pairs (weight, bias) of shapes (K, N) and (K,), the last of them for the output.
    """
    ### BEGIN SOLUTION
    tent = torch.tensor([[2.0, -4.0]])
    bias = torch.tensor([0.0, -0.5])
    layers = [(torch.ones(2, 1), bias)]
    for _ in range(depth - 1):
        layers.append((tent.repeat(2, 1), bias))
    layers.append((tent, torch.zeros(1)))
    return layers
    ### END SOLUTION


# %% role="check" name="tent_heights" answer="tent_layers" points=2
def _heights(depth, parts):
    h = (torch.arange(parts + 1, dtype=torch.float64) / parts)[:, None]
    layers = tent_layers(depth)
    for place, (weight, bias) in enumerate(layers):
        h = h @ weight.double().T + bias.double()
        if place < len(layers) - 1:
            h = h.relu()
    return h


def one_tent():
    """one tent, at 0, 1/8, 2/8, ... 1"""
    yield "heights", _heights(1, 8)


def two_tents():
    """a tent of a tent, at 0, 1/16, 2/16, ... 1"""
    yield "heights", _heights(2, 16)


def hidden_more_tents():
    """three and six tents, between the corners too"""
    yield "three", _heights(3, 40)
    yield "six", _heights(6, 200)


# %% role="check" name="tent_shape" answer="tent_layers" points=1
def sizes_of_three():
    """the shapes of the weights and the lengths of the biases for three tents"""
    layers = tent_layers(3)
    yield "weights", torch.tensor([weight.shape for weight, _ in layers])
    yield "biases", torch.tensor([len(bias) for _, bias in layers])


def hidden_sizes():
    """the number of layers and of parameters for one tent and for ten"""
    for depth in (1, 10):
        layers = tent_layers(depth)
        yield f"layers, {depth}", len(layers)
        yield f"parameters, {depth}", sum(weight.numel() + bias.numel() for weight, bias in layers)


# %% [markdown]
# ## 3 · A start that keeps the signal (4 points)
#
# Let $z = w_1 x_1 + \dots + w_N x_N$ with independent random weights of mean 0 and variance $v$. The mean of $z^2$ is $N v$ times
# the mean of the $x_n^2$, and a ReLU halves it. He's choice of $v$ makes these two factors cancel.
#
# **First**, 2 points: `he_weight(outputs, inputs)` draws the weight of a layer, normal numbers of mean 0 with He's variance. Draw them with
# `torch.randn` and scale them; `torch.nn.init` is turned off for this answer.
#
# **Example.** For 400 inputs the variance is $2 / 400 = 0.005$. If you measure the variance of `he_weight(100, 400)`, times 400
# and divided by 2, you get 1.0 to one decimal.
#
# **Then**, 2 points: measure it. `signal_path(weights, x)` sends a batch through layers without biases, with a ReLU after *each* of them,
# and gives for every layer the mean square of what leaves its ReLU, divided by the mean square of `x`. Means are over all
# examples and units.
#
# **Contract.** `weights` is a list of $L$ tensors, of shapes $(K_1, N_1), \dots, (K_L, N_L)$ with $N_{l+1} = K_l$; `x` has shape $(B, N_1)$. The
# result has shape $(L,)$.
#
# **Example.** For the single weight `[[1.0, 0.0], [0.0, -1.0]]` and `x = [[3.0, 4.0]]`: the ReLU lets 3 pass and stops −4, so
# the mean square is $9/2$, that of `x` is $25/2$, and the result is `[0.36]`.
#
# <details><summary>Hint: where to look</summary>
#
# Is $2/N$ a variance or a standard deviation? By which of the two do you multiply `torch.randn`? And which axis of the
# weight counts the inputs?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# A layer is `h = F.relu(h @ weight.T)`; a mean square is `h.square().mean()`.
#
# </details>


# %% role="answer" name="he_weight"
def he_weight(outputs: int, inputs: int) -> torch.Tensor:
    """Normal numbers with the variance that keeps the mean square through a layer and its ReLU.

    Args:
        outputs: K.
        inputs: N.

    Returns:
        Shape (K, N).
    """
    ### BEGIN SOLUTION
    return torch.randn(outputs, inputs) * math.sqrt(2 / inputs)
    ### END SOLUTION


# %% role="check" name="he_weight" points=2 refuse="init kaiming_normal_ kaiming_uniform_ xavier_normal_ xavier_uniform_"
def _one_decimal(number):
    return torch.round(number * 10) / 10


def variance_of_many():
    """the measured variance of he_weight(100, 400), divided by He's variance and rounded to one decimal"""
    yield "ratio", _one_decimal(he_weight(100, 400).var() * 400 / 2)


def variance_of_few_inputs():
    """the measured variance of he_weight(4000, 5), divided by He's variance and rounded to one decimal"""
    yield "ratio", _one_decimal(he_weight(4000, 5).var() * 5 / 2)


def mean_of_many():
    """the mean of he_weight(100, 400), divided by He's standard deviation and rounded to one decimal"""
    yield "mean", _one_decimal(he_weight(100, 400).mean() * math.sqrt(400 / 2)).abs()


def shape_of_small():
    """the shape of he_weight(3, 5)"""
    yield "shape", torch.tensor(he_weight(3, 5).shape)


def hidden_more_outputs():
    """more outputs than inputs: the rounded ratio of the variances, and the share of numbers within one standard deviation"""
    weight = he_weight(900, 100)
    yield "ratio", _one_decimal(weight.var() * 100 / 2)
    yield "share", _one_decimal((weight.abs() < math.sqrt(2 / 100)).float().mean())


def hidden_two_draws_differ():
    """whether two calls draw different numbers"""
    yield "differ", bool((he_weight(4, 4) != he_weight(4, 4)).any())


# %% role="answer" name="signal_path"
def signal_path(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Mean square behind each ReLU, relative to that of the input.

    Args:
        weights: L tensors of shape (K, N), the first to act comes first.
        x: shape (B, N) with the N of the first weight.

    Returns:
        Shape (L,).
    """
    ### BEGIN SOLUTION
    ratios, h = [], x
    for weight in weights:
        h = F.relu(h @ weight.T)
        ratios.append(h.square().mean() / x.square().mean())
    return torch.stack(ratios)
    ### END SOLUTION


# %% role="check" name="signal_path" points=2
def _wave(*shape):
    return torch.linspace(0, 30, math.prod(shape)).sin().reshape(shape)


def the_example():
    """the single layer of the text"""
    yield "ratios", signal_path([torch.tensor([[1.0, 0.0], [0.0, -1.0]])], torch.tensor([[3.0, 4.0]]))


def three_square_layers():
    """three layers from 4 numbers to 4, three examples"""
    weights = [_wave(4, 4), _wave(4, 4).cos(), _wave(4, 4) + 0.3]
    yield "ratios", signal_path(weights, _wave(3, 4) * 2 + 0.5)


def hidden_other_widths():
    """layers from 5 numbers to 7 to 2, in double precision, and one example"""
    weights = [_wave(7, 5).double(), _wave(2, 7).double() + 0.2]
    yield "ratios", signal_path(weights, _wave(6, 5).double() + 0.7)
    yield "one example", signal_path(weights, _wave(1, 5).double() + 0.7)


def hidden_input_untouched():
    """the batch as it is after the call"""
    x = _wave(2, 3)
    signal_path([_wave(3, 3)], x)
    yield "x", x


# %% [markdown]
# ## 4 · Three networks that do not learn (4 points)
#
# The chain rule makes the gradient of an early layer a product, with about one factor for each layer above it. So the
# first thing to measure in a deep network that does not learn is how the size of the gradient changes along it.
#
# **First**, 1 point: `factor_per_layer(norms)` gives that factor. `norms` lists the norms of the gradients of the layers, the
# first layer, next to the input, comes first. The gradient travels from the last layer to the first. The
# factor is the one by which it would change at *every* step if all steps were alike.
#
# **Example.** `factor_per_layer([8.0, 4.0, 2.0])` is `2.0`: the gradient doubles with each of the two steps towards the input.
# `factor_per_layer([0.01, 0.5, 1.0])` is `0.1`: two steps, together a hundredth.
#
# <details><summary>Hint: where to look</summary>
#
# Which of the two ends does the gradient reach last? And how many steps are there between three layers?
#
# </details>
# <details><summary>Hint: the first line</summary>
#
# If the same factor is applied $s$ times, the product is factor$^s$. You know the product: `norms[0] / norms[-1]`.
#
# </details>


# %% role="answer" name="factor_per_layer"
def factor_per_layer(norms: list[float]) -> float:
    """By what factor the gradient changes with each step from the output towards the input.

    Args:
        norms: positive numbers, at least two, first layer first.

    Returns:
        The factor, more than 1 if the gradient grows on its way.
    """
    ### BEGIN SOLUTION
    return (norms[0] / norms[-1]) ** (1 / (len(norms) - 1))
    ### END SOLUTION


# %% role="check" name="factor_per_layer" points=1
def doubles():
    """norms 8, 4, 2"""
    yield "factor", factor_per_layer([8.0, 4.0, 2.0])


def uneven_steps():
    """norms 0.01, 0.5, 1"""
    yield "factor", factor_per_layer([0.01, 0.5, 1.0])


def four_steps():
    """norms 0.01, 0.02, 0.02, 4, 100"""
    yield "factor", factor_per_layer([0.01, 0.02, 0.02, 4.0, 100.0])


def hidden_other_lengths():
    """two layers, seven layers, and norms that are all alike"""
    yield "two", factor_per_layer([3.0, 12.0])
    yield "seven", factor_per_layer([1e-6, 1e-5, 2e-4, 1e-3, 0.02, 0.1, 3.0])
    yield "alike", factor_per_layer([0.4, 0.4, 0.4, 0.4])


# %% [markdown]
# **Then**, 3 points: here are three networks, A, B and C, each with twelve hidden layers of 32 units. The next cell prints the
# norms of their gradients at the start, and the loss after 60 steps of plain gradient descent at three learning rates.
# Guessing among ten classes has a loss of $\log 10 = 2.303$. Run it and look at each network: at which layers do the gradients become what they
# are, and does another learning rate help?
#
# What is the trouble? Choose one number for each network:
#
# 1. The learning rate is too small.
# 2. The learning rate is too large.
# 3. The gradient shrinks from layer to layer on its way to the input.
# 4. The gradient grows from layer to layer on its way to the input.
# 5. The gradient has the same size in all layers, and that size is too small.
# 6. One layer lets nothing through, so that the layers below it get no gradient at all.
#
# **Contract.** Set the name `trouble` to a dictionary with one number for each letter, such as `trouble = {"A": 1, "B": 2, "C": 5}` (these three
# are not the answer).
#
# The check says whether you chose numbers from the list. Whether they are the right ones, you will see when your notebook is
# graded, so look closely: the answer is in the numbers.


# %% role="given" name="three_networks"
def network(kind: str) -> MLP:
    """Twelve hidden layers with something wrong; the chapter's starts are not used here."""
    torch.manual_seed(0)
    activation = {"A": nn.Sigmoid, "B": nn.Tanh, "C": nn.ReLU}[kind]
    model = MLP([64] + [32] * 12 + [10], activation=activation)
    for layer in model.layers:
        nn.init.normal_(layer.weight, std={"A": 32**-0.5, "B": 6 * 32**-0.5, "C": 16**-0.5}[kind])
        nn.init.constant_(layer.bias, 0.1 if kind == "C" else 0.0)
    if kind == "C":
        nn.init.constant_(model.layers[5].bias, -30.0)
    return model


def loss_after(kind: str, learning_rate: float) -> float:
    """The loss after 60 steps of gradient descent on 200 images."""
    model = network(kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(images[:200]), labels[:200]).backward()
        optimizer.step()
    return F.cross_entropy(model(images[:200]), labels[:200]).item()


for kind in "ABC":
    model = network(kind)
    F.cross_entropy(model(images[:200]), labels[:200]).backward()
    norms = [layer.weight.grad.norm().item() for layer in model.layers]
    print(f"{kind}: norms, layer 1 to layer {len(norms)}:", " ".join(f"{norm:.0e}" for norm in norms))
    print("   loss after training:", ", ".join(f"{loss_after(kind, lr):.3f} at {lr}" for lr in (0.001, 0.01, 0.1)))

# %% role="answer" name="trouble"
### BEGIN SOLUTION
trouble = {"A": 3, "B": 4, "C": 6}
### END SOLUTION


# %% role="check" name="trouble_a" answer="trouble" points=1
def chosen_for_a():
    """whether A has a number from the list"""
    yield "on the list", trouble["A"] in (1, 2, 3, 4, 5, 6)


def hidden_a():
    """the number for A"""
    yield "number", trouble["A"]


# %% role="check" name="trouble_b" answer="trouble" points=1
def chosen_for_b():
    """whether B has a number from the list"""
    yield "on the list", trouble["B"] in (1, 2, 3, 4, 5, 6)


def hidden_b():
    """the number for B"""
    yield "number", trouble["B"]


# %% role="check" name="trouble_c" answer="trouble" points=1
def chosen_for_c():
    """whether C has a number from the list"""
    yield "on the list", trouble["C"] in (1, 2, 3, 4, 5, 6)


def hidden_c():
    """the number for C"""
    yield "number", trouble["C"]


# %% [markdown]
# ## 5 · How deep for this data set? (3 points, read by a person)
#
# You have 200 handwritten digits with their classes, a budget of 4,000 parameters, and no time for more than 40 epochs. The cell after the
# next one trains networks of depth 1, 2, 4 and 8 within that budget, three seeds each, with He's start, and prints the accuracy on the 200
# images and on 899 others.
#
# **First predict, then run.** Write down, before you run it, which depth you expect to be best on unseen images, which to be best on the images
# trained on, and how large you expect the differences to be beside the spread of the seeds. Then run it and answer:
#
# 1. What did you predict, what came out, and where the two differ, why?
# 2. Take the depth that does worst on unseen images. Does it overfit, or is it not optimised well? Name the numbers that decide it, and
#    one remedy that fits that cause.
# 3. Which depth would you choose for these data, and how sure are you, given three seeds? Which one finding would make you choose
#    a deeper network on another data set?
#
# How it is marked, one point each:
#
# - **Prediction and result** stand side by side with reasons. A wrong prediction costs nothing.
# - **The cause** follows from the accuracy on the images trained on, beside that on unseen ones, and the remedy belongs to that cause (more data or
#   regularisation against overfitting; start, shortcuts, normalisation or longer training against poor optimisation). Where the numbers
#   show some of both, saying so earns the point.
# - **The choice** weighs the difference of the means against the spread of the seeds, and names a finding one could measure.
#   "Deeper is better" or "deeper is worse" without condition earns nothing.

# %% [markdown] role="written" name="choose" points=3
# *Prediction.* I expected depth 2 to be best on unseen images, since 4,000 parameters make it 35 wide, and depth 8 to be best on the images
# trained on, because it can bend most. I expected differences of about two points, about as much as the seeds differ.
# *Result.* Depth 1 and 2 are best on unseen images and lie within a few points of each other. Depth 8 is far behind there: its best seed is worse than
# the worst of theirs. On the images trained on it is not better either: all shallow networks learn the 200 images nearly or
# completely, and depth 8 with a width of 18 does at most as well. What a network could bend to was not the limit.
#
# *The cause.* Depth 8 names most of the 200 images right but far fewer of the others, so most of its fault is the gap between
# the two: it overfits. Its seeds also differ most, and if one of them stays below the others on the images trained on, that one is
# not optimised well. Against the gap I would use more data or regularisation. Against the second fault a residual connection
# would be the remedy, and more data would not.
#
# *The choice.* I take one or two hidden layers. Between those two, three seeds decide little, since their distance is about as large as
# the spread; the ranges of depth 8 and of these two do not even touch, so of that I am sure. I would go deeper on data where the shallow network
# stays bad on the images it is trained on although it is as wide as the budget allows, while a deeper one learns them and keeps its lead on
# unseen ones.


# %% role="given" name="choose_run"
def start(width: int, depth: int, seed: int) -> MLP:
    """A network with He's start."""
    torch.manual_seed(seed)
    model = MLP([64] + [width] * depth + [10])
    for layer in model.layers:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return model


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Share of right answers."""
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


def train(model: MLP) -> MLP:
    """40 epochs on 200 images, in batches of 25."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(40):
        for batch in torch.randperm(200).split(25):
            optimizer.zero_grad()
            F.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
    return model


print("depth  width   200 images            unseen images")
for depth, width in ((1, 53), (2, 35), (4, 25), (8, 18)):
    trained = [train(start(width, depth, seed)) for seed in range(3)]
    told = []
    for x, y in ((images[:200], labels[:200]), (unseen_images, unseen_labels)):
        shares = [accuracy(model, x, y) for model in trained]
        told.append(f"{np.mean(shares):.3f} ({min(shares):.3f} to {max(shares):.3f})")
    print(f"{depth:5}  {width:5}   {told[0]}   {told[1]}")

# %% [markdown]
# ## Optional: what depth costs on a faster machine (no points)
#
# Equal parameters, equal multiply-accumulates, and yet not equal time: layers wait for each other. The next cell times one step of training for
# networks of about the same size, on the fastest device that it finds, with a larger budget on a GPU. Predict the ratio between the
# first and the last row, then run it. Then raise `batch`: does the ratio grow or shrink, and why?

# %% role="given" name="timing"
batch, budget = (4096, 20_000_000) if device.type == "cuda" else (100, 100_000)
x, y = torch.randn(batch, 64, device=device), torch.randint(10, (batch,), device=device)


def step_time(model: nn.Module) -> float:
    """Median time of seven forward and backward passes, after one to warm up."""
    times = []
    for _ in range(8):
        began = time.perf_counter()
        F.cross_entropy(model(x), y).backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return float(np.median(times[1:]))


print(f"{device.type}, about {budget:,} parameters, a batch of {batch}")
for depth in (2, 8, 32):
    width = round(math.sqrt(budget / (depth - 1)))
    model = MLP([64] + [width] * depth + [10]).to(device)
    print(f"{depth:3} hidden layers of {width:5}: {1000 * step_time(model):8.2f} ms a step")
