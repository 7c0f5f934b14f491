"""A student's work on Windows and macOS, as far as Linux can play them: what they lack, and what differs."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.course_with_predictions import make_course
from tests.paths import ROOT, TINY
from tests.platforms.emulation import Played, prelude
from tests.platforms.session import Step, session
from tests.platforms.typeshed import is_missing, lacking, names_on, taken_away

PLATFORMS = ("win32", "darwin")
PROGRAM = "from grader.program import program; program()"
_ASKS = re.compile(r"hasattr\(os, |except ImportError:")  # for a name, not for a platform
EVERY_MODULE = """
import importlib, pkgutil, grader
for found in pkgutil.walk_packages(grader.__path__, "grader."):
    if not found.name.endswith("__main__"):
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            if "on Linux only" not in str(error):
                raise
"""


def played(
    platform: str, code: str, *words: str, root: Path = ROOT, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run code in a process that plays a platform, with the grader of a folder."""
    first = f"import sys; sys.path.insert(0, {str(root)!r}); "
    program = first + prelude(Played(platform)) + f"exec({code!r})"
    command = [sys.executable, "-P", "-c", program, *words]
    environment = {**os.environ, "GRADE_COURSE": str(TINY), "COLUMNS": "80", "GRADE_COLD": "", **variables}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", check=False)


@pytest.mark.slow  # mypy, which has typeshed, is a tool of development
def test_typeshed_tells_what_a_platform_lacks():
    assert {"ForkProcess", "ForkContext"} <= taken_away("win32", "multiprocessing.context")
    assert {"SIGKILL", "SIGTRAP", "setitimer"} <= taken_away("win32", "signal")
    assert "SIGKILL" in names_on("darwin", "signal")
    assert {"sched_getaffinity", "pidfd_open", "memfd_create"} <= taken_away("darwin", "os")
    assert all(
        is_missing("win32", name) and not is_missing("darwin", name) for name in ("fcntl", "resource", "termios")
    )
    assert is_missing("darwin", "msvcrt")


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_module_runs_what_a_platform_lacks(platform):
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "grader").rglob("*.py")}
    found = {str(path): lacking(platform, ast.parse(text)) for path, text in texts.items() if not _ASKS.search(text)}
    assert not {path: names for path, names in found.items() if names}


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_module_can_be_imported_or_says_that_it_is_for_linux(platform):
    done = played(platform, EVERY_MODULE)
    assert done.returncode == 0, done.stderr


NO_TEMPORARY_FOLDER = "import tempfile; tempfile.tempdir = '/dev/null/none'; "


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_folder_for_temporary_files_that_cannot_be_written_is_named(platform):
    done = played(platform, NO_TEMPORARY_FOLDER + PROGRAM, "tiny")
    assert done.returncode == 2, done.stderr
    assert "/dev/null/none/" in done.stderr
    assert "set the variable TMPDIR" in done.stderr


FIGURES = """
import torch
from grader.figures.picture import Figure, Words

class Scaled(Figure):
    slug, exercises = "scaled", ("scale",)

    def gather(self, work):
        work.ask("scaled", "scale", lambda functions: functions.scale(torch.ones(2, dtype=torch.float64), 3.0), (2,))

    def draw(self, canvas, data):
        canvas.axes()[0].plot(data["scaled"])
        return Words("Ones times three", "A line.")

FIGURES = [Scaled()]
"""
MEAN = "def mean(x):\n    return float(x.sum()) / x.numel()\n"


def steps(platform: str, right: str) -> list[Step]:
    """What a student does, and what is shown."""

    def with_scale(body: str) -> str:
        assert "return x * factor" in right
        return right.replace("return x * factor", body)

    quit_watch = "key q" if platform == "win32" else "interrupt"
    loop = with_scale("import time\n    while True: time.sleep(9)")  # these platforms cannot tell it from computing
    shown = "to quit" if platform == "win32" else "Ctrl-C ends it"
    saves = [
        ("What it looks like", f"save {loop}"),
        ("did not finish", "save " + with_scale("import os; os._exit(3)")),
        ("exit code 3", "save " + with_scale("print('\u2207 caf\u00e9'); return x + factor")),
        ("caf\u00e9", f"save {right}"),
        ("All points", "key a" if platform == "win32" else "interrupt"),
        ("All points", quit_watch),
    ]
    return [
        Step([], 0, "Tiny", right),
        Step(["tiny"], 1, "What it looks like", with_scale("return x + factor")),
        Step(["next"], 0, "scale"),
        Step(["hint", "tiny", "scale"]),
        Step(["tiny", "--watch"], 0 if platform == "win32" else 130, shown, deeds=saves),
        Step(["tiny", "scale"], 130, text=loop, deeds=[("", "interrupt")]),
        Step(["diff", "tiny"]),
        Step(["all"], 0, "5", right),
        Step(["plot", "tiny"], 0, "scaled.png"),
        Step(["predict", "tiny"], 0, "2 became -6"),
        Step(["%grade", "mean", MEAN], 0, "1.25 / 1.25"),
        Step([], 0, "section1", environment=COMPLETING),
        Step(["notebook", "tiny"], 0, "ipynb"),
        Step(["read", "tiny"]),
        Step(["pack"], 0, "zip"),
        Step(["reset", "tiny"]),
        Step(["doctor"], 0, "a plain subprocess"),
        Step(["--version"]),
        Step(["tiny", "--in-process"], 0, "5.5", right),
    ]


COMPLETING = {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade sec", "COMP_CWORD": "1"}


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_verb_of_a_student_works(platform, tmp_path):
    course = make_course(tmp_path / "caf\u00e9 course")
    (course / "checks" / "section1_tiny" / "figures.py").write_text(FIGURES)
    expected = steps(platform, (course / "solutions" / "section1_tiny.py").read_text(encoding="utf-8"))
    found = session(Played(platform), course, expected)
    assert isinstance(found, list), found
    wrong = [
        f"grade {' '.join(step.words)}: {got.code}, not {step.code} with {step.shown!r}\n{got.text}"
        for step, got in zip(expected, found, strict=True)
        if not got.is_right(step)
    ]
    assert not wrong, "\n".join(wrong)
