"""Counts of what a submission drew, which may be any numbers at all."""

import pytest
import torch

from grader.toolkit.statistics.uniformity import expect_fair_shares
from grader.toolkit.verdicts import WrongAnswerError


def batches(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(60, generator=generator)[:20] for _ in range(800)])


def test_fair_batches_pass():
    expect_fair_shares({"the batch": batches()}, 60, parts=3)


@pytest.mark.parametrize("row", [60, 2**44, 2**62, -1, -(2**63)])  # a count of 2^44 kinds would take terabytes
def test_a_row_that_does_not_exist_is_a_wrong_answer(row):
    rows = batches()
    rows[3, 5] = row
    with pytest.raises(WrongAnswerError, match="none of the 60"):
        expect_fair_shares({"the batch": rows}, 60, parts=3)
