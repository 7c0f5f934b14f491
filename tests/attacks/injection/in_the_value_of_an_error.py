"""Raises the required error, with orders in its message."""

EXPECTED = {"shift_in_place": ("failed", 0.0)}
STOPPED_BY = "clean text"
TARGETS = {}


def shift_in_place(params, amount):
    raise ValueError(TARGETS["text"] + " amount ::error::x \x1b[2J")
