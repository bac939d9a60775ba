"""The figure of the chapter on BERT in an empty page: what it draws and says against the numbers it was given."""

from collections.abc import Iterator

import pytest
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.bert import Blank


def answer(tokens: list[str], right: float, rank: int) -> dict:
    return {"best": [[token, 0.4 - 0.1 * i] for i, token in enumerate(tokens)], "right": right, "rank": rank}


SENTENCES = [
    {
        "topic": "types",
        "tokens": ["This", " is", " a", " list", "."],
        "hidden": [answer(["The", "This", "A"], 0.3, 2) for _ in range(4)] + [answer([":", " of", ","], 0.0004, 9)],
        "shown": [answer(["This", "The", "A"], 0.4, 1) for _ in range(5)],
    },
    {
        "topic": "compound",
        "tokens": ["Wait", "ing", "\n\n"],
        "hidden": [answer(["\n\n", "ing", " by"], 0.3, 2)] * 3,
        "shown": [answer(["ing", "ed", "s"], 0.05, 4)] * 3,
    },
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Blank(SENTENCES)) as page:
        yield page


def test_each_token_tells_its_answers_hidden_and_in_place(page: Page):
    for number, sentence in enumerate(SENTENCES):
        page.get_by_label("Sentence", exact=True).select_option(index=number)
        for hidden in (True, False):
            page.get_by_label("Hide it behind [MASK]").set_checked(hidden)
            for i in range(len(sentence["tokens"])):
                page.get_by_role("slider", name="Token").fill(str(i))
                told = page.get_attribute(".play-picture", "aria-label")
                given = sentence["hidden" if hidden else "shown"][i]
                assert f"Sentence from {sentence['topic']}, token {i + 1} of {len(sentence['tokens'])}" in told
                assert ("hidden. Likeliest" in told) == hidden
                assert f"rank {given['rank']}." in told
                assert all(f"{100 * share:.1f}\u00a0%" in told for _, share in given["best"])
                assert f"rank {given['rank']}." in page.text_content(".play-readout")
                assert ("[MASK]" in page.text_content(".play-picture")) == hidden


def test_a_true_token_outside_the_list_gets_a_bar_of_its_own(page: Page):
    bars = page.locator(".play-picture rect.play-dot")
    assert bars.count() == 3
    page.get_by_role("slider", name="Token").fill("4")
    assert bars.count() == 4
    assert "below 0.1\u00a0%" in page.text_content(".play-readout")


def test_buttons_clicks_and_keys_choose_a_token_and_stop_at_the_ends(page: Page):
    def token() -> str:
        return page.get_attribute(".play-picture", "aria-label").split(",")[1].strip()

    page.get_by_role("button", name="Back").press("Enter")
    assert token() == "token 1 of 5"
    page.get_by_role("button", name="Next").press("Enter")
    assert token() == "token 2 of 5"
    page.get_by_role("slider", name="Token").focus()
    page.keyboard.press("ArrowRight")
    assert token() == "token 3 of 5"
    page.locator(".play-picture rect.play-fill").nth(4).click()
    assert token() == "token 5 of 5"
    page.get_by_label("Sentence", exact=True).select_option(index=1)
    assert token() == "token 3 of 3"
    page.get_by_role("button", name="Back").press("Enter")
    assert token() == "token 2 of 3"


def test_nothing_is_drawn_outside_the_picture(page: Page):
    for number, sentence in enumerate(SENTENCES):
        page.get_by_label("Sentence", exact=True).select_option(index=number)
        page.get_by_role("slider", name="Token").fill(str(len(sentence["tokens"]) - 1))
        outside = page.evaluate("""() => {
            const frame = document.querySelector('.play-picture').viewBox.baseVal;
            const marks = document.querySelectorAll('.play-picture rect, .play-picture text');
            return [...marks].filter((mark) => {
                const box = mark.getBBox();
                return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
            }).map((mark) => mark.outerHTML);
        }""")
        assert outside == []


def test_sentences_without_an_answer_for_each_token_are_refused():
    with pytest.raises(ValueError, match="at least one sentence"):
        Blank([])
    with pytest.raises(ValueError, match=r"each token needs an answer of each kind, .*: \[5, 4, 5\]"):
        Blank([SENTENCES[0] | {"hidden": SENTENCES[0]["hidden"][:4]}])
    with pytest.raises(Exception, match="sentence must be below 2, got 2"):
        Blank(SENTENCES, sentence=2)
