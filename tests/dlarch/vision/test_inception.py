"""The Inception module and GoogLeNet against torchvision, the paper's table and their own laws."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torchvision.models import googlenet

from coursekit.bench import weights
from coursekit.bench.weights import carry_over
from dlarch import measure
from dlarch.foundations.regularization import LocalResponseNorm
from dlarch.vision.inception import (
    MODULES,
    PUBLISHED,
    TORCHVISION,
    AuxiliaryHead,
    ConvUnit,
    GoogLeNet,
    InceptionModule,
    Scores,
    Variant,
    Widths,
    auxiliary_loss,
    he_init,
)

LECTURE = Widths(128, 64, 192, 64, 96, 64)  # the example of CS231n's lecture 9, 2017
SMALL = Widths(2, 3, 4, 1, 3, 2)
NORMED = Variant(batch_norm=True, adaptive_heads=True)


def without_dropout(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


def on_meta(build, *inputs: torch.Tensor, count=measure.count_macs) -> int:
    with torch.device("meta"):
        return count(build(), *inputs)


def image(channels: int, side: int) -> torch.Tensor:
    return torch.empty(1, channels, side, side, device="meta")


# Against torchvision.


@pytest.mark.parametrize("training", [True, False])
def test_the_same_weights_give_torchvisions_scores_and_gradients(training):
    torch.manual_seed(0)
    theirs = without_dropout(googlenet(weights=None, init_weights=False, num_classes=7)).double().train(training)
    ours = without_dropout(GoogLeNet(TORCHVISION, classes=7)).double().train(training)
    carry_over(weights.in_order, theirs, ours)
    inputs = [torch.randn(2, 3, 64, 64, dtype=torch.float64, requires_grad=True)]
    inputs.append(inputs[0].detach().clone().requires_grad_())
    mine, wanted = ours(inputs[0]), theirs(inputs[1])
    if training:
        wanted = (wanted.logits, wanted.aux_logits1, wanted.aux_logits2)
        assert isinstance(mine, Scores)
    else:
        mine, wanted = (mine,), (wanted,)
    assert_close(tuple(mine), wanted)
    for scores in (mine, wanted):
        sum((k + 1.0) * s.logsumexp(dim=1).sum() for k, s in enumerate(scores)).backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    for received, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(received.grad, expected.grad)


def test_the_unit_is_torchs_own_layers_in_a_row():
    torch.manual_seed(0)
    unit, x = ConvUnit(3, 4, (1, 5), stride=2), torch.randn(2, 3, 7, 9)
    assert_close(unit(x), F.relu(F.conv2d(x, unit[0].weight, unit[0].bias, stride=2, padding=(0, 2))))
    valid = ConvUnit(3, 4, 3, padded=False, batch_norm=True)
    assert valid(x).shape == (2, 4, 5, 7)
    assert [type(layer) for layer in valid] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    assert valid[0].bias is None


# Published counts and tables.


@pytest.mark.parametrize(
    ("variant", "aux", "parameters", "macs"),
    [
        (PUBLISHED, False, 6_998_552, 1_582_671_872),
        (PUBLISHED, True, 13_378_280, 1_591_044_096),
        (TORCHVISION, False, 6_624_904, 1_498_376_192),
        (TORCHVISION, True, 13_004_888, 1_506_748_416),
        (Variant(batch_norm=True), False, 7_005_832, 1_582_671_872),
        (Variant(batch_norm=True), True, 13_385_816, 1_591_044_096),
    ],
)
def test_the_counts_are_the_published_ones(variant, aux, parameters, macs):
    with torch.device("meta"):
        model = GoogLeNet(variant, aux=aux)
        assert measure.count_parameters(model) == parameters
        assert measure.count_macs(model, torch.empty(1, 3, 224, 224)) == macs


@pytest.mark.parametrize("variant", [PUBLISHED, TORCHVISION])
def test_the_stages_are_those_of_the_papers_table_1(variant):
    with torch.device("meta"):
        shapes = measure.stages(GoogLeNet(variant), torch.empty(1, 3, 224, 224))
    wanted = {"conv1": (64, 112), "pool1": (64, 56), "conv3": (192, 56), "pool2": (192, 28)}
    wanted |= {"module3a": (256, 28), "module3b": (480, 28), "pool3": (480, 14)}
    wanted |= {"module4a": (512, 14), "module4b": (512, 14), "module4c": (512, 14), "module4d": (528, 14)}
    wanted |= {"module4e": (832, 14), "pool4": (832, 7), "module5a": (832, 7), "module5b": (1024, 7)}
    for name, (channels, side) in wanted.items():
        assert shapes[name] == (1, channels, side, side), name
    assert shapes["head"] == shapes["aux1"] == shapes["aux2"] == (1, 1000)


def test_the_longest_path_has_22_layers_with_weights():
    with torch.device("meta"):
        model = GoogLeNet(aux=False)
    stem = sum(isinstance(layer, nn.Conv2d) for part in (model.conv1, model.conv2, model.conv3) for layer in part)
    modules = [m for m in model.modules() if isinstance(m, InceptionModule)]
    longest = [sum(isinstance(layer, nn.Conv2d) for layer in module.branch5.modules()) for module in modules]
    assert stem + sum(longest) + 1 == 22
    pools = sum(isinstance(m, nn.MaxPool2d) for m in model.children()) + 1  # and the average at the end
    assert 22 + pools == 27


def test_the_published_one_normalises_locally_and_the_other_by_batch():
    with torch.device("meta"):
        published, other = GoogLeNet(), GoogLeNet(TORCHVISION)
    assert sum(isinstance(m, LocalResponseNorm) for m in published.modules()) == 2
    assert not any(isinstance(m, nn.BatchNorm2d) for m in published.modules())
    assert not any(isinstance(m, LocalResponseNorm) for m in other.modules())
    assert all((m.bias is None) for m in other.modules() if isinstance(m, nn.Conv2d))


def test_the_stem_normalises_behind_its_first_pool_and_before_its_second():
    with torch.device("meta"):
        order = list(measure.stages(GoogLeNet(aux=False), torch.empty(1, 3, 64, 64)))
    assert order[:7] == ["conv1", "pool1", "norm1", "conv2", "conv3", "norm2", "pool2"]


def test_the_last_layer_drops_40_percent_in_the_paper_and_20_in_torchvision_and_a_head_70():
    with torch.device("meta"):
        published, other = GoogLeNet(), GoogLeNet(TORCHVISION)
        theirs = googlenet(weights=None, init_weights=False)
    assert (published.dropout.p, published.aux1.dropout.p) == (0.4, 0.7)
    assert (other.dropout.p, other.aux1.dropout.p) == (theirs.dropout.p, theirs.aux1.dropout.p)


def test_the_lectures_sums_are_854_and_271_million_and_358_counts_a_term_twice():
    x = image(256, 28)
    assert on_meta(lambda: InceptionModule(256, LECTURE, naive=True), x) == 854_196_224
    assert on_meta(lambda: InceptionModule(256, LECTURE), x) == 271_351_808
    with torch.device("meta"):
        module = InceptionModule(256, LECTURE)
        three = measure.count_macs(module.branch3[1], torch.empty(1, 64, 28, 28))
    assert three == 86_704_128
    assert 271_351_808 + three == 358_055_936


def test_the_real_module_3b_costs_304_million():
    assert on_meta(lambda: InceptionModule(256, MODULES["3b"]), image(256, 28)) == 304_267_264


def test_without_reduction_the_depth_grows_by_the_input_at_every_module():
    depth, depths = 192, []
    with torch.device("meta"):
        for widths in MODULES.values():
            depth = InceptionModule(depth, widths, naive=True).out_channels
            depths.append(depth)
    assert depths[0] == 192 + 64 + 128 + 32
    assert depths[-1] == 192 + sum(w.one + w.three + w.five for w in MODULES.values())


# The module.


@given(naive=st.booleans(), batch=st.integers(1, 3), height=st.integers(1, 7), width=st.integers(1, 7))
def test_the_output_holds_the_branches_one_behind_the_other(naive, batch, height, width):
    module = InceptionModule(5, SMALL, naive=naive)
    x = torch.randn(batch, 5, height, width)
    y = module(x)
    assert y.shape == (batch, module.out_channels, height, width)
    parts = y.split([2, 4, 3, 5 if naive else 2], dim=1)
    for part, branch in zip(parts, (module.branch1, module.branch3, module.branch5, module.branch_pool), strict=True):
        assert_close(part, branch(x))
    if naive:
        assert_close(parts[3], F.max_pool2d(x, 3, stride=1, padding=1))


def test_the_branches_see_1_3_5_and_3_pixels():
    module = InceptionModule(2, SMALL)
    fields = [measure.receptive_field(branch, (1, 2, 11, 11)) for branch in module.children()]
    assert fields == [1, 3, 5, 3]


def test_a_reduction_limits_what_passes_to_its_rank():
    torch.manual_seed(0)
    reduction = InceptionModule(8, Widths(1, 3, 4, 2, 4, 1)).branch3[0][0]
    assert torch.linalg.matrix_rank(reduction.weight.flatten(1)) == 3


@pytest.mark.parametrize("naive", [True, False])
def test_a_width_that_counts_must_be_positive(naive):
    with pytest.raises(ValueError, match="a channel or more"):
        InceptionModule(4, Widths(1, 1, 0, 1, 1, 1), naive=naive)


def test_a_naive_module_ignores_the_widths_of_the_reductions():
    assert InceptionModule(4, Widths(1, 0, 1, 0, 1, 0), naive=True).out_channels == 7
    with pytest.raises(ValueError, match="a channel or more"):
        InceptionModule(4, Widths(1, 0, 1, 0, 1, 0))


# Heads and losses.


def small(variant: Variant = NORMED, **options) -> GoogLeNet:
    torch.manual_seed(0)
    return GoogLeNet(variant, width=1 / 16, classes=4, **options)


def test_heads_speak_in_training_only():
    model, x = small(), torch.randn(3, 3, 32, 32)
    assert isinstance(model.train()(x), Scores)
    calls = []
    model.aux1.register_forward_hook(lambda *_: calls.append(1))
    assert model.eval()(x).shape == (3, 4)
    assert not calls
    assert small(aux=False).train()(x).shape == (3, 4)


def test_heads_change_nothing_in_what_the_network_says():
    with_heads, x = small().eval(), torch.randn(2, 3, 32, 32)
    without = small(aux=False).eval()
    kept = {name: value for name, value in with_heads.state_dict().items() if not name.startswith("aux")}
    without.load_state_dict(kept)
    assert_close(without(x), with_heads(x))


def test_heads_hang_behind_4a_and_4d_and_reach_nothing_later():
    model = without_dropout(small()).train()
    scores = model(torch.randn(4, 3, 32, 32))
    reached = {}
    for name in ("aux1", "aux2", "main"):
        model.zero_grad(set_to_none=True)
        getattr(scores, name).square().sum().backward(retain_graph=True)
        reached[name] = {n.split(".")[0] for n, p in model.named_parameters() if p.grad is not None}
    stem = {"conv1", "conv2", "conv3", "module3a", "module3b", "module4a"}
    assert reached["aux1"] == stem | {"aux1"}
    assert reached["aux2"] == stem | {"module4b", "module4c", "module4d", "aux2"}
    assert reached["main"] == stem | {f"module{m}" for m in ("4b", "4c", "4d", "4e", "5a", "5b")} | {"head"}


@given(weight=st.sampled_from([0.0, 0.3, 1.0]))
def test_the_gradient_of_the_loss_is_the_weighted_sum_of_the_heads_gradients(weight):
    model = without_dropout(small()).double().train()
    x, y = torch.randn(4, 3, 32, 32, dtype=torch.float64), torch.arange(4)
    stem = model.conv1[0].weight
    scores = model(x)
    parts = [torch.autograd.grad(F.cross_entropy(s, y), stem, retain_graph=True)[0] for s in scores]
    (whole,) = torch.autograd.grad(auxiliary_loss(scores, y, weight=weight), stem)
    assert_close(whole, parts[0] + weight * (parts[1] + parts[2]))


def test_scores_of_one_head_have_the_plain_loss():
    scores, y = torch.randn(5, 4), torch.arange(5) % 4
    assert_close(auxiliary_loss(scores, y), F.cross_entropy(scores, y))


def test_the_papers_head_takes_the_sizes_of_the_paper():
    with torch.device("meta"):
        head = AuxiliaryHead(512, 1000)
        shapes = measure.stages(head, torch.empty(1, 512, 14, 14))
    assert shapes["pool"] == (1, 512, 4, 4)
    assert shapes["conv"] == (1, 128, 4, 4)
    assert shapes["hidden"] == (1, 1024)


@pytest.mark.parametrize("side", [4, 13, 17])
def test_the_papers_head_refuses_other_maps(side):
    with pytest.raises(ValueError, match=f"got {side} by {side}"):
        AuxiliaryHead(2, 3, conv_channels=1, hidden=1)(torch.zeros(1, 2, side, side))


def test_an_adaptive_head_takes_any_map():
    head = AuxiliaryHead(2, 3, conv_channels=1, hidden=1, adaptive=True)
    assert head(torch.zeros(1, 2, 6, 9)).shape == (1, 3)


# The start, and learning.


def spread_over_images(model: nn.Module) -> dict[str, float]:
    """Variance between images of what leaves the first and the last module."""
    spreads = {}
    for name in ("module3a", "module5b"):
        model.get_submodule(name).register_forward_hook(
            lambda _module, _args, out, name=name: spreads.update({name: out.var(dim=0).mean().item()})
        )
    model(torch.randn(4, 3, 96, 96))
    return spreads


def test_the_start_lets_images_differ_at_the_end_and_torchs_own_start_does_not():
    torch.manual_seed(0)
    model = GoogLeNet(aux=False, width=0.25).eval()
    spreads = spread_over_images(model)
    assert spreads["module5b"] / spreads["module3a"] > 0.01
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.reset_parameters()
    spreads = spread_over_images(model)
    assert spreads["module5b"] / spreads["module3a"] < 1e-6


def test_the_start_has_the_variance_of_he_and_no_bias():
    conv = nn.Conv2d(64, 64, 3)
    he_init(nn.Sequential(conv))
    assert conv.weight.var().item() == pytest.approx(2 / (64 * 9), rel=0.05)
    assert not conv.bias.any()


@pytest.mark.parametrize("variant", [Variant(adaptive_heads=True), NORMED])
def test_a_gradient_reaches_every_parameter(variant):
    model = small(variant).train()
    auxiliary_loss(model(torch.randn(4, 3, 64, 64)), torch.arange(4)).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_it_learns_eight_images_by_heart():
    model = without_dropout(small()).train()
    x, y = torch.randn(8, 3, 32, 32), torch.arange(8) % 4
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        auxiliary_loss(model(x), y).backward()
        optimizer.step()
    assert (model(x).main.argmax(dim=1) == y).all()


def test_a_width_that_leaves_a_layer_empty_is_refused():
    with pytest.raises(ValueError, match="1/16"):
        GoogLeNet(width=0.05)
