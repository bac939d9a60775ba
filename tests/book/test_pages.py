"""Every page of the built book, opened in Chromium: on a phone and a desktop, in light and in dark."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import AXE, DESKTOP, PHONE, Visit, chapters, leave, listed_pages, visit
from playwright.sync_api import Browser, Page

VIEWS = [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]


@pytest.fixture(scope="module", params=listed_pages())
def page_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def seen(request: pytest.FixtureRequest, page_name: str, browser: Browser, site: str) -> Iterator[Visit]:
    width, scheme = request.param
    here = visit(browser, f"{site}{page_name}.html", width=width, scheme=scheme)
    yield here
    leave(here)


def test_exactly_the_pages_of_the_table_of_contents_are_built(html: Path):
    built = {path.relative_to(html).with_suffix("").as_posix() for path in html.rglob("*.html")}
    assert {name for name in built if not name.startswith("_static/")} == set(listed_pages())


def test_the_page_is_no_wider_than_the_screen(seen: Visit):
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= seen.page.viewport_size["width"]


def test_nothing_but_boxes_that_scroll_reaches_past_the_screen(seen: Visit):
    beyond = seen.page.evaluate(
        """() => [...document.querySelectorAll('.bd-article *')].filter((e) => {
            if (!e.checkVisibility() || e.getBoundingClientRect().right <= innerWidth + 1) return false;
            if (e.closest('mjx-assistive-mml, .visually-hidden')) return false;
            for (let p = e; p; p = p.parentElement)
              if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX) && p !== document.body
                  && p.getBoundingClientRect().right <= innerWidth + 1) return false;
            return true;
        }).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert beyond == []


def test_the_console_stays_silent(seen: Visit):
    assert seen.errors == []


def test_no_other_host_is_asked(seen: Visit, site: str):
    assert [url for url in seen.requests if not url.startswith((site, "data:", "blob:"))] == []


def test_everything_the_page_asks_for_is_there(seen: Visit):
    assert seen.failed == []


def test_every_image_has_a_description_that_is_no_file_name(seen: Visit):
    alts = seen.page.eval_on_selector_all("img", "images => images.map((image) => image.alt)")
    assert [alt for alt in alts if not alt.strip() or alt.endswith((".png", ".svg", ".jpg")) or "/" in alt] == []


def test_every_drawing_has_a_description(seen: Visit):
    drawings = ".bd-article :is(svg[role=img], canvas, .dlarch-figure svg, .play svg):not(svg svg)"
    names = seen.page.eval_on_selector_all(drawings, "all => all.map((e) => e.getAttribute('aria-label') || '')")
    assert [name for name in names if len(name) < 10] == []


def faults(page: Page) -> list[str]:
    """What axe finds in a page that is serious or worse."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    found = page.evaluate("(rules) => axe.run(document, rules)", rules)["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})" for rule in grave for node in rule["nodes"]
    ]


def test_axe_finds_nothing_serious(seen: Visit):
    assert faults(seen.page) == []


def test_the_page_also_works_from_a_folder(browser: Browser, html: Path, page_name: str):
    here = visit(browser, (html / f"{page_name}.html").as_uri())
    foreign = [url for url in here.requests if not url.startswith(("file:", "data:", "blob:"))]
    errors = here.errors
    leave(here)
    assert (errors, foreign) == ([], [])


def test_without_scripts_the_fallback_pictures_are_shown(browser: Browser, site: str, page_name: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{page_name}.html")
    shown = [picture.is_visible() for picture in page.locator(".play-fallback").all()]
    context.close()
    assert all(shown)


def test_in_print_the_fallback_takes_the_place_of_the_figure(opened: Callable[..., Visit], page_name: str):
    page = opened(page_name).page
    page.emulate_media(media="print")
    shown = [picture.is_visible() for picture in page.locator(".play-fallback").all()]
    live = [figure.is_visible() for figure in page.locator(".play-live").all()]
    assert all(shown)
    assert not any(live)


def test_the_footer_names_the_licences(seen: Visit):
    footer = seen.page.inner_text("footer.bd-footer-content")
    assert "MIT" in footer
    assert "CC BY 4.0" in footer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tap_on_a_number_of_the_ledger_shows_its_conditions_until_a_tap_elsewhere(
    opened: Callable[..., Visit], scheme: str
):
    page = opened("vision/nin", width=PHONE, scheme=scheme, has_touch=True).page
    number, note = page.locator("a.fact").first, page.locator(".fact-note").first
    number.tap()
    assert note.inner_text() == f"{number.inner_text()}: {number.get_attribute('title')}"
    box = note.bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE, box["y"] >= 0, box["y"] + box["height"] <= 900) == (
        True,
    ) * 4
    assert faults(page) == []
    page.locator(".bd-article h1").tap()
    assert not note.is_visible()


def test_the_note_of_a_number_opens_and_closes_by_keyboard(opened: Callable[..., Visit]):
    page = opened("vision/nin").page
    page.locator("a.fact").last.focus()
    page.keyboard.press("Enter")
    assert page.locator(".fact-note").last.is_visible()
    assert page.locator(".fact-note:popover-open").count() == 1
    page.keyboard.press("Escape")
    assert not page.locator(".fact-note").last.is_visible()


def test_without_scripts_a_number_leads_to_its_note(browser: Browser, site: str):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}vision/nin.html")
        page.locator("a.fact").first.click()
        assert [note.is_visible() for note in page.locator(".fact-note").all()[:2]] == [True, False]


@pytest.mark.parametrize("name", chapters())
def test_a_chapter_has_a_figure_to_move(opened: Callable[..., Visit], name: str):
    assert opened(name).page.locator(".play-ready, .claims-filter").count() >= 1


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", chapters())
def test_the_first_control_of_a_figure_changes_its_picture_by_keyboard(
    opened: Callable[..., Visit], name: str, width: int
):
    page = opened(name, width=width).page
    keys = {"input[type=range]": ["ArrowRight"] * 4, "input[type=checkbox]": ["Space"], "select": ["ArrowDown"]}
    for figure in page.locator(".play-live").all():
        kind = next(kind for kind in keys if figure.locator(kind).count())
        picture = figure.locator("svg, canvas").first
        before, told = picture.screenshot(), picture.get_attribute("aria-label")
        figure.locator(kind).first.focus()
        for key in keys[kind]:
            page.keyboard.press(key)
        assert picture.screenshot() != before
        assert picture.get_attribute("aria-label") != told


@pytest.mark.parametrize("name", chapters())
def test_every_control_of_a_figure_is_named(opened: Callable[..., Visit], name: str):
    page = opened(name).page
    unnamed = page.eval_on_selector_all(
        ".play-live :is(input, select, button)",
        "all => all.filter((e) => !(e.labels?.[0]?.textContent || e.textContent).trim()).map((e) => e.outerHTML)",
    )
    assert unnamed == []
