"""The engine against torch's own differentiation, drawn graph by drawn graph, and the laws of the chain rule."""

import ast
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from dlarch.foundations import backprop
from dlarch.foundations.backprop import (
    Value,
    cross_entropy,
    gradcheck,
    numerical_gradient,
    topological_order,
    unbroadcast,
)
from dlarch.foundations.mlp import MLP
from dlarch.play.backprop import Steps

seeds = st.integers(min_value=0, max_value=2**16)
sizes = st.integers(min_value=1, max_value=4)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def both(function, *inputs, gradient=None):
    """Values and gradients of the same expression, written with our nodes and with torch's tensors."""
    ours = [Value(x.clone()) for x in inputs]
    result = function(*ours)
    theirs = [x.clone().requires_grad_() for x in inputs]
    expected = function(*theirs)
    gradient = draw(*result.data.shape, seed=99) if gradient is None else gradient
    result.backward(gradient)
    peers = torch.autograd.grad(expected, theirs, gradient, allow_unused=True)
    return (result.data, *[v.grad for v in ours]), (expected.detach(), *peers)


def assert_equal_to_torch(function, *inputs):
    for mine, peer in zip(*both(function, *inputs), strict=True):
        assert (mine is None) == (peer is None)
        if mine is not None:
            assert mine.shape == peer.shape
            assert_close(mine, peer, rtol=1e-10, atol=1e-10)


def amax(x, *args, **kwargs):
    """torch's `max` picks one of those that tie; `amax` shares, as ours does."""
    return x.max(*args, **kwargs) if isinstance(x, Value) else x.amax(*args, **kwargs)


# Parity with torch.

OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (b * b + 1.0),
    "with numbers": lambda a, b: 2.0 - a * 3 + 1 / (b * b + 0.5) - 1 + 4.0 * a / 2,
    "power": lambda a, b: (a * a + 0.1) ** 0.5 * (b * b + 0.1) ** -1.5 + a**3,
    "negative": lambda a, b: -a * b,
    "exp": lambda a, b: (a * b).exp(),
    "log": lambda a, b: (a * a + b * b + 0.1).log(),
    "relu": lambda a, b: (a - b).relu(),
    "itself": lambda a, b: a * a + a - b * a,
    "unused": lambda a, b: a * 2.0,
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(rows=sizes, columns=sizes, seed=seeds, left=st.integers(0, 7), right=st.integers(0, 7), outer=st.integers(1, 3))
def test_an_operation_equals_torch_in_value_and_gradient_whatever_is_broadcast(
    name, rows, columns, seed, left, right, outer
):
    def shape(choice):
        full = (outer, rows, columns)
        kept = tuple(size if choice & (1 << axis) else 1 for axis, size in enumerate(full))
        return kept[choice % 3 :] if choice & 4 == 0 else kept  # some operands also lack leading axes

    assert_equal_to_torch(OPERATIONS[name], draw(*shape(left), seed=seed), draw(*shape(right), seed=seed + 1))


@given(b=sizes, n=sizes, k=sizes, seed=seeds, batched=st.sampled_from(["neither", "left", "right", "both", "one"]))
def test_a_matrix_product_equals_torch_with_and_without_batches(b, n, k, seed, batched):
    lead = {"neither": ((), ()), "left": ((3,), ()), "right": ((), (3,)), "both": ((3,), (3,)), "one": ((3,), (1,))}
    left, right = lead[batched]
    assert_equal_to_torch(lambda x, w: x @ w, draw(*left, b, n, seed=seed), draw(*right, n, k, seed=seed + 1))


@pytest.mark.parametrize("dim", [None, 0, 1, -1, (0, 2), (1,), (0, 1, 2)])
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("reduce", [lambda x, **k: x.sum(**k), amax], ids=["sum", "max"])
def test_a_reduction_equals_torch_over_every_axis(dim, keepdim, reduce):
    options = {} if dim is None and not keepdim else {"dim": (0, 1, 2) if dim is None else dim, "keepdim": keepdim}
    assert_equal_to_torch(lambda x: reduce(x, **options), draw(2, 3, 4))


def test_a_reduction_over_everything_can_keep_its_axes():
    x = Value(draw(2, 3))
    for result in (x.sum(keepdim=True), x.max(keepdim=True)):
        assert result.data.shape == (1, 1)
        result.backward()
    assert x.grad.shape == (2, 3)


@given(values=st.lists(st.sampled_from([-1.0, 0.0, 2.0]), min_size=6, max_size=6))
def test_entries_that_tie_share_the_gradient_of_a_maximum_as_in_amax(values):
    x = torch.tensor(values, dtype=torch.float64).reshape(2, 3)
    for dim in (0, 1, (0, 1)):
        assert_equal_to_torch(lambda v, dim=dim: amax(v, dim), x)


def test_of_two_equal_entries_each_gets_half():
    x = Value(torch.tensor([3.0, 1.0, 3.0]))
    x.max().backward()
    assert_close(x.grad, torch.tensor([0.5, 0.0, 0.5]))


@pytest.mark.parametrize(
    "rearrange",
    [
        lambda x: x.reshape(4, 6),
        lambda x: x.reshape(-1),
        lambda x: x.transpose(0, 2),
        lambda x: x.transpose(-1, -2).reshape(2, 12),
        lambda x: x[1],
        lambda x: x[:, 1:, ::2],
        lambda x: x[torch.tensor([1, 1, 0])],
        lambda x: x[torch.tensor([0, 1, 1]), torch.tensor([2, 0, 0]), torch.tensor([3, 1, 1])],
        lambda x: x[None, ..., 0],
    ],
)
def test_entries_that_are_moved_or_picked_take_their_gradients_back_to_their_places(rearrange):
    assert_equal_to_torch(lambda x: rearrange(x) * 2.0, draw(2, 3, 4))


@given(rows=st.integers(1, 6), classes=st.integers(1, 5), seed=seeds)
def test_cross_entropy_equals_torch(rows, classes, seed):
    targets = torch.arange(rows) % classes
    ours, theirs = Value(3 * draw(rows, classes, seed=seed)), (3 * draw(rows, classes, seed=seed)).requires_grad_()
    loss, peer = cross_entropy(ours, targets), F.cross_entropy(theirs, targets)
    loss.backward()
    peer.backward()
    assert_close(loss.data, peer.detach())
    assert_close(ours.grad, theirs.grad)


def test_cross_entropy_of_logits_of_a_thousand_is_finite():
    logits = Value(torch.tensor([[1000.0, -1000.0]]))
    loss = cross_entropy(logits, torch.tensor([1]))
    loss.backward()
    assert_close(loss.data, torch.tensor(2000.0))
    assert_close(logits.grad, torch.tensor([[1.0, -1.0]]))


@st.composite
def programs(draw_from):
    """A random program: each line applies an operation to earlier results, so that many are used several times."""
    lines = []
    for number in range(draw_from(st.integers(1, 12))):
        operation = draw_from(st.sampled_from(sorted(STEPS)))
        lines.append((operation, *[draw_from(st.integers(0, 3 + number)) for _ in range(2)]))
    return lines


def bounded(x):
    """Into (0, 2), so that no program overflows."""
    return (x * x + 1.0) ** -1 * 2.0


STEPS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: bounded(a) * b,
    "divide": lambda a, b: a / (bounded(b) + 0.5),
    "matmul": lambda a, b: a @ bounded(b.transpose(0, 1)) @ b,
    "relu": lambda a, b: (a + 0.1 * b).relu(),
    "exp": lambda a, b: bounded(a).exp(),
    "log": lambda a, b: (bounded(a) + 0.5).log() * b,
    "column": lambda a, b: a * b.sum(1, keepdim=True),
    "row": lambda a, b: a - b.sum(0),
    "max": lambda a, b: a - amax(b, 1, keepdim=True),
    "max of tied": lambda a, b: b + amax(b.relu(), (0, 1), keepdim=True),
    "reshape": lambda a, b: a.reshape(4, 3).transpose(0, 1) + b,
    "pick": lambda a, b: a[torch.tensor([0, 0, 2])] + b[1:2],
}


@given(lines=programs(), seed=seeds)
def test_a_random_program_equals_torch_in_value_and_gradient(lines, seed):
    def run(*inputs):
        results = list(inputs)
        for operation, left, right in lines:
            results.append(bounded(STEPS[operation](results[left], results[right])))
        return sum(results[1:], results[0])

    shapes = [(3, 4), (3, 4), (1, 4), (3, 1)]
    full = torch.zeros(3, 4, dtype=torch.float64)
    inputs = [draw(*shape, seed=seed + place) for place, shape in enumerate(shapes)]
    assert_equal_to_torch(lambda *xs: run(*[x + full for x in xs]), *inputs)


@given(widths=st.lists(st.integers(1, 6), min_size=2, max_size=5), seed=seeds)
def test_a_multilayer_perceptron_equals_torch_in_loss_and_gradients(widths, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MLP([3, *widths]).double()
    x, targets = draw(5, 3, seed=seed), torch.arange(5) % widths[-1]
    peer = F.cross_entropy(model(x), targets)
    peer.backward()

    parameters = [(Value(layer.weight.detach()), Value(layer.bias.detach())) for layer in model.layers]
    h = Value(x, constant=True)
    for place, (weight, bias) in enumerate(parameters):
        h = (h.relu() if place else h) @ weight.transpose(0, 1) + bias
    loss = cross_entropy(h, targets)
    loss.backward()
    assert_close(loss.data, peer.detach())
    for layer, (weight, bias) in zip(model.layers, parameters, strict=True):
        assert_close(weight.grad, layer.weight.grad)
        assert_close(bias.grad, layer.bias.grad)


# Laws.


def test_at_a_fan_out_the_gradients_of_both_ways_are_added():
    a, b = Value(torch.tensor(3.0)), Value(torch.tensor(4.0))
    (a * b + a).backward()
    assert (a.grad, b.grad) == (torch.tensor(5.0), torch.tensor(3.0))


def test_gradients_add_up_over_calls_until_they_are_reset():
    x = Value(torch.tensor([1.0, 2.0]))
    for calls in (1, 2, 3):
        (x * x).sum().backward()
        assert_close(x.grad, calls * torch.tensor([2.0, 4.0]))
    x.grad = None
    (x * x).sum().backward()
    assert_close(x.grad, torch.tensor([2.0, 4.0]))


def test_a_second_call_on_the_same_graph_doubles_every_gradient():
    x = Value(draw(3))
    y = (x * x).exp()
    loss = (y * y).sum()
    loss.backward()
    once = [node.grad for node in (x, y, loss)]
    loss.backward()
    for node, grad in zip((x, y, loss), once, strict=True):
        assert_close(node.grad, 2 * grad)


def test_no_gradient_shares_memory_with_another():
    a, b = Value(torch.zeros(3)), Value(torch.zeros(3))
    c = a + b
    (c + a).sum().backward()
    assert_close(a.grad, torch.full((3,), 2.0))
    assert_close(b.grad, torch.ones(3))


@given(lines=programs(), seed=seeds)
def test_the_order_holds_each_node_once_behind_its_parents(lines, seed):
    results = [Value(draw(3, 4, seed=seed + place)) for place in range(4)]
    for operation, left, right in lines:
        results.append(STEPS[operation](results[left], results[right]))
    order = topological_order(results[-1])
    place = {node: number for number, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is results[-1]
    assert all(place[parent] < place[node] for node in order for parent, _ in node.edges)


def test_a_chain_of_5000_nodes_needs_no_recursion_and_can_be_dropped():
    x = Value(torch.tensor(1.0, dtype=torch.float64))
    y = x
    for _ in range(5000):
        y = y * 1.0001
    y.backward()
    assert_close(x.grad, torch.tensor(1.0001, dtype=torch.float64) ** 5000)
    del y


def test_a_node_on_ten_doublings_is_visited_once_although_a_thousand_paths_lead_to_it():
    x = Value(torch.tensor(1.0))
    y = x
    for _ in range(10):
        y = y + y
    assert len(topological_order(y)) == 11
    y.backward()
    assert x.grad == 1024


def test_no_work_is_done_for_constants():
    x, w = Value(draw(4, 3), constant=True), Value(draw(3, 2))
    y = (x * 2.0).exp() @ w
    assert y.edges[0][0] is w
    assert len(topological_order(y)) == 2
    y.sum().backward()
    assert x.grad is None
    assert (x + 1.0).constant


def test_a_tensor_beside_a_value_is_a_constant_on_either_side():
    x, w = draw(4, 3), Value(draw(3, 2))
    for result in (x @ w, x[:3, :2] * w, x[:3, :2] - w, x[:3, :2] / w, x[:3, :2] + w):
        assert isinstance(result, Value)
        assert [parent for parent in topological_order(result) if not parent.edges] == [w]


@given(shape=st.lists(st.integers(1, 3), max_size=3), extra=st.lists(st.integers(1, 3), max_size=2), seed=seeds)
def test_taking_a_broadcast_back_is_the_transpose_of_broadcasting(shape, extra, seed):
    small = draw(*shape, seed=seed)
    large = draw(*extra, *[3 if size == 1 else size for size in shape], seed=seed + 1)
    # <expand(a), b> = <a, unbroadcast(b)>
    assert_close((small.expand(large.shape) * large).sum(), (small * unbroadcast(large, tuple(shape))).sum())
    assert unbroadcast(large, tuple(shape)).shape == small.shape


def test_central_differences_agree_and_leave_the_numbers_as_they_were():
    w, b = Value(draw(3, 2)), Value(draw(2, seed=1))
    before = w.data.clone()

    def loss():
        return cross_entropy((draw(5, 3, seed=2) @ w + b).relu() * 2.0, torch.tensor([0, 1, 1, 0, 1]))

    assert gradcheck(loss, w, b) < 1e-7
    assert torch.equal(w.data, before)
    assert_close(numerical_gradient(loss, w), w.grad, rtol=1e-6, atol=1e-8)


def test_central_differences_work_on_transposed_memory_and_on_a_single_number():
    w, c = Value(draw(3, 2).T), Value(draw())
    assert gradcheck(lambda: (w * w * c).exp().sum(), w, c) < 1e-7


def test_gradcheck_measures_large_slopes_by_their_size():
    x = Value(torch.tensor([1000.0, -700.0], dtype=torch.float64))
    assert gradcheck(lambda: (x**3).sum(), x) < 1e-7


def test_gradcheck_sees_a_wrong_rule():
    x = Value(draw(3))
    assert gradcheck(lambda: Value(x.data.exp().sum(), (x, lambda g: g * x.data)), x) > 1e-3


def test_gradcheck_sees_a_gradient_that_is_no_number_whichever_input_has_it():
    a, b = Value(draw(2)), Value(torch.zeros(2, dtype=torch.float64))
    for inputs in ((a, b), (b, a)):
        assert math.isnan(gradcheck(lambda: (a + (b * b) ** 0.5).sum(), *inputs))


def test_picked_entries_take_their_gradients_back_on_the_device_of_the_data():
    x = Value(torch.zeros(3, 2, device="meta"))
    x[torch.tensor([0, 2, 2])].sum().backward()
    assert x.grad.device.type == "meta"
    assert x.grad.shape == (3, 2)


def test_the_slope_of_relu_at_zero_is_zero_as_in_torch():
    assert_equal_to_torch(lambda x: x.relu(), torch.tensor([-1.0, 0.0, -0.0, 1.0], dtype=torch.float64))


def test_single_precision_stays_single():
    x = Value(torch.ones(2, 2))
    y = ((x * 2 - 1) @ x / 3.0).relu() ** 2
    y.sum().backward()
    assert y.data.dtype == x.grad.dtype == torch.float32


def test_training_overfits_eight_samples():
    x, targets = draw(8, 5), torch.arange(8) % 3
    parameters = [Value(0.5 * draw(5, 16, seed=1)), Value(draw(16, seed=2)), Value(0.5 * draw(16, 3, seed=3))]
    for _ in range(100):
        w1, b1, w2 = parameters
        loss = cross_entropy((x @ w1 + b1).relu() @ w2, targets)
        loss.backward()
        for p in parameters:
            p.data -= 0.3 * p.grad
            p.grad = None
    assert loss.data < 0.05


# The engine is its own.


def test_the_module_has_under_200_lines_and_never_asks_torch_for_a_gradient():
    text = Path(backprop.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    tree = ast.parse(text)
    words = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    assert words.isdisjoint({"autograd", "requires_grad", "requires_grad_", "func", "grad_fn", "functional"})


def test_everything_works_where_torch_records_nothing():
    with torch.inference_mode():
        w = Value(draw(3, 2))
        loss = cross_entropy(draw(4, 3, seed=1) @ w, torch.tensor([0, 1, 0, 1]))
        loss.backward()
        assert w.grad.is_inference()
        assert gradcheck(lambda: cross_entropy(draw(4, 3, seed=1) @ w, torch.tensor([0, 1, 0, 1])), w) < 1e-7


# Wrong input.


def test_whole_numbers_are_refused():
    with pytest.raises(ValueError, match=r"got torch\.int64: pass data\.float\(\)"):
        Value(torch.tensor([1, 2]))


def test_backward_from_several_numbers_needs_a_gradient():
    with pytest.raises(ValueError, match=r"Value\(×, shape \(3,\)\) is no single number: pass a gradient"):
        (Value(draw(3)) * 2.0).backward()


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"Value\(input, shape \(3,\)\) cannot take a gradient of \(2,\)"):
        Value(draw(3)).backward(draw(2))


def test_a_matrix_times_a_vector_is_refused():
    with pytest.raises(ValueError, match="two axes or more on each side"):
        Value(draw(3, 3)) @ Value(draw(3))


# The interactive figure.


def test_the_figure_starts_with_the_graphs_of_the_engine():
    shown = Steps().graphs["One neuron: relu(w·x + b)²"]
    assert [node["name"] for node in shown] == ["x", "w", "b", "×", "+", "relu", "^2"]
    assert [node["parents"] for node in shown] == [[], [], [], [1, 0], [3, 2], [4], [5]]
    assert [node["row"] for node in shown] == [0, 0, 0, 1, 2, 3, 4]


def test_an_unknown_graph_is_refused():
    with pytest.raises(traitlets.TraitError, match=r"graph must be one of \['A shortcut.*got 'XOR'"):
        Steps(graph="XOR")
