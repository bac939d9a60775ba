"""Run the cells of one rebuilt notebook in one kernel, within limits, and bring back outputs and evidence.

Everything that comes out of the kernel may be forged. Outputs are shown to people and count for nothing; evidence is
bytes until somebody outside has compared it; times, deaths and limits are measured here, not reported from inside.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from coursekit import CourseError
from coursekit.grading.intake import Refused, read_file
from coursekit.grading.limits import CRASHED, TIMED_OUT, Limits, Watch
from coursekit.grading.sandbox import Room, Sandbox
from coursekit.grading.warm import NoZygote

GRADED = "graded"
# IPython's exit() would end the kernel a little later, while some other cell runs.
WARM_UP = """import numpy, torch, dlarch.check
get_ipython().ask_exit = lambda: print("exit() does nothing when a notebook is graded.")"""
MIME_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
LARGEST_MESSAGE = 64 << 20
WAITING_MESSAGES = 4
EACH_OUTPUT = 500  # bytes that an output counts for besides its text, so that there can't be a million empty ones


class NotGraded(CourseError):
    """Grading itself failed, through no fault of the submission; the text says how."""


@dataclass
class Step:
    """One cell to run.

    Args:
        code: what the kernel is given.
        label: how a sentence names the cell.
        task: the evidence `task.npz` is fetched right after the cell, before anything else can touch it.
    """

    code: str
    label: str = "a cell"
    task: str | None = None
    outcome: str = "not run"  # then: ok, error, timed out, died
    outputs: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Run:
    """What came of a notebook: how it ended, what it left and took, and a sentence on each thing that went wrong."""

    state: str = GRADED
    evidence: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    output: int = 0

    def end(self, state: str, note: str) -> None:
        if self.state == GRADED:
            self.state = state
        self.notes.append(note)


def execute(steps: Sequence[Step], room: Room, sandbox: Sandbox, limits: Limits, refused: Sequence[str] = ()) -> Run:
    """Run the steps in order in a fresh kernel; outcomes and outputs are written into them.

    A cell that raises, is stopped in time or ends Python costs only itself: after an end, what stood before that cell
    is run once more in another kernel, without the checks, and then what comes after it. All time counts.

    Raises:
        NotGraded: if the kernel does not start.
    """
    return asyncio.run(_execute(steps, room, sandbox, limits, refused))


async def _execute(steps: Sequence[Step], room: Room, sandbox: Sandbox, limits: Limits, refused: Sequence[str]) -> Run:
    run = Run()
    place = starts = 0
    while place < len(steps):
        if starts == limits.starts:
            run.end(CRASHED, f"Python had to be started {starts} times, so the cells after that did not run.")
            break
        starts += 1
        before = [Step(step.code) for step in steps[:place] if step.task is None and step.outcome in ("ok", "error")]
        if place:
            room.clear()
        async with _kernel(room, sandbox, limits, refused) as kernel:
            again = Run(seconds=run.seconds)
            restored = await kernel.run(before, again) == len(before) and await kernel.manager.is_alive()
            run.seconds = again.seconds
            if restored:
                place += await kernel.run(steps[place:], run)
        if run.seconds > limits.notebook:
            run.end(TIMED_OUT, f"All cells together ran longer than {limits.notebook:g} seconds.")
            break
        if not restored:
            run.end(CRASHED, "Python ended where it had not before, so the cells after that did not run.")
            break
    return run


@contextlib.asynccontextmanager
async def _kernel(room: Room, sandbox: Sandbox, limits: Limits, refused: Sequence[str]) -> AsyncIterator["_Kernel"]:
    context = zmq.asyncio.Context()
    # A queue of few and not too large messages: what a submission sends faster than it is read waits inside.
    context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
    context.setsockopt(zmq.RCVHWM, WAITING_MESSAGES)
    manager = sandbox.kernel_manager(room, limits, refused)
    manager.context = context
    client = None
    try:
        try:
            await manager.start_kernel()
        except NoZygote as error:
            raise NotGraded(f"The kernel for submissions did not start: {error}.") from None
        client = manager.client(context=context)
        client.start_channels(stdin=False, hb=False)
        kernel = _Kernel(manager, client, room, limits)
        await kernel.warm_up()
        with Watch(manager.provisioner.pid, (room.run, room.evidence, room.work), limits) as kernel.watch:
            yield kernel
    finally:
        if client is not None:
            client.stop_channels()
        if manager.has_kernel:
            # Not shutdown_kernel: it would ask the kernel first, and a submission need not be asked.
            await manager.provisioner.kill()
            await manager.provisioner.wait()
            await manager.cleanup_resources()
        context.destroy(linger=0)


class _Kernel:
    """The conversation with one kernel."""

    watch: Watch

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient, room: Room, limits: Limits) -> None:
        self.manager, self.client, self.room, self.limits = manager, client, room, limits

    async def warm_up(self) -> None:
        """Wait for the kernel and import what every exercise needs, so that no student pays for a slow start."""
        deadline = time.monotonic() + self.limits.start
        status = await self._reply(self.client.execute(WARM_UP, silent=True), deadline)
        # What is published before the socket of outputs is connected is lost, so wait until something comes through.
        while status == "ok" and await _message(self.client.get_iopub_msg, 0.2) is None:
            status = await self._reply(self.client.execute("", silent=True), deadline)
        if status != "ok":
            log = (self.room.run.parent / "kernel.log").read_text(errors="replace").strip()[-500:]
            raise NotGraded(f"The kernel for submissions did not start ({status or 'it was too slow'}). {log}")

    async def run(self, steps: Sequence[Step], run: Run) -> int:
        """Run steps until the kernel ends or time is up, and say how many were run."""
        for count, step in enumerate(steps, start=1):
            began = time.monotonic()
            self.watch.next_cell()
            run.output += await self._step(
                step,
                min(self.limits.cell, self.limits.notebook - run.seconds),
                min(self.limits.output, self.limits.outputs - run.output),
            )
            run.seconds += time.monotonic() - began
            if step.task is not None:
                with contextlib.suppress(Refused):
                    run.evidence[step.task] = read_file(self.room.evidence / f"{step.task}.npz", self.limits.evidence)
            if step.outcome == "timed out":
                run.end(TIMED_OUT, f"Stopped: {step.label} ran longer than {self.limits.cell:g} seconds.")
            if step.outcome == "died":
                run.end(*(self.watch.reason or (CRASHED, f"Python itself ended while {step.label} ran.")))
            if not await self.manager.is_alive():
                if step.outcome != "died":
                    run.notes.append("It did not heed the interrupt, so Python was ended and started again.")
                return count
            if run.seconds > self.limits.notebook:
                return count
        return len(steps)

    async def _step(self, step: Step, seconds: float, output: int) -> int:
        """Run one step within these limits, and say how much output it made."""
        deadline = time.monotonic() + seconds
        sent = self.client.execute(step.code, allow_stdin=False, stop_on_error=False)
        outputs = Outputs(step.outputs, output)
        listening = asyncio.create_task(self._listen(sent, outputs))
        status = await self._reply(sent, deadline)
        if status is None:
            step.outcome = "timed out"
            await self.manager.interrupt_kernel()
            if await self._reply(sent, time.monotonic() + self.limits.grace) is None:
                await self.manager.shutdown_kernel(now=True)
        else:
            step.outcome = status if status in ("ok", "died") else "error"
        # Outputs travel on another socket than the reply and may be a little behind it.
        await asyncio.wait([listening], timeout=2.0 if await self.manager.is_alive() else 0.2)
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        return output - max(outputs.left, 0)

    async def _reply(self, sent: str, deadline: float) -> str | None:
        """'ok' or another status of the reply, 'died', or None at the deadline."""
        while (remaining := deadline - time.monotonic()) > 0:
            if not await self.manager.is_alive():
                return "died"
            message = await _message(self.client.get_shell_msg, min(remaining, 0.2))
            if message is not None and _parent(message) == sent:
                return str(message["content"].get("status"))
        return None

    async def _listen(self, sent: str, outputs: "Outputs") -> None:
        while True:
            message = await _message(self.client.get_iopub_msg, 1.0)
            if message is None or _parent(message) != sent:
                continue
            if message.get("msg_type") == "status" and message["content"].get("execution_state") == "idle":
                return
            outputs.add(str(message.get("msg_type")), message["content"])


async def _message(receive: Any, seconds: float) -> dict[str, Any] | None:
    try:
        message = await receive(timeout=seconds)
    except Empty:
        return None
    except Exception:
        # The sender is the submission's own process: whatever it made of a message must not stop the grading.
        message = None
    await asyncio.sleep(0)
    return message if isinstance(message, dict) and isinstance(message.get("content"), dict) else None


def _parent(message: dict[str, Any]) -> object:
    parent = message.get("parent_header")
    return parent.get("msg_id") if isinstance(parent, dict) else None


class Outputs:
    """The outputs of one cell in the form of a notebook, cut where they exceed their limit."""

    def __init__(self, kept: list[dict[str, Any]], limit: int) -> None:
        self.kept, self.left = kept, limit

    def add(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "clear_output":
            self.kept.clear()
        elif kind == "stream":
            self._stream("stderr" if content.get("name") == "stderr" else "stdout", str(content.get("text")))
        elif kind in ("display_data", "execute_result"):
            data = content.get("data")
            data = data if isinstance(data, dict) else {}
            kept = {mime: data[mime] for mime in MIME_TYPES if isinstance(data.get(mime), str)}
            if kept and self._pay(sum(map(len, kept.values()))):
                # As display_data, because the count of an execute_result would be the kernel's word.
                self.kept.append({"output_type": "display_data", "data": kept, "metadata": {}})
        elif kind == "error":
            lines = content.get("traceback")
            traceback = [str(line)[:10_000] for line in lines[:100]] if isinstance(lines, list) else []
            name, value = str(content.get("ename"))[:200], str(content.get("evalue"))[:10_000]
            if self._pay(sum(map(len, traceback)) + len(name) + len(value)):
                self.kept.append({"output_type": "error", "ename": name, "evalue": value, "traceback": traceback})

    def _stream(self, name: str, text: str) -> None:
        last = self.kept[-1] if self.kept else {}
        if last.get("output_type") != "stream" or last["name"] != name:
            if not self._pay(0):
                return
            self.kept.append({"output_type": "stream", "name": name, "text": ""})
        self.kept[-1]["text"] += text[: max(self.left, 0)]
        self._pay(len(text), each=0)

    def _pay(self, size: int, each: int = EACH_OUTPUT) -> bool:
        if self.left < 0:
            return False
        self.left -= size + each
        if self.left < 0:
            self.kept.append({"output_type": "stream", "name": "stderr", "text": "\n[the rest was cut: too long]\n"})
        return self.left >= 0
