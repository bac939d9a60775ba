"""The tools with which two sides of a comparison are measured."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import bench
from coursekit.bench import __main__ as main

SECONDS = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=9)


def test_arms_take_turns_backwards_every_second_round_and_the_first_round_does_not_count():
    calls = []
    seconds = bench.alternate({name: lambda name=name: calls.append(name) for name in "abc"}, rounds=3)
    assert "".join(calls) == "abc" + "cba" + "abc" + "cba"
    assert {name: len(each) for name, each in seconds.items()} == {"a": 3, "b": 3, "c": 3}


@given(ours=SECONDS, factor=st.floats(0.1, 10))
def test_a_peer_that_needs_twice_as_long_has_the_ratio_two(ours, factor):
    assert bench.ratio([factor * s for s in ours], ours) == pytest.approx((factor,) * 3)


@given(st.lists(st.tuples(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)), min_size=2, max_size=9))
def test_a_ratio_lies_between_its_quarters_and_they_between_the_extremes(rounds):
    theirs, ours = zip(*rounds, strict=True)
    found = bench.ratio(theirs, ours)
    each = [a / b for a, b in rounds]
    slack = 1 + 1e-9
    assert min(each) <= found.low * slack
    assert found.low <= found.median * slack
    assert found.median <= found.high * slack
    assert found.high <= max(each) * slack


def test_what_this_program_and_its_children_use_is_not_the_others(monkeypatch):
    wall, busy, own = iter((0.0, 2.0)), iter((10.0, 13.0)), iter((5.0, 6.0))
    monkeypatch.setattr(bench.time, "monotonic", lambda: next(wall))
    monkeypatch.setattr(bench, "_busy", lambda: next(busy))
    monkeypatch.setattr(bench, "_own", lambda: next(own))
    monkeypatch.setattr(bench.os, "cpu_count", lambda: 4)
    with bench.Others() as others:
        pass
    assert others.share == (3 - 1) / 2 / 4


def test_processor_time_of_children_counts_once_they_have_ended():
    before, busy_before = bench._own(), bench._busy()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"], check=True)
    assert bench._own() - before >= 0.45
    assert bench._busy() - busy_before >= 0.4


def test_results_are_written_with_what_they_hold_for(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "OUT", tmp_path)
    text = bench.write("models", {"resnet": 1.0}, record=False).read_text()
    assert '"command": "make bench PARTS=models"' in text
    assert '"resnet": 1.0' in text
    assert '"torch"' in text


def test_the_command_runs_the_parts_that_are_named_and_says_where_their_figures_are(tmp_path, monkeypatch, capsys):
    part = SimpleNamespace(run=lambda: {"ratio": 2.0}, say=lambda results: print(f"twice as fast: {results['ratio']}"))
    monkeypatch.setattr(main.importlib, "import_module", lambda name: {"coursekit.bench.book": part}[name])
    monkeypatch.setattr(bench, "OUT", tmp_path / "out")
    monkeypatch.setattr(bench, "RECORDED", tmp_path / "recorded")
    for record, file in ([], "out/book.json"), (["--record"], "recorded/bench_book.json"):
        monkeypatch.setattr(sys, "argv", ["bench", "book", *record])
        main.main()
        assert json.loads((tmp_path / file).read_text())["ratio"] == 2.0
        assert f"twice as fast: 2.0\nAll figures are in {tmp_path / file}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "gpu", "written"),
    [
        (["models", "book"], False, {"models": "cpu", "book": None}),
        (["models", "book"], True, {"models": "cpu", "models_cuda": "cuda", "book": None}),
        (["models", "--device", "cuda"], True, {"models_cuda": "cuda"}),
        (["models", "book", "--device", "cpu"], True, {"models": "cpu", "book": None}),
    ],
)
def test_figures_of_a_gpu_are_written_apart_with_their_own_command(tmp_path, monkeypatch, given, gpu, written):
    parts = {
        "coursekit.bench.models": SimpleNamespace(run=lambda device: {"on": device}, say=print),
        "coursekit.bench.book": SimpleNamespace(run=lambda: {"on": None}, say=print),
    }
    monkeypatch.setattr(main.importlib, "import_module", parts.__getitem__)
    monkeypatch.setattr(main, "has_gpu", lambda: gpu)
    monkeypatch.setattr(bench, "OUT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", *given])
    main.main()
    found = {path.stem: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert {name: each["on"] for name, each in found.items()} == written
    if "models_cuda" in written:
        assert found["models_cuda"]["command"] == "python -m coursekit.bench models --device cuda"


@pytest.mark.parametrize(
    ("given", "message"),
    [(["book", "--device", "cuda"], "training or models"), (["models", "--device", "cuda"], "no CUDA")],
)
def test_a_device_that_is_not_there_or_not_used_is_refused(monkeypatch, capsys, given, message):
    monkeypatch.setattr(main, "has_gpu", lambda: False)
    monkeypatch.setattr(sys, "argv", ["bench", *given])
    with pytest.raises(SystemExit):
        main.main()
    assert message in capsys.readouterr().err


def test_a_part_that_does_not_exist_is_refused_with_those_that_do(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "nets"])
    with pytest.raises(SystemExit):
        main.main()
    assert "nets" in (said := capsys.readouterr().err)
    assert all(part in said for part in main.PARTS)
