"""What cells of the book say from their numbers."""

import pytest
import torch
from torch import nn

from dlarch import page


@pytest.fixture
def shown(monkeypatch):
    said = []
    monkeypatch.setattr(page, "display", lambda text: said.append(text.data))
    return said


def test_a_sentence_is_shown_as_markdown(shown):
    page.say("**three** of four")
    assert shown == ["**three** of four"]


def test_a_sentence_has_a_true_minus_and_a_percent_sign_that_stays_with_its_number(shown):
    page.say("From **-0.5** (-1 to 2) to 12.5% or 13 %, 3-4 of `[-1.0, 5%]` and $-2$.")
    assert shown == ["From **−0.5** (−1 to 2) to 12.5\xa0% or 13\xa0%, 3-4 of `[-1.0, 5%]` and $-2$."]


def test_a_spread_gives_mean_lowest_and_highest():
    assert page.spread([1.0, 2.0, 6.0]) == "3.0 (1.0 to 6.0)"
    assert page.spread(torch.tensor([0.5, 0.25]), ".1%") == "37.5% (25.0% to 50.0%)"
    assert page.spread([-1.0, 2.0]) == "0.5 (−1.0 to 2.0)"
    with pytest.raises(ValueError, match="at least one"):
        page.spread([])


def test_a_table_keeps_names_left_and_numbers_right(shown):
    page.table(["model", "parameters"], [["line", 12345], ["stack", "many"]])
    assert shown == ["| model | parameters |\n| --- | --: |\n| line | 12,345 |\n| stack | many |"]
    with pytest.raises(ValueError, match="needs 2 entries"):
        page.table(["model", "parameters"], [["line"]])


def test_the_cost_of_a_linear_layer_is_its_matrix_and_its_input(shown):
    page.cost({"layer": (nn.Linear(64, 10), torch.randn(898, 64)[:1])})
    assert shown[0].splitlines()[-1] == "| layer | 64 | 650 | 640 | 256 bytes |"


def test_large_costs_are_rounded(shown):
    with torch.device("meta"):
        page.cost({"wide": (nn.Sequential(nn.Linear(20_000, 20_000), nn.ReLU()), torch.empty(1, 300_000)[:, :20_000])})
    assert "| 400,020,000 | 0.40 G |" in shown[0]
