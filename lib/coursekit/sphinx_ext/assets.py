"""Scripts the book ships itself, scripts it does without, and a build that does not forget its failure."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

STATIC = Path(__file__).parent / "static"


def ship_scripts(app: Sphinx, config: Config) -> None:
    """Serve the course's script on every page, and the loader of interactive figures on pages that have one.

    They are not in ``book/_static``: jupyter-book would load every script there on every page.
    """
    config.html_static_path.append(str(STATIC))
    app.add_js_file("course.js", loading_method="defer")
    config.nb_ipywidgets_js = {"play-loader.js": {"defer": "defer"}}
    # A figure's html holds its fallback picture and the mark by which the loader finds it, so it goes before the view.
    config.nb_mime_priority_overrides = [("html", "text/html", 5)]


def tidy(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Leave out thebe, which names a foreign host, scripts that are listed twice, and what readers stumble on."""
    seen, kept = set(), []
    for script in context.get("script_files", []):
        name = str(getattr(script, "filename", script) or "")
        body = getattr(script, "attributes", {}).get("body") or ""
        mark = (name, body)
        if "thebe" in name.lower() or "thebe" in body.lower() or mark in seen:
            continue
        seen.add(mark)
        kept.append(script)
    context["script_files"] = kept
    # docutils marks each entry of a bibliography with a role that lists may no longer hold.
    body = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')
    # A table wider than a phone scrolls in a box; the keyboard must reach it.
    box = '<div class="pst-scrollable-table-container"'
    context["body"] = body.replace(f"{box}>", f'{box} tabindex="0">')
    context["css_files"] = [style for style in context.get("css_files", []) if "thebe" not in str(style).lower()]


def drop_preloads(app: Sphinx, error: Exception | None) -> None:
    """Take out the early loading of icon fonts: icons are drawn by script, and from a folder it is refused."""
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        shorter = re.sub(r"\s*<link rel=\"preload\" as=\"font\"[^>]*>", "", text)
        if shorter != text:
            page.write_text(shorter, encoding="utf-8")


def remember_failure(app: Sphinx, error: Exception | None) -> None:
    """After a build with warnings, drop Sphinx's memory, so that the next build warns again instead of passing.

    Sphinx keeps a page that it read with a warning and would not read it a second time. Cells that ran stay cached.
    """
    if error is not None or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Connect to configuration, pages and the end of the build."""
    app.connect("config-inited", ship_scripts)
    app.connect("html-page-context", tidy, priority=900)
    app.connect("build-finished", drop_preloads)
    app.connect("build-finished", remember_failure)
