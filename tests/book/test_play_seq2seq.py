"""The figure of the chapter on sequence to sequence in an empty page: its search against the library's."""

import re
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.seq2seq import Tree, continuations
from dlarch.sequences.seq2seq import Decoder, Encoder, Seq2Seq, beam_search

SYMBOLS, LENGTH, END = "abc.", 4, 3
SOURCES = {"ab": [0, 1], "cc": [2, 2]}


def uneven() -> Seq2Seq:
    torch.manual_seed(3)
    model = Seq2Seq(Encoder(3, 6), Decoder(4, 6))
    with torch.no_grad():
        model.decoder.out.weight.mul_(4)
    return model


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    model = uneven()
    tables = {name: continuations(model, torch.tensor(s), SYMBOLS, LENGTH) for name, s in SOURCES.items()}
    with alone(browser, Tree(sources=tables, symbols=SYMBOLS, length=LENGTH, source="ab")) as page:
        yield page


def best(source: list[int], width: int, alpha: float) -> tuple[str, str]:
    found = beam_search(uneven(), torch.tensor([source]), width, LENGTH, start=END, end=END, alpha=alpha)
    text = "".join(SYMBOLS[t] for t in found.tokens[0, 0])
    return re.sub(r"\.+$", ".", text), f"{found.log_p[0, 0].exp():.2f}"


def test_it_writes_what_the_library_writes_at_every_width_and_power(page: Page):
    for name, source in SOURCES.items():
        page.get_by_label("Source").select_option(name)
        for alpha in (0.0, 0.75, 1.5):
            page.get_by_role("slider", name="Power").fill(str(alpha))
            all_best, greedy = best(source, 121, alpha), best(source, 1, alpha)
            for width in (1, 2, 3):
                page.get_by_role("slider", name="Width").fill(str(width))
                told = page.text_content(".play-readout")
                text, chance = best(source, width, alpha)
                assert f"W = {width} writes “{text}” ({chance}), greedy “{greedy[0]}” ({greedy[1]})" in told
                hit = "is the best" if text == all_best[0] else f"is not the best, which is “{all_best[0]}”"
                assert f"Of all 121 sequences it {hit}" in told


def test_keys_show_the_steps_and_nothing_is_drawn_outside_the_picture(page: Page):
    page.get_by_role("slider", name="Width").fill("3")
    page.get_by_role("slider", name="Steps").fill("1")
    one = page.get_attribute(".play-picture", "aria-label")
    assert "Step 1 keeps" in one
    assert "Step 2" not in one
    for _ in range(LENGTH - 1):
        page.get_by_role("slider", name="Steps").press("ArrowRight")
    assert f"Step {LENGTH} keeps" in page.get_attribute(".play-picture", "aria-label")
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        const marks = document.querySelectorAll('.play-picture rect, .play-picture text, .play-picture circle');
        return [...marks].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
