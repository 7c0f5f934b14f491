"""The source of one section, and what is known about it. Its text stays bytes: only a worker parses it."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from grader.submission.refusals import listing
from grader.toolkit.text import one_line

__all__ = ["Submission"]

_NAME_SHOWN = 60  # characters


@dataclass(frozen=True)
class Submission:
    """The source of one section, and its name.

    Of a notebook, whose name ends in .ipynb, the source is its code cells, as `notebook_source` gives them. `path` is for
    messages, and may have changed since; `real` is the path from which the source was read.
    """

    filename: str
    path: Path
    source: bytes
    made_for: str = ""  # the stem of the section that a notebook's metadata name, if they do
    real: Path | None = None  # the file or archive that the source was read from, without links; None if from neither
    others: tuple[str, ...] = field(default=(), compare=False)  # files beside it that might have been meant
    nameless: bool = field(default=False, compare=False)  # it was taken because a hand-in held no other file

    @property
    def digest(self) -> str:
        """Of the source, byte by byte."""
        return hashlib.sha256(self.source).hexdigest()

    @property
    def remark(self) -> str:
        """How it was chosen, if a person should know: "" if there was nothing to choose."""
        name = one_line(self.filename, _NAME_SHOWN)
        if self.nameless:
            return f"graded is {name}, the only file that was handed in"
        return f"graded is {name}, and not {listing(map(PurePath, self.others))}" if self.others else ""
