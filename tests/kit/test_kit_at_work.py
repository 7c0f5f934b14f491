"""The kit of this course as a student uses it: installed from its README, then graded. It has no solutions."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from grader.sandbox.process.interpreter import library_folders
from tests.kit.typed import environment, grade
from tests.paths import ROOT

STEM = "section4_momentum"
NEED_SOLUTIONS = [
    ("stubs",),
    ("audit", "section4"),
    ("calibrate", "section4"),
    ("release", "x"),
    ("gradescope", "build"),
]


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """As it is typed."""
    folder = tmp_path_factory.mktemp("released") / "kit"
    done = grade(ROOT, "release", str(folder), "--zip", "--quick", "--unchecked")
    assert done.returncode == 0, done.stderr
    assert f"As an archive: {folder}.zip" in done.stdout
    assert folder.with_name("kit.zip").is_file()
    return folder


@pytest.mark.slow
def test_the_kit_grades_a_right_and_a_wrong_answer(handed_out, tmp_path):
    right = ROOT / "solutions" / f"{STEM}.py"
    run = grade(handed_out, "section4", "--submission", str(right), "--quiet")
    assert (run.returncode, run.stdout) == (0, "section4  15.0 / 15.0 points\n"), run.stderr
    wrong = tmp_path / f"{STEM}.py"
    wrong.write_text(right.read_text().replace("v.mul_(beta)", "v.mul_(1 - beta)"))
    run = grade(handed_out, "section4", "momentum_step", "--submission", str(wrong))
    assert run.returncode == 1
    assert "Smallest example that shows it (momentum_step" in run.stdout
    assert "What it looks like" not in run.stdout, "a quick kit holds nothing of mistakes"


@pytest.mark.slow
def test_what_a_student_types_first_works(handed_out):
    assert "0.0 of 15.0 points  not graded yet" in grade(handed_out).stdout
    assert "not started" in grade(handed_out, "section4").stdout
    assert "hint 1 of" in grade(handed_out, "hint", "section4", "momentum_step").stdout
    assert "is as it was handed out" in grade(handed_out, "diff", "section4").stdout
    assert grade(handed_out, "read", "section4").stdout.startswith("reading/section4.html\n")
    page = (handed_out / "reading" / "section4.html").read_text(encoding="utf-8")
    assert "Polyak (1964)" in page
    assert "will be here. Write <code>momentum_step</code>" in page
    assert grade(handed_out, f"notebooks/{STEM}.ipynb", "--quiet").returncode == 1
    (handed_out / "exercises" / f"{STEM}.py").unlink()
    assert "is as it was handed out" in grade(handed_out, "reset", "section4").stdout


@pytest.mark.parametrize("words", NEED_SOLUTIONS, ids=" ".join)
def test_what_needs_solutions_says_so(words, handed_out):
    run = grade(handed_out, *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert "a student's copy of the course has no solutions" in run.stderr


def commands(handed_out: Path) -> tuple[str, str]:
    """Of the kit's README: how to install, and how to do it with a light torch."""
    text = (handed_out / "README.md").read_text(encoding="utf-8")
    install, light, again = re.findall(r"^```sh\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert again == "grade"
    return install, light


def follow_readme(handed_out: Path, folder: Path, path: str) -> None:
    """Type the command of the README where nothing is installed, then grade; a network is needed."""
    shutil.copytree(handed_out, folder, ignore=shutil.ignore_patterns(".grade"))  # as it was handed out
    command, _ = commands(handed_out)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment() | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "grade predict section2" in done.stdout
    words = ("section4", "condition_number", "--submission", str(ROOT / "solutions"), "--quiet")
    run = grade(folder, *words, python=folder / ".venv" / "bin" / "python")
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_light_torch_is_installed_by_the_same_command(handed_out):
    command, light = commands(handed_out)
    light_install = "pip install uv && .venv/bin/uv pip install --torch-backend=cpu -e"
    assert light == command.replace("pip install -e", light_install)


@pytest.mark.slow
def test_the_kit_works_from_its_own_readme(handed_out, tmp_path):
    """Its environments have our libraries already: `.ci/run` installs the same ones from nothing."""
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    theirs = tomllib.loads((handed_out / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert theirs == ours
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    have = "\n".join(library_folders())
    make = f"#!/bin/sh -e\n'{sys.executable}' \"$@\"\n"
    python.write_text(f"{make}echo '{have}' >\"$(echo .venv/lib/python*/site-packages)/ours.pth\"\n", encoding="utf-8")
    python.chmod(0o755)
    follow_readme(handed_out, tmp_path / "kit", f"{python.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.install
def test_the_kit_installs_everything_from_its_own_readme(handed_out, tmp_path):
    follow_readme(handed_out, tmp_path / "kit", os.environ["PATH"])
    shutil.rmtree(tmp_path / "kit" / ".venv")
