"""The archive that Gradescope makes an autograder of: two scripts, the grader, and the sections that are to be graded."""

from collections.abc import Sequence
from pathlib import Path

from grader.batch.course_key import FILENAME as KEY
from grader.course import PUBLIC_KEY, Course, Section
from grader.kit.bundle import Files, below, data_files, grader_files, room_files, settings_file, zipped

FILENAME = "autograder.zip"
SCRIPTS = Path(__file__).parent / "gradescope"
RUN = "run_autograder"
_OPTIONS = b"options=()"


def autograder(course: Course, sections: Sequence[Section], unsafe: bool) -> bytes:
    """The archive. It holds solutions, hidden checks and the course's key, if it has its own: it is for Gradescope alone.

    With `unsafe` it grades also where submissions cannot be confined.
    """
    scripts = below(SCRIPTS)
    if unsafe:
        assert _OPTIONS in scripts[RUN]
        scripts[RUN] = scripts[RUN].replace(_OPTIONS, b"options=(--unsafe)")
    source = grader_files() | settings_file(course) | room_files(course, sections)
    source |= _solved(course, sections) | data_files(course)
    secret = {f"course/{KEY}": f"{course.key.hex()}\n".encode()} if course.key != PUBLIC_KEY else {}
    files = scripts | secret | {f"course/{name}": data for name, data in source.items()}
    return zipped(files, executable=scripts, private=secret)


def _solved(course: Course, sections: Sequence[Section]) -> Files:
    """Solutions, which a grading compares with, and exercises, which make a folder a course."""
    paths = [path for one in sections for path in (one.solution, one.exercise) if path.is_file()]
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in paths}
