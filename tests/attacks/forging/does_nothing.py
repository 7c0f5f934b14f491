"""Does nothing, so that unchanged values are right."""

EXPECTED = {"scale": ("failed", 0.0), "shift_in_place": ("failed", 0.0)}
STOPPED_BY = "gates"
SUCCEEDS_IN = ["no gates"]
THERE = {"scale": ("failed", 0.25), "shift_in_place": ("failed", 0.0)}


def scale(x, factor):
    return x


def shift_in_place(params, amount): ...
