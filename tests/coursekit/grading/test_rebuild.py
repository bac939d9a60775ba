"""The instructor's notebook with the student's answers in it, whatever was handed in."""

import json
from dataclasses import replace

import pytest

from coursekit import ROOT
from coursekit.grading import intake
from coursekit.grading.rebuild import NOT_HANDED_IN, collecting_code, rebuild

ALTERED = "Locked cells altered: {}. The originals were used; what stood there did not run."


def cells(notebook):
    return intake.read(json.dumps(notebook).encode())


def kinds(rebuilt):
    return [(part.role, part.name) for part in rebuilt.parts if part.role != "text"]


def find(notebook, grade_id):
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def own(source, kind="code"):
    return {"cell_type": kind, "metadata": {}, "source": source}


def test_an_honest_notebook_comes_back_as_it_is(maker, bundle, source):
    rebuilt = rebuild(cells(maker.notebook(source.answers)), bundle)
    assert [part.cell["id"] for part in rebuilt.parts] == [cell["id"] for cell in bundle.notebook["cells"]]
    assert all(rebuilt.source("answer", name) == text for name, text in source.answers.items())
    assert not rebuilt.tampered
    assert rebuilt.notes == []


def test_the_bundle_is_never_changed(maker, bundle, source):
    before = json.dumps(bundle.notebook)
    rebuild(cells(maker.notebook(source.answers)), bundle)
    assert json.dumps(bundle.notebook) == before


def test_locked_cells_come_from_the_bundle(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    find(notebook, "check-softmax")["source"] = "1.0"
    find(notebook, "given-setup")["source"] = ""
    notebook["cells"].remove(find(notebook, "check-affine"))
    notebook["cells"].append(dict(find(notebook, "check-count"), source="print('more')"))
    rebuilt = rebuild(cells(notebook), bundle)
    assert rebuilt.source("check", "softmax") == 'check("softmax")'
    assert "import torch" in rebuilt.source("given", "setup")
    assert rebuilt.extras == []
    assert rebuilt.tampered
    assert rebuilt.notes == [
        ALTERED.format("the given cell “setup”, the check cell “softmax”"),
        "Locked cells missing: 1. The originals were used.",
        "Locked cells doubled: 1. The copies were left out.",
    ]


def test_what_a_student_wrote_into_a_locked_cell_is_there_to_read_and_never_runs(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    find(notebook, "check-softmax")["source"] = "def softmax(x):\n\n    return ```x```"
    rebuilt = rebuild(cells(notebook), bundle)
    [kept] = [part for part in rebuilt.parts if part.role == "extra"]
    assert kept.cell["cell_type"] == "markdown"
    assert "What stood in the check cell “softmax”" in kept.cell["source"]
    assert "\n    def softmax(x):\n\n        return ```x```" in kept.cell["source"]
    assert rebuilt.extras == []


def test_text_cells_may_be_altered_freely(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and "written" not in cell["metadata"]["nbgrader"]["grade_id"]:
            cell["source"] += "\n\nmy notes"
    assert not rebuild(cells(notebook), bundle).tampered


def test_cells_of_the_student_stay_where_they_were(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    place = notebook["cells"].index(find(notebook, "answer-softmax"))
    notebook["cells"].insert(place, own("helper = 1"))
    notebook["cells"].insert(0, own("very_first = 1"))
    notebook["cells"].append(own("last = 1"))
    notebook["cells"].append(own("   "))
    rebuilt = rebuild(cells(notebook), bundle)
    order = kinds(rebuilt)
    assert order[0] == ("extra", "1")
    assert order.index(("extra", "2")) == order.index(("answer", "softmax")) - 1
    assert order[-1] == ("extra", "3")
    assert rebuilt.extras == ["very_first = 1", "helper = 1", "last = 1"]
    assert not rebuilt.tampered


def test_a_second_copy_of_an_answer_runs_where_it_stands_unless_it_is_untouched(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    place = notebook["cells"].index(find(notebook, "answer-softmax"))
    copy = json.loads(json.dumps(find(notebook, "answer-softmax")))
    notebook["cells"].insert(place + 1, {**copy, "source": "def rest(): return 1"})
    stub = next(
        cell for cell in bundle.notebook["cells"] if cell["metadata"]["nbgrader"]["grade_id"] == "answer-softmax"
    )
    notebook["cells"].insert(place + 2, stub)
    rebuilt = rebuild(cells(notebook), bundle)
    assert rebuilt.source("answer", "softmax") == source.answers["softmax"]
    assert rebuilt.extras == ["def rest(): return 1"]


def test_a_missing_answer_leaves_its_name_to_the_students_other_cells(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    find(notebook, "answer-softmax")["metadata"] = {}
    rebuilt = rebuild(cells(notebook), bundle)
    assert rebuilt.source("answer", "softmax") == NOT_HANDED_IN
    assert rebuilt.extras == [source.answers["softmax"]]
    order = kinds(rebuilt)
    assert order.index(("extra", "1")) < order.index(("check", "softmax"))
    assert "“softmax” was not in the notebook" in rebuilt.notes[0]


def test_an_answer_that_became_text_is_not_written(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    find(notebook, "answer-softmax")["cell_type"] = "markdown"
    rebuilt = rebuild(cells(notebook), bundle)
    assert rebuilt.source("answer", "softmax") == NOT_HANDED_IN
    assert "stood in a markdown cell" in rebuilt.notes[0]


def test_written_answers_keep_their_words(maker, bundle, source):
    text = "1 < 2 and *so* <b>more</b> $a<b$"
    rebuilt = rebuild(cells(maker.notebook({**source.answers, "why": text})), bundle)
    assert rebuilt.source("written", "why") == text


@pytest.mark.parametrize("left", ["YOUR ANSWER HERE", "  ", None])
def test_a_written_answer_in_a_cell_below_its_own_is_taken_from_there(maker, bundle, source, left):
    notebook = maker.notebook({**source.answers, "why": "x"})
    answer = find(notebook, "written-why")
    place = notebook["cells"].index(answer)
    notebook["cells"][place + 1 : place + 1] = [own("Because.", "markdown"), own("a = 1"), own("So.", "markdown")]
    if left is None:
        notebook["cells"].remove(answer)
    else:
        answer["source"] = left
    rebuilt = rebuild(cells(notebook), bundle)
    assert rebuilt.source("written", "why") == "Because.\n\nSo."
    assert rebuilt.extras == ["a = 1"]
    assert "taken from there" in rebuilt.notes[0]


def test_an_answer_in_its_cell_is_not_joined_by_what_stands_below(maker, bundle, source):
    notebook = maker.notebook({**source.answers, "why": "Because."})
    place = notebook["cells"].index(find(notebook, "written-why"))
    notebook["cells"].insert(place + 1, own("my notes", "markdown"))
    assert rebuild(cells(notebook), bundle).source("written", "why") == "Because."


def test_cells_that_were_copied_into_a_new_notebook_are_known_by_their_text(maker, bundle, source):
    notebook = maker.notebook({**source.answers, "why": "Because."})
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    rebuilt = rebuild(cells(notebook), bundle)
    assert not rebuilt.tampered
    assert rebuilt.extras == list(source.answers.values())
    assert rebuilt.source("written", "why") == "Because."
    order = kinds(rebuilt)
    assert order.index(("extra", "1")) < order.index(("check", bundle.tasks[0].name))


def test_of_cells_of_ours_with_the_same_text_the_first_copied_one_is_the_first(maker, bundle, source):
    def twins(notebook):
        return [find(notebook, "given-setup") | {"metadata": {"nbgrader": {"grade_id": name}}} for name in "abcdef"]

    ours = {**bundle.notebook, "cells": [*bundle.notebook["cells"], *twins(bundle.notebook)]}
    notebook = maker.notebook(source.answers)
    copied = [cell | {"metadata": {}} for cell in twins(notebook)]
    mine = [own(f"mine = {number}") for number in range(len(copied))]
    notebook["cells"] += [cell for pair in zip(copied, mine, strict=True) for cell in pair]
    rebuilt = rebuild(cells(notebook), replace(bundle, notebook=ours))
    assert rebuilt.extras == [cell["source"] for cell in mine]


def test_a_check_that_a_student_wrote_once_more_is_no_copy_of_the_locked_one(maker, bundle, source):
    notebook = maker.notebook(source.answers)
    notebook["cells"].append(own('check("softmax")'))
    rebuilt = rebuild(cells(notebook), bundle)
    assert not rebuilt.tampered
    assert rebuilt.extras == ['check("softmax")']


def test_the_notebook_of_another_exercise_is_refused(bundle):
    other = json.loads((ROOT / "exercises" / "relu" / "relu.ipynb").read_text(encoding="utf-8"))
    with pytest.raises(intake.Refused, match=r"notebook of another exercise\. Hand in sample\.ipynb"):
        rebuild(cells(other), bundle)


def test_what_runs_in_place_of_a_check_holds_no_key(bundle):
    for task in bundle.tasks:
        text = collecting_code(bundle, task.name, "/tmp/x.npz")
        compile(text, "cell", "exec")
        probes = json.loads(text.split("json.loads(")[1].split(")]")[0].strip("'").encode().decode("unicode_escape"))
        assert [probe["name"] for probe in probes] == [probe.name for probe in task.probes]
        assert all(probe["key"] == {} and probe["signatures"] == {} for probe in probes)


def test_a_notebook_of_another_release_is_not_called_tampered(bundle, source):
    handed_in = intake.read(json.dumps(source.with_answers(source.answers)).encode())
    released = {cell.grade_id: cell for cell in handed_in}
    assert released["check-softmax"].untouched
    mended = [
        {**cell, "source": cell["source"] + "\n# mended"} if cell["source"].startswith("check(") else cell
        for cell in bundle.notebook["cells"]
    ]
    later = replace(bundle, notebook={**bundle.notebook, "cells": mended[:3] + mended[4:]})
    rebuilt = rebuild(handed_in, later)
    assert not rebuilt.tampered
    assert rebuilt.notes == [
        "The notebook is of another release of this exercise; it was graded by the checks of this one."
    ]
    assert rebuilt.source("check", "softmax").endswith("# mended")
    own = [
        replace(cell, source="check = print", untouched=False) for cell in handed_in if cell.grade_id == "given-setup"
    ]
    assert rebuild([*own, *handed_in], later).tampered
