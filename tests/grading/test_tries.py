"""A check that failed does not pass because it is run again: it is run for its calls, which a diagnosis needs."""

from msgspec.structs import replace

from grader.grading.report import CheckResult, Status
from grader.grading.tries import Tries

FAILED = CheckResult("mean_by_hand", "mean", "It is the mean", Status.FAILED, 0.5, 2.0, message="half of it")
ENDED = CheckResult("scale_by_hand", "scale", "It scales", Status.TIMED_OUT, 0.0, 1.0)


def test_a_failure_stands_however_the_check_ends_when_it_is_run_again():
    tries = Tries()
    tries.found(FAILED)
    tries.settle(ENDED)
    standing = tries.standing()
    assert standing.known == (ENDED,), "the other is run again"
    for other in (replace(FAILED, status=Status.PASSED, points=2.0), replace(FAILED, points=1.0)):
        assert standing.upheld(other) == FAILED
    assert standing.upheld(replace(FAILED, message="the same")).message == "the same"
    tries.found(FAILED)
    tries.settle(replace(ENDED, id="another"))
    assert tries.standing().upheld(replace(FAILED, status=Status.PASSED)) == FAILED


def test_a_check_that_has_not_failed_is_what_it_comes_to():
    tries = Tries()
    tries.settle(ENDED)
    assert tries.standing().upheld(replace(FAILED, status=Status.PASSED)).status is Status.PASSED


def test_what_a_submission_has_done_stands_when_the_grading_begins_again():
    tries = Tries()
    for status in (Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.FORBIDDEN):
        tries.found(replace(FAILED, id=status.value, status=status, points=0.0))
    tries = tries.begun_again()
    standing = tries.standing()
    assert standing.known == (), "all is run again"
    for name in ("failed", "crashed", "timed_out", "forbidden"):
        assert standing.upheld(replace(FAILED, id=name, status=Status.PASSED, points=2.0)).status == name
    tries.settle(replace(FAILED, id="failed", status=Status.GRADER_ERROR))
    assert [result.status for result in tries.standing().known] == ["failed"]
