"""How fast the way of one grade is: `python -m tests.benchmarks.spine`. Ratios are measured in one run, turn by turn."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.paths import ROOT

ECHO = b"def echo(x):\n    return x\n"
IN_PROCESS = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
BONUS = "not classifier"  # the bonus trains for half a minute, whoever runs it


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def show(name: str, seconds: list[float], unit: float = 1e3, suffix: str = "ms") -> None:
    """Print median and 95th percentile."""
    ordered = sorted(seconds)
    median, high = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:52} median {unit * median:8.2f} {suffix}   p95 {unit * high:8.2f} {suffix}")


def workers(count: int) -> None:
    """Spawn, confine and load; and a call's round trip."""
    import torch

    from grader.course import Course
    from grader.sandbox.calls.conversation import Conversation
    from grader.sandbox.calls.local_calls import load_module
    from grader.sandbox.calls.student import Contract
    from grader.sandbox.limits.limits import DEFAULT
    from grader.sandbox.process.launch import Sandbox
    from grader.submission.submission import Submission

    course = Course(ROOT)
    with Sandbox.open(course) as sandbox:
        sandbox.spawn().close()
        fresh = []
        for _ in range(count):
            start = time.perf_counter()
            process = sandbox.spawn(ahead=False)
            Conversation(process, DEFAULT).load(ECHO, "echo.py")
            fresh.append(time.perf_counter() - start)
            process.close()
        show("worker: spawn + confine + load", fresh)
        contract = Contract(load_module(ROOT / "solutions" / "section4_momentum.py", "reference"))
        runnable = sandbox.admit(Submission("echo.py", Path("echo.py"), ECHO))
        with runnable.trial(contract) as trial:
            for name, size in (("8 B", 1), ("32 kB", 4096), ("8 MB", 1 << 20)):
                x = torch.zeros(size, dtype=torch.float64)
                trial.student.echo(x)
                trips = [timed(lambda x=x: trial.student.echo(x)) for _ in range(200 if size < 1 << 20 else 20)]
                show(f"call: there and back with a tensor of {name}", trips)


def run(*arguments: str, submission: str | None = None) -> None:
    """Run Python quietly in the project's folder; the exit code does not matter."""
    extra = ["--submission", submission] if submission else []
    subprocess.run([sys.executable, *arguments, *extra], cwd=ROOT, capture_output=True, check=False)


def compare(name: str, variants: dict[str, Callable[[], object]], rounds: int) -> None:
    """Time variants turn by turn, and print each, and its ratio to the last."""
    times: dict[str, list[float]] = {label: [] for label in variants}
    for action in variants.values():
        action()
    for _ in range(rounds):
        for label, action in variants.items():
            times[label].append(timed(action))
    base = statistics.median(list(times.values())[-1])
    for label, seconds in times.items():
        show(f"{name}: {label}", seconds, 1, "s")
    for seconds in list(times.values())[:-1]:
        median = statistics.median(seconds)
        print(f"{'':52} {median / base:.2f} x, {median - base:+.2f} s against {list(times)[-1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each whole command")
    parser.add_argument("--section", default="section4", help="a section, or all")
    parser.add_argument("--workers", type=int, default=60, help="workers to spawn")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # for the baseline as for the grader
    workers(options.workers)
    compare(
        "start",
        {"grade --help": lambda: run("-m", "grader", "--help"), "python -c pass": lambda: run("-c", "pass")},
        options.rounds,
    )
    for checks in sorted(ROOT.glob("checks/*/test_section*.py")):
        section = checks.stem.removeprefix("test_").partition("_")[0]
        if options.section in ("all", section):
            grading(section, str(checks.relative_to(ROOT)), options.rounds)
    if options.section == "all":
        everything = ["-m", "grader", "all", "-k", BONUS]
        show("grade all, without the bonus", [timed(lambda: run(*everything, submission="solutions"))], 1, "s")


def grading(section: str, checks: str, rounds: int) -> None:
    """A section's solution, isolated and not, and its untouched stub."""
    isolated = ["-m", "grader", section, "-k", BONUS]
    local = [*IN_PROCESS, checks, "-k", BONUS, "--in-process"]
    compare(
        f"{section}, solution",
        {
            f"grade {section}": lambda: run(*isolated, submission="solutions"),
            "plain pytest, in-process": lambda: run(*local, submission="solutions"),
            "grade --in-process": lambda: run(*isolated, "--in-process", submission="solutions"),
        },
        rounds,
    )
    show(f"{section}, untouched stub", [timed(lambda: run("-m", "grader", section)) for _ in range(rounds)], 1, "s")


if __name__ == "__main__":
    main()
