"""Returns 250,000 small values, nested as deeply as allowed."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    return [None] * 250_000


def scale(x, factor):
    tree = ()
    for _ in range(14):
        tree = (tree, tree)
    return tree
