"""New courses, sections and exercises: `grade new`. What it writes grades, audits and plots at once, for the author to change."""

import ast
import keyword
import re
from collections.abc import Mapping
from pathlib import Path

from grader.check_files.check_file import NO_EXERCISES, names_defined
from grader.course import Course, UsageError
from grader.course_settings import FILENAME
from grader.kit.stubs import write_stubs
from grader.section import Section

_TEMPLATES = Path(__file__).parent / "templates" / "new"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMPY = {
    "IMPORTS": "import numpy as np",
    "CHECK_IMPORTS": "import numpy as np",
    "FIGURE_IMPORTS": "",
    "ARRAY": "np.ndarray",
    "MAKE": "np.array",
    "WORD": "array",
    "SIZE": "x.size",
    "MEDIAN": "np.median(x)",
    "SHOWN": "array([-2., -1.,  3.])",
    "STRATEGY": "arrays",
    "EXAMPLES": "arrays((3,), NUMBERS)",
    "FIGURE_VALUES": "VALUES",
}
_TORCH = {
    "IMPORTS": "import torch\nfrom torch import Tensor",
    "CHECK_IMPORTS": "import torch",
    "FIGURE_IMPORTS": "import torch\n",
    "ARRAY": "Tensor",
    "MAKE": "torch.tensor",
    "WORD": "tensor",
    "SIZE": "x.numel()",
    "MEDIAN": "x.median()",
    "SHOWN": "tensor([-2., -1.,  3.])",
    "STRATEGY": "tensors",
    "EXAMPLES": "tensors((3,), NUMBERS, torch.float64)",
    "FIGURE_VALUES": "VALUES, dtype=torch.float64",
}


def new_course(folder: Path, title: str, with_torch: bool, section: str = "first") -> list[Path]:
    """Make a course of one section with one exercise in an empty folder; return the files."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: the folder is not empty. Name another: grade new course FOLDER")
    _expect_name(section)
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    settings = _write(folder / FILENAME, _filled("course", {"TITLE": quoted}))
    return [settings, *new_section(Course(folder), section, with_torch)]


def new_section(course: Course, name: str, with_torch: bool) -> list[Path]:
    """Make a section with one exercise, called like it; return the files."""
    _expect_name(name)
    number = max((section.number for section in course.sections), default=0) + 1
    section = Section(number, name, course.root)
    taken = next((path for path in (section.solution, section.room) if path.exists()), None)
    if taken is not None:
        raise UsageError(f"{taken} exists. Give the section another name: grade new section NAME")
    exercise = f"centre_{name}"
    words = _words(with_torch) | {"NUMBER": str(number), "TITLE": _sentence(name), "SLUG": name.replace("_", "-")}
    words |= {"NAME": exercise, "HEADING": _heading(section, 1, exercise)}
    files = {
        section.solution: ("solution", "solution_exercise"),
        section.checks: ("checks", "checks_exercise"),
        section.room / "mistakes.py": ("mistakes", "mistakes_exercise"),
        section.hints: ("hints_exercise",),
        section.room / "figures.py": ("figures",),
    }
    written = [_write(path, "".join(_filled(name, words) for name in names)) for path, names in files.items()]
    return [*written, *write_stubs(course.solutions, course.exercises)]


def new_exercise(section: Section, name: str) -> list[Path]:
    """Add an exercise to a section; return the files that changed."""
    _expect_name(name)
    heading = _heading(section, len(section.functions) + 1, name)  # tells of a file that cannot be parsed
    solution = section.solution.read_text(encoding="utf-8")
    if name in names_defined(solution) | _imported(solution):
        raise UsageError(f"{section.solution} defines {name}. Give the exercise another name.")
    if name in NO_EXERCISES:  # before anything is written
        raise UsageError(f"{name}: no exercise can be called so. Give it another name.")
    with_torch = re.search(r"^(import|from) torch\b", solution, re.MULTILINE) is not None
    words = _words(with_torch) | {"NAME": name, "NUMBER": str(section.number), "TITLE": section.topic}
    words |= {"HEADING": heading}
    mistakes, template = section.room / "mistakes.py", "mistakes"
    if (section.room / "mistakes").is_dir():
        mistakes = section.room / "mistakes" / f"{name}.py"
    parts = {section.solution: "solution_exercise", section.checks: "checks_exercise", section.hints: "hints_exercise"}
    written = []
    for path, part in parts.items():
        before = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if path.is_file() else ""
        written.append(_write(path, _with_imports(before, path, section, words) + _filled(part, words)))
    before = (
        mistakes.read_text(encoding="utf-8").rstrip("\n") + "\n" if mistakes.is_file() else _filled(template, words)
    )
    written.append(_write(mistakes, before + _filled("mistakes_exercise", words)))
    return [*written, *write_stubs(section.root / "solutions", section.root / "exercises")]


def _imported(source: str) -> set[str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {one.asname or one.name.partition(".")[0] for node in nodes for one in node.names}


def _with_imports(text: str, path: Path, section: Section, words: Mapping[str, str]) -> str:
    """The file of checks with what the new checks need and it does not have, at its top."""
    if path != section.checks:
        return text
    needed = [line for line in _filled("checks", words).split("\n") if line.startswith(("import ", "from "))]
    names = "NUMBERS = (1.0, 2.0, -0.5, 4.0)"
    missing = [line for line in needed if line not in text] + ([names] if "\nNUMBERS" not in text else [])
    if not missing:
        return text
    lines = text.split("\n")
    last = max((place for place, line in enumerate(lines) if line.startswith(("import ", "from "))), default=0)
    return "\n".join([*lines[: last + 1], *missing, *lines[last + 1 :]])


def _words(with_torch: bool) -> dict[str, str]:
    return dict(_TORCH if with_torch else _NUMPY)


def _expect_name(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(f"{name}: not a name here. Use lower-case letters, digits and _, such as power_iteration.")


def _sentence(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _heading(section: Section, place: int, exercise: str) -> str:
    return f"{section.number}.{place} {_sentence(exercise)}"


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return re.sub(r"__([A-Z]+(?:_[A-Z]+)*)__", lambda found: words[found[1]], text)


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None
    return path


def own_course(course: Course) -> Course:
    """The course, if the working directory is in it: nothing is written to a course that lies elsewhere."""
    here = Path.cwd()
    if course.root.resolve() not in (here, *here.parents):
        raise UsageError(f"{here}: no course here or above. Go to your course, or make one: grade new course FOLDER")
    return course
