"""What is remembered beside the exercises: the last result of each check, and how many hints were shown."""

import shutil
import subprocess
import sys

import msgspec
import pytest

from grader.course import Course
from grader.grading.records import Records, digest
from grader.grading.report import Status
from grader.grading.section_progress import points_since
from grader.kit.release import IGNORED
from grader.render.words import change_in_words
from tests.grading.tiny_answers import answer
from tests.paths import ROOT


@pytest.fixture
def course(tmp_path, tiny_course):
    """The tiny course with a `.grade/` folder of its own."""
    for name in ("checks", "exercises", "solutions"):
        (tmp_path / name).symlink_to(tiny_course.root / name)
    return Course(tmp_path)


def test_a_part_that_is_graded_again_leaves_the_rest_as_it_was(course, grade_tiny):
    section, records = course.sections[0], Records(course)
    wrong = answer(scale="return x", mean="return 0.0")
    records.keep(section, grade_tiny(wrong), wrong.encode())
    right = answer(scale="return x * factor", mean="return 0.0")
    records.keep(section, grade_tiny(right, exercises=("scale",)), right.encode())
    last = Records(course).last(section)
    assert len(last) == len(section.check_list)
    assert last["scale_by_definition"].result.status is Status.PASSED
    assert last["mean_by_hand"].result.status is Status.FAILED
    assert last["scale_by_definition"].source == digest(right.encode())
    assert last["mean_by_hand"].source == digest(wrong.encode())


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[1]", b"\xff\xfe", b'{"scale_by_definition": {"source": 1}}'])
def test_a_file_that_cannot_be_read_counts_as_not_there(course, rubbish):
    (course.root / ".grade").mkdir()
    for name in ("section1_tiny.json", "hints.json"):
        (course.root / ".grade" / name).write_bytes(rubbish)
    records = Records(course)
    assert records.last(course.sections[0]) == {}
    assert records.hints_shown("section1.scale") == 0
    records.count_hint("section1.scale")
    assert Records(course).hints_shown("section1.scale") == 1


def test_a_check_that_the_course_no_longer_has_is_forgotten(course, grade_tiny):
    section, records = course.sections[0], Records(course)
    records.keep(section, grade_tiny(answer()), b"")
    path = course.root / ".grade" / "section1_tiny.json"
    path.write_bytes(path.read_bytes().replace(b'"mean_by_hand":{"source"', b'"an_old_check":{"source"'))
    assert "an_old_check" not in records.last(section)
    assert "scale_by_definition" in records.last(section)


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(course, grade_tiny):
    (course.root / ".grade").write_text("a file in the way")
    records = Records(course)
    records.keep(course.sections[0], grade_tiny(answer()), b"")
    records.count_hint("section1.scale")
    assert records.last(course.sections[0]) == {}


WRITER = """
import sys
from pathlib import Path
from grader.course import Course
from grader.grading.records import Records
from grader.grading.report import CheckResult, Report, Status

course, number = Course(Path(sys.argv[1])), int(sys.argv[2])
section = course.sections[0]
check = section.check_list[number]
for turn in range(25):
    result = CheckResult(check.id, check.exercise, "t", Status.PASSED, float(turn), 24.0)
    Records(course).keep(section, Report(2, section.id, "t", "x.py", 0.0, 1.0, "partial", {}, {}, [result]), b"")
    Records(course).count_hint("section1.scale")
    assert Records(course).last(section)[check.id].result.points == turn
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there the last writer has its way")
def test_what_several_gradings_keep_at_once_is_all_there(course):
    """A watch in one terminal, gradings of single exercises in others: each keeps checks of its own, in the same file."""
    commands = [[sys.executable, "-c", WRITER, str(course.root), str(number)] for number in range(4)]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait() for writer in writers] == [0] * 4
    section = course.sections[0]
    last = Records(course).last(section)
    assert {name: kept.result.points for name, kept in last.items()} == {
        check.id: 24.0 for check in section.check_list[:4]
    }
    assert Records(course).hints_shown("section1.scale") == 100
    assert sorted(path.name for path in (course.root / ".grade").iterdir()) == ["hints.json", "section1_tiny.json"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("name", ["section1_tiny.json", "hints.json", "backups/section1_tiny.py"])
def test_git_leaves_alone_what_is_kept(tmp_path, name):
    """In this repository, and in a copy that was handed out."""
    for number, ignored in enumerate(((ROOT / ".gitignore").read_text(encoding="utf-8"), IGNORED)):
        folder = tmp_path / str(number)
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        (folder / ".gitignore").write_text(ignored, encoding="utf-8")
        command = ["git", "-C", str(folder), "check-ignore", f".grade/{name}"]
        assert subprocess.run(command, capture_output=True).returncode == 0


def test_the_points_that_changed_since_the_last_grading(course, grade_tiny):
    section, records = course.sections[0], Records(course)
    first = answer(scale="return x", mean="return float(x.sum()) / x.numel()")
    report = grade_tiny(first)
    records.keep(section, report, first.encode())
    assert points_since(records, section, report) == {}
    second = answer(scale="return x * factor", mean="return 0.0")
    report = grade_tiny(second)
    records.keep(section, report, second.encode())
    changes = points_since(records, section, report)
    assert changes["scale"] > 0 > changes["mean"]
    assert change_in_words({"scale": 1.5}) == "+1.5 since the last grading: scale"
    assert change_in_words({"scale": 1.5, "mean": -2.0}) == "-0.5 since the last grading: scale +1.5, mean -2.0"


def test_where_the_grader_failed_no_points_were_lost(course, grade_tiny):
    section, records, right = course.sections[0], Records(course), answer()
    report = grade_tiny(right)
    records.keep(section, report, right.encode())
    before = records.last(section)
    failed = [msgspec.structs.replace(check, status=Status.GRADER_ERROR, points=0.0) for check in report.checks]
    broken = msgspec.structs.replace(report, checks=failed)
    records.keep(section, broken, right.encode())
    assert (points_since(records, section, broken), records.last(section)) == ({}, before)
    records.keep(section, report, right.encode())
    assert points_since(records, section, report) == {}


def test_the_version_in_which_an_exercise_passed_is_kept(course, grade_tiny):
    section, records = course.sections[0], Records(course)
    right, wrong = answer(), answer(scale="return x")
    assert right != wrong
    records.keep(section, grade_tiny(right), right.encode())
    records.keep(section, grade_tiny(wrong), wrong.encode())
    assert records.last_passed(section, "scale") == right.encode()
    assert records.last_passed(section, "mean") == wrong.encode()
    partly = grade_tiny(right, exercises=("scale",))
    records.keep(section, partly, b"# newer\n" + right.encode())
    assert records.last_passed(section, "scale") == b"# newer\n" + right.encode()
    assert records.last_passed(section, "centre") is not None
    assert Records(course).last_passed(section, "nothing") is None
