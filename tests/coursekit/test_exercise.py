"""Reading exercises: what is understood, and what is refused with which sentence."""

import shutil
from pathlib import Path

import pytest

from coursekit import exercise
from coursekit.exercise import SourceError, load

SAMPLE = Path(__file__).parent / "sample"

SOURCE = '''\
# %% [markdown] role="title" chapter="foundations/small" minutes=5
# # Small
#
# 3 points, 5 minutes.

# %% role="given" name="setup"
import torch
from dlarch.check import check

def helper(x):
    return x

# %% role="answer" name="double"
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% role="check" name="double" points=2
def ones():
    """two ones"""
    yield "y", double(torch.ones(2))

# %% [markdown] role="written" name="why" points=1
# Because.
'''


@pytest.fixture
def small(tmp_path):
    """Write a source, changed in one place, and load it."""

    def write(old="", new="", *, misconceptions="", variants=""):
        assert not old or SOURCE.count(old) == 1, old
        folder = tmp_path / "solutions" / "small"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "small.py").write_text(SOURCE.replace(old, new, 1) if old else SOURCE)
        (folder / "misconceptions.py").write_text(misconceptions)
        (folder / "variants.py").write_text(variants)
        return load("small", tmp_path)

    return write


def test_the_sample_is_read_in_full():
    sample = load("sample", SAMPLE)
    assert (sample.title, sample.minutes, sample.points) == ("A small exercise", 10, 9)
    assert sample.module == "dlarch.foundations.sample"
    assert list(sample.answers) == ["softmax", "affine", "initialise", "threshold"]
    assert sample.defines("affine") == ("Affine", "count")
    assert [check.name for check in sample.checks if check.answer == "affine"] == ["affine", "count"]
    assert sample.written == {"why": 1.0}
    assert exercise.names(SAMPLE) == ["sample"]


def test_an_answer_loses_its_marks_and_a_stub_its_solution():
    cells = {cell.name: cell for cell in load("sample", SAMPLE).cells if cell.role == "answer"}
    assert "SOLUTION" not in cells["affine"].answer
    assert cells["affine"].stub.count("    # YOUR CODE HERE\n") == 3
    assert "outputs * (inputs + 1)" not in cells["affine"].stub
    assert '"""Number of parameters of Affine(inputs, outputs)."""' in cells["affine"].stub
    assert cells["threshold"].stub == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_helpers_travel_with_every_probe():
    check = load("sample", SAMPLE).checks[0]
    assert all("def _scores" in probe.source for probe in check.probes)
    assert [probe.name for probe in check.probes] == ["two_rows", "one_row", "hidden_large_scores"]
    assert check.refuse == ("softmax", "log_softmax")


def test_a_wrong_answer_takes_the_place_of_the_definition_alone():
    wrong = {w.slug: w for w in load("sample", SAMPLE).misconceptions}
    text = wrong["biases-not-counted"].source
    assert "return outputs * inputs\n" in text + "\n"
    assert "self.bias" in text
    assert "misconception" not in text
    assert wrong["off-by-one"].source.endswith("threshold = threshold()")


def test_cell_ids_depend_on_names_alone(small):
    before = small()
    after = small("# # Small", "# # Another title")
    ids = [[exercise.cell_id(e.name, cell) for cell in e.cells] for e in (before, after)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_own_decorators_of_a_wrong_answer_are_kept(small):
    text = """
@misconception("double", "adds", says="You add two where the answer is to be multiplied by two.")
@torch.no_grad()
def double(x):
    return x + 2
"""
    assert small(misconceptions=text).misconceptions[0].source == "@torch.no_grad()\ndef double(x):\n    return x + 2"


def test_weights_of_probes_are_read(small):
    weighed = small('name="double" points=2', 'name="double" points=2 weights="ones:1.5"')
    assert weighed.checks[0].weights == {"ones": 1.5}
    assert small().checks[0].weights == {}


ANSWER = "def double(x):\n    ### BEGIN SOLUTION"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('role="title" chapter="foundations/small" minutes=5', "", "first cell must be the title"),
        ("minutes=5\n# # Small", "minutes=5\n# Small", "must start with a heading"),
        ('role="given" name="setup"', 'role="given" name="start"', 'first code cell must be `# %% role="given"'),
        ("from dlarch.check import check", "", "must hold `from dlarch.check import check`"),
        ('role="answer" name="double"', 'role="anwser" name="double"', "the role 'anwser' is unknown"),
        ('role="answer" name="double"', 'role="answer"', 'the mark name="..." is missing'),
        ('role="answer" name="double"', 'role="answer" name="my double"', "a name is made of"),
        ('role="answer" name="double"', 'role="answer" name="double" points=3', "unknown mark points"),
        ('role="answer" name="double"', "", "a code cell needs a role"),
        ('role="answer" name="double"', 'role="answer" name="double', "a quote is left open"),
        ('role="answer" name="double"', 'role="answer" name="double" locked', "'locked' is no mark"),
        ('role="answer" name="double"', 'name="double"', "marks without a role"),
        ('name="double" points=2', 'name="double"', "points are missing"),
        ('name="double" points=2', 'name="double" points=0', "points are missing or not above zero"),
        ('name="double" points=2', 'name="double" points=two', "points='two' is not a number"),
        ('name="double" points=2', 'name="double" points=2 weights="one:1"', 'as in weights="ones:1"'),
        ('name="double" points=2', 'name="double" points=2 weights="ones:0"', "with a number above 0"),
        ('name="double" points=2', 'name="double" points=2 weights="ones:much"', "with a number above 0"),
        ('name="double" points=2', 'name="treble" points=2', "there is no answer 'treble'"),
        ('[markdown] role="written"', 'role="written"', "a written cell is a [markdown] cell"),
        ("# Because.", "Because.", "starts with `# `"),
        ("# %% [markdown] role=\"title\"", "x = 1\n# %% [markdown] role=\"title\"", "code before the first cell"),
        ("    ### BEGIN SOLUTION\n", "", "do not alternate"),
        ("    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n", "    return 2 * x\n", "are missing"),
        (ANSWER, "import math\n" + ANSWER, "functions, classes and assignments only, but line 14"),
        (ANSWER, "def torch():\n    pass\n" + ANSWER, "defines torch, which every probe needs"),
        (ANSWER, "def helper():\n    pass\n" + ANSWER, "defines helper, which a given cell defines too"),
        ("    return 2 * x\n", "    return 2 * * x\n", "line 16, answer 'double': invalid syntax"),
        ('    yield "y", double', '    return double', "the probe ones yields nothing"),
        ('    """two ones"""\n', "", "has no docstring"),
        ("def ones():", "def ones(x):", "takes arguments"),
        ("def ones():", "def hidden_ones():", "every probe is hidden"),
        ("def ones():", "x = 1\ndef ones():", "a check holds functions only"),
        ("def ones():", "def _ones():", "it holds no probe"),
        ("def ones():", "def verdict(x):\n    pass\ndef ones():", "verdict takes two arguments"),
        ("    return x\n\n", "    return double(x)\n\n", "given cells must run while all answers are blank"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_source_is_a_sentence_that_names_the_file(small, old, new, words):
    with pytest.raises(SourceError) as error:
        small(old, new)
    assert words in str(error.value)
    assert str(error.value).startswith("solutions/small/small.py")


SECOND = '''\
# %% role="answer" name="four"
def four(x):
    ### BEGIN SOLUTION
    return 4 * x
    ### END SOLUTION

# %% role="check" name="four" points=2
def twos():
    """two twos"""
    yield "y", four(torch.ones(2))

# %% [markdown] role="written"'''


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return 4 * x", "return double(double(x))", "it uses double of the answer 'double'; tasks stand alone"),
        ("four(torch.ones(2))", "double(torch.ones(2))", "the probe twos uses double of the answer 'double'"),
        ("def four(x)", "def double(x)", "defines double, which the answer 'double' defines too"),
        (
            'role="answer" name="four"',
            'role="answer" name="double"',
            "a second answer 'double'; the first is at",
        ),
        ('role="check" name="four"', 'role="check" name="four" answer="double"', "the probe twos uses four"),
    ],
)
def test_tasks_stand_alone_or_are_refused(small, old, new, words):
    assert SECOND.count(old) == 1
    with pytest.raises(SourceError) as error:
        small('# %% [markdown] role="written"', SECOND.replace(old, new))
    assert words in str(error.value)


def test_an_answer_without_a_check_is_refused(small):
    second = SECOND[: SECOND.index('# %% role="check"')] + '# %% [markdown] role="written"'
    with pytest.raises(SourceError, match="answer 'four': no check looks at it"):
        small('# %% [markdown] role="written"', second)


LONG = "This is a sentence of more than forty characters."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'@misconception("double", "a", says="{LONG}")\ndef treble(x): ...', "defines no treble"),
        (f'@misconception("treble", "a", says="{LONG}")\ndef double(x): ...', "there is no answer 'treble'"),
        ('@misconception("double", "a", says="Too short.")\ndef double(x): ...', "full sentence of 40 characters"),
        (f'@misconception("double", "a", says="{LONG[:-1]}")\ndef double(x): ...', "ending in a full stop"),
        ('@misconception("double", "a")\ndef double(x): ...', "write it as @misconception"),
        ('@misconception("double", "a", says=f())\ndef double(x): ...', "must be plain strings"),
        (f'@misconception("double", "a b", says="{LONG}")\ndef double(x): ...', "is no slug"),
        ("def double(x): ...", "it lacks @misconception"),
        (f'@misconception("double", "a", says="{LONG}")\ndef double(x): ...\n' * 2, "a second misconception 'a'"),
        (f'@f\n@misconception("double", "a", says="{LONG}")\ndef double(x): ...', "above the other decorators"),
        ("def double(x) ...", "line 1"),
    ],
)
def test_a_mistake_among_the_wrong_answers_is_a_sentence_too(small, text, words):
    with pytest.raises(SourceError) as error:
        small(misconceptions=text)
    assert words in str(error.value)
    assert str(error.value).startswith("solutions/small/misconceptions.py")


def test_a_mistake_among_the_variants_names_their_file(small):
    with pytest.raises(SourceError, match=r"solutions/small/variants.py.*write it as @variant"):
        small(variants='@variant("double")\ndef double(x): ...')


def test_an_unknown_exercise_names_those_there_are():
    with pytest.raises(SourceError, match=r"no exercise called 'nope'.*There are: sample"):
        load("nope", SAMPLE)


def test_an_exercise_that_was_not_released_says_how_to_release_it(tmp_path):
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    with pytest.raises(SourceError, match="run: course release sample"):
        load("sample", tmp_path).with_answers({})
