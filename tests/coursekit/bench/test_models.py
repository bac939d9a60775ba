"""The comparison with other implementations: both sides agree, memory is counted exactly, what is reported."""

import json
import os
import pkgutil
import platform
import resource
from functools import cache, partial
from itertools import count, pairwise

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import dlarch
from coursekit.bench import models, peers, weights
from coursekit.bench.peers import ROWS, WITHOUT_PEER, Row
from dlarch.measure import count_parameters

NAMED = {row.name: row for row in ROWS}
LARGE = 6_000_000  # parameters from which on only shapes are compared; numbers are, whenever the comparison runs


@cache
def without_numbers(name: str) -> nn.Module:
    """Ours, of which only the shapes are known."""
    with torch.device("meta"):
        return NAMED[name].ours()


def is_large(name: str) -> bool:
    return count_parameters(without_numbers(name)) >= LARGE


def tiny(**changes) -> Row:
    """A row of two equal layers."""
    sides = {"ours": lambda: nn.Linear(3, 2), "theirs": lambda: nn.Linear(3, 2)}
    parts = {"name": "tiny", "peer": "torch.nn.Linear", "inputs": peers.numbers(3), "batch": 4}
    return Row(**(parts | sides | {"loss": peers.mean_square} | changes))


keep_memory = models.keep_memory


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """No test waits for a ratio that can be trusted, or changes what the other tests find."""
    monkeypatch.setattr(models, "keep_memory", lambda: None)
    monkeypatch.setattr(models, "SECONDS", dict.fromkeys(models.SECONDS, 0.0))
    monkeypatch.setattr(models, "A_TURN", 0.0)


# The registry


@pytest.mark.parametrize("name", NAMED)
def test_both_sides_of_every_row_agree_or_where_they_are_large_have_the_same_tensors(name):
    row = NAMED[name]
    ours = without_numbers(name)
    with torch.device("meta"):
        state = row.carry(row.theirs().state_dict(), list(ours.state_dict()))
    assert {key: value.shape for key, value in state.items()} == {k: v.shape for k, v in ours.state_dict().items()}
    if not is_large(name):
        inputs = row.inputs(2)
        row.check(*row.twins(), inputs)


class Placed(TorchFunctionMode):
    """Within it no tensor is made that is told no device: beside a network on a GPU it would lie elsewhere."""

    MAKE = (torch.tensor, torch.empty, torch.zeros, torch.ones, torch.full, torch.eye, torch.arange, torch.linspace,
            torch.rand, torch.randn, torch.randint, torch.randperm)  # fmt: skip

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        assert func not in self.MAKE or "device" in kwargs, f"{func.__name__} is told no device"
        return func(*args, **kwargs)


@pytest.mark.parametrize("name", NAMED)
def test_ours_trains_and_if_small_in_bfloat16_and_says_where_each_new_tensor_lies(name):
    row, reached = NAMED[name], []
    # Large ones take long, and are made of parts that small ones have too: shapes alone show where tensors lie.
    with torch.device("meta" if is_large(name) else "cpu"):
        ours, inputs = row.ours(), row.inputs(2)
    for parameter in ours.parameters():
        parameter.register_hook(reached.append)
    side = models.Side(row, ours, row.our_call, inputs, models.Setting("bfloat16", autocast=True))
    with Placed():
        side.train()
    assert len(reached) == len([*ours.parameters()])


def test_names_are_told_apart_and_every_peer_says_its_version():
    assert len(NAMED) == len(ROWS)
    assert all(row.package.split()[1][0].isdigit() for row in ROWS)


def test_every_module_of_an_architecture_has_a_row_or_a_reason_to_have_none():
    used = set()
    for name in NAMED:
        for part in without_numbers(name).modules():
            used.add(type(part).__module__)
            used.add(getattr(getattr(part, "function", None), "__module__", None))
    found = {
        f"{package}.{module.name}"
        for package in ("foundations", "vision", "sequences", "practice")
        for module in pkgutil.iter_modules([f"{dlarch.__path__[0]}/{package}"])
    }
    assert found == {name.removeprefix("dlarch.") for name in used if name and "dlarch." in name} | {*WITHOUT_PEER}


@pytest.mark.parametrize("name", ["LSTM", "multi-head attention", "TCN", "BERT", "LeNet"])
def test_a_mapping_that_takes_one_tensor_for_another_is_noticed(name):
    row = NAMED[name]

    def swapped(theirs, ours):
        state = row.carry(theirs, ours)
        shapes: dict[torch.Size, str] = {}
        for key, value in state.items():
            other = shapes.setdefault(value.shape, key)
            if other != key:
                state[key], state[other] = state[other], value
                return state
        raise AssertionError("no two tensors of one shape")

    def negated(theirs, ours):
        state = row.carry(theirs, ours)
        last = list(state)[-1]
        return state | {last: -state[last]}

    for wrong in (swapped, negated) if name != "LeNet" else (negated,):
        other = Row(**(vars(row) | {"carry": wrong}))
        with pytest.raises(AssertionError, match=row.name):
            row.check(*other.twins(), row.inputs(2))


def test_a_tensor_that_ours_lacks_is_an_error_and_not_left_out():
    theirs = {"weight": torch.ones(2), "bias": torch.ones(2)}
    with pytest.raises(ValueError, match="lacks: bias"):
        weights.renamed(lambda name: name)(theirs, ["weight"])
    with pytest.raises(KeyError):
        weights.renamed(lambda name: name)({"weight": torch.ones(2)}, ["weight", "bias"])


def test_a_peer_that_computes_something_else_is_an_error_before_anything_is_timed(monkeypatch):
    monkeypatch.setattr(models, "compare", lambda *arms: pytest.fail("timed"))
    with pytest.raises(AssertionError, match="tiny"):
        models.measure(tiny(their_call=lambda model, x: 2 * model(x)))


def test_dropout_rests_while_both_are_compared_and_statistics_are_put_back():
    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))

    row = tiny(ours=build, theirs=build)
    ours, theirs = row.twins()
    row.check(ours, theirs, row.inputs(4))
    for model in (ours, theirs):
        assert model[2].p == 0.5
        assert model[1].num_batches_tracked == 0
        assert torch.equal(model[1].running_mean, torch.zeros(4))
        assert all(parameter.grad is None for parameter in model.parameters())


# Time


def test_each_side_runs_as_often_behind_itself_as_behind_the_other():
    calls = []
    found = models.compare(lambda: calls.append("A"), lambda: calls.append("B"), 0.0)
    fewest, _ = models.ROUNDS
    assert found["rounds"] == fewest
    counted = "".join(calls)[-4 * fewest - 1 :]  # with the one before them
    assert counted[1:] == "BAAB" * fewest
    pairs = [before + after for before, after in pairwise(counted)]
    assert {pair: pairs.count(pair) for pair in pairs} == dict.fromkeys(("AA", "BB", "AB", "BA"), fewest)


def test_a_machine_that_grows_slower_evenly_leaves_equal_sides_equal(monkeypatch):
    now, cost = [0.0], count(1)

    def call() -> None:
        now[0] += next(cost)

    monkeypatch.setattr(models.time, "perf_counter", lambda: now[0])
    assert models.compare(call, call, 0.0)["ratio"] == dict.fromkeys(("median", "low", "high"), pytest.approx(1.0))


def test_a_side_leaves_no_gradients_in_the_memory_that_the_other_one_needs():
    row = tiny()
    inputs = row.inputs(4)
    side = models.Side(row, row.ours(), peers.call, inputs, models.CPU)
    reached = []
    for tensor in (*side.model.parameters(), *inputs):
        tensor.register_hook(lambda gradient: reached.append(gradient))
    side.train()
    assert len(reached) == 3
    assert all(tensor.grad is None for tensor in (*side.model.parameters(), *inputs))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library cannot be told to keep memory")
def test_memory_that_was_freed_is_used_again_without_new_pages():
    def new_pages() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.ones(16_000_000)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    child = os.fork()  # so that this process goes on as it is
    if child == 0:
        keep_memory()
        os._exit(min(new_pages() for _ in range(3)) >= 10)  # 64 MB are 31 of the largest pages
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# Memory


def test_memory_counts_what_is_held_at_once_to_the_byte():
    x = torch.rand(1000)

    def chain() -> None:
        a = x.neg()
        b = a.neg()
        del a
        c = b.neg()
        del b, c

    assert models.most_allocated(chain) == 2 * 4 * 1000
    assert models.most_allocated(lambda: None) == 0


def test_memory_of_a_step_counts_activations_and_gradients_and_neither_weights_nor_inputs():
    row = tiny(ours=lambda: nn.Linear(300, 200, bias=False), inputs=peers.numbers(300), batch=50)
    model, inputs = row.ours(), (torch.randn(50, 300),)
    side = models.Side(row, model, peers.call, inputs, models.CPU)
    output, gradient = 4 * 50 * 200, 4 * 300 * 200
    # The output is kept for the square, beside its square or its gradient; the gradient of the weights comes last.
    assert gradient + output <= side.peak_bytes() <= gradient + 3 * output
    assert side.peak_bytes() == side.peak_bytes()


def test_a_network_that_keeps_more_is_seen_to():
    row = tiny(
        ours=lambda: peers.Function(lambda x: x.exp().log().exp()),  # equal to the other, by a detour
        theirs=lambda: peers.Function(torch.exp),
        inputs=peers.numbers(64),
        batch=512,
    )
    assert models.measure(row)["peak_bytes"]["share"] > 1.15


# What is reported


def test_a_row_reports_all_that_a_reader_needs():
    row = tiny(reason="it is tiny")
    results = models.run([row])
    assert json.loads(json.dumps(results)) == results
    (found,) = results["rows"]
    assert found["name"] == "tiny"
    assert found["peer"] == "torch.nn.Linear"
    assert found["package"].startswith("torch 2")
    assert found["parameters"] == 8
    assert found["input"] == [[4, 3]]
    for part in ("forward", "forward_backward"):
        assert found[part]["seconds"].keys() == {"ours", "theirs"}
        assert 0 < found[part]["ratio"]["low"] <= found[part]["ratio"]["median"] <= found[part]["ratio"]["high"]
    assert found["peak_bytes"]["share"] == 1
    assert found["others"] >= 0
    medians = results["medians"][models.CPU.name]
    assert medians["forward_backward"] == found["forward_backward"]["ratio"]["median"]
    assert results["without_peer"] == WITHOUT_PEER
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(("median", "share", "reason"), [(0.8, 1.0, "why"), (1.0, 1.2, "why"), (0.95, 1.005, "")])
def test_a_reason_stands_where_ours_is_slower_or_larger_and_nowhere_else(monkeypatch, median, share, reason):
    ratio = {"median": median, "low": median, "high": median}
    monkeypatch.setattr(models, "compare", lambda *arms: {"ratio": ratio})
    sizes = iter((int(1000 * share), 1000))
    monkeypatch.setattr(models.Side, "peak_bytes", lambda side: next(sizes))
    assert models.measure(tiny(reason="why"))["reason"] == reason


def test_what_is_slower_without_a_reason_is_said(monkeypatch, capsys):
    ratio = {"median": 0.5, "low": 0.4, "high": 0.6}
    monkeypatch.setattr(models, "compare", lambda *arms: {"ratio": ratio})
    models.say(models.run([tiny()]))
    assert "tiny (float32 on the processor): NO REASON IS GIVEN" in capsys.readouterr().out


def test_bfloat16_and_channels_last_reach_both_models_in_training_and_use():
    seen, gradients = [], []

    class Watched(nn.Conv2d):
        def forward(self, x):
            y = super().forward(x)
            seen.append((y.dtype, x.is_contiguous(memory_format=torch.channels_last)))
            return y

    def build() -> nn.Module:
        return Watched(3, 8, 3)

    row = tiny(ours=build, theirs=build, inputs=peers.images(8), loss=peers.mean_square)
    setting = models.Setting("both", "cpu", autocast=True, channels_last=True)
    sides = models.sides(row, setting)
    seen.clear()  # the check before is in single precision
    for side in sides:
        side.model.weight.register_hook(lambda gradient: gradients.append(gradient.dtype))
        side.forward()
        side.train()
        assert side.model.weight.is_contiguous(memory_format=torch.channels_last)
    assert seen == [(torch.bfloat16, True)] * 4
    assert gradients == [torch.float32] * 2


def test_heads_of_four_axes_are_no_images():
    side, _ = models.sides(NAMED["scaled dot-product attention"], models.Setting("images", channels_last=True))
    assert all(tensor.is_contiguous() for tensor in side.inputs)


def test_compiled_are_the_networks_that_are_named_and_the_peer_beside_its_copy_runs_in_the_first_setting(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(models, "summary", lambda rows: len([*rows]))
    monkeypatch.setattr(models, "_told", lambda row: row)
    asked = []
    monkeypatch.setattr(models, "measure", lambda row, setting: {"name": row.name, "setting": setting.name})
    monkeypatch.setattr(models, "control", lambda row, setting: asked.append((row.name, setting)))
    found = models.run([tiny(), tiny(name="GPT")], device="cuda")
    assert found["medians"] == {models.GPU[0].name: 2, models.GPU[1].name: 1}
    assert found["rows"][-1]["name"] == "GPT"
    assert found["gpu"] == "a GPU"
    assert asked == [("GPT", models.GPU[0])]


def test_however_many_networks_of_a_class_are_compared_each_is_compiled(monkeypatch):
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    for depth in range(10):
        build = partial(nn.Sequential, nn.Linear(3, 2), *[nn.Tanh()] * depth)
        ours, _ = models.sides(tiny(ours=build, theirs=build), models.Setting("compiled", compile=True))
        ours.train()
    assert len(compiled) == 10


def test_on_a_gpu_memory_is_what_its_allocator_says_and_time_waits_for_it(monkeypatch):
    calls = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: calls.append("wait"))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 100)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: calls.append("reset"))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 350)
    row = tiny()
    side = models.Side(row, row.ours(), peers.call, row.inputs(2), models.CPU)
    side.setting = models.Setting("pretended", "cuda")
    assert side.peak_bytes() == 250
    assert calls == ["wait", "reset", "wait"]
