"""Always raises the error that the exercise sometimes requires."""

EXPECTED = {"shift_in_place": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "gates"
SUCCEEDS_IN = ["no gates"]
THERE = {"shift_in_place": ("failed", 0.5), "scale": ("failed", 0.25)}


def shift_in_place(params, amount):
    raise ValueError("amount must not be negative")


def scale(x, factor):
    raise ValueError("factor and x")
