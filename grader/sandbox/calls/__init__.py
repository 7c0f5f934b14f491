"""Calls of a submission's functions: the wire, the values, both ends."""
