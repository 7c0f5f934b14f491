"""The tables that an instructor gives `grade class` besides the hand-ins: roster, table of a platform, times, comments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.csv_reader import read_cells
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.queries import enrolled
from grader.batch.intake import Intake
from grader.batch.marks import extensions_elsewhere, times_for_unknown_ids
from grader.batch.platform_maximum import misfits
from grader.batch.platform_table import PlatformTable, read_platform_table, with_former_ids, with_roster
from grader.batch.policy import Policy
from grader.batch.roster import FILENAME, Roster, folded, read_roster
from grader.batch.times import TimeTable, read_times
from grader.course import Course, UsageError
from grader.section import Section
from grader.toolkit.text import one_line

COMMENTS = "comments.csv"  # beside the gradebook: students read it with their marks
_SHOWN = 100  # characters of a path
_LONGEST = 2000  # characters of a comment
_EXPECTED = "Expected a first line with the columns id and comment, and perhaps section"


@dataclass(frozen=True)
class InputTables:
    """The contents. `asked` are ids of sections, if a person named some; `like` and `times_file` are names of files."""

    asked: Sequence[str] | None
    roster: Roster | None
    platform: PlatformTable
    times: TimeTable
    like: str
    times_file: str

    @classmethod
    def read(
        cls,
        course: Course,
        sections: Sequence[Section],
        asked: Sequence[str] | None,
        roster: Path | None,
        like: Path | None,
        times: Path | None,
        places: Iterable[Path],
    ) -> "InputTables":
        """Read the files that a person named. A roster may also lie in one of the `places`. Raises UsageError."""
        table = read_platform_table(like, sections if asked else (), sections) if like else PlatformTable()
        path = roster or next((place / FILENAME for place in places if (place / FILENAME).is_file()), None)
        known = read_roster(path, asked) if path else None
        moments = read_times(times, course) if times else TimeTable()
        return cls(asked, known, table, moments, one_line(str(like or ""), _SHOWN), one_line(str(times or ""), _SHOWN))

    def joined(self, book: Gradebook) -> "InputTables":
        """With the ids that the gradebook has of the students in the platform's table; they are then the roster."""
        if not self.like:
            return self
        table = with_former_ids(self.platform, enrolled(book))
        table = with_roster(table, self.roster) if self.roster else table
        return replace(self, platform=table, roster=Roster(table.students, self.asked))

    def unfit(self, book: Gradebook, intake: Intake, rules: Policy) -> list[str]:
        """Messages about rows that do not fit the course, the rules or the hand-ins, after these were read."""
        sections = [section.id for section in intake.sections]
        found = misfits(self.platform.maxima, rules.scale, self.like)
        found += extensions_elsewhere(self.platform.told, rules, sections, self.like)
        return found + times_for_unknown_ids(book, intake, self.times_file)


def comments_in(folder: Path, course: Course) -> dict[tuple[str, str], str]:
    """The comments on marks by student and section, or by student and "". Raises UsageError if the table cannot be read."""
    path, found = folder / COMMENTS, dict[tuple[str, str], str]()
    for place, cells in read_cells(path, ("id", "comment"), _EXPECTED) if path.is_file() else ():
        section = course.find(cells["section"]).id if cells.get("section") else ""
        text = one_line(" ".join(cells["comment"].split()), _LONGEST)
        if cells["id"] and text and found.setdefault((folded(cells["id"]), section), text) != text:
            told = f"{place}: {one_line(cells['id'], 60)}"
            raise UsageError(f"{told} has another comment above. Write both in one line.")
    return found
