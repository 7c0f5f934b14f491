"""A check that failed does not pass because it is run again: it is run for its calls, which a diagnosis needs."""

from msgspec.structs import replace

from grader.grading.report import CheckResult, Status
from grader.grading.retries import Retries

FAILED = CheckResult("mean_by_hand", "mean", "It is the mean", Status.FAILED, 0.5, 2.0, message="half of it")
ENDED = CheckResult("scale_by_hand", "scale", "It scales", Status.TIMED_OUT, 0.0, 1.0)


def test_a_failure_stands_however_the_check_ends_when_it_is_run_again():
    retries = Retries()
    retries.found(FAILED)
    retries.settle(ENDED)
    settled = retries.settled()
    assert settled.known == (ENDED,), "the other is run again"
    for other in (replace(FAILED, status=Status.PASSED, points=2.0), replace(FAILED, points=1.0)):
        assert settled.upheld(other) == FAILED
    assert settled.upheld(replace(FAILED, message="the same")).message == "the same"
    retries.found(FAILED)
    retries.settle(replace(ENDED, id="another"))
    assert retries.settled().upheld(replace(FAILED, status=Status.PASSED)) == FAILED


def test_a_check_that_has_not_failed_is_what_it_comes_to():
    retries = Retries()
    retries.settle(ENDED)
    assert retries.settled().upheld(replace(FAILED, status=Status.PASSED)).status is Status.PASSED


def test_what_a_submission_has_done_stands_when_the_grading_begins_again():
    retries = Retries()
    for status in (Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.FORBIDDEN):
        retries.found(replace(FAILED, id=status.value, status=status, points=0.0))
    retries = retries.started_over()
    settled = retries.settled()
    assert settled.known == (), "all is run again"
    for name in ("failed", "crashed", "timed_out", "forbidden"):
        assert settled.upheld(replace(FAILED, id=name, status=Status.PASSED, points=2.0)).status == name
    retries.settle(replace(FAILED, id="failed", status=Status.GRADER_ERROR))
    assert [result.status for result in retries.settled().known] == ["failed"]
