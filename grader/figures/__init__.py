"""Pictures of a student's functions: numbers from the sandbox, drawn by trusted code. `figures.py` of a room defines them."""

import os
from contextlib import chdir

from grader.sandbox.process.resources import no_temporary_folder

try:
    with chdir(os.sep):  # matplotlib reads settings from the working directory, which may be of a submission
        import matplotlib as matplotlib
except OSError as error:  # it may write neither to its own folder nor to one for temporary files
    raise no_temporary_folder(error) from None
