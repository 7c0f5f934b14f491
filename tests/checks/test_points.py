"""A section's points are for ideas: refused arguments, dtypes and unchanged inputs together earn at most a tenth."""

import re

import pytest

from grader.find_course import find_course
from grader.predictions import EXERCISE

COURSE = find_course()
HYGIENE = re.compile(r".*_(rejects?(_.*)?|respects?_(its|their)_arguments?|leaves_its_inputs_unchanged)")

each_section = pytest.mark.parametrize("section", COURSE.sections, ids=[section.stem for section in COURSE.sections])


@each_section
def test_hygiene_earns_at_most_a_tenth(section):
    hygiene = [check.points for check in section.check_list if HYGIENE.fullmatch(check.id)]
    assert hygiene
    assert sum(hygiene) <= sum(check.points for check in section.check_list) / 10 + 1e-9


@each_section
def test_each_section_asks_three_questions_before_the_code_and_two_after_it(section):
    text = section.solution.read_text(encoding="utf-8")
    predictions = [check for check in section.check_list if check.exercise == EXERCISE]
    assert [check.points for check in predictions] == [0.25] * 3
    reflection = text.partition("\n# ## Reflection\n")[2]
    assert len(re.findall(r"^# \*\*.+?\*\*$", reflection, re.MULTILINE | re.DOTALL)) == 2
    head = text.partition("\n\n# %%")[0]
    assert re.search(r"\d+ minutes", head)
