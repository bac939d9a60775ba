"""The pages in Chromium: what hostile text does there, and whether everybody can read them."""

import json
import shutil

import pytest
from browsing import AXE, DESKTOP, PHONE
from playwright.sync_api import sync_playwright

from coursekit.grading import overview, report
from coursekit.grading.report import Entry
from coursekit.grading.unit import Result, Written
from dlarch.check import Line, Verdict

HOSTILE = [
    "<script>alert(1)</script>",
    "</script></style></title></pre></textarea><script>alert(1)</script>",
    "<img src=x onerror=alert(1)><img src='http://127.0.0.1:9/a.png'>",
    "<svg/onload=alert(1)><svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data='http://127.0.0.1:9/b'></object>",
    "<a href='javascript:alert(1)' autofocus onfocus=alert(1)>x</a><details open ontoggle=alert(1)>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/c'><base href='http://127.0.0.1:9/'>",
    "<link rel=stylesheet href='http://127.0.0.1:9/d.css'><style>@import 'http://127.0.0.1:9/e.css'</style>",
    "[x](javascript:alert(1)) [y](<java\tscript:alert(1)>) [z][z]\n\n[z]: data:text/html,<script>alert(1)</script>",
    "![x](http://127.0.0.1:9/f.png) ![y](javascript:alert(1)) <javascript:alert(1)>",
    '" onmouseover=alert(1) x="',
    "{{ 7 * 7 }}{% raw %}${alert(1)}",
    "\u202e\ufeff\x00<\x00script>alert(1)</script>",
    "```html\n<script>alert(1)</script>\n```\n<!-- <script>alert(1)</script> -->\n<![CDATA[<script>]]>",
]
EVIL = "\n\n".join(HOSTILE)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>'
    '<image href="http://127.0.0.1:9/g.png"/><style>@import "http://127.0.0.1:9/h.css"</style></svg>'
)
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": EVIL},
    {"output_type": "error", "ename": EVIL, "evalue": EVIL, "traceback": [EVIL]},
    {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": SVG, "text/html": EVIL}},
    {"output_type": "display_data", "metadata": {}, "data": {"image/png": "x' onerror='alert(1)", "text/plain": EVIL}},
]


def hostile_entry(bundle):
    cells = json.loads(json.dumps(bundle.notebook["cells"]))
    for cell in cells:
        if cell["metadata"]["nbgrader"]["grade_id"].startswith("answer-"):
            cell |= {"source": EVIL, "outputs": OUTPUTS}
    own = {"metadata": {}, "source": EVIL, "outputs": OUTPUTS}
    cells += [{**own, "cell_type": kind, "id": f"added-{kind}"} for kind in ("code", "markdown")]
    lines = (Line(EVIL, EVIL, False, False, EVIL),)
    checks = tuple(
        Verdict(task.name, 0.0, task.points, "wrong", EVIL, EVIL, lines)
        if number % 2
        else Verdict(task.name, task.points, task.points, "right", "This is right.", None, lines)
        for number, task in enumerate(bundle.tasks)
    )
    notebook = {**bundle.notebook, "cells": cells}
    result = Result("sample", "tampered", checks, (Written("why", 1.0, EVIL),), (EVIL,), EVIL, 1.0, "k", notebook)
    return Entry(EVIL, result, {"why": None}, {"why": EVIL}, late="2 days", share=0.1)


@pytest.fixture(scope="module")
def pages(bundle, tmp_path_factory):
    """Addresses of the pages of a class whose only student sent nothing but hostile text."""
    folder = tmp_path_factory.mktemp("pages")
    entry = hostile_entry(bundle)
    texts = {
        "student.html": report.feedback(entry, bundle),
        "all.html": report.contents(EVIL, [entry], {"sample": EVIL}),
    }
    class_of_two = [entry, Entry("ada", entry.result, {"why": 1.0})]
    texts |= {page.name: page.make() for page in overview.pages(class_of_two, {"sample": EVIL}, EVIL)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: (folder / name).as_uri() for name in texts}


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is missing, without which no page can be tested; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def test_hostile_text_opens_no_dialog_runs_no_script_and_asks_no_host(browser, pages):
    assert list(pages) == ["student.html", "all.html", "index.html", "sample.html"]
    for address in pages.values():
        page = browser.new_page()
        dialogs, requests, errors = [], [], []
        page.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request, seen=requests: seen.append(request.url))
        page.on("console", lambda message, seen=errors: seen.append(message.text))
        page.goto(address)
        for folded in page.locator("summary").all():
            folded.click()
        page.mouse.move(200, 300)
        page.keyboard.press("Tab")
        page.wait_for_timeout(200)
        scripts = page.evaluate("[...document.scripts].map((script) => script.textContent.slice(0, 20))")
        links = page.evaluate("[...document.links].map((link) => link.protocol)")
        foreign = [url for url in requests if url != address and not url.startswith("data:image/")]
        assert (dialogs, foreign, errors, page.url) == ([], [], [], address)
        assert scripts == ([] if "student" in address or "all" in address else ['// Tables of class "'])
        assert set(links) <= {"file:", "http:", "https:"}
        page.close()


@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_everybody_can_read_the_pages(browser, pages, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for address in pages.values():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.add_script_tag(path=str(AXE))
        broken = page.evaluate("axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))")
        assert broken == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    context.close()


def test_the_table_sorts_and_finds_by_keyboard(browser, pages):
    page = browser.new_page()
    page.goto(pages["sample.html"])

    def names():
        return page.locator("table.sortable tbody tr:not([hidden]) th").all_inner_texts()

    before = names()
    head = page.locator("table.sortable th button", has_text="points")
    head.focus()
    page.keyboard.press("Enter")
    assert page.locator("table.sortable th[aria-sort=ascending]").inner_text() == "points"
    page.keyboard.press("Enter")
    assert page.locator("table.sortable th[aria-sort=descending]").inner_text() == "points"
    assert sorted(names()) == sorted(before)
    assert names()[0] == "ada"
    page.get_by_label("Find").fill("ada")
    assert names() == ["ada"]
    assert page.get_by_role("status").inner_text() == "1 of 2 rows"
    page.close()


def test_on_paper_all_is_open_and_dark_on_white(browser, pages):
    page = browser.new_page(color_scheme="dark")
    page.goto(pages["student.html"])
    folded = page.locator("details:not([open]) pre").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    colors = page.evaluate(
        "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    assert colors == ["rgb(28, 30, 33)", "rgb(255, 255, 255)"]
    page.close()
