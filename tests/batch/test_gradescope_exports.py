"""Exports of Gradescope: groups, missing folders, and metadata that is believed but never run."""

from datetime import UTC, datetime

import pytest

from grader.batch.roster import Roster, Student
from grader.course import UsageError
from tests.batch.hand_ins import SOLUTION, WRONG, students

METADATA = b"""
submission_123:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  - :name: Bob Boole
    :sid:
    :email: bob@example.org
  :created_at: 2026-11-20 22:15:03.482000000 Z
  :score: 3.0
  :history: []
submission_124:
  :submitters:
  - :name: Cem Can
    :sid: 99
    :email: cem@example.org
  :created_at: 2026-11-21 09:00:00 +01:00
"""


def test_a_gradescope_export_with_a_group(lay_out, take):
    folder = lay_out({
        "submission_metadata.yml": METADATA,
        "submission_123/section1_tiny.py": SOLUTION,
        "submission_124/section1_tiny.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name) for one in found] == [
        ("1815", "Ada Lovelace"),
        ("bob@example.org", "Bob Boole"),
        ("99", "Cem Can"),
    ]
    assert found[0].submitted == datetime(2026, 11, 20, 22, 15, 3, 482000, UTC)
    assert found[2].submitted == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert not troubles


def test_an_export_of_gradescope_is_found_in_the_folder_that_its_archive_has_made(lay_out, take):
    folder = lay_out({
        "roster.csv": b"id,name\n",
        ".DS_Store": b"",
        "assignment_5_export/submission_metadata.yml": METADATA,
        "assignment_5_export/submission_123/section1_tiny.py": SOLUTION,
        "assignment_5_export/submission_124/section1_tiny.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder)
    assert students(found) == ["1815", "bob@example.org", "99"]
    assert not troubles


def test_what_gradescope_lists_and_its_export_does_not_hold_is_told(lay_out, take):
    """Of each of a group, once, also where a roster would say that they have handed nothing in."""
    folder = lay_out({"submission_metadata.yml": METADATA, "submission_124/section1_tiny.py": WRONG})
    roster = Roster([Student("1815", "Ada Lovelace"), Student("bob@example.org", "Bob"), Student("99", "Cem Can")])
    found, troubles = take(folder, roster=roster)
    assert students(found) == ["99"]
    assert [(one.kind, one.student) for one in troubles] == [("unreadable", "1815"), ("unreadable", "bob@example.org")]
    assert troubles[0].place.endswith("submission_123")
    assert "Export again" in troubles[0].reason


def test_metadata_can_run_nothing(lay_out, take, tmp_path):
    planted = tmp_path / "planted"
    text = f"submission_1: !!python/object/apply:os.system ['touch {planted}']\n"
    folder = lay_out({"submission_metadata.yml": text.encode(), "submission_1/section1_tiny.py": SOLUTION})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: not YAML"):
        take(folder)
    assert not planted.exists()
