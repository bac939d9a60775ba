"""The figure of the chapter on convolution in an empty page: its arithmetic against the library's."""

from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.convolution import Arithmetic
from dlarch.vision.convolution import output_size, windows

LABELS = ("Image", "Kernel", "Stride", "Padding", "Dilation")
SET = """(values) => values.map((row) => {
    row.forEach((value, i) => {
        const slider = document.querySelectorAll('.play-live input[type=range]')[i];
        slider.value = value;
        slider.dispatchEvent(new Event('input'));
    });
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
        outputs: document.querySelectorAll('[data-place]').length,
        read: document.querySelectorAll('.play-picture g:nth-of-type(3) rect.play-dot').length,
    };
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Arithmetic()) as page:
        yield page


def size_of(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    try:
        return output_size(size, kernel, stride=stride, padding=padding, dilation=dilation)
    except ValueError:
        return 0


def test_the_output_is_that_of_the_library_at_every_setting_and_the_rest_is_refused(page: Page):
    settings = list(product((1, 4, 7, 12), (1, 2, 3, 7), (1, 2, 4), (0, 1, 3), (1, 2, 3)))
    for given, shown in zip(settings, page.evaluate(SET, settings), strict=True):
        expected = size_of(*given)
        assert shown["outputs"] == expected**2, given
        if expected:
            assert shown["told"].startswith(f"Output {expected} × {expected}."), given
            assert shown["read"] == given[1] ** 2, given
        else:
            assert shown["told"].startswith("Impossible: "), given


def test_each_proposal_of_a_refusal_is_the_nearest_that_works_and_lies_on_its_slider(page: Page):
    settings = [s for s in product((1, 2, 5), (4, 7), (1,), (0, 1), (1, 2, 3)) if size_of(*s) == 0]
    places, largest = {"image": 0, "kernel": 1, "padding": 3, "dilation": 4}, {"image": 12, "padding": 3}
    towards = {"image": -1, "padding": -1, "kernel": 1, "dilation": 1}
    for given, shown in zip(settings, page.evaluate(SET, settings), strict=True):
        ways = shown["told"].split("would do: ")[1].rstrip(".").split(", ")
        assert "kernel" in {way.split()[0] for way in ways}  # a window of one pixel always fits
        for name, value in ((way.split()[0], int(way.split()[1])) for way in ways):
            changed = list(given)
            changed[places[name]] = value
            assert size_of(*changed) > 0, (given, name)
            assert value <= largest.get(name, 7), (given, name)
            changed[places[name]] = value + towards[name]
            assert size_of(*changed) == 0, (given, name)


def test_pixels_that_no_window_reads_are_counted_as_the_library_reads_them(page: Page):
    settings = list(product((5, 8, 12), (2, 3), (2, 3, 4), (0, 1), (1, 2)))
    for (size, kernel, stride, padding, dilation), shown in zip(settings, page.evaluate(SET, settings), strict=True):
        numbers = torch.arange(float(size + 2 * padding)).expand(1, 1, size + 2 * padding, -1)
        reached = windows(numbers.clone(), (kernel, kernel), stride=stride, dilation=dilation).max().item()
        lost = max(0, size + padding - 1 - int(reached))
        told = {0: "", 1: "last row and column of"}.get(lost, f"last {lost} rows and columns of")
        assert told in shown["told"]
        assert ("read by no window" in shown["told"]) == (lost > 0)


def test_the_window_walks_by_buttons_and_wraps_round(page: Page):
    page.get_by_role("button", name="Window on").click()
    assert "row 1, column 2 is shown" in page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("button", name="One row down").click()
    assert "row 2, column 2 is shown" in page.get_attribute(".play-picture", "aria-label")
    for _ in range(6):
        page.get_by_role("button", name="Window back").click()
    assert "row 4, column 4 is shown" in page.get_attribute(".play-picture", "aria-label")


def test_where_nothing_fits_the_buttons_rest_and_the_figure_recovers(page: Page):
    shown = page.evaluate(SET, [[1, 7, 1, 0, 1], [7, 3, 1, 0, 1]])
    assert "No output" in shown[0]["described"]
    assert "Output 5 by 5" in shown[1]["described"]
    page.evaluate(SET, [[1, 7, 1, 0, 1]])
    assert page.get_by_role("button", name="Window on").is_disabled()


def test_same_padding_is_named(page: Page):
    shown = page.evaluate(SET, [[7, 3, 1, 1, 1], [7, 5, 1, 2, 1], [7, 3, 1, 2, 2], [7, 4, 1, 2, 1]])
    assert ["same padding" in one["told"] for one in shown] == [True, True, True, False]


def test_every_slider_is_named_and_moves_by_keyboard(page: Page):
    for label in LABELS:
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press("ArrowRight")
        assert page.get_attribute(".play-picture", "aria-label") != before
