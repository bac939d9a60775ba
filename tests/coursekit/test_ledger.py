"""The facts ledger: what its rows must hold, and what is said when they do not."""

from pathlib import Path

import pytest

from coursekit.facts import Fact, LedgerError, agrees, compute, format_value, load, sources

ROW = "{value: 3, unit: pixels, conditions: always, source: he2016}"
CLAIM = "{chapter: c, claim: It is., verdict: right, truth: It is., by: computed}"


def ledger(folder: Path, text: str):
    path = folder / "facts.yml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_ledger_holds_facts_by_key_and_claims_by_chapter(tmp_path: Path):
    found = ledger(tmp_path, f"one: {ROW}\nclaims:\n  - {CLAIM}\n")
    assert found.facts["one"].value == 3
    assert [claim.truth for claim in found.of_chapter("c")] == ["It is."]
    assert found.of_chapter("d") == ()


def test_an_empty_ledger_is_a_ledger(tmp_path: Path):
    assert ledger(tmp_path, "# nothing yet\n").facts == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "must be a mapping from keys to rows, got a list"),
        ("one: [", "is not valid YAML"),
        (f"one: {ROW}\none: {ROW}", "line 2: the key 'one' is written twice"),
        ("one: 3", "'one' must be a mapping"),
        ("one: {conditions: x, source: s}", "'one' needs 'value', a number or a text, got None"),
        ("one: {value: true, conditions: x, source: s}", "got True"),
        ("one: {value: 3, source: s}", "'one' needs 'conditions'"),
        ("one: {value: 3, conditions: x}", "'one' needs 'source'"),
        ("one: {value: 3, conditions: x, source: s, units: m}", "'one' has the unknown field 'units'"),
        ("one: {value: 3, conditions: 7, source: s}", "'one' has a 'conditions' that is no text: 7"),
        ("one: {value: 3, conditions: x, computed: '3', uses: dlarch.a}", "a 'uses' that is no list"),
        ("one: {value: 3, conditions: x, source: s, tolerance: -1}", "no number of at least 0: -1"),
        ("claims: {a: 1}", "'claims' must be a list of rows, got a dict"),
        ("claims: [3]", "claim 1 must be a mapping"),
        ("claims: [{chapter: c, claim: x, verdict: maybe, truth: y, by: computed}]", "one of right, imprecise, wrong"),
        ("claims: [{chapter: c, claim: x, verdict: right, by: computed}]", "needs 'truth', a text"),
        ("claims: [{chapter: c, claim: x, verdict: right, truth: y}]", "needs 'by', computed or source, got None"),
        ("claims: [{chapter: c, claim: x, verdict: right, truth: y, by: source}]", "needs 'source', a key"),
        ("claims: [{chapter: c, claim: x, verdict: right, truth: y, by: computed, key: k}]", "points to the fact 'k'"),
        ("claims: [{chapter: c, claim: x, verdict: right, truth: y, by: computed, why: k}]", "unknown field 'why'"),
    ],
)
def test_a_faulty_row_is_named_with_what_it_lacks(tmp_path: Path, text: str, message: str):
    with pytest.raises(LedgerError) as caught:
        ledger(tmp_path, text)
    assert message in str(caught.value)


def test_all_faulty_rows_are_named_at_once(tmp_path: Path):
    with pytest.raises(LedgerError) as caught:
        ledger(tmp_path, "one: {value: 3, source: s}\ntwo: {value: 3, conditions: x}\n")
    assert "'one' needs 'conditions'" in str(caught.value)
    assert "'two' needs 'source'" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "printed"),
    [(3, "3"), (25557032, "25,557,032"), (3.57, "3.57"), (1234.5, "1,234.5"), ("3.8 or 4.1", "3.8 or 4.1")],
)
def test_values_are_printed_with_separated_thousands(value: int | float | str, printed: str):
    assert format_value(value) == printed


def fact(**fields: object) -> Fact:
    return Fact(key="k", conditions="always", **fields)


@pytest.mark.parametrize(
    ("unit", "printed"), [("", "3"), ("pixels", "3\u00a0pixels"), ("% top-5 error", "3\u00a0% top-5 error")]
)
def test_a_unit_stays_with_its_value(unit: str, printed: str):
    assert fact(value=3, unit=unit).text == printed


def test_an_expression_sees_torch_math_and_the_modules_it_uses():
    assert compute(fact(value=1, computed="nn.Linear(3, 2).weight.numel() + math.floor(0.5)", uses=("torch",))) == 6


@pytest.mark.parametrize("expression", ["no_such_name", "1 / 0", "3 +"])
def test_an_expression_that_fails_is_named(expression: str):
    with pytest.raises(LedgerError, match="'k'"):
        compute(fact(value=1, computed=expression))


def test_a_row_without_an_expression_cannot_be_computed():
    with pytest.raises(LedgerError, match="has no 'computed'"):
        compute(fact(value=1))


def test_values_agree_exactly_unless_a_tolerance_says_otherwise():
    assert agrees(fact(value=3), 3)
    assert not agrees(fact(value=3), 3.0001)
    assert agrees(fact(value=3, tolerance=0.01), 3.0001)
    assert not agrees(fact(value="a"), "b")


def test_sources_are_named_by_author_and_year(tmp_path: Path):
    path = tmp_path / "references.bib"
    path.write_text(
        "@misc{a, author = {He, K.}, title = {T}, year = 2016}\n"
        "@misc{b, author = {He, K. and Sun, J.}, title = {T}, year = 2016}\n"
        "@misc{c, author = {He, K. and Sun, J. and Ren, S.}, title = {T}, year = 2016}\n"
        "@misc{d, title = {Manual}}\n",
        encoding="utf-8",
    )
    assert sources(path) == {"a": "He (2016)", "b": "He and Sun (2016)", "c": "He et al. (2016)", "d": "Manual"}
