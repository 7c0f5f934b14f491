"""The student kit: the files of a course that students get, without solutions and hidden checks."""

import re
from pathlib import Path

import nbformat

from grader.course import Course, UsageError
from grader.kit.bundle import (
    PACKAGE,
    Files,
    below,
    grader_files,
    handed_out,
    in_kit,
    module_files,
    room_files,
    settings_file,
    zipped,
)
from grader.kit.giveaways import text_of
from grader.kit.notebooks import make
from grader.kit.stubs import secrets_of, section_stub
from grader.kit.visible_checks import VisibleChecks, visible_checks
from grader.section import Section
from grader.toolkit.text import plural
from grader.toolkit.thresholds import without_mistakes

LEAST_CHECKS = 2  # per exercise: with fewer, a student would learn too little
_TEMPLATES = Path(__file__).parent / "templates"
_VSCODE = _TEMPLATES / "vscode"
_GUIDE = "docs/students.md"
_DATA = "data/README.md"
_PROJECT = "pyproject.toml"
_TOOLS = "[tool.pytest"  # from here on, the file is for those who work on the grader
_ACTION = "action.yml"  # for a workflow in a student's repository
_OF_TORCH = re.compile("torch|install --quiet uv ")  # lines of the action
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)[^)]*\)")
IGNORED = "__pycache__/\n*.pyc\n*.egg-info/\n.venv/\n.grade/\n.hypothesis/\n.ipynb_checkpoints/\nsubmission.zip\n"
IGNORED += "/figures/\n/reading/\n/repro/\n"  # made of the files


def kit(course: Course, recorded: bool = True) -> Files:
    """The files of the student kit, by their paths in it.

    `recorded` adds what stands for the solutions: results of mistakes, and numbers of pictures. This takes minutes.

    Raises:
        UsageError: a solution is missing, students would get fewer than two checks of an exercise, or a file of the kit holds a
            line of a solution.
        StubError: a solution gives no stub.
    """
    for section in course.sections:
        if not section.solution.is_file():
            raise UsageError(f"{section.solution}: missing. The exercise is made from it: put the solution there.")
    stubs = {section: section_stub(section) for section in course.sections}
    checks = {section: visible_checks(section) for section in course.sections}
    expect_enough(course)
    rooms = room_files(course, course.sections)
    files = grader_files() | settings_file(course) | _modules(course) | _documents(course)
    files[_PROJECT] = _project(course, files[_PROJECT].decode()).encode()
    files |= {name: data for name, data in rooms.items() if in_kit(name)}
    for section, found in checks.items():
        files |= _section_files(section, stubs[section], found)
        if recorded:
            files |= _recorded(section)
    _expect_no_answers(course, files)
    files["README.md"] = _readme(course, checks, _DATA in files).encode()
    files[".gitignore"] = IGNORED.encode()
    files |= {f".vscode/{name}": data for name, data in below(_VSCODE).items()}
    return files


def write_kit(files: Files, folder: Path, archive: Path | None) -> None:
    """Write the kit as a folder, and as a zip archive if `archive` is given.

    Raises:
        UsageError: the folder is not empty, or it cannot be written.
    """
    expect_new(folder)
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if archive is not None:
            archive.write_bytes(zipped((f"{folder.name}/{name}", data) for name, data in sorted(files.items())))
    except OSError as error:
        place = error.filename or folder
        raise UsageError(f"{place}: cannot be written: {error.strerror}. Name another: grade release FOLDER") from None


def expect_new(folder: Path) -> None:
    """Raise UsageError unless the folder does not exist or is empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: the folder is not empty. Remove it, or name another: grade release FOLDER")


def expect_enough(course: Course) -> None:
    """Raise UsageError unless students would get at least two checks of each exercise."""
    for section in course.sections:
        found = visible_checks(section)
        for exercise in section.functions:
            count = sum(check.exercise == exercise for check in found.checks)
            if count < LEAST_CHECKS:
                raise UsageError(
                    f"{section.checks}: students would get {plural(count, 'check')} of {exercise}, but need {LEAST_CHECKS}. "
                    "They get no hidden checks, and none that take `reference`. Add a check with other expected values."
                )


def _expect_no_answers(course: Course, files: Files) -> None:
    """Raise UsageError, by file and line of the author, if a file holds a longer line or a formula of a solution."""
    made = {f"notebooks/{name}.py": course.exercises / f"{name}.py" for name in course.settings.modules}
    for section in course.sections:
        made |= {_in_kit(path, section): section.solution for path in (section.exercise, section.pristine)}
    texts = {
        path: text
        for name, data in files.items()
        if (path := made.get(name, course.root / name)).is_file() and (text := text_of(data)) is not None
    }
    for section in course.sections:
        secrets = secrets_of(section)
        for path, text in texts.items():
            whole = path.read_text(encoding="utf-8", errors="replace")
            for said in secrets.given_away(path, whole, text) if path != section.solution else ():
                raise UsageError(said)


def _section_files(section: Section, text: str, found: VisibleChecks) -> Files:
    files = {
        f"exercises/{section.exercise.name}": text.encode(),
        _in_kit(section.pristine, section): text.encode(),
        f"notebooks/{section.stem}.ipynb": nbformat.writes(make(section, text)).encode() + b"\n",
        _in_kit(section.checks, section): found.text.encode(),
    }
    if section.thresholds.is_file():
        files[_in_kit(section.thresholds, section)] = without_mistakes(section.thresholds).encode()
    return files


def _recorded(section: Section) -> Files:
    """The files of the kit in place of the solution and the mistakes."""
    from grader.figures.reference_numbers import recorded_numbers  # torch

    numbers = recorded_numbers(section)
    files = {_in_kit(section.known_results, section): _known_results(section)}
    return files | ({_in_kit(section.reference_numbers, section): numbers} if numbers else {})


def _known_results(section: Section) -> bytes:
    """A kit's knowledge of mistakes: digests of their answers, never code. Raises UsageError if there is a line of code."""
    from grader.diagnosis.recording import line_of_code_in, record  # torch

    recorded = record(section).encoded(section)
    line = line_of_code_in(recorded, section)
    if line:
        raise UsageError(f"{section.id}: a message or hint of a mistake holds a line of its code. Reword it: {line}")
    return recorded


def _in_kit(path: Path, section: Section) -> str:
    return path.relative_to(section.root).as_posix()


def _modules(course: Course) -> Files:
    """The modules that submissions may import, beside each place where students work."""
    files = module_files(course)
    return files | {f"notebooks/{Path(name).name}": data for name, data in files.items()}


def _project(course: Course, text: str) -> str:
    """The file that pip reads: with the packages of the course, and without torch if the course does not use it."""
    packages = "".join(f'  "{name}",  # for the course\n' for name in course.settings.packages)
    text = text.replace("dependencies = [\n", f"dependencies = [\n{packages}", 1)
    if course.uses_torch:
        return text
    lines = text[: text.index(_TOOLS)].rstrip().splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith('"torch')) + "\n"


def _action(course: Course) -> str:
    """The action of GitHub; for a course without torch, it takes no build of it."""
    lines = (PACKAGE.parent / _ACTION).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if course.uses_torch or not _OF_TORCH.search(line))


def _documents(course: Course) -> Files:
    """The files that the course hands out, with pictures and a guide. Links to files outside of the kit become plain words."""
    files = {_ACTION: _action(course).encode()} | handed_out(course)
    if _GUIDE not in files:
        files[_GUIDE] = _filled(_TEMPLATES / "students.md", _example(course)).encode()
    pages = {name: data.decode() for name, data in files.items() if name.startswith("docs/") and name.endswith(".md")}
    for name, text in pages.items():
        for _, target in _LINK.findall(text):
            path = course.root / Path(name).parent / target
            if target.startswith("images/") and path.is_file():
                files[f"docs/{target}"] = path.read_bytes()
    there = {name.removeprefix("docs/") for name in files}
    return files | {
        name: _LINK.sub(lambda link: link[0] if link[2] in there else link[1], text).encode()
        for name, text in pages.items()
    }


def _example(course: Course) -> dict[str, str]:
    """The words of a guide that name a section and an exercise."""
    section, exercise = course.example or (course.sections[0], course.sections[0].functions[0])
    return {"{section}": section.id, "{stem}": section.stem, "{exercise}": exercise}


def _filled(template: Path, words: dict[str, str]) -> str:
    text = template.read_text(encoding="utf-8")
    for place, word in words.items():
        text = text.replace(place, word)
    return text


def _readme(course: Course, checks: dict[Section, VisibleChecks], with_data: bool) -> str:
    rows, notes = [], []
    for section, found in checks.items():
        points = sum(check.points for check in section.check_list)
        rows.append(f"| {section.title} | `exercises/{section.exercise.name}` | {points:g} |")
        if found.hidden_points:
            hidden = sum(found.hidden_points.values())
            notes.append(f"{hidden:g} {'point' if hidden == 1 else 'points'} of {section.id}")
    said = f"\nYour instructors check more than you can here: {', '.join(notes)}.\n" if notes else ""
    install = (_TEMPLATES / ("install_torch.md" if course.uses_torch else "install.md")).read_text(encoding="utf-8")
    words = {"{install}": install.rstrip(), "{sections}": "\n".join(rows), "{hidden_points}": said}
    words |= {"{stem}": next(iter(checks)).stem, "{title}": course.settings.title or "Exercises"}
    words["{data}"] = "; the data have [their own](data/README.md)" if with_data else ""
    return _filled(_TEMPLATES / "README.md", words)
