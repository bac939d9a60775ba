"""Grading on a dask cluster: two workers of this machine, where a stand-in grades, as in the tests of batches."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack

import dask
import pytest
from distributed import Client, LocalCluster, WorkerPlugin

from coursekit.grading import batch, cluster, unit
from coursekit.grading.cluster import Cluster
from coursekit.grading.pool import GradingStopped, Threads
from coursekit.grading.sandbox import Sandbox

STUDENTS = [f"student-{number:02}" for number in range(8)]
# A worker that was lost has time to come back; a submission is given up after two workers, and after two more alone.
SETTINGS = {"distributed.deploy.lost-worker-timeout": "300s", "distributed.scheduler.allowed-failures": 1}


@pytest.fixture(scope="module")
def stand_in():
    """Full marks in place of grading; a submission that holds LETHAL ends its worker."""

    def grade_one(data, bundle, *, sandbox, limits):
        import os
        import time

        from coursekit.grading import unit
        from dlarch.check import Verdict

        if b"LETHAL" in data:
            os._exit(1)
        time.sleep(0.1)
        checks = tuple(Verdict(task.name, task.points, task.points, "right", "m") for task in bundle.tasks)
        key = unit.key_of(data, bundle, sandbox.name, limits)
        written = (unit.Written("why", 1.0, "w"),)
        return unit.Result("sample", "graded", checks, written, (), sandbox.name, 0.0, key, dict(bundle.notebook))

    return grade_one


@pytest.fixture(scope="module")
def workers(stand_in):
    class StandIn(WorkerPlugin):
        def setup(self, worker):
            from coursekit.grading import unit

            unit.grade_one = stand_in

    with (
        dask.config.set(SETTINGS),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as running,
        Client(running, set_as_default=False) as client,
    ):
        client.register_plugin(StandIn())
        yield running


@pytest.fixture
def folder(tmp_path, maker, source):
    for student in STUDENTS:
        path = tmp_path / "submitted" / student / "sample" / "sample.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(maker.notebook({**source.answers, "why": student})))
    return tmp_path / "submitted"


@pytest.fixture
def run(folder, course, gradebook, tmp_path):
    def grade(pool, into, **more):
        (tmp_path / into).mkdir()
        (tmp_path / into / "gradebook.db").write_bytes(gradebook)
        return batch.grade(folder, root=course, into=tmp_path / into, pool=pool, **more)

    return grade


def test_a_cluster_that_loses_a_worker_gives_the_same_grades_as_threads(workers, stand_in, run, monkeypatch):
    monkeypatch.setattr(unit, "grade_one", stand_in)
    here = run(Threads(Sandbox.find(trust=True)), "threads")

    def lose_one(step):
        if step.done == len(STUDENTS) // 2:
            os.kill(next(iter(workers.workers.values())).pid, signal.SIGKILL)

    there = run(Cluster(workers.scheduler_address, trust=True), "cluster", progress=lose_one)
    assert there.failed == []
    assert there.results == here.results
    assert there.grades.read_bytes() == here.grades.read_bytes()


def test_a_submission_that_ends_every_worker_is_given_up_and_its_neighbours_are_not(
    workers, run, folder, maker, source
):
    path = folder / STUDENTS[2] / "sample" / "sample.ipynb"
    path.write_text(json.dumps(maker.notebook({**source.answers, "why": "LETHAL"})))
    found = run(Cluster(workers.scheduler_address, trust=True), "cluster")
    assert sorted(student for student, _ in found.results) == [name for name in STUDENTS if name != STUDENTS[2]]
    assert len(found.failed) == 1
    assert f"{STUDENTS[2]}, sample: 2 workers ended while they graded it" in found.failed[0]


def test_an_address_without_a_port_is_refused_at_once():
    with pytest.raises(GradingStopped, match="No dask scheduler answers at nonsense"), Cluster("nonsense", trust=True):
        pass


def test_no_scheduler_no_gpu_and_another_version_are_said(workers, run, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 0.2)
    with pytest.raises(GradingStopped, match="No dask scheduler answers at tcp"):
        run(Cluster("tcp://127.0.0.1:1", trust=True), "nowhere")
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 20.0)
    with pytest.raises(GradingStopped, match=r"No worker of .* offers a GPU"):
        run(Cluster(workers.scheduler_address, trust=True, gpu=True), "gpu")
    monkeypatch.setattr(unit, "grader_version", lambda: "another one")
    with pytest.raises(GradingStopped, match="has another version of the course"):
        run(Cluster(workers.scheduler_address, trust=True), "version")


def test_a_sealed_submission_reaches_neither_the_scheduler_nor_a_socket_in_the_file_system(
    workers, sandbox, limits, bundle, maker, tmp_path
):
    host, port = workers.scheduler_address.removeprefix("tcp://").split(":")
    places = [(host, int(port)), str(tmp_path / "socket"), "\0course-test"]
    code = (
        "import socket\n"
        f"for place in {places!r}:\n"
        "    kind = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET\n"
        "    with socket.socket(kind) as caller:\n"
        "        caller.settimeout(2)\n"
        "        print('reached' if caller.connect_ex(place) == 0 else 'sealed')\n"
    )
    data = json.dumps(maker.added(maker.notebook(maker.answers), code)).encode()
    with ExitStack() as listening:
        for place in places[1:]:
            server = listening.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(place)
            server.listen()
        outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        result = unit.grade_one(data, bundle, sandbox=sandbox, limits=limits)
    cells = [cell for cell in result.notebook["cells"] if cell["source"] == code]
    assert outside.split() == ["reached"] * 3
    assert cells[0]["outputs"][0]["text"].split() == ["sealed"] * 3
