"""What travels to a worker: programs and problems of the engine and of a course, by module and name."""

import sys

import pytest

from grader.course_modules import package_of, travelling_sources
from grader.toolkit.programs import random_state_after
from grader.toolkit.travelling import find_travelling
from tests.course_parts import course_module
from tests.paths import ROOT


def test_what_a_module_defines_is_found_and_what_it_imports_is_not():
    programs = course_module("section2_erm.programs")
    assert find_travelling(programs.__name__, "train_mlp") is programs.train_mlp
    assert find_travelling("grader.toolkit.programs", "random_state_after") is random_state_after
    for module, name in ((programs.__name__, "starting_values"), (programs.__name__, "nothing"), ("os", "system")):
        with pytest.raises(LookupError, match=name):
            find_travelling(module, name)


def test_oracles_strategies_and_solutions_do_not_travel():
    package = package_of(ROOT)
    for name in ("section6_minibatch.oracles", "section6_minibatch.strategies", "section6_minibatch.probes"):
        course_module(name)
        for word in vars(sys.modules[f"{package}.{name}"]):
            with pytest.raises(LookupError):
                find_travelling(f"{package}.{name}", word)
    assert {name.rpartition(".")[2] for name in travelling_sources(ROOT)} == {"problems", "programs"}
