"""What a worker may use, how long, and how its end is judged. Both `calls` and `process` need it."""
