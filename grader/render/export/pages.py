"""A class's marks as web pages: `grade export html`, `grade class --html`."""

from grader.batch.ledger import Ledger
from grader.render.export.exporter import Export, Exporter, Files
from grader.render.terminal.classroom import show_grading
from grader.render.web.site import files


def _write(ledger: Ledger) -> Export:
    return Export(_files(ledger), ["Start with index.html. Only leaderboard.html is for students."])


def _files(ledger: Ledger) -> Files:
    with show_grading("writing pages") as progress:
        yield from files(ledger, progress)


EXPORTER = Exporter("html", "Write pages about the class, for instructors.", _write, several=True)
