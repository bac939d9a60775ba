"""Pages and tables made from results; no kernel is needed for them."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from coursekit.grading import report
from coursekit.grading.report import Entry
from coursekit.grading.unit import STATES, Result, Written
from dlarch.check import Line, Verdict

EVIL = "<script>alert(1)</script>"


def result(bundle, **changes):
    cells = [dict(cell) for cell in bundle.notebook["cells"]]
    for cell in cells:
        if cell["metadata"]["nbgrader"]["grade_id"] == "answer-softmax":
            cell["source"] = f"def softmax(x):\n    return '{EVIL}'"
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": f"10%\r100% {EVIL}\n\x1b[31mred\x1b[0m\x00"},
                {"output_type": "display_data", "metadata": {}, "data": {"text/html": EVIL, "text/plain": "plain"}},
                {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0K\nGgo="}},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"image/png": '" onerror="x', "text/plain": "p"},
                },
                {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{EVIL}</svg>"}},
                {"output_type": "error", "ename": "E", "evalue": EVIL, "traceback": [EVIL]},
            ]
    own = {"cell_type": "code", "id": "added-1", "metadata": {}, "source": EVIL, "outputs": [], "execution_count": 1}
    lines = (
        Line("two_rows", "two rows", False, False, f"at [0]: 1 where 2 was expected {EVIL}"),
        Line("hidden_rows", "large scores", True, True),
    )
    checks = tuple(
        Verdict(task.name, 0.0, task.points, "wrong", f"Your rows {EVIL}", "over-the-batch", lines)
        if task.name == "softmax"
        else Verdict(task.name, task.points, task.points, "right", "This is right.")
        for task in bundle.tasks
    )
    values = {
        "exercise": "sample",
        "state": "tampered",
        "checks": checks,
        "written": (Written("why", 1.0, EVIL),),
        "notes": (f"1 locked cell was altered {EVIL}",),
        "sandbox": "bubblewrap 0.8.0",
        "seconds": 1.0,
        "key": "k",
        "notebook": {**bundle.notebook, "cells": [*cells, own]},
    }
    return Result(**{**values, **changes})


@pytest.fixture
def page(bundle):
    return report.feedback(Entry("ada", result(bundle), {"why": None}), bundle)


def test_nothing_of_a_submission_becomes_markup(page):
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find_all(["script", "svg", "iframe", "object", "link"]) == []
    assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert all(image["src"].startswith("data:image/") and image["alt"] for image in soup.find_all("img"))
    assert len(soup.find_all("img")) == 2
    assert EVIL in soup.get_text()


def test_the_page_says_what_the_student_needs(page):
    text = " ".join(BeautifulSoup(page, "html.parser").get_text().split())
    for words in (
        "Feedback for ada",
        "A small exercise",
        "6 of 9 points",
        "graded; locked cells were restored",
        "softmax: not right 0 of 2",
        "Your rows",
        "two rows: at [0]: 1 where 2 was expected",
        "large scores: holds (tried at grading only)",
        "100%",
        "to be graded by hand, 1 at most",
        "bubblewrap 0.8.0",
    ):
        assert words in text
    assert "10%" not in text.replace("100%", "")


def test_no_hidden_probe_and_no_key_is_on_the_page(page, bundle):
    hidden = [probe for task in bundle.tasks for probe in task.probes if probe.hidden]
    assert hidden
    for probe in hidden:
        assert probe.name not in page
        assert [line for line in probe.source.splitlines() if "yield" in line and line.strip() in page] == []


def test_scores_given_by_hand_count(bundle):
    entry = Entry("ada", result(bundle), {"why": 0.5})
    assert (entry.points, entry.max_points, entry.waiting) == (6.5, 9.0, False)
    assert "0.5 of 1" in " ".join(BeautifulSoup(report.feedback(entry, bundle), "html.parser").get_text().split())


def test_a_submission_that_could_not_be_read_has_a_page(bundle):
    entry = Entry("ada", result(bundle, notebook=None, state="unreadable", notes=("The file is empty.",)), {"why": 0.0})
    assert "The file is empty." in report.feedback(entry, bundle)


def test_what_is_right_stands_first_and_a_known_mistake_is_named(page):
    soup = BeautifulSoup(page, "html.parser")
    assert [heading.get_text() for heading in soup.find_all("h2")][:2] == ["Right", "To look at again"]
    assert "A known mistake: over the batch" in soup.get_text()


def test_an_answer_with_several_checks_stands_once_beside_the_one_that_failed(page):
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup.find_all(id="answer-softmax")) == 1
    assert soup.find(id="answer-softmax").find_parent("section")["aria-labelledby"] == "check-softmax"
    targets = [link["href"].lstrip("#") for link in soup.find_all("a") if link["href"].startswith("#")]
    assert all(soup.find(id=target) for target in targets)


def test_an_answer_in_words_keeps_its_paragraphs_and_lists(bundle):
    written = (Written("why", 1.0, "# Mine\n\nFirst *one*.\n\n- a\n- b\n\n```python\ndef f(): pass\n```\n"),)
    soup = BeautifulSoup(
        report.feedback(Entry("ada", result(bundle, written=written), {"why": None}), bundle), "html.parser"
    )
    words = soup.find(id="written-why").find_parent("section").find(class_="words")
    assert [tag.name for tag in words.find_all(["h1", "h2", "em", "li", "pre"])] == ["em", "li", "li", "pre"]
    assert words.find("pre").find(class_="k").get_text() == "def"


def test_lateness_is_told_with_the_points_before_and_after(bundle):
    entry = Entry("ada", result(bundle, state="graded"), {"why": 1.0}, late="2 days", share=0.2)
    text = " ".join(BeautifulSoup(report.feedback(entry, bundle), "html.parser").get_text().split())
    assert (entry.earned, entry.points, entry.state) == (7.0, 5.6, "late")
    assert "This came 2 days late. It earned 7 points, and 1.4 were taken off" in text
    assert "5.6 of 9 points" in text


def test_a_comment_given_by_hand_is_markdown_in_which_nothing_acts(bundle):
    hostile = (
        f"See *me*, `x < 1`.\nThen: {EVIL} [a](javascript:alert) ![b](https://example.org/b.png)\n\n# One\n\n- two"
    )
    entry = Entry("ada", result(bundle), {"why": 0.0}, {"why": hostile, "softmax": "Nearly."})
    soup = BeautifulSoup(report.feedback(entry, bundle), "html.parser")
    first, second = soup.select(".comment .words")
    assert first.get_text().strip() == "Nearly."
    assert [tag.name for tag in second.find_all(True)] == ["p", "em", "code", "a", "p", "ul", "li"]
    assert second.a["href"] == "https://example.org/b.png"
    assert EVIL in second.get_text()
    assert "See me, x < 1.\nThen:" in second.get_text()  # a new line stays one


def test_what_people_gave_in_place_of_the_grader_counts_and_is_said(bundle):
    entry = Entry("ada", result(bundle), {"why": 1.0}, again=("why",), overruled={"softmax": 1.5}, extra=0.5)
    text = " ".join(BeautifulSoup(report.feedback(entry, bundle), "html.parser").get_text().split())
    assert (entry.points, entry.waiting) == (9.0, True)
    assert "softmax: not right 1.5 of 2, given by hand" in text
    assert "0.5 of the points are extra credit" in text
    assert "why 1 of 1 This changed after points were given by hand" in text


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_words(bundle, state):
    page = report.feedback(Entry("ada", result(bundle, state=state), {"why": 0.0}), bundle)
    words, advice = report.STATES[state]
    text = " ".join(BeautifulSoup(page, "html.parser").get_text().split())
    assert f"State: {words}." in text
    assert advice in text
    assert bool(advice) == (state != "graded")


def test_one_page_leads_to_all_exercises_of_a_student(bundle):
    entries = [Entry("a&b", result(bundle, exercise=name), {"why": None}) for name in ("sample", "other")]
    soup = BeautifulSoup(report.contents("a&b", entries, {"sample": EVIL}), "html.parser")
    assert [link["href"] for link in soup.find_all("a")] == ["other.html", "sample.html"]
    assert "12 of 18 points" in " ".join(soup.get_text().split())
    assert not soup.find_all("script")


def test_an_entry_without_checks_is_worth_its_written_answers(bundle):
    entry = Entry("ada", replace(result(bundle), checks=()), {"why": None})
    assert (entry.points, entry.max_points) == (0.0, 1.0)
