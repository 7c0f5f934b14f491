"""Processes that run submissions: how they start, wait and end."""
