"""Uses brackets, arrows and other alphabets in its messages, and prints in colour."""

EXPECTED = {"scale": ("passed", 1.75), "shift_in_place": ("passed", 1.5)}
STOPPED_BY = "clean text"


def scale(x, factor):
    print(f"\x1b[32mscaling\x1b[0m by {factor} → größer, 多い, [bold]")
    return x * factor


def shift_in_place(params, amount):
    if amount < 0:
        raise ValueError(f"[amount] ≥ 0 erwartet: größer als {amount} <0>")
    for w in params:
        w += amount
