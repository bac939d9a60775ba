"""The figure of the chapter on DenseNet in an empty page: its numbers against blocks of the library."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page
from torch import nn

from dlarch import measure
from dlarch.play.densenet import Growth
from dlarch.vision.densenet import DenseBlock

SET = """(settings) => settings.map(([growth, layers, channels, bottleneck]) => {
    const [input, squeeze] = document.querySelectorAll('.play-live select');
    for (const [control, text] of [[input, channels], [squeeze, bottleneck]]) {
        control.selectedIndex = [...control.options].findIndex((option) => option.textContent === text);
        control.dispatchEvent(new Event('change'));
    }
    [growth, layers].forEach((value, i) => {
        const slider = document.querySelectorAll('.play-live input[type=range]')[i];
        slider.value = value;
        slider.dispatchEvent(new Event('input'));
    });
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
        steps: document.querySelectorAll('.play-picture g:nth-of-type(1) rect').length,
    };
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Growth()) as page:
        yield page


def asked(growth: int, layers: int, channels: int, bottleneck: int) -> list:
    return [growth, layers, str(channels), f"{bottleneck} × growth rate" if bottleneck else "none"]


def weights(block: DenseBlock, side: int) -> int:
    """Weights of all kernels of a side."""
    kernels = [part.weight for part in block.modules() if isinstance(part, nn.Conv2d)]
    return sum(kernel.numel() for kernel in kernels if kernel.shape[2] == side)


def test_channels_connections_and_parameters_are_those_of_the_librarys_blocks(page: Page):
    settings = [*product((1, 12, 48), (1, 5), (16, 64), (0, 4)), (32, 16, 512, 4), (24, 3, 24, 2)]
    for given, shown in zip(settings, page.evaluate(SET, [asked(*one) for one in settings]), strict=True):
        growth, layers, channels, bottleneck = given
        with torch.device("meta"):
            block = DenseBlock(channels, growth, layers, bottleneck=bottleneck)
            other = DenseBlock(channels, growth, layers, bottleneck=0 if bottleneck else 4)
        assert f"turn {channels} channels into {block.out_channels:,}, by {layers * (layers + 1) // 2}" in shown["told"]
        numbers = [
            int(n.replace(",", ""))
            for n in re.findall(r"(?:kernels|all|convolutions|rate) ([\d,]+)", shown["described"])
        ]
        squeeze, grow, whole, alone = numbers[-4:]
        assert (squeeze, grow) == (weights(block, 1), weights(block, 3)), given
        assert (whole, alone) == (measure.count_parameters(block), measure.count_parameters(other)), given


def test_every_layer_is_one_step_of_the_stairs(page: Page):
    shown = page.evaluate(SET, [asked(4, 1, 16, 4), asked(4, 7, 16, 4), asked(1, 32, 512, 0)])
    assert [one["steps"] for one in shown] == [3 * layers - 1 for layers in (1, 7, 32)]  # the first has no maps so far


def test_every_control_is_named_and_moves_by_keyboard(page: Page):
    for label, key in (
        ("Growth rate", "ArrowLeft"),
        ("Layers", "ArrowRight"),
        ("Input channels", "ArrowDown"),
        ("1 × 1 convolution", "ArrowDown"),
    ):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
        assert page.get_attribute(".play-picture", "aria-label") != before, label


@pytest.mark.parametrize("given", [(48, 32, 512, 8), (1, 1, 16, 0), (48, 32, 16, 1)])
def test_nothing_is_drawn_outside_the_picture(page: Page, given):
    page.evaluate(SET, [asked(*given)])
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        return [...document.querySelectorAll('.play-picture rect, .play-picture text')].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
