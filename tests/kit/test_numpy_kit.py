"""The kit of the course in numpy: all of it is about that course, and each command of its README works."""

import os
import re
import subprocess
import sys

import pytest

from grader.course import Course
from grader.kit.release import kit, write_kit
from tests.paths import ITERATIVE

OF_ANOTHER_COURSE = re.compile(rb"torch|mnist|section4|momentum|deep learning", re.IGNORECASE)


@pytest.fixture(scope="module")
def files():
    return kit(Course(ITERATIVE), recorded=False)


def test_nothing_of_another_course_is_in_it(files):
    own = {name: data for name, data in files.items() if not name.startswith("grader/")}
    assert {"README.md", "docs/students.md", "pyproject.toml", "checks/section2_data/thresholds.toml"} <= own.keys()
    assert {name: found[0] for name, data in own.items() if (found := OF_ANOTHER_COURSE.search(data))} == {}
    assert not [name for name in own if name.startswith(("data/", "docs/images/", "docs/forbidden"))]


def test_its_texts_speak_of_its_own_sections(files):
    readme, guide = files["README.md"].decode(), files["docs/students.md"].decode()
    assert readme.startswith("# Iterative methods\n")
    assert "| Section 2: Equations, clusters and classes | `exercises/section2_data.py` | 10 |" in readme
    assert "grade section1 power_iteration" in guide
    assert "{" not in readme + guide


def commands_in(readme: str) -> list[list[str]]:
    """What the README tells a student to type, without the installation."""
    typed = [line for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) for line in block.splitlines()]
    typed += re.findall(r"`(grade [^`\n]+)`", readme)
    return [line.split()[1:] for line in typed if line.startswith("grade")]


@pytest.mark.slow
def test_every_command_of_its_readme_works(files, tmp_path):
    folder = tmp_path / "kit"
    write_kit(files, folder, None)
    commands = commands_in(files["README.md"].decode())
    assert {words[0] for words in commands if words} == {
        "notebooks/section1_linear_algebra.ipynb",
        "notebook",
        "read",
        "pack",
    }
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    for words in commands:
        ended = subprocess.run(
            [sys.executable, "-m", "grader", *words], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert ended.returncode in (0, 1), (words, ended.stdout + ended.stderr)
        assert "Traceback" not in ended.stderr
    assert (folder / "reading" / "index.html").is_file()
    assert (folder / "submission.zip").is_file()
