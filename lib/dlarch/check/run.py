"""Running probes beside an answer: seeded, quiet, and with every error recorded."""

import contextlib
import inspect
import io
import linecache
import logging
import math
import os
import random
import traceback
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from dlarch.check.evidence import Arrays, Evidence, Failure, NotNumbers, check_size, clean, plain
from dlarch.check.tasks import Probe


def fill(module: Any) -> nn.Module:
    """Set every parameter by a rule of its shape alone, so that names and order of the parameters do not matter.

    The values are small, of both signs and differ from entry to entry. Buffers stay as they are.

    Returns:
        The same module.

    Raises:
        TypeError: if an answer gave something else, which the student is then told.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"expected an nn.Module, got {type(module).__name__}")
    with torch.no_grad():
        for parameter in module.parameters():
            n = parameter.numel()
            steps = torch.arange(n, dtype=torch.float64) * 0.7310585 + sum(parameter.shape) * 0.37 + parameter.dim()
            scale = 1.0 / math.sqrt(max(1, n // max(1, parameter.shape[0] if parameter.dim() else 1)))
            values = torch.sin(steps * 2.3) * scale
            parameter.copy_(values.reshape(parameter.shape).to(parameter.dtype))
    return module


PRELUDE: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math, "fill": fill}


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
        check_size(total, "the result")
        arrays[str(name)] = array
    return arrays


def as_failure(error: BaseException) -> Failure:
    """An exception as plain text, with the line of the student's cell it came from."""
    try:
        message = clean(error)
    except Exception:
        message = "(its message cannot be shown)"
    line, text = None, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if _is_cell(frame.filename):
            line, text = frame.lineno, clean(frame.line or "")
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
