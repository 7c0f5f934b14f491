"""What a file holds instead of Python is named, at its line."""

import pytest

from grader.submission import parsing

REFUSED = {
    "a code fence": ("```python\ndef f(x):\n    return x\n```\n", 1, "Markdown"),
    "the end of one": ("def f(x):\n    return x\n```\n", 3, "Markdown"),
    "half of a conflict": (
        'def f(x):\n    """A title.\n\nTitle\n=======\n    """\n    return x\n=======\n    return 1\n>>>>>>> other\n',
        8,
        "marks of a conflict",
    ),
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
    "an operator turned round": ("def f(x):\n    return x =< 1\n", 2, "Write <= for =<"),
    "tabs among spaces": ("def f(x):\n    if x:\n\treturn 1\n    return 2\n", 3, "Use four spaces per level"),
    "else if": (
        "def f(x):\n    if x:\n        return 1\n    else if x == 2:\n        return 2\n",
        4,
        "Python writes elif",
    ),
    "a sign of a diff": ("def f(x):\n+    x = 1\n    return x\n", 2, "as in the output of a diff"),
    "a curly quote": ("x = \u201cabc\u201d\n", 1, "Type a straight quote"),
    "a hard space": ("x =\u00a01\n", 1, "Delete it, and type a space"),
    "a docstring without a beginning": (
        'def f(x):\n    """Return x."""\n    return x\n\ndef g(x):\n    Return x.\n    It is x.\n    """\n    return x\n',
        8,
        "the docstring of g ends here",
    ),
    "a bracket that is open at the colon": (
        "for a in zip(b, [1]:\n    pass\n",
        1,
        "Is a ) missing in front of the colon?",
    ),
    "a web page": ("\n<!DOCTYPE html>\n<html>x = 1</html>\n", 1, "this is a web page"),
    "rich text": ("{\\rtf1\\ansi import torch}\n", 1, "this is a rich text document"),
    "a word of Python as a name": ("x = 1\nlambda = 0.1\n", 2, "`lambda` is a word of Python"),
    "a word of Python as a parameter": ("def f(w, lambda):\n    return w\n", 1, "`lambda` is a word of Python"),
    "a word with letters exchanged": ("def f(x):\n    retrun x\n", 2, "Did you mean: return?"),
    "a loop with letters exchanged": ("fro x in y:\n    pass\n", 1, "Did you mean: for?"),
    "an else with letters exchanged": ("if x:\n    pass\nesle:\n    pass\n", 3, "Did you mean: else?"),
    "a comma as the decimal point": ("x = 1\ny = [0,08, 1]\n", 2, "Python writes 0.5"),
    "an answer without quotes": (
        "P = {\n    'fall': it falls below 1,\n    'n': 2}\n",
        2,
        'quotation marks: "it falls below 1"',
    ),
    "a sentence": ("x = 1\nHere is the new function:\n", 2, "invalid syntax"),
    "what Python itself explains": ("def f(x:\n    return x\n", 1, "'(' was never closed"),
    "an error below a docstring": ('def f(x):\n    """Return x."""\n    return = x\n', 3, "invalid syntax"),
}


@pytest.mark.parametrize(("source", "line", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_there_instead_of_python_is_named(source, line, reason):
    with pytest.raises(SyntaxError) as caught:
        parsing.parse(source.encode(), "mine.py")
    assert (caught.value.lineno, reason in str(caught.value.msg)) == (line, True), caught.value


def test_a_line_outside_of_its_function_is_told_to_be_indented():
    with pytest.raises(SyntaxError) as caught:
        parsing.dump(b"def f(x):\n    y = x\nreturn y\n", "mine.py")
    assert (caught.value.lineno, "Indent this line" in str(caught.value.msg)) == (3, True)


def test_text_that_looks_like_it_is_no_error():
    source = '"""\n```\n%matplotlib inline\n>>> f(1)\n=======\n"""\nx = 7 \\\n%2\n'
    assert len(parsing.parse(source.encode(), "mine.py").body) == 2
