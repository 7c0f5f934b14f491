"""Annotations and the summary: on the right lines, within GitHub's limits, and no text of a submission gives an order."""

from contextlib import suppress

import msgspec
import pytest

from grader.grading.report import Line, Report, Status
from grader.render.export.github import (
    ANNOTATIONS,
    SUMMARY_BYTES,
    Annotation,
    annotations,
    append_summary,
    no_commands,
    summary,
)
from tests.paths import REPORTS
from tests.render.export.github_runner import Runner, tags_of
from tests.render.hostile_report import HOSTILE, JOINED, acted_upon, controls_in, hostile_report

FILES = {"section1": "exercises/section1_tiny.py"}


def report(name: str) -> Report:
    return msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)


def said(*reports: Report, files: dict[str, str] = FILES) -> list:
    """What the runner obeys."""
    return Runner().read("\n".join(one.command for one in annotations(reports, files))).obeyed


def test_a_wrong_value_is_told_where_the_exercise_begins():
    first = said(report("wrong_value"))[0]
    assert first.name == "error"
    assert first.properties == {
        "file": "exercises/section1_tiny.py",
        "line": str(report("wrong_value").lines["scale"]),
        "title": "scale: Every entry is multiplied by the factor",
    }
    assert "expected" in first.data


def test_an_exception_is_told_where_it_was_raised():
    found = report("raises")
    lines = {check.lines[-1].line for check in found.checks if check.lines}
    assert {int(one.properties["line"]) for one in said(found) if "LookupError" in one.data} == lines


@pytest.mark.parametrize("name", ["syntax_error", "half_loading"])
def test_what_holds_of_the_whole_file_is_told_once_at_its_line(name):
    found = said(report(name))
    told = [one for one in found if one.properties["title"] == "Section 1: Tiny exercises"]
    assert len(told) == 1
    assert told[0].data.startswith(report(name).notice)
    if name == "syntax_error":
        assert int(told[0].properties["line"]) > 1
        assert len(found) == 1


def test_of_a_notebook_and_of_an_archive_no_line_is_named():
    assert "line" not in said(report("raises"), files={"section1": "work.zip"})[0].properties
    book = msgspec.structs.replace(report("raises"), submission="section1_tiny.ipynb")
    assert "line" not in said(book, files={"section1": "section1_tiny.ipynb"})[0].properties
    assert "file" not in said(report("raises"), files={})[0].properties


def test_nothing_is_said_of_what_is_right_or_not_started():
    assert said(report("right"), report("not_started")) == []


def many(count: int) -> Report:
    """An exercise with many failures before others with one each."""
    check = next(check for check in report("wrong_value").checks if check.status is Status.FAILED)
    checks = [msgspec.structs.replace(check, id=f"c{n}", message=f"no {n}") for n in range(count)]
    checks += [msgspec.structs.replace(check, id=f"e{n}", exercise=f"e{n}") for n in range(5)]
    return msgspec.structs.replace(report("wrong_value"), checks=checks)


def test_no_more_are_made_than_are_shown_and_every_exercise_comes_first():
    found = said(many(30), many(30))
    assert len(found) == ANNOTATIONS == 10
    titles = [one.properties["title"].split(":")[0] for one in found]
    assert titles == ["scale", *(f"e{n}" for n in range(5)), "scale", *(f"e{n}" for n in range(3))]


def test_a_fault_of_the_grader_is_no_remark_on_the_students_file():
    (only,) = said(hostile_report("x", (Status.GRADER_ERROR,)))[1:]  # the first is the notice
    assert (only.name, set(only.properties)) == ("warning", {"title"})
    assert "No points are lost" in only.data


def test_an_annotation_arrives_as_it_was_meant():
    told = Annotation("50 %: a, b", "one: 100 %\ntwo, %0A", "a:b,c.py", 3)
    (command,) = Runner().read(told.command).obeyed
    assert command.properties == {"file": "a:b,c.py", "line": "3", "title": "50 %: a, b"}
    assert command.data == "one: 100 %\ntwo, %0A"


@pytest.mark.parametrize("name", [*HOSTILE, "joined"])
def test_hostile_text_gives_the_runner_no_order(name):
    found = hostile_report(HOSTILE.get(name, JOINED))
    commands = [one.command for one in annotations([found], {"section1": HOSTILE.get(name, JOINED)})]
    assert all("\n" not in one and "\r" not in one for one in commands)
    assert not [one for one in acted_upon("\n".join(commands)) if not one.startswith(("::error ", "::warning "))]
    obeyed = Runner().read("\n".join(commands)).obeyed
    assert [one.name for one in obeyed] == ["error"] * (len(commands) - 1) + ["warning"]


@pytest.mark.parametrize("name", [*HOSTILE, "joined"])
def test_hostile_text_stays_text_in_the_summary(name):
    page = summary([hostile_report(HOSTILE.get(name, JOINED))]).decode()
    assert tags_of(page) == tags_of(summary([hostile_report("x")]).decode())
    assert {tag for tag, _ in tags_of(page)} <= {
        "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary", "b"
    }  # fmt: skip
    assert not controls_in(page)


def test_of_hidden_checks_there_are_only_the_points():
    hidden = [msgspec.structs.replace(check, hidden=True) for check in hostile_report("secret").checks]
    found = msgspec.structs.replace(report("right"), checks=hidden)
    text = summary([found]).decode() + "".join(one.command for one in annotations([found], FILES))
    assert "secret" not in text
    assert "multiplied" not in text
    assert "other checks of exercise_failed: 0 of 1 points" in text


def test_the_summary_ends_with_the_command_to_type_next():
    assert "grade section1 scale" in summary([report("wrong_value")]).decode().splitlines()[-4]


def test_a_summary_that_is_too_long_is_cut_with_a_sentence(tmp_path):
    checks = [msgspec.structs.replace(check, stdout="<&>\n" * 1000) for check in many(80).checks]
    long = msgspec.structs.replace(report("wrong_value"), checks=checks)
    whole, page = summary([long], limit=10**9), summary([long])
    assert SUMMARY_BYTES == 2**20
    assert len(whole) > SUMMARY_BYTES >= len(page) > SUMMARY_BYTES - 500
    assert page.decode().endswith("The log of this step has everything.\n")
    for tag in (b"pre", b"details"):
        assert page.count(b"<%s>" % tag) == page.count(b"</%s>" % tag)
    path = tmp_path / "summary.md"
    for _ in range(3):
        append_summary(path, [long])
    assert path.stat().st_size <= SUMMARY_BYTES


def test_a_step_that_has_written_its_summary_keeps_it(tmp_path):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    append_summary(path, [report("right")])
    assert path.read_text().startswith("before\n## Section 1")


def test_between_its_tokens_no_text_is_a_command(capsys):
    with suppress(KeyError), no_commands():
        print("::error::not ours\n::stop-commands::x\n::x::\n##[error]nor this")
        raise KeyError
    print("::notice title=ours::said")
    runner = Runner().read(capsys.readouterr().out)
    assert [one.data for one in runner.obeyed] == ["said"]


def test_the_token_is_another_every_time(capsys):
    for _ in range(2):
        with no_commands():
            pass
    tokens = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::stop-commands::")]
    assert len(set(tokens)) == 2


def test_a_line_in_a_helper_is_where_the_exception_came_from():
    lines = [Line(4, "mean", "return total(x)"), Line(2, "total", "raise LookupError")]
    checks = [msgspec.structs.replace(report("wrong_value").checks[0], lines=lines)]
    assert said(msgspec.structs.replace(report("wrong_value"), checks=checks))[0].properties["line"] == "2"
