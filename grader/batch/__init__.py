"""A whole class: its files taken in, graded by many processes, kept in a gradebook."""
