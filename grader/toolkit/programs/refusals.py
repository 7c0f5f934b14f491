"""A program about functions that refuse what they are given."""

from contextlib import suppress
from typing import Any


def refuse(submission: Any, function: str, *args: Any, **kwargs: Any) -> None:
    """Call a function that is to raise ValueError. An exception of its own would bring no in-place changes to the caller."""
    with suppress(ValueError):
        getattr(submission, function)(*args, **kwargs)
