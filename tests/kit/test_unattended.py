"""What a student reads who has uploaded a file and types no command."""

import pytest

from grader.kit.autograder import grade_unattended
from tests.submission.formats import zip_of


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.py": b"", "b.py": b""}, "no file named section1_tiny.py or .ipynb inside. It holds: a.py, b.py"),
        ({"essay.pdf": b"%PDF"}, "It holds no Python file and no notebook"),
        ({"x/section1.py": b"", "y/section1.py": b""}, "any of these could be meant"),
        ({"work.zip": b"PK"}, "work.zip: not a zip archive, or a damaged one"),
        ({"work.zip": zip_of({"other.txt": b""})}, "work.zip: no file named section1_tiny.py"),
    ],
)
def test_a_hand_in_without_a_file_says_why_and_what_to_hand_in(lay_out, tiny_course, files, reason):
    folder = lay_out(files)
    (report,) = grade_unattended(tiny_course, folder).reports
    assert report.points == 0
    assert reason in report.notice
    assert "Hand in section1_tiny.py or section1_tiny.ipynb" in report.notice
    assert "grade " not in report.notice
    assert str(folder) not in report.notice
