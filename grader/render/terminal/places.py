"""Where a line of a submission stands, in words."""

from grader.grading.report import Line

SESSION = "this_session.ipynb"  # what is graded from within Jupyter, which has no name that we know


def place_and_code(submission: str, line: Line) -> tuple[str, str]:
    """The file, the number of the line and its text; of a notebook the cell, and the line in the cell."""
    if not line.cell:
        return f"{submission}, line {line.line}", line.text
    place = f"In[{line.cell}]" if submission == SESSION else f"{submission}, cell {line.cell}"
    return f"{place}, line {line.cell_line}", line.text
