"""The figure of the chapter on Xception in an empty page: its weights and its graph against the library's modules."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch import measure
from dlarch.play.xception import Towers
from dlarch.vision.xception import inception_spectrum

SET = """(settings) => settings.map(([towers, channels, kernel, output]) => {
    const choices = document.querySelectorAll('.play-live select');
    [towers, channels, kernel].forEach((text, i) => {
        choices[i].selectedIndex = [...choices[i].options].findIndex((option) => option.textContent === text);
        choices[i].dispatchEvent(new Event('change'));
    });
    const slider = document.querySelector('.play-live input[type=range]');
    slider.value = output;
    slider.dispatchEvent(new Event('input'));
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
        lines: document.querySelectorAll('.play-picture g:nth-of-type(1) line').length,
        marked: document.querySelectorAll('.play-picture g:nth-of-type(2) line').length,
    };
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Towers()) as page:
        yield page


def asked(towers: int, channels: int, kernel: int, output: int) -> list:
    return [str(towers), str(channels), f"{kernel} × {kernel}", output]


def test_weights_and_what_an_output_reads_are_those_of_the_library(page: Page):
    settings = [*product((1, 2, 4), (4, 16), (1, 3, 7), (1, 3)), (8, 8, 5, 16), (16, 16, 3, 16), (16, 4, 3, 9)]
    for given, shown in zip(settings, page.evaluate(SET, [asked(*one) for one in settings]), strict=True):
        wanted, channels, kernel, output = given
        towers, output = min(wanted, channels), min(output, channels)
        module, full = (inception_spectrum(count, channels, channels, kernel=kernel) for count in (towers, 1))
        parts = [measure.count_parameters(step) for step in module]
        numbers = re.search(
            r"1×1 ([\d,]+), towers ([\d,]+), together ([\d,]+); with one tower ([\d,]+)", shown["described"]
        )
        counted = [*parts, sum(parts), measure.count_parameters(full)]
        assert [int(number.replace(",", "")) for number in numbers.groups()] == counted, given
        x = torch.rand(1, channels, 7, 7, requires_grad=True)
        (reads,) = torch.autograd.grad(module[1](x)[0, output - 1].sum(), x)
        channels_read = (reads[0].abs().sum(dim=(1, 2)) > 0).nonzero()[:, 0] + 1
        first, last = channels_read.min().item(), channels_read.max().item()
        span = f"channels {first} to {last}" if last > first else f"channel {first}"
        assert f"output {output} reads {span} of" in shown["told"], given
        assert shown["marked"] == len(channels_read)
        assert shown["lines"] == channels**2 + channels**2 // towers


def test_the_two_ends_are_called_by_their_names(page: Page):
    one, all_of_them, between = page.evaluate(SET, [asked(1, 8, 3, 1), asked(16, 8, 3, 1), asked(2, 8, 3, 1)])
    assert one["told"].startswith("One tower, a full convolution:")
    assert all_of_them["told"].startswith("8 towers, a separable convolution:")
    assert between["told"].startswith("2 towers: output 1 reads channels 1 to 4")


def test_every_control_is_named_and_moves_by_keyboard(page: Page):
    for label, key in (
        ("Towers", "ArrowDown"),
        ("Channels", "ArrowUp"),
        ("Filter", "ArrowDown"),
        ("Output channel", "ArrowLeft"),
    ):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
        assert page.get_attribute(".play-picture", "aria-label") != before, label


def test_nothing_is_drawn_outside_the_picture(page: Page):
    page.evaluate(SET, [asked(1, 16, 7, 16)])
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        return [...document.querySelectorAll('.play-picture :is(rect, text, circle)')].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
