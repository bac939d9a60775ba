"""Grades as files: what goes in comes out again, and nothing in them acts."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coursekit.grading import exports, prose
from coursekit.grading.exports import ExportRefused
from coursekit.grading.report import Entry
from coursekit.grading.unit import Result, Written
from dlarch.check import Verdict

TITLES = {"lenet": "LeNet: small maps (1998)", "linear": "Linear models, and a line"}
NASTY = ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "\nx", " =x", "＝x", "'=x", "''+x", "'t Hooft", "O'Neil, Ann", 'a"b']
NASTY += [
    "two\nlines",
    "שלום עולם",
    "\u202eabc",
    "👩‍🔬",
    "a\x00b",
    "\ud800",
    "\x1b[31m",
    "&<>]]>",
    "\ufffe",
    "Ünï",
    ";",
    "",
]
TEXT = st.one_of(st.sampled_from(NASTY), st.text(alphabet=st.characters(codec=None), max_size=12))


def entry(student, exercise="linear", *, points=2.0, message="This is right.", state="graded", by_hand=0.5, **rest):
    checks = (
        Verdict("softmax", points, 2.0, "right" if points == 2.0 else "wrong", message),
        Verdict("loss", 0.0, 1.0, "stopped", message),
    )
    result = Result(exercise, state, checks, (Written("why", 1.0, "x"),), (), "bubblewrap", 2.5, "k")
    return Entry(student, result, {"why": by_hand}, **rest)


def table(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


CLASS = [entry("ada"), entry("bob", points=0.0, by_hand=None), entry("ada", "lenet", late="1 day", share=0.1)]


@given(TEXT)
@example("'")
def test_a_cell_is_never_a_formula_and_its_text_can_be_had_back(text):
    cell = exports.plain_cell(text)
    assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell.lstrip(" "))
    assert (cell[1:] if exports.FORMULA.match(cell) else cell) == prose.legible(text)


@pytest.mark.parametrize(
    "name", ["'t Hooft", "O'Neil", "Jean-Luc", "a+b", "x@y", "Ünï", "שלום", "👩‍🔬", "Smith, Ann", "1-2"]
)
def test_an_ordinary_name_stays_as_it_is(name):
    assert exports.plain_cell(name) == name


@given(TEXT, TEXT)
def test_the_table_for_people_reads_back(student, state):
    rows = table(exports.as_csv([entry(student, state=state), entry("ada", "lenet")]))
    assert {len(row) for row in rows} == {14}
    assert rows[1][:5] == [exports.plain_cell(student), "linear", "2.5", "4", exports.plain_cell(state)]


def test_the_table_for_people_has_a_column_for_each_question_of_each_exercise():
    rows = table(exports.as_csv(CLASS))
    assert rows[0][5:] == [
        *("to grade by hand", "late by", "taken off"),
        *("lenet: softmax", "lenet: loss", "lenet: why", "linear: softmax", "linear: loss", "linear: why"),
    ]
    assert rows[2] == ["bob", "linear", "0", "4", "graded", "yes", "", "", "", "", "", "0", "0", ""]
    assert rows[3] == ["ada", "lenet", "2.25", "4", "late", "", "1 day", "0.25", "2", "0", "0.5", "", "", ""]


def test_canvas_gets_its_columns_and_the_points_possible():
    assert table(exports.as_canvas(CLASS, TITLES)) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "LeNet: small maps [1998]", TITLES["linear"]],
        ["Points Possible", "", "", "", "", "4", "4"],
        ["ada", "", "", "ada", "", "2.25", "2.5"],
        ["bob", "", "", "bob", "", "", "0"],
    ]


def test_canvas_gets_ids_and_assignment_numbers_from_the_roster():
    columns = (
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "Linear models, and a line (4711)",
        "lenet (12)",
    )
    roster = {
        "ada": dict(zip(columns, ["Lovelace, Ada", "7", "u7", "ada@uni", "A", "", ""], strict=True)),
        "bob": dict(zip(columns, ["=1+1", "8", "", "", "", "", ""], strict=True)),
    }
    rows = table(exports.as_canvas(CLASS, TITLES, roster))
    assert rows[0][5:] == ["lenet (12)", "Linear models, and a line (4711)"]
    assert rows[2][:5] == ["Lovelace, Ada", "7", "u7", "ada@uni", "A"]
    assert rows[3][:5] == ["'=1+1", "8", "", "", ""]


def test_moodle_gets_what_it_finds_students_by_and_hyphens_for_no_grade():
    heads = ["LeNet: small maps (1998)", TITLES["linear"]]
    assert table(exports.as_moodle(CLASS, TITLES)) == [
        ["Username", *heads],
        ["ada", "2.25", "2.5"],
        ["bob", "-", "0"],
    ]
    roster = {"ada": {"email": "a@x", "first_name": "Ada"}, "bob": {"ID number": "8", "first_name": "-Bob"}}
    rows = table(exports.as_moodle(CLASS, TITLES, roster))
    assert rows[0] == ["First name", "ID number", "Email address", *heads]
    assert rows[1:] == [["Ada", "", "a@x", "2.25", "2.5"], ["'-Bob", "8", "", "-", "0"]]


@pytest.mark.parametrize("export", [exports.as_canvas, exports.as_moodle])
def test_a_student_whom_the_gradebook_could_not_find_is_refused(export):
    with pytest.raises(ExportRefused, match="bob is not in the roster"):
        export(CLASS, TITLES, {"ada": {}})
    for bad in ("=cmd()", "a\x00b"):
        roster = {"ada": {"ID": bad, "ID number": bad}, "bob": {}}
        with pytest.raises(ExportRefused, match="mend it in the roster"):
            export(CLASS, TITLES, roster)


@given(
    TEXT,
    st.text(alphabet="abcé👩=-+ ,;\"'", min_size=1, max_size=8).filter(lambda text: not exports.FORMULA.match(text)),
)
def test_names_and_ids_reach_canvas_and_moodle_on_one_line(name, key):
    roster = {"ada": {"Student": name, "First name": name, "SIS Login ID": key, "Username": key}}
    for export, column in ((exports.as_canvas, "Student"), (exports.as_moodle, "First name")):
        text = export([entry("ada")], TITLES, roster)
        rows = table(text)
        assert text.count("\r\n") == len(rows) == (3 if column == "Student" else 2)
        assert {len(row) for row in rows} == {len(rows[0])}
        assert rows[-1][rows[0].index("SIS Login ID" if column == "Student" else "Username")] == key
        if column in rows[0] and name.split():
            assert rows[-1][rows[0].index(column)] == exports.plain_cell(" ".join(name.split()))


def test_two_exercises_of_one_title_are_told_apart():
    titles = {"linear": "Same", "lenet": "Same"}
    assert table(exports.as_canvas(CLASS, titles))[0][5:] == ["Same [lenet]", "Same [linear]"]


@given(TEXT, TEXT)
def test_json_holds_every_text_as_it_is_and_fits_its_schema(student, message):
    text = exports.as_json(
        [entry(student, message=message, comments={"why": message}), entry("bob", by_hand=None)], TITLES
    )
    data = json.loads(text)
    jsonschema.validate(data, exports.SCHEMA)
    (mine,) = (one for one in data["submissions"] if one["checks"][0]["message"] == message and one["comments"])
    assert (mine["student"], mine["comments"]) == (student, {"why": message})
    text.encode("ascii")


def test_json_of_a_class_fits_its_schema_and_a_changed_one_does_not():
    jsonschema.Draft202012Validator.check_schema(exports.SCHEMA)
    data = json.loads(exports.as_json(CLASS, TITLES))
    jsonschema.validate(data, exports.SCHEMA)
    assert data["exercises"] == {name: {"title": title} for name, title in TITLES.items()}
    assert data["submissions"][0]["late"] == {"by": "1 day", "share": 0.1}
    del data["submissions"][0]["points"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, exports.SCHEMA)


@given(TEXT, TEXT)
def test_junit_reads_back(student, message):
    root = ET.fromstring(exports.as_junit([entry(student, points=1.0, message=message)]).encode())
    (suite,) = root
    assert suite.get("name") == prose.legible(f"{student}.linear")
    assert suite.find("testcase/failure").get("message") == prose.legible(message)


def test_junit_has_a_suite_a_submission_and_counts_what_came():
    root = ET.fromstring(exports.as_junit(CLASS))
    assert [suite.get("name") for suite in root] == ["ada.lenet", "ada.linear", "bob.linear"]
    assert root.attrib == {"name": "grades", "tests": "9", "failures": "3", "errors": "3", "skipped": "1"}
    outcomes = {case.get("name"): [child.tag for child in case] for case in root[2].findall("testcase")}
    assert outcomes == {"softmax": ["failure"], "loss": ["error"], "why": ["skipped"]}
    assert root[0].find("properties/property[@name='late']").get("value") == "1 day"


def test_the_order_of_entries_makes_no_difference():
    for export in (exports.as_canvas, exports.as_moodle, exports.as_json):
        assert export(CLASS, TITLES) == export(CLASS[::-1], TITLES)
    assert exports.as_junit(CLASS) == exports.as_junit(CLASS[::-1])
