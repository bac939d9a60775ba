"""The figure of the chapter on NASNet in an empty page: cells and best so far against the library."""

from collections.abc import Iterator

import pytest
from browsing import alone
from playwright.sync_api import Browser, Page

from dlarch.play.nasnet import Search
from dlarch.vision.search import best_so_far, evolve, random_search
from dlarch.vision.search_space import OPERATIONS, SearchSpace

SPACE = SearchSpace()
TRIALS = 30


def reward(genotype: tuple[int, ...]) -> float:
    return 0.5 + sum(genotype) / 40


def tried() -> dict[str, list]:
    runs = {"chance": random_search(SPACE, reward, TRIALS, seed=1), "evolution": evolve(SPACE, reward, TRIALS)}
    return {
        name: [["".join(map(str, g)), r] for g, r in zip(run.genotypes, run.rewards, strict=True)]
        for name, run in runs.items()
    }


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    figure = Search(tried=tried(), operations=list(OPERATIONS), best=0.9, search="chance", step=5)
    with alone(browser, figure) as page:
        yield page


def test_each_trial_tells_its_cell_its_reward_and_the_best_so_far(page: Page):
    names = list(OPERATIONS)
    for search, trials in tried().items():
        page.get_by_label("Method", exact=True).select_option(search)
        seen = page.evaluate(
            """(trials) => Array.from({ length: trials }, (_, i) => {
            const slider = document.querySelector('.play-live input[type=range]');
            slider.value = i + 1;
            slider.dispatchEvent(new Event('input'));
            return [document.querySelector('.play-readout').textContent,
                    document.querySelector('.play-picture').getAttribute('aria-label')];
        })""",
            TRIALS,
        )
        best = best_so_far([r for _, r in trials])
        for number, (told, described) in enumerate(seen):
            cell, r = trials[number]
            genotype = tuple(map(int, cell))
            assert f"right on {100 * r:.1f}" in told
            assert f"Best so far {100 * best[number]:.1f}" in told
            assert f"regret {100 * (0.9 - best[number]):.1f} points" in told
            for block, pair in enumerate(SPACE.wiring(genotype), 1):
                parts = [f"{names[f]} {'of block 1' if i else 'of the input'}" for i, f in pair]
                assert f"Block {block} adds {' and '.join(parts)}." in described
            assert ("Both blocks leave" in described) == (SPACE.loose(genotype) == [1, 2])
            assert ("before" in described) == (cell in [c for c, _ in trials[:number]])


def test_buttons_and_keys_move_the_trial_and_every_control_is_named(page: Page):
    def trial() -> int:
        return int(page.get_by_role("slider", name="Trial").input_value())

    page.get_by_role("button", name="Next", exact=True).press("Enter")
    assert trial() == 6
    page.get_by_role("button", name="Back").press("Enter")
    assert trial() == 5
    page.get_by_role("slider", name="Trial").fill("1")
    rewards = [r for _, r in tried()["chance"]]
    page.get_by_role("button", name="Next better").press("Enter")
    assert trial() == next(i for i, r in enumerate(rewards) if r > rewards[0]) + 1
    before = page.get_attribute(".play-picture", "aria-label")
    page.get_by_label("Method", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("slider", name="Trial").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".play-picture", "aria-label") != before


def test_nothing_is_drawn_outside_the_picture(page: Page):
    page.get_by_role("slider", name="Trial").fill(str(TRIALS))
    outside = page.evaluate("""() => {
        const frame = document.querySelector('.play-picture').viewBox.baseVal;
        const marks = document.querySelectorAll('.play-picture rect, .play-picture text, .play-picture circle');
        return [...marks].filter((mark) => {
            const box = mark.getBBox();
            return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
        }).map((mark) => mark.outerHTML);
    }""")
    assert outside == []
