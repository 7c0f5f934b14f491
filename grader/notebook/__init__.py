"""`%load_ext grader`: grading inside Jupyter, of what the kernel has defined right now."""
