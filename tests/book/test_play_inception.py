"""The figure of the chapter on Inception in an empty page: its arithmetic against the library's."""

import random
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.measure import count_macs
from dlarch.play.inception import INPUTS, LECTURE, Branches
from dlarch.vision.inception import MODULES, InceptionModule, Widths

LABELS = ("Input channels", "1×1", "before 3×3", "3×3", "before 5×5", "5×5", "after pool")
READ = """() => ({
    told: document.querySelector('.play-readout').textContent,
    described: document.querySelector('.play-picture').getAttribute('aria-label'),
    parts: [...document.querySelectorAll('.play-picture rect.play-dot[stroke]')].map((p) => +p.getAttribute('width')),
    module: document.querySelector('.play-live select').selectedOptions[0].textContent,
})"""
SET = """(values) => values.forEach((value, i) => {
    const slider = document.querySelectorAll('.play-live input[type=range]')[i];
    slider.value = value;
    slider.dispatchEvent(new Event('input'));
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Branches()) as page:
        yield page


def told(channels: int, widths: Widths, side: int, *, naive: bool) -> str:
    """The beginning of the line under the picture, from the library's own module."""
    with torch.device("meta"):
        module = InceptionModule(channels, widths, naive=naive)
        macs = count_macs(module, torch.empty(1, channels, side, side))
    return f"{macs:,} multiply-accumulates; {channels} channels in, {module.out_channels} out."


def test_every_module_of_googlenet_costs_what_the_library_counts(page: Page):
    assert page.evaluate(READ)["told"].startswith(told(256, LECTURE, 28, naive=False))
    for name, widths in MODULES.items():
        page.get_by_label("Module", exact=True).select_option(f"GoogLeNet {name}")
        side = {"3": 28, "4": 14, "5": 7}[name[0]]
        shown = page.evaluate(READ)
        assert shown["told"].startswith(told(INPUTS[name], widths, side, naive=False)), name
        assert f"a map of {side} by {side}" in shown["described"]


def test_widths_set_by_hand_cost_what_the_library_counts(page: Page):
    draws = random.Random(0)
    naive_box = page.get_by_label("naive: no reductions")
    for naive in (False, True):
        naive_box.set_checked(naive)
        for _ in range(10):
            channels, *widths = (8 * draws.randint(1, 16) for _ in range(7))
            channels = 16 * (channels // 8)
            page.evaluate(SET, [channels, *widths])
            shown = page.evaluate(READ)
            assert shown["told"].startswith(told(channels, Widths(*widths), 28, naive=naive))
            assert shown["module"] == "your own"


def test_the_output_strip_is_divided_as_the_channels_are(page: Page):
    shown = page.evaluate(READ)
    wanted = [128, 192, 96, 64]
    for part, channels in zip(shown["parts"], wanted, strict=True):
        assert part / sum(shown["parts"]) == pytest.approx(channels / sum(wanted))


def test_the_lectures_naive_module_is_the_one_of_854_million(page: Page):
    page.get_by_label("naive: no reductions").check()
    assert page.evaluate(READ)["told"].startswith("854,196,224 multiply-accumulates; 256 channels in, 672 out.")
    assert page.get_by_label("before 5×5").is_disabled()
    page.get_by_label("naive: no reductions").uncheck()
    assert page.evaluate(READ)["told"].startswith("271,351,808 multiply-accumulates; 256 channels in, 480 out.")
    assert page.get_by_label("before 5×5").is_enabled()


def test_every_slider_is_named_and_moves_by_keyboard(page: Page):
    for label in LABELS:
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press("ArrowRight")
        assert page.get_attribute(".play-picture", "aria-label") != before, label
