"""A submission cannot make the grader wait for ever by making every check wait a little."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox.launch import Sandbox
from grader.sandbox.limits import DEFAULT
from grader.sandbox.student import Contract
from grader.sandbox.submission import Submission
from grader.toolkit.verdicts import EndedError

SLOW = b"import time\ndef f():\n    time.sleep(0.3)\n    return 1\n"


def test_checks_stop_once_they_have_waited_long_enough_for_one_submission(course):
    contract = Contract(ModuleType("reference"))
    with Sandbox.open(course, limits=replace(DEFAULT, submission_wall_seconds=0.5)) as sandbox:
        slow, other = (sandbox.candidate(Submission("slow.py", Path("slow.py"), SLOW)) for _ in range(2))
        for _ in range(2):
            with slow.trial(contract) as trial:
                assert trial.student.f() == 1
        with slow.trial(contract) as trial, pytest.raises(EndedError) as ended:
            trial.student.f()
        assert (ended.value.status, "slow.py" in ended.value.message) == ("timed_out", True)
        with other.trial(contract) as trial:  # patience is for each submission
            assert trial.student.f() == 1
