"""Equal up to rounding means a common digest; different means none in common."""

import math

import pytest
import torch

from grader.diagnosis.replay import CallResult
from grader.diagnosis.rounded_digests import digests_of, digests_of_features

PI = torch.tensor([math.pi, -1.0, 0.0, 1e-3], dtype=torch.float64)


def alike(one, other, single=False):
    return bool(digests_of(CallResult(one), single) & digests_of(CallResult(other), single))


@pytest.mark.parametrize("factor", [1 + 1e-12, 1 - 1e-12, 1 + 1e-9])
def test_rounding_changes_nothing(factor):
    generator = torch.Generator().manual_seed(0)
    for exponent in range(-20, 20):
        tensor = torch.randn(4, generator=generator, dtype=torch.float64) * 2.0**exponent
        assert alike(tensor, tensor * factor)
        assert alike(2.0**exponent, 2.0**exponent * factor)


def test_a_number_between_two_cells_has_the_digests_of_both():
    border = 0.5 / (1 << 16)  # where the largest number is 1
    tensor = torch.tensor([1.0, border], dtype=torch.float64)
    assert len(digests_of(CallResult(tensor), False)) == 2
    assert alike(tensor, tensor + torch.tensor([0, 1e-13], dtype=torch.float64))
    assert alike(tensor, tensor - torch.tensor([0, 1e-13], dtype=torch.float64))


@pytest.mark.parametrize(
    "other",
    [
        PI + 1e-3, -PI, PI[:3], PI[None], PI.float(), [*PI], PI.tolist(), PI.numpy(), None, PI.bool(),
        torch.tensor([math.pi, -1.0, math.nan, 1e-3], dtype=torch.float64),
    ],
    ids=str,
)  # fmt: skip
def test_what_differs_has_no_common_digest(other):
    assert not alike(PI, other)


def test_single_precision_is_compared_with_its_own_rounding():
    tensor = torch.tensor([0.1, 0.7, 3.0])
    assert alike(tensor, tensor * (1 + 1e-6))
    assert not alike(tensor, tensor * 1.05)


def test_exceptions_are_told_apart_as_far_as_they_tell_something():
    def digests(raised):
        return digests_of(CallResult(raised=raised), False)

    assert digests("RuntimeError") == digests("IndexError")
    assert not digests("ValueError") & digests("IndexError")
    assert not digests("ValueError") & digests("")
    assert not digests("AssertionError") & digests("TypeError")  # a mistake that is named for its `assert` has one


def test_changed_arguments_count():
    changed = CallResult(changes={0: PI})
    assert not digests_of(changed, False) & digests_of(CallResult(), False)
    assert not digests_of(changed, False) & digests_of(CallResult(changes={1: PI}), False)


def test_features_of_a_probe_have_digests():
    parts = [{"length": 1.0, "moves": True}, {"raises": "ValueError"}]
    near = [{"moves": True, "length": 1.0 + 1e-12}, {"raises": "ValueError"}]
    assert digests_of_features(parts) == digests_of_features(near)
    assert not digests_of_features(parts) & digests_of_features(parts[:1])
    assert not digests_of_features(parts) & digests_of_features([{"length": 1.1, "moves": True}, parts[1]])
