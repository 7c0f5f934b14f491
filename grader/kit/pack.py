"""Pack an archive to hand in: the section files, their hashes, and the results of the last gradings."""

import hashlib
from pathlib import Path

import msgspec

from grader.course import Course, UsageError
from grader.grading.records import Records, replace_file
from grader.grading.report import CheckResult
from grader.grading.section_progress import SectionProgress, progress_of
from grader.kit.bundle import zipped
from grader.section import Section
from grader.submission.locate import read_section
from grader.toolkit.libraries import versions

FILENAME = "submission.zip"


class PackedSection(msgspec.Struct, frozen=True):
    """A section in the archive's manifest. `results` come from the student's own gradings: they are not a grade."""

    file: str
    sha256: str
    graded_as_it_is: bool
    results: list[CheckResult]


class Manifest(msgspec.Struct, frozen=True):
    """The sections in the archive, and the versions that graded them."""

    sections: dict[str, PackedSection]
    versions: dict[str, str]


def pack(course: Course, target: Path) -> tuple[list[SectionProgress], list[Section]]:
    """Write the archive; return the progress of each section in it, and the sections whose file is missing.

    Raises:
        UsageError: every file is missing, or the archive cannot be written.
    """
    there = [progress for progress in progress_of(course) if progress.section.exercise.is_file()]
    missing = [section for section in course.sections if not section.exercise.is_file()]
    if not there:
        word = missing[0].id if missing else "SECTION"
        raise UsageError(f"{course.exercises}: no section's file to pack. To get a file back: grade reset {word}")
    records = Records(course)
    sources = {
        progress.section.id: read_section(progress.section.exercise, progress.section).source for progress in there
    }
    manifest = Manifest({one.section.id: _packed(one, sources[one.section.id], records) for one in there}, versions())
    files = [(one.section.exercise.name, sources[one.section.id]) for one in there]
    files.append(("manifest.json", msgspec.json.format(msgspec.json.encode(manifest))))
    try:
        replace_file(target, zipped(files))
    except OSError as error:
        raise UsageError(
            f"{target}: cannot be written: {error.strerror}. Name another file: grade pack --out FILE"
        ) from None
    return there, missing


def _packed(progress: SectionProgress, source: bytes, records: Records) -> PackedSection:
    results = [kept.result for kept in records.last(progress.section).values()]
    as_it_is = progress.graded and not progress.stale
    return PackedSection(progress.section.exercise.name, hashlib.sha256(source).hexdigest(), as_it_is, results)
