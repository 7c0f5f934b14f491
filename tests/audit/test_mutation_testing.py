"""The inputs by which a mutant is told from its solution are those of the checks, also of checks that import their course."""

from grader.audit.mutation_testing import calls_of_checks
from grader.course import Course
from grader.grading.section_run import contract_of
from tests.paths import ROOT


def test_the_calls_of_checks_that_import_from_their_course_are_found():
    section = Course(ROOT).find("section4")
    calls = calls_of_checks(section, "max_stable_lr", contract_of(section))
    assert {one.name for one in calls} == {"max_stable_lr"}
