"""Write the tables of docs/attacks.md and docs/security.md: `python -m tests.attacks.table`."""

from pathlib import Path

from grader.course import Course
from tests.attacks.believed_checks import word_table
from tests.attacks.corpus import KINDS, Attack, attacks
from tests.attacks.forged_kinds import FAMILIES, forgeries
from tests.attacks.wrapped import Wrapping, wrappings
from tests.paths import ROOT

DOCUMENT, PROMISES = ROOT / "docs" / "attacks.md", ROOT / "docs" / "security.md"
BEGIN = "<!-- made by tests/attacks/table.py -->"
END = "<!-- end -->"
TITLES = {
    "forging": "Forging points",
    "denial": "Denial: to use up time or memory, or to end the process",
    "escape": "Escape: to reach files, processes or networks outside",
    "injection": "Injection: to give orders to the reader of the Report",
}


def row(attack: Attack) -> str:
    """One attack: what it tries, what comes of it, what stops it, and where it has been seen to succeed."""
    outcome = ", ".join(
        f"{name} {status.replace('_', ' ')}, {points:g}" for name, (status, points) in attack.expected.items()
    )
    return _row(attack.path.stem, attack.tries, outcome, attack.stopped_by, ", ".join(attack.succeeds_in) or "–")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table() -> str:
    """The tables of all kinds, as Markdown."""
    parts = [f"### The course's own exercises ({len(wrappings())})", wrapped_table()]
    for kind in KINDS:
        found = attacks(kind)
        parts.append(f"### {TITLES[kind]} ({len(found)})")
        parts.append(
            "| attack | tries | outcome, points | stopped by | succeeds with |\n| --- | --- | --- | --- | --- |"
        )
        parts[-1] += "".join(f"\n{row(attack)}" for attack in found)
    families = ", ".join(f"`{name}`" for name in FAMILIES)
    parts.append(
        f"The tests also hand in {len(forgeries())} of the forging attacks, whose names begin with {families}, in the place of "
        "every exercise of the course with the same kind of answer. They earn 0 there."
    )
    return "\n\n".join(parts)


def wrapped_table() -> str:
    """The attacks on exercises of the course's own sections."""
    head = "| attack | tries | points | stopped by |\n| --- | --- | --- | --- |"
    return head + "".join(f"\n{_of(attack)}" for attack in wrappings())


def _of(attack: Wrapping) -> str:
    earns = ", ".join(f"{exercise} {points:g}" for _, exercise, points in attack.places())
    return _row(attack.path.stem, attack.tries, earns or "–", attack.stopped_by)


def between_marks(text: str, made: str) -> str:
    """A document with what is made today between its two marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def today() -> dict[Path, str]:
    """Both documents as they should be."""
    made = {DOCUMENT: table(), PROMISES: word_table(Course(ROOT))}
    return {path: between_marks(path.read_text(encoding="utf-8"), text) for path, text in made.items()}


if __name__ == "__main__":
    for path, text in today().items():
        path.write_text(text, encoding="utf-8")
