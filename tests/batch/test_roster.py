"""The list of a class, as spreadsheets write it."""

import pytest

from grader.batch.roster import read_roster
from grader.course import UsageError


@pytest.fixture
def write(tmp_path):
    def file(data):
        path = tmp_path / "roster.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return file


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_ids_whatever_the_separator(write, mark, separator):
    lines = [("ID", "Name", "GitHub"), ("s1", "Ada", "Ada-L"), ("s2", "Bob", ""), ("", "", "")]
    roster = read_roster(write(mark + "\r\n".join(map(separator.join, lines))))
    assert {one.id: one.name for one in roster.students.values()} == {"s1": "Ada", "s2": "Bob"}
    assert roster.find(["nobody", "ada-l"]).id == "s1"
    assert roster.find(["S2"]).id == "s2"
    assert roster.find([""]) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "its first line is nothing"),
        ("name,mail\nAda,a@b.c\n", "Expected a first line with the columns id and name"),
        ("id,name\ns1,Ada\n,Bob\n", "line 3: the id is missing"),
        ("id,name\ns1,Ada\ns1,Bob\n", "line 3: s1 occurs twice"),
        ("id,name,github\ns1,Ada,x\ns2,Bob,X\n", "X is an id of s1 and of s2"),
        (b"id,name\n\xff\xfe,Ada\n", "not UTF-8"),
    ],
)
def test_a_roster_that_cannot_be_used_is_told_with_its_line(write, text, words):
    with pytest.raises(UsageError, match=words):
        read_roster(write(text))


def test_some_columns_are_no_ids(write):
    roster = read_roster(write("id,name,Leaderboard,group\ns1,Ada,yes,red\ns2,Bob,yes,red\n"))
    assert roster.students["s2"].ids == {"leaderboard": "yes", "group": "red"}
    assert roster.find(["yes"]) is None
    assert roster.find(["red"]) is None


def test_an_escape_sequence_in_a_name_is_written_out(write):
    roster = read_roster(write("id,name\ns1,\x1b[31mAda\n"))
    assert roster.students["s1"].name.isprintable()
