"""The directive ``exercise``: a card that leads from a chapter to its notebook.

```` ```{exercise} linear ```` links the released notebook and the keys of its checks for download, with the points and
the minutes that the notebook itself states.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)


def title_of(notebook: dict) -> str:
    """The heading of the first cell."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")


class Exercise(SphinxDirective):
    """The card of one exercise."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        root = Path(self.env.srcdir).parent
        files = [root / "exercises" / name / f"{name}.ipynb", root / "exercises" / name / "checks.json"]
        missing = [file.relative_to(root).as_posix() for file in files if not file.is_file()]
        if missing:
            message = f"the exercise '{name}' lacks {' and '.join(missing)}; run: course release {name}"
            LOGGER.warning(message, location=self.get_location(), type="course", subtype="exercise")
            return []
        self.env.note_dependency(str(files[0]))
        notebook = json.loads(files[0].read_text(encoding="utf-8"))
        about = notebook["metadata"]["dlarch"]
        up = "../" * (self.env.docname.count("/") + 1)
        notebook_link, checks_link = (f"{{download}}`{file.name} <{up}exercises/{name}/{file.name}>`" for file in files)
        text = [
            f"**{title_of(notebook)}**: {about['points']:g} points, about {about['minutes']} minutes.",
            "",
            f"Put both into a folder of their own and open the notebook in JupyterLab: {notebook_link}, {checks_link}.",
        ]
        if "for/students" in self.env.found_docs:  # a page built alone lies without the guides
            text[-1] += " What else it needs stands in {doc}`the guide </for/students>`."
        card = nodes.admonition(classes=["exercise-card"])
        card += nodes.title("", "Exercise")
        self.state.nested_parse(StringList(text, source=self.env.docname), self.content_offset, card)
        return [card]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("exercise", Exercise)
