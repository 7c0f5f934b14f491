"""Where `grade` writes besides the terminal: files in the forms of other systems."""

import json
from xml.etree import ElementTree

import pytest

from grader.course import Course
from tests.cli.commands import RIGHT, grade
from tests.paths import TINY
from tests.render.export.github_runner import Runner


@pytest.mark.slow
def test_junit_is_written_beside_json_for_a_section_and_for_all(tmp_path):
    junit, record = tmp_path / "junit.xml", tmp_path / "report.json"
    run = grade("tiny", "--submission", RIGHT, "--junit", junit, "--json", record)
    assert (run.returncode, run.stderr) == (0, "")
    cases = ElementTree.parse(junit).findall("testsuite/testcase")
    checks = json.loads(record.read_text())["checks"]
    assert [case.get("name") for case in cases] == [
        "other checks" if check["hidden"] else check["title"] for check in checks
    ]
    assert grade("all", "--submission", TINY / "exercises", "--junit", junit).returncode == 1
    root = ElementTree.parse(junit).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("8", "8", "0")


def test_where_a_file_cannot_be_written_is_said_before_anything_is_graded(tmp_path):
    run = grade("tiny", "--submission", RIGHT, "--junit", tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"{tmp_path}: cannot be written: Is a directory. Name another file.\n"


LOUD = """
def scale(x, factor):
    print("::error::printed")
    return x

def mean(x):
    raise ValueError("::set-output name=points::5\\n##[error]raised")
"""


def on_github(*arguments, workspace, **variables):
    """Run as a step of a workflow; return the run, the commands that the runner obeys, and the summary."""
    page = workspace / "summary.md"
    variables |= {"GITHUB_WORKSPACE": str(workspace), "GITHUB_STEP_SUMMARY": str(page)}
    run = grade(*arguments, "--github", **variables)
    runner = Runner().read(run.stdout + run.stderr)
    return run, runner, page.read_text(encoding="utf-8") if page.exists() else ""


@pytest.mark.parametrize("word", ["tiny", pytest.param("all", marks=pytest.mark.slow)])
def test_on_github_lines_are_annotated_and_a_summary_is_written(word, tmp_path):
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "section1_tiny.py").write_text(LOUD)
    run, runner, page = on_github(word, "--submission", tmp_path / "exercises", workspace=tmp_path)
    assert run.returncode == 1
    assert {one.name for one in runner.obeyed} == {"error"}
    places = {one.properties["title"].split(":")[0]: one.properties for one in runner.obeyed}
    assert places["scale"]["file"] == places["mean"]["file"] == "exercises/section1_tiny.py"
    assert (places["scale"]["line"], places["mean"]["line"]) == ("2", "7")
    assert "    | ::error::printed" in runner.log, "the terminal's report is there as ever"
    assert "| `scale` |" in page


@pytest.mark.slow
def test_on_github_nothing_is_printed_of_hidden_checks(tmp_path):
    hidden = [check for check in Course(TINY).find("tiny").check_list if check.hidden]
    wrong = tmp_path / "section1_tiny.py"
    wrong.write_text(RIGHT.read_text(encoding="utf-8").replace("x - mean(x)", "x + mean(x)"))
    run, _, page = on_github("tiny", "--submission", wrong, "--verbose", workspace=tmp_path)
    assert "other checks of centre: 0 of 0.5 points" in run.stdout
    assert hidden
    assert not [check for check in hidden if check.title in run.stdout + page]


def test_on_github_a_file_that_is_not_there_is_annotated(tmp_path):
    run, runner, page = on_github("tiny", "--submission", tmp_path, workspace=tmp_path)
    assert (run.returncode, page) == (2, "")
    (only,) = runner.obeyed
    assert only.properties["title"] == "Nothing was graded"
    assert "no file named section1_tiny.py or .ipynb inside" in only.data


@pytest.mark.slow
def test_without_a_page_for_a_summary_there_is_none(tmp_path):
    assert grade("tiny", "mean", "--submission", RIGHT, "--github", GITHUB_STEP_SUMMARY="").returncode == 0
    run = grade("tiny", "mean", "--submission", RIGHT, "--github", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert run.returncode == 0
    assert "there is no summary: Is a directory" in run.stdout


def test_what_makes_no_grade_tells_github_nothing():
    run = grade("tiny", "--submission", RIGHT, "--github", "--in-process")
    assert (run.returncode, run.stdout) == (2, "")
    assert "Leave one of them out" in run.stderr


@pytest.mark.slow
def test_gradescopes_results_are_written(tmp_path):
    found = tmp_path / "results.json"
    assert grade("all", "--submission", RIGHT.parent, "--gradescope", found).returncode == 0
    assert json.loads(found.read_text())["score"] == 5.0
