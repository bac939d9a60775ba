"""Run the cells of several pages at once, before Sphinx reads the pages one after another.

What succeeds here goes into the cache where myst-nb looks next, under the same key. A page that fails is left to
myst-nb, which runs it again and reports the cell.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from coursekit.sphinx_ext.library import code_cells, with_digest

LOG = logging.getLogger(__name__)


def fill_cache(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run every page that will be read and is not in the cache, as many at once as there are processors."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    missing = {path: page for path, page in _notebooks(env, docnames) if not _is_cached(cache, page)}
    if len(missing) < 2:  # alone, a page gains nothing here
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(_run, path, page, env): path for path, page in missing.items()}
        for done in as_completed(running):
            _store(cache, running[done], done)


def _notebooks(env: BuildEnvironment, docnames: Iterable[str]) -> Iterator[tuple[Path, NotebookNode]]:
    """The pages with cells, as myst-nb will see them."""
    for name in sorted(docnames):
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        if code_cells(text):
            text, _ = with_digest(text, Path(env.srcdir))
            yield path, create_nb_reader(str(path), env.myst_config, env.mystnb_config, text).read(text)


def _is_cached(cache: object, page: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(page)
    except KeyError:
        return False
    return True


def _run(path: Path, page: NotebookNode, env: BuildEnvironment) -> ExecutionResult:
    LOG.info(f"{path}: Executing notebook")
    timeout = env.mystnb_config.execution_timeout
    return single_nb_execution(page, cwd=str(path.parent), allow_errors=False, timeout=timeout)


def _store(cache: object, path: Path, done: Future) -> None:
    if done.exception() or done.result().err:
        return
    result = done.result()
    LOG.info(f"{path}: Executed notebook in {result.time:.2f} seconds")
    bundle = CacheBundleIn(result.nb, str(path), data={"execution_seconds": result.time})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def setup(app: Sphinx) -> None:
    """Run before the first page is read."""
    app.connect("env-before-read-docs", fill_cache)
