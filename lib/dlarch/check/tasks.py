"""What is asked: probes and tasks as plain data, which goes to JSON and back."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Signature:
    """What a known wrong answer gives on one probe: an error, or a few projections of each value."""

    error: str | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"error": self.error} if self.error is not None else {"values": self.values}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Signature":
        return cls(error=data.get("error"), values=data.get("values", {}))


@dataclass(frozen=True)
class Probe:
    """A generator of (name, value) pairs as source text.

    Attributes:
        name: the function's name; ``hidden...`` is hidden.
        source: the text of the function, helpers before it.
        description: its docstring, which tells the student what was tried.
        key: the reference answer's arrays; empty in a blind probe and where a verdict function judges.
        signatures: by slug, only for the misconceptions that fail here.
    """

    name: str
    source: str
    description: str
    key: dict[str, np.ndarray] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)

    @property
    def hidden(self) -> bool:
        return self.name.startswith("hidden")

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "description": self.description,
            "key": {name: array_to_json(value) for name, value in self.key.items()},
            "signatures": {slug: signature.to_json() for slug, signature in self.signatures.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Probe":
        return cls(
            name=data["name"],
            source=data["source"],
            description=data["description"],
            key={name: array_from_json(value) for name, value in data["key"].items()},
            signatures={slug: Signature.from_json(value) for slug, value in data["signatures"].items()},
        )


@dataclass(frozen=True)
class Task:
    """One check of an exercise: its points, its probes and what the answer may not use.

    Attributes:
        name: of the check; what ``check(name)`` is called with.
        answer: name of the answer cell that it looks at.
        defines: the names which that cell defines.
        refuse: names that the answer may not use as an attribute or import.
        modules: modules that the answer may not import.
        misconceptions: slug -> the sentence for the student.
        verdict: source of ``verdict(probe, arrays) -> None | str``, where many answers are right.
        hidden: how many hidden probes exist, also where they are left out.
        weights: by probe, its share of the points; empty where all probes must hold for any.
    """

    name: str
    answer: str
    points: float
    probes: tuple[Probe, ...]
    defines: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    rtol: float | None = None
    atol: float | None = None
    misconceptions: dict[str, str] = field(default_factory=dict)
    verdict: str | None = None
    hidden: int = 0
    weights: dict[str, float] = field(default_factory=dict)

    def visible(self) -> "Task":
        """This task with its visible probes and what they can tell, as it travels with the exercise."""
        probes = tuple(probe for probe in self.probes if not probe.hidden)
        seen = {slug for probe in probes for slug in probe.signatures}
        says = {slug: text for slug, text in self.misconceptions.items() if slug in seen}
        weights = {probe.name: self.weights[probe.name] for probe in probes if self.weights}
        return replace(self, probes=probes, misconceptions=says, weights=weights)

    def blind(self) -> "Task":
        """This task without keys, signatures, misconceptions and verdict: safe beside a student's code."""
        probes = tuple(replace(probe, key={}, signatures={}) for probe in self.probes)
        return replace(self, probes=probes, misconceptions={}, verdict=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "answer": self.answer,
            "points": self.points,
            "defines": list(self.defines),
            "refuse": list(self.refuse),
            "modules": list(self.modules),
            "rtol": self.rtol,
            "atol": self.atol,
            "misconceptions": self.misconceptions,
            "verdict": self.verdict,
            "hidden": self.hidden,
            "probes": [probe.to_json() for probe in self.probes],
            **({"weights": self.weights} if self.weights else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Task":
        return cls(
            name=data["name"],
            answer=data["answer"],
            points=float(data["points"]),
            probes=tuple(Probe.from_json(probe) for probe in data["probes"]),
            defines=tuple(data["defines"]),
            refuse=tuple(data["refuse"]),
            modules=tuple(data["modules"]),
            rtol=data["rtol"],
            atol=data["atol"],
            misconceptions=dict(data["misconceptions"]),
            verdict=data["verdict"],
            hidden=int(data["hidden"]),
            weights=dict(data.get("weights", {})),
        )


def array_to_json(array: np.ndarray) -> dict[str, Any]:
    """An array as JSON; floats rounded (7 significant digits, 12 for float64), nan and inf as words."""
    flat = array.reshape(-1)
    if array.dtype.kind == "f":
        digits = 12 if array.dtype == np.float64 else 7
        data = [float(f"{x:.{digits}g}") if math.isfinite(x) else str(x) for x in flat.tolist()]
    else:
        data = flat.tolist()
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": data}


def array_from_json(data: dict[str, Any]) -> np.ndarray:
    """The array that ``array_to_json`` wrote."""
    dtype = np.dtype(data["dtype"])
    values = [float(x) if isinstance(x, str) else x for x in data["data"]]
    return np.array(values, dtype=dtype).reshape(data["shape"])
