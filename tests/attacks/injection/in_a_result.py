"""Returns hostile text, and dictionaries and lists of it."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "clean text"
TARGETS = {}


def mean(x):
    return TARGETS["text"]


def scale(x, factor):
    return [TARGETS["text"], {TARGETS["text"]: (TARGETS["text"],)}]
