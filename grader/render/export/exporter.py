"""The table of exporters: every module of this folder with an `EXPORTER`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import click

from grader.render import export

Files = Iterable[tuple[str, bytes]]  # their names and contents


@dataclass(frozen=True)
class Export:
    """The marks of a class as one file or several; `notes` are for the instructor."""

    content: bytes | Files
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Exporter:
    """A command `grade export NAME`.

    `write` gets the ledger and, by name, the values of `options`. With `several`, it writes a folder or a zip.
    """

    name: str
    help: str
    write: Callable[..., Export]
    options: Sequence[click.Parameter] = ()
    several: bool = False
    examples: Sequence[str] = ()


def exporters() -> dict[str, Exporter]:
    """All exporters, by name."""
    modules = [import_module(f"{export.__name__}.{found.name}") for found in iter_modules(export.__path__)]
    found = {one.EXPORTER.name: one.EXPORTER for one in modules if hasattr(one, "EXPORTER")}
    return dict(sorted(found.items()))
