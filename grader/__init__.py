"""Grade Descent: an automated grader for exercises in Python."""

# By name and late: every worker imports this module, and nothing that knows an answer may follow.
from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext grader` in Jupyter: offer `%grade` and `%hint`."""
    import_module("grader.notebook.magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext grader`."""
    import_module("grader.notebook.magics").unload(shell)
