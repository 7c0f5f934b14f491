"""The attacks: hostile hand-ins as files, each with a header of literals that says what it tries and what must come of it.

The header is read from the syntax tree, since nothing here may ever import an attack:

- the first line of the docstring: what it tries;
- `EXPECTED`: the exercises to grade, each with its exact status and points;
- `STOPPED_BY`: the protection that is meant to stop it;
- `SUCCEEDS_IN` and `THERE`: the weakened configurations in which the same file reaches what it wants, and the outcome there;
- `LEAVES`: the kind of trace that it leaves where it succeeds (see `stage.py`), if any;
- `BESIDE`: further files of the same hand-in, name to content; `FILENAME`: a name of its own for the file;
- `SECTION`: the section of the course, if it is not the tiny course's;
- `NEEDS`: what the machine must allow for it to succeed anywhere, such as "processes";
- `STAGE = {}`: a line that the suite fills with what an attacker would have to find out: ports, paths, process ids.
"""

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KINDS = ("forging", "denial", "escape", "injection")
HONEST = "honest"  # hand-ins that come close to an attack and must keep all their points
STAGE_LINE = b"\nSTAGE = {}\n"
STEM = "section1_tiny"

Outcome = dict[str, tuple[str, float]]


@dataclass(frozen=True)
class Attack:
    """One hand-in of the suite."""

    path: Path
    tries: str
    expected: Outcome
    stopped_by: str = ""
    succeeds_in: tuple[str, ...] = ()
    there: Outcome = field(default_factory=dict)
    leaves: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    filename: str = f"{STEM}.py"
    needs: str = ""
    section: str = "tiny"

    @property
    def kind(self) -> str:
        return self.path.parent.name

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.path.stem}"

    @cached_property
    def text(self) -> bytes:
        return self.path.read_bytes()

    def source(self, stage: dict[str, Any]) -> bytes:
        """What is handed in, once the attacker knows the stage."""
        return self.text.replace(STAGE_LINE, b"\nSTAGE = " + repr(stage).encode() + b"\n")

    def expected_in(self, configuration: str) -> Outcome:
        return self.there if configuration in self.succeeds_in else self.expected


def read(path: Path) -> Attack:
    """Read the header of one file."""
    tree = ast.parse(path.read_bytes(), str(path))
    literals: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            try:
                literals[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    tries = (ast.get_docstring(tree) or "").partition("\n")[0].rstrip(".")
    fields = {name: literals[name.upper()] for name in Attack.__dataclass_fields__ if name.upper() in literals}
    fields["succeeds_in"] = tuple(fields.get("succeeds_in", ()))
    return Attack(path=path, tries=tries, **fields)


def attacks(*kinds: str) -> list[Attack]:
    """All attacks of the given kinds, or all there are."""
    return [read(path) for kind in kinds or KINDS for path in sorted((FOLDER / kind).glob("*.py"))]


def honest() -> list[Attack]:
    """The honest hand-ins: the same header, all points."""
    return attacks(HONEST)
