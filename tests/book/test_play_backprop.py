"""The script of the figure of the chapter `backprop`, run in Chromium: its numbers are those of torch."""

import re
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.backprop import GRAPHS, Steps

LETTERS = ("x", "w", "b")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Steps()) as page:
        yield page


def set_range(page: Page, label: str, value: float) -> None:
    page.get_by_label(label, exact=True).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def numbers(page: Page, word: str) -> list[float]:
    """What the description of the picture says behind every `word`."""
    told = page.get_attribute(".play-picture", "aria-label").replace("−", "-")
    return [float(number) for number in re.findall(rf"{word} (-?\d+\.\d\d)", told)]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("inputs", [(1.5, 0.8, -0.5), (-1.2, 1.3, 0.4), (0.7, -1.9, 2.0), (-0.6, -0.3, -0.1)])
def test_value_and_gradients_at_the_last_step_are_those_of_torch(page: Page, name: str, inputs: tuple[float, ...]):
    page.get_by_label("Graph", exact=True).select_option(name)
    for letter, value in zip(LETTERS, inputs, strict=True):
        set_range(page, f"Input {letter}", value)
    set_range(page, "Step", 99)

    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in inputs]
    result = GRAPHS[name][0](*leaves)
    gradients = torch.autograd.grad(result, leaves)
    assert numbers(page, "=")[:3] == list(inputs)
    assert numbers(page, "=")[-1] == pytest.approx(result.item(), abs=0.0051)
    assert numbers(page, "gradient")[:3] == pytest.approx([g.item() for g in gradients], abs=0.0051)


def test_each_press_goes_one_step_and_the_steps_end(page: Page):
    page.get_by_label("Graph", exact=True).select_option(next(iter(GRAPHS)))
    set_range(page, "Step", 0)
    told = []
    for _ in range(11):
        told.append(page.inner_text(".play-readout"))
        page.get_by_role("button", name="Next").click()
    assert told[0].startswith("Step 0 of 9. The inputs are set")
    assert [("Forward" in t, "Backward" in t) for t in told[1:10]] == [(True, False)] * 4 + [(False, True)] * 5
    assert told[9] == told[10]
    page.get_by_role("button", name="Back").click()
    assert page.inner_text(".play-readout") == told[8]


def test_a_fan_out_says_that_the_second_share_is_added(page: Page):
    page.get_by_label("Graph", exact=True).select_option("Two layers that share w and b")
    for letter, value in zip(LETTERS, (1.5, 0.8, -0.5), strict=True):
        set_range(page, f"Input {letter}", value)
    set_range(page, "Step", 11)
    assert page.inner_text(".play-readout").endswith("w gets 1.20 more, 1.90 in all; x gets 0.64.")
