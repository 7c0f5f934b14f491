"""Reports as JSON."""

from collections.abc import Sequence

from grader.grading.report import Report, Summary, to_json
from grader.render.export.exporter import ReportExporter


def _content(reports: Sequence[Report], several: bool) -> bytes:
    return to_json(Summary.of(reports) if several else reports[0])


REPORT_EXPORTER = ReportExporter("Write the Report as JSON.", _content)
