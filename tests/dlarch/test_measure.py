"""dlarch.measure against published numbers, hand counts and laws."""

import copy

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dlarch import measure


def on_meta(build, **options):
    with torch.device("meta"):
        return build(weights=None, **options)


def picture(side: int, batch: int = 1) -> Tensor:
    return torch.empty(batch, 3, side, side, device="meta")


class Function(nn.Module):
    """A module out of a function, to measure what is no layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


# Parameters


def test_parameters_that_two_layers_share_count_once():
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    second.weight = first.weight
    assert measure.count_parameters(nn.Sequential(first, second)) == 9 + 3 + 3


def test_frozen_parameters_can_be_left_out_and_buffers_never_count():
    model = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2))
    model[0].weight.requires_grad_(False)
    assert measure.count_parameters(model) == 8 + 2 + 4
    assert measure.count_parameters(model, trainable_only=True) == 2 + 4


# Multiply-accumulates


@pytest.mark.parametrize(
    ("name", "side", "millions"),
    [
        ("alexnet", 224, 714.2),
        ("vgg11", 224, 7609),
        ("vgg16", 224, 15470),
        ("resnet18", 224, 1814),
        ("resnet34", 224, 3664),
        ("resnet50", 224, 4089),
        ("resnet152", 224, 11514),
        ("densenet121", 224, 2834),
        ("mobilenet_v2", 224, 300.8),
    ],
)
def test_known_networks_cost_what_is_known(name, side, millions):
    model = on_meta(getattr(torchvision.models, name))
    assert measure.count_macs(model, picture(side)) / 1e6 == pytest.approx(millions, rel=2e-4)


@pytest.mark.parametrize(("mode", "millions"), [(True, 1506.7), (False, 1498.4)])
def test_auxiliary_heads_count_in_training_mode_alone(mode, millions):
    model = on_meta(torchvision.models.googlenet, init_weights=False).train(mode)
    assert measure.count_macs(model, picture(224)) / 1e6 == pytest.approx(millions, rel=1e-4)


def test_the_count_grows_with_the_batch():
    model = on_meta(torchvision.models.resnet18)
    assert measure.count_macs(model, picture(64, batch=3)) == 3 * measure.count_macs(model, picture(64))


@settings(deadline=None, max_examples=25)
@given(
    batch=st.integers(1, 3),
    groups=st.integers(1, 3),
    inputs=st.integers(1, 3),
    outputs=st.integers(1, 3),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 2),
    side=st.integers(3, 8),
)
def test_a_convolution_costs_kernel_times_channels_per_output(batch, groups, inputs, outputs, kernel, stride, side):
    layer = nn.Conv2d(inputs * groups, outputs * groups, kernel, stride=stride, groups=groups)
    x = torch.randn(batch, inputs * groups, side, side)
    assert measure.count_macs(layer, x) == layer(x).numel() * inputs * kernel**2


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("layer", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)])
def test_recurrent_layers_cost_every_matrix_once_a_step(layer, gates, bidirectional, device):
    model = layer(8, 16, num_layers=2, bidirectional=bidirectional, batch_first=True, device=device)
    ways = 2 if bidirectional else 1
    matrices = ways * gates * 16 * ((8 + 16) + (ways * 16 + 16))
    assert measure.count_macs(model, torch.empty(3, 5, 8, device=device)) == 3 * 5 * matrices


def test_the_formula_for_recurrent_layers_on_cuda_takes_every_matrix_and_no_bias():
    model = nn.LSTM(8, 16, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(3, 5, 8)
    shapes = [parameter.shape for parameter in model.parameters()]
    assert measure._all_layers_flops(x.shape, shapes) == 2 * measure.count_macs(model, x)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_fused_attention_costs_two_products_of_length_squared(device):
    q = torch.empty(2, 4, 32, 16, device=device)
    k = torch.empty(2, 4, 24, 16, device=device)
    model = Function(lambda q, k: F.scaled_dot_product_attention(q, k, k))
    assert measure.count_macs(model, q, k) == 2 * (2 * 4 * 32 * 24 * 16)


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("training", [False, True])
def test_an_encoder_layer_counts_in_full_whatever_fast_path_torch_would_take(training, device):
    model = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, device=device).train(training)
    x = torch.empty(2, 32, 64, device=device)
    assert measure.count_macs(model, x) == 2 * (4 * 32 * 64 * 64 + 2 * 32 * 32 * 64 + 2 * 32 * 64 * 128)
    assert torch.backends.mha.get_fastpath_enabled()


def test_vectors_count_as_thin_matrices():
    matrix, vector = torch.randn(5, 7), torch.randn(7)
    assert measure.count_macs(Function(lambda m, v: m @ v), matrix, vector) == 35
    assert measure.count_macs(Function(lambda v: v @ v), vector) == 7


def test_bias_norm_activation_and_pool_cost_nothing():
    model = nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1))
    assert measure.count_macs(model, torch.randn(2, 3, 8, 8)) == 0
    with_bias, without = nn.Linear(3, 4), nn.Linear(3, 4, bias=False)
    x = torch.randn(2, 3)
    assert measure.count_macs(with_bias, x) == measure.count_macs(without, x) == 24


# Depth


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vgg16", "densenet121"])
def test_the_longest_path_has_the_layers_in_the_name(name):
    assert measure.longest_path(on_meta(getattr(torchvision.models, name)), picture(64)) == int(name.strip("resntvgd"))


def test_layers_beside_the_longest_path_do_not_count():
    short, long = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    model = Function(lambda x: nn.Linear(4, 2)(short(x) + long(x)))
    assert measure.longest_path(model, torch.randn(3, 4)) == 3
    assert measure.longest_path(nn.ReLU(), torch.randn(3, 4)) == 0


# Memory


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("affine", [False, True])
def test_a_model_without_numbers_keeps_as_many_bytes_as_one_with_them(training, inplace, affine):
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4, affine=affine),
        nn.ReLU(inplace=inplace),
        nn.Conv2d(4, 2, 3),
        nn.BatchNorm2d(2),
    ).train(training)
    x = torch.randn(2, 3, 8, 8)
    for mode in ("backward", "inference"):
        kept = measure.activation_bytes(model, x, mode=mode)
        assert measure.activation_bytes(copy.deepcopy(model).to("meta"), x.to("meta"), mode=mode) == kept > 0


def test_vgg16_keeps_the_bytes_that_were_worked_out_by_hand():
    model = on_meta(torchvision.models.vgg16).eval()
    # The layers' volumes, 61.0 MB, and the places of the maxima of five pools, in int64, 12.2 MB.
    assert measure.activation_bytes(model, picture(224)) / 1e6 == pytest.approx(73.3, abs=0.05)
    assert measure.activation_bytes(model, picture(224), mode="inference") == 2 * 64 * 224 * 224 * 4


def test_a_linear_layer_keeps_its_input_and_not_its_weight():
    x = torch.randn(8, 100)
    assert measure.activation_bytes(nn.Linear(100, 10), x) == 8 * 100 * 4


def test_a_tensor_that_two_layers_need_is_kept_once():
    a, b = nn.Linear(100, 10), nn.Linear(100, 10)
    model = nn.Module()
    model.a, model.b = a, b
    model.forward = lambda x: a(x) + b(x)
    assert measure.activation_bytes(model, torch.randn(8, 100)) == 8 * 100 * 4


def test_what_stays_for_backward_is_counted_even_within_no_grad():
    with torch.no_grad():
        assert measure.activation_bytes(nn.Linear(100, 10), torch.randn(8, 100)) == 3200


def test_an_operation_in_place_holds_its_memory_once():
    x = torch.randn(8, 100)
    apart, in_place = (
        nn.Sequential(nn.Linear(100, 50), nn.ReLU()),
        nn.Sequential(nn.Linear(10, 50), nn.ReLU(inplace=True)),
    )
    assert measure.activation_bytes(apart, x, mode="inference") == 8 * (100 + 50) * 4
    assert measure.activation_bytes(in_place[1], x, mode="inference") == 8 * 100 * 4


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="'backward' or 'inference', got 'training'"):
        measure.activation_bytes(nn.Linear(1, 1), torch.ones(1, 1), mode="training")


# Stages


def test_stages_of_resnet50_are_those_of_the_papers_table():
    shapes = measure.stages(on_meta(torchvision.models.resnet50), picture(224, batch=2))
    assert list(shapes) == [
        "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc",
    ]  # fmt: skip
    assert shapes["conv1"] == (2, 64, 112, 112)
    assert [shapes[f"layer{i}"] for i in (1, 2, 3, 4)] == [
        (2, 256, 56, 56),
        (2, 512, 28, 28),
        (2, 1024, 14, 14),
        (2, 2048, 7, 7),
    ]
    assert shapes["fc"] == (2, 1000)


def test_depth_opens_the_modules_that_have_parts():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(3, 4), nn.Tanh())))
    x = torch.randn(5, 2)
    assert measure.stages(model, x) == {"0": (5, 3), "1": (5, 4)}
    assert measure.stages(model, x, depth=2) == {"0": (5, 3), "1.0": (5, 3), "1.1": (5, 4)}
    assert list(measure.stages(model, x, depth=9)) == ["0", "1.0", "1.1.0", "1.1.1"]
    with pytest.raises(ValueError, match="at least 1, got 0"):
        measure.stages(model, x, depth=0)


def test_stages_stand_in_the_order_of_running_and_take_the_first_of_several_outputs():
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(16, 2)
            self.body = nn.LSTM(8, 16, batch_first=True)
            self.unused = nn.Linear(1, 1)

        def forward(self, x):
            return self.head(self.body(x)[0])

    assert list(measure.stages(Reader(), torch.randn(3, 5, 8)).items()) == [("body", (3, 5, 16)), ("head", (3, 5, 2))]


# Receptive field


@settings(deadline=None, max_examples=30)
@given(layers=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(1, 2)), min_size=1, max_size=4))
def test_the_measured_field_is_that_of_the_formula(layers):
    field, jump, parts = 1, 1, []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
        parts += [nn.Conv1d(1, 1, kernel, stride=stride, dilation=dilation), nn.ReLU()]
    assert measure.receptive_field(nn.Sequential(*parts), (1, 1, 3 * field + 2 * jump)) == field


def test_two_3x3_see_5_and_three_see_7_whatever_the_weights():
    two = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 1, 3), nn.ReLU())
    for parameter in two.parameters():
        nn.init.constant_(parameter, -1.0)  # as it stands, this model is dead everywhere
    assert measure.receptive_field(two, (1, 1, 15, 15)) == 5
    assert measure.receptive_field(nn.Sequential(two, nn.Conv2d(1, 1, 3)), (1, 1, 15, 15)) == 7


def test_max_pooling_counts_its_whole_window():
    for pool in (nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1), Function(lambda x: F.max_pool2d(x, 2))):
        model = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), pool, nn.Conv2d(1, 1, 3, padding=1))
        window = pool.kernel_size if isinstance(pool, nn.MaxPool2d) else 2
        assert measure.receptive_field(model, (1, 1, 32, 32)) == 3 + (window - 1) + 2 * 2


def test_a_dilated_max_pool_is_refused():
    with pytest.raises(ValueError, match="dilation 2"):
        measure.receptive_field(nn.MaxPool1d(2, dilation=2), (1, 1, 9))


def test_the_longest_side_counts_and_a_field_ends_at_the_border():
    assert measure.receptive_field(nn.Conv2d(1, 1, (1, 7)), (1, 1, 20, 20)) == 7
    assert measure.receptive_field(nn.AdaptiveAvgPool2d(1), (1, 1, 6, 6)) == 6


def test_resnet18_sees_435_pixels():
    model = torchvision.models.resnet18(weights=None)
    body = nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool, *list(model.children())[4:8])
    narrow = copy.deepcopy(body)
    for module in narrow.modules():  # one channel sees as far as 512, and costs less
        if isinstance(module, nn.Conv2d):
            module.weight = nn.Parameter(module.weight[:1, :1].clone())
        if isinstance(module, nn.BatchNorm2d):
            module.weight, module.bias = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))
            module.running_mean, module.running_var = torch.zeros(1), torch.ones(1)
    assert measure.receptive_field(narrow, (1, 1, 480, 480)) == 435


@pytest.mark.parametrize("shape", [(3, 8), (8,)])
def test_a_field_needs_positions(shape):
    with pytest.raises(ValueError, match="batch, channels and at least one axis"):
        measure.receptive_field(nn.Identity(), shape)


def test_an_output_that_ignores_its_input_is_reported():
    with pytest.raises(ValueError, match="does not depend on the input"):
        measure.receptive_field(Function(lambda x: x * 0), (1, 1, 5))


# All of them


@pytest.mark.parametrize(
    "measurement",
    [
        measure.count_macs,
        measure.stages,
        measure.activation_bytes,
        lambda model, x: measure.activation_bytes(model, x, mode="inference"),
        lambda model, x: measure.throughput(model, x, seconds=0.0),
        lambda model, x: measure.receptive_field(model, tuple(x.shape)),
    ],
)
def test_measuring_leaves_the_model_and_the_random_state_as_they_were(measurement):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.MaxPool2d(2)).train()
    x = torch.rand(4, 1, 12, 12)
    before = copy.deepcopy(model.state_dict())
    state = torch.get_rng_state()
    measurement(model, x)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training
    assert all(not module._forward_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_throughput_is_samples_over_seconds_without_the_first_pass(monkeypatch):
    clock = 0.0

    def work(x):
        nonlocal clock
        clock += 100.0 if clock == 0 else 0.1  # the first pass is slow: it warms up
        return x

    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock)
    assert measure.throughput(Function(work), torch.zeros(50, 1), seconds=1.0) == pytest.approx(500)
