"""The time of the last commit of a clone. A student can set it by hand, so that it is used only where no other time is known.

Git reads the objects of the clone, but no setting of it: the folder of the repository is our own and empty. HEAD is read here.
"""

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from grader.submission.files import read_regular
from grader.submission.refusals import SOME_FILE, UnreadableError

_SHORT, _LONG = 1 << 10, 1 << 20  # bytes
_SECONDS = 20
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"ref: (refs/[\w./-]{1,200})")
_COMMITTER = re.compile(rb"^committer .*> (\d{1,11}) [+-]\d{4}$", re.M)


def commit_time(clone: Path) -> datetime | None:
    """When the commit of HEAD was made, by its committer; None if the folder is no clone, or if git is missing."""
    inside = clone / ".git"
    if inside.is_symlink() or not (inside / "objects").is_dir() or (inside / "objects").is_symlink() or not _git():
        return None
    commit = _head(inside)
    if commit is None or not _is_small(inside, commit):
        return None
    header = _run(inside, "commit", commit).partition(b"\n\n")[0]
    found = _COMMITTER.search(header)
    try:
        return datetime.fromtimestamp(int(found[1]), UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return None


@cache
def _git() -> str:
    return shutil.which("git") or ""


def _head(inside: Path) -> str | None:
    text = _text(inside / "HEAD", _SHORT)
    named = _REF.fullmatch(text)
    if named is None:
        return text if _HASH.fullmatch(text) else None
    if ".." in named[1]:
        return None
    text = _text(inside / named[1], _SHORT)
    if _HASH.fullmatch(text):
        return text
    packed = re.search(rf"^({_HASH.pattern}) {re.escape(named[1])}$", _text(inside / "packed-refs", _LONG), re.M)
    return packed[1] if packed else None


def _text(path: Path, limit: int) -> str:
    try:
        return read_regular(path, limit, SOME_FILE)[0].decode("ascii", "replace").strip()
    except UnreadableError:
        return ""


def _is_small(inside: Path, commit: str) -> bool:
    size = _run(inside, "-s", commit).strip()
    return size.isdigit() and int(size) <= _LONG


def _run(inside: Path, what: str, commit: str) -> bytes:
    """The output of `git cat-file`; empty if it fails."""
    with tempfile.TemporaryDirectory(prefix="grade-git-") as own:
        for name in ("objects", "refs"):
            os.mkdir(os.path.join(own, name))
        Path(own, "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": own, "GIT_DIR": own,
            "GIT_OBJECT_DIRECTORY": str((inside / "objects").absolute()),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1",
        }  # fmt: skip
        try:
            done = subprocess.run(
                [_git(), "cat-file", what, commit], cwd=own, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError, ValueError):
            return b""
        return done.stdout if done.returncode == 0 else b""
