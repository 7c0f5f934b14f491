"""Commands as people type them, in this process: for those that start no worker."""

import shlex

from click.testing import CliRunner

from grader.cli import cli
from grader.course import UsageError


def typed(line: str) -> tuple[int, str]:
    """Run a line such as `grade stats`. Returns the exit code and all that it prints."""
    program, *words = shlex.split(line)
    assert program == "grade"
    ran = CliRunner().invoke(cli, words)
    if isinstance(ran.exception, UsageError):
        return 2, ran.output + str(ran.exception)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.output
