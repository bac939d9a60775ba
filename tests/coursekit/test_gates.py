"""The gates notice what they are there for."""

import shutil
from pathlib import Path

import pytest

from coursekit import gates
from coursekit.exercise import SourceError
from coursekit.mutants import make_mutants

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture
def change(tmp_path):
    """Lay out the sample with one file changed."""
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)

    def apply(file, old="", new=""):
        path = tmp_path / "solutions" / "sample" / file
        text = path.read_text()
        assert not old or text.count(old) == 1, text.count(old)
        path.write_text(text.replace(old, new) if old else new)
        return gates.bench("sample", tmp_path)

    return apply


@pytest.fixture(scope="module")
def sample():
    return gates.bench("sample", SAMPLE)


@pytest.mark.parametrize("gate", gates.GATES, ids=lambda gate: gate.__name__)
def test_the_sample_passes(sample, gate):
    assert gate(sample) == []


def test_a_misconception_that_keeps_its_points_is_reported(change):
    bench = change("misconceptions.py", "return outputs * inputs\n", "return outputs * inputs + outputs\n")
    complaints = gates.each_misconception_loses_and_is_named(bench)
    assert complaints == [
        "affine/biases-not-counted: keeps all its points; add a probe where it differs from the reference"
    ]


def test_a_misconception_that_is_refused_is_reported(change):
    bench = change("misconceptions.py", "    e = logits.exp()\n", "    e = F.softmax(logits + 1, 0)\n")
    assert "is refused before it is judged" in gates.each_misconception_loses_and_is_named(bench)[0]


def test_two_misconceptions_that_look_the_same_are_reported(change):
    extra = """

@misconception("affine", "twin", says="This one does the same as another and can not be told from it.")
def count(inputs, outputs):
    return inputs * outputs
"""
    path = SAMPLE / "solutions" / "sample" / "misconceptions.py"
    bench = change("misconceptions.py", new=path.read_text() + extra)
    assert gates.misconceptions_can_be_told_apart(bench) == [
        "check count: biases-not-counted and twin look the same on every visible probe"
    ]
    assert (
        "twin: loses its points in check count but is taken for"
        in gates.each_misconception_loses_and_is_named(bench)[0]
    )


def test_two_misconceptions_with_one_message_need_not_be_told_apart_by_each_check(change):
    extra = """

@misconception(
    "affine",
    "twin",
    says="Your count leaves out the biases: each output has one more parameter than there are inputs.",
)
def count(inputs, outputs):
    return inputs * outputs
"""
    path = SAMPLE / "solutions" / "sample" / "misconceptions.py"
    bench = change("misconceptions.py", new=path.read_text() + extra)
    assert gates.misconceptions_can_be_told_apart(bench) == []
    assert gates.each_misconception_loses_and_is_named(bench) == [
        "affine/twin: is the same as biases-not-counted to every probe; remove one of them"
    ]


def test_too_few_misconceptions_and_variants_are_reported(change):
    bench = change("misconceptions.py", new="")
    assert gates.each_misconception_loses_and_is_named(bench) == ["there are 0 misconceptions, 4 are wanted"]
    bench = change("variants.py", new="")
    assert gates.each_variant_keeps_its_points(bench) == ["there are 0 variants, 2 are wanted"]


def test_a_variant_that_loses_points_is_reported(change):
    bench = change("variants.py", "return 3.0", "return 3.5")
    complaint = gates.each_variant_keeps_its_points(bench)[0]
    assert complaint.startswith("threshold/as-a-float: loses check threshold: For the number: threshold: 3.5 where 3")


def test_a_mutant_that_survives_is_reported(change):
    bench = change("sample.py", '    yield "far apart", softmax(torch.tensor([[0.0, 1000.0, 999.0]]))\n', "")
    complaints = gates.mutants_die(bench)
    assert len(complaints) == 1
    assert "softmax: survives and is not listed: shifted = logits - logits.max" in complaints[0]


def test_below_the_rate_listing_is_not_enough(change, monkeypatch):
    text = (SAMPLE / "solutions" / "sample" / "survivors.yml").read_text()
    bench = change("survivors.yml", new=text.replace("  reason:", "  equivalent: false\n  reason:"))
    assert gates.mutants_die(bench) == []  # two of them may live
    monkeypatch.setattr(gates, "KILL_RATE", 0.99)
    assert "99% are wanted" in gates.mutants_die(bench)[0]


def test_a_stale_entry_among_the_survivors_is_reported(change):
    entry = '- {answer: count, mutation: "a -> b", reason: "It was true once, long ago."}\n'
    text = (SAMPLE / "solutions" / "sample" / "survivors.yml").read_text()
    assert "no mutant of count survives as 'a -> b'" in gates.mutants_die(change("survivors.yml", new=text + entry))[0]


@pytest.mark.parametrize("entry", ["- {answer: a}", "- 3", '- {answer: a, mutation: b, reason: "no"}'])
def test_an_entry_without_a_reason_is_refused(change, entry):
    bench = change("survivors.yml", new=entry)
    with pytest.raises(SourceError, match=r"survivors\.yml: entry 1"):
        gates.survivors(bench.exercise)


def test_a_title_with_other_points_is_reported(change):
    assert (
        "9 points"
        in gates.the_title_tells_points_and_minutes(change("sample.py", "gives 9 points", "gives 8 points"))[0]
    )


def test_a_check_without_a_hidden_probe_is_reported(change):
    bench = change("sample.py", "def hidden_one_input():", "def one_input():")
    assert "add a hidden probe" in gates.each_check_holds_something_back(bench)[0]


def test_an_answer_that_only_fits_one_seed_is_reported(change):
    bench = change("variants.py", "torch.empty(outputs, inputs).normal_(0.0, inputs**-0.5)",
                   "torch.randn(outputs, inputs) / inputs**0.5 * (2 - torch.initial_seed())")  # fmt: skip
    assert gates.two_seeds_agree(bench)


def test_a_stub_that_earns_points_is_reported(change):
    docstring = '    """Number of parameters of Affine(inputs, outputs)."""\n'
    early = "    if inputs in (1, 64):\n        return outputs * (inputs + 1)\n"
    bench = change("sample.py", docstring, docstring + early)
    complaints = gates.the_untouched_release_earns_nothing(bench)
    assert complaints == ["check count: an untouched notebook earns 1 and is called right: This is right."]


# Mutants


def described(text: str) -> list[str]:
    marked = f"def f(x, y):\n    ### BEGIN SOLUTION\n    {text}\n    ### END SOLUTION\n"
    return [mutant.description for mutant in make_mutants("f", marked)]


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("return x + y", ["return x - y", "return x", "return y"]),
        ("return x / y", ["return x * y", "return y / x", "return x", "return y"]),
        ("return x @ y", ["return y @ x", "return x @ y.mT", "return x", "return y"]),
        ("return x.T", ["return x", "return y"]),
        ("return -x", ["return x", "return y"]),
        ("return x < y", ["return x <= y", "return x > y", "return x", "return y"]),
        ("return x and y", ["return x or y", "return x", "return y"]),
        ("return not x", ["return x", "return y"]),
        ("return x.sum(dim=1)", ["return x.mean(dim=1)", "return x.sum()", "x.sum(dim=2)", "x.sum(dim=0)"]),
        ("if x: return y", ["if not (x): return y"]),
        ("return x.max(-1, keepdim=True)", ["return x.max(-1, keepdim=False)", "return x.max(-2, keepdim=True)",
                                            "return x.max(0, keepdim=True)", "return x.min(-1, keepdim=True)"]),
        ("return torch.exp(x)", ["return x"]),
        ("return f(x, y)", ["return f(y, x)"]),
        ("return 0.5", ["return 1.0"]),
        ("return 'text'", ["return x", "return y"]),
        ("x += y; return x", ["x += y; return x -> pass; return x", "x -= y"]),
        ("z = x; return z", ["return x", "return y"]),
        ("print(x); return x", ["pass; return x"]),
        ("return x if y else 0", ["return 0 if y else x"]),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_made(text, new):
    made = described(text)
    for change in new:
        assert any(change in description for description in made), (change, made)


def test_only_solutions_are_changed_and_each_change_is_made_once():
    text = (
        "def f(x):\n    '''Twice.'''\n    y = 2\n    ### BEGIN SOLUTION\n    return x * y  # é\n    ### END SOLUTION\n"
    )
    mutants = make_mutants("f", text)
    assert all("y = 2" in mutant.source and "'''Twice.'''" in mutant.source for mutant in mutants)
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    assert len({mutant.description for mutant in mutants}) == len(mutants)
    assert all("# é" in mutant.source for mutant in mutants)


def test_a_mutant_that_never_ends_is_dead(change):
    bench = change("sample.py", "    return outputs * (inputs + 1)",
                   "    n = 0\n    while n < outputs * (inputs + 1):\n        n += 1\n    return n")  # fmt: skip
    endless = [m for m in bench.mutants if m.description in ("n += 1 -> pass", "n += 1 -> n -= 1")]
    assert len(endless) == 2
    assert all(mutant.killed for mutant in endless)


def test_the_table_for_authors_tells_every_fate(capsys, tmp_path):
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    assert gates.show("sample", tmp_path) == 0
    text = capsys.readouterr().out
    assert "✓ softmax/overflow: loses softmax and is named (by hidden probes only)" in text
    assert f"0 of {len(gates.GATES)} gates fail" in text
