"""Building a small book of its own: what runs again, what does not, and what a failure says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from jupyter_cache.executors.utils import ExecutionResult
from nbformat import NotebookNode

from coursekit import ROOT, jupyter_book
from coursekit.bench import book as bench
from coursekit.book import BookError, build
from coursekit.sphinx_ext import execution, library

PAGE = """---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
answers: what {title} & others ask
---

# {title}

Some prose.

```{{code-cell}}
{code}
```
"""
CONFIG = """
title: Small
author: nobody
copyright: "2026"
only_build_toc_files: true
execute: {execute_notebooks: cache, run_in_temp: false, show_tb: true}
bibtex_bibfiles: [references.bib]
sphinx:
  local_extensions: {coursekit.sphinx_ext: lib}
  config: {bibtex_reference_style: author_year, course_warm_kernels: false}
"""
TOC = """
format: jb-book
root: index
chapters: [{file: uses_a}, {file: uses_b}, {file: bibliography}]
"""
FACTS = """
one: {value: 1234567, unit: pixels, conditions: "here & now", source: he2016}
claims:
  - {chapter: uses_a, claim: "It is *one*.", verdict: wrong, truth: "It is {fact}`one`.", by: source, source: he2016}
"""
BIBLIOGRAPHY = "@misc{he2016, author = {He, K. and Zhang, X. and Ren, S.}, title = {Nets}, year = {2016}}"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of two pages with cells and one without, over a library of its own."""
    root = tmp_path_factory.mktemp("small")
    write(
        root,
        {
            "_config.yml": CONFIG,
            "lib/dlarch/__init__.py": "",
            "lib/dlarch/a.py": "from .parts import deep\nNAME = 'a' + deep.NAME\n",
            # Takes long enough for the clock of processors, which ticks a hundred times a second.
            "lib/dlarch/b.py": "NAME = 'b' if sum(range(5_000_000)) else ''\n",
            "lib/dlarch/parts/__init__.py": "",
            "lib/dlarch/parts/deep.py": "NAME = 'deep'\n",
            "book/_toc.yml": TOC,
            "book/index.md": "# Small\n",
            "book/facts.yml": FACTS,
            "book/references.bib": BIBLIOGRAPHY,
            "book/uses_a.md": PAGE.format(title="A", code="from dlarch.a import NAME\nprint('name', NAME)"),
            "book/uses_b.md": PAGE.format(title="B", code="import dlarch.b\nprint('name', dlarch.b.NAME)"),
            "book/bibliography.md": "# Sources\n\n```{bibliography}\n```\n",
            **{f"book/{name}.md": f"# {name}\n" for name in ("glossary", "notation")},
        },
    )
    return root


@pytest.fixture(scope="module")
def built(root: Path) -> Iterator[Path]:
    """The book, built once. Builds and their kernels see the small library; a test leaves pages that can be built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(root / "lib"), str(ROOT / "lib")]))
        build(root=root, say=lambda _: None)
        yield root


def pages_run(root: Path, **options: object) -> set[str]:
    """Build, and return the pages whose cells were run."""
    told: list[str] = []
    build(root=root, say=told.append, **options)
    return {line.split()[4] for line in told if line.startswith("Running the cells of")}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def html(root: Path, page: str) -> str:
    return (root / "_build" / "html" / f"{page}.html").read_text(encoding="utf-8")


def test_the_boxes_at_the_foot_tell_which_trouble_the_neighbours_answer(built: Path):
    before, after = html(built, "index"), html(built, "bibliography")
    assert [page.count("It answers: what A &amp; others ask") for page in (before, after)] == [1, 0]
    assert [page.count("It answers: what B &amp; others ask") for page in (before, after)] == [0, 1]


def test_a_build_without_changes_runs_nothing(built: Path):
    assert pages_run(built) == set()


def test_a_changed_module_runs_exactly_the_pages_that_import_it(built: Path):
    edit(built / "lib/dlarch/b.py", "'b'", "'bee'")
    assert pages_run(built) == {"uses_b"}
    assert "name bee" in html(built, "uses_b")


def test_a_changed_module_that_is_imported_by_another_counts_too(built: Path):
    edit(built / "lib/dlarch/parts/deep.py", "'deep'", "'deeper'")
    assert pages_run(built) == {"uses_a"}
    assert "name adeeper" in html(built, "uses_a")


def test_a_module_that_changes_back_needs_no_second_run(built: Path):
    edit(built / "lib/dlarch/b.py", "NAME", "OTHER = 1\nNAME")
    assert pages_run(built) == {"uses_b"}
    edit(built / "lib/dlarch/b.py", "OTHER = 1\nNAME", "NAME")
    assert pages_run(built) == set()


def test_a_change_of_the_prose_runs_nothing_and_shows(built: Path):
    edit(built / "book/uses_a.md", "Some prose.", "Other prose.")
    assert pages_run(built) == set()
    assert "Other prose." in html(built, "uses_a")


def test_the_hidden_cell_is_not_on_the_page(built: Path):
    assert "The code behind this page" not in html(built, "uses_a")


def test_a_cell_that_fails_ends_the_build_with_its_traceback_every_time(built: Path):
    edit(built / "book/uses_b.md", "import dlarch.b", "import dlarch.b\n1 / 0")
    messages = []
    for _ in range(2):
        with pytest.raises(BookError) as caught:
            pages_run(built)
        messages.append(str(caught.value))
    edit(built / "book/uses_b.md", "import dlarch.b\n1 / 0", "import dlarch.b")
    assert all("book/uses_b.md" in message and "ZeroDivisionError" in message for message in messages)
    assert all("nbclient/client.py" not in message for message in messages)
    assert pages_run(built) == set()


MEETING = """import time, pathlib
pathlib.Path("{mine}").touch()
for _ in range(600):
    if pathlib.Path("{other}").exists():
        break
    time.sleep(0.1)
else:
    raise TimeoutError("the other page is not running")
"""


def test_pages_run_side_by_side(built: Path):
    for page, mine, other in (("uses_a", "one", "two"), ("uses_b", "two", "one")):
        edit(built / f"book/{page}.md", "print(", MEETING.format(mine=mine, other=other) + "print(")
    assert pages_run(built) == {"uses_a", "uses_b"}


def test_kernels_start_ahead_and_no_more_pages_run_at_once_than_there_are_processors(monkeypatch: pytest.MonkeyPatch):
    started, running, most = [], [], []

    def run(notebook: NotebookNode, *, on_notebook_start: object, **_: object) -> ExecutionResult:
        started.append(notebook)
        on_notebook_start(notebook=notebook)
        running.append(notebook)
        most.append((len(started), len(running)))
        time.sleep(0.05)
        running.remove(notebook)
        return ExecutionResult(notebook, "", time=0.0)

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(execution, "single_nb_execution", run)
    ahead = execution.Ahead()
    pages = [execution.Page(name, Path(name), NotebookNode(name=name), 1.0, Future()) for name in "abcdefgh"]
    ahead._waiting.extend(pages)
    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(ahead._work, timeout=None)
    elapsed = time.monotonic() - start
    assert [page.done.result().nb.name for page in pages] == list("abcdefgh")
    assert max(number for _, number in most) == 2
    assert max(begun - i for i, (begun, _) in enumerate(most)) > 2  # i pages had their turn before
    assert 8 * 0.05 <= sum(page.done.result().time for page in pages) < 2.2 * elapsed  # without the waits for a turn


@pytest.mark.parametrize(
    ("settings", "built_before", "begun"),
    [
        ("", False, True),
        ("  config: {other: 1}", False, True),
        ("  config: {course_warm_kernels: false}", False, False),
        ("  config: {course_run_ahead: false}", False, False),
        ("", True, False),  # then it may be that nothing has to run
    ],
)
def test_kernels_get_warm_before_jupyter_book_is_imported_where_all_pages_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, built_before: bool, begun: bool
):
    happened = []
    monkeypatch.setattr(jupyter_book.Unsealed, "begin", lambda *modules: happened.append("warm"))
    command = SimpleNamespace(main=lambda arguments: happened.append(arguments[0]))
    for module in ("jupyter_book", "jupyter_book.cli", "jupyter_book.cli.main"):
        monkeypatch.setitem(sys.modules, module, command)
    monkeypatch.setattr(jupyter_book.gc, "disable", lambda: None)
    monkeypatch.setattr(jupyter_book.atexit, "register", lambda function: None)
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    write(tmp_path, {"_config.yml": f"sphinx:\n  local_extensions: {{}}\n{settings}\n"})
    if built_before:
        write(tmp_path, {"_build/.doctrees/environment.pickle": ""})
    jupyter_book.main(["build", "--path-output", str(tmp_path), "--config", str(tmp_path / "_config.yml")])
    assert happened == (["warm", "build"] if begun else ["build"])


@pytest.fixture
def warm(built: Path) -> Iterator[Path]:
    """The same book on warm kernels, which take longer to be ready than these pages take."""
    edit(built / "_config.yml", "course_warm_kernels: false", "course_warm_kernels: true")
    yield built
    edit(built / "_config.yml", "course_warm_kernels: true", "course_warm_kernels: false")


def test_a_book_on_warm_kernels_shows_what_one_built_by_jupyter_book_alone_shows(built: Path):
    found = bench.run(root=built, changed="lib/dlarch/b.py")
    assert found["differences"] == []
    assert found["compared_cells"] >= 4
    runs = [found[side]["pages_run"] for side in ("plain", "ours", "nothing_changed", "one_module_changed")]
    assert runs == [2, 2, 0, 1]
    assert {cell["page"] for cell in found["slowest_cells"]} == {"uses_a", "uses_b"}
    assert 0 < found["cells_seconds"] < found["ours"]["cpu_seconds"]


def test_a_difference_between_two_books_is_found(built: Path):
    one, other = ({"key": bench.read_myst_markdown_notebook(PAGE.format(title="A", code="1"))} for _ in range(2))
    for notebook, shown in ((one, "loss 0.50\nit took 3 s"), (other, "loss 0.51\nit took 4 s")):
        notebook["key"].cells[-1].outputs = [bench.NotebookNode(output_type="stream", name="stdout", text=shown)]
    (difference,) = bench.differences(one, other)
    assert "loss 0.50" in difference
    assert "took" not in difference


def test_what_is_printed_in_two_pieces_is_the_same_as_in_one():
    one, other = ({"key": bench.read_myst_markdown_notebook(PAGE.format(title="A", code="1"))} for _ in range(2))
    for notebook, pieces in ((one, ["a\nb\n"]), (other, ["a\n", "b\n"])):
        notebook["key"].cells[-1].outputs = [
            bench.NotebookNode(output_type="stream", name="stdout", text=text) for text in pieces
        ]
    assert list(bench.differences(one, other)) == []


def test_widgets_under_other_random_names_are_the_same_and_in_another_state_are_not():
    def notebook(name: str, x: int) -> dict[str, bench.NotebookNode]:
        states = {name: {"state": {"x": x, "layout": f"IPY_MODEL_{name[::-1]}"}}, name[::-1]: {"state": {}}}
        found = bench.read_myst_markdown_notebook(PAGE.format(title="A", code="1"))
        found.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": states}}
        return {"key": found}

    one, other = "0123456789abcdef" * 2, "fdb97531eca86420" * 2
    assert list(bench.differences(notebook(one, 1), notebook(other, 1))) == []
    assert len(list(bench.differences(notebook(one, 1), notebook(other, 2)))) == 1


def test_where_no_process_can_be_forked_pages_run_cold_and_the_build_says_why(warm: Path, tmp_path: Path):
    told: list[str] = []
    write(warm, {"lib/anywidget.py": "raise SystemExit('no forks today')"})
    build(root=warm, out=tmp_path, only="uses_b", say=told.append)
    (warm / "lib/anywidget.py").unlink()
    assert [line for line in told if "cold" in line] == ["Kernels start cold, which takes longer: no forks today"]
    assert "name b" in (tmp_path / "_build/html/uses_b.html").read_text(encoding="utf-8")


def test_nothing_runs_on_when_a_build_is_ended_by_ctrl_c(warm: Path, tmp_path: Path):
    code = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\nprint("
    edit(warm / "book/uses_b.md", "print(", code)
    program = f"from coursekit.book import build\nbuild(root={str(warm)!r}, out={str(tmp_path)!r}, only='uses_b')"
    with subprocess.Popen([sys.executable, "-c", program], start_new_session=True, stderr=subprocess.DEVNULL) as driver:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert driver.poll() is None
            time.sleep(0.1)
        processes = psutil.Process(driver.pid).children(recursive=True)
        os.killpg(driver.pid, signal.SIGINT)
    edit(warm / "book/uses_b.md", code, "print(")
    assert int((tmp_path / "pid").read_text()) in {process.pid for process in processes}
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive


def test_facts_are_printed_with_conditions_and_source(built: Path):
    edit(built / "book/uses_a.md", "prose.", "prose {fact}`one` {fact}`one:value`.\n\n```{claims} uses_a\n```\n")
    build(root=built, say=lambda _: None)
    page = html(built, "uses_a")
    hint = "here &amp; now; He et al. (2016)"
    assert f'<a class="fact" href="#fact-0" role="doc-noteref" title="{hint}">1,234,567\u00a0pixels</a>' in page
    assert f'id="fact-0" role="note" popover><strong>1,234,567\u00a0pixels</strong>: {hint}</span>' in page
    assert ">1,234,567</a>" in page
    assert page.count('id="fact-1"') == 1
    assert "✗ wrong" in page
    assert "It is <em>one</em>." in page


def test_claims_without_a_chapter_are_those_of_all_and_name_theirs(built: Path):
    edit(built / "book/index.md", "# Small\n", "# Small\n\n```{claims}\n```\n")
    build(root=built, say=lambda _: None)
    page = html(built, "index")
    edit(built / "book/index.md", "\n```{claims}\n```\n", "")
    assert "all-claims" in page
    assert '<span class="chapter">uses_a</span>' in page


def test_a_changed_bibliography_shows_where_it_is_cited(built: Path):
    edit(built / "book/uses_a.md", "# A", "# A {cite}`he2016`")
    build(root=built, say=lambda _: None)
    edit(built / "book/references.bib", "year = {2016}", "year = {2016b}")
    assert pages_run(built) == set()
    assert "2016b</a>" in html(built, "uses_a")


NOWHERE = {
    "{fact}`two`": "facts.yml has no fact 'two'; add the row or correct the key",
    "{fact}`one:unit`": "fact 'one' has no part 'unit'; write one or one:value",
    "```{claims} nowhere\n```": "facts.yml holds no claims of the chapter 'nowhere'",
    "```{exercise} nowhere\n```": "the exercise 'nowhere' lacks exercises/nowhere/nowhere.ipynb",
    "{hours}`nowhere`": "there is no chapter book/nowhere.md",
    "{hours}`uses_a`": "uses_a.md lacks the sentence 'Reading takes about N minutes'",
}


def test_marks_that_lead_nowhere_fail_the_build_and_say_why(built: Path):
    marks = "\n\n".join(NOWHERE)
    edit(built / "book/index.md", "# Small\n", f"# Small\n\n{marks}\n")
    with pytest.raises(BookError) as caught:
        build(root=built, say=lambda _: None)
    edit(built / "book/index.md", f"\n\n{marks}\n", "\n")
    at = zip((3, 5, 7, 10, 13, 15), NOWHERE.values(), strict=True)
    expected = [f"book/index.md:{line}: WARNING: {answer}" for line, answer in at]
    assert [line for line in expected if line not in str(caught.value)] == []


def test_one_page_is_built_alone(built: Path, tmp_path: Path):
    assert pages_run(built, only="uses_b", out=tmp_path) == {"uses_b"}
    built_pages = {path.stem for path in (tmp_path / "_build" / "html").glob("*.html")}
    assert "uses_b" in built_pages
    assert "uses_a" not in built_pages


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": "uses_b"}, "needs a folder of its own"),
        ({"only": "uses_c", "out": "."}, "expected the page book/uses_c.md"),
        ({"root": "/nowhere"}, "expected _config.yml in /nowhere"),
    ],
)
def test_what_cannot_be_built_is_refused_in_a_sentence(root: Path, tmp_path: Path, options: dict, message: str):
    options = {"root": root, **options, **({"out": tmp_path} if "out" in options else {})}
    with pytest.raises(BookError, match=message):
        build(**options)


# --- what a page rests on ---


def rests_on(root: Path, code: str) -> set[str]:
    package = root / "lib" / "dlarch"
    return {path.relative_to(package).as_posix() for path in library.closure([code], package)}


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import torch", set()),
        ("import dlarch", {"__init__.py"}),
        ("from dlarch import b", {"__init__.py", "b.py"}),
        ("from dlarch.b import NAME", {"__init__.py", "b.py"}),
        ("%time import dlarch.b as x", {"__init__.py", "b.py"}),
        ("%%time\nimport dlarch.b", {"__init__.py", "b.py"}),
        ("def f():\n    import dlarch.b", {"__init__.py", "b.py"}),
        ("from dlarch.a import NAME", {"__init__.py", "a.py", "parts/__init__.py", "parts/deep.py"}),
        ("from dlarch.parts.deep import *", {"__init__.py", "parts/__init__.py", "parts/deep.py"}),
        ("this is no python", set()),
    ],
)
def test_a_page_rests_on_what_its_cells_import(root: Path, code: str, modules: set[str]):
    assert rests_on(root, code) == modules


def test_a_script_beside_a_module_belongs_to_it(tmp_path: Path):
    names = ("__init__.py", "base.js", "one.py", "one.js", "two.py", "two.js")
    write(tmp_path / "lib/dlarch", {"__init__.py": "", **{f"play/{name}": "" for name in names}})
    found = rests_on(tmp_path, "from dlarch.play.one import One")
    assert found == {"__init__.py", "play/__init__.py", "play/base.js", "play/one.py", "play/one.js"}


def test_a_recorded_run_that_a_cell_reads_counts(tmp_path: Path):
    write(tmp_path / "book", {"recorded/one.json": "1", "recorded/two.json": "2", "facts.yml": ""})
    found = library.named_files(["open('../recorded/one.json')"], tmp_path / "book")
    assert {path.name for path in found} == {"one.json"}


def test_a_page_without_cells_has_no_digest(root: Path):
    assert library.digest("# Words\n", root / "book", root / "lib/dlarch") == ""
