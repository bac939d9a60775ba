"""The class file and the roster: what is read, what lateness costs, and what is refused with which words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.grading.rules import DAY, Rules, RulesError, read_roster, read_rules

EXERCISES = ("linear", "lenet")
DUE = 1_000_000.0


def at(*when):
    return datetime(*when, tzinfo=UTC).timestamp()


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "class.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_every_entry_of_a_class_file_is_read(file):
    rules = read_rules(
        file(
            "policy: best\n"
            "timezone: Europe/Berlin\n"
            "timestamps: true\n"
            "due:\n  linear: 2026-12-04 23:59\n  lenet: 2026-12-11\n"
            "extensions:\n  ada:\n    linear: 2026-12-06T12:00+00:00\n"
            "late:\n  percent_per_day: 10\n  grace_minutes: 15\n  at_most_percent: 50\n"
        ),
        EXERCISES,
    )
    assert (rules.policy, rules.timestamps) == ("best", True)
    assert rules.due == {"linear": at(2026, 12, 4, 22, 59), "lenet": at(2026, 12, 11, 22, 59, 59)}
    assert rules.due_for("ada", "linear") == at(2026, 12, 6, 12)
    assert rules.due_for("bob", "linear") == rules.due["linear"]
    assert (rules.percent_per_day, rules.grace_minutes, rules.at_most_percent) == (10.0, 15.0, 50.0)


@pytest.mark.parametrize("text", ["", "due:\n", "policy: latest\n"])
def test_what_is_left_out_costs_nobody_anything(file, text):
    assert read_rules(file(text), EXERCISES) == Rules()
    assert Rules().late("ada", "linear", 1e12) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("policy: newest", r"policy is 'newest'; write one of latest, best, before-due\."),
        ("polcy: best", r"has an entry 'polcy', which does not exist; did you mean 'policy'\?"),
        ("due:\n  lnear: 2026-12-04", r"due has an entry 'lnear'.*did you mean 'linear'\?"),
        ("due:\n  rnn: 2026-12-04", r"'rnn', which does not exist; there are: lenet, linear\."),
        ("due:\n  linear: tomorrow", r"due: linear is 'tomorrow', which is no time; write it as 2026-12-04 23:59\."),
        ("due:\n  linear: [1]", r"due: linear is \['1'\], which is no time"),
        ("due: 2026-12-04", r"due holds no entries; write one a line"),
        ("extensions:\n  ada: 2026-12-04", r"extensions: ada holds no entries"),
        ("late:\n  percent_per_day: much", r"percent_per_day is 'much'; write a number from 0 to 100\."),
        ("late:\n  percent_per_day: -1", r"from 0 to 100"),
        ("late:\n  grace_minutes: nan", r"at least 0"),
        ("late:\n  percent: 1", r"late has an entry 'percent'.*did you mean"),
        ("timestamps: maybe", r"timestamps is 'maybe'; write true or false"),
        ("timezone: Berlin", r"timezone is 'Berlin'; write one such as Europe/Berlin"),
        ("timezone: ../../etc/passwd", r"timezone is"),
        ("policy: best\npolicy: latest", r"line 2 is no YAML \('policy' stands twice\)"),
        ("due: [", r"is no YAML"),
        ("just words", r"the file holds no entries"),
    ],
)
def test_a_class_file_that_does_not_hold_together_is_refused_in_words(file, text, words):
    with pytest.raises(RulesError, match=words):
        read_rules(file(text), EXERCISES)


def test_an_extension_for_nobody_on_the_roster_is_named(file):
    path = file("extensions:\n  adda:\n    linear: 2026-12-04")
    assert read_rules(path, EXERCISES).due_for("adda", "linear")
    with pytest.raises(RulesError, match=r"extensions has an entry 'adda'.*did you mean 'ada'"):
        read_rules(path, EXERCISES, ["ada", "bob"])


def test_a_class_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RulesError, match="can't be read"):
        read_rules(tmp_path / "class.yml", EXERCISES)


@pytest.mark.parametrize(
    ("seconds", "percent", "words"),
    [
        (15 * 60 + 1, 10, "15 minutes"),
        (DAY, 10, "1 day"),
        (DAY + 1, 20, "1 day"),
        (2.5 * DAY, 30, "2 days 12 hours"),
        (2 * DAY + 61, 30, "2 days 1 minute"),
        (100 * DAY, 50, "100 days"),
    ],
)
def test_each_day_begun_costs_its_percent_up_to_the_cap(seconds, percent, words):
    rules = Rules(due={"linear": DUE}, percent_per_day=10, grace_minutes=15, at_most_percent=50)
    late = rules.late("ada", "linear", DUE + seconds)
    assert (late.share, late.words) == (pytest.approx(percent / 100), words)
    assert rules.late("ada", "linear", DUE + 15 * 60) is None
    assert rules.late("ada", "lenet", DUE + seconds) is None


@given(
    per_day=st.floats(0, 100),
    most=st.floats(0, 100),
    grace=st.floats(0, 10_000),
    earlier=st.floats(-1e7, 1e7),
    more=st.floats(0, 1e7),
)
def test_a_later_submission_never_costs_less_and_never_more_than_all(per_day, most, grace, earlier, more):
    rules = Rules(due={"linear": DUE}, percent_per_day=per_day, grace_minutes=grace, at_most_percent=most)
    shares = [
        late.share if late else 0.0 for late in (rules.late("a", "linear", DUE + t) for t in (earlier, earlier + more))
    ]
    assert 0.0 <= shares[0] <= shares[1] <= most / 100


def test_a_roster_gives_ids_in_order_with_what_else_is_known(tmp_path):
    path = tmp_path / "roster.csv"
    for text in (
        'student,last_name,email\nbob,B,b@x\nada,"A, the first",\n',
        "\ufeffstudent;last_name;email\r\nbob;B;b@x\r\nada;A, the first;\r\n",
    ):
        path.write_text(text, encoding="utf-8")
        roster = read_roster(path)
        assert list(roster) == ["bob", "ada"]
        assert roster["ada"] == {"last_name": "A, the first", "email": ""}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_field_in_quotation_marks_may_have_several_lines(tmp_path, end):
    text = 'student,"where\nto write",note\nada,"1 Road\n\nTown","a \u2028 ""b"""\nbob,,\nada,,\n'
    (tmp_path / "roster.csv").write_text(text.replace("\nada,,", ""), encoding="utf-8", newline=end)
    assert read_roster(tmp_path / "roster.csv") == {
        "ada": {"where\nto write": "1 Road\n\nTown", "note": 'a \u2028 "b"'},
        "bob": {"where\nto write": "", "note": ""},
    }
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8", newline=end)
    with pytest.raises(RulesError, match="line 7: the student 'ada' is listed twice"):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name\nada\n", "no column 'student'"),
        (b"", "no column 'student'"),
        (b"student\nada\nada\n", "line 3: the student 'ada' is listed twice"),
        (b"student,x\n,1\n", "line 2: '' can't be the name"),
        (b"student\n../ada\n", r"line 2: '\.\./ada' can't be the name"),
        (b"student\n\xff\n", "not in UTF-8"),
        (b'student,x\nada,"1\nbob,2\n', "line 2: a quotation mark is not closed"),
        (b'"stud', "line 1: a quotation mark is not closed"),
    ],
)
def test_a_roster_that_does_not_hold_together_is_refused_in_words(tmp_path, text, words):
    (tmp_path / "roster.csv").write_bytes(text)
    with pytest.raises(RulesError, match=words):
        read_roster(tmp_path / "roster.csv")
