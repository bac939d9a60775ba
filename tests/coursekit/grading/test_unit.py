"""One submission from bytes to result."""

import json
from dataclasses import replace

import nbformat
import pytest

from coursekit.grading import unit
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.unit import Result


@pytest.fixture(scope="module")
def graded(maker, source, bundle, sandbox):
    wrong = source.misconceptions[0]
    texts = {**source.answers, wrong.answer: wrong.source, "affine": "x = 1 +", "why": "Because."}
    notebook = maker.added(maker.notebook(texts), "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn')")
    return unit.grade_one(maker.sample("x", notebook).data, bundle, sandbox=sandbox)


def test_every_check_has_an_explicit_verdict(graded, bundle, source):
    verdicts = {verdict.task: verdict for verdict in graded.checks}
    assert list(verdicts) == [task.name for task in bundle.tasks]
    assert verdicts["softmax"].misconception == source.misconceptions[0].slug
    assert verdicts["softmax"].message == source.misconceptions[0].says
    assert verdicts["affine"].message.startswith(
        "The cell of your answer ended in an error, so nothing could be tried. Syn"
    )
    assert verdicts["threshold"].state == "right"
    assert (graded.state, graded.points, graded.max_points) == ("graded", 2.0, 8.0)
    assert [(written.name, written.text, written.max_points) for written in graded.written] == [
        ("why", "Because.", 1.0)
    ]
    assert graded.sandbox.startswith("bubblewrap")


def test_a_result_survives_json(graded):
    assert Result.from_json(json.loads(json.dumps(graded.to_json()))) == graded


def test_the_executed_notebook_is_valid_and_holds_no_hidden_probe(graded, bundle):
    nbformat.validate(nbformat.from_dict(graded.notebook))
    text = json.dumps(graded.notebook)
    assert "drawn" in text
    assert "image/png" in text
    for task in bundle.tasks:
        for probe in task.probes:
            assert not probe.hidden or probe.source not in text
    assert "collect" not in text


def test_the_key_changes_with_everything_that_counts(bundle, sandbox):
    keys = {
        unit.key_of(b"a", bundle, sandbox.name, Limits()),
        unit.key_of(b"b", bundle, sandbox.name, Limits()),
        unit.key_of(b"a", replace(bundle, hash="other"), sandbox.name, Limits()),
        unit.key_of(b"a", bundle, Sandbox.find(trust=True).name, Limits()),
        unit.key_of(b"a", bundle, sandbox.name, Limits(cell=1.0)),
    }
    assert len(keys) == 5
    assert unit.key_of(b"a", bundle, sandbox.name, Limits()) in keys


def test_what_cannot_be_read_has_a_result_too(bundle, sandbox):
    result = unit.grade_one(b"no notebook", bundle, sandbox=sandbox)
    assert (result.state, result.points, result.notebook) == ("unreadable", 0.0, None)
    assert {verdict.message for verdict in result.checks} == {result.notes[0]}
    assert Result.from_json(result.to_json()) == result
