"""Each check that runs a program beside the submission says whether it believes the worker: a new one cannot be forgotten."""

import ast

import pytest

from grader.check_files.check_outline import Origin
from grader.find_course import find_course
from grader.grading.reach import mentioned
from tests.attacks.believed_checks import BESIDES, NUMBERS_ALONE

SECTIONS = find_course().sections


def runs_a_program(node: ast.AST) -> set[str]:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {"run"} if any(isinstance(call, ast.Attribute) and call.attr == "run" for call in calls) else set()


@pytest.mark.parametrize("section", SECTIONS, ids=[section.id for section in SECTIONS])
def test_every_check_that_runs_a_program_is_listed(section):
    written = [check for check in section.check_list if check.origin is Origin.WRITTEN]
    running = {check.id for check in written if mentioned(section, {f"test_{check.id}"}, runs_a_program)}
    listed = {*BESIDES.get(section.id, ()), *NUMBERS_ALONE.get(section.id, ())}
    assert running - listed == set(), "does a replaced program gain anything? tests/attacks/word.py"
    assert set(NUMBERS_ALONE.get(section.id, ())) - running == set()
