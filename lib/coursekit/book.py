"""Build the book: ``coursekit.book.build()``, or ``python -m coursekit.book``.

The work is jupyter-book's (``jupyter-book build book --config _config.yml -W --keep-going``), with a head start
(`coursekit.jupyter_book`). This module tells what is going on, keeps two builds from running into each other, and ends
a failed build with the cell that failed.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from coursekit import ROOT, CourseError

# Pages without code, which a single chapter may refer to.
COMPANIONS = ("glossary", "notation", "bibliography")
COMMAND = (sys.executable, "-m", "coursekit.jupyter_book")
COLD = "Kernels start cold, which takes longer"  # how the sentence on that begins
# Where the lines that belong to one warning end.
_STEPS = "reading|looking|pickling|checking|preparing|copying|writing|generating|dumping|build finished"
_NEXT = re.compile(rf"/.*: |.*: (WARNING|ERROR): |=+$|({_STEPS}) ")


class BookError(CourseError):
    """The book could not be built; the message says where and why."""


def build(
    *,
    root: Path = ROOT,
    out: Path | None = None,
    only: str | Sequence[str] | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Build the book, or some pages of it, and return the folder of its html.

    Args:
        root: the repository.
        out: the folder that gets ``_build/``; the repository by default.
        only: a page such as ``foundations/linear``, or several. They are built with the glossary, the notation and the
            bibliography alone, which takes as long as their cells take; links to other chapters are not checked then.
            Needs ``out``.
        say: what to do with a sentence about the progress.

    Raises:
        BookError: if a page has a warning or a cell fails. The message holds both.
    """
    root = Path(root).resolve()
    pages = [only] if isinstance(only, str) else list(only or ())
    named = ", ".join(pages)
    if pages and out is None:
        raise BookError(f"building {named} alone needs a folder of its own: give out, such as out='/tmp/book'")
    if not (root / "_config.yml").is_file():
        raise BookError(f"expected _config.yml in {root}; run from the repository, or give root")
    out = Path(out).resolve() if out is not None else root
    (out / "_build").mkdir(parents=True, exist_ok=True)
    command = [*COMMAND, "build", str(root / "book"), "--path-output", str(out), "-W", "--keep-going"]
    command += ["--config", str(root / "_config.yml")] if not pages else _some_pages(root, out, pages)
    with _alone(out / "_build" / "book.lock", say):
        start = time.monotonic()
        say(f"Building {named or 'the book'} in {_short(out / '_build' / 'html')}.")
        lines, code = [], None
        for line in _run(command, root):
            if isinstance(line, int):
                code = line
                continue
            lines.append(line)
            if news := _progress(line, root):
                say(news)
    html = out / "_build" / "html"
    if code:
        raise BookError(_failure(lines, root))
    say(f"The book is built after {time.monotonic() - start:.0f} s: open {_short(html / 'index.html')}.")
    return html


def _run(command: list[str], root: Path) -> Iterator[str | int]:
    """The lines that a command prints, then its exit status."""
    # One thread a kernel gives the same sums on every machine; the kernel chooses its own way to show figures.
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    environment |= {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    with subprocess.Popen(
        command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield from (re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rstrip("\n") for line in process.stdout)
        except BaseException:
            process.terminate()
            raise
    yield process.returncode


def _progress(line: str, root: Path) -> str | None:
    """A line of Sphinx as a sentence, if a reader should know it."""
    place, _, rest = line.partition(": ")
    page = place.removeprefix(f"{root}/book/").split(":")[0].removesuffix(".md")
    if rest.startswith("Executing notebook"):
        return f"Running the cells of {page} ..."
    if seconds := re.match(r"Executed notebook in ([\d.]+) seconds", rest):
        return f"Ran the cells of {page} in {float(seconds[1]):.1f} s."
    if "Notebook exception traceback saved in" in line:
        return None
    if ": WARNING: " in line or ": ERROR: " in line or line.startswith(("WARNING: ", "ERROR: ")):
        return line.replace(f"{root}/", "")
    return line if line.startswith(COLD) else None


def _failure(lines: list[str], root: Path) -> str:
    """What went wrong: the warnings with the lines that belong to them, tracebacks included."""
    starts = [i for i, line in enumerate(lines) if re.search(r"(^|: )(WARNING|ERROR|CRITICAL): ", line)]
    if not starts:
        return "The book could not be built. The end of the log:\n" + "\n".join(lines[-25:])
    blocks = []
    for start in starts:
        end = start + 1
        while end < len(lines) and not _NEXT.match(lines[end]):
            end += 1
        block = "\n".join(lines[start:end]).rstrip().replace(f"{root}/", "")
        if "Notebook exception traceback saved in" not in block:
            # Of a failed cell, the frames of the machinery that ran it say nothing.
            blocks.append(re.sub(r"(?s)\nTraceback \(most recent call last\):.*?CellExecutionError: ", "\n", block))
    problems = "1 problem" if len(blocks) == 1 else f"{len(blocks)} problems"
    return f"The book has {problems}:\n\n" + "\n\n".join(blocks)


def _some_pages(root: Path, out: Path, pages: Sequence[str]) -> list[str]:
    """Options that build some pages: a table of contents and a configuration of their own."""
    for page in pages:
        if not (root / "book" / f"{page}.md").is_file():
            near = sorted((root / "book").glob(f"*/{Path(page).name}.md"))
            like = near[0].relative_to(root / "book").with_suffix("").as_posix() if near else "foundations/linear"
            raise BookError(f"expected the page book/{page}.md, which does not exist; name it like {like}")
    first, *others = dict.fromkeys([*pages, *COMPANIONS])
    toc = {"format": "jb-book", "root": first, "chapters": [{"file": name} for name in others]}
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    sphinx = config["sphinx"]
    sphinx["local_extensions"] = {name: str(root / path) for name, path in sphinx["local_extensions"].items()}
    sphinx["config"]["suppress_warnings"] = ["myst.xref_missing", "ref.doc", "ref.ref", "ref.numref"]
    for name, content in (("_toc.yml", toc), ("_config.yml", config)):
        (out / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return ["--config", str(out / "_config.yml"), "--toc", str(out / "_toc.yml")]


def _alone(path: Path, say: Callable[[str], None]) -> FileLock:
    """A lock on the output folder; says so if another build holds it."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Another build of this book is running; waiting for it.")
        lock.acquire()
    lock.release()
    return lock


def _short(path: Path) -> str:
    """A path as the user would write it from here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(prog="python -m coursekit.book", description="Build the book into _build/html.")
    parser.add_argument("--only", metavar="PAGE", help="one page, such as foundations/linear; needs --out")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where _build goes (default: the repository)")
    options = parser.parse_args()
    try:
        build(out=options.out, only=options.only, say=lambda sentence: print(sentence, flush=True))
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
