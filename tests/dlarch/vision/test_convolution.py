"""Convolution, pooling and their arithmetic against torch, scipy and the measured field of view."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import convolve2d
from torch import nn
from torch.testing import assert_close

from dlarch import data, measure
from dlarch.vision.convolution import (
    ConvNet,
    Window,
    avg_pool2d,
    conv2d,
    conv_matrix,
    max_pool2d,
    output_size,
    receptive_field,
    same_padding,
    span,
    windows,
)

small = st.integers(1, 4)
strides, paddings, dilations = st.integers(1, 3), st.integers(0, 3), st.integers(1, 3)
sides = st.integers(1, 9)
seeds = st.integers(0, 2**16)


def draw(*shape: int, seed: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def value_and_gradients(function, *tensors):
    """The function's value, and the gradients of a fixed weighted sum of it."""
    tensors = [t.clone().requires_grad_() for t in tensors]
    value = function(*tensors)
    value.backward(torch.linspace(-1, 2, value.numel(), dtype=value.dtype).reshape(value.shape))
    return [value.detach(), *(t.grad for t in tensors)]


def fits(side: int, kernel: int, padding: int, dilation: int) -> bool:
    return side + 2 * padding >= dilation * (kernel - 1) + 1


# Parity with torch.


@given(
    batch=st.integers(1, 3), per_group=st.tuples(small, small), groups=st.integers(1, 3), image=st.tuples(sides, sides),
    kernel=st.tuples(small, small), stride=strides, padding=paddings, dilation=dilations, seed=seeds,
    with_bias=st.booleans(),
)  # fmt: skip
def test_conv2d_equals_torch_in_output_and_in_the_gradients_of_input_weight_and_bias(
    batch, per_group, groups, image, kernel, stride, padding, dilation, seed, with_bias
):
    assume(all(fits(n, k, padding, dilation) for n, k in zip(image, kernel, strict=True)))
    channels, outputs = per_group[0] * groups, per_group[1] * groups
    x = draw(batch, channels, *image, seed=seed)
    weight = draw(outputs, per_group[0], *kernel, seed=seed + 1)
    bias = [draw(outputs, seed=seed + 2)] if with_bias else []
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    mine = value_and_gradients(lambda *tensors: conv2d(*tensors, **options), x, weight, *bias)
    peer = value_and_gradients(lambda *tensors: F.conv2d(*tensors, **options), x, weight, *bias)
    assert_close(mine, peer)


def test_a_layer_in_single_precision_stays_so_and_equals_torch():
    x, weight, bias = draw(2, 3, 9, 8, seed=0).float(), draw(4, 3, 3, 3, seed=1).float(), draw(4, seed=2).float()
    assert_close(conv2d(x, weight, bias, padding=1), F.conv2d(x, weight, bias, padding=1), rtol=1e-5, atol=1e-5)
    assert_close(max_pool2d(x, 2), F.max_pool2d(x, 2))


pooled = given(
    batch=small, channels=small, image=st.tuples(sides, sides), kernel=st.integers(1, 4),
    stride=st.one_of(st.none(), strides), padding=st.integers(0, 2), seed=seeds,
)  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs"), [(max_pool2d, F.max_pool2d), (avg_pool2d, F.avg_pool2d)])
@pooled
def test_pooling_equals_torch_in_output_and_gradient(
    ours, theirs, batch, channels, image, kernel, stride, padding, seed
):
    assume(padding <= kernel // 2 and all(fits(n, kernel, padding, 1) for n in image))
    x = draw(batch, channels, *image, seed=seed)
    mine = value_and_gradients(lambda x: ours(x, kernel, stride=stride, padding=padding), x)
    peer = value_and_gradients(lambda x: theirs(x, kernel, stride=stride, padding=padding), x)
    assert_close(mine, peer)


def test_among_equal_largest_values_the_gradient_goes_to_the_first_as_in_torch():
    x = F.relu(draw(2, 3, 6, 6, seed=1))  # half of it zeros
    assert_close(
        value_and_gradients(lambda x: max_pool2d(x, 3, stride=2), x),
        value_and_gradients(lambda x: F.max_pool2d(x, 3, stride=2), x),
    )


@given(size=sides, kernel=sides, stride=strides, padding=paddings, dilation=dilations)
def test_the_output_size_is_that_of_torch_and_impossible_settings_are_those_that_torch_refuses(
    size, kernel, stride, padding, dilation
):
    layer = nn.Conv2d(1, 1, kernel, stride=stride, padding=padding, dilation=dilation)
    try:
        expected = layer(torch.zeros(1, 1, size, size)).shape[2]
    except RuntimeError:
        with pytest.raises(ValueError, match=f"spans {dilation * (kernel - 1) + 1} pixels"):
            output_size(size, kernel, stride=stride, padding=padding, dilation=dilation)
    else:
        assert output_size(size, kernel, stride=stride, padding=padding, dilation=dilation) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "options", "expected"),
    [
        (4, 3, {}, 2),
        (5, 4, {"padding": 2}, 6),
        (5, 3, {"padding": 1}, 5),
        (5, 3, {"padding": 2}, 7),
        (5, 3, {"stride": 2}, 2),
        (5, 3, {"padding": 1, "stride": 2}, 3),
        (6, 3, {"padding": 1, "stride": 2}, 3),
        (7, 3, {"dilation": 2}, 3),
    ],
)
def test_the_worked_examples_of_dumoulin_and_visin(size, kernel, options, expected):
    assert output_size(size, kernel, **options) == expected


# Laws.


@given(kernel=st.integers(1, 9), dilation=dilations, size=st.integers(1, 40))
def test_same_padding_keeps_the_size_or_says_that_none_can(kernel, dilation, size):
    keeping = [
        p for p in range(30)
        if fits(size, kernel, p, dilation) and output_size(size, kernel, padding=p, dilation=dilation) == size
    ]  # fmt: skip
    if keeping:
        assert keeping == [same_padding(kernel, dilation=dilation)]
    else:
        with pytest.raises(ValueError, match="even number"):
            same_padding(kernel, dilation=dilation)


def test_half_the_kernel_keeps_the_size_only_for_odd_kernels_without_dilation():
    assert output_size(10, 3, padding=3 // 2) == 10
    assert output_size(10, 4, padding=4 // 2) == 11
    assert output_size(10, 3, padding=3 // 2, dilation=2) == 8
    assert same_padding(4, dilation=2) == 3  # even, and yet it spans 7


@given(
    layers=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(1, 3)), min_size=1, max_size=4),
    pools=st.lists(st.booleans(), min_size=4, max_size=4),
)
@settings(max_examples=40)
def test_the_theoretical_field_is_the_support_of_the_gradient(layers, pools):
    stack, modules = [], []
    for (kernel, stride, dilation), pool in zip(layers, pools, strict=False):
        stack.append(Window(kernel, stride, 1 if pool else dilation))
        modules.append(nn.MaxPool2d(kernel, stride) if pool else nn.Conv2d(1, 1, kernel, stride, dilation=dilation))
    field = receptive_field(stack)
    side = field + 2 * math.prod(window.stride for window in stack)  # the middle output sees no border
    assert measure.receptive_field(nn.Sequential(*modules), (1, 1, side, side)) == field


@pytest.mark.parametrize(("layers", "field"), [(1, 3), (2, 5), (3, 7), (4, 9)])
def test_each_further_3x3_adds_two_pixels(layers, field):
    assert receptive_field([Window(3)] * layers) == field


def test_strides_multiply_and_spans_add():
    assert receptive_field([]) == 1
    assert receptive_field([Window(3, stride=2), Window(3)]) == 3 + 2 * 2
    assert receptive_field([Window(3), Window(3, stride=2)]) == 3 + 2
    assert receptive_field([Window(3), Window(2, stride=2), Window(3), Window(2, stride=2)]) == 3 + 1 + 4 + 2
    assert receptive_field([Window(3, dilation=4)]) == 9


def test_the_corner_of_two_and_three_uniform_3x3_gets_a_ninth_and_a_forty_ninth_of_the_middle():
    one = torch.ones(1, 1, 3, 3, dtype=torch.float64)
    for times, expected in ((2, 1 / 9), (3, 1 / 49)):
        h = x = torch.zeros(1, 1, 9, 9, dtype=torch.float64, requires_grad=True)
        for _ in range(times):
            h = conv2d(h, one, padding=1)
        h[0, 0, 4, 4].backward()
        assert_close(x.grad[0, 0, 4 - times, 4 - times] / x.grad[0, 0, 4, 4], torch.tensor(expected).double())


@given(shift=st.tuples(st.integers(-3, 3), st.integers(-3, 3)), kernel=st.integers(1, 4), seed=seeds)
def test_convolution_moves_with_the_image(shift, kernel, seed):
    x, weight = draw(1, 2, 12, 12, seed=seed), draw(3, 2, kernel, kernel, seed=seed)
    x = F.pad(x, (8, 8, 8, 8))  # so that nothing leaves the frame
    moved = conv2d(x.roll(shift, dims=(2, 3)), weight, padding=1)
    assert_close(moved, conv2d(x, weight, padding=1).roll(shift, dims=(2, 3)))


@pytest.mark.parametrize("operation", ["convolution", "pooling"])
def test_with_stride_two_only_even_moves_are_followed(operation):
    x, weight = F.pad(draw(1, 1, 8, 8, seed=0), (8, 8, 8, 8)), draw(1, 1, 3, 3, seed=1)

    def run(x):
        return conv2d(x, weight, stride=2) if operation == "convolution" else max_pool2d(x, 2)

    assert_close(run(x.roll(2, dims=3)), run(x).roll(1, dims=3))
    gaps = [(run(x.roll(1, dims=3)) - run(x).roll(by, dims=3)).abs().max() for by in (0, 1)]
    assert min(gaps) > 0.1


@given(
    image=st.tuples(st.integers(3, 6), st.integers(3, 6)), stride=strides, padding=st.integers(0, 2), seed=seeds,
    dilation=st.integers(1, 2),
)  # fmt: skip
def test_the_matrix_of_a_convolution_computes_the_convolution(image, stride, padding, seed, dilation):
    assume(all(fits(side, 2, padding, dilation) for side in image))
    x, weight = draw(2, 3, *image, seed=seed), draw(4, 3, 2, 2, seed=seed)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    matrix = conv_matrix(weight, *image, **options)
    assert_close(x.flatten(1) @ matrix.T, conv2d(x, weight, **options).flatten(1))


def test_each_row_of_the_matrix_holds_the_kernel_once_and_zeros():
    weight = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    matrix = conv_matrix(weight, 5, 6)
    assert matrix.shape == (3 * 4, 5 * 6)
    for row in matrix:
        assert_close(row[row != 0], weight.flatten())


def test_the_matrix_is_made_where_the_kernel_lies(monkeypatch):
    eye, told = torch.eye, []
    monkeypatch.setattr(torch, "eye", lambda size, *, device, **how: told.append(device) or eye(size, **how))
    weight = draw(4, 3, 2, 2, seed=0)
    conv_matrix(weight, 5, 6)
    assert told == [weight.device]


def test_turned_round_the_kernel_gives_the_convolution_of_mathematics():
    x, weight = draw(7, 8, seed=0), draw(3, 4, seed=1)
    mine = conv2d(x[None, None], weight[None, None].flip(2, 3))[0, 0]
    assert_close(mine, torch.from_numpy(convolve2d(x.numpy(), weight.numpy(), mode="valid")))


def test_average_pooling_is_a_convolution_and_max_pooling_is_not_even_linear():
    x = draw(2, 3, 6, 6, seed=0)
    weight = torch.full((3, 1, 2, 2), 1 / 4, dtype=torch.float64)
    assert_close(avg_pool2d(x, 2), conv2d(x, weight, stride=2, groups=3))
    a, b = draw(1, 1, 4, 4, seed=1), draw(1, 1, 4, 4, seed=2)
    assert (max_pool2d(a + b, 2) - max_pool2d(a, 2) - max_pool2d(b, 2)).abs().max() > 0.1


def test_padding_of_max_pooling_never_wins():
    for low in (-5.0, -1e30):  # no finite number is small enough
        x = torch.full((1, 1, 3, 3), low)
        assert_close(max_pool2d(x, 3, padding=1, stride=1), x)


def test_the_windows_share_the_memory_of_the_image():
    x = torch.zeros(1, 2, 6, 7)
    patches = windows(x, (3, 2), stride=2, dilation=2)
    assert patches.shape == (1, 2, 1, 3, 3, 2)
    assert patches.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()


@pytest.mark.parametrize(("times", "large"), [(2, 5), (3, 7)])
def test_small_kernels_in_a_row_hold_fewer_numbers_than_a_large_one_with_the_same_field(times, large):
    channels = 4
    count = measure.count_parameters
    rows = nn.Sequential(*[nn.Conv2d(channels, channels, 3, bias=False) for _ in range(times)])
    one = nn.Conv2d(channels, channels, large, bias=False)
    assert count(rows) == times * 9 * channels**2 < count(one) == large**2 * channels**2
    side = (1, channels, 15, 15)
    assert measure.receptive_field(rows, side) == measure.receptive_field(one, side) == large


# The small network.


def test_the_network_computes_what_our_functions_compute():
    model, x = ConvNet(10, 3, in_channels=2).double(), draw(4, 2, 10, 10, seed=0)
    h = x
    for layer in (model.conv1, model.conv2):
        h = max_pool2d(F.relu(conv2d(h, layer.weight, layer.bias, padding=1)), 2)
    assert_close(model(x), model.head(h.flatten(1)))


@pytest.mark.parametrize(("everywhere", "stride"), [(False, 2), (True, 2), (False, 1), (True, 1)])
def test_a_gradient_reaches_every_parameter_of_the_network(everywhere, stride):
    torch.manual_seed(0)
    model = ConvNet(9, 4, everywhere=everywhere, stride=stride)
    F.cross_entropy(model(torch.rand(32, 1, 9, 9)), torch.arange(32) % 4).backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_network_has_the_shapes_and_the_parameters_counted_by_hand():
    model = ConvNet(16, 10)
    assert measure.count_parameters(model) == (9 + 1) * 8 + (9 * 8 + 1) * 16 + (16 * 4 * 4 + 1) * 10
    assert measure.count_parameters(ConvNet(16, 10, everywhere=True)) == (9 + 1) * 8 + (9 * 8 + 1) * 16 + (16 + 1) * 10
    shapes = measure.stages(model, torch.zeros(2, 1, 16, 16))
    assert shapes == {"conv1": (2, 8, 16, 16), "pool": (2, 16, 4, 4), "conv2": (2, 16, 8, 8), "head": (2, 10)}


def test_the_network_overfits_eight_samples():
    torch.manual_seed(0)
    model, x, y = ConvNet(8, 4), data.digits().x_train[:8], torch.arange(8) % 4
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    assert (model(x).argmax(1) == y).all()


def test_without_stride_and_without_a_place_the_scores_ignore_a_move():
    torch.manual_seed(0)
    x = F.pad(data.digits().x_test[:20], (8, 8, 8, 8))
    model, strided = ConvNet(24, 10, stride=1, everywhere=True), ConvNet(24, 10, everywhere=True)
    with torch.no_grad():
        assert_close(model(x.roll(3, dims=3)), model(x))
        assert_close(strided(x.roll(2, dims=3)), strided(x))
        assert (strided(x.roll(1, dims=3)) - strided(x)).abs().max() > 1e-3


# Wrong input.


def test_a_kernel_larger_than_the_padded_image_is_refused_with_the_sizes_of_the_image():
    with pytest.raises(ValueError, match=r"spans 5 pixels \(kernel 3, dilation 2\), but the input has only 4 \(2 and"):
        conv2d(torch.zeros(1, 1, 2, 9), torch.zeros(1, 1, 3, 3), padding=1, dilation=2)
    with pytest.raises(ValueError, match="spans 3 pixels"):
        max_pool2d(torch.zeros(1, 1, 2, 2), 3)
    with pytest.raises(ValueError, match="spans 2 pixels"):
        ConvNet(3, 10)


@pytest.mark.parametrize(
    ("channels", "weight", "groups", "message"),
    [
        (4, (8, 4, 1, 1), 4, r"4 group\(s\) of kernels over 4 channels need 16"),
        (4, (6, 1, 1, 1), 3, "3 groups for 4 channels in and 6 out"),
        (4, (6, 1, 1, 1), 4, "4 groups for 4 channels in and 6 out"),
        (4, (6, 2, 1, 1), 1, r"image has 4 channels, but 1 group\(s\) of kernels over 2 channels need 2"),
        (4, (6, 4, 1, 1), 0, "got 0 groups"),
    ],
)
def test_channels_that_do_not_fit_are_refused(channels, weight, groups, message):
    with pytest.raises(ValueError, match=message):
        conv2d(torch.zeros(1, channels, 3, 3), torch.zeros(weight), groups=groups)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: output_size(5, 0), "kernel and dilation must be at least 1, got 0 and 1"),
        (lambda: span(3, 0), "got 3 and 0"),
        (lambda: output_size(5, 3, stride=0), "stride must be 1 or more, padding 0 or more, got 0 and 0"),
        (lambda: output_size(5, 3, padding=-1), "got 1 and -1"),
        (lambda: same_padding(3, stride=2), "'same' needs stride 1"),
        (lambda: same_padding(4), "needs 3 pixels of padding in all"),
        (lambda: max_pool2d(torch.zeros(1, 1, 4, 4), 2, padding=2), "at most half the kernel, 1 for a kernel of 2"),
        (lambda: avg_pool2d(torch.zeros(1, 1, 4, 4), 3, padding=2), "at most half the kernel, 1 for a kernel of 3"),
        (lambda: windows(torch.zeros(1, 1, 4, 4), (5, 1)), "spans 5 pixels"),
    ],
)
def test_settings_that_cannot_be_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_edge_filters_of_the_page_find_the_edges_of_a_square():
    image = np.zeros((1, 1, 9, 9), dtype=np.float32)
    image[..., 3:6, 3:6] = 1
    sideways = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])[None, None]
    y = conv2d(torch.from_numpy(image), sideways, padding=1)[0, 0]
    assert y[4, 2] == y[4, 3] == 4  # dark to bright, from left to right
    assert y[4, 5] == y[4, 6] == -4
    assert_close(conv2d(torch.from_numpy(image), sideways.mT, padding=1)[0, 0], y.T)
