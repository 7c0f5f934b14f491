"""The maximum that a learning platform has for a section. Its marks are wrong there if it is not the section's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.section import Section
from grader.submission.file_names import section_in
from grader.toolkit.text import one_line


@dataclass(frozen=True)
class PlatformMaximum:
    """The maximum of a section in a platform's table; in Canvas's, with the `title` of the column."""

    section: Section
    points: float
    title: str = ""

    def misfit(self, worth: float) -> str:
        """The message if the section is worth other points: 15 of 15 points are not 15 of 100; else ""."""
        if self.points == worth:
            return ""
        id, ours, theirs = self.section.id, f"{worth:g}", f"{self.points:g}"
        scaled = worth != self.section.max_points
        but = f"but policy.toml scales {id} to {ours}" if scaled else f"but {id} is worth {ours}"
        if self.title:
            told = f'"{one_line(self.title)}" has {theirs} points possible, {but}. In Canvas, set the '
            told += f"assignment's points to {ours}, and export the gradebook again"
        else:
            told = f"Its maximum grade is {theirs}, {but} points. In Moodle, set the assignment's maximum grade "
            told += f"to {ours}, and download the worksheet again"
        if scaled and self.points == self.section.max_points:
            return f"{told}. Or leave {id} out of [scale] in policy.toml"
        return f"{told}. Or write into policy.toml: [scale] {id} = {theirs}"


def misfits(maxima: Iterable[PlatformMaximum], scale: Mapping[str, float], table: str) -> list[str]:
    """Messages about the maxima in a table that do not fit the sections, or their `scale` in the policy."""
    told = (one.misfit(scale.get(one.section.id, one.section.max_points)) for one in maxima)
    return [f"{table}: {text}" for text in dict.fromkeys(told) if text]


def number_in(cell: str) -> float | None:
    """The number in a cell; None if it holds none."""
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None


def columns_of(section: Section, header: Sequence[str], places: Iterable[int]) -> list[int]:
    """The columns whose titles name a section, such as "Section 4 (12345)"."""
    return [place for place in places if section_in(_joined(without_id(header[place])), [section])]


def without_id(title: str) -> str:
    """An assignment's title without the id that Canvas appends."""
    return re.sub(r"\s*\(\d+\)\s*$", "", title)


def _joined(title: str) -> str:
    """A title with "Section N" written as the id "sectionN"."""
    return re.sub(r"\bsection[\s_-]+(?=\d)", "section", title, flags=re.I)
