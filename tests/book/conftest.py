"""The built book, served over http, and a browser."""

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Visit, leave, visit
from playwright.sync_api import Browser, sync_playwright

from coursekit import book


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of the built book; building again is cheap when nothing changed."""
    return book.build()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the log of the tests readable."""


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """The address of a server that serves the book, ending in a slash."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(html)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")  # its event loop would be in the way of tests in other modules
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("Chromium is missing, without which no page can be tested; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Open pages of the book by name; they are closed when the test ends."""
    visits: list[Visit] = []

    def go(name: str, query: str = "", **options: object) -> Visit:
        visits.append(visit(browser, f"{site}{name}.html{query}", **options))
        return visits[-1]

    yield go
    for seen in visits:
        leave(seen)
