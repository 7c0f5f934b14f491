"""Where a line of a submission stands, in words."""

import re

from grader.grading.report import Line

SESSION = "this_session.ipynb"  # what is graded from within Jupyter, which has no name that we know
_IN_CELL = re.compile(r"\[cell (\d+), line (\d+)\] ?(.*)")


def place_and_code(submission: str, line: Line) -> tuple[str, str]:
    """ "section4_momentum.py, line 7" and the line's text; of a notebook its cell, and the line in the cell."""
    match = _IN_CELL.fullmatch(line.text) if submission.endswith(".ipynb") else None
    if match is None:
        return f"{submission}, line {line.line}", line.text
    if submission == SESSION:
        return f"In[{match[1]}], line {match[2]}", match[3]
    return f"{submission}, cell {match[1]}, line {match[2]}", match[3]
