"""What the zygote does before the first fork, so that workers need not."""

import linecache
import os
import random
import sys

import numpy as np
import pytest
import torch

from grader.sandbox.calls.worker import Server

if sys.platform != "linux":
    pytest.skip("there is no zygote", allow_module_level=True)

from grader.sandbox.process.warm_up import rehearse


def traces():
    """All state that could tell a worker that code has run before it."""
    return (
        (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()),
        sorted(sys.modules),
        sorted(linecache.cache),
        list(sys.meta_path),
        sorted(os.listdir("/proc/self/fd")),
    )


def test_a_rehearsal_leaves_no_trace():
    rehearse()  # what it imports stays
    before = traces()
    rehearse()
    assert traces() == before


def test_a_rehearsal_goes_through_what_a_worker_does(monkeypatch):
    answers = []
    send = Server._send

    def noted(server, answer, packer):
        answers.append(answer)
        send(server, answer, packer)

    monkeypatch.setattr(Server, "_send", noted)
    rehearse()
    outline, load, *calls = answers
    assert [answer.failure for answer in answers] == [None] * len(answers)
    assert (list(outline.value["definitions"]), load.value) == (["step"], None)
    assert len(calls) > 8
    assert all(len(call.changed) == 4 and len(call.value) == 2 for call in calls)
