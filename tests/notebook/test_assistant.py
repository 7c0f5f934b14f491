"""The process that grades for a kernel, asked without one."""

import shutil
from pathlib import Path

import pytest

from grader.notebook.assistant import Assistant
from grader.notebook.wire import Request
from grader.toolkit.verdicts import GraderFaultError

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def assistant():
    asked = Assistant()
    yield asked
    asked.close(at_once=True)


@pytest.mark.slow
def test_a_fault_of_the_checks_is_told_in_their_words_and_the_process_is_kept(assistant, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    checks = course / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(checks.read_text(encoding="utf-8").replace('needs=["mean"]', 'needs=["maen"]'), encoding="utf-8")
    right = (course / "solutions" / "section1_tiny.py").read_bytes()
    request = Request(str(course), "section1", (), "section1_tiny.ipynb", right)
    pids = set()
    for _ in range(2):
        with pytest.raises(
            GraderFaultError, match="centre_by_hand needs maen, which no check above it provides"
        ) as told:
            assistant.ask(request)
        assert "Error:" not in str(told.value).split("cannot be run: ")[0]
        pids.add(assistant.pid)
    assert len(pids) == 1
