"""Where `grade` writes besides the terminal: files in the forms of other systems."""

import json
from xml.etree import ElementTree

from test_cli import RIGHT, TINY, grade


def test_junit_is_written_beside_json_for_a_section_and_for_all(tmp_path):
    junit, record = tmp_path / "junit.xml", tmp_path / "report.json"
    run = grade("tiny", "--submission", RIGHT, "--junit", junit, "--json", record)
    assert (run.returncode, run.stderr) == (0, "")
    cases = ElementTree.parse(junit).findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == [
        check["title"] for check in json.loads(record.read_text())["checks"]
    ]
    assert grade("all", "--junit", junit, cwd=TINY / "exercises", course=None).returncode == 1
    root = ElementTree.parse(junit).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("8", "8", "0")


def test_where_a_file_cannot_be_written_is_said_before_anything_is_graded(tmp_path):
    run = grade("tiny", "--submission", RIGHT, "--junit", tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"{tmp_path}: cannot be written: Is a directory. Name another file.\n"
