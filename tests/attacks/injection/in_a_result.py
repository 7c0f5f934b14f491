"""Returns hostile text, and dictionaries and lists of it."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "clean text"
STAGE = {}


def mean(x):
    return STAGE["text"]


def scale(x, factor):
    return [STAGE["text"], {STAGE["text"]: (STAGE["text"],)}]
