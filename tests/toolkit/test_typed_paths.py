"""Paths as a person types them, here and on Windows."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from grader.toolkit.typed_paths import as_typed, below, way_to

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


@pytest.mark.parametrize(
    ("path", "folder", "found", "way"),
    [
        (KIT + r"\exercises", KIT, "exercises", "exercises"),
        (KIT + r"\exercises", KIT.lower(), "exercises", "exercises"),
        (KIT + r"\exercises", KIT + r"\repro\1", "", "../../exercises"),
        (KIT + r"\exercises", r"D:\kit", "", KIT.replace("\\", "/") + "/exercises"),
        (r"\\server\share\kit\exercises", r"\\server\share\repro", "", "../kit/exercises"),
    ],
)
def test_a_path_of_windows_is_written_with_slashes(path, folder, found, way):
    assert below(PureWindowsPath(path), PureWindowsPath(folder)) == found
    assert way_to(PureWindowsPath(path), PureWindowsPath(folder)) == way


def test_a_backslash_elsewhere_is_a_letter():
    path, folder = PurePosixPath("/kit/a\\b"), PurePosixPath("/kit/repro")
    assert below(path, PurePosixPath("/kit")) == "a\\b"
    assert below(path, folder) == ""
    assert way_to(path, folder) == "../a\\b"
