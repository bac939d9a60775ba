"""The package as a whole: what it imports, and which device it picks."""

import subprocess
import sys

import pytest
import torch

import dlarch

HEAVY = ("torch._dynamo", "sklearn", "matplotlib", "torchvision", "anywidget")
CHAPTERS = ("foundations", "vision", "sequences", "practice")


def imported_by(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_the_package_brings_in_not_even_torch():
    modules = imported_by("import dlarch")
    assert "dlarch" in modules
    assert not modules.intersection((*HEAVY, "torch"))


def test_importing_every_chapter_and_the_counting_and_training_tools_brings_in_nothing_heavy():
    program = f"""
import importlib, pkgutil, dlarch.data, dlarch.measure, dlarch.training
for part in {CHAPTERS!r}:
    package = importlib.import_module("dlarch." + part)
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""
    modules = imported_by(program)
    assert {"torch", "dlarch.training", "dlarch.vision"} <= modules
    assert not modules.intersection(HEAVY)


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_device_is_cuda_else_mps_else_the_cpu(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert dlarch.device() == torch.device(expected)
