"""A seed is for the CPU, and nothing of it is kept for accelerators that a worker will never have."""

import torch

from grader.sandbox.process.one_device import one_device

SEEDS = """
import torch
def numbers(seed):
    torch.manual_seed(seed)
    return torch.rand(3)
def kept():
    torch.manual_seed(1)
    torch.random.manual_seed(2)
    return [torch.cuda._lazy_seed_tracker.manual_seed_all_cb is not None, len(torch.cuda._queued_calls)]
"""


def test_a_worker_s_numbers_are_those_of_the_seed_and_no_call_is_kept(trial):
    with trial(SEEDS) as met:
        before = met.student.kept()[1]
        expected = torch.rand(3, generator=torch.Generator().manual_seed(7))
        assert torch.equal(met.student.numbers(7), expected)
        assert met.student.kept() == [False, before]


def test_afterwards_a_process_that_others_use_is_as_before():
    real = torch.cuda.random._lazy_call
    with one_device():
        torch.manual_seed(3)
        first = torch.rand(2)
        assert torch.cuda.random._lazy_call is not real
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), first)
    assert torch.cuda.random._lazy_call is real
