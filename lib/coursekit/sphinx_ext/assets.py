"""Scripts the book ships itself, scripts it does without, and a build that does not forget its failure."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

STATIC = Path(__file__).parent / "static"


def ship_scripts(app: Sphinx, config: Config) -> None:
    """Serve the loader of interactive figures, on pages that have one.

    It is not in ``book/_static``: jupyter-book would load every script there on every page.
    """
    config.html_static_path.append(str(STATIC))
    config.nb_ipywidgets_js = {"play-loader.js": {"defer": "defer"}}
    # A figure's html holds its fallback picture and the mark by which the loader finds it, so it goes before the view.
    config.nb_mime_priority_overrides = [("html", "text/html", 5)]


def drop_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Leave out thebe, which names a foreign host, and scripts that are listed twice."""
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
    context["css_files"] = [style for style in context.get("css_files", []) if "thebe" not in str(style).lower()]


def remember_failure(app: Sphinx, error: Exception | None) -> None:
    """After a build with warnings, drop Sphinx's memory, so that the next build warns again instead of passing.

    Sphinx keeps a page that it read with a warning and would not read it a second time. Cells that ran stay cached.
    """
    if error is not None or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Connect to configuration, pages and the end of the build."""
    app.connect("config-inited", ship_scripts)
    app.connect("html-page-context", drop_scripts, priority=900)
    app.connect("build-finished", remember_failure)
