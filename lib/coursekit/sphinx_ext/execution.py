"""Run the cells of the pages ahead of Sphinx, which reads one page after another.

As many pages run at once as there are processors, the longest first, in warm kernels where these can be had
(`coursekit.grading.warm`). As many more kernels start meanwhile and wait for their turn, since a start is mostly
waiting. Sphinx reads the pages in the same order and waits for those that are not done. What succeeds goes into the
cache where myst-nb looks next, under the same key. A page that fails is left to myst-nb, which runs it again and
reports the cell.
"""

import atexit
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Semaphore, Thread
from typing import NamedTuple

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from coursekit.book import COLD
from coursekit.grading.warm import Unsealed
from coursekit.jupyter_book import IMPORTED
from coursekit.sphinx_ext.library import code_cells, with_digest

LOG = logging.getLogger(__name__)


class Page(NamedTuple):
    """A page that is to be run, as myst-nb will see it, and what comes of it."""

    name: str
    path: Path
    notebook: NotebookNode
    seconds: float  # expected
    done: "Future[ExecutionResult]"


class Ahead:
    """The pages that run while Sphinx works."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._waiting: deque[Page] = deque()
        self._processors = Semaphore(os.cpu_count())

    def begin(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Begin to run every page that will be read and is not in the cache; these are then read last."""
        self._cache = get_cache(env.mystnb_config.execution_cache_path)
        pages = sorted(self._missing(env, docnames), key=lambda page: page.seconds, reverse=True)
        if not pages:
            return
        if app.config.course_warm_kernels:
            Unsealed.begin(*IMPORTED).add_done_callback(
                lambda zygote: LOG.info(f"{COLD}: {zygote.exception()}") if zygote.exception() else None
            )
        self._pages = {page.name: page for page in pages}
        docnames[:] = [*(name for name in docnames if name not in self._pages), *self._pages]
        self._waiting.extend(pages)
        atexit.register(self._waiting.clear)  # Ctrl-C ends the running kernels, and no other may take their place
        for _ in range(min(2 * os.cpu_count(), len(pages))):
            Thread(target=self._work, args=[env.mystnb_config.execution_timeout], daemon=True).start()

    def wait(self, app: Sphinx, docname: str, source: list[str]) -> None:
        """Wait for a page before Sphinx reads it."""
        if docname not in self._pages:
            return
        self._pages[docname].done.exception()
        for page in [page for page in self._pages.values() if page.done.done()]:
            self._store(self._pages.pop(page.name))

    def end(self, app: Sphinx, _: object) -> None:
        """End the zygote, and with it all kernels; what is left, to write the pages, goes side by side too."""
        self._waiting.clear()
        Unsealed.end()
        app.parallel = os.cpu_count() + 1  # this process is one, and prepares what the others write

    def _missing(self, env: BuildEnvironment, docnames: list[str]) -> Iterator[Page]:
        seconds = {record.uri: record.data.get("execution_seconds") for record in self._cache.list_cache_records()}
        for name in docnames:
            path = Path(env.doc2path(name))
            text = path.read_text(encoding="utf-8")
            if not (cells := code_cells(text)):
                continue
            text, _ = with_digest(text, Path(env.srcdir))
            notebook = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text).read(text)
            try:
                self._cache.match_cache_notebook(notebook)
            except KeyError:
                yield Page(name, path, notebook, seconds.get(str(path)) or len(cells), Future())

    def _work(self, timeout: int) -> None:
        with suppress(IndexError):  # when none is waiting
            while True:
                page = self._waiting.popleft()
                try:
                    page.done.set_result(self._execute(page, timeout))
                except Exception as error:
                    page.done.set_exception(error)

    def _execute(self, page: Page, timeout: int) -> ExecutionResult:
        with ExitStack() as turn:

            def begin(notebook: NotebookNode) -> None:
                turn.enter_context(self._processors)
                LOG.info(f"{page.path}: Executing notebook")
                begun.append(time.monotonic())

            begun: list[float] = []
            result = single_nb_execution(
                page.notebook,
                cwd=str(page.path.parent),
                timeout=timeout,
                allow_errors=False,
                shutdown_kernel="immediate",
                on_notebook_start=begin,
            )
            result.time = time.monotonic() - begun[0]
            return result

    def _store(self, page: Page) -> None:
        if page.done.exception() or page.done.result().err:
            return
        result = page.done.result()
        LOG.info(f"{page.path}: Executed notebook in {result.time:.2f} seconds")
        bundle = CacheBundleIn(result.nb, str(page.path), data={"execution_seconds": result.time})
        self._cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def connect(app: Sphinx, config: Config) -> None:
    """Connect to what Sphinx does, unless the setting says that it is to do all by itself."""
    if config.course_run_ahead:
        ahead = Ahead()
        app.connect("env-before-read-docs", ahead.begin)
        app.connect("source-read", ahead.wait)
        app.connect("env-updated", ahead.end)
        app.connect("build-finished", ahead.end)


def setup(app: Sphinx) -> None:
    """Add the settings ``course_run_ahead`` and ``course_warm_kernels``."""
    app.add_config_value("course_run_ahead", True, "")
    app.add_config_value("course_warm_kernels", True, "")
    app.connect("config-inited", connect)
