"""JUnit XML: what readers of it find, and that no text of a submission is more than text in it."""

from xml.etree import ElementTree

import junitparser
import msgspec
import pytest

from grader.grading.report import Report, Status
from grader.render.export.report_junit import junit
from tests.paths import REPORTS
from tests.render.hostile_report import HOSTILE, controls_in, hostile_report

KINDS = {
    Status.PASSED: [],
    Status.FAILED: [junitparser.Failure],
    Status.NOT_STARTED: [junitparser.Failure],
    Status.BLOCKED: [junitparser.Skipped],
    Status.CRASHED: [junitparser.Failure],
    Status.TIMED_OUT: [junitparser.Failure],
    Status.FORBIDDEN: [junitparser.Failure],
    Status.GRADER_ERROR: [junitparser.Error],
}


def report(name: str) -> Report:
    return msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)


def read(*reports: Report) -> junitparser.JUnitXml:
    return junitparser.JUnitXml.fromstring(junit(reports))


def test_every_status_has_its_kind():
    suite = next(iter(read(hostile_report("x"))))
    found = {case.classname: [type(one) for one in case.result] for case in suite}
    assert found == {f"section1.exercise_{status}": kinds for status, kinds in KINDS.items()}


@pytest.mark.parametrize("name", sorted(path.stem for path in REPORTS.glob("*.json")))
def test_the_counts_are_those_of_the_cases(name):
    xml = read(report(name), report("right"))
    told = xml.tests, xml.failures, xml.errors, xml.skipped
    xml.update_statistics()
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == told
    assert xml.tests == sum(len(one.checks) for one in (report(name), report("right")))


def test_a_failure_says_what_the_terminal_says():
    root = ElementTree.fromstring(junit([report("wrong_value")]))
    failure = root.find(".//testcase[@classname='section1.scale']/failure")
    assert failure is not None
    assert failure.get("type") == "failed"
    text = failure.text or ""
    assert text.startswith("0.0 / ")
    assert "Smallest example that shows it (scale" in text
    assert "expected" in text


def test_what_was_printed_and_how_long_it_took_are_where_readers_look():
    checks = [msgspec.structs.replace(report("prints").checks[0], seconds=1.25, stdout="hello\nworld")]
    case = next(iter(next(iter(read(msgspec.structs.replace(report("prints"), checks=checks))))))
    assert (case.time, case.system_out) == (1.25, "hello\nworld")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name):
    """The document has the elements that the same Report has with plain text in it, and no character that XML lacks."""
    data = junit([hostile_report(HOSTILE[name])])
    shape = [element.tag for element in ElementTree.fromstring(data).iter()]
    assert shape == [element.tag for element in ElementTree.fromstring(junit([hostile_report("x")])).iter()]
    assert not controls_in(data.decode("utf-8"))
    assert b"<!" not in data


def test_of_hidden_checks_there_are_only_the_points():
    hidden = [msgspec.structs.replace(check, hidden=True) for check in hostile_report("secret").checks]
    data = junit([msgspec.structs.replace(report("right"), checks=hidden)]).decode()
    assert "secret" not in data
    assert "multiplied" not in data
    assert "other checks of exercise_failed: 0 of 1 points" in data
