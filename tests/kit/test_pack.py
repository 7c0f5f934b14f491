"""The archive to hand in: every section's file unchanged, its hash, the versions, and the last results."""

import hashlib
import io
import json
import platform
import shutil
import zipfile
from importlib.metadata import version

import pytest
from rich.console import Console

from grader import __version__
from grader.cli.students import graded_as_handed_in
from grader.course import Course, UsageError
from grader.grading.records import Records
from grader.grading.report import CheckResult, Report, Status
from grader.kit.pack import pack
from grader.render.terminal.overview import render_handed_in, render_packed
from tests.paths import TINY

SOURCES = {1: b"def scale(x, factor):\r\n    return x\r\n", 2: b"\xff no text at all", 3: b"def scale(: no Python\n"}


@pytest.fixture
def course(tmp_path, tiny_course):
    """Four sections with the tiny one's checks. The first is graded, the second is graded no more, the last has no file."""
    (tmp_path / "exercises").mkdir()
    for number in (1, 2, 3, 4):
        (tmp_path / "checks" / f"section{number}_copy").mkdir(parents=True)
        (tmp_path / "checks" / f"section{number}_copy" / f"test_section{number}.py").symlink_to(
            tiny_course.sections[0].checks
        )
    course = Course(tmp_path)
    for number, source in SOURCES.items():
        course.sections[number - 1].exercise.write_bytes(source)
    for section in course.sections[:2]:
        graded_on = section.exercise.read_bytes() if section.number == 1 else b"an earlier file"
        Records(course).keep(section, report_of(section), graded_on)
    return course


def report_of(section):
    """A Report in which all is right but one check."""
    results = [
        CheckResult(check.id, check.exercise, check.title, Status.PASSED, check.points, check.points)
        for check in section.check_list
    ]
    results[0] = CheckResult(results[0].id, "scale", "t", Status.FAILED, 0.0, results[0].max_points, message="wrong")
    return Report(2, section.id, section.title, "x.py", 0.0, 1.0, "graded", {}, {}, results)


def packed(course, target):
    pack(course, target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_file_is_packed_byte_by_byte_even_what_is_no_python(course, tmp_path):
    files = packed(course, tmp_path / "mine.zip")
    assert files.pop("manifest.json")
    assert files == {f"section{number}_copy.py": source for number, source in SOURCES.items()}


def test_the_manifest_has_hashes_versions_and_what_was_graded(course, tmp_path):
    manifest = json.loads(packed(course, tmp_path / "mine.zip")["manifest.json"])
    sections = manifest["sections"]
    assert list(sections) == ["section1", "section2", "section3"]
    for number, source in SOURCES.items():
        assert sections[f"section{number}"]["file"] == f"section{number}_copy.py"
        assert sections[f"section{number}"]["sha256"] == hashlib.sha256(source).hexdigest()
    assert [one["graded_as_it_is"] for one in sections.values()] == [True, False, False]
    results = sections["section1"]["results"]
    assert [check["id"] for check in results] == [check.id for check in course.sections[0].check_list]
    assert (results[0]["status"], results[0]["message"], results[1]["status"]) == ("failed", "wrong", "passed")
    assert sections["section3"]["results"] == []
    assert manifest["versions"] == {
        "grader": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "numpy", "hypothesis")},
    }


def test_nothing_is_refused_and_what_is_missing_is_told(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course.root)
    page = io.StringIO()
    render_packed(tmp_path / "mine.zip", *pack(course, tmp_path / "mine.zip"), Console(file=page, width=100))
    said = " ".join(page.getvalue().split())
    assert "Packed: mine.zip, with section1, section2, section3" in said
    assert "section4 is not in it: there is no exercises/section4_copy.py" in said


def test_the_archive_is_graded_as_it_will_be_read(tmp_path):
    """A right file, and one that does not load."""
    for name in ("exercises", "solutions", "checks"):
        shutil.copytree(TINY / name, tmp_path / name)
    folder = tmp_path / "checks" / "section2_tiny"
    shutil.copytree(tmp_path / "checks" / "section1_tiny", folder)
    (folder / "test_section1.py").rename(folder / "test_section2.py")
    solution = tmp_path / "solutions" / "section1_tiny.py"
    shutil.copy(solution, solution.with_name("section2_tiny.py"))
    course = Course(tmp_path)
    course.sections[0].exercise.write_bytes(solution.read_bytes())
    course.sections[1].exercise.write_bytes(b"def scale(:\n")
    packed, _ = pack(course, tmp_path / "mine.zip")
    sections = [progress.section for progress in packed]
    page = io.StringIO()
    render_handed_in(graded_as_handed_in(course, tmp_path / "mine.zip", sections), Console(file=page, width=100))
    said = " ".join(page.getvalue().split())
    assert "as handed in: 5.0 of 5.0 all points" in said
    assert "as handed in: 0.0 of 5.0 does not load" in said
    assert said.endswith("Next: see what is missing: grade section2")


def test_the_same_files_make_the_same_archive(course, tmp_path):
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    pack(course, first)
    pack(course, second)
    assert first.read_bytes() == second.read_bytes()


def test_an_archive_that_cannot_be_made_leaves_the_one_before(course, tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written: No such file or directory.*--out"):
        pack(course, tmp_path / "no" / "mine.zip")
    for section in course.sections[:3]:
        section.exercise.unlink()
    (tmp_path / "mine.zip").write_bytes(b"the one before")
    with pytest.raises(UsageError, match="no section's file to pack"):
        pack(course, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_bytes() == b"the one before"
