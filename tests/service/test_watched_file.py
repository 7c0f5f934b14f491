"""Grading again after a change: only what it can have touched, with the same results as if all had been graded."""

import gc
from pathlib import Path

import msgspec
import pytest

from grader.course import Course
from grader.grading.reach import met_by_checks, needed_by_checks
from grader.grading.records import Records, digest
from grader.grading.report import Status
from grader.grading.section_progress import progress_of
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.service import Service
from grader.service.watched_file import WatchedFile
from grader.submission.submission import Submission
from tests.grading.tiny_answers import CASES, answer
from tests.paths import ROOT

ALL = ("scale", "shift_in_place", "mean", "centre")


@pytest.fixture
def grade_again(tiny_course, tiny_sandbox, grade_tiny):
    """Grade one version after the other."""
    watched = {}

    def run(source, *exercises, **options):
        watched_file = watched.setdefault(
            exercises, WatchedFile(tiny_course.sections[0], Service(tiny_course, tiny_sandbox), exercises)
        )
        name = f"{tiny_course.sections[0].stem}.py"
        return watched_file.grade(Submission(name, Path(name), source.encode()), **options)

    return run


def without_seconds(report):
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.structs.replace(report, checks=checks, sandbox={})


ONE_AFTER_THE_OTHER = {
    "nothing": (answer(), ()),
    "an exercise": (answer(scale="return x + factor"), ("scale",)),
    "one that another builds on": (answer(mean="return 0.0"), ("mean", "centre")),
    "one that builds on another": (answer(centre="return x"), ("centre",)),
    "comments, blank lines": (answer().replace("\n\ndef", "\n\n\n# next\ndef"), ()),
    "a helper that is called": (answer(before="def half(x):\n    return x / 2\n"), ()),
    "a constant": (answer(before="RATE = 1\n"), ALL),
    "an exercise that is gone": (answer(scale="def scail(x, factor):\n    return x\n"), ("scale",)),
    "an exercise that is no function of the file": (
        answer(scale="def _f(x, factor):\n    return x\nscale = _f\n"),
        ALL,
    ),
}


@pytest.mark.parametrize("change", ONE_AFTER_THE_OTHER)
def test_which_exercises_are_graded_again(grade_again, change):
    source, expected = ONE_AFTER_THE_OTHER[change]
    first = grade_again(answer())
    assert (first.graded, first.whole) == (ALL, True)
    second = grade_again(source)
    assert second.graded == expected
    assert second.whole == (expected == ALL)


@pytest.mark.slow
def test_the_report_is_that_of_a_whole_grading(grade_again, grade_tiny):
    """Whatever follows on whatever: diagnoses, lines and notices, too."""
    assert len(CASES) > 15  # each second of them
    order = [name for name in CASES if "time" not in name and "loop" not in name][::2]
    whole = {name: without_seconds(grade_tiny(CASES[name])) for name in order}
    for name in [*order, *order[::-3]]:
        assert without_seconds(grade_again(CASES[name]).report) == whole[name], name


@pytest.mark.parametrize(
    ("change", "first", "rest"),
    [
        ({"mean": "return 0.0"}, ("mean",), ("centre",)),
        ({"mean": "return 0.0", "scale": "return x"}, ("scale", "mean"), ("centre",)),
        ({"centre": "return x"}, (), ()),
    ],
)
def test_what_has_changed_itself_is_told_first(grade_again, grade_tiny, change, first, rest):
    grade_again(answer())
    told = []
    found = grade_again(answer(**change), early=told.append)
    assert [(one.graded, one.under_way) for one in told] == ([(first, rest)] if first else [])
    assert all({check.exercise for check in one.report.checks} == {*first} for one in told)
    assert without_seconds(found.report) == without_seconds(grade_tiny(answer(**change)))
    earlier = {check.id: check for one in told for check in one.report.checks}
    assert all(check == earlier[check.id] for check in found.report.checks if check.id in earlier)


def test_lines_that_are_shown_are_where_they_stand_now(grade_again):
    wrong = answer(centre="raise LookupError('none')")
    before = grade_again(wrong).report.checks[-1].lines[-1].line
    found = grade_again(wrong.replace("import torch\n", "import torch\n\n# two lines more\n"))
    assert found.graded == ("centre",)
    assert found.report.checks[-1].lines[-1].line == before + 2


def test_a_syntax_error_costs_nothing_once_it_is_gone(grade_again):
    grade_again(answer())
    broken = grade_again(answer(mean="return float(x.mean("))
    assert {check.status for check in broken.report.checks} == {Status.FAILED}
    assert grade_again(answer(scale="return x")).graded == ("scale",)


def test_everything_can_be_asked_for(grade_again):
    grade_again(answer())
    assert grade_again(answer(), everything=True).graded == ALL


def test_one_exercise_can_be_watched_with_what_it_needs(grade_again):
    first = grade_again(answer(mean="return 0.0"), "centre")
    assert {check.exercise for check in first.report.checks} == {"centre"}
    assert first.report.status == "partial"
    assert first.report.checks[0].status is Status.BLOCKED
    assert grade_again(answer(mean="return 0.0", scale="return x"), "centre").graded == ()
    second = grade_again(answer(), "centre")
    assert second.graded == ("centre",)
    assert second.report.exit_code == 0


def test_a_grading_that_is_interrupted_is_as_if_it_had_not_been(grade_again):
    grade_again(answer())

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_again(answer(scale="return x"), progress=stop)
    assert grade_again(answer(scale="return x")).graded == ("scale",)


def test_records_tell_what_was_graded_on_which_file(own_course, grade_again):
    section, records = own_course.sections[0], Records(own_course)
    first, second = answer(mean="return 0.0"), answer()
    for source in (first, second):
        section.exercise.write_text(source)
        found = grade_again(source)
        records.keep(section, found.report, source.encode(), found.earlier)
    kept = records.last(section)
    assert kept["scale_by_definition"].source == digest(first.encode())
    assert kept["mean_by_hand"].source == digest(second.encode())
    (progress,) = progress_of(own_course)
    assert (progress.points, progress.stale) == (5.0, True)


@pytest.mark.slow
def test_plain_processes_serve_as_well(tiny_course, grade_tiny):
    """Where there is no zygote."""
    section = tiny_course.sections[0]
    name = f"{section.stem}.py"
    with Sandbox.open(tiny_course, kind="plain", trust=Trust(everybody=True)) as sandbox:
        watched_file = WatchedFile(section, Service(tiny_course, sandbox), ("mean",))
        for source, expected in ((answer(), 0), (answer(mean="return 0.0"), 1)):
            found = watched_file.grade(Submission(name, Path(name), source.encode()))
            assert (found.graded, found.report.exit_code) == (("mean",), expected)


def test_what_the_checks_of_an_exercise_meet():
    section = Course(ROOT).find("section3")
    assert needed_by_checks(section, "random_search") == {"random_search", "random_search_step", "random_direction"}
    assert met_by_checks(section, "gradient_descent") >= {"gradient", "gradient_descent_step"}
    assert met_by_checks(section, "random_direction") == {"random_direction"}


@pytest.mark.slow
def test_memory_stays_as_it_is(grade_again):
    """Gradings leave no objects behind."""
    sources = [answer(scale=f"return x * factor + {number}") for number in range(4)]

    def grow(times):
        for number in range(times):
            grade_again(sources[number % len(sources)])
        gc.collect()
        return len(gc.get_objects())

    before = grow(8)
    assert grow(40) - before < 400


def test_an_answer_has_only_the_predictions_graded_again(asking_course, tiny_sandbox):
    (section,) = asking_course.sections
    watched_file = WatchedFile(section, Service(asking_course, tiny_sandbox))

    def grade_again(text):
        name = f"{section.stem}.py"
        return watched_file.grade(Submission(name, Path(name), text.encode()))

    solution = section.solution.read_text(encoding="utf-8")
    assert grade_again(solution).graded == section.exercises
    found = grade_again(solution.replace('"it changes",\n}', '"it stays",\n}'))
    assert (found.graded, found.report.points) == (("predictions",), 5.5)
    assert grade_again(solution.replace("x * factor", "factor * x")).graded == ("predictions", "scale")
    read = solution.replace("x * factor", 'x * (factor if PREDICTIONS["sign"] else 1)')
    grade_again(read)
    assert grade_again(read.replace('"it changes",\n}', '"it stays",\n}')).graded == section.exercises
