"""The term that docs/instructors.md shows: its own lines in a shell, from downloads to uploads, and the output that it shows."""

import csv
import re
import subprocess
import sys

import pytest

from grader.course import Course
from tests.batch.term import make_term
from tests.paths import ROOT, TINY

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = "2 3 4 5 6 7 9"
STUDENTS = 6


def shown() -> list[tuple[str, list[str]]]:
    """The commands of the page, each with the lines below it."""
    (block,) = BLOCK.findall((ROOT / "docs" / "instructors.md").read_text(encoding="utf-8"))
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [
        (part.splitlines()[0], [line for line in part.splitlines()[1:] if line.strip() not in ("", "…")])
        for part in parts
    ]


def ours(command: str) -> str:
    """A command of the page for the only section of the tiny course."""
    assert "$n" not in command or f"for n in {SECTIONS};" in command
    return command.replace(SECTIONS, "1").replace("section4", "section1").replace("_4003_", "_1003_")


def without_numbers(line: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "0", re.sub(r"section\d(_[a-z]+)?", "sectionN", " ".join(line.split())))


@pytest.mark.slow
def test_the_page_leads_from_downloads_to_uploads_and_shows_what_it_prints(tmp_path, environment):
    make_term(tmp_path, Course(TINY).sections, STUDENTS)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("grade", '-m grader "$@"'), ("unzip", '-m zipfile -e "$2" "$4"')):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}\n')
        (programs / name).chmod(0o755)
    known = environment | {"PATH": f"{programs}:{environment['PATH']}", "COLUMNS": "1000"}
    commands = shown()
    assert len(commands) < 15
    for command, lines in commands:
        ran = subprocess.run(
            ["bash", "-c", ours(command)], cwd=tmp_path, env=known, capture_output=True, text=True, timeout=280
        )
        printed = {without_numbers(line) for line in (ran.stdout + ran.stderr).splitlines()}
        assert ran.returncode in (0, 1), ran.stderr
        for line in lines:
            assert without_numbers(line) in printed, (command, printed)
    with open(tmp_path / "uploads" / "section1.csv", encoding="utf-8", newline="") as file:
        marks = {row["Full name"]: row["Grade"] for row in csv.DictReader(file)}
    assert list(marks.values()) == ["0", "5", "5", "", "", "5"]
    rows = {row["id"]: row for row in csv.DictReader((tmp_path / "marks.csv").read_text(encoding="utf-8").splitlines())}
    assert len(rows) == STUDENTS
    assert "cannot be read" in rows["s004"]["remarks"]
    assert "nothing handed in" in rows["s005"]["remarks"]
