"""A student's work on Windows and macOS, as far as Linux can play them: what they lack, and what differs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.course_with_predictions import make_course
from tests.paths import ROOT, TINY
from tests.platforms.emulation import PRELUDE
from tests.platforms.typeshed import is_missing, names_on, taken_away, unguarded

PLATFORMS = ("win32", "darwin")
PROGRAM = "from grader.program import program; program()"
AT_A_TERMINAL = "import os; os.environ.pop('CI', None); sys.stdout.isatty = lambda: True; " + PROGRAM
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
    program = first + PRELUDE.format(root=str(ROOT), platform=platform) + f"exec({code!r})"
    command = [sys.executable, "-P", "-c", program, *words]
    environment = {**os.environ, "GRADE_COURSE": str(TINY), "COLUMNS": "80", "GRADE_COLD": "", **variables}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", check=False)


def copy_of_grader(folder: Path, file: str, guard: str, without: str) -> Path:
    """The grader with one guard removed."""
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "grader" / file
    text = path.read_text(encoding="utf-8")
    assert guard in text
    path.write_text(text.replace(guard, without), encoding="utf-8")
    return folder


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
def test_every_module_can_be_imported_or_says_that_it_is_for_linux(platform):
    done = played(platform, EVERY_MODULE)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "file", "guard", "without", "complaint"),
    [
        (
            "win32",
            "service/parallel.py",
            "from dataclasses import replace\n",
            "from dataclasses import replace\nfrom multiprocessing.context import ForkProcess\n",
            "ForkProcess",
        ),
        ("win32", "sandbox/process/resources.py", 'if sys.platform == "win32":', "if False:", "resource"),
        (
            "win32",
            "sandbox/process/resources.py",
            '"linux":\n        return len',
            '"x" or True:\n        return len',
            "sched_getaffinity",
        ),
        (
            "darwin",
            "sandbox/process/resources.py",
            '"linux":\n        return len',
            '"x" or True:\n        return len',
            "sched_getaffinity",
        ),
        ("win32", "grading/records.py", 'if sys.platform != "win32":', "if True:", "fcntl"),
        ("win32", "sandbox/process/launch.py", 'sys.platform == "linux" and not wanted', "not wanted", "on Linux only"),
        (
            "darwin",
            "sandbox/process/launch.py",
            'sys.platform == "linux" and not wanted',
            "not wanted",
            "on Linux only",
        ),
    ],
)
def test_a_guard_that_is_removed_is_missed(tmp_path, platform, file, guard, without, complaint):
    root = copy_of_grader(tmp_path, file, guard, without)
    done = played(platform, PROGRAM, "tiny", root=root)
    assert done.returncode not in (0, 1)
    assert complaint in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("file", "guard", "without", "code", "word"),
    [
        ("cli/grading.py", 'sys.platform != "linux" or options.cold', "options.cold", AT_A_TERMINAL, "tiny"),
        ("cli/students.py", 'if sys.platform == "linux":', "if True:", PROGRAM, "stop"),
    ],
)
def test_a_guard_of_the_warm_process_that_is_removed_is_missed(tmp_path, platform, file, guard, without, code, word):
    done = played(platform, code, word, root=copy_of_grader(tmp_path, file, guard, without))
    assert done.returncode not in (0, 1)
    assert "a warm process on Linux only" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_module_that_names_what_a_platform_lacks_asks_for_the_platform(platform):
    found = {str(path): unguarded(platform, path.read_text("utf-8")) for path in (ROOT / "grader").rglob("*.py")}
    assert not {path: names for path, names in found.items() if names}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "file", "name"),
    [
        ("win32", "sandbox/process/fork_zygote.py", "os.fork"),  # macOS lacks nothing that it names
        *((platform, "sandbox/process/forked_zygote.py", "os.pidfd_open") for platform in PLATFORMS),
        *((platform, "warm/warm_process.py", "os.memfd_create") for platform in PLATFORMS),
        *((platform, "warm/warm_server.py", "os.pidfd_open") for platform in PLATFORMS),
    ],
)
def test_a_module_for_linux_that_no_longer_says_so_is_missed(platform, file, name):
    text = (ROOT / "grader" / file).read_text(encoding="utf-8")
    assert name in unguarded(platform, text.replace('if sys.platform != "linux":', "if False:"))


HELD = """
import threading
from grader.grading.records import Path, replace_file
path = Path(sys.argv[1])
held = path.open()
threading.Timer(0.1, held.close).start()
replace_file(path, b"new")
"""


@pytest.mark.slow
def test_a_file_that_a_synchronised_drive_holds_for_a_moment_is_replaced(tmp_path):
    path = tmp_path / "caf\u00e9.py"
    path.write_text("old")
    done = played("win32", HELD, str(path))
    assert (done.returncode, path.read_text()) == (0, "new"), done.stderr


NO_TEMPORARY_FOLDER = "import tempfile; tempfile.tempdir = '/nonexistent'; "


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_folder_for_temporary_files_that_cannot_be_written_is_named(platform):
    done = played(platform, NO_TEMPORARY_FOLDER + PROGRAM, "tiny")
    assert done.returncode == 2, done.stderr
    assert "/nonexistent/" in done.stderr
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


def steps(platform: str, right: str) -> list[tuple[dict[str, Any], int, str]]:
    """What a student does, with the exit code and words that are shown."""

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
        ({"words": [], "text": right}, 0, "Tiny"),
        ({"words": ["tiny"], "text": with_scale("return x + factor")}, 1, "What it looks like"),
        ({"words": ["next"]}, 0, "scale"),
        ({"words": ["hint", "tiny", "scale"]}, 0, ""),
        ({"words": ["tiny", "--watch"], "deeds": saves}, 0 if platform == "win32" else 130, shown),
        ({"words": ["tiny", "scale"], "text": loop, "deeds": [("", "interrupt")]}, 130, ""),
        ({"words": ["diff", "tiny"]}, 0, ""),
        ({"words": ["all"], "text": right}, 0, "5"),
        ({"words": ["plot", "tiny"]}, 0, "scaled.png"),
        ({"words": ["predict", "tiny"]}, 0, "2 became -6"),
        ({"words": ["%grade", "mean", MEAN]}, 0, "1.25 / 1.25"),
        ({"words": [], "environment": COMPLETING}, 0, "section1"),
        ({"words": ["notebook", "tiny"]}, 0, "ipynb"),
        ({"words": ["read", "tiny"]}, 0, ""),
        ({"words": ["pack"]}, 0, "zip"),
        ({"words": ["reset", "tiny"]}, 0, ""),
        ({"words": ["doctor"]}, 0, "a plain subprocess"),
        ({"words": ["--version"]}, 0, ""),
        ({"words": ["tiny", "--in-process"], "text": right}, 0, "5.5"),
    ]


COMPLETING = {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade sec", "COMP_CWORD": "1"}


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_verb_of_a_student_works(platform, tmp_path):
    course = make_course(tmp_path / "caf\u00e9 course")
    (course / "checks" / "section1_tiny" / "figures.py").write_text(FIGURES)
    expected = steps(platform, (course / "solutions" / "section1_tiny.py").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "tests.platforms.session", platform, str(course)]
    given = json.dumps([step for step, _, _ in expected])
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    wrong = [
        f"grade {' '.join(step['words'])}: {got}, not {code} with {shown!r}\n{text}"
        for (step, code, shown), (got, text) in zip(expected, found, strict=True)
        if got != code or shown not in text or "Traceback" in text
    ]
    assert not wrong, "\n".join(wrong)
