"""What the tests of pages share: which pages there are, a visit that notes what goes wrong, a page for one figure."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
import yaml
from playwright.sync_api import Browser, Page

from coursekit import ROOT
from coursekit.sphinx_ext import assets
from dlarch.play import Play

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
PHONE, DESKTOP = 390, 1280


def listed_pages() -> list[str]:
    """All pages of the table of contents, then the two that Sphinx adds."""
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(row["file"] for part in toc["parts"] for row in part["chapters"]), "search", "genindex"]


def chapters() -> list[str]:
    """The pages of the numbered parts."""
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    return [row["file"] for part in toc["parts"] if part.get("numbered") for row in part["chapters"]]


@dataclass
class Visit:
    """An open page and all that went wrong while it loaded."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def visit(browser: Browser, url: str, *, width: int = DESKTOP, scheme: str = "light", **context: object) -> Visit:
    """Open a page and wait until formulas are set and interactive figures are drawn. Close it with ``leave``."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **context).new_page()
    seen = Visit(page)
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on(
        "response", lambda reply: seen.failed.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None
    )
    page.goto(url)
    page.evaluate("() => window.MathJax?.startup?.promise")
    if page.locator(".play[data-play]").count():
        page.wait_for_function("document.querySelectorAll('.play[data-play]:not(.play-ready)').length === 0")
    return seen


def leave(seen: Visit) -> None:
    """Close the page of a visit."""
    seen.page.context.close()


@contextmanager
def alone(browser: Browser, figure: Play) -> Iterator[Page]:
    """A page with an interactive figure and nothing else: its fallback, its embedded state and the book's loader.

    What has a name in the state is sorted by it, as in the file of a notebook, through which a page's figures go.
    """
    figure.show(fallback='<svg role="img" aria-label="The fallback"></svg>')
    html = figure._repr_mimebundle_()[0]["text/html"]
    state = json.dumps(figure.get_manager_state(widgets=[figure]), sort_keys=True).replace("</", "<\\/")
    loader = (assets.STATIC / "play-loader.js").read_text(encoding="utf-8")
    kind = "application/vnd.jupyter.widget-state+json"
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content(f'<body>{html}<script type="{kind}">{state}</script><script>{loader}</script></body>')
        page.wait_for_selector(".play-ready")
        yield page
