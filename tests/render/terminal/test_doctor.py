"""What `grade doctor` says of odd places."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from grader.render.terminal.doctor import place_findings

LONG = "C:\\" + "\\".join(["a folder of a student"] * 7)


@pytest.mark.parametrize(
    ("root", "windows", "encoding", "names"),
    [
        (PureWindowsPath(r"C:\Users\Zoë\kit"), True, "utf-8", ["course"]),
        (
            PureWindowsPath(r"C:\Users\Zoë\OneDrive - ETH\kit"),
            True,
            "cp1252",
            ["course", "synchronised folder", "console"],
        ),
        (PurePosixPath("/Users/ana/Library/Mobile Documents/kit"), False, "utf-8", ["course", "synchronised folder"]),
        (PureWindowsPath(LONG), True, "utf-8", ["course", "long path"]),
        (PurePosixPath("/" + "a" * 200), False, "UTF-8", ["course"]),
    ],
)
def test_the_doctor_tells_odd_places(root, windows, encoding, names):
    found = place_findings(root, windows, encoding)
    assert [one.name for one in found] == names
    assert found[0].text == str(root)
