"""The ledger on the page: the role ``fact`` prints one value, the directive ``claims`` one chapter's verdicts.

``{fact}`resnet.error.152` `` prints the value with its unit, ``{fact}`resnet.error.152:value` `` the value alone.
Either is a link to a note with its conditions and source, which a pointer that rests on the value shows too.
```` ```{claims} resnet ```` prints what the notes claim, the verdict, and what is true; without a chapter it prints the
claims of all chapters, which a reader can filter (``course.js``). Claims and truths may hold inline markup, other facts
included.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from coursekit import facts

LOGGER = logging.getLogger(__name__)
SYMBOLS = {"right": "✓", "imprecise": "≈", "wrong": "✗"}


class fact_node(nodes.inline):
    """A value of the ledger, with its conditions and source as a hint and a name for the note that holds them."""


def visit_fact(translator, node: fact_node) -> None:
    hint = escape(node["hint"])
    translator.body.append(f'<a class="fact" href="#{node["note"]}" role="doc-noteref" title="{hint}">')


def depart_fact(translator, node: fact_node) -> None:
    text, hint = escape(node.astext()), escape(node["hint"])
    translator.body.append(
        f'</a><span class="fact-note" id="{node["note"]}" role="note" popover><strong>{text}</strong>: {hint}</span>'
    )


def _ledger(env) -> facts.Ledger:
    """The ledger of this book; the page being read is marked as resting on it."""
    path = Path(env.srcdir) / "facts.yml"
    env.note_dependency(str(path))
    return _read(path, path.stat().st_mtime_ns)


_memory: dict[tuple[Path, int], facts.Ledger | facts.LedgerError] = {}


def _read(path: Path, changed: int) -> facts.Ledger:
    if (path, changed) not in _memory:
        try:
            _memory[path, changed] = facts.load(path)
        except facts.LedgerError as error:
            _memory[path, changed] = error
    found = _memory[path, changed]
    if isinstance(found, facts.LedgerError):
        raise found
    return found


def _hint(env, fact: facts.Fact) -> str:
    """Conditions and source, as one line."""
    known = facts.sources(Path(env.srcdir) / "references.bib")
    if fact.source and fact.source not in known:
        raise facts.LedgerError(f"fact '{fact.key}' has the source '{fact.source}', which references.bib does not hold")
    origins = [*([known[fact.source]] if fact.source else []), *(["computed"] if fact.computed else [])]
    return f"{fact.conditions}; {' and '.join(origins)}"


class FactRole(SphinxRole):
    """Print one value of the ledger."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        key, _, part = self.text.partition(":")
        try:
            ledger = _ledger(self.env)
            if key not in ledger.facts:
                raise facts.LedgerError(f"facts.yml has no fact '{key}'; add the row or correct the key")
            if part not in ("", "value"):
                raise facts.LedgerError(f"fact '{key}' has no part '{part}'; write {key} or {key}:value")
            fact = ledger.facts[key]
            hint = _hint(self.env, fact)
        except facts.LedgerError as error:
            LOGGER.warning(str(error), location=self.get_location(), type="course", subtype="fact")
            return [nodes.literal(text=self.text)], []
        text = fact.number if part else fact.text
        return [fact_node(self.rawtext, text, hint=hint, note=f"fact-{self.env.new_serialno('fact')}")], []


class Claims(SphinxDirective):
    """The table of claims of one chapter, or of all."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = self.arguments[0] if self.arguments else None
        try:
            ledger = _ledger(self.env)
            claims = ledger.of_chapter(chapter) if chapter else ledger.claims
            if not claims:
                raise facts.LedgerError(f"facts.yml holds no claims of the chapter '{chapter}'")
        except facts.LedgerError as error:
            LOGGER.warning(str(error), location=self.get_location(), type="course", subtype="claims")
            return []
        table = nodes.table(classes=["claims"] if chapter else ["claims", "all-claims"])
        group = nodes.tgroup(cols=3)
        table += group
        for width in (40, 15, 45):
            group += nodes.colspec(colwidth=width)
        head, body = nodes.thead(), nodes.tbody()
        group += [head, body]
        head += self._row([nodes.Text("The notes say")], [nodes.Text("Verdict")], [nodes.Text("What is true")])
        for claim in claims:
            verdict = nodes.inline("", f"{SYMBOLS[claim.verdict]} {claim.verdict}", classes=["verdict", claim.verdict])
            where = [] if chapter else [nodes.Text(" "), self._chapter(claim.chapter)]
            truth = self._inline(claim.truth) + self._origin(claim)
            body += self._row(self._inline(claim.claim) + where, [verdict], truth)
        return [table]

    def _chapter(self, name: str) -> nodes.Node:
        """The name of a chapter, linked where the book has its page."""
        page = next((page for page in sorted(self.env.found_docs) if page.endswith(f"/{name}")), None)
        text = nodes.inline("", name, classes=["chapter"])
        if page is None:
            return text
        uri = "../" * self.env.docname.count("/") + f"{page}.html"
        return nodes.reference("", "", text, refuri=uri, internal=True)

    def _row(self, *cells: list[nodes.Node]) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            row += nodes.entry("", nodes.paragraph("", "", *cell))
        return row

    def _inline(self, text: str) -> list[nodes.Node]:
        found, messages = self.state.inline_text(" ".join(text.split()), self.lineno)
        return found + messages

    def _origin(self, claim: facts.Claim) -> list[nodes.Node]:
        """How it was checked, after the truth."""
        origin = nodes.inline("", "Computed." if claim.by == "computed" else "", classes=["origin"])
        if claim.source:
            origin += [nodes.Text(" "), *self._inline(f"{{cite}}`{claim.source}`")]
        return [nodes.Text(" "), origin]


def rest_on_sources(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let a page that cites, or prints the ledger's sources, be written anew when the bibliography changes."""
    if any(mark in source[0] for mark in ("{cite", "{fact}", "{claims}")):
        app.env.note_dependency(str(Path(app.srcdir) / "references.bib"))


def setup(app: Sphinx) -> None:
    """Register the role, the directive and their nodes."""
    keep = (lambda translator, node: None, lambda translator, node: None)
    app.add_node(fact_node, html=(visit_fact, depart_fact), latex=keep, text=keep)
    app.add_role("fact", FactRole())
    app.add_directive("claims", Claims)
    app.connect("source-read", rest_on_sources)
