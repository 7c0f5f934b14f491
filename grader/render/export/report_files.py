"""The table of files that a grading writes of its Reports: a new kind is a module of this folder and a row here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.grading.report import Report


@dataclass(frozen=True)
class ReportFile:
    """A kind of file, and the option `--NAME FILE` that asks for it.

    `content` gets the Reports, and whether several sections were asked for. It imports its module only when it is called: the
    options are needed for `--help`.
    """

    name: str
    help: str
    content: "Callable[[Sequence[Report], bool], bytes]"

    @property
    def parameter(self) -> str:
        """The name of the option's value among the arguments of the command."""
        return f"{self.name}_file"


def _json(reports: "Sequence[Report]", several: bool) -> bytes:
    from grader.grading.report import Summary, to_json

    return to_json(Summary.of(reports) if several else reports[0])


def _junit(reports: "Sequence[Report]", several: bool) -> bytes:
    from grader.render.export.junit import junit

    return junit(reports)


def _gradescope(reports: "Sequence[Report]", several: bool) -> bytes:
    from grader.render.export.gradescope_results import results_json

    return results_json(reports)


REPORT_FILES = (
    ReportFile("json", "Write the Report as JSON.", _json),
    ReportFile("junit", "Write it as JUnit XML, for CI services.", _junit),
    ReportFile("gradescope", "Write Gradescope's results.json.", _gradescope),
)
