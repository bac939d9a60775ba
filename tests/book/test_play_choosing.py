"""The figure of the chapter on choosing in an empty page: budget, front and table against the rules themselves."""

from collections.abc import Iterator

import pytest
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.choosing import Zoo

COSTS = {"operations": "billion operations", "parameters": "million parameters"}
NETWORKS = [
    {"name": "small", "family": "A", "year": 2017, "layers": 28, "error": 30.0, "operations": 0.5, "parameters": 4.0},
    {"name": "old", "family": "B", "year": 2014, "layers": 16, "error": 28.0, "operations": 16.0, "parameters": 138.0},
    {"name": "middle", "family": "A", "year": 2015, "layers": 50, "error": 24.0, "operations": 4.0, "parameters": 25.0},
    {
        "name": "large",
        "family": "A",
        "year": 2016,
        "layers": 152,
        "error": 22.0,
        "operations": 11.0,
        "parameters": 60.0,
    },
    {"name": "silent", "family": "B", "year": 2013, "layers": 8, "error": None, "operations": 1.0, "parameters": 60.0},
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Zoo(networks=NETWORKS, costs=COSTS, cost="operations", budget=70)) as page:
        yield page


def spend(page: Page, budget: int) -> None:
    page.get_by_label("Budget").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }", budget
    )


def told(page: Page) -> str:
    return page.locator(".play-readout").inner_text()


def described(page: Page) -> str:
    return page.locator(".play-picture").get_attribute("aria-label")


@pytest.mark.parametrize("cost", COSTS)
def test_the_best_within_every_budget_is_told(page: Page, cost: str):
    page.get_by_label("Cost", exact=True).select_option(COSTS[cost])
    values = [one[cost] for one in NETWORKS]
    for budget in range(0, 101, 5):
        spend(page, budget)
        limit = min(values) * (max(values) / min(values)) ** (budget / 100) * (1 + 1e-9)
        within = [one for one in NETWORKS if one["error"] is not None and one[cost] <= limit]
        best = min(within, key=lambda one: one["error"])
        assert f"{best['name']} has the lowest error, {best['error']:.1f}" in told(page)


def test_the_front_is_named_and_a_beaten_network_is_not_on_it(page: Page):
    assert "Nobody beats small, middle, large at their cost." in described(page)


def test_a_family_leaves_its_networks_in_picture_and_table(page: Page):
    page.get_by_label("Family").select_option("B")
    assert page.locator("tbody th").all_inner_texts() == ["old", "silent"]
    assert described(page).startswith("1 network by billion operations")


def test_the_table_is_sorted_by_any_column_and_unknown_errors_stand_last(page: Page):
    assert page.locator("tbody th").all_inner_texts()[-1] == "silent"
    for label, key in (
        ("year", "year"),
        ("layers", "layers"),
        ("network", "name"),
        ("million parameters", "parameters"),
    ):
        page.get_by_label("Sort by").select_option(label)
        expected = [one["name"] for one in sorted(NETWORKS, key=lambda one: one[key])]
        assert page.locator("tbody th").all_inner_texts() == expected
        assert page.locator("th[aria-sort]").inner_text() == label


def test_a_budget_that_buys_no_published_error_says_so(page: Page):
    page.get_by_label("Family").select_option("B")
    spend(page, 0)
    assert "there is no network with a published error" in told(page)
