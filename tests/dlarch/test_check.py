"""The probes, the comparison and the messages of ``dlarch.check``."""

import io
import json
import logging
import math
import struct
import sys
import textwrap
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlarch import check as checking
from dlarch.check import Evidence, Failure, Probe, Task, Verdict, collect, fill, judge, plain, refused


def probe(body: str, name: str = "one", **known) -> Probe:
    source = f"def {name}():\n" + textwrap.indent(textwrap.dedent(body), "    ")
    return Probe(name, source, known.pop("description", "what was tried"), **known)


def task(*probes: Probe, **known) -> Task:
    return Task(**{"name": "t", "answer": "t", "points": 2.0, "probes": probes, "defines": ("f",), **known})


def one(value, namespace=None):
    """What a probe that yields this expression gives."""
    return collect([probe(f"yield 'v', {value}")], namespace or {}).results["one"]


def verdict_on(key, value, **known) -> Verdict:
    asked = task(probe("yield 'v', value", key={"v": plain(key)}), **known)
    return judge(asked, collect(asked.probes, {"value": value}), "")


# Values


@pytest.mark.parametrize(
    ("value", "expected", "dtype"),
    [
        (torch.tensor([1.5, 2.5], requires_grad=True), [1.5, 2.5], "float32"),
        (nn.Parameter(torch.ones(2, dtype=torch.float64)), [1.0, 1.0], "float64"),
        (torch.ones(2, dtype=torch.bfloat16), [1.0, 1.0], "float32"),
        (torch.tensor([True, False]), [True, False], "bool"),
        (torch.eye(2).to_sparse(), [[1.0, 0.0], [0.0, 1.0]], "float32"),
        (np.array([1, 2], dtype=np.uint8), [1, 2], "int64"),
        (np.array([1.0], dtype=">f8"), [1.0], "float64"),
        (np.float64(0.1), 0.1, "float64"),
        (True, True, "bool"),
        (7850, 7850, "int64"),
        (0.5, 0.5, "float32"),
        (25557033.0, 25557033.0, "float64"),
        ([1, 2], [1, 2], "int64"),
        ((torch.tensor(1), torch.tensor(2)), [1, 2], "int64"),
        (torch.Size([2, 3]), [2, 3], "int64"),
    ],
)
def test_a_value_becomes_a_plain_array(value, expected, dtype):
    array = plain(value)
    assert type(array) is np.ndarray
    assert array.dtype.name == dtype
    np.testing.assert_array_equal(array, np.array(expected))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "does the function return its result"),
        ("0.5", "of type str"),
        (object(), "of type object"),
        (torch.ones(1, dtype=torch.complex64), "real numbers"),
        (np.array([1, None]), r"the result\[1\] is None"),
        (np.array([[1, "a"]], dtype=object), "of type str"),
        (np.array(["a"]), "numbers were expected"),
        ([1, [2, 3]], "different shapes"),
        (2**70, "too large"),
        (torch.zeros(1).expand(10**7), "40 MB"),
        (torch.zeros(3, device="meta"), "meta device"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(value, words):
    with pytest.raises(checking.NotNumbers, match=words):
        plain(value, "the result")


def test_a_probe_may_not_yield_more_than_two_megabytes():
    result = collect([probe("for i in range(9):\n    yield str(i), torch.zeros(75_000)")], {}).results["one"]
    assert isinstance(result, Failure)
    assert "more than the 2 MB" in result.message


class Liar(torch.Tensor):
    """A tensor that says it equals everything."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.array([0.25, 0.75], dtype=np.float32)

    __hash__ = torch.Tensor.__hash__


class FakeArray(np.ndarray):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return np.zeros(2)

    __rsub__ = __sub__


@pytest.mark.parametrize(
    "value", [torch.tensor([1.0, 0.0]).as_subclass(Liar), np.array([1.0, 0.0], dtype=np.float32).view(FakeArray)]
)
def test_a_result_that_claims_to_equal_everything_is_compared_by_its_numbers(value):
    assert verdict_on(torch.tensor([0.25, 0.75]), value).points == 0


def test_a_number_that_overrides_comparison_is_taken_by_value():
    class Number(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    assert verdict_on(0.5, Number(0.7)).points == 0


# Comparing


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (7850, 7850.0),
        (7850, torch.tensor(7850)),
        (1, True),
        (0.5, np.float64(0.5)),
        (torch.tensor([0.1, 0.2]), torch.tensor([0.1, 0.2], dtype=torch.float64)),
        (torch.tensor([0.1], dtype=torch.float64), torch.tensor([0.1])),
        (0.1 + 0.2, 0.30000001),
        (torch.tensor([math.nan, math.inf]), torch.tensor([math.nan, math.inf])),
        ([3, 2], (3.0, 2.0)),
    ],
)
def test_an_honest_way_to_say_the_same_number_counts(key, value):
    assert verdict_on(key, value).state == "right"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (torch.ones(2, 3), torch.ones(3, 2), "shape (3, 2) where (2, 3) was expected"),
        (torch.ones(1), 1.0, "shape () where (1,) was expected"),
        (torch.tensor([[1.0, 0.269]]), torch.tensor([[1.0, 0.731]]), "at [0, 1]: 0.731 where 0.269 was expected"),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, math.nan]), "at [1]: nan where 2 was expected"),
        (torch.tensor([1.0, math.inf]), torch.tensor([1.0, 2.0]), "at [1]: 2 where inf was expected"),
        (torch.tensor([math.inf]), torch.tensor([-math.inf]), "-inf where inf"),
        (torch.tensor([True, False]), torch.tensor([1, 0]), "dtype int64 where bool was expected"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "at [1]: 3 where 2 was expected (1 of 2 values differ)"),
        (7850, 7840, "7840 where 7850 was expected"),
        (25557032, 25557032.5, "25557032.5 where 25557032 was expected"),
    ],
)
def test_the_message_says_where_the_result_parts_from_the_key(key, value, message):
    verdict = verdict_on(key, value)
    assert verdict.points == 0
    assert message in verdict.message


def test_the_tolerance_of_the_task_wins():
    assert verdict_on(torch.tensor([1.0]), torch.tensor([1.01])).state == "wrong"
    assert verdict_on(torch.tensor([1.0]), torch.tensor([1.01]), rtol=0.1).state == "right"
    assert verdict_on(torch.tensor([0.0]), torch.tensor([0.01]), atol=0.1).state == "right"
    assert verdict_on(torch.tensor([1.0]), torch.tensor([1.00001]), rtol=0.0, atol=0.0).state == "wrong"


@pytest.mark.parametrize(
    ("dtype", "off", "state"),
    [
        (torch.float32, 5e-5, "right"),
        (torch.float32, 5e-4, "wrong"),
        (torch.float64, 5e-8, "right"),
        (torch.float64, 5e-6, "wrong"),
    ],
)
def test_the_default_tolerance_goes_by_the_dtype_of_the_key(dtype, off, state):
    assert verdict_on(torch.ones(1, dtype=dtype), torch.ones(1, dtype=torch.float64) + off).state == state


def test_a_value_that_is_missing_or_too_many_is_named():
    asked = task(probe("yield 'b', 1", key={"a": np.array(1)}))
    assert "a is missing" in judge(asked, collect(asked.probes, {}), "").message
    asked = task(probe("yield 'a', 1\nyield 'b', 1", key={"a": np.array(1)}))
    assert "b was not expected" in judge(asked, collect(asked.probes, {}), "").message


def test_without_a_key_without_a_result_or_without_a_probe_there_are_no_points():
    asked = task(probe("yield 'a', 1"))
    assert judge(asked, collect(asked.probes, {}), "").points == 0
    assert judge(asked, Evidence({}), "").points == 0
    assert judge(task(), Evidence({}), "").points == 0


def test_a_hidden_probe_does_not_tell_the_key():
    asked = task(probe("yield 'v', value", "hidden_one", key={"v": np.array([0.123456])}))
    verdict = judge(asked, collect(asked.probes, {"value": torch.tensor([0.5], dtype=torch.float64)}), "")
    assert verdict.points == 0
    assert "0.123" not in json.dumps(verdict.to_json())


# Running


def test_a_probe_sees_the_namespace_and_a_clean_prelude():
    namespace = {"f": lambda: 3.0, "torch": "spoilt", "math": None}
    assert one("f() + math.floor(torch.ones(()).item())", namespace)["v"] == 4.0
    assert namespace["torch"] == "spoilt"


def test_every_probe_starts_from_the_same_seed_with_gradients_on_and_in_float32():
    body = "x = torch.rand(1, requires_grad=True) + 1\nyield 'x', x\nyield 'g', x.requires_grad\n"
    body += "yield 'n', np.random.rand()"
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            a = collect([probe(body, "one"), probe(body, "two")], {}).results
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert a["one"]["x"] == a["two"]["x"]
    assert a["one"]["x"].dtype == np.float32
    assert a["one"]["n"] == a["two"]["n"]
    assert a["one"]["g"]
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    other = collect([probe(body)], {}, seed=1).results
    assert other["one"]["x"] != a["one"]["x"]


def test_what_an_answer_prints_warns_or_logs_goes_nowhere(capfd):
    def noisy():
        print("out")
        print("err", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        logging.getLogger("x").error("logged")
        import os

        os.write(2, b"from C\n")
        return 1

    assert one("f()", {"f": noisy})["v"] == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""
    assert logging.root.manager.disable == logging.NOTSET


@pytest.mark.parametrize("error", ["ValueError('no')", "SystemExit(3)", "RecursionError('deep')", "GeneratorExit()"])
def test_whatever_an_answer_raises_is_recorded(error):
    def fail():
        raise eval(error)

    result = one("f()", {"f": fail})
    assert isinstance(result, Failure)
    assert result.type == error.split("(")[0]


def test_an_interrupt_gets_through():
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one("f()", {"f": fail})


def test_an_error_names_the_line_of_the_students_cell():
    space = {}
    exec(compile("def f():\n    x = 1\n    return x / 0\n", "<cell f>", "exec"), space)
    result = one("f()", space)
    assert (result.type, result.line) == ("ZeroDivisionError", 3)


def test_an_error_whose_text_raises_or_never_ends_is_still_recorded():
    class Bad(Exception):
        def __str__(self):
            raise RuntimeError

    def fail():
        raise Bad

    def long():
        raise ValueError("x" * 10_000 + "\x1b[31m")

    assert "cannot be shown" in one("f()", {"f": fail}).message
    message = one("f()", {"f": long}).message
    assert len(message) <= 500
    assert message.isprintable()


def test_a_second_value_of_one_name_is_an_error_of_the_probe():
    assert "twice" in collect([probe("yield 'v', 1\nyield 'v', 2")], {}).results["one"].message


def test_fill_depends_on_shapes_alone():
    a = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    b = nn.ModuleDict({"last": nn.Linear(4, 2), "first": nn.Linear(3, 4)})
    fill(a), fill(b)
    assert torch.equal(a[0].weight, b["first"].weight)
    assert torch.equal(a[1].bias, b["last"].bias)
    assert a[0].weight.unique().numel() == 12
    assert a[0].weight.min() < 0 < a[0].weight.max()
    assert fill(nn.Identity()) is not None


def test_fill_says_what_it_got_in_place_of_a_module():
    with pytest.raises(TypeError, match=r"expected an nn\.Module, got list"):
        fill([nn.Linear(2, 2)])


# Evidence on its way


def evidence() -> Evidence:
    body = "yield 'a', torch.arange(6.).reshape(2, 3)\nyield 'b', True\nyield 'c', torch.zeros(0, 2)"
    return collect([probe(body), probe("raise ValueError('no')\nyield", "two")], {})


def test_evidence_survives_its_file(tmp_path):
    evidence().save(tmp_path / "e.npz")
    back = Evidence.load(tmp_path / "e.npz")
    assert back.results["two"] == evidence().results["two"]
    for name, array in evidence().results["one"].items():
        assert back.results["one"][name].dtype == array.dtype
        np.testing.assert_array_equal(back.results["one"][name], array)


def forged(tmp_path, **members: bytes):
    """An evidence file with some members replaced."""
    evidence().save(tmp_path / "e.npz")
    with zipfile.ZipFile(tmp_path / "e.npz") as old:
        kept = {name: old.read(name) for name in old.namelist()}
    kept |= {f"{name}.npy": data for name, data in members.items()}
    with zipfile.ZipFile(tmp_path / "forged.npz", "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in kept.items():
            new.writestr(name, data)
    return tmp_path / "forged.npz"


def npy(array, *, allow_pickle=False) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def header(shape: str, descr: str = "<f8") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    "members",
    [
        {"a0": npy(np.array([object()], dtype=object), allow_pickle=True)},
        {"a0": header("(10**12,)")},
        {"a0": header("(1000000000000,)") + b"\0" * 80},
        {"a0": header("(-1,)") + b"\0" * 8},
        {"a0": header("(1,)", "|S8") + b"\0" * 8},
        {"a0": b"not numpy"},
        {"a0": b"\0" * 41_000_000},
        {"a0": npy(np.zeros(300_000))},
        {"manifest": npy(np.frombuffer(b'{"probes": []}', dtype=np.uint8))},
        {"manifest": npy(np.frombuffer(b'{"probes": {"one": {"values": ["a", "b", "c", "d"]}}}', dtype=np.uint8))},
        {"manifest": npy(np.frombuffer(b"[" * 100_000, dtype=np.uint8))},
        {"manifest": npy(np.frombuffer(b"\xff\xfe", dtype=np.uint8))},
    ],
)
def test_a_forged_file_is_refused_with_a_sentence(tmp_path, members):
    with pytest.raises(ValueError, match=r"the evidence in forged.npz cannot be read"):
        Evidence.load(forged(tmp_path, **members))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00" * 100])
def test_a_file_that_is_no_archive_is_refused(tmp_path, data):
    (tmp_path / "e.npz").write_bytes(data)
    with pytest.raises(ValueError, match="cannot be read"):
        Evidence.load(tmp_path / "e.npz")


def test_a_missing_file_is_refused_too(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        Evidence.load(tmp_path / "e.npz")


# Misconceptions


def known_errors() -> Task:
    """f(x) = x + 1 on three probes, with two wrong answers known."""
    probes = [
        probe("yield 'v', f(torch.arange(5.))", "one"),
        probe("yield 'v', f(torch.zeros(3))", "two"),
        probe("yield 'v', f(torch.ones(2, 2))", "hidden_three"),
    ]
    asked = task(*probes, misconceptions={"minus": "You subtract.", "flat": "You flatten.", "raises": "You raise."})
    right = collect(probes, {"f": lambda x: x + 1}).results
    wrong = {"minus": lambda x: x - 1, "flat": lambda x: (x + 1).flatten(), "raises": lambda x: x.nope}
    signed = {slug: collect(probes, {"f": f}).results for slug, f in wrong.items()}
    known = []
    for p in probes:
        key = right[p.name]
        signatures = {
            slug: checking.sign(results[p.name])
            for slug, results in signed.items()
            if isinstance(results[p.name], Failure) or results[p.name]["v"].shape != key["v"].shape
            or not np.array_equal(results[p.name]["v"], key["v"])
        }  # fmt: skip
        known.append(replace(p, key=key, signatures=signatures))
    return replace(asked, probes=tuple(known), hidden=1)


def fate(f, asked=None) -> Verdict:
    asked = asked or known_errors()
    return judge(asked, collect(asked.blind().probes, {"f": f}), "")


def test_a_known_error_is_named():
    verdict = fate(lambda x: x - 1)
    assert (verdict.misconception, verdict.message, verdict.points) == ("minus", "You subtract.", 0)


def test_a_known_error_that_shows_on_one_probe_only_is_named():
    assert fate(lambda x: (x + 1).reshape(-1)).misconception == "flat"


def test_a_known_error_that_raises_is_named_by_its_error():
    assert fate(lambda x: x.nope).misconception == "raises"
    assert fate(lambda x: x.other).misconception is None


def test_another_error_is_not_taken_for_a_known_one():
    verdict = fate(lambda x: x + 2)
    assert verdict.misconception is None
    assert verdict.message == "For what was tried: v: at [0]: 2 where 1 was expected (5 of 5 values differ)."
    assert fate(lambda x: x - 1 if x.numel() == 5 else x + 7).misconception is None
    assert fate(lambda x: x * math.nan).misconception is None


WEIGHTS = {"one": 1.0, "two": 2.0, "hidden_three": 1.0}


def test_with_weights_the_probes_that_hold_earn_their_share_and_a_known_error_none():
    asked = replace(known_errors(), weights=WEIGHTS)
    assert fate(lambda x: x + 1, asked).points == 2.0
    part = fate(lambda x: x + 1 if x.numel() == 3 else x + 2, asked)
    assert (part.state, part.points) == ("wrong", 1.0)
    assert part.message.endswith("What holds earns 1 of 2 points.")
    assert fate(lambda x: x + 2, asked).points == 0.0
    flat = fate(lambda x: (x + 1).reshape(-1), asked)  # holds on two of three probes
    assert (flat.misconception, flat.points) == ("flat", 0.0)
    assert fate(lambda x: x + 1 if x.numel() == 3 else x + 2).points == 0.0


@given(held=st.sets(st.sampled_from(sorted(WEIGHTS))))
def test_what_more_probes_hold_never_earns_less(held):
    asked = replace(known_errors(), weights=WEIGHTS, misconceptions={})
    sizes = {"one": 5, "two": 3, "hidden_three": 4}
    kept = {sizes[name] for name in held}
    verdict = fate(lambda x: x + 1 if x.numel() in kept else x + 7, asked)
    assert verdict.points == pytest.approx(2.0 * sum(WEIGHTS[name] for name in held) / 4.0)
    packed = checking.pack(asked)
    assert checking.score(packed, {"f": lambda x: x + 1 if x.numel() in kept else x + 7}) == verdict.points


def test_the_visible_part_of_weights_names_no_hidden_probe():
    asked = replace(known_errors(), weights=WEIGHTS)
    assert asked.visible().weights == {"one": 1.0, "two": 2.0}
    assert Task.from_json(asked.to_json()).weights == WEIGHTS
    assert "weights" not in known_errors().to_json()


def test_rounding_does_not_hide_a_known_error():
    assert fate(lambda x: (x.double() - 1 + 1e-7).float()).misconception == "minus"


@pytest.mark.parametrize("count", [7850, 218365952, 10961370])
def test_a_known_count_is_told_from_the_next_number(count):
    asked = task(probe("yield 'v', value"))
    signature = checking.sign(collect(asked.probes, {"value": count}).results["one"])
    for value, same in [(count, True), (float(count), True), (count + 1, False)]:
        result = collect(asked.probes, {"value": value}).results["one"]
        assert checking.matches(signature, result, asked) is same


def test_beside_a_nan_other_values_still_tell_two_errors_apart():
    def result(*values):
        return collect(asked.probes, {"value": torch.tensor(values)}).results["one"]

    asked = task(probe("yield 'v', value"))
    signature = checking.sign(result(math.nan, -math.inf, 0.25))
    assert checking.matches(signature, result(math.nan, -math.inf, 0.25), asked)
    assert not checking.matches(signature, result(math.nan, -math.inf, 0.23), asked)
    assert not checking.matches(signature, result(math.nan, math.inf, 0.25), asked)


def test_permuting_the_values_of_a_known_error_does_not_match_it():
    assert fate(lambda x: (x - 1).flip(0)).misconception is None


def test_the_visible_part_knows_only_what_visible_probes_can_tell():
    visible = known_errors().visible()
    assert [p.name for p in visible.probes] == ["one", "two"]
    assert set(visible.misconceptions) == {"minus", "raises"}
    assert fate(lambda x: (x + 1).flatten(), visible).state == "right"


def test_the_blind_part_holds_no_key():
    text = json.dumps(known_errors().blind().to_json())
    assert "You subtract" not in text
    assert all(not p.key and not p.signatures for p in known_errors().blind().probes)


def test_a_task_survives_json():
    asked = known_errors()
    back = Task.from_json(json.loads(json.dumps(asked.to_json())))
    assert back.to_json() == asked.to_json()
    verdict = fate(lambda x: x - 1, back)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


@pytest.mark.parametrize("values", [[math.nan, math.inf, -math.inf], [1.23456789], [True], [2**40]])
def test_an_array_survives_json(values):
    array = np.array(values)
    back = checking.array_from_json(json.loads(json.dumps(checking.array_to_json(array), allow_nan=False)))
    assert back.dtype == array.dtype
    np.testing.assert_allclose(back, array, rtol=1e-11)


# Other outcomes


def stub():
    raise NotImplementedError()


def test_an_answer_that_is_not_written_is_called_so():
    asked = known_errors()
    assert fate(lambda x: stub()).state == "unwritten"
    nowhere = judge(asked, collect(asked.probes, {}), "")
    assert nowhere.state == "unwritten"
    assert "There is no f yet" in nowhere.message


def test_a_missing_name_inside_the_answer_is_an_error_and_not_an_empty_cell():
    space = {}
    exec(compile("def f(x):\n    return g(x)\n", "<cell f>", "exec"), space)
    asked = known_errors()
    verdict = judge(asked, collect(asked.probes, space), "")
    assert verdict.state == "wrong"
    assert "name 'g' is not defined" in verdict.message


def test_a_module_without_forward_is_not_taken_for_an_empty_cell():
    assert fate(nn.Module()).state == "wrong"


def test_a_verdict_function_judges_where_many_answers_are_right():
    source = "def verdict(probe, arrays):\n    if arrays['v'][0] < 1:\n        return 'it is too small'\n"
    asked = task(probe("yield 'v', value"), verdict=source)
    for value, state, words in [([2.0], "right", ""), ([0.5], "wrong", "it is too small"), (3.0, "wrong", "form")]:
        verdict = judge(asked, collect(asked.probes, {"value": value}), "")
        assert verdict.state == state
        assert words in verdict.message


# Refused names


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("def f(x):\n    return torch.softmax(x, 1)", [("softmax", 2)]),
        ("def f(x):\n    return x.softmax(1)", [("softmax", 2)]),
        ("g = F.softmax", [("softmax", 1)]),
        ("from torch import softmax as s", [("softmax", 1)]),
        ("def f(x):\n    from torch.nn.functional import softmax\n    return softmax(x)", [("softmax", 2)]),
        ("f = getattr(torch, 'softmax')", [("softmax", 1)]),
        ("import operator\nf = operator.attrgetter('softmax')(torch)", [("softmax", 2)]),
        ("f = vars(torch)['softmax']", [("softmax", 1)]),
        ("f = torch.__dict__['softmax']", [("softmax", 1)]),
        ("f = eval('torch.softmax')", [("softmax", 1)]),
        ("names = {'softmax': 1}\nprint(names['softmax'])", []),
        ("%matplotlib inline\nf = torch.softmax", [("softmax", 2)]),
        ("def f(:\n  torch.softmax(", [("softmax", 2)]),
        ("from dlarch.foundations.linear import collapse", [("dlarch.foundations.linear", 1)]),
        ("from dlarch.foundations import linear", [("dlarch.foundations.linear", 1)]),
        ("import dlarch.foundations.linear as x", [("dlarch.foundations.linear", 1)]),
        ("from dlarch import foundations as f\nf.linear.collapse", [("dlarch.foundations.linear", 2)]),
        ("import dlarch.foundations\ndlarch.foundations.linear.collapse", [("dlarch.foundations.linear", 2)]),
        ("from dlarch.foundations.linear import *", [("dlarch.foundations.linear", 1)]),
        ("import importlib\nimportlib.import_module('dlarch.foundations.linear')", [("dlarch.foundations.linear", 2)]),
        ("class A:\n    def __init__(self):\n        self.softmax = nn.Softmax()", []),
        ("class A:\n    def softmax(self, x): ...\n    def f(self, x):\n        return self.softmax(x)", []),
        ("class A:\n    def set(self):\n        self.softmax = 1\n    def f(self):\n        return self.softmax", []),
        ("def softmax(x): ...\ndef f(x):\n    return softmax(x)", []),
        ("def f(x):\n    '''Like torch.softmax.'''\n    return x  # x.softmax", []),
        ("f = getattr(torch, 'soft' + 'max')", [("getattr(...)", 1)]),
        ("f = (lambda look: look(torch, 'x'))(getattr)", [("getattr(...)", 1)]),
        ("import builtins\nf = builtins.eval\ng = f", [("eval(...)", 2)]),
        ("def f(x, how):\n    return eval(how)", [("eval(...)", 2)]),
        ("f = vars(torch)['soft' + 'max']", [("vars(...)", 1)]),
        ("f = torch.__dict__.get('soft' + 'max')", [("__dict__(...)", 1)]),
        ("from torch.nn.functional import *", [("import *", 1)]),
        ("from own import answer", [("import own", 1)]),
        ("get_ipython().run_cell('f = 1')", [("run_cell(...)", 1)]),
        ("from math import *\nimport numpy.linalg\nmodel.eval()\nlen(vars())", []),
        ("class A:\n    def f(self, i):\n        return getattr(self, f'layer{i}')(vars(self)['x'])", []),
        ("f = getattr(torch, 'exp')\nstep = eval('1 + 1')", []),
        ("import dlarch.foundations.linearity", []),
        ("from dlarch.measure import count_parameters", []),
    ],
)
def test_a_refused_name_is_found_and_an_own_one_is_not(source, uses):
    assert refused(source, ("torch.softmax",), ("dlarch.foundations.linear",)) == uses


def test_a_refused_use_earns_nothing_and_says_the_line():
    asked = replace(known_errors(), refuse=("softmax",), modules=("dlarch.vision.resnet",))
    right = collect(asked.probes, {"f": lambda x: x + 1})
    assert judge(asked, right, "def f(x):\n    return x + 1").points == 2
    verdict = judge(asked, right, "def f(x):\n    return x.softmax(0)")
    assert (verdict.state, verdict.points) == ("refused", 0)
    assert "Line 2 uses softmax, which does the work that this answer is meant to do" in verdict.message
    assert "dlarch.vision.resnet" in judge(asked, right, "import dlarch.vision.resnet").message


# In the notebook


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A folder with the checks of one exercise, and a way to call check in a namespace."""
    monkeypatch.chdir(tmp_path)
    asked = known_errors()
    data = {"format": 1, "exercise": "x", "tasks": {"t": asked.visible().to_json()}}
    (tmp_path / "checks.json").write_text(json.dumps(data))

    def call(f=None, name="t"):
        return checking.check(name, {"f": f} if f else {})

    return call


def test_check_says_what_holds_and_how_much_is_left(notebook):
    report = notebook(lambda x: x + 1)
    assert repr(report).splitlines()[0] == "✓ t: holds"
    assert "Right so far." in repr(report), "hidden probes are left, so it can't be called right yet"
    assert "1 more check runs when it is graded." in repr(report)


def test_check_explains_a_known_error_first_and_lists_every_probe(notebook):
    lines = repr(notebook(lambda x: x - 1)).splitlines()
    assert lines[0] == "✗ t: not yet"
    assert lines[1].strip() == "You subtract."
    assert len(lines) == 4


def test_only_where_nbgrader_validates_is_a_check_that_does_not_hold_an_error(notebook, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert notebook(lambda x: x + 1).state == "right"
    with pytest.raises(checking.NotHeld, match="You subtract"):
        notebook(lambda x: x - 1)
    with pytest.raises(checking.NotHeld, match="no check of that name"):
        notebook(name="softmax")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert notebook(lambda x: x - 1).state == "wrong"


def test_check_shows_no_traceback_for_an_empty_cell(notebook):
    assert repr(notebook(lambda x: stub())).splitlines()[0] == "✗ t: not written yet"
    assert "There is no f yet" in repr(notebook())


def test_check_knows_which_checks_there_are(notebook):
    assert "There are: t." in repr(notebook(name="softmax"))


@pytest.mark.parametrize("text", ["{", "[]", '{"tasks": {"t": {}}}', '{"tasks": 3}', "\udcff"])
def test_a_damaged_checks_file_gives_one_sentence(notebook, tmp_path, text):
    (tmp_path / "checks.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert "is damaged. Download it again" in repr(notebook())


def test_a_missing_checks_file_gives_one_sentence(notebook, tmp_path):
    (tmp_path / "checks.json").unlink()
    assert "was not found beside this notebook" in repr(notebook())


def test_the_card_is_readable_without_colour_and_escapes_what_came(notebook):
    def fail(x):
        raise ValueError("<script>alert(1)</script>")

    card = notebook(fail)._repr_html_()
    assert "<script>" not in card
    assert "✗" in card
    assert 'role="status"' in card
    assert 'aria-label="t: not yet"' in card


# Under plain nbgrader


def test_score_ends_in_a_plain_float_and_prints_the_message(capsys):
    payload = checking.pack(known_errors())
    points = checking.score(payload, {"f": lambda x: x + 1})
    assert (type(points), points) == (float, 2.0)
    assert type(checking.score(payload, {"f": lambda x: x - 1})) is float
    assert checking.score(payload, {}) == 0.0
    captured = capsys.readouterr()
    assert "You subtract." in captured.out
    assert captured.err == ""


def test_score_gives_nothing_for_a_payload_it_cannot_read(capsys):
    assert checking.score("no payload", {}) == 0.0
    assert "could not be made" in capsys.readouterr().out
