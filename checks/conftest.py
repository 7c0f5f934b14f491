"""Makes `python -m pytest checks --submission exercises` a grading."""

from grader.plain_pytest import pytest_addoption, pytest_configure

__all__ = ["pytest_addoption", "pytest_configure"]
