"""Fails with hostile text in keys, in the notes of an exception and in its cause."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "clean text"
STAGE = {}


def mean(x):
    error = KeyError(STAGE["text"])
    error.add_note(STAGE["text"])
    error.filename = STAGE["text"]
    raise error from OSError(13, STAGE["text"], STAGE["text"])


def scale(x, factor):
    return {STAGE["text"] + str(place): STAGE["text"] for place in range(50)}
