"""A class from files to marks, as a soak: `python -m tests.benchmarks.batch [N]` grades N (1,000) submissions to section 4.

They are variants and mistakes, and 5 % are attacks of tests/attacks, moved to section 4. The same twenty come first and last: if
anything grows with the class, they take longer the second time. Then right answers alone: their CPU, in the batch and in-process.
"""

import argparse
import ctypes
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from tests.paths import ROOT

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

from grader.batch.class_grading import PoolOptions, grade_class, take_in  # noqa: E402
from grader.batch.gradebook.book import FILENAME, Gradebook  # noqa: E402
from grader.batch.gradebook.claims import Batch  # noqa: E402
from grader.batch.intake import Intake  # noqa: E402
from grader.course import Course  # noqa: E402
from grader.section import Section  # noqa: E402

HOSTILE, RIGHT, PROBES = 0.05, 0.4, 20
MOVED = {"mean": "condition_number", "scale": "max_stable_lr", "centre": "condition_number"}
BECOME_REAPER = 36  # PR_SET_CHILD_SUBREAPER: whatever loses its parent is ours to find


# -- who hands in what


def right(section: Section) -> list[str]:
    """The solution and its variants."""
    paths = [section.solution, *sorted((ROOT / "tests" / "variants" / section.stem).glob("*.py"))]
    return [path.read_text(encoding="utf-8") for path in paths]


def wrong(section: Section) -> list[str]:
    """The mistakes, each of them in an answer that is right otherwise."""
    from grader.diagnosis.known_mistakes import mistakes_of

    return [one.source for one in mistakes_of(section)]


def hostile(section: Section) -> list[str]:
    """The attacks that are one file, each below the solution, and with functions of section 4 instead of the tiny course's."""
    from tests.attacks.corpus import attacks

    found = []
    for attack in attacks():
        if attack.beside or attack.needs or attack.section not in ("tiny", section.id):
            continue
        text = attack.text.decode("utf-8", "replace")
        for old, new in MOVED.items():
            text = text.replace(f"\ndef {old}(", f"\ndef {new}(")
        found.append(section.solution.read_text(encoding="utf-8") + "\n\n" + text)
    return found


def class_of(section: Section, count: int) -> list[str]:
    """What `count` students hand in: the twenty probes, everything else in a fixed random order, the probes once more."""
    chance = random.Random(1)
    kinds = [right(section), wrong(section), hostile(section)]
    for kind in kinds:
        chance.shuffle(kind)
    probes = [source for pair in zip(cycle(kinds[0]), islice(kinds[1], PROBES // 2)) for source in pair]
    between = max(0, count - 2 * PROBES)
    hostiles, rights = round(HOSTILE * count), round(RIGHT * between)
    amounts = (rights, between - rights - hostiles, hostiles)
    rest = [
        source for kind, amount in zip(kinds, amounts, strict=True) for source in islice(cycle(kind), max(0, amount))
    ]
    chance.shuffle(rest)
    return [*probes, *rest, *probes]


def hand_in(section: Section, sources: list[str], folder: Path) -> None:
    """A folder per student. No two files are the same: the same content would be graded once."""
    for number, source in enumerate(sources):
        path = folder / f"s{number:05}" / f"{section.stem}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"{source}\n# handed in by {number}\n", encoding="utf-8")


# -- what is measured


class Clock:
    """Seconds spent in calls, by name."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[name] += time.perf_counter() - started

        return call

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what a batch does with its database."""
        with (
            mock.patch.object(Batch, "claim", self.timed("database", Batch.claim)),
            mock.patch.object(Batch, "finish", self.timed("database", Batch.finish)),
            mock.patch.object(Batch, "waiting", property(self.timed("database", Batch.waiting.fget))),
        ):
            yield


def memory() -> dict[str, float]:
    """MB of proportional set size by kind of process."""
    me, found = psutil.Process(), Counter[str]()
    found["parent"] = pss(me)
    for child in me.children():
        line = " ".join(child.cmdline())
        kind = "server" if "forkserver" in line else "zygote" if "zygote" in line else "other"
        found[kind] += pss(child)
        for one in child.children(recursive=True):
            found["graders" if kind == "server" else "workers"] += pss(one)
    return dict(found)


def pss(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss / 1e6
    except psutil.Error:  # it has just ended
        return 0.0


def spent() -> float:
    """CPU seconds of this process and all its descendants."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    for one in psutil.Process().children(recursive=True):
        try:
            total += sum(one.cpu_times()[:4])  # its own, and those of its children that have ended
        except psutil.Error:
            continue
    return total


def graded(
    section: Section, sources: list[str], scratch: Path, clock: Clock, tell: Callable[[int, int], None]
) -> float:
    """Take a class in, grade it and export it, as `grade class` and `grade export` do. Returns the seconds of it all."""
    from grader.batch.ledger import Ledger
    from grader.batch.policy import Policy
    from grader.render.export.class_csv import class_table

    hand_in(section, sources, scratch / "submissions")
    course, started = Course(ROOT), time.perf_counter()
    with Gradebook(scratch / FILENAME) as book, clock.watching():
        intake = Intake(scratch / "submissions", [section], named=True)
        clock.timed("intake", take_in)(intake, book)
        grade_class(course, [section], book, PoolOptions(workers=2), tell, lambda refused: None)
        clock.timed("export", lambda: class_table(Ledger.of(book, Policy(), [section])))()
    return time.perf_counter() - started


# -- what is printed


def soak(section: Section, count: int, scratch: Path) -> None:
    """The class as a whole."""
    sources, clock, marks = class_of(section, count), Clock(), [0.1, 0.5, 1.0]

    def tell(done: int, all_of_them: int) -> None:
        if marks and done >= marks[0] * all_of_them:
            share = marks.pop(0)
            listed = ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(memory().items()))
            print(f"  at {share:4.0%}  {done:5} done, MB: {listed}", flush=True)

    print(f"{len(sources)} submissions, of which {round(HOSTILE * count)} are attacks")
    wall = graded(section, sources, scratch, clock, tell)
    with Gradebook(scratch / FILENAME) as book:
        rows = book.db.execute("SELECT status, seconds FROM gradings ORDER BY id").fetchall()
    statuses, seconds = Counter(row["status"] for row in rows), [row["seconds"] or 0.0 for row in rows]
    first, last = sum(seconds[:PROBES]) / PROBES, sum(seconds[-PROBES:]) / PROBES
    overhead = sum(clock.spent.values())
    print(f"  wall {wall:.1f} s, {wall / len(sources):.2f} s a submission with two workers; statuses: {dict(statuses)}")
    print(
        f"  not graded: {len(sources) - statuses.total() + statuses[None]}, grader errors: {statuses['grader_error']}"
    )
    print(f"  the first twenty {first:.2f} s each, the same twenty at the end {last:.2f} s: {last / first:.2f} x")
    listed = ", ".join(f"{name} {spent:.2f} s" for name, spent in sorted(clock.spent.items()))
    print(f"  overhead {overhead / wall:.1%}: {listed}")
    time.sleep(1.0)
    print(f"  processes that survive: {[' '.join(one.cmdline())[:80] for one in left()]}")


def left() -> list[psutil.Process]:
    """Descendants beyond the two that multiprocessing keeps for as long as this process lives."""
    keeps = ("forkserver", "resource_tracker")
    children = psutil.Process().children(recursive=True)
    return [
        one
        for one in children
        if not (one.ppid() == os.getpid() and any(word in " ".join(one.cmdline()) for word in keeps))
    ]


def cpu_of_right_answers(section: Section, scratch: Path, few: int = 9, many: int = 27) -> None:
    """CPU of a right answer: in a class, as what many cost more than few; in-process, as a whole command and its checks alone."""
    costs = {}
    for count in (few, many):
        sources, before = list(islice(cycle(right(section)), count)), spent()
        graded(section, sources, scratch / str(count), Clock(), lambda done, all_of_them: None)
        costs[count] = spent() - before
    batch = (costs[many] - costs[few]) / (many - few)
    folder = scratch / str(many) / "submissions"
    files = sorted(folder.glob("*/*.py"))[: len(right(section))]
    before = spent()
    for path in files:
        words = [sys.executable, "-m", "grader", section.id, "--in-process", "--unsafe", "--submission", str(path)]
        subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    command = (spent() - before) / len(files)
    words = [sys.executable, "-m", "tests.benchmarks.batch", "--in-process", *map(str, files)]
    output = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    checks = float(output.split()[-1])  # after what submissions print, which nobody catches here
    print("CPU of a right submission")
    print(f"  in a class {batch:.2f} s; the checks in-process, warm {checks:.2f} s: {batch / checks:.2f} x")
    print(f"  grade {section.id} --in-process, a whole command {command:.2f} s: {batch / command:.2f} x")


def in_process(section: Section, files: list[str]) -> float:
    """CPU seconds of the checks on each of some right answers, in this process."""
    from grader.service.session import grade
    from grader.submission.submission import Submission

    def run(file: str) -> None:
        path = Path(file)
        grade(Course(ROOT), section, Submission(path.name, path, path.read_bytes()), None)

    run(files[0])
    before = spent()
    for file in files:
        run(file)
    return (spent() - before) / len(files)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=1000, metavar="N")
    parser.add_argument(
        "--in-process", nargs="+", metavar="FILE", help="only print the CPU seconds of their checks, here"
    )
    options = parser.parse_args()
    section = Course(ROOT).find("section4")
    if options.in_process:
        print(in_process(section, options.in_process))
        return
    ctypes.CDLL(None).prctl(BECOME_REAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="batch-") as scratch:
        soak(section, options.count, Path(scratch) / "soak")
        cpu_of_right_answers(section, Path(scratch))


if __name__ == "__main__":
    main()
