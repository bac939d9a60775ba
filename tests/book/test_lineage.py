"""The chapters answer each other as the picture on the first page says, and each tells where it comes from."""

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
import yaml
from browsing import chapters

from coursekit import ROOT

BOOK = ROOT / "book"


@cache
def lineage() -> dict[str, tuple[str, str | None]]:
    """Of each chapter in the picture of the first page, the trouble that it answers and the chapter that had it."""
    columns = re.findall(r"^(?:LEFT|RIGHT) = (\[.*?^\])", page("index"), re.MULTILINE | re.DOTALL)
    return {name: (trouble, before) for column in columns for name, trouble, before in ast.literal_eval(column)}


@cache
def page(name: str) -> str:
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def linked(passage: str) -> set[str]:
    """The words of the chapters to which a passage of a page leads."""
    return {PurePosixPath(goal).stem for goal in re.findall(r"\]\(([^)]+\.md)\)", passage)}


def test_the_picture_holds_all_chapters_in_their_order():
    assert list(lineage()) == [name.split("/")[-1] for name in chapters()]


@pytest.mark.parametrize("name", chapters())
def test_a_chapter_names_the_trouble_that_the_picture_says_it_answers(name: str):
    front = yaml.safe_load(page(name).split("---")[1])
    assert front["answers"] == lineage()[name.split("/")[-1]][0]


@pytest.mark.parametrize("name", chapters())
def test_the_top_of_a_chapter_leads_to_the_one_whose_trouble_it_answers(name: str):
    before = lineage()[name.split("/")[-1]][1]
    needs = re.search(r"^You need .*?^:::$", page(name), re.MULTILINE | re.DOTALL)[0]
    assert before is None or before in linked(needs)


@pytest.mark.parametrize(("name", "after"), list(pairwise(chapters())))
def test_the_end_of_a_chapter_leads_to_the_next(name: str, after: str):
    last = re.search(r"^\*\*What comes next\.\*\* .*?\n\n(?=## Check yourself$)", page(name), re.MULTILINE | re.DOTALL)[
        0
    ]
    assert after.split("/")[-1] in linked(last)
