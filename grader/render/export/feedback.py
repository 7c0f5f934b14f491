"""Feedback for each student and section, a file each: `grade export feedback`.

A file holds the mark with its rules or the reason why there is none, and the student's Report without hidden checks. A new
format goes into `FEEDBACK_FORMATS`: a function from a `Feedback` to the bytes of a file.

Moodle ("Using Assignment", "Upload multiple feedback files in a zip") and Canvas ("How do I upload all student submissions for an
assignment?") find a student by the numbers in a file's name. They are those of the hand-in's name, or of the class's table.
Hand-ins from other systems get a folder per student.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import click
from rich.console import Console

from grader.batch.ledger import Entry, Ledger, Person, Why
from grader.diagnosis.hints import first_hints
from grader.grading.report import Report
from grader.render.export.exporter import Export, Exporter
from grader.render.export.lms_table import id_of
from grader.render.terminal.terminal import render_body
from grader.render.web.page import Cover, GradedSection, page
from grader.render.words import short_number
from grader.section import Section
from grader.submission.file_names import read_label
from grader.submission.formats import names_for
from grader.toolkit.text import harmless, one_line

_WIDTH = 100
_LONGEST = 80  # characters of a file's name


@dataclass(frozen=True)
class Feedback:
    """The feedback for one student on one section. Without a graded file there is no `report`."""

    person: Person
    section: Section
    entry: Entry
    report: Report | None = None  # without hidden checks
    source: bytes = b""  # the graded file

    @property
    def mark(self) -> str:
        if self.entry.points is None:
            return f"{self.section.title}: no mark: {_NO_MARK[self.entry.why]}"
        points, worth = short_number(self.entry.points), short_number(self.entry.max_points)
        return f"{self.section.title}: your mark is {points} of {worth} points"

    @property
    def remarks(self) -> list[str]:
        """The text below the mark."""
        said = [one_line(remark) for remark in self.entry.remarks]
        if self.entry.why is Why.MISSING and self.entry.points is not None:
            said.append("nothing was handed in")
        if self.entry.why is Why.UNREADABLE:
            said.append(f"hand in {names_for(self.section.stem)}")
        return said


# Whose mark may still come gets no file.
_NO_MARK: Mapping[Why | None, str] = {
    Why.MISSING: "nothing was handed in",
    Why.UNREADABLE: "what you handed in cannot be read",
}


def as_text(feedback: Feedback) -> bytes:
    """A text file: the mark, then the Report as in a terminal."""
    text = io.StringIO()
    text.write(f"{feedback.person.label}\n{feedback.mark}\n")
    for remark in feedback.remarks:
        text.write(f"  {remark}\n")
    console = Console(file=text, width=_WIDTH, highlight=False, color_system=None, force_jupyter=False)
    if feedback.report is not None:
        render_body(feedback.report, console)
    return (harmless(text.getvalue()).rstrip() + "\n").encode()


def as_html(feedback: Feedback) -> bytes:
    """The page of `grade --html`, without pictures: they would need another run."""
    section, report = feedback.section, feedback.report
    command, shown = f"grade {section.id}", []
    if report is not None:
        hints = first_hints(section, report.exercises)
        shown = [GradedSection(report, feedback.source, command, section.id, hints)]
    return page(shown, Cover(feedback.person.label, [(feedback.mark, feedback.remarks)]))


FEEDBACK_FORMATS: Mapping[str, Callable[[Feedback], bytes]] = {"txt": as_text, "html": as_html}


def files(ledger: Ledger, kind: str = "txt") -> Iterator[tuple[str, bytes]]:
    """The names and contents of all feedback files, by name: one for everybody whose mark is settled, or who has none."""
    named: dict[str, tuple[Person, Section]] = {}
    folders = folders_of(ledger)
    for section in ledger.sections:
        for person in ledger.people:
            entry = ledger.entry(person, section)
            if entry.points is None and entry.why not in _NO_MARK:
                continue
            name = _name(person, section, entry, folders[person.id], kind)
            if name in named:  # two people share an upload: neither may see the other's name
                name = f"{folders[person.id]}/{section.id}_feedback.{kind}"
            named[name] = person, section
    for name, (person, section) in sorted(named.items()):  # one page in memory at a time
        yield name, FEEDBACK_FORMATS[kind](_feedback(ledger, person, section))


def _feedback(ledger: Ledger, person: Person, section: Section) -> Feedback:
    entry = ledger.entry(person, section)
    report = ledger.report(entry, section)
    if report is None or entry.grading is None:
        return Feedback(person, section, entry)
    return Feedback(person, section, entry, report.for_student(), ledger.book.source(entry.grading))


def _name(person: Person, section: Section, entry: Entry, folder: str, kind: str) -> str:
    """The file's name, by which the system of the hand-in finds the student.

    A known number of the student counts before that in the name of a hand-in, which may have been another student's. In Moodle,
    it is enough for a student who handed in nothing; Canvas finds only an attachment.
    """
    file = f"{section.id}_feedback.{kind}"
    label = read_label(entry.place, ())
    numbers = {"moodle": id_of(person, [f"moodle_{section.id}"]), "canvas": id_of(person, ["canvas_id"])}
    is_own = label.key == (numbers.get(label.system) or label.key)
    shown = (label.name if is_own else "") or person.name or "student"
    name = file_name(shown).replace("_", " ")  # no underscore may precede the numbers
    if label.system == "canvas" and label.file_number:
        return f"{name}_{label.key}_{label.file_number}_{file}" if is_own else f"{folder}/{file}"
    number = numbers["moodle"] or (label.key if label.system == "moodle" else "")
    if number.isdecimal():
        return f"{name}_{number}_assignsubmission_file_/{file}"
    return f"{folder}/{file}"


def folders_of(ledger: Ledger) -> dict[str, str]:
    """A folder's name for every student, by id. No two are equal, even if case does not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for person in ledger.people:
        name = file_name(person.id)
        if name.casefold() in taken:  # the ids differ only in characters that a name cannot hold
            name += _digest(person.id)
        taken.add(name.casefold())
        names[person.id] = name
    return names


def file_name(text: str) -> str:
    """Text as a file's name on any system: letters, digits and a few signs; never hidden, never `..`."""
    name = re.sub(r"[^\w .@+-]", "-", text).strip(" .-")[:_LONGEST].rstrip(" .")
    return name or _digest(text).strip("-")


def _digest(text: str) -> str:
    return "-" + hashlib.sha256(text.encode()).hexdigest()[:8]


_FORMAT = click.Option(
    ["--format", "kind"],
    type=click.Choice([*FEEDBACK_FORMATS]),
    default="txt",
    show_default=True,
    help="The form of each file.",
)
EXPORTER = Exporter(
    "feedback",
    "Write a file for each student, with the feedback and the mark.",
    lambda ledger, kind: Export(files(ledger, kind)),
    options=(_FORMAT,),
    several=True,
    examples=("grade export feedback --section {section} --file feedback.zip",),
)
