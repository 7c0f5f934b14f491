"""The whole Report on every kind of submission, to the letter.

After a change that is meant to change Reports: `python -m pytest tests/grading tests/render --update-golden`, and then
read the difference as a student would: `git diff tests/grading/golden tests/render/golden`.
"""

from pathlib import Path

import msgspec
import pytest
from answers import CASES

from grader.grading.report import Report, to_json

GOLDEN = Path(__file__).parent / "golden"


def reproducible(report: Report) -> Report:
    """The Report without what depends on the machine and the moment."""
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.structs.replace(report, checks=checks, sandbox={}, versions={})


@pytest.mark.parametrize("name", CASES)
def test_the_report_is_the_golden_one(name, grade_tiny, request):
    path = GOLDEN / f"{name}.json"
    found = to_json(reproducible(grade_tiny(CASES[name]))).decode()
    if request.config.getoption("--update-golden"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
