"""Network in network against an MLP, against layers of torch put in a row, the published sizes and its own laws."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from coursekit.bench.peers import nin_in_a_row
from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.nin import (
    CIFAR10,
    IMAGENET,
    Block,
    DenseHead,
    MLPConv,
    NiN,
    as_mlp,
    averaging_weights,
    class_activation_maps,
    fold,
    global_average_pool,
    nin_cifar10,
    nin_imagenet,
    nin_textbook,
    patches,
    peak,
)

SMALL = (Block((6, 5), 5, padding=2), Block((7, 4), 3, padding=1))


def on_meta(build, *args, **kwargs):
    with torch.device("meta"):
        return build(*args, **kwargs)


def sizes(model: NiN, side: int, depth: int = 2) -> list[tuple[int, int]]:
    """Channels and side of what leaves the parts, dropout and ReLU left out."""
    parts = dict(model.named_modules())
    shapes = measure.stages(model, on_meta(torch.empty, 1, 3, side, side), depth=depth)
    return [s[1:3] for name, s in shapes.items() if not isinstance(parts[name], nn.Dropout | nn.ReLU)]


# Against an MLP


@given(
    channels=st.integers(1, 3),
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    height=st.integers(4, 7),
)
@settings(max_examples=40)
def test_a_block_is_an_mlp_on_every_patch_outputs_and_gradients(channels, widths, kernel, stride, padding, height):
    torch.manual_seed(0)
    block = MLPConv(channels, widths, kernel, stride=stride, padding=padding, last_relu=False).double()
    inputs = torch.randn(2, channels, height, 6, dtype=torch.float64, requires_grad=True)
    again = inputs.detach().clone().requires_grad_()
    maps = block(inputs)
    mlp = as_mlp(block)
    rows = patches(again, kernel, stride=stride, padding=padding)
    wanted = mlp(rows.flatten(0, 1)).unflatten(0, rows.shape[:2]).mT.unflatten(2, maps.shape[2:])
    assert_close(maps, wanted)
    for result in (maps, wanted):
        result.sin().sum().backward()
    assert_close(inputs.grad, again.grad)
    for ours, theirs in zip(block.parameters(), mlp.parameters(), strict=True):
        assert_close(ours.grad.flatten(), theirs.grad.flatten())


def test_a_1x1_convolution_is_a_linear_layer_on_every_pixel():
    convolution = nn.Conv2d(5, 3, 1).double()
    linear = nn.Linear(5, 3).double()
    with torch.no_grad():
        linear.weight.copy_(convolution.weight[:, :, 0, 0])
        linear.bias.copy_(convolution.bias)
    x = torch.randn(2, 5, 4, 6, dtype=torch.float64)
    assert_close(convolution(x), linear(x.movedim(1, -1)).movedim(-1, 1))


def test_the_last_relu_cuts_what_the_mlp_leaves_and_nothing_else():
    block = MLPConv(2, (4, 3), 3).double()
    without = MLPConv(2, (4, 3), 3, last_relu=False).double()
    without.load_state_dict(block.state_dict())
    x = torch.randn(2, 2, 6, 6, dtype=torch.float64)
    assert_close(block(x), without(x).relu())
    assert without(x).min() < 0


@given(order=st.permutations(range(12)))
@settings(max_examples=10)
def test_a_block_of_1x1_convolutions_does_not_see_where_a_pixel_lies(order):
    torch.manual_seed(1)
    block = MLPConv(3, (6, 4), 1)
    x = torch.randn(1, 3, 3, 4)
    moved = x.flatten(2)[..., order].view_as(x)
    assert_close(block(moved), block(x).flatten(2)[..., order].unflatten(2, (3, 4)))


def test_without_relu_between_a_block_is_a_single_convolution():
    block = MLPConv(2, (5, 4, 3), 3, last_relu=False).double()
    first, second, third = (layer for layer in block if isinstance(layer, nn.Conv2d))
    merged = third.weight.flatten(1) @ second.weight.flatten(1)
    kernel = torch.einsum("km,mcij->kcij", merged, first.weight)
    x = torch.randn(1, 2, 6, 6, dtype=torch.float64)
    linear = third(second(first(x)))
    origin = third(second(first(torch.zeros_like(x))))
    assert_close(linear - origin, F.conv2d(x, kernel))
    assert not torch.allclose(block(x) - block(torch.zeros_like(x)), F.conv2d(x, kernel))


# Against layers of torch in a row


@pytest.mark.parametrize(("blocks", "ceil_mode"), [(IMAGENET, False), (IMAGENET, True), (CIFAR10, True)])
def test_the_same_weights_give_the_scores_and_gradients_of_the_layers_in_a_row(blocks, ceil_mode):
    torch.manual_seed(0)
    narrow = [b._replace(widths=tuple(max(2, w // 32) for w in b.widths)) for b in blocks]
    ours = NiN(narrow, 5, ceil_mode=ceil_mode).double().eval()
    theirs = nin_in_a_row(narrow, 5, ceil_mode=ceil_mode).double().eval()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    side = 32 if blocks is CIFAR10 else 75
    inputs = [torch.randn(2, 3, side, side + 4, dtype=torch.float64, requires_grad=True)]
    inputs.append(inputs[0].detach().clone().requires_grad_())
    outputs = [model(x) for model, x in zip((ours, theirs), inputs, strict=True)]
    assert outputs[0].std() > 1e-3
    assert_close(*outputs)
    for output in outputs:
        output.square().sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    for mine, wanted in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(mine.grad, wanted.grad)


def test_in_training_dropout_stands_where_the_authors_file_has_it():
    kinds = [type(m) for m in on_meta(nin_cifar10).maps]
    assert kinds == [MLPConv, nn.MaxPool2d, nn.Dropout, MLPConv, nn.MaxPool2d, nn.Dropout, MLPConv]
    kinds = [type(m) for m in on_meta(nin_imagenet).maps]
    assert kinds.index(nn.Dropout) == len(kinds) - 2
    assert kinds.count(nn.Dropout) == 1


def test_the_average_is_torchs_and_that_of_squeezenet():
    x = torch.randn(2, 5, 4, 3, dtype=torch.float64)
    assert_close(global_average_pool(x), F.adaptive_avg_pool2d(x, 1).flatten(1))
    head = torchvision.models.squeezenet1_1(num_classes=5).classifier.double().eval()
    features = torch.randn(2, 512, 4, 3, dtype=torch.float64)
    maps = MLPConv(512, (5,), 1).double()
    maps.load_state_dict({"0.weight": head[1].weight, "0.bias": head[1].bias})
    assert_close(global_average_pool(maps(features)), head(features).flatten(1))


# The published numbers


@pytest.mark.parametrize(
    ("build", "parameters"), [(nin_imagenet, 7595176), (nin_cifar10, 966986), (nin_textbook, 1992166)]
)
def test_parameters_are_the_published_ones(build, parameters):
    assert measure.count_parameters(on_meta(build)) == parameters


@pytest.mark.parametrize(
    ("side", "ceil_mode", "macs"),
    [(224, False, 969460864), (224, True, 1100188800), (227, False, 1105996320), (227, True, 1105996320)],
)
def test_multiply_adds_depend_on_how_sizes_are_rounded(side, ceil_mode, macs):
    model = on_meta(nin_imagenet, ceil_mode=ceil_mode)
    assert measure.count_macs(model, on_meta(torch.empty, 1, 3, side, side)) == macs


@pytest.mark.parametrize(
    ("side", "ceil_mode", "sides"),
    [(224, False, (54, 26, 12, 5)), (227, False, (55, 27, 13, 6)), (224, True, (54, 27, 13, 6))],
)
def test_the_stages_have_the_known_sizes(side, ceil_mode, sides):
    a, b, c, d = sides
    model = on_meta(nin_imagenet, ceil_mode=ceil_mode)
    assert sizes(model, side) == [(96, a), (96, b), (256, b), (256, c), (384, c), (384, d), (1000, d)]
    assert sizes(model, side, depth=3)[-3:] == [(1024, d), (1024, d), (1000, d)]
    assert model(on_meta(torch.empty, 2, 3, side, side)).shape == (2, 1000)


def test_the_class_maps_for_cifar_have_8_by_8_places_as_in_the_authors_file():
    assert sizes(on_meta(nin_cifar10), 32) == [(96, 32), (96, 16), (192, 16), (192, 8), (10, 8)]


# Averaging


@given(classes=st.integers(1, 6), height=st.integers(1, 4), width=st.integers(1, 4))
@settings(max_examples=20)
def test_averaging_is_a_dense_layer_whose_weights_are_fixed(classes, height, width):
    maps = torch.randn(3, classes, height, width, dtype=torch.float64)
    weights = averaging_weights(classes, height * width).double()
    assert_close(maps.flatten(1) @ weights.T, global_average_pool(maps))


def test_a_dense_head_with_averaging_weights_is_the_network_itself():
    body = NiN(SMALL, 3, in_channels=1).eval()
    head = DenseHead(body, 3, 9, dropout=0.5).eval()
    with torch.no_grad():
        head.linear.weight.copy_(averaging_weights(3, 9))
    x = torch.rand(2, 1, 8, 8)
    assert_close(head(x), body(x))
    assert measure.count_parameters(head) - measure.count_parameters(body) == (3 * 9 + 1) * 3


@given(rows=st.integers(1, 7), columns=st.integers(1, 7))
@settings(max_examples=10)
def test_the_mean_of_a_map_does_not_see_where_its_values_lie(rows, columns):
    maps = torch.randn(1, 2, 8, 8, dtype=torch.float64)
    assert_close(global_average_pool(maps.roll((rows, columns), (2, 3))), global_average_pool(maps))


def test_the_network_takes_images_of_any_size():
    model = NiN(SMALL, 3, in_channels=1).eval()
    assert [model(torch.rand(2, 1, h, w)).shape for h, w in ((8, 8), (3, 3), (17, 30))] == [(2, 3)] * 3


@given(classes=st.integers(1, 4), channels=st.integers(1, 5), side=st.integers(1, 4))
@settings(max_examples=15)
def test_the_mean_of_a_class_activation_map_is_the_score_of_its_class(classes, channels, side):
    features = torch.randn(2, channels, side, side + 1, dtype=torch.float64)
    linear = nn.Linear(channels, classes).double()
    maps = class_activation_maps(features, linear.weight)
    assert maps.shape == (2, classes, side, side + 1)
    assert_close(global_average_pool(maps) + linear.bias, linear(global_average_pool(features)))


# Batch norm


@pytest.mark.parametrize("last_relu", [True, False])
def test_folding_batch_norm_away_leaves_the_function_as_it_is(last_relu):
    torch.manual_seed(0)
    model = NiN(SMALL, 3, ceil_mode=True, last_relu=last_relu, batch_norm=True).double()
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.bias)
    model.train()(torch.randn(8, 3, 9, 9, dtype=torch.float64))  # sets running statistics
    plain = fold(model)
    x = torch.randn(2, 3, 10, 8, dtype=torch.float64)
    assert_close(plain(x), model.eval()(x))
    assert not any(isinstance(m, nn.BatchNorm2d) for m in plain.modules())
    as_mlp(plain.maps.mlpconv1)


def test_batch_norm_stands_before_each_relu():
    kinds = [type(m) for m in MLPConv(3, (4, 5), 3, batch_norm=True)]
    assert kinds == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 2
    assert [type(m) for m in MLPConv(3, (4, 5), 3, batch_norm=True, last_relu=False)] == [*kinds[:3], nn.Conv2d]


# Places


@pytest.mark.parametrize("blocks", [SMALL, CIFAR10, IMAGENET, (Block((3,), 2, stride=3),)])
def test_the_grid_is_the_middle_of_what_a_place_depends_on(blocks):
    torch.manual_seed(0)
    narrow = [b._replace(widths=(1,), padding=b.padding) for b in blocks]
    model = NiN(narrow, 1, in_channels=1).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0 if parameter.ndim > 1 else 0.0)
    for module in model.modules():  # an average sends its gradient to every pixel of a window, a maximum to one
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, nn.AvgPool2d(3, 2))
    middle, step = model.grid()
    side = 400 if blocks is IMAGENET else 60
    x = torch.rand(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    maps = model.maps(x)
    place = maps.shape[2] // 2
    (gradient,) = torch.autograd.grad(maps[0, 0, place, place + 1], x)
    for axis, wanted in ((1, place), (0, place + 1)):
        seen = gradient[0, 0].sum(dim=axis).nonzero()[:, 0]
        assert (seen.min() + seen.max() + 1).item() / 2 == middle + step * wanted


def test_the_peak_is_told_in_pixels_row_first():
    maps = torch.zeros(2, 3, 4, 5)
    maps[0, 0, 1, 4] = maps[1, 2, 3, 0] = 2.0
    assert_close(peak(maps, (1.5, 4))[0, 0], torch.tensor([5.5, 17.5]))
    assert_close(peak(maps, (1.5, 4))[1, 2], torch.tensor([13.5, 1.5]))
    assert peak(maps, (1.5, 4)).shape == (2, 3, 2)


# Training


def test_a_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    for model in (NiN(SMALL, 3), DenseHead(NiN(SMALL, 3), 3, 16)):
        model(torch.rand(4, 3, 9, 9)).square().sum().backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_it_learns_eight_pictures_by_heart():
    torch.manual_seed(0)
    shapes = data.shapes(8, size=16)
    model = NiN((Block((12, 12), 5, padding=2), Block((16,), 3, padding=1)), 4, last_relu=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, (shapes.x_train, shapes.y_train), epochs=200, optimizer=optimizer, device="cpu")
    assert (model(shapes.x_train).argmax(dim=1) == shapes.y_train).all()


def test_a_relu_on_the_class_maps_can_cut_a_class_off_from_learning():
    torch.manual_seed(0)
    model = NiN(SMALL, 3)
    last = model.maps.mlpconv2[-2]
    with torch.no_grad():
        last.weight[1].zero_()
        last.bias[1] = -1.0
    F.cross_entropy(model(torch.rand(4, 3, 9, 9)), torch.tensor([0, 1, 1, 2])).backward()
    assert last.weight.grad[1].abs().sum() == last.bias.grad[1].abs() == 0
    assert last.weight.grad[0].abs().sum() > 0


def test_the_start_keeps_the_size_of_a_signal():
    torch.manual_seed(0)
    x = torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        maps = nin_cifar10().eval().maps(x)
    assert 0.2 < maps.square().mean().sqrt() / x.square().mean().sqrt() < 5


# Errors


@pytest.mark.parametrize("widths", [(), (3, 0)])
def test_a_block_without_widths_or_with_one_below_1_is_refused(widths):
    with pytest.raises(ValueError, match="one or more widths above 0, got"):
        MLPConv(3, widths, 3)


def test_a_block_with_batch_norm_has_no_mlp():
    with pytest.raises(ValueError, match=r"pass one of fold\(model\)"):
        as_mlp(MLPConv(3, (4,), 3, batch_norm=True))


@pytest.mark.parametrize(("blocks", "classes"), [((), 3), (SMALL, 0)])
def test_a_network_without_a_block_or_a_class_is_refused(blocks, classes):
    with pytest.raises(ValueError, match=f"a block and a class or more, got {len(blocks)} and {classes}"):
        NiN(blocks, classes)
