"""A fault of the grader is never points lost, and a fault of the submission is never the grader's."""

import errno
import os
import re
import shutil
import signal
from types import SimpleNamespace

import pytest

from grader.course import Course, UsageError
from grader.grading.section_run import contract_of
from grader.grading.verdict import judge
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.calls.local_calls import LocalReference
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.toolkit.verdicts import GraderFaultError
from tests.grading.reports import HEADER, messages, statuses
from tests.grading.tiny_answers import CASES, answer
from tests.paths import TINY


def checks(body: str, decorator: str = '@check("scale", points=1)', docstring: str = '"""It scales."""') -> str:
    return f"{HEADER}\n{decorator}\ndef test_it(student, reference):\n    {docstring}\n    {body}\n"


SUPPRESS = "from contextlib import suppress\nfrom grader.toolkit.verdicts import StudentError\n"


@pytest.fixture
def own_sandbox(tiny_course):
    with Sandbox.open(tiny_course) as sandbox:
        yield sandbox


def kill_zygote(sandbox: Sandbox) -> None:
    os.kill(sandbox.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_zygote_that_dies_is_replaced(grade_tiny, own_sandbox):
    first = own_sandbox.pid

    def progress(title, exercise, done, count):
        if done == 3:
            kill_zygote(own_sandbox)

    report = grade_tiny(CASES["right"], sandbox=own_sandbox, progress=progress)
    assert set(statuses(report).values()) == {"passed"}
    assert own_sandbox.pid != first
    kill_zygote(own_sandbox)  # and dead from the beginning
    assert grade_tiny(CASES["right"], sandbox=own_sandbox).points == 5.0


def test_a_sandbox_that_cannot_be_had_costs_no_points_and_leaves_what_was_found(grade_tiny, own_sandbox, monkeypatch):
    from grader.sandbox.process import launch_zygote

    def progress(title, exercise, done, count):
        if done == 3 and launch_zygote.subprocess.Popen is not no_process:
            kill_zygote(own_sandbox)
            monkeypatch.setattr(launch_zygote.subprocess, "Popen", no_process)

    def no_process(*arguments, **options):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    report = grade_tiny(CASES["right"], sandbox=own_sandbox, progress=progress)
    found = list(statuses(report).values())
    assert found[:3] == ["passed"] * 3
    assert set(found[3:]) == {"grader_error"}
    assert (report.status, report.exit_code, report.max_points) == ("grader_error", 3, 5.0)
    assert "zygote" in report.checks[3].message


@pytest.mark.parametrize(
    "body",
    [
        "raise KeyError('no such threshold')",
        "assert 1 == 2",
        "ONES[5]",
        "raise SystemExit(0)",
        "__import__('pytest').skip('not today')",
    ],
)
def test_a_check_that_fails_before_any_call_is_the_graders_fault(body, grade_tiny, course_with):
    report = grade_tiny(CASES["right"], root=course_with(checks(body)))
    assert statuses(report) == {"it": "grader_error"}
    assert (report.status, report.exit_code) == ("grader_error", 3)


def test_a_fault_of_the_grader_says_where(grade_tiny, course_with):
    report = grade_tiny(CASES["right"], root=course_with(checks("ONES[5]")))
    assert messages(report)["it"].startswith("IndexError: index 5 is out of bounds")
    assert "(test_section1.py, line 11)" in messages(report)["it"]


@pytest.mark.parametrize(
    ("body", "scale"),
    [
        ("student.scale(ONES, 2.0)[1].item()", "return torch.ones(1, dtype=torch.float64)"),
        ("student.scale(ONES, 2.0).reshape(2)", "return torch.ones(0)"),
        ("student.scale(ONES, 2.0) @ ONES", "return torch.ones(3)"),
    ],
)
def test_a_check_that_stumbles_over_an_answer_is_the_submissions_fault(body, scale, grade_tiny, course_with):
    report = grade_tiny(answer(scale=scale), root=course_with(checks(body)))
    assert statuses(report) == {"it": "failed"}
    assert "could not be judged" in messages(report)["it"]
    assert report.checks[0].counterexample.call == "scale"
    assert report.exit_code == 1


@pytest.mark.parametrize(
    "body",
    [
        "with suppress(Exception): student.scale(ONES, 2.0)",
        "with suppress(AssertionError, ValueError, StudentError): student.scale(ONES, 2.0)\n    student.mean(ONES)",
    ],
)
@pytest.mark.parametrize("is_local", [False, True])
def test_a_check_that_catches_what_refuses_an_answer_passes_none(body, is_local, grade_tiny, course_with, tmp_path):
    root = course_with(SUPPRESS + checks(body))
    options = {"sandbox": None, "folder": tmp_path} if is_local else {}
    report = grade_tiny(answer(scale="return 'x'"), root=root, **options)
    assert messages(report) == {"it": "scale returned a str, but a tensor was expected."}
    assert report.checks[0].counterexample.call == "scale"
    report = grade_tiny("x = 1\n", root=root, **options)
    assert "defines no function or class named" in messages(report)["it"]
    report = grade_tiny(answer(scale="raise ValueError('as asked')"), root=root, **options)
    assert statuses(report) == {"it": "passed"}


@pytest.mark.parametrize("name", ["student", "reference"])
def test_the_text_of_an_assert_shows_no_object_of_the_grader(name, grade_tiny, course_with):
    body = f"student.scale(ONES, 2.0)\n    assert {name}.scale(ONES, 2.0) is None"
    said = messages(grade_tiny(CASES["right"], root=course_with(checks(body))))["it"]
    assert f"{name}.scale" in said
    assert " at 0x" not in said
    assert "<" not in said.replace("grad_fn=<", "")


def test_the_text_of_an_assert_names_no_option_of_pytest():
    student = SimpleNamespace(answered=True, transcript=(), last_call=lambda: None)
    found = judge(
        AssertionError("assert [3] == [3, 3]\n  Right contains one more item: 3\n  Use -v to get more diff"), student
    )
    assert found.message == "assert [3] == [3, 3]\n  Right contains one more item: 3"


def test_a_missing_function_leaves_no_doubt_about_whose_fault_it_is(grade_tiny, course_with):
    report = grade_tiny("x = 1\n", root=course_with(checks("student.scale(ONES, 2.0)")))
    assert statuses(report) == {"it": "failed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (checks("pass", '@check("scale", points=1, needs=["scael"])'), "needs scael, and no check above it"),
        (checks("pass", '@check("scale", points=1, needs=["it"])'), "needs it, and no check above it"),
        (checks("pass", '@check("scale", points=0)'), "write a number above 0"),
        (checks("pass", '@check("scale", points=1, needs="it")'), "write a list of names"),
        (checks("pass", docstring="pass"), "needs a docstring"),
        (checks("pass", "# no decorator"), "has no @check"),
        ("def test_it(student:\n", "not valid Python"),
        (checks("pass").replace("import torch", "import no_such_module as torch"), "no_such_module"),
    ],
    ids=[
        "unknown need",
        "need of itself",
        "no points",
        "needs a string",
        "no docstring",
        "no check",
        "syntax",
        "import",
    ],
)
def test_checks_that_cannot_be_run_name_file_and_line(text, said, grade_tiny, course_with, capfd):
    with pytest.raises((UsageError, GraderFaultError)) as fault:
        grade_tiny(CASES["right"], root=course_with(text))
    assert re.search(r"test_section1\.py:\d+", str(fault.value))
    assert said in str(fault.value)
    assert capfd.readouterr() == ("", "")


def test_a_users_own_pytest_settings_do_not_reach_a_grade(grade_tiny, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert grade_tiny(CASES["right"]).points == 5.0
    assert os.environ["PYTEST_PLUGINS"] == "no_such_plugin"


def test_two_courses_with_the_same_file_names_do_not_see_each_other(grade_tiny, course_with):
    root = course_with(checks("student.scale(ONES, 2.0)"))
    assert grade_tiny(CASES["right"], root=root).points == 1.0
    assert grade_tiny(CASES["right"]).points == 5.0


def test_pytest_settings_that_lie_in_the_course_do_not_reach_a_grade(grade_tiny, course_with):
    root = course_with(checks("student.scale(ONES, 2.0)"))
    (root / "pytest.ini").write_text("[pytest]\naddopts = -k nothing\n", encoding="utf-8")
    for folder in (root, root / "checks", root / "checks" / "section1_tiny"):
        (folder / "conftest.py").write_text("raise SystemExit('never run')\n", encoding="utf-8")
    assert grade_tiny(CASES["right"], root=root).points == 1.0


@pytest.mark.parametrize(
    "name", ["right", "wrong_value", "wrong_kind", "raises", "not_started", "syntax_error", "half_loading", "no_error"]
)
def test_a_run_in_process_finds_the_same_and_is_no_grade(name, grade_tiny, tmp_path):
    isolated = grade_tiny(CASES[name])
    local = grade_tiny(CASES[name], sandbox=None, folder=tmp_path)
    assert local.status == "not_a_grade"
    assert local.points == isolated.points
    assert local.notice == isolated.notice
    for one, other in zip(local.checks, isolated.checks, strict=True):
        for field in ("id", "status", "message", "counterexample", "lines", "notes"):
            assert getattr(one, field) == getattr(other, field), (one.id, field)


def test_a_machine_that_starts_no_worker_is_not_asked_for_every_check(grade_tiny, own_sandbox, monkeypatch):
    asked = []

    def no_greeting(*arguments):
        asked.append(arguments)
        raise GraderFaultError("a worker could not be started: why ever")

    monkeypatch.setattr("grader.sandbox.calls.conversation.Conversation._hello", no_greeting)
    monkeypatch.setattr(own_sandbox._launcher, "renew", lambda: None)  # a second for each
    monkeypatch.setattr(own_sandbox, "trust", Trust(everybody=True))  # or no check would begin
    report = grade_tiny(CASES["right"], sandbox=own_sandbox)
    assert set(statuses(report).values()) == {"grader_error"}
    assert len(asked) < len(report.checks)


def test_no_text_that_a_submission_writes_gets_it_a_second_try(grade_tiny, monkeypatch):
    """It is asked as often as one that raises something else."""
    loads, load = [], Conversation.load
    monkeypatch.setattr(Conversation, "load", lambda *arguments: loads.append(1) or load(*arguments))
    asked = []
    for kind in ("KeyError", "MemoryError", 'RuntimeError("DefaultCPUAllocator: can\'t allocate memory")'):
        loads.clear()
        report = grade_tiny(answer(mean=f"raise {kind}"))
        asked.append(len(loads))
        assert statuses(report)["mean_by_hand"] == "failed"
    assert asked == asked[:1] * 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGBUS, signal.SIGXCPU])
def test_a_submission_that_ends_its_worker_gets_no_second_try(grade_tiny, monkeypatch, number):
    loads, load = [], Conversation.load
    monkeypatch.setattr(Conversation, "load", lambda *arguments: loads.append(1) or load(*arguments))
    report = grade_tiny(answer(mean=f"import os\nos.kill(os.getpid(), {int(number)})"), keyword="mean_by_hand")
    assert statuses(report) == {"mean_by_hand": "crashed"}
    assert len(loads) == 1


@pytest.mark.parametrize("source", ["", "\n# My answers.\n", '"""Exercises."""\nimport math\n'])
def test_a_file_without_code_is_told(grade_tiny, source):
    report = grade_tiny(source)
    assert report.notice.startswith("section1_tiny.py defines nothing. Is it empty? To get your text back, undo")
    assert "grade reset section1. For the file" in report.notice
    assert report.notice.endswith("grade reset section1 --undo")


def test_a_file_of_another_section_is_told(grade_tiny, tmp_path):
    """With a section beside it whose file was saved in the place of this one's."""
    root = shutil.copytree(TINY, tmp_path / "course")
    names = ("first", "second", "third")
    checks = [f'@check("{name}", points=1)\ndef test_{name}(student):\n    """It is right."""\n' for name in names]
    path = root / "checks" / "section2_other" / "test_section2.py"
    path.parent.mkdir()
    text = '"""Section 2: other exercises."""\n\nfrom grader.toolkit.check import check\n\n\n'
    path.write_text(text + "\n\n".join(checks), encoding="utf-8")
    others = "".join(f"def {name}(x):\n    return x\n\n\n" for name in names)
    found = grade_tiny(others, root=root)
    assert (
        "holds the functions of section2, such as first, and none of section1: was another file saved" in found.notice
    )
    assert grade_tiny(f"{others}def mean(x):\n    return 0.0\n", root=root).notice == ""


def test_a_program_that_misspells_a_function_of_the_reference_is_told_the_nearest_name():
    reference = LocalReference(contract_of(Course(TINY).sections[0]))
    with pytest.raises(AttributeError, match=r"^the solution defines no maen\. Did you mean mean\?$"):
        reference.run(lambda functions: functions.maen(1))
