"""Grade on the workers of a dask cluster, wherever they run: its scheduler's address is all that is needed.

The driver reads submissions, sends them and is the only one that writes. A worker needs the course installed, in the
same version, and finds a sandbox of its own.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from threading import Lock
from typing import Any, Self

from coursekit import CourseError
from coursekit.grading import unit
from coursekit.grading.limits import Limits
from coursekit.grading.pool import GradingStopped, Item, Known, Pool, grade_twice
from coursekit.grading.run import NotGraded
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.unit import Result
from coursekit.release import Bundle

ANSWERS_WITHIN = 20.0  # seconds


class Cluster(Pool):
    """The workers of a dask scheduler.

    Args:
        address: of the scheduler, such as tcp://HOST:8786.
        limits: for each submission.
        trust: workers run submissions without a sandbox.
        gpu: a submission sees its worker's GPUs, and takes one unit of the worker's resource GPU.
        say: is given a sentence where a person has to wait.
    """

    def __init__(
        self,
        address: str,
        limits: Limits | None = None,
        *,
        trust: bool = False,
        gpu: bool = False,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.address, self.limits, self.say = address, limits or Limits(), say
        self.wanted = {"trust": trust, "gpu": gpu}
        self.resources = {"GPU": 1} if gpu else {}
        self._bundles: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Meet the scheduler and its workers.

        Raises:
            GradingStopped: if the scheduler does not answer, or its workers can't grade.
        """
        import dask
        from distributed import Client, Future
        from distributed.comm import get_address_host_port

        try:
            get_address_host_port(self.address)  # a client that was given no port would end only by a time-out
            # Without a log of what it sent, which would hold the last thousand submissions.
            with dask.config.set({"distributed.admin.low-level-log-length": 0}):
                self._client = Client(self.address, timeout=ANSWERS_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GradingStopped(
                f"No dask scheduler answers at {self.address} ({error}): start one with 'dask scheduler', and workers "
                "with 'dask worker ADDRESS'."
            ) from None
        try:
            self.seal = self._meet()
        except BaseException:
            self._client.close()
            raise
        self.future = Future
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()  # the scheduler drops what nobody waits for

    def submit(self, data: bytes, bundle: Bundle) -> Any:
        # A bundle is made by a task, not scattered: if the worker that holds it is lost, another one makes it again.
        if bundle.hash not in self._bundles:
            key = f"bundle-{bundle.name}-{bundle.hash}"
            self._bundles[bundle.hash] = self._client.submit(Bundle.from_json, bundle.to_json(), key=key)
        arguments = (self._bundles[bundle.hash], self.limits, self.wanted, unit.grader_version(), self.seal)
        return self._client.submit(_grade, data, *arguments, pure=False, resources=self.resources)

    def wait(self, futures: Collection[Any]) -> Collection[Any]:
        from distributed import wait

        with self._reaching(), self._client.as_current():
            return wait(list(futures), return_when="FIRST_COMPLETED").done

    def room(self) -> int:
        with self._reaching():
            return 2 * max(1, sum(self._client.nthreads().values()))

    def results(
        self, items: Iterable[Item], begin: Callable[[Item], Any]
    ) -> Iterator[tuple[Item, Known | Result | Exception]]:
        """As `Pool.results`; what lost its workers together with others is tried again alone."""
        from distributed import KilledWorker

        suspects = []
        for item, came in super().results(items, begin):
            if isinstance(came, KilledWorker):
                suspects.append(item)
            else:
                yield item, came
        for item in suspects:
            for _, came in super().results([item], begin):
                killed = isinstance(came, KilledWorker)
                yield item, NotGraded(_killed(came.allowed_failures + 1)) if killed else came

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (CancelledError, OSError):
            raise GradingStopped(
                f"The dask scheduler at {self.address} is gone: start it, then grade again. "
                "What was graded before is kept."
            ) from None

    def _meet(self) -> str:
        """The sandbox that all workers have."""
        if not self._client.nthreads():
            self.say(f"Waiting for the first worker of {self.address}.")
            self._client.wait_for_workers(1)
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        if self.resources and not any(worker["resources"].get("GPU") for worker in workers):
            raise GradingStopped(
                f"No worker of {self.address} offers a GPU: start some with 'dask worker ADDRESS --resources GPU=1'."
            )
        answers = self._client.run(_about, self.wanted, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, CourseError):
                raise GradingStopped(f"The worker {worker} can't grade. {answer}")
            if isinstance(answer, Exception):
                raise GradingStopped(f"The worker {worker} can't grade: is the course installed there? ({answer})")
            if answer[0] != unit.grader_version():
                raise GradingStopped(f"The worker {worker} has another version of the course: install this one there.")
        seals = {seal for _, seal in answers.values()}
        if len(seals) > 1:
            raise GradingStopped(f"The workers differ in their sandbox ({', '.join(sorted(seals))}): make them equal.")
        return seals.pop()


def _killed(times: int) -> str:
    return f"{times} workers ended while they graded it, the last ones with nothing else to do, so it was given up."


# What runs on a worker

_ONE_AT_A_TIME = Lock()


def _about(wanted: dict[str, bool]) -> tuple[str, str]:
    return unit.grader_version(), _sandbox(wanted).name


def _grade(data: bytes, bundle: Bundle, limits: Limits, wanted: dict[str, bool], version: str, seal: str) -> Result:
    sandbox = _sandbox(wanted)
    if (unit.grader_version(), sandbox.name) != (version, seal):  # it joined after the others were asked
        raise NotGraded("Its worker has another version of the course or another sandbox than the others.")
    return grade_twice(data, bundle, sandbox, limits)


def _sandbox(wanted: dict[str, bool]) -> Sandbox:
    with _ONE_AT_A_TIME:
        return _found(**wanted)


_found = functools.cache(Sandbox.find)
