"""Hostile and honest text of students, as HTML."""

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from coursekit.grading import prose

SAFE_TAGS = {"p", "strong", "em", "s", "a", "code", "pre", "span", "ul", "ol", "li", "blockquote", "hr", "br"}
SAFE_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
TAGS = ("<script>", "<img src=x onerror=alert(1)>", "<", ">", "&lt;", " onclick=x ", '"')
LINKS = ("[x](", "![x](", ")", "](java&#115;cript:x)", "[a]: javascript:x\n", "[a]", "//host/x", "http://host/x")
SCHEMES = ("javascript:alert(1)", "data:text/html,x", "mailto:a@b", "file:///etc/passwd")
BLOCKS = ("`", "```\n", "\n\n", "# ", "|a|\n|-|\n", "- ", "> ", "    ", "\x00", "\u202e", "\ud800")
PIECES = st.sampled_from((*TAGS, *LINKS, *SCHEMES, *BLOCKS))


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
@example("[a](\tjavascript:alert(1))")
@example("<javascript:alert(1)>")
@example("[a]()")
def test_markdown_gives_known_tags_and_web_links_alone(text):
    soup = BeautifulSoup(prose.markdown(text), "html.parser")
    for tag in soup.find_all(True):
        assert tag.name in SAFE_TAGS
        assert set(tag.attrs) <= {"href", "rel", "title", "class", "start", "style"}
        assert tag.get("style", "text-align:left").startswith("text-align:")
        if tag.name == "a":
            assert tag.get("href", "https://").lower().startswith(("http://", "https://", "mailto:"))
            assert "noopener" in tag["rel"]


def test_a_picture_from_elsewhere_becomes_a_link():
    soup = BeautifulSoup(prose.markdown("![a plot](https://example.org/x.png)"), "html.parser")
    assert not soup.find_all("img")
    assert soup.find("a")["href"] == "https://example.org/x.png"


@pytest.mark.parametrize("piece", ["[", "![", "*a_ ", "> ", "- ", "`a``b", "[a](<", "**a ", "|a|b\n|-|-\n", "<a "])
def test_text_made_to_be_slow_is_not(piece):
    began = time.process_time()
    prose.markdown(piece * 100_000)
    assert time.process_time() - began < 5


def test_long_text_is_cut_and_says_so():
    assert prose.shortened("x" * prose.LONGEST) == "x" * prose.LONGEST
    assert prose.shortened("x" * (prose.LONGEST + 1_500)).endswith("[1,500 more characters are not shown here]")


def test_text_is_shown_as_a_terminal_leaves_it():
    assert prose.printable("a\rb\n\x1b[1mc\x1b[0m\x07\ud800") == "b\nc"
    assert prose.printable("kept\r\n") == "kept\n"
    assert len(prose.printable("x" * 2_000_000)) == 2_000_000
