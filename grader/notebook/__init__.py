"""`%load_ext grader`: grade the functions that a Jupyter kernel has defined so far."""
