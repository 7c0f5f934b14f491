"""A generator that travels draws on where it was, and is shown by the code that makes it."""

import copy

import numpy as np
import pytest
import torch

from grader.toolkit.generators import code_of, generator_of, state_of


@pytest.mark.parametrize("draws", [0, 1, 2, 1001])
def test_a_generator_of_numpy_goes_on_in_the_same_state(draws):
    mine = np.random.default_rng(7)
    mine.integers(0, 10, draws, dtype=np.uint32)  # an odd number leaves half a draw
    twin = generator_of(state_of(mine))
    assert code_of(twin) == code_of(mine)
    for method in ("random", "normal"):
        assert np.array_equal(getattr(mine, method)(size=5), getattr(twin, method)(size=5))
    assert np.array_equal(mine.integers(0, 9, 5, dtype=np.uint32), twin.integers(0, 9, 5, dtype=np.uint32))
    assert [child.random() for child in mine.spawn(2)] == [child.random() for child in twin.spawn(2)]


def test_a_generator_of_torch_does_too():
    mine = torch.Generator().manual_seed(7)
    torch.rand(5, generator=mine)
    twin = generator_of(state_of(mine))
    assert torch.equal(torch.rand(5, generator=mine), torch.rand(5, generator=twin))


def test_a_generator_is_shown_by_the_code_that_makes_it():
    fresh = np.random.default_rng(7)
    assert code_of(fresh) == code_of(copy.deepcopy(fresh)) == "np.random.default_rng(7)"
    fresh.random()
    assert code_of(fresh) == "np.random.default_rng(7), after some draws"
    assert code_of(np.random.default_rng()) == "a random generator of numpy"
    assert code_of(generator_of(state_of(np.random.default_rng()))) == "a random generator of numpy"


def test_a_generator_of_another_kind_is_refused_with_what_to_do():
    with pytest.raises(
        TypeError, match=r"MT19937 cannot be passed to a submission: use np\.random\.default_rng\(seed\)"
    ):
        state_of(np.random.Generator(np.random.MT19937(0)))
