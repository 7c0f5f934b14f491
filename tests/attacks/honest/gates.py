"""Does nothing where nothing is asked for, and raises where that is."""

EXPECTED = {"scale": ("passed", 1.75), "shift_in_place": ("passed", 1.5)}
STOPPED_BY = "gates"


def scale(x, factor):
    return x.mul(factor)


def shift_in_place(params, amount):
    if amount < 0:
        raise ValueError(f"amount must be at least 0, not {amount}")
    for w in params:
        w += amount
