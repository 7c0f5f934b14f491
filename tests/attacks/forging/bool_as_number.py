"""Returns booleans, integers and strings where the exercise asks for floats."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "our own comparison"


def mean(x):
    return str(float(x.mean()))


def scale(x, factor):
    return (x * factor).to(int)
