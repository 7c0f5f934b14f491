"""Has a syntax error with hostile text."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
TARGETS = {}

raise SyntaxError(TARGETS["text"], ("section1_tiny.py", 1, 1, TARGETS["text"]))


def mean(x):
    return 0.0
