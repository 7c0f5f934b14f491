"""Give each failing exercise of a graded section its diagnosis, if there is one. A diagnosis that fails costs no grade."""

import io
import os
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout

import msgspec

from grader.diagnosis.failing_exercise import FailingExercise
from grader.diagnosis.failing_kit_exercise import FailingKitExercise
from grader.grading.report import CheckResult, Diagnosis, Status
from grader.grading.section_run import SectionRun
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.toolkit.verdicts import EndedError, GraderFaultError


def diagnose(run: SectionRun, checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results with a diagnosis for each exercise that has one, at the first failed check that it explains."""
    functions = run.section.functions  # no prediction is a mistake
    failed = [check for check in checks if check.status is Status.FAILED and check.exercise in functions]
    if not failed or not isinstance(run.submission, SandboxedSubmission):
        return list(checks)
    kind = FailingExercise if run.section.solution.is_file() else FailingKitExercise
    found: dict[str, Diagnosis] = {}
    for exercise in dict.fromkeys(check.exercise for check in failed):
        mine = [check for check in failed if check.exercise == exercise]
        try:
            if run.builds_on_errors(exercise):
                continue  # it may be wrong only in what it builds on
            # of known mistakes, not of the student's; and what checks print was shown once
            with warnings.catch_warnings(action="ignore"), redirect_stdout(io.StringIO()):
                found.update(kind(run, exercise).diagnose(mine))
        except (Exception, EndedError, GraderFaultError):  # a diagnosis that fails never costs a grade
            if os.environ.get("GRADE_DEBUG"):
                raise
    return [msgspec.structs.replace(check, diagnosis=found.get(check.id)) for check in checks]
