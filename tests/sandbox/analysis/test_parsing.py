"""A source as code, which one worker compiles for all, and as lines, which are split only when shown."""

import json

from grader.submission import parsing
from grader.submission.parsing import Lines

SOURCE = b"import inspect\n\ndef f(x):\n    return g(x) + 1\n\ndef g(x):\n    return 2 * x\n"


def test_what_was_compiled_by_another_does_the_same_under_the_same_name():
    (code,) = parsing.load(parsing.dump(SOURCE, "mine.py")).codes
    namespace = {}
    exec(code, namespace)
    assert namespace["f"](3) == 7
    assert namespace["g"].__code__.co_filename == "mine.py"
    assert namespace["g"].__code__.co_firstlineno == 6


def test_a_notebook_is_compiled_by_each():
    assert parsing.dump(json.dumps({"cells": []}).encode(), "mine.ipynb") == b""


def test_a_file_that_parses_and_cannot_be_compiled_is_no_python_either(submit):
    submission = submit("x = 1\nreturn x\n")
    assert "'return' outside function" in str(submission.outline.error)
    assert [(line.line, line.text.strip()) for line in submission.outline.error.lines] == [(2, "return x")]


def test_a_file_of_many_functions_that_all_reach_all_is_read(submit):
    """Its outline has to fit into one message, with names as long as people give them."""
    names = [f"a_small_helper_that_has_number_{number:03d}" for number in range(95)]
    functions = "".join(f"def {name}(x):\n    return x\n\n" for name in names)
    few, many = (submit(f"{functions}TABLE = [{', '.join(names[:count])}]\n").outline for count in (0, 95))
    assert few.error is many.error is None
    assert len(many.definitions) == 95
    assert few.reach[names[1]] == {names[1]}
    assert many.reach == {}  # whoever asks takes it that everything is reached


def test_functions_can_be_looked_up_in_their_source_though_it_is_split_late(trial):
    source = "import inspect, linecache\n\ndef f():\n    # a word\n    return inspect.getsource(f)\n"
    with trial(source) as met:
        assert met.student.f() == "def f():\n    # a word\n    return inspect.getsource(f)\n"


def test_lines_are_those_of_the_source():
    lines = Lines(b"a\r\nb\x0cc\nd", "mine.py")
    assert list(lines) == ["a\n", "b\x0cc\n", "d"]
    assert (len(lines), lines[1:]) == (3, ["b\x0cc\n", "d"])
