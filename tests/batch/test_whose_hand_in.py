"""Whose a hand-in is: the roster, its teams, and names that do not fit."""

import unicodedata

from grader.batch.roster import Roster, Student
from tests.batch.hand_ins import SOLUTION, STUB, WRONG, students


def test_a_roster_gives_names_and_tells_who_is_unknown_and_who_is_missing(lay_out, take):
    roster = Roster([
        Student("s1", "Ada Lovelace", {"canvas_id": "12345", "github": "Ada-L"}),
        Student("s2", "Bob Boole", {"canvas_id": "777"}),
        Student("s3", "Cem Can"),
    ])  # fmt: skip
    folder = lay_out({
        "lovelaceada_12345_1_section1.py": SOLUTION,
        "section1-ada-l/section1_tiny.py": WRONG,
        "S2/section1_tiny.py": STUB,
        "zoe/section1_tiny.py": STUB,
    })  # fmt: skip
    found, troubles = take(folder, roster=roster)
    assert [(one.student, one.name) for one in found] == [
        ("s2", "Bob Boole"),
        ("s1", "Ada Lovelace"),
        ("s1", "Ada Lovelace"),
        ("zoe", ""),
    ]
    assert [(one.kind, one.student) for one in troubles] == [("unknown", "zoe"), ("missing", "s3")]


def test_an_id_that_the_roster_has_under_another_name_is_told(lay_out, take):
    folder = lay_out({"lovelaceada_501_1_section1.py": SOLUTION, "turingalan_502_2_section1.py": SOLUTION})
    found, troubles = take(folder, roster=Roster([Student("501", "Alan Turing"), Student("502", "A. Turing")]))
    assert students(found) == ["501", "502"]
    assert [(one.kind, one.student, one.reason) for one in troubles] == [
        ("doubtful", "501", "in the roster it is Alan Turing")
    ]


def test_a_team_of_the_roster_hands_in_together_on_every_system(lay_out, take):
    """Canvas names the group and one of its members: content_zipper.rb, get_user_name."""
    roster = Roster([
        Student("s1", "Ada Lovelace", {"canvas_id": "501", "team": "A"}), Student("s2", "Bob Boole", {"team": "a"}),
        Student("s3", "Cem Can", {"team": "B"}), Student("s4", "Dan"),
    ])  # fmt: skip
    folder = lay_out(
        {"group1_501_9001_section1.py": SOLUTION, "s3/section1_tiny.py": WRONG, "s4/section1_tiny.py": STUB}
    )
    found, troubles = take(folder, roster=roster)
    assert [(one.student, one.submission.source) for one in found] == [
        ("s1", SOLUTION), ("s2", SOLUTION), ("s3", WRONG), ("s4", STUB),
    ]  # fmt: skip
    assert not troubles
    assert len({one.upload for one in found[:2]}) == 1


def test_a_name_with_umlauts_is_the_same_however_a_program_encodes_it(lay_out, take):
    """Programs of macOS write an umlaut as a letter and two dots."""
    roster = Roster([Student("müller", "Jörg Müller", {}), Student("s2", "Zoë", {"github": "zoë"})])
    names = [unicodedata.normalize("NFD", name) for name in ("müller", "section1-zoë", "örs")]
    folder = lay_out({f"{name}/section1_tiny.py": SOLUTION for name in names})
    found, troubles = take(folder, roster=roster)
    assert sorted(students(found)) == ["müller", "s2", "örs"]
    assert [(one.kind, one.student) for one in troubles] == [("unknown", "örs")]
