"""A student's work on Windows and macOS, as far as Linux can play them: what they lack, and what differs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT, TINY
from tests.platforms.emulation import PRELUDE
from tests.platforms.typeshed import is_missing, names_on, taken_away

PLATFORMS = ("win32", "darwin")
RIGHT = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
WRONG = RIGHT.replace("return x * factor", "return x + factor")
LOOP = RIGHT.replace("return x * factor", "while True: pass")
CRASH = RIGHT.replace("return x * factor", "import os; os._exit(3)")
PRINTS = RIGHT.replace("return x * factor", "print('\u2207 caf\u00e9'); return x + factor")
PROGRAM = "from grader.program import program; program()"
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
    environment = {**os.environ, "GRADE_COURSE": str(TINY), "COLUMNS": "80", **variables}
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
        ("win32", "cli/common.py", 'if sys.platform == "linux":', "if True:", "sched_getaffinity"),
        ("darwin", "cli/common.py", 'if sys.platform == "linux":', "if True:", "sched_getaffinity"),
    ],
)
def test_a_guard_that_is_removed_is_missed(tmp_path, platform, file, guard, without, complaint):
    root = copy_of_grader(tmp_path, file, guard, without)
    done = played(platform, PROGRAM, "tiny", root=root)
    assert done.returncode not in (0, 1)
    assert complaint in done.stderr


STEPS = [  # words, the file, exit code, words that are shown
    ([], RIGHT, 0, "Tiny"),
    (["tiny"], RIGHT, 0, "All points"),
    (["all"], None, 0, "5"),
    (["tiny"], WRONG, 1, "What it looks like"),
    (["tiny", "scale"], LOOP, 1, "did not finish"),
    (["tiny", "scale"], CRASH, 1, "exit code 3"),
    (["tiny", "scale"], PRINTS, 1, "caf\u00e9"),
    (["next"], None, 0, "scale"),
    (["hint", "tiny", "scale"], None, 0, ""),
    (["diff", "tiny"], None, 0, ""),
    (["notebook", "tiny"], None, 0, "ipynb"),
    (["read", "tiny"], None, 0, ""),
    (["pack"], None, 0, "zip"),
    (["reset", "tiny"], None, 0, ""),
    (["doctor"], None, 0, "a plain subprocess"),
    (["--version"], None, 0, ""),
    (["tiny", "--in-process"], RIGHT, 0, "5.0"),
]


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_verb_of_a_student_works(platform, tmp_path):
    course = tmp_path / "caf\u00e9 course"
    shutil.copytree(TINY, course)
    steps = json.dumps([[words, text] for words, text, _, _ in STEPS])
    command = [sys.executable, "-m", "tests.platforms.session", platform, str(course)]
    done = subprocess.run(command, input=steps, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    wrong = [
        f"grade {' '.join(words)}: {got}, not {code} with {shown!r}\n{text}"
        for (words, _, code, shown), (got, text) in zip(STEPS, found, strict=True)
        if got != code or shown not in text or "Traceback" in text
    ]
    assert not wrong, "\n".join(wrong)
