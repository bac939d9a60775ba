"""Softmax regression against torch and scikit-learn, and the laws a line obeys."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.testing import assert_close

from dlarch.foundations.linear import SoftmaxRegression, collapse, cross_entropy, log_softmax, softmax

sizes = st.integers(min_value=1, max_value=9)
seeds = st.integers(min_value=0, max_value=2**16)
dtypes = st.sampled_from([torch.float32, torch.float64])


def draw(*shape: int, seed: int, scale: float = 3.0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def value_and_gradient(function, logits):
    """The function's value at the logits, and the gradient of a fixed weighted sum of it."""
    logits = logits.clone().requires_grad_()
    value = function(logits)
    value.backward(torch.linspace(-1, 2, value.numel(), dtype=value.dtype).reshape(value.shape))
    return value.detach(), logits.grad


# Parity with torch.


@pytest.mark.parametrize(("ours", "theirs"), [(softmax, F.softmax), (log_softmax, F.log_softmax)])
@given(rows=sizes, classes=sizes, seed=seeds, dtype=dtypes)
def test_softmax_and_its_logarithm_equal_torch_in_value_and_gradient(ours, theirs, rows, classes, seed, dtype):
    logits = draw(rows, classes, seed=seed, dtype=dtype)
    for mine, peer in zip(
        value_and_gradient(ours, logits), value_and_gradient(lambda z: theirs(z, dim=-1), logits), strict=True
    ):
        assert_close(mine, peer)


@given(rows=sizes, classes=sizes, seed=seeds, dtype=dtypes)
def test_cross_entropy_equals_torch_in_value_and_gradient(rows, classes, seed, dtype):
    logits = draw(rows, classes, seed=seed, dtype=dtype)
    targets = torch.arange(rows) % classes
    mine = value_and_gradient(lambda z: cross_entropy(z, targets), logits)
    peer = value_and_gradient(lambda z: F.cross_entropy(z, targets), logits)
    assert_close(mine, peer)


def test_the_model_equals_torch_in_logits_and_gradients():
    model, x, targets = SoftmaxRegression(12, 5), draw(7, 3, 4, seed=0).float(), torch.tensor([0, 1, 2, 3, 4, 0, 1])
    weight, bias = (draw(5, 12, seed=1).float().requires_grad_(), draw(5, seed=2).float().requires_grad_())
    model.load_state_dict({"linear.weight": weight, "linear.bias": bias})

    logits = F.linear(x.reshape(7, 12), weight, bias)
    assert_close(model(x), logits)
    assert_close(model.probabilities(x), F.softmax(logits, dim=1))

    F.cross_entropy(logits, targets).backward()
    cross_entropy(model(x), targets).backward()
    assert_close(model.linear.weight.grad, weight.grad)
    assert_close(model.linear.bias.grad, bias.grad)


def test_training_finds_the_probabilities_that_scikit_learn_finds():
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images / 16)[:300], torch.tensor(labels)[:300]
    model = SoftmaxRegression(64, 10).double()
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=400, tolerance_grad=1e-9, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def penalised_loss():
        optimizer.zero_grad()
        # scikit-learn with C = 1 minimises the summed loss plus half the squared weights, biases left out.
        loss = cross_entropy(model(x), y) + 0.5 * model.linear.weight.square().sum() / len(x)
        loss.backward()
        return loss

    optimizer.step(penalised_loss)
    peer = LogisticRegression(C=1.0, tol=1e-8, max_iter=2000).fit(x.numpy(), y.numpy())
    unseen = torch.tensor(images / 16)[300:600]
    with torch.no_grad():
        assert_close(
            model.probabilities(unseen), torch.from_numpy(peer.predict_proba(unseen.numpy())), rtol=0, atol=1e-5
        )


# Laws.


@given(rows=sizes, classes=sizes, seed=seeds, scale=st.sampled_from([0.0, 1.0, 1e2, 1e4]))
def test_rows_are_never_negative_and_sum_to_one(rows, classes, seed, scale):
    probabilities = softmax(draw(rows, classes, seed=seed, scale=scale, dtype=torch.float32))
    assert (probabilities >= 0).all()
    assert_close(probabilities.sum(dim=-1), torch.ones(rows))


@given(rows=sizes, classes=sizes, seed=seeds, shift=st.floats(-500, 500))
def test_adding_a_constant_to_a_row_changes_nothing(rows, classes, seed, shift):
    logits = draw(rows, classes, seed=seed)
    assert_close(softmax(logits + shift), softmax(logits))
    assert_close(log_softmax(logits + shift), log_softmax(logits), rtol=1e-7, atol=1e-10)


@given(
    sizes=st.lists(sizes, min_size=2, max_size=7), seed=seeds, biases=st.lists(st.booleans(), min_size=6, max_size=6)
)
def test_one_layer_computes_what_the_stack_computes(sizes, seed, biases):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        stack = nn.Sequential(
            *[nn.Linear(n, k, bias=b, dtype=torch.float64) for n, k, b in zip(sizes, sizes[1:], biases, strict=False)]
        )
    single = collapse(stack)
    x = draw(4, sizes[0], seed=seed)
    assert (single.in_features, single.out_features) == (sizes[0], sizes[-1])
    assert_close(single(x), stack(x))
    assert (single.bias is None) == (not any(biases[: len(stack)]))


@given(inputs=sizes, classes=st.integers(2, 9), seed=seeds, size=st.sampled_from([1e-3, 1.0, 1e3]))
def test_the_logits_move_by_at_most_the_norm_of_the_matrix_times_the_step(inputs, classes, seed, size):
    model = SoftmaxRegression(inputs, classes).double()
    nn.init.normal_(model.linear.weight, generator=torch.Generator().manual_seed(seed))
    x, step = draw(20, inputs, seed=seed), draw(20, inputs, seed=seed + 1, scale=size)
    moved = (model(x + step) - model(x)).norm(dim=1)
    bound = torch.linalg.matrix_norm(model.linear.weight, 2) * step.norm(dim=1)
    assert (moved <= bound * (1 + 1e-9) + 1e-9).all()


# Edges.


def test_logits_of_a_thousand_stay_finite():
    logits = torch.tensor([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -3000.0]], requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([2, 2]))
    loss.backward()
    assert_close(loss, torch.tensor((2000.0 + 2000.0) / 2 + math.log1p(math.exp(-1))))
    assert torch.isfinite(logits.grad).all()
    assert_close(softmax(logits)[0, :2], torch.sigmoid(torch.tensor([1.0, -1.0])))


def test_a_class_at_minus_infinity_gets_probability_zero():
    assert_close(softmax(torch.tensor([0.0, -torch.inf, 0.0])), torch.tensor([0.5, 0.0, 0.5]))


def test_a_new_model_favours_no_class_and_its_loss_is_the_logarithm_of_their_number():
    model, x = SoftmaxRegression(64, 10), torch.rand(3, 1, 8, 8)
    assert_close(model.probabilities(x), torch.full((3, 10), 0.1))
    assert_close(cross_entropy(model(x), torch.tensor([0, 4, 9])), torch.tensor(math.log(10)))


def test_the_model_has_n_plus_one_times_k_parameters_and_a_gradient_reaches_each():
    model = SoftmaxRegression(64, 10)
    assert sum(p.numel() for p in model.parameters()) == (64 + 1) * 10
    cross_entropy(model(torch.rand(5, 64)), torch.tensor([0, 1, 2, 3, 4])).backward()
    assert all((p.grad != 0).all() for p in model.parameters())


def test_the_model_overfits_eight_samples():
    x, y = draw(8, 20, seed=3).float(), torch.arange(8) % 4
    model = SoftmaxRegression(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(100):
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()
        optimizer.step()
    assert (model(x).argmax(1) == y).all()
    assert cross_entropy(model(x), y) < 0.05


def test_a_line_gets_at_most_three_of_the_four_points_of_xor():
    points, labels = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.tensor([0, 1, 1, 0])
    model, best = SoftmaxRegression(2, 2), 0
    for seed in range(500):
        nn.init.normal_(model.linear.weight, generator=torch.Generator().manual_seed(seed))
        nn.init.normal_(model.linear.bias, generator=torch.Generator().manual_seed(seed + 1))
        best = max(best, int((model(points).argmax(1) == labels).sum()))
    assert best == 3


@pytest.mark.parametrize("labels", [[0, 0, 0, 1], [0, 1, 1, 1]], ids=["and", "or"])
def test_a_line_learns_and_and_or_from_their_four_points(labels):
    points, labels = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.tensor(labels)
    model = SoftmaxRegression(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for _ in range(200):
        optimizer.zero_grad()
        cross_entropy(model(points), labels).backward()
        optimizer.step()
    assert (model(points).argmax(1) == labels).all()


def test_a_narrow_middle_layer_caps_the_rank_of_the_collapsed_matrix():
    single = collapse([nn.Linear(16, 2, dtype=torch.float64), nn.Linear(2, 16, dtype=torch.float64)])
    assert torch.linalg.matrix_rank(single.weight) == 2


def test_collapsing_leaves_the_stack_as_it_was():
    stack = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    before = [p.detach().clone() for p in stack.parameters()]
    single = collapse(stack)
    with torch.no_grad():
        single.weight.zero_()
    assert_close(list(stack.parameters()), before, rtol=0, atol=0)
    assert collapse(stack[:1]).weight.data_ptr() != stack[0].weight.data_ptr()
    assert single.weight.requires_grad


# Wrong input.


@pytest.mark.parametrize(("targets", "message"), [([0, 3], r"0\.\.2, got 0\.\.3"), ([-1, 0], r"0\.\.2, got -1\.\.0")])
def test_a_target_that_is_no_class_is_refused(targets, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(torch.zeros(2, 3), torch.tensor(targets))


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        cross_entropy(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64))


@pytest.mark.parametrize(("inputs", "classes"), [(0, 10), (64, 1)])
def test_a_model_without_inputs_or_with_one_class_is_refused(inputs, classes):
    with pytest.raises(ValueError, match=f"got {inputs} and {classes}"):
        SoftmaxRegression(inputs, classes)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "no layer to collapse"),
        ([nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)], "ReLU at position 1"),
        ([nn.Linear(2, 3), nn.Linear(4, 1)], "layer 0 has 3 outputs, but layer 1 has 4 inputs"),
    ],
)
def test_a_stack_that_is_not_a_chain_of_linear_layers_is_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        collapse(layers)
