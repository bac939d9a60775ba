"""The figure of the chapter on uncertainty in an empty page: its bands against the library's."""

from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page
from torch import nn

from dlarch.play.bayes import POINTS, WAYS, Bands, bumps, limit
from dlarch.practice.bayes import MCDropout


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Bands(place=0.3)) as page:
        yield page


def told(way: str, known: list[list[float]], place: float) -> str:
    points = torch.tensor(known, dtype=torch.float64).reshape(-1, 2)
    words = []
    for name in (way, WAYS[0]):  # the second is exact
        mean, variance = limit(name, bumps(points[:, 0]), points[:, 1]).predict(bumps(torch.tensor([place]).double()))
        words.append(f"{mean.item():.2f} ± {2 * variance.clamp(min=0).sqrt().item():.2f}")
    return f"At x = {place:.2f}: {words[0]}; exact {words[1]}".replace("-", "−")


def test_every_band_is_the_librarys_with_all_points_some_and_none(page: Page):
    for way in WAYS:
        page.get_by_label("Band of").select_option(way)
        page.get_by_role("button", name="All on").press("Enter")
        assert page.text_content(".play-readout") == told(way, POINTS, 0.3)
        page.get_by_role("slider", name="Point").fill("6")
        page.get_by_role("button", name="Switch this point").press("Enter")
        assert page.text_content(".play-readout") == told(way, POINTS[:5] + POINTS[6:], 0.3)
        page.get_by_role("button", name="All off").press("Enter")
        assert page.text_content(".play-readout") == told(way, [], 0.3)


def test_a_click_switches_a_point_and_the_description_follows(page: Page):
    assert "with 8 of 8 points" in page.get_attribute(".play-picture", "aria-label")
    page.locator(".play-picture circle.play-b").nth(2).click()
    assert "with 7 of 8 points" in page.get_attribute(".play-picture", "aria-label")
    page.get_by_role("slider", name="Read at x").fill("-1")
    expected = told(WAYS[0], POINTS[:2] + POINTS[3:], -1.0)
    assert page.text_content(".play-readout") == expected


def test_dropout_on_fixed_features_draws_the_band_that_its_limit_says():
    points = torch.tensor(POINTS)
    belief = limit("MC dropout", bumps(points[:, 0]), points[:, 1])
    line = nn.Linear(13, 1, bias=False)
    line.weight.data = belief.mean[None]
    x = bumps(torch.linspace(-3, 3, 5))
    torch.manual_seed(0)
    outputs = MCDropout(nn.Sequential(nn.Dropout(0.1), line), samples=10_000)(x)[..., 0]
    mean, variance = belief.predict(x)
    torch.testing.assert_close(outputs.mean(dim=0), mean, rtol=0, atol=0.02)
    torch.testing.assert_close(outputs.std(dim=0), variance.sqrt(), rtol=0.05, atol=0.0)


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="way must be one of"):
        limit("guessing", torch.ones(1, 13), torch.ones(1))
