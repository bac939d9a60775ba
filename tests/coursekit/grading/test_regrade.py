"""A class graded again and again: what would change is said before it is written, and nothing is lost.

The grading of each submission is a stand-in that reads its points from the written answer.
"""

import itertools
import json
import os
import re
import time
from dataclasses import replace

import pytest

from coursekit import release
from coursekit.grading import batch, unit
from coursekit.grading.changes import Change, agree
from coursekit.grading.pool import Threads
from coursekit.grading.record import Records
from coursekit.grading.rules import DAY, Rules
from coursekit.grading.sandbox import Sandbox
from dlarch.check import Verdict

NOW = time.time()


@pytest.fixture
def submit(tmp_path, maker, source):
    """Hand in a notebook whose checks are worth a share of their points, some days ago and after the one before."""
    seconds = itertools.count()

    def put(student, share, *, ago=0.0, words="Because."):
        path = tmp_path / "submitted" / student / "sample" / "sample.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(maker.notebook({**source.answers, "why": f"{words} share={share}"})))
        os.utime(path, (NOW - ago * DAY + next(seconds),) * 2)

    return put


@pytest.fixture
def grade(tmp_path, course, gradebook, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gradebook.db").write_bytes(gradebook)

    def grade_one(data, bundle, *, sandbox, limits):
        share, words = (
            re.search(rf"{pattern}", data.decode())[1] for pattern in (r"share=([\d.]+)", r"(\w+\. share=)")
        )
        checks = tuple(Verdict(t.name, float(share) * t.points, t.points, "right", "m") for t in bundle.tasks)
        key = unit.key_of(data, bundle, sandbox.name, limits)
        written = (unit.Written("why", 1.0, words),)
        return unit.Result("sample", "graded", checks, written, (), sandbox.name, 0.0, key, dict(bundle.notebook))

    monkeypatch.setattr(unit, "grade_one", grade_one)

    def run(**options):
        trusting = Threads(Sandbox.find(trust=True))
        return batch.grade(tmp_path / "submitted", root=course, into=tmp_path / "out", pool=trusting, **options)

    run.records = lambda: Records(tmp_path / "out")
    return run


def totals(graded):
    """Points of each student, as the table of grades has them."""
    rows = [line.split(",") for line in graded.grades.read_text(encoding="utf-8").splitlines()]
    return {row[0]: float(row[rows[0].index("total")]) for row in rows[1:]}


def test_lower_points_are_written_only_if_agreed_to_and_stay_in_the_history(grade, submit):
    submit("ada", 1.0)
    submit("bob", 0.5)
    seen = []
    grade(agree=lambda changes: seen.append(changes))
    assert seen == []  # what is new changes nothing
    submit("ada", 0.5)
    submit("bob", 1.0)
    held = grade(agree=lambda changes: [change for change in changes if not change.lowered])
    assert totals(held) == {"ada": 8.0, "bob": 8.0}
    assert [str(change) for change in held.held] == [
        "ada, sample: 8 → 4 (softmax 2 → 1, affine 3 → 1.5, count 1 → 0.5, initialise 1 → 0.5, threshold 1 → 0.5). "
        "Why: another submission."
    ]
    agreed = grade()
    assert (totals(agreed), agreed.held) == ({"ada": 4.0, "bob": 8.0}, [])
    with grade.records() as records:
        assert [sum(check["points"] for check in line["checks"]) for line in records.history("ada", "sample")] == [8.0]
        assert records.find("ada", "sample").result.notebook is not None


def test_without_a_terminal_points_are_raised_and_not_lowered_unless_told_to():
    up, down = (Change("ada", "sample", (), 4.0, after, "why") for after in (5.0, 3.0))
    said = []
    assert agree([up, down], yes=False, ask=None, say=said.append) == [up]
    assert said == ["ada, sample: 4 → 5. Why: why.", "ada, sample: 4 → 3. Why: why."]
    assert agree([up, down], yes=True, ask=None, say=said.append) == [up, down]
    for answer, written in ((True, [up, down]), (False, [])):
        assert (
            agree([up, down], yes=False, ask=lambda question, a=answer: said.append(question) or a, say=said.append)
            == written
        )
    assert said[-1] == "Write these 2 changes (1 of them lower)?"


def test_an_older_version_in_the_folder_does_not_count_and_is_named(grade, submit):
    submit("ada", 1.0)
    grade()
    submit("ada", 0.5, ago=1)
    older = grade()
    assert (older.older, totals(older)) == ([("ada", "sample")], {"ada": 8.0})
    assert older.notices() == [
        "The version in the folder is older than one that was there before, which counts: ada, sample."
    ]


def test_a_changed_exercise_and_a_changed_grader_are_named_as_the_reason(grade, submit, bundle, monkeypatch):
    submit("ada", 1.0)
    grade()
    tasks = tuple(replace(task, points=0.0) if task.name == "count" else task for task in bundle.tasks)
    monkeypatch.setattr(release, "load_bundle", lambda name, root: replace(bundle, tasks=tasks, hash="mended"))
    reasons = []

    def agree(changes):
        reasons.extend(str(change) for change in changes)
        return changes

    refused = grade(agree=lambda changes: [])
    with grade.records() as records:
        assert totals(refused) == {"ada": 8.0}
        assert records.gradebook.find_submission("sample", "ada").score == 8.0
    assert totals(grade(agree=agree)) == {"ada": 7.0}
    monkeypatch.setattr(release, "load_bundle", lambda name, root: replace(bundle, hash="mended"))
    monkeypatch.setattr(unit, "grader_version", lambda: "other")
    grade(agree=agree)
    assert reasons == [
        "ada, sample: 8 → 7 (count 1 → 0). Why: the exercise changed.",
        "ada, sample: 7 → 8 (count 0 → 1). Why: the grader changed.",
    ]


def test_a_grade_by_hand_survives_grading_again_afresh_and_a_changed_answer(grade, submit, tmp_path):
    submit("ada", 1.0)
    grade()
    with grade.records() as records:
        row = records.gradebook.find_grade("written-why", "sample", "sample", "ada")
        row.manual_score, row.needs_manual_grade = 0.5, False
        notebook = records.gradebook.find_submission_notebook("sample", "sample", "ada")
        next(c for c in notebook.comments if c.name == "written-why").manual_comment = "And the *ratio*?"
        records.gradebook.db.commit()
    for options in ({}, {"fresh": True}):
        assert totals(grade(**options)) == {"ada": 8.5}
    submit("ada", 1.0, words="Other.")
    again = grade()
    assert totals(again) == {"ada": 8.5}
    assert "8.5,9,graded,yes," in again.grades.read_text(encoding="utf-8")
    page = (tmp_path / "out" / "feedback" / "ada" / "sample.html").read_text(encoding="utf-8")
    assert "And the <em>ratio</em>?" in page


def test_lateness_takes_its_share_of_all_points_and_an_extension_gives_it_back(grade, submit):
    rules = Rules(due={"sample": NOW - 1.5 * DAY}, percent_per_day=10)
    submit("ada", 1.0)
    submit("bob", 1.0, ago=2)
    late = grade(rules=rules)
    assert totals(late) == {"ada": pytest.approx(6.4), "bob": 8.0}
    with grade.records() as records:
        assert records.gradebook.find_submission("sample", "ada").late_submission_penalty == pytest.approx(1.6)
    extended = replace(rules, extensions={"ada": {"sample": NOW + DAY}})
    reasons = []
    grade(rules=extended, agree=lambda changes: reasons.extend(map(str, changes)) or changes)
    assert reasons == ["ada, sample: 6.4 → 8. Why: the rules on lateness changed."]
    assert totals(grade(rules=extended)) == {"ada": 8.0, "bob": 8.0}


def test_the_best_version_counts_where_the_class_agreed_on_it(grade, submit):
    rules = Rules("best", {"sample": NOW - 1.5 * DAY}, percent_per_day=30)
    submit("ada", 0.75, ago=3)
    assert totals(grade(rules=rules)) == {"ada": 6.0}
    submit("ada", 1.0)  # two days begun: 40 percent of 8 are left
    assert totals(grade(rules=rules)) == {"ada": 6.0}
    assert totals(grade(rules=replace(rules, policy="latest"))) == {"ada": pytest.approx(3.2)}
    assert totals(grade(rules=replace(rules, policy="before-due"))) == {"ada": 6.0}


def test_who_is_on_the_roster_and_handed_in_nothing_is_missing_and_strangers_are_named(grade, submit, tmp_path):
    submit("ada", 1.0)
    submit("eve", 1.0)
    (tmp_path / "submitted" / "no id").mkdir()
    (tmp_path / "submitted" / "ada" / "Sample").mkdir()
    roster = {"ada": {"last_name": "A"}, "bob": {}, "cy": {}}
    rules = Rules(due={"sample": NOW - DAY}, extensions={"cy": {"sample": NOW + DAY}})
    graded = grade(roster=roster, rules=rules)
    assert graded.strangers == ["eve", "no id"]
    notices = "\n".join(graded.notices())
    assert "nobody on the roster and were passed over: eve." in notices
    assert "only letters, digits and _.@+-: no id." in notices
    assert "of no exercise and were passed over: ada/Sample." in notices
    assert graded.missing == [("bob", "sample")]
    assert totals(graded) == {"ada": 8.0, "bob": 0.0}
    submit("bob", 0.5)
    assert totals(grade(roster=roster)) == {"ada": 8.0, "bob": 4.0, "cy": 0.0}
    assert totals(grade(roster=roster, rules=rules)) == {"ada": 8.0, "bob": 4.0}
