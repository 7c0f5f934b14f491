"""Read the name of a file or folder in an export: the student, the section, and whether it is late."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.section import Section
from grader.submission.formats import HAND_IN_KINDS, extension_of
from grader.toolkit.text import one_line

_SHOWN = 80  # characters of an id
_NUMBERS = re.compile(
    r"^(?P<name>.*?)(?:_(?P<late>late))?_(?P<id>[0-9]+)_(?P<file>[0-9]+)_(?P<original>.+)$", re.I | re.S
)
_ANONYMOUS = re.compile(
    r"^anon(?:_(?P<late>late))?_(?P<id>[A-Za-z0-9]+)_(?P<file>[0-9]+)_(?P<original>.+)$", re.I | re.S
)
# A text or an address that a student typed into Canvas: a page without a number of its own (lib/content_zipper.rb).
_TYPED = re.compile(
    r"^(?:anon|(?P<name>.*?))(?:_(?P<late>late))?_(?P<id>[A-Za-z0-9]+)_(?P<original>(?:text|link)\.html)$", re.I | re.S
)
_MOODLE = re.compile(r"^(?P<name>.*?)_(?P<id>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<original>.*)$", re.S)
_SECTION = re.compile(r"(?<![a-z0-9])section[ _-]?(\d+)", re.I)
_COPY = re.compile(r"(?:-(\d+)| ?\((\d+)\))$")  # sectionN-2.py, sectionN (2).py

_ANYBODY = frozenset({"participant", "teilnehmer", "teilnehmerin", "teilnehmer in", "teilnehmer/in", "teilnehmer_in"})
# Kinds that cannot be graded: bob.pdf is of bob, as bob.py is.
_OTHER_KINDS = re.compile(
    r"\.(?:pdf|docx?|odt|rtf|txt|md|html?|csv|tsv|xlsx?|ods|rar|7z|tar|t?gz|json|png|jpe?g)$", re.I
)


@dataclass(frozen=True)
class Label:
    """The parts of a name. `key` is the student's id in the system; `original` is the student's name for the file."""

    key: str
    original: str
    name: str = ""
    late: bool = False
    file_number: int = 0  # rises with every file that is handed in
    system: str = ""  # that gave the name: "moodle" or "canvas"; its key is then its own number of the person
    typed: bool = False  # a text or an address that the student typed into the system, as a page


def read_label(entry: str, sections: Sequence[Section]) -> Label:
    """Read the name of an entry of a Canvas, Moodle or GitHub Classroom download, or of a plain folder or file.

    The system writes its words before the name that a student gave to the file, which may look like those of another student:
    the id that comes first counts.
    """
    found = [one for one in (pattern.match(entry) for pattern in (_MOODLE, _ANONYMOUS, _NUMBERS, _TYPED)) if one]
    if not found:
        return Label(_person_in(entry, sections), entry)
    first = min(found, key=lambda one: one.start("id"))
    if first.re is _MOODLE:
        typed = first["plugin"] == "onlinetext"
        return Label(first["id"], first["original"], first["name"], system="moodle", typed=typed)
    name = first.groupdict().get("name") or ""
    if first.re is _TYPED:
        return Label(first["id"], first["original"], name, bool(first["late"]), system="canvas", typed=True)
    return Label(first["id"], first["original"], name, bool(first["late"]), int(first["file"][:18]), "canvas")


def _person_in(entry: str, sections: Sequence[Section]) -> str:
    """The name without its kind and without the section: sectionN-ada and ada_sectionN.py are both ada's."""
    entry = _OTHER_KINDS.sub("", entry)
    stem = _stem(entry)
    for section in sections:
        words = "|".join(map(re.escape, (section.stem, section.id)))
        before = re.sub(rf"^(?:{words})[-_ ]", "", stem, flags=re.I)
        behind = re.sub(rf"[-_ ](?:{words})$", "", without_copy_number(entry), flags=re.I)
        for rest, whole in ((before, stem), (behind, without_copy_number(entry))):
            if rest and rest != whole:
                return rest
    return stem


def section_in(name: str, sections: Sequence[Section]) -> Section | None:
    """The only section that a file's name mentions: sectionN_name-2.py, ada_sectionN.py, Section N.py, name (1).ipynb.

    A number counts before a word.
    """
    numbers = numbers_in(name)
    stem = without_copy_number(name).lower()
    named = [s for s in sections if s.number in numbers]
    named = named or [s for s in sections if re.search(rf"(?<![a-z0-9]){re.escape(s.name)}(?![a-z0-9])", stem)]
    return named[0] if len(named) == 1 else None


def numbers_in(name: str) -> set[int]:
    """The numbers of sections in a file's name, also of sections that a course does not have."""
    found = _SECTION.findall(without_copy_number(name)) or _SECTION.findall(_stem(name))
    return {int(number[:9]) for number in found}


def copy_number(name: str) -> int:
    """The number that a system adds to the name of a later hand-in; 0 for the first."""
    found = _COPY.search(_stem(name))
    return int((found[1] or found[2])[:9]) if found else 0


def without_copy_number(name: str) -> str:
    """The name of a file without its kind and without such a number."""
    return _COPY.sub("", _stem(name))


def _stem(name: str) -> str:
    kind = extension_of(name)
    return name[: -len(kind)] if kind in HAND_IN_KINDS else name


def assignment_prefix(names: Sequence[str], folder: str, is_known: Callable[[str], bool]) -> str:
    """The prefix before the user's name in clones of one assignment: "hw-3-" of hw-3-ada and hw-3-bob.

    User names may start alike. The folder hw-3-submissions of GitHub's own tool gives the prefix; else the known users do.
    """
    said = folder.removesuffix("submissions")
    if said.endswith("-") and said != folder and all(name.startswith(said) and name != said for name in names):
        return said
    first, last = min(names, default=""), max(names, default="")
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    cuts = [place + 1 for place in range(length) if first[place] == "-"]
    return first[: max(cuts, key=lambda cut: (sum(is_known(name[cut:]) for name in names), cut), default=0)]


def is_another_name(said: str, name: str) -> bool:
    """Whether the name in a file name shares no word with the known name of a student.

    False for names with other letters than English ones, which systems drop or change, and for the word that Moodle writes in
    place of a name.
    """
    if said.casefold() in _ANYBODY:
        return False
    words = re.findall(r"[a-z]{2,}", name.lower())
    return bool(said and words and (said + name).isascii()) and not any(word in said.lower() for word in words)


def identity(raw: str) -> str:
    """A name as an id that is safe to show and store: different names have different ids, however umlauts are encoded."""
    raw = unicodedata.normalize("NFC", raw)
    shown = one_line(raw, _SHOWN)
    return shown if shown == raw else f"{shown}#{hashlib.sha256(raw.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
