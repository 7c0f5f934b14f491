"""The `@mistake` decorator: it makes a wrong implementation in `checks/<stem>/mistakes/` a mistake that a student can be told of.

A file of mistakes is read, never imported (`grader.diagnosis.known_mistakes`): each text takes the place of the exercise
in the solution. So it may call the section's other exercises by name; `from solutions.<stem> import name` says so to a linter.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def mistake(exercise: str, *, hints: Sequence[str], slug: str = "") -> Callable[[Implementation], Implementation]:
    """Declare a wrong implementation of `exercise`, a function or a class.

    Its docstring is the diagnosis that a student reads: what they seem to have done, why it matters, what to look at; never
    the solution's code. `hints` go from gentle to direct. `slug` names the mistake for good; by default it is the function's
    name. Both are literals, since the file is only read.
    """
    return lambda implementation: implementation
