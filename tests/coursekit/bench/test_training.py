"""What the options of fit gain: the arms are what they are called, and the ratios say which one is faster."""

import json
import shutil

import pytest
import torch

from coursekit.bench import training
from coursekit.bench.training import Task


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(training, "ROUNDS", 1)
    monkeypatch.setattr(training, "THREADS", 1)


def small(device: str) -> dict[str, Task]:
    return {
        "residual network": Task(lambda: training.CifarResNet(8, width=0.25), training.images(8), 4),
        "GPT": Task(lambda: training.gpt(1, 32, 8), training.text(4, 8), 2),
        "perceptron": Task(training.perceptron, training.images(8), 4),
    }


def options_given(monkeypatch, *, compiler: bool) -> list[dict[str, bool]]:
    given = []
    monkeypatch.setattr(training, "fit", lambda model, data, **options: given.append(options))
    training.options(small("cpu")["perceptron"], "cpu", compiler=compiler)
    return [
        {name: on for name, on in options.items() if name in training.OPTIONS and on}
        for options in given[: len(given) // 3]
    ]


def test_each_option_is_on_alone_and_all_are_on_together(monkeypatch):
    assert options_given(monkeypatch, compiler=True) == [
        {},
        {"autocast": True},
        {"channels_last": True},
        {"compile": True},
        {"autocast": True, "channels_last": True, "compile": True},
    ]


def test_without_a_compiler_the_other_options_are_compared(monkeypatch):
    both = {"autocast": True, "channels_last": True}
    assert options_given(monkeypatch, compiler=False) == [{}, {"autocast": True}, {"channels_last": True}, both]


def test_an_arm_that_takes_half_as_long_has_the_ratio_two(monkeypatch):
    monkeypatch.setattr(training, "alternate", lambda arms, rounds: {"plain": [2.0, 4.0], "quick": [1.0, 2.0]})
    found = training.against("plain", {"plain": print, "quick": print}, units=10)
    assert found["ratio"] == {"quick": {"median": 2.0, "low": 2.0, "high": 2.0}}
    assert found["seconds"] == {"plain": 0.3, "quick": 0.15}


def test_what_compiling_takes_is_the_first_epoch_less_an_ordinary_one(monkeypatch):
    monkeypatch.setattr(training, "timed", lambda arm: 10.0)
    monkeypatch.setattr(training, "alternate", lambda arms, rounds: {name: [1.0] for name in arms})
    found = training.options(small("cpu")["perceptron"], "cpu")
    assert found["seconds_of_compiling"] == {"compile": 9.0, "all": 9.0}
    assert (found["batch"], found["batches"], found["seconds"]["all"]) == (4, 2, 0.5)


def test_the_four_steps_and_the_loaders_see_every_sample_once_an_epoch():
    x, y = training.images(10)
    seen = []

    class Seeing(torch.nn.Linear):
        def forward(self, batch):
            seen.extend(batch.flatten(1)[:, 0].tolist())
            return super().forward(batch.flatten(1))

    loader = training.DataLoader(training.TensorDataset(x, y), batch_size=4, shuffle=True)
    for data in ((x, y), loader):
        seen.clear()
        training.bare(Seeing(3072, 10), data, 4, "cpu")()
        assert sorted(seen) == sorted(x.flatten(1)[:, 0].tolist())


def test_small_batches_hold_less_memory_than_one_of_all_their_samples():
    held = training.accumulation(small("cpu")["residual network"], "cpu", parts=2)["peak_bytes"]
    assert held["2 batches"] < 0.8 * held["one batch"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python's, of any process that has threads
def test_the_whole_part_gives_what_json_holds_and_says_it_without_a_compiler_too(monkeypatch, capfd):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    threads = torch.get_num_threads()
    results = json.loads(json.dumps(training.run(small, device="cpu")))
    assert torch.get_num_threads() == threads
    found = results["on"]["cpu"]
    assert set(found["options"]["GPT"]["ratio"]) == {"autocast", "channels_last", "all"}
    assert set(found["feed"]["perceptron"]["ratio"]) == {"four steps", "DataLoader", "DataLoader, 2 workers"}
    assert set(found["optimizer"]["AdamW"]["ratio"]) == {"foreach", "fused"}
    assert found["checkpoint"]["bytes"] > 4 * found["options"]["GPT"]["parameters"]
    capfd.readouterr()
    training.say(results)
    out = capfd.readouterr().out
    assert "cpu, compile not measured: torch.compile needs a C++ compiler (g++, clang++, c++)" in out
    assert "cpu, GPT, times as fast as float32: autocast" in out
    assert "memory 0." in out
