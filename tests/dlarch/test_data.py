"""Every set of dlarch.data: its shapes, its law, its splits."""

import io
import itertools
import math
import re
import sys
from collections import defaultdict
from datetime import date
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlarch import data
from dlarch.spelling import DATE_FORMATS, NUMBER_WORDS

GENERATED = {
    "shapes": lambda n, seed: data.shapes(n, size=16, seed=seed),
    "dates": lambda n, seed: data.dates(n, seed=seed),
    "numbers": lambda n, seed: data.numbers(n, seed=seed),
    "adding_problem": lambda n, seed: data.adding_problem(n, length=10, seed=seed),
    "copy_memory": lambda n, seed: data.copy_memory(n, symbols=3, alphabet=4, gap=2, seed=seed),
    "reber": lambda n, seed: data.reber(n, seed=seed),
}


def same(a, b) -> bool:
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


def as_keys(examples) -> set:
    return {str(e.tolist()) if isinstance(e, torch.Tensor) else e for e in examples}


# What all generated sets promise


@pytest.mark.parametrize("name", GENERATED)
def test_the_same_seed_gives_the_same_data_and_another_seed_gives_other_data(name):
    first, again, other = GENERATED[name](40, 3), GENERATED[name](40, 3), GENERATED[name](40, 4)
    assert all(map(same, first, again))
    assert not same(first.x_train, other.x_train)
    assert not same(first.x_test, other.x_test)


@pytest.mark.parametrize("name", GENERATED)
def test_there_are_n_examples_to_train_on_and_a_quarter_of_them_to_test_on(name):
    splits = GENERATED[name](21, 0)
    assert [len(part) for part in splits] == [21, 21, 6, 6]


@pytest.mark.parametrize("name", GENERATED)
def test_nothing_tested_is_trained_on(name):
    splits = GENERATED[name](300, 0)
    assert not as_keys(splits.x_train) & as_keys(splits.x_test)


@pytest.mark.parametrize("name", ["dates", "numbers", "copy_memory", "reber"])
def test_not_even_another_seed_or_size_trains_on_what_is_tested(name):
    tested = as_keys(GENERATED[name](40, 0).x_test)
    assert not as_keys(GENERATED[name](400, 1).x_train) & tested


@pytest.mark.parametrize("name", GENERATED)
def test_a_set_without_examples_is_refused(name):
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        GENERATED[name](0, 0)


# Digits, photographs, text


def test_digits_are_the_two_halves_of_the_file_in_order():
    from sklearn.datasets import load_digits

    raw = load_digits()
    x_train, y_train, x_test, y_test = data.digits()
    assert (len(x_train), len(x_test)) == (898, 899)
    assert x_train.shape[1:] == (1, 8, 8)
    assert (x_train.dtype, y_train.dtype) == (torch.float32, torch.int64)
    assert torch.equal(torch.cat([x_train, x_test]).squeeze(1) * 16, torch.tensor(raw.images, dtype=torch.float32))
    assert torch.cat([y_train, y_test]).tolist() == raw.target.tolist()
    assert (x_train.min(), x_train.max()) == (0, 1)


def test_shuffled_digits_are_all_digits_once():
    half, shuffled = data.digits(), data.digits("shuffled")
    assert (len(shuffled.x_train), len(shuffled.x_test)) == (1347, 450)
    assert not torch.equal(shuffled.x_train[:898], half.x_train)

    def rows(splits):
        images = torch.cat([splits.x_train, splits.x_test]).flatten(1)
        return sorted(torch.cat([images, torch.cat([splits.y_train, splits.y_test])[:, None]], dim=1).tolist())

    assert rows(shuffled) == rows(half)


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="'half' or 'shuffled', got 'thirds'"):
        data.digits("thirds")


def test_photographs_are_two_colour_pictures():
    from sklearn.datasets import load_sample_image

    pictures = data.photographs()
    assert set(pictures) == {"china", "flower"}
    assert all(p.shape == (3, 427, 640) and p.dtype == torch.float32 for p in pictures.values())
    assert all(p.min() >= 0 and 0.9 < p.max() <= 1 for p in pictures.values())
    raw = torch.tensor(load_sample_image("flower.jpg"))
    assert torch.equal((pictures["flower"] * 255).round().to(torch.uint8), raw.permute(2, 0, 1))


def test_the_reference_text_is_long_and_its_parts_make_the_whole():
    text = data.python_reference_text()
    assert 400_000 < len(text) < 600_000
    assert "comprehension" in text
    train, test = data.python_reference_text("train"), data.python_reference_text("test")
    assert train + test == text
    assert len(train) == len(text) * 9 // 10
    with pytest.raises(ValueError, match="'all', 'train' or 'test', got 'validation'"):
        data.python_reference_text("validation")


# Shapes

# Area over the squared radius of the circle through the corners, by school geometry.
AREAS = {"disc": math.pi, "square": 2, "triangle": 3 * math.sqrt(3) / 4, "cross": 5 * (2 / math.sqrt(10)) ** 2}
TURNS = {"disc": 0.3, "square": math.pi / 2, "triangle": 2 * math.pi / 3, "cross": math.pi / 2}
WHEREVER = {
    "row": st.floats(25, 39),
    "column": st.floats(25, 39),
    "radius": st.floats(12, 24),
    "angle": st.floats(0, 2 * math.pi),
}


@pytest.mark.parametrize("name", data.SHAPES)
@settings(deadline=None, max_examples=20)
@given(**WHEREVER)
def test_a_drawn_shape_has_its_area_and_its_middle(name, row, column, radius, angle):
    cover = data.draw_shape(name, 64, (row, column), radius, angle)
    assert 0 <= cover.min() <= cover.max() <= 1
    assert cover.sum() == pytest.approx(AREAS[name] * radius**2, rel=0.03)
    rows, columns = np.mgrid[:64, :64] + 0.5
    assert (cover * rows).sum() / cover.sum() == pytest.approx(row, abs=0.2)
    assert (cover * columns).sum() / cover.sum() == pytest.approx(column, abs=0.2)


@pytest.mark.parametrize("name", data.SHAPES)
@settings(deadline=None, max_examples=20)
@given(**WHEREVER)
def test_a_drawn_shape_looks_the_same_after_its_turn_and_stays_within_its_circle(name, row, column, radius, angle):
    cover = data.draw_shape(name, 64, (row, column), radius, angle)
    np.testing.assert_allclose(data.draw_shape(name, 64, (row, column), radius, angle + TURNS[name]), cover, atol=1e-9)
    rows, columns = np.mgrid[:64, :64] + 0.5
    assert cover[np.hypot(rows - row, columns - column) > radius + 1].max(initial=0) == 0


def test_shapes_stand_out_from_their_ground_and_lie_inside_the_picture():
    x, y, _, _ = data.shapes(200, noise=0.0)
    assert x.shape == (200, 3, 32, 32)
    assert 0 <= x.min() <= x.max() <= 1
    assert set(y.tolist()) == set(range(len(data.SHAPES)))
    corners = x[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners.amax(dim=2) - corners.amin(dim=2)).max() == 0  # no shape reaches a corner
    ground = corners[:, :, 0, None, None]
    assert ((x - ground).abs().amax(dim=(2, 3)) > 0.25).all()


def test_shapes_are_labelled_as_drawn():
    x, y, _, _ = data.shapes(400, noise=0.0, size=48)
    ground = x[:, :, :1, :1]
    cover = ((x - ground).abs() / (x - ground).abs().amax(dim=(2, 3), keepdim=True)).mean(dim=1)
    place = torch.arange(48.0) + 0.5
    area = cover.sum(dim=(1, 2))
    row = (cover.sum(dim=2) * place).sum(dim=1) / area
    column = (cover.sum(dim=1) * place).sum(dim=1) / area
    distance = torch.hypot(place[:, None] - row[:, None, None], place[None, :] - column[:, None, None])
    # Free of size, place and turn: the second moment over the area squared, and the farthest corner over the area.
    spread = (cover * distance**2).sum(dim=(1, 2)) / area**2
    reach = (distance * (cover > 0.4)).amax(dim=(1, 2)) ** 2 / area
    measured = torch.stack([spread / 0.01, reach / 0.1], dim=1)
    by_geometry = torch.tensor([[1 / (2 * math.pi), 1 / math.pi], [1 / 6, 1 / 2], [0.19245, 0.7698], [0.19333, 1 / 2]])
    nearest = torch.cdist(measured, by_geometry / torch.tensor([0.01, 0.1])).argmin(dim=1)
    assert (nearest == y).float().mean() > 0.98


def test_noise_is_added_where_asked():
    clean, noisy = data.shapes(20, noise=0.0), data.shapes(20, noise=0.1)
    assert torch.equal(clean.y_train, noisy.y_train)
    middle = (clean.x_train > 0.3) & (clean.x_train < 0.7)  # where clipping does not bite
    assert (noisy.x_train - clean.x_train)[middle].std() == pytest.approx(0.1, rel=0.05)


def test_shapes_refuse_a_picture_too_small_and_a_shape_unknown():
    with pytest.raises(ValueError, match="at least 8 pixels, got 4"):
        data.shapes(1, size=4)
    with pytest.raises(ValueError, match="disc, square, triangle, cross, got 'star'"):
        data.draw_shape("star", 16, (8, 8), 4.0, 0.0)


# Dates and numbers


def test_dates_are_answered_in_iso_and_use_every_format():
    x, y, x_test, y_test = data.dates(500)
    used = set()
    for text, answer in zip(x + x_test, y + y_test, strict=True):
        ways = {way for way, write in DATE_FORMATS.items() if write(date.fromisoformat(answer)) == text}
        assert ways, (text, answer)
        used |= ways
    assert used == set(DATE_FORMATS)
    days = [date.fromisoformat(answer) for answer in y]
    assert min(days).year < 1905
    assert max(days).year > 2094


def test_a_day_tested_is_trained_on_in_no_format():
    splits = data.dates(5000)
    assert not set(splits.y_train) & set(splits.y_test)


def test_numbers_are_answered_in_digits_and_use_every_language():
    x, y, x_test, y_test = data.numbers(500)
    spelled = [[write(int(answer)) for write in NUMBER_WORDS.values()] for answer in y + y_test]
    assert all(text in words for text, words in zip(x + x_test, spelled, strict=True))
    assert all(any(words[i] == text for text, words in zip(x, spelled, strict=False)) for i in range(4))
    assert not set(y) & set(y_test)


# Sequences


@settings(deadline=None, max_examples=20)
@given(length=st.integers(2, 30), seed=st.integers(0, 1000))
def test_the_sum_is_that_of_the_two_marked_numbers_one_in_each_half(length, seed):
    x, y, _, _ = data.adding_problem(8, length=length, seed=seed)
    assert x.shape == (8, length, 2)
    numbers, marks = x.unbind(dim=2)
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert marks[:, : length // 2].sum(dim=1).eq(1).all()
    assert marks[:, length // 2 :].sum(dim=1).eq(1).all()
    torch.testing.assert_close(y, (numbers * marks).sum(dim=1))


def test_always_answering_one_has_the_error_stated():
    y = data.adding_problem(20_000, length=4).y_train
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, rel=0.03)


def test_a_sum_needs_two_steps():
    with pytest.raises(ValueError, match="at least 2, got 1"):
        data.adding_problem(1, length=1)


@settings(deadline=None, max_examples=20)
@given(symbols=st.integers(3, 6), gap=st.integers(1, 9), alphabet=st.integers(4, 9), seed=st.integers(0, 1000))
def test_the_target_repeats_the_symbols_after_the_signal(symbols, gap, alphabet, seed):
    x, y, _, _ = data.copy_memory(5, symbols=symbols, gap=gap, alphabet=alphabet, seed=seed)
    assert x.shape == y.shape == (5, 2 * symbols + gap)
    signal = symbols + gap - 1
    assert (x[:, signal] == alphabet + 1).all()
    assert torch.equal(y[:, signal + 1 :], x[:, :symbols])
    assert ((x[:, :symbols] >= 1) & (x[:, :symbols] <= alphabet)).all()
    assert (y[:, : signal + 1] == 0).all()
    assert (x[:, symbols:signal] == 0).all()
    assert (x[:, signal + 1 :] == 0).all()


def test_memory_refuses_what_it_cannot_pose():
    with pytest.raises(ValueError, match="gap must be at least 1, got 0"):
        data.copy_memory(1, gap=0)
    with pytest.raises(ValueError, match="2 symbols from 2 give too few"):
        data.copy_memory(1, symbols=2, alphabet=2)


# The grammar as a regular expression, worked out by hand from its diagram.
REST = "(?:XT*VP)*(?:SE|XT*VVE)"  # from the state where the two ways meet
PLAIN = f"B(?:TS*X{REST}|PT*V(?:VE|P{REST}))"
EMBEDDED = f"B([TP]){PLAIN}\\1E"  # the last symbol but one repeats the second


@pytest.mark.parametrize(("embedded", "pattern"), [(False, PLAIN), (True, EMBEDDED)])
def test_every_string_belongs_to_the_grammar(embedded, pattern):
    splits = data.reber(1000, embedded=embedded)
    assert all(re.fullmatch(pattern, string) for string in splits.x_train + splits.x_test)


def test_every_short_string_of_the_grammar_occurs():
    middles = ("".join(letters) for length in range(6) for letters in itertools.product("TPSXV", repeat=length))
    short = {string for middle in middles if re.fullmatch(PLAIN, string := f"B{middle}E")}
    splits = data.reber(4000, embedded=False)
    assert short == {string for string in splits.x_train + splits.x_test if len(string) <= 7}
    assert len(short) > 5


@pytest.mark.parametrize("embedded", [False, True])
def test_what_may_follow_a_prefix_is_what_does_follow_it(embedded):
    x_train, y_train, x_test, y_test = data.reber(3000, embedded=embedded)
    seen, told = defaultdict(list), {}
    for string, following in zip(x_train + x_test, y_train + y_test, strict=True):
        assert len(following) == len(string) - 1
        for step, allowed in enumerate(following, start=1):
            seen[string[:step]].append(string[step])
            assert told.setdefault(string[:step], allowed) == allowed
    common = [prefix for prefix, symbols in seen.items() if len(symbols) > 40]
    assert len(common) > 15
    assert all(told[prefix] == "".join(sorted(set(seen[prefix]))) for prefix in common)


def test_two_symbols_that_may_follow_do_so_equally_often():
    x = data.reber(4000, embedded=False).x_train
    assert sum(string[1] == "T" for string in x) / len(x) == pytest.approx(0.5, abs=0.06)


# On request


@pytest.fixture
def nowhere(monkeypatch):
    """No folder of data, no Hugging Face datasets, no pyarrow, whatever this machine has."""
    monkeypatch.delenv("DLARCH_DATA", raising=False)
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    return monkeypatch


@pytest.mark.parametrize(
    ("load", "file"),
    [
        (data.cifar10, "cifar10/train-00000-of-00001.parquet"),
        (data.fashion_mnist, "fashion_mnist/train-00000-of-00001.parquet"),
        (data.tiny_shakespeare, "tinyshakespeare.txt"),
    ],
)
def test_a_big_set_that_is_not_there_says_how_to_get_it(nowhere, load, file):
    with pytest.raises(ModuleNotFoundError, match=f"pip install datasets.*DLARCH_DATA to a folder that holds {file}"):
        load()


def test_a_parquet_file_without_a_reader_says_what_to_install(nowhere, tmp_path):
    file = tmp_path / "cifar10" / "test-00000-of-00001.parquet"
    file.parent.mkdir()
    file.write_bytes(b"PAR1")
    nowhere.setenv("DLARCH_DATA", str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="needs pyarrow: run 'pip install datasets'"):
        data.cifar10("test")


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Column(list):
    def to_pylist(self):
        return list(self)


class Table(dict):
    @property
    def column_names(self):
        return list(self)


def test_pictures_come_out_of_the_parquet_file_of_the_folder(nowhere, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    read_files = []

    def read_table(file):
        read_files.append(file)
        return Table(img=Column({"bytes": png(p), "path": None} for p in pixels), label=Column([3, 7]))

    pyarrow = ModuleType("pyarrow")
    pyarrow.parquet = SimpleNamespace(read_table=read_table)
    nowhere.setitem(sys.modules, "pyarrow", pyarrow)
    file = tmp_path / "cifar10" / "train-00000-of-00001.parquet"
    file.parent.mkdir()
    file.touch()
    nowhere.setenv("DLARCH_DATA", str(tmp_path))
    x, y = data.cifar10()
    assert read_files == [file]
    assert torch.equal((x * 255).round().to(torch.uint8), torch.from_numpy(pixels).permute(0, 3, 1, 2))
    assert (x.dtype, y.tolist()) == (torch.float32, [3, 7])


def test_pictures_come_through_hugging_face_where_there_is_no_folder(nowhere):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    calls = []

    class Rows(list):
        column_names = ("image", "label")

    def load_dataset(name, **options):
        calls.append((name, options))
        return Rows([{"image": Image.fromarray(pixels), "label": 9}])

    nowhere.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    x, y = data.fashion_mnist("test")
    assert calls == [("zalando-datasets/fashion_mnist", {"split": "test"})]
    assert torch.equal((x[0, 0] * 255).round().to(torch.uint8), torch.from_numpy(pixels))
    assert y.tolist() == [9]


def test_an_unknown_part_of_a_big_set_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', got 'validation'"):
        data.cifar10("validation")


def test_shakespeare_is_read_from_the_folder_and_cut_at_nine_tenths(nowhere, tmp_path):
    (tmp_path / "tinyshakespeare.txt").write_text("0123456789" * 10, encoding="utf-8")
    nowhere.setenv("DLARCH_DATA", str(tmp_path))
    assert len(data.tiny_shakespeare()) == 100
    assert data.tiny_shakespeare("train") + data.tiny_shakespeare("test") == data.tiny_shakespeare()
    assert data.tiny_shakespeare("test") == "0123456789"


def test_shakespeare_comes_through_hugging_face_as_one_text(nowhere):
    def load_dataset(kind, *, data_files, sample_by, split):
        assert (kind, sample_by, split) == ("text", "document", "train")
        assert data_files.endswith("tinyshakespeare/input.txt")
        return [{"text": "To be"}]

    nowhere.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    assert data.tiny_shakespeare() == "To be"
