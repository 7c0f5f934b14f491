"""The probes of section 3 separate what their mistakes' diagnoses tell apart."""

from pathlib import Path

import pytest

from grader.course import Course
from grader.diagnosis.behaviour import behaviour_of, probe_of
from grader.diagnosis.known_mistakes import executed, in_its_place, mistakes_of

SECTION = Course(Path(__file__).parents[3]).find("section3")


def named_of(exercise, text):
    """The known mistakes that behave like this function."""
    module = executed(in_its_place(SECTION.solution.read_text(encoding="utf-8"), exercise, text), "wrong.py")
    probe = probe_of(SECTION, exercise)
    seen = list(behaviour_of(probe, module))
    mistakes = [one for one in mistakes_of(SECTION) if one.exercise == exercise]
    return [one for one in mistakes if behaviour_of(probe, one.module).is_that_of(seen)]


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
    assert [one.slug for one in named_of("random_direction", text)] == named


@pytest.mark.parametrize(
    "move", ["torch.rand((), generator=generator) * u", "u.norm() * torch.randn(len(w), generator=generator)"]
)
def test_a_random_length_has_one_name_with_every_way_to_it(move):
    text = f"""
def random_search_step(objective, w, step_size, generator):
    u = random_direction(len(w), generator).to(w.dtype)
    proposal = w + step_size * ({move}).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)
"""
    (named,) = named_of("random_search_step", text)
    assert named.slug == "move_not_normalised"
    assert "The distance from w to your proposal is random" in " ".join(named.message.split())
