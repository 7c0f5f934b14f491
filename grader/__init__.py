"""Grade Descent: exercises and an automated grader for a course on optimization techniques for deep learning."""

__version__ = "0.1.0"
