"""Attacks on exercises of the course's own sections: each wraps the solution's function, and says what it earns there.

The header of such a file: the first line of its docstring says what it tries, `EARNS` the exact points by section and exercise,
`STOPPED_BY` the protection. Its function `attack(right)` returns the function to hand in. A variant of another file names it in
`LIKE`: its own text follows the text of that file, and replaces some of the definitions.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.audit.adversaries import wrapped
from grader.course_modules import module_of
from grader.section import Section
from grader.submission.submission import Submission
from tests.paths import ROOT

mnist = module_of(ROOT, "shared.mnist")


TABLE = '\nTABLE = b""\n'  # of an attack that knows the labels of the public test set
FOLDER = Path(__file__).with_name("wrapping")
# Sections whose checks call on copies, expect what they have kept, and ask by secrets.
CONVERTED = ("section2", "section3", "section4", "section5", "section6", "section7", "section9")


@dataclass(frozen=True)
class Wrapping:
    """One file."""

    path: Path
    tries: str
    stopped_by: str
    earns: dict[str, dict[str, float]]

    def places(self) -> Iterator[tuple[str, str, float]]:
        """Section, exercise and points, where it is tried."""
        for section, exercises in self.earns.items():
            if section in CONVERTED:
                yield from ((section, exercise, points) for exercise, points in exercises.items())


def wrappings() -> list[Wrapping]:
    """All files, in order."""
    return [_read(path) for path in sorted(FOLDER.glob("*.py"))]


def text_of(path: Path) -> str:
    """The text of a file, after the text of the file that it is a variant of."""
    text = path.read_text(encoding="utf-8")
    like = re.search(r'^LIKE = "(\w+)"$', text, re.MULTILINE)
    return text_of(path.with_stem(like[1])) + text if like else text


def _read(path: Path) -> Wrapping:
    tree = ast.parse(text_of(path), str(path))
    literals: dict[str, Any] = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    tries = (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n")[0].rstrip(".")
    return Wrapping(path, tries, *(ast.literal_eval(literals[name]) for name in ("STOPPED_BY", "EARNS")))


def submission(section: Section, exercise: str, attack: Path) -> Submission:
    """The solution of a section, with an attack around one of its exercises."""
    text = text_of(attack)
    if TABLE in text:
        text = text.replace(TABLE, f"\nTABLE = {mnist.test().labels.tobytes()!r}\n")
    source = wrapped(section, exercise, text, "attack({right})")
    return Submission(f"{section.stem}.py", Path(f"{section.stem}.py"), source.encode())
