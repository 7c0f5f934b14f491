"""Brings modules called torch, numpy, grader and sitecustomize."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
BESIDE = {
    "torch.py": "raise SystemExit(0)\n",
    "numpy/__init__.py": "raise SystemExit(0)\n",
    "grader/__init__.py": "raise SystemExit(0)\n",
    "sitecustomize.py": "import os\nos._exit(0)\n",
    "usercustomize.py": "import os\nos._exit(0)\n",
}


def mean(x):
    return 0.0
