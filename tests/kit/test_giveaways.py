"""Formulas are the same with other names and in another layout, and common lines are none."""

import pytest

from grader.course import Course
from grader.kit.giveaways import Secrets, formulas_in
from grader.kit.stubs import secrets_of
from tests.paths import ROOT

SOLUTION = "w.sub_(lr * (g + beta * v))"


def shapes(text):
    return {shape for _, shape in formulas_in(text)}


@pytest.mark.parametrize(
    "text",
    [
        "w.sub_(problem.lr * (g + problem.beta * v))",
        "x.sub_( rate*(d+b*u) )  # a step",
        "if lr:\n    problem.w.sub_(\n        lr * (\n        g + beta * v)\n)\n",
        "return w.sub_(lr * (g + beta * v))",
        "w = w.sub_(lr * (g + beta * v))",
    ],
)
def test_other_names_and_another_layout_hide_no_formula(text):
    assert shapes(text) == shapes(SOLUTION)


@pytest.mark.parametrize(
    "text",
    [
        "w.sub_(lr * (g + lr * v))",
        "w.sub_(lr * (g - beta * v))",
        "w.add_(g + beta * v, alpha=-lr)",
        "w.sub_(2 * (g + beta * v))",
    ],
)
def test_another_formula_is_another(text):
    assert not shapes(text) & shapes(SOLUTION)


def test_a_line_with_little_arithmetic_and_a_text_that_is_not_python_tell_nothing():
    assert not shapes("params = list(model.parameters())\nhalf = (a + b) / 2\nfor w, g in zip(x, y): pass\n")
    assert not shapes('def f(:\n  """')


def test_a_formula_that_is_given_elsewhere_is_no_secret():
    text = f"{SOLUTION}\ny = a * b + c * d\nz = e * f + g * h\n"
    assert list(Secrets.of("s.py", text, "z = e * f + g * h\n").formulas.values()) == [1]


def test_no_formula_of_our_solutions_is_in_what_students_get():
    """The kit refuses it, which takes longer to ask."""
    rooms = [path for path in (ROOT / "checks").rglob("*.py") if "mistakes" not in str(path)]
    known = {shape: path.name for path in rooms for shape in shapes(path.read_text(encoding="utf-8"))}
    assert len(known) > 100
    for section in Course(ROOT).sections:
        secret = secrets_of(section).formulas
        assert secret
        assert not {known[shape]: line for shape, line in secret.items() if shape in known}
