"""VGG against torchvision, the paper's table and its own laws."""

import math
from functools import partial

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.convolution import Window, receptive_field
from dlarch.vision.vgg import (
    CONVOLUTIONS,
    VGG,
    SmallVGG,
    Stage,
    dense_to_convolutions,
    ledger,
    published_init,
    scaled_init,
    vgg11,
    vgg13,
    vgg16,
    vgg19,
)

BUILDS = {11: vgg11, 13: vgg13, 16: vgg16, 19: vgg19}


def on_meta(build, *args, **kwargs):
    with torch.device("meta"):
        return build(*args, **kwargs)


IMAGE = on_meta(torch.empty, 1, 3, 224, 224)


# Against torchvision


def twins(depth: int, batch_norm: bool) -> tuple[nn.Module, VGG]:
    """torchvision's network and ours with the same weights and narrow dense layers, in double precision."""
    build = getattr(torchvision.models, f"vgg{depth}{'_bn' if batch_norm else ''}")
    theirs = on_meta(build, num_classes=5)
    theirs.classifier[0], theirs.classifier[3] = on_meta(nn.Linear, 512 * 49, 8), on_meta(nn.Linear, 8, 8)
    theirs.classifier[6] = on_meta(nn.Linear, 8, 5)
    theirs = theirs.double().to_empty(device="cpu")
    generator = torch.Generator().manual_seed(depth)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            if tensor.is_floating_point():
                size = math.sqrt(6 / tensor[0].numel()) if tensor.ndim > 1 else 0.5
                tensor.uniform_(-size, size, generator=generator)
                if tensor.ndim == 1:
                    tensor.abs_()  # running variances are positive
    ours = on_meta(VGG, depth, classes=5, hidden_size=8, batch_norm=batch_norm)
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)), assign=True)
    for parameter in ours.parameters():
        parameter.requires_grad_()
    return theirs, ours


@pytest.mark.parametrize(("depth", "batch_norm"), [(11, False), (13, True), (16, False), (19, True)])
def test_the_same_weights_give_torchvisions_logits_and_gradients(depth: int, batch_norm: bool):
    theirs, ours = (model.eval() for model in twins(depth, batch_norm))
    x = torch.rand(1, 3, 32, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(i) for model, i in zip((theirs, ours), inputs, strict=True)]
    assert outputs[0].std() > 1e-3
    assert_close(outputs[1], outputs[0])
    gradients = [
        torch.autograd.grad(output.square().sum(), (i, *model.parameters()))
        for model, i, output in zip((theirs, ours), inputs, outputs, strict=True)
    ]
    for received, expected in zip(*reversed(gradients), strict=True):
        assert_close(received, expected)


def test_in_training_the_same_dropout_gives_torchvisions_logits():
    theirs, ours = (model.train() for model in twins(11, True))
    x = torch.rand(2, 3, 64, 64, dtype=torch.float64)
    outputs = []
    for model in (theirs, ours):
        torch.manual_seed(3)
        outputs.append(model(x))
    assert_close(outputs[1], outputs[0])


@pytest.mark.parametrize("depth", BUILDS)
def test_every_parameter_has_its_counterpart_of_the_same_shape_in_torchvision(depth: int):
    for batch_norm, name in ((False, f"vgg{depth}"), (True, f"vgg{depth}_bn")):
        ours = on_meta(BUILDS[depth], batch_norm=batch_norm)
        theirs = on_meta(getattr(torchvision.models, name))
        assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]


# The published numbers


@pytest.mark.parametrize(
    ("depth", "parameters", "macs"),
    [(11, 132863336, 7.609), (13, 133047848, 11.308), (16, 138357544, 15.470), (19, 143667240, 19.632)],
)
def test_parameters_and_multiply_adds_are_the_published_ones(depth: int, parameters: int, macs: float):
    model = on_meta(BUILDS[depth])
    assert measure.count_parameters(model) == parameters
    assert round(measure.count_macs(model, IMAGE) / 1e9, 3) == macs


@pytest.mark.parametrize(("depth", "millions"), [(11, 133), (13, 133), (16, 138), (19, 144)])
def test_parameters_round_to_table_2_of_the_paper(depth: int, millions: int):
    assert round(measure.count_parameters(on_meta(VGG, depth)) / 1e6) == millions


def test_with_batch_norm_vgg_16_has_two_parameters_more_for_each_of_its_channels():
    plain, norm = on_meta(vgg16), on_meta(vgg16, batch_norm=True)
    assert measure.count_parameters(norm) == 138365992
    channels = sum(m.out_channels for m in plain.modules() if isinstance(m, nn.Conv2d))
    assert measure.count_parameters(norm) - measure.count_parameters(plain) == 2 * channels


def test_the_depth_counts_convolutions_and_dense_layers_and_nothing_else():
    for depth in CONVOLUTIONS:
        with_weights = [m for m in on_meta(VGG, depth).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        assert len(with_weights) == depth


def test_the_stages_have_the_sizes_of_the_paper():
    shapes = measure.stages(on_meta(vgg19), IMAGE)
    assert [shapes[name][1:3] for name in shapes if name != "head"] == [
        (64, 112), (128, 56), (256, 28), (512, 14), (512, 7), (512, 7),
    ]  # fmt: skip
    assert shapes["head"] == (1, 1000)


def test_the_dense_layers_hold_nine_tenths_of_vgg_16():
    assert measure.count_parameters(on_meta(vgg16).head) == 123642856


# Memory


def test_the_values_of_vgg_16_sum_to_15_237_608_and_not_to_24_million():
    lines = ledger(on_meta(vgg16).eval(), IMAGE)
    assert sum(line.values for line in lines) == 15237608
    assert sum(line.parameters for line in lines) == 138357544


def test_what_autograd_keeps_of_vgg_16_is_the_ledger_and_the_places_of_the_maxima():
    model = on_meta(vgg16).eval()
    lines = ledger(model, IMAGE)
    values = 4 * sum(line.values for line in lines)
    pooled = sum(line.values for line in lines if line.name.startswith("stage") and not line.parameters)
    averaged, scores = 4 * 512 * 7 * 7, 4 * 1000  # a second copy of the last maps; nobody needs the scores
    assert measure.activation_bytes(model, IMAGE) == values + 8 * pooled + averaged - scores == 73289728


def test_inference_needs_the_two_largest_neighbours_alone():
    assert measure.activation_bytes(on_meta(vgg16).eval(), IMAGE, mode="inference") == 2 * 4 * 64 * 224 * 224


def test_a_batch_keeps_as_many_times_more_as_it_has_images():
    model, four = on_meta(vgg11).eval(), on_meta(torch.empty, 4, 3, 224, 224)
    assert measure.activation_bytes(model, four) == 4 * measure.activation_bytes(model, IMAGE)


@given(depth=st.sampled_from(sorted(CONVOLUTIONS)), side=st.integers(32, 260), batch_norm=st.booleans())
@settings(max_examples=8)
def test_the_ledger_accounts_for_every_parameter_at_any_size(depth: int, side: int, batch_norm: bool):
    model = on_meta(VGG, depth, batch_norm=batch_norm)
    lines = ledger(model, on_meta(torch.empty, 2, 3, side, side))
    assert sum(line.parameters for line in lines) == measure.count_parameters(model)
    assert all(line.values == math.prod(line.shape) for line in lines)
    convolutions = sum(CONVOLUTIONS[depth])
    expected = 1 + convolutions * (1 + batch_norm) + 5 + 3 + (side // 32 != 7)
    assert len(lines) == expected


# Laws


@given(kernel=st.sampled_from([1, 3, 5, 7]), convolutions=st.integers(1, 3), side=st.integers(2, 9))
@settings(max_examples=20)
def test_a_stage_halves_the_size_whatever_its_kernel(kernel: int, convolutions: int, side: int):
    stage = Stage(2, 3, convolutions, kernel=kernel)
    assert stage(torch.rand(1, 2, side, side + 1)).shape == (1, 3, side // 2, (side + 1) // 2)


@pytest.mark.parametrize("depth", BUILDS)
def test_the_field_of_the_last_maps_is_that_of_the_formula_with_its_poolings(depth: int):
    windows = [w for count in CONVOLUTIONS[depth] for w in (*[Window(3)] * count, Window(2, stride=2))]
    assert receptive_field(windows) == {11: 150, 13: 156, 16: 212, 19: 268}[depth]


def test_the_field_that_is_measured_is_that_of_the_formula():
    model = nn.Sequential(Stage(1, 2, 2), Stage(2, 2, 2), Stage(2, 2, 3))
    windows = [w for count in (2, 2, 3) for w in (*[Window(3)] * count, Window(2, stride=2))]
    assert measure.receptive_field(model, (1, 1, 96, 96)) == receptive_field(windows) == 44


def test_three_small_kernels_see_what_a_large_one_sees_for_55_per_cent_of_its_weights():
    small = nn.Sequential(*[nn.Conv2d(8, 8, 3, bias=False) for _ in range(3)])
    large = nn.Conv2d(8, 8, 7, bias=False)
    shape = (1, 8, 15, 15)
    assert measure.receptive_field(small, shape) == measure.receptive_field(large, shape) == 7
    assert 49 * measure.count_parameters(small) == 27 * measure.count_parameters(large)


def test_dense_layers_as_convolutions_give_the_same_scores_and_a_map_where_there_is_room():
    model = VGG(11, classes=4, hidden_size=6).eval().double()
    fully = dense_to_convolutions(model)
    maps = torch.rand(2, 512, 8, 9, dtype=torch.float64)
    scores = fully(maps)
    assert scores.shape == (2, 4, 2, 3)
    for i in range(2):
        for j in range(3):
            window = maps[:, :, i : i + 7, j : j + 7]
            assert_close(scores[:, :, i, j], model.head(window.flatten(1)))


def test_at_its_own_size_the_network_scores_as_its_stages_with_dense_layers_as_convolutions():
    model = VGG(11, classes=6, hidden_size=8).eval()
    x = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = model(x)
        assert scores.shape == (1, 6)
        assert_close(dense_to_convolutions(model)(model.maps(x)), scores[:, :, None, None], rtol=1e-4, atol=1e-4)


def test_dense_layers_as_convolutions_share_memory_with_the_model():
    model = VGG(11, classes=4, hidden_size=6)
    fully = dense_to_convolutions(model)
    assert fully[0].weight.data_ptr() == model.head[0].weight.data_ptr()
    assert measure.count_parameters(fully) == measure.count_parameters(model.head)


def test_a_gradient_reaches_every_parameter():
    model = VGG(19, classes=3, hidden_size=16)
    model(torch.rand(2, 3, 32, 32)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_small_one_counts_features_and_learns_eight_pictures_by_heart():
    shapes = data.shapes(8, size=16)
    torch.manual_seed(0)
    model = SmallVGG(4, (8, 16))
    assert model.features(shapes.x_train).shape == (8, 16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, (shapes.x_train, shapes.y_train), epochs=150, optimizer=optimizer, device="cpu")
    assert (model(shapes.x_train).argmax(dim=1) == shapes.y_train).all()


def test_he_init_keeps_the_size_of_a_signal_and_the_papers_start_does_not_with_either_reading():
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    sizes = []
    for init in (scaled_init, published_init, partial(published_init, std=0.01)):
        torch.manual_seed(0)
        model = VGG(16, hidden_size=1)
        init(model)
        with torch.no_grad():
            sizes.append(model.maps(x).square().mean().sqrt().item())
    scaled, variance, spread = sizes
    assert 0.3 < scaled < 10  # the poolings keep the larger values
    assert variance > 1e3
    assert spread < 1e-3
    assert variance / spread == pytest.approx(1e13, rel=1e-3)  # thirteen convolutions, each ten times as large


# Errors


def test_a_depth_that_the_paper_lacks_is_refused():
    with pytest.raises(ValueError, match="must be 11, 13, 16 or 19, got 17"):
        VGG(17)


@pytest.mark.parametrize(("convolutions", "kernel"), [(0, 3), (1, 4)])
def test_a_stage_without_a_convolution_or_with_an_even_kernel_is_refused(convolutions: int, kernel: int):
    with pytest.raises(ValueError, match=f"got {convolutions} and {kernel}"):
        Stage(3, 4, convolutions, kernel=kernel)
