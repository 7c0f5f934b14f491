"""Write the lists of docs/toolkit.md from the signatures and docstrings: `python -m tests.toolkit.page`.

Everything is read from syntax trees.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.toolkit.comparison import TOLERANCES
from grader.toolkit.travelling import TYPES
from tests.paths import ROOT

PAGE = ROOT / "docs" / "toolkit.md"
WIDTH = 128
_LIST = re.compile(r"(<!-- made by tests/toolkit/page\.py: ([\w ./]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_Definition = ast.FunctionDef | ast.ClassDef

CALLED = {  # how authors name an object of a class
    "Work": "work",
    "Gathered": "data",
    "Canvas": "canvas",
    "Ask": "ask",
    "CheckNotes": "note",
    "RemoteStudent": "student",
}
APART = {  # public, but for the engine
    "check": {"CheckMark", "MARK", "SCRATCH_LIMIT"},
    "programs": {"Program", "cpu_seconds_of"},
    "roles": {"NO_ROLES"},
    "thresholds": {"FILENAME", "load", "store", "without_mistakes", "Kills"},
    "verdicts": {"GraderFaultError", "ShellLimitError", "CourseModuleError", "SourceLine"},
    "show": {"ENTRIES_SHOWN", "ENTRIES_OF_AN_ARGUMENT", "brief", "entry"},
    "mistakes": {"Implementation"},
}
SOME = {  # of these modules, authors use no more
    "grader/toolkit/text.py": ("number_text",),
    "grader/figures/picture.py": ("Figure", "Words"),
    "grader/figures/gather.py": ("Work", "Gathered", "Array"),
    "grader/figures/canvas.py": ("Canvas",),
    "grader/figures/style.py": ("LINES", "MARKERS", "SHADES", "WIDTH", "plain_ticks", "short"),
    "grader/figures/experiments.py": ("Experiment", "Outcome"),
    "grader/figures/play.py": ("Play", "Ask"),
    "grader/figures/demo.py": ("Demo", "DemoRun", "Control", "Axis", "Curve", "Plane", "Goal"),
    "grader/sandbox/calls/student.py": ("RemoteStudent",),
    "grader/grading/section_run.py": ("CheckNotes",),
    "grader/grading/plugin.py": ("student", "reference", "note", "once", "code_seed"),
}
GIVEN = ("grader/sandbox/calls/student.py", "grader/grading/section_run.py", "grader/grading/plugin.py")  # not imported
ONLY_METHODS = ("CheckNotes", "RemoteStudent")
METHODS = {  # of these classes, authors call no more
    "Work": ("ask", "ask_several", "share"),
    "Gathered": ("yours", "reference", "predicted"),
    "Canvas": ("axes", "curve", "key", "below", "predicted", "say"),
    "Ask": (),
    "CheckNotes": (),
    "RemoteStudent": ("run", "cpu_seconds"),
    "Demo": (),
    "CodeSeed": ("part",),
    "Scale": ("share",),
    "SharedTensor": ("close",),
    "StudentError": (),
}


@dataclass(frozen=True)
class Entry:
    """A name with its signature, and its docstring, a paragraph a string."""

    name: str
    signature: str
    paragraphs: tuple[str, ...] = ()
    parts: tuple["Entry", ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        indent = "  " * depth
        yield f"{indent}- `{self.signature}`"
        for number, text in enumerate(self.paragraphs):
            filled = textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)
            yield ("\n" if number else "") + textwrap.indent(filled, f"{indent}  ")
        for part in self.parts:
            yield from part.lines(depth + 1)


def entries(path: str) -> list[Entry]:
    """The public names of a module, in its order."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    if path == "grader/grading/plugin.py":
        (plugin,) = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "GradePlugin"]
        return [Entry(one.name, one.name, _paragraphs(one)) for one in plugin.body if _is_fixture(one)]
    wanted, apart = SOME.get(path), APART.get(Path(path).stem, set())
    return [
        _entry(node)
        for node in tree.body
        for name in _names(node)
        if not name.startswith("_") and name not in apart and (wanted is None or name in wanted)
    ]


def _names(node: ast.stmt) -> list[str]:
    """What a statement defines: a constant only if it is of our own making."""
    if isinstance(node, _Definition):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return names if all(name.isupper() or name == "Array" for name in names) else []


def _is_fixture(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(one) for one in node.decorator_list)


def _entry(node: ast.stmt) -> Entry:
    if isinstance(node, ast.FunctionDef):
        return Entry(node.name, f"{node.name}({_parameters(node)})", _paragraphs(node))
    if isinstance(node, ast.ClassDef):
        return _of_class(node)
    return Entry(_names(node)[0], ast.unparse(node))


def _of_class(node: ast.ClassDef) -> Entry:
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
    made = next((_parameters(one) for one in methods if one.name == "__init__"), None)
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and not ast.unparse(one).startswith("_")]
    of_class = all("ClassVar" in ast.unparse(one.annotation) for one in fields)
    if made is None:
        made = "" if of_class else ", ".join(map(ast.unparse, fields)).replace("field(default_factory=dict)", "{}")
    called = CALLED.get(node.name)
    parts = [Entry(str(one.target), ast.unparse(one)) for one in fields if of_class]
    for one in methods:
        public = not one.name.startswith("_") if node.name not in METHODS else one.name in METHODS[node.name]
        if public or (one.name == "__call__" and called):
            name = f"{called}" if one.name == "__call__" else f"{called}.{one.name}" if called else one.name
            bare = any(ast.unparse(decorator) == "property" for decorator in one.decorator_list)
            signature = f"{name}: {ast.unparse(one.returns)}" if bare and one.returns else f"{name}({_parameters(one)})"
            parts.append(Entry(one.name, signature, _paragraphs(one)))
    signature = node.name if called or not made else f"{node.name}({made})"
    return Entry(node.name, signature, _paragraphs(node), tuple(parts))


def _parameters(node: ast.FunctionDef) -> str:
    """The parameters as they are written, without `self`."""
    text = re.sub(r"^(self|cls)(, |$)", "", ast.unparse(node.args))
    return re.sub(r"(?<=\S)=(?=\S)", " = ", text)


def _paragraphs(node: _Definition) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in (ast.get_docstring(node) or "").split("\n\n") if one)


def tolerances() -> str:
    """The table of the tolerances by dtype."""
    rows = [f"| {name} | {relative:g} | {absolute:g} |" for name, (relative, absolute) in TOLERANCES.items()]
    return "\n".join(["| dtype | relative | absolute |", "| --- | --- | --- |", *rows])


def types() -> str:
    """The table of the types that travel."""
    head = ["| value | as an argument of a check | as an answer of a submission |", "| --- | --- | --- |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in TYPES)])


TABLES = {"tolerances": tolerances, "types": types}


def today(text: str) -> str:
    """The text of the page with each list as the code is today."""

    def made(found: re.Match[str]) -> str:
        what = found[2]
        if what in TABLES:
            return f"{found[1]}\n{TABLES[what]()}\n\n{found[3]}"
        shown = [one for entry in entries(what) for one in (entry.parts if entry.name in ONLY_METHODS else (entry,))]
        lines = [line for one in shown for line in one.lines()]
        head = [] if what in GIVEN else [f"From `{_module(what)}`:", ""]
        return "\n".join([found[1], *head, *lines, "", found[3]])

    return _LIST.sub(made, text)


def listed(text: str) -> dict[str, set[str]]:
    """The names on the page, by the module that has them."""
    return {
        _module(what): {entry.name for entry in entries(what)}
        for _, what, _ in _LIST.findall(text)
        if what not in TABLES
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


if __name__ == "__main__":
    PAGE.write_text(today(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
