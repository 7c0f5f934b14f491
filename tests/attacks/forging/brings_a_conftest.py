"""Brings settings, plugins and hooks for pytest, which would run in the grader."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
BESIDE = {
    "conftest.py": "import os\nos._exit(0)\n",
    "pytest.ini": "[pytest]\naddopts = -k nothing -p evil\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    "evil.py": "import os\nos._exit(0)\n",
    "tox.ini": "[pytest]\naddopts = --co\n",
}


def mean(x):
    return 0.0
