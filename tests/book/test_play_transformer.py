"""The figure of the chapter on the transformer in an empty page: squares and words against the weights it was given."""

from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.transformer import KINDS, Heads

READ, SHOWN = ["7", "0", "3", "3"], ["start", "7", "0"]


def weights() -> dict[str, list]:
    generator = torch.Generator().manual_seed(0)
    found = {}
    for kind, queries, keys in (("encoder", 4, 4), ("decoder", 3, 3), ("cross", 3, 4)):
        scores = 3 * torch.randn(2, 3, queries, keys, generator=generator)
        if kind == "decoder":
            scores = scores.masked_fill(torch.ones(3, 3).triu(1).bool(), -torch.inf)
        found[kind] = [
            [[[round(w, 3) for w in row] for row in head] for head in layer] for layer in scores.softmax(-1).tolist()
        ]
    return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Heads(READ, SHOWN, weights())) as page:
        yield page


def test_each_head_shows_its_weights_and_tells_where_the_row_looks(page: Page):
    names = {"encoder": READ, "decoder": SHOWN, "cross": SHOWN}
    for kind, label in zip(KINDS, ("to itself", "was shown", "was read"), strict=True):
        option = page.locator("option", has_text=label).inner_text()
        page.get_by_label("Attention of").select_option(option)
        for layer, head, row in ((1, 1, 1), (2, 3, 3), (2, 1, 2)):
            for name, value in (("Layer", layer), ("Head", head), ("Row that asks", row)):
                page.get_by_role("slider", name=name).fill(str(value))
            table = weights()[kind][layer - 1][head - 1]
            told = page.inner_text(".play-readout")
            best = max(range(len(table[0])), key=lambda j, w=table[row - 1]: w[j])
            keys = SHOWN if kind == "decoder" else READ
            largest = round(100 * table[row - 1][best])
            assert f"row {row} ({names[kind][row - 1]}) looks at {keys[best]} at place {best + 1} ({largest} %)" in told
            squares = page.evaluate("""() => [...document.querySelectorAll('.play-picture rect.play-dot')]
                .map((square) => Number(square.style.opacity))""")
            expected = [w for i, line in enumerate(table) for j, w in enumerate(line) if kind != "decoder" or j <= i]
            assert squares == pytest.approx(expected, abs=1e-3)
            described = page.get_attribute(".play-picture", "aria-label")
            assert f"layer {layer}, head {head}" in described
            most = ", ".join(str(max(range(len(line)), key=line.__getitem__) + 1) for line in table)
            assert described.endswith(f"on place {most}.")


def test_a_row_is_chosen_by_click_and_by_key(page: Page):
    page.locator(".play-picture rect[style*=pointer]").nth(2).click()
    assert page.get_by_role("slider", name="Row that asks").input_value() == "3"
    page.get_by_role("slider", name="Row that asks").focus()
    page.keyboard.press("ArrowLeft")
    assert "row 2" in page.inner_text(".play-readout")


def test_nothing_is_drawn_outside_the_picture(page: Page):
    for label in ("the encoder to itself", "the decoder to what was read"):
        page.get_by_label("Attention of").select_option(label)
        outside = page.evaluate("""() => {
            const frame = document.querySelector('.play-picture').viewBox.baseVal;
            return [...document.querySelectorAll('.play-picture rect, .play-picture text')].filter((mark) => {
                const box = mark.getBBox();
                return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
            }).map((mark) => mark.outerHTML);
        }""")
        assert outside == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("cross"), "encoder, decoder, cross, got encoder, decoder"),
        (lambda w: w["cross"][0][0].pop(), "cross needs 3 rows of 4 weights"),
        (lambda w: w["decoder"][1][2][0].pop(), "decoder needs 3 rows of 3 weights"),
        (lambda w: w["encoder"][0][1].__setitem__(0, [1.0, 1.0, 0.0, 0.0]), "every row of encoder must sum to one"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, message):
    given = weights()
    change(given)
    with pytest.raises(ValueError, match=message):
        Heads(READ, SHOWN, given)
