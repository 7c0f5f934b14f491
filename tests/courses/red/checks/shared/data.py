"""A file of data."""

from pathlib import Path

FACTOR = float((Path(__file__).parents[2] / "data" / "factor.txt").read_text())


def findings() -> list[tuple[str, bool, str]]:
    return [("the red factor", True, str(FACTOR))]
