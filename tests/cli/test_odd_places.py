"""A machine on which a folder cannot be written: the message names it, and blames neither the student nor the grader."""

import subprocess
import sys

import pytest

from tests.cli.commands import environment, grade
from tests.paths import ROOT

NO_TEMPORARY_FOLDER = (
    "import tempfile; tempfile.tempdir = '/dev/null/none'; from grader.program import program; program()"
)


@pytest.mark.slow
@pytest.mark.parametrize(("command", "launcher"), [("plot tiny", ""), ("doctor", "plain")])
def test_a_folder_for_temporary_files_that_is_missing_is_told(command, launcher):
    variables = environment(GRADE_LAUNCHER=launcher, MPLCONFIGDIR="/dev/null/none")
    words = [sys.executable, "-c", NO_TEMPORARY_FOLDER, *command.split()]
    run = subprocess.run(words, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stderr
    assert "set the variable TMPDIR" in run.stderr
    assert "our fault" not in run.stderr


def test_a_folder_for_pages_that_cannot_be_made_is_told(own_course):
    (own_course.root / "reading").symlink_to("nowhere/none")
    run = grade("read", "tiny", "--submission", own_course.solutions, course=own_course.root)
    assert run.returncode == 2
    assert "reading: cannot be made: File exists. Name another place: --out PATH" in run.stderr
