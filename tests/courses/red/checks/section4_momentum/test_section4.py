"""Checks of the red course."""

import torch

from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close
from grader.toolkit.thresholds import threshold

from ..shared.data import FACTOR
from .problems import Problem
from .programs import run_red


@check("momentum_step", points=1)
def test_with_the_data(student, note):
    """One becomes the red factor."""
    note("by red checks")
    expect_close({"result": (student.momentum_step(1.0), FACTOR)})


@check("momentum_step", points=1)
def test_with_a_program(student):
    """The red program agrees."""
    expect_close({"result": (student.run(run_red, Problem(1.0)), [2.0, 2.0])})


@check("momentum_step", points=1)
def test_with_a_threshold(student):
    """The red threshold is reached."""
    expect_close({"result": (student.momentum_step(1.0), threshold(__file__, "run").threshold)})


@check("jitter", points=1)
def test_with_chance(student):
    """Chance has the red factor."""
    expected = 2.0 * float(torch.rand((), generator=torch.Generator().manual_seed(5)))
    expect_close({"result": (student.jitter(torch.Generator().manual_seed(5)), expected)})
