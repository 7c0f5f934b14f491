"""What other machines run: the action, the workflow for GitHub Classroom, the image. Linted, and their shell steps run."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT, TINY
from tests.render.export.github_runner import Runner

ACTION, WORKFLOW = ROOT / "action.yml", ROOT / "docs" / "classroom-workflow.yml"
SCHEMAS = {ACTION: "vendor.github-actions", WORKFLOW: "vendor.github-workflows"}
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(path: Path) -> list[dict[str, Any]]:
    found = read(path)
    return found["runs"]["steps"] if path == ACTION else found["jobs"]["grade"]["steps"]


def step(path: Path, name: str) -> dict[str, Any]:
    return next(one for one in steps_of(path) if one.get("name") == name)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_github_would_read_the_file(path):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[path], str(path)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_github_would_read_the_workflows_of_this_repository():
    folder = ROOT / ".github" / "workflows"
    paths = [str(path) for path in folder.glob("*.yml")]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *paths]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert {"ubuntu-latest", "macos-latest", "windows-latest"} == {
        *read(folder / "platforms.yml")["jobs"]["test"]["strategy"]["matrix"]["os"]
    }


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_no_text_of_anybody_becomes_part_of_a_script(path):
    """An expression in `run` would be pasted into it: values come by the environment. And the shell can read each script."""
    scripts = [one["run"] for one in steps_of(path) if "run" in one]
    assert scripts
    for script in scripts:
        assert "${{" not in script
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_expressions_name_what_is_there():
    inputs = read(ACTION)["inputs"].keys()
    assert set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text())) == inputs
    outputs = read(ACTION)["outputs"].keys()
    script = step(ACTION, "Grade")["run"]
    assert all(f"{name}=" in script for name in outputs)
    assert set(re.findall(r"steps\.grade\.outputs\.([\w-]+)", WORKFLOW.read_text())) == outputs
    assert step(WORKFLOW, "Grade")["with"].keys() <= inputs
    about = (ROOT / "docs" / "github-classroom.md").read_text()
    assert set(re.findall(r"^\| `([\w-]+)` \|", about, re.MULTILINE)) == inputs
    assert all(name in about for name in re.findall(r"vars\.(\w+)", WORKFLOW.read_text()))


def test_a_workflow_that_students_can_change_is_given_no_secret():
    assert "secrets." not in WORKFLOW.read_text()
    assert read(WORKFLOW)["permissions"] == {"contents": "read"}
    uses = [one for one in steps_of(WORKFLOW) if "checkout" in one.get("uses", "")]
    assert all(one["with"]["persist-credentials"] is False for one in uses)


# -- the steps at work


def value_of(text: str, known: dict[str, str]) -> str:
    """A value with its expressions worked out: names, strings and `||` are all that we use."""

    def worked_out(match: re.Match[str]) -> str:
        parts = [part.strip() for part in match[1].split("||")]
        values = [part.strip("'") if part.startswith("'") else known[part] for part in parts]
        return next((value for value in values if value), "")

    return EXPRESSION.sub(worked_out, text)


def run_step(found: dict[str, Any], known: dict[str, str], folder: Path) -> tuple[Any, dict[str, str]]:
    """Run a step as the runner does; return what was run, and its outputs."""
    (folder / "temp").mkdir(exist_ok=True)
    (folder / "output").write_text("")
    given = {name: value_of(value, known) for name, value in found.get("env", {}).items()}
    given |= {
        "GITHUB_WORKSPACE": str(folder / "workspace"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "RUNNER_TEMP": str(folder / "temp"),
        "CI": "true",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADE_", "GITHUB_"))}
    script = folder / "script.sh"
    script.write_text(found["run"])
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
    done = subprocess.run(command, cwd=folder / "workspace", env=kept | given, capture_output=True, text=True)
    outputs = dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())
    return done, outputs


def inputs_of_the_action(**given: str) -> dict[str, str]:
    found = {f"inputs.{name}": one["default"] for name, one in read(ACTION)["inputs"].items()}
    return found | {f"inputs.{name}": value for name, value in given.items()} | {"github.action_path": str(ROOT)}


@pytest.fixture
def repository(tmp_path):
    """A student's repository, with what could take the place of our modules, and the grader as the first step installs it."""
    workspace = tmp_path / "workspace"
    shutil.copytree(TINY / "exercises", workspace / "exercises")
    for name in ("torch.py", "grader.py", "json.py"):
        (workspace / name).write_text("raise SystemExit('not ours')")
    python = tmp_path / "temp" / "grade-descent" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path


@pytest.mark.slow
def test_the_action_grades_annotates_and_says_the_points(repository):
    file = repository / "workspace" / "exercises" / "section1_tiny.py"
    file.write_text((TINY / "solutions" / "section1_tiny.py").read_text().replace("x * factor", "x + factor"))
    known = inputs_of_the_action(course=str(TINY), junit="junit.xml")
    done, outputs = run_step(step(ACTION, "Grade"), known, repository)
    assert done.returncode == 1, done.stderr
    obeyed = Runner().read(done.stdout).obeyed
    assert {one.properties["file"] for one in obeyed} == {"exercises/section1_tiny.py"}
    assert outputs == {"points": "3.25", "max-points": "5.0"}
    assert "## Section 1" in (repository / "summary.md").read_text()
    assert (repository / "workspace" / "junit.xml").is_file()
    said = {f"steps.grade.outputs.{name}": value for name, value in outputs.items()}
    assert run_step(step(WORKFLOW, "Say it in one line"), said, repository)[0].stdout == "3.25 of 5.0 points\n"


def test_the_action_says_what_cannot_be_graded(repository):
    known = inputs_of_the_action(course=str(TINY), submission="no such folder")
    done, outputs = run_step(step(ACTION, "Grade"), known, repository)
    assert (done.returncode, outputs) == (2, {})
    assert Runner().read(done.stdout).obeyed[0].properties["title"] == "Nothing was graded"
    nothing = dict.fromkeys(("steps.grade.outputs.points", "steps.grade.outputs.max-points"), "")
    assert run_step(step(WORKFLOW, "Say it in one line"), nothing, repository)[0].stdout == "no of 0 points\n"


def test_on_a_runner_that_cannot_confine_submissions_the_action_runs_nothing(repository):
    python, planted = repository / "temp" / "grade-descent" / "bin" / "python", repository / "planted"
    python.write_text(python.read_text().replace("exec", "GRADE_LAUNCHER=plain exec"))
    file = repository / "workspace" / "exercises" / "section1_tiny.py"
    file.write_text(f"open({str(planted)!r}, 'w').close()\n" + file.read_text())
    done, outputs = run_step(step(ACTION, "Grade"), inputs_of_the_action(course=str(TINY)), repository)
    assert (done.returncode, outputs, planted.exists()) == (2, {}, False)
    assert "cannot confine submissions" in Runner().read(done.stdout).obeyed[0].data


@pytest.mark.parametrize("linked", ["exercises", "junit.xml"])
def test_a_link_in_the_checkout_is_not_followed(repository, linked):
    path = repository / "workspace" / linked
    target = repository / "elsewhere"
    shutil.copytree(TINY / "solutions", target)
    if linked == "exercises":
        shutil.rmtree(path)
    path.symlink_to(target if linked == "exercises" else target / "new.pth")
    known = inputs_of_the_action(course=str(TINY), junit="junit.xml")
    done, outputs = run_step(step(ACTION, "Grade"), known, repository)
    assert (done.returncode, outputs, (target / "new.pth").exists()) == (2, {}, False)
    assert "links are not followed" in Runner().read(done.stdout).obeyed[0].data


WHEEL = {  # a package that needs neither a network nor anything to be built
    "grader/__init__.py": "",
    "grader/__main__.py": "print('installed')",
    "grade_descent-0.dist-info/METADATA": "Metadata-Version: 2.1\nName: grade-descent\nVersion: 0\n",
    "grade_descent-0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "grade_descent-0.dist-info/RECORD": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("python", ["it is there", "no such python"])
def test_the_action_installs_what_it_is_told_to_where_the_next_step_looks_for_it(python, tmp_path):
    """With a stand-in for the grader: `-m install` has the grader itself."""
    (tmp_path / "workspace").mkdir()
    for name in ("venv.py", "argparse.py", "ensurepip.py"):  # of a student
        (tmp_path / "workspace" / name).write_text("raise SystemExit('not ours')")
    (tmp_path / "a folder").mkdir()
    package = tmp_path / "a folder" / "grade_descent-0-py3-none-any.whl"
    with zipfile.ZipFile(package, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, text)
    known = inputs_of_the_action(install=str(package), python=sys.executable if python == "it is there" else python)
    done, _ = run_step(step(ACTION, "Install the grader"), known, tmp_path)
    if python != "it is there":
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stderr
    (found,) = re.findall(r'^python="\$RUNNER_TEMP/(.*)"$', step(ACTION, "Grade")["run"], re.MULTILINE)
    words = [tmp_path / "temp" / found, "-P", "-m", "grader"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "installed\n"


@pytest.mark.install
def test_the_action_installs_itself(tmp_path):
    """A network is needed."""
    (tmp_path / "workspace").mkdir()
    done, _ = run_step(step(ACTION, "Install the grader"), inputs_of_the_action(), tmp_path)
    assert done.returncode == 0, done.stderr
    shutil.copytree(ROOT / "solutions", tmp_path / "workspace" / "exercises")
    done, outputs = run_step(step(ACTION, "Grade"), inputs_of_the_action(section="section4"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outputs["points"] == "15.0"
    shutil.rmtree(tmp_path / "temp")


# -- the image


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions and their arguments."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_the_image_is_made_of_files_that_are_there():
    copied = [source for name, words in instructions() if name == "COPY" for source in words.split()[:-1]]
    assert {"grader", "exercises", "solutions", "data", "pyproject.toml"} <= set(copied)
    assert not [source for source in copied if not (ROOT / source).exists()]


def test_the_image_is_installed_as_the_readme_says_and_grades_without_root():
    runs = [words for name, words in instructions() if name == "RUN"]
    install = next(words for words in runs if "-m venv" in words)
    light, plain = re.findall(r"\.venv/bin/(?:uv )?pip install [^|;&}]*-e \.", install)
    assert all(command in (ROOT / "README.md").read_text() for command in (light, plain))
    assert f"{{ {light} || {plain}; }}" in " ".join(install.split())
    users = [words for name, words in instructions() if name == "USER"]
    assert users == ["grader"]
    names = [name for name, _ in instructions()]
    assert names[0] == "FROM"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "python:3." in instructions()[0][1]
    assert instructions()[0][1].endswith("-slim")
    for words in runs:
        subprocess.run(["bash", "-n"], input=words, text=True, check=True)
    last = runs[-1].split()
    assert last[0] == "grade", "an image that cannot grade is not built"
