"""The gradebook in a PostgreSQL server, which the test starts and stops."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit import doctor
from coursekit.grading.record import NotRecorded, Recorded, Records
from coursekit.grading.unit import Result, Written
from dlarch.check import Verdict


@pytest.fixture(scope="module")
def server():
    """URL of a database on a server that is reached by a socket in its own folder only."""
    programs = doctor.postgres_programs()
    if programs is None:
        pytest.fail(f"These tests need the programs of a PostgreSQL server: {doctor.database().remedy}")
    name = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name  # it refuses to run as root
    owner = pwd.getpwnam(name)
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="course-db-", dir="/tmp"))  # pytest's own folders are closed to others
    os.chown(folder, owner.pw_uid, owner.pw_gid)

    def call(program, *arguments):
        line = [programs / program, *arguments]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120, **as_owner)

    try:
        call("initdb", "-D", folder / "data", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        call("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{name}@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def result(bundle, points=None):
    points = points or {}
    checks = tuple(Verdict(t.name, points.get(t.name, t.points), t.points, "right", "m") for t in bundle.tasks)
    return Result("sample", "graded", checks, (Written("why", 1.0, "Because."),), (), "bubblewrap", 1.0, "k", None)


def scores(records):
    return {
        (submission.student.id, grade.name): (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
        for submission in records.gradebook.assignment_submissions("sample")
        for notebook in submission.notebooks
        for grade in notebook.grades
    }


def fill(records, bundle):
    for student in ("ada", "bob"):
        records.put(Recorded.now(student, result(bundle), bundle, 1_000_000_000.0), bundle)
    grade = records.gradebook.find_grade("written-why", "sample", "sample", "ada")
    grade.manual_score, grade.needs_manual_grade = 0.5, False
    records.gradebook.db.commit()
    records.put(Recorded.now("ada", result(bundle, {"softmax": 0.0}), bundle, 1_000_000_000.0), bundle)
    cells = [c for c in bundle.notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] != "check-count"]
    tasks = tuple(task for task in bundle.tasks if task.name != "count")
    mended = replace(bundle, notebook={**bundle.notebook, "cells": cells}, tasks=tasks, hash="mended")
    records.put(Recorded.now("bob", result(mended), mended, 1_000_000_000.0), mended)
    unknown = replace(result(bundle), checks=(Verdict("new", 1.0, 1.0, "right", "m"),))
    with pytest.raises(NotRecorded):
        records.put(Recorded.now("eve", unknown, bundle, 0.0), bundle)


def test_it_holds_the_same_grades_as_the_file_would(server, tmp_path, bundle, gradebook):
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "gradebook.db").write_bytes(gradebook)
    found = []
    for records in (Records(tmp_path / "file"), Records(tmp_path / "server", server)):
        with records:
            fill(records, bundle)
            found.append((scores(records), [student.id for student in records.gradebook.students]))
    assert found[0] == found[1]
    assert found[0][0]["ada", "written-why"] == (0.0, 0.5, False)
    assert ("ada", "check-count") not in found[0][0]  # gone with the check that the mended exercise no longer has
    assert not (tmp_path / "server" / "gradebook.db").exists()


def test_of_two_drivers_on_two_machines_the_second_is_told_to_wait(server, tmp_path):
    second = Records(tmp_path / "there", server)
    told = "Another grading run is writing to this gradebook"
    with Records(tmp_path / "here", server), pytest.raises(NotRecorded, match=told), second:
        pass
    with Records(tmp_path / "there", server):
        pass


def test_a_gradebook_that_needs_what_is_not_installed_ends_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    records = Records(tmp_path / "build", "postgresql+psycopg://ada:secret@host/grades")
    with pytest.raises(NotRecorded, match=r"needs the Python package psycopg.*pip install"), records:
        pass
    assert records.where == "postgresql+psycopg://ada:***@host/grades"
