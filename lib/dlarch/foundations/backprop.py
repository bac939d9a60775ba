"""Backpropagation over tensors: the chain rule applied once to each node of a graph, from the result to the inputs
(Linnainmaa 1976, https://doi.org/10.1007/BF01931367; Rumelhart et al. 1986, https://doi.org/10.1038/323533a0).

A node is a `Value`. An edge leads from it to a parent, a node that it was computed from, and holds the function that
turns the node's gradient into the parent's share. A gradient has the shape of the data.

B rows, K classes; S and T stand for any axes.
"""

from collections.abc import Callable
from itertools import product

import torch
from jaxtyping import Float, Int
from torch import Tensor

Operand = "Value | Tensor | float | int"
Edge = tuple["Value", Callable[[Tensor], Tensor]]


class Value:
    """A tensor that remembers what it was computed from. Operators on values build the graph as they compute.

    Args:
        data: floating-point numbers; others raise a `ValueError`.
        *edges: pairs of a parent and the function to its gradient; an input has none.
        name: what a drawing calls the node.
        constant: whether nobody asks for its gradient. No edge leads to a constant, which saves the work.

    Attributes:
        grad: derivative of what `backward` was called on, added up over all calls; None before the first.
    """

    def __init__(self, data: Tensor, *edges: Edge, name: str = "", constant: bool = False) -> None:
        if not data.is_floating_point():
            raise ValueError(f"only floating-point numbers have derivatives, got {data.dtype}: pass data.float()")
        self.data, self.name = data, name
        self.edges = [edge for edge in edges if not edge[0].constant]
        self.constant = constant or (bool(edges) and not self.edges)
        self.grad: Tensor | None = None

    def __repr__(self) -> str:
        return f"Value({self.name or 'input'}, shape {tuple(self.data.shape)})"

    def __add__(self, other: Operand) -> "Value":
        other = as_value(other, like=self)
        return Value(self.data + other.data, (self, lambda g: g), (other, lambda g: g), name="+")

    def __mul__(self, other: Operand) -> "Value":
        other = as_value(other, like=self)
        edges = (self, lambda g: g * other.data), (other, lambda g: g * self.data)
        return Value(self.data * other.data, *edges, name="×")

    def __pow__(self, exponent: float | int) -> "Value":
        edge = (self, lambda g: g * exponent * self.data ** (exponent - 1))
        return Value(self.data**exponent, edge, name=f"^{exponent}")

    def __matmul__(self, other: Operand) -> "Value":
        other = as_value(other, like=self)
        if min(self.data.ndim, other.data.ndim) < 2:
            raise ValueError(f"@ needs two axes or more on each side: {self} @ {other}")
        edges = (self, lambda g: g @ other.data.mT), (other, lambda g: self.data.mT @ g)
        return Value(self.data @ other.data, *edges, name="@")

    def relu(self) -> "Value":
        # The slope at zero is a choice; PyTorch takes 0 as well.
        edge = (self, lambda g: g * (self.data > 0))
        return Value(self.data.clamp(min=0), edge, name="relu")

    def exp(self) -> "Value":
        result = self.data.exp()
        return Value(result, (self, lambda g: g * result), name="exp")

    def log(self) -> "Value":
        return Value(self.data.log(), (self, lambda g: g / self.data), name="log")

    def sum(self, dim: int | tuple[int, ...] | None = None, *, keepdim: bool = False) -> "Value":
        ones = self.data.sum(dim, keepdim=True).shape  # the shape in which summed axes have size one
        edge = (self, lambda g: g.reshape(ones).expand_as(self.data))
        return Value(self.data.sum(dim, keepdim=keepdim), edge, name="sum")

    def max(self, dim: int | tuple[int, ...] | None = None, *, keepdim: bool = False) -> "Value":
        """Largest entries. Those that tie share the gradient equally, as in `torch.amax`."""
        axes = tuple(range(self.data.ndim)) if dim is None else dim
        largest = self.data.amax(axes, keepdim=True)
        ties = (self.data == largest).to(self.data.dtype)
        edge = (self, lambda g: g.reshape(largest.shape) * ties / ties.sum(axes, keepdim=True))
        return Value(self.data.amax(axes, keepdim=keepdim), edge, name="max")

    def reshape(self, *shape: int) -> "Value":
        return Value(self.data.reshape(shape), (self, lambda g: g.reshape(self.data.shape)), name="reshape")

    def transpose(self, dim0: int, dim1: int) -> "Value":
        return Value(self.data.transpose(dim0, dim1), (self, lambda g: g.transpose(dim0, dim1)), name="transpose")

    def __getitem__(self, index: object) -> "Value":
        def scatter_add(g: Tensor) -> Tensor:  # an entry that was picked twice gets both shares
            places = torch.arange(self.data.numel(), device=g.device).reshape(self.data.shape)[index].flatten()
            return torch.zeros_like(self.data).flatten().index_add(0, places, g.flatten()).reshape(self.data.shape)

        return Value(self.data[index], (self, scatter_add), name="[ ]")

    def __neg__(self) -> "Value":
        return self * -1.0

    def __sub__(self, other: Operand) -> "Value":
        return self + -1.0 * as_value(other, like=self)

    def __truediv__(self, other: Operand) -> "Value":
        return self * as_value(other, like=self) ** -1

    def __rsub__(self, other: Operand) -> "Value":
        return -self + other

    def __rtruediv__(self, other: Operand) -> "Value":
        return self**-1 * other

    def __rmatmul__(self, other: Operand) -> "Value":
        return as_value(other, like=self) @ self

    __radd__, __rmul__ = __add__, __mul__

    def backward(self, gradient: Tensor | None = None) -> None:
        """Add to the `grad` of each node the derivative of this one with respect to it.

        Args:
            gradient: shaped like the data; by default 1, if that is a single number.
        """
        if gradient is None and self.data.numel() != 1:
            raise ValueError(f"{self} is no single number: pass a gradient")
        start = torch.ones_like(self.data) if gradient is None else gradient
        if start.shape != self.data.shape:
            raise ValueError(f"{self} cannot take a gradient of {tuple(start.shape)}")
        arrived = {self: start}
        for node in reversed(topological_order(self)):
            g = arrived.pop(node)  # complete: all that uses the node came before
            node.grad = g if node.grad is None else node.grad + g
            for parent, pull in node.edges:
                share = unbroadcast(pull(g), parent.data.shape)
                # A new sum, not +=: two parents may have got the same tensor.
                arrived[parent] = arrived.get(parent, 0.0) + share


def as_value(operand: Operand, *, like: Value) -> Value:
    """The operand itself if it is a value; else a constant in the type of `like`."""
    if isinstance(operand, Value):
        return operand
    return Value(torch.as_tensor(operand, dtype=like.data.dtype, device=like.data.device), constant=True)


def topological_order(last: Value) -> list[Value]:
    """`last` and all that it was computed from, each node behind its parents."""
    order, seen, stack = [], set(), [(last, False)]
    while stack:  # no recursion, which Python would end after about 1,000 calls
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in node.edges)
    return order


def unbroadcast(g: Float[Tensor, "*T"], to: tuple[int, ...]) -> Float[Tensor, "*S"]:
    """Sum over the axes along which an operand of this shape was repeated."""
    missing = tuple(range(g.ndim - len(to)))
    g = g.sum(missing) if missing else g
    repeated = tuple(i for i, size in enumerate(to) if size != g.shape[i])
    return g.sum(repeated, keepdim=True) if repeated else g


def cross_entropy(logits: Value, targets: Int[Tensor, " B"]) -> Value:
    """Mean of -log softmax(logits) at the true classes; logits of shape B K."""
    shifted = logits - logits.data.amax(dim=1, keepdim=True)  # a constant, since the shift cancels
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].sum() / len(targets)


def numerical_gradient(function: Callable[[], Value], of: Value, *, step: float = 1e-6) -> Tensor:
    """The slope of the function in each number of `of`, which is moved by `step` to either side and put back."""
    slopes = torch.zeros_like(of.data)
    for place in product(*map(range, of.data.shape)):
        before = of.data[place].item()
        for sign in (1, -1):
            of.data[place] = before + sign * step
            slopes[place] += sign * function().data.item() / (2 * step)
        of.data[place] = before
    return slopes


def gradcheck(function: Callable[[], Value], *inputs: Value, step: float = 1e-6) -> float:
    """Largest difference of `backward` from central differences, relative to slopes above 1; 1e-3 is a mistake."""
    for value in inputs:
        value.grad = torch.zeros_like(value.data)
    function().backward()
    slopes = torch.cat([value.grad.flatten() for value in inputs])
    peers = torch.cat([numerical_gradient(function, value, step=step).flatten() for value in inputs])
    return ((slopes - peers).abs() / peers.abs().clamp(min=1)).max().item()
