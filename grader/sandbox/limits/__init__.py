"""The limits of a worker, and the judgement of its end. Both `calls` and `process` need it."""
