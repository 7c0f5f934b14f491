"""Raises the required error, with orders in its message."""

EXPECTED = {"shift_in_place": ("failed", 0.0)}
STOPPED_BY = "clean text"
STAGE = {}


def shift_in_place(params, amount):
    raise ValueError(STAGE["text"] + " amount ::error::x \x1b[2J")
