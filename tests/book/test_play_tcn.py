"""The figure of the chapter on the TCN in an empty page: what it reaches against the library's gradients."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.tcn import Taps
from dlarch.sequences.tcn import TCN, receptive_field

STEPS = 32
SET = """(values) => values.map(([dilations, convolutions, causal, kernel, step]) => {
    const [schedule, number] = document.querySelectorAll('.play-live select');
    const pick = (select, index) => { select.selectedIndex = index; select.dispatchEvent(new Event('change')); };
    pick(schedule, [...schedule.options].findIndex((option) => option.textContent === dilations));
    pick(number, convolutions - 1);
    const box = document.querySelector('.play-live input[type=checkbox]');
    if (box.checked !== causal) box.click();
    [kernel, step].forEach((value, i) => {
        const slider = document.querySelectorAll('.play-live input[type=range]')[i];
        slider.value = value;
        slider.dispatchEvent(new Event('input'));
    });
    return [document.querySelector('.play-readout').textContent,
            document.querySelector('.play-picture').getAttribute('aria-label')];
})"""
SCHEDULES = ("1, 2, 4, 8", "1, 2, 4", "1, 1, 1, 1", "1, 3, 9", "4, 4", "8, 4, 2, 1")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Taps()) as page:
        yield page


def numbers(text: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d+", text)]


def by_gradient(dilations: list[int], kernel: int) -> torch.Tensor:
    """Rows of outputs, columns of inputs that they reach, with weights that cannot cancel."""
    model = TCN(1, 1, [1] * len(dilations), kernel, dilations=dilations).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    x = torch.ones(1, 1, STEPS, dtype=torch.float64)
    return torch.autograd.functional.jacobian(lambda x: model(x)[0, 0], x)[:, 0, 0] != 0


def test_what_is_reached_is_what_the_gradient_of_the_network_reaches(page: Page):
    settings = list(product(SCHEDULES, (2,), (True,), (1, 2, 3, 4), (1, 9, 32)))
    reached = {(d, k): by_gradient(numbers(d), k) for d, k in product(SCHEDULES, (1, 2, 3, 4))}
    for (dilations, _, _, kernel, step), (told, described) in zip(settings, page.evaluate(SET, settings), strict=True):
        expected = (reached[dilations, kernel][step - 1].nonzero().flatten() + 1).tolist()
        assert numbers(described.split("reaches input steps")[1]) == expected
        assert told.startswith(f"Field {receptive_field(kernel, numbers(dilations))} step")
        assert "nothing of the future" in told
        holes = expected[-1] - expected[0] + 1 - len(expected)
        assert (f"{holes} between them" in told) == (holes > 0)


def test_half_of_the_zeros_behind_the_sequence_let_the_future_in(page: Page):
    ((told, described),) = page.evaluate(SET, [("1, 2, 4", 1, False, 3, 16)])
    assert numbers(described.split("reaches input steps")[1]) == list(range(9, 24))
    assert "It reads 7 steps of the future." in told
    ((told, _),) = page.evaluate(SET, [("1, 2, 4", 1, False, 3, 32)])
    assert "nothing of the future" in told  # behind the last step there are only zeros


def test_keys_move_the_output_step_and_every_control_is_named(page: Page):
    for role, name in (("slider", "Taps"), ("slider", "Output step"), ("checkbox", "Causal")):
        assert page.get_by_role(role, name=name).count() == 1
    for name in ("Dilations", "In a block"):
        assert page.get_by_label(name, exact=True).count() == 1
    before = page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("slider", name="Output step").press("ArrowLeft")
    assert page.get_attribute(".play-picture", "aria-label") != before


def test_nothing_is_drawn_outside_the_picture(page: Page):
    page.evaluate(SET, [("1, 1, 1, 1", 2, True, 4, 32)])
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        return [...document.querySelectorAll('.play-picture text, .play-picture circle')].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
