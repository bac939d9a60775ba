"""NASNet-A against timm, the paper's table and its own laws."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from timm.models.nasnet import NASNetALarge
from torch import nn
from torch.testing import assert_close

from coursekit.bench import weights
from dlarch import data, measure
from dlarch.training import fit
from dlarch.vision.nasnet import (
    NORMAL,
    REDUCTION,
    SEP5,
    AveragePool,
    Halve,
    MaxPool,
    NASNetA,
    NASNetCell,
    Squeeze,
    nasnet_a_large,
    nasnet_a_mobile,
    pad_same,
)

LARGE_MACS = 23783414658


def on_meta(build, *args, **kwargs):
    with torch.device("meta"):
        return build(*args, **kwargs)


# Against timm


@pytest.fixture(scope="module")
def twins() -> tuple[nn.Module, NASNetA]:
    """timm's network, narrow, and ours with the same weights, in double precision."""
    torch.manual_seed(0)
    theirs = NASNetALarge(num_classes=5, num_features=192, stem_size=8).double()
    with torch.no_grad():
        for name, tensor in theirs.state_dict().items():
            if tensor.is_floating_point() and tensor.ndim == 1:
                tensor.uniform_(0.5, 1.5)
            elif "depthwise" in name:
                tensor.mul_(2)  # else the signal fades over so many layers
    ours = NASNetA(6, 192, classes=5, stem_channels=8).double()
    ours.load_state_dict(weights.nasnet(theirs.state_dict(), ours.state_dict()))
    return theirs, ours


def test_the_same_weights_give_timms_logits_in_evaluation(twins):
    x = torch.rand(2, 3, 75, 90, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected, received = (model.eval()(x) for model in twins)
    assert expected.std() > 1e-3
    assert_close(received, expected)


def test_the_same_weights_give_timms_logits_and_gradients_in_training(twins):
    theirs, ours = (model.train() for model in twins)
    x = torch.rand(2, 3, 35, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [model(i) for model, i in zip((theirs, ours), inputs, strict=True)]
    assert_close(outputs[1], outputs[0])
    named = weights.nasnet(dict(theirs.named_parameters()), [name for name, _ in ours.named_parameters()])
    pairs = [list(named.values()), list(ours.parameters())]
    expected, received = (
        torch.autograd.grad(output.square().sum(), (i, *parameters))
        for output, i, parameters in zip(outputs, inputs, pairs, strict=True)
    )
    for r, e in zip(received, expected, strict=True):
        assert_close(r, e)


def test_the_large_network_has_timms_parameters_and_multiply_adds():
    theirs, ours = on_meta(NASNetALarge).eval(), on_meta(nasnet_a_large)
    mine = dict(ours.named_parameters())
    named = weights.nasnet(dict(theirs.named_parameters()), mine)
    assert [p.shape for p in mine.values()] == [p.shape for p in named.values()]
    assert measure.count_parameters(ours) == measure.count_parameters(theirs) == 88753150
    assert measure.count_macs(theirs, on_meta(torch.empty, 1, 3, 331, 331)) == LARGE_MACS


# The published numbers


@pytest.mark.parametrize(
    ("build", "side", "parameters", "with_statistics", "millions", "macs"),
    [
        (nasnet_a_large, 331, 88753150, 88949818, 88.9, LARGE_MACS),
        (nasnet_a_mobile, 224, 5289978, 5326716, 5.3, 563638816),
    ],
)
def test_sizes_are_the_published_ones_and_round_to_the_papers(build, side, parameters, with_statistics, millions, macs):
    model = on_meta(build).eval()
    assert measure.count_parameters(model) == parameters
    statistics = sum(b.numel() for name, b in model.named_buffers() if "running" in name)
    assert parameters + statistics == with_statistics
    assert round(with_statistics / 1e6, 1) == millions
    assert measure.count_macs(model, on_meta(torch.empty, 1, 3, side, side)) == macs


def test_the_stages_of_the_large_network_halve_and_double():
    shapes = measure.stages(on_meta(nasnet_a_large).eval(), on_meta(torch.empty, 1, 3, 331, 331), depth=2)
    cells = [shapes[f"cells.{i}"][1:3] for i in range(20)]
    assert [shapes["stem_cells.0"][1:3], shapes["stem_cells.1"][1:3]] == [(168, 83), (336, 42)]
    assert cells == [
        *[(1008, 42)] * 6, (1344, 21), *[(2016, 21)] * 6, (2688, 11), *[(4032, 11)] * 6,
    ]  # fmt: skip


# Laws


@given(side=st.integers(1, 20), kernel=st.sampled_from([1, 3, 5, 7]), stride=st.sampled_from([1, 2]))
def test_padding_makes_a_side_the_rounded_up_quotient(side: int, kernel: int, stride: int):
    x = torch.ones(1, 1, side, side + 1)
    padded = pad_same(x, kernel, stride, value=2.0)
    out = F.max_pool2d(padded, kernel, stride)
    assert out.shape[2:] == (-(-side // stride), -(-(side + 1) // stride))
    top, left = ((padded.shape[d] - x.shape[d]) // 2 for d in (2, 3))
    assert (padded[:, :, top : top + side, left : left + side + 1] == 1).all()  # the odd one out lies right and below
    assert padded.sum() == 2 * padded.numel() - x.numel()


@given(side=st.integers(2, 9), stride=st.sampled_from([1, 2]))
def test_the_padding_of_a_max_pooling_never_wins(side: int, stride: int):
    x = -torch.rand(1, 2, side, side) - 1
    y = MaxPool(2, 2, stride)(x)
    assert ((y <= -1) & (y >= -2)).all()


def test_an_average_pooling_counts_its_padding_only_where_it_strides():
    x = torch.ones(1, 1, 5, 5)
    assert_close(AveragePool(1, 1, 1)(x), x)
    corners = torch.tensor([4 / 9, 6 / 9, 4 / 9])
    assert_close(AveragePool(1, 1, 2)(x)[0, 0, 0], corners)


def test_halving_takes_every_second_pixel_and_its_neighbour_below_on_the_right():
    halve = Halve(1, 2).eval()
    with torch.no_grad():
        halve.even.weight.fill_(1)
        halve.odd.weight.fill_(1)
        halve.norm.running_var.fill_(1 - halve.norm.eps)
    x = torch.arange(1.0, 26).reshape(1, 1, 5, 5)
    even, odd = halve(x)[0].detach()
    assert_close(even, x[0, 0, ::2, ::2])
    assert_close(odd, F.pad(x[0, 0, 1:, 1:], (0, 1, 0, 1))[::2, ::2])


@pytest.mark.parametrize(("wiring", "stride", "outputs"), [(NORMAL, 1, 6), (REDUCTION, 2, 4)])
def test_what_leaves_a_cell_is_listed_in_its_wiring(wiring, stride: int, outputs: int):
    cell = NASNetCell(wiring, Squeeze(3, 4), 5, 4, stride=stride)
    assert cell.out_channels == outputs * 4
    assert cell(torch.rand(2, 5, 9, 8), torch.rand(2, 3, 9, 8)).shape == (2, outputs * 4, -(-9 // stride), 8 // stride)


def test_only_the_previous_input_of_the_normal_cell_leaves_it_although_blocks_read_it():
    for wiring in (NORMAL, REDUCTION):
        read = {state for block in wiring.blocks for state, _ in block}
        unread = set(range(2, 7)) - read
        assert unread <= set(wiring.leaves)
        assert set(wiring.leaves) - unread <= {1, 3}  # and, of the reduction cell, the second block


@pytest.mark.parametrize(("skip", "read"), [(True, 0), (False, 1)])
def test_behind_a_reduction_cell_the_previous_input_is_the_cell_before_it_or_what_that_read(skip: bool, read: int):
    model = NASNetA(2, 96, classes=3, stem_channels=8, skip_reduction=skip).eval()
    inputs, outputs = {}, {}

    def note(cell, args, output):
        number = list(model.cells).index(cell)
        inputs[number], outputs[number] = args[1], output

    for cell in model.cells:
        cell.register_forward_hook(note)
    model(torch.rand(1, 3, 64, 64))
    assert inputs[3] is outputs[read]  # cells 0 and 1, reduction cell 2, cell 3


def test_a_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    model = NASNetA(1, 96, classes=3, stem_channels=8)
    model(torch.rand(2, 3, 64, 64)).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    layers = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(layer.bias.grad.abs().sum() > 0 for layer in layers)


def test_it_learns_eight_pictures_by_heart():
    shapes = data.shapes(8, size=24)
    torch.manual_seed(0)
    model = NASNetA(1, 96, classes=4, stem_channels=8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, (shapes.x_train, shapes.y_train), epochs=10, optimizer=optimizer, device="cpu")
    model.train()  # so few pictures that running statistics lag behind
    assert (model(shapes.x_train).argmax(dim=1) == shapes.y_train).all()


# Errors


@pytest.mark.parametrize(("cells", "filters"), [(0, 96), (1, 0), (1, 100)])
def test_a_network_without_a_cell_or_with_filters_that_cannot_be_split_is_refused(cells: int, filters: int):
    with pytest.raises(ValueError, match=f"got {cells} and {filters}"):
        NASNetA(cells, filters)


def test_a_separable_convolution_strides_once_and_has_two_of_everything():
    layer = SEP5(3, 4, 2)
    assert layer(torch.rand(1, 3, 10, 10)).shape == (1, 4, 5, 5)
    assert measure.count_parameters(layer) == 25 * 3 + 3 * 4 + 8 + 25 * 4 + 4 * 4 + 8
