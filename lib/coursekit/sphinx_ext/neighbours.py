"""At the foot of a page: what the pages before and behind it are there for.

A chapter names in its front matter the trouble that it answers, ``answers: a line cannot bend``. The theme's boxes for
the previous and the next page print it under their titles.
"""

from html import escape

from docutils import nodes
from sphinx.application import Sphinx


def tell_why(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Put the trouble that a neighbour answers behind its title."""
    _, *neighbours = app.builder.relations.get(pagename, (None, None, None))
    for side, neighbour in zip(("prev", "next"), neighbours, strict=True):
        trouble = app.env.metadata.get(neighbour, {}).get("answers")
        if trouble:
            words = f'<span class="answers">It answers: {escape(trouble)}</span>'
            context[f"{side}_title"] = f"{context[side]['title']} {words}"


def setup(app: Sphinx) -> None:
    """Connect to the writing of pages."""
    app.connect("html-page-context", tell_why)
