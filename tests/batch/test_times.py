"""When a hand-in came: what goes before what, and what a student may not undo."""

import hashlib
import os
import struct
import subprocess
import unicodedata
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.intake import HandIn, Intake
from grader.batch.roster import Roster, Student
from grader.batch.times import Came, TimeTable, came, commit_time, read_times
from grader.course import UsageError
from tests.batch.hand_ins import SOLUTION

WHEN = datetime(2026, 11, 20, 22, 15, 3, tzinfo=UTC)


def commit(folder: Path, when: str = "2026-11-20T22:15:03Z") -> None:
    """A clone with one commit."""
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    stamped = {**os.environ, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}
    subprocess.run([*git, "init", "-q"], check=True, env=stamped)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "work"], check=True, env=stamped)


@pytest.mark.parametrize("packed", [False, True])
def test_a_clone_came_with_its_last_commit(tmp_path, packed):
    commit(tmp_path)
    if packed:
        subprocess.run(["git", "-C", str(tmp_path), "gc", "-q"], check=True)
    assert commit_time(tmp_path) == WHEN


def test_no_setting_of_a_clone_is_used_and_no_link_followed(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    commit(mine)
    planted = tmp_path / "planted"
    with (mine / ".git" / "config").open("a") as config:
        config.write(
            f'[core]\n\tfsmonitor = "touch {planted}"\n\tpager = "touch {planted}"\n[log]\n\tshowSignature = true\n'
        )
    assert commit_time(mine) == WHEN
    assert not planted.exists()
    other.mkdir()
    (other / ".git").symlink_to(mine / ".git")
    assert commit_time(other) is None


@pytest.mark.parametrize("head", ["ref: refs/heads/../../../x", "ref: refs/heads/gone", "no head", "0" * 40, "\x00"])
def test_a_broken_clone_has_no_time(tmp_path, head):
    commit(tmp_path)
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert commit_time(tmp_path) is None


HEADER = b"tree %040d\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n\n" % 0


def number(value, first=0, bits=7):
    """A number as a pack has it: the lowest bits first, in the first byte beside a kind."""
    rest = value >> bits
    byte = first | value & ((1 << bits) - 1)
    return bytes([byte | 0x80]) + number(rest) if rest else bytes([byte])


def packed_clone(folder, mib):
    """A clone whose commit is a change of another one of so many MiB. Of both, the pack holds some kilobytes."""
    size, steps = mib << 20, [HEADER[place : place + 100] for place in range(0, len(HEADER), 100)]
    base = number(size, 1 << 4, 4) + zlib.compress(bytes(size), 1)
    change = number(size) + number(len(HEADER)) + b"".join(bytes([len(step)]) + step for step in steps)
    names = [hashlib.sha1(b"commit %d\0%s" % (len(text), text)).digest() for text in (bytes(size), HEADER)]
    entries = [base, number(len(change), 7 << 4, 4) + names[0] + zlib.compress(change)]
    pack = b"PACK" + struct.pack(">II", 2, 2) + b"".join(entries)
    pack += hashlib.sha1(pack).digest()
    known = sorted(zip(names, map(zlib.crc32, entries), (12, 12 + len(base)), strict=True))
    counts = [sum(name[0] <= byte for name, *_ in known) for byte in range(256)]
    index = b"\xfftOc" + struct.pack(">257I", 2, *counts) + b"".join(name for name, *_ in known)
    index += struct.pack(">4I", *(check for _, check, _ in known), *(place for *_, place in known)) + pack[-20:]
    objects = folder / ".git" / "objects" / "pack"
    objects.mkdir(parents=True)
    (objects / "pack-a.pack").write_bytes(pack)
    (objects / "pack-a.idx").write_bytes(index + hashlib.sha1(index).digest())
    (folder / ".git" / "HEAD").write_text(names[1].hex())
    return folder


def test_a_clone_that_would_take_much_memory_has_no_time(tmp_path):
    """Ten megabytes of a pack can stand for ten gibibytes."""
    assert commit_time(packed_clone(tmp_path / "small", 1)) == datetime.fromtimestamp(1700000000, UTC)
    assert commit_time(packed_clone(tmp_path / "large", 64)) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20 22:15:03.482000 UTC\n", WHEN),  # nbgrader: "%Y-%m-%d %H:%M:%S.%f %Z"
        ("2026-11-20 22:15:03 UTC", WHEN),
        ("2026-11-20 23:15:03 Europe/Berlin", WHEN),
        ("2026-11-20 23:15:03 +0100", WHEN),
        ("2026-11-20 22:15:03 ../etc", None),
        ("yesterday", None),
    ],
)
def test_the_timestamp_of_nbgrader(tmp_path, text, moment):
    """nbgrader puts it beside the notebook: submitted/STUDENT/ASSIGNMENT/timestamp.txt."""
    file = tmp_path / "ada" / "hw4" / "section1_tiny.ipynb"
    file.parent.mkdir(parents=True)
    (file.parent / "timestamp.txt").write_text(text)
    found = came(tmp_path / "ada", file.resolve(), [])
    assert (found.moment, found.clock) == (moment, "timestamp.txt" if moment else "")


def test_a_student_cannot_undo_that_the_platform_calls_a_file_late(tmp_path):
    (tmp_path / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    assert came(tmp_path, None, [Came(late=1)]) == Came(late=1)


def test_what_a_person_says_goes_before_the_platform(tmp_path):
    table, platform = Came(WHEN, "table"), Came(WHEN.replace(day=21), "platform", 60)
    assert came(tmp_path, None, [table, platform]) == Came(WHEN, "table", 60)
    assert came(tmp_path, None, [Came(None, "table"), platform]) == platform


def test_a_table_of_times_is_for_students_or_for_names_of_entries(lay_out, tiny_course, tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("id;time;section\nADA;2026-11-20T22:15:03Z;\nsection1-bob;2026-11-21T22:15:03+00:00;1\n\n")
    folder = lay_out({"ada/section1_tiny.py": SOLUTION, "section1-bob/tiny.py": SOLUTION, "cem/tiny.py": SOLUTION})
    found = Intake(folder, tiny_course.sections, times=read_times(path, tiny_course)).read()
    times = {one.student: (one.submitted, one.clock) for one in found if isinstance(one, HandIn)}
    assert times == {"ada": (WHEN, "table"), "bob": (WHEN.replace(day=21), "table"), "cem": (None, "")}


def test_a_time_is_found_by_any_id_of_the_roster_and_one_for_an_unknown_id_is_told(lay_out, tiny_course, tmp_path):
    path, umlaut = tmp_path / "times.csv", unicodedata.normalize("NFD", "zoë")
    path.write_text(
        "id,time\n" + "".join(f"{id},2026-11-20T22:15:03Z\n" for id in ("ada@uni", "s2", "zoë", "s9", "adda"))
    )
    roster = Roster([Student("s1", "Ada", {"email": "ada@uni"}), Student("s2", "Bob"), Student("zoë", "Zoë")])
    folder = lay_out({f"{name}/section1_tiny.py": SOLUTION for name in ("s1", umlaut)})
    intake = Intake(folder, tiny_course.sections, roster, times=read_times(path, tiny_course))
    found = {one.student: one.submitted for one in intake.read() if isinstance(one, HandIn)}
    assert found == {"s1": WHEN, "zoë": WHEN}
    assert intake.idle_times(["s9"]) == ["adda"], "s2 is on the roster, and s9 is known from elsewhere"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id\nada\n", "columns id and time"),
        ("id,time\nada,soon\n", "line 2: soon"),
        ("id,time\nAda,2026-11-20\nada,2026-11-21\n", "line 3: ada has another time above"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path, tiny_course, text, words):
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(UsageError, match=words):
        read_times(tmp_path / "times.csv", tiny_course)
    assert TimeTable().find(["ada"], "section1") is None
