"""What a student wrote, as HTML in which nothing can act: Markdown, code, and text as a terminal leaves it.

Markdown keeps its paragraphs, lists, tables and code. Tags in it are shown as text, links lead to web and mail
addresses alone, and a picture becomes a link, because a page that is opened must ask no other host for anything.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

LONGEST = 20_000  # characters of one text that are shown
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
REORDERING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # would show text, and so code, in another order than it has
ADDRESS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def printable(text: str) -> str:
    """Text as a terminal would leave it: without colour codes, overwritten lines and control characters."""
    lines = (line.rstrip("\r").rsplit("\r", 1)[-1] for line in ANSI.sub("", text).split("\n"))
    return REORDERING.sub("", UNPRINTABLE.sub("", "\n".join(lines)))


def legible(text: str) -> str:
    """Text for files that other programs read: in place of what no such file may hold stands a question mark."""
    return UNPRINTABLE.sub("\ufffd", text)


def shortened(text: str) -> str:
    """At most `LONGEST` characters of a text, and a sentence on the rest."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n[{len(text) - LONGEST:,} more characters are not shown here]"


def code(source: str) -> Markup:
    """Python with the spans that the style sheet colours."""
    return Markup(highlight(shortened(printable(source)), PythonLexer(), HtmlFormatter(nowrap=True)))


def markdown(text: str) -> Markup:
    """Markdown as HTML for the inside of a page that has headings of its own."""
    return Markup(_MARKDOWN.render(shortened(printable(text))))


class _Renderer(RendererHTML):
    """The usual HTML, with headings as strong paragraphs: the outline of the page is not the student's."""

    def heading_open(self, tokens, idx, options, env) -> str:
        return '<p class="heading">'

    def heading_close(self, tokens, idx, options, env) -> str:
        return "</p>\n"

    def link_open(self, tokens, idx, options, env) -> str:
        tokens[idx].attrSet("rel", "nofollow noopener noreferrer")
        if not tokens[idx].attrs["href"]:  # leads nowhere
            del tokens[idx].attrs["href"]
        return self.renderToken(tokens, idx, options, env)


def _highlighted(source: str, language: str, _: str) -> str:
    return str(code(source)) if language in ("python", "py", "python3") else ""


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}, renderer_cls=_Renderer)
_MARKDOWN.enable(["table", "strikethrough"]).disable("image")
_MARKDOWN.validateLink = lambda address: bool(ADDRESS.match(address))
