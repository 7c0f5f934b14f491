"""A docstring that promises `lr >= 0` allows 0: a function that refuses the bound itself must fail a check."""

import functools
import inspect
import re
from contextlib import suppress

import pytest

from grader.course import Course
from grader.diagnosis.known_mistakes import executed
from grader.diagnosis.replay import Probed
from grader.sandbox.calls.local_calls import LocalReference
from grader.sandbox.calls.student import Contract
from tests.paths import ROOT

COURSE = Course(ROOT)
LONG_CALL_SECONDS = 10  # no training is needed to show this
ARGUMENT = re.compile(r"^    (?:    )?(\w+): ((?:.|\n(?=      ))*)", re.MULTILINE)
BOUND = r"\b{name} >= (\w+)|(\d+) <= {name}\b"


def documented(function):
    """The pairs of an argument and its smallest value, a number or another argument, as the docstring has them."""
    text = inspect.getdoc(function).partition("Args:")[2].partition("Returns:")[0].partition("Raises:")[0]
    for name, words in ARGUMENT.findall(text):
        found = re.search(BOUND.format(name=name), words)
        if found:
            yield name, found[1] or found[2]


def bounds():
    for section in COURSE.sections:
        module = executed(section.solution.read_text(encoding="utf-8"), section.solution.name)
        for exercise in section.functions:
            for name, bound in documented(getattr(module, exercise)):
                yield section.id, exercise, name, bound


def refusing(function, name, bound):
    """The function or class, but that it refuses the bound."""
    signature = inspect.signature(function)

    def expect_above(args, kwargs):
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        if given.arguments[name] == given.arguments.get(bound, bound if bound.isidentifier() else float(bound)):
            raise ValueError(f"{name} must be above {bound}")

    if inspect.isclass(function):

        class Refusing(function):
            def __init__(self, *args, **kwargs):
                expect_above(args, kwargs)
                super().__init__(*args, **kwargs)

        return Refusing

    @functools.wraps(function)
    def refuses(*args, **kwargs):
        expect_above(args, kwargs)
        return function(*args, **kwargs)

    return refuses


def passes(check, contract):
    given = {"student": Probed(contract), "reference": LocalReference(contract), "note": lambda *_, **__: None}
    given |= {"once": lambda name, make: make()}
    wanted = inspect.signature(check).parameters
    with suppress(Exception):
        check(**{name: value for name, value in given.items() if name in wanted})
        return True
    return False


@pytest.mark.usefixtures("same_examples")
@pytest.mark.parametrize(("section", "exercise", "name", "bound"), [*bounds()])
def test_a_function_that_refuses_a_documented_bound_fails_a_check(section, exercise, name, bound):
    section = COURSE.find(section)
    module = executed.__wrapped__(section.solution.read_text(encoding="utf-8"), section.solution.name)
    setattr(module, exercise, refusing(getattr(module, exercise), name, bound))
    contract = Contract(module, section.changes)
    checks = section.module(f"test_{section.id}")
    quick = [check for check in section.check_list if check.exercise == exercise]
    quick = [
        check for check in quick if check.call_cpu_seconds < LONG_CALL_SECONDS and hasattr(checks, f"test_{check.id}")
    ]
    quick.sort(
        key=lambda check: ("reject" not in check.id, "network" in check.id)
    )  # first where most fail, last what is slow
    assert not all(passes(getattr(checks, f"test_{check.id}"), contract) for check in quick)
