"""Brings records of an earlier, better grade, and caches of pytest and hypothesis."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
BESIDE = {
    ".grade/section1.json": '{"points": 5.0, "status": "graded"}\n',
    ".pytest_cache/v/cache/lastfailed": "{}\n",
    ".hypothesis/examples/x": "x\n",
    "report.json": '{"points": 5.0}\n',
}


def mean(x):
    return 0.0
