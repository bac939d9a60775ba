"""Verdicts from evidence, and which of the student's own cells an answer depends on."""

import pytest

from coursekit.grading.intake import Cell
from coursekit.grading.judge import reached, verdicts
from coursekit.grading.rebuild import rebuild
from dlarch.check import Evidence, collect


def handed_in(source, *own):
    answers = [Cell("code", text, f"answer-{name}") for name, text in source.answers.items()]
    return [*(Cell("code", text) for text in own), *answers]


def evidence_of(bundle, source, tmp_path, **texts):
    """Evidence as a kernel would leave it, by task."""
    import math

    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn

    found = {}
    for task in bundle.tasks:
        space = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math}
        exec(texts.get(task.answer, source.answers[task.answer]), space)
        collect(task.blind().probes, space).save(tmp_path / "x.npz")
        found[task.name] = (tmp_path / "x.npz").read_bytes()
    return found


def judged(bundle, source, tmp_path, evidence, *own, missing=None):
    rebuilt = rebuild(handed_in(source, *own), bundle)
    return {verdict.task: verdict for verdict in verdicts(bundle, rebuilt, evidence, missing or {}, tmp_path)}


def test_right_evidence_earns_all_points(bundle, source, tmp_path):
    found = judged(bundle, source, tmp_path, evidence_of(bundle, source, tmp_path))
    assert {name: verdict.points for name, verdict in found.items()} == {
        task.name: task.points for task in bundle.tasks
    }


def test_what_is_missing_or_damaged_earns_nothing_and_says_why(bundle, source, tmp_path):
    evidence = evidence_of(bundle, source, tmp_path)
    del evidence["softmax"], evidence["count"]
    evidence["affine"] = b"PK\x03\x04 no archive"
    found = judged(bundle, source, tmp_path, evidence, missing={"softmax": "It was stopped."})
    assert [found[name].points for name in ("softmax", "count", "affine")] == [0.0, 0.0, 0.0]
    assert {found[name].state for name in ("softmax", "count", "affine")} == {"stopped"}
    assert found["softmax"].message == "It was stopped."
    assert "No result" in found["count"].message
    assert "could not be read" in found["affine"].message
    assert found["threshold"].points > 0


def test_evidence_of_another_task_earns_nothing(bundle, source, tmp_path):
    evidence = evidence_of(bundle, source, tmp_path)
    evidence["softmax"] = evidence["affine"]
    assert judged(bundle, source, tmp_path, evidence)["softmax"].points == 0.0


def test_a_refused_name_counts_in_a_helper_that_the_answer_reaches(bundle, source, tmp_path):
    evidence = evidence_of(bundle, source, tmp_path)
    helper = "def softmax(logits):\n    return torch.softmax(logits, 1)"
    verdict = judged(bundle, source, tmp_path, evidence, helper)["softmax"]
    assert (verdict.state, verdict.points) == ("refused", 0.0)
    assert verdict.message.startswith("In a cell that you added: ")
    comparison = "mine = softmax(x)\ntheirs = torch.softmax(x, 1)\nprint((mine - theirs).abs().max())"
    assert judged(bundle, source, tmp_path, evidence, comparison)["softmax"].points == 2.0


@pytest.mark.parametrize(
    ("answer", "own", "expected"),
    [
        ("def f(x): return g(x)", "def g(x): return h(x)\ndef h(x): return 1\ndef k(x): return 2", "g h"),
        ("def f(x): return g(x)", "from torch import softmax as g", "softmax"),
        ("def f(x): return torch.mine(x)", "torch.mine = torch.softmax", "softmax"),
        ("def f(x): return 1", "f = torch.softmax", "softmax"),
        ("def f(x):\n    y = x\n    return y", "x = torch.softmax\ny = torch.softmax", ""),
        ("def f(x): return x", "def other():\n    f = torch.softmax", ""),
        ("def f(x): return x", "print(torch.softmax)", ""),
        ("def f(x): return g(x)", "@torch.softmax\ndef g(x): return x", "softmax"),
        ("def f(x): return g(x)", "%time 1\n!ls\ng = torch.softmax", "softmax"),
        ("def f(x): return g(x)", "if True:\n    g = torch.softmax", "softmax"),
        ("def f(x): return g(x)", "for g in [torch.softmax]: pass", "softmax"),
        ("def f(x): return (", "def f(x): return torch.softmax(x)", "softmax"),
        ("def f(x): return g(x)", "g = (", ""),
        ("x = 1\0", "f = torch.softmax", "softmax"),
    ],
)
def test_only_what_the_answer_depends_on_is_reached(answer, own, expected):
    found = reached(answer, ("f",), [own])
    assert all(word in found for word in expected.split())
    assert bool(found) == bool(expected)


def test_hostile_sources_are_walked_without_harm():
    deep = "f = " + "-" * 50_000 + "1"
    long = "f = " + "+".join(["g"] * 20_000)
    for text in (deep, long, "(" * 5_000, "\0", "f = '\ud800'"):
        reached(text, ("f",), [text, "g = 1"])


def test_forged_evidence_must_match_the_probes(bundle, source, tmp_path):
    import numpy as np

    task = next(task for task in bundle.tasks if task.name == "softmax")
    visible = {probe.name: probe.key for probe in task.probes if not probe.hidden}
    forged = Evidence({**visible, "hidden_more": {"probabilities": np.ones((2, 3))}})
    forged.save(tmp_path / "x.npz")
    verdict = judged(bundle, source, tmp_path, {"softmax": (tmp_path / "x.npz").read_bytes()})["softmax"]
    assert verdict.points == 0.0


@pytest.mark.parametrize(
    "weight", ["torch.full((o, i), math.nan)", "torch.full((o, i), math.inf)", "torch.zeros(0, i)", "torch.zeros(o, 0)"]
)
def test_a_verdict_is_not_won_by_what_is_no_number(bundle, source, tmp_path, weight):
    evidence = evidence_of(bundle, source, tmp_path, initialise=f"def initialise(o, i):\n    return {weight}")
    assert judged(bundle, source, tmp_path, evidence)["initialise"].points == 0.0
