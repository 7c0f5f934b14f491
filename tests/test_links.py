"""What is written beside a submission, and what is read of a working directory, goes through no link and takes no settings."""

import os
import subprocess
import sys

import pytest

from grader.cli.writing import write_file
from grader.course import UsageError


def test_a_link_to_a_file_is_not_written_through(tmp_path):
    for target in ("there.txt", "not-there.txt"):
        link = tmp_path / f"{target}.xml"
        (tmp_path / "there.txt").write_text("as it was")
        link.symlink_to(tmp_path / target)
        with pytest.raises(UsageError, match="it is a link"):
            write_file(link, b"mine")
    assert [path.name for path in sorted(tmp_path.iterdir()) if not path.is_symlink()] == ["there.txt"]
    assert (tmp_path / "there.txt").read_text() == "as it was"


@pytest.mark.skipif(not os.path.islink("/dev/stdout"), reason="no such link here")
def test_standard_output_may_be_named_as_a_file():
    code = (
        "from pathlib import Path; from grader.cli.writing import write_file; write_file(Path('/dev/stdout'), b'mine')"
    )
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert ran.stdout == b"mine"


@pytest.mark.parametrize("module", ["grader.figures.style", "grader.figures.canvas", "grader.batch.fingerprints"])
def test_settings_of_matplotlib_in_the_working_directory_are_not_taken(module, tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe\0 \x1b]0;no settings\x07")
    code = f"import {module} as m; getattr(m, '_fingerprint', lambda *_: 0)('x = 1', 3); import matplotlib"
    ran = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
