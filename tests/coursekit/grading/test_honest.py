"""Honest work in every form in which it comes keeps all its points and is called graded."""

import copy
import json

import pytest

from coursekit.grading import unit
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Sandbox

STREAM = {"output_type": "stream", "name": "stdout", "text": "x" * 30_000_000}


def _id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def first(change):
    """The first answer with something done to its text."""
    return lambda notebook: [
        cell.update(source=change(cell["source"])) for cell in notebook["cells"] if _id(cell) == "answer-softmax"
    ]


def before(text):
    return first(lambda source: f"{text}\n{source}")


def cells_added(*texts):
    """Cells of the student's own before, between and after all others."""

    def change(notebook):
        own, middle = [code(text) for text in texts], len(notebook["cells"]) // 2
        notebook["cells"] = own + notebook["cells"][:middle] + own + notebook["cells"][middle:] + own

    return change


def every(change):
    return lambda notebook: [change(cell) for cell in notebook["cells"]]


def whole(**entries):
    return lambda notebook: notebook.update(copy.deepcopy(entries))


def without_ids(notebook):
    notebook.update(nbformat_minor=0)
    for cell in notebook["cells"]:
        cell.pop("id", None)


def vs_code(notebook):
    notebook["metadata"] = {"language_info": {"name": "python", "version": "3.13.0"}, "vscode": {"interpreter": {}}}
    for number, cell in enumerate(notebook["cells"]):
        cell.update(id=f"W{number}sZmlsZQ==")
        cell["metadata"]["vscode"] = {"languageId": "python"}


def colab(notebook):
    notebook["metadata"] |= {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU", "widgets": {}}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"id": f"kX{number}", "outputId": "3f", "colab": {"base_uri": "https://localhost:8080/"}}
        if cell["cell_type"] == "code":
            cell["execution_count"] = None


def helper(notebook):
    for cell in notebook["cells"]:
        if _id(cell) == "answer-softmax":
            cell["source"] = "def softmax(logits):\n    return my_own_step(logits)\n"
    notebook["cells"].insert(
        2,
        code("def my_own_step(z):\n    w = (z - z.amax(1, keepdim=True)).exp()\n    return w / w.sum(1, keepdim=True)"),
    )


def lines(cell):
    cell["source"] = cell["source"].splitlines(keepends=True)


def windows(cell):
    cell["source"] = cell["source"].replace("\n", "\r\n")


def saved(notebook):
    for cell in notebook["cells"]:
        if _id(cell) == "answer-softmax":
            cell["outputs"] = [STREAM]


HONEST = {
    "as-asked": lambda notebook: None,
    "warnings": before("import warnings, sys\nwarnings.warn('this is deprecated')\nprint('careful', file=sys.stderr)"),
    "progress-bar": before(
        "import sys\nfor step in range(30):\n    print(f'\\r{step / 30:4.0%}|' + '#' * step, end='', file=sys.stderr)"
    ),
    "cells-of-ones-own": cells_added("tried = [1, 2]\ntried", "print('debug', len(tried))"),
    "cells-that-fail": cells_added("not_defined_anywhere", "assert False, 'to do'"),
    "comparison-with-the-finished-function": cells_added(
        "import torch\nfor part in torch.nn.Softmax(1).modules():\n    print(part, torch.softmax(torch.ones(1, 2), 1))"
    ),
    "empty-cells": cells_added("", "   \n"),
    "helpers-of-ones-own": helper,
    "plots": cells_added("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1.0, 3.0, 2.0])\nplt.show()"),
    "magics": cells_added("%load_ext autoreload\n%autoreload 2", "!echo done", "%timeit -n 1 -r 1 sum([1])", "check?"),
    "timed-cell": first(lambda source: f"%%time\n{source}"),
    "captured-cell": first(lambda source: f"%%capture out\n{source}"),
    "slow-start": before("import time\ntime.sleep(1.5)"),
    "double-precision": first(lambda source: source.replace("return e /", "return e.double() /")),
    "another-order-of-sums": first(
        lambda source: source.replace("e.sum(dim=1, keepdim=True)", "e.flip(1).sum(1)[:, None]")
    ),
    "prints": first(lambda source: source.replace("    e = ", "    print(logits.shape, logits)\n    e = ")),
    "default-dtype": before("import torch\ntorch.set_default_dtype(torch.float64)"),
    "seeds": before("import random, torch, numpy as np\ntorch.manual_seed(7)\nnp.random.seed(7)\nrandom.seed(7)"),
    "threads": before("import torch\ntorch.set_num_threads(4)"),
    "no-gradients": before("import torch\ntorch.set_grad_enabled(False)"),
    "warnings-as-errors": before("import warnings\nwarnings.simplefilter('error')"),
    "logging": before("import logging\nlogging.basicConfig(level=logging.DEBUG)\nlogging.debug('here')"),
    "typed": first(lambda source: f"from __future__ import annotations\n{source}"),
    "another-folder": before("import os, tempfile\nos.chdir(tempfile.mkdtemp())"),
    "worker-processes": before(
        "from torch.utils.data import DataLoader\nlen(list(DataLoader(list(range(64)), batch_size=8, num_workers=4)))"
    ),
    "install-that-fails": cells_added("%pip install --quiet a-package-of-ones-own"),
    "cells-in-another-order": lambda notebook: notebook["cells"].reverse(),
    "windows-lines": every(windows),
    "lines-as-lists": every(lines),
    "spaces-at-the-ends": every(lambda cell: cell.update(source=cell["source"].replace("\n", "  \n") + "\n\n")),
    "colab": colab,
    "vs-code": vs_code,
    "format-4-0": without_ids,
    "format-4-2": whole(nbformat_minor=2),
    "a-newer-minor-format": whole(nbformat_minor=9),
    "outputs-of-megabytes": saved,
    "no-metadata": whole(metadata={}),
    "tags": every(lambda cell: cell["metadata"].update(tags=["skip-execution", "raises-exception"], collapsed=True)),
}
FILES = {
    "byte-order-mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "pretty-printed": lambda text: json.dumps(json.loads(text), indent=4, ensure_ascii=False).encode(),
    "windows-file": lambda text: json.dumps(json.loads(text), indent=1).replace("\n", "\r\n").encode(),
}


@pytest.fixture(scope="module")
def warm():
    return Sandbox.find()


@pytest.mark.parametrize("name", [*HONEST, *FILES])
def test_honest_work_keeps_its_points(name, maker, bundle, source, warm):
    notebook = maker.notebook(source.answers)
    HONEST.get(name, HONEST["as-asked"])(notebook)
    data = FILES.get(name, str.encode)(json.dumps(notebook))
    result = unit.grade_one(data, bundle, sandbox=warm, limits=Limits(memory=1500 << 20))
    assert result.points == result.max_points, [*result.notes, *(verdict.message for verdict in result.checks)]
    assert (result.state, result.notes) == ("graded", ())
