"""A gradebook that the grader of the first edition made: its file names no edition, and its Reports are of version 1.

It holds two hand-ins for the tiny course of that edition: all points for ada, and a wrong `mean` of bea.
"""

import csv
import gzip
import json
import shutil
import sys
from pathlib import Path

import pytest

from grader.batch.gradebook.book import FILENAME
from tests.batch.hand_ins import SOLUTION
from tests.paths import TINY

MADE = Path(__file__).parents[1] / "batch" / "first_edition"
GRADE = [sys.executable, "-m", "grader"]


@pytest.fixture
def results(tmp_path):
    """The folder of the old class."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / FILENAME).write_bytes(gzip.decompress((MADE / f"{FILENAME}.gz").read_bytes()))
    shutil.copy(MADE / "course.key", folder)
    (folder / "course.key").chmod(0o600)  # as the grader made it; Git does not keep that
    return folder


@pytest.fixture
def class_of_cem(lay_out):
    """A hand-in of another student."""
    return lay_out({"cem/section1_tiny.py": SOLUTION})


@pytest.fixture
def first_edition(tmp_path, environment):
    """A course that says that it is of the first edition."""
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    settings = root / "course.toml"
    settings.write_text(settings.read_text().replace("edition = 2", "edition = 1"))
    environment["GRADE_COURSE"] = str(root)


def exported(run_grade, results):
    """The points by student, as `grade export csv` has them."""
    ran = run_grade([*GRADE, "export", "csv", "--out", str(results)])
    assert ran.returncode == 0, ran.stderr
    return {row["id"]: row["section1 (of 5)"] for row in csv.DictReader(ran.stdout.splitlines())}


def test_its_marks_are_exported(results, run_grade):
    assert exported(run_grade, results) == {"ada": "5", "bea": "3.25"}


def test_its_statistics_tell_a_blocked_check_from_a_failed_one(results, run_grade):
    figures = results / "stats.json"
    ran = run_grade([*GRADE, "stats", "--json", str(figures), "--out", str(results)])
    assert ran.returncode == 0, ran.stderr
    (section,) = json.loads(figures.read_bytes())["sections"]
    statuses = {one["id"]: one["statuses"] for one in section["checks"]}
    assert statuses["mean_by_hand"] == {"passed": 1, "failed": 1}
    assert statuses["centre_by_hand"] == {"passed": 1, "blocked": 1}


def test_a_class_of_another_edition_does_not_change_it(results, command, run_grade, class_of_cem):
    before = (results / FILENAME).read_bytes()
    ran = run_grade(command(class_of_cem, results))
    assert ran.returncode == 2
    assert "belongs to edition 1 of the course, and the course here is edition 2" in ran.stderr
    assert (results / FILENAME).read_bytes() == before


@pytest.mark.slow
def test_a_class_of_its_own_edition_continues_it(results, command, run_grade, class_of_cem, first_edition):
    ran = run_grade(command(class_of_cem, results, "--workers", "1"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 grades by another grader" in ran.stdout
    assert exported(run_grade, results) == {"ada": "5", "bea": "3.25", "cem": "5"}
