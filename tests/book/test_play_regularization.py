"""The script of the figure of the chapter `regularization`, run in Chromium: what it draws is what the networks say."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.regularization import Borders

SIDE, PIXELS = 41, 320


@pytest.fixture(scope="module")
def figure() -> Borders:
    return Borders.trained(steps=60)


@pytest.fixture(scope="module")
def page(browser: Browser, figure: Borders) -> Iterator[Page]:
    with alone(browser, figure) as page:
        yield page


def choose(page: Page, strength: int, rate: int) -> None:
    for label, value in (("Penalty λ", strength), ("Dropout p", rate)):
        page.get_by_label(label, exact=True).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
        )


def drawn_map(figure: Borders, strength: int, rate: int) -> np.ndarray:
    """Probabilities of class 1, the lowest row first."""
    maps = np.frombuffer(figure.maps, np.uint8).reshape(len(figure.strengths), len(figure.rates), SIDE, SIDE)
    return maps[strength, rate] / 255


@pytest.mark.parametrize(("strength", "rate"), [(0, 0), (2, 1), (3, 4), (5, 2)])
def test_the_words_are_those_of_the_chosen_network(page: Page, figure: Borders, strength: int, rate: int):
    choose(page, strength, rate)
    known, learned, unseen = figure.results[strength * len(figure.rates) + rate]
    told = page.inner_text(".play-readout")
    assert (
        told
        == f"Known: {known} of 80 as given, {learned} of 12 wrong labels learned. Unseen: {100 * unseen:.1f} % right"
    )
    described = page.get_attribute(".play-picture", "aria-label")
    chance = drawn_map(figure, strength, rate)
    sure = ((chance >= 0.9) | (chance <= 0.1)).mean()
    assert float(re.search(r"class 1 on (\d+) %", described)[1]) == pytest.approx(100 * (chance > 0.5).mean(), abs=1)
    assert float(re.search(r"of its class on (\d+) %", described)[1]) == pytest.approx(100 * sure, abs=1)
    assert page.get_by_label("Penalty λ").get_attribute("aria-valuetext") == f"{figure.strengths[strength]:g}"


@pytest.mark.parametrize(("strength", "rate"), [(0, 0), (2, 3)])
def test_the_border_runs_where_the_probability_is_one_half(page: Page, figure: Borders, strength: int, rate: int):
    choose(page, strength, rate)
    path = page.eval_on_selector("path.play-line", "path => path.getAttribute('d')")
    points = np.array([[float(n) for n in pair.split()] for pair in re.findall(r"[ML]([\d.]+ [\d.]+)", path)])
    chance = drawn_map(figure, strength, rate)
    columns, rows = points[:, 0] / PIXELS * (SIDE - 1), (1 - points[:, 1] / PIXELS) * (SIDE - 1)
    i, j = np.minimum(columns.astype(int), SIDE - 2), np.minimum(rows.astype(int), SIDE - 2)
    u, v = columns - i, rows - j
    between = (
        (1 - u) * (1 - v) * chance[j, i] + u * (1 - v) * chance[j, i + 1]
        + (1 - u) * v * chance[j + 1, i] + u * v * chance[j + 1, i + 1]
    )  # fmt: skip
    assert len(points) > 40
    assert np.abs(between - 0.5).max() < 0.03


def test_the_sliders_move_by_keyboard_and_the_true_border_shows_on_request(page: Page, figure: Borders):
    choose(page, 0, 0)
    page.get_by_label("Penalty λ").focus()
    page.keyboard.press("ArrowRight")
    assert f"λ = {figure.strengths[1]}" in page.get_attribute(".play-picture", "aria-label")
    circle = page.locator("circle[stroke-dasharray]")
    assert circle.get_attribute("visibility") == "hidden"
    page.get_by_label("Show the true border").check()
    assert circle.get_attribute("visibility") == "visible"
    assert float(circle.get_attribute("r")) == pytest.approx(figure.radius / 4 * PIXELS)
