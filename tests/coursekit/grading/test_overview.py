"""The pages for the instructor, made from results without any kernel."""

import base64
import hashlib
import random

import pytest
from bs4 import BeautifulSoup

from coursekit.grading import overview
from coursekit.grading.report import Entry
from coursekit.grading.unit import Result, Written
from dlarch.check import Verdict

EVIL = "<script>alert(1)</script>"


def verdict(task, points, misconception=None):
    message = f"You have {misconception} {EVIL}." if misconception else "This is right."
    return Verdict(task, points, 2.0, "right" if points == 2.0 else "wrong", message, misconception)


def entry(
    student, points=(2.0, 2.0), *, exercise="sample", state="graded", misconceptions=(None, None), by_hand=1.0, **rest
):
    names = ("softmax", "loss")
    checks = tuple(verdict(*values) for values in zip(names, points, misconceptions, strict=True))
    result = Result(exercise, state, checks, (Written("why", 1.0, "x"),), (), "bubblewrap", 2.5, "k")
    return Entry(student, result, {"why": by_hand}, **rest)


@pytest.fixture(scope="module")
def soups():
    entries = [
        entry("ada"),
        entry("b&b", (0.0, 1.0), misconceptions=("over-the-batch", "over-the-batch"), by_hand=None),
        entry("cyn", (0.0, 2.0), misconceptions=("over-the-batch", None), state="timed out"),
        entry("dot", (2.0, 0.0), late="1 day", share=0.1),
        entry("ada", (0.0, 0.0), exercise="other", misconceptions=("no-bias", None)),
    ]
    pages = overview.pages(entries, {"sample": f"Sample {EVIL}"}, "Made by code.")
    return {page.name: BeautifulSoup(page.make(), "html.parser") for page in pages}


def words(soup):
    return " ".join(soup.get_text(" ").split())


def test_there_is_a_page_for_the_class_and_one_an_exercise(soups):
    assert list(soups) == ["index.html", "other.html", "sample.html"]


def test_the_page_for_the_class_has_a_row_a_student(soups):
    table = soups["index.html"].find("table", class_="sortable")
    rows = [[words(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    assert rows == [
        ["student", "total", "other", "sample"],
        ["ada", "6", "1", "5"],
        ["b&b", "1", "", "1 ?"],
        ["cyn", "3", "", "3 t"],
        ["dot", "2.7", "", "2.7 l"],
    ]
    assert [link["href"] for link in table.find_all("a")][1] == "../feedback/b%26b/index.html"


def test_misconceptions_come_with_their_number_their_questions_and_who_holds_them(soups):
    assert "2 students in sample : You have over-the-batch" in words(soups["index.html"])
    card = soups["sample.html"].find(id="misconception-1").parent
    assert words(card.find("h3")) == "2 students: over the batch"
    assert words(card.find("summary")) == "Seen in softmax, loss: who?"
    links = [link["href"] for link in card.find_all("a")]
    assert links == ["../feedback/b%26b/sample.html#check-softmax", "../feedback/cyn/sample.html#check-softmax"]
    assert soups["index.html"].find("a", href="sample.html#misconception-1")


def test_full_some_and_no_points_are_counted_for_each_question(soups):
    table = soups["sample.html"].find(id="questions").find_next("table")
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")][1:]
    assert rows == [
        ["softmax", "2", "2", "0", "2", ""],
        ["loss", "2", "2", "1", "1", ""],
        ["why (in words)", "1", "3", "0", "0", "1"],
    ]


def test_states_are_counted(soups):
    assert "2 × graded 1 × stopped: it ran too long 1 × handed in late" in words(soups["sample.html"])


def test_nothing_of_a_submission_becomes_markup_and_one_script_may_run(soups):
    for soup in soups.values():
        (script,) = soup.find_all("script")
        digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in soup.find("meta", {"http-equiv": True})["content"]
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_every_picture_says_what_it_shows(soups):
    for soup in soups.values():
        assert all(len(picture["aria-label"]) > 20 for picture in soup.find_all("svg"))
    label = soups["index.html"].find("svg")["aria-label"]
    assert "other 1 of 5; sample 2.85 of 5" in label


def test_a_class_of_one_and_a_class_where_nothing_ran_have_pages():
    assert all("ada" in page.make() for page in overview.pages([entry("ada")], {}))
    silent = Result("sample", "missing", (), (), ("Nothing came.",), "not run", 0.0, "")
    pages = {page.name: page.make() for page in overview.pages([Entry("ada", silent, {})], {})}
    assert "No notebook ran." in pages["sample.html"]
    assert "0 n" in words(BeautifulSoup(pages["index.html"], "html.parser").find("table", class_="sortable"))


def test_who_handed_in_nothing_lowers_no_median():
    silent = Result("sample", "missing", (), (), ("Nothing came.",), "not run", 0.0, "")
    made = [page.make() for page in overview.pages([entry("ada"), Entry("bob", silent, {})], {})]
    assert "1 submission, median 5 of 5 points" in words(BeautifulSoup(made[1], "html.parser"))


def test_the_order_of_entries_makes_no_difference():
    entries = [entry(f"s{number}", (2.0, float(number % 3))) for number in range(9)]
    shuffled = random.Random(0).sample(entries, len(entries))
    for one, other in zip(overview.pages(entries, {}), overview.pages(shuffled, {}), strict=True):
        assert (one.name, one.made_from, one.make()) == (other.name, other.made_from, other.make())


def test_the_page_of_a_large_class_holds_little_for_each_student():
    few, many = (
        len(
            next(
                overview.pages([entry(f"s{n:04}", exercise=f"e{k}") for n in range(size) for k in range(5)], {})
            ).make()
        )
        for size in (100, 1_000)
    )
    assert (many - few) / 900 < 300  # bytes: a link and six numbers
