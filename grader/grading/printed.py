"""What checks print: a help for their author, who sees it on standard error, with the check that printed it.

No student sees it, and no Report or table on standard output is disturbed by it.
"""

import io
import sys
from collections.abc import Generator
from contextlib import redirect_stdout

import pytest

from grader.toolkit.text import clean, harmless


class Printed:
    """A plugin of pytest that catches what each check prints. It is `shown` if the solution is graded."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run a check."""
        text = io.StringIO()
        try:
            with redirect_stdout(text):
                return (yield)
        finally:
            if self._shown and text.getvalue():  # an answer may be among it
                lines = harmless(clean(text.getvalue().rstrip())).splitlines()
                name = pyfuncitem.name.removeprefix("test_")
                print(*(f"{name} prints: {line}" for line in lines), sep="\n", file=sys.stderr, flush=True)
