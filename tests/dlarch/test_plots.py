"""dlarch.plots: figures that read on any page, in any light, by anyone, and come out the same every time."""

import base64
import io
import itertools
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from dlarch import measure, plots
from dlarch.training import History

SVG = "{http://www.w3.org/2000/svg}"
ALT = "Two lines, one above the other."


@pytest.fixture(autouse=True)
def default_settings():
    with plt.rc_context():
        yield
    assert plt.get_fignums() == [], "a figure was left open"


def lines(count: int = 2):
    plots.use_style()
    fig, ax = plt.subplots()
    for number in range(count):
        ax.plot([0, 1, 2], [number, number + 1, number], label=f"line {number}")
    ax.scatter([1], [1])
    ax.set(xlabel="epoch", ylabel="$x_i^2$", title="A title")
    ax.legend()
    return fig


def drawing(shown: plots.Shown) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*</svg>", shown.html, re.DOTALL)[0])


def words(shown: plots.Shown) -> list[str]:
    return ["".join(text.itertext()).strip() for text in drawing(shown).iter(f"{SVG}text")]


# What a reader meets


def test_a_figure_is_an_image_with_a_name_in_a_figure_with_a_caption():
    shown = plots.show(lines(), alt='Less "than" <x> & more', caption="Look at <a>.")
    figure = ElementTree.fromstring(shown.html)
    assert figure.get("class") == "dlarch-figure"
    svg, caption = figure
    assert (svg.get("role"), svg.get("aria-label")) == ("img", 'Less "than" <x> & more')
    assert caption.text == "Look at <a>."
    assert "figcaption" not in plots.show(lines(), alt=ALT).html


def test_percent_and_minus_signs_are_set_as_in_the_text_of_a_page():
    fig = lines()
    fig.axes[0].set(title="62% at -1", xlabel="share, %")
    fig.axes[0].text(0, 0, "of 5 %")
    shown = plots.show(fig, alt="From -3 to 62%.", caption="Up by 5.5% & more.")
    assert {"62\N{NO-BREAK SPACE}% at \N{MINUS SIGN}1", "share, %", "of 5\N{NO-BREAK SPACE}%"} <= set(words(shown))
    assert drawing(shown).get("aria-label") == shown.alt == "From \N{MINUS SIGN}3 to 62\N{NO-BREAK SPACE}%."
    assert "<figcaption>Up by 5.5\N{NO-BREAK SPACE}% &amp; more.</figcaption>" in shown.html


def test_a_notebook_gets_html_and_the_description_as_text():
    shown = plots.show(lines(), alt=ALT)
    assert shown._repr_mimebundle_() == {"text/html": shown.html, "text/plain": ALT}
    assert repr(shown) == ALT


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_a_description_is_refused_with_an_example_of_one(alt):
    fig = lines()
    with pytest.raises(ValueError, match=r"alt is empty: say .* what the figure shows .* for example"):
        plots.show(fig, alt=alt)
    plt.close(fig)


def test_a_figure_fills_a_narrow_page_and_never_a_wide_one():
    plots.use_style()
    for width, pixels in ((5.2, 499), (6.6, 634)):
        style = drawing(plots.show(plt.figure(figsize=(width, 2)), alt=ALT)).get("style")
        assert f"width:100%;max-width:{pixels}px;height:auto" in style
    fig = plt.figure(figsize=(8, 2))
    with pytest.raises(ValueError, match="768 pixels wide, expected at most 640"):
        plots.show(fig, alt=ALT)
    plt.close(fig)


def test_text_below_nine_points_is_refused_by_name():
    fig = lines()
    fig.axes[0].text(0, 0, "tiny", fontsize=7)
    with pytest.raises(ValueError, match="'tiny' has 7 points, expected at least 9"):
        plots.show(fig, alt=ALT)
    fig.axes[0].texts[0].set_visible(False)
    plots.show(fig, alt=ALT)


def test_text_stays_text_in_the_font_of_the_page():
    shown = plots.show(lines(), alt=ALT)
    assert {"epoch", "A title", "line 0", "line 1"} <= set(words(shown))
    assert "DejaVu" not in shown.html
    styles = [text.get("style") or text[0].get("style") for text in drawing(shown).iter(f"{SVG}text")]
    assert all("font-family: inherit" in style and "font-size: " in style for style in styles)


def test_bold_and_slanted_text_stay_so():
    plots.use_style()
    fig = plt.figure()
    fig.text(0.1, 0.1, "strong", weight="bold")
    fig.text(0.1, 0.5, "leaning", style="italic")
    html = plots.show(fig, alt=ALT).html
    assert re.search(r'font-weight: (700|bold); [^"]*"[^>]*>strong', html)
    assert re.search(r'font-style: italic; [^"]*"[^>]*>leaning', html)


def test_black_follows_the_page_and_the_ground_is_clear():
    html = plots.show(lines(), alt=ALT).html
    assert "#000" not in html
    assert "#fff" not in html
    assert "stroke: currentColor" in html
    assert drawing(plots.show(lines(), alt=ALT)).get("fill") == "currentColor"
    assert plots.COLORS[0] in html


def test_a_figure_made_before_the_style_was_set_is_clear_too():
    plt.rcdefaults()
    fig, ax = plt.subplots()
    ax.plot([0, 1])
    html = plots.show(fig, alt=ALT).html
    assert "#fff" not in html
    assert "#000" not in html


def test_ink_and_white_on_a_patch_do_not_follow_the_page():
    html = plots.show(plots.heatmap([[0.0, 1.0]], numbers=".0f"), alt=ALT).html
    assert re.search(rf"fill: {plots.INK}[^>]*>1<", html)
    assert re.search(r"fill: #ffffff[^>]*>0<", html)


def test_nothing_of_a_figure_reaches_the_rest_of_the_page():
    html = plots.show(lines(), alt=ALT).html
    assert "<style" not in html
    assert "<?xml" not in html
    assert "<!DOCTYPE" not in html
    assert "<metadata" not in html


def test_two_figures_on_a_page_share_no_id_and_every_reference_has_its_target():
    ids = []
    for count in (2, 3):
        html = plots.show(lines(count), alt=ALT).html
        defined = re.findall(r'\sid="([^"]+)"', html)
        used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', html))
        assert len(set(defined)) == len(defined)
        assert used
        assert used == set(defined)
        ids += defined
    assert len(set(ids)) == len(ids)


def test_the_same_figure_gives_the_same_bytes_here_and_in_another_process():
    program = (
        "from dlarch import plots\nimport numpy as np\n"
        "fig = plots.learning_curves({'a': np.arange(12).reshape(3, 4) / 12})\n"
        "print(plots.show(fig, alt='x').html, end='')"
    )
    here = plots.show(plots.learning_curves({"a": np.arange(12).reshape(3, 4) / 12}), alt="x").html
    again = plots.show(plots.learning_curves({"a": np.arange(12).reshape(3, 4) / 12}), alt="x").html
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert here == again == there


# Colours


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(color: np.ndarray) -> np.ndarray:
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def luminance(color: np.ndarray) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    """Of WCAG 2.2."""
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


# What is left of linear red, green and blue for a reader who lacks one kind of cone (Machado et al. 2009, severity 1).
BLIND_TO = {
    "nothing": np.eye(3),
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(color: np.ndarray, blindness: str) -> np.ndarray:
    """CIELAB, where a distance of about 2 is the least that can be told apart."""
    seen = np.clip(np.array(BLIND_TO[blindness]) @ linear(color), 0, 1)
    x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    fx, fy, fz = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x / 0.9505, y, z / 1.089))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("ground", ["#ffffff", "#121212"])
def test_every_colour_stands_out_from_a_white_and_a_dark_page(ground):
    assert len(plots.COLORS) >= 6
    assert min(contrast(rgb(color), rgb(ground)) for color in plots.COLORS) >= 3


@pytest.mark.parametrize("blindness", BLIND_TO)
def test_every_two_colours_stay_apart_for_colour_blind_readers(blindness):
    pairs = itertools.combinations([lab(rgb(color), blindness) for color in plots.COLORS], 2)
    assert min(np.linalg.norm(a - b) for a, b in pairs) > 20


def test_the_map_for_signed_values_is_grey_at_zero_and_grows_lighter_all_the_way():
    colors = plots.SIGNED(np.linspace(0, 1, 101))[:, :3]
    assert np.ptp(colors[50]) < 0.01
    assert np.all(np.diff([luminance(color) for color in colors]) > 0)


def test_lines_differ_by_dash_as_well_as_by_colour():
    fig = lines(6)
    drawn = fig.axes[0].lines
    plt.close(fig)
    assert len({line.get_color() for line in drawn}) == 6
    assert len({str(line._dash_pattern) for line in drawn}) == 6


# Learning curves


def test_a_curve_is_the_mean_of_its_runs_in_a_band_from_lowest_to_highest():
    runs = [
        History(validation_accuracy=[0.1, 0.6]),
        History(validation_accuracy=[0.3, 0.8]),
        History(validation_accuracy=[0.2, 0.4]),
    ]
    fig = plots.learning_curves({"with": runs, "without": [[0.1, 0.2]]})
    (ax,) = fig.axes
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.2, 0.6])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [1, 2])
    (band,) = ax.collections  # one run has no band
    heights = band.get_paths()[0].vertices
    assert {(x, y) for x, y in heights} == {(1, 0.1), (1, 0.3), (2, 0.4), (2, 0.8)}
    assert ax.get_ylabel() == "validation accuracy"
    assert {"with", "without", "epoch"} <= set(words(plots.show(fig, alt=ALT)))


def test_curves_differ_by_marker_and_dash_and_mark_no_more_than_a_few_epochs():
    fig = plots.learning_curves({str(i): np.random.default_rng(i).random(400) for i in range(6)})
    drawn = fig.axes[0].lines
    assert len({line.get_marker() for line in drawn}) == 6
    assert len({str(line._dash_pattern) for line in drawn}) == 6
    assert len({line.get_color() for line in drawn}) == 6
    assert all(line.get_markevery() == 50 for line in drawn)
    plt.close(fig)


def test_one_history_and_another_of_its_lists_can_be_drawn():
    fig = plots.learning_curves({"a": History(loss=[3.0, 2.0, 1.0])}, metric="loss", ylabel="nats")
    assert fig.axes[0].lines[0].get_ydata().tolist() == [3, 2, 1]
    assert fig.axes[0].get_ylabel() == "nats"
    plt.close(fig)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([History(loss=[1.0]), History(loss=[1.0, 2.0])], r"'a' have different numbers of epochs: \[1, 2\]"),
        (History(), "'a' hold no loss"),
        (np.zeros((2, 2, 2)), "'a' hold no loss: expected .* runs by epochs"),
    ],
)
def test_runs_that_cannot_be_drawn_are_named(runs, message):
    with pytest.raises(ValueError, match=message):
        plots.learning_curves({"a": runs}, metric="loss")


# Architectures


def test_a_drawing_of_a_model_has_a_box_a_stage_wide_as_its_side_and_thick_as_its_channels():
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 16, 3, padding=1),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 256, 1),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(256, 10),
    )
    fig = plots.architecture(measure.stages(model, torch.zeros(1, 3, 32, 32)), title="Small")
    boxes = fig.axes[0].patches
    widths = [box.get_width() for box in boxes]
    heights = [box.get_height() for box in boxes]
    assert widths == pytest.approx([1, 0.5, 0.5, 1 / 32, 1 / 32, 1 / 32])
    assert heights[5] < heights[0] == heights[1] < heights[2] == heights[3] == heights[4]
    tops = [box.get_y() for box in boxes]
    assert tops == sorted(tops)
    shown = plots.show(fig, alt=ALT)
    assert {"Small", "0", "16 × 32 × 32", "256 × 16 × 16", "256", "10"} <= set(words(shown))


def test_boxes_never_overlap_however_many_channels():
    fig = plots.architecture({str(i): (1, 2**i) for i in range(12)})
    boxes = fig.axes[0].patches
    ends = [box.get_y() + box.get_height() for box in boxes]
    assert all(end < after.get_y() for end, after in zip(ends, boxes[1:], strict=False))
    plt.close(fig)


def test_sequences_are_as_wide_as_they_are_long():
    fig = plots.architecture({"tokens": (2, 24, 8), "half": (2, 12, 8), "summary": (2, 8)})
    assert [box.get_width() for box in fig.axes[0].patches] == pytest.approx([1, 0.5, 1 / 24])
    assert len({box.get_facecolor() for box in fig.axes[0].patches}) == 2
    plt.close(fig)


@pytest.mark.parametrize(("stages", "message"), [({}, "no stages"), ({"scalar": (3,)}, r"'scalar' has shape \(3,\)")])
def test_stages_that_cannot_be_drawn_are_named(stages, message):
    with pytest.raises(ValueError, match=message):
        plots.architecture(stages)


# Images and matrices


def pixels_of(shown: plots.Shown) -> list[np.ndarray]:
    images = drawing(shown).iter(f"{SVG}image")
    links = [image.get("{http://www.w3.org/1999/xlink}href") for image in images]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(link.split(",")[1])))) for link in links]


def test_small_images_keep_their_pixels_and_are_not_smoothed():
    values = torch.linspace(0, 1, 2 * 64).reshape(2, 1, 8, 8)
    shown = plots.show(plots.image_grid(values, labels=["first", "second"]), alt=ALT)
    grey = np.stack(pixels_of(shown))[..., 0] / 255
    np.testing.assert_allclose(np.sort(grey, axis=None), values.flatten(), atol=0.01)  # one scale for both
    assert grey[0].max() < grey[1].min()
    assert shown.html.count("image-rendering:pixelated") == 2
    assert {"first", "second"} <= set(words(shown))


def test_colour_images_keep_their_channels():
    image = torch.zeros(1, 3, 4, 4)
    image[:, 0] = 1
    (pixels,) = pixels_of(plots.show(plots.image_grid(image), alt=ALT))
    assert pixels[0, 0, :3].tolist() == [255, 0, 0]


def test_weights_are_drawn_on_one_scale_with_grey_at_zero():
    values = torch.zeros(3, 2, 2)
    values[1, 0, 0], values[2, 1, 1] = 4.0, -1.0
    fig = plots.image_grid(values, diverging=True)
    images = [ax.images[0] for ax in fig.axes[:3]]
    assert all(image.get_clim() == (-4, 4) for image in images)
    assert np.ptp(images[0].to_rgba(0.0)[:3]) < 0.01
    plt.close(fig)


def test_equal_values_can_be_drawn():
    plots.show(plots.image_grid(torch.zeros(1, 4, 4), diverging=True), alt=ALT)
    plots.show(plots.image_grid(torch.ones(1, 4, 4)), alt=ALT)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"N H W, N 1 H W or N 3 H W, got shape \(2, 5, 4, 4\)"):
        plots.image_grid(torch.zeros(2, 5, 4, 4))


def test_a_heat_map_names_rows_and_columns_and_writes_its_numbers():
    weights = torch.tensor([[0.25, 0.75], [1.0, -0.001]], requires_grad=True)
    fig = plots.heatmap(weights, rows=["le", "chat"], columns=["the", "cat"], xlabel="keys", ylabel="queries",
                        label="weight", numbers=".2f")  # fmt: skip
    shown = plots.show(fig, alt=ALT)
    expected = {"le", "chat", "the", "cat", "keys", "queries", "weight", "0.25", "0.75", "1.00", "0.00"}
    assert expected <= set(words(shown))
    assert "−0.00" not in words(shown)


def test_numbers_in_cells_have_contrast_with_their_cell():
    fig = plots.heatmap(np.linspace(-1, 1, 25).reshape(5, 5), numbers=".1f", diverging=True)
    drawn = fig.axes[0].images[0]
    values = np.linspace(-1, 1, 25)
    for value, text in zip(values, fig.axes[0].texts, strict=True):
        color = rgb(plots.INK) if text.get_color() == plots.INK else np.ones(3)
        assert contrast(np.array(drawn.to_rgba(value)[:3]), color) > 4
    plt.close(fig)


def test_a_heat_map_checks_its_shape_and_its_names():
    with pytest.raises(ValueError, match="needs a matrix"):
        plots.heatmap(torch.zeros(3))
    with pytest.raises(ValueError, match="columns has 1 names for 2 columns"):
        plots.heatmap(torch.zeros(2, 2), columns=["a"])
