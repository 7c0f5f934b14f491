"""The whole Report on every kind of submission, to the letter.

After a change that is meant to change Reports: `python -m pytest tests/grading tests/render --update-golden`, and then
read the difference as a student would: `git diff tests/grading/golden tests/render/terminal/golden`.
"""

import pytest

from grader.grading.report import to_json
from tests.grading.reports import reproducible
from tests.grading.tiny_answers import CASES
from tests.paths import REPORTS


@pytest.mark.parametrize("name", CASES)
def test_the_report_is_the_golden_one(name, grade_tiny, request):
    path = REPORTS / f"{name}.json"
    found = to_json(reproducible(grade_tiny(CASES[name]))).decode()
    if request.config.getoption("--update-golden"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    assert {path.stem for path in REPORTS.iterdir()} == set(CASES)
