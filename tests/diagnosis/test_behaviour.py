"""Behaviours of functions with random answers: compared part by part, no further than they agree."""

from types import ModuleType

import pytest

from grader.diagnosis.behaviour import Behaviour, behaviour_of
from grader.toolkit.verdicts import StudentError


def probe_that_counts(asked):
    """A probe of two parts that keeps in `asked` how far it came."""

    def probe(student):
        asked.append("cheap")
        yield {"sign": student.sign()}
        asked.append("dear")
        yield {"size": student.size()}

    return probe


def module(sign, size):
    made = ModuleType("made")
    made.sign, made.size = lambda: sign, lambda: size
    return made


@pytest.mark.parametrize(
    ("sign", "size", "alike", "asked"),
    [(1, 2, True, ["cheap", "dear"]), (1, 3, False, ["cheap", "dear"]), (0, 2, False, ["cheap"])],
)
def test_a_module_is_asked_as_far_as_it_agrees_and_once(sign, size, alike, asked):
    log = []
    probe, made = probe_that_counts(log), module(sign, size)
    for _ in range(2):
        assert behaviour_of(probe, made).is_that_of([{"sign": 1}, {"size": 2}]) is alike
    assert log == asked


def test_more_or_fewer_parts_are_not_the_same():
    behaviour = Behaviour(probe_that_counts([]), module(1, 2))
    assert not behaviour.is_that_of([{"sign": 1}])
    assert not behaviour.is_that_of([{"sign": 1}, {"size": 2}, {"colour": 3}])


def raising(error):
    def probe(student):
        yield {"sign": 1}
        raise error

    return probe


def test_an_exception_of_the_submission_is_the_last_finding():
    error = StudentError("ZeroDivisionError", ("ZeroDivisionError",), "division by zero")
    assert list(Behaviour(raising(error), None)) == [{"sign": 1}, {"raises": "ZeroDivisionError"}]


def test_an_answer_that_makes_no_sense_is_like_none_however_often_it_is_asked():
    behaviour = Behaviour(raising(ValueError("no number")), module(1, 2))
    assert [behaviour.is_that_of([{"sign": 1}]) for _ in range(2)] == [False, False]
