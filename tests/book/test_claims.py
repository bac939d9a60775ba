"""The table of all claims in the built book, cut down by verdict, by chapter and by word."""

from collections.abc import Callable

import pytest
from browsing import Visit
from playwright.sync_api import Page

from coursekit import ROOT, facts

CLAIMS = facts.load(ROOT / "book" / "facts.yml").claims


@pytest.fixture
def page(opened: Callable[..., Visit]) -> Page:
    return opened("practice/checked").page


def choose(page: Page, label: str, value: str) -> None:
    page.locator(".claims-filter").get_by_label(label).select_option(value)


def shown(page: Page) -> int:
    return page.locator("table.all-claims tbody tr:visible").count()


def told(page: Page) -> str:
    return page.locator(".claims-filter [role=status]").inner_text()


def test_at_first_every_claim_of_the_ledger_is_shown(page: Page):
    assert shown(page) == len(CLAIMS)
    assert told(page) == f"{len(CLAIMS)} of {len(CLAIMS)} claims"


@pytest.mark.parametrize("verdict", facts.VERDICTS)
def test_a_verdict_leaves_its_claims(page: Page, verdict: str):
    choose(page, "Verdict", verdict)
    expected = sum(claim.verdict == verdict for claim in CLAIMS)
    assert shown(page) == expected
    assert told(page) == f"{expected} of {len(CLAIMS)} claims"


def test_a_verdict_and_a_chapter_together_leave_what_fits_both(page: Page):
    choose(page, "Verdict", "wrong")
    choose(page, "Chapter", "vgg")
    assert shown(page) == sum((claim.verdict, claim.chapter) == ("wrong", "vgg") for claim in CLAIMS) > 0


def test_a_word_is_found_in_either_case_and_one_that_is_nowhere_leaves_nothing(page: Page):
    page.get_by_label("Word").fill("SOFTMAX")
    assert 0 < shown(page) < len(CLAIMS)
    page.get_by_label("Word").fill("no such word")
    assert shown(page) == 0
    assert told(page) == f"0 of {len(CLAIMS)} claims"


def test_each_claim_leads_to_its_chapter(page: Page):
    rows = page.locator("table.all-claims tbody tr")
    links = rows.locator("td:first-child a:has(.chapter)").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    assert [link.rsplit("/", 1)[-1] for link in links] == [f"{claim.chapter}.html" for claim in CLAIMS]
