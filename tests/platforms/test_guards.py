"""Each guard of a platform is needed: without it, something that a student does goes wrong on that platform."""

import shutil
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from grader.course import Course
from grader.kit.new_parts import new_course, new_section
from grader.sandbox.process.resources import usable_cores
from tests.paths import ROOT
from tests.platforms.emulation import Played, prelude
from tests.platforms.guards import Guard, guards_in, without
from tests.platforms.session import Step, session
from tests.platforms.typeshed import lacking

PLATFORMS = ("win32", "darwin")
GRADER = ROOT / "grader"
INSTRUCTORS = ("batch/", "cli/authors.py")  # no student runs them
NEVER = [("no such words", "interrupt")]  # a deed that makes the console a terminal
SUM = """
import os
held = []
def total(n):
    held.append(bytes(100_000_000))
    del held[:]
    return sum(range(n))
def process():
    return os.getpid()
"""
WORKER = f"""
import os, sys
from pathlib import Path
from grader.course import Course
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError
course = Course(Path(os.environ["GRADE_COURSE"]))
text = {SUM!r}.encode()
with Sandbox.open(course, limits=Limits(check_cpu_seconds=1), trust=Trust(everybody=True)) as sandbox:
    submission = sandbox.admit(Submission("section1_first.py", course.root, text))
    found = set()
    for _ in range(3):
        with submission.trial(Contract(type(os)("reference"))) as met:
            met.student.total(3_000_000)
            found.add(met.student.process())
    print("processes:", len(found))
    if sys.argv[-1] == "limit":
        try:
            with submission.trial(Contract(type(os)("reference"))) as met:
                for _ in range(60):
                    met.student.total(3_000_000)
        except EndedError as error:
            print(error.message)
"""


def steps(platform: str, course: Path) -> list[Step]:
    """What a student does; each step stands for itself."""
    right = (course / "solutions" / "section1_first.py").read_text(encoding="utf-8")
    wrong = right.replace("return x - x.mean()", "print(x); return x")
    assert wrong != right
    crashing = right.replace("return x - x.mean()", "import os; os._exit(3)")
    elsewhere = course / "my work"
    elsewhere.mkdir()
    (elsewhere / "section1_first.py").write_text(wrong, encoding="utf-8")
    quit_watch = "key q" if platform == "win32" else "interrupt"
    quote = '"' if platform == "win32" else "'"
    limits = (
        [Step(["python", WORKER, "limit"], 0, "1 seconds of computing time in all")] if platform == "darwin" else []
    )
    return [
        Step(["section1"], 1, "centre_first", wrong),
        Step(["doctor"], 0, "Windows may refuse" if platform == "win32" else "a plain subprocess"),
        Step(["stop"], 0, "No warm process"),
        Step(["python", WORKER], 0, "processes: 1"),
        Step(["section1", "--submission", str(elsewhere)], 1, f"--submission {quote}"),
        Step(["section1"], 1, "exit code 3", crashing),
        Step(["section1"], 0, "All points", right, deeds=NEVER),
        Step(
            ["section1", "--watch"], 0 if platform == "win32" else 130, "1.5 / 1.5", deeds=[("All points", quit_watch)]
        ),
        Step(["all"], 0, "All points", right),
        Step([], 0, "1.5 of 1.5"),
        Step(["plot", "section1", "--show"], 0, "The desktop opens"),
        Step(["read", "section1"]),
        Step(["pack"], 0, "zip"),
        Step(["pack"], 0, "zip"),  # in place of the file before
        Step(["%grade", "centre_first", right], 0, "1.5 / 1.5"),
        *limits,
    ]


class Trial:
    """A course of two sections in numpy, which takes a student of a platform a moment."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.platform, self._folder, self._count = platform, folder, count()
        self._course = folder / "course"
        new_course(self._course, "Two sections", with_torch=False)
        new_section(Course(self._course), "second", with_torch=False)
        for solution in (self._course / "solutions").glob("*.py"):
            shutil.copy(solution, self._course / "exercises")
        self._asked = self._recorded(folder / "record")

    def _steps(self) -> tuple[Path, list[Step]]:
        """A course of its own, since another session may run at the same time, and what is done in it."""
        course = self._folder / f"{next(self._count)}{'long' * 40}" / "a course"
        shutil.copytree(self._course, course)
        return course, steps(self.platform, course)

    def _recorded(self, record: Path) -> dict[tuple[str, str], list[int]]:
        """The numbers of the steps in which each guard is asked."""
        course, all_steps = self._steps()
        found = session(Played(self.platform, record=str(record)), course, all_steps)
        assert isinstance(found, list), found
        wrong = [(step, got) for step, got in zip(all_steps, found, strict=True) if not got.is_right(step)]
        assert not wrong, wrong
        asked: dict[tuple[str, str], list[int]] = defaultdict(list)
        number = -1
        for line in record.read_text(encoding="utf-8").splitlines():
            first, second = line.split()
            if first == "step":
                number = int(second)
            elif number not in asked[first, second]:
                asked[first, second].append(number)
        return asked

    def goes_wrong(self, guard: Guard, part: slice) -> bool:
        """Whether a step goes wrong without the guard, of this part of those that ask it."""
        numbers = self._asked.get((guard.file, guard.place), [])[part]
        if not numbers:
            return False
        course, all_steps = self._steps()
        some = [all_steps[number] for number in numbers]
        found = session(Played(self.platform, (guard.file, guard.place)), course, some)
        return isinstance(found, str) or any(not one.is_right(step) for step, one in zip(some, found, strict=False))

    def is_lacking(self, guard: Guard) -> bool:
        """Whether the module without the guard names what the platform lacks."""
        return bool(lacking(self.platform, without(guard.place, (GRADER / guard.file).read_bytes())))


def is_needed(guard: Guard, trials: list[Trial]) -> bool:
    """Whether something goes wrong without the guard on a platform that it is for: the quickest way to see it first."""
    there = [trial for trial in trials if guard.is_for(trial.platform)]
    return (
        any(trial.goes_wrong(guard, slice(1)) for trial in there)
        or any(trial.is_lacking(guard) for trial in there)
        or any(trial.goes_wrong(guard, slice(1, None)) for trial in there)
    )


@pytest.mark.slow
def test_without_any_guard_something_goes_wrong(tmp_path):
    guards = [one for one in guards_in(GRADER) if not one.file.startswith(INSTRUCTORS)]
    trials = [Trial(tmp_path / platform, platform) for platform in PLATFORMS]
    with ThreadPoolExecutor(usable_cores()) as pool:
        needed = list(pool.map(is_needed, guards, [trials] * len(guards)))
    found = [f"grader/{guard.file}:{guard.place}" for guard, is_one in zip(guards, needed, strict=True) if not is_one]
    assert not found, "nothing goes wrong without these"
    for platform in PLATFORMS:
        assert sum(guard.is_for(platform) for guard in guards) > 30, "the search for guards finds too few"


IMPORTED = "from multiprocessing.context import ForkProcess\n"


@pytest.mark.slow
def test_an_import_that_windows_has_not_is_found(tmp_path):
    shutil.copytree(GRADER, tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "grader" / "service" / "parallel.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("from dataclasses", f"{IMPORTED}from dataclasses"), encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {prelude(Played('win32'))}import grader.service.parallel"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, cwd="/", check=False)
    assert "ForkProcess" in done.stderr, done.stderr
