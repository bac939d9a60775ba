"""Check an answer by probes: short programs that run beside it and yield raw arrays.

In a notebook, ``check("softmax")`` runs the visible probes of that task and explains what it found. The parts:

- ``Probe``, ``Task``: what is asked, as plain data (``to_json``/``from_json``). ``Task.blind()`` leaves out keys and
  signatures, so that it can stand in the same process as the answer.
- ``collect(probes, namespace) -> Evidence``: runs the probes. It reads no key and makes no judgement.
- ``judge(task, evidence, source) -> Verdict``: compares. No code of the student runs in it.
- ``score(payload, namespace)``: both in one, for a hidden test cell of plain nbgrader.

How values are compared. Shapes are compared exactly, values by tolerance: |received - expected| <= atol + rtol *
|expected|, with ``TOLERANCES`` by the dtype of the key unless the task sets its own. NaN equals NaN only where the key
has it. A number counts by its value: 7850.0 for 7850 and True for 1 are right, 7850.5 is not. An array of booleans
must be one, since a mask of numbers indexes where a mask of booleans selects. A Python float says nothing about the
precision it was computed in, so it is kept as float32 while that holds it exactly enough (below 2**24). Where the key
is float64 and the result float32, the tolerance of float32 applies.

A signature is what a known wrong answer gives: the name and message of its error, or the shape of each value with
four projections on fixed directions. From a projection nobody can read the right answer.
"""

import ast
import base64
import contextlib
import html
import inspect
import io
import json
import linecache
import logging
import math
import os
import random
import re
import sys
import traceback
import types
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

FORMAT = 1
MAX_PROBE_BYTES = 2_000_000
MAX_EVIDENCE_BYTES = 40_000_000
MAX_TEXT = 500
TOLERANCES = {"float16": (1e-2, 1e-3), "float32": (1e-4, 1e-5), "float64": (1e-7, 1e-9)}
COUNTS = (0.0, 1e-6)
PROJECTIONS = 4


def fill(module: nn.Module) -> nn.Module:
    """Set every parameter by a rule of its shape alone, so that names and order of the parameters do not matter.

    The values are small, of both signs and differ from entry to entry. Buffers stay as they are.

    Returns:
        The same module.
    """
    with torch.no_grad():
        for parameter in module.parameters():
            n = parameter.numel()
            steps = torch.arange(n, dtype=torch.float64) * 0.7310585 + sum(parameter.shape) * 0.37 + parameter.dim()
            scale = 1.0 / math.sqrt(max(1, n // max(1, parameter.shape[0] if parameter.dim() else 1)))
            values = torch.sin(steps * 2.3) * scale
            parameter.copy_(values.reshape(parameter.shape).to(parameter.dtype))
    return module


PRELUDE: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math, "fill": fill}


# What is asked


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

    def visible(self) -> "Task":
        """This task with its visible probes and what they can tell, as it travels with the exercise."""
        probes = tuple(probe for probe in self.probes if not probe.hidden)
        seen = {slug for probe in probes for slug in probe.signatures}
        says = {slug: text for slug, text in self.misconceptions.items() if slug in seen}
        return replace(self, probes=probes, misconceptions=says)

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


# What came


@dataclass(frozen=True)
class Failure:
    """A probe that ended in an error instead of values.

    Attributes:
        type: name of the exception.
        message: its text, at most 500 characters.
        line: line in the student's cell, if it could be told, with its text.
    """

    type: str
    message: str
    line: int | None = None
    text: str = ""

    @property
    def blank(self) -> bool:
        """Whether this is the ``raise NotImplementedError()`` that stands where an answer is missing."""
        return self.type == "NotImplementedError" and not self.message

    def __str__(self) -> str:
        where = f" (line {self.line} of your cell: {self.text})" if self.line and self.text else ""
        return (f"{self.type}: {self.message}" if self.message else self.type) + where


Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What the probes of one task gave: probe name -> arrays by name, or a ``Failure``."""

    results: dict[str, Arrays | Failure]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an ``.npz`` file without pickles: a manifest (JSON as bytes) and the arrays."""
        arrays: list[np.ndarray] = []
        manifest: dict[str, Any] = {}
        for probe, result in self.results.items():
            if isinstance(result, Failure):
                manifest[probe] = {"error": [result.type, result.message, result.line, result.text]}
            else:
                manifest[probe] = {"values": list(result)}
                arrays.extend(result.values())
        text = json.dumps({"format": FORMAT, "probes": manifest}).encode()
        members = {f"a{i}": array for i, array in enumerate(arrays)}
        with open(path, "wb") as file:
            np.savez(file, manifest=np.frombuffer(text, dtype=np.uint8), **members)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Evidence":
        """Read what ``save`` wrote. The file may come from a student's process: nothing in it is believed.

        Raises:
            ValueError: if the file is too large, damaged or holds anything but plain numbers.
        """
        try:
            return cls._read(path)
        except Exception as error:
            raise ValueError(f"the evidence in {Path(path).name} cannot be read: {error}") from error

    @classmethod
    def _read(cls, path: str | os.PathLike[str]) -> "Evidence":
        if os.path.getsize(path) > MAX_EVIDENCE_BYTES:
            raise ValueError(f"it is larger than {MAX_EVIDENCE_BYTES} bytes")
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_EVIDENCE_BYTES:
                raise ValueError(f"it unpacks to more than {MAX_EVIDENCE_BYTES} bytes")
            manifest = json.loads(_read_array(archive, "manifest").astype(np.uint8).tobytes().decode())
            results: dict[str, Arrays | Failure] = {}
            count = 0
            for probe, entry in manifest["probes"].items():
                if "error" in entry:
                    kind, message, line, text = entry["error"]
                    line = line if isinstance(line, int) else None
                    results[probe] = Failure(_clean(kind), _clean(message), line, _clean(text))
                else:
                    arrays: Arrays = {}
                    for name in entry["values"]:
                        arrays[_clean(name)] = _read_array(archive, f"a{count}")
                        count += 1
                    results[probe] = arrays
        return cls(results)


def _read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array of an npz; its header must agree with the bytes that are there, so it cannot ask for memory."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        data = file.read(MAX_EVIDENCE_BYTES + 1)
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("it was not written by this version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "biuf" or len(shape) > 32:
        raise ValueError(f"it holds {dtype} where numbers were expected")
    body = data[stream.tell() :]
    if math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError("an array's header and its bytes disagree")
    return np.frombuffer(body, dtype=dtype).reshape(shape, order="F" if fortran else "C").copy()


def _clean(text: Any) -> str:
    """Text from a student's process: one line, printable, capped."""
    text = " ".join(str(text).split())
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


class NotNumbers(ValueError):
    """A probe's value is no number and no array of numbers."""


def plain(value: Any, name: str = "value") -> np.ndarray:
    """A tensor, array, number or (nested) list of numbers as a plain array of a plain dtype.

    Raises:
        NotNumbers: for anything else, with a sentence for the student.
    """
    if value is None:
        raise NotNumbers(f"{name} is None where numbers were expected; does the function return its result?")
    if isinstance(value, torch.Tensor):
        array = _from_tensor(value, name)
    elif isinstance(value, np.ndarray | np.generic):
        _check_size(value.size * value.itemsize, name)
        array = np.array(value, subok=False)
    elif isinstance(value, bool):
        array = np.array(bool(value))
    elif isinstance(value, int):
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise NotNumbers(f"{name} is an integer too large to compare")
        array = np.array(number, dtype=np.int64)
    elif isinstance(value, float):
        number = float(value)
        exact = not math.isfinite(number) or abs(number) < 2**24
        array = np.array(number, dtype=np.float32 if exact else np.float64)
    elif isinstance(value, list | tuple):
        array = _from_list(value, name)
    else:
        kind = type(value).__name__
        raise NotNumbers(f"{name} is of type {kind} where a tensor, an array or a number was expected")
    return _plain_dtype(array, name)


def _from_tensor(value: torch.Tensor, name: str) -> np.ndarray:
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        tensor = torch.Tensor.detach(value)
        if type(tensor) is not torch.Tensor:
            tensor = torch.Tensor.as_subclass(tensor, torch.Tensor)
        if tensor.dtype.is_complex or tensor.is_quantized:
            raise NotNumbers(f"{name} has dtype {tensor.dtype} where real numbers were expected")
        _check_size(tensor.numel() * tensor.element_size(), name)
        if tensor.layout != torch.strided:
            tensor = tensor.to_dense()
        if tensor.device.type == "meta":
            raise NotNumbers(f"{name} lies on the meta device and holds no numbers")
        if tensor.dtype == torch.bfloat16:
            tensor = tensor.float()
        return tensor.cpu().resolve_neg().contiguous().numpy().copy()


def _from_list(value: list[Any] | tuple[Any, ...], name: str) -> np.ndarray:
    if len(value) > 100_000:
        raise NotNumbers(f"{name} has {len(value)} entries, too many to compare")
    if not value:
        return np.zeros((0,), dtype=np.float32)
    parts = [plain(part, f"{name}[{i}]") for i, part in enumerate(value)]
    if len({part.shape for part in parts}) > 1:
        raise NotNumbers(f"{name} is a list whose entries have different shapes")
    return np.stack(parts)


def _plain_dtype(array: np.ndarray, name: str) -> np.ndarray:
    kind = array.dtype.kind
    if kind == "b":
        return array
    if kind in "iu":
        large = kind == "u" and array.size and array.max() >= 2**63
        return array.astype(np.float64 if large else np.int64)
    if kind == "f":
        return array.astype(array.dtype.newbyteorder("=") if array.dtype.itemsize <= 8 else np.float64)
    raise NotNumbers(f"{name} has dtype {array.dtype} where numbers were expected")


def _check_size(n_bytes: int, name: str) -> None:
    if n_bytes > MAX_PROBE_BYTES:
        raise NotNumbers(f"{name} is {n_bytes / 1e6:.0f} MB, more than the {MAX_PROBE_BYTES / 1e6:.0f} MB allowed")


# Running


def collect(probes: list[Probe] | tuple[Probe, ...], namespace: dict[str, Any], *, seed: int = 0) -> Evidence:
    """Run probes where an answer lives and take their raw arrays.

    Each probe is compiled from its own text, in a fresh copy of the namespace overlaid with a clean prelude (torch, nn,
    F, np, math, fill), after seeding. What it prints, warns or logs goes nowhere. Errors are recorded.

    Args:
        probes: of one task.
        namespace: where the student's names live, for example ``globals()`` of a notebook.
        seed: of torch, NumPy and random, before every probe.
    """
    results: dict[str, Arrays | Failure] = {}
    with quiet(), _own_random_state():
        for probe in probes:
            torch.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            try:
                with torch.enable_grad():
                    results[probe.name] = _run(probe, namespace)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                results[probe.name] = as_failure(error)
    return Evidence(results)


def _run(probe: Probe, namespace: dict[str, Any]) -> Arrays:
    overlay = {**namespace, **PRELUDE, "__name__": "probe"}
    exec(compile(probe.source, f"<probe {probe.name}>", "exec"), overlay)
    arrays: Arrays = {}
    total = 0
    for name, value in overlay[probe.name]():
        array = plain(value, name)
        if name in arrays:
            raise NotNumbers(f"the probe {probe.name} yields {name} twice")
        total += array.nbytes
        _check_size(total, "the result")
        arrays[str(name)] = array
    return arrays


def as_failure(error: BaseException) -> Failure:
    """An exception as plain text, with the line of the student's cell it came from."""
    try:
        message = _clean(error)
    except Exception:
        message = "(its message cannot be shown)"
    line, text = None, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if _is_cell(frame.filename):
            line, text = frame.lineno, _clean(frame.line or "")
    return Failure(type(error).__name__, message, line, text)


def _is_cell(filename: str) -> bool:
    return filename.startswith(("<cell ", "<ipython-input")) or "ipykernel_" in filename


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Python's and the C library's stdout and stderr, warnings and log records go nowhere for a while."""
    sink = io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        disabled = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, disabled)
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, null)
            for fd in (1, 2):
                saved = os.dup(fd)
                stack.callback(os.close, saved)
                stack.callback(os.dup2, saved, fd)
                os.dup2(null, fd)
        yield


@contextlib.contextmanager
def _own_random_state() -> Iterator[None]:
    """Leave random states and the default dtype as they were, and start from float32."""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate(), torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        torch.set_default_dtype(states[3])


# Comparing


def tolerance(task: Task, expected: np.ndarray, received: np.ndarray) -> tuple[float, float]:
    """rtol and atol for one value: the task's own, else by dtype."""
    by_dtype = TOLERANCES.get(expected.dtype.name, COUNTS)
    if expected.dtype == np.float64 and received.dtype == np.float32:
        by_dtype = TOLERANCES["float32"]
    rtol = by_dtype[0] if task.rtol is None else task.rtol
    atol = by_dtype[1] if task.atol is None else task.atol
    return rtol, atol


def difference(
    expected: np.ndarray, received: np.ndarray, *, rtol: float, atol: float, reveal: bool = True
) -> str | None:
    """None if the values agree, else a phrase that says where they part first.

    Args:
        expected: the key.
        received: the student's.
        rtol: relative to the expected value.
        atol: absolute.
        reveal: whether numbers of the key may stand in the phrase.
    """
    if received.shape != expected.shape:
        return f"shape {_shape(received)} where {_shape(expected)} was expected"
    if expected.dtype.kind == "b" and expected.ndim and received.dtype.kind != "b":
        return f"dtype {received.dtype} where bool was expected"
    if expected.dtype.kind in "bi" and received.dtype.kind in "bi":
        close = expected == received
    else:
        e, r = expected.astype(np.float64), received.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            close = np.abs(r - e) <= atol + rtol * np.abs(e)
        close = np.where(np.isfinite(e) & np.isfinite(r), close, (e == r) | (np.isnan(e) & np.isnan(r)))
    if bool(np.all(close)):
        return None
    index = tuple(int(i) for i in np.argwhere(~np.atleast_1d(close))[0])[: expected.ndim]
    where = f"at [{', '.join(map(str, index))}]: " if index else ""
    if not reveal:
        return where + f"{_number(received[index])} is not what was expected"
    wrong = int(np.sum(~close))
    count = f" ({wrong} of {expected.size} values differ)" if expected.size > 1 else ""
    return f"{where}{_number(received[index])} where {_number(expected[index])} was expected{count}"


def _shape(array: np.ndarray) -> str:
    return f"({', '.join(map(str, array.shape))}{',' if array.ndim == 1 else ''})"


def _number(value: Any) -> str:
    value = np.asarray(value).item()
    digits = 6 if abs(value) < 1e6 else 10
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def project(array: np.ndarray) -> dict[str, Any]:
    """A small fingerprint of an array: its shape and four sums along fixed directions."""
    values = _finite(array)
    return {"shape": list(array.shape), "sums": [float(f"{w @ values:.10g}") for w in _directions(values.size)]}


def _finite(array: np.ndarray) -> np.ndarray:
    values = array.astype(np.float64).reshape(-1)
    return np.nan_to_num(values, nan=1234.5, posinf=2345.6, neginf=-3456.7)


def _directions(size: int) -> np.ndarray:
    """Fixed numbers in [-1, 1) by integer hashing, the same on every machine and version."""
    with np.errstate(over="ignore"):
        x = np.arange(PROJECTIONS * size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(size)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return ((x >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1.0).reshape(PROJECTIONS, size)


def sign(result: Arrays | Failure) -> Signature:
    """The signature of what one probe gave."""
    if isinstance(result, Failure):
        return Signature(error=f"{result.type}: {result.message}")
    return Signature(values={name: project(array) for name, array in result.items()})


def matches(signature: Signature, result: Arrays | Failure, task: Task) -> bool:
    """Whether a result could be the one that the signature was taken from."""
    if isinstance(result, Failure):
        return signature.error == f"{result.type}: {result.message}"
    if signature.error is not None or set(signature.values) != set(result):
        return False
    for name, array in result.items():
        wanted = signature.values[name]
        if list(array.shape) != wanted["shape"]:
            return False
        rtol, atol = tolerance(task, array, array)
        values = _finite(array)
        directions = _directions(values.size)
        rounding = 1e-9 * (1.0 + np.abs(values))  # the sums are kept to ten digits
        allowed = np.abs(directions) @ (atol + rtol * np.abs(values) + rounding)
        if bool(np.any(np.abs(directions @ values - np.array(wanted["sums"])) > allowed)):
            return False
    return True


# Judging


@dataclass(frozen=True)
class Line:
    """What one probe showed.

    Attributes:
        probe: its name.
        description: what was tried.
        hidden: whether the student may not see the probe itself.
        passed: whether it holds.
        detail: what was expected and what came; empty if it holds. Of a hidden probe it names no number of the key.
    """

    probe: str
    description: str
    hidden: bool
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement on one task.

    Attributes:
        task: its name.
        points: earned.
        max_points: of the task.
        state: right, wrong, unwritten or refused.
        message: for the student.
        misconception: slug of the known error that the answer shows, if any.
        lines: one a probe.
    """

    task: str
    points: float
    max_points: float
    state: str
    message: str
    misconception: str | None = None
    lines: tuple[Line, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "points": self.points,
            "max_points": self.max_points,
            "state": self.state,
            "message": self.message,
            "misconception": self.misconception,
            "lines": [vars(line) for line in self.lines],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        return cls(**{**data, "lines": tuple(Line(**line) for line in data["lines"])})


def judge(task: Task, evidence: Evidence, source: str) -> Verdict:
    """Compare what came with what was expected. Pure: it runs no code of the student.

    Args:
        task: with keys and signatures, or with a verdict function.
        evidence: of this task's probes. A probe that is missing there counts as failed.
        source: text of the answer cell (and of cells the student added), searched for refused names.
    """
    uses = refused(source, task.refuse, task.modules)
    if uses:
        return Verdict(task.name, 0.0, task.points, "refused", _refusal(task, uses))
    verdict = _verdict_function(task)
    lines = tuple(_line(task, probe, evidence.results.get(probe.name), verdict) for probe in task.probes)
    failing = [probe for probe, line in zip(task.probes, lines, strict=True) if not line.passed]
    if not task.probes:
        return Verdict(task.name, 0.0, task.points, "wrong", "This check has no probe that can be run here.")
    if not failing:
        return Verdict(task.name, task.points, task.points, "right", "This is right.", None, lines)
    if all(_unwritten(task, evidence.results.get(probe.name)) for probe in task.probes):
        return Verdict(task.name, 0.0, task.points, "unwritten", _not_written(task, evidence), None, lines)
    slug = _misconception(task, failing, evidence)
    first = next(line for line in lines if not line.passed)
    message = task.misconceptions[slug] if slug else f"For {first.description}: {first.detail}"
    message += "" if message.endswith((".", "?")) else "."
    return Verdict(task.name, 0.0, task.points, "wrong", message, slug, lines)


def _line(task: Task, probe: Probe, result: Arrays | Failure | None, verdict: Callable[..., Any] | None) -> Line:
    detail = _detail(task, probe, result, verdict)
    return Line(probe.name, probe.description, probe.hidden, not detail, detail)


def _detail(task: Task, probe: Probe, result: Arrays | Failure | None, verdict: Callable[..., Any] | None) -> str:
    if result is None:
        return "no result came"
    if isinstance(result, Failure):
        if result.blank:
            return "not written yet"
        return result.message if result.type == "NotNumbers" else str(result)
    if verdict is not None:
        try:
            return _clean(verdict(probe.name, dict(result)) or "")
        except Exception as error:
            return f"the result has another form than was expected ({type(error).__name__}: {_clean(error)})"
    for name, expected in probe.key.items():
        if name not in result:
            return f"{name} is missing"
        received = result[name]
        rtol, atol = tolerance(task, expected, received)
        phrase = difference(expected, received, rtol=rtol, atol=atol, reveal=not probe.hidden)
        if phrase:
            return f"{name}: {phrase}"
    extra = sorted(set(result) - set(probe.key))
    if extra:
        return f"{extra[0]} was not expected"
    return "" if probe.key else "there is no key to compare with"


def _verdict_function(task: Task) -> Callable[..., Any] | None:
    if task.verdict is None:
        return None
    space = dict(PRELUDE)
    exec(compile(task.verdict, f"<verdict {task.name}>", "exec"), space)
    return space["verdict"]


def _missing_name(task: Task, result: Arrays | Failure | None) -> str | None:
    """The name of the answer which a probe did not find, if that is why it failed."""
    if not isinstance(result, Failure) or result.type != "NameError" or result.line is not None:
        return None
    found = re.search(r"name '(\w+)' is not defined", result.message)
    return found[1] if found and found[1] in task.defines else None


def _unwritten(task: Task, result: Arrays | Failure | None) -> bool:
    return isinstance(result, Failure) and (result.blank or _missing_name(task, result) is not None)


def _not_written(task: Task, evidence: Evidence) -> str:
    missing = {_missing_name(task, result) for result in evidence.results.values()} - {None}
    if missing:
        name = sorted(str(name) for name in missing)[0]
        return f"There is no {name} yet. Write it in its cell, run that cell, then run this one again."
    return "Not written yet. Replace the line that raises NotImplementedError by your answer."


def _misconception(task: Task, failing: list[Probe], evidence: Evidence) -> str | None:
    """The known error that agrees with every failing probe; of several, the one that fails least elsewhere."""
    fitting = []
    for slug in task.misconceptions:
        agrees = all(
            slug in probe.signatures
            and probe.name in evidence.results
            and matches(probe.signatures[slug], evidence.results[probe.name], task)
            for probe in failing
        )
        if agrees:
            elsewhere = sum(slug in probe.signatures for probe in task.probes) - len(failing)
            fitting.append((elsewhere, slug))
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


# Refused names


def refused(source: str, names: tuple[str, ...], modules: tuple[str, ...]) -> list[tuple[str, int]]:
    """Uses of names and modules that an answer may not use: (name, line), in order.

    A name counts as used when it is imported or taken as an attribute (``torch.softmax``, ``x.softmax``, also by
    ``getattr`` with a constant). A function of that name which the source defines itself is the student's own. Of a
    dotted entry in ``names`` the last part counts. A module counts when it, or anything in it, is imported or reached.
    """
    if not names and not modules:
        return []
    source = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    wanted = {name.rsplit(".", 1)[-1] for name in names}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _refused_by_line(source, wanted, modules)
    finder = _Finder(wanted, modules, tree)
    try:
        finder.visit(tree)
    except RecursionError:
        return _refused_by_line(source, wanted, modules)
    return sorted(set(finder.uses), key=lambda use: (use[1], use[0]))


class _Finder(ast.NodeVisitor):
    def __init__(self, names: set[str], modules: tuple[str, ...], tree: ast.AST) -> None:
        self.names, self.modules = names, modules
        self.uses: list[tuple[str, int]] = []
        self.aliases: dict[str, str] = {}
        self.own_methods = {
            method.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            for method in node.body
            if isinstance(method, ast.FunctionDef)
        }

    def _module(self, path: str, line: int) -> None:
        for module in self.modules:
            if path == module or path.startswith(module + "."):
                self.uses.append((module, line))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._module(alias.name, node.lineno)
            self.aliases[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            path = f"{node.module or ''}.{alias.name}"
            self._module(path, node.lineno)
            if alias.name == "*":
                self._module(node.module or "", node.lineno)
            self.aliases[alias.asname or alias.name] = path
            if alias.name in self.names:
                self.uses.append((alias.name, node.lineno))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        own = isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in self.own_methods
        if node.attr in self.names and isinstance(node.ctx, ast.Load) and not own and not self._assigned(node):
            self.uses.append((node.attr, node.lineno))
        path = self._path(node)
        if path:
            self._module(path, node.lineno)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._module(node.value, node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant) and name.value in self.names:
                self.uses.append((str(name.value), node.lineno))
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        fields = {
            target.attr
            for inner in ast.walk(node)
            if isinstance(inner, ast.Assign | ast.AnnAssign)
            for target in (inner.targets if isinstance(inner, ast.Assign) else [inner.target])
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        }
        outer, self.fields = getattr(self, "fields", set()), fields
        self.generic_visit(node)
        self.fields = outer

    def _assigned(self, node: ast.Attribute) -> bool:
        """``self.name`` where the class sets ``self.name`` itself: what counts is what it was set to."""
        return isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in getattr(self, "fields", ())

    def _path(self, node: ast.expr) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])


def _refused_by_line(source: str, names: set[str], modules: tuple[str, ...]) -> list[tuple[str, int]]:
    """The same for text that Python cannot parse, by words."""
    uses = []
    for number, line in enumerate(source.splitlines(), 1):
        code = line.split("#", 1)[0]
        uses += [(name, number) for name in names if re.search(rf"(\.\s*|\bimport\b.*\b){re.escape(name)}\b", code)]
        uses += [(module, number) for module in modules if module in code]
    return sorted(uses, key=lambda use: (use[1], use[0]))


def _refusal(task: Task, uses: list[tuple[str, int]]) -> str:
    name, line = uses[0]
    if name in task.modules:
        return (
            f"Line {line} uses {name}, which holds a finished answer to this task. "
            "Write it yourself from what the notebook gives you, then it earns its points."
        )
    asked = " and ".join(task.defines) or task.answer
    return (
        f"Line {line} uses {name}, which does the work that {asked} is meant to do. "
        "Write that step yourself, from simpler operations, then it earns its points."
    )


def source_of(names: tuple[str, ...], namespace: dict[str, Any]) -> str:
    """The text of the cells in which these names were defined, as the kernel remembers it."""
    cells: dict[str, str] = {}
    for name in names:
        filename = _filename(namespace.get(name))
        if filename and filename not in cells:
            cells[filename] = "".join(linecache.getlines(filename))
    return "\n".join(cells.values())


def _filename(value: Any) -> str | None:
    try:
        value = inspect.unwrap(value) if callable(value) else value
        if inspect.isclass(value):
            value = next(v for v in vars(value).values() if isinstance(v, types.FunctionType))
        return value.__code__.co_filename
    except (AttributeError, StopIteration, ValueError):
        return None


# In the notebook

STATES = {"right": "holds", "wrong": "not yet", "unwritten": "not written yet", "refused": "not allowed"}


@dataclass(frozen=True)
class Report:
    """What ``check`` shows: a card in JupyterLab, plain text elsewhere."""

    title: str
    state: str
    message: str
    lines: tuple[Line, ...] = ()
    note: str = ""

    @property
    def heading(self) -> str:
        word = STATES.get(self.state)
        return f"{self.title}: {word}" if word else self.title

    def __repr__(self) -> str:
        rows = [f"{'✓' if self.state == 'right' else '✗'} {self.heading}", f"  {self.message}"]
        rows += [f"  {'✓' if line.passed else '✗'} {_sentence(line)}" for line in self.lines]
        return "\n".join(rows + ([f"  {self.note}"] if self.note else []))

    def _repr_html_(self) -> str:
        right = self.state == "right"
        colour = "var(--jp-success-color1, #2e7d32)" if right else "var(--jp-warn-color1, #b26a00)"
        items = "".join(
            f'<li style="margin:0.15em 0"><span aria-hidden="true">{"✓" if line.passed else "✗"}</span> '
            f"{html.escape(_sentence(line))}</li>"
            for line in self.lines
        )
        listing = f'<ul style="list-style:none;margin:0.4em 0 0;padding:0">{items}</ul>' if items else ""
        note = f'<p style="margin:0.4em 0 0;opacity:0.8">{html.escape(self.note)}</p>' if self.note else ""
        return (
            f'<section role="status" aria-label="{html.escape(self.heading, quote=True)}" '
            f'style="border-left:4px solid {colour};padding:0.4em 0.8em;margin:0.2em 0;color:inherit;'
            f'max-width:46em;line-height:1.45"><strong>{"✓" if right else "✗"} {html.escape(self.heading)}</strong>'
            f'<p style="margin:0.3em 0 0">{html.escape(self.message)}</p>{listing}{note}</section>'
        )


def _sentence(line: Line) -> str:
    return f"{line.description}: {'holds' if line.passed else line.detail}"


def check(name: str, namespace: dict[str, Any] | None = None) -> Report:
    """Run the visible probes of a task on the answer in this notebook and say what they show.

    Args:
        name: of the task, as written in the exercise.
        namespace: where the answer lives; the notebook from which this is called if not given.

    Returns:
        A report. It never raises: if the check cannot be made, the report says why.
    """
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    path = Path("checks.json")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        tasks = data["tasks"]
        if name not in tasks:
            known = ", ".join(tasks)
            return Report(f"check({name!r})", "unknown", f"There is no check of that name here. There are: {known}.")
        task = Task.from_json(tasks[name])
    except FileNotFoundError:
        return Report(
            f"check({name!r})",
            "unknown",
            "The file checks.json was not found beside this notebook. Download it again from the exercise's page "
            f"and put it into {Path.cwd()}.",
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        message = "The file checks.json beside this notebook is damaged. Download it again from the exercise's page."
        return Report(f"check({name!r})", "unknown", message)
    verdict = judge(task, collect(task.probes, namespace), source_of(task.defines, namespace))
    return report(verdict, task)


def report(verdict: Verdict, task: Task) -> Report:
    """The report of a verdict on the visible probes of a task."""
    lines = verdict.lines if verdict.state in ("right", "wrong") else ()
    left = task.hidden - sum(probe.hidden for probe in task.probes)
    note = ""
    if verdict.state == "right" and left:
        note = f"{left} more {'check runs' if left == 1 else 'checks run'} when it is graded."
    surprise = verdict.state == "wrong" and verdict.misconception is None and lines
    message = "This is what your answer gave." if surprise else verdict.message
    return Report(verdict.task, verdict.state, message, lines, note)


def pack(task: Task) -> str:
    """A task as one line of text, for a hidden test cell."""
    return base64.b64encode(zlib.compress(json.dumps(task.to_json()).encode(), 9)).decode()


def score(payload: str, namespace: dict[str, Any]) -> float:
    """Run all probes of a packed task and print the message: the hidden test cell of plain nbgrader.

    nbgrader reads the cell's value. Anything on stderr would count as failed, anything but a float between 0 and the
    points would count as full marks or stop the batch, so this ends in such a float whatever happens.
    """
    try:
        task = Task.from_json(json.loads(zlib.decompress(base64.b64decode(payload))))
        verdict = judge(task, collect(task.probes, namespace), source_of(task.defines, namespace))
        print(verdict.message)
        return float(min(max(verdict.points, 0.0), task.points))
    except Exception as error:
        print(f"The check could not be made ({type(error).__name__}), so it earns no points.")
        return 0.0
