"""`--html FILE` as people type it: what is written, what is said, and what the page says can be typed."""

import json
import re
import shlex
from html import unescape
from pathlib import Path

import pytest

from tests.cli.commands import RIGHT, grade
from tests.paths import ROOT, TINY

WRONG = "def scale(x, factor):\n    print('here')\n    return 1 / 0\n"


def commands_in(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<code class="command">(.*?)</code>', page)]


def test_a_page_is_written_beside_the_report_on_the_terminal(tmp_path):
    file, record = tmp_path / "page.html", tmp_path / "report.json"
    run = grade("tiny", "--submission", RIGHT, "--html", file, "--json", record)
    assert run.returncode == 0
    assert run.stdout.endswith(f"  The page:  {file}\n")
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>\n")
    for check in json.loads(record.read_bytes())["checks"]:
        assert (check["title"] in unescape(page)) == (not check["hidden"])


@pytest.mark.slow
def test_the_command_on_the_page_grades_the_same_once_more(tmp_path):
    hand_in = tmp_path / "it's mine.py"
    hand_in.write_text(WRONG, encoding="utf-8")
    first, second, record = tmp_path / "1.html", tmp_path / "2.html", tmp_path / "report.json"
    grade("tiny", "scale", "--submission", hand_in, "-k", "scale", "-x", "--html", first)
    command = shlex.split(commands_in(first.read_text(encoding="utf-8"))[-1])
    assert command[0] == "grade"
    assert grade(*command[1:], "--html", second, "--json", record).returncode == 1
    assert first.read_bytes() == second.read_bytes()
    assert "ZeroDivisionError" in unescape(first.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_page_of_all_sections(tmp_path):
    file = tmp_path / "page.html"
    run = grade("all", "--submission", TINY / "solutions", "--html", file, "--quiet")
    assert run.returncode == 0
    assert "grade section1 --submission " in commands_in(file.read_text(encoding="utf-8"))[-1]


@pytest.mark.slow
def test_a_hint_on_the_page_is_the_one_that_grade_hint_would_give(tmp_path):
    course = tmp_path / "course"
    for name in ("exercises", "checks", "solutions", "data"):
        course.mkdir(exist_ok=True)
        if name != "exercises":
            (course / name).symlink_to(ROOT / name)
    (course / "exercises").mkdir()
    text = (ROOT / "solutions" / "section4_momentum.py").read_text(encoding="utf-8")
    wrong = text.replace("return 2 /", "return 1 /", 1)
    assert wrong != text
    (course / "exercises" / "section4_momentum.py").write_text(wrong, encoding="utf-8")
    file = tmp_path / "page.html"
    grade("section4", "max_stable_lr", "--html", file, course=course)
    said = grade("hint", "section4", "max_stable_lr", course=course).stdout
    shown = re.search(r'<details class="hint">.*?<p>(.*?)</p>', file.read_text(encoding="utf-8"), re.DOTALL)
    hint = re.sub("<[^>]*>", "", unescape(shown[1]))
    assert " ".join(hint.split()) in " ".join(said.replace("`", "").split())


@pytest.mark.slow
def test_the_page_has_the_pictures_and_the_play_of_what_was_handed_in(tmp_path):
    text = (ROOT / "solutions" / "section4_momentum.py").read_text(encoding="utf-8")
    wrong = text.replace("v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)", 1)
    assert wrong != text
    hand_in, file = tmp_path / "section4_momentum.py", tmp_path / "page.html"
    hand_in.write_text(wrong, encoding="utf-8")
    run = grade("section4", "--submission", hand_in, "--html", file, "--quiet", course=ROOT)
    assert run.returncode == 1
    page = unescape(file.read_text(encoding="utf-8"))
    shown = re.findall(r'<figure id="section4-picture-([\w-]+)">', page)
    slugs = ["stable-steps", "ravine", "velocity", "distance", "plane", "edge-of-stability", "two-weights"]
    assert shown == slugs
    alts = re.findall(r'<img class="on-light" src="data:image/svg\+xml,[^"]*" alt="([^"]*)">', page)
    assert len(alts) == len(slugs)
    assert "momentum_step does not agree with the reference." in alts[2]
    assert "momentum_step does not pass all of its checks yet; this is what it does now." in page
    assert all(f">{label}</label>" in page for label in ("Learning rate", "Momentum"))
    assert json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page)[1])["runs"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"), [("no/such.html", "No such file or directory"), ("", "Is a directory"), ("/dev/full", "No space")]
)
def test_a_page_that_cannot_be_written_is_said_so(tmp_path, name, said):
    path = tmp_path / name if not name.startswith("/") else Path(name)
    run = grade("tiny", "--submission", RIGHT, "--html", path)
    assert run.returncode == 2
    assert f"{path}: cannot be written: {said}" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_page_goes_with_no_watch():
    run = grade("tiny", "--watch", "--html", "page.html")
    assert run.returncode == 2
    assert "Leave the other options out." in run.stderr
