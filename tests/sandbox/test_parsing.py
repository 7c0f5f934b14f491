"""A source as code that one worker compiles for all, and as lines that nobody splits before they are shown."""

import json
import types

import pytest

from grader.sandbox import parsing
from grader.sandbox.parsing import Lines
from grader.sandbox.student import Contract
from grader.toolkit.verdicts import WrongAnswerError

SOURCE = b"import inspect\n\ndef f(x):\n    return g(x) + 1\n\ndef g(x):\n    return 2 * x\n"


def test_what_was_compiled_by_another_does_the_same_under_the_same_name():
    (code,) = parsing.load(parsing.dump(SOURCE, "mine.py")).codes
    namespace = {}
    exec(code, namespace)
    assert namespace["f"](3) == 7
    assert namespace["g"].__code__.co_filename == "mine.py"
    assert namespace["g"].__code__.co_firstlineno == 6


@pytest.mark.parametrize(
    ("source", "filename"),
    [
        (b"x = 1\nreturn x\n", "mine.py"),  # this parses, and only compiling it fails
        (b"def f(:\n", "mine.py"),
        (json.dumps({"cells": []}).encode(), "mine.ipynb"),
    ],
)
def test_what_cannot_be_handed_on_is_compiled_by_each(source, filename):
    assert parsing.dump(source, filename) == b""


def test_a_file_that_parses_and_cannot_be_compiled_is_told_by_its_line(submit):
    candidate = submit("x = 1\nreturn x\n")
    with candidate.trial(Contract(types.ModuleType("reference"))) as met, pytest.raises(WrongAnswerError):
        met.student.f(1)
    assert "'return' outside function" in str(candidate.load_error)
    assert [line.line for line in candidate.load_error.lines] == [2]


def test_functions_can_be_looked_up_in_their_source_though_it_is_split_late(trial):
    source = "import inspect, linecache\n\ndef f():\n    # a word\n    return inspect.getsource(f)\n"
    with trial(source) as met:
        assert met.student.f() == "def f():\n    # a word\n    return inspect.getsource(f)\n"


def test_lines_are_those_of_the_source():
    lines = Lines(b"a\r\nb\x0cc\nd", "mine.py")
    assert list(lines) == ["a\n", "b\x0cc\n", "d"]
    assert (len(lines), lines[1:]) == (3, ["b\x0cc\n", "d"])
