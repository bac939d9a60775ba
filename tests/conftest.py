"""Set-up shared by all tests."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import hypothesis
import pytest
import torch

from coursekit.bench import weights

weights.torchvision()  # first of all, so that every test can import its models, which are our oracles
torch.set_num_threads(1)

# No test depends on how fast this machine is at the moment.
hypothesis.settings.register_profile("any-speed", deadline=None)
hypothesis.settings.load_profile("any-speed")

# Files whose tests may be shared among processes, and the parameter whose tests stay together.
SHARED = {
    "tests/book/test_pages.py": "page_name",
    "tests/exercises/test_gates.py": "name",
    "tests/exercises/test_plain_nbgrader.py": "name",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, or, in the long files, those of a page or an exercise."""
    for item in items:
        file = item.path.relative_to(item.config.rootpath).as_posix()
        part = item.callspec.params.get(SHARED[file]) if file in SHARED and hasattr(item, "callspec") else None
        item.add_marker(pytest.mark.xdist_group(f"{file} {part}" if part else file))
