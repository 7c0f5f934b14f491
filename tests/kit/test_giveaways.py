"""Formulas are the same with other names and in another layout, and common lines are none."""

from pathlib import Path

import pytest

from grader.kit.giveaways import Secrets, formulas_in, text_of

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


COPIES = {
    "sentence.md": "Write `x.sub_(rate * (d + b * u))` here.",
    "hints.toml": 'step = ["Write x.sub_(rate * (d + b * u))."]',
    "cell.ipynb": '{"source": ["a = 1\\n", "x.sub_(rate * (d + b * u))\\n"]}',
    "cells.ipynb": '{"source": ["x.sub_(rate *\\n",\n    "  (d + b * u))\\n"]}',
    "answers.csv": "1,2\n3,4\nx.sub_(rate * (d + b * u))\n",
    "title.py": '"""x.sub_(rate * (d + b * u))"""',
}


@pytest.mark.parametrize("name", COPIES)
def test_a_formula_is_found_in_a_text_of_any_kind(name):
    (said,) = Secrets.of("s.py", SOLUTION, "").given_away(Path(name), COPIES[name])
    assert said.startswith(f"{name}:{3 if name == 'answers.csv' else 1}: this is the formula at line 1 of s.py")


LONGER = "w = w + mu * (wanted[t] - w @ window) * window / len(x)"


@pytest.mark.parametrize(
    "text",
    [
        "expect_close({'a': (s, m * (d - v @ u) * u / n)})",
        "step = lambda v, u: m * (d[t] - v @ u) * u / n",
        "return k @ (m * (d - v @ u) * u / len(u0))",
        "v += m * (d[t] - v @ u) * u / n",
    ],
)
def test_a_formula_is_found_inside_a_longer_one(text):
    assert Secrets.of("s.py", LONGER, "").given_away(Path("a.py"), text)


def test_a_short_formula_may_be_a_part_of_another_by_chance():
    secrets = Secrets.of("s.py", "m = m / (1 - beta**t)", "")
    assert not secrets.given_away(Path("a.py"), "root = sqrt(s / (1 - b**k))\n")
    assert secrets.given_away(Path("a.py"), "root = s / (1 - b**k)\n")


def test_a_loop_with_other_names_and_a_line_inside_a_sentence_are_found():
    lines = '    out[shift:] += tap * x[: len(x) - shift]\n    raise ValueError(f"n must be at least 1, got {n}")\n'
    secrets = Secrets.of("s.py", lines, "")
    assert secrets.given_away(Path("a.py"), "for d, c in h:\n    y[d:] += c * s[: len(s) - d]\n")
    assert secrets.given_away(Path("a.json"), r'{"hint": "Add raise ValueError(f\"n must be at least 1, got {n}\")."}')


def test_a_picture_is_no_text():
    assert text_of(b"\x89PNG\r\n\x1a\n\x00") is None
    assert text_of("ä = 1".encode()) == "ä = 1"
