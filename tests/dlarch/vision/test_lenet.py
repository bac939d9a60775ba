"""LeNet-5 against a second way of writing it, the paper's counts and its own laws."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.lenet import (
    RBF,
    TABLE,
    LeNet,
    LeNet5,
    Subsample,
    TableConv2d,
    competitive_loss,
    digit_codes,
    distance_loss,
    framed,
    full_table,
    squash,
    uniform_init,
)

# The table as it is printed: a row for each map of S2, a column for each map of C3.
PRINTED = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
"""


def random_images(count: int, side: int = 32) -> torch.Tensor:
    return torch.rand(count, 1, side, side, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def strong(model: nn.Module) -> nn.Module:
    """The model in double precision with weights so large that every bend matters."""
    generator = torch.Generator().manual_seed(2)
    model = model.double()
    with torch.no_grad():
        for parameter in model.parameters():
            reads = parameter[0].numel() if parameter.ndim > 1 else 1
            parameter.uniform_(-2 / math.sqrt(reads), 2 / math.sqrt(reads), generator=generator)
    return model


# Against a second way of writing it


def by_columns(x: torch.Tensor, layer: TableConv2d, table) -> torch.Tensor:
    """One convolution for each output map, over the maps that its row of the table names."""
    maps, done = [], 0
    for k, row in enumerate(table):
        kernel = layer.weight[done : done + len(row)][None]
        maps.append(F.conv2d(x[:, list(row)], kernel, layer.bias[k : k + 1]))
        done += len(row)
    return torch.cat(maps, dim=1)


def tanh(x: torch.Tensor) -> torch.Tensor:
    """The same function by exponentials."""
    return 1.7159 * (1 - 2 / (1 + torch.exp(4 * x / 3)))


def shrunk(x: torch.Tensor, layer: Subsample) -> torch.Tensor:
    """A convolution of stride 2 whose four weights are equal, channel by channel."""
    weight = layer.coefficient[:, None, None, None].expand(-1, 1, 2, 2)
    return F.conv2d(x, weight, layer.bias, stride=2, groups=x.shape[1])


def written_out(model: LeNet5, x: torch.Tensor) -> torch.Tensor:
    h = tanh(F.conv2d(x, model.c1.weight, model.c1.bias))
    h = tanh(by_columns(tanh(shrunk(h, model.s2)), model.c3, TABLE))
    h = tanh(shrunk(h, model.s4)).flatten(1)
    h = tanh(h @ model.c5.weight.flatten(1).T + model.c5.bias)
    h = tanh(h @ model.f6.weight.T + model.f6.bias)
    return -(torch.cdist(h, digit_codes().double()) ** 2)


def test_the_same_weights_give_the_scores_and_gradients_of_the_network_written_out():
    model, x = strong(LeNet5()), random_images(3)
    parameters = list(model.parameters())
    results = []
    for compute in (model, lambda x: written_out(model, x)):
        given_x = x.clone().requires_grad_()
        scores = compute(given_x)
        weights = torch.arange(30, dtype=torch.float64).reshape(3, 10).sin()
        results.append((scores, *torch.autograd.grad((scores * weights).sum(), [given_x, *parameters])))
    assert results[0][0].std() > 1
    for received, expected in zip(*results, strict=True):
        assert_close(received, expected)


def test_the_modern_one_gives_the_scores_and_gradients_of_a_plain_sequence_of_layers():
    for side in (28, 32):
        model, x = strong(LeNet(7, side=side)), random_images(3, side)
        plain = nn.Sequential(
            *[nn.Conv2d(1, 6, 5, padding=2 if side == 28 else 0), nn.MaxPool2d(2), nn.ReLU()],
            *[nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten()],
            *[nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 7)],
        ).double()
        plain.load_state_dict(dict(zip(plain.state_dict(), model.state_dict().values(), strict=True)))
        outputs = [network(x) for network in (model, plain)]
        assert_close(*outputs)
        gradients = [
            torch.autograd.grad(output.square().sum(), list(network.parameters()))
            for network, output in zip((model, plain), outputs, strict=True)
        ]
        for received, expected in zip(*gradients, strict=True):
            assert_close(received, expected)


# The published numbers


def test_layer_by_layer_the_parameters_are_those_of_the_paper_and_sum_to_60_000():
    model = LeNet5()
    counts = {name: measure.count_parameters(part) for name, part in model.named_children()}
    assert counts == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164, "head": 0}
    assert measure.count_parameters(model) == 60000


def test_without_the_table_c3_has_900_parameters_more():
    full = LeNet5(table=full_table(6, 16))
    assert measure.count_parameters(full.c3) == 2416
    assert measure.count_parameters(full) == 60900


def test_the_modern_one_has_61_706_parameters_and_does_416_520_multiply_adds_at_either_size():
    for side in (28, 32):
        with torch.device("meta"):
            model, image = LeNet(side=side), torch.empty(1, 1, side, side)
        assert measure.count_parameters(model) == 61706
        assert measure.count_macs(model, image) == 416520


def test_the_layers_have_the_sizes_of_the_paper():
    with torch.device("meta"):
        shapes = measure.stages(LeNet5(), torch.empty(2, 1, 32, 32))
    assert list(shapes.values()) == [
        *[(2, 6, 28, 28), (2, 6, 14, 14), (2, 16, 10, 10), (2, 16, 5, 5), (2, 120, 1, 1), (2, 84), (2, 10)]
    ]


def test_the_modern_layers_have_as_many_maps_and_inputs():
    with torch.device("meta"):
        shapes = measure.stages(LeNet(), torch.empty(1, 1, 28, 28))
    assert list(shapes.values()) == [(1, 6, 28, 28), (1, 16, 10, 10), (1, 120), (1, 84), (1, 10)]


def test_the_table_is_the_printed_one_and_has_sixty_entries():
    rows = PRINTED.split()
    assert [tuple(c for c in range(6) if rows[c][k] == "X") for k in range(16)] == list(TABLE)
    assert sum(map(len, TABLE)) == 60
    assert len(set(TABLE)) == 16


# Laws


@st.composite
def tables(draw):
    channels = draw(st.integers(1, 5))
    row = st.sets(st.integers(0, channels - 1), min_size=1).map(sorted).map(tuple)
    return channels, draw(st.lists(row, min_size=1, max_size=5))


@given(tables(), st.integers(1, 3))
@settings(max_examples=25)
def test_any_table_gives_the_maps_and_the_count_of_one_convolution_for_each_column(drawn, kernel: int):
    channels, table = drawn
    layer = TableConv2d(channels, table, kernel).double()
    x = torch.rand(2, channels, 4, 5, dtype=torch.float64)
    assert_close(layer(x), by_columns(x, layer, table))
    assert measure.count_parameters(layer) == sum(map(len, table)) * kernel**2 + len(table)


def test_a_map_does_not_depend_on_what_its_column_leaves_out():
    layer, x = TableConv2d(6, TABLE, 5), torch.rand(1, 6, 5, 5)
    matrix = torch.autograd.functional.jacobian(layer, x).abs().sum(dim=(0, 2, 3, 4, 6, 7))  # K C
    assert [tuple(row.nonzero()[:, 0].tolist()) for row in matrix] == list(TABLE)


@given(st.floats(-6, 6))
def test_the_squash_is_odd_bounded_and_bends_most_at_one(x: float):
    at = squash(torch.tensor([x, -x, 1.0, -1.0], dtype=torch.float64))
    assert_close(at[0], -at[1])
    assert at.abs().max() < 1.7159
    assert_close(at[2:], torch.tensor([1.0, -1.0], dtype=torch.float64), rtol=1e-4, atol=0)
    grid = torch.linspace(0, 6, 6001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(squash(grid).sum(), grid, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), grid)
    assert grid[bend.abs().argmax()].item() == pytest.approx(1, abs=0.02)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_subsampling_with_a_quarter_and_no_bias_is_the_mean(channels: int, height: int, width: int):
    layer, x = Subsample(channels), torch.rand(2, channels, 2 * height, 2 * width)
    with torch.no_grad():
        layer.coefficient.fill_(0.25)
        layer.bias.zero_()
    assert_close(layer(x), F.avg_pool2d(x, 2))


def test_where_all_kernels_start_alike_the_table_parts_the_maps_and_a_full_c3_never_does():
    x, y = random_images(4).float(), torch.tensor([0, 1, 2, 3])
    kinds = {}
    for name, table in (("table", TABLE), ("full", full_table(6, 16))):
        torch.manual_seed(0)
        model = LeNet5(table=table, head=nn.Linear(84, 10))
        with torch.no_grad():
            for layer in (model.c3, model.s4):
                for parameter in layer.parameters():
                    parameter.fill_(0.02)
            model.c5.weight.copy_(model.c5.weight[:, :1].expand_as(model.c5.weight).clone())
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        kinds[name] = len(
            {tuple(column.tolist()) for column in model.c3.kernels().detach().flatten(1).round(decimals=6)}
        )
    assert kinds == {"table": 16, "full": 1}


# Codes and losses


def test_the_codes_are_ten_different_pictures_of_ones_and_minus_ones():
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(codes.flatten().tolist()) == {-1.0, 1.0}
    distances = torch.cdist(codes, codes).square().round().int()
    assert distances[~torch.eye(10, dtype=torch.bool)].min() >= 4 * 6  # six pixels at least


def test_features_that_are_the_picture_of_a_digit_have_distance_zero_from_it():
    scores = RBF(digit_codes())(digit_codes())
    assert_close(scores.diagonal(), torch.zeros(10))
    assert (scores.argmax(dim=1) == torch.arange(10)).all()


@given(st.integers(0, 100), st.floats(0.1, 60))
def test_the_competitive_loss_is_the_papers_formula(seed: int, rubbish: float):
    generator = torch.Generator().manual_seed(seed)
    scores = -20 * torch.rand(4, 10, dtype=torch.float64, generator=generator)
    labels = torch.tensor([0, 3, 9, 3])
    penalties = -scores
    pull = torch.log(math.exp(-rubbish) + torch.exp(-penalties).sum(dim=1))
    expected = (penalties[torch.arange(4), labels] + pull).mean()
    assert_close(competitive_loss(scores, labels, rubbish=rubbish), expected)
    assert competitive_loss(scores, labels, rubbish=rubbish) > 0


def test_the_competitive_loss_is_finite_where_exponentials_are_not():
    assert competitive_loss(torch.full((2, 10), -1e4), torch.tensor([0, 1])) == pytest.approx(9999)


def test_one_code_for_all_classes_is_perfect_to_the_distance_and_useless_to_the_competitive_loss():
    features, labels = torch.zeros(10, 84), torch.arange(10)
    scores = RBF(torch.zeros(10, 84))(features)
    assert distance_loss(scores, labels) == 0
    assert competitive_loss(scores, labels) == pytest.approx(math.log(10 + math.exp(-1)))


def test_the_distance_loss_is_the_mean_over_right_codes_alone():
    scores = -torch.tensor([[1.0, 20.0, 5.0], [7.0, 2.0, 0.0]])
    assert distance_loss(scores, torch.tensor([0, 1])) == 1.5


def test_only_a_trainable_head_has_codes_among_its_parameters():
    assert measure.count_parameters(RBF(digit_codes())) == 0
    assert measure.count_parameters(RBF(digit_codes(), trainable=True)) == 840
    assert list(RBF(digit_codes()).state_dict()) == ["codes"]


# Training


def test_a_gradient_reaches_every_parameter():
    for model, side in ((LeNet5(), 32), (LeNet(), 28)):
        model(torch.rand(4, 1, side, side)).square().sum().backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_both_learn_eight_digits_by_heart():
    digits = data.digits()
    x, y = framed(digits.x_train[:8]), digits.y_train[:8]
    for build, loss_fn in ((LeNet5, competitive_loss), (lambda: LeNet(side=32), F.cross_entropy)):
        torch.manual_seed(0)
        model = build()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        fit(model, (x, y), epochs=150, optimizer=optimizer, loss_fn=loss_fn, device="cpu")
        assert (model(x).argmax(dim=1) == y).all()


def test_the_papers_start_lies_within_its_bounds_and_shrinks_a_signal_from_layer_to_layer():
    torch.manual_seed(0)
    model = LeNet5()
    for parameter, reads in ((model.c1.weight, 25), (model.c5.weight, 400), (model.f6.bias, 120), (model.s4.bias, 4)):
        assert 0.7 * 2.4 / reads < parameter.abs().max() <= 2.4 / reads
    for k, row in enumerate(TABLE):
        assert 0.8 * 2.4 / (25 * len(row)) < model.c3.kernels()[k].abs().max() <= 2.4 / (25 * len(row))
    spreads = []
    with torch.no_grad():
        h = torch.randn(50, 1, 32, 32)
        for layer in (model.c1, model.s2, model.c3, model.s4, model.c5):
            h = squash(layer(h))
            spreads.append(h.var(dim=0).mean().sqrt().item())
    assert spreads[0] == pytest.approx(2.4 / math.sqrt(3 * 25) * 1.7159 * 2 / 3, rel=0.3)
    assert spreads[4] < 0.1 * spreads[0]


def test_numbers_drawn_for_each_unit_by_what_it_reads():
    parameter = torch.empty(2, 1000)
    uniform_init(parameter, torch.tensor([[2], [24]]))
    assert parameter.abs().amax(dim=1).tolist() == pytest.approx([1.2, 0.1], rel=0.02)


# Images


@given(box=st.sampled_from([2, 8, 16, 20, 32]), side=st.integers(2, 12))
@settings(max_examples=15)
def test_a_framed_digit_stands_in_the_middle_of_white_paper(box: int, side: int):
    images = framed(torch.ones(2, 1, side, side), box=box)
    assert images.shape == (2, 1, 32, 32)
    ink = (images - 1.175).abs() < 1e-5
    assert ink.sum() == 2 * box**2
    edge = (32 - box) // 2
    assert ink[:, :, edge : edge + box, edge : edge + box].all()
    assert torch.all((images[~ink] + 0.1).abs() < 1e-6)


# Errors


@pytest.mark.parametrize("table", [[(0, 1), ()], [(0, 0)], [(0, 3)], [(-1,)]])
def test_a_table_with_an_empty_a_double_or_an_unknown_entry_is_refused(table):
    with pytest.raises(ValueError, match="needs some of maps 0 to 2, each once"):
        TableConv2d(3, table, 5)


def test_images_of_another_size_are_refused_by_either():
    with pytest.raises(ValueError, match="must be 28 or 32, got 30"):
        LeNet(side=30)
    with pytest.raises(ValueError, match="must be 1 by 32 by 32, got 1 by 28 by 28"):
        LeNet5()(torch.zeros(2, 1, 28, 28))


@pytest.mark.parametrize("box", [0, 21, 34])
def test_a_box_that_is_odd_or_too_large_is_refused(box: int):
    with pytest.raises(ValueError, match=f"up to 32, got {box}"):
        framed(torch.zeros(1, 1, 8, 8), box=box)
