"""Where a line of a submission stands, in words."""

from grader.grading.report import Line
from grader.sandbox.analysis.cells import is_notebook, place_in

SESSION = "this_session.ipynb"  # what is graded from within Jupyter, which has no name that we know


def place_and_code(submission: str, line: Line) -> tuple[str, str]:
    """The file, the number of the line and its text; of a notebook the cell, and the line in the cell."""
    found = place_in(line.text) if is_notebook(submission) else None
    if found is None:
        return f"{submission}, line {line.line}", line.text
    cell, number, code = found
    place = f"In[{cell}]" if submission == SESSION else f"{submission}, cell {cell}"
    return f"{place}, line {number}", code
