"""The command of jupyter-book with a head start: ``python -m coursekit.jupyter_book build book --config ...``."""

import atexit
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from coursekit.grading.warm import Unsealed

IMPORTED = ("anywidget",)  # by most pages


def main(arguments: Sequence[str]) -> None:
    """Run the command; where all pages are new, kernels get warm while it is still being imported."""
    if _all_new(_option("--path-output", arguments)) and _wants_warm(_option("--config", arguments)):
        Unsealed.begin(*IMPORTED)
    # The trees of the pages refer to each other until the build ends: to look for what may go would take a fifth of the
    # time and find little. At the end everything goes, and nothing is looked for either.
    gc.disable()
    atexit.register(gc.freeze)
    # A checker of international addresses in notebooks, which takes longer to import than Sphinx.
    sys.modules["rfc3987_syntax"] = None
    from jupyter_book.cli.main import main as jupyter_book

    jupyter_book(arguments)


def _option(name: str, arguments: Sequence[str]) -> Path:
    return Path(arguments[arguments.index(name) + 1])


def _all_new(out: Path) -> bool:
    return not (out / "_build" / ".doctrees" / "environment.pickle").exists()


def _wants_warm(config: Path) -> bool:
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))["sphinx"].get("config", {})
    return all(settings.get(name, True) for name in ("course_run_ahead", "course_warm_kernels"))


if __name__ == "__main__":
    main(sys.argv[1:])
