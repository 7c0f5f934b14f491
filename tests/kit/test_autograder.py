"""The autograder for Gradescope, run in folders laid out as Gradescope lays them out."""

import compileall
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.course import PUBLIC_KEY, Course
from grader.kit.autograder import autograder
from tests.paths import ROOT, TINY

SOLUTION = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
METADATA = {"id": 1, "users": [{"name": "::error::Ada", "sid": "1"}], "assignment": {"title": "Tiny"}}
KEYS = {"score", "output", "output_format", "visibility", "stdout_visibility", "tests", "leaderboard"}


def unpack(archive: bytes, target: Path) -> Path:
    """What Gradescope unpacks, compiled as after the first grading."""
    shutil.unpack_archive(written(target.with_suffix(".zip"), archive), target)
    assert compileall.compile_dir(target / "course" / "grader", quiet=1)
    return target


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def lay_out(root: Path, source: Path) -> Path:
    """What there is when a submission is graded, with this Python in the place of the one that setup.sh installs."""
    shutil.copytree(source, root / "source")
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    (root / "submission").mkdir()
    (root / "results").mkdir()
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    python = root / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return root


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    archive = autograder(Course(TINY), Course(TINY).sections, unsafe=False)
    return unpack(archive, tmp_path_factory.mktemp("autograder") / "source")


@pytest.fixture
def root(source, tmp_path):
    return lay_out(tmp_path, source)


def run(root: Path) -> tuple[dict, str]:
    """Run the autograder; return its results, and what it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "PYTHONPATH")}
    command = ["bash", root / "run_autograder"]
    ran = subprocess.run(command, env=kept | {"AUTOGRADER_ROOT": str(root)}, cwd="/", capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    found = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    assert set(found) <= KEYS
    return found, ran.stdout + ran.stderr


def hand_in(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    "name",
    ["my tiny.py", pytest.param("a/section1_tiny.py", marks=pytest.mark.slow)],
)
def test_a_right_answer_has_all_points_whatever_its_file_is_called(root, name):
    hand_in(root, {name: SOLUTION})
    found, _ = run(root)
    assert found["score"] == 5.0
    assert {test["status"] for test in found["tests"]} == {"passed"}
    assert found["stdout_visibility"] == "hidden"


@pytest.mark.slow
def test_a_wrong_answer_is_explained_and_hidden_checks_are_not(root):
    hand_in(root, {"section1_tiny.py": SOLUTION.replace("x * factor", "x + factor")})
    found, _ = run(root)
    assert 0 < found["score"] < 5
    assert "expected" in next(test for test in found["tests"] if test["name"].startswith("scale"))["output"]
    hidden = [check for check in Course(TINY).sections[0].check_list if check.hidden]
    assert hidden
    assert not [check for check in hidden if check.title in json.dumps(found)]


EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18
BROKEN = {
    "nothing": {},
    "another file": {"notes.txt": "done"},
    "several files": {"a.py": "", "b.py": ""},
    "no Python": {"section1_tiny.py": "def scale(x, factor:"},
    "too large": {"section1_tiny.py": b"#" * 2**21},
    "no notebook": {"section1_tiny.ipynb": "{"},
    "an empty archive": {"work.zip": EMPTY_ZIP},
    "kills": {
        "section1_tiny.py": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(0, signal.SIGKILL)"
    },
    "forges its results": {
        "section1_tiny.py": (
            "import os\n"
            "for number in range(64):\n"
            "    try: os.write(number, b'{\"score\": 5}')\n"
            "    except OSError: pass\n"
            "for place in (os.getcwd(), '/autograder/results', '..', '../results'):\n"
            "    try: open(place + '/results.json', 'w').write('{\"score\": 5}')\n"
            "    except OSError: pass\n"
        )
    },
    "hostile text": {"section1_tiny.py": "raise ValueError('\\x1b[2J</pre><script>\\ud800\\n::error::x')"},
}


UNREADABLE = ("another file", "several files", "too large", "no notebook")


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_hand_in_has_results_but_no_points(name, root):
    """As in a class, what cannot be read has no score, not even 0, and is told what to hand in."""
    hand_in(root, BROKEN[name])
    found, _ = run(root)
    assert found.get("score") == (None if name in UNREADABLE else 0)
    assert ("There is no score yet" in found["output"]) == (name in UNREADABLE)
    if name in UNREADABLE:
        assert "Hand in section1_tiny.py or section1_tiny.ipynb, or a .zip that holds it." in found["output"]
        assert not any("score" in test for test in found["tests"]), "Gradescope would add these up"
    assert len(found["tests"]) == len({check.id for check in Course(TINY).sections[0].check_list})
    assert all(line.isprintable() for test in found["tests"] for line in test["output"].split("\n"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target"),
    [("section1_tiny.py", "section1_tiny.py"), ("mine.py", "."), ("all.zip", "."), ("mine.ipynb", ".")],
)
def test_links_to_the_answers_are_not_followed(root, name, target):
    answers = root / "source" / "course" / "solutions"
    (root / "submission" / name).symlink_to(answers / target)
    assert not run(root)[0].get("score")


@pytest.mark.slow
def test_a_submission_cannot_read_the_answers(root):
    answers = root / "source" / "course" / "solutions" / "section1_tiny.py"
    hand_in(root, {"section1_tiny.py": f"exec(open({str(answers)!r}).read())"})
    found, _ = run(root)
    assert found["score"] == 0
    assert "PermissionError" in found["output"] or "FileNotFoundError" in found["output"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "checks/section1_tiny/test_section1.py",
            "    expected = factor * x",
            "    expected = factor * x; raise OSError('no data')",
        ),
        pytest.param(
            "checks/section1_tiny/test_section1.py",
            "from grader.toolkit",
            "from grader.no_such_toolkit",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "grader/render/export/report_gradescope.py", "def results_json(", "def renamed(", marks=pytest.mark.slow
        ),
    ],
    ids=["in a check", "in the file of checks", "in the renderer"],
)
def test_a_fault_of_the_grader_is_no_score_and_says_so(root, file, old, new):
    path = root / "source" / "course" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    hand_in(root, {"section1_tiny.py": SOLUTION})
    found, _ = run(root)
    assert "score" not in found
    assert "o points" in found["output"], found["output"]


def without_landlock_and_seccomp(root: Path) -> None:
    """The autograder on a machine where workers are plain processes."""
    path = root / "source" / "course" / "grader" / "sandbox" / "process" / "launch.py"
    old = "kind = kind or default_kind()"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, 'kind = "plain"'))


@pytest.mark.slow
def test_where_submissions_cannot_be_confined_nothing_is_graded_unless_that_was_asked_for(tmp_path):
    for unsafe in (False, True):
        root = tmp_path / str(unsafe)
        root.mkdir()
        archive = autograder(Course(TINY), Course(TINY).sections, unsafe=unsafe)
        lay_out(root, unpack(archive, tmp_path / f"unpacked {unsafe}"))
        without_landlock_and_seccomp(root)
        hand_in(root, {"section1_tiny.py": SOLUTION})
        found, printed = run(root)
        if unsafe:
            assert found["score"] == 5.0
            assert "This code ran without confinement on this machine, as --unsafe allows: " in found["output"]
        else:
            assert "score" not in found
            assert "No points are lost" in found["output"]
            assert "cannot confine submissions: no Landlock" in printed


def test_the_archive_is_the_same_for_the_same_course_and_has_only_the_sections_that_were_named():
    course = Course(ROOT)
    section = course.find("4")
    archive = autograder(course, [section], unsafe=False)
    assert archive == autograder(course, [section], unsafe=False)
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        names = set(file.namelist())
        modes = {
            name: file.getinfo(name).external_attr >> 16 for name in ("setup.sh", "run_autograder", "course/LICENSE")
        }
    assert modes == {"setup.sh": 0o755, "run_autograder": 0o755, "course/LICENSE": 0o644}
    assert "course/solutions/section4_momentum.py" in names
    assert "course/course.toml" in names
    assert "course/data/MNIST/raw/train-images-idx3-ubyte.gz" in names
    stems = {one.stem for one in course.sections if one != section}
    for folder in ("course/solutions/", "course/exercises/", "course/checks/"):
        assert not [name for name in names if name.startswith(folder) and any(stem in name for stem in stems)]
    assert not [name for name in names if "__pycache__" in name or name.startswith(("course/tests", "course/.git"))]


def test_it_is_built_as_it_is_typed(tmp_path):
    env = os.environ | {"GRADE_COURSE": str(TINY)}
    key = tmp_path / "results" / "course.key"
    command = [sys.executable, "-m", "grader", "gradescope", "build", "--out", str(tmp_path / "autograder.zip")]
    command += ["--key", str(key)]
    ran = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "is the autograder for section1. It holds solutions." in ran.stdout
    archive = (tmp_path / "autograder.zip").read_bytes()
    course = Course(TINY, bytes.fromhex(key.read_text()))
    assert archive == autograder(course, course.sections, unsafe=False)
    assert subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True)  # with the same key again
    assert (tmp_path / "autograder.zip").read_bytes() == archive


@pytest.mark.slow
def test_its_key_is_for_its_owner_alone_and_what_it_grades_with(tmp_path):
    checks = """
from grader.toolkit.check import check

@check("mean", points=1)
def test_seed(student, note, code_seed):
    \"\"\"What is drawn from.\"\"\"
    note("public" if code_seed.is_public else "secret")
"""
    own = tmp_path / "own"
    shutil.copytree(TINY, own)
    (own / "checks" / "section1_tiny" / "test_section1.py").write_text(checks)
    for key, said in ((PUBLIC_KEY, "public"), (bytes(range(32)), "secret")):
        course = Course(own, key)
        archive = autograder(course, course.sections, unsafe=False)
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            modes = {one.filename: one.external_attr >> 16 for one in file.infolist()}
        assert modes.get("course/course.key") == (None if said == "public" else 0o600)
        (tmp_path / said).mkdir()
        root = lay_out(tmp_path / said, unpack(archive, tmp_path / f"unpacked {said}"))
        hand_in(root, {"section1_tiny.py": SOLUTION})
        assert said in json.dumps(run(root)[0])


@pytest.mark.install
def test_setup_installs_what_grading_needs(tmp_path):
    """The scripts as they are, for a section of the course itself; a network is needed."""
    course = Course(ROOT)
    (tmp_path / "autograder.zip").write_bytes(autograder(course, [course.find("4")], unsafe=False))
    shutil.unpack_archive(tmp_path / "autograder.zip", tmp_path / "source")
    shutil.copy(tmp_path / "source" / "run_autograder", tmp_path)
    (tmp_path / "submission").mkdir()
    shutil.copy(ROOT / "solutions" / "section4_momentum.py", tmp_path / "submission")
    env = {
        name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "PYTHONPATH", "VIRTUAL_ENV")
    }
    ran = subprocess.run(
        ["bash", tmp_path / "source" / "setup.sh"],
        env=env | {"AUTOGRADER_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "section4  15.0 / 15.0 points" in ran.stdout
    assert run(tmp_path)[0]["score"] == 15.0
    shutil.rmtree(tmp_path / "venv")  # an environment with torch takes a gigabyte
