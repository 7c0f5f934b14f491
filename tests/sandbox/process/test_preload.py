"""The process that starts the workers imports slow modules once, and only if they are needed."""

from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.calls.student import Contract
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission

SOURCE = b"import sys\nHERE = 'turtledemo' in sys.modules\ndef here(): return HERE\n"
MODULE = "turtledemo"  # an empty module of the standard library that nothing imports


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zygote", "plain"])
def test_a_preloaded_module_is_in_every_worker(kind: Any, course: Course, tmp_path: Any) -> None:
    for preload in ([], [MODULE]):
        with Sandbox.open(course, kind=kind, preload=preload, trust=Trust(everybody=True)) as sandbox:
            submission = sandbox.admit(Submission("a.py", tmp_path / "a.py", SOURCE))
            with submission.trial(Contract(type(pytest)("reference"))) as trial:
                assert trial.student.cpu_seconds is None
                assert trial.student.here() is bool(preload)
                assert trial.student.cpu_seconds >= 0
