"""`python -m grader` is `grade`."""

from grader.cli.program import program

program()
