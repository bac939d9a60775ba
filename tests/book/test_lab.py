"""A student's JupyterLab in Chromium: a figure that moves, and an exercise that is done, wrong first and then right."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from coursekit import ROOT, exercise, release

# Long notebooks are drawn whole, so that every output can be read; no question about news.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the student works: the released exercises, and a notebook with an interactive figure."""
    folder = tmp_path_factory.mktemp("lab")
    for name in exercise.names():
        shutil.copytree(ROOT / "exercises" / name, folder / name)
    cell = nbformat.v4.new_code_cell("from dlarch.play.linear import Boundary\n\nBoundary()")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "figure.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of its own, which is stopped in the end, its kernels first."""
    home = tmp_path_factory.mktemp("home")
    for name, content in SETTINGS.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    names |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython"}
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    environment |= {key: str(home / name) for key, name in names.items()} | {"OMP_NUM_THREADS": "1"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
    }
    command = [sys.executable, "-m", "jupyter", "lab", *(f"--{key}={value}" for key, value in options.items())]
    address = f"http://127.0.0.1:{port}"
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
        try:
            _wait_for(f"{address}/api/status", server, home / "log")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()  # its kernels notice and end by themselves


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    """A tab that fails the test when it asks another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=lab)
    page = context.new_page()
    page.set_default_timeout(60_000)
    foreign: list[str] = []
    allowed = (lab, lab.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(allowed) else foreign.append(request.url))
    yield page
    context.close()
    assert foreign == []


def open_notebook(page: Page, path: str) -> None:
    page.goto(f"/lab/workspaces/{Path(path).stem}/tree/{path}")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    # The mark in the toolbar is idle before there is a kernel; the line at the bottom names the one that listens.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()


def write(page: Page, index: int, text: str) -> None:
    """Replace the text of a cell, as typing would."""
    editor = page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def choose(page: Page, menu: str, item: str) -> None:
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def restart_and_run_all(page: Page) -> None:
    choose(page, "Edit", "Clear Outputs of All Cells")
    choose(page, "Kernel", "Restart Kernel and Run All Cells…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()


def wait_until_all_ran(page: Page) -> None:
    """Wait until every code cell carries the number of its run."""
    prompts = ".jp-CodeCell .jp-InputPrompt"
    page.wait_for_function(
        "prompts => [...document.querySelectorAll(prompts)].every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))",
        arg=prompts,
    )


def places(folder: Path, name: str) -> dict[str, int]:
    """Where each cell of an exercise stands."""
    cells = nbformat.read(folder / name / f"{name}.ipynb", as_version=4).cells
    return {cell.metadata.nbgrader.grade_id: index for index, cell in enumerate(cells)}


def visible_mistake(source: exercise.Exercise) -> tuple[exercise.Alternative, str]:
    """The first misconception that a student's own check names, and that check."""
    tasks = release.load_bundle(source.name).tasks
    return next(
        (wrong, task.name)
        for wrong in source.misconceptions
        for task in tasks
        for probe in task.probes
        if task.answer == wrong.answer and not probe.hidden and wrong.slug in probe.signatures
    )


def output(page: Page, index: int) -> str:
    """What stands under a cell."""
    return page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-OutputArea-output").first.inner_text()


def test_a_figure_moves_by_keyboard_in_jupyterlab(page: Page):
    open_notebook(page, "figure.ipynb")
    choose(page, "Run", "Run All Cells")
    wait_until_all_ran(page)
    slider = page.locator(".jp-OutputArea input[type=range]").first
    picture = page.locator(".jp-OutputArea svg.play-picture")
    before, told, value = picture.screenshot(), picture.get_attribute("aria-label"), float(slider.input_value())
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) > value
    assert picture.screenshot() != before
    assert picture.get_attribute("aria-label") != told


def test_an_exercise_names_the_mistake_and_then_gives_full_marks(page: Page, folder: Path):
    linear, place = exercise.load("linear"), places(folder, "linear")
    wrong, checked = visible_mistake(linear)

    open_notebook(page, "linear/linear.ipynb")
    write(page, place[f"answer-{wrong.answer}"], wrong.source)
    choose(page, "Run", "Run All Cells")
    wait_until_all_ran(page)
    assert wrong.says.split(":")[0] in output(page, place[f"check-{checked}"])

    for name, text in linear.answers.items():
        write(page, place[f"answer-{name}"], text)
    restart_and_run_all(page)
    wait_until_all_ran(page)
    told = {check.name: output(page, place[f"check-{check.name}"]) for check in linear.checks}
    assert {name: text for name, text in told.items() if not text.startswith("✓")} == {}


@pytest.mark.parametrize("name", exercise.names())
def test_every_exercise_names_a_mistake_among_right_answers(page: Page, folder: Path, name: str):
    source, place = exercise.load(name), places(folder, name)
    wrong, checked = visible_mistake(source)

    open_notebook(page, f"{name}/{name}.ipynb")
    for answer, text in {**source.answers, wrong.answer: wrong.source}.items():
        write(page, place[f"answer-{answer}"], text)
    choose(page, "Run", "Run All Cells")
    wait_until_all_ran(page)
    assert wrong.says.split(":")[0] in output(page, place[f"check-{checked}"])
    others = [check.name for check in source.checks if check.answer != wrong.answer]
    told = {name: output(page, place[f"check-{name}"]) for name in others}
    assert {name: text for name, text in told.items() if not text.startswith("✓")} == {}
