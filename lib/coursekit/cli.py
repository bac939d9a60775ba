"""The command `course`: build the book, release exercises, grade a class, and say what is missing."""

import errno
import functools
import http.server
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from coursekit import ROOT

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
BUILD = ROOT / "build"


def say(sentence: str) -> None:
    out.print(sentence, markup=False)


def stop(sentence: str) -> typer.Exit:
    """Print why the command ends here; the caller raises what this returns."""
    err.print(sentence, markup=False)
    return typer.Exit(1)


@app.command()
def build(
    page: Annotated[str | None, typer.Argument(help="one page, such as foundations/linear; else the book")] = None,
) -> None:
    """Build the book into _build/html (one page: into build/page)."""
    from coursekit import book

    if page is None:
        book.build(say=say)
    else:
        book.build(only=page, out=BUILD / "page", say=say)


@app.command()
def serve(port: Annotated[int, typer.Option(help="a free port")] = 8000) -> None:
    """Show the built book at http://localhost:8000 until Ctrl-C."""
    html = ROOT / "_build" / "html"
    if not (html / "index.html").is_file():
        raise stop("The book is not built yet: run 'course build' first.")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        say(f"The book is at http://localhost:{port} (Ctrl-C ends it).")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")


@app.command()
def release(names: Annotated[list[str] | None, typer.Argument(help="exercises; all if left out")] = None) -> None:
    """Make exercises/ (what students get) from solutions/."""
    from coursekit import exercise
    from coursekit import release as releasing

    for name in names or exercise.names():
        releasing.build(name)
        say(f"Released {name}: exercises/{name}/{name}.ipynb")


@app.command()
def check(notebook: Path) -> None:
    """Run a notebook from top to bottom and show what its checks say, as a student may before handing in."""
    from coursekit import selfcheck

    results = []
    for result in selfcheck.run(notebook):
        say(result.text)
        results.append(result.passed)
    say(f"{sum(results)} of {len(results)} checks hold. Hidden checks and written answers are graded later.")
    if not all(results):
        raise typer.Exit(1)


@app.command()
def doctor(
    install: Annotated[bool, typer.Option(help="install what can be installed here (Debian, as root)")] = False,
    quiet: Annotated[bool, typer.Option(help="show problems only")] = False,
) -> None:
    """Say what this machine lacks, and the line that installs it."""
    from coursekit import doctor as doctoring

    findings = doctoring.examine()
    if install and doctoring.install_system_packages(findings):
        findings = doctoring.examine()
    table = Table("", "looked at", "found", "what to do", box=None)
    for finding in findings:
        if finding.remedy or not quiet:
            table.add_row("✗" if finding.remedy else "✓", finding.name, finding.found, finding.remedy)
    if table.row_count:
        out.print(table)
    if not quiet and any(finding.remedy for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; what a user can mend ends in one sentence, not in a traceback."""
    try:
        app()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit(
                f"The disk is full while writing {error.filename or 'results'}: free some space, then run it again."
            )
        raise
