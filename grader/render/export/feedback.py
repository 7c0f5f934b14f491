"""What each student is told of a section, one file each: `grade export feedback`.

A file holds its student's own Report as a student may see it, and the mark with the rules that made it; nothing of anybody else.
`FORMATS` is where another format is plugged in: a function from a `Feedback` to the bytes of a file.

Names of files are those that the systems ask for: Moodle ("Using Assignment", "Upload multiple feedback files in a zip") and
Canvas ("How do I upload all student submissions for an assignment?") know a student by the numbers in the name that they gave to
what was handed in. Where it came from neither, there is a folder per student.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import click
from rich.console import Console

from grader.batch.ledger import Entry, Ledger, Person
from grader.course import Section
from grader.diagnosis.hints import first_hints
from grader.grading.report import Report
from grader.render.export.cells import number_cell
from grader.render.export.exporter import Export, Exporter
from grader.render.terminal.terminal import render_body
from grader.render.web.page import Cover, GradedSection, page
from grader.submission.file_names import read_label
from grader.toolkit.text import harmless, one_line

_WIDTH = 100
_LONGEST = 80  # characters of a name of ours


@dataclass(frozen=True)
class Feedback:
    """What one student is told of one section."""

    person: Person
    section: Section
    entry: Entry
    report: Report  # as the student may see it
    source: bytes  # what was graded

    @property
    def whose(self) -> str:
        return whose(self.person)

    @property
    def mark(self) -> str:
        points = "-" if self.entry.points is None else number_cell(self.entry.points)
        return f"{self.section.title}: your mark is {points} of {number_cell(self.entry.max_points)} points"


def whose(person: Person) -> str:
    """A name with its id, as far as there is one."""
    return f"{one_line(person.name)} ({one_line(person.id)})" if person.name else one_line(person.id)


def as_text(feedback: Feedback) -> bytes:
    """A page for a text editor: the mark, then what a terminal would show."""
    text = io.StringIO()
    text.write(f"{feedback.whose}\n{feedback.mark}\n")
    for remark in feedback.entry.remarks:
        text.write(f"  {one_line(remark)}\n")
    console = Console(file=text, width=_WIDTH, highlight=False, color_system=None, force_jupyter=False)
    render_body(feedback.report, console)
    return (harmless(text.getvalue()).rstrip() + "\n").encode()


def as_html(feedback: Feedback) -> bytes:
    """The page that `grade --html` makes, without pictures: those would be of today's run, not of the one that counts."""
    section, report = feedback.section, feedback.report
    command = f"grade {section.id}"
    shown = GradedSection(report, feedback.source, command, command, first_hints(section, report.exercises))
    return page([shown], Cover(feedback.whose, [(feedback.mark, feedback.entry.remarks)]))


FORMATS: Mapping[str, Callable[[Feedback], bytes]] = {"txt": as_text, "html": as_html}


def files(ledger: Ledger, kind: str = "txt") -> Iterator[tuple[str, bytes]]:
    """The names and contents of all feedback files, by name. Who has no mark has no file, nor who has it by hand alone."""
    named: dict[str, tuple[Person, Section]] = {}
    folders = folders_of(ledger)
    for section in ledger.sections:
        for person in ledger.people:
            entry = ledger.entry(person, section)
            if entry.points is None or entry.grading is None:
                continue
            name = _name(section, entry, folders[person.id], kind)
            if name in named:  # two people of one upload: nobody finds another's name in their own
                name = f"{folders[person.id]}/{section.id}_feedback.{kind}"
            named[name] = person, section
    for name, (person, section) in sorted(named.items()):  # one page in memory at a time
        yield name, FORMATS[kind](_feedback(ledger, person, section))


def _feedback(ledger: Ledger, person: Person, section: Section) -> Feedback:
    entry = ledger.entry(person, section)
    report = ledger.report(entry, section)
    assert report is not None
    assert entry.grading is not None
    return Feedback(person, section, entry, report.for_student(), ledger.book.source(entry.grading))


def _name(section: Section, entry: Entry, folder: str, kind: str) -> str:
    """How a file is called so that the system that the hand-in came from finds its student."""
    file = f"{section.id}_feedback.{kind}"
    label = read_label(entry.place, ())
    name = file_name(label.name or "student").replace("_", " ")  # what is before the numbers has no underscore
    if label.system == "moodle":
        return f"{name}_{label.key}_assignsubmission_file_/{file}"
    if label.system == "canvas":
        return f"{name}_{label.key}_{label.file_number}_{file}"
    return f"{folder}/{file}"


def folders_of(ledger: Ledger) -> dict[str, str]:
    """A folder's name for every student, by id: no two are the same on any system, also where capitals do not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for person in ledger.people:
        name = file_name(person.id)
        if name.casefold() in taken:  # ids that differ only by what a file's name cannot hold
            name += _digest(person.id)
        taken.add(name.casefold())
        names[person.id] = name
    return names


def file_name(text: str) -> str:
    """Text as the name of a file or folder on any system: letters, digits and a few signs, never hidden, never a way up."""
    name = re.sub(r"[^\w .@+-]", "-", text).strip(" .-")[:_LONGEST].rstrip(" .")
    return name or _digest(text).strip("-")


def _digest(text: str) -> str:
    return "-" + hashlib.sha256(text.encode()).hexdigest()[:8]


_FORMAT = click.Option(
    ["--format", "kind"], type=click.Choice([*FORMATS]), default="txt", show_default=True, help="The form of each file."
)
EXPORTER = Exporter(
    "feedback",
    "Write a file for each student, with the feedback and the mark.",
    lambda ledger, kind: Export(files(ledger, kind)),
    options=(_FORMAT,),
    several=True,
    examples=("grade export feedback --section {section} --file feedback.zip",),
)
