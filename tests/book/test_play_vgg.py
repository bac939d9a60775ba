"""The figure of the chapter on VGG in an empty page: its field and its prices against the library's counts."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page
from torch import nn

from dlarch import measure
from dlarch.play.vgg import Stack
from dlarch.vision.convolution import Window, receptive_field

SET = """(settings) => settings.map(([kernel, layers, pool, channels]) => {
    const [filter, pooling, width] = document.querySelectorAll('.play-live select');
    for (const [control, text] of [[filter, kernel], [pooling, pool], [width, channels]]) {
        control.selectedIndex = [...control.options].findIndex((option) => option.textContent === text);
        control.dispatchEvent(new Event('change'));
    }
    const slider = document.querySelector('.play-live input[type=range]');
    slider.value = layers;
    slider.dispatchEvent(new Event('input'));
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
        cells: document.querySelectorAll('.play-picture g:nth-of-type(2) rect').length,
    };
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Stack(side=12)) as page:
        yield page


def built(kernel: int, layers: int, pool: int, channels: int) -> tuple[nn.Sequential, list[Window]]:
    """The stack in torch and its windows."""
    stack, windows = nn.Sequential(), []
    for place in range(1, layers + 1):
        stack.append(nn.Conv2d(channels, channels, kernel, padding=kernel // 2))
        windows.append(Window(kernel))
        if place == min(pool, layers):
            stack.append(nn.MaxPool2d(2))
            windows.append(Window(2, stride=2))
    return stack, windows


def asked(kernel: int, layers: int, pool: int, channels: int) -> list:
    return [f"{kernel} × {kernel}", layers, f"behind layer {pool}" if pool else "none", str(channels)]


def test_field_parameters_and_work_are_those_of_the_library_at_many_settings(page: Page):
    settings = [*product((1, 3, 5, 7), (1, 2, 5), (0, 1, 3), (1, 16)), (3, 3, 0, 64), (3, 4, 4, 128)]
    for given, shown in zip(settings, page.evaluate(SET, [asked(*one) for one in settings]), strict=True):
        with torch.device("meta"):
            stack, windows = built(*given)
            x = torch.empty(1, given[3], 12, 12)
            parameters, macs = measure.count_parameters(stack), measure.count_macs(stack, x)
        field, side = receptive_field(windows), 6 if given[2] else 12
        weights = field**2 * given[3] ** 2
        assert f"one output sees {field} × {field} pixels" in shown["told"], given
        numbers = [int(n.replace(",", "")) for n in re.findall(r"(?:stack|filter) ([\d,]+)", shown["described"])]
        assert numbers == [parameters, weights + given[3], macs, weights * side**2], given


def test_each_level_shows_as_many_places_as_the_output_depends_on(page: Page):
    shown = page.evaluate(SET, [asked(3, 3, 0, 64), asked(3, 2, 1, 64), asked(1, 4, 0, 64)])
    counts = [[7, 5, 3, 1], [8, 6, 3, 1], [1] * 5]
    for one, places in zip(shown, counts, strict=True):
        assert f"depends on {', '.join(map(str, places))} places" in one["described"]
        assert one["cells"] == sum(places)


def test_every_control_is_named_and_moves_by_keyboard(page: Page):
    for label, key in (
        ("Filter", "ArrowDown"),
        ("Layers", "ArrowRight"),
        ("Pooling 2 × 2", "ArrowDown"),
        ("Channels", "ArrowDown"),
    ):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
        assert page.get_attribute(".play-picture", "aria-label") != before, label


def test_nothing_is_drawn_outside_the_picture(page: Page):
    page.evaluate(SET, [asked(7, 5, 1, 512)])
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        return [...document.querySelectorAll('.play-picture rect, .play-picture text')].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
