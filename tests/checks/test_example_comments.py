"""The arithmetic in the comments of worked examples comes true, and its results stand in the examples' outputs.

`# 0.5 * 1 + 4 = 4.5, then 2 - 0.1 * 4.5 = 1.55` holds two chains. All parts of a chain are equal, up to the digits that are
written. The result of `# (28 - 2) / 2`, which has one part, is an output of the example or a number of its comments.
"""

import ast
import doctest
import io
import math
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

FILES = sorted((ROOT / "solutions").glob("section*.py")) + sorted((ROOT / "exercises").glob("section*.py"))
NUMBER = r"(?:\d+\.\d*|\.\d+|\d+)(?:e[+-]?\d+)?"
FUNCTIONS = {"log": math.log, "log10": math.log10, "sqrt": math.sqrt, "exp": math.exp}
TOKEN = re.compile(rf"{NUMBER}|(?:{'|'.join(FUNCTIONS)})\b|[-+*/^=()]|\s+")
CALCULATES = re.compile(r"\d\s*[*^]|\s[-+/]\s|[a-z]")  # 1/2 is a number
SLACK = 0.6  # of the last digit that is written


def comments_in(source: str) -> Iterator[str]:
    """The comments of a statement."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.removeprefix("#").strip()


def chains_in(comment: str) -> Iterator[list[str]]:
    """Each stretch of numbers, operators and functions, cut at its equals signs. What follows "not" is wrong on purpose."""
    text = re.sub(r"\bnot\b[^,;]*", "", comment)
    text = re.sub(rf"\b(log) ({NUMBER})", r"\1(\2)", text)
    stretch, place = "", 0
    while place <= len(text):
        token = TOKEN.match(text, place)
        if token is not None and (place == 0 or not (text[place - 1].isalpha() and token[0][0].isdigit())):
            stretch, place = stretch + token[0], token.end()
            continue
        parts = [part.strip() for part in stretch.split("=")]
        yield [part for part in parts if value_of(part) is not None]
        stretch, place = "", place + 1


def value_of(text: str) -> float | None:
    """The value of an arithmetic expression; None if it is none."""
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval")
        return float(eval(compile(tree, "comment", "eval"), {"__builtins__": {}}, dict(FUNCTIONS)))
    except (SyntaxError, TypeError, NameError, ZeroDivisionError):
        return None


def tolerance(*texts: str) -> float:
    """Less than a unit of the last digit in any of the numbers, for texts with decimals."""
    places = [len(digits) for text in texts for digits in re.findall(r"\.(\d+)", text)]
    return SLACK * 10.0 ** -min(places) if places else 1e-9


def numbers_in(output: str) -> list[str]:
    return re.findall(rf"-?{NUMBER}", output)


def wrong_in(docstring: str) -> tuple[list[str], int]:
    """What is wrong in the comments of a docstring's examples, and how many chains they hold."""
    examples = doctest.DocTestParser().get_examples(docstring)
    comments = [comment for example in examples for comment in comments_in(example.source)]
    results = [number for text in (*(example.want for example in examples), *comments) for number in numbers_in(text)]
    chains = [chain for comment in comments for chain in chains_in(comment) if any(map(CALCULATES.search, chain))]
    wrong = []
    for first, *others in chains:
        value = value_of(first)
        different = [other for other in others if abs(value_of(other) - value) > tolerance(first, *others)]
        wrong += [f"{first} is {value:g}, not {other}" for other in different]
        if not others and not any(abs(float(one) - value) <= tolerance(one) for one in results):
            wrong.append(f"{first} is {value:g}, which no output and no comment shows")
    return wrong, len(chains)


def docstrings_of(path: Path) -> Iterator[tuple[str, str]]:
    """Each docstring of a file, with the name of its definition."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, ast.get_docstring(node) or ""


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.stem}" for path in FILES])
def test_the_arithmetic_of_every_example_comes_true(path):
    found = {name: wrong_in(text) for name, text in docstrings_of(path)}
    assert {name: wrong for name, (wrong, _) in found.items() if wrong} == {}
    assert sum(count for _, count in found.values()) >= 1  # it reads the comments


@pytest.mark.parametrize(
    ("comment", "output", "wrong"),
    [
        ("(28 - 2) / 2 and (10 - 8) / 2", "tensor([13.,  1.])", []),
        ("(28 - 8) / 2", "13.0", ["(28 - 8) / 2 is 10, which no output and no comment shows"]),
        ("v = 0.5 * 1 + 4 = 4.5, then 2 - 0.1 * 4.5 = 1.55", "1.55", []),
        ("v = 0.5 * 1 + 4 = 5.5", "5.5", ["0.5 * 1 + 4 is 4.5, not 5.5"]),
        ("(log 2 + 40) / 4 = 10.1733, not log 2", "10.1733", []),
        ("log 2 = 0.69", "0.6931", []),
        ("log 2 = 0.68", "0.6931", ["log(2) is 0.693147, not 0.68"]),
        ("probability 1/2 for class 0", "0.6931", []),
    ],
)
def test_false_arithmetic_is_found(comment, output, wrong):
    assert wrong_in(f">>> x  # {comment}\n{output}\n")[0] == wrong
