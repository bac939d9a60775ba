"""Regularization against torch, layer by layer, and the laws that each method obeys."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch.foundations.mlp import MLP
from dlarch.foundations.regularization import (
    BatchNorm1d,
    BatchNorm2d,
    Dropout,
    LayerNorm,
    LocalResponseNorm,
    fold_batch_norm,
    l2_penalty,
    label_smoothing_loss,
    mixup,
    random_crop,
    random_flip,
    weights,
)
from dlarch.play.regularization import HIDDEN, Borders, Networks, disc

sizes = st.integers(min_value=1, max_value=6)
seeds = st.integers(min_value=0, max_value=2**16)
rates = st.floats(min_value=0, max_value=1)


def draw(*shape: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    noise = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return scale * noise + shift


def twins(ours: nn.Module, theirs: nn.Module, seed: int) -> tuple[nn.Module, nn.Module]:
    """Both layers in double precision with the same random scale and shift."""
    ours, theirs = ours.double(), theirs.double()
    with torch.no_grad():
        for i, (mine, peer) in enumerate(zip(ours.parameters(), theirs.parameters(), strict=True)):
            mine.copy_(draw(*mine.shape, seed=seed + i, shift=0.5))
            peer.copy_(mine)
    return ours, theirs


def assert_same(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    """Output, gradients of input and parameters, and buffers agree after one call."""
    found = []
    for layer in (ours, theirs):
        given_x = x.clone().requires_grad_()
        layer.zero_grad()
        y = layer(given_x)
        y.backward(torch.linspace(-1, 2, y.numel(), dtype=y.dtype).reshape(y.shape))
        found.append([y.detach(), given_x.grad, *(p.grad for p in layer.parameters()), *layer.buffers()])
    assert_close(*found)


# Batch norm.


@settings(max_examples=50)
@given(
    case=st.sampled_from([(BatchNorm1d, nn.BatchNorm1d, 0), (BatchNorm1d, nn.BatchNorm1d, 1),
                          (BatchNorm2d, nn.BatchNorm2d, 2)]),
    batch=sizes, channels=sizes, places=st.tuples(sizes, sizes), seed=seeds,
    momentum=st.sampled_from([0.1, 0.9, 0.0, None]), eps=st.sampled_from([1e-5, 1e-2]),
)  # fmt: skip
def test_batch_norm_equals_torch_over_several_steps_in_output_statistics_and_gradients(
    case, batch, channels, places, seed, momentum, eps
):
    mine, peer, extra = case
    shape = (batch, channels, *places[:extra])
    assume(math.prod(shape) > channels)
    ours, theirs = twins(mine(channels, eps=eps, momentum=momentum), peer(channels, eps=eps, momentum=momentum), seed)
    for step in range(4):
        assert_same(ours, theirs, draw(*shape, seed=seed + step, scale=2.0 + step, shift=-3.0))
    assert ours.num_batches_tracked == 4
    ours.eval(), theirs.eval()
    assert_same(ours, theirs, draw(*shape, seed=seed + 9))
    assert ours.num_batches_tracked == 4


def test_batch_norm_keeps_exact_statistics_behind_a_layer_in_bfloat16():
    linear, x = nn.Linear(3, 4), draw(50, 3, seed=0).float()
    ours, theirs = (norm.float() for norm in twins(BatchNorm1d(4), nn.BatchNorm1d(4), seed=0))
    with torch.autocast("cpu", torch.bfloat16):
        mine, wanted = (norm(linear(x)) for norm in (ours, theirs))
    mine.square().sum().backward()
    assert_close(mine, wanted, check_dtype=False, rtol=1e-2, atol=1e-2)  # the peer rounds its output to bfloat16
    assert_close(ours.running_mean, theirs.running_mean)
    assert_close(ours.running_var, theirs.running_var)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(BatchNorm1d, nn.BatchNorm1d), (BatchNorm2d, nn.BatchNorm2d), (LayerNorm, nn.LayerNorm)]
)
def test_a_norm_has_the_names_and_the_start_of_its_peer_in_torch(ours, theirs):
    mine, peer = ours(5).state_dict(), theirs(5).state_dict()
    assert list(mine) == list(peer)
    assert_close(mine, peer)


def test_the_batch_is_normalised_by_the_biased_variance_and_the_estimate_kept_is_unbiased():
    norm, x = BatchNorm1d(1, eps=0.0, momentum=1.0).double(), torch.tensor([[1.0], [3.0]]).double()
    assert_close(norm(x), torch.tensor([[-1.0], [1.0]]).double())  # the biased variance is 1
    assert_close(norm.running_var, torch.tensor([2.0]).double())  # the unbiased one is 2


def test_the_running_estimates_move_a_tenth_of_the_way_to_each_batch():
    norm = BatchNorm1d(1)
    norm(torch.tensor([[9.0], [11.0]]))
    assert_close(norm.running_mean, torch.tensor([1.0]))
    norm(torch.tensor([[9.0], [11.0]]))
    assert_close(norm.running_mean, torch.tensor([1.9]))


@given(batch=st.integers(2, 9), seed=seeds, scale=st.floats(0.1, 100.0), shift=st.floats(-100.0, 100.0))
def test_in_training_the_scale_and_the_shift_of_the_input_are_lost(batch, seed, scale, shift):
    norm, x = BatchNorm1d(3, eps=0.0).double(), draw(batch, 3, seed=seed)
    assume(x.std(dim=0).min() > 1e-2)
    assert_close(norm(scale * x + shift), norm(x), rtol=1e-6, atol=1e-6)


def test_gamma_and_beta_move_the_mean_to_seven_and_the_deviation_to_three():
    norm = BatchNorm1d(4, eps=0.0).double()
    nn.init.constant_(norm.weight, 3.0)
    nn.init.constant_(norm.bias, 7.0)
    y = norm(draw(50, 4, seed=0, scale=5.0, shift=-2.0))
    assert_close(y.mean(dim=0), torch.full((4,), 7.0).double())
    assert_close(y.std(dim=0, correction=0), torch.full((4,), 3.0).double())


@given(seed=seeds)
def test_in_a_batch_of_two_every_value_becomes_plus_or_minus_one(seed):
    x = draw(2, 6, seed=seed, scale=10.0)
    assume((x[0] - x[1]).abs().min() > 0.1)
    assert_close(BatchNorm1d(6, eps=0.0).double()(x), (x - x.flip(0)).sign())


def test_in_training_an_example_is_changed_by_the_others_of_its_batch_and_in_eval_it_is_not():
    norm, x = BatchNorm1d(3).double(), draw(8, 3, seed=0)
    assert not torch.allclose(norm(x)[:4], norm(x[:4]))
    norm.eval()
    assert_close(norm(x)[:4], norm(x[:4]))


@pytest.mark.parametrize(
    ("norm", "shape", "message"),
    [
        (BatchNorm1d(3), (1, 3), r"more than 1 value a channel in training, got \(1, 3\)"),
        (BatchNorm2d(3), (1, 3, 1, 1), "more than 1 value"),
        (BatchNorm1d(3), (4, 5), r"3 channels in the second, got \(4, 5\)"),
        (BatchNorm1d(3), (4, 3, 2, 2), "2 or 3 axes"),
        (BatchNorm2d(3), (4, 3), "4 axes and 3 channels"),
        (LayerNorm(3), (4, 5), r"must hold 3 features, got \(4, 5\)"),
    ],
)
def test_a_norm_refuses_what_it_cannot_normalise(norm, shape, message):
    with pytest.raises(ValueError, match=message):
        norm(torch.zeros(shape))


def test_in_eval_a_batch_of_one_is_welcome():
    norm = BatchNorm1d(3).eval()
    assert_close(norm(torch.ones(1, 3)), torch.ones(1, 3), rtol=0, atol=1e-5)


# Folding.


@given(inputs=sizes, channels=sizes, seed=seeds, bias=st.booleans())
def test_the_folded_layer_computes_what_the_layer_and_its_norm_compute(inputs, channels, seed, bias):
    linear = nn.Linear(inputs, channels, bias=bias).double()
    norm, _ = twins(BatchNorm1d(channels), nn.BatchNorm1d(channels), seed)
    for step in range(3):
        norm(linear(draw(7, inputs, seed=seed + step, shift=1.0)))
    pair = nn.Sequential(linear, norm).eval()
    before, x = copy.deepcopy(pair.state_dict()), draw(5, inputs, seed=seed + 9)
    assert_close(fold_batch_norm(linear, norm)(x), pair(x))
    assert_close(pair.state_dict(), before, rtol=0, atol=0)


def test_folding_refuses_a_norm_of_another_size():
    with pytest.raises(ValueError, match="4 outputs, norm of 3 channels"):
        fold_batch_norm(nn.Linear(2, 4), BatchNorm1d(3))


# Layer norm and local response norm.


@given(rows=st.lists(sizes, min_size=0, max_size=3), features=sizes, seed=seeds, eps=st.sampled_from([1e-5, 1e-2]))
def test_layer_norm_equals_torch_in_output_and_gradients_and_in_eval(rows, features, seed, eps):
    ours, theirs = twins(LayerNorm(features, eps=eps), nn.LayerNorm(features, eps=eps), seed)
    x = draw(*rows, features, seed=seed, scale=3.0, shift=2.0)
    assert_same(ours, theirs, x)
    trained = ours(x)
    assert_close(ours.eval()(x), trained, rtol=0, atol=0)


@given(batch=sizes, channels=st.integers(1, 9), side=sizes, seed=seeds, size=st.sampled_from([1, 3, 5, 7]))
def test_local_response_norm_equals_torch_whose_alpha_is_the_papers_times_the_window(batch, channels, side, seed, size):
    x = draw(batch, channels, side, side, seed=seed, scale=20.0)
    ours, theirs = LocalResponseNorm(size, alpha=1e-2), nn.LocalResponseNorm(size, alpha=size * 1e-2, beta=0.75, k=2.0)
    assert_same(ours, theirs, x)


def test_the_default_of_local_response_norm_is_that_of_alexnet_which_is_five_times_as_much_in_torch():
    x = draw(2, 12, 3, 3, seed=0, scale=50.0)
    assert_close(LocalResponseNorm()(x), nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)(x))
    assert not torch.allclose(LocalResponseNorm()(x), nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)(x))


@pytest.mark.parametrize("size", [0, 4, -1])
def test_a_window_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match=f"odd, so that the window has a middle, got {size}"):
        LocalResponseNorm(size)


# Dropout.


@given(shape=st.lists(sizes, min_size=1, max_size=4), seed=seeds, p=rates)
def test_dropout_equals_torch_from_the_same_seed_in_output_and_gradient(shape, seed, p):
    x, found = draw(*shape, seed=seed), []
    for layer in (Dropout(p), nn.Dropout(p)):
        given_x = x.clone().requires_grad_()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            y = layer(given_x)
        y.sum().backward()
        found.append((y.detach(), given_x.grad))
    assert_close(*found)


@given(p=st.floats(0.0, 0.95), seed=seeds)
def test_what_dropout_keeps_is_divided_by_one_minus_p_and_the_rest_is_zero(p, seed):
    x = 1 + torch.rand(200, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    y = Dropout(p)(x)
    kept = y != 0
    assert_close(y[kept], x[kept] / (1 - p))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_keeps_a_share_of_one_minus_p_and_the_mean(p):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        y = Dropout(p)(torch.ones(200_000))
    deviation = math.sqrt(p * (1 - p) / 200_000)
    assert abs((y != 0).float().mean().item() - (1 - p)) < 5 * deviation
    assert abs(y.mean().item() - 1) < 5 * deviation / (1 - p)


def test_dropout_of_zero_keeps_all_and_of_one_nothing_even_of_the_gradient():
    x = draw(5, 3, seed=0).requires_grad_()
    assert_close(Dropout(0.0)(x), x)
    y = Dropout(1.0)(x)
    y.sum().backward()
    assert (y == 0).all()
    assert (x.grad == 0).all()


@given(p=rates)
def test_dropout_does_nothing_in_eval(p):
    x = draw(3, 4, seed=0)
    assert Dropout(p).eval()(x) is x


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_dropout_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match=rf"must lie in 0\.\.1, got {p}"):
        Dropout(p)


# The L2 penalty and weight decay.


def digits_like(model: nn.Module) -> torch.Tensor:
    x, y = draw(20, 6, seed=1), torch.arange(20) % 3
    return F.cross_entropy(model(x), y)


def trained(optimizer: type, *, steps: int = 20, strength: float = 0.0, decay: float = 0.0, **options: float) -> list:
    """The parameters of a small network after some steps with the penalty in the loss, or with weight decay."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = MLP([6, 8, 3]).double()
    groups = [
        {"params": list(weights(model)), "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    rule = optimizer(groups, **options)
    for _ in range(steps):
        rule.zero_grad()
        (digits_like(model) + l2_penalty(model, strength)).backward()
        rule.step()
    return [p.detach() for p in model.parameters()]


def gap(first: list, second: list) -> float:
    return max((a - b).abs().max().item() for a, b in zip(first, second, strict=True))


@given(strength=st.floats(0.0, 10.0), sizes=st.lists(sizes, min_size=2, max_size=4), seed=seeds)
def test_the_penalty_is_the_sum_of_squared_weights_and_its_gradient_twice_the_weight(strength, sizes, seed):
    model = MLP(sizes).double()
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            parameter.copy_(draw(*parameter.shape, seed=seed + i))
    penalty = l2_penalty(model, strength)
    assert_close(penalty, strength * sum(layer.weight.square().sum() for layer in model.layers))
    penalty.backward()
    for layer in model.layers:
        assert_close(layer.weight.grad, 2 * strength * layer.weight.detach())
        assert layer.bias.grad is None


def test_the_penalty_leaves_norms_and_biases_alone():
    model = nn.Sequential(nn.Conv2d(2, 3, 3), BatchNorm2d(3), nn.Flatten(), nn.Linear(3, 4), LayerNorm(4))
    assert [id(w) for w in weights(model)] == [id(model[0].weight), id(model[3].weight)]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_under_sgd_the_penalty_equals_the_weight_decay_of_torch_at_twice_the_strength(momentum):
    sgd = torch.optim.SGD
    penalised = trained(sgd, strength=0.01, lr=0.1, momentum=momentum)
    assert_close(penalised, trained(sgd, decay=0.02, lr=0.1, momentum=momentum))
    assert gap(penalised, trained(sgd, lr=0.1, momentum=momentum)) > 1e-3


def test_under_plain_sgd_the_penalty_equals_shrinking_the_weights_before_each_step():
    shrunk = trained(DecayThenStep, decay=0.02, lr=0.1)
    assert_close(trained(torch.optim.SGD, strength=0.01, lr=0.1), shrunk)


class DecayThenStep(torch.optim.SGD):
    """Every weight shrinks by lr times its decay; then a step down the loss alone."""

    def step(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * parameter.grad)


def test_under_adam_the_penalty_equals_its_weight_decay_and_adamw_does_something_else():
    penalised = trained(torch.optim.Adam, strength=0.01, lr=0.01)
    assert_close(penalised, trained(torch.optim.Adam, decay=0.02, lr=0.01))
    assert gap(penalised, trained(torch.optim.AdamW, decay=0.02, lr=0.01)) > 1e-2


def test_a_negative_strength_and_a_model_without_weights_are_refused():
    with pytest.raises(ValueError, match=r"at least 0, got -0\.1"):
        l2_penalty(MLP([2, 2]), -0.1)
    with pytest.raises(ValueError, match="ReLU has no weights: pass a model"):
        l2_penalty(nn.ReLU(), 0.1)


# Label smoothing and mixup.


@given(rows=sizes, classes=st.integers(2, 9), seed=seeds, smoothing=rates)
def test_label_smoothing_equals_torch_in_value_and_gradient(rows, classes, seed, smoothing):
    targets, found = torch.arange(rows) % classes, []
    for loss in (
        lambda z: label_smoothing_loss(z, targets, smoothing),
        lambda z: F.cross_entropy(z, targets, label_smoothing=smoothing),
    ):
        logits = draw(rows, classes, seed=seed, scale=4.0).requires_grad_()
        value = loss(logits)
        value.backward()
        found.append((value.detach(), logits.grad))
    assert_close(*found)


def test_with_smoothing_more_certainty_costs_at_last():
    targets = torch.tensor([0])
    losses = [label_smoothing_loss(torch.tensor([[z, 0.0, 0.0]]), targets, 0.1).item() for z in (0.0, 3.0, 30.0)]
    assert losses[1] < losses[0] < losses[2]


@given(rows=sizes, classes=st.integers(2, 5), seed=seeds, alpha=st.floats(0.05, 5.0))
def test_mixup_blends_examples_and_targets_in_the_same_proportion(rows, classes, seed, alpha):
    targets = torch.arange(rows) % classes
    x = F.one_hot(targets, classes).double()[:, :, None]  # each example shows its own target
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        mixed, truth = mixup(x, targets, classes, alpha=alpha)
    assert_close(mixed[:, :, 0], truth)
    assert_close(truth.sum(dim=1), torch.ones(rows).double())
    assert_close(mixed.sum(dim=0), x.sum(dim=0))  # every example enters once as itself and once as a partner


def test_a_large_alpha_blends_half_and_half_and_a_small_one_hardly():
    x, targets = torch.eye(2).double(), torch.tensor([0, 1])
    strongest = {}
    with torch.random.fork_rng():
        for alpha in (0.02, 1000.0):
            torch.manual_seed(0)
            strongest[alpha] = torch.stack([mixup(x, targets, 2, alpha=alpha)[1].amax() for _ in range(60)])
    assert strongest[0.02].median() > 0.99
    assert strongest[1000.0].min() < 0.6


@pytest.mark.parametrize(
    "call",
    [
        lambda: label_smoothing_loss(torch.zeros(1, 2), torch.tensor([0]), 1.5),
        lambda: mixup(torch.zeros(1, 2), torch.tensor([0]), 2, alpha=0.0),
        lambda: random_crop(torch.zeros(1, 1, 2, 2), -1),
        lambda: random_flip(torch.zeros(1, 1, 2, 2), 2.0),
    ],
    ids=["smoothing", "alpha", "padding", "p"],
)
def test_a_strength_out_of_range_is_refused(call):
    with pytest.raises(ValueError, match=r"(must be|must lie in) .*, got"):
        call()


# Augmentation.


@given(batch=sizes, channels=sizes, height=sizes, width=sizes, padding=st.integers(0, 3), seed=seeds)
def test_every_crop_is_one_of_the_moved_images(batch, channels, height, width, padding, seed):
    images = draw(batch, channels, height, width, seed=seed)
    padded = F.pad(images, [padding] * 4)
    reach = range(2 * padding + 1)
    for i, crop in enumerate(random_crop(images, padding)):
        moved = [padded[i, :, r : r + height, c : c + width] for r in reach for c in reach]
        assert any(torch.equal(crop, candidate) for candidate in moved)


def test_every_crop_occurs_and_the_images_of_a_batch_move_independently():
    images = torch.zeros(2000, 1, 3, 3)
    images[:, 0, 1, 1] = 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        places = random_crop(images, 1).flatten(1).argmax(dim=1)
    counts = places.bincount(minlength=9)
    assert counts.min() > 150
    assert counts.max() < 300


@given(p=st.sampled_from([0.0, 0.5, 1.0]), batch=sizes, width=st.integers(2, 6), seed=seeds)
def test_an_image_is_mirrored_whole_or_not_at_all(p, batch, width, seed):
    images = draw(batch, 2, 3, width, seed=seed)
    for before, after in zip(images, random_flip(images, p), strict=True):
        kept, mirrored = torch.equal(after, before), torch.equal(after, before.flip(-1))
        assert kept or mirrored
        assert (kept, mirrored) == (True, False) if p == 0 else True
        assert (kept, mirrored) == (False, True) if p == 1 else True


def test_half_of_the_images_are_mirrored():
    images = torch.tensor([1.0, 0.0]).expand(4000, 1, 1, 2)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        share = (random_flip(images)[:, 0, 0, 0] == 0).float().mean()
    assert abs(share - 0.5) < 0.04


# The figure.


def test_the_networks_of_the_figure_train_as_one_mlp_with_the_penalty_does():
    points, strengths = disc(seed=1), [0.0, 0.01]
    networks = Networks(torch.tensor(strengths), torch.zeros(2), seed=1)
    models = [MLP([2, HIDDEN, HIDDEN, 1]) for _ in strengths]
    with torch.no_grad():
        for k, model in enumerate(models):
            for layer, weight, bias in zip(model.layers, networks.weights, networks.biases, strict=True):
                layer.weight.copy_(weight[k].T)
                layer.bias.copy_(bias[k, 0])
    networks.train(points.known, points.known_class, steps=8)
    for strength, model, scores in zip(strengths, models, networks.scores(points.unseen), strict=True):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(8):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(points.known).squeeze(1), points.known_class)
            (loss + l2_penalty(model, strength)).backward()
            optimizer.step()
        assert_close(model(points.unseen).squeeze(1), scores, rtol=1e-4, atol=1e-4)


def test_the_networks_of_the_figure_drop_units_at_their_own_rate_in_training_only():
    networks, x = Networks(torch.zeros(2), torch.tensor([0.0, 0.5])), disc().unseen
    quiet, loud = networks.scores(x, training=True), networks.scores(x)
    assert_close(quiet[0], loud[0])
    assert not torch.allclose(quiet[1], loud[1])


def test_the_figure_holds_a_map_and_a_result_for_every_pair_of_strength_and_rate():
    figure = Borders.trained(steps=20)
    pairs = len(figure.strengths) * len(figure.rates)
    assert len(figure.maps) == pairs * 41 * 41
    assert len(figure.results) == pairs
    assert len(figure.points) == 80
    assert sum(given != truth for _, _, given, truth in figure.points) == 12
    assert all(truth == (x1**2 + x2**2 < figure.radius**2) for x1, x2, _, truth in figure.points)
    lonely = Networks(torch.tensor(figure.strengths[:1]), torch.tensor(figure.rates[:1]))
    lonely.train(disc().known, disc().known_class, steps=20)
    corners = torch.tensor([[-2.0, -2.0], [2.0, -2.0], [-2.0, 2.0]])  # two ends of the first row, the start of the last
    expected = (255 * lonely.scores(corners).sigmoid()[0]).detach()
    drawn = torch.tensor([figure.maps[0], figure.maps[40], figure.maps[40 * 41]]).float()
    assert_close(drawn, expected, rtol=0, atol=1.0)
