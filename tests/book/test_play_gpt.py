"""The figure of the chapter on GPT in an empty page: what can be drawn, against the library's filters."""

from collections.abc import Iterator

import pytest
import torch
import traitlets
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.gpt import Next
from dlarch.sequences.sampling import next_token_probabilities

TOKENS = ["space", *"abcdefghijklm"]
LOGITS = (3 * torch.linspace(-5, 22, 2 * len(TOKENS)).reshape(2, -1).sin()).tolist()
LABELS = {"temperature": "Temperature", "top_k": "Top-k", "top_p": "Top-p"}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Next(["the ", "of a"], LOGITS, TOKENS)) as page:
        yield page


@pytest.mark.parametrize(
    "how",
    [
        {"temperature": 1.0},
        {"temperature": 0.0},
        {"temperature": 1.5},
        {"top_k": 3},
        {"top_p": 0.75},
        {"top_p": 0.01},
        {"temperature": 1.4, "top_k": 5, "top_p": 0.6},
    ],
    ids=str,
)
def test_it_shows_the_probabilities_of_the_library(page: Page, how):
    for name, value in how.items():
        page.get_by_role("slider", name=LABELS[name]).fill(str(value))
    for row, prompt in enumerate(("the ", "of a")):
        page.get_by_label("After", exact=True).select_option(f"“{prompt}”")
        logits = torch.tensor(LOGITS[row], dtype=torch.float64)
        p = next_token_probabilities(logits, **how)
        kept = p[p > 0]
        entropy = -(kept * kept.log2()).sum().abs().item()
        told = page.text_content(".play-readout")
        assert told == f"{len(kept)} of 14 characters can be drawn; entropy {abs(entropy):.2f} bits"
        described = page.get_attribute(".play-picture", "aria-label")
        best = logits.argmax()
        assert f"After “{prompt}”: {TOKENS[best]} {100 * p[best]:.1f}\u00a0%" in described
        assert f"{100 * logits.softmax(0)[best]:.1f}\u00a0% for {TOKENS[best]}." in described


def test_keys_move_the_sliders_and_nothing_is_drawn_outside_the_picture(page: Page):
    page.get_by_role("slider", name="Temperature").fill("0")
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        const marks = document.querySelectorAll('.play-picture rect, .play-picture text, .play-picture line');
        return [...marks].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
    before = page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("slider", name="Temperature").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.get_attribute(".play-picture", "aria-label") != before
    page.get_by_role("slider", name="Top-k").focus()
    page.keyboard.press("Home")
    assert page.text_content(".play-readout").startswith("1 of 14")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((["a"], [[1.0]], ["x", "y"]), ValueError, r"1 prompts, 1 rows of sizes \[1\], 2 tokens"),
        (([], [], []), ValueError, "0 prompts"),
        ((["a", "b"], [[1.0]], ["x"]), ValueError, "2 prompts, 1 rows"),
        ((["a"], [[1.0]], ["x"], 1), traitlets.TraitError, "chosen must be below 1, got 1"),
    ],
)
def test_it_refuses_logits_that_do_not_fit(arguments, error, message):
    prompts, logits, tokens, *chosen = arguments
    with pytest.raises(error, match=message):
        Next(prompts, logits, tokens, **({"chosen": chosen[0]} if chosen else {}))
