"""Which of several versions counts; laws over any order in which they come."""

import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.grading.attempts import Attempts
from coursekit.grading.intake import Found
from coursekit.grading.rules import DAY, POLICIES, Rules
from coursekit.grading.unit import Result
from dlarch.check import Verdict

DUE = 10.0 * DAY
RULES = {policy: Rules(policy, {"sample": DUE}, percent_per_day=20) for policy in POLICIES}


def handed_in(folder, text, when):
    """A student's notebook as it lies in the folder of submissions."""
    path = folder / "ada" / "sample" / "sample.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when, when))
    return Found("ada", "sample", path)


def graded(points):
    """A result whose checks give these points."""
    return Result("sample", "graded", (Verdict("t", points, 10.0, "right", "m"),), (), (), "s", 0.0, "k")


def outcome(versions, policy, folder):
    """What counts when versions (points as text, time) come one after the other, a grading run after each."""
    for text, when in versions:
        attempts = Attempts(folder / "attempts", RULES[policy])
        last = None
        for attempt in attempts.to_grade([handed_in(folder, text, when)]):
            points = float(attempt.path.read_text(encoding="utf-8"))
            last = attempts.counts(attempt, graded(points), False) or last
    attempt, result, _ = last
    return attempt.handed_in, result.points, attempt.points(result)


versions = st.lists(
    st.tuples(st.sampled_from(["0", "4", "7", "10"]), st.integers(1, 20).map(lambda day: day * DAY)),
    min_size=1,
    max_size=4,
    unique_by=lambda version: version[1],
)


@settings(max_examples=25)
@given(versions=versions, order=st.randoms(use_true_random=False), policy=st.sampled_from(POLICIES))
def test_the_order_in_which_versions_are_seen_never_matters(versions, order, policy):
    shuffled = list(versions)
    order.shuffle(shuffled)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        assert outcome(versions, policy, Path(one)) == outcome(shuffled, policy, Path(other))


@settings(max_examples=25)
@given(versions=versions)
def test_the_best_version_is_worth_at_least_the_latest_and_the_last_before_the_due_time(versions):
    worth = {}
    for policy in POLICIES:
        with TemporaryDirectory() as folder:
            worth[policy] = outcome(sorted(versions, key=lambda version: version[1]), policy, Path(folder))[2]
    assert worth["best"] >= max(worth["latest"], worth["before-due"])


@settings(max_examples=25)
@given(versions=versions, policy=st.sampled_from(POLICIES))
def test_grading_the_same_files_twice_is_grading_them_once(versions, policy):
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        twice = [version for version in versions for _ in range(2)]
        assert outcome(versions, policy, Path(one)) == outcome(twice, policy, Path(other))
        assert sorted(path.name for path in Path(one).rglob("*-*")) == sorted(p.name for p in Path(other).rglob("*-*"))


def test_each_policy_takes_its_version(tmp_path):
    days = [("4", 8), ("7", 9), ("4", 11), ("10", 12)]
    found = {
        policy: outcome([(text, day * DAY) for text, day in days], policy, tmp_path / policy) for policy in POLICIES
    }
    assert {policy: (when / DAY, points) for policy, (when, points, _) in found.items()} == {
        "latest": (12.0, 10.0),
        "best": (9.0, 7.0),  # the last one is worth 6 after two days at 20 percent
        "before-due": (9.0, 7.0),
    }
    assert found["latest"][2] == pytest.approx(6.0)


def test_a_copy_of_the_last_version_is_not_late(tmp_path):
    when, _, _ = outcome([("7", 9 * DAY), ("7", 15 * DAY)], "latest", tmp_path)
    assert when == 9 * DAY
    when, _, _ = outcome([("7", 9 * DAY), ("4", 10 * DAY), ("7", 15 * DAY)], "latest", tmp_path / "again")
    assert when == 15 * DAY


def test_of_two_versions_of_one_time_the_one_in_the_folder_counts(tmp_path):
    for texts in (("4", "7"), ("7", "4")):
        _, points, _ = outcome([(text, 9 * DAY) for text in texts], "latest", tmp_path / texts[0])
        assert points == float(texts[1])


def test_a_file_that_cannot_be_read_counts_only_where_the_latest_does(tmp_path):
    for policy, digest in (("latest", ""), ("best", "kept"), ("before-due", "kept")):
        folder = tmp_path / policy
        outcome([("7", 9 * DAY)], policy, folder)
        (folder / "ada" / "sample" / "sample.ipynb").unlink()
        (folder / "ada" / "sample" / "sample.ipynb").symlink_to("/dev/zero")
        attempts = Attempts(folder / "attempts", RULES[policy])
        [attempt] = attempts.to_grade([Found("ada", "sample", folder / "ada" / "sample" / "sample.ipynb")])
        assert bool(attempt.digest) == bool(digest)


def test_the_time_stands_in_timestamp_txt_only_where_the_rules_say_so(tmp_path):
    item = handed_in(tmp_path, "7", 15 * DAY)
    item.path.with_name("timestamp.txt").write_text("1970-01-10 00:00:00.500000 UTC\n", encoding="utf-8")
    for timestamps, when in ((False, 15.0 * DAY), (True, datetime(1970, 1, 10, 0, 0, 0, 500_000, UTC).timestamp())):
        attempts = Attempts(tmp_path / f"attempts-{timestamps}", Rules(due={"sample": DUE}, timestamps=timestamps))
        [attempt] = attempts.to_grade([item])
        assert (attempt.handed_in, attempt.late is None) == (when, timestamps)
    item.path.with_name("timestamp.txt").write_text("some day", encoding="utf-8")
    [attempt] = Attempts(tmp_path / "other", Rules(timestamps=True)).to_grade([item])
    assert attempt.handed_in == 15 * DAY


def test_nothing_is_decided_while_one_version_has_no_result(tmp_path):
    attempts = Attempts(tmp_path / "attempts", RULES["best"])
    list(attempts.to_grade([handed_in(tmp_path, "4", DAY)]))
    first, second = attempts.to_grade([handed_in(tmp_path, "7", 2 * DAY)])
    attempts.drop(first)
    assert attempts.counts(second, graded(7.0), False) is None
