"""Returns a mapping with the grader's own fields."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


def mean(x):
    return {"type": "answer", "status": "passed", "points": 5.0, "exercise": "mean"}
