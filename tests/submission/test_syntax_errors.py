"""What a file holds instead of Python is named, at its line."""

import pytest

from grader.submission import parsing

REFUSED = {
    "a code fence": ("```python\ndef f(x):\n    return x\n```\n", 1, "Markdown"),
    "the end of one": ("def f(x):\n    return x\n```\n", 3, "Markdown"),
    "a conflict": (
        "def f(x):\n<<<<<<< HEAD\n    return x\n=======\n    return 1\n>>>>>>> other\n",
        2,
        "marks of a conflict",
    ),
    "a magic": ("import torch\n%matplotlib inline\n", 2, "a command of Jupyter"),
    "a command of a shell": ("!pip install torch\n", 1, "a command of Jupyter"),
    "a prompt": (">>> f(1)\n2\n", 1, "prompt"),
    "a docstring without an end": (
        'def f(x):\n    """Return x.\n    return x\n\n\ndef g(x):\n    """Return x twice."""\n    return x\n',
        2,
        'in f, has no end. Close it with """',
    ),
    "the last docstring without an end": (
        'def f(x):\n    """Return x."""\n    return x\n\ndef g(x):\n    """Return x.\n    return x\n',
        6,
        'in g, has no end. Close it with """',
    ),
    "what Python itself explains": ("def f(x:\n    return x\n", 1, "'(' was never closed"),
    "an error below a docstring": ('def f(x):\n    """Return x."""\n    return = x\n', 3, "invalid syntax"),
}


@pytest.mark.parametrize(("source", "line", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_there_instead_of_python_is_named(source, line, reason):
    with pytest.raises(SyntaxError) as caught:
        parsing.parse(source.encode(), "mine.py")
    assert (caught.value.lineno, reason in str(caught.value.msg)) == (line, True), caught.value


def test_text_that_looks_like_it_is_no_error():
    source = '"""\n```\n%matplotlib inline\n>>> f(1)\n=======\n"""\nx = 7 \\\n%2\n'
    assert len(parsing.parse(source.encode(), "mine.py").body) == 2
