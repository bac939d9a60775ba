"""The attack corpus: no wrong point, no unplanned state, nothing left outside the work folder."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from attacks import ATTACKS

from coursekit.grading import unit


def places(course):
    """Files of the course, and what lies where a submission might try to write."""
    found = {str(path): path.stat().st_mtime_ns for path in course.rglob("*") if path.is_file()}
    for folder in (Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"), Path.home(), Path("/")):
        found |= {str(path): 0 for path in folder.glob("written-by-*")}
    return found


@pytest.fixture(scope="module")
def outcomes(maker, bundle, source, sandbox, limits, course):
    """All attacks, graded two at a time; afterwards the machine must be as it was before."""
    before, folder = places(course), os.getcwd()
    processes = set(psutil.Process().children(recursive=True))

    def grade(attack):
        text = attack.code + (source.answers["softmax"] if attack.own else "")
        data = maker.sample("x", maker.notebook({**source.answers, "softmax": text})).data
        return unit.grade_one(data, bundle, sandbox=sandbox, limits=limits)

    with ThreadPoolExecutor(2) as pool:
        results = dict(zip((attack.name for attack in ATTACKS), pool.map(grade, ATTACKS), strict=True))
    left = set(psutil.Process().children(recursive=True)) - processes
    return results, {"places": places(course) == before, "processes": left == set(), "folder": os.getcwd() == folder}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_earns_nothing(attack, outcomes, bundle):
    result = outcomes[0][attack.name]
    points = {verdict.task: verdict.points for verdict in result.checks}
    others = {task.name: task.points for task in bundle.tasks if task.name != "softmax"}
    assert result.state in attack.states, result.notes
    assert points.pop("softmax") == (2.0 if attack.own else 0.0)
    assert points == others if attack.others else all(points[name] in (0.0, others[name]) for name in others)
    assert all(verdict.message for verdict in result.checks)
    assert unit.Result.from_json(result.to_json()) == result


def test_attacks_leave_nothing_behind(outcomes):
    assert outcomes[1] == {"places": True, "processes": True, "folder": True}
