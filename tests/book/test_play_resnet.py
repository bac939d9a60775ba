"""The figure of the chapter on residual networks: its numbers against networks without blocks, and in an empty page."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.resnet import Surgery, accuracies
from dlarch.vision.resnet import CifarResNet, removable_blocks, without_blocks

NAMES = [f"stage{stage}.{place}" for stage in (1, 2, 3) for place in (0, 1, 2)]
REMOVABLE = [name for name in NAMES if name not in ("stage2.0", "stage3.0")]
RESIDUAL, PLAIN = np.random.default_rng(0).uniform(size=(2, 128)).round(4)
READ = """() => ({
    told: document.querySelector('.play-readout').textContent,
    described: document.querySelector('.play-picture').getAttribute('aria-label'),
    out: [...document.querySelectorAll('.play-live input[type=checkbox]')].map((box) => box.checked),
})"""
SET = """(out) => document.querySelectorAll('.play-live input[type=checkbox]').forEach((box, i) => {
    if (box.checked !== out[i]) box.click();
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    figure = Surgery(names=NAMES, removable=REMOVABLE, residual=RESIDUAL.tolist(), plain=PLAIN.tolist())
    with alone(browser, figure) as page:
        yield page


def number(out: list[bool]) -> int:
    return sum(2**i for i, gone in enumerate(out) if gone)


def test_the_figure_holds_the_accuracy_for_every_set_of_removed_blocks():
    torch.manual_seed(0)
    model = CifarResNet(20, width=0.25, in_channels=1)
    x, y = torch.randn(40, 1, 8, 8), torch.arange(40) % 10
    table = accuracies(model, x, y)
    assert len(table) == 128
    names = removable_blocks(model)
    for removed in (0, 1, 0b0100000, 0b1010011, 127):
        out = [name for i, name in enumerate(names) if removed >> i & 1]
        right = (without_blocks(model, out)(x).argmax(dim=1) == y).float().mean().item()
        assert table[removed] == pytest.approx(right, abs=1e-4)
    assert len(set(table)) > 1


def test_the_figure_takes_networks_of_depth_20_only():
    torch.manual_seed(0)
    x, y = torch.randn(4, 1, 8, 8), torch.arange(4)
    fits = CifarResNet(20, width=0.25, in_channels=1)
    figure = Surgery.of(fits, fits, x, y)
    assert (figure.names, figure.removable) == (NAMES, REMOVABLE)
    assert figure.residual == figure.plain
    with pytest.raises(ValueError, match="depth 20, with 9 blocks, got 12"):
        Surgery.of(CifarResNet(26, width=0.25, in_channels=1), fits, x, y)


def test_the_accuracy_shown_is_that_of_the_blocks_that_are_out(page: Page):
    for wanted in (0, 1, 64, 37, 90, 127):
        page.evaluate(SET, [bool(wanted >> i & 1) for i in range(7)])
        shown = page.evaluate(READ)
        assert number(shown["out"]) == wanted
        residual, plain = (f"{100 * values[wanted]:.1f}\u00a0%" for values in (RESIDUAL, PLAIN))
        assert f"residual network is right on {residual} of" in shown["told"]
        assert f"plain one on {plain}." in shown["told"]
        assert f"residual {residual}, plain {plain}" in shown["described"]


def test_blocks_go_one_by_one_in_the_order_in_which_the_residual_network_misses_them_least(page: Page):
    removed = 0
    for _ in range(7):
        removed = max((removed | 1 << i for i in range(7) if not removed >> i & 1), key=lambda k: RESIDUAL[k])
        page.get_by_role("button", name="Take out the least missed").click()
        assert number(page.evaluate(READ)["out"]) == removed
    page.get_by_role("button", name="Take out the least missed").click()
    assert number(page.evaluate(READ)["out"]) == 127
    page.get_by_role("button", name="Put all back").click()
    assert number(page.evaluate(READ)["out"]) == 0


def test_a_click_on_a_block_takes_it_out_of_both_networks_and_brings_it_back(page: Page):
    page.locator(".play-picture rect").nth(1).click()
    assert page.get_by_label("Take out block 2 of stage 1").is_checked()
    assert "Taken out: block 2 of stage 1." in page.get_attribute(".play-picture", "aria-label")
    page.locator(".play-picture rect").nth(10).click()  # the same place in the plain network
    assert not page.get_by_label("Take out block 2 of stage 1").is_checked()


def test_each_box_is_named_and_set_by_the_keyboard(page: Page):
    for name in REMOVABLE:
        stage, place = (int(part) for part in name.removeprefix("stage").split("."))
        box = page.get_by_label(f"Take out block {place + 1} of stage {stage}", exact=True)
        box.focus()
        page.keyboard.press("Space")
        assert box.is_checked()
    assert page.evaluate(READ)["told"].startswith("7 of 9 blocks out")


def test_nothing_is_drawn_outside_the_picture(page: Page):
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        return [...document.querySelectorAll('.play-picture rect, .play-picture text')].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
