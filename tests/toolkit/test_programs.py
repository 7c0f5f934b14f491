"""Programs are found by their names alone."""

import inspect
from collections import Counter

import pytest

from grader.toolkit import programs


def test_no_two_programs_have_one_name():
    names = Counter(
        name
        for module in programs._MODULES
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    )
    assert not [name for name, count in names.items() if count > 1]


def test_a_program_that_is_not_there_is_none():
    with pytest.raises(LookupError, match="nothing"):
        programs.find("nothing")
