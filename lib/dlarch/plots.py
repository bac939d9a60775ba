"""One look for every figure of the course: light and dark pages, colour-blind readers, print in grey.

Call ``use_style()`` once, draw with matplotlib as usual, and end the cell with ``show(fig, alt="...")``.
What is black in a figure takes the colour of the page's text and the background is left clear, so the same picture
reads on a white page and on a dark one. Text on a coloured patch must not follow the page: make it ``INK`` or white.
"""

import hashlib
import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

# Every colour has a contrast of at least 3 with white and with #121212, and every two of them stay apart
# for red-, green- and blue-blind readers (tests/dlarch/test_plots.py computes both).
COLORS = ["#3786fa", "#a34c04", "#467067", "#ad36a2", "#988e60", "#7b28fd"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3))]
MARKERS = ["o", "s", "^", "D", "v", "X"]
INK = "#111111"  # dark on any page
# Signed values: dark blue below zero, grey at zero, light yellow above; lighter all the way, so it reads in grey too.
SIGNED = LinearSegmentedColormap.from_list("signed", ["#04264f", "#3d6fb0", "#8c8c8c", "#d9b44a", "#fff3b0"])
WIDEST = 640  # pixels that a figure may take on the page
SMALLEST_TEXT = 9  # points
PIXELS_PER_INCH = 96  # of CSS; matplotlib's SVG counts 72 points to the inch
MINUS = re.compile(r"(?<![^\s(*|])-(?=\d)")
PERCENT = re.compile(r"(?<=\d) ?%")


def use_style() -> None:
    """Set matplotlib's defaults to the style of the course, for all figures made from now on."""
    plt.rcParams.update(
        {
            "figure.figsize": (5.2, 3.2),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=COLORS, linestyle=DASHES),
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.labelsize": 10,
            "font.size": 10,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "image.interpolation": "none",  # keeps the pixels of a small image as pixels in the SVG
            "image.cmap": "viridis",
        }
    )


def set_signs(text: str) -> str:
    """The text as the book writes it: a true minus before numbers, a no-break space before percent signs."""
    return PERCENT.sub("\N{NO-BREAK SPACE}%", MINUS.sub("\N{MINUS SIGN}", text))


@dataclass(frozen=True)
class Shown:
    """A figure ready for a notebook or a page: HTML with the drawing inside, or its description as text."""

    html: str
    alt: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def show(fig: Figure, *, alt: str, caption: str | None = None) -> Shown:
    """Turn a figure into inline SVG that follows the page's colours, and close it.

    Minus and percent signs in all its texts are set as in the text of the page (``set_signs``).

    Args:
        fig: a matplotlib figure, at most 640 pixels (6.66 inches) wide, with no text below 9 points.
        alt: what the figure says, for a reader who cannot see it.
        caption: a sentence under the figure that says what to look at.

    Returns:
        An object that notebooks and the book display. The same figure gives the same bytes every time.

    Raises:
        ValueError: if ``alt`` is empty, the figure is too wide, or some text is too small.
    """
    if not alt.strip():
        raise ValueError(
            "alt is empty: say in one or two sentences what the figure shows and what follows from it, for example "
            "'Test accuracy over 20 epochs: with the shortcut 0.97, without it 0.91.'"
        )
    width = fig.get_figwidth() * PIXELS_PER_INCH
    if width > WIDEST:
        raise ValueError(f"the figure is {width:.0f} pixels wide, expected at most {WIDEST}: set figsize to (6.6, ...)")
    small = [t for t in fig.findobj(Text) if t.get_visible() and t.get_text() and t.get_fontsize() < SMALLEST_TEXT]
    if small:
        words, size = small[0].get_text(), small[0].get_fontsize()
        raise ValueError(f"the text {words!r} has {size:g} points, expected at least {SMALLEST_TEXT}: enlarge it")
    alt = set_signs(alt)
    drawing = _svg(fig, alt, width)
    plt.close(fig)
    below = f"<figcaption>{html.escape(set_signs(caption))}</figcaption>" if caption else ""
    return Shown(f'<figure class="dlarch-figure" style="margin:1em 0">{drawing}{below}</figure>', alt)


def _svg(fig: Figure, alt: str, width: float) -> str:
    """The figure as an ``<svg>`` element: page colours, page font, no ids but the needed ones, nothing that varies."""
    buffer = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "dlarch"}):
        fig.savefig(buffer, format="svg", transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)  # holds the date
    # Its style sheet would reach every other drawing of the page, so its one rule moves to the element below.
    svg = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = svg.replace("stroke: #000000", "stroke: currentColor").replace("fill: #000000", "fill: currentColor")
    # "font: italic 10px 'DejaVu Sans'": keep style and size, take the family of the page.
    svg = re.sub(r"font: ((?:[\w-]+ )*)([\d.]+px) [^;\"]*", _page_font, svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    svg = re.sub(r"(?<=>)[^<>]*\d[^<>]*(?=</text>)", lambda match: set_signs(match[0]), svg)

    used = set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg))
    mark = hashlib.sha256((svg + alt).encode()).hexdigest()[:8]
    svg = re.sub(r' id="([\w.-]+)"', lambda m: f' id="{mark}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{mark}-", svg)

    box = re.search(r'viewBox="([^"]*)"', svg)[1]
    style = f"width:100%;max-width:{width:.0f}px;height:auto;stroke-linejoin:round;stroke-linecap:butt"
    name = html.escape(alt, quote=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box}" '
        f'role="img" aria-label="{name}" fill="currentColor" style="{style}">'
    )
    return head + re.sub(r"^<svg[^>]*>", "", svg, count=1).strip()


def _page_font(match: re.Match) -> str:
    words = match[1].split()
    style = "font-style: italic; " if "italic" in words or "oblique" in words else ""
    weight = next((f"font-weight: {w}; " for w in words if w == "bold" or w.isdigit()), "")
    return f"{style}{weight}font-size: {match[2]}; font-family: inherit"


def learning_curves(
    histories: Mapping[str, Any], *, metric: str = "validation_accuracy", ylabel: str | None = None, title: str = ""
) -> Figure:
    """One line a label, the mean over its runs, in a band from the lowest run to the highest.

    Args:
        histories: label to runs: one ``History`` or a list of them (one a seed), or numbers of shape ``epochs`` or
            ``runs epochs``. All runs of one label have the same number of epochs.
        metric: the list of a ``History`` to draw.
        ylabel: name of the vertical axis; by default the metric's.
        title: title of the figure.
    """
    runs_by_label = {label: _runs(label, runs, metric) for label, runs in histories.items()}
    use_style()
    fig, ax = plt.subplots()
    for number, (label, values) in enumerate(runs_by_label.items()):
        epochs = np.arange(1, values.shape[1] + 1)
        style = {
            "color": COLORS[number % len(COLORS)],
            "linestyle": DASHES[number % len(DASHES)],
            "marker": MARKERS[number % len(MARKERS)],
            "markevery": max(1, len(epochs) // 8),
        }
        ax.plot(epochs, values.mean(axis=0), label=label, **style)
        if len(values) > 1:
            ax.fill_between(
                epochs, values.min(axis=0), values.max(axis=0), color=style["color"], alpha=0.2, linewidth=0
            )
    ax.set_xlabel("epoch")
    ax.set_ylabel(ylabel or metric.replace("_", " "))
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    ax.set_title(title)
    ax.legend()
    return fig


def _runs(label: str, runs: Any, metric: str) -> np.ndarray:
    """The runs of one label as an array of runs by epochs."""
    several = runs if isinstance(runs, (list, tuple)) else [runs]
    lengths = {len(getattr(run, metric)) for run in several if hasattr(run, metric)}
    if len(lengths) > 1:
        raise ValueError(f"the runs of {label!r} have different numbers of epochs: {sorted(lengths)}")
    values = np.atleast_2d(_array([getattr(run, metric) for run in several] if lengths else runs))
    if values.ndim != 2 or values.size == 0:
        raise ValueError(
            f"the runs of {label!r} hold no {metric}: expected a history with it, or runs by epochs of numbers"
        )
    return values


def architecture(stages: Mapping[str, Sequence[int]], *, title: str = "") -> Figure:
    """A model drawn from top to bottom as the tensors that flow through it, from the shapes of ``measure.stages``.

    A box is as wide as the tensor has positions along one side (height of an image, length of a sequence; a vector has
    one), and the thicker the more channels it has, on a logarithmic scale.

    Args:
        stages: name to shape, batch first: ``N C H W`` for images, ``N T D`` for sequences, ``N D`` for vectors.
        title: title of the figure.
    """
    if not stages:
        raise ValueError("there are no stages to draw: pass the result of measure.stages(model, inputs)")
    use_style()
    sizes = {name: _positions_and_channels(name, shape) for name, shape in stages.items()}
    most_positions = max(positions for positions, _ in sizes.values())
    most_channels = max(channels for _, channels in sizes.values())
    pitch = 0.42  # inches from one stage to the next
    fig, ax = plt.subplots(figsize=(5.2, pitch * len(stages) + (0.5 if title else 0.2)))
    floor = 0.0
    for row, (name, (positions, channels)) in enumerate(sizes.items()):
        wide = max(0.02, positions / most_positions)
        thick = 0.12 + 0.6 * log2(channels) / max(1.0, log2(most_channels))
        color = COLORS[min(len(stages[name]), 4) - 2]  # vectors, sequences and images in three colours
        ax.add_patch(
            Rectangle((-wide / 2, row - thick / 2), wide, thick, facecolor=color, edgecolor="black", linewidth=0.8)
        )
        if row:
            ax.plot([0, 0], [floor, row - thick / 2], color="black", linestyle="-", linewidth=0.8)
        ax.text(-0.58, row, name, ha="right", va="center", fontsize=10)
        ax.text(0.58, row, " × ".join(str(size) for size in stages[name][1:]), ha="left", va="center", fontsize=10)
        floor = row + thick / 2
    ax.set(xlim=(-1.3, 1.3), ylim=(len(stages) - 0.5, -0.5), title=title)
    ax.axis("off")
    return fig


def _positions_and_channels(name: str, shape: Sequence[int]) -> tuple[int, int]:
    match tuple(shape):
        case (_, channels):
            return 1, channels
        case (_, length, channels):
            return length, channels
        case (_, channels, *sides) if sides:
            return max(sides), channels
    raise ValueError(f"stage {name!r} has shape {tuple(shape)}, expected N D, N T D or N C H W")


def image_grid(
    images: Any, *, labels: Sequence[str] | None = None, columns: int = 5, diverging: bool = False, title: str = ""
) -> Figure:
    """Small images side by side on one scale of values: samples, filters, weights.

    Args:
        images: ``N H W``, ``N 1 H W`` or, in [0, 1], ``N 3 H W``.
        labels: a few words over each image.
        columns: images in a row.
        diverging: for signed values such as weights: grey is zero, yellow above, blue below, equally far.
        title: title of the figure.
    """
    use_style()
    values = _array(images)
    if values.ndim == 4 and values.shape[1] in (1, 3):
        values = np.moveaxis(values, 1, -1).squeeze(-1) if values.shape[1] == 1 else np.moveaxis(values, 1, -1)
    elif values.ndim != 3:
        raise ValueError(f"images must be N H W, N 1 H W or N 3 H W, got shape {tuple(values.shape)}")
    columns = min(columns, len(values))
    rows = ceil(len(values) / columns)
    side = (5.2 - (0.7 if diverging else 0)) / max(columns, 4)
    fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=(5.2, rows * (side + (0.25 if labels else 0)) + 0.3))
    scale = _scale(values, diverging) | ({} if diverging else {"cmap": "gray"})
    for ax in axes.flat:
        ax.axis("off")
    for number, (ax, image) in enumerate(zip(axes.flat, values, strict=False)):
        drawn = ax.imshow(image, **scale)
        if labels:
            ax.set_title(labels[number], fontsize=9, loc="center")
    if diverging:
        fig.colorbar(drawn, ax=axes, shrink=0.7)
    fig.suptitle(title)
    return fig


def heatmap(
    values: Any,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    label: str = "",
    title: str = "",
    numbers: str | None = None,
    diverging: bool = False,
) -> Figure:
    """A matrix as coloured cells: attention weights, a confusion matrix, a sweep over two settings.

    Args:
        values: a matrix, rows by columns.
        rows: a name for each row, such as the queries.
        columns: a name for each column, such as the keys.
        xlabel: what the columns are.
        ylabel: what the rows are.
        label: what the colour is, beside its scale.
        title: title of the figure.
        numbers: a format such as ".2f" writes each value into its cell.
        diverging: for signed values: grey is zero, yellow above, blue below, equally far.
    """
    use_style()
    values = _array(values)
    if values.ndim != 2:
        raise ValueError(f"a heatmap needs a matrix, got shape {tuple(values.shape)}")
    for name, names, size in (("rows", rows, len(values)), ("columns", columns, values.shape[1])):
        if names is not None and len(names) != size:
            raise ValueError(f"{name} has {len(names)} names for {size} {name}")
    fig, ax = plt.subplots(figsize=(5.2, min(6.5, 1.2 + 4.0 * values.shape[0] / values.shape[1])))
    drawn = ax.imshow(values, **_scale(values, diverging))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    if rows is not None:
        ax.set_yticks(range(len(rows)), rows)
    if columns is not None:
        ax.set_xticks(range(len(columns)), columns, rotation=90 if max(map(len, columns)) > 3 else 0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if numbers:
        for (row, column), value in np.ndenumerate(values):
            light = np.dot(drawn.to_rgba(value)[:3], (0.299, 0.587, 0.114)) > 0.46
            words = f"{value:z{numbers}}".replace("-", "−")
            ax.text(column, row, words, ha="center", va="center", color=INK if light else "white", fontsize=9)
    fig.colorbar(drawn, ax=ax, label=label, shrink=0.8)
    return fig


def _scale(values: np.ndarray, diverging: bool) -> dict[str, Any]:
    if not diverging:
        return {"cmap": "viridis", "vmin": values.min(), "vmax": values.max()}
    limit = np.abs(values).max() or 1.0
    return {"cmap": SIGNED, "vmin": -limit, "vmax": limit}


def _array(values: Any) -> np.ndarray:
    """Numbers as an array; a tensor may need a gradient or live on a GPU."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
