"""A proposal is a mistake that does what its mutant does, for an author to complete."""

import shutil

import torch

from grader.audit.mutants import mutants_of, write_proposals
from grader.audit.mutation_testing import is_unnamed
from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from tests.grading.tiny_answers import CASES, answer
from tests.paths import TINY


def test_a_proposal_reads_as_a_mistake_that_does_what_its_mutant_does(tmp_path):
    shutil.copytree(TINY, tmp_path / "course")
    section = Course(tmp_path / "course").sections[0]
    mutants = [one for one in mutants_of(section, "scale") if "x * factor" in one.change and "/" in one.change]
    path = write_proposals(section, mutants)
    assert [one.slug for one in mistakes_of(section)] == [one.slug for one in mistakes_of(Course(TINY).sections[0])]
    path.rename(section.room / "mistakes.py")
    mistakes_of.cache_clear()
    (proposed,) = mistakes_of(Course(tmp_path / "course").sections[0])
    assert (proposed.exercise, proposed.slug, len(proposed.hints)) == ("scale", "scale_1", 2)
    assert proposed.module.scale(torch.tensor([6.0]), 3.0).tolist() == [2.0]


def test_only_a_wrong_answer_without_a_diagnosis_is_proposed(grade_tiny):
    assert is_unnamed(grade_tiny(answer(scale="return x * factor * torch.sign(x)"), exercises=("scale",)))
    assert not is_unnamed(grade_tiny(CASES["right"], exercises=("scale",)))
    assert not is_unnamed(grade_tiny(answer(scale="return x + factor"), exercises=("scale",)))
    assert not is_unnamed(grade_tiny(answer(scale="raise KeyError"), exercises=("scale",)))
