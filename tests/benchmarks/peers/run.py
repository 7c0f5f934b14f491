"""Graders side by side: `python tests/benchmarks/peers/run.py [PEER ...]`, after prepare.py.

The same submissions and checks for all, each grader at its best setting for two cores. Prints a table: seconds by the clock, CPU
seconds, and how many submissions did not get the points that they have earned; last, what a forged submission gets.

A timeout is the grader's own default, unless --timeout is given: 30 s for a cell in nbgrader, 60 s for a check in check50. The
others have none, and get 20 s: `otter run` and Gradescope's script for each submission, pytest-timeout for each test.
"""

import argparse
import csv
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import psutil
from make import MAKERS, NAME
from prepare import PACKAGES, environment_of, python_of
from submissions import CLASSES, FULL, Submission

CORES, PATIENCE = 2, 600.0
OWN = {"ours": "grade class", "ours_by_calls": "grade class, the training by calls"}
FORGED = {FULL: "full marks", None: "no grade"}
BECOME_REAPER = 36  # PR_SET_CHILD_SUBREAPER: whatever loses its parent is ours to count


def own_environment(folder: Path) -> dict[str, str]:
    """For the copy of the grader that make.py has written, whatever is installed."""
    return {**os.environ, "PYTHONPATH": str(folder / "course"), "GRADE_COURSE": str(folder / "course")}


@dataclass(frozen=True)
class Command:
    """One process of a grader; killed with all that it has started after some seconds."""

    peer: str
    words: Sequence[str | Path]
    cwd: Path
    seconds: float = PATIENCE

    def run(self) -> None:
        environment = environment_of(self.peer) if self.peer in PACKAGES else own_environment(self.cwd)
        with (self.cwd / "log.txt").open("ab") as log:
            process = subprocess.Popen(self.words, cwd=self.cwd, env=environment, stdout=log, stderr=log)
            try:
                process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                    with suppress(psutil.NoSuchProcess):
                        one.kill()
                process.wait()


def commands(peer: str, folder: Path, students: Sequence[Submission], timeout: int | None) -> Iterator[Command]:
    """What to run: two of these at a time."""
    python, limit, inbox = python_of(peer), timeout or 20, folder / "submissions"
    if peer in OWN:
        words = [sys.executable, "-m", "grader", "class", inbox, "--out", folder, "--workers", str(CORES)]
        yield Command(peer, words, folder)
    elif peer == "xdist":
        words = [python, "-m", "pytest", "-q", "-n", str(CORES), "-p", "no:cacheprovider", "--junitxml", "grades.xml"]
        yield Command(peer, words, folder)
    elif peer == "nbgrader":
        for half in range(CORES):
            yield Command(peer, [python.with_name(peer), "autograde", NAME], folder / f"half{half}")
    for one in students:
        if peer == "otter":
            words = ["run", "-a", "autograder.zip", "-o", f"grades/{one.name}", f"submissions/{one.name}.ipynb"]
            yield Command(peer, [python.with_name(peer), *words], folder, limit)
        elif peer == "check50":
            words = ["--dev", "-o", "json", "--output-file", "grades.json", folder / "checks"]
            yield Command(peer, [python.with_name(peer), *words], inbox / one.name, (timeout or 60) + 30)
        elif peer == "gradescope":
            words = ["run_tests.py", inbox / one.name, inbox / one.name / "grades.json"]
            yield Command(peer, [python, *words], folder, limit)


def grades(peer: str, folder: Path) -> Iterator[tuple[str, float]]:
    """Who got how many points, as far as the grader tells; a check that it says nothing of gives none."""
    if peer in OWN:
        words = [sys.executable, "-m", "grader", "export", "csv", "--out", folder]
        text = subprocess.run(
            words, cwd=folder, env=own_environment(folder), capture_output=True, text=True, check=False
        ).stdout
        yield from ((row["id"], float(row["total"])) for row in csv.DictReader(text.splitlines()) if row["total"])
    elif peer == "nbgrader":
        for half in folder.glob("half*"):
            Command(peer, [python_of(peer).with_name(peer), "export", "--to", "grades.csv"], half).run()
            rows = csv.DictReader((half / "grades.csv").read_text().splitlines())
            yield from ((row["student_id"], float(row["score"])) for row in rows if row["timestamp"] or row["score"])
    elif peer == "xdist":
        cases = ElementTree.parse(folder / "grades.xml").iter("testcase")
        passed = [case.get("name", "").partition("[")[2] for case in cases if len(case) == 0]
        for path in (folder / "submissions").iterdir():
            yield path.name, sum(path.name in name for name in passed)
    elif peer == "otter":
        for path in folder.glob("grades/*/results.json"):
            yield path.parent.name, sum(test.get("score", 0) for test in json.loads(path.read_text())["tests"])
    else:
        for path in folder.glob("submissions/*/grades.json"):
            with suppress(ValueError):  # cut short, or empty
                found = json.loads(path.read_text())
                points = [test.get("score", 0) for test in found.get("tests", ())]
                yield path.parent.name, sum(points) + sum(check["passed"] is True for check in found.get("results", ()))


@dataclass(frozen=True)
class Measured:
    """What came of one class."""

    wall: float
    cpu: float
    lost: list[str]
    highest: float | None  # None where the grader gave nobody a grade

    def __str__(self) -> str:
        if self.highest is None:
            return "no grades: it does not run here"
        return f"{self.wall:.1f} s, {self.cpu:.1f} s, {len(self.lost)} lost"


def measure(peer: str, students: Sequence[Submission], folder: Path, timeout: int | None) -> Measured:
    """Make a class, have it graded, and compare what it got with what it has earned."""
    MAKERS[peer](folder, students, timeout)
    before, started = spent(), time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(Command.run, commands(peer, folder, students, timeout)))
    wall = time.perf_counter() - started
    for one in psutil.Process().children(recursive=True):  # what is left of the grader
        one.kill()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    cpu = spent() - before
    got = dict(grades(peer, folder))
    return Measured(
        wall, cpu, [one.name for one in students if got.get(one.name) != one.points], max(got.values(), default=None)
    )


def spent() -> float:
    """CPU seconds of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(MAKERS)}; all of them otherwise")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N of each class, to try it out")
    parser.add_argument("--timeout", type=int, help="seconds, for all, in place of each grader's default")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(BECOME_REAPER, 1, 0, 0, 0)
    print("| grader | 18: wall, CPU, grades lost | 20 with two loops and a crash | forged |\n| --- | --- | --- | --- |")
    for peer in options.peers or MAKERS:
        name = PACKAGES[peer][0].replace("==", " ") if peer in PACKAGES else OWN[peer]
        if peer in PACKAGES and not python_of(peer).exists():
            print(f"| {name} | not installed: python tests/benchmarks/peers/prepare.py {peer} | | |", flush=True)
            continue
        with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
            forged, *rest = [
                measure(peer, CLASSES[kind]()[: options.first], Path(scratch) / kind, options.timeout)
                for kind in ("forged", "18", "20")  # the first warms the disk
            ]
        print(f"| {name} | {rest[0]} | {rest[1]} | {FORGED.get(forged.highest, 'no')} |", flush=True)
        for one in rest:
            print(f"lost: {' '.join(one.lost) or 'none'}", file=sys.stderr)


if __name__ == "__main__":
    main()
