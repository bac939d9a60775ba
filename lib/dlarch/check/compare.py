"""Comparing arrays with a key by value, and with the small fingerprints of known wrong answers."""

from typing import Any

import numpy as np

from dlarch.check.evidence import Arrays, Failure
from dlarch.check.tasks import Signature, Task

TOLERANCES = {"float16": (1e-2, 1e-3), "float32": (1e-4, 1e-5), "float64": (1e-7, 1e-9)}
COUNTS = (0.0, 1e-6)
PROJECTIONS = 4


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
        size = np.where(np.isfinite(array.reshape(-1)), np.abs(values), 0.0)  # what stands in for nan is exact
        allowed = np.abs(directions) @ (atol + rtol * size + rounding)
        if bool(np.any(np.abs(directions @ values - np.array(wanted["sums"])) > allowed)):
            return False
    return True
