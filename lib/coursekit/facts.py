"""The facts ledger: every number in the prose that no cell on the page computes, with its conditions and its source.

``book/facts.yml`` is a mapping from keys to rows, plus the list ``claims``; its header describes the format.
``load`` checks the whole file, ``compute`` evaluates the expression of a row that can be computed.
"""

import importlib
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from coursekit import CourseError

VERDICTS = ("right", "imprecise", "wrong")
FACT_FIELDS = {"value", "unit", "conditions", "source", "computed", "uses", "tolerance"}
CLAIM_FIELDS = {"chapter", "claim", "verdict", "truth", "by", "key", "source"}


class LedgerError(CourseError):
    """The ledger has a row that cannot be used; the message names the row and what to change."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One number (or word) that the prose may use."""

    key: str
    value: int | float | str
    conditions: str
    unit: str = ""
    source: str | None = None
    computed: str | None = None
    uses: tuple[str, ...] = ()
    tolerance: float = 0.0

    @property
    def number(self) -> str:
        """The value as the page prints it: thousands are separated by commas."""
        return format_value(self.value)

    @property
    def text(self) -> str:
        """The value with its unit, held together by a no-break space."""
        return f"{self.number}\u00a0{self.unit}" if self.unit else self.number


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence of the notes, in our words, with what we found when we checked it."""

    chapter: str
    claim: str
    verdict: str
    truth: str
    by: str
    key: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Ledger:
    """All facts by key, and the claims in the order of the file."""

    facts: dict[str, Fact] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    def of_chapter(self, chapter: str) -> tuple[Claim, ...]:
        """The claims that belong to one chapter."""
        return tuple(claim for claim in self.claims if claim.chapter == chapter)


def format_value(value: int | float | str) -> str:
    """Print a value the way the prose does: ``25557032`` becomes ``25,557,032``, words stay as they are."""
    return value if isinstance(value, str) else f"{value:,}"


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, which plain YAML would silently overwrite."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict:
    seen = set()
    for key_node, _ in node.value:
        if key_node.value in seen:
            line = key_node.start_mark.line + 1
            raise LedgerError(f"facts.yml, line {line}: the key '{key_node.value}' is written twice; keep one of them")
        seen.add(key_node.value)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(path: Path) -> Ledger:
    """Read and check the ledger.

    Raises:
        LedgerError: if the file is no YAML, or a row lacks a field, has an unknown one, or one of the wrong kind.
            All faulty rows are named at once.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys) or {}
    except yaml.YAMLError as error:
        raise LedgerError(f"{path.name} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(raw, dict):
        raise LedgerError(f"{path.name} must be a mapping from keys to rows, got a {type(raw).__name__}")
    claims = raw.pop("claims", None) or []
    if not isinstance(claims, list):
        raise LedgerError(f"{path.name}: 'claims' must be a list of rows, got a {type(claims).__name__}")
    faults = [fault for key, row in raw.items() for fault in _fact_faults(str(key), row)]
    faults += [fault for number, row in enumerate(claims, 1) for fault in _claim_faults(number, row, raw)]
    if faults:
        raise LedgerError(f"{path.name}: " + "; ".join(faults))
    facts = {key: Fact(key=key, **{**row, "uses": tuple(row.get("uses", ()))}) for key, row in raw.items()}
    return Ledger(facts, tuple(Claim(**row) for row in claims))


def _fact_faults(key: str, row: Any) -> list[str]:
    if not isinstance(row, dict):
        return [f"'{key}' must be a mapping such as {{value: 3, unit: pixels, ...}}, got {row!r}"]
    faults = [f"'{key}' has the unknown field '{name}'" for name in row if name not in FACT_FIELDS]
    if isinstance(row.get("value"), bool) or not isinstance(row.get("value"), int | float | str):
        faults.append(f"'{key}' needs 'value', a number or a text, got {row.get('value')!r}")
    if not row.get("conditions"):
        faults.append(f"'{key}' needs 'conditions': under which this value holds")
    if not row.get("source") and not row.get("computed"):
        faults.append(f"'{key}' needs 'source' (a key of references.bib), 'computed' (an expression), or both")
    for name in ("unit", "conditions", "source", "computed"):
        if name in row and not isinstance(row[name], str):
            faults.append(f"'{key}' has a '{name}' that is no text: {row[name]!r}; put it in quotes")
    uses = row.get("uses", [])
    if not isinstance(uses, list) or not all(isinstance(name, str) for name in uses):
        faults.append(f"'{key}' has a 'uses' that is no list of module names: {uses!r}")
    tolerance = row.get("tolerance", 0)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or tolerance < 0:
        faults.append(f"'{key}' has a 'tolerance' that is no number of at least 0: {tolerance!r}")
    return faults


def _claim_faults(number: int, row: Any, facts: dict) -> list[str]:
    name = f"claim {number}"
    if not isinstance(row, dict):
        return [f"{name} must be a mapping with {', '.join(sorted(CLAIM_FIELDS))}, got {row!r}"]
    name += f" ({row.get('chapter', 'no chapter')}: {str(row.get('claim', ''))[:40]!r})"
    faults = [f"{name} has the unknown field '{key}'" for key in row if key not in CLAIM_FIELDS]
    for key in ("chapter", "claim", "truth"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            faults.append(f"{name} needs '{key}', a text")
    if row.get("verdict") not in VERDICTS:
        faults.append(f"{name} needs 'verdict', one of {', '.join(VERDICTS)}, got {row.get('verdict')!r}")
    if row.get("by") not in ("computed", "source"):
        faults.append(f"{name} needs 'by', computed or source, got {row.get('by')!r}")
    elif row["by"] == "source" and not row.get("source"):
        faults.append(f"{name} is checked by a source and needs 'source', a key of references.bib")
    if row.get("key") and row["key"] not in facts:
        faults.append(f"{name} points to the fact '{row['key']}', which the ledger does not hold")
    return faults


def compute(fact: Fact) -> Any:
    """Evaluate ``computed``, with the public names of ``dlarch.measure`` and of the modules in ``uses`` in scope.

    Raises:
        LedgerError: if the row has no expression, or the expression fails.
    """
    if fact.computed is None:
        raise LedgerError(f"'{fact.key}' has no 'computed' expression")
    scope: dict[str, Any] = {"math": math, "torch": importlib.import_module("torch")}
    try:
        for name in ("dlarch.measure", *fact.uses):
            module = importlib.import_module(name)
            scope |= {public: value for public, value in vars(module).items() if not public.startswith("_")}
        return eval(fact.computed, scope)
    except Exception as error:
        raise LedgerError(f"'{fact.key}': {fact.computed} fails with {type(error).__name__}: {error}") from error


def agrees(fact: Fact, computed: Any) -> bool:
    """Whether a computed value is the one in the ledger, exactly or within ``tolerance`` (absolute)."""
    if isinstance(fact.value, str):
        return str(computed) == fact.value
    return abs(computed - fact.value) <= fact.tolerance


@cache
def sources(path: Path) -> dict[str, str]:
    """Who wrote what when, by key of a bibliography: ``{"he2016": "He et al. (2016)"}``."""
    from pybtex.database import parse_file

    labels = {}
    for key, entry in parse_file(str(path), bib_format="bibtex").entries.items():
        names = ["".join(person.prelast_names + person.last_names) for person in entry.persons.get("author", [])]
        names = names or [entry.fields.get("key", entry.fields.get("title", key))]
        who = names[0] if len(names) == 1 else f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al."
        labels[key] = f"{who} ({entry.fields['year']})" if "year" in entry.fields else who
    return labels
