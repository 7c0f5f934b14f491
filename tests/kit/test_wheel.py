"""The wheel holds the engine and no course, and what it installs grades a course that lies elsewhere."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.kit.bundle import below
from tests.paths import ROOT, TINY

NOT_STARTED = "section1  0.0 / 5.0 points  not yet: scale, shift_in_place, mean, centre\n"

pytestmark = [
    pytest.mark.slow,  # a network is needed, for what builds a wheel
    pytest.mark.skipif(sys.platform == "win32", reason="its environments are laid out in another way"),
]


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADE_", "PYTHON", "VIRTUAL_"))}
    return subprocess.run(list(map(str, words)), cwd=cwd, env=kept, capture_output=True, text=True)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A fresh virtual environment, which sees the libraries of this one."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    made = run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    (packages,) = folder.glob("lib/*/site-packages")
    libraries = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries))
    return folder / "bin"


@pytest.fixture(scope="module")
def wheel(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    made = run(environment / "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_the_engine_only(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert {*names} == {f"grader/{name}" for name in below(ROOT / "grader")}


def test_what_it_installs_grades_a_course_elsewhere(environment, wheel, tmp_path):
    done = run(environment / "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    place = run(environment / "python", "-c", "import grader; print(grader.__file__)", cwd=tmp_path).stdout
    assert place.startswith(str(environment.parent)), "not the checkout"
    grade = environment / "grade"
    assert "grade SECTION EXERCISE" in run(grade, "--help", cwd=tmp_path).stdout
    nowhere = run(grade, cwd=tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "no course here or above" in nowhere.stderr
    course = tmp_path / "course"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    assert "grade section1 mean" in run(grade, "--help", cwd=course).stdout
    done = run(grade, "all", "--submission", "solutions", "--quiet", cwd=course)
    assert (done.returncode, done.stdout) == (0, "section1  5.0 / 5.0 points\n"), done.stderr
    done = run(grade, "all", "--quiet", cwd=course / "exercises")
    assert (done.returncode, done.stdout) == (1, NOT_STARTED), done.stderr
