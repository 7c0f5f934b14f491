"""The archive for Gradescope's autograder: two scripts, the grader, and the sections to grade."""

from collections.abc import Sequence
from pathlib import Path

from grader.batch.course_key import FILENAME as KEY
from grader.course import PUBLIC_KEY, Course, Section
from grader.kit.bundle import Files, below, data_files, grader_files, module_files, room_files, settings_file, zipped

FILENAME = "autograder.zip"
SCRIPTS = Path(__file__).parent / "gradescope"
RUN = "run_autograder"
_OPTIONS = b"options=()"


def autograder(course: Course, sections: Sequence[Section], unsafe: bool) -> bytes:
    """The archive, for Gradescope alone: it holds solutions, hidden checks, and the key of the course.

    With `unsafe`, it also grades on machines that cannot confine submissions.
    """
    scripts = below(SCRIPTS)
    if unsafe:
        assert _OPTIONS in scripts[RUN]
        scripts[RUN] = scripts[RUN].replace(_OPTIONS, b"options=(--unsafe)")
    source = grader_files() | settings_file(course) | room_files(course, sections)
    source |= _solved(course, sections) | module_files(course) | data_files(course)
    secret = {f"course/{KEY}": f"{course.key.hex()}\n".encode()} if course.key != PUBLIC_KEY else {}
    files = scripts | secret | {f"course/{name}": data for name, data in source.items()}
    return zipped(sorted(files.items()), executable=scripts, private=secret)


def _solved(course: Course, sections: Sequence[Section]) -> Files:
    """Solutions, for the reference, and exercises, without which a folder is not a course."""
    paths = [path for one in sections for path in (one.solution, one.exercise) if path.is_file()]
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in paths}
