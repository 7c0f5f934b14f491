"""Files that are written beside a submission."""

import os
import stat
from pathlib import Path

import pytest

from grader.submission.files import read_regular, write_regular
from grader.submission.refusals import SOME_FILE


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("there", [True, False])
def test_a_private_file_can_be_read_by_its_owner_alone(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "autograder.zip"
    if there:
        path.write_bytes(b"an older and longer one")
        path.chmod(0o644)
    write_regular(path, b"key", private=True)
    assert path.read_bytes() == b"key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_read_is_closed(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    (tmp_path / "hand-in.py").write_bytes(b"x = 1")
    assert read_regular(tmp_path / "hand-in.py", 100, SOME_FILE)[0] == b"x = 1"
    assert not [str(one.message) for one in recwarn]


def test_no_file_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"unharmed")
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        write_regular(tmp_path / "link", b"harm")
    assert (tmp_path / "victim").read_bytes() == b"unharmed"
