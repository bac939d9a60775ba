"""The figure of the chapter on network in network in an empty page: its pictures and maps against the library's."""

import re
from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.data import SHAPES
from dlarch.play.nin import BLOCKS, INKS, RADIUS, SECOND, SIDE, ClassMaps, Placed, canvas, scatter, small_network
from dlarch.vision.nin import Block, NiN, global_average_pool, peak

SET = """(rows) => rows.map(([shown, first, row, column, turn, second]) => {
    const selects = document.querySelectorAll('.play-live select');
    [[selects[0], shown], [selects[1], first], [selects[2], second]].forEach(([select, text]) => {
        select.selectedIndex = [...select.options].findIndex((option) => option.textContent === text);
        select.dispatchEvent(new Event('change'));
    });
    const sliders = document.querySelectorAll('.play-live input[type=range]');
    [row, column, turn].forEach((value, i) => {
        sliders[i].value = value;
        sliders[i].dispatchEvent(new Event('input'));
    });
    return {
        told: document.querySelector('.play-readout').textContent,
        described: document.querySelector('.play-picture').getAttribute('aria-label'),
    };
})"""
SETTINGS = [
    ("cross", "cross", 12, 27, 20, "disc"),
    ("disc", "cross", 5, 35, 0, "disc"),
    ("square", "square", 30, 13, 45, "triangle"),
    ("triangle", "triangle", 20, 20, 90, "none"),
    ("disc", "disc", 35, 5, 10, "none"),
]


def network() -> NiN:
    torch.manual_seed(0)
    return NiN(BLOCKS, len(SHAPES)).eval()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, ClassMaps.of(network())) as page:
        yield page


def test_maps_scores_and_peaks_are_those_of_the_library(page: Page):
    model = network()
    for (shown, first, row, column, turn, second), seen in zip(SETTINGS, page.evaluate(SET, SETTINGS), strict=True):
        number = SHAPES.index(second) if second in SHAPES else -1
        settings = {"first": SHAPES.index(first), "row": row, "column": column, "turn": turn, "second": number}
        with torch.no_grad():
            maps = model.maps(ClassMaps.of(model, **settings).picture()[None] - 0.5)[0]
        wanted = [*global_average_pool(maps[None])[0].tolist(), *maps.amax(dim=(1, 2)).tolist()]
        told = [float(n) for n in re.findall(r"(?:disc|square|triangle|cross) (\d+\.\d\d)", seen["described"])]
        assert told == pytest.approx(wanted, abs=0.0051)
        place = [float(n) for n in re.search(r", at row ([\d.]+), column ([\d.]+)\. Means", seen["described"]).groups()]
        if maps[SHAPES.index(shown)].max() > 0:
            assert place == peak(maps[SHAPES.index(shown)], model.grid()).tolist()


def test_it_says_on_which_shape_the_map_peaks(page: Page):
    model, peaks = network(), set()
    for (shown, first, row, column, turn, second), seen in zip(SETTINGS, page.evaluate(SET, SETTINGS), strict=True):
        shapes = [Placed(first, row, column, RADIUS, turn, INKS[0])]
        if second in SHAPES:
            shapes.append(Placed(second, *SECOND, RADIUS, 0.0, INKS[1]))
        place = [float(n) for n in re.search(r", at row ([\d.]+), column ([\d.]+)\. Means", seen["described"]).groups()]
        hit = next((shape.kind for shape in shapes if shape.holds(torch.tensor(place))), None)
        if "is empty" not in seen["told"]:
            where = f"peaks on the {hit}" if hit else "peaks beside every shape"
            peaks.add(where)
            assert f"The map of the class {shown} {where}." in seen["told"]
    assert len(peaks) > 1
    assert model.grid() == (1.5, 2)


def test_every_control_is_named_and_moves_by_keyboard(page: Page):
    for label, key in (
        ("Map of the class", "ArrowUp"),
        ("Shape that moves", "ArrowUp"),
        ("Its row", "ArrowRight"),
        ("Its column", "ArrowLeft"),
        ("Its turn", "ArrowRight"),
        ("Shape that stays", "ArrowDown"),
    ):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
        assert page.get_attribute(".play-picture", "aria-label") != before, label


def test_the_shape_follows_the_mouse_and_stays_on_the_canvas(page: Page):
    box = page.locator(".play-drag").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 20, middle[1] + 10, steps=3)
    assert "at row 12, column 27" not in page.get_attribute(".play-picture", "aria-label")
    page.mouse.move(middle[0] + 600, middle[1] - 600, steps=3)
    page.mouse.up()
    assert f"at row {RADIUS:.0f}, column {SIDE - RADIUS:.0f}" in page.get_attribute(".play-picture", "aria-label")


def test_numbers_go_into_the_figure_and_come_back_as_the_same_network():
    numbers = torch.frombuffer(bytearray(ClassMaps.of(network()).numbers), dtype=torch.float32)
    x = torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(small_network(numbers)(x), network()(x))


def test_a_network_with_other_blocks_is_refused():
    with pytest.raises(ValueError, match="the figure runs a network of"):
        ClassMaps.of(NiN((Block((3,), 3),), 4))


def test_scattered_shapes_lie_on_the_canvas_and_each_in_its_quarter():
    pictures, scenes = scatter(20, side=40, every=True, seed=3)
    assert pictures.shape == (20, 3, 40, 40)
    for scene in scenes:
        assert [shape.kind for shape in scene] == list(SHAPES)
        assert len({(shape.row > 20, shape.column > 20) for shape in scene}) == 4
    _, single = scatter(20, side=32, every=False, seed=3)
    for (shape,) in single:
        assert shape.radius <= shape.row <= 32 - shape.radius
        assert shape.radius <= shape.column <= 32 - shape.radius
    blank = canvas([], 8, (0.1, 0.2, 0.3))
    assert torch.equal(blank[:, 0, 0], torch.tensor([0.1, 0.2, 0.3]))
