"""What a person sees while checks run: one line on standard error, gone when they are done."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from grader.grading.run import Progress


def _nothing(title: str, exercise: str, done: int, count: int) -> None:
    return None


@contextmanager
def show_progress(enabled: bool = True) -> Iterator[Progress]:
    """Yield a function that shows which check is running; it shows nothing unless standard error is a terminal."""
    console = Console(stderr=True, highlight=False)
    if not (enabled and console.is_terminal):
        yield _nothing
        return
    with console.status("starting …") as status:

        def progress(title: str, exercise: str, done: int, count: int) -> None:
            status.update(escape(f"check {done + 1} of {count}, {exercise} — {title}"))

        yield progress
