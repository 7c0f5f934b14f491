"""Pictures of a student's functions: numbers from the sandbox, drawn by trusted code. `figures.py` of a room defines them."""

import os
from contextlib import chdir

with chdir(os.sep):  # matplotlib reads settings from the working directory, which may be of a submission
    import matplotlib as matplotlib
