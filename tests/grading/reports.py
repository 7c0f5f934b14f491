"""Checks for a course of a test, and the parts of a Report that tests compare."""

import msgspec

from grader.grading.report import Report

HEADER = """
import torch
from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close

ONES = torch.ones(2, dtype=torch.float64)
"""


def statuses(report):
    return {check.id: check.status.value for check in report.checks}


def messages(report):
    return {check.id: check.message for check in report.checks}


def reproducible(report: Report) -> Report:
    """The Report without what depends on the machine and the moment."""
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in report.checks]
    return msgspec.structs.replace(report, checks=checks, sandbox={}, versions={})


def outcome(report):
    """The results of a grading by check, without values that are not part of a verdict."""
    return [(check.id, check.status, check.points, check.message) for check in report.checks]
