"""Reports as files, as a page, and as annotations in a GitHub workflow."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.common import note
from grader.cli.guard import OUTPUT
from grader.cli.writing import expect_writable, write_file
from grader.course import UsageError
from grader.render.export.exporter import report_exporter, report_exporters
from grader.toolkit.text import PATH_LIMIT, one_line, shell_word
from grader.toolkit.typed_paths import below

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.render.export.github import Annotation
    from grader.render.web.page import GradedSection
    from grader.service import Service, Submissions

SUMMARY_VARIABLE, WORKSPACE_VARIABLE = "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"


class _ReportOption(click.Option):
    """The option of an exporter of Reports, which tells its help only when a person asks for it."""

    def __init__(self, exporter: str) -> None:
        super().__init__([f"--{exporter}", f"{exporter}_file"], type=OUTPUT, metavar="FILE")
        self._exporter = exporter

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = report_exporter(self._exporter).help
        return super().get_help_record(ctx)


OPTIONS: list[click.Parameter] = [
    *map(_ReportOption, report_exporters()),
    click.Option(["--html", "html_file"], type=OUTPUT, metavar="FILE", help="Write a page to read, print and keep."),
    click.Option(["--github"], is_flag=True, help="Annotate the lines, and write a summary, in a GitHub workflow."),
]


@dataclass(frozen=True)
class Outputs:
    """The requested outputs: `files` by exporter; `remarks` go to GitHub after everything else."""

    files: Mapping[str, Path] = field(default_factory=dict)
    html_file: Path | None = None  # written by `write_page`, which asks the submission for its pictures
    github: bool = False
    remarks: "list[Annotation]" = field(default_factory=list, init=False)

    @classmethod
    def taken_from(cls, arguments: dict[str, Any]) -> "Outputs":
        """The outputs that the arguments of a command ask for. Takes the values of OPTIONS out of `arguments`."""
        files = {name: path for name in report_exporters() if (path := arguments.pop(f"{name}_file")) is not None}
        return cls(files, arguments.pop("html_file"), arguments.pop("github"))

    def expect_writable(self) -> None:
        """Raise UsageError before the grading if a file cannot be written."""
        for path in filter(None, (*self.files.values(), self.html_file)):
            expect_writable(path)

    @contextmanager
    def on_github(self) -> Iterator[None]:
        """Prevent printed text from acting as a command of the runner; then print the remarks."""
        if not self.github:
            yield
            return
        from grader.render.export.github import Annotation, no_commands

        try:
            with no_commands():
                yield
        except UsageError as error:
            self.remarks.append(Annotation("Nothing was graded", str(error)))
            raise
        finally:
            for remark in self.remarks:
                click.echo(remark.command)

    def shown(self, reports: "Sequence[Report]") -> "Sequence[Report]":
        """The Reports to print. Students read the log of a workflow."""
        return [report.for_student() for report in reports] if self.github else reports

    def write(self, reports: "Sequence[Report]", files: "Submissions", several: bool) -> None:
        """Write all files. With `several`, the JSON is a Summary, even of a single section."""
        for name, path in self.files.items():
            write_file(path, report_exporter(name).write(reports, several))
        if self.github:
            self._tell_github(reports, files)

    def _tell_github(self, reports: "Sequence[Report]", files: "Submissions") -> None:
        from grader.render.export.github import annotations, append_summary

        places = {section.id: _in_workspace(file.path) for section, file in files}
        self.remarks.extend(annotations(reports, places))
        page = os.environ.get(SUMMARY_VARIABLE)
        if page:
            try:
                append_summary(Path(page), reports)
            except OSError as error:
                note(f"{SUMMARY_VARIABLE}: there is no summary: {error.strerror}")


def _in_workspace(path: Path) -> str:
    """The path of a file from the root of the repository; "" if the file lies outside."""
    return below(path.resolve(), Path(os.environ.get(WORKSPACE_VARIABLE) or Path.cwd()).resolve())


def write_page(
    path: Path, files: "Submissions", reports: "Sequence[Report]", service: "Service", words: str | None, typed: str
) -> None:
    """Write the page. `words` name the files in a command, `typed` the arguments after `grade SECTION`."""
    from grader.render.web.page import page

    write_file(path, page(list(graded_sections(files, reports, service, words, typed))))


def graded_sections(
    files: "Submissions",
    reports: "Sequence[Report]",
    service: "Service",
    words: str | None,
    typed: str = "",
    unwritten_too: bool = True,
) -> "Iterator[GradedSection]":
    """The parts of each Report that a page shows. Without `unwritten_too`, a file without any written function gets no
    picture."""
    from grader.diagnosis.hints import first_hints
    from grader.figures.experiments import predictions_of
    from grader.figures.picture import figures_of
    from grader.figures.play import demos_of
    from grader.grading.report import Status
    from grader.render.terminal.progress import show_pictures
    from grader.render.web.page import GradedSection

    by_section = {section.id: (section, file) for section, file in files}
    for report in reports:
        section, file = by_section[report.section]
        named = words or section.id
        hints = first_hints(section, report.for_student().exercises)
        pictures, demos, predictions = [], [], []
        if service.is_confined:
            runnable = service.admit_for_pictures(file)
            demos = demos_of(section, report, service.admit(section, file))
            written = [one for one in report.exercises if one.status is not Status.NOT_STARTED and not report.unread]
            exercises = [one.name for one in (report.exercises if unwritten_too else written)]
            if exercises:
                with show_pictures() as progress:
                    pictures = list(figures_of(section, runnable, exercises, progress))
            predictions = predictions_of(section, runnable)
        command = f"grade {named}{typed}"
        yield GradedSection(report, file.source, command, named, hints, pictures, demos, predictions)


def words_of(exercises: Sequence[str], submission: Path | None, keyword: str | None, flags: Sequence[str]) -> str:
    """The arguments after `grade SECTION`, quoted for a shell."""
    words = [*exercises]
    words += ["--submission", one_line(str(submission), PATH_LIMIT)] if submission is not None else []
    words += ["-k", one_line(keyword)] if keyword else []
    return "".join(f" {shell_word(word)}" for word in [*words, *flags])
