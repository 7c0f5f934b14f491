"""Names in the modules of a room that nothing has: a misspelt exercise of a picture, question of an experiment, or argument.

Nothing fails by them, so that no run would tell: a picture is not drawn, a prediction has no outcome, a run no mistakes.
"""

import ast
import builtins
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.check_files.check_file import names_defined
from grader.course import Course
from grader.diagnosis.known_mistakes import parsed
from grader.kit.lint_calls import calls_amiss, given_by_place, owners
from grader.kit.lint_libraries import imports_amiss, libraries_amiss, nearest
from grader.predictions import NAME as PREDICTIONS
from grader.predictions import answers_in
from grader.section import Section
from grader.toolkit.names_used import names_used, nodes_in, tree_of
from grader.toolkit.travelling import TRAVELLING

_EXERCISES = ("exercise", "exercises")  # of a picture, an experiment, sliders and a run
_ASKED = re.compile(r"""^[^#]*\b(?:threshold|scale)\(__file__, ["'](\w+)["']""")  # in a check
_RUN = re.compile(r"\.run\(\s*(?:programs\.)?(\w+)")  # the programs that a room runs
_CHECK = re.compile(r"""^@check\(\s*["'](\w+)["']""", re.MULTILINE)
_FUNCTIONS = {  # easily taken for types
    "np.array": "np.ndarray",
    "numpy.array": "numpy.ndarray",
    "torch.tensor": "torch.Tensor",
    "any": "Any",
    "callable": "Callable",
}


def exercises_of_two(course: Course, chosen: Sequence[Section]) -> Iterator[str]:
    """A line for each exercise that an earlier section has, too: hints, records and the gradebook know it by its name."""
    first: dict[str, str] = {}
    for section in course.sections:
        text = section.checks.read_text(encoding="utf-8")
        here: dict[str, str] = {}
        for found in _CHECK.finditer(text):
            here.setdefault(found[1], f"{section.checks}:{text.count(chr(10), 0, found.start()) + 1}")
        for name in here.keys() & first.keys() if section in chosen else ():
            yield f"{here[name]}: {name} is an exercise of another section, too: {first[name]}. Rename one of them."
        first = here | first


def names_amiss(section: Section, draft: bool = False) -> Iterator[str]:
    """A line for each such name: file, line, cause and what to do. In a `draft`, checks may wait for their thresholds."""
    source = section.solution.read_text(encoding="utf-8")
    exercises, questions = names_defined(source), [question.key for question in section.questions]
    solution, programs, course = parsed(source), _programs_of(section), Course(section.root)
    for path in sorted(section.room.glob("*.py")):
        if path.stem == "mistakes":
            continue
        try:
            tree = tree_of(path.read_bytes())
        except SyntaxError as error:
            yield f"{path}:{error.lineno or 1}: not valid Python: {error.msg}."
            continue
        yield from calls_amiss(path, tree, solution, programs)
        yield from imports_amiss(path, tree, course)
        if path == section.checks or path.stem in TRAVELLING:  # they know no exercises
            continue
        found = {"figures": _listed, "predictions": _experiments}.get(path.stem)
        yield from (f"{path}:{line}: {text}" for line, text in (found(tree) if found else ()))
        for line, owner, attribute, name in (*_named(tree), *_passed(tree), *given_by_place(path, tree)):
            if attribute in _EXERCISES and name not in exercises:
                near = nearest(name, section.functions)
                yield f"{path}:{line}: {owner}.{attribute}: the solution defines no {name}.{near}"
            elif attribute == "key" and path.stem == "predictions" and name not in questions:
                yield f'{path}:{line}: {owner}.key: there is no question "{name}".{nearest(name, questions)}'
    yield from _of_programs(section, exercises, programs)
    yield from libraries_amiss(section, solution)
    yield from _of_predictions(section, source, draft)
    yield from _of_mistakes(section, source)
    yield from _of_functions(section, solution)
    for check, lines in unmeasured(section).items():
        yield from () if draft and check else lines


def _programs_of(section: Section) -> frozenset[str]:
    """The functions that a room runs around a submission."""
    return frozenset(name for path in section.room.glob("*.py") for name in _RUN.findall(path.read_text("utf-8")))


def _of_programs(section: Section, exercises: frozenset[str], programs: frozenset[str]) -> Iterator[str]:
    """Functions that a program asks of the submission, its first argument, and that the solution does not define."""
    path = section.room / "programs.py"
    try:
        tree = tree_of(path.read_bytes()) if path.is_file() else ast.Module([], [])
    except SyntaxError:  # told by `names_amiss`
        return
    kept = {one.attr for one in nodes_in(tree) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)}
    for own, function in owners(tree, programs):
        for line, name in _attributes_of(own, function):
            if name not in exercises | kept:
                near = nearest(name, section.functions)
                yield f"{path}:{line}: {own}.{name}: the solution defines no {name}.{near}"


def _attributes_of(name: str, within: ast.AST) -> Iterator[tuple[int, str]]:
    """The attributes of a variable, each with its line."""
    for node in nodes_in(within):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            yield node.lineno, node.attr


def _of_predictions(section: Section, source: str, draft: bool) -> Iterator[str]:
    """Questions whose answer in the solution they do not accept, and those without an experiment."""
    answers = answers_in(parsed(source)) if section.questions else {}
    for question in section.questions:
        answer = answers.get(question.key)
        where = f"{section.solution}:{_line_of_key(source, question.key)}"
        if not question.accepts(answer):
            said = "has no example answer" if answer is None else "is not an answer to this question"
            yield f'{where}: {PREDICTIONS}["{question.key}"] {said}. Write {question.allowed}.'
        if not draft and not any(
            re.search(rf"""["']{re.escape(question.key)}["']""", path.read_text(encoding="utf-8"))
            for path in section.room.glob("*.py")
            if path.stem != "figures"  # which shows answers
        ):
            what = f'class {question.key.title().replace("_", "")}(Experiment): key = "{question.key}"'
            yield f"{where}: nothing tells students what happens. Write in {section.room / 'predictions.py'}: {what}"


def _line_of_key(source: str, key: str) -> int:
    found = re.search(rf"""^[ \t]*["']{re.escape(key)}["'][ \t]*:""", source, re.MULTILINE)
    return source[: found.start()].count("\n") + 1 if found else 1


def _of_mistakes(section: Section, source: str) -> Iterator[str]:
    """Names that a mistake uses and that neither its file nor the solution, in whose place it stands, defines."""
    defined = names_used(node for node in parsed(source).body if isinstance(node, ast.Import | ast.ImportFrom))[1]
    defined |= names_defined(source)
    for path in section.mistakes:
        try:
            used, known = names_used(nodes_in(tree_of(path.read_bytes())))
        except SyntaxError:  # told by `mistakes_amiss`
            continue
        for name, line in used.items():
            if name not in known | defined and "*" not in known:
                hint = nearest(name, known | defined).replace(" Correct the", " Import it, or correct the")
                yield f"{path}:{line}: {name} is defined neither in this file nor in the solution.{hint}"


def unmeasured(section: Section) -> dict[str, list[str]]:
    """By check, the errors about thresholds that it asks for and no calibration has measured: its students would lose points.

    Those outside of the checks stand under "".
    """
    path, found = section.thresholds, dict[str, list[str]]()
    try:
        measured = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        return {"": [f"{path}:1: {error}. To make it again: grade calibrate {section.id}"]}
    text = section.checks.read_text(encoding="utf-8")
    for number, line in enumerate(text.split("\n"), 1):
        for name in _ASKED.findall(line) if "(__file__, " in line else ():
            if name not in measured:
                said = f"{path.name} has no {name}. To measure it: grade calibrate {section.id}"
                found.setdefault(_check_at(number, text), []).append(f"{section.checks}:{number}: {said}")
    return found


def _check_at(line: int, text: str) -> str:
    """The check to which a line of the file of checks belongs; "" outside of them."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            return node.name.removeprefix("test_") if node.name.startswith("test_") else ""
    return ""


def _named(tree: ast.Module) -> Iterator[tuple[int, str, str, str]]:
    """The strings that the classes of a module assign to their attributes: line, class, attribute and string."""
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for node in owner.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name):
                for line, text in _strings(getattr(node, "value", None)):
                    yield line, owner.name, target.id, text


def _passed(tree: ast.Module) -> Iterator[tuple[int, str, str, str]]:
    """The exercises that calls name: `Run(exercise="norm")`, and those that `work.ask("y", "norm", ...)` is about and calls."""
    for node in nodes_in(tree):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg in _EXERCISES:
                for line, name in _strings(keyword.value):
                    yield line, ast.unparse(node.func), keyword.arg, name
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("ask", "ask_several"):
            continue
        where = ast.unparse(node.func)
        for line, name in _strings(node.args[1]) if len(node.args) > 1 else ():
            yield line, where, _EXERCISES[0], name
        for line, name in _called(node.args[2]) if len(node.args) > 2 else ():
            if name != "run":  # of a program
                yield line, where, _EXERCISES[0], name


def _called(call: ast.expr) -> Iterator[tuple[int, str]]:
    """The functions that `lambda f: f.norm(x)` or `methodcaller("norm", x)` calls."""
    if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "methodcaller" and call.args:
        yield from _strings(call.args[0])
    elif isinstance(call, ast.Lambda) and call.args.args:
        yield from _attributes_of(call.args.args[0].arg, call.body)


def _strings(value: ast.expr | None) -> Iterator[tuple[int, str]]:
    for item in value.elts if isinstance(value, ast.Tuple | ast.List) else [value]:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.lineno, item.value


def _listed(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Figures that no `FIGURES` lists: they would not be drawn."""
    figures = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and "Figure" in map(ast.unparse, node.bases)
    ]
    used, known = names_used(nodes_in(tree))
    if figures and "FIGURES" in known:
        yield from (
            (node.lineno, f"{node.name} is not drawn. Add {node.name}() to FIGURES.")
            for node in figures
            if node.name not in used
        )
    elif figures:
        made = ", ".join(f"{node.name}()" for node in figures)
        yield figures[0].lineno, f"no picture is drawn, since FIGURES is missing. Write at the end: FIGURES = [{made}]"


def _experiments(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Classes with a question's key that are no experiments: none of them would tell students what happens."""
    for line, name, attribute, _ in _named(tree):
        if attribute == "key" and any(
            one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name and not one.bases
        ):
            yield line, f"{name} has a key and is no experiment. Write class {name}(Experiment):"


def _of_functions(section: Section, solution: ast.Module) -> Iterator[str]:
    """Arguments in `CHANGES` that an exercise lacks, and kinds of answers that its file does not define."""
    functions = {node.name: node for node in solution.body if isinstance(node, ast.FunctionDef)}
    known = _known(solution)
    for exercise in [name for name in section.functions if name in functions]:
        node = functions[exercise]
        arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        for name in section.changes.get(exercise, ()):
            if name not in arguments:
                line = _line_of_changes(section.checks)
                yield f"{section.checks}:{line}: CHANGES: {exercise} has no argument {name}. It has {', '.join(arguments)}."
        where = f"{section.solution}:{node.lineno}: {exercise}"
        if node.returns is None:
            yield f"{where} has no annotation of what it returns, by which answers are judged. Write one, such as -> float."
        elif wrong := _no_kind(node.returns):
            yield f"{where} returns {ast.unparse(node.returns)}: {wrong}"
        for name in _kinds(node.returns):
            if name not in known:
                yield f"{where} returns {name}, which this file neither defines nor imports.{nearest(name, known)}"


def _no_kind(annotation: ast.expr) -> str:
    """The text to write in place of an annotation that names no kind of answer; "" if it names a kind."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Attribute | ast.Name) and (kind := _FUNCTIONS.get(ast.unparse(node))):
            return f"{ast.unparse(node)} is a function. Write {kind}."
    if isinstance(annotation, ast.Tuple):
        return f"write tuple[{', '.join(map(ast.unparse, annotation.elts))}]."
    if isinstance(annotation, ast.List | ast.Dict | ast.Call):
        return "this is no type. Write one, such as list[float]."
    return ""


def _kinds(annotation: ast.expr | None) -> list[str]:
    """The names in an annotation, which may be a string."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    return [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)] if annotation else []


def _known(solution: ast.Module) -> set[str]:
    """The names that a file's annotations may use."""
    found = {*dir(builtins)}
    for node in ast.walk(solution):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(one.asname or one.name).split(".")[0] for one in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _line_of_changes(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if line.startswith("CHANGES"))
