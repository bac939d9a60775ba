"""The residual networks against torchvision, the papers' tables and their own laws."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torch.utils.flop_counter import FlopCounterMode

from coursekit.bench import weights
from coursekit.bench.weights import carry_over
from dlarch.vision.resnet import (
    LAYOUTS,
    BasicBlock,
    Bottleneck,
    CifarResNet,
    NoShortcut,
    PadShortcut,
    ResNet,
    Shortcut,
    make_shortcut,
    removable_blocks,
    residual_blocks,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    wide_resnet50_2,
    without_blocks,
    zero_init_residual,
)

PEERS = {
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet101": resnet101,
    "resnet152": resnet152,
    "wide_resnet50_2": wide_resnet50_2,
}
BLOCKS = [BasicBlock, Bottleneck]


def parameters(build) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in build().parameters())


def macs(build, side: int) -> int:
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        build()(torch.empty(1, 3, side, side))
    return counter.get_total_flops() // 2


def shapes_of(model: nn.Module, x: torch.Tensor, names: list[str]) -> list[tuple[int, ...]]:
    """Channels, height and width at the named stages of a forward pass."""
    seen = {}
    for name in names:
        model.get_submodule(name).register_forward_hook(
            lambda _module, _args, out, name=name: seen.update({name: tuple(out.shape[1:])})
        )
    model(x)
    return [seen[name] for name in names]


def randomise_norms(model: nn.Module) -> nn.Module:
    """Give every batch norm statistics and scales as after some training, so that a test can tell them apart."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 1.5)
    return model


# Against torchvision


@pytest.mark.parametrize("name", PEERS)
def test_every_parameter_has_its_counterpart_of_the_same_shape_in_torchvision(name):
    with torch.device("meta"):
        ours, theirs = PEERS[name](), torchvision.models.get_model(name)
    wanted = {n: p.shape for n, p in theirs.named_parameters()}
    assert {weights.resnet_name(n): p.shape for n, p in ours.named_parameters()} == wanted


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])  # the others have more or wider blocks of these kinds
def test_the_same_weights_give_torchvisions_logits_and_gradients(name):
    torch.manual_seed(0)
    theirs = torchvision.models.get_model(name, num_classes=10).train()
    with torch.device("meta"):  # its weights are those of the other
        ours = PEERS[name](classes=10).train()
    carry_over(weights.resnet, theirs, ours)
    x = torch.randn(2, 3, 64, 64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(i) for model, i in zip((ours, theirs), inputs, strict=True)]
    assert_close(outputs[0], outputs[1])
    for out in outputs:
        out.logsumexp(dim=1).sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    theirs_by_name = dict(theirs.named_parameters())
    for parameter_name, parameter in ours.named_parameters():
        assert_close(parameter.grad, theirs_by_name[weights.resnet_name(parameter_name)].grad)


@pytest.mark.parametrize("width", [1, 2])
def test_a_bottleneck_of_any_width_gives_torchvisions_output_and_gradients(width):
    torch.manual_seed(0)
    theirs = torchvision.models.resnet.Bottleneck(32, 8, base_width=64 * width).double()
    ours = Bottleneck(32, 32, width=width).double()
    carry_over(weights.resnet, randomise_norms(theirs), ours)
    x = torch.randn(2, 32, 5, 6, dtype=torch.float64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [block(given) for block, given in zip((ours, theirs), inputs, strict=True)]
    assert_close(*outputs)
    for out in outputs:
        (out * out.detach().cos()).sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    theirs_by_name = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        assert_close(parameter.grad, theirs_by_name[weights.resnet_name(name)].grad)


def test_the_same_statistics_give_torchvisions_logits_in_eval_mode():
    torch.manual_seed(0)
    theirs = randomise_norms(torchvision.models.resnet50(num_classes=10)).eval()
    ours = resnet50(classes=10).eval()
    carry_over(weights.resnet, theirs, ours)
    x = torch.randn(1, 3, 64, 64)
    assert_close(ours(x), theirs(x))


# Published counts and tables


@pytest.mark.parametrize(
    ("build", "published"),
    [
        (resnet18, 11_689_512),
        (resnet34, 21_797_672),
        (lambda: ResNet(34, shortcut=Shortcut.A), 21_623_848),
        (resnet50, 25_557_032),
        (lambda: ResNet(50, stride_on_1x1=True), 25_557_032),
        (resnet101, 44_549_160),
        (resnet152, 60_192_808),
        (wide_resnet50_2, 68_883_240),
        (lambda: CifarResNet(20), 269_722),
        (lambda: CifarResNet(32), 464_154),
        (lambda: CifarResNet(44), 658_586),
        (lambda: CifarResNet(56), 853_018),
        (lambda: CifarResNet(110), 1_727_962),
        (lambda: CifarResNet(1202), 19_421_274),
        (lambda: CifarResNet(20, shortcut=Shortcut.B), 272_474),
        (lambda: CifarResNet(110, shortcut=Shortcut.B), 1_730_714),
    ],
)
def test_the_parameter_count_is_the_published_one(build, published):
    assert parameters(build) == published


@pytest.mark.parametrize(
    ("build", "side", "published"),
    [
        (resnet18, 224, 1_814_073_344),
        (resnet34, 224, 3_663_761_408),
        (lambda: ResNet(50, stride_on_1x1=True), 224, 3_857_973_248),  # the 3.8 G of the paper
        (resnet50, 224, 4_089_184_256),  # the 4.1 G that most tools print
        (lambda: ResNet(152, stride_on_1x1=True), 224, 11_282_415_616),
        (wide_resnet50_2, 224, 11_398_021_120),
        (lambda: CifarResNet(20), 32, 40_551_040),
        (lambda: CifarResNet(110), 32, 252_887_680),
    ],
)
def test_the_multiply_adds_are_the_published_ones(build, side, published):
    assert macs(build, side) == published


@pytest.mark.parametrize("depth", LAYOUTS)
def test_stage_sizes_are_those_of_the_papers_table_1(depth):
    k = 4 if depth >= 50 else 1
    table = [(64, 112, 112), (64, 56, 56), (64 * k, 56, 56), (128 * k, 28, 28), (256 * k, 14, 14), (512 * k, 7, 7)]
    names = ["conv1", "pool", "stage1", "stage2", "stage3", "stage4"]
    with torch.device("meta"):
        assert shapes_of(ResNet(depth), torch.empty(1, 3, 224, 224), names) == table


@pytest.mark.parametrize(("width", "sizes"), [(1, (16, 32, 64)), (10, (160, 320, 640)), (0.5, (8, 16, 32))])
def test_stage_sizes_on_cifar_are_those_of_the_tables(width, sizes):
    with torch.device("meta"):
        model = CifarResNet(20, width=width, shortcut=Shortcut.B)
        shapes = shapes_of(model, torch.empty(1, 3, 32, 32), ["stage1", "stage2", "stage3"])
    assert shapes == [(sizes[0], 32, 32), (sizes[1], 16, 16), (sizes[2], 8, 8)]


@pytest.mark.parametrize("depth", LAYOUTS)
def test_the_number_in_the_name_counts_the_weighted_layers_on_the_longest_path(depth):
    with torch.device("meta"):
        model = ResNet(depth)
    on_path = [n for n, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.Linear) and "shortcut" not in n]
    assert len(on_path) == depth


def test_a_wide_resnet_50_widens_the_3x3_convolutions_only():
    with torch.device("meta"):
        wide, narrow = wide_resnet50_2().stage3[1], resnet50().stage3[1]
    assert wide.conv2.out_channels == 2 * narrow.conv2.out_channels
    assert wide.conv3.out_channels == narrow.conv3.out_channels


# Shortcuts


def test_a_padded_shortcut_keeps_every_second_pixel_and_adds_zero_channels_behind():
    x = torch.arange(32.0).reshape(1, 2, 4, 4)
    y = PadShortcut(2, 5, stride=2)(x)
    assert y.shape == (1, 5, 2, 2)
    assert_close(y[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    assert_close(y[0, 1], torch.tensor([[16.0, 18.0], [24.0, 26.0]]))
    assert not y[0, 2:].any()


@pytest.mark.parametrize(
    ("option", "same_shape", "new_shape"),
    [
        (Shortcut.NONE, NoShortcut, NoShortcut),
        (Shortcut.A, nn.Identity, PadShortcut),
        (Shortcut.B, nn.Identity, nn.Sequential),
        (Shortcut.C, nn.Sequential, nn.Sequential),
    ],
)
def test_each_option_projects_where_the_paper_says(option, same_shape, new_shape):
    assert type(make_shortcut(option, 8, 8, 1)) is same_shape
    assert type(make_shortcut(option, 8, 16, 2)) is new_shape
    assert type(make_shortcut(option, 8, 8, 2)) is new_shape


def test_a_projection_ends_in_batch_norm_unless_it_is_told_not_to():
    assert isinstance(BasicBlock(4, 8).shortcut[1], nn.BatchNorm2d)
    assert isinstance(make_shortcut(Shortcut.B, 4, 8, 1, norm=False), nn.Conv2d)


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


def test_a_plain_network_is_the_residual_one_without_its_sums():
    torch.manual_seed(0)
    residual, plain = CifarResNet(20).eval(), CifarResNet(20, shortcut=Shortcut.NONE).eval()
    plain.load_state_dict(residual.state_dict())  # option A has no parameters, so the two hold the same tensors
    block = plain.stage2[0]
    x = torch.randn(2, 16, 8, 8)
    h = F.relu(block.norm1(block.conv1(x)))
    assert_close(block(x), F.relu(block.norm2(block.conv2(h))))
    assert not torch.allclose(residual.stage2[0](x), block(x))


def test_the_first_1x1_of_a_v1_bottleneck_strides_and_the_3x3_of_a_v15_one():
    v1, v15 = Bottleneck(8, 16, stride=2, stride_on_1x1=True), Bottleneck(8, 16, stride=2)
    assert (v1.conv1.stride, v1.conv2.stride) == ((2, 2), (1, 1))
    assert (v15.conv1.stride, v15.conv2.stride) == ((1, 1), (2, 2))


def test_a_v1_branch_never_sees_three_pixels_of_four_and_a_v15_branch_sees_all():
    torch.manual_seed(0)
    for on_1x1, seen in ((True, 16), (False, 64)):
        block = Bottleneck(4, 8, stride=2, stride_on_1x1=on_1x1, shortcut=Shortcut.NONE).eval()
        x = torch.randn(1, 4, 8, 8, requires_grad=True)
        block.conv3(block.conv2(block.conv1(x))).square().sum().backward()
        assert int((x.grad.abs().sum(dim=1) > 0).sum()) == seen


# Laws


@settings(max_examples=10, deadline=None)
@given(block=st.sampled_from(BLOCKS), seed=st.integers(0, 2**16), batch=st.integers(2, 4))
def test_a_zeroed_post_activation_block_returns_relu_of_its_input(block, seed, batch):
    torch.manual_seed(seed)
    module = randomise_norms(block(8, 8))
    zero_init_residual(module)
    x = torch.randn(batch, 8, 5, 5)
    assert torch.equal(module(x), x.relu())
    assert torch.equal(module(x.abs()), x.abs())
    assert not torch.equal(module(x), x)


def test_a_zeroed_plain_block_returns_nothing_at_all():
    block = BasicBlock(8, 8, shortcut=Shortcut.NONE)
    zero_init_residual(block)
    assert not block(torch.randn(2, 8, 5, 5)).any()


def test_zero_init_reaches_every_block_of_a_network():
    torch.manual_seed(0)
    model = CifarResNet(20)
    zero_init_residual(model)
    x = torch.rand(2, 16, 8, 8)
    assert torch.equal(model.stage1(x), x)


@settings(max_examples=8, deadline=None)
@given(block=st.sampled_from(BLOCKS), option=st.sampled_from(Shortcut), preset=st.integers(1, 2))
def test_a_gradient_reaches_every_parameter(block, option, preset):
    torch.manual_seed(0)
    model = CifarResNet(3 * block.convolutions * preset + 2, block=block, shortcut=option)
    F.cross_entropy(model(torch.randn(4, 3, 8, 8)), torch.arange(4)).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("block", BLOCKS)
def test_it_overfits_eight_samples(block):
    torch.manual_seed(0)
    model = CifarResNet(3 * block.convolutions + 2, block=block, shortcut=Shortcut.B, classes=4)
    x, y = torch.randn(8, 3, 8, 8), torch.arange(8) % 4
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss < 0.05


def test_he_initialisation_doubles_the_variance_of_a_gradient_so_that_a_relu_can_halve_it():
    torch.manual_seed(0)
    conv = CifarResNet(8, width=4).stage1[0].conv2  # 64 to 64 channels, 3x3: fan-out 576
    x = torch.randn(16, 64, 16, 16, requires_grad=True)
    upstream = torch.randn(16, 64, 16, 16)
    conv(x).backward(upstream)
    inside = x.grad[:, :, 1:-1, 1:-1]  # pixels at the border take part in fewer windows
    assert abs(inside.var() / upstream.var() - 2) < 0.15


# Taking blocks out


def test_the_blocks_of_a_network_are_listed_in_order():
    with torch.device("meta"):
        blocks = residual_blocks(ResNet(34))
    assert [name for name, _ in blocks][:4] == ["stage1.0", "stage1.1", "stage1.2", "stage2.0"]
    assert len(blocks) == 16
    assert {type(block) for _, block in blocks} == {BasicBlock}


def test_a_resnet_20_has_seven_blocks_that_can_be_taken_out():
    names = ["stage1.0", "stage1.1", "stage1.2", "stage2.1", "stage2.2", "stage3.1", "stage3.2"]
    assert removable_blocks(CifarResNet(20)) == names
    assert removable_blocks(CifarResNet(20, shortcut=Shortcut.NONE)) == names


def test_taking_blocks_out_of_a_copy_leaves_the_model_as_it_was():
    torch.manual_seed(0)
    model = CifarResNet(20).eval()
    x = torch.randn(2, 3, 8, 8)
    before = model(x)
    shorter = without_blocks(model, ["stage1.1", "stage3.2"])
    assert isinstance(shorter.stage1[1], nn.Identity)
    assert isinstance(shorter.stage3[2], nn.Identity)
    assert not torch.allclose(shorter(x), before)
    assert torch.equal(model(x), before)


def test_taking_out_a_block_that_does_nothing_changes_nothing():
    torch.manual_seed(0)
    model = CifarResNet(20).eval()
    zero_init_residual(model.stage2[1])
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(without_blocks(model, ["stage2.1"])(x), model(x))


# Bad input


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ResNet(20), "depth must be one of 18, 34, 50, 101, 152, got 20"),
        (lambda: ResNet(18, stride_on_1x1=True), "no 1x1 convolution to stride on"),
        (lambda: CifarResNet(18), r"depth must be 6n \+ 2 \(8, 14, ...\), got 18"),
        (lambda: CifarResNet(2), r"depth must be 6n \+ 2"),
        (lambda: CifarResNet(14, block=Bottleneck), r"with Bottleneck, depth must be 9n \+ 2"),
        (lambda: CifarResNet(20, width=0.01), "width must be at least 1/16"),
        (lambda: BasicBlock(4, 4, stride=0), "stride must be at least 1, got 0"),
        (lambda: Bottleneck(4, 4, stride=0), "stride must be at least 1, got 0"),
        (lambda: Bottleneck(4, 6), "give a multiple of 4, got 6"),
        (lambda: Bottleneck(4, 2), "give a multiple of 4, got 2"),
        (lambda: BasicBlock(8, 4, shortcut=Shortcut.A), "cannot go from 8 to 4"),
        (lambda: without_blocks(CifarResNet(8), ["stage2.0"]), "'stage2.0' cannot be removed; .* are stage1.0"),
    ],
)
def test_bad_input_is_met_with_a_sentence(build, message):
    with pytest.raises(ValueError, match=message):
        build()
