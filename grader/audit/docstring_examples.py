"""The examples in the docstrings of a solution: each must give what the docstring says."""

import ast
import doctest
from collections.abc import Iterator

from grader.course_modules import make_importable
from grader.diagnosis.known_mistakes import executed
from grader.section import Section
from grader.toolkit.text import one_line

_Documented = ast.FunctionDef | ast.ClassDef


def wrong_examples(section: Section) -> list[str]:
    """A line for each example that is wrong: file, line, expected and actual result."""
    text = section.solution.read_text(encoding="utf-8")
    if ">>>" not in text:
        return []
    make_importable(section.root)
    try:
        names = executed(text, section.solution.name).__dict__
    except Exception:  # its grading says why
        return []
    found = _Wrong()
    for test in _tests(text, str(section.solution), names):
        found.run(test, out=lambda _: None)
    return found.told


def _tests(text: str, path: str, names: dict[str, object]) -> Iterator[doctest.DocTest]:
    """The examples of each function, class and method, with the places of their lines in the file."""
    parser = doctest.DocTestParser()
    for node in ast.walk(ast.parse(text)):
        docstring = ast.get_docstring(node, clean=False) if isinstance(node, _Documented) else None
        if isinstance(node, _Documented) and docstring:
            yield parser.get_doctest(docstring, names, node.name, path, node.body[0].lineno - 1)


class _Wrong(doctest.DocTestRunner):
    """Keeps what it finds, and prints nothing."""

    def __init__(self) -> None:
        super().__init__(verbose=False)
        self.told: list[str] = []

    def _tell(self, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        line = (test.lineno or 0) + example.lineno + 1
        self.told.append(
            f"{test.filename}:{line}: the example of {test.name} gives {got}, but its docstring says "
            f"{one_line(example.want.strip()) or 'nothing'}."
        )

    def report_failure(self, out: object, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        self._tell(test, example, one_line(got.strip()) or "nothing")

    def report_unexpected_exception(
        self,
        out: object,
        test: doctest.DocTest,
        example: doctest.Example,
        exc_info: tuple[type[BaseException], BaseException, object],
    ) -> None:
        self._tell(test, example, f"{exc_info[0].__name__}: {one_line(str(exc_info[1]))}")
