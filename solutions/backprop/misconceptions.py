"""Wrong answers to the exercise `backprop`, each with the line of thought behind it. Each must lose its points."""

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

# Multiply


@misconception(
    "multiply_backward",
    "own-factor",
    says="Each operand got its own value as its derivative. If a grows by one, a times b grows by b: the other factor.",
)
def multiply_backward(g, a, b):
    return g * a, g * b


@misconception(
    "multiply_backward",
    "upstream-forgotten",
    says="These are the local derivatives alone. The chain rule multiplies them by g, which carries everything that "
    "happens between this product and the loss.",
)
def multiply_backward(g, a, b):
    return b, a


@misconception(
    "multiply_backward",
    "upstream-added",
    says="You add what arrives to the local derivative. Along a path the chain rule multiplies; it adds only where "
    "several paths meet.",
)
def multiply_backward(g, a, b):
    return g + b, g + a


@misconception(
    "multiply_backward",
    "product-rule-for-both",
    says="Both operands get the same, with a + b in it. The product rule is for a change of both at once; a gradient "
    "moves one operand and holds the other fixed.",
)
def multiply_backward(g, a, b):
    return g * (a + b), g * (a + b)


@misconception(
    "multiply_backward",
    "divided-by-the-operand",
    says="You divide the product by the wrong thing: g times a over b is no derivative of a product. With b held fixed, a "
    "times b has the slope b.",
)
def multiply_backward(g, a, b):
    return g * a / b, g * b / a


@misconception(
    "multiply_backward",
    "one-gradient-only",
    says="You return one gradient. Two are asked for, that of a and that of b, with a comma between them.",
)
def multiply_backward(g, a, b):
    return g * b


# ReLU


@misconception(
    "multiply_backward",
    "operands-overwritten",
    says="Your numbers are right, but the call changes the operands it was given: mul_ and *= write into them. Make new "
    "tensors: g * b.",
)
def multiply_backward(g, a, b):
    return b.mul_(g), a.mul_(g)


@misconception(
    "relu_backward",
    "mask-from-the-upstream-gradient",
    says="Your mask asks whether the gradient that arrives is positive. It should ask whether the ReLU was on: whether "
    "its input x was positive. Negative gradients pass through a ReLU that is on.",
)
def relu_backward(g, x):
    return g * (g > 0)


@misconception(
    "relu_backward",
    "mask-from-both",
    says="You let a gradient through only where the input and the gradient are both positive. The second condition is "
    "too much: a ReLU that is on passes gradients of either sign.",
)
def relu_backward(g, x):
    return g * ((x > 0) & (g > 0))


@misconception(
    "relu_backward",
    "upstream-forgotten",
    says="This is the slope of the ReLU alone, 0 or 1. Multiply it by g, the gradient that arrives.",
)
def relu_backward(g, x):
    return (x > 0).to(g.dtype)


@misconception(
    "relu_backward",
    "relu-applied-again",
    says="You multiply by the value of the ReLU. Its slope is 1 wherever it is on, however large the value is.",
)
def relu_backward(g, x):
    return g * x.clamp(min=0)


@misconception(
    "relu_backward",
    "one-at-zero",
    says="Your slope at exactly zero is 1. A convention is needed there, and the task takes PyTorch's, which is 0: "
    "compare with x > 0.",
)
def relu_backward(g, x):
    return g * (x >= 0)


@misconception(
    "relu_backward",
    "half-at-zero",
    says="Your slope at exactly zero is one half, as for a maximum whose entries tie. The task takes PyTorch's convention "
    "for the ReLU, which is 0.",
)
def relu_backward(g, x):
    return g * (torch.sign(x) + 1) / 2


@misconception(
    "relu_backward",
    "sign-of-the-input",
    says="Where the input is negative you turn the gradient round. The ReLU is flat there: nothing passes.",
)
def relu_backward(g, x):
    return g * torch.sign(x)


@misconception(
    "relu_backward",
    "mask-turned-round",
    says="Your mask is the wrong way round: the gradient passes where the input was positive and stops where it was not.",
)
def relu_backward(g, x):
    return g * (x <= 0)


@misconception(
    "relu_backward",
    "set-to-zero-in-place",
    says="The values are right, but you changed g itself. Another node may still need it; make a new tensor, for example "
    "with g * (x > 0).",
)
def relu_backward(g, x):
    g[x <= 0] = 0
    return g


@misconception(
    "relu_backward",
    "mask-forgotten",
    says="You hand on all that arrives. Where the input was negative the ReLU is flat, and nothing may pass.",
)
def relu_backward(g, x):
    return g


# Matrix product


@misconception(
    "matmul_backward",
    "transposes-forgotten",
    says="The transposes are missing. With square matrices the shapes fit all the same, and the numbers are wrong. The "
    "gradient of x is g times w transposed, that of w is x transposed times g.",
)
def matmul_backward(g, x, w):
    return g @ w, x @ g


@misconception(
    "matmul_backward",
    "wrong-side",
    says="You multiply on the wrong side. In y = x w, x stands on the left, so in its gradient g comes first and w "
    "transposed second; for w it is the other way round.",
)
def matmul_backward(g, x, w):
    return w.T @ g, g @ x.T


@misconception(
    "matmul_backward",
    "gradient-of-w-transposed",
    says="Your gradient of w has the shape (K, N): it is transposed. A gradient has the shape of its tensor. It is x "
    "transposed times g.",
)
def matmul_backward(g, x, w):
    return g @ w.T, g.T @ x


@misconception(
    "matmul_backward",
    "exchanged",
    says="You return the gradient of w first and that of x second. The order asked for is x, w.",
)
def matmul_backward(g, x, w):
    return x.T @ g, g @ w.T


@misconception(
    "matmul_backward",
    "upstream-transposed-too",
    says="You transpose g, which arrives with the shape of y already. Transpose the other operand instead.",
)
def matmul_backward(g, x, w):
    return g.T @ w.T, x.T @ g.T


@misconception(
    "matmul_backward",
    "as-for-numbers",
    says="You use the rule for a product number by number. An entry of x touches a whole row of y, so its gradient is a "
    "sum over that row: a matrix product again.",
)
def matmul_backward(g, x, w):
    return g * w, g * x


@misconception(
    "matmul_backward",
    "mean-over-the-batch",
    says="You divide the gradient of w by the number of rows. If the loss is a mean, that division is in g already; a "
    "rule only sums.",
)
def matmul_backward(g, x, w):
    return g @ w.T, x.T @ g / len(x)


@misconception(
    "matmul_backward",
    "upstream-forgotten",
    says="Your result does not depend on g as it should: it is the local derivative summed over the outputs, which is "
    "right only where g is one everywhere.",
)
def matmul_backward(g, x, w):
    ones = torch.ones_like(g)
    return ones @ w.T, x.T @ ones


@misconception(
    "matmul_backward",
    "only-the-gradient-of-x-wrong",
    says="Your gradient of w is right. That of x lacks the transpose of w: its shape (B, N) comes from g times w transposed.",
)
def matmul_backward(g, x, w):
    return g @ w, x.T @ g


@misconception(
    "matmul_backward",
    "only-the-gradient-of-w-wrong",
    says="Your gradient of x is right. In that of w, x has to be transposed: its shape (N, K) comes from x transposed times g.",
)
def matmul_backward(g, x, w):
    return g @ w.T, x @ g


@misconception(
    "matmul_backward",
    "gradient-of-x-transposed",
    says="Your gradient of x has the shape (N, B): it is transposed. A gradient has the shape of its tensor. It is g times w "
    "transposed, in this order.",
)
def matmul_backward(g, x, w):
    return w @ g.T, x.T @ g


@misconception(
    "matmul_backward",
    "both-transposed",
    says="Both gradients are transposed. A gradient has the shape of its tensor: g times w transposed for x, and x transposed "
    "times g for w.",
)
def matmul_backward(g, x, w):
    return w @ g.T, g.T @ x


# Broadcast addition


@misconception(
    "add_backward",
    "not-summed",
    says="Both operands get g as it is. An operand that was repeated was used many times, so its gradient is a sum over "
    "these uses and has its own, smaller shape.",
)
def add_backward(g, a_shape, b_shape):
    return g, g


@misconception(
    "add_backward",
    "mean-instead-of-sum",
    says="You average over the uses. At a fan-out the gradients are added. If the loss is a mean over the batch, its "
    "division is in g already.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.mean(dim=0)
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.mean(dim=axis, keepdim=True)
        return gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "first-use-only",
    says="You take one row of g and leave the others out. Each row used the operand, so each row has a share: add them.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient[0]
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.narrow(axis, 0, 1)
        return gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "keepdim-forgotten",
    says="An axis of size 1 that you sum disappears from your result. The operand has that axis, so keep it: keepdim=True.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=0)
        axes = [axis for axis, size in enumerate(shape) if size == 1]
        return gradient.sum(dim=axes) if axes else gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "missing-axes-kept",
    says="Your gradient has an axis of size 1 where the operand has none. Axes that are missing on the left disappear when "
    "they are summed; keepdim is for axes that the operand has.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
        for axis, size in enumerate(padded):
            if size == 1:
                gradient = gradient.sum(dim=axis, keepdim=True)
        return gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "only-missing-axes",
    says="You sum over the axes that an operand lacks, but not over those where it has size 1. Such an axis was repeated too.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=0)
        return gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "last-axis-summed",
    says="You sum over the last axis. Shapes are matched from the right, so a bias of shape (3,) belongs to the last axis "
    "and was repeated along the first: sum there.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=-1)
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=axis, keepdim=True)
        return gradient

    return share(g, a_shape), share(g, b_shape)


@misconception(
    "add_backward",
    "only-b",
    says="You treat b and pass g on to a unchanged. Either operand may be the smaller one, and sometimes both are.",
)
def add_backward(g, a_shape, b_shape):
    gb = g
    while gb.ndim > len(b_shape):
        gb = gb.sum(dim=0)
    for axis, size in enumerate(b_shape):
        if size == 1:
            gb = gb.sum(dim=axis, keepdim=True)
    return g, gb


@misconception(
    "add_backward",
    "only-batches-of-rows",
    says="You sum over the first axis whenever the shapes differ. That is right for a bias under a batch and for nothing "
    "else: look at which axes were repeated.",
)
def add_backward(g, a_shape, b_shape):
    ga = g if tuple(a_shape) == tuple(g.shape) else g.sum(dim=0)
    gb = g if tuple(b_shape) == tuple(g.shape) else g.sum(dim=0)
    return ga, gb


@misconception(
    "add_backward",
    "everything-summed",
    says="You sum all of g into one number and give it to every entry of the operand. Only the axes along which the operand was "
    "repeated are summed; different entries of a bias have different gradients.",
)
def add_backward(g, a_shape, b_shape):
    def share(shape):
        return g if tuple(shape) == tuple(g.shape) else g.sum().expand(shape)

    return share(a_shape), share(b_shape)


@misconception(
    "add_backward",
    "shared-between-the-two",
    says="You give each operand half of the gradient. A gradient is not a quantity that is divided up: if either operand grows "
    "by one, the sum grows by one, so each gets all of g.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=0)
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=axis, keepdim=True)
        return gradient

    return share(g / 2, a_shape), share(g / 2, b_shape)


@misconception(
    "add_backward",
    "exchanged",
    says="You return the gradient of b first and that of a second.",
)
def add_backward(g, a_shape, b_shape):
    def share(gradient, shape):
        while gradient.ndim > len(shape):
            gradient = gradient.sum(dim=0)
        for axis, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=axis, keepdim=True)
        return gradient

    return share(g, b_shape), share(g, a_shape)


@misconception(
    "add_backward",
    "b-is-always-a-bias",
    says="You pass g on to a and sum the rows for b, whatever the shapes are. Either operand may be the smaller one, along any "
    "axis, or neither: let the shapes decide what is summed.",
)
def add_backward(g, a_shape, b_shape):
    return g, g.sum(dim=0)


# Softmax with cross-entropy


@misconception(
    "cross_entropy_backward",
    "without-the-mean",
    says="The division by the number of rows is missing. The loss is a mean, so each row has only its B-th part in it.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1]))


@misconception(
    "cross_entropy_backward",
    "divided-by-all-entries",
    says="You divide by the number of entries, B times K. The loss is a mean over the rows: divide by B.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])) / scores.numel()


@misconception(
    "cross_entropy_backward",
    "divided-by-the-classes",
    says="You divide by the number of classes. The mean runs over the rows: divide by len(scores).",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])) / scores.shape[1]


@misconception(
    "cross_entropy_backward",
    "upstream-ignored",
    says="Your result does not depend on g. The loss need not be the end: if g is 4, everything behind the loss changes four "
    "times as much, so every entry has to be multiplied by g.",
)
def cross_entropy_backward(g, scores, targets):
    return (F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])) / len(scores)


@misconception(
    "cross_entropy_backward",
    "one-row-at-the-end",
    says="This is the rule for one row at the end of the computation. Two things are missing: the loss is a mean over the rows, and g "
    "has to be multiplied in, since the loss need not be the end.",
)
def cross_entropy_backward(g, scores, targets):
    return F.softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])


@misconception(
    "cross_entropy_backward",
    "sign-turned-round",
    says="Your signs are the wrong way round: truth minus probability. A step against the gradient must raise the score of the "
    "true class, so that gradient is negative: p minus one.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.one_hot(targets, scores.shape[1]) - F.softmax(scores, dim=1)) / len(scores)


@misconception(
    "cross_entropy_backward",
    "over-the-batch",
    says="Your softmax runs over the batch (dim=0). It should run over the classes of each row, dim=1.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=0) - F.one_hot(targets, scores.shape[1])) / len(scores)


@misconception(
    "cross_entropy_backward",
    "truth-forgotten",
    says="You return the probabilities. One has to be taken off at the true class of each row.",
)
def cross_entropy_backward(g, scores, targets):
    return g * F.softmax(scores, dim=1) / len(scores)


@misconception(
    "cross_entropy_backward",
    "true-class-only",
    says="Only the true class gets a gradient from you. All scores stand below the fraction line of the softmax, so the others "
    "matter too: their gradient is their probability.",
)
def cross_entropy_backward(g, scores, targets):
    truth = F.one_hot(targets, scores.shape[1])
    return g * truth * (F.softmax(scores, dim=1) - 1) / len(scores)


@misconception(
    "cross_entropy_backward",
    "one-taken-from-everything",
    says="You take one off every entry. It belongs to the true class of each row alone.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=1) - 1) / len(scores)


@misconception(
    "cross_entropy_backward",
    "stopped-at-the-probabilities",
    says="This is the derivative with respect to the probabilities, minus one over p. The softmax still lies between them and the "
    "scores. And where p is as good as zero, it divides by zero.",
)
def cross_entropy_backward(g, scores, targets):
    p = F.softmax(scores, dim=1)
    return -g * F.one_hot(targets, scores.shape[1]) / p / len(scores)


@misconception(
    "cross_entropy_backward",
    "log-probabilities",
    says="You subtract from the logarithms of the probabilities. The derivative holds the probabilities themselves.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.log_softmax(scores, dim=1) - F.one_hot(targets, scores.shape[1])) / len(scores)


@misconception(
    "cross_entropy_backward",
    "scores-for-probabilities",
    says="You subtract from the scores. The derivative holds the probabilities: the softmax is missing.",
)
def cross_entropy_backward(g, scores, targets):
    return g * (scores - F.one_hot(targets, scores.shape[1])) / len(scores)


@misconception(
    "cross_entropy_backward",
    "exp-overflows",
    says="exp(1000) is more than a float can hold, and infinity over infinity is not a number. Subtract the largest score of each "
    "row first, or use PyTorch's softmax, which does.",
)
def cross_entropy_backward(g, scores, targets):
    powers = scores.exp()
    p = powers / powers.sum(dim=1, keepdim=True)
    return g * (p - F.one_hot(targets, scores.shape[1])) / len(scores)


@misconception(
    "cross_entropy_backward",
    "classes-of-all-rows",
    says="p[:, targets] takes the classes of all rows in every row. One entry of each row is meant: p[torch.arange(len(targets)), "
    "targets], or one_hot.",
)
def cross_entropy_backward(g, scores, targets):
    p = F.softmax(scores, dim=1)
    p[:, targets] -= 1
    return g * p / len(scores)


@misconception(
    "cross_entropy_backward",
    "guess-for-truth",
    says="You take one off at the class with the largest score. That is what the network says; take it off at the true class, "
    "which stands in targets.",
)
def cross_entropy_backward(g, scores, targets):
    said = F.one_hot(scores.argmax(dim=1), scores.shape[1])
    return g * (F.softmax(scores, dim=1) - said) / len(scores)


@misconception(
    "cross_entropy_backward",
    "classes-counted-in-the-batch",
    says="F.one_hot(targets) has as many columns as the largest class in this batch asks for. The last classes may be missing from a "
    "batch: give it the number of classes, scores.shape[1].",
)
def cross_entropy_backward(g, scores, targets):
    return g * (F.softmax(scores, dim=1) - F.one_hot(targets)) / len(scores)


# Topological order


@misconception(
    "topological_order",
    "insertion-order",
    says="You keep the order of the dictionary. That is the order in which someone wrote the graph down, and it may name a node "
    "before its parents, and nodes that nobody needs.",
)
def topological_order(parents, last):
    return list(parents)


@misconception(
    "topological_order",
    "insertion-order-up-to-the-last",
    says="You keep the order of the dictionary and stop at the last node. It may name a node before its parents; follow the edges "
    "instead.",
)
def topological_order(parents, last):
    names = list(parents)
    return names[: names.index(last) + 1]


@misconception(
    "topological_order",
    "breadth-first",
    says="You go level by level from the last node and turn the list round. A node that is reached by a short and a long way is "
    "placed by the short one, and then stands behind a node that needs it.",
)
def topological_order(parents, last):
    order, seen = [last], {last}
    for node in order:
        for parent in parents[node]:
            if parent not in seen:
                seen.add(parent)
                order.append(parent)
    return order[::-1]


@misconception(
    "topological_order",
    "written-down-on-arrival",
    says="You write a node down when you arrive at it, and turn the list round in the end. Write it down when its parents are done: "
    "a node met early may be needed by one that you meet later.",
)
def topological_order(parents, last):
    order, seen, stack = [], set(), [last]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(parents[node])
    return order[::-1]


@misconception(
    "topological_order",
    "turned-round",
    says="Your list starts at the last node and ends at the inputs. That is the order of the backward pass; asked for is the "
    "one in which parents come first.",
)
def topological_order(parents, last):
    order, seen, stack = [], set(), [(last, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order[::-1]


@misconception(
    "topological_order",
    "last-left-out",
    says="The last node itself is missing from your list. The walk starts there.",
)
def topological_order(parents, last):
    order, seen, stack = [], set(), [(last, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order[:-1]


@misconception(
    "topological_order",
    "inputs-left-out",
    says="Nodes without parents are missing from your list. They are inputs and parameters, the very nodes whose gradients we "
    "want.",
)
def topological_order(parents, last):
    order, seen, stack = [], set(), [(last, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            if parents[node]:
                order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


@misconception(
    "topological_order",
    "all-nodes-of-the-graph",
    says="Your order holds nodes that the last one does not need. Start from the last node and follow its parents; what is never "
    "reached stays out.",
)
def topological_order(parents, last):
    order, seen = [], set()
    for start in parents:
        stack = [(start, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in parents[node])
    return order


@misconception(
    "topological_order",
    "recursion",
    says="Your function calls itself once for each step of a path. Python ends that after a few thousand calls, and a long chain has "
    "more. Keep the nodes that are still to do in a list of your own.",
)
def topological_order(parents, last):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(last)
    return order


@misconception(
    "topological_order",
    "named-once-for-each-use",
    says="You come to a node once for each of its uses, and do its work again each time. Remember which nodes you have been to. Otherwise "
    "the work grows with the number of paths, which doubles at every fan-out.",
)
def topological_order(parents, last):
    order, stack, steps = [], [(last, False)], 0
    while stack:
        steps += 1
        if steps > 60_000:
            raise RuntimeError("more than 60,000 visits")
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


@misconception(
    "topological_order",
    "alphabetical",
    says="You sort the nodes by name. Names say nothing about who needs whom; follow the edges.",
)
def topological_order(parents, last):
    seen, stack = {last}, [last]
    while stack:
        for parent in parents[stack.pop()]:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen)


# The walk


@misconception(
    "backpropagate",
    "overwritten",
    says="You set a parent's gradient where you should add to it. A node that is used twice then keeps the share of one use and loses "
    "the other.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = rule(node.gradient)


@misconception(
    "backpropagate",
    "not-reset",
    says="Gradients of an earlier call are still in your sums: on the second call they are too large. Start every gradient at zero.",
)
def backpropagate(nodes):
    for node in nodes:
        if node.gradient is None:
            node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "first-to-last",
    says="You walk from the first node to the last. When a node passes its gradient on, nothing has arrived at it yet. Start at the "
    "loss: reversed(nodes).",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in nodes:
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "starts-with-the-loss",
    says="You start with the value of the loss. The derivative of the loss with respect to itself is 1.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = nodes[-1].value.clone()
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "starts-with-zero",
    says="All your gradients are zero, since nothing starts the chain: the last node's own gradient is 1.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "every-node-starts-with-one",
    says="Every gradient starts at 1 in your walk, so each is too large by one and passes the excess on. Only the last node starts at "
    "1, all others at 0.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.ones_like(node.value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "added-in-place-to-a-shared-tensor",
    says="You keep a tensor that a rule gave you and add to it in place. The rules of plus hand the same tensor to both parents, so "
    "what you add to one also lands in the other.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = None
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        if node.gradient is None:
            node.gradient = torch.zeros_like(node.value)
        for parent, rule in zip(node.parents, node.rules, strict=True):
            if parent.gradient is None:
                parent.gradient = rule(node.gradient)
            else:
                parent.gradient += rule(node.gradient)


@misconception(
    "backpropagate",
    "one-edge-for-each-parent",
    says="Of two edges to the same parent you use one. In u times u the node u stands twice among the parents, and both edges count.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in dict(zip(node.parents, node.rules, strict=True)).items():
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "first-parent-only",
    says="Only the first parent of each node gets a share. A product has two operands, and both have a rule.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        if node.parents:
            node.parents[0].gradient = node.parents[0].gradient + node.rules[0](node.gradient)


@misconception(
    "backpropagate",
    "rules-skipped",
    says="You hand the gradient on as it is. Each edge has a rule that multiplies it by the local derivative: call it.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent in node.parents:
            parent.gradient = parent.gradient + node.gradient


@misconception(
    "backpropagate",
    "rules-get-the-value",
    says="You call the rules with the value of the node. They want its gradient: what has arrived from the loss.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.value)


@misconception(
    "backpropagate",
    "rules-start-from-one",
    says="You give every rule a 1 where the node's own gradient belongs. That is right at the loss and nowhere else; what you get are "
    "local derivatives.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(torch.ones_like(node.value))


@misconception(
    "backpropagate",
    "averaged-over-the-uses",
    says="You take the mean of the shares. If a node is used twice, moving it moves both uses: the shares add up.",
)
def backpropagate(nodes):
    shares = {id(node): [] for node in nodes}
    shares[id(nodes[-1])] = [torch.ones_like(nodes[-1].value)]
    for node in reversed(nodes):
        mine = shares[id(node)]
        node.gradient = sum(mine) / len(mine) if mine else torch.zeros_like(node.value)
        for parent, rule in zip(node.parents, node.rules, strict=True):
            shares[id(parent)].append(rule(node.gradient))


@misconception(
    "backpropagate",
    "shares-multiplied",
    says="Where several paths meet you multiply the shares. The chain rule multiplies along a path and adds where paths meet.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = None
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        if node.gradient is None:
            node.gradient = torch.zeros_like(node.value)
        for parent, rule in zip(node.parents, node.rules, strict=True):
            share = rule(node.gradient)
            parent.gradient = share if parent.gradient is None else parent.gradient * share


@misconception(
    "backpropagate",
    "zero-of-no-shape",
    says="Your gradients start as the plain number 0. A node that the loss does not depend on keeps it, but its gradient should have the "
    "shape of its value: torch.zeros_like(node.value).",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = torch.tensor(0.0)
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            parent.gradient = parent.gradient + rule(node.gradient)


@misconception(
    "backpropagate",
    "unneeded-left-empty",
    says="A node that the loss does not depend on has no gradient in your result. Its derivative exists and is zero: give it zeros.",
)
def backpropagate(nodes):
    for node in nodes:
        node.gradient = None
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        if node.gradient is None:
            continue
        for parent, rule in zip(node.parents, node.rules, strict=True):
            share = rule(node.gradient)
            parent.gradient = share if parent.gradient is None else parent.gradient + share


@misconception(
    "backpropagate",
    "passed-on-too-early",
    says="You follow each path at once and pass on the sum so far, so the first share is passed on again with the second. Walk "
    "the list from its end: there a node's gradient is complete before it is passed on, once.",
)
def backpropagate(nodes):
    def walk(node, share):
        node.gradient = node.gradient + share
        for parent, rule in zip(node.parents, node.rules, strict=True):
            walk(parent, rule(node.gradient))

    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    walk(nodes[-1], torch.ones_like(nodes[-1].value))


# A step of training


@misconception(
    "backpropagate",
    "gradients-not-set",
    says="Your nodes hold no gradient after the call. What the function returns is not looked at: set node.gradient of "
    "every node.",
)
def backpropagate(nodes):
    gradients = {id(node): torch.zeros_like(node.value) for node in nodes}
    gradients[id(nodes[-1])] = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        for parent, rule in zip(node.parents, node.rules, strict=True):
            gradients[id(parent)] = gradients[id(parent)] + rule(gradients[id(node)])
    return [gradients[id(node)] for node in nodes]


@misconception(
    "training_step",
    "uphill",
    says="You move the weights in the direction of the gradient. The gradient points uphill: subtract it.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] + rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "mask-from-the-upstream-gradient",
    says="Your mask looks at the sign of the gradient that arrives at the ReLU. It has to look at the ReLU's input: where "
    "that was positive, the gradient passes, whatever its sign.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    gh = gz @ weights["W2"].T
    ga = gh * (gh > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "mask-forgotten",
    says="The ReLU is missing from your backward pass. Where its input was negative it is flat, and nothing may pass.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = gz @ weights["W2"].T
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "gradients-not-zeroed",
    says="You add to what the step before left in the gradients. Then each step also repeats all steps before it. Put the "
    "gradients of this batch in their place.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = gradients["W1"] + x.T @ ga
    gradients["b1"] = gradients["b1"] + ga.sum(dim=0)
    gradients["W2"] = gradients["W2"] + h.T @ gz
    gradients["b2"] = gradients["b2"] + gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "without-the-mean",
    says="The division by the number of rows is missing from your gradients. The loss is a mean over the rows.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "mean-taken-twice",
    says="You divide by the number of rows twice: once in the gradient of the scores and once more behind it.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga / len(x)
    gradients["b1"] = ga.mean(dim=0)
    gradients["W2"] = h.T @ gz / len(x)
    gradients["b2"] = gz.mean(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "biases-averaged",
    says="The gradients of the biases are averaged where they should be summed. The mean of the loss is in the gradient of "
    "the scores already, and a bias is used once in each row.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.mean(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.mean(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "second-layer-updated-too-early",
    says="You move W2 before you use it to find the gradient of the hidden layer. All gradients belong to the weights of "
    "the forward pass: compute all of them first, then move.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in ("W2", "b2"):
        weights[name] = weights[name] - rate * gradients[name]
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    for name in ("W1", "b1"):
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "loss-after-the-step",
    says="You return the loss after the step. Asked for is the one before it, which the gradients belong to.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    h = (x @ weights["W1"] + weights["b1"]).clamp(min=0)
    return F.cross_entropy(h @ weights["W2"] + weights["b2"], targets)


@misconception(
    "training_step",
    "loss-summed",
    says="You return the sum of the losses of the rows. Asked for is their mean.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets, reduction="sum")

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "biases-not-moved",
    says="You move the matrices and leave the biases where they are. They are parameters too.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in ("W1", "W2"):
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "first-layer-not-moved",
    says="You move the second layer only. The point of backpropagation is that the first one learns too.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in ("W2", "b2"):
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "rate-forgotten",
    says="You subtract the gradient itself. Multiply it by the learning rate first.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - gradients[name]
    return loss


@misconception(
    "training_step",
    "relu-on-the-scores",
    says="You apply a ReLU to the scores as well. Scores may be negative; the last layer has no bend behind it.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = (h @ weights["W2"] + weights["b2"]).clamp(min=0)
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "relu-left-out",
    says="Your hidden layer has no ReLU. Two linear layers in a row are one.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = gz @ weights["W2"].T
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "mask-without-the-bias",
    says="Your mask looks at x W1 without the bias. The ReLU's input has the bias in it.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (x @ weights["W1"] > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "softmax-over-the-batch",
    says="Your softmax runs over the batch (dim=0). It should run over the classes of each row, dim=1.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=0) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "weights-before-the-bend",
    says="The gradient of W2 uses the input of the ReLU. In the forward pass W2 meets its output, h.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = a.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "gradients-of-the-new-weights",
    says="You move the weights first and then compute the gradients that you leave behind. They are those of the new "
    "weights; asked for are those that the step used.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]

    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"], gradients["b1"] = x.T @ ga, ga.sum(dim=0)
    gradients["W2"], gradients["b2"] = h.T @ gz, gz.sum(dim=0)
    return loss


@misconception(
    "training_step",
    "gradients-reset-in-the-end",
    says="Your gradients are zero when the function returns. Resetting is right, but between steps: asked for are the "
    "gradients of this batch.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    for name in gradients:
        gradients[name] = torch.zeros_like(gradients[name])
    return loss


@misconception(
    "training_step",
    "second-matrix-not-transposed",
    says="You carry the gradient back through W2 without transposing it. That fits where both sizes are equal and is wrong "
    "there too.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"]) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "weights-not-written-back",
    says="Your new weights never reach the dictionary that was passed in. Put them there, or change the tensors in place.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    weights = {name: weights[name] - rate * gradients[name] for name in weights}
    return loss


@misconception(
    "training_step",
    "gradients-not-written-back",
    says="Your gradients never reach the dictionary that was passed in: an assignment to the name makes a new one. Put them there, "
    'as in gradients["W1"] = ....',
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients = {"W1": x.T @ ga, "b1": ga.sum(dim=0), "W2": h.T @ gz, "b2": gz.sum(dim=0)}
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "truth-minus-prediction",
    says="Your gradients have the wrong sign: truth minus probability. The gradient of the scores is probability minus truth, "
    "and the step subtracts it.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.one_hot(targets, z.shape[1]) - F.softmax(z, dim=1)) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga.sum(dim=0)
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz.sum(dim=0)
    for name in weights:
        weights[name] = weights[name] + rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "biases-not-summed",
    says="The gradients of your biases have one row for each example. A bias is used in every row, so its gradient is the sum over "
    "the rows.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = a.clamp(min=0)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)

    gz = (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients["W1"] = x.T @ ga
    gradients["b1"] = ga
    gradients["W2"] = h.T @ gz
    gradients["b2"] = gz
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return loss


@misconception(
    "training_step",
    "rate-in-the-gradients",
    says="Your gradients are already multiplied by the learning rate. The rate belongs to the step: keep the gradients as "
    "they are, and move the weights by rate times them.",
)
def training_step(weights, gradients, x, targets, rate):
    a = x @ weights["W1"] + weights["b1"]
    h = F.relu(a)
    z = h @ weights["W2"] + weights["b2"]
    loss = F.cross_entropy(z, targets)
    gz = rate * (F.softmax(z, dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    ga = (gz @ weights["W2"].T) * (a > 0)
    gradients.update(W1=x.T @ ga, b1=ga.sum(dim=0), W2=h.T @ gz, b2=gz.sum(dim=0))
    for name in weights:
        weights[name] = weights[name] - gradients[name]
    return loss
