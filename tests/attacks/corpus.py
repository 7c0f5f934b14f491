"""The attacks: hostile hand-ins as files, each with a header of literals that says what it tries and what must come of it.

The header is read from the syntax tree, since nothing here may ever import an attack:

- the first line of the docstring: what it tries;
- `EXPECTED`: the exercises to grade, each with its exact status and points;
- `STOPPED_BY`: the protection that is meant to stop it;
- `SUCCEEDS_IN` and `THERE`: the weakened configurations in which the same file reaches what it wants, and the outcome there;
- `LEAVES`: the kind of trace that it leaves where it succeeds (see `targets.py`), if any;
- `BESIDE`: further files of the same hand-in, name to content; `FILENAME`: a name of its own for the file;
- `SECTION`: the section of the course, or "tiny" for the tiny course;
- `NEEDS`: what the machine must allow for it to succeed anywhere, such as "processes";
- `TARGETS = {}`: a line that the suite fills with what an attacker would have to find out: ports, paths, process ids.

What escapes, denies or injects does not depend on the exercise. Where such an attack answers as `mean` alone, it is handed in
inside the real section `PLACE`: an exercise there asks `mean` first, and is right only if that was.
"""

import ast
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.audit.adversaries import wrapped
from grader.course import Course
from tests.paths import ROOT

FOLDER = Path(__file__).parent
KINDS = ("forging", "denial", "escape", "injection")
ANYWHERE = ("denial", "escape", "injection")
HONEST = "honest"  # hand-ins that come close to an attack and must keep all their points
TARGETS_LINE = b"\nTARGETS = {}\n"
STEM = "section1_tiny"
PLACE, PLACED = Course(ROOT).find("section4"), "max_stable_lr"
PLACE_POINTS = sum(check.points for check in PLACE.check_list if check.exercise == PLACED)
ASKS_FIRST = """

def asks_first(right):
    def called(*args, **kwargs):
        said = mean(torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64))
        return right(*args, **kwargs) if type(said) is float and said == 3.0 else said

    return called
"""

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

    def source(self, targets: dict[str, Any]) -> bytes:
        """What is handed in, once the attacker knows the targets."""
        text = self.text.replace(TARGETS_LINE, b"\nTARGETS = " + repr(targets).encode() + b"\n")
        if PLACED not in self.expected:
            return text
        return wrapped(PLACE, PLACED, text.decode() + ASKS_FIRST, "asks_first({right})").encode()

    @property
    def stem(self) -> str:
        """Of the file that is looked for in the folder that is handed in."""
        return PLACE.stem if PLACED in self.expected else STEM

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
    attack = Attack(path=path, tries=tries, **fields)
    answers = any(isinstance(node, ast.FunctionDef) and node.name == "mean" for node in tree.body)
    placed = answers and attack.kind in ANYWHERE and "SECTION" not in literals and [*attack.expected] == ["mean"]
    return _placed(attack) if placed else attack


def _placed(attack: Attack) -> Attack:
    """The same attack inside a real section, where a right answer earns what its exercise does."""

    def outcome(found: Outcome) -> Outcome:
        return {
            name.replace("mean", PLACED): (status, PLACE_POINTS if points else 0.0)
            for name, (status, points) in found.items()
        }

    filename = f"{PLACE.stem}.py" if attack.filename == f"{STEM}.py" else attack.filename
    expected, there = outcome(attack.expected), outcome(attack.there)
    return replace(attack, section=PLACE.id, filename=filename, expected=expected, there=there)


def attacks(*kinds: str) -> list[Attack]:
    """All attacks of the given kinds, or all there are."""
    return [read(path) for kind in kinds or KINDS for path in sorted((FOLDER / kind).glob("*.py"))]


def honest() -> list[Attack]:
    """The honest hand-ins: the same header, all points."""
    return attacks(HONEST)
