"""What the page on speed makes of its records."""

import json
import shutil

import pytest
from myst_nb.core.read import read_myst_markdown_notebook

from coursekit import ROOT
from dlarch import page

PAGE = (ROOT / "book/for/speed.md").read_text(encoding="utf-8")
CELLS = [cell.source for cell in read_myst_markdown_notebook(PAGE).cells if cell.cell_type == "code"]
RECORDED = ROOT / "book/recorded"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A book with the records of the processor alone, in which the page runs."""
    (tmp_path / "for").mkdir()
    (tmp_path / "recorded").mkdir()
    for path in RECORDED.glob("bench_*.json"):
        if not path.stem.endswith("_cuda"):
            shutil.copy(path, tmp_path / "recorded")
    monkeypatch.chdir(tmp_path / "for")
    return tmp_path / "recorded"


def shown(monkeypatch) -> str:
    """All that the page says, with the texts of its figures."""
    said: list[str] = []
    monkeypatch.setattr(page, "display", lambda markdown: said.append(markdown.data))
    names = {"display": lambda figure: said.append(figure.alt)}
    for cell in CELLS:
        exec(cell, names)
    return "\n".join(said)


def test_without_a_gpu_the_page_says_which_command_measures_on_one(place, monkeypatch):
    text = shown(monkeypatch)
    assert "No GPU has taken part so far" in text
    assert "On a GPU" not in text


def test_what_was_measured_on_a_gpu_is_shown_for_each_setting(place, monkeypatch):
    models = json.loads((place / "bench_models.json").read_text())
    [medians], rows = models["medians"].values(), models["rows"]
    named = [row | {"setting": "halves", "reason": "it is slow"} for row in rows]
    compiled = [row | {"setting": "compiled", "reason": ""} for row in rows[:2]]
    models |= {"gpu": "MADE-UP 1", "rows": named + compiled, "medians": {"halves": medians, "compiled": medians}}
    (place / "bench_models_cuda.json").write_text(json.dumps(models))
    training = json.loads((place / "bench_training.json").read_text())
    training |= {"gpu": "MADE-UP 2", "on": {"cuda": training["on"]["cpu"]}}
    (place / "bench_training_cuda.json").write_text(json.dumps(training))
    text = shown(monkeypatch)
    assert "No GPU has taken part" not in text
    assert f"On a GPU, MADE-UP 1, in halves, the median over {len(rows)} architectures" in text
    assert f"{len(rows)} architectures on a GPU, in halves." in text
    assert "2 architectures on a GPU, in compiled." in text
    assert text.count("it is slow.") == 1
    assert "What the switches of `fit` gain on MADE-UP 2:\n| times as fast as float32" in text
