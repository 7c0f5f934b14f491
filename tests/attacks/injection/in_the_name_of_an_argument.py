"""Fails with hostile text in keys, in the notes of an exception and in its cause."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "clean text"
TARGETS = {}


def mean(x):
    error = KeyError(TARGETS["text"])
    error.add_note(TARGETS["text"])
    error.filename = TARGETS["text"]
    raise error from OSError(13, TARGETS["text"], TARGETS["text"])


def scale(x, factor):
    return {TARGETS["text"] + str(place): TARGETS["text"] for place in range(50)}
