"""The only place where student code meets a process."""
