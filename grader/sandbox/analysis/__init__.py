"""Facts about a submission that need no run of it."""
