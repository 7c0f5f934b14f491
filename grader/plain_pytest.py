"""`python -m pytest checks --submission exercises`: the hooks that the conftest of the checks gives to pytest.

Pytest prints the results, and there is no Report.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.course import UsageError
from grader.find_course import find_course
from grader.grading.plugin import GradePlugin
from grader.grading.section_run import GradingRun, RunnableSubmission
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.process.trust import Trust
from grader.section import Section
from grader.service import Service
from grader.submission.locate import locate


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grade")
    if group.options:  # named with -p, and by the conftest of a course besides
        return
    group.addoption("--submission", type=Path, help="a section file, or a folder of them (default: exercises)")
    group.addoption(
        "--in-process", action="store_true", help="import the submission here: for breakpoint(), not a grade"
    )
    group.addoption("--unsafe", action="store_true", help="run code of others even where it cannot be confined")


def pytest_configure(config: pytest.Config) -> None:
    """Register a GradePlugin for the submission that the command line names."""
    if config.pluginmanager.has_plugin("grade"):
        return
    course = find_course()
    path: Path = config.getoption("--submission") or course.exercises
    stack = ExitStack()
    config.add_cleanup(stack.close)
    service, trust = None, Trust(course.root, config.getoption("--unsafe"))
    if not config.getoption("--in-process"):
        named = [section for section in course.sections if any(section.stem in argument for argument in config.args)]
        try:
            preload = [module for section in named or course.sections for module in section.preload]
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        service = stack.enter_context(Service.open(course, trust, preload=preload))

    def submission_for(section: Section) -> RunnableSubmission:
        try:
            ((_, submission),) = locate(course, path, [section]).expect_all()
            if service is not None:
                return service.admit(section, submission)
            trust.expect_includes(submission)
            return InProcessSubmission(submission, course.packages, course.settings.modules)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    config.pluginmanager.register(GradePlugin(course, GradingRun(submission_for)), "grade")
