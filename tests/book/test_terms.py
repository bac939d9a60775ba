"""The glossary and the chapters speak of the same things: a term's first use in a chapter leads to its entry."""

import re
from functools import cache

import pytest
from browsing import chapters

from coursekit import ROOT

# Words with a plain sense as well, which no program can tell from the technical one.
EVERYDAY = {
    "action", "baseline", "bottleneck", "branch", "cell", "class", "dense layer", "depth", "filter", "front", "head",
    "plain network", "rank", "split", "stage", "state", "tower", "transition", "width",
}  # fmt: skip
ROLE = re.compile(r"\{{1,2}term\}{1,2}`([^`]+)`")
LINK = re.compile(r"\[[^\]]+\]\([^)]*\)")
UNREAD = re.compile(  # front matter, code, headings, titles of boxes, formulas, roles
    r"\A---.*?\n---|^```.*?^```|^#[^\n]*|^:::[^\n]*|\$\$.*?\$\$|\$[^$]+\$|\{[\w:]+\}`[^`]+`|`[^`]+`",
    re.MULTILINE | re.DOTALL,
)


@cache
def entries() -> dict[str, str]:
    """Each term of the glossary, in small letters, with the first name of its entry."""
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    found = {}
    for entry in text.split("```{glossary}\n")[1].split("```")[0].strip().split("\n\n"):
        names = [line.lower() for line in entry.splitlines() if not line.startswith(" ")]
        found |= dict.fromkeys(names, names[0])
    return found


@cache
def words() -> re.Pattern:
    """Any term, the longest that fits, in the singular or the plural, across a line's end as well."""
    longest = sorted(entries(), key=len, reverse=True)
    terms = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in longest)
    return re.compile(rf"(?<![\w-])({terms})(?:s|es)?(?![\w-]|\.md)", re.IGNORECASE)


def unlinked(text: str) -> dict[str, int]:
    """Terms whose first use in a page's prose is neither a link to the glossary nor inside another link, and where."""
    first: dict[str, int] = {}
    for role in ROLE.finditer(text):
        name = re.sub(r".*<(.*)>", r"\1", " ".join(role[1].split())).lower()
        first.setdefault(entries()[name], role.start())
    prose = UNREAD.sub(lambda part: " " * len(part[0]), text)
    linked = [link.span() for link in LINK.finditer(prose)]
    found: dict[str, int] = {}
    for term in words().finditer(prose):
        word = " ".join(term[1].lower().split())
        if any(start < term.start() < end for start, end in linked):
            first.setdefault(entries()[word], term.start())
        elif word not in EVERYDAY and first.get(entries()[word], len(text)) > term.start():
            found.setdefault(entries()[word], term.start())
    return found


def test_a_term_is_found_where_it_is_used_before_its_link():
    text = "# Strides\n\nA stride, then a {term}`stride`. {term}`Strides <stride>`.\n"
    assert unlinked(text) == {"stride": text.index("stride")}
    assert unlinked("Steps, [strides](stride.md) among them, and a stride of $stride$.") == {}
    assert unlinked("One {term}`batch`, then batches of\nbatch norm.") == {"batch normalisation": 35}


def test_the_terms_stand_in_the_order_of_the_alphabet():
    names = list(dict.fromkeys(entries().values()))
    assert names == sorted(names)


@pytest.mark.parametrize("name", chapters())
def test_the_first_use_of_a_term_leads_to_the_glossary(name: str):
    text = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    found = [f"line {text.count(chr(10), 0, at) + 1}: {term}" for term, at in unlinked(text).items()]
    assert found == []
