"""Hypothesis strategies, a module per kind of problem. Everything shrinks to few, small and readable numbers."""
