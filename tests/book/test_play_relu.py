"""The script of the figure of the chapter `relu`, run in Chromium: its fit is that of NumPy."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
import traitlets
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.relu import CURVES, GRID, Hinges


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Hinges()) as page:
        yield page


def set_knots(page: Page, knots: tuple[float, ...]) -> None:
    for number, knot in enumerate(knots, 1):
        page.get_by_label(f"Hinge {number}", exact=True).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", knot
        )


def errors(page: Page) -> list[float]:
    """Largest error and root of the mean square, as the line under the picture says."""
    return [float(number) for number in re.findall(r"\d+\.\d{3}", page.inner_text(".play-readout"))]


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(
    "knots", [(0.2, 0.4, 0.6, 0.8), (0.9, 0.05, 0.33, 0.31), (0.5, 0.5, 0.5, 0.7), (0.0, 1.0, 0.37, 1.0)]
)
def test_the_fit_is_the_least_squares_solution_of_numpy_also_where_hinges_coincide(page, name, knots):
    page.get_by_label("Curve", exact=True).select_option(name)
    set_knots(page, knots)
    figure = Hinges(target=name, **{f"k{i}": knot for i, knot in enumerate(knots, 1)})
    miss = np.abs(figure.fitted() - CURVES[name])
    assert errors(page) == pytest.approx([miss.max(), np.sqrt((miss**2).mean())], abs=0.00051)


def test_a_hinge_at_the_tip_makes_the_corner_exact(page):
    page.get_by_label("Curve", exact=True).select_option("Corner")
    set_knots(page, (0.2, 0.37, 0.6, 0.8))
    assert errors(page) == [0.0, 0.0]


@pytest.mark.parametrize("name", ["Sine", "Square root", "Two bumps"])
def test_training_goes_downhill_and_keeps_the_hinges_inside(page, name):
    page.get_by_label("Curve", exact=True).select_option(name)
    set_knots(page, (0.12, 0.4, 0.55, 0.9))
    before = errors(page)[1]
    page.get_by_role("button", name="Train 20 steps").click()
    assert errors(page)[1] < before
    assert all(0 <= float(page.get_by_label(f"Hinge {i}", exact=True).input_value()) <= 1 for i in range(1, 5))


def test_the_picture_says_where_the_hinges_are_and_which_bend_nothing(page):
    set_knots(page, (0.25, 0.5, 0.75, 1.0))
    told = page.get_attribute(".play-picture", "aria-label")
    assert "hinges at 0.25, 0.50, 0.75, 1.00" in told
    assert "1 of 4 hinges at the edge bend nothing" in told


def test_python_fits_a_broken_line_with_knots_where_they_are_set():
    figure = Hinges(k1=0.2, k2=0.4, k3=0.6, k4=0.8)
    bends = np.abs(np.diff(figure.fitted(), 2)) > 1e-6
    assert GRID[1:-1][bends] == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_an_unknown_curve_is_refused():
    with pytest.raises(traitlets.TraitError, match="target must be one of"):
        Hinges(target="Cosine")
