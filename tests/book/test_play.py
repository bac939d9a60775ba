"""The base of interactive figures, tried on a small figure of its own in an empty page."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pytest
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch import plots
from dlarch.play import Play

MODULE = """
import traitlets
from dlarch.play import Play

class Gauge(Play):
    level = traitlets.Float(1.0).tag(sync=True)
    unit = traitlets.Unicode("m").tag(sync=True)
    wide = traitlets.Bool(False).tag(sync=True)
    raw = traitlets.Bytes(b"").tag(sync=True)
"""
SCRIPT = """
export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: 200, height: 100 });
    const dot = play.draw(svg, "circle", { r: 8, cy: 50, class: "play-dot play-a" });
    const tell = play.readout(el);
    const controls = play.controls(el);
    const format = (value) => `${value.toFixed(1)} m`;
    play.slider(model, controls, { trait: "level", label: "Level", min: 0, max: 10, step: 0.5, format });
    play.select(model, controls, { trait: "unit", label: "Unit", options: [["m", "metres"], ["ft", "feet"]] });
    play.checkbox(model, controls, { trait: "wide", label: "Wide" });
    play.button(controls, { label: "Empty", press: () => play.set(model, "level", 0) });
    play.drag(svg, dot, (x) => play.set(model, "level", x / 20));
    return play.watch(model, ["level", "unit", "wide"], () => {
      play.update(dot, { cx: 20 * model.get("level") });
      const raw = model.get("raw").byteLength;
      describe(`${model.get("level")} ${model.get("unit")} ${model.get("wide")} ${raw}`);
      tell(`level ${model.get("level")}`);
    });
  },
};
"""


@pytest.fixture(scope="module")
def gauge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("figure")
    (folder / "gauge.py").write_text(MODULE, encoding="utf-8")
    (folder / "gauge.js").write_text(SCRIPT, encoding="utf-8")
    (folder / "bare.py").write_text(MODULE, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("gauge")
    sys.path.remove(str(folder))


@pytest.fixture
def page(gauge: ModuleType, browser: Browser) -> Iterator[Page]:
    """A page as the book makes it: the fallback, the embedded state of the figure, and the loader."""
    with alone(browser, gauge.Gauge(level=2.0, raw=b"abc")) as page:
        yield page


def told(page: Page) -> str:
    return page.get_attribute(".play-picture", "aria-label")


def test_a_figure_starts_from_its_embedded_state_bytes_included(page: Page):
    assert told(page) == "2 m false 3"


def test_the_slider_is_named_says_its_value_and_moves_the_picture(page: Page):
    slider = page.get_by_label("Level")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert told(page) == "2.5 m false 3"
    assert slider.get_attribute("aria-valuetext") == "2.5 m"
    assert page.inner_text(".play-readout") == "level 2.5"


def test_select_checkbox_and_button_set_the_state(page: Page):
    page.get_by_label("Unit").select_option("feet")
    page.get_by_label("Wide").check()
    page.get_by_role("button", name="Empty").click()
    assert told(page) == "0 ft true 3"
    assert page.get_by_label("Level").input_value() == "0"


def test_a_mark_is_dragged_with_the_mouse_and_the_slider_follows(page: Page):
    box = page.locator(".play-drag").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"])
    page.mouse.up()
    assert told(page).startswith("5")
    assert page.get_by_label("Level").input_value() == "5"


def test_keys_of_a_control_do_not_reach_the_notebook_around_it(page: Page):
    page.evaluate("document.addEventListener('keydown', () => { document.title = 'heard'; })")
    page.get_by_label("Level").focus()
    page.keyboard.press("ArrowRight")
    assert page.title() != "heard"


def test_a_figure_without_its_script_is_refused(gauge: ModuleType):
    with pytest.raises(FileNotFoundError, match=r"Gauge needs its script bare\.js beside bare\.py"):
        importlib.import_module("bare")


def test_a_fallback_without_a_description_is_refused(gauge: ModuleType):
    with pytest.raises(ValueError, match="needs an alt text or an aria-label"):
        gauge.Gauge().show(fallback="<svg></svg>")


def test_a_shown_figure_serves_as_fallback(gauge: ModuleType):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([0, 1], [0, 1])
    shown = plots.show(figure, alt="A line that rises.")
    data, _ = gauge.Gauge().show(fallback=shown)._repr_mimebundle_()
    assert 'aria-label="A line that rises."' in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_interactive_figures_have_the_colours_of_the_others():
    css = Path(sys.modules[Play.__module__].__file__).with_name("base.css").read_text(encoding="utf-8")
    assert all(f"--play-{letter}: {colour};" in css for letter, colour in zip("abcdef", plots.COLORS, strict=True))
