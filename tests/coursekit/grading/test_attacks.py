"""The attack corpus: no wrong point, no escape, no aborted batch, nothing left behind, and pages without its scripts.

All rows are graded as one class, in warm kernels, and some of them again in cold ones.
"""

import csv
import json
import os
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
from attacks import ALL, ATTACKS, NONE, data_of

from coursekit.grading import batch
from coursekit.grading.limits import Limits
from coursekit.grading.pool import Threads
from coursekit.grading.sandbox import Sandbox

LIMITS = Limits(
    cell=5.0, grace=3.0, memory=1000 << 20, processes=150, disk=32 << 20, files=3_000, open_files=256, output=50_000
)
ROWS = [pytest.param(attack, True, id=attack.name) for attack in ATTACKS]
ROWS += [pytest.param(attack, False, id=f"{attack.name}-cold") for attack in ATTACKS if attack.cold]


def places(course):
    """Files of the course, and what lies where a submission might try to write."""
    found = {str(path): path.stat().st_mtime_ns for path in course.rglob("*") if path.is_file()}
    for folder in (Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"), Path.home(), Path("/")):
        found |= {str(path): 0 for path in folder.glob("written-by-*")}
    return found


@pytest.fixture(scope="module")
def graded(maker, course, gradebook, tmp_path_factory):
    """Grades the rows as a class, warm or cold, once: the batch, and whether the machine is as it was before."""
    done = {}

    def grade(warm):
        if warm in done:
            return done[warm]
        into = tmp_path_factory.mktemp("attacks")
        (into / "gradebook.db").write_bytes(gradebook)
        for attack in ATTACKS:
            if warm or attack.cold:
                path = into / "submitted" / attack.name / "sample" / "sample.ipynb"
                path.parent.mkdir(parents=True)
                attack.place(path, data_of(attack, maker))
        before, folder = places(course), os.getcwd()
        sandbox = Sandbox.find(warm=warm)
        sandbox.zygote()
        processes = set(psutil.Process().children(recursive=True))
        done[warm] = batch.grade(into / "submitted", root=course, into=into, pool=Threads(sandbox, limits=LIMITS))
        left = set(psutil.Process().children(recursive=True)) - processes
        state = {"places": places(course) == before, "processes": left, "folder": os.getcwd() == folder}
        done[warm].left = state
        return done[warm]

    return grade


@pytest.mark.parametrize(("attack", "warm"), ROWS)
def test_an_attack_earns_nothing_and_costs_others_nothing(attack, warm, graded, bundle):
    result = graded(warm).results[attack.name, "sample"]
    points = {verdict.task: verdict.points for verdict in result.checks}
    wanted = {task.name: task.points for task in bundle.tasks} | {"softmax": 2.0 if attack.own else 0.0}
    wanted |= dict.fromkeys(attack.lost, 0.0)
    said = " ".join([*result.notes, *(verdict.message for verdict in result.checks)])
    assert result.state in attack.states, said
    if attack.others == ALL:
        assert points == wanted, said
    else:
        assert all(points[name] in ((0.0,) if attack.others == NONE else (0.0, wanted[name])) for name in points), said
    assert attack.says in said
    assert all(verdict.message for verdict in result.checks)


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_no_attack_ends_the_batch_or_leaves_anything_behind(warm, graded):
    found = graded(warm)
    assert found.failed == []
    assert {student for student, _ in found.results} == {attack.name for attack in ATTACKS if warm or attack.cold}
    assert found.left == {"places": True, "processes": set(), "folder": True}


class Tags(HTMLParser):
    """What a browser would act on, tags and attributes that run or load something, and the text that it would show."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if (
            tag in ("script", "iframe", "object", "embed", "form", "base", "link")
            or "refresh" in dict(attributes).values()
        ):
            self.found.append((tag, attributes))
        for name, value in attributes:
            runs = name.startswith("on") or "javascript:" in (value or "").lower().replace(" ", "")
            loads = name in ("src", "data", "action") and not (value or "").startswith("data:image/")
            if runs or loads:
                self.found.append((tag, name, value))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_page_of_an_attack_runs_nothing_and_shows_no_solution(attack, graded, source, bundle, maker):
    found = graded(True)
    page = Tags((found.grades.parent / "feedback" / attack.name / "sample.html").read_text(encoding="utf-8"))
    assert page.found == []
    handed_in = data_of(attack, maker).decode(errors="replace")
    hidden = [probe.source for task in bundle.tasks for probe in task.probes if probe.hidden]
    for text in (*source.answers.values(), *hidden):
        for line in filter(lambda line: len(line) > 25, map(str.strip, text.splitlines())):
            assert line in handed_in or json.dumps(line)[1:-1] in handed_in or line not in page.text


def test_the_table_of_grades_holds_no_formula(graded):
    for row in csv.reader(graded(True).grades.read_text(encoding="utf-8").splitlines()):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
