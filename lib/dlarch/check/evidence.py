"""What came: the raw arrays of a task's probes, and their way through a file that nobody has to trust."""

import io
import json
import math
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

FORMAT = 1
MAX_PROBE_BYTES = 2_000_000
MAX_EVIDENCE_BYTES = 40_000_000
MAX_TEXT = 500


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
        where = f" (line {self.line} of the cell: {self.text})" if self.line and self.text else ""
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
                    results[probe] = Failure(clean(kind), clean(message), line, clean(text))
                else:
                    arrays: Arrays = {}
                    for name in entry["values"]:
                        arrays[clean(name)] = _read_array(archive, f"a{count}")
                        count += 1
                    if sum(array.nbytes for array in arrays.values()) > MAX_PROBE_BYTES:
                        raise ValueError(f"a probe gave more than {MAX_PROBE_BYTES} bytes")
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


def clean(text: Any) -> str:
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
    elif isinstance(value, np.ndarray) and value.dtype == object:
        array = plain(value.tolist(), name)
    elif isinstance(value, np.ndarray | np.generic):
        check_size(value.size * value.itemsize, name)
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
        check_size(tensor.numel() * tensor.element_size(), name)
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


def check_size(n_bytes: int, name: str) -> None:
    if n_bytes > MAX_PROBE_BYTES:
        raise NotNumbers(f"{name} is {n_bytes / 1e6:.0f} MB, more than the {MAX_PROBE_BYTES / 1e6:.0f} MB allowed")
