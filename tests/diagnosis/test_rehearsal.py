"""A rehearsal saves each diagnosis work, and changes no Report."""

import signal
from dataclasses import replace

import msgspec
import pytest

from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.rehearsal import rehearse_diagnosis
from grader.grading.request import Selection, Task
from grader.service import Service
from grader.submission.locate import read_section
from tests.paths import TINY

CHECKS = (TINY / "checks" / "section1_tiny" / "test_section1.py").read_text()
NUMBERS = "NUMBERS = (1.0, 2.0, -0.5, 4.0)\n"


@pytest.fixture
def drawn(tmp_path):
    """A file with a mark for each tensor that a strategy draws."""
    path = tmp_path / "drawn"
    path.touch()
    return path


@pytest.fixture
def course(course_with, drawn):
    """The tiny course, whose strategies leave marks."""
    counted = f'\n\ndef counted(value):\n    with open({str(drawn)!r}, "a") as file:\n        file.write(".")\n    return value\n'
    checks = CHECKS.replace(NUMBERS, NUMBERS + counted).replace(
        "tensors(shape, NUMBERS, torch.float64))", "tensors(shape, NUMBERS, torch.float64)).map(counted)"
    )
    assert ".map(counted)" in checks
    return Course(course_with(checks))


def marks_in(path):
    return path.stat().st_size


def without_times(report):
    return [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]


def test_a_right_answer_and_a_diagnosis_draw_nothing_after_a_rehearsal(course, tiny_sandbox, drawn):
    """The check itself draws for a wrong answer: hypothesis looks for its smallest failing example."""
    (section,) = course.sections
    right = read_section(course.solutions, section)
    wrong = next(one for one in mistakes_of(section) if one.exercise == "scale").source.encode()
    tasks = [Task(section, one, Selection(("scale",), alone=True)) for one in (right, replace(right, source=wrong))]
    unnamed = [replace(task, selection=replace(task.selection, diagnosed=False)) for task in tasks]

    def graded(service, some):
        before, reports = marks_in(drawn), service.grade(some)
        return list(map(without_times, reports)), marks_in(drawn) - before

    plain, draws = graded(Service(course, tiny_sandbox), tasks)
    service = Service(course, tiny_sandbox)
    service.warm_up(section, diagnosed=True)
    rehearsed, fewer = graded(service, tasks)
    assert rehearsed == plain
    assert [any(check.diagnosis for check in checks) for checks in plain] == [False, True]
    assert graded(service, tasks[:1])[1] == 0
    assert graded(service, unnamed)[1] == fewer < draws


PROBES = """
import torch


def behaviour_of_scale(student):
    with open({drawn!r}, "a") as file:
        file.write(".")
    yield {{"scaled": float(student.scale(torch.tensor(2.0), 3.0))}}


PROBES = {{"scale": behaviour_of_scale}}
"""


@pytest.fixture
def probed_section(course, drawn):
    """A section with a probe that leaves a mark for each behaviour that it is asked for."""
    (section,) = course.sections
    (section.room / "probes.py").write_text(PROBES.format(drawn=str(drawn)))
    return section


def test_after_a_rehearsal_a_probe_asks_the_submission_alone(course, probed_section, tiny_sandbox, drawn):
    wrong = [one for one in mistakes_of(probed_section) if one.exercise == "scale"][-1]
    right = read_section(course.solutions, probed_section)
    task = Task(probed_section, replace(right, source=wrong.source.encode()), Selection(("scale",), alone=True))
    service = Service(course, tiny_sandbox)
    service.warm_up(probed_section, diagnosed=True)

    def marks_of(selection):
        before = marks_in(drawn)
        (report,) = service.grade([replace(task, selection=selection)])
        return report, marks_in(drawn) - before

    _, unnamed = marks_of(replace(task.selection, diagnosed=False))
    report, named = marks_of(task.selection)
    assert {check.diagnosis.mistake for check in report.checks if check.diagnosis} == {wrong.slug}
    assert named - unnamed == 1


def test_a_mistake_that_never_returns_does_not_stop_a_rehearsal(probed_section):
    path = probed_section.room / "mistakes.py"
    text = path.read_text().replace("    return x / factor", "    while True:\n        pass", 1)
    path.unlink()
    path.write_text(text)
    before = signal.getsignal(signal.SIGPROF)
    rehearse_diagnosis(probed_section, probe_seconds=0.2)
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0
    assert signal.getsignal(signal.SIGPROF) is before
