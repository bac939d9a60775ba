"""Open nbgrader's formgrader on a graded class: there people read answers in words and give points and comments."""

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from coursekit import ROOT, CourseError

ENDS_WITHIN = 10.0  # seconds


class NotOpened(CourseError):
    """Formgrader can't be shown; the text says why and what to do."""


def serve(
    build: Path,
    *,
    source: Path = ROOT / "build" / "source",
    port: int = 8888,
    browser: bool = True,
    db_url: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Show a graded class until Ctrl-C; what is typed there goes straight into the gradebook.

    Args:
        build: where the class was graded to, with `gradebook.db` and `autograded/`.
        source: folder of the released exercises, which are those that formgrader lists.
        port: a free one of this machine, on which no other machine is answered.
        browser: whether to open one.
        db_url: of the gradebook, if it is not `gradebook.db`.
        say: is told the address.

    Raises:
        NotOpened: if nothing was graded yet, the port is taken, or the server ends by itself.
    """
    if not (build / "autograded").is_dir():
        raise NotOpened("Nothing was graded yet; grade a folder of submissions with: course grade FOLDER")
    if _answers(port):
        raise NotOpened(f"Port {port} is taken by another program; choose another one with --port.")
    token = secrets.token_urlsafe(24)  # anybody on this machine can reach the port, so the address holds a secret
    log = build / "formgrader.log"
    with tempfile.TemporaryDirectory() as private, log.open("w", encoding="utf-8") as file:
        # In a file of our own and not on the command line, which everybody can read: a database may have a password.
        config = Path(private) / "config.json"
        table = settings(build, source, port=port, browser=browser, db_url=db_url)
        config.write_text(json.dumps(table), encoding="utf-8")
        line = [sys.executable, "-m", "jupyter_server", f"--config={config}"]
        with subprocess.Popen(line, cwd=build, env={**os.environ, "JUPYTER_TOKEN": token}, stderr=file) as server:
            try:
                while server.poll() is None and not _answers(port):
                    time.sleep(0.1)
                if server.poll() is None:
                    say(
                        f"Formgrader is at http://127.0.0.1:{port}/formgrader/gradebook?token={token} (Ctrl-C ends it)."
                    )
                server.wait()
            except KeyboardInterrupt:
                return
            finally:
                server.terminate()
                try:
                    server.wait(ENDS_WITHIN)
                except subprocess.TimeoutExpired:
                    server.kill()
    if server.returncode:
        raise NotOpened(f"The server of formgrader ended by itself; {log} says why.")


def settings(
    build: Path, source: Path, *, port: int, browser: bool, db_url: str | None = None
) -> dict[str, dict[str, object]]:
    """For a Jupyter server that serves this machine alone, and whose first page lists what can be graded."""
    build = build.resolve()
    return {
        "ServerApp": {
            "root_dir": str(build),
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": browser,
            "default_url": "/formgrader/gradebook",
            "allow_root": True,
            "extra_static_paths": _static_paths(),
        },
        "CourseDirectory": {
            "root": str(build),
            "course_id": "architectures",
            "source_directory": str(source.resolve()),
            "db_url": db_url or f"sqlite:///{build / 'gradebook.db'}",
            # What lies there formgrader counts as submitted, and it offers buttons that run it without a sandbox and
            # write its own feedback beside ours. Here it finds nothing and counts 0.
            "submitted_directory": "none-for-formgrader",
        },
        "HTMLExporter": {"template_paths": _template_paths()},
    }


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _template_paths() -> list[str]:
    """Where the parts of formgrader's page are looked for: ours first."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    theirs = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
    return [str(Path(__file__).with_name("templates") / "formgrader"), *theirs.template_paths]


def _static_paths() -> list[str]:
    """The folder that holds `mathjax`, where it is installed."""
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    return [str(Path(spec.origin).with_name("static"))] if spec and spec.origin else []
