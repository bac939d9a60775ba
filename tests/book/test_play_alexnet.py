"""The figure of the chapter on AlexNet in an empty page: its filters and shares against those of the library."""

from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.alexnet import FILTERS, KERNELS, SIDE, STRIDES, FirstLayer, kept, respond, rings

LABELS = ("Picture", "The filter looks for", "Kernel", "Stride")
SET = """(values) => values.map((row) => {
    row.forEach((value, i) => {
        const select = document.querySelectorAll('.play-live select')[i];
        select.selectedIndex = value;
        select.dispatchEvent(new Event('change'));
    });
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
        bar: document.querySelector('rect.play-dot').getAttribute('width') / 110,
    };
})"""
GREYS = """async (number) => {
    const image = new Image();
    image.src = document.querySelectorAll('.play-picture image')[number].getAttribute('href');
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width; canvas.height = image.height;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, image.width, image.height).data;
    return [...Array(image.width * image.height).keys()].map((i) => data[4 * i]);
}"""


def noise() -> torch.Tensor:
    return torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, FirstLayer.of({"rings": rings(), "noise": noise()})) as page:
        yield page


def shown_pictures() -> list[torch.Tensor]:
    """As the figure holds them, in 256 levels."""
    return [p.mul(255).round().double() / 255 for p in (rings(), noise())]


def test_the_share_that_survives_is_that_of_the_library(page: Page):
    places = list(product(range(2), range(len(FILTERS)), (0, 2, 4, 6), range(len(STRIDES))))
    pictures = shown_pictures()
    for (which, kind, kernel, stride), shown in zip(places, page.evaluate(SET, places), strict=True):
        answer = respond(pictures[which], KERNELS[kernel], FILTERS[kind])
        expected = kept(answer, STRIDES[stride])
        assert shown["bar"] == pytest.approx(max(expected, 0.5 / 110), abs=1e-6)
        side = SIDE // STRIDES[stride]
        assert shown["told"].startswith(f"{side} × {side} answers")


@pytest.mark.parametrize("kind", FILTERS)
def test_the_answers_are_those_of_the_library_at_the_grid_of_the_stride(page: Page, kind: str):
    page.evaluate(SET, [[1, FILTERS.index(kind), KERNELS.index(7), STRIDES.index(3)]])
    answer = respond(shown_pictures()[1], 7, kind)
    low, high = (0.0, 1.0) if kind == "blob" else (-answer.abs().max().item(), answer.abs().max().item())
    levels = 255 * (answer[::3, ::3] - low) / (high - low)
    got = torch.tensor(page.evaluate(GREYS, 2), dtype=torch.float64).reshape(32, 32)
    assert (got - levels).abs().max() <= 1


def test_the_two_buttons_set_the_first_layers_of_alexnet_and_zfnet(page: Page):
    page.get_by_role("button", name="ZFNet: 7 × 7, stride 2").click()
    assert "filter of 7 by 7" in page.get_attribute(".play-picture", "aria-label")
    assert "with stride 2: 48 by 48" in page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("button", name="AlexNet: 11 × 11, stride 4").click()
    assert "with stride 4: 24 by 24" in page.get_attribute(".play-picture", "aria-label")


def test_at_every_pixel_nothing_is_lost(page: Page):
    (shown,) = page.evaluate(SET, [[0, 1, 2, 0]])
    assert shown["told"] == "96 × 96 answers, one at every pixel: nothing is lost."


def test_every_control_is_named_and_works_by_keyboard(page: Page):
    for label in LABELS:
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press("ArrowUp" if label in ("Kernel", "Stride", "The filter looks for") else "ArrowDown")
        assert page.get_attribute(".play-picture", "aria-label") != before, label
