"""The later order and the wide networks against the papers' tables, timm and their own laws."""

import pytest
import timm.models.resnetv2 as resnetv2
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers import BatchNormAct2d, create_conv2d
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from dlarch import measure
from dlarch.vision.preact_resnet import PreActBlock, PreActBottleneck, PreActResNet, preact_resnet, wide_resnet
from dlarch.vision.resnet import Shortcut, removable_blocks, without_blocks, zero_init_residual

BLOCKS = [PreActBlock, PreActBottleneck]


def trained_norms(model: nn.Module) -> nn.Module:
    """Give every batch norm scales and shifts as after some training, so that a test can tell them apart."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    return model


# Against timm. Its bottleneck strides in the 3x3 convolution, so the two are compared at stride 1.


@pytest.mark.parametrize(
    ("ours", "theirs", "channels", "stride"),
    [
        (PreActBlock, resnetv2.PreActBasic, (32, 32), 1),
        (PreActBlock, resnetv2.PreActBasic, (32, 64), 2),
        (PreActBottleneck, resnetv2.PreActBottleneck, (32, 32), 1),
        (PreActBottleneck, resnetv2.PreActBottleneck, (32, 64), 1),
    ],
)
def test_the_same_weights_give_timms_output_and_gradients(ours, theirs, channels, stride):
    torch.manual_seed(0)
    block = ours(*channels, stride=stride).double()
    projection = None if channels[0] == channels[1] else resnetv2.DownsampleConv
    parts = {"conv_layer": create_conv2d, "norm_layer": BatchNormAct2d, "proj_layer": projection}
    peer = trained_norms(theirs(*channels, stride=stride, **parts)).double()
    block.load_state_dict(weights.preact_block(peer.state_dict(), block.state_dict()))
    x = torch.randn(4, channels[0], 4, 6, dtype=torch.float64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [module(given) for module, given in zip((block, peer), inputs, strict=True)]
    assert_close(*outputs)
    for out in outputs:
        (out * out.detach().cos()).sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    gradients = {name: p.grad for name, p in peer.named_parameters()}
    for name, parameter in block.named_parameters():
        assert_close(parameter.grad, gradients[weights.preact_block_name(name)])


# Published counts and tables


@pytest.mark.parametrize(
    ("build", "published"),
    [
        (lambda: preact_resnet(164), 1_703_258),
        (lambda: preact_resnet(1001), 10_327_706),
        (lambda: wide_resnet(40, 4), 8_949_210),
        (lambda: wide_resnet(16, 8), 10_961_370),
        (lambda: wide_resnet(28, 10), 36_479_194),
    ],
)
def test_the_parameter_count_is_the_published_one(build, published):
    with torch.device("meta"):
        assert measure.count_parameters(build()) == published


@pytest.mark.parametrize(
    ("build", "published"), [(lambda: preact_resnet(164), 244_500_992), (lambda: wide_resnet(28, 10), 5_243_328_768)]
)
def test_the_multiply_adds_are_the_published_ones(build, published):
    with torch.device("meta"):
        assert measure.count_macs(build(), torch.empty(1, 3, 32, 32)) == published


@pytest.mark.parametrize(("width", "sizes"), [(1, (16, 32, 64)), (10, (160, 320, 640)), (0.5, (8, 16, 32))])
def test_stage_sizes_are_those_of_the_tables(width, sizes):
    with torch.device("meta"):
        shapes = measure.stages(PreActResNet(8, width=width), torch.empty(1, 3, 32, 32))
    stages = [shapes[f"stage{number}"][1:] for number in (1, 2, 3)]
    assert stages == [(sizes[0], 32, 32), (sizes[1], 16, 16), (sizes[2], 8, 8)]


@pytest.mark.parametrize(("depth", "width"), [(40, 4), (16, 8), (28, 10)])
def test_a_wide_resnets_number_counts_its_convolutions_projections_included(depth, width):
    with torch.device("meta"):
        model = wide_resnet(depth, width)
    assert sum(isinstance(module, nn.Conv2d) for module in model.modules()) == depth


def test_at_width_one_the_first_block_needs_no_projection():
    assert isinstance(PreActResNet(8).stage1[0].shortcut, nn.Identity)
    assert isinstance(PreActResNet(8, width=2).stage1[0].shortcut, nn.Conv2d)


# Laws


@settings(max_examples=10, deadline=None)
@given(block=st.sampled_from(BLOCKS), seed=st.integers(0, 2**16), batch=st.integers(2, 4))
def test_a_zeroed_block_returns_its_input_exactly(block, seed, batch):
    torch.manual_seed(seed)
    module = trained_norms(block(8, 8))
    zero_init_residual(module)
    x = torch.randn(batch, 8, 5, 5)
    assert torch.equal(module(x), x)


def test_with_every_block_zeroed_a_stage_returns_its_input_whatever_the_sign():
    torch.manual_seed(0)
    model = PreActResNet(20)
    zero_init_residual(model)
    x = torch.randn(2, 16, 8, 8)
    assert torch.equal(model.stage1(x), x)


@settings(max_examples=15, deadline=None)
@given(
    block=st.sampled_from(BLOCKS),
    option=st.sampled_from(Shortcut),
    stride=st.integers(1, 3),
    height=st.integers(3, 9),
    width=st.integers(3, 9),
)
def test_a_block_gives_its_channels_and_shrinks_each_side_by_its_stride(block, option, stride, height, width):
    y = block(4, 8, stride=stride, shortcut=option)(torch.randn(2, 4, height, width))
    assert y.shape == (2, 8, -(-height // stride), -(-width // stride))


def test_a_projection_starts_from_the_activated_input_and_an_identity_from_the_input_itself():
    torch.manual_seed(0)
    projecting, keeping = PreActBlock(4, 8), PreActBlock(4, 4)
    zero_init_residual(projecting)
    zero_init_residual(keeping)
    x = torch.randn(3, 4, 5, 5)
    assert_close(projecting(x), projecting.shortcut(F.relu(projecting.norm1(x))))
    assert torch.equal(keeping(x), x)


def test_the_network_ends_in_the_norm_and_relu_that_the_last_sum_lacks():
    torch.manual_seed(0)
    model = PreActResNet(8, classes=3).eval()
    trained_norms(model)
    x = torch.randn(2, 3, 8, 8)
    h = model.stage3(model.stage2(model.stage1(model.conv1(x))))
    assert (h < 0).any()
    assert_close(model(x), model.head(F.relu(model.norm(h)).mean(dim=(2, 3))))


@settings(max_examples=8, deadline=None)
@given(block=st.sampled_from(BLOCKS), option=st.sampled_from(Shortcut), n=st.integers(1, 2))
def test_a_gradient_reaches_every_parameter(block, option, n):
    torch.manual_seed(0)
    model = PreActResNet(3 * block.convolutions * n + 2, block=block, shortcut=option)
    F.cross_entropy(model(torch.randn(4, 3, 8, 8)), torch.arange(4)).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("block", BLOCKS)
def test_it_overfits_eight_samples(block):
    torch.manual_seed(0)
    model = PreActResNet(3 * block.convolutions + 2, block=block, classes=4)
    x, y = torch.randn(8, 3, 8, 8), torch.arange(8) % 4
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss < 0.05


def test_its_blocks_can_be_taken_out_too():
    torch.manual_seed(0)
    model = PreActResNet(14).eval()
    assert removable_blocks(model) == ["stage1.0", "stage1.1", "stage2.1", "stage3.1"]
    assert without_blocks(model, ["stage2.1"])(torch.randn(1, 3, 8, 8)).shape == (1, 10)


# Bad input


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: PreActResNet(18), r"with PreActBlock, depth must be 6n \+ 2 \(8, 14, ...\), got 18"),
        (lambda: preact_resnet(21), r"with PreActBottleneck, depth must be 9n \+ 2 \(11, 20, ...\), got 21"),
        (lambda: PreActResNet(20, width=0.01), "width must be at least 1/16"),
        (lambda: PreActBlock(4, 4, stride=0), "stride must be at least 1, got 0"),
        (lambda: PreActBottleneck(4, 4, stride=0), "stride must be at least 1, got 0"),
        (lambda: PreActBottleneck(4, 2), "give a multiple of 4, got 2"),
    ],
)
def test_bad_input_is_met_with_a_sentence(build, message):
    with pytest.raises(ValueError, match=message):
        build()
