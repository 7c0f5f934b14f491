"""The progress while checks run: one line on standard error, gone when they are done.

A process that forks others has no thread that draws. The function that waits for them reports the running check again and again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from grader.grading.request import Progress

PATIENCE_SECONDS = 5  # after which a check that is still running shows for how long


def _nothing(title: str, exercise: str, done: int, count: int) -> None:
    return None


@dataclass(frozen=True)
class Running:
    """The check that is running; it is drawn several times a second."""

    title: str
    exercise: str
    done: int
    count: int
    started: float = field(default_factory=time.monotonic)

    def __rich__(self) -> Text:
        seconds = int(time.monotonic() - self.started)
        elapsed = f" ({seconds} s)" if seconds >= PATIENCE_SECONDS else ""
        return Text(f"check {self.done + 1} of {self.count}{elapsed}, {self.exercise} — {self.title}")


@contextmanager
def show_progress(enabled: bool = True, threads: bool = False) -> Iterator[Progress]:
    """Yield a function that shows which check is running; it shows nothing unless standard error is a terminal.

    With `threads`, one of them draws between the calls, too.
    """
    console = Console(stderr=True, highlight=False)
    if not (enabled and console.is_terminal):
        yield _nothing
        return
    spinner = Spinner("dots", "starting …")
    running: Running | None = None
    with Live(spinner, console=console, auto_refresh=threads, refresh_per_second=12.5, transient=True) as live:

        def show(title: str, exercise: str, done: int, count: int) -> None:
            nonlocal running
            if title and (running is None or (running.title, running.done, running.count) != (title, done, count)):
                running = Running(title, exercise, done, count)
                spinner.update(text=running)
            live.refresh()

        yield show


@contextmanager
def show_pictures() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows which picture is being made, likewise."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda slug, done, count: None
        return
    with console.status("starting …") as status:
        yield lambda slug, done, count: status.update(Text(f"picture {done + 1} of {count}: {slug}"))
