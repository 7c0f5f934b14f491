"""From save to verdict under `grade SECTION --watch`: `python -m tests.benchmarks.watch [SECTION [EXERCISE]]`.

A real process, whose output is read as a person's terminal would get it, and real saves of a real file. Every save changes
one exercise in a way that keeps it right, or, with `--whole`, a constant above all of them, so that every exercise is graded.
Then the memory of the process and of its zygote, after some gradings and after many more.
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.paths import ROOT


def copied_course(folder: Path) -> Path:
    """A course of its own, whose exercises are the solutions."""
    for name in ("checks", "solutions", "data"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "solutions", folder / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def changed(source: str, exercise: str, number: int, whole: bool) -> str:
    """Another right version of the file."""
    if whole:
        return f"_NUMBER = {number}\n{source}"
    return begun_with(source, exercise, f"_number = {number}")


def begun_with(source: str, exercise: str, statement: str) -> str:
    """The file with one statement more, the first of an exercise."""
    begin = re.search(rf"^def {exercise}\(.*?^    ### BEGIN SOLUTION\n", source, re.MULTILINE | re.DOTALL)
    if begin is None:
        raise SystemExit(f"no exercise {exercise}")
    return f"{source[: begin.end()]}    {statement}\n{source[begin.end() :]}"


class Watch:
    """`grade SECTION --watch` with its output in a pipe."""

    def __init__(self, course: Path, section: str) -> None:
        command = [sys.executable, "-m", "grader", section, "--watch"]
        variables = os.environ | {"GRADE_COURSE": str(course), "COLUMNS": "80"}
        self.verdict = 0.0
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=variables)

    def wait(self) -> str:
        """Wait until all is graded; return the line that says what was graded first, and note when that was."""
        said, self.verdict = "", 0.0
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Graded:" in line:
                said = said or line.strip()
                self.verdict = self.verdict or time.perf_counter()
            if "Ctrl-C ends it" in line:
                return said
        raise SystemExit("the watch has ended")

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def memory(pid: int) -> float:
    """What a process has in memory for itself, in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+)", text, re.MULTILINE)) / 1024


def zygote_of(pid: int) -> int:
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = path.read_text().rpartition(")")[2].split()
        if int(fields[1]) == pid:
            return int(path.parent.name)
    raise SystemExit("no zygote")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="?", default="section4")
    parser.add_argument("exercise", nargs="?", default="momentum_step")
    parser.add_argument("--whole", action="store_true", help="changes that concern every exercise")
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="N saves more, and the memory meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = copied_course(Path(folder))
        (file,) = (course / "exercises").glob(f"{options.section}_*.py")
        source = file.read_text(encoding="utf-8")
        if not options.whole:  # with all points, each would be followed by a whole grading, which nobody waits for
            other = next(name for name in re.findall(r"^def (\w+)", source, re.MULTILINE) if name != options.exercise)
            source = begun_with(source, other, "raise NotImplementedError")
        watch = Watch(course, options.section)
        try:
            watch.wait()
            seconds, whole = list[float](), list[float]()
            for number in range(options.saves + options.memory):
                if options.memory and (number == options.saves or (number - options.saves) % 50 == 0):
                    pids = watch.process.pid, zygote_of(watch.process.pid)
                    print(f"after {number:4} saves: {memory(pids[0]):.1f} MB, zygote {memory(pids[1]):.1f} MB")
                time.sleep(0.2 if number < options.saves else 0.02)
                text = changed(source, options.exercise, number, options.whole)
                begin = time.perf_counter()
                file.write_text(text, encoding="utf-8")
                said = watch.wait()
                seconds.append(watch.verdict - begin)
                whole.append(time.perf_counter() - begin)
            first, last = sorted(seconds[: options.saves]), sorted(whole[: options.saves])
            print(f"last: {said}")
            print(
                f"save to verdict, {len(first)} saves: median {statistics.median(first):.3f} s, "
                f"best {first[0]:.3f} s, worst {first[-1]:.3f} s; with what builds on it: "
                f"median {statistics.median(last):.3f} s"
            )
        finally:
            watch.close()


if __name__ == "__main__":
    main()
