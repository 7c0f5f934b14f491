"""Where Reports go besides the terminal: files in the forms of other systems, and the page of a workflow run on GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import expect_writable, write_file

if TYPE_CHECKING:
    from grader.grading.report import Report

OPTIONS: list[click.Parameter] = [
    click.Option(["--json", "json_file"], type=Path, metavar="FILE", help="Write the Report as JSON."),
    click.Option(["--junit", "junit_file"], type=Path, metavar="FILE", help="Write it as JUnit XML, for CI services."),
]


@dataclass(frozen=True)
class Outputs:
    """The files to write, as they were named."""

    json_file: Path | None = None
    junit_file: Path | None = None

    @property
    def files(self) -> list[Path]:
        return [path for path in (self.json_file, self.junit_file) if path is not None]

    def expect_writable(self) -> None:
        """Ask before anything is graded: a grading that cannot be kept is better not waited for."""
        for path in self.files:
            expect_writable(path)

    def write(self, reports: "Sequence[Report]", several: bool) -> None:
        """Write all files. `several` says that a sum was asked for, even if there is but one section."""
        from grader.grading.report import Summary, to_json

        if self.json_file is not None:
            write_file(self.json_file, to_json(Summary.of(reports) if several else reports[0]))
        if self.junit_file is not None:
            from grader.render.junit import junit

            write_file(self.junit_file, junit(reports))
