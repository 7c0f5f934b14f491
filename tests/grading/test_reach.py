"""What a check may come to use is read from its text: an exercise that it asks for in another way would be let past its needs."""

import pytest

from grader.check_files.check_outline import Origin
from grader.find_course import find_course
from grader.grading.reach import called_by_check

CHECKS = [
    (section, check)
    for section in find_course().sections
    for check in section.check_list
    if check.origin is Origin.WRITTEN
]


@pytest.mark.parametrize(("section", "check"), CHECKS, ids=[check.id for _, check in CHECKS])
def test_the_text_of_every_check_shows_that_it_asks_for_its_own_exercise(section, check):
    assert check.exercise in called_by_check(section, check.id)
