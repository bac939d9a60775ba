"""MobileNet v1 and v2 against timm, torchvision, the papers' numbers and their own laws."""

import math
from functools import partial

import pytest
import timm
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torchvision.models._utils import _make_divisible

from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.mobilenet import (
    V1_LAYERS,
    V2_STAGES,
    DepthwiseSeparable,
    FullConvolution,
    InvertedResidual,
    MobileNetV1,
    MobileNetV2,
    cost_ratio,
    kind_of,
    round_channels,
    through_relu,
    work,
)


def on_meta(build, *args, **kwargs):
    with torch.device("meta"):
        return build(*args, **kwargs)


IMAGE = on_meta(torch.empty, 1, 3, 224, 224)
SMALL = ((8, 1), (12, 2), (16, 2))  # layers of a network for small images


def drawn(build, *args, **kwargs) -> nn.Module:
    """A model in double precision whose numbers are drawn so that signals keep their size and reach past 6."""
    model = on_meta(build, *args, **kwargs).double().to_empty(device="cpu")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                size = math.sqrt(6 / tensor[0].numel()) if tensor.ndim > 1 else 2.0
                tensor.uniform_(-size, size, generator=generator)
                if tensor.ndim == 1:
                    tensor.abs_().add_(0.2)  # running variances are positive
            else:
                tensor.zero_()
    return model


def assert_twins(theirs: nn.Module, ours: nn.Module, *, training: bool) -> None:
    """The same numbers in the same order give the same output, gradients and running statistics."""
    names, values = ours.state_dict(), theirs.state_dict().values()
    ours.load_state_dict(dict(zip(names, [v.clone() for v in values], strict=True)), assign=True)
    for parameter in ours.parameters():
        parameter.requires_grad_()
    x = torch.rand(2, 3, 64, 96, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    results = []
    for model in (theirs, ours):
        torch.manual_seed(3)  # for dropout
        given_ = x.clone().requires_grad_()
        y = model.train(training)(given_)
        gradients = torch.autograd.grad(y.square().sum(), (given_, *model.parameters()))
        results.append((y, *gradients, *model.buffers()))
    assert results[0][0].std() > 1e-3
    for received, expected in zip(*reversed(results), strict=True):
        assert_close(received, expected)


# Against timm and torchvision


@pytest.mark.parametrize("training", [False, True])
def test_the_same_weights_give_timms_mobilenet_v1_once_its_activation_is_relu6(training: bool):
    theirs = drawn(timm.create_model, "mobilenetv1_100", num_classes=5)
    assert_twins(theirs, on_meta(MobileNetV1, classes=5, activation=nn.ReLU6), training=training)


def test_with_the_papers_relu_the_output_is_another():
    theirs = drawn(timm.create_model, "mobilenetv1_100", num_classes=5).eval()
    ours = on_meta(MobileNetV1, classes=5)
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)), assign=True)
    x = torch.rand(1, 3, 64, 64, dtype=torch.float64)
    assert not torch.allclose(ours.eval()(x), theirs(x))


@pytest.mark.parametrize("training", [False, True])
def test_the_same_weights_give_torchvisions_mobilenet_v2(training: bool):
    theirs = drawn(torchvision.models.mobilenet_v2, num_classes=5)
    assert_twins(theirs, on_meta(MobileNetV2, classes=5), training=training)


@pytest.mark.parametrize("width", [0.1, 0.25, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4])
def test_at_every_width_every_tensor_of_v2_has_torchvisions_shape(width: float):
    ours = on_meta(MobileNetV2, width)
    theirs = on_meta(torchvision.models.mobilenet_v2, width_mult=width)
    assert [t.shape for t in ours.state_dict().values()] == [t.shape for t in theirs.state_dict().values()]


@given(channels=st.floats(0.5, 3000), divisor=st.integers(1, 32))
def test_channels_are_rounded_as_torchvision_does(channels: float, divisor: int):
    rounded = round_channels(channels, divisor)
    assert rounded == _make_divisible(channels, divisor)
    assert rounded % divisor == 0
    assert rounded >= 0.9 * channels


# The published numbers


@pytest.mark.parametrize(
    ("width", "parameters", "macs"),
    [(1.0, 4231976, 568740352), (0.75, 2585560, 325400448), (0.5, 1331592, 149497088), (0.25, 470072, 41030272)],
)
def test_parameters_and_work_of_v1_are_the_published_ones(width: float, parameters: int, macs: int):
    model = on_meta(MobileNetV1, width)
    assert measure.count_parameters(model) == parameters
    assert measure.count_macs(model, IMAGE) == macs


@pytest.mark.parametrize(
    ("width", "parameters", "macs"), [(1.0, 3504872, 300774272), (0.5, 1968680, 97131840), (1.4, 6108776, 582195824)]
)
def test_parameters_and_work_of_v2_are_the_published_ones(width: float, parameters: int, macs: int):
    model = on_meta(MobileNetV2, width)
    assert measure.count_parameters(model) == parameters
    assert measure.count_macs(model, IMAGE) == macs


def test_the_same_network_of_full_convolutions_has_seven_times_the_parameters():
    model = on_meta(MobileNetV1, block=FullConvolution)
    assert measure.count_parameters(model) == 29294088
    assert round(measure.count_macs(model, IMAGE) / 1e9, 3) == 4.867


def test_the_stages_have_the_sizes_of_the_papers_tables():
    first = measure.stages(on_meta(MobileNetV1), IMAGE, depth=2)
    shapes = [first["stem.2"][1:3], *(first[f"blocks.{i}"][1:3] for i in range(13))]
    assert shapes == [(32, 112), (64, 112), *[(128, 56)] * 2, *[(256, 28)] * 2, *[(512, 14)] * 6, *[(1024, 7)] * 2]
    second = measure.stages(on_meta(MobileNetV2), IMAGE, depth=2)
    assert [second[f"stages.{i}"][1:3] for i in range(7)] == [
        (16, 112), (24, 56), (32, 28), (64, 14), (96, 14), (160, 7), (320, 7),
    ]  # fmt: skip
    assert second["last.2"] == (1, 1280, 7, 7)


def test_v1_has_28_layers_with_weights_and_v2_seventeen_blocks_of_which_ten_skip():
    weighted = [m for m in on_meta(MobileNetV1).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 28 == 2 * (len(V1_LAYERS) - 1) + 2
    blocks = [m for m in on_meta(MobileNetV2).modules() if isinstance(m, InvertedResidual)]
    assert len(blocks) == sum(count for _, _, count, _ in V2_STAGES) == 17
    assert sum(block.skips for block in blocks) == 10


# Cost


@given(
    kernel=st.sampled_from([1, 3, 5, 7]),
    channels=st.integers(2, 9),
    out=st.integers(1, 40),
    side=st.integers(3, 9),
    stride=st.integers(1, 3),
)
@settings(max_examples=15)
def test_the_ratio_of_costs_is_the_one_that_is_counted(kernel: int, channels: int, out: int, side: int, stride: int):
    x = on_meta(torch.empty, 2, channels, side, side)
    build = {"kernel": kernel, "stride": stride}
    apart, full = (on_meta(kind, channels, out, **build) for kind in (DepthwiseSeparable, FullConvolution))
    assert measure.count_macs(apart, x) / measure.count_macs(full, x) == pytest.approx(cost_ratio(kernel, out))


def test_at_512_channels_and_3_by_3_the_ratio_is_0_113():
    assert round(cost_ratio(3, 512), 3) == 0.113


@pytest.mark.parametrize("build", [MobileNetV1, MobileNetV2, partial(MobileNetV1, block=FullConvolution)])
def test_the_lines_of_work_sum_to_the_whole_model_and_leave_it_as_it_was(build):
    model = on_meta(build).train()
    lines = work(model, IMAGE)
    assert sum(line.macs for line in lines) == measure.count_macs(model, IMAGE)
    assert sum(line.parameters for line in lines) == measure.count_parameters(model)
    assert model.training
    assert not any(m._forward_hooks for m in model.modules())


def test_pointwise_convolutions_do_95_per_cent_of_the_work_of_v1_with_three_quarters_of_its_parameters():
    lines = work(on_meta(MobileNetV1), IMAGE)
    macs, parameters = (
        sum(getattr(line, what) for line in lines if line.kind == "pointwise") for what in ("macs", "parameters")
    )
    assert macs / sum(line.macs for line in lines) == pytest.approx(0.9486, abs=5e-5)
    assert parameters / sum(line.parameters for line in lines) == pytest.approx(0.7419, abs=5e-5)


def test_a_depthwise_convolution_moves_one_byte_for_each_multiply_add_and_a_full_one_hundreds_less():
    x = on_meta(torch.empty, 1, 256, 28, 28)
    (apart,) = (line for line in work(on_meta(DepthwiseSeparable, 256, 256), x) if line.kind == "depthwise")
    values, weights = 2 * 256 * 28 * 28, 9 * 256
    assert apart.bytes == 4 * (values + weights)
    assert apart.macs == 9 * 256 * 28 * 28
    (full,) = (line for line in work(on_meta(FullConvolution, 256, 256), x) if line.kind == "full")
    assert (full.macs / full.bytes) / (apart.macs / apart.bytes) == pytest.approx(
        256 * (values + weights) / (values + 256 * weights)
    )


def test_layers_are_called_by_their_kind():
    layers = {
        "full": nn.Conv2d(3, 4, 3), "pointwise": nn.Conv2d(3, 4, 1), "depthwise": nn.Conv2d(4, 4, 3, groups=4),
        "dense": nn.Linear(2, 3), "norm": nn.BatchNorm2d(4), "": nn.Dropout(),
    }  # fmt: skip
    assert {kind: kind_of(layer) for kind, layer in layers.items()} == {kind: kind for kind in layers}
    assert kind_of(nn.ReLU()) == kind_of(nn.ReLU6()) == "activation"


# Laws


def test_a_depthwise_filter_sees_one_channel_alone():
    block = DepthwiseSeparable(4, 6)
    x = torch.rand(1, 4, 5, 5, requires_grad=True)
    block.depthwise(x)[:, 2].sum().backward()
    assert [channel.abs().sum().item() > 0 for channel in x.grad[0]] == [False, False, True, False]


@given(in_channels=st.integers(1, 5), out=st.integers(1, 5), stride=st.sampled_from([1, 2]), side=st.integers(1, 8))
@settings(max_examples=25)
def test_an_inverted_residual_skips_where_shapes_agree_and_is_the_identity_there_at_a_zero_branch(
    in_channels: int, out: int, stride: int, side: int
):
    block = InvertedResidual(in_channels, out, stride=stride).eval()
    nn.init.zeros_(block.project[0].weight)
    x = torch.randn(2, in_channels, side, side)
    y = block(x)
    smaller = -(-side // stride)
    assert y.shape == (2, out, smaller, smaller)
    skips = stride == 1 and in_channels == out
    assert block.skips == skips
    assert torch.equal(y, x if skips else torch.zeros_like(y))


def test_the_narrow_maps_have_no_activation_unless_asked():
    x = torch.randn(4, 3, 6, 6)
    torch.manual_seed(0)
    assert InvertedResidual(3, 5)(x).min() < 0
    bent = InvertedResidual(3, 5, linear=False)(x)
    assert bent.min() == 0
    assert bent.max() <= 6


def test_with_expansion_1_there_is_no_layer_that_widens():
    block = InvertedResidual(4, 2, expansion=1)
    assert isinstance(block.expand, nn.Identity)
    assert measure.count_parameters(block) == 9 * 4 + 8 + 8 + 4


def test_below_width_1_the_last_maps_of_v2_keep_1280_channels():
    assert on_meta(MobileNetV2, 0.25).last[0].out_channels == 1280
    assert on_meta(MobileNetV2, 1.4).last[0].out_channels == 1792


def test_v1_rounds_down_and_keeps_at_least_eight_channels():
    assert [on_meta(MobileNetV1, width).stem[0].out_channels for width in (0.1, 0.3, 1.0)] == [8, 9, 32]


def test_relu_and_back_keeps_points_in_many_dimensions_of_one_sign_and_loses_them_in_few():
    x = torch.rand(20, 2) + 0.1
    embedding = torch.rand(7, 2)
    assert_close(through_relu(x, embedding), x)
    assert torch.equal(through_relu(x, -embedding), torch.zeros_like(x))


@pytest.mark.parametrize("model", [MobileNetV1(0.25, classes=3), MobileNetV2(0.1, classes=3)])
def test_a_gradient_reaches_every_parameter(model: nn.Module):
    model(torch.rand(4, 3, 64, 64)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("block", [DepthwiseSeparable, FullConvolution])
def test_a_small_network_learns_eight_pictures_by_heart(block):
    shapes = data.shapes(8, size=16)
    torch.manual_seed(0)
    model = MobileNetV1(classes=4, layers=SMALL, block=block)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, (shapes.x_train, shapes.y_train), epochs=60, optimizer=optimizer, device="cpu")
    assert (model(shapes.x_train).argmax(dim=1) == shapes.y_train).all()


# Errors


@pytest.mark.parametrize(("kernel", "stride"), [(2, 1), (3, 0)])
def test_an_even_kernel_or_no_stride_is_refused(kernel: int, stride: int):
    with pytest.raises(ValueError, match=f"got {kernel} and {stride}"):
        DepthwiseSeparable(3, 4, kernel=kernel, stride=stride)


@pytest.mark.parametrize(("stride", "expansion"), [(3, 6), (1, 0)])
def test_a_stride_of_three_or_an_expansion_of_nothing_is_refused(stride: int, expansion: int):
    with pytest.raises(ValueError, match=f"got {stride} and {expansion}"):
        InvertedResidual(3, 4, stride=stride, expansion=expansion)


@pytest.mark.parametrize("build", [MobileNetV1, MobileNetV2])
def test_a_width_of_zero_is_refused(build):
    with pytest.raises(ValueError, match=r"width must be above 0, got 0\.0"):
        build(0.0)


@pytest.mark.parametrize(("kernel", "channels"), [(0, 4), (3, 0)])
def test_a_ratio_without_kernel_or_channels_is_refused(kernel: int, channels: int):
    with pytest.raises(ValueError, match=f"got {kernel} and {channels}"):
        cost_ratio(kernel, channels)
