"""The command `course`: build the book, release exercises, grade a class, and say what is missing."""

import contextlib
import errno
import functools
import http.server
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from coursekit import ROOT, CourseError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
BUILD = ROOT / "build"
REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "make it writable",
    errno.EROFS: "work on a disk that may be written",
    errno.EADDRINUSE: "choose another one with --port",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "name another place, since a file is in the way",
    errno.EEXIST: "name another place, since a file is in the way",
}


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
def serve(port: Annotated[int, typer.Option(min=1, max=65535, help="a free port")] = 8000) -> None:
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
def release(
    names: Annotated[list[str] | None, typer.Argument(help="exercises; all if left out")] = None,
    fresh: Annotated[bool, typer.Option(help="also what did not change")] = False,
) -> None:
    """Make exercises/ (what students get) from solutions/."""
    from coursekit import exercise
    from coursekit import release as releasing

    for name in names or exercise.names():
        if not fresh and releasing.is_current(name):
            say(f"{name}: as before")
            continue
        changed = releasing.build(name).changed
        say(f"{name}: {'exercises/' + name + ' is new' if changed else 'made again, and the same'}")


@app.command()
def publish(folder: Annotated[Path, typer.Argument(help="a new folder")]) -> None:
    """Make the folder that students get: book, exercises and library, without solutions."""
    from coursekit import publish as publishing

    publishing.publish(folder)
    say(f"{folder} holds what students get.")


@app.command()
def check(notebook: Path) -> None:
    """Run a notebook from top to bottom and show what its checks say, as a student may before handing in."""
    from coursekit import selfcheck

    results = []
    for result in selfcheck.run(notebook):
        say(result.text)
        results.append(result)
    held = [result for result in results if result.passed]
    points, most = (sum(result.points for result in some) for some in (held, results))
    say(
        f"{len(held)} of {len(results)} checks hold, for {points:g} of {most:g} points. "
        "Hidden checks and written answers are graded later."
    )
    if len(held) < len(results):
        raise typer.Exit(1)


@app.command()
def collect(
    name: Annotated[str, typer.Argument(help="of the exercise")],
    archive: Annotated[Path, typer.Argument(help="zip file of one assignment, as Moodle or Canvas makes it")],
    into: Annotated[Path, typer.Option(help="the folder of submissions")] = Path("submitted"),
    roster: Annotated[
        Path | None, typer.Option(help="CSV: student, with first_name and last_name (Moodle) or ID (Canvas)")
    ] = None,
) -> None:
    """Sort the notebooks of an archive into the folders that 'course grade' reads."""
    from coursekit import exercise
    from coursekit.grading import collect as collecting
    from coursekit.grading import rules

    exercise.source(name)
    students = rules.read_roster(roster) if roster else None
    came = collecting.collect(archive, name, into, students)
    say(f"Notebooks in {into}: {len(came.new)} new, {len(came.changed)} changed, {len(came.same)} as before.")
    for what, people in (("Several notebooks, of which one was taken", came.chosen), ("Left out", came.left_out)):
        if people:
            say(f"{what}: {'; '.join(people)}.")


Trust = Annotated[
    bool, typer.Option("--trust-submissions", help="run submissions without a sandbox: they can do what you can")
]
Database = Annotated[
    str | None,
    typer.Option("--db", envvar="COURSE_DB", help="URL of the gradebook; build/gradebook.db if left out"),
]


@app.command()
def grade(
    folder: Annotated[
        Path, typer.Argument(help="laid out as FOLDER/STUDENT/EXERCISE/EXERCISE.ipynb, or a zip of that")
    ],
    only: Annotated[str | None, typer.Option(help="one exercise")] = None,
    fresh: Annotated[bool, typer.Option(help="grade again what was graded before")] = False,
    roster: Annotated[Path | None, typer.Option(help="CSV of the class with a column 'student'")] = None,
    rules: Annotated[
        Path | None, typer.Option("--class", help="due times, penalties, policy; FOLDER/class.yml if left out")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="write changed points without asking")] = False,
    db: Database = None,
    scheduler: Annotated[
        str | None, typer.Option(help="address of a dask cluster whose workers grade, such as tcp://HOST:8786")
    ] = None,
    gpu: Annotated[bool, typer.Option(help="let submissions use the GPU; on a cluster, one each")] = False,
    trust: Trust = False,
) -> None:
    """Grade a class: fill the gradebook, write feedback for each student and a table of grades."""
    from coursekit import exercise
    from coursekit.grading import batch, changes, intake
    from coursekit.grading import rules as ruling
    from coursekit.grading.cluster import Cluster
    from coursekit.grading.limits import WITH_GPU, Limits
    from coursekit.grading.pool import Threads
    from coursekit.grading.sandbox import Sandbox
    from coursekit.progress import Shown

    if only is not None:
        exercise.source(only)
    if rules is None and (folder / "class.yml").exists():
        rules = folder / "class.yml"
    students = ruling.read_roster(roster) if roster else None
    agreed = ruling.read_rules(rules, exercise.names(), students) if rules else None
    ask = typer.confirm if sys.stdin.isatty() else None
    wanted = {"trust": trust, "gpu": gpu}
    limits = WITH_GPU if gpu else Limits()
    pool = Cluster(scheduler, limits, **wanted, say=say) if scheduler else Threads(Sandbox.find(**wanted), limits)
    with tempfile.TemporaryDirectory() as unpacked, _ending_well(), Shown(out) as shown:

        def agree(found: list[changes.Change]) -> list[changes.Change]:
            shown.stop()
            return changes.agree(found, yes=yes, ask=ask, say=say)

        if folder.suffix.lower() == ".zip":
            with intake.opened(folder) as (_, entries):
                if rules is None and any(Path(entry.filename).name == "class.yml" for entry in entries):
                    raise stop("The class.yml in an archive is not read: take it out, and name it by --class FILE.")
            if not intake.unpack(folder, Path(unpacked)):
                raise stop(
                    f"There is nothing to grade: {folder} holds no STUDENT/EXERCISE/EXERCISE.ipynb. "
                    "Sort an archive of Moodle or Canvas first: course collect EXERCISE ARCHIVE"
                )
            folder = Path(unpacked)
        graded = batch.grade(
            folder,
            only=only,
            fresh=fresh,
            roster=students,
            rules=agreed,
            agree=agree,
            pool=pool,
            db_url=db,
            progress=shown,
        )
    say(shown.summary)
    for sentence in graded.notices():
        say(sentence)
    say(f"The class: {graded.overview}\nGrades:    {graded.grades}")
    if graded.failed:
        raise stop("Not graded, through no fault of the submission:\n" + "\n".join(graded.failed))
    if graded.held:
        raise stop(f"Not written: {len(graded.held)} of the changes above. --yes writes them.")


@contextlib.contextmanager
def _ending_well() -> Iterator[None]:
    """Let Ctrl-C and a polite kill end in a sentence."""
    try:
        with _kill_as_interrupt():
            yield
    except KeyboardInterrupt:
        err.print("Stopped. What was graded is kept, and the same command goes on from there.")
        raise typer.Exit(130) from None


@contextlib.contextmanager
def _kill_as_interrupt() -> Iterator[None]:
    """Let a polite kill do what Ctrl-C does, so that what runs beside this process ends with it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command()
def feedback(db: Database = None) -> None:
    """Write the feedback pages and the table of grades again, for example after grading written answers by hand."""
    from coursekit.grading import batch

    written = batch.feedback(db_url=db)
    say(f"The class: {written.overview}\nGrades:    {written.grades}")


class Format(StrEnum):
    """Of an export."""

    CSV, CANVAS, MOODLE, JSON, JUNIT = "csv", "canvas", "moodle", "json", "junit"


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="the file to write")],
    format: Annotated[Format, typer.Option(help="for people, for Canvas or Moodle to import, or for programs")] = (
        Format.CSV
    ),
    roster: Annotated[
        Path | None, typer.Option(help="CSV: a column student, and those that Canvas or Moodle find students by")
    ] = None,
    db: Database = None,
) -> None:
    """Write the grades of the class to a file for a spreadsheet, Canvas, Moodle or another program."""
    from coursekit.grading import batch, exports, record, rules

    found = batch.graded(db_url=db)
    known = rules.read_roster(roster) if roster else None
    record.write(to, exports.text(format, found.entries, found.titles, known))
    say(f"Grades: {to}")
    if waiting := sum(entry.waiting for entry in found.entries):
        say(f"To grade by hand: {waiting} submissions; their points so far stand in the file.")


@app.command()
def formgrader(
    build: Annotated[Path, typer.Argument(help="where the class was graded to")] = BUILD,
    port: Annotated[int, typer.Option(min=1, max=65535, help="a free port")] = 8888,
    browser: Annotated[bool, typer.Option(help="open it in a browser")] = True,
    db: Database = None,
) -> None:
    """Grade answers in words: show nbgrader's formgrader until Ctrl-C, then run 'course feedback'."""
    from coursekit.grading import formgrader as form

    with _kill_as_interrupt():
        form.serve(build, port=port, browser=browser, db_url=db, say=say)
    say("Write pages and grades again with: course feedback")


@app.command()
def demo() -> None:
    """Make a sample class by code, grade it, and see that each submission gets the score that was meant."""
    from coursekit import demo as sample
    from coursekit.grading.sandbox import Sandbox

    # Some of this class is hostile, so it never runs unsealed.
    graded, differences = sample.run(sandbox=Sandbox.find(), progress=lambda step: say(str(step)))
    if differences:
        raise stop(
            "The sample class came to something else than was meant:\n"
            + "\n".join(differences)
            + "\nWhere something ran too long, the machine may have been busy: run 'course demo' again. Only these are "
            "graded anew."
        )
    say(
        f"All {len(graded.results)} submissions of the sample class came to what was meant ({graded.cached} as before)."
    )


@app.command()
def where() -> None:
    """Say where everything is."""
    for what, path in {
        "The book": ROOT / "_build" / "html" / "index.html",
        "The exercises": ROOT / "exercises",
        "The sample class": BUILD / "demo" / "class" / "index.html",
        "Its grades": BUILD / "demo" / "grades.csv",
    }.items():
        say(f"{what + ':':<31} {os.path.relpath(path) if path.exists() else 'not made yet'}")


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
    """Run the command; what a user can mend ends in a sentence, not in a traceback."""
    try:
        app()
    except CourseError as error:
        sys.exit(str(error))
    except OSError as error:
        remedy = REMEDIES.get(error.errno)
        if remedy is None:
            raise
        sys.exit(f"{error.strerror} ({error.filename or 'while writing'}): {remedy}, then run it again.")
