"""`grade read`, as it is typed."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests import forked
from tests.paths import ROOT, TINY


@pytest.fixture
def read(tmp_path):
    """Type `grade read` in a copy of the tiny course, or in another folder."""
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns(".grade"))

    def run(*words, code=0, course=tmp_path / "course"):
        kept = {
            name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "FORCE_COLOR", "DISPLAY")
        }
        done = forked.run([*forked.GRADE, "read", *words], kept, course)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_a_page_is_written_where_it_says_and_the_grading_counts(read, tmp_path):
    assert read("tiny").startswith("reading/section1.html\n")
    page = (tmp_path / "course" / "reading" / "section1.html").read_text(encoding="utf-8")
    assert "not started" in page
    assert "grade section1 scale" in page
    assert (tmp_path / "course" / ".grade" / "section1_tiny.json").is_file()


def test_the_site_has_an_index(read, tmp_path):
    said = read("--all", "--out", "site", "--submission", "solutions")
    assert said.startswith("site/index.html\n")
    assert {path.name for path in (tmp_path / "course" / "site").iterdir()} == {"index.html", "section1.html"}
    assert not (tmp_path / "course" / ".grade").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "grade read --all"),
        (("tiny", "--all"), "Name a section, or take all of them"),
        (("tyni",), "Try: grade read section1"),
        (("tiny", "--out", "no/where.html"), "no/where.html: cannot be written"),
        (("--all", "--out", "course.toml"), "Name a folder, or a .zip"),
    ],
)
def test_what_cannot_be_made_is_told_with_what_to_type(words, said, read):
    assert said in read(*words, code=2)


@pytest.mark.slow
def test_a_section_has_its_formulas_and_pictures_in_less_than_three_megabytes(read, tmp_path):
    read("section4", "--out", str(tmp_path / "page.html"), "--submission", str(ROOT / "solutions"), course=ROOT)
    data = Path(tmp_path / "page.html").read_text(encoding="utf-8")
    assert len(data.encode()) < 3_000_000
    assert data.count("<math ") > 50
    assert data.count("<figure ") > 3
    assert "will be here" not in data
    assert 'type="range"' in data
    assert "What happens" in data
    assert {link[:5] for link in re.findall(r'src="([^"]*)', data)} == {"data:"}
