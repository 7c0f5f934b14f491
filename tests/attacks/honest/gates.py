"""Does nothing where the exercise asks for nothing, and raises where it asks for an error."""

EXPECTED = {"scale": ("passed", 1.75), "shift_in_place": ("passed", 1.5)}
STOPPED_BY = "gates"


def scale(x, factor):
    return x.mul(factor)


def shift_in_place(params, amount):
    if amount < 0:
        raise ValueError(f"amount must be at least 0, not {amount}")
    for w in params:
        w += amount
