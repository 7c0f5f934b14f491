"""Pictures of what a student's functions do: data from the sandbox, drawn by trusted code; one module per section.

`figures_of` of `grader.figures.run` makes a section's pictures. A section has those that the module called like its stem defines.
"""

import os
from contextlib import chdir

with chdir(os.sep):  # it takes its settings from the working directory, which may be of a submission
    import matplotlib as matplotlib
