"""Has a syntax error with hostile text."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
STAGE = {}

raise SyntaxError(STAGE["text"], ("section1_tiny.py", 1, 1, STAGE["text"]))


def mean(x):
    return 0.0
