"""The sample exercise, released once a session."""

import shutil
from pathlib import Path

import pytest

from coursekit import exercise, release
from coursekit.demo import Maker
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Sandbox

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """Root of a course that has one exercise, `sample`."""
    root = tmp_path_factory.mktemp("sample-course")
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True)
    release.build("sample", root)
    return root


@pytest.fixture(scope="session")
def gradebook(course):
    """The bytes of the gradebook as the release left it; making one anew takes seconds."""
    return (course / "build" / "gradebook.db").read_bytes()


@pytest.fixture(scope="session")
def bundle(course):
    return release.load_bundle("sample", course)


@pytest.fixture(scope="session")
def source(course):
    return exercise.load("sample", course)


@pytest.fixture(scope="session")
def maker(course, source, bundle):
    return Maker(source, bundle, course)


@pytest.fixture(scope="session")
def sandbox():
    """The sandbox of this machine. Without one these tests fail, as grading does."""
    return Sandbox.find()


@pytest.fixture(scope="session")
def limits():
    return Limits(cell=5.0, grace=2.0, memory=1000 << 20, processes=200, disk=64 << 20)
