"""Every command of a student reads a file that `grade` reads: with a byte order mark, in UTF-16, or in a declared encoding."""

import codecs
import shutil

import pytest
from click.testing import CliRunner

from grader.cli import cli
from tests.paths import TINY

TEXT = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
FILES = {
    "byte order mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-16": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "declared": f"# coding: latin-1\n# é\n{TEXT}".encode("latin-1"),
    "Windows": TEXT.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("words", ["next section1 scale", "diff section1", "notebook section1", "reset section1 scale"])
def test_a_command_reads_it(words, data, tmp_path, monkeypatch):
    course = shutil.copytree(TINY, tmp_path / "course")
    (course / "exercises" / "section1_tiny.py").write_bytes(data)
    monkeypatch.setenv("GRADE_COURSE", str(course))
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == 0, done.output
