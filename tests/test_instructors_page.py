"""The commands of docs/instructors.md, typed in the order of the page: those about a class on one of the tiny course."""

import re
import shlex

import pytest

from tests import forked
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.paths import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OF_A_CLASS = ("class", "regrade", "export", "stats", "similar")
ELSEWHERE = ("audit", "--scheduler")  # `.ci/run` audits every section; test_cluster.py has a scheduler
# Words of the page, and what stands for them in the tiny course.
OURS = {"section4": "section1", "momentum_follows_torch": "mean_by_hand", "s1815": "s2"}
NOTHING = "No grade matches, so nothing is graded again."  # the grader has not failed, nor become older
FILES = {  # what the page takes for granted
    "submissions/roster.csv": b"id,name,canvas_id,moodle_id\ns1,Ada,101,201\ns2,Bob,102,202\ns3,Cem,103,203\n",
    "submissions/section1-s1/section1_tiny.py": SOLUTION,
    "submissions/section1-s2/section1_tiny.py": WRONG,
    "submissions/section1-s3/section1_tiny.py": STUB,
    "canvas-export.csv": b"Student,ID,SIS User ID,SIS Login ID,Section,Homework 4 (9)\n,,,,,5\nAda,101,s1,,,\n"
    b"Bob,102,s2,,,\nCem,103,s3,,,\n",
    "worksheet.csv": b"Identifier,Grade,Maximum Grade,Last modified (grade)\nParticipant 201,,5.00,-\nParticipant 202,,5.00,-\n"
    b"Participant 203,,5.00,-\n",
}


def commands() -> list[list[str]]:
    """The words of each command, as they are typed here."""
    text = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    lines = [shlex.split(line) for block in BLOCK.findall(text) for line in block.splitlines()]
    found = [words[1:] for words in lines if words[:1] == ["grade"] and not {*words} & {*ELSEWHERE}]
    return [[_ours(word) for word in words] if words[0] in OF_A_CLASS else words for words in found]


def _ours(word: str) -> str:
    for theirs, ours in OURS.items():
        word = word.replace(theirs, ours)
    return word


@pytest.mark.slow
def test_the_commands_of_the_page_do_their_work_one_after_another(tmp_path, environment):
    folder = tmp_path / "term"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "solutions").symlink_to(ROOT / "solutions")
    for words in commands():
        course = {} if words[0] in OF_A_CLASS else {"GRADE_COURSE": str(ROOT)}
        quick = (
            ["--quick", "--unchecked"] if words[0] == "release" else []
        )  # it takes minutes to grade all solutions, and to record what the kit knows of mistakes
        ran = forked.run([*forked.GRADE, *words, *quick], environment | course, folder)
        if words[0] == "regrade" and ran.returncode == 2:
            assert NOTHING in ran.stderr
            assert {*words} & {"--outdated", "grader_error"}
            continue
        if words[:2] == ["export", "reflections"]:  # the tiny course asks for none; its own test has one that does
            assert ran.returncode == 2
            assert "have no reflection" in ran.stderr
            continue
        assert ran.returncode == 0, f"{words}: {ran.stderr}"
        named = [words[words.index(option) + 1] for option in ("--file", "--html", "release") if option in words]
        if named:
            assert (folder / named[0]).exists(), words
        else:
            assert ran.stdout.strip() or words == ["stubs", "--check"], words
    assert (folder / "autograder.zip").is_file()
    assert (tmp_path / "optimization-exercises.zip").is_file()


def test_the_page_speaks_of_every_export_and_of_every_step_of_a_term():
    from grader.render.export.exporter import exporters

    assert {words[1] for words in commands() if words[0] == "export"} == {*exporters()}
    steps = dict.fromkeys(words[0] for words in commands())
    assert [*steps] == [
        "doctor", "section4", "stubs", "release", "class", "regrade", "stats", "export", "similar", "gradescope",
    ]  # fmt: skip
