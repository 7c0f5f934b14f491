"""What a diagnosis adds to the time of a failing section, as a ratio measured in one run.

    python -m tests.benchmarks.diagnosis [SECTION ...]

Every exercise's first mistake makes one submission, graded whole with and without diagnosis, in one warm process: imports,
which a real grading pays besides, would only make the ratio look better.
"""

import os
import sys
import time
from pathlib import Path
from unittest import mock

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

from grader.audit.audit import LONG_CALL_SECONDS  # noqa: E402
from grader.diagnosis import behaviour, replay  # noqa: E402
from grader.diagnosis.known_mistakes import mistakes_of  # noqa: E402
from grader.find_course import find_course  # noqa: E402
from grader.grading.request import Selection  # noqa: E402
from grader.sandbox.process.launch import Sandbox  # noqa: E402
from grader.service import session  # noqa: E402
from grader.submission.submission import Submission  # noqa: E402
from grader.toolkit.private_names import COMPILER  # noqa: E402


def measured(course, section, sandbox, source):
    """Seconds that grading one submission takes."""
    path = Path(f"{section.stem}.py")
    long = {check.exercise for check in section.check_list if check.call_cpu_seconds >= LONG_CALL_SECONDS}
    chosen = Selection(exercises=tuple(name for name in section.functions if name not in long))
    for cached in (replay._recorded, replay._kept, behaviour.behaviour_of):
        cached.cache_clear()  # a student's grading is the only one of its process
    begin = time.perf_counter()
    session.grade(course, section, Submission(path.name, path, source), sandbox, chosen)
    return time.perf_counter() - begin


def main(words):
    course = find_course()
    sections = [course.find(word) for word in words] or course.sections
    with Sandbox.open(course, preload=[COMPILER]) as sandbox:
        for section in sections:
            firsts = {one.exercise: one.source.encode() for one in reversed(mistakes_of(section))}
            measured(course, section, sandbox, next(iter(firsts.values())))  # warm up
            with_it = without = 0.0
            for source in firsts.values():
                with_it += measured(course, section, sandbox, source)
                with mock.patch.object(session, "diagnose", lambda run, checks: checks):
                    without += measured(course, section, sandbox, source)
            count = len(firsts)
            print(
                f"{section.id}: {with_it / count:.2f} s with diagnosis, {without / count:.2f} s without, "
                f"ratio {with_it / without:.2f} ({count} submissions)"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
