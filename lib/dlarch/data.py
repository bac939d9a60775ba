"""Data for every chapter: small real sets that need no download, generated ones, and three big ones on request.

What has targets comes as ``Splits(x_train, y_train, x_test, y_test)``. The same arguments give the same data, and
nothing in the test part of a set also stands in its training part. Generated sets hold a quarter as many test examples
as training examples. Where examples could repeat (dates, numbers, strings, sequences of symbols) a checksum of the
example itself decides to which part it belongs, so not even two seeds or two sizes mix the parts.
"""

import io
import math
import os
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlarch.spelling import DATE_FORMATS, NUMBER_WORDS


class Splits(NamedTuple):
    """Inputs and targets to train on, and others to test on: tensors, or lists where the examples are text."""

    x_train: Any
    y_train: Any
    x_test: Any
    y_test: Any


def digits(split: str = "half") -> Splits:
    """1,797 handwritten digits, 8 by 8 pixels, ten classes (scikit-learn's copy of the UCI optical digits test set).

    Args:
        split: "half" takes the first 898 to train and the last 899 to test, in file order. "shuffled" draws 1,347 and
            450 at random (scikit-learn's ``train_test_split`` with ``random_state=0``). Neighbours in the file look
            alike and then fall in both parts, so scores come out higher than on the half split.

    Returns:
        x float32 ``N 1 8 8`` in [0, 1], y int64 ``N``.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    x = torch.from_numpy((bunch.images / 16).astype(np.float32)).unsqueeze(1)
    y = torch.from_numpy(bunch.target.astype(np.int64))
    if split == "half":
        return Splits(x[:898], y[:898], x[898:], y[898:])
    if split == "shuffled":
        train, test = train_test_split(np.arange(len(y)), random_state=0)
        return Splits(x[train], y[train], x[test], y[test])
    raise ValueError(f"split must be 'half' or 'shuffled', got {split!r}")


def photographs() -> dict[str, Tensor]:
    """The two photographs that scikit-learn ships, 427 by 640 pixels, as float32 ``3 H W`` in [0, 1].

    ``china`` is by danielbuechele, ``flower`` by vultilion (flickr.com), both under CC BY 2.0: name them where you show
    the pictures.
    """
    from sklearn.datasets import load_sample_image

    return {name: _image(load_sample_image(f"{name}.jpg")) for name in ("china", "flower")}


def python_reference_text(part: str = "all") -> str:
    """The Python language reference that every CPython carries, about 465,000 characters (PSF licence).

    The text differs a little from one Python version to the next.

    Args:
        part: "train" is the first nine tenths of the characters, "test" the rest.
    """
    from pydoc_data.topics import topics

    return _part("\n\n".join(topics[name] for name in sorted(topics)), part)


SHAPES = ("disc", "square", "triangle", "cross")


def shapes(n: int, *, size: int = 32, noise: float = 0.1, seed: int = 0) -> Splits:
    """One shape a picture, in a random colour, size, place and turn on a ground of another colour.

    Args:
        n: training pictures.
        size: side of a picture, in pixels, at least 8.
        noise: standard deviation of the noise on every pixel.
        seed: of everything random.

    Returns:
        x float32 ``N 3 size size`` in [0, 1], y int64 ``N``, an index into ``SHAPES``.
    """
    if size < 8:
        raise ValueError(f"size must be at least 8 pixels, got {size}")
    return _drawn(n, seed, lambda count, random: _shapes(count, size, noise, random))


def _shapes(n: int, size: int, noise: float, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    y = random.integers(len(SHAPES), size=n)
    radius = size * random.uniform(0.2, 0.35, n)
    center = random.uniform(radius, size - radius, (2, n)).T
    angle = random.uniform(0, 2 * math.pi, n)
    ground = random.uniform(0, 1, (n, 3, 1, 1))
    # In every channel the shape's colour lies at least 0.3 away from the ground's.
    step = random.uniform(0.3, 0.7, (n, 3, 1, 1))
    ink = np.where(ground > 0.5, np.maximum(ground - step, 0), np.minimum(ground + step, 1))
    cover = np.stack(
        [draw_shape(SHAPES[k], size, c, r, a) for k, c, r, a in zip(y, center, radius, angle, strict=True)]
    )
    x = ground + cover[:, None] * (ink - ground)
    x = np.clip(x + noise * random.standard_normal(x.shape), 0, 1)
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y)


def draw_shape(name: str, size: int, center: Any, radius: float, angle: float) -> np.ndarray:
    """How much of each pixel a shape covers, 0 to 1.

    Args:
        name: one of ``SHAPES``.
        size: side of the picture in pixels.
        center: row and column of the middle, in pixels.
        radius: of the circle through the shape's farthest corners, in pixels.
        angle: turn, in radians.

    Returns:
        Array of ``size size``. Edges are one pixel soft.
    """
    row, column = np.mgrid[:size, :size] + 0.5
    row, column = row - center[0], column - center[1]
    u = column * math.cos(angle) + row * math.sin(angle)
    v = row * math.cos(angle) - column * math.sin(angle)
    # Distance to the edge along the nearest side's normal: negative inside, positive outside.
    match name:
        case "disc":
            edge = np.hypot(u, v) - radius
        case "square":
            edge = np.maximum(abs(u), abs(v)) - radius / math.sqrt(2)
        case "triangle":
            edge = np.maximum(v, abs(u) * math.sqrt(3) / 2 - v / 2) - radius / 2
        case "cross":
            arm, width = radius * 3 / math.sqrt(10), radius / math.sqrt(10)  # bars three times as long as they are wide
            bars = [np.maximum(abs(a) - arm, abs(b) - width) for a, b in ((u, v), (v, u))]
            edge = np.minimum(*bars)
        case _:
            raise ValueError(f"the shape must be one of {', '.join(SHAPES)}, got {name!r}")
    return np.clip(0.5 - edge, 0, 1)


def dates(n: int, *, seed: int = 0) -> Splits:
    """Dates from 1900 to 2099 as people write them, to be turned into ISO 8601: "4 March 2021" into "2021-03-04".

    The eight ways of writing in ``DATE_FORMATS`` have one reading each. A day that is tested occurs in no training
    example, in whatever format.

    Args:
        n: training examples.
        seed: of days and formats.

    Returns:
        x and y, lists of strings.
    """
    first, days = date(1900, 1, 1), (date(2100, 1, 1) - date(1900, 1, 1)).days
    ways = list(DATE_FORMATS.values())

    def example(random: np.random.Generator) -> tuple[str, str]:
        day = first + timedelta(days=int(random.integers(days)))
        return ways[random.integers(len(ways))](day), day.isoformat()

    return _sorted_out(n, seed, example, key=lambda x, y: y)


def numbers(n: int, *, seed: int = 0) -> Splits:
    """Whole numbers from 0 to 9,999 in words of four languages, to be written in digits.

    So "viertausendsiebzehn" becomes "4017". German says the ones before the tens, French counts on from sixty. A number
    that is tested occurs in no training example, in whatever language.

    Args:
        n: training examples.
        seed: of numbers and languages.

    Returns:
        x and y, lists of strings.
    """
    ways = list(NUMBER_WORDS.values())

    def example(random: np.random.Generator) -> tuple[str, str]:
        number = int(random.integers(10_000))
        return ways[random.integers(len(ways))](number), str(number)

    return _sorted_out(n, seed, example, key=lambda x, y: y)


def adding_problem(n: int, *, length: int = 50, seed: int = 0) -> Splits:
    """Add the two numbers that are marked in a long sequence (after Hochreiter and Schmidhuber 1997, experiment 4).

    Here the numbers lie in [0, 1), and one mark stands in each half. Always answering 1 gives a mean squared error of
    1/6.

    Args:
        n: training sequences.
        length: T, time steps, at least 2.
        seed: of numbers and marks.

    Returns:
        x float32 ``N T 2`` (a number in [0, 1) and its mark, 0 or 1), y float32 ``N``.
    """
    if length < 2:
        raise ValueError(f"length must be at least 2, got {length}")

    def draw(count: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        numbers = random.random((count, length), dtype=np.float32)
        marks = np.zeros_like(numbers)
        marks[np.arange(count), random.integers(length // 2, size=count)] = 1
        marks[np.arange(count), random.integers(length // 2, length, size=count)] = 1
        return torch.from_numpy(np.stack([numbers, marks], axis=-1)), torch.from_numpy((numbers * marks).sum(axis=1))

    return _drawn(n, seed, draw)


def copy_memory(n: int, *, symbols: int = 10, gap: int = 20, alphabet: int = 8, seed: int = 0) -> Splits:
    """Keep symbols in mind over a gap and repeat them at a signal (as posed by Arjovsky et al. 2016).

    The input is the symbols, 1 to ``alphabet``, then zeros, then the signal ``alphabet + 1``, then zeros while the
    answer is given. The target is zero until the signal has been seen and then the symbols in their order.

    Args:
        n: training sequences.
        symbols: symbols to remember.
        gap: steps from the last symbol to the first answer, at least 1; the last of them shows the signal.
        alphabet: different symbols.
        seed: of the symbols.

    Returns:
        x and y int64 ``N T`` with T = 2 symbols + gap.
    """
    if gap < 1:
        raise ValueError(f"gap must be at least 1, got {gap}")
    if symbols * math.log2(max(alphabet, 1)) < 6:
        raise ValueError(f"{symbols} symbols from {alphabet} give too few different sequences for two parts: raise one")

    def example(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        memory = random.integers(1, alphabet + 1, size=symbols)
        waiting, answer = np.zeros(gap - 1, dtype=np.int64), np.zeros(symbols, dtype=np.int64)
        x = np.concatenate([memory, waiting, [alphabet + 1], answer])
        return x, np.concatenate([np.zeros(symbols + gap, dtype=np.int64), memory])

    lists = _sorted_out(n, seed, example, key=lambda x, y: str(y[-symbols:]))
    return Splits(*(torch.from_numpy(np.stack(part)) for part in lists))


# The grammar of Reber 1967: from each state, the symbols that may come and the states they lead to.
REBER = {
    0: {"B": 1},
    1: {"T": 2, "P": 3},
    2: {"S": 2, "X": 4},
    3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6},
    5: {"P": 4, "V": 6},
    6: {"E": 7},
}


def reber(n: int, *, embedded: bool = True, seed: int = 0) -> Splits:
    """Strings of a small grammar, and for every prefix the symbols that may come next.

    Where two symbols may follow, each does with probability one half. An embedded string wraps a plain one, as in
    "BT" + plain + "TE" or "BP" + plain + "PE": its last symbol but one repeats its second, so to foretell it the whole
    string between must be remembered.

    Args:
        n: training strings.
        embedded: wrap the strings.
        seed: of the choices.

    Returns:
        x, a list of strings, and y, a list of lists: ``y[i][t]`` holds the symbols that may follow ``x[i][: t + 1]``,
        in alphabetical order, for every t but the last.
    """

    def example(random: np.random.Generator) -> tuple[str, list[str]]:
        string, following = _plain_reber(random)
        if embedded:
            wrap = "TP"[random.integers(2)]
            string, following = f"B{wrap}{string}{wrap}E", ["PT", "B", *following, wrap, "E"]
        return string, following

    return _sorted_out(n, seed, example, key=lambda x, y: x)


def _plain_reber(random: np.random.Generator) -> tuple[str, list[str]]:
    string, following, state = "", [], 0
    while state in REBER:
        choices = sorted(REBER[state])
        following.append("".join(choices))
        symbol = choices[random.integers(len(choices))]
        string, state = string + symbol, REBER[state][symbol]
    return string, following[1:]


def cifar10(part: str = "train") -> tuple[Tensor, Tensor]:
    """CIFAR-10 (Krizhevsky 2009), on request: 50,000 photographs to train on, 10,000 to test on, ten classes.

    Returns:
        x float32 ``N 3 32 32`` in [0, 1], y int64 ``N``.
    """
    return _pictures("cifar10", "uoft-cs/cifar10", part)


def fashion_mnist(part: str = "train") -> tuple[Tensor, Tensor]:
    """Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), on request: 60,000 and 10,000 pictures of clothes, ten classes.

    Returns:
        x float32 ``N 1 28 28`` in [0, 1], y int64 ``N``.
    """
    return _pictures("fashion_mnist", "zalando-datasets/fashion_mnist", part)


def tiny_shakespeare(part: str = "all") -> str:
    """Scenes from Shakespeare, 1,115,394 characters, on request.

    Args:
        part: "train" is the first nine tenths of the characters, "test" the rest.
    """
    file = _file("tinyshakespeare.txt")
    if file:
        return _part(file.read_text(encoding="utf-8"), part)
    datasets = _hugging_face("tiny_shakespeare", "tinyshakespeare.txt")
    url = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
    return _part(datasets.load_dataset("text", data_files=url, sample_by="document", split="train")[0]["text"], part)


def _pictures(name: str, hub: str, part: str) -> tuple[Tensor, Tensor]:
    """Pictures and classes, from a parquet file in DLARCH_DATA or through Hugging Face ``datasets``."""
    from PIL import Image

    if part not in ("train", "test"):
        raise ValueError(f"part must be 'train' or 'test', got {part!r}")
    wanted = f"{name}/{part}-00000-of-00001.parquet"
    file = _file(wanted)
    if file:
        rows = [(Image.open(io.BytesIO(cell["bytes"])), label) for cell, label in _parquet(file)]
    else:
        table = _hugging_face(name, wanted).load_dataset(hub, split=part)
        column = "img" if "img" in table.column_names else "image"
        rows = [(row[column], row["label"]) for row in table]
    x = torch.stack([_image(np.asarray(picture)) for picture, _ in rows])
    return x, torch.tensor([label for _, label in rows])


def _parquet(file: Path) -> list[tuple[Any, int]]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise ModuleNotFoundError(
            f"reading {file} needs pyarrow: run 'pip install datasets', which brings it"
        ) from None
    table = parquet.read_table(file)
    column = "img" if "img" in table.column_names else "image"
    return list(zip(table[column].to_pylist(), table["label"].to_pylist(), strict=True))


def _file(name: str) -> Path | None:
    """A file of the folder that DLARCH_DATA names, if it is there."""
    folder = os.environ.get("DLARCH_DATA")
    file = Path(folder) / name if folder else None
    return file if file and file.is_file() else None


def _hugging_face(name: str, wanted: str) -> Any:
    try:
        import datasets
    except ImportError:
        raise ModuleNotFoundError(
            f"{name} does not come with this package: run 'pip install datasets' to have it downloaded, or set the "
            f"environment variable DLARCH_DATA to a folder that holds {wanted}"
        ) from None
    return datasets


def _image(pixels: np.ndarray) -> Tensor:
    """Bytes of height, width and perhaps channels as float32 ``C H W`` in [0, 1]."""
    channels = np.atleast_3d(pixels).transpose(2, 0, 1)
    return torch.from_numpy(channels.astype(np.float32) / 255)


def _part(text: str, part: str) -> str:
    cut = len(text) * 9 // 10
    parts = {"all": text, "train": text[:cut], "test": text[cut:]}
    if part not in parts:
        raise ValueError(f"part must be 'all', 'train' or 'test', got {part!r}")
    return parts[part]


def _drawn(n: int, seed: int, draw: Callable[[int, np.random.Generator], tuple[Tensor, Tensor]]) -> Splits:
    """Continuous examples: both parts drawn afresh, each from a generator of its own."""
    _check_count(n)
    return Splits(*draw(n, np.random.default_rng([seed, 0])), *draw(math.ceil(n / 4), np.random.default_rng([seed, 1])))


def _sorted_out(
    n: int, seed: int, example: Callable[[np.random.Generator], tuple[Any, Any]], key: Callable[[Any, Any], str]
) -> Splits:
    """Examples that could repeat: each belongs to the part that the checksum of its key says."""
    _check_count(n)
    parts: list[list[Any]] = []
    for number, count in enumerate((n, math.ceil(n / 4))):
        random = np.random.default_rng([seed, number])
        part: list[tuple[Any, Any]] = []
        while len(part) < count:
            x, y = example(random)
            if (zlib.crc32(key(x, y).encode()) % 5 == 0) == bool(number):
                part.append((x, y))
        parts += [[x for x, _ in part], [y for _, y in part]]
    return Splits(*parts)


def _check_count(n: int) -> None:
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
