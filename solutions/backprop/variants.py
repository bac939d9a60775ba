"""Right answers to the exercise `backprop`, written in other ways. Each must keep all its points."""

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("multiply_backward", "named")
def multiply_backward(g, a, b):
    grad_a = torch.mul(g, b)
    grad_b = torch.mul(g, a)
    return grad_a, grad_b


@variant("relu_backward", "where")
def relu_backward(g, x):
    return torch.where(x > 0, g, torch.zeros_like(g))


@variant("relu_backward", "copied-and-set-to-zero")
def relu_backward(g, x):
    result = g.clone()
    result[x <= 0] = 0
    return result


@variant("relu_backward", "mask-of-the-output")
def relu_backward(g, x):
    # The output is positive exactly where the input is.
    return g * (torch.relu(x) > 0).to(g.dtype)


@variant("matmul_backward", "einsum")
def matmul_backward(g, x, w):
    return torch.einsum("bk,nk->bn", g, w), torch.einsum("bk,bn->nk", g, x)


@variant("matmul_backward", "row-by-row")
def matmul_backward(g, x, w):
    gw = torch.zeros_like(w)
    for row, upstream in zip(x, g, strict=True):
        gw = gw + torch.outer(row, upstream)
    return torch.stack([w @ upstream for upstream in g]), gw


@variant("matmul_backward", "transposed-product")
def matmul_backward(g, x, w):
    return (w @ g.T).T, (g.T @ x).T


@variant("add_backward", "axes-collected")
def add_backward(g, a_shape, b_shape):
    results = []
    for shape in (a_shape, b_shape):
        padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
        axes = [axis for axis in range(g.ndim) if padded[axis] == 1 and g.shape[axis] != 1]
        summed = g.sum(dim=axes, keepdim=True) if axes else g
        results.append(summed.reshape(shape))
    return tuple(results)


@variant("add_backward", "sum-to-size")
def add_backward(g, a_shape, b_shape):
    return g.sum_to_size(a_shape), g.sum_to_size(b_shape)


@variant("cross_entropy_backward", "one-taken-off-in-place")
def cross_entropy_backward(g, scores, targets):
    error = torch.softmax(scores, dim=-1)
    error[torch.arange(len(targets)), targets] -= 1
    return error / len(targets) * g


@variant("cross_entropy_backward", "by-hand-row-by-row")
def cross_entropy_backward(g, scores, targets):
    rows = []
    for row, target in zip(scores, targets, strict=True):
        powers = (row - row.max()).exp()
        p = powers / powers.sum()
        truth = torch.zeros_like(p)
        truth[target] = 1
        rows.append(g * (p - truth) / len(scores))
    return torch.stack(rows)


@variant("topological_order", "counting-who-waits")
def topological_order(parents, last):
    needed, open_nodes = {last}, [last]
    while open_nodes:
        for parent in parents[open_nodes.pop()]:
            if parent not in needed:
                needed.add(parent)
                open_nodes.append(parent)
    waiting = {node: len(parents[node]) for node in needed}
    children = {node: [] for node in needed}
    for node in needed:
        for parent in parents[node]:
            children[parent].append(node)
    ready = [node for node in needed if waiting[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for child in children[node]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    return order


@variant("topological_order", "iterators")
def topological_order(parents, last):
    order, seen = [], {last}
    path = [(last, iter(parents[last]))]
    while path:
        node, rest = path[-1]
        for parent in rest:
            if parent not in seen:
                seen.add(parent)
                path.append((parent, iter(parents[parent])))
                break
        else:
            order.append(node)
            path.pop()
    return order


@variant("topological_order", "waiting-on-top-of-the-stack")
def topological_order(parents, last):
    order, done, stack = [], set(), [last]
    while stack:
        node = stack[-1]
        missing = [parent for parent in parents[node] if parent not in done]
        if missing:
            stack.append(missing[0])
        else:
            stack.pop()
            if node not in done:
                done.add(node)
                order.append(node)
    return order


@variant("backpropagate", "nothing-until-a-share-comes")
def backpropagate(nodes):
    for node in nodes:
        node.gradient = None
    nodes[-1].gradient = torch.ones_like(nodes[-1].value)
    for node in reversed(nodes):
        if node.gradient is None:
            node.gradient = torch.zeros_like(node.value)
            continue
        for parent, rule in zip(node.parents, node.rules, strict=True):
            share = rule(node.gradient)
            parent.gradient = share if parent.gradient is None else parent.gradient + share


@variant("backpropagate", "collected-in-lists")
def backpropagate(nodes):
    arrived = {id(node): [] for node in nodes}
    arrived[id(nodes[-1])].append(torch.ones_like(nodes[-1].value))
    for node in nodes[::-1]:
        shares = arrived[id(node)]
        node.gradient = sum(shares) if shares else torch.zeros_like(node.value)
        for place in range(len(node.parents)):
            arrived[id(node.parents[place])].append(node.rules[place](node.gradient))


@variant("backpropagate", "in-place-on-its-own-zeros")
def backpropagate(nodes):
    # Adding in place is safe here: each gradient starts as a tensor of its own.
    for node in nodes:
        node.gradient = torch.zeros_like(node.value)
    nodes[-1].gradient += 1
    for i in range(len(nodes) - 1, -1, -1):
        for parent, rule in zip(nodes[i].parents, nodes[i].rules, strict=True):
            parent.gradient += rule(nodes[i].gradient)


@variant("training_step", "in-place")
def training_step(weights, gradients, x, targets, rate):
    W1, b1, W2, b2 = (weights[name] for name in ("W1", "b1", "W2", "b2"))
    h = torch.relu(x @ W1 + b1)
    z = h @ W2 + b2
    log_p = z - torch.logsumexp(z, dim=1, keepdim=True)
    rows = torch.arange(len(x))
    loss = -log_p[rows, targets].mean()
    gz = log_p.exp()
    gz[rows, targets] -= 1
    gz /= len(x)
    gh = gz @ W2.T
    gh[h == 0] = 0
    gradients["W2"][:] = h.T @ gz
    gradients["b2"][:] = gz.sum(0)
    gradients["W1"][:] = x.T @ gh
    gradients["b1"][:] = gh.sum(0)
    for name, weight in weights.items():
        weight -= rate * gradients[name]
    return loss.item()


@variant("training_step", "row-by-row")
def training_step(weights, gradients, x, targets, rate):
    for name in weights:
        gradients[name] = torch.zeros_like(weights[name])
    total = 0
    for row, target in zip(x, targets, strict=True):
        a = row @ weights["W1"] + weights["b1"]
        h = a.clamp(min=0)
        p = torch.softmax(h @ weights["W2"] + weights["b2"], dim=0)
        total = total - p[target].log()
        gz = p.clone()
        gz[target] -= 1
        ga = (weights["W2"] @ gz) * (a > 0)
        gradients["W1"] = gradients["W1"] + torch.outer(row, ga) / len(x)
        gradients["b1"] = gradients["b1"] + ga / len(x)
        gradients["W2"] = gradients["W2"] + torch.outer(h, gz) / len(x)
        gradients["b2"] = gradients["b2"] + gz / len(x)
    for name in weights:
        weights[name] = weights[name] - rate * gradients[name]
    return total / len(x)
