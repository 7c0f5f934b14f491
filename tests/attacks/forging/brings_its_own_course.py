"""Brings checks that always pass, and a solution to match."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
SUCCEEDS_IN = ["graded inside the hand-in"]
THERE = {"mean": ("passed", 1000.0)}
BESIDE = {
    "checks/section1_tiny/test_section1.py": (
        "from grader.toolkit.check import check\n\n\n"
        "@check('mean', points=1000)\ndef test_mean(student):\n    '''All is well.'''\n"
    ),
    "solutions/section1_tiny.py": "def mean(x): ...\n",
    "exercises/section1_tiny.py": "def mean(x): ...\n",
}


def mean(x):
    return 0.0
