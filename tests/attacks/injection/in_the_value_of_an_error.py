"""Raises the error that is asked for with a message that also gives orders."""

EXPECTED = {"shift_in_place": ("failed", 0.0)}
STOPPED_BY = "clean text"
STAGE = {}


def shift_in_place(params, amount):
    raise ValueError(STAGE["text"] + " amount ::error::x \x1b[2J")
