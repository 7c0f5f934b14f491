"""The commands of docs/instructors.md about a class, typed in the order of the page, on a class of the tiny course."""

import re
import shlex
import subprocess
import sys

import pytest
from classes import ROOT, SOLUTION, STUB, WRONG

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VERBS = ("class", "export", "stats", "similar")
FILES = {  # what the page takes for granted
    "submissions/roster.csv": b"id,name,canvas_id,moodle_id\ns1,Ada,101,201\ns2,Bob,102,202\ns3,Cem,103,203\n",
    "submissions/section1-s1/section1_tiny.py": SOLUTION,
    "submissions/section1-s2/section1_tiny.py": WRONG,
    "submissions/section1-s3/section1_tiny.py": STUB,
    "canvas-export.csv": b"Student,ID,SIS User ID,SIS Login ID,Section,Homework 4 (9)\n,,,,,5\nAda,101,s1,,,\n"
    b"Bob,102,s2,,,\nCem,103,s3,,,\n",
    "worksheet.csv": b"Identifier,Grade,Maximum grade,Last modified (grade)\nParticipant 201,,5.00,-\nParticipant 202,,5.00,-\n"
    b"Participant 203,,5.00,-\n",
}


def commands() -> list[list[str]]:
    text = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines() if "--scheduler" not in line]
    words = [shlex.split(line.replace("section4", "section1")) for line in lines]
    return [line[1:] for line in words if line[:1] == ["grade"] and line[1] in VERBS]


@pytest.mark.slow
def test_the_commands_of_the_page_do_their_work_one_after_another(tmp_path, environment):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for words in commands():
        command = [sys.executable, "-m", "grader", *words]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=280)
        assert ran.returncode == 0, f"{words}: {ran.stderr.decode()}"
        named = [words[words.index(option) + 1] for option in ("--file", "--html") if option in words]
        if named:
            assert (tmp_path / named[0]).exists(), words
        else:
            assert ran.stdout.strip(), words


def test_the_page_speaks_of_every_export():
    from grader.cli.exports import KINDS

    assert {words[1] for words in commands() if words[0] == "export"} == set(KINDS)
