"""The students of an entry in a folder of hand-ins: by a system's metadata, by its name, or as the instructor says."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.batch.gradescope_metadata import Submitter, Upload
from grader.batch.roster import Assigned, Assignments, Roster, ids_of
from grader.batch.times import Came
from grader.section import Section
from grader.submission.file_names import Label, assignment_prefix, identity, read_label
from grader.toolkit.text import one_line

_SHOWN = 300  # characters of a path


@dataclass(frozen=True)
class Owner:
    """The student behind an entry, and the details of the entry."""

    student: str
    name: str
    place: str
    entry: str  # its name
    label: Label
    upload: str
    keys: tuple[str, ...] = ()  # ids of the student
    told: tuple[Came, ...] = ()  # when it came, by the platform


@dataclass
class Owners:
    """Tells the students of the entries at `root`. `known` are all sections of the course."""

    root: Path
    known: Sequence[Section]
    roster: Roster | None
    assignments: Assignments
    told: Mapping[str, Came]
    seen: set[str] = field(default_factory=set)  # ids of the students that it has told, and names of their entries

    def of(self, entry: str, name: str, upload: Upload | None = None, own: Assigned | None = None) -> Iterator[Owner]:
        """The students of an entry: one, or a group, by the system's metadata, by its `name`, or as the instructor says."""
        label, path = read_label(name, self.known), self.root / entry
        mark = _upload(path, label, upload)
        submitters = (upload.submitters if upload else ()) or (Submitter((label.key,), label.name),)
        if own is not None:
            path /= own.path.relative_to(path.resolve())
            submitters, label = (Submitter((own.student,), ""),), replace(label, key=own.student, name="", system="")
        place = one_line(str(path), _SHOWN)
        told = [Came(late=int(label.late))]
        if upload is not None:
            told.append(Came(upload.submitted, "platform"))
        met: set[str] = set()
        for one in submitters:
            student = self.roster.find((*one.keys, label.key), label.system) if self.roster else None
            team = self.roster.team_of(student) if self.roster and student else []
            people = [(each.id, each.name) for each in team] or [(identity(one.keys[0]), one_line(one.name, 100))]
            for id, name in people:
                if id in met:  # each of a team may be named
                    continue
                met.add(id)
                own_time = [self.told[id]] if id in self.told else []
                keys = (id, *one.keys, label.key, path.name, *self._other_ids(id))
                self.seen |= {*keys}
                shown = replace(label, name="") if len(team) > 1 else label  # a group's name is not a student's
                yield Owner(id, name, place, entry, shown, mark, keys, (*told, *own_time))

    def _other_ids(self, student: str) -> list[str]:
        """A student's ids in the other columns of the roster."""
        known = self.roster.students.get(student) if self.roster else None
        return [key for key, _ in ids_of(student, known.ids)] if known else []

    def is_given(self, entry: str) -> bool:
        """Whether the instructor gave an entry to a student other than the one in its name."""
        own = self.assignments.of(self.root / entry)
        return own is not None and not self.is_by_name(entry, own)

    def is_by_name(self, entry: str, own: Assigned) -> bool:
        """Whether an entry is named after the student that the instructor chose for it."""
        return any(owner.student == own.student for owner in self.of(entry, entry))

    def knows(self, name: str) -> bool:
        """Whether the name of an entry names a student: in the form of a system, or as the roster does."""
        label = read_label(name, self.known)
        ids = [label.key, Path(name).stem]
        return bool(label.system) or bool(self.roster and self.roster.find(ids, label.system))

    def prefix(self, clones: Sequence[str]) -> str:
        """The common prefix of the names of clones, before the user names, unless it is the section."""
        if all(read_label(name, self.known).key != name for name in clones):
            return ""
        folder = self.root.resolve().name
        return assignment_prefix(clones, folder, lambda name: bool(self.roster and self.roster.find([name])))


def _upload(path: Path, label: Label, upload: Upload | None) -> str:
    """The identity of a moment of handing in. No system gives a number twice."""
    if upload is not None:
        return f"gradescope {path.name}"
    if label.file_number:
        return f"{label.system} {label.key} {label.file_number}"
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
