"""The gradebook of a class: attempts, contents and gradings in one SQLite file."""
