"""Pages and tables made from results; no kernel is needed for them."""

import csv
import io
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from coursekit.grading import report
from coursekit.grading.report import Entry
from coursekit.grading.unit import Result, Written
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


def test_no_cell_of_the_table_is_a_formula(bundle):
    entries = [Entry(name, result(bundle), {"why": None}) for name in ("=1+1", "+x", "-x", "@x", "\tx", "ada")]
    rows = list(csv.reader(io.StringIO(report.grades_csv(entries))))
    assert rows[0][:6] == ["student", "exercise", "total", "max", "state", "to grade by hand"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+x", "'-x", "'@x", "'\tx", "ada"]
    assert rows[-1][1:] == ["sample", "6", "9", "tampered", "yes", "0", "3", "1", "1", "1", ""]


def test_the_class_page_links_every_page_and_counts_misconceptions(bundle):
    entries = [Entry(name, result(bundle), {"why": None}) for name in ("ada", "b&b")]
    entries.append(Entry("ada", result(bundle, exercise="other", checks=()), {"why": 1.0}))
    soup = BeautifulSoup(report.overview(entries, {"sample": EVIL}, about="Made by code."), "html.parser")
    links = [link["href"] for link in soup.find_all("a")]
    assert links == ["../grades.csv", "ada/other.html", "ada/sample.html", "b%26b/sample.html"]
    text = " ".join(soup.get_text().split())
    assert "Made by code." in text
    assert "2 × Your rows" in text
    assert not soup.find_all("script")


def test_text_is_shown_as_a_terminal_leaves_it():
    assert report.printable("a\rb\n\x1b[1mc\x1b[0m\x07\ud800") == "b\nc"
    assert report.printable("kept\r\n") == "kept\n"
    assert len(report.printable("x" * 2_000_000)) == 2_000_000


def test_an_entry_without_checks_is_worth_its_written_answers(bundle):
    entry = Entry("ada", replace(result(bundle), checks=()), {"why": None})
    assert (entry.points, entry.max_points) == (0.0, 1.0)
