"""Every link inside the book leads somewhere, and the search finds what the pages say."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from browsing import Visit, chapters, listed_pages
from bs4 import BeautifulSoup

from coursekit import ROOT


@cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(tag["id"] for tag in soup(path).find_all(id=True))


@pytest.mark.parametrize("name", listed_pages())
def test_every_link_inside_the_book_has_a_goal(html: Path, name: str):
    page = html / f"{name}.html"
    broken = []
    for tag in soup(page).find_all(["a", "link", "script", "img"]):
        address = tag.get("href") or tag.get("src") or ""
        if address.startswith(("http:", "https:", "data:", "mailto:", "javascript:")) or address in ("", "#"):
            continue
        place, anchor = urldefrag(address)
        goal = (page.parent / unquote(place.split("?")[0])).resolve() if place else page
        if goal.is_dir():
            goal = goal / "index.html"
        if not goal.is_file():
            broken.append(f"{address}: no such file")
        elif anchor and goal.suffix == ".html" and unquote(anchor) not in anchors(goal):
            broken.append(f"{address}: no such place on that page")
    assert broken == []


@pytest.mark.parametrize("name", listed_pages())
def test_no_page_names_a_host_to_load_something_from(html: Path, name: str):
    loaded = [
        tag.get("src") or tag.get("href") for tag in soup(html / f"{name}.html").find_all(["script", "link", "img"])
    ]
    assert [url for url in loaded if url and url.startswith(("http:", "https:", "//"))] == []


@pytest.mark.parametrize("name", chapters())
def test_a_chapter_leads_to_its_notebook_and_its_keys(html: Path, name: str):
    word = name.split("/")[-1]
    links = [tag["href"].split("/")[-1] for tag in soup(html / f"{name}.html").select(".exercise-card a.download")]
    assert links == ([f"{word}.ipynb", "checks.json"] if (ROOT / "solutions" / word).is_dir() else [])


def test_the_search_finds_the_chapter_that_explains_softmax(opened: Callable[..., Visit]):
    page = opened("search", query="?q=softmax").page
    page.wait_for_selector("#search-results li a")
    assert "linear.html" in " ".join(page.eval_on_selector_all("#search-results li a", "all => all.map((a) => a.href)"))


def test_the_search_says_so_when_it_finds_nothing(opened: Callable[..., Visit]):
    page = opened("search", query="?q=zyzzyva").page
    page.wait_for_function("document.querySelector('#search-results p')?.textContent.includes('did not match')")
