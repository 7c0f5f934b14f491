"""How an instructor settles a trouble: by naming a student or a file, or by a mark by hand."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.gradebook.queries import OpenTrouble
from grader.batch.policy import Adjustment
from grader.section import Section
from grader.submission.locate import read_section, sources_in
from grader.submission.refusals import UnreadableError

SETTLED_BY_HAND = frozenset({"unreadable", "empty", "unknown", "doubtful"})  # the others are graded as they should be
_TRIED = 20  # files of a hand-in


@dataclass(frozen=True)
class Settling:
    """A trouble, and the files that can be graded if the instructor names one. Without any, only a mark by hand settles it."""

    trouble: OpenTrouble
    files: Sequence[Path] = ()

    @property
    def is_about_the_student(self) -> bool:
        return self.trouble.kind in ("unknown", "doubtful") or not self.trouble.student


def settlings(
    troubles: Iterable[OpenTrouble], adjustments: Collection[Adjustment], known: Sequence[Section]
) -> Iterator[Settling]:
    """The troubles to settle: without files that are graded as they should be, and students who have a mark by hand."""
    given = {(one.student, one.section) for one in adjustments}
    given |= {(one.student, "") for one in adjustments}
    for one in map(_found, troubles):
        is_open = one.kind in ("unknown", "doubtful") or (one.student, one.section) not in given
        if one.kind in SETTLED_BY_HAND and is_open:
            yield Settling(one, tuple(_gradable(Path(one.place), one.section, known)) if one.place else ())


def _found(trouble: OpenTrouble) -> OpenTrouble:
    """A trouble with a place that leads there also from another working folder than that of `grade class`."""
    place = Path(trouble.folder, Path(trouble.place).name)
    if not trouble.place or os.path.lexists(trouble.place) or not os.path.lexists(place):
        return trouble
    return replace(trouble, place=str(place))


def _gradable(place: Path, section: str, known: Sequence[Section]) -> Iterator[Path]:
    wanted = next((one for one in known if one.id == section), known[0])
    for path in sources_in(place, known)[:_TRIED]:
        try:
            if read_section(path, wanted, known, named=False).source.strip():
                yield path
        except UnreadableError:
            continue
