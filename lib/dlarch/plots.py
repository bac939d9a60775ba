"""One look for every figure of the course: light and dark pages, colour-blind readers, print in grey.

Call ``use_style()`` once, draw with matplotlib as usual, and end the cell with ``show(fig, alt="...")``.
What is black in a figure takes the colour of the text around it, and what is white or background is left clear,
so the same picture reads on a white page and on a dark one.
"""

import hashlib
import html
import io
import re
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure
from matplotlib.text import Text

# Every colour has a contrast of at least 3 with white and with #121212, and every two of them stay apart
# for red-, green- and blue-blind readers (tests/dlarch/test_plots.py computes both).
COLORS = ["#3786fa", "#a34c04", "#467067", "#ad36a2", "#988e60", "#7b28fd"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3))]
MARKERS = ["o", "s", "^", "D", "v", "X"]
WIDEST = 640  # pixels that a figure may take on the page
SMALLEST_TEXT = 9  # points
PIXELS_PER_INCH = 96  # of CSS; matplotlib's SVG counts 72 points to the inch


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
    drawing = _svg(fig, alt, width)
    plt.close(fig)
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return Shown(f'<figure class="dlarch-figure" style="margin:1em 0">{drawing}{below}</figure>', alt)


def _svg(fig: Figure, alt: str, width: float) -> str:
    """The figure as an ``<svg>`` element: page colours, page font, no ids but the needed ones, nothing that varies."""
    buffer = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "dlarch"}):
        fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Its style sheet would reach every other drawing of the page, so its one rule moves to the element below.
    svg = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = svg.replace("stroke: #000000", "stroke: currentColor").replace("fill: #000000", "fill: currentColor")
    # "font: italic 10px 'DejaVu Sans'": keep style and size, take the family of the page.
    svg = re.sub(r"font: ((?:[\w-]+ )*)([\d.]+px) [^;\"]*", _page_font, svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)

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
