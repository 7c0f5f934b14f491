"""Nothing that reads a Report takes its sentences apart: what a reader needs is a field of the Report."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trees import tree_of

GRADER = Path(__file__).parents[1] / "grader"
READERS = (
    "audit",
    "batch",
    "cli",
    "diagnosis/hints.py",
    "kit",
    "notebook",
    "render",
    "kit/autograder.py",
    "service/watched_file.py",
)
FILES = [
    path for name in READERS for path in ([GRADER / name] if name.endswith(".py") else (GRADER / name).rglob("*.py"))
]

SENTENCES = {"message", "notice", "title", "notes"}  # fields of a Report
METHODS = {
    *("startswith", "endswith", "removeprefix", "removesuffix", "replace", "find", "index", "count", "translate"),
    *("split", "rsplit", "partition", "rpartition", "match", "fullmatch", "search", "sub", "findall", "finditer"),
    *("strip", "lstrip", "rstrip", "splitlines"),
}
PAGES = [path for kind in ("*.jinja", "*.js") for path in (GRADER / "render" / "web" / "templates").glob(kind)]
IN_A_PAGE = re.compile(  # a method or filter on a sentence, or on the id of a section
    rf"\b({'|'.join(sorted(SENTENCES))}|id)\s*(\.({'|'.join(sorted(METHODS))}|slice)\b|\|\s*(replace|trim|truncate|regex\w*)\b)"
)


def holds_a_sentence(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression is a sentence of a Report or made of one, other than by a function, such as one that cleans it."""
    if isinstance(node, ast.Call):
        return False
    if isinstance(node, ast.Attribute):
        return node.attr in SENTENCES
    if isinstance(node, ast.Name):
        return node.id in names
    return any(holds_a_sentence(child, names) for child in ast.iter_child_nodes(node))


def names_of_sentences(function: ast.AST) -> set[str]:
    """The variables of a function that hold a sentence."""
    names: set[str] = set()
    for node in ast.walk(function):
        pairs: list[tuple[ast.AST, ast.AST]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        elif isinstance(node, ast.NamedExpr):
            pairs = [(node.target, node.value)]
        names |= {target.id for target, value in pairs if isinstance(target, ast.Name) and is_sentence(value)}
    return names


def is_sentence(value: ast.AST) -> bool:
    return isinstance(value, ast.Attribute) and value.attr in SENTENCES


def taken_apart(tree: ast.AST) -> Iterator[int]:
    """The lines that look into a sentence."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in functions or [tree]:
        names = names_of_sentences(scope)
        for node in ast.walk(scope):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments) if method in METHODS:
                    if any(holds_a_sentence(part, names) for part in (owner, *arguments)):
                        yield node.lineno
                case ast.Compare(left=ast.Constant(value=str(word)), ops=[ast.In() | ast.NotIn()], comparators=[right]):
                    if word and holds_a_sentence(right, names):
                        yield node.lineno
                case ast.Subscript(value=owner) if is_sentence(owner) and owner.attr != "notes":
                    yield node.lineno


def test_no_reader_of_a_report_looks_into_its_sentences():
    for path in FILES:
        assert not list(taken_apart(tree_of(path))), path


def test_no_page_looks_into_a_sentence():
    assert len(PAGES) > 6
    for path in PAGES:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if IN_A_PAGE.search(line)] == [], path


@pytest.mark.parametrize("text", ["{{ check.message.rstrip('.') }}", "{{ section.id | replace('section', '') }}"])
def test_a_page_that_does_is_found(text):
    assert IN_A_PAGE.search(text)


@pytest.mark.parametrize(
    "line",
    [
        'check.message.startswith("Wrong: ")',
        'for text in check.notes: text.split(",")',
        'found = report.notice; found.removeprefix("a")',
        'TIME.sub("", check.message)',
        '"raised" in check.message',
        'name = report.title.partition(": ")[2]',
        "check.message[3:]",
        'diagnosis.message.rstrip(".")',
    ],
)
def test_a_line_that_does_is_found(line):
    body = line.replace("; ", "\n    ")
    assert list(taken_apart(ast.parse(f"def f():\n    {body}\n")))


def test_a_sentence_that_is_cleaned_or_printed_is_whole():
    assert not list(taken_apart(ast.parse("def f():\n    print(clean(check.message), one_line(report.notice))\n")))
