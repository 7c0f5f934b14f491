"""The two commands of the README for a fresh machine: they are there, CI uses them, and they do what they say."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUICK_TESTS = "tests/kit tests/test_docs.py"  # this file is not among them: the command must not run itself


def fresh_machine_commands() -> list[str]:
    """The sh blocks that make a virtual environment, in order."""
    blocks = [block.strip() for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))]
    return [block for block in blocks if "-m venv" in block]


def test_a_fresh_machine_needs_two_commands_of_one_line_each():
    commands = fresh_machine_commands()
    assert len(commands) == 2
    for command in commands:
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
    grades, tests = commands
    assert "grade section4 --submission solutions" in grades
    assert tests.endswith(".venv/bin/python -m pytest -n 2")


def test_ci_runs_the_test_command_of_the_readme():
    told = subprocess.run([ROOT / ".ci" / "run", "--test-command"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == fresh_machine_commands()[1]


@pytest.fixture
def in_fresh_copy(tmp_path: Path) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run a command in a copy of what git knows, with nothing of the present virtual environment."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)

    def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        mine = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "GRADE_COURSE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith((*mine, "PYTEST_XDIST"))}
        environment = kept | variables
        return subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    yield run
    shutil.rmtree(tmp_path, ignore_errors=True)  # an environment with torch takes a gigabyte


@pytest.mark.install
def test_the_first_command_shows_no_points_for_the_stubs_and_all_for_the_solutions(in_fresh_copy):
    done = in_fresh_copy(fresh_machine_commands()[0])
    assert done.returncode == 0, done.stdout + done.stderr
    stubs, solutions = done.stdout.find("0.0 / 15.0 points"), done.stdout.find("15.0 / 15.0 points")
    assert -1 < stubs < solutions


@pytest.mark.install  # `.ci/run` itself begins with it
def test_the_second_command_installs_what_the_tests_need_and_runs_them(in_fresh_copy):
    done = in_fresh_copy(fresh_machine_commands()[1], PYTEST_ADDOPTS=QUICK_TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^=+ \d+ passed", done.stdout, re.MULTILINE), done.stdout
