"""The classes of tests/benchmarks/peers, which nothing else here runs: they are written whole, and ours is a course."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import Course

MAKE = Path(__file__).parent / "benchmarks" / "peers" / "make.py"


@pytest.mark.parametrize("peer", ["ours", "ours_by_calls", "check50", "gradescope", "xdist"])
def test_a_class_is_written_whole(tmp_path, peer):
    subprocess.run([sys.executable, MAKE, peer, "20", tmp_path], cwd=MAKE.parents[3], check=True)
    assert len(list((tmp_path / "submissions").iterdir())) == 20
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    if peer.startswith("ours"):
        (section,) = Course(tmp_path / "course").sections
        assert [check.points for check in section.check_list] == [1.0] * 4
