"""The figure of the chapter on attention in an empty page: its weights against the library, under each mask."""

import math
import re
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.attention import Look
from dlarch.sequences.attention import causal_mask, masked_softmax, padding_mask

WORDS = ["one", "two", "three", "four"]
Q, K = (torch.randn(4, 9, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Look(WORDS, Q.tolist(), K.tolist(), chosen=2)) as page:
        yield page


def shown(page: Page) -> list[str]:
    """What stands behind the bars, from the first word to the last."""
    texts = page.locator(".play-picture text").all_text_contents()
    return [text for text in texts if "%" in text or text == "hidden"]


def expected(chosen: int, *, temperature: float = 1.0, scaled: bool = True, causal: bool = False, real: int = 4):
    mask = padding_mask(torch.tensor([real]), 4)[0].expand(4, 4)
    mask = mask & causal_mask(4) if causal else mask
    weights = masked_softmax(Q @ K.mT / temperature / (3 if scaled else 1), mask)[chosen]
    texts = [f"{100 * w:.0f}\u202f%" if may else "hidden" for w, may in zip(weights, mask[chosen], strict=True)]
    entropy = -sum(w * math.log(w) for w in weights.tolist() if w > 0)
    return [re.sub(r"\s", " ", text) for text in texts], f"entropy {entropy:.2f}"


def agrees(page: Page, chosen: int, **state) -> bool:
    texts, entropy = expected(chosen, **state)
    told = page.locator(".play-readout").text_content()
    seen = [re.sub(r"\s", " ", text) for text in shown(page)]
    return seen == texts and (entropy in told or set(texts) == {"hidden"})


def test_weights_and_entropy_are_those_of_the_library_under_every_control(page: Page):
    assert agrees(page, 2)
    page.get_by_label("Divide by √D").uncheck()
    assert agrees(page, 2, scaled=False)
    page.get_by_label("Temperature").fill("3")
    assert agrees(page, 2, scaled=False, temperature=3)  # the root of 9 numbers: as before the division was taken away
    assert agrees(page, 2)
    page.get_by_label("Causal mask").check()
    assert agrees(page, 2, causal=True)
    page.get_by_label("Padding mask").fill("2")
    assert agrees(page, 2, causal=True, real=2)
    page.get_by_label("Causal mask").uncheck()
    page.get_by_label("Word that asks").select_option("4. four")
    assert agrees(page, 3, real=2)
    assert "2 words are hidden" in page.get_attribute(".play-picture", "aria-label")


def test_a_word_with_nothing_to_look_at_has_zeros_and_says_so(page: Page):
    page.get_by_label("Padding mask").fill("0")
    assert shown(page) == ["hidden"] * 4
    for text in (page.locator(".play-readout").text_content(), page.get_attribute(".play-picture", "aria-label")):
        assert "may look at nothing: all weights are 0" in text
    assert "NaN" not in page.locator(".play-picture").inner_html()


def test_a_pointer_asks_while_it_stays_and_a_click_keeps_the_word(page: Page):
    first = page.locator(".play-picture rect[fill=transparent]").first
    first.hover()
    assert agrees(page, 0)
    page.get_by_label("Temperature").hover()
    assert agrees(page, 2)
    first.click()
    page.get_by_label("Temperature").hover()
    assert agrees(page, 0)
    page.get_by_label("Word that asks").focus()
    page.keyboard.press("ArrowDown")
    assert agrees(page, 1)
