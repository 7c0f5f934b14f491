"""Checks in plain pytest: an assertion about an answer is a wrong answer, and parameters make one check."""

import pytest

from tests.grading.reports import statuses
from tests.grading.tiny_answers import CASES, answer

CHECKS = '''
import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_raises


@pytest.fixture
def ones():
    return torch.ones(2, dtype=torch.float64)


@check("mean", points=1)
def test_explained(student, ones):
    """The mean of ones is one."""
    assert student.mean(ones) == pytest.approx(1.0)


@check("mean", points=1)
def test_in_numbers(student):
    """The mean of 1 and 2 is 1.5."""
    np.testing.assert_allclose(student.mean(torch.tensor([1.0, 2.0])), 1.5)


@check("mean", points=1)
@pytest.mark.parametrize(("numbers", "expected"), [([2.0], 2.0), pytest.param([1.0, 5.0], 3.0, id="two")])
@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_of_many(student, numbers, expected, factor):
    """Means of several lists."""
    assert student.mean(factor * torch.tensor(numbers)) == factor * expected


@check("shift_in_place", points=1)
def test_refuses(student, ones):
    """A negative amount raises ValueError."""
    with pytest.raises(ValueError, match="^amount"):
        student.shift_in_place([ones], -1.0)


@check("shift_in_place", points=1)
def test_refuses_by_name(student, ones):
    """A negative amount raises ValueError, and the message names it."""
    with expect_raises(ValueError, "amount"):
        student.shift_in_place([ones], -1.0)


@check("scale", points=1)
@given(factor=st.just(1.0))
@example(factor=3.0)
def test_example(student, ones, factor):
    """Ones become the factor."""
    assert torch.equal(student.scale(ones, factor), factor * ones)


@check("centre", points=1)
def test_stumbles(student, ones):
    """This check has an error of its own."""
    student.centre(ones).no_such_method()


@check("centre", points=1)
def test_stumbles_at_once(student):
    """This check has an error before its call."""
    student.centre({}["ones"])
'''
WRONG = {
    "mean": "    return 7.0",
    "shift_in_place": "    for w in params:\n        w.add_(amount)",
    "scale": "    return x",
}


@pytest.fixture
def graded(grade_tiny, course_with):
    root = course_with(CHECKS)
    return lambda source: grade_tiny(source, root=root)


def test_right_answers_pass_checks_in_plain_pytest(graded):
    report = graded(CASES["right"])
    others = {"stumbles": "failed", "stumbles_at_once": "grader_error"}
    assert statuses(report) == {check.id: others.get(check.id, "passed") for check in report.checks}
    line = 1 + CHECKS.splitlines().index('    student.centre({}["ones"])')
    assert report.checks[-1].message == f"KeyError: 'ones' (test_section1.py, line {line})"
    assert [check.id for check in report.checks].count("of_many") == 1
    (stumbled,) = [check for check in report.checks if check.id == "stumbles"]
    line = 1 + CHECKS.splitlines().index("    student.centre(ones).no_such_method()")
    assert stumbled.raised_in_check.startswith("AttributeError: 'Tensor' object has no attribute")
    assert stumbled.raised_in_check.endswith(f"(test_section1.py, line {line})")


def test_wrong_answers_get_the_text_of_the_assertion(graded):
    report = graded(answer(**WRONG))
    found = {check.id: check for check in report.checks if not check.id.startswith("stumbles")}
    assert {check.status.value for check in found.values()} == {"failed"}
    assert not any(check.raised_in_check for check in found.values())
    assert found["explained"].message.startswith("assert 7.0 == 1.0 ± ")
    assert "Not equal to tolerance" in found["in_numbers"].message
    assert found["of_many"].counterexample.inputs[0].value == "[2.0] float32"
    assert found["refuses"].message == "A ValueError should be raised here, but nothing was raised."
    assert found["refuses_by_name"].message.startswith("A ValueError that names `amount` should be raised")
    assert found["example"].message.startswith("assert False")
    assert [one.value for one in found["example"].counterexample.inputs] == ["[1.0, 1.0]", "3.0"]


def test_an_error_of_another_kind_is_the_students_own(graded):
    report = graded(answer(shift_in_place="    raise TypeError('amount')"))
    found = {check.id: check for check in report.checks}
    assert {found[name].raised for name in ("refuses", "refuses_by_name")} == {"TypeError"}
