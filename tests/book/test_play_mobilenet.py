"""The figure of the chapter on MobileNet in an empty page: its bill against the library's counts."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page
from torch import nn

from dlarch.play.mobilenet import Bill
from dlarch.vision.mobilenet import cost_ratio, work

SET = """(settings) => settings.map((texts) => {
    const controls = [...document.querySelectorAll('.play-live select')];
    controls.forEach((control, i) => {
        control.selectedIndex = [...control.options].findIndex((option) => option.textContent === texts[i]);
        control.dispatchEvent(new Event('change'));
    });
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
    };
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Bill()) as page:
        yield page


def asked(kernel: int, inputs: int, outputs: int, side: int) -> list[str]:
    return [f"{kernel} × {kernel}", str(inputs), str(outputs), f"{side} × {side}"]


def counted(kernel: int, inputs: int, outputs: int, side: int) -> list[int]:
    """Work, parameters and bytes of a full, a depthwise and a pointwise convolution, as the library counts them."""
    with torch.device("meta"):
        x = torch.empty(1, inputs, side, side)
        layers = (
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
            nn.Conv2d(inputs, inputs, kernel, padding=kernel // 2, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
        )
        lines = [work(nn.Sequential(layer), x)[0] for layer in layers]
    return [getattr(line, what) for what in ("macs", "parameters", "bytes") for line in lines]


def test_work_parameters_and_bytes_are_those_of_the_library_at_many_settings(page: Page):
    settings = [*product((1, 3, 7), (3, 64), (8, 512), (1, 14)), (3, 512, 512, 14), (9, 1024, 1024, 112)]
    for given, shown in zip(settings, page.evaluate(SET, [asked(*one) for one in settings]), strict=True):
        numbers = [int(n) for n in re.findall(r"(?:full|depthwise|pointwise) (\d+)", shown["described"])]
        assert numbers == counted(*given), given
        told = float(re.search(r"= ([\d.]+)\s%", shown["told"])[1]) / 100
        assert told == pytest.approx(cost_ratio(given[0], given[2]), abs=0.0051), given


def test_every_control_is_named_and_moves_by_keyboard(page: Page):
    for label in ("Filter", "Channels in", "Channels out", "Map"):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press("ArrowDown")
        assert page.get_attribute(".play-picture", "aria-label") != before, label


def test_nothing_is_drawn_outside_the_picture(page: Page):
    for setting in ((9, 1024, 1024, 112), (1, 1, 1, 1), (3, 1024, 1, 28)):
        page.evaluate(SET, [asked(*setting)])
        outside = page.evaluate("""() => {
            const frame = document.querySelector('.play-picture').viewBox.baseVal;
            return [...document.querySelectorAll('.play-picture rect, .play-picture text')].filter((mark) => {
                const box = mark.getBBox();
                return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
            }).map((mark) => mark.outerHTML);
        }""")
        assert outside == [], setting
