"""The small space of cells: its size, its equal spellings, and the child networks."""

from itertools import permutations
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from dlarch import data
from dlarch.training import fit
from dlarch.vision.search_space import OPERATIONS, Cell, Child, SearchSpace

SPACE = SearchSpace()
GENOTYPES = st.tuples(*[st.integers(0, n - 1) for n in SPACE.choices])


def test_the_default_space_has_1024_genotypes_of_315_cells():
    genotypes = list(SPACE.genotypes())
    assert SPACE.choices == (1, 1, 4, 4, 2, 2, 4, 4)
    assert len(genotypes) == len(set(genotypes)) == SPACE.size == 1024
    cells = {SPACE.canonical(genotype) for genotype in genotypes}
    # Ten unordered pairs of four operations, 36 of eight (input, operation) pairs; where the second block does not
    # read the first, the two blocks may change places as well.
    assert len(cells) == 10 * 36 - 10 * 10 + 10 * 11 // 2 == 315


def test_a_cell_of_the_paper_without_its_joins_has_this_many_spellings():
    space = SearchSpace(blocks=5, inputs=2, operations=13)
    assert space.size == (2 * 3 * 4 * 5 * 6) ** 2 * 13**10
    assert len(space.choices) == 20


@given(GENOTYPES)
def test_the_first_spelling_is_a_spelling_of_itself_and_never_later(genotype):
    first = SPACE.canonical(genotype)
    assert SPACE.canonical(first) == first
    assert first <= genotype


@given(GENOTYPES, st.booleans(), st.booleans())
def test_the_two_parts_of_a_sum_may_change_places(genotype, first: bool, second: bool):
    swapped = list(genotype)
    for block, swap in enumerate((first, second)):
        if swap:
            i = 4 * block
            swapped[i : i + 4] = [swapped[i + 1], swapped[i], swapped[i + 3], swapped[i + 2]]
    assert SPACE.canonical(tuple(swapped)) == SPACE.canonical(genotype)


def test_three_blocks_that_do_not_read_each_other_are_one_cell_in_any_order():
    space = SearchSpace(blocks=3, operations=2)
    blocks = [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 1)]
    cells = {space.canonical(tuple(a for block in order for a in block)) for order in permutations(blocks)}
    assert len(cells) == 1


def test_a_block_that_reads_another_stays_behind_it():
    genotype = (0, 0, 3, 3, 1, 1, 0, 0)
    assert SPACE.canonical(genotype) == genotype
    assert SPACE.loose(genotype) == [2]
    assert SPACE.loose((0, 0, 3, 3, 0, 0, 0, 0)) == [1, 2]


@given(GENOTYPES, st.integers(0, 99))
def test_a_mutation_changes_one_action_to_another_option(genotype, seed: int):
    mutant = SPACE.mutate(genotype, Random(seed))
    SPACE.wiring(mutant)  # belongs to the space
    assert sum(a != b for a, b in zip(mutant, genotype, strict=True)) == 1


def test_sampling_draws_every_option():
    drawn = [SPACE.sample(Random(seed)) for seed in range(200)]
    assert all({g[a] for g in drawn} == set(range(n)) for a, n in enumerate(SPACE.choices))


# Children


def test_two_spellings_of_a_cell_compute_the_same_with_the_same_weights():
    ours, theirs = (0, 0, 1, 2, 0, 1, 3, 0), (0, 0, 2, 1, 1, 0, 0, 3)
    assert SPACE.canonical(ours) == SPACE.canonical(theirs)
    a, b = Cell(SPACE, ours, 3, 4).double(), Cell(SPACE, theirs, 3, 4).double()
    b.squeeze.load_state_dict(a.squeeze.state_dict())
    for i, j in enumerate((1, 0, 3, 2)):
        b.branches[j].load_state_dict(a.branches[i].state_dict())
    x = torch.rand(2, 3, 5, 6, dtype=torch.float64)
    assert_close(a(x), b(x))


def test_a_cell_adds_what_its_genotype_says_and_joins_what_is_loose():
    cell = Cell(SPACE, (0, 0, 0, 1, 0, 0, 0, 0), 3, 4).eval()
    x = torch.rand(2, 3, 5, 6)
    h = cell.squeeze(x)
    expected = torch.cat([h + torch.nn.functional.max_pool2d(h, 3, 1, 1), 2 * h], dim=1)
    assert_close(cell(x), expected)


@given(GENOTYPES)
def test_a_child_scores_images_and_a_gradient_reaches_every_parameter(genotype):
    child = Child(SPACE, genotype, 5, channels=2)
    scores = child(torch.rand(2, 1, 4, 4))
    assert scores.shape == (2, 5)
    scores.square().sum().backward()
    assert all(p.grad is not None for p in child.parameters())


def test_a_child_learns_eight_digits_by_heart():
    digits = data.digits()
    torch.manual_seed(0)
    child = Child(SPACE, (0, 0, 3, 3, 1, 1, 3, 3), 10)
    x, y = digits.x_train[:8], digits.y_train[:8]
    fit(child, (x, y), epochs=30, optimizer=torch.optim.Adam(child.parameters(), lr=0.04), device="cpu")
    child.train()
    assert (child(x).argmax(dim=1) == y).all()


# Errors


def test_a_space_without_blocks_is_refused():
    with pytest.raises(ValueError, match="must be at least 1"):
        SearchSpace(blocks=0)


@pytest.mark.parametrize("genotype", [(0,) * 7, (1,) + (0,) * 7, (0,) * 7 + (4,), (0, 0, -1, 0, 0, 0, 0, 0)])
def test_what_is_no_genotype_of_the_space_is_refused(genotype):
    with pytest.raises(ValueError, match="actions must lie below"):
        SPACE.wiring(genotype)


@pytest.mark.parametrize(
    ("space", "cells"), [(SPACE, 0), (SearchSpace(inputs=2), 1), (SearchSpace(operations=len(OPERATIONS) + 1), 1)]
)
def test_a_child_without_cells_or_of_another_space_is_refused(space: SearchSpace, cells: int):
    with pytest.raises(ValueError, match="needs cells of one input and 4 operations"):
        Child(space, (0,) * len(space.choices), 10, cells=cells)
