"""Write the table of attacks in docs/security.md anew, from the headers of the suite: `python tests/attacks/table.py`."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from corpus import KINDS, Attack, attacks  # noqa: E402

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN = "<!-- made by tests/attacks/table.py -->"
END = "<!-- end -->"
TITLES = {
    "forging": "Forging points",
    "denial": "Denial: to take time, memory or the process",
    "escape": "Escape: to reach something outside",
    "injection": "Injection: to give orders to whoever reads the Report",
}


def row(attack: Attack) -> str:
    """One attack: what it tries, what comes of it, what stops it, and where it has been seen to succeed."""
    outcome = ", ".join(
        f"{name} {status.replace('_', ' ')}, {points:g}" for name, (status, points) in attack.expected.items()
    )
    cells = (attack.path.stem, attack.tries, outcome, attack.stopped_by, ", ".join(attack.succeeds_in) or "–")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table() -> str:
    """The tables of all kinds, as Markdown."""
    parts = []
    for kind in KINDS:
        found = attacks(kind)
        parts.append(f"### {TITLES[kind]} ({len(found)})")
        parts.append(
            "| attack | tries | outcome, points | stopped by | succeeds with |\n| --- | --- | --- | --- | --- |"
        )
        parts[-1] += "".join(f"\n{row(attack)}" for attack in found)
    return "\n\n".join(parts)


def with_table(text: str) -> str:
    """The document with today's tables between its two marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
