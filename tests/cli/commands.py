"""Commands as people type them, in processes of their own, and what these processes show and start."""

import json
import os
import re
from pathlib import Path

from tests import forked
from tests.paths import ROOT, TINY

RIGHT = TINY / "solutions" / "section1_tiny.py"


def environment(course: Path | None = TINY, **changes: str) -> dict[str, str]:
    dropped = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTEST_ADDOPTS", "GRADE_DEBUG", "GRADE_COURSE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"COLUMNS": "80"} | ({"GRADE_COURSE": str(course)} if course else {}) | changes


def grade(*arguments: object, course: Path | None = TINY, cwd: Path = ROOT, **variables: str):
    return forked.run([*forked.GRADE, *map(str, arguments)], environment(course, **variables), cwd)


def without_seconds(path: Path) -> dict:
    record = json.loads(path.read_text(encoding="utf-8"))
    for check in record["checks"]:
        assert check.pop("seconds") >= 0
    return record


SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def processes() -> dict[int, tuple[int, int]]:
    """Parent and ticks of CPU time of every process that is alive."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[0] != "Z":
            found[int(path.parent.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    return found


def below(pid: int) -> list[dict[int, int]]:
    """Ticks of CPU time of a process's children, of their children, and so on."""
    alive = processes()
    generations = [{pid: 0}]
    while generations[-1]:
        generations.append({child: used for child, (parent, used) in alive.items() if parent in generations[-1]})
    return generations[1:-1]
