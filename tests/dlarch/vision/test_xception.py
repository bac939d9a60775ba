"""Xception against timm, the paper's numbers and its own laws; the modules from full to separable convolution."""

import copy
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.models.xception import Block, legacy_xception
from timm.models.xception import SeparableConv2d as TimmSeparable
from timm.models.xception import Xception as TimmXception
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.inception_v3 import InceptionV3
from dlarch.vision.xception import (
    SeparableConv2d,
    SmallXception,
    Xception,
    XceptionBlock,
    full_kernel,
    inception_spectrum,
    nearest_separable,
)

double = partial(torch.randn, dtype=torch.float64)


@pytest.fixture(scope="module")
def whole() -> tuple[Xception, torch.Tensor]:
    """The network at its published size, on the meta device, and one image."""
    with torch.device("meta"):
        return Xception(), torch.empty(1, 3, 299, 299)


# Against timm


def our_name(name: str) -> str:
    """Our name of a tensor in one of timm's blocks."""
    for theirs, ours in {"rep.": "branch.", "skip.": "shortcut.0.", "skipbn.": "shortcut.1."}.items():
        if name.startswith(theirs):
            name = ours + name.removeprefix(theirs)
    return name.replace(".conv1.", ".depthwise.")


def same_output_and_gradients(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    ours.load_state_dict({our_name(name): value for name, value in theirs.state_dict().items()})
    inputs = [x.clone().requires_grad_(), x.clone().requires_grad_()]
    outputs = [model(given) for model, given in zip((ours, theirs), inputs, strict=True)]
    assert_close(*outputs)
    for output in outputs:
        output.sin().sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    gradients = {our_name(name): p.grad for name, p in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        assert_close(parameter.grad, gradients[name])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"stride": 2, "relu_first": False}, {"reps": 2, "strides": 2, "start_with_relu": False}),
        ({"stride": 2}, {"reps": 2, "strides": 2}),
        ({"stride": 2, "grow_last": True}, {"reps": 2, "strides": 2, "grow_first": False}),
    ],
)
@pytest.mark.parametrize("side", [8, 9])
def test_a_block_that_changes_the_shape_is_timms(ours, theirs, side):
    torch.manual_seed(0)
    pair = XceptionBlock(4, 6, **ours).double(), Block(4, 6, **theirs).double()
    same_output_and_gradients(*pair, double(3, 4, side, side))


def test_a_middle_block_is_timms():
    torch.manual_seed(0)
    pair = XceptionBlock(5, 5, separables=3).double(), Block(5, 5, reps=3).double()
    same_output_and_gradients(*pair, double(3, 5, 7, 7))


def test_a_separable_convolution_is_timms():
    torch.manual_seed(0)
    ours, theirs = SeparableConv2d(4, 6).double(), TimmSeparable(4, 6, 3, padding=1).double()
    ours.depthwise.weight.data.copy_(theirs.conv1.weight)
    ours.pointwise.weight.data.copy_(theirs.pointwise.weight)
    x = double(2, 4, 6, 5)
    assert_close(ours(x), theirs(x))


@pytest.fixture(scope="module")
def twins() -> tuple[Xception, TimmXception]:
    """timm's network and ours with the same weights, in double precision."""
    torch.manual_seed(0)
    theirs, ours = TimmXception(num_classes=5).double(), Xception(classes=5).double()
    for name, tensor in theirs.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            tensor.normal_(std=0.1)
    ours.load_state_dict(weights.xception(theirs.state_dict(), ours.state_dict()))
    return ours, theirs


@pytest.mark.parametrize("training", [True, False])
def test_the_same_weights_give_timms_scores_and_gradients(twins, training):
    ours, theirs = (copy.copy(model).train(training) for model in twins)
    x = double(2, 3, 71, 75, generator=torch.Generator().manual_seed(1))
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(given) for model, given in zip((ours, theirs), inputs, strict=True)]
    assert outputs[0].std() > 1e-3
    assert_close(*outputs)
    gradients = [
        torch.autograd.grad(output.square().sum(), (given, *model.parameters()))
        for model, output, given in zip((ours, theirs), outputs, inputs, strict=True)
    ]
    assert_close(gradients[0][0], gradients[1][0])
    named = {name: g for (name, _), g in zip(theirs.named_parameters(), gradients[1][1:], strict=True)}
    wanted = weights.xception(named, [name for name, _ in ours.named_parameters()])
    for received, expected in zip(gradients[0][1:], wanted.values(), strict=True):
        assert_close(received, expected)


def test_every_tensor_has_its_counterpart_in_timm_at_full_size(whole):
    with torch.device("meta"):
        theirs = legacy_xception()
    ours = whole[0].state_dict()
    wanted = weights.xception(theirs.state_dict(), ours)
    assert [value.shape for value in ours.values()] == [value.shape for value in wanted.values()]


# The published numbers


def test_parameters_and_multiply_adds_are_the_published_ones(whole):
    model, image = whole
    assert measure.count_parameters(model) == 22855952
    assert round(measure.count_macs(model, image) / 1e9, 3) == 8.357


def test_keras_counts_the_running_statistics_too(whole):
    statistics = sum(value.numel() for name, value in whole[0].named_buffers() if "running" in name)
    channels = sum(layer.num_features for layer in whole[0].modules() if isinstance(layer, nn.BatchNorm2d))
    assert statistics == 2 * channels == 54528
    assert measure.count_parameters(whole[0]) + statistics == 22910480


def test_36_layers_are_2_plain_convolutions_and_34_separable_ones_beside_4_shortcuts(whole):
    layers = list(whole[0].modules())
    separable = [layer for layer in layers if isinstance(layer, SeparableConv2d)]
    inside = {id(conv) for layer in separable for conv in layer.modules()}
    others = [layer for layer in layers if isinstance(layer, nn.Conv2d) and id(layer) not in inside]
    assert len(separable) == 34
    assert [layer.kernel_size for layer in others] == [(3, 3)] * 2 + [(1, 1)] * 4
    blocks = [layer for layer in layers if isinstance(layer, XceptionBlock)]
    assert len(blocks) == 12 == 14 - 2  # all modules of the paper but the first and the last have shortcuts
    assert sum(isinstance(block.shortcut, nn.Identity) for block in blocks) == 8


def test_the_stages_have_the_sizes_of_the_paper(whole):
    shapes = [shape[1:3] for shape in measure.stages(*whole).values()]
    assert shapes == [
        (32, 149), (64, 147), (128, 74), (256, 37), (728, 19), (728, 19), (1024, 10), (1536, 10), (2048, 10), (1000,),
    ]  # fmt: skip
    assert [type(block) for block in whole[0].middle] == [XceptionBlock] * 8


def test_it_has_fewer_parameters_than_inception_v3_by_less_than_5_per_cent(whole):
    with torch.device("meta"):
        other = measure.count_parameters(InceptionV3(aux=False))
    assert 0.95 < measure.count_parameters(whole[0]) / other < 1


# The row from full to separable


@given(c=st.integers(1, 5), k=st.sampled_from([2, 4, 6]), kernel=st.sampled_from([1, 3, 5]))
@settings(max_examples=20)
def test_one_tower_is_a_full_convolution_behind_a_1x1(c: int, k: int, kernel: int):
    one = inception_spectrum(1, c, k, kernel=kernel).double()
    mix, full = nn.Conv2d(c, k, 1, bias=False), nn.Conv2d(k, k, kernel, padding=kernel // 2, bias=False)
    nn.Sequential(mix, full).double().load_state_dict(one.state_dict())
    x = double(2, c, 5, 6)
    assert torch.equal(one(x), full(mix(x)))


@given(c=st.integers(1, 5), k=st.integers(1, 6), kernel=st.sampled_from([1, 3, 5]))
@settings(max_examples=20)
def test_a_tower_for_each_channel_is_a_separable_convolution(c: int, k: int, kernel: int):
    towers = inception_spectrum(k, c, k, kernel=kernel).double()
    separable = SeparableConv2d(c, k, kernel=kernel, pointwise_first=True).double()
    separable.pointwise.weight.data.copy_(towers[0].weight)
    separable.depthwise.weight.data.copy_(towers[1].weight)
    x = double(2, c, 5, 6)
    assert torch.equal(towers(x), separable(x))


@given(towers=st.sampled_from([1, 2, 3, 6]))
def test_a_tower_reads_its_own_share_of_the_channels_and_no_other(towers: int):
    spatial = inception_spectrum(towers, 4, 6)[1]
    x = torch.ones(1, 6, 5, 5, requires_grad=True)
    reads = torch.stack([torch.autograd.grad(spatial(x)[0, k].sum(), x)[0][0].abs().sum((1, 2)) > 0 for k in range(6)])
    assert torch.equal(reads, torch.block_diag(*[torch.ones(6 // towers, 6 // towers)] * towers).bool())


def test_towers_divide_the_cost_of_the_spatial_step_and_nothing_else():
    counts = [measure.count_parameters(inception_spectrum(towers, 32, 32)) for towers in (1, 2, 4, 8, 16, 32)]
    assert counts == [32 * 32 + 9 * 32 * 32 // towers for towers in (1, 2, 4, 8, 16, 32)]


def test_towers_are_branches_side_by_side():
    torch.manual_seed(0)
    module = inception_spectrum(3, 4, 6).double()
    x = double(2, 4, 5, 5)
    parts = []
    for tower in range(3):
        mine = slice(2 * tower, 2 * tower + 2)
        mixed = nn.functional.conv2d(x, module[0].weight[mine])
        parts.append(nn.functional.conv2d(mixed, module[1].weight[mine], padding=1))
    assert_close(module(x), torch.cat(parts, dim=1))


# Two steps and one kernel


@given(c=st.integers(1, 4), k=st.integers(1, 4), first=st.booleans())
@settings(max_examples=20)
def test_a_separable_convolution_is_one_convolution_with_a_kernel_of_low_rank(c: int, k: int, first: bool):
    layer = SeparableConv2d(c, k, pointwise_first=first).double()
    mix = layer.pointwise.weight[:, :, 0, 0]
    spatial = layer.depthwise.weight[:, 0]
    if first:
        kernel = mix[:, :, None, None] * spatial[:, None]
        slices = kernel.flatten(2)  # for each output: inputs by places
    else:
        kernel = full_kernel(spatial[:, None], mix[:, :, None])
        slices = kernel.transpose(0, 1).flatten(2)  # for each input: outputs by places
    x = double(2, c, 5, 6)
    assert_close(layer(x), nn.functional.conv2d(x, kernel, padding=1))
    assert (torch.linalg.matrix_rank(slices) <= 1).all()


@given(multiplier=st.integers(1, 4), c=st.integers(1, 3))
@settings(max_examples=20)
def test_a_separable_kernel_is_found_again_and_a_full_one_only_with_enough_filters(multiplier: int, c: int):
    torch.manual_seed(multiplier)
    kernel = full_kernel(double(c, multiplier, 3, 3), double(5, c, multiplier))
    assert_close(full_kernel(*nearest_separable(kernel, multiplier)), kernel)
    full = double(5, c, 3, 3)
    errors = [(full_kernel(*nearest_separable(full, m)) - full).norm().item() for m in range(1, 6)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] > 0.01
    assert errors[4] < 1e-12


def test_no_separable_kernel_found_by_descent_is_nearer_than_that_of_svd():
    torch.manual_seed(0)
    kernel = double(4, 3, 3, 3)
    best = (full_kernel(*nearest_separable(kernel)) - kernel).square().sum().item()
    space, mix = double(3, 1, 3, 3).requires_grad_(), double(4, 3, 1).requires_grad_()
    optimizer = torch.optim.Adam([space, mix], lr=0.05)
    for _ in range(300):
        loss = (full_kernel(space, mix) - kernel).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert best <= loss.item() < 1.05 * best


# Order


def stacks(after_pair: bool, after_step: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Three spatial and three mixing steps in turn, and the same with two middle pairs grouped the other way."""
    torch.manual_seed(0)
    c = 4
    spatial = [nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False).double() for _ in range(3)]
    mix = [nn.Conv2d(c, c, 1, bias=False).double() for _ in range(3)]
    x = double(2, c, 6, 6)
    step = nn.ReLU() if after_step else nn.Identity()
    pair = nn.ReLU() if after_pair else nn.Identity()
    depthwise_first = x
    for space, channels in zip(spatial, mix, strict=True):
        depthwise_first = pair(channels(step(space(depthwise_first))))
    regrouped = step(spatial[0](x))
    for channels, space in zip(mix[:-1], spatial[1:], strict=True):
        regrouped = pair(space(step(channels(regrouped))))
    return depthwise_first, pair(mix[-1](regrouped))


def test_in_a_stack_the_two_orders_agree_if_no_step_or_every_step_has_a_relu():
    assert torch.equal(*stacks(after_pair=False, after_step=False))
    assert torch.equal(*stacks(after_pair=True, after_step=True))


def test_with_one_relu_for_each_pair_the_two_orders_differ():
    first, second = stacks(after_pair=True, after_step=False)
    assert (first - second).norm() > 0.1 * first.norm()


# Blocks


def test_zero_weights_leave_the_identity_with_a_shortcut_and_zero_without():
    x = torch.randn(2, 4, 5, 5)
    for residual, wanted in ((True, x), (False, torch.zeros_like(x))):
        block = XceptionBlock(4, 4, separables=3, residual=residual)
        nn.init.zeros_(block.branch[-1].weight)
        assert torch.equal(block(x), wanted)


def test_the_first_relu_leaves_the_input_of_the_shortcut_alone():
    x = torch.randn(2, 4, 6, 6)
    before = x.clone()
    XceptionBlock(4, 6, stride=2)(x)
    assert torch.equal(x, before)


@given(side=st.integers(1, 12), stride=st.sampled_from([1, 2]), grow_last=st.booleans(), residual=st.booleans())
@settings(max_examples=20)
def test_a_stride_halves_the_sides_rounded_up(side: int, stride: int, grow_last: bool, residual: bool):
    block = XceptionBlock(2, 3, stride=stride, grow_last=grow_last, residual=residual)
    assert block(torch.rand(2, 2, side, side + 1)).shape == (2, 3, -(-side // stride), -(-(side + 1) // stride))


def test_without_shortcuts_a_block_has_no_projection():
    block = XceptionBlock(4, 6, stride=2, residual=False)
    assert isinstance(block.shortcut, nn.Identity)


def test_an_activation_between_stands_between():
    layer = SeparableConv2d(2, 3, between=nn.ReLU)
    nn.init.constant_(layer.depthwise.weight, -1.0)
    assert layer(torch.ones(1, 2, 4, 4)).abs().max() == 0
    turned = SeparableConv2d(2, 3, between=nn.ReLU, pointwise_first=True)
    nn.init.constant_(turned.pointwise.weight, -1.0)
    assert turned(torch.ones(1, 2, 4, 4)).abs().max() == 0


# Training


def test_a_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    model = Xception(classes=3)
    model(torch.rand(2, 3, 71, 71)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_dropout_acts_in_training_alone():
    with torch.device("meta"):
        model = Xception(classes=3, dropout=0.5)
    model.maps = lambda x: torch.ones(1, 2048, 1, 1)
    model.head = nn.Identity()
    assert (model.train()(torch.zeros(1, 3, 71, 71)) == 0).any()
    assert torch.equal(model.eval()(torch.zeros(1, 3, 71, 71)), torch.ones(1, 2048))


@pytest.mark.parametrize("conv", [SeparableConv2d, partial(inception_spectrum, 2)])
def test_the_small_one_learns_eight_pictures_by_heart(conv):
    shapes = data.shapes(8, size=16)
    torch.manual_seed(0)
    model = SmallXception(4, 6, middle=1, conv=conv)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    fit(model, (shapes.x_train, shapes.y_train), epochs=40, optimizer=optimizer, device="cpu")
    model.train()  # so few pictures are no measure for running statistics
    assert (model(shapes.x_train).argmax(dim=1) == shapes.y_train).all()


# Errors


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SeparableConv2d(3, 4, kernel=2), "must be odd, got 2"),
        (lambda: inception_spectrum(2, 3, 4, kernel=4), "must be odd, got 4"),
        (lambda: inception_spectrum(3, 3, 4), "3 towers cannot share 4 channels"),
        (lambda: inception_spectrum(0, 3, 4), "0 towers cannot share 4"),
        (lambda: XceptionBlock(3, 4, separables=0), "got 0 and 1"),
        (lambda: XceptionBlock(3, 4, stride=3), "got 2 and 3"),
        (lambda: nearest_separable(torch.rand(4, 2, 3, 3), 5), "must be 1 to 4, got 5"),
        (lambda: nearest_separable(torch.rand(4, 2, 3, 3), 0), "must be 1 to 4, got 0"),
    ],
)
def test_bad_input_is_met_with_a_sentence(build, message):
    with pytest.raises(ValueError, match=message):
        build()
