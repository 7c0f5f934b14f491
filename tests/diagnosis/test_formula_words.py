"""A sentence about a changed solution names what the docstring or the arguments name, and no other part of the solution."""

import ast

import pytest

from grader.diagnosis.changes import Quantity, TreeChange, TreePlace, expressions, put
from grader.diagnosis.formula_words import FormulaWords

STEP = '''
def step(params, lr):
    """Take a step: `v <- a * v + g^2`, then `w <- w - lr * g / (sqrt(v) + 1)`.

    The word a is an article here, and secret is a word.
    """
    for w, g, v in zip(params, lr):
        v.add_(a * v + g**2)
        hidden = secret + lr
        w = w - lr * g / (torch.sqrt(v) + 1) + v.mean()
'''


def told(part, *, unknown="one quantity"):
    """The sentence about the first expression of that text."""
    (definition,) = ast.parse(STEP).body
    place = next(place for place in expressions(definition) if ast.unparse(place.node) == part)
    change = put(place, "changed", "{} is wrong.", ast.Constant(0), Quantity(place.node, unknown))
    return FormulaWords(definition).message(change)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("g", "`g` is wrong. Look at how you compute `v`."),
        ("g ** 2", "`g ** 2` is wrong. Look at how you compute `v`."),
        ("a * v", "`a * v` is wrong. Look at how you compute `v`."),
        ("torch.sqrt(v)", "`sqrt(v)` is wrong. Look at how you compute `w`."),
        ("v.mean()", "one quantity is wrong. Look at how you compute `w`."),
        ("lr * g / (torch.sqrt(v) + 1)", "one quantity is wrong. Look at how you compute `w`."),
        ("secret", "one quantity is wrong."),
        ("secret + lr", "one quantity is wrong."),
        ("torch", "one quantity is wrong. Look at how you compute `w`."),
    ],
)
def test_it_names_what_the_student_has_seen(part, sentence):
    assert told(part) == sentence


def test_a_step_that_is_left_out_is_named_by_what_it_computes():
    (definition,) = ast.parse(STEP).body
    loop = definition.body[1]

    left_out = TreeChange("step_missing", "A step is missing.", ((TreePlace(loop, "body"), loop.body[1:]),))
    assert FormulaWords(definition).message(left_out) == "A step is missing. Look at how you compute `v`."
    moved = TreeChange("steps_in_other_order", "In another order.", ((TreePlace(loop, "body"), loop.body[::-1]),))
    assert FormulaWords(definition).message(moved) == "In another order."
