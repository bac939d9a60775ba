"""Where submissions are graded side by side.

A pool holds a few submissions at a time, however many there are, and gives each result back as soon as it is there.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Self, TypeVar
from weakref import WeakSet

import psutil

from coursekit import CourseError
from coursekit.grading import unit
from coursekit.grading.limits import Limits
from coursekit.grading.run import NotGraded
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.unit import Result
from coursekit.release import Bundle

Item = TypeVar("Item")
Known = TypeVar("Known")


class GradingStopped(CourseError):
    """The batch can't go on; the text says why and what to do."""


class Pool:
    """Grades submissions side by side, as a context manager; leaving it by an error drops what is still running.

    Attributes:
        limits: for each submission.
        seal: what submissions run in, as it stands in each result.
        future: the class of what `submit` returns.
    """

    limits: Limits
    seal: str
    future: type = Future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        raise NotImplementedError

    def submit(self, data: bytes, bundle: Bundle) -> Future[Result]:
        """Begin to grade one submission."""
        raise NotImplementedError

    def wait(self, futures: Collection[Future[Result]]) -> Collection[Future[Result]]:
        """Those that are done, as soon as one is."""
        return wait(futures, return_when=FIRST_COMPLETED).done

    def room(self) -> int:
        """How many submissions may be under way, those that wait for a free place included."""
        raise NotImplementedError

    def results(
        self, items: Iterable[Item], begin: Callable[[Item], Future[Result] | Known]
    ) -> Iterator[tuple[Item, Known | Result | Exception]]:
        """What came of each item, as it comes.

        Args:
            items: taken one by one, whenever there is room.
            begin: calls `submit` for an item, or says what is known of it already.

        Yields:
            The item with what was known, the result, or the error that came in its place.
        """
        running: dict[Future[Result], Item] = {}
        for item in items:
            begun = begin(item)
            if not isinstance(begun, self.future):
                yield item, begun
                continue
            running[begun] = item
            if len(running) >= self.room():
                yield from self._finished(running)
        while running:
            yield from self._finished(running)

    def _finished(self, running: dict[Future[Result], Item]) -> Iterator[tuple[Item, Result | Exception]]:
        for future in self.wait(running):
            item = running.pop(future)
            try:
                yield item, future.result()
            except Exception as error:
                yield item, error


class Threads(Pool):
    """Threads of this process, each of which waits for a kernel.

    Args:
        sandbox: where submissions run.
        limits: for each submission.
        workers: how many run at a time.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits | None = None, workers: int = 2) -> None:
        self.sandbox, self.limits, self.workers = sandbox, limits or Limits(), workers
        self.seal = sandbox.name
        self._begun: WeakSet[Future[Result]] = WeakSet()

    def __enter__(self) -> Self:
        self._others: set[psutil.Process] | None = None
        self._executor = ThreadPoolExecutor(self.workers, thread_name_prefix="grade")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._executor.shutdown(wait=kind is None, cancel_futures=True)
        while any(future.running() for future in self._begun):
            self._end_kernels()
            time.sleep(0.1)

    def submit(self, data: bytes, bundle: Bundle) -> Future[Result]:
        if self._others is None:
            self.sandbox.zygote()  # so that nobody's time counts its start, and it is not taken for a kernel
            self._others = set(psutil.Process().children(recursive=True))
        future = self._executor.submit(grade_twice, data, bundle, self.sandbox, self.limits)
        self._begun.add(future)
        return future

    def room(self) -> int:
        return 2 * self.workers

    def _end_kernels(self) -> None:
        """End what runs for nobody any more, so that nobody waits for it either."""
        for process in set(psutil.Process().children(recursive=True)) - (self._others or set()):
            with contextlib.suppress(psutil.Error):
                process.kill()


def grade_twice(data: bytes, bundle: Bundle, sandbox: Sandbox, limits: Limits) -> Result:
    """Grade one submission; a machine that was too busy to start a kernel gets a second chance."""
    try:
        return unit.grade_one(data, bundle, sandbox=sandbox, limits=limits)
    except NotGraded:
        return unit.grade_one(data, bundle, sandbox=sandbox, limits=limits)
