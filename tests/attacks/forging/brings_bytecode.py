"""Brings compiled files that differ from the source."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
BESIDE = {
    "__pycache__/section1_tiny.cpython-311.pyc": "not really",
    "section1_tiny.pyc": "not really",
    "section1_tiny.pyi": "def mean(x): return float(x.mean())\n",
    "section1_tiny/__init__.py": "def mean(x): return float(x.mean())\n",
}


def mean(x):
    return 0.0
