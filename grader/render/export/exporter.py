"""The exporters: each is a module of this folder. There is no other list of them.

A module with an `EXPORTER` writes the marks of a class. A module `report_NAME` with a `REPORT_EXPORTER` writes Reports.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import click

from grader.render import export

if TYPE_CHECKING:
    from grader.grading.report import Report

_REPORT = "report_"
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


@dataclass(frozen=True)
class ReportExporter:
    """An option `--NAME FILE` of a grading. `write` gets the Reports, and whether several sections were asked for."""

    help: str
    write: "Callable[[Sequence[Report], bool], bytes]"


def report_exporters() -> list[str]:
    """The names of the exporters of Reports. None is imported: the names are options of most commands."""
    return [one.name.removeprefix(_REPORT) for one in iter_modules(export.__path__) if one.name.startswith(_REPORT)]


def report_exporter(name: str) -> ReportExporter:
    """The exporter of Reports with this name."""
    found: ReportExporter = import_module(f"{export.__name__}.{_REPORT}{name}").REPORT_EXPORTER
    return found


def exporters() -> dict[str, Exporter]:
    """The exporters of marks, by name."""
    modules = [import_module(f"{export.__name__}.{found.name}") for found in iter_modules(export.__path__)]
    found = {one.EXPORTER.name: one.EXPORTER for one in modules if hasattr(one, "EXPORTER")}
    return dict(sorted(found.items()))
