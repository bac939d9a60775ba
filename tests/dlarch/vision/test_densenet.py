"""The densely connected networks against torchvision, the paper's tables and their own laws."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from coursekit.bench import weights
from dlarch import measure
from dlarch.vision.densenet import (
    CifarDenseNet,
    DenseBlock,
    DenseLayer,
    DenseNet,
    DenseStages,
    StatisticsKept,
    Transition,
    basic_densenet,
    densenet121,
    densenet161,
    densenet169,
    densenet201,
    source_weights,
)

PEERS = {
    "densenet121": densenet121,
    "densenet161": densenet161,
}
SMALL = {"growth_rate": 6, "block_config": (2, 3, 1), "num_init_features": 10, "bn_size": 3, "num_classes": 5}


class Small(nn.Module):
    """The configuration ``SMALL`` from our parts."""

    def __init__(self, *, recompute: bool) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 10, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(10)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = DenseStages(10, 6, SMALL["block_config"], bottleneck=3, recompute=recompute)
        self.head = nn.Linear(self.stages.out_channels, SMALL["num_classes"])

    forward = DenseNet.forward


def double(model: nn.Module) -> nn.Module:
    return model.double().train()


# Against torchvision


def test_each_builder_gives_the_depth_in_its_name():
    with torch.device("meta"):
        for build, last in ((densenet169, 1664), (densenet201, 1920)):
            assert build(classes=2).head.in_features == last


@pytest.mark.parametrize("name", PEERS)
def test_every_parameter_has_its_counterpart_of_the_same_shape_in_torchvision(name):
    with torch.device("meta"):
        ours, theirs = (dict(model.named_parameters()) for model in (PEERS[name](), torchvision.models.get_model(name)))
    assert all(theirs.shape == ours[n].shape for n, theirs in weights.densenet(theirs, ours).items())


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize(
    ("build", "peer"),
    [
        (
            lambda recompute: densenet121(classes=10, recompute=recompute),
            lambda recompute: torchvision.models.densenet121(num_classes=10, memory_efficient=recompute),
        ),
        (
            lambda recompute: Small(recompute=recompute),
            lambda recompute: torchvision.models.DenseNet(**SMALL, memory_efficient=recompute),
        ),
    ],
    ids=["densenet121", "small"],
)
def test_the_same_weights_give_torchvisions_logits_and_gradients(build, peer, recompute):
    torch.manual_seed(0)
    theirs, ours = double(peer(recompute)), double(build(recompute))
    ours.load_state_dict(weights.densenet(theirs.state_dict(), ours.state_dict()))
    x = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(i) for model, i in zip((ours, theirs), inputs, strict=True)]
    assert_close(outputs[0], outputs[1])
    for out in outputs:
        out.logsumexp(dim=1).sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    wanted = weights.densenet(dict(theirs.named_parameters()), dict(ours.named_parameters()))
    for name, parameter in ours.named_parameters():
        assert_close(parameter.grad, wanted[name].grad)


def test_torchvision_counts_a_recomputed_batch_twice_and_we_count_it_once():
    x = torch.randn(2, 3, 32, 32)
    theirs, ours = torchvision.models.DenseNet(**SMALL, memory_efficient=True), Small(recompute=True)
    counts = []
    for model in (theirs, ours):
        model.train()(x).sum().backward()
        counts.append({int(b) for name, b in model.named_buffers() if name.endswith("num_batches_tracked")})
    assert counts == [{1, 2}, {1}]


# Published counts and tables


@pytest.mark.parametrize(
    ("depth", "parameters", "macs"),
    [
        (121, 7_978_856, 2_834_161_664),
        (169, 14_149_480, 3_359_843_328),
        (201, 20_013_928, 4_291_365_888),
        (161, 28_681_000, 7_727_907_072),
        (264, 33_337_704, None),
    ],
)
def test_parameters_multiply_adds_and_depth_on_imagenet_are_the_published_ones(depth, parameters, macs):
    with torch.device("meta"):
        model = DenseNet(depth)
        if macs:
            assert measure.count_macs(model, torch.empty(1, 3, 224, 224)) == macs
    assert measure.count_parameters(model) == parameters
    layers = sum(isinstance(part, nn.Conv2d | nn.Linear) for part in model.modules())
    assert layers == {264: 265}.get(depth, depth)  # the largest is named one short


@pytest.mark.parametrize(
    ("build", "depth", "growth_rate", "published"),
    [
        (basic_densenet, 40, 12, 1_019_722),
        (basic_densenet, 100, 12, 6_979_642),
        (basic_densenet, 100, 24, 27_249_082),
        (CifarDenseNet, 100, 12, 769_162),
        (CifarDenseNet, 250, 24, 15_324_406),
        (CifarDenseNet, 190, 40, 25_624_430),
    ],
)
def test_parameters_and_depth_on_cifar_are_the_published_ones(build, depth, growth_rate, published):
    with torch.device("meta"):
        model = build(depth, growth_rate)
    assert measure.count_parameters(model) == published
    assert sum(isinstance(part, nn.Conv2d | nn.Linear) for part in model.modules()) == depth


def test_stage_sizes_of_densenet_121_are_those_of_the_papers_table_1():
    with torch.device("meta"):
        sizes = measure.stages(DenseNet(121), torch.empty(1, 3, 224, 224), depth=2)
    wanted = {
        "conv": (64, 112, 112),
        "pool": (64, 56, 56),
        "stages.block1": (256, 56, 56),
        "stages.transition1": (128, 28, 28),
        "stages.block2": (512, 28, 28),
        "stages.transition2": (256, 14, 14),
        "stages.block3": (1024, 14, 14),
        "stages.transition3": (512, 7, 7),
        "stages.block4": (1024, 7, 7),
    }
    assert {name: sizes[name][1:] for name in wanted} == wanted


# Laws


@settings(max_examples=15, deadline=None)
@given(
    channels=st.integers(1, 9),
    growth_rate=st.integers(1, 5),
    layers=st.integers(1, 5),
    bottleneck=st.integers(0, 4),
    side=st.integers(1, 5),
)
def test_a_block_of_l_layers_adds_l_times_g_channels_and_has_half_of_l_times_l_plus_1_connections(
    channels, growth_rate, layers, bottleneck, side
):
    block = DenseBlock(channels, growth_rate, layers, bottleneck=bottleneck)
    sources = []
    for layer in block.layers:
        layer.register_forward_pre_hook(lambda module, args: sources.append(len(args[0])))
    y = block(torch.randn(2, channels, side, side + 1))
    assert y.shape == (2, channels + layers * growth_rate, side, side + 1)
    assert y.shape[1] == block.out_channels
    assert sum(sources) == layers * (layers + 1) // 2


def test_a_block_hands_its_input_and_every_layers_maps_on_unchanged():
    torch.manual_seed(0)
    block = DenseBlock(5, 3, 3).eval()
    made = []
    for layer in block.layers:
        layer.register_forward_hook(lambda module, args, output: made.append(output))
    x = torch.randn(2, 5, 4, 4)
    assert torch.equal(block(x), torch.cat([x, *made], dim=1))


def test_every_layer_reads_every_map_before_it_and_none_after():
    torch.manual_seed(0)
    block = DenseBlock(2, 2, 3).double().eval()
    x = torch.randn(1, 2, 3, 3, dtype=torch.float64)
    maps = [x]
    for layer in block.layers:
        maps.append(layer(maps).detach())
    for place, layer in enumerate(block.layers):
        sources = [m.clone().requires_grad_() for m in maps[: place + 1]]
        layer(sources).square().sum().backward()
        assert all(source.grad.abs().sum(dim=(0, 2, 3)).min() > 0 for source in sources)


def test_a_sum_is_a_concatenation_followed_by_a_fixed_1x1_convolution():
    x, *branches = torch.randn(4, 2, 5, 6, 6).double()
    adds = torch.eye(5, dtype=torch.float64).repeat(1, 4)[:, :, None, None]
    assert_close(F.conv2d(torch.cat([x, *branches], dim=1), adds), x + sum(branches))


@settings(max_examples=10, deadline=None)
@given(channels=st.integers(2, 12), compression=st.sampled_from([0.5, 0.7, 1.0]), side=st.integers(2, 7))
def test_a_transition_halves_the_sides_and_keeps_its_share_of_the_channels(channels, compression, side):
    transition = Transition(channels, compression=compression)
    y = transition(torch.randn(2, channels, side, side + 1))
    assert y.shape == (2, int(compression * channels), side // 2, (side + 1) // 2)
    assert transition.out_channels == y.shape[1]


def test_a_transition_bends_before_it_averages():
    torch.manual_seed(0)
    transition = Transition(4).eval()
    x = torch.randn(1, 4, 4, 4)
    h = F.conv2d(F.relu(F.batch_norm(x, torch.zeros(4), torch.ones(4))), transition[2].weight)
    assert_close(transition(x), h.unfold(2, 2, 2).unfold(3, 2, 2).mean(dim=(4, 5)))


@settings(max_examples=8, deadline=None)
@given(bottleneck=st.sampled_from([0, 1, 4]), recompute=st.booleans())
def test_a_gradient_reaches_every_parameter(bottleneck, recompute):
    torch.manual_seed(0)
    depth = 16 if bottleneck else 10
    model = CifarDenseNet(depth, 4, bottleneck=bottleneck, recompute=recompute)
    F.cross_entropy(model(torch.randn(4, 3, 8, 8)), torch.arange(4)).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("build", [lambda: CifarDenseNet(16, 6), lambda: basic_densenet(10, 6)])
def test_it_overfits_eight_samples(build):
    torch.manual_seed(0)
    model = build()
    x, y = torch.randn(8, 3, 8, 8), torch.arange(8) % 4
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss < 0.05


def test_dropout_thins_the_new_maps_in_training_only():
    torch.manual_seed(0)
    layer = DenseLayer(4, 6, dropout=0.5)
    x = [torch.randn(4, 4, 8, 8)]
    assert abs((layer(x) == 0).float().mean() - 0.5) < 0.1
    assert (layer.eval()(x) == 0).sum() == 0


def test_convolutions_start_with_he_s_variance_and_the_head_without_bias():
    torch.manual_seed(0)
    model = CifarDenseNet(10, 32)
    weight = model.stages.block1.layers[0].conv2.weight
    assert abs(weight.var() / (2 / (128 * 9)) - 1) < 0.05
    assert not model.head.bias.any()


# Computing again


@settings(max_examples=8, deadline=None)
@given(
    growth_rate=st.integers(1, 5),
    bottleneck=st.sampled_from([0, 2, 4]),
    dropout=st.sampled_from([0.0, 0.3]),
    training=st.booleans(),
    momentum=st.sampled_from([0.1, None]),
)
def test_computing_again_changes_no_output_gradient_or_statistic_by_a_bit(
    growth_rate, bottleneck, dropout, training, momentum
):
    results = []
    for recompute in (False, True):
        torch.manual_seed(0)
        block = DenseBlock(3, growth_rate, 3, bottleneck=bottleneck, dropout=dropout, recompute=recompute)
        for layer in block.layers:
            layer.norm1.momentum = momentum
        block.train(training)
        x = torch.randn(2, 3, 5, 5, requires_grad=True)
        for _ in range(2):
            y = block(x)
            y.square().sum().backward()
        results.append([y, x.grad, *[p.grad for p in block.parameters()], *block.buffers()])
    for ordinary, again in zip(*results, strict=True):
        assert torch.equal(ordinary, again)


def test_a_careless_checkpoint_moves_the_running_statistics_twice():
    torch.manual_seed(0)
    layer = DenseLayer(4, 2)
    x = torch.randn(8, 4, 6, 6) + 1
    checkpoint(layer.read, x, use_reentrant=False).sum().backward()
    assert layer.norm1.num_batches_tracked == 2
    assert_close(layer.norm1.running_mean, 0.19 * x.mean(dim=(0, 2, 3)))  # 0.19 = 1 - 0.9^2


def test_statistics_are_kept_even_if_the_pass_breaks_off():
    norm = nn.BatchNorm2d(2)
    with pytest.raises(RuntimeError, match="stop"), StatisticsKept(norm):  # noqa: PT012 -- the norm must run first
        norm(torch.randn(4, 2, 3, 3) + 5)
        raise RuntimeError("stop")
    assert (norm.momentum, int(norm.num_batches_tracked)) == (0.1, 0)
    assert not norm.running_mean.any()


def test_a_second_backward_pass_through_the_same_graph_computes_again_too():
    torch.manual_seed(0)
    layer = DenseLayer(3, 2, recompute=True)
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    y = layer([x]).square().sum()
    y.backward(retain_graph=True)
    once = x.grad.clone()
    y.backward()
    assert_close(x.grad, 2 * once)
    assert layer.norm1.num_batches_tracked == 1


def kept(layers: int, *, recompute: bool) -> int:
    with torch.device("meta"):
        block = DenseBlock(16, 8, layers, recompute=recompute)
        return measure.activation_bytes(block, torch.empty(1, 16, 32, 32))


def test_what_is_kept_grows_with_the_square_of_the_layers_or_with_computing_again_in_a_line():
    depths = (2, 4, 6, 8)
    second_steps = {}
    for recompute in (False, True):
        amounts = torch.tensor([kept(layers, recompute=recompute) for layers in depths]).double()
        second_steps[recompute] = amounts.diff().diff()
    map_bytes = 4 * 32 * 32  # of one channel
    # Layer l keeps its C + (l - 1) G channels twice, joined and normalised: in all G l^2 and terms of lower power.
    assert second_steps[False].tolist() == pytest.approx([8 * 2 * 2**2 * map_bytes] * 2, rel=0.01)
    assert not second_steps[True].any()


def test_computing_again_repeats_no_convolution():
    totals = []
    for recompute in (False, True):
        with torch.device("meta"), FlopCounterMode(display=False) as counter:
            CifarDenseNet(16, 4, recompute=recompute)(torch.randn(2, 3, 8, 8)).sum().backward()
        totals.append(counter.get_total_flops())
    assert totals[0] == totals[1]


def test_without_gradients_nothing_is_kept_to_be_computed_again():
    block = DenseBlock(3, 2, 2, recompute=True)
    with torch.no_grad():
        y = block(torch.randn(2, 3, 4, 4))
    assert y.grad_fn is None
    assert [int(layer.norm1.num_batches_tracked) for layer in block.layers] == [1, 1]


# Whose features are used


def test_source_weights_are_mean_sizes_times_the_scale_of_the_norm():
    torch.manual_seed(0)
    block = DenseBlock(3, 2, 3)
    with torch.no_grad():
        block.layers[1].norm1.weight.copy_(torch.tensor([1.0, -2.0, 0.0, 3.0, 1.0]))
        weight = block.layers[1].conv1.weight
    found = source_weights(block)
    assert found.shape == (3, 3)
    assert found.isnan().tolist() == [[False, True, True], [False, False, True], [False, False, False]]
    sizes = weight.abs().mean(dim=(0, 2, 3))
    assert_close(found[1, 0], (sizes[0] + 2 * sizes[1]) / 3)
    assert_close(found[1, 1], (3 * sizes[3] + sizes[4]) / 2)


def test_at_the_start_every_source_of_a_layer_weighs_about_the_same():
    torch.manual_seed(0)
    model = CifarDenseNet(22, 12)
    rows = source_weights(model.stages.block2)
    assert rows[-1].std() / rows[-1].mean() < 0.05


# Bad input


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DenseLayer(4, 0), "needs new maps and a bottleneck from 0 on, got 0 and 4"),
        (lambda: DenseLayer(4, 2, bottleneck=-1), "got 2 and -1"),
        (lambda: DenseBlock(4, 2, 0), "layers must be at least 1, got 0"),
        (lambda: Transition(4, compression=0.0), "compression must keep a channel, got 0.0 of 4 channels"),
        (lambda: Transition(1), "got 0.5 of 1 channels"),
        (lambda: Transition(4, compression=1.5), r"got 1\.5 of 4 channels"),
        (lambda: DenseNet(122), "depth must be one of 121, 169, 201, 161, 264, got 122"),
        (lambda: CifarDenseNet(20, 12), r"depth must be 6n \+ 4 with n at least 1, got 20"),
        (lambda: CifarDenseNet(4, 12), r"depth must be 6n \+ 4"),
        (lambda: basic_densenet(41, 12), r"depth must be 3n \+ 4 with n at least 1, got 41"),
    ],
)
def test_bad_input_is_met_with_a_sentence(build, message):
    with pytest.raises(ValueError, match=message):
        build()
