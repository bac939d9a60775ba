"""nbgrader's formgrader on our gradebook, in a browser; the class is one made-up result."""

import json
import random
import shutil
import signal
import socket
import subprocess
import sys

import pytest
from playwright.sync_api import sync_playwright

from coursekit.grading import formgrader
from coursekit.grading.record import Recorded, Records
from coursekit.grading.unit import Result, Written
from dlarch.check import Verdict


@pytest.fixture
def build(tmp_path, gradebook, bundle):
    """A class of one, `ada`, who wrote a formula and a script."""
    (tmp_path / "gradebook.db").write_bytes(gradebook)
    notebook = json.loads(json.dumps(bundle.notebook))
    text = "Because $e^x$ overflows. <script>alert(1)</script>"
    notebook["cells"][-1]["source"] = text
    checks = tuple(Verdict(task.name, task.points, task.points, "right", "m") for task in bundle.tasks)
    result = Result("sample", "graded", checks, (Written("why", 1.0, text),), (), "s", 1.0, "k", notebook)
    with Records(tmp_path) as records:
        records.put(Recorded.now("ada", result, bundle, 0.0), bundle)
    return tmp_path


@pytest.fixture
def address(build, course):
    # None of those that the system gives to outgoing connections, of which other tests make many.
    ports = random.sample(range(20_000, 30_000), 100)
    port = next(port for port in ports if not formgrader._answers(port))
    code = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background ignores Ctrl-C
        "from pathlib import Path\n"
        "from coursekit.grading import formgrader\n"
        f"build, source = Path({str(build)!r}), Path({str(course / 'build' / 'source')!r})\n"
        "say = lambda sentence: print(sentence, flush=True)\n"
        f"formgrader.serve(build, source=source, port={port}, browser=False, say=say)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().split()[3]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.timeout(120)
def test_a_grade_and_a_comment_typed_in_formgrader_are_kept(build, address, bundle):
    troubles, requests = [], []
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        page = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        page.wait_for_selector("td a:text-is('sample')")
        assert page.locator("td.num-submissions").all_inner_texts() == ["0"]  # else it could run them without a sandbox
        page.click("td a:text-is('sample')")
        page.wait_for_url("**/gradebook/sample")
        page.click("td a:text-is('sample')")
        page.click("td a:text-is('Submission #1')")
        page.wait_for_selector("mjx-container")
        answer = page.locator(".nbgrader_cell", has_text="overflows").last
        assert "Why does softmax subtract the largest score? (1 point for the overflow.)" in page.content()
        with page.expect_response("**/api/grade/*"):
            answer.locator("input.score").fill("0.5")
            answer.locator("input.score").press("Tab")
        with page.expect_response("**/api/comment/*"):
            answer.locator("textarea.comment").fill("And the *ratio*?")
            answer.locator("textarea.comment").press("Tab")
        page.reload()
        page.wait_for_selector("mjx-container")
        page.wait_for_function("[...document.querySelectorAll('input.score')].at(-1)?.value === '0.5'")
    assert troubles == []
    own = address.split("/formgrader")[0]
    assert [url for url in requests if not url.startswith((own, "data:"))] == []


def test_without_a_graded_class_or_a_free_port_a_sentence_says_so(build, tmp_path):
    with pytest.raises(formgrader.NotOpened, match="course grade FOLDER"):
        formgrader.serve(tmp_path / "elsewhere")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(formgrader.NotOpened, match="another one with --port"):
            formgrader.serve(build, port=other.getsockname()[1])


def test_a_server_that_ends_by_itself_is_said(build, monkeypatch):
    monkeypatch.setattr(formgrader.sys, "executable", shutil.which("false"))
    with pytest.raises(formgrader.NotOpened, match=r"formgrader\.log says why"):
        formgrader.serve(build, port=1, say=pytest.fail)
