"""What is slow to import is imported once, by whoever starts the workers, and only where it is asked for."""

from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.launch import Sandbox
from grader.sandbox.student import Contract
from grader.sandbox.submission import Submission
from grader.sandbox.trust import Trust

SOURCE = b"import sys\nHERE = 'turtledemo' in sys.modules\ndef here(): return HERE\n"
MODULE = "turtledemo"  # an empty module of the standard library that nothing imports


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zygote", "plain"])
def test_a_preloaded_module_is_in_every_worker(kind: Any, course: Course, tmp_path: Any) -> None:
    for preload in ([], [MODULE]):
        with Sandbox.open(course, kind=kind, preload=preload, trust=Trust(everybody=True)) as sandbox:
            candidate = sandbox.candidate(Submission("a.py", tmp_path / "a.py", SOURCE))
            with candidate.trial(Contract(type(pytest)("reference"))) as trial:
                assert trial.student.cpu_seconds is None
                assert trial.student.here() is bool(preload)
                assert trial.student.cpu_seconds >= 0
