"""`student.scale` in a check: a function that the text of a failed `assert` shows under its name."""

from collections.abc import Callable
from typing import Any


class ExerciseCall:
    """Calls one exercise of `whose`, "student" or "reference"."""

    def __init__(self, whose: str, name: str, call: Callable[..., Any]) -> None:
        self.__name__ = name
        self._whose = whose
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:  # without an address, which would differ from run to run
        return f"{self._whose}.{self.__name__}"
