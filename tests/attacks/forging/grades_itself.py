"""Returns a whole Report with full points."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "plain data"

REPORT = {
    "schema_version": 2,
    "section": "section1",
    "points": 5.0,
    "max_points": 5.0,
    "status": "graded",
    "checks": [],
}


def mean(x):
    return REPORT


def scale(x, factor):
    return [REPORT, "passed", 1.75, True]
