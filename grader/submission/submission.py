"""The source of one section, and what is known about it. Its text stays bytes: only a worker parses it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from grader.submission.formats import SESSION, format_of
from grader.submission.notebook_cells import place_in, shown_lines
from grader.submission.refusals import listing
from grader.toolkit.private_names import COMPILER
from grader.toolkit.text import one_line

PLACEHOLDER = "raise NotImplementedError"  # the body of a stub's function
_RAISED = PLACEHOLDER.encode()
# What a function begins with that only raises: its docstring or first line, and little else. In a notebook, lines are strings.
_BEFORE = re.compile(rb'(?:"""|\\"\\"\\"|:)(?:\\[rn]|[\s",])*\Z')
_BEFORE_LIMIT = 60  # bytes
_RAISES_LIMIT = 100  # no stub has as many
# What makes torch import its compiler, which takes a second: worth it, once, before workers start.
# Docstrings mention it too, in backticks. A wrong guess costs time, never points.
_USES_COMPILER = re.compile(rb"import\s+func\b|torch\.func\b|vmap\b|\boptim\.[A-Z]\w*\(|torch\.optim\s+import")
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
    nameless: bool = field(default=False, compare=False)  # a hand-in held no other file, or no other one with exercises
    instead_of: str = field(default="", compare=False)  # the Python file that is missing: this one was there

    @property
    def digest(self) -> str:
        """Of the source, byte by byte."""
        return hashlib.sha256(self.source).hexdigest()

    def imports_ahead(self, exercises: int, preload: Iterable[str]) -> list[str]:
        """Modules for workers to have: `preload`, and slow ones that it seems to use. None if all its `exercises` seem stubs."""
        return [] if looks_untouched(self.source, exercises) else [*slow_imports(self.source), *preload]

    def line(self, number: int) -> str:
        """A line as its author sees it, without blanks around it; "" if there is none."""
        text = self.source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = shown_lines(text) if format_of(self.filename).has_cells else text.split("\n")
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def place(self, number: int) -> str:
        """The place of a line, in words: "line 145", of a notebook "cell 3, line 5", and in Jupyter "In[3], line 5"."""
        found = place_in(self.line(number)) if format_of(self.filename).has_cells else None
        if found is None:
            return f"line {number}"
        return f"{f'In[{found[0]}]' if self.filename == SESSION else f'cell {found[0]}'}, line {found[1]}"

    @property
    def remark(self) -> str:
        """How it was chosen, if a person should know: "" if there was nothing to choose."""
        name = one_line(self.filename, _NAME_SHOWN)
        if self.instead_of:
            kind = "the notebook " if format_of(self.filename).has_cells else ""
            return f"the grader used {kind}{name}, since there is no {one_line(self.instead_of, _NAME_SHOWN)}"
        if self.nameless:
            return f"the grader used {name}, the only file in the hand-in{' with exercises' if self.others else ''}"
        return f"the grader used {name}, not {listing(map(PurePath, self.others))}" if self.others else ""


def looks_untouched(source: bytes, exercises: int) -> bool:
    """Whether a Python file or a saved notebook seems to hold only stubs."""
    count, place = 0, -1
    for _ in range(_RAISES_LIMIT):
        place = source.find(_RAISED, place + 1)
        if place < 0 or count >= exercises:
            break
        count += _BEFORE.search(source, max(0, place - _BEFORE_LIMIT), place) is not None
    return count >= exercises


def seems_to_define(source: bytes, exercises: Iterable[str]) -> bool:
    """Whether a Python file or a saved notebook seems to define one of these functions and classes."""
    names = b"|".join(re.escape(name.encode()) for name in exercises)
    # The file may be in UTF-16, with a zero in each character.
    return re.search(rb"(?:\b|\\n)(?:def|class)[ \t]+(?:" + names + rb")\b", source.replace(b"\0", b"")) is not None


def slow_imports(source: bytes) -> list[str]:
    """Modules that a source seems to use and that are slow to import in every worker."""
    uncommented = re.sub(rb"`[^`\n]*`|#[^\n]*", b"", source)
    return [COMPILER] if _USES_COMPILER.search(uncommented) else []
