"""Inception-v3 against torchvision and its published sizes; factorised kernels against linear algebra."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torchvision.models import inception_v3
from torchvision.models.inception import InceptionAux

from coursekit.bench import weights
from coursekit.bench.weights import carry_over
from dlarch import measure
from dlarch.vision.inception_v3 import (
    AuxiliaryHeadV3,
    Branches,
    InceptionA,
    InceptionC,
    InceptionE,
    InceptionV3,
    ReductionB,
    ReductionD,
    ScoresV3,
    factorize,
)


def same_scores_and_gradients(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    carry_over(weights.in_order, theirs, ours)
    inputs = [x.clone().requires_grad_(), x.clone().requires_grad_()]
    outputs = [model(given) for model, given in zip((ours, theirs), inputs, strict=True)]
    assert_close(*outputs)
    for scores in outputs:
        scores.logsumexp(dim=1).sum().backward()
    assert_close(inputs[0].grad, inputs[1].grad)
    for received, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(received.grad, expected.grad)


# Against torchvision.


@pytest.fixture(scope="module")
def both() -> tuple[nn.Module, nn.Module]:
    """Our network and torchvision's, built once: that takes as long as a pass through both."""
    torch.manual_seed(0)
    options = {"weights": None, "init_weights": False, "num_classes": 5, "aux_logits": False, "dropout": 0.0}
    ours = InceptionV3(aux=False, classes=5).double()
    ours.dropout.p = 0.0
    return ours, inception_v3(**options).double()


@pytest.mark.parametrize("training", [True, False])
def test_the_same_weights_give_torchvisions_scores_and_gradients(training, both):
    torch.manual_seed(0)
    ours, theirs = (model.train(training) for model in both)
    for model in both:
        model.zero_grad(set_to_none=True)
    same_scores_and_gradients(ours, theirs, torch.randn(2, 3, 107, 107, dtype=torch.float64))


def test_the_auxiliary_head_is_torchvisions():
    torch.manual_seed(0)
    theirs, ours = InceptionAux(6, 5).double(), AuxiliaryHeadV3(6, 5).double()
    same_scores_and_gradients(ours, theirs, torch.randn(2, 6, 17, 17, dtype=torch.float64))


def test_with_the_head_every_tensor_has_its_counterpart_in_torchvision():
    with torch.device("meta"):
        ours, theirs = InceptionV3(), inception_v3(weights=None, init_weights=False)
    wanted = [tuple(value.shape) for value in theirs.state_dict().values()]
    assert [tuple(value.shape) for value in ours.state_dict().values()] == wanted
    assert ours.dropout.p == theirs.dropout.p


# Published counts and sizes.


@pytest.mark.parametrize(("aux", "parameters"), [(False, 23_834_568), (True, 27_161_264)])
def test_the_parameter_count_is_the_published_one(aux, parameters):
    with torch.device("meta"):
        assert measure.count_parameters(InceptionV3(aux=aux)) == parameters


def test_keras_counts_a_parameter_less_for_each_norm_channel():
    with torch.device("meta"):
        model = InceptionV3(aux=False)
    channels = sum(m.num_features for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    assert channels == 17_216
    assert measure.count_parameters(model) - channels == 23_817_352


def test_the_multiply_adds_are_the_published_ones():
    with torch.device("meta"):
        model = InceptionV3().eval()
        assert measure.count_macs(model, torch.empty(1, 3, 299, 299)) == 5_713_216_096


def test_the_stage_sizes_are_the_published_ones():
    with torch.device("meta"):
        shapes = measure.stages(InceptionV3(aux=False), torch.empty(2, 3, 299, 299))
    wanted = {"conv1": (32, 149), "conv2": (32, 147), "conv3": (64, 147), "pool1": (64, 73), "conv4": (80, 73)}
    wanted |= {"conv5": (192, 71), "pool2": (192, 35), "stage_a": (288, 35), "reduction_b": (768, 17)}
    wanted |= {"stage_c": (768, 17), "reduction_d": (1280, 8), "stage_e": (2048, 8)}
    for name, (channels, side) in wanted.items():
        assert shapes[name] == (2, channels, side, side), name


@pytest.mark.parametrize(
    ("build", "channels", "out", "side", "after"),
    [
        (lambda: InceptionA(192, 32), 192, 256, 35, 35),
        (lambda: ReductionB(288), 288, 768, 35, 17),
        (lambda: InceptionC(768, 128), 768, 768, 17, 17),
        (lambda: ReductionD(768), 768, 1280, 17, 8),
        (lambda: InceptionE(1280), 1280, 2048, 8, 8),
    ],
)
def test_each_block_has_the_output_that_its_docstring_names(build, channels, out, side, after):
    with torch.device("meta"):
        assert build()(torch.empty(2, channels, side, side)).shape == (2, out, after, after)


def test_each_block_sees_as_far_as_its_kernels_reach():
    fields = [measure.receptive_field(block, (1, 4, 21, 21)) for block in (InceptionA(4, 1), InceptionC(4, 1))]
    assert fields == [5, 13]  # two kernels of 7 in a row reach 13


def test_the_released_network_still_has_a_5x5_in_each_first_module():
    with torch.device("meta"):
        model = InceptionV3(aux=False)
    fives = [name for name, m in model.named_modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (5, 5)]
    assert [name.split(".")[:2] for name in fives] == [["stage_a", "0"], ["stage_a", "1"], ["stage_a", "2"]]


# Branches and heads.


def test_branches_are_joined_along_the_channels_in_their_order():
    parts = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 4, 3, padding=1)
    x = torch.randn(2, 3, 5, 4)
    assert_close(Branches(*parts)(x), torch.cat([parts[0](x), parts[1](x)], dim=1))


def test_a_reduction_keeps_every_channel_beside_the_pooled_ones():
    x = torch.randn(2, 6, 9, 9)
    assert_close(ReductionB(6)(x)[:, -6:], F.max_pool2d(x, 3, stride=2))


def test_the_head_hangs_behind_the_middle_stage_and_speaks_in_training_only():
    with torch.device("meta"):
        model, x = InceptionV3(classes=3).train(), torch.empty(2, 3, 299, 299)
        seen = {}
        model.stage_c.register_forward_hook(lambda _m, _args, out: seen.update(stage=out))
        model.aux.register_forward_hook(lambda _m, args, _out: seen.update(head=args[0]))
        scores = model(x)
        assert isinstance(scores, ScoresV3)
        assert scores.main.shape == scores.aux.shape == (2, 3)
        assert seen.pop("head") is seen["stage"]
        assert model.eval()(x).shape == (2, 3)
        assert "head" not in seen
        assert InceptionV3(aux=False, classes=3).train()(x).shape == (2, 3)


def test_the_head_refuses_a_map_smaller_than_its_windows():
    with pytest.raises(ValueError, match="17 by 17, got 16 by 17"):
        AuxiliaryHeadV3(4, 3)(torch.zeros(2, 4, 16, 17))


def test_a_gradient_reaches_every_parameter_of_every_block():
    torch.manual_seed(0)
    for block in (InceptionA(3, 2), ReductionB(3), InceptionC(3, 2), ReductionD(3), InceptionE(3)):
        block(torch.randn(2, 3, 9, 9)).square().sum().backward()
        assert all(p.grad is not None and p.grad.any() for p in block.parameters())


# Factorised kernels.


def joined(pair: nn.Sequential) -> torch.Tensor:
    """The one kernel that a 1xn and an nx1 convolution make together."""
    row, column = pair
    return torch.einsum("kmi,mcj->kcij", column.weight[..., 0], row.weight[:, :, 0])


@given(
    c=st.integers(1, 3),
    k=st.integers(1, 3),
    n=st.integers(1, 5),
    stride=st.integers(1, 2),
    padding=st.integers(0, 2),
    bias=st.booleans(),
)
def test_with_enough_channels_the_pair_is_the_convolution(c, k, n, stride, padding, bias):
    conv = nn.Conv2d(c, k, n, stride=stride, padding=padding, bias=bias).double()
    x = torch.randn(2, c, 7, 6, dtype=torch.float64)
    pair = factorize(conv, n * min(c, k))
    assert [layer.kernel_size for layer in pair] == [(1, n), (n, 1)]
    assert_close(pair(x), conv(x))


@given(m=st.integers(1, 9), n=st.integers(2, 7))
def test_between_one_channel_and_one_the_kernel_has_the_rank_of_the_channels_between(m, n):
    conv = nn.Conv2d(1, 1, n).double()
    pair = factorize(conv, m)
    assert pair[0].out_channels == min(m, n)
    assert torch.linalg.matrix_rank(joined(pair)[0, 0]) == min(m, n)


@given(m=st.integers(1, 6))
def test_what_is_lost_is_what_the_smaller_singular_values_hold(m):
    torch.manual_seed(m)
    conv = nn.Conv2d(2, 3, 5).double()
    matrix = conv.weight.detach().permute(0, 2, 1, 3).reshape(15, 10)
    lost = (joined(factorize(conv, m)) - conv.weight).square().sum()
    assert_close(lost, torch.linalg.svdvals(matrix)[m:].square().sum())


def test_no_pair_found_by_training_comes_closer():
    torch.manual_seed(0)
    conv = nn.Conv2d(1, 1, 5).double()
    best = (joined(factorize(conv, 2)) - conv.weight).square().sum().item()
    pair = nn.Sequential(nn.Conv2d(1, 2, (1, 5), bias=False), nn.Conv2d(2, 1, (5, 1), bias=False)).double()
    optimizer = torch.optim.Adam(pair.parameters(), lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        loss = (joined(pair) - conv.weight.detach()).square().sum()
        loss.backward()
        optimizer.step()
    assert best - 1e-9 <= loss.item() < 1.2 * best


def test_the_pair_owns_its_weights_and_keeps_kind_and_place():
    conv = nn.Conv2d(2, 3, (3, 5), dtype=torch.float64)
    pair = factorize(conv, 4)
    with torch.no_grad():
        conv.bias.fill_(7)
    assert not (pair[1].bias == 7).any()
    assert {p.dtype for p in pair.parameters()} == {torch.float64}
    assert [layer.kernel_size for layer in pair] == [(1, 5), (3, 1)]


@pytest.mark.parametrize(
    ("conv", "channels", "words"),
    [
        (nn.Conv2d(2, 2, 3), 0, "got 0"),
        (nn.Conv2d(2, 2, 3, groups=2), 2, "groups=2"),
        (nn.Conv2d(2, 2, 3, dilation=2), 2, "dilation"),
        (nn.Conv2d(2, 2, 3, padding="same"), 2, "padding=same"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), 2, "circular"),
    ],
)
def test_what_cannot_be_factorised_is_refused(conv, channels, words):
    with pytest.raises(ValueError, match=words):
        factorize(conv, channels)
