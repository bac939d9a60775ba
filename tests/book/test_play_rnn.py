"""The figure of the chapter `rnn` in an empty page: its gates against the library's cell."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from browsing import alone
from playwright.sync_api import Browser, Page
from torch import nn

from dlarch.play.rnn import GateValues
from dlarch.sequences.rnn import LSTMCell

SYMBOLS = "BEPSTVX"
STRINGS = ["BTBTXSETE", "BPBPTTVVEPE"]
UNITS = 3


def model() -> tuple[nn.LSTM, nn.Linear]:
    torch.manual_seed(0)
    return nn.LSTM(7, UNITS, batch_first=True), nn.Linear(UNITS, 7)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, GateValues.of(*model(), SYMBOLS, STRINGS, step=3)) as page:
        yield page


def values(string: str) -> Iterator[tuple[LSTMCell, list[torch.Tensor], torch.Tensor]]:
    """Of each step the gates, the cells and the shares of the next symbol, by the library."""
    lstm, head = model()
    cell = LSTMCell(7, UNITS)
    parts = (lstm.weight_ih_l0, lstm.bias_ih_l0, lstm.weight_hh_l0, lstm.bias_hh_l0)
    cell.load_state_dict(dict(zip(("input.weight", "input.bias", "hidden.weight", "hidden.bias"), parts, strict=True)))
    state = (torch.zeros(1, UNITS), torch.zeros(1, UNITS))
    for symbol in string[:-1]:
        x = F.one_hot(torch.tensor([SYMBOLS.index(symbol)]), 7).float()
        gates, state = cell.gates(cell.input(x), state), cell(x, state)
        yield gates, state[1][0], head(state[0])[0].softmax(dim=0)


@torch.no_grad()
def test_every_step_tells_gates_cell_and_next_symbol_as_the_library_has_them(page: Page):
    for string in STRINGS:
        page.get_by_label("String", exact=True).select_option(string)
        for other in (False, True):
            page.get_by_label("Change its second symbol").set_checked(other)
            wanted = string if not other else string[0] + {"T": "P", "P": "T"}[string[1]] + string[2:]
            for unit in range(UNITS):
                page.get_by_label("Cell shown").select_option(f"{unit + 1} of {UNITS}")
                told = page.evaluate(
                    """(steps) => Array.from({ length: steps }, (_, i) => {
                    const slider = document.querySelector('.play-live input[type=range]');
                    slider.value = i + 1;
                    slider.dispatchEvent(new Event('input'));
                    return document.querySelector('.play-picture').getAttribute('aria-label');
                })""",
                    len(string) - 1,
                )
                for number, (gates, c, next_) in enumerate(values(wanted)):
                    text = told[number].replace("\N{MINUS SIGN}", "-")
                    numbers = dict(
                        part.rsplit(" ", 1) for part in text.split(": ", 1)[1].split(". Expected")[0].split(", ")
                    )
                    expected = {name: getattr(gates, name)[0, unit] for name in gates._fields} | {"cell": c[unit]}
                    assert text.startswith(f"Cell {unit + 1} of {UNITS} after {wanted[: number + 1]}:")
                    for name, value in expected.items():
                        assert abs(float(numbers[name]) - value) < 0.006
                    likeliest = SYMBOLS[int(next_.argmax())]
                    assert f"Expected next: {likeliest} " in text


def test_keys_move_every_control(page: Page):
    before = page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("slider", name="Symbols read").focus()
    page.keyboard.press("ArrowRight")
    after = page.get_attribute(".play-picture", "aria-label")
    assert after != before
    page.get_by_label("Change its second symbol").focus()
    page.keyboard.press("Space")
    changed = page.get_attribute(".play-picture", "aria-label")
    assert "after BPBT" in changed
    page.get_by_label("Cell shown").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_attribute(".play-picture", "aria-label").startswith("Cell 2 of 3")
    page.get_by_label("String", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert "after BTBP" in page.get_attribute(".play-picture", "aria-label")


def test_nothing_is_drawn_outside_the_picture(page: Page):
    page.get_by_label("String", exact=True).select_option(STRINGS[1])
    page.get_by_role("slider", name="Symbols read").fill("10")
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        const marks = document.querySelectorAll('.play-picture rect, .play-picture text');
        return [...marks].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []


def test_what_the_figure_cannot_show_is_refused():
    for wrong in (nn.LSTM(7, 3, 2), nn.LSTM(7, 3, bidirectional=True), nn.LSTM(6, 3)):
        with pytest.raises(ValueError, match="one layer in one direction with 7 inputs"):
            GateValues.of(wrong, nn.Linear(3, 7), SYMBOLS, STRINGS)
