"""A tensor that is mapped instead of sent."""

from typing import Any

import pytest
import torch

from grader.toolkit.tensors import SharedTensor
from grader.toolkit.verdicts import StudentError

SOURCE = """
    def total(x): return float(x.sum())
    def spoil(x): x.zero_()
    def fails(x): raise LookupError("no")
"""


def test_a_worker_that_writes_to_shared_memory_changes_only_its_own_view(trial: Any) -> None:
    with SharedTensor(torch.arange(6.0).reshape(2, 3)) as shared, trial(SOURCE) as met:
        assert met.student.total(shared) == 15.0
        met.student.spoil(shared)
        assert met.student.total(shared) == 15.0  # mapped anew
        assert shared.tensor.sum() == 15.0


def test_a_call_with_shared_memory_can_be_shown_after_it_was_freed(trial: Any) -> None:
    """A check frees it before the last call is replayed; its descriptor may belong to another file by then."""
    tensor = torch.arange(6.0)
    with trial(SOURCE) as met:
        with SharedTensor(tensor) as shared, pytest.raises(StudentError):
            met.student.fails(shared)
        _, arguments = met.student.last_call()
        assert torch.equal(next(iter(arguments.values())), tensor)
