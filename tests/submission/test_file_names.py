"""What the names in the exports of four systems say."""

from pathlib import Path

import pytest

from grader.section import Section
from grader.submission.file_names import (
    assignment_prefix,
    copy_number,
    identity,
    is_another_name,
    read_label,
    section_in,
)

SECTIONS = [Section(number, name, Path()) for number, name in ((3, "search"), (4, "momentum"), (14, "more"))]


VERA = "Vera_777_assignsubmission_file_section4_momentum.py"


@pytest.mark.parametrize(
    ("entry", "key", "name", "late", "original"),
    [
        ("lovelaceada_12345_67890_section4.py", "12345", "lovelaceada", False, "section4.py"),
        ("lovelaceada_LATE_12345_67890_section4_momentum-2.py", "12345", "lovelaceada", True, "section4_momentum-2.py"),
        ("lovelaceada_late_12345_67890_hw_1_2_3.zip", "12345", "lovelaceada", True, "hw_1_2_3.zip"),
        ("anon_a8Xz_67890_section4.py", "a8Xz", "", False, "section4.py"),
        ("Ada Lovelace_12345_assignsubmission_file_", "12345", "Ada Lovelace", False, ""),
        ("Ada Lovelace_12345_assignsubmission_file", "12345", "Ada Lovelace", False, ""),
        ("Ada O_Brien_12345_assignsubmission_file_section4.py", "12345", "Ada O_Brien", False, "section4.py"),
        # A student may give a file a name that looks like another student's entry: the system's words come first.
        (f"Zoe Evil_111_assignsubmission_file_{VERA}", "111", "Zoe Evil", False, VERA),
        (f"evileve_111_5000_{VERA}", "111", "evileve", False, VERA),
        ("Zoe Evil_111_assignsubmission_file_vera_777_5000_a.py", "111", "Zoe Evil", False, "vera_777_5000_a.py"),
        ("_111_5000_vera_777_6000_a.py", "111", "", False, "vera_777_6000_a.py"),  # a name without letters
        (f"_111_assignsubmission_file_{VERA}", "111", "", False, VERA),
        ("section4-ada-l", "ada-l", "", False, "section4-ada-l"),
        ("section4_momentum-ada", "ada", "", False, "section4_momentum-ada"),
        ("ada_section4.py", "ada", "", False, "ada_section4.py"),
        ("ada_section4-2.py", "ada", "", False, "ada_section4-2.py"),
        ("section4-ada-2", "ada-2", "", False, "section4-ada-2"),
        ("ada.lovelace", "ada.lovelace", "", False, "ada.lovelace"),
        ("ada.zip", "ada", "", False, "ada.zip"),
        ("section14-ada", "ada", "", False, "section14-ada"),
    ],
)
def test_whose_an_entry_is(entry, key, name, late, original):
    label = read_label(entry, SECTIONS)
    assert (label.key, label.name, label.late, label.original) == (key, name, late, original)


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("section4.py", "section4"), ("section4_momentum-2.py", "section4"), ("Section4 (1).ipynb", "section4"),
        ("ada_section4.py", "section4"), ("momentum.py", "section4"), ("my-momentum (3).py", "section4"),
        ("section14.py", "section14"), ("momentum_search.py", None), ("homework.py", None), ("moresearching.py", None),
    ],
)  # fmt: skip
def test_of_which_section_a_file_is(name, section):
    found = section_in(name, SECTIONS)
    assert (found.id if found else None) == section


def test_numbers_that_systems_put_to_a_file_handed_in_again():
    assert [copy_number(name) for name in ("a.py", "a-2.py", "a (13).ipynb", "section4_2.py")] == [0, 2, 13, 0]


@pytest.mark.parametrize(
    ("names", "folder", "known", "prefix"),
    [
        (["hw-3-ada", "hw-3-alan", "hw-3-bob"], "clones", "", "hw-3-"),
        (["ada", "bob"], "clones", "", ""),
        (["hw-3-ada"], "clones", "", ""),
        (["hw-3-uni-ada", "hw-3-uni-bob"], "hw-3-submissions", "", "hw-3-"),
        (["hw-3-uni-ada", "hw-3-uni-bob"], "clones", "uni-ada uni-bob ada", "hw-3-"),
        (["hw-3-ada", "hw-3-bob"], "other-submissions", "", "hw-3-"),
    ],
)
def test_what_clones_of_one_assignment_have_in_common(names, folder, known, prefix):
    assert assignment_prefix(names, folder, known.split().__contains__) == prefix


def test_two_names_that_look_the_same_stay_two_ids():
    assert identity("ada") == "ada"
    names = ["ada\x1b[2J", "a" * 200, "a" * 201, "ada  l", "ada l", "\udcffada"]
    ids = [identity(name) for name in names]
    assert len(set(ids)) == len(names)
    assert all(one.isprintable() for one in ids)


def test_a_file_that_says_another_name_than_the_roster():
    assert is_another_name("lovelaceada", "Alan Turing")
    alike = [
        ("lovelaceada", "Ada Lovelace"),
        ("", "Ada"),
        ("mllermax", "Max M\u00fcller"),
        ("x", "A B"),
        ("Participant", "Ada Lovelace"),
        ("li", "\u674e"),
    ]
    for said, name in alike:
        assert not is_another_name(said, name), (said, name)
