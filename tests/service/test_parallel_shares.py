"""A section that is shared out to several processes gets the Report that one process gives it."""

import msgspec
import pytest

from grader.course import Course
from grader.find_course import find_course
from grader.grading.reach import dependents
from grader.grading.request import Selection, Task
from grader.sandbox.process.launch import KIND_VARIABLE, Sandbox
from grader.sandbox.process.trust import Trust
from grader.service import parallel
from grader.service.parallel import grade_all, shares
from grader.submission.submission import Submission
from tests.paths import TINY


def without_seconds(report):
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.structs.replace(report, checks=checks)


@pytest.fixture(scope="module")
def course():
    return Course(TINY)


@pytest.fixture(scope="module")
def sandbox(course):
    with Sandbox.open(course, lanes=2) as opened:
        yield opened


def spoilt(source, old, new):
    assert old in source
    return source.replace(old, new)


def test_where_no_other_process_can_be_started_one_grades_all(course, monkeypatch):
    """As with `ulimit -u` of a shell."""

    class Refused:
        def __init__(self, *arguments):
            raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(parallel, "Share", Refused)
    (section,) = course.sections
    tasks = [Task(section, Submission(section.exercise.name, section.exercise, section.solution.read_bytes()))] * 2
    with Sandbox.open(course, kind="plain", trust=Trust(everybody=True)) as plain:
        assert [report.points for report in grade_all(course, tasks, plain, 2)] == [5.0, 5.0]


@pytest.mark.slow
def test_without_a_zygote_exercises_are_shared_out_to_two_processes_where_there_are_cores(course, monkeypatch):
    """Each imports torch, as its worker does: two such pairs need four cores."""
    monkeypatch.setenv(KIND_VARIABLE, "plain")  # in the other process, too
    made = []

    class Counted(parallel.Share):
        def __init__(self, course, trust, tasks):
            made.append(sorted(name for task in tasks for name in task.selection.exercises))
            super().__init__(course, trust, tasks)

    monkeypatch.setattr(parallel, "Share", Counted)
    (section,) = course.sections
    source = spoilt(section.solution.read_bytes(), b"return x * factor", b"return x + factor")
    task = Task(section, Submission(section.exercise.name, section.exercise, source))
    found = []
    with Sandbox.open(course, kind="plain", trust=Trust(everybody=True)) as plain:
        for cores in (2, 4):
            monkeypatch.setattr(parallel, "usable_cores", lambda cores=cores: cores)
            found += grade_all(course, [task], plain, 2)
    assert len(made) == 1
    assert 0 < len(made[0]) < len(section.exercises)
    assert without_seconds(found[0]) == without_seconds(found[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        lambda source: source,
        lambda source: "",
        lambda source: source + "\ndef broken(:\n",
        lambda source: source + "\n1 / 0\n",
        lambda source: source + "\nimport os\nos._exit(3)\n",
        lambda source: spoilt(source, "return x * factor", "print('mine')\n    return x + factor"),
        lambda source: spoilt(source, "w.add_(amount)", "w = w + amount"),
        lambda source: spoilt(source, "return float(x.sum()) / x.numel()", "raise NotImplementedError"),
    ],
    ids=["right", "empty", "no Python", "stops at its end", "ends its process", "adds", "a copy", "a stub"],
)
def test_two_lanes_give_the_report_of_one(spoil, course, sandbox):
    (section,) = course.sections
    source = spoil(section.solution.read_text(encoding="utf-8"))
    task = Task(section, Submission(section.exercise.name, section.exercise, source.encode()))
    one, two = (grade_all(course, [task], sandbox, lanes)[0] for lanes in (1, 2))
    assert without_seconds(two) == without_seconds(one)


@pytest.mark.slow
@pytest.mark.parametrize(
    "selection", [Selection(("scale", "mean")), Selection(keyword="mean or shift")], ids=["two", "-k"]
)
def test_a_selection_is_shared_out_and_stays_a_part(selection, course, sandbox):
    (section,) = course.sections
    task = Task(section, Submission(section.exercise.name, section.exercise, section.solution.read_bytes()), selection)
    one, two = (grade_all(course, [task], sandbox, lanes)[0] for lanes in (1, 2))
    assert without_seconds(two) == without_seconds(one)
    assert two.status == "partial"


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_what_builds_on_an_exercise_is_in_its_share(count):
    for section in find_course().sections:
        found = shares(section, section.exercises, count)
        assert sorted(name for share in found for name in share) == sorted(section.exercises)
        assert 1 <= len(found) <= count
        for share in found:
            assert all(dependents(section, name) <= {*share} for name in share)
