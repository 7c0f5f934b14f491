"""The probes of section 3 separate what their mistakes' diagnoses tell apart."""

from pathlib import Path

import pytest

from grader.course import Course
from grader.diagnosis.behaviour import behaviour_of, probe_of
from grader.diagnosis.mistakes import executed, in_its_place, mistakes_of

SECTION = Course(Path(__file__).parents[3]).find("section3")


@pytest.mark.parametrize(
    ("divisor", "named"),
    [("dim**0.5", ["divided_by_root_of_dim"]), ("(1 + u.norm())", [])],
)
def test_a_divisor_is_named_only_if_it_is_the_root_of_the_dimension(divisor, named):
    text = f"""
def random_direction(dim, generator):
    u = torch.randn(dim, generator=generator, dtype=torch.float64)
    return u / {divisor}
"""
    module = executed(in_its_place(SECTION.solution.read_text(encoding="utf-8"), "random_direction", text), "wrong.py")
    probe = probe_of(SECTION, "random_direction")
    seen = list(behaviour_of(probe, module))
    mistakes = [one for one in mistakes_of(SECTION) if one.exercise == "random_direction"]
    assert [one.slug for one in mistakes if behaviour_of(probe, one.module).is_that_of(seen)] == named
