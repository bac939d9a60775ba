"""The script that records networks on CIFAR-10, on generated pictures."""

import importlib.util
import json
import math
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import dlarch
from coursekit import ROOT, recorded
from dlarch import data
from dlarch.measure import count_parameters
from dlarch.page import spread

SCRIPT = ROOT / "book" / "recorded" / "cifar.py"
specification = importlib.util.spec_from_file_location("recorded_cifar", SCRIPT)
cifar = importlib.util.module_from_spec(specification)
specification.loader.exec_module(cifar)

LEDGER = yaml.safe_load((ROOT / "book" / "facts.yml").read_text(encoding="utf-8"))
PARAMETERS = {
    **{f"residual-{depth}": f"resnet.parameters.cifar.{depth}" for depth in (20, 32, 44, 56, 110)},
    # Option A has no parameters, so the plain networks have as many.
    **{f"plain-{depth}": f"resnet.parameters.cifar.{depth}" for depth in (20, 32, 44, 56, 110)},
    "bottleneck-164": "resnet.parameters.bottleneck.164",
    "preact-164": "resnet.parameters.preact.164",
    "wide-40-4": "resnet.parameters.wide.40.4",
    "wide-16-8": "resnet.parameters.wide.16.8",
    "wide-28-10": "resnet.parameters.wide.28.10",
    "densenet-bc-100-12": "densenet.parameters.cifar.bc.100",
}


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr(dlarch, "device", lambda: torch.device("cpu"))


def rows(path) -> list[dict]:
    """What was recorded, without the seconds, which no two runs have in common."""
    return [
        {name: value for name, value in row.items() if name != "seconds_an_epoch"}
        for row in recorded.read(path)["runs"]
    ]


def call(monkeypatch, *arguments) -> None:
    monkeypatch.setattr(sys, "argv", ["cifar.py", *map(str, arguments)])
    cifar.main()


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_networks_of_papers_have_the_parameters_of_the_ledger(name):
    with torch.device("meta"):
        model = cifar.PAPER[name][0]()
    assert count_parameters(model) == LEDGER[PARAMETERS[name]]["value"]


@pytest.mark.parametrize("name", [name for name in cifar.ALL if name not in PARAMETERS])
def test_the_other_networks_take_pictures_of_this_size_to_ten_scores(name):
    model = cifar.ALL[name]().eval()
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_small_networks_do_about_the_same_work_but_for_the_two_oldest():
    work = {}
    for name, build in cifar.SMALL.items():
        work[name] = cifar.measure.count_macs(build(), torch.zeros(1, 3, 32, 32)) / 1e6
    assert [name for name, macs in work.items() if not 6 < macs < 13] == ["LeNet", "AlexNet"]


def test_three_small_networks_have_no_batch_norm_as_the_page_on_choosing_says():
    without = [
        name
        for name, build in cifar.SMALL.items()
        if not any(isinstance(module, torch.nn.BatchNorm2d) for module in build().modules())
    ]
    assert without == ["LeNet", "AlexNet", "VGG"]


@pytest.mark.parametrize("name", ["LeNet", "plain-20", "residual-20"])
def test_a_trial_ends_in_a_row_and_leaves_no_checkpoint(name, tmp_path, monkeypatch):
    out = tmp_path / "cifar.json"
    call(monkeypatch, name, "--setting", "trial", "--out", out)
    (row,) = rows(out)
    assert (row["network"], row["seed"], row["epochs"], row["pictures"]) == (name, 0, 2, 100)
    assert (row["files"], row["rate"] in cifar.TRIAL.rates) == ("generated", True)
    assert 0 <= row["error"] <= 100
    assert math.isfinite(row["loss"])
    assert [tried["rate"] for tried in recorded.read(out)["rates"]] == list(cifar.TRIAL.rates)
    assert not list(tmp_path.glob("*.pt"))


def test_a_run_broken_off_by_minutes_or_killed_writes_the_row_of_one_without_a_break(tmp_path, monkeypatch, capsys):
    whole, pieces, killed = (tmp_path / name / "cifar.json" for name in ("whole", "pieces", "killed"))
    for path in (whole, pieces, killed):
        path.parent.mkdir()
    call(monkeypatch, "ResNet", "--setting", "trial", "--out", whole)
    calls = 0
    while not recorded.read(pieces).get("runs"):
        call(monkeypatch, "ResNet", "--setting", "trial", "--minutes", 0, "--out", pieces)
        calls += 1
    assert calls == 3 + 1  # two rates and the run itself were each left off after the first of two epochs
    assert "the same command goes on" in capsys.readouterr().out

    command = [sys.executable, "-u", SCRIPT, "ResNet", "--setting", "trial", "--out", killed]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stdout:
            if line.startswith("epoch 1"):
                process.send_signal(signal.SIGKILL)
                break
    assert list(killed.parent.glob("*.pt"))
    assert not killed.exists()
    call(monkeypatch, "ResNet", "--setting", "trial", "--out", killed)
    assert rows(whole) == rows(pieces) == rows(killed)


def test_what_is_recorded_is_not_run_again_and_what_is_missing_is_named(tmp_path, monkeypatch, capsys):
    out = tmp_path / "cifar.json"
    recorded.add(out, "runs", {"setting": "trial", "network": "LeNet", "seed": 0}, key=cifar.KEY)
    monkeypatch.setattr(cifar, "train", lambda *_: pytest.fail("it ran again"))
    before = out.read_text()
    call(monkeypatch, "LeNet", "--setting", "trial", "--out", out)
    assert out.read_text() == before
    call(monkeypatch, "LeNet", "ResNet", "--setting", "trial", "--out", out, "--missing")
    assert capsys.readouterr().out == 'python book/recorded/cifar.py "ResNet" --setting trial --seed 0\n'


def test_the_rate_is_chosen_on_training_pictures_that_its_runs_do_not_see(tmp_path, monkeypatch):
    seen = []

    def train(name, setting, rate, seed, parts, checkpoint, command):
        seen.append(parts)
        checkpoint.touch()
        return {"error": {3e-3: 50.0, 1e-2: 40.0}[rate]}

    monkeypatch.setattr(cifar, "train", train)
    command = cifar.Command(out=tmp_path / "cifar.json", device=torch.device("cpu"))
    assert cifar.best_rate("LeNet", "trial", command) == 1e-2
    (x, _), _ = cifar.pictures("trial")
    for known, held_out in seen:
        assert (len(known[0]), len(held_out[0])) == (90, 10)
        assert torch.equal(torch.cat([known[0], held_out[0]]), x)


def test_the_real_pictures_come_from_the_library_and_their_files_are_named(tmp_path, monkeypatch):
    def cifar10(part):
        splits = data.shapes(40, size=32, seed=1)
        return (splits.x_train, splits.y_train) if part == "train" else (splits.x_test, splits.y_test)

    monkeypatch.setattr(data, "cifar10", cifar10)
    cifar.pictures.cache_clear()
    cifar.files.cache_clear()
    brief = replace(cifar.HE, epochs=1, pictures=30)
    monkeypatch.setitem(cifar.PAPER, "residual-20", (cifar.PAPER["residual-20"][0], brief))
    call(monkeypatch, "residual-20", "--out", tmp_path / "cifar.json")
    cifar.pictures.cache_clear()
    cifar.files.cache_clear()
    (row,) = rows(tmp_path / "cifar.json")
    assert (row["setting"], row["rate"], row["pictures"]) == ("paper", 0.1, 30)
    assert row["files"].startswith("unknown, checksum ")
    assert "rates" not in json.loads((tmp_path / "cifar.json").read_text())


def test_pictures_are_normalised_by_those_to_train_on():
    (x, y), (x_test, y_test) = cifar.pictures("trial")
    (a, _), (b, _) = cifar.normalised((x, y), (x_test, y_test), cifar.HE)
    torch.testing.assert_close(a.mean(dim=0), torch.zeros(3, 32, 32), atol=1e-6, rtol=0)
    torch.testing.assert_close(b + x.mean(dim=0), x_test)
    (a, _), _ = cifar.normalised((x, y), (x_test, y_test), cifar.WIDE)
    torch.testing.assert_close(a.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(a.std(dim=(0, 2, 3)), torch.ones(3))


@pytest.mark.parametrize(
    ("recipe", "batches", "rate"),
    [
        (cifar.HE, 100, 0.1), (cifar.HE, 33_000, 0.01), (cifar.HE, 50_000, 0.001),
        (cifar.HE_SLOW, 100, 0.01), (cifar.HE_SLOW, 500, 0.1), (cifar.HE_LATER, 100, 0.01),
    ],
)  # fmt: skip
def test_the_rate_falls_where_the_paper_lets_it_fall(recipe, batches, rate):
    assert recipe.rates[0] * recipe.schedule(batches / 64_000) == pytest.approx(rate)
    assert recipe.epochs * math.ceil(50_000 / recipe.batch) == pytest.approx(64_000, rel=0.005)


def test_a_network_that_the_setting_lacks_is_refused_with_those_it_has(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        call(monkeypatch, "LeNet", "--setting", "paper")
    assert "'LeNet' is none of plain-20, residual-20" in capsys.readouterr().err


# --- what pages make of the rows ------------------------------------------------------------------------------------


def shown(page: str, file: str, tmp_path: Path, monkeypatch) -> list[str]:
    """What the cell of a page that reads the record says of it, tables included."""
    (tmp_path / "recorded").mkdir(exist_ok=True)
    (tmp_path / "page").mkdir(exist_ok=True)
    (tmp_path / "recorded" / "cifar.json").write_text(file)
    monkeypatch.chdir(tmp_path / "page")
    cells = re.findall(
        r"```\{code-cell\} python\n(?::[^\n]*\n)*(.*?)```", (ROOT / "book" / f"{page}.md").read_text(), flags=re.DOTALL
    )
    (cell,) = (cell for cell in cells if "cifar.json" in cell)
    said: list[str] = []

    def table(heads, lines) -> None:
        said.extend([" | ".join(heads), *(" | ".join(map(str, line)) for line in lines)])

    exec(cell, {"json": json, "Path": Path, "np": np, "spread": spread, "say": said.append, "table": table})
    return said


def record(setting: str, **errors: list[float]) -> str:
    """A file with a row for each error."""
    common = {
        "setting": setting, "training_error": 1.0, "seconds_an_epoch": None, "parameters": 1000, "macs": 2_000_000,
        "pictures": 50_000, "epochs": 30, "batch": 128, "rate": 0.01, "hardware": "a machine",
        "files": "JPEG at quality 75",
    }  # fmt: skip
    runs = [
        common | {"network": name, "seed": seed, "error": error}
        for name, found in errors.items()
        for seed, error in enumerate(found)
    ]
    rates = [{"setting": setting, "network": name, "rate": rate} for name in errors for rate in (0.01, 0.003)]
    return json.dumps({"runs": runs, "rates": rates})


@pytest.mark.parametrize("page", ["vision/resnet", "vision/densenet"])
def test_a_page_without_a_row_has_the_published_errors_alone(page, tmp_path, monkeypatch):
    (text,) = shown(page, record("cpu", LeNet=[50.0]), tmp_path, monkeypatch)
    assert "published" in text


def test_the_page_on_residual_networks_has_a_line_for_each_network(tmp_path, monkeypatch):
    rows = record("paper", **{"residual-20": [8.0, 9.0], "plain-20": [10.0], "densenet-bc-100-12": [5.0]})
    text, *lines = shown("vision/resnet", rows, tmp_path, monkeypatch)
    assert "JPEG at quality 75" in text
    assert lines[1:] == ["plain-20 | 1 | 1.00 (1.00 to 1.00) | 10.00 (10.00 to 10.00)",
                         "residual-20 | 2 | 1.00 (1.00 to 1.00) | 8.50 (8.00 to 9.00)"]  # fmt: skip


@pytest.mark.parametrize(("errors", "words"), [([5.0], "1 seed on"), ([5.0, 4.0], "2 seeds on")])
def test_the_page_on_dense_networks_counts_the_seeds(errors, words, tmp_path, monkeypatch):
    (text,) = shown("vision/densenet", record("paper", **{"densenet-bc-100-12": errors}), tmp_path, monkeypatch)
    assert words in text
    assert "JPEG at quality 75" in text


def test_the_page_on_choosing_ranks_the_networks_of_one_setting(tmp_path, monkeypatch):
    rows = json.loads(record("equal", VGG=[20.0, 21.0], LeNet=[40.0]))
    rows["runs"] += json.loads(record("cpu", LeNet=[50.0]))["runs"]
    text, _, *lines, end = shown("practice/choosing", json.dumps(rows), tmp_path, monkeypatch)
    assert "--setting equal" in text
    assert [line.split(" | ")[:3] for line in lines] == [["VGG", "20.5 (20.0 to 21.0)", "2"], ["LeNet", "40.0", "1"]]
    assert "20 points apart" in end
    assert "differ by up to 1.0 points" in end
    assert "tried: 0.003, 0.01. The largest was the best for VGG, LeNet:" in end
