"""Runs commands of `grade`, one after the other, on a platform that is played; prints what came of each as JSON.

Its words: the platform, the course's folder. Its input: a list of [words, text of the section's file or null].
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

from tests.platforms.emulation import play


def run(words: list[str]) -> tuple[int, str]:
    """The exit code and what is printed, on a console that knows the letters of western Europe only."""
    from grader.cli import main

    raw = io.BytesIO()
    console = io.TextIOWrapper(raw, encoding="cp1252", write_through=True)
    code = 0
    sys.argv = ["grade", *words]
    with contextlib.redirect_stdout(console), contextlib.redirect_stderr(console):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return code, raw.getvalue().decode("cp1252")


if __name__ == "__main__":
    platform, root = sys.argv[1:]
    os.environ.update(GRADE_COURSE=root, COLUMNS="80")
    play(platform)
    file = Path(root, "exercises", "section1_tiny.py")
    found = []
    for words, text in json.load(sys.stdin):
        if text is not None:
            file.write_text(text, encoding="utf-8", newline="\r\n")
        found.append(run(words))
    print(json.dumps(found))
