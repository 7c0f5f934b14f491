"""Paths as a person types them, here and on Windows."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from grader.toolkit.typed_paths import as_typed

KIT = r"C:\Users\Zoë Ros\kit"


@pytest.mark.parametrize(
    ("path", "folder", "typed"),
    [
        (KIT + r"\exercises\section1.py", KIT, r"exercises\section1.py"),
        (KIT + r"\exercises\section1.py", KIT.lower(), r"exercises\section1.py"),  # Windows tells no case apart
        (KIT + r"\section1.py", r"D:\kit", KIT + r"\section1.py"),
        (r"\\server\share\kit\section1.py", r"\\server\share\kit", "section1.py"),
        (KIT + r"\..\section1.py", KIT, r"..\section1.py"),
    ],
)
def test_a_path_of_windows_is_typed_from_the_present_folder(path, folder, typed):
    assert as_typed(PureWindowsPath(path), PureWindowsPath(folder)) == typed


def test_a_path_elsewhere_is_typed_whole():
    assert as_typed(PurePosixPath("/kit/a.py"), PurePosixPath("/other")) == "/kit/a.py"
    assert as_typed(PurePosixPath("/kit/a.py"), PurePosixPath("/kit")) == "a.py"
