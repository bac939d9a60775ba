"""The book's build: jupyter-book's own, one page after another in cold kernels, and this one, on the same pages.

All builds run in one temporary copy of the course, with the same configuration but for ``course_run_ahead``. Plain is
the command ``jupyter-book``. Of ours there are three builds: all pages new, nothing changed, and one module changed.

What both sides must spend is what the cells compute: it is measured by itself, as the processor time of every cell in
warm kernels, where imports are done already. The rest of a build is machinery: its wall seconds, less the cells'
processor seconds over the number of pages that run at once.
"""

import asyncio
import difflib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import yaml
from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook
from nbclient import NotebookClient
from nbformat import NotebookNode

from coursekit import ROOT, book
from coursekit.bench import Others
from coursekit.bench.grading import Meter
from coursekit.grading.warm import Unsealed
from coursekit.jupyter_book import IMPORTED
from coursekit.sphinx_ext.library import code_cells

COURSE = ("book", "lib", "exercises", "_config.yml")
CHANGED = "lib/dlarch/sequences/tcn.py"  # which few pages rest on
SLOWEST = 10
TIME = re.compile(r"\d\s?(s|ms|µs|seconds?|minutes?|milliseconds?|microseconds?)\b")
RANDOM = re.compile(r"[0-9a-f]{32}|0x[0-9a-f]{8,}")  # names of widgets, addresses


def run(pages: Sequence[str] = (), root: Path = ROOT, changed: str = CHANGED) -> dict[str, Any]:
    """Build these pages, or the whole book, in every way.

    Args:
        pages: such as `vision/nin`; all if left out.
        root: of the course.
        changed: the module that changes before the last build.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Others() as others:
        copy = Path(folder, "course")
        _copy(root, copy)
        names = list(pages) or sorted(_with_cells(copy))
        with mock.patch.object(book, "COMMAND", (str(Path(sys.executable).with_name("jupyter-book")),)):
            plain = _build(copy, "plain", pages, ahead=False)
        ours = _build(copy, "ours", pages)
        warm = _build(copy, "ours", pages)
        with open(copy / changed, "a") as file:
            file.write("\n_CHANGED = True\n")
        module = _build(copy, "ours", pages)
        executed = {side: _executed(Path(folder, side, "_build", ".jupyter_cache")) for side in ("plain", "ours")}
        cells = _cells(copy, names)
    workers = min(os.cpu_count(), len(names))
    computed = sum(cell["seconds"] for cell in cells)
    machinery = {"plain": plain["seconds"] - computed, "ours": ours["seconds"] - computed / workers}
    return {
        "pages": len(names),
        "workers": workers,
        "plain": plain,
        "ours": ours,
        "nothing_changed": warm,
        "one_module_changed": module | {"module": changed},
        "cells_seconds": computed,
        "machinery_seconds": machinery,
        "ratio": plain["seconds"] / ours["seconds"],
        "ratio_of_processor_seconds": plain["cpu_seconds"] / ours["cpu_seconds"],
        "ratio_of_machinery": machinery["plain"] / machinery["ours"],
        "compared_cells": sum(len(notebook.cells) for notebook in executed["plain"].values()),
        "differences": list(differences(executed["plain"], executed["ours"])),
        "slowest_cells": sorted(cells, key=lambda cell: cell["seconds"], reverse=True)[:SLOWEST],
        "other_programs": others.share,
    }


def _copy(root: Path, copy: Path) -> None:
    copy.mkdir()
    for name in COURSE:
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (root / name).exists():
            shutil.copy(root / name, copy)


def _with_cells(root: Path) -> Iterator[str]:
    toc = (root / "book" / "_toc.yml").read_text(encoding="utf-8")
    for name in re.findall(r"(?:root|file): *([\w/]+)", toc):
        if code_cells((root / "book" / f"{name}.md").read_text(encoding="utf-8")):
            yield name


def _build(root: Path, side: str, pages: Sequence[str], *, ahead: bool = True) -> dict[str, Any]:
    """Build into a folder beside the course, and say what it took and how many pages were run."""
    out = root.parent / side
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"] |= {"course_run_ahead": ahead, "course_warm_kernels": True}
    (root / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    told: list[str] = []
    with mock.patch.dict(os.environ, PYTHONPATH=str(root / "lib")), Meter(memory=False) as meter:
        book.build(root=root, out=out, only=list(pages) or None, say=told.append)
    ran = sum(line.startswith("Ran the cells of") for line in told)
    return {"seconds": meter.seconds, "cpu_seconds": meter.cpu_seconds, "pages_run": ran}


def _executed(path: Path) -> dict[str, NotebookNode]:
    """The notebooks of a cache, by their key."""
    cache = get_cache(path)
    return {record.hashkey: cache.get_cache_bundle(record.pk).nb for record in cache.list_cache_records()}


def differences(plain: dict[str, NotebookNode], ours: dict[str, NotebookNode]) -> Iterator[str]:
    """What differs in the outputs of the same notebooks, but for lines that print times and for random names.

    Notebooks that only one side has are of a changed module and not compared.
    """
    for key in plain:
        if key not in ours:
            yield f"a page is missing: {plain[key].cells[0].source[:60]!r}"
            continue
        for one, other in zip(_shown(plain[key]), _shown(ours[key]), strict=True):
            changes = [line for line in difflib.ndiff(one, other) if line[0] in "+-"]
            if changes:
                yield f"{one[0]}: " + " | ".join(line[:120] for line in changes[:4])


def _shown(notebook: NotebookNode) -> Iterator[list[str]]:
    """The lines that every cell shows, and then the widgets' states."""

    def tidy(text: str) -> list[str]:
        return [line for line in RANDOM.sub("...", text).splitlines() if not TIME.search(line)]

    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        printed = "".join(output.get("text", "") for output in outputs)  # in as many pieces as the clock made of it
        shown = [repr(output.data) for output in outputs if "data" in output]
        yield [cell.source.partition("\n")[0], *tidy("\n".join([printed, *shown]).replace("\\n", "\n"))]
    models = [model for kind in notebook.metadata.get("widgets", {}).values() for model in kind["state"].values()]
    texts = sorted(RANDOM.sub("...", json.dumps(model, indent=1, sort_keys=True)) for model in models)
    yield ["widgets", *(line for text in texts for line in tidy(text))]


def _cells(root: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    """Processor seconds of every cell of the pages, in warm kernels."""
    with mock.patch.dict(os.environ, OMP_NUM_THREADS="1", PYTHONPATH=str(root / "lib")):
        Unsealed.begin(*IMPORTED).result()
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return [cell for cells in pool.map(lambda name: _time(root, name), names) for cell in cells]
    finally:
        Unsealed.end()


def _time(root: Path, name: str) -> list[dict[str, Any]]:
    path = root / "book" / f"{name}.md"
    notebook = read_myst_markdown_notebook(path.read_text(encoding="utf-8"))
    client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(path.parent)}})
    cells: list[dict[str, Any]] = []

    def used() -> float:
        return sum(psutil.Process(client.km.provisioner.pid).cpu_times()[:4])

    def before(cell: NotebookNode, cell_index: int) -> None:
        cells.append({"page": name, "line": cell.source.partition("\n")[0], "seconds": -used()})

    def after(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        cells[-1]["seconds"] += used()

    client.on_cell_execute, client.on_cell_executed = before, after
    client.shutdown_kernel = "immediate"
    asyncio.run(client.async_execute())
    return cells


def say(results: dict[str, Any]) -> None:
    """Print what came out."""
    for side in ("plain", "ours", "nothing_changed", "one_module_changed"):
        used = results[side]
        print(
            f"{side.replace('_', ' '):>18}: {used['seconds']:6.1f} s, {used['cpu_seconds']:6.1f} s of processors, "
            f"{used['pages_run']} pages run"
        )
    print(
        f"{results['ratio']:.1f} times as fast, {results['ratio_of_machinery']:.1f} times counting machinery alone; "
        f"the cells of {results['pages']} pages compute {results['cells_seconds']:.0f} s"
    )
    for cell in results["slowest_cells"]:
        print(f"{cell['seconds']:6.1f} s  {cell['page']}: {cell['line']}")
    print(f"{results['compared_cells']} cells compared, {len(results['differences'])} differ")
    for difference in results["differences"]:
        print(f"  {difference}")
