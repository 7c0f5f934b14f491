"""The kernel's layers around a worker."""
