"""The ledger of this book: every row holds, has its source, and is used."""

import re

import pytest

from coursekit import ROOT, facts

BOOK = ROOT / "book"
LEDGER = facts.load(BOOK / "facts.yml")
PAGES = {path.relative_to(BOOK).as_posix(): path.read_text(encoding="utf-8") for path in sorted(BOOK.rglob("*.md"))}
COMPUTED = [fact for fact in LEDGER.facts.values() if fact.computed]


def without_examples(text: str) -> str:
    """A page without its blocks of quoted MyST, which show marks and do not use them."""
    return re.sub(r"(?ms)^````md$.*?^````$|^```md$.*?^```$", "", text)


def keys_used(text: str) -> set[str]:
    return {key.removesuffix(":value") for key in re.findall(r"\{fact\}`([^`]+)`", without_examples(text))}


@pytest.mark.parametrize("fact", COMPUTED, ids=lambda fact: fact.key)
def test_what_can_be_computed_comes_to_the_value_in_the_ledger(fact: facts.Fact):
    found = facts.compute(fact)
    assert facts.agrees(fact, found), f"{fact.key}: the ledger says {fact.value}, {fact.computed} gives {found}"


def test_every_source_stands_in_the_bibliography():
    known = facts.sources(BOOK / "references.bib")
    rows = [*LEDGER.facts.values(), *LEDGER.claims]
    assert [row for row in rows if row.source and row.source not in known] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_fact_on_a_page_stands_in_the_ledger(page: str):
    assert keys_used(PAGES[page]) - set(LEDGER.facts) == set()


def test_every_row_is_used_by_a_page_or_a_claim():
    by_pages = set().union(*(keys_used(text) for text in PAGES.values()))
    by_claims = set().union(*(keys_used(f"{claim.claim} {claim.truth}") | {claim.key} for claim in LEDGER.claims))
    assert set(LEDGER.facts) - by_pages - by_claims == set()


def test_every_claim_is_printed_by_the_page_of_its_chapter():
    printed = {
        name
        for path, text in PAGES.items()
        for name in re.findall(r"^```\{claims\} (\w+)", without_examples(text), re.MULTILINE)
        if path.endswith(f"/{name}.md")
    }
    assert {claim.chapter for claim in LEDGER.claims} - printed == set()
