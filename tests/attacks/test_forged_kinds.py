"""A forged answer is worth nothing in any exercise of the course whose answers are of its kind."""

from pathlib import Path

import pytest

from grader.grading.request import Selection, Task
from grader.sandbox.process.launch import Sandbox
from grader.service.parallel import grade_all
from grader.submission.submission import Submission
from tests.attacks.configurations import WHOLE_COURSE
from tests.attacks.forged_kinds import exercises_for, forgeries, kind_of
from tests.attacks.wrapped import CONVERTED

SHARE = 12  # an attack is tried on one of the first twelve exercises of its kind, another attack on others


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(WHOLE_COURSE) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "attack"), list(enumerate(forgeries())), ids=[attack.path.stem for attack in forgeries()]
)
def test_a_forged_answer_earns_nothing_in_exercises_of_its_kind(place, attack, sandbox):
    of_its_kind = [*exercises_for(attack, WHOLE_COURSE)]
    section, exercise, source = of_its_kind[place % min(SHARE, len(of_its_kind))]
    submission = Submission(f"{section.stem}.py", Path("x"), source.encode())
    (report,) = grade_all(WHOLE_COURSE, [Task(section, submission, Selection((exercise,), alone=True))], sandbox, 1)
    assert [check.id for check in report.checks if check.points] == []
    assert report.status == "partial"


def test_every_kind_has_exercises_in_several_sections():
    sections = [WHOLE_COURSE.find(name) for name in CONVERTED]
    for kind in ("mean", "scale", "shift_in_place"):
        found = {section.id for section in sections for name in section.functions if kind_of(section, name) == kind}
        assert len(found) >= 3
