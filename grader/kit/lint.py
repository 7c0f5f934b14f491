"""An author's errors in a course, by file and line, before anything runs: `grade lint`.

Everything is read from syntax trees, and no module of the course is imported.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

from grader.course import Course, UsageError
from grader.course_modules import module_folder, module_path
from grader.course_settings import FILENAME as SETTINGS
from grader.diagnosis.hints import OF_CHECKS
from grader.diagnosis.known_mistakes import MistakeError, mistakes_amiss, mistakes_of
from grader.kit.bundle import below, in_kit, paths_of
from grader.kit.giveaways import Secrets, text_of
from grader.kit.lint_calls import checks_amiss
from grader.kit.lint_libraries import imports_amiss
from grader.kit.lint_names import exercises_of_two, names_amiss
from grader.kit.stubs import secrets_of, section_stub
from grader.kit.visible_checks import visible_checks
from grader.section import CHECKS, Section
from grader.toolkit.names_used import tree_of
from grader.toolkit.text import one_line

_LINE = re.compile(r"\(at line (\d+)")
_IMPORT = re.compile(r"[ \t]*(?:from|import)[ \t]+(\w+)")
_BEGIN = "### BEGIN SOLUTION"
_STEM = "sectionN_name, such as section1_vectors"

Texts = Mapping[Path, str]


def lint(course: Course, sections: Sequence[Section] = (), draft: bool = False, jobs: int = 1) -> list[str]:
    """A line for each error: file, line, cause and what to do. Of all sections, unless some are named.

    In a `draft`, the file in `exercises/` may lag behind its solution, and checks may wait for their thresholds, and print.
    More `jobs` than one are forks, which read sections at the same time: for a process without threads, on Linux.
    """
    if undecoded := [*_undecoded(course)]:
        return undecoded
    chosen = sections or course.sections
    found = [error for errors in _of_sections(chosen, draft, _texts(course), jobs) for error in errors]
    found += exercises_of_two(course, chosen)
    return [*dict.fromkeys(found if sections else [*_of_course(course), *found])]  # each once


def _of_sections(sections: Sequence[Section], draft: bool, texts: Texts, jobs: int) -> Iterator[list[str]]:
    errors = partial(_of_section, draft=draft, texts=texts)
    if min(jobs, len(sections)) < 2:
        yield from map(errors, sections)
        return
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        yield from pool.map(errors, sections)


def _undecoded(course: Course) -> Iterator[str]:
    """Files that are not in UTF-8, such as some editors on Windows write: nothing else can be read from them."""
    folders = (course.checks, course.solutions, course.exercises)
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".toml")]
    for path in sorted([*paths, *course.root.glob(SETTINGS)]):
        try:
            path.read_bytes().decode()
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            yield f'{path}:{line}: not in UTF-8. Save it in UTF-8: your editor offers encodings under "Save as".'


def _of_course(course: Course) -> Iterator[str]:
    yield from _of_settings(course)
    rooms = {section.room for section in course.sections}
    for room in sorted(course.checks.glob("section*")):
        if room.is_dir() and room not in rooms:
            number = re.match(r"section(\d+)_", room.name)
            needed = f"It needs a file test_section{number[1]}.py." if number else f"Call it {_STEM}."
            yield f"{room}: not a section. {needed}"
    for path in sorted((course.checks / "shared").glob("*.py")):
        try:
            yield from imports_amiss(path, tree_of(path.read_bytes()), course)
        except SyntaxError as error:
            yield f"{path}:{error.lineno or 1}: not valid Python: {error.msg}."
    for path in sorted(course.solutions.glob("section*.py")):
        if not (course.checks / path.stem).is_dir():
            yield f"{path}: no checks. Write them in {course.checks / path.stem}."
    for path in sorted(course.exercises.glob("section*.py")):
        if not (course.solutions / path.name).is_file():
            yield f"{path}: no solution. Remove it, or write {course.solutions / path.name}."
    if not rooms:
        yield f"{course.root / CHECKS}: no section here. To make one: grade new section NAME"


def _of_settings(course: Course) -> Iterator[str]:
    try:
        settings = course.settings
    except UsageError as error:
        yield str(error)
        return
    for find, names in ((paths_of, settings.hand_out), (_module, settings.modules)):
        for name in names:
            try:
                find(course, name)
            except UsageError as error:
                yield str(error)
    yield from _of_modules(course)
    yield from _of_data(course)
    for name in settings.packages:
        if not _is_installed(name):
            path = course.root / SETTINGS
            line = _line_of("packages", path.read_text(encoding="utf-8-sig"))
            yield f"{path}:{line}: packages: {name} is not installed here. Correct the name, or: pip install {name}"
    if settings.example:
        yield from _of_example(course, *settings.example)


def _is_installed(package: str) -> bool:
    try:
        return bool(metadata.distribution(package))
    except metadata.PackageNotFoundError:
        return package.isidentifier() and find_spec(package) is not None
    except ValueError:  # no name at all
        return False


def _of_modules(course: Course) -> Iterator[str]:
    """Modules beside the exercises: those that are no Python, and those that are imported though `modules` does not name them."""
    modules = {path.stem: path for path in course.exercises.glob("*.py") if not path.stem.startswith("section")}
    for name in course.settings.modules:
        if name in modules:
            try:
                tree_of(modules[name].read_bytes())
            except SyntaxError as error:
                yield f"{modules[name]}:{error.lineno or 1}: not valid Python: {error.msg}."
    unnamed = {*modules} - {*course.settings.modules}
    for path in sorted(course.checks.rglob("*.py")) if unnamed else ():  # of solutions, `libraries_amiss` tells
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            found = _IMPORT.match(line)
            if found and found[1] in unnamed:
                unnamed.remove(found[1])  # told once
                listed = ", ".join(f'"{name}"' for name in (*course.settings.modules, found[1]))
                text = f"{found[1]}.py in exercises/ is not handed out. Write in {SETTINGS}: modules = [{listed}]"
                yield f"{path}:{number}: {text}"


def _of_data(course: Course) -> Iterator[str]:
    """Files of `data/` that a module of the course names, and that students would lack: there its import would fail."""
    handed_out = {*_handed_out(course)}
    for module in (path for path in handed_out if path.parent == course.exercises.resolve()):
        with suppress(SyntaxError):  # told by `_of_modules`
            nodes = ast.walk(tree_of(module.read_bytes()))
            words = {str(one.value): one.lineno for one in nodes if isinstance(one, ast.Constant)}
            for path in sorted({*course.root.glob("data/**/*")} - handed_out):
                name = path.relative_to(course.root).as_posix()
                line = words.get(path.name, words.get(name))
                if line and path.is_file():
                    listed = ", ".join(f'"{one}"' for one in (*course.settings.hand_out, name))
                    yield f"{module}:{line}: students do not get {name}. Write in {SETTINGS}: hand_out = [{listed}]"


def _of_example(course: Course, word: str, exercise: str) -> Iterator[str]:
    section = next((one for one in course.sections if one.id == word), None)
    with suppress(UsageError):  # told by `_of_section`
        if section is None or exercise not in section.exercises:
            path = course.root / SETTINGS
            line = _line_of("example", path.read_text(encoding="utf-8-sig"))
            yield f"{path}:{line}: example: there is no exercise {exercise} in a section {word}. Correct the name."


def _module(course: Course, name: str) -> list[Path]:
    return [module_path(course.root, name)]


def _of_section(section: Section, draft: bool, texts: Texts) -> list[str]:
    return [*_each_of_section(section, draft, texts)]


def _each_of_section(section: Section, draft: bool, texts: Texts) -> Iterator[str]:
    try:
        flaws = section.flaws
    except UsageError as error:
        yield str(error)
        return
    yield from (f"{section.checks}:{flaw.line}: {flaw.text}" for flaw in flaws)
    if not section.solution.is_file():
        yield f"{section.solution}: missing. The exercise is made from it: put the solution there."
        return
    if flaws:  # the rest asks for the section's exercises
        return
    try:
        _ = section.questions
        made = section_stub(section)
    except UsageError as error:
        yield str(error)
        return
    if not draft and (not section.exercise.is_file() or section.exercise.read_bytes() != made.encode()):
        yield f"{section.exercise}: does not match its solution. To make it: grade stubs"
    secrets = secrets_of(section)
    yield from _without_checks(section)
    yield from checks_amiss(section, draft)
    yield from _of_hints(section)
    yield from _of_mistakes(section, secrets)
    yield from names_amiss(section, draft)
    yield from _of_giveaways(section, secrets, texts)


def _without_checks(section: Section) -> Iterator[str]:
    """Exercises of the solution that no check is about."""
    text = section.solution.read_text(encoding="utf-8")
    lines, checked = text.split("\n"), {check.exercise for check in section.check_list}
    for node in tree_of(text.encode()).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name in checked:
            continue
        if any(_BEGIN in line for line in lines[node.lineno - 1 : node.end_lineno]):
            said = f"{node.name} has no check, and earns no points. Write one in {section.checks}"
            yield f"{section.solution}:{node.lineno}: {said}"


def _of_hints(section: Section) -> Iterator[str]:
    """Hints are lists of sentences, by exercise."""
    path = section.hints
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    try:
        hints = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        yield f"{path}:{line[1] if line else 1}: {one_line(str(error))}. Expected a file in TOML."
        return
    visible = [check.id for check in section.check_list if not check.hidden]
    of_checks = hints.pop(OF_CHECKS, {})
    for name, ladder in [*hints.items(), *of_checks.items()]:
        where = f"{path}:{_line_of(name, text)}"
        if name in of_checks and name not in visible:
            yield f"{where}: there is no visible check {name}. The checks are {', '.join(visible)}."
        elif name in hints and name not in section.functions:
            yield f"{where}: there is no exercise {name}. The exercises are {', '.join(section.functions)}."
        elif not (
            isinstance(ladder, list) and ladder and all(isinstance(hint, str) and hint.strip() for hint in ladder)
        ):
            yield f'{where}: expected a list of hints, such as {name} = ["First hint.", "Second hint."]'


def _of_giveaways(section: Section, secrets: Secrets, texts: Texts) -> Iterator[str]:
    """A formula or a longer line of the solution in a file of the rooms or of the course that students get."""
    for path, text in texts.items():
        if found := secrets.given_away(path, text):
            other = next((one for one in Course(section.root).sections if one.checks == path), None)
            with suppress(UsageError):  # told by `_of_section`
                # students get no hidden checks
                yield from secrets.given_away(path, text, visible_checks(other).text) if other else found


def _of_mistakes(section: Section, secrets: Secrets) -> Iterator[str]:
    """Mistakes that are not well-formed, or that say the code of the solution: a kit holds their diagnoses and hints."""
    try:
        mistakes = mistakes_of(section)
    except MistakeError:
        yield from mistakes_amiss(section)
        return
    for one in mistakes:
        if secrets.given_away(section.room, "\n".join((one.message, *one.hints))):
            place = section.root / one.place
            yield f"{place}: the diagnosis or a hint of {one.slug} holds a line or a formula of the solution. Reword it."


def _texts(course: Course) -> Texts:
    """The text files of the rooms and of the course that students get."""
    rooms = {course.checks / name: data for name, data in below(course.checks).items() if in_kit(name)}
    data = rooms | {path: path.read_bytes() for path in _handed_out(course)}
    return {path: text for path, one in data.items() if (text := text_of(one)) is not None}


def _handed_out(course: Course) -> Iterator[Path]:
    """The course's own files that students get, as far as there are any: `_of_course` tells of the others."""
    with suppress(UsageError):
        modules = [module_folder(course.root) / f"{name}.py" for name in course.settings.modules]
        yield from (path for path in modules if path.is_file())
        for pattern in course.settings.hand_out:
            with suppress(UsageError):
                yield from paths_of(course, pattern)


def _line_of(name: str, text: str) -> int:
    found = re.search(rf'^[ \t]*\[*[ \t]*"?{re.escape(name)}\b', text, re.MULTILINE)
    return text[: found.start()].count("\n") + 1 if found else 1
