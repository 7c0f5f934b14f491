"""What has earned points in the course's own sections, or has hung or starved the process that judges, earns nothing any more."""

import ast
import os
import resource
import subprocess
import sys

import pytest

from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.grading.request import Selection, Task
from grader.sandbox.limits.limits import OWN
from grader.sandbox.process.launch import Sandbox
from grader.service.parallel import grade_all
from tests.attacks.configurations import WHOLE_COURSE
from tests.attacks.wrapped import FOLDER, submission, wrappings

CASES = [
    pytest.param(attack.path, section, exercise, points, id=f"{attack.path.stem}, {section} {exercise}")
    for attack in wrappings()
    for section, exercise, points in attack.places()
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(WHOLE_COURSE) as opened:
        yield opened


@pytest.fixture
def judges(monkeypatch):
    """What each process that has judged used: seconds of computing, and bytes of memory at most."""
    used, wait = [], os.wait4

    def noting(pid, options):
        found = wait(pid, options)
        used.append((found[2].ru_utime + found[2].ru_stime, found[2].ru_maxrss << 10))
        return found

    monkeypatch.setattr(os, "wait4", noting)
    return used


@pytest.mark.slow
@pytest.mark.parametrize(("attack", "section", "exercise", "points"), CASES)
def test_an_attack_on_a_real_exercise_earns_what_its_work_is_worth(attack, section, exercise, points, sandbox, judges):
    section = WHOLE_COURSE.find(section)
    task = Task(section, submission(section, exercise, attack), Selection(exercises=(exercise,), alone=True))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    (report,) = grade_all(WHOLE_COURSE, [task], sandbox, 1)
    assert report.points == points, [(check.id, check.points, check.message) for check in report.checks]
    assert report.status != "grader_error"
    assert judges
    assert sum(seconds for seconds, _ in judges) <= OWN.cpu_seconds
    assert max(memory for _, memory in judges) <= own + OWN.memory_bytes


@pytest.mark.parametrize("attack", wrappings(), ids=lambda attack: attack.path.stem)
def test_an_attack_says_what_it_is_and_names_exercises_of_the_course(attack):
    assert attack.tries
    assert attack.stopped_by
    for section, exercises in attack.earns.items():
        assert set(exercises) <= set(WHOLE_COURSE.find(section).exercises)


def spoilt(section):
    """The solution of a section with an attack around every function and every class's `forward`."""
    text = section.solution.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if getattr(node, "name", None) in section.functions:
            target = f"{node.name}.forward" if isinstance(node, ast.ClassDef) else node.name
            text += f"\n{target} = attack({target})"
    return (FOLDER / "fills_with_nan.py").read_text(encoding="utf-8") + text


@pytest.mark.slow
def test_a_first_hand_in_of_a_class_costs_the_solutions_after_it_no_point(tmp_path):
    section = WHOLE_COURSE.find("section7")
    right = section.solution.read_text(encoding="utf-8")
    for student, text in {"ada": spoilt(section), "bob": right, "cy": right + "\n# mine\n"}.items():
        path = tmp_path / "submissions" / student / f"{section.stem}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    words = ["class", str(tmp_path / "submissions"), "--out", str(tmp_path / "out"), "--workers", "1"]
    subprocess.run([sys.executable, "-m", "grader", *words], cwd=WHOLE_COURSE.root, check=True)
    book = Gradebook(tmp_path / "out" / FILENAME)
    students = {row["content"]: row["student"] for row in book.db.execute("SELECT student, content FROM submissions")}
    lost = {students[one.content]: one.report.max_points - one.report.points for one in book.graded()}
    assert lost.pop("ada") > 0
    assert lost == {"bob": 0, "cy": 0}
