"""Every exercise passes every gate."""

import functools

import pytest

from coursekit import exercise, gates

NAMES = exercise.names()


@functools.cache
def bench(name: str) -> gates.Bench:
    return gates.bench(name)


def test_there_are_exercises():
    assert NAMES


@pytest.mark.parametrize("gate", gates.GATES, ids=lambda gate: gate.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_passes_its_gates(name, gate):
    assert gate(bench(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_release_is_what_a_build_makes_and_two_builds_are_the_same(name, tmp_path):
    assert gates.the_release_is_up_to_date(name, exercise.ROOT, tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_released_file_holds_an_answer(name):
    assert gates.the_release_holds_no_answer(exercise.load(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_notebook_runs_in_twenty_seconds_of_processor_time(name):
    complaints, _ = gates.the_notebook_runs(exercise.load(name))
    assert complaints == []
