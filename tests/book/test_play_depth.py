"""The script of the figure of the chapter `depth`, run in Chromium: what it counts and draws is what Python says."""

import re
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.foundations.depth import SideBySide, mlp_parameters
from dlarch.foundations.mlp import MLP
from dlarch.play.depth import BUDGET, CELLS, DEPTHS, EDGE, WIDTHS, Budget, affordable, spirals

SIDE, LEFT, STARTS = 320, 10, 3


@pytest.fixture(scope="module")
def nets() -> dict[tuple[int, int], SideBySide]:
    """Networks as they start; their borders are as good as trained ones to draw."""
    torch.manual_seed(0)
    shapes = [(depth, width) for depth in DEPTHS for width in WIDTHS if affordable(depth, width)]
    return {(d, w): SideBySide([MLP([2] + [w] * d + [2]) for _ in range(STARTS)]) for d, w in shapes}


@pytest.fixture(scope="module")
def figure(nets: dict[tuple[int, int], SideBySide]) -> Budget:
    return Budget.of(nets, spirals(30, seed=0), spirals(50, seed=1))


@pytest.fixture(scope="module")
def page(browser: Browser, figure: Budget) -> Iterator[Page]:
    with alone(browser, figure) as page:
        yield page


def choose(page: Page, depth: int, width: int, start: int = 0) -> None:
    for label, value in (("Hidden layers", depth), ("Width", WIDTHS.index(width)), ("Random start", start)):
        page.get_by_label(label, exact=True).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
        )


def covered(page: Page, place: int) -> set[tuple[int, int]]:
    """Row and column of each cell under the path of a class."""
    path = page.locator("path.play-fill").nth(place).get_attribute("d")
    size, cells = SIDE / CELLS, set()
    for x, y, width in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v", path):
        row, first = round(float(y) / size), round((float(x) - LEFT) / size)
        cells |= {(row, first + i) for i in range(round(float(width) / size))}
    return cells


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_count_of_parameters_is_that_of_the_library(page: Page, depth: int, width: int):
    choose(page, depth, width)
    count = mlp_parameters(width, depth, inputs=2, outputs=2)
    assert f"{count:,} of {BUDGET} parameters" in page.inner_html("svg")
    assert ("too many" in page.inner_text(".play-readout")) == (count > BUDGET)


@pytest.mark.parametrize(("depth", "width", "start"), [(1, 49, 0), (3, 9, 1), (5, 4, 2)])
def test_each_cell_has_the_class_that_the_network_gives_its_middle(
    page: Page, nets: dict[tuple[int, int], SideBySide], depth: int, width: int, start: int
):
    choose(page, depth, width, start)
    model = nets[depth, width].separate()[start]
    places = [(row, column) for row in range(CELLS) for column in range(CELLS)]
    size = 2 * EDGE / CELLS
    middles = torch.tensor([[(column + 0.5) * size - EDGE, EDGE - (row + 0.5) * size] for row, column in places])
    with torch.no_grad():
        scores = model(middles)
    sure = (scores[:, 0] - scores[:, 1]).abs() > 1e-5
    drawn = covered(page, 1)
    wanted = scores.argmax(dim=1).tolist()
    assert all((place in drawn) == label for place, label, ok in zip(places, wanted, sure, strict=True) if ok)
    assert drawn | covered(page, 0) == set(places)
    assert not drawn & covered(page, 0)


def test_the_words_tell_the_shares_of_the_chosen_start(page: Page, figure: Budget):
    choose(page, 2, 13, 1)
    known, unseen = figure.known["2,13"], figure.unseen["2,13"]
    told = page.inner_text(".play-readout").replace("\u00a0", " ")
    assert told.startswith(
        f"Right on {100 * known[1]:.0f} % of the points shown and {100 * unseen[1]:.0f} % of new ones"
    )
    assert "2 hidden layers of 13 units" in page.get_attribute(".play-picture", "aria-label")


def test_over_the_budget_no_border_is_drawn(page: Page):
    choose(page, 5, 49)
    assert [covered(page, place) for place in (0, 1)] == [set(), set()]
    assert "more than the budget of 250" in page.get_attribute(".play-picture", "aria-label")


def test_one_button_spends_the_whole_budget_and_the_sliders_work_by_keyboard(page: Page):
    choose(page, 3, 49)
    page.get_by_role("button", name="Spend the whole budget").click()
    assert "3 hidden layers of 9 units" in page.get_attribute(".play-picture", "aria-label")
    page.get_by_label("Hidden layers", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    assert "2 hidden layers of 9 units" in page.get_attribute(".play-picture", "aria-label")
