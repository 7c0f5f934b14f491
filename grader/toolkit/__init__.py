"""What checks are written with. Nothing here knows an answer: the worker may import it."""
