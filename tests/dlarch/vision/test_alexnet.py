"""AlexNet and ZFNet against torchvision, the papers' numbers and their own laws."""

import math

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torchvision.transforms.functional import ten_crop

from dlarch import measure
from dlarch.play.alexnet import KERNELS, SIDE, STRIDES, FirstLayer, kept, respond, rings
from dlarch.training import fit
from dlarch.vision.alexnet import (
    AlexNet,
    OneTowerAlexNet,
    SmallAlexNet,
    ZFNet,
    color_components,
    ensemble,
    pca_color_jitter,
    plateau_schedule,
    published_init,
    scaled_init,
    ten_crops,
)


def on_meta(build):
    with torch.device("meta"):
        return build()


def sizes(build, side: int) -> list[tuple[int, ...]]:
    """The shapes that leave the parts, without the batch."""
    with torch.device("meta"):
        shapes = measure.stages(build(), torch.empty(1, 3, side, side), depth=2)
    return [shape[1:] for name, shape in shapes.items() if not name.startswith(("head.relu", "head.drop"))]


# Against torchvision and torch


@pytest.fixture(scope="module")
def one_tower() -> tuple[nn.Module, OneTowerAlexNet]:
    """torchvision's network and ours with the same weights, in double precision."""
    torch.manual_seed(0)
    theirs = on_meta(lambda: torchvision.models.alexnet(num_classes=3)).double().to_empty(device="cpu")
    for parameter in theirs.parameters():
        bound = 1.5 / math.sqrt(parameter[0].numel())
        nn.init.uniform_(parameter, -bound, bound)
    ours = on_meta(lambda: OneTowerAlexNet(3))
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)), assign=True)
    return theirs, ours


def test_every_parameter_of_one_tower_has_its_counterpart_of_the_same_shape_in_torchvision():
    ours, theirs = on_meta(OneTowerAlexNet), on_meta(torchvision.models.alexnet)
    assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]


def test_the_same_weights_give_torchvisions_logits_in_training_with_the_same_dropout(one_tower):
    theirs, ours = (model.train() for model in one_tower)
    x = torch.rand(2, 3, 64, 64, dtype=torch.float64)
    outputs = []
    for model in (theirs, ours):
        torch.manual_seed(1)
        with torch.no_grad():
            outputs.append(model(x))
    assert_close(outputs[1], outputs[0])


def test_the_same_weights_give_torchvisions_logits_and_gradients(one_tower):
    theirs, ours = (model.eval() for model in one_tower)
    x = torch.rand(2, 3, 64, 64, dtype=torch.float64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(i) for model, i in zip((theirs, ours), inputs, strict=True)]
    assert_close(outputs[1], outputs[0])
    found = []
    for model, output, given_x in zip((theirs, ours), outputs, inputs, strict=True):
        chosen = [p for p in model.parameters() if p.numel() < 10_000_000]  # the two largest would take half a gigabyte
        found.append(torch.autograd.grad(output.logsumexp(1).sum(), [given_x, *chosen]))
    assert len(found[0]) == 15
    for one, other in zip(*found, strict=True):
        assert_close(other, one)


def by_hand(model: AlexNet, x: torch.Tensor) -> torch.Tensor:
    """The published network as two towers that exchange their maps before conv3 and the dense layers only."""

    def half(h, layer, number, **settings):
        weight, bias = layer.weight.chunk(2)[number], layer.bias.chunk(2)[number]
        return F.relu(F.conv2d(h, weight, bias, **settings))

    def halves(pair, layer, **settings):
        return [half(h, layer, number, **settings) for number, h in enumerate(pair)]

    def normalise_and_pool(pair):
        # torch divides alpha by the size of the window.
        h = F.local_response_norm(torch.cat(pair, dim=1), 5, alpha=5 * 1e-4, beta=0.75, k=2.0)
        return F.max_pool2d(h, 3, 2).chunk(2, dim=1)

    pair = normalise_and_pool(halves([x, x], model.conv1, stride=4))
    both = torch.cat(normalise_and_pool(halves(pair, model.conv2, padding=2)), dim=1)
    pair = halves([both, both], model.conv3, padding=1)
    pair = halves(halves(pair, model.conv4, padding=1), model.conv5, padding=1)
    h = F.max_pool2d(torch.cat(pair, dim=1), 3, 2).flatten(1)
    h = F.relu(F.linear(h, model.head.fc6.weight, model.head.fc6.bias))
    h = F.relu(F.linear(h, model.head.fc7.weight, model.head.fc7.bias))
    return F.linear(h, model.head.fc8.weight, model.head.fc8.bias)


@pytest.fixture(scope="module")
def grouped() -> AlexNet:
    torch.manual_seed(0)
    return AlexNet(3).eval()


def test_groups_compute_the_two_towers_of_the_paper(grouped):
    x = torch.randn(1, 3, 227, 227)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [grouped(inputs[0]), by_hand(grouped, inputs[1])]
    assert_close(outputs[0], outputs[1])
    gradients = [torch.autograd.grad(y.logsumexp(1).sum(), i)[0] for y, i in zip(outputs, inputs, strict=True)]
    assert_close(gradients[0], gradients[1])


@pytest.mark.parametrize("name", ["conv2", "conv4", "conv5"])
def test_the_first_half_of_a_grouped_layer_sees_the_first_half_of_its_input_only(grouped, name):
    layer = getattr(grouped, name)
    x = torch.randn(1, layer.in_channels, 5, 5, requires_grad=True)
    layer(x)[:, : layer.out_channels // 2].sum().backward()
    reached = x.grad.abs().sum(dim=(0, 2, 3)) > 0
    assert reached.tolist() == [True] * (layer.in_channels // 2) + [False] * (layer.in_channels // 2)


# Published counts and sizes


@pytest.mark.parametrize(
    ("build", "published"),
    [
        (AlexNet, 60_965_224),
        (lambda: AlexNet(grouped=False), 62_378_344),
        (OneTowerAlexNet, 61_100_840),
        (ZFNet, 62_357_608),
        (lambda: ZFNet(middle=(512, 1024, 512)), 107_627_624),
    ],
)
def test_the_parameter_count_is_the_published_one(build, published):
    assert measure.count_parameters(on_meta(build)) == published


@pytest.mark.parametrize(
    ("build", "side", "known"),
    [
        (AlexNet, 227, 724_406_816),
        (lambda: AlexNet(grouped=False), 227, 1_135_256_096),
        (OneTowerAlexNet, 224, 714_188_480),
        (ZFNet, 224, 1_168_032_896),
        (lambda: ZFNet(middle=(512, 1024, 512)), 224, 2_476_704_896),
    ],
)
def test_the_multiply_adds_are_the_known_ones(build, side, known):
    assert measure.count_macs(on_meta(build), torch.empty(1, 3, side, side, device="meta")) == known


@pytest.mark.parametrize("grouped", [True, False])
def test_alexnets_sizes_are_those_of_the_papers_figure_2(grouped):
    assert sizes(lambda: AlexNet(grouped=grouped), 227) == [
        *[(96, 55, 55)] * 2,
        (96, 27, 27),
        *[(256, 27, 27)] * 2,
        (256, 13, 13),
        (384, 13, 13),
        (384, 13, 13),
        (256, 13, 13),
        (256, 6, 6),
        (4096,),
        (4096,),
        (1000,),
    ]


@pytest.mark.parametrize("middle", [(384, 384, 256), (512, 1024, 512)])
def test_zfnets_sizes_are_those_of_its_figure_3(middle):
    third, fourth, fifth = middle
    assert sizes(lambda: ZFNet(middle=middle), 224) == [
        (96, 110, 110),
        *[(96, 55, 55)] * 2,
        (256, 26, 26),
        *[(256, 13, 13)] * 2,
        (third, 13, 13),
        (fourth, 13, 13),
        (fifth, 13, 13),
        (fifth, 6, 6),
        (4096,),
        (4096,),
        (1000,),
    ]


def test_the_first_layer_has_290400_units_and_all_layers_659272():
    with torch.device("meta"):
        stages = measure.stages(AlexNet(), torch.empty(1, 3, 227, 227), depth=2)
    units = {name: math.prod(shape) for name, shape in stages.items() if "conv" in name or "fc" in name}
    assert units["conv1"] == 290_400
    assert sum(units.values()) == 659_272


def test_an_image_of_224_pixels_is_refused_with_its_arithmetic(grouped):
    with pytest.raises(ValueError, match=r"must be 227 by 227 pixels, got 224 by 224: .* 224 would give 54.25"):
        grouped(torch.zeros(1, 3, 224, 224))


# The network for experiments


@settings(max_examples=20)
@given(
    kernel=st.sampled_from([1, 3, 5, 7, 11]),
    stride=st.integers(1, 4),
    pool=st.sampled_from([2, 3]),
    times=st.integers(1, 2),
    activation=st.sampled_from([nn.ReLU, nn.Tanh]),
)
def test_a_small_network_takes_every_setting_and_a_gradient_reaches_every_parameter(
    kernel, stride, pool, times, activation
):
    torch.manual_seed(0)
    side = 4 * stride * times
    model = SmallAlexNet(side, 5, kernel=kernel, stride=stride, pool=pool, activation=activation)
    y = model(torch.randn(3, 3, side, side))
    assert y.shape == (3, 5)
    F.cross_entropy(y, torch.arange(3)).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_patches_of_2_and_of_3_leave_the_same_sizes_so_that_only_the_overlap_differs():
    models = [SmallAlexNet(16, 4, pool=pool) for pool in (2, 3)]
    x = torch.randn(1, 3, 16, 16)
    shapes = [measure.stages(model, x) for model in models]
    assert shapes[0] == shapes[1]
    assert measure.count_parameters(models[0]) == measure.count_parameters(models[1])
    assert measure.count_macs(models[0], x) == measure.count_macs(models[1], x)


def test_it_overfits_eight_samples():
    torch.manual_seed(0)
    model = SmallAlexNet(16, 4)
    x, y = torch.randn(8, 3, 16, 16), torch.arange(8) % 4
    history = fit(model, (x, y), epochs=60, lr=3e-3, device="cpu")
    assert history.loss[-1] < 0.05


@pytest.mark.parametrize(("activation", "gain"), [(nn.ReLU, 2.0), (nn.Tanh, 1.0)])
def test_the_scaled_start_keeps_the_size_of_the_signal(activation, gain):
    torch.manual_seed(0)
    layers = nn.Sequential(
        *[part for _ in range(4) for part in (nn.Linear(300, 300), activation())], nn.Linear(300, 300)
    )
    scaled_init(layers, gain)
    y = layers(0.3 * torch.randn(200, 300))
    assert 0.7 < y.std() / (0.3 * math.sqrt(gain)) < 1.3


def test_the_published_start_has_a_spread_of_001_and_half_of_its_biases_at_one():
    torch.manual_seed(0)
    model = published_init(on_meta(lambda: AlexNet(10)).to_empty(device="cpu"))
    at_one = {
        name.removesuffix(".bias") for name, p in model.named_parameters() if p.ndim == 1 and bool((p == 1).all())
    }
    at_zero = {name.removesuffix(".bias") for name, p in model.named_parameters() if p.ndim == 1 and not p.any()}
    assert at_one == {"conv2", "conv4", "conv5", "head.fc6", "head.fc7"}
    assert at_zero == {"conv1", "conv3", "head.fc8"}
    x = torch.randn(1, 3, 227, 227)
    assert model.conv1(x).std().item() == pytest.approx(0.01 * math.sqrt(3 * 11 * 11), rel=0.05)


# The schedule


def torchs_rates(errors, *, lr: float, factor: float, patience: int, cuts: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        factor=factor,
        patience=patience,
        threshold=0.0,
        threshold_mode="abs",
        min_lr=lr * factor**cuts,
        eps=0.0,
    )
    rates = [lr]
    for error in errors:
        scheduler.step(error)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@settings(max_examples=60)
@given(
    errors=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), max_size=30),
    patience=st.integers(0, 4),
    cuts=st.integers(0, 4),
    factor=st.sampled_from([0.1, 0.5]),
)
def test_the_plateau_schedule_gives_torchs_rates(errors, patience, cuts, factor):
    settings = {"lr": 0.01, "factor": factor, "patience": patience, "cuts": cuts}
    assert plateau_schedule(errors, **settings) == pytest.approx(torchs_rates(errors, **settings))


def test_the_lowest_error_is_remembered_across_a_cut():
    # 0.3 and 0.2 fall, but not below 0.1: the count goes on, and the second cut follows.
    rates = plateau_schedule([0.1, 0.4, 0.4, 0.3, 0.2], lr=1.0, patience=1)
    assert rates == pytest.approx([1.0, 1.0, 1.0, 0.1, 0.1, 0.01])


def test_the_rate_of_the_first_epoch_stands_before_any_error():
    assert plateau_schedule([]) == [0.01]


# Colours, crops, ensembles


def test_the_colour_components_are_those_of_all_pixels():
    torch.manual_seed(0)
    images = torch.rand(4, 3, 6, 5, dtype=torch.float64)
    values, vectors = color_components(images)
    pixels = images.permute(0, 2, 3, 1).reshape(-1, 3)
    centred = pixels - pixels.mean(dim=0)
    assert_close(vectors @ values.diag() @ vectors.T, centred.T @ centred / len(pixels))
    assert values[0] >= values[1] >= values[2]
    assert_close(vectors.T @ vectors, torch.eye(3, dtype=torch.float64))


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16), batch=st.integers(1, 4), std=st.sampled_from([0.1, 1.0]))
def test_the_jitter_moves_all_pixels_of_an_image_alike_and_each_image_by_itself(seed, batch, std):
    torch.manual_seed(seed)
    images = torch.rand(batch, 3, 4, 5)
    shift = pca_color_jitter(images, *color_components(images), std=std) - images
    assert_close(shift, shift[:, :, :1, :1].expand_as(shift), atol=1e-6, rtol=0)
    assert len({round(s.item(), 6) for s in shift[:, 0, 0, 0]}) == batch


def test_the_jitter_has_the_spread_of_the_paper_along_each_component():
    torch.manual_seed(0)
    values, vectors = color_components(torch.rand(3, 3, 8, 8) * torch.tensor([1.0, 0.6, 0.3])[:, None, None])
    shift = pca_color_jitter(torch.zeros(20_000, 3, 1, 1), values, vectors)[:, :, 0, 0]
    assert_close((shift @ vectors).std(dim=0), 0.1 * values, rtol=0.03, atol=0)
    assert_close(shift.mean(dim=0), torch.zeros(3), atol=1e-3, rtol=0)


def test_the_jitter_depends_on_the_unit_of_the_pixels():
    images = torch.rand(2, 3, 4, 4, dtype=torch.float64)
    shifts = []
    for unit in (1.0, 255.0):
        torch.manual_seed(0)
        values, vectors = color_components(unit * images)
        vectors = vectors * vectors[:1].sign()  # the sign of an eigenvector is free
        shifts.append(pca_color_jitter(unit * images, values, vectors) / unit - images)
    assert_close(shifts[1], 255 * shifts[0])


@pytest.mark.parametrize(("height", "width", "side"), [(8, 8, 6), (9, 7, 4), (5, 5, 5), (7, 8, 4)])
def test_the_ten_crops_are_torchvisions(height, width, side):
    torch.manual_seed(0)
    images = torch.randn(2, 3, height, width)
    assert_close(ten_crops(images, side), torch.stack(ten_crop(images, side), dim=1))


@settings(max_examples=20)
@given(models=st.integers(1, 6), seed=st.integers(0, 2**16))
def test_an_ensemble_is_never_worse_than_the_mean_of_its_models_in_cross_entropy(models, seed):
    torch.manual_seed(seed)
    logits, y = 3 * torch.randn(models, 8, 5, dtype=torch.float64), torch.randint(5, (8,))
    p = ensemble(logits)
    assert_close(p.sum(dim=1), torch.ones(8, dtype=torch.float64))
    alone = torch.stack([F.cross_entropy(z, y) for z in logits]).mean()
    assert F.nll_loss(p.log(), y) <= alone + 1e-12


def test_an_ensemble_weighs_how_sure_each_model_is():
    logits = torch.tensor([[[0.2, 0.0]], [[0.2, 0.0]], [[0.0, 5.0]]])
    assert ensemble(logits).argmax().item() == 1  # two lean to class 0, one is sure of class 1
    assert logits.argmax(dim=-1).flatten().tolist() == [0, 0, 1]


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: on_meta(ZFNet)(torch.empty(1, 3, 227, 227, device="meta")), "224 by 224 pixels, got 227 by 227"),
        (lambda: on_meta(AlexNet)(torch.empty(1, 3, 227, 224, device="meta")), "227 by 227 pixels, got 227 by 224"),
        (lambda: SmallAlexNet(32, 4, kernel=4), "kernel must be odd and pool 2 or 3, got 4 and 3"),
        (lambda: SmallAlexNet(32, 4, pool=4), "kernel must be odd and pool 2 or 3, got 5 and 4"),
        (lambda: SmallAlexNet(30, 4, stride=2), r"multiple of 8 \(4 times the stride\), got 30"),
        (lambda: plateau_schedule([0.1], patience=-1), "patience and cuts must be 0 or more, got -1 and 3"),
        (lambda: plateau_schedule([0.1], cuts=-1), "patience and cuts must be 0 or more, got 5 and -1"),
        (lambda: ten_crops(torch.zeros(1, 3, 5, 8), 6), "crops of 6 pixels do not fit into images of 5 by 8"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The figure


@pytest.mark.parametrize("kernel", KERNELS)
def test_only_the_blob_sees_plain_grey(kernel):
    flat = torch.full((SIDE, SIDE), 0.7)
    assert_close(respond(flat, kernel, "blob"), flat.double())
    for kind in ("edge", "stripes"):
        assert respond(flat, kernel, kind).abs().max() < 1e-12


def test_a_wave_longer_than_two_strides_survives_and_a_shorter_one_does_not():
    place = torch.arange(SIDE, dtype=torch.float64)
    for waves in (3, 11, 13, 30):
        wave = torch.cos(2 * math.pi * waves / SIDE * place).expand(SIDE, SIDE)
        for stride in STRIDES[1:]:
            assert kept(wave, stride) == pytest.approx(float(SIDE / waves > 2 * stride), abs=1e-9)
        assert kept(wave, 1) == 1.0


def test_what_does_not_survive_looks_like_something_else():
    place = torch.arange(SIDE, dtype=torch.float64)
    fine = torch.cos(2 * math.pi / 4.8 * place)  # 20 waves across the picture
    coarse = torch.cos(2 * math.pi / 24 * place)  # 4 waves
    assert_close(fine[::4], coarse[::4])  # 24 places hold the same values


def test_the_figure_refuses_a_picture_of_another_size():
    with pytest.raises(ValueError, match=r"96 by 96 pixels, but 'small' has \(8, 8\)"):
        FirstLayer.of({"small": torch.zeros(8, 8)})
    assert len(FirstLayer.of({"rings": rings(), "flat": torch.zeros(SIDE, SIDE)}).pixels) == 2 * SIDE**2
